"""The data of a judgement: cases to put to a function, what came of each, and what should have come.

All of it is plain and travels as JSON: from the instructor's machine to a student's notebook in `checks.json`, from the
judge into an isolated kernel and back.
"""

from __future__ import annotations

import copy
from dataclasses import astuple, dataclass, field, replace
from typing import Any

import numpy as np

from utils.check.plain import (
    MAX_MESSAGE,
    PlainDataError,
    Reference,
    Seed,
    decode,
    encode,
    one_line,
    refuse_outside_utils,
)

WHOLE = -1  # position of a carried argument when the function returns just that one value
MAX_LINES = 1_000_000  # of a cell
FAILURES = frozenset(
    {
        *("undefined", "not-implemented", "signature", "attribute", "method", "growth", "state"),
        *("exception", "result", "timeout", "crash"),
    }
)
RTOL = 1e-5  # wide enough for honest float32, far below what any misconception changes


@dataclass(frozen=True)
class Case:
    """Inputs for one call, or for a trajectory of calls in which the returned state is fed back.

    group, label : where the case belongs and what is special about it.
    inputs : argument name -> value, in the order of the exercise's signature.
    steps : number of calls.
    each : arguments whose leading axis counts the steps; one entry is used a step.
    carry : (argument, position in the returned tuple) pairs that are fed back.
    count : argument that is set to the step, counted from 1 ("" for none).
    driver : dotted name of the function below `utils` that takes what was built, a class perhaps, and the inputs, and
        returns the answer; "" where the function that was written takes the inputs itself.
    """

    group: str
    label: str
    inputs: dict[str, Any]
    steps: int = 1
    each: tuple[str, ...] = ()
    carry: tuple[tuple[str, int], ...] = ()
    count: str = ""
    driver: str = ""

    def __post_init__(self):
        """Raise PlainDataError for a driver that is not within `utils`."""
        if self.driver:
            refuse_outside_utils(self.driver)

    def to_plain(self) -> dict:
        return {
            "group": self.group,
            "label": self.label,
            "inputs": {name: encode(value) for name, value in self.inputs.items()},
            "steps": self.steps,
            "each": list(self.each),
            "carry": [list(pair) for pair in self.carry],
            "count": self.count,
            **({"driver": self.driver} if self.driver else {}),
        }

    @classmethod
    def from_plain(cls, data: dict) -> Case:
        inputs = {name: decode(value, trusted=True) for name, value in data["inputs"].items()}
        carry = tuple((name, position) for name, position in data["carry"])
        each, driver = tuple(data["each"]), data.get("driver", "")
        return cls(data["group"], data["label"], inputs, data["steps"], each, carry, data["count"], driver)

    def inputs_at(self, step: int, state: dict[str, Any]) -> dict[str, Any]:
        """Return fresh copies of the inputs of a step (from 0), given the state carried so far."""
        inputs = {}
        for name, value in self.inputs.items():
            if name in state:
                value = state[name]
            elif name in self.each:
                value = value[step]
            elif name == self.count:
                value = step + 1
            inputs[name] = value.resolve() if isinstance(value, Reference | Seed) else copy.deepcopy(value)
        return inputs


@dataclass(frozen=True)
class Failure:
    """Why a call gave no answer.

    kind : one of FAILURES. Of what a driver uses: "attribute" (a method is missing), "method" (it takes other
        arguments), "growth" (it keeps more and more), "state" (it answers otherwise when it is asked again).
    line, number : the student's own line at fault, where there is one.
    error : class of the exception, where the kind is one.
    """

    kind: str
    message: str
    line: str = ""
    number: int = 0
    error: str = ""

    def __post_init__(self):
        """Raise ValueError for an unknown kind: what a student's kernel sends must not name a new one."""
        if self.kind not in FAILURES:
            raise ValueError(f"a failure of unknown kind {self.kind!r:.50}")


@dataclass(frozen=True)
class Outcome:
    """What a function did with a case: one value a step, the arguments it modified, or why it failed.

    changed : whether something that the function had returned before is no longer what it was.
    warned : text of the first RuntimeWarning, "" if there was none.
    """

    values: list = field(default_factory=list)
    mutated: tuple[str, ...] = ()
    failure: Failure | None = None
    changed: bool = False
    warned: str = ""

    def to_plain(self) -> dict:
        failure = self.failure and list(astuple(self.failure))
        plain = {"values": encode(self.values), "mutated": list(self.mutated), "failure": failure}
        return plain | ({"changed": True} if self.changed else {}) | ({"warned": self.warned} if self.warned else {})

    @classmethod
    def from_plain(cls, data: dict) -> Outcome:
        """Rebuild an outcome from untrusted plain data. Raises PlainDataError if it is malformed."""
        try:
            values = decode(data["values"])
            mutated = tuple(one_line(name, 50) for name in data["mutated"][:10])
            failure = data["failure"]
            if failure is not None:
                kind, message, line, number, error = failure
                number = min(max(0, int(number)), MAX_LINES)
                failure = Failure(kind, one_line(message), one_line(line), number, one_line(error, 50))
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
            raise PlainDataError(f"malformed outcome: {error}"[:MAX_MESSAGE]) from error
        if not isinstance(values, list):
            raise PlainDataError("malformed outcome: values is no list")
        changed = data.get("changed", False)
        if type(changed) is not bool:
            raise PlainDataError("malformed outcome: changed is no truth value")
        warned = data.get("warned", "")
        if type(warned) is not str:
            raise PlainDataError("malformed outcome: a warning is no text")
        return cls(values, mutated, failure, changed, one_line(warned))


@dataclass(frozen=True)
class Expected:
    """The oracle's answer to a case.

    values : one list of arrays a step, an array for each returned item.
    slack : same structure; how far each entry may move when the inputs are rounded to float32.
    misconceptions : slug -> what that misconception does with the case.
    slips : wording of an input that is taken wrongly -> fingerprints of what the oracle gives for it at the first step.
    """

    values: list[list[np.ndarray]]
    slack: list[list[np.ndarray]]
    misconceptions: dict[str, Outcome]
    slips: dict[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class CaseSet:
    """All that is needed to judge one exercise: cases, expected values, misconceptions and points.

    Equal to itself only, so that it can be a key.

    returns : names of the returned items; one name means a single value, more mean a tuple.
    groups : (name, weight) pairs; a group's share of the points is earned when all its cases pass.
    hints : slug -> hint.
    holds : name of the property in `utils.check.properties` to hold instead of equal values, "" for none.
    view : name of the view in `utils.check.views` that turns an answer into arrays, "" for none.
    """

    name: str
    parameters: tuple[str, ...]
    returns: tuple[str, ...]
    points: float
    groups: tuple[tuple[str, float], ...]
    hints: dict[str, str]
    cases: list[Case]
    expected: list[Expected]
    rtol: float = RTOL
    holds: str = ""
    view: str = ""

    @property
    def asked(self) -> list[Case]:
        """The cases in the order in which they are put: each of them, and at the end the first one again."""
        return [*self.cases, *self.cases[:1]]

    def to_plain(self) -> dict:
        return {
            "name": self.name,
            "parameters": list(self.parameters),
            "returns": list(self.returns),
            "points": self.points,
            "rtol": self.rtol,
            "holds": self.holds,
            "view": self.view,
            "groups": [list(group) for group in self.groups],
            "hints": self.hints,
            "cases": [
                {
                    **case.to_plain(),
                    "expected": encode(expected.values),
                    "slack": _shortened(encode(expected.slack), 2),
                    "misconceptions": _once(
                        {
                            slug: _shortened(replace(outcome, warned="").to_plain(), 9)
                            for slug, outcome in expected.misconceptions.items()
                        }
                    ),
                }
                for case, expected in zip(self.cases, self.expected, strict=True)
            ],
            "slips": {
                text: [_shortened(list(one.slips[text]), 8) if text in one.slips else None for one in self.expected]
                for text in sorted({text for one in self.expected for text in one.slips})
            },
        }

    @classmethod
    def from_plain(cls, data: dict) -> CaseSet:
        expected = [
            Expected(
                decode(case["expected"]),
                decode(case["slack"]),
                {slug: Outcome.from_plain(outcome) for slug, outcome in _each(case["misconceptions"]).items()},
                {text: tuple(marks[index]) for text, marks in data.get("slips", {}).items() if marks[index]},
            )
            for index, case in enumerate(data["cases"])
        ]
        return cls(
            data["name"],
            tuple(data["parameters"]),
            tuple(data["returns"]),
            data["points"],
            tuple((name, weight) for name, weight in data["groups"]),
            data["hints"],
            [Case.from_plain(case) for case in data["cases"]],
            expected,
            data["rtol"],
            data["holds"],
            data["view"],
        )


def _once(outcomes: dict[str, dict]) -> dict[str, dict | str]:
    """Write an outcome once: a misconception that does the same with a case as an earlier one gets that one's name."""
    first: dict[str, str] = {}
    return {
        slug: outcome if (found := first.setdefault(repr(outcome), slug)) == slug else found
        for slug, outcome in outcomes.items()
    }


def _each(outcomes: dict[str, dict | str]) -> dict[str, dict]:
    return {slug: outcomes[found] if isinstance(found, str) else found for slug, found in outcomes.items()}


def _shortened(data: Any, digits: int) -> Any:
    """Round every float: these are only ever compared within a tolerance, and the file is committed."""
    if isinstance(data, float):
        return float(f"{data:.{digits}g}")
    if isinstance(data, list):
        return [_shortened(item, digits) for item in data]
    if isinstance(data, dict):
        return {key: _shortened(item, digits) for key, item in data.items()}
    return data
