"""The trusted side of a kernel: requests go in, bounded plain messages come out, and limits are watched over."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from grading.limits import Limits
from grading.sandbox.inside import frames
from utils.check.call import one_line

WATCH_SECONDS = 0.2
GRACE_SECONDS = 10.0  # beyond a request's limit, for interrupting and settling inside
MESSAGE_BYTES = 16 * 1024**2
STATUSES = frozenset({"ok", "error", "timeout", "died"})


class KernelDied(Exception):
    """The kernel is gone; the message says why, as far as that is known."""


@dataclass
class Execution:
    """What running a cell gave.

    status : "ok", "error", "timeout" or "died".
    outputs : raw Jupyter outputs, as dictionaries, within the limit of size.
    reason : a sentence when status is "timeout" or "died".
    """

    status: str
    outputs: list[dict[str, Any]] = field(default_factory=list)
    reason: str = ""

    @classmethod
    def from_plain(cls, data: dict[str, Any]) -> Execution:
        """Read what came out of a sandbox. Raises ValueError if it is malformed."""
        status, outputs, reason = data.get("status"), data.get("outputs"), data.get("reason")
        if status not in STATUSES or not isinstance(outputs, list) or not isinstance(reason, str):
            raise ValueError("a malformed execution")
        kept = [output for output in outputs if isinstance(output, dict) and isinstance(output.get("output_type"), str)]
        return cls(status, kept, one_line(reason, 500))


class Kernel:
    """One kernel in a sandbox. Use as a context manager; the sandbox is emptied when it is closed."""

    def __init__(self, channel: socket.socket, limits: Limits, watch: Callable[[], str], close: Callable[[], None]):
        """Wait for a kernel that has been started. Raises KernelDied if it does not answer.

        watch : returns why the kernel must end, "" if it need not.
        close : ends the kernel.
        """
        self.limits = limits
        self.died = ""
        self._channel = channel
        self._messages = frames.Reader(channel, MESSAGE_BYTES)
        self._watch = watch
        self._watched = time.monotonic()
        self._close = close
        try:
            message = self._receive(limits.start_seconds)
            if not message.get("ready"):
                raise KernelDied(f"the kernel did not start: {self.died or message.get('reason')}")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the kernel and everything that it started."""
        self._channel.close()
        self._close()

    @property
    def alive(self) -> bool:
        return not self.died

    def run(self, code: str) -> Execution:
        """Run a cell, at most `cell_seconds`. Never raises for what the student's code does."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}}
        return self._execute(content, self.limits.cell_seconds)[0]

    def ask(self, expression: str, seconds: float | None = None) -> tuple[Execution, str]:
        """Evaluate an expression; return how it went, and the value as the kernel shows it.

        seconds : wall time that it may take, `call_seconds` if None.
        """
        content = {"code": "", "silent": True, "store_history": False, "user_expressions": {"answer": expression}}
        return self._execute(content, seconds or self.limits.call_seconds)

    def _execute(self, content: dict[str, Any], seconds: float) -> tuple[Execution, str]:
        content |= {"allow_stdin": False, "stop_on_error": False}
        try:
            frames.send(self._channel, {"content": content, "seconds": seconds}, GRACE_SECONDS)
        except OSError:
            self.died = "the kernel ended"
            return Execution("died", reason=self.died), ""
        reply = self._receive(seconds + GRACE_SECONDS)
        if self.died:
            return Execution("died", reason=self.died), ""
        try:
            execution, answer = Execution.from_plain(reply), reply.get("answer")
        except ValueError:
            execution, answer = Execution("died", reason="the kernel gave no proper answer"), ""
        if execution.status == "died" or reply.get("ended"):
            self.died = execution.reason or "the kernel ended"
        return execution, answer if isinstance(answer, str) else ""

    def _receive(self, seconds: float) -> dict[str, Any]:
        """Return the next message; an empty one, with `died` set, if there is none in time or a limit is broken."""
        deadline = time.monotonic() + seconds
        try:
            while (left := deadline - time.monotonic()) > 0:
                message = self._messages.receive(min(left, WATCH_SECONDS))
                if self._breaks_a_limit():
                    return {}
                if message is not None:
                    return message
            self.died = "the kernel did not answer"
        except EOFError:
            self.died = self._watch() or "the kernel ended"
        except frames.FrameError as error:
            self.died = f"the kernel sent what is no answer: {error}"
        return {}

    def _breaks_a_limit(self) -> bool:
        if time.monotonic() - self._watched >= WATCH_SECONDS:
            self.died, self._watched = self._watch(), time.monotonic()
        return bool(self.died)
