"""The warm process of a sandbox: imports everything once, then forks a kernel for one submission after the other.

It stays outside the namespaces of the kernels: each is the first process of namespaces of its own, and with it ends
everything that it has started, mounted or written. The warm process keeps the wall clock of a submission, too.

Started as `python -m inside.warm SETTINGS`, with settings as JSON: control (descriptor), isolated, folder, limits,
filter (of system calls, as base64), modules (to import).
"""

from __future__ import annotations

import base64
import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from typing import Any

from inside import confine, frames

REQUEST_BYTES = 4096
DESCRIPTORS = 8


class WarmProcess:
    """Serves requests of the trusted process on the control socket, one kernel at a time."""

    def __init__(self, control: socket.socket, settings: dict[str, Any], shell: Any):
        self._control = control
        self._shell = shell
        self._isolated: bool = settings["isolated"]
        self._folder: str = settings["folder"]
        self._limits: dict[str, float] = settings["limits"]
        self._filter = base64.b64decode(settings["filter"])
        self._own_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY)
        self._kernel = 0
        self._kernel_folder = ""
        self._deadline = 0.0
        self._nested = self._isolated and self._can_nest()

    def serve(self) -> None:
        """Do what is asked until the trusted process hangs up."""
        self._answer({"ready": True, "disposable": self._nested or not self._isolated})
        while True:
            left = max(0.0, self._deadline - time.monotonic()) if self._kernel else None
            if not select.select([self._control], [], [], left)[0]:
                self._end()
                continue
            data, descriptors, _, _ = socket.recv_fds(self._control, REQUEST_BYTES, DESCRIPTORS)
            if not data:
                self._end()
                return
            self._do(json.loads(data), descriptors)

    def _do(self, request: dict[str, Any], descriptors: list[int]) -> None:
        if request["do"] == "interrupt":
            if self._kernel:
                os.kill(self._kernel, signal.SIGINT)
        else:
            self._end()
        if request["do"] == "start":
            self._start(request["uid"], request["seconds"], descriptors)
        self._answer({"done": request["do"]})

    def _answer(self, content: dict[str, Any]) -> None:
        self._control.sendall(json.dumps(content).encode())

    # --- one kernel

    def _start(self, uid: int, seconds: float, descriptors: list[int]) -> None:
        """Fork a kernel. descriptors : its channel, then the files by which it joins control groups."""
        folder = self._folder if self._isolated else tempfile.mkdtemp(dir=self._folder)
        self._deadline = time.monotonic() + seconds
        self._kernel = self._fork(lambda: self._be_kernel(uid, folder, *descriptors))
        self._kernel_folder = "" if self._isolated else folder
        for descriptor in descriptors:
            os.close(descriptor)

    def _end(self) -> None:
        """End the kernel, and with it everything in its namespaces."""
        if self._kernel:
            with contextlib.suppress(ProcessLookupError):
                (os.kill if self._isolated else os.killpg)(self._kernel, signal.SIGKILL)
            os.waitpid(self._kernel, 0)
            self._kernel = 0
        if self._kernel_folder:
            shutil.rmtree(self._kernel_folder, ignore_errors=True)
            self._kernel_folder = ""

    def _fork(self, work: Any) -> int:
        if self._nested:
            confine.unshare(confine.NEW_PIDS)
        child = os.fork()
        if child:
            if self._nested:
                confine.enter(self._own_namespace, confine.NEW_PIDS)
            return child
        try:
            os.setsid()
            work()
        finally:
            os._exit(1)

    def _be_kernel(self, uid: int, folder: str, channel_number: int, *groups: int) -> None:
        from inside import notebook

        channel = socket.socket(fileno=channel_number)
        try:
            for group in groups:
                os.write(group, b"0")
            _close_descriptors(channel_number)
            if self._isolated:
                self._confine(uid)
            kernel = notebook.Kernel(self._shell, folder)
        except Exception as error:
            frames.send(channel, {"ready": False, "reason": f"{type(error).__name__}: {error}"[:300]})
            return
        kernel.serve(channel)

    def _confine(self, uid: int) -> None:
        if self._nested:
            confine.fresh_folders(int(self._limits["file_mib"]), int(self._limits["files"]))
        confine.limit(self._limits)
        confine.give_up_rights(uid)
        confine.filter_system_calls(self._filter)

    def _can_nest(self) -> bool:
        """Whether this kernel allows namespaces within those of the sandbox: some containers forbid it."""

        def trial() -> None:
            confine.fresh_folders(1, 10)
            os._exit(0)

        self._nested = True
        try:
            child = self._fork(trial)
        except OSError:
            return False
        return os.waitpid(child, 0)[1] == 0


def _close_descriptors(keep: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    os.closerange(3, keep)
    os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX"))


def main() -> None:
    settings = json.loads(sys.argv[1])
    sys.modules["debugpy"] = None  # as if it were not installed: a second to import, of no use here
    gc.disable()  # millions of objects come, and none goes
    for module in settings["modules"]:
        with contextlib.suppress(ImportError):  # a release may import what is not installed; a kernel will say so
            importlib.import_module(module)
    from inside import notebook

    shell = notebook.prepare(int(settings["limits"]["output_kib"] * 1024))
    if settings["isolated"]:
        confine.set_traceable(False)
    gc.enable()
    gc.collect()
    gc.freeze()  # what is here now stays shared with every kernel
    control = socket.socket(fileno=settings["control"])
    control.set_inheritable(False)
    if threading.active_count() > 1:
        raise RuntimeError(f"a process with threads cannot be forked: {threading.enumerate()}")
    WarmProcess(control, settings, shell).serve()


if __name__ == "__main__":
    main()
