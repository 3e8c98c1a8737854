"""Rebuild a trusted notebook around what a student wrote.

The instructor's release decides everything: which cells there are, their order, metadata, points and tests. From the
submission come only texts: of the solution cells, of the hand-graded answers, of the guesses, and of code cells that
the student added or changed; of a changed check or experiment what the student defines there. So tags, metadata and
deleted, duplicated, retyped or edited test cells cannot matter. Nothing of a student's is parsed: a parser can be kept
busy for hours.

A guess runs in the sandbox as any other text of the student's does; what it raises concerns nobody, and no exercise
and no point depends on it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import nbformat
from nbformat import NotebookNode

from grading.cells import (
    EXTRA,
    GUESS,
    exercise_name,
    grade_id,
    is_check,
    is_experiment,
    is_guess,
    is_hand_graded,
    is_optional_check,
    is_solution,
)
from grading.intake.harmless import harmless_markdown

MAX_SUBMISSION_BYTES = 50_000_000
MAX_VALUES = 3_000_000  # a file of fifty megabytes can hold ten times as many, and each takes memory
MAX_SOURCE = 200_000  # characters of one cell
MAX_CELLS = 1_000
DEFINED = re.compile(r"^(?:(?:async[ ]+)?def|class)[ ]+(\w+)|^(\w+)[ ]*(?::[^=\n]*)?=(?!=)", flags=re.MULTILINE)
# what defines something and does nothing else
DEFINITION = re.compile(
    r"(?:async[ ]+def|def|class|import|from)\b|\w+[ ]*=[ ]*(?:lambda\b|[-+]?[\d.]+(?:e[-+]?\d+)?[ ]*$)"
)
GOES_ON = re.compile(r"\s|[)\]}]|$")  # how a line begins that belongs to the statement before it


class UnreadableSubmission(Exception):
    """A submitted file is no notebook at all; the message says what it is instead."""

    cause = "unreadable"  # of the verdicts that this leads to


class NotHandedIn(UnreadableSubmission):
    """There is no file for a notebook."""

    cause = "not-handed-in"


@dataclass(frozen=True)
class StudentCell:
    """What is believed of a submitted cell: its kind and text, and the names under which it may be found."""

    kind: str
    source: str
    identity: str
    grade_id: str


def read_submission(data: bytes) -> list[StudentCell]:
    """Read the cells of a submitted notebook, of any format since nbformat 3.

    Raises UnreadableSubmission for anything that is not a notebook.
    """
    if len(data) > MAX_SUBMISSION_BYTES:
        raise UnreadableSubmission(f"the file is too large: at most {MAX_SUBMISSION_BYTES:,} bytes are read")
    values = sum(map(data.count, (b"[", b"{", b",")))
    if values > MAX_VALUES:
        raise UnreadableSubmission(f"the file holds some {values:,} values; at most {MAX_VALUES:,} are read")
    if not data.strip():
        raise UnreadableSubmission("the file is empty")
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UnreadableSubmission(f"the file is no JSON, so it is no notebook ({error})"[:300]) from error
    cells = _raw_cells(content)
    if cells is None:
        raise UnreadableSubmission("the file is JSON, but it is no notebook: it has no list of cells")
    found = [cell for cell in map(_student_cell, cells[:MAX_CELLS]) if cell]
    return found


def _raw_cells(content: Any) -> list | None:
    if not isinstance(content, dict):
        return None
    if isinstance(content.get("cells"), list):
        return content["cells"]
    sheets = content.get("worksheets")  # nbformat 3
    if isinstance(sheets, list):
        lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        return [cell for cells in lists if isinstance(cells, list) for cell in cells]
    return None


def _student_cell(raw: Any) -> StudentCell | None:
    if not isinstance(raw, dict) or _text(raw.get("cell_type")) not in {"code", "markdown", "raw", "heading"}:
        return None
    source = raw.get("source", raw.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return None
    metadata = raw.get("metadata")
    flags = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    identity = flags.get("grade_id") if isinstance(flags, dict) else None
    kind = "code" if raw["cell_type"] == "code" else "markdown"
    return StudentCell(kind, _printable(source[:MAX_SOURCE]), _text(raw.get("id")), _text(identity))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _printable(text: str) -> str:
    # lone surrogates cannot be written to a file
    return text.encode("utf-8", "replace").decode("utf-8")


def rebuild(release: NotebookNode, submission: list[StudentCell]) -> NotebookNode:
    """Put the student's texts into a copy of the release. The result is trusted but for the sources of its cells.

    A cell is found by its grade_id, else by its cell id, else by the function that it defines (for a hand-graded
    answer: by the cell before it).
    """
    result = nbformat.from_dict({**release, "cells": []})
    match = _Matcher(release.cells, submission)
    written = 0
    for index, cell in enumerate([None, *release.cells]):
        if cell is not None:
            trusted = NotebookNode(cell)  # of its own but for the metadata, which nobody changes
            if trusted.cell_type == "code":
                trusted.outputs, trusted.execution_count = [], None
            answer = match.answers.get(index - 1)
            if answer is not None:
                trusted.source = harmless_markdown(answer) if cell.cell_type == "markdown" else answer
            result.cells.append(trusted)
        for source in match.extras.get(index - 1, []):
            result.cells.append(_extra_cell(source, written))
            written += 1
    return result


def _extra_cell(source: str, number: int) -> NotebookNode:
    cell = nbformat.v4.new_code_cell(source, id=f"{EXTRA}-{number:03d}")
    cell.metadata["tags"] = [EXTRA]
    return cell


class _Matcher:
    """Assign each submitted cell to a release cell, or keep it as an extra after one.

    answers : index of a release cell -> the student's text for it.
    extras : index of a release cell (-1 for the top) -> texts of the student's code cells that follow it.
    """

    def __init__(self, release: list[NotebookNode], submission: list[StudentCell]):
        self.release = release
        self.submission = submission
        self.by_grade_id = {grade_id(cell): i for i, cell in enumerate(release) if grade_id(cell)}
        self.by_identity = {cell.id: i for i, cell in enumerate(release)}
        self.by_source = {_squeezed(cell.source): i for i, cell in enumerate(release)}
        self.by_function = {
            exercise_name(cell): i for i, cell in enumerate(release) if is_solution(cell) and cell.cell_type == "code"
        }
        self.answers: dict[int, str] = {}
        self.extras: dict[int, list[str]] = {}
        self.defined = [_defined_names(cell.source) if cell.kind == "code" else set() for cell in submission]
        self.claimed = {cell.grade_id for cell in submission} | {cell.identity for cell in submission}
        targets = list(self._targets())
        chosen = self._choose(targets)
        self._place(targets, chosen)
        self._empty_slots()

    def _targets(self) -> Iterator[int | None]:
        """For each submitted cell the release cell that it stands for, None if it is the student's own."""
        previous: int | None = None
        for position in range(len(self.submission)):
            target = self._target(position, previous)
            previous = target if target is not None else previous
            yield target

    def _target(self, position: int, previous: int | None) -> int | None:
        cell = self.submission[position]
        named = self.by_grade_id.get(cell.grade_id, self.by_identity.get(cell.identity))
        graded = named is not None and grade_id(self.release[named])
        if graded and (is_solution(self.release[named]) or self._same_kind(cell, named)):
            return named
        # an ungraded cell's id is its place, and in an older release that place may have held another cell:
        # so the same text comes first
        for index in (self.by_source.get(_squeezed(cell.source)), named):
            if index is not None and self._same_kind(cell, index):
                return index
        for name, index in self.by_function.items():
            if self._lost(index) and name in self.defined[position]:
                return index
        if cell.kind == "markdown" and previous is not None and previous + 1 < len(self.release):
            following = self.release[previous + 1]
            if is_hand_graded(following) and self._lost(previous + 1):
                return previous + 1
        return None

    def _same_kind(self, cell: StudentCell, index: int) -> bool:
        return (cell.kind == "code") == (self.release[index].cell_type == "code")

    def _lost(self, index: int) -> bool:
        """Return whether no submitted cell bears a name of this release cell any more."""
        return not {grade_id(self.release[index]), self.release[index].id} & self.claimed

    def _empty_slots(self) -> None:
        """Leave empty the place of a lost cell whose function stands in another one: its stub would undo that."""
        everywhere = set().union(*self.defined)
        for name, index in self.by_function.items():
            if index not in self.answers and self._lost(index) and name in everywhere:
                self.answers[index] = ""

    def _choose(self, targets: list[int | None]) -> dict[int, int]:
        """Release cell -> position of the submitted cell whose text it takes.

        Of several copies the last one that was filled in counts, as it would when the notebook is run.
        """
        chosen: dict[int, int] = {}
        for position, target in enumerate(targets):
            if target is None or not self._takes_text(position, target):
                continue
            untouched = _squeezed(self.submission[position].source) == _squeezed(self.release[target].source)
            if target not in chosen or not untouched:
                chosen[target] = position
        return chosen

    def _takes_text(self, position: int, target: int) -> bool:
        """Whether the submitted cell's text may stand in the release cell: it answers it, or guesses there."""
        guesses = is_guess(self.release[target]) and GUESS in self.defined[position]
        return guesses or is_solution(self.release[target])

    def _place(self, targets: list[int | None], chosen: dict[int, int]) -> None:
        anchor = -1
        for position, (cell, target) in enumerate(zip(self.submission, targets, strict=True)):
            if target is not None and chosen.get(target) == position:
                self.answers[target] = cell.source
                anchor = target
            elif target is None:
                self._keep(cell, anchor)
            elif self._takes_text(position, target):
                self._keep(cell, target - 1)  # an older copy: before the cell that counts
            else:
                anchor = target
                self._keep_changes(cell, target)

    def _keep_changes(self, cell: StudentCell, target: int) -> None:
        """Keep what a student changed in a cell of ours: all of it, or what is defined in it.

        An edited setup may hold an import that a solution needs. An edited check never runs, an edited experiment would
        take its time; but a function in it may be called by a solution.
        """
        original = self.release[target]
        if original.cell_type != "code" or _squeezed(cell.source) == _squeezed(original.source):
            return
        if is_check(original) or is_optional_check(original) or is_experiment(original):
            helpers = _definitions(cell.source, original.source)
            self._keep(replace(cell, source=helpers), target - 1)  # before the check: its cell would have run them
        else:
            self._keep(cell, target)

    def _keep(self, cell: StudentCell, anchor: int) -> None:
        if cell.kind == "code" and cell.source.strip():
            self.extras.setdefault(anchor, []).append(cell.source)


def _squeezed(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _defined_names(source: str) -> set[str]:
    """Names that a cell defines at top level, found line by line."""
    return {name for names in DEFINED.findall(source) for name in names if name}


def _definitions(source: str, known: str) -> str:
    """The functions, classes, imports and constants of a cell that are not in another text."""
    found: list[list[str]] = []
    for line in source.splitlines():
        if not found or not (GOES_ON.match(line) or found[-1][-1].startswith("@")):
            found.append([])
        found[-1].append(line)
    texts = ["\n".join(lines).rstrip() for lines in found if any(map(DEFINITION.match, lines))]
    return "\n\n".join(text for text in texts if text not in known)
