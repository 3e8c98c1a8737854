"""How to look at an answer that is no array and no tuple of arrays: a list of minibatches, a list of tensors, a word.

A view takes what a function returned, as plain data, and returns the array or the tuple of arrays that is compared. It
raises NotSeen, with the end of a sentence that begins with the exercise's name, for an answer of another form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from utils.check.plain import as_array, described

CRITICAL_POINTS = ("minimum", "maximum", "saddle", "degenerate")


class NotSeen(ValueError):
    """An answer has another form than the view expects; the message says which."""


View = Callable[[Any], Any]


def batches(value: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """See a sequence of pairs (X, y) as the sizes of the batches, all rows of X, and all entries of y."""
    if not isinstance(value, list | tuple):
        raise NotSeen(f"should give a pair (X, y) a batch, one after the other, got {described(value)}")
    if not value:
        raise NotSeen("should give at least one pair (X, y), but there is no batch")
    pairs = [_pair(position, item) for position, item in enumerate(value)]
    widths = {x.shape[1:] for x, _ in pairs}
    if len(widths) > 1:
        raise NotSeen(f"should give rows of X of one shape, got {sorted(widths)}")
    sizes = np.array([len(y) for _, y in pairs])
    return sizes, np.concatenate([x for x, _ in pairs]), np.concatenate([y for _, y in pairs])


def _pair(position: int, item: Any) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(item, list | tuple) or len(item) != 2:
        array = as_array(item)
        raise NotSeen(
            f"should give pairs (X, y), but batch {position} is {described(item if array is None else array)}"
        )
    x, y = map(as_array, item)
    if x is not None and y is not None and x.ndim == 1 < y.ndim and len(x) == len(y):
        raise NotSeen(f"should give pairs (X, y), but in batch {position} the labels come first")
    if x is None or y is None or not x.ndim or y.ndim != 1 or len(x) != len(y):
        shapes = " and ".join("no numbers" if part is None else f"shape {part.shape}" for part in (x, y))
        raise NotSeen(f"should give as many rows of X as entries of y, but batch {position} has {shapes}")
    return x, y


def arrays(value: Any) -> tuple[np.ndarray, np.ndarray]:
    """See a list of arrays as their shapes, one after the other, and all their entries."""
    if not isinstance(value, list | tuple):
        raise NotSeen(f"should be a list of arrays, got {described(value)}")
    parts = [as_array(item) for item in value]
    if any(part is None for part in parts):
        raise NotSeen("should be a list of arrays, but an item holds no numbers")
    shapes = [length for part in parts for length in (part.ndim, *part.shape)]
    return np.array(shapes, dtype=int), np.concatenate([part.ravel() for part in parts] or [np.zeros(0)])


def shapes_in(row: np.ndarray) -> list[tuple[int, ...]]:
    """Return the shapes that `arrays` has put in a row."""
    shapes, rest = [], np.asarray(row).astype(int).tolist()
    while rest:
        ndim = rest[0]
        shapes.append(tuple(rest[1 : 1 + ndim]))
        rest = rest[1 + ndim :]
    return shapes


def critical_point(value: Any) -> np.ndarray:
    """See the name of a kind of critical point as its position in `CRITICAL_POINTS`."""
    if value not in CRITICAL_POINTS if isinstance(value, str) else True:
        named = f"{value!r:.40}" if isinstance(value, str) else "no text"
        raise NotSeen(f"should be one of {', '.join(map(repr, CRITICAL_POINTS))}, got {named}")
    return np.array(CRITICAL_POINTS.index(value))


VIEWS: dict[str, View] = {function.__name__: function for function in (batches, arrays, critical_point)}


def find(name: str) -> View:
    """Return the view of this name. Raises ValueError for any other name."""
    if name not in VIEWS:
        raise ValueError(f"expected the name of a view, one of {', '.join(VIEWS)}, got {name!r}")
    return VIEWS[name]
