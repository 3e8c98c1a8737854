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
    """One line an attack."""
    result = Table(title="Attacks on the grader")
    for name in ("#", "attack", "kind", "what happened", "earned / due"):
        result.add_column(name, justify="right" if name in ("#", "earned / due") else "left")
    result.add_column("")
    for outcome in sorted(outcomes, key=lambda outcome: outcome.attack.entry):
        attack = outcome.attack
        happened = "\n".join([outcome.observed[:160], *(f"FAULT: {fault[:400]}" for fault in outcome.faults)])
        result.add_row(
            str(attack.entry),
            f"{escape(attack.slug)}\n[dim]{escape(attack.aim)}[/dim]",
            attack.kind,
            escape("".join(c if c.isprintable() or c == "\n" else "?" for c in happened)),
            f"{sum(outcome.earned.values()):g} / {sum(attack.due().values()):g}",
            "[green]ok[/green]" if outcome.ok else "[red]FAILED[/red]",
        )
    return result


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
    for fault in faults:
        console.print(f"FAULT of a class: {fault}", markup=False)
    console.print(summary(outcomes), markup=False)
    return int(bool(faults) or not all(outcome.ok for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
