"""Results of earlier gradings by content: what was executed and judged before need not be again.

A result depends on the student's cells, the release, the code, the limits and, exercise by exercise, the hidden cases.
What wall time decided is never kept: another day it might come out differently.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from grading.course import Course
from grading.files import write_atomically
from grading.hidden import digest
from grading.limits import Limits
from grading.work import Done, engine_version


class Cache:
    """Keeps outputs in `gradebook/cache`, a file for each submitted notebook."""

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

    def path(self, notebook: str) -> Path:
        """Where the result of a rebuilt notebook (as JSON) is kept."""
        return self._folder / f"{digest(notebook)}.json"

    def read(self, notebook: str, cases: Mapping[str, str]) -> tuple[Done | None, set[str]]:
        """Return what is known of a notebook, and the exercises of which that still holds.

        cases : exercise -> digest of its hidden cases.
        """
        path = self.path(notebook)
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            outputs, judged_by = dict(kept["outputs"]), dict(kept["cases"])
        except FileNotFoundError:
            return None, set()
        except (OSError, ValueError, KeyError, TypeError):
            path.unlink(missing_ok=True)  # cut off or damaged: as if it had never been
            return None, set()
        return Done(outputs), {name for name, digest in cases.items() if judged_by.get(name) == digest}

    def write(self, notebook: str, cases: Mapping[str, str], done: Done) -> None:
        """Keep a result, unless wall time had a part in it."""
        if not done.timed:
            content: dict[str, Any] = {"cases": dict(cases), "outputs": done.outputs}
            write_atomically(self.path(notebook), json.dumps(content))
