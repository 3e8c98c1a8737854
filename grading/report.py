"""What a class got, and what it believes: verdicts.csv, grades.csv, report.html and the tables on the terminal."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import jinja2
import nbformat
from nbgrader.api import MissingEntry
from rich.markup import escape
from rich.table import Table

from grading.cells import is_check
from grading.course import Course
from grading.exercise import load_exercises
from grading.files import write_atomically
from grading.gradebook import CourseGradebook
from grading.judge import Verdict, read_verdict

PERSON_COLUMNS = ["student_id", "last_name", "first_name", "email"]
SCORE_COLUMNS = ["raw_score", "late_submission_penalty", "score", "max_score"]
GRADE_COLUMNS = ["assignment", "duedate", "timestamp", *PERSON_COLUMNS, *SCORE_COLUMNS]


@dataclass(frozen=True)
class Row:
    """A line of verdicts.csv."""

    student_id: str
    chapter: str
    exercise: str
    points: float
    max_points: float
    status: str
    misconception: str
    message: str


@dataclass(frozen=True)
class Score:
    """A student's score in a chapter; `waiting` if an answer is still to be graded by hand."""

    points: float
    max_points: float
    waiting: bool


@dataclass(frozen=True)
class ClassReport:
    """Everything a report shows."""

    students: list[str]
    chapters: list[str]
    scores: dict[tuple[str, str], Score]
    rows: list[Row]

    def commonest(self, count: int | None = None) -> list[tuple[str, str, str, int]]:
        """(chapter, exercise, misconception, students), commonest first."""
        counts = Counter((row.chapter, row.exercise, row.misconception) for row in self.rows if row.misconception)
        return [(*key, number) for key, number in counts.most_common(count)]

    def hint(self, chapter: str, exercise: str, slug: str) -> str:
        exercises = load_exercises(chapter)
        wrong = exercises[exercise].misconceptions if exercise in exercises else []
        return next((item.hint for item in wrong if item.slug == slug), "")

    def statuses(self) -> list[tuple[str, str, Counter]]:
        """(chapter, exercise, how many students have each status), in the order of the course."""
        found: dict[tuple[str, str], Counter] = {}
        for row in self.rows:
            found.setdefault((row.chapter, row.exercise), Counter())[row.status] += 1
        return [(*key, counter) for key, counter in found.items()]


def collect(course: Course) -> ClassReport:
    """Read the gradebook and the judged notebooks. Every student has a row for every exercise of every chapter."""
    with CourseGradebook(course) as gradebook:
        students = gradebook.students()
        chapters = sorted(assignment.name for assignment in gradebook.gradebook.assignments)
        scores = {key: Score(*score) for key, score in gradebook.scores().items()}
    rows = [row for student in students for chapter in chapters for row in _rows(course, student, chapter)]
    return ClassReport(students, chapters, scores, rows)


def _rows(course: Course, student: str, chapter: str) -> Iterable[Row]:
    verdicts: dict[str, Verdict] = {}
    for name in course.released_notebooks(chapter):
        path = course.autograded / student / chapter / f"{name}.ipynb"
        if path.exists():
            cells = nbformat.read(path, as_version=4).cells
            verdicts |= {found.exercise: found for found in map(read_verdict, filter(is_check, cells)) if found}
    for exercise in load_exercises(chapter).values():
        missing = Verdict(exercise.name, 0.0, exercise.points, "missing", "", "nothing was handed in")
        verdict = verdicts.get(exercise.name, missing)
        yield Row(
            student,
            chapter,
            exercise.name,
            verdict.points,
            verdict.max_points,
            verdict.status,
            verdict.misconception,
            verdict.message,
        )


# --- files


def write_files(course: Course, report: ClassReport) -> dict[str, Path]:
    """Write verdicts.csv, grades.csv and report.html; return where they are."""
    paths = {name: course.gradebook / name for name in ("grades.csv", "verdicts.csv", "report.html")}
    columns = [field.name for field in fields(Row)]
    write_atomically(paths["verdicts.csv"], _csv(columns, [list(asdict(row).values()) for row in report.rows]))
    write_atomically(paths["grades.csv"], _csv(GRADE_COLUMNS, _grade_rows(course)))
    write_atomically(paths["report.html"], render(report))
    return paths


def _grade_rows(course: Course) -> list[list[Any]]:
    """The rows of `nbgrader export`, whose own writer does not quote."""
    rows = []
    with CourseGradebook(course) as records:
        for assignment in records.gradebook.assignments:
            for student in records.gradebook.students:
                try:
                    submission = records.gradebook.find_submission(assignment.name, student.id)
                    raw, penalty, stamp = submission.score, submission.late_submission_penalty, submission.timestamp
                except MissingEntry:
                    raw, penalty, stamp = 0.0, 0.0, None
                person = [student.id, student.last_name, student.first_name, student.email]
                score = max(0.0, raw - penalty)
                rows.append(
                    [assignment.name, assignment.duedate, stamp, *person, raw, penalty, score, assignment.max_score]
                )
    return rows


def _csv(columns: list[str], rows: Iterable[list[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_harmless(value) for value in row] for row in rows)
    return text.getvalue()


def _harmless(value: Any) -> Any:
    """Keep a spreadsheet from taking a student's text for a formula."""
    if value is None:
        return ""
    if isinstance(value, str) and value.lstrip()[:1] in tuple("=+-@") + ("\t", "\r"):
        return "'" + value
    return value


def render(report: ClassReport) -> str:
    """The class report as one HTML page that loads nothing and runs nothing."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html").render(report=report)


# --- terminal


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
