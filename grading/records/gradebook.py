"""nbgrader's gradebook, written by this process alone."""

from __future__ import annotations

import functools
import json
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from alembic.script import ScriptDirectory
from nbgrader.api import (
    Assignment,
    Base,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    MissingEntry,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.dbutil import ALEMBIC_DIR
from nbgrader.preprocessors import AssignLatePenalties, SaveCells
from nbgrader.utils import compute_checksum, determine_grade, is_grade, parse_utc
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import SAWarning, SQLAlchemyError

from grading.cells import grade_id, is_check
from grading.course import Course, CourseError
from grading.files import write_atomically
from grading.judging.judge import read_verdict

LOOKED_UP_BY = {
    "grade": "notebook_id",
    "comment": "notebook_id",
    "submitted_notebook": "assignment_id",
    "submitted_assignment": "student_id",
}


@dataclass
class _KeptSubmission:
    """What people and earlier gradings put into a submission: everything that a new release must not lose."""

    student: str
    fields: dict[str, Any]
    cells: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)


class CourseGradebook:
    """Records graded notebooks in nbgrader's database and next to it. Use as a context manager."""

    def __init__(self, course: Course):
        self.course = course
        self._last: SubmittedAssignment | None = None
        self._cells: dict[str, list] = {}
        course.keep_private()
        # nbgrader builds a submission before it adds it to its session; SQLAlchemy 2 remarks on it every time
        warnings.filterwarnings("ignore", "Object of type .* not in session", SAWarning)
        try:
            _make_tables(course.database_url)
            self.gradebook = Gradebook(course.database_url, "descent")
            # nobody else writes meanwhile what is read here; else every cell would be fetched again for every student
            self.gradebook.db().expire_on_commit = False
        except (SQLAlchemyError, ImportError) as error:
            address = re.sub(r"(?<=:)[^:@/]+(?=@)", "***", course.database_url)
            raise CourseError(f"the database {address} cannot be opened: {error}") from error

    def __enter__(self) -> CourseGradebook:
        return self

    def __exit__(self, *exc: object) -> None:
        self.gradebook.close()

    def students(self) -> list[str]:
        return [student.id for student in self.gradebook.students]

    def enrol(self, students: Iterable[str]) -> None:
        """Make the gradebook know these students."""
        for student in sorted(set(students) - set(self.students())):
            self.gradebook.add_student(student)

    def count(self) -> None:
        """Have the database count what its tables hold, by which it plans nbgrader's queries over a whole class.

        PostgreSQL does so by itself, but a minute later; till then formgrader's pages would take many times as long.
        """
        db = self.gradebook.db
        if db.get_bind().dialect.name in ("sqlite", "postgresql"):
            db.execute(text("ANALYZE"))
            db.commit()

    def register(self, chapter: str) -> str:
        """Make the gradebook know the chapter as it is released now; return a sentence if it had to be changed.

        When the release has other cells than the one that was graded before, the old database is kept as a copy and
        hand-given scores and comments are carried over.
        """
        try:
            assignment = self.gradebook.find_assignment(chapter)
        except MissingEntry:
            assignment = self.gradebook.add_assignment(chapter)
        releases = {
            name: nbformat.read(path, as_version=4) for name, path in self.course.released_notebooks(chapter).items()
        }
        old, new = _known_cells(assignment), _released_cells(releases)
        if old == new and assignment.submissions:
            return ""
        if not assignment.submissions:
            self._save_cells(chapter, releases)
            return ""
        copy = self._back_up()
        kept = [_keep(submission) for submission in assignment.submissions]
        duedate = assignment.duedate
        self.gradebook.remove_assignment(chapter)
        self.gradebook.add_assignment(chapter, duedate=duedate)
        self._save_cells(chapter, releases)
        for submission in kept:
            self._restore(chapter, submission)
        changes = [
            f"{label}: {', '.join(cell for _, cell in sorted(cells))}"
            for label, cells in (("new", new - old), ("gone", old - new))
            if cells
        ]
        return (
            f"{chapter}: the release has other cells than the gradebook ({'; '.join(changes)}). "
            f"The gradebook was updated; the old one is kept as {copy}"
        )

    def _save_cells(self, chapter: str, releases: dict[str, nbformat.NotebookNode]) -> None:
        for name, notebook in releases.items():
            SaveCells().preprocess(notebook, {"nbgrader": self._names(chapter, name)})
        self.gradebook.db.expire_all()  # SaveCells has a connection of its own

    def _names(self, chapter: str, notebook: str, student: str = "") -> dict[str, str]:
        names = {"assignment": chapter, "notebook": notebook, "student": student}
        return {**names, "db_url": self.course.database_url}

    def _back_up(self) -> str:
        """Copy the database, of whatever kind, into an SQLite file next to it."""
        stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
        copy = self.course.gradebook / f"gradebook-{stamp}.db"
        self.gradebook.db.commit()
        target = create_engine(f"sqlite:///{copy}")
        Base.metadata.create_all(target)
        with self.gradebook.engine.connect() as source, target.begin() as connection:
            for table in Base.metadata.sorted_tables:
                rows = [dict(row) for row in source.execute(table.select()).mappings()]
                if rows:
                    connection.execute(table.insert(), rows)
        target.dispose()
        return copy.name

    def _restore(self, chapter: str, kept: _KeptSubmission) -> None:
        submission = self.gradebook.add_submission(chapter, kept.student, **kept.fields)
        for notebook in submission.notebooks:
            for kind, entries in (("grade", notebook.grades), ("comment", notebook.comments)):
                for entry in entries:
                    for name, value in kept.cells.get((notebook.name, kind, entry.cell.name), {}).items():
                        setattr(entry, name, value)
        self.gradebook.db.commit()

    def record(
        self, student: str, chapter: str, notebook: str, judged: nbformat.NotebookNode, submitted: datetime | None
    ) -> None:
        """Store a judged notebook in `autograded` and its scores in the database, unless they are there already.

        The student must be enrolled.
        """
        path = self.course.autograded / student / chapter / f"{notebook}.ipynb"
        text = json.dumps(judged, ensure_ascii=False) + "\n"
        if self._recorded.get((student, chapter, notebook)) == _scores(judged, submitted) and _holds(path, text):
            return
        submission = self._save(student, chapter, notebook, judged, submitted)
        if submission.assignment.duedate:
            names = {"nbgrader": self._names(chapter, notebook, student), "unique_key": notebook}
            AssignLatePenalties().preprocess(judged, names)
            self.gradebook.db.expire_all()  # it has a connection of its own
        write_atomically(path, text)  # last: what is in the file is in the database

    def _save(
        self, student: str, chapter: str, notebook: str, judged: nbformat.NotebookNode, submitted: datetime | None
    ) -> SubmittedAssignment:
        try:
            submission = self._submission(student, chapter, submitted)
            for entry in submission.notebooks:
                if entry.name == notebook:
                    _save_scores(entry, judged)
            self.gradebook.db.commit()
        except Exception:
            self._last = None
            self.gradebook.db.rollback()  # or nothing more could be written for anybody
            raise
        return submission

    def _submission(self, student: str, chapter: str, submitted: datetime | None) -> SubmittedAssignment:
        """A student's submission of a chapter, made if there is none; that of a moment ago need not be looked for."""
        if self._last and (self._last.student_id, self._last.assignment.name) == (student, chapter):
            self._last.timestamp = parse_utc(submitted)
            return self._last
        self._last = self.gradebook.update_or_create_submission(chapter, student, timestamp=submitted)
        # held on to, or they would be fetched anew for the next student
        self._cells[chapter] = [
            [notebook.grade_cells, notebook.solution_cells] for notebook in self._last.assignment.notebooks
        ]
        return self._last

    @functools.cached_property
    def _recorded(self) -> dict[tuple[str, str, str], tuple[datetime | None, dict[str, float | None]]]:
        """(student, chapter, notebook) -> when it was handed in, and the automatic scores, as they were at first."""
        found: dict[tuple[str, str, str], tuple] = {}
        for assignment in self.gradebook.assignments:
            submitted = SubmittedAssignment
            query = (
                self.gradebook.db.query(submitted.student_id, submitted.timestamp, Notebook.name)
                .add_columns(GradeCell.name, Grade.auto_score)
                .select_from(Grade)
                .join(GradeCell, GradeCell.id == Grade.cell_id)
                .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
                .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
                .join(submitted, submitted.id == SubmittedNotebook.assignment_id)
                .filter(submitted.assignment_id == assignment.id)
            )
            for student, timestamp, notebook, cell, score in query:
                key = (student, assignment.name, notebook)
                found.setdefault(key, (timestamp, {}))[1][cell] = score
        return found

    def marks(self) -> dict[tuple[str, str], list[list[Any]]]:
        """(student, chapter) -> everything a page shows of its grades: points and comments, automatic and by hand."""
        found: dict[tuple[str, str], list[list[Any]]] = {}
        grades = [Grade.auto_score, Grade.manual_score, Grade.extra_credit, BaseCell.name, Notebook.name]
        comments = [Comment.auto_comment, Comment.manual_comment, BaseCell.name, Notebook.name]
        for table, columns in ((Grade, grades), (Comment, comments)):
            query = (
                self.gradebook.db.query(SubmittedAssignment.student_id, Assignment.name, SubmittedAssignment.timestamp)
                .add_columns(Assignment.duedate, *columns)
                .select_from(table)
                .join(BaseCell, BaseCell.id == table.cell_id)
                .join(SubmittedNotebook, SubmittedNotebook.id == table.notebook_id)
                .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
                .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
                .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            )
            for student, chapter, *row in query:
                found.setdefault((student, chapter), []).append(row)
        return {job: sorted(rows, key=repr) for job, rows in found.items()}

    def scores(self) -> dict[tuple[str, str], tuple[float, float, bool]]:
        """(student, chapter) -> score, maximum, and whether something waits to be graded by hand."""
        students = self.students()
        found = {}
        for assignment in self.gradebook.assignments:
            most = assignment.max_score
            found |= {(student, assignment.name): (0.0, most, False) for student in students}
            submitted = SubmittedAssignment  # one query for all: there may be thousands
            query = self.gradebook.db.query(submitted.student_id, submitted.score, submitted.needs_manual_grade)
            for student, score, waiting in query.filter(submitted.assignment_id == assignment.id):
                found[student, assignment.name] = score, most, waiting
        return found


def _make_tables(url: str) -> None:
    """Make nbgrader's tables in an empty database; it would do so itself, but start a program for the version."""
    engine = create_engine(url)
    if not inspect(engine).get_table_names():
        Base.metadata.create_all(engine)
        version = ScriptDirectory(ALEMBIC_DIR).get_current_head()
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})
    _make_indexes(engine)
    engine.dispose()


def _make_indexes(engine: Engine) -> None:
    """Index what nbgrader looks rows up by: without, every look reads the grades of the whole class."""
    known = inspect(engine)
    for table, column in LOOKED_UP_BY.items():
        if not any(index["column_names"][0] == column for index in known.get_indexes(table)):
            with engine.begin() as connection:
                connection.execute(text(f"CREATE INDEX {table}_by_{column} ON {table} ({column})"))


def _scores(
    judged: nbformat.NotebookNode, submitted: datetime | None
) -> tuple[datetime | None, dict[str, float | None]]:
    """When a notebook was handed in, and grade cell -> automatic score."""
    return submitted, {grade_id(cell): _auto_score(cell) for cell in judged.cells if is_grade(cell)}


def _auto_score(cell: nbformat.NotebookNode) -> float | None:
    """The score that nbgrader reads in a judged cell. Raises ValueError where it would take nothing for full marks."""
    if is_check(cell) and read_verdict(cell) is None:
        raise ValueError(f"the check cell {grade_id(cell)!r} was given no verdict")
    return determine_grade(cell)[0]


def _save_scores(entry: SubmittedNotebook, notebook: nbformat.NotebookNode) -> None:
    """What nbgrader's SaveAutoGrades does, in one transaction instead of one for each cell."""
    cells = {grade_id(cell): cell for cell in notebook.cells if grade_id(cell)}
    for grade in entry.grades:
        grade.auto_score = _auto_score(cells[grade.cell.name])
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
    for comment in entry.comments:
        cell = cells[comment.cell.name]
        unchanged = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
        comment.auto_comment = "No response." if unchanged else None


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False


def _known_cells(assignment: Assignment) -> set[tuple[str, str]]:
    return {
        (notebook.name, cell.name)
        for notebook in assignment.notebooks
        for cell in [*notebook.grade_cells, *notebook.solution_cells]
    }


def _released_cells(releases: dict[str, nbformat.NotebookNode]) -> set[tuple[str, str]]:
    return {
        (name, grade_id(cell))
        for name, notebook in releases.items()
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade") or cell.metadata.get("nbgrader", {}).get("solution")
    }


def _keep(submission: SubmittedAssignment) -> _KeptSubmission:
    fields = {"timestamp": submission.timestamp, "extension": submission.extension}
    kept = _KeptSubmission(submission.student_id, {name: value for name, value in fields.items() if value is not None})
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            names = ("auto_score", "manual_score", "extra_credit", "needs_manual_grade")
            kept.cells[notebook.name, "grade", grade.cell.name] = {name: getattr(grade, name) for name in names}
        for comment in notebook.comments:
            names = ("auto_comment", "manual_comment")
            kept.cells[notebook.name, "comment", comment.cell.name] = {name: getattr(comment, name) for name in names}
    return kept
