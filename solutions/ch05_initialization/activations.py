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
# Activations, slopes and data that fit

When you have worked through this notebook you can

- write the usual activation functions with their slopes, and say what saturation costs in a deep network,
- build a network of any depth, forward and backward, that takes any activation,
- count dead ReLUs while a network trains, and say what kills them and what does not,
- standardise and whiten data by the statistics of the training set, and say what that does to the condition number and to the number of
  updates.

About 160 minutes, 40 points. Goodfellow et al. (2016), *Deep Learning*, sections 6.3, 6.5 and 8.2.1. Further source: LeCun et al. (2012), *Efficient BackProp*. From earlier
chapters you need the softmax's cross entropy ([chapter 1](../ch01_empirical_risk/empirical_risk.ipynb)), minibatches ([chapter 2](../ch02_minibatching/minibatching.ipynb)) and the condition number ([chapter 3](../ch03_challenges/curvature.ipynb)). The exercises take
86 minutes (each says how many), the reflection 10, the 11 experiments 4 each, and the rest is reading. A good place for a break is after section 3.

You write a function, `check(...)` tells you whether it is right; then you guess what an experiment will show, in numbers or words, and run it. Nobody grades a
guess, and `...` is allowed. The experiments' sources are folded; they run *your* functions.

**What an answer owes.** Arrays hold floats. Leave the arrays that you are given as they are.
"""

# %%
from functools import partial
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import erf

from utils import fitting, players, plots, predict
from utils.check import check
from utils.claims import base_seed, measured, seeds, spread
from utils.data import digits
from utils.device import seed_everything, work_clock

seed_everything(base_seed())
plots.style()
guess = ...  # yours, before each experiment


def tanh(z):
    """Return tanh(z) and its slope, both shaped like z."""
    value = np.tanh(z)
    return value, 1 - value**2


# %% [markdown]
r"""
## 1. A unit that squeezes

A unit of a network sums up what comes in, $z = \sum_i w_i h_i + b$, and passes on $f(z)$. On the way back the gradient meets the *slope* $f'(z)$:
by the chain rule

$$\frac{\partial J}{\partial z} = f'(z)\,\frac{\partial J}{\partial f(z)}.$$

So an activation is a pair: what it says, and how much it lets through when it is told that it was wrong. All functions of this notebook return that
pair. One is there already, `tanh` in the first cell: its slope is $1-\tanh^2 z$, made from the value alone.

The oldest of them squeezes a sum into something like a probability:

$$\sigma(z) = \frac{1}{1+e^{-z}},\qquad \sigma'(z) = \sigma(z)\,\big(1-\sigma(z)\big)$$

(Goodfellow et al., section 6.3.2. Check the second formula with a pencil.)

### Exercise 1: `sigmoid` (3 points, 7 minutes, easy)

Return value and slope. Sums may be as large as $\pm 10^8$: no `nan` then.

<details><summary>Hint</summary>

The slope needs nothing but the value. Which of $e^{z}$ and $e^{-z}$ overflows where? $1/(1+\infty)$ is 0, and no harm is done (NumPy warns); $\infty/\infty$ is not
a number. $e^{-|z|}$ never overflows.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "sigmoid", "locked": false, "schema_version": 3, "solution": true}
def sigmoid(z):
    """Return the sigmoid of z and its slope there. The input is not modified.

    z : ndarray, any shape, of sums up to 1e8 in size; where the value is below 1e-10, 0 is right, too
    Returns value and slope, each shaped like z; entry by entry.
    """
    ### BEGIN SOLUTION
    small = np.exp(-np.abs(z))
    value = np.where(z > 0, 1.0, small) / (1 + small)
    return value, value * (1 - value)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sigmoid-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(sigmoid)

# %% [markdown]
r"""
### What a squeeze lets through

Through $L$ layers the gradient is multiplied by $L$ slopes (and by weights, which come in section 3). Draw ten sums from a normal distribution with standard
deviation 2 and multiply their ten slopes; do so ten thousand times.

And a question about the *value*. You may read that the range of the sigmoid is $[0, 1]$.

**Guess** the steepest slope of the sigmoid; the product of ten slopes, typically (the median); and the first whole number $z$ for which
`sigmoid(z)` *equals* 1.0 in NumPy's float64 (none: `"never"`).
"""

# %% tags=["guess"]
guess = {"steepest slope": ..., "ten slopes multiplied": ..., "first z with σ(z) == 1.0": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I1"]
# the experiment: slopes, products of slopes, and the way to 1
z, whole = np.linspace(-8, 8, 1601), np.arange(1.0, 61.0)
near = 1 - sigmoid(whole)[0]
ones = whole[near == 0][0]
rngs = [np.random.default_rng(seed) for seed in seeds(10)]
products = np.array([sigmoid(rng.normal(scale=2.0, size=(10_000, 10)))[1].prod(axis=1) for rng in rngs])
fig, (left, middle, right) = plt.subplots(1, 3, figsize=(11.5, 3.4))
for name, curve, dashes in zip(("value", "slope"), sigmoid(z), ("-", "--"), strict=True):
    left.plot(z, curve, dashes, color=fitting.ACTIVATIONS["sigmoid"], label=name)
middle.hist(np.log10(products[0]), bins=60, color=fitting.ACTIVATIONS["sigmoid"])
middle.axvline(10 * np.log10(0.25), color="black", linewidth=1.2)
middle.annotate("4⁻¹⁰", (-5.8, 400))
right.semilogy(whole[near > 0], near[near > 0], "o", color=fitting.ACTIVATIONS["sigmoid"], markersize=4)
right.axvline(ones, color="black", linewidth=1.2)
left.set(title="Never steeper than ¼", xlabel="z", ylabel="value, slope")
middle.set(title="Ten slopes: far below 4⁻¹⁰", xlabel="log₁₀ of the product", ylabel="draws", xlim=(-14, -4.5))
right.set(title=f"From z = {ones:.0f} on, float64 says 1", xlabel="z", ylabel="1 - σ(z)", xlim=(0, 45))
left.legend(loc="upper left")
text = """Left: the sigmoid and its slope, a hill of height ¼. Middle: products of ten slopes, most of them near 10⁻⁹, none above 4⁻¹⁰. Right:
1 - σ(z) falls along a straight line on a logarithmic axis to 10⁻¹⁶ and is exactly 0 from there."""
plots.show(fig, alt=text)
typical, steepest = np.median(products, axis=1), sigmoid(z)[1].max()
came = {"steepest slope": steepest, "ten slopes multiplied": np.median(typical), "first z with σ(z) == 1.0": ones}
predict.compare(guess, came, "sigmoid")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I1"]
# the claim
measured(
    "I1",
    f"steepest slope {steepest:.2f}; product of ten slopes: median {spread(typical, '.1e')}, largest of all "
    f"{products.max():.1e} < 4⁻¹⁰ = {0.25**10:.1e}; float64 says σ(z) = 1 from z = {ones:.0f} on",
)
assert np.isclose(steepest, 0.25), f"the steepest slope should be ¼, it is {steepest:.3f}"
assert products.max() <= 0.25**10, "ten slopes should never multiply to more than 4⁻¹⁰"
assert np.all(typical < 0.02 * 0.25**10), "typically ten slopes should multiply to far less than 4⁻¹⁰"
assert 35 < ones < 40, f"float64 should say 1 from about z = ln 2⁵³ = 36.7 on, not from {ones:.0f}"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

The slope is at most ¼, so $L$ slopes multiply to at most $4^{-L}$: an identity. With sums of ordinary size it is a thousand times less for ten layers, because a unit that
is sure of itself is flat: it is **saturated**, and nobody can tell it that it was wrong.

The range is *open*, $(0, 1)$; "$[0, 1]$" is a common version. It matters: from $z = 37$ on float64 rounds to 1, and $\log(1-\sigma)$ is then $-\infty$. That is why losses are computed
from the logits, as in [chapter 1](../ch01_empirical_risk/empirical_risk.ipynb).
</details>

## 2. Units without a ceiling

What could be simpler than a unit that is silent when its sum is negative and repeats it otherwise? That is the **ReLU**, $\max(0, z)$. Its slope is 1 or 0: it never
saturates to the right, and lets nothing at all through to the left. A **leaky** one lets a little through there:

$$f(z) = \begin{cases} z & z > 0\\ a\,z & z \le 0 \end{cases}$$

(Goodfellow et al., section 6.3.1; $a$ is `leak`.) At $z = 0$ there is a kink. The convention, torch's as well: there the slope is that of the left side.

### Exercise 2: `leaky_relu` (3 points, 5 minutes, easy)

Return value and slope; `leak=0.0` is the ReLU.
"""


# %% nbgrader={"grade": false, "grade_id": "leaky-relu", "locked": false, "schema_version": 3, "solution": true}
def leaky_relu(z, leak):
    """Return the leaky ReLU of z and its slope there. The input is not modified.

    z : ndarray, any shape.  leak : float in [0, 1), the slope for z <= 0 (at z = 0 itself, too)
    Returns value and slope, each shaped like z.
    """
    ### BEGIN SOLUTION
    slope = np.where(z > 0, 1.0, leak)
    return slope * z, slope
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "leaky-relu-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(leaky_relu)

# %% [markdown]
r"""
The **ELU** bends smoothly to a floor, so that its mean lies nearer to zero (Clevert et al., 2016):

$$f(z) = \begin{cases} z & z > 0\\ \alpha\,(e^z - 1) & z \le 0 \end{cases}$$

### Exercise 3: `elu` (4 points, 7 minutes, medium)

Return value and slope; at $z = 0$ the slope of the left side. Two traps: for large $z$ the exponential overflows, although nobody wants it there (a warning does no harm, as in `sigmoid`, if the result is right); and for
$z = -10^{-13}$ the difference $e^z - 1$ has hardly a digit left.

<details><summary>Hint</summary>

`np.where` computes both branches everywhere. What does $\min(z, 0)$ in the exponent change on the left, and what on the right? `np.expm1` is $e^z - 1$ with all its digits.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "elu", "locked": false, "schema_version": 3, "solution": true}
def elu(z, alpha):
    """Return the ELU of z and its slope there. The input is not modified.

    z : ndarray, any shape, of sums up to 1e8 in size; values are right to five digits however small z is
    alpha : float > 0; far to the left the value is -alpha
    Returns value and slope, each shaped like z; at z = 0 the slope is that of the left side.
    """
    ### BEGIN SOLUTION
    left = np.minimum(z, 0.0)
    value = np.where(z > 0, z, alpha * np.expm1(left))
    return value, np.where(z > 0, 1.0, alpha * np.exp(left))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "elu-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(elu)

# %% [markdown]
r"""
Many transformers use the **GELU** (Hendrycks and Gimpel, 2016): a sum is passed on with a weight, the share $\Phi(z)$ of a standard normal distribution that lies below it.

$$f(z) = z\,\Phi(z),\qquad \Phi(z) = \tfrac12\Big(1+\operatorname{erf}\frac{z}{\sqrt2}\Big),\qquad \Phi'(z) = \varphi(z) = \frac{1}{\sqrt{2\pi}}\,e^{-z^2/2}$$

### Exercise 4: `gelu` (4 points, 8 minutes, medium)

Return value and slope, with the exact $\Phi$ (`erf` is imported), not one of the approximations in use.

<details><summary>Hint</summary>

A product of two functions of $z$ has a derivative with two terms.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "gelu", "locked": false, "schema_version": 3, "solution": true}
def gelu(z):
    """Return the GELU of z and its slope there. The input is not modified.

    z : ndarray, any shape
    Returns value and slope, each shaped like z.
    """
    ### BEGIN SOLUTION
    share = (1 + erf(z / np.sqrt(2))) / 2
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return z * share, share + z * density
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gelu-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(gelu)

# %% [markdown]
r"""
A **maxout** unit has no fixed shape. It sums up its inputs $k$ times, with weights of its own for each of its $k$ *pieces* $z_j$, and passes on the largest (Goodfellow et al., section 6.3.1):

$$f(z_1, \dots, z_k) = \max_j z_j$$

### Exercise 5: `maxout` (3 points, 6 minutes, medium)

The pieces of all units come in one array, the pieces along its first axis. Return the values, and how steep each value is *in each piece*: an array of the shape of `z`. No two pieces of a unit
are equal.

<details><summary>Hint</summary>

If the largest piece grows a little, so does the maximum. What if another one does? `argmax` says which piece it is; `np.put_along_axis`, or a comparison with `np.arange`, puts a 1 there.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "maxout", "locked": false, "schema_version": 3, "solution": true}
def maxout(z):
    """Return the largest of the pieces of each unit, and its slope in every piece. The input is not modified.

    z : ndarray, shape (pieces, ...), at least one piece; no ties
    Returns the values, shape (...), and their slopes, floats, shape (pieces, ...).
    """
    ### BEGIN SOLUTION
    slopes = np.zeros_like(z)
    np.put_along_axis(slopes, z.argmax(axis=0)[None], 1.0, axis=0)
    return z.max(axis=0), slopes
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "maxout-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(maxout)

# %% [markdown]
r"""
### Seven shapes

**Guess** the slopes at $z = -3$: what does a unit let through that is switched off? (tanh, leaky ReLU with $a = .1$, ELU with $\alpha = 1$, GELU.) And the steepest slope that the GELU has anywhere.
"""

# %% tags=["guess"]
guess = {"tanh, -3": ..., "leaky ReLU, -3": ..., "ELU, -3": ..., "GELU, -3": ..., "GELU, steepest": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I2"]
# the experiment: seven activations and their slopes
z = np.linspace(-4, 4, 801)
shapes = {"sigmoid": sigmoid, "tanh": tanh, "ReLU": partial(leaky_relu, leak=0.0)}
shapes |= {"leaky ReLU": partial(leaky_relu, leak=0.1), "ELU": partial(elu, alpha=1.0), "GELU": gelu}
lines = np.array([-1.0, 0.2, 1.5])[:, None]  # three pieces, straight lines through different points
pieces = lines * z + np.array([-1.5, 0.3, -2.0])[:, None]
fig, axes = plt.subplots(2, 4, figsize=(11.5, 4.8), sharex=True)
for ax, (name, shape) in zip(axes.flat, shapes.items(), strict=False):
    value, slope = shape(z)
    ax.plot(z, value, color=fitting.ACTIVATIONS[name], label="value")
    ax.plot(z, slope, "--", color=fitting.ACTIVATIONS[name], label="slope")
    ax.set_title(f"{name}: slope {slope.min():.2g} to {slope.max():.3g}", fontsize=10)
ax = axes[1, 2]
ax.plot(z, maxout(pieces)[0], color=fitting.ACTIVATIONS["maxout"])
ax.plot(z, (maxout(pieces)[1] * lines).sum(axis=0), "--", color=fitting.ACTIVATIONS["maxout"])
ax.set_title("maxout: the slope of a line", fontsize=10)
axes[1, 3].axis("off")
axes[1, 3].legend(*axes[0, 0].get_legend_handles_labels(), loc="center", title="slopes: the range on [-4, 4]")
for ax in axes.flat[3:7]:
    ax.set_xlabel("z")
    ax.tick_params(labelbottom=True)
text = """Seven small plots, each with an activation's value and slope between -4 and 4; the slope's range there stands in
the title, but for maxout."""
plots.show(fig, alt=text)
came = {f"{name}, -3": shapes[name](np.array([-3.0]))[1][0] for name in ("tanh", "leaky ReLU", "ELU", "GELU")}
predict.compare(guess, came | {"GELU, steepest": gelu(z)[1].max()}, "slope")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I2"]
# the claim
rng, h = np.random.default_rng(base_seed()), 1e-5
at = rng.uniform(-4, 4, size=1000)
at = at[np.abs(at) > 0.01]  # away from the kinks
off = {name: np.abs((f(at + h)[0] - f(at - h)[0]) / (2 * h) - f(at)[1]).max() for name, f in shapes.items()}
worst = max(off.values())
dip = gelu(z)[0].min()
twins = {"ReLU": (0.0, 1.0), "leaky ReLU": (0.1, 1.0)}
gaps = [np.abs(maxout(np.array([[a], [b]]) * at)[0] - shapes[name](at)[0]).max() for name, (a, b) in twins.items()]
size = maxout(np.array([[-1.0], [1.0]]) * at)[0]
measured(
    "I2",
    f"slopes against (f(z+h) - f(z-h))/2h: within {worst:.0e}; GELU's slope {gelu(z)[1].min():.2f} to {gelu(z)[1].max():.2f}, "
    f"its value down to {dip:.2f}; maxout of (0, z), (.1z, z), (-z, z): ReLU, leaky ReLU, |z|: within {max(gaps):.0e}",
)
assert worst < 1e-6, f"a slope is not the derivative of its value: {off}"
assert gelu(z)[1].max() > 1.1 and dip < -0.15, "the GELU should be steeper than 1 somewhere, and dip below zero"
assert max(gaps) == 0 and np.array_equal(size, np.abs(at)), (
    "a maxout of two pieces should be a ReLU, a leaky one, or |z|"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Switched off, a tanh lets a hundredth through, an ELU a twentieth, a leaky ReLU a tenth; a ReLU nothing. The GELU's slope there is *negative*, -.012, so the GELU is not monotone; and near $z = 1.4$ its
slope is 1.13, so slopes are not bounded by 1. A maxout with two pieces can be a ReLU, a leaky ReLU or $|z|$; with more pieces it comes as near as you like to any convex shape. It pays with $k$ times the weights. (All identities: what is
checked is your algebra.)
</details>

## 3. A network that takes any activation

Now put the pieces together. A network with layers $1, \dots, L$ begins with $h_0 = X$, a batch of $N$ examples in rows, and goes **forward**:

$$z_l = h_{l-1} W_l + b_l,\qquad h_l = f(z_l)\ \text{ for } l < L;\qquad z_L \text{ are the logits: the last layer does not bend.}$$

What you hand to `backward` is $\delta_L = \partial J/\partial z_L$, shape $(N, \text{outputs})$ (`dlogits`; if $J$ is a mean over the batch, its $1/N$ is in there already). Then, from the top **down**:

$$\frac{\partial J}{\partial W_l} = h_{l-1}^\top\,\delta_l,\qquad \frac{\partial J}{\partial b_l} = \sum_n (\delta_l)_n,\qquad
\delta_{l-1} = (\delta_l\,W_l^\top)\odot f'(z_{l-1})$$

($\odot$ multiplies entry by entry. Goodfellow et al., section 6.5, algorithms 6.3 and 6.4.) All experiments from here on run on *your* class.

### Build 6: `MLP` (8 points, 30 minutes, hard)

- `MLP(parameters, activation)` takes the list $[W_1, b_1, W_2, b_2, \dots]$ and a function $z \to$ (value, slope) such as `tanh`. There may be any number of layers, one among them. Keep the
  arrays themselves: training will write into them, and your network has to notice.
- `forward(X)` returns the logits, and keeps in `self.hidden` the list of the hidden layers' activations $[h_1, \dots, h_{L-1}]$ for this `X` (empty if there are none). Keep whatever else `backward` will need.
- `backward(dlogits)` returns the list of gradients, in the order and with the shapes of `parameters`, for the last batch that went forward. It changes no parameter, and asked once more it answers the same (nobody writes into the parameters between `forward` and `backward`).

<details><summary>Hint: forward</summary>

`parameters[::2]` are the weights. Call the activation once for each hidden layer and keep its slope in a list.
</details>

<details><summary>Hint: backward</summary>

Loop over `reversed(range(L))` with one variable for $\delta$. Three lines for each layer: two gradients, and the next $\delta$ where there is a layer below. Put new gradients in *front* of the list.
Then look at the shapes: each product fits in one way only, unless a layer is square.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "MLP", "locked": false, "schema_version": 3, "solution": true}
class MLP:
    """A fully connected network with any activation between its layers; the last one is linear.

    parameters : list of ndarrays [W1, b1, W2, b2, ...], at least one layer; W has shape (inputs, outputs), b (outputs,)
    activation : callable, z -> (value, slope), both shaped like z
    forward(X) returns the logits, shape (N, outputs), and sets self.hidden, a list of ndarrays of shape (N, units).
    backward(dlogits) returns the gradients, a list of ndarrays shaped like the parameters.
    X : ndarray, shape (N, inputs), a batch
    dlogits : ndarray, shape (N, outputs), the gradient with respect to the logits
    Parameters, X and dlogits are not modified.
    """

    ### BEGIN SOLUTION
    def __init__(self, parameters, activation):
        self.weights, self.biases = parameters[::2], parameters[1::2]
        self.activation = activation

    def forward(self, X):
        self.inputs, self.slopes = [X], []
        for weights, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            h, slope = self.activation(self.inputs[-1] @ weights + bias)
            self.inputs.append(h)
            self.slopes.append(slope)
        self.hidden = self.inputs[1:]
        return self.inputs[-1] @ self.weights[-1] + self.biases[-1]

    def backward(self, dlogits):
        delta, grads = dlogits, []
        for layer in reversed(range(len(self.weights))):
            grads = [self.inputs[layer].T @ delta, delta.sum(axis=0), *grads]
            if layer > 0:
                delta = delta @ self.weights[layer].T * self.slopes[layer - 1]
        return grads

    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "MLP-check", "locked": true, "points": 8, "schema_version": 3, "solution": false}
check(MLP)

# %% [markdown]
r"""
### Twenty layers deep

Your network with 20 hidden layers of 64 units; a random example goes forward, a random gradient comes back. The weights are normal with variance 1/inputs, as those of the networks in [chapter 4](../ch04_sgd_variants/momentum.ipynb); the last network has weights *twenty
times larger*. (How large weights should be is the subject of the [next notebook](initialization.ipynb).) The gradient of a bias is $\delta$ itself, so you can read off how long $\delta$ is in every layer.

**Guess** the factor by which $\delta$ gets longer, on average, with each layer that it goes down: .5 would mean that it halves.
"""

# %% tags=["guess"]
guess = {"sigmoid": ..., "tanh": ..., "ReLU": ..., "sigmoid, weights × 20": ...}  # factor per layer

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I1"]
# the experiment: a gradient comes down twenty layers
scales = {"sigmoid": 1.0, "tanh": 1.0, "ReLU": 1.0, "sigmoid, weights × 20": 20.0}
depth, width, lengths, bound = 20, 64, {}, {}
fig, ax = plt.subplots(figsize=(8, 4))
for name, scale in scales.items():
    lengths[name], bound[name] = [], []
    for seed in seeds(10):
        parameters = fitting.drawn([width] * (depth + 2), seed, scale)
        net = MLP(parameters, shapes[name.split(",")[0]])
        lengths[name].append(fitting.delta_lengths(net, width, seed))
        bound[name].append(np.prod([np.linalg.norm(weights, 2) / 4 for weights in parameters[2:-2:2]]))
    along = np.array(lengths[name])[:, -2::-1]
    look = {"linestyle": "--" if "×" in name else "-", "color": fitting.ACTIVATIONS[name.split(",")[0]]}
    plots.curves(ax, along / along[:, :1], "SGD", marks=0, label=name, **look)
ax.set(title="With equal weights a sigmoid layer loses three quarters", xlabel="layers down from the top hidden layer")
ax.set(ylabel="length of δ, relative", xticks=range(0, 20, 5))
ax.legend(loc="lower left")
text = """Length of the gradient against layers, logarithmic. tanh nearly flat, ReLU down to a thousandth, sigmoid down to 10⁻¹², all along
straight lines; the sigmoid with weights twenty times larger climbs."""
plots.show(fig, alt=text)
factor = {name: [(one[0] / one[-2]) ** (1 / (depth - 1)) for one in found] for name, found in lengths.items()}
predict.compare(guess, {name: np.median(found) for name, found in factor.items()}, "factor per layer")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I1"]
# the claim
print("factor per layer:", "; ".join(f"{name} {spread(found, '.2f')}" for name, found in factor.items()))
for name in ("sigmoid", "sigmoid, weights × 20"):
    through = [one[0] / one[-2] for one in lengths[name]]
    assert np.all(np.array(through) <= bound[name]), (
        f"{name}: more comes through than slopes of ¼ and the weights allow"
    )
assert 0.2 < np.median(factor["sigmoid"]) < 0.25, "with these weights a sigmoid layer should lose three quarters"
assert abs(np.median(factor["ReLU"]) - np.sqrt(0.5)) < 0.03, "a ReLU layer should let half of the squares through"
assert np.all(np.array(factor["tanh"]) > 0.85), "a tanh layer should let nearly everything through"
assert np.all(np.array(factor["sigmoid, weights × 20"]) > 1.1), (
    "with large weights the gradient should grow all the same"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

The sigmoid's layers let .23 through, tanh's .91, and the ReLU's $.70 = \sqrt{1/2}$, because half of the units are silent. Twenty layers down that is $10^{-12}$ against a fifth and a
thousandth.

But "$4^{-L}$" bounds the *slopes*, not the gradient: with weights twenty times larger most units are saturated (three of four lie below .01 or above .99), and the gradient *grows* by a factor of 1.3 a layer. A few units stand on
their slope, and their large weights make up for all the others. Slopes and weights decide together, which is what the [next notebook](initialization.ipynb) is about.
</details>

### What saturation costs

Does it matter for training? Digits, minibatches of 32, plain descent, 200 updates; one hidden layer of 32 units, or three. Each network runs at the best of a grid of rates in factors of two
(weights as before, variance 1/inputs). A network that knows nothing has a loss of $\ln 10 = 2.30$.

**Guess** the training loss in the end.
"""

# %% tags=["guess"]
guess = {"sigmoid, 1": ..., "tanh, 1": ..., "ReLU, 1": ..., "sigmoid, 3": ..., "tanh, 3": ..., "ReLU, 3": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I1"]
# the experiment: three activations, one hidden layer and three
data = digits(as_tensors=False)
X, y = data.x_train.astype(float), data.y_train
grids = {"sigmoid": (1.6, 3.2, 6.4), "tanh": (0.2, 0.4, 0.8, 1.6), "ReLU": (0.1, 0.2, 0.4, 0.8, 1.6)}
ends, rate_of = {}, {}
for layers in (1, 3):
    for name, rates in grids.items():
        sizes, runs = [64, *[32] * layers, 10], {lr: [] for lr in rates}
        for lr, seed in product(rates, seeds(10)):
            net, _ = fitting.trained(MLP, shapes[name], sizes, (X, y), lr, 200, 32, seed)
            runs[lr].append(fitting.loss_of(net, (X, y)))
        rate_of[f"{name}, {layers}"], ends[f"{name}, {layers}"] = fitting.best_of(runs)
fig, ax = plt.subplots(figsize=(7.5, 3.4))
plots.ranges(ax, ends, {name: fitting.ACTIVATIONS[name.split(",")[0]] for name in ends})
ax.axvline(np.log(10), color="black", linewidth=1, linestyle=":")
ax.set(xscale="log", xticks=(ticks := (0.1, 0.2, 0.5, 1, 2)), xticklabels=[f"{tick:g}" for tick in ticks])
ax.minorticks_off()
predict.mark(ax, guess, at={name: row for row, name in enumerate(ends)}, axis="x")
ax.set(xlabel="training loss after 200 updates, median and range of 10 seeds")
ax.set_title("One hidden layer: level. Three: the sigmoid has hardly begun")
plots.show(fig, alt="Six ranges of losses: near 0.1 with one layer; with three, tanh 0.1, ReLU 0.3, sigmoid about 1.9.")
predict.compare(guess, {name: np.median(found) for name, found in ends.items()}, "training loss")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I1"]
# the claim
told = (f"{name} {spread(found, '.2f')} at {rate_of[name]:g}" for name, found in ends.items())
print("training loss at the best rate:", "; ".join(told))
middle = {name: np.median(found) for name, found in ends.items()}
inside = [grids[name.split(",")[0]][0] < lr < grids[name.split(",")[0]][-1] for name, lr in rate_of.items()]
assert all(inside), f"a grid of rates ends too soon: {rate_of}"
assert middle["sigmoid, 1"] < 1.6 * middle["tanh, 1"], "with one hidden layer the sigmoid should keep up"
assert rate_of["sigmoid, 1"] >= 2 * rate_of["tanh, 1"], "it should need a larger rate for that"
assert np.all(ends["sigmoid, 3"] > 1.3), "with three the sigmoid should have hardly begun"
assert middle["ReLU, 3"] < 0.6, "with three the ReLU should have learnt most of it"
assert middle["tanh, 3"] < 1.5 * middle["tanh, 1"], "three layers of tanh should learn about as fast as one"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

With one hidden layer the sigmoid keeps up: it needs a rate four times larger, to make up for its slope of ¼, and that is all. With three no rate does: each layer down the gradient is about four times smaller, so a rate that is large enough for the first layer is dozens of times too large
for the last. (Rates that grow fourfold with each layer down do train it.) tanh does not mind the depth. The ReLU minds it here, since these weights lose $\sqrt{1/2}$ a layer; the [next notebook](initialization.ipynb) mends that.
</details>

### "exp is very expensive"

So says many a lecture, of sigmoid and tanh against the ReLU's maximum. Measure it: the time for one number, exp against max, both written into an array that is
there already; and the time of a whole update (batch of 128, two hidden layers of 256 units) with your `sigmoid` against your `leaky_relu`.

**Guess** both ratios: exp over max, sigmoid network over ReLU network.
"""

# %% tags=["guess"]
guess = {"exp / max": ..., "update, sigmoid / ReLU": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I1", "nbval-ignore-output"]
# the experiment: time for a number, time for an update
clock, rng = work_clock(), np.random.default_rng(base_seed())
numbers, batch, room = rng.normal(size=20_000), rng.normal(size=(128, 256)), np.empty(20_000)
tasks = {
    "max(0, z)": lambda: np.maximum(numbers, 0.0, out=room),
    "exp(z)": lambda: np.exp(numbers, out=room),
    "tanh(z)": lambda: np.tanh(numbers, out=room),
}
tasks |= {f"your {name}": partial(shape, numbers) for name, shape in shapes.items() if name != "tanh"}
nanoseconds = {name: 1e9 / 20_000 * fitting.least_seconds(task, clock, 60) for name, task in tasks.items()}


def update(net):
    """Go forward and back once."""
    return net.backward(net.forward(batch)[:, :10])


nets = {name: MLP(fitting.drawn([256, 256, 256, 10], base_seed()), shapes[name]) for name in ("sigmoid", "ReLU")}
whole = {name: fitting.least_seconds(partial(update, net), clock) for name, net in nets.items()}
fig, ax = plt.subplots(figsize=(7.5, 3.2))
ax.barh(list(nanoseconds), list(nanoseconds.values()), color=plots.GREY)
ax.invert_yaxis()
ax.set(title="What one number costs", xlabel="nanoseconds, the least of 60 runs")
plots.show(
    fig, alt="Bars: exp takes about as long as max; whole activations with their slopes take a few times longer."
)
came = {"exp / max": nanoseconds["exp(z)"] / nanoseconds["max(0, z)"]}
came["update, sigmoid / ReLU"] = whole["sigmoid"] / whole["ReLU"]
predict.compare(guess, came, "ratio of times", close=0.25)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I1", "nbval-ignore-output"]
# the claim
print(f"exp takes {came['exp / max']:.1f} times as long as max; an update {came['update, sigmoid / ReLU']:.2f} times")
assert came["update, sigmoid / ReLU"] < 2, "an update with sigmoids should cost little more than one with ReLUs"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

It depends on the machine, and less than lectures say. Where this page was made (a server processor of today, one thread, NumPy), exp took hardly longer than max, for the library computes
several numbers at once. Elsewhere it may take longer. Either way it is lost in the *update*, where each unit also multiplies 256 weights, three times. The reason against the sigmoid is its slope, not its price.
</details>

*A good place for a break.*

## 4. Dead units

A ReLU whose sum is negative for *every* example says nothing and, as its slope is 0, hears nothing: no gradient reaches its weights. If that is so in the first layer, whose inputs do not change, the
unit is **dead** for good (under plain descent: momentum may still coast, weight decay still shrinks the weights).

### Exercise 7: `dead_fraction` (2 points, 5 minutes, easy)

Return the share of units that are silent for all examples. The units are the *last* axis; a convolution has places between examples and units, and one place where it fires keeps a unit alive. However weakly a unit fires, it is alive.

<details><summary>Hint</summary>

`reshape(-1, units)` makes rows of all other axes. Then "all" along one axis, "mean" along the other: which is which?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "dead-fraction", "locked": false, "schema_version": 3, "solution": true}
def dead_fraction(activations):
    """Return the share of units that never fire, a float in [0, 1]. The input is not modified.

    activations : ndarray, shape (examples, units) or (examples, ..., units), what ReLUs pass on: numbers >= 0
    """
    ### BEGIN SOLUTION
    rows = activations.reshape(-1, activations.shape[-1])
    return float((rows == 0).all(axis=0).mean())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "dead-fraction-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(dead_fraction)

# %% [markdown]
r"""
### Who kills, who comes back

Digits again, pixels from 0 to 1, one hidden layer of 64 units, minibatches of 32. The share of units that are silent on the whole training set is counted while the network trains, at rates from .2 to 1.6: for ReLUs; for leaky ReLUs ($a = .1$;
"silent" means negative for all examples); and for ReLUs on the same digits with the *mean digit subtracted*.

**Guess** the share of silent units after 300 updates.
"""

# %% tags=["guess"]
guess = {"ReLU, .2": ..., "ReLU, 1.6": ..., "leaky ReLU, 1.6": ..., "ReLU, centred, 1.6": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I3"]
# the experiment: silent units, counted while training
kinds = {"ReLU": X, "leaky ReLU": X, "ReLU, centred": X - X.mean(axis=0)}
rates, silent, loss = (0.2, 0.4, 0.8, 1.6), {}, {}
for kind, lr in product(kinds, rates):
    silent[kind, lr], loss[kind, lr] = [], []
    shape, learn = shapes[kind.split(",")[0]], (kinds[kind], y)
    count = lambda net, x=kinds[kind]: (net.forward(x), dead_fraction(np.maximum(net.hidden[0], 0.0)))[1]  # noqa: E731
    for seed in seeds(10):
        net, seen = fitting.trained(MLP, shape, [64, 64, 10], learn, lr, 300, 32, seed, watch=count, every=20)
        silent[kind, lr].append(seen)
        loss[kind, lr].append(fitting.loss_of(net, learn))

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I3"]
# the figure: silent units against updates, and against the rate
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.8), sharey=True)
for kind in kinds:
    color, dashes = fitting.ACTIVATIONS[kind.split(",")[0]], "--" if "centred" in kind else "-"
    last = np.transpose([[run[-1] for run in silent[kind, lr]] for lr in rates])
    fitting.band(left, np.arange(0, 301, 20), 100 * np.array(silent[kind, 1.6]), color, kind)
    fitting.band(right, rates, 100 * last, color, kind, "o")
    for ax in (left, right):
        ax.lines[-1].set_linestyle(dashes)
left.set(title="Rate 1.6: leaky units come back", xlabel="update k", ylabel="silent units (%)")
right.set(title="After 300 updates, against the rate", xlabel="learning rate", xticks=rates)
right.legend(loc="upper left")
text = """Silent units against updates at rate 1.6: ReLUs climb to nearly all, leaky ones to nearly a half and come down, on centred digits none. Against the
rate: few up to .8, nearly all ReLUs at 1.6."""
plots.show(fig, alt=text)
end = {(kind, lr): np.array(runs)[:, -1] for (kind, lr), runs in silent.items()}
came = {
    f"{k}, {lr:g}".replace("0.", "."): np.median(end[k, lr]) for k, lr in (("ReLU", 0.2), *((k, 1.6) for k in kinds))
}
predict.compare(guess, came, "share of silent units")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I3"]
# the film: all units of one network of each kind, at rate 1.6
sums, films, colors = {}, {}, {kind: fitting.ACTIVATIONS[kind.split(",")[0]] for kind in kinds}
for kind, inputs in kinds.items():
    shape = shapes[kind.split(",")[0]]
    spy = lambda z, f=shape: (sums.update(now=(z.min(axis=0), z.max(axis=0))), f(z))[1]  # noqa: E731
    look = lambda net, x=inputs: (net.forward(x), sums["now"])[1]  # noqa: E731
    setting = {"seed": base_seed(), "watch": look, "every": 1}
    films[kind] = np.array(fitting.trained(MLP, spy, [64, 64, 10], (inputs, y), 1.6, 300, 32, **setting)[1])


def bars(ax, update):
    """Draw each unit's sums, from the smallest to the largest."""
    for left, (kind, film) in zip((0, 72, 144), films.items(), strict=True):
        (low, high), places = film[update], left + film[0][1].argsort().argsort()
        for which, color in ((high > 0, colors[kind]), (high <= 0, plots.BLACK)):
            ax.vlines(places[which], low[which], high[which], color=color, linewidth=2)
        ax.text(left + 32, 7, f"{kind}: {np.mean(high <= 0):.0%} silent", ha="center", color=colors[kind])
    ax.axhline(0, color="black", linewidth=1)
    ax.set(ylim=(-14, 8.5), xticks=[], xlabel="64 units of each network", ylabel="sums z over all digits")


moments = [0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 250, 300]
text = """Each unit is a bar from its smallest sum to its largest. ReLUs drop below zero one after the other, turn black and stay where they are; leaky
units drop and climb back; on centred digits all bars reach to both sides of zero throughout."""
film = {"title": "Below the line a ReLU never moves again", "width": 7, "height": 3.5, "seconds": 11, "alt": text}
players.flipbook(bars, moments, label="update", **film)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I3"]
# the experiment: which way one step moves the sums of 300 digits, and larger rates
one_way, beyond = {("ReLU", 0.2): [], ("ReLU", 1.6): [], ("ReLU, centred", 1.6): []}, {3.2: [], 6.4: []}
for (kind, lr), found in one_way.items():
    inputs, spied = kinds[kind], {"watch": lambda net, x=kinds[kind][:300]: x @ net.weights[0] + net.biases[0]}
    for seed in seeds(10):
        _, z = fitting.trained(MLP, shapes["ReLU"], [64, 64, 10], (inputs, y), lr, 100, 32, seed, **spied)
        moved = np.diff(z, axis=0)  # shape (updates, digits, units)
        rises = np.mean(moved > 0, axis=1)[np.any(moved != 0, axis=1)]  # of units that moved at all
        found.append([np.mean(np.isin(rises, (0, 1))), np.median(np.maximum(rises, 1 - rises))])
for lr, seed in product(beyond, seeds(10)):
    net, _ = fitting.trained(MLP, shapes["ReLU"], [64, 64, 10], (kinds["ReLU, centred"], y), lr, 300, 32, seed)
    net.forward(kinds["ReLU, centred"])
    beyond[lr].append(dead_fraction(net.hidden[0]))
for (kind, lr), found in one_way.items():
    all_one, majority = np.transpose(found)
    print(f"{kind}, rate {lr:g}: a step moves all 300 digits one way in a share of {spread(all_one, '.2f')} of cases;")
    print(f"    the majority that it moves one way: {spread(majority, '.2f')}")
print(
    "centred, silent after 300 updates:", "; ".join(f"{lr:g}: {spread(found, '.2f')}" for lr, found in beyond.items())
)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I3"]
# the claim
high = films["ReLU"][:, 1]
assert np.all(np.diff(high, axis=0)[high[:-1] <= 0] == 0), "the sums of a dead ReLU should stay where they are"
steps = np.array([np.diff(run) for lr in rates for run in silent["ReLU", lr]])
peak = np.array(silent["leaky ReLU", 1.6]).max(axis=1)
measured(
    "I3",
    f"silent after 300 updates: ReLU {spread(end['ReLU', 0.2], '.2f')} at rate .2, {spread(end['ReLU', 0.8], '.2f')} at .8, "
    f"{spread(end['ReLU', 1.6], '.2f')} at 1.6; leaky at 1.6 {spread(end['leaky ReLU', 1.6], '.2f')} after a peak of "
    f"{spread(peak, '.2f')}; ReLU on centred digits {spread(end['ReLU, centred', 1.6], '.2f')}; loss at 1.6: "
    + ", ".join(f"{kind} {spread(loss[kind, 1.6], '.2g')}" for kind in kinds),
)
assert steps.min() >= 0, "no ReLU of the first layer should come back from the dead"
assert np.all(end["ReLU", 1.6] > 0.8), "at a rate of 1.6 nearly all ReLUs should die"
assert np.mean(end["ReLU", 0.2]) < np.mean(end["ReLU", 0.8]), "more should be dead at .8 than at .2"
assert np.median(end["ReLU", 0.8]) < 0.3, "at half that rate few should"
assert np.median(end["leaky ReLU", 1.6]) < 0.8 * np.median(peak), "leaky units should come back"
assert np.median(loss["leaky ReLU", 1.6]) < 0.3, "leaky units should learn at the rate that kills ReLUs"
assert np.all(end["ReLU, centred", 1.6] < 0.02), "on centred digits nobody should die"
together = {key: np.array(found)[:, 0] for key, found in one_way.items()}
assert min(together["ReLU", 0.2].min(), together["ReLU", 1.6].min()) > 0.5, "raw, most steps should move all one way"
assert together["ReLU, centred", 1.6].max() < 0.1, "centred, hardly any step should"
assert np.all(np.array(beyond[6.4]) > 0.02), "at a rate that is large enough units should die on centred digits as well"
assert np.median(beyond[6.4]) < 0.5, "but not most, although that makes up for centred digits being shorter"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

At ordinary rates few ReLUs die (a few are silent from the start). At twice the largest good rate nearly all of them do, and none ever comes back: the film's black bars stand still, and the loss is that of a network that knows nothing. Leaky units fall
silent too, nearly half of them, but they keep hearing, and come back; at the same rate most of these networks train to a loss of some .06 (single ones
end far higher: the rate is too large for everybody, but it is no death sentence).

The third kind is the surprise: subtract the mean digit, and not one dies, at any of these rates. Pixels are never negative, so *one* step of a weight vector mostly moves the sums of *all* examples in the same direction (a unit's step does so in four cases of five at rate .2, in nine of ten at 1.6): in
the film whole bars fall. With centred inputs what is pushed down for some is pushed up for others: a step moves some three quarters of the examples one way and the rest the other, hardly ever all, and each bar grows to both sides. So the killer is not the rate alone, but the rate on data that are not centred. (There is a
rate for everybody: centred, still none or next to none dies at 3.2, and .16 of the units at 6.4, .09 to .34 with ten seeds. Centred digits are also shorter, their mean square is a third of that of raw ones,
and a step moves sums by the rate times such squares; but 6.4 makes up for more than that, and most units live.) Sections 5 and 6 take that up.
</details>

### Born dead

Biases are set to a number of one's choice at the start. Take a rate that has done no harm, .8, the digits as they are, and start all hidden biases at 0, -1, -1.5, or -2.

**Guess** how many of the units that are silent at the start can be heard after 300 updates (a share), when all biases begin at -2; and the training loss.
"""

# %% tags=["guess"]
guess = {"came back, ReLU": ..., "came back, leaky": ..., "loss, ReLU": ..., "loss, leaky": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I3"]
# the experiment: negative biases at the start
biases, names = (0.0, -1.0, -1.5, -2.0), {"ReLU": "ReLU", "leaky ReLU": "leaky"}
before, after, loss = ({key: [] for key in product(names, biases)} for _ in range(3))
look = {"watch": lambda net: (net.forward(X), (net.hidden[0] <= 0).all(axis=0))[1], "every": 300}
for name, bias in before:
    for seed in seeds(10):
        net, seen = fitting.trained(MLP, shapes[name], [64, 64, 10], (X, y), 0.8, 300, 32, seed, bias=bias, **look)
        before[name, bias].append(seen[0])
        after[name, bias].append(seen[-1])
        loss[name, bias].append(fitting.loss_of(net, (X, y)))

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I3"]
# the figure: silent units and loss against the bias
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.5))
for name in names:
    seen = np.transpose([100 * np.mean(after[name, bias], axis=1) for bias in biases])
    fitting.band(left, biases, seen, fitting.ACTIVATIONS[name], name, "o")
    losses = np.transpose([loss[name, bias] for bias in biases])
    plots.curves(right, losses, "SGD", x=biases, label=name, color=fitting.ACTIVATIONS[name])
started = [100 * np.mean(before["ReLU", bias]) for bias in biases]
left.plot(biases, started, ":", color=plots.GREY, label="both, at the start")
left.set(title="Silent: all ReLUs stay so", ylabel="silent units (%)", ylim=(0, 105))
right.set(title="The loss tells who can learn", ylabel="training loss")
for ax in (left, right):
    ax.set(xlabel="bias at the start", xticks=biases)
left.legend(loc="lower left")
plots.show(
    fig, alt="Silent units and loss against the bias. ReLUs stay silent and do not learn at -2; leaky units do both."
)
back = {name: [np.mean(~a[b]) for b, a in zip(before[name, -2], after[name, -2], strict=True)] for name in names}
came = {f"came back, {short}": np.median(back[name]) for name, short in names.items()}
came |= {f"loss, {short}": np.median(loss[name, -2]) for name, short in names.items()}
predict.compare(guess, came, "biases of -2")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I3"]
# the claim
share = {bias: np.mean(before["ReLU", bias], axis=1) for bias in biases}
print("silent at the start:", "; ".join(f"bias {bias:g}: {spread(found, '.2f')}" for bias, found in share.items()))
print("came back, bias -2:", "; ".join(f"{name} {spread(found, '.2f')}" for name, found in back.items()))
print("loss, bias -2:", "; ".join(f"{name} {spread(loss[name, -2], '.2f')}" for name in names))
assert np.all(share[-1] > 5 * share[0]) and np.all(share[-2] > 0.9), "a bias of -1 should silence many, -2 nearly all"
assert np.all(np.diff(list(share.values()), axis=0) >= 0), "the lower the bias, the more should be silent"
assert max(back["ReLU"]) == 0, "no ReLU should come back"
assert np.all(np.array(back["leaky ReLU"]) > 0.2), "of the leaky units a good part should come back"
assert np.median(loss["ReLU", -2]) > 2.2 and np.max(loss["leaky ReLU", -2]) < 1, "leaky units should learn, ReLUs not"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

A bias of -2 silences practically everybody. ReLUs stay silent for ever, and with most draws the loss stays at $\ln 10$. Of the leaky units somewhat less than half come back within 300 updates, and the others need not: a unit that is negative for all examples is
*linear* for them, and linear units can learn, too. In the first layer the ReLU's fate is an identity: no slope, no gradient, and with plain descent no step. In a deeper layer a dead unit may be revived by the layers below it.
</details>

## 5. Height in metres, weight in kilograms

Now the data. How far does somebody jump, given a height in metres and a weight in kilograms? The model is as simple as can be: one weight for each, a bias, half the squared error. Its Hessian is the mean of $x x^\top$ over the examples (with
a constant 1 in $x$ for the bias), so its condition number $\kappa$ is a property of the *data*. In the units given, heights differ by .1, weights by 12, and both are far from zero.

The cure that everybody knows: subtract from each feature its mean $\mu$ and divide by its standard deviation $s$,

$$x \leftarrow \frac{x - \mu}{s},\qquad \mu = \frac1N\sum_n x_n,\qquad s^2 = \frac1N\sum_n (x_n - \mu)^2.$$

Both are learnt from the **training set**. New people are measured in the same units as the old ones: with *the same* $\mu$ and $s$.

### Exercise 8: `standardize` (4 points, 8 minutes, medium)

Return both sets, standardised. A feature may be constant in the training set, as a pixel in the corner that is always black, 0 in every example: where $s$ is exactly 0, you only subtract the mean (do not divide). (Of a constant such as .1 rounding may leave $s = 10^{-17}$; nobody asks for it here.)

<details><summary>Hint</summary>

Along which axis lie the people? `np.std` divides by $N$, pandas and torch by $N - 1$. What must stand in place of a deviation of 0, for the division to change nothing? (Adding a small number to all of them would change the
others: features may be as small as $10^{-8}$.)
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "standardize", "locked": false, "schema_version": 3, "solution": true}
def standardize(train, test):
    """Standardise two sets by the statistics of the first. The inputs are not modified.

    train : ndarray, shape (N, features), N >= 2.  test : ndarray, shape (M, features), M >= 1
    Returns train and test: mean subtracted, divided by the standard deviation (divisor N); a feature whose deviation is
    exactly 0 in the training set is only centred, in both.
    """
    ### BEGIN SOLUTION
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    deviation[deviation == 0] = 1.0
    return (train - mean) / deviation, (test - mean) / deviation
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "standardize-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(standardize)

# %% [markdown]
r"""
### What units do to descent

200 people, plain descent from zero at the rate that is best for each, $2/(\lambda_\text{max}+\lambda_\text{min})$: on the data as they are; centred (the mean subtracted, the units kept); and standardised by your function.

**Guess** $\kappa$, and the updates until a ten-thousandth of the excess loss is left. Powers of ten will do.
"""

# %% tags=["guess"]
guess = {
    "κ, raw": ...,
    "κ, centred": ...,
    "κ, standardised": ...,
    "updates, raw": ...,
    "updates, centred": ...,
    "updates, standardised": ...,
}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I4"]
# the experiment: metres and kilograms
at = np.unique(np.geomspace(1, 3e7, 600).astype(int))
ways = {"raw": lambda x: x, "centred": lambda x: x - x.mean(axis=0), "standardised": lambda x: standardize(x, x)[0]}
kappa, needed, excess = ({way: [] for way in ways} for _ in range(3))
for seed in seeds(10):
    persons, jumps = fitting.people(200, seed)
    for way, prepare in ways.items():
        values = fitting.spectrum(prepare(persons))
        kappa[way].append(values[-1] / values[0])
        excess[way].append(fitting.quadratic_descent(prepare(persons), jumps, at))
        needed[way].append(at[np.argmax(excess[way][-1] < 1e-4)])

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I4"]
# the figure: two clouds, and the way down
fig, axes = plt.subplots(1, 3, figsize=(11.5, 3.6), width_ratios=[1, 1, 2])
for ax, way, units in zip(axes, ("centred", "standardised"), (("m", "kg"), ("deviations",) * 2), strict=False):
    ax.plot(*ways[way](persons).T, ".", color=fitting.PREPARED[way], markersize=4)
    ax.set(title=way, xlabel=f"height ({units[0]})", ylabel=f"weight ({units[1]})")
    ax.set(aspect="equal", adjustable="datalim")
for way in ways:
    seen = np.maximum(excess[way], 1e-9)
    plots.curves(axes[2], seen, "SGD", x=at, label=way, color=fitting.PREPARED[way], marks=0)
axes[2].axhline(1e-4, color="black", linewidth=0.8)
axes[2].set(xscale="log", xlabel="update k", ylabel="excess loss, share of the start", ylim=(1e-6, 2))
axes[2].set_title("Units and means cost millions of updates")
axes[2].legend(loc=(0.2, 0.05))
text = """Left: 200 people in metres and kilograms, a vertical needle; standardised, a round cloud. Right: excess loss against updates, both logarithmic:
standardised arrives after a few updates, centred after ten thousands, raw after millions."""
plots.show(fig, alt=text)
came = {f"κ, {way}": np.median(found) for way, found in kappa.items()}
predict.compare(
    guess, came | {f"updates, {way}": np.median(found) for way, found in needed.items()}, "people", close=0.3
)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I4"]
# the claim
measured(
    "I4",
    "; ".join(f"{way}: κ {spread(kappa[way], '.2g')}, {spread(needed[way], '.2g')} updates" for way in ways),
)
raw, centred, standard = (np.array(kappa[way]) for way in ways)
assert np.all(raw > 1e5 * standard) and np.all(standard < 6), "standardising should repair κ by five powers of ten"
assert np.all(raw > 30 * centred) and np.all(centred > 1e3 * standard), "it should take both, centring and scaling"
assert np.all(np.array(needed["raw"]) > 1e5 * np.array(needed["standardised"])), "and so should the updates"
assert 1.5e6 < np.median(raw) < 3.5e6 and np.median(standard) < 4, "κ should fall from two millions to three"
assert 3e6 < np.median(needed["raw"]) < 8e6 and np.median(needed["standardised"]) < 8, "updates from millions to four"
fits = []
for prepare in ways.values():
    net_inputs = np.c_[prepare(persons), np.ones(len(persons))]
    fits.append(net_inputs @ np.linalg.lstsq(net_inputs, jumps, rcond=None)[0])
assert np.allclose(fits[0], fits[1]) and np.allclose(fits[0], fits[2]), (
    "at the minimum all three should predict the same"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

$\kappa$ falls from two millions to three, and the updates from five millions to four. Centring alone is worth a factor of a hundred in $\kappa$, because a mean that is far from zero is a direction in which all examples agree; equal units
are worth the rest.

You may read that "the network will be biased to the weight", which has the larger numbers. Not the *minimum*: the claim has checked that all three predict the same there. What is biased is the *way*: the coefficient of weight is learnt at once, that of height
thousands of times later. If you stop early, or penalise the size of coefficients, that bias stays.
</details>

## 6. Whitening

Standardised features may still be correlated: tall people are heavier. **Whitening** removes that as well. With the covariance of the training set, its eigenvalues $\lambda_i$ and its eigenvectors, which are the columns of $U$,

$$C = \frac1N\sum_n (x_n-\mu)(x_n-\mu)^\top = U \Lambda U^\top,\qquad
x \leftarrow (x-\mu)\; U\,\operatorname{diag}\!\Big(\frac{1}{\sqrt{\lambda_i+\epsilon}}\Big)\,U^\top .$$

($\epsilon$ is `eps` in this notebook, a small number that keeps the root away from 0, and no learning rate; examples are rows.) Read it from left to right: turn into the axes of the cloud, divide each by its standard deviation, *turn back*. Without the last turn the covariance is $I$ as well; with it, the result stays as near
to the original as it can, and does not depend on the signs and the order of the eigenvectors. This version is called ZCA (Bell and Sejnowski, 1997).

### Exercise 9: `whiten` (5 points, 10 minutes, medium)

Return both sets, whitened by the statistics of the training set.

<details><summary>Hint</summary>

`np.linalg.eigh` returns the eigenvalues and $U$. `U / row` divides the *columns* of $U$ by the entries of a row. One matrix, made once, serves both sets, and so does one mean.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "whiten", "locked": false, "schema_version": 3, "solution": true}
def whiten(train, test, eps):
    """Whiten two sets by the statistics of the first, without turning them (ZCA). The inputs are not modified.

    train : ndarray, shape (N, features), N >= 2.  test : ndarray, shape (M, features), M >= 1
    eps : float >= 0, added to the eigenvalues of the covariance (divisor N); > 0 if one of them is 0
    Returns train and test.
    """
    ### BEGIN SOLUTION
    mean = train.mean(axis=0)
    centred = train - mean
    values, vectors = np.linalg.eigh(centred.T @ centred / len(train))
    matrix = (vectors / np.sqrt(values + eps)) @ vectors.T
    return centred @ matrix, (test - mean) @ matrix
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "whiten-check", "locked": true, "points": 5, "schema_version": 3, "solution": false}
check(whiten)

# %% [markdown]
r"""
### Four steps to a round cloud

The people once more, in decimetres and tens of kilograms, so that you can see them: centred, standardised, *turned* into the axes of the cloud (`np.linalg.svd`, nothing divided), whitened.

**Guess** after which steps the two features are still correlated ("yes" or "no"), and after which all directions have the same variance ("yes" or "no").
"""

# %% tags=["guess"]
guess = {
    "centred, correlated": ...,
    "standardised, correlated": ...,
    "turned, correlated": ...,
    "whitened, correlated": ...,
    "standardised, one variance": ...,
    "turned, one variance": ...,
    "whitened, one variance": ...,
}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I5"]
# the experiment: four steps, and the covariance after each
ways = {
    "centred": lambda x: x - x.mean(axis=0),
    "standardised": lambda x: standardize(x, x)[0],
    "turned": lambda x: (x - x.mean(axis=0)) @ np.linalg.svd(x - x.mean(axis=0), full_matrices=False)[2].T,
    "whitened": lambda x: whiten(x, x, 0.0)[0],
}
clouds = [fitting.people(300, seed)[0] * [10, 0.1] for seed in seeds(10)]
covariance, found = partial(np.cov, rowvar=False, bias=True), {}
fig, axes = plt.subplots(1, 4, figsize=(11.5, 3.5), sharex=True, sharey=True)
for ax, (way, prepare) in zip(axes, ways.items(), strict=True):
    found[way] = np.array([covariance(prepare(cloud)) for cloud in clouds])
    ax.plot(*prepare(clouds[0]).T, ".", color=fitting.PREPARED.get(way, plots.GREY), markersize=4)
    (a, b), (_, d) = np.round(found[way][0], 2) + 0.0
    ax.set_title(f"{way}\n[{a:.2f}  {b:.2f}; {b:.2f}  {d:.2f}]")
    ax.set(aspect="equal", xlabel="first feature")
axes[0].set_ylabel("second feature")
plots.show(fig, alt="Four clouds: two are tilted, the turned one lies along the axes, the whitened one is round.")
correlation = {way: np.abs(c[:, 0, 1] / np.sqrt(c[:, 0, 0] * c[:, 1, 1])) for way, c in found.items()}
ratio = {way: np.linalg.eigvalsh(c)[:, 1] / np.linalg.eigvalsh(c)[:, 0] for way, c in found.items()}
came = {f"{way}, correlated": "yes" if seen.min() > 0.1 else "no" for way, seen in correlation.items()}
came |= {f"{way}, one variance": "yes" if ratio[way].max() < 1.01 else "no" for way in list(ways)[1:]}
predict.compare(guess, came, "after the step")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I5"]
# the claim
print("correlation:", "; ".join(f"{way} {spread(seen, '.2f')}" for way, seen in correlation.items()))
print("largest over smallest variance:", "; ".join(f"{way} {spread(seen, '.2f')}" for way, seen in ratio.items()))
assert np.allclose(correlation["standardised"], correlation["centred"]), "standardising should leave the correlation"
assert correlation["centred"].min() > 0.3, "height and weight should be correlated"
assert np.allclose(found["turned"][:, 0, 1], 0, atol=1e-12), "turned, the covariance should be diagonal"
assert ratio["turned"].min() > 1.5, "turned, the variances should still differ"
assert np.allclose(found["whitened"], np.eye(2)), "whitened, the covariance should be I"
moved = np.array([np.linalg.norm(ways["whitened"](cloud) - ways["centred"](cloud)) for cloud in clouds])
other = [
    ways["turned"](cloud) / np.sqrt(np.linalg.eigvalsh(c)[::-1])
    for cloud, c in zip(clouds, found["turned"], strict=True)
]
away = [np.linalg.norm(white - ways["centred"](cloud)) for white, cloud in zip(other, clouds, strict=True)]
assert np.all(moved < away), "turned back, the whitened cloud should lie nearer to the original"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Standardising leaves the correlation exactly as it was; turning removes it and leaves the variances different; whitening does both. All identities, for the set from which the statistics come.
</details>

### Does κ tell?

On people it did. Now the digits, as counts of dots from 0 to 16, and a softmax classifier without hidden layer (your `MLP` with one layer, started at zero), minibatches of 64, four versions of the data, each at its own best rate out of a grid in factors of $\sqrt2$ to 2: how
many updates until the training loss is below .1? ($\kappa$ is that of the covariance with a bias, over all directions that have any variance. Three pixels are black in every example; $\epsilon = 10^{-6}$.)

**Guess** the four numbers of updates. If it helps: $\kappa$ is some millions, some hundred thousands, a little above a hundred, and 1.
"""

# %% tags=["guess"]
guess = {"raw": ..., "centred": ..., "standardised": ..., "whitened": ...}  # updates

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I5"]
# the experiment: digits, prepared in four ways
dots, labels = (
    16 * np.concatenate([data.x_train, data.x_test]).astype(float),
    np.concatenate([data.y_train, data.y_test]),
)
ways = {
    "raw": (lambda a, b: (a, b), 0.012 * np.sqrt(2) ** np.arange(6)),
    "centred": (lambda a, b: (a - a.mean(axis=0), b - a.mean(axis=0)), 0.05 * 2.0 ** np.arange(5)),
    "standardised": (standardize, 0.8 * 2.0 ** np.arange(5)),
    "whitened": (partial(whiten, eps=1e-6), 0.8 * 2.0 ** np.arange(5)),
}
updates, kappas, best = {}, {}, {}
for way, (prepare, rates) in ways.items():
    runs, kappas[way] = {lr: [] for lr in rates}, []
    for seed in seeds(10):
        order = np.random.default_rng(seed).permutation(len(dots))
        learn = prepare(dots[order[:1437]], dots[order[1437:]])[0], labels[order[:1437]]
        values = fitting.spectrum(learn[0])
        kappas[way].append(values[-1] / values[0])
        look = {"watch": partial(fitting.loss_of, data=learn), "every": 2, "until": 0.1}
        for lr in rates:
            _, seen = fitting.trained(MLP, tanh, [64, 10], learn, lr, 300, 64, seed, scale=0.0, **look)
            runs[lr].append(fitting.updates_to(0.1, seen, every=2))
    best[way], updates[way] = fitting.best_of(runs)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I5"]
# the figure: updates against κ
fig, ax = plt.subplots(figsize=(7.5, 3.8))
for way in ways:
    x, middle = np.median(kappas[way]), np.median(updates[way])
    ax.plot([x, x], [updates[way].min(), updates[way].max()], color=fitting.PREPARED[way], linewidth=3, alpha=0.35)
    ax.plot(x, middle, "o", color=fitting.PREPARED[way], markersize=8)
    ax.annotate(way, (x, middle), xytext=(9, 4), textcoords="offset points", color=fitting.PREPARED[way])
predict.mark(ax, guess, at={way: np.median(found) for way, found in kappas.items()}, colors=fitting.PREPARED)
ax.set(xscale="log", xlabel="condition number κ", ylabel="updates to a loss of 0.1", ylim=(0, None), xlim=(0.4, 2e9))
ax.set_title("On digits centring is what counts, and κ does not tell")
text = """Updates against κ, four points: raw at the far right and highest; centred, with a κ of hundred thousands, lowest; standardised (κ = 150) and whitened
(κ = 1) need somewhat more than centred."""
plots.show(fig, alt=text)
predict.compare(guess, {way: np.median(found) for way, found in updates.items()}, "updates")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I5"]
# the claim
told = (
    f"{way} κ {spread(kappas[way], '.2g')}, {spread(updates[way], '.0f')} updates at {best[way]:.2g}" for way in ways
)
measured("I5", "; ".join(told))
orders = [np.random.default_rng(seed).permutation(len(dots)) for seed in seeds(10)]
counts = [(dots[order[:1437]] > 0).sum(axis=0) for order in orders]
rare = [np.sum((count > 0) & (count < 10)) for count in counts]
print(f"pixels that some of the 1,437 examples touch, but fewer than ten: {spread(rare, '.0f')} of 64")
middle, k = ({way: np.median(of[way]) for way in ways} for of in (updates, kappas))
assert all(rates[0] < best[way] < rates[-1] for way, (_, rates) in ways.items()), f"a grid ends too soon: {best}"
assert np.all(updates["raw"] > 2 * updates["centred"]), "centring should save more than half of the updates"
assert middle["raw"] > 2.5 * middle["centred"], "typically about two thirds"
assert k["whitened"] < 1.1, "whitened, κ should be 1"
assert k["raw"] > 5 * k["centred"], "centring should bring κ down"
assert k["centred"] > 500 * k["standardised"] > 2e4 * k["whitened"], "κ should fall further with every step"
assert middle["standardised"] > 1.2 * middle["centred"], "standardising should not save any more, although κ falls"
assert middle["whitened"] > 0.9 * middle["centred"], "nor should whitening"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Centring saves two thirds of the updates. Standardising brings $\kappa$ down by more than a thousand and *costs* updates; whitening, with a perfect $\kappa$ of 1, buys nothing either. $\kappa$ speaks of the slowest direction and of a loss that
has to come down to its minimum. On digits the slowest directions are pixels that fewer than ten of the 1,437 examples ever touch, which hardly matter for a loss of .1; and pixels have a common unit, dots. Standardising blows up the rare ones to the size of the others.

So: always centre. Scale features that have different units (section 5: a factor of a million). Whiten when you know that small directions matter. Measure; $\kappa$ alone does not tell.
</details>

### Only from the training set

Two slips, both common. **The leak**: mean and covariance are computed over all examples, test set included, and the set is split afterwards. **Each by its own**: the test set is standardised by its own statistics; after all, it too should have mean 0. You split digits into $n$ training and 300 test examples, prepare
them ($\epsilon = .01$), train a softmax classifier for 200 updates, and count the test examples that it gets right. Then you ship the classifier with whatever statistics it has, and 300 *fresh* digits come, which nobody has seen. And one delivery is of *eights only*, from the test set.

**Guess** by how many percentage points the leak raises the accuracy on the test set, and on fresh digits (0 if it does not); and the share of eights that is recognised if the delivery is standardised by its own statistics, or by those of 1000 training examples.
"""

# %% tags=["guess"]
guess = {
    "leak, standardised, n = 50": ...,
    "leak, whitened, n = 50": ...,
    "leak, whitened, n = 50, fresh": ...,
    "leak, whitened, n = 1000": ...,
    "eights, own": ...,
    "eights, of the training set": ...,
}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I5"]
# the experiment: statistics from the wrong examples
steps, whose = {"standardised": standardize, "whitened": partial(whiten, eps=0.01)}, ("own", "of the training set")
share, eights = {key: [] for key in product(steps, (50, 200, 1000))}, {who: [] for who in whose}
for ((way, n), found), seed in product(share.items(), seeds(10)):
    order, prepare = np.random.default_rng(seed).permutation(len(dots))[: n + 600], steps[way]
    train, test, right = order[:n], order[n : n + 300], []
    for known in (order[: n + 300], train):  # whose statistics: with the test set, or without
        ready = prepare(dots[known], dots[order])[1]
        net, _ = fitting.trained(MLP, tanh, [64, 10], (ready[:n], labels[train]), 0.1, 200, 32, seed, scale=0.0)
        hits = 100 * (net.forward(ready).argmax(axis=1) == labels[order])
        right.append([hits[n : n + 300].mean(), hits[n + 300 :].mean()])
    found.append(right)  # with the leak and without; on the test set and on fresh digits
    if (way, n) == ("standardised", 1000):
        only = dots[test][labels[test] == 8]
        for who, source in zip(whose, (only, dots[train]), strict=True):
            eights[who].append(np.mean(net.forward(prepare(source, only)[1]).argmax(axis=1) == 8))
share = {key: np.array(found) for key, found in share.items()}
gain = {key: found[:, 0] - found[:, 1] for key, found in share.items()}  # shape (seeds, 2)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I5"]
# the figure: what the leak gains, and a delivery of eights
fig, (left, other) = plt.subplots(1, 2, figsize=(10.5, 3.2))
kept = [("standardised", 50), ("standardised", 1000), ("whitened", 50)]
rows = {f"{way}, n = {n}": gain[way, n][:, 0] for way, n in kept}
rows["whitened, n = 50, fresh"] = gain["whitened", 50][:, 1]
rows |= {f"whitened, n = {n}": gain["whitened", n][:, 0] for n in (200, 1000)}
plots.ranges(left, rows, {row: fitting.PREPARED[row.split(",")[0]] for row in rows}).axvline(0, color="black", lw=0.8)
plots.ranges(other, eights, dict.fromkeys(eights, plots.BLACK))
left.set(title="The leak helps on fresh digits as well", xlabel="accuracy gained by the leak (points)")
other.set(title="Eights by their own mean: few read", xlabel="share recognised", xlim=(0, 1))
text = """Left: the leak gains some 15 points for 50 whitened examples, on the test set and on fresh digits alike, about 0
elsewhere. Right: .2 against .86."""
plots.show(fig, alt=text)
wanted = ("standardised, n = 50", "whitened, n = 50", "whitened, n = 50, fresh", "whitened, n = 1000")
came = {f"leak, {row}": np.median(rows[row]) for row in wanted}
came |= {f"eights, {who}": np.median(eights[who]) for who in whose}
predict.compare(guess, came, "points, and share")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-I5"]
# the claim
for (way, n), found in gain.items():
    print(
        f"gained by the leak, {way}, n = {n}: {spread(found[:, 0], '.1f')} points; fresh {spread(found[:, 1], '.1f')}"
    )
names = product(("leaked", "clean"), ("test set", "fresh"))
told = (f"{a}, {b} {spread(share['whitened', 50][:, i // 2, i % 2], '.1f')} %" for i, (a, b) in enumerate(names))
print("50 whitened examples:", "; ".join(told))
print("eights recognised:", "; ".join(f"{whose} {spread(seen, '.2f')}" for whose, seen in eights.items()))
assert np.median(gain["whitened", 50][:, 0]) > 5, "with 50 whitened examples the leak should raise the test accuracy"
assert np.median(gain["whitened", 50][:, 1]) > 5, "fresh digits should gain by those statistics as well"
assert abs(np.median(gain["whitened", 50] @ [1, -1])) < 5, "and about as much"
promised, kept = share["whitened", 50][:, 0, 0], share["whitened", 50][:, 1, 1]
assert np.median(promised - kept) > 5, "so the test set should promise more than the model of those 50 keeps"
assert np.all(np.abs(np.median(gain["whitened", 1000], axis=0)) < 2), "with 1000 it should be gone"
assert abs(np.median(gain["standardised", 50])) < 3, "means and deviations should leak next to nothing"
assert np.median(eights["own"]) < 0.4, "a delivery standardised by its own statistics should be unreadable"
assert np.median(eights["of the training set"]) > 0.75, "by those of the training set it should be read"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

The leak is worth some fifteen points when a covariance of 64 pixels is learnt from 50 examples. It is no illusion: 300 more digits, labels or not, estimate the covariance better, and fresh digits gain as much (61 against 45 % on the test set, 62 against 44 on fresh ones), *if* you ship those statistics. Still
the test set has helped to build the model, so it no longer tests the model that 50 examples give you: that one gets 45 %. If you may use unlabelled examples, use others than those you test on. With 1000 examples nothing is left of the gain, and means and deviations gain
next to nothing even at 50. That is a measurement, not an excuse: the clean way costs nothing.

The second slip is worse and does not show on a mixed test set. Take away the mean of a delivery of eights, and what is left says how each eight differs from other eights. Think of a single example: it is its own mean, and becomes 0. $\mu$ and $s$ are *parameters of the model*: fit
them once, store them, ship them.
</details>

## 7. Reflection (4 points, 10 minutes)

A friend trains a network with 12 hidden layers of sigmoids on photographs with pixels from 0 to 255. The loss stays at $\ln 10$. She standardises "everything: the training set by its own mean and deviation, the test set by its own"; the loss still stays. She puts ReLUs in place of the sigmoids,
and at a rate that she has doubled twice 90 % of the units are dead after one epoch. With a smaller rate it works at last, and on the test set as well; but in the app, which sees one photograph at a time, every prediction is the same.

**In three to five sentences:** why did standardising not help the sigmoids? Why did ReLUs die, and what else, besides the smaller rate, would have saved them? What goes wrong in the app, and what has to be shipped with the network?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "activations-reflection", "locked": false, "points": 4, "schema_version": 3, "solution": true}
r"""
**Model answer.** Standardising repairs the first layer's inputs, but the gradient still has to come down through twelve slopes of at most ¼ each, a factor of 4⁻¹² ≈ 6·10⁻⁸ at best (with weights of ordinary size), so the lower layers hear nothing. The large rate pushed the
weights and biases so far that the sums became negative for all examples; there a ReLU's slope is 0, no gradient arrives, and it never comes back. Leaky ReLUs (or ELU, GELU) would have kept a slope there, and centred inputs to the layers make such deaths rare. In the app a single photograph is
standardised by its own mean and deviation: it is its own mean, so the network always sees zeros. Mean and deviation of the *training set* have to be stored and shipped as part of the model.

**Marking scheme.** 1 point: product of slopes ≤ ¼ through the layers, independent of the inputs' scale. 1 point: sums negative for all examples, slope 0, no way back. 1 point: a remedy with its reason (leaky or smooth unit; centred data; accept a bias that is not negative). 1 point: own
statistics turn one example into zeros (or: into something that the network has never seen); ship the training set's mean and deviation.
"""

# %% [markdown]
r"""
## What to remember

1. An activation is a value and a slope. Sigmoid: slope at most ¼, so $L$ slopes at most $4^{-L}$; range open. Weights take part: slopes alone do not decide.
2. With one hidden layer the sigmoid needs a larger rate and nothing else; with several it hardly starts. Its price per number is no argument.
3. ReLUs die of large steps *on data that are not centred*, and of negative biases. In the first layer they never come back; leaky units do.
4. Centre always; scale what has different units. $\kappa$ foretold a factor of a million on two features, and nothing on pixels: measure.
5. Mean, deviation and whitening matrix are parameters: learnt from the training set, stored, applied to everything that comes later.

## Further reading

<details><summary>Eight papers and a book</summary>

- I. Goodfellow, Y. Bengio, A. Courville (2016). *Deep Learning*. MIT Press. Sections 6.3, 6.5 and 8.2.1.
- Y. LeCun, L. Bottou, G. Orr, K.-R. Müller (2012). Efficient BackProp. In *Neural Networks: Tricks of the Trade*, 2nd ed., Springer. First printed 1998. Centre, scale, decorrelate: section 4.3.
- X. Glorot, A. Bordes, Y. Bengio (2011). Deep sparse rectifier neural networks. *AISTATS*, PMLR 15, 315–323.
- A. Maas, A. Hannun, A. Ng (2013). Rectifier nonlinearities improve neural network acoustic models. *ICML workshop*. Leaky ReLUs.
- I. Goodfellow et al. (2013). Maxout networks. *ICML*, PMLR 28(3), 1319–1327.
- D.-A. Clevert, T. Unterthiner, S. Hochreiter (2016). Fast and accurate deep network learning by exponential linear units (ELUs). *ICLR*.
- D. Hendrycks, K. Gimpel (2016). Gaussian error linear units (GELUs). arXiv:1606.08415.
- A. Bell, T. Sejnowski (1997). The "independent components" of natural scenes are edge filters. *Vision Research* 37(23), 3327–3338. ZCA.
- L. Lu, Y. Shin, Y. Su, G. Karniadakis (2020). Dying ReLU and initialization. *Communications in Computational Physics* 28(5), 1671–1706.
</details>
"""

# %% tags=["experiment"]
predict.summary()
