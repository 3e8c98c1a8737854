"""Who executes: threads of this process, or the machines of a Dask cluster."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from grading.course import Course, CourseError
from grading.judging.judge import Graded
from grading.limits import Limits
from grading.run.worker import Task, execute, ready, version_of

CONNECT_SECONDS = 20
PATIENCE_SECONDS = 30  # after which it is asked whether there are workers at all
RETRIES = 2  # of a task whose worker died
Ticket = TypeVar("Ticket")


@dataclass(frozen=True)
class Crew:
    """Those who execute.

    executor : takes `execute` and a task.
    width : how many tasks can be worked on at a time.
    ready : checks every worker. Raises SandboxUnavailable, or CourseError for one with other code or cases.
    gone : whether nobody is left.
    """

    executor: Executor
    width: int
    execute: Callable[[Task], Graded]
    ready: Callable[..., None]
    gone: Callable[[], bool]


@contextmanager
def threads(course: Course, workers: int) -> Iterator[Crew]:
    """Yield a crew of `workers` threads of this process."""

    def tried_out(*question: Any) -> None:
        ready(*question, course=course)

    executor = ThreadPoolExecutor(workers, thread_name_prefix="grade")
    try:
        yield Crew(executor, workers, functools.partial(execute, course=course), tried_out, lambda: False)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def cluster(course: Course, scheduler: str) -> Iterator[Crew]:
    """Yield the workers of the Dask cluster at an address. Raises CourseError if nothing answers, or works, there."""
    import dask  # slow to import, and of use only here
    from distributed import Client

    for name in ("distributed", "tornado"):  # they tell at length what is told here in a sentence
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
        try:
            client = Client(scheduler, timeout=CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            raise CourseError(f"no Dask scheduler answers at {scheduler}: {error}") from error
        with client:
            if not client.nthreads():
                raise CourseError(
                    f"the Dask scheduler at {scheduler} has no workers; start some: dask worker {scheduler}"
                )
            yield Crew(
                client.get_executor(pure=False, retries=RETRIES),
                max(1, sum(client.nthreads().values())),
                execute,
                functools.partial(_check_workers, client, course),
                lambda: not client.nthreads(),
            )


def _check_workers(
    client: Any, course: Course, chapters: Sequence[str], seed: int, limits: Limits, isolated: bool
) -> None:
    expected = [version_of(course, chapter, seed) for chapter in chapters]
    asked = {
        worker: client.submit(ready, chapters, seed, limits, isolated, workers=[worker], pure=False)
        for worker in client.nthreads()
    }
    for worker, versions in asked.items():
        if versions.result() != expected:
            raise CourseError(
                f"the Dask worker {worker} has another version of the course or of its libraries than this machine"
            )


def in_parallel(crew: Crew, tasks: Iterable[tuple[Ticket, Task]]) -> Iterator[tuple[Ticket, Graded | Exception]]:
    """Yield for every task, as they are done, what came of it, or the exception that kept it from being done.

    If the consumer stops early, what has not begun is dropped.
    """
    waiting, running = iter(tasks), {}
    try:
        while True:
            # few at a time: results of a large class should not pile up in memory
            while len(running) < 2 * crew.width and (item := next(waiting, None)):
                running[crew.executor.submit(crew.execute, item[1])] = item[0]
            if not running:
                return
            done = wait(running, timeout=PATIENCE_SECONDS, return_when=FIRST_COMPLETED).done
            if not done and crew.gone():
                raise CourseError("all Dask workers are gone; start some and grade again, nothing is lost")
            for future in done:
                yield running.pop(future), _outcome(future)
    finally:
        for future in running:
            future.cancel()


def _outcome(future: Any) -> Graded | Exception:
    try:
        return future.result()
    except (Exception, CancelledError) as error:
        return error
