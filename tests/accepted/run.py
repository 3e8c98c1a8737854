"""Execute a solution notebook with the student's functions in another form, cell by cell, and note what breaks."""

from __future__ import annotations

import ast
import contextlib
import functools
import io
import multiprocessing
import os
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jupytext
import matplotlib
import matplotlib.pyplot as plt
import torch
from IPython.core.inputtransformer2 import TransformerManager

import utils.training
from grading.cells import exercise_name, is_check, is_hand_graded, is_solution
from tests.accepted.forms import FORMS, Form
from utils.check.published import CheckFailed

UTILS = str(Path(utils.training.__file__).parent)


@dataclass(frozen=True)
class Break:
    """A cell that a form breaks.

    cell, line : where, numbered as in the source.
    told : whether a student reads a sentence that was written for the occasion.
    alone : whether the cell runs once it has the reference's functions; if not, an earlier cell left it something.
    """

    cell: int
    line: str
    error: str
    told: bool
    alone: bool

    def __str__(self) -> str:
        after = "" if self.alone else ", after what earlier cells left"
        return f"{'told' if self.told else 'BARE'}, cell {self.cell}{after}: {self.error}\n    {self.line}"


@dataclass
class Found:
    """What came of a form: the functions that `check` accepted and refused in it, and the cells that it broke."""

    form: str
    accepted: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)


class Sweeps:
    """utils.training.sweep, which is not asked again where none of the student's functions took part.

    A call is known by the number of its cell and its place among the calls there.
    """

    def __init__(self):
        self.real, self.known, self.recording = utils.training.sweep, {}, True
        self.cell, self.place, self.students_calls = 0, 0, 0

    def begin(self, cell: int) -> None:
        self.cell, self.place = cell, 0

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.place += 1
        key = self.cell, self.place
        if not self.recording and key in self.known:
            return self.known[key]
        before = self.students_calls
        history = self.real(*arguments, **named)
        if self.recording and self.students_calls == before:
            self.known[key] = history
        return history

    def counting(self, function: Callable) -> Callable:
        """The form of a function that counts how often it is called."""

        @functools.wraps(function)
        def counted(*arguments: Any, **named: Any) -> Any:
            self.students_calls += 1
            return function(*arguments, **named)

        return counted


class Session:
    """A notebook that is executed cell by cell, each of its functions in a form as soon as it is defined."""

    def __init__(self, path: Path, sweeps: Sweeps):
        cells = enumerate(jupytext.read(path).cells)
        self.cells = [(number, cell) for number, cell in cells if cell.cell_type == "code"]
        self.sweeps = sweeps

    def run(self, name: str, form: Form) -> Found:
        """Execute all cells in a fresh namespace."""
        found, scope = Found(name), {"__name__": "__main__"}
        right: dict[str, Callable] = {}  # the functions as their cells define them
        for number, cell in self.cells:
            self.sweeps.begin(number)
            function = exercise_name(cell)
            error = self._error(number, cell, scope)
            if is_solution(cell) and not is_hand_graded(cell) and not isinstance(scope[function], type):
                right[function] = scope[function]
                scope[function] = form(scope[function])
            elif is_check(cell) and function in right:
                (found.refused if isinstance(error, CheckFailed) else found.accepted).append(function)
                if isinstance(error, CheckFailed):
                    scope[function], error = right[function], None
            if error is not None:
                found.breaks.append(self._judged(number, cell, scope, right, error))
        return found

    def _judged(self, number: int, cell: Any, scope: dict, right: dict[str, Callable], error: Exception) -> Break:
        """Say what an error is worth, and run its cell with the reference, so that the next cells find its names."""
        formed = {name: scope[name] for name in right}
        scope |= right
        self.sweeps.begin(number)
        again = self._error(number, cell, scope)
        scope |= formed
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if frame.filename == _filename(number)]
        line = cell.source.splitlines()[own[-1].lineno - 1].strip() if own else ""
        text = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        return Break(number, line, text, _is_told(error, frames), again is None)

    def _error(self, number: int, cell: Any, scope: dict) -> Exception | None:
        """Execute a cell quietly; return what it raised."""
        source = TransformerManager().transform_cell(cell.source)
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                exec(compile(source, _filename(number), "exec"), scope)
        except Exception as error:
            return error
        finally:
            plt.close("all")
        return None


def _filename(number: int) -> str:
    return f"<cell {number}>"


def _is_told(error: Exception, frames: traceback.StackSummary) -> bool:
    """Whether an error is a sentence: an assert's message, or one that a module of utils raises on purpose."""
    if isinstance(error, AssertionError):
        return bool(str(error))
    return frames[-1].filename.startswith(UTILS) and (frames[-1].line or "").startswith("raise ")


def tried(path: Path, forms: Iterable[str]) -> Iterator[Found]:
    """Execute a notebook as it stands, then in each form, in processes that begin with what the first one trained."""
    matplotlib.use("agg")
    os.environ["TQDM_DISABLE"] = "1"
    os.chdir(path.parent)  # where the notebook's checks are
    torch.set_num_threads(1)
    sweeps = Sweeps()
    utils.training.sweep = sweeps
    session = Session(path, sweeps)
    yield session.run("reference", sweeps.counting)
    sweeps.recording = False
    for form in forms:
        yield _in_a_child(lambda form=form: session.run(form, FORMS[form]))


def _in_a_child(work: Callable[[], Any]) -> Any:
    """Do some work in a process that begins as this one is, and return what came of it."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=lambda: there.send(work()))
    child.start()
    there.close()  # or a child that died would be waited for
    result = here.recv()
    child.join()
    return result


def silent_asserts(path: Path) -> list[tuple[int, str]]:
    """(number of the cell, text) of each assert that says nothing when it fails."""
    return [
        (number, ast.unparse(node))
        for number, cell in enumerate(jupytext.read(path).cells)
        if cell.cell_type == "code"
        for node in ast.walk(ast.parse(TransformerManager().transform_cell(cell.source)))
        if isinstance(node, ast.Assert) and node.msg is None
    ]


def show(path: Path, forms: list[str]) -> int:
    """Print what breaks in a notebook; return how much of it is bare."""
    print(f"\n{path.parent.name}/{path.stem}")
    silent = silent_asserts(path)
    for cell, text in silent:
        print(f"  silent assert, cell {cell}: {text}")
    return len(silent) + sum(_shown(found) for found in tried(path, forms))


def _shown(found: Found) -> int:
    refused = f", refused: {', '.join(found.refused)}" if found.refused else ""
    print(f"  {found.form}: {len(found.accepted)} accepted{refused}, {len(found.breaks)} cells break")
    for broken in found.breaks:
        print(f"  - {broken}")
    return sum(not broken.told for broken in found.breaks)
