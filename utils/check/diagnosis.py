"""What is wrong with an answer, in a sentence about all of its cases: which outputs, what they are instead, where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utils.check.cases import CaseSet, Outcome
from utils.check.clues import Clue, extent, recognise
from utils.check.compare import same_outcome
from utils.check.conditions import in_a_group, where
from utils.check.evidence import Evidence, gather
from utils.check.explain import Finding, unlike_again
from utils.check.resemblance import Likeness, cut_alike, likeness, quoted

NUMERIC = ("value", "factor", "sign", "near")  # kinds of wrong numbers; the first one says most about all cases


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with an answer.

    cause, error : kind of the telling finding, and class of its exception.
    message : for the student.
    misconception : slug of the one that it looks like, "" if none.
    clues : what the message says beyond a value, and what it should be: names of recognisers, "outputs" (which of them
        are right), "where" (in which cases), "few" (what happens in few of them), "nearest" (a misconception that is
        only near).
    shown : index of the case that shows it, and the step.
    """

    cause: str
    message: str
    error: str = ""
    misconception: str = ""
    clues: tuple[str, ...] = ()
    shown: tuple[int, int] = (0, 0)


@np.errstate(all="ignore")  # numbers of any size are compared; a student should read no warning of ours
def diagnose(
    case_set: CaseSet,
    outcomes: Sequence[Outcome],
    findings: Sequence[Finding],
    reveal: bool,
    again: Outcome | None = None,
) -> Diagnosis:
    """Say what is wrong, given what each case showed; at least one of them is not passed.

    again : the outcome of the first case when it was put once more.
    """
    evidence = gather(case_set, outcomes, [found.passed for found in findings], reveal)
    index, like = _telling(findings), _likeness(evidence, outcomes, findings)
    numeric = findings[index].kind in NUMERIC
    condition = where(evidence)
    if like.whole and not in_a_group(condition):  # whatever sets these cases apart, the misconception does
        condition = ""
    rough = not (like.said or like.slug or condition)
    told = _of_form(evidence, findings, index)
    if numeric:
        told = _of_numbers(evidence, findings, index, rough, slips=not like.whole)
    parts, clues = [told.message], list(told.clues)
    if numeric and (few := _said_of_few(case_set, findings)):
        parts.append(few)
        clues.append("few")
    if condition:
        parts[:1] = [f"{parts[0]} It is {condition}" if parts[0].endswith("?") else f"{parts[0]}; {condition}"]
        clues.append("where")
    changed = sorted({name for outcome in outcomes for name in outcome.mutated})
    if changed and findings[index].kind != "mutated":
        parts.append(f"and it changes its input {' and '.join(changed)}, which should stay as it was")
        clues.append("mutated")
    if _forgets(case_set, outcomes[0], again) and findings[0].kind in NUMERIC:
        parts.append(f"and it{unlike_again(case_set)}")
        clues.append("again")
    message = "; ".join(parts)
    if like.near:
        clues.append("nearest")
    if like.said:
        said = like.said if like.near else f"It looks like {quoted(like.slug)} {like.said}"
        message = f"{message}{'' if message.endswith('?') else '.'} {said}"
    return Diagnosis(told.cause, message, told.error, like.slug, tuple(clues), told.shown)


@np.errstate(all="ignore")
def misconception_of(case_set: CaseSet, outcomes: Sequence[Outcome], findings: Sequence[Finding]) -> str:
    """Return the misconception that `diagnose` would name, without a word of explanation; "" for none."""
    evidence = gather(case_set, outcomes, [found.passed for found in findings], reveal=False)
    return _likeness(evidence, outcomes, findings).slug


def _likeness(evidence: Evidence, outcomes: Sequence[Outcome], findings: Sequence[Finding]) -> Likeness:
    case_set, index = evidence.case_set, _telling(findings)
    like = likeness(evidence, outcomes, [found.passed for found in findings])
    if findings[index].kind == "dtype" and like.slug:  # numbers that were cut off say nothing, unless all are cut so
        other = case_set.expected[index].misconceptions[like.slug]
        return like if like.whole and cut_alike(case_set, outcomes[index], other) else Likeness()
    return like


def _forgets(case_set: CaseSet, first: Outcome, again: Outcome | None) -> bool:
    """Return whether a wrong answer is another one when the same is asked again."""
    if again is None or first.failure or again.failure or first.mutated:
        return False
    if not len(first.values) == len(again.values) == case_set.cases[0].steps:
        return False
    return not same_outcome(case_set, 0, first, again)


def _telling(findings: Sequence[Finding]) -> int:
    """Return the index of the finding that says most: of the wrong form first, then of wrong numbers."""
    wrong = [index for index, found in enumerate(findings) if not found.passed]
    formal = [index for index in wrong if findings[index].kind not in NUMERIC]
    if formal and not _rare(findings):
        return formal[0]
    return min(set(wrong) - set(formal), key=lambda index: (NUMERIC.index(findings[index].kind), index))


def _rare(findings: Sequence[Finding]) -> list[int]:
    """Return where numbers are missing, if that is all that is wrong with the form, and rarer than wrong numbers."""
    wrong = [index for index, found in enumerate(findings) if not found.passed]
    formal = [index for index in wrong if findings[index].kind not in NUMERIC]
    missing = [index for index in formal if findings[index].kind in ("exception", "nan")]
    return missing if formal == missing and 2 * len(missing) < len(wrong) else []


def _said_of_few(case_set: CaseSet, findings: Sequence[Finding]) -> str:
    """Say what happens in the few cases in which numbers are missing, "" if there are none."""
    rare = _rare(findings)
    said = findings[rare[0]].message.removeprefix(case_set.name) if rare else ""
    said = said.removeprefix(": ") if said.startswith(": ") else f"it{said}"
    return f"in {len(rare)} of {sum(not found.passed for found in findings)} wrong cases {said}" if rare else ""


def _of_form(evidence: Evidence, findings: Sequence[Finding], index: int) -> Diagnosis:
    found = findings[index]
    return Diagnosis(found.kind, found.message, found.error_class, shown=(index, _step(evidence, index)))


def _step(evidence: Evidence, index: int) -> int:
    """Return the first wrong step of a case."""
    return next((attempt.step for attempt in evidence.wrong if attempt.case == index), 0)


def _of_numbers(evidence: Evidence, findings: Sequence[Finding], index: int, rough: bool, slips: bool) -> Diagnosis:
    """Say which outputs are wrong, and what they are instead."""
    case_set = evidence.case_set
    wrong = [name for name in case_set.returns if evidence.wrong_items(name)]
    # of an answer whose parts cannot be set beside the right ones nothing is known, so nothing is called right either
    compared = all(attempt.items for attempt in evidence.wrong)
    right = [name for name in case_set.returns if name not in wrong] if compared else []
    clues = {name: clue for name in wrong if (clue := recognise(evidence, name, rough, slips)) is not None}
    names = [clue.name for clue in clues.values()]
    alike: dict[str, list[str]] = {}  # what is said -> the outputs of which it is said
    for name, clue in clues.items():
        alike.setdefault(_said(clue, evidence, name), []).append(name)
    if len(case_set.returns) == 1:
        parts = [f"{case_set.name} {said}" for said in alike]
    else:
        parts = [_of_outputs(outputs, said) for said, outputs in alike.items()]
        parts[:1] = [f"{case_set.name}: {part}" for part in parts[:1]]
    shown, cause = (index, _step(evidence, index)), findings[index].kind
    if clues:
        first = next(iter(clues.values()))
        smallest = min((attempt for attempt, _ in first.pairs), key=lambda attempt: attempt.size)
        shown, cause = (smallest.case, smallest.step), first.kind
    else:
        parts = [findings[index].message]
    left = [name for name in wrong if name not in clues and (clues or f": {name}" not in parts[0])]
    if len("; ".join(parts)) > LONG and len(alike) > 1:  # the first of them is enough to begin with
        told = next(iter(alike.values()))
        left, parts = [name for name in wrong if name not in told], parts[:1]
    if left and len(case_set.returns) > 1:
        parts.append(f"{_listed(left)} wrong too")
    if right:
        parts.append(f"{_listed(right)} right")
        names.append("outputs")
    return Diagnosis(cause, "; ".join(parts), clues=tuple(names), shown=shown)


def _said(clue: Clue, evidence: Evidence, name: str) -> str:
    part = extent(clue, evidence, name)
    everywhere = part and clue.name in ("rough", "constant", "bound")  # they speak of every case
    text = re.sub(" in every case( in which it is wrong)?", "", clue.text) if everywhere else clue.text
    return f"{text}{part}"


def _of_outputs(names: list[str], said: str) -> str:
    """Say the same of several outputs."""
    verb, _, rest = said.partition(" ")
    if len(names) == 1 or verb not in PLURAL:
        return "; ".join(f"{name} {said}" for name in names)
    for one, many in (("it was", "they were"), ("it does", "they do"), ("it should", "they should")):
        rest = rest.replace(one, many)
    return f"{', '.join(names[:-1])} and {names[-1]} {PLURAL[verb]} {rest}"


PLURAL = {"is": "are", "has": "have", "moves": "move", "holds": "hold"}
LONG = 200  # characters of what is said of outputs, from which only the first is described


def _listed(names: list[str]) -> str:
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"
