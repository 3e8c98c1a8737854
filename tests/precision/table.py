"""What the author of a chapter adds: honest variants, further wrong solutions, and mutants that change nothing."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grading.authoring.standalone import standalone, standalone_expression


@dataclass(frozen=True)
class Equivalent:
    """A mutant that computes the same as the reference.

    was, becomes : the lines that change, without indentation; `becomes` is "pass" for a statement that is dropped.
    reason : why that changes nothing, so that a reader can check it.
    """

    exercise: str
    was: str
    becomes: str
    reason: str


@dataclass(frozen=True)
class Row:
    """A solution of an exercise.

    solution : a function, or the text of an expression in the exercise's parameters.
    path : file whose imports and helpers the solution may use.
    """

    exercise: str
    name: str
    solution: Callable | str
    path: str

    def source(self, parameters: tuple[str, ...]) -> str:
        """What a student would hand in; `parameters` are those of the exercise."""
        if callable(self.solution):
            return standalone(self.solution, self.exercise)
        return standalone_expression(self.solution, self.exercise, parameters, self.path)


@dataclass
class ChapterTable:
    """The rows of a chapter.

    path : file of the table, `__file__`; expressions use its imports and helpers.
    honest_rows, wrong_rows : right solutions, and wrong ones that no misconception names.
    equivalents : mutants that compute the same.
    unsuitable : (exercise, name of a form in `variants`) -> why that form cannot keep all points there.
    loose : exercise -> why its tolerance may reach a hundredth of its largest answer.
    in_hints : formulas that hints may quote, because they are the subject and not the answer.
    """

    path: str
    honest_rows: list[Row] = field(default_factory=list)
    wrong_rows: list[Row] = field(default_factory=list)
    equivalents: list[Equivalent] = field(default_factory=list)
    unsuitable: dict[tuple[str, str], str] = field(default_factory=dict)
    loose: dict[str, str] = field(default_factory=dict)
    in_hints: frozenset[str] = frozenset()

    def honest(self, exercise: str, /, **expressions: str) -> Any:
        """Add right solutions of an exercise: expressions by name, or without any the function that this decorates."""
        return self._add(self.honest_rows, exercise, expressions)

    def wrong(self, exercise: str, /, **expressions: str) -> Any:
        """Add wrong solutions of an exercise that no misconception names, as `honest` does."""
        return self._add(self.wrong_rows, exercise, expressions)

    def _add(self, rows: list[Row], exercise: str, expressions: dict[str, str]) -> Any:
        if not expressions:
            return lambda function: rows.append(Row(exercise, function.__name__, function, self.path)) or function
        rows += [Row(exercise, name, expression, self.path) for name, expression in expressions.items()]

    def equivalent(self, exercise: str, was: str, becomes: str, reason: str) -> None:
        """List a mutant that computes the same."""
        self.equivalents.append(Equivalent(exercise, was, becomes, reason))

    def exercises(self) -> set[str]:
        """Every exercise that a row names."""
        rows = [*self.honest_rows, *self.wrong_rows, *self.equivalents]
        return {row.exercise for row in rows} | {exercise for exercise, _ in self.unsuitable}


class NoTable(LookupError):
    """A chapter has exercises but no table."""


def load_table(chapter: str) -> ChapterTable:
    """Return the rows of a chapter: the `table` of each of its notebooks' modules, taken together.

    Raises NoTable for a chapter without a module.
    """
    folder = Path(__file__).parent / chapter
    names = sorted(path.stem for path in folder.glob("[!_]*.py"))
    if not names:
        raise NoTable(f"{chapter} has exercises but no tests/precision/{chapter}/<notebook>.py; see docs/precision.md")
    tables = [importlib.import_module(f"tests.precision.{chapter}.{name}").table for name in names]
    return ChapterTable(
        str(folder),
        [row for table in tables for row in table.honest_rows],
        [row for table in tables for row in table.wrong_rows],
        [row for table in tables for row in table.equivalents],
        {key: reason for table in tables for key, reason in table.unsuitable.items()},
        {name: reason for table in tables for name, reason in table.loose.items()},
        frozenset().union(*(table.in_hints for table in tables)),
    )
