"""From the release through the sandbox to the gradebook: everybody gets what they deserve, and hears why."""

import csv
from dataclasses import fields

import pytest

from grading.authoring.simulate import BLANK, REFERENCE, misconception_source, write_submission
from grading.course import Course
from grading.exercise import load_exercises
from grading.report import Row, write_files
from tests.conftest import CHAPTER

EXERCISES = load_exercises(Course.here(), CHAPTER)
WRONG = [(exercise, wrong.slug) for exercise in EXERCISES.values() for wrong in exercise.misconceptions]


def student_of(exercise, slug):
    """The synthetic student who holds a misconception: one of every exercise each."""
    slugs = [wrong.slug for wrong in exercise.misconceptions]
    return f"student-{slugs.index(slug) + 1:03d}"


@pytest.fixture(scope="module")
def report(course: Course, right_answers, grade):
    write_submission(course, REFERENCE, CHAPTER, right_answers)
    write_submission(course, BLANK, CHAPTER, {})
    answers = {}
    for exercise, slug in WRONG:
        answers.setdefault(student_of(exercise, slug), {})[exercise.name] = misconception_source(exercise, slug)
    for student, wrong in answers.items():
        write_submission(course, student, CHAPTER, {**right_answers, **wrong})
    return grade(course)


@pytest.mark.parametrize("name", EXERCISES)
def test_reference_earns_all_points(report, verdict, name):
    row = verdict(report, REFERENCE, name)
    assert (row.points, row.status) == (EXERCISES[name].points, "passed"), row.message


@pytest.mark.parametrize("name", EXERCISES)
def test_blank_earns_nothing(report, verdict, name):
    row = verdict(report, BLANK, name)
    assert (row.points, row.status) == (0, "missing")
    assert "NotImplementedError" in row.message


@pytest.mark.parametrize(("exercise", "slug"), WRONG, ids=[f"{exercise.name}-{slug}" for exercise, slug in WRONG])
def test_misconception_loses_points_and_is_named(report, verdict, exercise, slug):
    row = verdict(report, student_of(exercise, slug), exercise.name)
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
    assert list(rows[0]) == [field.name for field in fields(Row)]
    assert {(row["student_id"], row["exercise"]) for row in rows} == {
        (student, name) for student in report.students for name in EXERCISES
    }


def test_report_names_the_misconceptions_with_their_hints(course, report):
    page = write_files(course, report)["report.html"].read_text()
    for _, slug in WRONG:
        assert slug.replace("-", " ") in page
    assert "momentum_step" in page
