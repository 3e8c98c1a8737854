"""The command line: python -m benchmarks.grading, or make bench-grading."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import psutil
import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from benchmarks.grading import ours
from benchmarks.grading.measure import Sample, Usage, counts_exactly, mean, python, run
from benchmarks.grading.stock import StockCourse, make_stock_course
from benchmarks.grading.submissions import make_class
from grading.course import Course

SEED = 20_160  # of the hidden cases, and of the simulated class
GOAL, MEMORY_GOAL_MIB = 10, 1024
LARGE = 1000
PARTIAL_CREDIT_ROUNDING = 1e-9
FLOOR = "floor"
WITH_EXPERIMENTS = 8  # students graded with experiment cells: one takes a quarter of a minute and more

# wide enough for every table, whatever the terminal is: the figures are pasted into docs/speed.md
console = Console(highlight=False, soft_wrap=True, width=max(120, shutil.get_terminal_size().columns))
steps = Console(stderr=True)
Scores = dict[tuple[str, str], float]
Watch = Callable[[Sample], None]


@dataclass(frozen=True)
class Bench:
    """What every part of the benchmark needs: a class that was handed in, and a folder for its runs."""

    course: Course
    chapter: str
    folder: Path
    students: list[str]

    def stock_course(self, name: str, students: list[str], experiments: bool = False) -> StockCourse:
        return make_stock_course(self.folder / name, self.course, self.chapter, SEED, students, experiments)

    def our_course(self, name: str, students: list[str]) -> Course:
        return ours.copy_class(self.course, self.folder / name, students)

    def grade(self, name: str, course: Course, *options: str) -> Usage:
        with _watching(name, course.autograded, len(list(course.submitted.iterdir()))) as watch:
            return ours.grade(course, self.chapter, *options, watch=watch)


@contextmanager
def _watching(what: str, graded: Path, total: int) -> Iterator[Watch]:
    """Show on the terminal how many students have a graded notebook."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    if not steps.is_terminal:
        steps.print(f"{what}: {total} submissions …")
    with Progress(*columns, console=steps, transient=True, disable=not steps.is_terminal) as progress:
        bar = progress.add_task(what, total=total)
        yield lambda sample: progress.update(bar, completed=_entries(graded))


def _entries(folder: Path) -> int:
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def _table(title: str, *columns: str) -> Table:
    table = Table(title, *(Column(name, justify="right", no_wrap=True) for name in columns), box=box.MARKDOWN)
    table.columns[0].no_wrap = True
    return table


def hand_in(folder: Path, chapter: str, students: int) -> Bench:
    """Make the class and the seed of its hidden cases."""
    course = replace(Course.here(), gradebook=folder / "class")
    course.gradebook.mkdir(parents=True)
    (course.gradebook / "seed").write_text(f"{SEED}\n")
    return Bench(course, chapter, folder, make_class(course, chapter, students, SEED))


# --- the comparison


def compare(bench: Bench) -> tuple[Usage, Course]:
    """Grade the class by stock nbgrader and by us; print scores, throughput, and what a submission cost."""
    count = len(bench.students)
    stock = bench.stock_course("stock", bench.students)
    course = ours.set_up(bench.our_course("ours", bench.students), bench.chapter)
    before = bench.grade("grade", ours.set_up(bench.our_course("ours-before", bench.students), bench.chapter))
    with _watching("stock nbgrader autograde", stock.autograded, count) as watch:
        theirs = stock.run("autograde", watch)
    after = bench.grade("grade", course)
    mine = mean([before, after])  # the machine may have been slower at one end of the long run between them
    agreed = _show_scores(stock, ours.scores(course))
    table = _table(f"{count} submissions", "stock autograde", "grade", "ratio")
    for name, unit, scale, attribute in (
        ("seconds, the whole process", "s", 1, "seconds"),
        ("seconds a submission", "s", count, "seconds"),
        ("processor seconds a submission", "s", count, "cpu_seconds"),
        ("peak memory, all processes together", "MiB", 1, "peak_mib"),
        ("peak memory, largest single process", "MiB", 1, "largest_mib"),
    ):
        a, b = getattr(theirs, attribute) / scale, getattr(mine, attribute) / scale
        table.add_row(name, *(f"{x:.{0 if unit == 'MiB' else 2}f} {unit}" for x in (a, b)), f"{a / b:.1f}")
    console.print(table)
    console.print(
        f"grade before and after stock: {before.seconds:.2f} and {after.seconds:.2f} s, the mean is shown; "
        f"other programs kept {mine.others:.2f} processors busy during grade, {theirs.others:.2f} during stock"
    )
    ratio = theirs.seconds / mine.seconds
    console.print(f"throughput: {ratio:.1f} times that of stock nbgrader autograde (goal: at least {GOAL})")
    first = bench.grade("the very first grading", bench.our_course("ours-first", bench.students))
    console.print(
        f"the very first grading of a course, which draws the hidden cases and makes the database too: "
        f"{first.seconds:.2f} s, {theirs.seconds / first.seconds:.1f} times"
    )
    if not agreed:
        raise typer.Exit(1)
    return theirs, course


def _show_scores(stock: StockCourse, found: Scores) -> bool:
    """Print where the two sides' scores differ, and why. Returns False if a difference has no known reason."""
    expected = stock.scores()
    if expected.keys() != found.keys():
        console.print(f"scores: only one side has {sorted(expected.keys() ^ found.keys())}")
        return False
    unlike = [key for key in sorted(found) if abs(expected[key] - found[key]) > PARTIAL_CREDIT_ROUNDING]
    students = len({student for student, _ in found})
    console.print(
        f"scores: {len(found) - len(unlike)} of {len(found)} equal ({students} students, every exercise), "
        f"{sum(found.values()):g} points by grade, {sum(expected.values()):g} by stock"
    )
    for student, exercise in unlike:
        reason = stock.reason(student, exercise) or "NOT EXPLAINED"
        points = f"stock {expected[student, exercise]:g}, grade {found[student, exercise]:g}"
        console.print(f"  {student}, {exercise}: {points}: {reason}")
    return all(stock.reason(*key) for key in unlike)


def show_experiments(bench: Bench) -> None:
    """Print the ratio when the stock side executes the experiment cells too."""
    some = bench.students[:: max(1, len(bench.students) // WITH_EXPERIMENTS)][:WITH_EXPERIMENTS]
    stock = bench.stock_course("stock-experiments", some, experiments=True)
    with _watching("stock, with experiment cells", stock.autograded, len(some)) as watch:
        theirs = stock.run("autograde", watch)
    mine = bench.grade("grade, the same students", bench.our_course("ours-few", some))
    console.print(
        f"with experiment cells executed by stock, which has no way to skip them (grade always skips them), "
        f"{len(some)} students: {theirs.seconds:.1f} s against {mine.seconds:.1f} s, "
        f"{theirs.seconds / mine.seconds:.1f} times"
    )


def show_warm_cache(bench: Bench, theirs: Usage, course: Course) -> None:
    """Print the ratio when the same class is graded once more, unchanged."""
    before = ours.scores(course)
    again = bench.grade("grade again", course)
    same = "same scores" if ours.scores(course) == before else "OTHER SCORES"
    console.print(
        f"graded again, unchanged (warm cache): {again.seconds:.1f} s, {same}, "
        f"{theirs.seconds / again.seconds:.1f} times stock's throughput"
    )


# --- where the time goes


def show_phases(bench: Bench) -> None:
    """Print the phases of one grading, and how far it is from the processor time of the students' own code."""
    course = bench.our_course("phases", bench.students)
    log = bench.folder / "phases.log"
    with _watching("phases, one at a time", course.autograded, len(bench.students)) as watch:
        command = python("-m", "benchmarks.grading.phases", bench.chapter)
        run(command, course.root, {"GRADEBOOK_DIR": str(course.gradebook)}, log, watch)
    found: dict[str, list[float]] = json.loads(log.read_text().splitlines()[-1])
    phases = {name: values for name, values in found.items() if not name.startswith(FLOOR)}
    total, processor = (sum(values[position] for values in phases.values()) for position in (1, 2))
    table = _table("phase", "times", "seconds", "share", "processor seconds", "each")
    for name, (count, seconds, busy) in phases.items():
        table.add_row(
            name,
            f"{count:g}",
            f"{seconds:.2f} s",
            f"{seconds / total:.0%}",
            f"{busy:.2f} s",
            f"{1000 * busy / count:.1f} ms",
        )
    floor = 0.0
    for name, (count, busy) in ((name, values) for name, values in found.items() if name not in phases):
        table.add_row(name, f"{count:g}", "", "", f"{busy:.2f} s", f"{1000 * busy / count:.1f} ms")
        floor += busy
    students = len(bench.students)
    spent = f"{total:.1f} s, of which {processor:.1f} s of processor time"
    console.print(f"where the time goes: {students} submissions one after the other, {spent}")
    console.print(table)
    console.print(
        f"the students' own code needs {floor:.2f} s of processor time, {1000 * floor / students:.0f} ms a submission: "
        f"{floor / processor:.1%} of what is spent"
    )


# --- a large class, a cluster


def show_growth(bench: Bench, stock_seconds: float) -> None:
    """Grade a large class in one run; print how time and memory grow with the number of graded submissions.

    stock_seconds : what stock nbgrader took for a submission.
    """
    large = hand_in(bench.folder / "large", bench.chapter, LARGE)
    moments: list[tuple[int, Sample]] = []
    with _watching(f"grade {LARGE}", large.course.autograded, LARGE) as show:

        def watch(sample: Sample) -> None:
            moments.append((_entries(large.course.autograded), sample))
            show(sample)

        usage = ours.grade(large.course, bench.chapter, watch=watch)
    table = _table(f"a class of {LARGE}", "seconds", "processor seconds", "controlling process", "all processes")
    for size in [LARGE // 8, LARGE // 4, LARGE // 2, LARGE]:
        count, sample = next(moment for moment in moments if moment[0] >= size)
        values = (sample.seconds, sample.cpu_seconds, sample.first_mib, sample.total_mib)
        table.add_row(f"{count} graded", *_formatted(values))
    table.add_row("reports written", *_formatted((usage.seconds, usage.cpu_seconds, usage.first_mib, usage.peak_mib)))
    console.print(table)
    under_way = [(count, sample) for count, sample in moments if 0 < count < LARGE]
    counts = np.array([count for count, _ in under_way])
    for what, attribute, unit in (
        ("time", "seconds", "s"),
        ("processor time", "cpu_seconds", "s"),
        ("memory of the controlling process", "first_mib", "MiB"),
    ):
        values = np.array([getattr(sample, attribute) for _, sample in under_way])
        slope, start = np.polyfit(counts, values, 1)
        off = np.abs(start + slope * counts - values).max() / values[-1]
        console.print(f"{what} = {start:.1f} {unit} + {slope:.4f} {unit} a submission; off by at most {off:.1%}")
    console.print(
        f"the whole class: {LARGE * stock_seconds / usage.seconds:.1f} times the throughput of stock, at the "
        f"{stock_seconds:.2f} s that stock took for each of {len(bench.students)}"
    )
    console.print(
        f"controlling process: at most {usage.first_mib:.0f} MiB (goal: under {MEMORY_GOAL_MIB}); "
        f"others kept {usage.others:.2f} processors busy"
    )


def _formatted(values: tuple[float, float, float, float]) -> list[str]:
    units = ("s", "s", "MiB", "MiB")
    return [f"{value:.{0 if unit == 'MiB' else 1}f} {unit}" for value, unit in zip(values, units, strict=True)]


def show_cluster(bench: Bench, course: Course) -> None:
    """Grade on a Dask cluster of two workers that know no gradebook; print scores and throughput against in-process."""
    alone = bench.grade("grade --no-cache", bench.our_course("in-process", bench.students), "--no-cache")
    apart = bench.our_course("distributed", bench.students)
    with ours.cluster(bench.folder / "cluster", bench.course, workers=2) as address:
        usage = bench.grade("grade on a cluster", apart, "--no-cache", "--scheduler", address)
    same = "same scores" if ours.scores(apart) == ours.scores(course) else "OTHER SCORES"
    console.print(
        f"two Dask workers, processes of their own: {usage.seconds:.1f} s, {same}; without a cluster "
        f"{alone.seconds:.1f} s, so {alone.seconds / usage.seconds:.2f} times its throughput"
    )


def main(
    chapter: Annotated[str, typer.Option(help="Chapter to grade.")] = "ch04_sgd_variants",
    students: Annotated[int, typer.Option(min=7, help="Submissions, of which 7 are odd ones.")] = 24,
    quick: Annotated[bool, typer.Option(help="Only the comparison, without the parts that take minutes.")] = False,
    large: Annotated[bool | None, typer.Option(help="Grade a class of 1,000; on unless --quick.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Do everything in this new folder, and keep it.")] = None,
) -> None:
    """Time grade against stock nbgrader autograde on the same submissions, and say where the time goes."""
    if keep is not None and keep.exists():
        raise typer.BadParameter(f"{keep} exists already")
    with tempfile.TemporaryDirectory(prefix="bench-grading-") as scratch:
        bench = hand_in((keep or Path(scratch)).resolve() / "bench", chapter, students)
        console.print(
            f"{chapter}: {students} submissions, {psutil.cpu_count()} processors, processor time "
            f"{'counted by a control group' if counts_exactly() else 'sampled'}"
        )
        theirs, course = compare(bench)
        show_warm_cache(bench, theirs, course)
        show_phases(bench)
        if not quick:
            show_experiments(bench)
            show_cluster(bench, course)
        if not quick if large is None else large:
            show_growth(bench, theirs.seconds / students)


if __name__ == "__main__":
    typer.run(main)
