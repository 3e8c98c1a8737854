"""What `python -m grading rhythm` prints: a line for each notebook, and the figures that say nothing to the blind."""

from __future__ import annotations

from collections import Counter

import nbformat
from rich.console import Group
from rich.table import Table

from grading.authoring.rhythm import Survey, survey
from grading.course import Course

COLUMNS = ("guesses", "experi-\nments", "un-\nfolded", "bare\nread-\nings", "figures", "no alt\ntext")


def surveys(course: Course, chapters: list[str]) -> dict[str, Survey]:
    """Count in every built notebook of the chapters: "chapter/notebook" -> its survey."""
    return {
        f"{chapter}/{path.stem}": survey(nbformat.read(path, as_version=4))
        for chapter in chapters
        for path in sorted((course.solutions / chapter).glob("*.ipynb"))
    }


def rhythm_table(course: Course, chapters: list[str]) -> Group:
    found = surveys(course, chapters)
    table = Table("notebook", *COLUMNS, "written\nlines", "open\nlines", "", box=None, padding=(0, 1, 0, 0))
    for column in table.columns[1:]:
        column.justify = "right"
    for name, one in found.items():
        numbers = (one.guesses, one.experiments, one.unfolded, one.bare_readings, one.figures, len(one.without_alt))
        table.add_row(name.split("/")[1], *map(str, numbers), *_share(one.written, one.open))
    written, lines = sum(one.written for one in found.values()), sum(one.open for one in found.values())
    table.add_row("all", *[""] * len(COLUMNS), *_share(written, lines))
    silent = [
        f"{name}: {', '.join(f'{cell} ({count})' for cell, count in Counter(one.without_alt).items())}"
        for name, one in found.items()
        if one.without_alt
    ]
    return Group(table, *(["", "Cells with figures without alternative text:", *silent] if silent else []))


def _share(written: int, lines: int) -> tuple[str, str, str]:
    return f"{written:,}", f"{lines:,}", f"{written / lines:.0%}" if lines else ""
