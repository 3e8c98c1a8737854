"""Say where the time of a grading goes: the phases of one run in one process, one submission after the other.

Run as a program of its own, `python -m benchmarks.grading.phases CHAPTER`, with GRADEBOOK_DIR set: the start of the
program is one of the phases. Prints one JSON object: phase -> [times it happened, seconds, processor seconds]; of the
floor only [times, processor seconds].
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import time
from collections.abc import Callable, Mapping

import psutil
from nbformat import NotebookNode
from rich.console import Console

from benchmarks.grading.clock import Clock
from benchmarks.grading.measure import ControlGroup
from grading.cells import exercise_name, is_check, is_experiment
from grading.course import Course
from grading.intake.rebuild import UnreadableSubmission
from grading.intake.submissions import find_students, submission_time
from grading.judging.hidden_cases import hidden_cases, hidden_seed
from grading.judging.judge import grade_notebook
from grading.limits import Limits
from grading.records import gradebook
from grading.report import collect, misconception_table, score_table, write_files
from grading.run.grade import Grading, check_release, find_jobs
from grading.sandbox import Kernel, Sandbox
from utils.check.call import call
from utils.check.cases import Case, CaseSet, Failure, Outcome
from utils.check.verdict import evaluate

START = "start of the program, imports"
CELLS, CALLS = "floor: the students' cells in one warm process", "floor: the calls of their functions"


def measure(course: Course, chapter: str) -> dict[str, list[float]]:
    """Grade everything in the gradebook folder, one submission after the other; return what the clock says."""
    group = ControlGroup.current()
    # all that runs in the group runs for the phase under way: one submission is graded after the other
    processor = group.cpu_seconds if group else time.process_time
    clock = Clock(time.perf_counter, processor)
    clock.add(START, time.time() - psutil.Process(os.getpid()).create_time(), processor())
    limits, seed = Limits.load(), hidden_seed(course)
    with clock.phase("hidden cases drawn, oracles imported"):
        check_release(course, chapter, seed)
        cases = hidden_cases(chapter, seed, course)
    clock.follow(Sandbox, "kernel", "kernel forked")
    clock.follow(Kernel, "run", "cells run")
    clock.follow(Kernel, "ask", "functions called")
    clock.follow(Kernel, "close", "kernel ended, sandbox emptied")
    clock.follow(gradebook, "write_atomically", "graded notebook written")
    with clock.phase("gradebook opened, chapter registered"):
        records = gradebook.CourseGradebook(course)
        records.register(chapter)
        records.enrol(find_students(course))
    grading = Grading(course, seed, limits)
    with Sandbox(course, limits) as sandbox, records:
        with clock.phase("warm process started in its sandbox"):
            sandbox.start()
        for job in find_jobs(course, [chapter], find_students(course)):
            with clock.phase("submission read and rebuilt"):
                try:
                    rebuilt = grading.rebuild(job)
                except UnreadableSubmission as error:
                    rebuilt, reason = None, str(error)
            with clock.phase("answers judged, outputs kept"):
                if rebuilt is None:
                    graded = grading.nothing(job, "missing", reason)
                else:
                    graded = grade_notebook(rebuilt, cases, sandbox, limits)
            with clock.phase("scores written to the database"):
                records.record(job.student, chapter, job.notebook, graded, submission_time(job))
    with clock.phase("reports and tables"):
        report = collect(course)
        write_files(course, report)
        with Console(file=io.StringIO()) as console:
            console.print(score_table(report), misconception_table(report))
    return clock.phases


def measure_floor(course: Course, chapter: str) -> dict[str, list[float]]:
    """Run the same cells and calls in this one process: processor time of the students' own code and nothing else.

    Only for synthetic students: this is no sandbox.
    """
    clock = Clock(time.process_time)
    seed = hidden_seed(course)
    cases, grading = hidden_cases(chapter, seed, course), Grading(course, seed, Limits.load())
    notebooks = []
    for job in find_jobs(course, [chapter], find_students(course)):
        with contextlib.suppress(UnreadableSubmission):
            notebooks.append(grading.rebuild(job))
    _run_directly(notebooks[0], cases, Clock())  # not counted: what a notebook imports is warm in a sandbox too
    for notebook in notebooks:
        _run_directly(notebook, cases, clock)
    return clock.phases


def _run_directly(notebook: NotebookNode, cases: Mapping[str, CaseSet], clock: Clock) -> None:
    names = {"__name__": "__main__"}
    for cell in notebook.cells:
        if is_check(cell):
            name = exercise_name(cell)
            evaluate(cases[name], _asker(clock, names.get(name)), reveal=False)
        elif cell.cell_type == "code" and not is_experiment(cell) and cell.source.strip():
            with clock.phase(CELLS), contextlib.suppress(Exception):
                exec(compile(cell.source, "<cell>", "exec"), names)


def _asker(clock: Clock, function: Callable | None) -> Callable[[Case], Outcome]:
    def ask(case: Case) -> Outcome:
        if function is None:
            return Outcome(failure=Failure("undefined", ""))
        with clock.phase(CALLS):
            return call(function, case)

    return ask


def main() -> None:
    """Print the phases, then the floor, as one JSON object."""
    course, chapter = Course.here(), sys.argv[1]
    found = measure(course, chapter)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        found |= measure_floor(course, chapter)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
