"""What an exercise's answers show, call by call: the numbers that came beside those that were due.

Of a trajectory only the steps up to the first wrong one: whatever comes later has been fed with what went wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from utils.check.cases import RTOL, WHOLE, CaseSet, Outcome
from utils.check.compare import items_of, seen, within
from utils.check.plain import Seed, as_array
from utils.check.views import NotSeen


@dataclass(frozen=True)
class Item:
    """One returned array beside what it should be. Both are of floating-point numbers and of one shape."""

    name: str
    got: np.ndarray
    wanted: np.ndarray
    slack: np.ndarray
    rtol: float
    close: np.ndarray = field(repr=False)  # entry by entry, as the judgement has it

    @property
    def right(self) -> bool:
        return bool(self.close.all())

    @property
    def finite(self) -> bool:
        return bool(np.isfinite(self.got).all() and np.isfinite(self.wanted).all())

    def equals(self, other: np.ndarray) -> bool:
        """Return whether what came is `other`, within an answer's tolerance, and within that of numbers of its size."""
        if np.shape(other) != self.got.shape or not np.isfinite(other).all():
            return False
        slack = np.minimum(self.slack, 10 * self.rtol * np.abs(other).max(initial=0))
        return bool(within(self.got, np.asarray(other, dtype=float), self.rtol, slack).all())

    def is_due(self, other: np.ndarray) -> bool:
        """Return whether `other` would be right."""
        return other.shape == self.wanted.shape and bool(within(other, self.wanted, self.rtol, self.slack).all())


@dataclass(frozen=True)
class Attempt:
    """One call: its inputs, where earlier answers were fed back the right ones, and what came of it.

    case, step : its place, both from 0.
    items : the returned arrays; none if they were of another form, or if the call failed.
    passed : whether nothing was wrong with it.
    """

    case: int
    step: int
    steps: int
    group: str
    inputs: dict[str, Any]
    items: tuple[Item, ...]
    passed: bool

    def item(self, name: str) -> Item | None:
        return next((item for item in self.items if item.name == name), None)

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """The inputs that are arrays of numbers."""
        found = {}
        for name, value in self.inputs.items():
            if isinstance(value, np.ndarray | list | tuple):
                array = as_array(value)
                if array is not None and array.ndim and array.dtype.kind in "iuf":
                    found[name] = array.astype(float)
        return found

    def own_numbers(self, got: np.ndarray) -> set[float]:
        """Return the numbers of an answer to which no fallback leads: not 0, 1 or -1, and no input, turned or not."""
        sizes = np.abs(got)
        usual = ~np.isfinite(got) | np.isin(sizes, (0.0, 1.0))
        for given in (*self.scalars.values(), *self.arrays.values()):
            if np.size(given) == 1 or np.shape(given) == got.shape:
                usual |= within(sizes, np.abs(given).reshape(got.shape if np.size(given) == got.size else ()), RTOL, 0)
        return set(got[~usual].tolist())

    @property
    def size(self) -> int:
        """How many numbers the input arrays hold."""
        return sum(array.size for array in self.arrays.values())

    @cached_property
    def scalars(self) -> dict[str, float]:
        """The inputs that are single numbers."""
        return {
            name: float(value)
            for name, value in self.inputs.items()
            if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
        }

    @cached_property
    def sizes(self) -> dict[str, float]:
        """What can be counted in the inputs: rows, columns, entries, items of a list."""
        found: dict[str, float] = {}
        for name, array in self.arrays.items():
            found[f"len({name})"] = len(array)
            if array.ndim > 1:
                found |= {f"{name}.shape[{axis}]": array.shape[axis] for axis in range(1, array.ndim)}
                found[f"{name}.size"] = array.size
        for name, value in self.inputs.items():
            if isinstance(value, list | tuple) and name not in self.arrays:
                found[f"len({name})"] = len(value)
        return found


@dataclass(frozen=True)
class Evidence:
    """All that the answers to an exercise's cases show."""

    case_set: CaseSet
    attempts: tuple[Attempt, ...]
    reveal: bool

    @property
    def wrong(self) -> list[Attempt]:
        return [attempt for attempt in self.attempts if not attempt.passed]

    @property
    def right(self) -> list[Attempt]:
        return [attempt for attempt in self.attempts if attempt.passed]

    @property
    def of_chance(self) -> bool:
        """Whether answers are statistics of what was drawn, which may be right or wrong by the luck of a draw."""
        seeded = any(isinstance(value, Seed) for value in self.case_set.cases[0].inputs.values())
        return seeded and self.case_set.rtol > RTOL

    def due(self, name: str) -> list[np.ndarray]:
        """Return the right values of an output in all calls."""
        position = self.case_set.returns.index(name)
        return [step[position] for expected in self.case_set.expected for step in expected.values]

    def wrong_items(self, name: str) -> list[tuple[Attempt, Item]]:
        """Return every wrong value of an output, with the call that it came from."""
        pairs = [(attempt, attempt.item(name)) for attempt in self.wrong]
        return [(attempt, item) for attempt, item in pairs if item is not None and not item.right]


def gather(case_set: CaseSet, outcomes: Sequence[Outcome], passed: Iterable[bool], reveal: bool) -> Evidence:
    """Take the outcomes of all cases apart; `passed` says which cases are right."""
    attempts = []
    for index, (outcome, right) in enumerate(zip(outcomes, passed, strict=False)):
        attempts += _attempts(case_set, index, outcome, right)
    return Evidence(case_set, tuple(attempts), reveal)


def _attempts(case_set: CaseSet, index: int, outcome: Outcome, passed: bool) -> Iterator[Attempt]:
    case = case_set.cases[index]
    for step in range(case.steps):
        inputs = inputs_at(case_set, index, step)
        items = _items(case_set, index, step, outcome.values[step]) if step < len(outcome.values) else ()
        right = passed or bool(items) and all(item.right for item in items)
        last = step == case.steps - 1
        if last and not passed and outcome.failure is None and right:
            return  # its numbers are right, and what is wrong is something else
        yield Attempt(index, step, case.steps, case.group, inputs, items, right)
        if not right:
            return


def inputs_at(case_set: CaseSet, index: int, step: int) -> dict[str, Any]:
    """Return the inputs of a step as they are when all went well so far; functions and generators unresolved."""
    case = case_set.cases[index]
    inputs = dict(case.inputs)
    for name in case.each:
        inputs[name] = inputs[name][step]
    if case.count:
        inputs[case.count] = step + 1
    if step:
        before = case_set.expected[index].values[step - 1]
        inputs |= {name: before[0 if position == WHOLE else position] for name, position in case.carry}
    return inputs


def _items(case_set: CaseSet, index: int, step: int, value: Any) -> tuple[Item, ...]:
    """Return the numbers of an answer beside the right ones, nothing if they are of another form."""
    expected = case_set.expected[index]
    wanted, slack = expected.values[step], expected.slack[step]
    value = seen(case_set, value)
    items = [] if isinstance(value, NotSeen) else items_of(value, len(wanted))
    arrays = [as_array(item) for item in items]
    if len(arrays) != len(wanted):
        return ()
    for array, target in zip(arrays, wanted, strict=True):
        if array is None or array.dtype.kind not in "iufb" or array.shape != target.shape:
            return ()
    return tuple(
        Item(name, a.astype(float), w.astype(float), _allowed(w, s), case_set.rtol, within(a, w, case_set.rtol, s))
        for name, a, w, s in zip(case_set.returns, arrays, wanted, slack, strict=True)
    )


def _allowed(wanted: np.ndarray, slack: np.ndarray) -> np.ndarray:
    """Return how far entries may be off: nothing, where whole numbers are due."""
    return np.zeros(wanted.shape) if wanted.dtype.kind in "iu" else np.asarray(slack)
