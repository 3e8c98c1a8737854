# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
r"""
# Minibatches: a cheap and noisy compass

When you have worked through this notebook you can

- say how far a minibatch gradient is off, from the minibatch alone,
- show that it is unbiased, and what sampling without replacement changes,
- cut a data set into shuffled minibatches without losing or unpairing an example, and count them,
- say what a larger batch costs in time and in memory, and measure both,
- measure the gradient noise scale and use it to choose a batch size.

About 150 minutes, 25 points. Goodfellow et al. (2016), *Deep Learning*, section 8.1.3. From [chapter 1](../ch01_empirical_risk/empirical_risk.ipynb) you need
that the risk is a mean over examples, so that its gradient is a mean as well. (The exercises and the reflection take
52 of the minutes, reading and twelve experiments the rest.)

**How it goes.** You write five short functions. Below each one, `check(...)` tells you at once whether it is
right. The experiments then run *your* functions. Before an experiment you are asked to predict; do so, in
writing, before you run it.

**What an answer owes.** Arrays hold floats where the text of the function does not say otherwise. Leave the arrays
that you are given as they are: an answer that writes into one gets no points, however right its numbers. Return
NumPy arrays and plain numbers. `check` also takes lists, torch tensors, and `3.0` for `3`; what passes in such a form is
handed on to the experiments as arrays and plain numbers.
"""

# %%
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch.nn.functional import cross_entropy

from utils import gradients, landscapes, players, plots
from utils.check import check
from utils.claims import base_seed, measured, seeds, spread
from utils.data import digits
from utils.device import best_device, seed_everything, work_clock
from utils.models import mlp, parameter_count
from utils.training import grid, sweep, train

seed_everything(base_seed())
device = best_device()
torch.set_num_threads(1)  # for networks as small as ours, threads mostly wait for each other
plots.style()

data = digits(device=device)
x_digits, y_digits = data.x_train.double().cpu().numpy(), data.y_train.cpu().numpy()
N = len(x_digits)


def look(size):
    """Return colour and marker of a batch size, the same in every figure: dark is small, light is large."""
    place = np.log(size) / np.log(N)
    return {"color": plt.cm.plasma(0.88 * place), "marker": "osD^vP"[round(5 * min(place, 1))]}


# %% [markdown]
r"""
## 1. Ask one example for the way

The gradient of the training loss is a mean of 1438 gradients, one for each of our handwritten digits. Ask a
single digit, and you get its private opinion on how all 2410 weights should move. Below, a 64-32-10 network has
been trained for 30 updates. Every dot is the mean of the opinions of 1, 4 or 32 digits, drawn at random. 2410
dimensions do not fit on paper, so you see two: along the true gradient (the arrow), and across it, where the
opinions differ most.

**Predict.** What share of the single digits, if you followed their advice, would *raise* the loss of all? And
of the groups of 4, and of 32?
"""

# %% tags=["experiment"]
net = mlp((64, 32, 10), seed=base_seed(), device=device)
train(net, data.train, torch.optim.SGD(net.parameters(), lr=0.3), steps=30, seed=base_seed())
per_example = gradients.per_example_gradients(net, *data.train).double().cpu().numpy()  # one row for each digit
full = per_example.mean(axis=0)

along = full / np.linalg.norm(full)
rest = torch.from_numpy(per_example - np.outer(per_example @ along, along))
across = torch.svd_lowrank(rest, q=3, niter=6)[2][:, 0].numpy()
rng = np.random.default_rng(base_seed())
fig, axes = plt.subplots(1, 3, figsize=(11.5, 3.7), sharex=True, sharey=True)
uphill = {}
for ax, size in zip(axes, (1, 4, 32), strict=True):
    estimates = np.array([per_example[rng.choice(N, size)].mean(axis=0) for _ in range(400)])
    uphill[size] = np.mean(estimates @ full < 0)
    ax.plot(estimates @ along, estimates @ across, linestyle="none", markersize=3, alpha=0.6, **look(size))
    ax.annotate("", (np.linalg.norm(full), 0), (0, 0), arrowprops={"color": "black", "width": 2, "headwidth": 8})
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set(xlabel="along the true gradient", title=f"Batches of {size}: {uphill[size]:.0%} point uphill")
axes[0].set_ylabel("across it")
plots.show(
    fig,
    alt="""Three clouds of 400 dots with the true gradient as an arrow. Single digits: a cloud much wider than the arrow is
long, a good part of it on the wrong side of zero. Groups of 4: half as wide, fewer on the wrong side. Groups of
32: a small cloud round the tip of the arrow.""",
)
assert uphill[1] > 0.15, "many single digits should point uphill"
assert uphill[4] < uphill[1] / 1.5 and uphill[32] < 0.01, "and fewer and fewer groups"

# %% [markdown]
r"""
About a third of the digits would lead you astray, and no single one knows the way. But their errors point in all
directions, so they cancel in a mean, and what remains is the arrow. How many must you ask?

## 2. Accuracy is paid for with its square

Let $g_1, \dots, g_m$ be independent draws, each with mean $g$ and standard deviation $\sigma$. Their mean $\hat
g$ has the standard deviation

$$\operatorname{SE}(\hat g) = \frac{\sigma}{\sqrt m}$$

which is called the **standard error**. (Goodfellow et al., equation 5.46 and section 8.1.3.) You do not know
$\sigma$, but the sample tells: $s^2 = \frac{1}{m-1}\sum_i (g_i - \hat g)^2$. It is $m-1$ and not $m$, because
the $g_i$ lie closer to their own mean than to the true one.

### Exercise 1: `standard_error` (3 points, 6 minutes, easy)

`sample` holds $m \ge 2$ draws along axis 0 and has shape `(m,)` or `(m, d)`. Return the standard error of the
mean: one number, or one for each of the `d` columns.

<details><summary>Hint</summary>

`np.std` has an argument for the axis and one, `ddof`, for what is subtracted from $m$.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "standard-error", "locked": false, "schema_version": 3, "solution": true}
def standard_error(sample):
    """Estimate the standard error of the mean from the sample itself. The input is not modified.

    sample : ndarray, shape (m,) or (m, d), m >= 2 draws along axis 0
    Returns a float, or an ndarray of shape (d,).
    Source: Goodfellow et al. (2016), section 8.1.3.
    """
    ### BEGIN SOLUTION
    return np.std(sample, axis=0, ddof=1) / np.sqrt(len(sample))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "standard-error-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(standard_error)

# %% [markdown]
r"""
### Ten thousand times the work

Back to the network. For batch sizes from 1 to 10 000 (drawn with replacement, so that a batch may be larger
than the set), measure how far $\hat g$ is from $g$: the root of the mean squared distance in all 2410 weights,
over 400 draws. Then see what `standard_error` says about the same distance *from one single batch*, without
knowing $g$.

**Predict.** How much more accurate is a batch of 10 000 than a batch of 1? And which slope has the line on
log-log paper?
"""

# %% tags=["experiment", "claim-M1"]
sizes = np.array([1, 3, 10, 30, 100, 300, 1000, 3000, 10_000])
rng = np.random.default_rng(base_seed())
errors, told = [], []
for size in sizes:
    counts = rng.multinomial(size, np.full(N, 1 / N), size=400)  # how often each digit was drawn, for 400 batches
    estimates = counts @ per_example / size
    errors.append(np.sqrt(((estimates - full) ** 2).sum(axis=1).mean()))
    batches = [per_example[rng.choice(N, size)] for _ in range(10 if 1 < size <= 1000 else 0)]
    told.append([np.linalg.norm(standard_error(batch)) for batch in batches] or [np.nan] * 10)
errors, told = np.array(errors), np.array(told)
slope = np.polyfit(np.log(sizes), np.log(errors), 1)[0]

fig, ax = plt.subplots(figsize=(7.5, 4))
ax.loglog(sizes, errors, "o", color=plots.BLUE, markersize=8, label="measured: distance from g, 400 batches")
ax.loglog(sizes, told, "x", color=plots.VERMILLION, markersize=9, markeredgewidth=1.5)
ax.plot([], [], "x", color=plots.VERMILLION, markersize=9, markeredgewidth=1.5, label="told by one batch, ten times")
sigma = np.sqrt(per_example.var(axis=0).sum())
ax.loglog(sizes, sigma / np.sqrt(sizes), color=plots.GREY, linewidth=1, label="σ/√m", zorder=1)
ax.axhline(np.linalg.norm(full), color="black", linestyle="--", linewidth=1)
ax.annotate("length of g itself", (1500, 1.1 * np.linalg.norm(full)), fontsize=9)
ax.set(title="10 000 times the examples buy 100 times the accuracy", xlabel="batch size m (examples)")
ax.set(ylabel="error of the gradient")
ax.legend(loc="lower left")
plots.show(
    fig,
    alt="""Log-log: nine dots fall along a straight line of slope -1/2 from m = 1 to 10 000; the crosses, each told by a
single batch of up to 1000, scatter about the dots, less and less. A dashed line marks the length of g: the
error crosses it between 30 and 100.""",
)
gain = errors[0] / errors[-1]
off = (told / errors[:, None])[(sizes >= 10) & (sizes <= 1000)]
print(f"told by one batch / measured: {off.min():.1f} to {off.max():.1f} for batches of 10 to 1000")
assert abs(slope + 0.5) < 0.02 and 90 < gain < 110, "the error should fall like 1/√m"
assert np.all(np.abs(np.log(np.median(off, axis=1))) < np.log(1.3)), "the median of ten batches should tell the error"
assert np.all(np.abs(np.log(off)) < np.log(3)), "a single batch should tell it to a factor"
measured(
    "M1", f"slope of the error against m {slope:.2f} (-1/2); 10 000 times the examples: {gain:.0f} times as accurate"
)

# %% [markdown]
r"""
The square root is bad news for anyone who wants an accurate gradient, and good news for you. Turn it round: a
*hundredth* of the accuracy costs a ten-thousandth of the work. An optimizer takes thousands of steps, each from
a new place, and an exact answer to a question that is out of date after one step is not worth much.

Remember the crossing with the dashed line: there the noise is as long as the gradient. It has a name, and you
meet it in section 6.

## 3. The minibatch gradient

Take the indices $i_1, \dots, i_m$ of some examples, and average only their gradients:

$$\hat g = \frac1m \sum_{j=1}^m \nabla_\theta L\big(f(x^{(i_j)};\theta),\, y^{(i_j)}\big)$$

(Goodfellow et al., section 8.1.3 and algorithm 8.1.)

### Exercise 2: `minibatch_gradient` (4 points, 8 minutes, easy)

`grad_fn(theta, X, y)` returns the gradient of *every* example that you hand it, stacked along axis 0. `index`
holds the positions of the examples in the batch; a position may occur twice, and then counts twice. Return the
minibatch gradient, shaped like `theta`. Hand over to `grad_fn` only the examples of the batch: that is the
whole point, and `check` counts them.

<details><summary>Hint</summary>

An array of positions in brackets picks rows: `X[index]`. (`grad_fn` wants rows, also of a single example:
`X[i : i + 1]`.) Which axis of the result counts the examples?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "minibatch-gradient", "locked": false, "schema_version": 3, "solution": true}
def minibatch_gradient(grad_fn, theta, X, y, index):
    """Average the gradients of the examples in a batch. The inputs are not modified.

    grad_fn : callable (theta, X, y) -> ndarray, shape (len(X), *theta.shape), a gradient for each example;
        all calls together may ask for m gradients, no more
    theta : ndarray.  X : ndarray, shape (N, d).  y : ndarray, shape (N,), of floats or ints (labels)
    index : int ndarray, shape (m,), positions in X and y, each in [0, N); repetitions count
    Returns an ndarray, shaped like theta.
    """
    ### BEGIN SOLUTION
    return grad_fn(theta, X[index], y[index]).mean(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "minibatch-gradient-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(minibatch_gradient)

# %% [markdown]
r"""
### Unbiased: no proof by sampling, but by trying everything

A minibatch gradient is wrong nearly always. **Unbiased** says that its errors average to zero. With $N = 12$
examples and $m = 4$ you need not sample, you can try *all* batches: 495 without replacement and $12^4 =
20\,736$ (in order) with.

Then the spread. Without replacement the variance is smaller by the factor $\frac{N-m}{N-1}$, because a batch
that cannot ask the same example twice knows more. (The finite population correction.)

**Predict.** (a) How far is the mean of all 495 minibatch gradients from the full gradient? (b) Somebody sums
over the batch instead of averaging. What is the mean of *her* gradients? (c) At which batch size does it begin
to matter whether you put the examples back?
"""

# %% tags=["experiment", "claim-M3"]
rng = np.random.default_rng(base_seed())
few, m = 12, 4
X, y, theta = rng.normal(size=(few, 3)), rng.normal(size=few), rng.normal(size=3)
grad_fn = gradients.squared_error().gradients
exact = minibatch_gradient(grad_fn, theta, X, y, np.arange(few))

without = np.array([minibatch_gradient(grad_fn, theta, X, y, np.array(c)) for c in combinations(range(few), m)])
alone = np.array([minibatch_gradient(grad_fn, theta, X, y, np.array([i])) for i in range(few)])
with_ = alone[np.indices((few,) * m).reshape(m, -1)].mean(axis=0)  # all 12⁴ ordered draws
bias = {name: np.abs(all_.mean(axis=0) - exact).max() for name, all_ in (("without", without), ("with", with_))}
variance = {name: ((all_ - exact) ** 2).sum(axis=1).mean() for name, all_ in (("without", without), ("with", with_))}
correction = (few - m) / (few - 1)
print(f"all {len(without)} batches without, {len(with_)} with replacement: mean off by less than 1e-12:", end=" ")
print(all(value < 1e-12 for value in bias.values()))
print(
    f"variance without / with replacement: {variance['without'] / variance['with']:.4f}; (N-m)/(N-1) = {correction:.4f}"
)
print(f"the mean of the summed gradients is {m * without.mean(axis=0) @ exact / (exact @ exact):.0f} times g")

# the same on the network's gradients, where all batches are too many: 300 batches of each size
sizes = np.array([1, 4, 16, 64, 256, 512, 1024, 1400])
distance = {"with": [], "without": []}
for size in sizes:
    for way, replace in (("with", True), ("without", False)):
        counts = np.array([np.bincount(rng.choice(N, size, replace), minlength=N) for _ in range(300)])
        distance[way].append(((counts @ per_example / size - full) ** 2).sum(axis=1).mean())
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.7))
for way, color, marker in (("with", plots.VERMILLION, "s"), ("without", plots.BLUE, "o")):
    left.loglog(sizes, np.sqrt(distance[way]), color=color, marker=marker, label=f"{way} replacement")
ratio = np.divide(distance["without"], distance["with"])
right.plot(sizes / N, (N - sizes) / (N - 1), color=plots.GREY, linewidth=1, label="(N-m)/(N-1)")
right.plot(sizes / N, ratio, "o", color=plots.BLUE, markersize=8, label="measured")
left.set(title="Two ways to draw, one line, until m nears N", xlabel="batch size m (examples)")
left.set(ylabel="error of the gradient")
right.set(title="Without replacement the variance ends at 0", xlabel="share of the set in the batch, m/N")
right.set(ylabel="variance without / with")
left.legend()
right.legend()
plots.show(
    fig,
    alt="""Left, log-log: the errors of both ways to draw lie on one line; for batches of several hundred out of 1438 the
one without replacement bends down. Right: the ratio of the variances falls along a straight line from 1 to 0.""",
)
assert max(bias.values()) < 1e-12, (
    "the mean of all minibatch gradients should be the full gradient; in float64 to 1e-12"
)
assert np.isclose(variance["without"], correction * variance["with"]), "the variances should differ by (N-m)/(N-1)"
assert np.abs(ratio - (N - sizes) / (N - 1)).max() < 0.15, "and so should those of the network's gradients"
measured(
    "M3",
    f"mean of all 495 and of all 20 736 batches equals g to 1e-12; variance ratio "
    f"{variance['without'] / variance['with']:.4f}, (N-m)/(N-1) = {correction:.4f}",
)

# %% [markdown]
r"""
The mean is exact, both ways: these two are theorems, and the enumeration checks your function against them. The sum is $m$ times too long on average: your rate would have to change with
every batch size. And putting back or not matters only when the batch is a good part of the set: at $m = 64$ of
1438, the variance differs by 4 %. What shuffling buys is something else: every example gets its turn.

### Ten copies of everything

A large data set repeats itself: many of its examples say nearly the same. Take it to the extreme and copy every
digit ten times. Gradient descent on the 14 380 digits, or on a batch that holds one copy of each, 1438 digits?

**Predict** the two curves of the loss, first against updates, then against examples read.
"""

# %% tags=["experiment", "claim-M2"]
X_tenfold, y_tenfold = np.repeat(x_digits, 10, axis=0), np.repeat(y_digits, 10)
softmax = gradients.softmax()
plans = {
    "all 14 380 digits": (np.arange(10 * N), plots.VERMILLION, "s"),
    "one copy of each": (np.arange(0, 10 * N, 10), plots.BLUE, "o"),
}
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.5), sharey=True)
losses, steps = {}, 40
for name, (index, color, marker) in plans.items():
    theta, losses[name] = np.zeros((64, 10)), []
    for _ in range(steps):
        losses[name].append(softmax.values(theta, x_digits, y_digits).mean())
        theta = theta - 1.0 * minibatch_gradient(softmax.gradients, theta, X_tenfold, y_tenfold, index)
    line = {"color": color, "marker": marker, "markevery": 5, "label": name, "linewidth": 5 if "all" in name else 1.8}
    left.semilogy(losses[name], **line)
    right.loglog(np.arange(1, steps + 1) * len(index), losses[name], **line)
left.set_yticks([0.5, 1, 2], ["0.5", "1", "2"])
left.yaxis.set_minor_formatter("")
left.set(title="Per update: no difference", xlabel="update k", ylabel="loss of all digits")
right.set(title="Per example read: ten times cheaper", xlabel="examples read")
left.legend()
plots.show(
    fig,
    alt="""Left: two curves of the loss lie on each other. Right, against the number of examples read: the same curve, once
ten times further to the right.""",
)
whole, tenth = losses.values()


def angles(theta):
    """Return the angles, in degrees, between the gradient of all digits and those of 100 random tenths of them."""
    everything = minibatch_gradient(softmax.gradients, theta, x_digits, y_digits, np.arange(N)).ravel()
    found = []
    for seed in seeds(100):
        tenth = np.random.default_rng(seed).choice(N, N // 10, replace=False)
        part = minibatch_gradient(softmax.gradients, theta, x_digits, y_digits, tenth).ravel()
        found.append(part @ everything / np.linalg.norm(part) / np.linalg.norm(everything))
    return np.degrees(np.arccos(found))


first, last = angles(np.zeros((64, 10))), angles(theta)
print("real digits are no copies: degrees between the gradients of a random tenth and of all, at the first update")
print(f"{spread(first, '.0f')}, after the last {spread(last, '.0f')}")
gap = np.abs(np.subtract(whole, tenth)).max()
assert gap < 1e-6, "copies should change nothing but rounding"
assert np.median(first) < 45 and np.median(last) > np.median(first) + 10, "real digits should grow less redundant"
measured(
    "M2",
    f"40 losses of both runs differ by {'a rounding error' if gap < 1e-10 else f'{gap:.0e}'}; "
    f"examples read per update {10 * N} and {N}, 10 to 1",
)

# %% [markdown]
r"""
Nine tenths of the work bought nothing. That is an identity: a mean does not change when every term comes ten times. No
real set consists of copies. Between a random tenth of the digits, 143 of them, and all of them the angle is about 33
degrees at first, and about 56 after 40 updates. What the digits have in common is learned first; then they are less
redundant than a tenfold copy.

### A data set that grows

You collect more data. With gradient descent each step now takes longer. With minibatches of 64?

**Predict.** Time per update against $N$, from a thousand examples to 131 072, for both.
"""

# %% tags=["experiment", "claim-M4", "nbval-ignore-output"]
rng = np.random.default_rng(base_seed())
read = {"count": 0}


def counting(theta, X, y):
    """Count the examples whose gradients are asked for."""
    read["count"] += len(X)
    return gradients.squared_error().gradients(theta, X, y)


def fastest(work, repeats):
    """Return the least time of several calls, seconds: what disturbs a call can only make it longer."""
    clock, seconds = work_clock(), []
    for _ in range(repeats):
        begin = clock()
        work()
        seconds.append(clock() - begin)
    return min(seconds)


X_large, y_large, theta = rng.normal(size=(2**17, 32)), rng.normal(size=2**17), np.zeros(32)
amounts = 2 ** np.arange(10, 18)
reads, times = {"m = 64": [], "m = N": []}, {"m = 64": [], "m = N": []}
for n in amounts:
    X, y = X_large[:n], y_large[:n]
    for name, index in (("m = 64", rng.integers(n, size=64)), ("m = N", np.arange(n))):
        read["count"] = 0
        minibatch_gradient(counting, theta, X, y, index)
        reads[name].append(read["count"])
        work = lambda X=X, y=y, index=index: minibatch_gradient(counting, theta, X, y, index)  # noqa: E731
        with threadpool_limits(1):  # NumPy takes more threads for large arrays: that would be another machine halfway
            times[name].append(fastest(work, repeats=30 if len(index) < 10_000 else 6))
fig, ax = plt.subplots(figsize=(7, 3.8))
for name, size in (("m = N", N), ("m = 64", 64)):
    ax.loglog(amounts, 1e6 * np.array(times[name]), label=name, **look(size))
ax.set(title="The cost of a minibatch update does not grow with the data", xlabel="examples in the set, N")
ax.set(ylabel="time per update (µs)")
ax.legend()
plots.show(
    fig,
    alt="""Log-log: time per update with m = N climbs with the size of the set, about in proportion; with m = 64 it stays
nearly flat.""",
)
growth = {name: values[-1] / values[0] for name, values in times.items()}
print("128 times the data make an update longer:", {name: f"{factor:.1f} times" for name, factor in growth.items()})
assert max(reads["m = 64"]) <= 64, "hand grad_fn only the rows of the batch"
assert reads["m = N"] == amounts.tolist(), "with m = N every example should be read once"
assert growth["m = 64"] < 10, (
    f"with m = 64 an update should not grow with the set, it took {growth['m = 64']:.1f} times as long"
)
assert growth["m = N"] > 30, f"with m = N it should, it took {growth['m = N']:.1f} times as long"
measured(
    "M4",
    f"N from 1024 to 131 072, one thread: with m = 64 an update reads {max(reads['m = 64'])} examples and takes "
    f"{growth['m = 64']:.1f} times as long, with m = N {growth['m = N']:.0f} times",
)

# %% [markdown]
r"""
What grows at m = 64 are at most the distances in memory between the rows.

This is why the field trains with minibatches. With enough data, a network can be done before it has seen every
example once.

## 4. An epoch: everyone gets their turn

In theory each batch is a fresh random draw. In practice you shuffle the set, cut it into batches, and go
through them: one pass is an **epoch**. No example waits longer than two epochs for its turn.

### Exercise 3: `minibatches` (5 points, 12 minutes, medium)

Return a list of pairs `(X_batch, y_batch)`, or write a generator that yields them; whatever a `for` loop can run
over is right. Together they hold every example exactly once, each row of `X` with its own `y`. All batches hold
`size` examples, except the last, which holds what is left. If `size` is larger than the set, there is one batch,
and it is shuffled too. Leave `X` and `y` as they are.

All orders must be possible, and chance must come from `rng` alone: an equal generator gives the same order again,
another one another order.

<details><summary>Hint</summary>

`rng.permutation(n)` gives the numbers 0 to n-1 in a random order. A slice that reaches beyond the end of an array
stops at the end, without an error.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "minibatches", "locked": false, "schema_version": 3, "solution": true}
def minibatches(X, y, size, rng):
    """Cut a data set into shuffled minibatches, one epoch. Apart from rng the inputs are not modified.

    X : ndarray, shape (N, ...).  y : ndarray of floats or ints, shape (N,).  N >= 1
    size : int >= 1, examples in a batch; the last one may hold fewer
    rng : numpy.random.Generator, the only source of randomness
    Returns a list of pairs (X_batch, y_batch), or yields them.
    """
    ### BEGIN SOLUTION
    order = rng.permutation(len(y))
    for start in range(0, len(y), size):
        batch = order[start : start + size]
        yield X[batch], y[batch]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "minibatches-check", "locked": true, "points": 5, "schema_version": 3, "solution": false}
check(minibatches)

# %% [markdown]
r"""
Schedules, progress bars and bills count in **updates**, papers in epochs. To convert you need the number of
batches in an epoch of $n$ examples. Libraries offer a choice: keep the short last batch, or drop it
(`drop_last`), so that all batches are of equal size.

### Exercise 4: `updates_per_epoch` (3 points, 4 minutes, easy)

Return the number of updates as an int. Mind a set that divides evenly, an empty set (no updates), and a batch
size larger than the set: one short batch, or none if short ones are dropped.

<details><summary>Hint</summary>

`n // size` counts the full batches. When is there one more?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "updates-per-epoch", "locked": false, "schema_version": 3, "solution": true}
def updates_per_epoch(n, size, drop_last):
    """Count the minibatches in one pass over the data.

    n : int >= 0, examples.  size : int >= 1, examples in a batch
    drop_last : bool, leave out a last batch that is not full
    Returns an int.
    """
    ### BEGIN SOLUTION
    full_batches, left_over = divmod(n, size)
    return full_batches + (left_over > 0 and not drop_last)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "updates-per-epoch-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(updates_per_epoch)

# %% [markdown]
r"""
### A common loop that is wrong, four times

A common version of this loop stands below. It comes with the remark that MNIST, 60 000 images, makes 470 updates per epoch
with batches of 128.

```
for i in range(num_epochs):
    for batch_i in m/batch_size:                     # m: the number of examples
        batch = train_data[batch_i*batch_size : (batch_i+1)*batch_size]
        w = w - learning_rate * compute_gradients(batch, cost_func, w)
    train_data = random_shuffle()
```

**Predict.** Find the wrong number and three faults in the loop. What would each of them do to your training, if
the images lie on the disk sorted by class?
"""

# %% tags=["experiment", "claim-M6"]
n, batch_size = 60_000, 128
labels = np.repeat(np.arange(10), n // 10)  # sorted by class, as data often are on disk
try:
    for _ in n / batch_size:
        pass
except TypeError as error:
    complaint = str(error)
print("the loop as it stands:", complaint)
print(
    f"updates: {updates_per_epoch(n, batch_size, False)}, or {updates_per_epoch(n, batch_size, True)} without the last"
)

in_order = [labels[i * batch_size : (i + 1) * batch_size] for i in range(int(n / batch_size))]  # patched with int()
yours = [y for _, y in minibatches(np.arange(n), labels, batch_size, np.random.default_rng(base_seed()))]
fig, axes = plt.subplots(1, 2, figsize=(10.5, 3.6), sharey=True)
for ax, epoch in zip(axes, (in_order, yours), strict=True):
    shares = np.array([np.bincount(np.asarray(batch, dtype=int), minlength=10) / len(batch) for batch in epoch])
    picture = ax.imshow(
        shares.T, aspect="auto", cmap="Blues", vmin=0, vmax=0.5, interpolation="nearest", origin="lower"
    )
    ax.set(xlabel="update in the first epoch", yticks=range(10))
    ax.grid(False)
axes[0].set(title="That loop's first epoch: one class at a time", ylabel="class")
axes[1].set_title("Yours: some of everything in each batch")
fig.colorbar(picture, ax=axes, label="share of the batch", extend="max")
plots.show(
    fig,
    alt="""Two maps of class against update. That of the loop above: a staircase, every batch holds a single class. Yours:
an even light tint, every batch holds all ten.""",
)
lost = n - sum(map(len, in_order))
classes = {name: np.mean([len(np.unique(b)) for b in epoch]) for name, epoch in (("that", in_order), ("yours", yours))}
print(f"classes in a batch, on average: that loop's first epoch {classes['that']:.1f}, yours {classes['yours']:.1f}")
print(f"patched, its epoch has {len(in_order)} updates and loses the last {lost} examples, of class {labels[-1]}")
assert "not iterable" in complaint, "a float is no range"
assert (len(in_order), lost) == (468, 96), "rounded down there should be 468 full batches"
assert len(yours) == updates_per_epoch(n, batch_size, False) == 469, "your batches and your count of them should be 469"
assert sum(map(len, yours)) == n, "your batches should hold every example"
assert classes["that"] < 1.1 and classes["yours"] > 9.9, "a shuffled batch should hold nearly all classes"
measured(
    "M6",
    f"60 000 examples in batches of 128: {len(yours)} updates, {len(in_order)} if the last is dropped; never 470",
)

# %% [markdown]
r"""
- 60 000/128 is 468.75. That makes **469** updates, or 468 if you drop the last 96 images. It never makes 470.
- `m/batch_size` is a float, and Python cannot loop over it.
- Rounded down with `int(...)`, the loop never reaches the last 96 images of an epoch.
- The shuffle comes *after* the first epoch, so that one runs in the order of the disk.

### How much shuffling is enough?

For a set of billions, drawing examples at random from all over the disk is slow. The usual advice: shuffle
**once**, store it, and then always read in that order.

Digits again, sorted by class on the disk. Three ways: never shuffle; shuffle once; shuffle before every epoch.
Batches of 32, rate 0.1, ten networks each.

**Predict.** Order the three after 12 epochs. How large is the gap between the second and the third? And does the first
ever get there, in 60 epochs?
"""

# %% tags=["experiment", "claim-M7"]
by_class = torch.argsort(data.y_train, stable=True).cpu().numpy()
X_sorted, y_sorted = x_digits[by_class], y_digits[by_class]
size = 32
in_order = [(X_sorted[i : i + size], y_sorted[i : i + size]) for i in range(0, N, size)]


def epochs_of(way, seed, epochs):
    """Yield the batches of one epoch after the other."""
    rng = np.random.default_rng(seed)
    once = in_order if way == "never shuffled" else list(minibatches(X_sorted, y_sorted, size, rng))
    for _ in range(epochs):
        yield minibatches(X_sorted, y_sorted, size, rng) if way == "reshuffled every epoch" else once


def accuracies(way, seed, epochs):
    """Train a network and return its accuracy on the test digits after every epoch."""
    net = mlp((64, 32, 10), seed=seed, device=device)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    reached = []
    for epoch in epochs_of(way, seed, epochs):
        for X, y in epoch:
            optimizer.zero_grad()
            X, y = torch.tensor(X, dtype=torch.float32, device=device), torch.tensor(y, dtype=torch.long, device=device)
            cross_entropy(net(X), y).backward()
            optimizer.step()
        reached.append((net(data.x_test).argmax(dim=1) == data.y_test).double().mean().item())
    return reached


ways = {
    "reshuffled every epoch": (plots.BLUE, "o", 15),
    "shuffled once": (plots.ORANGE, "s", 15),
    "never shuffled": (plots.VERMILLION, "v", 60),
}
fig, ax = plt.subplots(figsize=(7.5, 3.9))
reached = {}
for way, (color, marker, epochs) in ways.items():
    runs = reached[way] = 100 * np.array([accuracies(way, seed, epochs) for seed in seeds(10)])
    after = np.arange(1, epochs + 1)
    ax.plot(after, np.median(runs, axis=0), color=color, marker=marker, markevery=epochs // 15, label=way)
    ax.fill_between(after, runs.min(axis=0), runs.max(axis=0), color=color, alpha=0.18, linewidth=0)
ax.set(title="Shuffling once is nearly all; without it training is slow", xlabel="epoch")
ax.set(ylabel="test accuracy (%), median and range of 10")
ax.legend(loc="lower right")
plots.show(
    fig,
    alt="""Two curves of the test accuracy climb together above 90 %; the third, in the order of the classes, climbs
slowly, and gets there many epochs later.""",
)
anew, once, never = (runs[:, 11] for runs in reached.values())
late = reached["never shuffled"][:, -1]
arrived = {way: int((np.median(runs, axis=0) > 90).argmax()) + 1 for way, runs in reached.items()}
print("epochs to a median of 90 %:", arrived)
assert abs(np.median(anew) - np.median(once)) < 2, "shuffling once should be about as good as before every epoch"
assert np.median(never) < np.median(anew) - 10, "without shuffling training should be far behind after 12 epochs"
assert np.median(late) > np.median(never) + 10, "and should get on with many more"
measured(
    "M7",
    f"test accuracy in % after 12 epochs: reshuffled {spread(anew, '.0f')}, shuffled once {spread(once, '.0f')}, never "
    f"{spread(never, '.0f')}; never, after 60 epochs: {spread(late, '.0f')}",
)

# %% [markdown]
r"""
It gets there all the same, at this rate. In sorted order the network learns to answer "0", then "1", and at the end of each epoch it has just learned to
answer "9". In the terms of section 3: the gradients of successive batches are no longer draws from one
distribution, and each is badly biased. Reshuffling gains next to nothing over shuffling once. (It does no harm
either; with data in memory, do it.)

One thing happens only in the first epoch. While no example has come twice, every batch is a fresh draw from the
data *distribution*, so its gradient is an unbiased estimate for the true risk. From the second epoch on it is
one for the training risk, and the gap of [chapter 1](../ch01_empirical_risk/empirical_risk.ipynb) opens. (Goodfellow et al., section 8.1.3.) Models trained on
more text than they can read once have no such gap to speak of.

## 5. What a batch costs

### Time

"SGD" in the strict sense is $m = 1$; with $m = N$ it is gradient descent. In between it should be called
*minibatch* SGD, and everybody, torch included, calls all of it SGD. Below, the time of one update of our
network, batch sizes from 1 to 16 384.

**Predict.** (a) A batch of 64 takes how many times as long as a batch of 1? (b) Powers of two are often advised.
How much faster is 256 than 255 or 257, on the machine where you run this?
"""

# %% tags=["experiment", "claim-M5", "nbval-ignore-output"]
clock = work_clock(device)
powers = 2 ** np.arange(15)
beside = np.concatenate([powers[5:] - 1, powers[5:] + 1])
examples = torch.rand(2**14 + 1, 64, device=device), torch.randint(10, (2**14 + 1,), device=device)
net = mlp((64, 32, 10), device=device)
optimizer = torch.optim.SGD(net.parameters(), lr=0.0)


def seconds_per_update(size):
    """Return the mean time of a few updates with batches of this size."""
    x, y = examples[0][:size], examples[1][:size]
    updates = max(2, 24 - size // 256)
    begin = clock()
    for _ in range(updates):
        optimizer.zero_grad()
        loss = cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
    loss.item()  # waits for a GPU
    return (clock() - begin) / updates


order = [int(size) for _ in range(7) for size in np.random.default_rng(base_seed()).permutation([*powers, *beside])]
seconds = {}
for size in order:  # each size seven times, in a random order: a disturbance does not hit one size only
    seconds[size] = min(seconds.get(size, np.inf), seconds_per_update(size))
line = np.array([seconds[size] for size in powers])
fixed, each = np.polynomial.Polynomial.fit(powers, line, 1, w=1 / line).convert().coef
each = max(each, 1e-6 * fixed)  # a GPU may not notice 16 384 examples
overhead = fixed / each  # the fixed cost of an update, in examples
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.8))
left.loglog(powers, 1e6 * line, "o-", color=plots.BLUE, label="power of two")
left.loglog(beside, [1e6 * seconds[size] for size in beside], "x", color=plots.VERMILLION, label="one more, one less")
left.axvline(overhead, color="black", linestyle="--", linewidth=1)
left.annotate(f"fixed cost =\n{overhead:.0f} examples", (1.15 * overhead, 1e6 * line[0]), fontsize=9)
left.set(title="Below some size, a smaller batch saves little", xlabel="batch size m", ylabel="time per update (µs)")
left.yaxis.set_major_locator(plt.LogLocator(subs=(1, 2, 5)))
left.yaxis.set_major_formatter("{x:.0f}")
left.yaxis.set_minor_formatter("")
right.loglog(powers, powers / line, "o-", color=plots.BLUE)
right.set(title="Throughput grows, then saturates", xlabel="batch size m", ylabel="examples per second")
left.legend()
plots.show(
    fig,
    alt="""Left, log-log: time per update rises slowly up to some hundred examples and then bends up to a straight line;
the crosses, one example more or less than a power of two, lie on the same curve. Right: examples per second
grow in proportion to m at first, and level off.""",
)
advantage = [1 - 2 * seconds[p] / (seconds[p - 1] + seconds[p + 1]) for p in map(int, powers[5:])]
print(
    f"m = 64 takes {seconds[64] / seconds[1]:.1f} times as long as m = 1, "
    f"m = 16 384 {seconds[2**14] / seconds[1]:.0f} times"
)
print("time saved by a power of two, against its neighbours:", ", ".join(f"{share:.0%}" for share in advantage))
assert seconds[64] < 8 * seconds[1], "64 examples should take nowhere near 64 times as long as one"
assert device != "cpu" or seconds[2**14] > 8 / 3 * seconds[2**11], (
    "8 times the examples should take longer, at that size"
)
assert 1024 / seconds[1024] > 10 / seconds[1], "a batch of 1024 should get through more examples per second"
assert abs(np.median(advantage)) < 0.1, "a power of two should save nothing to speak of"
grad_fn, everyone = gradients.softmax().gradients, np.arange(N)
rng = np.random.default_rng(base_seed())
descents = [minibatch_gradient(grad_fn, np.zeros((64, 10)), x_digits, y_digits, rng.permutation(N)) for _ in range(2)]
assert np.allclose(*descents, atol=1e-6), "with m = N nothing random should be left, whatever the order"
measured(
    "M5",
    f"m = 64 takes {seconds[64] / seconds[1]:.1f} times as long as m = 1; at 1024 {1024 * seconds[1] / seconds[1024]:.0f} "
    f"times the examples per second; a power of two saves {np.median(advantage):.0%} of the time (median of ten, "
    f"{min(advantage):.0%} to {max(advantage):.0%}) against one more or one less",
)

# %% [markdown]
r"""
An update has a fixed cost (Python, kernel launches, reading the weights) and a cost per example. Dashed: the
batch size at which the two are equal. Far below it, asking more examples is almost free.

The powers of two? What they save scatters about zero, here and there in one direction or the other (the last line above);
run the cell again and it is another size that seems to gain. (GPUs compute matrices in tiles whose sides are multiples of 8 or more, so there a batch of
257 may leave most of a tile empty. If you have one, run the cell on it.) Choose powers of two because they are
easy to compare; expect no magic.

### Memory

To compute the gradient backwards you must keep the activations of the way forwards, for every example in the
batch. torch tells us exactly which tensors it keeps. Two networks: ours, and VGG-16 with images of 224 × 224
pixels as in ImageNet. (On torch's device `meta`, tensors have shapes and types but no memory, so we can count
what we could never hold.)

**Predict.** VGG-16 has 138 million weights, 553 MB. What does it keep for *one* image? And for the 1.2 million
images of ImageNet in one batch?
"""

# %% tags=["experiment", "claim-M8"]
widths = [64, 64, "pool", 128, 128, "pool", 256, 256, 256, "pool", 512, 512, 512, "pool", 512, 512, 512, "pool"]
layers, channels = [], 3
for width in widths:
    if width == "pool":
        layers.append(torch.nn.MaxPool2d(2))
    else:
        layers += [torch.nn.Conv2d(channels, width, 3, padding=1, device="meta"), torch.nn.ReLU()]
        channels = width
head = mlp((512 * 7 * 7, 4096, 4096, 1000), device="meta")
vgg16 = torch.nn.Sequential(*layers, torch.nn.Flatten(), head)
small = mlp((64, 32, 10), device="meta")
kept = {}
for name, model, shape in (("64-32-10", small, (64,)), ("VGG-16", vgg16, (3, 224, 224))):
    kept[name] = {m: gradients.saved_bytes(model, torch.empty(m, *shape, device="meta")) for m in (1, 2, 64, 1024)}

fig, ax = plt.subplots(figsize=(7.5, 4.2))
sizes, imagenet = np.geomspace(1, 1.2e6, 50), 1_200_000
for name, color, marker in (("VGG-16", plots.VERMILLION, "s"), ("64-32-10", plots.BLUE, "o")):
    ax.loglog(list(kept[name]), list(kept[name].values()), marker, color=color, markersize=8, label=f"{name}, counted")
    ax.loglog(sizes, sizes * kept[name][1], color=color, linewidth=1)
for bytes_, what in (
    (24e9, "24 GB: a gaming GPU"),
    (141e9, "141 GB: a large GPU"),
    (4 * 138e6, "VGG-16's weights"),
):
    ax.axhline(bytes_, color="black", linestyle="--", linewidth=0.8)
    ax.annotate(what, (9e5, 1.15 * bytes_), fontsize=9, ha="right")
ax.axvline(imagenet, color="black", linestyle=":", linewidth=1)
ax.set(title="One batch of all of ImageNet would need 88 terabytes", xlabel="batch size m (examples; dotted: ImageNet)")
ax.set(ylabel="kept for the backward pass (bytes)")
ax.legend(loc="upper left")
plots.show(
    fig,
    alt="""Log-log: bytes against batch size, two straight lines of slope 1. That of VGG-16 crosses 24 GB at about 300
images, 141 GB at about 1900, and ends at 88 terabytes.""",
)
per_image = kept["VGG-16"][1]
print(f"VGG-16: {parameter_count(vgg16) / 1e6:.0f} million weights, {4 * parameter_count(vgg16) / 1e6:.0f} MB")
print(f"largest batch in 24 GB: {int((24e9 - 2 * 4 * parameter_count(vgg16)) // per_image)}, with weights and gradient")
assert all(kept[name][m] == m * kept[name][1] for name in kept for m in kept[name]), "what is kept should grow like m"
assert kept["64-32-10"][1] == 4 * (64 + 32), "these are the inputs of both layers, in float32"
assert per_image * imagenet > 1e12 > 5 * 141e9, "all of ImageNet should not fit"
measured(
    "M8",
    f"VGG-16 keeps {per_image / 1e6:.0f} MB per image, exactly in proportion to m: "
    f"{per_image * imagenet / 1e12:.0f} TB for 1.2 million images",
)

# %% [markdown]
r"""
One image costs 73 MB, so eight images outweigh all the weights. That the count is in proportion to $m$ is no discovery:
every example is kept in the same way. Memory sets an upper end, "as large as fits". Whether a batch of that size is of any
use is another question, and section 6 asks it. (The count is a lower bound: gradients, workspace and the optimizer's
state come on top. If a large batch does not fit, add up the gradients of several small ones before the update.)

## 6. How large, then?

### The same reading, four walks

A linear regression with two weights and 1000 examples. Four walkers read the same examples at the same rate,
0.1, in batches of 1, 10, 100 and 1000, three epochs. The film shows one draw of the examples and their order, the line
above it ten. The slider counts examples *read*, so at every moment all
four have done equal work.

**Predict.** Where do the four stand after 100 examples, after one epoch, and after three?
"""

# %% tags=["experiment"]
grad_fn = gradients.squared_error().gradients


def four_walks(seed):
    """Draw a thousand examples, and let the four walk. Returns the scene, its minimum and batch size -> path."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(1000, 2)) @ np.array([[1.0, 0.5], [0.0, 0.6]])
    y = X @ [1.0, -1.0] + rng.normal(size=1000)
    solution = np.linalg.lstsq(X, y, rcond=None)[0]
    scene, paths = landscapes.quadratic(X.T @ X / 1000, solution), {}
    for size in (1, 10, 100, 1000):
        theta, paths[size] = scene.start, [scene.start]
        for epoch in range(3):
            for X_batch, y_batch in minibatches(X, y, size, np.random.default_rng([seed, epoch])):
                theta = theta - 0.1 * minibatch_gradient(grad_fn, theta, X_batch, y_batch, np.arange(len(y_batch)))
                paths[size].append(theta)
    return scene, solution, {size: np.array(path) for size, path in paths.items()}


runs = [four_walks(seed) for seed in seeds(10)]
scene, _, walks = runs[0]
away = {size: np.array([np.linalg.norm(paths[size][-1] - goal) for _, goal, paths in runs]) for size in walks}
print("distance from the minimum after three epochs:")
for size, distances in away.items():
    print(f"m = {size}: {spread(distances, '.2f')}")
middle = {size: np.median(distances) for size, distances in away.items()}
assert middle[10] < middle[1], "m = 1 should be farther away than m = 10: it cannot sit still"
assert middle[10] < middle[100] < middle[1000], "and larger batches should not have arrived yet"


def picture(ax, read):
    """Draw the four walks after so many examples read."""
    plots.contours(ax, scene, fill=False)
    for size, walk in walks.items():
        done = walk[: read // size + 1]
        ax.plot(*done[-100:].T, linewidth=1, color=look(size)["color"])  # a tail of 100 updates
        ax.plot(*done[-1], markersize=9, markeredgecolor="white", linestyle="none", label=f"m = {size}", **look(size))
    ax.legend(loc="lower right")


moments = [0, 5, 10, 20, 50, 100, 200, 300, 500, 700, 1000, 1500, 2000, 2500, 3000]
players.flipbook(picture, moments, label="examples read:", title="m = 1 arrives first, and then cannot sit still")

# %% [markdown]
r"""
*A film with a slider over a contour map. After 100 examples m = 1 has arrived on a crooked path, and m = 100
has made one step. After three epochs m = 1 jitters around the star, m = 10 and m = 100 are close to it, and m =
1000 has made three steps.*

For equal work a small batch makes many inaccurate steps, and far from the minimum that is a good bargain. Near
it, the noise decides, and either a larger batch or a smaller rate ([chapter 4](../ch04_sgd_variants/momentum.ipynb)) is needed.

### The race: equal examples, equal time

Now the network and the digits. Batch sizes 1, 4, 16, 64, 256 and all 1438; each size gets eight rates to choose
from and ten seeds. Who first reaches a training loss of 0.3?

You know how to convert: $S$ updates of batches of $m$ read $mS$ examples, and take the time $(h + m)\,S$, in
units of the time for one example, when an update has a fixed cost of $h$ examples. You measured your $h$ in
section 5.

**Predict.** The winner (a) for equal examples, $h = 0$; (b) for equal time, with your $h$; (c) in updates.
"""

# %% tags=["experiment", "claim-M9", "nbval-ignore-output"]
target, rates = 0.3, 2.0 ** np.arange(-6, 1.1)
runs = {1: (1500, 25), 4: (500, 10), 16: (200, 4), 64: (110, 2), 256: (70, 2), N: (60, 2)}  # updates, look every
best, needed, winning_rate, of_each = {}, {}, {}, {}
for size, (steps, every) in runs.items():
    settings = grid(seed=seeds(10), lr=rates)
    build = lambda seed: mlp((64, 32, 10), seed=seed)  # noqa: E731
    history = sweep(build, data.train, settings, steps=steps, batch_size=size, eval_every=every)
    losses = np.nan_to_num(history.eval_loss, nan=np.inf).reshape(10, len(rates), -1)
    median = np.median(losses, axis=0)
    arrival = np.where((median < target).any(axis=1), (median < target).argmax(axis=1), 10**9)
    fastest_rate = np.lexsort([median.min(axis=1), arrival])[0]
    winning_rate[size] = rates[fastest_rate]
    assert median[fastest_rate].min() < target, f"with m = {size} no rate gets there"
    needed[size] = int(history.eval_steps[arrival[fastest_rate]])
    there = losses[:, fastest_rate] < target
    of_each[size] = np.where(there.any(axis=1), history.eval_steps[there.argmax(axis=1)], np.inf)
    best[size] = history.eval_steps, median[fastest_rate]

fig, axes = plt.subplots(1, 3, figsize=(11.5, 3.9), sharey=True)
for size, (at, loss) in best.items():
    for ax, x in zip(axes, (at, at * size, at * (overhead + size) * each * 1e3), strict=True):
        ax.plot(x, np.minimum.accumulate(loss), markevery=0.15, label=f"m = {size}", **look(size))
for ax, unit, title in zip(
    axes,
    ("updates", "examples read", "time (ms, measured)"),
    ("Per update: large, to a point", "Per example: small is best", "Per second: the middle"),
    strict=True,
):
    ax.axhline(target, color="black", linestyle="--", linewidth=1)
    ax.set(xscale="log", yscale="log", ylim=(0.15, 2.6), xlabel=unit, title=title)
    ax.set_yticks([0.2, 0.3, 0.5, 1, 2], ["0.2", "0.3", "0.5", "1", "2"])
    ax.yaxis.set_minor_formatter("")
axes[0].set_ylabel("lowest training loss so far")
axes[0].legend(loc="lower left")
plots.show(
    fig,
    alt="""Three panels with the same six curves of the training loss. Against updates, m = 64 and more are first and nearly
equal; against examples, the small ones; against time, those in the middle.""",
)


def first(h):
    """Return the batch size that needs the least time if an update has a fixed cost of h examples."""
    return min(needed, key=lambda size: (h + size) * needed[size])


fixed_costs = np.geomspace(0.3, 3000, 60)
fig, ax = plt.subplots(figsize=(7.5, 4))
least = np.array([(h + first(h)) * needed[first(h)] for h in fixed_costs])
for size, updates in needed.items():
    ax.loglog(fixed_costs, (fixed_costs + size) * updates / least, markevery=8, label=f"m = {size}", **look(size))
ax.axvline(overhead, color="black", linestyle="--", linewidth=1)
ax.annotate("here, today", (1.1 * overhead, 60), fontsize=9)
ax.set(title="The dearer an update, the larger the best batch", xlabel="fixed cost of an update, h (examples)")
ax.set(ylabel="time to the target / that of the best", ylim=(0.9, 100))
ax.legend(loc="upper center", ncols=2)
plots.show(
    fig,
    alt="""Time to the target against the fixed cost of an update; from left to right the lowest curve is that of a larger and
larger batch.""",
)
print("examples read to a loss of 0.3, each size at its best rate (median curve; single networks):")
for size, updates in needed.items():
    print(f"m = {size}: {updates} updates, {size * updates} examples; {spread(size * of_each[size], '.0f')}")
at_equal_examples = np.array([min(needed, key=lambda m, i=i: m * of_each[m][i]) for i in range(10)])
print(
    "first at equal examples, in ten networks:",
    dict(zip(*np.unique(at_equal_examples, return_counts=True), strict=True)),
)
changes = [h for before, h in zip(fixed_costs, fixed_costs[1:], strict=False) if first(before) != first(h)]
print("from left to right first:", ", ".join(f"m = {first(h)} from h = {h:.0f}" for h in changes))
print(f"first at equal examples: {first(0)}; at equal time, fixed cost {overhead:.0f} examples: {first(overhead)}")
assert first(0) <= 16, "at equal examples a small batch should win"
assert needed[N] * N > 10 * min(size * needed[size] for size in (1, 4)), "and gradient descent be far behind"
middle = {first(h) for h in (30, 100, 300, 1000)}  # equal time, whatever the machine
assert middle <= {16, 64, 256}, "at equal time a size in the middle should win"
assert 10 < overhead <= 1.01e6, f"an update should have a fixed cost, here it is that of {overhead:.0f} examples"
assert (overhead + 1) * needed[1] > 3 * (overhead + 64) * needed[64], "m = 1 should waste it"
measured(
    "M9",
    f"examples read to a loss of 0.3: {needed[1]} with m = 1, {64 * needed[64]} with 64, {N * needed[N]} with N; "
    f"first at equal time, for fixed costs of 30 to 1000 examples: m = {', '.join(map(str, sorted(middle)))}",
)

# %% [markdown]
r"""
- Counted in **updates**, larger is better, up to 64. Beyond, nothing is gained: the rate has reached the largest one
  that is stable, and more accuracy does not help.
- Counted in **examples**, small is better: 1 and 4 read about a sixtieth of what gradient descent reads. They are close to
  each other, and which of them is first hangs on the rates that were tried, in factors of 2.
- Counted in **time**, the middle wins: large enough to spread the fixed cost, small enough not to ask examples
  whose answer is already known.

A common advice is not to worry about the batch size and to take the largest that fits. For memory and
throughput it is right. Where the examples are what counts, it wastes them.

### The gradient noise scale

Where does "nothing is gained" begin? Take one step $-\epsilon\hat g$ in a loss with Hessian $H$. With $\Sigma$
the covariance of the per-example gradients, the expected change of the loss is, to second order,

$$-\epsilon\,\|g\|^2 + \tfrac12\epsilon^2\Big(g^\top H g + \frac{\operatorname{tr}(H\Sigma)}{m}\Big).$$

This parabola in $\epsilon$ is lowest at

$$\epsilon = \frac{\epsilon_{\max}}{1 + B/m},\qquad B = \frac{\operatorname{tr}(H\Sigma)}{g^\top H g},$$

where $\epsilon_{\max}$ is the best rate for the exact gradient, and the decrease is divided by $1 + B/m$ as
well. So with $m \gg B$ more examples buy nothing, and with $m \ll B$ twice the examples bear twice the rate and
buy twice the progress. To know $B$ you would need the Hessian; if it were a multiple of the identity, this
would remain:

$$B_{\text{simple}} = \frac{\operatorname{tr}\Sigma}{\|g\|^2}$$

It is the batch size at which the noise, $\sigma/\sqrt m$, is as long as the gradient: the crossing in section
2. (McCandlish et al., 2018, equations 2.8 and 2.9.)

### Exercise 5: `gradient_noise_scale` (6 points, 12 minutes, medium)

Row $i$ of `per_example_grads` is the gradient of example $i$. Return $B_{\text{simple}}$, with the mean of the
rows for $g$, and for $\Sigma$ their covariance with the divisor $N - 1$. (That divisor makes the trace unbiased, if the
rows are a sample. $\|g\|^2$ of a sample's mean is not: it is too large by $\operatorname{tr}\Sigma/N$ on average. With all
rows of the training set $g$ is exact, and the one in $N - 1$ does not matter.) Do not build the $P \times P$ matrix:
for our network it would hold six million numbers, and you need only its trace.

<details><summary>Hint</summary>

The diagonal of a covariance matrix holds the variances of the columns.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "gradient-noise-scale", "locked": false, "schema_version": 3, "solution": true}
def gradient_noise_scale(per_example_grads):
    """Return the simple gradient noise scale: the trace of the covariance over the squared length of the mean.

    The input is not modified.
    per_example_grads : ndarray, shape (N, P), N >= 2, row i the gradient of example i
    Returns a float, in examples. No case has a mean gradient of zero.
    Source: McCandlish et al. (2018), equation 2.9.
    """
    ### BEGIN SOLUTION
    mean = per_example_grads.mean(axis=0)
    noise = per_example_grads.var(axis=0, ddof=1).sum()
    return noise / (mean @ mean)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gradient-noise-scale-check", "locked": true, "points": 6, "schema_version": 3, "solution": false}
check(gradient_noise_scale)

# %% [markdown]
r"""
### Does it predict the race?

If every step makes progress smaller by $1 + B/m$, the updates to the target are $S(m) = S_{\min}\,(1 + B/m)$.
Two numbers against six measurements: fit them. With the same $B$, look at the rates that won the race. Then
compare it with your `gradient_noise_scale`, measured on the way from a fresh network to one that is trained.

**Predict.** (a) Above which $m$ did larger batches stop saving updates? (b) Is the best rate for $m = 1$ larger
or smaller than for $m = 256$, and by how much? (c) In training, $\|g\|$ falls. What becomes of
$B_{\text{simple}}$?
"""

# %% tags=["experiment", "nbval-ignore-output"]
sizes, updates = np.array(list(needed)), np.array(list(needed.values()))
tried = np.geomspace(1, 1000, 301)
misfit = [np.std(np.log(updates / (1 + B / sizes))) for B in tried]  # the best S_min for each B drops out
B_fit = tried[np.argmin(misfit)]
S_min = np.exp(np.mean(np.log(updates / (1 + B_fit / sizes))))

stages = [0, 20, 40, 80, 120, 160, 200, 400, 800, 1600]
scales, losses = np.empty((2, 10, len(stages)))
for row, seed in enumerate(seeds(10)):
    net = mlp((64, 32, 10), seed=seed, device=device)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for i, more in enumerate(np.diff(stages, prepend=0)):
        if more:
            train(net, data.train, optimizer, steps=int(more), batch_size=64, seed=seed + i)
        rows = gradients.per_example_gradients(net, *data.train).double().cpu().numpy()
        scales[row, i] = gradient_noise_scale(rows)
        losses[row, i] = cross_entropy(net(data.x_train), data.y_train).item()
before = np.array([np.median(scale[loss > target]) for scale, loss in zip(scales, losses, strict=True)])
early, late = np.median(before), np.median(scales[:, -1])

fig, (left, center, right) = plt.subplots(1, 3, figsize=(11.5, 3.9))
m = np.geomspace(1, N, 100)
for size in needed:
    left.loglog(size, needed[size], markersize=9, linestyle="none", **look(size))
    center.loglog(size, winning_rate[size], markersize=9, linestyle="none", **look(size))
left.loglog(m, S_min * (1 + B_fit / m), color=plots.BLUE, zorder=1, label="B fitted")
left.loglog(m, S_min * (1 + early / m), color=plots.VERMILLION, linestyle="--", label="B = your noise scale")
center.loglog(m, winning_rate[N] / (1 + B_fit / m), color=plots.BLUE, zorder=1, label="the same B")
for ax in (left, center):
    ax.axvline(B_fit, color="black", linewidth=0.8, linestyle=":")
    ax.set(xlabel="batch size m (dotted: B fitted)")
    ax.legend()
left.set(title="Two numbers fit the race…", ylabel="updates to a loss of 0.3")
center.set(title="…and roughly the best rates", ylabel="rate that won, tried in factors of 2")
right.loglog(losses.T, scales.T, marker="o", markersize=3, linewidth=1, alpha=0.6, color=plots.VERMILLION)
right.axhline(N, color=plots.GREY, linestyle="--", linewidth=1)
right.annotate("all our digits", (2.9, 1.1 * N), fontsize=9)
right.axvline(target, color="black", linewidth=0.8, linestyle=":")
right.set(title="The noise scale grows", xlabel="training loss (dotted: the target)")
right.set(ylabel="your noise scale (examples), ten networks", xlim=(3, 0.05))
right.set_xticks([2, 1, 0.5, 0.3, 0.1], ["2", "1", "0.5", "0.3", "0.1"])
right.xaxis.set_minor_formatter("")
plots.show(
    fig,
    alt="""Left, log-log: six measured numbers of updates lie near a curve that falls with slope -1, bends at some dozens
of examples and levels off; a dashed curve, with the noise scale measured from gradients, lies higher. Centre:
the six winning rates rise with m and then stay, roughly along the mirrored curve. Right: as the loss falls from
2.3 to below 0.1, the noise scale of all ten networks rises, to above the number of digits.""",
)
error = np.abs(np.log(S_min * (1 + B_fit / sizes) / updates)).max()
print(f"fitted: S_min = {S_min:.0f} updates, B = {B_fit:.0f} examples; the fit is off by at most {np.expm1(error):.0%}")
print(
    f"your noise scale before the target is reached: {spread(before, '.0f')}, in the end {spread(scales[:, -1], '.0f')}"
)
print(f"the one before the target / B: {early / B_fit:.1f}; in the end / before: {late / early:.1f}")
assert error < np.log(1.5), f"S(1 + B/m) should fit the race, but is off by {np.expm1(error):.0%}"
assert 5 < B_fit < 60, f"B should be some dozens of examples, got {B_fit:.0f}"
rate_off = np.array([winning_rate[size] for size in needed]) * (1 + B_fit / sizes) / winning_rate[N]
print("winning rate / predicted, by batch size:", dict(zip(needed, rate_off.round(1).tolist(), strict=True)))
assert 1 < early / B_fit < 15, "your noise scale should tell B to an order of magnitude"
assert late > 3 * early, "and it should grow"
assert np.all((rate_off > 0.2) & (rate_off < 5)), "the winning rates should follow, to two steps of their grid"

# %% [markdown]
r"""
Two numbers describe the whole race, from 1 to 1438, and roughly the rates as well, which were tried in factors of 2. The
bend is where an update and an example are equally well spent. Left of it holds the
**linear scaling rule**: twice the batch, twice the rate (Goyal et al., 2017). Right of it, the rule asks for rates that are
no longer stable.

Your noise scale finds the *order of magnitude* from the gradients alone, without any race, and is several times too large
(the line above says how many). It leaves out $H$: a network's curvature is large in a few directions, and noise in all the
others counts in $\operatorname{tr}\Sigma$ but does little harm. And it grows during training, here more than tenfold: what
is a large batch at first is a small one at the end. That is one reason to let the batch grow,
or the rate fall, as training goes on.

In the end it exceeds 1438, the number of digits. That is no batch size that you could ask for. On the digits that it was
fitted to, the network's full gradient has become so short that even as many draws as there are digits would be more noise
than gradient; the scale of *fresh* digits, whose mean gradient has not been trained away, is another one. So read it as a
batch size while it is well below $N$.

## 7. Reflection (4 points, 10 minutes)

A colleague trains on one GPU with batches of 64 and measures a gradient noise scale of about 2000, fairly
steady. An update takes 20 ms with batches of 64, 21 ms with 256, 48 ms with 1024 and 160 ms with 4096; 8192 do
not fit into the memory. She wants to be done as soon as possible and asks you for a batch size.

**In two to four sentences:** recommend one of the four, say how much sooner than with 64 she will be done (use
$S = S_{\min}(1 + B/m)$), say why the smallest and the largest are worse, and name one thing that she must tune
again.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "minibatching-reflection", "locked": false, "points": 4, "schema_version": 3, "solution": true}
r"""
**Model answer.** Updates times their time are in proportion to (1 + 2000/m) t: 645 for 64, 185 for 256, 142 for
1024 and 238 for 4096, so I recommend 1024; she is done about 4.5 times sooner. With 64 she pays the fixed cost
of an update, about 20 ms, for each very noisy step: 256 examples cost hardly more. With 4096, twice the noise
scale, most of the added examples tell her what she knows: each update is over three times as long, and she
needs only half as many. She must tune the learning rate again, since a less noisy gradient bears a larger one,
and with it the schedule, if it counts updates.

**Marking scheme.** 1 point: 1024, by comparing updates times time. 1 point: 4 to 5 times sooner, with the
formula. 1 point: 64 wastes time on the fixed cost (or throughput), 4096 wastes examples beyond the noise scale
(both needed). 1 point: the learning rate, or a schedule that counts updates.
"""

# %% [markdown]
r"""
## What to remember

1. The error of a minibatch gradient is $\sigma/\sqrt m$: a hundred times the examples for one more digit, so ask few
   and step often.
2. Average, do not sum; shuffle, keep X with y and the last batch: $\lceil N/m\rceil$ updates per epoch.
3. An update costs a fixed part and a part per example, in time; in memory only the latter, 73 MB per image for
   VGG-16. The size of the data set enters neither.
4. Per example the smallest batch is best, per update the largest, per second one in the middle.
5. Up to the noise scale, twice the batch bears twice the rate; beyond it, nothing is gained.
   $\operatorname{tr}\Sigma/\|g\|^2$ tells it to an order of magnitude, and it grows during training.

## Further reading

- I. Goodfellow, Y. Bengio, A. Courville (2016). *Deep Learning*. MIT Press. Section 8.1.3.
- S. McCandlish, J. Kaplan, D. Amodei, OpenAI Dota Team (2018). An empirical model of large-batch training.
  arXiv:1812.06162.
- P. Goyal, P. Dollár, R. Girshick, et al. (2017). Accurate, large minibatch SGD: training ImageNet in 1 hour.
  arXiv:1706.02677.
- D. R. Wilson, T. R. Martinez (2003). The general inefficiency of batch training for gradient descent learning.
  *Neural Networks* 16(10), 1429–1451.
- C. J. Shallue, J. Lee, J. Antognini, J. Sohl-Dickstein, R. Frostig, G. E. Dahl (2019). Measuring the effects of data
  parallelism on neural network training. *Journal of Machine Learning Research* 20(112), 1–49.
- D. Masters, C. Luschi (2018). Revisiting small batch training for deep neural networks. arXiv:1804.07612.
- L. Bottou, F. E. Curtis, J. Nocedal (2018). Optimization methods for large-scale machine learning. *SIAM Review*
  60(2), 223–311.
- K. Simonyan, A. Zisserman (2015). Very deep convolutional networks for large-scale image recognition. *ICLR*.
"""
