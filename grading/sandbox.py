"""A Jupyter kernel inside bubblewrap: no network, nothing writable outside, no sight of course, home or gradebook.

The trusted process talks to it over the Jupyter protocol through unix sockets that live in the sandbox's own /tmp,
reached by way of /proc, so the sandbox needs no writable folder of the host. All that comes back is text and data.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

import psutil
import zmq
from jupyter_client import BlockingKernelClient

from grading.course import CHECKS_NAME, Course
from grading.limits import Limits

LAUNCHER = Path(__file__).with_name("launch_kernel.py")
MESSAGE_BYTES = 64 * 1024**2  # a larger message from the kernel cuts the connection
INTERRUPT_SECONDS = 3.0
SETTLE_SECONDS = 1.0  # after the reply, wait this long for outputs that are still under way
POLL_SECONDS = 0.2
FIRST_UID = 231_072
MISSING_BWRAP = (
    "grading needs bubblewrap to isolate students' code, but {problem}. {mend} "
    "To grade without isolation (only code that you trust), add --unsafe-no-sandbox."
)


class SandboxUnavailable(Exception):
    """No isolation is possible on this machine; the message says why and what to do."""


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


@functools.cache
def bubblewrap_mode() -> str:
    """Return how bubblewrap can be used here: "root" or "user". Raises SandboxUnavailable."""
    program = shutil.which("bwrap")
    if not program:
        raise SandboxUnavailable(
            MISSING_BWRAP.format(problem="the program bwrap is missing", mend="Install it: apt-get install bubblewrap.")
        )
    modes = ["root", "user"] if os.getuid() == 0 else ["user"]
    trial = ["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "/bin/true"]
    for mode in modes:
        command = [program, *_namespaces(mode), *trial]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        if done.returncode == 0:
            return mode
    raise SandboxUnavailable(
        MISSING_BWRAP.format(
            problem=f"bwrap cannot make namespaces ({done.stderr.strip()[:200]})",
            mend="Allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, or run the container with them).",
        )
    )


def _namespaces(mode: str) -> list[str]:
    shared = ["--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    if mode == "root":
        # real root may set the uid; it becomes an ordinary one before any of the student's code runs
        return [*shared, "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    return [*shared, "--unshare-user", "--cap-drop", "ALL"]


def _file_system(chapter: str, course: Course, size: int) -> list[str]:
    """bwrap's arguments for what the sandbox sees: system, Python, utils and the published cases, all read-only."""
    limited = ["--perms", "1777", "--size", str(size), "--tmpfs"]
    # first, because the course itself may lie below /tmp and has to stay visible
    arguments = ["--proc", "/proc", "--dev", "/dev", *limited, "/tmp", *limited, "/dev/shm"]
    arguments += ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        path = Path(name)
        if path.is_symlink():
            arguments += ["--symlink", os.readlink(path), name]
        elif path.exists():
            arguments += ["--ro-bind", name, name]
    for name in ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "fonts", "localtime", "alternatives"):
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for prefix in sorted({sys.prefix, sys.base_prefix}):
        if not Path(prefix).is_relative_to("/usr"):
            arguments += _bind(Path(prefix), prefix)
    arguments += _bind(course.root / "utils", "/course/utils")
    checks = course.notebooks / chapter / CHECKS_NAME
    if checks.exists():
        arguments += _bind(checks, f"/course/notebooks/{chapter}/{CHECKS_NAME}")
    return [*arguments, *_bind(LAUNCHER, "/course/launch_kernel.py")]


def try_out(chapter: str, course: Course, limits: Limits, isolated: bool = True) -> None:
    """Start a kernel once, before anybody is graded. Raises SandboxUnavailable if that does not work here."""
    try:
        with Sandbox(chapter, course, limits, isolated) as sandbox:
            execution = sandbox.run("1 + 1")
    except KernelDied as error:
        raise SandboxUnavailable(f"no kernel can be started on this machine: {error}") from error
    if execution.status != "ok":
        raise SandboxUnavailable(f"a kernel was started, but does not work: {execution.reason or execution.status}")


def _bind(source: Path, target: str) -> list[str]:
    # bwrap would make the parent folders for root alone
    parents = [str(parent) for parent in reversed(Path(target).parents) if str(parent) != "/"]
    return [
        *(word for parent in parents for word in ("--perms", "0755", "--dir", parent)),
        "--ro-bind",
        str(source),
        target,
    ]


ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp/home",
    "LANG": "C.UTF-8",
    "PYTHONPATH": "/course",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    # every core has its own submission, and a score must not depend on the number of threads
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TQDM_DISABLE": "1",
    "JUPYTER_PLATFORM_DIRS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}


class Sandbox:
    """One isolated kernel. Use as a context manager; nothing of it is left afterwards.

    isolated : False runs the kernel as an ordinary process, for machines without bubblewrap, at the user's risk.
    """

    def __init__(self, chapter: str, course: Course, limits: Limits, isolated: bool = True):
        self.limits = limits
        self.died: str = ""
        self._isolated = isolated
        self._folder = Path(tempfile.mkdtemp(prefix="descent-"))
        self._cleanup = functools.partial(shutil.rmtree, self._folder, ignore_errors=True)
        atexit.register(self._cleanup)
        self._process: subprocess.Popen | None = None
        self._client: BlockingKernelClient | None = None
        try:
            self._start(chapter, course)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the kernel and everything that it started."""
        if self._client is not None:
            self._client.stop_channels()
            self._client.context.destroy(linger=0)
            self._client = None
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, 9)  # bwrap takes its whole pid namespace with it
            self._process.wait()
            self._process = None
        self._cleanup()
        atexit.unregister(self._cleanup)

    # --- starting

    def _start(self, chapter: str, course: Course) -> None:
        connection = {
            "transport": "ipc",
            "signature_scheme": "hmac-sha256",
            "key": uuid.uuid4().hex,
            "kernel_name": "python3",
            **{f"{channel}_port": number for number, channel in enumerate(CHANNELS, start=1)},
        }
        inside = "/tmp/kernel/k" if self._isolated else str(self._folder / "kernel" / "k")
        file = self._folder / "connection.json"
        file.write_text(json.dumps({**connection, "ip": inside}))
        log = (self._folder / "log").open("wb")
        if self._isolated:
            pid = self._start_bubblewrap(chapter, course, file, log)
            outside = f"/proc/{pid}/root/tmp/kernel/k"
        else:
            self._start_plain(course, file, log)
            outside = inside
        self._connect({**connection, "ip": outside})

    def _start_bubblewrap(self, chapter: str, course: Course, connection: Path, log: Any) -> int:
        mode = bubblewrap_mode()
        # a uid of its own, so that limits on processes count this sandbox alone and it can signal no other
        uid = FIRST_UID + uuid.uuid4().int % 1_000_000 if mode == "root" else 0
        os.chmod(self._folder, 0o755)
        os.chmod(connection, 0o644)
        read_end, write_end = os.pipe()
        command = [
            shutil.which("bwrap"),
            *_namespaces(mode),
            *_file_system(chapter, course, self.limits.file_mib * 1024**2),
            *["--ro-bind", str(connection), "/course/connection.json"],
            *["--remount-ro", "/dev", "--remount-ro", "/"],
            *["--hostname", "course", "--die-with-parent", "--new-session", "--clearenv"],
            *[item for pair in ENVIRONMENT.items() for item in ("--setenv", *pair)],
            *["--info-fd", str(write_end)],
            *[sys.executable, "-P", "/course/launch_kernel.py", "/course/connection.json", str(uid)],
            json.dumps(asdict(self.limits)),
        ]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[write_end], start_new_session=True
        )
        os.close(write_end)
        try:
            return self._read_child_pid(read_end)
        finally:
            os.close(read_end)

    def _read_child_pid(self, read_end: int) -> int:
        deadline, text = time.monotonic() + self.limits.start_seconds, b""
        while b"}" not in text:
            ready, _, _ = select.select([read_end], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(read_end, 4096) if ready else b""
            if not chunk:
                raise KernelDied(f"bubblewrap did not start: {self._log()}")
            text += chunk
        return int(json.loads(text)["child-pid"])

    def _start_plain(self, course: Course, connection: Path, log: Any) -> None:
        (self._folder / "kernel").mkdir()
        environment = {**os.environ, "PYTHONPATH": str(course.root), "TQDM_DISABLE": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ipykernel_launcher", "-f", str(connection)],
            cwd=self._folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def _connect(self, connection: dict[str, Any]) -> None:
        context = zmq.Context()
        context.setsockopt(zmq.MAXMSGSIZE, MESSAGE_BYTES)
        context.setsockopt(zmq.LINGER, 0)
        deadline = time.monotonic() + self.limits.start_seconds
        sockets = [Path(f"{connection['ip']}-{number}") for number in range(1, len(CHANNELS) + 1)]
        while not all(path.exists() for path in sockets):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise KernelDied(f"the kernel did not start: {self._log()}")
            time.sleep(0.02)
        client = BlockingKernelClient(context=context)
        client.load_connection_info(connection)
        client.start_channels()
        self._client = client
        try:
            client.wait_for_ready(timeout=max(1.0, deadline - time.monotonic()))
        except RuntimeError as error:
            raise KernelDied(f"the kernel did not answer: {error}") from error

    def _log(self) -> str:
        return (self._folder / "log").read_bytes()[-500:].decode("utf-8", "replace").strip()

    # --- running

    @property
    def alive(self) -> bool:
        return not self.died

    def run(self, code: str) -> Execution:
        """Run a cell, at most `cell_seconds`. Never raises for what the student's code does."""
        message = self._client.execute(code, store_history=True, allow_stdin=False, stop_on_error=False)
        return self._collect(message, self.limits.cell_seconds)[0]

    def ask(self, expression: str) -> tuple[Execution, str]:
        """Evaluate an expression, at most `call_seconds`; return how it went, and the value as the kernel shows it."""
        message = self._client.execute(
            "", silent=True, store_history=False, allow_stdin=False, user_expressions={"answer": expression}
        )
        execution, reply = self._collect(message, self.limits.call_seconds)
        if execution.status != "ok":
            return execution, ""
        try:
            answer = reply["content"]["user_expressions"]["answer"]
            if answer["status"] == "ok":
                return execution, str(answer["data"]["text/plain"])
            return Execution("error", reason=f"{answer['ename']}: {answer['evalue']}"[:300]), ""
        except (KeyError, TypeError):
            return Execution("error", reason="the kernel gave no proper answer"), ""

    def _collect(self, message: str, seconds: float) -> tuple[Execution, dict]:
        """Gather outputs until the kernel has replied to a request, has died, or time is up."""
        outputs = _BoundedOutputs(self.limits.output_kib * 1024)
        deadline = time.monotonic() + seconds
        interrupted = False
        while True:
            reply = self._step(message, outputs, min(deadline, time.monotonic() + POLL_SECONDS))
            if reply is not None:
                status = "timeout" if interrupted else str(reply["content"].get("status", "error"))
                break
            self.died = self._why_dead()
            if self.died:
                self._kill()
                return Execution("died", outputs.kept, self.died), {}
            if time.monotonic() < deadline:
                continue
            if interrupted:
                self._kill()
                self.died = f"stopped after {seconds:g} seconds, and did not let itself be interrupted"
                return Execution("timeout", outputs.kept, self.died), {}
            self._interrupt()
            interrupted, deadline = True, time.monotonic() + INTERRUPT_SECONDS
        reason = f"stopped after {seconds:g} seconds" if interrupted else ""
        if status not in {"ok", "timeout"}:
            status = "error"
        return Execution(status, outputs.kept, reason), reply

    def _step(self, message: str, outputs: _BoundedOutputs, until: float) -> dict | None:
        """Handle one turn of messages; return the reply to `message` once it and its outputs are here."""
        if self._drain_outputs(message, outputs, until) == "busy":
            reply = self._reply(message)
            if reply is None:
                return None
            settled = time.monotonic() + SETTLE_SECONDS
            while time.monotonic() < settled and self._drain_outputs(message, outputs, settled) == "busy":
                pass
            return reply
        # idle: the reply is here or about to come
        settled = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < settled:
            reply = self._reply(message, timeout=0.05)
            if reply is not None:
                return reply
        return None

    def _drain_outputs(self, message: str, outputs: _BoundedOutputs, until: float) -> str:
        """Take outputs until the kernel is idle ("idle"), nothing comes before `until`, or a flood lasts ("busy")."""
        while (left := until - time.monotonic()) > 0:
            try:
                received = self._client.get_iopub_msg(timeout=left)
            except Empty:
                return "busy"
            except (
                Exception
            ) as error:  # a malformed or wrongly signed message: the kernel is not to be trusted any more
                self.died = f"the kernel sent what is no Jupyter message ({type(error).__name__})"
                return "busy"
            if received.get("parent_header", {}).get("msg_id") != message:
                continue
            content = received.get("content", {})
            if received.get("msg_type") == "status":
                if content.get("execution_state") == "idle":
                    return "idle"
            else:
                outputs.add(str(received.get("msg_type")), content)
        return "busy"

    def _reply(self, message: str, timeout: float = 0.0) -> dict | None:
        while True:
            try:
                received = self._client.get_shell_msg(timeout=timeout)
            except Empty:
                return None
            except Exception as error:
                self.died = f"the kernel sent what is no Jupyter message ({type(error).__name__})"
                return None
            if received.get("parent_header", {}).get("msg_id") == message:
                return received

    def _interrupt(self) -> None:
        # a message, not a signal: bubblewrap would die of the signal
        self._client.control_channel.send(self._client.session.msg("interrupt_request", {}))

    def _why_dead(self) -> str:
        if self.died:
            return self.died
        if self._process.poll() is not None:
            return "the kernel ended"
        processes = self._processes()
        if not processes:
            return "the kernel ended"
        limit = self.limits.memory_mib * 1024**2
        # forked processes share most of what they hold, so the quick sum is only a first suspicion
        if sum(map(_resident, processes)) > limit and sum(map(_proportional, processes)) > limit:
            return f"used more than {self.limits.memory_mib} MiB of memory"
        return ""

    def _processes(self) -> list[psutil.Process]:
        """The processes of the sandbox that are alive."""
        if self._isolated:
            with suppress(psutil.Error):
                return psutil.Process(self._process.pid).children(recursive=True)
            return []
        return [psutil.Process(self._process.pid)]

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, 9)
        self._process.wait()


CHANNELS = ("shell", "iopub", "stdin", "control", "hb")


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


class _BoundedOutputs:
    """Collects outputs up to a size; what goes beyond it is counted and dropped."""

    def __init__(self, size: int):
        self.left = size
        self.kept: list[dict[str, Any]] = []
        self.full = False

    def add(self, kind: str, content: dict[str, Any]) -> None:
        if kind not in {"stream", "display_data", "execute_result", "error"} or self.full:
            return
        size = len(json.dumps(content, default=str))
        if size > self.left:
            self.full = True
            if kind == "stream":  # the beginning of a long text is worth keeping
                self.kept.append({"output_type": kind, **content, "text": str(content.get("text", ""))[: self.left]})
            note = "\n[more output than the limit allows; the rest was dropped]\n"
            self.kept.append({"output_type": "stream", "name": "stdout", "text": note})
            return
        self.left -= size
        self.kept.append({"output_type": kind, **content})
