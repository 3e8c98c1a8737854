"""The class's scores and misconceptions as tables on the terminal."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from grading.report.collect import ClassReport


def score_table(report: ClassReport) -> Table:
    """Students × chapters."""
    table = Table(title="Scores", caption="* waits for a hand grade")
    table.add_column("student")
    for chapter in report.chapters:
        table.add_column(chapter.replace("_", " "), justify="right")  # so that nine of them wrap
    for student in report.students:
        cells = []
        for chapter in report.chapters:
            score = report.scores[student, chapter]
            cells.append(f"{score.points:g} / {score.max_points:g}{'*' if score.waiting else ' '}")
        table.add_row(escape(student), *cells)
    return table


def misconception_table(report: ClassReport, count: int = 3) -> Table:
    """The commonest misconceptions with their hints."""
    table = Table(title="Commonest misconceptions", show_lines=True)
    table.add_column("students", justify="right")
    table.add_column("what they believe, and the hint they were given")
    for chapter, exercise, slug, number in report.commonest(count):
        belief = f"[bold]{exercise}: {slug.replace('-', ' ')}[/bold]\n{escape(report.hint(chapter, exercise, slug))}"
        table.add_row(str(number), belief)
    return table
