"""What an oracle gives when an input is taken wrongly: k + 1 for k, beta1 for beta2, a decay that is always 0.9.

Nobody has to write these down: they follow from the oracle and its cases. An answer that equals one of them is told so.
Only fingerprints are kept, because there are many, and they are kept for single calls and the first step of others.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from grading.exercise import Exercise, shaken
from utils.check.call import call
from utils.check.cases import Case, CaseSet, Expected
from utils.check.compare import fingerprint, items_of, seen
from utils.check.plain import as_array

PROBED = 2  # cases of each group for which this is worked out
SHAKEN = 2
STEADY = 1e-7  # of a fingerprint: it may move by so much when the inputs do so by what processors disagree about
USUAL = (0.5, 0.9, 0.99, 0.999, 0.1, 0.01, 0.001, 1e-8)  # values that get hard-coded
Inputs = dict[str, Any]
Slip = Callable[[Inputs], Inputs | None]
Marks = dict[str, tuple[float, ...]]  # wording of a slip -> a fingerprint for every output


def with_slips(exercise: Exercise, case_set: CaseSet) -> CaseSet:
    """Return the same cases, some of them with the fingerprints of what each slip would give."""
    if case_set.holds or _may_not_end(exercise.oracle):
        return case_set
    marks = {index: _of_case(exercise, case_set, index) for index in _probed(case_set)}
    kept: dict[tuple, str] = {}
    for text in dict.fromkeys(text for found in marks.values() for text in found):
        kept.setdefault(tuple(_rounded(found.get(text)) for found in marks.values()), text)
    texts = set(kept.values())
    expected = [
        replace(one, slips={text: numbers for text, numbers in marks.get(index, {}).items() if text in texts})
        for index, one in enumerate(case_set.expected)
    ]
    return replace(case_set, expected=expected)


def _probed(case_set: CaseSet) -> list[int]:
    """Return some cases of each group; not its first, which often is the simplest."""
    chosen = []
    for name, _ in case_set.groups:
        indices = [index for index, case in enumerate(case_set.cases) if case.group == name]
        chosen += indices[1 : 1 + PROBED] or indices
    return chosen


def _may_not_end(oracle: Callable) -> bool:
    """Whether an oracle counts in a loop that an input for which it was not made might never end."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(oracle)))
    return any(isinstance(node, ast.While) for node in ast.walk(tree))


def _of_case(exercise: Exercise, case_set: CaseSet, index: int) -> Marks:
    """Return the marks of each slip that changes something, does not fail, and is not decided by rounding."""
    first, expected = _first_step(case_set.cases[index]), case_set.expected[index]
    right = tuple(fingerprint(item) for item in expected.values[0])
    found = {}
    for text, slip in slips(first.inputs):
        marks = _marks(exercise.oracle, case_set, first, slip, expected)
        if marks is None or np.allclose(marks, right, rtol=1e-4, atol=0):
            continue
        others = (_marks(oracle, case_set, first, slip, expected) for oracle in shaken(exercise.oracle, SHAKEN))
        if all(_same(marks, other) for other in others):
            found[text] = marks
    return found


def decided_by_rounding(exercise: Exercise, case_set: CaseSet, index: int, text: str, times: int) -> bool:
    """Whether what a slip gives in a case comes out otherwise when the inputs move as little as processors disagree."""
    first, expected = _first_step(case_set.cases[index]), case_set.expected[index]
    slip = dict(slips(first.inputs)).get(text)
    if slip is None:
        return False
    marks, *others = (
        _marks(oracle, case_set, first, slip, expected) for oracle in [exercise.oracle, *shaken(exercise.oracle, times)]
    )
    return not all(_same(marks, other) for other in others)


def _same(a: tuple[float, ...] | None, b: tuple[float, ...] | None) -> bool:
    return a is b is None or None not in (a, b) and np.allclose(a, b, rtol=STEADY, atol=0)


def _rounded(marks: tuple[float, ...] | None) -> tuple[str, ...] | None:
    return marks and tuple(f"{number:.6g}" for number in marks)


def _first_step(case: Case) -> Case:
    inputs = case.inputs | {name: case.inputs[name][0] for name in case.each}
    return replace(case, inputs=inputs, steps=1, each=(), carry=(), count="")


def _marks(oracle: Callable, case_set: CaseSet, case: Case, slip: Slip, expected: Expected) -> tuple[float, ...] | None:
    try:
        with np.errstate(all="ignore"):
            inputs = slip(case.inputs)
        if inputs is None:
            return None
        outcome = call(oracle, replace(case, inputs=inputs))
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return None
    if outcome.failure or outcome.warned or not outcome.values:  # warned: it was not made for this
        return None
    items = items_of(seen(case_set, outcome.values[0]), len(case_set.returns))
    arrays = [as_array(item) for item in items]
    wanted = expected.values[0]
    alike = len(arrays) == len(wanted) and all(
        array is not None and array.shape == target.shape and np.isfinite(array).all()
        for array, target in zip(arrays, wanted, strict=True)
    )
    return tuple(fingerprint(array) for array in arrays) if alike else None


def slips(inputs: Inputs) -> Iterator[tuple[str, Slip]]:
    """Every slip that the inputs of a call allow, with its wording: what the answer "is what comes of"."""
    for name, value in inputs.items():
        for text, change in _changes(value):
            yield text.format(name), _one(name, change)
    for a, b in itertools.combinations(inputs, 2):
        if _swappable(inputs[a], inputs[b]):
            yield f"{a} and {b} exchanged", lambda given, a=a, b=b: given | {a: given[b], b: given[a]}
            if not isinstance(inputs[a], np.ndarray):
                yield f"{a} used for {b} as well", lambda given, a=a, b=b: given | {b: given[a]}
                yield f"{b} used for {a} as well", lambda given, a=a, b=b: given | {a: given[b]}


def _one(name: str, change: Callable[[Any], Any]) -> Slip:
    return lambda given: given | {name: change(given[name])}


def _swappable(a: Any, b: Any) -> bool:
    if isinstance(a, bool) or isinstance(b, bool) or type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and a.dtype.kind == b.dtype.kind
    return isinstance(a, int | float)


def _changes(value: Any) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Wordings, in which {} stands for the input's name, and changes of a value."""
    match value:
        case bool():
            yield "{0} = True, whatever {0} is", lambda x: True
            yield "{0} = False, whatever {0} is", lambda x: False
            yield "{0} taken for its opposite", lambda x: not x
        case int():
            yield from COUNTS.items()
        case float():
            yield from NUMBERS.items()
            yield from ((f"{{0}} = {usual:g}, whatever {{0}} is", lambda x, usual=usual: usual) for usual in USUAL)
        case np.ndarray() if value.dtype.kind == "f":
            yield from ARRAYS.items()
            if value.ndim == 2 and value.shape[0] == value.shape[1] > 1:
                yield from SQUARES.items()
        case np.ndarray() if value.dtype.kind in "iu":
            yield from INDICES.items()
        case list() if all(isinstance(item, np.ndarray) for item in value):
            yield from LISTS.items()
        case list() | tuple():
            yield from ((text, change) for text, change in LISTS.items() if "item" in text or "order" in text)


COUNTS: dict[str, Callable[[int], int]] = {
    "{0} + 1 in place of {0}": lambda n: n + 1,
    "{0} - 1 in place of {0}": lambda n: n - 1,
    "{0} = 0, whatever {0} is": lambda n: 0,
    "{0} = 1, whatever {0} is": lambda n: 1,
    "2 {0} in place of {0}": lambda n: 2 * n,
    "{0} // 2 in place of {0}": lambda n: n // 2,
    "{0} + 2 in place of {0}": lambda n: n + 2,
    "{0} - 2 in place of {0}": lambda n: n - 2,
}
NUMBERS: dict[str, Callable[[float], float]] = {
    "{0} = 0, whatever {0} is": lambda x: 0.0,
    "{0} = 1, whatever {0} is": lambda x: 1.0,
    "-{0} in place of {0}": lambda x: -x,
    "2 {0} in place of {0}": lambda x: 2 * x,
    "{0}/2 in place of {0}": lambda x: x / 2,
    "{0}**2 in place of {0}": lambda x: x**2,
    "sqrt({0}) in place of {0}": lambda x: float(np.sqrt(x)),
    "1 - {0} in place of {0}": lambda x: 1 - x,
    "1/{0} in place of {0}": lambda x: 1 / x,
    "1 + {0} in place of {0}": lambda x: 1 + x,
    "exp(-{0}) in place of {0}": lambda x: float(np.exp(-x)),
    "log({0}) in place of {0}": lambda x: float(np.log(x)),
    "{0} times ln 2 in place of {0}": lambda x: x * float(np.log(2)),
    "{0} times ln 10 in place of {0}": lambda x: x * float(np.log(10)),
    "{0} in percent": lambda x: 100 * x,
}


def _without(index: int) -> Callable[[np.ndarray], np.ndarray]:
    def change(x: np.ndarray) -> np.ndarray:
        x = x.copy()
        x[index] = 0
        return x

    return change


def _only(index: int) -> Callable[[np.ndarray], np.ndarray]:
    def change(x: np.ndarray) -> np.ndarray:
        y = np.zeros_like(x)
        y[index] = x[index]
        return y

    return change


ARRAYS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "-{0} in place of {0}": lambda x: -x,
    "2 {0} in place of {0}": lambda x: 2 * x,
    "{0}/2 in place of {0}": lambda x: x / 2,
    "zeros in place of {0}": np.zeros_like,
    "{0}**2 in place of {0}": np.square,
    "the absolute value of {0} in place of {0}": np.abs,
    "the sign of {0} in place of {0}": np.sign,
    "the square root of {0} in place of {0}": lambda x: np.sqrt(np.maximum(x, 0)),
    "{0} without its mean": lambda x: x - x.mean(),
    "{0} without the mean of each column": lambda x: x - x.mean(axis=0),
    "the mean of {0} in each of its entries": lambda x: np.full_like(x, x.mean()),
    "{0} divided by its length": lambda x: x / np.linalg.norm(x),
    "{0} in reversed order": lambda x: x[::-1].copy(),
    "{0} in sorted order": lambda x: np.sort(x, axis=0),
    "{0} moved by one place": lambda x: np.roll(x, 1, axis=0),
    "{0} added up from the start": lambda x: np.cumsum(x, axis=0),
    "zero in the first entry of {0}": _without(0),
    "zero in the last entry of {0}": _without(-1),
    "nothing but the first entry of {0}": _only(0),
    "nothing but the last entry of {0}": _only(-1),
    "{0} without its first entry": lambda x: x[1:],
    "{0} without its last entry": lambda x: x[:-1],
    "{0} without its first and last entry": lambda x: x[1:-1],
    "{0} without its first column": lambda x: x[:, 1:],
    "{0} without its last column": lambda x: x[:, :-1],
    "nothing negative in {0}": lambda x: np.maximum(x, 0),
    "{0} rounded to whole numbers": np.round,
    "{0} cut off to whole numbers": np.trunc,
    "{0} with the ends joined": lambda x: np.concatenate([x, x[:1]]),
    "the exponentials of {0} in place of {0}": np.exp,
}
SQUARES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "{0} transposed": lambda x: x.T.copy(),
    "the diagonal of {0} in place of {0}": lambda x: np.diag(np.diag(x)),
    "{0} without its diagonal": lambda x: x - np.diag(np.diag(x)),
    "the inverse of {0} in place of {0}": lambda x: np.linalg.inv(x),
    "{0} @ {0} in place of {0}": lambda x: x @ x,
    "the upper triangle of {0} in place of {0}": np.triu,
    "the lower triangle of {0} in place of {0}": np.tril,
    "the identity in place of {0}": lambda x: np.eye(len(x)),
}
INDICES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "{0} + 1 in place of {0}": lambda x: x + 1,
    "{0} - 1 in place of {0}": lambda x: x - 1,
    "{0} in reversed order": lambda x: x[::-1].copy(),
    "{0} in sorted order": np.sort,
    "every value of {0} once": np.unique,
    "{0} without its first entry": lambda x: x[1:],
    "{0} without its last entry": lambda x: x[:-1],
    "the inverse order of {0} in place of {0}": np.argsort,
    "zeros in place of {0}": np.zeros_like,
}
LISTS: dict[str, Callable[[list], list]] = {
    "{0} in reversed order": lambda items: items[::-1],
    "{0} without its first item": lambda items: items[1:],
    "{0} without its last item": lambda items: items[:-1],
    "nothing but the first item of {0}": lambda items: items[:1],
    "nothing but the last item of {0}": lambda items: items[-1:],
    "the negatives of {0}": lambda items: [-item for item in items],
    "twice {0}": lambda items: [2 * item for item in items],
    "the absolute values of {0}": lambda items: [np.abs(item) for item in items],
}
