"""python -m tests.claims.runner: execute one notebook under one base seed, in this process, and try its falsifiers.

The seed is the environment variable COURSE_SEED, and what was found goes to a file as JSON. Cells run one after the
other as in a kernel, except that an assert that fails is noted and passed over. Before the first cell of a claim the
process forks for each of its falsifiers; the copy runs the cells from there to the claim's last one, changed.
"""

from __future__ import annotations

import ast
import json
import os
import sys
import time
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from nbformat import NotebookNode
from traitlets.config import Config

from grading.authoring.build import read_source
from grading.authoring.claims_page import Falsifier, Row, cells_of_claims, read_list
from grading.cells import is_check
from grading.course import Course
from tests.claims.asserts import RECORDER, Recorder
from tests.claims.dice import Dice
from tests.claims.fork import NoAnswer, in_copy
from tests.claims.found import Run, Trial
from utils.claims import MOST, base_seed

COPY_SECONDS = 300.0  # for one falsifier


class Shell:
    """An interactive Python like a kernel's, without its history, its threads and its screen."""

    def __init__(self, shift: int = 0):
        self.recorder, self.dice = Recorder(), Dice(shift)
        self.dice.install()
        config = Config()
        config.HistoryManager.enabled = False
        self.shell = InteractiveShell.instance(config=config)
        self.shell.ast_transformers.append(self.recorder)
        self.shell.user_ns[RECORDER] = self.recorder
        FigureCanvasAgg.draw = _leave_blank

    def run(self, cell: str, source: str, watched: bool = True) -> str:
        """Run a cell's source; return what it raised, "" if nothing."""
        self.recorder.cell = cell
        with self.dice.watch(cell if watched else ""):
            result = self.shell.run_cell(source, silent=True)
        plt.close("all")
        error = result.error_before_exec or result.error_in_exec
        return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}" if error else ""


def _leave_blank(canvas: FigureCanvasAgg) -> None:
    """Take the place of drawing, a good part of a notebook's time: here nobody looks at figures and films."""
    canvas.renderer = canvas.get_renderer()
    canvas.renderer.clear()
    if "draw" in vars(canvas.figure):  # by which matplotlib asks for the renderer, to measure what is to be cut
        canvas.figure.draw(canvas.renderer)


def execute(cells: list[NotebookNode], claims: dict[str, list[str]], rows: dict[str, Row], shell: Shell) -> Run:
    """Run the code cells of a notebook in order, and at each claim's first cell its falsifiers.

    claims : claim -> ids of its cells.  rows : claim -> its row, with the falsifiers to try; may lack claims.
    """
    found, began = Run(), time.monotonic()
    for index, cell in enumerate(cells):
        for name, row in rows.items():
            if claims[name][0] != cell.id:
                continue
            last = max(i for i, other in enumerate(cells) if other.id in claims[name])
            part = cells[index : last + 1]
            found.trials[name] = {f.name: _try(f, part, claims[name], shell) for f in row.falsifiers}
        error = shell.run(cell.id, cell.source, watched=not is_check(cell))
        if error:
            found.errors[cell.id] = error
    found.failed = list(shell.recorder.failed.items())
    found.thrown = list(shell.dice.thrown)
    found.seconds = time.monotonic() - began
    return found


def _try(falsifier: Falsifier, cells: list[NotebookNode], own: list[str], shell: Shell) -> Trial:
    """Run some cells in a copy of this process with a falsifier's change in those that are the claim's own."""
    began = time.monotonic()
    try:
        trial = Trial.of_plain(in_copy(lambda: asdict(_changed(falsifier, cells, own, shell)), COPY_SECONDS))
    except NoAnswer as reason:
        trial = Trial(error=str(reason))
    trial.seconds = time.monotonic() - began
    return trial


def _changed(falsifier: Falsifier, cells: list[NotebookNode], own: list[str], shell: Shell) -> Trial:
    """Run the cells until one of the claim's own raises; return what failed."""
    shell.recorder.failed.clear()
    before, error = Before(falsifier.before, shell), ""
    for cell in cells:
        if cell.id in own:
            error = before.put(last=cell.id == own[-1]) or shell.run(cell.id, falsifier.change(cell.source))
            if error:
                break
        elif not is_check(cell):  # which would only say that a function is not what it should be
            shell.run(cell.id, cell.source)
    return Trial(list(shell.recorder.failed), f"{cell.id}: {error}" if error else "")


class Before:
    """A falsifier's code, put before a claim's cells.

    A solution between them is defined anew there, so that the code must be executed again to take its place.
    """

    def __init__(self, code: str, shell: Shell):
        self.code, self.shell = code, shell
        self.placed: dict[str, Any] | None = None if code else {}

    def put(self, last: bool) -> str:
        """Execute the code unless what it defined is in its place; return what it raised.

        last : whether no other cell of the claim follows. Before one, a name that is missing here may still be defined.
        """
        names = self.shell.shell.user_ns
        if self.placed is not None and all(names.get(name) is value for name, value in self.placed.items()):
            return ""
        error = self.shell.run("before", self.code)
        if not error:
            self.placed = {name: names[name] for name in _bound(self.code) if name in names}
        return "" if error.startswith("NameError") and not last else error and f"its own code raises {error}"


def _bound(code: str) -> set[str]:
    """The names that code binds by `=`, `def` or `class`, outside of functions and classes."""
    names = set()
    for statement in ast.parse(code).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            names.add(statement.name)
        elif isinstance(statement, ast.Assign):
            nodes = [node for target in statement.targets for node in ast.walk(target)]
            names |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return names


def main(
    chapter: str,
    notebook: str,
    result: Path,
    falsify: Annotated[bool, typer.Option(help="Try the falsifiers.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="Claims whose falsifiers to try; all if none.")] = None,
    shift: Annotated[bool, typer.Option(help="Move all seeds, whether they follow the base seed or not.")] = False,
) -> None:
    """Execute a notebook and write what was found."""
    course = Course.here()
    path = course.solutions / chapter / f"{notebook}.py"
    source, rows = read_source(path), read_list(course.claims / chapter / f"{notebook}.toml")
    tagged = cells_of_claims(f"{chapter}/{notebook}", rows, source)
    claims = {name: [cell.id for cell in cells] for name, cells in tagged.items()}
    tried = {name: row for name, row in rows.items() if falsify and (not only or name in only)}
    code = [cell for cell in source.cells if cell.cell_type == "code"]
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    result = result.resolve()
    os.chdir(path.parent)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    found = execute(code, claims, tried, Shell(MOST * base_seed() if shift else 0))
    result.write_text(json.dumps(asdict(found)), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
