"""Try every attack on the grader and print what came of it: python -m tests.attacks [BATCH…]"""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.attacks.bench import Outcome, grade_batch, summary
from tests.attacks.corpus import BATCHES
from utils.check.plain import one_line

Batch = StrEnum("Batch", list(BATCHES))
WIDTH = 150  # where there is no terminal


def table(outcomes: list[Outcome]) -> Table:
    """One line an attack, in the order of the list of what the grader must withstand."""
    result = Table("#", "attack", "kind", "aim", "what happened", "earned", "due", "", title="Attacks on the grader")
    for outcome in sorted(outcomes, key=lambda outcome: outcome.attack.entry):
        attack = outcome.attack
        points = f"{sum(outcome.earned.values()):g}", f"{sum(attack.due().values()):g}"
        texts = str(attack.entry), attack.slug, attack.kind, attack.aim, one_line(outcome.observed, 100), *points
        result.add_row(*map(escape, texts), "[green]ok[/green]" if outcome.ok else "[red]FAILED[/red]")
    return result


def main(batches: Annotated[list[Batch] | None, typer.Argument(help="All if none.")] = None) -> None:
    """Try some batches of attacks. Ends with status 1 if any of them paid or did harm."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    outcomes, faults = [], []
    for name in batches or BATCHES:
        graded = grade_batch(BATCHES[name])
        console.print(f"{name}: {len(graded.outcomes)} attacks, {graded.seconds:.0f} s, {graded.peak_mib:.0f} MiB")
        outcomes += graded.outcomes
        faults += [f"{name}: {fault}" for fault in graded.faults]
    faults += [f"{outcome.attack.slug}: {fault}" for outcome in outcomes for fault in outcome.faults]
    console.print(table(outcomes))
    for fault in faults:
        console.print(f"FAULT: {one_line(fault, 1000)}", markup=False)
    console.print(summary(outcomes), markup=False)
    raise typer.Exit(bool(faults))


if __name__ == "__main__":
    typer.run(main)
