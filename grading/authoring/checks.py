"""The published cases of a chapter: drawn, written, and compared with those that are there.

Processors disagree about the last digits of what they compute, and a misconception may turn these into the first ones:
dividing by what is zero but for rounding, for instance. Such an answer differs from one machine to the next without
anybody having changed anything, so it is compared only where rounding does not decide it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from grading.exercise import PUBLISHED_SEED, Exercise, shaken
from grading.slips import decided_by_rounding, with_slips
from utils.check.call import call
from utils.check.cases import Case, CaseSet, Expected, Outcome
from utils.check.plain import as_array

HUGE = 1e100  # on the way to where processors disagree about which product overflows first
SHAKEN = 40  # times; an eigenvector's sign flips in every tenth or so
COARSE = 100.0  # slack is itself a rounding error, and differs between processors by more than rounding


def published_checks(exercises: dict[str, Exercise]) -> list[CaseSet]:
    """Return the published cases of each exercise."""
    return [with_slips(exercise, exercise.draw(PUBLISHED_SEED)) for exercise in exercises.values()]


def checks_text(checks: Sequence[CaseSet]) -> str:
    """Return the content of a checks file, one case a line, so that a change of one exercise is a small difference."""
    lines = []
    for exercise in (case_set.to_plain() for case_set in checks):
        head = json.dumps({key: value for key, value in exercise.items() if key != "cases"})[:-1]
        cases = ",\n".join(json.dumps(case, separators=(",", ":")) for case in exercise["cases"])
        lines.append(f'{head}, "cases": [\n{cases}\n]}}')
    return '{"exercises": [\n' + ",\n".join(lines) + "\n]}\n"


def same_checks(path: Path, checks: Sequence[CaseSet], exercises: dict[str, Exercise]) -> bool:
    """Return whether a checks file holds these cases, rounding aside."""
    stored = json.loads(path.read_text(encoding="utf-8"))["exercises"]
    return len(stored) == len(checks) and all(
        _same_exercise(old, new, exercises[new.name]) for old, new in zip(stored, checks, strict=True)
    )


def _same_exercise(stored: dict[str, Any], fresh: CaseSet, exercise: Exercise) -> bool:
    plain = json.loads(json.dumps(fresh.to_plain()))
    if _same_data(stored, plain):
        return True
    if not _same_data(_certain(stored), _certain(plain)):
        return False
    old = CaseSet.from_plain(stored).expected
    return all(
        _same_misconceptions(exercise, case, old[index], new) and _same_slips(exercise, fresh, index, old[index])
        for index, (case, new) in enumerate(zip(fresh.cases, fresh.expected, strict=True))
    )


def _certain(plain: dict[str, Any]) -> dict[str, Any]:
    """Return what rounding does not decide."""
    cases = [{key: value for key, value in case.items() if key != "misconceptions"} for case in plain["cases"]]
    return plain | {"cases": cases, "slips": {}}


def _same_misconceptions(exercise: Exercise, case: Case, old: Expected, new: Expected) -> bool:
    functions = {wrong.slug: wrong.function for wrong in exercise.misconceptions}
    return old.misconceptions.keys() == new.misconceptions.keys() and all(
        _same_outcome(old.misconceptions[slug], outcome)
        or _overflows(old.misconceptions[slug])
        or _overflows(outcome)
        or not all(_same_outcome(outcome, call(function, case)) for function in shaken(functions[slug], SHAKEN))
        for slug, outcome in new.misconceptions.items()
    )


def _same_slips(exercise: Exercise, fresh: CaseSet, index: int, old: Expected) -> bool:
    new = fresh.expected[index]
    return all(
        _same_data(list(old.slips.get(text, ())), list(new.slips.get(text, ())))
        or decided_by_rounding(exercise, fresh, index, text, SHAKEN)
        for text in old.slips.keys() | new.slips.keys()
    )


def _overflows(outcome: Outcome) -> bool:
    return any(np.any(np.abs(number) > HUGE) for number in _numbers(outcome.values))


def _numbers(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _numbers(item)
    elif (array := as_array(value)) is not None:
        yield array


def _same_outcome(a: Outcome, b: Outcome) -> bool:
    a, b = (json.loads(json.dumps(replace(outcome, warned="").to_plain())) for outcome in (a, b))
    return _same_data(a, b)


def _same_data(a: Any, b: Any, coarse: bool = False) -> bool:
    """Compare JSON data; numbers may differ by rounding, as they do between processors.

    coarse : whether these are rounding errors themselves, of which only the order of magnitude can be told.
    """
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same_data(a[key], b[key], coarse or key == "slack") for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_same_data(x, y, coarse) for x, y in zip(a, b, strict=True))
    if isinstance(a, float) and isinstance(b, float):
        largest, smallest = max(abs(a), abs(b)), min(abs(a), abs(b))
        if largest < 1e-5 or a != a and b != b:
            return True
        return largest <= COARSE * smallest if coarse else math.isclose(a, b, rel_tol=1e-5)
    return a == b
