"""Processes side by side, with one thread each, for work of our own."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def side_by_side(workers: int = 0) -> ProcessPoolExecutor:
    """Return a pool of fresh processes, 0 for one a core.

    Spawned, because this process may have threads and sandboxes, which do not survive a fork or must not be forked.
    """
    workers = workers or len(os.sched_getaffinity(0))
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_use_one_thread)


def _use_one_thread() -> None:
    """Keep a process to one core, before it imports what computes: more threads would only wait for each other."""
    os.environ.update(dict.fromkeys(THREADS, "1"))
