"""What the author of a chapter adds: honest variants, further wrong solutions, and mutants that change nothing."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


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


@dataclass
class ChapterTable:
    """The rows of a chapter.

    honest_rows, wrong_rows : (exercise, function) pairs.
    equivalents : mutants that compute the same.
    unsuitable : (exercise, name of a form in `variants`) -> why that form cannot keep all points there.
    loose : exercise -> why its tolerance may reach a hundredth of its largest answer.
    in_hints : formulas that hints may quote, because they are the subject and not the answer.
    """

    honest_rows: list[tuple[str, Callable]] = field(default_factory=list)
    wrong_rows: list[tuple[str, Callable]] = field(default_factory=list)
    equivalents: list[Equivalent] = field(default_factory=list)
    unsuitable: dict[tuple[str, str], str] = field(default_factory=dict)
    loose: dict[str, str] = field(default_factory=dict)
    in_hints: frozenset[str] = frozenset()

    def honest(self, exercise: str) -> Callable[[Callable], Callable]:
        """Decorate a right solution of an exercise; it may use imports and helpers of its module."""
        return lambda function: self.honest_rows.append((exercise, function)) or function

    def wrong(self, exercise: str) -> Callable[[Callable], Callable]:
        """Decorate a wrong solution of an exercise that no misconception names."""
        return lambda function: self.wrong_rows.append((exercise, function)) or function

    def equivalent(self, exercise: str, was: str, becomes: str, reason: str) -> None:
        """List a mutant that computes the same."""
        self.equivalents.append(Equivalent(exercise, was, becomes, reason))

    def exercises(self) -> set[str]:
        """Every exercise that a row names."""
        named = {exercise for exercise, _ in [*self.honest_rows, *self.wrong_rows, *self.unsuitable]}
        return named | {row.exercise for row in self.equivalents}


class NoTable(LookupError):
    """A chapter has exercises but no table."""


def load_table(chapter: str) -> ChapterTable:
    """Return the rows of a chapter: the `table` of each of its notebooks' modules, taken together.

    Raises NoTable for a chapter without a module.
    """
    names = sorted(path.stem for path in Path(__file__).parent.glob(f"{chapter}/[!_]*.py"))
    if not names:
        raise NoTable(f"{chapter} has exercises but no tests/precision/{chapter}/<notebook>.py; see docs/precision.md")
    tables = [importlib.import_module(f"tests.precision.{chapter}.{name}").table for name in names]
    return ChapterTable(
        [row for table in tables for row in table.honest_rows],
        [row for table in tables for row in table.wrong_rows],
        [row for table in tables for row in table.equivalents],
        {key: reason for table in tables for key, reason in table.unsuitable.items()},
        {name: reason for table in tables for name, reason in table.loose.items()},
        frozenset().union(*(table.in_hints for table in tables)),
    )
