"""The list of files that could not be placed: written by the grading, read by the report."""

from __future__ import annotations

import csv
import io
from dataclasses import astuple, fields
from pathlib import Path

from grading.course import Course
from grading.files import write_atomically
from grading.intake.harmless import csv_text
from grading.intake.submissions import Unplaced


def _path(course: Course) -> Path:
    return course.gradebook / "unplaced.csv"


def write_unplaced(course: Course, unplaced: list[Unplaced]) -> None:
    columns = [field.name for field in fields(Unplaced)]
    write_atomically(_path(course), csv_text(columns, [list(astuple(item)) for item in unplaced]))


def read_unplaced(course: Course) -> list[Unplaced]:
    """Return what the last grading could not place."""
    if not _path(course).exists():
        return []
    with io.StringIO(_path(course).read_text(encoding="utf-8"), newline="") as text:
        return [Unplaced(*row) for row in list(csv.reader(text))[1:]]
