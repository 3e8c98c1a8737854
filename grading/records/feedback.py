"""Feedback pages, made by nbgrader, several at a time; a page that would say the same as before is left as it is."""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Iterable
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import nbgrader
from nbgrader.converters import GenerateFeedback
from rich.progress import Progress

from grading.course import Course
from grading.files import write_atomically
from grading.judging.hidden_cases import digest
from grading.processes import side_by_side
from grading.records.feedback_page import page_version
from grading.records.gradebook import CourseGradebook
from grading.records.nbgrader_converters import ConversionFailed, convert
from utils.check.plain import one_line

PAGES_WORTH_A_PROCESS = 8  # starting one takes as long as some pages
KEPT = "feedback.json"


def write_feedback(
    course: Course, chapters: Iterable[str], progress: Progress, workers: int = 0, cached: bool = True
) -> list[str]:
    """Write gradebook/feedback/<student>/<chapter>/*.html; return a sentence for each one that failed.

    workers : processes, 0 for one a core.
    cached : leave pages alone whose notebook, scores and comments did not change.
    """
    jobs = _contents(course, list(chapters))
    known = _known(course) if cached else {}
    bar = progress.add_task("feedback", total=len(jobs))
    todo = {job: text for job, text in jobs.items() if known.get("/".join(job)) != text or not _has_pages(course, job)}
    progress.advance(bar, len(jobs) - len(todo))
    made, failures = {}, []
    for job, failure in _made(course, list(todo), workers):
        if failure:
            failures.append(one_line(f"no feedback for {'/'.join(job)}: {failure}", 500))
        else:
            made["/".join(job)] = todo[job]
        progress.advance(bar)
    failed = {"/".join(job) for job in todo} - set(made)
    kept = {name: text for name, text in _known(course).items() if name not in failed}
    write_atomically(course.gradebook / "cache" / KEPT, json.dumps(kept | made, indent=0, sort_keys=True))
    return sorted(failures)


def _made(course: Course, jobs: list[tuple[str, str]], workers: int) -> Iterable[tuple[tuple[str, str], str]]:
    """Make the pages of each job; yield the job and why it failed, "" if it did not."""
    workers = min(workers or len(os.sched_getaffinity(0)), len(jobs) // PAGES_WORTH_A_PROCESS)
    if workers < 2:
        yield from ((job, _make(course, job)) for job in jobs)
        return
    with side_by_side(workers) as pool:
        waiting = {pool.submit(_make, course, job): job for job in jobs}
        for done in as_completed(waiting):
            try:
                yield waiting[done], done.result()
            except BrokenProcessPool as error:
                yield waiting[done], str(error)


def _make(course: Course, job: tuple[str, str]) -> str:
    student, chapter = job
    try:
        convert(GenerateFeedback, course.nbgrader_config(), chapter, glob.escape(student))
    except ConversionFailed as error:
        return str(error) or "nbgrader gave no reason"
    return ""


def _contents(course: Course, chapters: list[str]) -> dict[tuple[str, str], str]:
    """Return (student, chapter) -> digest of all that its pages show, for everything that was graded."""
    with CourseGradebook(course) as gradebook:
        marks = gradebook.marks()
    found = {}
    for chapter in chapters:
        for folder in sorted(course.autograded.glob(f"*/{chapter}")):
            notebooks = sorted(folder.glob("*.ipynb"))
            if notebooks:
                job = folder.parent.name, chapter
                texts = [path.name + path.read_text(encoding="utf-8", errors="replace") for path in notebooks]
                made_by = [nbgrader.__version__, page_version()]
                found[job] = digest(json.dumps([made_by, texts, marks.get(job, [])], default=str))
    return found


def _has_pages(course: Course, job: tuple[str, str]) -> bool:
    student, chapter = job
    graded = {path.stem for path in (course.autograded / student / chapter).glob("*.ipynb")}
    return graded <= {path.stem for path in (course.feedback / student / chapter).glob("*.html")}


def _known(course: Course) -> dict[str, str]:
    """What the pages that are there were made from, as far as that is known."""
    path: Path = course.gradebook / "cache" / KEPT
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return {}  # missing or damaged: the pages are made anew
