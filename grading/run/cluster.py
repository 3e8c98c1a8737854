"""Who executes: threads of this process, or the machines of a Dask cluster."""

from __future__ import annotations

import functools
import ipaddress
import logging
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil

from grading.course import Course, CourseError
from grading.judging.judge import Graded
from grading.limits import Limits
from grading.run.worker import OtherVersion, Task, execute, ready, version_of

CONNECT_SECONDS = 20
ASK_SECONDS = 2  # between two looks at whether a worker that is asked is still there
PATIENCE_SECONDS = 30  # after which it is asked whether there are workers at all
RETRIES = 2  # of a task whose worker died
CERTIFICATE, KEY = "certificate.pem", "key.pem"  # the one is also what the other side's is compared with
ENCRYPTED = ("tls://", "wss://")
Ticket = TypeVar("Ticket")


@dataclass(frozen=True)
class Scheduler:
    """A Dask scheduler, and how to speak with it.

    address : such as tls://10.0.0.1:8786.
    certificates : folder with CERTIFICATE and KEY, None for those that Dask's own configuration names.
    unencrypted : whether the seed and the submissions may travel to other machines as plain text.
    """

    address: str
    certificates: Path | None = None
    unencrypted: bool = False


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
def cluster(course: Course, scheduler: Scheduler) -> Iterator[Crew]:
    """Yield the workers of a Dask cluster.

    Raises CourseError if nothing answers, or works, there, or if work would leave this machine as plain text.
    """
    import dask  # slow to import, and of use only here
    from distributed import Client

    for name in ("distributed", "tornado"):  # they tell at length what is told here in a sentence
        logging.getLogger(name).setLevel(logging.CRITICAL)
    address = scheduler.address
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
        security = _security(scheduler)
        try:
            _refuse_plain_text(scheduler, address)
            client = Client(address, timeout=CONNECT_SECONDS, security=security)
        except (OSError, ValueError, RuntimeError) as error:
            raise CourseError(f"no Dask scheduler answers at {address}: {_reason(error)}") from error
        with client:
            if not client.nthreads():
                raise CourseError(f"the Dask scheduler at {address} has no workers; start some: dask worker {address}")
            for worker in client.nthreads():
                _refuse_plain_text(scheduler, worker)
            yield Crew(
                client.get_executor(pure=False, retries=RETRIES),
                max(1, sum(client.nthreads().values())),
                execute,
                functools.partial(_check_workers, client, course),
                lambda: not client.nthreads(),
            )


def _security(scheduler: Scheduler) -> Any:
    """Dask's settings for the client. Raises CourseError where an encrypted address has no usable certificates."""
    from distributed import Security

    folder, files = scheduler.certificates, {}
    if folder:
        certificate, key = str(folder / CERTIFICATE), str(folder / KEY)
        files = {"tls_ca_file": certificate, "tls_client_cert": certificate, "tls_client_key": key}
    security = Security(**files)
    try:
        usable = security.get_connection_args("client")["ssl_context"]
    except OSError as error:
        raise CourseError(
            f"the certificates in {folder or 'the configuration of Dask'} cannot be used, expected {CERTIFICATE} and "
            f"{KEY} as docs/cluster.md makes them: {error}"
        ) from error
    if scheduler.address.startswith(ENCRYPTED) and not usable:
        raise CourseError(
            f"{scheduler.address} needs certificates: --certificates FOLDER; docs/cluster.md says how to make them"
        )
    return security


def _refuse_plain_text(scheduler: Scheduler, address: str) -> None:
    """Raise CourseError if what is sent to an address would leave this machine as plain text, unless that is allowed.

    OSError if the name of its host is not known.
    """
    if scheduler.unencrypted or address.startswith(ENCRYPTED):
        return
    from distributed.comm.addressing import parse_address, parse_host_port

    host, _ = parse_host_port(parse_address(address)[1])
    for *_, (found, *_) in socket.getaddrinfo(host, None):
        if not _is_here(found):
            raise CourseError(
                f"{address} is not encrypted and not on this machine: the seed of the hidden cases and the submissions "
                "would travel in the open. Use tls:// and --certificates, see docs/cluster.md, or allow it by "
                "--unencrypted"
            )


def _is_here(address: str) -> bool:
    """Whether an address is one of this machine."""
    own = {entry.address for entries in psutil.net_if_addrs().values() for entry in entries}
    return ipaddress.ip_address(address).is_loopback or address in own


def _reason(error: BaseException) -> str:
    """What an error and those that led to it say, each once; Dask puts what matters into the cause."""
    found = []
    while error:
        found.append(str(error))
        error = error.__cause__
    return "; ".join(dict.fromkeys(" ".join(text.split()) for text in found if text))


def _check_workers(
    client: Any, course: Course, chapters: Sequence[str], seed: int, limits: Limits, isolated: bool
) -> None:
    expected = [version_of(course, chapter, seed) for chapter in chapters]
    asked = {
        worker: client.submit(ready, chapters, seed, limits, isolated, workers=[worker], pure=False)
        for worker in client.nthreads()
    }
    for worker, versions in asked.items():
        if _answer(client, worker, versions) != expected:
            raise CourseError(
                f"the Dask worker {worker} has another version of the course or of its libraries than this machine"
            )


def _answer(client: Any, worker: str, asked: Any) -> list[str]:
    """Wait for the versions that a worker has. Raises CourseError if it cannot tell, or is gone."""
    while worker in client.nthreads():
        try:
            return asked.result(timeout=ASK_SECONDS)
        except TimeoutError:
            continue  # drawing the hidden cases takes a minute
        except Exception as error:
            raise CourseError(f"the Dask worker {worker} cannot grade: {_reason(error)}") from error
    raise CourseError(f"the Dask worker {worker} went away when it was asked for its version; is the course there?")


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
    """Return what came of a task, or why it could not be done. Raises CourseError if no other can be done either."""
    try:
        return future.result()
    except CancelledError as error:
        raise CourseError("the Dask scheduler is gone; start it and grade again, nothing is lost") from error
    except OtherVersion as error:  # it came after the others had been asked
        raise CourseError(f"{error}; end that worker and grade again, nothing is lost") from error
    except Exception as error:
        return error
