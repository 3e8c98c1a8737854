"""Read what was graded: the gradebook's scores, and the verdicts in the graded notebooks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from grading.cells import is_check
from grading.course import Course, CourseError
from grading.exercise import chapters_with_exercises
from grading.gradebook import CourseGradebook
from grading.hidden import hidden_cases
from grading.judge import Verdict, read_verdict
from grading.seed import hidden_seed
from utils.compare import CaseSet

NOT_HANDED_IN = "nothing was handed in"


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
    """Everything a report shows.

    scores : (student, chapter) -> score, with what was graded by hand.
    rows : one for every student and exercise.
    seconds : (student, chapter, exercise) -> wall time that the student's function took to answer its cases.
    hints : (chapter, exercise, misconception) -> the hint that a student is given.
    """

    students: list[str]
    chapters: list[str]
    scores: dict[tuple[str, str], Score]
    rows: list[Row]
    seconds: Mapping[tuple[str, str, str], float] = field(default_factory=dict)
    hints: Mapping[tuple[str, str, str], str] = field(default_factory=dict)

    def commonest(self, count: int | None = None) -> list[tuple[str, str, str, int]]:
        """(chapter, exercise, misconception, students), commonest first."""
        counts = Counter((row.chapter, row.exercise, row.misconception) for row in self.rows if row.misconception)
        return [(*key, number) for key, number in counts.most_common(count)]

    def hint(self, chapter: str, exercise: str, slug: str) -> str:
        """The hint that students with this misconception were given, "" if it is no longer in the course."""
        return self.hints.get((chapter, exercise, slug), "")


def collect(course: Course) -> ClassReport:
    """Read the gradebook and the judged notebooks. Every student has a row for every exercise of every chapter.

    Raises CourseError for a graded notebook that is damaged.
    """
    with CourseGradebook(course) as gradebook:
        students = gradebook.students()
        chapters = sorted(assignment.name for assignment in gradebook.gradebook.assignments)
        scores = {key: Score(*score) for key, score in gradebook.scores().items()}
    exercises = {chapter: _exercises(course, chapter) for chapter in chapters}
    notebooks = {chapter: list(course.released_notebooks(chapter)) for chapter in chapters}
    rows, seconds = [], {}
    for student in students:
        for chapter in chapters:
            verdicts = _verdicts(course.autograded / student / chapter, notebooks[chapter])
            for exercise in exercises[chapter]:
                missing = Verdict(exercise.name, 0.0, exercise.points, "missing", "", NOT_HANDED_IN)
                verdict = verdicts.get(exercise.name, missing)
                rows.append(_row(student, chapter, verdict))
                seconds[student, chapter, exercise.name] = verdict.seconds
    hints = {
        (chapter, exercise.name, slug): hint
        for chapter in chapters
        for exercise in exercises[chapter]
        for slug, hint in exercise.hints.items()
    }
    return ClassReport(students, chapters, scores, rows, seconds, hints)


def _exercises(course: Course, chapter: str) -> list[CaseSet]:
    # an instructor may keep assignments in the gradebook that are no chapters of this course
    known = chapter in chapters_with_exercises()
    return list(hidden_cases(chapter, hidden_seed(course), course).values()) if known else []


def _verdicts(folder: Path, notebooks: Iterable[str]) -> dict[str, Verdict]:
    """Exercise -> verdict, out of a student's graded notebooks of a chapter."""
    paths = [folder / f"{name}.ipynb" for name in notebooks]
    cells = [cell for path in paths if path.exists() for cell in _cells(path)]
    return {found.exercise: found for found in map(read_verdict, filter(is_check, cells)) if found}


def _cells(path: Path) -> list[NotebookNode]:
    # nbformat.read validates at length what this course's own grading wrote
    try:
        return [NotebookNode(cell) for cell in json.loads(path.read_bytes())["cells"]]
    except (KeyError, TypeError, ValueError) as error:
        raise CourseError(f"{path} is no graded notebook any more ({error!r}); grade this submission again") from error


def _row(student: str, chapter: str, verdict: Verdict) -> Row:
    return Row(
        student,
        chapter,
        verdict.exercise,
        verdict.points,
        verdict.max_points,
        verdict.status,
        verdict.misconception,
        verdict.message,
    )
