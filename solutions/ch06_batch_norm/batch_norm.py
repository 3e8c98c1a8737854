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
# Batch normalization by hand

When you have worked through this notebook you can

- write batch normalization forward and backward, and say what it does to a variance and to a bias,
- keep running statistics, in torch's convention and in Keras's, and say what goes wrong with each number in the other's place,
- build the layer as a class and train networks of ten layers on it,
- recognise the classic bug (testing in training mode) by what it does,
- fold the layer away at test time, and say where that cannot be done,
- tell batch, layer, instance, group and RMS norm apart by who shares statistics.

About 170 minutes, 38 points. Goodfellow et al. (2016), *Deep Learning*, section 8.7.1. From earlier chapters you need backpropagation by hand
([chapter 1](../ch01_empirical_risk/empirical_risk.ipynb)), the standard error ([chapter 2](../ch02_minibatching/minibatching.ipynb)) and the exponential average ([chapter 4](../ch04_sgd_variants/momentum.ipynb)). Take two sittings, with a break after section 4: exercises and
reflection take 94 minutes (each says how many), the 12 experiments 4 each, and the rest is reading. Why all this helps training is the subject of
[the next notebook](why_it_works.ipynb); here you learn what it *is*.

**How it goes.** You write a function, and `check(...)` tells you at once whether it is right. Then you guess what an
experiment will show: fill in the cell `guess = …`, in numbers or words, before you run the next one. Nobody grades a guess,
and `...` is allowed. The experiment's source is folded; it runs *your* functions and sets your guess beside what came. Open
**What you saw** afterwards.

**What an answer owes.** NumPy in, NumPy out; arrays hold floats. Leave the arrays that you are given as they are.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.nn import functional

from utils import players, plots, predict
from utils.check import check
from utils.claims import base_seed, measured, seeds, spread
from utils.data import digits
from utils.device import seed_everything
from utils.norm_layers import NormedCrowd, convolved, influence, norms_of, strip, tiles

seed_everything(base_seed())
plots.style()
data = digits(as_tensors=False)  # 8 x 8 pixels between 0 and 1
guess = ...  # yours, before each experiment

# %% [markdown]
r"""
## 1. The transform

[Chapter 5](../ch05_initialization/initialization.ipynb) chose the weights so that every layer hands on about what it gets. That holds for one moment, at the start, and on average over
units. Look at one layer: 64 pixels of a digit times a random matrix make 32 numbers, the **features**. Each feature has a mean and a width (standard
deviation) over all digits; and each *batch* of 16 digits has means of its own.

**Guess** how many times wider the widest feature is than the narrowest; and how much the mean of a batch wanders, as a share of the feature's
width. ([Chapter 2](../ch02_minibatching/minibatching.ipynb) has the formula for the second.)
"""

# %% tags=["guess"]
guess = {"widest over narrowest": ..., "wander of a batch mean": ...}

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the experiment: one layer's features, batch by batch
x, ratios, wander = data.x_train.astype(float), [], []
for seed in seeds(10):
    rng = np.random.default_rng(seed)
    features = x @ rng.normal(scale=np.sqrt(2 / 64), size=(64, 32))
    width = features.std(axis=0)
    batches = features[rng.permutation(len(x))[:1424]].reshape(-1, 16, 32)
    ratios.append(width.max() / width.min())
    wander.append((batches.mean(axis=1).std(axis=0) / width).mean())
fig, ax = plt.subplots(figsize=(8.5, 3.6))
narrow_to_wide, colors = np.argsort(width)[[0, 10, 21, 31]], (plots.BLUE, plots.ORANGE, plots.GREEN, plots.PURPLE)
for place, color in zip(narrow_to_wide, colors, strict=True):
    mean, std = batches[:40, :, place].mean(axis=1), batches[:40, :, place].std(axis=1)
    ax.plot(mean, color=color, linewidth=1.4)
    ax.fill_between(np.arange(40), mean - std, mean + std, color=color, alpha=0.2, linewidth=0)
ax.set(title="Every feature has a place and a width of its own, and every batch another one")
ax.set(xlabel="batch of 16 digits", ylabel="mean ± width of four features")
text = "Means and widths of four features over 40 batches: bands at four heights, unequally wide, each wavering."
plots.show(fig, alt=text)
came = {"widest over narrowest": np.median(ratios), "wander of a batch mean": np.median(wander)}
predict.compare(guess, came, "features of one layer")
print(f"widest over narrowest {spread(ratios, '.1f')}; wander of a batch mean {spread(wander, '.2f')}")

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

The widths differ by a factor of two to three, and a batch's mean wanders by a quarter of the width: $1/\sqrt{16}$, the standard error. The next layer
sees all of that; and when these weights learn, places and widths move besides.
</details>

Batch normalization (Ioffe and Szegedy, 2015) puts an end to it. Take a batch $x$ of shape $(N, D)$, an example in each row. For every feature $j$, that
is every column,

$$\mu_j = \frac1N \sum_i x_{ij}, \qquad \sigma_j^2 = \frac1N \sum_i (x_{ij} - \mu_j)^2, \qquad
\hat x_{ij} = \frac{x_{ij} - \mu_j}{\sqrt{\sigma_j^2 + \varepsilon}}, \qquad y_{ij} = \gamma_j\, \hat x_{ij} + \beta_j .$$

$\gamma$ and $\beta$ (`gamma`, `beta`) are learned, one each a feature; $\varepsilon$ (`eps`) keeps the division alive where a feature is constant. The
divisor is $N$: this is the variance *of* the batch, not an estimate from it.

### Exercise 1: `batch_norm_train` (4 points, 6 minutes, easy)

<details><summary>Hint</summary>

`x.mean(axis=0)` runs down the columns. NumPy lines a vector of length D up with the last axis of `x`. `np.var` divides by N unless told otherwise.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "batch-norm-train", "locked": false, "schema_version": 3, "solution": true}
def batch_norm_train(x, gamma, beta, eps):
    """Return the batch normalized, scaled and shifted, shape (N, D). The inputs are not modified.

    x : ndarray, shape (N, D), N >= 2.  gamma, beta : ndarrays, shape (D,).  eps : float > 0, inside the root
    """
    ### BEGIN SOLUTION
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return gamma * x_hat + beta
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "batch-norm-train-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(batch_norm_train)

# %% [markdown]
r"""
### How wide is what comes out?

"The outputs have mean $\beta$ and variance $\gamma^2$, whatever came in": so runs a common version. Feed your function features of widths from
$10^{-4}$ to 10, with $\gamma = 2$. Torch's default is $\varepsilon = 10^{-5}$, Keras's $10^{-3}$.

Then the pixels of 32 digits, with $\gamma = 1$. Many are dark in all of them.

**Guess** the variance of the output for an input of width 0.01 and of width 0.001, with torch's $\varepsilon$; and how many of the 64 pixels come out
with a variance below .99, for each $\varepsilon$.
"""

# %% tags=["guess"]
guess = {"γ = 2, σ = 0.01": ..., "γ = 2, σ = 0.001": ..., "pixels, torch's ε": ..., "pixels, Keras's ε": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B1"]
# the experiment: the variance that comes out
widths, gamma, beta, off, means, low = np.geomspace(1e-4, 10, 31), np.full(31, 2.0), np.full(31, 5.0), [], [], {}
fig, ax = plt.subplots(figsize=(7.5, 3.8))
for name, eps, color in (("torch's ε", 1e-5, plots.BLUE), ("Keras's ε", 1e-3, plots.ORANGE)):
    low[name] = []
    for seed in seeds(10):
        rng = np.random.default_rng(seed)
        x = 3.0 + widths * rng.normal(size=(32, 31))
        y, var = batch_norm_train(x, gamma, beta, eps), x.var(axis=0)
        off.append(np.abs(y.var(axis=0) / (gamma**2 * var / (var + eps)) - 1).max())
        means.append(np.abs(y.mean(axis=0) - beta).max())
        ax.loglog(np.sqrt(var), y.var(axis=0), ".", color=color, markersize=4)
        pixels = data.x_train[rng.choice(len(data.x_train), 32, replace=False)].astype(float)
        low[name].append((batch_norm_train(pixels, np.ones(64), np.zeros(64), eps).var(axis=0) < 0.99).sum())
    ax.loglog(widths, 4 * widths**2 / (widths**2 + eps), color=color, linewidth=1, label=name)
ax.axhline(4, color=plots.GREY, linestyle="--", linewidth=1, label="γ², the common version")
ax.set(title="γ² comes out only if what goes in is wide enough")
ax.set(xlabel="standard deviation σ of the input", ylabel="variance of the output")
ax.legend(loc="lower right")
text = "Output variance against input width: γ² = 4 for wide inputs, falling off like σ² below the root of ε, on both curves."
plots.show(fig, alt=text)
came = {f"γ = 2, σ = {width}": 4 * width**2 / (width**2 + 1e-5) for width in (0.01, 0.001)}
predict.compare(guess, came | {f"pixels, {name}": np.median(low[name]) for name in low}, "variance, or pixels of 64")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B1"]
# the claim
torch_low, keras_low = low["torch's ε"], low["Keras's ε"]
measured(
    "B1",
    f"variance over γ²σ²/(σ²+ε): 1 to {max(off):.0e}, mean off β by {max(means):.0e}; pixels of 64 that come out with a "
    f"variance below .99: torch's ε {spread(torch_low, '.0f')}, Keras's ε {spread(keras_low, '.0f')}",
)
assert max(off) < 1e-9, "the variance of the outputs should be γ²σ²/(σ²+ε), with the biased σ²"
assert max(means) < 1e-9, "the mean of the outputs should be β"
assert 9 <= np.median(torch_low) <= 19, "the pixels that are dark in nearly all of 32 digits should stay dark"
assert 32 < np.median(keras_low) < 50, "Keras's larger ε should be felt by more than half of the pixels"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

The mean is $\beta$, always. The variance is $\gamma^2 \sigma^2/(\sigma^2 + \varepsilon)$: nearly $\gamma^2$ where $\sigma \gg \sqrt\varepsilon$ (.003
for torch, .03 for Keras), half of $\gamma^2$ at $\sigma = \sqrt\varepsilon$, and nothing for a pixel that is dark in the whole batch: 0 divided by
$\sqrt\varepsilon$ is 0. With pixels between 0 and 1 Keras's $\varepsilon$ is no rounding matter: besides the dozen
pixels that are dark throughout, it damps some 27 of the 64 by at least a percent; torch's one or two.
</details>

### Can the layer get out of the way?

If normalizing is a bad idea for some feature, $\gamma$ and $\beta$ can undo it. "With $\gamma = \sigma$, $\beta = \mu$ the layer is the identity" is
how it is often told. You know about $\varepsilon$ by now, so try $\gamma = \sqrt{\sigma^2 + \varepsilon}$ beside it. Then keep that $\gamma$ and
$\beta$, learned from one batch, and hand the layer *another* batch of the same size from the same distribution.

**Guess** the relative error (root mean square, in units of $\sigma$) of $y$ as a copy of $x$.
"""

# %% tags=["guess"]
guess = {"γ = σ = 0.01": ..., "γ = √(σ²+ε)": ..., "another batch of 8": ..., "another batch of 128": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B2"]
# the experiment: undoing it, on this batch and on the next
eps, widths, sizes = 1e-5, np.geomspace(1e-4, 1, 17), np.array([8, 32, 128, 512])
error = {"γ = σ": [], "γ = √(σ²+ε)": [], "next": []}
for seed in seeds(10):
    rng = np.random.default_rng(seed)
    x = 3.0 + widths * rng.normal(size=(64, 17))
    for name, gamma in (("γ = σ", x.std(axis=0)), ("γ = √(σ²+ε)", np.sqrt(x.var(axis=0) + eps))):
        y = batch_norm_train(x, gamma, x.mean(axis=0), eps)
        error[name].append(np.sqrt(((y - x) ** 2).mean(axis=0)) / x.std(axis=0))
    for size in sizes:
        here, there = rng.normal(3, 2, size=(2, size, 300))
        y = batch_norm_train(there, np.sqrt(here.var(axis=0) + eps), here.mean(axis=0), eps)
        error["next"].append(np.sqrt(((y - there) ** 2).mean()) / 2)
common, exact, following = np.array(error["γ = σ"]), np.array(error["γ = √(σ²+ε)"]), np.reshape(error["next"], (10, 4))
came = {"γ = σ = 0.01": np.median(common[:, 8]), "γ = √(σ²+ε)": exact.max()}
came |= {"another batch of 8": np.median(following[:, 0]), "another batch of 128": np.median(following[:, 2])}
predict.compare(guess, came, "relative error")

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the picture: error against width, and against batch size
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6))
plots.curves(left, common, "batch norm", x=widths, label="γ = σ", color=plots.VERMILLION, marks=0)
plots.curves(left, np.maximum(exact, 1e-17), "batch norm", x=widths, label="γ = √(σ²+ε)", color=plots.BLUE, marks=0)
left.set(title="This batch: γ = σ is not the identity", xscale="log")  # exact zeros are drawn at 1e-17
left.set(xlabel="standard deviation σ", ylabel="relative error")
plots.curves(right, following, "batch norm", x=sizes, label="measured", marks=4)
right.plot(sizes, np.sqrt(3 / sizes), "--", color=plots.BLACK, linewidth=1, label="√(3/N)")
right.set(title="The next batch: no γ is", xscale="log", xlabel="batch size N", ylabel="relative error")
right.set(xticks=sizes, xticklabels=sizes)
right.set_yticks((0.1, 0.2, 0.4, 0.6), (0.1, 0.2, 0.4, 0.6))
right.minorticks_off()
left.legend()
right.legend()
text = """Left: the error of γ = σ reaches 1 for narrow features, that of the other stays at rounding. Right: the error on the
next batch falls like √(3/N)."""
plots.show(fig, alt=text)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B2"]
# the claim
slope = np.polyfit(np.log(sizes), np.log(following).T, 1)[0]
measured(
    "B2",
    f"relative error with γ = √(σ²+ε) at most {exact.max():.0e}; with γ = σ = 0.01 {spread(common[:, 8], '.3f')}, = 0.001 "
    f"{spread(common[:, 4], '.2f')}; on another batch of 32 {spread(following[:, 1], '.2f')}, power of N {spread(slope, '.2f')}",
)
assert exact.max() < 1e-9, "γ = √(σ²+ε), β = μ should undo the normalization of its own batch"
assert np.all(common[:, 4] > 0.5) and np.all(common[:, 8] > 0.02), "γ = σ should miss where σ is no longer above √ε"
assert abs(np.median(common[:, 8]) - 0.05) < 0.02 and abs(np.median(common[:, 4]) - 0.7) < 0.07, "by 5 and by 70 %"
assert np.all(np.abs(following[:, 1:] / np.sqrt(3 / sizes[1:]) - 1) < 0.15), (
    "on the next batch the error should be √(3/N)"
)
assert np.all(np.abs(np.median(following, axis=0) / np.sqrt(3 / sizes) - 1) < 0.05), "the typical error even more so"
assert np.all(np.abs(slope + 0.5) < 0.05), "the error on the next batch should fall like 1/√N"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

$\gamma = \sqrt{\sigma^2 + \varepsilon}$, $\beta = \mu$ undoes everything, to rounding: on *the batch that $\mu$ and $\sigma$ come from*. The common
version is off by 5 % at $\sigma = .01$ and useless below $\sqrt\varepsilon$. And on the next batch neither is the identity: its own mean and width are others, and the error is $\sqrt{3/N}$ (two thirds from
the two means, a third from the two widths; for normally distributed features). While it trains, the layer *cannot* get out of the way exactly: even with 512 examples it
is off by 8 %. It can when testing, as section 3 shows.
</details>

## 2. The way back

Now the gradient. `grad_y` comes from above: the derivative of the loss by every $y_{ij}$. Wanted are the derivatives by $x$, $\gamma$ and $\beta$.
The last two are quick: $\gamma_j$ multiplies $\hat x_{ij}$ in all $N$ rows, and $\beta_j$ is added in all of them.

For $x$, go back in steps. With $g = \gamma\, \cdot$ `grad_y`, the derivative by $\hat x$; $c = x - \mu$, and
$s = \sqrt{\frac1N\sum c^2 + \varepsilon}$, so that $\hat x = c/s$:

- $c$ acts on $\hat x$ directly, with $1/s$, and *through $s$*: $\;\partial s/\partial c_i = c_i/(N s)\;$ and
  $\;\partial \hat x_k/\partial s = -c_k/s^2$ in every row $k$.
- $x_i$ acts on $c_i$ directly, and *through $\mu$* on every $c_k$, with $-1/N$.

Put together, three paths lead from one $x_{ij}$ to the loss: straight, through the mean, through the variance. Collect the terms on paper first; what
comes out is short.

### Exercise 2: `batch_norm_backward` (6 points, 12 minutes, hard)

<details><summary>Hint 1</summary>

Through $s$: the derivative by $c_i$ is $g_i/s - \frac{c_i}{N s}\sum_k g_k c_k/s^2$. Write it with $\hat x$.
</details>

<details><summary>Hint 2</summary>

"Subtract the mean" is its own way back: whatever comes back to $c$, subtract *its* mean over the batch. The mean of $\hat x$ is 0, so only one term
changes.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "batch-norm-backward", "locked": false, "schema_version": 3, "solution": true}
def batch_norm_backward(grad_y, x, gamma, eps):
    """Return grad_x (N, D), grad_gamma (D,), grad_beta (D,) of batch_norm_train. The inputs are not modified.

    grad_y, x : ndarrays, shape (N, D), N >= 2.  gamma : ndarray, shape (D,).  eps : float > 0
    """
    ### BEGIN SOLUTION
    std = np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) / std
    centred = grad_y - grad_y.mean(axis=0) - x_hat * (grad_y * x_hat).mean(axis=0)
    return gamma / std * centred, (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "batch-norm-backward-check", "locked": true, "points": 6, "schema_version": 3, "solution": false}
check(batch_norm_backward)

# %% [markdown]
r"""
### A bias before it

A feature $x = u + b$ goes through batch norm ($\gamma = 1$, $\beta = 0$). The bias $b$ learns by gradient descent with rate .1, from 0, to bring the outputs to a target whose mean is
about 1. Twice: once with your gradient; once with a gradient that forgets two of the three paths and takes $\mu$ and $\sigma$ for *constants*, as a
program does that normalizes between two updates, outside the gradient.

**Guess** $b$ after 500 updates, for both; and the loss of the second, as a multiple of what it was at the start.
"""

# %% tags=["guess"]
guess = {"b, your gradient": ..., "b, constants": ..., "loss, constants": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B3"]
# the experiment: a bias before the layer, under two gradients
bias, loss, shifted = np.zeros((2, 10, 501)), np.zeros((2, 10, 501)), []
one, none = np.ones(1), np.zeros(1)
for i, seed in enumerate(seeds(10)):
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(64, 1))
    target = 1 + 0.5 * inputs + 0.3 * rng.normal(size=(64, 1))
    for way in range(2):
        b = 0.0
        for k in range(501):
            x = inputs + b
            y = batch_norm_train(x, one, none, 1e-5)
            bias[way, i, k], loss[way, i, k] = b, ((y - target) ** 2).mean() / 2
            grad_y = (y - target) / 64
            grad_x = batch_norm_backward(grad_y, x, one, 1e-5)[0] if way == 0 else grad_y / np.sqrt(x.var() + 1e-5)
            b -= 0.1 * grad_x.sum()
    shifted.append(np.abs(batch_norm_train(inputs + 1000.0, one, none, 1e-5) - y).max())
fallen = loss[1, :, -1] / loss[1, :, 0]
came = {"b, your gradient": 0.0, "b, constants": np.median(bias[1, :, -1]), "loss, constants": np.median(fallen)}
predict.compare(guess, came, "after 500 updates")

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the picture: two biases
fig, ax = plt.subplots(figsize=(7.5, 3.4))
for values, name, color in zip(
    bias, ("your gradient", "μ, σ as constants"), (plots.BLUE, plots.VERMILLION), strict=True
):
    ax.plot(values.T, color=color, linewidth=1, label=[name] + [None] * 9)
ax.set(title="Where μ counts as constant, the bias runs away", xlabel="update", ylabel="b, ten seeds")
ax.legend()
plots.show(
    fig, alt="With the full gradient b stays at zero; with constants it grows in a straight line to about fifty."
)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B3"]
# the claim
measured(
    "B3",
    f"b after 500 updates: with the full gradient at most {np.abs(bias[0]).max():.0e}, with μ and σ as constants "
    f"{spread(bias[1, :, -1], '.0f')}, while the loss changes by {np.abs(fallen - 1).max():.0e} of itself; "
    f"1000 added to x moves y by at most {max(shifted):.0e}",
)
assert np.abs(bias[0]).max() < 1e-9, "the gradient of a bias before batch norm should be zero"
assert max(shifted) < 1e-6, "a bias before batch norm should change nothing"
assert np.all(bias[1, :, -1] > 20), "without the path through the mean the bias should run away"
assert np.all(bias[1, :, -1] - bias[1, :, -101] > 0.15 * bias[1, :, -1]), "and not stop"
assert np.abs(fallen - 1).max() < 1e-9, "and the loss should not notice"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Add $b$ to a whole column and $\mu$ takes it away again: the loss does not depend on $b$, so the true gradient is zero, up to rounding, and a bias
before batch norm is a number that nobody reads. Leave it out; $\beta$ does its work. That is why you see `bias=False` in front of every batch norm.

A gradient that takes $\mu$ for a constant believes that $b$ helps, and pushes it on and on, a tenth an update; the loss stays exactly where it was. That is
Ioffe and Szegedy's own example, and the reason why batch norm is *inside* the gradient. (Here $\beta$ was held. If it learns, it takes up the slope in
time, and $b$ stops somewhere.)
</details>

## 3. One example, please

At test time a single digit comes, and there is no batch. So the layer remembers: while it trains it keeps **running statistics**, exponential
averages ([chapter 4](../ch04_sgd_variants/momentum.ipynb)) of the means and variances of the batches, and uses these later, for every example the same. Two conventions are about, and both call their number *momentum*:

| | new running value | default | which variance |
|---|---|---|---|
| torch | (1 - momentum) · old + momentum · batch | .1 | $\frac{1}{N-1}\sum (x-\mu)^2$, *unbiased* |
| Keras | momentum · old + (1 - momentum) · batch | .99 | $\frac1N\sum (x-\mu)^2$, biased |

So Keras's .99 is torch's .01. You write torch's. Note the two variances in one layer: the batch is normalized with $N$, and what is remembered is
divided by $N-1$, because it is to estimate the variance of all data.

### Exercise 3: `update_running` (3 points, 6 minutes, easy)

<details><summary>Hint</summary>

`ddof=1`. The two averages follow the same rule.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "update-running", "locked": false, "schema_version": 3, "solution": true}
def update_running(running_mean, running_var, x, momentum):
    """Return running_mean and running_var, each shape (D,), after one more batch. The inputs are not modified.

    running_mean, running_var : ndarrays, shape (D,).  x : ndarray, shape (N, D), N >= 2
    momentum : float in [0, 1], the share of the new batch, as in torch
    """
    ### BEGIN SOLUTION
    mean = (1 - momentum) * running_mean + momentum * x.mean(axis=0)
    var = (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)
    return mean, var
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "update-running-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(update_running)

# %% [markdown]
r"""
### How long does it remember, and how well does it know?

A feature with mean 3 and width 2 comes in batches of $N = 32$; the running mean starts at 0. Three numbers are passed to your function: .1, torch's
default; .01, Keras's default translated; and .99, Keras's default *copied* by somebody who trusted the name. Beside it the running variance, as you
write it and as Keras does, for small batches.

**Guess** the error (root mean square) of the running mean after 100 batches for the three; and what Keras's running variance settles at for $N = 4$,
as a share of the true one.
"""

# %% tags=["guess"]
guess = {"0.1": ..., "0.01": ..., "0.99": ..., "variance, N = 4": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B4"]
# the experiment: three momenta, and two variances
momenta, rngs = (0.1, 0.01, 0.99), [np.random.default_rng(seed) for seed in seeds(10)]
running = {m: (np.zeros(400), np.ones(400)) for m in momenta}
error = {m: np.zeros((10, 1000)) for m in momenta}
for k in range(1000):
    x = np.concatenate([rng.normal(3, 2, size=(32, 40)) for rng in rngs], axis=1)
    for m in momenta:
        running[m] = update_running(*running[m], x, m)
        error[m][:, k] = np.sqrt(((running[m][0] - 3) ** 2).reshape(10, 40).mean(axis=1))
sizes, settled = (2, 4, 8, 32), {"torch": [], "Keras": []}
for size in sizes:
    yours = keras = np.full(4000, 4.0)  # the true variance, so that only the bias shows
    for _ in range(200):
        x = np.concatenate([rng.normal(3, 2, size=(size, 400)) for rng in rngs], axis=1)
        yours, keras = update_running(np.zeros(4000), yours, x, 0.1)[1], 0.9 * keras + 0.1 * x.var(axis=0)
    for name, values in (("torch", yours), ("Keras", keras)):
        settled[name].append(values.reshape(10, 400).mean(axis=1) / 4)
came = {f"{m:g}": np.median(error[m][:, 99]) for m in momenta} | {"variance, N = 4": np.median(settled["Keras"][1])}
predict.compare(guess, came, "running statistics")

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the picture: memory, and bias
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.7))
for m, color in zip(momenta, (plots.BLUE, plots.GREEN, plots.VERMILLION), strict=True):
    plots.curves(left, error[m], "batch norm", x=np.arange(1, 1001), label=f"{m:g}", color=color, marks=0)
    left.axhline(2 / np.sqrt(32) * np.sqrt(m / (2 - m)), color=color, linestyle=":", linewidth=1)
left.set(
    title="Slow to arrive, or never quiet", xscale="log", xlabel="batches seen", ylabel="rms error of the running mean"
)
left.set_ylim(3e-3, 5)
left.legend(title="momentum (torch)", loc="lower left", ncols=3)
for (name, values), color in zip(settled.items(), (plots.BLUE, plots.ORANGE), strict=True):
    right.plot(sizes, np.median(values, axis=1), "o-", color=color, label=name)
right.set(title="Keras remembers (N-1)/N of it", xlabel="batch size N", ylabel="running variance / true variance")
right.set(xscale="log", xticks=sizes, xticklabels=sizes, ylim=(0.4, 1.1))
right.minorticks_off()
right.legend(loc="lower right")
text = """Left: the error falls to a plateau: with .1 soon, with .01 late and low, with .99 at once and high. Right: torch's running
variance is right at every batch size, Keras's is half of it at N = 2."""
plots.show(fig, alt=text)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B4"]
# the claim
plateau = {m: 2 / np.sqrt(32) * np.sqrt(m / (2 - m)) for m in momenta}
late = {m: error[m][:, -1] for m in momenta}
measured(
    "B4",
    f"rms error of the running mean after 100 batches: .1 {spread(error[0.1][:, 99], '.2f')}, .01 {spread(error[0.01][:, 99], '.2f')}, "
    f".99 {spread(error[0.99][:, 99], '.2f')}; after 1,000 .01 {spread(late[0.01], '.3f')}; running variance over the true one at "
    f"N = 4: torch {spread(settled['torch'][1], '.2f')}, Keras {spread(settled['Keras'][1], '.2f')}",
)
for m in momenta:
    assert abs(np.median(late[m]) / plateau[m] - 1) < 0.15, f"momentum {m} should settle at σ/√N √(m/(2-m))"
assert np.all(np.abs(error[0.01][:, 99] - 3 * 0.99**100) < 0.1), "momentum .01 should still hold .99^100 of the start"
assert np.all(np.abs(np.array(settled["torch"]) - 1) < 0.1), "the unbiased variance should settle at the true one"
for size, values in zip(sizes, settled["Keras"], strict=True):
    assert abs(np.median(values) - (size - 1) / size) < 0.04, (
        f"the biased variance should settle at {(size - 1) / size:.2f}"
    )

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

The running mean forgets its start like $(1-m)^k$ and then rattles in a noise ball of radius $\frac{\sigma}{\sqrt N}\sqrt{\frac{m}{2-m}}$: the law that the constant
learning rate obeyed in [chapter 4](../ch04_sgd_variants/momentum.ipynb), for it is the same recursion. .1 arrives after some 40 batches. .01 ends three times closer, and after 100 batches still holds $.99^{100} = 37\,\%$ of
the zero it started from. .99, the copied number, remembers one batch.

The variance in Keras's form is too small by $(N-1)/N$: 3 % at $N = 32$, a quarter at $N = 4$, half at $N = 2$.
</details>

### The layer at test time

With the running statistics in hand, testing is a fixed scale and shift: no example knows of any other. In a convolutional network a "feature" is a **channel**: all pixels of a channel share one mean, one variance, one
$\gamma$, one $\beta$, and an array has shape $(N, C, H, W)$.

### Exercise 4: `batch_norm_eval` (3 points, 6 minutes, medium)

Axis 1 counts the channels, whatever comes after it: $(N, C)$, $(N, C, L)$ and $(N, C, H, W)$ must all work.

<details><summary>Hint</summary>

NumPy lines arrays up from the *last* axis. Either move the channels there and back (`np.moveaxis`), or give the C numbers a shape in which they lie
along axis 1 of `x`, with ones elsewhere.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "batch-norm-eval", "locked": false, "schema_version": 3, "solution": true}
def batch_norm_eval(x, gamma, beta, running_mean, running_var, eps):
    """Return x normalized by running statistics, scaled and shifted. The inputs are not modified.

    x : ndarray, shape (N, C) or (N, C, ...), with one or two further axes
    gamma, beta, running_mean, running_var : ndarrays, shape (C,).  eps : float > 0, inside the root
    """
    ### BEGIN SOLUTION
    last = np.moveaxis(x, 1, -1)
    y = gamma * (last - running_mean) / np.sqrt(running_var + eps) + beta
    return np.moveaxis(y, -1, 1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "batch-norm-eval-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(batch_norm_eval)

# %% [markdown]
r"""
## 4. Build it: the layer

Now the pieces become a layer that a network can train on. It knows its mode (`train()` and `eval()` switch it, and a new layer trains), it remembers
what its `backward` will need, and it keeps its running statistics, one set for each layer.

| | normalizes with | running statistics | `backward` |
|---|---|---|---|
| training | mean and variance (divisor $N$) of the batch | updated at each `forward`, as in `update_running` | as in `batch_norm_backward` |
| eval | running mean and variance | stay as they are | they are constants: only the straight path is left |

### Build 5: `BatchNorm` (8 points, 30 minutes, medium)

Call the functions that you have written, or write it out and save the work of computing $\hat x$ twice. The layer sees arrays of shape $(N, D)$, in float64. An optimizer writes into `gamma` and `beta`
in place, between two batches, so these two must remain the arrays that they were; `running_mean` and `running_var` may be replaced by new ones.

Each `forward` is followed by at most one `backward` (whoever only looks at the outputs asks for no gradient). Between the two nobody writes into `x`, `gamma` or `beta`, so you may keep them
without copying. A loop may call `train()` or `eval()` on a layer that is in that mode already.

<details><summary>Hint</summary>

`forward` decides which mean and variance to use, and puts on `self` whatever `backward` needs. What if somebody calls `eval()` between the two?
`backward` undoes the *last forward*, so remember in which mode that ran.
</details>

<details><summary>Hint: the gradient in eval</summary>

$y = \gamma (x - m)/\sqrt{v + \varepsilon} + \beta$ with constants $m$ and $v$. What is $\partial y/\partial x$? And $\gamma$ still multiplies
$\hat x$, only that $\hat x$ is another one.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "BatchNorm", "locked": false, "schema_version": 3, "solution": true}
class BatchNorm:
    """Batch normalization of D features, with torch's conventions.

    features : int, D.  momentum : float, the share of a new batch.  eps : float > 0
    gamma, beta : float64 ndarrays, shape (D,), at first ones and zeros; others write into them
    running_mean, running_var : float64 ndarrays, shape (D,), at first zeros and ones
    """

    def __init__(self, features, momentum=0.1, eps=1e-5):
        ### BEGIN SOLUTION
        self.gamma, self.beta = np.ones(features), np.zeros(features)
        self.running_mean, self.running_var = np.zeros(features), np.ones(features)
        self.momentum, self.eps = momentum, eps
        self.training = True
        ### END SOLUTION

    def train(self):
        """Switch to training, or stay there."""
        ### BEGIN SOLUTION
        self.training = True
        ### END SOLUTION

    def eval(self):
        """Switch to testing, or stay there."""
        ### BEGIN SOLUTION
        self.training = False
        ### END SOLUTION

    def forward(self, x):
        """Return the output, shape (N, D).

        x : ndarray, shape (N, D), N >= 2 in training; it is not modified
        """
        ### BEGIN SOLUTION
        if self.training:
            mean, var = x.mean(axis=0), x.var(axis=0)
            self.running_mean, self.running_var = update_running(self.running_mean, self.running_var, x, self.momentum)
        else:
            mean, var = self.running_mean, self.running_var
        self.coupled = self.training  # backward undoes this forward, whatever the mode is by then
        self.std = np.sqrt(var + self.eps)
        self.x_hat = (x - mean) / self.std
        return self.gamma * self.x_hat + self.beta
        ### END SOLUTION

    def backward(self, grad_y):
        """Return grad_x (N, D), grad_gamma (D,), grad_beta (D,) of the last forward, in the mode that it ran in.

        grad_y : ndarray, shape (N, D); it is not modified
        """
        ### BEGIN SOLUTION
        grad_gamma, grad_beta = (grad_y * self.x_hat).sum(axis=0), grad_y.sum(axis=0)
        if self.coupled:
            along = self.x_hat * (grad_y * self.x_hat).mean(axis=0)
            grad_y = grad_y - grad_y.mean(axis=0) - along
        return self.gamma / self.std * grad_y, grad_gamma, grad_beta
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "BatchNorm-check", "locked": true, "points": 8, "schema_version": 3, "solution": false}
check(BatchNorm)

# %% [markdown]
r"""
### Ten layers on it

Ten hidden layers of 32 ReLU units, your `BatchNorm` before each ReLU, digits in batches of 32, plain gradient descent with rate .1; ten networks with ten seeds. (They
train side by side: features know nothing of each other, so one of your layers serves all ten.) After 10, 30, 100, 200 and 300 updates all layers are
switched to eval, and the accuracy on 359 unseen digits is read off. All this with three momenta. The weights are the same under all three: in training the running
statistics are only kept, not used.

**Guess** the accuracy after 30 updates for each momentum; and the best of the three after 300.
"""

# %% tags=["guess"]
guess = {"0.1, after 30": ..., "0.01, after 30": ..., "0.99, after 30": ..., "best after 300": ...}
# three shares; and which momentum is best, in quotes: "0.99", "0.1" or "0.01"

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B4"]
# the experiment: ten networks of ten layers, three momenta
after, accuracy, losses = (10, 30, 100, 200, 300), {}, {}
for m in (0.1, 0.01, 0.99):
    deep = NormedCrowd(data.train, seeds(10), lambda features, m=m: BatchNorm(features, momentum=m))
    found = []
    for k in after:
        found.append(deep.learn(k - deep.updates, batch_size=32, lr=0.1))
        accuracy[m] = [*accuracy.get(m, []), deep.mode("eval").accuracy(*data.test)]
    losses[m] = np.concatenate(found)
came = {f"{m:g}, after 30": np.median(accuracy[m][1]) for m in accuracy}
came["best after 300"] = max((f"{m:g}" for m in accuracy), key=lambda name: np.median(accuracy[float(name)][-1]))
predict.compare(guess, came, "accuracy in eval, as a share")

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the picture: training and testing
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.7))
plots.curves(left, losses[0.1].T, "batch norm", x=np.arange(1, 301), marks=0, color=plots.BLACK)
left.set(title="Training does not see the momentum", xlabel="update", ylabel="loss of the batch, median and range")
for m, color in ((0.1, plots.BLUE), (0.01, plots.GREEN), (0.99, plots.VERMILLION)):
    shares = 100 * np.transpose(accuracy[m])
    plots.curves(right, shares, "batch norm", x=after, label=f"{m:g}", color=color, marks=5)
right.set(title="Testing does", xscale="log", yscale="linear", xlabel="update", ylabel="held-out accuracy in eval, %")
right.set(xticks=after, xticklabels=after, ylim=(0, 100))
right.minorticks_off()
right.legend(title="momentum (torch)", loc="lower right")
text = """Left: one loss curve for all momenta. Right: accuracy in eval against updates; .01 is far behind at 30 updates, .99 falls
behind later, .1 leads."""
plots.show(fig, alt=text)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B4"]
# the claim
early, end = ({m: accuracy[m][place] for m in accuracy} for place in (1, -1))
apart = max(np.abs(losses[m] - losses[0.1]).max() for m in losses)
told = ["; ".join(f"{m:g} {spread(found[m], '.2f')}" for m in found) for found in (early, end)]
print(f"accuracy in eval, ten layers, by momentum: after 30 updates {told[0]}; after 300 {told[1]}")
assert apart == 0, "in training the running statistics should play no part"
assert np.median(early[0.1]) > np.median(early[0.01]) + 0.15, (
    "after 30 updates momentum .01 should still test with 0 and 1"
)
assert np.median(early[0.1]) > 0.5 and 0.15 < np.median(early[0.01]) < 0.35, "a quarter against more than half"
assert np.median(end[0.1]) > 0.9, "ten layers should learn the digits on this class"
assert np.median(end[0.1] - end[0.99]) > 0.01, "the copied .99 tests with the statistics of one batch, and should lose"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Not one training loss depends on the momentum, so nothing warns you while you train. In eval the same networks differ: after 30 updates, with .01, the layers still divide by the root of a
running variance that is three quarters "one", and the accuracy is a quarter, where .1 shows more than half. Whoever tests early with Keras's default
sees this. The copied .99 normalizes every test digit with the statistics of one batch of 32, and pays some points of accuracy for it. While the weights still move, .1 is
the best of the three; once they stand still for longer than the average remembers, .01 knows the statistics better, as the figure before this one shows.
</details>

### The classic bug

You test, and forget `eval()`. Nothing fails, no shape is wrong. One digit, in twelve batches of 8: it stands first in all, and the other seven differ. The digit
in the film is the first one on which the first network's first two answers disagree.

**Guess**, for a random digit in two random batches of 8: how often do the two answers differ, without `eval()` and with it?
"""

# %% tags=["guess"]
guess = {"without eval()": ..., "with eval()": ...}  # share of digits

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B13"]
# the experiment: the same digit in twelve batches
deep, rng = NormedCrowd(data.train, seeds(10), BatchNorm), np.random.default_rng(base_seed())
deep.learn(300, batch_size=32, lr=0.1)
random = []  # batches, twelve for each of 40 digits
for i in rng.permutation(359)[:40]:
    others = np.delete(np.arange(359), i)
    random.append([np.append(i, rng.choice(others, 7, replace=False)) for _ in range(12)])
logits = {}  # of the first digit: digits, batches, networks, classes
for name, mode in (("with eval()", "eval"), ("without eval()", "train")):
    deep.mode(mode)
    logits[name] = np.array([[deep.logits(data.x_test[rows])[:, 0] for rows in batches] for batches in random])
answers = {name: found.argmax(axis=-1) for name, found in logits.items()}
differ = {name: (found[:, 0] != found[:, 1]).mean(axis=0) for name, found in answers.items()}
predict.compare(guess, {name: np.median(values) for name, values in differ.items()}, "share of digits with two answers")

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the film: one digit and one network, twelve batches
shown = np.flatnonzero(answers["without eval()"][:, 0, 0] != answers["without eval()"][:, 1, 0])[0]
found = {name: values[shown, :, 0] for name, values in logits.items()}  # batches, classes


def draw_batch(ax, number):
    """Draw a batch as a strip of digits, and below it what the network says of the first one, without eval() and with."""
    strip(ax, data.x_test[random[shown][number - 1]])
    for left, name, color in ((0.07, "without eval()", plots.VERMILLION), (0.59, "with eval()", plots.BLUE)):
        below, odds = ax.inset_axes((left, 0.12, 0.4, 0.48)), np.exp(found[name][number - 1])
        below.bar(range(10), odds / odds.sum(), color=color)
        below.set(ylim=(0, 1), xticks=range(10), xlabel="class", ylabel="probability")
        below.set_title(f"{name}: {' '.join(map(str, found[name][:number].argmax(axis=1)))}", loc="left", fontsize=10)


alt = "A framed digit beside seven others; without eval() its ten probabilities jump from batch to batch, with it they stand."
film = {"title": "The framed digit never changes. Its company does", "alt": alt, "width": 7.2, "height": 3.9}
players.flipbook(draw_batch, range(1, 13), label="batch", seconds=12, **film)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B13"]
# the claim
moved = np.ptp(logits["with eval()"], axis=1).max()
print(
    f"digits that get two answers in two batches of 8: in training mode {spread(differ['without eval()'], '.2f')}, in eval {max(differ['with eval()']):g}",
)
assert 0.35 < np.median(differ["without eval()"]) < 0.65, (
    "without eval() an answer should depend on the other seven digits"
)
assert moved < 1e-9, "in eval the other digits of the batch should not matter"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

In training mode the answer for a digit is a function of the whole batch: in batches of 8 about half of the digits get another answer when the company changes.
In eval the company does not matter, up to rounding.
</details>

The bug is nasty because one accuracy does not show it. Test the ten networks in eval; and in training mode with all 359 digits in one batch, shuffled in batches of 32, shuffled
in batches of 8, and in batches of 32 *sorted by class*, as they lie in a folder.

**Guess** the five accuracies.
"""

# %% tags=["guess"]
guess = {"eval": ..., "all at once": ..., "32, shuffled": ..., "8, shuffled": ..., "32, sorted": ...}  # shares

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B13"]
# the experiment: five ways to test
deep, (x, y) = NormedCrowd(data.train, seeds(10), BatchNorm), data.test
deep.learn(300, batch_size=32, lr=0.1)
accuracy = {"eval": deep.mode("eval").accuracy(x, y)}
deep.mode("train")
shuffled, by_class = np.random.default_rng(base_seed()).permutation(359), np.argsort(y, kind="stable")
ways = {"all at once": (shuffled, 359), "32, shuffled": (shuffled, 32), "8, shuffled": (shuffled, 8)}
for name, (order, size) in (ways | {"32, sorted": (by_class, 32)}).items():
    batches = [order[start : start + size] for start in range(0, 360 - size, size)]
    accuracy[name] = np.mean([deep.accuracy(x[rows], y[rows]) for rows in batches], axis=0)
fig, ax = plt.subplots(figsize=(7.5, 2.9))
colors = {name: plots.BLUE if name == "eval" else plots.VERMILLION for name in accuracy}
plots.ranges(ax, {name: 100 * values for name, values in accuracy.items()}, colors)
ax.axvline(10, color=plots.GREY, linestyle=":", linewidth=1)
ax.set(title="One large batch hides the bug, batches of one class are ruin", xlim=(0, 100))
ax.set(xlabel="accuracy, %, median and range of ten networks (dotted: chance)")
text = """Accuracy: eval and all digits at once alike and highest, shuffled batches of 32 a little less, of 8 far less, batches
sorted by class near chance."""
plots.show(fig, alt=text)
predict.compare(guess, {name: np.median(values) for name, values in accuracy.items()}, "accuracy, as a share")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B13"]
# the claim
measured("B13", "accuracy: " + "; ".join(f"{name} {spread(values, '.2f')}" for name, values in accuracy.items()))
assert np.median(accuracy["eval"]) > 0.9, "in eval the networks should be good"
assert np.median(np.abs(accuracy["eval"] - accuracy["all at once"])) < 0.03, "one large batch should hide the bug"
assert np.median(accuracy["eval"] - accuracy["32, shuffled"]) > 0.02, "batches of 32 should cost some points"
assert np.median(accuracy["8, shuffled"]) < np.median(accuracy["32, shuffled"]) - 0.15, (
    "batches of 8 should cost far more"
)
assert np.all(accuracy["32, sorted"] < 0.35) and np.median(accuracy["32, sorted"]) < 0.25, (
    "batches of one class should bring the networks close to chance"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

One large shuffled batch hides the bug altogether. Batches of 32 cost a few points, which one would blame on anything else; batches of 8 cost a quarter. Batches of one class are ruin: the
layer subtracts the mean of the batch, and that mean *is* what the digits of a class have in common. When an accuracy depends on the order of the test
set, look for a missing `eval()`.

A batch of one is stranger still (of features, not of images, whose pixels share a mean): the only example equals the mean, so every output is exactly $\beta$. Torch refuses such a batch. And there is a second harm: while you test in training mode, the
running statistics go on learning from test data.
</details>

## 5. Folded away

In eval the layer is a fixed scale and shift for each channel. A linear layer or a convolution in front of it is linear too. So there is one layer that does both: fold
$\gamma$, $\beta$, the running mean and variance into its weights and its bias, and the norm is gone.

$$\mathrm{BN}(Wx + b) \;=\; W'x + b' .$$

### Exercise 6: `fold_batch_norm` (4 points, 8 minutes, medium)

Find $W'$ and $b'$. As in torch, the *first* axis of `W` counts the outputs, for a linear layer, shape `(out, in)`, as for a convolution, shape `(out, in, height, width)`.

<details><summary>Hint</summary>

Write $\mathrm{BN}(z) = a z + d$ for one output first. What happens to $b$, which is inside $z$? The scale of output $o$ multiplies everything in `W[o]`.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "fold-batch-norm", "locked": false, "schema_version": 3, "solution": true}
def fold_batch_norm(W, b, gamma, beta, running_mean, running_var, eps):
    """Return weights, shaped like W, and bias of one layer that equals W, b and then batch norm in eval.

    W : ndarray, shape (out, in) or (out, in, height, width).  b : ndarray, shape (out,)
    gamma, beta, running_mean, running_var : ndarrays, shape (out,).  eps : float > 0.  They are not modified
    """
    ### BEGIN SOLUTION
    scale = gamma / np.sqrt(running_var + eps)
    return (W.T * scale).T, (b - running_mean) * scale + beta  # .T turns all axes round, so outputs come last
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "fold-batch-norm-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(fold_batch_norm)

# %% [markdown]
r"""
### Ten norms less

Fold all ten norms of each of the ten trained networks, and compare the outputs with those of the network as it was. Ten folds on top of each other, on 359 digits:
in float64, and in float32 (all weights and inputs rounded to it).

**Guess** the largest difference, relative to the largest output, in each; and on how many of the 359 digits the answer changes, at most.
"""

# %% tags=["guess"]
guess = {"float64": ..., "float32": ..., "answers changed, float64": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B9"]
# the experiment: ten folds
deep, x = NormedCrowd(data.train, seeds(10), BatchNorm), data.x_test.astype(float)
deep.learn(300, batch_size=32, lr=0.1)
whole, gap, changed = deep.mode("eval").logits(x), {}, {}
for kind in (np.float64, np.float32):
    outputs = []
    for s in range(10):
        own, h = slice(32 * s, 32 * s + 32), x.astype(kind)
        for weight, layer in zip(deep.weights[:-1], deep.layers, strict=True):
            four = [values[own] for values in (layer.gamma, layer.beta, layer.running_mean, layer.running_var)]
            W, b = fold_batch_norm(weight[s].T, np.zeros(32), *four, 1e-5)
            h = np.maximum(h @ W.T.astype(kind) + b.astype(kind), 0)
        outputs.append(h @ deep.weights[-1][s].astype(kind) + deep.bias[s].astype(kind))
    gap[kind.__name__] = np.abs(outputs - whole) / np.abs(whole).max(axis=(1, 2), keepdims=True)
    changed[kind.__name__] = (np.argmax(outputs, axis=-1) != whole.argmax(axis=-1)).sum(axis=1)
largest = {name: values.max(axis=(1, 2)) for name, values in gap.items()}
came = {name: np.median(values) for name, values in largest.items()}
predict.compare(guess, came | {"answers changed, float64": changed["float64"].max()}, "difference")

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the picture: all differences
fig, ax = plt.subplots(figsize=(7.5, 3.2))
for (name, values), color in zip(gap.items(), (plots.BLUE, plots.ORANGE), strict=True):
    ax.hist(np.maximum(values.ravel(), 1e-18), bins=np.geomspace(1e-18, 1e-5, 79), color=color, alpha=0.7, label=name)
ax.set(title="With ten norms and without: the same outputs, to rounding", xscale="log")
ax.set(xlabel="difference, relative to the largest output (none at all: at 10⁻¹⁸)", ylabel="outputs")
ax.legend()
plots.show(
    fig, alt="Histogram of relative differences on a logarithmic axis: float64 around 1e-16, float32 around 1e-7."
)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B9"]
# the claim
measured(
    "B9",
    f"ten folds, largest relative difference: float64 {spread(largest['float64'], '.0e')}, float32 {spread(largest['float32'], '.0e')}; answers changed: {changed['float64'].max()}",
)
assert np.all(largest["float64"] < 1e-12), "a folded network should give the same outputs, to rounding"
assert np.all(largest["float32"] < 1e-4), "in float32 a little more rounding should show, and no more"
assert changed["float64"].max() == 0, "a folded network should give the same answers"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

The folded networks compute the same thing, up to the last digits of the arithmetic. Right behind a linear layer or a convolution, batch norm
costs no operation of its own at test time; at most a bias vector, where there was none. Inference engines do this as a matter of
course.
</details>

### Bit for bit, and the wrong side

Now a convolution of 3 × 3 in float32, zero padding of one pixel, 8 channels, on 32 digits, then batch norm in eval. Three cases:

- *any numbers*: random $\gamma, \beta$ and running statistics;
- *powers of two*: $\gamma$ a power of two, $\sqrt{v + \varepsilon}$ another, running mean and $\beta$ zero, the convolution's own bias as it comes;
- *norm first*: the norm stands *before* the padded convolution (as in networks with "pre-activation"), and is folded forward into it: weights times the scale of their input, and the shift, summed over the window, into the bias. In float64.

**Guess**: the share of outputs that are equal in every bit, for the first two; and in the third, the share of the 64 pixels at which the fold is wrong.
"""

# %% tags=["guess"]
guess = {"any numbers, equal bits": ..., "powers of two, equal bits": ..., "norm first, wrong pixels": ...}  # shares


# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B9"]
# the experiment: three folds of a convolution
images, equal = data.x_test[:32].reshape(32, 1, 8, 8), {"any numbers": [], "powers of two": []}
gaps, behind = [], []  # of the norm first, and of the norm behind the convolution
for seed in seeds(10):
    rng = np.random.default_rng(seed)
    W, b = rng.normal(size=(8, 1, 3, 3)).astype(np.float32), rng.normal(size=8).astype(np.float32)
    freely = [*rng.normal(size=(3, 8)), rng.uniform(0.3, 4.0, size=8)], 1e-5
    var = 4.0 ** rng.integers(-2, 3, 8) - 2.0**-10  # so that the root of var + eps is a power of two
    twos = [2.0 ** rng.integers(-3, 4, 8), np.zeros(8), np.zeros(8), var], 2.0**-10
    for name, (four, eps) in zip(equal, (freely, twos), strict=True):
        four = [values.astype(np.float32) for values in four]
        y = batch_norm_eval(convolved(images, W, b), *four, eps)
        folded = convolved(images, *fold_batch_norm(W, b, *four, eps))
        equal[name].append((folded == y).mean())
        behind.append(np.abs(folded - y).max() / np.abs(y).max())
    # norm first: relu, then the norm, then a second convolution
    (gamma, beta, mean, var), eps = freely
    x, second = np.maximum(convolved(images, W, b).astype(float), 0), rng.normal(size=(5, 8, 3, 3))
    scale = gamma / np.sqrt(var + eps)
    shift = (second * (beta - mean * scale)[:, None, None]).sum(axis=(1, 2, 3))
    y = convolved(batch_norm_eval(x, gamma, beta, mean, var, eps), second, np.zeros(5))
    error = convolved(x, second * scale[:, None, None], shift) - y
    gaps.append(np.abs(error).max(axis=(0, 1)) / np.abs(y).max())
gaps, came = np.array(gaps), {f"{name}, equal bits": np.median(values) for name, values in equal.items()}
predict.compare(guess, came | {"norm first, wrong pixels": (np.median(gaps, axis=0) > 1e-9).mean()}, "share")

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the picture: the third case, pixel by pixel
fig, ax = plt.subplots(figsize=(4.6, 3.6))
picture = ax.imshow(np.log10(np.maximum(np.median(gaps, axis=0), 1e-17)), cmap="cividis", vmin=-17, vmax=0)
fig.colorbar(picture, label="log₁₀ of the relative error")
ax.set(title="Norm first: the rim is wrong", xticks=[], yticks=[])
ax.grid(False)
plots.show(
    fig,
    alt="Eight by eight pixels: the outermost ring has errors of order one tenth, everything inside is at rounding.",
)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B9"]
# the claim
inside = np.zeros((8, 8), dtype=bool)
inside[1:-1, 1:-1] = True
print(
    f"outputs equal in every bit: any numbers {spread(equal['any numbers'], '.2f')}, powers of two {min(equal['powers of two']):g}; "
    f"norm before a padded convolution: error {gaps[:, inside].max():.0e} inside, on the rim {spread(gaps[:, ~inside].max(axis=1), '.2f')}",
)
assert np.all(np.array(equal["powers of two"]) == 1), "scales that are powers of two should fold bit for bit"
assert np.all(np.array(equal["any numbers"]) < 0.9), "other scales should round differently"
assert max(behind) < 1e-5, "and no more than that"
assert gaps[:, inside].max() < 1e-12, "inside, a norm should fold forward, too"
assert np.all(gaps[:, ~inside].max(axis=1) > 0.02) and gaps[:, ~inside].min() > 1e-6, (
    "at the rim, all of it, a padded zero is not what the norm would have made of it"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

With any numbers, half of the outputs differ, mostly in the last bit or two, in many more where the sum nearly cancels: $(Wx)\,a$ and $(Wa)\,x$ are rounded at different places. A power of two rounds nowhere, so there the two are equal in every bit
(with a shift added on top they would not be: sums round, too).

The norm *before* the padded convolution is the trap. The convolution pads with zeros, after the norm. Folded forward, a padded pixel is treated as if it had been normalized, and would be
$\beta - \gamma\mu/\sqrt{v + \varepsilon}$, with the running mean $\mu$ and variance $v$. Inside the picture all is well; on the rim, 28 of 64 pixels, it is not. Without padding that fold is right as well.
</details>

## 6. Other axes

Everything that is awkward about batch norm comes from one decision: the mean is taken *over the batch*. Take it over something else, and there is no
running average, no mode, no bug.

- **Layer norm** (Ba et al., 2016): over the features of one example. In a transformer, over the features of one *token*.
- **Group norm** (Wu and He, 2018): the $C$ channels of one image are cut into groups of neighbours, and all pixels of a group share a mean. With one group it is a layer norm over the whole image, with $C$ groups
  **instance norm** (Ulyanov et al., 2016).
- **RMS norm** (Zhang and Sennrich, 2019): as layer norm, without subtracting a mean.

$\gamma$ and $\beta$ remain one a channel, or one a feature.

### Exercise 7: `group_norm` (4 points, 8 minutes, medium)

Channels 0, 1, … of the first group are neighbours: with 6 channels in 2 groups, the first is 0, 1, 2.

<details><summary>Hint</summary>

Reshape to `(N, groups, -1)`: what lies in the last axis then? Then back to the shape of `x`, before $\gamma$ and $\beta$.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "group-norm", "locked": false, "schema_version": 3, "solution": true}
def group_norm(x, groups, gamma, beta, eps):
    """Return x normalized within each example and group, scaled and shifted. The inputs are not modified.

    x : ndarray, shape (N, C) or (N, C, ...), with one or two further axes.  gamma, beta : ndarrays, shape (C,)
    groups : int that divides C, how many groups.  eps : float > 0, inside the root; the variance is biased
    """
    ### BEGIN SOLUTION
    split = x.reshape(len(x), groups, -1)
    mean, var = split.mean(axis=2, keepdims=True), split.var(axis=2, keepdims=True)
    x_hat = ((split - mean) / np.sqrt(var + eps)).reshape(x.shape)
    return np.moveaxis(gamma * np.moveaxis(x_hat, 1, -1) + beta, -1, 1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "group-norm-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(group_norm)

# %% [markdown]
r"""
### Exercise 8: `layer_norm` (2 points, 4 minutes, easy)

The transformer's: every vector along the last axis is normalized by itself, however many axes come before it.
"""


# %% nbgrader={"grade": false, "grade_id": "layer-norm", "locked": false, "schema_version": 3, "solution": true}
def layer_norm(x, gamma, beta, eps):
    """Return x normalized along its last axis, scaled and shifted. The inputs are not modified.

    x : ndarray of any shape (..., D).  gamma, beta : ndarrays, shape (D,)
    eps : float > 0, inside the root; the variance is biased
    """
    ### BEGIN SOLUTION
    mean, var = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "layer-norm-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(layer_norm)

# %% [markdown]
r"""
### Optional: `rms_norm` (no points, 4 minutes, easy)

$\displaystyle y = \gamma\, \frac{x}{\sqrt{\frac1D \sum_j x_j^2 + \varepsilon}}$, along the last axis. It is what most large language models use.
"""


# %% nbgrader={"grade": false, "grade_id": "rms-norm", "locked": false, "schema_version": 3, "solution": true}
def rms_norm(x, gamma, eps):
    """Return x divided by its root mean square along the last axis, and scaled. The inputs are not modified.

    x : ndarray of any shape (..., D).  gamma : ndarray, shape (D,).  eps : float > 0, inside the root
    """
    ### BEGIN SOLUTION
    return gamma * x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "rms-norm-check", "locked": true, "schema_version": 3, "solution": false}
check(rms_norm)

# %% [markdown]
r"""
### Who shares statistics?

Four examples, six channels, 2 × 2 pixels: 96 numbers. Pick one output, in the second example and the third channel. Nudge each of the 96 inputs in
turn, and colour those that move it. Batch norm, layer norm over the whole image (one group), instance norm, group norm with 3 groups, and layer norm over the channels at each pixel, as a
transformer has it (RMS norm looks the same; the picture uses torch's).

**Guess** how many of the 96 inputs move the output.
"""

# %% tags=["guess"]
guess = {"batch norm": ..., "layer norm": ..., "instance norm": ..., "group norm": ..., "layer norm, per pixel": ...}


# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B12"]
# the experiment: nudge every input, watch one output
norms = norms_of(batch_norm_train, group_norm, layer_norm)
x = np.random.default_rng(base_seed()).normal(size=(4, 6, 2, 2))
moves = {name: influence(norm, x, place=(1, 2, 0, 1)) for name, norm in norms.items()}
fig, axes = plt.subplots(2, 3, figsize=(10.5, 5.2))
for ax, (name, moved) in zip(axes.flat, moves.items(), strict=True):
    known = name.split(",")[0]
    tiles(ax, moved, (1, 2, 0, 1), plots.look(known)["color"] if known in plots.NORMS else plots.SKY)
    ax.set(title=f"{name}: {moved.sum()}")
text = """Six grids of examples by channels, with those inputs coloured that move one output. Batch norm: one channel of all
examples; layer norm: one example; instance norm: one tile; group norm: two neighbouring tiles; per pixel: one pixel of all channels."""
plots.show(fig, alt=text)
came = {name: moved.sum() for name, moved in moves.items() if not name.startswith("RMS")}
predict.compare(guess, came, "inputs that move the output")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B12"]
# the claim
counts = {name: int(moved.sum()) for name, moved in moves.items()}
t, (weight, bias) = torch.tensor(x), (torch.ones(6, dtype=torch.float64), torch.zeros(6, dtype=torch.float64))
of_torch = {
    "batch norm": functional.batch_norm(t, None, None, weight, bias, training=True),
    "layer norm": functional.layer_norm(t, t.shape[1:]),
    "instance norm": functional.instance_norm(t),
    "group norm": functional.group_norm(t, 3, weight, bias),
    "layer norm, per pixel": functional.layer_norm(t.movedim(1, -1), (6,)).movedim(-1, 1),
}
apart = {name: np.abs(norms[name](x) - values.numpy()).max() for name, values in of_torch.items()}
root = np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-5)
apart["RMS norm, per pixel"] = np.abs(norms["RMS norm, per pixel"](x) - x / root).max()
measured(
    "B12",
    f"inputs that move one output: {', '.join(f'{name} {count}' for name, count in counts.items())}; differences from torch at most {max(apart.values()):.0e}",
)
assert list(counts.values()) == [16, 24, 4, 8, 6, 6], "other numbers share a mean than should"
assert max(apart.values()) < 1e-12, "these should be torch's five norms, and the formula"
alone = {name: not np.delete(moved, 1, axis=0).any() for name, moved in moves.items()}
assert [name for name in alone if not alone[name]] == ["batch norm"], "batch norm, and no other, should couple examples"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

One channel of *all* examples; one example; one tile; two neighbouring tiles; one pixel through all channels. The formula is five times the same, and all that differs is who shares a mean and a
variance. Only the first mixes examples. So only batch norm needs a memory, an eval mode, and a batch that is large enough.
</details>

### What each of them cannot see

A norm throws something away: what it divides out, the rest of the network never learns about. Change the input in five ways and look at the outputs of the example concerned: one example times 3; one example plus 3; one channel,
in all examples, times 3; one channel, in all examples, plus 3; *another* example replaced. Layer and group norm take all pixels of an image (or of a group) together; RMS norm
works at each pixel, over the channels.

**Guess**, "same" or "other" (same means: within a percent).
"""

# %% tags=["guess"]
guess = {
    "batch norm, example × 3": ...,
    "batch norm, channel + 3": ...,
    "layer norm, example × 3": ...,
    "RMS norm, example + 3": ...,
    "layer norm, channel × 3": ...,
    "instance norm, channel × 3": ...,
}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B12"]
# the experiment: five changes, five norms
norms = norms_of(batch_norm_train, group_norm, layer_norm)
kinds = {name.replace(", per pixel", ""): norm for name, norm in norms.items() if name != "layer norm, per pixel"}
changes = ("example × 3", "example + 3", "channel × 3", "channel + 3", "another example")
effect = np.zeros((10, 5, 5))
for i, seed in enumerate(seeds(10)):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(4, 6, 5, 5))
    changed = [x.copy() for _ in changes]
    changed[0][1] *= 3
    changed[1][1] += 3
    changed[2][:, 2] *= 3
    changed[3][:, 2] += 3
    changed[4][0] = rng.normal(size=(6, 5, 5))
    for row, norm in enumerate(kinds.values()):
        y = norm(x)[1]
        effect[i, row] = [np.sqrt(((norm(other)[1] - y) ** 2).mean() / (y**2).mean()) for other in changed]
middle = np.median(effect, axis=0)
came = {
    f"{name}, {change}": "other" if value > 0.01 else "same"
    for name, values in zip(kinds, middle, strict=True)
    for change, value in zip(changes, values, strict=True)
}
wanted = "batch norm, example × 3", "batch norm, channel + 3", "layer norm, example × 3", "RMS norm, example + 3"
wanted += "layer norm, channel × 3", "instance norm, channel × 3"
predict.compare(guess, {name: came[name] for name in wanted}, "output")

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the picture: all twenty-five
fig, ax = plt.subplots(figsize=(8.5, 3.4))
ax.imshow(middle > 0.01, cmap="Oranges", vmin=0, vmax=2.2, aspect="auto")
for (row, column), value in np.ndenumerate(middle):
    ax.text(column, row, f"{value:.0%}" if value > 0.01 else "same", ha="center", va="center")
ax.set(title="Only batch norm feels another example, each is blind to something")
ax.set(xticks=range(5), xticklabels=changes, yticks=range(5))
ax.set_yticklabels([name.replace("RMS norm", "RMS norm, per pixel") for name in kinds])
ax.grid(False)
text = "Table of five norms and five changes: same where a change leaves the output alone, else the relative change."
plots.show(fig, alt=text)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B12"]
# the claim
same = {
    name: [change for j, change in enumerate(changes) if effect[:, row, j].max() < 0.01]
    for row, name in enumerate(kinds)
}
smallest = min(effect[:, row, j].min() for (row, j), value in np.ndenumerate(middle) if value > 0.01)
print(
    "leaves the output the same: "
    + "; ".join(f"{name}: {', '.join(found)}" for name, found in same.items())
    + f"; smallest effect of all others {smallest:.0%}",
)
assert same["batch norm"] == ["channel × 3", "channel + 3"], (
    "batch norm should forget the scale and the shift of a channel, and nothing else"
)
assert same["layer norm"] == same["group norm"] == ["example × 3", "example + 3", "another example"], (
    "they should forget scale and shift of an example"
)
assert same["instance norm"] == list(changes), "instance norm should forget all of it"
assert same["RMS norm"] == ["example × 3", "another example"], (
    "RMS norm should forget the scale of an example, not its shift"
)
assert smallest > 0.03, "what is seen should be seen clearly"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Batch norm forgets how loud and how bright a *channel* is; layer, group and RMS norm forget how loud an *example* is (its contrast; RMS norm pixel by pixel); layer and group norm forget its brightness as well, RMS norm does not. Instance norm forgets the contrast and
brightness of every channel of every image, which is why it serves style transfer and would ruin a classifier that needs them. (All within $\varepsilon$, as in section 1.)
</details>

## 7. Reflection (4 points, 10 minutes)

A colleague trains a detector on large images, with batch norm, two images at a time. The training loss is fine. In eval the validation loss is bad and jumps from epoch to epoch. "I found it," she says,
"if I leave out `model.eval()` and validate in shuffled batches of 64, everything is excellent. So the running statistics are broken, and I shall ship it like that."

**In three to five sentences:** Why are the running statistics poor here? Why does her number look excellent, and what will happen when the detector is shipped? Name one remedy that keeps `eval()`, and say why it
works.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "batch-norm-reflection", "locked": false, "points": 4, "schema_version": 3, "solution": true}
r"""
**Model answer.** Statistics of two images are noisy: the running ones average some ten such batches (momentum .1), so they jump; and the network was trained with the noise of pairs, while eval uses something
else, so training and testing are two different functions. In training mode with 64 shuffled images each is normalized by good statistics of the validation set itself, so the number is excellent; but every answer then
depends on the other 63 images, and images that come alone, in small batches or sorted (one camera, one night) get other answers, down to nonsense; besides, the running statistics go on learning from validation data. Remedies: group norm or layer norm, which
do not use the batch; statistics over several devices or larger batches; a smaller momentum (torch's sense), or after training a fresh average of the statistics over many batches with the weights held. Each works because the mean and variance that eval uses are then
good estimates, or are not taken from the batch at all.

**Marking scheme.** 1 point: statistics from two examples are noisy (or: momentum .1 remembers only some ten of them). 1 point: in training mode the answer uses the batch's own statistics, 64 shuffled images make these good. 1 point: answers depend on the company; alone, small or sorted batches
fail (accept: statistics keep moving at test time). 1 point: a remedy with its reason; "use larger momentum" in torch's sense gets no point.
"""

# %% [markdown]
r"""
## What to remember

1. Per feature, divisor $N$: mean $\beta$, variance $\gamma^2\sigma^2/(\sigma^2+\varepsilon)$. The identity is $\gamma = \sqrt{\sigma^2+\varepsilon}$, and on the next batch no longer.
2. Three paths lead back: straight, through the mean, through the variance. Because of the second, a bias before the layer has gradient zero; leave it out.
3. Two modes. Torch's momentum is the share of the *new* (.1), Keras's of the *old* (.99). Without `eval()` an answer depends on its company, and one large batch hides it.
4. In eval the layer folds into the linear layer or convolution right before it, and costs no operation of its own. Forward, into a padded convolution, it does not fold.
5. Batch, layer, group, instance norm: one formula, other axes. Only batch norm couples examples.

## Further reading

<details><summary>Seven papers and a book</summary>

- I. Goodfellow, Y. Bengio, A. Courville (2016). *Deep Learning*. MIT Press. Section 8.7.1.
- S. Ioffe, C. Szegedy (2015). Batch normalization: accelerating deep network training by reducing internal covariate shift. *ICML*, PMLR 37, 448–456. Section 2 has the bias that runs away.
- J. L. Ba, J. R. Kiros, G. E. Hinton (2016). Layer normalization. arXiv:1607.06450.
- D. Ulyanov, A. Vedaldi, V. Lempitsky (2016). Instance normalization: the missing ingredient for fast stylization. arXiv:1607.08022.
- Y. Wu, K. He (2018). Group normalization. *ECCV*, 3–19. The picture of axes.
- B. Zhang, R. Sennrich (2019). Root mean square layer normalization. *NeurIPS*.
- Y. Wu, J. Johnson (2021). Rethinking "batch" in BatchNorm. arXiv:2105.07576. Running statistics, and all that goes wrong with them.
- B. Jacob et al. (2018). Quantization and training of neural networks for efficient integer-arithmetic-only inference. *CVPR*. Section 3.2: folding.
</details>
"""

# %% tags=["experiment"]
predict.summary()
