"""python -m tests.precision: prove that the exercises of the course tell right from wrong."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pandas as pd
import torch
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from grading.course import ROOT, Course
from grading.exercise import chapters_with_exercises
from tests.precision.forms import try_forms_by_name
from tests.precision.pipeline import grade_answers, prove_agreement
from tests.precision.proof import HIDDEN_SEEDS, Proof, exercise_names, prove_by_name, subjects_of
from tests.precision.table import NoTable

# what is counted -> its column; whatever goes wrong is a finding, and spelled out below the table
COLUMNS = {
    "misconceptions named": "misconceptions",
    "converted named": "in other types",
    "wrong lost": "further wrong",
    "killed": "mutants",
    "equivalent": "equivalent",
    "honest kept": "honest",
    "form seeds": "seeds of types",
    "pipeline agreed": "pipeline",
}
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
    seeds: Annotated[int, typer.Option(min=1, help="Sets of hidden cases for every answer.")] = len(HIDDEN_SEEDS),
    form_seeds: Annotated[
        int, typer.Option(min=0, help="Sets of hidden cases for right answers in other types.")
    ] = 200,
    pipeline: Annotated[
        Depth,
        typer.Option(help="What to grade in sandboxes too: nothing, what a person might write, or mutants as well."),
    ] = Depth.WRITTEN,
    workers: Annotated[int, typer.Option(min=0, help="Processes or sandboxes at a time; 0 for one a core.")] = 0,
) -> None:
    """Prove that wrong answers lose points and right ones keep all, in the published cases and in hidden ones."""
    names = Course.here().choose(chapters or [], chapters_with_exercises(Course.here()))
    try:
        for chapter in names:
            subjects_of(chapter)
    except NoTable as error:
        typer.echo(f"error: {error}")
        raise typer.Exit(1) from error
    keys = [(chapter, exercise) for chapter in names for exercise in exercise_names(Course.here(), chapter)]
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns) as progress:
        proofs = dict(zip(keys, _stage(progress, "answers", prove_by_name, keys, seeds, workers), strict=True))
        for key, proof in zip(
            keys, _stage(progress, "types", try_forms_by_name, keys, form_seeds, workers), strict=True
        ):
            proofs[key].counts += proof.counts
            proofs[key].findings += proof.findings
        if pipeline is not Depth.NONE:
            for chapter in names:
                _through_pipeline(chapter, proofs, pipeline, progress, workers)
    typer.echo(_table(proofs))
    raise typer.Exit(_show_findings(proofs))


def _stage(
    progress: Progress, title: str, work: Callable, keys: list[Key], seeds: int, workers: int
) -> Iterator[Proof]:
    """Do a part of the proof in processes of their own, in the order of the keys, and say how long it took."""
    began, context = time.monotonic(), multiprocessing.get_context("spawn")  # a fork with torch's threads may hang
    with ProcessPoolExecutor(workers or None, context, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        found = pool.map(work, *zip(*keys, strict=True), [seeds] * len(keys))
        yield from progress.track(found, total=len(keys), description=title)
    progress.console.print(f"{title}: {time.monotonic() - began:.0f} s")


def _through_pipeline(chapter: str, proofs: dict[Key, Proof], depth: Depth, progress: Progress, workers: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        course = Course(ROOT, Path(folder).resolve())
        subjects = subjects_of(chapter)
        chosen = "answers" if depth is Depth.ALL else "written"
        answers = [answer for subject in subjects.values() for answer in getattr(subject, chosen)]
        rows = grade_answers(course, chapter, subjects, answers, progress, workers)
    for answer, row in rows.items():
        prove_agreement(proofs[chapter, answer.exercise], subjects[answer.exercise], answer, row)


def _table(proofs: dict[Key, Proof]) -> str:
    rows = {
        (chapter.partition("_")[0], exercise): {title: proof.counts[name] for name, title in COLUMNS.items()}
        | {"findings": len(proof.findings)}
        for (chapter, exercise), proof in proofs.items()
    }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.loc[("all", str(len(proofs))), :] = frame.sum()
    return frame.astype(int).to_string()


def _show_findings(proofs: dict[Key, Proof]) -> int:
    """Spell out every survivor and every false alarm; return the exit status."""
    findings = [(chapter, found) for (chapter, _), proof in proofs.items() for found in proof.findings]
    for chapter, found in findings:
        typer.echo(f"\n{chapter}/{found.exercise}: {found.kind} {found.name} {found.problem}\n{found.source}")
    typer.echo(f"{len(findings)} findings" if findings else "nothing survives, no false alarm")
    return int(bool(findings))


if __name__ == "__main__":
    app()
