"""What the report says about one chapter, exercise, misconception, student or fault."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass

BINS = 10  # of a histogram of shares
HARD = 0.4  # mean share of points below which an exercise is called hard
TELLS_LITTLE = 0.2  # discrimination below which an item should be revised (Ebel and Frisbie, 1991, chapter 13)
ENOUGH = 10  # students that a discrimination needs before it is called low
FEW_POINTS = 0.4  # share of points below which a student is listed
LONGEST = 30  # messages in a table
MANY = 1 / 3  # share of exercises left out, or ended in an error or a time-out, from which a student is listed


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
    def waiting_count(self) -> int:
        return len(self.waiting)

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
    def is_hard(self) -> bool:
        return self.mean_share is not None and self.mean_share < HARD

    @property
    def tells_little(self) -> bool:
        return self.students >= ENOUGH and self.discrimination is not None and self.discrimination < TELLS_LITTLE

    @property
    def flags(self) -> list[str]:
        """Why this exercise is worth a look, in words; empty if nothing stands out."""
        return [text for text, holds in (("hard", self.is_hard), ("tells little", self.tells_little)) if holds]


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
    """Something that was said about answers of several students.

    kind : "grader", "unreadable", "timeout", "error", or "wrong".
    exercise : "" where it concerns a whole submission.
    what : what their messages begin with.
    example : the first of the messages, without the name of the exercise.
    """

    kind: str
    chapter: str
    exercise: str
    what: str
    example: str
    students: list[str]

    @property
    def count(self) -> int:
        return len(self.students)

    @property
    def rest(self) -> str:
        """What the example says beyond `what`."""
        return self.example.removeprefix(self.what).lstrip(": ")


def share_of(points: float, max_points: float) -> float:
    """Share of the points; 0 where there are none to earn."""
    return points / max_points if max_points else 0.0
