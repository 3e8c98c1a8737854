"""The class that both sides grade: right, wrong, blank and broken submissions, the same for the same seed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grading.authoring.simulate import reference_answers, simulate, write_submission
from grading.cells import EXPERIMENT
from grading.course import Course

Cells = list[dict[str, Any]]


def make_class(course: Course, chapter: str, students: int, seed: int) -> list[str]:
    """Hand in for `students` students in all, among them `reference`, `blank` and the broken ones; return their names.

    Every submission is unlike all others by a comment: no two students hand in the same bytes, and a result that
    is taken from a cache should not pass for a graded one.
    """
    broken = list(BROKEN.values())[: max(0, students - 2)]
    simulated = max(0, students - 2 - len(broken))
    names = [folder.name for folder in simulate(course, [chapter], simulated, seed)]
    right = reference_answers(course, chapter)
    for number, spoil in enumerate(broken, start=simulated + 1):
        names.append(f"student-{number:03d}")
        write_submission(course, names[-1], chapter, right)
        for path in notebooks_of(course, names[-1], chapter):
            spoil(path)
    for name in names:
        for path in notebooks_of(course, name, chapter):
            _edit(path, lambda cells, name=name: _sign(cells, name))
    return names


def notebooks_of(course: Course, student: str, chapter: str) -> list[Path]:
    return sorted((course.submitted / student / chapter).glob("*.ipynb"))


def read_cells(path: Path) -> dict[str, Any] | None:
    """The content of a submitted notebook, None if it is none."""
    try:
        content = json.loads(path.read_bytes())
    except ValueError:
        return None
    return content if isinstance(content, dict) and isinstance(content.get("cells"), list) else None


def without_experiments(content: dict[str, Any]) -> dict[str, Any]:
    """A notebook without the cells that grading skips."""
    kept = [cell for cell in content["cells"] if EXPERIMENT not in cell["metadata"].get("tags", [])]
    return {**content, "cells": kept}


def _edit(path: Path, change: Callable[[Cells], None]) -> None:
    content = read_cells(path)
    if content is not None:
        change(content["cells"])
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def _answers(cells: Cells) -> Cells:
    """The cells that a student fills in with code."""
    return [cell for cell in cells if cell["cell_type"] == "code" and _flags(cell).get("solution")]


def _flags(cell: dict[str, Any]) -> dict[str, Any]:
    return cell["metadata"].get("nbgrader", {})


def _sign(cells: Cells, student: str) -> None:
    first = _answers(cells)[0]
    first["source"] = f"{_source(first)}\n# {student}"


def _source(cell: dict[str, Any]) -> str:
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def _missing_import(cells: Cells) -> None:
    first = _answers(cells)[0]
    first["source"] = f"import package_that_nobody_has\n\n\n{_source(first)}"


def _warning_in_cell(cells: Cells) -> None:
    first = _answers(cells)[0]
    first["source"] = f'import warnings\n\nwarnings.warn("read me")\nprint("working")\n\n\n{_source(first)}'


def _message_in_function(cells: Cells) -> None:
    """Let the second answer write a line to the error stream whenever it is called; it stays right."""
    second = _answers(cells)[1]
    name = _flags(second)["grade_id"].replace("-", "_")
    second["source"] = (
        f"import sys\n\n\n{_source(second)}\n\n\n_right = {name}\n\n\n"
        f"def {name}(*arguments):\n"
        f'    print("called", file=sys.stderr)\n'
        f"    return _right(*arguments)"
    )


BROKEN: dict[str, Callable[[Path], Any]] = {
    "an answer that writes to the error stream": lambda path: _edit(path, _message_in_function),
    "an empty file": lambda path: path.write_bytes(b""),
    "no JSON": lambda path: path.write_text("this is no notebook"),
    "an import that fails": lambda path: _edit(path, _missing_import),
    "a cell that warns and prints": lambda path: _edit(path, _warning_in_cell),
}
