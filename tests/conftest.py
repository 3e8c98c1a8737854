"""Shared by the tests that send submissions through the real pipeline: release, sandbox, judge, gradebook."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.progress import Progress

from grading.course import ROOT, Course
from grading.limits import Limits
from grading.report import ClassReport, Row, collect
from grading.run.grade import grade_class
from grading.sandbox.pool import POOL
from tests import sample
from utils.check.published import CHECKS_NAME

collect_ignore = ["sample_course"]  # its notebooks are handed in, not tested
LONG = ("attacks/test_attacks.py", ".ipynb", "test_round_trip.py", "test_precision.py", "test_lab.py", "browser/")

CHAPTER, NOTEBOOK = "ch04_sgd_variants", "momentum"  # of the course itself


def published(chapter: str) -> list[dict[str, Any]]:
    """The exercises of a chapter of the course as plain data. Declaring them takes seconds, reading them does not."""
    return json.loads((ROOT / "notebooks" / chapter / CHECKS_NAME).read_text(encoding="utf-8"))["exercises"]


def names_of_exercises(chapter: str) -> list[str]:
    return [data["name"] for data in published(chapter)]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: next((rank for rank, name in enumerate(LONG) if name in item.nodeid), len(LONG)))


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    """The sample course with an empty gradebook of its own."""
    return sample.sample_course(tmp_path_factory.mktemp("gradebook"))


@pytest.fixture(scope="session")
def right_answers() -> dict[str, str]:
    """Exercise of the sample chapter -> source of the reference solution."""
    return sample.right_answers()


@pytest.fixture(scope="session")
def short_limits() -> Limits:
    """Limits that let a test of endless loops end soon."""
    return replace(Limits.load(), cell_seconds=5, call_seconds=3, memory_mib=1024)


@pytest.fixture(scope="session")
def grade() -> Iterator[Callable[..., ClassReport]]:
    """Grade what lies in a course's gradebook for a chapter, without a picture of the progress."""

    def run(
        course: Course, limits: Limits | None = None, chapters: tuple[str, ...] = (sample.CHAPTER,), **options: Any
    ) -> ClassReport:
        with Progress(console=Console(quiet=True)) as progress:
            grade_class(course, list(chapters), progress, limits=limits, **options)
        return collect(course)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(POOL, "close", lambda: None)  # warm sandboxes serve one test after the other
        yield run
    POOL.close()


@pytest.fixture(scope="session")
def verdict() -> Callable[[ClassReport, str, str], Row]:
    """Find the verdict of a student and an exercise in a report."""
    return lambda report, student, exercise: next(
        row for row in report.rows if (row.student_id, row.exercise) == (student, exercise)
    )


def hand_in(
    course: Course, student: str, content: dict | bytes, notebook: str = sample.NOTEBOOK, chapter: str = sample.CHAPTER
) -> Path:
    """Put a file of any content where a student's notebook belongs."""
    path = course.submitted / student / chapter / f"{notebook}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path
