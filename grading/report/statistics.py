"""What the numbers of a class say: chapter by chapter, exercise by exercise, student by student.

A student *took part* in a chapter if they attempted at least one of its exercises. An exercise was attempted unless
its status is "missing". Numbers about an exercise are over all who took part in its chapter, so a function that was
left out counts as an answer without points, and somebody who was never there does not count. Where the grader itself
failed, the exercise tells nothing about the student and is left out.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from grading.report.collect import ClassReport, Row
from grading.report.summaries import (
    ChapterSummary,
    ExerciseSummary,
    Fault,
    MisconceptionSummary,
    StudentSummary,
    share_of,
)


class ClassStatistics:
    """Everything that the report says about a class. Lists are in the order in which they are shown."""

    def __init__(self, report: ClassReport):
        self.report = report
        self._by_student: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self._by_exercise: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
        self.took_part: dict[str, set[str]] = {chapter: set() for chapter in report.chapters}
        for row in report.rows:
            self._by_student[row.student_id, row.chapter].append(row)
            self._by_exercise[row.chapter, row.exercise][row.student_id] = row
            if row.status != "missing" and not is_grader_fault(row):
                self.took_part[row.chapter].add(row.student_id)

    @cached_property
    def active_chapters(self) -> list[str]:
        """Chapters in which somebody took part."""
        return [chapter for chapter in self.report.chapters if self.took_part[chapter]]

    @cached_property
    def chapters(self) -> list[ChapterSummary]:
        return [self._chapter(chapter) for chapter in self.report.chapters]

    def _chapter(self, chapter: str) -> ChapterSummary:
        scores = {
            student: self.report.scores[student, chapter]
            for student in self.report.students
            if (student, chapter) in self.report.scores
        }
        present = self.took_part[chapter]
        return ChapterSummary(
            chapter,
            max((score.max_points for score in scores.values()), default=0.0),
            sorted(share_of(score.points, score.max_points) for student, score in scores.items() if student in present),
            len(self.report.students) - len(present),
            [student for student, score in scores.items() if score.waiting],
        )

    @cached_property
    def exercises(self) -> list[ExerciseSummary]:
        return [self._exercise(*key) for key in self._by_exercise]

    def by_exercise(self, chapter: str, exercise: str) -> dict[str, Row]:
        """Student -> verdict on an exercise."""
        return self._by_exercise[chapter, exercise]

    def _exercise(self, chapter: str, exercise: str) -> ExerciseSummary:
        everybody = self.by_exercise(chapter, exercise).values()
        rows = [row for row in everybody if self._counts(row)]
        seconds = [row.seconds for row in rows if row.status != "missing"]
        shares = [share_of(row.points, row.max_points) for row in rows]
        return ExerciseSummary(
            chapter,
            exercise,
            next(row.max_points for row in everybody),
            Counter(row.status for row in rows),
            statistics.fmean(shares) if shares else None,
            correlation([row.status == "passed" for row in rows], [self._rest(row) for row in rows]),
            statistics.median(seconds) if seconds else None,
            max(seconds, default=None),
        )

    def _counts(self, row: Row) -> bool:
        return row.student_id in self.took_part[row.chapter] and not is_grader_fault(row)

    def _rest(self, row: Row) -> float:
        """Points of the student in the other exercises of the chapter."""
        return sum(
            other.points for other in self._by_student[row.student_id, row.chapter] if other.exercise != row.exercise
        )

    @cached_property
    def misconceptions(self) -> list[MisconceptionSummary]:
        holders = defaultdict(list)
        for row in self.report.rows:
            holders[row.chapter, row.exercise, row.misconception].append(row.student_id)
        return [
            MisconceptionSummary(
                chapter,
                exercise,
                slug,
                self.report.hint(chapter, exercise, slug),
                holders[chapter, exercise, slug],
                sum(map(self._counts, self.by_exercise(chapter, exercise).values())),
            )
            for chapter, exercise, slug, _ in self.report.commonest()
        ]

    @cached_property
    def unexplained(self) -> list[Fault]:
        """Wrong answers that fit no misconception, grouped by what was said about them, biggest group first."""
        rows = [row for row in self.report.rows if row.status in ("failed", "partial") and not row.misconception]
        return _grouped(("wrong", row) for row in rows)

    @cached_property
    def students(self) -> list[StudentSummary]:
        """By share of points, best first; then in the order of the gradebook."""
        return sorted(map(self._student, self.report.students), key=lambda student: -student.share)

    def _student(self, student: str) -> StudentSummary:
        chapters = {
            chapter: [row for row in self._by_student[student, chapter] if not is_grader_fault(row)]
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

    @cached_property
    def median_share(self) -> float | None:
        """Median share of all points, hand grades included, of those who took part somewhere."""
        shares = []
        for student in sorted(set().union(*self.took_part.values())):
            scores = [self.report.scores.get((student, chapter)) for chapter in self.active_chapters]
            found = [score for score in scores if score]
            shares.append(share_of(sum(score.points for score in found), sum(score.max_points for score in found)))
        return statistics.median(shares) if shares else None

    @cached_property
    def at_risk(self) -> list[StudentSummary]:
        """Students with at least one sign; most signs first, then fewest points."""
        found = [student for student in self.students if student.signs]
        return sorted(found, key=lambda student: (-len(student.signs), student.share))

    @cached_property
    def faults(self) -> list[Fault]:
        """What did not run: the grader's own failures first, then unreadable submissions, time-outs and errors."""
        return _grouped((kind, row) for row in self.report.rows if (kind := _fault_kind(row)))

    @cached_property
    def waiting(self) -> list[ChapterSummary]:
        """Chapters with answers that wait to be graded by hand."""
        return [chapter for chapter in self.chapters if chapter.waiting]


def correlation(passed: Sequence[bool], rest: Sequence[float]) -> float | None:
    """Point-biserial correlation in [-1, 1]: Pearson's with zeros and ones on a side. None if a side does not vary."""
    if len(set(passed)) < 2 or len({round(value, 6) for value in rest}) < 2:
        return None
    return float(np.corrcoef(np.asarray(passed, dtype=float), rest)[0, 1])


def is_grader_fault(row: Row) -> bool:
    return row.cause == "grader"


FAULT_KINDS = ("grader", "unreadable", "timeout", "error")


def _fault_kind(row: Row) -> str:
    if is_grader_fault(row):
        return "grader"
    if row.status in ("timeout", "error"):
        return row.status
    return "unreadable" if row.cause == "unreadable" else ""


def _grouped(found: Iterable[tuple[str, Row]]) -> list[Fault]:
    """Gather what was said about the same exercise in the same words, up to the first colon."""
    groups: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for kind, row in found:
        exercise = "" if kind in ("grader", "unreadable") else row.exercise
        said = row.message.removeprefix(exercise).lstrip(": ")
        groups[kind, row.chapter, exercise, said.partition(": ")[0]].append(row)
    faults = [
        Fault(*key, rows[0].message.removeprefix(key[2]).lstrip(": "), list(dict.fromkeys(r.student_id for r in rows)))
        for key, rows in groups.items()
    ]
    rank = {kind: position for position, kind in enumerate(FAULT_KINDS)}
    return sorted(faults, key=lambda fault: (rank.get(fault.kind, 0), -fault.count))
