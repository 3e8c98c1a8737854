"""Grade a class: every submitted notebook, in parallel sandboxes, into one gradebook."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass

import nbformat
from rich.progress import Progress

from grading.cells import exercise_name, is_check, is_optional_check
from grading.course import Course, CourseError
from grading.intake.rebuild import UnreadableSubmission, read_submission, rebuild
from grading.intake.submissions import Submission, find_students, submission_time, take_in
from grading.judging.hidden_cases import draw_side_by_side, hidden_cases, hidden_seed
from grading.judging.judge import Graded, without_answers
from grading.limits import Limits
from grading.records.gradebook import CourseGradebook
from grading.records.staging import failure, refusal
from grading.records.unplaced import write_unplaced
from grading.run.cache import Cache
from grading.run.cluster import Crew, Scheduler, cluster, in_parallel, threads
from grading.run.warm_up import default_workers, warm_up
from grading.run.worker import Task, version_of
from grading.sandbox.pool import POOL

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class GradingNotes:
    """What an instructor should read: sentences, and whether the grader itself failed somewhere."""

    sentences: list[str]
    failed: bool = False


def check_release(course: Course, chapter: str, seed: int) -> None:
    """Raise CourseError unless the release and the exercises of a chapter agree."""
    points = {
        exercise_name(cell): cell.metadata.nbgrader.get("points", 0)
        for notebook in course.released_notebooks(chapter)
        for cell in course.read_release(chapter, notebook).cells
        if is_check(cell) or is_optional_check(cell)
    }
    expected = {name: cases.points for name, cases in hidden_cases(course, chapter, seed, keep=True).items()}
    if points != expected:
        raise CourseError(f"{chapter}: the release has exercises {points}, expected {expected}; run make build")


@dataclass(frozen=True)
class Grading:
    """Everything that a grade depends on, besides the submission itself."""

    course: Course
    seed: int
    limits: Limits
    isolated: bool = True

    def rebuild(self, submission: Submission) -> nbformat.NotebookNode:
        """Return the trusted notebook with the student's answers. Raises UnreadableSubmission."""
        release = self.course.read_release(submission.chapter, submission.notebook)
        return rebuild(release, read_submission(submission.read()))

    def task(self, chapter: str, notebook: nbformat.NotebookNode) -> Task:
        version = version_of(self.course, chapter, self.seed)
        return Task(chapter, json.dumps(notebook), self.seed, self.limits, version, self.isolated)

    def without(self, submission: Submission, told: Mapping[str, str]) -> _Result:
        """Every exercise with zero points and what is told of the reason, see `refusal`."""
        release = self.course.read_release(submission.chapter, submission.notebook)
        cases = hidden_cases(self.course, submission.chapter, self.seed)
        return _Result(submission, release, without_answers(release, cases, **told))

    def failed(self, submission: Submission, error: Exception) -> _Result:
        log.debug("grading %s failed", submission.name, exc_info=error)
        return self.without(submission, failure(error))


@dataclass(frozen=True)
class _Result:
    """A submission, the notebook rebuilt from it, and what came of that."""

    submission: Submission
    notebook: nbformat.NotebookNode
    graded: Graded

    @property
    def grader_failed(self) -> str:
        """What kept the grader from judging, "" if nothing did."""
        return next((verdict.message for verdict in self.graded.verdicts if verdict.cause == "grader"), "")


class ClassGrading:
    """Grades submissions as far as possible from the cache, and sends the rest to workers."""

    def __init__(self, grading: Grading, cache: Cache | None):
        self.grading = grading
        self.cache = cache

    def run(
        self, submissions: Iterable[Submission], crew: Callable[[], AbstractContextManager[Crew]]
    ) -> Iterator[_Result]:
        """Yield results, as they are done. Every submission comes out, whatever happens to it.

        crew : connects to those who execute; not called if there is nothing to execute.
        """
        remaining = []
        for submission in submissions:
            result = self._without_executing(submission)
            if result:
                yield result
            else:
                remaining.append(submission)
        if remaining:
            failed: list[_Result] = []
            with crew() as executing:
                for (submission, notebook, task), graded in in_parallel(executing, self._to_do(remaining, failed)):
                    yield self._finish(submission, notebook, task, graded)
            yield from failed

    def _to_do(self, submissions: list[Submission], failed: list[_Result]) -> Iterator[tuple[tuple, Task]]:
        for submission in submissions:
            try:
                notebook = self.grading.rebuild(submission)
                task = self.grading.task(submission.chapter, notebook)
            except Exception as error:
                failed.append(self.grading.failed(submission, error))
            else:
                yield (submission, notebook, task), task

    def _without_executing(self, submission: Submission) -> _Result | None:
        """Grade what cannot be read, or what is in the cache."""
        try:
            if self.cache is None or self.cache.empty:
                read_submission(submission.read())
                return None
            notebook = self.grading.rebuild(submission)
            known = self.cache.read(self.grading.task(submission.chapter, notebook))
            return _Result(submission, notebook, known) if known else None
        except UnreadableSubmission as error:
            return self.grading.without(submission, refusal(error))
        except Exception as error:
            return self.grading.failed(submission, error)

    def _finish(
        self, submission: Submission, notebook: nbformat.NotebookNode, task: Task, graded: Graded | Exception
    ) -> _Result:
        if isinstance(graded, Exception):
            return self.grading.failed(submission, graded)
        if self.cache:
            self.cache.write(task, graded)
        return _Result(submission, notebook, graded)


def grade_class(
    course: Course,
    chapters: list[str],
    progress: Progress,
    workers: int = 0,
    isolated: bool = True,
    limits: Limits | None = None,
    scheduler: Scheduler | None = None,
    cached: bool = True,
) -> GradingNotes:
    """Grade all submissions of the chapters into the gradebook.

    workers : sandboxes at a time, 0 for one a core; without meaning with a scheduler.
    scheduler : of the Dask cluster that executes, None for threads of this process.
    cached : whether to take over results of earlier gradings for what has not changed.
    Raises CourseError or SandboxUnavailable before anything is executed.
    """
    limits, workers = limits or Limits.load(), workers or default_workers()
    if not scheduler:
        warm_up(course, limits, workers, isolated, cached)
    course.keep_private()
    seed = hidden_seed(course)
    cache = Cache(course, limits, isolated) if cached else None
    intake = take_in(course, chapters)
    all_new = bool(intake.submissions) and (cache is None or cache.empty)
    try:
        draw_side_by_side(course, chapters, seed)
        for chapter in chapters:
            check_release(course, chapter, seed)
        grader = ClassGrading(Grading(course, seed, limits, isolated), cache)
        crew = functools.partial(_crew, course, workers, scheduler, (chapters, seed, limits, isolated))
        with ExitStack() as stack:
            if all_new:  # so that if it fails nothing has been written
                crew = functools.partial(nullcontext, stack.enter_context(crew()))
            write_unplaced(course, intake.unplaced)
            return _into_gradebook(grader, intake.submissions, chapters, crew, progress)
    finally:
        POOL.close()
        if cache:
            cache.forget_others()


@contextmanager
def _crew(course: Course, workers: int, scheduler: Scheduler | None, question: tuple) -> Iterator[Crew]:
    with cluster(course, scheduler) if scheduler else threads(course, workers) as crew:
        crew.ready(*question)
        yield crew


def _into_gradebook(
    grader: ClassGrading,
    submissions: list[Submission],
    chapters: list[str],
    crew: Callable[[], AbstractContextManager[Crew]],
    progress: Progress,
) -> GradingNotes:
    course, failed = grader.grading.course, False
    with CourseGradebook(course) as gradebook:
        notes = list(filter(None, map(gradebook.register, chapters)))
        gradebook.enrol(find_students(course))
        bar = progress.add_task("grading", total=len(submissions))
        for result in grader.run(submissions, crew):
            problem = _record(gradebook, result, grader.grading)
            if problem:
                failed = True
                notes.append(f"{result.submission.name}: {problem}")
            progress.advance(bar)
        gradebook.count()
    return GradingNotes(notes, failed)


def _record(gradebook: CourseGradebook, result: _Result, grading: Grading) -> str:
    """Record a grade; return what kept the grader from it, "" if nothing did.

    One that cannot be written stops nobody else's: the failure is recorded in its place.
    """
    try:
        _write(gradebook, result)
    except Exception as error:
        result = grading.failed(result.submission, error)
        try:
            _write(gradebook, result)
        except Exception as again:
            return f"not even this could be written down ({again}): {result.grader_failed}"
    return result.grader_failed


def _write(gradebook: CourseGradebook, result: _Result) -> None:
    submission = result.submission
    graded = result.graded.with_note(submission.note) if submission.note else result.graded
    notebook = graded.into(result.notebook)
    place = (submission.student, submission.chapter, submission.notebook)
    gradebook.record(*place, notebook, submission_time(submission))
