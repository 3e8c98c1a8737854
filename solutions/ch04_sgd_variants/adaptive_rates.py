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
# Adaptive learning rates

When you have worked through this notebook you can

- write AdaGrad, RMSProp, Adam and AdamW, and say what each one remembers and forgets,
- say what bias correction corrects, and recognise four ways to get it wrong,
- read an update rule you have never seen (AdaDelta, Adamax, Nadam) and turn it into code that equals
  `torch.optim`,
- name a problem on which adaptive rates shine, one on which they lose, and the reason for both,
- compare optimizers fairly: equal tuning budget, several seeds, bands.

About 130 minutes, 26 points. Goodfellow et al. (2016), *Deep Learning*, sections 8.5.1 to 8.5.4.
From earlier you need momentum, Nesterov's look ahead and the bias-corrected average (the first notebook of
this chapter).

**How it goes.** You write eight short functions. Below each one, `check(...)` tells you at once whether it is
right. The experiments then run *your* functions; only the two that train networks run `torch.optim`, which your
functions equal in all digits but the last, as section 6 shows. Before an experiment you are asked to predict; do so,
in writing, before you run it.

**What an answer owes.** Arrays hold floats where the text of the function does not say otherwise. Leave the arrays
that you are given as they are: an answer that writes into one gets no points, however right its numbers. Return
NumPy arrays and plain numbers; `check` also takes lists, torch tensors, and `3.0` for `3`, but the experiments
reckon with what the text says.
"""

# %%
from dataclasses import replace
from itertools import count

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.nn.functional import cross_entropy

from utils import landscapes, players, plots
from utils.check import check
from utils.claims import base_seed, measured, seeds, spread
from utils.data import digits, mnist1d
from utils.device import best_device, seed_everything
from utils.models import mlp
from utils.training import grid, sweep, trace

seed_everything(base_seed())
device = best_device()
torch.set_num_threads(1)  # for networks as small as ours, threads mostly wait for each other
plots.style()

# %% [markdown]
r"""
## 1. One rate does not fit all

So far all parameters shared one learning rate. Do they deserve the same one? Take the simplest classifier of
handwritten digits, softmax regression: 64 pixels, 10 classes, 640 weights. Below you see a digit, and for
each pixel the root mean square of the gradients of its ten weights, at the start of training.

**Predict.** By what factor do the gradients of a pixel in the middle and of one at the edge differ: 2, 10,
1000? Are there pixels without any gradient?
"""

# %% tags=["experiment"]
pixels = digits(as_tensors=False)
images, labels = pixels.x_train.astype(float), np.eye(10)[pixels.y_train]


def softmax_gradient(weights, rows=slice(None)):
    """Return the gradient of softmax regression's mean log loss on some rows, shape (64, 10)."""
    logits = images[rows] @ weights
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    return images[rows].T @ (chances - labels[rows]) / len(chances)


minibatches = [softmax_gradient(np.zeros((64, 10)), slice(i, i + 32)) for i in range(0, 1408, 32)]
size = np.sqrt(np.mean(np.square(minibatches), axis=(0, 2))).reshape(8, 8)
fig, (left, right) = plt.subplots(1, 2, figsize=(8.2, 3.6), width_ratios=[4, 5])
left.imshow(images[0].reshape(8, 8), cmap="Greys")
left.set(title="An image…", xlabel="column (pixels)", ylabel="row (pixels)")
shown = right.imshow(np.log10(np.where(size > 0, size, np.nan)), cmap="cividis")
right.set(title="…and the size of its gradients", xlabel="column (pixels)")
for row, column in np.argwhere(size == 0):
    right.text(column, row, "0", ha="center", va="center", color=plots.VERMILLION, fontweight="bold")
fig.colorbar(shown, ax=right, label="log₁₀ of the rms gradient")
for ax in (left, right):
    ax.grid(False)
plots.show(
    fig,
    alt="""Left: a grey digit. Right: a map of the pixels; the middle columns have gradients more than a hundred times
those of the edge; three pixels are marked 0.""",
)
alive = size[size > 0]
print(f"largest over smallest gradient: more than {10 ** int(np.log10(alive.max() / alive.min()))}")
print(f"pixels without any gradient: {(size == 0).sum()}")

# %% [markdown]
r"""
A rate that is right for the middle is far too small for the rarely inked edge, and three pixels are never
inked at all. (Remember those three: they will break a common version of an algorithm.) Nobody sets 640 rates by hand.

**AdaGrad** lets every parameter set its own rate: it adds up the squares of all gradients that the parameter
has seen, and divides by the root.

$$r \leftarrow r + g \odot g,\qquad
\theta \leftarrow \theta - \frac{\epsilon}{\sqrt{r} + \delta} \odot g$$

All operations are per coordinate. ($\epsilon$ is `lr`, $\delta$ is `eps`, and $r$ is zero at first; Goodfellow
et al., algorithm 8.4.)

### Exercise 1: `adagrad_step` (2 points, 5 minutes, easy)

Return the new `theta` and the new `r`. The small `eps` is added to the *root*, not under it; this notebook
keeps to that, as torch does, unless it says otherwise.

<details><summary>Hint</summary>

Two lines in the order of the formula. Make a new array for the sum; `r += ...` would write into the caller's.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "adagrad-step", "locked": false, "schema_version": 3, "solution": true}
def adagrad_step(theta, grad, r, lr, eps):
    """Take one AdaGrad step. The inputs are not modified.

    theta, grad : ndarrays of one shape
    r : ndarray >= 0, same shape, the sum of the squared gradients before this step
    lr : float > 0.  eps : float >= 0, added to the root
    Returns the new theta and r, same shape.
    Source: Goodfellow et al. (2016), Algorithm 8.4; Duchi et al. (2011).
    """
    ### BEGIN SOLUTION
    r = r + grad**2
    return theta - lr * grad / (np.sqrt(r) + eps), r
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "adagrad-step-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(adagrad_step)

# %% [markdown]
r"""
### By hand

Follow two weights through four steps. The gradients are $(-2,-10)$, $(-1.5,-10)$, $(-1.25,-9)$ and
$(-1, 9)$: the first weight sees a gentle slope, the second a steep one that it overshoots at last.

**Predict.** With pencil and paper: what is $r$ after the four steps, and by what are the fourth gradients
divided? Whose step is longer at step one?
"""

# %% tags=["experiment", "claim-S10"]
slopes = np.array([[-2.0, -10.0], [-1.5, -10.0], [-1.25, -9.0], [-1.0, 9.0]])
theta, r, steps_taken = np.zeros(2), np.zeros(2), []
for slope in slopes:
    moved, r = adagrad_step(theta, slope, r, lr=1.0, eps=1e-8)
    steps_taken.append(moved - theta)
    theta = moved
steps_taken = np.array(steps_taken)
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.3))
for ax, moves, title in (
    (left, -slopes, "Plain descent: ten times too bold in θ₂…"),
    (right, steps_taken, "…AdaGrad: equal at first, then wary"),
):
    for column, (color, marker, name) in enumerate(
        [(plots.BLUE, "o", "θ₁, gentle"), (plots.VERMILLION, "s", "θ₂, steep")]
    ):
        ax.plot(range(1, 5), moves[:, column], marker, linestyle="-", color=color, label=name)
    ax.axhline(0, color="black", linewidth=0.8)
    ax.set(title=title, xlabel="step t", ylabel="move at rate 1", xticks=range(1, 5))
right.legend(loc="lower left")
plots.show(
    fig,
    alt="""Left: plain moves of about 1 to 2 for the first weight and about ±10 for the second. Right: AdaGrad's moves both
begin at 1 and then shrink, to a third and to minus a half.""",
)
divisors = slopes[-1] / -steps_taken[-1]
measured(
    "S10",
    f"r = {r.tolist()} (expected 8.8125 and 362), divisors {divisors[0]:.2f} and {divisors[1]:.2f} (about 3 and 19)",
)
assert np.allclose(r, [8.8125, 362]), f"r should be 8.8125 and 362 after the four gradients, got {r}"
assert np.allclose(divisors, [2.97, 19.03], atol=0.01), f"the divisors should be about 3 and 19, got {divisors}"

# %% [markdown]
r"""
At step one every coordinate moves by exactly the rate, whatever its slope: $g/\sqrt{g^2} = \pm1$. From then
on the *history* counts.

### A common version that is wrong: no stabiliser

A common version prints AdaGrad and RMSProp as $g/\sqrt r$, without the $\delta$. Does anybody need it? Train
softmax regression on the digits with `eps=1e-8` and with `eps=0`, and remember the three pixels.

**Predict.** How many of the 640 weights are `nan` after one step without $\delta$? After two?
"""

# %% tags=["experiment"]
blank, setting = np.zeros((64, 10)), {"state": ("r",), "gradient": softmax_gradient, "lr": 0.1}
with_eps = trace(adagrad_step, None, 20, start=blank, eps=1e-8, **setting)
with np.errstate(invalid="ignore"):
    without = trace(adagrad_step, None, 20, start=blank, eps=0.0, **setting)
broken = [int(np.isnan(weights).sum()) for weights in without]
fig, axes = plt.subplots(1, 3, figsize=(9.5, 2.9), sharey=True)
titles = ("with δ, step 1: none is nan", "without, step 1: 0/0", "without, step 2: all is lost")
for ax, weights, title in zip(axes, (with_eps[1], without[1], without[2]), titles, strict=True):
    ax.imshow(np.isnan(weights).reshape(8, 8, 10).any(axis=2), cmap="Greys", vmin=0, vmax=1)
    ax.set(title=title, xlabel="column (pixels)")
    ax.grid(False)
axes[0].set_ylabel("row (pixels)")
plots.show(
    fig,
    alt="""Three maps of the 64 pixels, black where a weight is nan: none; three pixels; all 64.""",
)
print(f"weights that are nan after 0, 1, 2 steps without δ: {broken[:3]} of {blank.size}")
assert broken[:3] == [0, 30, 640], f"without δ the three blank pixels' weights break first, then all: got {broken[:3]}"
assert np.isfinite(with_eps).all(), "with δ no weight should ever be nan"

# %% [markdown]
r"""
A weight that never had a gradient has $r = 0$ and gets $0/0$. One step later that `nan` has gone through the
softmax into every other weight. Frameworks put a $\delta$ there for a reason.

## 2. RMSProp: forget

AdaGrad's sum never shrinks, so its rates only ever fall. Close to a minimum that is what you want. But a
network may cross a steep stretch, leave it behind, and walk on gentle ground for a long time. **RMSProp**
replaces the sum by an exponentially weighted average:

$$r \leftarrow \rho\, r + (1-\rho)\, g \odot g,\qquad
\theta \leftarrow \theta - \frac{\epsilon}{\sqrt{r} + \delta} \odot g$$

($\rho$ is `decay`, often 0.9 or 0.99; Goodfellow et al., algorithm 8.5, apart from the place of $\delta$.)

### Exercise 2: `rmsprop_step` (2 points, 4 minutes, easy)

Return the new `theta` and the new `r`.

<details><summary>Hint</summary>

With `decay` = 0 only today's gradient counts, and every step has length `lr`. With a constant gradient, $r$
creeps up to its square.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "rmsprop-step", "locked": false, "schema_version": 3, "solution": true}
def rmsprop_step(theta, grad, r, lr, decay, eps):
    """Take one RMSProp step. The inputs are not modified.

    theta, grad : ndarrays of one shape
    r : ndarray >= 0, same shape, the running average of the squared gradients
    lr : float > 0.  decay : float in [0, 1), the weight of the past.  eps : float > 0, added to the root
    Returns the new theta and r, same shape.
    Source: Goodfellow et al. (2016), Algorithm 8.5; Hinton (2012).
    """
    ### BEGIN SOLUTION
    r = decay * r + (1 - decay) * grad**2
    return theta - lr / (np.sqrt(r) + eps) * grad, r
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "rmsprop-step-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(rmsprop_step)

# %% [markdown]
r"""
### A steep entrance, then a long plain

The terrain: slope 10 from 0 to 1, then gentle hills of slope 0.1 on average down to the minimum at 10. The
rates are chosen so that both methods take about 100 updates for the steep part.

And the same on a network: a 64-32-10 network learns the digits; after 400 updates we rename the classes (3
becomes 6, and so on), and after 800 once more. The optimizer and its memory go on. Ten seeds; each method has
the best of three rates, judged on the first 400 updates.

**Predict.** (a) How long does each method need for the plain? (b) Both learn the first naming about equally
well. What happens at the second and third?
"""

# %% tags=["experiment", "claim-S11"]


def terrain(theta):
    """Return the slope: steep down to 1, then gentle hills down to the minimum at 10."""
    hills = -0.1 * (1 + 0.9 * np.sin(4 * theta))
    return np.where(theta < 1, -10.0, np.where(theta < 10, hills, theta - 10))


walks = {
    "AdaGrad": trace(adagrad_step, None, 2000, start=[0.0], state=("r",), gradient=terrain, lr=0.05, eps=1e-8),
    "RMSProp": trace(
        rmsprop_step, None, 2000, start=[0.0], state=("r",), gradient=terrain, lr=0.01, decay=0.9, eps=1e-8
    ),
}
leap = trace(adagrad_step, None, 2000, start=[0.0], state=("r",), gradient=terrain, lr=3.0, eps=1e-8)[:, 0]
data, phase = digits(device=device), 400


def renaming():
    """Return a loss that renames the classes (3 becomes 6, and so on) after every 400 updates."""
    updates = count()
    return lambda logits, labels: cross_entropy(logits, (labels + 3 * (next(updates) // phase)) % 10)


tried = {"AdaGrad": (torch.optim.Adagrad, (0.03, 0.1, 0.3)), "RMSProp": (torch.optim.RMSprop, (0.003, 0.01, 0.03))}
learning, slower = {}, {}
for method, (optimizer, rates) in tried.items():
    history = sweep(
        lambda seed: mlp((64, 32, 10), seed=seed),
        data.train,
        grid(seed=seeds(10), lr=rates),
        optimizer=optimizer,
        steps=3 * phase,
        batch_size=32,
        loss_fn=renaming(),
    )
    runs = history.loss.reshape(10, len(rates), 3, phase)
    late = runs[..., -100:].mean(axis=-1)  # the loss at the end of each naming
    best = int(np.median(late[:, :, 0], axis=0).argmin())
    learning[f"{method}, rate {rates[best]}"] = runs[:, best].reshape(10, -1)
    slower[method] = late[:, best, 2] / late[:, best, 0]

fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.7))
for method, walk in walks.items():
    left.plot(walk[:, 0], markevery=250, label=method, **plots.look(method))
left.axhline(10, color="black", linewidth=0.8, linestyle=":")
left.set(title="After a slow, steep entrance AdaGrad stalls", xlabel="update", ylabel="θ (minimum at 10)")
left.legend(loc="center right")
for method, losses in learning.items():
    smooth = losses.reshape(10, -1, 25).mean(axis=-1)
    plots.curves(right, smooth, method, x=25 * np.arange(smooth.shape[1]) + 12, marks=12)
for change in (phase, 2 * phase):
    right.axvline(change, color="black", linewidth=0.8, linestyle=":")
right.set(title="Renamed classes: AdaGrad falls behind", xlabel="update", ylabel="training loss (median and range)")
right.set_ylim(bottom=0.012)
right.legend(loc="lower left")
plots.show(
    fig,
    alt="""Left: both lines climb to 1 together; RMSProp goes on to 10, AdaGrad is flat. Right: two losses with bands that
fall together, jump at the two dotted lines, and fall again, AdaGrad's more slowly each time.""",
)

arrived = int(np.argmax(walks["RMSProp"][:, 0] > 9.9))
covered = (walks["AdaGrad"][-1, 0] - 1) / 9
passed = int(np.argmax(walks["RMSProp"][:, 0] > 1))
awake = int(np.argmax(np.diff(walks["RMSProp"][passed:, 0]) > 0.5 * 0.01))
print(f"RMSProp's step is back to half its rate {awake} updates after the entrance")
print(
    f"AdaGrad with rate 3: past the entrance after {np.argmax(leap > 1)} update, at 9.9 after {np.argmax(leap > 9.9)}"
)
behind = int(np.sum(slower["AdaGrad"] > slower["RMSProp"]))
measured(
    "S11",
    f"RMSProp crosses the plain by update {round(arrived, -2)}, AdaGrad has done {covered:.0%} of it after 2000; loss at "
    f"the end of the third naming over that of the first: AdaGrad {spread(slower['AdaGrad'], '.1f')}, "
    f"RMSProp {spread(slower['RMSProp'], '.1f')}",
)
assert 0 < arrived < 1500, f"RMSProp should reach the minimum within 1500 updates, it needed {arrived or 'more'}"
assert 0 <= covered < 0.05, f"AdaGrad should stall after the entrance, but did {covered:.0%} of the plain"
assert 100 < awake < 140, f"√r falls by √0.9 an update: expected half the rate after some 120 updates, got {awake}"
assert leap[1] > 1 and leap[600] > 9.9, "with rate 3 AdaGrad should leap over the entrance and arrive within 600"
assert np.median(slower["AdaGrad"]) > 1.3 * np.median(slower["RMSProp"]), f"AdaGrad should lose more: {slower}"
assert np.median(slower["AdaGrad"]) > 1.4, f"AdaGrad should end the third naming higher than the first: {slower}"
assert behind >= 8, f"AdaGrad should lose more in nearly every seed, got {behind} of 10"

# %% [markdown]
r"""
After a hundred steep updates AdaGrad's divisor is 100, for good; a gradient of 0.1 cannot bring it down. RMSProp
forgets, but not in $1/(1-\rho) = 10$ updates: while the new gradients are negligible $\sqrt r$ shrinks by
$\sqrt{.9}$ an update, so from 10 to 0.1 it needs $\ln 10^4/\ln(1/.9) \approx 87$, and its step is back to half of
the rate after some 120. How far back a method remembers depends on how loud the past was.

The condition: AdaGrad stalls because it spent a hundred updates on the steep part. With a rate of 3 it leaps over
the entrance at once, has one steep gradient to remember, and arrives after some 500 updates. On the network it does
not stall either: its third naming ends at about twice the loss of its first, RMSProp's at about the same or a
little more.

### Where the stabiliser stands

Some books write $\sqrt{r+\delta}$, others $\sqrt r+\delta$. With $\delta = 10^{-6}$ that looks like hair
splitting.

**Predict.** For which sizes of the gradient do the two differ noticeably: below $10^{-6}$, below $10^{-3}$?
"""

# %% tags=["experiment", "claim-S12"]


def rmsprop_inside(theta, grad, r, lr, decay, eps):
    """RMSProp as the book has it: the stabiliser under the root."""
    average = rmsprop_step(theta, grad, r, lr, decay, eps)[1]
    return theta - lr * grad / np.sqrt(average + eps), average


delta, slopes = 1e-6, np.geomspace(1e-9, 1, 46)
settled = {"r": slopes**2, "lr": 1.0, "decay": 0.9, "eps": delta}  # r has long been the gradient's square
outside = -rmsprop_step(np.zeros(46), slopes, **settled)[0]
inside = -rmsprop_inside(np.zeros(46), slopes, **settled)[0]


def loss_after(step, shrink):
    """Return softmax regression's log loss after 40 updates of a step function on a loss multiplied by `shrink`."""
    setting = {"state": ("r",), "lr": 0.05, "decay": 0.9, "eps": delta}
    walk = trace(step, None, 40, start=blank, gradient=lambda weights: shrink * softmax_gradient(weights), **setting)
    return cross_entropy(torch.tensor(images @ walk[-1]), torch.tensor(pixels.y_train)).item()


shrinks = 10.0 ** np.arange(-6, 1)
ends = {
    "outside": [loss_after(rmsprop_step, shrink) for shrink in shrinks],
    "inside": [loss_after(rmsprop_inside, shrink) for shrink in shrinks],
}
looks = {"outside": (plots.ORANGE, "v", "√r + δ (torch, this course)"), "inside": (plots.GREY, "d", "√(r + δ) (book)")}
fig, (left, right) = plt.subplots(1, 2, figsize=(9.8, 3.6))
for name, values in (("outside", outside), ("inside", inside)):
    color, marker, label = looks[name]
    left.loglog(slopes, values, color=color, marker=marker, markevery=6, label=label)
    right.loglog(shrinks, ends[name], color=color, marker=marker, label=label)
left.set(title="One δ, two thresholds: δ and √δ", xlabel="gradient |g|, constant", ylabel="length of a step / rate")
right.set(
    title="Inside, small gradients stop the training", xlabel="loss multiplied by", ylabel="log loss after 40 updates"
)
left.legend(loc="lower right")
plots.show(
    fig,
    alt="""Left: step length against gradient size; the two curves leave 1 at 10⁻⁶ (outside) and at about 10⁻³ (inside).
Right: the loss after 40 updates when the loss is multiplied by a constant; flat for outside down to 10⁻³,
rising from 10⁻² down for inside.""",
)
half = {name: np.interp(0.5, values, slopes) for name, values in (("outside", outside), ("inside", inside))}
parameter = torch.nn.Parameter(torch.zeros(46, dtype=torch.float64))
parameter.grad = torch.tensor(slopes)
optimizer = torch.optim.RMSprop([parameter], lr=1.0, alpha=0.9, eps=delta)
optimizer.state[parameter] |= {"square_avg": torch.tensor(slopes**2), "step": torch.tensor(1.0)}
optimizer.step()
gap = np.abs(parameter.detach().numpy() + outside).max()
ratio = half["inside"] / half["outside"]
measured(
    "S12",
    f"half speed is lost {ratio:.0f} times earlier with δ inside (expected 1/√δ / √3 = {1e3 / np.sqrt(3):.0f}); torch is outside",
)
assert 500 < ratio < 700, f"the two thresholds should lie 1/√(3δ) = 577 apart, got {ratio:.0f}"
assert gap < 1e-12, f"torch adds its eps to the root, as you do; the difference is {gap:.1e}"
at = int(np.argmin(np.abs(shrinks - 1e-3)))
print(f"loss multiplied by 0.001: log loss {ends['outside'][at]:.2f} with δ outside, {ends['inside'][at]:.2f} inside")
assert ends["outside"][at] < 1.05 * ends["outside"][-1], "with δ outside, a thousandth of the loss should train as well"
assert ends["inside"][at] > 5 * ends["inside"][-1], "with δ inside, a thousandth of the loss should train far worse"

# %% [markdown]
r"""
Under the root, $\delta$ has the unit of a *squared* gradient, so it acts below $|g| \approx \sqrt\delta$,
here a thousand times earlier (that much is arithmetic; that it spoils a training is what you see on the right). An
adaptive method should not care about the unit of the loss; with $\delta$
inside, it soon does. When you copy an $\epsilon$ from a paper into another library, look where it stands.

## 3. RMSProp with Nesterov momentum

Momentum and adaptive rates mix. The book's algorithm 8.6 looks ahead, takes the gradient there, scales it by
the root, and lets the scaled gradient push the velocity:

$$g \leftarrow \nabla J(\theta + \alpha v),\qquad r \leftarrow \rho\, r + (1-\rho)\, g\odot g,\qquad
v \leftarrow \alpha v - \frac{\epsilon}{\sqrt r + \delta}\odot g,\qquad \theta\leftarrow\theta + v$$

### Exercise 3: `rmsprop_nesterov_step` (3 points, 10 minutes, medium)

Return the new `theta`, `velocity` and `r`. `grad_fn(theta)` gives the gradient at any point. ($\alpha$ is
`momentum`, $v$ is `velocity`. The book leaves out the $\delta$ here; you need it.)

<details><summary>Hint</summary>

Ask `grad_fn` once, at the right place, and use that one gradient both for $r$ and for the push.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "rmsprop-nesterov-step", "locked": false, "schema_version": 3, "solution": true}
def rmsprop_nesterov_step(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    """Take one step of RMSProp with Nesterov momentum. The inputs are not modified.

    theta, velocity : ndarrays of one shape
    r : ndarray >= 0, same shape, the running average of the squared gradients
    grad_fn : callable theta -> gradient, same shape
    lr : float.  decay, momentum : floats in [0, 1).  eps : float >= 0, added to the root
    Returns the new theta, velocity and r, same shape.
    Source: Goodfellow et al. (2016), Algorithm 8.6.
    """
    ### BEGIN SOLUTION
    ahead = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * ahead**2
    velocity = momentum * velocity - lr * ahead / (np.sqrt(r) + eps)
    return theta + velocity, velocity, r
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "rmsprop-nesterov-step-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(rmsprop_nesterov_step)

# %% [markdown]
r"""
### A common version that is wrong: minus minus

A common version prints $v \leftarrow \alpha v - {-\frac{\epsilon}{\sqrt r}}\odot g$: two minus signs, no
$\delta$. Taken literally that is a negative rate and `eps = 0`, so your own function can run it.

And does momentum help RMSProp? Both walk 300 updates through Rosenbrock's curved valley, from ten random starts,
each with thirteen rates times six values of $\rho$. Momentum makes every push count $1/(1-\alpha) = 10$ times, so
we draw the height at the end against the *effective* rate, $\epsilon/(1-\alpha)$.

**Predict.** Where does the walk with two minus signs go? With both at their best, how much lower does momentum end:
not at all, 2 times, 100 times?
"""

# %% tags=["experiment", "claim-S13"]
curved, steps = landscapes.rosenbrock(), 300
starts = np.array([np.random.default_rng(seed).uniform((-1.5, -0.5), (1.5, 2.0)) for seed in seeds(10)])
effective, decays = np.geomspace(1e-4, 1, 13), np.array([0, 0.5, 0.9, 0.95, 0.99, 0.999])
each = np.broadcast_to(starts, (13, 6, 10, 2))
fan = {"lr": effective[:, None, None, None], "decay": decays[:, None, None], "eps": 1e-6, "start": each}
heavy = {"state": ("velocity", "r"), "momentum": 0.9}
with np.errstate(all="ignore"):
    plain = trace(rmsprop_step, curved, steps, state=("r",), **fan)[-1]
    pushed = trace(rmsprop_nesterov_step, curved, steps, **heavy, **(fan | {"lr": 0.1 * fan["lr"]}))[-1]
    heights = {"RMSProp": np.nan_to_num(curved(plain), nan=np.inf)}
    heights["RMSProp, Nesterov"] = np.nan_to_num(curved(pushed), nan=np.inf)
colors = {"RMSProp": plots.ORANGE, "RMSProp, Nesterov": plots.GREEN, "minus minus": plots.VERMILLION}
fig, (left, right) = plt.subplots(1, 2, figsize=(9.8, 3.8))
plots.contours(left, curved)
lowest, chosen = {}, {}
for method, height in heights.items():
    medians = np.median(height, axis=2)
    row, column = np.unravel_index(medians.argmin(), medians.shape)
    lowest[method], chosen[method] = height[row, column], (effective[row], decays[column])
    best_decay = height[np.arange(13), medians.argmin(axis=1)].T  # at each rate, shape (starts, rates)
    plots.sensitivity(right, effective, np.where(best_decay < 1e3, best_decay, np.inf), method, color=colors[method])
setting = {"RMSProp": dict(zip(("lr", "decay"), chosen["RMSProp"], strict=True))}
setting["RMSProp, Nesterov"] = {"lr": 0.1 * chosen["RMSProp, Nesterov"][0], "decay": chosen["RMSProp, Nesterov"][1]}
walks = {
    "RMSProp": trace(rmsprop_step, curved, steps, state=("r",), eps=1e-6, **setting["RMSProp"]),
    "RMSProp, Nesterov": trace(rmsprop_nesterov_step, curved, steps, eps=1e-6, **heavy, **setting["RMSProp, Nesterov"]),
    "minus minus": trace(rmsprop_nesterov_step, curved, steps, eps=0.0, **heavy, lr=-0.003, decay=0.9),
}
for method, walk in walks.items():
    left.plot(*walk.T, color=colors[method], linewidth=1.5, label=method)
left.set_title("Two minus signs climb out of the valley")
left.legend(loc="upper center", ncols=3, bbox_to_anchor=(0.5, -0.2), fontsize=8.5)
right.set(title="Each at its best: momentum ends far lower", xlabel="rate / (1-α)", ylabel="height after 300 updates")
right.legend(loc="lower left")
plots.show(
    fig,
    alt="""Left: on the contour map two walks through the bent valley, and one, with two minus signs, that leaves the
picture. Right: height against effective rate, two valleys with bands; that of momentum is far deeper.""",
)
rest = {"theta": np.zeros(2), "velocity": np.zeros(2), "r": np.zeros(2), "grad_fn": np.zeros_like}
with np.errstate(invalid="ignore"):
    at_rest = rmsprop_nesterov_step(**rest, lr=0.1, decay=0.9, momentum=0.9, eps=0.0)[0]
calm = rmsprop_nesterov_step(**rest, lr=0.1, decay=0.9, momentum=0.9, eps=1e-6)[0]
climbed = float(curved(walks["minus minus"][-1]))
measured(
    "S13",
    f"height after 300 updates from ten starts, each at the best of 78 settings: RMSProp {spread(lowest['RMSProp'], '.1g')}, "
    f"with Nesterov {spread(lowest['RMSProp, Nesterov'], '.1g')}; two minus signs climb above {10 ** int(np.log10(climbed)):,}",
)
print(
    "at rest on flat ground, without δ the step goes to",
    np.asarray(at_rest).tolist(),
    "and yours to",
    np.asarray(calm).tolist(),
)
print(
    "best effective rate and ρ:",
    {method: (round(float(rate), 4), float(rho)) for method, (rate, rho) in chosen.items()},
)
lower = int(np.sum(lowest["RMSProp, Nesterov"] < lowest["RMSProp"]))
ratio = np.median(lowest["RMSProp"]) / np.median(lowest["RMSProp, Nesterov"])
assert ratio > 8 and lower >= 8, f"momentum should end far lower: {ratio:.0f} times, in {lower} of 10 starts"
assert climbed > 1e5, f"two minus signs should climb, the height at the end is {climbed:.3g}"
assert np.isnan(at_rest).all(), f"without δ flat ground gives 0/0, got {at_rest}"
assert (np.asarray(calm) == 0).all(), f"with δ a step on flat ground stays where it is, got {calm}"

# %% [markdown]
r"""
Momentum is more than a larger rate here: at equal effective rates, and with each at its best, it ends some tens to
hundreds of times lower. (In *this* valley, which is long and bent, within 300 updates. With more time both arrive.)
As for the two minus signs, they are easily made, in print and in code. Two habits catch them: check that the loss
falls in the first ten updates, and compare one step with a library.

## 4. Adam

Adam keeps *two* exponentially weighted averages: $s$ of the gradients (momentum) and $r$ of their squares
(RMSProp). Both start at zero, so both are too small at first, by exactly the factor that you know from the
averaged temperatures:

$$s \leftarrow \beta_1 s + (1-\beta_1)\, g,\qquad r \leftarrow \beta_2 r + (1-\beta_2)\, g\odot g$$

$$\hat s = \frac{s}{1-\beta_1^t},\qquad \hat r = \frac{r}{1-\beta_2^t},\qquad
\theta \leftarrow \theta - \epsilon\,\frac{\hat s}{\sqrt{\hat r} + \delta}$$

with $t = 1, 2, \dots$ counting this step. ($\beta_1, \beta_2$ are the book's $\rho_1, \rho_2$; Goodfellow et
al., algorithm 8.7. Usual: $\beta_1 = .9$, $\beta_2 = .999$, $\delta = 10^{-8}$, $\epsilon = 10^{-3}$.)

### Exercise 4: `adam_step` (5 points, 15 minutes, medium)

Return the new `theta`, and the new `s` and `r` *without* their corrections, as the next step needs them.

<details><summary>Hint</summary>

Four quantities, four names: s, r, and their corrected copies. By hand, from `s = r = 0` at `t = 1`, both
corrections undo the weight $1-\beta$ exactly: every coordinate moves by `lr`, whatever the gradient.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "adam-step", "locked": false, "schema_version": 3, "solution": true}
def adam_step(theta, grad, s, r, t, lr, beta1, beta2, eps):
    """Take one Adam step. The inputs are not modified.

    theta, grad : ndarrays of one shape
    s, r : ndarrays, same shape, running averages of the gradients and of their squares, not corrected
    t : int >= 1, the number of this step
    lr : float > 0.  beta1, beta2 : floats in [0, 1).  eps : float > 0, added to the root
    Returns the new theta, s and r, same shape; s and r not corrected.
    Source: Goodfellow et al. (2016), Algorithm 8.7; Kingma and Ba (2015).
    """
    ### BEGIN SOLUTION
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat = s / (1 - beta1**t)
    r_hat = r / (1 - beta2**t)
    return theta - lr * s_hat / (np.sqrt(r_hat) + eps), s, r
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "adam-step-check", "locked": true, "points": 5, "schema_version": 3, "solution": false}
check(adam_step)

# %% [markdown]
r"""
### What the correction is for

"It sorts itself out after several iterations, right?" Feed a constant gradient to Adam with
both corrections, with none, and with that of $s$ only, and look at the length of each step in units of the
rate. With no correction $s$ is too small by $1-\beta_1^t$ and $\sqrt r$ by $\sqrt{1-\beta_2^t}$.

**Predict.** Without correction, is the first step too short or too long? When is it worst, and when is it
over?
"""

# %% tags=["experiment", "claim-S14"]
beta1, beta2, steps = 0.9, 0.999, 10_000
t = np.arange(1, steps + 1)
adam = {"state": ("s", "r"), "beta1": beta1, "beta2": beta2, "eps": 1e-8}
path = trace(adam_step, None, steps, start=[0.0], gradient=np.ones_like, lr=1.0, **adam)
lengths = {
    "both corrected": -np.diff(path[:, 0]),
    "none": (1 - beta1**t) / np.sqrt(1 - beta2**t),
    "only s corrected": 1 / np.sqrt(1 - beta2**t),
}
fig, ax = plt.subplots(figsize=(7.5, 3.9))
looks = {"both corrected": (plots.BLACK, "-"), "none": (plots.VERMILLION, "--"), "only s corrected": (plots.BLUE, ":")}
for name, (color, dashes) in looks.items():
    ax.loglog(t, lengths[name], color=color, linestyle=dashes, label=name)
worst = int(np.argmax(lengths["none"])) + 1
ax.annotate(
    f"{lengths['none'].max():.2f} at t = {worst}",
    (worst, lengths["none"].max()),
    (25, 12),
    arrowprops={"arrowstyle": "-"},
)
ax.annotate(f"{lengths['only s corrected'][0]:.1f}", (1, lengths["only s corrected"][0]), (1.35, 31))
ax.set(title="A constant gradient: without correction steps up to 6.6 times too long")
ax.set(xlabel="step t, constant gradient", ylabel="length of the step / rate")
ax.legend(title="corrections", loc="upper right")
plots.show(
    fig,
    alt="""Three curves of step length against t; corrected flat at 1, uncorrected from 3.2 over 6.6 down to 1 after some
thousand steps, only s corrected from 31.6 falling.""",
)

# one common version reads v2 = beta2*v1 + ..., another negates twice, corrects in place and keeps t = 1
faults = {
    "Adam": {},
    "negated twice": {"twice": True},
    "corrected in place": {"in_place": True},
    "t stays 1": {"stuck": True},
    "all three": {"twice": True, "in_place": True, "stuck": True},
    "v2 = beta2*v1": {"mixed": True},
}


def slipped_adam(start, steps=60, lr=0.1, twice=False, in_place=False, stuck=False, mixed=False):
    """Run Adam on ½θ² with a choice of slips that are in print. Returns the path and the history of v2, shape (steps + 1,)."""
    theta, v1, v2 = start, 0.0, 0.0
    thetas, seconds = [theta], [v2]
    for k in range(1, steps + 1):
        count, slope = 1 if stuck else k, theta
        v1 = 0.9 * v1 + 0.1 * slope
        v2 = 0.999 * (v1 if mixed else v2) + 0.001 * slope * slope
        first, second = v1 / (1 - 0.9**count), v2 / (1 - 0.999**count)
        if in_place:
            v1, v2 = first, second
        with np.errstate(invalid="ignore"):
            theta = theta + (1 if twice else -1) * lr * first / (np.sqrt(second) + 1e-8)
        thetas.append(theta)
        seconds.append(v2)
    return np.array(thetas), np.array(seconds)


fig, (left, right) = plt.subplots(1, 2, figsize=(10.2, 3.9))
colors = (plots.BLACK, plots.VERMILLION, plots.BLUE, plots.GREEN, plots.PURPLE)
results = {name: slipped_adam(5.0, **fault) for name, fault in faults.items()}
for (name, (thetas, seconds)), color, dashes in zip(
    list(results.items())[:5], colors, ("-", "--", "-.", ":", "--"), strict=True
):
    left.plot(thetas, color=color, linestyle=dashes, label=name)
    if name != "negated twice":
        right.semilogy(range(1, 31), seconds[1:31], color=color, linestyle=dashes, label=name)
left.set(title="On ½θ²: each slip has its own face", xlabel="update", ylabel="θ (minimum at 0)")
right.set(title="Corrected in place, r explodes", xlabel="update", ylabel="second moment r")
left.legend(loc="upper left", fontsize=8.5)
left.set_ylim(-1, 13)
plots.show(
    fig,
    alt="""θ under five versions of Adam, and their second moments; two of them rise without bound.""",
)
mine = trace(adam_step, landscapes.quadratic([[1.0]]), 60, start=[5.0], lr=0.1, **adam)[:, 0]
assert np.allclose(mine, results["Adam"][0]), "without a slip the version above should walk as your adam_step does"
uphill, blown = results["negated twice"][0][1], results["all three"][1][10]
mirrored = slipped_adam(-5.0, mixed=True)[0]
print(
    f"negated twice: 5.0 → {uphill:.1f}; with in-place correction and t = 1: r is about 10^{round(np.log10(blown))} after 10 steps"
)
print(f"t stays 1: θ = {results['t stays 1'][0][60]:.1f} after 60 updates, Adam {mine[60]:.1f}")
alive = int(np.isfinite(slipped_adam(5.0, steps=200, mixed=True)[0]).sum()) - 1
print(f"v2 = beta2*v1 + …: nan after {alive} healthy updates from 5, at once from -5 ({mirrored[1]})")
measured(
    "S14",
    f"uncorrected: {lengths['none'][0]:.2f} at t = 1, {lengths['none'].max():.2f} at t = {worst}; only s corrected {lengths['only s corrected'][0]:.1f}",
)
assert np.allclose(lengths["both corrected"], 1, rtol=1e-6), "corrected, every step should be as long as the rate"
assert abs(lengths["none"][0] - 3.16) < 0.01, f"the first uncorrected step should be 3.16, got {lengths['none'][0]:.2f}"
assert abs(lengths["none"].max() - 6.57) < 0.01 and worst == 12, f"the longest should be 6.57 at 12, got it at {worst}"
assert abs(lengths["only s corrected"][0] - 31.6) < 0.1, "with s alone corrected the first step should be 31.6"
assert np.isclose(uphill, 5.1), f"negated twice, the first step should go uphill to 5.1, got {uphill:.2f}"
assert 1e27 < blown < 1e29, f"corrected in place with t = 1, r should be about 1e28 after ten steps, got {blown:.1e}"
assert np.isnan(mirrored[1]), f"from -5 the root of a negative v2 should be nan at once, got {mirrored[1]}"

# %% [markdown]
r"""
"Sorts itself out" takes about $1/(1-\beta_2) = 1000$ steps, and until then the steps are several times too
long (for a constant gradient; noisy ones change the numbers). Correcting only $s$ makes the first steps longer
still.

The slips, one by one:

- **Negated twice.** $v \leftarrow \alpha_1 v - (1-\alpha_1) g$ points downhill already; $-\epsilon v$ then
  climbs: from 5.0 to 5.1.
- **Corrected in place.** The corrected value is fed back and corrected again. Together with a $t$ that is
  never counted up, $r$ grows by a factor of 1000 a step and reaches $10^{28}$ after ten: training stands still
  and nothing complains.
- **t stays 1.** Uncorrected Adam times 0.316: up to twice too fast at first, three times too slow in the end.
  Nothing breaks, so nobody notices.
- **`v2 = beta2*v1 + ...`** One digit wrong. $v_1$ can be negative, and then the root is `nan`.

## 5. AdamW: weight decay, decoupled

An L2 penalty $\tfrac\lambda2\lVert\theta\rVert^2$ adds $\lambda\theta$ to the gradient and pulls every weight
towards zero. In Adam that pull goes into $s$ and $r$ and is *divided by the root* like the rest: weights with
large gradients are hardly pulled. **AdamW** takes it out of the gradient and applies it to the weights
directly:

$$\theta \leftarrow \theta - \epsilon\left(\frac{\hat s}{\sqrt{\hat r}+\delta} + \lambda\,\theta\right)$$

with $\hat s, \hat r$ exactly as in Adam, from the plain gradient; $\theta$ on the right is the old one.
($\lambda$ is `weight_decay`.) This is torch's convention, and ours. The paper (Loshchilov and Hutter, 2019,
algorithm 2) has another: with a schedule $\eta_t$ and a rate $\alpha$ it writes

$$\theta \leftarrow \theta - \eta_t\left(\alpha\,\frac{\hat s}{\sqrt{\hat r}+\delta} + \lambda\,\theta\right),$$

so that $\alpha$ does *not* multiply the decay. Halve the rate: torch's decay halves, the paper's does not. Its
$\lambda$ is torch's `lr * weight_decay`, so translate before you copy one.

### Exercise 5: `adamw_step` (3 points, 6 minutes, easy)

Return the new `theta`, `s` and `r`. You may call your `adam_step`, if it passes its check.

<details><summary>Hint</summary>

With a zero gradient and zero averages the weights shrink by the factor `1 - lr * weight_decay`.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "adamw-step", "locked": false, "schema_version": 3, "solution": true}
def adamw_step(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    """Take one step of Adam with decoupled weight decay. The inputs are not modified.

    theta, grad, s, r, t, lr, beta1, beta2, eps : as in adam_step
    weight_decay : float >= 0, the pull towards zero; multiply it by lr (the paper does not)
    Returns the new theta, s and r, same shape; s and r not corrected.
    Source: torch.optim.AdamW; after Loshchilov and Hutter (2019), Algorithm 2.
    """
    ### BEGIN SOLUTION
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    direction = s / (1 - beta1**t) / (np.sqrt(r / (1 - beta2**t)) + eps)
    return theta - lr * (direction + weight_decay * theta), s, r
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "adamw-step-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(adamw_step)

# %% [markdown]
r"""
### Who is pulled?

Nine groups of 400 weights, all started at 1. Their gradients are pure noise, of standard deviation $10^{-2}$ to
$10^2$, so only the decay, $\lambda = 0.1$, has a say on average. 1000 updates at rate 0.01. Then once more at rate
0.005, in torch's convention and in the paper's.

**Predict.** AdamW multiplies every weight by $(1-\epsilon\lambda)$ a step. What remains after 1000, and what at
half the rate? And with L2 in the gradient, does the group with the small or with the large gradients shrink?
"""

# %% tags=["experiment"]
scales, decay = np.geomspace(1e-2, 1e2, 9), 0.1


def pure_noise(pull):
    """Return a gradient of noise, a column for each scale, plus an L2 pull."""
    rng = np.random.default_rng(base_seed())
    return lambda theta: scales * rng.normal(size=theta.shape) + pull * theta


def left_after(step, pull=0.0, **setting):
    """Return the mean weight of each group after 1000 updates, shape (9,)."""
    walk = trace(step, None, 1000, start=np.ones((400, 9)), gradient=pure_noise(pull), **setting, **adam)
    return walk[-1].mean(axis=0)


left_over = {
    "AdamW": left_after(adamw_step, lr=0.01, weight_decay=decay),
    "Adam": left_after(adam_step, pull=decay, lr=0.01),
}
halved = {
    "torch": left_after(adamw_step, lr=0.005, weight_decay=decay),
    "paper": left_after(adamw_step, lr=0.005, weight_decay=decay * 0.01 / 0.005),  # lr * weight_decay as before
}
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True)
left.semilogx(scales, left_over["AdamW"], label="AdamW, decoupled", **plots.look("AdamW"))
left.semilogx(scales, left_over["Adam"], label="Adam, L2 in the gradient", **plots.look("Adam"))
left.axhline((1 - 0.01 * decay) ** 1000, color="black", linewidth=0.8, linestyle=":")
left.set(title="L2 in Adam spares noisy weights", xlabel="standard deviation of a weight's gradients")
left.set_ylabel("mean weight left after 1000 updates")
left.legend(loc="center left")
right.semilogx(scales, left_over["AdamW"], label="rate 0.01, both", **plots.look("AdamW"))
right.semilogx(scales, halved["torch"], color=plots.BLUE, marker="o", label="rate 0.005, torch: α multiplies λ")
right.semilogx(scales, halved["paper"], color=plots.VERMILLION, marker="s", label="rate 0.005, paper: it does not")
right.set(title="Half the rate: two conventions part", xlabel="standard deviation of a weight's gradients")
right.legend(loc="upper left")
plots.show(
    fig,
    alt="""Left: AdamW, a flat line near 0.37; Adam with L2, a line that rises from 0 at quiet weights to 1 at noisy ones.
Right: at half the rate the paper's line stays near 0.37, torch's lies at 0.61.""",
)
print(f"AdamW leaves {left_over['AdamW'].mean():.2f} everywhere; theory {(1 - 0.01 * decay) ** 1000:.2f}")
print(f"at half the rate: torch {halved['torch'].mean():.2f}, paper {halved['paper'].mean():.2f}")
print(
    f"L2 in Adam leaves {abs(left_over['Adam'][0]):.1f} of the quietest and {left_over['Adam'][-1]:.1f} of the noisiest group"
)
assert np.abs(left_over["AdamW"] - np.exp(-1)).max() < 0.1, f"AdamW should leave 0.37 of all, got {left_over['AdamW']}"
assert left_over["Adam"][-1] > 0.9, "L2 in Adam should hardly pull the noisiest weights"
assert abs(left_over["Adam"][0]) < 0.1, "L2 in Adam should pull the quietest weights to zero"
assert np.abs(halved["torch"] - np.exp(-0.5)).max() < 0.1, "in torch, half the rate should be half the decay: 0.61 left"
assert np.abs(halved["paper"] - np.exp(-1)).max() < 0.1, "in the paper, half the rate should leave the decay: 0.37 left"

# %% [markdown]
r"""
Under Adam "L2 regularisation" and "weight decay" are two different things, and "weight decay 0.1" is two different
numbers.

## 6. Three more, read from their formulas

You will meet update rules that nobody has explained to you. Here are three; the skill is to read what is
written, with its details. Each is compared with `torch.optim`.

**AdaDelta** (Zeiler, 2012) wants to get rid of the rate. It divides by the root mean square of the gradients
and *multiplies* by that of its own past steps, $d$:

$$r \leftarrow \rho r + (1-\rho)\, g\odot g,\qquad
\Delta = \frac{\sqrt{d+\delta}}{\sqrt{r+\delta}}\odot g,\qquad
d \leftarrow \rho d + (1-\rho)\,\Delta\odot\Delta,\qquad
\theta\leftarrow\theta - \epsilon\,\Delta$$

Here $\delta$ stands *under* both roots: with $d = 0$ at first, it alone gets the walk started. $\epsilon$ is
1 in the paper.

### Exercise 6: `adadelta_step` (2 points, 8 minutes, medium)

Return the new `theta`, `r` and `d`, in the order of the formulas.

<details><summary>Hint</summary>

$\Delta$ uses the *new* $r$ and the *old* $d$, and $d$ averages $\Delta$ without the rate.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "adadelta-step", "locked": false, "schema_version": 3, "solution": true}
def adadelta_step(theta, grad, r, d, lr, decay, eps):
    """Take one AdaDelta step. The inputs are not modified.

    theta, grad : ndarrays of one shape
    r, d : ndarrays >= 0, same shape, running averages of the squared gradients and of the squared Δ (without lr)
    lr : float > 0.  decay : float in [0, 1).  eps : float > 0, under both roots
    Returns the new theta, r and d, same shape.
    Source: Zeiler (2012); torch.optim.Adadelta.
    """
    ### BEGIN SOLUTION
    r = decay * r + (1 - decay) * grad**2
    delta = np.sqrt((d + eps) / (r + eps)) * grad
    d = decay * d + (1 - decay) * delta**2
    return theta - lr * delta, r, d
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "adadelta-step-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(adadelta_step)

# %% [markdown]
r"""
**Adamax** (Kingma and Ba, 2015) replaces Adam's root mean square by a maximum that fades:

$$s \leftarrow \beta_1 s + (1-\beta_1)\, g,\qquad
u \leftarrow \max\big(\beta_2 u,\ |g| + \delta\big),\qquad
\theta\leftarrow\theta - \frac{\epsilon}{1-\beta_1^t}\,\frac{s}{u}$$

The maximum is taken in each coordinate. $\delta$ is added to $|g|$ *before* the comparison, so $u$ holds it.

### Exercise 7: `adamax_step` (2 points, 6 minutes, easy)

Return the new `theta`, `s` and `u`; `s` not corrected.

<details><summary>Hint</summary>

`np.max` finds one largest entry of an array; `np.maximum` compares two arrays entry by entry.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "adamax-step", "locked": false, "schema_version": 3, "solution": true}
def adamax_step(theta, grad, s, u, t, lr, beta1, beta2, eps):
    """Take one Adamax step. The inputs are not modified.

    theta, grad : ndarrays of one shape
    s : ndarray, same shape, running average of the gradients, not corrected
    u : ndarray >= 0, same shape, fading maximum of |grad| + eps
    t : int >= 1, the number of this step
    lr : float > 0.  beta1, beta2 : floats in [0, 1).  eps : float > 0
    Returns the new theta, s and u, same shape; s not corrected.
    Source: Kingma and Ba (2015), Algorithm 2; torch.optim.Adamax.
    """
    ### BEGIN SOLUTION
    s = beta1 * s + (1 - beta1) * grad
    u = np.maximum(beta2 * u, np.abs(grad) + eps)
    return theta - lr / (1 - beta1**t) * s / u, s, u
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "adamax-step-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(adamax_step)

# %% [markdown]
r"""
**Nadam** (Dozat, 2016) is Adam with Nesterov's look ahead: today's gradient enters directly, and the average
is weighted with the momentum of the *next* step. The momentum warms up from about $\tfrac12\beta_1$ to
$\beta_1$:

$$\mu_t = \beta_1\big(1 - \tfrac12\, 0.96^{\,\psi t}\big),\qquad \pi_t = \mu_1\,\mu_2\cdots\mu_t$$

($\psi$ is `momentum_decay`, 0.004 in torch.) $s$, $r$ and $\hat r$ are exactly Adam's, with $\beta_1$ and
$\beta_2$; and then

$$\theta \leftarrow \theta - \frac{\epsilon}{\sqrt{\hat r}+\delta}
\left(\frac{\mu_{t+1}\, s}{1-\pi_{t+1}} + \frac{(1-\mu_t)\, g}{1-\pi_t}\right)$$

The product $\pi_t$ takes the place of $\beta_1^t$, since the momentum changes from step to step.

### Exercise 8: `nadam_step` (3 points, 12 minutes, hard)

Return the new `theta`, `s` and `r`. Work the product out afresh at each step; torch keeps it as one more piece
of state, which is faster and no different.

<details><summary>Hint</summary>

The formula for $\mu$ works for an array of steps at once: `np.arange(1, t + 2)` holds the steps 1 to $t+1$.
`np.prod` multiplies the entries of an array.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "nadam-step", "locked": false, "schema_version": 3, "solution": true}
def nadam_step(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    """Take one Nadam step. The inputs are not modified.

    theta, grad : ndarrays of one shape
    s, r : ndarrays, same shape, running averages of the gradients and of their squares, not corrected
    t : int >= 1, the number of this step
    lr : float > 0.  beta1, beta2 : floats in [0, 1).  eps : float > 0, added to the root
    momentum_decay : float >= 0, the speed at which the momentum warms up
    Returns the new theta, s and r, same shape; s and r not corrected.
    Source: Dozat (2016); torch.optim.NAdam.
    """
    ### BEGIN SOLUTION
    mu = beta1 * (1 - 0.5 * 0.96 ** (np.arange(1, t + 2) * momentum_decay))
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    lead = mu[-1] * s / (1 - np.prod(mu)) + (1 - mu[-2]) * grad / (1 - np.prod(mu[:-1]))
    return theta - lr * lead / (np.sqrt(r / (1 - beta2**t)) + eps), s, r
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "nadam-step-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(nadam_step)

# %% [markdown]
r"""
### One bad minibatch

First the promise: all your functions against `torch.optim`, 100 updates down Rosenbrock's valley. Then a
constant gradient of 1, except for a single 100 at update 50.

AdaGrad's steps shrink like $1/\sqrt t$ anyway, spike or no spike. So every method walks twice, with the spike and
without, and we divide.

**Predict.** For how long after the spike are the steps of AdaGrad, RMSProp ($\rho = .9$), Adam and Adamax
($\beta_2 = .999$) shorter than half of what they would have been? Order the four.
"""

# %% tags=["experiment", "claim-S18"]


def torch_walk(optimizer_class, landscape, steps, **settings):
    """Walk on a landscape with a torch optimizer in float64; returns the path, shape (steps + 1, dim)."""
    theta = torch.tensor(landscape.start, requires_grad=True)
    optimizer, path = optimizer_class([theta], **settings), [landscape.start]
    for _ in range(steps):
        theta.grad = torch.tensor(landscape.gradient(theta.detach().numpy()))
        optimizer.step()
        path.append(theta.detach().numpy().copy())
    return np.array(path)


moments = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "lr": 0.02}
pair = {"lr": 0.02, "betas": (0.9, 0.999)}
optim = torch.optim
yours = {
    "AdaGrad": (adagrad_step, ("r",), {"lr": 0.1, "eps": 1e-10}, optim.Adagrad, {"lr": 0.1}),
    "RMSProp": (rmsprop_step, ("r",), {"lr": 0.02, "decay": 0.99, "eps": 1e-8}, optim.RMSprop, {"lr": 0.02}),
    "Adam": (adam_step, ("s", "r"), moments, optim.Adam, pair),
    "AdamW": (adamw_step, ("s", "r"), moments | {"weight_decay": 0.01}, optim.AdamW, pair),
    "AdaDelta": (adadelta_step, ("r", "d"), {"lr": 1.0, "decay": 0.9, "eps": 1e-6}, optim.Adadelta, {}),
    "Adamax": (adamax_step, ("s", "u"), moments, optim.Adamax, pair),
    "Nadam": (nadam_step, ("s", "r"), moments | {"momentum_decay": 0.004}, optim.NAdam, pair),
}
gaps = {}
for method, (step, state, setting, optimizer, theirs) in yours.items():
    walk = trace(step, curved, 100, state=state, **setting)
    gaps[method] = np.abs(walk - torch_walk(optimizer, curved, 100, **theirs)).max()


def spiked(height):
    """Return a gradient that is 1 at every call but the fiftieth, when it is `height`."""
    calls = iter(range(10**6))
    return lambda theta: np.full_like(theta, height if next(calls) == 50 else 1.0)


fig, ax = plt.subplots(figsize=(8.2, 4))
hurt = {}
for method in ("AdaGrad", "RMSProp", "Adam", "Adamax"):
    step, state, setting, _, _ = yours[method]
    setting = setting | ({"decay": 0.9} if method == "RMSProp" else {})
    runs = [trace(step, None, 6000, start=[0.0], state=state, gradient=spiked(h), **setting) for h in (100.0, 1.0)]
    with_spike, without = (-np.diff(run[51:, 0]) for run in runs)
    relative = with_spike / without
    hurt[method] = int(np.sum(relative < 0.5))
    marks = [int(m) for m in np.geomspace(1, 5900, 8)]
    line = {"markevery": marks, "label": f"{method}: {hurt[method]}", **plots.look(method)}
    ax.loglog(np.arange(1, len(relative) + 1), relative, **line)
ax.axhline(0.5, color="black", linewidth=0.8, linestyle=":")
ax.set(title="One gradient of 100 among ones: how long each method sulks")
ax.set(xlabel="updates after the spike", ylabel="step / step without the spike")
ax.legend(title="updates below a half", loc="upper left", ncols=2)
ax.set_ylim(top=15)
plots.show(
    fig,
    alt="""Four curves of relative step length after the spike, on log-log axes: RMSProp drops at once and recovers within
60 updates; Adam sinks slowly and needs some 1400, AdaGrad 3300, Adamax nearly 4000.""",
)
in_float32 = gaps.pop("Nadam")  # torch keeps Nadam's product in float32, whatever the parameters are
measured(
    "S18",
    f"against torch.optim after 100 updates: six rules within 1e-12: {max(gaps.values()) < 1e-12}, Nadam within 1e-5: {in_float32 < 1e-5}",
)
assert max(gaps.values()) < 1e-12, f"your rules and torch's should agree to 1e-12, got {gaps}"
assert in_float32 < 1e-5, f"your Nadam and torch's should agree to 1e-5, got {in_float32:.1e}"
assert hurt["RMSProp"] < 100 < hurt["Adam"] < hurt["AdaGrad"] < hurt["Adamax"] < 5000, f"another order: {hurt}"

# %% [markdown]
r"""
Your rules agree with torch in all digits but the last; Nadam in nine, as torch keeps its product of momenta in
32 bits.

A memory is a promise about the future: "gradients will be about as large as they were in the last
$1/(1-\beta_2)$ steps". The longer it is, the steadier the rate, and the longer a single outlier hurts. (Adam's
steps shrink only gradually because $s$ has swallowed the spike as well, and forgets it sooner than $r$. AdaGrad
never forgets, and recovers all the same: after 3300 more ones the spike's 10,000 is three quarters of the sum.)

## 7. What the axes know

All these methods scale each *coordinate*. What if the valley does not run along one? Take a bowl with
$\kappa = 1000$ and turn it. We count the updates until the loss *stays* below a ten-thousandth of its start (Adam
overshoots: a first crossing would flatter it), within 4000 updates; every method gets the best of 40 rates at every
angle.

**Predict.** At 45°, who suffers: gradient descent, AdaGrad, Adam? By what factor?
"""

# %% tags=["experiment", "claim-S17"]
angles, forty = np.array([0, 5, 15, 30, 45, 60, 75, 85, 90]), np.geomspace(1e-3, 3, 40)[:, None]


def updates_needed(step, bowl, rates, **setting):
    """Return the fewest updates, over the rates, after which the loss stays below 1e-4 of its start."""
    with np.errstate(all="ignore"):
        walk = trace(step, bowl, 4000, start=np.tile(bowl.start, (len(rates), 1)), lr=rates, **setting)
    high = ~(bowl(walk) < 1e-4 * bowl(bowl.start))  # nan counts as high
    return int(np.where(high[-1], np.inf, len(high) - high[::-1].argmax(axis=0)).min())


def descend(theta, grad, lr):
    """Gradient descent."""
    return theta - grad * lr


needed = {"SGD": [], "AdaGrad": [], "Adam": []}
for angle in np.radians(angles):
    turned = landscapes.bowl(1000, angle)
    needed["SGD"].append(updates_needed(descend, turned, forty / 1000))
    needed["AdaGrad"].append(updates_needed(adagrad_step, turned, forty, state=("r",), eps=1e-8))
    needed["Adam"].append(updates_needed(adam_step, turned, forty, **adam))
milder = [updates_needed(adam_step, landscapes.bowl(100, angle), forty, **adam) for angle in (0, np.pi / 4)]
fig, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 3.8), width_ratios=[3, 3, 5])
for ax, angle in ((left, 0), (middle, 45)):
    mild = landscapes.bowl(30, np.radians(angle))  # thirty, so that there is something to see
    mild = replace(mild, bounds=np.array([(-1.0, 2.2), (-1.0, 2.2)]))
    plots.contours(ax, mild)
    fifteen = {
        "SGD": trace(descend, mild, 15, lr=2 / 31),
        "AdaGrad": trace(adagrad_step, mild, 15, state=("r",), lr=0.6, eps=1e-8),
        "Adam": trace(adam_step, mild, 15, lr=0.2, **adam),
    }
    for method, walk in fifteen.items():
        plots.path(ax, walk, method)
    ax.set(title=f"Fifteen updates, valley at {angle}°", ylabel="θ₂" if ax is left else "", aspect="equal")
for method, counts in needed.items():
    right.semilogy(angles, counts, label="gradient descent" if method == "SGD" else method, **plots.look(method))
right.set(title="Turning the bowl slows AdaGrad and Adam only", xlabel="angle of the valley (degrees)")
right.set(ylabel="updates until below 1e-4 for good", xticks=range(0, 91, 15))
right.legend(loc="lower center")
plots.show(
    fig,
    alt="""Left and middle: the same bowl along the axes and turned by 45°, with three walks of fifteen updates each.
Right: updates against angle: gradient descent flat at about 2000; AdaGrad rises from 4 to more than 3000 at 45°
and falls again; Adam from under 200 to about 1000.""",
)
factor = {method: counts[4] / counts[0] for method, counts in needed.items()}
measured(
    "S17",
    f"slower at 45°: gradient descent {factor['SGD']:.1f} times, AdaGrad {round(factor['AdaGrad'], -1):.0f}, Adam {factor['Adam']:.1f}",
)
print(f"with κ = 100 Adam needs {milder[0]} updates along the axes and {milder[1]} at 45°")
assert 0.99 < factor["SGD"] < 1.01, f"descent should not notice the angle, it takes {factor['SGD']:.2f} times as long"
assert factor["AdaGrad"] > 100 and factor["Adam"] > 3, f"AdaGrad and Adam should notice it, got {factor}"
assert needed["AdaGrad"][4] > needed["SGD"][4] > needed["Adam"][4], f"at 45° another order: {needed}"
assert 1.5 < milder[1] / milder[0] < factor["Adam"], f"with κ = 100 the angle should cost Adam less, got {milder}"

# %% [markdown]
r"""
Along the axes AdaGrad solves the bowl in four updates: one rate for each eigendirection, just what was needed.
At 45° both coordinates see the same mixture and get the same rate, and nothing is left to adapt. AdaGrad ends
up *behind* gradient descent. Adam becomes five times slower and yet stays ahead of descent, which has no momentum; in
a milder bowl, $\kappa = 100$, the angle costs it a factor of about two. (Two dimensions, no noise, one start. Adam's
count depends on how long it must stay below: at a constant rate it flares up again now and then.) In a network the
axes are the weights. How well they fit the valleys nobody promises you.

## 8. The animated races

Two landscapes on which the gradient along the way out is tiny at first: the saddle that you know, and a
**long valley** with steep walls, whose floor falls slowly away from a ridge. All start a thousandth beside
the ridge. You may have seen such races, with SGD stuck on the ridge and the adaptive methods long at the goal.
What decides them is the choice of the rates. So we race three times:

- at **equal effective rates**: SGD at 0.1, momentum and Nesterov ($\alpha = .9$) at $0.1\,(1-\alpha) = 0.01$,
- with everybody at **its own best** of 33 rates from 0.001 to 10: the fewest updates (of 1500) until the height is
  within a tenth of the bottom, for good,
- at the **defaults** of `torch.optim`.

And since both ways out run along an axis, each landscape has a twin, turned by 45°.

**Predict.** Which methods leave the saddle first, in each of the three? Who minds the turn?
"""

# %% tags=["experiment", "claim-S16"]
saddle = landscapes.saddle()
valley = landscapes.Landscape(
    "long valley",
    lambda theta: 4 * theta[..., 0] ** 2 + 0.05 * (theta[..., 1] ** 4 / 4 - theta[..., 1] ** 2 / 2),
    lambda theta: np.stack([8 * theta[..., 0], 0.05 * (theta[..., 1] ** 3 - theta[..., 1])], axis=-1),
    minimum=np.array([0.0, 1.0]),
    start=np.array([0.8, 1e-3]),
    bounds=np.array([(-1.1, 1.1), (-0.6, 1.7)]),
    levels=np.concatenate([np.linspace(-0.011, 0, 4), np.geomspace(0.02, 5, 8)]),
)
turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)  # by 45°


def turned_by_45(landscape):
    """Turn a landscape."""
    return replace(
        landscape,
        name=f"{landscape.name}, turned",
        value_fn=lambda theta: landscape(theta @ turn),
        gradient_fn=lambda theta: landscape.gradient(theta @ turn) @ turn.T,
        minimum=turn @ landscape.minimum,
        start=turn @ landscape.start,
        bounds=np.array([(-1.4, 1.1), (-0.9, 1.4)]),
    )


def push(theta, grad, velocity, lr):
    """Momentum, .9."""
    pushed = 0.9 * velocity - lr * grad
    return theta + pushed, pushed


def push_ahead(theta, grad_fn, velocity, lr):
    """Nesterov momentum, .9."""
    pushed = 0.9 * velocity - lr * grad_fn(theta + 0.9 * velocity)
    return theta + pushed, pushed


racers = {"SGD": (descend, (), {}), "momentum": (push, ("velocity",), {}), "Nesterov": (push_ahead, ("velocity",), {})}
racers |= {method: yours[method][:3] for method in ("AdaGrad", "RMSProp", "Adam", "AdaDelta")}
defaults = {"SGD": 1e-3, "AdaGrad": 0.01, "RMSProp": 0.01, "Adam": 1e-3, "AdaDelta": 1.0}
trials = np.geomspace(1e-3, 10, 33)[:, None]


def walk_with(method, landscape, steps, lr):
    """Walk from the start, with one rate or with a column of rates side by side."""
    step, state, setting = racers[method]
    start = np.broadcast_to(landscape.start, (*np.shape(lr)[:1], 2))
    with np.errstate(all="ignore"):
        return trace(step, landscape, steps, start=start, state=state, **(setting | {"lr": lr}))


def settled(landscape, walk):
    """Return the updates after which a walk stays within a tenth of the bottom; inf if it is not there at the end."""
    high = ~(landscape(walk) < 0.9 * landscape(landscape.minimum))
    return np.where(high[-1], np.inf, len(high) - high[::-1].argmax(axis=0))


def left_at(walk):
    """Return the first update at which θ₂ passes 0.5, inf if it never does."""
    out = np.abs(walk[:, 1]) > 0.5
    return int(out.argmax()) if out.any() else np.inf


grounds = {"saddle": saddle, "saddle, turned": turned_by_45(saddle)}
grounds |= {"long valley": valley, "long valley, turned": turned_by_45(valley)}
needs, best_rate = {}, {}
for name, ground in grounds.items():
    for method in racers:
        counts = settled(ground, walk_with(method, ground, 1500, trials))
        needs[name, method], best_rate[name, method] = counts.min(), float(trials[counts.argmin(), 0])
equal = {"SGD": 0.1, "momentum": 0.01, "Nesterov": 0.01}
leaves = {method: left_at(walk_with(method, saddle, 300, lr)) for method, lr in equal.items()}
untuned = {method: left_at(walk_with(method, saddle, 1500, lr)) for method, lr in defaults.items()}
fig, axes = plt.subplots(1, 2, figsize=(10, 3.7), sharey=True)
for ax, name in zip(axes, ("saddle", "long valley"), strict=True):
    for place, method in enumerate(racers):
        line = {"linestyle": "none", "markersize": 8, **plots.look(method)}
        ax.semilogy(place - 0.15, needs[name, method], **line)
        ax.semilogy(place + 0.15, needs[f"{name}, turned", method], **line, markerfacecolor="none")
    ax.set_xticks(range(len(racers)), list(racers), rotation=30)
axes[0].set(title="Saddle: nobody lingers", ylabel="updates until at the bottom for good")
axes[1].set(title="Long valley: the turn costs the adaptive ones")
axes[0].plot([], [], "o", color="black", label="along the axes")
axes[0].plot([], [], "o", color="black", markerfacecolor="none", label="turned by 45°")
axes[0].legend(loc="upper left")
plots.show(
    fig,
    alt="""Updates that each method needs at its own best rate, on the saddle and in the long valley, along the axes and turned by
45°: for AdaGrad, RMSProp and Adam the two marks lie far apart, for SGD and momentum they coincide.""",
)
print("equal effective rate 0.1, leaves the saddle at update:", leaves)
print(
    "torch's defaults, leaves the saddle at update:", {m: at if at < np.inf else "never" for m, at in untuned.items()}
)
print("each at its best, updates until at the bottom for good:")
for method in racers:
    print(f"  {method:9}", ", ".join(f"{name} {needs[name, method]:.0f}" for name in grounds))
quick = {
    method: f"{needs['long valley', method]:.0f} / {needs['long valley, turned', method]:.0f}" for method in racers
}
measured(
    "S16",
    f"saddle: at equal effective rate SGD leaves at {leaves['SGD']}, momentum at {leaves['momentum']}; each at its best, SGD is down "
    f"at {needs['saddle', 'SGD']:.0f}, Adam at {needs['saddle', 'Adam']:.0f}; Adam's default leaves at {untuned['Adam']}; long valley "
    f"along the axes / turned: SGD {quick['SGD']}, momentum {quick['momentum']}, AdaGrad {quick['AdaGrad']}, Adam {quick['Adam']}",
)
assert leaves["SGD"] < leaves["momentum"] < 2 * leaves["SGD"], (
    f"at equal effective rate SGD should leave first: {leaves}"
)
for method in racers:
    assert needs["saddle", method] < 100, f"{method} should not linger at its own best rate: {needs['saddle', method]}"
assert needs["saddle", "SGD"] < needs["saddle", "Adam"], "at their best SGD should be down from the saddle before Adam"
assert untuned["Adam"] > 200 and untuned["SGD"] == np.inf, f"at torch's defaults they should linger: {untuned}"
for method in ("AdaGrad", "RMSProp", "Adam"):
    aligned, oblique = needs["long valley", method], needs["long valley, turned", method]
    assert aligned < needs["long valley", "SGD"], f"{method} should be faster than SGD along the axes: {aligned}"
    assert oblique > 2 * aligned, f"the turn should cost {method} a factor of two: {aligned} and {oblique}"
assert needs["long valley, turned", "AdaGrad"] > needs["long valley, turned", "SGD"], (
    "turned, AdaGrad should be behind SGD"
)
assert needs["long valley, turned", "momentum"] == needs["long valley", "momentum"], (
    "momentum should not notice the turn"
)


def film(name, steps):
    """Let all methods race, each at its best rate."""
    ground = grounds[name]
    walks = {method: walk_with(method, ground, steps, best_rate[name, method]) for method in racers}
    return players.race(ground, walks, title=f"{name}: each at its best rate".capitalize(), seconds=8)


film("saddle", 60)

# %% tags=["experiment"]
film("long valley", 300)

# %% tags=["experiment"]
film("long valley, turned", 300)

# %% [markdown]
r"""
*Two panels of the updates needed, full markers along the axes and open ones turned. Then three films with a slider.
Saddle: all are down within some sixty updates. Long valley: AdaGrad is at the minimum at once, Adam and momentum
follow, SGD is still on its way at the end. The same valley turned: momentum is first.*

- **"SGD lingers at a saddle" is a choice of rate.** At the equal effective rate it leaves at 67, momentum at 105; at
  its own best rate, 1, it is down at 10, Adam at 24. At torch's defaults Adam needs 329 updates only to leave, and SGD
  never does.
- **A long valley is different:** its walls bound SGD's rate, so on the floor it crawls for 600 updates. Here momentum
  (95) and adaptive rates (AdaGrad 4, Adam 60) help.
- **The adaptive methods' share of that help depends on the axes.** Near the ridge the gradient along the way out is a
  thousandth of the one towards it (in the long valley, less than a hundred-thousandth). Dividing each by its own size
  makes them equal: adaptive methods follow the sign more than the slope. Turned by 45°, both coordinates see the steep
  wall, and AdaGrad and RMSProp come in *after* SGD. Momentum does not notice.

A landscape can be found for every favourite.

## 9. A fair race

"Adam is the best optimizer" and "SGD generalizes better" are mostly statements about *tuning*. A fair race
gives everybody the same budget: here nine rates in half decades, ten seeds, the same networks and
minibatches, the rate falling linearly to zero. Momentum has $\alpha = .9$ and its rates are plotted as
$\epsilon/(1-\alpha)$, so that it is compared with SGD at equal effective rates. Two tasks, and a twin:

- **digits**, pixels in $[0, 1]$, 64-32-10 network, 400 updates;
- **MNIST-1D** (Greydanus and Kobak, 2020), digits drawn as curves of 40 points, shifted and noisy, much
  harder, 40-64-10 network, 400 updates;
- **the same digits with pixels in 0…16**, as if somebody had forgotten to scale: a task made to need another rate.
"""

# %% tags=["experiment"]
curves_1d = mnist1d(device=device)
fig, axes = plt.subplots(1, 5, figsize=(10, 1.9), sharey=True)
for digit, ax in enumerate(axes):
    for example in curves_1d.x_train[curves_1d.y_train == digit][:2].cpu():
        ax.plot(example, color=(plots.BLUE, plots.ORANGE)[int(len(ax.lines) > 0)])
    ax.set(title=f"two of class {digit}", xlabel="position")
axes[0].set_ylabel("value (standardised)")
plots.show(
    fig,
    alt="""Five small panels, each with two curves of one class, shifted against each other.""",
)

# %% [markdown]
r"""
**Predict.** Each method has a valley of good rates on each task. Whose valley moves from the digits to MNIST-1D, and
whose from scaled to unscaled pixels? And when everybody is tuned, who wins?
"""

# %% tags=["experiment", "nbval-ignore-output"]
unscaled = data._replace(x_train=16 * data.x_train, x_test=16 * data.x_test)
tasks = {
    "digits": (data, (64, 32, 10), 400),
    "MNIST-1D": (curves_1d, (40, 64, 10), 400),
    "digits, 0…16": (unscaled, (64, 32, 10), 400),
}
nine = np.geomspace(1e-4, 1, 9)
entrants = {
    "SGD": (optim.SGD, 10 * nine, {}),
    "momentum": (optim.SGD, nine, {"momentum": 0.9}),
    "AdaGrad": (optim.Adagrad, nine, {}),
    "RMSProp": (optim.RMSprop, nine, {}),
    "Adam": (optim.Adam, nine, {}),
    "AdamW": (optim.AdamW, nine, {"weight_decay": 0.01}),
}
fig, axes = plt.subplots(1, 3, figsize=(11.5, 3.9))
loss, score = {}, {}  # loss: medians, shape (9,); score: shape (seeds, 9)
for ax, (task, (split, sizes, steps)) in zip(axes, tasks.items(), strict=True):
    for method, (optimizer, rates, extra) in entrants.items():
        history = sweep(
            lambda seed, sizes=sizes: mlp(sizes, seed=seed),
            split.train,
            grid(seed=seeds(10), lr=rates, **extra),
            optimizer=optimizer,
            steps=steps,
            batch_size=32,
            schedule=lambda k, lr, steps=steps: lr * (1 - k / steps),
            evaluate=split.test,
        )
        final = history.loss[:, -100:].mean(axis=1).reshape(10, 9)
        loss[task, method] = np.median(np.nan_to_num(final, nan=9, posinf=9), axis=0)
        score[task, method] = history.eval_accuracy[:, -1].reshape(10, 9)
        effective = rates / (1 - extra.get("momentum", 0))
        plots.sensitivity(ax, effective, np.where(final < 5, final, np.nan), method)
    ax.set(title=task, xlabel="learning rate (momentum: ε/(1-α))")
axes[0].set_ylabel("training loss at the end (median, range)")
axes[0].legend(loc="lower left")
fig.suptitle("Unscaled pixels move everybody's best rate", fontweight="bold")
plots.show(
    fig,
    alt="""Three panels of loss against rate for six methods, each with a ringed minimum. From the digits to MNIST-1D the
minima hardly move; with unscaled pixels all of them lie further left.""",
)
place = {(task, m): int(loss[task, m].argmin()) for task in tasks for m in entrants}
for m in entrants:
    moves = [place[task, m] - place["digits", m] for task in list(tasks)[1:]]
    print(f"{m:9} best rate against that on the digits, in half decades: MNIST-1D {moves[0]:+d}, 0…16 {moves[1]:+d}")
    assert moves[1] < 0, f"unscaled pixels should ask for a smaller rate of {m}, got {moves[1]:+d} half decades"

# %% [markdown]
r"""
Half a decade is one step of the grid: it is no difference that this race could show. Now two numbers for every method:
its test accuracy with the rate **tuned on each task**, and how many points it loses with the one rate that is best for
several tasks **together**: for the two fair ones, and for all three. (Tuned by training loss; the test set only
reports.)
"""

# %% tags=["experiment", "claim-S15", "nbval-ignore-output"]
fair, names = ["digits", "MNIST-1D"], list(entrants)
tuned = {(task, m): 100 * score[task, m][:, place[task, m]] for task in tasks for m in names}


def price(method, some):
    """Return the test points lost, seed by seed, with one rate for some tasks, on the task where that costs most."""
    # how far from its own best each rate is, on the task where it is worst
    regret = np.max([loss[task, method] / loss[task, method].min() for task in some], axis=0)
    common = regret.argmin()
    lost = [tuned[task, method] - 100 * score[task, method][:, common] for task in some]
    return max(lost, key=np.median)


prices = {kind: {m: price(m, some) for m in names} for kind, some in (("fair", fair), ("all", list(tasks)))}
fig, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 3.9), width_ratios=[4, 3, 3])


def bar(ax, x, values, method):
    """Draw the median of the seeds with a line from the lowest to the highest."""
    ax.plot([x, x], [values.min(), values.max()], color=plots.look(method)["color"], linewidth=1)
    ax.plot(x, np.median(values), linestyle="none", markersize=8, **plots.look(method))


for i, m in enumerate(names):
    for j, task in enumerate(tasks):
        bar(left, j + 0.12 * (i - 2.5), tuned[task, m] - np.median(tuned[task, "momentum"]), m)
    for ax, kind in ((middle, "fair"), (right, "all")):
        bar(ax, i, prices[kind][m], m)
left.set(title="Tuned: momentum and Adam are level", xticks=range(3), xticklabels=list(tasks))
left.set_ylabel("test points above momentum")
middle.set(title="One rate for two fair tasks", ylabel="test points lost where it costs most")
right.set(title="…and for unscaled pixels, too")
for ax in (middle, right):
    ax.set_xticks(range(len(names)), names, rotation=40)
plots.show(
    fig,
    alt="""Left: test accuracies of six methods on three tasks, relative to momentum's, with ranges of a few points that
mostly overlap. Middle: one rate for the two fair tasks costs between nothing and some three points. Right: with
unscaled pixels it costs SGD and momentum more than ten points; the medians of the others lose a few, but single
runs of Adam may break down altogether.""",
)
apart = {task: np.median(tuned[task, "Adam"]) - np.median(tuned[task, "momentum"]) for task in fair}
for m in names:
    print(
        f"{m:9} loses {spread(prices['fair'][m], '.1f')} on two fair tasks, {spread(prices['all'][m], '.1f')} on three"
    )
default = np.median(tuned["digits", "Adam"]) - 100 * np.median(score["digits", "Adam"][:, 2])
print(f"digits: Adam at its default 1e-3 is {default:.0f} points behind tuned Adam")
for task in fair:
    a, b = tuned[task, "Adam"], tuned[task, "momentum"]
    assert abs(apart[task]) < 3, (
        f"{task}: tuned, Adam and momentum should be less than 3 points apart, got {apart[task]}"
    )
    assert a.min() < b.max() and b.min() < a.max(), f"{task}: the ranges of Adam and momentum should overlap"
for m in ("SGD", "momentum", "Adam"):
    lost = np.median(prices["fair"][m])
    assert lost < 4, f"one rate for two fair tasks should cost {m} less than 4 points, got {lost:.1f}"
at_stake = {m: np.median(prices["all"][m]) for m in ("SGD", "Adam")}
assert at_stake["SGD"] > at_stake["Adam"] + 8, f"with unscaled pixels one rate should cost SGD far more: {at_stake}"
assert default > 5, f"in 400 updates Adam's default should be too small, it is {default:.1f} points behind"

# %% [markdown]
r"""
### A task where Adam truly wins

Words are not equally frequent: the $k$-th most frequent one has a share of about $1/k$ (Zipf's law). Learn to predict
the next of 50 words from the last one, with a table of $50 \times 50$ logits, on exact gradients: no minibatches, no
noise, 100 updates, nine rates each, ten random languages. The twin has the same tables, but all words equally frequent.
We measure the **excess loss**, above that of the true probabilities.

**Predict.** By what factor does Adam beat momentum, both at their best, on Zipf's words? And on the twin?
"""

# %% tags=["experiment", "claim-S15", "nbval-ignore-output"]
words, updates = 50, 100
tables = np.exp([np.random.default_rng(seed).normal(size=(words, words)) for seed in seeds(10)])
half_decades = np.sqrt(10) ** np.arange(9)
learners = {  # the rates start where a first look found the valley's left edge
    "SGD": 10 * half_decades,
    "momentum": 1 * half_decades,
    "AdaGrad": 0.01 * half_decades,
    "RMSProp": 0.001 * half_decades,
    "Adam": 0.01 * half_decades,
}


def log_softmax(logits):
    """Return the logarithm of the softmax along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def excess_losses(method, table, frequency):
    """Learn to predict the next word with nine rates side by side; returns the excess losses, shape (9,)."""
    share, truth = frequency / frequency.sum(), table * frequency
    truth = truth / truth.sum(axis=-1, keepdims=True)
    step, state, setting = racers[method]
    setting = setting | {"lr": lambda k: learners[method][:, None, None] * (1 - k / updates)}
    learned = trace(
        step,
        None,
        updates,
        start=np.zeros((9, words, words)),
        state=state,
        gradient=lambda logits: share[:, None] * (np.exp(log_softmax(logits)) - truth),
        **setting,
    )[-1]
    return (share[:, None] * truth * (np.log(truth) - log_softmax(learned))).sum(axis=(-2, -1))


frequencies = {"Zipf's words": 1 / np.arange(1.0, words + 1), "equally frequent words": np.ones(words)}
fig, axes = plt.subplots(1, 2, figsize=(10, 3.7), sharey=True)
excess = {}
for ax, (name, frequency) in zip(axes, frequencies.items(), strict=True):
    for method in learners:
        losses = np.array([excess_losses(method, table, frequency) for table in tables])  # shape (languages, rates)
        excess[name, method] = losses[:, np.median(losses, axis=0).argmin()]
        shift = np.log10(learners[method][np.median(losses, axis=0).argmin()])
        rates = 10 ** (np.log10(learners[method]) - shift)
        plots.sensitivity(ax, rates, np.maximum(losses, 1e-16), method)
    ax.set(title=name, xlabel="learning rate / best rate")
axes[0].set(ylim=(1e-12, 30), ylabel="excess loss after 100 updates")
axes[1].legend(loc="lower left")
plots.show(
    fig,
    alt="""Two panels of excess loss against rate, each curve shifted so that its best rate is at 1. Zipf's words: SGD and
momentum end near 0.01, Adam some hundred times lower, RMSProp and AdaGrad lower still. Equally frequent words:
all are far lower, and momentum and Adam closer together.""",
)
lead = {name: np.median(excess[name, "momentum"]) / np.median(excess[name, "Adam"]) for name in frequencies}
for name in frequencies:
    print(f"{name}:", ", ".join(f"{m} {np.median(excess[name, m]):.0e}" for m in learners))
    print(f"  Adam's excess loss is {lead[name]:.0f} times smaller than that of momentum")
zipf, even = frequencies
measured(
    "S15",
    f"tuned, test points of Adam less momentum: digits {apart['digits']:+.1f}, MNIST-1D {apart['MNIST-1D']:+.1f}; one rate for "
    f"both costs SGD {spread(prices['fair']['SGD'], '.1f')}, Adam {spread(prices['fair']['Adam'], '.1f')} points, for unscaled "
    f"pixels too {spread(prices['all']['SGD'], '.1f')} and {spread(prices['all']['Adam'], '.1f')}; excess loss with Zipf's words: "
    f"momentum {spread(excess[zipf, 'momentum'], '.1g')}, Adam {spread(excess[zipf, 'Adam'], '.1g')}, equally frequent words "
    f"{spread(excess[even, 'momentum'], '.1g')} and {spread(excess[even, 'Adam'], '.1g')}",
)
assert (excess[zipf, "Adam"] < 0.2 * excess[zipf, "momentum"]).all(), f"with Zipf's words Adam should win: {lead}"
assert lead[zipf] > 2 * lead[even], f"Adam's lead should be far larger with Zipf's words, got {lead}"
rarer = {m: np.median(excess[zipf, m]) / np.median(excess[even, m]) for m in ("SGD", "momentum")}
assert min(rarer.values()) > 20, f"rare words should cost SGD and momentum dearly, got {rarer}"

# %% [markdown]
r"""
A rare word's row of the table gets a gradient in proportion to its frequency: with one rate for all, the rare rows
crawl while the frequent ones already swing. Dividing by each row's own size makes them equal. This is one reason why
language models are trained with Adam (Kunstner et al., 2024, who look at the frequencies of the *classes*).

What these races say, and what they do not:

- **Tuned, the winner is hard to find** on the digits and on MNIST-1D: momentum and Adam differ by less than three test
  points and their ranges overlap, and the others are within a few points of both. At equal effective rates the curves
  of SGD and momentum nearly coincide; momentum only allows larger rates on the digits.
- **"Adam is safer untuned" is not what fair tasks show.** One rate for both costs SGD nothing, the others three points
  at most. It takes unscaled pixels to make SGD and momentum pay: the scale of the inputs moves their best rate by three
  half decades, Adam's by two. (One half decade is the step of our grid.)
- **Where coordinates have gradients of very different size for good, adaptive rates win**, as with Zipf's words; among
  them Adam is not even the first here. This task is convex and without noise, and its axes fit.
- **The default of $10^{-3}$ is no law.** These runs are short; tuned Adam takes ten to a hundred times more. "$10^{-3}$
  or $5\cdot10^{-4}$ is a great starting point" speaks of large networks and long training.
- Small tasks, ten seeds. Wilson et al. (2017) found tasks where tuned SGD generalizes better; Schmidt et
  al. (2021), with fifteen optimizers on eight tasks, found none that wins throughout, and that trying several at
  their defaults works about as well as tuning one.

The book's own answer (8.5.4): there is no consensus; choose one that you know how to tune.

## 10. Reflection (4 points, 10 minutes)

A colleague fine-tunes a network that somebody trained for a week. She loads the weights, starts a fresh Adam
with the learning rate of the last week's end, and writes `s` and `r` as zeros, `t` as 1000 "because we are
past the warm-up". In the first updates the loss jumps up and the careful weights are ruined.

**In two to four sentences:** what is the bias correction doing at `t = 1000` in her run, in which direction and
by about what factor are her first steps wrong, and name two different things she could do instead.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "adaptive-rates-reflection", "locked": false, "points": 4, "schema_version": 3, "solution": true}
r"""
**Model answer.** The averages start at zero and so are too small at first, by 1 - β₁ᵗ and 1 - β₂ᵗ with t counted
from *their* start; with t = 1000 both divisors are near one (1 and 0.63), so nothing is corrected. The root of r
is too small by more than s is: her first step is about 0.1/√0.001 · √0.63 ≈ 2.5 times too long, and it gets worse,
about 5 times, after a dozen updates. She can start t at 1, so that the correction fits the fresh averages, or load
the old s, r and t together with the weights (or warm the rate up from zero until r has filled).

**Marking scheme.** 1 point: the correction must count from the moment when the averages were zero; at t = 1000 it
does next to nothing. 1 point: steps too long (not too short), because √r is too small by more than s. 1 point: a
factor of 2 to 7 with a reason (3.16 or 6.57 from the figure are fine). 1 point: two workable remedies out of: t = 1;
restore s, r, t; warm-up or a smaller rate at first.
"""

# %% [markdown]
r"""
## What to remember

1. AdaGrad divides every coordinate by the root of *all* its squared gradients: its rates only fall. RMSProp
   averages them and forgets.
2. Adam is momentum over RMSProp; both averages start at zero, so divide by $1-\beta^t$, with $t$ from 1, on
   copies.
3. The stabiliser is no decoration: without it an unused weight gives 0/0; inside the root it acts from gradients of
   $\sqrt\delta$ down, outside from $\delta$ down.
4. Adaptive methods scale *coordinates*: superb when the valley runs along one, and when some coordinates are rarely
   used; little or no help when the valley is turned.
5. Tuned, momentum and Adam are close on our networks. Compare at equal effective rates and each at its best, with equal
   budgets and several seeds; say which convention your weight decay follows.

## Further reading

- I. Goodfellow, Y. Bengio, A. Courville (2016). *Deep Learning*. MIT Press. Sections 8.5.1 to 8.5.4.
- J. Duchi, E. Hazan, Y. Singer (2011). Adaptive subgradient methods for online learning and stochastic
  optimization. *Journal of Machine Learning Research* 12, 2121–2159.
- G. Hinton (2012). *Neural Networks for Machine Learning*, lecture 6e: RMSProp. Coursera.
- M. D. Zeiler (2012). ADADELTA: an adaptive learning rate method. arXiv:1212.5701.
- D. P. Kingma, J. Ba (2015). Adam: a method for stochastic optimization. *ICLR*. arXiv:1412.6980.
- T. Dozat (2016). Incorporating Nesterov momentum into Adam. *ICLR Workshop*.
- A. C. Wilson et al. (2017). The marginal value of adaptive gradient methods in machine learning. *NeurIPS* 30,
  4148–4158.
- F. Kunstner et al. (2024). Heavy-tailed class imbalance and why Adam outperforms gradient descent on language models.
  *NeurIPS* 37. arXiv:2402.19449.
- I. Loshchilov, F. Hutter (2019). Decoupled weight decay regularization. *ICLR*. arXiv:1711.05101.
- S. Greydanus, D. Kobak (2020). Scaling down deep learning with MNIST-1D. arXiv:2011.14439.
- R. M. Schmidt, F. Schneider, P. Hennig (2021). Descending through a crowded valley. *ICML*, PMLR 139,
  9367–9376.
"""
