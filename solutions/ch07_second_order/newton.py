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
# Newton, conjugate gradients and the Hessian you never form

When you have worked through this notebook you can

- take Newton's step, say what it promises, and say when it runs to a saddle,
- repair it, by damping or by taking the sizes of the curvatures,
- say why nobody inverts the Hessian of a network, in bytes and in hours,
- build conjugate gradients, which solve the same system from products with the Hessian alone, and say how many steps they need,
- get such a product from autograd for the price of a few gradients, and with it the spectrum of a network and its Newton step.

About 230 minutes, 37 points. Goodfellow et al. (2016), *Deep Learning*, sections 8.6.1 and 8.6.2. From earlier chapters you need the
gradient, the [condition number and the eigenvalues of a Hessian](../ch03_challenges/curvature.ipynb) and
[momentum](../ch04_sgd_variants/momentum.ipynb). Take two sittings, with a break after section 4: the exercises take 108 minutes (each says how
many), the reflection 10, the 13 experiments 5 each, and the rest is reading.

**How it goes.** You write a function, and `check(...)` tells you at once whether it is right. Then you guess what an
experiment will show: fill in the cell `guess = …`, in numbers or words, before you run the next one. Nobody grades a guess,
and `...` is allowed. The experiment's source is folded; it runs *your* functions and sets your guess beside what came. Open
**What you saw** afterwards.

**What an answer owes.** Arrays hold floats. Leave the arrays that you are given as they are.
"""

# %%
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch._dynamo  # which counting operations needs; loaded here, it does not keep a check waiting
from threadpoolctl import threadpool_limits

from utils import hessians, landscapes, players, plots, predict, searches
from utils.check import check
from utils.claims import base_seed, measured, seeds, spread
from utils.data import digits
from utils.device import best_device, least_seconds, seed_everything
from utils.models import mlp
from utils.training import trace
from utils.walks import arrival

seed_everything(base_seed())
device = best_device()
torch.set_num_threads(1)  # for networks as small as ours, threads mostly wait for each other
plots.style()
guess = ...  # yours, before each experiment


def descend(theta, grad, lr):
    """Plain gradient descent, to compare with."""
    return theta - lr * grad


# %% [markdown]
r"""
## 1. A parabola instead of a slope

A gradient says which way is down and not how far. The Hessian $H$, the matrix of second derivatives, says how the slope changes on the way. With
both, the loss near $\theta$ looks like a **quadratic model** of the step $p$ (Goodfellow et al., equation 8.26):

$$J(\theta + p) \;\approx\; J(\theta) + g^\top p + \tfrac12\, p^\top H p.$$

Where is this model flat? Its gradient with respect to $p$ is $g + Hp$. Set it to zero, and you have **Newton's step**,

$$p = -H^{-1} g, \qquad \theta \leftarrow \theta + p,$$

and no learning rate in sight. What the model promises for this step is the change $g^\top p + \tfrac12\,p^\top H p$. Keep that number: whether
a promise was kept is how you will know later whether to believe the model.

### Exercise 1: `newton_step` (4 points, 8 minutes, easy)

Return the new `theta`, and the change of the loss that the model promises, a float: below zero for a fall. `hessian` is symmetric and can be
inverted, and may have curvatures of both signs.

By hand: $\theta = 3$, $g = 4$, $H = 2$ gives $\theta = 1$ and a change of $-4$.

<details><summary>Hint</summary>

Do not invert: $p$ is the solution of the linear system $Hp = -g$, and NumPy solves it, faster and with smaller errors. Then put *this* $p$ into the
model.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "newton-step", "locked": false, "schema_version": 3, "solution": true}
def newton_step(theta, grad, hessian):
    """Return theta after Newton's step, and the change of the loss that the quadratic model promises.

    theta, grad : ndarrays, shape (n,).  hessian : ndarray, shape (n, n), symmetric, no eigenvalue 0
    Returns (theta, change), shape (n,) and a float, negative if the model falls. The inputs are not modified.
    """
    ### BEGIN SOLUTION
    step = -np.linalg.solve(hessian, grad)
    change = grad @ step + 0.5 * step @ hessian @ step
    return theta + step, change
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "newton-step-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(newton_step)

# %% [markdown]
r"""
### One step on a bowl

A common version of the formula has lost a bracket on its way to the page: $\;\theta^* = \theta - H L(\theta))^{-1}\,\nabla L(\theta)$. Read literally
($L$ is the loss), two closings are possible: $(H\,L)^{-1}$, the inverse of the product, or $H\,(L)^{-1}$, the Hessian divided by the loss. Ten random
bowls in 20 dimensions, $\kappa = 100$.

**Guess** the distance from the minimum after one step, as a share of that before it (1 is no progress), for your step and for the two readings. And:
how many steps does gradient descent take at its best rate, until that share is a millionth?
"""

# %% tags=["guess"]
guess = {"your step": ..., "(H L)⁻¹ g": ..., "H L⁻¹ g": ..., "steps of gradient descent": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N1"]
# the experiment: one step on ten bowls
readings = {
    "your step": lambda theta, g, H, loss: newton_step(theta, g, H)[0],
    "(H L)⁻¹ g": lambda theta, g, H, loss: theta - np.linalg.solve(H * loss, g),
    "H L⁻¹ g": lambda theta, g, H, loss: theta - H @ g / loss,
}
left_over, broken, downhill = {name: [] for name in readings}, [], []
for rng in map(np.random.default_rng, seeds(10)):
    H = hessians.with_curvatures(np.geomspace(1, 100, 20), rng)
    field, theta = landscapes.quadratic(H), rng.normal(size=20)
    for name, step in readings.items():
        left_over[name].append(np.linalg.norm(step(theta, H @ theta, H, field(theta))) / np.linalg.norm(theta))
    broken.append(newton_step(theta, field.gradient(theta), H)[1] / (0 - field(theta)) - 1)  # the minimum is 0
    distance = np.linalg.norm(trace(descend, field, 900, start=theta, lr=2 / 101), axis=1)
    downhill.append(arrival(distance, 1e-6 * distance[0]))
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.6))
long = landscapes.bowl(25, angle=0.4)
moved = newton_step(long.start, long.gradient(long.start), hessians.of(long, long.start))[0]
plots.contours(left, long).set_title("One step, against sixty")
plots.path(left, trace(descend, long, 60, lr=2 / 26), "SGD", label="gradient descent")
plots.path(left, [long.start, moved], "Newton", linewidth=2.6).legend(loc="lower right")
plots.ranges(right, left_over, dict.fromkeys(readings, plots.look("Newton")["color"]))
right.set(xscale="log", title="A lost bracket loses the step", xlabel="distance left, as a share")
plots.show(fig, alt="Left: gradient descent zigzags down a bowl, Newton takes one step. Right: shares 1e-15, 1 and 15.")
found = left_over | {"steps of gradient descent": downhill}
predict.compare(guess, {name: np.median(values) for name, values in found.items()}, "one step on a bowl")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N1"]
# the claim
told = "; ".join(f"{name} {spread(values, '.2g')}" for name, values in left_over.items())
measured(
    "N1",
    f"distance left after one step: {told}; gradient descent needs {spread(downhill, '.0f')} steps to a millionth; "
    f"promised change off by {np.abs(broken).max():.0e} at most",
)
assert np.all(np.array(left_over["your step"]) < 1e-9), "one Newton step should reach the minimum of a bowl"
assert np.min(left_over["(H L)⁻¹ g"]) > 0.5, "the inverse of the product should hardly move"
assert np.min(left_over["H L⁻¹ g"]) > 0.5, "the Hessian over the loss should not arrive"
assert np.abs(broken).max() < 1e-8, "on a bowl the model should keep its promise"
assert np.min(downhill) > 100, "gradient descent should need hundreds of steps at κ = 100"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

One step, whatever the condition number, and the promise is kept exactly: a bowl *is* its model. (An identity.) Of the two readings one hardly
moves, since the loss is large here, and the other is thrown outwards along the steep directions. A formula with an unpaired bracket has no meaning; derive it
from $g + Hp = 0$, and there is nothing to remember.
</details>

### Where the loss is no parabola

Then the step is not the last one. Three starts, in one dimension, on convex functions with the minimum at 0:

- $e^\theta - \theta$ from $\theta = 1$ and from $\theta = -5$,
- $\sqrt{1+\theta^2}$ from $\theta = 0.9$ and from $\theta = 1.1$.

**Guess** the number of Newton steps until $|\theta| < 10^{-8}$; `"∞"` for never.
"""

# %% tags=["guess"]
guess = {"exp, from 1": ..., "exp, from -5": ..., "root, from 0.9": ..., "root, from 1.1": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N1"]
# the experiment: Newton on two convex functions
slopes = {
    "exp": lambda t: (np.expm1(t), np.exp(t)),
    "root": lambda t: (t / np.sqrt(1 + t**2), (1 + t**2) ** -1.5),
}
fig, ax = plt.subplots(figsize=(8.5, 3.9))
walks, came, colors = {}, {}, (plots.BLUE, plots.ORANGE, plots.GREEN, plots.PURPLE)
for (name, start), color in zip((("exp", 1.0), ("exp", -5.0), ("root", 0.9), ("root", 1.1)), colors, strict=True):
    theta, label = np.array([start]), f"{name}, from {start:g}"
    walks[label] = [start]
    while 1e-8 <= np.abs(theta[0]) < 1e6 and len(walks[label]) < 300:
        slope, curvature = slopes[name](theta)
        theta = np.asarray(newton_step(theta, slope, np.diag(curvature))[0])
        walks[label].append(theta[0])
    came[label] = len(walks[label]) - 1 if np.abs(theta[0]) < 1e-8 else np.inf
    ax.plot(np.abs(walks[label]), color=color, marker="o", markersize=4, label=label)
ax.set_xscale("symlog", linthresh=10)
ax.set(yscale="log", xlim=(0, 200), ylim=(1e-14, 1e8), xlabel="Newton steps", ylabel="distance from the minimum")
ax.set_xticks([0, 2, 4, 6, 8, 10, 30, 100], ["0", "2", "4", "6", "8", "10", "30", "100"])
predict.mark(ax, guess, at=1e-8, axis="x", colors=dict(zip(came, colors, strict=True)))
ax.set_title("Near: digits double or treble. Far: a leap away, or away for good")
ax.legend(loc="lower center", bbox_to_anchor=(0.65, 0.05))
plots.show(fig, alt="Distances: from 1 and .9 to 1e-8 in five steps; from -5 to 142, then down; from 1.1 up for ever.")
predict.compare(guess, came, "Newton steps to 1e-8")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N1"]
# the claim
error = np.abs(walks["exp, from 1"])
doubling = error[1:] / error[:-1] ** 2
print("error over the squared error before:", " ".join(f"{ratio:.2f}" for ratio in doubling))
assert came["exp, from 1"] < 8 and came["root, from 0.9"] < 8, "near the minimum a handful of steps should do"
assert np.all(np.abs(doubling[2:] - 0.5) < 0.05), "near the minimum the error should become half its own square"
back = -np.diff(walks["exp, from -5"])[1:130]
assert came["exp, from -5"] > 100 and walks["exp, from -5"][1] > 100, "from flat ground Newton should leap far away"
assert np.all(np.abs(back - 1) < 0.01), "and crawl back one unit a step"
cubes = np.abs(walks["root, from 0.9"])
assert np.allclose(cubes[1:] / cubes[:-1] ** 3, 1, rtol=0.01), "inside of 1 Newton on the root should cube the distance"
assert np.isinf(came["root, from 1.1"]), "outside of 1 Newton on the root should not arrive, although it is convex"
assert np.abs(walks["root, from 1.1"][-1]) > 1e6, "it should run away"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Near the minimum of $e^\theta-\theta$ the new error is half the *square* of the old one: the number of right digits doubles with every step. That is
Newton's fame. On flat ground the model is a wide parabola and its bottom far away: from $-5$ the first step lands at 142, from where each step
comes back by one unit. On $\sqrt{1+\theta^2}$ the step is $\theta \to -\theta^3$: inside of 1 digits treble, outside the walk explodes, on a convex
function. So nobody uses the bare step: a line search, or damping, has to ask whether the promise was kept.
</details>

## 2. Newton runs to saddles

Newton looks for the point where the *model is flat*. Nothing in the formula prefers flat at the bottom. Himmelblau's function has four minima, four
saddles and one maximum in the window $[-5, 5]^2$. A hundred random starts for each of ten seeds, your `newton_step` until the gradient is gone.

**Guess**, in per cent of the starts, where they end. And on how many per cent of all steps does the model promise a *rise* of the loss?
"""

# %% tags=["guess"]
guess = {"at a minimum": ..., "at a saddle": ..., "at the maximum": ..., "steps with a rise promised": ...}  # per cent

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N2"]
# the experiment: where Newton ends
himmelblau = landscapes.himmelblau()
starts = np.array([np.random.default_rng(seed).uniform(-5, 5, size=(100, 2)) for seed in seeds(10)])
promised = []


def noting(theta, grad, hessian):
    moved, change = newton_step(theta, grad, hessian)
    promised.append(change)
    return moved


kinds, made = hessians.settle(noting, himmelblau, starts.reshape(-1, 2))
shares = {kind: 100 * (kinds.reshape(10, 100) == kind).mean(axis=1) for kind in hessians.KINDS}
rises = 100 * np.mean(np.array(promised) > 0)
fig, ax = plt.subplots(figsize=(6.6, 4.6))
plots.contours(ax, himmelblau)
minima = np.array([(3, 2), (-2.805, 3.131), (-3.779, -3.283), (3.584, -1.848)])
ax.plot(*minima.T, "*", color=plots.BLACK, markersize=11, zorder=5)
looks = {"minimum": (plots.BLUE, "o"), "saddle": (plots.ORANGE, "x"), "maximum": (plots.VERMILLION, "^")}
for kind, (color, marker) in looks.items():
    ax.scatter(*starts.reshape(-1, 2)[kinds == kind].T, s=11, color=color, marker=marker, linewidth=1, label=kind)
ax.set(title="From every third start Newton goes to a saddle")
ax.plot([], [], "*", color=plots.BLACK, label="(the minima)")
fig.legend(*ax.get_legend_handles_labels(), title="ends at a", loc="outside right center", markerscale=1.8)
text = """A thousand starts on the contours of Himmelblau's function, marked by where Newton took them: blue dots around the four minima (stars), and between
them broad bands of crosses, which went to saddles, and some triangles in the middle, which went to the maximum."""
plots.show(fig, alt=text)
came = {f"at {'the' if kind == 'maximum' else 'a'} {kind}": np.median(shares[kind]) for kind in looks}
predict.compare(guess, came | {"steps with a rise promised": rises}, "Newton on Himmelblau", "per cent")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N2"]
# the claim
measured("N2", "Newton ends, % of starts: " + "; ".join(f"{kind} {spread(shares[kind], '.0f')}" for kind in looks))
warned = np.array([np.any(walk > 0) for walk in np.split(np.array(promised), np.cumsum(made)[:-1])])
warnings = {kind: 100 * np.mean(warned[kinds == kind]) for kind in looks}
told = ", ".join(f"{kind} {share:.0f} %" for kind, share in warnings.items())
print(f"walks with a rise promised on the way, to a {told}; {rises:.0f} % of all steps")
assert np.all(shares["saddle"] > 20), "bare Newton should run to a saddle from every fifth start or more"
assert 27 < np.median(shares["saddle"]) < 43, "in all it should do so from about every third"
assert np.median(shares["maximum"]) > 1, "bare Newton should even climb to the maximum now and then"
assert rises > 5, "the model should often promise a rise, and Newton take it"
assert warnings["maximum"] == 100, "it should do so on every way to the maximum"
assert 1.2 * warnings["minimum"] < warnings["saddle"] < 60, "it should warn of some saddles, and not of all"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Some 57 % end at a minimum, a third at a saddle and 6 % on top of the hill. One step in eight *promised a rise*, and was taken all the same: your second return value
would have warned of it. On the way to the top it warned every time; on the way to a saddle in some two walks of five only, for the flat point of a
saddle-shaped model may well lie below you; and in one of five on the way to a minimum, too. So it is a hint, and no more.
</details>

In high dimension, where [nearly all critical points are saddles](../ch03_challenges/curvature.ipynb), this is deadly. Two repairs. The first:
add the same number $\lambda$ to all curvatures until every one is positive (**damping**),

$$\theta \leftarrow \theta - (H + \lambda I)^{-1} g.$$

(Goodfellow et al., equation 8.28.) The rule: $\lambda$ is to be more than $|h_{\min}|$, the size of the most negative eigenvalue. The eigenvectors stay, the eigenvalues $h_i$ become $h_i + \lambda$. For small $\lambda$ it is Newton's step, for
large $\lambda$ a short one along $-g$.

### Exercise 2: `damped_newton_step` (4 points, 10 minutes, medium)

Choose the smallest $\lambda \ge 0$ for which all eigenvalues of $H + \lambda I$ are at least `margin`, and take the step. Return the new `theta` and
$\lambda$.

By hand: $H = \mathrm{diag}(4, -1)$ and a margin of $\tfrac12$ give $\lambda = 1.5$; $H = \mathrm{diag}(4, 2)$ gives 0.

<details><summary>Hint</summary>

`np.linalg.eigvalsh` returns the eigenvalues of a symmetric matrix in rising order. How much does the first one lack?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "damped-newton-step", "locked": false, "schema_version": 3, "solution": true}
def damped_newton_step(theta, grad, hessian, margin):
    """Take a Newton step with the least damping that leaves every curvature at `margin` or above.

    theta, grad : ndarrays, shape (n,).  hessian : ndarray, shape (n, n), symmetric.  margin : float > 0
    Returns (theta, damping), shape (n,) and a float >= 0. The inputs are not modified.
    """
    ### BEGIN SOLUTION
    least = np.linalg.eigvalsh(hessian)[0]
    damping = max(margin - least, 0.0)
    step = -np.linalg.solve(hessian + damping * np.eye(len(grad)), grad)
    return theta + step, damping
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "damped-newton-step-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(damped_newton_step)

# %% [markdown]
r"""
### How much damping does a saddle need?

Does it really take more than $|h_{\min}|$? Test the rule on the plainest saddle, $\tfrac12(3x^2 - y^2)$, where $h_{\min} = -1$. Take one step
$-(H+\lambda I)^{-1}g$ from $(x, y) = (1, 1)$.

**Guess** $y$ after the step: for $\lambda = 0$, ¼, ¾ and 1¼. (It was 1; a negative number is on the other side of the ridge.)
"""

# %% tags=["guess"]
guess = {"λ = 0": ..., "λ = 1/4": ..., "λ = 3/4": ..., "λ = 5/4": ...}  # y after the step

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N2"]
# the experiment: damping from none to three times the least curvature
H = np.diag([3.0, -1.0])
ridge = landscapes.quadratic(H)
dampings, slope = np.linspace(0, 3, 122), ridge.gradient(np.ones(2))
after = np.array([newton_step(np.ones(2), slope, H + damping * np.eye(2))[0] for damping in dampings])
downwards = (after - 1)[:, 1] * slope[1] < 0  # along y, does the step lead the way that the slope falls?
along, height = (after - 1) @ slope, ridge(after)
fig, (ax, whole) = plt.subplots(1, 2, figsize=(11, 3.9))
ax.plot(dampings[~downwards], after[~downwards, 1], ".", color=plots.ORANGE, label="against y's slope")
ax.plot(dampings[downwards], after[downwards, 1], ".", color=plots.BLUE, label="down y's slope")
ax.axhspan(-1, 1, color=plots.GREY, alpha=0.18, label="nearer to the saddle")
named = {"λ = 0": 0.0, "λ = 1/4": 0.25, "λ = 3/4": 0.75, "λ = 5/4": 1.25}
whole.plot(dampings, height, ".", color=plots.BLACK, label="loss after the step (1 before)")
whole.plot(dampings, along, ".", color=plots.PURPLE, label="g·p, the slope along it")
for panel, title in ((ax, "y leaves beyond ½, downhill only beyond 1"), (whole, "The whole step: uphill from .6 to 1")):
    panel.set_yscale("symlog", linthresh=1)
    panel.set(title=title, xlabel="damping λ, in units of |h_min|")
ax.set_ylabel("y after the step")
predict.mark(ax, guess, at=named)
ax.legend(), whole.legend(loc="lower right")
text = """Left: y after one step against damping. From 0 to a half it lies in the grey band, nearer to the saddle; from a half to 1 it falls to minus
infinity, on the far side; beyond 1 it comes down from plus infinity to 1.5. Right: the loss after the step is below 1 everywhere; g·p is above 0
between .6 and 1 only."""
plots.show(fig, alt=text)
came = {name: newton_step(np.ones(2), slope, H + damping * np.eye(2))[0][1] for name, damping in named.items()}
predict.compare(guess, came, "y after the step")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N2"]
# the claim
closer = np.abs(after[:, 1]) < 1
assert np.array_equal(closer, dampings < 0.5), "the step should come nearer to the saddle below half of |h_min| only"
assert np.array_equal(downwards, dampings > 1), "the step should lead down the slope beyond |h_min| only"
assert np.allclose(after[:, 1], 1 + 1 / (dampings - 1)), "y should become 1 + 1/(λ - 1)"
assert np.array_equal(along > 0, (dampings > 0.6) & (dampings < 1)), (
    "the whole step should lead uphill from .6 to 1 only"
)
assert np.all(height < 1), "from this start the loss should fall all the same, whatever the damping"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

$y \to 1 + 1/(\lambda - 1)$, in units of $|h_{\min}|$: an identity, and not quite the rule. Below ½ the saddle attracts. Between ½ and 1 $y$
*leaves* the saddle, but against its slope and across the ridge, to a side that is as low by luck of the symmetry. Beyond 1 $y$ goes downhill, wildly just
above 1, and gently at 2. The loss falls at *every* $\lambda$ here: below .6 the $x$ part leads downhill more steeply than the $y$ part leads up ($g^\top p < 0$),
and between .6 and 1 the leap across the ridge is long enough. From another start neither need hold. So the rule is right for the reason that matters: $\lambda > |h_{\min}|$ *guarantees* a descent direction, whatever $g$ is.
</details>

Damping has a price: it lifts *all* curvatures, so directions that were fine are slowed down too. The second repair leaves the sizes alone and drops the
signs (**saddle-free Newton**, Dauphin et al., 2014): in the basis of eigenvectors, divide by $|h_i|$,

$$\theta \leftarrow \theta - |H|^{-1} g, \qquad |H| = \sum_i |h_i|\, u_i u_i^\top,$$

where $u_i$ is the eigenvector of $h_i$. A way down is then as good as a way up, and steps are long where the ground is flat. So that they do not become endless, sizes
below a `floor` count as the floor.

### Exercise 3: `saddle_free_step` (4 points, 10 minutes, medium)

Return the new `theta`. By hand: $H = \mathrm{diag}(4, -\tfrac12)$, $g = (4, 1)$, a floor of .1: the step is $(-1, -2)$; with a floor of 2, $(-1, -\tfrac12)$.

<details><summary>Hint</summary>

`values, basis = np.linalg.eigh(hessian)`: column `i` of `basis` is $u_i$. Three moves: into that basis, divide, back.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "saddle-free-step", "locked": false, "schema_version": 3, "solution": true}
def saddle_free_step(theta, grad, hessian, floor):
    """Take a Newton step in which every curvature counts by its size, and by `floor` if that is smaller.

    theta, grad : ndarrays, shape (n,).  hessian : ndarray, shape (n, n), symmetric, may have eigenvalues 0
    floor : float > 0
    Returns the new theta, shape (n,). The inputs are not modified.
    """
    ### BEGIN SOLUTION
    values, basis = np.linalg.eigh(hessian)
    sizes = np.maximum(np.abs(values), floor)
    along = basis.T @ grad
    return theta - basis @ (along / sizes)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "saddle-free-step-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(saddle_free_step)

# %% [markdown]
r"""
### The repairs at work

The same thousand starts on Himmelblau's function, now with margin and floor 1.

**Guess** the per cent of starts that end at a minimum, and the median number of steps until the gradient is below $10^{-8}$.
"""

# %% tags=["guess"]
guess = {"damped, at a minimum": ..., "saddle-free, at a minimum": ..., "damped, steps": ..., "saddle-free, steps": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N2"]
# the experiment: the same starts, three methods
methods = {
    "Newton": lambda *at: newton_step(*at)[0],
    "Newton, damped": lambda *at: damped_newton_step(*at, margin=1.0)[0],
    "Newton, saddle-free": lambda *at: saddle_free_step(*at, floor=1.0),
}
fig, ax = plt.subplots(figsize=(7.5, 3.8))
found = {}
color = plots.look("Newton")["color"]
for (name, method), (marker, line) in zip(methods.items(), (("h", "-"), ("o", "--"), ("s", ":")), strict=True):
    kinds, counts = (part.reshape(10, 100) for part in hessians.settle(method, himmelblau, starts.reshape(-1, 2)))
    there = np.array([100 * np.mean((kinds == "minimum") & (counts <= k), axis=1) for k in range(26)]).T
    found[name] = there[:, -1], np.median(counts, axis=1)
    filled = color if name == "Newton" else "none"
    ax.plot(np.median(there, axis=0), line, color=color, marker=marker, markerfacecolor=filled, label=name)
    ax.fill_between(range(26), there.min(axis=0), there.max(axis=0), color=color, alpha=0.12, linewidth=0)
ax.set(title="Repaired, it always ends at a minimum, and nearly as fast", xlabel="steps", ylim=(0, 104))
ax.set_ylabel("at a minimum (% of starts)")
ax.legend(loc="lower right")
text = """Share of starts that have arrived at a minimum against steps, with bands over ten seeds. Newton levels off near 57 %; damped and saddle-free
Newton reach 100 % within some twelve steps."""
plots.show(fig, alt=text)
came = {f"{name}, at a minimum": np.median(found[f"Newton, {name}"][0]) for name in ("damped", "saddle-free")}
came |= {f"{name}, steps": np.median(found[f"Newton, {name}"][1]) for name in ("damped", "saddle-free")}
predict.compare(guess, came, "repaired Newton")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N2"]
# the claim
print(
    "; ".join(f"{name}: {spread(end, '.0f')} %, {spread(steps, '.1f')} steps" for name, (end, steps) in found.items())
)
leading = {name: [] for name in methods}


def watched(*at, name):
    moved = methods[name](*at)
    leading[name].append(at[1] @ (moved - at[0]) < 0)
    return moved


for name in methods:
    hessians.settle(partial(watched, name=name), himmelblau, starts.reshape(-1, 2))
print("; ".join(f"{name}: {100 * np.mean(down):.0f} % of the steps lead downhill" for name, down in leading.items()))
assert not all(leading["Newton"]), "bare Newton should lead uphill now and then"
for name in ("Newton, damped", "Newton, saddle-free"):
    assert all(leading[name]), f"{name} should lead downhill in every step"
    assert np.all(found[name][0] == 100), f"{name} should end at a minimum from every start"
    assert np.median(found[name][1]) < 2 * np.median(found["Newton"][1]), f"{name} should be nearly as fast as Newton"
assert np.all(found["Newton"][0] < 75), "bare Newton should miss the minima from every fourth start or more"

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the picture: a hundred starts, step by step
walks = {"bare Newton": [starts[0]], "by the sizes of the curvatures": [starts[0]]}
for walk, method in zip(walks.values(), (methods["Newton"], methods["Newton, saddle-free"]), strict=True):
    for _ in range(12):
        at = [(theta, himmelblau.gradient(theta), hessians.of(himmelblau, theta)) for theta in walk[-1]]
        walk.append(np.array([method(*here) for here in at]))
ground = {plots.BLUE: "here a bowl", plots.ORANGE: "here a saddle", plots.VERMILLION: "here a hilltop"}


def side_by_side(ax, k):
    ax.axis("off")
    for row, (color, name) in enumerate(ground.items()):
        ax.text(0.05 + 0.24 * row, 0, f"●  {name}", color=color)
    ax.text(0.05 + 0.24 * 3, 0, "★  the minima", color=plots.BLACK)
    for left, (name, walk) in zip((0, 0.52), walks.items(), strict=True):
        panel, rest = ax.inset_axes((left, 0.08, 0.48, 0.83)), k % 1
        plots.contours(panel, himmelblau, (20, 100, 250), fill=False)
        panel.plot(*minima.T, "*", color=plots.BLACK, markersize=11, zorder=2)
        theta = (1 - rest) * walk[int(k)] + rest * walk[min(int(k) + 1, 12)]
        down = [np.sum(np.linalg.eigvalsh(hessians.of(himmelblau, point)) < 0) for point in theta]
        panel.scatter(*theta.T, s=16, c=np.array(list(ground))[down], zorder=3)
        panel.set(title=name, xlim=(-6, 6), ylim=(-6, 6), xlabel="", ylabel="", xticks=[], yticks=[])


text = "Two maps with a hundred dots that draw together: bare Newton's at all nine flat points, repaired at the four minima."
moments = [0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 12]
players.flipbook(side_by_side, moments, title="Nine flat points, or four minima", width=6.8, height=3.9, alt=text)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Every step leads downhill, and every start ends at a minimum, in 7 steps by the sizes and 9 with damping, where bare Newton takes 6 to end anywhere. In the film the dots on saddle ground draw together at bare Newton's
saddles; repaired, the same dots leave it. Near the minimum both repairs do nothing (all curvatures lie
above the margin), so digits double as before. The condition: the margin fits the function (its curvatures are tens). With a margin of a thousand you would have
gradient descent back.
</details>

## 3. What it costs

A network has $N$ parameters. Its Hessian has $N^2$ entries, 4 bytes each in float32, and then $Hp = -g$ has to be solved. Time your `newton_step` on
matrices up to $N = 2048$, then extrapolate to $N = 10^6$, a small network of today.

**Guess** the power of $N$ in the time (between 512 and 2048), the terabytes ($10^{12}$ bytes) of a float32 Hessian of a million parameters, and the days
that one solve would take on one core.
"""

# %% tags=["guess"]
guess = {"power of N in the time": ..., "terabytes": ..., "days": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N3", "nbval-ignore-output"]
# the experiment: time a Newton step
rng, sizes, seconds, stored = np.random.default_rng(base_seed()), np.array([64, 128, 256, 512, 1024, 2048]), [], []
with threadpool_limits(1):  # NumPy takes more threads for large arrays: that would be another machine halfway
    for n in sizes:
        matrix = rng.normal(size=(n, n))
        H, g = (matrix + matrix.T) / np.sqrt(n) + 5 * np.eye(n), rng.normal(size=n)
        stored.append(H.astype(np.float32).nbytes)
        seconds.append(least_seconds(lambda H=H, g=g: newton_step(g, g, H), runs=3 if n > 1000 else 9))
power = np.polyfit(np.log(sizes[-3:]), np.log(seconds[-3:]), 1)[0]
million = {"terabytes": stored[-1] * (1e6 / 2048) ** 2 / 1e12, "days": seconds[-1] * (1e6 / 2048) ** 3 / 86400}
fig, ax = plt.subplots(figsize=(7.5, 3.8))
ax.loglog(sizes, seconds, label="measured", **plots.look("Newton"))
beyond, color = np.array([2048, 1e6]), plots.look("Newton")["color"]
ax.loglog(beyond, seconds[-1] * (beyond / 2048) ** 3, "--", color=color, label="N³, extrapolated")
for height, name in ((3600, "an hour"), (86400, "a day"), (86400 * 365, "a year")):
    ax.axhline(height, color=plots.GREY, linewidth=0.8)
    ax.text(70, height * 1.3, name, color=plots.GREY, fontsize=9)
ax.set(title="One step for a million parameters: weeks or more", xlabel="parameters N", ylabel="seconds a step")
ax.set_ylim(1e-5, 3e8)
ax.legend(loc="lower right")
plots.show(
    fig, alt="Seconds a step against N, log-log: a line that bends up to slope 3; at a million it lies near a year."
)
predict.compare(guess, {"power of N in the time": power} | million, "one Newton step", close=0.15)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N3", "nbval-ignore-output"]
# the claim
growth = np.polyfit(np.log(sizes), np.log(stored), 1)[0]
measured(
    "N3",
    f"time grows like N^{power:.1f} from 512 to 2048, memory like N^{growth:.1f}; a million parameters: "
    f"{million['terabytes']:.1f} TB in float32, {million['days']:.0f} days a step on this core",
)
assert 2.3 < power < 3.4, f"the time of a step should grow about like N³, got N^{power:.1f}"
assert abs(growth - 2) < 0.01, "the memory should grow like N²"
assert abs(million["terabytes"] - 4) < 0.1, "a million parameters need a Hessian of 4 TB in float32"
assert million["days"] > 20, "a step for a million parameters should take weeks or more"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

$10^{12}$ entries are 4 TB, an identity, and a step takes weeks or more on one core (printed for this machine). Solving takes some $N^3$ operations; the measured power stays a little below 3, since small matrices keep the processor
less busy. And this is the *solve* alone: filling $H$ takes a million Hessian columns before. (Section 8.6.1 of the book says the same, in $O(\cdot)$.)
</details>
"""

# %% [markdown]
r"""
## 4. Conjugate gradients

You do not want $H^{-1}$. You want *one* vector $p$ with $Hp = -g$. Write it $Ax = b$, with $A$ symmetric and, for now, all curvatures positive: $x$ is then the
lowest point of the bowl $\tfrac12 x^\top A x - b^\top x$, and the **residual** $r = b - Ax$ is the way down from wherever you are.

Steepest descent goes along $r$ to the lowest point on that line, turns by a right angle, and so on. It zigzags, because each step spoils what the last one had
achieved. Cure: go along directions $d_0, d_1, \dots$ that are **conjugate**, $d_i^\top A\, d_j = 0$ for $i \ne j$. A step along $d_j$ then does not change the slope along
any earlier $d_i$: what is done stays done. And the next direction costs next to nothing (Hestenes and Stiefel, 1952; Shewchuk, 1994, draws every step): start from $x = 0$,
$r = d = b$, and repeat

$$\alpha = \frac{r^\top r}{d^\top A d},\qquad x \leftarrow x + \alpha d,\qquad r_{\text{new}} = r - \alpha A d,\qquad
\beta = \frac{r_{\text{new}}^\top r_{\text{new}}}{r^\top r},\qquad d \leftarrow r_{\text{new}} + \beta d .$$

$A$ occurs in one product $Ad$ per step, and nowhere else. So it is handed over as a function, `matvec`: $v \mapsto Av$. Later it will be a Hessian that nobody
forms.

### Build 4: `conjugate_gradient` (8 points, 40 minutes, hard)

Return `(x, residuals, direction)`:

- **`residuals`**: the relative residuals $\|r\|/\|b\|$ before the first step (that is 1) and after each step, as an array.
- **Stop** as soon as the last of them is `tol` or less, or `steps` steps have been made. Look *before* each step: when `tol` is 1 or more, or `steps` is 0, nothing is to do.
- **`direction`**: the Hessian of a network also curves down. When you meet a $d$ with $d^\top A d \le 0$, there is no lowest point along it. Stop before
  that step, and return this $d$ as it is; if none was met, zeros, shape `(n,)`.
- For **$b = 0$** the answer is $x = 0$ with `residuals` $[0]$.
- Ask for **one product a step**, and for none before the first. The product that reveals a bad direction counts; no residual is appended for it.

What you build here solves every system in the rest of this notebook.

<details><summary>Hint: where to begin</summary>

Keep `x`, `r`, `d` and a list of residuals; a `while` loop whose condition holds both ways of stopping. In the loop the first thing is the product, the
second the curvature, and the third the question whether it is positive. For $b = 0$ the list begins with 0, and then the loop never starts.
</details>

<details><summary>Hint: if the first step is right and the second is not</summary>

$\beta$ needs both residuals: compute the new one under another name, then $\beta$, then the direction, and only then forget the old one.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "conjugate-gradient", "locked": false, "schema_version": 3, "solution": true}
def conjugate_gradient(matvec, b, tol, steps):
    """Solve A x = b for a symmetric A by conjugate gradients, started from x = 0.

    matvec : callable, v -> A v, both ndarrays of shape (n,); called once a step.  A : (n, n), never handed over itself
    b : ndarray, shape (n,), not modified.  tol : float > 0, relative residual at which to stop.  steps : int >= 0, at most
    Returns (x, residuals, direction): x, shape (n,), when it stopped; relative residuals before the first and after each
    step, shape (steps made + 1,); the d at which dᵀAd <= 0 was met, shape (n,), zeros if there was none.
    Source: Hestenes and Stiefel (1952).
    """
    ### BEGIN SOLUTION
    x, residual, direction = np.zeros_like(b), b.copy(), b.copy()
    size = np.linalg.norm(b)
    residuals = [1.0 if size > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        image = matvec(direction)
        curvature = direction @ image
        if curvature <= 0:
            return x, np.array(residuals), direction
        alpha = residual @ residual / curvature
        x = x + alpha * direction
        new = residual - alpha * image
        beta = new @ new / (residual @ residual)
        direction = new + beta * direction
        residual = new
        residuals.append(np.linalg.norm(residual) / size)
    return x, np.array(residuals), np.zeros_like(b)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "conjugate-gradient-check", "locked": true, "points": 8, "schema_version": 3, "solution": false}
check(conjugate_gradient)

# %% [markdown]
r"""
### Against steepest descent

Your function with `steps=1`, asked again and again about the residual that is left, *is* steepest descent with the best step along each line. First
a bowl in two dimensions ($\kappa = 25$), then ten random ones in 50 dimensions with $\kappa = 100$ (curvatures evenly spread).

**Guess** the steps until the residual is a millionth, in two and in fifty dimensions.
"""

# %% tags=["guess"]
guess = {"steepest, 2-d": ..., "conjugate, 2-d": ..., "steepest, 50-d": ..., "conjugate, 50-d": ...}


# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N4"]
# the experiment: with and without a memory of the last direction
conjugate, bowl = partial(searches.residuals, conjugate_gradient), landscapes.bowl(25, angle=0.4)
A, b = hessians.of(bowl, np.zeros(2)), -bowl.gradient(bowl.start)
zigzag, slow = searches.restarted(conjugate_gradient, A, b, 1e-6, 500)
straight = [conjugate_gradient(lambda v: A @ v, b, 1e-6, k)[0] for k in range(3)]
came = {"steepest, 2-d": len(slow) - 1, "conjugate, 2-d": len(conjugate(A, b, 1e-6, 9)) - 1}
rates = {"steepest": [], "conjugate": []}
for rng in map(np.random.default_rng, seeds(10)):
    wide, b = hessians.with_curvatures(np.linspace(1, 100, 50), rng), rng.normal(size=50)
    rates["steepest"].append(searches.restarted(conjugate_gradient, wide, b, 1e-6, 1500)[1])
    rates["conjugate"].append(conjugate(wide, b, 1e-6, 1500))
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.8))
plots.contours(left, bowl).set_title("Two dimensions, two steps")
plots.path(left, bowl.start + zigzag, "SGD", label="steepest descent")
plots.path(left, bowl.start + np.array(straight), "conjugate gradients")
for name, method in (("steepest", "SGD"), ("conjugate", "conjugate gradients")):
    runs = [(1 + np.arange(len(run)), run) for run in rates[name]]
    plots.runs(right, runs, plots.look(method)["color"], name)
right.set(title="Fifty dimensions: tens, not hundreds", xlabel="1 + steps", ylabel="relative residual", ylim=(3e-7, 3))
left.legend(loc="lower right"), right.legend(loc="lower left")
plots.show(fig, alt="Left: a zigzag, and two steps to the star. Right: residuals; conjugate ones dive within 50 steps.")
needed = {name: [len(run) - 1 for run in runs] for name, runs in rates.items()}
predict.compare(guess, came | {f"{name}, 50-d": np.median(k) for name, k in needed.items()}, "steps to a millionth")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N4"]
# the claim
two = f"in 2-d, κ = 25: steepest {came['steepest, 2-d']}, conjugate {came['conjugate, 2-d']}"
fifty = "; ".join(f"{name} {spread(k, '.0f')}" for name, k in needed.items())
measured("N4", f"steps to a millionth of the residual, {two}; in 50-d, κ = 100: {fifty}")
assert came["conjugate, 2-d"] == 2, "in two dimensions conjugate gradients should take two steps"
assert came["steepest, 2-d"] > 15, "steepest descent should zigzag for long"
assert max(needed["conjugate"]) <= 50, "in fifty dimensions at most fifty steps should do"
assert np.all(np.array(needed["steepest"]) > 5 * np.array(needed["conjugate"])), (
    "steepest descent should lag far behind"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

The $\beta d$ is all the difference. What is done stays done: in two dimensions two steps are all. And like momentum it turns $\kappa$ into $\sqrt\kappa$: after $k$ steps the error, measured as $\sqrt{e^\top A e}$ (its **energy norm**), is at most $2\big(\frac{\sqrt\kappa-1}{\sqrt\kappa+1}\big)^k$ of what it was. But it
needs neither $\kappa$ nor a rate: $\alpha$ and $\beta$ are computed anew in each step, from what is there. (The price: exact products. Minibatch noise
destroys conjugacy.)
</details>

### n steps, on paper and in float64

After $n$ conjugate directions nothing is left to do. That assumes exact arithmetic. Take $n = 50$, curvatures spread evenly on a *logarithmic* axis from 1 to $\kappa$, and wait for a residual of $10^{-8}$.

**Guess** the number of steps.
"""

# %% tags=["guess"]
guess = {"κ = 10": ..., "κ = 1,000": ..., "κ = 1,000,000": ...}  # steps to 1e-8, n = 50


# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N4"]
# the experiment: how conjugate the directions stay, and how many steps that costs
def problem(kappa, seed, n=50):
    rng = np.random.default_rng(seed)
    return hessians.with_curvatures(np.geomspace(1, kappa, n), rng), rng.normal(size=n)


fig, axes = plt.subplots(1, 3, figsize=(11.5, 3.6), width_ratios=(1, 1, 1.35))
measure = partial(searches.conjugacy, conjugate_gradient, count=25)
lost = {kappa: [measure(*problem(kappa, seed)) for seed in seeds(10)] for kappa in (10, 1e6)}
for ax, kappa, title in zip(axes, lost, ("κ = 10: conjugate", "κ = 10⁶: forgotten"), strict=False):
    shades = ax.imshow(np.log10(np.maximum(lost[kappa][0], 1e-16)), vmin=-16, vmax=0, cmap="cividis")
    ax.set(title=title, xlabel="direction j", ylabel="direction i")
    ax.grid(False)
fig.colorbar(shades, ax=axes[1], label="log₁₀ |cosine|", shrink=0.85)
kappas = 10.0 ** np.arange(1, 7)
steps = np.array([[len(conjugate(*problem(kappa, seed), 1e-8, 5000)) - 1 for seed in seeds(10)] for kappa in kappas])
plots.curves(axes[2], steps.T, "conjugate gradients", x=kappas, label="measured")
axes[2].axhline(50, color=plots.GREY, linestyle="--", label="n = 50")
axes[2].set_yticks([25, 50, 100, 200, 400], ["25", "50", "100", "200", "400"])
axes[2].minorticks_off()
axes[2].set(xscale="log", title="n steps become seven n", xlabel="condition number κ", ylabel="steps to 1e-8")
axes[2].legend(loc="upper left")
text = """Two matrix pictures of cosines between directions. For condition number 10 all but the diagonal stay below 1e-9. For a million a bright block
appears off the diagonal after some 16 directions. Right: steps against condition number, crossing n = 50 near 100 and reaching 340."""
plots.show(fig, alt=text)
came = {f"κ = {kappa:,.0f}": np.median(steps[i]) for i, kappa in enumerate(kappas) if kappa in (10, 1e3, 1e6)}
predict.compare(guess, came, "steps to 1e-8")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N4"]
# the claim
off = {kappa: [np.max(picture - np.eye(25) * picture) for picture in pictures] for kappa, pictures in lost.items()}
text = {kappa: spread(values, ".0e") for kappa, values in off.items()}
print(f"largest cosine between two of 25 directions: κ = 10 {text[10]}, κ = 1e6 {text[1e6]}")
assert np.all(np.array(off[10]) < 1e-6), "at κ = 10 the directions should be conjugate"
assert np.all(np.array(off[1e6]) > 1e-2), "at κ = 1e6 rounding should destroy conjugacy within 25 directions"
assert np.all(steps[0] < 50), "at κ = 10 fewer than n steps should do"
assert np.all(steps[-1] > 100), "at κ = 1e6 rounding should cost more than 2 n steps"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

For a nearly round bowl ($\kappa = 10$) half of $n$ steps is enough; for $\kappa = 10^6$ seven times $n$ are needed, because rounding lets old directions back in: the bright block far from
the diagonal. So "at most $n$ steps" is a theorem about exact arithmetic. In float64 read conjugate gradients as an *iterative* method that is usually stopped long before $n$.
</details>

### It is the clusters that count

After $k$ steps the error is $q(A)$ times the first one, for the *best* polynomial $q$ of degree $k$ with $q(0) = 1$: one that is small at all
curvatures at once. Five spectra with $n = 100$ and $\kappa = 1000$, the same for all:

- evenly spread on a linear axis, and on a logarithmic one,
- five values, twenty times each; the same, blurred by 1 %,
- a bulk between 1 and 2, and three outliers at 250, 500 and 1000.

**Guess** the steps to $10^{-6}$.
"""

# %% tags=["guess"]
guess = {"linear": ..., "logarithmic": ..., "five values": ..., "five blurred": ..., "bulk and outliers": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N4"]
# the experiment: one condition number, five spectra
spectra = {
    "linear": lambda rng: np.linspace(1, 1000, 100),
    "logarithmic": lambda rng: np.geomspace(1, 1000, 100),
    "five values": lambda rng: np.repeat(np.geomspace(1, 1000, 5), 20),
    "five blurred": lambda rng: np.repeat(np.geomspace(1, 1000, 5), 20) * rng.uniform(0.99, 1.01, size=100),
    "bulk and outliers": lambda rng: np.array([*np.linspace(1, 2, 97), 250, 500, 1000]),
}
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.7))
needed = {name: [] for name in spectra}
colors = dict(zip(spectra, (plots.BLUE, plots.ORANGE, plots.GREEN, plots.SKY, plots.PURPLE), strict=True))
for row, (name, spectrum) in enumerate(spectra.items()):
    for rng in map(np.random.default_rng, seeds(10)):
        curvatures = spectrum(rng)
        run = conjugate(hessians.with_curvatures(curvatures, rng), rng.normal(size=100), 1e-6, 500)
        needed[name].append(len(run) - 1)
    left.plot(curvatures, np.full(100, row), "|", color=colors[name], markersize=14)
    right.semilogy(np.maximum(run, 1e-9), color=colors[name], label=name)
left.set(xscale="log", title="One κ, five spectra", xlabel="curvature", ylim=(4.6, -0.6))
left.set_yticks(range(5), list(spectra))
right.set(title="Few clusters, few steps", xlabel="steps", ylabel="relative residual", ylim=(1e-7, 30))
predict.mark(right, guess, at=1e-6, axis="x", colors=colors)
right.legend(loc="upper right")
plots.show(fig, alt="Left: five spectra as ticks. Right: residuals; five values take 5 steps, the last rises first.")
predict.compare(guess, {name: np.median(k) for name, k in needed.items()}, "steps to a millionth")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N4"]
# the claim
print("; ".join(f"{name} {spread(k, '.0f')}" for name, k in needed.items()))
assert np.all(np.array(needed["five values"]) == 5), "five distinct curvatures should take five steps"
assert max(needed["bulk and outliers"]) < 0.5 * min(needed["linear"]), "outliers should cost few steps"
assert max(needed["five blurred"]) < 0.8 * min(needed["linear"]), "blurred clusters should still take fewer steps"
assert min(needed["five blurred"]) > 3 * 5, "a blur of one per cent should cost several times five steps"
assert min(needed["logarithmic"]) > 2 * max(needed["linear"]), "the same κ should not mean the same number of steps"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Same $n$, same $\kappa$, and 5 steps or 133. A polynomial of degree 5 can have its roots at five values, so five distinct curvatures take five steps, whatever $n$ is. A condition number is a worst case; conjugate gradients see the whole spectrum, and each
outlier costs them one step or two. But a cluster must be tight: a blur of one per cent makes 37 steps of 5. (The residual may rise on the way, as in the last row; the error in the energy norm never does.) Remember that row: a bulk and a few outliers is what the
Hessian of a network will look like, but with its bulk at 0 and on both sides of it, where this one lies at 1 to 2.
</details>

*A good place for a break.*

## 5. Without a matrix: nonlinear conjugate gradients

The residual of the bowl is $-g$. So forget the system, and run the same recursion on any loss: go along $d$ by a line search, take the gradient there, and turn (Goodfellow et
al., section 8.6.2):

$$d \leftarrow -g_{\text{new}} + \beta d,\qquad
\beta_{\text{FR}} = \frac{g_{\text{new}}^\top g_{\text{new}}}{g^\top g},\qquad
\beta_{\text{PR}} = \frac{g_{\text{new}}^\top (g_{\text{new}} - g)}{g^\top g}$$

after Fletcher and Reeves (1964), and Polak and Ribière (1969). On a bowl consecutive gradients are at right angles, and the two are the same. Elsewhere they are not, and two safeguards
are usual: a negative $\beta$ counts as 0, and if the new $d$ does not lead downhill ($d^\top g_{\text{new}} \ge 0$), start anew from $-g_{\text{new}}$.

### Exercise 5: `nonlinear_direction` (4 points, 10 minutes, medium)

Return the new direction, with both safeguards, for `rule` `"FR"` or `"PR"`. By hand, in one dimension: $g_{\text{new}} = 1$, $g = -2$, $d = 2$: under FR $\beta = \tfrac14$, and
$-1 + \tfrac14\cdot 2 = -\tfrac12$ leads downhill; under PR $\beta = \tfrac34$, and $-1 + \tfrac34\cdot 2 = \tfrac12$ does not: the answer is $-1$.

<details><summary>Hint</summary>

Only the second factor on top differs. Compute $\beta$, see that it is not below 0, make $d$, and ask for the sign of its product with the *new* gradient.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "nonlinear-direction", "locked": false, "schema_version": 3, "solution": true}
def nonlinear_direction(grad, previous_grad, previous_direction, rule):
    """Return the next direction of nonlinear conjugate gradients; -grad where that would not lead downhill.

    grad, previous_grad, previous_direction : ndarrays, shape (n,), not modified; previous_grad is not 0
    rule : "FR" (Fletcher-Reeves) or "PR" (Polak-Ribière); a negative beta counts as 0
    Returns an ndarray, shape (n,).
    """
    ### BEGIN SOLUTION
    change = grad if rule == "FR" else grad - previous_grad
    beta = max(grad @ change / (previous_grad @ previous_grad), 0.0)
    direction = -grad + beta * previous_direction
    return direction if direction @ grad < 0 else -grad
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "nonlinear-direction-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(nonlinear_direction)

# %% [markdown]
r"""
### A long curved valley

Rosenbrock's valley, chained through ten dimensions: $\sum_i 100(\theta_{i+1}-\theta_i^2)^2 + (1-\theta_i)^2$. All three methods search along each direction in the same way (until the loss has come down and the slope along the direction is a tenth of
what it was, or less: the *strong Wolfe conditions*, by SciPy), and pay for every gradient that the search asks for. Ten random starts, at most 600 gradients.

**Guess** how many gradients each one takes until the length of the gradient is below $10^{-3}$.
"""

# %% tags=["guess"]
guess = {"steepest descent": ..., "Fletcher-Reeves": ..., "Polak-Ribière": ...}  # gradients, "∞" for more than 600

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N4"]
# the experiment: three ways to choose the next direction
chain = landscapes.rosenbrock_chain(10)
turns = {
    "steepest descent": lambda new, old, way: -new,
    "Fletcher-Reeves": lambda new, old, way: nonlinear_direction(new, old, way, "FR"),
    "Polak-Ribière": lambda new, old, way: nonlinear_direction(new, old, way, "PR"),
}
colors = dict(zip(turns, (plots.BLUE, plots.ORANGE, plots.look("conjugate gradients")["color"]), strict=True))
fig, ax = plt.subplots(figsize=(8, 3.9))
arrived = {}
for name, turn in turns.items():
    begun = [np.random.default_rng(seed).uniform(-1, 1, size=10) for seed in seeds(10)]
    runs = [searches.walk(chain, start, turn, goal=1e-3, most=600) for start in begun]
    arrived[name] = searches.reached(runs, 1e-3)
    plots.runs(ax, runs, colors[name], name)
ax.axhline(1e-3, color=plots.GREY, linestyle="--")
ax.set(title="A memory of one direction crosses the valley", xlabel="gradients", ylabel="length of the gradient")
predict.mark(ax, guess, at=1e-3, axis="x", colors=colors)
ax.legend(loc="lower left", bbox_to_anchor=(0, 0.12))
text = """Length of the gradient against gradients asked for, log-log, ten runs each. Fletcher-Reeves and Polak-Ribière fall below 1e-3 after
some 130 to 420 gradients; steepest descent stays above it to the end in all ten runs."""
plots.show(fig, alt=text)
predict.compare(guess, {name: np.median(k) for name, k in arrived.items()}, "gradients until 1e-3")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N4"]
# the claim
print("; ".join(f"{name} {spread(k, '.0f')}" for name, k in arrived.items()))
slow = np.median(arrived["steepest descent"])
for name in ("Fletcher-Reeves", "Polak-Ribière"):
    assert np.median(arrived[name]) < 500, f"{name} should cross the valley within 500 gradients"
    assert np.median(arrived[name]) < 0.6 * slow, f"{name} should be far ahead of steepest descent"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Both rules cross the valley in some hundreds of gradients, steepest descent with the very same line search does not within 600. Polak and Ribière's needs some 40 % fewer gradients here (medians, printed above):
after a bad step, where gradients hardly change, its $\beta$ is near 0, so it restarts by itself. One run that stops early may have found a *local* minimum: this chain has a second one, of height 3.99, near $(-1, 1, \dots, 1)$.
</details>

## 6. A product with the Hessian, without the Hessian

All you need is $v \mapsto Hv$. The gradient is a function of $\theta$; its derivative along $v$ is $Hv$ (Pearlmutter, 1994):

$$Hv = \nabla_\theta\big(g(\theta)^\top v\big),\qquad v \text{ held fixed.}$$

$g^\top v$ is *one number*, and autograd differentiates one number at a time. So: a gradient, a product, a gradient.

### Exercise 6: `hessian_vector` (4 points, 10 minutes, medium)

`f` takes a tensor of shape `(n,)` and returns a scalar tensor; it is not linear, so its gradient depends on `x`. Return $Hv$ at `x`, of the dtype of `x`, as a tensor that requires no gradient. Leave no traces in `x`: neither values, nor an `x.grad`, nor that it requires gradients. `check` also counts your
floating-point operations: more than six gradients' worth, and you have built the matrix.

<details><summary>Hint</summary>

`torch.autograd.grad(f(x), x)` returns a tuple of one gradient, which knows nothing of how it was made, unless `create_graph=True`. Differentiate with respect to a copy of `x` that
requires gradients: `x.detach().clone().requires_grad_(True)`.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "hessian-vector", "locked": false, "schema_version": 3, "solution": true}
def hessian_vector(f, x, v):
    """Return the product of the Hessian of f at x with v, by automatic differentiation, without the Hessian.

    f : callable, tensor of shape (n,) -> scalar tensor, twice differentiable, not linear
    x, v : tensors, shape (n,), of one dtype; neither requires gradients, nor does afterwards. They are not modified, and
        x.grad is left alone
    Returns a tensor, shape (n,), of that dtype, that requires no gradient.
    """
    ### BEGIN SOLUTION
    x = x.detach().clone().requires_grad_(True)
    (grad,) = torch.autograd.grad(f(x), x, create_graph=True)
    (product,) = torch.autograd.grad(grad @ v, x)
    return product
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "hessian-vector-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(hessian_vector)

# %% [markdown]
r"""
### The price of a product

Networks with one hidden layer of 4 to 1024 units on 256 digits. Time a gradient and one of your products.

**Guess** how many gradients a product costs, and how many times longer the whole Hessian would take than one product, for the largest network (count its parameters).
"""

# %% tags=["guess"]
guess = {"gradients a product": ..., "products a Hessian": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N8", "nbval-ignore-output"]
# the experiment: time gradients and products
data = digits(device=device)
few, prices, counts = (data.x_train[:256], data.y_train[:256]), {"gradient": [], "product": []}, []
for width in (4, 16, 64, 256, 1024):
    theta = hessians.begins((64, width, 10), seeds(1), device)[0]
    loss = hessians.flat_loss(mlp((64, width, 10), "tanh", seeds(1)[0], device), *few)
    leaf, direction = theta.clone().requires_grad_(True), torch.ones_like(theta)
    counts.append(len(theta))
    works = {
        "gradient": lambda loss=loss, leaf=leaf: torch.autograd.grad(loss(leaf), leaf)[0].sum().item(),
        "product": lambda loss=loss, at=theta, v=direction: hessian_vector(loss, at, v).sum().item(),
    }
    for name, work in works.items():
        prices[name].append(least_seconds(work, runs=7, calls=8, device=device))
ratio = np.array(prices["product"]) / np.array(prices["gradient"])
fig, ax = plt.subplots(figsize=(8, 3.9))
ax.loglog(counts, 1e3 * np.array(prices["gradient"]), color=plots.BLUE, marker="o", label="a gradient")
ax.loglog(counts, 1e3 * np.array(prices["product"]), color=plots.ORANGE, marker="s", label="a product")
ax.loglog(counts, 1e3 * np.array(prices["product"]) * counts, "--", color=plots.BLACK, label="N products: the Hessian")
ax.set(title="A product costs two to three gradients, at any N", xlabel="parameters N", ylabel="milliseconds")
ax.legend(loc="center right")
plots.show(fig, alt="Milliseconds against N, log-log. Gradient and product run side by side; N products lie far above.")
came = {"gradients a product": np.median(ratio), "products a Hessian": counts[-1]}
predict.compare(guess, came, "the price of a product", close=0.25)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N8", "nbval-ignore-output"]
# the claim
each = ", ".join(f"{value:.1f}" for value in ratio)
measured("N8", f"a product costs {each} gradients at N = {', '.join(f'{count:,}' for count in counts)}")
assert 1.5 < np.median(ratio) < 3.5, f"a product should cost two or three gradients, got {each}"
assert ratio[-1] < 2.5 * ratio[0], "the price of a product should not grow with N"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Two to three gradients: you pay the gradient itself, and the way back through it. ("About two", as often said, leaves out the first.) It does not depend on $N$. The whole Hessian is $N$ such products:
76,810 times the work, and 24 GB.
</details>

### The ends of the spectrum

How steep is the steepest direction of a network? **Lanczos'** method (1950) answers from a few products. Multiply a random vector again and again by $A$, keep only what is
new each time, and look at $A$ in the small space that comes of it. In detail: $q_1$ is the start, made a unit vector. In each step

$$w = A q_k,\qquad \alpha_k = q_k^\top w,\qquad w \leftarrow w - \textstyle\sum_{i \le k} (q_i^\top w)\, q_i,\qquad \beta_k = \|w\|,\qquad q_{k+1} = w / \beta_k .$$

In the basis of the $q$, $A$ is the tridiagonal matrix $T$ with the $\alpha_k$ on the diagonal and the $\beta_k$ beside it, on both sides. Its eigenvalues, the **Ritz values**, are within the
range of the eigenvalues of $A$, and the outermost ones find theirs first.

On paper $w$ has parts along $q_k$ and $q_{k-1}$ only. In float64 old directions creep back in (you have seen it), so subtract *all* of them, and to be safe do so **twice**: the first
subtraction leaves rounding errors, the second removes them.

### Exercise 7: `lanczos` (5 points, 20 minutes, hard)

Draw the start by `rng.normal(size=n)`, and nothing else from `rng`. Make `steps` steps, or `n` if that is fewer, with one product each. Stop early after a step that leaves nothing: when
the length of $w$ after both subtractions is at most $10^{-10}$ times what it was before the first. That step counts, too. Return the Ritz values in rising order, as many as there were steps.

<details><summary>Hint</summary>

Keep the $q$ in a list `basis`; with `Q = np.array(basis)`, all parts at once are `Q @ w`, and their sum is `Q.T @ (Q @ w)`. `np.diag(values, 1)` puts values above the diagonal, one fewer than there are $\alpha$.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "lanczos", "locked": false, "schema_version": 3, "solution": true}
def lanczos(matvec, n, steps, rng):
    """Return the Ritz values of a symmetric matrix A after some steps of Lanczos' method.

    matvec : callable, v -> A v, both ndarrays of shape (n,); called once a step.  n, steps : ints >= 1
    rng : np.random.Generator; the start is rng.normal(size=n), made a unit vector
    Returns an ndarray in rising order, shape (k,), where k is the number of steps made: the smaller of steps and n, or
    fewer, if a step left at most 1e-10 of the length of its product.
    """
    ### BEGIN SOLUTION
    start = rng.normal(size=n)
    basis, diagonal, beside = [start / np.linalg.norm(start)], [], []
    for _ in range(min(steps, n)):
        image = matvec(basis[-1])
        diagonal.append(basis[-1] @ image)
        known, left = np.array(basis), image
        for _ in range(2):
            left = left - known.T @ (known @ left)
        beside.append(np.linalg.norm(left))
        if beside[-1] <= 1e-10 * np.linalg.norm(image):
            break
        basis.append(left / beside[-1])
    beside = beside[: len(diagonal) - 1]
    return np.linalg.eigvalsh(np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lanczos-check", "locked": true, "points": 5, "schema_version": 3, "solution": false}
check(lanczos)

# %% [markdown]
r"""
### The spectrum of a network

Ten networks, 64-6-10 with tanh (460 parameters, so that for once the whole Hessian can be formed, from 460 of your products), trained on 300 digits to a training loss of a few hundredths. In
[chapter 3](../ch03_challenges/curvature.ipynb) you saw such a spectrum by brute force; here Lanczos goes looking for its ends.

**Guess** how many per cent of the curvatures are smaller in size than 1 % of the largest, how many of the 460 exceed a tenth of it, and how many products Lanczos needs for the
largest one to a thousandth.
"""

# %% tags=["guess"]
guess = {"below 1 % of the largest": ..., "above a tenth of it": ..., "products for the largest": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N8"]
# the experiment: all curvatures, and what Lanczos sees of them
sizes, taught = (64, 6, 10), (data.x_train[:300].double(), data.y_train[:300])
loss = hessians.flat_loss(mlp(sizes, "tanh", seeds(1)[0], device).double(), *taught)
ends = hessians.descend(loss, hessians.begins(sizes, seeds(10), device).double(), (1.0,), 300)[1][0]
tried, n, exact, ritz = np.array([4, 6, 8, 10, 12, 16, 20, 30, 40, 60]), ends.shape[1], [], []
for end, seed in zip(ends, seeds(10), strict=True):
    product = hessians.in_numpy(hessian_vector, loss, end)
    exact.append(hessians.curvatures(product, n))
    ritz.append([np.asarray(lanczos(product, n, steps, np.random.default_rng(seed))) for steps in tried])
off = [np.abs([[r[end] for r in found] for found in ritz] / np.array(exact)[:, [end]] - 1) for end in (-1, 0)]
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.8))
left.plot(exact[0][::-1], ".", color=plots.BLUE, markersize=4, label="all 460 (formed)")
left.plot(np.searchsorted(-exact[0][::-1], -ritz[0][-1]), ritz[0][-1], "x", color=plots.ORANGE, label="60 Ritz values")
left.set_yscale("symlog", linthresh=1e-4)
left.set(title="A few steep directions, a flat crowd", xlabel="rank", ylabel="curvature (log beyond ±10⁻⁴)")
for errors, color, name in zip(off, (plots.BLACK, plots.ORANGE), ("the largest", "the lowest"), strict=True):
    plots.curves(right, np.maximum(errors, 1e-15), "Newton", x=tried, color=color, label=name)
right.set(title="The largest is found first", xlabel="products", ylabel="relative error, range of 10")
left.legend(), right.legend()
plots.show(fig, alt="Left: 460 curvatures in order, a few large, most near zero. Right: errors against products.")
share, asked = np.array(exact) / np.array(exact)[:, -1:], tried[np.argmax(off[0] < 1e-3, axis=1)]
flat, outliers = 100 * np.mean(np.abs(share) < 0.01, axis=1), np.sum(share > 0.1, axis=1)
came = {"below 1 % of the largest": np.median(flat), "above a tenth of it": np.median(outliers)}
predict.compare(guess, came | {"products for the largest": np.median(asked)}, "a network's spectrum", close=0.15)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N8"]
# the claim
told = f"{spread(flat, '.0f')} % of 460 curvatures below 1 % of the largest, {spread(outliers, '.0f')} above a tenth"
print(f"{told}; products for the largest to a thousandth: {spread(asked, '.0f')}")
print(f"lowest over largest: {spread(share[:, 0], '.3f')}")
assert np.all(flat > 70), "most curvatures should be a bulk near zero"
assert np.all((outliers > 3) & (outliers < 30)), "a few outliers should stand out"
assert np.all(off[0][:, -1] < 1e-6), "sixty products should give the largest curvature"
assert np.all(asked <= 20), "twenty products should give the largest curvature to a thousandth"
assert 4 < np.median(asked) < 10, "fewer than ten should be enough for most networks"
assert np.median(off[1][:, tried == 20]) > 10 * np.median(off[0][:, tried == 20]), "the lowest should be found later"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

A bulk and a few outliers, here six above a tenth of the largest (Sagun et al., 2018, link their number to that of the classes). The largest curvature stands alone, so some seven products find it;
the lowest lies at the edge of the bulk, so it takes several times as many. The condition number is astronomic, and means little: a few steps of conjugate gradients deal with the outliers, and one can stop there. That takes damping, though: this bulk reaches below 0, and at a curvature that is not positive your `conjugate_gradient` stops.
</details>

## 7. Newton's step for a network

Now put the pieces together. Each step: the product with $H + \lambda I$ is your `hessian_vector` plus $\lambda v$; your `conjugate_gradient` solves roughly ($\|r\| \le \tfrac12\|g\|$, at most 50 steps, or until it meets a
direction that curves down). Then compare the change of the loss that came with the change that the model (with $\lambda$ in it) had promised: if it is more than ¾ of it, $\lambda$ becomes a third; if less than ¼, three times as large; in between $\lambda$ stays. A step that raises the loss is discarded. This is **truncated Newton** (Dembo and Steihaug, 1983); Martens (2010) made it work on deep networks, with the Gauss-Newton matrix of [the next notebook](quasi_newton.ipynb) in the place of $H$. No learning rate.

The race: a 64-8-10 network, 300 digits, all of them in every gradient, training loss, ten starts. Gradient descent and momentum .9 have each their best rate out of three, a factor of 2 apart. Everybody has 900 gradients; a product counts as *three*.

**Guess** the gradients until the loss is .1, and until it is .0001 (`"∞"` for more than 900). And near the end, once the loss is below .01: how much of the promised change comes (1: exactly as promised)?
"""

# %% tags=["guess"]
guess = {
    "momentum to .1": ...,
    "Newton to .1": ...,
    "momentum to .0001": ...,
    "Newton to .0001": ...,
    "came / promised": ...,
}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N8"]
# the experiment: truncated Newton against the best of the first order
sizes, most, targets = (64, 8, 10), 900, (0.1, 0.01, 0.001, 0.0001)
starts, model = hessians.begins(sizes, seeds(10), device), mlp(sizes, "tanh", seeds(1)[0], device)
single, double = (hessians.flat_loss(model, x, taught[1]) for x in (taught[0].float(), taught[0]))
races, best, grids = {}, {}, {"SGD": ((1.0, 2.0, 4.0), 0.0), "momentum": ((0.8, 1.6, 3.2), 0.9)}
for name, (rates, momentum) in grids.items():
    losses = hessians.descend(single, starts, rates, most, momentum)[0]
    place = np.median(losses[:, :, -1], axis=1).argmin()
    best[name] = rates[place]
    races[name] = [(np.arange(most) + 1, run) for run in losses[place]]
promised, races["Newton"] = [], []


def noting(matvec, b, tol, steps):
    found = conjugate_gradient(matvec, b, tol, steps)
    step = np.asarray(found[0], dtype=float)
    promised[-1].append(step @ matvec(step) / 2 - b @ step if step.any() else np.nan)
    return found


for start in starts:
    promised.append([])
    races["Newton"].append(hessians.truncated_newton(double, start.double(), hessian_vector, noting, most))
fig, ax = plt.subplots(figsize=(8, 4))
for name, label in (("SGD", "gradient descent"), ("momentum", "momentum .9"), ("Newton", "truncated Newton")):
    plots.runs(ax, races[name], plots.look(name)["color"], label)
ax.set(title="Momentum first; Newton for the last digits", xlabel="gradients", ylabel="training loss", ylim=(5e-6, 10))
ax.legend(loc="lower left")
plots.show(fig, alt="Loss against gradients, log-log: momentum falls first and flattens; Newton falls late, to 1e-5.")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N8"]
# the experiment: what came of each promise, and the same race on an axis of gradients that is not logarithmic
before = [np.array(losses[:-1]) for _, losses in races["Newton"]]
kept = [np.diff(losses) / told for (_, losses), told in zip(races["Newton"], promised, strict=True)]
fig, (trust, plain) = plt.subplots(1, 2, figsize=(11, 3.9))
trust.plot(np.concatenate(before), np.concatenate(kept), ".", color=plots.look("Newton")["color"])
for height, label in ((1, "as promised"), (2 - 2 / np.e, "exp, far from its minimum")):
    trust.axhline(height, color=plots.GREY, linestyle="-" if height == 1 else "--", label=label)
trust.set(title="Early all or nothing, late 1.3 times", xlabel="loss before the step", xscale="log", xlim=(4, 8e-6))
trust.set_ylabel("change that came / promised (0: discarded)")
for name, label in (("SGD", "gradient descent"), ("momentum", "momentum .9"), ("Newton", "truncated Newton")):
    plots.runs(plain, races[name], plots.look(name)["color"], label)
plain.set(title="Newton's lines are straight", xlabel="gradients", ylabel="training loss", ylim=(5e-6, 10))
plain.set(xscale="linear", xlim=(0, most))
trust.legend(loc="lower right"), plain.legend(loc="lower left")
text = """Left: change that came over change promised, against the loss, falling to the right: above .1 the dots scatter from 0 to 2.5, many at 0;
below .01 they lie on a line near 1.3. Right: on a linear axis of gradients Newton's losses end in straight lines, momentum's flatten."""
plots.show(fig, alt=text)
early = np.concatenate([share[loss > 0.1] for share, loss in zip(kept, before, strict=True)])
late = np.concatenate([share[loss < 0.01] for share, loss in zip(kept, before, strict=True)])
asked = {(name, target): searches.reached(races[name], target) for name in races for target in targets}
came = {"momentum to .1": asked["momentum", 0.1], "Newton to .1": asked["Newton", 0.1]}
came |= {"momentum to .0001": asked["momentum", 1e-4], "Newton to .0001": asked["Newton", 1e-4]}
came |= {"came / promised": late}
predict.compare(guess, {name: np.median(k) for name, k in came.items()}, "gradients until the loss is reached")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N8"]
# the claim
for name in races:
    line = "; ".join(f"{target:g} {spread(asked[name, target], '.0f')}" for target in targets)
    print(f"{name}{f' at rate {best[name]:g}' if name in best else ''}, gradients to {line}")
assert np.median(asked["momentum", 0.1]) < 0.5 * np.median(asked["Newton", 0.1]), "momentum should lead at first"
assert np.median(asked["momentum", 0.01]) < 0.5 * np.median(asked["Newton", 0.01]), "and down to a hundredth"
assert np.median(asked["SGD", 0.1]) < np.median(asked["Newton", 0.1]), "so should gradient descent"
assert np.sum(np.array(asked["Newton", 1e-4]) < most) > 5, "truncated Newton should reach .0001 from most starts"
for name in grids:
    assert np.isinf(np.median(asked[name, 1e-4])), f"{name} should not reach .0001 with as many gradients"

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N8"]
# the claim: how far a model can be trusted
factors = np.concatenate(
    [loss[loss < 0.01] / np.array(run[1][1:])[loss < 0.01] for loss, run in zip(before, races["Newton"], strict=True)]
)
power = [np.log(run[1][-1] / run[1][299]) / np.log(most / 300) for run in races["momentum"]]
low, high = np.percentile(late, [5, 95])
print(
    f"loss above .1: {len(early)} Newton steps, {np.sum(early == 0)} discarded, {np.sum(early > 1)} fell further than promised"
)
print(
    f"loss below .01: {len(late)} steps, came / promised {np.median(late):.2f} (90 % of them {low:.2f} to {high:.2f}),",
    end=" ",
)
print(
    f"each divides the loss by {np.median(factors):.1f} (median); momentum from 300 on: (gradients)^{spread(power, '.1f')}"
)
assert np.mean(early == 0) > 0.12, "early many steps should be discarded"
assert np.mean(early > 1) > 0.5, "early most steps should fall further than promised"
assert abs(np.median(late) - 1.3) < 0.08, "late 1.3 times the promise should come"
assert low > 1.1 and high < 1.5, "late the same share should come every time, more than promised"
assert 2 < np.median(factors) < 3, "late each step should divide the loss by about e"
assert np.percentile(factors, 10) > 1.7 and np.percentile(factors, 90) < 3.2, "by the same in nearly every step"
assert -1.5 < np.median(power) < -0.6, "momentum's loss should fall like one over the number of gradients"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Two truths. Down to a loss of a hundredth, where training usually stops, momentum at a good rate needs a seventh of the gradients, and it would be content with minibatches. Early Newton's model is trusted too far after
every success: $\lambda$ falls until a direction curves down, or the loss rises and more than a quarter of the steps are discarded. (Most others bring *more* than was promised.) Late the model is not true either: 1.3 times its promise comes, every time, and
each step divides the loss by 2.5. That is the walk on $e^\theta$ from $-5$, which came back one unit a step: there $2 - 2/e = 1.26$ times the promise comes, and $e^\theta$ is divided by $e$. For without a penalty, and with every digit told apart, *this* minimum lies at infinity, too.
No squares of errors, then, but linear convergence; it looks ever faster only where the axis of gradients is logarithmic. Momentum falls like one over the number of gradients, Newton
exponentially: three more digits from most starts, without any rate to tune; with as many gradients momentum does not reach .0001. That second order is "practically not used", as one often reads, is about the first phase, and about minibatches, not about the idea. The condition: full batches, a
small network, *training* loss, a fixed rate and no schedule for momentum.

What quasi-Newton methods make of the gradients alone comes in [the other notebook of this chapter](quasi_newton.ipynb).
</details>

## 8. Reflection (4 points, 10 minutes)

A colleague has a network with a million parameters. She reads that Newton's method "needs the inverse of the Hessian, so it is out of the question", and that conjugate gradients "take as many steps as there are
parameters, so they are, too". Besides, she has heard, Newton's method is attracted by saddles.

**In three to five sentences:** say what is right and what is wrong in each of the three statements, with a number for each where you can.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "newton-reflection", "locked": false, "points": 4, "schema_version": 3, "solution": true}
r"""
**Model answer.** The inverse, and even the matrix, is out of the question (10¹² entries, 4 TB in float32, weeks or more to factorise), but Newton's step needs only the solution of Hp = -g, and for that products Hv, each of which costs two or
three gradients and as much memory as a gradient. Conjugate gradients finish in n steps in exact arithmetic, but usefully much earlier: the number of steps goes with √κ and with the number of clusters, and a network's spectrum is a bulk and a few
outliers; a rough solution after some tens of steps is enough. The bare step is attracted by saddles (a third of the starts on Himmelblau's function), because it looks for a flat point; damping beyond |h_min|, the sizes of the curvatures, or stopping
at a direction of negative curvature repair it.

**Marking scheme.** 1 point: the matrix is impossible, with a number (N² entries, 4 TB, N³). 1 point: not needed, products for two or three gradients. 1 point: far fewer than n steps, with a reason (√κ, clusters, rough solution). 1 point: saddles true of
the bare step, with a repair.
"""

# %% [markdown]
r"""
## What to remember

1. Newton's step is where the quadratic model is flat: $Hp = -g$. Solve, do not invert, and compare the change that came with the change that was promised.
2. Flat need not be the bottom. $\lambda > |h_{\min}|$ guarantees a descent direction; so do the sizes $|h_i|$.
3. The Hessian of a million parameters fills 4 TB. A product with it costs two or three gradients.
4. Conjugate gradients solve from products alone, in some multiple of $\sqrt\kappa$ steps, and in fewer if the curvatures form tight clusters. "$n$ steps" is for exact arithmetic.
5. On a network second order pays late; early on a cheap step often beats a good one. Compare what came with what was promised: that tells how far to trust the model.

## Further reading

<details><summary>Ten papers and a book</summary>

- I. Goodfellow, Y. Bengio, A. Courville (2016). *Deep Learning*. MIT Press. Sections 8.6.1 and 8.6.2.
- M. R. Hestenes, E. Stiefel (1952). Methods of conjugate gradients for solving linear systems. *Journal of Research of the National Bureau of Standards* 49(6), 409–436.
- C. Lanczos (1950). An iteration method for the solution of the eigenvalue problem of linear differential and integral operators. *Journal of Research of the National Bureau of Standards* 45(4), 255–282.
- R. Fletcher, C. M. Reeves (1964). Function minimization by conjugate gradients. *The Computer Journal* 7(2), 149–154.
- E. Polak, G. Ribière (1969). Note sur la convergence de méthodes de directions conjuguées. *Revue française d'informatique et de recherche opérationnelle* 3(R1), 35–43.
- R. S. Dembo, T. Steihaug (1983). Truncated-Newton algorithms for large-scale unconstrained optimization. *Mathematical Programming* 26, 190–212.
- B. A. Pearlmutter (1994). Fast exact multiplication by the Hessian. *Neural Computation* 6(1), 147–160.
- J. R. Shewchuk (1994). *An introduction to the conjugate gradient method without the agonizing pain*. Carnegie Mellon University.
- J. Martens (2010). Deep learning via Hessian-free optimization. *ICML*, 735–742.
- Y. Dauphin et al. (2014). Identifying and attacking the saddle point problem in high-dimensional non-convex optimization. *NeurIPS* 27. Saddle-free Newton.
- L. Sagun, U. Evci, V. U. Güney, Y. Dauphin, L. Bottou (2018). Empirical analysis of the Hessian of over-parametrized neural networks. *ICLR workshop*.
</details>
"""

# %% tags=["experiment"]
predict.summary()
