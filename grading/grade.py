"""Grade a class: every submitted notebook, in parallel sandboxes, into one gradebook."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from nbgrader.utils import parse_utc
from rich.progress import Progress

from grading.cells import exercise_name, is_check
from grading.course import Course, CourseError
from grading.exercise import load_exercises
from grading.gradebook import CourseGradebook
from grading.judge import Graded, grade_notebook, hidden_cases, without_answers
from grading.limits import Limits
from grading.rebuild import UnreadableSubmission, read_submission, rebuild
from grading.sandbox import SandboxUnavailable, bubblewrap_mode, try_out
from grading.seed import hidden_seed

log = logging.getLogger(__name__)
GRADER_FAILED = "the grader itself failed here"


@dataclass(frozen=True)
class Job:
    """One notebook of one student. `path` need not exist: then the notebook is missing."""

    student: str
    chapter: str
    notebook: str
    path: Path

    @property
    def name(self) -> str:
        return f"{self.student}/{self.chapter}/{self.notebook}"


@dataclass(frozen=True)
class Grader:
    """Everything that grading one submission depends on, besides the submission itself."""

    course: Course
    seed: int
    limits: Limits
    isolated: bool = True

    def grade(self, job: Job) -> Graded:
        """Grade one submission. Every exercise gets a verdict, whatever happens."""
        release = read_release(self.course, job.chapter, job.notebook)
        try:
            rebuilt = rebuild(release, read_submission(read_handed_in(job.path)))
            return grade_notebook(rebuilt, job.chapter, self.seed, self.course, self.limits, self.isolated)
        except UnreadableSubmission as error:
            return without_answers(release, job.chapter, self.seed, "missing", str(error))
        except SandboxUnavailable:
            raise
        except Exception as error:
            reason = f"{GRADER_FAILED} ({type(error).__name__}: {error}); this is not the student's fault"
            log.debug("grading %s failed", job.name, exc_info=error)
            return without_answers(release, job.chapter, self.seed, "error", reason)


def read_release(course: Course, chapter: str, notebook: str) -> nbformat.NotebookNode:
    return nbformat.read(course.released_notebooks(chapter)[notebook], as_version=4)


def read_handed_in(path: Path) -> bytes:
    """Read a submitted file. Raises UnreadableSubmission if it is missing, or a link."""
    # a link could point at another student's work, or at the gradebook
    if path.is_symlink() or path.parent.is_symlink():
        raise UnreadableSubmission("this is a link, not a file; hand in the notebook itself")
    if not path.is_file():
        others = sorted(other.name for other in path.parent.glob("*.ipynb")) if path.parent.is_dir() else []
        found = f"; the folder holds {', '.join(others)}" if others else ""
        raise UnreadableSubmission(f"no such notebook was handed in{found}"[:500])
    return path.read_bytes()


def find_students(course: Course) -> list[str]:
    """Names of the folders in gradebook/submitted."""
    if not course.submitted.is_dir():
        return []
    return sorted(path.name for path in course.submitted.iterdir() if path.is_dir() and not path.name.startswith("."))


def find_jobs(course: Course, chapters: Iterable[str], students: Iterable[str]) -> list[Job]:
    """One job for every notebook of every chapter for which a student has a folder."""
    return [
        Job(student, chapter, notebook, course.submitted / student / chapter / f"{notebook}.ipynb")
        for student in students
        for chapter in chapters
        if (course.submitted / student / chapter).is_dir()
        for notebook in course.released_notebooks(chapter)
    ]


def check_release(course: Course, chapter: str) -> None:
    """Raise CourseError unless the release and the exercises of a chapter agree."""
    exercises = load_exercises(chapter)
    points = {
        exercise_name(cell): cell.metadata.nbgrader.points
        for notebook in course.released_notebooks(chapter)
        for cell in read_release(course, chapter, notebook).cells
        if is_check(cell)
    }
    expected = {name: exercise.points for name, exercise in exercises.items()}
    if points != expected:
        raise CourseError(f"{chapter}: the release has exercises {points}, expected {expected}; run make build")


def submission_time(job: Job) -> datetime | None:
    """When a submission was handed in: nbgrader's timestamp.txt, else the file's own time. UTC, without zone."""
    stamp = job.path.with_name("timestamp.txt")
    try:
        if stamp.is_file() and not stamp.is_symlink():
            return parse_utc(stamp.read_text()[:100].strip())
        return datetime.fromtimestamp(job.path.stat().st_mtime, tz=UTC).replace(tzinfo=None)
    except (OSError, ValueError, OverflowError):
        return None


def default_workers() -> int:
    return len(os.sched_getaffinity(0))


def grade_class(
    course: Course,
    chapters: list[str],
    progress: Progress,
    workers: int = 0,
    isolated: bool = True,
    limits: Limits | None = None,
) -> list[str]:
    """Grade all submissions of the chapters into the gradebook; return sentences for the instructor.

    workers : sandboxes at a time, 0 for one a core.
    Raises CourseError or SandboxUnavailable before anything is written.
    """
    limits = limits or Limits.load()
    if isolated:
        bubblewrap_mode()
    for chapter in chapters:
        check_release(course, chapter)
    with ThreadPoolExecutor(1) as pool:
        trial = pool.submit(try_out, chapters[0], course, limits, isolated)
        grader = Grader(course, hidden_seed(course), limits, isolated)
        for chapter in chapters:
            hidden_cases(chapter, grader.seed)  # once, not in every thread
        trial.result()
    students = find_students(course)
    jobs = find_jobs(course, chapters, students)
    notes = []
    with CourseGradebook(course) as gradebook:
        notes += filter(None, map(gradebook.register, chapters))
        for student in students:
            gradebook.gradebook.update_or_create_student(student)
        bar = progress.add_task("grading", total=len(jobs))
        for job, graded in _in_parallel(grader, jobs, workers or default_workers()):
            gradebook.record(job.student, job.chapter, job.notebook, graded, submission_time(job))
            if graded.verdicts and graded.verdicts[0].message.startswith(GRADER_FAILED):
                notes.append(f"{job.name}: {graded.verdicts[0].message}")
            progress.advance(bar)
    return notes


def _in_parallel(grader: Grader, jobs: list[Job], workers: int) -> Iterator[tuple[Job, Graded]]:
    """Yield graded jobs as they are done. If the consumer stops early, what has not begun is dropped."""
    pool = ThreadPoolExecutor(workers, thread_name_prefix="grade")
    try:
        waiting = iter(jobs)
        running: dict[Future, Job] = {}
        while True:
            # few at a time: results of a large class should not pile up in memory
            while len(running) < 2 * workers and (job := next(waiting, None)):
                running[pool.submit(grader.grade, job)] = job
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
