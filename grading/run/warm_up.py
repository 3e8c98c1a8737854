"""Start sandboxes before they are needed, while other things are still being imported and read."""

from __future__ import annotations

import os

from grading.course import Course
from grading.limits import Limits
from grading.run.cache import Cache
from grading.sandbox import bubblewrap_mode
from grading.sandbox.pool import POOL


def default_workers() -> int:
    """One sandbox a core."""
    return len(os.sched_getaffinity(0))


def warm_up(course: Course, limits: Limits, workers: int, isolated: bool, cached: bool) -> None:
    """Start up to `workers` sandboxes in the background if many will be needed: when nothing is in the cache.

    Raises SandboxUnavailable.
    """
    if isolated:
        bubblewrap_mode()
    students = sum(1 for _ in course.submitted.iterdir()) if course.submitted.is_dir() else 0
    if students and (not cached or Cache(course, limits, isolated).empty):
        POOL.prepare(min(workers or default_workers(), students), course, limits, isolated)
