"""Run a rebuilt notebook in a sandbox and judge its exercises from the outside.

The judge sends a case into the kernel, gets plain data back and compares it here. It writes the outputs of the
check cells itself; nothing that the student's kernel prints or displays can set a score.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode

from grading.cells import EXTRA, exercise_name, is_check, is_experiment, is_solution
from grading.hidden import hidden_cases
from grading.limits import Limits
from grading.sandbox import Execution, Kernel, KernelDied, Sandbox
from utils.calling import Case, Failure, Outcome
from utils.compare import CaseSet, Result, evaluate
from utils.plain import PlainDataError
from utils.table import ResultTable

VERDICT_MIME = "application/vnd.descent.verdict+json"
SHOWN_SOURCE, SHOWN_SOURCES = 30_000, 100_000  # characters kept of a cell, and of all cells of a student
TOGETHER_SECONDS = 1.0  # for all cases of an exercise at once; slower ones are put one at a time
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Verdict:
    """The recorded judgement of one exercise of one submission.

    status : passed, partial, failed, error, timeout or missing.
    seconds : wall time that the student's function took to answer the cases.
    """

    exercise: str
    points: float
    max_points: float
    status: str
    misconception: str = ""
    message: str = ""
    seconds: float = field(default=0.0, compare=False)  # no two gradings take the same time


@dataclass
class Graded:
    """A judged notebook, ready for nbgrader, and its verdicts in the order of the notebook.

    timed : whether a limit of wall time was reached, so that another grading might come out differently.
    """

    notebook: NotebookNode
    verdicts: list[Verdict] = field(default_factory=list)
    timed: bool = False


def grade_notebook(
    rebuilt: NotebookNode,
    cases: Mapping[str, CaseSet],
    sandbox: Sandbox,
    limits: Limits,
    judged: Mapping[str, list[NotebookNode]] | None = None,
) -> Graded:
    """Execute and judge a rebuilt notebook. Whatever the student's code does, every exercise gets a verdict.

    cases : exercise -> its hidden cases.
    judged : exercise -> outputs of its check cell from an earlier grading, which need not be judged again.
    Raises KernelDied if no kernel can be started for reasons that are not the student's.
    """
    runner = _Runner(sandbox.kernel, limits)
    graded = Graded(rebuilt)
    kept = OutputBudget(limits.outputs_kib * 1024)
    try:
        for cell in rebuilt.cells:
            if is_check(cell):
                name = exercise_name(cell)
                if judged and name in judged:
                    cell.outputs = judged[name]
                else:
                    began = time.monotonic()
                    result = runner.judge(cases[name])
                    write_verdict(cell, result, time.monotonic() - began)
                graded.verdicts.append(read_verdict(cell))
            elif cell.cell_type == "code" and not is_experiment(cell) and cell.source.strip():
                cell.outputs = kept.take(harmless_outputs(runner.run(cell.source)))
    finally:
        runner.close()
    graded.timed = runner.timed
    return graded


def shorten_sources(notebook: NotebookNode) -> None:
    """Cut what a student wrote to a length of which pages are made in reasonable time; it has been executed by now."""
    left = SHOWN_SOURCES
    for cell in notebook.cells:
        if not is_solution(cell) and EXTRA not in cell.metadata.get("tags", []):
            continue
        length, room = len(cell.source), min(SHOWN_SOURCE, left)
        if length > room:
            cell.source = f"{cell.source[:room]}\n# [cut here: {length:,} characters were handed in]"
        left -= min(length, room)


class OutputBudget:
    """How much of a notebook's outputs is stored, all cells together."""

    def __init__(self, size: int):
        self._left = size

    def take(self, outputs: list[NotebookNode]) -> list[NotebookNode]:
        """Return the outputs if there is room for them, else a note."""
        size = len(json.dumps(outputs)) if outputs else 0
        if size > self._left:
            return [nbformat.v4.new_output("stream", name="stderr", text="[the notebook's outputs are too long]\n")]
        self._left -= size
        return outputs


def without_answers(release: NotebookNode, chapter: str, seed: int, status: str, reason: str) -> Graded:
    """Give every exercise of a release zero points, with a status and the reason."""
    graded = Graded(nbformat.from_dict(json.loads(json.dumps(release))))
    cases = hidden_cases(chapter, seed)
    for cell in graded.notebook.cells:
        if is_check(cell):
            case_set = cases[exercise_name(cell)]
            result = Result(case_set.name, 0.0, float(case_set.points), status, message=reason)
            graded.verdicts.append(write_verdict(cell, result))
    return graded


def write_verdict(cell: NotebookNode, result: Result, seconds: float = 0.0) -> Verdict:
    """Write a result into a check cell's outputs, where nbgrader reads the points and people read the rest."""
    verdict = Verdict(
        result.name,
        result.points,
        result.max_points,
        result.status,
        result.misconception,
        result.message,
        round(seconds, 3),
    )
    table = ResultTable(result)
    points = {"text/plain": repr(float(result.points)), VERDICT_MIME: vars(verdict)}
    # nbgrader takes the first execute_result as the score; without one it would give full marks
    cell.outputs = [
        nbformat.v4.new_output("execute_result", points, execution_count=None),
        nbformat.v4.new_output("display_data", {"text/plain": str(table), "text/html": table._repr_html_()}),
    ]
    return verdict


def read_verdict(cell: NotebookNode) -> Verdict | None:
    """Read back what `write_verdict` wrote; None if the cell holds no verdict."""
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if VERDICT_MIME in data:
            return Verdict(**data[VERDICT_MIME])
    return None


class _Runner:
    """Runs cells one after the other, and starts over with a fresh kernel when one dies.

    Cells that were run before are then run again, except those at whose hands a kernel died.
    """

    def __init__(self, start: Callable[[], Kernel], limits: Limits):
        self.timed = False
        self._start = start
        self._limits = limits
        self._deadline = time.monotonic() + limits.submission_seconds
        self._kernel: Kernel | None = None
        self._history: list[str] = []
        self._starts_left = 1 + limits.restarts
        self._given_up = ""

    def close(self) -> None:
        if self._kernel is not None:
            self._kernel.close()
            self._kernel = None

    def run(self, source: str) -> Execution:
        """Run a cell of the notebook."""
        if not self._ready():
            return Execution("died", reason=self._given_up)
        execution = self._kernel.run(source)
        self.timed |= execution.status == "timeout"
        if self._kernel.alive:
            self._history.append(source)
        return execution

    def judge(self, case_set: CaseSet) -> Result:
        """Judge one exercise by its hidden cases."""
        together = self._ask_together(case_set)
        if together is not None:
            outcomes = iter(together)
            return evaluate(case_set, lambda case: next(outcomes), reveal=False)
        return evaluate(case_set, lambda case: self._ask(case_set.name, case), reveal=False)

    def _ask_together(self, case_set: CaseSet) -> list[Outcome] | None:
        """Put all cases at once, which is many times faster; None if anything about the answer is unusual."""
        if not self._ready():
            return None
        cases_json = json.dumps([case.to_plain() for case in case_set.cases])
        seconds = min(TOGETHER_SECONDS, self._limits.call_seconds)
        execution, answer = self._kernel.ask(_question(case_set.name, "answers", cases_json), seconds)
        if not self._kernel.alive:
            self._starts_left += 1  # not yet the end that counts: the cases are put again, one at a time
        if execution.status != "ok":
            return None
        try:
            found = json.loads(answer)
            if not isinstance(found, list) or len(found) != len(case_set.cases):
                return None
            return [Outcome.from_plain(outcome) for outcome in found]
        except (PlainDataError, ValueError, RecursionError):
            return None

    def _ask(self, name: str, case: Case) -> Outcome:
        if not self._ready():
            return Outcome(failure=Failure("crash", self._given_up))
        execution, answer = self._kernel.ask(_question(name, "answer", json.dumps(case.to_plain())))
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
            self._kernel = self._start()
        except KernelDied:
            if self._starts_left == 0:
                raise  # not the student's doing: nothing of theirs has run in this kernel
            return
        for position, source in enumerate(self._history):
            self._kernel.run(source)
            if not self._kernel.alive:
                del self._history[position]  # it did not harm the first time, but does now
                return


def _question(name: str, function: str, data: str) -> str:
    """What a kernel is asked to evaluate: the student's function, found by its name, on data."""
    return f"__import__('utils.calling').calling.{function}(globals().get({name!r}), {data!r})"


def harmless_outputs(execution: Execution) -> list[NotebookNode]:
    """Keep of a student's outputs text and PNG images only, without metadata: safe to open by construction."""
    kept = [output for raw in execution.outputs for output in _harmless(raw)]
    if execution.reason:
        kept.append(nbformat.v4.new_output("stream", name="stderr", text=f"[{execution.reason}]\n"))
    return kept


def _harmless(raw: dict[str, Any]) -> list[NotebookNode]:
    kind, data = raw["output_type"], raw.get("data")
    if kind == "stream":
        name = "stderr" if raw.get("name") == "stderr" else "stdout"
        return [nbformat.v4.new_output("stream", name=name, text=_text(raw.get("text")))]
    if kind == "error":
        # a traceback as text: nbgrader's templates show an error's colour codes as HTML
        lines = raw.get("traceback")
        text = "\n".join(line for line in lines if isinstance(line, str)) if isinstance(lines, list) else ""
        return [nbformat.v4.new_output("stream", name="stderr", text=_text(f"{text}\n"))]
    if not isinstance(data, dict):
        return []
    safe = {}
    if isinstance(data.get("text/plain"), str):
        safe["text/plain"] = _text(data["text/plain"])
    if _is_png(data.get("image/png")):
        safe["image/png"] = data["image/png"].replace("\n", "")
    return [nbformat.v4.new_output("display_data", safe)] if safe else []


def _text(value: Any) -> str:
    text = ANSI.sub("", value if isinstance(value, str) else "")
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x1b", "")


def _is_png(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return base64.b64decode(value.replace("\n", ""), validate=True).startswith(PNG_SIGNATURE)
    except (binascii.Error, ValueError):
        return False
