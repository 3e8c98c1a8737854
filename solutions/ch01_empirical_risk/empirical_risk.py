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
# Empirical risk, gradients and when to stop

When you have worked through this notebook you can

- say what training minimises, what you would like it to minimise, and by how much the two differ,
- get a gradient in two ways, with differences and with calculus, and use one to check the other,
- say why nobody trains on the error rate itself, and write the loss that is trained on instead,
- show that the negative gradient is the best small step, and that guessing is a hopeless one,
- stop training at the right moment, and measure honestly what that gains.

About 180 minutes, 25 points. Goodfellow et al. (2016), *Deep Learning*, sections 8.1, 4.3, 5.2 and 7.8.
This is the first chapter; you need NumPy, derivatives and a little probability. (The exercises and the reflection take
85 of the minutes, reading and fifteen experiments the rest.)

**How it goes.** You write seven short functions. Below each one, `check(...)` tells you at once whether it is
right. The experiments then run *your* functions. Before an experiment you are asked to predict; do so, in
writing, before you run it.

**What an answer owes.** Arrays hold floats where the text of the function does not say otherwise. Leave the arrays
that you are given as they are: an answer that writes into one gets no points, however right its numbers. Return
NumPy arrays and plain numbers. `check` also takes lists, torch tensors, and `3.0` for `3`; what passes in such a form is
handed on to the experiments as arrays and plain numbers.
"""

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import torch

from utils import landscapes, losses, players, plots
from utils.check import check
from utils.claims import base_seed, measured, seeds, spread
from utils.data import digits
from utils.device import best_device, seed_everything
from utils.models import mlp
from utils.training import grid, sweep

seed_everything(base_seed())
device = best_device()
torch.set_num_threads(1)  # for models as small as ours, threads mostly wait for each other
plots.style()

data = digits(as_tensors=False)  # handwritten digits of 8 x 8 pixels
pixels, test_pixels = (
    np.column_stack([part, np.ones(len(part))]).astype(float) for part in (data.x_train, data.x_test)
)

# %% [markdown]
r"""
## 1. A perfect score

Ten points, three models: polynomials of degree 1, 3 and 9, each fitted so that its mean squared error on the
ten points is as small as it can be.

**Predict.** Which of the three has the smallest error on the ten points? Which would you use for the
eleventh?
"""


# %% tags=["experiment"]
def truth(x):
    """Return what y would be without noise."""
    return np.sin(2.5 * x)


def noisy(x, rng):
    """Return what is measured at x."""
    return truth(x) + 0.3 * rng.normal(size=len(x))


def fits(seed):
    """Draw ten points and fit all degrees. Returns the points, and degree -> (curve, error on the ten, on fresh data)."""
    rng = np.random.default_rng(seed)
    x, x_fresh = np.linspace(-0.95, 0.95, 10) + rng.uniform(-0.05, 0.05, 10), rng.uniform(-1, 1, 20_000)
    y, y_fresh = noisy(x, rng), noisy(x_fresh, rng)
    curves = {degree: np.polynomial.Polynomial.fit(x, y, degree) for degree in (1, 3, 9)}
    return x, y, {d: (c, np.mean((c(x) - y) ** 2), np.mean((c(x_fresh) - y_fresh) ** 2)) for d, c in curves.items()}


fine = np.linspace(-1, 1, 300)
fig, axes = plt.subplots(1, 3, figsize=(11, 3.6), sharey=True)
x_ten, y_ten, fitted = fits(seeds(1)[0])
for ax, (degree, (curve, on_ten, on_fresh)) in zip(axes, fitted.items(), strict=True):
    ax.plot(fine, truth(fine), "--", color=plots.GREY, label="truth")
    ax.plot(fine, curve(fine), color=plots.BLUE, label=f"degree {degree}")
    ax.plot(x_ten, y_ten, "o", color=plots.BLACK, markersize=6)
    ax.set(ylim=(-2.2, 2.2), xlabel="x")
    ax.set_title(f"Degree {degree}\n{on_ten:.2f} on the ten, {on_fresh:.2f} on fresh data")
axes[0].set_ylabel("y")
axes[0].legend(loc="upper left")
plots.show(
    fig,
    alt="""Three panels with the same ten points. The straight line misses the bend, the cubic follows the dashed truth,
the polynomial of degree 9 goes through every point and swings wildly in between.""",
)
scores = np.array([[score[1:] for score in fits(seed)[2].values()] for seed in seeds(20)])  # seed, degree, on what
print("mean squared errors of 20 draws of ten points, median (range):")
for row, degree in enumerate((1, 3, 9)):
    print(
        f"degree {degree}: on the ten {spread(scores[:, row, 0], '.2f')}, on fresh data {spread(scores[:, row, 1], '.2f')}"
    )
assert scores[:, 2, 0].max() < 1e-6, "ten coefficients should pass through ten points"
worse = int((scores[:, 2, 1] > scores[:, 1, 1]).sum())
print(f"on fresh data degree 9 is worse than the cubic in {worse} of 20 draws")
assert worse >= 18, "degree 9 should be worse than the cubic on fresh data, in nearly every draw"
assert np.median(scores[:, 2, 1]) > 3 * np.median(scores[:, 1, 1]), "and by a factor, in the median"
assert np.median(scores[:, 0, 1]) > 1.25 * np.median(scores[:, 1, 1]), "the line should be worse than the cubic, too"

# %% [markdown]
r"""
Judged by what was minimised, the third model wins: its error is zero. On fresh data it is worse than the cubic,
in nearly every draw of ten points. The first is too stiff even for the points that it has seen
(**underfitting**), the last has learnt their noise by heart (**overfitting**). Two different numbers are at work,
and they need two names.

What we *want* to be small is the **risk**, the expected loss over the distribution $p$ that the data come
from. What we *can* compute is the **empirical risk**, the mean over the $N$ examples of the training set:

$$J^*(\theta) = \mathbb{E}_{(x,y)\sim p}\; L\big(f(x;\theta), y\big) \qquad\qquad
J(\theta) = \frac1N\sum_{i=1}^{N} L\big(f(x^{(i)};\theta),\, y^{(i)}\big)$$

with $f(x^{(i)};\theta)$ the `predictions`, $y^{(i)}$ the `targets` and $L$ the `loss` of one example.
(Goodfellow et al., equations 8.2 and 8.3.) Learning is optimization of $J$ in the hope that $J^*$ follows.

### Exercise 1: `empirical_risk` (2 points, 5 minutes, easy)

`loss(prediction, target)` works on numbers and, entry by entry, on arrays. The `targets` have shape `(N,)`.
The `predictions` come as shape `(N,)` or, as networks like to give them, as a column of shape `(N, 1)`.
Return the mean loss, one number.

<details><summary>Hint</summary>

NumPy broadcasts: a column against a row of $N$ gives *all pairs*, a table of $N \times N$, and the mean of
that is a number too. Nobody will warn you. Bring both to one shape first.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "empirical-risk", "locked": false, "schema_version": 3, "solution": true}
def empirical_risk(loss, predictions, targets):
    """Return the mean loss over the examples. The inputs are not modified.

    loss : callable (prediction, target) -> loss, on numbers or entry by entry on arrays
    predictions : ndarray of floats or ints, shape (N,) or (N, 1).  targets : ndarray of floats or ints, shape (N,)
    Returns a float.
    Source: Goodfellow et al. (2016), equation 8.3.
    """
    ### BEGIN SOLUTION
    return float(np.mean(loss(predictions.reshape(targets.shape), targets)))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "empirical-risk-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(empirical_risk)

# %% [markdown]
r"""
### The map is drawn by the sample

A world of which we know everything: $x$ is standard normal in the plane, $y = x_1 + \tfrac12 x_2$ plus noise
of standard deviation 1. So the risk of the weights $w$ is known exactly, $J^*(w) = 1 + \|w - w^*\|^2$: round
contours about $w^* = (1, \tfrac12)$. In the film you see the *empirical* risk of the first $N$ examples.

**Predict.** With 3 examples, is the bottom of the map where it should be? How many examples does it take
until you cannot tell the two maps apart?
"""

# %% tags=["experiment"]
plane = losses.linear_world([1.0, 0.5])
X_plane, y_plane = plane.sample(3000, np.random.default_rng(base_seed()))
view = np.array([[-0.9, 2.7], [-1.1, 2.6]])


def draw_map(ax, n, X=X_plane, y=y_plane):
    """Draw the empirical risk of the first n examples in shades, the true risk dashed."""
    X, y = X[:n], y[:n]
    bottom = np.linalg.lstsq(X, y, rcond=None)[0]
    excess = replace(landscapes.quadratic(2 * X.T @ X / n, bottom), bounds=view)
    plots.contours(ax, excess, levels=np.array([0.1, 0.3, 0.7, 1.2, 2, 3, 4.5, 6.5]), points=90)
    for height in (0.1, 0.7, 2.0):
        ax.add_patch(plt.Circle(plane.weights, np.sqrt(height), fill=False, ls="--", lw=1.2, color=plots.VERMILLION))
    ax.plot(*plane.weights, "D", color=plots.VERMILLION, markersize=8, zorder=5, label="bottom of the risk")
    ax.plot(*bottom, "*", color=plots.BLACK, markersize=11, zorder=5, label="bottom of the empirical risk")
    ax.set(xlabel="w₁", ylabel="w₂", aspect="equal")
    ax.legend(loc="lower left", frameon=True)


sizes = [3, 4, 6, 10, 20, 40, 100, 300, 1000, 3000]
film = {"title": "The map you walk on is drawn by the sample", "width": 4.9, "height": 4.9}
players.flipbook(draw_map, sizes, label="examples:", **film)

# %% [markdown]
r"""
*A film of contour maps. With three examples the contours are long and tilted, and their bottom (star) lies away from
the diamond; with more examples it wanders, the contours turn and become round, until at 3000 star and diamond nearly
coincide and the contours lie on the dashed circles.*

The map is not blurred by having few examples; it is a sharp map of another place. An optimizer that follows
it faithfully is led astray faithfully. So, how large is the gap?

With $d$ weights and noise of variance $\sigma^2$ theory says what to expect of the least-squares fit, for standard
normal $x$: an empirical risk of $\sigma^2(1-\tfrac dN)$, *below* the $\sigma^2$ that nobody can beat, and a risk of
$\sigma^2(1+\tfrac{d}{N-d-1})$.

**Predict.** Which comes first as $N$ grows: does the empirical risk rise or the risk fall to the common
limit? And with handwritten digits and a linear classifier, will it look the same?
"""

# %% tags=["experiment", "claim-R2"]
d, counts = 20, np.array([30, 50, 100, 200, 500, 1000, 2000])
world = losses.linear_world(np.full(d, 0.5))
rng, draws, gaps = np.random.default_rng(base_seed()), 1000, []
for n in counts:
    for _ in range(draws):
        X, y = world.sample(n, rng)
        w = np.linalg.solve(X.T @ X, X.T @ y)
        gaps.append((empirical_risk(losses.squared(), X @ w, y), world.risk(w)))
training, true = np.reshape(gaps, (len(counts), draws, 2)).mean(axis=1).T

eight, test_eight = (np.where(part == 8, 1.0, 0.0) for part in (data.y_train, data.y_test))
sizes, gaps = np.array([100, 150, 250, 400, 700, 1437]), []
for n in sizes:
    for _ in range(20):
        chosen = rng.choice(len(eight), n, replace=False)
        w = np.linalg.lstsq(pixels[chosen], eight[chosen], rcond=None)[0]
        seen = empirical_risk(losses.squared(), pixels[chosen] @ w, eight[chosen])
        gaps.append((seen, empirical_risk(losses.squared(), test_pixels @ w, test_eight)))
on_train, on_test = np.reshape(gaps, (len(sizes), 20, 2)).mean(axis=1).T

fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.9))
for ax, x, below, above in ((left, counts, training, true), (right, sizes, on_train, on_test)):
    ax.fill_between(x, below, above, color="#e4e4e4")
    ax.loglog(x, above, "s-", color=plots.VERMILLION, label="risk" if ax is left else "on held-out digits")
    ax.loglog(x, below, "o-", color=plots.BLUE, label="empirical risk, on the training set")
    ax.set(xlabel="training examples N", ylabel="mean squared error")
    ax.legend()
    ax.minorticks_off()
left.axhline(1, color=plots.BLACK, linewidth=0.8)
left.annotate("noise", (32, 1.03), fontsize=9.5)
left.set(title="Training flatters, less and less", xticks=[30, 100, 300, 1000], xticklabels=[30, 100, 300, 1000])
left.set(yticks=[0.3, 1, 3], yticklabels=[0.3, 1, 3])
right.set(title="The same on real data: is it an 8?", xticks=[100, 300, 1000], xticklabels=[100, 300, 1000])
right.set(yticks=[0.01, 0.03, 0.1, 0.3], yticklabels=[0.01, 0.03, 0.1, 0.3])
plots.show(
    fig,
    alt="""Left, log-log: the risk falls from 3.2 and the empirical risk rises from 0.33, both towards the noise at 1.
Right: the same funnel for digits.""",
)

expected, gap = d / counts + d / (counts - d - 1), true - training
print(
    "gap, measured / theory:",
    ", ".join(f"N = {n}: {g:.3f} / {e:.3f}" for n, g, e in zip(counts, gap, expected, strict=True)),
)
assert np.allclose(training, 1 - d / counts, rtol=0.05), "the empirical risk should be 1 - d/N, to 5 %"
assert np.allclose(true, 1 + d / (counts - d - 1), rtol=0.05), "the risk should be 1 + d/(N-d-1), to 5 %"
assert (on_train < on_test).all(), "the digits that were fitted should have the lower error"
assert (on_test - on_train)[-1] < (on_test - on_train)[0] / 3, "with 14 times the digits the gap should shrink"
text = f"20 weights, N = 200: empirical risk {training[3]:.2f}, risk {true[3]:.2f} (theory .90, 1.11; noise 1)"
measured(
    "R2", f"{text}; ten times the data divide the gap by {gap[3] / gap[-1]:.1f} (theory 10.5), from 30 to 500 by more"
)

# %% [markdown]
r"""
The measurement lies on the theory. The gap is $\frac dN + \frac d{N-d-1}$, times $\sigma^2$: once $N$ is well above $d$
this is $2d\sigma^2/N$, and ten times the data leave a tenth of the gap. While $N$ is near $d$ more data help far more
than that: from 30 to 300 examples the gap shrinks twenty times. Note its sign. The training set *flatters* the model,
because the model was chosen to please it. It does so at every $N$, so an empirical risk below the noise is no alarm by
itself; what counts is the gap to the risk.

## 2. A slope without calculus

To go downhill you need to know where down is. The plainest way is to try: move one coordinate a little to
either side and see how $f$ changes,

$$\frac{\partial f}{\partial\theta_j} \approx \frac{f(\theta + h\,e_j) - f(\theta - h\,e_j)}{2h}$$

with $e_j$ one in coordinate $j$ and zero elsewhere. This is the **central difference**.

### Exercise 2: `numeric_gradient` (4 points, 15 minutes, medium)

`f` takes an array of the shape of `theta`, any shape, and returns a number. Return the array of all central
differences, shaped like `theta`. It must work for a `theta` of whole numbers too, and leave the caller's
`theta` alone.

<details><summary>Hint</summary>

`np.ndindex(theta.shape)` runs over all positions of an array of any shape. In an array of integers,
`theta[0] = 2.001` stores 2, and `np.zeros_like` takes over the dtype: begin with a copy in floating point.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "numeric-gradient", "locked": false, "schema_version": 3, "solution": true}
def numeric_gradient(f, theta, h):
    """Approximate the gradient of f by central differences. The inputs are not modified.

    f : callable, ndarray of the shape of theta -> float
    theta : ndarray of any shape, of floats or integers.  h : float > 0, how far to go to either side
    Returns an ndarray of floats, shape like theta.
    """
    ### BEGIN SOLUTION
    theta = np.array(theta, dtype=float)
    grad = np.empty_like(theta)
    for index in np.ndindex(theta.shape):
        step = np.zeros_like(theta)
        step[index] = h
        grad[index] = (f(theta + step) - f(theta - step)) / (2 * h)
    return grad
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "numeric-gradient-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(numeric_gradient)

# %% [markdown]
r"""
### How small is small?

Surely the smaller $h$, the better? Taylor's formula says that the error of the central difference is about
$\tfrac16 h^2 f'''$, and that of a **forward difference**, $(f(\theta+h)-f(\theta))/h$, about $\tfrac12 h
f''$. But your computer keeps 16 digits of $f$, and in the difference of two nearly equal numbers most of them
cancel.

Below: $f(\theta) = \sum_i \sin\theta_i\,e^{\cos 2\theta_i}$ with 50 coordinates, its exact gradient from
torch, and the largest error over the coordinates.

**Predict.** (a) Sketch error against $h$ from $10^{-14}$ to 1, on log-log paper, for both. (b) Which $h$ is
best for each? (c) Most networks compute in float32, with 7 digits. Where does the curve go then?
"""


# %% tags=["experiment", "claim-R5"]
def wave(theta):
    """Return the terms of f, in the precision of theta."""
    return np.sin(theta) * np.exp(np.cos(2 * theta))


def in_float32(theta):
    """Return f, computed in float32."""
    return float(wave(theta.astype(np.float32)).sum())


at = np.random.default_rng(base_seed()).uniform(-3, 3, 50)
variable = torch.tensor(at, requires_grad=True)
(torch.sin(variable) * torch.exp(torch.cos(2 * variable))).sum().backward()
exact = variable.grad.numpy()
steps = np.logspace(-14, 0, 57)
gradients = {
    "forward": [(wave(at + h) - wave(at)) / h for h in steps],  # all coordinates at once: they do not mix in f
    "central": [numeric_gradient(lambda theta: wave(theta).sum(), at, h) for h in steps],
    "central, f in float32": [numeric_gradient(in_float32, at, h) for h in steps],
}
errors = {kind: np.maximum(np.abs(np.array(g) - exact).max(axis=1), 1e-16) for kind, g in gradients.items()}
fig, ax = plt.subplots(figsize=(7.5, 4.2))
best = {}
for (kind, error), color, marker in zip(errors.items(), (plots.ORANGE, plots.BLUE, plots.GREY), "^os", strict=True):
    best[kind] = steps[error.argmin()]
    ax.loglog(steps, error, color=color, marker=marker, markersize=3, label=kind)
    ax.plot(best[kind], error.min(), "o", markersize=13, fillstyle="none", color=color, markeredgewidth=1.8)
ax.annotate("round-off, slope -1", (2e-12, 2e-3), fontsize=9.5)
ax.annotate("½ h f'', slope 1", (3e-7, 3e-4), fontsize=9.5, ha="center")
ax.annotate("h² f'''/6, slope 2", (6e-4, 1e-8), fontsize=9.5)
ax.set(title="Smaller is better, until round-off takes over", xlabel="step h", ylabel="largest error in the gradient")
ax.set_ylim(1e-11, 1e5)
ax.legend(loc="upper left", ncols=3)
plots.show(
    fig,
    alt="""Three V-shaped curves on log-log axes with rings at their lowest points. Forward: bottom near h = 1e-8. Central:
far lower, near 1e-5. In float32 the whole V is shifted up and to the right, its bottom beyond 1e-3.""",
)


def slope_between(error, low, high):
    """Return the power of h in an error, fitted between two steps."""
    inside = (steps > low) & (steps < high)
    return np.polyfit(np.log(steps[inside]), np.log(error[inside]), 1)[0]


first, second = slope_between(errors["forward"], 1e-6, 1e-2), slope_between(errors["central"], 1e-4, 1e-1)
noise = slope_between(errors["central"], 1e-13, 1e-7)
lowest = {kind: error.min() for kind, error in errors.items()}
assert lowest["central"] < 1e-7, "the best should be right to 8 digits: is your numeric_gradient computed in float64?"
assert abs(first - 1) < 0.1 and abs(second - 2) < 0.1, "the error should grow like h forward, like h² central"
assert -1.2 < noise < -0.8, "at tiny h round-off should grow like 1/h; is your numeric_gradient computed in float64?"
assert best["forward"] < best["central"] < best["central, f in float32"], "the best h should grow in this order"
assert 1e-9 < best["forward"] < 1e-6 and 1e-6 < best["central"] < 1e-3, "the best h is off by more than a factor of ten"
assert 30 * lowest["central"] < lowest["forward"] < lowest["central, f in float32"], "central differences should win"
print(f"error ∝ h^{first:.1f} forward, h^{second:.1f} central (expected 1 and 2), h^{noise:.0f} where round-off rules")

# %% [markdown]
r"""
Two errors are at war: the formula's falls with $h$, round-off grows like $1/h$, and the best $h$ is where
they meet. Here that is about $10^{-8}$ (half of the digits) for forward differences and $10^{-5}$ (a third) for
central ones, which then are right to some ten digits. (It depends on $f$: on its size, and on how fast it bends.) **In float32 no $h$ gets you beyond three or four.**
When a gradient check fails in float32, suspect the precision first.

There is a second price, which no $h$ lowers: two evaluations of $f$ *for each coordinate*. Keep it in mind.

## 3. A loss with a slope

What do you really want of a classifier? Few mistakes. So take the **0-1 loss**, 1 for a mistake and 0
otherwise; its mean is the error rate. Below is a linear classifier of digits. We walk from its weights along
a straight line and look at two losses: the error rate, and one that you will write in a moment.

**Predict.** What does the error rate look like along the line, and what when you zoom in? What will
`numeric_gradient` make of it?
"""


# %% tags=["experiment", "claim-R3"]
def error_rate(W, X, y):
    """Return the share of wrong predictions of a linear classifier."""
    return empirical_risk(losses.zero_one(), (X @ W).argmax(axis=1), y)


def log_loss(W, X, y):
    """Return torch's cross entropy of a linear classifier."""
    return float(torch.nn.functional.cross_entropy(torch.from_numpy(X @ W), torch.from_numpy(y)))


some = pixels[:200], data.y_train[:200]
rng = np.random.default_rng(base_seed())
fitted = 5 * np.linalg.lstsq(some[0], np.eye(10)[some[1]], rcond=0.05)[0]
across = rng.normal(size=fitted.shape)
fig, axes = plt.subplots(1, 3, figsize=(11, 3.5))
for ax, reach, title in ((axes[0], 1.0, "The error rate: a staircase"), (axes[1], 0.02, "Zoomed in: level ground")):
    line = np.linspace(-reach, reach, 801)
    rates = [100 * error_rate(fitted + t * across, *some) for t in line]
    ax.plot(line, rates, color=plots.VERMILLION)
    ax.set(title=title, xlabel="distance along the line", ylabel="error rate (%), 200 digits")
line = np.linspace(-1, 1, 201)
axes[2].plot(line, [log_loss(fitted + t * across, *some) for t in line], color=plots.BLUE)
axes[2].set(title="The log loss: it has a slope", xlabel="distance along the line", ylabel="log loss (nats)")
axes[2].set(yscale="log", yticks=[0.5, 1, 2, 4], yticklabels=[0.5, 1, 2, 4])
axes[2].minorticks_off()
plots.show(
    fig,
    alt="""Left: the error rate forms a jagged valley of steps. Middle, fifty times closer: a few flat pieces with jumps
between them. Right, logarithmic: the log loss is a smooth valley.""",
)

level, slopes = 0, []
for _ in range(5):
    W = 0.3 * rng.normal(size=fitted.shape)
    level += np.count_nonzero(numeric_gradient(lambda W: error_rate(W, *some), W, 1e-6) == 0)
    slopes.append(np.abs(numeric_gradient(lambda W: log_loss(W, *some), W, 1e-6)).max())
share = level / (5 * fitted.size)
assert share == 1, "a step of 1e-6 should change no prediction"
assert min(slopes) > 0.01, "the log loss should have a slope; is your numeric_gradient computed in float64?"
print(f"slope of the error rate: exactly 0 in {share:.0%} of {5 * fitted.size} coordinates")
print("steepest coordinate of the log loss: above 0.01 at each of the five points")

# %% [markdown]
r"""
A staircase has slope zero wherever it has a slope at all: everywhere but on the edges of its steps. There its gradient
is exactly zero, not small: it says
nothing about where down is. So we minimise something else that has a slope, a **surrogate loss**, and hope
once more. This is the second gap between what we minimise and what we want.

The surrogate of nearly all classifiers turns the scores $z$ (`logits`) of the classes into probabilities $p$,
and takes minus the logarithm of the one that belongs to the right class $y$ (`labels`):

$$p_c = \frac{e^{z_c}}{\sum_k e^{z_k}},\qquad
J = -\frac1N\sum_{i=1}^N \log p^{(i)}_{y^{(i)}},\qquad
\frac{\partial J}{\partial z^{(i)}_c} = \frac1N\Big(p^{(i)}_c - \big[c = y^{(i)}\big]\Big)$$

where $[\,\cdot\,]$ is 1 if true and 0 if not. (Goodfellow et al., sections 6.2.2.3 and 8.1.2.) Read the
gradient aloud: *what you predicted minus what was true*, divided by $N$.

### Exercise 3: `softmax_cross_entropy` (5 points, 20 minutes, hard)

Return the value $J$, a number, and its gradient with respect to the logits, shape `(N, C)`. Logits may be as
large as $\pm 10^4$; the value may then be large too, but it is finite.

<details><summary>Hint 1</summary>

`np.exp(1000)` is `inf`. Subtracting one number from all logits of a row changes no probability (why?). Which
number makes the largest exponent harmless? Each row needs its own.
</details>
<details><summary>Hint 2</summary>

A probability such as $e^{-900}$ is rounded to zero, and its logarithm is `-inf`. On paper,
$\log p_c = z_c - \log\sum_k e^{z_k}$: get the logarithm first, the probability from it. An index of two
arrays, rows and columns, picks one entry of each row.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "softmax-cross-entropy", "locked": false, "schema_version": 3, "solution": true}
def softmax_cross_entropy(logits, labels):
    """Return the mean cross entropy and its gradient with respect to the logits. The inputs are not modified.

    logits : ndarray of floats, shape (N, C), up to 1e4 in size.  labels : ndarray of ints in 0..C-1, shape (N,)
    Returns (value, grad): a float, in nats, and an ndarray of shape (N, C).
    Source: Goodfellow et al. (2016), section 6.2.2.3.
    """
    ### BEGIN SOLUTION
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    of_labels = np.arange(len(labels)), labels
    grad = np.exp(log_probs)
    grad[of_labels] -= 1
    return -log_probs[of_labels].mean(), grad / len(labels)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "softmax-cross-entropy-check", "locked": true, "points": 5, "schema_version": 3, "solution": false}
check(softmax_cross_entropy)

# %% [markdown]
r"""
### Where is the bug?

You now have two gradients: one slow, approximate and hard to get wrong; one fast, exact and easy to get
wrong. So write the second and check it with the first: a **gradient check**. Here are four versions of the
second, yours and three with a bug, made from yours. The pictures show their *difference* from the numeric
gradient, for 8 examples and 6 classes.

**Predict.** What will you see if (a) somebody forgets the $1/N$, (b) somebody forgets the label, (c) the
labels are off by one?
"""

# %% tags=["experiment", "claim-R5"]
rng = np.random.default_rng(base_seed())
logits, labels = rng.normal(size=(8, 6)), rng.integers(6, size=8)
numeric = numeric_gradient(lambda z: softmax_cross_entropy(z, labels)[0], logits, 1e-5)
mine = softmax_cross_entropy(logits, labels)[1]
versions = {
    "Yours": mine,
    "1/N forgotten": mine * len(labels),
    "Label forgotten": mine + np.eye(6)[labels] / len(labels),
    "Labels off by one": softmax_cross_entropy(logits, (labels + 1) % 6)[1],
}
fig, axes = plt.subplots(1, 4, figsize=(11, 3.9), sharey=True)
wrong_by = {}
for ax, (name, version) in zip(axes, versions.items(), strict=True):
    difference = version - numeric
    wrong_by[name] = np.abs(difference).max() / np.abs(numeric).max()
    picture = ax.imshow(difference, cmap="PuOr", vmin=-0.2, vmax=0.2, aspect="auto")
    ax.plot(labels, np.arange(8), "o", color=plots.BLACK, markersize=4)
    verdict = "agrees" if wrong_by[name] < 1e-8 else f"off by {wrong_by[name]:.0%}"
    ax.set(title=f"{name}:\n{verdict}", xlabel="class", xticks=range(6))
    ax.grid(False)
axes[0].set_ylabel("example (dot: its label)")
fig.colorbar(picture, ax=axes, label="formula - numeric")
plots.show(
    fig,
    alt="""Four tables of differences. Yours is blank. Without 1/N the whole table is coloured, like the gradient itself;
without the label there is one dark cell in each row, on the dot; with labels off by one there are two in each
row.""",
)

few = pixels[:100], data.y_train[:100]
weights = 0.1 * rng.normal(size=(65, 10))
counted = losses.Counted(lambda W: softmax_cross_entropy(few[0] @ W, few[1])[0])
by_differences = numeric_gradient(counted, weights, 1e-5)
by_calculus = few[0].T @ softmax_cross_entropy(few[0] @ weights, few[1])[1]
agreement = np.abs(by_differences - by_calculus).max() / np.abs(by_calculus).max()
not_yours = f"yours is off by {wrong_by['Yours']:.0e}: is it computed in float32? Check gradients in float64"
assert wrong_by["Yours"] < 1e-7, not_yours
assert min(list(wrong_by.values())[1:]) > 0.3, "each bug should show: is it in your version as well?"
assert counted.calls >= 2 * weights.size, "central differences need two evaluations for each weight"
assert agreement < 1e-6, f"the two gradients of 650 weights differ by {agreement:.0e}"
print(f"numeric gradient of 650 weights: {counted.calls} evaluations (2·650); calculus: 1; they agree to 6 digits")

# %% [markdown]
r"""
*Where* a check fails names the bug: everywhere by one factor, or only at the labels. And the price is a
number now: 1300 evaluations for a single gradient of a tiny model. Differences are for checking, calculus is
for training.

### Let torch check

When you write a `backward` of your own, `torch.autograd.gradcheck` compares it with central differences, and
`gradgradcheck` does so for the *second* derivative, which you need in order to differentiate through a
gradient. The function here is softplus, $\log(1+e^x)$; its slope is the sigmoid. We hand torch
three versions of that slope: the right one; $\tanh$, which is wrong; and the right numbers, but *detached*,
cut off from the record that torch keeps in order to differentiate.

**Predict.** Which version fails which test?
"""


# %% tags=["experiment", "claim-R5"]
def softplus_with(slope):
    """Build softplus as a torch function whose backward uses this slope."""

    class Softplus(torch.autograd.Function):
        @staticmethod
        def forward(context, x):
            context.save_for_backward(x)
            return torch.nn.functional.softplus(x)

        @staticmethod
        def backward(context, upstream):
            return upstream * slope(*context.saved_tensors)

    return Softplus.apply


versions = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "sigmoid, detached": lambda x: torch.sigmoid(x.detach()),
}
point = torch.linspace(-2, 2, 5, dtype=torch.float64, requires_grad=True)
tests = torch.autograd.gradcheck, torch.autograd.gradgradcheck
verdicts = {}
for name, slope in versions.items():
    verdicts[name] = [bool(test(softplus_with(slope), point, raise_exception=False)) for test in tests]
    print(f"{name:>18}: gradcheck {verdicts[name][0]!s:>5}, gradgradcheck {verdicts[name][1]!s:>5}")
assert list(verdicts.values()) == [[True, True], [False, True], [True, False]], "each test should catch one fault"
text = f"error ∝ h^{first:.1f} forward, h^{second:.1f} central; {counted.calls} evaluations for 650 weights, calculus 1"
measured("R5", f"{text}; gradcheck catches the wrong backward, gradgradcheck the detached one")

# %% [markdown]
r"""
*A table of three lines: the sigmoid passes both tests, tanh fails the first and passes the second, the
detached sigmoid passes the first and fails the second.*

Each test asks one question. `gradcheck`: is `backward` the slope of `forward`? `gradgradcheck`: is the
derivative of `backward` the slope *of that `backward`*, right or wrong? So $\tanh$ passes the second, and you
need both. The detached version trains a network perfectly well, and is wrong on the day when somebody
penalises a gradient.

One caution: at the corner of a ReLU the two ends of a central difference see two different slopes, and a
check may fail though nothing is wrong. Check at other points too.

## 4. The gradient of a mean is a mean of gradients

A model of two numbers, a slope $w$ and a bias $b$: it predicts $w x + b$. Every example has an opinion on how
to change them: minus *its* gradient. What is the opinion of the risk? Differentiation is linear, so

$$J(\theta) = \frac1N\sum_i L_i(\theta) + \lambda R(\theta) \quad\Longrightarrow\quad
\nabla J(\theta) = \frac1N\sum_i \nabla L_i(\theta) + \lambda \nabla R(\theta)$$

where $R$ is a **regulariser**, a preference among parameters that does not come from the data, and $\lambda$
(`lam`) its weight. The most common one is the sum of the squared weights (ridge regression, *weight decay*).
It leaves the bias out: the bias moves all predictions to the level of $y$, and there is no reason to prefer
the level zero.

### Exercise 4: `ridge_gradient` (3 points, 10 minutes, medium)

For linear regression, $L_i = (x_i^\top W - y_i)^2$. The **last column of `X` is all ones**, so the last entry
of `W` is the bias, and $R(W)$ is the sum of the squares of all entries *but the last*. Return $\nabla J(W)$.

<details><summary>Hint</summary>

$\nabla_W (x^\top W - y)^2 = 2\,(x^\top W - y)\,x$. All examples at once: which matrix product adds up the rows
of `X`, each times its residual? The $1/N$ belongs to that sum alone.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "ridge-gradient", "locked": false, "schema_version": 3, "solution": true}
def ridge_gradient(W, X, y, lam):
    """Return the gradient of mean((X W - y)²) + lam · sum(W[:-1]²). The inputs are not modified.

    W : ndarray, shape (d,), its last entry is the bias.  X : ndarray, shape (N, d), its last column is ones
    y : ndarray, shape (N,).  lam : float >= 0
    Returns an ndarray of shape (d,).
    """
    ### BEGIN SOLUTION
    grad = 2 * X.T @ (X @ W - y) / len(y)
    grad[:-1] += 2 * lam * W[:-1]
    return grad
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ridge-gradient-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(ridge_gradient)

# %% [markdown]
r"""
### A tug of war

Twelve examples; the model stands at slope 1.2 and bias -0.4; $\lambda = 0.5$. Every thin arrow is the pull of
one example, minus its gradient.

**Predict.** Do the examples agree on a direction? In which direction does the penalty pull?
"""

# %% tags=["experiment", "claim-R1"]
rng = np.random.default_rng(base_seed())
x = rng.uniform(-1, 1, 12)
X, y = np.column_stack([x, np.ones(12)]), 0.4 * x + 0.5 + 0.6 * rng.normal(size=12)
W, lam = np.array([1.2, -0.4]), 0.5
pulls = -np.array([ridge_gradient(W, X[i : i + 1], y[i : i + 1], 0.0) for i in range(12)])
mean_pull, with_penalty = -ridge_gradient(W, X, y, 0.0), -ridge_gradient(W, X, y, lam)
arrows = [(W, W + pull, 0.4, "#aaaaaa", "pull of one example, $-∇L_i$") for pull in pulls]
arrows += [
    (W, W + mean_pull, 2.5, plots.BLUE, "their mean, $-∇J$ with λ = 0"),
    (W + mean_pull, W + with_penalty, 2.5, plots.ORANGE, "pull of the penalty, $-λ∇R$"),
    (W, W + with_penalty, 2.5, plots.BLACK, "the sum: minus your ridge_gradient"),
]
fig, ax = plt.subplots(figsize=(6.6, 4.6))
for tail, head, width, color, name in arrows:
    look = {"color": color, "width": width, "headwidth": 5 + 2 * width, "headlength": 5 + 2 * width, "shrink": 0}
    ax.annotate("", head, tail, arrowprops=look)
    ax.plot([], [], color=color, linewidth=3, label=name if color != "#aaaaaa" or head is arrows[0][1] else None)
ax.plot(*W, "o", color=plots.BLACK, markersize=8)
heads = np.array([head for _, head, *_ in arrows] + [W])
low, high = heads.min(axis=0) - 0.3, heads.max(axis=0) + 0.3
ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), xlabel="slope w", ylabel="bias b")
ax.set_title("The gradient is the mean of what the examples want")
ax.legend(loc="upper right")
plots.show(
    fig,
    alt="""Grey arrows from one point fan out in many directions; their mean, in blue, is shorter than most of them. The
orange arrow of the penalty points straight left, towards slope zero, and leaves the bias alone; the black sum
closes the triangle.""",
)

# the same for a network of 2410 weights, example by example
network = mlp((64, 32, 10), seed=base_seed()).double()
parameters = {name: parameter.detach() for name, parameter in network.named_parameters()}
batch, classes = torch.from_numpy(data.x_train[:100]).double(), torch.from_numpy(data.y_train[:100])


def network_risk(parameters, inputs, answers):
    """Return the mean log loss of the network with these parameters."""
    return torch.nn.functional.cross_entropy(torch.func.functional_call(network, parameters, (inputs,)), answers)


def penalised_risk(parameters):
    """Return the risk on all hundred examples plus the penalty on all parameters."""
    return network_risk(parameters, batch, classes) + lam * sum(p.square().sum() for p in parameters.values())


one_by_one = torch.func.vmap(torch.func.grad(network_risk), in_dims=(None, 0, 0))
each = one_by_one(parameters, batch[:, None], classes[:, None])
whole = torch.func.grad(penalised_risk)(parameters)
off = max(float((each[n].mean(0) + 2 * lam * parameters[n] - whole[n]).abs().max()) for n in parameters)
assert np.allclose(pulls.mean(axis=0), mean_pull), "the mean of the pulls should be minus the gradient of the mean"
assert off < 1e-13, "and so for the network"
assert np.allclose(with_penalty - mean_pull, [-2 * lam * W[0], 0]), "the penalty should pull at the slope only"
rounding = "a rounding error" if off < 1e-13 else "more than rounding"
measured(
    "R1",
    f"network, 100 examples: mean of their gradients + λ∇R and gradient of the penalised risk differ by {rounding}",
)

# %% [markdown]
r"""
That the blue arrow is the mean of the grey ones is no discovery: it is an identity, and what the computer tests with it
is your code. What the picture shows is that the examples disagree, and that the gradient is what remains of their
quarrel. That it is a *mean* is the most useful fact of this course, for a mean can be estimated from a sample. [Chapter 2](../ch02_minibatching/minibatching.ipynb) lives on that.

## 5. Downhill

### Is the gradient really the best direction?

Stand somewhere and take a tiny step, always of the same length, in each of 1000 random directions; then one
against the gradient. Ten times over, with other directions. Measure how far the loss falls, with the fall against the gradient as 1. We do this in
two dimensions, in ten, and for the 650 weights of a digit classifier.

**Predict.** Does any of the 10 000 directions beat the gradient? And how good is a *typical* random direction in 650
dimensions, compared with one in two?
"""


# %% tags=["experiment", "claim-R6"]
def unit_directions(dim, seed):
    """Draw 1000 directions uniformly from the sphere, shape (1000, dim)."""
    drawn = np.random.default_rng(seed).normal(size=(1000, dim))
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def falls(f, theta, grad, length):
    """Return how far f falls along 1000 directions for each of ten seeds, and along the negative gradient."""
    ahead = [[f(theta + length * unit) for unit in unit_directions(len(theta), seed)] for seed in seeds(10)]
    return f(theta) - np.array(ahead), f(theta) - f(theta - length * grad / np.linalg.norm(grad))


few = pixels[:150], data.y_train[:150]
two, ten = landscapes.bowl(10), landscapes.quadratic(np.diag(np.linspace(1, 5, 10)))
flat_grad = (few[0].T @ softmax_cross_entropy(np.zeros((150, 10)), few[1])[1]).ravel()
scenes = {
    2: (two, two.start, two.gradient(two.start)),
    10: (ten, ten.start, ten.gradient(ten.start)),
    650: (lambda w: softmax_cross_entropy(few[0] @ w.reshape(65, 10), few[1])[0], np.zeros(650), flat_grad),
}
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.9))
tops, spreads = {}, {}
for (dim, scene), color in zip(scenes.items(), (plots.SKY, plots.GREEN, plots.PURPLE), strict=True):
    fall, steepest = falls(*scene, 1e-6)
    tops[dim], spreads[dim] = (fall / steepest).max(axis=1), (fall / steepest).std()
    look = {
        "histtype": "stepfilled",
        "alpha": 0.6,
        "color": color,
        "label": f"{dim} dimensions",
    }
    left.hist((fall / steepest).ravel(), bins=np.linspace(-1, 1, 81), density=True, **look)
left.axvline(1, color=plots.BLUE, linewidth=2.5)
left.annotate("against the\ngradient", (0.97, 4.2), color=plots.BLUE, ha="right")
left.set(title="No direction beats the gradient", xlabel="fall of the loss (against the gradient: 1)", ylabel="density")
left.legend(loc="upper left")
lengths, better = np.geomspace(1e-3, 4, 30), []
for length in lengths:
    fall, steepest = falls(*scenes[2], length)
    better.append((fall > steepest).mean())
right.semilogx(lengths, 100 * np.array(better), color=plots.SKY, marker="o", markersize=4)
right.set(
    title="…for a short step; a long one is another matter", xlabel="length of the step (minimum at distance 2.1)"
)
right.set(ylabel="directions that beat it (%)")
plots.show(
    fig,
    alt="""Left: three histograms between -1 and 1. In two dimensions most directions lie near the ends, in ten they form a
bell, in 650 a needle about zero; a line at 1 marks the gradient. Right: no direction beats the gradient by
short steps; by long ones more and more do.""",
)

in_double = "is your softmax_cross_entropy computed in float64? The differences are tiny"
assert max(top.max() for top in tops.values()) < 1 + 1e-6, f"no direction should beat the gradient; {in_double}"
assert tops[2].min() > 0.99 and tops[650].max() < 0.25, (
    "a guess should be good in the plane, and poor in 650 dimensions"
)
assert all(abs(typical * np.sqrt(dim) - 1) < 0.05 for dim, typical in spreads.items()), (
    f"typical is 1/√dim; {in_double}"
)
assert better[0] < 0.02 and better[-1] > 0.3, "a long step against the gradient should be beaten by many"
print("typical fall (root mean square):", ", ".join(f"{dim}-D {typical:.2f}" for dim, typical in spreads.items()))
best_of = f"{spread(tops[10], '.2f')} in 10-D, {spread(tops[650], '.2f')} in 650-D"
measured("R6", f"fall along the best of 1000 directions, gradient = 1: {best_of}; 1/√dim = .32, .04 is typical")

# %% [markdown]
r"""
For a short step nothing beats the gradient, and no wonder: along a unit vector $u$ the slope is $u^\top\nabla
J$, the gradient's length times a cosine, and no cosine exceeds 1. (Goodfellow et al., section 4.3.) So that is true by
construction. The surprise is the needle. In $n$ dimensions the cosine is typically $1/\sqrt n$, so among 650 weights
**almost every direction is almost level**. The best of a thousand guesses is worth an eighth of the gradient. In the
millions of dimensions of a network, guessing a direction is hopeless.

The right panel is the small print. The best direction for a *short* step need not be best for a long one:
hence the learning rate, and [chapter 3](../ch03_challenges/curvature.ipynb).

### Exercise 5: `gradient_descent` (2 points, 5 minutes, easy)

From `theta` take `steps` steps $\theta \leftarrow \theta - \epsilon\,\nabla J(\theta)$, with $\epsilon$ the
`lr` and $\nabla J$ computed by `grad_fn`. (Goodfellow et al., equation 4.5.) Return where you end; leave the
caller's `theta` as it was. It may hold whole numbers.

<details><summary>Hint</summary>

The gradient is right only where it was computed. And `theta -= ...` writes into the caller's array.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "gradient-descent", "locked": false, "schema_version": 3, "solution": true}
def gradient_descent(grad_fn, theta, lr, steps):
    """Walk downhill and return where the walk ends. The inputs are not modified.

    grad_fn : callable, ndarray -> gradient, an ndarray of the same shape
    theta : ndarray of any shape, of floats or integers, the start.  lr : float > 0.  steps : int >= 0
    Returns an ndarray of the shape of theta; with steps = 0 theta itself, or a copy.
    Source: Goodfellow et al. (2016), equation 4.5.
    """
    ### BEGIN SOLUTION
    place = theta
    for _ in range(steps):
        place = place - lr * grad_fn(place)
    return place
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gradient-descent-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(gradient_descent)

# %% [markdown]
r"""
### Whose map do you walk on?

A common version of the step is $\theta \leftarrow \theta - \epsilon\,\nabla J^*(\theta)$, with the risk over the
*distribution*. Nobody can compute $\nabla J^*$. But one can *estimate* it: by the mean gradient of fresh examples, drawn
for this step and never used again. Its expectation is $\nabla J^*$, for the same reason as in section 4. Who reads the
same examples in every step descends on $J$ instead. In the plane of section 1 we own the distribution, so we can walk
all three ways from one corner: on $J^*$, on $J$ of ten examples, and with ten fresh examples in each of 100 steps.

**Predict.** Where does each walk end?
"""


# %% tags=["experiment", "claim-R2"]
def mean_gradient(X, y):
    """Return the gradient of the mean squared error of these examples, a function of the weights."""
    return lambda w: 2 * X.T @ (X @ w - y) / len(y)


def three_walks(seed):
    """Walk three ways in 100 steps. Returns the paths, and the ten examples that one of them reads."""
    rng = np.random.default_rng(seed)
    ten = plane.sample(10, rng)
    maps = {
        "on J*": lambda: lambda w: 2 * (w - plane.weights),
        "on J of ten examples": lambda: mean_gradient(*ten),
        "ten fresh examples a step": lambda: mean_gradient(*plane.sample(10, rng)),
    }
    paths = {name: [np.array([-0.5, 1.7])] for name in maps}
    for _ in range(100):
        for name, path in paths.items():
            path.append(gradient_descent(maps[name](), path[-1], 0.05, 1))
    return paths, ten


walks = [three_walks(seed) for seed in seeds(20)]
fig, ax = plt.subplots(figsize=(5.4, 5.2))
paths, (X, y) = walks[0]
draw_map(ax, 10, X, y)
for (name, path), color in zip(paths.items(), (plots.VERMILLION, plots.BLUE, plots.GREEN), strict=True):
    ax.plot(*np.transpose(path), color=color, marker=".", markersize=6, linewidth=1.2, label=name)
ax.set_title("The same ten: to the star; fresh ones: to the diamond", fontsize=10.5)
ax.legend(loc="lower left", frameon=True, fontsize=9)
plots.show(
    fig,
    alt="""A map with three walks from one corner. Two end at the diamond, the bottom of the risk, one of them on a
trembling path; the third ends at the star, the bottom of the empirical risk of ten examples.""",
)
missed = {name: np.array([np.linalg.norm(walk[name][-1] - plane.weights) for walk, _ in walks]) for name in paths}
for name, distances in missed.items():
    print(f"{name}: ends {spread(distances, '.2f')} from the minimum of J*")
below = [empirical_risk(losses.squared(), X @ path["on J of ten examples"][-1], y) for path, (X, y) in walks]
above = [plane.risk(path["on J of ten examples"][-1]) for path, _ in walks]
assert missed["on J*"].max() < 0.01, "the walk on J* should end at its minimum"
assert np.median(missed["on J of ten examples"]) > 2 * np.median(missed["ten fresh examples a step"]), (
    "fresh should be near"
)
assert np.median(below) < 1 < np.median(above), (
    "on J of ten examples you should end with J below the noise, J* above it"
)

# %% [markdown]
r"""
The walk that reads the same ten examples does its job, on the wrong map, and no better optimizer repairs that; more data
do, a regulariser may, and so may stopping on the way. The walk on fresh examples never sees a map at all. It trembles,
but about the right place: as long as no example comes twice, you descend on $J^*$ itself. (Goodfellow et al., section
8.1.3.)

### Or just guess?

Why gradients at all? Draw weights at random, many times, and keep the best: no calculus, no rate to choose.
And no slope needed: guessing can even go by the error rate itself, which descent cannot.

### Exercise 6: `random_search` (2 points, 8 minutes, easy)

Draw `tries` candidates, each by one call `rng.normal(size=shape)`, one after the other (or all at once, if they come
out the same). Return the candidate with the smallest loss (the first one, if several share it), and that loss. Only candidates that
were drawn count.

<details><summary>Hint</summary>

Remember two things on the way: the best candidate and its loss. Which first loss would be beaten by anything?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "random-search", "locked": false, "schema_version": 3, "solution": true}
def random_search(loss_fn, shape, tries, rng):
    """Return the best of some random candidates, and its loss. Apart from rng the inputs are not modified.

    loss_fn : callable, ndarray of this shape -> float.  shape : tuple of ints, of a candidate
    tries : int >= 1, candidates to draw.  rng : np.random.Generator
    Returns (theta, loss): an ndarray of this shape and a float.
    """
    ### BEGIN SOLUTION
    best, lowest = None, np.inf
    for _ in range(tries):
        candidate = rng.normal(size=shape)
        found = loss_fn(candidate)
        if found < lowest:
            best, lowest = candidate, found
    return best, lowest
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "random-search-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(random_search)

# %% [markdown]
r"""
### A race with equal fuel

A lecture reports that the best of 1000 random linear classifiers got 15.5 % of the CIFAR-10 test images
right, where guessing blindly gets 10 %. We repeat it on handwritten digits, with 1000 evaluations of the loss
for everybody. One search goes by the log loss (with the weights scaled to a tenth, which suits it), one by
the error rate; each is repeated with ten seeds. Descent is charged three evaluations a step: one for the loss, two
for going backwards.

**Predict.** What share of the test digits does the best of 1000 guesses get right: 15, 25, 50, 80 %? And
descent, after *one* step?
"""

# %% tags=["experiment", "claim-R4"]
X, y = pixels, data.y_train


def percent_right(W):
    """Return the percentage of test digits that a linear classifier gets right."""
    return 100 * (1 - error_rate(W, test_pixels, data.y_test))


searches = {
    "random search by log loss": losses.Counted(lambda W: softmax_cross_entropy(X @ (0.1 * W), y)[0]),
    "random search by error rate": losses.Counted(lambda W: error_rate(W, X, y)),
}
slope_of_loss = losses.Counted(lambda W: X.T @ softmax_cross_entropy(X @ W, y)[1])
budgets, right_by, final = [1, 10, 100, 1000], {}, {}
for name, loss_fn in searches.items():
    bests = [
        [random_search(loss_fn, (65, 10), n, np.random.default_rng(seed))[0] for n in budgets] for seed in seeds(10)
    ]
    right_by[name], final[name] = np.array([[percent_right(W) for W in row] for row in bests]), bests[0][-1]
    assert loss_fn.calls >= 10 * sum(budgets), "each candidate should be tried"
walk, steps_at = [np.zeros((65, 10))], np.array([1, 3, 10, 33, 100, 333])
for more in np.diff([0, *steps_at]):
    walk.append(gradient_descent(slope_of_loss, walk[-1], 1.0, int(more)))
by_descent = np.array([percent_right(W) for W in walk[1:]])

fig = plt.figure(figsize=(10.5, 3.9))
left, right = fig.subfigures(1, 2, width_ratios=[9, 10])
ax = left.subplots()
for (name, percent), (color, marker) in zip(right_by.items(), ((plots.GREY, "^"), (plots.ORANGE, "s")), strict=True):
    ax.semilogx(budgets, np.median(percent, axis=0), color=color, marker=marker, label=name)
    ax.fill_between(budgets, percent.min(axis=0), percent.max(axis=0), color=color, alpha=0.2, linewidth=0)
ax.semilogx(3 * steps_at, by_descent, color=plots.BLUE, marker="o", label="gradient descent")
ax.axhline(10, color=plots.BLACK, linewidth=0.8, linestyle=":")
ax.annotate("blind", (1, 3), fontsize=9.5)
ax.set(title="One step beats a thousand guesses", xlabel="evaluations of the loss (band: ten searches)")
ax.set_ylabel("test digits right (%)")
ax.set_ylim(0, 100)
ax.legend(loc="center left", bbox_to_anchor=(0, 0.5))
rows = {"best of 1000": final["random search by log loss"], "descent": walk[-1]}
for axes, (name, W) in zip(right.subplots(2, 5), rows.items(), strict=True):
    for digit, ax in enumerate(axes):
        image = W[:64, digit].reshape(8, 8)
        ax.imshow(image, cmap="PuOr", vmin=-np.abs(image).max(), vmax=np.abs(image).max())
        ax.set(xticks=[], yticks=[], xlabel=f"{digit}")
        ax.grid(False)
    axes[0].set_ylabel(name)
right.suptitle("Weights of the classes 0 to 4", fontweight="bold", fontsize=11.5)
plots.show(
    fig,
    alt="""Left, against evaluations on a logarithmic axis: the bands of both searches stay low; descent starts far above
them with its first step and ends near 97 %. Right: the best random weights are noise; those of descent show
blurred digits.""",
)

by_loss, by_rate = (percent[:, -1] for percent in right_by.values())
rng = np.random.default_rng(base_seed())
blind = np.array([percent_right(rng.normal(size=(65, 10))) for _ in range(300)])
print(f"random classifiers: {blind.mean():.0f} % right, give or take {blind.std():.1f}; 95 % would be", end=" ")
print(f"{(95 - blind.mean()) / blind.std():.0f} standard deviations away")
print(
    f"descent after one step: {by_descent[0]:.1f} %; with numeric gradients 1000 evaluations buy no step, it takes 1300"
)
assert max(by_loss.max(), by_rate.max()) < by_descent[0], (
    "one step should beat the best of 1000 guesses, in all searches"
)
assert np.median(by_loss) < 35 and np.median(by_rate) < 35, "1000 guesses should stay near blind guessing"
assert by_descent[-1] > 93, f"descent should get over 93 % right, got {by_descent[-1]:.1f}"
found = f"random search by log loss {spread(by_loss, '.0f')}, by error rate {spread(by_rate, '.0f')}"
of_descent = f"descent {by_descent[-1]:.0f}, {by_descent[0]:.0f} after its first step"
measured("R4", f"test digits right, in %, with 1000 evaluations: {found}; {of_descent}")

# %% [markdown]
r"""
What carries over from the lecture is not its number. Ten searches by the loss scatter over some eight points, so 15.5
is one draw out of many; but none of them comes near the first step of descent. Going by the error
rate gains a few points at best, and more tries will not save it: random classifiers scatter by some 4 points about 10 %, so 95 %
lies about twenty standard deviations away. That is the needle again. One gradient knows the slope in 650 directions at
once.

### After the last mistake

One more look at the surrogate. Train on a few digits only, and go on after the classifier makes no mistake on
them any more. Judged by the error rate, it has learnt all that there is to learn from them. We do this with
twenty training sets of 50 digits, and with twenty of 200.

**Predict.** From that moment on, does the log loss on the training set stand still? And the error rate on the
*test* set: does it stay, fall or rise?
"""

# %% tags=["experiment", "claim-R3"]
marks, since = np.arange(0, 2001, 25), np.arange(-4, 37)  # updates; marks before and after the last training mistake
fig, axes = plt.subplots(1, 3, figsize=(11, 3.6))
change, log_changes = {}, {}
for size, color, marker in ((50, plots.ORANGE, "o"), (200, plots.PURPLE, "s")):
    aligned = []
    for seed in seeds(20):
        chosen = np.random.default_rng(seed).choice(len(pixels), size, replace=False)
        X, y, W, run = pixels[chosen], data.y_train[chosen], np.zeros((65, 10)), []
        for k in marks:
            W = gradient_descent(lambda W, X=X, y=y: X.T @ softmax_cross_entropy(X @ W, y)[1], W, 0.5, 25 if k else 0)
            test_log_loss = log_loss(W, test_pixels, data.y_test)
            run.append((error_rate(W, X, y), log_loss(W, X, y), test_log_loss, 100 - percent_right(W)))
        run = np.array(run)
        perfect = len(marks) - np.argmax(run[::-1, 0] > 0)  # no mistake from here on
        aligned.append(run[np.clip(perfect + since, 1, len(marks) - 1)])
    aligned, look = np.array(aligned), {"color": color, "marker": marker, "markevery": 6, "label": f"{size} digits"}
    axes[0].semilogy(25 * since, aligned[..., 1].mean(axis=0), **look)
    axes[1].semilogy(25 * since, aligned[..., 2].mean(axis=0), **look)
    axes[2].plot(25 * since, aligned[..., 3].mean(axis=0), **look)
    assert (aligned[:, 4:, 0] == 0).all(), "the training set should be learnt without a mistake, for good"
    log_changes[size] = aligned[:, -1, 1:3] / aligned[:, 4, 1:3]
    change[size] = aligned[:, -1, 3] - aligned[:, 4, 3]
for ax in axes:
    ax.axvline(0, color=plots.BLACK, linewidth=1)
    ax.set_xlabel("updates since the last mistake")
axes[0].set(title="Training loss: goes on", ylabel="log loss (nats), mean of 20 sets")
axes[1].set(title="Test loss: goes on, too", ylabel="log loss (nats), mean of 20 sets")
axes[1].set(yticks=[0.2, 0.5, 1], yticklabels=[0.2, 0.5, 1])
axes[1].minorticks_off()
axes[2].set(title="Test mistakes: it depends", ylabel="error rate (%), mean of 20 sets", ylim=(0, 32))
axes[0].legend()
plots.show(
    fig,
    alt="""Three panels against the updates since the last training mistake. The log loss falls on, on the training set and
on the test set. The mean test error rate falls on for 50 digits and hardly changes for 200.""",
)

fell = {size: int((by < 0).sum()) for size, by in change.items()}
for size, by in change.items():
    print(f"{size} digits: test error changes by {spread(by, '+.1f')} points; it falls in {fell[size]} of 20 sets")
fell_on = {size: int((factors[:, 0] < 0.9).sum()) for size, factors in log_changes.items()}
assert min(fell_on.values()) >= 17, (
    f"the training log loss should fall on in nearly all of 20 sets, it does in {fell_on}"
)
assert all(np.median(factors[:, 0]) < 0.7 for factors in log_changes.values()), "and by a good part"
assert all(np.median(factors[:, 1]) < 0.95 for factors in log_changes.values()), "the test log loss should fall on, too"
assert np.median(change[50]) < -1 and fell[50] >= 15, "with 50 digits the test error should mostly fall on"
text = f"0-1 loss: slope 0 in {share:.0%} of coordinates; log losses fall on after the last training mistake"
measured(
    "R3",
    f"{text}; test error {spread(change[50], '+.1f')} points with 50 digits, {spread(change[200], '+.1f')} with 200",
)

# %% [markdown]
r"""
The 0-1 loss has nothing more to say once every training example lies on the right side of the border. The log
loss has: it pushes the classes *apart*, and the probabilities for new examples get better. (Goodfellow et
al., section 8.1.2.) So the surrogate is more than a makeshift. That the test *error* falls on as well is no
law: some three points in the median for 50 digits, while with 200 it rises as often as it falls. Which leads to the last question.

## 6. When to stop

Section 5 ended on the wrong map, at its bottom. Perhaps one should not go all the way. Here are 24 noisy
points, a model of 41 weights (waves of rising frequency, the high ones made small), and *your* descent on
*your* ridge gradient with $\lambda = 0$. We know the truth, so we know the risk after every step. The film shows one draw
of 24 points, the numbers below it ten.

**Predict.** After which step is the curve best: 4, 20, 500, 30 000?
"""


# %% tags=["experiment", "claim-R7"]
def waves(x, highest=20):
    """Return cosines and sines of x up to a frequency, each divided by it, and a column of ones."""
    k = np.arange(1, highest + 1)
    return np.column_stack([np.cos(np.outer(x, k)) / k, np.sin(np.outer(x, k)) / k, np.ones(len(x))])


def melody(x):
    """Return what y would be without noise."""
    return np.sin(x) + 0.5 * np.cos(2 * x)


def few_points(seed):
    """Draw 24 noisy points. Returns x, y and the waves at x."""
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(-np.pi, np.pi, 24))
    return x, melody(x) + 0.6 * rng.normal(size=24), waves(x)


fine = np.linspace(-np.pi, np.pi, 400)
X_fine = waves(fine)


def both_risks(W, X, y):
    """Return the empirical risk of a curve and its risk; the noise of a fresh point comes on top of its error."""
    return empirical_risk(losses.squared(), X @ W, y), np.mean((X_fine @ W - melody(fine)) ** 2) + 0.6**2


def descent_on(X, y, moments):
    """Return the weights after so many steps from zero, on these points."""
    weights = [np.zeros(41)]
    for more in np.diff([0, *moments]):
        weights.append(gradient_descent(lambda W: ridge_gradient(W, X, y, 0.0), weights[-1], 0.3, int(more)))
    return weights[1:]


moments = [0, 1, 2, 4, 7, 12, 20, 50, 150, 500, 2000, 8000, 30_000]
draws = [few_points(seed) for seed in seeds(10)]
curves = [descent_on(X, y, moments) for _, y, X in draws]
both = [[both_risks(W, X, y) for W in weights] for weights, (_, y, X) in zip(curves, draws, strict=True)]
seen, risks = np.moveaxis(both, 2, 0)
turn, lowest = np.array(moments)[risks.argmin(axis=1)], risks.min(axis=1)
x_few, y_few, X_few = draws[0]


def draw_fit(ax, k):
    """Draw the curve after k steps."""
    W = curves[0][moments.index(k)]
    ax.plot(fine, melody(fine), "--", color=plots.GREY, linewidth=1.2, label="truth")
    ax.plot(x_few, y_few, "o", color=plots.BLACK, markersize=5)
    ax.plot(fine, X_fine @ W, color=plots.BLUE, linewidth=1.8, label="the model")
    ax.text(0.1, 2.05, "empirical risk {:.2f}\nrisk {:.2f}".format(*both_risks(W, X_few, y_few)), fontsize=11)
    ax.set(xlim=(-np.pi, np.pi), ylim=(-3, 3), xlabel="x", ylabel="y")
    ax.legend(loc="upper left")


print(f"ten draws: the risk is lowest after {spread(turn, '.0f')} steps, {spread(lowest, '.2f')}")
print(f"at the end it is {spread(risks[:, -1], '.2f')}, and the empirical risk {spread(seen[:, -1], '.3f')}")
assert (np.diff(seen, axis=1) < 0).all(), "the empirical risk should fall throughout"
assert turn.min() > 1 and turn.max() < 2000, "the risk should turn long before the end"
assert (risks[:, -1] > 1.1 * lowest).all() and np.median(risks[:, -1] / lowest) > 1.5, "and should be higher at the end"
film = {"title": "First the melody, then the noise", "width": 5.6, "height": 3.9}
players.flipbook(draw_fit, moments, **film)

# %% [markdown]
r"""
*A film of a curve through scattered points: flat at first, close to the dashed truth for a while, then
more and more jagged, until at step 30 000 it passes through nearly every point.*

At first the model is too stiff, like the straight line of section 1. Then it has the melody. Then it spends
its freedom on pleasing 24 *noisy* points: the number that you watch gets better and the number that you want
gets worse. The number of steps acts like the degree of the polynomial, a knob for capacity, and you turn it
*while* you train.

In real life nobody tells you the risk. But examples held out from training, a **validation set**, estimate
it. So look at the validation loss every so often, and stop when it has brought nothing new for a while.
(Goodfellow et al., algorithm 7.1.)

### Exercise 7: `early_stopping` (3 points, 12 minutes, medium)

`losses` are the validation losses in the order in which they come in, of any size and sign. One that is *strictly* lower than all
before is a new best; the first one is a new best, too. Training stops as soon as `patience` losses in a row
were no new best, or else at the end. Return two indices: `best`, of the last new best before the stop, and
`last`, of the loss at which training stopped. You may not look at later losses.

By hand: for `[5, 3, 4, 3, 2, 1]` and patience 2, the losses 4 and 3 at the indices 2 and 3 are no new best.
So the answer is `(1, 3)`, and nobody ever sees the 1.

<details><summary>Hint</summary>

Go through the indices and remember the one of the best loss so far. How many losses have passed since then?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "early-stopping", "locked": false, "schema_version": 3, "solution": true}
def early_stopping(losses, patience):
    """Find out when training stops, and which moment's model to keep. The inputs are not modified.

    losses : ndarray of floats or ints, shape (T,), validation losses in the order in which they come in, T >= 1
    patience : int >= 1, how many losses in a row without a new best one end the training
    Returns (best, last): ints, the index of the loss to go back to, and of the last loss looked at.
    Source: Goodfellow et al. (2016), algorithm 7.1.
    """
    ### BEGIN SOLUTION
    best = 0
    for last in range(len(losses)):
        if losses[last] < losses[best]:
            best = last
        if last - best >= patience:
            break
    return best, last
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "early-stopping-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(early_stopping)

# %% [markdown]
r"""
### A network, three sets

Now a network with 256 hidden units. It trains on 300 digits, a fifth of which were given a random label, as
happens when people label in a hurry. Another 300 such digits are the validation set, which decides when to
stop. The test set, with clean labels, decides nothing; it only measures. Ten networks, from ten random starts, each with
labels of its own. And ten twins, from the same starts, whose training and validation labels are all right.

**Predict.** How much better on the test set is the network that was kept than the one at the end of training:
not at all, by one percentage point, by five, by ten? And for the twins?
"""

# %% tags=["experiment", "claim-R7"]
full = digits(device=device)
true_labels = data.y_train[:600]


def build(seed):
    """Return a fresh 64-256-10 network."""
    return mlp((64, 256, 10), seed=seed)


def trained(labels, starts):
    """Train networks on the first 300 digits with these labels. Returns when they were looked at, and set -> losses, mistakes."""
    labels = torch.from_numpy(labels).to(device)
    sets = {"training": (full.x_train[:300], labels[:300]), "validation": (full.x_train[300:600], labels[300:])}
    sets["test"] = full.test
    setting = {"optimizer": torch.optim.Adam, "steps": 400, "batch_size": 300, "eval_every": 8, "evaluate": sets}
    history = sweep(build, sets["training"], grid(seed=starts, lr=2e-3), **setting)
    return history.eval_steps, {n: (history.eval_loss[n], 100 * (1 - history.eval_accuracy[n])) for n in sets}


def hurried(seed):
    """Return the labels, a fifth of them replaced by random ones."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(600) < 0.2, rng.integers(10, size=600), true_labels)


updates, right_labels = trained(true_labels, seeds(10))
runs = [trained(hurried(seed), [seed])[1] for seed in seeds(10)]
wrong_labels = {name: np.concatenate([run[name] for run in runs], axis=1) for name in right_labels}
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4))
looks = {"training": (plots.BLUE, "o"), "validation": (plots.GREEN, "^"), "test": (plots.VERMILLION, "s")}


def band(ax, curves, color, **look):
    """Draw the median and the range of ten curves."""
    ax.fill_between(updates, curves.min(axis=0), curves.max(axis=0), color=color, alpha=0.15, linewidth=0)
    ax.plot(updates, np.median(curves, axis=0), color=color, markevery=6, **look)


for name, (color, marker) in looks.items():
    band(left, wrong_labels[name][0], color, marker=marker, label=name)
band(right, wrong_labels["test"][1], plots.VERMILLION, marker="s", label="a fifth of the labels wrong")
band(right, right_labels["test"][1], plots.SKY, marker="D", label="all labels right")
stops = {}
for name, of in (("wrong", wrong_labels), ("right", right_labels)):
    stops[name] = np.array([early_stopping(losses_seen, 5) for losses_seen in of["validation"][0]]).astype(int)
kept_at, stopped_at = np.median(updates[stops["wrong"]], axis=0)
for ax in (left, right):
    ax.axvline(kept_at, color=plots.BLACK, linewidth=1)
    ax.axvline(stopped_at, color=plots.BLACK, linewidth=1, linestyle=":")
    ax.set_xlabel("update k (lines: kept and stopped, wrong labels, median)")
left.set(title="Wrong labels: training falls, the others turn", ylabel="log loss (nats), ten networks", yscale="log")
right.set(title="Right labels: nothing to stop for", ylabel="test mistakes (%)", ylim=(0, 50))
left.legend(loc="lower left", bbox_to_anchor=(0.24, 0))
right.legend(loc="upper right")
plots.show(
    fig,
    alt="""Left, logarithmic: with wrong labels the training loss falls throughout; validation and test loss turn early.
Right: with wrong labels the test mistakes fall, and climb back; with right labels they fall and stay.""",
)


def kept_and_end(curves, best):
    """Return where curves on the test set stand when the network that is kept is found, and at the end."""
    return curves[np.arange(10), best], curves[:, -1]


kept, end = kept_and_end(wrong_labels["test"][1], stops["wrong"][:, 0])
kept_right, end_right = kept_and_end(right_labels["test"][1], stops["right"][:, 0])
loss_kept, loss_end = kept_and_end(right_labels["test"][0], stops["right"][:, 0])
turn = updates[wrong_labels["test"][0].argmin(axis=1)]
print(f"wrong labels: the test loss is lowest after {spread(turn, '.0f')} of 400 updates")
print(f"test mistakes (%): kept {spread(kept, '.0f')}, at the end {spread(end, '.0f')}")
print(f"right labels, test mistakes (%): kept {spread(kept_right, '.1f')}, at the end {spread(end_right, '.1f')}")
print(f"right labels, test loss: kept {spread(loss_kept, '.3f')}, at the end {spread(loss_end, '.3f')}")
assert (np.diff(wrong_labels["training"][0], axis=1) < 0).all(), "the training loss should fall throughout"
assert turn.max() < 200, "with wrong labels the test loss should turn before half of the updates are done"
assert (end > kept).all() and np.median(end - kept) > 2, "with wrong labels stopping should save mistakes"
assert np.median(end_right) < np.median(kept_right) + 0.5, "with right labels stopping should save next to nothing"
assert np.median(loss_end) < np.median(loss_kept), "with right labels the test loss should be lower at the end"
text = f"a fifth of the labels wrong: stopped early {spread(kept, '.0f')}, at the end {spread(end, '.0f')}"
twins = f"all labels right: {spread(kept_right, '.1f')} and {spread(end_right, '.1f')}"
measured("R7", f"test mistakes in %, {text}; {twins}")

# %% [markdown]
r"""
At the end the network makes no mistake on labels of which almost a fifth are wrong: it has learnt the wrong
ones by heart, and pays for them on clean digits. The one that was kept still contradicts a fifth of
its training labels. It is right to do so. The twins have no wrong labels to learn by heart. Their test mistakes do not
turn; at the end their test loss is even a little lower than where they were stopped. That what you want turns while the training loss falls needs noise,
in the labels or, as in the curve above, in $y$.

Two notes. The validation loss at the moment that you keep was chosen *because* it is low, so it flatters, as
in section 1: report a number from a third set. And patience costs nothing but time: too little stops at the
first bump, too much only makes you wait, for you go back to the best anyway.

### Two roads to one place

A penalty keeps the weights small; a walk that starts from zero and is stopped early has not had the time to
make them large. Do the two do the same? For a quadratic loss the weights along a direction of curvature $c$
shrink by the factor $c/(c + 2\lambda)$ under the penalty and $1-(1-\epsilon c)^k$ after $k$ steps, and for
small $c$ these agree if

$$k \approx \frac{1}{2\epsilon\lambda}.$$

(Goodfellow et al., section 7.8, with half our penalty.) Below, the curve of 24 points again: risk against
$k$, and, on the same axis, the risk of the exact minimum with penalty $\lambda = 1/(2\epsilon k)$. The figure shows one
draw of 24 points, the numbers ten.

**Predict.** Which reaches the lower risk?
"""

# %% tags=["experiment"]
lams, no_bias = np.geomspace(1e-4, 3, 50), np.diag([1.0] * 40 + [0.0])
dense = np.unique(np.geomspace(1, 5000, 50).astype(int))


def two_roads(X, y):
    """Return name -> (steps k, empirical risks, risks) by stopping after k steps, and by a penalty drawn at k = 1/(2ελ)."""
    gram, moment = X.T @ X / 24, X.T @ y / 24
    roads = {
        "stopped after k steps": (dense, descent_on(X, y, dense)),
        "penalty λ, drawn at k = 1/(2ελ)": (
            1 / (2 * 0.3 * lams),
            [np.linalg.solve(gram + lam * no_bias, moment) for lam in lams],
        ),
    }
    return {name: (k, *np.transpose([both_risks(W, X, y) for W in found])) for name, (k, found) in roads.items()}


roads = [two_roads(X, y) for _, y, X in draws]
fig, ax = plt.subplots(figsize=(7.4, 4.1))
for (name, (k, _, risk)), color, dashes in zip(
    roads[0].items(), (plots.VERMILLION, plots.BLACK), ("-", "--"), strict=True
):
    ax.loglog(k, risk, color=color, linestyle=dashes, label=f"risk, {name}")
    ax.plot(k[risk.argmin()], risk.min(), "o", markersize=12, fillstyle="none", color=color, markeredgewidth=1.8)
ax.loglog(dense, roads[0]["stopped after k steps"][1], color=plots.BLUE, label="empirical risk, stopped after k steps")
ax.axhline(0.36, color=plots.BLACK, linewidth=0.8)
ax.annotate("noise", (2e3, 0.29), fontsize=9.5)
ax.set(title="Stopping early and a penalty: nearly the same valley", xlabel="step k, at rate ε = 0.3")
ax.set(ylabel="mean squared error", xlim=(0.6, 5e3), ylim=(2e-2, 2))
ax.legend(loc="lower left")
plots.show(
    fig,
    alt="""Two curves of the risk against k, one solid and one dashed, run close to each other through the same valley; the
rings at their lowest points almost touch. Below them the empirical risk falls and falls.""",
)
best = np.array([[(k[risk.argmin()], risk.min()) for k, _, risk in found.values()] for found in roads])  # draw, road
by_stopping, by_penalty = best[:, 0, 1], best[:, 1, 1]
print(f"lowest risk of ten draws: {spread(by_stopping, '.2f')} by stopping, {spread(by_penalty, '.2f')} by a penalty")
print(f"they differ by at most {np.abs(by_stopping - by_penalty).max():.2f}; nobody gets below 0.36")
assert np.median(np.abs(by_stopping - by_penalty)) < 0.05, "the two should reach about the same lowest risk"
apart = np.exp(np.abs(np.log(best[:, 0, 0] / best[:, 1, 0])))
assert np.median(apart) < 3, "and reach it at about the same k"

# %% [markdown]
r"""
Two roads through the same valley, and almost the same lowest point in most draws. Both use a direction of high curvature
fully and one of low curvature hardly, and the noise hides in the latter. The practical difference: a penalty
needs one training for each $\lambda$ that you try, a single walk tries all $k$.

## 7. Reflection (4 points, 10 minutes)

A colleague trains a classifier. After epoch 20 its training error rate is zero. After epoch 60 the training
log loss is still falling, the validation log loss has been *rising* for 30 epochs, and the validation error
rate is still falling a little. She has chosen epoch 60, where the validation error rate is lowest, and wants
to publish that error rate.

**In two to four sentences:** why does training still change the model after epoch 20; how can the validation
log loss rise while the validation error rate falls; and what is wrong with the number that she wants to
publish, and what should she publish instead?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "empirical-risk-reflection", "locked": false, "points": 4, "schema_version": 3, "solution": true}
r"""
**Model answer.** She minimises the log loss, a surrogate with a slope even where the 0-1 loss is zero: it
goes on pushing the classes apart. The more confident the model becomes, the more the log loss charges it for
the few validation examples that it gets wrong, while the error rate counts every mistake once; so a few very
confident mistakes raise the log loss although there are fewer mistakes. The epoch was chosen because its
validation error is low, so this number flatters: it is a minimum over many epochs, no longer an unbiased
estimate of the risk. She should publish the error rate of that one model on a test set that was used for no
choice at all.

**Marking scheme.** 1 point: the log loss still has a gradient when the 0-1 loss is zero (margins,
confidence). 1 point: confident mistakes weigh more and more in the log loss but count once in the error rate.
1 point: the epoch was selected on the same data, so the number is too optimistic. 1 point: measure on a third
set that took no part in any choice.
"""

# %% [markdown]
r"""
## What to remember

1. On a fixed training set you minimise the empirical risk $J$ and want the risk $J^*$; the training set flatters, by an
   amount that falls like $1/N$ once $N$ is well above the number of weights.
2. The 0-1 loss has no slope; train on a surrogate that has one, and judge by what you want.
3. Calculus for training, central differences ($h \approx 10^{-5}$, float64) for checking; *where* they differ
   names the bug.
4. The gradient of a mean is the mean of gradients, and nothing beats it for a short step; a random direction in $n$
   dimensions is worth $1/\sqrt n$ of it.
5. Training longer raises the capacity. Where labels are noisy that costs: stop by a validation set, go back to the best,
   report a third set.

## Further reading

- I. Goodfellow, Y. Bengio, A. Courville (2016). *Deep Learning*. MIT Press. Sections 4.3, 5.2, 7.8 and 8.1.
- V. Vapnik (1992). Principles of risk minimization for learning theory. *NIPS* 4, 831–838.
- N. J. Higham (2002). *Accuracy and Stability of Numerical Algorithms*, 2nd edition. SIAM. Chapter 1.
- L. Prechelt (1998). Early stopping, but when? In *Neural Networks: Tricks of the Trade*, Springer LNCS 1524, 55–69.
- J. Bergstra, Y. Bengio (2012). Random search for hyper-parameter optimization. *JMLR* 13, 281–305. Where guessing is a
  good idea.
- C. Zhang, S. Bengio, M. Hardt, B. Recht, O. Vinyals (2017). Understanding deep learning requires rethinking
  generalization. *ICLR*. Networks that learn random labels by heart.
"""
