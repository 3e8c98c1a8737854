"""Run a program as a whole and say what it cost: wall time, processor time and memory, descendants included.

A killed sandbox is reaped inside its own process-id namespace, so its processor time never reaches
getrusage(RUSAGE_CHILDREN) of whoever started it. A control group counts it, because membership is inherited and
outlives every process. Where no control group can be made, the processes are sampled, which misses what a process
did after its last sample.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, field
from pathlib import Path

import psutil

WATCH_SECONDS = 0.5
MIB = 1024**2
GROUP_PREFIX = "benchmark-"
JOIN_GROUP = 'echo $$ > "$0/cgroup.procs" && exec "$@"'


class ProgramFailed(Exception):
    """A measured program ended with an error; the message holds the end of what it printed."""


@dataclass(frozen=True)
class Sample:
    """A moment of a running program: seconds since its start, processor seconds so far, and MiB of its processes.

    total_mib, largest_mib : of all together and of the largest one, shared pages divided among those that share them.
    first_mib : largest resident size that the program's first process has had.
    """

    seconds: float
    cpu_seconds: float
    total_mib: float
    largest_mib: float
    first_mib: float


@dataclass(frozen=True)
class Usage:
    """What a program cost.

    seconds : wall time from start to end.
    cpu_seconds : user and system time of the program and all its descendants.
    peak_mib : largest sampled sum over all its processes; shared pages are divided among those that share them.
    largest_mib : largest sampled share of a single process.
    first_mib : largest resident size of the program's first process, as the kernel of the machine kept it.
    others : processors that all other programs of the machine kept busy meanwhile, on average.
    """

    seconds: float
    cpu_seconds: float
    peak_mib: float
    largest_mib: float
    first_mib: float
    others: float


def mean(usages: Sequence[Usage]) -> Usage:
    """The mean of several runs, number by number."""
    return Usage(*(sum(values) / len(usages) for values in zip(*map(astuple, usages), strict=True)))


class ControlGroup:
    """The processes of one program and their processor time, counted by a cgroup of version 2."""

    def __init__(self, folder: Path):
        self.folder = folder

    @classmethod
    def create(cls) -> ControlGroup | None:
        """Make an empty group; None where that is not allowed."""
        with suppress(OSError, StopIteration):
            group = cls(_own_group() / f"{GROUP_PREFIX}{uuid.uuid4().hex[:8]}")
            group.folder.mkdir()
            return group
        return None

    @classmethod
    def current(cls) -> ControlGroup | None:
        """The group that this process was started in by `run`, None if there is none."""
        with suppress(OSError, StopIteration):
            folder = _own_group()
            return cls(folder) if folder.name.startswith(GROUP_PREFIX) else None
        return None

    def command(self, command: list[str]) -> list[str]:
        return ["/bin/sh", "-c", JOIN_GROUP, str(self.folder), *command]

    def processes(self) -> list[psutil.Process]:
        return list(_alive(map(int, (self.folder / "cgroup.procs").read_text().split())))

    def cpu_seconds(self) -> float:
        lines = (self.folder / "cpu.stat").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("usage_usec")) / 1e6

    def remove(self) -> None:
        """Remove the group. Kills what the program left behind, so that nothing disturbs the next measurement."""
        for _ in range(100):
            for process in self.processes():
                with suppress(psutil.Error):
                    process.kill()
            with suppress(OSError):
                self.folder.rmdir()
                return
            time.sleep(0.05)
        raise ProgramFailed(f"processes of a measured program do not end: {self.folder}")


def _own_group() -> Path:
    """Folder of the control group that this process is in. Raises OSError or StopIteration where there are none."""
    mounts = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    mount = next(fields[1] for fields in mounts if fields[2] == "cgroup2")
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    return Path(mount) / next(line.removeprefix("0::/") for line in lines if line.startswith("0::/"))


@dataclass
class Sampled:
    """The processes of one program and their processor time, where there is no control group."""

    pid: int = 0
    cpu: dict[tuple[int, float], float] = field(default_factory=dict)

    def command(self, command: list[str]) -> list[str]:
        return command

    def processes(self) -> list[psutil.Process]:
        with suppress(psutil.Error):
            first = psutil.Process(self.pid)
            found = [first, *first.children(recursive=True)]
            for process in found:
                with suppress(psutil.Error):
                    times = process.cpu_times()
                    self.cpu[process.pid, process.create_time()] = times.user + times.system
            return found
        return []

    def cpu_seconds(self) -> float:
        return sum(self.cpu.values())

    def remove(self) -> None:
        self.pid = 0


def _alive(pids: Iterable[int]) -> Iterable[psutil.Process]:
    for pid in pids:
        with suppress(psutil.Error):
            yield psutil.Process(pid)


def counts_exactly() -> bool:
    """Whether processor time is counted by a control group here, and not sampled."""
    group = ControlGroup.create()
    if group:
        group.remove()
    return group is not None


def run(
    command: list[str],
    folder: Path,
    environment: dict[str, str],
    log: Path,
    watch: Callable[[Sample], None] = lambda sample: None,
    accepted: tuple[int, ...] = (0,),
) -> Usage:
    """Run a command to its end.

    folder : working directory.  environment : variables on top of ours.  log : file that gets all it prints.
    watch : called twice a second.  accepted : exit statuses that are no failure.
    Raises ProgramFailed.
    """
    group = ControlGroup.create() or Sampled()
    samples: list[Sample] = []
    try:
        with log.open("wb") as output:
            busy = _busy_seconds()
            began = time.perf_counter()
            process = subprocess.Popen(
                group.command(command),
                cwd=folder,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            if isinstance(group, Sampled):
                group.pid = process.pid
            try:
                while not _ends(process):
                    samples.append(_sample(group, process.pid, time.perf_counter() - began))
                    watch(samples[-1])
                seconds = time.perf_counter() - began
            except BaseException:
                process.terminate()
                raise
            finally:
                process.wait()
        cpu_seconds = group.cpu_seconds()
        others = max(0.0, _busy_seconds() - busy - cpu_seconds) / seconds
    finally:
        group.remove()
    if process.returncode not in accepted:
        tail = log.read_text(errors="replace")[-3000:]
        raise ProgramFailed(f"{' '.join(command)} ended with status {process.returncode}:\n{tail}")
    peaks = {
        name: max((getattr(sample, sampled) for sample in samples), default=0.0)
        for name, sampled in (("peak_mib", "total_mib"), ("largest_mib", "largest_mib"), ("first_mib", "first_mib"))
    }
    return Usage(seconds, cpu_seconds, **peaks, others=others)


def _busy_seconds() -> float:
    """Processor time that all processors of the machine have spent on any program so far."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - times.iowait - times.guest - times.guest_nice  # guests are in user and nice too


def _ends(process: subprocess.Popen) -> bool:
    """Wait for the next sample's time; True as soon as the process has ended."""
    handle = os.pidfd_open(process.pid)
    try:
        return bool(select.select([handle], [], [], WATCH_SECONDS)[0])
    finally:
        os.close(handle)


def _sample(group: ControlGroup | Sampled, first: int, seconds: float) -> Sample:
    shares = [_share(process) / MIB for process in group.processes()]
    return Sample(seconds, group.cpu_seconds(), sum(shares), max(shares, default=0.0), _high_water_mark(first) / MIB)


def _share(process: psutil.Process) -> int:
    """Bytes of a process, shared pages counted by the share that is its own; 0 if it is gone."""
    with suppress(psutil.Error):
        try:
            return process.memory_full_info().pss
        except psutil.AccessDenied:
            return process.memory_info().rss
    return 0


def _high_water_mark(pid: int) -> int:
    """Largest resident size, in bytes, that a process ever had; 0 if it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def python(*arguments: str) -> list[str]:
    """The command line of this Python."""
    return [sys.executable, *arguments]
