"""What is wrong with an answer, in a sentence about all of its cases: which outputs, what they are instead, where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from utils.check.cases import CaseSet, Outcome
from utils.check.clues import Clue, extent, recognise
from utils.check.conditions import where
from utils.check.evidence import Evidence, gather
from utils.check.explain import Finding
from utils.check.resemblance import likeness, quoted

NUMERIC = ("value", "factor", "sign", "near")  # kinds of wrong numbers; the first one says most about all cases


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with an answer.

    cause, error : kind of the telling finding, and class of its exception.
    message : for the student.
    misconception : slug of the one that it looks like, "" if none.
    clues : what the message says beyond a value, and what it should be: names of recognisers, "outputs" (which of them
        are right), "where" (in which cases), "nearest" (a misconception that is only near).
    shown : index of the case that shows it, and the step.
    """

    cause: str
    message: str
    error: str = ""
    misconception: str = ""
    clues: tuple[str, ...] = ()
    shown: tuple[int, int] = (0, 0)


def diagnose(case_set: CaseSet, outcomes: Sequence[Outcome], findings: Sequence[Finding], reveal: bool) -> Diagnosis:
    """Say what is wrong, given what each case showed; at least one of them is not passed."""
    passed = [found.passed for found in findings]
    evidence = gather(case_set, outcomes, passed, reveal)
    like = likeness(evidence, outcomes, passed)
    index = _telling(findings)
    numeric = findings[index].kind in NUMERIC
    told = _of_numbers(evidence, findings, index) if numeric else _of_form(evidence, findings, index)
    parts, clues = [told.message], list(told.clues)
    condition = where(evidence)
    if condition:
        parts[-1:] = [f"{parts[-1]} It is {condition}" if parts[-1].endswith("?") else f"{parts[-1]}; {condition}"]
        clues.append("where")
    changed = sorted({name for outcome in outcomes for name in outcome.mutated})
    if changed and findings[index].kind != "mutated":
        parts.append(f"and it changes its input {' and '.join(changed)}, which should stay as it was")
        clues.append("mutated")
    message = "; ".join(parts)
    if like.near:
        message = f"{message}. {like.said}"
        clues.append("nearest")
    elif like.said:
        message = f"{message}. It looks like {quoted(like.slug)} {like.said}"
    return Diagnosis(told.cause, message, told.error, like.slug, tuple(clues), told.shown)


def _telling(findings: Sequence[Finding]) -> int:
    """Return the index of the finding that says most: of the wrong form first, then of wrong numbers."""
    wrong = [index for index, found in enumerate(findings) if not found.passed]
    for index in wrong:
        if findings[index].kind not in NUMERIC:
            return index
    return min(wrong, key=lambda index: NUMERIC.index(findings[index].kind))


def _of_form(evidence: Evidence, findings: Sequence[Finding], index: int) -> Diagnosis:
    found = findings[index]
    return Diagnosis(found.kind, found.message, found.error_class, shown=(index, _step(evidence, index)))


def _step(evidence: Evidence, index: int) -> int:
    """Return the first wrong step of a case."""
    return next((attempt.step for attempt in evidence.wrong if attempt.case == index), 0)


def _of_numbers(evidence: Evidence, findings: Sequence[Finding], index: int) -> Diagnosis:
    """Say which outputs are wrong, and what they are instead."""
    case_set = evidence.case_set
    wrong = [name for name in case_set.returns if evidence.wrong_items(name)]
    right = [name for name in case_set.returns if name not in wrong]
    clues = {name: clue for name in wrong if (clue := recognise(evidence, name)) is not None}
    names = [clue.name for clue in clues.values()]
    if len(case_set.returns) == 1:
        parts = [f"{case_set.name} {_said(clue, evidence, name)}" for name, clue in clues.items()]
    else:
        parts = [f"{name} {_said(clue, evidence, name)}" for name, clue in clues.items()]
        parts[:1] = [f"{case_set.name}: {part}" for part in parts[:1]]
    shown, cause = (index, _step(evidence, index)), findings[index].kind
    if clues:
        first = next(iter(clues.values()))
        smallest = min((attempt for attempt, _ in first.pairs), key=lambda attempt: attempt.size)
        shown, cause = (smallest.case, smallest.step), first.kind
    else:
        parts = [findings[index].message]
    left = [name for name in wrong if name not in clues and (clues or f": {name}" not in parts[0])]
    if left and len(case_set.returns) > 1:
        parts.append(f"{_listed(left)} wrong too")
    if right:
        parts.append(f"{_listed(right)} right")
        names.append("outputs")
    return Diagnosis(cause, "; ".join(parts), clues=tuple(names), shown=shown)


def _said(clue: Clue, evidence: Evidence, name: str) -> str:
    return f"{clue.text}{extent(clue, evidence, name)}"


def _listed(names: list[str]) -> str:
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"
