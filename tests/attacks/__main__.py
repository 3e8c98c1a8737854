"""Try every attack on the grader and print what came of it: python -m tests.attacks [BATCH…]"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.attacks.attack import Attack
from tests.attacks.bench import ORDINARY, Outcome, grade_batch, summary
from tests.attacks.corpus import BATCHES, files
from utils.check.plain import one_line

Batch = StrEnum("Batch", list(BATCHES))
Mode = StrEnum("Mode", ["root", "user", "both"])
WIDTH = 160  # where there is no terminal


def uids(mode: Mode) -> dict[str, int]:
    """Who grades -> user id for `grade_batch`. Raises typer.BadParameter if whoever runs this cannot become that."""
    if os.getuid() == 0:
        return {name: uid for name, uid in (("root", 0), ("user", ORDINARY)) if mode in (name, "both")}
    if mode == "root":
        raise typer.BadParameter("only root can grade as root; expected --mode user, or no --mode at all")
    return {"user": 0}


def attacks_of(batch: str, grader: str) -> list[Attack]:
    """The attacks of a batch; some files are closed to an ordinary user only."""
    return [*BATCHES[batch], *(files.UNREADABLE if (batch, grader) == ("files", "user") else [])]


def table(found: Mapping[str, list[Outcome]]) -> Table:
    """One line an attack, in the order of the list of what the grader must withstand.

    found : who graded -> outcomes.
    """
    result = Table("#", "attack", "kind", "aim", "what happened", "due", *found, title="Attacks on the grader")
    outcomes = {name: {outcome.attack.name: outcome for outcome in some} for name, some in found.items()}
    attacks = {attack.name: attack for some in found.values() for attack in (outcome.attack for outcome in some)}
    for attack in sorted(attacks.values(), key=lambda attack: attack.entry):
        own = {name: some[attack.name] for name, some in outcomes.items() if attack.name in some}
        observed = one_line(next(iter(own.values())).observed, 100)
        texts = str(attack.entry), attack.slug, attack.kind, attack.aim, observed, f"{sum(attack.due().values()):g}"
        result.add_row(*map(escape, texts), *(_result(own.get(name)) for name in found))
    return result


def _result(outcome: Outcome | None) -> str:
    if outcome is None:
        return "–"
    return f"{sum(outcome.earned.values()):g} {'[green]ok[/green]' if outcome.ok else '[red]FAILED[/red]'}"


def main(
    batches: Annotated[list[Batch] | None, typer.Argument(help="All if none.")] = None,
    mode: Annotated[Mode, typer.Option(help="Who grades; both only if root runs this.")] = Mode.both,
) -> None:
    """Try some batches of attacks. Ends with status 1 if any of them paid or did harm."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    found: dict[str, list[Outcome]] = {}
    faults = []
    for grader, uid in uids(mode).items():
        found[grader] = []
        for name in batches or BATCHES:
            graded = grade_batch(attacks_of(name, grader), uid)
            told = f"{len(graded.outcomes)} attacks, {graded.seconds:.0f} s, {graded.peak_mib:.0f} MiB"
            console.print(f"{name}, graded by {grader}: {told}", highlight=False)
            found[grader] += graded.outcomes
            faults += [f"{grader}: {name}: {fault}" for fault in graded.faults]
            faults += [f"{grader}: {one.attack.slug}: {fault}" for one in graded.outcomes for fault in one.faults]
    console.print(table(found))
    for fault in faults:
        console.print(f"FAULT: {one_line(fault, 1000)}", markup=False)
    for grader, outcomes in found.items():
        console.print(f"graded by {grader}: {summary(outcomes)}", markup=False, highlight=False)
    raise typer.Exit(bool(faults))


if __name__ == "__main__":
    typer.run(main)
