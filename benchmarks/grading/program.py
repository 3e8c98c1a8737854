"""Run a program as a whole and say what it cost."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


class ProgramFailed(Exception):
    """A measured program ended with an error; the message holds the end of what it printed."""


@dataclass(frozen=True)
class Cost:
    """seconds : wall time from start to end.  largest_mib : memory that its largest process held at most."""

    seconds: float
    largest_mib: float


def run(command: list[str], folder: Path, environment: dict[str, str], accepted: tuple[int, ...] = (0,)) -> Cost:
    """Run a command to its end in a folder, with variables on top of ours. Raises ProgramFailed."""
    log = folder / "benchmark.log"
    with log.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accepted:
        tail = log.read_text(errors="replace")[-3000:]
        raise ProgramFailed(f"{' '.join(command)} ended with status {process.returncode}:\n{tail}")
    return Cost(seconds, usage.ru_maxrss / 1024)
