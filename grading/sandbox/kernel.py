"""The trusted side of a kernel: requests go in, bounded plain messages come out, and limits are watched over."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from grading.limits import Limits
from grading.sandbox.inside import frames
from grading.sandbox.inside.outputs import SMALLEST
from utils.check.call import one_line

INTERRUPT_SECONDS = 3.0  # that a cell has to end after it was interrupted
SEND_SECONDS = 10.0
MESSAGE_BYTES = 16 * 1024**2
STATUSES = frozenset({"ok", "error"})


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
    def from_plain(cls, data: dict[str, Any], most: int) -> Execution:
        """Read what came out of a sandbox. Raises ValueError if it is malformed, or holds more than `most` outputs."""
        status, outputs, reason = data.get("status"), data.get("outputs"), data.get("reason", "")
        if not isinstance(status, str) or status not in STATUSES:
            raise ValueError(f"expected a status of {sorted(STATUSES)}")
        if not isinstance(outputs, list) or not isinstance(reason, str):
            raise ValueError("a malformed execution")
        if len(outputs) > most:  # each of them costs its reader time
            raise ValueError(f"expected at most {most} outputs, got {len(outputs)}")
        kept = [output for output in outputs if isinstance(output, dict) and isinstance(output.get("output_type"), str)]
        return cls(status, kept, one_line(reason, 500))


@dataclass(frozen=True)
class Grip:
    """What the trusted process can do to a kernel from outside.

    interrupt : interrupts what it executes.
    why : returns why it ended, as far as can be seen from outside.
    end : ends it, and everything that it started.
    """

    interrupt: Callable[[], None]
    why: Callable[[], str]
    end: Callable[[], None]


class Kernel:
    """One kernel in a sandbox. Use as a context manager; nothing of it is left when it is closed."""

    def __init__(self, channel: socket.socket, limits: Limits, grip: Grip):
        """Wait for a kernel that has been started. Raises KernelDied if it does not answer."""
        self.limits = limits
        self.died = ""
        self._channel = channel
        self._messages = frames.Reader(channel, MESSAGE_BYTES)
        self._grip = grip
        try:
            message = self._receive(limits.start_seconds)
            if not (message and message.get("ready")):
                self.died = self.died or str((message or {}).get("reason", "it does not answer"))
                raise KernelDied(f"the kernel did not start: {self.died}")
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
        self._grip.end()

    @property
    def alive(self) -> bool:
        return not self.died

    def run(self, code: str) -> Execution:
        """Run a cell, at most `cell_seconds`. Never raises for what the student's code does."""
        return self._execute({"run": code}, self.limits.cell_seconds)[0]

    def ask(self, function: str, name: str, data: str, seconds: float | None = None) -> tuple[Execution, str]:
        """Put cases to a student's function; return how it went, and the outcomes as JSON.

        function : of `utils.check.call`, "answer" or "answers". name : of the student's function. data : its cases.
        seconds : wall time that it may take, `call_seconds` if None.
        """
        return self._execute({"ask": [function, name, data]}, seconds or self.limits.call_seconds)

    def _execute(self, request: dict[str, Any], seconds: float) -> tuple[Execution, str]:
        try:
            frames.send(self._channel, request, SEND_SECONDS)
        except OSError:
            return self._ended(self._grip.why())
        reply, too_long = self._receive(seconds), ""
        if reply is None and self.alive:
            self._grip.interrupt()
            too_long = f"stopped after {seconds:g} seconds"
            reply = self._receive(INTERRUPT_SECONDS)
        if reply is None and self.alive:
            self.died = f"{too_long}, and did not let itself be interrupted"
            return Execution("timeout", reason=self.died), ""
        if reply is None:
            return self._ended(self.died)
        try:
            most = int(self.limits.output_kib * 1024 / SMALLEST) + 1  # the last says that the rest was dropped
            execution, answer = Execution.from_plain(reply, most), reply.get("answer")
        except ValueError:
            return self._ended("the kernel gave no proper answer")
        if too_long:
            return Execution("timeout", execution.outputs, too_long), ""
        return execution, answer if isinstance(answer, str) else ""

    def _ended(self, reason: str) -> tuple[Execution, str]:
        self.died = reason
        return Execution("died", reason=reason), ""

    def _receive(self, seconds: float) -> dict[str, Any] | None:
        """Return the next message; None if there is none in time, or ever, and then `died` says why."""
        try:
            return self._messages.receive(seconds)
        except EOFError:
            self.died = self._grip.why()
        except frames.FrameError as error:
            self.died = f"the kernel sent what is no answer: {error}"
        return None
