"""Try every attack on the grader and print what came of it: python -m tests.attacks [BATCH…]"""

from __future__ import annotations

import sys

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.attacks.bench import Outcome, grade_batch, summary
from tests.attacks.corpus import BATCHES

WIDTH = 150


def table(outcomes: list[Outcome]) -> Table:
    """One line an attack, in the order of the list of what the grader must withstand."""
    result = Table(title="Attacks on the grader")
    for name, width in (("#", 2), ("attack", 26), ("aim", 40), ("what happened", 42), ("earned", 6), ("due", 5)):
        right = name in ("#", "earned", "due")
        result.add_column(name, justify="right" if right else "left", max_width=width, no_wrap=True)
    result.add_column("", no_wrap=True)
    for outcome in sorted(outcomes, key=lambda outcome: outcome.attack.entry):
        attack = outcome.attack
        result.add_row(
            str(attack.entry),
            escape(attack.slug),
            escape(f"{attack.kind}: {_visible(attack.aim)}"),
            escape(_visible(outcome.observed)),
            f"{sum(outcome.earned.values()):g}",
            f"{sum(attack.due().values()):g}",
            "[green]ok[/green]" if outcome.ok else "[red]FAILED[/red]",
        )
    return result


def _visible(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def main(names: list[str]) -> int:
    """Try the batches of these names, all if there are none; return the exit status."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    outcomes, faults = [], []
    for name in names or BATCHES:
        graded = grade_batch(BATCHES[name])
        outcomes += graded.outcomes
        faults += [f"{name}: {fault}" for fault in graded.faults]
        console.print(f"{name}: {len(graded.outcomes)} attacks, {graded.seconds:.0f} s, {graded.peak_mib:.0f} MiB")
    console.print(table(outcomes))
    faults += [f"{outcome.attack.slug}: {fault}" for outcome in outcomes for fault in outcome.faults]
    for fault in faults:
        console.print(_visible(f"FAULT: {fault}"), markup=False)
    console.print(summary(outcomes), markup=False)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
