"""Write the report: CSV files for whoever goes on counting, and the page."""

from __future__ import annotations

from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from grading.course import Course
from grading.files import write_atomically
from grading.intake.harmless import csv_text
from grading.records.gradebook import CourseGradebook
from grading.report.collect import ClassReport, Row
from grading.report.page import render
from grading.report.statistics import ClassStatistics
from utils.check.verdict import STATUSES

PERSON_COLUMNS = ["student_id", "last_name", "first_name", "email"]
SCORE_COLUMNS = ["raw_score", "late_submission_penalty", "score", "max_score"]
GRADE_COLUMNS = ["assignment", "duedate", "timestamp", *PERSON_COLUMNS, *SCORE_COLUMNS]

Table = tuple[list[str], list[list[Any]]]


def write_files(course: Course, report: ClassReport) -> dict[str, Path]:
    """Write the CSV files and report.html; return where grades.csv, verdicts.csv and report.html are."""
    for name, (columns, rows) in tables(course, report).items():
        write_atomically(course.gradebook / name, csv_text(columns, rows))
    write_atomically(course.gradebook / "report.html", render(report))
    return {name: course.gradebook / name for name in ("grades.csv", "verdicts.csv", "report.html")}


def tables(course: Course, report: ClassReport) -> dict[str, Table]:
    """File name -> columns and rows."""
    statistics = ClassStatistics(report)
    return {
        "verdicts.csv": ([field.name for field in fields(Row)], [list(astuple(row)) for row in report.rows]),
        "grades.csv": (GRADE_COLUMNS, _grades(course)),
        "exercises.csv": _exercises(statistics),
        "misconceptions.csv": _misconceptions(statistics),
        "students.csv": _students(statistics),
    }


def _exercises(statistics: ClassStatistics) -> Table:
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


def _misconceptions(statistics: ClassStatistics) -> Table:
    columns = ["chapter", "exercise", "misconception", "students", "of_students", "hint", "held_by"]
    return columns, [
        [item.chapter, item.exercise, item.misconception, len(item.holders), item.students, item.hint]
        + ["; ".join(item.holders)]
        for item in statistics.misconceptions
    ]


def _students(statistics: ClassStatistics) -> Table:
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
            submissions = {submission.student_id: submission for submission in assignment.submissions}
            for student in students:
                raw, penalty, stamp = 0.0, 0.0, None
                if submission := submissions.get(student.id):
                    raw, penalty, stamp = submission.score, submission.late_submission_penalty, submission.timestamp
                person = [student.id, student.last_name, student.first_name, student.email]
                score = max(0.0, raw - penalty)
                rows.append(
                    [assignment.name, assignment.duedate, stamp, *person, raw, penalty, score, assignment.max_score]
                )
    return rows
