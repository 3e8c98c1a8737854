"""Feedback pages, made by nbgrader."""

from __future__ import annotations

import glob
from collections.abc import Iterable

from nbgrader.converters import GenerateFeedback
from rich.progress import Progress

from grading.converters import ConversionFailed, convert
from grading.course import Course


def write_feedback(course: Course, chapters: Iterable[str], progress: Progress) -> list[str]:
    """Write gradebook/feedback/<student>/<chapter>/*.html; return a sentence for each one that failed."""
    folders = [
        path
        for chapter in chapters
        for path in sorted(course.autograded.glob(f"*/{chapter}"))
        if any(path.glob("*.ipynb"))
    ]
    bar = progress.add_task("feedback", total=len(folders))
    failures = []
    for folder in folders:
        try:
            convert(GenerateFeedback, course.nbgrader_config(), folder.name, glob.escape(folder.parent.name))
        except ConversionFailed as error:
            failures.append(f"no feedback for {folder.parent.name}/{folder.name}: {error}"[:500])
        progress.advance(bar)
    return failures
