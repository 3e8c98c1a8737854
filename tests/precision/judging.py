"""Judge an answer in this process, as the grader would judge it in a sandbox. Only for answers of our own."""

from __future__ import annotations

import contextlib
import io
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.precision.sources import built
from utils.check.call import Returned, call
from utils.check.cases import CaseSet, Outcome
from utils.check.diagnosis import misconception_of
from utils.check.explain import examine, examine_again
from utils.check.verdict import Verdict, evaluate, judge, score, unjudged

Conclude = Callable[..., Verdict]

CPU_SECONDS = 5.0  # of one answer to one set of cases; a slip may make a loop endless


@dataclass(frozen=True)
class Answer:
    """An answer to an exercise, and what it deserves.

    kind : "reference", "honest", "misconception", "converted" (a misconception in another type), "wrong" or "mutant".
    cells : the student's cells, the last of which is the solution cell.
    slug : the misconception that it should be taken for, "" for none.
    was, becomes : the lines that a mutant changes.
    """

    exercise: str
    kind: str
    name: str
    cells: tuple[str, ...]
    slug: str = ""
    was: str = ""
    becomes: str = ""

    @property
    def right(self) -> bool:
        return self.kind in {"reference", "honest"}


class _Endless(BaseException):
    """Not an Exception, because `call` reports those as the student's."""


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    """Stop after so much processor time of ours, whatever else the machine is doing; show nothing that is printed."""

    def stop(number: int, frame: Any) -> None:
        raise _Endless

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def judged(case_set: CaseSet, answer: Answer, namespace: dict[str, Any], conclude: Conclude = judge) -> Verdict:
    """Judge an answer by all cases of a set."""
    try:
        with _limited():
            return judged_function(case_set, built(answer.cells, answer.exercise, namespace), conclude)
    except _Endless:
        return unjudged(case_set, "timeout", "timeout", "the answer does not end")


def judged_function(case_set: CaseSet, function: Callable, conclude: Conclude = judge) -> Verdict:
    """Judge a function by all cases of a set."""
    returned = Returned()
    return evaluate(case_set, lambda case: call(function, case, returned), reveal=False, conclude=conclude)


def named_only(case_set: CaseSet, outcomes: Sequence[Outcome], reveal: bool, again: Outcome) -> Verdict:
    """Judge without a message: points, status and misconception, which takes a third of the time."""
    verdict = score(case_set, outcomes, reveal, again)
    if verdict.status in ("passed", "missing"):
        return verdict
    return replace(verdict, misconception=misconception_of(case_set, outcomes, verdict.findings))


def loses(case_set: CaseSet, answer: Answer, namespace: dict[str, Any]) -> bool:
    """Return whether an answer loses points; stops at the first case that it fails."""
    try:
        with _limited():
            function, returned = built(answer.cells, answer.exercise, namespace), Returned()
            first = None
            for index, case in enumerate(case_set.cases):
                outcome = call(function, case, returned)
                found = examine(case_set, index, outcome, reveal=False)
                if not found.passed:
                    return True
                first = first or (found, outcome)
            again = call(function, case_set.cases[0], returned)
            return not examine_again(case_set, *first, again, reveal=False).passed
    except _Endless:
        return True
