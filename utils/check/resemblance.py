"""Which misconceptions an answer looks like: in all cases, where it is wrong, in most of these, or in one output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utils.check.cases import CaseSet, Outcome
from utils.check.compare import items_of, same_outcome, seen
from utils.check.evidence import Attempt, Evidence
from utils.check.plain import as_array
from utils.check.views import NotSeen

LEAST = (
    0.3  # overlap of where an answer is wrong and where a misconception is, from which the one is named for the other
)
MOST = 0.5  # share of the wrong cases that a misconception explains, from which it is named
CLOSE = 0.1  # how near an answer's numbers are to a misconception's, measured by how far they are from the right ones


@dataclass(frozen=True)
class Likeness:
    """What an answer looks like.

    slug : of the misconception to be named, "" for none.
    said : a sentence on how far it goes, "" if it explains everything.
    near : whether a misconception is mentioned only because it is the nearest.
    """

    slug: str = ""
    said: str = ""
    near: bool = False


def likeness(evidence: Evidence, outcomes: Sequence[Outcome], passed: Sequence[bool]) -> Likeness:
    """Return the misconception that an answer looks like, and how far."""
    case_set = evidence.case_set
    wrong = [i for i in range(len(outcomes)) if not passed[i]]
    alike = {
        slug: {i for i in wrong if same_outcome(case_set, i, outcomes[i], case_set.expected[i].misconceptions[slug])}
        for slug in case_set.hints
    }
    for slug, cases in alike.items():
        others = (i for i in range(len(outcomes)) if passed[i])
        if len(cases) == len(wrong) and all(
            same_outcome(case_set, i, outcomes[i], case_set.expected[i].misconceptions[slug]) for i in others
        ):
            return Likeness(slug)
    # that two answers fail in the same way tells little, unless all else is the same too
    alike = {slug: {i for i in cases if not outcomes[i].failure} for slug, cases in alike.items()}
    return (
        _where_wrong(case_set, alike, wrong, passed)
        or _one_output(evidence, passed)
        or _mixed(case_set, alike, wrong)
        or _nearest(evidence, alike, wrong)
    )


def _where_wrong(
    case_set: CaseSet, alike: dict[str, set[int]], wrong: list[int], passed: Sequence[bool]
) -> Likeness | None:
    """A misconception whose numbers these are wherever the answer is wrong, or in most such cases."""
    overlap = {}
    for slug, cases in alike.items():
        if len(cases) == len(wrong) or len(cases) >= 2 and len(cases) >= MOST * len(wrong):
            bad = {i for i in range(len(passed)) if _is_wrong(case_set, i, slug)}
            overlap[slug] = len(cases & bad) / max(1, len(bad | set(wrong)))
    if not overlap:
        return None
    slug = max(overlap, key=lambda slug: overlap[slug])
    if overlap[slug] < LEAST:
        return None
    if len(alike[slug]) == len(wrong):
        return Likeness(slug, "only in these cases")
    said = f"in {len(alike[slug])} of the {len(wrong)} wrong cases"
    rest = [i for i in wrong if i not in alike[slug]]
    other = next((name for name, cases in alike.items() if name != slug and cases >= set(rest)), "")
    return Likeness(slug, f"{said}; the others look like {quoted(other)}: {case_set.hints[other]}" if other else said)


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
        if not pairs or max(np.count_nonzero(item.wanted) for _, item in pairs) < 2 and len(pairs) < 2:
            continue
        for slug in slugs:
            if all(_has(evidence, slug, attempt, name) for attempt, _ in pairs):
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


def _mixed(case_set: CaseSet, alike: dict[str, set[int]], wrong: list[int]) -> Likeness | None:
    """Two misconceptions that explain all wrong cases between them."""
    several = {slug: cases for slug, cases in alike.items() if len(cases) > 1}
    for slug, cases in sorted(several.items(), key=lambda pair: -len(pair[1])):
        rest = set(wrong) - cases
        for other, more in several.items():
            if other != slug and more >= rest:
                said = f"in {len(cases)} of the {len(wrong)} wrong cases"
                return Likeness(slug, f"{said}; the others look like {quoted(other)}: {case_set.hints[other]}")
    return None


def _nearest(evidence: Evidence, alike: dict[str, set[int]], wrong: list[int]) -> Likeness:
    """The misconception whose numbers are nearest, if any is much nearer than the right ones."""
    case_set = evidence.case_set
    slug, cases = max(alike.items(), key=lambda pair: len(pair[1]), default=("", set()))
    numbers = {item.got.tobytes() for attempt in evidence.wrong if attempt.case in cases for item in attempt.items}
    if len(cases) > 1 and len(numbers) > 1 and 3 * len(cases) >= len(wrong):
        said = f"Closest is {quoted(slug)}, in {len(cases)} of the {len(wrong)} wrong cases: {case_set.hints[slug]}"
        return Likeness(said=said, near=True)
    distances = {} if case_set.holds else {slug: _distance(evidence, slug) for slug in case_set.hints}
    slug = min(distances, key=lambda slug: distances[slug], default="")
    if slug and distances[slug] < CLOSE:
        return Likeness(said=f"Nearest, though not the same, is {quoted(slug)}: {case_set.hints[slug]}", near=True)
    return Likeness()


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
            if not item.right:
                apart = np.linalg.norm(item.got - item.wanted)
                shares.append(float(np.linalg.norm(item.got - array) / apart) if apart else 0.0)
    return max(shares, default=np.inf)


def quoted(slug: str) -> str:
    return f"“{slug.replace('-', ' ')}”"
