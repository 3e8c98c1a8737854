"""Keep nbgrader's chatter off the screen, but at hand."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from nbgrader.converters.base import BaseConverter


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@contextmanager
def quiet_nbgrader(converter: BaseConverter) -> Iterator[list[str]]:
    """Collect a converter's warnings in the list that is yielded, instead of printing them."""
    collector = _Collector()
    converter.log = logging.Logger("nbgrader")
    converter.log.addHandler(collector)
    yield collector.lines
