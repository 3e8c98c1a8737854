"""The class report as one HTML page that loads nothing and runs nothing."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from grading.report import pictures, statistics
from grading.report.collect import ClassReport
from grading.report.statistics import ClassStatistics
from utils.check.verdict import STATUSES

TEMPLATES = Path(__file__).with_name("templates")
DASH = "–"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # what no page may hold
CAUSES = {
    "value": "wrong values",
    "factor": "wrong by a factor",
    "sign": "wrong sign",
    "near": "wrong by little",
    "nan": "NaN",
    "shape": "wrong shape",
    "dtype": "wrong dtype",
    "type": "wrong type",
    "mutated": "changes its input",
    "state": "remembers its calls",
    "property": "lacks a property",
    "exception": "exception",
    "signature": "wrong parameters",
    "result": "no plain data",
    "crash": "the kernel died",
    "timeout": "too slow",
    "unreadable": "unreadable",
    "grader": "the grader failed",
}


def render(report: ClassReport) -> str:
    """Return report.html. The same report gives the same page."""
    return page(ClassStatistics(report))


def page(found: ClassStatistics) -> str:
    """Return report.html from the statistics of a class."""
    chapters = [chapter for chapter in found.chapters if chapter.shares]
    exercises = [item for item in found.exercises if item.students]
    context = {
        "report": found.report,
        "statistics": found,
        "chapters": chapters,
        "exercises": exercises,
        "histograms": list(map(pictures.histogram, chapters)),
        "scatter": pictures.scatter(exercises) if exercises else None,
        "heat_map": pictures.heat_map(found, {name: chapter_title(name) for name in found.columns})
        if exercises
        else None,
        "unplaced_rows": [(item.student, item.file, item.reason) for item in found.report.unplaced],
        "note_rows": [(student, chapter_title(chapter), note) for student, chapter, note in found.notes],
        "name_rows": [(student, found.report.folder(student), "") for student in sorted(found.report.names)],
        "group_size": pictures.group_size(len(found.students)),
        "signs_of": pictures.SIGNS | {"partial": "67", "unjudged": pictures.UNJUDGED},
        "signs": lambda student: [
            (name, list(map(pictures.sign, rows))) for name, rows in found.answers(student).items()
        ],
        "cell": Markup("<td>"),
        "limits": statistics,
        "causes": CAUSES,
        "statuses": STATUSES,
    }
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", _environment().get_template("report.html").render(context))


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
