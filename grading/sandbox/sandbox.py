"""A sandbox: a warm process inside bubblewrap that forks a kernel for one submission after the other.

No network, nothing writable outside, no sight of course, home or gradebook. What leads inside are two sockets without
a name: one to the warm process, one to the kernel's relay. See `inside/`.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import psutil

from grading.course import Course
from grading.limits import Limits
from grading.sandbox import bubblewrap
from grading.sandbox.bubblewrap import INSIDE, SandboxUnavailable, bubblewrap_mode
from grading.sandbox.inside import frames
from grading.sandbox.kernel import Kernel, KernelDied
from grading.sandbox.modules import modules

EMPTYING_SECONDS = 10.0
FIRST_UID = 231_072
MIB = 1024**2


class Sandbox:
    """Makes kernels, one at a time. Use as a context manager; nothing of it is left afterwards.

    isolated : False runs kernels as ordinary processes, for machines without bubblewrap, at the user's risk.
    Starts on first use, and anew when anything is odd about it.
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

    def start(self) -> _WarmProcess:
        """Start the sandbox if it is not running. Raises KernelDied, or SandboxUnavailable."""
        if self._warm is None:
            self._warm = _WarmProcess(self._course, self._limits, self._isolated)
        return self._warm

    def kernel(self) -> Kernel:
        """Return a fresh kernel in the empty sandbox. Raises KernelDied if none can be started."""
        warm = self.start()
        try:
            channel = warm.start_kernel()
        except KernelDied:
            self.close()
            raise
        return Kernel(channel, self._limits, warm.watch, self._empty)

    def _empty(self) -> None:
        if self._warm is not None and not self._warm.empty():
            self.close()


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
        self._limits = limits
        self._isolated = isolated
        self._folder = Path("/tmp") if isolated else Path(tempfile.mkdtemp(prefix="descent-"))
        self._core = _Core()
        # real root gives each kernel a user of its own, so that limits on processes count it alone
        self._own_users = isolated and bubblewrap_mode() == "root"
        self._control, inner = socket.socketpair()
        self._replies = frames.Reader(self._control, limit=MIB)
        start = self._bubblewrap if isolated else self._plain
        with inner:
            self._process, self._log = _STARTER.submit(self._core.pin, functools.partial(start, course, inner)).result()
        self._main: psutil.Process | None = None
        if not self._reply(limits.start_seconds):
            problem = self._problem()
            self.close()
            raise KernelDied(f"the sandbox did not start: {problem}")

    def _settings(self, course: Course, control: socket.socket) -> str:
        return json.dumps(
            {
                "modules": modules(course),
                "control": control.fileno(),
                "isolated": self._isolated,
                "folder": str(self._folder),
                "limits": asdict(self._limits),
            }
        )

    def _bubblewrap(self, course: Course, control: socket.socket) -> tuple[subprocess.Popen, int]:
        with tempfile.TemporaryFile() as system_calls:
            system_calls.write(bubblewrap.system_call_filter())
            system_calls.seek(0)
            program = [sys.executable, "-P", "-m", "inside.parent", self._settings(course, control)]
            size = self._limits.file_mib * MIB
            command = bubblewrap.command(course, size, system_calls.fileno(), program)
            # bubblewrap's own environment too: students may be able to read it
            return _launch(command, [control.fileno(), system_calls.fileno()], env={"PATH": "/usr/bin:/bin"})

    def _plain(self, course: Course, control: socket.socket) -> tuple[subprocess.Popen, int]:
        found = os.pathsep.join([str(course.root), str(INSIDE.parent)])
        environment = {**os.environ, **bubblewrap.ENVIRONMENT, "PATH": os.environ["PATH"], "PYTHONPATH": found}
        command = [sys.executable, "-P", "-m", "inside.parent", self._settings(course, control)]
        return _launch(command, [control.fileno()], cwd=self._folder, env=environment)

    def start_kernel(self) -> socket.socket:
        """Return the channel to a new kernel. Raises KernelDied."""
        outer, inner = socket.socketpair()
        uid = FIRST_UID + uuid.uuid4().int % 1_000_000 if self._own_users else 0
        with inner, suppress(OSError):
            socket.send_fds(self._control, [json.dumps({"uid": uid}).encode()], [inner.fileno()])
        if not self._reply(EMPTYING_SECONDS):
            outer.close()
            raise KernelDied(f"the sandbox is not usable any more: {self._problem()}")
        return outer

    def empty(self) -> bool:
        """Kill every kernel and remove every file; return whether the sandbox can be used again."""
        try:
            self._control.sendall(b"{}")
        except OSError:
            return False
        return self._reply(EMPTYING_SECONDS)

    def _reply(self, seconds: float) -> bool:
        try:
            reply = self._replies.receive(seconds)
        except (EOFError, frames.FrameError):
            return False
        return bool(reply and reply.get("ready"))

    def _problem(self) -> str:
        with suppress(EOFError, frames.FrameError):
            reply = self._replies.receive(0.1)
            if reply and "problem" in reply:
                return str(reply["problem"])
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

    # --- watching

    def watch(self) -> str:
        """Return which limit of the whole sandbox is broken, "" if none."""
        if self._process.poll() is not None:
            return "the kernel ended"
        if self._isolated and (broken := self._too_many_files()):
            return broken
        limit, processes = self._limits.memory_mib * MIB, self._students_processes()
        # forked processes share most of what they hold, so the quick sum is only a first suspicion
        if sum(map(_resident, processes)) > limit and sum(map(_proportional, processes)) > limit:
            return f"used more than {self._limits.memory_mib} MiB of memory"
        return ""

    def _students_processes(self) -> list[psutil.Process]:
        """All processes of the sandbox but bubblewrap's own."""
        with suppress(psutil.Error):
            return psutil.Process(self._process.pid).children(recursive=True)
        return []

    def _too_many_files(self) -> str:
        with suppress(OSError, IndexError, psutil.Error):
            if self._main is None:
                self._main = psutil.Process(self._process.pid).children()[0]
            for folder in ("tmp", "dev/shm"):
                found = os.statvfs(f"/proc/{self._main.pid}/root/{folder}")
                if found.f_files - found.f_ffree > self._limits.files:
                    return f"made more than {self._limits.files} files"
        return ""


def _launch(command: list[str], descriptors: list[int], **options: object) -> tuple[subprocess.Popen, int]:
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
            pass_fds=descriptors,
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


def _resident(process: psutil.Process) -> int:
    """Resident bytes of a process, shared pages counted in full; 0 if it is gone."""
    with suppress(psutil.Error):
        return process.memory_info().rss
    return 0


def _proportional(process: psutil.Process) -> int:
    """Bytes of a process, shared pages counted by the share that is its own."""
    try:
        return process.memory_full_info().pss
    except psutil.AccessDenied:
        return _resident(process)
    except psutil.Error:
        return 0
