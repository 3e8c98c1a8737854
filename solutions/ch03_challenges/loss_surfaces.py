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
# Loss surfaces

When you have worked through this notebook you can

- name two symmetries that give every network an enormous number of twins, and say what they do and do not prove
  about convexity,
- measure the barrier between two trained networks, and remove most of it,
- predict from one number whether a gradient survives fifty time steps,
- draw an honest slice through a loss in thousands of dimensions, and read what skip connections do to it,
- say where gradient descent cannot help at all, and why more units often can.

About 130 minutes, 25 points. Goodfellow et al. (2016), *Deep Learning*, sections 8.2.2, 8.2.5 to 8.2.8 and 10.7.
From the first part of this chapter you need the Hessian and its eigenvalues.

**How it goes.** You write seven short functions. Below each one, `check(...)` tells you at once whether it is
right. The experiments then run *your* functions. Before an experiment you are asked to predict; do so, in
writing, before you run it.

**What an answer owes.** Arrays hold floats where the text of the function does not say otherwise. Leave the arrays
that you are given as they are: an answer that writes into one gets no points, however right its numbers. Return
NumPy arrays and plain numbers; `check` also takes lists, torch tensors, and `3.0` for `3`, but the experiments
reckon with what the text says.
"""

# %%
from itertools import pairwise, product
from math import lgamma, log

import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

from utils import players, plots, surfaces
from utils.check import check
from utils.claims import base_seed, measured, seeds, spread
from utils.data import digits
from utils.device import best_device, seed_everything
from utils.models import HardThreshold, deep_mlp, mlp, rnn_states
from utils.training import grid, sweep

seed_everything(base_seed())
device = best_device()
torch.set_num_threads(1)  # for networks as small as ours, threads mostly wait for each other
plots.style()

# %% [markdown]
r"""
## 1. Two trainings, two places

Train one architecture twice, from two random starts. Both times it learns to read digits. Did it find the same
solution twice?

The network has 64 inputs, 32 tanh units and 10 outputs. Each hidden unit has one weight a pixel, so its weights
are a picture: blue pushes the unit up, red pulls it down.

**Predict.** The two training losses will be close. Will unit 1 of the first network look like unit 1 of the
second? And how far apart are the two points in parameter space, measured in units of their distance from zero?
"""

# %% tags=["experiment"]
data = digits(device=device)
precise = data.x_train.double(), data.y_train  # float64, so that "equal" can mean equal to rounding


def train_networks(width, number):
    """Train 64-width-10 tanh networks from as many seeds; return a float64 model and their points, one a row."""
    setting = {"optimizer": torch.optim.Adam, "steps": 400, "batch_size": 64}
    settings = grid(lr=3e-3, seed=seeds(number))
    runs = sweep(lambda seed: mlp((64, width, 10), "tanh", seed), data.train, settings, **setting)
    return mlp((64, width, 10), "tanh", device=device).double(), surfaces.to_point(runs.parameters).double()


model, (first, second) = train_networks(32, 2)
pictures = [surfaces.to_arrays(model, point)[0] for point in (first, second)]
fig, axes = plt.subplots(2, 10, figsize=(10, 2.7))
for row, (weights, name) in enumerate(zip(pictures, ("first", "second"), strict=True)):
    for unit, ax in enumerate(axes[row]):
        limit = np.abs(weights[unit]).max()
        ax.imshow(weights[unit].reshape(8, 8), cmap="RdBu", vmin=-limit, vmax=limit)
        ax.set(xticks=[], yticks=[], title=f"unit {unit + 1}" if row == 0 else "")
        ax.title.set_fontweight("normal")
    axes[row, 0].set_ylabel(name)
fig.suptitle("About equally good, and no unit looks like its namesake", fontweight="bold")
plots.show(
    fig,
    alt="""Two rows of ten small pictures in blue and red, the incoming weights of the first ten hidden units; nothing in
the upper row resembles what stands below it.""",
)
heights = surfaces.losses_at(model, precise, torch.stack([first, second]))
apart = ((first - second).norm() / first.norm()).item()
print(f"training losses {heights[0]:.1f} and {heights[1]:.1f}; distance {apart:.1f} times the norm of the first")

# %% [markdown]
r"""
Some one and a half norms apart: the two vectors are nearly at right angles, like two random ones. (Both were trained
with Adam, which [chapter 4](../ch04_sgd_variants/adaptive_rates.ipynb) explains; here it is only a tool.) Before you call them different solutions, look at what
*cannot* make a difference.

### Twins

Write the network as $\hat y = W_2 \tanh(W_1 x + b_1) + b_2$. The hidden units are added up, and a sum does not
care about order. Put the units into another order, moving each unit's *incoming* weights, its bias and its
*outgoing* weights together, and you have another point in parameter space with the very same outputs.

### Exercise 1: `permute_units` (3 points, 8 minutes, easy)

As in torch, `W1` has a row for each hidden unit, and `W2` has a row for each output. `order` holds each index
once. The new unit `i` is the old unit `order[i]`. Return the new `W1`, `b1`, `W2`.

<details><summary>Hint</summary>

Mark one unit with a pencil. In which row of `W1`, in which entry of `b1`, and in which *column or row* of `W2` do
its numbers stand?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "permute-units", "locked": false, "schema_version": 3, "solution": true}
def permute_units(W1, b1, W2, order):
    """Put the hidden units of a two-layer network into another order. The inputs are not modified.

    W1 : ndarray, shape (hidden, inputs).  b1 : ndarray, shape (hidden,).  W2 : ndarray, shape (outputs, hidden)
    order : int ndarray, shape (hidden,), a permutation; new unit i is old unit order[i]
    Returns the new W1, b1, W2, same shapes.
    Source: Goodfellow et al. (2016), section 8.2.2, weight space symmetry.
    """
    ### BEGIN SOLUTION
    return W1[order], b1[order], W2[:, order]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "permute-units-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(permute_units)

# %% [markdown]
r"""
A second symmetry belongs to tanh. It is odd: $\tanh(-z) = -\tanh(z)$. So you may turn a unit upside down, if
whoever listens to it turns round, too.

### Exercise 2: `flip_signs` (2 points, 6 minutes, easy)

`signs` holds +1 or -1 for each hidden unit; -1 means that this unit is to be turned over. Return the new `W1`,
`b1`, `W2` with the same outputs under tanh.

<details><summary>Hint</summary>

Three things belong to a unit: a row, an entry, a column. NumPy multiplies an array of shape `(hidden,)` along
the *last* axis; `signs[:, None]` is a column.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "flip-signs", "locked": false, "schema_version": 3, "solution": true}
def flip_signs(W1, b1, W2, signs):
    """Turn hidden tanh units over without changing what the network computes. The inputs are not modified.

    W1 : ndarray, shape (hidden, inputs).  b1 : ndarray, shape (hidden,).  W2 : ndarray, shape (outputs, hidden)
    signs : ndarray, shape (hidden,), entries 1.0 or -1.0
    Returns the new W1, b1, W2, same shapes.
    """
    ### BEGIN SOLUTION
    return signs[:, None] * W1, signs * b1, W2 * signs
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "flip-signs-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(flip_signs)

# %% [markdown]
r"""
### One function, how many points?

With $n$ hidden units there are $n!$ orders and $2^n$ patterns of signs: $n!\,2^n$ twins in all, each exactly as
good as the others. Now look at a plane through three of them: a network, its twin in another order, and its twin
with half of the units turned over.

**Predict.** How many powers of ten are $32!\cdot 2^{32}$? And what lies *between* two twins: more solutions or a
hill?
"""

# %% tags=["experiment", "claim-C3"]
rng = np.random.default_rng(base_seed())
W1, b1, W2, b2 = surfaces.to_arrays(model, first)
half = np.where(rng.permutation(32) < 16, -1.0, 1.0)
twins = {
    "network": first,
    "other order": surfaces.to_point([*permute_units(W1, b1, W2, rng.permutation(32)), b2]).to(device),
    "half flipped": surfaces.to_point([*flip_signs(W1, b1, W2, half), b2]).to(device),
}


def outputs_at(point):
    """Return the logits of the tanh network at a point, for all digits to learn from."""
    with torch.no_grad():
        parts = dict(zip(dict(model.named_parameters()), surfaces.to_arrays(model, point), strict=True))
        tensors = {name: torch.as_tensor(part, device=device) for name, part in parts.items()}
        return torch.func.functional_call(model, tensors, (precise[0],))


logits = {name: outputs_at(point) for name, point in twins.items()}
scale = logits["network"].abs().max()
differ = max(((part - logits["network"]).abs().max() / scale).item() for part in logits.values())
digits_of_count = (lgamma(33) + 32 * log(2)) / log(10)
centers = torch.stack([(first + twins[name]) / 2 for name in ("other order", "half flipped")])
base, *middle = surfaces.losses_at(model, precise, torch.cat([first[None], centers]))

right, up, corners = surfaces.plane_through(*twins.values())
size = corners.max()
u, v = np.linspace(-0.3 * size, 1.3 * size, 33), np.linspace(-0.4 * size, 1.2 * size, 33)
where = (
    first + torch.tensor(u, device=device)[None, :, None] * right + torch.tensor(v, device=device)[:, None, None] * up
)
surface = surfaces.losses_at(model, precise, where)
fig, ax = plt.subplots(figsize=(7.2, 4.7))
levels = np.geomspace(0.04, 1.0, 17)
filled = ax.contourf(u, v, surface, levels, cmap="viridis", norm="log", extend="max")
for (x, y), name in zip(corners, twins, strict=True):
    ax.plot(x, y, "*", color="white", markersize=15, markeredgecolor="black")
    ax.annotate(
        name, (x, y), xytext=(0, -19), textcoords="offset points", color="white", ha="center", fontweight="bold"
    )
ax.set(title="Three twins, one function, and a hill between them", aspect="equal")
ax.set(xlabel="distance along the plane", ylabel="distance along the plane")
fig.colorbar(filled, label="training loss", ticks=[0.05, 0.1, 0.2, 0.5, 1]).ax.set_yticklabels(
    ["0.05", "0.1", "0.2", "0.5", "1"]
)
ax.grid(False)
plots.show(
    fig,
    alt="""A contour map of the plane through three stars; each star sits in a dark hollow, and brighter ground separates
the hollows; at the midpoints the loss is several times as high as at the stars.""",
)
print(f"32! · 2³² has {int(digits_of_count) + 1} digits")
print(f"largest relative change of an output below 1e-12: {differ < 1e-12}")
print(f"loss of the twins {base:.1f}, half-way between two of them {min(middle):.1f}")
assert differ < 1e-12, f"twins should give the same outputs (in float64 to 1e-12), the difference is {differ:.1e}"
assert min(middle) > 2 * base, (
    f"half-way the loss should be at least twice as high: {min(middle):.2f} against {base:.2f}"
)
for name in ("other order", "half flipped"):
    distance = (first - twins[name]).norm() / first.norm()
    assert distance > 0.5, f"the twin in {name} should lie far from the network, it is {distance:.2f} norms away"

# %% [markdown]
r"""
The twins are the same function to rounding, each on the slope of a hollow of its own. (On the slope, because training
stopped early; the loss goes on falling outwards, as it does for any classifier that grows more certain.) So "how
many solutions are there?" is not an interesting question: wherever training ends, there are some $10^{45}$ equally
good points, and *any* of them will do. (Goodfellow et al., section 8.2.2.)

## 2. The hill between

A name for that hill. Walk in a straight line from one network to another and record the losses
$J_0, J_1, \dots, J_m$ at equal distances. Draw the chord from $J_0$ to $J_m$. The **barrier** is by how much the
loss rises above this chord at most:

$$B = \max_k \Big[ J_k - \big((1-s_k)\,J_0 + s_k\,J_m\big) \Big],\qquad s_k = k/m.$$

A convex function lies below all of its chords; so if $J$ is convex, $B = 0$ between any two points. A single
barrier above zero proves that $J$ is *not* convex. (Frankle et al., 2020, with the chord as in Entezari et al.,
2022.)

### Exercise 3: `barrier` (3 points, 8 minutes, easy)

`losses` holds the losses at equally spaced points of the line, both ends included. Return the barrier as a float.

<details><summary>Hint</summary>

`np.linspace(0, 1, len(losses))` gives the $s_k$. At both ends the bracket is zero, so the answer is never
negative.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "barrier", "locked": false, "schema_version": 3, "solution": true}
def barrier(losses):
    """Return by how much the loss rises above its chord at most. The input is not modified.

    losses : ndarray, shape (m + 1,), m >= 1, at equally spaced points of a line, the first and the last are its ends
    Returns a float >= 0.
    Source: Entezari et al. (2022), section 2, on a grid.
    """
    ### BEGIN SOLUTION
    shares = np.linspace(0, 1, len(losses))
    chord = (1 - shares) * losses[0] + shares * losses[-1]
    return np.max(losses - chord)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "barrier-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(barrier)

# %% [markdown]
r"""
### A common version that is wrong

"The cost function of deep learning is not convex (i.e. there are many equal global minima)", proved by swapping two
hidden units, is a common version of the argument. The first half is true. The "i.e." is not: the *number* of
equal minima says nothing. A constant function is convex, and every point of it is a minimum.

Two losses that fit one number, each with two weights, so that you can see all of them:
$J = (w_1 + w_2 - 1)^2$, a linear model with more weights than data, and $J = (w_1 w_2 - 1)^2$, the smallest deep
network: two layers of one linear unit each.

**Predict.** Each has infinitely many minima. Which of the two is convex? Take two minima of each and walk from one
to the other: what is the barrier?
"""

# %% tags=["experiment", "claim-C3"]
w1, w2 = np.meshgrid(np.linspace(-2.5, 2.5, 121), np.linspace(-2.5, 2.5, 121))
shares = np.linspace(0, 1, 101)
cases = {
    "wide, linear": (lambda a, b: (a + b - 1) ** 2, [(-1, 2), (2, -1)], "Convex: the minima are one line"),
    "deep": (lambda a, b: (a * b - 1) ** 2, [(0.5, 2), (-0.5, -2)], "Not convex: two separate branches"),
}
fig, axes = plt.subplots(1, 3, figsize=(12.5, 3.8), width_ratios=[1, 1, 1.1])
rise = {}
for ax, (name, (loss, ends, title)), color in zip(axes, cases.items(), (plots.BLUE, plots.VERMILLION), strict=False):
    ax.contourf(w1, w2, loss(w1, w2), [0, 0.02, 0.1, 0.3, 0.7, 1.5, 3, 6, 12], cmap="viridis", extend="max")
    path = np.array(ends[0]) + shares[:, None] * np.subtract(ends[1], ends[0])
    ax.plot(*path.T, "w--")
    ax.plot(*np.array(ends, dtype=float).T, "*", color="white", markersize=15, markeredgecolor="black")
    ax.set(title=title, xlabel="w₁", ylabel="w₂", aspect="equal")
    ax.grid(False)
    along = loss(*path.T)
    rise[name] = barrier(along)
    axes[2].plot(shares, along, color=color, label=f"{name}: barrier {rise[name]:.2f}")
axes[2].set(title="The hill is the proof, not the number", xlabel="share of the way s", ylabel="loss")
axes[2].set_ylim(-0.05, 1.4)
axes[2].legend(loc="upper center")
plots.show(
    fig,
    alt="""Left, parallel straight contours round a straight line of minima; middle, two curved branches of minima with a
saddle between them; right, the losses along the dashed lines: flat zero, and a hill of height 1.""",
)

# and in size: 20 examples, 500 weights, least squares; two of its infinitely many minima, found from two starts
inputs, targets = rng.normal(size=(20, 500)), rng.normal(size=20)
starts = 3 * rng.normal(size=(2, 500))
minima = starts - (np.linalg.pinv(inputs) @ (inputs @ starts.T - targets[:, None])).T
walk = minima[0] + shares[:, None] * (minima[1] - minima[0])
flat = barrier(((walk @ inputs.T - targets) ** 2).mean(axis=1))
far = np.linalg.norm(minima[0] - minima[1])
print(f"least squares with 500 weights, two minima {far:.0f} apart: barrier below 1e-20: {flat < 1e-20}")
measured(
    "C3",
    f"outputs of twins differ by less than 1e-12: {differ < 1e-12}; loss {base:.1f}, half-way {min(middle):.1f} (expected: "
    f"higher); barrier between two equal minima: least squares {abs(flat):.2f}, (w₁w₂ - 1)² {rise['deep']:.2f} (expected: 0, 1)",
)
assert flat < 1e-20 and far > 50, (
    f"two minima of least squares should lie far apart on flat ground, got {flat} at {far:.0f}"
)
assert rise["wide, linear"] < 1e-12, f"a convex loss should have no barrier, got {rise['wide, linear']}"
assert rise["deep"] > 0.99, f"between the two branches the barrier should be 1, got {rise['deep']:.2f}"

# %% [markdown]
r"""
Equal minima prove non-convexity only if they are *separated*: the minima of a convex function form one convex set,
so between two of them it is flat. What that argument lacks is the hill, and you have just measured it.

### Can the hill be removed?

Now the two networks from section 1, which *are* different. But perhaps they are different only in the way that
twins are: unit 7 of one does what unit 19 of the other does, upside down. Look for the best match: compare every
unit of the first network with every unit of the second (incoming weights, bias, outgoing weights) and pair
them so that they agree as well as possible, a classical assignment problem. Then let *your* functions rearrange the
second network, and walk to it. The idea is from Ainsworth et al. (2023); we use its simplest form.

Ten pairs of networks for each width, twenty seeds, so that no single pair decides.

**Predict.** Rearranging does not change the second network's function at all. Does it change the barrier? And is
the barrier higher or lower in wider networks?
"""

# %% tags=["experiment", "nbval-ignore-output"]
shares = np.linspace(0, 1, 25)


def matched(target, other):
    """Rearrange and flip the hidden units of `other` so that they resemble those of `target`; both lists of arrays."""
    features = [np.column_stack([W1, b1, W2.T]) for W1, b1, W2, _ in (target, other)]
    similarity = features[0] @ features[1].T
    rows, order = linear_sum_assignment(np.abs(similarity), maximize=True)
    turned = flip_signs(*permute_units(*other[:3], order), np.sign(similarity[rows, order]))
    return [*turned, other[3]]


def walks(width):
    """Return the losses along ten walks between two trained networks, as they are and matched, shape (10, 25) each."""
    model, points = train_networks(width, 20)
    losses = {"as trained": [], "matched": []}
    for start, end in points.view(10, 2, -1):
        near = surfaces.to_point(matched(surfaces.to_arrays(model, start), surfaces.to_arrays(model, end))).to(device)
        for name, point in (("as trained", end), ("matched", near)):
            losses[name].append(surfaces.losses_at(model, precise, surfaces.line(start, point, shares)))
    return {name: np.array(along) for name, along in losses.items()}


widths = [4, 8, 16, 32, 64, 128]
results = {width: walks(width) for width in widths}
hills = {(w, name): np.array([barrier(a) for a in along]) for w in widths for name, along in results[w].items()}
looks = {"as trained": (plots.VERMILLION, "s"), "matched": (plots.GREEN, "o")}


def draw_walk(ax, width):
    """Draw the two walks between the first pair of networks of one width."""
    for name, along in results[width].items():
        color, marker = looks[name]
        label = f"{name}: barrier {hills[width, name][0]:.2f}"
        ax.semilogy(shares, along[0], color=color, marker=marker, markevery=4, label=label)
    ax.set(ylim=(0.03, 5), xlabel="share of the way s", ylabel="training loss")
    ax.legend(loc="upper center")


fig, ax = plt.subplots(figsize=(6.6, 3.7))
for name, (color, marker) in looks.items():
    each = np.array([hills[width, name] for width in widths]).T
    ax.loglog(widths, np.median(each, axis=0), color=color, marker=marker, label=f"{name}: median of 10 pairs, range")
    ax.fill_between(widths, each.min(axis=0), each.max(axis=0), color=color, alpha=0.18, linewidth=0)
ax.set(title="Matching the units removes most of the hill", xlabel="hidden units", ylabel="barrier (training loss)")
ax.set_xticks(widths, [str(width) for width in widths])
ax.minorticks_off()
ax.legend(loc="lower left")
plots.show(
    fig,
    alt="""Barrier against width on log-log axes, with bands: matched lies below as trained at every width, and from 8
units on both fall to the right. Then a slider over the widths, one pair of networks each: two walks, a hill and
a lower line beneath it.""",
)
ratios = {width: hills[width, "as trained"] / hills[width, "matched"] for width in widths}
for width in widths:
    print(f"width {width:3}: barrier as trained over matched {spread(ratios[width], '.0f').replace('seeds', 'pairs')}")
for width in widths:
    assert ratios[width].min() > 1, f"width {width}: matching should lower the barrier of every pair: {ratios[width]}"
assert np.median(ratios[32]) > 5 and np.median(ratios[128]) > 8, f"matching should remove most of the hill: {ratios}"
for name in looks:
    low, high = np.median(hills[128, name]), np.median(hills[16, name])
    assert low < 0.6 * high, (
        f"{name}: the barrier should be lower with 128 units than with 16, got {low:.2f} and {high:.2f}"
    )
players.flipbook(draw_walk, widths, label="width", title="One pair: a hill, and what matching leaves of it", seconds=5)

# %% [markdown]
r"""
The second network computes the same before and after. Yet in one order a mountain stands between the two, and in
another far less: about a third of the barrier with 4 units, a twentieth with 128. So in wide networks most of the
hill came from the order and the signs of the units. With few units a hill remains: there, few units find a partner.
(tanh networks with one hidden layer; "much lower" is not "the same solution".)

## 3. Most minima are about as good

Is it bad luck to be caught in a bad local minimum? Experts suspect most minima to be low. You can ask 20 networks.
Each starts from its own random weights and learns 400 digits with a rate that falls to 1 %, for 800 updates. (More
updates make all losses smaller still: with cross-entropy, training never quite stops.)

**Predict.** With 3, 12 and 48 hidden units: how does the *spread* of the 20 final losses change, from the best to the
worst as a difference? And as a ratio?
"""

# %% tags=["experiment", "claim-C12", "nbval-ignore-output"]
few = data.x_train[:400], data.y_train[:400]
crowd_widths, units = [3, 12, 48], {"relu": plots.ORANGE, "tanh": plots.BLUE}


def crowd(width, activation):
    """Train 20 networks from 20 random starts, with a rate that decays to 1 %; return what was recorded."""
    setting = {"optimizer": torch.optim.Adam, "steps": 800, "batch_size": 100}
    return sweep(
        lambda seed: mlp((64, width, 10), activation, seed),
        few,
        grid(lr=1e-2, seed=seeds(20)),
        schedule=lambda k, lr: lr * (1 - 0.99 * k / 800),
        **setting,
    )


runs = {(kind, width): crowd(width, kind) for kind in units for width in crowd_widths}
ends = {key: history.eval_loss[:, -1] for key, history in runs.items()}
weight, bias = (runs["relu", 3].parameters[name] for name in ("0.weight", "0.bias"))
inputs_to_units = torch.einsum("shi,ni->shn", weight, few[0]) + bias[..., None]
dead = (inputs_to_units <= 0).all(-1).sum(-1).cpu().numpy()  # units of each network that are off for every digit
fig, ax = plt.subplots(figsize=(7.6, 4.4))
jitter = np.random.default_rng(base_seed()).uniform(-0.14, 0.14, 20)
for kind, color in units.items():
    shift = -0.2 if kind == "relu" else 0.2
    for position, width in enumerate(crowd_widths):
        label = {"relu": "ReLU", "tanh": "tanh"}[kind] if position == 0 else None
        marker = "o" if kind == "relu" else "^"
        ax.plot(position + shift + jitter, ends[kind, width], marker, color=color, alpha=0.6, label=label)
for number in np.unique(dead):
    ax.text(-0.4, np.median(ends["relu", 3][dead == number]), f"{number} dead", ha="right", va="center")
ax.set(yscale="log", xlim=(-0.9, 2.5), title="Narrow ReLU networks end anywhere, wide networks all end near zero")
ax.set(ylabel="final training loss, 20 starts each", xlabel="hidden units")
ax.set_xticks(range(len(crowd_widths)), [str(width) for width in crowd_widths])
ax.legend()
plots.show(
    fig,
    alt="""Dots on a log axis: with 3 ReLU units the 20 losses spread from about 0.4 to above 1.5, higher with more dead
units; those of 3 tanh units lie closer together; with 48 units all are below 0.01.""",
)
gap = {key: np.ptp(losses) for key, losses in ends.items()}
ratio = {key: losses.max() / losses.min() for key, losses in ends.items()}
for kind in units:
    for width in crowd_widths:
        print(f"{kind}, {width:2} units: {spread(ends[kind, width], '.2g')}; worst / best {ratio[kind, width]:.1f}")
measured(
    "C12",
    f"final losses, ReLU: {spread(ends['relu', 3], '.2g')} with 3 units, {spread(ends['relu', 48], '.2g')} with 48; tanh: "
    f"{spread(ends['tanh', 3], '.2g')} and {spread(ends['tanh', 48], '.2g')}",
)
assert gap["relu", 3] > 0.4, f"3 ReLU units should end at very different losses, they lie {gap['relu', 3]:.2f} apart"
for kind in units:
    wide = ends[kind, 48]
    assert wide.max() < 0.02, f"all wide {kind} networks should end near zero, the worst has {wide.max():.3f}"
    assert gap[kind, 48] < 0.05 * gap[kind, 3], f"{kind}: with 48 units the losses should lie far closer, got {gap}"
assert ratio["relu", 3] > 1.5 * ratio["tanh", 3], f"3 ReLU units should spread more than 3 tanh units, got {ratio}"

# %% [markdown]
r"""
As a *difference* the suspicion is right for wide networks: whatever the start, the loss ends near zero. (The same
*loss*, not the same place.) As a *ratio* it is not so clear: the worst of 48 ReLU units still has about one and a half
times the loss of the best, as much as 3 tanh units. For narrow ReLU networks a start can be plain bad luck, and the
labels show what kind. A **dead** unit is off for every digit; it has no gradient and stays off. Of three units you can
spare none; with all three dead, the network guesses, and its loss is $\ln 10 = 2.3$. tanh is never quite off. So "all
minima are about as good" is a statement about *large* networks and about the loss. And to be exact: we compare where
training ends, not proven minima.

## 4. Long-term dependencies

A recurrent network applies the same matrix at every time step. Without inputs and nonlinearity the state is
$h_t = W^t h_0$, and if $W = V \operatorname{diag}(\lambda)\, V^{-1}$, then

$$W^t = V \operatorname{diag}(\lambda)^t\, V^{-1}.$$

An eigenvalue of magnitude below 1 dies out, one above 1 explodes. The same power governs the gradient, because
$\partial h_t/\partial h_0 = W^t$. (Goodfellow et al., sections 8.2.5 and 10.7.) The largest $|\lambda|$ is the
**spectral radius** $\rho$. To say how large a *matrix* is we use its **spectral norm**, the largest factor by which
it can stretch a vector, `np.linalg.norm(A, 2)`.

### Exercise 4: `rnn_gradient_norms` (3 points, 10 minutes, medium)

Return the spectral norms of $W^1, W^2, \dots, W^{\text{steps}}$: matrix powers, $W^2 = WW$.

<details><summary>Hint</summary>

Keep the last power and multiply it by $W$ once more. `**` works entry by entry, `@` multiplies matrices.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "rnn-gradient-norms", "locked": false, "schema_version": 3, "solution": true}
def rnn_gradient_norms(W, steps):
    """Return how much the gradient of a linear recurrent network can grow over 1, 2, ..., steps time steps.

    W is not modified.
    W : ndarray, shape (n, n).  steps : int >= 1
    Returns an ndarray, shape (steps,): the spectral norm of W to the power t at index t - 1.
    Source: Goodfellow et al. (2016), section 8.2.5.
    """
    ### BEGIN SOLUTION
    power, norms = np.eye(len(W)), []
    for _ in range(steps):
        power = power @ W
        norms.append(np.linalg.norm(power, 2))
    return np.array(norms)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "rnn-gradient-norms-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(rnn_gradient_norms)

# %% [markdown]
r"""
### Fifty steps back

One random 32 × 32 matrix, scaled to a spectral radius of 0.9, 1.0 and 1.1. For each: your norms; the true gradient
of a linear RNN, by autograd; and the same RNN with tanh, fed with weak and with strong random inputs.

**Predict.** (a) $0.9^{60} \approx 0.002$ and $1.1^{60} \approx 300$. Will your norms end there? Will they start at
0.9 and 1.1? (b) tanh can only shrink a gradient, its slope is at most 1. Does it cure the explosion?
"""

# %% tags=["experiment", "claim-C9"]
n, lags, far = 32, np.arange(1, 61), np.arange(1, 301)
mixing = np.random.default_rng(base_seed()).normal(size=(n, n))
mixing /= np.abs(np.linalg.eigvals(mixing)).max()
stimulus = np.random.default_rng(seeds(1)[0]).normal(size=(60, n))
radii = {0.9: (plots.BLUE, "o"), 1.0: (plots.GREY, "s"), 1.1: (plots.VERMILLION, "^")}


def measured_norms(weight, inputs, activation):
    """Return by autograd the spectral norms of the derivatives of the last state by the states 1, 2, ... before it."""
    states = rnn_states(weight, inputs, activation)
    unit = torch.eye(n, dtype=torch.float64)
    jacobians = torch.autograd.grad(states[-1], states[:-1], grad_outputs=unit, is_grads_batched=True)
    return torch.linalg.matrix_norm(torch.stack(jacobians[::-1]), ord=2).numpy()


fig, axes = plt.subplots(1, 3, figsize=(12, 3.9), sharey=True)
norms, slopes, linear, squashed = {}, {}, {}, {}
for radius, (color, marker) in radii.items():
    line = {"color": color, "marker": marker, "markevery": 10, "label": f"ρ = {radius:.1f}"}
    long = rnn_gradient_norms(radius * mixing, len(far))
    norms[radius], slopes[radius] = long[:60], np.polyfit(far[29:], np.log(long[29:]), 1)[0]
    linear[radius] = measured_norms(radius * mixing, stimulus, lambda z: z)
    axes[0].semilogy(lags, norms[radius], **line)
    axes[0].semilogy(lags, radius**lags, ":", color=color)
    for ax, strength in zip(axes[1:], (0.05, 1.0), strict=True):
        squashed[radius, strength] = measured_norms(radius * mixing, strength * stimulus, torch.tanh)
        ax.semilogy(lags, squashed[radius, strength], **line)
axes[0].set(title="Linear: ρ decides (dotted: ρᵗ)", ylabel="norm of the gradient over the lag", ylim=(1e-9, 2e3))
axes[1].set_title("tanh, weak inputs")
axes[2].set_title("tanh, strong inputs: all vanish")
for ax in axes:
    ax.set_xlabel("time lag (steps)")
axes[0].legend(loc="lower left")
plots.show(
    fig,
    alt="""Norms against the lag on a log axis. Linear: three straight lines, falling, level and rising, each a little
above its dotted ρᵗ. tanh with weak inputs: the rising line rises less. tanh with strong inputs: all three
plunge.""",
)
agree = max(np.abs(linear[radius] / norms[radius] - 1).max() for radius in radii)
growth = ", ".join(f"{np.exp(slope):.2f}" for slope in slopes.values())
measured("C9", f"growth of the gradient a step at lags 30 to 300: {growth} (expected: ρ = 0.90, 1.00, 1.10)")
print(f"after one step the norm is already {norms[0.9][0]:.1f} with ρ = 0.9, and {norms[1.1][0]:.1f} with ρ = 1.1")
print(f"autograd agrees with your norms to 1e-9: {agree < 1e-9}")
for radius, slope in slopes.items():
    assert abs(slope - np.log(radius)) < 0.01, f"ρ = {radius}: expected that growth a step, got {np.exp(slope):.3f}"
assert agree < 1e-9, f"your norms and autograd's should agree in float64, the difference is {agree:.1e}"
assert norms[0.9][-1] < 0.02 and norms[1.1][-1] > 100, "after 60 steps one should have vanished, the other exploded"
assert squashed[1.1, 0.05][-1] < 0.1 * norms[1.1][-1], "with weak inputs tanh should damp the explosion"
assert squashed[1.1, 1.0][-1] < 1e-6, (
    f"with strong inputs the gradient should vanish, it is {squashed[1.1, 1.0][-1]:.1e}"
)

# %% [markdown]
r"""
The *rate* is the spectral radius, whatever the matrix. The *level* is not: a matrix whose eigenvectors are not at
right angles stretches some vectors at first, here by more than 1.5, although $\rho = 1$. The saturation of tanh ends the explosion
by making the gradient vanish: with strong inputs even $\rho = 1.1$ forgets everything within a few dozen steps. So
scaling $W$ to $\rho = 1$ is not enough, and there are gates, skip connections through time, and clipping (first part
of this chapter). A feedforward network has a *different* matrix in each layer and can be scaled layer by layer.

## 5. A slice through a million dimensions

How many dimensions has a loss surface? One for each parameter. A convolution with kernel $k$ from $c$ to $d$
channels has a $k \times k$ weight for every pair of channels, and a bias for each of the $d$. A dense layer from
$m$ to $n$ units has $mn$ weights and $n$ biases.

### Exercise 5: `count_parameters` (2 points, 5 minutes, easy)

Count the learnable numbers of a stack of convolutions followed by a stack of dense layers. `channels` lists the
channels from the input to the last convolution, `kernel` is the side of all kernels, `sizes` lists the
units of the dense part, its input first. Every layer has biases. Return an int.

<details><summary>Hint</summary>

`pairwise(channels)`, from itertools and already imported, gives a pair of neighbours for each layer. A list of
length 1 has no pairs and means: no such layer.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "count-parameters", "locked": false, "schema_version": 3, "solution": true}
def count_parameters(channels, kernel, sizes):
    """Count the weights and biases of square convolutions followed by dense layers. The inputs are not modified.

    channels : list of ints, at least one, channels of the input and after each convolution
    kernel : int >= 1, height and width of every kernel
    sizes : list of ints, at least one, units that enter the dense part and after each dense layer
    Returns an int.
    """
    ### BEGIN SOLUTION
    convolutions = sum(b * (a * kernel**2 + 1) for a, b in pairwise(channels))
    return convolutions + sum(b * (a + 1) for a, b in pairwise(sizes))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "count-parameters-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(count_parameters)

# %% [markdown]
r"""
A common figure for the dimensions of VGG16's loss surface is 130 million. Its layers are published (Simonyan and
Zisserman, 2015, table 1, configuration D): thirteen 3 × 3 convolutions, then three dense layers.

**Predict.** Is 130 million right? And which part of the network holds most of them?
"""

# %% tags=["experiment", "claim-C13"]
channels = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
sizes = [512 * 7 * 7, 4096, 4096, 1000]  # five poolings leave 7 x 7 pixels of 224 x 224
total = count_parameters(channels, 3, sizes)
parts = {
    "13 convolutions": count_parameters(channels, 3, [1]),
    "dense 1": count_parameters([1], 3, sizes[:2]),
    "dense 2": count_parameters([1], 3, sizes[1:3]),
    "dense 3": count_parameters([1], 3, sizes[2:]),
}
fig, ax = plt.subplots(figsize=(7.4, 2.5))
bars = ax.barh(list(parts), [count / 1e6 for count in parts.values()], color=[plots.BLUE] + 3 * [plots.ORANGE])
ax.bar_label(bars, [f"{count / 1e6:.1f} ({count / total:.0%})" for count in parts.values()], padding=3)
ax.invert_yaxis()
ax.set(title="Three quarters of VGG16's dimensions lie in one layer", xlabel="parameters (millions)", xlim=(0, 125))
plots.show(
    fig,
    alt="""Four bars: convolutions 14.7 million, the first dense layer 102.8, the second 16.8, the third 4.1.""",
)
print(f"VGG16 has {total:,} weights and biases; 130 million are often quoted")
assert total == sum(parts.values()) == 138_357_544, f"VGG16 has 138,357,544 parameters, got {total:,}"
assert parts["dense 1"] > 0.74 * total, "three quarters of them should lie in the first dense layer"

# %% [markdown]
r"""
138 million. Nobody can look at that, but one can cut: choose two directions $d$ and $e$, and draw
$J(\theta + a\,d + b\,e)$ over $a$ and $b$. The catch is the *length* of the directions.

### The same network, sharp or flat?

With ReLU there is a third symmetry: multiply what enters a layer's units by 10, divide what leaves them by 10, and
the outputs stay the same, because $\operatorname{relu}(10z) = 10\operatorname{relu}(z)$. A step of fixed length is
now small for the first layer and huge for the second. So the *picture* of a slice can be made as sharp or as flat as
you like without changing the function (Dinh et al., 2017). The remedy of Li et al. (2018): measure every direction in
units of the weights. For each **filter**, here each row of a weight matrix, that is, all that enters one unit,

$$d_{\text{row}} \leftarrow d_{\text{row}}\,\frac{\lVert w_{\text{row}}\rVert}{\lVert d_{\text{row}}\rVert},$$

and the direction is zero for the biases.

### Exercise 6: `filter_normalize` (4 points, 12 minutes, medium)

`direction` and `weights` are lists of arrays of equal shapes, matrices and vectors in any order. Return the list of
normalised arrays: rows of matrices rescaled as above, vectors (the biases) replaced by zeros. No row of a direction
is zero.

<details><summary>Hint</summary>

`np.linalg.norm(w, axis=1, keepdims=True)` gives the length of each row as a column. An array's `ndim` tells a
matrix from a vector.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "filter-normalize", "locked": false, "schema_version": 3, "solution": true}
def filter_normalize(direction, weights):
    """Scale each row of a direction to the length of the same row of the weights. The inputs are not modified.

    direction, weights : lists of ndarrays of equal shapes, (outputs, inputs) for a matrix or (outputs,) for a bias
    Returns a list of ndarrays of these shapes; the biases' are zero.
    Source: Li et al. (2018), section 4.
    """
    ### BEGIN SOLUTION
    normalized = []
    for d, w in zip(direction, weights, strict=True):
        if d.ndim == 1:
            normalized.append(np.zeros_like(d))
        else:
            lengths = [np.linalg.norm(part, axis=1, keepdims=True) for part in (w, d)]
            normalized.append(d * lengths[0] / lengths[1])
    return normalized
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "filter-normalize-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(filter_normalize)

# %% [markdown]
r"""
A ReLU network learns digits. Then it is disguised: first layer times 10, second layer divided by 10. Four random
directions, first as they are drawn, scaled as a whole to the length of the original weights; then filter-normalised.

**Predict.** Which picture shows that the two are one network?
"""

# %% tags=["experiment"]
runs = sweep(
    lambda seed: mlp((64, 32, 10), "relu", seed),
    data.train,
    grid(lr=3e-3, seed=seeds(1)),
    optimizer=torch.optim.Adam,
    steps=400,
)
relu_net = mlp((64, 32, 10), "relu", device=device).double()
original = surfaces.to_arrays(relu_net, surfaces.to_point(runs.parameters)[0])
disguised = [part * factor for part, factor in zip(original, (10, 10, 0.1, 1), strict=True)]
reach = np.linspace(-1, 1, 41)


def slices(weights, prepare):
    """Return the losses along four prepared random directions from a network, shape (4, 41)."""
    center = surfaces.to_point(weights).to(device)
    lines = [surfaces.to_point(prepare(surfaces.random_direction(relu_net, k), weights)).to(device) for k in seeds(4)]
    return surfaces.losses_at(relu_net, precise, torch.stack([surfaces.line(center, center + d, reach) for d in lines]))


def raw(direction, weights):
    """Scale a direction as a whole to the length of the original weights."""
    length = [np.sqrt(sum(np.sum(part**2) for part in parts)) for parts in (original, direction)]
    return [part * length[0] / length[1] for part in direction]


fig, axes = plt.subplots(1, 2, figsize=(10.5, 3.8), sharey=True)
seen = {}
for ax, prepare in zip(axes, (raw, filter_normalize), strict=True):
    for name, weights, color, dashes in (
        ("original", original, plots.BLUE, "-"),
        ("disguised", disguised, plots.VERMILLION, "--"),
    ):
        seen[prepare, name] = slices(weights, prepare)
        ax.semilogy(reach, seen[prepare, name].T, dashes, color=color, label=[name, *3 * [None]])
    ax.set_xlabel("step along the direction")
axes[0].set(title="Raw directions: one seems far sharper", ylabel="training loss")
axes[1].set(title="Filter-normalised: one network")
axes[0].legend()
plots.show(
    fig,
    alt="""Left: four solid and four dashed curves of quite different steepness. Right: the dashed curves lie on the solid
ones.""",
)
gap = {
    prepare: np.abs(np.log(seen[prepare, "original"] / seen[prepare, "disguised"])).max()
    for prepare in (raw, filter_normalize)
}
print(
    f"raw: losses differ by a factor above 3: {np.exp(gap[raw]) > 3}; normalised: equal to 1e-9: {gap[filter_normalize] < 1e-9}"
)
assert np.exp(gap[raw]) > 3, f"raw slices should differ by a factor above 3, got {np.exp(gap[raw]):.1f}"
assert gap[filter_normalize] < 1e-9, (
    f"normalised slices should be equal (float64), they differ by {gap[filter_normalize]:.1e}"
)

# %% [markdown]
r"""
### How convex is a picture?

A number to go with the pictures. On a grid of losses $J_{ij}$ the Hessian of the slice at an inner point is,
up to the spacing of the grid,

$$\begin{pmatrix} a & b\\ b & c\end{pmatrix},\qquad
\begin{aligned} a &= J_{i+1,j} - 2J_{ij} + J_{i-1,j}, \qquad c = J_{i,j+1} - 2J_{ij} + J_{i,j-1},\\
b &= \tfrac14\,(J_{i+1,j+1} - J_{i+1,j-1} - J_{i-1,j+1} + J_{i-1,j-1}).\end{aligned}$$

The surface is convex there if both eigenvalues are at least 0, that is, if the *smaller* one,
$\tfrac{a+c}2 - \sqrt{\big(\tfrac{a-c}2\big)^2 + b^2}$, is not negative.

### Exercise 7: `concave_share` (4 points, 15 minutes, medium)

Return the share of the inner points of the grid (all but the border) at which the smaller eigenvalue is negative: a
float between 0 and 1.

<details><summary>Hint</summary>

`J[1:-1, 1:-1]` is the inner part, `J[2:, 1:-1]` is the same window moved by one row, `J[2:, 2:]` by one row and one
column. The mean of an array of truth values is a share.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "concave-share", "locked": false, "schema_version": 3, "solution": true}
def concave_share(losses):
    """Return the share of inner grid points at which a surface curves downwards in some direction.

    The input is not modified.
    losses : ndarray, shape (k, m), both at least 3, of floats or signed integers, on an evenly spaced grid
    Returns a float in [0, 1]: 0 for a convex surface, also for a plane of whole numbers; of other planes rounding
    decides, and no case asks for it.
    Source: after Li et al. (2018), section 6, who map the eigenvalues of the full Hessian.
    """
    ### BEGIN SOLUTION
    inner = losses[1:-1, 1:-1]
    a = losses[2:, 1:-1] - 2 * inner + losses[:-2, 1:-1]
    c = losses[1:-1, 2:] - 2 * inner + losses[1:-1, :-2]
    b = (losses[2:, 2:] - losses[2:, :-2] - losses[:-2, 2:] + losses[:-2, :-2]) / 4
    smaller = (a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2)
    return np.mean(smaller < 0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "concave-share-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(concave_share)

# %% [markdown]
r"""
### Twenty layers, with and without skips

Now the famous picture. A fully connected network of 20 layers, 24 units each, learns 256 digits. A second one, from
the same initial weights, gets **skip connections**: each layer computes
$h + \operatorname{relu}(W\,\text{norm}(h) + b)$ instead of $\operatorname{relu}(W\,\text{norm}(h) + b)$, with the same number of parameters. (`norm` is layer
normalisation; it keeps both trainable.) Ten seeds each; through each trained network one random filter-normalised
plane.

Two numbers: your `concave_share`, and the **roughness**, the share of a surface's variance that the best-fitting
paraboloid does *not* explain, 0 for a perfect bowl (`utils.surfaces.roughness`).

**Predict.** Which of the two numbers will tell the networks apart?
"""

# %% tags=["experiment", "claim-C13"]
small = data.x_train[:256], data.y_train[:256]
span = np.linspace(-0.5, 0.5, 21)


def train_deep(skip, starts):
    """Train 20-layer networks from these seeds; return a model and the trained points, shape (starts, n)."""
    runs = sweep(
        lambda seed: deep_mlp(64, 24, 10, skip=skip, seed=seed),
        small,
        grid(lr=3e-3, seed=starts),
        optimizer=torch.optim.Adam,
        steps=300,
        batch_size=128,
        schedule=lambda k, lr: lr * (1 - 0.99 * k / 300),
    )
    return deep_mlp(64, 24, 10, skip=skip, device=device), surfaces.to_point(runs.parameters)


def slice_through(model, point, seed):
    """Return the losses on a filter-normalised random plane, shape (21, 21)."""
    weights = surfaces.to_arrays(model, point)
    axes = [
        surfaces.to_point(filter_normalize(surfaces.random_direction(model, k), weights)).to(point)
        for k in (2 * seed, 2 * seed + 1)
    ]
    return surfaces.losses_at(model, small, surfaces.plane(point, *axes, span))


kinds = {"plain": (0.0, plots.VERMILLION, "s"), "with skips": (1.0, plots.BLUE, "o")}
cuts = {}
for name, (skip, _, _) in kinds.items():
    deep, points = train_deep(skip, seeds(10))
    cuts[name] = [slice_through(deep, point, seed) for seed, point in zip(seeds(10), points, strict=True)]

levels = np.linspace(0, 4.5, 16)
fig, axes = plt.subplots(2, 4, figsize=(10.5, 4.9), sharex=True, sharey=True)
for row, name in zip(axes, kinds, strict=True):
    for ax, cut in zip(row, cuts[name], strict=False):
        filled = ax.contourf(span, span, cut, levels, cmap="viridis", extend="max")
        ax.contour(span, span, cut, levels, colors="white", linewidths=0.4)
        ax.set(aspect="equal")
        ax.grid(False)
    row[0].set_ylabel(f"{name}\nsecond direction")
for k, ax in enumerate(axes[1]):
    ax.set_xlabel("first direction")
    axes[0, k].set_title(f"network {k + 1}", fontweight="normal")
fig.colorbar(filled, ax=axes, label="training loss", shrink=0.8)
fig.suptitle("20 layers: rough without skips, a wide hollow with them", fontweight="bold")
plots.show(
    fig,
    alt="""Eight contour maps, four of the ten networks of each kind. Upper row, plain: a small dark spot in the middle of an
irregular plain full of bumps. Lower row, with skips: smooth rings round a broad dark centre.""",
)

fig, axes = plt.subplots(1, 2, figsize=(10.5, 3.6), sharey=True)
for ax, (name, (_, color, _)), title in zip(
    axes, kinds.items(), ("Without skips: a narrow hole", "With skips: a wide hollow"), strict=True
):
    ax.plot(span, np.array(cuts[name])[:, 10].T, color=color, linewidth=1)
    ax.set(title=title, xlabel="first direction", ylim=(0, 8))
axes[0].set_ylabel("training loss, cut through the centre")
plots.show(
    fig,
    alt="""Cuts through the centre of all ten planes of each kind: narrow holes in jagged ground, and wide hollows.""",
)

# %% [markdown]
r"""
That is the famous picture, from your own functions. Now the numbers, for all ten planes of each kind, and
within a growing square round the minimum.
"""

# %% tags=["experiment", "claim-C13", "nbval-ignore-output"]
rough = {name: np.array([surfaces.roughness(cut) for cut in cuts[name]]) for name in kinds}
basin = {name: np.array([np.mean(cut < 1) for cut in cuts[name]]) for name in kinds}
boxes = np.arange(2, 11)  # half widths, in steps of the grid


def inside(cut, box):
    """Cut out the square that reaches `box` grid steps from the centre."""
    return cut[10 - box : 11 + box, 10 - box : 11 + box]


concave = {name: np.array([[concave_share(inside(cut, b)) for b in boxes] for cut in cuts[name]]) for name in kinds}
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.9))
for position, (name, (_, color, marker)) in enumerate(kinds.items()):
    spots = position + np.linspace(-0.2, 0.2, 10)
    left.plot(spots, rough[name], marker, color=color, markersize=7, alpha=0.8)
    left.plot([position - 0.3, position + 0.3], 2 * [rough[name].mean()], color=color)
    right.plot(boxes * (span[1] - span[0]), concave[name].mean(axis=0), color=color, marker=marker, label=name)
left.set(title="Roughness tells them apart", ylabel="roughness of the whole slice", ylim=(0, 1))
left.set_xticks(range(2), list(kinds))
right.set(title="With skips, convex much further out", ylabel="concave share, mean of 10 planes", ylim=(0, 1))
right.set(xlabel="half width of the square round the minimum")
right.legend()
plots.show(
    fig,
    alt="""Left: ten squares for the plain networks, ten dots with skips, lower. Right: the concave share of the plain
networks is high from the start; with skips it starts near zero and climbs to about the same.""",
)
calmer = rough["plain"].mean() / rough["with skips"].mean()
wider = basin["with skips"].mean() / basin["plain"].mean()
near, whole = (concave["plain"][:, k].mean() - concave["with skips"][:, k].mean() for k in (1, -1))
measured(
    "C13",
    f"roughness of ten planes: {spread(rough['plain'], '.2f')} without skips, {spread(rough['with skips'], '.2f')} with; share with a "
    f"loss below 1 on average {wider:.0f} times as large with skips; VGG16: {total:,} parameters, not 130 million",
)
print(f"concave share, plain less with skips: close to the minimum {near:.1f}, on the whole slice {abs(whole):.1f}")
rougher = np.mean(rough["plain"][:, None] > rough["with skips"])
assert rougher > 0.95, f"a plane without skips should be rougher than one with, it is so in {rougher:.0%} of all pairs"
assert calmer > 1.5 and wider > 3, f"expected smoother and wider with skips, got {calmer:.1f} and {wider:.1f} times"
assert near > 0.5, f"near the minimum plain networks should be concave far more often, by {near:.2f}"
assert abs(whole) < 0.25, f"on the whole slice the concave share should hardly tell them apart: {whole:.2f}"

# %% [markdown]
r"""
The claim holds here: on these planes the skips make the surface smoother, and the hollow wider. The second number is
more subtle. Over the whole slice both networks are non-convex at most of the points, and a careless author could
report "no difference": far out such a loss runs into a plateau, and a plateau is not convex. What differs is
how far you may walk from the minimum before that begins. Three honest footnotes. This is a fully connected network on
256 digits, not a ResNet on images. The plain networks also ended at higher losses, so we compare two kinds of
networks as they come out of training, not two views of equal solutions. And shallow networks need less help: put
`depth=8` into `deep_mlp` and see.

### Turn the skips on

The strength of the skip is a number: $h \leftarrow s\,h + \operatorname{relu}(\dots)$. A network is trained for each
$s$, from the same start, and cut along the same random directions.

**Predict.** Does the surface become smooth gradually, or at once? Move the slider.
"""

# %% tags=["experiment", "nbval-ignore-output"]
strengths = [0.0, 0.3, 0.6, 1.0]
pages = {0.0: cuts["plain"][0], 1.0: cuts["with skips"][0]}  # trained and cut above
for strength in strengths[1:-1]:
    deep, points = train_deep(strength, seeds(1))
    pages[strength] = slice_through(deep, points[0], seeds(1)[0])


def draw_slice(ax, strength):
    """Draw the slice of the network with this strength of the skips."""
    ax.contourf(span, span, pages[strength], levels, cmap="viridis", extend="max")
    ax.contour(span, span, pages[strength], levels, colors="white", linewidths=0.4)
    ax.set(aspect="equal", xlabel="first direction", ylabel="second direction")
    ax.grid(False)


players.flipbook(draw_slice, strengths, label="skip", title="One network, ever stronger skips", width=4.6, height=4.2)

# %% [markdown]
r"""
*A slider over four contour maps: rubble with a pinhole at first, smooth rings at the end.*

In the stored run there is rubble as long as the skip is much weaker than what the layer adds. (One seed, one plane: a
picture, no finding.) An explanation that fits: without a skip, twenty random disturbances are *composed*, each layer
distorting what the last one has distorted; with it, the signal has a path on which they only *add up*.

## 6. Theoretical limits

Some results say that learning is hard in principle: if the units output discrete values, if the problem belongs to an
intractable class, or if the network has a fixed size. (Goodfellow et al., section 8.2.8.) How much they matter in
practice you can try out.

Replace tanh by a **hard threshold**: the unit says -1 or +1. On the way there, make tanh steeper and steeper. A
single unit $\hat y = \tanh\big(c\,(x - w)\big)$ learns five examples on a line, labelled -1 or +1, by the squared
error; only $w$, where it switches, is to be learned.

**Predict.** What does the loss become as $c$ grows, and what does the gradient?
"""

# %% tags=["experiment", "claim-C14"]
offsets, labels = np.array([-1.6, -0.7, 0.2, 0.8, 1.5]), np.array([-1, -1, 1, -1, 1])
shift = torch.linspace(-2.5, 2.5, 501, dtype=torch.float64, requires_grad=True)
steep = {"tanh(z)": (1, plots.BLUE), "tanh(5z)": (5, plots.GREEN), "hard threshold": (None, plots.BLACK)}
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.6))
slopes = {}
for name, (c, color) in steep.items():
    z = torch.as_tensor(offsets)[:, None] - shift
    outputs = HardThreshold()(z) if c is None else torch.tanh(c * z)
    loss = ((outputs - torch.as_tensor(labels)[:, None]) ** 2).mean(0)
    (slopes[name],) = torch.autograd.grad(loss.sum(), shift)
    left.plot(shift.detach(), loss.detach(), color=color, label=name)
    right.plot(shift.detach(), slopes[name], color=color)
left.set(title="The loss becomes a staircase…", xlabel="threshold w of the unit", ylabel="loss")
right.set(title="…whose slope is zero wherever it has one", xlabel="threshold w of the unit", ylabel="gradient")
left.legend()
plots.show(
    fig,
    alt="""Left: a smooth curve, a wavy one and a staircase. Right: their slopes; the staircase's is zero but at its edges,
where it has none.""",
)
silent = slopes["hard threshold"].abs().max().item()
print(f"largest gradient at 501 thresholds: {silent:.0f} with a hard threshold")
assert silent == 0, f"a staircase has the slope 0 wherever it has one, autograd says {silent}"
assert slopes["tanh(5z)"].abs().max() > slopes["tanh(z)"].abs().max() > 0.1, (
    "tanh should have a slope, the steeper the larger"
)

# %% [markdown]
r"""
### Too small to learn

A problem that small networks cannot do: **parity**. Four bits, sixteen examples, say whether the number of ones is
odd. Three ReLU units suffice if *you* set the weights. With $s$ for the number of ones,
$-2\,(s-1)_+ + 2\,(2-s)_+ - 3\,(3-s)_+$ is a zigzag: -5, -4, -5, -4, -6, above -4.5 exactly where $s$ is odd. Whether
gradient descent *finds* such weights is another question. 32 starts for each width; success means that all sixteen
answers are right. With ReLU, with tanh, and with hard thresholds.

**Predict.** At which width do half of the starts succeed? And do hard thresholds ever succeed, having no gradient?
"""

# %% tags=["experiment", "claim-C14", "nbval-ignore-output"]
bits = torch.tensor(list(product([-1.0, 1.0], repeat=4)), device=device)
odd = (bits > 0).sum(1) % 2
tried = [2, 3, 4, 6, 10, 16]
looks = {
    "relu": ("ReLU", plots.ORANGE, "o"),
    "tanh": ("tanh", plots.BLUE, "^"),
    HardThreshold: ("hard threshold", plots.BLACK, "s"),
}


def successes(width, activation):
    """Train 32 networks on parity; return how many get all sixteen answers right."""
    runs = sweep(
        lambda seed: mlp((4, width, 2), activation, seed),
        (bits, odd),
        grid(lr=3e-2, seed=seeds(32)),
        optimizer=torch.optim.Adam,
        steps=400,
        batch_size=16,
    )
    return int((runs.eval_accuracy[:, -1] == 1).sum())


found = {name: [successes(width, kind) for width in tried] for kind, (name, _, _) in looks.items()}
fig, ax = plt.subplots(figsize=(7, 3.8))
for name, color, marker in looks.values():
    ax.plot(tried, np.array(found[name]) / 32, color=color, marker=marker, label=name)
ax.set(title="What three units can do, descent finds reliably with ten", xlabel="hidden units", ylim=(-0.03, 1.03))
ax.set(ylabel="share of 32 starts that solve parity", xscale="log")
ax.set_xticks(tried, [str(width) for width in tried])
ax.minorticks_off()
ax.legend()
plots.show(
    fig,
    alt="""Share of successes against width: ReLU and tanh rise from 0 at two units to nearly 1 at ten; hard thresholds
stay near 0 up to six units and then rise, too.""",
)
ones = (bits > 0).sum(1).cpu().numpy()
zigzag = -2 * np.maximum(ones - 1, 0) + 2 * np.maximum(2 - ones, 0) - 3 * np.maximum(3 - ones, 0)
by_hand = int(((zigzag > -4.5) == odd.cpu().numpy()).sum())
print(f"three ReLU units, set by hand: {by_hand} of 16 right")
measured(
    "C14",
    f"slope of a hard threshold {silent:.0f}, an identity; 4-bit parity, ReLU, successes of 32 starts: "
    + ", ".join(f"{number} with {width} units" for width, number in zip(tried, found["ReLU"], strict=True)),
)
assert by_hand == 16, f"the zigzag of three ReLU units should solve parity, it has {by_hand} of 16 right"
assert found["ReLU"][1] <= 6, f"with three ReLU units most starts should fail, {found['ReLU'][1]} of 32 succeed"
assert found["ReLU"][0] <= 1, f"with two ReLU units nearly all starts should fail, {found['ReLU'][0]} of 32 succeed"
assert found["ReLU"][-1] >= 26, f"with 16 ReLU units nearly all starts should succeed, {found['ReLU'][-1]} of 32 do"
assert sum(found["hard threshold"][:3]) <= 6, f"few hard thresholds should not do it, got {found['hard threshold']}"
assert found["hard threshold"][-1] >= 16, f"16 frozen thresholds should often do, got {found['hard threshold']}"

# %% [markdown]
r"""
A solution that exists is not a solution that is found: three units can do it and next to no start finds out how; with
four most starts end in a poor place, with ten nearly all succeed. (Adam, one rate, 400 updates: another budget moves the
numbers.) The theorem about a network of *fixed* size is no obstacle here, because you may take a larger one. And the
hard thresholds? Their first layer has no gradient and never moves. With sixteen random, frozen units the *last* layer,
a convex problem, can often do the job alone. It is a poor way to use units, but it works.

## 7. Reflection (4 points, 10 minutes)

A colleague has trained the same wide network from two seeds; each reads 96 % of the digits. To get one even better
network she averages their weights, parameter by parameter, and is left with one that is much worse than either. She
concludes that the two had learned quite different things.

**In two to four sentences:** explain why the average fails even if both compute the same function, what the barrier
has to do with it, what she could try before averaging, and why the failed average alone does not support her
conclusion.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "loss-surfaces-reflection", "locked": false, "points": 4, "schema_version": 3, "solution": true}
r"""
**Model answer.** Hidden units may stand in any order (and, under tanh, with either sign) without changing the
function, so unit 7 of one network corresponds to some other unit of the second; averaging namesakes mixes unrelated
units. The average is the midpoint of the line between the two points, and the loss there is high because the line
crosses a barrier, which exists even between exact twins. She could match the units first (permute and flip those of
the second network until they resemble the first's) and average then, or average the predictions instead of the
weights. Since even a network and its own permuted twin, one and the same function, have a bad average, the failure
says nothing about what was learned; the barrier *after* matching would.

**Marking scheme.** 1 point: permutation (or sign) symmetry, units do not correspond. 1 point: the average is the
midpoint of the line, and the barrier lies there. 1 point: match the units before averaging (accept: average the
predictions, or train both from a common start). 1 point: identical functions can have a bad average, so it is no
evidence.
"""

# %% [markdown]
r"""
## What to remember

1. Permuting hidden units, and flipping them under tanh, gives $n!\,2^n$ twins: the same function at other points.
2. Many equal minima do not make a function non-convex; a *barrier* between two points does.
3. Wide networks end near zero loss from every start, narrow ReLU networks do not; and much of the hill between two
   wide networks is the order of their units.
4. Through $t$ time steps a gradient scales like $\rho^t$ with the spectral radius $\rho$; a saturated tanh turns
   explosion into vanishing.
5. A slice of a loss surface means something only with normalised directions; then it shows that skip connections make
   the surface smoother and the hollow wider.

## Further reading

- I. Goodfellow, Y. Bengio, A. Courville (2016). *Deep Learning*. MIT Press. Sections 8.2.2, 8.2.5 to 8.2.8, 10.7.
- H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein (2018). Visualizing the loss landscape of neural nets. *NeurIPS* 31.
  arXiv:1712.09913.
- L. Dinh, R. Pascanu, S. Bengio, Y. Bengio (2017). Sharp minima can generalize for deep nets. *ICML*, PMLR 70,
  1019–1028.
- R. Entezari, H. Sedghi, O. Saukh, B. Neyshabur (2022). The role of permutation invariance in linear mode
  connectivity of neural networks. *ICLR*. arXiv:2110.06296.
- S. K. Ainsworth, J. Hayase, S. Srinivasa (2023). Git Re-Basin: merging models modulo permutation symmetries. *ICLR*.
  arXiv:2209.04836.
- K. Simonyan, A. Zisserman (2015). Very deep convolutional networks for large-scale image recognition. *ICLR*.
  arXiv:1409.1556.
- A. Choromanska, M. Henaff, M. Mathieu, G. Ben Arous, Y. LeCun (2015). The loss surfaces of multilayer networks.
  *AISTATS*, PMLR 38, 192–204.
- R. Pascanu, T. Mikolov, Y. Bengio (2013). On the difficulty of training recurrent neural networks. *ICML*, PMLR 28(3),
  1310–1318.
- J. Frankle, G. K. Dziugaite, D. M. Roy, M. Carbin (2020). Linear mode connectivity and the lottery ticket hypothesis.
  *ICML*, PMLR 119, 3259–3269.
"""
