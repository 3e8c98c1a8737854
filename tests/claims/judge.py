"""From what came of a notebook's runs to what does not hold, claim by claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field

from nbformat import NotebookNode

from grading.authoring.claims_page import Row, cells_of_claims
from tests.claims.asserts import Part, parts_of
from tests.claims.found import Run

GUESS = "guess"  # tag of a cell that only a notebook in the present rhythm has
NO_CLAIM = "–"  # where asserts outside claims are listed


@dataclass(frozen=True)
class Book:
    """A notebook as its author wrote it.

    cells : claim -> ids of its cells.
    parts : claim, or NO_CLAIM, -> what its cells assert.
    remade : whether it has cells to guess in; what does not hold in the others is listed, and no failure.
    """

    name: str
    rows: dict[str, Row]
    cells: dict[str, list[str]]
    parts: dict[str, list[Part]]
    remade: bool

    @classmethod
    def of(cls, name: str, rows: dict[str, Row], notebook: NotebookNode) -> Book:
        claims = cells_of_claims(name, rows, notebook)
        claimed = [cell.id for cells in claims.values() for cell in cells]
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        cells = {claim: [cell.id for cell in cells] for claim, cells in claims.items()}
        cells[NO_CLAIM] = [cell.id for cell in code if cell.id not in claimed]
        parts = {
            claim: [part for cell in code if cell.id in ids for part in parts_of(cell.id, cell.source)]
            for claim, ids in cells.items()
        }
        return cls(name, rows, cells, parts, any(GUESS in cell.metadata.get("tags", []) for cell in code))


@dataclass
class Judged:
    """A claim, or what is asserted outside claims.

    held, seeds : under how many other base seeds it held, of how many.
    caught, falsifiers : how many falsifiers made an assert fail, of how many; None if they were not tried.
    problems : sentences about what does not hold.
    """

    book: str
    claim: str
    held: int
    seeds: int
    caught: int | None
    falsifiers: int
    problems: list[str] = field(default_factory=list)


def judge(book: Book, runs: dict[int, Run], tried: Container[str]) -> list[Judged]:
    """Judge every claim of a notebook.

    runs : base seed -> its run; 0 has the trials of the falsifiers, and is not counted as another seed.
    tried : claims whose falsifiers were tried.
    """
    rows = [_judge_claim(book, claim, runs, tried) for claim in book.cells]
    if book.remade:
        rows[-1].problems += _still(book, runs)
    return [row for row in rows if row.claim != NO_CLAIM or row.problems]


def _judge_claim(book: Book, claim: str, runs: dict[int, Run], tried: Container[str]) -> Judged:
    others = {seed: run for seed, run in runs.items() if seed}
    held = sum(not _failed(book, claim, run) and not _raised(book, claim, run) for run in others.values())
    trials = runs[0].trials.get(claim, {}) if 0 in runs else {}
    judged = Judged(book.name, claim, held, len(others), None, len(trials))
    if 0 in runs:
        judged.problems += [f"as built: {text}" for text in _describe(book, claim, runs[0])]
    judged.problems += _unsteady(book, claim, others)
    if claim in tried:
        own = set(book.parts[claim])
        caught = {name: bool(own & set(trial.failed)) for name, trial in trials.items()}
        judged.caught = sum(caught.values())
        judged.problems += [] if trials else ["has no falsifier"]
        judged.problems += [
            f"falsifier {name!r} breaks down: {trial.error}" if trial.error else f"falsifier {name!r}: nothing fails"
            for name, trial in trials.items()
            if not caught[name]
        ]
        if trials:
            seen = {part for by_name in runs[0].trials.values() for trial in by_name.values() for part in trial.failed}
            judged.problems += [f"never seen to fail: {_show(part)}" for part in book.parts[claim] if part not in seen]
    return judged


def _failed(book: Book, claim: str, run: Run) -> dict[Part, str]:
    return {part: message for part, message in run.failed if part.cell in book.cells[claim]}


def _raised(book: Book, claim: str, run: Run) -> dict[str, str]:
    return {cell: error for cell, error in run.errors.items() if cell in book.cells[claim]}


def _describe(book: Book, claim: str, run: Run) -> list[str]:
    failed = [_show(part) + (f", {message}" if message else "") for part, message in _failed(book, claim, run).items()]
    return failed + [f"{cell} raises {error}" for cell, error in _raised(book, claim, run).items()]


def _unsteady(book: Book, claim: str, others: dict[int, Run]) -> list[str]:
    """What fails under some base seeds, the most often first."""
    counts = Counter(text for run in others.values() for text in {_show(part) for part in _failed(book, claim, run)})
    counts.update(
        f"{cell} raises {error}" for run in others.values() for cell, error in _raised(book, claim, run).items()
    )
    return [f"fails under {count} of {len(others)} base seeds: {text}" for text, count in counts.most_common()]


def _still(book: Book, runs: dict[int, Run]) -> list[str]:
    """Seeds that do not move with the base seed: whatever rests on them is asked of the same dice each time."""
    if len(runs) < 2:
        return []
    same = set.intersection(*(set(run.thrown) for run in runs.values()))
    cells = {cell: [seed for other, seed in sorted(same) if other == cell] for cell, _ in sorted(same)}
    return [f"{cell} throws dice that do not follow the base seed: {', '.join(seeds)}" for cell, seeds in cells.items()]


def _show(part: Part) -> str:
    return f"{part.cell} `{part.text}`"
