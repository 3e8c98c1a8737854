"""Where the tensors live, and seeds."""

import os
import random
import sys
import time

import numpy as np
import torch

VARIABLE = "DESCENT_DEVICE"


def best_device():
    """Return where to compute: what the environment variable DESCENT_DEVICE names, else "cuda" if torch sees such a
    device, else "cpu".

    Raises ValueError if the variable names anything but "cpu", "cuda" or "cuda:N", RuntimeError if torch does not see
    the device that it names: work that was meant for a GPU is not quietly done without one.
    """
    wanted = os.environ.get(VARIABLE, "").strip()
    if not wanted:
        return "cuda" if torch.cuda.is_available() else "cpu"
    kind, _, index = wanted.partition(":")
    if kind not in ("cpu", "cuda") or (":" in wanted and not (kind == "cuda" and index.isdecimal())):
        raise ValueError(f"{VARIABLE}: expected cpu, cuda or cuda:N, got {wanted!r}")
    seen = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if kind == "cuda" and int(index or 0) >= seen:
        raise RuntimeError(f"{VARIABLE} is {wanted!r}, but torch {torch.__version__} sees {seen} such devices here")
    return wanted


def report(device=None):
    """Describe torch and the device in one line.

    device : str or None, by default `best_device()`
    Returns a str such as "torch 2.13.0 on cpu, 2 threads". It differs between machines, so do not store it in
    a notebook.
    """
    device = best_device() if device is None else str(device)
    if device.startswith("cuda"):
        return f"torch {torch.__version__} on {device}, {torch.cuda.get_device_name(device)}"
    return f"torch {torch.__version__} on {device}, {torch.get_num_threads()} threads"


def work_clock(device="cpu"):
    """Return a clock for timing short work: a callable that gives seconds.

    device : str, where the work is done
    Processor time where that can be had, because other programs do not disturb it. A GPU works while the processor
    waits, and on Windows processor time ticks 64 times a second, too coarse for a single update: wall time there.
    """
    return time.process_time if str(device) == "cpu" and sys.platform != "win32" else time.perf_counter


def least_seconds(work, runs, calls=1, device="cpu"):
    """Return the least mean time of a call, in seconds, over some runs: what disturbs a run can only make it longer.

    work : callable without arguments; on a GPU it has to wait for its result.  runs, calls : ints, calls a run
    """
    clock, taken = work_clock(device), []
    for _ in range(runs):
        begin = clock()
        for _ in range(calls):
            work()
        taken.append((clock() - begin) / calls)
    return min(taken)


def seed_everything(seed):
    """Seed Python's, NumPy's and torch's global generators; return a fresh NumPy generator with the same
    seed.

    seed : int >= 0
    Prefer the returned generator: whoever draws from a global one changes what everybody after draws.
    """
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"seed_everything: expected an integer seed >= 0, got {seed!r}")
    random.seed(int(seed))
    np.random.seed(int(seed) % 2**32)
    torch.manual_seed(int(seed))
    return np.random.default_rng(int(seed))
