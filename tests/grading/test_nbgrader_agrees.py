"""nbgrader's own commands see the same scores as ours."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grading.authoring.simulate import BLANK, REFERENCE, misconception_source, write_submission
from grading.course import ROOT
from grading.exercise import load_exercises
from grading.report import collect
from tests.conftest import hand_in
from tests.sample import CHAPTER, COURSE, ESSAY, NOTEBOOK, SAMPLE

STUDENTS = [BLANK, REFERENCE, "student-001", "student-002"]


@pytest.fixture(scope="module")
def report(course, right_answers, grade):
    exercise = load_exercises(COURSE, CHAPTER)["exponential_average"]
    wrong = misconception_source(exercise, "corrected-value-fed-back")
    write_submission(course, REFERENCE, CHAPTER, right_answers)
    write_submission(course, BLANK, CHAPTER, {})
    write_submission(course, "student-001", CHAPTER, {**right_answers, "exponential_average": wrong})
    for name in course.released_notebooks(CHAPTER):
        hand_in(course, "student-002", b"this is no notebook", name)
    return grade(course)


def nbgrader(course, *arguments):
    """Run an nbgrader command in the repository on the test's gradebook."""
    environment = {
        **os.environ,
        "COURSE_ROOT": str(SAMPLE),
        "GRADEBOOK_DIR": str(course.gradebook),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=True)


def exported_scores(course, path):
    nbgrader(course, "export", f"--to={path}")
    with path.open(newline="") as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def test_export_shows_our_scores(course, report, tmp_path):
    exported = exported_scores(course, tmp_path / "grades.csv")
    assert exported == {student: report.scores[student, CHAPTER].points for student in STUDENTS}


def test_partial_credit_reaches_nbgrader(course, report):
    with Gradebook(course.database_url) as gradebook:
        grade = gradebook.find_grade("exponential-average-check", NOTEBOOK, CHAPTER, "student-001")
        assert 0 < grade.auto_score < grade.max_score


def test_generate_feedback_shows_our_scores(course, report):
    nbgrader(course, "generate_feedback", CHAPTER, "--force")
    page = (course.feedback / "student-001" / CHAPTER / f"{NOTEBOOK}.html").read_text()
    with Gradebook(course.database_url) as gradebook:
        score = gradebook.find_submission_notebook(NOTEBOOK, CHAPTER, "student-001").score
    assert f"{NOTEBOOK}: {score:g} of " in page
    assert "corrected value fed back" in page


def test_hand_given_score_survives_grading_again(course, report, grade):
    with Gradebook(course.database_url) as gradebook:
        reflection = gradebook.find_grade(ESSAY, NOTEBOOK, CHAPTER, REFERENCE)
        reflection.manual_score, reflection.needs_manual_grade = 3.0, False
        gradebook.db.commit()
    before = report.scores[REFERENCE, CHAPTER].points
    assert grade(course).scores[REFERENCE, CHAPTER].points == before + 3.0


def test_plain_autograde_agrees(course, report):
    before = {student: collect(course).scores[student, CHAPTER].points for student in STUDENTS}
    nbgrader(course, "autograde", CHAPTER, "--force")
    after = collect(course)
    assert {student: after.scores[student, CHAPTER].points for student in STUDENTS} == before
    ours, theirs = ({(row.student_id, row.exercise): row for row in found.rows} for found in (report, after))
    assert ours == theirs
