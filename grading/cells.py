"""Read what a notebook cell is for from its nbgrader metadata and tags."""

from __future__ import annotations

from nbformat import NotebookNode

EXTRA = "extra"  # tag and beginning of the id of a student's own cell in a rebuilt notebook
EXPERIMENT = "experiment"  # tag: shown to students, skipped while grading
GUESS = "guess"  # tag, and the name of the variable in it: what the student expects of the next experiment


def grade_id(cell: NotebookNode) -> str:
    """The cell's grade_id, "" if it has none."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def is_solution(cell: NotebookNode) -> bool:
    """A cell that the student fills in: code of an exercise, or a hand-graded answer."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_check(cell: NotebookNode) -> bool:
    """A locked code cell with points: the judge fills it in."""
    flags = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and bool(flags.get("grade")) and not flags.get("solution")


def is_optional_check(cell: NotebookNode) -> bool:
    """A locked code cell without points: the judge fills it in, and it is in no total."""
    flags = cell.metadata.get("nbgrader", {})
    locked = bool(flags.get("locked")) and not flags.get("grade") and not flags.get("solution")
    return cell.cell_type == "code" and locked and grade_id(cell).endswith("-check")


def is_hand_graded(cell: NotebookNode) -> bool:
    """A cell with points that a person grades."""
    flags = cell.metadata.get("nbgrader", {})
    return bool(flags.get("grade") and flags.get("solution"))


def is_experiment(cell: NotebookNode) -> bool:
    return EXPERIMENT in cell.metadata.get("tags", [])


def is_guess(cell: NotebookNode) -> bool:
    """A cell in which the student ventures what will come. Never required, never graded."""
    return cell.cell_type == "code" and GUESS in cell.metadata.get("tags", [])


def is_folded(cell: NotebookNode) -> bool:
    """Whether a notebook opens with this cell's source out of sight."""
    return bool(cell.metadata.get("jupyter", {}).get("source_hidden"))


def exercise_name(cell: NotebookNode) -> str:
    """Name of the exercise that a solution or check cell belongs to."""
    return grade_id(cell).removesuffix("-check").replace("-", "_")
