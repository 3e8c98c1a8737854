"""Run a rebuilt notebook in a sandbox and judge its exercises from the outside.

The judge sends a case into the kernel, gets plain data back and compares it here. It writes the outputs of the
check cells itself; nothing that the student's kernel prints or displays can set a score.
"""

from __future__ import annotations

import functools
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import nbformat
from nbformat import NotebookNode

from grading.cells import exercise_name, is_check, is_experiment, is_optional_check
from grading.intake.harmless import OutputBudget, harmless_outputs, new_output, shorten_sources
from grading.limits import Limits
from grading.sandbox import Execution, Kernel, KernelDied, Sandbox
from utils.check.cases import Case, CaseSet, Failure, Outcome
from utils.check.explain import Finding
from utils.check.plain import PlainDataError, one_line
from utils.check.table import VerdictTable
from utils.check.verdict import Verdict, evaluate, unjudged

VERDICT_MIME = "application/vnd.descent.verdict+json"
GRADER_FAILED = "the grader itself failed here; this is not the student's fault"
REMEMBERED = 1_000  # verdicts, and their tables, of answers that were given before
MEMORABLE = 100_000  # characters of an answer
TOGETHER_SECONDS = 1.0  # for all cases of an exercise at once; slower ones are put one at a time

log = logging.getLogger(__name__)


@dataclass
class Graded:
    """What came of a rebuilt notebook, as plain data: the outputs of its code cells by cell id, and the verdicts.

    timed : whether a limit of wall time was reached, so that another grading might come out differently.
    """

    outputs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    timed: bool = False

    def into(self, notebook: NotebookNode) -> NotebookNode:
        """Put the outputs into the rebuilt notebook that they came from; return it, ready for nbgrader.

        Raises ValueError if a check cell has no verdict: nbgrader would take that for full marks.
        """
        shorten_sources(notebook)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = nbformat.from_dict(self.outputs.get(cell.id, []))
            if is_check(cell) and read_verdict(cell) is None:
                raise ValueError(f"the check cell {cell.id!r} was given no verdict")
        return notebook

    def with_note(self, note: str) -> Graded:
        """The same with a note in every verdict, and in what the student reads first."""
        verdicts = [replace(verdict, note=note) for verdict in self.verdicts]
        outputs = {cell: [_noted(output, note) for output in found] for cell, found in self.outputs.items()}
        first = next((found for found in outputs.values() if any(map(_verdict_in, found))), None)
        if first is not None:
            first.append(new_output("display_data", metadata={}, data={"text/plain": f"Note: {note}"}))
        return Graded(outputs, verdicts, self.timed)


def judge_notebook(rebuilt: NotebookNode, cases: Mapping[str, CaseSet], sandbox: Sandbox, limits: Limits) -> Graded:
    """Execute and judge a rebuilt notebook. Whatever the student's code does, every exercise gets a verdict.

    cases : exercise -> its hidden cases.
    Raises KernelDied if no kernel can be started for reasons that are not the student's.
    """
    runner = _Runner(sandbox.kernel, limits)
    graded = Graded()
    kept = OutputBudget(limits.outputs_kib * 1024)
    try:
        for cell in rebuilt.cells:
            if is_check(cell):
                began = time.monotonic()
                verdict = runner.judge(cases[exercise_name(cell)])
                _add(graded, cell.id, replace(verdict, seconds=round(time.monotonic() - began, 3)))
            elif is_optional_check(cell):
                graded.outputs[cell.id] = optional_outputs(runner.judge(cases[exercise_name(cell)]))
            elif cell.cell_type == "code" and not is_experiment(cell) and cell.source.strip():
                execution = runner.run(cell.source)
                graded.outputs[cell.id] = kept.take(harmless_outputs(execution.outputs, execution.reason))
    finally:
        runner.close()
    graded.timed = runner.timed
    return graded


def without_answers(
    release: NotebookNode, cases: Mapping[str, CaseSet], status: str, cause: str, reason: str
) -> Graded:
    """Give every exercise of a release zero points, with the reason."""
    graded = Graded()
    for cell in filter(is_check, release.cells):
        _add(graded, cell.id, unjudged(cases[exercise_name(cell)], status, cause, reason))
    return graded


def _add(graded: Graded, cell_id: str, verdict: Verdict) -> None:
    graded.outputs[cell_id] = verdict_outputs(verdict)
    graded.verdicts.append(replace(verdict, findings=(), groups=()))


def verdict_outputs(verdict: Verdict) -> list[NotebookNode]:
    """The outputs of a check cell, where nbgrader reads the points and people read the rest."""
    points = {"text/plain": repr(float(verdict.points)), VERDICT_MIME: verdict.to_plain()}
    # nbgrader takes the first execute_result as the score; without one it would give full marks
    return [
        new_output("execute_result", metadata={}, data=points, execution_count=None),
        _shown(verdict),
    ]


def optional_outputs(verdict: Verdict) -> list[NotebookNode]:
    """The outputs of an optional exercise's check cell: no score, and what people read."""
    shown = _shown(verdict)
    shown.data[VERDICT_MIME] = verdict.to_plain()
    return [shown]


def _shown(verdict: Verdict) -> NotebookNode:
    data = dict(_table(verdict, verdict.findings, verdict.groups))
    return new_output("display_data", metadata={}, data=data)


@functools.lru_cache(maxsize=REMEMBERED)
def _table(verdict: Verdict, findings: tuple[Finding, ...], groups: tuple) -> Mapping[str, str]:
    """What people read of a verdict. The last two are parts of it that do not count when verdicts are compared."""
    table = VerdictTable(replace(verdict, findings=findings, groups=groups))
    return MappingProxyType({"text/plain": str(table), "text/html": table._repr_html_()})


def read_verdict(cell: NotebookNode) -> Verdict | None:
    """Read back the verdict in a check cell's outputs; None if it holds none."""
    return next(filter(None, map(_verdict_in, cell.get("outputs", []))), None)


def _verdict_in(output: dict[str, Any]) -> Verdict | None:
    data = output.get("data", {})
    return Verdict.from_plain(data[VERDICT_MIME]) if VERDICT_MIME in data else None


def _noted(output: dict[str, Any], note: str) -> dict[str, Any]:
    found = _verdict_in(output)
    if found is None:
        return output
    return {**output, "data": {**output["data"], VERDICT_MIME: replace(found, note=note).to_plain()}}


class _Runner:
    """Runs cells one after the other, and starts over with a fresh kernel when one dies.

    Cells that were run before are then run again, except those at whose hands a kernel died twice: the first time the
    blame may be another's, such as a thread's of an earlier cell.
    """

    def __init__(self, start: Callable[[float], Kernel], limits: Limits):
        self.timed = False
        self._start = start
        self._limits = limits
        self._deadline = time.monotonic() + limits.submission_seconds
        self._kernel: Kernel | None = None
        self._history: list[_Cell] = []
        self._starts_left = 1 + limits.restarts
        self._given_up = ""

    def close(self) -> None:
        if self._kernel is not None:
            self._kernel.close()
            self._kernel = None

    def run(self, source: str) -> Execution:
        """Run a cell of the notebook."""
        cell = _Cell(source)
        while self._ready():
            execution = self._kernel.run(source)
            self.timed |= execution.status == "timeout"
            if self._kernel.alive:
                self._history.append(cell)
                return execution
            if self._convicted(cell, execution):
                return execution
        return Execution("died", reason=self._given_up)

    def _convicted(self, cell: _Cell, execution: Execution) -> bool:
        """Whether a cell is not to be run again, for its kernel has died while it ran."""
        cell.deaths += 1
        return cell.deaths == 2 or execution.status == "timeout" or not self._history

    def judge(self, case_set: CaseSet) -> Verdict:
        """Judge one exercise by its hidden cases; whatever goes wrong here is an error of this exercise alone."""
        try:
            answer = self._ask_together(case_set)
            found = None if answer is None else _judged_together(case_set, answer)
            return found or evaluate(case_set, functools.partial(self._ask, case_set.name), reveal=False)
        except KernelDied:
            raise
        except Exception as error:
            log.exception("judging %s failed", case_set.name)
            reason = f"{GRADER_FAILED} ({type(error).__name__}: {one_line(str(error))})"
            return unjudged(case_set, "error", "grader", reason)

    def _ask_together(self, case_set: CaseSet) -> str | None:
        """Put all cases at once, which is many times faster; None if there is no answer to that."""
        if not self._ready():
            return None
        seconds = min(TOGETHER_SECONDS, self._limits.call_seconds)
        execution, answer = self._kernel.ask("answers", case_set.name, _all_cases(case_set), seconds)
        if not self._kernel.alive:
            self._starts_left += 1  # not yet the end that counts: the cases are put again, one at a time
        return answer if execution.status == "ok" else None

    def _ask(self, name: str, case: Case) -> Outcome:
        if not self._ready():
            return Outcome(failure=Failure("crash", self._given_up))
        execution, answer = self._kernel.ask("answer", name, json.dumps(case.to_plain()))
        if execution.status == "timeout":
            self.timed = True
            return Outcome(failure=Failure("timeout", f"a call was {execution.reason or 'stopped'}"))
        if execution.status != "ok":
            return Outcome(failure=Failure("crash", f"a call gave no answer: {execution.reason or 'it failed'}"))
        try:
            return Outcome.from_plain(json.loads(answer))
        except (PlainDataError, ValueError, RecursionError) as error:
            return Outcome(failure=Failure("crash", f"a call gave no proper answer: {error}"[:300]))

    def _ready(self) -> bool:
        """Have a live kernel in the state that the cells so far have made; False if that is given up."""
        while not self._given_up and (self._kernel is None or not self._kernel.alive):
            self.close()
            if self._out_of_time():
                break
            if self._starts_left == 0:
                self._given_up = f"the notebook ended its kernel more than {self._limits.restarts} times"
            else:
                self._starts_left -= 1
                self._restart()
        return not self._given_up and not self._out_of_time()

    def _out_of_time(self) -> bool:
        if time.monotonic() > self._deadline:
            self.timed = True
            self._given_up = f"the notebook took more than {self._limits.submission_seconds:g} seconds"
        return bool(self._given_up)

    def _restart(self) -> None:
        try:
            self._kernel = self._start(self._deadline - time.monotonic())
        except KernelDied:
            if self._starts_left == 0:
                raise  # not the student's doing: nothing of theirs has run in this kernel
            return
        for cell in list(self._history):
            execution = self._kernel.run(cell.source)
            if not self._kernel.alive:
                if self._convicted(cell, execution):
                    self._history.remove(cell)
                return


def _judged_together(case_set: CaseSet, answer: str) -> Verdict | None:
    """Judge the answer to all cases at once; None if anything about it is unusual."""
    judge = _judged if len(answer) <= MEMORABLE else _judged.__wrapped__
    return judge(case_set, answer)


@functools.lru_cache(maxsize=REMEMBERED)
def _judged(case_set: CaseSet, answer: str) -> Verdict | None:
    # most of a class gives one of a few answers, and the same answer to the same cases deserves the same verdict
    try:
        found = json.loads(answer)
        if not isinstance(found, list) or len(found) != len(case_set.asked):
            return None
        outcomes = iter([Outcome.from_plain(outcome) for outcome in found])
    except (PlainDataError, ValueError, RecursionError):
        return None
    return evaluate(case_set, lambda case: next(outcomes), reveal=False)


@functools.lru_cache(maxsize=REMEMBERED)
def _all_cases(case_set: CaseSet) -> str:
    return json.dumps([case.to_plain() for case in case_set.asked])


@dataclass(eq=False)
class _Cell:
    """A cell that has been run. deaths : how often a kernel has died while it ran."""

    source: str
    deaths: int = 0
