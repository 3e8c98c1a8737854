"""python -m tests.claims: ask every claim of the course again under other dice, and make each of them false."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from grading.authoring.build import read_source
from grading.authoring.claims_page import read_list
from grading.course import ROOT, Course, CourseError
from grading.files import write_atomically
from tests.claims.found import Run
from tests.claims.judge import Book, judge
from tests.claims.table import console_table, page
from utils.claims import VARIABLE

LIMIT = 3600  # seconds for one notebook under one base seed, with its falsifiers
# threads do not survive a fork, a figure needs no window, and a notebook that shares the cores has one of them
ALONE = {
    **{f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")},
    **{"MPLBACKEND": "agg", "TQDM_DISABLE": "1", "CUDA_VISIBLE_DEVICES": ""},
}
POLITE = [] if os.getpriority(os.PRIO_PROCESS, 0) else ["nice"]  # unless it is already
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console()


@app.command()
def run(
    wanted: Annotated[
        list[str] | None, typer.Argument(metavar="[CHAPTER[/NOTEBOOK]]...", help="All notebooks if none.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=0, help="Other base seeds under which every claim must hold.")] = 8,
    workers: Annotated[int, typer.Option(min=0, help="Notebooks at a time; 0 for one a core.")] = 0,
    falsify: Annotated[bool, typer.Option(help="Make each claim false, too.")] = True,
    claim: Annotated[list[str] | None, typer.Option(help="Only this claim's falsifiers, such as S9.")] = None,
    write: Annotated[Path | None, typer.Option(help="Write the table to this file as Markdown, too.")] = None,
) -> None:
    """Ask every claim again under other base seeds, and try its falsifiers.

    Fails if anything does not hold in a notebook that has been remade, that is, has cells to guess in.
    """
    began = time.monotonic()
    try:
        books = {book.name: book for book in _choose(Course.here(), wanted or [])}
    except CourseError as error:
        console.print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
    # the longest first: as built, with its falsifiers
    tasks = [(book, seed) for seed in range(seeds + 1) for book in books.values()]
    found: dict[str, dict[int, Run]] = defaultdict(dict)
    for book, seed, came in _executed(tasks, falsify, claim or [], workers):
        found[book.name][seed] = came
    rows = []
    for book in books.values():
        rows += judge(book, found[book.name], (claim or book.rows) if falsify else ())
    console.print(console_table(rows))
    for row in rows:
        for problem in row.problems:
            console.print(f"{row.book} {row.claim}: {problem}", markup=False, highlight=False, soft_wrap=True)
    if write:
        write_atomically(write, page(rows, seeds, f"python -m tests.claims --write {write}"))
    remade = [name for name, book in books.items() if book.remade]
    failures = sum(len(row.problems) for row in rows if row.book in remade)
    console.print(f"remade: {', '.join(remade) or 'none'}; there {failures} problems", highlight=False, soft_wrap=True)
    console.print(f"{len(tasks)} runs in {time.monotonic() - began:.0f} s", highlight=False)
    raise typer.Exit(int(failures > 0))


def _choose(course: Course, wanted: list[str]) -> list[Book]:
    """The notebooks asked for. Raises CourseError if one of the names fits none."""
    books = []
    for chapter in course.authored_chapters():
        for path in sorted((course.solutions / chapter).glob("*.py")):
            name = f"{chapter}/{path.stem}"
            if not wanted or name in wanted or chapter in wanted:
                books.append(Book.of(name, read_list(course.claims / chapter / f"{path.stem}.toml"), read_source(path)))
    known = {book.name for book in books} | {book.name.partition("/")[0] for book in books}
    if unknown := [name for name in wanted if name not in known]:
        raise CourseError(f"no chapter or notebook {unknown[0]!r}; expected such as ch04_sgd_variants/momentum")
    return books


def _executed(
    tasks: list[tuple[Book, int]], falsify: bool, claims: list[str], workers: int
) -> Iterator[tuple[Book, int, Run]]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as progress, ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        bar = progress.add_task("notebooks", total=len(tasks))
        waiting = {
            pool.submit(_execute, book, seed, falsify and seed == 0, claims): (book, seed) for book, seed in tasks
        }
        try:
            for done in as_completed(waiting):
                book, seed = waiting[done]
                came = done.result()
                progress.console.print(f"{book.name}, base seed {seed}: {came.seconds:.0f} s", highlight=False)
                progress.advance(bar)
                yield book, seed, came
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # if one of them died, or somebody has seen enough


def _execute(book: Book, seed: int, falsify: bool, claims: list[str]) -> Run:
    """Run a notebook in a process of its own. Raises RuntimeError if that dies."""
    options = ["--falsify"] * falsify + [f"--only={claim}" for claim in claims] + ["--shift"] * (not book.remade)
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [*POLITE, sys.executable, "-m", "tests.claims.runner", *book.name.split("/"), str(result), *options]
        environment = {**os.environ, **ALONE, VARIABLE: str(seed), "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LIMIT)
        if done.returncode or not result.exists():
            raise RuntimeError(f"{book.name}, base seed {seed}: ended with {done.returncode}\n{done.stderr[-4000:]}")
        return Run.of_plain(json.loads(result.read_text(encoding="utf-8")))


if __name__ == "__main__":
    app()
