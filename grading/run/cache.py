"""Results of earlier gradings by content: what was executed and judged before need not be again.

A result depends on the student's cells, the release, the code, the hidden cases and the limits. What wall time decided
is never kept: another day it might come out differently.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from grading.course import Course
from grading.files import write_atomically
from grading.judging.hidden_cases import digest
from grading.judging.judge import Graded
from grading.limits import Limits
from grading.run.worker import Task, engine_version
from utils.check.verdict import Verdict


class Cache:
    """Keeps results in `gradebook/cache`, a file for each submitted notebook."""

    def __init__(self, course: Course, limits: Limits, isolated: bool):
        setting = digest(json.dumps([engine_version(), asdict(limits), isolated]))
        self._folder = course.gradebook / "cache" / setting[:16]

    def forget_others(self) -> None:
        """Remove what another version of the code, or other limits, gave: it will not be used again."""
        for folder in self._folder.parent.glob("*"):
            if folder.is_dir() and folder != self._folder:
                shutil.rmtree(folder, ignore_errors=True)

    @property
    def empty(self) -> bool:
        """Whether nothing is known at all."""
        return not any(self._folder.glob("*.json"))

    def path(self, task: Task) -> Path:
        """Where the result of a task is kept."""
        return self._folder / f"{digest(task.version, task.notebook)}.json"

    def read(self, task: Task) -> Graded | None:
        """Return what came of the same task before, None if that is not known."""
        path = self.path(task)
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            return Graded(dict(kept["outputs"]), [Verdict.from_plain(verdict) for verdict in kept["verdicts"]])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            path.unlink(missing_ok=True)  # cut off or damaged: as if it had never been
            return None

    def write(self, task: Task, graded: Graded) -> None:
        """Keep a result, unless wall time had a part in it."""
        if not graded.timed:
            verdicts = [verdict.to_plain() for verdict in graded.verdicts]
            write_atomically(self.path(task), json.dumps({"outputs": graded.outputs, "verdicts": verdicts}))
