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
# Curvature, saddles, plateaus and cliffs

When you have worked through this notebook you can

- read off the eigenvalues of a Hessian the largest stable learning rate, and how slow the best one must be,
- predict whether one step will raise the cost, and check the prediction on a network while it trains,
- tell minima, maxima, saddles and undecided points apart, and say why a Hessian drawn at random is almost surely a
  saddle's in high dimension,
- say how long descent lingers at a saddle or on a plateau, and stop a cliff from throwing you away,
- say how close a constant rate gets with noisy gradients, and what no local step can know.

About 130 minutes, 25 points. Goodfellow et al. (2016), *Deep Learning*, sections 4.3.1, 8.2.1 to 8.2.4, 8.2.6
and 8.2.7. From earlier chapters you need the gradient and the minibatch ([chapter 1](../ch01_empirical_risk/empirical_risk.ipynb) and [chapter 2](../ch02_minibatching/minibatching.ipynb)).

**How it goes.** You write seven short functions. Below each one, `check(...)` tells you at once whether it is
right. The experiments then run *your* functions. Before an experiment you are asked to predict; do so, in
writing, before you run it.

**What an answer owes.** Arrays hold floats where the text of the function does not say otherwise. Leave the arrays
that you are given as they are: an answer that writes into one gets no points, however right its numbers. Return
NumPy arrays and plain numbers; `check` also takes lists, torch tensors, and `3.0` for `3`, but the experiments
reckon with what the text says.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.func import functional_call, grad, hessian, jvp, vmap
from torch.nn.functional import cross_entropy, one_hot

from utils import landscapes, players, plots
from utils.check import check
from utils.claims import base_seed, measured, seeds, spread
from utils.data import digits
from utils.device import best_device, seed_everything
from utils.models import mlp
from utils.training import batch_indices, trace, train

seed_everything(base_seed())
device = best_device()
torch.set_num_threads(1)  # for networks as small as ours, threads mostly wait for each other
plots.style()

# %% [markdown]
r"""
## 1. What the gradient does not tell

Five landscapes, one difficulty each: a narrow ravine; a saddle between two minima; the plain around one
saturated sigmoid unit; a slope that ends at a cliff; and four basins, each with its own minimum. The dot marks
the start. Descent knows the slope there, and nothing else.

**Predict.** Everybody takes one step with the rate 0.1. Which of the five goes farthest, and which hardly
moves?
"""


# %% tags=["experiment"]
def descend(theta, grad, lr):
    """Take one step of gradient descent."""
    stride = -lr * grad
    return theta + stride


scenes = [
    landscapes.bowl(30, angle=0.4),
    landscapes.saddle(),
    landscapes.plateau(),
    landscapes.cliff(),
    landscapes.himmelblau(),
]
fig = plt.figure(figsize=(10, 4.3))
upper, lower = fig.subfigures(2, 1, height_ratios=[1.0, 1.1])
names = ("ravine", "saddle", "plateau", "cliff", "basins")
for ax, landscape, name in zip(upper.subplots(1, 5, subplot_kw={"projection": "3d"}), scenes, names, strict=True):
    plots.surface(ax, landscape)
    ax.set_title(name)
first_steps = {}
for ax, landscape, name in zip(lower.subplots(1, 5), scenes, names, strict=True):
    plots.contours(ax, landscape)
    leap = trace(descend, landscape, 1, lr=0.1)
    ax.plot(*leap[0], "o", color=plots.VERMILLION, markersize=7)
    ax.plot(*leap.T, color=plots.VERMILLION, linewidth=2)
    ax.plot(*leap[1], "o", color=plots.VERMILLION, markerfacecolor="white", markersize=5)
    first_steps[name] = np.linalg.norm(leap[1] - leap[0])
    ax.set_title(f"first step {first_steps[name]:.2g}", fontsize=10.5)
    ax.set_ylabel("θ₂" if name == "ravine" else "")
fig.suptitle("One rate, five first steps: the slope sets the stride, not the distance to go", fontweight="bold")
plots.show(
    fig,
    alt="""Five surfaces in space and below them their contour maps with a dot at the start and a white one where the first
step leads. The first steps differ by a factor of some ten thousand: about 1 in the ravine and between the
basins, 0.0001 on the plateau, where the two dots cannot be told apart.""",
)
for name, length in first_steps.items():
    print(f"{name}: the first step is {length:.2g} long")

# %% [markdown]
r"""
In the ravine the step even leaps across the floor and ends *higher* than it began; on the plateau you would
need tens of thousands like it. The slope tells neither.

How far you *should* go depends on how fast the slope changes. That is what curvature measures.

## 2. Ill-conditioning

Near any point $\theta$ a smooth cost looks like a quadratic (Goodfellow et al., equation 4.8):

$$J(\theta + d) \approx J(\theta) + g^\top d + \tfrac12\, d^\top H d$$

with the gradient $g$ and the **Hessian** $H$ (`H`), the symmetric matrix of all second derivatives. Its
eigenvectors are the principal directions, and each eigenvalue $\lambda_i$ is the curvature along one: positive,
the cost bends up; negative, it bends down. How different the curvatures are is told by the **condition number**

$$\kappa = \frac{\max_i |\lambda_i|}{\min_i |\lambda_i|}.$$

A round bowl has $\kappa = 1$, the ravine above 30.

### Exercise 1: `condition_number` (2 points, 5 minutes, easy)

`H` is symmetric and invertible, but need not be positive definite. Return $\kappa$ as a float.

<details><summary>Hint</summary>

`np.linalg.eigvalsh` is made for symmetric matrices. Which eigenvalue of `diag(1, -10, 2)` has the largest
absolute value?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "condition-number", "locked": false, "schema_version": 3, "solution": true}
def condition_number(H):
    """Return the ratio of the largest to the smallest curvature of H, in absolute value. H is not modified.

    H : ndarray, shape (n, n), symmetric and invertible
    Returns a float >= 1.
    Source: Goodfellow et al. (2016), equation 4.2.
    """
    ### BEGIN SOLUTION
    curvatures = np.abs(np.linalg.eigvalsh(H))
    return curvatures.max() / curvatures.min()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "condition-number-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(condition_number)

# %% [markdown]
r"""
Now walk downhill on a quadratic with its minimum at the origin, so $g = H\theta$:

$$\theta \leftarrow \theta - \epsilon H\theta = (I - \epsilon H)\,\theta.$$

Along the $i$-th eigenvector the coordinate is multiplied by $1 - \epsilon\lambda_i$ in every step. It shrinks
while that factor lies strictly between $-1$ and 1. *All* factors must do so, or the walk blows up.

### Exercise 2: `max_stable_lr` (2 points, 5 minutes, easy)

`H` is symmetric and positive definite. Return, as a float, the rate below which descent converges from every
start, and from which on it does not.

<details><summary>Hint</summary>

For one direction: which $\epsilon$ makes the factor exactly $-1$? Then: which direction is the first to break?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "max-stable-lr", "locked": false, "schema_version": 3, "solution": true}
def max_stable_lr(H):
    """Return the learning rate below which gradient descent on ½ θᵀHθ is stable. H is not modified.

    H : ndarray, shape (n, n), symmetric positive definite
    Returns a float > 0.
    """
    ### BEGIN SOLUTION
    return 2 / np.linalg.eigvalsh(H).max()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "max-stable-lr-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(max_stable_lr)

# %% [markdown]
r"""
### Zigzag or crawl

The ravine, $\kappa = 30$, with three rates, given as fractions of your `max_stable_lr`: 10 %, 97 %, and 102 %.

**Predict.** (a) Which of the three crosses the floor of the ravine at every step? (b) Which one is closest to
the minimum after 40 steps? (c) Now the rate is a slider: where between 5 % and 102 % is the best one?
"""

# %% tags=["experiment", "claim-C2"]
ravine = landscapes.bowl(30, angle=0.4)
H = np.stack([ravine.gradient(unit) for unit in np.eye(2)])  # of a quadratic, the gradient at e_i is a column of H
edge, steps = max_stable_lr(H), 40
flat, steep = np.linalg.eigh(H)[1].T  # unit vectors along and across the ravine
fractions = {0.1: (plots.BLUE, "o"), 0.97: (plots.VERMILLION, "s"), 1.02: (plots.BLACK, "^")}
fig, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.4), width_ratios=[3, 2])
plots.contours(left, ravine, points=100)
crossings, along = {}, {}
for fraction, (color, marker) in fractions.items():
    walk = trace(descend, ravine, steps, lr=fraction * edge)
    crossings[fraction] = (np.diff(np.sign(walk @ steep)) != 0).mean()
    along[fraction] = walk[-1] @ flat / (walk[0] @ flat)
    drawn = {"color": color, "marker": marker, "markersize": 4, "linewidth": 1.2, "label": f"{fraction:.0%}"}
    left.plot(*walk[:21].T, **drawn)
    right.semilogy(ravine(walk), **{**drawn, "markevery": 5})
left.set_title("20 steps: small rates crawl, large ones zigzag")
right.set(title="The zigzag pays, up to the edge", xlabel="update k", ylabel="loss")
right.legend(title="rate, of 2/λmax")
plots.show(
    fig,
    alt="""Left, a ravine with three walks: the smallest rate creeps along the floor without ever crossing it, the largest
two jump from wall to wall. Right, their losses: 97 % falls fastest, 102 % rises. Below, a player with a slider
for the rate; the swings across the floor begin at 50 %.""",
)
for fraction in fractions:
    print(f"{fraction:.0%}: {crossings[fraction]:.0%} of the steps cross the floor,", end=" ")
    print(f"{along[fraction]:.2f} of the way along it is left")
assert crossings[0.1] == 0 and along[0.1] > 0.7, f"at 10 % no step should cross, and most of the way be left: {along}"
assert crossings[0.97] == crossings[1.02] == 1, f"near the edge every step should cross the floor, got {crossings}"
assert along[0.97] < 0.15, f"at 97 % little of the way should be left, {along[0.97]:.2f} is"
measured(
    "C2",
    f"κ = 30, {steps} steps: at 10 % of 2/λmax {crossings[0.1]:.0%} of the steps cross the floor and {along[0.1]:.0%} "
    f"of the way is left; at 97 %, {crossings[0.97]:.0%} and {along[0.97]:.0%}",
)


def walk_at(ax, percent):
    """Draw the walk with a rate of so many percent of the largest stable one."""
    walk = trace(descend, ravine, steps, lr=percent / 100 * edge)
    plots.contours(ax, ravine, points=60)
    ax.plot(*walk.T, "o-", color=plots.VERMILLION, markersize=3.5, linewidth=1.2)
    ax.set_title(f"{percent} %: after {steps} steps the loss is {ravine(walk[-1]):.3g}", fontsize=11)


percents = [5, 10, 20, 35, 50, 65, 80, 90, 95, 97, 99, 101, 102]
players.flipbook(walk_at, percents, label="rate, % of 2/λmax:", width=4.8, height=2.9)

# %% [markdown]
r"""
With a small rate you waste steps along the floor, with a large one you waste them across it. The best rate does
zigzag: it lies close to the edge, where the swings across die exactly as slowly as the crawl along.

### How slow is the best rate?

The slowest direction sets the pace: $\max_i |1 - \epsilon\lambda_i|$ per step. The best rate balances the two
extreme curvatures, $1 - \epsilon\lambda_{\min} = -(1 - \epsilon\lambda_{\max})$, so

$$\epsilon^* = \frac{2}{\lambda_{\min} + \lambda_{\max}}
\qquad\text{with the factor}\qquad \frac{\kappa - 1}{\kappa + 1} \quad\text{per step.}$$

**Predict.** Going from $\kappa = 10$ to $\kappa = 1000$, by how much longer must you walk for one more digit?
"""

# %% tags=["experiment", "claim-C1"]
relative = np.linspace(0.02, 1.08, 107)  # the rate, of the largest stable one
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8))
best = {}
for kappa, color in ((3, plots.GREEN), (10, plots.BLUE), (30, plots.ORANGE), (100, plots.VERMILLION)):
    bowl = landscapes.bowl(kappa)
    H = np.stack([bowl.gradient(unit) for unit in np.eye(2)])
    best_lr = 2 / (1 + kappa)
    rates = np.sort([*relative * max_stable_lr(H), best_lr])
    late = [np.linalg.norm(trace(descend, bowl, 400, lr=lr)[[200, 400]], axis=1) for lr in rates]
    factors = np.array([(there / here) ** (1 / 200) for here, there in late])
    assert np.all(factors[rates < max_stable_lr(H)] < 1), f"κ = {kappa}: below 2/λmax every rate should converge"
    assert np.all(factors[rates > 1.001 * max_stable_lr(H)] > 1), f"κ = {kappa}: above 2/λmax every rate should diverge"
    best[condition_number(H)] = factors.min()
    left.plot(rates / max_stable_lr(H), factors, color=color, label=f"κ = {kappa}: best {factors.min():.3f}")
    left.plot(best_lr / max_stable_lr(H), factors.min(), "o", color=color, markersize=8)
left.axhline(1, color="black", linewidth=0.8)
left.set(ylim=(0.4, 1.12), xlabel="rate, of 2/λmax", ylabel="factor of the error per update")
left.set(title="Stable below 2/λmax, best just before it")
left.legend(loc="lower left")
kappas = np.geomspace(3, 1000, 12)
needed = []
for kappa in kappas:
    walk = np.linalg.norm(trace(descend, landscapes.bowl(kappa), 6000, lr=2 / (1 + kappa)), axis=1)
    needed.append(np.argmax(walk < walk[0] * 1e-4) / 4)
right.loglog(
    kappas, np.log(10) / np.log((kappas + 1) / (kappas - 1)), color=plots.BLACK, label="predicted by (κ-1)/(κ+1)"
)
right.loglog(kappas, needed, "o", color=plots.VERMILLION, markersize=7, label="counted")
right.set(title="Each digit costs about 1.15 κ updates", xlabel="condition number κ", ylabel="updates per digit")
right.legend()
plots.show(
    fig,
    alt="""Left: four curves of the error factor; each falls to its dot close to the right end and then shoots above 1
exactly at 2/λmax. Right: updates per digit against κ, counted dots on a predicted line of slope one.""",
)
gap = max(abs(factor - (kappa - 1) / (kappa + 1)) for kappa, factor in best.items())
print("best factor counted:", ", ".join(f"κ = {kappa:.0f}: {factor:.3f}" for kappa, factor in best.items()))
print(f"largest difference to (κ-1)/(κ+1) below 0.001: {gap < 1e-3}")
assert gap < 1e-3, f"the best factor should be (κ-1)/(κ+1), it differs by {gap:.1e}"
foreseen = np.log(10) / np.log((kappas + 1) / (kappas - 1))
assert np.allclose(needed, foreseen, rtol=0.1, atol=0.5), f"updates per digit: expected {foreseen}, counted {needed}"

# %% [markdown]
r"""
A hundred times the condition number, a hundred times the updates. No choice of a constant rate changes that; a
*preconditioner* or *momentum* ([chapter 4](../ch04_sgd_variants/momentum.ipynb), where $\kappa$ becomes $\sqrt\kappa$) does.

## 3. Will this step raise the cost?

Put the step $d = -\epsilon g$ into the quadratic (Goodfellow et al., equations 4.9 and 8.10):

$$J(\theta - \epsilon g) - J(\theta) \approx -\epsilon\, g^\top g + \tfrac12 \epsilon^2\, g^\top H g.$$

The first term is what the slope promises, the second what the curvature takes back.

### Exercise 3: `step_change` (3 points, 8 minutes, medium)

Return the predicted change of the cost, as a float; negative means that the step helps.

<details><summary>Hint</summary>

Check yourself with one parameter: $J = \tfrac12 h\theta^2$ at $\theta = 1$ has $g = h$, and a step with
$\epsilon = 1/h$ lands in the minimum. What must the change be?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "step-change", "locked": false, "schema_version": 3, "solution": true}
def step_change(g, H, lr):
    """Predict by how much one step of gradient descent changes the cost, up to second order.

    The inputs are not modified.
    g : ndarray, shape (n,), the gradient.  H : ndarray, shape (n, n), the Hessian, symmetric
    lr : float > 0
    Returns a float.
    Source: Goodfellow et al. (2016), equation 4.9.
    """
    ### BEGIN SOLUTION
    return -lr * g @ g + 0.5 * lr**2 * g @ H @ g
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "step-change-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(step_change)

# %% [markdown]
r"""
### On a real network

A 64-32-10 network with tanh units learns digits by SGD with a small rate, from ten seeds side by side. Its Hessian has
2410² entries, but you never need them: the *product* $Hg$ is the derivative of the gradient in the direction $g$, and
costs about as much as two gradients (`torch.func.jvp` of `torch.func.grad`). And along the line of the step the network
has only one dimension, with slope $\|g\|$ and curvature $g^\top Hg / g^\top g$: so your `step_change` serves with 1
× 1 matrices.

We stop the first network after 100 and after 600 updates, compute $g$ and $g^\top Hg$ of the whole training set, and try
steps of all sizes along $-g$. On the way we record, for all ten, the norm of the gradient of each twentieth minibatch,
and beside it the norm of the *full* gradient at the same point.

**Predict.** (a) The prediction is a parabola. At which of the two stops will the network keep closer to it? (b)
"Training ends where the gradient has become small." When the loss has fallen to a tenth, how far has the norm of the
minibatch gradient fallen, and how far that of the full gradient?
"""

# %% tags=["experiment", "claim-C1"]
data = digits(device=device)
x, y = data.train
net = mlp((64, 32, 10), "tanh", seed=seeds(1)[0], device=device)


def cost(parameters, inputs=x, labels=y):
    """Return the mean cross-entropy of the network with these parameters."""
    return cross_entropy(functional_call(net, parameters, (inputs,)), labels)


def inner(a, b):
    """Return the inner product of two dictionaries of tensors."""
    return sum((a[name] * b[name]).sum() for name in a)


def slope_and_curvature(parameters, *batch):
    """Return the gradient g, gᵀg and gᵀHg at these parameters."""
    slope = grad(cost)
    g = slope(parameters, *batch)
    Hg = jvp(lambda p: slope(p, *batch), (parameters,), (g,))[1]
    return g, inner(g, g), inner(g, Hg)


def look(parameters, inputs, labels):
    """Return the norms of the minibatch's and of the full gradient, the minibatch's gᵀHg, and the training loss."""
    _, small, ghg = slope_and_curvature(parameters, inputs, labels)
    full = grad(cost)(parameters)
    return small**0.5, inner(full, full) ** 0.5, ghg, cost(parameters)


def try_step(parameters, share):
    """Take a share of the break-even step 2gᵀg/gᵀHg; return the loss's change, gᵀg, gᵀHg and the step's size."""
    g, gg, ghg = slope_and_curvature(parameters)
    size = share * 2 * gg / ghg
    return cost({name: p - size * g[name] for name, p in parameters.items()}) - cost(parameters), gg, ghg, size


starts = [dict(mlp((64, 32, 10), "tanh", seed=seed, device=device).named_parameters()) for seed in seeds(10)]
parameters = {name: torch.stack([start[name].detach() for start in starts]) for name in starts[0]}
orders = torch.stack([batch_indices(len(x), 32, 601, seed=seed) for seed in seeds(10)], dim=1)
rate, shares, log, agreed = 0.1, np.linspace(0.1, 1.5, 15), [], []
fig, axes = plt.subplots(1, 3, figsize=(10.5, 3.6), width_ratios=[3, 3, 4])
panels = {100: axes[0], 600: axes[1]}
for k in range(601):
    batch = x[orders[k]], y[orders[k]]
    if k % 20 == 0:
        log.append([part.tolist() for part in vmap(look)(parameters, *batch)])
    if k in panels:
        tried = [[part.tolist() for part in vmap(try_step, in_dims=(0, None))(parameters, s)] for s in shares.tolist()]
        change, gg, ghg, size = np.array(tried).transpose(1, 0, 2)  # each of shape (shares, networks)
        line, bend = gg**0.5, ghg / gg  # the one dimension along the step
        told = [
            step_change(np.array([a]), np.array([[b]]), e)
            for a, b, e in zip(line.flat, bend.flat, size.flat, strict=True)
        ]
        told = np.array(told, dtype=float).reshape(change.shape)
        agreed += list(
            (np.sign(change) == np.sign(told))[[4, 14]].flat
        )  # at half the break-even step, and at 1.5 times
        panels[k].plot(size[:, 0], told[:, 0], color=plots.BLUE, label="your step_change")
        panels[k].plot(size[:, 0], change[:, 0], "x", color=plots.VERMILLION, label="the network")
        panels[k].axhline(0, color="black", linewidth=0.8)
        panels[k].set(title=f"After {k} updates", xlabel="step size ε", ylabel="change of the loss")
    g = vmap(grad(cost))(parameters, *batch)
    parameters = {name: p - rate * g[name] for name, p in parameters.items()}
axes[0].legend()
log = np.array(log).transpose(1, 2, 0)  # what, network, when
names = ("‖g‖ of the minibatch", "‖g‖, full", "gᵀHg of the minibatch", "training loss")
colors = (plots.BLUE, plots.ORANGE, plots.VERMILLION, plots.BLACK)
for values, name, color in zip(log, names, colors, strict=True):
    axes[2].semilogy(20 * np.arange(31), np.median(values, axis=0), color=color, label=name)
axes[2].set(title="The loss falls, ‖g‖ less so", xlabel="update k", ylabel="median of 10 networks", ylim=(0.01, None))
axes[2].legend(loc="lower left", fontsize=8.5)
plots.show(
    fig,
    alt="""Left and middle: the predicted parabola and crosses of the network, which keep to it closely at 600 updates and
less so at 100. Right, on a logarithmic axis, medians of ten networks: the loss falls to a tenth, the full
gradient's norm to some third, the minibatch gradient's to somewhat more than a half.""",
)
early, late = np.median(log[..., :4], axis=2), np.median(log[..., -10:], axis=2)
small, full, curved, loss = early / late
print("from the first 60 to the last 200 updates, early over late:")
for name, fell in zip(names, (small, full, curved, loss), strict=True):
    print(f"  {name}: {spread(fell, '.1f')}")
assert np.median(loss) > 7, f"the loss should fall to about a tenth, it falls {np.median(loss):.1f} times"
assert (full < 0.7 * loss).all(), f"the full gradient should fall less than the loss, in every network: {full}, {loss}"
assert (small < full).all(), f"the minibatch's gradient should fall less than the full one: {small}, {full}"
agreement = np.mean(agreed)
assert agreement > 0.9, (
    f"beyond the break-even step the loss should rise, before it fall; so in {agreement:.0%} of trials"
)
measured(
    "C1",
    f"best factor within 0.001 of (κ-1)/(κ+1) for κ = 3 … 100, every rate above 2/λmax diverges; ten networks: half the "
    f"break-even step 2gᵀg/gᵀHg lowers the cost and 1.5 times it raises it in {agreement:.0%} of {len(agreed)} trials; while the "
    f"loss falls {spread(loss, '.1f')} times, ‖g‖ falls {spread(full, '.1f')} times, that of minibatches {spread(small, '.1f')}",
)

# %% [markdown]
r"""
When $\tfrac12\epsilon^2 g^\top Hg$ exceeds $\epsilon g^\top g$, the step raises the cost, on a network too. And the
gradient? While the loss becomes ten times smaller, the norm of the full gradient falls too, but only three to four
times. What keeps more than half of its length is the *minibatch* gradient, and much of that is noise: late in training
it says little about the slope. "The gradient norms that I log stay large" does therefore not mean that training has gone
nowhere, nor that the gradient has not shrunk: look at the full one. (Goodfellow et al., figure 8.1, show a network
whose gradient norm even *grows* while it learns, and add that $g^\top Hg$ often grows by more than an order of magnitude.
In these small networks neither happens.)

### Living on the edge

Your `max_stable_lr` was derived for a quadratic, whose curvature never changes. A network's does. We train the
same network on its whole training set, without any noise, with squared error and a constant rate, and watch its
largest curvature $\lambda_{\max}$ by power iteration: multiply a vector by $H$ again and again.

**Predict.** We use two rates, 0.15 and 0.2. Does $\lambda_{\max}$ fall, stay, or rise in training? Does it care
about the rate?
"""

# %% tags=["experiment"]
targets = one_hot(y, 10).float()


def squared_error(parameters):
    """Return half the mean squared error of the network's ten outputs."""
    return 0.5 * ((functional_call(net, parameters, (x,)) - targets) ** 2).sum(1).mean()


fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.7))
sharpness_at_the_end = {}
for lr, color in ((0.2, plots.VERMILLION), (0.15, plots.BLUE)):
    parameters = {name: value.detach() for name, value in net.named_parameters()}
    slope = grad(squared_error)
    direction, sharpness, losses = slope(parameters), [], []
    for k in range(751):
        if k % 15 == 0:
            for _ in range(4 if k else 20):  # the direction of the last time is a good start
                length = inner(direction, direction) ** 0.5
                direction = {name: part / length for name, part in direction.items()}
                image = jvp(slope, (parameters,), (direction,))[1]
                largest, direction = inner(direction, image).item(), image
            sharpness.append(largest)
        losses.append(squared_error(parameters).item())
        g = slope(parameters)
        parameters = {name: p - lr * g[name] for name, p in parameters.items()}
    bound = 2 / lr  # your max_stable_lr, solved for the curvature
    left.plot(np.arange(0, 751, 15), sharpness, color=color, label=f"λmax at rate {lr}")
    left.axhline(bound, color=color, linestyle="--", linewidth=1.2, label=f"2/ε = {bound:.1f}")
    right.semilogy(losses, color=color, linewidth=1.2, label=f"rate {lr}")
    sharpness_at_the_end[lr] = np.median(sharpness[-12:]) / bound
    assert np.isclose(max_stable_lr(np.array([[bound]])), lr), f"your max_stable_lr of curvature {bound} should be {lr}"
left.set(title="Curvature rises until the rate is just stable", xlabel="update k", ylabel="largest curvature λmax")
left.set_ylim(7, 18)
left.legend(loc="upper left", ncols=2)
right.set(title="At the edge the loss trembles, and still falls", xlabel="update k", ylabel="squared error")
right.set_yticks([0.15, 0.2, 0.3, 0.5], ["0.15", "0.2", "0.3", "0.5"])
right.minorticks_off()
right.legend()
plots.show(
    fig,
    alt="""Left: both curves of λmax rise from below 10, overshoot their own dashed line, 2/ε, and stay near it. Right: the
losses fall smoothly at first; from the moment the curvature has reached its line they jump and tremble, and go
on falling.""",
)
for lr, ratio in sharpness_at_the_end.items():
    print(f"rate {lr}: at the end λmax is {ratio:.1f} times 2/ε")
    assert 0.85 < ratio < 1.15, f"rate {lr}: λmax should end near 2/ε, it is {ratio:.2f} times that"

# %% [markdown]
r"""
The network walks into ever narrower ravines until your bound stops it, and stays there, at the **edge of
stability** (Cohen et al., 2021). So for such a network $2/\lambda_{\max}$ is no warning sign on the way: it is where
training takes place. With a larger rate it finds wider ravines. (So it is with squared error and full batches;
with minibatches the curvature stops lower, and with cross-entropy it falls again late in training. One network here.)

## 4. Critical points

Where $g = 0$, nothing moves. Such **critical points** come in kinds, and the curvatures tell them apart
(Goodfellow et al., section 4.3.1):

- all eigenvalues of $H$ positive: a **minimum**; all negative: a **maximum**;
- some positive *and* some negative: a **saddle**, whatever the others are;
- otherwise (some zero, and the rest of one sign, or all zero): second derivatives cannot tell; we say
  **degenerate**.

### A common version that is wrong: look along each axis

A common version sorts critical points by looking along each input in turn: "convex in all input variables" is
a minimum, "concave in some inputs, convex in others" is a saddle. Here are three functions that are convex
along both axes. For a unit vector $d$, the curvature in its direction is $d^\top H d$; turn $d$ through half a
circle.

**Predict.** Which of the three have a minimum at the origin?
"""

# %% tags=["experiment", "claim-C4"]
candidates = {
    "x² + y² + xy": ([[2.0, 1.0], [1.0, 2.0]], plots.BLUE),
    "x² + y² + 4xy": ([[2.0, 4.0], [4.0, 2.0]], plots.VERMILLION),
    "xy": ([[0.0, 1.0], [1.0, 0.0]], plots.ORANGE),
}
angles = np.radians(np.arange(181))
d = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
fig = plt.figure(figsize=(10, 3.2))
ax, *scenes = [fig.add_subplot(1, 3, i, projection="3d" if i > 1 else None) for i in (1, 2, 3)]
axes_say, smallest = {}, {}
for name, (H, color) in candidates.items():
    curvature = np.sum(d @ H * d, axis=-1)
    ax.plot(np.degrees(angles), curvature, color=color, label=name)
    ax.plot([0, 90, 180], curvature[::90], "o", color=color, markersize=7)
    axes_say[name] = bool(np.all(curvature[::90] > -1e-9))  # convex along each axis
    smallest[name] = curvature.min()
ax.axhline(0, color="black", linewidth=0.8)
ax.set(xlabel="direction (degrees)", ylabel="curvature dᵀHd", xticks=[0, 45, 90, 135, 180])
ax.set(title="On the axes no dot is below zero", ylim=(-2.6, 8.6))
ax.legend(loc="upper right")
for scene, name in zip(scenes, ("x² + y² + xy", "xy"), strict=True):
    plots.surface(scene, landscapes.quadratic(hessian=candidates[name][0]))
    scene.set_title(f"{name}: {'a minimum' if smallest[name] > 0 else 'a saddle'}")
plots.show(
    fig,
    alt="""Left: three curves of curvature against direction. All dots, at 0°, 90° and 180°, are at or above zero; at 135°
two of the curves are below. Right: two surfaces, a bowl and a saddle.""",
)
for name, (H, _) in candidates.items():
    walk = trace(descend, landscapes.quadratic(hessian=H), 60, start=[0.01, -0.011], lr=0.1)
    away = np.linalg.norm(walk[-1]) > 0.1
    print(f"{name}: convex along each axis: {axes_say[name]}; lowest curvature {smallest[name]:.0f};", end=" ")
    print("descent leaves the origin" if away else "descent goes to the origin")
    assert axes_say[name], f"{name} should be convex along each axis"
    assert away == (smallest[name] < 0), f"{name}: descent should leave the origin exactly if a direction leads down"
assert np.isclose(smallest["xy"], -1), f"the lowest curvature of xy should be -1, got {smallest['xy']}"
assert np.isclose(smallest["x² + y² + 4xy"], -2), f"expected a lowest curvature of -2, got {smallest}"

# %% [markdown]
r"""
All three pass that test. Two are saddles, because between the axes the ground falls: $xy$ is even *flat*
along both axes and goes down along $y = -x$. The smallest curvature over *all* directions is the smallest
eigenvalue; the axes are only $n$ of infinitely many directions. (The converse of the test is right: whatever is
not convex along an axis is no minimum.)

### Exercise 4: `classify_critical_point` (4 points, 15 minutes, medium)

Return `"minimum"` (all eigenvalues positive), `"maximum"` (all negative), `"saddle"` (some of each sign) or
`"degenerate"` (anything else). Computers make no exact zeros,
so an eigenvalue with $|\lambda| \le$ `tol` counts as zero. One eigenvalue above `tol` and one below `-tol` make
a saddle even if others count as zero.

<details><summary>Hint</summary>

Ask two questions of the eigenvalues: is *any* of them above `tol`, is *any* below `-tol`? If both are answered
yes, you are done. A minimum needs *all*.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "classify-critical-point", "locked": false, "schema_version": 3, "solution": true}
def classify_critical_point(H, tol):
    """Name the kind of a critical point. H is not modified.

    H : ndarray, shape (n, n), symmetric, the Hessian there
    tol : float > 0; eigenvalues with |eigenvalue| <= tol count as zero
    Returns a str: "minimum", "maximum", "saddle" or "degenerate".
    Source: Goodfellow et al. (2016), section 4.3.1.
    """
    ### BEGIN SOLUTION
    curvatures = np.linalg.eigvalsh(H)
    if curvatures.max() > tol and curvatures.min() < -tol:
        return "saddle"
    if curvatures.min() > tol:
        return "minimum"
    if curvatures.max() < -tol:
        return "maximum"
    return "degenerate"
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "classify-critical-point-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(classify_critical_point)

# %% [markdown]
r"""
### What lies at a zero gradient?

First your function on landscapes whose critical points we know. Then a network: 64-8-10 units, tanh, trained on
all
digits without noise for 1500 updates, until the loss is small. We compute the *whole* Hessian, 610 × 610,
before (where the gradient is not small: no critical point, only a place to
compare with) and after.

**Predict.** (a) The monkey saddle $r^3\cos 3\varphi + \tfrac34 r^4$ has three ways down from the origin: what
will your function say? (b) What is the network at the end of training: a minimum, a saddle, degenerate? And its
condition number?
"""

# %% tags=["experiment", "claim-C4"]
known = [
    (landscapes.saddle(), (0, 0), "saddle"),
    (landscapes.saddle(), (0, 1), "minimum"),
    (landscapes.himmelblau(), (3, 2), "minimum"),
    (landscapes.himmelblau(), (-0.270845, -0.923039), "maximum"),
    (landscapes.monkey_saddle(), (0, 0), "degenerate"),
]
for landscape, point, kind in known:
    nearby = np.array(point) + 1e-4 * np.stack([np.eye(2), -np.eye(2)])
    up, down = landscape.gradient(nearby)
    said = classify_critical_point((up - down) / 2e-4, tol=1e-3)
    slope = np.linalg.norm(landscape.gradient(np.array(point)))
    print(f"{landscape.name} at {point}: gradient below 0.001: {slope < 1e-3}; {said}")
    assert slope < 1e-3, f"{landscape.name}: the gradient at {point} should be zero, it is {slope:.1e}"
    assert said == kind, f"{landscape.name} at {point}: expected {kind!r}, your function says {said!r}"

small = mlp((64, 8, 10), "tanh", seed=seeds(1)[0], device=device).double()
names = {name: value.shape for name, value in small.named_parameters()}


def flat_cost(flat):
    """Return the training loss of the small network, its parameters given as one vector."""
    parts = flat.split([shape.numel() for shape in names.values()])
    parameters = {name: part.view(shape) for (name, shape), part in zip(names.items(), parts, strict=True)}
    return cross_entropy(functional_call(small, parameters, (x.double(),)), y)


flat = torch.cat([value.detach().flatten() for value in small.parameters()])
spectra = {"before": torch.linalg.eigvalsh(hessian(flat_cost)(flat)).cpu().numpy()}
slope = grad(flat_cost)
print(f"before: gradient norm {torch.linalg.norm(slope(flat)).item():.1f}, eigenvalues", end=" ")
print(f"{spectra['before'].max():.2f} to {spectra['before'].min():.2f}")
for _ in range(1500):
    flat = flat - 0.5 * slope(flat)
H_end = hessian(flat_cost)(flat).cpu().numpy()
spectra["after"] = np.linalg.eigvalsh(H_end)
fig, axes = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True)
for ax, spectrum, color in zip(axes, spectra.values(), (plots.GREY, plots.BLUE), strict=True):
    ax.plot(spectrum[::-1], ".", color=color, markersize=4)
    ax.axhline(0, color="black", linewidth=0.8)
    ax.set(yscale="symlog", xlabel="rank of the eigenvalue")
axes[0].set_yscale("symlog", linthresh=1e-4)
axes[0].set(title="At the start: ways up and ways down", ylabel="curvature (log scale beyond ±10⁻⁴)")
axes[1].set(title="After: a few steep walls, a vast flat floor")
plots.show(
    fig,
    alt="""Eigenvalues in order of size on an axis that is logarithmic on both sides of zero. At the start they run from
above 1 down to about minus one half. After training the negative ones have shrunk to hundredths or less; a
handful of steep ones stand at the left, most of the rest is within a tenth of zero.""",
)
end = spectra["after"]
report = [f"training loss {flat_cost(flat).item():.2f}, gradient norm {torch.linalg.norm(slope(flat)).item():.3f}"]
for tol in (1e-1, 1e-3, 1e-6):
    up, down = np.mean(end > tol), np.mean(end < -tol)
    kind = classify_critical_point(H_end, tol)
    report.append(f"tol {tol:g}: {kind}; {up:.0%} bend up, {down:.1%} bend down")
print(*report, sep="\n")
kept = end[np.abs(end) > 1e-6]  # the Hessian is singular; of the rest:
print(f"condition number of the part beyond 1e-6: over a million: {condition_number(np.diag(kept)) > 1e6}")
steepest_down = {when: -spectrum.min() for when, spectrum in spectra.items()}
assert np.mean(spectra["before"] < -1e-6) > 0.25, "at the start a quarter of the directions or more should bend down"
assert np.mean(end < -1e-3) < 0.02, f"after training few directions should bend down, {np.mean(end < -1e-3):.1%} do"
assert steepest_down["after"] < 0.1 * steepest_down["before"], f"the ways down should have become flat: {steepest_down}"
measured(
    "C4",
    f"{len(known)} of {len(known)} known critical points have gradient 0 and are told apart by their eigenvalues; "
    f"xy passes the test along each axis, its eigenvalues are {smallest['xy']:+.0f} and {-smallest['xy']:+.0f}",
)

# %% [markdown]
r"""
At the start, which is no critical point, there are ways down a third to a half as steep as the ways up. Training
uses them up. But "a minimum" is nothing that you could say afterwards: the answer changes with `tol`, the
gradient is small and not zero, many eigenvalues are smaller than $10^{-6}$ (pixels that are blank in
nearly all images have weights that change next to nothing), and the curvatures that remain span six powers of
ten. What this network reaches is a flat floor between a few steep walls, as Sagun et al. (2018) found for others.

### Why saddles rule

Suppose the Hessian at a critical point were drawn at random: a symmetric matrix with independent Gaussian
entries, of variance 1 on the diagonal and $\tfrac12$ off it, the **Gaussian orthogonal ensemble** (GOE). What
are the odds that it is a minimum? If each eigenvalue tossed its own coin, as the book pictures it, $2^{-n}$.

**Predict.** For $n = 5$, is the truth above or below $2^{-5} = 3\,\%$?
"""


# %% tags=["experiment", "claim-C5"]
def random_hessians(n, count, rng):
    """Draw from the Gaussian orthogonal ensemble: variance 1 on the diagonal, ½ off it."""
    A = rng.normal(size=(count, n, n))
    return (A + A.transpose(0, 2, 1)) / 2


def positive_definite(matrices):
    """Count the positive definite matrices in a stack."""
    candidates = matrices[np.einsum("kii->ki", matrices).min(1) > 0]  # else an axis already leads down
    return int((np.linalg.eigvalsh(candidates)[:, 0] > 0).sum())


rng, sizes, draws = np.random.default_rng(base_seed()), range(1, 6), 1_000_000
exact = {1: 1 / 2, 2: (2 - np.sqrt(2)) / 4, 3: (np.pi - 2 * np.sqrt(2)) / (4 * np.pi), 4: 0.0024567, 5: 0.00014011}
counted = {n: sum(positive_definite(random_hessians(n, 50_000, rng)) for _ in range(20)) / draws for n in sizes}
shares = {n: [classify_critical_point(H, 1e-9) for H in random_hessians(n, 2000, rng)] for n in range(1, 9)}
fig, (left, middle, right) = plt.subplots(1, 3, figsize=(11.5, 3.7))
bottom = np.zeros(8)
for kind, color in (("minimum", plots.BLUE), ("saddle", plots.ORANGE), ("maximum", plots.VERMILLION)):
    part = np.array([said.count(kind) / 2000 for said in shares.values()])
    left.bar(range(1, 9), part, bottom=bottom, color=color, label=kind, width=0.8)
    bottom += part
left.set(title="From n = 4 on: nearly all saddles", xlabel="dimension n", ylabel="share", xticks=range(1, 9))
left.legend(loc="upper right", frameon=True, framealpha=1)
middle.semilogy(sizes, [2.0**-n for n in sizes], "--", color=plots.GREY, label="coin tosses, 2⁻ⁿ")
middle.semilogy(list(exact), list(exact.values()), color=plots.BLACK, label="exact")
middle.semilogy(
    list(counted), list(counted.values()), "o", color=plots.BLUE, markersize=7, label="a million draws each"
)
middle.set(title="Minima die out faster than 2⁻ⁿ", xlabel="dimension n", ylabel="P(minimum)", xticks=sizes)
middle.legend(loc="lower left")
spectrum = np.linalg.eigvalsh(random_hessians(400, 5, rng)).ravel() / np.sqrt(2 * 400)
at = np.linspace(-1, 1, 201)
right.hist(spectrum, 40, density=True, color=plots.SKY, edgecolor="white", label="5 matrices, n = 400")
right.plot(at, 2 / np.pi * np.sqrt(1 - at**2), color=plots.BLACK, label="semicircle law")
right.set(title="Eigenvalues fill a semicircle", xlabel="eigenvalue / √(2n)", ylabel="density", ylim=(0, 0.9))
right.legend(loc="upper right", fontsize=8.5)
plots.show(
    fig,
    alt="""Left: stacked bars of what your function says of 2000 matrices each; the share of saddles grows from 0 at n = 1
to everything at n = 8. Middle, logarithmic: dots on the exact curve, which bends down away from the straight
line of coin tosses. Right: a histogram under a semicircle.""",
)
for n in sizes:
    error = np.sqrt(exact[n] / draws)
    print(f"n = {n}: counted {counted[n]:.5f}, exact {exact[n]:.5f}, coin tosses {2.0**-n:.5f}")
    assert abs(counted[n] - exact[n]) < 4.5 * error, f"n = {n}: expected {exact[n]:.5f}, counted {counted[n]:.5f}"
assert all(counted[n] < 0.7 * 2.0**-n for n in sizes if n > 1), f"minima should be rarer than coin tosses: {counted}"
assert shares[8].count("saddle") == 2000, "in eight dimensions all of 2000 should be saddles"
unlike = rng.normal(size=(200_000, 2, 2))
unlike[:, 1, 0] = unlike[:, 0, 1]  # variance 1 everywhere, which is no GOE
other = positive_definite(unlike) / len(unlike)
print(f"n = 2 with variance 1 off the diagonal too: {other:.3f}")
measured(
    "C5",
    "P(positive definite) for n = 1 … 5: "
    + ", ".join(f"{counted[n]:.5f}" for n in sizes)
    + "; exact: "
    + ", ".join(f"{exact[n]:.5f}" for n in sizes),
)

# %% [markdown]
r"""
The odds of a minimum are .50, .146, .025, .0025, .00014. They fall faster than $2^{-n}$ because eigenvalues
repel each other: when one is positive, its neighbours are pushed away, some of them below zero. For large $n$
their logarithm is about $-n^2 \ln(3)/4$ (Dean and Majumdar, 2006). The numbers depend on the ensemble, so
always say which: with variance 1 off the diagonal as well, two dimensions give .12 instead of .146.

Two cautions. A cost is no random matrix: at *low* cost the semicircle is shifted to the right, so that critical
points of low cost tend to be minima, and saddles belong to high cost (Bray and Dean, 2007; Dauphin et al.,
2014). And a saddle is something you can leave. How long does that take?

## 5. Leaving a saddle

Close to a saddle, take the coordinate $y$ along a direction of curvature $-c$ (`curvature` $= c > 0$). There
the slope is $-cy$, so each step of descent *multiplies* the distance from the ridge:

$$y \leftarrow y + \epsilon c\,y = (1 + \epsilon c)\, y.$$

From a distance `start` it grows to `distance` within $k$ steps, where $k$ is the smallest whole number with
`start` · $(1+\epsilon c)^k \ge$ `distance`.

### Exercise 5: `escape_steps` (3 points, 8 minutes, medium)

Return $k$ as an int. In all cases `distance` is larger than `start`; to arrive exactly at `distance` is enough.
(Here that happens by doubling only, where logarithms are exact. Elsewhere they are not: `np.log(125) / np.log(5)` is
a little more than 3.)

<details><summary>Hint</summary>

Take logarithms of both sides and solve for $k$; then think about which way to round. Or count in a loop. For
`start` 1 and $\epsilon c = 1$ (doubling), the answer is 4 for `distance` 10, and 3 for `distance` 8.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "escape-steps", "locked": false, "schema_version": 3, "solution": true}
def escape_steps(start, distance, curvature, lr):
    """Return how many steps descent needs to leave the ridge of a saddle.

    start : float > 0, distance from the ridge at first.  distance : float > start
    curvature : float > 0, how strongly the saddle bends down: minus the negative eigenvalue
    lr : float > 0
    Returns an int, the smallest k with start * (1 + lr * curvature)**k >= distance.
    """
    ### BEGIN SOLUTION
    growth = 1 + lr * curvature
    return int(np.ceil(np.log(distance / start) / np.log(growth)))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "escape-steps-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(escape_steps)

# %% [markdown]
r"""
### Stuck, or only slow?

"Gradient descent stops at saddle points", a common version says, and "momentum does not". The saddle has curvature $-1$,
the rate is 0.1. Walkers start 1.5 up the ridge, at distances $10^{-2}$ to $10^{-12}$ from it; then exactly *on*
it: plain, with noise of standard deviation $10^{-6}$ in the gradient (ten times), and with momentum .9. The last walker is
on the ridge of the same saddle *turned* by 0.5 radians, where $\sin$ and $\cos$ are no round numbers.

**Predict.** (a) Six more zeros before the first digit of the distance: how many more steps? (b) Which of the
four that start exactly on the ridge ever leave it?
"""

# %% tags=["experiment", "claim-C6"]
saddle, lr, steps = landscapes.saddle(), 0.1, 520
cos, sin = np.cos(0.5), np.sin(0.5)
turn = np.array([[cos, -sin], [sin, cos]])
rng = np.random.default_rng(base_seed())


def heavy(theta, grad, velocity, lr):
    """Take a step with momentum .9, as chapter 4 has it."""
    velocity = 0.9 * velocity + grad
    return descend(theta, velocity, lr), velocity


def noisy(theta):
    """Return the gradient with noise of standard deviation 1e-6."""
    return saddle.gradient(theta) + 1e-6 * rng.normal(size=theta.shape)


def left_at(walk):
    """Return the first update at which a walk is 0.3 away from the ridge, None if it never is."""
    out = np.abs(walk[:, 1]) > 0.3
    return int(out.argmax()) if out.any() else None


starts = 10.0 ** -np.arange(2, 13, 2)
beside = {start: trace(descend, saddle, steps, start=[1.5, start], lr=lr) for start in starts}
ridge = np.array([1.5, 0.0])
shaken = trace(descend, saddle, steps, start=np.tile(ridge, (10, 1)), lr=lr, gradient=noisy)
freed = [left_at(walk) for walk in shaken.transpose(1, 0, 2)]
on = {
    "SGD": trace(descend, saddle, steps, start=ridge, lr=lr),
    "SGD, with noise": shaken[:, 0],
    "momentum": trace(heavy, saddle, steps, start=ridge, lr=lr, state=("velocity",)),
    "SGD, turned": trace(
        descend, saddle, steps, start=turn @ ridge, lr=lr, gradient=lambda t: turn @ saddle.gradient(t @ turn)
    )
    @ turn,
}
nudged = trace(heavy, saddle, steps, start=[1.5, 1e-6], lr=lr, state=("velocity",))
gentle = trace(heavy, saddle, steps, start=[1.5, 1e-6], lr=0.1 * lr, state=("velocity",))  # equal effective rate
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.5))
shades = plt.get_cmap("cividis")(np.linspace(0, 0.85, len(starts)))
for (start, walk), shade in zip(beside.items(), shades, strict=True):
    left.semilogy(walk[:330, 1], color=shade, label=f"from {start:.0e}")
    left.plot(escape_steps(start, 0.3, 1.0, lr), 0.3, "o", color=shade, markersize=8)
left.set(title="Two digits closer: 48 more steps (dots: yours)", xlabel="update k", ylabel="distance from the ridge")
left.legend(loc="lower right", fontsize=8.5)
looks = [(plots.BLUE, "-", 3), (plots.BLUE, ":", 2), (plots.VERMILLION, "--", 2), (plots.BLACK, "-", 1.5)]
labels = ("plain", "plain, noise of 10⁻⁶", "momentum", "plain, ridge turned")
for walk, (color, dashes, width), label in zip(on.values(), looks, labels, strict=True):
    right.plot(np.abs(walk[:, 1]), dashes, color=color, linewidth=width, label=label)
right.set(title="Exactly on the ridge: rounding frees one", xlabel="update k", ylabel="distance from the ridge")
right.set_ylim(-0.04, 1.4)
right.legend(loc="upper left", ncols=2)
plots.show(
    fig,
    alt="""Left, logarithmic: six parallel straight lines that rise to 1, with a dot where escape_steps puts each. Right:
plain descent and momentum on the exact ridge stay at zero to the end; with noise the walk leaves after some 160
updates, on the turned ridge after nearly 400.""",
)
for start, walk in beside.items():
    foreseen = escape_steps(start, 0.3, 1.0, lr)
    assert abs(left_at(walk) - foreseen) <= 3, f"from {start:.0e}: you predict {foreseen}, it left at {left_at(walk)}"
away = {name: left_at(walk) for name, walk in on.items()}
print(f"from 1e-6: left after {left_at(beside[1e-6])} updates, predicted {escape_steps(1e-6, 0.3, 1.0, lr)}")
print(f"ln(0.3/1e-6) / (rate · curvature) = {np.log(0.3e6) / lr:.0f}")
print("started exactly on the ridge:", {name: "stays" if at is None else "leaves" for name, at in away.items()})
assert all(at is not None and 80 < at < 260 for at in freed), (
    f"noise should free every walk after 100 to 200 updates: {freed}"
)
print(f"noise of 1e-6: left after {spread(freed, '.0f')} updates")
print(f"from 1e-6 with momentum: left after {left_at(nudged)} at the same ε, after {left_at(gentle)} at a tenth of it")
assert away["SGD"] is None, "exactly on the ridge descent should stay"
assert away["momentum"] is None, "exactly on the ridge momentum should stay, too"
assert away["SGD, turned"] is not None, "on the turned ridge rounding errors should free the walk"
assert left_at(nudged) < 0.5 * left_at(beside[1e-6]), "at the same ε momentum should more than halve the time"
assert left_at(gentle) > left_at(beside[1e-6]), "at equal effective rate momentum should be no faster"
measured(
    "C6",
    f"on the ridge plain descent and momentum stay for {steps} updates, noise of 1e-6 frees after {spread(freed, '.0f')}; a start "
    f"1e-6 beside it leaves after {left_at(beside[1e-6])} (predicted {escape_steps(1e-6, 0.3, 1.0, lr)}), with momentum "
    f"after {left_at(nudged)} at the same ε and after {left_at(gentle)} at equal effective rate",
)

# %% [markdown]
r"""
The time at a saddle is a *logarithm* of the distance, about $\ln(1/\text{start})/(\epsilon c)$ for small rates:
long for small $c$, but not for ever. (Many saddles one after the other can multiply it: Du et al., 2017.) Only
in exact arithmetic, on exact axes, does descent stay. On the turned ridge the rounding errors of $10^{-16}$ are
enough.

And momentum? Exactly on the ridge it stays as well: its velocity is made of gradients that have no part across.
At the same $\epsilon$ it speeds up the growth, here from 1.10 to 1.32 per step, and leaves nearly three times as
early once *something* has pushed it. But with $\alpha = .9$ the same $\epsilon$ is a ten times larger *effective* rate,
$\epsilon/(1-\alpha)$. At equal effective rates it leaves *later* than descent, and descent with a larger rate leaves
early as well. Momentum at a saddle is worth what it lets you do with the rate, no more.

## 6. Plateaus

A sigmoid unit with the output $\sigma(z)$ passes on the gradient multiplied by $\sigma'(z) =
\sigma(z)(1-\sigma(z))$, about $e^{-|z|}$ for large $|z|$: the unit is **saturated**. No saddle, no minimum,
only a slope too faint to matter.

We start the single unit of section 1 with a wrong weight of -2, -4, -6 and -8, at rate 1. Then a 64-32-10
network of sigmoid units, with its initial hidden weights multiplied by 1, 10, 30 and 100, learns digits for 300
updates.

**Predict.** (a) From -2 the unit takes about 10 updates until its loss is halved. And from -8? (b) What becomes
of the gradient of the network's first layer?
"""

# %% tags=["experiment", "claim-C7"]
plain = landscapes.plateau()
weights = np.array([-2.0, -4.0, -6.0, -8.0])
walks = trace(descend, plain, 20_000, start=np.stack([weights, np.full(4, 0.1)], axis=-1), lr=1.0)
heights = plain(walks)
halved = (heights < 0.5 * heights[0]).argmax(axis=0)
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.7))
shades = plt.get_cmap("cividis")(np.linspace(0.85, 0, 4))
for weight, height, shade in zip(weights, heights.T, shades, strict=True):
    left.loglog(np.arange(1, len(height) + 1), height, color=shade, label=f"weight {weight:g}")
left.set(
    title="Two units deeper: about seven times longer",
    xlabel="update k + 1",
    ylabel="loss",
    ylim=(1e-3, 1),
    xlim=(1, 6000),
)
left.legend(loc="lower left")
scales, first_slope, after, silent = (1, 10, 30, 100), [], [], []
for scale in scales:
    sigmoid = mlp((64, 32, 10), "sigmoid", seed=seeds(1)[0], device=device)
    with torch.no_grad():
        sigmoid[0].weight *= scale
        hidden = sigmoid[:2](x)
    silent.append(((hidden < 0.01) | (hidden > 0.99)).double().mean().item())
    cross_entropy(sigmoid(x), y).backward()
    first_slope.append(sigmoid[0].weight.grad.norm().item())
    optimizer = torch.optim.SGD(sigmoid.parameters(), lr=0.5)
    after.append(train(sigmoid, data.train, optimizer, steps=300, batch_size=32).eval_loss[-1])
right.loglog(scales, first_slope, "o-", color=plots.BLUE, label="‖g‖ of the first layer")
right.loglog(scales, 1 - np.array(silent), "s--", color=plots.GREY, label="share of units not saturated")
right.set(
    title="Saturated units pass little gradient on", xlabel="factor on the initial weights", ylabel="value at the start"
)
right.legend()
plots.show(
    fig,
    alt="""Left, both axes logarithmic: four curves that lie flat and then drop, the later the farther they start. Right:
the gradient of the first layer falls to a small part, and so does the share of units that still respond.""",
)
print("updates until the loss is halved:", dict(zip(weights.tolist(), halved.tolist(), strict=True)))
print("first-layer gradient, relative to factor 1:", [round(g / first_slope[0], 2) for g in first_slope])
print("share of saturated units:", [round(share, 2) for share in silent])
print(f"loss after 300 updates with factor 100: {after[-1] / after[0]:.1f} times that with factor 1")
ratios, lost = halved[1:] / halved[:-1], 1 - heights[1000, -1] / heights[0, -1]
assert np.all((ratios > 5) & (ratios < np.exp(2))), f"two units deeper should take 5 to 7.4 times as long, got {ratios}"
assert lost < 0.01, f"from -8 less than a percent of the loss should be gone after 1000 updates, {lost:.1%} is"
assert first_slope[-1] < 0.35 * first_slope[0], (
    f"saturation should shrink the first layer's gradient, got {first_slope}"
)
assert silent[-1] > 0.8, f"at factor 100 most units should be saturated, {silent[-1]:.0%} are"
assert after[-1] > 1.2 * after[0], f"saturated, the network should be behind after 300 updates, got {after}"
measured(
    "C7",
    f"one saturated unit: {lost:.2%} of the loss gone after 1000 updates from weight -8, and {ratios[-1]:.1f} times longer "
    f"than from -6 (e² = 7.4); network: {silent[-1]:.0%} of the units saturated, first gradient {first_slope[-1] / first_slope[0]:.2f}-fold",
)

# %% [markdown]
r"""
Each two units of saturation cost a factor that comes close to $e^2 = 7.4$: the time on a plateau is
*exponential* in the distance, where the time at a saddle was a logarithm. From a weight of -8 the loss changes
by less than a percent in the first thousand updates, and then collapses within a few hundred. "The
curve is flat, so it has converged" is a mistake that you now can name.

The network is luckier: its units saturate for *some* images, on the others they learn. At a factor of 100
nearly all units are silent for nearly all images, and training is behind. The choice of initial weights and activations
can avoid this.

## 7. Cliffs

The opposite danger. Stacked nonlinearities and recurrent networks make walls where the slope is huge over a
short stretch (Goodfellow et al., section 8.2.4). One gradient taken on the wall, times the usual rate, throws
the parameters far away. The gradient says how steep it is *here*; nobody promised that it stays so for a whole
step.

The remedy: **clip the norm**. If the gradient of all parameters taken together, $\|g\|$, is longer than a
threshold $v$ (`max_norm`), shorten it, and keep its direction (Pascanu et al., 2013; equations 10.48 and
10.49):

$$g \leftarrow \frac{v}{\|g\|}\, g \qquad\text{if } \|g\| > v.$$

### Exercise 6: `clip_by_norm` (4 points, 12 minutes, medium)

`grads` is a list of arrays of any shapes, one for each weight matrix and bias. $\|g\|$ is the length of the
vector of *all* their entries. Return a list of arrays of the same shapes. (`torch.nn.utils.clip_grad_norm_`
adds $10^{-6}$ to the norm, in case it is zero. You may: no gradient here is both long enough to be clipped and so short that it shows.)

<details><summary>Hint</summary>

First one number for the whole list: the root of the sum of all squares. Then one factor for every array. What
should the factor be if the gradient is short enough, or zero?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "clip-by-norm", "locked": false, "schema_version": 3, "solution": true}
def clip_by_norm(grads, max_norm):
    """Shorten a gradient to a norm of at most max_norm, keeping its direction. The inputs are not modified.

    grads : list of ndarrays, any shapes, which together make up the gradient
    max_norm : float > 0
    Returns a list of ndarrays, shapes as in grads.
    Source: Goodfellow et al. (2016), equations 10.48 and 10.49.
    """
    ### BEGIN SOLUTION
    norm = np.sqrt(sum(np.sum(grad**2) for grad in grads))
    scale = max_norm / norm if norm > max_norm else 1.0
    return [scale * grad for grad in grads]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "clip-by-norm-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(clip_by_norm)

# %% [markdown]
r"""
### Over the cliff

The cliff of section 1, rate 1.5: fine on the slope, where the rate could be 20. The minimum lies at the foot of
the wall.

**Predict.** How far does the worst step throw the plain walker? And where does the clipped one, with `max_norm`
0.1, end: in the minimum, or beside it?
"""


# %% tags=["experiment", "claim-C8"]
def clipped(theta, grad, lr, max_norm):
    """Take a step of descent along the clipped gradient."""
    return descend(theta, clip_by_norm([grad], max_norm)[0], lr)


cliff, steps = landscapes.cliff(), 80
walks = {
    "plain": (trace(descend, cliff, steps, lr=1.5), plots.VERMILLION, "o"),
    "clipped": (trace(clipped, cliff, steps, lr=1.5, max_norm=0.1), plots.BLUE, "s"),
}
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8))
along = np.linspace(-2.5, 20, 900)
left.plot(along, cliff(np.stack([along, 0 * along], axis=-1)), color=plots.GREY)
thrown, last = {}, {}
for name, (walk, color, marker) in walks.items():
    level = np.stack([walk[:, 0], 0 * walk[:, 0]], axis=-1)
    left.plot(walk[:, 0], cliff(level), marker, color=color, markersize=5, label=name)
    far = np.linalg.norm(walk - cliff.minimum, axis=1)
    right.semilogy(far, marker + "-", color=color, markersize=3.5, linewidth=1.2, label=name)
    thrown[name] = np.linalg.norm(np.diff(walk, axis=0), axis=1).max()
    last[name] = far[-20:].max()
left.set(title="From the wall you are thrown far up the slope", xlabel="θ₁ (at θ₂ = 0)", ylabel="loss")
left.legend()
right.set(title="Clipped, you arrive and stay", xlabel="update k", ylabel="distance from the minimum")
right.legend()
plots.show(
    fig,
    alt="""Left: the profile of the cliff; red dots of the plain walk reach far up the slope on the right, the clipped walk
stays near the foot. Right, logarithmic: the plain walk returns and is thrown out again and again, the clipped
one comes down once and stays.""",
)
for name in walks:
    print(f"{name}: longest step {thrown[name]:.2g}; farthest in the last 20 updates {last[name]:.2g}")

assert thrown["plain"] > 10 and last["plain"] > 10, (
    f"the plain walk should be thrown far again and again: {thrown}, {last}"
)
assert thrown["clipped"] < 0.1501, f"no clipped step is longer than rate · max_norm = 0.15, got {thrown['clipped']}"
assert last["clipped"] < 0.15, f"the clipped walk should stay near the minimum, it is {last['clipped']:.2f} away"

g = [part.cpu().numpy() for part in torch.autograd.grad(cross_entropy(net(x), y), list(net.parameters()))]
together = np.concatenate([part.ravel() for part in g])
ways = {
    "all together": clip_by_norm(g, 0.1),
    "each array on its own": [clip_by_norm([part], 0.1)[0] for part in g],
    "each entry on its own": [np.clip(part, -0.01, 0.01) for part in g],
}
turned = {}
for way, parts in ways.items():
    new = np.concatenate([part.ravel() for part in parts])
    cosine = new @ together / np.linalg.norm(new) / np.linalg.norm(together)
    turned[way] = np.degrees(np.arccos(min(1, cosine)))
    print(f"clipped {way}: turned by {turned[way]:.0f}°")
assert turned["all together"] < 0.1, f"clipped together the gradient should keep its direction, turned by {turned}"
assert min(turned["each array on its own"], turned["each entry on its own"]) > 5, f"otherwise it should turn: {turned}"
measured(
    "C8",
    f"longest step {thrown['plain']:.0f} without and {thrown['clipped']:.2f} with clipping to 0.1; farthest from the minimum "
    f"in the last 20 updates: {last['plain']:.0f} and {last['clipped']:.2f}",
)

# %% [markdown]
r"""
One gradient of the wall undoes the work of fifteen steps, and the game starts again. With clipping no step *can* be
longer than rate · `max_norm`, 0.15 here; that is an identity. What is not: it arrives. It stays 0.08 *beside* the minimum, because at the foot of the wall
the curvature makes rate 1.5 unstable: clipping caps the damage of a rate that is too large, it does not mend
the rate.

The last lines show why the norm is that of *all* arrays together: clipped array by array, or entry by entry
(which is also in use), the gradient is turned, and the step is no longer downhill as steeply as it could be.

## 8. Inexact gradients

A minibatch gives $g$ plus noise. Along a direction of curvature $h$ (`curvature`), descend with noise $\xi$ of
standard deviation $\sigma$ (`noise`), fresh at each step:

$$\theta \leftarrow \theta - \epsilon\,(h\theta + \xi) = (1 - \epsilon h)\,\theta - \epsilon\,\xi.$$

The pull inwards fades near the minimum, the noise does not. After many steps the *variance* $V$ of $\theta$ no
longer changes. (For independent $a$ and $b$, $\operatorname{var}(pa + qb) = p^2\operatorname{var} a +
q^2\operatorname{var} b$.)

### Exercise 7: `noise_radius` (3 points, 12 minutes, hard)

Return the standard deviation $\sqrt V$ of $\theta$ in the long run, as a float. The rate is stable: $0 <
\epsilon h < 2$. Do not approximate.

<details><summary>Hint</summary>

Take the variance of both sides of the update. In the long run it is $V$ on the left and on the right; solve for
$V$. For $h = \sigma = 1$ and $\epsilon = 1$ the walk forgets its past at each step: $\sqrt V = 1$.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "noise-radius", "locked": false, "schema_version": 3, "solution": true}
def noise_radius(lr, curvature, noise):
    """Return how far from the minimum SGD with a constant rate ends up, as a standard deviation.

    lr : float > 0 with lr * curvature < 2.  curvature : float > 0
    noise : float >= 0, standard deviation of the noise in the gradient
    Returns a float.
    """
    ### BEGIN SOLUTION
    kept = 1 - lr * curvature
    return noise * lr / np.sqrt(1 - kept**2)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "noise-radius-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(noise_radius)

# %% [markdown]
r"""
### The noise ball

Left: 2000 walkers with $h = \sigma = 1$, and your formula. Right: real minibatches. We predict from the ten
strongest principal components of the digits whether an image shows a zero (least squares; the components scaled
so that every curvature is 1), with minibatches of 16 images.

**Predict.** Both axes are logarithmic. What is the slope at small rates: 1, ½, or 2? And what happens near
$\epsilon = 2$?
"""

# %% tags=["experiment", "claim-C10"]
rng = np.random.default_rng(base_seed())
rates = np.array([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 1.5, 1.9])
crowd = landscapes.quadratic(hessian=[[1.0]])
ends = []
for lr in rates:
    steps = int(8 / min(lr, 2 - lr)) + 10
    shaken = trace(
        descend, crowd, steps, start=np.zeros((2000, 1)), lr=lr, gradient=lambda t: t + rng.normal(size=t.shape)
    )
    ends.append(shaken[-1].std())
images, labels = (part.cpu().numpy().astype(float) for part in data.train)
centred = images - images.mean(0)
features = np.linalg.svd(centred, full_matrices=False)[0][:, :10] * np.sqrt(len(images))  # mean square 1, uncorrelated
wanted = (labels == 0) - np.mean(labels == 0)
optimum = features.T @ wanted / len(images)  # the least squares solution, because the Hessian is the identity
small_rates = np.array([0.005, 0.01, 0.02, 0.05, 0.1, 0.2])
distances = []
for lr in small_rates:
    theta = np.tile(optimum, (100, 1))  # a hundred runs, started in the minimum
    squares = []
    for k in range(int(6 / lr)):
        pick = rng.integers(len(images), size=(100, 16))
        f, t = features[pick], wanted[pick]
        error = np.einsum("rbi,ri->rb", f, theta) - t
        theta = descend(theta, np.einsum("rb,rbi->ri", error, f) / 16, lr)
        if k > 3 / lr:
            squares.append(((theta - optimum) ** 2).sum(1).mean())
    distances.append(np.sqrt(np.mean(squares)))
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.7))
fine = np.geomspace(0.008, 1.985, 200)
left.loglog(fine, [noise_radius(lr, 1.0, 1.0) for lr in fine], color=plots.BLACK, label="your noise_radius")
left.loglog(rates, ends, "o", color=plots.VERMILLION, markersize=7, label="2000 walkers")
left.set(title="The ball grows like √ε, and bursts at 2/h", xlabel="learning rate ε", ylabel="standard deviation of θ")
left.legend()
slope, height = np.polyfit(np.log(small_rates), np.log(distances), 1)
right.loglog(small_rates, distances, "o", color=plots.BLUE, markersize=7, label="minibatches of 16")
right.loglog(small_rates, np.exp(height) * small_rates**slope, color=plots.BLACK, label=f"fitted slope {slope:.2f}")
right.set(title="Real minibatches do the same", xlabel="learning rate ε", ylabel="rms distance from the minimum")
right.set_yticks([0.01, 0.02, 0.05], ["0.01", "0.02", "0.05"])
right.minorticks_off()
right.legend()
plots.show(
    fig,
    alt="""Left: dots on the curve of the formula, straight at first, then bending up steeply at 2. Right: dots of real
minibatches on a straight line with slope of about one half.""",
)
gap = max(abs(end / noise_radius(lr, 1.0, 1.0) - 1) for end, lr in zip(ends, rates, strict=True))
toy_slope = np.polyfit(np.log(rates[:4]), np.log(ends[:4]), 1)[0]
print(f"slope at small rates: walkers {toy_slope:.2f}, minibatches {slope:.2f}; largest gap to the formula {gap:.0%}")
assert gap < 0.1, f"the walkers should keep to your formula, they are up to {gap:.0%} off"
assert abs(toy_slope - 0.5) < 0.06, (
    f"at small rates the ball should grow like the root of the rate: slope {toy_slope:.2f}"
)
assert 0.4 < slope < 0.65, f"with real minibatches the slope should be about one half, it is {slope:.2f}"
measured(
    "C10",
    f"radius against rate, log-log: slope {toy_slope:.2f} (walkers) and {slope:.2f} (minibatches), expected ½; "
    f"within {gap:.0%} of the formula",
)

# %% [markdown]
r"""
For small rates the formula becomes $\sigma\sqrt{\epsilon/2h}$: to end twice as close you need a quarter of the
rate, and four times the steps. Near $2/h$ the noise is amplified instead of forgotten. In a ravine, $h$ differs
by a factor $\kappa$ between directions, so SGD rattles most widely along the *flat* one. (The formula bends
upwards, and the noise of a minibatch grows with the distance from the minimum: both lift the fitted slope
slightly above ½.) [Chapter 4](../ch04_sgd_variants/momentum.ipynb) lets the rate fall.

## 9. What no local step can know

Descent knows its surroundings only. *Where* it ends was decided by where it started.

**Predict.** Four basins, 160 × 160 starts. (a) Does every walk end in the minimum that is nearest to its start?
(b) Now a rate nine times larger: will the map look the same, only sooner? (c) In the spiral on the right the
minimum is 2 away from the start. How long is the way that goes downhill at every step?
"""

# %% tags=["experiment", "claim-C11"]
hills = landscapes.himmelblau()
minima = np.array([(3, 2), (-2.805118, 3.131313), (-3.779310, -3.283186), (3.584428, -1.848127)])
axis = np.linspace(-5, 5, 160)
starts = np.stack(np.meshgrid(axis, axis), axis=-1)


def nearest(points):
    """Return the index of the nearest minimum, 4 for points that are nowhere near any."""
    distance = np.linalg.norm(points[..., None, :] - minima, axis=-1)
    return np.where(distance.min(-1) < 8, distance.argmin(-1), 4)


maps = {}
for lr in (0.002, 0.018):
    theta = starts
    for _ in range(int(3 / lr)):
        theta = descend(theta, hills.gradient(theta), lr)
        theta = np.clip(theta, -1e3, 1e3)  # what has diverged stays away
    maps[lr] = nearest(theta)
groove = landscapes.spiral()
down = trace(descend, groove, 5000, start=[2.0, 0.0], lr=0.02)
way, straight = np.linalg.norm(np.diff(down, axis=0), axis=1).sum(), np.linalg.norm(down[0] - down[-1])
colors = [plots.BLUE, plots.ORANGE, plots.GREEN, plots.PURPLE, "white"]
fig, axes = plt.subplots(1, 3, figsize=(10.5, 3.7))
for ax, basin in zip(axes, maps.values(), strict=False):
    painted = np.array([plt.matplotlib.colors.to_rgb(color) for color in colors])[basin]
    ax.imshow(painted, extent=(-5, 5, -5, 5), origin="lower", alpha=0.75)
    ax.plot(*minima.T, "*", color=plots.BLACK, markersize=11)
    ax.set(xlabel="θ₁ of the start", ylabel="θ₂ of the start")
    ax.grid(False)
axes[0].set_title("Rate 0.002: four basins")
axes[1].set_title("Rate 0.018: foreign islands")
plots.contours(axes[2], groove, levels=groove.levels[::2])
axes[2].plot(*down.T, color=plots.VERMILLION)
axes[2].plot(*down[0], "o", color=plots.VERMILLION, markersize=8)
axes[2].set(title=f"{straight:.0f} as the crow flies, {way:.0f} downhill", aspect="equal")
plots.show(
    fig,
    alt="""Left, starts coloured by where they end: four areas with smooth borders, nearly those of the nearest minimum.
Middle, a rate nine times larger: islands of foreign colours along the edges. Right: the way winds two times
round the centre.""",
)
at_border = np.argmax(np.diff(maps[0.002][120]) != 0)  # the row of starts at θ₂ = 2.5
pair = starts[120, at_border : at_border + 2]
parted = np.linalg.norm(np.diff(minima[maps[0.002][120, at_border : at_border + 2]], axis=0))
print(f"two starts {np.linalg.norm(pair[1] - pair[0]):.2f} apart end {parted:.1f} apart")
elsewhere = np.mean(maps[0.002] != nearest(starts))
print(f"rate 0.002: {elsewhere:.0%} of the walks end in another minimum than the nearest")
print(f"rate 0.018: {np.mean(maps[0.018] != maps[0.002]):.0%} of the starts end elsewhere than with 0.002")
print(f"spiral: {straight:.1f} as the crow flies, {way:.1f} on the way")
assert parted > 5, f"two neighbours should end far apart, they end {parted:.1f} apart"
assert (maps[0.002] < 4).all(), "with the small rate every walk should reach a minimum"
assert straight < 2.1 and way > 12, f"the way should be long for the distance: {way:.1f} for {straight:.1f}"
assert np.all(np.diff(groove(down)) <= 0), "on the spiral the loss should never rise"
measured(
    "C11",
    f"two starts {np.linalg.norm(pair[1] - pair[0]):.2f} apart end {parted:.1f} apart; the spiral's downhill way is {way:.1f} "
    f"long for a distance of {straight:.1f}",
)

# %% [markdown]
r"""
With a small rate the map has clean borders: two starts a sixteenth apart part for ever. If one of the four were
the best, three quarters of the starts would miss it, and no step on the way would tell. With a large rate the
first leap may cross a border, so the map depends on the rate as well. And on the spiral nothing is wrong at any
point: no saddle, no plateau, no second minimum; downhill simply is not the direction of the goal (Goodfellow et
al., section 8.2.7). Two remedies: start in a good place, or move in longer leaps than the gradient
can vouch for.

## 10. Reflection (4 points, 10 minutes)

You train a network without minibatches, with a constant rate of 0.02. For 2000 updates the loss has hardly
changed. A colleague looks at the curve and says: "It is stuck in a local minimum." You measure: the norm of the
gradient is 0.8, not smaller than at the start; $\lambda_{\max}$ hovers around 100; and the smallest eigenvalue that you
find is $-0.5$.

**In three to five sentences:** say which of this notebook's difficulties the numbers rule out, which one they
speak for and why, what the walk looks like, and what you would try.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "curvature-reflection", "locked": false, "points": 4, "schema_version": 3, "solution": true}
r"""
**Model answer.** At a minimum, at a saddle or on a plateau the gradient would be small; a norm of 0.8 rules
them out (and a negative eigenvalue would rule out a minimum anyway). The rate times the largest curvature hovers
around 0.02 · 100 = 2, the bound: along the steepest direction each step multiplies the error by about
-1, so the swings neither die nor blow up, the walk zigzags across a ravine, and the gradient that we measure points
mostly across it. That is ill-conditioning (on the edge of stability), and the progress along the floor is slow. I would lower the rate a
little to calm the swings, or better use momentum or a preconditioner, because a smaller rate makes the crawl
along the floor slower still.

**Marking scheme.** 1 point: the gradient is not small, so it is no critical point and no plateau (or: the
negative eigenvalue excludes a minimum). 1 point: compares the rate with $2/\lambda_{\max} \approx 0.02$, or
the step's two terms. 1 point: zigzag across a ravine, the gradient points across. 1 point: a sensible remedy
with its reason (momentum, preconditioning, a decaying rate; not "restart elsewhere").
"""

# %% [markdown]
r"""
## What to remember

1. Descent is stable below $2/\lambda_{\max}$ and shrinks the error by $(\kappa-1)/(\kappa+1)$ per step at best;
   the best rate zigzags.
2. A step helps while $\tfrac12\epsilon^2 g^\top Hg < \epsilon g^\top g$. Minibatch gradients that stay long are mostly
   noise: look at the full gradient beside them.
3. Eigenvalues of the Hessian tell minima from saddles, the axes do not; a Hessian drawn at random is almost surely a
   saddle's in high dimension.
4. A saddle costs $\ln(1/\text{start})/(\epsilon c)$ steps, momentum or not at equal effective rates; a plateau $e^{|z|}$; at a cliff clip the norm of the
   whole gradient.
5. Constant rate and noise: a ball of radius about $\sigma\sqrt{\epsilon/2h}$. And the start decides the end.

## Further reading

- I. Goodfellow, Y. Bengio, A. Courville (2016). *Deep Learning*. MIT Press. Sections 4.3.1, 8.2 and 10.11.1.
- Y. Dauphin et al. (2014). Identifying and attacking the saddle point problem in high-dimensional non-convex
  optimization. *NeurIPS* 27.
- D. S. Dean, S. N. Majumdar (2006). Large deviations of extreme eigenvalues of random matrices. *Physical
  Review Letters* 97, 160201.
- A. J. Bray, D. S. Dean (2007). Statistics of critical points of Gaussian fields on large-dimensional spaces.
  *Physical Review Letters* 98, 150201.
- R. Pascanu, T. Mikolov, Y. Bengio (2013). On the difficulty of training recurrent neural networks. *ICML*,
  PMLR 28(3), 1310–1318.
- L. Sagun et al. (2018). Empirical analysis of the Hessian of over-parametrized neural networks. *ICLR
  workshop*.
- J. Cohen et al. (2021). Gradient descent on neural networks typically occurs at the edge of stability. *ICLR*.
- S. S. Du et al. (2017). Gradient descent can take exponential time to escape saddle points. *NeurIPS* 30.
"""
