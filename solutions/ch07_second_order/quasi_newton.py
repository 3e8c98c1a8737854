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
# Curvature from gradients alone: BFGS, L-BFGS and what survives

When you have worked through this notebook you can

- let a line search choose how far to go, and say what it has to demand,
- build an inverse Hessian out of gradients you have anyway (BFGS), and keep only its last few lessons (L-BFGS),
- write an L-BFGS minimiser that notices when it has been misled, and race it,
- say when it beats tuned SGD and Adam, when it loses, and what minibatch noise does to it,
- write a Gauss-Newton step, say what the natural gradient has to do with it, and orthogonalise a step as Muon does.

About 200 minutes, 31 points. Goodfellow et al. (2016), *Deep Learning*, sections 8.6.1 to 8.6.3. You need the notebook
[Newton](newton.ipynb) of this chapter: Newton's step, damping, and why nobody inverts the Hessian of a network; and
[momentum](../ch04_sgd_variants/momentum.ipynb) and [Adam](../ch04_sgd_variants/adaptive_rates.ipynb). Take two sittings, with a break after section 2: the exercises take 75 minutes (each says
how many), the reflection 10, the 13 experiments 5 each, and the rest is reading.

**How it goes.** You write a function, and `check(...)` tells you at once whether it is right. Then you guess what an experiment will show: fill in
the cell `guess = …` before you run the next one. Nobody grades a guess, and `...` is allowed. The experiment's source is folded; it runs *your*
functions and sets your guess beside what came.

**What an answer owes.** Arrays hold floats. Leave the arrays that you are given as they are.
"""

# %%
from functools import partial
from itertools import pairwise
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np

from utils import landscapes, players, plots, predict, problems
from utils.check import check
from utils.claims import base_seed, measured, seeds, spread
from utils.data import digits, mnist1d
from utils.device import seed_everything, work_clock
from utils.networks import network

seed_everything(base_seed())
plots.style()
guess = ...  # yours, before each experiment

# %% [markdown]
r"""
## 1. The way is known. How far?

Newton's step has a length of its own. Every other direction $p$ needs one, and even Newton's is too long where the curvature changes on the way.
So try a rate, and look whether the function came down:

$$f(\theta + \alpha p) \;\le\; f(\theta) + c\,\alpha\, g^\top p$$

$g^\top p$ is the slope along the direction, negative if it leads downhill; $\alpha$ is the rate. If $f$ were a straight line, a step of $\alpha$ would
lower it by $\alpha\,|g^\top p|$. It is enough to get the share $c$ of that. (Armijo, 1966; $c = 10^{-4}$ is usual.)

**Backtracking** tries $\alpha$ = `lr`, then half of it, then a quarter, and takes the first rate that is enough.

### Exercise 1: `backtracking` (4 points, 10 minutes, medium)

Return that rate as a float. `most` is the number of rates tried: `lr`, `lr`/2, …, `lr`/2^(most-1). If none is enough, or if the direction does not lead
downhill ($g^\top p \ge 0$), return 0.0. At `theta` itself $f$ is finite; at a trial point it may be `nan` or $+\infty$ (`inf`), and that is never enough.

<details><summary>Hint</summary>

Work out the slope first. Write the test so that it is *False* for `nan`: every comparison with `nan` is. A `for` loop over `range(most)` that returns
from inside leaves one line for giving up.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "backtracking", "locked": false, "schema_version": 3, "solution": true}
def backtracking(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    """Return the first rate out of lr, lr/2, lr/4, ... that is enough progress, as a float; 0.0 if none is.

    f : callable, theta -> float: finite at theta, elsewhere it may be nan or inf, and is never -inf
    theta, direction, grad : ndarrays, shape (n,), not modified
    lr : float > 0, the first rate.  c : float in [0, 1).  most : int >= 1, the number of rates tried
    Returns 0.0 also for a direction that does not lead downhill.
    """
    ### BEGIN SOLUTION
    slope = np.sum(grad * direction)
    if slope >= 0:
        return 0.0
    start, rate = f(theta), lr
    for _ in range(most):
        if f(theta + rate * direction) <= start + c * rate * slope:
            return rate
        rate = rate / 2
    return 0.0
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "backtracking-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(backtracking)

# %% [markdown]
r"""
### What is $c$ for?

Why not be content with any decrease? Take $f = \tfrac12\theta^2$, start at $\theta = 2$, and let somebody propose directions downhill that always reach a little too far
across the valley: to $-\tfrac32$, $\tfrac54$, $-\tfrac98$, … Every proposal lowers $f$. Your `backtracking` judges each, with $c = 0$, with $c = 10^{-4}$ and with $c = 0.1$.

**Guess** $|\theta|$ after 40 steps.
"""

# %% tags=["guess"]
guess = {"c = 0": ..., "c = 0.0001": ..., "c = 0.1": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N10"]
# the experiment: a proposer who always reaches too far
parabola, paths = landscapes.quadratic([[1.0]]), {}
for c in (0.0, 1e-4, 0.1):
    theta, path = np.array([2.0]), [2.0]
    for _ in range(40):
        size = abs(theta.item())
        reach = size + (1 + size) / 2 if size > 1 else size * (2 - 1e-6)  # from 1 + x to -(1 + x/2)
        direction = -np.sign(theta) * reach
        rate = backtracking(parabola, theta, direction, parabola.gradient(theta), c=c)
        theta = theta + rate * direction
        path.append(theta.item())
    paths["c = 0.0001" if c == 1e-4 else f"c = {c:g}"] = np.array(path)
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4))
line, lazy = np.linspace(-2.2, 2.2, 100), paths["c = 0"][:9]
left.plot(line, 0.5 * line**2, color=plots.GREY, linewidth=1)
left.plot(lazy, 0.5 * lazy**2, "o-", color=plots.PURPLE, linewidth=1)
for (name, path), color in zip(paths.items(), (plots.PURPLE, plots.ORANGE, plots.BLUE), strict=True):
    right.plot(np.abs(path[:25]), color=color, label=name)
left.set(title="c = 0: lower every time, and never down", xlabel="θ", ylabel="f")
right.set(title="A share of the promise gets you there", xlabel="step", ylabel="|θ|")
right.legend(loc="upper right")
alt = "Left: a zigzag across a parabola that stays above ½. Right: |θ|; for c = 0 it levels off at 1, for the others it drops to 0."
plots.show(fig, alt=alt)
came = {name: round(abs(path[-1]), 4) for name, path in paths.items()}
predict.compare(guess, came, "distance after 40 steps")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N10"]
# the claim
measured("N10", "distance after 40 steps: " + ", ".join(f"{name} {value:g}" for name, value in came.items()))
assert abs(came["c = 0"] - 1) < 1e-3, "any decrease should be too little: the walk should end at distance 1"
assert came["c = 0.0001"] < 1e-3 and came["c = 0.1"] < 1e-3, "with a share of the promised progress it should arrive"
assert np.all(np.diff(paths["c = 0"] ** 2) < 0), "every step should lower f, with c = 0 too"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

With $c = 0$ every step lowers $f$, and the walk ends at distance 1, where there is no minimum: the steps stay long while what they gain goes to nothing. Any share of
the promised progress, even $10^{-4}$, sees that and halves the rate. (Nothing here depends on chance.)
</details>

## 2. What two gradients know

You have taken a step $s$ and computed the gradient at both ends. Its change is

$$y = g_{\text{new}} - g \;\approx\; B s,$$

exactly so on a quadratic: every step measures the Hessian $B$ along one direction, free of charge. (**Mind the letters**: what was $H$ in the notebook on Newton is $B$ in this one, and $H$ is from here on the *inverse* Hessian, as
you estimate it. That is how this field writes.) Newton wants the inverse, so keep a matrix $H$ and ask of it what the last step has taught, the **secant equation** $H_{\text{new}}\,y = s$. Many matrices obey. Broyden, Fletcher, Goldfarb and Shanno (1970) took the one that
changes $H$ least (in a certain norm) and stays symmetric:

$$H_{\text{new}} = (\mathbf I - \rho\, s y^\top)\, H\, (\mathbf I - \rho\, y s^\top) + \rho\, s s^\top, \qquad \rho = \frac{1}{s^\top y}.$$

Read it from the right: multiplied by $y$, the bracket gives 0 and the last term gives $s$. If $s^\top y > 0$ and $H$ is positive definite, so is $H_{\text{new}}$, and
$-H_{\text{new}}\,g$ leads downhill. If $s^\top y \le 0$, the curvature along $s$ was negative, and the pair must not get in.

### Exercise 2: `bfgs_update` (4 points, 8 minutes, medium)

Return $H_{\text{new}}$; if $s^\top y \le 10^{-8}\,\lVert s\rVert\,\lVert y\rVert$, return an unchanged copy of $H$.

<details><summary>Hint</summary>

`np.outer(s, y)` is $s y^\top$. The matrix at the right is the transpose of the one at the left. Test the guard before you divide.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "bfgs-update", "locked": false, "schema_version": 3, "solution": true}
def bfgs_update(H, s, y):
    """Return the inverse Hessian after it has learnt from a step. The inputs are not modified.

    H : ndarray, shape (n, n), symmetric positive definite
    s, y : ndarrays, shape (n,), the step, and how much the gradient changed along it
    Returns an ndarray, shape (n, n): a copy of H if s·y is at most 1e-8 times the lengths of s and y.
    """
    ### BEGIN SOLUTION
    if s @ y <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho, turned = 1 / (s @ y), np.outer(H @ y, s)
    # multiplied out, so that no product of two matrices is needed
    return H - rho * (turned + turned.T) + rho * (1 + rho * (y @ H @ y)) * np.outer(s, s)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bfgs-update-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(bfgs_update)

# %% [markdown]
r"""
### Watch it learn

A bowl in ten dimensions, $\kappa = 100$, turned at random. $H$ starts as the identity; each step goes along $-Hg$, either exactly to the lowest point on that line or as far as
your `backtracking` says. How far is $H$ from the true inverse? Measured in the **Frobenius norm** (the square root of the sum of the squares of all entries), relative to that of the inverse.

**Guess** the distance after 5 and after 10 exact steps, and after 10 steps by backtracking. At the start it is 2.
"""

# %% tags=["guess"]
guess = {"5 exact": ..., "10 exact": ..., "10 by backtracking": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N5"]
# the experiment: H approaches the inverse Hessian
learnt, distance = [], {"exact": [], "by backtracking": []}
for seed in seeds(10):
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.normal(size=(10, 10)))[0]
    A, inverse = (axes * np.geomspace(1, 100, 10)) @ axes.T, (axes / np.geomspace(1, 100, 10)) @ axes.T
    start, rates = rng.normal(size=10), {"by backtracking": backtracking}
    rates["exact"] = lambda f, theta, p, grad, A=A: -(grad @ p) / (p @ A @ p)
    for name, rate in rates.items():
        found = problems.walk(landscapes.quadratic(A), start, bfgs_update, rate, 10)[1]
        distance[name].append([np.linalg.norm(H - inverse) / np.linalg.norm(inverse) for H in found])
    learnt = learnt or [axes.T @ H @ axes for H in found]  # in the bowl's own axes, for the film
distance = {name: np.array(values) for name, values in distance.items()}
middle = {name: np.median(values, axis=0) for name, values in distance.items()}
fig, ax = plt.subplots(figsize=(7, 3.2))
for (name, values), color in zip(distance.items(), (plots.look("BFGS")["color"], plots.BLACK), strict=True):
    plots.curves(ax, np.maximum(values, 1e-3), "BFGS", label=name, color=color)
ax.set(title="The tenth exact step settles it", xlabel="update", ylabel="distance (0.001: or less)", yscale="log")
predict.mark(ax, guess, at={"5 exact": 5, "10 exact": 10, "10 by backtracking": 10})
ax.legend(loc="lower left")
text = """Relative distance of H from the inverse Hessian, logarithmic, median and range of 10: exact steps from 2 over 1.4 after five to
0.3 after nine and to nothing after ten; by backtracking 0.3 after ten."""
plots.show(fig, alt=text)
came = {"5 exact": middle["exact"][5], "10 exact": middle["exact"][10]}
predict.compare(guess, came | {"10 by backtracking": middle["by backtracking"][10]}, "relative distance of H")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N5"]
# the claim
exact, searched = distance["exact"], distance["by backtracking"]
measured(
    "N5",
    f"relative distance of H from the inverse Hessian, exact steps: 9 {spread(exact[:, 9], '.2f')}, 10 "
    f"{spread(exact[:, 10], '.0e')}; 10 steps by backtracking {spread(searched[:, 10], '.2f')}",
)
assert np.all(exact[:, 10] < 1e-8), "after n exact steps H should be the inverse Hessian"
assert np.all(exact[:, 5] > 0.5) and np.median(exact[:, 9]) > 0.05, "before the last steps it should be far from it"
assert np.all(searched[:, 10] > 0.05), "with backtracking ten steps should not be enough"

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the picture: H after each update, in the bowl's own axes
axis_of, true = np.arange(1, 11), 1 / np.geomspace(1, 100, 10)


def entries(ax, k):
    ax.axis("off")
    matrix, lengths = ax.inset_axes((0, 0.1, 0.42, 0.75)), ax.inset_axes((0.58, 0.1, 0.42, 0.75))
    matrix.imshow(np.log10(np.abs(learnt[k]) + 1e-12), vmin=-3, vmax=0, cmap="cividis", extent=(0.5, 10.5, 10.5, 0.5))
    matrix.set(title="sizes of H's entries", xticks=(1, 10), yticks=(1, 10), xlabel="from flat to steep")
    lengths.plot(axis_of, true, "o", color=plots.GREY, markerfacecolor="none", markersize=9, label="inverse Hessian")
    lengths.plot(axis_of, np.diag(learnt[k]), "o", color=plots.look("BFGS")["color"], markersize=5, label="H")
    lengths.set(title="its diagonal", yscale="log", ylim=(5e-3, 4), xticks=(1, 10), xlabel="from flat to steep")
    lengths.legend(loc="lower left"), matrix.grid(False)


text = """Left a 10 × 10 matrix, right its diagonal beside the inverse Hessian's. The diagonal falls into place from the steep end to the flat one; until then
entries beside it light up among the flat axes. After ten updates only the diagonal is left, and it is right."""
players.flipbook(entries, range(11), "update", "Steep axes first, the flattest last", width=6.8, height=3.6, alt=text)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

After $n$ exact steps $H$ *is* the inverse Hessian, to rounding: each step teaches one direction, and on a quadratic none is forgotten. Half-way you would not believe it, with two thirds of the distance left: the film shows the steep axes fall into place
first, and the flat ones, where the inverse is large, last. With backtracking the directions overlap, and ten steps leave a sixth or so of the distance. It does not matter: $H$ only has to be
right along the directions that are still to be walked.
</details>

### "Rank one", and a matrix that stays positive

A common version of this chapter's summary says that quasi-Newton methods make *rank-one* updates of the inverse, and calls the best known of them "BGFS". A symmetric rank-one update that obeys the
secant equation exists, and there is only one (SR1):
$H + \frac{(s - Hy)(s - Hy)^\top}{(s - Hy)^\top y}$. Let both learn on Rosenbrock's valley in six dimensions, from ten starts, by backtracking; a run ends where its direction leads uphill.
Then BFGS once more on a bowl with ripples, with your guard and without.

**Guess**: the rank of one BFGS change; in how many of ten runs SR1's matrix loses its positive definiteness at least once; in how many BFGS with your guard does, on the ripples; and in how many without.
"""

# %% tags=["guess"]
guess = {"rank": ..., "SR1": ..., "BFGS, guarded": ..., "BFGS, unguarded": ...}  # runs out of ten


# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N15"]
# two other updates, and a search with more patience
def rank_one(H, s, y):
    rest = s - H @ y
    return H + np.outer(rest, rest) / (rest @ y) if rest @ y else H


def unguarded(H, s, y):
    away = np.eye(len(s)) - np.outer(s, y) / (s @ y)
    return away @ H @ away.T + np.outer(s, s) / (s @ y)


def patient(*arguments):
    return backtracking(*arguments, most=40)


# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N15"]
# the experiment: rank one, rank two, and no guard
lost, ranks = {name: [] for name in ("SR1", "BFGS, guarded", "BFGS, unguarded")}, []
for seed in seeds(10):
    rng = np.random.default_rng(seed)
    near, ripples = 1 + rng.uniform(-0.5, 0.5, size=6), problems.waves(rng.uniform(0.02, 0.3, size=6))
    beside, valley = rng.uniform(-1, 1, size=6), problems.chain(6)
    found = problems.walk(valley, near, bfgs_update, patient, 8)[1]
    ranks += [np.linalg.matrix_rank(b - a, tol=1e-12 * np.linalg.norm(a)) for a, b in pairwise(found) if (b != a).any()]
    for name, problem, start, update in (
        ("SR1", valley, near, rank_one),
        ("BFGS, guarded", ripples, beside, bfgs_update),
        ("BFGS, unguarded", ripples, beside, unguarded),
    ):
        found = problems.walk(problem, start, update, patient, 40)[1]
        lost[name].append(min(np.linalg.eigvalsh(H)[0] for H in found if np.isfinite(H).all()))
fig, ax = plt.subplots(figsize=(7.5, 2.4))
plots.ranges(ax, lost, dict(zip(lost, (plots.ORANGE, plots.look("BFGS")["color"], plots.GREY), strict=True)))
ax.axvline(0, color="black", linewidth=0.8)
ax.set_xscale("symlog", linthresh=1e-3)
ax.set(title="Only guarded BFGS stays on the right side", xlabel="smallest eigenvalue of H on the way, 10 starts")
plots.show(
    fig, alt="Three rows: the smallest eigenvalues are negative for SR1 and unguarded BFGS, positive for guarded BFGS."
)
came = {"rank": np.median(ranks)} | {name: sum(value < 0 for value in values) for name, values in lost.items()}
predict.compare(guess, came, "rank, and runs of ten")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N15"]
# the claim
measured(
    "N15",
    f"rank of a BFGS change {min(ranks)} to {max(ranks)}; runs of ten in which H stops being positive definite: "
    + ", ".join(f"{name} {came[name]}" for name in lost),
)
assert set(ranks) == {2}, "every BFGS change should have rank two"
assert came["SR1"] >= 8, "the rank-one update should lose positive definiteness in most runs"
assert came["BFGS, guarded"] == 0, "with the guard H should stay positive definite"
assert came["BFGS, unguarded"] >= 5, "without the guard H should be lost where the curvature is negative"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

BFGS changes $H$ by rank *two*: it takes out what $H$ said about the direction, and puts in what was measured. SR1 gets by with one and loses positive definiteness on the way; people use it
nevertheless, inside a *trust region* (a ball in which the model is believed, and in which one looks for its lowest point), where an indefinite matrix does no harm. Unguarded BFGS is as bad as soon as the ground is concave. The guard costs one line.
</details>

### How fast in the end?

Near a minimum gradient descent multiplies its error by a constant (**linear**: a straight line on a logarithmic axis), and Newton squares it (**quadratic**). BFGS promises **superlinear**: the factor from one step to the
next tends to 0. A softmax regression with 12 parameters on 60 random examples (strictly convex), ten draws, from $\theta = 0$, error
$\lVert\theta - \theta^*\rVert$; descent at the best constant rate of .2, .4 and .6.

**Guess** the iterations until the error is below $10^{-7}$ (beyond, a line search by values drowns in rounding: they differ by the error's square), and the factor by which BFGS shrinks it per step in the last five before that.
"""

# %% tags=["guess"]
guess = {"gradient descent": ..., "BFGS": ..., "Newton": ..., "factor of BFGS": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N16"]
# the experiment: three speeds of convergence
runs = [problems.three_speeds(seed, bfgs_update, patient, near=1e-7) for seed in seeds(10)]
paths = {name: [run[name] for run in runs] for name in runs[0]}
needed = {name: np.array([np.argmax(error < 1e-7) for error in found]) for name, found in paths.items()}
factor = np.array([(e[k] / e[k - 5]) ** 0.2 for e, k in zip(paths["BFGS"], needed["BFGS"], strict=True)])
fig, ax = plt.subplots(figsize=(7.5, 3.7))
names = {"SGD": "gradient descent: a straight line", "BFGS": "BFGS: bends down", "Newton": "Newton: plunges"}
for name, label in names.items():
    error = paths[name][0][: needed[name][0] + 1]
    plots.curves(ax, error, name, label=label, marks=0 if name == "SGD" else 40)
ax.set(title="Linear, superlinear, quadratic", xlabel="iteration", ylabel="distance from the minimum", xlim=(0, 90))
ax.legend(loc="lower right")
text = """Distance from the minimum on a logarithmic axis, one run: Newton is below 1e-7 within 6 iterations, BFGS bends down to it in
about 30, gradient descent hardly falls."""
plots.show(fig, alt=text)
came = {"gradient descent": np.median(needed["SGD"]), "BFGS": np.median(needed["BFGS"])}
predict.compare(
    guess, came | {"Newton": np.median(needed["Newton"]), "factor of BFGS": np.median(factor)}, "iterations"
)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N16"]
# the claim
early = np.array([(e[10] / e[5]) ** 0.2 for e in paths["BFGS"]])
steady = np.array([(e[k] / e[k - 100]) ** 0.01 for e, k in zip(paths["SGD"], needed["SGD"], strict=True)])
told = ", ".join(f"{name} {spread(values, '.0f')}" for name, values in needed.items())
measured(
    "N16",
    f"iterations to 1e-7: {told}; factor per step of BFGS, steps 6 to 10 {spread(early, '.2f')}, last five {spread(factor, '.2f')}",
)
fifth = {name: spread([error[5] / error[0] for error in found], ".2f") for name, found in paths.items()}
print(
    f"share of the distance left after 5 iterations: SGD {fifth['SGD']}, BFGS {fifth['BFGS']}, Newton {fifth['Newton']}"
)
assert all(np.all(values > 0) for values in needed.values()), "all three should arrive"
assert np.all(needed["Newton"] < needed["BFGS"] / 2), "Newton should need less than half of BFGS's iterations"
assert np.all(needed["BFGS"] < needed["SGD"] / 10), "BFGS should need less than a tenth of descent's iterations"
assert np.median(factor) < 0.4 * np.median(early), "BFGS's factor should fall on the way"
assert np.all(steady > 0.9), "the factor of descent should stay where it is"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Descent: about nine hundred iterations along a straight line. Newton: about four, each with a Hessian to solve with. BFGS: some thirty, each with *one gradient*, as descent has. After five steps it is little further than descent (printed above), then
the curve bends: superlinear says something about the end only. Near a minimum, on smooth ground, with exact gradients.
</details>

*A good place for a break.*

## 3. Forget all but the last few: L-BFGS

$H$ has $n^2$ numbers. But you never need $H$, only $Hg$; and $H$ is nothing but $H_0$ and the pairs $(s, y)$. So keep the last $m$ pairs and work out $Hg$ from them, starting from $H_0 = \gamma\,\mathbf I$.
Each update multiplies a bracket on from the left and another from the right, so peel them off from outside to inside (newest pair first), apply $H_0$, and go back up (oldest first). With $\rho_i = 1/(s_i^\top y_i)$:

| | |
|---|---|
| $q = g$ | |
| newest pair to oldest | $\alpha_i = \rho_i\, s_i^\top q$, then $q \leftarrow q - \alpha_i y_i$ |
| $r = \gamma q$ | |
| oldest pair to newest | $\beta = \rho_i\, y_i^\top r$, then $r \leftarrow r + (\alpha_i - \beta)\, s_i$ |
| direction | $p = -r$ |

(Nocedal, 1980: the two-loop recursion; 4mn multiplications.)

### Exercise 3: `lbfgs_direction` (4 points, 10 minutes, medium)

Return the direction $-Hg$. In `S` and `Y` the *oldest* pair stands first; there may be none, and then the direction is $-\gamma g$. All pairs have $s^\top y > 0$.

<details><summary>Hint</summary>

The second loop needs every $\alpha_i$ of the first, each beside its own pair: keep them in an array by `i`. `reversed(range(len(S)))` counts down.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "lbfgs-direction", "locked": false, "schema_version": 3, "solution": true}
def lbfgs_direction(grad, S, Y, gamma):
    """Return minus the inverse Hessian times grad, the inverse Hessian as BFGS builds it from gamma I and the pairs.

    grad : ndarray, shape (n,).  gamma : float > 0
    S, Y : ndarrays, shape (k, n), k >= 0, the steps and the changes of the gradient, the oldest first
    Returns an ndarray, shape (n,). The inputs are not modified.
    """
    ### BEGIN SOLUTION
    q, alpha = grad, np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lbfgs-direction-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(lbfgs_direction)

# %% [markdown]
r"""
### A million parameters

A network with a million parameters; eight bytes a number.

**Guess** what BFGS keeps and what L-BFGS with $m = 10$ keeps, in gigabytes. And with eight pairs in twelve dimensions: how far is the two-loop direction from the one that BFGS's matrix gives (relative)?
"""

# %% tags=["guess"]
guess = {"BFGS, GB": ..., "L-BFGS, GB": ..., "distance": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N6", "nbval-ignore-output"]
# the experiment: two ways to one direction, and their time
apart, clock = [], work_clock()
for seed in seeds(10):
    rng = np.random.default_rng(seed)
    factor, H = rng.normal(size=(12, 12)), 0.3 * np.eye(12)
    S = rng.normal(size=(8, 12))
    Y = S @ (factor @ factor.T + np.eye(12))
    for s, y in zip(S, Y, strict=True):
        H = bfgs_update(H, s, y)
    grad = rng.normal(size=12)
    apart.append(np.linalg.norm(lbfgs_direction(grad, S, Y, 0.3) + H @ grad) / np.linalg.norm(H @ grad))
sizes, seconds = (250, 500, 1000), {"BFGS, as printed": [], "BFGS, yours": [], "L-BFGS, m = 10": []}
for n in sizes:
    S, H, grad = rng.normal(size=(10, n)), np.eye(n), rng.normal(size=n)
    ways = (unguarded, (H, S[0], S[0])), (bfgs_update, (H, S[0], S[0])), (lbfgs_direction, (grad, S, S, 1.0))
    for name, (way, arguments) in zip(seconds, ways, strict=True):
        began = clock()
        way(*arguments), way(*arguments)
        seconds[name].append((clock() - began) / 2)
for name, took in seconds.items():
    print(f"{name}: " + ", ".join(f"{1000 * value:.1f} ms at n = {n}" for n, value in zip(sizes, took, strict=True)))
n, m = 10**6, 10
came = {"BFGS, GB": 8 * n**2 / 1e9, "L-BFGS, GB": 8 * 2 * m * n / 1e9, "distance": float(f"{np.median(apart):.0e}")}
predict.compare(guess, came, "memory and distance")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N6"]
# the claim
measured(
    "N6",
    f"two loops against BFGS's matrix, largest relative distance below {10.0 ** np.ceil(np.log10(max(apart))):.0e}; memory for a million parameters 8 TB against {came['L-BFGS, GB']:g} GB",
)
assert max(apart) < 1e-9, "with all pairs the two loops should give BFGS's direction"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

The same direction to rounding (an identity), from 0.16 GB in place of 8,000. The times printed are this machine's: the formula *as printed* multiplies matrices, which costs $O(n^3)$, eight times the work when $n$ doubles; multiplied out it needs
$Hy$ and outer products only, $O(n^2)$; the two loops cost $O(mn)$. If "yours" grows like the printed one, look for a product of two matrices in it.
</details>

## 4. Build the minimiser

### Build 4: `lbfgs` (8 points, 35 minutes, hard)

Put it together. `f` gives values, `gradient` gives gradients; call `gradient` once at the start and once at every new point, the last one included, and no more: it is the expensive one. `f` may be called as often as you like.

- **Stop** when `steps` iterations are done, when $\lVert g\rVert \le$ `tol` (look at the start of each iteration), or when the search below finds nothing.
- **Direction with pairs**: `lbfgs_direction` with $\gamma = s^\top y\,/\,y^\top y$ of the *newest* pair.
- **Direction without pairs**: $-\gamma g$ with $\gamma = \min(1, 1/\lVert g\rVert)$, so that the first step is at most 1 long.
- **How far**: `backtracking` with its default settings. If it gives up (0.0) on a direction *with pairs*, **restart** in the same iteration: forget all pairs, take the direction without pairs, and search again. If it gives up without pairs, stop.
- **Learn**: $s$ is the step taken, $y$ the change of the gradient. Store the pair only if $s^\top y > 10^{-8}\,\lVert s\rVert\,\lVert y\rVert$; a pair that fails is left out, and the step is taken all the same. Keep the newest `m`.

Return where you end, and an array of the losses: at the start, and after every step.

<details><summary>Hint: an order that works</summary>

Write the version without pairs first (steepest descent with a line search) and check it on paper: it is the bottom half of the loop. Then store pairs, oldest first; then use them. `rate = 0.0` before "if there are pairs" lets one `if rate == 0` serve
both the first step and the restart. `[*S, s][-m:]` appends and forgets.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "lbfgs", "locked": false, "schema_version": 3, "solution": true}
def lbfgs(f, gradient, theta, m=10, steps=100, tol=1e-6):
    """Minimise f by L-BFGS with backtracking. The inputs are not modified.

    f : callable, theta -> float.  gradient : callable, theta -> ndarray, shape (n,), called once a point
    theta : ndarray, shape (n,), the start.  m : int >= 1, pairs kept.  steps : int >= 0, the most iterations
    tol : float > 0, of the gradient's length
    Returns theta, shape (n,), and the losses, shape (k + 1,), at the start and after each of k steps.
    """
    ### BEGIN SOLUTION
    grad, losses = gradient(theta), [f(theta)]
    S, Y = [], []
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = lbfgs_direction(grad, np.array(S), np.array(Y), gamma)
            rate = backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        s, before = rate * direction, grad
        theta = theta + s
        grad = gradient(theta)
        y = grad - before
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        losses.append(f(theta))
    return theta, np.array(losses)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lbfgs-check", "locked": true, "points": 8, "schema_version": 3, "solution": false}
check(lbfgs)

# %% [markdown]
r"""
### How much memory is enough?

Your minimiser on two problems, ten starts each, until the gradient is shorter than $10^{-4}$: a bowl in 50 dimensions ($\kappa = 1000$, turned at random) and Rosenbrock's valley in 30. It remembers 1, 3, 10 or 30 pairs, or all
(then its matrix is BFGS's, but for a $\gamma$ that is renewed in every iteration).

**Guess** the gradients needed on the bowl with $m = 1$, $m = 10$ and all pairs; and on the valley by how many times $m = 10$ beats $m = 1$.
"""

# %% tags=["guess"]
guess = {"bowl, m = 1": ..., "bowl, m = 10": ..., "bowl, all": ..., "valley, times": ...}


# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N17"]
# the experiment: five lengths of memory
tasks = {
    "bowl": lambda rng: (problems.turned_bowl(rng), rng.normal(size=50)),
    "valley": lambda rng: (problems.chain(30), rng.uniform(-1, 1, size=30)),
}
memories, asked = {"1": 1, "3": 3, "10": 10, "30": 30, "all": 10**6}, {}
for task, build in tasks.items():
    for name, m in memories.items():
        asked[task, name] = problems.gradients_asked(lbfgs, build, seeds(10), m)
fig, axes = plt.subplots(1, 2, figsize=(9.5, 2.9))
colors = {name: plots.look("BFGS" if name == "all" else "L-BFGS")["color"] for name in memories}
for ax, task, title in zip(
    axes, tasks, ("Bowl: every pair counts", "Valley: ten are nearly as good as all"), strict=True
):
    plots.ranges(ax, {name: asked[task, name] for name in memories}, colors)
    ax.set(title=title, xlabel="gradients until |g| < 0.0001", ylabel="pairs kept", xlim=(0, None))
text = """Gradients needed with 1, 3, 10, 30 and all pairs. Bowl: about 270, 240, 200, 160, 90. Valley: 320, 210, 170, 160, 140."""
plots.show(fig, alt=text)
middle = {key: np.median(values) for key, values in asked.items()}
came = {"bowl, m = 1": middle["bowl", "1"], "bowl, m = 10": middle["bowl", "10"], "bowl, all": middle["bowl", "all"]}
predict.compare(guess, came | {"valley, times": middle["valley", "1"] / middle["valley", "10"]}, "gradients")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N17"]
# the claim
told = (", ".join(f"m = {name} {spread(asked[task, name], '.0f')}" for name in memories) for task in tasks)
measured("N17", "gradients, " + "; ".join(f"{task}: {text}" for task, text in zip(tasks, told, strict=True)))
bowl, valley = ([middle[task, name] for name in memories] for task in tasks)
assert all(a > b for a, b in pairwise(bowl)), "on the bowl every longer memory should save gradients"
assert bowl[-1] < 0.6 * bowl[2], "on the bowl all pairs should beat ten by far"
assert valley[0] > 1.5 * valley[2] and valley[2] < 1.35 * valley[-1], (
    "in the valley ten pairs should do nearly what all do"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

On a bowl no lesson ever goes out of date, so every pair that is forgotten costs. In the valley the Hessian changes as you go, old pairs are about another place, and $m = 10$ comes within a quarter of "all". That, and $2mn$ numbers in
place of $n^2$, is why small $m$ are usual (3 to 20, say Nocedal and Wright, section 7.2).
</details>

## 5. Two judgements, put to the test

Two judgements on second-order methods are common in lectures (in our words, not quoted): practically nobody uses them; and: if you can afford full batch updates, try L-BFGS, and disable all sources of noise. Race yours against SGD (momentum .9) and Adam on minibatches of 32, first on **softmax regression**: 480 digits, 650
parameters, weights 0 at the start, a penalty of $\tfrac12\cdot 10^{-3}\lVert\theta\rVert^2$. It is convex, so the best possible loss is known.

Everybody pays in **passes** through the data: a gradient of all examples is one, a loss alone a third of one; your minimiser pays for its line searches. SGD and Adam are trained anew for each budget of passes, with a rate that falls to 0 at its end,
at the best of four or five rates each.

**Guess** the winner ("SGD", "Adam" or "L-BFGS") after 2, 8 and 96 passes.
"""

# %% tags=["guess"]
guess = {"2 passes": ..., "8 passes": ..., "96 passes": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N9"]
# the experiment: the race on softmax regression
data = digits(as_tensors=False, seed=base_seed())
few, budgets = (data.x_train[:480], data.y_train[:480]), (2, 8, 32, 96)
marks = np.unique(np.geomspace(1, 130, 60).round())
task = problems.softmax_regression(*few, penalty=1e-3)
exact, found = lbfgs(task, task.gradient, np.zeros(task.size), m=30, steps=2000, tol=1e-9)
lowest = found[-1]
rivals = {"SGD": (0.2, 0.4, 0.8, 1.6), "Adam": (0.02, 0.05, 0.1, 0.2, 0.4)}
at_zero = [np.zeros((64, 10)), np.zeros(10)]
losses, thetas, rates = problems.best_of(lambda seed: at_zero, few, rivals, budgets, 1e-3, seeds(10))
starts = [1e-3 * np.random.default_rng(seed).normal(size=task.size) for seed in seeds(10)]
curve, found = problems.metered(lbfgs, [(task, start) for start in starts], marks, budgets, steps=150)
excess = {key: values - lowest for key, values in (losses | found).items()}
fig, ax = plt.subplots(figsize=(7.5, 4))
problems.standings(ax, marks, curve - lowest, excess, budgets)
ax.set(title="Minibatches lead, until it has to be exact", ylabel="loss above the minimum", ylim=(1e-9, 5))
text = """Loss above the minimum against passes, both logarithmic. SGD and Adam fall in straight lines to 1e-4 at 96 passes; L-BFGS starts above
them, crosses them near 32 passes and falls to 1e-9 and below."""
plots.show(fig, alt=text)
middle = {key: np.median(values) for key, values in excess.items()}
came = problems.winners(middle, (2, 8, 96), within=1.2)
predict.compare(guess, came, "first on softmax regression (those within 20 % share it)")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N9"]
# the claim
told = (", ".join(f"{name} {spread(excess[name, b], '.1e')}" for name in ("SGD", "Adam", "L-BFGS")) for b in budgets)
told = "; ".join(f"{budget} passes: {text}" for budget, text in zip(budgets, told, strict=True))
measured("N9", f"softmax regression, loss above the minimum: {told}")
right = {key: np.mean([task.accuracy(theta, *data.test) for theta in found]) for key, found in thetas.items()}
print(f"Held out: exact minimum {100 * task.accuracy(exact, *data.test):.1f} %;", end=" ")
print("; ".join(f"{name} after {budget} passes {100 * share:.1f} %" for (name, budget), share in right.items()))
print("Best rates:", rates)
for name in rivals:
    for budget in (2, 8):
        assert middle[name, budget] < 0.3 * middle["L-BFGS", budget], f"{name} should lead by far after {budget} passes"
    assert np.all(excess["L-BFGS", 96] < 0.01 * middle[name, 96]), (
        f"L-BFGS should be far ahead of {name} after 96 passes"
    )

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Two passes: SGD has made 30 updates and L-BFGS one or two. For a loss within some thousandths of the best the minibatches win; at about 32 passes the curves cross; after that L-BFGS gains a digit every dozen passes, and the others little more than one while the passes
triple. Both judgements are right, about different tasks: nobody needs nine digits of a *training* loss to classify digits (held out, SGD and Adam are level with the exact minimum after 32 passes; printed above), and whoever does need them (scientific fits, reproducible statistics: scikit-learn's
`LogisticRegression` uses L-BFGS by default) has a good reason to use it. With few parameters Newton's method itself is another choice: it took some four iterations above, and scikit-learn offers it as `newton-cholesky`, for many samples and few features.
</details>

### The same on a network

The same 480 digits, a network of 64, 16 (tanh) and 10 units, penalty $10^{-4}$, ten random starts, the same rules.

**Guess** the winner after 8, 32 and 96 passes.
"""

# %% tags=["guess"]
guess = {"8 passes": ..., "32 passes": ..., "96 passes": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N18"]
# the experiment: the race on a network
penalty, sizes = 1e-4, (64, 16, 10)
rivals = {"SGD": (0.1, 0.2, 0.4, 0.8, 1.6), "Adam": (0.02, 0.05, 0.1, 0.2)}
begin = {seed: network(sizes, seed) for seed in seeds(10)}
losses, _, rates = problems.best_of(lambda s: begin[s].parameters, few, rivals, budgets, penalty, seeds(10))
tasks = [(problems.layered(net, *few, penalty), problems.start_of(net.parameters)) for net in begin.values()]
curve, found = problems.metered(lbfgs, tasks, marks, budgets, steps=130)
losses |= found
fig, ax = plt.subplots(figsize=(7.5, 4))
problems.standings(ax, marks, curve, losses, budgets)
ax.set(title="On a network L-BFGS catches up late, and wins little", ylabel="training loss with penalty")
text = """Training loss against passes: SGD and Adam far below L-BFGS after 2 and 8 passes, below it after 32, level with it after 96."""
plots.show(fig, alt=text)
middle = {key: np.median(values) for key, values in losses.items()}
came = problems.winners(middle, (8, 32, 96), within=1.05)
predict.compare(guess, came, "first on the network (those within 5 % share it)")
print("Best rates:", rates)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N18"]
# the claim
told = (", ".join(f"{name} {spread(losses[name, b], '.3f')}" for name in ("SGD", "Adam", "L-BFGS")) for b in budgets)
told = "; ".join(f"{budget} passes: {text}" for budget, text in zip(budgets, told, strict=True))
measured("N18", f"network, training loss: {told}")
falls = np.median(curve, axis=0)
for name in rivals:
    late = [
        marks[np.argmax(falls <= middle[name, b])] / b if falls.min() <= middle[name, b] else np.inf for b in budgets
    ]
    print(
        f"L-BFGS is where {name} was after {budgets} passes at "
        + ", ".join(f"{x:.1f}" for x in late)
        + " times as many"
    )
for name in rivals:
    for budget in (2, 8):
        assert np.all(losses[name, budget] < 0.7 * middle["L-BFGS", budget]), (
            f"{name} should lead after {budget} passes"
        )
assert middle["Adam", 32] < middle["L-BFGS", 32], "Adam should still lead after 32 passes"
assert middle["L-BFGS", 96] < 1.1 * min(middle["SGD", 96], middle["Adam", 96]), "L-BFGS should have caught up after 96"
assert middle["L-BFGS", 96] > 0.5 * max(middle["SGD", 96], middle["Adam", 96]), (
    "on a network L-BFGS should not be far ahead"
)

# %% jupyter={"source_hidden": true} tags=["experiment", "nbval-ignore-output"]
# what a pass takes on this machine, in NumPy
clock = work_clock()
for label, problem, start in (("softmax regression", task, exact), ("network", *tasks[0])):
    start = start + 0.1
    began = clock()
    meter = problems.Meter(problem)
    lbfgs(meter, meter.gradient, start, steps=60)
    whole = (clock() - began) / meter.passes
    part, began = problem.of(np.arange(32)), clock()
    for _ in range(60):
        part.gradient(start)
    print(
        f"{label}: a pass takes {1000 * whole:.1f} ms with L-BFGS, {1000 * (clock() - began) / 4:.1f} ms in minibatches of 32"
    )

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Minibatches lead again: for what SGD or Adam reach, L-BFGS needs several times the passes at first, and fewer and fewer times later (printed above). Between 32 and 96 passes it catches up with both, and wins little: no superlinear end within that budget.
In *seconds* it may look better, where a pass in one piece costs less than in fifteen minibatches (printed for this machine), and it has no rate to tune, where SGD and Adam were given four or five runs each and a schedule.
For a network of a thousand parameters and a few hundred examples "try L-BFGS" is sound advice; with a million examples a single pass is 31,250 of SGD's updates, more than twenty times what it had here in all. (Full batch, no noise, one architecture.)
</details>

## 6. Noise in, curvature out

"Disable all sources of noise", said the second judgement. Why should noise hurt L-BFGS more than SGD? Its $y$ is a *difference* of two gradients. If they come from two minibatches, the difference is mostly between the *batches*. One repair: compute
both from the **same batch**, for a second gradient an update (Berahas et al., 2016, take the overlap of two batches). Another: large batches.

Your `lbfgs_direction` ($m = 5$, guard on) at a constant rate, no line search, since that would be fooled as well; softmax regression as above, 16 passes for everybody, at the best of six rates. To compare with: SGD on batches of 32, once with momentum .9 and a rate that falls to 0, once plain, with neither, each at the best of four rates.

**Guess** the loss above the minimum (median of ten seeds; at the start it is about 2): batches of 32 with a fresh batch for every gradient; of 32 with both gradients from one batch; the full batch. And the *worst* of the ten seeds for the first.
"""

# %% tags=["guess"]
guess = {"32, fresh": ..., "32, same batch": ..., "full batch": ..., "32, fresh, worst": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N7"]
# the experiment: L-BFGS on minibatches
rates, kinds, rows = (0.01, 0.03, 0.1, 0.3, 1.0, 2.0), {"fresh": False, "same batch": True}, {}
for batch in (32, 120, 480):
    for kind, same in kinds.items() if batch < 480 else [("full batch", False)]:
        ends = problems.noisy_ends(lbfgs_direction, task, batch, same, seeds(10), rates, passes=16)
        rows[f"{batch}, {kind}"] = ends - lowest
ends = problems.best_of(lambda seed: at_zero, few, {"SGD": (0.1, 0.2, 0.4, 0.8)}, [16], 1e-3, seeds(10))[0]
rows["32, SGD, momentum, falling rate"] = ends["SGD", 16] - lowest


def plain(lr, seed):
    rng, theta = np.random.default_rng(seed), np.zeros(task.size)
    for _ in range(16 * 480 // 32):
        theta = theta - lr * task.of(rng.choice(480, 32, replace=False)).gradient(theta)
    return task(theta) - lowest


tried = np.array([[plain(lr, seed) for seed in seeds(10)] for lr in (0.5, 1.0, 2.0, 4.0)])
rows["32, SGD, plain"] = min(tried, key=np.median)
fig, ax = plt.subplots(figsize=(7.5, 3.2))
colors = {name: plots.look("SGD" if "SGD" in name else "L-BFGS")["color"] for name in rows}
plots.ranges(ax, {name: np.minimum(values, 1e3) for name, values in rows.items()}, colors)
ax.set(xscale="log", xlabel="loss above the minimum after 16 passes (1000: or more)")
ax.set_title("Two batches in one y: some runs never recover")
text = """Ranges of seven ways: fresh batches of 32 spread over three orders of magnitude; one batch for both gradients and large
batches are narrow; plain SGD is level with the full batch, SGD with momentum and a falling rate ends lowest."""
plots.show(fig, alt=text)
came = {name: np.median(rows[name]) for name in ("32, fresh", "32, same batch")}
came |= {"full batch": np.median(rows["480, full batch"]), "32, fresh, worst": rows["32, fresh"].max()}
predict.compare(guess, came, "loss above the minimum")


# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N7"]
# the experiment: what the pairs that pass the guard say about the curvature, at rate .1
def pairs_of(seed, same):
    path, pairs, said = [], [], []

    def gradient(part, theta):
        path.append(theta)
        return part.gradient(theta)

    def noting(grad, S, Y, gamma):
        if not pairs or (pairs[-1][0] != S[-1]).any():
            pairs.append((S[-1], Y[-1], path[-3 if same else -2]))
        return lbfgs_direction(grad, S, Y, gamma)

    noted = SimpleNamespace(size=task.size, y=task.y)
    noted.of = lambda rows: problems.Problem(task, partial(gradient, task.of(rows)))
    problems.on_batches(noting, noted, 32, 16, 0.1, np.random.default_rng(seed), same, 5)
    for s, y, theta in pairs[::2]:  # every other one is enough
        far = max(np.linalg.norm(s), 1e-3) / np.linalg.norm(s)  # over a shorter way rounding would drown the true one
        true = s @ (task.gradient(theta + far * s) - task.gradient(theta)) / far
        said.append((np.linalg.norm(s), s @ y / true))
    return said


told = {kind: np.array([pair for s in seeds(10) for pair in pairs_of(s, same)]).T for kind, same in kinds.items()}
fig, ax = plt.subplots(figsize=(7.5, 3.5))
for (kind, (size, claimed)), color in zip(told.items(), (plots.look("L-BFGS")["color"], plots.ORANGE), strict=True):
    ax.loglog(np.maximum(size, 1e-12), np.clip(claimed, 1e-3, 1e12), ".", color=color, markersize=4, label=kind)
ax.axhline(1, color=plots.GREY, linewidth=0.8)
ax.set(title="Short steps claim too much curvature", xlabel="length of the step", ylabel="claimed / true curvature")
ax.legend()
plots.show(fig, alt="Claimed over true curvature: one batch, a cloud at 1; fresh, a band that rises as steps shrink.")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N7"]
# the claim
measured(
    "N7",
    "loss above the minimum after 16 passes: "
    + "; ".join(f"{name} {spread(values, '.2g')}" for name, values in rows.items()),
)
fresh, same, full, sgd, without = (rows[name] for name in rows if "120" not in name)
half = (np.median(fresh) + np.median(full)) / 2
assert np.median(same) < half, "one batch for both gradients should repair most of what two batches cost"
assert np.median(rows["120, fresh"]) < half, "so should larger batches"
assert np.median(rows["120, same batch"]) > 0.8 * np.median(rows["120, fresh"]), "both together should not help more"
assert fresh.max() > 10 * same.max(), "with fresh batches some run should go astray"
assert np.median(fresh) > 3 * np.median(full), "the full batch should help more"
assert np.median(sgd) < 0.6 * min(np.median(values) for name, values in rows.items() if "SGD" not in name), (
    "SGD should be better than all of it"
)
assert np.median(sgd) < 0.7 * np.median(without), "part of that should be momentum and a falling rate"
assert 0.4 < np.median(without) / np.median(full) < 2, "plain SGD should be about level with the full batch"

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N7"]
# the claim: what the pairs say
for kind, (size, claimed) in told.items():
    low, high = np.percentile(claimed, [5, 95])
    print(
        f"{kind}: claimed / true curvature {np.median(claimed):.2g} in the median (90 % {low:.2g} to {high:.2g}), below .7 in "
        f"{100 * np.mean(claimed < 0.7):.0f} % of the pairs; steps {np.median(size):.1g} in the median, the longest {size.max():.2g}"
    )
assert np.median(told["fresh"][1]) > 10, "from two batches most pairs should claim far too much curvature"
ranks = [np.argsort(np.argsort(values)) for values in told["fresh"]]
assert np.corrcoef(*ranks)[0, 1] < -0.8, "the shorter the step, the more curvature it should claim"
assert np.mean(told["fresh"][1] < 0.7) < 0.15, "those that claim too little should be few"
assert np.min(told["fresh"][1]) < 0.4, "and a few should claim far too little"
assert told["fresh"][0].max() > 30 * told["same batch"][0].max(), "after those few it should leap"
assert np.median(told["fresh"][0]) < 0.5 * np.median(told["same batch"][0]), "most of the time it should creep"
assert np.percentile(told["same batch"][1], 5) > 0.5, "from one batch a pair should claim about the true curvature"
assert np.percentile(told["same batch"][1], 95) < 3, "from one batch a pair should not claim much too much"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

With fresh batches $y$ holds the curvature's part, which shrinks with the step, and the difference of two batches, which does not. So the shorter the step, the more curvature its pair claims, by orders of magnitude; the next step is shorter still, and the walk
freezes. A few pairs claim far too little, and it leaps: some seeds end above the start, at the best rate. With one batch for
both gradients nearly every pair is right within a factor of 2, and no run goes astray. (At batches of 120 that no longer helps: it halves the number of updates.) Large batches help too, and the full batch most. For as many passes SGD with momentum and a falling rate beats all of
it; plain SGD, with neither, only draws level with the full batch. So here curvature from minibatches does not pay for what it costs.
</details>

## 7. Gauss and Newton

A network's loss is often a sum of squares, $\tfrac12\sum_i r_i^2$, of residuals $r = $ prediction − target. With the Jacobian $\mathbf J$ ($\mathbf J_{ij} = \partial r_i/\partial\theta_j$) its gradient is $\mathbf J^\top r$ and its Hessian

$$B = \mathbf J^\top\mathbf J + \sum_i r_i \nabla^2 r_i .$$

**Gauss-Newton** drops the second term. What is left needs no second derivative and is never negative: $v^\top\mathbf J^\top\mathbf J v = \lVert\mathbf J v\rVert^2 \ge 0$. Damped (Levenberg, 1944):

$$\theta \leftarrow \theta - (\mathbf J^\top\mathbf J + \lambda\mathbf I)^{-1}\mathbf J^\top r$$

### Exercise 5: `gauss_newton_step` (4 points, 6 minutes, easy)

Take this step, and return the new `theta`, shape `(n,)`.

<details><summary>Hint</summary>

`np.linalg.solve(A, b)` in place of an inverse. $\lambda$ is added to the diagonal only.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "gauss-newton-step", "locked": false, "schema_version": 3, "solution": true}
def gauss_newton_step(theta, residuals, jacobian, damping):
    """Return theta after one damped Gauss-Newton step on half the sum of squared residuals. The inputs are not modified.

    theta : ndarray, shape (n,).  residuals : ndarray, shape (N,).  jacobian : ndarray, shape (N, n)
    damping : float >= 0; it is 0 only where the columns of the Jacobian are independent
    Returns an ndarray, shape (n,).
    """
    ### BEGIN SOLUTION
    matrix = jacobian.T @ jacobian + damping * np.eye(len(theta))
    return theta - np.linalg.solve(matrix, jacobian.T @ residuals)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gauss-newton-step-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(gauss_newton_step)

# %% [markdown]
r"""
### Half a Hessian against a whole one

Ten curves, each a sum of three $a\tanh(bx + c)$ plus noise, 40 points, fitted by a sum of three such terms: nine parameters, not convex. Five random starts each, 40 steps, lengths by your `backtracking`. Three ways, each with the best $\lambda$ of five from $10^{-3}$ to 10:
Newton with $B + \lambda\mathbf I$; Newton *repaired*, with $\lambda$ raised above the most negative eigenvalue; your Gauss-Newton.

**Guess**, of the 50 fits, how many per cent come within twice the cost of the true curve.
"""

# %% tags=["guess"]
guess = {"Newton": ..., "Newton, repaired": ..., "Gauss-Newton": ...}  # per cent


# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N12"]
# the experiment: fits by a whole Hessian, and by half a one
def half(fit, theta, damping):
    return gauss_newton_step(theta, fit.residuals(theta), fit.jacobian(theta), damping) - theta


ways = {"Newton": problems.newton_way(False), "Newton, repaired": problems.newton_way(True), "Gauss-Newton": half}
fits, dampings = problems.curves_to_fit(seeds(10)), (1e-3, 1e-2, 0.1, 1.0, 10.0)
costs = {name: problems.best_fits(way, fits, dampings, patient) for name, way in ways.items()}
fig, ax = plt.subplots(figsize=(7.5, 3.5))
for name, found in costs.items():
    line = "--" if name == "Newton, repaired" else "-"
    ax.plot(np.sort(found.ravel()), 2 * np.arange(1, 51), color=plots.look(name)["color"], linestyle=line, label=name)
ax.set(xscale="log", xlabel="cost after 40 steps, over that of the true curve", ylabel="per cent of the fits")
ax.set_title("Gauss-Newton arrives; unrepaired Newton gets stuck")
ax.legend(loc="lower right")
text = """Share of fits below a cost: Gauss-Newton and repaired Newton reach about 90 per cent near cost 1, unrepaired Newton has most
of its fits in the hundreds and thousands."""
plots.show(fig, alt=text)
came = {name: 100 * (found < 2).mean() for name, found in costs.items()}
predict.compare(guess, came, "per cent of the fits")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N12"]
# the claim
share = {name: 100 * (found < 2).mean(axis=1) for name, found in costs.items()}
measured(
    "N12",
    "per cent of fits within twice the true curve's cost, per curve: "
    + "; ".join(f"{name} {spread(values, '.0f')}" for name, values in share.items()),
)
assert came["Gauss-Newton"] > 75, "Gauss-Newton should fit most curves"
assert came["Newton"] < 40, "unrepaired Newton should fail on most"
assert abs(came["Gauss-Newton"] - came["Newton, repaired"]) < 25, "repaired Newton should be about as good"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Unrepaired Newton can point uphill where the Hessian has a negative eigenvalue stronger than $\lambda$, and where no rate is enough, the run ends. Repaired it does about as well as Gauss-Newton, for the price of second derivatives *and* an eigenvalue. Gauss-Newton is
positive without being told, and where the residuals are small, its missing term is small too.
</details>

### Fisher's matrix

For a softmax $p$ the sum of squares is replaced by the cross entropy, and $\mathbf J^\top\mathbf J$ by $\mathbf G = \frac1N\sum \mathbf J_i^\top(\operatorname{diag} p_i - p_i p_i^\top)\mathbf J_i$, $\mathbf J_i$ being that of the logits (what goes into the softmax). Amari's **natural gradient** (1998) comes from elsewhere: it measures a step by how much it changes
the *distribution* that the network predicts, and divides by the **Fisher matrix**, the average of $gg^\top$ over examples and over labels *drawn from the network itself*. Programs often take the labels of the data instead (the **empirical Fisher** matrix), since those gradients are there anyway.

A network (3, 4 and 3 units, 24 random examples with random labels), before training and after 200 of your L-BFGS steps.

**Guess** the relative distance (Frobenius norm) to $\mathbf G$: of the Fisher matrix, of the empirical one, and of the Hessian, all after training.
"""

# %% tags=["guess"]
guess = {"Fisher": ..., "empirical Fisher": ..., "Hessian": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N13"]
# the experiment: four matrices of ten networks
distance, lowest_eigenvalue = problems.four_matrices(seeds(10), lbfgs)
fig, ax = plt.subplots(figsize=(7.5, 2.8))
shown = {key: values for key, values in distance.items() if key[0] != "Gauss-Newton"}
called = {"labels' own": "empirical Fisher"}
rows = {f"{called.get(name, name)}, {stage}": np.maximum(values, 1e-17) for (name, stage), values in shown.items()}
plots.ranges(ax, rows, dict.fromkeys(rows, plots.look("Gauss-Newton")["color"]))
ax.set(xscale="log", xlabel="relative distance to G, 10 networks")
ax.set_title("Fisher is Gauss-Newton; with the data's labels it is not")
text = """Distances to the Gauss-Newton matrix: Fisher below 1e-15; the Hessian and the empirical Fisher matrix 0.2 to 1."""
plots.show(fig, alt=text)
middle = {key: np.median(values) for key, values in distance.items()}
came = {"Fisher": float(f"{middle['Fisher', 'trained']:.0e}"), "empirical Fisher": middle["labels' own", "trained"]}
predict.compare(guess, came | {"Hessian": middle["Hessian", "trained"]}, "distance to Gauss-Newton")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N13"]
# the claim
told = {key: spread(values, ".2g") for key, values in distance.items() if key[0] in ("Hessian", "labels' own")}
measured(
    "N13",
    f"relative distance to Gauss-Newton: Fisher below 1e-12; {'; '.join(f'{name}, {stage} {text}' for (name, stage), text in told.items())}",
)
assert max(distance["Fisher", "fresh"] + distance["Fisher", "trained"]) < 1e-10, (
    "Fisher and Gauss-Newton should be one matrix"
)
assert min(distance["labels' own", "fresh"] + distance["labels' own", "trained"]) > 0.05, (
    "the data's labels should give another one"
)
assert max(lowest_eigenvalue["Hessian", "fresh"]) < -1e-3, "a fresh network's Hessian should be indefinite"
assert min(min(lowest_eigenvalue["Gauss-Newton", stage]) for stage in ("fresh", "trained")) > -1e-12, (
    "Gauss-Newton should never be negative"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

For a softmax with cross entropy the Fisher matrix *is* Gauss-Newton's (an identity), so the natural gradient, damped, is a Gauss-Newton step under another name. The empirical Fisher matrix is another one, half off even after training; it is
what Adam's running mean of $g^2$ takes the diagonal of, up to the averaging over a batch. The fresh networks' Hessians are indefinite, $\mathbf G$ is not.
</details>

## 8. What survives: matrices for matrices

A layer of 4096 × 4096 weights has a Gauss-Newton matrix with almost $3\cdot 10^{14}$ entries. **K-FAC** (2015) writes it as a *Kronecker product* (each entry of the one times the whole of the other) of two matrices of 4096 × 4096, one for the layer's inputs and one for its gradients; **Shampoo** (2018) multiplies the layer's gradient $G$ by $(\sum GG^\top)^{-1/4}$ from the left
and $(\sum G^\top G)^{-1/4}$ from the right. With the last gradient alone in place of the sums that is $UV^\top$, if $G = U\Sigma V^\top$: all singular values become 1. **Muon** (2024) does that to the momentum, nearly, and has been scaled to large language models (Liu et al., 2025). And without a decomposition: divide by the Frobenius norm, then repeat

$$X \leftarrow \tfrac32 X - \tfrac12\, X X^\top X .$$

Every singular value $\sigma$ goes its own way to $\tfrac32\sigma - \tfrac12\sigma^3$, and 1 is where it comes to rest (Newton and Schulz; Muon itself takes a polynomial of degree five that is quicker and less exact).

### Exercise 6: `orthogonalize` (3 points, 6 minutes, easy)

Divide `G` by its Frobenius norm, make `steps` of these steps, and return $X$, of the shape of `G`.

<details><summary>Hint</summary>

`X @ X.T @ X` fits for tall and for wide matrices. The norm is divided out once, before the loop.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "orthogonalize", "locked": false, "schema_version": 3, "solution": true}
def orthogonalize(G, steps):
    """Return G over its Frobenius norm after so many steps of Newton and Schulz.

    G : ndarray, shape (rows, columns), not all zeros, not modified.  steps : int >= 0, after none it is G over its norm
    Returns an ndarray, shape (rows, columns).
    """
    ### BEGIN SOLUTION
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "orthogonalize-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(orthogonalize)

# %% [markdown]
r"""
### Turn the world

A bowl over 8 × 8 matrices whose entries are curved by factors between 1 and 10,000, drawn at random. Once the bowl's axes are the entries themselves; once it is turned by random rotations from the left and the right. 300 updates, rates falling to 0, each method at the best of five rates; SGD with momentum .9, Adam with $\beta_2 = .99$, Muon with twelve steps of your `orthogonalize` on the same momentum.

**Guess** by how many times the loss of each method grows when the bowl is turned.
"""

# %% tags=["guess"]
guess = {"SGD": ..., "Adam": ..., "Muon": ...}  # times, loss turned over loss on the axes

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N14"]
# the experiment: axes, and turned axes
scales = {"SGD": 1e-4 * 2.0 ** np.arange(0, 5), "Adam": (0.1, 0.3, 1.0, 3.0, 10.0), "Muon": (0.03, 0.06, 0.1, 0.3, 1.0)}
loss = {}
for name, rates in scales.items():
    for turned in (False, True):
        tried = [
            [problems.matrix_bowl(seed, turned).end(name, lr, 300, orthogonalize) for seed in seeds(10)] for lr in rates
        ]
        loss[name, turned] = np.array(tried)[np.median(tried, axis=1).argmin()]
fig, ax = plt.subplots(figsize=(7.5, 2.9))
rows = {f"{name}, {'turned' if turned else 'on the axes'}": values for (name, turned), values in loss.items()}
plots.ranges(ax, rows, {row: plots.look(row)["color"] for row in rows})
ax.set(xscale="log", title="Adam lives on the axes; Muon does not care", xlabel="loss after 300 updates, 10 bowls")
plots.show(fig, alt="Losses: Adam 1e-10 on the axes and about 5 turned; SGD and Muon the same in both.")
came = {name: np.median(loss[name, True]) / np.median(loss[name, False]) for name in scales}
predict.compare(guess, came, "times")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N14"]
# the claim
measured(
    "N14", "loss after 300 updates: " + "; ".join(f"{row} {spread(values, '.1e')}" for row, values in rows.items())
)
assert came["Adam"] > 1e6, "turned, Adam should lose its advantage"
assert 0.3 < came["Muon"] < 3 and 0.3 < came["SGD"] < 3, "Muon and SGD should not notice"
assert np.median(loss["Muon", True]) < 0.5 * np.median(loss["Adam", True]), "on turned axes Muon should beat Adam"
assert 0.3 < np.median(loss["Muon", True]) / np.median(loss["SGD", True]) < 3, "it should not gain on SGD by much"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Adam divides entry by entry, so on the axes it sees every curvature by itself and is unbeatable; turned, its loss is some four times that of SGD. $UV^\top$ turns with the matrix, so on paper Muon does exactly what it did before; in float64 rounding errors grow on the way, and the losses at the end differ
a little. Muon does not care, but on this bowl it does not gain either: it ends level with SGD (printed above). That it pays is to be seen on a network, next. Neither is second-order in the sense of this chapter:
both are cheap answers to "which directions are steep?", one by entry, one by singular direction.
</details>

### Muon on a network

MNIST-1D (40 inputs), 64 ReLU units, ten classes, batches of 64, 300 updates, rates falling to 0; ten networks. Muon moves the two weight matrices, six steps of your `orthogonalize` on the momentum (of a random 40 × 64 matrix they leave singular values between some .4 and 1), times $\sqrt{\text{rows}/\text{columns}}$ where a matrix has more rows than columns; SGD (momentum .9) and Adam ($\beta_2 = .99$) get all parameters, Muon's biases go by Adam with a third of its rate. Each at the best of four rates.

**Guess** the training loss of Muon over that of the better of the other two.
"""

# %% tags=["guess"]
guess = {"Muon over the better": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N19"]
# the experiment: Muon against SGD and Adam
curves = mnist1d(as_tensors=False)
scales = {"SGD": (0.2, 0.4, 0.8, 1.6), "Adam": (0.02, 0.04, 0.08, 0.16), "Muon": (0.02, 0.05, 0.1, 0.2)}
ended, unseen, place = {}, {}, {}
fig, ax = plt.subplots(figsize=(7.5, 3.6))
for name, rates in scales.items():
    tried = [problems.muon_race(curves, name, lr, 300, 64, seeds(10), orthogonalize, base_seed()) for lr in rates]
    plots.sensitivity(ax, rates, np.array([train for train, _ in tried]).T, name)
    place[name] = np.argmin([np.median(train) for train, _ in tried])
    ended[name], unseen[name] = tried[place[name]]
ax.set(title="Muon gets lower in the same number of updates", ylabel="training loss after 300 updates", ylim=(0.6, 2.5))
ax.set_yticks([0.7, 1, 2], ["0.7", "1", "2"])
ax.minorticks_off()
ax.legend(loc="upper left")
plots.show(
    fig, alt="Training loss against rate, three valleys; Muon's bottom is about an eighth lower than SGD's and Adam's."
)
middle = {name: np.median(values) for name, values in ended.items()}
came = {"Muon over the better": middle["Muon"] / min(middle["SGD"], middle["Adam"])}
predict.compare(guess, came, "ratio of training losses")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-N19"]
# the claim
told = (", ".join(f"{name} {spread(found, '.2f')}" for name, found in values.items()) for values in (ended, unseen))
measured("N19", "training loss: {}; held-out loss: {}".format(*told))
assert all(0 < best < 3 for best in place.values()), "no method's best rate should lie at an end of its four"
assert middle["Muon"] < 0.93 * min(middle["SGD"], middle["Adam"]), "Muon should train faster per update"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Per update Muon trains lower, by an eighth of the loss, with every method at its best rate; held out it is not ahead (printed above). Its update costs twelve more products of matrices a layer, which weigh the less the dearer a gradient is.
One small network; K-FAC and Shampoo are not measured here.
</details>

## 9. Reflection (4 points, 10 minutes)

A colleague trains a network on 200 million examples with batches of 64. She has read that L-BFGS has no learning rate to tune, plugs a minimiser like yours in, and hands it a loss and a gradient that draw a new minibatch at every call. After some updates the loss jumps
to enormous values; with the guard removed it happens sooner.

**In two to four sentences:** explain what her $y$ contains, why both the pairs and the line search are fooled, name two changes that would help, and say whether you would advise L-BFGS at all here, with the reason.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "quasi-newton-reflection", "locked": false, "points": 4, "schema_version": 3, "solution": true}
r"""
**Model answer.** Her two gradients come from different minibatches, so y is the change of the gradient along s *plus* the difference between two batches, which for short steps is far larger; such pairs claim a curvature that is wrong by orders of magnitude: mostly too large, so that she creeps, now and then far too small (or negative,
where the guard drops them), and the next step is far too long. The line search compares losses of different batches, so it accepts steps that raise the true loss and refuses good ones. Computing both gradients of y, and the losses of a search, on one batch, or much larger batches, would help. I would not advise it: with so many examples one exact pass costs as much as
millions of SGD updates, which get to a useful loss long before; L-BFGS pays where the full gradient is affordable and the minimum is wanted exactly.

**Marking scheme.** 1 point: y mixes curvature with the difference of batches. 1 point: consequence for pairs (curvature wrong by orders of magnitude, steps too short or far too long) or for the line search (losses of different batches); both for the full point. 1 point: two remedies (one batch for both gradients, large batches or full batch; accept averaging, or overlapping batches). 1 point:
advice with its reason, a full pass against the number of updates it buys.
"""

# %% [markdown]
r"""
## What to remember

1. A direction is half a step: ask for a share of the progress that the slope promises, halve until you get it, and treat `nan` as a refusal.
2. $y \approx B s$ comes free with every step. BFGS turns such pairs into an inverse Hessian by rank-two updates, $O(n^2)$ each, positive definite as long as $s^\top y > 0$; superlinear near a minimum.
3. L-BFGS keeps $m$ pairs, $O(mn)$, loses little where the curvature changes anyway, and must guard, restart and search.
4. Full batch and exactness wanted: L-BFGS, by orders of magnitude. Minibatches, a large set, a useful loss: SGD or Adam. Noise in $y$ is poison.
5. Gauss-Newton is the part of the Hessian that is never negative; for a softmax it is the Fisher matrix. K-FAC, Shampoo and Muon keep its spirit at the price of a few products of matrices.

## Further reading

<details><summary>Further reading in detail</summary>

- I. Goodfellow, Y. Bengio, A. Courville (2016). *Deep Learning*. MIT Press. Section 8.6.
- J. Nocedal, S. J. Wright (2006). *Numerical Optimization*, 2nd edition. Springer. Chapters 3, 6, 7 and 10.
- J. Nocedal (1980). Updating quasi-Newton matrices with limited storage. *Mathematics of Computation* 35(151), 773–782.
- C. G. Broyden (1970). *IMA Journal of Applied Mathematics* 6(1), 76–90; R. Fletcher (1970). *The Computer Journal* 13(3), 317–322; D. Goldfarb (1970). *Mathematics of Computation* 24(109), 23–26; D. F. Shanno (1970). *Mathematics of Computation* 24(111), 647–656. BFGS.
- K. Levenberg (1944). A method for the solution of certain non-linear problems in least squares. *Quarterly of Applied Mathematics* 2(2), 164–168.
- L. Armijo (1966). Minimization of functions having Lipschitz continuous first partial derivatives. *Pacific Journal of Mathematics* 16(1), 1–3.
- A. S. Berahas, J. Nocedal, M. Takáč (2016). A multi-batch L-BFGS method for machine learning. *NeurIPS*.
- S. Amari (1998). Natural gradient works efficiently in learning. *Neural Computation* 10(2), 251–276.
- J. Martens (2020). New insights and perspectives on the natural gradient method. *JMLR* 21(146), 1–76.
- F. Kunstner, L. Balles, P. Hennig (2019). Limitations of the empirical Fisher approximation for natural gradient descent. *NeurIPS*.
- J. Martens, R. Grosse (2015). Optimizing neural networks with Kronecker-factored approximate curvature. *ICML*; V. Gupta, T. Koren, Y. Singer (2018). Shampoo. *ICML*.
- K. Jordan et al. (2024). Muon: an optimizer for hidden layers in neural networks. kellerjordan.github.io/posts/muon.
- J. Liu et al. (2025). Muon is scalable for LLM training. arXiv:2502.16982.
</details>
"""

# %% tags=["experiment"]
predict.summary()
