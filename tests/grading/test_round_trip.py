"""From a real chapter through the sandbox to the gradebook: everybody gets what they deserve, and hears why."""

import csv
from dataclasses import fields

import pytest

from grading.authoring.simulate import BLANK, REFERENCE, misconception_source, reference_answers, write_submission
from grading.course import ROOT, Course
from grading.exercise import load_exercises
from grading.report import Row, write_files
from tests.conftest import CHAPTER, published
from tests.precision.proof import given_code

PUBLISHED = published(CHAPTER)
POINTS = {data["name"]: data["points"] for data in PUBLISHED if data["points"]}  # what is optional is in no report
WRONG = [(data["name"], slug) for data in PUBLISHED for slug in data["hints"] if data["points"]]


def student_of(name, slug):
    """The synthetic student who holds a misconception: one of every exercise each."""
    slugs = [other for exercise, other in WRONG if exercise == name]
    return f"student-{slugs.index(slug) + 1:03d}"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return Course(ROOT, tmp_path_factory.mktemp("gradebook"))


@pytest.fixture(scope="module")
def report(course, grade):
    right, exercises = reference_answers(course, CHAPTER), load_exercises(course, CHAPTER)
    write_submission(course, REFERENCE, CHAPTER, right)
    write_submission(course, BLANK, CHAPTER, {})
    answers = {}
    for name, slug in WRONG:
        answers.setdefault(student_of(name, slug), {})[name] = misconception_source(exercises[name], slug)
    for student, wrong in answers.items():
        write_submission(course, student, CHAPTER, {**right, **wrong})
    return grade(course, chapters=(CHAPTER,))


def test_every_exercise_and_misconception_is_tried(course):
    declared = {name: spec for name, spec in load_exercises(course, CHAPTER).items() if not spec.optional}
    assert {(e.name, wrong.slug) for e in declared.values() for wrong in e.misconceptions} == set(WRONG)
    assert {e.name: e.points for e in declared.values()} == POINTS


@pytest.mark.parametrize("name", POINTS)
def test_reference_earns_all_points(report, verdict, name):
    row = verdict(report, REFERENCE, name)
    assert (row.points, row.status) == (POINTS[name], "passed"), row.message


@pytest.mark.parametrize("name", POINTS)
def test_blank_earns_nothing(course, report, verdict, name):
    row = verdict(report, BLANK, name)
    given = name in given_code(course, CHAPTER)  # with its bugs, in place of a stub
    assert (row.points, row.status) == (0, "failed" if given else "missing")
    assert given or "NotImplementedError" in row.message


@pytest.mark.parametrize(("name", "slug"), WRONG, ids=[f"{name}-{slug}" for name, slug in WRONG])
def test_misconception_loses_points_and_is_named(report, verdict, name, slug):
    row = verdict(report, student_of(name, slug), name)
    assert row.points < row.max_points, f"{slug} loses no points"
    assert row.misconception == slug, f"{slug} is taken for {row.misconception or 'nothing'}: {row.message}"


def test_score_is_the_sum_of_the_verdicts(report):
    for student in report.students:
        total = sum(row.points for row in report.rows if row.student_id == student)
        assert report.scores[student, CHAPTER].points == pytest.approx(total), student


def test_reflection_waits_for_a_person(report):
    assert report.scores[REFERENCE, CHAPTER].waiting
    assert not report.scores[BLANK, CHAPTER].waiting


def test_verdicts_csv_holds_every_student_and_exercise(course, report):
    paths = write_files(course, report)
    with paths["verdicts.csv"].open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [*(field.name for field in fields(Row)), "folder"]
    assert {(row["student_id"], row["exercise"]) for row in rows} == {
        (student, name) for student in report.students for name in POINTS
    }


def test_report_names_the_misconceptions_with_their_hints(course, report):
    page = write_files(course, report)["report.html"].read_text()
    for _, slug in WRONG:
        assert slug.replace("-", " ") in page
    assert "momentum_step" in page
