"""The feedback page of a notebook: what was lost and why comes first, the notebook after it.

nbgrader makes the page, as ever; here is what it is made of. It loads nothing and runs no script.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from nbformat import NotebookNode
from nbgrader.preprocessors import GetGrades
from pygments.formatters import HtmlFormatter

from grading.cells import exercise_name, grade_id, is_check, is_experiment, is_hand_graded
from grading.intake.harmless import is_students
from grading.judging.hidden_cases import digest
from grading.judging.judge import read_verdict
from grading.records.formulas import FormulaRenderer, Room

TEMPLATES = Path(__file__).parent / "templates"
# what may be shown as more than plain text, so that a page takes a second at most
MAX_FORMULAS, MAX_COLOURED = 10_000, 30_000  # characters of a student's formulas, and sources
MAX_LINE = 500  # characters; the time to colour some lines grows with the square of their length
LIGHT, DARK = "default", "github-dark"  # pygments' styles of sources


@dataclass(frozen=True)
class Item:
    """A graded cell in the summary.

    name, anchor : of the exercise, and of its cell on the page.
    points, most : earned, and to be earned; points is None while a person has not graded it.
    misconception, hint, message, note : of the verdict; "" where there is none.
    comment : what a person wrote about it.
    """

    name: str
    anchor: str
    points: float | None
    most: float
    misconception: str = ""
    hint: str = ""
    message: str = ""
    note: str = ""
    comment: str = ""

    @property
    def lost(self) -> float:
        return 0.0 if self.points is None else self.most - self.points


def summary(notebook: NotebookNode) -> list[Item]:
    """Return an item for each graded cell: what lost most first, the rest in the notebook's order."""
    graded = [cell for cell in notebook.cells if is_check(cell) or is_hand_graded(cell)]
    return sorted(map(_item, graded), key=lambda item: -item.lost)


def _item(cell: NotebookNode) -> Item:
    marks = cell.metadata.nbgrader
    name = exercise_name(cell) if is_check(cell) else grade_id(cell).replace("-", " ")
    waiting = is_hand_graded(cell) and marks.get("needs_manual_grade", False)
    points = None if waiting else float(marks.get("score") or 0.0)
    verdict = read_verdict(cell) if is_check(cell) else None
    told = {key: getattr(verdict, key) for key in ("misconception", "hint", "message", "note")} if verdict else {}
    return Item(
        name, grade_id(cell), points, float(marks.get("points") or 0), comment=marks.get("comment") or "", **told
    )


@cache
def page_version() -> str:
    """What identifies how a page is made, apart from what it says."""
    return digest(*(path.read_text(encoding="utf-8") for path in sorted(TEMPLATES.rglob("*.j2"))))


class GetMarks(GetGrades):
    """Puts scores and comments into the notebook, and whether a cell still waits for a person."""

    def _get_score(self, cell: NotebookNode, resources: dict) -> None:
        super()._get_score(cell, resources)
        grade = self.gradebook.find_grade(grade_id(cell), self.notebook_id, self.assignment_id, self.student_id)
        cell.metadata.nbgrader["needs_manual_grade"] = grade.needs_manual_grade


class FeedbackExporter(HTMLExporter):
    """Makes the page of a notebook that holds its marks, see `GetMarks`."""

    def _init_resources(self, resources: dict) -> dict:
        resources = super()._init_resources(resources)
        resources["colours"] = {
            scheme: HtmlFormatter(style=style).get_style_defs(".highlight")
            for scheme, style in (("light", LIGHT), ("dark", DARK))
        }
        resources["summary"] = summary
        resources["is_folded"] = lambda cell: (
            is_experiment(cell) or bool(cell.metadata.get("jupyter", {}).get("source_hidden"))
        )
        resources["is_check"] = is_check
        self._formulas, coloured = Room(MAX_FORMULAS), Room(MAX_COLOURED)
        resources["is_coloured"] = lambda cell: (
            not is_students(cell)
            or (max(map(len, cell.source.splitlines())) <= MAX_LINE and coloured.take(len(cell.source)))
        )
        return resources

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Markdown to HTML, with formulas that need no script."""
        cell = context.get("cell", NotebookNode(metadata={}))
        room = self._formulas if is_hand_graded(cell) else Room(math.inf)
        attachments = cell.get("attachments", {})
        renderer = FormulaRenderer(room, escape=False, attachments=attachments, exclude_anchor_links=True)
        return MarkdownWithMath(renderer=renderer).render(source)
