"""A class is graded on other machines as it is on this one: here separate processes that share no folder with it."""

import json
import os
import subprocess
import sys
import threading
import time

import pytest
from distributed import Client

from grading.authoring.simulate import misconception_source, write_submission
from grading.course import CourseError
from grading.exercise import load_exercises
from grading.run import cluster
from tests.sample import CHAPTER, COURSE, SAMPLE, sample_course

SECONDS = 60
STUDENTS = 8


class Cluster:
    """A Dask scheduler and workers on this machine."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = []
        self.file = folder / "scheduler.json"
        self.start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-jupyter")
        deadline = time.monotonic() + SECONDS
        while not self.file.exists():
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    def start(self, program, *arguments):
        command = [sys.executable, "-m", f"distributed.cli.{program}", "--scheduler-file", self.file, *arguments]
        own = {"COURSE_ROOT": str(SAMPLE), "GRADEBOOK_DIR": "/nonexistent", "GRADEBOOK_URL": "nonsense"}
        with (self.folder / "log").open("ab") as log:
            self.processes.append(
                subprocess.Popen(command, cwd=self.folder, env={**os.environ, **own}, stdout=log, stderr=log, text=True)
            )
        return self.processes[-1]

    def worker(self):
        process = self.start("dask_worker", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
        with Client(self.address) as client:
            client.wait_for_workers(len(self.processes) - 1, timeout=SECONDS)
        return process

    def log(self):
        return (self.folder / "log").read_text()[-2000:]

    @property
    def address(self):
        return json.loads(self.file.read_text())["address"]

    def stop(self):
        # asked to end, a worker would wait for a scheduler that ends as well
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()


@pytest.fixture
def dask(tmp_path):
    running = Cluster(tmp_path)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def course(tmp_path_factory, right_answers):
    course = sample_course(tmp_path_factory.mktemp("gradebook"))
    exercise = load_exercises(COURSE, CHAPTER)["momentum_step"]
    for number, wrong in enumerate(exercise.misconceptions[: STUDENTS - 1]):
        answers = {**right_answers, "momentum_step": misconception_source(exercise, wrong.slug)}
        write_submission(course, f"student-{number:03d}", CHAPTER, answers)
    write_submission(course, "reference", CHAPTER, right_answers)
    return course


@pytest.fixture(scope="module")
def here(course, grade):
    """The class as graded on this machine by one worker."""
    return grade(course, workers=1, cached=False)


def test_cluster_gives_the_same_grades(course, grade, here, dask):
    dask.worker()
    dask.worker()
    report = grade(course, scheduler=dask.address, cached=False)
    assert (report.rows, report.scores) == (here.rows, here.scores)


def test_worker_that_dies_costs_no_student_a_point(course, grade, here, dask):
    first = dask.worker()
    dask.worker()

    original = cluster._check_workers
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster, "_check_workers", lambda *arguments: original(*arguments) or _kill_soon(first))
        report = grade(course, scheduler=dask.address, cached=False)
    assert first.wait(10) == -9
    assert (report.rows, report.scores) == (here.rows, here.scores)


def _kill_soon(process):
    """Kill a process half a second from now; until then it is sent work."""
    threading.Timer(0.5, process.kill).start()


def test_number_of_workers_changes_nothing(course, grade, here):
    report = grade(course, workers=3, cached=False)
    assert (report.rows, report.scores) == (here.rows, here.scores)


def test_missing_scheduler_is_named(course, grade, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with pytest.raises(CourseError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9"):
        grade(course, scheduler="tcp://127.0.0.1:9", cached=False)


def test_cluster_without_workers_is_named(course, grade, dask):
    with pytest.raises(CourseError, match="has no workers; start some: dask worker tcp://"):
        grade(course, scheduler=dask.address, cached=False)


def test_worker_of_another_version_is_refused(course, grade, dask, monkeypatch):
    dask.worker()
    monkeypatch.setattr(cluster, "version_of", lambda course, chapter, seed: "another")
    with pytest.raises(CourseError, match="has another version of the course"):
        grade(course, scheduler=dask.address, cached=False)
