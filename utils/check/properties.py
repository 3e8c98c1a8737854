"""Properties to hold where an answer is not unique: a sign, an order, a random draw.

A property takes the inputs of a call, what the oracle returned and what the student returned, both as lists of
float64 arrays of equal shapes (where an exercise has a view, of the shapes that it gives), and returns what is wrong as
the end of a sentence that begins with the exercise's name, or "" if all is well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from utils.check.views import CRITICAL_POINTS

RTOL, ATOL = 1e-5, 1e-12

Property = Callable[[dict[str, Any], list[np.ndarray], list[np.ndarray]], str]


def same_up_to_sign(inputs: dict[str, Any], expected: list[np.ndarray], got: list[np.ndarray]) -> str:
    """Each array may have the opposite sign as a whole; the columns of a matrix each on their own (eigenvectors)."""
    for wanted, array in zip(expected, got, strict=True):
        axes = 0 if array.ndim > 1 else None
        distance = np.minimum(np.abs(array - wanted).max(axis=axes), np.abs(array + wanted).max(axis=axes))
        if not np.all(distance <= ATOL + RTOL * np.abs(wanted).max()):
            return "has wrong values, even when the sign is left open"
    return ""


def same_in_any_order(inputs: dict[str, Any], expected: list[np.ndarray], got: list[np.ndarray]) -> str:
    """The arrays, taken together, hold the same rows; rows that belong together stay together."""
    left, right = (np.column_stack([np.reshape(a, (len(a), -1)) for a in arrays]) for arrays in (expected, got))
    left, right = (rows[np.lexsort(rows.T[::-1])] for rows in (left, right))
    if not np.allclose(left, right, rtol=RTOL, atol=ATOL):
        return "does not hold the same rows in some order"
    return ""


def shuffled_batches(inputs: dict[str, Any], expected: list[np.ndarray], got: list[np.ndarray]) -> str:
    """A pass over a data set, seen by the view `batches`: each example once, with its label, in a new order."""
    if not np.array_equal(got[0], expected[0]):
        return f"should give batches of {_counted(expected[0])} examples, got {_counted(got[0])}"
    if got[1].shape != expected[1].shape or same_in_any_order(inputs, expected[1:], got[1:]):
        return "should give every example exactly once, each row of X with its own y"
    original = [np.asarray(inputs[name], dtype=float) for name in ("X", "y")]
    if len(original[1]) >= ENOUGH_TO_SHUFFLE and all(map(np.array_equal, original, got[1:])):
        return "gives the examples in the order in which they came; shuffle them"
    return ""


ENOUGH_TO_SHUFFLE = 10  # examples: by chance the old order comes up once in 3.6 million


def _counted(sizes: np.ndarray) -> str:
    return ", ".join(f"{int(size)}" for size in sizes)


def same_kind(inputs: dict[str, Any], expected: list[np.ndarray], got: list[np.ndarray]) -> str:
    """The kind of a critical point, seen by `utils.check.views.critical_point`, is right."""
    return "" if np.array_equal(got, expected) else f"says {CRITICAL_POINTS[int(got[0])]!r}, but it is none"


PROPERTIES: dict[str, Property] = {
    function.__name__: function for function in (same_up_to_sign, same_in_any_order, shuffled_batches, same_kind)
}


def find(name: str) -> Property:
    """Return the property of this name. Raises ValueError for any other name."""
    if name not in PROPERTIES:
        raise ValueError(f"expected the name of a property, one of {', '.join(PROPERTIES)}, got {name!r}")
    return PROPERTIES[name]
