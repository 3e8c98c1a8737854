"""What a worker does: execute and judge one rebuilt notebook. Data in, data out; no course folder is shared."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from typing import Any

import nbformat

from grading.cells import is_check
from grading.course import ROOT, Course
from grading.hidden import case_digests, digest, hidden_cases
from grading.judge import Graded, grade_notebook, read_verdict, shorten_sources
from grading.limits import Limits
from grading.sandbox import try_out
from grading.sandbox.pool import POOL

LIBRARIES = ("numpy", "torch", "scipy", "matplotlib", "ipykernel", "ipython")
ENGINE = ("utils/*.py", "grading/sandbox/**/*.py", *(f"grading/{name}.py" for name in ("cells", "judge", "work")))


@dataclass(frozen=True)
class Work:
    """One notebook to execute and judge.

    notebook : the rebuilt notebook as JSON.
    version : `version_of` the code and the cases that the sender has; the worker must have the same.
    judged : exercise -> outputs of its check cell, for those that need not be judged again.
    """

    chapter: str
    notebook: str
    seed: int
    limits: Limits
    version: str
    isolated: bool = True
    judged: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """What came of it: the outputs of every cell by its id, and whether a limit of wall time was reached."""

    outputs: dict[str, list[dict[str, Any]]]
    timed: bool = False


def execute(work: Work) -> Done:
    """Execute and judge.

    Raises KernelDied or SandboxUnavailable when no kernel can be started, OtherVersion if this is not the place.
    """
    if work.version != version_of(work.chapter, work.seed):
        raise OtherVersion("the worker has another version of the course or of its libraries")
    notebook = nbformat.from_dict(json.loads(work.notebook))
    judged = {name: nbformat.from_dict(outputs) for name, outputs in work.judged.items()}
    with POOL.lend(Course.here(), work.limits, work.isolated) as sandbox:
        graded = grade_notebook(notebook, hidden_cases(work.chapter, work.seed), sandbox, work.limits, judged)
    outputs = {cell.id: cell.outputs for cell in graded.notebook.cells if cell.cell_type == "code"}
    return Done(json.loads(json.dumps(outputs)), graded.timed)


def finish(notebook: nbformat.NotebookNode, done: Done) -> Graded:
    """Put what a worker sent back into the rebuilt notebook that it had been sent."""
    graded = Graded(notebook, timed=done.timed)
    shorten_sources(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = nbformat.from_dict(done.outputs.get(cell.id, []))
        if is_check(cell):
            graded.verdicts.append(read_verdict(cell))
    return graded


class OtherVersion(Exception):
    """The code or the cases at a worker differ from those of the process that sends the work."""


@cache
def version_of(chapter: str, seed: int) -> str:
    """Identify everything that a grade depends on besides the submission and the limits."""
    return digest(engine_version(), *(f"{name} {digest}" for name, digest in case_digests(chapter, seed).items()))


@cache
def engine_version() -> str:
    """Identify the code that turns a submission into a grade: ours, and the libraries that it is executed with."""
    libraries = [f"{library} {version(library)}" for library in LIBRARIES]
    files = [path for pattern in ENGINE for path in sorted(ROOT.glob(pattern))]
    return digest(*libraries, *(f"{path.relative_to(ROOT)}\n{path.read_text()}" for path in files))


def ready(chapters: Sequence[str], seed: int, limits: Limits, isolated: bool) -> list[str]:
    """Make sure that a kernel can be started where this is called; return the versions there of the chapters."""
    with POOL.lend(Course.here(), limits, isolated) as sandbox:
        try_out(sandbox)
    return [version_of(chapter, seed) for chapter in chapters]
