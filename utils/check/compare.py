"""Are two answers the same? Numbers within a tolerance, shapes, ways of failing."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from utils.check import views
from utils.check.cases import CaseSet, Outcome
from utils.check.plain import as_array

GOLDEN = 0.6180339887498949


def same_outcome(
    case_set: CaseSet, index: int, a: Outcome, b: Outcome, factor: float = 1.0, undefined: bool = False
) -> bool:
    """Return whether two outcomes of a case agree: values within tolerance, what was modified, way of failing.

    factor : multiplies the tolerance.
    undefined : whether NaN and infinities are all the same.
    """
    if a.failure or b.failure:
        return _failure_type(a) == _failure_type(b)
    if a.mutated != b.mutated or a.changed != b.changed or len(a.values) != len(b.values):
        return False
    expected = case_set.expected[index]
    return all(
        _same_items(
            seen(case_set, left),
            seen(case_set, right),
            expected.slack[step],
            case_set.rtol,
            factor,
            len(case_set.returns),
            undefined,
        )
        for step, (left, right) in enumerate(zip(a.values, b.values, strict=True))
    )


def seen(case_set: CaseSet, value: Any) -> Any:
    """Return an answer as the exercise's view shows it, or the reason why it does not (a views.NotSeen)."""
    try:
        return views.find(case_set.view)(value) if case_set.view else value
    except views.NotSeen as reason:
        return reason


def _failure_type(outcome: Outcome) -> tuple[str, str]:
    failure = outcome.failure
    if not failure:
        return ("", "")
    # of an exception the text tells, too, but for its numbers; a driver's own sentences mean theirs
    return failure.kind, re.sub(r"\d+", "0", failure.message) if failure.error else failure.message


def _same_items(
    a: Any, b: Any, slack: list[np.ndarray], rtol: float, factor: float, count: int, undefined: bool
) -> bool:
    if isinstance(a, views.NotSeen) or isinstance(b, views.NotSeen):
        return repr(a) == repr(b)
    left, right = items_of(a, count), items_of(b, count)
    if len(left) != len(right):
        return False
    for position, (x, y) in enumerate(zip(map(as_array, left), map(as_array, right), strict=True)):
        if x is None or y is None:
            if x is not y:
                return False
            continue
        if x.shape != y.shape:
            return False
        margin = slack[position] if position < len(slack) and slack[position].shape == y.shape else 0.0
        apart = ~within(x, y, factor * rtol, factor * margin)
        if apart.any() and not (undefined and not np.isfinite(x[apart]).any() and not np.isfinite(y[apart]).any()):
            return False
    return True


def within(x: np.ndarray, expected: np.ndarray, rtol: float, slack: np.ndarray | float) -> np.ndarray:
    """Return entry by entry whether |x - expected| <= rtol |expected| + slack; NaN equals NaN, inf equals inf.

    Where whole numbers are expected, a count or an index, nothing else is right.
    """
    if np.asarray(expected).dtype.kind in "iu":
        rtol, slack = 0.0, 0.0
    if np.iscomplexobj(x):
        return np.zeros(np.broadcast_shapes(np.shape(x), np.shape(expected)), dtype=bool)  # expected are real numbers
    x, expected = np.asarray(x, dtype=float), np.asarray(expected, dtype=float)
    with np.errstate(all="ignore"):
        close = np.abs(x - expected) <= rtol * np.abs(expected) + slack
    return np.where(np.isfinite(expected) & np.isfinite(x), close, (x == expected) | (np.isnan(x) & np.isnan(expected)))


def items_of(value: Any, count: int) -> list:
    """Split a returned value into `count` items where that is possible; never raises."""
    if count == 1:
        if isinstance(value, tuple) and len(value) == 1:
            return list(value)
        return [value]
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, list) or isinstance(value, np.ndarray) and value.ndim:
        return list(value) if len(value) == count else [value]  # else one array, written as a list
    return [value]


def relative_error(array: np.ndarray, target: np.ndarray, slack: np.ndarray) -> float:
    array, target = np.asarray(array, dtype=float), np.asarray(target, dtype=float)
    finite = np.isfinite(target) & np.isfinite(array)
    if not finite.any():
        return 0.0
    with np.errstate(all="ignore"):
        difference = np.abs(array - target)
        error = np.where(difference == 0, 0.0, difference / np.maximum(np.abs(target), slack))
    return float(np.max(error[finite], initial=0.0))


def fingerprint(array: np.ndarray) -> float:
    """Return one number that tells an array from others: its entries added up with unlike weights."""
    flat = np.asarray(array, dtype=float).ravel()
    return float(np.dot(_weights(flat.size), flat))


def same_fingerprint(array: np.ndarray, number: float, rtol: float) -> bool:
    """Return whether an array has this fingerprint, within what a relative tolerance of its entries allows."""
    flat = np.asarray(array, dtype=float).ravel()
    return bool(abs(fingerprint(flat) - number) <= rtol * float(np.dot(_weights(flat.size), np.abs(flat))))


def _weights(count: int) -> np.ndarray:
    return 1 + np.modf(np.arange(count) * GOLDEN)[0]  # evenly spread between 1 and 2, no two alike
