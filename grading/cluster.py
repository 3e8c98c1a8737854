"""Fan work out over Dask: threads of this process by default, the machines of a cluster if there is one."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import TypeVar

import dask
from distributed import Client, Future, LocalCluster, wait

from grading.course import CourseError
from grading.limits import Limits
from grading.work import Done, Work, execute, ready, version_of

CONNECT_SECONDS = 20
PATIENCE_SECONDS = 30  # after which it is asked whether there are workers at all
RETRIES = 2  # of a notebook whose worker died or could not start a kernel
Ticket = TypeVar("Ticket")


@contextmanager
def connect(workers: int, scheduler: str = "") -> Iterator[Client]:
    """Yield a Dask client of `workers` threads of this process, or of the cluster at the address `scheduler`.

    Raises CourseError if nothing answers there, or nothing works there.
    """
    for name in ("distributed", "tornado"):  # they tell at length what is told here in a sentence
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
        if scheduler:
            with _remote(scheduler) as client:
                yield client
        else:
            threads = {"processes": False, "n_workers": 1, "threads_per_worker": workers, "memory_limit": 0}
            silent = {"dashboard_address": "127.0.0.1:0", "silence_logs": logging.CRITICAL}
            with (
                tempfile.TemporaryDirectory(prefix="descent-") as folder,
                LocalCluster(**threads, **silent, local_directory=folder) as cluster,
                Client(cluster) as client,
            ):
                yield client


def _remote(scheduler: str) -> Client:
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise CourseError(f"no Dask scheduler answers at {scheduler}: {error}") from error
    if not client.nthreads():
        client.close()
        raise CourseError(f"the Dask scheduler at {scheduler} has no workers; start some: dask worker {scheduler}")
    return client


def threads(client: Client) -> int:
    """How many notebooks the cluster can work on at a time."""
    return max(1, sum(client.nthreads().values()))


def check_workers(client: Client, chapters: Sequence[str], seed: int, limits: Limits, isolated: bool) -> None:
    """Start a kernel at every worker. Raises SandboxUnavailable, or CourseError for one with other code or cases."""
    expected = [version_of(chapter, seed) for chapter in chapters]
    asked = {
        worker: client.submit(ready, chapters, seed, limits, isolated, workers=[worker], pure=False)
        for worker in client.nthreads()
    }
    for worker, versions in asked.items():
        if versions.result() != expected:
            raise CourseError(
                f"the Dask worker {worker} has another version of the course or of its libraries than this machine"
            )


def in_parallel(client: Client, work: Iterable[tuple[Ticket, Work]]) -> Iterator[tuple[Ticket, Done | Exception]]:
    """Yield for every piece of work, as they are done, what came of it, or the exception that kept it from being done.

    A worker that dies costs a retry. If the consumer stops early, what has not begun is dropped.
    """
    waiting, running = iter(work), {}
    try:
        while True:
            # few at a time: results of a large class should not pile up in memory
            while len(running) < 2 * threads(client) and (item := next(waiting, None)):
                running[client.submit(execute, item[1], pure=False, retries=RETRIES)] = item[0]
            if not running:
                return
            for future in _some_done(client, list(running)):
                yield running.pop(future), _outcome(future)
    finally:
        client.cancel(list(running))


def _some_done(client: Client, futures: list[Future]) -> set[Future]:
    while True:
        try:
            return wait(futures, timeout=PATIENCE_SECONDS, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            if not client.nthreads():
                raise CourseError("all Dask workers are gone; start some and grade again, nothing is lost") from None


def _outcome(future: Future) -> Done | Exception:
    try:
        return future.result()
    except (Exception, CancelledError) as error:
        return error
