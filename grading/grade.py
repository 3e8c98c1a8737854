"""Grade a class: every submitted notebook, in parallel sandboxes, into one gradebook."""

from __future__ import annotations

import functools
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbgrader.utils import parse_utc
from rich.progress import Progress

from grading.cache import Cache
from grading.cells import exercise_name, is_check
from grading.course import Course, CourseError
from grading.gradebook import CourseGradebook
from grading.hidden import case_digests, hidden_cases
from grading.judge import Graded, without_answers
from grading.limits import Limits
from grading.rebuild import MAX_SUBMISSION_BYTES, UnreadableSubmission, read_submission, rebuild
from grading.sandbox.pool import POOL
from grading.seed import hidden_seed
from grading.warm_up import default_workers, warm_up
from grading.work import Done, Work, finish, version_of
from utils.calling import one_line

if TYPE_CHECKING:
    from distributed import Client

log = logging.getLogger(__name__)
GRADER_FAILED = "the grader itself failed here"
ODD_LETTER = re.compile(r"^[^\w]|[^\w .@+-]|\s+$")


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


def read_release(course: Course, chapter: str, notebook: str) -> nbformat.NotebookNode:
    """Read a released notebook; nbformat 4, as the build wrote it, so nothing is validated."""
    return nbformat.v4.reads(course.released_notebooks(chapter)[notebook].read_text(encoding="utf-8"))


def read_handed_in(path: Path) -> bytes:
    """Read a submitted file. Raises UnreadableSubmission if it is missing, or a link."""
    # a link could point at another student's work, or at the gradebook
    if any(place.is_symlink() for place in (path, path.parent, path.parent.parent)):
        raise UnreadableSubmission("this is a link, not a file; hand in the notebook itself")
    try:
        if not path.is_file():
            raise UnreadableSubmission(f"no such notebook was handed in{_others(path)}")
        with path.open("rb") as file:
            return file.read(MAX_SUBMISSION_BYTES + 1)  # enough to see that it is too much
    except OSError as error:
        raise UnreadableSubmission(f"the file cannot be read ({error.strerror}); check its permissions") from error


def _others(path: Path) -> str:
    names = sorted(other.name for other in path.parent.glob("*.ipynb")) if path.parent.is_dir() else []
    return one_line(f"; the folder holds {', '.join(names)}") if names else ""


def find_students(course: Course) -> list[str]:
    """Names of the folders in gradebook/submitted."""
    if not course.submitted.is_dir():
        return []
    return sorted(path.name for path in course.submitted.iterdir() if path.is_dir() and not path.name.startswith("."))


def tame_folders(course: Course) -> list[str]:
    """Rename what formgrader cannot show without harm, or not at all; return a sentence for each.

    It writes students' names into its pages and scripts as they are, and gives up at a time stamp that is none.
    """
    notes = []
    for name in find_students(course):
        plain = ODD_LETTER.sub("_", name)
        if plain != name:
            while (course.submitted / plain).exists():
                plain += "_"
            (course.submitted / name).rename(course.submitted / plain)
            notes.append(f"the folder submitted/{name!r} is now called {plain!r}, so that its name can do no harm")
    for stamp in sorted(course.submitted.glob("*/*/timestamp.txt")):
        inside = not stamp.parent.is_symlink() and not stamp.parent.parent.is_symlink()
        if inside and _time_in(stamp) is None:
            unreadable = stamp.rename(stamp.with_suffix(".unreadable"))
            notes.append(f"{stamp.relative_to(course.submitted)} holds no time; it is now called {unreadable.name}")
    return notes


def find_jobs(course: Course, chapters: Iterable[str], students: Iterable[str]) -> list[Job]:
    """One job for every notebook of every chapter for which a student has a folder."""
    return [
        Job(student, chapter, notebook, course.submitted / student / chapter / f"{notebook}.ipynb")
        for student in students
        for chapter in chapters
        if _may_hold_work(course.submitted / student / chapter)
        for notebook in course.released_notebooks(chapter)
    ]


def _may_hold_work(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except PermissionError:
        return True  # nobody is dropped: reading it will say what is wrong


def check_release(course: Course, chapter: str, seed: int) -> None:
    """Raise CourseError unless the release and the exercises of a chapter agree."""
    points = {
        exercise_name(cell): cell.metadata.nbgrader.points
        for notebook in course.released_notebooks(chapter)
        for cell in read_release(course, chapter, notebook).cells
        if is_check(cell)
    }
    expected = {name: cases.points for name, cases in hidden_cases(chapter, seed, course).items()}
    if points != expected:
        raise CourseError(f"{chapter}: the release has exercises {points}, expected {expected}; run make build")


def submission_time(job: Job) -> datetime | None:
    """When a submission was handed in, by nbgrader's timestamp.txt: UTC, without zone. None without such a file."""
    return _time_in(job.path.with_name("timestamp.txt"))


def _time_in(stamp: Path) -> datetime | None:
    try:
        if stamp.is_symlink() or not stamp.is_file():
            return None
        with stamp.open(encoding="utf-8") as file:
            return parse_utc(file.read(100).strip())
    except (OSError, ValueError, OverflowError):
        return None


@dataclass(frozen=True)
class Grading:
    """Everything that a grade depends on, besides the submission itself."""

    course: Course
    seed: int
    limits: Limits
    isolated: bool = True

    def rebuild(self, job: Job) -> nbformat.NotebookNode:
        """Return the trusted notebook with the student's answers. Raises UnreadableSubmission."""
        release = read_release(self.course, job.chapter, job.notebook)
        return rebuild(release, read_submission(read_handed_in(job.path)))

    def nothing(self, job: Job, status: str, reason: str) -> Graded:
        """Every exercise with zero points and the reason."""
        release = read_release(self.course, job.chapter, job.notebook)
        return without_answers(release, job.chapter, self.seed, status, reason)

    def failed(self, job: Job, error: Exception) -> Graded:
        reason = f"{GRADER_FAILED} ({type(error).__name__}: {error}); this is not the student's fault"
        log.debug("grading %s failed", job.name, exc_info=error)
        return self.nothing(job, "error", reason)


@dataclass
class _Pending:
    """A job whose notebook is at a worker."""

    job: Job
    notebook: nbformat.NotebookNode
    text: str
    cases: dict[str, str]


_Result = tuple[Job, Graded]


class ClassGrading:
    """Grades jobs as far as possible from the cache, and sends the rest to workers."""

    def __init__(self, grading: Grading, cache: Cache | None):
        self.grading = grading
        self.cache = cache

    def run(self, jobs: Iterable[Job], workers: Callable[[], AbstractContextManager[Client]]) -> Iterator[_Result]:
        """Yield graded jobs, as they are done. Every job comes out, whatever happens to it.

        workers : connects to those who execute; not called if there is nothing to execute.
        """
        remaining = []
        for job in jobs:
            graded = self._without_executing(job)
            if graded:
                yield job, graded
            else:
                remaining.append(job)
        if remaining:
            from grading.cluster import in_parallel

            failed: list[_Result] = []
            with workers() as client:
                for pending, done in in_parallel(client, self._to_execute(remaining, failed)):
                    yield pending.job, self._finish(pending, done)
            yield from failed

    def _to_execute(self, jobs: list[Job], failed: list[_Result]) -> Iterator[tuple[_Pending, Work]]:
        for job in jobs:
            try:
                pending, work, _ = self._prepare(job)
            except Exception as error:
                failed.append((job, self.grading.failed(job, error)))
            else:
                yield pending, work

    def _without_executing(self, job: Job) -> Graded | None:
        """Grade what cannot be read, or what is in the cache."""
        try:
            if self.cache is None or self.cache.empty:
                read_submission(read_handed_in(job.path))
                return None
            pending, work, known = self._prepare(job)
            return finish(pending.notebook, known) if known and len(work.judged) == len(pending.cases) else None
        except UnreadableSubmission as error:
            return self.grading.nothing(job, "missing", str(error))
        except Exception as error:
            return self.grading.failed(job, error)

    def _prepare(self, job: Job) -> tuple[_Pending, Work, Done | None]:
        """Return what is to be executed, and what is known of it from the cache."""
        notebook = self.grading.rebuild(job)
        text = json.dumps(notebook)
        checks = {exercise_name(cell): cell.id for cell in notebook.cells if is_check(cell)}
        digests = case_digests(job.chapter, self.grading.seed)
        cases = {name: digests[name] for name in sorted(checks)}
        known, holds = self.cache.read(text, cases) if self.cache else (None, set())
        judged = {name: known.outputs[checks[name]] for name in holds} if known else {}
        version = version_of(job.chapter, self.grading.seed)
        work = Work(job.chapter, text, self.grading.seed, self.grading.limits, version, self.grading.isolated, judged)
        return _Pending(job, notebook, text, cases), work, known

    def _finish(self, pending: _Pending, done: Done | Exception) -> Graded:
        if isinstance(done, Exception):
            return self.grading.failed(pending.job, done)
        if self.cache:
            self.cache.write(pending.text, pending.cases, done)
        return finish(pending.notebook, done)


def grade_class(
    course: Course,
    chapters: list[str],
    progress: Progress,
    workers: int = 0,
    isolated: bool = True,
    limits: Limits | None = None,
    scheduler: str = "",
    cached: bool = True,
) -> list[str]:
    """Grade all submissions of the chapters into the gradebook; return sentences for the instructor.

    workers : sandboxes at a time, 0 for one a core; without meaning with a scheduler.
    scheduler : address of a Dask scheduler, "" for threads of this process.
    cached : whether to take over results of earlier gradings for what has not changed.
    Raises CourseError or SandboxUnavailable before anything is executed.
    """
    limits, workers = limits or Limits.load(), workers or default_workers()
    if not scheduler:
        warm_up(course, limits, workers, isolated, cached)
    seed, notes = hidden_seed(course), tame_folders(course)
    cache = Cache(course, limits, isolated) if cached else None
    jobs = find_jobs(course, chapters, find_students(course))
    all_new = bool(jobs) and (cache is None or cache.empty)
    try:
        for chapter in chapters:
            check_release(course, chapter, seed)
        grader = ClassGrading(Grading(course, seed, limits, isolated), cache)
        connected = functools.partial(_workers, chapters, seed, limits, isolated, workers, scheduler)
        with ExitStack() as stack:
            if all_new:  # so that if it fails nothing has been written
                connected = functools.partial(nullcontext, stack.enter_context(connected()))
            return notes + _into_gradebook(grader, jobs, chapters, connected, progress)
    finally:
        POOL.close()
        if cache:
            cache.forget_others()


@contextmanager
def _workers(
    chapters: list[str], seed: int, limits: Limits, isolated: bool, workers: int, scheduler: str
) -> Iterator[Client]:
    from grading.cluster import check_workers, connect  # not needed, and slow to import, if all is in the cache

    with connect(workers, scheduler) as client:
        check_workers(client, chapters, seed, limits, isolated)
        yield client


def _into_gradebook(
    grader: ClassGrading,
    jobs: list[Job],
    chapters: list[str],
    workers: Callable[[], AbstractContextManager[Client]],
    progress: Progress,
) -> list[str]:
    course = grader.grading.course
    notes = []
    with CourseGradebook(course) as gradebook:
        notes += filter(None, map(gradebook.register, chapters))
        gradebook.enrol(find_students(course))
        bar = progress.add_task("grading", total=len(jobs))
        for job, graded in grader.run(jobs, workers):
            graded = _record(gradebook, job, graded, grader.grading)
            if graded.verdicts and graded.verdicts[0].message.startswith(GRADER_FAILED):
                notes.append(f"{job.name}: {graded.verdicts[0].message}")
            progress.advance(bar)
    return notes


def _record(gradebook: CourseGradebook, job: Job, graded: Graded, grading: Grading) -> Graded:
    """Record a grade. One that cannot be written stops nobody else's: the failure is recorded in its place."""
    try:
        gradebook.record(job.student, job.chapter, job.notebook, graded, submission_time(job))
        return graded
    except (ValueError, TypeError) as error:
        failed = grading.failed(job, error)
        gradebook.record(job.student, job.chapter, job.notebook, failed, submission_time(job))
        return failed
