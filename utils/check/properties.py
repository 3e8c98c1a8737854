"""Properties to hold where an answer is not unique: a sign, an order, a random draw.

A property takes the inputs of a call, what the oracle returned and what the student returned, both as lists of
float64 arrays of equal shapes (where an exercise has a view, of the shapes that it gives), and returns what is wrong as
the end of a sentence that begins with the exercise's name, or "" if all is well.
"""

from __future__ import annotations

import itertools
import math
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
    """A pass over a data set, seen by the view `batches`: each example once, with its label, in a random order.

    Of few examples any order may come by chance; of `ENOUGH_TO_SHUFFLE` or more an honest shuffle is refused with a
    probability below `CHANCE`.
    """
    if not np.array_equal(got[0], expected[0]):
        why = _why_sizes(inputs, expected[0].astype(int).tolist(), got)
        return f"should give batches of {_counted(expected[0])} examples, got {_counted(got[0])}{why}"
    if got[1].shape != expected[1].shape or same_in_any_order(inputs, expected[1:], got[1:]):
        return f"should give every example exactly once, each row of X with its own y{_why_rows(inputs, got)}"
    places = _places(inputs, got)
    n = len(places)
    if n < ENOUGH_TO_SHUFFLE:
        return ""
    if np.array_equal(places, np.arange(n)):
        return "gives the examples in the order in which they came; shuffle them"
    if np.array_equal(places, np.arange(n)[::-1]):
        return "gives the examples in their old order, read backwards; shuffle them"
    neighbours = int(np.sum(np.abs(np.diff(places)) == 1))
    if neighbours >= min(MANY_NEIGHBOURS, n - 1):
        return f"lets neighbours stay together: {neighbours} of {n - 1} pairs; shuffle the examples one by one"
    return ""


def _why_sizes(inputs: dict[str, Any], wanted: list[int], got: list[np.ndarray]) -> str:
    """Say what may have made batches of other sizes, as the end of a sentence; "" for no idea."""
    sizes, total = got[0].astype(int).tolist(), sum(wanted)
    if sizes[:-1] == wanted and sizes[-1] == 0:
        return ": the last one is empty"
    if sizes == wanted[:1] and len(wanted) > 1:
        return ": only the first one comes out"
    if sizes == wanted[:-1]:
        return f": the last {wanted[-1]} of {total} are missing"
    if sorted(sizes) == sorted(wanted):
        return ": the short one should come last"
    if sizes[:-1] == wanted[:-1] and sizes[-1] == wanted[0]:
        return ": the last one is filled up, though all examples have had their turn"
    if len(sizes) == len(wanted) and max(sizes) < max(wanted):
        if sum(sizes) < total:
            return f": every batch is too short, and {total - sum(sizes)} of {total} examples are missing"
        return ": they are cut to about equal sizes; all but the last one should be full"
    if sum(sizes) == total:
        return f": all {total} examples, but not {max(wanted)} in each batch that is full"
    gap = _gaps(inputs, got[1])
    return f": {gap}" if gap else ""


def _why_rows(inputs: dict[str, Any], got: list[np.ndarray]) -> str:
    """Say what is wrong with the rows of batches that have the right sizes, as the end of a sentence."""
    gap = _gaps(inputs, got[1])
    if gap:
        return f"; {gap}"
    if np.array_equal(np.sort(got[2]), np.sort(inputs["y"])):
        kept = " (y is in the order in which it came)" if np.array_equal(got[2], inputs["y"]) else ""
        return f"; all rows and all labels are there, but the pairs are broken: X and y are in different orders{kept}"
    return "; the rows of X are right, but some labels are other numbers or missing"


def _gaps(inputs: dict[str, Any], rows: np.ndarray) -> str:
    """Say which rows of X are missing, come twice, or come from elsewhere; "" if each is there once."""
    data = np.reshape(np.asarray(inputs["X"], dtype=float), (len(inputs["X"]), -1))
    if len(rows) == 0 or rows.shape[1:] != np.shape(inputs["X"])[1:]:
        return ""
    distances = np.abs(np.reshape(rows, (len(rows), 1, -1)) - data).max(axis=2)
    if not (distances.min(axis=1) <= ATOL + RTOL * np.abs(data).max()).all():
        return "some rows are none of X"
    counts = np.bincount(distances.argmin(axis=1), minlength=len(data))
    missing, twice = np.flatnonzero(counts == 0), int(np.sum(counts > 1))
    if not len(missing) and not twice:
        return ""
    many = f"{len(missing)} of {len(data)} examples are" if len(missing) > 1 else "an example is"
    ends = {0: "the first example is", len(data) - 1: "the last example is"}
    which = ends.get(int(missing[0]), many) if len(missing) == 1 else many
    repeated = f"{twice} of {len(data)} come more than once" if twice > 1 else "one comes more than once"
    return " and ".join([*([f"{which} missing"] if len(missing) else []), *([repeated] if twice else [])])


CHANCE = 3e-11  # that one test refuses an honest shuffle; a submission meets fewer than 30 of them
ENOUGH_TO_SHUFFLE = 14  # examples: the old order, or its reverse, comes up with a probability of 2/14! < CHANCE

# A pair of neighbours stays together, turned round or not, about twice in an epoch, however many examples there are.
# Given c pairs of adjacent places, all of them hold such neighbours with a probability of at most 2^c (n - c)!/n!: glue
# them together. There are (n - 1 choose c) ways to choose them, so c or more stay with a probability below 2^c/c!.
MANY_NEIGHBOURS = next(c for c in itertools.count() if 2**c / math.factorial(c) < CHANCE)


def _places(inputs: dict[str, Any], got: list[np.ndarray]) -> np.ndarray:
    """Return where each example of a pass stood in the data set."""
    before, after = (
        np.column_stack([np.reshape(array, (len(array), -1)) for array in arrays]).T[::-1]
        for arrays in ([inputs["X"], inputs["y"]], got[1:])
    )
    places = np.empty(len(got[2]), dtype=int)
    places[np.lexsort(after)] = np.lexsort(before)
    return places


def order_drawn_from_rng(inputs: list[dict[str, Any]], got: list[list[np.ndarray]]) -> str:
    """Several passes over one data set: the generator decides the order, all of it and nothing else."""
    orders: dict[str, np.ndarray] = {}  # by the state of the generator
    for given, answer in zip(inputs, got, strict=True):
        order = _places(given, answer)
        if not np.array_equal(orders.setdefault(repr(given["rng"].bit_generator.state), order), order):
            return "gives another order when asked again with an equal rng; draw all that is random from rng"
    epochs = np.array(list(orders.values()))
    count, n = epochs.shape
    if count > 1 and np.all(epochs == epochs[0]):
        return "takes its order from elsewhere: two different generators give the same one; draw it from rng"
    # a given example comes at a given place in every epoch with a probability of n^-count; there are n² such pairs
    fixed = np.flatnonzero(np.all(epochs == epochs[0], axis=0))
    if len(fixed) and float(n) ** (2 - count) < CHANCE:
        return f"leaves an example out of the shuffle: number {epochs[0, fixed[0]]} comes at place {fixed[0]} each time"
    # each half of the places draws its examples without replacement, so that Hoeffding's inequality holds
    half = n // 2
    stay = int(np.sum(epochs[:, :half] < half))
    if 2 * math.exp(-2 * (stay - count * half**2 / n) ** 2 / (count * half)) < CHANCE:
        share = f"{stay / (count * half):.0%} of the first half of the data comes in the first half of the epoch"
        return f"shuffles only within parts: {share}; every batch should come from the whole set"
    return ""


def _counted(sizes: np.ndarray) -> str:
    return ", ".join(f"{int(size)}" for size in sizes)


def same_kind(inputs: dict[str, Any], expected: list[np.ndarray], got: list[np.ndarray]) -> str:
    """The kind of a critical point, seen by `utils.check.views.critical_point`, is right."""
    return "" if np.array_equal(got, expected) else f"says {CRITICAL_POINTS[int(got[0])]!r}, but it is none"


# what has to hold between the answers to all calls of one case, beside the property of each
BETWEEN_CALLS: dict[str, Callable[[list[dict[str, Any]], list[list[np.ndarray]]], str]] = {
    "shuffled_batches": order_drawn_from_rng
}


def between_calls(name: str, inputs: list[dict[str, Any]], got: list[list[np.ndarray]]) -> str:
    """Return what is wrong with the answers to several calls, taken together; "" if nothing is."""
    return BETWEEN_CALLS[name](inputs, got) if name in BETWEEN_CALLS else ""


PROPERTIES: dict[str, Property] = {
    function.__name__: function for function in (same_up_to_sign, same_in_any_order, shuffled_batches, same_kind)
}


def find(name: str) -> Property:
    """Return the property of this name. Raises ValueError for any other name."""
    if name not in PROPERTIES:
        raise ValueError(f"expected the name of a property, one of {', '.join(PROPERTIES)}, got {name!r}")
    return PROPERTIES[name]
