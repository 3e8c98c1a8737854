"""Where an answer is wrong: what all wrong calls have and no right one has, such as a theta of two dimensions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from utils.check.evidence import Attempt, Evidence
from utils.check.plain import Reference, find

FAR = 30.0  # how many times larger the numbers on one side of a bound are that drawn ones should show
TINY, HUGE = 1e-5, 1e5
OTHERWISE = 3  # how many times more calls must speak for a trait than against it
LONG = 3  # entries of a series of which one may be the largest by chance
SURE = 3  # calls on either side from which a trait that inputs often have by chance is told
# words of such traits
WEAK = (
    " = ",
    " has a zero",
    " has a negative entry",
    " has a positive entry",
    " twice",
    " are equal",
)
WEAK += (" at its ", " is square", " multiple of ", " at least ", " comes to ", " negative eigenvalue")
GIVEN = (" = ", "with ", "in the group", " is a function")  # words of traits that no call lacks: others are false
Traits = dict[str, bool]


def where(evidence: Evidence) -> str:
    """Say in which calls an answer is wrong, or right; "" if nothing simple tells them apart.

    Calls in which nothing happens, so that wrong answers are right too, do not count. A driver may have words for
    inputs that students do not know by their names.
    """
    said = _where(evidence)
    for driver in {case.driver for case in evidence.case_set.cases if case.driver}:
        for words, others in getattr(find(driver), "said", {}).items():
            said = said.replace(words, others)
    return said


def _where(evidence: Evidence) -> str:
    wrong = evidence.wrong
    right = [attempt for attempt in evidence.right if not _idle(attempt)]
    if not wrong or not right:
        return ""
    bad, good = [traits(attempt) for attempt in wrong], [traits(attempt) for attempt in right]
    sides = [
        (trait, *([found.get(trait, False) for found in side] for side in (bad, good))) for trait in _known(bad, good)
    ]
    for trait, of_bad, of_good in sides:
        enough = not _weak(trait) or min(len(bad), len(good)) >= SURE
        if enough and all(of_bad) and not any(of_good):
            return f"wrong only {trait}"
        if enough and all(of_good) and not any(of_bad):
            return f"right only {_with_another(trait, sides) if len(good) == 1 else trait}"
    bound = _bounded(wrong, right)
    if bound:
        return bound
    for trait, of_bad, of_good in sides:
        if (
            _weak(trait)
            and not (" multiple of " in trait and sum(of_good) >= SURE)
            and (not (" at least " in trait and sum(of_bad) >= SURE))
        ):
            continue
        # all calls of one kind, and most of the other kind are otherwise
        if sum(of_good) > 1 and not any(of_bad) and OTHERWISE * (len(good) - sum(of_good)) <= len(bad):
            return f"right wherever{trait.removeprefix('where')}" if trait.startswith("where") else f"right {trait}"
        if sum(of_bad) > 1 and not any(of_good) and OTHERWISE * (len(bad) - sum(of_bad)) <= len(good):
            return f"wrong wherever{trait.removeprefix('where')}" if trait.startswith("where") else f"wrong {trait}"
    return ""


def _known(bad: list[Traits], good: list[Traits]) -> list[str]:
    """Return the traits of which every call is known to have them or not."""
    calls = [*bad, *good]
    known = dict.fromkeys(itertools.chain(*calls))
    return [trait for trait in known if any(word in trait for word in GIVEN) or all(trait in found for found in calls)]


def _with_another(trait: str, sides: list[tuple[str, list[bool], list[bool]]]) -> str:
    """Join a trait of the only right call and another one that it alone has: nobody knows which of them matters."""
    what = " ".join(trait.split()[2:])
    for other, of_bad, of_good in sides:
        alone = all(of_good) and not any(of_bad) and other.startswith("where ") and trait.startswith("where ")
        if alone and not _weak(other) and not other.endswith(what) and other.split()[1] != trait.split()[1]:
            return f"{trait} and {other.removeprefix('where ')}"
    return trait


def _weak(trait: str) -> bool:
    """Return whether inputs that are drawn at random have a trait often enough to have it by chance."""
    return any(word in trait for word in WEAK) and "in the group" not in trait


def _idle(attempt: Attempt) -> bool:
    """Return whether nothing happens in a call: every output is zero, or what it was before."""
    return bool(attempt.items) and all(
        not item.wanted.any() or np.array_equal(attempt.arrays.get(item.name), item.wanted) for item in attempt.items
    )


def traits(attempt: Attempt) -> Traits:
    """Return what can be said of a call's inputs, by its wording, the most telling first; what is missing is false."""
    return dict(itertools.chain(_of_numbers(attempt), _of_arrays(attempt), _of_others(attempt), _of_pairs(attempt)))


def _of_numbers(attempt: Attempt) -> Iterator[tuple[str, bool]]:
    for name, value in attempt.inputs.items():
        if isinstance(value, bool):
            yield f"where {name} is True", value
    for name, value in attempt.scalars.items():
        yield f"where {name} is 0", value == 0
        yield f"where {name} is 1", value == 1
        yield f"where {name} is negative", value < 0


def _of_arrays(attempt: Attempt) -> Iterator[tuple[str, bool]]:
    for name, array in attempt.arrays.items():
        size = np.abs(array).max(initial=0)
        yield f"where {name} has a single entry", array.size == 1
        yield f"where {name} has length 1", len(array) == 1
        if isinstance(attempt.inputs[name], list):
            yield f"where {name} has two entries", array.size == 2
        yield f"where {name} is empty", array.size == 0
        yield f"where {name} has one dimension", array.ndim == 1
        yield f"where {name} has two dimensions", array.ndim == 2
        yield f"where {name} is zero everywhere", not array.any()
        yield f"where {name} has a zero", bool((array == 0).any())
        yield f"where {name} has a negative entry", bool((array < 0).any())
        yield f"where {name} has a positive entry", bool((array > 0).any())
        yield f"where all of {name} is tiny", bool(0 < size < TINY)
        yield f"where {name} has huge entries", bool(size > HUGE)
        yield f"where all entries of {name} are equal", array.size > 1 and bool((array == array.flat[0]).all())
        if array.ndim == 1:
            same = array.size > 2 and array[0] == array[-1] and bool((array != array[0]).any())
            yield f"where {name} begins and ends with the same value", bool(same)
        yield f"where {name} has a value twice", len(np.unique(array)) < array.size
        yield f"where {name} holds whole numbers only", bool((array == np.round(array)).all())
        if array.ndim == 2 and array.shape[0] == array.shape[1] > 0:
            yield f"where {name} is diagonal", bool((array == np.diag(np.diag(array))).all())
            if np.isfinite(array).all() and np.allclose(array, array.T, rtol=1e-9, atol=0):
                yield f"where {name} has a negative eigenvalue", bool(np.linalg.eigvalsh(array).min() < -1e-12 * size)
        if array.ndim == 2:
            yield f"where {name} has a single column", array.shape[1] == 1
            yield f"where {name} is square", array.shape[0] == array.shape[1]
        if array.ndim == 1 and array.size > LONG:
            yield f"where {name} is largest at its end", int(np.argmax(array)) == array.size - 1
            yield f"where {name} is smallest at its end", int(np.argmin(array)) == array.size - 1
            yield f"where {name} is smallest at its start", int(np.argmin(array)) == 0


def _of_others(attempt: Attempt) -> Iterator[tuple[str, bool]]:
    for name, value in attempt.inputs.items():
        if isinstance(value, Reference) and value.target.startswith("utils.drivers."):
            yield f"where {name} is a function", True
        elif isinstance(value, Reference):
            yield f"with {name}={referred(value)}", True
        elif isinstance(value, list | tuple) and name not in attempt.arrays:
            yield f"where {name} is empty", not value
            yield f"where {name} holds one item", len(value) == 1
    if attempt.steps > 1:
        yield "at the first step", attempt.step == 0


def _of_pairs(attempt: Attempt) -> Iterator[tuple[str, bool]]:
    counts = {name: value for name, value in attempt.inputs.items() if type(value) is int} | attempt.sizes
    for (a, x), (b, y) in itertools.combinations(counts.items(), 2):
        if a in attempt.sizes and b in attempt.sizes and a.split(".")[0] == b.split(".")[0]:
            continue
        if a not in attempt.sizes and b not in attempt.sizes:
            yield f"where {a} reaches {b}", x >= y
            yield f"where {b} reaches {a}", y >= x
        else:
            yield f"where {a} is at least {b}", x >= y
            yield f"where {b} is at least {a}", y >= x
        if (a in attempt.sizes) != (b in attempt.sizes):  # small numbers that may be equal by chance
            yield f"where {a} comes to {b}", x == y
        else:
            yield f"where {a} equals {b}", x == y
        if x > 0 and y > 0 and (a in attempt.sizes) != (b in attempt.sizes):
            yield f"where {a} is a multiple of {b}", x % y == 0
            yield f"where {b} is a multiple of {a}", y % x == 0
    yield from ((f"where {name} = {value:.6g}", True) for name, value in attempt.scalars.items())
    yield f"in the group “{attempt.group}”", True


def referred(value: Reference) -> str:
    """Name the function that a reference means, as a notebook would write it without its arguments."""
    module, _, factory = value.target.rpartition(".")
    return f"{module.rpartition('.')[2]}.{factory}{'.' + value.attribute if value.attribute else ''}"


def _bounded(wrong: list[Attempt], right: list[Attempt]) -> str:
    """Say that an answer is wrong only for small, or for large values of a number."""
    for name in wrong[0].scalars:
        bad, good = ([attempt.scalars.get(name, np.nan) for attempt in attempts] for attempts in (wrong, right))
        if not np.isfinite([*bad, *good]).all():
            continue
        whole = all(value == round(value) for value in [*bad, *good])
        few = len(set(bad) | set(good)) < 4
        digits = "6g" if whole else "2g"
        for low, high, said in (
            (bad, good, f"up to {max(bad):.{digits}}"),
            (good, bad, f"of {min(bad):.{digits}} or more"),
        ):
            clear = max(low) < min(high) and (whole and not few or 0 < FAR * abs(max(low)) < abs(min(high)))
            if clear:
                return f"wrong only for {name} {said}"
    return ""
