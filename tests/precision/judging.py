"""Judge an answer in this process, as the grader would judge it in a sandbox. Only for answers of our own."""

from __future__ import annotations

import contextlib
import io
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.precision.sources import built
from utils.check.call import call
from utils.check.cases import CaseSet, Outcome
from utils.check.explain import examine
from utils.check.verdict import Verdict, judge, unjudged

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


def judged(case_set: CaseSet, answer: Answer, namespace: dict[str, Any]) -> Verdict:
    """Judge an answer by all cases of a set."""
    try:
        with _limited():
            function = built(answer.cells, answer.exercise, namespace)
            outcomes: list[Outcome] = [call(function, case) for case in case_set.cases]
    except _Endless:
        return unjudged(case_set, "timeout", "timeout", "the answer does not end")
    return judge(case_set, outcomes, reveal=False)


def loses(case_set: CaseSet, answer: Answer, namespace: dict[str, Any]) -> bool:
    """Return whether an answer loses points; stops at the first case that it fails."""
    try:
        with _limited():
            function = built(answer.cells, answer.exercise, namespace)
            return not all(
                examine(case_set, index, call(function, case), reveal=False).passed
                for index, case in enumerate(case_set.cases)
            )
    except _Endless:
        return True
