"""The warm process of a sandbox: imports everything once, then forks a kernel for one submission after the other.

Between two submissions it empties the sandbox: every other process is killed, every file removed. It is out of
reach of the kernels (not traceable, as root of another user), and if anything about it has changed all the same,
it ends, and the trusted process makes a new sandbox.

Started as `python -m inside.parent SETTINGS`, with settings as JSON: control (descriptor), isolated, folder,
limits, modules (to import).
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import importlib
import json
import os
import random
import resource
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy
from inside import frames, relay

MIB = 1024**2
PR_SET_DUMPABLE = 4
EMPTYING_SECONDS = 5.0
CHANNELS = ("shell", "iopub", "stdin", "control", "hb")


class Odd(Exception):
    """Something is not as it was before the first submission; this process must not serve another one."""


class WarmProcess:
    """Serves requests of the trusted process on the control socket, one kernel at a time."""

    def __init__(self, control: socket.socket, isolated: bool, folder: str, limits: dict[str, Any], given: set[Path]):
        self.control = control
        self.isolated = isolated
        self.folder = Path(folder)
        self.limits = limits
        self.children: list[int] = []
        if isolated and Path("/proc/1/comm").read_text().strip() != "bwrap":
            raise Odd("this is no sandbox, and emptying it would kill everything")
        self.given = given
        self.state = self._state()

    def serve(self) -> None:
        self._answer({"ready": True})
        while True:
            data, descriptors, _, _ = socket.recv_fds(self.control, 4096, 1)
            if not data:
                return
            self._empty()
            if self._state() != self.state:
                raise Odd(f"the warm process was changed from outside: {self._state()} instead of {self.state}")
            if descriptors:
                self._start(json.loads(data)["uid"], socket.socket(fileno=descriptors[0]))
            self._answer({"ready": True})

    def _answer(self, content: dict[str, Any]) -> None:
        frames.send(self.control, content)

    def _state(self) -> tuple:
        """Whatever another process of the same user could change about this one."""
        limits = [resource.prlimit(0, getattr(resource, name)) for name in dir(resource) if name.startswith("RLIMIT_")]
        affinity, scheduler = os.sched_getaffinity(0), os.sched_getscheduler(0)
        return limits, sorted(affinity), scheduler, os.getpriority(os.PRIO_PROCESS, 0), threading.active_count()

    # --- emptying

    def _empty(self) -> None:
        deadline = time.monotonic() + EMPTYING_SECONDS
        while self._others():
            self._kill_others()
            if time.monotonic() > deadline:
                raise Odd("processes would not end")
        for folder in _writable(self.isolated, self.folder):
            os.chmod(folder, 0o1777)
            _remove_contents(folder, self.given)

    def _others(self) -> list[int]:
        while self.children:
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(self.children[-1], os.WNOHANG) == (0, 0):
                    break
            self.children.pop()
        if not self.isolated:
            return self.children
        found = {int(name) for name in os.listdir("/proc") if name.isdecimal()}
        return sorted(found - {1, os.getpid()})

    def _kill_others(self) -> None:
        # -1: all of this pid namespace but its first process and this one
        for target in [-1] if self.isolated else [-child for child in self.children]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(target, signal.SIGKILL)
        time.sleep(0.001)

    # --- starting

    def _start(self, uid: int, channel: socket.socket) -> None:
        connection = {
            "transport": "ipc",
            "ip": str(self.folder / "kernel" / "k"),
            "signature_scheme": "hmac-sha256",
            "key": os.urandom(16).hex(),
            "kernel_name": "python3",
            **{f"{name}_port": number for number, name in enumerate(CHANNELS, start=1)},
        }
        ready, announce = os.pipe()
        kernel = self._fork(uid, [announce], lambda: self._be_kernel(connection, announce))
        os.close(announce)
        relayed = functools.partial(relay.serve, channel, connection, kernel, ready, self.limits)
        self._fork(uid, [channel.fileno(), ready], relayed, traceable=False)
        os.close(ready)
        channel.close()

    def _fork(self, uid: int, keep: list[int], work: Callable[[], None], traceable: bool = True) -> int:
        child = os.fork()
        if child:
            self.children.append(child)
            return child
        try:
            os.setsid()
            _close_descriptors(keep)
            self._give_up_rights(uid, traceable)
            work()
        finally:
            os._exit(1)

    def _give_up_rights(self, uid: int, traceable: bool) -> None:
        if self.isolated:
            for name, value in {
                "RLIMIT_DATA": self.limits["memory_mib"] * MIB,
                "RLIMIT_FSIZE": self.limits["file_mib"] * MIB,
                "RLIMIT_NPROC": self.limits["processes"],
                "RLIMIT_NOFILE": self.limits["open_files"],
                "RLIMIT_CPU": int(2 * self.limits["submission_seconds"]),
                "RLIMIT_CORE": 0,
            }.items():
                resource.setrlimit(getattr(resource, name), (value, value))
        if uid:
            # as root the number of processes is not limited, and files of root could be read
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        _set_traceable(traceable)

    def _be_kernel(self, connection: dict[str, Any], announce: int) -> None:
        try:
            app = self._kernel_app(connection)
        except BaseException as error:
            os.write(announce, f"{type(error).__name__}: {error}"[:500].encode())
            raise
        # who draws without a seed of their own draws the same in every kernel; a fork seeds `random` by the clock
        random.seed(0)
        numpy.random.seed(0)
        if "torch" in sys.modules:
            sys.modules["torch"].manual_seed(0)
        os.write(announce, relay.READY)
        os.close(announce)
        app.start()

    def _kernel_app(self, connection: dict[str, Any]) -> Any:
        from ipykernel.kernelapp import IPKernelApp

        for name in ("work", "home", "kernel"):
            (self.folder / name).mkdir(mode=0o700)
        os.chdir(self.folder / "work")
        os.environ["HOME"] = str(self.folder / "home")
        file = self.folder / "kernel" / "connection.json"
        file.write_text(json.dumps(connection))
        sys.argv = ["ipykernel_launcher", "-f", str(file)]
        app = IPKernelApp.instance()
        app.initialize(["-f", str(file), "--HistoryManager.enabled=False", "--quiet"])
        # whichever way of showing figures a student asks for, here there is one
        app.shell.register_magic_function(lambda line: app.shell.enable_matplotlib("inline"), "line", "matplotlib")
        return app


def _close_descriptors(keep: list[int]) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    edges = [2, *sorted(keep), os.sysconf("SC_OPEN_MAX")]
    for low, high in zip(edges, edges[1:], strict=False):
        os.closerange(low + 1, high)


def _set_traceable(traceable: bool) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, int(traceable), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def _writable(isolated: bool, folder: Path) -> list[Path]:
    return [Path("/tmp"), Path("/dev/shm")] if isolated else [folder]


def _given(folder: Path) -> Iterator[Path]:
    """What is in a folder from the beginning: the course itself may lie below /tmp, mounted there."""
    for path in folder.iterdir():
        yield path
        if path.is_dir() and not path.is_mount():
            yield from _given(path)


def _remove_contents(folder: Path, given: set[Path]) -> None:
    """Remove everything that was not given; no process is left that could put anything in the way meanwhile."""
    for path in list(folder.iterdir()):
        if path in given:
            if not path.is_mount():
                path.chmod(0o755)
                _remove_contents(path, given)
        elif path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def main() -> None:
    settings = json.loads(sys.argv[1])
    writable = _writable(settings["isolated"], Path(settings["folder"]))
    given = {path for folder in writable for path in _given(folder)}  # before any import leaves a file of its own
    sys.modules["debugpy"] = None  # as if it were not installed: a second to import, of no use here
    gc.disable()  # millions of objects come, and none goes
    for module in settings.pop("modules"):
        with contextlib.suppress(ImportError):  # a release may import what is not installed; a kernel will say so
            importlib.import_module(module)
    if settings["isolated"]:
        _set_traceable(False)
    gc.enable()
    gc.collect()
    gc.freeze()  # what is here now stays shared with every kernel
    control = socket.socket(fileno=settings.pop("control"))
    control.set_inheritable(False)
    process = WarmProcess(control, **settings, given=given)
    if threading.active_count() > 1:
        raise Odd(f"a process with threads cannot be forked: {threading.enumerate()}")
    try:
        process.serve()
    except Exception as error:
        frames.send(control, {"problem": f"{type(error).__name__}: {error}"[:1000]})
        raise


if __name__ == "__main__":
    main()
