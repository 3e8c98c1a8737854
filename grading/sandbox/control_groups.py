"""Control groups (cgroups): where they can be written, the Linux kernel counts memory and processes of a submission.

Either version of the interface will do. Where neither can be written, limits of each process remain (see
`inside/confine.py`), and docs/safety.md says what is weaker then.
"""

from __future__ import annotations

import functools
import os
import signal
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from grading.limits import Limits

MOUNTS, OWN = Path("/proc/self/mountinfo"), Path("/proc/self/cgroup")
MIB = 1024**2
ENDING_SECONDS = 10.0  # that processes may take to end when they are killed


@dataclass(frozen=True)
class Place:
    """A folder in which groups can be made.

    settings : file -> what to write into it, with {memory} in bytes and {processes}.
    ended : file and key that count processes ended for lack of memory, "" if this place does not count memory.
    """

    folder: Path
    settings: dict[str, str] = field(hash=False)
    ended: str = ""


V1_MEMORY = (
    {"memory.limit_in_bytes": "{memory}", "memory.memsw.limit_in_bytes": "{memory}"},  # in this order
    "memory.oom_control",
)
V1_PROCESSES = {"pids.max": "{processes}"}, ""
# not every machine swaps, has a recent Linux kernel, or lends this controller
OPTIONAL = {"memory.swap.max", "memory.memsw.limit_in_bytes", "memory.oom.group", "cpu.max"}
V2 = (
    {
        "memory.max": "{memory}",
        "memory.swap.max": "0",
        "memory.oom.group": "1",
        "pids.max": "{processes}",
        "cpu.max": "100000 100000",  # microseconds of a processor in as many of time: one, whatever it starts
    },
    "memory.events",
)


@functools.cache
def places() -> tuple[Place, ...]:
    """Where groups can be made: one place (version 2), one each for memory and processes (version 1), or none."""
    hierarchies = _hierarchies()
    if "" in hierarchies and (found := _writable(hierarchies[""], *V2)):
        return (found,)
    found = [
        _writable(hierarchies[name], *kind)
        for name, kind in (("memory", V1_MEMORY), ("pids", V1_PROCESSES))
        if name in hierarchies
    ]
    return tuple(filter(None, found))


def _hierarchies() -> dict[str, list[Path]]:
    """Controller ("" for version 2) -> folders to try: our own group's, then the top."""
    tops = {}
    for line in MOUNTS.read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split()[:3]
        top = Path(before.split()[4])
        if kind == "cgroup2":
            tops[""] = top
        elif kind == "cgroup":
            tops |= dict.fromkeys(options.split(","), top)
    own = {}
    for line in OWN.read_text().splitlines():
        _, names, group = line.split(":", 2)
        own |= dict.fromkeys(names.split(","), group)
    return {name: [top / own.get(name, "/").lstrip("/"), top] for name, top in tops.items()}


def _writable(folders: Sequence[Path], settings: dict[str, str], ended: str) -> Place | None:
    """The first of some folders in which a group with all the settings can be made."""
    for folder in folders:
        trial = folder / _name()
        with suppress(OSError):
            trial.mkdir()
            try:
                needed = {*settings, "cgroup.procs"} - OPTIONAL
                if all(os.access(trial / name, os.W_OK) for name in needed):
                    return Place(folder, settings, ended)
            finally:
                trial.rmdir()
    return None


def _name() -> str:
    return f"descent-{os.getpid()}-{uuid.uuid4().hex[:12]}"


class Group:
    """The control groups of one submission. Without any place it does nothing."""

    def __init__(self, limits: Limits):
        self._folders: list[tuple[Place, Path]] = []
        values = {"memory": limits.memory_mib * MIB, "processes": limits.processes}
        for place in places():
            folder = place.folder / _name()
            folder.mkdir()
            self._folders.append((place, folder))
            for name, value in place.settings.items():
                with suppress(FileNotFoundError, PermissionError):  # nobody may make a file here
                    (folder / name).write_text(value.format(**values))

    def doors(self) -> list[int]:
        """Descriptors by which a process joins: it writes "0" into each. The caller closes them."""
        return [os.open(folder / "cgroup.procs", os.O_WRONLY) for _, folder in self._folders]

    def out_of_memory(self) -> bool:
        """Whether the Linux kernel has ended a process because together they held too much."""
        for place, folder in self._folders:
            if place.ended:
                for line in (folder / place.ended).read_text().splitlines():
                    name, _, number = line.partition(" ")
                    if name == "oom_kill":
                        return int(number) > 0
        return False

    def remove(self) -> None:
        """End whoever is still in the groups, and remove them. Raises OSError if somebody does not end."""
        deadline = time.monotonic() + ENDING_SECONDS
        while self._folders:
            _, folder = self._folders[-1]
            try:
                with suppress(FileNotFoundError):
                    folder.rmdir()
                self._folders.pop()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                _end_all(folder)
                time.sleep(0.02)  # the Linux kernel takes a while to be rid of them


def _end_all(folder: Path) -> None:
    for number in (folder / "cgroup.procs").read_text().split():
        if int(number):  # 0 stands for a process that cannot be seen from here
            with suppress(ProcessLookupError, PermissionError):
                os.kill(int(number), signal.SIGKILL)
