"""Sandboxes that stay warm between submissions, as many as work at the same time in this process."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress

from grading.course import Course
from grading.limits import Limits
from grading.sandbox.bubblewrap import SandboxUnavailable
from grading.sandbox.kernel import KernelDied
from grading.sandbox.sandbox import Sandbox


class Pool:
    """Lends sandboxes. Those of one kind (course, limits, isolation) are used again, and again."""

    def __init__(self) -> None:
        self._idle: dict[tuple, list[Sandbox]] = {}
        self._coming: dict[tuple, list[Future[Sandbox]]] = {}
        self._lock = threading.Lock()

    def prepare(self, count: int, course: Course, limits: Limits, isolated: bool = True) -> None:
        """Have `count` sandboxes soon. They start in the background: that takes seconds, with other work to do."""
        kind = (course.root, limits, isolated)
        with self._lock:
            coming = self._coming.setdefault(kind, [])
            missing = count - len(coming) - len(self._idle.get(kind, []))
            if missing > 0:
                threads = ThreadPoolExecutor(missing, thread_name_prefix="sandbox-prepare")
                coming += [threads.submit(_started, course, limits, isolated) for _ in range(missing)]
                threads.shutdown(wait=False)

    @contextmanager
    def lend(self, course: Course, limits: Limits, isolated: bool = True) -> Iterator[Sandbox]:
        """Lend a sandbox; it comes back at the end of the context."""
        kind = (course.root, limits, isolated)
        with self._lock:
            idle, coming = self._idle.setdefault(kind, []), self._coming.get(kind)
            sandbox = idle.pop() if idle else None
            future = coming.pop() if coming and not sandbox else None
        if future:
            sandbox = future.result()
        sandbox = sandbox or Sandbox(course, limits, isolated)
        try:
            yield sandbox
        finally:
            with self._lock:
                idle.append(sandbox)

    def close(self) -> None:
        """End all sandboxes that are not lent out."""
        with self._lock:
            for coming in self._coming.values():
                while coming:
                    coming.pop().result().close()
            for idle in self._idle.values():
                while idle:
                    idle.pop().close()


def _started(course: Course, limits: Limits, isolated: bool) -> Sandbox:
    sandbox = Sandbox(course, limits, isolated)
    with suppress(KernelDied, SandboxUnavailable):  # whoever uses it will see the same, and say so
        sandbox.start()
    return sandbox


POOL = Pool()
atexit.register(POOL.close)
