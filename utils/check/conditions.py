"""Where an answer is wrong: what all wrong calls have and no right one has, such as a theta of two dimensions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from utils.check.evidence import Attempt, Evidence
from utils.check.plain import Reference, find

FAR = 30.0  # how many times larger the numbers on one side of a bound are that drawn ones should show
TINY, HUGE = 1e-5, 1e5
OTHERWISE = 3  # how many times more calls must speak for a trait than against it
LONG = 3  # entries of a series of which one may be the largest by chance
SURE = 3  # calls that have a trait, or values on either side of a bound, from which it is told; fewer may be chance
GROUP, FEW, COUNTS = "group", "few", "counts"  # what traits are about, if not about one input


class Trait(NamedTuple):
    """Something that a call's inputs have, or have not.

    said : the wording.
    about : of two traits about the same, one is enough to say.
    drawn : whether inputs that are drawn at random often have it.
    of_all : whether a call of which it is not said does not have it; else it is not known whether it has.
    """

    said: str
    about: str
    drawn: bool = False
    of_all: bool = False


class Sides(NamedTuple):
    """A trait, whether the wrong calls have it, and whether the right ones do; calls that tell nothing are left out."""

    trait: Trait
    wrong: list[bool]
    right: list[bool]


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
    wrong, right = evidence.wrong, [attempt for attempt in evidence.right if not _idle(attempt)]
    if not wrong or not right:
        return ""
    chance = evidence.of_chance
    sides = [side for side in _sides(wrong, right) if not (chance and side.trait.drawn)]
    return _parted(sides, wrong, right) or ("" if chance else _bounded(wrong, right)) or _one_way(sides)


def in_a_group(condition: str) -> bool:
    """Return whether a condition is that of a group of cases, which is seen in the table, too."""
    return "in the group" in condition


def _sides(wrong: list[Attempt], right: list[Attempt]) -> list[Sides]:
    """Return every trait of which all calls are known to have it or not."""
    bad, good = [traits(attempt) for attempt in wrong], [traits(attempt) for attempt in right]
    found = []
    for trait in dict.fromkeys(itertools.chain(*bad, *good)):
        if trait.of_all or all(trait in call for call in [*bad, *good]):
            of_bad, of_good = ([call.get(trait, False) for call in calls] for calls in (bad, good))
            found.append(Sides(trait, *([has for has in side if has is not None] for side in (of_bad, of_good))))
    return found


def _parted(sides: list[Sides], wrong: list[Attempt], right: list[Attempt]) -> str:
    """Say what all wrong calls have and no right one, or the other way round.

    Of few calls many things can be said that no other call has: then the group, or what alone sets them apart.
    """
    only = [("wrong", side, len(side.wrong)) for side in sides if _splits(side.wrong, side.right)]
    only += [("right", side, len(side.right)) for side in sides if _splits(side.right, side.wrong)]
    only.sort(key=lambda found: sides.index(found[1]))
    for which, (trait, bad, good), count in only:
        others = len(bad) + len(good) - count
        if trait.about == GROUP or count >= SURE and (not trait.drawn or others >= SURE):
            return f"{which} only {trait.said}"
    few = [found for found in only if not found[1].trait.drawn]
    if len({side.trait.about for _, side, _ in few}) == 1:
        which, side, _ = few[0]
        these, those = (wrong, right) if which == "wrong" else (right, wrong)
        if not _extreme(these, those, side.trait.about):
            return f"{which} only {side.trait.said}"
    return ""


def _splits(these: list[bool], those: list[bool]) -> bool:
    return bool(these) and bool(those) and all(these) and not any(those)


def _extreme(these: list[Attempt], those: list[Attempt], name: str) -> bool:
    """Return whether a few calls also have the smallest, or the largest values of another number."""
    for other in these[0].scalars.keys() - {name}:
        few, many = ([attempt.scalars.get(other, np.nan) for attempt in calls] for calls in (these, those))
        if max(few) < min(many) or min(few) > max(many):
            return True
    return False


def _one_way(sides: list[Sides]) -> str:
    """Say what only right calls have, or only wrong ones, if few others of the kind do without it."""
    for trait, bad, good in sides:
        enough = 2 if trait.about == GROUP else SURE
        if trait.drawn and trait.about != COUNTS:
            continue
        for which, these, those in (("right", good, bad), ("wrong", bad, good)):
            if sum(these) >= enough and not any(those) and OTHERWISE * (len(these) - sum(these)) <= len(those):
                ever = f"wherever{trait.said.removeprefix('where')}"
                return f"{which} {ever if trait.said.startswith('where') else trait.said}"
    return ""


def _idle(attempt: Attempt) -> bool:
    """Return whether nothing happens in a call: every output is zero, or what it was before."""
    return bool(attempt.items) and all(
        not item.wanted.any() or item.name in attempt.arrays and item.is_due(attempt.arrays[item.name])
        for item in attempt.items
    )


def traits(attempt: Attempt) -> dict[Trait, bool | None]:
    """Return what can be said of a call's inputs, the most telling first; None is said of what tells nothing here."""
    found: dict[Trait, bool | None] = {}
    for kind in (_of_numbers, _of_entries, _of_groups, _of_shapes, _of_others, _of_counts):
        found |= dict(kind(attempt))
    return found


Said = Iterator[tuple[Trait, bool | None]]


def _of_numbers(attempt: Attempt) -> Said:
    for name, value in attempt.inputs.items():
        if isinstance(value, bool):
            yield Trait(f"where {name} is True", name), value
    for name, value in attempt.scalars.items():
        yield Trait(f"where {name} is 0", name), value == 0
        yield Trait(f"where {name} is (nearly) 0", name), abs(value) < TINY
        yield Trait(f"where {name} is 1", name), value == 1
        yield Trait(f"where {name} is negative", name), value < 0


def _of_entries(attempt: Attempt) -> Said:
    for name, array in attempt.arrays.items():

        def trait(said: str, has: object, drawn: bool = False, name: str = name) -> tuple[Trait, bool | None]:
            return Trait(f"where {said.format(name)}", f"{name}'s", drawn), None if has is None else bool(has)

        size = np.abs(array).max(initial=0)
        ends = array.ndim == 1 and array.size > LONG
        yield trait("{} has one dimension", array.ndim == 1)
        yield trait("{} has two dimensions", array.ndim == 2)
        yield trait("{} is zero everywhere", array.size and not array.any())
        yield trait("all of {} is tiny", 0 < size < TINY)
        yield trait("{} has huge entries", size > HUGE)
        if array.ndim == 2 and array.shape[0] == array.shape[1] > 0:
            diagonal = None if _multiple_of_one(array) else (array == np.diag(np.diag(array))).all()
            yield trait("{} is diagonal", diagonal, drawn=True)
            if np.isfinite(array).all() and np.allclose(array, array.T, rtol=1e-9, atol=0):
                yield trait("{} has a negative eigenvalue", np.linalg.eigvalsh(array).min() < -1e-12 * size, drawn=True)
        yield trait("{} has a zero", (array == 0).any(), drawn=True)
        yield trait("{} has a negative entry", (array < 0).any(), drawn=True)
        yield trait("{} has a positive entry", (array > 0).any(), drawn=True)
        yield trait("all entries of {} are equal", array.size > 1 and (array == array.flat[0]).all(), drawn=True)
        if array.ndim == 1:
            same = array.size > 2 and array[0] == array[-1] and (array != array[0]).any()
            yield trait("{} begins and ends with the same value", same)
            yield trait("{} has a value twice", len(np.unique(array)) < array.size, drawn=True)
        whole = None if _multiple_of_one(array) else (array == np.round(array)).all()
        yield trait("{} holds whole numbers only", whole, drawn=True)
        if ends:
            yield trait("{} is largest at its end", int(np.argmax(array)) == array.size - 1, drawn=True)
            yield trait("{} is smallest at its end", int(np.argmin(array)) == array.size - 1, drawn=True)
            yield trait("{} is smallest at its start", int(np.argmin(array)) == 0, drawn=True)


def _multiple_of_one(array: np.ndarray) -> bool:
    """Return whether an array is a single number, zero, or a multiple of the identity, which has any such trait."""
    if array.size == 1 or not array.any():
        return True
    square = array.ndim == 2 and array.shape[0] == array.shape[1]
    return bool(square and (array == array[0, 0] * np.eye(len(array))).all())


def _of_groups(attempt: Attempt) -> Said:
    yield Trait(f"in the group “{attempt.group}”", GROUP, of_all=True), True


def _of_shapes(attempt: Attempt) -> Said:
    """What arrays of a call often have together is about the same, whichever array it is said of."""
    for name, array in attempt.arrays.items():
        yield Trait(f"where {name} has a single entry", FEW), array.size == 1
        if array.ndim > 1:
            yield Trait(f"where {name} has a single row", FEW), len(array) == 1
        if isinstance(attempt.inputs[name], list):
            yield Trait(f"where {name} has two entries", FEW), array.size == 2
        yield Trait(f"where {name} is empty", FEW), array.size == 0
        if array.ndim == 2:
            yield Trait(f"where {name} has a single column", FEW), array.shape[1] == 1
    tables = [(name, array.shape) for name, array in attempt.arrays.items() if array.ndim == 2]
    for name, (rows, columns) in tables[:1]:  # the shapes of others are no matter of their own
        yield Trait(f"where {name} is square", COUNTS, drawn=True), rows == columns
        yield Trait(f"where {name} has at least as many rows as columns", COUNTS, drawn=True), rows >= columns
        yield Trait(f"where {name} has at least as many columns as rows", COUNTS, drawn=True), rows <= columns


def _of_others(attempt: Attempt) -> Said:
    for name, value in attempt.inputs.items():
        if isinstance(value, Reference) and value.target.startswith("utils.drivers."):
            yield Trait(f"where {name} is a function", name, of_all=True), True
        elif isinstance(value, list | tuple) and name not in attempt.arrays:
            yield Trait(f"where {name} is empty", FEW), not value
            yield Trait(f"where {name} holds one item", FEW), len(value) == 1
    if attempt.steps > 1:
        yield Trait("at the first step", "step"), attempt.step == 0


def _of_counts(attempt: Attempt) -> Said:
    """How counts compare: of two numbers, of two lengths, of a number and a length."""
    numbers = {name: value for name, value in attempt.inputs.items() if type(value) is int}
    lengths = {f"len({name})": len(array) for name, array in attempt.arrays.items()}

    def trait(said: str, has: bool, drawn: bool) -> tuple[Trait, bool]:
        return Trait(f"where {said}", COUNTS, drawn), has

    for (a, x), (b, y) in itertools.combinations(numbers.items(), 2):
        yield trait(f"{a} reaches {b}", x >= y, False)
        yield trait(f"{b} reaches {a}", y >= x, False)
        yield trait(f"{a} equals {b}", x == y, False)
    for (a, x), (b, y) in itertools.combinations(lengths.items(), 2):
        yield trait(f"{a} equals {b}", x == y, True)
    for (a, x), (b, y) in itertools.product(numbers.items(), lengths.items()):  # small numbers that agree by chance
        yield trait(f"{a} is at least {b}", x >= y, True)
        if x > 0 and y > 0:
            yield trait(f"{a} is a multiple of {b}", x % y == 0, True)
            yield trait(f"{b} is a multiple of {a}", y % x == 0, True)


def _bounded(wrong: list[Attempt], right: list[Attempt]) -> str:
    """Say that an answer is wrong only for small, or for large values of a number."""
    for name in wrong[0].scalars:
        bad, good = (sorted({attempt.scalars.get(name, np.nan) for attempt in calls}) for calls in (wrong, right))
        if not np.isfinite([*bad, *good]).all() or min(len(bad), len(good)) < SURE:
            continue
        whole = all(value == round(value) for value in [*bad, *good])
        if _far(bad[-1], good[0], whole):
            return f"wrong only for {name} up to {_outward(bad[-1], math.ceil):g}"
        if _far(good[-1], bad[0], whole):
            return f"wrong only for {name} of {_outward(bad[0], math.floor):g} or more"
    return ""


def _far(low: float, high: float, whole: bool) -> bool:
    return low < high and (whole or 0 < FAR * abs(low) < abs(high))


def _outward(value: float, rounded: Callable[[float], float]) -> float:
    """Round a bound to two digits, so that it still is one."""
    if value == round(value) or not value:
        return value
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    return rounded(value / unit) * unit
