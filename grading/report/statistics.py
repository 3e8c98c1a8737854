"""What the numbers of a class say: chapter by chapter, exercise by exercise, student by student.

A student *took part* in a chapter if they attempted at least one of its exercises. An exercise was attempted unless
its status is "missing". Numbers about an exercise are over all who took part in its chapter, so a function that was
left out counts as an answer without points, and somebody who was never there does not count. Where the grader itself
failed, the exercise tells nothing about the student and is left out.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from grading.report.collect import ClassReport, Row

BINS = 10  # of a histogram of shares
HARD = 0.4  # mean share of points below which an exercise is called hard
TELLS_LITTLE = 0.2  # discrimination below which an item should be revised (Ebel and Frisbie, 1991, chapter 13)
ENOUGH = 10  # students that a discrimination needs before it is called low
FEW_POINTS = 0.4  # share of points below which a student is listed
MANY = 1 / 3  # share of exercises left out, or ended in an error or a time-out, from which a student is listed
FAULTS = ("grader", "unreadable", "timeout", "error")  # kinds of what did not run, in the order of the report


@dataclass(frozen=True)
class ChapterSummary:
    """The scores of a chapter, as shares of its points.

    shares : of those who took part, ascending.
    absent : number of students who attempted nothing.
    waiting : students with an answer that waits to be graded by hand.
    """

    chapter: str
    max_points: float
    shares: list[float]
    absent: int
    waiting: list[str]

    @property
    def bins(self) -> list[int]:
        """Students with 0 to 10 %, 10 to 20 %, ... 90 to 100 % of the points; a bound belongs to the bin above it."""
        counts = Counter(min(BINS - 1, max(0, int(share * BINS + 1e-9))) for share in self.shares)
        return [counts[position] for position in range(BINS)]

    @property
    def mean(self) -> float | None:
        return statistics.fmean(self.shares) if self.shares else None

    @property
    def median(self) -> float | None:
        return statistics.median(self.shares) if self.shares else None


@dataclass(frozen=True)
class ExerciseSummary:
    """How an exercise went.

    counts : status -> number of students who took part in the chapter.
    mean_share : mean share of its points, None if nobody took part.
    discrimination : point-biserial correlation of having passed with the points in the chapter's other exercises;
        None where one of the two does not vary.
    median_seconds, max_seconds : wall time of the attempts, None if there are none.
    """

    chapter: str
    exercise: str
    max_points: float
    counts: Counter
    mean_share: float | None
    discrimination: float | None
    median_seconds: float | None
    max_seconds: float | None

    @property
    def students(self) -> int:
        return self.counts.total()

    @property
    def partial_share(self) -> float | None:
        return self.counts["partial"] / self.students if self.students else None

    @property
    def flags(self) -> list[str]:
        """Why this exercise is worth a look, in words; empty if nothing stands out."""
        hard = self.mean_share is not None and self.mean_share < HARD
        low = self.students >= ENOUGH and self.discrimination is not None and self.discrimination < TELLS_LITTLE
        return ["hard"] * hard + ["tells little"] * low


@dataclass(frozen=True)
class MisconceptionSummary:
    """Who holds a misconception, of how many who took part in the chapter."""

    chapter: str
    exercise: str
    misconception: str
    hint: str
    holders: list[str]
    students: int

    @property
    def text(self) -> str:
        return self.misconception.replace("-", " ")


@dataclass(frozen=True)
class StudentSummary:
    """A student over all chapters in which somebody took part.

    shares : chapter -> share of the points of its exercises, None if the student did not take part.
    """

    student_id: str
    points: float
    max_points: float
    exercises: int
    unattempted: int
    errors: int
    shares: dict[str, float | None]

    @property
    def share(self) -> float:
        return share_of(self.points, self.max_points)

    @property
    def signs(self) -> list[str]:
        """Why this student may need help, in words; empty if nothing stands out."""
        if not self.exercises:
            return []
        attempted = self.exercises - self.unattempted
        found = {
            f"{100 * self.share:.0f} % of the points": self.share < FEW_POINTS,
            f"{self.unattempted} of {self.exercises} exercises left out": self.unattempted >= MANY * self.exercises,
            f"{self.errors} of {attempted} attempts did not run": attempted and self.errors >= MANY * attempted,
        }
        return [text for text, holds in found.items() if holds]


@dataclass(frozen=True)
class Fault:
    """Answers that failed for the same cause.

    kind : one of FAULTS, or "wrong".
    exercise : "" where it concerns a whole submission.
    cause, error : of the verdicts.
    messages : of the verdicts, word for word, each once, the commonest first.
    """

    kind: str
    chapter: str
    exercise: str
    cause: str
    error: str
    messages: list[str]
    students: list[str]


class ClassStatistics:
    """Everything that the report says about a class. Lists are in the order in which they are shown."""

    def __init__(self, report: ClassReport):
        self.report = report
        self.took_part: dict[str, set[str]] = {chapter: set() for chapter in report.chapters}
        self._by_student: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self._by_exercise: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
        for row in report.rows:
            self._by_student[row.student_id, row.chapter].append(row)
            self._by_exercise[row.chapter, row.exercise][row.student_id] = row
            if row.status != "missing" and row.cause != "grader":
                self.took_part[row.chapter].add(row.student_id)

    def answers(self, student: str) -> dict[str, list[Row | None]]:
        """Chapter -> the verdicts on a student's answers, in the order of `columns`."""
        return {
            chapter: [self._by_exercise[item.chapter, item.exercise].get(student) for item in items]
            for chapter, items in self.columns.items()
        }

    def _counts(self, row: Row) -> bool:
        return row.cause != "grader" and row.student_id in self.took_part[row.chapter]

    # --- chapters

    @cached_property
    def chapters(self) -> list[ChapterSummary]:
        return [self._chapter(chapter) for chapter in self.report.chapters]

    @cached_property
    def active_chapters(self) -> list[str]:
        """Chapters in which somebody took part."""
        return [chapter for chapter in self.report.chapters if self.took_part[chapter]]

    @cached_property
    def waiting(self) -> list[ChapterSummary]:
        """Chapters with answers that wait to be graded by hand."""
        return [chapter for chapter in self.chapters if chapter.waiting]

    @cached_property
    def median_share(self) -> float | None:
        """Median share of all points, hand grades included, of those who took part somewhere."""
        shares = []
        for student in set().union(*self.took_part.values()):
            scores = [self.report.scores.get((student, chapter)) for chapter in self.active_chapters]
            found = [score for score in scores if score]
            shares.append(share_of(sum(score.points for score in found), sum(score.max_points for score in found)))
        return statistics.median(shares) if shares else None

    def _chapter(self, chapter: str) -> ChapterSummary:
        keys = ((student, chapter) for student in self.report.students)
        scores = {key[0]: self.report.scores[key] for key in keys if key in self.report.scores}
        present = self.took_part[chapter]
        return ChapterSummary(
            chapter,
            max((score.max_points for score in scores.values()), default=0.0),
            sorted(share_of(score.points, score.max_points) for student, score in scores.items() if student in present),
            len(self.report.students) - len(present),
            [student for student, score in scores.items() if score.waiting],
        )

    # --- exercises

    @cached_property
    def exercises(self) -> list[ExerciseSummary]:
        return [self._exercise(*key) for key in self._by_exercise]

    @cached_property
    def columns(self) -> dict[str, list[ExerciseSummary]]:
        """Chapter in which somebody took part -> its exercises, from easy to hard."""
        ordered = sorted(self.exercises, key=lambda item: -(item.mean_share or 0.0))
        found = {chapter: [item for item in ordered if item.chapter == chapter] for chapter in self.active_chapters}
        return {chapter: items for chapter, items in found.items() if items}

    def _exercise(self, chapter: str, exercise: str) -> ExerciseSummary:
        everybody = self._by_exercise[chapter, exercise].values()
        rows = [row for row in everybody if self._counts(row)]
        seconds = [row.seconds for row in rows if row.status != "missing"]
        shares = [share_of(row.points, row.max_points) for row in rows]
        rest = [self._points[row.student_id, chapter] - row.points for row in rows]
        return ExerciseSummary(
            chapter,
            exercise,
            next(row.max_points for row in everybody),
            Counter(row.status for row in rows),
            statistics.fmean(shares) if shares else None,
            correlation([row.status == "passed" for row in rows], rest),
            statistics.median(seconds) if seconds else None,
            max(seconds, default=None),
        )

    @cached_property
    def _points(self) -> dict[tuple[str, str], float]:
        """(student, chapter) -> points of all exercises together."""
        return {key: sum(row.points for row in rows) for key, rows in self._by_student.items()}

    # --- what was wrong

    @cached_property
    def misconceptions(self) -> list[MisconceptionSummary]:
        """Commonest first."""
        groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for row in self.report.rows:
            if row.misconception:
                groups[row.chapter, row.exercise, row.misconception].append(row)
        students = {(item.chapter, item.exercise): item.students for item in self.exercises}
        found = [
            MisconceptionSummary(*key, rows[0].hint, [row.student_id for row in rows], students[key[:2]])
            for key, rows in groups.items()
        ]
        return sorted(found, key=lambda item: -len(item.holders))

    @cached_property
    def faults(self) -> list[Fault]:
        """What did not run, in the order of FAULTS, then biggest group first."""
        return [fault for kind in FAULTS for fault in self._faults if fault.kind == kind]

    @cached_property
    def unexplained(self) -> list[Fault]:
        """Wrong answers that fit no misconception, biggest group first."""
        return [fault for fault in self._faults if fault.kind == "wrong"]

    @cached_property
    def _faults(self) -> list[Fault]:
        groups: dict[tuple[str, str, str, str, str], list[Row]] = defaultdict(list)
        for row in self.report.rows:
            if kind := _fault_kind(row):
                exercise = "" if kind in ("grader", "unreadable") else row.exercise
                groups[kind, row.chapter, exercise, row.cause, row.error].append(row)
        found = [
            Fault(*key, _commonest_first([row.message for row in rows]), _once([row.student_id for row in rows]))
            for key, rows in groups.items()
        ]
        return sorted(found, key=lambda fault: -len(fault.students))

    @cached_property
    def notes(self) -> list[tuple[str, str, str]]:
        """(student, chapter, how the submission was recognised), where that was not by its place."""
        return _once([(row.student_id, row.chapter, row.note) for row in self.report.rows if row.note])

    # --- students

    @cached_property
    def students(self) -> list[StudentSummary]:
        """By share of points, best first; then in the order of the gradebook."""
        return sorted(map(self._student, self.report.students), key=lambda student: -student.share)

    @cached_property
    def at_risk(self) -> list[StudentSummary]:
        """Students with at least one sign; most signs first, then fewest points."""
        found = [student for student in self.students if student.signs]
        return sorted(found, key=lambda student: (-len(student.signs), student.share))

    def _student(self, student: str) -> StudentSummary:
        chapters = {
            chapter: [row for row in self._by_student[student, chapter] if row.cause != "grader"]
            for chapter in self.active_chapters
        }
        rows = [row for found in chapters.values() for row in found]
        statuses = Counter(row.status for row in rows)
        return StudentSummary(
            student,
            round(sum(row.points for row in rows), 2),
            sum(row.max_points for row in rows),
            len(rows),
            statuses["missing"],
            statuses["error"] + statuses["timeout"],
            {
                chapter: share_of(sum(row.points for row in found), sum(row.max_points for row in found))
                if student in self.took_part[chapter]
                else None
                for chapter, found in chapters.items()
            },
        )


def share_of(points: float, max_points: float) -> float:
    """Share of the points; 0 where there are none to earn."""
    return points / max_points if max_points else 0.0


def correlation(passed: Sequence[bool], rest: Sequence[float]) -> float | None:
    """Point-biserial correlation in [-1, 1]: Pearson's with zeros and ones on a side. None if a side does not vary."""
    if len(set(passed)) < 2 or len({round(value, 6) for value in rest}) < 2:
        return None
    return float(np.corrcoef(np.asarray(passed, dtype=float), rest)[0, 1])


def _fault_kind(row: Row) -> str:
    """One of FAULTS, "wrong" for an answer that ran and fits no misconception, else ""."""
    if row.cause in ("grader", "unreadable"):
        return row.cause
    if row.status in ("timeout", "error"):
        return row.status
    return "wrong" if row.status in ("failed", "partial") and not row.misconception else ""


def _commonest_first(messages: list[str]) -> list[str]:
    return [message for message, _ in Counter(messages).most_common()]


def _once(items: list) -> list:
    return list(dict.fromkeys(items))
