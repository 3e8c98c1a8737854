"""What a worker does: execute and judge one rebuilt notebook. Data in, data out; no course folder is shared."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from nbformat import NotebookNode

from grading.course import ROOT, Course
from grading.judging.hidden_cases import cases_version, digest, files_version, hidden_cases
from grading.judging.judge import Graded, judge_notebook
from grading.limits import Limits
from grading.sandbox import KernelDied, try_out
from grading.sandbox.pool import POOL

ENGINE = ("utils/**/*.py", "grading/sandbox/**/*.py", "grading/judging/*.py", "grading/intake/harmless.py")
ENGINE += ("grading/cells.py", "grading/run/worker.py")
RETRIES = 2  # where no kernel could be started


@dataclass(frozen=True)
class Task:
    """One notebook to execute and judge.

    notebook : the rebuilt notebook as JSON.
    version : `version_of` the code and the cases that the sender has; the worker must have the same.
    """

    chapter: str
    notebook: str
    seed: int
    limits: Limits
    version: str
    isolated: bool = True


def execute(task: Task, course: Course | None = None) -> Graded:
    """Execute and judge.

    course : whose cases and published files to use, None for the course of the machine where this is called.
    Raises KernelDied or SandboxUnavailable when no kernel can be started, OtherVersion if this is not the place.
    """
    course = course or Course.here()
    if task.version != version_of(course, task.chapter, task.seed):
        raise OtherVersion("the worker has another version of the course or of its libraries")
    notebook = _notebook(json.loads(task.notebook))
    cases = hidden_cases(course, task.chapter, task.seed)
    for attempt in range(1 + RETRIES):
        try:
            with POOL.lend(course, task.limits, task.isolated) as sandbox:
                graded = judge_notebook(notebook, cases, sandbox, task.limits)
            break
        except KernelDied:
            if attempt == RETRIES:
                raise
    return replace(graded, outputs=json.loads(json.dumps(graded.outputs)))


def _notebook(data: dict[str, Any]) -> NotebookNode:
    """What the judge needs of a notebook; `nbformat.from_dict` would take as long as judging it."""
    cells = [NotebookNode(cell, metadata=NotebookNode(cell["metadata"])) for cell in data["cells"]]
    return NotebookNode(data, cells=cells)


class OtherVersion(Exception):
    """The code or the cases at a worker differ from those of the process that sends the work."""


@cache
def version_of(course: Course, chapter: str, seed: int) -> str:
    """Identify everything that a grade depends on besides the submission and the limits."""
    return digest(engine_version(), cases_version(course, chapter, seed))


@cache
def engine_version() -> str:
    """Identify the code that turns a submission into a grade: ours, and the libraries that it is executed with."""
    return files_version([path for pattern in ENGINE for path in sorted(ROOT.glob(pattern))])


def ready(
    chapters: Sequence[str], seed: int, limits: Limits, isolated: bool, course: Course | None = None
) -> list[str]:
    """Make sure that a kernel can be started where this is called; return the versions there of the chapters."""
    course = course or Course.here()
    with POOL.lend(course, limits, isolated) as sandbox:
        try_out(sandbox)
    return [version_of(course, chapter, seed) for chapter in chapters]
