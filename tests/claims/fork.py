"""Do something in a copy of this process, which it cannot harm."""

from __future__ import annotations

import json
import os
import select
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any


class NoAnswer(Exception):
    """The copy ended without an answer; the message says why."""


def in_copy(work: Callable[[], Any], seconds: float) -> Any:
    """Fork, call `work` there, and return what it returned, plain data.

    Raises NoAnswer for a copy that takes longer than `seconds`, dies, or raises.
    """
    reading, writing = os.pipe()
    copy = os.fork()
    if copy == 0:
        os.close(reading)
        _answer(work, writing)
    os.close(writing)
    try:
        text = _read(reading, time.monotonic() + seconds)
    except TimeoutError:
        raise NoAnswer(f"took longer than {seconds:g} s") from None
    finally:
        os.close(reading)
        with suppress(ProcessLookupError):
            os.killpg(copy, signal.SIGKILL)  # what it may have started, too
        with suppress(ProcessLookupError):
            os.kill(copy, signal.SIGKILL)  # if it had no time to lead a group
        _, status = os.waitpid(copy, 0)
    if not text:
        raise NoAnswer(f"died: {_cause(status)}")
    answer = json.loads(text)
    if "error" in answer:
        raise NoAnswer(answer["error"])
    return answer["value"]


def _answer(work: Callable[[], Any], writing: int) -> None:
    """The copy's whole life. It must never return into the code that forked it."""
    try:
        os.setpgid(0, 0)
        try:
            text = json.dumps({"value": work()})
        except BaseException:
            text = json.dumps({"error": traceback.format_exc()})
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:
            pipe.write(text)
    finally:
        os._exit(0)


def _read(reading: int, deadline: float) -> bytes:
    parts = []
    while True:
        ready, _, _ = select.select([reading], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        part = os.read(reading, 65536)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _cause(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return signal.Signals(-code).name if code < 0 else f"exit status {code}"
