"""Where the time of a grading goes: python -m benchmarks.grading.profile

Grades a class in this process and counts, for each of the named steps, how often it is taken, its wall time and the
processor time of its thread. Steps lie within one another: "judge" holds all that is done while a kernel lives.
"""

from __future__ import annotations

import functools
import resource
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.grading.__main__ import FEWEST, hand_in
from grading.judging import judge
from grading.run import grade, worker
from grading.sandbox.kernel import Kernel
from grading.sandbox.sandbox import Sandbox

STEPS = {
    "rebuild from what was handed in": (grade.Grading, "rebuild"),
    "make a task of it": (grade.Grading, "task"),
    "judge": (worker, "judge_notebook"),
    "· start a kernel": (Sandbox, "kernel"),
    "· run a cell": (Kernel, "run"),
    "· put the cases to a function": (Kernel, "ask"),
    "· make outputs harmless": (judge, "harmless_outputs"),
    "· compare answers, explain": (judge, "_judged_together"),
    "· end a kernel": (Kernel, "close"),
    "record in the gradebook": (grade, "_write"),
}
MILLI = 1e3


@dataclass
class Spent:
    """calls : how often.  wall, processor : seconds."""

    calls: int = 0
    wall: float = 0.0
    processor: float = 0.0


class Clock:
    """Counts what functions take, in whichever thread they are called."""

    def __init__(self) -> None:
        self.spent: dict[str, Spent] = defaultdict(Spent)
        self._lock = threading.Lock()

    def watch(self, name: str, owner: Any, attribute: str) -> None:
        """Replace a function, for as long as this process lives, by one that is counted."""
        function = getattr(owner, attribute)

        @functools.wraps(function)
        def counted(*arguments: Any, **named: Any) -> Any:
            wall, processor = time.perf_counter(), time.thread_time()
            try:
                return function(*arguments, **named)
            finally:
                wall, processor = time.perf_counter() - wall, time.thread_time() - processor
                with self._lock:
                    spent = self.spent[name]
                    spent.calls, spent.wall = spent.calls + 1, spent.wall + wall
                    spent.processor += processor

        setattr(owner, attribute, counted)


def of_children() -> float:
    """Processor seconds of the processes that this one has started and that have ended, and of theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main(
    chapter: Annotated[str, typer.Option(help="Chapter to grade.")] = "ch04_sgd_variants",
    students: Annotated[int, typer.Option(min=FEWEST, help="Students in the class.")] = 200,
) -> None:
    """Grade a class once and print what each step took, a notebook."""
    clock = Clock()
    for name, place in STEPS.items():
        clock.watch(name, *place)
    with tempfile.TemporaryDirectory(prefix="bench-grading-") as scratch, Progress(disable=True) as progress:
        course, _ = hand_in(Path(scratch).resolve() / "class", chapter, students)
        began, own, children = time.perf_counter(), time.process_time(), of_children()
        grade.grade_class(course, [chapter], progress)
        wall, own, children = time.perf_counter() - began, time.process_time() - own, of_children() - children
        notebooks = students * len(course.released_notebooks(chapter))
    table = Table("step", "times", "wall", "processor", title=f"{notebooks} notebooks; milliseconds each")
    for name in STEPS:
        spent = clock.spent[name]
        each = (spent.calls, MILLI * spent.wall, MILLI * spent.processor)
        table.add_row(name, *(f"{number / notebooks:.1f}" for number in each))
    console = Console()
    console.print(table)
    for name, seconds in (("wall", wall), ("processor, the grader", own), ("processor, the sandboxes", children)):
        console.print(f"{name}: {seconds:.1f} s, {MILLI * seconds / notebooks:.1f} ms a notebook")


if __name__ == "__main__":
    typer.run(main)
