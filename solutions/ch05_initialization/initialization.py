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
# Where the weights start

When you have worked through this notebook you can

- say why weights are drawn at random, and what happens to signals and gradients when they are drawn too small or too large,
- derive Xavier's and He's variance, and spot the two misprints of them that are passed on,
- compute the gain of any activation function, and draw orthogonal matrices without a bias,
- write an initializer that *measures*, and say which networks train only with it,
- say what depth, width and shortcuts ask of the start.

About 170 minutes, 33 points. Goodfellow et al. (2016), *Deep Learning*, section 8.4. You need the activation functions of the
[first notebook of this chapter](activations.ipynb), [momentum](../ch04_sgd_variants/momentum.ipynb) and [Adam](../ch04_sgd_variants/adaptive_rates.ipynb). The exercises take 74 minutes (each says how many), the reflection 10,
the 13 experiments 4 each, and the rest is reading. A good place for a break is after section 5.

**How it goes.** You write a function, and `check(...)` tells you at once whether it is right. Then you guess what an
experiment will show: fill in the cell `guess = …`, in numbers or words, before you run the next one. Nobody grades a guess,
and `...` is allowed. The experiment's source is folded; it runs *your* functions and sets your guess beside what came. Open
**What you saw** afterwards.

**What an answer owes.** Arrays hold floats. Leave the arrays that you are given as they are. All chance comes from the generator `rng` that you are
handed: with an equal `rng` your function gives equal numbers. In which order you draw is up to you.

**One convention.** A layer takes rows `h`, one for each example, and computes `z = h @ W + b` and then `h = activation(z)`. So `W` has
the shape `(fan_in, fan_out)`: a row for each input, a column for each unit. (torch keeps the transpose.)
"""

# %%
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import LineCollection

from utils import deep, fitting, players, plots, predict
from utils.check import check
from utils.claims import base_seed, measured, seeds, spread
from utils.data import digits
from utils.device import seed_everything
from utils.networks import Network

seed_everything(base_seed())
plots.style()
guess = ...  # yours, before each experiment
tanh, relu = deep.activation("tanh"), deep.activation("ReLU")
hues = fitting.ACTIVATIONS | {"softplus": "#882255", "sine": plots.GREY}  # one colour for each activation
D, layers = 500, 10  # units in a layer and layers, in sections 2 and 3
data = digits(as_tensors=False)
center = data.x_train.mean(axis=0)
size = (data.x_train - center).std()
X, X_new = ((x.astype(float) - center) / size for x in (data.x_train, data.x_test))  # mean 0, standard deviation 1

# %% [markdown]
r"""
## 1. Why at random?

Six tanh units look at points of the plane; a softmax on top tells two classes apart (opposite quadrants, the XOR problem). Each hidden unit has two incoming weights, so it
*is* a point in a plane, and training moves it along a path. Three starts: all weights zero; all units equal, at (0.5, 0.35); normal weights. The biases are zero in all three.

**Guess**, after 1,000 updates: how many *different* places do the six units occupy?
"""

# %% tags=["guess"]
guess = {"zero": ..., "equal": ..., "random": ...}  # different places, of six units

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I9"]
# the experiment: six units in weight space
starts = {
    "zero": lambda rng: (np.zeros((2, 6)), np.zeros((6, 2))),
    "equal": lambda rng: (np.full((2, 6), 0.5) * [[1.0], [0.7]], np.full((6, 2), 0.5) * [1, -1]),
    "random": lambda rng: (rng.normal(size=(2, 6)), rng.normal(size=(6, 2))),
}
fig, axes = plt.subplots(1, 3, figsize=(10.5, 3.6), sharex=True, sharey=True)
apart, moved, last, places = {}, {}, {}, {}
for ax, (name, start) in zip(axes, starts.items(), strict=True):
    runs = []
    for seed in seeds(10):
        rng = np.random.default_rng(seed)
        points, (first, second) = rng.normal(size=(200, 2)), start(rng)
        net = Network([first, np.zeros(6), second, np.zeros(2)])
        runs.append(deep.descend(net, (points, (points.prod(axis=1) > 0).astype(int)), lr=0.5, steps=1000))
    apart[name] = np.array([np.ptp(path[-1], axis=1).max() for path, _ in runs])
    moved[name] = np.array([np.abs(path[-1] - path[0]).max() for path, _ in runs])
    last[name] = np.array([losses[-1] for _, losses in runs])
    places[name] = len(np.unique(runs[0][0][-1].round(3), axis=1).T)
    for path, (color, marker) in zip(runs[0][0].transpose(2, 1, 0), plots.STARTS.values(), strict=True):
        ax.plot(*path, color=color, marker=marker, markevery=[-1], markersize=8, linewidth=1.5)
        ax.plot(*path[:, 0], "o", color=color, markersize=5, markerfacecolor="white", zorder=5)
    title = f"{name}: {places[name]} place{'s' * (places[name] > 1)}, loss {np.median(last[name]):.2f}"
    ax.set(title=title, xlabel="first weight (hollow: the start)", ylabel="second weight")
plots.show(fig, alt="Paths of six units, starts hollow. From zero they stay, equal ones move as one, others six ways.")
predict.compare(guess, places, "different places")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I9"]
# the claim
told = "; ".join(f"{name} {spread(values, '.3f')}" for name, values in last.items())
measured("I9", f"loss after 1,000 updates: {told}; largest distance of two equal units {apart['equal'].max():.1g}")
assert moved["zero"].max() == 0, "from zero no hidden weight should ever move"
assert apart["equal"].max() < 1e-9, "equal units should move as one"
assert places["random"] == 6, "six random units should stay six"
assert moved["equal"].min() > 0 and np.median(moved["equal"]) > 0.1, "and they should move, unlike those at zero"
assert np.median(last["random"]) < 0.4 * np.median(last["equal"]), (
    "random units should do far better than equal ones, zero biases or not"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Equal units get equal gradients, so they stay equal for ever: six of them are one. At zero it is worse: the gradient of each weight contains the weights of the
other layer, so nothing hidden moves at all. Random numbers break the symmetry; the biases may start at zero, since their units differ already. (That equal units
stay equal is an identity. How much the network loses by it is not.)
</details>

## 2. How large?

So draw normal numbers. With which standard deviation? Take ten tanh layers of 500 units, feed them normal data, and look at all *activities*
of a layer, the numbers $h$ that it passes on, in one heap, for two standard deviations of the weights: .01 and 1. (The *spread* of numbers is their standard deviation, here and below.)

**Guess** the standard deviation of the tenth layer's activities for .01, and for 1 the share of units that are saturated ($\lvert h\rvert > .99$).
"""

# %% tags=["guess"]
guess = {"spread for .01": ..., "share saturated for 1": ...}  # in layer 10

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I6"]
# the experiment: activities in layers 1, 4 and 10
small, large = 0.01, 1.0
heaps, spreads, saturated = {}, [], []
for seed in seeds(10):
    rng = np.random.default_rng(seed)
    x, normal = rng.normal(size=(24, D)), [rng.normal(size=(D, D)) for _ in range(layers)]
    heaps = {std: deep.activities(x, [std * W for W in normal], tanh) for std in (small, large)}
    spreads.append(heaps[small][-1].std())
    saturated.append((np.abs(heaps[large][-1]) > 0.99).mean())
fig, axes = plt.subplots(2, 3, figsize=(10, 4.2), sharex=True)
for row, (std, name) in zip(axes, ((small, "too small"), (large, "too large")), strict=True):
    for ax, layer in zip(row, (1, 4, 10), strict=True):
        ax.hist(heaps[std][layer - 1].ravel(), bins=np.linspace(-1, 1, 61), color=plots.look(name)["color"])
        ax.set_title(f"layer {layer}: spread {heaps[std][layer - 1].std():.2g}")
        ax.set(yticks=[])
    row[0].set_ylabel(f"weights N(0, {std:g}²)")
for ax in axes[1]:
    ax.set_xlabel("activity h")
plots.show(
    fig, alt="Histograms of activities. Weights of .01: a spike at 0 by layer 4. Weights of 1: nearly all at -1 and 1."
)
predict.compare(
    guess, {"spread for .01": np.median(spreads), "share saturated for 1": np.median(saturated)}, "layer 10"
)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I6"]
# the claim
assert max(spreads) < 1e-6, "weights of .01 should leave almost nothing of the signal"
assert min(saturated) > 0.85, "weights of 1 should saturate nearly all units"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Small weights: each layer multiplies the spread by $.01\sqrt{500} = .22$, and ten layers make a spike of it. Large weights: every sum is huge,
and nine units of ten sit at $\pm 1$.
</details>

What about the gradients? Let $z_l = h_{l-1} W_l$ and $h_l = \phi(z_l)$, with $h_0 = x$. The gradient of a loss with respect to the activities goes down by the
chain rule:

$$\frac{\partial J}{\partial h_{l-1}} = \Big(\frac{\partial J}{\partial h_l} \odot \phi'(z_l)\Big)\, W_l^{\mathsf T}$$

Each layer multiplies by slopes ($\odot$ is entry by entry) and then by the transposed matrix. Write the instrument that measures both ways.

### Exercise 1: `signal_stds` (5 points, 12 minutes, medium)

Go up through all layers, and come down again from `top`, the gradient with respect to the last $h$. Return two arrays, both in the order of `weights`: the
standard deviation of each layer's *output* $h_l$, and that of the gradient with respect to each layer's *input* $h_{l-1}$. A standard deviation is taken over all
numbers of an array at once, dividing by the count (`np.std`).

<details><summary>Hint</summary>

On the way up keep each `z`: the slopes on the way down are taken there. The way down visits the layers in reverse, and the last thing it finds, the gradient with respect to `x`,
belongs first in the answer.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "signal-stds", "locked": false, "schema_version": 3, "solution": true}
def signal_stds(x, weights, activation, slope, top):
    """Return how large activities and gradients are in each layer of a network without biases.

    The inputs are not modified.

    x : ndarray, shape (N, inputs).  weights : list of ndarrays, shapes (fan_in, fan_out)
    activation, slope : callables, an array of z -> h = activation(z) and its derivative there, same shape
    top : ndarray, shape (N, outputs), the gradient with respect to the last layer's output
    Returns two ndarrays, one number a layer: of the outputs going up, of the gradients with respect to the inputs.
    """
    ### BEGIN SOLUTION
    h, zs, forward = x, [], []
    for W in weights:
        zs.append(h @ W)
        h = activation(zs[-1])
        forward.append(np.std(h))
    grad, backward = top, []
    for W, z in zip(weights[::-1], zs[::-1], strict=True):
        grad = (grad * slope(z)) @ W.T
        backward.append(np.std(grad))
    return np.array(forward), np.array(backward[::-1])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "signal-stds-check", "locked": true, "points": 5, "schema_version": 3, "solution": false}
check(signal_stds)

# %% [markdown]
r"""
### "Saturated units have no slope, so the gradient vanishes"

So you may read. That weights twenty times larger let the gradient grow between saturated sigmoids you have seen in the [first notebook](activations.ipynb); by how much is it here, with tanh? Send normal numbers down from the top of the two networks above, those with .01 and with 1, and see what arrives at the input.

**Guess** the standard deviation of the gradient with respect to $x$ (at the top it is 1).
"""

# %% tags=["guess"]
guess = {"weights of .01": ..., "weights of 1": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I6"]
# the experiment: gradients on their way down
arrived = {"weights of .01": [], "weights of 1": []}
for seed in seeds(10):
    rng = np.random.default_rng(seed)
    x, normal = rng.normal(size=(24, D)), [rng.normal(size=(D, D)) for _ in range(layers)]
    for name, std in zip(arrived, (small, large), strict=True):
        arrived[name].append(signal_stds(x, [std * W for W in normal], tanh, tanh.slope, rng.normal(size=(24, D)))[1])
fig, ax = plt.subplots(figsize=(7, 3.4))
for (name, values), look in zip(arrived.items(), ("too small", "too large"), strict=True):
    plots.curves(ax, np.array(values), look, x=np.arange(layers), label=name)
predict.mark(ax, guess, at=0, colors={"weights of .01": plots.SKY, "weights of 1": plots.PURPLE})
ax.set(
    title="Saturated, and the gradient explodes",
    xlabel="layer l (0 is the input x)",
    ylabel="spread of the gradient at $h_l$",
)
ax.legend(loc="center left")
text = """Gradient against layer. From top to input it falls to 1e-7 with weights of .01, and grows to 1e5 with
weights of 1."""
plots.show(fig, alt=text)
at_input = {name: np.array(values)[:, 0] for name, values in arrived.items()}
predict.compare(guess, {name: np.median(values) for name, values in at_input.items()}, "gradient at x")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I6"]
# the claim
measured(
    "I6",
    f"tanh, 10 layers of 500: weights of .01 leave activities of {spread(spreads)} and a gradient at x of "
    f"{spread(at_input['weights of .01'])}; weights of 1 saturate {spread(saturated, '.0%')}, gradient at x {spread(at_input['weights of 1'])}",
)
assert at_input["weights of .01"].max() < 1e-6, "small weights should shrink the gradient as well"
assert np.all(np.abs(at_input["weights of 1"] ** (1 / layers) - 3.5) < 0.3), (
    "between saturated layers the gradient should grow all the same, by about 3.5 a layer"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

With small weights the gradient vanishes like the signal. With large ones the common story is wrong here: nine units of ten pass on nothing, but the tenth passes its
gradient through a matrix that multiplies by about $\sqrt{500} \approx 22$, so that a layer multiplies by about 3.5, and ten layers by $10^5$: it *explodes*, and what it says holds only as long as no unit flips.
(In a single layer, or with an activation that is exactly flat, saturation does stop the gradient.)
</details>

## 3. Two formulas

A unit computes $z = \sum_{i=1}^{D} w_i h_i$, where $D$ is `fan_in`. If the weights are independent of each other and of $h$, with mean 0, the variances of the terms add:

$$\operatorname{Var} z = D\; \operatorname{Var} w\; \overline{h^2}.$$

(The mean *square* of $h$: its mean counts too.) Near zero tanh is the identity, so going up wants $D_\text{in} \operatorname{Var} w = 1$. Coming down, a gradient is a sum of `fan_out` terms, and wants
$D_\text{out} \operatorname{Var} w = 1$. Glorot and Bengio (2010) take one over the mean of the two fans:

$$\operatorname{Var} w = \frac{2}{D_\text{in} + D_\text{out}}\qquad\text{(Xavier; Goodfellow et al., equation 8.23)}$$

### Exercise 2: `xavier_uniform` (4 points, 8 minutes, easy)

Draw the weights *uniformly* from an interval $[-a, a]$ of that variance. What is $a$? (A uniform draw from an interval of width $b$ has the variance $b^2/12$.)

<details><summary>Hint</summary>

The width is $2a$, so the variance is $a^2/3$. Set that equal to $2/(D_\text{in}+D_\text{out})$.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "xavier-uniform", "locked": false, "schema_version": 3, "solution": true}
def xavier_uniform(fan_in, fan_out, rng):
    """Draw weights uniformly from [-a, a], with variance 2 / (fan_in + fan_out).

    fan_in, fan_out : int > 0.  rng : np.random.Generator, the source of all chance
    Returns an ndarray, shape (fan_in, fan_out).
    """
    ### BEGIN SOLUTION
    bound = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, size=(fan_in, fan_out))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "xavier-uniform-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(xavier_uniform)

# %% [markdown]
r"""
A ReLU is not the identity near zero. It drops the negative half of a symmetric $z$, so $\overline{h^2} = \tfrac12 \operatorname{Var} z$, and ten layers lose a factor $2^{10}$ of variance.
He et al. (2015) put it back: $\operatorname{Var} w = 2/D_\text{in}$. A leaky ReLU multiplies the negative half by a slope $s$ instead, which leaves $s^2$ of its mean square:

$$\overline{h^2} = \frac{1+s^2}{2}\operatorname{Var} z \qquad\Longrightarrow\qquad \operatorname{Var} w = \frac{2}{(1+s^2)\,D_\text{in}}$$

### Exercise 3: `he_normal` (4 points, 6 minutes, easy)

Draw *normal* weights of that variance. $s = 0$ is the ReLU, $s = 1$ a linear unit.

<details><summary>Hint</summary>

`rng.normal` takes a standard deviation, the root of all of the variance.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "he-normal", "locked": false, "schema_version": 3, "solution": true}
def he_normal(fan_in, fan_out, slope, rng):
    """Draw normal weights with mean 0 and variance 2 / ((1 + slope²) fan_in).

    fan_in, fan_out : int > 0.  slope : float >= 0, of the activation for negative z
    rng : np.random.Generator, the source of all chance
    Returns an ndarray, shape (fan_in, fan_out).
    """
    ### BEGIN SOLUTION
    std = np.sqrt(2 / ((1 + slope**2) * fan_in))
    return rng.normal(scale=std, size=(fan_in, fan_out))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "he-normal-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(he_normal)

# %% [markdown]
r"""
### All schemes in one picture

Both formulas are sometimes printed with a root that does not belong there: a *variance* of $1/\sqrt D$ for Xavier, of $2/\sqrt D$ for He. (Somebody forgot that a square root makes a standard deviation
of a variance.) And a third habit, $U(-1/\sqrt D,\, 1/\sqrt D)$, is what torch does for a linear layer unless you say otherwise; Goodfellow et al. (section 8.4, just before equation 8.23) quote it, too.

Ten layers of 500 units, once with tanh and once with ReLU.

**Guess** the spread of the activities in layer 10.
"""

# %% tags=["guess"]
guess = {"tanh, Xavier": ..., "tanh, U(±1/√D)": ..., "ReLU, Xavier": ..., "ReLU, He": ..., "ReLU, He, 2/√D": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I7", "claim-I8", "claim-I10"]
# the experiment: seven schemes, two activations, up and down
schemes = {
    "too small, N(0, .01²)": lambda normal, rng: 0.01 * normal,
    "too small, U(±1/√D)": lambda normal, rng: rng.uniform(-1, 1, size=(D, D)) / np.sqrt(D),
    "Xavier": lambda normal, rng: xavier_uniform(D, D, rng),
    "He": lambda normal, rng: he_normal(D, D, 0.0, rng),
    "Xavier, 1/√D": lambda normal, rng: np.sqrt(1 / np.sqrt(D)) * normal,
    "He, 2/√D": lambda normal, rng: np.sqrt(2 / np.sqrt(D)) * normal,
    "too large, N(0, 1)": lambda normal, rng: normal,
}
up, down, flat = ({(phi, name): [] for phi in ("tanh", "ReLU") for name in schemes} for _ in range(3))
for seed in seeds(10):
    rng = np.random.default_rng(seed)
    x, top, normal = rng.normal(size=(24, D)), rng.normal(size=(24, D)), rng.normal(size=(layers, D, D))
    for name, scheme in schemes.items():
        weights = [scheme(W, rng) for W in normal]
        for phi in map(deep.activation, ("tanh", "ReLU")):
            forward, backward = signal_stds(x, weights, phi, phi.slope, top)
            up[phi.name, name].append(forward)
            down[phi.name, name].append(backward)
        flat["tanh", name].append((np.abs(deep.activities(x, weights, tanh)[-1]) > 0.99).mean())

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I7", "claim-I8", "claim-I10"]
# the picture: activities and gradients through depth
fig, axes = plt.subplots(2, 2, figsize=(11, 7.2))
for row, phi in zip(axes, ("tanh", "ReLU"), strict=True):
    for ax, sizes, first in zip(row, (up, down), (1, 0), strict=True):
        for name in schemes:
            line = {"linestyle": "--" if "√" in name else "-"}
            plots.curves(ax, np.array(sizes[phi, name]), name, x=np.arange(first, layers + first), **line)
        ax.axhline(1, color=plots.GREY, linewidth=0.8)
        ax.set_xlabel("layer (0 is the input)")
axes[0, 0].set(title="tanh, activities: two die, three saturate", ylabel="standard deviation", ylim=(1e-3, 1.5))
axes[0, 1].set(title="tanh, gradients: three explode on the way down", ylim=(1e-8, 1e6))
axes[1, 0].set(title="ReLU, activities: only He stays", ylabel="standard deviation", ylim=(1e-9, 1e13))
axes[1, 1].set(title="ReLU, gradients: only He arrives", ylim=(1e-9, 1e13))
fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4, handlelength=3.5)
text = """Four panels, spread against layer on a logarithmic axis. tanh: .01 leaves the picture at layer 4, U(±1/√D) falls to .003, Xavier and He stay between .2 and 1, the misprints
and N(0, 1) sit near 1 while their gradients explode. ReLU: He stays at 1 in both directions, Xavier falls by 30, the misprints and N(0, 1) explode."""
plots.show(fig, alt=text)
end = {f"{phi}, {name}": np.array(values)[:, -1] for (phi, name), values in up.items()}
start = {f"{phi}, {name}": np.array(values)[:, 0] for (phi, name), values in down.items()}
end["tanh, U(±1/√D)"] = end["tanh, too small, U(±1/√D)"]
wanted = ("tanh, Xavier", "tanh, U(±1/√D)", "ReLU, Xavier", "ReLU, He", "ReLU, He, 2/√D")
predict.compare(guess, {name: np.median(end[name]) for name in wanted}, "spread in layer 10")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I7"]
# the claim: Xavier
share = np.array(flat["tanh", "Xavier, 1/√D"])
halved = np.array(up["tanh", "Xavier"])[:, -1] / np.array(up["tanh", "Xavier"])[:, 4]
measured(
    "I7",
    f"tanh, 10 layers of 500, variance 1/D: activities {spread(end['tanh, Xavier'], '.2f')}, gradient at x {spread(start['tanh, Xavier'], '.2f')}; "
    f"He's before tanh: activities {spread(end['tanh, He'], '.2f')}, gradient at x {spread(start['tanh, He'], '.2f')}; "
    f"variance 1/√D: saturated {spread(share, '.0%')}, gradient at x {spread(start['tanh, Xavier, 1/√D'], '.0f')}",
)
assert np.all(end["tanh, Xavier"] > 0.15) and np.all(halved > 0.6), "Xavier should lose little from layer to layer"
assert np.all(np.abs(np.log10(start["tanh, Xavier"])) < 1), (
    "under Xavier the gradient should arrive within a factor of ten"
)
print("saturated:", "; ".join(f"{name} {spread(found, '.0%')}" for (_, name), found in flat.items() if found))
assert share.min() > 0.45 and share.max() < 0.6, "a variance of 1/√D should saturate half of the units"
assert 70 < np.median(start["tanh, Xavier, 1/√D"]) < 300, "a variance of 1/√D should multiply the gradient by a hundred"

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I8"]
# the claim: He
lost = end["ReLU, Xavier"] / end["ReLU, He"]
measured(
    "I8",
    f"ReLU, 10 layers of 500, variance 2/D: activities {spread(end['ReLU, He'], '.2f')}, gradient at x {spread(start['ReLU, He'], '.2f')}; "
    f"variance 2/√D: activities {spread(end['ReLU, He, 2/√D'], '.1g')}; Xavier over He {spread(lost, '.3f')}, expected 1/32",
)
assert np.all((end["ReLU, He"] > 0.4) & (end["ReLU, He"] < 1.6)), "He should keep ReLU activities as they were"
assert np.all((start["ReLU, He"] > 0.6) & (start["ReLU, He"] < 1.6)), "He should keep the gradient as it was"
assert end["ReLU, He, 2/√D"].min() > 1e6, "a variance of 2/√D should make ReLU activities explode"
assert 0.02 < np.median(lost) < 0.05, "with ReLUs Xavier should lose a factor √2 a layer"

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I10"]
# the claim: the uniform habit
ratio = 3 * D * np.var(np.random.default_rng(seeds(1)[0]).uniform(-1, 1, size=100_000) / np.sqrt(D))
measured(
    "I10", f"U(±1/√D): variance {ratio:.3f}/(3D); tanh activities in layer 10 {spread(end['tanh, U(±1/√D)'], '.4f')}"
)
assert abs(ratio - 1) < 0.02, "its variance should be 1/(3D)"
assert 0.0025 < np.median(end["tanh, U(±1/√D)"]) < 0.0045, "activities should shrink some 300 times in ten layers"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

The misprints are not small: half of the tanh units saturated, or two thirds, ReLU activities of millions. $U(\pm1/\sqrt D)$ has the variance $1/(3D)$ and loses a factor $\sqrt3$ a layer, $3^{-5}$
in ten: that is what torch's *weights* do; its biases, drawn from the same interval, hide it in the heap (section 4 tells the heap from what the examples make of it). Xavier before ReLUs loses $\sqrt2$ a layer. He before *tanh*, often called wrong, does no harm here: its activities stay near .55, and
its gradient arrives as it left. Xavier's activities are not constant but fall slowly, because tanh is a little less than the identity.
</details>

### Depth and scale

How exact must the scale be? Train tanh networks on the digits from weights of standard deviation $\sigma/\sqrt{D_\text{in}}$. Eight scales $\sigma$ from .35 to 4, six depths; momentum .9, 60 updates, each
network at the best of three rates, ten seeds. Guessing blindly costs $\ln 10$; say that a network *trains* if its median loss comes below 1.8.

And to see why: a circle of inputs goes up through fifteen tanh layers of 200 units, weights from *your* `he_normal` times $\sigma$ (with slope 1 its variance is $1/D_\text{in}$). In each layer look at what two units say, while the
input goes once round the circle.

**Guess** how many of the eight scales train, at three depths; and what becomes of the circle: a "point", a "loop", or a "tangle".
"""

# %% tags=["guess"]
guess = {"2 hidden layers": ..., "8 hidden layers": ..., "32 hidden layers": ...}  # scales that train, of 8
guess |= {"circle, σ = 0.5": ..., "circle, σ = 1.4": ..., "circle, σ = 4": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I24"]
# the experiment: depth against scale
scales, depths, rates = 2.0 ** np.arange(-1.5, 2.1, 0.5), (1, 2, 4, 8, 16, 32), (0.01, 0.03, 0.1)
final = np.empty((len(depths), len(scales), 10))
for row, depth in enumerate(depths):
    networks = []
    for sigma in scales:
        rngs = [np.random.default_rng(seed) for seed in seeds(10)]
        shape = [64, *[16] * depth, 10]
        networks += [deep.normal_network(shape, rng, lambda m, n, s=sigma: s / np.sqrt(m)) for rng in rngs] * len(rates)
    lr = np.tile(np.repeat(rates, 10), len(scales))
    order = seeds(10) * (len(networks) // 10)
    losses, _ = deep.fit(networks, (X, data.y_train), tanh, lr=lr, steps=60, batch_size=32, seeds=order)
    late = losses[:, -15:].mean(axis=1).reshape(len(scales), len(rates), 10)
    best = np.median(late, axis=2).argmin(axis=1)
    final[row] = late[np.arange(len(scales)), best]
middle = np.median(final, axis=2)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I24"]
# the picture: a loss for each depth and scale
fig, ax = plt.subplots(figsize=(7.5, 4))
ax.imshow(middle, cmap="cividis_r", vmin=0, vmax=2.4, origin="lower", aspect="auto")
for (row, column), loss in np.ndenumerate(middle):
    ax.text(column, row, f"{loss:.2f}", ha="center", va="center", color="white" if loss > 1.2 else "black", fontsize=9)
ax.set(
    xticks=range(len(scales)),
    yticks=range(len(depths)),
    yticklabels=depths,
    xlabel="scale σ of the weights",
    ylabel="hidden layers",
)
ax.set(xticklabels=[f"{sigma:.2g}" for sigma in scales], title="Training loss: the deeper, the narrower")
ax.grid(False)
text = """Heat map of the loss by depth and scale. Up to four layers train at all scales, 16 at two of them near 1.4, 32 at
none."""
plots.show(fig, alt=text)
trains = dict(zip(depths, (middle < 1.8).sum(axis=1), strict=True))

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I24"]
# the experiment: a circle goes up
angle, width = np.linspace(0, 2 * np.pi, 501), 200
circle, rises, lengths = np.stack([np.cos(angle), np.sin(angle)], axis=1), {}, {0.5: [], 1.4: [], 4.0: []}
for (sigma, found), seed in product(lengths.items(), seeds(10)):
    rng = np.random.default_rng(seed)
    x = np.sqrt(width) * circle @ np.linalg.qr(rng.normal(size=(width, 2)))[0].T  # round the origin, in some plane
    heights = deep.activities(x, [sigma * he_normal(width, width, 1.0, rng) for _ in range(15)], tanh)
    rises.setdefault(sigma, [circle, *(h[:, :2] for h in heights)])
    found.append([np.linalg.norm(np.diff(h, axis=0), axis=1).sum() for h in (x, heights[-1])])
grown = {sigma: np.array(found)[:, 1] / np.array(found)[:, 0] for sigma, found in lengths.items()}
shape = {sigma: "point" if of.max() < 0.01 else "tangle" if of.min() > 10 else "loop" for sigma, of in grown.items()}
came = {f"{depth} hidden layers": trains[depth] for depth in (2, 8, 32)}
predict.compare(guess, came | {f"circle, σ = {sigma:g}": shape[sigma] for sigma in shape}, "scales of 8, and a circle")


# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I24"]
# the film: what two units of each layer say
def around(ax, layer):
    """Draw what two units of a layer say as the input goes round."""
    for place, (sigma, rise) in enumerate(rises.items()):
        points = rise[layer] + [2.6 * place, 0]
        pieces = np.stack([points[:-1], points[1:]], axis=1)
        ax.add_collection(LineCollection(pieces, array=angle[:-1], clim=(0, 8), linewidth=1.2))
        ax.plot(*points[0], "o", color="black", markersize=3)
        ax.text(2.6 * place, 1.2, f"σ = {sigma:g}", ha="center")
    ax.set(xlim=(-1.3, 6.5), ylim=(-1.2, 1.5), xticks=[], yticks=[], aspect="equal")
    ax.grid(False)
    ax.spines[:].set_visible(False)


text = """Three closed curves, layer by layer. σ = 0.5: shrinks to a point. σ = 1.4: stays a loop that bends. σ = 4: fills
its square with straight lines."""
film = {"title": "A point, a loop, a tangle", "width": 6.6, "height": 2.7, "seconds": 8, "alt": text}
players.flipbook(around, range(16), label="layer", **film)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I24"]
# the claim
told = "; ".join(f"σ = {sigma:g} {spread(of, '.2g')} ({shape[sigma]})" for sigma, of in grown.items())
print(f"length of the circle after fifteen layers, 1 before: {told}")
assert list(shape.values()) == ["point", "loop", "tangle"], (
    f"small weights should shrink a circle, large tangle it: {shape}"
)
cell = {(depth, round(sigma, 1)): final[i, j] for i, depth in enumerate(depths) for j, sigma in enumerate(scales)}
told = "; ".join(
    f"{depth} layers, σ = {sigma}: {spread(cell[depth, sigma], '.2f')}"
    for depth in (2, 16)
    for sigma in (0.5, 1.4, 4.0)
)
measured(
    "I24",
    f"training loss after 60 updates: {told}; scales of 8 that train, by depth: {', '.join(map(str, trains.values()))}",
)
assert trains[2] == 8, "two layers should train at every scale"
assert np.median(cell[16, 1.4]) < 1.7, "16 layers should train from a scale of 1.4"
assert np.all(cell[16, 0.5] > 2.2) and np.all(cell[16, 4.0] > cell[16, 1.4]), (
    "16 layers should fail when weights are too small or too large"
)
assert all(np.diff(list(trains.values())) <= 0), "no depth should train from more scales than a smaller one"
assert trains[16] <= 4 < trains[4], "the range of scales should narrow with depth"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

With two layers any start will do; with 32 none of the eight comes below 1.8 in 60 updates. On the left signals die: the circle becomes a point, all examples look the same to the last layer. On the right is chaos: the circle grows longer with every layer, two examples that were neighbours come out
unrelated, and gradients explode. Between the two, near $\sigma = 1$ (where a small signal neither grows nor shrinks), runs the *edge of chaos*, along which information travels furthest (Schoenholz et al., 2017). That 1.4 trains best here is no contradiction: at $\sigma = 1$ a signal of ordinary size still shrinks from layer to layer, since tanh lies below the identity, and a little more makes up for it. How wide the wedge is
depends on the activation, the width (here 16), the optimizer and the patience.
</details>

## 4. The gain of any activation

Tanh, ReLU: what of the next one? Suppose $z$ is standard normal before every activation. Then $\overline{h^2} = E[\phi(z)^2]$, and the next $z$ has variance 1 again if

$$\operatorname{std} w = \frac{g}{\sqrt{D_\text{in}}},\qquad g = \frac{1}{\sqrt{E[\phi(z)^2]}},\qquad E[\phi(z)^2] = \int \phi(z)^2\, \frac{e^{-z^2/2}}{\sqrt{2\pi}}\, dz .$$

$g$ is the **gain** of $\phi$: $1$ for a linear unit, $\sqrt2$ for the ReLU.

### Exercise 4: `gain` (4 points, 8 minutes, medium)

Compute the integral numerically, to within two parts in a thousand. A sum over a fine grid is enough; a few values beyond $\pm 8$ matter to nobody.

<details><summary>Hint</summary>

A sum over a grid $z_1, z_2, \dots$ approximates the integral if you multiply by the distance of two neighbours. Or divide the weighted sum by the sum of the weights.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "gain", "locked": false, "schema_version": 3, "solution": true}
def gain(activation):
    """Return the gain of an activation, 1 / sqrt(E[activation(z)²]) for standard normal z, as a float.

    activation : callable, an array of z -> an array of the same shape, at most quadratic in z
    """
    ### BEGIN SOLUTION
    z = np.linspace(-12, 12, 24001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    mean_square = np.sum(activation(z) ** 2 * density) * (z[1] - z[0])
    return float(1 / np.sqrt(mean_square))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gain-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(gain)

# %% [markdown]
r"""
### What the gain keeps, and what it does not

Fifty layers of 128 units, normal weights of standard deviation $g/\sqrt{D_\text{in}}$ with *your* $g$, biases zero; digits go in. Before each activation measure two variances: that of all numbers
of $z$ in one heap, and that of a unit *over the examples*, averaged over the units. The second one is what the network knows about its input: if it is 0, all digits look the same.

**Guess** both in layer 50: 1, more, or how much less?
"""

# %% tags=["guess"]
guess = {
    "tanh, heap": ...,
    "tanh, examples": ...,
    "ReLU, examples": ...,
    "sigmoid, heap": ...,
    "sigmoid, examples": ...,
}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I20"]
# the experiment: two variances in fifty layers
names, shape = ("tanh", "ReLU", "sigmoid"), [64, *[128] * 50]
heap, within = {name: [] for name in names}, {name: [] for name in names}
for name in names:
    phi = deep.activation(name)
    g = gain(phi)
    for seed in seeds(10):
        net = deep.normal_network(shape, np.random.default_rng(seed), lambda m, n, g=g: g / np.sqrt(m))
        net[0][0] /= g  # the data have not been through an activation
        zs = deep.before_activations(X[:200], net, phi)
        heap[name].append([z.var() for z in zs])
        within[name].append([z.var(axis=0).mean() for z in zs])

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I20"]
# the picture: two variances, layer by layer
fig, axes = plt.subplots(1, 2, figsize=(10.5, 3.8))
colors = {name: hues[name] for name in names}
for ax, values in zip(axes, (heap, within), strict=True):
    for name, color in colors.items():
        plots.curves(ax, np.array(values[name]), "He", x=np.arange(1, 51), label=name, marks=0, color=color)
    ax.set(xlabel="layer", ylabel="variance of z")
axes[0].set(title="In one heap: near 1, but for most ReLU draws", ylim=(1e-3, 100))
axes[1].set(title="Over the examples: the sigmoid loses them", ylim=(1e-35, 1e3))
axes[0].legend(loc="lower left")
text = """Left: variance in one heap stays near 1 for tanh and sigmoid, ReLU draws scatter and sink. Right: over the examples tanh stays near 1, ReLU
falls to a tenth, sigmoid to 1e-30."""
plots.show(fig, alt=text)
last = {
    f"{name}, {kind}": np.array(values[name])[:, -1]
    for kind, values in (("heap", heap), ("examples", within))
    for name in names
}
wanted = ("tanh, heap", "tanh, examples", "ReLU, examples", "sigmoid, heap", "sigmoid, examples")
predict.compare(guess, {name: np.median(last[name]) for name in wanted}, "variance of z in layer 50")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I20"]
# the claim
measured(
    "I20", "variance of z in layer 50: " + "; ".join(f"{name} {spread(values, '.2g')}" for name, values in last.items())
)
print(
    f"Your gains: tanh {gain(np.tanh):.3f} (torch prints 5/3), SELU {gain(deep.activation('SELU')):.3f} (torch prints 3/4)"
)
assert abs(np.median(last["tanh, heap"]) - 1) < 0.1, "with tanh the gain should keep the variance"
assert 0.3 < np.median(last["sigmoid, heap"]) < 3, "with sigmoids the gain should keep the variance in one heap"
assert last["sigmoid, examples"].max() < 1e-12, "with sigmoids all examples should become one"
early = np.mean(np.array(heap["ReLU"])[:, 4])  # later on rare large draws make the average
assert 0.6 < early < 1.6, "with ReLUs it should keep it on average over draws"
assert np.all(last["ReLU, examples"] < 0.5 * last["ReLU, heap"]), "with ReLUs examples should come closer"
assert np.ptp(np.log(last["ReLU, heap"])) > np.log(2), (
    "one draw of fifty ReLU layers should differ from another by a factor of two"
)
assert abs(gain(np.tanh) - 5 / 3) > 0.05 and abs(gain(deep.activation("SELU")) - 1) < 0.01, (
    "5/3 and 3/4 should be no gains"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

The heap keeps its variance, as computed, *on average over draws*. With ReLUs that average of 1 is made by rare large draws: fifty layers of one draw have more than ten times the variance of another's, the typical draw sinks, and of ten all may lie below 1, as here. But a heap of numbers can have variance 1 because the *units* differ, each saying the same for
every digit. A sigmoid is never negative; its mean (½) goes through the next matrix, and gives every unit a push of its own that no example can change. By layer 36 all digits have become one, to fifteen decimals, all that float64 has (a variance of $10^{-29}$ is a deviation in the fifteenth; the curve goes flat there because only rounding is left). Nothing
can be learned behind that. With ReLUs it happens slowly.

torch's table gives 5/3 for tanh and 3/4 for SELU. Neither is $1/\sqrt{E[\phi^2]}$: 5/3 lies a little above 1.59, on the lively side; SELU was made to have gain 1, and torch's manual says that with 3/4 it gives up the normalization for steadier gradients.
</details>

## 5. Measure

No formula knows your data, your activation, or this one draw. A forward pass does. Go through the network from below; at each layer draw weights, look at what they make *of the data that really arrive there*, and mend it:
shift each unit so that its mean over the examples is 0, and scale the layer so that the variance over the examples is 1.
(Krähenbühl et al., 2016; Mishkin and Matas, 2016, who scale orthogonal matrices without shifting and call it LSUV.)

### Build 5: `init_network` (8 points, 30 minutes, hard)

For each layer, from the first to the last:

1. Draw a matrix $A$ of standard normal numbers, and compute $h A$ for the activities $h$ that arrive (at the first layer: `X`).
2. Measure, over the examples: the mean $m_j$ of each unit, and the variance of each unit. Average the variances over the layer's units; $s$ is the root of that average.
3. The layer is $W = A/s$ and $b = -m/s$. Now $z = hW + b$ has mean 0 in each unit, and variance 1 on average.
4. What goes on to the next layer is `activation(z)`. The last layer's $z$ are the logits: they have a $W$ and a $b$ like the others, and no activation.

The check puts `X` through your network and looks at $z$ in every layer: each layer's variance (over the examples, averaged over the units) must be 1 to within a tenth, and the units' means near 0. The
draws are yours: any order will do. (Dividing each unit by a deviation of its own passes, too.)

<details><summary>Hint 1</summary>

A loop over `zip(sizes[:-1], sizes[1:])` gives the two sides of each matrix. Which axis of `h @ A` are the examples?
</details>

<details><summary>Hint 2</summary>

If the first layer passes and the second does not: what you measure in layer 2 must be what comes out of layer 1 as it *is*, scaled and shifted.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "init-network", "locked": false, "schema_version": 3, "solution": true}
def init_network(X, sizes, activation, rng):
    """Start a network so that before the activation every unit has mean 0 over the examples, every layer variance 1.

    A layer's variance is the average of its units' variances over the examples.

    X : ndarray, shape (N, sizes[0]), examples to measure on, N > 1; they are not modified
    sizes : list of ints, units from input to output
    activation : callable, an array -> an array of the same shape, applied after every layer but the last
    rng : np.random.Generator, the source of all chance
    Returns two lists, one entry a layer: weights, ndarrays of shape (fan_in, fan_out), and biases, shape (fan_out,).
    """
    ### BEGIN SOLUTION
    h, weights, biases = X, [], []
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:], strict=True):
        drawn = rng.normal(size=(fan_in, fan_out))
        z = h @ drawn
        means = z.mean(axis=0)
        scale = np.sqrt(z.var(axis=0).mean())
        W = drawn / scale
        b = -means / scale
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "init-network-check", "locked": true, "points": 8, "schema_version": 3, "solution": false}
check(init_network)

# %% [markdown]
r"""
### Fifty layers, any activation

On the examples you measure on, the variance is 1 by construction. What about digits that the initializer has not seen? Fifty layers of 64 units, measured on all 1,438 training digits, looked at with the 359 others; six activations. Beside it
the same with your `gain`.

**Guess** for how many of the six the variance over *new* examples, in layer 50, lies within 10 % of 1 (median of ten draws).
"""

# %% tags=["guess"]
guess = {"by gain": ..., "measured": ...}  # of six activations

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I21"]
# the experiment: new examples in fifty layers
names, shape = ("tanh", "ReLU", "sigmoid", "GELU", "softplus", "sine"), [64, *[64] * 50]
variances = {kind: {name: [] for name in names} for kind in ("by gain", "measured")}
for name in names:
    phi = deep.activation(name)
    g = gain(phi)
    for seed in seeds(10):
        rng = np.random.default_rng(seed)
        nets = {"measured": init_network(X, shape, phi, rng)}
        nets["by gain"] = deep.normal_network(shape, rng, lambda m, n, g=g: g / np.sqrt(m))
        for kind, net in nets.items():
            zs = deep.before_activations(X_new, net, phi)
            variances[kind][name].append([z.var(axis=0).mean() for z in zs])

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I21"]
# the picture: two starts, layer by layer
fig, axes = plt.subplots(1, 2, figsize=(10.5, 4))
colors = {name: hues[name] for name in names}
for ax, values in zip(axes, variances.values(), strict=True):
    for name, color in colors.items():
        plots.curves(ax, np.array(values[name]), "measured", x=np.arange(1, 51), label=name, marks=0, color=color)
    ax.set(xlabel="layer", ylabel="variance over new examples")
axes[0].set(title="By gain: two lose the digits, GELU runs away", ylim=(1e-35, 1e8))
axes[1].set(title="Measured: three stay at 1, three scatter", ylim=(1e-8, 1e3))
axes[1].legend(ncols=3, loc="lower left")
text = """Variance over new examples by layer. By gain, sigmoid and softplus fall below 1e-20, and GELU grows
to a thousand. Measured, tanh, sigmoid and sine stay at 1, ReLU and GELU scatter about it, softplus falls to 1e-8 in some
draws."""
plots.show(fig, alt=text)
near = {
    kind: sum(abs(np.median(np.array(v)[:, -1]) - 1) < 0.1 for v in values.values())
    for kind, values in variances.items()
}
predict.compare(guess, near, "activations of six")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I21"]
# the claim
last = {kind: {name: np.array(v)[:, -1] for name, v in values.items()} for kind, values in variances.items()}
told = "; ".join(f"{name} {spread(values, '.2f')}" for name, values in last["measured"].items())
measured("I21", f"variance of z over new examples in layer 50, measured start: {told}")
alive = sum(last["measured"]["softplus"] > 0.1)
print(f"softplus, measured: a variance above .1 over new examples in {alive} of 10 draws")
print("by gain:", "; ".join(f"{name} {spread(values, '.2g')}" for name, values in last["by gain"].items()))
bounded, own = ("tanh", "sigmoid", "sine"), []
for name in names:
    phi = deep.activation(name)
    zs = deep.before_activations(X, init_network(X, shape, phi, np.random.default_rng(seeds(1)[0])), phi)
    own.append(max(abs(z.var(axis=0).mean() - 1) for z in zs))
assert max(own) < 0.1, "on the examples that were measured every layer should have variance 1, whatever the activation"
assert all(np.all(np.abs(last["measured"][name] - 1) < 0.1) for name in bounded), (
    "bounded activations should stay within 10 % with every draw"
)
assert np.ptp(np.log(last["measured"]["softplus"])) > np.log(2), "unbounded ones should scatter from draw to draw"
assert last["by gain"]["sigmoid"].max() < 1e-12, "by gain alone the sigmoid should lose its examples"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

One function, any activation. On the digits that it measured the variance is 1 in all fifty layers, of course. On new digits it is within 10 % for the bounded activations with every draw. Where $\phi$ is *not* bounded, single draws scatter, the more the deeper:
a few examples run far out and carry most of the variance, and the new ones are not those that were measured. Of the two that are lost by gain, the sigmoid is alive with every draw, softplus with six of ten; with the other four new digits are lost all the same. Measure on as many examples as you can afford; a batch of ten would not do.
</details>

### Two numbers for each activation

Why do some return to 1, some run away, and some lose the digits? Take wide layers, weights of standard deviation $g/\sqrt{D}$, no biases, and look at one layer. If all numbers that arrive have variance $q$ in place of 1, the next ones have

$$V(q) = g^2\, E\big[\phi(\sqrt q\, z)^2\big],\qquad V(1) = 1 .$$

So a variance that is off by a little, $1 + d$, becomes $1 + V'(1)\,d$. And if two examples lie close together, with $z$ and $z + dz$, their activities differ by $\phi'(z)\,dz$, so each layer multiplies the mean square of their difference by

$$\chi = g^2\, E\big[\phi'(z)^2\big]$$

(Schoenholz et al., 2017. Coming down, each layer multiplies the mean square of the *gradient* by the same $\chi$: two matrices, one number.)

**Guess** whether a disturbed variance "returns", "drifts" (stays wherever it is) or "runs away", and what becomes of the difference of two similar examples: "dies", "stays" or "grows".
"""

# %% tags=["guess"]
guess = {"tanh, variance": ..., "ReLU, variance": ..., "GELU, variance": ...}
guess |= {"tanh, difference": ..., "ReLU, difference": ..., "sigmoid, difference": ..., "softplus, difference": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I27"]
# the experiment: two numbers for six activations
z, density = np.polynomial.hermite_e.hermegauss(150)  # points and weights of another integrator
density = density / density.sum()
back, chi, step = {}, {}, 1e-3
for name in names:
    phi = deep.activation(name)
    V = lambda q, phi=phi: gain(phi) ** 2 * density @ phi(np.sqrt(q) * z) ** 2  # noqa: E731
    back[name] = (V(1 + step) - V(1 - step)) / (2 * step)
    chi[name] = gain(phi) ** 2 * density @ phi.slope(z) ** 2
fig, ax = plt.subplots(figsize=(7, 4))
for name in names:
    ax.plot(chi[name], back[name], "o", color=hues[name], markersize=9)
    ax.annotate(name, (chi[name], back[name]), xytext=(9, 6), textcoords="offset points", color=hues[name])
ax.axhline(1, color="black", linewidth=0.8)
ax.axvline(1, color="black", linewidth=0.8)
ax.set(xlabel="χ: the difference of two examples is multiplied by", ylabel="V′(1): an error of the variance, by")
ax.set(title="Left: digits are lost. Above: the variance runs away", xlim=(0, 1.5), ylim=(0, 1.4))
text = """Six activations in a plane of χ and V′(1). Sigmoid (.15) and softplus (.32) lie far left of χ = 1; ReLU at (1, 1); GELU
above V′ = 1; tanh and sine right of χ = 1 and below V′ = 1."""
plots.show(fig, alt=text)
word = lambda x, low, high: low if x < 0.99 else high if x > 1.01 else None  # noqa: E731
came = {f"{name}, variance": word(back[name], "returns", "runs away") or "drifts" for name in ("tanh", "ReLU", "GELU")}
came |= {f"{n}, difference": word(chi[n], "dies", "grows") or "stays" for n in ("tanh", "ReLU", "sigmoid", "softplus")}
predict.compare(guess, came, "layer after layer")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I27"]
# the claim
told = "; ".join(f"{name} {back[name]:.3f}, {chi[name]:.3f}" for name in names)
measured("I27", f"V'(1) and χ: {told}")
fall = {name: np.array(variances["by gain"][name]) for name in ("sigmoid", "softplus", "GELU", "tanh")}
seen = {name: (fall[name][:, 29] / fall[name][:, 4]) ** (1 / 25) for name in ("sigmoid", "softplus")}
told = "; ".join(f"{name} {spread(found, '.3f')}" for name, found in seen.items())
print(f"by gain, variance over new examples is multiplied, per layer from 5 to 30, by: {told}")
print(f"softplus: χ to the 49th {chi['softplus'] ** 49:.0e}, in layer 50 {spread(fall['softplus'][:, -1], '.0e')}")
print(f"GELU: V'(1) to the 49th {back['GELU'] ** 49:.0f}, in layer 50 {spread(fall['GELU'][:, -1], '.2g')}")
wanted = {"tanh": 0.46, "ReLU": 1.0, "GELU": 1.14}
assert all(abs(back[name] - number) < 0.01 for name, number in wanted.items()), f"V'(1) should be {wanted}"
wanted = {"sigmoid": 0.15, "softplus": 0.32, "ReLU": 1.0, "tanh": 1.18}
assert all(abs(chi[name] - number) < 0.01 for name, number in wanted.items()), f"χ should be {wanted}"
assert np.all(np.abs(fall["tanh"][:, -1] - 1) < 0.4), "in fifty layers of tanh the variance should stay near 1"
assert np.median(fall["GELU"][:, -1]) > 20, "in fifty layers of GELUs it should run away"
assert all(abs(np.median(seen[name]) / chi[name] - 1) < 0.1 for name in seen), (
    "in the fifty layers the digits should come together by a factor of χ a layer"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Two numbers explain both pictures of fifty layers. *Variance*: tanh multiplies an error by .46 (it returns), the ReLU by exactly 1 (nothing brings a draw back that has drifted), the GELU by 1.14, and $1.14^{49}$ is several hundred. *Differences*: the sigmoid multiplies their square by .15 a layer, softplus by .32, and $.32^{49} \approx 5\cdot10^{-25}$ is where its curve ended;
the ReLU keeps those of neighbours (those that are not near shrink slowly), and tanh, with 1.18, drives neighbours apart. The gain sets $V(1) = 1$ and knows nothing of either. And biases that take the mean away, as yours do, change $\chi$: for then only what differs between examples is scaled to variance 1.
</details>

### Does it train?

A variance is not the goal. Sixteen layers of 20 units, digits, momentum .9, 80 updates, each at its best of four rates, ten seeds: your `xavier_uniform`, your `he_normal` with slope 0, and your `init_network`, for three activations.

**Guess** the start with the lowest training loss: "Xavier", "He" or "measured". One name; what lies within 15 % of the lowest shares the place (with ten seeds less is noise), and any of those that share it counts.
"""

# %% tags=["guess"]
guess = {"sigmoid": ..., "tanh": ..., "ReLU": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I22"]
# the experiment: three starts, three activations
shape, rates = [64, *[20] * 16, 10], (0.003, 0.01, 0.03, 0.1)
sides, zeros = list(zip(shape[:-1], shape[1:], strict=True)), [np.zeros(n) for n in shape[1:]]
kinds = {
    "Xavier": lambda phi, rng: ([xavier_uniform(m, n, rng) for m, n in sides], zeros),
    "He": lambda phi, rng: ([he_normal(m, n, 0.0, rng) for m, n in sides], zeros),
    "measured": lambda phi, rng: init_network(X, shape, phi, rng),
}
late, final = {}, {}
for name in ("sigmoid", "tanh", "ReLU"):
    phi = deep.activation(name)
    for kind, start in kinds.items():
        nets = [start(phi, np.random.default_rng(seed)) for seed in seeds(10)] * len(rates)
        setting = {"lr": np.repeat(rates, 10), "steps": 80, "batch_size": 32, "seeds": seeds(10) * len(rates)}
        losses, _ = deep.fit(nets, (X, data.y_train), phi, **setting)
        late[name, kind] = losses[:, -20:].mean(axis=1).reshape(len(rates), 10)
        final[name, kind] = late[name, kind][np.median(late[name, kind], axis=1).argmin()]

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I22"]
# the picture: loss against rate for each activation
(fig, axes), came = plt.subplots(1, 3, figsize=(11, 3.7), sharey=True), {}
titles = {"sigmoid": "sigmoid: only measured trains", "tanh": "tanh: all three train", "ReLU": "ReLU: Xavier does not"}
for ax, (name, title) in zip(axes, titles.items(), strict=True):
    for kind in kinds:
        plots.sensitivity(ax, rates, late[name, kind].T, kind)
    middle = {kind: np.median(final[name, kind]) for kind in kinds}
    came[name] = {kind for kind in kinds if middle[kind] <= 1.15 * min(middle.values())}
    ax.set(
        title=title,
        xlabel="learning rate (a line ends where one diverges)",
        ylim=(0.4, 4),
        yticks=[0.5, 1, 2, 4],
        yticklabels=["0.5", "1", "2", "4"],
    )
    ax.minorticks_off()
axes[0].legend(loc="lower left")
text = """Loss against rate. Sigmoid: Xavier and He stay at 2.3, measured falls to about 1. tanh: all three train.
ReLU: He and measured train, Xavier does not."""
plots.show(fig, alt=text)
predict.compare(guess, came, "lowest loss")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I22"]
# the claim
measured(
    "I22",
    "training loss, best of four rates: "
    + "; ".join(f"{name}, {kind} {spread(v, '.2f')}" for (name, kind), v in final.items()),
)
assert np.all(final["sigmoid", "measured"] < 1.8), "sixteen sigmoid layers should train from a measured start"
assert final["sigmoid", "Xavier"].min() > 2.2 and final["sigmoid", "He"].min() > 2.2, (
    "they should not train from a formula"
)
assert np.median(final["ReLU", "Xavier"]) > 2.2, "sixteen ReLU layers should not train from Xavier's start"
assert np.median(final["ReLU", "He"]) < 1.1 * np.median(final["ReLU", "measured"]), (
    "with ReLUs measuring should not beat He"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Sixteen sigmoid layers, which no formula brings to life at any of these rates, train from a measured start. (Their mean of a half, which the biases take away, was part of the case against sigmoids.) With tanh, which is centred, the formulas are as good: ten seeds cannot tell the three apart. And with ReLUs
measuring does *not* beat He: keeping examples apart in each of many ReLU layers has a price, for what holds neighbours apart on the way up makes gradients grow on the way down (Yang et al., 2019, find it in batch normalization,
which does at every update what you do once). Variance 1 is a good start, not a proof.
</details>

*A good place for a break.*

## 6. Orthogonal matrices

A normal matrix with variance $1/D$ keeps lengths on average, but not each of them: some directions it stretches to twice their length, others it flattens. In a product of fifty this goes to extremes. An **orthogonal** matrix ($Q^{\mathsf T} Q = I$) keeps *every* length.

To draw one: take the QR decomposition of a normal matrix. But a library is free to choose signs, and LAPACK's choice makes some matrices more likely than others (Mezzadri, 2007). Multiply each column of $Q$ by the sign of $R$'s diagonal entry in that column, and all orthogonal matrices, rotations and reflections
alike, are equally likely.

### Exercise 6: `orthogonal` (4 points, 10 minutes, medium)

Draw a matrix of shape `(rows, cols)`. If it is tall or square its columns are orthonormal; if it is wide, its rows. All such matrices are equally likely. (The
check looks at the signs of many small draws and of their determinants; a finer preference it does not see.)

<details><summary>Hint</summary>

`np.linalg.qr` of a tall matrix gives a tall $Q$. For a wide answer, draw a tall one and turn it round.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "orthogonal", "locked": false, "schema_version": 3, "solution": true}
def orthogonal(rows, cols, rng):
    """Draw a matrix with orthonormal columns (rows, if there are fewer of these), all such matrices equally likely.

    rows, cols : int > 0.  rng : np.random.Generator, the source of all chance
    Returns an ndarray, shape (rows, cols).
    """
    ### BEGIN SOLUTION
    Q, R = np.linalg.qr(rng.normal(size=(max(rows, cols), min(rows, cols))))
    Q = Q * np.sign(np.diag(R))
    return Q if rows >= cols else Q.T
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "orthogonal-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(orthogonal)

# %% [markdown]
r"""
### Through fifty layers

A small step $dx$ of the input becomes a step $dx\, J$ of the fiftieth layer. The singular values of $J$ say by how much steps in different directions are stretched. Fifty layers of 100 units, orthogonal or normal (variance $1/D$), linear and tanh (weights scaled by 1; inputs
of size .3), and ReLU (weights scaled by $\sqrt2$).

**Guess** the median singular value, in the middle of the hundred; and for ReLU the share of the hundred directions that get through at all (whose singular value is not 0).
"""

# %% tags=["guess"]
guess = {"linear, normal": ..., "linear, orthogonal": ..., "tanh, orthogonal": ..., "ReLU, share kept": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I23"]
# the experiment: a hundred directions through fifty layers
draws = {"normal": lambda rng: rng.normal(size=(100, 100)) / 10, "orthogonal": lambda rng: orthogonal(100, 100, rng)}
values, narrowest = {}, {}  # of narrowest: the share of units that are on in the layer with the fewest
for name, factor, height in (("linear", 1, 1), ("tanh", 1, 0.3), ("ReLU", np.sqrt(2), 1)):
    phi = deep.activation(name)
    for kind, draw in draws.items():
        found = []
        for seed in seeds(10):
            rng = np.random.default_rng(seed)
            x = height * rng.normal(size=100)
            weights = [factor * draw(rng) for _ in range(50)]
            found.append(deep.end_to_end(x, weights, phi))
            heights = deep.activities(x[None], weights, phi)
            narrowest.setdefault(f"{name}, {kind}", []).append(min(np.mean(h != 0) for h in heights))
        found = np.array(found)
        # below that there is only rounding
        values[f"{name}, {kind}"] = np.where(found > 1e-15 * found[:, :1], found, 0.0)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I23"]
# the picture: a hundred singular values
fig, axes = plt.subplots(1, 3, figsize=(11, 3.6), sharey=True)
looks = {"normal": ("too small", plots.GREY), "orthogonal": ("orthogonal", plots.GREEN)}
for ax, name in zip(axes, ("linear", "tanh", "ReLU"), strict=True):
    for kind, look in looks.items():
        shown = np.maximum(values[f"{name}, {kind}"], 1e-30)
        plots.curves(ax, shown, look[0], x=np.arange(1, 101), label=kind, marks=6, color=look[1])
    ax.set(xlabel="singular value, by size", ylim=(1e-18, 1e4))
axes[0].set(title="linear: all exactly 1", ylabel="stretched by")
axes[1].set_title("tanh: all alive")
axes[2].set_title("ReLU: six directions of ten are gone")
axes[2].legend(loc="upper right")
text = """Singular values by rank. Normal matrices: from 7 down to 1e-15, where rounding begins and the line
ends. Orthogonal: all 1 when linear, .02 to .5 with tanh; with ReLU both kinds end before the fiftieth value."""
plots.show(fig, alt=text)
middle = {name: np.median(found, axis=1) for name, found in values.items()}
kept = {name: np.mean(found > 0, axis=1) for name, found in values.items()}
came = {name: np.median(middle[name]) for name in ("linear, normal", "linear, orthogonal", "tanh, orthogonal")}
came["ReLU, share kept"] = np.median(kept["ReLU, orthogonal"])
predict.compare(guess, came, "median singular value, and share")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I23"]
# the claim
measured(
    "I23",
    "median singular value of 50 layers: "
    + "; ".join(f"{name} {spread(found, '.2g')}" for name, found in middle.items())
    + f"; directions kept by ReLU, orthogonal: {spread(kept['ReLU, orthogonal'], '.0%')}, normal {spread(kept['ReLU, normal'], '.0%')}",
)
assert np.allclose(values["linear, orthogonal"], 1), "orthogonal linear layers should keep every length"
assert middle["linear, normal"].max() < 1e-5, "normal linear layers should flatten the middle direction"
assert middle["tanh, orthogonal"].min() > 0.1, "orthogonal tanh layers should keep the middle direction"
assert values["tanh, orthogonal"].min() > 0.01, "and shrink none of the hundred a hundredfold"
assert middle["tanh, normal"].max() < 1e-5, "normal tanh layers should flatten it"
print(f"ReLU, orthogonal: on in the narrowest layer {spread(narrowest['ReLU, orthogonal'], '.0%')}")
assert max(narrowest["ReLU, orthogonal"]) < 0.5, "in some layer more than half of the units should be off"
assert kept["ReLU, orthogonal"].max() < 0.5, "with ReLUs fewer than half of the directions should get through at all"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Normal matrices keep the *average* length, and that average is made by a few directions: the middle one is shrunk tens of millions of times. That all singular values stay near 1 is called **dynamical isometry**. Orthogonal matrices give it to linear networks exactly
(an identity; Saxe et al., 2014) and nearly to tanh near its linear part: all hundred are alive, the smallest at .02, the largest at .5. A ReLU switches half of the units off whatever the matrix: what is off in the narrowest layer is lost, fewer than half of the directions get through at all, the median singular value is 0, and nothing of the kind is left (Pennington et al., 2017): "use orthogonal weights" is advice for tanh, and for recurrent
networks.
</details>

## 7. Large weights fit and learn less

So far large weights were bad because the network was deep. A shallow one trains from any scale. Does it learn the same? And what does training the *hidden* layer buy? One hidden layer of 48 tanh units, only 200 digits to learn from, weights of standard deviation $\sigma/\sqrt{D_\text{in}}$, momentum .9, 250 updates. Each scale
gets the rate, out of seven, with the best accuracy on the 359 held-out digits. Then the same once more with the hidden layer *frozen* as it was drawn: only the output weights are trained.

**Guess** the accuracy on the held-out digits, in per cent.
"""

# %% tags=["guess"]
guess = {"σ = 1": ..., "σ = 4": ..., "σ = 16": ..., "σ = 1, frozen": ..., "σ = 16, frozen": ...}  # per cent

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I11"]
# the experiment: four scales, 200 digits
scales, rates = (0.25, 1.0, 4.0, 16.0), (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
few = (X[:200], data.y_train[:200])
nets = []
for sigma in scales:
    rngs = [np.random.default_rng(seed) for seed in seeds(10)]
    nets += [deep.normal_network([64, 48, 10], rng, lambda m, n, s=sigma: s / np.sqrt(m)) for rng in rngs] * len(rates)
lr = np.tile(np.repeat(rates, 10), len(scales))
cut, start, reached = (len(scales), len(rates), 10), deep.stack(nets), {}
for kind, factors in (("trained", [1, 1, 1, 1]), ("frozen", [0, 0, 1, 1])):
    setting = {"lr": lr, "steps": 250, "batch_size": 50, "seeds": seeds(10) * (len(nets) // 10), "factors": factors}
    _, after = deep.fit(nets, few, tanh, **setting)
    seen, unseen = (100 * deep.scores(after, of, tanh)[1].reshape(cut) for of in (few, (X_new, data.y_test)))
    best = np.median(unseen, axis=2).argmax(axis=1)
    at = np.arange(len(scales)), best
    way = (after[0] - start[0]).flatten(1).norm(dim=1) / start[0].flatten(1).norm(dim=1)
    way = way.numpy().astype(float).reshape(cut)  # of the hidden weights, in units of their own length
    reached[kind] = {"seen": seen[at], "unseen": unseen[at], "rate": best, "way": way[at]}
    if kind == "trained":
        slow = unseen[3, 1], way[3, 1], seen[3, 1]  # sigma = 16 at a rate of .03
seen, unseen, best = (reached["trained"][key] for key in ("seen", "unseen", "rate"))
frozen = reached["frozen"]["unseen"]

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I11"]
# the picture: accuracy against scale
fig, ax = plt.subplots(figsize=(7, 3.6))
drawn = {"the 200 that it learns from": (seen, plots.GREY), "held out": (unseen, plots.PURPLE)}
drawn["held out, hidden layer frozen"] = frozen, plots.GREEN
for name, (found, color) in drawn.items():
    ax.plot(scales, np.median(found, axis=1), "o-", color=color, label=name)
    ax.fill_between(scales, found.min(axis=1), found.max(axis=1), color=color, alpha=0.18, linewidth=0)
ax.set(
    xscale="log",
    xlabel="scale σ of the weights",
    ylabel="accuracy (%)",
    xticks=scales,
    xticklabels=[f"{s:g}" for s in scales],
)
ax.set_title("All learned by heart; from large weights less carries over")
ax.minorticks_off()
ax.legend(loc="lower left")
text = """Accuracy against scale: 100 % on the 200 digits at all scales; held out 95 % at scales .25 and 1, 90 % at 4,
83 % at 16; with the hidden layer frozen 91 to 93 % at .25 and 1, 84 % at 4, 80 % at 16."""
plots.show(fig, alt=text)
came = {f"σ = {s:g}": np.median(found) for s, found in zip(scales, unseen, strict=True) if s >= 1}
came |= {"σ = 1, frozen": np.median(frozen[1]), "σ = 16, frozen": np.median(frozen[3])}
predict.compare(guess, came, "held-out accuracy", unit="%")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I11"]
# the claim
told = "; ".join(
    f"σ = {s:g} {spread(found, '.1f')} % at rate {rates[b]:g}" for s, found, b in zip(scales, unseen, best, strict=True)
)
measured("I11", f"accuracy on held-out digits, each at its best rate: {told}")
told = "; ".join(f"σ = {s:g} {spread(found, '.1f')} %" for s, found in zip(scales, frozen, strict=True))
print(f"hidden layer frozen: {told}")
told = "; ".join(f"σ = {s:g} {spread(of, '.2f')}" for s, of in zip(scales, reached["trained"]["way"], strict=True))
print(f"way of the hidden weights, their length at the start = 1: {told}")
told = f"held out {spread(slow[0], '.1f')} %, of the 200 {spread(slow[2], '.1f')} %"
print(f"σ = 16 at a rate of .03: way {spread(slow[1], '.2f')}, {told}")
gained = [1 - (100 - np.median(unseen[i])) / (100 - np.median(frozen[i])) for i in range(len(scales))]
told = "; ".join(f"σ = {s:g} {share:.0%}" for s, share in zip(scales, gained, strict=True))
print(f"share of the errors that training the hidden layer takes away: {told}")
assert np.median(seen, axis=1).min() > 99, "at every scale the 200 digits should be learned by heart"
assert np.median(unseen[1]) - np.median(unseen[3]) > 8, "large weights should cost many points on new digits"
assert np.all(unseen[2] < unseen[1]), "a scale of 4 should do worse than a scale of 1, with every seed"
assert np.median(unseen[1]) - np.median(frozen[1]) > 2, "at a scale of 1 training the hidden layer should pay"
assert np.median(frozen[1]) - np.median(unseen[3]) > 2, "trained from 16 should be worse than frozen at 1"
assert gained[3] < 0.45, "at 16 most of the errors should be left"
assert np.median(slow[1]) < 0.2, "at a small rate the large weights should hardly move"
assert np.median(slow[0]) < np.median(unseen[3]) - 10, "and new digits should fare worse still"
assert np.median(reached["trained"]["way"][3]) > 0.4, "at the best rate the large weights should move far all the same"
assert abs(np.median(unseen[0]) - np.median(unseen[1])) < 2, "in a shallow network small weights should do no harm"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

All four networks know their 200 digits by heart. From large weights the hidden units start as 48 nearly random switches, and training them does not mend that: frozen as they were drawn they reach 80 % on new digits, trained 83 %, a sixth of the errors (a third under other dice). At $\sigma = 1$ it is 91 against 95 %: units of
ordinary weights do better *frozen* than those of large weights trained. (Between the two, at 4, training the hidden layer pays as it does at 1, from 84 to 90 %.) Not that the large weights stand still: at the rate that is best they move about as far as they are long, or further, to little avail. At a small rate they do hardly move (a tenth of their length at .03), the output weights alone fit the 200 digits, and new ones fare worse still, 61 %: that is *lazy* training (Chizat et al., 2019). The scale of the start is a regulariser that nobody wrote down. A scale *smaller* than Xavier's costs nothing here: one layer cannot shrink much.
</details>

## 8. Start as nothing: residual branches

A residual block adds to what it gets: $h \leftarrow h + \phi(hA)B$. If a branch adds as much variance as it finds, $L$ blocks have $2^L$; with He's factor 2 in $B$, which no ReLU follows, it adds twice as much, and they have $3^L$. Three starts for $B$: He; He divided by $\sqrt L$; and *zero*, so that each block is the identity at first. Does a zero matrix not get zero gradients for ever, as in section 1?

Sixteen blocks of 16 ReLU units, no normalization, momentum .9, 80 updates, eight rates from a millionth to .03.

**Guess** the training loss, each at its best rate (guessing blindly costs $\ln 10$).
"""

# %% tags=["guess"]
guess = {"He": ..., "He/√L": ..., "zero": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I25"]
# the experiment: three starts of the branches
blocks, rates = 16, np.array([1e-6, 1e-5, 3e-5, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2])
factors = {"He": 1.0, "He/√L": 1 / np.sqrt(blocks), "zero": 0.0}
looks = {"He": plots.ORANGE, "He/√L": plots.PURPLE, "zero": plots.BLACK}
(fig, ax), late, growth = plt.subplots(figsize=(7.5, 3.9)), {}, {}
for name, factor in factors.items():
    nets = []
    for seed in seeds(10):
        rng = np.random.default_rng(seed)
        weights = [he_normal(m, 16, 0.0, rng) for m in (64, *[16] * 32)] + [rng.normal(size=(16, 10)) / 4]
        for block in range(blocks):
            weights[2 * block + 2] *= factor
        nets.append((weights, [np.zeros(W.shape[1]) for W in weights]))
    growth[name] = deep.growth_of_residuals(deep.stack(nets), X[:200], relu)
    setting = {"lr": np.repeat(rates, 10), "steps": 80, "batch_size": 32, "seeds": seeds(10) * len(rates)}
    losses, _ = deep.fit(nets * len(rates), (X, data.y_train), relu, residual=True, **setting)
    late[name] = losses[:, -20:].mean(axis=1).reshape(len(rates), 10)
    plots.sensitivity(ax, rates, late[name].T, "He", label=name, color=looks[name])
ax.axhline(np.log(10), color=plots.GREY, linewidth=0.8)
ax.set(xlabel="learning rate (a line ends where one diverges)", ylabel="training loss", ylim=(0.2, 300))
ax.set_title("Plain branches explode; the other two train")
ax.legend(title="start of B", loc="upper right")
text = "Loss against rate, three starts: He never below chance, He/√L and zero both reach about a third, near a rate of .01."
plots.show(fig, alt=text)
final = {name: found[np.median(found, axis=1).argmin()] for name, found in late.items()}
predict.compare(guess, {name: np.median(found) for name, found in final.items()}, "training loss")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I25"]
# the claim
told = "; ".join(f"{name} {spread(growth[name], '.2g')}, loss {spread(final[name], '.2f')}" for name in factors)
measured("I25", f"16 residual blocks: growth of the activities' spread, and training loss at the best rate: {told}")
assert 2e3 < np.median(growth["He"]) < 2e4, "plain branches should multiply the spread by thousands"
assert growth["He"].min() > 100 and np.allclose(growth["zero"], 1), (
    "plain branches should explode, zero ones do nothing at first"
)
assert np.median(growth["He/√L"]) < 5, "divided by √L they should grow little"
assert final["He"].min() > np.log(10), "with plain branches no rate should come below blind guessing"
assert np.all(final["zero"] < 1) and np.median(final["He/√L"]) < 1, "the other two should train"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Plain branches multiply the spread by thousands ($3^{16}$ in variance is $3^8 = 6561$ in spread), and no rate of the grid survives that. Zero is allowed here, although section 1 forbade it: the gradient of $B$ contains $\phi(hA)$, which is random, so $B$ moves at the first update, and units of $A$ that differ stay different.
A deep residual network that starts as the identity is a *shallow* network that grows deeper as it learns (Zhang et al., 2019; Bachlechner et al., 2021; the last norm's scale in many ResNets and the output projections of some transformers start at zero for this reason; GPT-2 takes the second start and divides them by the root of the number of branches).
</details>

## 9. Wide: the rate that stays

You tune the learning rate on a small network, because you can afford it, and train a large one. Does the best rate carry over? Two hidden ReLU layers of 8, 32 or 128 units, Adam, 60 updates, a grid of rates in factors of 2, in two **parametrisations**:

| | start of the hidden matrix | of the output matrix | Adam's rate for the two |
|---|---|---|---|
| usual | variance $2/D$ | variance $1/D$ | $\epsilon$ |
| muP | variance $2/D$ | variance $1/D \cdot 8/D$ | $\epsilon \cdot 8/D$ |

($D$ is the width; both agree at 8. The first layer and the biases keep $\epsilon$ in both. $\epsilon$ is the learning rate, as everywhere in this course. The idea of *muP*, Yang and Hu, 2021; Yang et al., 2021, for Adam: it moves every weight by about $\epsilon$, whatever the gradient's size. These moves all push the sum the same way, so the change of a sum of $D$
terms is about $D\epsilon$: to keep it the same at all widths, divide by $D$.)

**Guess** the best rate as a power of 2: at width 8 it is $2^{-5}$, give or take one step.
"""

# %% tags=["guess"]
guess = {"usual, 32": ..., "usual, 128": ..., "muP, 128": ...}  # p in a rate of 2 to the p

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I26"]
# the experiment: three widths, two parametrisations
powers, widths = np.arange(-10, -1), (8, 32, 128)
found, best = {}, {}
for kind in ("usual", "muP"):
    for width in widths:
        share = 8 / width if kind == "muP" else 1.0
        nets = []
        for seed in seeds(10):
            rng = np.random.default_rng(seed)
            hidden = [he_normal(64, width, 0.0, rng), he_normal(width, width, 0.0, rng)]
            last = rng.normal(size=(width, 10)) * np.sqrt(share / width)
            nets.append(([*hidden, last], [np.zeros(width), np.zeros(width), np.zeros(10)]))
        setting = {"steps": 60, "batch_size": 32, "seeds": seeds(10) * len(powers), "optimizer": "Adam"}
        factors, lr = [1, 1, share, 1, share, 1], np.repeat(2.0**powers, 10)
        losses, _ = deep.fit(nets * len(powers), (X, data.y_train), relu, lr=lr, factors=factors, **setting)
        found[kind, width] = losses[:, -15:].mean(axis=1).reshape(len(powers), 10)
        best[kind, width] = powers[found[kind, width].argmin(axis=0)]

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I26"]
# the picture: three valleys, twice
fig, axes = plt.subplots(1, 2, figsize=(10.5, 3.9), sharey=True)
for ax, kind in zip(axes, ("usual", "muP"), strict=True):
    for width, color, marker in zip(widths, (plots.SKY, plots.BLUE, plots.BLACK), "os^", strict=True):
        plots.sensitivity(
            ax, 2.0**powers, found[kind, width].T, "Adam", label=f"width {width}", color=color, marker=marker
        )
    ax.set(
        xticks=2.0 ** powers[::2],
        xticklabels=[f"$2^{{{p}}}$" for p in powers[::2]],
        xlabel="Adam's rate ε",
        ylim=(0.04, 4),
    )
    ax.minorticks_off()
axes[0].set(title="Usual: the best rate moves left", ylabel="training loss after 60 updates")
axes[1].set(title="muP: it stays")
axes[1].legend(loc="lower left")
text = """Loss against Adam's rate at three widths. Usual: the valleys move left by two or three steps from width 8 to
128. muP: they lie below each other."""
plots.show(fig, alt=text)
middle = {key: powers[np.median(values, axis=1).argmin()] for key, values in found.items()}
predict.compare(
    guess,
    {f"{kind}, {width}": middle[kind, width] for kind, width in (("usual", 32), ("usual", 128), ("muP", 128))},
    "power of 2",
)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I26"]
# the claim
told = "; ".join(f"{kind} {', '.join(str(middle[kind, w]) for w in widths)}" for kind in ("usual", "muP"))
shift = {kind: (best[kind, 128] - best[kind, 8]).astype(float) for kind in ("usual", "muP")}
measured(
    "I26",
    f"power of 2 of Adam's best rate at widths 8, 32, 128: {told}; shift from 8 to 128, seed by seed: usual {spread(shift['usual'], '.1f')}, muP {spread(shift['muP'], '.1f')}",
)
assert powers[0] < min(middle.values()) and max(middle.values()) < powers[-1], (
    "the best rates should lie inside the grid"
)
assert shift["usual"].max() <= -1 and np.median(shift["usual"]) <= -2, (
    "under the usual parametrisation the best rate should fall"
)
assert middle["usual", 8] >= middle["usual", 32] >= middle["usual", 128], "and with every step of the width"
assert abs(np.median(shift["muP"])) <= 1, "under muP it should stay, to one step of the grid"
assert abs(middle["muP", 32] - middle["muP", 8]) <= 1, "at the width between as well"
at = list(powers).index(middle["usual", 8])
cost = {kind: np.median(found[kind, 128][at]) / np.median(found[kind, 128], axis=1).min() for kind in ("usual", "muP")}
told = "; ".join(f"{kind} {cost[kind]:.1f}" for kind in cost)
print(f"loss of width 128 at the best rate of width 8, that at its own best rate = 1: {told}")
low = {kind: np.median(found[kind, 128], axis=1).min() for kind in ("usual", "muP")}
print(f"loss of width 128 at its own best rate: usual {low['usual']:.3f}, muP {low['muP']:.3f}")
assert cost["usual"] > 2 > cost["muP"], (
    "the small network's best rate should be bad for the large one, but not under muP"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Under the usual parametrisation the best rate falls by about a factor of 2 for every fourfold width, and more at the end: whoever takes the rate of the narrow network over to the wide one pays several times the loss. Under muP the valleys lie below each other: tune small, train large. (Each at its own best rate, the usual one is no worse here: muP buys a rate that carries over, not a lower loss.) A start is a *variance and a
rate* for each layer, not a variance alone. (Sixty updates, two hidden layers, Adam, one grid step is a factor of 2.)
</details>

## 10. Reflection (4 points, 10 minutes)

A colleague builds a network of 40 fully connected layers, 256 units each, with an activation of her own, $\phi(z) = \log(1 + e^z)$, and no normalization. She computes its gain, draws normal weights with it, checks that all numbers $z$ before each activation, in one heap, have variance 1, and
starts training: the loss stays at that of blind guessing at every rate she tries.

**In two to four sentences:** explain what her check has missed and why it happens with this activation, say what she should measure instead, and what she could change in the start, with one price or limit of that change.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "initialization-reflection", "locked": false, "points": 4, "schema_version": 3, "solution": true}
r"""
**Model answer.** Her heap of numbers has variance 1 because the units differ from each other, not because the examples do. The activation is never negative, so its mean goes through every matrix, pushes each unit to a place of its own, and after 40 layers all examples give nearly the
same numbers, from which nothing can be learned. She should measure each unit's variance *over the examples*, averaged over the units. She could set the biases so that each unit has mean 0 over a batch and scale each layer by what she measures; this holds only for data like those measured, it is done
once and training moves away from it, and gradients may grow instead (batch normalization repeats it at every update).

**Marking scheme.** 1 point: variance between units against variance over examples. 1 point: a mean that is not zero is the cause (softplus is positive). 1 point: measure over the examples, unit by unit. 1 point: a remedy (centring biases with measured scale, a centred activation, residual branches that start at zero, normalization) with one price or limit.
"""

# %% [markdown]
r"""
## What to remember

1. Equal units stay equal: draw the weights at random. Biases may start at zero; so may the last matrix of a residual branch.
2. A layer multiplies the variance by $D \operatorname{Var} w\, \overline{h^2}/\operatorname{Var} z$, and depth raises that to a power: $1/D$ for tanh, $2/D$ for ReLU, $g^2/D$ for anything. No root.
3. Saturation need not stop gradients: between saturated layers with large weights they explode.
4. Variance in a heap is not variance over the examples. When in doubt, measure, layer by layer, on the data.
5. Depth narrows what trains, width moves the best rate, and orthogonal matrices keep lengths, until a ReLU comes.

## Further reading

<details><summary>Papers and a book</summary>

- I. Goodfellow, Y. Bengio, A. Courville (2016). *Deep Learning*. MIT Press. Section 8.4.
- X. Glorot, Y. Bengio (2010). Understanding the difficulty of training deep feedforward neural networks. *AISTATS*, PMLR 9, 249–256.
- K. He, X. Zhang, S. Ren, J. Sun (2015). Delving deep into rectifiers. *ICCV*, 1026–1034.
- A. Saxe, J. McClelland, S. Ganguli (2014). Exact solutions to the nonlinear dynamics of learning in deep linear neural networks. *ICLR*.
- F. Mezzadri (2007). How to generate random matrices from the classical compact groups. *Notices of the AMS* 54(5), 592–604.
- D. Mishkin, J. Matas (2016). All you need is a good init. *ICLR*. P. Krähenbühl, C. Doersch, J. Donahue, T. Darrell (2016). Data-dependent initializations of convolutional neural networks. *ICLR*.
- B. Poole, S. Lahiri, M. Raghu, J. Sohl-Dickstein, S. Ganguli (2016). Exponential expressivity in deep neural networks through transient chaos. *NeurIPS*. The circle.
- S. Schoenholz, J. Gilmer, S. Ganguli, J. Sohl-Dickstein (2017). Deep information propagation. *ICLR*.
- J. Pennington, S. Schoenholz, S. Ganguli (2017). Resurrecting the sigmoid in deep learning through dynamical isometry. *NeurIPS*.
- G. Yang, J. Pennington, V. Rao, J. Sohl-Dickstein, S. Schoenholz (2019). A mean field theory of batch normalization. *ICLR*.
- L. Chizat, E. Oyallon, F. Bach (2019). On lazy training in differentiable programming. *NeurIPS*.
- H. Zhang, Y. Dauphin, T. Ma (2019). Fixup initialization. *ICLR*. T. Bachlechner et al. (2021). ReZero is all you need. *UAI*.
- G. Yang, E. Hu (2021). Tensor Programs IV: feature learning in infinite-width neural networks. *ICML*. G. Yang et al. (2021). Tensor Programs V: tuning large neural networks via zero-shot hyperparameter transfer. *NeurIPS*; arXiv:2203.03466.
</details>
"""

# %% tags=["experiment"]
predict.summary()
