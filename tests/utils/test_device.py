import random
import time

import numpy as np
import pytest
import torch

from utils import device


@pytest.mark.parametrize(("available", "expected"), [(True, "cuda"), (False, "cpu")])
def test_best_device_takes_cuda_if_there(monkeypatch, available, expected):
    monkeypatch.delenv(device.VARIABLE, raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    assert device.best_device() == expected


@pytest.mark.parametrize("wanted", ["cpu", "cuda", "cuda:1"])
def test_best_device_takes_what_the_environment_names(monkeypatch, wanted):
    monkeypatch.setenv(device.VARIABLE, wanted)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert device.best_device() == wanted


@pytest.mark.parametrize(("wanted", "seen"), [("cuda", 0), ("cuda:0", 0), ("cuda:2", 2)])
def test_best_device_does_not_quietly_do_without(monkeypatch, wanted, seen):
    monkeypatch.setenv(device.VARIABLE, wanted)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: seen > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: seen)
    with pytest.raises(RuntimeError, match=f"'{wanted}', but torch .* sees {seen}"):
        device.best_device()


@pytest.mark.parametrize("wanted", ["gpu", "cuda:", "cuda:-1", "cpu:0", "cuda:x", "meta"])
def test_best_device_rejects_other_names(monkeypatch, wanted):
    monkeypatch.setenv(device.VARIABLE, wanted)
    with pytest.raises(ValueError, match="expected cpu, cuda or cuda:N, got"):
        device.best_device()


def test_report_names_version_and_device():
    line = device.report("cpu")
    assert torch.__version__ in line and " on cpu" in line and "\n" not in line


@pytest.mark.parametrize(
    ("platform", "where", "expected"),
    [
        ("linux", "cpu", time.process_time),
        ("darwin", "cpu", time.process_time),
        ("win32", "cpu", time.perf_counter),
        ("linux", "cuda", time.perf_counter),
    ],
)
def test_work_clock_is_fine_enough(monkeypatch, platform, where, expected):
    monkeypatch.setattr(device.sys, "platform", platform)
    assert device.work_clock(where) is expected


def test_seed_everything_repeats_all_generators():
    def draw():
        rng = device.seed_everything(3)
        return random.random(), np.random.rand(), torch.rand(1).item(), rng.random()

    assert draw() == draw()


@pytest.mark.parametrize("seed", [-1, 1.5, None])
def test_seed_everything_rejects_other_seeds(seed):
    with pytest.raises(ValueError, match="seed >= 0"):
        device.seed_everything(seed)
