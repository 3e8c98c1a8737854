"""The class that both sides grade: right, wrong, blank and broken submissions, the same for the same seed."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from grading.authoring.simulate import reference_answers, simulate, write_submission
from grading.cells import EXPERIMENT
from grading.course import Course

Cells = list[dict[str, Any]]


def make_class(course: Course, chapter: str, students: int, seed: int) -> list[str]:
    """Hand in for `students` students in all, among them `reference`, `blank` and the broken ones; return their names.

    Every submission is unlike all others by a comment: a result that is taken from a cache should not pass for a
    graded one.
    """
    simulated = students - 2 - len(BROKEN)
    names = [folder.name for folder in simulate(course, [chapter], simulated, seed)]
    right = reference_answers(course, chapter)
    for number, spoil in enumerate(BROKEN.values(), start=simulated + 1):
        names.append(f"student-{number:03d}")
        write_submission(course, names[-1], chapter, right)
        for path in notebooks_of(course, names[-1], chapter):
            spoil(path)
    for name in names:
        for path in notebooks_of(course, name, chapter):
            if read_notebook(path):
                _edit(path, 0, "{source}\n# " + name)
    return names


def notebooks_of(course: Course, student: str, chapter: str) -> list[Path]:
    return sorted((course.submitted / student / chapter).glob("*.ipynb"))


def read_notebook(path: Path) -> dict[str, Any] | None:
    """The content of a submitted file, None if it is no notebook."""
    with suppress(ValueError):
        return json.loads(path.read_bytes())
    return None


def without_experiments(content: dict[str, Any]) -> dict[str, Any]:
    """A notebook without the cells that grading skips."""
    kept = [cell for cell in content["cells"] if EXPERIMENT not in cell["metadata"].get("tags", [])]
    return {**content, "cells": kept}


def _edit(path: Path, position: int, form: str) -> None:
    """Give the answer at a position among all of a notebook's another form, in terms of its {source} and {name}."""
    content = json.loads(path.read_bytes())
    answers = [cell for cell in content["cells"] if cell["cell_type"] == "code" and _flags(cell).get("solution")]
    cell = answers[position]
    source, name = "".join(cell["source"]), _flags(cell)["grade_id"].replace("-", "_")
    cell["source"] = form.replace("{source}", source).replace("{name}", name)
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def _flags(cell: dict[str, Any]) -> dict[str, Any]:
    return cell["metadata"].get("nbgrader", {})


LOUD_CALL = """\
import sys


{source}


_right = {name}


def {name}(*arguments):
    print("called", file=sys.stderr)
    return _right(*arguments)
"""
LOUD_CELL = 'import warnings\n\nwarnings.warn("read me")\nprint("working")\n\n\n{source}'
NO_IMPORT = "import package_that_nobody_has\n\n\n{source}"

BROKEN: dict[str, Callable[[Path], Any]] = {
    "an answer that writes to the error stream": lambda path: _edit(path, 1, LOUD_CALL),
    "an empty file": lambda path: path.write_bytes(b""),
    "no JSON": lambda path: path.write_text("this is no notebook"),
    "an import that fails": lambda path: _edit(path, 0, NO_IMPORT),
    "a cell that warns and prints": lambda path: _edit(path, 0, LOUD_CELL),
}
