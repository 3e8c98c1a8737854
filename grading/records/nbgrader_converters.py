"""Run nbgrader's converters from Python, without their chatter on the screen."""

from __future__ import annotations

import logging

from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from grading.course import find_programs_of_environment


class ConversionFailed(Exception):
    """nbgrader could not convert something; the message holds what it logged."""


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def convert(kind: type[BaseConverter], config: Config, chapter: str, student: str = "") -> None:
    """Run one of nbgrader's converters for a chapter, for one student or (release) for none.

    student : a glob pattern, as nbgrader takes it.
    Raises ConversionFailed.
    """
    find_programs_of_environment()
    coursedir = CourseDirectory(config=config)
    coursedir.assignment_id = chapter
    if student:
        coursedir.student_id = student
    converter = kind(coursedir=coursedir, config=config)
    converter.force = True
    collector = _Collector()
    converter.log = logging.Logger("nbgrader")
    converter.log.addHandler(collector)
    try:
        converter.start()
    except (SystemExit, Exception) as error:
        raise ConversionFailed("\n".join([str(error), *collector.lines])) from error
