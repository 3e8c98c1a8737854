"""A gradebook outlives new releases, interruptions and hostile names."""

import os
import shutil
import signal
import subprocess
import sys
import time

import nbformat
import pytest
from nbgrader.api import Gradebook
from rich.console import Console
from rich.progress import Progress

from grading.authoring.simulate import BLANK, REFERENCE, write_submission
from grading.cells import grade_id
from grading.course import ROOT, Course, CourseError
from grading.judging.hidden_cases import hidden_cases, hidden_seed
from grading.judging.judge import without_answers
from grading.records.feedback import write_feedback
from grading.records.gradebook import CourseGradebook, write_atomically
from grading.report import collect, write_files
from grading.run import grade as grade_module
from grading.run.grade import check_release, grade_class
from tests.sample import BY_HAND, CHAPTER, COURSE, ESSAY, NOTEBOOK, POINTS, SAMPLE, TOTAL, sample_course


@pytest.fixture
def movable(tmp_path):
    """A copy of the course whose release a test may change, with a gradebook of its own."""
    return Course(movable_release(tmp_path), tmp_path / "gradebook")


def movable_release(folder):
    """Copy the release and the exercises of the sample course into a folder; return it."""
    for name in ("notebooks", "grading"):
        shutil.copytree(SAMPLE / name, folder / name)
    return folder


def change_release(course, gone):
    """Publish a release without the cells whose grade_id begins with `gone`."""
    path = course.released_notebooks(CHAPTER)[NOTEBOOK]
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if not grade_id(cell).startswith(gone)]
    nbformat.write(notebook, path)


def record_blank(course, student):
    release = nbformat.read(course.released_notebooks(CHAPTER)[NOTEBOOK], as_version=4)
    with CourseGradebook(course) as gradebook:
        gradebook.register(CHAPTER)
        cases = hidden_cases(course, CHAPTER, 1)
        graded = without_answers(release, cases, "missing", "unreadable", "for the test").into(release)
        gradebook.enrol([student])
        gradebook.record(student, CHAPTER, NOTEBOOK, graded, None)


def give_by_hand(course, student, points, comment):
    with Gradebook(course.database_url) as gradebook:
        grade = gradebook.find_grade(ESSAY, NOTEBOOK, CHAPTER, student)
        grade.manual_score = points
        gradebook.find_comment(ESSAY, NOTEBOOK, CHAPTER, student).manual_comment = comment
        gradebook.db.commit()


def test_new_release_keeps_scores_given_by_hand(movable):
    record_blank(movable, "student-001")
    give_by_hand(movable, "student-001", 2.5, "well said")
    change_release(movable, gone="averaged-momentum-step")
    with CourseGradebook(movable) as gradebook:
        note = gradebook.register(CHAPTER)
    assert "gone: averaged-momentum-step, averaged-momentum-step-check" in note
    with Gradebook(movable.database_url) as gradebook:
        assert gradebook.find_assignment(CHAPTER).max_score == TOTAL - 3 + BY_HAND
        assert gradebook.find_grade(ESSAY, NOTEBOOK, CHAPTER, "student-001").manual_score == 2.5
        comment = gradebook.find_comment(ESSAY, NOTEBOOK, CHAPTER, "student-001")
        assert comment.manual_comment == "well said"


def test_new_release_keeps_a_copy_of_the_old_gradebook(movable):
    record_blank(movable, "student-001")
    change_release(movable, gone="sgd-step")
    with CourseGradebook(movable) as gradebook:
        gradebook.register(CHAPTER)
    (copy,) = movable.gradebook.glob("gradebook-*.db")
    with Gradebook(f"sqlite:///{copy}") as gradebook:
        assert gradebook.find_grade_cell("sgd-step-check", NOTEBOOK, CHAPTER)


def test_gradebook_of_an_older_release_is_graded_again_with_the_new_one(tmp_path, right_answers, grade):
    old = Course(movable_release(tmp_path), tmp_path / "gradebook")
    change_release(old, gone="nesterov-step")
    write_submission(old, REFERENCE, CHAPTER, right_answers)  # handed in from the older release
    record_blank(old, REFERENCE)
    report = grade(sample_course(old.gradebook))
    earned = {row.exercise: row.points for row in report.rows}
    assert earned.pop("nesterov_step") == 0
    assert sum(earned.values()) == TOTAL - 4
    assert report.scores[REFERENCE, CHAPTER].max_points == TOTAL + BY_HAND


def test_same_release_changes_nothing(movable):
    record_blank(movable, "student-001")
    with CourseGradebook(movable) as gradebook:
        assert gradebook.register(CHAPTER) == ""
    assert not list(movable.gradebook.glob("gradebook-*.db"))


def test_release_out_of_step_with_the_exercises_is_refused(movable):
    change_release(movable, gone="sgd-step")
    with pytest.raises(CourseError, match="run make build"):
        check_release(movable, CHAPTER, seed=1)


def test_grading_killed_half_way_goes_on_to_the_same_grades(tmp_path, right_answers, grade):
    course = sample_course(tmp_path)
    students = [REFERENCE, *(f"student-{number:03d}" for number in range(1, 5))]
    for student in students:
        write_submission(course, student, CHAPTER, right_answers)
    write_submission(course, BLANK, CHAPTER, {})
    environment = {**os.environ, "COURSE_ROOT": str(SAMPLE), "GRADEBOOK_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "grading", "grade", CHAPTER, "--workers", "1"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        deadline = time.monotonic() + 120
        while len(list(course.autograded.glob("*/*/*.ipynb"))) < 2:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
    assert len(list(course.autograded.glob("*/*/*.ipynb"))) < len(students) + 1
    report = grade(course)
    points = {student: report.scores[student, CHAPTER].points for student in report.students}
    assert points == {BLANK: 0, **dict.fromkeys(students, TOTAL)}


def test_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "grades.csv"
    write_atomically(path, "old")
    monkeypatch.setattr(os, "replace", lambda *a: (_ for _ in ()).throw(OSError("no space")))
    with pytest.raises(OSError):
        write_atomically(path, "new")
    assert path.read_text() == "old"


def test_seed_is_made_once_and_kept(tmp_path):
    course = sample_course(tmp_path)
    seed = hidden_seed(course)
    assert seed == hidden_seed(course) > 0
    assert hidden_seed(sample_course(tmp_path / "other")) != seed
    assert (tmp_path / "seed").stat().st_mode & 0o077 == 0


def test_damaged_seed_is_refused(tmp_path):
    (tmp_path / "seed").write_text("oops")
    with pytest.raises(CourseError, match="expected one whole number, got 'oops'"):
        hidden_seed(sample_course(tmp_path))


def test_student_known_to_the_gradebook_alone_is_listed(tmp_path):
    course = sample_course(tmp_path)
    with CourseGradebook(course) as gradebook:
        gradebook.register(CHAPTER)
        gradebook.gradebook.add_student("student-009")
    report = collect(course)
    assert {row.status for row in report.rows} == {"missing"}
    assert report.students == ["student-009"]


def test_fault_of_the_grader_costs_one_verdict_and_is_reported(tmp_path, right_answers, monkeypatch):
    course = sample_course(tmp_path)
    write_submission(course, REFERENCE, CHAPTER, right_answers)
    write_submission(course, BLANK, CHAPTER, {})
    honest = grade_module.rebuild

    def faulty(release, submission):
        if any(cell.source.endswith("return theta - lr * grad") for cell in submission):
            raise SystemError("a fault of our own")
        return honest(release, submission)

    monkeypatch.setattr(grade_module, "rebuild", faulty)
    with Progress(console=Console(quiet=True)) as progress:
        notes = grade_module.grade_class(course, [CHAPTER], progress)
    assert notes.failed
    (note,) = notes.sentences
    assert note.startswith(f"{REFERENCE}/{CHAPTER}/{NOTEBOOK}: the grader itself failed")
    rows = {(row.student_id, row.status) for row in collect(course).rows if row.exercise in POINTS}
    assert rows == {(REFERENCE, "error"), (BLANK, "missing")}


def modes(folder):
    """What others than the owner may do with what lies in a folder and is ours: path -> mode."""
    return {
        str(path): oct(path.lstat().st_mode) for path in [folder, *folder.rglob("*")] if path.lstat().st_mode & 0o077
    }


def test_nobody_else_may_enter_the_gradebook_or_read_what_is_in_it(tmp_path, grade, right_answers):
    course = sample_course(tmp_path / "gradebook")
    write_submission(course, REFERENCE, CHAPTER, right_answers)
    course.gradebook.chmod(0o755)
    with CourseGradebook(course):  # as a report or feedback pages alone open it
        assert course.gradebook.stat().st_mode & 0o777 == 0o700
    course.gradebook.chmod(0o755)
    mask = os.umask(0o022)  # what most accounts have
    try:
        grade(course)
        with Progress(disable=True) as progress:
            assert write_feedback(course, [CHAPTER], progress) == []
        write_files(course, collect(course))
    finally:
        os.umask(mask)
    assert course.gradebook.stat().st_mode & 0o777 == 0o700
    written = {
        path: mode for path, mode in modes(course.gradebook).items() if not path.startswith(str(course.submitted))
    }
    assert written == {}
    assert (course.feedback / REFERENCE / CHAPTER / f"{NOTEBOOK}.html").exists()


def test_check_without_a_verdict_is_no_full_marks(tmp_path):
    course = sample_course(tmp_path)
    cases = hidden_cases(COURSE, CHAPTER, 1)
    release = COURSE.read_release(CHAPTER, NOTEBOOK)
    judged = without_answers(release, cases, "missing", "unreadable", "for the test").into(release)
    with CourseGradebook(course) as gradebook:
        gradebook.register(CHAPTER)
        gradebook.enrol([REFERENCE])
        gradebook.record(REFERENCE, CHAPTER, NOTEBOOK, judged, None)
        for outputs in ([], [nbformat.v4.new_output("stream", text="5.0")]):
            next(cell for cell in judged.cells if grade_id(cell) == "sgd-step-check").outputs = outputs
            with pytest.raises(ValueError, match="'sgd-step-check' was given no verdict"):
                gradebook.record(REFERENCE, CHAPTER, NOTEBOOK, judged, None)
        assert gradebook.gradebook.find_submission(CHAPTER, REFERENCE).score == 0


@pytest.mark.parametrize("times", [1, 2])
def test_grade_that_cannot_be_written_down_stops_nobody(tmp_path, grade, right_answers, monkeypatch, times):
    course = sample_course(tmp_path)
    for student in ("alice", "bob", "eve"):
        write_submission(course, student, CHAPTER, right_answers)
    original, left = CourseGradebook.record, ["failure"] * times

    def break_down(self, student, chapter, notebook, *rest):
        if student == "bob" and notebook == NOTEBOOK and left:
            left.pop()
            raise OSError(28, "No space left on device")
        original(self, student, chapter, notebook, *rest)

    monkeypatch.setattr(CourseGradebook, "record", break_down)
    with Progress(disable=True) as progress:
        notes = grade_class(course, [CHAPTER], progress)
    rows = {(row.student_id, row.exercise): row for row in collect(course).rows}
    assert rows["alice", "sgd_step"].points == rows["eve", "sgd_step"].points == 2
    assert rows["bob", "sgd_step"].status == ("error" if times == 1 else "missing")
    (sentence,) = notes.sentences
    assert notes.failed and f"bob/{CHAPTER}/{NOTEBOOK}" in sentence and "No space left" in sentence
