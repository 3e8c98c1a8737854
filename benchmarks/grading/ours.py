"""Our side: `python -m grading grade` as a process of its own, alone or on a Dask cluster."""

from __future__ import annotations

import csv
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.grading.measure import ProgramFailed, Sample, Usage, python, run
from grading.course import Course
from grading.judging.hidden_cases import hidden_cases, hidden_seed
from grading.records.gradebook import CourseGradebook

START_SECONDS = 60


def grade(course: Course, chapter: str, *options: str, watch: Callable[[Sample], None] = lambda sample: None) -> Usage:
    """Grade all that lies in a course's gradebook folder, without feedback pages (stock autograde writes none)."""
    environment = {"GRADEBOOK_DIR": str(course.gradebook), "COLUMNS": "120"}
    command = python("-m", "grading", "grade", chapter, "--no-feedback", *options)
    return run(command, course.root, environment, course.gradebook / "grade.log", watch)


def set_up(course: Course, chapter: str) -> Course:
    """Draw the hidden cases and make the database, as stock's generate_assignment does for its side."""
    hidden_cases(chapter, hidden_seed(course), course)
    with CourseGradebook(course) as gradebook:
        gradebook.register(chapter)
    return course


def scores(course: Course) -> dict[tuple[str, str], float]:
    """(student, exercise) -> points, from verdicts.csv."""
    with (course.gradebook / "verdicts.csv").open(newline="") as file:
        return {(row["student_id"], row["exercise"]): float(row["points"]) for row in csv.DictReader(file)}


def copy_class(course: Course, folder: Path, students: list[str]) -> Course:
    """A fresh gradebook folder with the same seed and the submissions of some students."""
    copy = replace(course, gradebook=folder)
    copy.submitted.mkdir(parents=True)
    shutil.copy(course.gradebook / "seed", folder)
    for student in students:
        shutil.copytree(course.submitted / student, copy.submitted / student)
    return copy


@contextmanager
def cluster(folder: Path, course: Course, workers: int) -> Iterator[str]:
    """Start a Dask scheduler and workers as processes of their own on this machine; yield the address.

    Each has a working directory of its own and knows no gradebook: what it needs has to come over the connection.
    """
    port = _free_port()
    address = f"tcp://127.0.0.1:{port}"
    processes: list[subprocess.Popen] = []
    try:
        common = ["--host", "127.0.0.1", "--no-dashboard"]
        processes.append(_start(folder / "scheduler", course, "dask_scheduler", *common, "--port", str(port)))
        for number in range(workers):
            options = [address, *common, "--nthreads", "1", "--nworkers", "1", "--local-directory", "."]
            processes.append(_start(folder / f"worker-{number}", course, "dask_worker", *options))
        _wait_for(address, workers, processes)
        yield address
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _start(folder: Path, course: Course, module: str, *options: str) -> subprocess.Popen:
    folder.mkdir(parents=True)
    environment = {name: value for name, value in os.environ.items() if name != "GRADEBOOK_DIR"}
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            python("-m", f"distributed.cli.{module}", *options),
            cwd=folder,
            env={**environment, "PYTHONPATH": str(course.root)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _wait_for(address: str, workers: int, processes: list[subprocess.Popen]) -> None:
    from distributed import Client

    deadline = time.monotonic() + START_SECONDS
    with Client(address, timeout=START_SECONDS) as client:
        while len(client.scheduler_info()["workers"]) < workers:
            if time.monotonic() > deadline or any(process.poll() is not None for process in processes):
                raise ProgramFailed(f"the cluster at {address} did not start")
            time.sleep(0.2)
