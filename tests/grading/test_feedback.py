"""Feedback pages: made for everybody, made again only when they would say something else."""

import pytest
from nbgrader.api import Gradebook
from rich.console import Console
from rich.progress import Progress

from grading.authoring.simulate import simulate, write_submission
from grading.records import feedback
from grading.records.feedback import write_feedback
from tests.sample import CHAPTER, ESSAY, NOTEBOOK


@pytest.fixture(scope="module", autouse=True)
def graded(course, grade):
    simulate(course, [CHAPTER], students=2, seed=3)
    grade(course)


def write(course, **options):
    with Progress(console=Console(quiet=True)) as progress:
        return write_feedback(course, [CHAPTER], progress, **options)


def page(course, student):
    return course.feedback / student / CHAPTER / f"{NOTEBOOK}.html"


def times(course):
    return {path.parent.parent.name: path.stat().st_mtime_ns for path in course.feedback.glob(f"*/*/{NOTEBOOK}.html")}


STUDENTS = {"reference", "blank", "student-001", "student-002"}


def changed(course, **options):
    """The students whose pages were written again."""
    before = times(course)
    assert write(course, **options) == []
    return {student for student, time in times(course).items() if before.get(student) != time}


def test_page_is_written_again_only_when_it_would_differ(course, grade):
    assert changed(course) == STUDENTS
    assert changed(course) == set()
    assert changed(course, cached=False) == STUDENTS
    page(course, "blank").unlink()
    assert changed(course) == {"blank"}
    write_submission(course, "student-001", CHAPTER, {"sgd_step": "def sgd_step(theta, grad, lr):\n    return grad"})
    grade(course)
    assert "student-001" in changed(course)  # on a busy machine another grading may be timed anew as well


def test_grade_and_comment_by_hand_reach_the_page(course):
    write(course)
    with Gradebook(course.database_url, "descent") as gradebook:
        grade = gradebook.find_grade(ESSAY, NOTEBOOK, CHAPTER, "student-002")
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        gradebook.db.commit()
    assert changed(course) == {"student-002"}
    with Gradebook(course.database_url, "descent") as gradebook:
        comment = gradebook.find_comment(ESSAY, NOTEBOOK, CHAPTER, "student-002")
        comment.manual_comment = "say for how long"
        gradebook.db.commit()
    assert changed(course) == {"student-002"}
    assert "say for how long" in page(course, "student-002").read_text()


def test_pages_made_by_several_processes_are_the_same(course, monkeypatch):
    write(course, cached=False, workers=1)
    alone = {student: page(course, student).read_text() for student in STUDENTS}
    monkeypatch.setattr(feedback, "PAGES_WORTH_A_PROCESS", 1)
    assert changed(course, cached=False, workers=2) == STUDENTS
    assert {student: page(course, student).read_text() for student in STUDENTS} == alone


def test_failed_page_is_reported_and_tried_again(course, monkeypatch):
    write(course)
    path = course.autograded / "student-001" / CHAPTER / f"{NOTEBOOK}.ipynb"
    good = path.read_text()
    path.write_text("{")
    (failure,) = write(course)
    assert failure.startswith(f"no feedback for student-001/{CHAPTER}: ")
    assert len(write(course)) == 1
    path.write_text(good)
    assert changed(course) == {"student-001"}


def test_damaged_record_makes_all_pages_again(course):
    write(course)
    (course.gradebook / "cache" / feedback.KEPT).write_text("[1, 2")
    assert changed(course) == STUDENTS
