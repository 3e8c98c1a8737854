"""Try every attack on the grader and print what came of it: python -m tests.attacks [BATCH…]"""

from __future__ import annotations

import html
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grading.files import write_atomically
from tests.attacks.attack import Attack
from tests.attacks.bench import ORDINARY, Outcome, grade_batch, summary
from tests.attacks.corpus import BATCHES, files
from utils.check.plain import one_line

Batch = StrEnum("Batch", list(BATCHES))
Mode = StrEnum("Mode", ["root", "user", "both"])
COLUMNS = ("#", "attack", "kind", "aim", "what happened", "due")
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


def rows(found: Mapping[str, list[Outcome]]) -> Iterator[list[str]]:
    """One line an attack, in the order of the list of what the grader must withstand.

    found : who graded -> outcomes.
    """
    outcomes = {name: {outcome.attack.name: outcome for outcome in some} for name, some in found.items()}
    attacks = {attack.name: attack for some in found.values() for attack in (outcome.attack for outcome in some)}
    for attack in sorted(attacks.values(), key=lambda attack: attack.entry):
        own = {name: some[attack.name] for name, some in outcomes.items() if attack.name in some}
        observed = one_line(next(iter(own.values())).observed, 100)
        texts = str(attack.entry), attack.slug, attack.kind, attack.aim, observed, f"{sum(attack.due().values()):g}"
        yield [*texts, *(_result(own.get(name)) for name in found)]


def table(found: Mapping[str, list[Outcome]]) -> Table:
    """The same for a terminal."""
    result = Table(*COLUMNS, *found, title="Attacks on the grader")
    for row in rows(found):
        result.add_row(*map(escape, row), style="red" if "FAILED" in " ".join(row[len(COLUMNS) :]) else "")
    return result


def page(found: Mapping[str, list[Outcome]], faults: Sequence[str], path: Path) -> str:
    """The same as a page of the documentation."""
    lines = ["# Attacks on the grader", "", f"Written by `python -m tests.attacks --write {path}`; see safety.md."]
    lines += ["Points are out of 21; an attack keeps what its honest answers earn.", ""]
    lines += [f"- Graded by {grader}: {summary(outcomes)}." for grader, outcomes in found.items()]
    lines += [f"- FAULT: {_cell(fault)}" for fault in faults]
    lines += ["", f"| {' | '.join([*COLUMNS, *found])} |", f"|{'---|' * (len(COLUMNS) + len(found))}"]
    lines += [f"| {' | '.join(map(_cell, row))} |" for row in rows(found)]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """A text in a cell of a Markdown table, as it is: nothing in it is a link, a tag or a formula."""
    plain = "".join(letter if letter.isprintable() else "�" for letter in one_line(text, 120))
    return html.escape(re.sub(r"([\\`*_\[\]|$~:/@.])", r"\\\1", plain), quote=False)


def _result(outcome: Outcome | None) -> str:
    if outcome is None:
        return "–"
    return f"{sum(outcome.earned.values()):g} {'ok' if outcome.ok else 'FAILED'}"


def main(
    batches: Annotated[list[Batch] | None, typer.Argument(help="All if none.")] = None,
    mode: Annotated[Mode, typer.Option(help="Who grades; both only if root runs this.")] = Mode.both,
    write: Annotated[Path | None, typer.Option(help="Write the table to this file as Markdown, too.")] = None,
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
    if write:
        write_atomically(write, page(found, faults, write))
    raise typer.Exit(bool(faults))


if __name__ == "__main__":
    typer.run(main)
