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
from grading.course import ROOT
from grading.exercise import load_exercises
from grading.judging import hidden_cases
from grading.judging.judge import Graded, without_answers
from grading.limits import Limits
from grading.run.cache import Cache
from grading.run.worker import Task
from tests.sample import CHAPTER, COURSE, NOTEBOOK, SAMPLE, sample_course

STUDENTS = ("student-001", "student-002")


@pytest.fixture(scope="module")
def course(tmp_path_factory, right_answers):
    course = sample_course(tmp_path_factory.mktemp("gradebook"))
    wrong = misconception_source(load_exercises(COURSE, CHAPTER)["sgd_step"], "ascends")
    write_submission(course, "student-001", CHAPTER, right_answers)
    write_submission(course, "student-002", CHAPTER, {**right_answers, "sgd_step": wrong})
    return course


@pytest.fixture
def executed(monkeypatch):
    """An entry for each submission of the notebook that is executed."""
    found = []
    original = grading.run.worker.judge_notebook

    def watched(notebook, cases, sandbox, limits):
        if "momentum-step" in {grade_id(cell) for cell in notebook.cells}:
            found.append(notebook)
        return original(notebook, cases, sandbox, limits)

    monkeypatch.setattr(grading.run.worker, "judge_notebook", watched)
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


def test_changed_cases_of_an_exercise_are_another_grading(course, grade, first, executed, monkeypatch):
    original = hidden_cases._draw

    def another(*question):
        drawn = original(*question)
        sets = {**drawn.sets, "linear_decay": replace(drawn.sets["linear_decay"], rtol=2e-5)}
        return hidden_cases._Cases(sets, {**drawn.digests, "linear_decay": "another"})

    monkeypatch.setattr(hidden_cases, "_draw", another)
    monkeypatch.setattr(hidden_cases, "_path", lambda course, chapter, seed: course.gradebook / "cache" / "elsewhere")
    monkeypatch.setattr(hidden_cases, "_DRAWN", {})
    grading.run.worker.version_of.cache_clear()
    report = grade(course)
    grading.run.worker.version_of.cache_clear()
    assert len(executed) == 2
    assert {row.status for row in report.rows if row.exercise != "sgd_step"} == {"passed"}


def test_cache_can_be_left_aside(course, grade, first, executed):
    grade(course, cached=False)
    assert len(executed) == 2


def test_other_limits_are_another_grading(course, grade, first, executed, short_limits):
    grade(course, limits=short_limits)
    assert len(executed) == 2


def test_what_time_decided_is_not_kept(tmp_path, grade, executed, right_answers, short_limits):
    course = sample_course(tmp_path)
    endless = "import time\ndef sgd_step(theta, grad, lr): time.sleep(60)"
    write_submission(course, "student-001", CHAPTER, {**right_answers, "sgd_step": endless})
    limits = replace(short_limits, call_seconds=1)
    statuses = {row.exercise: row.status for row in grade(course, limits=limits).rows}
    assert statuses.pop("sgd_step") == "timeout"
    assert set(statuses.values()) == {"passed"}
    grade(course, limits=limits)
    assert len(executed) == 2


NO_VERDICT = b'{"outputs": {}, "verdicts": [{"points": 1}]}'


@pytest.fixture
def task():
    return Task(CHAPTER, json.dumps(COURSE.read_release(CHAPTER, NOTEBOOK)), 5, Limits.load(), "version")


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b'{"outputs": 1, "verdicts": []}', NO_VERDICT, b"\xff\xfe"])
def test_damaged_entry_is_as_if_it_were_not_there(tmp_path, task, damaged):
    cache = Cache(sample_course(tmp_path), Limits.load(), isolated=True)
    cases = hidden_cases.hidden_cases(COURSE, CHAPTER, 5)
    graded = without_answers(COURSE.read_release(CHAPTER, NOTEBOOK), cases, "missing", "unreadable", "for the test")
    cache.write(task, graded)
    assert cache.read(task) == graded
    cache.path(task).write_bytes(damaged)
    assert cache.read(task) is None
    assert not cache.path(task).exists()


@pytest.mark.parametrize("other", [{"notebook": "{}"}, {"version": "another"}])
def test_another_task_is_not_in_the_cache(tmp_path, task, other):
    cache = Cache(sample_course(tmp_path), Limits.load(), isolated=True)
    cache.write(task, Graded({"a": []}))
    assert cache.read(task) == Graded({"a": []})
    assert cache.read(replace(task, **other)) is None


def test_graded_result_that_time_decided_is_not_written(tmp_path, task):
    cache = Cache(sample_course(tmp_path), Limits.load(), isolated=True)
    cache.write(task, Graded({"a": []}, timed=True))
    assert cache.empty


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
    course = sample_course(tmp_path)
    exercise = load_exercises(COURSE, CHAPTER)["momentum_step"]
    for number, wrong in enumerate(exercise.misconceptions[:6]):
        answers = {**right_answers, "momentum_step": misconception_source(exercise, wrong.slug)}
        write_submission(course, f"student-{number:03d}", CHAPTER, answers)
    environment = {**os.environ, "COURSE_ROOT": str(SAMPLE), "GRADEBOOK_DIR": str(tmp_path)}
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
    undisturbed = sample_course(tmp_path / "again")
    (tmp_path / "submitted").rename(tmp_path / "again-submitted")
    undisturbed.gradebook.mkdir()
    (tmp_path / "again-submitted").rename(undisturbed.submitted)
    (undisturbed.gradebook / "seed").write_text((tmp_path / "seed").read_text())
    report = grade(undisturbed)
    assert (resumed.rows, resumed.scores) == (report.rows, report.scores)
