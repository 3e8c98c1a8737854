"""Sandboxes that stay warm between submissions, as many as work at the same time in this process."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from grading.course import Course
from grading.limits import Limits
from grading.sandbox.sandbox import Sandbox


class Pool:
    """Lends sandboxes. Those of one kind (course, limits, isolation) are used again, and again."""

    def __init__(self) -> None:
        self._idle: dict[tuple, list[Sandbox]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def lend(self, course: Course, limits: Limits, isolated: bool = True) -> Iterator[Sandbox]:
        """Lend a sandbox; it comes back at the end of the context."""
        kind = (course.root, limits, isolated)
        with self._lock:
            idle = self._idle.setdefault(kind, [])
            sandbox = idle.pop() if idle else Sandbox(course, limits, isolated)
        try:
            yield sandbox
        finally:
            with self._lock:
                idle.append(sandbox)

    def close(self) -> None:
        """End all sandboxes that are not lent out."""
        with self._lock:
            for idle in self._idle.values():
                while idle:
                    idle.pop().close()


POOL = Pool()
atexit.register(POOL.close)
