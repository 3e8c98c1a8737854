"""The report as tables: CSV files for whoever goes on counting, and what the terminal shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import Any

from nbgrader.api import SubmittedAssignment
from rich.markup import escape
from rich.table import Table

from grading.course import Course
from grading.files import write_atomically
from grading.intake.harmless import csv_text
from grading.records.gradebook import CourseGradebook
from grading.report.collect import ClassReport, Row
from grading.report.page import page
from grading.report.statistics import ClassStatistics
from utils.check.verdict import STATUSES

PERSON_COLUMNS = ["student_id", "last_name", "first_name", "email"]
SCORE_COLUMNS = ["raw_score", "late_submission_penalty", "score", "max_score"]
GRADE_COLUMNS = ["assignment", "duedate", "timestamp", *PERSON_COLUMNS, *SCORE_COLUMNS]

Columns = tuple[list[str], list[Sequence[Any]]]


# --- CSV


def write_files(course: Course, report: ClassReport) -> dict[str, Path]:
    """Write the CSV files and report.html; return where grades.csv, verdicts.csv and report.html are."""
    statistics = ClassStatistics(report)
    for name, (columns, rows) in csv_tables(course, statistics).items():
        write_atomically(course.gradebook / name, csv_text(columns, rows))
    write_atomically(course.gradebook / "report.html", page(statistics))
    return {name: course.gradebook / name for name in ("grades.csv", "verdicts.csv", "report.html")}


def csv_tables(course: Course, statistics: ClassStatistics) -> dict[str, Columns]:
    """File name -> columns and rows. Where there is a student's id there is also the folder that was handed in."""
    names = [field.name for field in fields(Row)]
    folder = statistics.report.folder
    return {
        "verdicts.csv": _with_folders((names, list(map(attrgetter(*names), statistics.report.rows))), folder),
        "grades.csv": _with_folders((GRADE_COLUMNS, _grades(course)), folder),
        "exercises.csv": _exercises(statistics),
        "misconceptions.csv": _misconceptions(statistics),
        "students.csv": _with_folders(_students(statistics), folder),
    }


def _with_folders(table: Columns, folder: Callable[[str], str]) -> Columns:
    columns, rows = table
    student = columns.index("student_id")
    return [*columns, "folder"], [[*row, folder(row[student])] for row in rows]


def _exercises(statistics: ClassStatistics) -> Columns:
    columns = ["chapter", "exercise", "max_points", "students", "mean_share", "discrimination", "partial_share"]
    rows = [
        [
            *(item.chapter, item.exercise, item.max_points, item.students),
            *(_rounded(item.mean_share), _rounded(item.discrimination), _rounded(item.partial_share)),
            *(item.counts[status] for status in STATUSES),
            *(item.median_seconds, item.max_seconds),
        ]
        for item in statistics.exercises
    ]
    return [*columns, *STATUSES, "median_seconds", "max_seconds"], rows


def _misconceptions(statistics: ClassStatistics) -> Columns:
    columns = ["chapter", "exercise", "misconception", "students", "of_students", "hint", "held_by"]
    return columns, [
        [item.chapter, item.exercise, item.misconception, len(item.holders), item.students, item.hint]
        + ["; ".join(item.holders)]
        for item in statistics.misconceptions
    ]


def _students(statistics: ClassStatistics) -> Columns:
    columns = ["student_id", "points", "max_points", "share", "exercises", "unattempted", "errors", "waiting", "signs"]
    waiting = {student for chapter in statistics.waiting for student in chapter.waiting}
    return columns, [
        [item.student_id, item.points, item.max_points, _rounded(item.share), item.exercises, item.unattempted]
        + [item.errors, int(item.student_id in waiting), "; ".join(item.signs)]
        for item in statistics.students
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _grades(course: Course) -> list[list[Any]]:
    """The rows of `nbgrader export`, whose own writer does not quote."""
    rows = []
    with CourseGradebook(course) as records:
        students = records.gradebook.students
        for assignment in records.gradebook.assignments:
            submitted = SubmittedAssignment  # one query for all: there may be thousands
            query = records.gradebook.db.query(
                *(submitted.student_id, submitted.score, submitted.late_submission_penalty, submitted.timestamp)
            )
            found = {student: rest for student, *rest in query.filter(submitted.assignment_id == assignment.id)}
            most = assignment.max_score
            for student in students:
                raw, penalty, stamp = found.get(student.id, (0.0, 0.0, None))
                person = [student.id, student.last_name, student.first_name, student.email]
                score = max(0.0, raw - penalty)
                rows.append([assignment.name, assignment.duedate, stamp, *person, raw, penalty, score, most])
    return rows


# --- the terminal


def score_table(report: ClassReport) -> Table:
    """Students × chapters."""
    table = Table(title="Scores", caption="* waits for a hand grade")
    table.add_column("student")
    for chapter in report.chapters:
        table.add_column(chapter.replace("_", " "), justify="right")  # so that nine of them wrap
    for student in report.students:
        scores = [report.scores[student, chapter] for chapter in report.chapters]
        cells = [f"{score.points:g} / {score.max_points:g}{'*' if score.waiting else ' '}" for score in scores]
        table.add_row(escape(student), *cells)
    return table


def misconception_table(report: ClassReport, count: int = 3) -> Table:
    """The commonest misconceptions with their hints."""
    table = Table(title="Commonest misconceptions", show_lines=True)
    table.add_column("students", justify="right")
    table.add_column("what they believe, and the hint they were given")
    for item in ClassStatistics(report).misconceptions[:count]:
        belief = f"[bold]{escape(item.exercise)}: {escape(item.text)}[/bold]\n{escape(item.hint)}"
        table.add_row(str(len(item.holders)), belief)
    return table
