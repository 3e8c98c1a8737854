"""Time `utils.training.sweep` against a loop over torch.optim: 64 learning rates, a 64-64-64-10 network on
digits, 300 steps.

    python benchmarks/sweep.py            # against a loop over torch.optim, on the processor
    python benchmarks/sweep.py --device   # 1,024 rates on the device, against the same sweep on the processor

Both train the same networks on the same minibatches in the same process with the same number of threads, in
turns.
"""

import os
import sys
from statistics import median
from time import perf_counter

os.environ.setdefault("TQDM_DISABLE", "1")  # a progress bar costs the loop more than the sweep

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from utils.data import digits
from utils.device import best_device, report
from utils.models import mlp
from utils.training import batch_indices, grid, sweep

SETTINGS, STEPS, BATCH, REPEATS, THREADS, GOAL = 64, 300, 16, 3, 2, 10
ON_DEVICE, DEVICE_GOAL = 1024, 20  # settings of a sweep on a GPU, and how many times as fast it should be


def build(seed):
    """Return the network under test."""
    return mlp((64, 64, 64, 10), seed=seed)


def plain_loop(data, settings):
    """Train setting after setting with torch.optim.SGD and nothing else; return the final minibatch
    losses."""
    x, y = data
    order = batch_indices(len(x), BATCH, STEPS, seed=0)
    final = []
    for setting in settings:
        model = build(0)
        optimizer = torch.optim.SGD(model.parameters(), **setting)
        for rows in order:
            optimizer.zero_grad()
            loss = cross_entropy(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
        final.append(loss.item())
    return np.array(final)


def swept(device, settings):
    """Train all settings at once on a device; return the final minibatch losses, which wait for it to be done."""
    data = digits(device=device).train
    few = (data[0][:BATCH], data[1][:BATCH])  # the loop does not look at its networks afterwards either
    return sweep(build, data, settings, steps=STEPS, batch_size=BATCH, evaluate=few).loss[:, -1]


def main():
    """Against a loop over torch.optim, on the processor."""
    settings = grid(lr=np.geomspace(1e-4, 0.03, SETTINGS), momentum=0.9)
    data = digits().train
    compare(
        {"loop over torch.optim": lambda: plain_loop(data, settings), "sweep": lambda: swept("cpu", settings)},
        settings,
        GOAL,
    )


def on_device():
    """Against the same sweep on the processor. Ends with status 1 if there is no other device."""
    device = best_device()
    if device == "cpu":
        sys.exit("benchmarks/sweep.py: expected a GPU that torch sees, found the processor only")
    print(report(device))
    settings = grid(lr=np.geomspace(1e-4, 0.03, ON_DEVICE), momentum=0.9)
    few = settings[:2]
    swept(device, few)  # the first use of a device loads its libraries
    compare(
        {"sweep on the processor": lambda: swept("cpu", settings), "sweep": lambda: swept(device, settings)},
        settings,
        DEVICE_GOAL,
    )


def compare(contestants, settings, goal):
    """Print the times of two, the first of them the slower, the largest difference of final losses and the ratio."""
    torch.set_num_threads(THREADS)
    slow, fast = contestants
    times, final = {name: [] for name in contestants}, {}
    for _ in range(REPEATS):
        for name, run in contestants.items():
            began = perf_counter()
            final[name] = run()
            times[name].append(perf_counter() - began)
    gap = np.max(np.abs(final[slow] - final[fast]))
    print(f"{len(settings)} settings, {STEPS} steps, batches of {BATCH}, {THREADS} threads, {REPEATS} runs each")
    for name, seconds in times.items():
        print(f"{name:22} median {median(seconds):6.2f} s   ({', '.join(f'{s:.2f}' for s in seconds)})")
    print(f"largest difference of the final losses: {gap:.1e}")
    by_median, by_best = (measure(times[slow]) / measure(times[fast]) for measure in (median, min))
    print(f"sweep is {by_median:.1f} times as fast by the medians, {by_best:.1f} by the best runs (goal: {goal})")


if __name__ == "__main__":
    on_device() if "--device" in sys.argv[1:] else main()
