"""Read what was graded: the gradebook's scores, and the verdicts in the graded notebooks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from grading.cells import exercise_name, is_check
from grading.course import Course, CourseError
from grading.intake.harmless import printable
from grading.intake.submissions import Unplaced, names_of_students
from grading.judging.judge import read_verdict
from grading.records.gradebook import CourseGradebook
from grading.records.unplaced import read_unplaced
from utils.check.verdict import Verdict

NOT_HANDED_IN = "nothing was handed in"


@dataclass(frozen=True)
class Row:
    """A line of verdicts.csv: the verdict on a student's exercise, see `Verdict`."""

    student_id: str
    chapter: str
    exercise: str
    points: float
    max_points: float
    status: str
    misconception: str
    message: str
    hint: str = ""
    cause: str = ""
    error: str = ""
    note: str = ""
    seconds: float = field(default=0.0, compare=False)

    @classmethod
    def of(cls, student: str, chapter: str, verdict: Verdict) -> Row:
        shared = {item.name: getattr(verdict, item.name) for item in fields(cls)[2:]}
        return cls(student, chapter, **shared)


@dataclass(frozen=True)
class Score:
    """A student's score in a chapter; `waiting` if an answer is still to be graded by hand."""

    points: float
    max_points: float
    waiting: bool


@dataclass(frozen=True)
class ClassReport:
    """Everything a report shows.

    scores : (student, chapter) -> score, with what was graded by hand.
    rows : one for every student and exercise.
    unplaced : files that were handed in, but belong to no notebook.
    names : student's id -> name of the folder that was handed in, where that is another.
    """

    students: list[str]
    chapters: list[str]
    scores: Mapping[tuple[str, str], Score]
    rows: list[Row]
    unplaced: list[Unplaced] = field(default_factory=list)
    names: Mapping[str, str] = field(default_factory=dict)

    def folder(self, student: str) -> str:
        """Name of the folder that a student handed in, in letters that can be seen."""
        return printable(self.names.get(student, student))


def collect(course: Course) -> ClassReport:
    """Read the gradebook and the judged notebooks. Every student has a row for every exercise of every chapter.

    Raises CourseError for a graded notebook that is damaged.
    """
    with CourseGradebook(course) as gradebook:
        students = gradebook.students()
        chapters = sorted(assignment.name for assignment in gradebook.gradebook.assignments)
        scores = {key: Score(*score) for key, score in gradebook.scores().items()}
    nothing = {chapter: _nothing(course, chapter) for chapter in chapters}
    notebooks = {chapter: list(course.released_notebooks(chapter)) for chapter in chapters}
    rows = []
    for student in students:
        for chapter in chapters:
            found = _verdicts(course.autograded / student / chapter, notebooks[chapter])
            rows += [Row.of(student, chapter, found.get(name, empty)) for name, empty in nothing[chapter].items()]
    return ClassReport(students, chapters, scores, rows, read_unplaced(course), names_of_students(course))


def _nothing(course: Course, chapter: str) -> dict[str, Verdict]:
    """Exercise -> the verdict on who handed nothing in, in the order of the release."""
    found = {}
    for notebook in course.released_notebooks(chapter):
        for cell in filter(is_check, course.read_release(chapter, notebook).cells):
            name, points = exercise_name(cell), float(cell.metadata.nbgrader.points)
            found[name] = Verdict(name, 0.0, points, "missing", "not-handed-in", message=NOT_HANDED_IN)
    return found


def _verdicts(folder: Path, notebooks: Iterable[str]) -> dict[str, Verdict]:
    """Exercise -> verdict, out of a student's graded notebooks of a chapter."""
    paths = [folder / f"{name}.ipynb" for name in notebooks]
    found = [_verdict(path, cell) for path in paths if path.exists() for cell in filter(is_check, _cells(path))]
    return {verdict.exercise: verdict for verdict in found}


def _verdict(path: Path, cell: NotebookNode) -> Verdict:
    try:
        verdict = read_verdict(cell)
    except TypeError as error:
        raise _damaged(path, error) from error
    if verdict is None:
        raise _damaged(path, "a check cell without a verdict")
    return verdict


def _cells(path: Path) -> list[NotebookNode]:
    # nbformat.read validates at length what this course's own grading wrote
    try:
        return [NotebookNode(cell) for cell in json.loads(path.read_bytes())["cells"]]
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Any) -> CourseError:
    return CourseError(f"{path} is no graded notebook any more ({error!r}); grade this submission again")
