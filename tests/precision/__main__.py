"""python -m tests.precision: prove that the exercises of the course tell right from wrong."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.syntax import Syntax
from rich.table import Table

from grading.course import ROOT, Course
from grading.exercise import chapters_with_exercises
from tests.precision.pipeline import grade_answers, prove_agreement
from tests.precision.proof import HIDDEN_SEEDS, Proof, load_subjects, prove_by_name
from tests.precision.table import NoTable

COLUMNS = {
    "miscon-\nceptions:\nlost,\nnamed": ("misconceptions lost", "misconceptions named"),
    "in float32\nand lists:\nlost,\nnamed": ("converted lost", "converted named"),
    "further\nwrong:\nlost,\nkept": ("wrong lost", "wrong kept"),
    "mutants:\nkilled,\nequivalent,\nsurvived": ("killed", "equivalent", "survived"),
    "honest:\nkept,\nlost": ("honest kept", "honest lost"),
    "published\nagainst\nhidden:\ndisagree": ("disagreements",),
    "pipeline:\nagreed,\ndiffered": ("pipeline agreed", "pipeline differed"),
}
WIDTH = 120  # of the table, where no terminal says how wide it is
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
Key = tuple[str, str]  # chapter, exercise


class Depth(StrEnum):
    """Which answers go through the pipeline too: none, those that a person might write, or mutants as well."""

    NONE = "none"
    WRITTEN = "written"
    ALL = "all"


@app.command()
def run(
    chapters: Annotated[
        list[str] | None, typer.Argument(help="Chapters, such as ch04_sgd_variants; all if none.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Sets of hidden cases.")] = len(HIDDEN_SEEDS),
    pipeline: Annotated[
        Depth,
        typer.Option(help="What to grade in sandboxes too: nothing, what a person might write, or mutants as well."),
    ] = Depth.WRITTEN,
    workers: Annotated[int, typer.Option(min=0, help="Processes or sandboxes at a time; 0 for one a core.")] = 0,
) -> None:
    """Prove that wrong answers lose points and right ones keep all, in the published cases and in hidden ones."""
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH
    try:
        names = Course.here().choose(chapters or [], chapters_with_exercises(Course.here()))
        exercises = {chapter: list(load_subjects(Course.here(), chapter)) for chapter in names}
    except NoTable as error:
        console.print(f"[red]error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    keys = [(chapter, exercise) for chapter in names for exercise in exercises[chapter]]
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("in process", total=len(keys))
        proofs = {}
        for key, proof in zip(keys, _proofs(keys, seeds, workers), strict=True):
            proofs[key] = proof
            progress.advance(bar)
        if pipeline is not Depth.NONE:
            for chapter in names:
                _through_pipeline(chapter, proofs, pipeline, progress, workers)
    console.print(_table(proofs))
    problems = _show_findings(console, proofs)
    raise typer.Exit(1 if problems else 0)


def _proofs(keys: list[Key], seeds: int, workers: int) -> Iterator[Proof]:
    """Prove exercises in processes of their own, in the order of the keys."""
    context = multiprocessing.get_context("spawn")  # a fork of a process with torch's threads may hang
    with ProcessPoolExecutor(workers or None, context, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        yield from pool.map(prove_by_name, *zip(*keys, strict=True), [seeds] * len(keys))


def _through_pipeline(chapter: str, proofs: dict[Key, Proof], depth: Depth, progress: Progress, workers: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        course = Course(ROOT, Path(folder).resolve())
        subjects = load_subjects(course, chapter)
        chosen = "answers" if depth is Depth.ALL else "written"
        answers = [answer for subject in subjects.values() for answer in getattr(subject, chosen)]
        rows = grade_answers(course, chapter, subjects, answers, progress, workers)
    for answer, row in rows.items():
        prove_agreement(proofs[chapter, answer.exercise], subjects[answer.exercise], answer, row)


def _table(proofs: dict[Key, Proof]) -> Table:
    table = Table(title="What the cases tell apart")
    table.add_column("chapter")
    table.add_column("exercise", no_wrap=True)
    for title in COLUMNS:
        table.add_column(title, justify="right")
    for (chapter, exercise), proof in proofs.items():
        table.add_row(chapter.partition("_")[0], exercise, *_cells(proof.counts))
    table.add_section()
    table.add_row("all", str(len(proofs)), *_cells(sum((proof.counts for proof in proofs.values()), Counter())))
    return table


def _cells(counts: Counter) -> list[str]:
    return [
        ", ".join(str(counts[name]) for name in names)
        if len(names) == 1 or any(counts[name] for name in names)
        else "–"
        for names in COLUMNS.values()
    ]


def _show_findings(console: Console, proofs: dict[Key, Proof]) -> int:
    """Spell out every survivor and every false alarm; return how many there are."""
    findings = [(chapter, found) for (chapter, _), proof in proofs.items() for found in proof.findings]
    for chapter, found in findings:
        heading = f"{chapter}/{found.exercise}: {found.kind} {found.name} {found.problem}"
        console.print(f"\n[red]{escape(heading)}[/red]", highlight=False, soft_wrap=True)
        if found.source:
            console.print(Syntax(found.source, "python", background_color="default"))
    verdict = f"[red]{len(findings)} findings[/red]" if findings else "[green]nothing survives, no false alarm[/green]"
    console.print(verdict, highlight=False)
    return len(findings)


if __name__ == "__main__":
    app()
