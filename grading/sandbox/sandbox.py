"""A sandbox: a warm process inside bubblewrap that forks a kernel for one submission after the other.

Each kernel has namespaces of its own within those of the sandbox (see `inside/`): nothing of it is left when it ends,
and nothing is shared but what can only be read. What leads inside are two sockets without a name: one to the warm
process, one to the kernel.
"""

from __future__ import annotations

import base64
import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from grading.course import Course
from grading.limits import Limits
from grading.sandbox import bubblewrap
from grading.sandbox.bubblewrap import INSIDE, SandboxUnavailable, bubblewrap_mode
from grading.sandbox.control_groups import Group
from grading.sandbox.kernel import Grip, Kernel, KernelDied
from grading.sandbox.modules import modules

ENDING_SECONDS = 10.0  # that the warm process may take to end a kernel
FIRST_UID = 231_072
MIB = 1024**2
NOT_NESTED = (
    "this machine allows no namespaces within a sandbox, so each submission gets a sandbox of its own: "
    "as safe, but several seconds slower"
)


class SandboxWarning(UserWarning):
    """Isolation works in another way than it should here; the message says what that means."""


class Sandbox:
    """Makes kernels, one at a time. Use as a context manager; nothing of it is left afterwards.

    isolated : False runs kernels as ordinary processes, for machines without bubblewrap, at the user's risk.
    Starts on first use, and anew when its warm process does not answer, or cannot dispose of a kernel alone.
    """

    def __init__(self, course: Course, limits: Limits, isolated: bool = True):
        self._course = course
        self._limits = limits
        self._isolated = isolated
        self._warm: _WarmProcess | None = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End everything in the sandbox."""
        if self._warm is not None:
            self._warm.close()
            self._warm = None

    def start(self) -> None:
        """Start the sandbox if it is not running. Raises KernelDied, or SandboxUnavailable."""
        if self._warm is None:
            self._warm = _WarmProcess(self._course, self._limits, self._isolated)
            if not self._warm.disposable:
                warnings.warn(NOT_NESTED, SandboxWarning, stacklevel=1)  # said once, whoever asked

    def kernel(self, seconds: float | None = None) -> Kernel:
        """Return a fresh kernel. Raises KernelDied if none can be started.

        seconds : wall time after which it ends, whatever it does; `submission_seconds` if None.
        """
        self.start()
        group = Group(self._limits) if self._isolated else None
        try:
            return self._kernel(group, self._limits.submission_seconds if seconds is None else seconds)
        except BaseException:
            self._end(group)
            raise

    def _kernel(self, group: Group | None, seconds: float) -> Kernel:
        warm, deadline = self._warm, time.monotonic() + seconds
        channel = warm.start_kernel(seconds, group)

        def why() -> str:
            if time.monotonic() >= deadline:
                return f"the notebook took more than {self._limits.submission_seconds:g} seconds"
            if group and group.out_of_memory():
                return f"used more than {self._limits.memory_mib} MiB of memory"
            return "the kernel ended"

        return Kernel(channel, self._limits, Grip(warm.interrupt, why, functools.partial(self._end, group)))

    def _end(self, group: Group | None) -> None:
        if self._warm is not None and not (self._warm.end_kernel() and self._warm.disposable):
            self.close()
        if group:
            group.remove()


def try_out(sandbox: Sandbox) -> None:
    """Start a kernel once, before anybody is graded. Raises SandboxUnavailable if that does not work here."""
    try:
        with sandbox.kernel() as kernel:
            execution = kernel.run("1 + 1")
    except KernelDied as error:
        raise SandboxUnavailable(f"no kernel can be started on this machine: {error}") from error
    if execution.status != "ok":
        raise SandboxUnavailable(f"a kernel was started, but does not work: {execution.reason or execution.status}")


# bubblewrap dies with the thread that started it, so that one has to live as long as this process
_STARTER = ThreadPoolExecutor(1, thread_name_prefix="sandbox-starter")


class _WarmProcess:
    """The process that forks kernels, and everything around it."""

    def __init__(self, course: Course, limits: Limits, isolated: bool):
        self._isolated = isolated
        self._folder = Path("/tmp") if isolated else Path(tempfile.mkdtemp(prefix="descent-"))
        self._core = _Core()
        # real root gives each kernel a user of its own, so that limits on processes count it alone
        self._own_users = isolated and bubblewrap_mode() == "root"
        self._control, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with inner:
            start = functools.partial(self._launch, course, limits, inner)
            self._process, self._log = _STARTER.submit(self._core.pin, start).result()
        reply = self._reply(limits.start_seconds)
        if not reply:
            problem = self._problem()
            self.close()
            raise KernelDied(f"the sandbox did not start: {problem}")
        self.disposable: bool = reply["disposable"]

    def _launch(self, course: Course, limits: Limits, control: socket.socket) -> tuple[subprocess.Popen, int]:
        settings = {
            "modules": modules(course),
            "control": control.fileno(),
            "isolated": self._isolated,
            "folder": str(self._folder),
            "limits": asdict(limits),
            "filter": base64.b64encode(bubblewrap.compiled_filter()).decode() if self._isolated else "",
        }
        program = ["-P", "-m", "inside.warm", json.dumps(settings)]
        if self._isolated:
            bubblewrap.check_privacy(course)
            # bubblewrap's own environment too: students may be able to read it
            command = bubblewrap.command(course, limits.file_mib * MIB, program)
            return _launch(command, control.fileno(), env={"PATH": "/usr/bin:/bin"})
        found = os.pathsep.join([str(course.root), str(INSIDE.parent)])
        environment = {**os.environ, **bubblewrap.ENVIRONMENT, "PATH": os.environ["PATH"], "PYTHONPATH": found}
        return _launch([sys.executable, *program], control.fileno(), cwd=self._folder, env=environment)

    def start_kernel(self, seconds: float, group: Group | None) -> socket.socket:
        """Return the channel to a new kernel. Raises KernelDied."""
        outer, inner = socket.socketpair()
        doors = group.doors() if group else []
        uid = FIRST_UID + uuid.uuid4().int % 1_000_000 if self._own_users else 0
        with inner:
            started = self._done({"do": "start", "uid": uid, "seconds": seconds}, [inner.fileno(), *doors])
        for door in doors:
            os.close(door)
        if not started:
            outer.close()
            raise KernelDied(f"the sandbox is not usable any more: {self._problem()}")
        return outer

    def interrupt(self) -> None:
        """Interrupt what the kernel executes. That is done on return: a late one would hit what is executed next."""
        self._done({"do": "interrupt"})

    def end_kernel(self) -> bool:
        """End the kernel and everything in its namespaces; return whether that was done in time."""
        return self._done({"do": "end"})

    def _done(self, request: dict[str, Any], descriptors: Sequence[int] = ()) -> bool:
        """Have the warm process do something; return whether it says that it has done just that, in time."""
        with suppress(OSError):
            socket.send_fds(self._control, [json.dumps(request).encode()], descriptors)
            return self._reply(ENDING_SECONDS) == {"done": request["do"]}
        return False

    def _reply(self, seconds: float) -> dict[str, Any] | None:
        """Return what the warm process answers, None if it does not."""
        self._control.settimeout(seconds)
        with suppress(OSError, ValueError):
            return json.loads(self._control.recv(4096))
        return None

    def _problem(self) -> str:
        with suppress(BlockingIOError):
            return os.read(self._log, 2**16)[-500:].decode("utf-8", "replace").strip() or "it gave no reason"
        return "it gave no reason"

    def close(self) -> None:
        self._control.close()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, 9)  # bwrap takes its whole pid namespace with it
        self._process.wait()
        os.close(self._log)
        self._core.free()
        if not self._isolated:
            shutil.rmtree(self._folder, ignore_errors=True)


def _launch(command: list[str], descriptor: int, **options: object) -> tuple[subprocess.Popen, int]:
    """Start a process of a session of its own; return it and a descriptor from which its complaints can be read."""
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    null = subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            command,
            stdin=null,
            stdout=null,
            stderr=write_end,
            pass_fds=[descriptor],
            start_new_session=True,
            **options,
        )
    except BaseException:
        os.close(read_end)
        raise
    finally:
        os.close(write_end)
    return process, read_end


class _Core:
    """A core for one sandbox alone, as long as there are free ones: so no submission slows down another.

    Which cores are taken is known machine-wide by abstract socket names, which vanish with their process.
    """

    def __init__(self) -> None:
        self._claim: socket.socket | None = None
        self._number: int | None = None
        available = sorted(os.sched_getaffinity(0))
        for number in available if len(available) > 1 else []:
            claim = socket.socket(socket.AF_UNIX)
            try:
                claim.bind(f"\0descent-core-{number}")
            except OSError:
                claim.close()
                continue
            self._claim, self._number = claim, number
            return

    def pin(self, start: functools.partial) -> tuple[subprocess.Popen, int]:
        """Call `start` so that what it starts runs on this core."""
        before = os.sched_getaffinity(0)  # of this thread
        try:
            os.sched_setaffinity(0, before if self._number is None else {self._number})
            return start()
        finally:
            os.sched_setaffinity(0, before)

    def free(self) -> None:
        if self._claim is not None:
            self._claim.close()
            self._claim = None
