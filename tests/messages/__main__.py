"""python -m tests.messages: how many wrong answers does `check` name, point at, call merely wrong, or accept?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import torch
import typer

from grading.course import ROOT, Course
from tests.messages.collection import ANSWERS, KINDS, Told, answers_in, subjects, tell

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def run(
    folder: Annotated[Path, typer.Argument(help="Wrong answers, <notebook>/<exercise>.py.")] = ANSWERS,
    only: Annotated[str, typer.Option(help="Notebook or exercise; all if empty.")] = "",
    listed: Annotated[str, typer.Option("--list", help="A kind, e.g. only-wrong, whose messages are printed.")] = "",
    hidden: Annotated[bool, typer.Option(help="Judge as the grader does, without numbers.")] = False,
) -> None:
    """Print the table, and the messages of one kind."""
    torch.set_num_threads(1)
    known = subjects(Course(ROOT))
    wrong = [item for item in answers_in(folder) if only in ("", item.notebook, item.exercise)]
    unknown = sorted({item.exercise for item in wrong} - set(known))
    if unknown:
        raise typer.BadParameter(f"there are no exercises called {', '.join(unknown)}")
    told = [tell(item, known[item.exercise]) for item in wrong]
    for item in told:
        kind = item.hidden_kind if hidden else item.kind
        if listed and listed.replace("-", " ") in (kind, "all"):
            print(f"{item.wrong.title} [{kind}]: {_said(item, hidden)}")
    print(table(told, hidden).to_string())


def _said(item: Told, hidden: bool) -> str:
    verdict = item.hidden if hidden else item.verdict
    if verdict is None:
        return item.error
    hint = f" | {verdict.misconception}: {verdict.hint}" if verdict.misconception else ""
    return f"{verdict.message}{hint}"


def table(told: list[Told], hidden: bool = False) -> pd.DataFrame:
    """A row for each notebook: the number of answers, and in percent what came of them."""
    rows = pd.DataFrame(
        [(item.wrong.notebook, item.hidden_kind if hidden else item.kind) for item in told],
        columns=["notebook", "kind"],
    )
    counts = pd.crosstab(rows["notebook"], rows["kind"]).reindex(columns=list(KINDS), fill_value=0)
    counts.loc["all"] = counts.sum()
    answers = counts.sum(axis=1)
    shares = (100 * counts.div(answers, axis=0)).round(1)
    shares.insert(0, "answers", answers)
    shares["named or pointed at"] = shares["named"] + shares["pointed at"]
    return shares


if __name__ == "__main__":
    app()
