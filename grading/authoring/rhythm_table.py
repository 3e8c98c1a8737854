"""What `python -m grading rhythm` prints: a line for each notebook, and the figures that say nothing to the blind."""

from __future__ import annotations

from collections import Counter

import nbformat
from rich.console import Group
from rich.table import Table

from grading.authoring.rhythm import Survey, survey
from grading.course import Course

COLUMNS = ("guesses", "experi-\nments", "un-\nfolded", "bare\nread-\nings", "fig-\nures", "no alt\ntext")


def surveys(course: Course, chapters: list[str]) -> dict[str, Survey]:
    """Count in every built notebook of the chapters: "chapter/notebook" -> its survey."""
    return {
        f"{chapter}/{path.stem}": survey(nbformat.read(path, as_version=4))
        for chapter in chapters
        for path in sorted((course.solutions / chapter).glob("*.ipynb"))
    }


def rhythm_table(course: Course, chapters: list[str]) -> Group:
    found = surveys(course, chapters)
    table = Table(
        "notebook",
        *COLUMNS,
        "written\nlines",
        "open\nlines",
        "",
        "but\ndoc-\nstrings",
        "",
        box=None,
        padding=(0, 1, 0, 0),
    )
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    for name, one in found.items():
        numbers = (one.guesses, one.experiments, one.unfolded, one.bare_readings, one.figures, len(one.without_alt))
        table.add_row(name.split("/")[1], *map(str, numbers), *_shares(one.written, one.open, one.docstrings))
    sums = [sum(getattr(one, name) for one in found.values()) for name in ("written", "open", "docstrings")]
    table.add_row("all", *[""] * len(COLUMNS), *_shares(*sums))
    silent = [
        f"{name}: {', '.join(f'{cell} ({count})' for cell, count in Counter(one.without_alt).items())}"
        for name, one in found.items()
        if one.without_alt
    ]
    return Group(table, *(["", "Cells with figures without alternative text:", *silent] if silent else []))


def _shares(written: int, lines: int, docstrings: int) -> list[str]:
    counted = [f"{written:,}"]
    for of in (lines, lines - docstrings):
        counted += [f"{of:,}", f"{written / of:.0%}" if of else ""]
    return counted
