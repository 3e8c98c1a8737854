"""The class report as one HTML page that loads nothing and runs nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from grading.report import charts, summaries
from grading.report.collect import ClassReport
from grading.report.statistics import ClassStatistics
from utils.check.verdict import STATUSES

TEMPLATES = Path(__file__).with_name("templates")
DASH = "–"


def render(report: ClassReport) -> str:
    """Return report.html. The same report gives the same page."""
    statistics = ClassStatistics(report)
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            statistics=statistics,
            histograms=[charts.Histogram(chapter) for chapter in statistics.chapters if chapter.shares],
            scatter=charts.Scatter(statistics.exercises),
            heat_map=charts.HeatMap(statistics),
            columns=charts.columns_by_chapter(statistics),
            matrix=lambda exercises: charts.rows_of_cells(statistics, exercises),
            limits=summaries,
            statuses=STATUSES,
        )
    )


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {function.__name__: function for function in (percent, number, seconds, chapter_title, code)}
    return environment


def percent(share: float | None) -> str:
    """0.416 -> "42 %"; a dash for None."""
    return DASH if share is None else f"{share:.0%}".replace("%", "\N{NO-BREAK SPACE}%")


def number(value: float | None, digits: int = 2) -> str:
    """-0.25 -> "−0.25", with a minus sign; a dash for None."""
    return DASH if value is None else f"{value:.{digits}f}".replace("-", "−")


def seconds(value: float | None) -> str:
    """Three digits, and a unit: 0.0123 -> "12 ms"; a dash for None."""
    if value is None:
        return DASH
    return f"{1000 * value:.0f}\N{NO-BREAK SPACE}ms" if value < 0.9995 else f"{value:.1f}\N{NO-BREAK SPACE}s"


def chapter_title(chapter: str) -> str:
    """ "ch04_sgd_variants" -> "4 · sgd variants"; any other name as it is."""
    prefix, _, topic = chapter.partition("_")
    if prefix[:2] == "ch" and prefix[2:].isdecimal() and topic:
        return f"{int(prefix[2:])} · {topic.replace('_', ' ')}"
    return chapter


def code(text: str) -> Markup:
    """Escape a text; what stands between `backquotes` becomes code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if i % 2 else escape(part) for i, part in enumerate(parts)
    )
