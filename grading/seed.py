"""The secret seed of the hidden cases: made at the first grading, kept in the gradebook, used for every later one."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress

from grading.course import Course, CourseError


def hidden_seed(course: Course) -> int:
    """Return the seed, making it if there is none yet. Raises CourseError if the file holds something else."""
    path = course.gradebook / "seed"
    if not path.exists():
        course.gradebook.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f"seed.{os.getpid()}")
        scratch.write_text(f"{secrets.randbits(128)}\n")
        scratch.chmod(0o600)
        with suppress(FileExistsError):
            os.link(scratch, path)  # unlike a rename, this never replaces a seed made meanwhile
        scratch.unlink()
    text = path.read_text().strip()
    if not text.isdecimal():
        raise CourseError(f"{path}: expected one whole number, got {text[:40]!r}; restore it from a backup")
    return int(text)
