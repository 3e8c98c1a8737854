"""Processes side by side: fresh ones, with one thread each."""

import os

from grading.processes import side_by_side


def threads_of_torch(_):
    import torch

    return os.getpid(), torch.get_num_threads()


def test_each_process_is_another_one_and_keeps_to_one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    with side_by_side(1) as pool:
        pid, threads = pool.submit(threads_of_torch, None).result()
    assert pid != os.getpid() and threads == 1
