"""The command line: python -m benchmarks.grading, or make bench-grading."""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.grading.stock import StockCourse, make_stock_course, seconds_of
from benchmarks.grading.submissions import BROKEN, make_class
from grading.course import Course
from grading.judging.hidden_cases import hidden_cases
from grading.records.gradebook import CourseGradebook

SEED = 20_160  # of the hidden cases, and of the simulated class
ROUNDING = 1e-9
FEWEST = len(BROKEN) + 3

Scores = dict[tuple[str, str], float]
console = Console(highlight=False, soft_wrap=True)
steps = Console(stderr=True, highlight=False)


def hand_in(folder: Path, chapter: str, students: int) -> tuple[Course, list[str]]:
    """Make a class; return its course and its students.

    The hidden cases and the database are made here, as `generate_assignment` does for stock.
    """
    course = replace(Course.here(), gradebook=folder, url="")
    folder.mkdir(parents=True)
    (folder / "seed").write_text(f"{SEED}\n")
    names = make_class(course, chapter, students, SEED)
    hidden_cases(course, chapter, SEED, keep=True)
    with CourseGradebook(course) as gradebook:
        gradebook.register(chapter)
    return course, names


def grade(course: Course, folder: Path, chapter: str) -> tuple[float, Scores]:
    """Grade a copy of a class, without feedback pages, because `autograde` writes none.

    Returns the seconds, and (student, exercise) -> points.
    """
    shutil.copytree(course.gradebook, folder)
    environment = {"GRADEBOOK_DIR": str(folder), "GRADEBOOK_URL": "", "PYTHONPATH": str(course.root)}
    seconds = seconds_of(["-m", "grading", "grade", chapter, "--no-feedback"], folder, environment)
    with (folder / "verdicts.csv").open(newline="") as file:
        return seconds, {(row["student_id"], row["exercise"]): float(row["points"]) for row in csv.DictReader(file)}


def headline(ours: float, count: int, stock: float, sample: int) -> str:
    """The ratio of throughputs.

    ours : seconds for `count` submissions.  stock : seconds for `sample` of them.
    """
    whole = stock * count / sample
    guess = "" if count == sample else f" (extrapolated from {sample}, which took {stock:.1f} s)"
    return (
        f"{whole / ours:.1f} times the throughput of stock nbgrader autograde: "
        f"{count} submissions in {ours:.2f} s, stock {whole:.2f} s{guess}"
    )


def compare_scores(stock: StockCourse, ours: Scores) -> tuple[list[str], bool]:
    """Compare what both sides graded; return what to say of it, and whether every difference is explained."""
    theirs = stock.scores()
    students = {student for student, _ in theirs}
    ours = {key: points for key, points in ours.items() if key[0] in students}
    if theirs.keys() != ours.keys():
        return [f"scores: only one side has {sorted(theirs.keys() ^ ours.keys())}"], False
    unlike = [key for key in sorted(ours) if abs(theirs[key] - ours[key]) > ROUNDING]
    reasons = {key: stock.reason(*key) for key in unlike}
    lines = [f"scores: {len(ours) - len(unlike)} of {len(ours)} equal ({len(students)} students, every exercise)"]
    for key, reason in reasons.items():
        points = f"stock {theirs[key]:g}, grade {ours[key]:g}"
        lines.append(f"  {', '.join(key)}: {points}: {reason or 'NOT EXPLAINED'}")
    return lines, all(reasons.values())


def main(
    chapter: Annotated[str, typer.Option(help="Chapter to grade.")] = "ch04_sgd_variants",
    students: Annotated[int, typer.Option(min=FEWEST, help="Submissions that both sides grade.")] = 24,
    large: Annotated[int, typer.Option(help="Have grade do so many, and extrapolate stock's time.")] = 0,
) -> None:
    """Time grade against stock nbgrader autograde on the same submissions; the first line says how they compare."""
    with tempfile.TemporaryDirectory(prefix="bench-grading-") as scratch:
        folder, load = Path(scratch).resolve(), os.getloadavg()[0]
        course, names = hand_in(folder / "class", chapter, students)
        stock = make_stock_course(folder / "stock", course, chapter, SEED, names)
        steps.print(f"grading {students} submissions")
        runs = [grade(course, folder / "before", chapter)]
        steps.print("stock nbgrader autograde: the same")
        theirs = stock.run("autograde")
        steps.print("grading them once more")  # the machine may be slower at one end of the long run between
        runs.append(grade(course, folder / "after", chapter))
        seconds, count = sum(spent for spent, _ in runs) / len(runs), students
        if large:
            steps.print(f"grading {large} submissions")
            runs.append(grade(hand_in(folder / "large", chapter, large)[0], folder / "large-copy", chapter))
            seconds, count = runs[-1][0], large
        console.print(headline(seconds, count, theirs, students))
        lines, agreed = compare_scores(stock, runs[1][1])
        console.print(*lines, sep="\n", markup=False)
        times = ", ".join(f"{spent:.2f} s" for spent, _ in runs)
        load_after = os.getloadavg()[0]
        console.print(
            f"grade took {times}; load average {load:.1f} before, {load_after:.1f} after, {os.cpu_count()} processors"
        )
    if not agreed:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
