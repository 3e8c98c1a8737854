"""Feedback pages, made by nbgrader."""

from __future__ import annotations

import glob
from collections.abc import Iterable

from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from rich.progress import Progress

from grading.course import Course
from grading.quiet import quiet_nbgrader


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
        config = course.nbgrader_config()
        coursedir = CourseDirectory(config=config)
        coursedir.student_id, coursedir.assignment_id = glob.escape(folder.parent.name), folder.name
        converter = GenerateFeedback(coursedir=coursedir, config=config)
        converter.force = True
        with quiet_nbgrader(converter) as problems:
            try:
                converter.start()
            except (SystemExit, Exception) as error:
                failures.append(
                    f"no feedback for {folder.parent.name}/{folder.name}: {error} {' '.join(problems)}"[:500]
                )
        progress.advance(bar)
    return failures
