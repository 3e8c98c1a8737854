"""Measure what a large class costs besides executing it: `python -m benchmarks.large_class`.

A few synthetic students are graded. The class is made of copies of their notebooks, each unlike all others by a
comment, and the cache is told what came of them. So what is timed is all that one process does for the class whatever
the number of workers: taking in, rebuilding, reading the cache, the database, the tables and the report; then
formgrader's pages, over HTTP. The database is a PostgreSQL server that is started for it, with its usual settings.
"""

from __future__ import annotations

import functools
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from nbgrader.api import Gradebook
from rich.console import Console
from rich.progress import Progress

from benchmarks.grading.submissions import make_class
from benchmarks.postgres import postgres
from grading.course import ROOT, Course
from grading.intake.rebuild import UnreadableSubmission
from grading.intake.submissions import Submission
from grading.judging.hidden_cases import hidden_seed
from grading.judging.judge import Graded
from grading.limits import Limits
from grading.run.cache import Cache
from grading.run.grade import Grading, grade_class
from grading.run.worker import Task

SEED = 20_160  # of the hidden cases and of the class
GRADED = 30  # students that are executed
START_SECONDS, PAGE_SECONDS = 60, 120
console = Console(highlight=False, soft_wrap=True)


def hand_in(course: Course, chapter: str, students: int, graded: int = GRADED) -> None:
    """Make a class of copies of a few students' notebooks, and have in the cache what comes of each.

    Every copy is unlike all others by a comment.
    """
    course.gradebook.mkdir(parents=True)
    (course.gradebook / "seed").write_text(f"{SEED}\n")
    originals = make_class(course, chapter, graded, SEED)
    with Progress(console=Console(quiet=True)) as progress:
        grade_class(course, [chapter], progress)
    limits, rng = Limits.load(), np.random.default_rng(SEED)
    grading, cache = Grading(course, hidden_seed(course), limits), Cache(course, limits, isolated=True)

    @functools.cache
    def known(original: str, notebook: str) -> tuple[bytes, Task | None, Graded | None]:
        submission = _submission(course, original, chapter, notebook)
        with suppress(UnreadableSubmission):  # some are: they are graded without being executed
            task = grading.task(chapter, grading.rebuild(submission))
            return submission.read(), task, cache.read(task)
        return submission.read(), None, None

    for number in range(1, students + 1):
        name, original = f"student-{number:06d}", str(rng.choice(originals))
        for notebook in course.released_notebooks(chapter):
            content, task, result = known(original, notebook)
            path = _submission(course, name, chapter, notebook).path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.replace(f"# {original}".encode(), f"# {name}".encode()))
            if result:
                cache.write(replace(task, notebook=task.notebook.replace(f"# {original}", f"# {name}")), result)
    for name in originals:
        shutil.rmtree(course.submitted / name)
    shutil.rmtree(course.autograded)
    course.database.unlink()


def _results(course: Course) -> set[Path]:
    return set((course.gradebook / "cache").glob("*/*.json"))


def _submission(course: Course, student: str, chapter: str, notebook: str) -> Submission:
    return Submission(student, chapter, notebook, course.submitted / student / chapter / f"{notebook}.ipynb")


def environment(course: Course) -> dict[str, str]:
    """What makes a program work on this class."""
    return {**os.environ, "COURSE_ROOT": str(course.root), "GRADEBOOK_DIR": str(course.gradebook)} | {
        "GRADEBOOK_URL": course.url,
        "PYTHONPATH": str(ROOT),
    }


def measured(course: Course, *command: str) -> tuple[float, float, float]:
    """Run a command of ours; return its seconds, those of a processor, and the most memory that it held, in MiB.

    Raises RuntimeError with the end of what it printed if it fails.
    """
    log = course.gradebook / "benchmark.log"
    with log.open("wb") as output:
        began, before = time.perf_counter(), os.times()
        process = subprocess.Popen(
            [sys.executable, "-m", "grading", *command],
            cwd=ROOT,
            env=environment(course),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        most = 0.0
        while process.poll() is None:
            most = max(most, _peak(process.pid))
            time.sleep(0.05)
        seconds = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{log.read_text(errors='replace')[-3000:]}")
    after = os.times()
    busy = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, busy, most


def _peak(process: int) -> float:
    """The most memory that a process has held so far, in MiB; 0 once it has ended."""
    found = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


@contextmanager
def formgrader(course: Course) -> Iterator[tuple[str, str]]:
    """Yield the address and the token of a Jupyter server with formgrader, on the loopback address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    options = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1", "--no-browser"]
    options += [f"--IdentityProvider.token={token}"] + ["--allow-root"] * (os.getuid() == 0)
    with (course.gradebook / "formgrader.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter", "server", *options],
            cwd=ROOT,
            env=environment(course),
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                fetch(address, token, "/formgrader/api/status")
                break
            except (urllib.error.URLError, ConnectionError):
                if server.poll() is not None or time.monotonic() > deadline:
                    said = (course.gradebook / "formgrader.log").read_text()[-3000:]
                    raise RuntimeError(f"the Jupyter server did not start:\n{said}") from None
                time.sleep(0.2)
        yield address, token
    finally:
        server.terminate()
        server.wait(START_SECONDS)


def fetch(address: str, token: str, path: str) -> bytes:
    request = urllib.request.Request(address + path, headers={"Authorization": f"token {token}"})
    with urllib.request.urlopen(request, timeout=PAGE_SECONDS) as answer:
        return answer.read()


def pages(course: Course, chapter: str) -> dict[str, list[str]]:
    """What a person opens in formgrader -> the page, and the request by which its script then fills it."""
    notebook = min(course.released_notebooks(chapter))
    with Gradebook(course.database_url) as gradebook:
        student = gradebook.assignment_submissions(chapter)[0].student_id
        answer = gradebook.find_submission_notebook(notebook, chapter, student).id
    top, api = "/formgrader", "/formgrader/api"
    return {
        "manage assignments": [f"{top}/manage_assignments", f"{api}/assignments"],
        "manage submissions": [f"{top}/manage_submissions/{chapter}", f"{api}/submissions/{chapter}"],
        "gradebook: assignments": [f"{top}/gradebook", f"{api}/assignments"],
        "gradebook: notebooks": [f"{top}/gradebook/{chapter}", f"{api}/notebooks/{chapter}"],
        "gradebook: submissions": [
            f"{top}/gradebook/{chapter}/{notebook}",
            f"{api}/submitted_notebooks/{chapter}/{notebook}",
        ],
        "one submission": [f"{top}/submissions/{answer}/?index=0", f"{api}/grades?submission_id={answer}"],
        "manage students": [f"{top}/manage_students", f"{api}/students"],
        "one student": [f"{top}/manage_students/{student}", f"{api}/student_submissions/{student}"],
    }


def report_pages(course: Course, chapter: str) -> None:
    with formgrader(course) as (address, token):
        for name, paths in pages(course, chapter).items():
            began = time.perf_counter()
            try:
                size = sum(len(fetch(address, token, path)) for path in paths)
            except TimeoutError:
                console.print(f"formgrader, {name:<24} no answer within {PAGE_SECONDS} s")
                continue
            console.print(f"formgrader, {name:<24} {time.perf_counter() - began:7.2f} s   {size / 1e6:6.2f} MB")


def main(
    chapter: Annotated[str, typer.Option(help="Chapter to grade.")] = "ch01_empirical_risk",
    students: Annotated[int, typer.Option(min=1, help="Students of the class.")] = 5_000,
) -> None:
    """Measure what grading a large class costs besides executing it."""
    with tempfile.TemporaryDirectory(prefix="large-class-") as scratch:
        folder = Path(scratch).resolve()
        (folder / "postgres").mkdir()
        files = Course(ROOT, folder / "gradebook")
        began = time.perf_counter()
        hand_in(files, chapter, students)
        results = _results(files)
        console.print(f"made a class of {students} in {time.perf_counter() - began:.0f} s")
        with postgres(folder / "postgres") as url:
            course = Course(ROOT, files.gradebook, url)
            for name, command in {
                "grade, results in the cache": ("grade", chapter, "--no-feedback"),
                "grade, nothing has changed": ("grade", chapter, "--no-feedback"),
                "report": ("report",),
            }.items():
                seconds, busy, memory = measured(course, *command)
                console.print(f"{name:<36} {seconds:7.1f} s, {busy:.1f} s of a processor, {memory:.0f} MiB")
            if _results(files) != results:
                raise RuntimeError("some submissions were executed: their results were not found in the cache")
            for name in ("report.html", "verdicts.csv", "grades.csv"):
                console.print(f"{name:<36} {(course.gradebook / name).stat().st_size / 1e6:7.2f} MB")
            report_pages(course, chapter)
        console.print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")


if __name__ == "__main__":
    typer.run(main)
