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
# What batch normalization buys, and why

When you have worked through this notebook you can

- say how many updates batch normalization saves, at which rates and from which starts, and where it saves none,
- compute what a simultaneous step of all layers does, order by order in the rate,
- mend a training loop that looks at held-out examples, and estimate running statistics anew,
- explain why weights before a batch norm can only grow, and where weight decay stops them,
- measure the drift of a layer's inputs, and say why it is disputed as an explanation.

About 150 minutes, 35 points. Goodfellow et al. (2016), *Deep Learning*, section 8.7.1. From [the notebook before this one](batch_norm.ipynb) you need
the transform, its running statistics, and train and eval mode; from [chapter 3](../ch03_challenges/curvature.ipynb) the Taylor series. The exercises
and the reflection take 79 minutes (each says how many), the 10 guesses with their experiments 4 each, and the rest is reading.

**How it goes.** You write a function, and `check(...)` tells you at once whether it is right. Then you guess what an experiment will show: fill in the
cell `guess = …`, in numbers or words, before you run the next one. Nobody grades a guess, and `...` is allowed. The experiment's source is folded; it
runs *your* functions and sets your guess beside what came. Open **What you saw** afterwards.

**What an answer owes.** Arrays hold floats. Leave the arrays that you are given as they are, unless the text of the function says that you write into
them.
"""

# %%
from functools import partial
from itertools import pairwise, product

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from utils import normed, players, plots, predict
from utils.check import check
from utils.claims import base_seed, measured, seeds, spread
from utils.data import digits, mnist1d
from utils.device import best_device, seed_everything
from utils.maps import heat_map
from utils.normed import GroupedBatchNorm, NoisyBatchNorm, normed_mlp, start_of
from utils.training import grid, sweep

seed_everything(base_seed())
plots.style()
device = best_device()
guess = ...  # yours, before each experiment
data = digits(device=device)

# %% [markdown]
r"""
## 1. Fewer updates

Batch normalization became famous by one number. Ioffe and Szegedy (2015) trained an image network on ImageNet to the accuracy of its forerunner with **14 times fewer
updates** (you may find it dated 2014; the paper is of February 2015). At the forerunner's own rate batch norm saved a factor of 2.3 (13.3 million updates instead of 31 million); the rest came with a rate five times as large, which
the plain network did not stand, and with other changes: no dropout, less weight decay, a faster schedule. That was one large network, and runs that cost weeks, not a distribution.

You can afford the distribution. All networks of this notebook are stacks of `Linear`, batch norm (or nothing), ReLU, with He's
initialization ($\text{variance } 2/\text{fan-in}$, [chapter 5](../ch05_initialization/initialization.ipynb)); torch's `BatchNorm1d` does what yours did. Here: five hidden layers of 32 units, handwritten digits, batches of 32,
plain SGD, five rates from .05 to 1.5, ten networks each. Every five updates somebody looks whether the network gets 90 % of the held-out digits right; three such looks in a row, and the first of them counts.

**Guess** how many updates the typical network needs, at the best of the five rates for either kind; and both at the rate that is best *without* batch
norm.
"""

# %% tags=["guess"]
guess = {
    "no norm, own best": ...,
    "batch norm, own best": ...,
    "batch norm, the other's best": ...,
}  # updates, up to 300

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B5"]
# the experiment: updates to 90 %, with and without
rates, sizes = np.array([0.05, 0.1, 0.2, 0.5, 1.5]), [64, *[32] * 5, 10]
options = {"steps": 300, "batch_size": 32, "evaluate": data.test, "eval_every": 5}
needed = {}
for norm in ("no norm", "batch norm"):
    history = sweep(start_of(sizes, norm), data.train, grid(lr=rates, seed=seeds(10)), **options)
    needed[norm] = normed.updates_until(history, 0.9).reshape(len(rates), -1)
fig, ax = plt.subplots(figsize=(8, 3.9))
for norm, found in needed.items():
    plots.sensitivity(ax, rates, found.T, norm, band=False)
    alive = np.isfinite(found).all(axis=1)
    ends = found[alive].min(axis=1), found[alive].max(axis=1)
    ax.vlines(rates[alive], *ends, color=plots.look(norm)["color"], linewidth=4, alpha=0.35)
best = {norm: np.median(found, axis=1).argmin() for norm, found in needed.items()}
best_rate = {norm: rates[place] for norm, place in best.items()}
ax.set(ylabel="updates to 90 %", xlim=(0.04, 2), ylim=(10, 400), xticks=rates, xticklabels=rates)
ax.set_yticks((20, 50, 100, 200), (20, 50, 100, 200))
ax.minorticks_off()
ax.set_title("Several times fewer updates, over a wider range of rates")
ax.legend(title="10 networks: median; bar: range, where all arrive; ring: best", loc="lower left")
text = """Updates against rate, both logarithmic. Without a norm a short line with its lowest point at a rate of 0.1 that ends where networks
fail; with batch norm a line that falls to a rate of 0.5 and rises again at 1.5. Bars show ranges: without a norm one, from 155 to 275 at 0.1; with batch norm one at each rate."""
plots.show(fig, alt=text)
came = {f"{norm}, own best": np.median(needed[norm][place]) for norm, place in best.items()}
came["batch norm, the other's best"] = np.median(needed["batch norm"][best["no norm"]])
predict.compare(guess, came, "updates to 90 %")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B5"]
# the claim
plain, batch = (needed[norm][best[norm]] for norm in ("no norm", "batch norm"))
same = needed["batch norm"][best["no norm"]]
ratio = np.median(plain) / np.median(batch)
measured(
    "B5",
    f"updates to 90 %: no norm {spread(plain, '.0f')} at {rates[best['no norm']]:g}, batch norm {spread(batch, '.0f')} at "
    f"{rates[best['batch norm']]:g}, {spread(same, '.0f')} at the other's rate; {ratio:.1f} times fewer at each one's best",
)
assert 0 < best["no norm"] < len(rates) - 1 and 0 < best["batch norm"] < len(rates) - 1, (
    "a best rate at the grid's edge"
)
assert 2.8 < ratio < 6.5, f"batch norm should need several times fewer updates, and not 14: {ratio:.1f}"
assert np.median(plain) > 1.5 * np.median(same), "at the plain network's best rate batch norm should be faster too"
assert np.max(batch) < np.min(plain), "the slowest network with batch norm should beat the fastest without"
assert np.isfinite(np.median(needed["batch norm"], axis=1)).all(), "with batch norm all five rates should work"
assert np.isinf(np.median(needed["no norm"][-2:], axis=1)).all(), "which the plain network should not stand"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

About four times fewer updates at each one's best rate; at one and the same rate, the plain network's best, two to three times fewer. So here, too, the
larger rate is a part of the gain, and batch norm would gain without it. Ranges do not overlap. It is not 14: that number belongs to ImageNet, to one large network and to
a changed recipe. And it counts updates: one with batch norm takes longer, by how much depends on network and machine.

The curve tells more than its lowest point: with batch norm all five rates work, and from .2 to .5 they do about equally well; the plain network has no typical result at .5 and 1.5, because at least half of its runs do not arrive in time.
</details>

### Is it the depth?

Batch norm became famous in deep networks. What does it save in one with a *single* hidden layer of 32 units? And what if somebody **centres** the digits before training: subtracts the mean image
of the training digits from all of them, and divides all pixels by one number, the standard deviation of what is left? That is done once, and is no layer.

**Guess** by what factor a plain network needs more updates than one with batch norm on the same digits, each kind at its own best of the five rates.
"""

# %% tags=["guess"]
guess = {"one hidden layer": ..., "one, centred digits": ..., "five, centred digits": ...}  # times as many updates

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B17"]
# the experiment: one hidden layer and five, digits as they are, centred, divided, and both
middle = data.x_train.mean(dim=0)
width = (data.x_train - middle).std()
changes = {"divided only": lambda x: x / width, "centred only": lambda x: x - middle}
changes["centred digits"] = lambda x: (x - middle) / width
rates, options = np.array([0.05, 0.1, 0.2, 0.5, 1.5]), {"steps": 300, "batch_size": 32, "eval_every": 5}
plain = ("one hidden layer", "one, divided only", "one, centred only", "one, centred digits")
plain += ("five hidden layers", "five, centred only", "five, centred digits")
counts, chosen = {}, {}
for kind, norm in product(plain, ("no norm", "batch norm")):
    if norm == "batch norm" and "only" in kind:
        continue
    change, found = changes.get(kind.partition(", ")[2], lambda x: x), needed[norm]  # five hidden layers: section 1
    if kind != "five hidden layers":
        build = start_of([64, *[32] * (5 if "five" in kind else 1), 10], norm)
        train, test = ((change(x), y) for x, y in (data.train, data.test))
        history = sweep(build, train, grid(lr=rates, seed=seeds(10)), evaluate=test, **options)
        found = normed.updates_until(history, 0.9).reshape(len(rates), -1)
    chosen[kind, norm] = np.median(found, axis=1).argmin()
    counts[kind, norm] = found[chosen[kind, norm]]
factor = {k: np.median(counts[k, "no norm"]) / np.median(counts[k, "batch norm"]) for k in plain if "only" not in k}
predict.compare(guess, {kind: factor[kind] for kind in factor if "five hidden" not in kind}, "times as many updates")

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the picture: updates to 90 %
fig, ax = plt.subplots(figsize=(8.5, 4.2))
shown = {f"{kind}: {norm}, rate {rates[chosen[kind, norm]]:g}": (kind, norm) for kind, norm in counts}
looks = {name: plots.look(norm)["color"] for name, (_, norm) in shown.items()}
plots.ranges(ax, {name: counts[key] for name, key in shown.items()}, looks)
ax.set(xlabel="updates to 90 %, median and range of 10 networks", xlim=(0, None))
ax.set_title("Centring takes much of the factor away")
text = """Updates to 90 %. One hidden layer: no norm about 70, batch norm 20; without a norm on digits that are divided only 60, centred only 20;
centred digits 15 and 15. Five hidden layers: about 210 and 50; centred only 90; centred digits 80 and 40."""
plots.show(fig, alt=text)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B17"]
# the claim
told = "; ".join(f"{kind}, {norm} {spread(found, '.0f')}" for (kind, norm), found in counts.items())
measured("B17", f"updates to 90 %: {told}; factors {', '.join(f'{value:.1f}' for value in factor.values())}")
one, one_centred, five, five_centred = factor.values()
centred, divided, as_it_is = (
    chosen[kind, "no norm"] for kind in ("one, centred only", "one, divided only", "one hidden layer")
)
median = {kind: np.median(counts[kind, "no norm"]) for kind in plain}
assert 2.4 < one < 5, "with one hidden layer, too, batch norm should need several times fewer updates"
assert 0 < as_it_is < len(rates) - 1, "a best rate at the grid's edge"
assert as_it_is == chosen["one hidden layer", "batch norm"], (
    "with one hidden layer both kinds should have the same best rate"
)
assert one_centred < 1.3, "on centred digits a plain network with one hidden layer should be as fast"
assert max(median["one, centred digits"], median["one, centred only"]) < 0.5 * median["one hidden layer"], (
    "because it is faster there, and batch norm no slower"
)
assert 1.2 < five_centred < 2.7, "and one with five should need less than three times the updates, but more"
assert five > 1.4 * five_centred, "with five hidden layers centred digits should take a part of the factor away"
assert divided < as_it_is < centred, (
    "centring alone should allow a larger rate, dividing alone should ask for a smaller"
)
assert median["one, centred only"] < 0.6 * median["one, divided only"], "centring should help more than dividing"
assert chosen["five, centred only", "no norm"] > chosen["five hidden layers", "no norm"], "with five layers, too"
assert median["five, centred only"] < 0.65 * median["five hidden layers"], "where it should save updates as well"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

With one hidden layer batch norm saves a factor of more than three, and at one and the same rate: it is not the depth. Digits that are centred and divided do as well with one hidden layer, where the factor falls from 3.6 to 1; with five it falls from about 4 to 2.

Which of the two does it? *Centred only*, the plain network stands at least three times the rate with one hidden layer and twice the rate with five, and needs 20 updates in place of 72, and 88 in place of 208. *Divided only*, it has to take a smaller rate, and gains little: wider inputs *are* a larger rate, and that is why the rates of "centred and divided" hide what centring allows. Pixels are never
negative, so each example pushes all weights of a unit up together or down together, and a rate that is safe in this common direction is too small for the others (LeCun et al., 1998, section 4.3). Batch norm takes the common part out behind the first
layer, and behind the others, too. That the latter is what remains of the factor with five layers is plausible; this experiment does not show it.

So before you credit batch norm, centre the inputs. (From here on the digits are as they were, not centred.)
</details>

## 2. Layers are coupled

The factor of section 1 is no evidence for what comes now: it is there with one hidden layer, too. But there is a reason of its own why deep networks are delicate. Why is depth hard for gradient descent? Goodfellow et al. look at the simplest deep network, one weight a layer and no nonlinearity:

$$\hat y = x\, w_1 w_2 \cdots w_l .$$

The gradient $g$ says how $\hat y$ changes if *one* weight moves and the others stay. Then all of them move, $w \leftarrow w - \epsilon g$, where $\epsilon$ is the learning rate, `lr`, as in all chapters (the small number under batch norm's root, $\varepsilon$ in the notebook before this one, is `eps` here):

$$x\,(w_1 - \epsilon g_1)(w_2 - \epsilon g_2)\cdots(w_l - \epsilon g_l) \;=\; \hat y + \Delta_1 + \Delta_2 + \dots + \Delta_l ,$$

where $\Delta_k$ collects all terms with $\epsilon^k$: those in which $k$ of the layers take their step and the others stay. The gradient promises $\Delta_1$. What you get is the sum.

### Exercise 1: `coupled_change` (4 points, 8 minutes, medium)

Return the changes $\Delta_1, \dots, \Delta_l$ in an array; the rate $\epsilon$ is `lr`. With two layers there are two: $\Delta_1 = -\epsilon x (g_1 w_2 + w_1 g_2)$ and $\Delta_2 = \epsilon^2 x g_1 g_2$.

<details><summary>Hint</summary>

Each factor is a polynomial of degree 1 in $\epsilon$. Multiply them one after another: what happens to a list of coefficients when a polynomial is
multiplied by $a + b\,\epsilon$? (`np.convolve` multiplies polynomials.) There are $2^l$ terms, but you need not list them.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "coupled-change", "locked": false, "schema_version": 3, "solution": true}
def coupled_change(w, grad, x, lr):
    """Return how the output x w_1 ... w_l changes when w becomes w - lr grad, order by order in lr.

    w, grad : ndarrays, shape (l,), not modified.  x : float.  lr : float > 0
    Returns an ndarray, shape (l,): entry k - 1 is the sum of all terms with lr to the power k, the power included.
    """
    ### BEGIN SOLUTION
    orders = [x]
    for weight, slope in zip(w, grad, strict=True):
        orders = np.convolve(orders, [weight, -lr * slope])
    return orders[1:]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "coupled-change-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(coupled_change)

# %% [markdown]
r"""
### Promised and delivered

Take chains with random positive weights around 1 and $g = \pm\,\partial\hat y/\partial w$, downhill or uphill. Choose the rate so that the *first order promises* a certain change: 10 % less, twice as much, ten times as
much. (A rate knows nothing else.)

A common version of the warning reads: the higher orders are negligible if the weights are below 1, and grow exponentially with depth if they are above. So each chain comes twice more, with all weights halved and
doubled, and the same promise.

**Guess** what sixteen layers deliver, as a multiple of the change that was promised (1 = kept); and by what factor that multiple changes when all weights are doubled.
"""

# %% tags=["guess"]
guess = {
    "10 % less": ...,
    "twice as much": ...,
    "ten times as much": ...,
    "weights doubled": ...,
}  # delivered / promised

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B10"]
# the experiment: chains that keep their promise, and chains that do not
promises, depths = {"10 % less": -0.1, "twice as much": 1.0, "ten times as much": 9.0}, (1, 2, 4, 8, 16)
delivered = {(name, scale): np.empty((10, len(depths))) for name in promises for scale in (0.5, 1, 2)}
for (name, scale), found in delivered.items():
    for (i, seed), (j, depth) in product(enumerate(seeds(10)), enumerate(depths)):
        w, slopes = normed.random_chain(depth, scale, seed)
        lr = abs(promises[name]) * np.prod(w) / np.sum(slopes**2)
        changes = coupled_change(w, -np.sign(promises[name]) * slopes, 1.0, lr)
        found[i, j] = changes.sum() / changes[0]
fig, ax = plt.subplots(figsize=(8, 3.9))
colors = dict(zip(promises, (plots.SKY, plots.ORANGE, plots.BLACK), strict=True))
for name, color in colors.items():
    plots.curves(ax, delivered[name, 1], "SGD", x=depths, label=name, color=color, marks=5)
ax.set(xscale="log", xlabel="layers", ylabel="delivered / promised")
ax.set_title("A small promise is kept at any depth; a large one explodes")
ax.set_xticks(depths, depths)
ax.minorticks_off()
predict.mark(ax, guess, at=dict.fromkeys(promises, 16), colors=colors)
ax.legend(title="the first order promises, 10 chains", loc="upper left")
text = "Delivered over promised against layers: 10 % less stays at 0.95; twice rises to 1.6; tenfold to more than a hundred."
plots.show(fig, alt=text)
came = {name: np.median(delivered[name, 1][:, -1]) for name in promises}
came["weights doubled"] = np.median(delivered["ten times as much", 2] / delivered["ten times as much", 1])
predict.compare(guess, came, "delivered / promised")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B10"]
# the claim
small, double, tenfold = (delivered[name, 1][:, -1] for name in promises)
told = f"10 % less {spread(small, '.3f')}, twice {spread(double, '.2f')}, tenfold {spread(tenfold, '.0f')}"
alone, every = delivered["ten times as much", 1][:, 0], delivered["10 % less", 1]
measured(
    "B10",
    f"delivered over promised with 16 layers: {told}; with one layer {spread(alone, '.3f')}; the same with weights halved or doubled",
)
assert np.all((every > 0.95) & (every < 1.001)), "a promise of 10 % less should be kept to 5 %, at every depth"
assert np.all((double > 1.4) & (double < 1.72)), "promised twice as much, sixteen layers should overshoot by some 65 %"
assert np.all(tenfold > 50), "promised ten times as much, sixteen layers should deliver more than 50 times that"
assert 90 < np.median(tenfold) < 150, "the typical chain some 120 times"
assert np.allclose(alone, 1), "a single layer has no higher orders"
for name in promises:
    for scale in (0.5, 2):
        assert np.allclose(delivered[name, scale], delivered[name, 1]), (
            "at an equal promise the size of the weights should not matter"
        )

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

What counts is neither depth alone nor the size of the weights, but *how much is to change*. If the first order promises a relative change $f$, then $\lvert\Delta_k/\Delta_1\rvert$ is at most $\lvert f\rvert^{k-1}/k!$, and the whole lies between the promise (one layer) and $(e^f - 1)/f$ times the promise (infinitely many): 0.95
for $f = -0.1$, 1.7 for $f = 1$, 900 for $f = 9$. The common version compares orders at an equal *rate*; at an equal promise the weights' size drops out, exactly.

So small steps are safe at any depth. But early in training the output must often change manyfold (wrong scale, wrong sign), and then a rate that would be
right for each layer alone is far off for all together: it has to be chosen for the worst moment. Batch norm cuts the chain: whatever the lower layers do to
a unit's mean and spread is taken out again before the next layer sees it, so a step there cannot multiply the output by rescaling its inputs. (That is the book's argument; this chain does not test it.) In this linear chain nothing would be left for the lower layers
to do; in a real network they still shape what the ReLUs see.
</details>

## 3. A loop that can be trusted

From here on networks are trained and *looked at*, and with batch norm that is where most mistakes are made. You know the two modes: in train mode a batch is
normalized by its own statistics, and the running ones move; in eval mode the running ones are used, and nothing moves.

### Hunt 2: `train_epochs` (10 points, 25 minutes, hard)

The loop below runs, and its losses fall. It has **four bugs**, each worth 2 points (and 2 more when all of it is right). Three of them concern modes and running statistics, the fourth would do harm in a network without batch norm, too.
The docstring says what is wanted, line by line. Read before you rewrite: none of the four raises an error.

<details><summary>Where to look, one</summary>

Print `model.training` where it learns, in the second epoch.
</details>

<details><summary>Where to look, two</summary>

Print `model.training` where it looks at the held-out examples.
</details>

<details><summary>Where to look, three</summary>

Train one more epoch after the best: has `best` changed?
</details>

<details><summary>Where to look, four</summary>

Which names does `model.state_dict()` list, and which does `best`?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "train-epochs", "locked": false, "schema_version": 3, "solution": true}
def train_epochs(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """Train a torch model; after each epoch look at held-out examples, and keep the best weights.

    model : torch.nn.Module, which is trained, and left in eval mode as the last epoch made it
    optimizer : torch.optim.Optimizer of its parameters
    train_set, val_set : pairs (x, y) of tensors, examples and labels; not modified
    epochs : int >= 1.  batch_size : int >= 2; the last batch of an epoch may be smaller, but has at least two examples
    rng : numpy Generator; every epoch learns from all training examples once, in train mode, in the order of a new
        rng.permutation(N), one update for each batch, by the gradient of its mean cross entropy
    Returns (losses, best):
    losses : list of floats, the mean cross entropy of all held-out examples after each epoch. They are looked at as one
        batch, in eval mode, and leave no trace: neither in the weights nor in the running statistics
    best : dict from names to tensors, with all names of model.state_dict(), of the epoch with the lowest of these
        losses (none of them is NaN, and no two are equal): everything that the model needs to answer as it did then, and
        it stays so, whatever becomes of the model
    """
    ### BEGIN SOLUTION
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(cross_entropy(model(x_val), y_val).item())
        if losses[-1] == min(losses):
            best = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    return losses, best
    ### END SOLUTION
    ### BEGIN GIVEN
    # losses, best = [], None
    # (x, y), (x_val, y_val) = train_set, val_set
    # model.train()
    # for _ in range(epochs):
    #     order = rng.permutation(len(x))
    #     for start in range(0, len(x), batch_size):
    #         batch = order[start : start + batch_size]
    #         optimizer.zero_grad()
    #         loss = cross_entropy(model(x[batch]), y[batch])
    #         loss.backward()
    #         optimizer.step()
    #     with torch.no_grad():
    #         losses.append(cross_entropy(model(x_val), y_val).item())
    #     model.eval()
    #     if losses[-1] == min(losses):
    #         best = dict(model.named_parameters())
    # return losses, best
    ### END GIVEN


# %% nbgrader={"grade": true, "grade_id": "train-epochs-check", "locked": true, "points": 10, "schema_version": 3, "solution": false}
check(train_epochs)

# %% [markdown]
r"""
### Statistics lag behind

Running statistics are an exponential average, so they are late: they mix what the layers gave now with what they gave 10 or 100 updates ago (1/momentum, in torch's sense),
and at first with the 0 and 1 they began from. Sometimes that hurts: after a short training, after averaging the weights of several networks, on new data. Then you estimate them anew, from all examples at once.

### Exercise 3: `recalibrate` (5 points, 10 minutes, medium)

Send all of `x` through the model **once**, as a single batch, in train mode, without gradients, and so that every batch norm (a `torch.nn.BatchNorm1d`) forgets what its running statistics were. Momentum as you find it belongs to the model: give every layer its own back, and
the model its mode. (`num_batches_tracked`, torch's count of the batches that a layer has seen, may end up as it likes: it matters only where momentum is `None`, which here it never is when
you get the model.)

<details><summary>Hint</summary>

torch's rule is running ← (1 - momentum) · running + momentum · new. `model.modules()` lists all layers, also those inside containers; `isinstance` tells you which are batch norms.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "recalibrate", "locked": false, "schema_version": 3, "solution": true}
def recalibrate(model, x):
    """Make the running statistics of all batch norms those of one pass over x as a single batch in train mode.

    model : torch.nn.Module with torch.nn.BatchNorm1d layers anywhere inside, all of it in one mode; their running_mean
        and running_var change (the variance divided by N - 1, as torch does), and nothing else, num_batches_tracked
        excepted: the weights, each layer's momentum (a float) and the mode, train or eval, are afterwards what they were
    x : tensor, shape (N, inputs), not modified
    Returns nothing.
    """
    ### BEGIN SOLUTION
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm1d)]
    momenta, was_training = [norm.momentum for norm in norms], model.training
    for norm in norms:
        norm.momentum = 1.0
    model.train(True)
    with torch.inference_mode():
        model(x)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    model.train(was_training)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "recalibrate-check", "locked": true, "points": 5, "schema_version": 3, "solution": false}
check(recalibrate)

# %% [markdown]
r"""
Your loop trains two hidden layers for one epoch on the digits (45 updates, rate .2), once with torch's usual momentum .1, once with .01, which is the default of Keras (there called .99). Then the held-out loss, as it is and
after `recalibrate` on the training digits.

**Guess** the held-out losses. A network that knows nothing has ln 10 ≈ 2.3.
"""

# %% tags=["guess"]
guess = {"momentum .1": ..., ".1, recalibrated": ..., "momentum .01": ..., ".01, recalibrated": ...}  # held-out loss

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B14"]
# the experiment: one epoch, two momenta, recalibrated
found = {}
for momentum in (0.1, 0.01):
    for seed in seeds(10):
        norm = partial(nn.BatchNorm1d, momentum=momentum)
        model = normed_mlp([64, 32, 32, 10], norm, seed=seed, device=device)
        optimizer, rng = torch.optim.SGD(model.parameters(), lr=0.2), np.random.default_rng(seed)
        losses, _ = train_epochs(model, optimizer, data.train, data.test, epochs=1, batch_size=32, rng=rng)
        found.setdefault(f"momentum {momentum:g}".replace("0.", "."), []).append(losses[0])
        recalibrate(model, data.x_train)
        found.setdefault(f"{momentum:g}, recalibrated"[1:], []).append(normed.held_out_loss(model, data.test))
fig, ax = plt.subplots(figsize=(7.5, 2.5))
plots.ranges(ax, found, dict(zip(found, [plots.GREY, plots.BLACK] * 2, strict=True)))
ax.set(xlabel="held-out loss after one epoch, median and range of 10 networks", xlim=(0, None))
ax.set_title("A slow average has not arrived; one pass mends it")
plots.show(
    fig,
    alt="Held-out losses: about 0.35 for momentum .1, recalibrated or not, and for .01 recalibrated; 1.0 for .01 as it is.",
)
predict.compare(guess, {name: np.median(losses) for name, losses in found.items()}, "held-out loss")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B14"]
# the claim
usual, again, slow, mended = (np.array(losses) for losses in found.values())
measured(
    "B14",
    "held-out loss after one epoch: " + "; ".join(f"{name} {spread(losses, '.2f')}" for name, losses in found.items()),
)
assert np.all(slow > 1.5 * mended), "with momentum .01 the statistics should be far behind after 45 updates"
assert np.median(slow) > 2.2 * np.median(mended), "typically by a factor of more than two"
assert np.allclose(mended, again, rtol=1e-3), (
    "recalibrated, it should not matter how slowly the statistics had been averaged"
)
assert abs(np.median(usual / again) - 1) < 0.05, "with momentum .1 they should have arrived"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

The two networks have *the same weights* (running statistics play no part in train mode), and yet a held-out loss of .35 against 1.0. After 45 updates an average with momentum .01 still consists to $.99^{45} = 64\,\%$ of the 0 and 1 it
began from. Recalibrated, they agree. If a network with batch norm is good in training and bad in evaluation, this is one of the first things to try; the other is to look for the bugs of Hunt 2.
</details>

## 4. Larger rates, any start

In [chapter 5](../ch05_initialization/initialization.ipynb) the scale of the initial weights decided over life and death. Now multiply He's weights, in all layers, by .1, .3, 1, 3 or 10, and combine each with five rates. Four hidden layers of 24 units, 120 updates. A cell counts as *learning* if the typical one of its ten networks gets the held-out
loss below 1.15, half of what chance has.

**Guess** how many of the 25 cells learn.
"""

# %% tags=["guess"]
guess = {"no norm": ..., "batch norm": ...}  # cells of 25 that learn

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B6"]
# the experiment: scale of the start against rate
scales, rates, sizes = (0.1, 0.3, 1, 3, 10), (0.003, 0.03, 0.1, 0.3, 1), [64, *[24] * 4, 10]
maps = {}
for norm in ("no norm", "batch norm"):
    for scale in scales:
        options = {"steps": 120, "batch_size": 32, "evaluate": data.test}
        history = sweep(start_of(sizes, norm, scale), data.train, grid(lr=rates, seed=seeds(10)), **options)
        maps.setdefault(norm, []).append(normed.final_losses(history, rates))
fig, axes = plt.subplots(1, 2, figsize=(10.5, 3.6), sharey=True)
for ax, found, title in zip(
    axes, maps.values(), ("No norm: learns at He's scale alone", "Batch norm: learns up to 3 times it"), strict=True
):
    heat_map(ax, np.median(found, axis=2), scales, rates, 0.15, 2.5)
    ax.set(title=title, xlabel="learning rate")
axes[0].set_ylabel("scale of the initial weights")
text = """Two tables of the held-out loss, scale against rate. Without a norm only scale 1 learns, at two of the rates; with batch norm all scales up to 3
learn at rates from 0.1 on, those up to 1 at 0.03 too, scale 10 at none."""
plots.show(fig, alt=text)
learns = {norm: np.array(found) < 1.15 for norm, found in maps.items()}
predict.compare(
    guess, {norm: (np.median(found, axis=2) < 1.15).sum() for norm, found in maps.items()}, "cells that learn"
)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B6"]
# the claim
cells = {norm: found.sum(axis=(0, 1)) for norm, found in learns.items()}
fast = {norm: np.median(np.array(found)[2], axis=1) for norm, found in maps.items()}
measured(
    "B6",
    f"cells with a held-out loss below 1.15: no norm {spread(cells['no norm'], '.0f')}, batch norm "
    f"{spread(cells['batch norm'], '.0f')}; at scale 1 and rate 1: {fast['no norm'][-1]:.2f} against {fast['batch norm'][-1]:.2f}",
)
assert np.all(cells["no norm"] <= 5), "without a norm few combinations should learn, with every seed"
assert np.all(cells["batch norm"] >= 12), "with batch norm half of the combinations should learn, with every seed"
assert not learns["no norm"][[0, 1, 3, 4]].any(), "without a norm no scale but 1 should learn, at any of these rates"
assert learns["no norm"][2].mean(axis=1).max() > 0.7, "and that one should"
assert learns["batch norm"][:4, 2:].mean(axis=2).min() > 0.7, "with batch norm starts up to 3 should learn from .1 to 1"
assert np.median(maps["batch norm"][4], axis=1).min() > 3 * np.median(maps["batch norm"][2], axis=1).min(), (
    "any start: not 10 times He"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Without a norm, five layers multiply their scale: a factor of 3 a layer is $3^5 = 243$ at the output. One row learns, and in it two rates. With batch norm, more than half of the table does, and a rate of 1 does little harm.

"Any initial scale" is too much said, though. At ten times He's scale learning is slow at every rate here. The hidden layers cannot feel their scale, but (as section 7 shows) their *effective* rate is a hundred times smaller, and the last
layer, which has no norm after it, begins with logits ten times as large. This table does not tell the two apart. What batch norm buys is a wide margin, not indifference.
</details>

## 5. Gradients through twenty layers

"Improves gradient flow", one reads. Look: twenty weight layers of 64 units, not trained at all, with weights of half of He's scale, He's scale, and twice that. For each layer the norm of the gradient with respect to its weights, on 256 digits.

**Guess** the gradient norm in the *first* layer divided by that in the *nineteenth*; and the largest over the smallest first-layer gradient among the three scales, as a power of ten.
"""

# %% tags=["guess"]
guess = {
    "no norm, first / 19th": ...,
    "batch norm, first / 19th": ...,
    "no norm, scales": ...,
    "batch norm, scales": ...,
}
# the last two as powers of ten: 3 for a factor of 1000

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B7"]
# the experiment: gradient norms at the start
sizes, scales, few = [64] * 20 + [10], {0.5: ":", 1: "-", 2: "--"}, (data.x_train[:256], data.y_train[:256])
fig, ax = plt.subplots(figsize=(8, 4))
flow, layers = {}, np.arange(1, 21)
for norm in ("no norm", "batch norm"):
    for scale, line in scales.items():
        models = [normed_mlp(sizes, norm, scale, seed, device=device) for seed in seeds(10)]
        flow[norm, scale] = np.array([normed.gradient_norms(model, few) for model in models])
        label = f"{norm}, scale {scale:g}"
        plots.curves(ax, flow[norm, scale], norm, x=layers, label=label, marks=0, linestyle=line)
ax.set(xlabel="layer, from the input to the output", ylabel="gradient norm of its weights", ylim=(1e-8, 1e11))
ax.set_xticks([1, 5, 10, 15, 20])
ax.set_title("Batch norm takes the explosion in the scale away, and tilts the gradient")
ax.legend(ncols=2, loc="upper left")
text = """Gradient norm against layer, logarithmic. Without a norm three flat bands at about 1e-6, 0.5 and 1e6 for scales 0.5, 1 and 2. With batch norm
three lines on each other that fall from 11 in the first layer to 0.4 in the nineteenth."""
plots.show(fig, alt=text)
tilt = {norm: flow[norm, 1][:, 0] / flow[norm, 1][:, 18] for norm in ("no norm", "batch norm")}
firsts = {norm: np.array([flow[norm, scale][:, 0] for scale in scales]) for norm in tilt}
range_of = {norm: np.log10(found.max(axis=0) / found.min(axis=0)) for norm, found in firsts.items()}
came = {f"{norm}, first / 19th": np.median(found) for norm, found in tilt.items()}
predict.compare(
    guess, came | {f"{norm}, scales": np.median(found) for norm, found in range_of.items()}, "ratio, or power of ten"
)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B7"]
# the claim
told = "; ".join(
    f"{norm} {spread(tilt[norm], '.2g')}, over the scales 10 to the {spread(range_of[norm], '.2f')}" for norm in tilt
)
apart = []  # the last layer stays at He's scale: gradient of the first at half the scale, over that at twice it
for seed in seeds(10):
    pair = [normed_mlp(sizes, "batch norm", scale, seed, device=device) for scale in (0.5, 2)]
    for model, scale in zip(pair, (0.5, 2), strict=True):
        model[-1].weight.data /= scale
    apart.append(np.divide(*[normed.gradient_norms(model, few)[0] for model in pair]))
told += f"; only hidden layers scaled, half over twice: {spread(apart, '.2f')}"
measured("B7", f"gradient norm at the start, first over nineteenth layer at He's scale: {told}")
assert np.all(np.abs(range_of["no norm"] - 12) < 1), (
    "without a norm the gradient's size should depend on the scale by many orders of magnitude"
)
assert np.all(range_of["batch norm"] < 0.3), "with batch norm the scale of all layers should hardly matter"
assert np.allclose(apart, 4, rtol=0.05), "scaled alone, the hidden layers should get gradients inversely as large"
assert np.all(tilt["batch norm"] > 10), "with batch norm the first layers should get by far the largest gradients"
assert 18 < np.median(tilt["batch norm"]) < 38, "typically some 27 times as large"
assert 0.3 < np.median(tilt["no norm"]) < 3, (
    "with He's scale and no norm all layers should get gradients of about one size"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Without a norm the gradient of *all* layers is too small or too large together, by twelve powers of ten between half and twice He's scale: each contains the product of all the other layers. At He's scale it is flat: nothing is left to improve.

With batch norm the three lines coincide, for two reasons that cancel here. Weights before a norm get a gradient *inversely* as large as they are themselves (section 7), so half the scale gives twice the gradient;
and the last layer, which no norm follows, hands down half the signal. Scale the hidden layers alone, and their gradients differ by a factor of four between half and twice He's scale: a power of the scale, not of the depth. But batch norm does not make the flow even: from the output back to the input the gradient *grows*, about 1.2 times a layer and some 27 times in all. This is no accident of these networks: Yang et al. (2019) prove
that at random weights, in wide networks, the gradient with batch norm and ReLU explodes by about 1.2 a layer, so that very deep ones cannot be trained without skip connections. "Improves gradient flow" holds where the scale is wrong, and for twenty layers; a good initialization does it too.
</details>

## 6. Small batches

With batch norm, what a network says of one example depends on who else is in the batch: noise, and the more of it the smaller the batch. When is it too much, and what is it good for?

First vary the batch size $m$ of the updates, as one does: three hidden layers, digits, 150 updates, four rates.

**Guess** the held-out loss with pairs, $m = 2$, at the best of the four rates; and the smallest of the batch sizes 2, 4, 8, 32 at which batch norm wins by more than 10 %.
"""

# %% tags=["guess"]
guess = {
    "m = 2, no norm": ...,
    "m = 2, batch norm": ...,
    "batch norm wins from": ...,
}  # losses (chance: 2.3), batch size

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B8"]
# the experiment: batch size against rate
rates, sizes, batches, maps = (0.03, 0.1, 0.3, 1), [64, 32, 32, 32, 10], (2, 4, 8, 32), {}
for norm in ("no norm", "batch norm"):
    for m in batches:
        options = {"steps": 150, "batch_size": m, "evaluate": data.test}
        history = sweep(start_of(sizes, norm), data.train, grid(lr=rates, seed=seeds(10)), **options)
        maps.setdefault(norm, []).append(normed.final_losses(history, rates))
fig, axes = plt.subplots(1, 2, figsize=(10, 3.4), sharey=True)
for ax, found, title in zip(
    axes, maps.values(), ("No norm", "Batch norm: no use at m = 2, better from 8 on"), strict=True
):
    heat_map(ax, np.median(found, axis=2), batches, rates, 0.1, 2.5)
    ax.set_title(title)
    ax.set_xlabel("learning rate")
axes[0].set_ylabel("batch size m")
text = """Two tables of the held-out loss, batch size against rate. At m = 2 no norm reaches 1.4, batch norm 2.1; at m = 4 both about 0.9; at m = 32 0.28
against 0.10."""
plots.show(fig, alt=text)
tuned = {(norm, m): min(found[i], key=np.median) for norm, found in maps.items() for i, m in enumerate(batches)}
middle = {key: np.median(found) for key, found in tuned.items()}
came = {f"m = 2, {norm}": middle[norm, 2] for norm in maps}
came["batch norm wins from"] = next(
    (m for m in batches if middle["batch norm", m] < 0.9 * middle["no norm", m]), np.inf
)
predict.compare(guess, came, "held-out loss, batch size")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B8"]
# the claim
told = [", ".join(f"{norm} {spread(tuned[norm, m], '.2f')}" for norm in maps) for m in (2, 8)]
measured("B8", f"held-out loss at the best rate: m = 2 {told[0]}; m = 8 {told[1]}")
assert middle["batch norm", 2] > 1.2 * middle["no norm", 2], "pairs should be too few for batch norm"
assert 0.85 < middle["batch norm", 4] / middle["no norm", 4] < 1.25, "four should about do"
assert middle["batch norm", 8] < 0.9 * middle["no norm", 8], "it should win from 8 on"
assert middle["batch norm", 32] < 0.7 * middle["no norm", 32], "and by more at 32"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Of a pair, batch norm leaves only *which of the two is larger*: normalized, any two numbers become +1 and -1 (as long as their difference is large beside the root of `eps`). So at $m = 2$ the network with batch norm is far worse than without, at $m = 4$ they are about equal, from $m = 8$ on batch norm wins. That is why people who can afford
only a few images a batch use group norm. (In a convolution all pixels of a batch count, so pairs of images are not quite as bad; Wu and He, 2018, measure how bad.)
</details>

Small batches also make the *gradient* noisy, with or without batch norm. To see the noise of the statistics alone, separate them: every update sees 32 examples, but they are normalized in groups of 4, 8 or 32 of their own ("ghost" batch norm). A hard task with few examples, 800 of MNIST-1D, and 400 updates, so that networks learn by heart.

**Guess**, of groups of 4, 8 and 32: which has the lowest *training* loss at the rate .4, and which the lowest held-out loss there? If each tunes its rate (.05, .1, .4, .8), by what factor is the held-out loss of groups of 32 above that of 8? And, tuned as well, that of the network without a norm above that of groups of 32, which is batch norm as usual?
"""

# %% tags=["guess"]
guess = {"training, at .4": ..., "held out, at .4": ..., "32 over 8, tuned": ..., "no norm over 32, tuned": ...}
# group size, group size, ratios

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B16"]
# the experiment: groups within a batch of 32
few, rates, found = mnist1d(1000, device=device), (0.05, 0.1, 0.4, 0.8), {}
sets, runs = {"training": few.train, "held out": few.test}, grid(lr=rates, seed=seeds(10))
kinds = {group: partial(GroupedBatchNorm, group=group) for group in (4, 8, 32)} | {"no norm": "no norm"}
for group, norm in kinds.items():
    history = sweep(start_of([40, 40, 40, 10], norm), few.train, runs, steps=400, batch_size=32, evaluate=sets)
    found[group] = {name: losses[:, -1].reshape(len(rates), -1) for name, losses in history.eval_loss.items()}
fig, axes = plt.subplots(1, 2, figsize=(10, 3.6))
titles = "Smaller groups learn less by heart …", "… which helps where there is too much of it"
for ax, part, title in zip(axes, sets, titles, strict=True):
    for group, color in zip(found, (plots.GREY, plots.BLACK, plots.VERMILLION, plots.BLUE), strict=True):
        label = group if group == "no norm" else f"groups of {group}"
        plots.sensitivity(ax, rates, found[group][part].T, "batch norm", label=label, color=color)
    ax.set(title=title, ylabel=f"{part} loss".replace("held out", "held-out"), xticks=rates, xticklabels=rates)
    ax.minorticks_off()
    ticks = (0.6, 0.8, 1, 1.2, 1.5) if part == "training" else (1.5, 1.8, 2.1, 2.4)
    ax.set_yticks(ticks, ticks)
axes[0].legend(title="10 networks, ring: best", loc="lower left")
text = """Loss against rate. Training: no norm and groups of 32 low, 8 higher, 4 highest. Held out: at rate 0.4 groups of 8 lowest, no norm far
above; at each one's best rate groups of 8 and 32 about 1.54, 4 at 1.62, no norm 1.73."""
plots.show(fig, alt=text)
bold = {group: {part: losses[2] for part, losses in found[group].items()} for group in (4, 8, 32)}
best = {group: min(parts["held out"], key=np.median) for group, parts in found.items()}
came = {f"{part}, at .4": min(bold, key=lambda group, part=part: np.median(bold[group][part])) for part in sets}
came |= {f"{a} over {b}, tuned": np.median(best[a]) / np.median(best[b]) for a, b in ((32, 8), ("no norm", 32))}
predict.compare(guess, came, "group, ratio")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B16"]
# the claim
groups = ", ".join(
    f"{g} {np.median(bold[g]['held out']):.2f} (training {np.median(bold[g]['training']):.2f})" for g in bold
)
at_best = ", ".join(f"{group} {spread(losses, '.2f')}" for group, losses in best.items())
measured("B16", f"held-out loss of groups at rate .4: {groups}; at their best rates {at_best}")
lower, higher = (np.median(bold[8][part] / bold[32][part]) for part in ("held out", "training"))
assert lower < 0.93, "at a rate of .4 groups of 8 should have the lower held-out loss"
assert higher > 1.3, "and the higher training loss: that is what regularizes means"
assert np.median(best[4]) > 1.015 * np.median(best[8]), "groups of 4 should be too small"
assert np.all(np.median(found[4]["held out"], axis=1) > np.median(found[8]["held out"], axis=1)), "at every rate"
assert abs(np.median(best[32]) / np.median(best[8]) - 1) < 0.04, "tuned, groups of 8 and 32 should end close"
assert 1.06 < np.median(best["no norm"]) / np.median(best[32]) < 1.22, (
    "tuned as well, a network without a norm should end some tenth above"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Noise regularizes, in the sense of the word: at the rate .4 smaller groups raise the training loss and *lower* the held-out loss. Groups of 4 overdo it: at every rate they are worse than groups of 8. But tune the rate for each (a small rate stops early, which regularizes as well), and groups of 8 and 32 end within some per cent, less than networks differ among themselves. The network
without a norm, about as good with .05 as with .1, ends at 1.73, a good tenth above groups of 32 (nor does it come below 1.7 with .02 or .2, or with up to 1,200 updates). So here batch norm does generalize better than a plain network whose rate was tuned as well, and the noise of smaller groups adds nothing to that. Other regularizers were not tried. (The rates are chosen by the loss that is reported, which flatters all four.)
</details>

## 7. Weights that only grow

Multiply all incoming weights of a normalized unit by 10. Its mean and spread grow tenfold, batch norm divides by the spread (as long as `eps` is negligible): nothing changes. So the loss is **scale invariant** in these weights, and two things follow:

$$L(cw) = L(w) \;\text{ for every } c > 0 \qquad\Longrightarrow\qquad g \perp w \quad\text{and}\quad \lVert g(cw)\rVert = \lVert g(w)\rVert / c .$$

(Differentiate by $c$ at $c = 1$; differentiate by $w$.) Call the gradient's length at $\lVert w\rVert = 1$ the **slope** $s$; for given other weights and a given batch it depends on the direction of $w$ only. At any other norm the gradient has the length $s/\lVert w\rVert$, at right angles to $w$. SGD with weight decay $\lambda$ makes the update

$$w \;\leftarrow\; (1-\epsilon\lambda)\,w - \epsilon\, g .$$

<details><summary>A picture of it</summary>

$w$ is a pointer. Decay shortens it along itself, to $(1-\epsilon\lambda)\lVert w\rVert$. The step of length $\epsilon s/\lVert w\rVert$ is put on its tip at a right angle. The new pointer is the hypotenuse.
</details>

### Exercise 4: `norm_path` (4 points, 8 minutes, medium)

You are given the norm at the start and the slope at each of $T$ updates. Return the norm before the first update and after each.

<details><summary>Hint</summary>

Draw the triangle of the picture. Which of its sides depend on the norm *now*, and not on that at the start?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "norm-path", "locked": false, "schema_version": 3, "solution": true}
def norm_path(norm, slopes, lr, decay):
    """Return the norm of scale-invariant weights before and after each update of SGD with weight decay.

    norm : float > 0, at the start
    slopes : ndarray, shape (T,), not modified: before each update, the gradient's length if w had norm 1
    lr : float > 0.  decay : float >= 0, torch's weight_decay: decay * w is added to the gradient.  lr decay < 1
    Returns an ndarray, shape (T + 1,), starting with norm.
    """
    ### BEGIN SOLUTION
    norms = [norm]
    for slope in slopes:
        norms.append(np.hypot((1 - lr * decay) * norms[-1], lr * slope / norms[-1]))
    return np.array(norms)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "norm-path-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(norm_path)

# %% [markdown]
r"""
### Where it ends

Without decay the norm can only grow, and every growth makes the next step turn $w$ less. What matters for the function is the direction $w/\lVert w\rVert$, and it moves as if at norm 1 with the **effective rate** $\epsilon/\lVert w\rVert^2$: one factor because the gradient is shorter, one because the
pointer is longer. With decay there is a norm at which shrinking and growing cancel.

### Exercise 5: `equilibrium` (4 points, 10 minutes, hard)

A little algebra. Let the slope $s$ be constant. Find the norm that an update leaves as it is, and the angle by which the pointer turns in such an update. Both exactly, for any $\epsilon\lambda < 1$, not only for small ones.

<details><summary>Hint 1</summary>

In the triangle of exercise 4 the hypotenuse is now as long as the old pointer. Write that down and solve for $\lVert w\rVert$: a fourth power comes out.
</details>

<details><summary>Hint 2</summary>

You know two sides of the triangle relative to each other: the shrunk pointer and the hypotenuse. Which function of the angle between them is their ratio?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "equilibrium", "locked": false, "schema_version": 3, "solution": true}
def equilibrium(slope, lr, decay):
    """Return the norm at which scale-invariant weights stay under SGD with weight decay, and how far they then turn.

    slope : float > 0, the gradient's length at norm 1.  lr, decay : floats > 0, as in norm_path, lr decay < 1
    Returns (norm, angle): floats, the angle in radians, between the weights before and after an update.
    """
    ### BEGIN SOLUTION
    kept = 1 - lr * decay
    return (lr * slope) ** 0.5 / (1 - kept**2) ** 0.25, np.arccos(kept)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "equilibrium-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(equilibrium)

# %% [markdown]
r"""
The angle contains neither the slope nor the loss: $\cos\varphi = 1-\epsilon\lambda$, for small ones $\varphi \approx \sqrt{2\epsilon\lambda}$. Does a real network obey? Two hidden layers on digits, batches of 32; the weights of the second layer, begun at .3, 1 and 3 times He's scale. All with a rate of .3, without decay and with decay .03; 450 updates.

**Guess**: by what factor do the effective rates $\epsilon/\lVert w\rVert^2$ of the smallest and the largest start differ, at first, and after 450 updates without decay and with it?
"""

# %% tags=["guess"]
guess = {"at first": ..., "without decay": ..., "with decay": ...}  # factors

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B15"]
# the experiment: the norm of the second layer's weights
scales, lr, decays, steps = (0.3, 1, 3), 0.3, (0.0, 0.03), 450
build = lambda number: start_of([64, 32, 32, 10], scale=scales[number % 3])(number // 3)  # noqa: E731
runs = grid(lr=lr, weight_decay=decays, seed=[3 * seed + i for i in range(3) for seed in seeds(10)])
look = {"evaluate": (data.x_test[:2], data.y_test[:2]), "eval_every": 1, "watch": normed.weights_of("3.weight")}
walk = np.array(sweep(build, data.train, runs, steps=steps, batch_size=32, **look).watched)
walk = walk.reshape(steps, len(decays), len(scales), 10, -1)
norms = np.linalg.norm(walk, axis=-1)
turned = normed.angles_turned(walk[-51:, 1]).mean(axis=0)  # in the last 50 updates with decay
fig, axes = plt.subplots(1, 2, figsize=(10.5, 3.7), sharey=True)
for ax, found in zip(axes, norms.swapaxes(0, 1), strict=True):
    for scale, of_scale, start in zip(scales, found.swapaxes(0, 1), ("too small", "He", "too large"), strict=True):
        line = {"label": f"{scale:g} times He", "color": plots.look(start)["color"], "marks": 0}
        plots.curves(ax, of_scale.T, "batch norm", x=np.arange(1, steps + 1), **line)
    ax.set(xlabel="update", ylim=(1, 60))
axes[0].set_title("No decay: it remembers its start")
axes[1].set_title("Decay: the starts are forgotten")
axes[0].set_ylabel("norm of the weights")
axes[0].legend(title="start, 10 networks", loc="upper right", ncols=3)
plots.show(
    fig,
    alt="Norm against update. Without decay three lines that stay near 2.4 to 4, 8 and 24. With decay they meet at about 1.6.",
)
moments = {"at first": (0, 0), "without decay": (-1, 0), "with decay": (-1, 1)}
came = {name: np.median(norms[at, decay, 2] ** 2 / norms[at, decay, 0] ** 2) for name, (at, decay) in moments.items()}
predict.compare(guess, came, "ratio of effective rates")

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the film: the weights of three networks as hands of a clock
turns = np.cumsum(np.r_[np.zeros((1, 2, 3)), normed.angles_turned(walk[:, :, :, 0])], axis=0)  # radians, in all
colors = [plots.look(start)["color"] for start in ("too small", "He", "too large")]


def draw_hands(ax, update):
    """Draw two clocks: every network's weights are a hand that has turned by all angles so far."""
    for side, name in enumerate(("no decay", f"decay {decays[1]}")):
        hands = zip(scales, norms[:, side, :, 0].T, turns[:, side].T, colors, strict=True)
        normed.clock(ax, [(f"{scale:g} times He", *hand) for scale, *hand in hands][::-1], update, name, side)


alt = """Two clocks with three hands, as long as the norms. Without decay the short hand turns fast, the long one hardly, and none gets
shorter. With decay the hands end at one length and sweep equal sectors, shaded for the last 20 updates."""
film = {"title": "With decay, all hands come to one length and one speed", "alt": alt, "width": 6.4, "height": 3.5}
players.flipbook(draw_hands, range(1, steps + 1, 20), label="update", seconds=10, **film)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B15"]
# the claim
model, lengths = normed_mlp([64, 32, 32, 10], seed=seeds(1)[0], device=device), []
for _ in range(2):  # as it is, and with the weights ten times as large
    cross_entropy(model(data.x_train), data.y_train).backward()
    w, slope = model[3].weight.data, model[3].weight.grad
    lengths.append(slope.norm().item())
    cosine = ((w * slope).sum() / w.norm() / slope.norm()).item()
    model.zero_grad()
    w *= 10
angle, ends = equilibrium(1.0, lr, decays[1])[1], np.median(norms[-1, 1], axis=1)
measured(
    "B15",
    f"ten times the weights, gradient over {lengths[0] / lengths[1]:.2f}; ratio of effective rates {came['at first']:.0f} "
    f"at first, {came['without decay']:.0f} without decay, {came['with decay']:.2f} with decay; turned per update "
    f"{spread(turned[1], '.3f')}, theory {angle:.3f}",
)
assert abs(lengths[0] / lengths[1] - 10) < 0.05 and abs(cosine) < 1e-2, (
    "the gradient should be at right angles, and a tenth"
)
assert np.all(np.diff(norms[:, 0], axis=0) > -1e-4), "without decay the norm should never fall"
assert came["without decay"] > 10, "without decay the effective rates should still differ by far"
assert ends.max() < 1.15 * ends.min(), "with decay all starts should end at one norm"
assert np.all(np.abs(norms[100, 1, 2] / norms[0, 1, 2] / (1 - lr * decays[1]) ** 100 - 1) < 0.05), (
    "far above it, the norm should shrink by 1 - lr decay an update"
)
assert np.all(np.abs(np.median(turned, axis=1) / angle - 1) < 0.1), "the angle should be that of the equilibrium"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

(In the film the weights of three networks are hands of a clock, as long as their norm on a logarithmic scale. Each turns on by the angle that its weights turned, there not in a plane, and the shade is what the last twenty updates swept.)

Without decay the norm grows, fast where it was small and hardly where it was large. The start of a tenth of the norm has a hundred times the effective rate at first, and still nearly forty times when 450 updates are done: the start has become part of the learning rate. A *small* scale is a *large* rate: in section 4, the smaller the scale, the smaller the rates that would do.

With decay all starts end at one norm, and each update turns the weights by nearly the .134 radians (7.7°) that your formula says (some 6 % less), though in this network the slope is anything but constant. So weight decay before a batch norm does not hold the function small (it cannot: the function does not feel the norm). It sets the effective rate: halve $\epsilon$ or halve $\lambda$, and once the balance is found the direction turns $\sqrt2$ times more slowly in both cases. How long that takes: a norm that is far too large shrinks by $1-\epsilon\lambda$ an update, that is, by a factor of $e$ in $1/(\epsilon\lambda) = 111$ updates, and so the largest start, 15 times too large, needs some 300 (the straight line in the picture); a norm that is nearly right settles four times
faster. The order of magnitude is $1/(\epsilon\lambda)$ (van Laarhoven, 2017; Wan et al., 2021).
</details>

## 8. Drift, and a dispute

Ioffe and Szegedy's own explanation: while a layer learns, the layers below it change what it gets, so it chases a moving target. They called this **internal covariate shift**, and batch norm holds it down. It is repeated everywhere. Is it true? It can be measured.

### Exercise 6: `input_drift` (4 points, 8 minutes, medium)

A layer's inputs for the same $N$ examples, before and after some updates. For each unit take mean $\mu$ and spread $\sigma$ (standard deviation, divided by $N$) over the examples, before and after. The unit's shift is $\lvert\mu' - \mu\rvert/\sigma$, its stretch $\lvert\ln(\sigma'/\sigma)\rvert$. Return the **medians** of both over the units. Units that are dead (0 for all
examples, as a ReLU leaves them), before *or* after, are left out.

<details><summary>Hint</summary>

First the four statistics, each of shape (units,). Then a boolean mask. Divide after you have masked, and no warning appears.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "input-drift", "locked": false, "schema_version": 3, "solution": true}
def input_drift(before, after):
    """Return how far a layer's inputs have moved: the median shift and the median stretch of its live units.

    before, after : ndarrays, shape (N, units), not modified. A dead unit is 0 for all examples, before or after or both;
        all others have a spread > 0, and at least one unit is alive in both.
    Returns (shift, stretch): floats >= 0.
    """
    ### BEGIN SOLUTION
    means = before.mean(axis=0), after.mean(axis=0)
    spreads = before.std(axis=0), after.std(axis=0)
    live = (spreads[0] > 0) & (spreads[1] > 0)
    shift = np.abs(means[1] - means[0])[live] / spreads[0][live]
    stretch = np.abs(np.log(spreads[1][live] / spreads[0][live]))
    return np.median(shift), np.median(stretch)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "input-drift-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(input_drift)

# %% [markdown]
r"""
### The experiment that settled it, or nearly

Santurkar et al. (2018) asked: what if the shift is put back in? **Noisy batch norm** normalizes, and then every unit's output is stretched and shifted at random, anew at each update, here by the same for all examples of the batch (theirs has noise for each example besides): the target of the next layer jumps about on purpose.

Five hidden layers of 32 units again; what is measured is what the fourth weight layer gets, for 256 digits, every 10 updates, and the updates to 90 %. Each kind trains at two rates of section 1, .1 and .5; the drift is looked at where .1 is used without a norm, and .5 with batch norm, noisy or not.

**Guess** the typical shift in 10 updates, in units of the spread; how many updates noisy batch norm needs at the rate .1 (up to 300; you know the other two from section 1); and who needs the fewest updates at the better of the two rates.
"""

# %% tags=["guess"]
guess = {
    "shift, no norm": ...,
    "shift, batch norm": ...,
    "shift, noisy": ...,
    "updates, noisy at .1": ...,
    "updates": ...,
}
# updates, at the better rate: an order, fewest first, such as ["no norm", "batch norm", "noisy"]

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B11"]
# the experiment: drift of a layer's inputs, and updates to 90 %
kinds = {"no norm": "no norm", "noisy": partial(NoisyBatchNorm, noise=0.4), "batch norm": "batch norm"}
rates, options = (0.1, 0.5), {"steps": 300, "batch_size": 32, "evaluate": data.test, "eval_every": 5}
colors = {name: plots.look(name)["color"] for name in ("no norm", "batch norm")} | {"noisy": plots.BLACK}
needed, drift, stretch = {}, {}, {}
for name, norm in kinds.items():
    look = normed.layer_inputs(data.x_train[:256], 6 if name == "no norm" else 9)
    history = sweep(
        start_of([64, *[32] * 5, 10], norm), data.train, grid(lr=rates, seed=seeds(10)), watch=look, **options
    )
    for place, rate in enumerate(rates):
        needed[name, rate] = normed.updates_until(history, 0.9)[10 * place : 10 * place + 10]
    own = 0 if name == "no norm" else 10  # the runs at its own rate: without a norm .1, else .5
    seen = history.watched[1::2]  # every ten updates
    both = np.array([[input_drift(a[run], b[run]) for a, b in pairwise(seen)] for run in range(own, own + 10)])
    drift[name], stretch[name] = both[..., 0], np.median(both[..., 1])
typical, middle = ({name: np.median(found, axis=-1) for name, found in each.items()} for each in (drift, needed))
came = {f"shift, {name}": np.median(found) for name, found in typical.items()}
came |= {
    "updates, noisy at .1": middle["noisy", 0.1],
    "updates": sorted(kinds, key=lambda name: min(middle[name, rate] for rate in rates)),
}
predict.compare(guess, came, "shift, updates")

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the picture: drift, and updates
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.7), width_ratios=(1.5, 1))
for name, found in drift.items():
    label = f"{name}, {rates[name != 'no norm']:g}"
    plots.curves(left, found, "batch norm", x=np.arange(20, 301, 10), label=label, color=colors[name], marks=0)
left.set(title="Noise puts the drift back in, and more …", xlabel="update", ylabel="shift in 10 updates / spread")
left.set_ylim(2e-3, 1.5)
left.legend(title="kind, rate: 10 networks", loc="lower right", ncols=3)
rows = {f"{name}, {rate:g}": (name, rate) for rate, name in product(rates, kinds)}
shown = {row: np.minimum(needed[key], options["steps"]) for row, key in rows.items()}
plots.ranges(right, shown, {row: colors[name] for row, (name, _) in rows.items()})
right.set(title="… and the larger rate is stood", xlabel="updates to 90 % (300: not in time)", xlim=(0, None))
text = """Left: shift per 10 updates, about 0.2 without a norm, 0.02 with batch norm, 0.36 noisy. Right: updates. At the rate 0.1 no norm 210, noisy
175, batch norm 70; at 0.5 no norm never, noisy 120, batch norm 50."""
plots.show(fig, alt=text)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-B11"]
# the claim
shifts = "; ".join(f"{name} {spread(found, '.3f')}" for name, found in typical.items())
measured(
    "B11",
    f"shift of a layer's inputs in 10 updates, in spreads: {shifts}; updates to 90 %: "
    + "; ".join(f"{name} at {rate:g} {spread(found, '.0f')}" for (name, rate), found in needed.items())
    + f"; stretch {', '.join(f'{name} {value:.3f}' for name, value in stretch.items())}",
)
slow, fast = ({name: middle[name, rate] for name in kinds} for rate in rates)
batch, noisy = (np.median(typical[name]) / np.median(typical["no norm"]) for name in ("batch norm", "noisy"))
assert np.all(typical["batch norm"] < 0.2 * np.median(typical["no norm"])), "batch norm should hold the drift down"
assert 1 / 16 < batch < 1 / 6.5, "about tenfold"
assert 1.5 < noisy < 2.7, "the noise should put in about twice the drift of the plain network"
assert slow["batch norm"] < 0.5 * slow["no norm"], "at the rate .1 batch norm should gain"
assert slow["noisy"] - slow["batch norm"] > 0.5 * (slow["no norm"] - slow["batch norm"]), (
    "and the noise should take most of that away"
)
assert np.isinf(needed["no norm", 0.5]).all(), "at the rate .5 no plain network should arrive"
assert np.isfinite(needed["noisy", 0.5]).sum() >= 9, "nearly all with noise should"
assert fast["noisy"] < 0.75 * slow["no norm"], "in fewer updates than the plain one needs at .1"
assert fast["batch norm"] <= fast["noisy"], "noise is no help either"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Batch norm does hold this drift, of means in units of the spread, down, about tenfold, and the stretch of the spreads fourfold: almost by construction. (Measured by how much a layer's *gradient* changes because the layers below have moved, Santurkar et al. find no reduction.) Noisy, there is as much drift as in the plain network at first, and two to three times as much later.

At the rate .1, the plain network's best, the noisy one needs nearly as many updates as the plain one (175 against 208; batch norm 70): at an equal rate the noise takes most of the gain away. But it stands a rate five times as large, at which not one plain network arrives, and needs about 120 there. So drift of *this* kind is not what keeps the plain network from the larger rate. It is not the drift of layers that learn, either: it has mean
zero and is drawn anew at each update, where theirs goes on in one direction. You will still read that layers suffer from "unexpected shifts of their inputs" as if it were settled. That is a name for something measurable; how much of the gain it explains, this experiment leaves open.

What does? Santurkar et al. find a smoother loss: along the gradient, loss and gradient change less, so longer steps can be trusted. That goes with what you saw here: larger rates are stood (sections 1 and 4), the gradient no longer explodes with the scale (5), and weights that got too large a step grow and calm down by themselves (7).
None of these is proved to be *the* reason.
</details>

## 9. Reflection (4 points, 10 minutes)

A colleague trains a network with batch norm after every layer but the last, SGD with rate .1 and weight decay $5\cdot10^{-4}$. She reads that decay before a batch norm "does nothing, since the function does not depend on the norm", and switches it off for these layers. At first all is as before. After many epochs her network learns ever more slowly, and its final accuracy is worse; a second run from weights ten times as
small goes differently from the first.

**In two to four sentences:** explain why the sentence she read is true of the function and false of training, what happens to the effective rate in her two runs, of which order of magnitude the number of updates is after which decay would have balanced the norm, and what she could change instead of switching decay on again.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "why-it-works-reflection", "locked": false, "points": 4, "schema_version": 3, "solution": true}
r"""
**Model answer.** The function depends on the direction of these weights only, so decay cannot make it simpler; but the step that turns the direction has the effective rate ε/|w|², and that depends on the norm. Without decay the gradient, being at right angles to w, lets the norm only grow, so the effective rate falls all the time, an unplanned schedule; weights ten times as small start with a hundred times the effective rate. With decay
the norm would have found its balance after a number of updates of the order of 1/(ελ) = 20,000, with the rate ε and the decay λ. Instead she can raise ε as the norms grow, rescale the weights to a fixed norm after each update, or choose ε and the initial scale together.

**Marking scheme.** 1 point: function invariant, effective rate ε/|w|² not. 1 point: without decay the norm grows and the effective rate falls; the second run starts with one a hundred times larger. 1 point: of the order of 1/(ελ), some 5,000 to 50,000 updates. 1 point: a remedy that acts on ε/|w|² (norm held fixed, rate raised, weights rescaled).
"""

# %% [markdown]
r"""
## What to remember

1. Batch norm saves updates, here a factor of about four with five hidden layers and of three to four with one; a part of it is the larger rate that it stands. With inputs that are centred the factor is two with five, and one with one.
2. All layers move at once: a step that promises a small relative change keeps its word at any depth, one that promises a manyfold change does not.
3. Train mode to learn, eval mode to look, and back again; keep copies, statistics included; recalibrate when statistics lag.
4. Weights before a batch norm have a direction that counts and a norm that sets the effective rate $\epsilon/\lVert w\rVert^2$. Decay balances it: $\cos\varphi = 1-\epsilon\lambda$.
5. Drift of a layer's inputs is held down by batch norm. Drift put in by force takes most of the gain at a small rate away, and leaves the larger rate. Two examples are too few for batch norm; its noise regularizes, as a tuned rate does.

## Further reading

<details><summary>Nine papers and a book</summary>

- I. Goodfellow, Y. Bengio, A. Courville (2016). *Deep Learning*. MIT Press. Section 8.7.1.
- S. Ioffe, C. Szegedy (2015). Batch normalization: accelerating deep network training by reducing internal covariate shift. *ICML*, PMLR 37, 448–456.
- Y. LeCun, L. Bottou, G. Orr, K.-R. Müller (1998). Efficient BackProp. In *Neural networks: tricks of the trade*, Springer, 9–50. Section 4.3: inputs with mean 0.
- S. Santurkar, D. Tsipras, A. Ilyas, A. Madry (2018). How does batch normalization help optimization? *NeurIPS* 31.
- G. Yang, J. Pennington, V. Rao, J. Sohl-Dickstein, S. Schoenholz (2019). A mean field theory of batch normalization. *ICLR*.
- E. Hoffer, I. Hubara, D. Soudry (2017). Train longer, generalize better: closing the generalization gap in large batch training of neural networks. *NeurIPS* 30. Ghost batch norm.
- T. van Laarhoven (2017). L2 regularization versus batch and weight normalization. arXiv:1706.05350.
- R. Wan, Z. Zhu, X. Zhang, J. Sun (2021). Spherical motion dynamics: learning dynamics of normalized neural network using SGD and weight decay. *NeurIPS* 34.
- J. Bjorck, C. Gomes, B. Selman, K. Weinberger (2018). Understanding batch normalization. *NeurIPS* 31. Larger rates as the main gain.
- Y. Wu, J. Johnson (2021). Rethinking "batch" in BatchNorm. arXiv:2105.07576. Recalibration, and other pitfalls.
</details>
"""

# %% tags=["experiment"]
predict.summary()
