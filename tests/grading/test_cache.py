"""What was graded before and has not changed is not executed again; what has changed is."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

import grading.run.worker
from grading.authoring.simulate import misconception_source, write_submission
from grading.cells import grade_id
from grading.course import ROOT, Course
from grading.exercise import load_exercises
from grading.judging.hidden_cases import _Cases, case_digests, hidden_cases, hidden_seed
from grading.limits import Limits
from grading.run.cache import Cache
from tests.conftest import CHAPTER, NOTEBOOK

STUDENTS = ("student-001", "student-002")
EXERCISES = set(load_exercises(Course.here(), CHAPTER, NOTEBOOK))


@pytest.fixture(scope="module")
def course(tmp_path_factory, right_answers):
    course = Course(ROOT, tmp_path_factory.mktemp("gradebook"))
    wrong = misconception_source(load_exercises(Course.here(), CHAPTER)["sgd_step"], "ascends")
    write_submission(course, "student-001", CHAPTER, right_answers)
    write_submission(course, "student-002", CHAPTER, {**right_answers, "sgd_step": wrong})
    return course


@pytest.fixture
def executed(monkeypatch):
    """Names of the notebook's exercises that are judged anew, one entry for each submission of it that is executed."""
    found = []
    original = grading.run.worker.grade_notebook

    def watched(notebook, cases, sandbox, limits, judged):
        if "momentum-step" in {grade_id(cell) for cell in notebook.cells}:
            found.append(sorted(EXERCISES & set(cases) - set(judged)))
        return original(notebook, cases, sandbox, limits, judged)

    monkeypatch.setattr(grading.run.worker, "grade_notebook", watched)
    return found


@pytest.fixture(scope="module")
def first(course, grade):
    """The class as it is graded for the first time."""
    return grade(course)


def graded_file(course, student):
    return course.autograded / student / CHAPTER / f"{NOTEBOOK}.ipynb"


def test_unchanged_class_is_not_executed_again(course, grade, first, executed):
    before = {student: graded_file(course, student).stat().st_mtime_ns for student in STUDENTS}
    again = grade(course)
    assert executed == []
    assert (again.rows, again.scores) == (first.rows, first.scores)
    assert {student: graded_file(course, student).stat().st_mtime_ns for student in STUDENTS} == before


def test_changed_submission_alone_is_executed(course, grade, first, executed, right_answers):
    write_submission(course, "student-002", CHAPTER, {**right_answers, "sgd_step": "def sgd_step(theta): return 1"})
    report = grade(course)
    assert len(executed) == 1
    assert {row.exercise for row in report.rows if row.points == 0} == {"sgd_step"}


def test_changed_metadata_changes_nothing(course, grade, first, executed):
    path = course.submitted / "student-001" / CHAPTER / f"{NOTEBOOK}.ipynb"
    notebook = json.loads(path.read_text())
    notebook["metadata"]["author"] = "x"
    path.write_text(json.dumps(notebook))
    grade(course)
    assert executed == []


def test_changed_cases_of_an_exercise_judge_that_exercise_alone(course, grade, first, executed, monkeypatch):
    seed = hidden_seed(course)
    cases, digests = dict(hidden_cases(CHAPTER, seed)), dict(case_digests(CHAPTER, seed))
    cases["linear_decay"], digests["linear_decay"] = replace(cases["linear_decay"], rtol=2e-5), "another"
    monkeypatch.setattr("grading.judging.hidden_cases._DRAWN", {(CHAPTER, seed): _Cases(cases, digests)})
    grading.run.worker.version_of.cache_clear()
    report = grade(course)
    assert executed == [["linear_decay"]] * 2
    assert {row.status for row in report.rows if row.exercise != "sgd_step"} == {"passed"}
    grading.run.worker.version_of.cache_clear()


def test_cache_can_be_left_aside(course, grade, first, executed):
    grade(course, cached=False)
    assert len(executed) == 2


def test_other_limits_are_another_grading(course, grade, first, executed, short_limits):
    grade(course, limits=short_limits)
    assert len(executed) == 2


def test_what_time_decided_is_not_kept(tmp_path, grade, executed, right_answers, short_limits):
    course = Course(ROOT, tmp_path)
    endless = "import time\ndef sgd_step(theta, grad, lr): time.sleep(60)"
    write_submission(course, "student-001", CHAPTER, {**right_answers, "sgd_step": endless})
    limits = replace(short_limits, call_seconds=1)
    statuses = {row.exercise: row.status for row in grade(course, limits=limits).rows}
    assert statuses.pop("sgd_step") == "timeout"
    assert set(statuses.values()) == {"passed"}
    grade(course, limits=limits)
    assert len(executed) == 2


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b'{"outputs": 1, "cases": {}}', b"\xff\xfe"])
def test_damaged_entry_is_as_if_it_were_not_there(tmp_path, damaged):
    cache = Cache(Course(ROOT, tmp_path), Limits.load(), isolated=True)
    cache.write("notebook", {"f": "1"}, Done({"a": []}))
    assert cache.read("notebook", {"f": "1"}) == (Done({"a": []}), {"f"})
    cache.path("notebook").write_bytes(damaged)
    assert cache.read("notebook", {"f": "1"}) == (None, set())


def test_lost_gradebook_is_written_again_from_the_cache(course, grade, first, executed):
    before = grade(course)
    executed.clear()
    (course.gradebook / "gradebook.db").unlink()
    again = grade(course)
    assert executed == []
    assert (again.rows, again.scores) == (before.rows, before.scores)


@pytest.mark.parametrize("after", [1, 3, 5])
def test_killed_at_any_moment_grades_come_out_the_same(tmp_path, right_answers, grade, after):
    """Killed when so many results are in the cache; and at once, while the first is being written."""
    course = Course(ROOT, tmp_path)
    exercise = load_exercises(Course.here(), CHAPTER)["momentum_step"]
    for number, wrong in enumerate(exercise.misconceptions[:6]):
        answers = {**right_answers, "momentum_step": misconception_source(exercise, wrong.slug)}
        write_submission(course, f"student-{number:03d}", CHAPTER, answers)
    environment = {**os.environ, "GRADEBOOK_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "grading", "grade", CHAPTER, "--workers", "2", "--no-feedback"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 120
        while len(list(tmp_path.glob("cache/*/*.json"))) < after:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    resumed = grade(course)
    undisturbed = Course(ROOT, tmp_path / "again")
    (tmp_path / "submitted").rename(tmp_path / "again-submitted")
    undisturbed.gradebook.mkdir()
    (tmp_path / "again-submitted").rename(undisturbed.submitted)
    (undisturbed.gradebook / "seed").write_text((tmp_path / "seed").read_text())
    report = grade(undisturbed)
    assert (resumed.rows, resumed.scores) == (report.rows, report.scores)
