"""Where the marks of the report's pictures go; the templates draw them. All lengths are in user units of the SVG."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field

from grading.report.collect import Row
from grading.report.statistics import ClassStatistics, is_grader_fault
from grading.report.summaries import BINS, HARD, TELLS_LITTLE, ChapterSummary, ExerciseSummary

LETTER = 6.1  # width of an average letter at the size of the labels
MAX_LABELS = 14


# --- scores of a chapter


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    count: int


class Histogram:
    """Students by share of points, with those who attempted nothing apart."""

    width, height = 340, 158
    left, slot, base, top = 44, 28, 114, 22

    def __init__(self, chapter: ChapterSummary):
        self.chapter = chapter
        tallest = max(*chapter.bins, chapter.absent, 1)
        self.bars = [
            self._bar(self.left + position * self.slot, count, tallest) for position, count in enumerate(chapter.bins)
        ]
        self.absent = self._bar(4, chapter.absent, tallest)
        self.right = self.left + BINS * self.slot

    def _bar(self, x: float, count: int, tallest: int) -> Bar:
        height = (self.base - self.top) * count / tallest
        return Bar(x + 1, round(self.base - height, 1), self.slot - 2, round(height, 1), count)

    def x(self, share: float) -> float:
        return round(self.left + BINS * self.slot * min(1.0, max(0.0, share)), 1)


# --- difficulty and discrimination


@dataclass(frozen=True)
class Mark:
    """An exercise in the scatter plot; `anchor` is "" if it has no label."""

    exercise: ExerciseSummary
    x: float
    y: float
    flagged: bool
    label_x: float = 0.0
    label_y: float = 0.0
    anchor: str = ""


class Scatter:
    """Mean share of points against discrimination. Exercises whose discrimination is not defined stand below."""

    width = 760
    left, right, top, bottom = 52, 730, 14, 290
    undefined_y = 320

    def __init__(self, exercises: list[ExerciseSummary]):
        shown = [exercise for exercise in exercises if exercise.mean_share is not None]
        self.lowest = min([-0.2, *(item.discrimination for item in shown if item.discrimination is not None)])
        self.ticks = [tick / 10 for tick in range(-10, 11, 2) if tick / 10 >= self.lowest - 1e-9]
        self.hard_x, self.low_y = self.x(HARD), self.y(TELLS_LITTLE)
        self.has_undefined = any(item.discrimination is None for item in shown)
        self.height = (self.undefined_y if self.has_undefined else self.bottom) + 46
        marks = [self._mark(item) for item in shown]
        # what is worth a look gets its label first
        order = sorted(marks, key=lambda mark: (not mark.flagged, mark.exercise.mean_share))
        taken = [(mark.x - 6, mark.y - 6, mark.x + 6, mark.y + 6) for mark in marks]
        self.marks = [
            self._labelled(mark, taken) if position < MAX_LABELS else mark for position, mark in enumerate(order)
        ]

    def x(self, share: float) -> float:
        return round(self.left + (self.right - self.left) * share, 1)

    def y(self, discrimination: float) -> float:
        return round(self.top + (self.bottom - self.top) * (1 - discrimination) / (1 - self.lowest), 1)

    def _mark(self, item: ExerciseSummary) -> Mark:
        y = self.undefined_y if item.discrimination is None else self.y(item.discrimination)
        return Mark(item, self.x(item.mean_share), y, item.is_hard or item.tells_little)

    def _labelled(self, mark: Mark, taken: list[tuple[float, float, float, float]]) -> Mark:
        length = LETTER * len(mark.exercise.exercise)
        for dx, dy, anchor in ((9, 4, "start"), (-9, 4, "end"), (0, -10, "middle"), (0, 19, "middle")):
            x, y = mark.x + dx, mark.y + dy
            start = x - {"start": 0.0, "middle": length / 2, "end": length}[anchor]
            box = (start, y - 10, start + length, y + 3)
            if start >= self.left and box[2] <= self.width and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                return Mark(mark.exercise, mark.x, mark.y, mark.flagged, round(x, 1), round(y, 1), anchor)
        return mark


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


# --- every student, every exercise


@dataclass(frozen=True)
class Column:
    exercise: ExerciseSummary
    x: float


@dataclass
class Block:
    """The columns of a chapter."""

    chapter: str
    x: float
    width: float
    columns: list[Column] = field(default_factory=list)


class HeatMap:
    """Students × exercises. Students by share of points, the best on top; a chapter's exercises from easy to hard.

    paths : status -> SVG path that covers its cells; equal neighbours of a column are one rectangle.
    symbols : (x, y, status, text) of cells that are large enough to be written into.
    """

    width = 1100
    gap = 10

    def __init__(self, statistics: ClassStatistics):
        self.students = statistics.students
        columns = columns_by_chapter(statistics)
        count = sum(map(len, columns.values()))
        longest = LETTER * max((len(item.exercise) for items in columns.values() for item in items), default=0)
        self.cell_height = min(20.0, max(2.0, 720 / max(1, len(self.students))))
        self.names_students = self.cell_height >= 12
        self.left = 112 if self.names_students else 50
        room = self.width - self.left - self.gap * max(0, len(columns) - 1)
        self.angle = 45 if room / max(1, count) >= 32 else 90
        overhang = longest * math.cos(math.radians(self.angle))  # of the last slanted name
        self.cell_width = min(80.0, (room - overhang) / max(1, count))
        self.names_exercises = self.cell_width >= 10
        self.top = 30 + (longest * math.sin(math.radians(self.angle)) + 12 if self.names_exercises else 0)
        self.height = round(self.top + self.cell_height * len(self.students) + 4, 1)
        self.blocks = self._blocks(columns)
        self.paths: dict[str, str] = {}
        self.symbols: list[tuple[float, float, str, str]] = []
        self._draw(statistics)

    def _blocks(self, columns: dict[str, list[ExerciseSummary]]) -> list[Block]:
        blocks, x = [], float(self.left)
        for chapter, exercises in columns.items():
            width = self.cell_width * len(exercises)
            placed = [Column(item, round(x + i * self.cell_width, 1)) for i, item in enumerate(exercises)]
            blocks.append(Block(chapter, round(x, 1), round(width, 1), placed))
            x += width + self.gap
        return blocks

    def y(self, position: int) -> float:
        return round(self.top + position * self.cell_height, 1)

    def _draw(self, statistics: ClassStatistics) -> None:
        paths = defaultdict(list)
        gap = 1.0 if self.cell_height >= 8 else 0.0
        across = round(self.cell_width - 1, 1)
        for column in (column for block in self.blocks for column in block.columns):
            cells = column_of_cells(statistics, column.exercise)
            first = 0
            for position in range(1, len(cells) + 1):
                if gap or position == len(cells) or cells[position].status != cells[first].status:
                    down = round(self.y(position) - self.y(first) - gap, 1)
                    paths[cells[first].status].append(
                        f"M{column.x:g} {self.y(first):g}h{across:g}v{down:g}h-{across:g}z"
                    )
                    first = position
            if self.cell_height >= 14 and self.cell_width >= 20:
                middle = round(column.x + across / 2, 1)
                self.symbols += [
                    (middle, round(self.y(i) + self.cell_height / 2 + 3.5, 1), cell.status, cell.text)
                    for i, cell in enumerate(cells)
                ]
        self.paths = {status: "".join(found) for status, found in sorted(paths.items())}


@dataclass(frozen=True)
class Cell:
    """What a student got for an exercise. status : a verdict's, or "unjudged" where the grader itself failed."""

    status: str
    text: str


SYMBOLS = {"passed": "✓", "failed": "✗", "error": "!", "timeout": "t", "missing": "–", "unjudged": "?"}


def columns_by_chapter(statistics: ClassStatistics) -> dict[str, list[ExerciseSummary]]:
    """Chapter in which somebody took part -> its exercises, from easy to hard."""
    columns = {chapter: [] for chapter in statistics.active_chapters}
    for item in sorted(statistics.exercises, key=lambda item: -(item.mean_share or 0.0)):
        if item.chapter in columns:
            columns[item.chapter].append(item)
    return {chapter: items for chapter, items in columns.items() if items}


def column_of_cells(statistics: ClassStatistics, exercise: ExerciseSummary) -> list[Cell]:
    """The cells of an exercise in the order of `statistics.students`."""
    rows = statistics.by_exercise(exercise.chapter, exercise.exercise)
    return [_cell(rows.get(student.student_id)) for student in statistics.students]


def rows_of_cells(statistics: ClassStatistics, exercises: list[ExerciseSummary]) -> list[tuple[Cell, ...]]:
    """The cells of some exercises, a row for each of `statistics.students`."""
    return list(zip(*(column_of_cells(statistics, item) for item in exercises), strict=True))


def _cell(row: Row | None) -> Cell:
    if row is None:
        return Cell("missing", SYMBOLS["missing"])
    if is_grader_fault(row):
        return Cell("unjudged", SYMBOLS["unjudged"])
    return Cell(row.status, SYMBOLS.get(row.status, f"{100 * row.points / (row.max_points or 1):.0f}"))
