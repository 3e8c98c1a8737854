"""The verdict on an exercise: all of its cases together, the points, the misconception, the hint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from utils.check.cases import Case, CaseSet, Outcome
from utils.check.diagnosis import diagnose
from utils.check.explain import Finding, examine, examine_again, failure_message

MAX_MESSAGE = 500  # characters of what is wrong
STATUSES = ("passed", "partial", "failed", "error", "timeout", "missing")
FATAL = {"undefined": "missing", "timeout": "timeout", "crash": "error"}  # kind of failure -> status


@dataclass(frozen=True)
class Verdict:
    """The judgement of one exercise, from the judge to the gradebook and the report.

    status : one of STATUSES.
    cause : what went wrong: the kind of the telling `Finding`; "unreadable" or "not-handed-in" where a notebook could
        not be judged at all, "grader" where that is not the student's doing; "" if nothing did.
    error : class of the exception, where the cause is one.
    misconception, hint : the named wrong idea whose numbers these are, in all cases or as far as the message says; ""
        if none.
    message : what is wrong, for the student.
    note : how the submission was recognised, where that was not by its place.
    seconds : wall time that the student's function took to answer the cases.
    findings : what each case showed, for the table; `to_plain` leaves out this and what follows.
    groups : (name, weight) pairs, for the table.
    clues : what the message says beyond a value and what it should be, see `Diagnosis`.
    shown : index of the case that the message is about, and its step, from 0.
    """

    exercise: str
    points: float
    max_points: float
    status: str
    cause: str = ""
    error: str = ""
    misconception: str = ""
    hint: str = ""
    message: str = ""
    note: str = ""
    seconds: float = field(default=0.0, compare=False)  # no two gradings take the same time
    findings: tuple[Finding, ...] = field(default=(), compare=False)
    groups: tuple[tuple[str, float], ...] = field(default=(), compare=False)
    clues: tuple[str, ...] = field(default=(), compare=False)
    shown: tuple[int, int] = field(default=(0, 0), compare=False)

    def __post_init__(self):
        """Cut the message: it may tell of very many values."""
        if len(self.message) > MAX_MESSAGE:
            object.__setattr__(self, "message", f"{self.message[: MAX_MESSAGE - 1]}…")

    def to_plain(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in PLAIN}

    @classmethod
    def from_plain(cls, data: dict[str, Any]) -> Verdict:
        """Read back what `to_plain` made. Raises TypeError for unknown or missing fields."""
        return cls(**data)


PLAIN = [item.name for item in fields(Verdict) if item.name not in {"findings", "groups", "clues", "shown"}]


def unjudged(case_set: CaseSet, status: str, cause: str, message: str) -> Verdict:
    """No points, for a reason that lies outside the cases."""
    return Verdict(case_set.name, 0.0, float(case_set.points), status, cause, message=message)


def evaluate(
    case_set: CaseSet, ask: Callable[[Case], Outcome], reveal: bool, conclude: Callable[..., Verdict] | None = None
) -> Verdict:
    """Put every case to `ask`, and the first one again at the end, and judge the answers.

    reveal : whether messages may show expected numbers (published cases yes, hidden ones no).
    conclude : who judges the outcomes, `judge` if not given.
    A case that ends in a time-out or a crash ends the exercise: nobody waits for the next one.
    """
    outcomes: list[Outcome] = []
    for case in case_set.asked:
        outcomes.append(ask(case))
        failure = outcomes[-1].failure
        if failure and failure.kind in FATAL:
            shown = len(outcomes) - 1
            return replace(_without_points(case_set, outcomes[-1], case), shown=(shown % len(case_set.cases), 0))
    return (conclude or judge)(case_set, outcomes[:-1], reveal, again=outcomes[-1])


def _without_points(case_set: CaseSet, outcome: Outcome, case: Case) -> Verdict:
    kind = outcome.failure.kind
    finding = Finding(kind, failure_message(case_set, outcome), group=case.group, label=case.label)
    verdict = unjudged(case_set, FATAL.get(kind, "missing"), kind, finding.message)
    return replace(verdict, findings=(finding,))


def judge(case_set: CaseSet, outcomes: Sequence[Outcome], reveal: bool, again: Outcome | None = None) -> Verdict:
    """Judge one outcome for every case of the set.

    again : the outcome of the first case when it was put once more; if that one is another, the case is failed.
    """
    verdict = score(case_set, outcomes, reveal, again)
    if verdict.status in ("passed", "missing"):
        return verdict
    told = diagnose(case_set, outcomes, verdict.findings, reveal, again)
    return replace(
        verdict,
        cause=told.cause,
        error=told.error,
        misconception=told.misconception,
        hint=case_set.hints.get(told.misconception, ""),
        message=told.message,
        clues=told.clues,
        shown=told.shown,
    )


def score(case_set: CaseSet, outcomes: Sequence[Outcome], reveal: bool, again: Outcome | None = None) -> Verdict:
    """Return the points and the status that `judge` gives, and what each case showed; nothing is explained."""
    if outcomes and all(outcome.failure and outcome.failure.kind == "not-implemented" for outcome in outcomes):
        return _without_points(case_set, outcomes[0], case_set.cases[0])
    findings = tuple(examine(case_set, i, outcome, reveal) for i, outcome in enumerate(outcomes))
    if again is not None:
        findings = (examine_again(case_set, findings[0], outcomes[0], again, reveal), *findings[1:])
    wrong = [found for found in findings if not found.passed]
    failed = {found.group for found in wrong}
    total = sum(weight for _, weight in case_set.groups)
    earned = sum(weight for name, weight in case_set.groups if name not in failed)
    most = float(case_set.points)
    verdict = Verdict(case_set.name, most, most, "passed", findings=findings, groups=case_set.groups)
    if not failed:
        return verdict
    errors = all(found.kind in {"exception", "signature", "attribute", "method", "result"} for found in wrong)
    status = "partial" if earned else "error" if errors else "failed"
    return replace(verdict, points=round(case_set.points * earned / total, 2), status=status)
