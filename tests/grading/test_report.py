"""The class report: right numbers, a page that is safe and readable for every class, and the same numbers as CSV."""

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from fractions import Fraction

import html5lib
import numpy as np
import pandas as pd
import pytest
import tinycss2
from scipy import stats

from grading.course import ROOT, Course, CourseError
from grading.exercise import load_exercises
from grading.intake.harmless import csv_text
from grading.judging.judge import VERDICT_MIME
from grading.records.gradebook import CourseGradebook
from grading.report import ClassReport, Row, Score, collect, render, write_files
from grading.report.charts import HeatMap, Histogram, Scatter, columns_by_chapter
from grading.report.csv_files import tables
from grading.report.page import TEMPLATES, code, number, percent, seconds
from grading.report.statistics import ClassStatistics, correlation
from grading.report.summaries import STATUSES, ChapterSummary, ExerciseSummary, StudentSummary
from grading.run.grade import GRADER_FAILED
from tests.conftest import CHAPTER, NOTEBOOK
from utils.check.verdict import Verdict

EXERCISES = list(load_exercises(Course.here(), CHAPTER, NOTEBOOK))
OTHER = "ch05_initialization"
NAMESPACE = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title><svg onload=alert(1)>",
    "{{ 7 * 7 }}",
    "javascript:alert(1)",
    "=cmd|' /C calc'!A0",
    "two\nlines",
    "ein sehr langer Name " * 20,
]


def make_class(students, statuses, seed=1):
    """A class in two chapters with random outcomes; `statuses` maps a status to its probability."""
    rng = np.random.default_rng(seed)
    names = [f"student-{i + 1:03d}" for i in range(students)]
    rows, scores, times = [], {}, {}
    for chapter in (CHAPTER, OTHER):
        for student in names:
            found = [
                make_row(student, chapter, exercise, rng.choice(list(statuses), p=list(statuses.values())), rng)
                for exercise in EXERCISES
            ]
            rows += found
            times |= {(student, chapter, row.exercise): float(rng.exponential(0.1)) for row in found}
            total = sum(row.max_points for row in found)
            scores[student, chapter] = Score(sum(row.points for row in found), total + 4, bool(rng.random() < 0.5))
    hints = {
        (CHAPTER, e.name, wrong.slug): wrong.hint
        for e in load_exercises(Course.here(), CHAPTER).values()
        for wrong in e.misconceptions
    }
    return ClassReport(names, [CHAPTER, OTHER], scores, rows, times, hints)


def make_row(student, chapter, exercise, status, rng=None, message=None):
    points = {"passed": 3.0, "partial": 1.5}.get(status, 0.0)
    wrong = load_exercises(Course.here(), CHAPTER)[exercise].misconceptions
    slug = wrong[int(rng.integers(3))].slug if rng is not None and status == "failed" and rng.random() < 0.8 else ""
    text = message if message is not None else "" if status == "passed" else f"{exercise} has wrong values"
    return Row(student, chapter, exercise, points, 3.0, str(status), slug, text)


MIXED = {"passed": 0.45, "partial": 0.15, "failed": 0.2, "error": 0.08, "timeout": 0.04, "missing": 0.08}


def hostile_class():
    rows = [Row(n, CHAPTER, EXERCISES[0], 0.0, 2.0, "error", n, f"{EXERCISES[0]} raised {n}: {n}") for n in HOSTILE]
    rows += [Row(n, CHAPTER, EXERCISES[1], 0.0, 2.0, "missing", "", n) for n in HOSTILE]
    return ClassReport(HOSTILE, [CHAPTER], {(n, CHAPTER): Score(0.0, 4.0, True) for n in HOSTILE}, rows)


CLASSES = {
    "mixed": make_class(24, MIXED),
    "nobody": ClassReport([], [], {}, []),
    "nobody in a chapter": ClassReport([], [CHAPTER], {}, []),
    "one student": make_class(1, MIXED),
    "two students": make_class(2, MIXED),
    "all passed": make_class(12, {"passed": 1.0}),
    "all failed": make_class(12, {"failed": 1.0}),
    "all errors": make_class(60, {"error": 1.0}),
    "all missing": make_class(12, {"missing": 1.0}),
    "many": make_class(130, MIXED),
    "hostile": hostile_class(),
}
PAGES = {name: render(report) for name, report in CLASSES.items()}


@pytest.fixture(scope="module")
def mixed():
    return CLASSES["mixed"]


@pytest.fixture(scope="module")
def frame(mixed):
    return pd.DataFrame(mixed.rows).assign(share=lambda f: f.points / f.max_points)


def parsed(page):
    """The page as a tree. Raises for anything that is not well-formed HTML."""
    return html5lib.HTMLParser(strict=True, tree=html5lib.getTreeBuilder("etree")).parse(page)


def find(tree, tag):
    return list(tree.iter(f"{NAMESPACE}{tag}"))


def text_of(element):
    return " ".join("".join(element.itertext()).split())


def by_id(tree, name):
    return next(element for element in tree.iter() if element.get("id") == name)


def table_rows(element):
    return [
        [text_of(cell) for cell in row if cell.tag[len(NAMESPACE) :] in ("td", "th")] for row in find(element, "tr")
    ]


# --- numbers


def test_difficulty_and_partial_credit_equal_pandas(mixed, frame):
    means = frame.groupby(["chapter", "exercise"]).share.mean()
    partial = (frame.status == "partial").groupby([frame.chapter, frame.exercise]).mean()
    for item in ClassStatistics(mixed).exercises:
        assert item.mean_share == pytest.approx(means[item.chapter, item.exercise])
        assert item.partial_share == pytest.approx(partial[item.chapter, item.exercise])


def test_discrimination_is_the_correlation_with_the_rest_of_the_chapter(mixed, frame):
    found = 0
    for item in ClassStatistics(mixed).exercises:
        points = frame[frame.chapter == item.chapter].pivot(index="student_id", columns="exercise", values="points")
        passed = points[item.exercise] == 3.0
        expected = passed.astype(float).corr(points.drop(columns=item.exercise).sum(axis=1))
        assert item.discrimination == pytest.approx(expected)
        found += 1
    assert found == 2 * len(EXERCISES)


def test_correlation_of_a_class_worked_out_by_hand():
    # means 6 and 3 of the two halves, standard deviation of all sqrt(3.25): (6 - 3) / sqrt(3.25) * sqrt(1/4)
    assert correlation([True, True, False, False], [5, 7, 2, 4]) == pytest.approx(1.5 / np.sqrt(3.25))
    assert correlation([True, False, True], [1, 2, 3]) == pytest.approx(stats.pearsonr([1, 0, 1], [1, 2, 3])[0])


@pytest.mark.parametrize(
    ("passed", "rest"),
    [([], []), ([True], [3.0]), ([True, True], [1.0, 2.0]), ([False, False], [1.0, 2.0]), ([True, False], [2.0, 2.0])],
)
def test_correlation_is_not_defined_without_variance(passed, rest):
    assert correlation(passed, rest) is None


def test_statuses_and_seconds_equal_pandas(mixed, frame):
    times = frame.assign(seconds=[mixed.seconds[row.student_id, row.chapter, row.exercise] for row in mixed.rows])
    times = times[times.status != "missing"].groupby(["chapter", "exercise"]).seconds
    for item in ClassStatistics(mixed).exercises:
        key = item.chapter, item.exercise
        where = (frame.chapter == item.chapter) & (frame.exercise == item.exercise)
        assert dict(item.counts) == frame[where].status.value_counts().to_dict()
        assert item.median_seconds == pytest.approx(times.median()[key])
        assert item.max_seconds == times.max()[key]


def test_chapter_summary_equals_exact_arithmetic(mixed):
    for chapter in ClassStatistics(mixed).chapters:
        scores = [mixed.scores[name, chapter.chapter] for name in mixed.students]
        exact = [Fraction(score.points) / Fraction(score.max_points) for score in scores]
        shares = np.array(exact, dtype=float)
        assert chapter.mean == pytest.approx(shares.mean())
        assert chapter.median == pytest.approx(np.median(shares))
        assert chapter.bins == np.bincount([min(9, int(10 * share)) for share in exact], minlength=10).tolist()


def test_bins_put_a_bound_into_the_bin_above_and_keep_extra_credit():
    shares = [0.0, 0.3 / 3, 0.3, 0.7, 0.99, 1.0, 1.2]  # 0.3 / 3 is a little less than 0.1
    assert ChapterSummary("ch", 10.0, shares, 0, []).bins == [1, 1, 0, 1, 0, 0, 0, 1, 0, 3]


def test_students_without_an_attempt_do_not_count():
    report = make_class(11, {"passed": 0.5, "failed": 0.5})
    absent = [make_row("student-999", CHAPTER, name, "missing") for name in EXERCISES]
    score = {("student-999", CHAPTER): Score(0.0, 25.0, False)}
    more = ClassReport([*report.students, "student-999"], report.chapters, report.scores | score, report.rows + absent)
    before, after = ClassStatistics(report), ClassStatistics(more)
    assert [(i.mean_share, i.discrimination) for i in before.exercises] == [
        (i.mean_share, i.discrimination) for i in after.exercises
    ]
    assert (before.chapters[0].absent, after.chapters[0].absent) == (0, 1)
    assert before.chapters[0].median == after.chapters[0].median


def test_failure_of_the_grader_is_not_held_against_student_or_exercise():
    report = make_class(11, {"passed": 0.5, "failed": 0.5})
    spoilt = [make_row("student-999", CHAPTER, name, "error", message=f"{GRADER_FAILED} (…)") for name in EXERCISES]
    more = ClassReport([*report.students, "student-999"], report.chapters, report.scores, report.rows + spoilt)
    statistics = ClassStatistics(more)
    assert [item.students for item in statistics.exercises] == [11] * 14
    assert [(len(chapter.shares), chapter.absent) for chapter in statistics.chapters] == [(11, 1), (11, 1)]
    assert "student-999" not in [student.student_id for student in statistics.at_risk]
    assert [(fault.kind, fault.students) for fault in statistics.faults] == [("grader", ["student-999"])]


def test_misconceptions_are_counted_once_a_student_and_biggest_first(mixed, frame):
    expected = Counter(
        frame[frame.misconception != ""].groupby(["chapter", "exercise", "misconception"]).size().to_dict()
    )
    found = ClassStatistics(mixed).misconceptions
    assert {(i.chapter, i.exercise, i.misconception): len(i.holders) for i in found} == expected
    assert [len(item.holders) for item in found] == sorted(expected.values(), reverse=True)
    assert all(item.hint for item in found if item.chapter == CHAPTER)


@pytest.mark.parametrize(
    ("points", "unattempted", "errors", "signs"),
    [
        (9.0, 0, 0, []),
        (4.0, 0, 0, []),
        (3.9, 0, 0, ["39 % of the points"]),
        (8.0, 1, 0, []),
        (8.0, 2, 0, ["2 of 6 exercises left out"]),
        (8.0, 0, 2, ["2 of 6 attempts did not run"]),
        (8.0, 1, 2, ["2 of 5 attempts did not run"]),
        (0.0, 6, 0, ["0 % of the points", "6 of 6 exercises left out"]),
    ],
)
def test_signs_of_a_student_at_risk(points, unattempted, errors, signs):
    assert StudentSummary("student-001", points, 10.0, 6, unattempted, errors, {}).signs == signs


def test_chapter_that_nobody_began_puts_nobody_at_risk():
    report = make_class(12, {"passed": 1.0})
    ahead = [make_row(name, "ch09_practice", item, "missing") for name in report.students for item in EXERCISES]
    later = ClassReport(report.students, [*report.chapters, "ch09_practice"], report.scores, report.rows + ahead)
    assert ClassStatistics(later).at_risk == []


@pytest.mark.parametrize(
    ("status", "message", "kind", "what"),
    [
        ("error", "sgd_step raised NameError: name 'x' is not defined", "error", "raised NameError"),
        ("error", "sgd_step: a call gave no answer: it failed", "error", "a call gave no answer"),
        ("timeout", "sgd_step: a call was stopped after 10 s", "timeout", "a call was stopped after 10 s"),
        ("missing", "this is no notebook", "unreadable", "this is no notebook"),
        ("missing", "sgd_step is not defined; define sgd_step(theta)", None, None),
        ("missing", "nothing was handed in", None, None),
        ("failed", "sgd_step has wrong values", None, None),
    ],
)
def test_faults_are_told_from_wrong_answers(status, message, kind, what):
    row = make_row("student-001", CHAPTER, "sgd_step", status, message=message)
    found = ClassStatistics(ClassReport(["student-001"], [CHAPTER], {}, [row])).faults
    assert [(fault.kind, fault.what) for fault in found] == ([(kind, what)] if kind else [])


# --- pictures


def rectangles(path):
    return [
        [float(value) for value in numbers]
        for numbers in re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+z", path)
    ]


@pytest.mark.parametrize("name", ["mixed", "many"])
def test_heat_map_shows_every_cell_in_its_colour(name):
    statistics = ClassStatistics(CLASSES[name])
    chart = HeatMap(statistics)
    boxes = [(status, *box) for status, path in chart.paths.items() for box in rectangles(path)]
    assert set(chart.paths) <= set(STATUSES)
    for column in (column for block in chart.blocks for column in block.columns):
        rows = statistics.by_exercise(column.exercise.chapter, column.exercise.exercise)
        mine = [box for box in boxes if box[1] == column.x]
        for position, student in enumerate(chart.students):
            middle = chart.y(position) + chart.cell_height / 2
            (status,) = [box[0] for box in mine if box[2] <= middle < box[2] + box[4]]
            assert status == rows[student.student_id].status


def test_heat_map_sorts_students_and_exercises(mixed):
    statistics = ClassStatistics(mixed)
    shares = [student.share for student in HeatMap(statistics).students]
    assert shares == sorted(shares, reverse=True)
    for items in columns_by_chapter(statistics).values():
        means = [item.mean_share for item in items]
        assert means == sorted(means, reverse=True)


@pytest.mark.parametrize("name", CLASSES)
def test_pictures_stay_inside_their_frames(name):
    statistics = ClassStatistics(CLASSES[name])
    scatter, chart = Scatter(statistics.exercises), HeatMap(statistics)
    for mark in scatter.marks:
        assert scatter.left <= mark.x <= scatter.right and scatter.top <= mark.y <= scatter.height - 40
    for path in chart.paths.values():
        for x, y, width, height in rectangles(path):
            assert x + width <= chart.width + 0.1 and y + height <= chart.height and width > 0 and height > 0
    for chapter in statistics.chapters:
        for bar in Histogram(chapter).bars:
            assert 0 <= bar.height <= Histogram.base - Histogram.top and bar.y + bar.height == pytest.approx(
                Histogram.base
            )


def test_scatter_labels_do_not_overlap():
    # the third mark stands where the second label would go first, the first label where it would go next
    means = (0.5, 0.66, 0.683)
    marks = Scatter([ExerciseSummary(CHAPTER, "exercise_a", 1, Counter(passed=9), m, 0.5, 0, 0) for m in means]).marks
    boxes = []
    for mark in marks:
        start = mark.label_x - {"start": 0, "middle": 30, "end": 60}[mark.anchor]
        boxes.append((start, mark.label_y - 9, start + 60, mark.label_y))
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


# --- the page


@pytest.mark.parametrize("name", PAGES)
def test_page_is_well_formed_and_says_nothing_odd(name):
    tree = parsed(PAGES[name])
    body = text_of(find(tree, "body")[0])
    assert not re.search(r"\b(nan|None|inf|Undefined)\b", body)
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", PAGES)
def test_page_runs_nothing_and_loads_nothing(name):
    tree = parsed(PAGES[name])
    policy = [meta.get("content") for meta in find(tree, "meta") if meta.get("http-equiv")]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]
    tags = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form", "image", "use", "a:href"}
    for element in tree.iter():
        for attribute, value in element.attrib.items():
            assert not attribute.startswith("on") and attribute not in ("src", "srcset", "srcdoc")
            assert attribute != "href" or value.startswith("#")
            assert attribute != "style" or re.fullmatch(r"(width|flex-grow|font-weight):[\d.]+%?", value)
    (style,) = find(tree, "style")
    assert "url(" not in style.text and "@import" not in style.text


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible(name):
    tree = parsed(PAGES[name])
    assert find(tree, "html")[0].get("lang") == "en"
    assert [len(find(tree, tag)) for tag in ("header", "nav", "main", "footer", "h1")] == [1] * 5
    levels = [int(e.tag[-1]) for e in tree.iter() if re.fullmatch(rf"{NAMESPACE}h[1-6]", str(e.tag))]
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    ids = {element.get("id") for element in tree.iter()}
    for element in tree.iter():
        named = f"{element.get('aria-labelledby', '')} {element.get('href', '')[1:]}".split()
        assert set(named) <= ids
    for head in find(tree, "th"):
        assert head.get("scope") in ("col", "row", "rowgroup") and text_of(head)
    for picture in tree.iter(f"{SVG}svg"):
        if picture.get("aria-hidden") != "true":
            assert picture.get("role") == "img"
            assert [text_of(picture.find(f"{SVG}{tag}")) != "" for tag in ("title", "desc")] == [True, True]
    for details in find(tree, "details"):
        assert details[0].tag == f"{NAMESPACE}summary"


def test_hostile_texts_stay_texts():
    tree = parsed(PAGES["hostile"])
    words = " ".join(" ".join(text.split()) for text in tree.itertext())
    for name in HOSTILE:
        assert " ".join(name.split()) in words
    assert "49" not in [text.strip() for text in tree.itertext()]


def test_page_answers_the_questions_in_order_of_use():
    headings = [text_of(heading) for heading in find(parsed(PAGES["mixed"]), "h2")]
    assert headings == [
        "What did the class get?",
        "What should be explained again?",
        "Which exercises are too hard, or tell little?",
        "Who needs help?",
        "What went wrong technically?",
        "Who waits for a hand grade?",
        "Every student, every exercise",
    ]


def test_page_of_a_large_class_stays_small():
    rows, scores = [], {}
    students = [f"student-{i + 1:03d}" for i in range(300)]
    rng = np.random.default_rng(0)
    chapters = [f"ch{i:02d}_topic" for i in range(1, 11)]
    for student in students:
        for chapter in chapters:
            scores[student, chapter] = Score(10.0, 21.0, True)
            for exercise, status in zip(
                EXERCISES, rng.choice(list(MIXED), p=list(MIXED.values()), size=7), strict=True
            ):
                rows.append(make_row(student, chapter, exercise, status, rng, message=f"{student} said {'x' * 300}"))
    page = render(ClassReport(students, chapters, scores, rows))
    assert len(rows) == 300 * 70
    assert len(page.encode()) < 3_000_000


def test_page_depends_on_nothing_but_the_class():
    program = (
        "import hashlib; from grading.report import render; from tests.grading.test_report import MIXED, make_class;"
        "print(hashlib.sha256(render(make_class(24, MIXED)).encode()).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    other = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == hashlib.sha256(PAGES["mixed"].encode()).hexdigest()


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (percent(None), "–"),
        (percent(0.415), "42\N{NO-BREAK SPACE}%"),
        (number(None), "–"),
        (number(-0.254), "−0.25"),
        (seconds(None), "–"),
        (seconds(0.0123), "12\N{NO-BREAK SPACE}ms"),
        (seconds(0.9996), "1.0\N{NO-BREAK SPACE}s"),
        (str(code("a `b<c` d")), "a <code>b&lt;c</code> d"),
        (str(code("one ` alone <")), "one ` alone &lt;"),
    ],
)
def test_numbers_are_written_for_people(shown, text):
    assert shown == text


# --- colours


def schemes():
    """Scheme -> custom property -> colour, as report.css gives them."""
    rules = tinycss2.parse_stylesheet((TEMPLATES / "report.css").read_text(), skip_comments=True, skip_whitespace=True)
    light = colours(next(rule for rule in rules if rule.type == "qualified-rule").content)
    dark = next(r for r in rules if r.type == "at-rule" and "dark" in tinycss2.serialize(r.prelude)).content
    (root,) = tinycss2.parse_rule_list(dark, skip_comments=True, skip_whitespace=True)
    return {"light": light, "dark": {**light, **colours(root.content)}}


def colours(content):
    declarations = tinycss2.parse_declaration_list(content, skip_comments=True, skip_whitespace=True)
    values = {d.name: tinycss2.serialize(d.value).strip() for d in declarations if d.type == "declaration"}
    return {name[2:]: value for name, value in values.items() if name.startswith("--")}


def luminance(colour):
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(a, b):
    """WCAG 2.2 contrast ratio."""
    low, high = sorted([luminance(a), luminance(b)])
    return (high + 0.05) / (low + 0.05)


TEXTS = [(ink, ground) for ink in ("ink", "quiet") for ground in ("page", "panel", "zone")]
TEXTS += [("link", "page"), ("alert", "page"), ("on-passed", "passed"), ("on-missing", "missing")]
TEXTS += [("on-fill", status) for status in ("partial", "failed", "error", "timeout", "unjudged")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXTS)
def test_texts_have_contrast(scheme, ink, ground):
    found = schemes()[scheme]
    assert contrast(found[ink], found[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("mark", "ground"), [("mark", "page"), ("mark", "zone"), ("error", "page"), ("error", "zone"), ("passed", "page")]
)
def test_marks_stand_out(scheme, mark, ground):
    found = schemes()[scheme]
    assert contrast(found[mark], found[ground]) >= 3


def test_contrast_of_known_colours():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


# --- CSV


def as_dicts(table):
    return list(csv.DictReader(io.StringIO(csv_text(*table))))


@pytest.fixture(scope="module")
def found(tmp_path_factory, mixed):
    return {
        name: as_dicts(table)
        for name, table in tables(Course(ROOT, tmp_path_factory.mktemp("gradebook")), mixed).items()
    }


def as_number(text):
    return float(text) if text else None


def test_exercises_csv_equals_the_page(found):
    section = by_id(parsed(PAGES["mixed"]), "exercises")
    shown = {}
    for row in table_rows(section):
        if len(row) == 1:
            chapter = row[0]
        elif name := re.match(r"\w+_\w+", row[0]):
            shown[chapter, name[0]] = row
    expected = {}
    for row in found["exercises.csv"]:
        chapter = {CHAPTER: "4 · sgd variants", OTHER: "5 · initialization"}[row["chapter"]]
        expected[chapter, row["exercise"]] = [
            percent(as_number(row["mean_share"])).replace("\xa0", " "),
            percent(as_number(row["partial_share"])).replace("\xa0", " "),
            number(as_number(row["discrimination"])),
        ]
    assert {key: row[2:5] for key, row in shown.items()} == expected
    assert len(expected) == 14


def test_misconceptions_csv_equals_the_page(found):
    section = by_id(parsed(PAGES["mixed"]), "misconceptions")
    rows = [row for row in table_rows(section) if re.fullmatch(r"\d+ of \d+", row[0])]
    data = found["misconceptions.csv"]
    assert [row[0] for row in rows] == [f"{row['students']} of {row['of_students']}" for row in data]
    for row, line in zip(rows, data, strict=True):
        assert row[1].startswith(line["misconception"].replace("-", " ")) and row[2].startswith(line["exercise"])
        assert line["hint"].replace("`", "") in row[1]
        assert int(line["students"]) == len(line["held_by"].split("; "))


def test_students_csv_equals_the_page(found, mixed):
    section = by_id(parsed(PAGES["mixed"]), "students")
    shown = {row[0]: row[1] for row in table_rows(section) if row[0].startswith("student-")}
    data = {row["student_id"]: row for row in found["students.csv"]}
    assert shown == {name: row["signs"] for name, row in data.items() if row["signs"]} != {}
    points = pd.DataFrame(mixed.rows).groupby("student_id").points.sum()
    assert {name: float(row["points"]) for name, row in data.items()} == points.to_dict()


@pytest.mark.parametrize("text", ["=1+1", " =1", "+1", "-1", "@A1", "\t=1", "\rx", "\nx", "＝1", "＋1", "－1", "＠A1"])
def test_csv_text_starts_no_formula(text):
    (row,) = as_dicts((["text"], [[text]]))
    assert row["text"] == f"'{text}".replace("\r", "\n")


def test_csv_row_is_not_broken_by_a_carriage_return():
    assert as_dicts((["a", "b"], [["x\ry", "z"], ["x\r\ny", "z"]])) == 2 * [{"a": "x\ny", "b": "z"}]


def test_csv_leaves_numbers_and_honest_texts_alone():
    assert csv_text(["a", "b", "c"], [[-0.25, None, "theta = 1"]]) == "a,b,c\n-0.25,,theta = 1\n"


def test_files_lie_beside_the_page(tmp_path, mixed):
    paths = write_files(Course(ROOT, tmp_path), mixed)
    assert list(paths) == ["grades.csv", "verdicts.csv", "report.html"]
    names = {"exercises.csv", "misconceptions.csv", "students.csv"}
    assert {path.name for path in tmp_path.iterdir()} >= {*paths, *names}
    assert paths["report.html"].read_text() == PAGES["mixed"]


# --- reading what was graded


def write_graded(course, student, text):
    path = course.autograded / student / CHAPTER / f"{NOTEBOOK}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with CourseGradebook(course) as gradebook:
        gradebook.register(CHAPTER)
        gradebook.gradebook.update_or_create_student(student)


def check_cell(verdict, **flags):
    nbgrader = {"grade": True, "grade_id": "sgd-step-check", "locked": True, "solution": False, **flags}
    output = {"output_type": "execute_result", "data": {VERDICT_MIME: vars(verdict)}}
    return {"cell_type": "code", "metadata": {"nbgrader": nbgrader}, "source": "", "outputs": [output]}


def test_collect_reads_verdicts_and_their_seconds(tmp_path):
    course = Course(ROOT, tmp_path)
    verdict = Verdict("sgd_step", 1.5, 2.0, "partial", "ascends", "sgd_step has wrong values", 0.25)
    write_graded(course, "student-001", json.dumps({"cells": [check_cell(verdict)]}))
    report = collect(course)
    row = next(row for row in report.rows if row.exercise == "sgd_step")
    assert row == Row("student-001", CHAPTER, "sgd_step", 1.5, 2.0, "partial", "ascends", "sgd_step has wrong values")
    assert report.seconds["student-001", CHAPTER, "sgd_step"] == 0.25


def test_collect_believes_check_cells_alone(tmp_path):
    course = Course(ROOT, tmp_path)
    verdict = Verdict("sgd_step", 2.0, 2.0, "passed")
    write_graded(course, "student-001", json.dumps({"cells": [check_cell(verdict, solution=True)]}))
    assert {row.status for row in collect(course).rows} == {"missing"}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"cells": 3}', '{"cells": ["text"]}'])
def test_collect_names_a_damaged_notebook(tmp_path, text):
    course = Course(ROOT, tmp_path)
    write_graded(course, "student-001", text)
    with pytest.raises(CourseError, match=r"student-001.*momentum\.ipynb is no graded notebook any more"):
        collect(course)


def test_assignment_that_is_no_chapter_keeps_its_scores(tmp_path):
    course = Course(ROOT, tmp_path)
    with CourseGradebook(course) as gradebook:
        gradebook.gradebook.add_assignment("midterm")
        gradebook.gradebook.add_student("student-001")
    report = collect(course)
    assert report.rows == [] and ("student-001", "midterm") in report.scores
    assert "1 chapter, 0 exercises" in text_of(parsed(render(report)))
