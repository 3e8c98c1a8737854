"""The report's pictures: drawn by matplotlib as SVG, each with the text that stands for it.

A page shows them as images, in which nothing can run and whose names are their own. Letters stay letters, which the
browser draws: so a student's name may be in any script. Good is blue and bad is orange (Okabe and Ito, 2008), one dark
and one light; a hatch, a triangle or a sign says the same without colour.
"""

from __future__ import annotations

import base64
import io
import textwrap
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, PercentFormatter

from grading.report.collect import Row
from grading.report.statistics import BINS, HARD, TELLS_LITTLE, ChapterSummary, ClassStatistics, ExerciseSummary
from utils.check.plain import one_line

INK, QUIET, RULE, GREY = "#1b1d1f", "#565c62", "#d5d9dd", "#dfe3e6"
BLUE, ORANGE, VERMILLION, ZONE = "#0072b2", "#e69f00", "#d55e00", "#f6ede2"
SHARES = LinearSegmentedColormap.from_list("shares", [ORANGE, "#eae5d9", BLUE]).with_extremes(bad="#00000000")
SIGNS = {"passed": "✓", "failed": "✗", "error": "!", "timeout": "t", "missing": "–"}
UNJUDGED = "?"
PIXEL = 1 / 96  # of a browser, in inches
NAMED_STUDENTS = 60  # up to so many, each has a line of the heat map that can be read
HEAT_LINES = 360  # of the heat map; larger classes are shown in groups
LONGEST_STUDENT, LONGEST_NAME = 18, 30  # letters that are shown of a name

STYLE = {
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.h_pad": 0.09,
    "figure.constrained_layout.w_pad": 0.09,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.0,
    "text.color": INK,
    "text.parse_math": False,  # a dollar in a student's name is a dollar
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": RULE,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "hatch.color": "#b4bac0",
    "hatch.linewidth": 0.8,
    "svg.fonttype": "none",
    "svg.hashsalt": "descent",  # the same report gives the same page
}


@dataclass(frozen=True)
class Picture:
    """An SVG file as a data address, its size in pixels, and the text that stands for it."""

    address: str
    width: int
    height: int
    text: str


@contextmanager
def _figure(width: float, height: float) -> Iterator[tuple[Figure, Axes]]:
    """A figure of so many pixels, in our style whatever the settings of this machine are."""
    defaults = {name: value for name, value in mpl.rcParamsDefault.items() if not name.startswith(("backend", "_"))}
    with mpl.rc_context(defaults), warnings.catch_warnings():
        mpl.rcParams.update(STYLE)
        warnings.filterwarnings("ignore", "Glyph", UserWarning)  # only measured by this font, see above
        figure = Figure(figsize=(width * PIXEL, height * PIXEL))
        yield figure, figure.add_subplot()


def _picture(figure: Figure, text: str) -> Picture:
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    width, height = (round(inches / PIXEL) for inches in figure.get_size_inches())
    return Picture(f"data:image/svg+xml;base64,{base64.b64encode(file.getvalue()).decode()}", width, height, text)


def sign(row: Row | None) -> str:
    """A verdict in one sign; per cent of the points if it is partly right."""
    if row is None:
        return SIGNS["missing"]
    if row.cause == "grader":
        return UNJUDGED
    return SIGNS.get(row.status) or f"{100 * row.points / (row.max_points or 1):.0f}"


# --- scores of a chapter


def histogram(chapter: ChapterSummary) -> Picture:
    """Students by share of points, with those who attempted nothing apart."""
    with _figure(352, 176) as (figure, ax):
        bars = [ax.bar(range(BINS), chapter.bins, width=0.94, align="edge", color=BLUE)]
        ticks = {0: "0 %", BINS // 2: "50 %", BINS: "100 %"}
        if chapter.absent:
            bars.append(ax.bar(-2.2, chapter.absent, width=0.94, align="edge", color=GREY, hatch="////"))
            ticks[-1.73] = "none"
        for drawn in bars:
            ax.bar_label(drawn, labels=[f"{bar.get_height():g}" if bar.get_height() else "" for bar in drawn])
        right = chapter.median < 0.5
        middle = BINS * chapter.median
        mark = {"xytext": (6 if right else -6, 0), "ha": "left" if right else "right", "va": "center"}
        # below the axis, in points, whatever the height of the bars
        ax.plot(middle, -0.09, "^", color=VERMILLION, transform=ax.get_xaxis_transform(), clip_on=False)
        ax.annotate(
            f"median {chapter.median:.0%}".replace("%", " %"),
            (middle, -0.09),
            xycoords=ax.get_xaxis_transform(),
            textcoords="offset points",
            weight="bold",
            **mark,
        )
        ax.set_xticks(list(ticks), ticks.values())
        ax.tick_params(axis="x", length=0, pad=18)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.spines["bottom"].set_bounds(0, BINS)
        ax.margins(x=0.01, y=0.15)
        counts = ", ".join(map(str, chapter.bins))
        return _picture(
            figure,
            f"Number of students by share of points, in steps of ten per cent: {counts}. Median {chapter.median:.0%}. "
            f"Without an attempt: {chapter.absent}.",
        )


# --- difficulty and discrimination


def scatter(exercises: list[ExerciseSummary]) -> Picture:
    """Mean share of points against discrimination. Exercises whose discrimination is not defined stand below."""
    shown = sorted((item for item in exercises if item.mean_share is not None), key=lambda item: not item.flags)
    defined = [item.discrimination for item in shown if item.discrimination is not None]
    lowest, highest = min([-0.2, *defined]), max([0.6, *defined]) + 0.1
    below = lowest - 0.12
    with _figure(760, 400) as (figure, ax):
        ax.axvspan(0, HARD, color=ZONE, zorder=0)
        ax.axhspan(lowest - 0.05, TELLS_LITTLE, color=ZONE, zorder=0)
        ax.text(0.01, highest - 0.02, f"hard: below {HARD:.0%}".replace("%", " %"), color=QUIET, va="top")
        ax.text(0.99, lowest - 0.03, f"tells little: below {TELLS_LITTLE}", color=QUIET, ha="right")
        ax.axhline(0, color=QUIET, linewidth=0.8)
        points = [(item.mean_share, below if item.discrimination is None else item.discrimination) for item in shown]
        for (x, y), item in zip(points, shown, strict=True):
            ax.plot(x, y, "^" if item.flags else "o", color=VERMILLION if item.flags else BLUE, mec="white", ms=8)
        ax.set(
            xlim=(-0.02, 1.02), ylim=(lowest - 0.05, highest), xlabel="mean share of points", ylabel="discrimination"
        )
        ax.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
        ax.yaxis.set_major_locator(MultipleLocator(0.2))
        ax.grid(True)
        if len(defined) < len(shown):
            ax.set_ylim(below - 0.06)
            ticks = [tick for tick in ax.get_yticks() if lowest <= tick <= 1]
            ax.set_yticks([below, *ticks], ["not def.", *(f"{tick:.1f}".replace("-", "−") for tick in ticks)])
        _label(figure, ax, [(point, item.exercise) for point, item in zip(points, shown, strict=True)])
        return _picture(
            figure,
            f"Each of {len(shown)} exercises by its mean share of points and its discrimination. "
            "The table below holds the numbers.",
        )


def _label(figure: Figure, ax: Axes, names: list[tuple[tuple[float, float], str]]) -> None:
    """Write names beside their marks, the first ones first, wherever there is room."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # what is measured from here on stays where it is
    taken = [mark.get_window_extent() for mark in ax.lines[1:]] + [text.get_window_extent() for text in ax.texts]
    for point, name in names:
        for offset, ha, va in (
            ((7, 0), "left", "center"),
            ((-7, 0), "right", "center"),
            ((0, 6), "center", "bottom"),
            (
                (0, -6),
                "center",
                "top",
            ),
        ):
            text = ax.annotate(_short(name), point, offset, textcoords="offset points", ha=ha, va=va)
            box = text.get_window_extent()
            inside = all(ax.bbox.contains(*corner) for corner in box.corners())
            if inside and not any(map(box.overlaps, taken)):
                taken.append(box)
                break
            text.remove()


# --- every student, every exercise


def group_size(students: int) -> int:
    """How many students share a line of the heat map."""
    return -(-students // HEAT_LINES)


def heat_map(statistics: ClassStatistics, titles: dict[str, str]) -> Picture:
    """Students × exercises. Students by share of points, the best on top; a chapter's exercises from easy to hard.

    titles : of the chapters.
    """
    students = [student.student_id for student in statistics.students]
    exercises = [item for items in statistics.columns.values() for item in items]
    cells = [[row for rows in statistics.answers(student).values() for row in rows] for student in students]
    shares = lines(cells, group_size(len(students)))
    named = len(students) <= NAMED_STUDENTS
    height = 20 * len(students) if named else 720
    with _figure(1104, height + 190) as (figure, ax):
        ax.set_facecolor(GREY)
        ax.patch.set_hatch("////")
        ax.imshow(shares, SHARES, vmin=0, vmax=1, aspect="auto", interpolation="none")
        ax.set_xticks(range(len(exercises)), [_short(item.exercise) for item in exercises])
        turned = {"rotation": 90} if len(exercises) > 12 else {"rotation": 40, "ha": "left", "rotation_mode": "anchor"}
        ax.tick_params(length=0, labeltop=True, labelbottom=False, labelcolor=INK)
        for label in ax.get_xticklabels():
            label.set(**turned)
        if named:
            ax.set_yticks(range(len(students)), [_short(student, LONGEST_STUDENT) for student in students])
            ax.hlines(np.arange(len(students) + 1) - 0.5, -0.5, len(exercises) - 0.5, color="white", linewidth=1)
            for y, x in np.ndindex(len(students), len(exercises)):
                ax.text(x, y, sign(cells[y][x]), ha="center", va="center", size=8, color=_ink(shares[y, x]))
        else:
            ax.set_yticks([0, len(shares) - 1], ["most points", "fewest"])
        ax.vlines(np.arange(len(exercises) + 1) - 0.5, -0.5, len(shares) - 0.5, color="white", linewidth=1)
        _name_chapters(ax, statistics, titles, 1000 / len(exercises))
        ax.spines[:].set_visible(False)
        return _picture(
            figure,
            f"A line for each of {len(students)} students, most points on top; a column for each of {len(exercises)} "
            "exercises, from easy to hard within its chapter. The table below holds the same.",
        )


def lines(cells: list[list[Row | None]], size: int) -> np.ndarray:
    """Mean share of the points of each `size` students, of whom those who left it out have 0 and those who were not
    judged do not count; NaN where nobody attempted it.
    """
    shares = np.array([[_share(row) for row in line] for line in cells])
    attempted = np.array([[row is not None and row.status != "missing" for row in line] for line in cells])
    firsts = range(0, len(cells), size)
    sums = np.add.reduceat(np.nan_to_num(shares), firsts)
    judged = np.add.reduceat(~np.isnan(shares), firsts, dtype=int)
    anybody = np.logical_or.reduceat(attempted & ~np.isnan(shares), firsts)
    return np.where(anybody, sums / np.maximum(judged, 1), np.nan)


def _share(row: Row | None) -> float:
    """Share of the points; NaN where the grader failed."""
    if row is None or not row.max_points:
        return 0.0
    return np.nan if row.cause == "grader" else row.points / row.max_points


def _ink(share: float) -> str:
    return "white" if share > 0.85 else INK


def _short(name: str, length: int = LONGEST_NAME) -> str:
    shown = one_line(name)
    return shown if len(shown) <= length else f"{shown[: length - 1]}…"


def _name_chapters(ax: Axes, statistics: ClassStatistics, titles: dict[str, str], column: float) -> None:
    """Write the chapters below their columns of so many pixels, with a gap between two of them."""
    ends = list(accumulate(len(items) for items in statistics.columns.values()))
    for (chapter, items), end in zip(statistics.columns.items(), ends, strict=True):
        room = max(4, int(len(items) * column / 6.5))
        text = textwrap.fill(_short(titles[chapter]), room)
        style = {"weight": "bold", "ha": "center", "va": "top", "transform": ax.get_xaxis_transform()}
        ax.text(end - len(items) / 2 - 0.5, -0.01, text, **style)
    ax.vlines(np.array(ends[:-1]) - 0.5, *ax.get_ylim(), color="white", linewidth=7)
