"""Which misconceptions an answer looks like: in all cases, where it is wrong, in most of these, or in one output."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from utils.check.cases import CaseSet, Outcome
from utils.check.compare import items_of, same_outcome, seen
from utils.check.evidence import Attempt, Evidence, Item
from utils.check.naming import name_of
from utils.check.plain import as_array
from utils.check.views import NotSeen

# overlap of where an answer is wrong and where a misconception is, from which the one is named for the other
LEAST = 0.3
SOME = 0.2  # the same, from which it is called the closest
MOST = 0.5  # a misconception is named if it explains more than this share of the wrong cases
CLOSE = 0.1  # how near an answer's numbers are to a misconception's, measured by how far they are from the right ones


@dataclass(frozen=True)
class Likeness:
    """What an answer looks like.

    slug : of the misconception to be named, "" for none.
    said : a sentence on how far it goes, "" if it explains everything.
    near : whether a misconception is mentioned only because it is the nearest.
    whole : whether its numbers are those of every wrong case.
    """

    slug: str = ""
    said: str = ""
    near: bool = False
    whole: bool = False


def likeness(evidence: Evidence, outcomes: Sequence[Outcome], passed: Sequence[bool]) -> Likeness:
    """Return the misconception that an answer looks like, and how far."""
    case_set = evidence.case_set
    for slug in case_set.hints:
        if all(_same(case_set, i, slug, outcome) for i, outcome in enumerate(outcomes)):
            return Likeness(slug, whole=True)
    wrong, right = ([i for i, fine in enumerate(passed) if fine == which] for which in (False, True))
    alike = {slug: {i for i in wrong if _same(case_set, i, slug, outcomes[i])} for slug in case_set.hints}
    # that two answers fail in the same way tells little, unless all else is the same too; and a misconception that is
    # wrong where the answer mostly is right is another one
    alike = {
        slug: {i for i in cases if not outcomes[i].failure}
        for slug, cases in alike.items()
        if cases and 2 * sum(_is_wrong(case_set, i, slug) for i in right) <= max(len(right), len(wrong))
    }
    shared = Shared(alike, {i: _numbers(evidence, i, outcomes[i]) for i in set().union(*alike.values())}, wrong)
    return (
        _where_wrong(case_set, shared, evidence)
        or _changed(evidence)
        or _one_output(evidence, passed)
        or _mixed(case_set, shared)
        or _nearest(evidence, shared)
    )


def _same(case_set: CaseSet, index: int, slug: str, outcome: Outcome) -> bool:
    return same_outcome(case_set, index, outcome, case_set.expected[index].misconceptions[slug], undefined=True)


@dataclass(frozen=True)
class Shared:
    """What an answer has in common with misconceptions where it is wrong.

    alike : slug -> the cases in which the answers are the same.
    numbers : the numbers of the answer in such a case to which nothing else may lead.
    wrong : all cases in which the answer is wrong.
    """

    alike: dict[str, set[int]]
    numbers: dict[int, set[float]]
    wrong: list[int]

    def telling(self, slug: str) -> set[int]:
        """Return the cases that show a likeness, none if their numbers are few: many answers are 0, or an input."""
        cases = {i for i in self.alike[slug] if self.numbers[i]}
        return cases if len(set().union(*(self.numbers[i] for i in cases))) >= ENOUGH else set()


def _numbers(evidence: Evidence, index: int, outcome: Outcome) -> set[float]:
    """Return the numbers of an answer to a case that are neither 0 or 1 nor an input."""
    attempt = next((attempt for attempt in evidence.wrong if attempt.case == index), None)
    if attempt is None or attempt.step >= len(outcome.values):
        return set()
    items = items_of(seen(evidence.case_set, outcome.values[attempt.step]), len(evidence.case_set.returns))
    arrays = [array for array in map(as_array, items) if array is not None and array.dtype.kind in "iuf"]
    return set().union(*(attempt.own_numbers(array.astype(float)) for array in arrays))


def _where_wrong(case_set: CaseSet, shared: Shared, evidence: Evidence) -> Likeness | None:
    """A misconception whose numbers these are wherever the answer is wrong, or in most such cases."""
    wrong, overlap = shared.wrong, {}
    constant = len({number for attempt in evidence.wrong for item in attempt.items for number in item.got.flat}) == 1
    for slug, cases in shared.alike.items():
        telling = shared.telling(slug) if len(cases) < len(wrong) and _may_hold_in_part(case_set, slug) else set()
        most = len(cases) > MOST * len(wrong) and len(telling) > max(1, len(wrong) - len(cases))
        if most or len(cases) == len(wrong) and not constant:
            overlap[slug] = _overlap(case_set, slug, cases, wrong)
    slug = max(overlap, key=lambda slug: overlap[slug], default="")
    if not slug or overlap[slug] < LEAST:
        return None
    cases = shared.alike[slug]
    if len(cases) == len(wrong):
        return Likeness(slug, "only in these cases", whole=True)
    said, rest = f"in {len(cases)} of the {len(wrong)} wrong cases", set(wrong) - cases
    others = [name for name, more in shared.alike.items() if name != slug and more >= rest and shared.telling(name)]
    return Likeness(slug, f"{said}{_and_the_others(case_set, others[0])}" if others else said)


def _may_hold_in_part(case_set: CaseSet, slug: str) -> bool:
    """Return whether a hint may be true of some cases: not one which says that an input is not used at all."""
    return not re.search("changes? nothing|no effect|ignore", case_set.hints[slug])


def _and_the_others(case_set: CaseSet, slug: str) -> str:
    return f"; the others look like {quoted(slug)}: {case_set.hints[slug]}"


def _overlap(case_set: CaseSet, slug: str, cases: set[int], wrong: list[int]) -> float:
    """Return how much of where a misconception or an answer is wrong these cases are."""
    bad = {i for i in range(len(case_set.cases)) if _is_wrong(case_set, i, slug)}
    return len(cases & bad) / max(1, len(bad | set(wrong)))


def _is_wrong(case_set: CaseSet, index: int, slug: str) -> bool:
    right = Outcome([tuple(items) if len(items) > 1 else items[0] for items in case_set.expected[index].values])
    outcome = case_set.expected[index].misconceptions[slug]
    if case_set.view:  # the expected values are as the view shows them
        return outcome.failure is not None or not _same_as_seen(case_set, index, outcome)
    return not same_outcome(case_set, index, outcome, right)


def _same_as_seen(case_set: CaseSet, index: int, outcome: Outcome) -> bool:
    for value, wanted in zip(outcome.values, case_set.expected[index].values, strict=False):
        shown = seen(case_set, value)
        items = [] if isinstance(shown, NotSeen) else [as_array(item) for item in items_of(shown, len(wanted))]
        if len(items) != len(wanted):
            return False
        for item, target in zip(items, wanted, strict=True):
            if item is None or item.shape != target.shape or not np.allclose(item, target, rtol=1e-5, atol=0):
                return False
    return True


def _one_output(evidence: Evidence, passed: Sequence[bool]) -> Likeness | None:
    """Misconceptions whose numbers single outputs have, each its own, and that no right answer contradicts."""
    case_set = evidence.case_set
    if len(case_set.returns) < 2 or case_set.holds:
        return None
    right = [i for i in range(len(passed)) if passed[i]]
    slugs = [slug for slug in case_set.hints if not any(_is_wrong(case_set, i, slug) for i in right)]
    found: dict[str, str] = {}
    for name in case_set.returns:
        pairs = evidence.wrong_items(name)
        flags = all(np.isin(item.got, (0, 1)).all() for _, item in pairs)  # which may be alike by chance
        if flags or max(np.count_nonzero(item.wanted) for _, item in pairs) < 2 and len(pairs) < 2:
            continue
        for slug in slugs:
            if all(_has(evidence, slug, attempt, name) for attempt, _ in pairs) and _leaves_right(evidence, slug):
                found[name] = slug
                break
    if not found:
        return None
    (name, slug), *others = found.items()
    said = f"in {name}"
    different = [(other, one) for other, one in others if one != slug]
    if different:
        other, second = different[0]
        said += f"; {other} looks like {quoted(second)}: {case_set.hints[second]}"
    return Likeness(slug, said)


def _leaves_right(evidence: Evidence, slug: str) -> bool:
    """Return whether a misconception has right what the answer has right in the same call."""
    return all(
        _has(evidence, slug, attempt, item.name) for attempt in evidence.wrong for item in attempt.items if item.right
    )


def _has(evidence: Evidence, slug: str, attempt: Attempt, name: str) -> bool:
    """Return whether an output is that of a misconception, which has been fed with the same inputs."""
    if attempt.step:
        return False
    case_set = evidence.case_set
    outcome = case_set.expected[attempt.case].misconceptions[slug]
    items = items_of(seen(case_set, outcome.values[0]), len(case_set.returns)) if outcome.values else []
    position = case_set.returns.index(name)
    array = as_array(items[position]) if len(items) == len(case_set.returns) else None
    return array is not None and attempt.item(name).equals(array)


CHANGES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "with the opposite sign": np.negative,
    "squared": np.square,
    "with a root taken": np.sqrt,
    "turned upside down": np.reciprocal,
    "less one": lambda x: x - 1,
    "plus one": lambda x: x + 1,
    "without its sign": np.abs,
    "cut off at zero": lambda x: np.maximum(x, 0),
}
ENOUGH = 3  # unlike numbers that show that an answer is made of another


def _changed(evidence: Evidence) -> Likeness | None:
    """Two mistakes at once: a misconception whose numbers went through one change more, in all cases."""
    case_set = evidence.case_set
    if len(case_set.returns) > 1 or case_set.holds or any(attempt.steps > 1 for attempt in evidence.attempts):
        return None
    if len({item.got.tobytes() for attempt in evidence.wrong for item in attempt.items if item.finite}) < ENOUGH:
        return None
    if _of_the_right_one(evidence):
        return None
    for slug in case_set.hints:
        pairs = _beside(evidence, slug)
        if not pairs:
            continue
        for said, change in CHANGES.items():
            if all(item.equals(change(array)) for _, item, array in pairs):
                return Likeness(slug, said)
        factor = _factor(pairs)
        if factor:
            return Likeness(slug, f"times {factor}")
    return None


def _of_the_right_one(evidence: Evidence) -> bool:
    """Return whether the numbers are the right ones, changed once or multiplied: then that is what to say."""
    pairs = [(attempt, item, item.wanted) for attempt in evidence.wrong for item in attempt.items]
    changed = any(all(item.equals(change(wanted)) for _, item, wanted in pairs) for change in CHANGES.values())
    ratios, _ = _ratios(pairs)
    constant = len(ratios) >= ENOUGH and np.ptp(ratios) <= 1e-3 * np.abs(ratios).max()
    return bool(changed or constant or _factor(pairs))


def _beside(evidence: Evidence, slug: str) -> list[tuple[Attempt, Item, np.ndarray]]:
    """Return each number that came beside a misconception's, nothing if they cannot be compared."""
    found, unlike = [], 0
    for attempt in evidence.attempts:
        outcome = evidence.case_set.expected[attempt.case].misconceptions[slug]
        array = as_array(outcome.values[0]) if outcome.values else None
        if array is None or not attempt.items or not attempt.items[0].finite or not np.isfinite(array).all():
            return []
        item, array = attempt.items[0], array.astype(float)
        if array.shape != item.got.shape:
            return []
        unlike += not item.equals(item.wanted) and not np.allclose(array, item.wanted, rtol=1e-4, atol=0)
        found.append((attempt, item, array))
    return found if unlike >= ENOUGH else []


def _factor(pairs: list[tuple[Attempt, Item, np.ndarray]]) -> str:
    """Return the name of what numbers are multiplied by, "" if there is none."""
    ratios, attempts = _ratios(pairs)
    return name_of(ratios, attempts) if len(ratios) >= ENOUGH else ""


def _ratios(pairs: list[tuple[Attempt, Item, np.ndarray]]) -> tuple[list[float], list[Attempt]]:
    """Return what numbers are multiplied by in each call that tells, nothing if they are not."""
    ratios, attempts = [], []
    for attempt, item, array in pairs:
        large = np.abs(array) > 100 * item.slack
        if not large.any():
            if not item.equals(array):
                return [], []
            continue
        ratio = float(np.median(item.got[large] / array[large]))
        if not np.isfinite(ratio) or not item.equals(ratio * array):
            return [], []
        ratios.append(ratio)
        attempts.append(attempt)
    return ratios, attempts


def _mixed(case_set: CaseSet, shared: Shared) -> Likeness | None:
    """Two misconceptions that explain all wrong cases between them."""
    wrong = shared.wrong
    several = {slug: cases for slug, cases in shared.alike.items() if len(shared.telling(slug)) > 1}
    several = {slug: cases for slug, cases in several.items() if _may_hold_in_part(case_set, slug)}
    for slug, cases in sorted(several.items(), key=lambda pair: -len(pair[1])):
        rest = set(wrong) - cases
        for other, more in several.items():
            both = sum(_overlap(case_set, one, found, wrong) for one, found in ((slug, cases), (other, more)))
            if rest and other != slug and more >= rest and both >= 2 * LEAST:
                said = f"in {len(cases)} of the {len(wrong)} wrong cases"
                return Likeness(slug, f"{said}{_and_the_others(case_set, other)}")
    return None


def _nearest(evidence: Evidence, shared: Shared) -> Likeness:
    """The misconception whose numbers are nearest, if any is much nearer than the right ones.

    Its hint need not be true of the answer, so that it is asked whether it is.
    """
    case_set, wrong = evidence.case_set, shared.wrong
    slug = max(shared.alike, key=lambda slug: len(shared.alike[slug]), default="")
    cases = shared.alike[slug] if slug else set()
    common = _overlap(case_set, slug, cases, wrong) if cases else 0.0
    if (
        len(cases) >= min(3, len(wrong)) > 1
        and shared.telling(slug)
        and 3 * len(cases) >= len(wrong)
        and common >= SOME
    ):
        return Likeness(said=_asked(case_set, slug, f", in {len(cases)} of the {len(wrong)} wrong cases,"), near=True)
    # one wrong case may be near anything; a misconception that is wrong in many others has another hint
    few = case_set.holds or len(wrong) < 2
    distances = {} if few else {slug: _distance(evidence, slug) for slug in case_set.hints}
    slug = min(distances, key=lambda slug: distances[slug], default="")
    if slug and distances[slug] < CLOSE and _overlap(case_set, slug, set(wrong), wrong) >= LEAST:
        return Likeness(said=_asked(case_set, slug), near=True)
    return Likeness()


def _asked(case_set: CaseSet, slug: str, how_far: str = "") -> str:
    return f"Nearest of the known mistakes{how_far} is {quoted(slug)}; does this fit? {case_set.hints[slug]}"


def _distance(evidence: Evidence, slug: str) -> float:
    """Return how far an answer is from a misconception where it is wrong, as a part of how far from the right one."""
    case_set, shares = evidence.case_set, []
    for attempt in evidence.wrong:
        outcome = case_set.expected[attempt.case].misconceptions[slug]
        if attempt.step or not outcome.values or not attempt.items:
            return np.inf
        items = items_of(seen(case_set, outcome.values[0]), len(case_set.returns))
        arrays = [as_array(item) for item in items]
        if len(arrays) != len(attempt.items):
            return np.inf
        for array, item in zip(arrays, attempt.items, strict=True):
            if array is None or array.shape != item.got.shape or not item.finite:
                return np.inf
            if item.right:  # a hint that speaks of all outputs is wrong where one of them is right
                if not item.equals(array):
                    return np.inf
            else:
                apart = np.linalg.norm(item.got - item.wanted)
                shares.append(float(np.linalg.norm(item.got - array) / apart) if apart else 0.0)
    return max(shares, default=np.inf)


def cut_alike(case_set: CaseSet, one: Outcome, other: Outcome) -> bool:
    """Return whether the same outputs of two answers hold integers, from which fractions may be cut off."""
    found = []
    for outcome in (one, other):
        items = items_of(seen(case_set, outcome.values[0]), len(case_set.returns)) if outcome.values else []
        found.append([array is not None and array.dtype.kind in "iu" for array in map(as_array, items)])
    return found[0] == found[1]


def quoted(slug: str) -> str:
    return f"“{slug.strip('-').replace('-', ' ')}”"
