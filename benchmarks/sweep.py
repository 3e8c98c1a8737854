"""Time `utils.training.sweep` against a loop over torch.optim: 64 learning rates, a 64-64-64-10 network on
digits, 300 steps.

Both train the same networks on the same minibatches in the same process with the same number of threads, in
turns.
"""

import os
from statistics import median
from time import perf_counter

os.environ.setdefault("TQDM_DISABLE", "1")  # a progress bar costs the loop more than the sweep

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from utils.data import digits
from utils.models import mlp
from utils.training import batch_indices, grid, sweep

SETTINGS, STEPS, BATCH, REPEATS, THREADS, GOAL = 64, 300, 16, 3, 2, 10


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


def main():
    """Print the two times, the largest difference of the final losses and the ratio."""
    torch.set_num_threads(THREADS)
    data = digits().train
    settings = grid(lr=np.geomspace(1e-4, 0.03, SETTINGS), momentum=0.9)
    few = (data[0][:BATCH], data[1][:BATCH])  # the loop does not look at its networks afterwards either
    contestants = {
        "loop over torch.optim": lambda: plain_loop(data, settings),
        "sweep": lambda: sweep(build, data, settings, steps=STEPS, batch_size=BATCH, evaluate=few).loss[:, -1],
    }
    times, final = {name: [] for name in contestants}, {}
    for _ in range(REPEATS):
        for name, run in contestants.items():
            began = perf_counter()
            final[name] = run()
            times[name].append(perf_counter() - began)
    gap = np.max(np.abs(final["loop over torch.optim"] - final["sweep"]))
    print(f"{SETTINGS} settings, {STEPS} steps, batches of {BATCH}, {THREADS} threads, {REPEATS} runs each")
    for name, seconds in times.items():
        print(f"{name:22} median {median(seconds):6.2f} s   ({', '.join(f'{s:.2f}' for s in seconds)})")
    print(f"largest difference of the final losses: {gap:.1e}")
    by_median, by_best = (
        measure(times["loop over torch.optim"]) / measure(times["sweep"]) for measure in (median, min)
    )
    print(f"sweep is {by_median:.1f} times as fast by the medians, {by_best:.1f} by the best runs (goal: {GOAL})")


if __name__ == "__main__":
    main()
