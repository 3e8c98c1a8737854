"""The class report: right numbers, a page that is safe and readable for every class, and the same numbers as CSV."""

import base64
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import warnings
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from xml.etree import ElementTree

import html5lib
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from grading.course import ROOT, Course, CourseError
from grading.intake.harmless import csv_text
from grading.intake.submissions import Unplaced
from grading.judging.judge import VERDICT_MIME
from grading.records.gradebook import CourseGradebook
from grading.report import ClassReport, Row, Score, collect, misconception_table, render, write_files
from grading.report.page import TEMPLATES, code, number, percent, seconds
from grading.report.pictures import NAMED_STUDENTS, group_size, heat_map, lines, scatter, sign
from grading.report.statistics import ChapterSummary, ClassStatistics, ExerciseSummary, StudentSummary, correlation
from grading.report.tables import csv_tables
from tests.conftest import CHAPTER, NOTEBOOK
from utils.check.verdict import Verdict

OTHER = "ch05_initialization"
EXERCISES = [f"exercise_{letter}" for letter in "abcdefg"]
HINTS = {"ascends": "Which way is `down`?", "rate-missing": "How long is your step?", "no-roots": "What is the R for?"}
NAMESPACE = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</text></svg><script>alert(1)</script>",
    "]]>&lt;b&gt;",
    "{{ 7 * 7 }}",
    "$\\frac{1}{2}$ for $5$",
    "javascript:alert(1)",
    "=cmd|' /C calc'!A0",
    "two\nlines\x07\x00",
    "王小明 🙂 محمد",
    "ein sehr langer Name " * 20,
]
MIXED = {"passed": 0.45, "partial": 0.15, "failed": 0.2, "error": 0.08, "timeout": 0.04, "missing": 0.08}
CAUSES = {"partial": "value", "failed": "value", "error": "exception", "timeout": "timeout", "missing": "undefined"}


def make_class(students, statuses, chapters=(CHAPTER, OTHER), exercises=EXERCISES, seed=1):
    """A class with random outcomes; `statuses` maps a status to its probability."""
    rng = np.random.default_rng(seed)
    names = [f"student-{i + 1:04d}" for i in range(students)]
    rows, scores = [], {}
    for chapter in chapters:
        drawn = rng.choice(list(statuses), p=list(statuses.values()), size=(students, len(exercises)))
        for student, row_of_statuses in zip(names, drawn, strict=True):
            found = [make_row(student, chapter, *pair, rng) for pair in zip(exercises, row_of_statuses, strict=True)]
            rows += found
            total = sum(row.max_points for row in found)
            scores[student, chapter] = Score(sum(row.points for row in found), total + 4, bool(rng.random() < 0.5))
    return ClassReport(names, list(chapters), scores, rows)


def make_row(student, chapter, exercise, status, rng=None, **verdict):
    points = {"passed": 3.0, "partial": 1.5}.get(status, 0.0)
    row = Row(student, chapter, exercise, points, 3.0, str(status), "", "", cause=CAUSES.get(status, ""))
    if rng is not None:
        row = replace(row, seconds=float(rng.exponential(0.1)), error="NameError" if status == "error" else "")
        if status == "failed" and rng.random() < 0.8:
            slug = str(rng.choice(list(HINTS)))
            row = replace(row, misconception=slug, hint=HINTS[slug])
    return replace(row, **verdict)


def hostile_class():
    def row(name, exercise, **verdict):
        return make_row(name, CHAPTER, exercise, verdict.pop("status", "error"), **verdict)

    rows = [row(n, EXERCISES[0], error=n, misconception=n, hint=n, message=f"raised {n}: {n}") for n in HOSTILE]
    rows += [row(n, EXERCISES[1], status="missing", note=n) for n in HOSTILE]
    rows += [row(n, n, status="failed", cause=n, message=n) for n in HOSTILE]
    scores = {(n, CHAPTER): Score(0.0, 4.0, True) for n in HOSTILE}
    return ClassReport(HOSTILE, [CHAPTER], scores, rows, [Unplaced(n, n, n) for n in HOSTILE])


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
with warnings.catch_warnings():
    warnings.simplefilter("error")
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
    return next((element for element in tree.iter() if element.get("id") == name), None)


def table_rows(element):
    return [
        [text_of(cell) for cell in row if cell.tag[len(NAMESPACE) :] in ("td", "th")] for row in find(element, "tr")
    ]


def pictures(page):
    """The SVG trees of a page. Raises for anything that is not well-formed XML."""
    addresses = [image.get("src") for image in find(parsed(page), "img")]
    return [ElementTree.fromstring(base64.b64decode(address.split(",")[1])) for address in addresses]


# --- numbers


def test_numbers_of_an_exercise_equal_pandas(mixed, frame):
    items = ClassStatistics(mixed).exercises
    assert len(items) == 2 * len(EXERCISES)
    for item in items:
        chapter = frame[frame.chapter == item.chapter]
        rows = chapter[chapter.exercise == item.exercise]
        times = rows[rows.status != "missing"].seconds
        assert dict(item.counts) == rows.status.value_counts().to_dict()
        assert item.mean_share == pytest.approx(rows.share.mean())
        assert item.partial_share == pytest.approx((rows.status == "partial").mean())
        assert (item.median_seconds, item.max_seconds) == (pytest.approx(times.median()), times.max())
        points = chapter.pivot(index="student_id", columns="exercise", values="points")
        passed = (points.pop(item.exercise) == 3.0).astype(float)
        assert item.discrimination == pytest.approx(passed.corr(points.sum(axis=1)))


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
    numbers = [[(i.mean_share, i.discrimination) for i in found.exercises] for found in (before, after)]
    assert numbers[0] == numbers[1]
    assert (before.chapters[0].absent, after.chapters[0].absent) == (0, 1)
    assert before.chapters[0].median == after.chapters[0].median


def test_failure_of_the_grader_is_not_held_against_student_or_exercise():
    report = make_class(11, {"passed": 0.5, "failed": 0.5})
    spoilt = [make_row("student-999", CHAPTER, name, "error", cause="grader") for name in EXERCISES]
    more = ClassReport([*report.students, "student-999"], report.chapters, report.scores, report.rows + spoilt)
    statistics = ClassStatistics(more)
    assert [item.students for item in statistics.exercises] == [11] * 14
    assert [(len(chapter.shares), chapter.absent) for chapter in statistics.chapters] == [(11, 1), (11, 1)]
    assert "student-999" not in [student.student_id for student in statistics.at_risk]
    assert [(fault.kind, fault.students) for fault in statistics.faults] == [("grader", ["student-999"])]
    assert "the grader failed" in text_of(by_id(parsed(render(more)), "details"))


def test_misconceptions_are_counted_once_a_student_and_biggest_first(mixed, frame):
    wrong = frame[frame.misconception != ""]
    expected = Counter(wrong.groupby(["chapter", "exercise", "misconception"]).size().to_dict())
    found = ClassStatistics(mixed).misconceptions
    assert {(i.chapter, i.exercise, i.misconception): len(i.holders) for i in found} == expected
    assert [len(item.holders) for item in found] == sorted(expected.values(), reverse=True)
    assert all(item.hint == HINTS[item.misconception] for item in found)


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


# --- what did not run


@pytest.mark.parametrize(
    ("status", "cause", "error", "kind"),
    [
        ("error", "exception", "NameError", "error"),
        ("error", "crash", "", "error"),
        ("timeout", "timeout", "", "timeout"),
        ("error", "grader", "", "grader"),
        ("missing", "unreadable", "", "unreadable"),
        ("missing", "undefined", "", None),
        ("missing", "not-handed-in", "", None),
        ("failed", "value", "", None),
    ],
)
def test_faults_are_told_from_wrong_answers(status, cause, error, kind):
    row = make_row("student-001", CHAPTER, "sgd_step", status, cause=cause, error=error)
    found = ClassStatistics(ClassReport(["student-001"], [CHAPTER], {}, [row])).faults
    whole = kind in ("grader", "unreadable")
    expected = [(kind, "" if whole else "sgd_step", cause, error)] if kind else []
    assert [(fault.kind, fault.exercise, fault.cause, fault.error) for fault in found] == expected


def test_faults_are_grouped_by_their_cause_whatever_is_said():
    said = ["sgd_step raised NameError: name 'b' is not defined", "NameError: a: b: c", "NameError: a: b: c"]
    rows = [
        make_row(f"student-{i}", CHAPTER, "sgd_step", "error", error="NameError", message=message)
        for i, message in enumerate(said)
    ]
    rows.append(make_row("student-3", CHAPTER, "sgd_step", "error", error="TypeError", message=said[0]))
    found = ClassStatistics(ClassReport([f"student-{i}" for i in range(4)], [CHAPTER], {}, rows)).faults
    assert [(fault.error, fault.students, fault.messages) for fault in found] == [
        ("NameError", ["student-0", "student-1", "student-2"], [said[1], said[0]]),  # the commonest first, as it is
        ("TypeError", ["student-3"], [said[0]]),
    ]


def test_wrong_answers_without_misconception_are_grouped_apart(mixed, frame):
    found = ClassStatistics(mixed).unexplained
    expected = frame[frame.status.isin(["failed", "partial"]) & (frame.misconception == "")]
    sizes = {(fault.chapter, fault.exercise): len(fault.students) for fault in found}
    assert sizes == expected.groupby(["chapter", "exercise"]).size().to_dict()


# --- pictures


@pytest.mark.parametrize(
    ("statuses", "mean"),
    [
        (["passed"], 1.0),
        (["partial"], 0.5),
        (["failed"], 0.0),
        (["error"], 0.0),
        (["timeout"], 0.0),
        (["missing"], np.nan),
        (["grader"], np.nan),
        ([None], np.nan),
        (["passed", "failed", "partial", "partial"], 0.5),
        (["passed", "missing"], 0.5),
        (["missing", "missing"], np.nan),
        (["passed", "grader"], 1.0),
        (["grader", "missing"], np.nan),
    ],
)
def test_heat_map_line_of_some_students_is_their_mean(statuses, mean):
    by_grader = make_row("student", CHAPTER, "exercise", "error", cause="grader")
    special = {"grader": by_grader, None: None}
    cells = [
        [special[status] if status in special else make_row("student", CHAPTER, "exercise", status)]
        for status in statuses
    ]
    np.testing.assert_array_equal(lines(cells, len(cells)), [[mean]])


@pytest.mark.parametrize(("students", "size"), [(0, 0), (1, 1), (360, 1), (361, 2), (5000, 14)])
def test_large_classes_are_shown_in_groups(students, size):
    assert group_size(students) == size


def test_students_and_exercises_are_sorted(mixed):
    statistics = ClassStatistics(mixed)
    shares = [student.share for student in statistics.students]
    assert shares == sorted(shares, reverse=True)
    for items in statistics.columns.values():
        means = [item.mean_share for item in items]
        assert means == sorted(means, reverse=True)


def svg_texts(picture):
    tree = ElementTree.fromstring(base64.b64decode(picture.address.split(",")[1]))
    return [element.text for element in tree.iter(f"{SVG}text")]


def test_heat_map_names_students_exercises_and_outcomes(mixed):
    texts = svg_texts(heat_map(ClassStatistics(mixed), {CHAPTER: "four", OTHER: "five"}))
    counts = Counter(texts)
    assert set(mixed.students) | set(EXERCISES) | {"four", "five"} <= set(texts)
    assert {text: counts[text] for text in ("✓", "✗", "!", "t", "–", "50")} == Counter(map(sign, mixed.rows))


def test_heat_map_of_many_students_names_none():
    report = make_class(NAMED_STUDENTS + 1, MIXED, [CHAPTER])
    texts = svg_texts(heat_map(ClassStatistics(report), {CHAPTER: "four"}))
    assert "most points" in texts and not set(texts) & {*report.students, "✓"}


def test_scatter_labels_do_not_overlap():
    means = (0.5, 0.501, 0.502, 0.503, 0.504, 0.505, 0.9)
    items = [ExerciseSummary(CHAPTER, f"exercise_{m}", 1, Counter(passed=9), m, 0.5, 0, 0) for m in means]
    labels = [text for text in svg_texts(scatter(items)) if text.startswith("exercise_")]
    # there is room to the left, to the right, above and below six marks in one place, and beside the one apart
    assert labels[0] == "exercise_0.5" and "exercise_0.9" in labels and 2 < len(labels) < 6


@pytest.mark.parametrize("name", PAGES)
def test_pictures_hold_nothing_but_drawings(name):
    found = pictures(PAGES[name])
    assert bool(found) == (name not in ("nobody", "nobody in a chapter", "all missing"))
    for element in (element for tree in found for element in tree.iter()):
        assert element.tag.rpartition("}")[2] not in ("script", "foreignObject", "a", "animate", "set", "iframe")
        for attribute, value in element.attrib.items():
            assert not attribute.startswith("on")
            assert "href" not in attribute or value.startswith(("#", "data:image/png;base64,"))


def test_hostile_names_are_drawn_as_they_are():
    texts = [text.text for tree in pictures(PAGES["hostile"]) for text in tree.iter(f"{SVG}text")]
    shown = [text.rstrip("…") for text in texts]
    for name in HOSTILE:
        visible = " ".join("".join(c if c.isprintable() else " " for c in name).split())
        assert visible[:17] in shown or visible in shown


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
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    tags = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert not tags & {"script", "link", "iframe", "object", "embed", "base", "form", "svg", "math", "image", "use"}
    for element in tree.iter():
        for attribute, value in element.attrib.items():
            assert not attribute.startswith("on") and attribute not in ("srcset", "srcdoc")
            assert attribute != "src" or re.fullmatch(r"data:image/svg\+xml;base64,[\w+/]+=*", value)
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
    for image in find(tree, "img"):
        assert len(image.get("alt")) > 50 and int(image.get("width")) > 0 < int(image.get("height"))
    for details in find(tree, "details"):
        assert details[0].tag == f"{NAMESPACE}summary"


def test_hostile_texts_stay_texts():
    tree = parsed(PAGES["hostile"])
    words = " ".join(" ".join(text.split()) for text in tree.itertext())
    for name in HOSTILE:
        assert " ".join(re.sub("[\0\7]", "�", name).split()) in words
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


def test_table_holds_what_the_heat_map_shows(mixed):
    (table,) = find(by_id(parsed(PAGES["mixed"]), "details"), "table")
    (header, *rows) = table_rows(table)
    statistics = ClassStatistics(mixed)
    names = {chapter: [item.exercise for item in items] for chapter, items in statistics.columns.items()}
    signs = {(row.student_id, row.chapter, row.exercise): sign(row) for row in mixed.rows}
    assert [name for name in header if name in EXERCISES] == [name for found in names.values() for name in found]
    assert [student for student, *_ in rows] == [student.student_id for student in statistics.students]
    for student, *cells in rows:
        expected = []
        for chapter, exercises in names.items():
            due = mixed.scores[student, chapter]
            expected += [signs[student, chapter, exercise] for exercise in exercises]
            expected.append(f"{due.points:g}/{due.max_points:g}{'*' * due.waiting}")
        assert cells == expected


def test_files_and_notes_are_shown_where_there_are_any(mixed):
    assert by_id(parsed(PAGES["mixed"]), "files") is None
    noted = [
        replace(row, note="handed in as b.ipynb") if row.student_id == "student-0002" else row for row in mixed.rows
    ]
    unplaced = [Unplaced("student-0001", "essay.docx", "it holds no cell"), Unplaced("", "x.zip", "in no folder")]
    tree = parsed(render(replace(mixed, rows=noted, unplaced=unplaced)))
    rows = table_rows(by_id(tree, "files"))
    assert ["student-0001", "essay.docx", "it holds no cell"] in rows and ["–", "x.zip", "in no folder"] in rows
    assert ["student-0002", "4 · sgd variants", "handed in as b.ipynb"] in rows
    assert ["student-0002", "5 · initialization", "handed in as b.ipynb"] in rows
    assert len(rows) == 2 + 2 + 2  # with two headings, and a note once a chapter
    assert "2files that could not be placed" in text_of(find(tree, "nav")[0])


def test_long_lists_of_files_are_folded_and_cut(mixed):
    unplaced = [Unplaced("student-0001", f"file-{i}.txt", "why") for i in range(503)]
    section = by_id(parsed(render(replace(mixed, unplaced=unplaced))), "files")
    (details,) = find(section, "details")
    assert len(find(details, "tr")) == 1 + 500
    assert "And 3 more, see unplaced.csv" in text_of(details)


def test_page_of_a_very_large_class_stays_small():
    report = make_class(500, MIXED, [f"ch{i:02d}_topic" for i in range(1, 10)], EXERCISES[:5])
    numbers = range(10)
    rows = [
        replace(row, student_id=f"{row.student_id}-{i}", message=f"{row.student_id} said {'x' * 300}")
        for i in numbers
        for row in report.rows
    ]
    scores = {(f"{name}-{i}", chapter): score for i in numbers for (name, chapter), score in report.scores.items()}
    students = [f"{name}-{i}" for i in numbers for name in report.students]
    unplaced = [Unplaced(name, f"{name}.docx", "it holds no cell of a notebook") for name in students]
    page = render(ClassReport(students, report.chapters, scores, rows, unplaced))
    assert (len(students), len(rows)) == (5000, 5000 * 45)
    assert len(page.encode()) < 5_000_000


def test_page_depends_on_nothing_but_the_class(tmp_path):
    program = (
        "import hashlib; from grading.report import render; from tests.grading.test_report import MIXED, make_class;"
        "print(hashlib.sha256(render(make_class(24, MIXED)).encode()).hexdigest())"
    )
    (tmp_path / "matplotlibrc").write_text("font.size: 20\naxes.grid: True\nsvg.fonttype: path\n")
    environment = {**os.environ, "PYTHONHASHSEED": "7", "MATPLOTLIBRC": str(tmp_path), "TZ": "Asia/Tokyo"}
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

COLOUR = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")


def schemes():
    """Scheme -> custom property -> colour, as report.css gives them."""
    light, dark = (TEMPLATES / "report.css").read_text().split("(prefers-color-scheme: dark)")
    found = {"light": dict(COLOUR.findall(light)), "dark": dict(COLOUR.findall(dark))}
    return found | {"dark": found["light"] | found["dark"]}


def luminance(colour):
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(a, b):
    """WCAG 2.2 contrast ratio."""
    low, high = sorted([luminance(a), luminance(b)])
    return (high + 0.05) / (low + 0.05)


TEXTS = [(ink, ground, 4.5) for ink in ("ink", "quiet") for ground in ("page", "panel")]
TEXTS += [("link", "page", 4.5), ("alert", "page", 4.5), ("on-passed", "passed", 4.5), ("on-missing", "missing", 4.5)]
TEXTS += [("on-fill", status, 4.5) for status in ("partial", "failed", "error", "timeout")]
MARKS = [("mark", "page", 3), ("error", "page", 3), ("passed", "page", 3)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), TEXTS + MARKS)
def test_texts_and_marks_have_contrast(scheme, ink, ground, least):
    found = schemes()[scheme]
    assert contrast(found[ink], found[ground]) >= least


def test_contrast_of_known_colours():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


# --- CSV and terminal


def as_dicts(table):
    return list(csv.DictReader(io.StringIO(csv_text(*table))))


@pytest.fixture(scope="module")
def found(tmp_path_factory, mixed):
    course = Course(ROOT, tmp_path_factory.mktemp("gradebook"))
    return {name: as_dicts(table) for name, table in csv_tables(course, ClassStatistics(mixed)).items()}


def test_verdicts_csv_has_a_line_for_every_row(found, mixed):
    rows = found["verdicts.csv"]
    assert [row.pop("folder") for row in rows] == [row.student_id for row in mixed.rows]
    numbers = ("points", "max_points", "seconds")
    assert [Row(**{**row, **{k: float(row[k]) for k in numbers}}) for row in rows] == mixed.rows


def test_name_of_the_folder_is_in_the_tables_and_on_the_page(tmp_path, mixed):
    student = mixed.students[0]
    named = replace(mixed, names={student: "o'brien \x1b"})
    tables = csv_tables(Course(ROOT, tmp_path), ClassStatistics(named))
    for name in ("verdicts.csv", "students.csv"):
        rows = {row["student_id"]: row["folder"] for row in as_dicts(tables[name])}
        assert rows == {one: one for one in mixed.students} | {student: r"o'brien \x1b"}
    (row,) = [
        row for row in table_rows(by_id(parsed(render(named)), "files")) if row[0] == student and "brien" in row[1]
    ]
    assert row[1] == r"o'brien \x1b"


def test_exercises_csv_equals_the_page(found):
    def as_shown(row):
        share, partial, discrimination = (
            float(row[key]) if row[key] else None for key in ("mean_share", "partial_share", "discrimination")
        )
        return [percent(share).replace("\xa0", " "), percent(partial).replace("\xa0", " "), number(discrimination)]

    expected = []
    for chapter, title in ((CHAPTER, "4 · sgd variants"), (OTHER, "5 · initialization")):
        rows = [row for row in found["exercises.csv"] if row["chapter"] == chapter]
        expected += [[title], *([row["exercise"], *as_shown(row)] for row in rows)]
    (_, *rows) = table_rows(by_id(parsed(PAGES["mixed"]), "exercises"))
    assert [row if len(row) == 1 else [row[0].split()[0], *row[2:5]] for row in rows] == expected
    assert len(expected) == 2 + 2 * len(EXERCISES)


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


def test_files_lie_beside_the_page(tmp_path, mixed):
    paths = write_files(Course(ROOT, tmp_path), mixed)
    assert list(paths) == ["grades.csv", "verdicts.csv", "report.html"]
    names = {"exercises.csv", "misconceptions.csv", "students.csv"}
    assert {path.name for path in tmp_path.iterdir()} >= {*paths, *names}
    assert paths["report.html"].read_text() == PAGES["mixed"]


def test_terminal_shows_the_commonest_misconceptions_with_their_hints(mixed):
    table = misconception_table(mixed, 3)
    top = ClassStatistics(mixed).misconceptions[:3]
    counts, beliefs = (list(column.cells) for column in table.columns)
    assert counts == [str(len(item.holders)) for item in top]
    assert all(item.text in belief and item.hint in belief for item, belief in zip(top, beliefs, strict=True))


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
    output = {"output_type": "execute_result", "data": {VERDICT_MIME: verdict.to_plain()}}
    return {"cell_type": "code", "metadata": {"nbgrader": nbgrader}, "source": "", "outputs": [output]}


def test_collect_reads_everything_that_a_verdict_says(tmp_path):
    course = Course(ROOT, tmp_path)
    said = {"cause": "exception", "error": "NameError", "hint": "down", "message": "wrong", "note": "handed in as b"}
    verdict = Verdict("sgd_step", 1.5, 2.0, "partial", misconception="ascends", seconds=0.25, **said)
    write_graded(course, "student-001", json.dumps({"cells": [check_cell(verdict)]}))
    row = next(row for row in collect(course).rows if row.exercise == "sgd_step")
    assert row == Row("student-001", CHAPTER, "sgd_step", 1.5, 2.0, "partial", "ascends", **said)
    assert row.seconds == 0.25


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
