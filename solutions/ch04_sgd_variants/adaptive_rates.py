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
right. The experiments then run *your* functions. Before an experiment you are asked to predict; do so, in
writing, before you run it.
"""

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.nn.functional import cross_entropy

from utils import landscapes, players, plots
from utils.check import check
from utils.claims import measured
from utils.data import digits, mnist1d
from utils.device import best_device, seed_everything
from utils.models import mlp
from utils.training import grid, sweep, trace, train

seed_everything(0)
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
plt.show()
alive = size[size > 0]
print(f"largest over smallest gradient: more than {10 ** int(np.log10(alive.max() / alive.min()))}")
print(f"pixels without any gradient: {(size == 0).sum()}")

# %% [markdown]
r"""
*Left: a grey digit. Right: a map of the pixels; the middle columns have gradients more than a hundred times
those of the edge; three pixels are marked 0.*

A rate that is right for the middle is far too small for the rarely inked edge, and three pixels are never
inked at all. (Remember those three: they will break an algorithm from a slide.) Nobody sets 640 rates by hand.

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
    lr : float > 0.  eps : float > 0, added to the root
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

A slide follows two weights through four steps. The gradients are $(-2,-10)$, $(-1.5,-10)$, $(-1.25,-9)$ and
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
plt.show()
divisors = slopes[-1] / -steps_taken[-1]
measured(
    "S10",
    f"r = {r.tolist()} (expected 8.8125 and 362), divisors {divisors[0]:.2f} and {divisors[1]:.2f} (about 3 and 19)",
)
assert np.allclose(r, [8.8125, 362]) and np.allclose(divisors, [2.97, 19.03], atol=0.01)

# %% [markdown]
r"""
*Left: plain moves of about 1 to 2 for the first weight and about ±10 for the second. Right: AdaGrad's moves
both begin at 1 and then shrink, to a third and to minus a half.*

At step one every coordinate moves by exactly the rate, whatever its slope: $g/\sqrt{g^2} = \pm1$. From then
on the *history* counts.

### A slide that is wrong: no stabiliser

Two sets of slides print AdaGrad and RMSProp as $g/\sqrt r$, without the $\delta$. Does anybody need it? Train
softmax regression on the digits with `eps=1e-8` and with `eps=0`, and remember the three pixels.

**Predict.** How many of the 640 weights are `nan` after one step without $\delta$? After two?
"""

# %% tags=["experiment"]
blank, setting = np.zeros((64, 10)), {"state": ("r",), "gradient": softmax_gradient, "lr": 0.1}
with_eps = trace(adagrad_step, None, 20, start=blank, eps=1e-8, **setting)
with np.errstate(invalid="ignore"):
    slide = trace(adagrad_step, None, 20, start=blank, eps=0.0, **setting)
broken = [int(np.isnan(weights).sum()) for weights in slide]
fig, axes = plt.subplots(1, 3, figsize=(9.5, 2.9), sharey=True)
titles = ("with δ, step 1: healthy", "slide, step 1: 0/0", "slide, step 2: all is lost")
for ax, weights, title in zip(axes, (with_eps[1], slide[1], slide[2]), titles, strict=True):
    ax.imshow(np.isnan(weights).reshape(8, 8, 10).any(axis=2), cmap="Greys", vmin=0, vmax=1)
    ax.set(title=title, xlabel="column (pixels)")
    ax.grid(False)
axes[0].set_ylabel("row (pixels)")
plt.show()
print(f"weights that are nan after 0, 1, 2 steps of the slide: {broken[:3]} of {blank.size}")
assert broken[:3] == [0, 30, 640] and np.isfinite(with_eps).all()

# %% [markdown]
r"""
*Three maps of the 64 pixels, black where a weight is nan: none; three pixels; all 64.*

A weight that never had a gradient has $r = 0$ and gets $0/0$. One step later that `nan` has gone through the
softmax into every other weight. Frameworks put a $\delta$ there for a reason.

## 2. RMSProp: forget

AdaGrad's sum never shrinks, so its rates only ever fall. On a convex problem that is what you want. But a
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

And the same on a network: a 64-32-10 network learns the digits; after 500 updates we rename the classes (3
becomes 6, and so on), and after 1000 once more. The optimizer and its memory go on. Each method has the best
of three rates, judged on the first 500 updates.

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
data, phase = digits(device=device), 500
tried = {"AdaGrad": (torch.optim.Adagrad, (0.03, 0.1, 0.3)), "RMSProp": (torch.optim.RMSprop, (0.003, 0.01, 0.03))}
learning = {}
for method, (optimizer, rates) in tried.items():
    runs = {}
    for lr in rates:
        network = mlp((64, 32, 10), seed=0, device=device)
        memory = optimizer(network.parameters(), lr=lr)
        named = [(data.x_train, (data.y_train + 3 * times) % 10) for times in range(3)]
        parts = [train(network, part, memory, steps=phase, batch_size=32, seed=i).loss for i, part in enumerate(named)]
        runs[lr] = np.array(parts)
    best = min(runs, key=lambda lr: runs[lr][0, -100:].mean())
    learning[f"{method}, rate {best}"] = runs[best]

fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.7))
for method, walk in walks.items():
    left.plot(walk[:, 0], markevery=250, label=method, **plots.look(method))
left.axhline(10, color="black", linewidth=0.8, linestyle=":")
left.set(title="AdaGrad stalls after the steep entrance", xlabel="update", ylabel="θ (minimum at 10)")
left.legend(loc="center right")
for method, parts in learning.items():
    smooth = parts.reshape(-1, 25).mean(axis=1)
    plots.curves(right, smooth, method, x=25 * np.arange(len(smooth)) + 12, marks=12)
for change in (phase, 2 * phase):
    right.axvline(change, color="black", linewidth=0.8, linestyle=":")
right.set(title="Renamed classes: AdaGrad gets slower", xlabel="update", ylabel="training loss, mean of 25")
right.set_ylim(bottom=0.012)
right.legend(loc="lower left")
plt.show()

arrived = int(np.argmax(walks["RMSProp"][:, 0] > 9.9))
covered = (walks["AdaGrad"][-1, 0] - 1) / 9
later = {method.split(",")[0]: parts[:, -100:].mean(axis=1) for method, parts in learning.items()}
slower = {method: loss[2] / loss[0] for method, loss in later.items()}
measured(
    "S11", f"RMSProp crosses the plain by update {round(arrived, -2)}, AdaGrad has done {covered:.0%} of it after 2000"
)
verdict = {method: "higher" if ratio > 1 else "lower" for method, ratio in slower.items()}
print(f"loss after the third naming against the first: AdaGrad {verdict['AdaGrad']}, RMSProp {verdict['RMSProp']}")
assert 0 < arrived < 1500 and 0 <= covered < 0.05
assert slower["AdaGrad"] > 2 * slower["RMSProp"]

# %% [markdown]
r"""
*Left: both lines climb to 1 together; RMSProp goes on to 10, AdaGrad is flat. Right: two losses that fall
together, jump at the two dotted lines, and fall again, AdaGrad's more slowly each time.*

After the entrance AdaGrad's divisor is 100, for good; a gradient of 0.1 cannot bring it down. RMSProp has
forgotten the entrance after about $1/(1-\rho) = 10$ updates. "AdaGrad is good in the convex case" is the
other side of this coin.

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
plt.show()
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
assert 500 < ratio < 700 and gap < 1e-12
at = int(np.argmin(np.abs(shrinks - 1e-3)))
print(f"loss multiplied by 0.001: log loss {ends['outside'][at]:.2f} with δ outside, {ends['inside'][at]:.2f} inside")
assert ends["outside"][at] < 1.05 * ends["outside"][-1] and ends["inside"][at] > 5 * ends["inside"][-1]

# %% [markdown]
r"""
*Left: step length against gradient size; the two curves leave 1 at 10⁻⁶ (outside) and at about 10⁻³ (inside).
Right: the loss after 40 updates when the loss is multiplied by a constant; flat for outside down to 10⁻³,
rising from 10⁻² down for inside.*

Under the root, $\delta$ has the unit of a *squared* gradient, so it acts below $|g| \approx \sqrt\delta$,
here a thousand times earlier. An adaptive method should not care about the unit of the loss; with $\delta$
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
    lr : float > 0.  decay, momentum : floats in [0, 1).  eps : float > 0, added to the root
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
### A slide that is wrong: minus minus

One set of slides prints $v \leftarrow \alpha v - {-\frac{\epsilon}{\sqrt r}}\odot g$: two minus signs, no
$\delta$. Taken literally that is a negative rate and `eps = 0`, so your own function can run it. We walk
through Rosenbrock's curved valley, with and without momentum, and as the slide says.

**Predict.** Where does the slide's walk go? And what does momentum do for RMSProp here?
"""

# %% tags=["experiment", "claim-S13"]
curved, steps = landscapes.rosenbrock(), 300
setting = {"lr": 0.003, "decay": 0.9}
heavy = {"state": ("velocity", "r"), "momentum": 0.9, **setting}
walks = {
    "RMSProp": trace(rmsprop_step, curved, steps, state=("r",), eps=1e-6, **setting),
    "RMSProp, ten times the rate": trace(rmsprop_step, curved, steps, state=("r",), eps=1e-6, lr=0.03, decay=0.9),
    "RMSProp, Nesterov": trace(rmsprop_nesterov_step, curved, steps, eps=1e-6, **heavy),
    "RMSProp, the slide": trace(rmsprop_nesterov_step, curved, steps, eps=0.0, **(heavy | {"lr": -0.003})),
}
fig, (left, right) = plt.subplots(1, 2, figsize=(9.8, 3.8))
plots.contours(left, curved)
styles = {
    "RMSProp": ("-", plots.ORANGE),
    "RMSProp, ten times the rate": (":", plots.BLACK),
    "RMSProp, Nesterov": ("-", plots.GREEN),
    "RMSProp, the slide": ("--", plots.VERMILLION),
}
for method, walk in walks.items():
    dashes, color = styles[method]
    plots.path(left, walk, method, marks=False, linestyle=dashes, color=color)
    plots.curves(right, curved(walk), method, linestyle=dashes, color=color, marks=0)
left.set_title("The slide climbs out of the valley")
right.set(title="Momentum speeds RMSProp up", xlabel="update", ylabel="height f(θ)")
right.legend(loc="center right", bbox_to_anchor=(1, 0.64))
plt.show()
height = {method: float(curved(walk[-1])) for method, walk in walks.items()}
rest = {"theta": np.zeros(2), "velocity": np.zeros(2), "r": np.zeros(2), "grad_fn": np.zeros_like}
with np.errstate(invalid="ignore"):
    at_rest = rmsprop_nesterov_step(**rest, lr=0.1, decay=0.9, momentum=0.9, eps=0.0)[0]
calm = rmsprop_nesterov_step(**rest, lr=0.1, decay=0.9, momentum=0.9, eps=1e-6)[0]
plain, yours_ends, slide_ends = height["RMSProp"], height["RMSProp, Nesterov"], height["RMSProp, the slide"]
measured(
    "S13",
    f"height 24 falls to {plain:.1f} with RMSProp, {yours_ends:.4f} with Nesterov; the slide climbs above {10 ** int(np.log10(slide_ends)):,}",
)
print("at rest on flat ground, the slide moves to", at_rest.tolist(), "and yours to", calm.tolist())
assert slide_ends > 1e5 and yours_ends < 0.01 * min(plain, height["RMSProp, ten times the rate"])
assert np.isnan(at_rest).all() and (calm == 0).all()

# %% [markdown]
r"""
*Left: on the contour map the walk with momentum follows the bent valley nearly to the star, plain RMSProp
stays near its start, and the slide's walk leaves the picture. Right, log scale: three falling curves, the one
with momentum by far the lowest, and one rising.*

Momentum is more than a larger rate here: RMSProp with ten times the rate ends up rattling between the walls.
As for the slide, signs are easy to get wrong, in print and in code. Two habits catch them: check that the loss
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

"It sorts itself out after several iterations, right?" asks one slide. Feed a constant gradient to Adam with
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
ax.set(title="Without correction Adam starts with steps up to 6.6 times too long")
ax.set(xlabel="step t, constant gradient", ylabel="length of the step / rate")
ax.legend(title="corrections", loc="upper right")
plt.show()

# the code on one slide reads v2 = beta2*v1 + ..., and on another it negates twice, corrects in place and keeps t = 1
faults = {
    "Adam": {},
    "negated twice": {"twice": True},
    "corrected in place": {"in_place": True},
    "t stays 1": {"stuck": True},
    "the whole slide": {"twice": True, "in_place": True, "stuck": True},
    "v2 = beta2*v1": {"mixed": True},
}


def slide_adam(start, steps=60, lr=0.1, twice=False, in_place=False, stuck=False, mixed=False):
    """Run the slides' Adam on ½θ² with a choice of their faults. Returns the path and the history of v2, shape (steps + 1,)."""
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
results = {name: slide_adam(5.0, **fault) for name, fault in faults.items()}
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
plt.show()
mine = trace(adam_step, landscapes.quadratic([[1.0]]), 60, start=[5.0], lr=0.1, **adam)[:, 0]
assert np.allclose(mine, results["Adam"][0])
uphill, blown = results["negated twice"][0][1], results["the whole slide"][1][10]
mirrored = slide_adam(-5.0, mixed=True)[0]
print(f"negated twice: 5.0 → {uphill:.1f}; the whole slide: r is about 10^{round(np.log10(blown))} after 10 steps")
print(f"t stays 1: θ = {results['t stays 1'][0][60]:.1f} after 60 updates, Adam {mine[60]:.1f}")
alive = int(np.isfinite(slide_adam(5.0, steps=200, mixed=True)[0]).sum()) - 1
print(f"v2 = beta2*v1 + …: nan after {alive} healthy updates from 5, at once from -5 ({mirrored[1]})")
measured(
    "S14",
    f"uncorrected: {lengths['none'][0]:.2f} at t = 1, {lengths['none'].max():.2f} at t = {worst}; only s corrected {lengths['only s corrected'][0]:.1f}",
)
np.testing.assert_allclose(lengths["both corrected"], 1, rtol=1e-6)
assert abs(lengths["none"][0] - 3.16) < 0.01 and abs(lengths["none"].max() - 6.57) < 0.01 and worst == 12
assert abs(lengths["only s corrected"][0] - 31.6) < 0.1
assert np.isclose(uphill, 5.1) and 1e27 < blown < 1e29 and np.isnan(mirrored[1])

# %% [markdown]
r"""
*First figure: three curves of step length against t; corrected flat at 1, uncorrected from 3.2 over 6.6 down
to 1 after some thousand steps, only s corrected from 31.6 falling. Second: θ under five versions of Adam, and
their second moments; two of them rise without bound.*

"Sorts itself out" takes about $1/(1-\beta_2) = 1000$ steps, and until then the steps are several times too
long: enough to throw away a careful initialization. Correcting only $s$ is worse than correcting nothing.

The slips, one by one:

- **Negated twice.** $v \leftarrow \alpha_1 v - (1-\alpha_1) g$ points downhill already; $-\epsilon v$ then
  climbs: from 5.0 to 5.1.
- **Corrected in place.** The corrected value is fed back and corrected again. Together with a $t$ that is
  never counted up, $r$ grows by a factor of 1000 a step and reaches $10^{28}$ after ten: training stands still
  and nothing complains.
- **t stays 1.** Uncorrected Adam times 0.316: up to twice too fast at first, three times too slow in the end.
  Nothing breaks, so this slip survives for years.
- **`v2 = beta2*v1 + ...`** One digit wrong. $v_1$ can be negative, and then the root is `nan`.

## 5. AdamW: weight decay, decoupled

An L2 penalty $\tfrac\lambda2\lVert\theta\rVert^2$ adds $\lambda\theta$ to the gradient and pulls every weight
towards zero. In Adam that pull goes into $s$ and $r$ and is *divided by the root* like the rest: weights with
large gradients are hardly pulled. **AdamW** takes it out of the gradient and applies it to the weights
directly:

$$\theta \leftarrow \theta - \epsilon\left(\frac{\hat s}{\sqrt{\hat r}+\delta} + \lambda\,\theta\right)$$

with $\hat s, \hat r$ exactly as in Adam, from the plain gradient; $\theta$ on the right is the old one.
($\lambda$ is `weight_decay`; Loshchilov and Hutter, 2019.)

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
    weight_decay : float >= 0, the pull towards zero, times lr
    Returns the new theta, s and r, same shape; s and r not corrected.
    Source: Loshchilov and Hutter (2019), Algorithm 2; torch.optim.AdamW.
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

Nine groups of weights, all started at 1. Their gradients are pure noise, of standard deviation $10^{-2}$ to
$10^2$, so only the decay, $\lambda = 0.1$, has a say on average. 1000 updates at rate 0.01.

**Predict.** AdamW multiplies every weight by $(1-\epsilon\lambda)$ a step. What remains after 1000? And with
L2 in the gradient, does the group with the small or with the large gradients shrink?
"""

# %% tags=["experiment"]
scales, decay = np.geomspace(1e-2, 1e2, 9), 0.1


def pure_noise(pull):
    """Return a gradient of noise, a column for each scale, plus an L2 pull."""
    rng = np.random.default_rng(0)
    return lambda theta: scales * rng.normal(size=theta.shape) + pull * theta


crowd = np.ones((400, 9))
left_over = {
    "AdamW": trace(adamw_step, None, 1000, start=crowd, gradient=pure_noise(0), lr=0.01, weight_decay=decay, **adam),
    "Adam": trace(adam_step, None, 1000, start=crowd, gradient=pure_noise(decay), lr=0.01, **adam),
}
left_over = {method: walk[-1].mean(axis=0) for method, walk in left_over.items()}
fig, ax = plt.subplots(figsize=(7, 3.6))
ax.semilogx(scales, left_over["AdamW"], label="AdamW, decoupled", **plots.look("AdamW"))
ax.semilogx(scales, left_over["Adam"], label="Adam, L2 in the gradient", **plots.look("Adam"))
ax.axhline((1 - 0.01 * decay) ** 1000, color="black", linewidth=0.8, linestyle=":")
ax.set(title="L2 in Adam spares noisy weights; AdamW treats all alike")
ax.set(xlabel="standard deviation of a weight's gradients", ylabel="mean weight left after 1000 updates")
ax.legend(loc="center left")
plt.show()
print(f"AdamW leaves {left_over['AdamW'].mean():.2f} everywhere; theory {(1 - 0.01 * decay) ** 1000:.2f}")
print(
    f"L2 in Adam leaves {abs(left_over['Adam'][0]):.1f} of the quietest and {left_over['Adam'][-1]:.1f} of the noisiest group"
)
assert (
    np.abs(left_over["AdamW"] - np.exp(-1)).max() < 0.1
    and left_over["Adam"][-1] > 0.9
    and abs(left_over["Adam"][0]) < 0.1
)

# %% [markdown]
r"""
*AdamW: a flat line near 0.37. Adam with L2: a line that rises from 0 at quiet weights to 1 at noisy ones.*

Under Adam "L2 regularisation" and "weight decay" are two different things, and most people mean the second.

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
    r, d : ndarrays >= 0, same shape, running averages of the squared gradients and of the squared steps
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

**Predict.** For how long after the spike are the steps of AdaGrad, RMSProp ($\rho = .9$), Adam and Adamax
($\beta_2 = .999$) shorter than half of what they were? Order the four.
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


def spiked():
    """Return a gradient that is 1 at every call but the fiftieth, when it is 100."""
    calls = iter(range(10**6))
    return lambda theta: np.full_like(theta, 100.0 if next(calls) == 50 else 1.0)


fig, ax = plt.subplots(figsize=(8.2, 4))
hurt = {}
for method in ("AdaGrad", "RMSProp", "Adam", "Adamax"):
    step, state, setting, _, _ = yours[method]
    setting = setting | ({"decay": 0.9} if method == "RMSProp" else {})
    stride = -np.diff(trace(step, None, 6000, start=[0.0], state=state, gradient=spiked(), **setting)[:, 0])
    relative = stride[51:] / stride[49]
    hurt[method] = int(np.sum(relative < 0.5))
    label = f"{method}: {hurt[method]}" if hurt[method] < 5000 else f"{method}: more than 5000"
    marks = [int(m) for m in np.geomspace(1, 5900, 8)]
    ax.loglog(np.arange(1, len(relative) + 1), relative, markevery=marks, label=label, **plots.look(method))
ax.axhline(0.5, color="black", linewidth=0.8, linestyle=":")
ax.set(title="One gradient of 100 among ones: how long each method sulks")
ax.set(xlabel="updates after the spike", ylabel="step / step before the spike")
ax.legend(title="updates below a half", loc="upper left", ncols=2)
ax.set_ylim(top=15)
plt.show()
in_float32 = gaps.pop("Nadam")  # torch keeps Nadam's product in float32, whatever the parameters are
measured(
    "S18",
    f"against torch.optim after 100 updates: six rules within 1e-12: {max(gaps.values()) < 1e-12}, Nadam within 1e-5: {in_float32 < 1e-5}",
)
assert max(gaps.values()) < 1e-12 and in_float32 < 1e-5
assert hurt["RMSProp"] < 100 < hurt["Adam"] < hurt["Adamax"] < 5000 < hurt["AdaGrad"]

# %% [markdown]
r"""
*Four curves of relative step length after the spike, on log-log axes: RMSProp drops at once and recovers
within 60 updates; Adam sinks slowly and needs some 1400, Adamax nearly 4000; AdaGrad never returns.*

Your rules agree with torch in all digits but the last; Nadam in nine, as torch keeps its product of momenta in
32 bits.

A memory is a promise about the future: "gradients will be about as large as they were in the last
$1/(1-\beta_2)$ steps". The longer it is, the steadier the rate, and the longer a single outlier hurts. (Adam's
steps shrink only gradually because $s$ has swallowed the spike as well, and forgets it sooner than $r$.)

## 7. What the axes know

All these methods scale each *coordinate*. What if the valley does not run along one? Take a bowl with
$\kappa = 1000$ and turn it. We count the updates until the loss reaches a ten-thousandth of its start; every
method gets the best of 40 rates at every angle.

**Predict.** At 45°, who suffers: gradient descent, AdaGrad, Adam? By what factor?
"""

# %% tags=["experiment", "claim-S17"]
angles, forty = np.array([0, 5, 15, 30, 45, 60, 75, 85, 90]), np.geomspace(1e-3, 3, 40)[:, None]


def updates_needed(step, bowl, rates, **setting):
    """Return the fewest updates, over the rates, until the loss is 1e-4 of its start."""
    with np.errstate(all="ignore"):
        walk = trace(step, bowl, 4000, start=np.tile(bowl.start, (len(rates), 1)), lr=rates, **setting)
    low = bowl(walk) < 1e-4 * bowl(bowl.start)
    return int(np.argmax(low.any(axis=1)))


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
right.set(ylabel="updates to 1e-4 of the loss", xticks=range(0, 91, 15))
right.legend(loc="lower center")
plt.show()
factor = {method: counts[4] / counts[0] for method, counts in needed.items()}
measured(
    "S17",
    f"slower at 45°: gradient descent {factor['SGD']:.1f} times, AdaGrad {round(factor['AdaGrad'], -1):.0f}, Adam {factor['Adam']:.0f}",
)
print(f"with κ = 100 Adam needs {milder[0]} updates along the axes and {milder[1]} at 45°")
assert 0.99 < factor["SGD"] < 1.01 and factor["AdaGrad"] > 100 and factor["Adam"] > 5
assert needed["AdaGrad"][4] > needed["SGD"][4] > needed["Adam"][4] and milder[1] < 1.5 * milder[0]

# %% [markdown]
r"""
*Left and middle: the same bowl along the axes and turned by 45°, with three walks of fifteen updates each.
Right: updates against angle: gradient descent flat at about 2000; AdaGrad rises from 4 to more than 3000 at 45°
and falls again; Adam from 30 to about 350.*

Along the axes AdaGrad solves the bowl in four updates: one rate for each eigendirection, just what was needed.
At 45° both coordinates see the same mixture and get the same rate, and nothing is left to adapt. AdaGrad ends
up *behind* gradient descent. Adam becomes ten times slower and yet stays ahead, thanks to its momentum; in a
milder bowl, $\kappa = 100$, momentum alone carries it, and the angle hardly matters. In a network the axes are
the weights. How well they fit the valleys nobody promises you.

## 8. The animated races

Two landscapes on which the gradient along the way out is tiny at first: the saddle that you know, and a
**long valley** with steep walls, whose floor falls slowly away from a ridge. All start a thousandth beside
the ridge.

**Predict.** Which methods leave first? Which bounce, which overshoot?
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


def race_all(landscape, steps, lr):
    """Walk with all methods; SGD, momentum and Nesterov at rate lr, the others at rates usual for them."""
    walks = {
        "SGD": torch_walk(optim.SGD, landscape, steps, lr=lr),
        "momentum": torch_walk(optim.SGD, landscape, steps, lr=lr, momentum=0.9),
        "Nesterov": torch_walk(optim.SGD, landscape, steps, lr=lr, momentum=0.9, nesterov=True),
    }
    usual = {
        "AdaGrad": {"lr": 0.3},
        "RMSProp": {"lr": 0.03, "decay": 0.9},
        "Adam": {"lr": 0.1},
        "AdaDelta": {"eps": 1e-4},
    }
    for method, changed in usual.items():
        step, state, setting, _, _ = yours[method]
        walks[method] = trace(step, landscape, steps, state=state, **(setting | changed))
    return walks


on_saddle, in_valley = race_all(saddle, 120, lr=0.1), race_all(valley, 160, lr=0.15)
leaves = {}
for name, walks in (("saddle", on_saddle), ("long valley", in_valley)):
    for method, walk in walks.items():
        out = np.abs(walk[:, 1]) > 0.5
        leaves[name, method] = int(np.argmax(out)) if out.any() else np.inf
over = {method: walk[:, 1].max() - 1 for method, walk in on_saddle.items()}
print("update at which θ₂ passes 0.5:")
for method in on_saddle:
    there = leaves["long valley", method]
    print(
        f"  {method:9} saddle {leaves['saddle', method]:3}, long valley {there if there < np.inf else 'not within 160'}"
    )
bent = race_all(curved, 400, lr=1e-3)
nearest = min(bent, key=lambda method: np.linalg.norm(bent[method][-1] - curved.minimum))
print("in Rosenbrock's bent valley the nearest to the minimum after 400 updates:", nearest)
adaptive = [method for method in on_saddle if method not in ("SGD", "momentum", "Nesterov", "AdaDelta")]
slowest = max(leaves["saddle", m] for m in adaptive)
measured(
    "S16",
    f"saddle: SGD leaves at update {leaves['saddle', 'SGD']}, momentum at {leaves['saddle', 'momentum']} (overshoots by {over['momentum']:.2f}), adaptive by {slowest}",
)
assert leaves["saddle", "SGD"] > 2 * leaves["saddle", "momentum"] > 4 * slowest and over["momentum"] > 0.2
assert leaves["long valley", "SGD"] == np.inf and max(leaves["long valley", m] for m in adaptive) < 30
assert nearest == "momentum"
players.race(saddle, on_saddle, title="Saddle: adaptive methods turn at once", seconds=8)

# %% tags=["experiment"]
players.race(valley, in_valley, title="Long valley: SGD does not find the way out", seconds=8)

# %% [markdown]
r"""
*Two films with a slider. Saddle: AdaGrad, RMSProp and Adam turn off the ridge within ten updates, momentum
and Nesterov follow and overshoot, SGD creeps. Long valley: momentum and Nesterov bounce between the walls before
they leave; SGD is still on the ridge at the end, AdaGrad, RMSProp and Adam are long at the minimum.*

Near the ridge the gradient along the way out is a thousandth of the one towards it. Dividing each by its own
size makes them equal: **adaptive methods follow the sign more than the slope.** AdaDelta has to find its step
length first, which in the long valley costs it 130 updates.

Do not read too much into such films. In Rosenbrock's valley, which bends, momentum ended nearest to the minimum.
A landscape can be found for every favourite.

## 9. A fair race

"Adam is the best optimizer" and "SGD generalizes better" are mostly statements about *tuning*. A fair race
gives everybody the same budget: here nine rates in half decades, five seeds, the same networks and
minibatches, the rate falling linearly to zero. Momentum has $\alpha = .9$ and its rates are plotted as
$\epsilon/(1-\alpha)$, so that it is compared with SGD at equal effective rates. Three tasks:

- **digits**, pixels in $[0, 1]$, 64-32-10 network, 400 updates;
- **the same digits with pixels in 0…16**, as somebody forgot to scale;
- **MNIST-1D** (Greydanus and Kobak, 2020), digits drawn as curves of 40 points, shifted and noisy, much
  harder, 40-64-10 network, 800 updates.
"""

# %% tags=["experiment"]
curves_1d = mnist1d(device=device)
fig, axes = plt.subplots(1, 5, figsize=(10, 1.9), sharey=True)
for digit, ax in enumerate(axes):
    for example in curves_1d.x_train[curves_1d.y_train == digit][:2].cpu():
        ax.plot(example, color=(plots.BLUE, plots.ORANGE)[int(len(ax.lines) > 0)])
    ax.set(title=f"two of class {digit}", xlabel="position")
axes[0].set_ylabel("value (standardised)")
plt.show()

# %% [markdown]
r"""
*Five small panels, each with two curves of one class, shifted against each other.*

**Predict.** Each method has a valley of good rates on each task. Whose valley moves most from task to task?
And when everybody is tuned, who wins?
"""

# %% tags=["experiment"]
unscaled = data._replace(x_train=16 * data.x_train, x_test=16 * data.x_test)
tasks = {
    "digits": (data, (64, 32, 10), 400),
    "digits, 0…16": (unscaled, (64, 32, 10), 400),
    "MNIST-1D": (curves_1d, (40, 64, 10), 800),
}
nine, seeds = np.geomspace(1e-4, 1, 9), range(5)
entrants = {
    "SGD": (optim.SGD, 10 * nine, {}),
    "momentum": (optim.SGD, nine, {"momentum": 0.9}),
    "AdaGrad": (optim.Adagrad, nine, {}),
    "RMSProp": (optim.RMSprop, nine, {}),
    "Adam": (optim.Adam, nine, {}),
}
fig, axes = plt.subplots(1, 3, figsize=(11.5, 3.9))
loss, score = {}, {}
for ax, (task, (split, sizes, steps)) in zip(axes, tasks.items(), strict=True):
    for method, (optimizer, rates, extra) in entrants.items():
        history = sweep(
            lambda seed, sizes=sizes: mlp(sizes, seed=seed),
            split.train,
            grid(seed=seeds, lr=rates, **extra),
            optimizer=optimizer,
            steps=steps,
            batch_size=32,
            schedule=lambda k, lr, steps=steps: lr * (1 - k / steps),
            evaluate=split.test,
        )
        final = history.loss[:, -100:].mean(axis=1).reshape(5, 9)
        loss[task, method] = np.median(np.nan_to_num(final, nan=9, posinf=9), axis=0)
        score[task, method] = np.median(history.eval_accuracy[:, -1].reshape(5, 9), axis=0)
        effective = rates / (1 - extra.get("momentum", 0))
        plots.sensitivity(ax, effective, np.where(final < 5, final, np.nan), method)
    ax.set(title=task, xlabel="learning rate (momentum: ε/(1-α))")
axes[0].set_ylabel("training loss at the end (median, range)")
axes[0].legend(loc="lower left")
fig.suptitle("SGD's best rate moves thirtyfold from task to task, Adam's tenfold", fontweight="bold")
plt.show()

# %% [markdown]
r"""
*Three panels of loss against rate for five methods, each with a ringed minimum. The minima of SGD and momentum
lie more than ten times further left when the pixels are unscaled; those of Adam, RMSProp and AdaGrad move by
a factor of three to ten.*

Now two numbers for every method: its test accuracy with the rate **tuned on each task**, and with the one rate
that is best **for all three tasks together**. (Tuned by training loss; the test set only reports.)
"""

# %% tags=["experiment", "claim-S15"]
shared = {}
for method in entrants:
    # how far from its own best each rate is, on the task where it is worst
    regret = np.max([loss[task, method] / loss[task, method].min() for task in tasks], axis=0)
    shared[method] = int(regret.argmin())
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.9), sharey=True)
tuned = {(task, m): score[task, m][loss[task, m].argmin()] for task in tasks for m in entrants}
common = {(task, m): score[task, m][shared[m]] for task in tasks for m in entrants}
for ax, values, title in (
    (left, tuned, "Tuned on each task: hardly a difference"),
    (right, common, "One rate for all tasks: the adaptive methods keep up"),
):
    for i, method in enumerate(entrants):
        x = np.arange(3) + 0.13 * (i - 2)
        ax.plot(
            x,
            [100 * values[task, method] for task in tasks],
            linestyle="none",
            markersize=9,
            label=method,
            **plots.look(method),
        )
    ax.set(title=title, xticks=range(3), xticklabels=list(tasks))
left.set_ylabel("test accuracy (%), median of 5 seeds")
right.legend(loc="lower left")
plt.show()
moved = {m: np.ptp([np.log10(entrants[m][1][loss[task, m].argmin()]) for task in tasks]) for m in entrants}
worst_loss = {m: max(100 * (tuned[task, m] - common[task, m]) for task in tasks) for m in entrants}
behind = {task: 100 * (tuned[task, "Adam"] - tuned[task, "momentum"]) for task in tasks}
for m in entrants:
    print(
        f"one rate for all tasks: {m:9} loses {'more than 8' if worst_loss[m] > 8 else 'less than 8'} points on some task"
    )
for m in ("SGD", "momentum", "Adam"):
    print(f"{m:9} best rate moves by a factor of {'about thirty' if moved[m] > 1.4 else 'at most ten'}")
default = score["digits", "Adam"][2]
print(
    f"digits: Adam at its default 1e-3 is {'more' if tuned['digits', 'Adam'] - default > 0.05 else 'less'} than 5 points behind tuned Adam"
)
apart = max(abs(points) for points in behind.values())
close = next(bound for bound in (1.5, 3, 6, 100) if apart < bound)
safer, dearer = 5 * int(1 + worst_loss["Adam"] // 5), 10 * int(worst_loss["SGD"] // 10)
measured(
    "S15",
    f"tuned, momentum and Adam are less than {close} test points apart; "
    f"one rate for three tasks costs SGD more than {dearer} points, Adam less than {safer}",
)
assert apart < 2.5 and worst_loss["SGD"] > 8 > 5 > worst_loss["Adam"]
assert moved["SGD"] > 1.4 > 1.1 > moved["Adam"]
assert loss["MNIST-1D", "Adam"].min() < loss["MNIST-1D", "AdaGrad"].min()

# %% [markdown]
r"""
*Two panels of test accuracy on three tasks. Left, tuned: the five markers of each task lie close together.
Right, with one common rate: SGD falls by some twenty points on one task, momentum by more than ten; AdaGrad,
RMSProp and Adam lose a few.*

What this race says, and what it does not:

- **Tuned, the winner is hard to find.** Momentum and Adam differ by less than two test points, on a budget of
  45 runs each and task. On training loss they share the lead on the digits; on MNIST-1D RMSProp is a little ahead.
- **Untuned, Adam and its family are safer.** The rate that suits them moves by a factor of ten over the three
  tasks, that of SGD by thirty, and one rate for all costs them little. This is what "a good default" can mean.
- **The default of $10^{-3}$ is no law.** These runs are short; tuned Adam takes ten to a hundred times more. The
  slides' "$10^{-3}$ or $5\cdot10^{-4}$ is a great starting point" speaks of large networks and long training.
- Three small tasks, five seeds. Wilson et al. (2017) found tasks where tuned SGD generalizes better; Schmidt et
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
3. The stabiliser is no decoration: without it an unused weight gives 0/0; inside the root it acts a thousand
   times earlier.
4. Adaptive methods scale *coordinates*: superb when the valley runs along one, no help when it is turned.
5. Tuned, momentum and Adam are close; untuned, Adam is safer. Compare with equal budgets and several seeds, and
   use AdamW when you mean weight decay.

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
- I. Loshchilov, F. Hutter (2019). Decoupled weight decay regularization. *ICLR*. arXiv:1711.05101.
- S. Greydanus, D. Kobak (2020). Scaling down deep learning with MNIST-1D. arXiv:2011.14439.
- R. M. Schmidt, F. Schneider, P. Hennig (2021). Descending through a crowded valley. *ICML*, PMLR 139,
  9367–9376.
"""
