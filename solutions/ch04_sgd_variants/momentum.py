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
# SGD, schedules and momentum

When you have worked through this notebook you can

- write stochastic gradient descent, and say why a constant rate never quite arrives,
- write a learning-rate schedule, and say what it buys on a network,
- write momentum and Nesterov momentum, and derive by how much they beat plain descent on a bowl,
- build an optimizer class and a training loop, and train networks with them,
- tell a larger effective rate from a better method.

About 270 minutes, 44 points. Goodfellow et al. (2016), *Deep Learning*, sections 8.3.1 to 8.3.3. From earlier chapters you
need the minibatch gradient ([chapter 2](../ch02_minibatching/minibatching.ipynb)) and the condition number ([chapter 3](../ch03_challenges/curvature.ipynb)). Take two sittings, with a break after section 4: the
exercises take 130 minutes (each says how many), the 18 experiments 4 each, and the rest is reading.

**How it goes.** You write a function, and `check(...)` tells you at once whether it is right. Then you guess what an
experiment will show: fill in the cell `guess = …`, in numbers or words, before you run the next one. Nobody grades a guess,
and `...` is allowed. The experiment's source is folded; it runs *your* functions and sets your guess beside what came. Open
**What you saw** afterwards.

**What an answer owes.** Arrays hold floats. Leave the arrays that you are given as they are, unless the text of the function
says that you write into them.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

from utils import landscapes, players, plots, predict, walks
from utils.check import check
from utils.claims import base_seed, measured, seeds, spread
from utils.crowd import Crowd
from utils.data import daily_temperatures, digits, mnist1d
from utils.device import seed_everything
from utils.networks import network
from utils.training import trace

seed_everything(base_seed())
plots.style()
guess = ...  # yours, before each experiment

# %% [markdown]
r"""
## 1. Downhill in the dark

A network's loss has thousands of coordinates. You practise on functions with two, because those you can *see*: a bowl with
condition number 10, a curved valley, a plain with steep corners, a saddle and a cliff. At each start stands an arrow: the direction of steepest
descent, all that an optimizer knows there. The star is a minimum (the saddle has two, one is marked).

**Guess**, of the five arrows: how many point at the star, to within 10°? How many miss it by more than 45°?
"""

# %% tags=["guess"]
guess = {"within 10°": ..., "more than 45° off": ...}  # of the five arrows

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the experiment: five landscapes, five arrows
scenes = [landscapes.bowl(10), landscapes.rosenbrock(), landscapes.beale(), landscapes.saddle(), landscapes.cliff()]
fig, axes = plt.subplots(1, 5, figsize=(11.5, 2.9))
angles = []
for ax, landscape in zip(axes, scenes, strict=True):
    plots.contours(ax, landscape)
    downhill = -landscape.gradient(landscape.start)
    downhill /= np.linalg.norm(downhill)
    wanted = landscape.minimum - landscape.start
    angles.append(np.degrees(np.arccos(downhill @ wanted / np.linalg.norm(wanted))))
    tip = landscape.start + 0.24 * np.ptp(landscape.bounds[0]) * downhill
    arrow = {"color": plots.VERMILLION, "width": 1.5, "headwidth": 7, "headlength": 6}
    ax.annotate("", tip, landscape.start, arrowprops=arrow)
    ax.set_title(f"{landscape.name.split(',')[0]}: {angles[-1]:.0f}° off")
    ax.set(aspect="equal", ylabel="")
axes[0].set_ylabel("θ₂")
plots.show(
    fig, alt="Five contour maps, an arrow at each start. It misses the star by 9° on the cliff, 22° to 84° elsewhere."
)
angles = np.array(angles)
predict.compare(guess, {"within 10°": (angles < 10).sum(), "more than 45° off": (angles > 45).sum()}, "arrows of five")

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Only the cliff's arrow points at the star, 9° off; the bowl's misses it by 55°, Beale's by 84°. Downhill is seldom the way to the minimum.
</details>

The gradient is exact where you stand and says nothing about the next place. So take a *small* step, and ask again:

$$\theta \leftarrow \theta - \epsilon\, g$$

$g$ (`grad`) is the gradient, usually of a minibatch; $\epsilon$ (`lr`) is the learning rate. (Goodfellow et al., algorithm 8.1.)

### Exercise 1: `sgd_step` (2 points, 3 minutes, easy)

Return the new parameters. `theta` and `grad` have one shape, any shape; leave both as they are.

<details><summary>Hint</summary>

`theta -= ...` writes into the caller's array. An expression without `=` makes a new one.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "sgd-step", "locked": false, "schema_version": 3, "solution": true}
def sgd_step(theta, grad, lr):
    """Return theta after one step of SGD. The inputs are not modified.

    theta, grad : ndarrays of one shape.  lr : float > 0
    """
    ### BEGIN SOLUTION
    return theta - lr * grad
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sgd-step-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(sgd_step)

# %% [markdown]
r"""
### Noise never sleeps

A minibatch gradient is the true gradient plus noise. Near the minimum the true gradient vanishes and the noise does not. Take
the simplest bowl, $f = \tfrac12 h\theta^2$ with curvature $h$, add noise of standard deviation 1 to its gradient, start at
$\theta = 3$, and choose the rate of update $k = 0, 1, 2, \dots$ in three ways. Robbins and Monro (1951) proved which schedules
arrive in the end (Goodfellow et al., equations 8.12 and 8.13):

$$\sum_k \epsilon_k = \infty \quad\text{(you can get anywhere)} \qquad\text{and}\qquad
\sum_k \epsilon_k^2 < \infty \quad\text{(the noise you collect is finite).}$$

**Guess** the distance from the minimum after 5,000 updates (root mean square over runs), first with $h = 1$, then with a bowl
ten times flatter.
"""

# %% tags=["guess"]
guess = {"constant 0.1": ..., "1/(k+1)": ..., "½/(k+1)²": ..., "constant 0.1, flat": ..., "1/(k+1), flat": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S1"]
# the experiment: three rates on two noisy bowls
rates = {"constant 0.1": lambda k: 0.1, "1/(k+1)": lambda k: 1 / (k + 1), "½/(k+1)²": lambda k: 0.5 / (k + 1) ** 2}
start, steps = np.full((10, 30, 1), 3.0), 5000  # for each of ten seeds 30 runs
fig, axes = plt.subplots(1, 2, figsize=(10, 3.7), sharey=True)
distance, colors = {}, dict(zip(rates, (plots.VERMILLION, plots.BLUE, plots.GREY), strict=True))
for ax, curvature, ground in zip(axes, (1.0, 0.1), ("", ", flat"), strict=True):
    valley = landscapes.quadratic([[curvature]])
    for name, rate in rates.items():
        noise = walks.noisy(valley.gradient, seeds(10))
        walk = trace(sgd_step, valley, steps, start=start, gradient=noise, lr=rate)
        distance[name + ground] = np.sqrt((walk**2).mean(axis=(2, 3)))
        x, values = np.arange(1, steps + 2), distance[name + ground].T
        plots.curves(ax, values, "SGD", x=x, label=name, marks=0, color=colors[name])
    marked = {name + ground: color for name, color in colors.items()}
    predict.mark(ax, guess, at=dict.fromkeys(marked, steps), colors=marked)
    ax.set(xscale="log", xlabel="update k")
axes[0].set(title="Curvature 1: only 1/(k+1) keeps approaching", ylabel="rms distance from the minimum")
axes[1].set(title="Curvature 0.1: the constant rate is closer")
axes[0].legend(title="rate, median and range of 10 seeds", loc="lower left")
text = """Distance against update, both logarithmic. Curvature 1: the constant rate levels off at 0.23, 1/(k+1) falls along a
straight line, ½/(k+1)² is flat above 1. Curvature 0.1: the constant rate levels off at 0.7, 1/(k+1) still stands at 1.4."""
plots.show(fig, alt=text)
came = {name: np.median(values[-1]) for name, values in distance.items() if name != "½/(k+1)², flat"}
predict.compare(guess, came, "rms distance after 5,000 updates")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S1"]
# the claim
constant, harmonic, square, flat_constant, flat_harmonic, _ = (
    d[[500, 5000]] for d in (*(distance[name] for name in rates), *(distance[f"{name}, flat"] for name in rates))
)
radius = np.sqrt(0.1 / (2 - 0.1))  # the variance that a step adds, lr², against the contraction by (1 - lr)²
measured(
    "S1",
    f"rms distance after 5,000 updates, curvature 1: constant {spread(constant[1], '.2f')} (theory {radius:.2f}), "
    f"1/(k+1) {spread(harmonic[1], '.3f')}, ½/(k+1)² {spread(square[1], '.2f')}; curvature 0.1: "
    f"constant {spread(flat_constant[1], '.2f')}, 1/(k+1) {spread(flat_harmonic[1], '.2f')}",
)
assert abs(np.median(constant) / radius - 1) < 0.15, "the constant rate does not end in its noise ball"
assert 2.5 < np.median(harmonic[0] / harmonic[1]) < 4, "1/(k+1) does not fall like 1/√k, 3.2 times in a decade"
assert np.all(square[1] > 0.98 * square[0]) and np.all(square[1] > 0.5), "a rate with a finite sum arrives after all"
assert np.all(flat_harmonic[1] > 1.2 * flat_constant[1]), "1/(k+1) beats the constant rate on flat ground too"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

The constant rate gets close quickly and then rattles about in a **noise ball**, here of radius $\sqrt{\epsilon/(2-\epsilon)}$.
The rate $\tfrac12/(k+1)^2$ has a finite sum (0.82): the walk runs out of legs. $1/(k+1)$ satisfies both conditions, and where
$h = 1$ it is by far the best.

Where $h = 0.1$ it satisfies them as well and is *worse than the constant rate*: the start is forgotten only like $k^{-h}$.
"Arrives in the end" says nothing about when: $1/(k+1)$ is a good rate only where the curvature is not far below 1. (Far above 1 it is thrown far out
first, and comes back.)
</details>

### How fast can it be?

Write $J(\theta_k) - \min J$ for the **excess error** after $k$ updates. With noisy gradients SGD guarantees $O(1/\sqrt k)$ for a
convex $J$, and $O(1/k)$ for a *strongly* convex one: its curvature nowhere falls below some $\mu > 0$ (Goodfellow et al., section
8.3.1). On log-log paper a power of $k$ is a straight line, and its slope is the power. Four cases, all with noise of standard
deviation 1:

| | loss | rate |
|---|---|---|
| kink | $\lvert\theta\rvert$, convex without curvature | $1/\sqrt{k+1}$ |
| bowl | $\tfrac12\theta^2$ | $1/(k+1)$ |
| flat bowl | $\tfrac12\cdot 0.1\,\theta^2$ | $1/(k+1)$ |
| flat bowl, rate fitted | $\tfrac12\cdot 0.1\,\theta^2$ | $10/(k+1)$ |

**Guess** the four powers, as negative numbers.
"""

# %% tags=["guess"]
guess = {"kink": ..., "bowl": ..., "flat bowl": ..., "flat bowl, rate fitted": ...}  # p in kᵖ

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S4"]
# the experiment: the power of k in four cases
round_bowl, flat_bowl = (landscapes.quadratic([[curvature]]) for curvature in (1.0, 0.1))
cases = {
    "kink": (np.sign, lambda theta: np.abs(theta[..., 0]), lambda k: 1 / np.sqrt(k + 1)),
    "bowl": (round_bowl.gradient, round_bowl, lambda k: 1 / (k + 1)),
    "flat bowl": (flat_bowl.gradient, flat_bowl, lambda k: 1 / (k + 1)),
    "flat bowl, rate fitted": (flat_bowl.gradient, flat_bowl, lambda k: 10 / (k + 1)),
}
start, steps = np.full((10, 40, 1), 3.0), 5000
fig, ax = plt.subplots(figsize=(7.5, 4))
powers = {}
colors = dict(zip(cases, (plots.ORANGE, plots.BLUE, plots.VERMILLION, plots.GREEN), strict=True))
for name, (gradient, height, rate) in cases.items():
    walk = trace(sgd_step, round_bowl, steps, start=start, gradient=walks.noisy(gradient, seeds(10)), lr=rate)
    error = height(walk).mean(axis=2)
    powers[name] = [walks.power(error[:, i], first=100) for i in range(10)]
    label = f"{name}: slope {np.median(powers[name]):.2f}"
    plots.curves(ax, error.T, "SGD", x=np.arange(1, steps + 2), label=label, marks=0, color=colors[name])
ax.set(xscale="log", xlabel="update k", ylabel="mean excess error", ylim=(5e-5, 60))
ax.set_title("The promised 1/k needs a rate that knows the curvature")
ax.legend(loc="lower left")
plots.show(
    fig, alt="Four straight lines on log-log axes, slopes -0.5, -1, -0.2 (flat bowl) and -1 (flat bowl, rate fitted)."
)
predict.compare(guess, {name: np.median(values) for name, values in powers.items()}, "power of k")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S4"]
# the claim
measured("S4", "slope against k: " + "; ".join(f"{name} {spread(values, '.2f')}" for name, values in powers.items()))
kink, bowl, flat, fitted = (np.median(values) for values in powers.values())
assert -0.6 < kink < -0.4, f"convex: slope {kink:.2f}, expected -1/2"
assert -1.15 < bowl < -0.85, f"strongly convex: slope {bowl:.2f}, expected -1"
assert -0.25 < flat < -0.15, f"flat bowl under 1/(k+1): slope {flat:.2f}, expected -2h = -0.2"
assert -1.15 < fitted < -0.85, f"flat bowl under 1/(h (k+1)): slope {fitted:.2f}, expected -1"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

One more digit costs **a hundred** times the updates without curvature and **ten** times with it, *if* the rate is about
$1/(\mu k)$. A rate of $1/k$ where the curvature is 0.1 falls back to $k^{-0.2}$: one more digit, 100,000 times the updates. Since
nobody knows $\mu$ of a network, these schedules are for theorems. What people use comes next.
</details>

## 2. Schedules

You know how long you will train, say $\tau$ updates. So start large and fall in a straight line to about a hundredth of the
first rate:

$$\epsilon_k = (1-a)\,\epsilon_0 + a\,\epsilon_\tau,\qquad
a = k/\tau \quad\text{until } k=\tau, \text{ and } \epsilon_k = \epsilon_\tau \text{ from then on.}$$

($\epsilon_0$ is `lr0`, $\epsilon_\tau$ is `lr_tau`; Goodfellow et al., equation 8.14. Their rule of thumb for $\tau$: a few hundred
passes through the training set.)

### Exercise 2: `linear_decay` (2 points, 5 minutes, easy)

Return the rate of update `k` as a float: `lr0` at $k=0$, `lr_tau` from $k=\tau$ on.

<details><summary>Hint</summary>

The formula is right up to $\tau$. What is the largest value that $a$ may take?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "linear-decay", "locked": false, "schema_version": 3, "solution": true}
def linear_decay(k, lr0, lr_tau, tau):
    """Return the learning rate of update k: a straight line from lr0 to lr_tau, then constant.

    k : int >= 0, the update.  tau : int > 0, the update from which the rate is constant
    lr0, lr_tau : floats, lr0 > lr_tau > 0, the first and the last rate; the rate never rises
    Returns a float.
    """
    ### BEGIN SOLUTION
    done = min(k / tau, 1)
    return (1 - done) * lr0 + done * lr_tau
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "linear-decay-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(linear_decay)

# %% [markdown]
r"""
A common version of this formula stops before the words "until $k = \tau$". Its code works for weeks, until somebody trains a
little longer. Take $\epsilon_0 = 0.1$, $\epsilon_\tau = 0.001$, $\tau = 1000$, the noisy bowl of section 1, and 1,500 updates.

**Guess** the rate at $k = 1500$ with and without these words, and the ratio of the two losses at the end.
"""

# %% tags=["guess"]
guess = {"rate, clamped": ..., "rate, not clamped": ..., "how many times the loss": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S2"]
# the experiment: a line with and without its end
lr0, lr_tau, tau = 0.1, 0.001, 1000
line = np.poly1d(np.polyfit([0, tau], [lr0, lr_tau], 1))  # through the two points, and on for ever
plans = {"your linear_decay": lambda k: linear_decay(k, lr0, lr_tau, tau), "not clamped": lambda k: float(line(k))}
valley, start, steps = landscapes.quadratic([[1.0]]), np.full((10, 10, 1), 3.0), 1500
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.5))
loss = {}
for (name, plan), color, dashes in zip(plans.items(), (plots.BLUE, plots.VERMILLION), ("-", "--"), strict=True):
    noise = walks.noisy(valley.gradient, seeds(10))
    loss[name] = valley(trace(sgd_step, valley, steps, start=start, gradient=noise, lr=plan)).mean(axis=2)
    left.plot([plan(k) for k in range(steps + 1)], color=color, linestyle=dashes, label=name)
    plots.curves(right, loss[name].T, "SGD", label=name, marks=0, color=color, linestyle=dashes)
left.axhline(0, color="black", linewidth=0.8)
left.set(title="Not clamped, the rate turns negative…", xlabel="update k", ylabel="learning rate")
right.set(title="…and the loss climbs out again", xlabel="update k", ylabel="loss, median and range of 10 seeds")
left.legend()
text = """Two rates that agree up to update 1000; then one stays at 0.001, the other falls through zero to -0.05. The loss of the
first stays low, that of the second rises by many orders of magnitude."""
plots.show(fig, alt=text)
worse = loss["not clamped"][-1] / loss["your linear_decay"][-1]
clamped, unclamped = (plan(1500) for plan in plans.values())
came = {"rate, clamped": clamped, "rate, not clamped": unclamped, "how many times the loss": np.median(worse)}
predict.compare(guess, came, "not clamped")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S2"]
# the claim
times = spread(worse, ".0e")
measured(
    "S2", f"rate at k = 1.5 τ: clamped {clamped:.4f}, not clamped {unclamped:.4f}; loss there: {times} times higher"
)
assert np.isclose(clamped, lr_tau), f"clamped, the rate should stay at {lr_tau}, got {clamped}"
assert np.isclose(unclamped, -0.0485), f"not clamped, the rate should be -0.0485, got {unclamped}"
assert np.all(worse > 1e3), f"the loss should climb a thousandfold, got {worse.min():.2g} times in one seed"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

A negative rate is gradient *ascent*: from update 1011 on every step walks uphill, and ever faster. The word "until" is half of
the formula.
</details>

Most networks of today are trained with another shape: a short **warm-up**, in which the rate grows in equal steps to its peak,
then half a cosine wave down. With $w$ updates of warm-up (`warmup`) out of $T$ (`steps`), peak $\epsilon$ (`lr`) and end
$\epsilon_T$ (`lr_end`):

$$\epsilon_k = \epsilon\,\frac{k+1}{w} \quad\text{for } k < w, \qquad
\epsilon_k = \epsilon_T + \tfrac12(\epsilon - \epsilon_T)\Big(1 + \cos\frac{\pi\,(k+1-w)}{T-w}\Big) \quad\text{from } k = w \text{ on.}$$

(Loshchilov and Hutter, 2017, the cosine; Goyal et al., 2017, the warm-up.) Update $w-1$ has the peak, update $T-1$ the end; and
what should happen after that you have just seen.

### Exercise 3: `warmup_cosine` (3 points, 10 minutes, medium)

Return the rate of update `k` as a float.

<details><summary>Hint</summary>

Two cases; return early from the first. In the second, compute the fraction of the way that is done, and see that it stays at 1
once it is there. A cosine does not stop by itself: it comes back up.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "warmup-cosine", "locked": false, "schema_version": 3, "solution": true}
def warmup_cosine(k, lr, warmup, steps, lr_end):
    """Return the rate of update k: a linear warm-up, then half a cosine wave.

    k : int >= 0, the update; there are `steps` of them, the first one is k = 0
    lr : float > 0, the highest rate.  lr_end : float >= 0, the rate of the last update and of any that come after it
    warmup : int >= 1, updates until the rate is lr: update 0 has lr / warmup, update warmup - 1 has lr
    steps : int > warmup
    Returns a float.
    """
    ### BEGIN SOLUTION
    if k < warmup:
        return lr * (k + 1) / warmup
    done = min((k + 1 - warmup) / (steps - warmup), 1.0)
    return lr_end + (lr - lr_end) * (1 + np.cos(np.pi * done)) / 2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "warmup-cosine-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(warmup_cosine)

# %% [markdown]
r"""
### Optional: `exponential_decay` (no points, 2 minutes, easy)

Older recipes multiply the rate by the same factor at every update, $\epsilon_k = \epsilon_0\, e^{-r k}$ with $r$ the `rate` of
decay. Return the rate of update `k` as a float. `check` looks at it, nobody counts it.
"""


# %% nbgrader={"grade": false, "grade_id": "exponential-decay", "locked": false, "schema_version": 3, "solution": true}
def exponential_decay(k, lr0, rate):
    """Return the learning rate of update k, which falls exponentially from lr0.

    k : int >= 0.  lr0 : float > 0, the first rate.  rate : float >= 0, decay per update
    Returns a float.
    """
    ### BEGIN SOLUTION
    return lr0 * float(np.exp(-rate * k))
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "exponential-decay-check", "locked": true, "schema_version": 3, "solution": false}
check(exponential_decay)

# %% [markdown]
r"""
Which of these shapes is best cannot be seen on a bowl. You will race them in section 7, on networks, with an optimizer that you
have built yourself.

## 3. Memory

Before you give the optimizer a memory, look at memory alone. Here is how to follow a noisy series $x_1, x_2, \dots$ with one
number, started from $v_0 = 0$:

$$v_t = \beta\, v_{t-1} + (1-\beta)\, x_t$$

($\beta$ is `beta`.) Unrolled, $v_t = (1-\beta)\,(x_t + \beta x_{t-1} + \beta^2 x_{t-2} + \dots)$: yesterday counts $\beta$ times as
much as today, and the weights up to time $t$ sum to $1-\beta^t$. As $v_0 = 0$ is no measurement, the early values are too small by
just this factor. The **corrected** average is $\hat v_t = v_t/(1-\beta^t)$, with $t$ counted from 1.

### Exercise 4: `exponential_average` (4 points, 12 minutes, medium)

Return all averages of `x`, which has shape `(T,)` or `(T, d)`, along axis 0, shaped like `x`; corrected if `correct` is true. By
hand, with $\beta = 0.5$: 8, 4, 6 give 4, 4, 5; corrected 8, 16/3, 40/7.

<details><summary>Hint</summary>

Keep the *uncorrected* average running, and correct only what you write down. A number times an array of shape `(d,)` works, so
both shapes can share the code.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "exponential-average", "locked": false, "schema_version": 3, "solution": true}
def exponential_average(x, beta, correct):
    """Average x exponentially along axis 0, starting from zero. The input is not modified.

    x : ndarray, shape (T,) or (T, d).  beta : float in [0, 1), the weight of the past
    correct : bool, divide by the sum of the weights so far
    Returns an ndarray, shape like x.
    """
    ### BEGIN SOLUTION
    average = np.zeros(x.shape[1:])
    averages = np.empty(x.shape)
    for t, value in enumerate(x, start=1):
        average = beta * average + (1 - beta) * value
        averages[t - 1] = average / (1 - beta**t) if correct else average
    return averages
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "exponential-average-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(exponential_average)

# %% [markdown]
r"""
### A year of weather

Real data: the mean temperature of every day of 2012 in Seattle, averaged with $\beta = 0.9$ and with $\beta = 0.98$.

**Guess** how old, in the mean, are the days that make up an average (today is 1 day old); and how much of its weight the
youngest 50 days have when $\beta = 0.98$.
"""

# %% tags=["guess"]
guess = {"mean age, β = 0.9": ..., "mean age, β = 0.98": ..., "weight of 50 days, β = 0.98": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S8"]
# the experiment: a year of weather, averaged
dates, celsius = (part[:366] for part in daily_temperatures())
fig, ax = plt.subplots(figsize=(8.5, 3.8))
ax.plot(dates, celsius, ".", color="#aaaaaa", markersize=4, label="daily mean")
came, impulse = {}, np.eye(1, 4000)[0]
for beta, color in ((0.9, plots.GREEN), (0.98, plots.VERMILLION)):
    weights = np.asarray(exponential_average(impulse, beta, correct=False))  # what one day is worth: today, tomorrow, …
    came[f"mean age, β = {beta}"] = (np.arange(1, 4001) * weights).sum()
    ax.plot(dates, exponential_average(celsius, beta, correct=True), color=color, label=f"β = {beta}")
    ax.plot(dates[:120], exponential_average(celsius, beta, correct=False)[:120], ":", color=color)
came["weight of 50 days, β = 0.98"] = weights[:50].sum()
ax.set(title="A longer memory is smoother and later; uncorrected (dotted), it starts too low")
ax.set(ylabel="temperature (°C)", xlabel="date")
ax.legend(loc="upper left")
text = """A year of grey dots. The average with 0.9 follows the ups and downs, that with 0.98 is smooth and peaks weeks after
summer; dotted, both uncorrected averages begin near zero."""
plots.show(fig, alt=text)
predict.compare(guess, came, "age in days, and weight")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S8"]
# the claim
series = np.array([7.5, 4.0, 6.0, 8.0])
raw, fixed = (np.asarray(exponential_average(series, 0.9, correct=flag)) for flag in (False, True))
young, old, share = came.values()
measured(
    "S8",
    f"mean age {young:.0f} and {old:.0f} days, which hold {share:.0%} of the weight; 7.5, 4, 6, 8 average to "
    f"{raw.round(5).tolist()}, corrected {fixed.round(2).tolist()}",
)
assert abs(young - 10) < 0.01 and abs(old - 50) < 0.01, "the mean age should be 1/(1-β)"
assert 0.6 < share < 0.66, f"the youngest 1/(1-β) days should hold about 1 - 1/e of the weight, got {share:.2f}"
assert np.allclose(raw, [0.75, 1.075, 1.5675, 2.21075]), f"the average from zero came to {raw}"
assert np.allclose(fixed, [7.5, 5.66, 5.78, 6.43], atol=0.005), f"the corrected average came to {fixed}"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

People say that $\beta$ "averages over $1/(1-\beta)$ days". Exactly: that is the mean age of what is averaged, and these days hold
64 % of the weight (a share of $1 - 1/e$ when $\beta$ is close to 1). The rest reaches back further. Both are identities, true of
any series.
</details>
"""

# %% [markdown]
r"""
## 4. Momentum

Back to the optimizer. Here is a narrow valley, a bowl with condition number $\kappa = 100$, and the way of plain descent with the
rate that is best for it, $2/(1+\kappa)$. Run the next cell and look at what the gradients across the valley do from one update to
the next, and what those along it do.
"""

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the picture: plain descent in a narrow valley
kappa, valley = 100, landscapes.bowl(100)
lr_plain = 2 / (1 + kappa)
descent = trace(sgd_step, valley, 40, lr=lr_plain)
fig, ax = plt.subplots(figsize=(9, 2.6))
plots.path(plots.contours(ax, valley), descent, "SGD")
ax.set_title("40 updates of plain descent in a narrow valley")
plots.show(fig, alt="A narrow bowl; the path jumps from wall to wall at every update and creeps along the valley.")

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Across the valley the gradients alternate; along it they agree, and are faint.
</details>

You have just built a machine that cancels what alternates and keeps what
persists. Feed it the gradients:

$$v \leftarrow \alpha v - \epsilon g,\qquad \theta \leftarrow \theta + v$$

with $\alpha$ (`momentum`) in $[0, 1)$ and $v$ (`velocity`), which is zero at first. (Goodfellow et al., algorithm 8.2.) Think of a
ball: the gradient pushes, the velocity remembers.

### Exercise 5: `momentum_step` (4 points, 8 minutes, medium)

Return the new `theta` and the new `velocity`, all of one shape.

<details><summary>Hint</summary>

Two lines, in the order of the formula: is the $v$ of the second line the old or the new one?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "momentum-step", "locked": false, "schema_version": 3, "solution": true}
def momentum_step(theta, grad, velocity, lr, momentum):
    """Take one momentum step. The inputs are not modified.

    theta, grad, velocity : ndarrays of one shape.  lr : float > 0.  momentum : float in [0, 1)
    Returns the new theta and velocity, same shape.
    """
    ### BEGIN SOLUTION
    velocity = momentum * velocity - lr * grad
    return theta + velocity, velocity
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "momentum-step-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(momentum_step)

# %% [markdown]
r"""
### Out of the zigzag

Three walks in the same valley: plain descent at its best rate; momentum with $\alpha = .8$ at *the same* rate; and the best pair
that there is for this bowl (Polyak, 1964),

$$\epsilon = \Big(\frac{2}{1+\sqrt\kappa}\Big)^2 \approx 0.033, \qquad \alpha = \Big(\frac{\sqrt\kappa-1}{\sqrt\kappa+1}\Big)^2 \approx 0.67.$$

**Guess** how many updates each needs to bring the loss down to a millionth, for good.
"""

# %% tags=["guess"]
guess = {"SGD": ..., "momentum": ..., "momentum, tuned": ...}  # updates

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S6"]
# the experiment: three walks in the narrow valley
steps, root, ball = 500, np.sqrt(kappa), {"state": ("velocity",)}
lr_tuned, alpha = (2 / (1 + root)) ** 2, ((root - 1) / (root + 1)) ** 2
paths = {
    "SGD": trace(sgd_step, valley, steps, lr=lr_plain),
    "momentum": trace(momentum_step, valley, steps, lr=lr_plain, momentum=0.8, **ball),
    "momentum, tuned": trace(momentum_step, valley, steps, lr=lr_tuned, momentum=alpha, **ball),
}
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.7), width_ratios=[3, 2])
plots.contours(left, valley)
needed = {}
for (name, path), color in zip(paths.items(), (plots.BLUE, plots.VERMILLION, plots.PURPLE), strict=True):
    loss, look = valley(path) / valley(path[0]), {"color": color, "linestyle": "--" if "tuned" in name else "-"}
    needed[name] = walks.arrival(loss, 1e-6)
    plots.path(left, path[:41], name, marks="tuned" not in name, **look)
    plots.curves(right, loss[:400], name, marks=0, label=f"{name}: {needed[name]:.0f}", **look)
left.set(title="40 updates: momentum calms the zigzag", ylim=(-0.9, 0.9))
left.legend(loc="lower left", ncols=3)
right.axhline(1e-6, color="black", linewidth=0.8)
right.set(title="A millionth, six times sooner", xlabel="update k", ylabel="loss / loss at the start", ylim=(1e-9, 1e4))
right.legend(title="updates to a millionth", loc="upper right")
text = """A narrow bowl: SGD jumps from wall to wall, momentum swings slowly, calms down and has arrived; the tuned pair first
swings out almost four times as far as it started. Right: both momentum walks reach a millionth about six times sooner."""
plots.show(fig, alt=text)
predict.compare(guess, needed, "updates to a millionth")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S6"]
# the claim
flips = {name: (np.diff(np.sign(path[:41, 1])) != 0).mean() for name, path in paths.items()}
swing = np.abs(paths["momentum, tuned"][:, 1]).max() / valley.start[1]
print(
    f"Share of the first 40 updates that cross the valley floor: {', '.join(f'{n} {s:.0%}' for n, s in flips.items())}"
)
print(f"The tuned pair swings out {swing:.1f} times as far as it started.")
assert needed["SGD"] > 5 * needed["momentum"], "momentum should reach a millionth five times sooner"
assert flips["SGD"] == 1 and flips["momentum"] < 0.7, "momentum should cross the valley floor less often than SGD"
assert swing > 3, "the tuned pair should first swing out over three times as far as it started"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

At the *same* rate, momentum calms the swing across the valley and speeds up along it. The tuned pair is a surprise: it still
crosses the floor at every update, swings out almost four times as far as it started, and at a millionth is barely ahead. "Best"
means best in the long run. Why, you can derive.
</details>

### Where $\sqrt\alpha$ comes from

Along an axis of the bowl with curvature $h$ the gradient is $h\theta$, and one update is a linear map:

$$\begin{pmatrix}\theta\\ v\end{pmatrix} \leftarrow
\begin{pmatrix} 1-\epsilon h & \alpha\\ -\epsilon h & \alpha\end{pmatrix}\begin{pmatrix}\theta\\ v\end{pmatrix}.$$

In the long run the error shrinks per update by the larger $\lvert\text{eigenvalue}\rvert$ of this matrix. Take a pencil:

1. Its determinant is the product of the two eigenvalues. Show that it is $\alpha$, whatever $\epsilon$ and $h$.
2. So if the eigenvalues are a complex pair, $\lambda$ and $\bar\lambda$, then $\lvert\lambda\rvert^2 = \alpha$ and **both are $\sqrt\alpha$ in size**.
3. The trace is $1+\alpha-\epsilon h$. Show that the pair is complex exactly for $(1-\sqrt\alpha)^2 < \epsilon h < (1+\sqrt\alpha)^2$.

Within this band steep and flat directions shrink alike. The bowl has curvatures from 1 to $\kappa$; the smallest $\alpha$ whose
band holds them all puts both ends on its edges: $\sqrt\kappa = (1+\sqrt\alpha)/(1-\sqrt\alpha)$. Solve for $\alpha$, and Polyak's pair
comes out. (Goh, 2017, has the story with sliders.)

Try it before you compute it. In the next picture, drag rate and momentum; look for the pair that arrives first, for one that swings,
for one that creeps, and for the edge beyond which all is lost.
"""

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the picture: drag the rate and the momentum
alt = "A bowl with condition number 25 and two sliders, rate and momentum: the path, the loss, the error factor per update."
players.momentum_bowl(condition=25, lr=0.04, momentum=0.8, steps=100, alt=alt)

# %% [markdown]
r"""
<details><summary><b>What there is to find</b></summary>

Without momentum: creeping below $\epsilon = .077$, ruin above $.08$. With $\epsilon$ just below .08 and $\alpha$ up to about .4 the path is calm and faster. The best pair,
$\epsilon = 1/9$, $\alpha = 4/9$, swings at first. With $\alpha = .9$ the factor does not move over a wide range of rates: that is the band.
</details>

Two questions are left. The first: how fast at best? The next cell reads the matrix off *your* `momentum_step`, computes its
eigenvalues for $\kappa = 100$, and tries many rates. The second: what happens on the edge of the band, where the two eigenvalues
meet, $\lambda = \sqrt\alpha$ twice?

**Guess** the smallest factor by which the error shrinks per update, without momentum, with the best pair, and with $\alpha = .9$ at
its best rate. And after 40 updates: how many times larger than $\sqrt\alpha^{\,40}$ is the tuned pair's error (relative to the start)?
"""

# %% tags=["guess"]
guess = {"factor, α = 0": ..., "factor, best pair": ..., "factor, α = 0.9": ..., "times larger than √α⁴⁰": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S6"]
# the experiment: the error factor, and the edge of the band
tried = np.sort([*np.geomspace(2e-3, 6e-2, 160), lr_plain, lr_tuned])
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.9))
factors, excess = {}, {}
for momentum, color in ((0.0, plots.BLUE), (0.5, plots.ORANGE), (alpha, plots.VERMILLION), (0.9, plots.PURPLE)):
    curve = np.array([walks.contraction(momentum_step, (1, kappa), lr=lr, momentum=momentum) for lr in tried])
    factors[momentum] = curve.min()
    left.plot(tried, curve, color=color, label=f"α = {momentum:.2f}: {curve.min():.3f}")
    left.plot(tried[curve.argmin()], curve.min(), "o", color=color, markersize=8)
left.axhline(1, color="black", linewidth=0.8)
left.set(xscale="log", ylim=(0.78, 1.06), xlabel="learning rate ε", ylabel="error factor per update")
left.set_xticks([0.002, 0.01, 0.05], ["0.002", "0.01", "0.05"])
left.set_title("κ = 100: .980 without momentum, .818 with")
left.minorticks_off()
left.legend(title="best factor", loc="lower left")
for momentum, color in ((alpha, plots.VERMILLION), (0.75, plots.GREEN)):
    error = trace(momentum_step, valley, 80, lr=lr_tuned, momentum=momentum, **ball) / valley.start
    excess[momentum] = np.abs(error).max(axis=1) / np.sqrt(momentum) ** np.arange(81)
    right.plot(excess[momentum], color=color, label=f"α = {momentum:.2f}")
right.set(xlabel="update k", ylabel="error, divided by √αᵏ", title="On the edge the error falls only like k √αᵏ")
right.legend()
text = """Left: error factor against rate for four momenta; lowest .980 for 0, .818 for 0.67, .949 for 0.9. Right: for the tuned pair
error / √αᵏ grows in a straight line to 146 at update 80; for α = 0.75 it stays below 5."""
plots.show(fig, alt=text)
came = {"factor, α = 0": factors[0.0], "factor, best pair": factors[alpha], "factor, α = 0.9": factors[0.9]}
predict.compare(guess, came | {"times larger than √α⁴⁰": excess[alpha][40]}, "factors")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S6"]
# the claim
grid = [(lr, momentum) for lr in tried[::8] for momentum in np.linspace(0, 0.98, 50)]
best_of_all = min(walks.contraction(momentum_step, (1, kappa), lr=lr, momentum=momentum) for lr, momentum in grid)
measured(
    "S6",
    f"best factor without momentum {factors[0.0]:.3f} = (κ-1)/(κ+1), with {factors[alpha]:.3f} = (√κ-1)/(√κ+1); "
    f"error over √αᵏ after 40 updates: tuned pair {excess[alpha][40]:.0f}, α = .75 {excess[0.75][40]:.1f}",
)
assert abs(factors[0.0] - 99 / 101) < 1e-6, "without momentum the best factor should be (κ-1)/(κ+1)"
assert abs(factors[alpha] - 9 / 11) < 1e-4, "with momentum the best factor should be (√κ-1)/(√κ+1)"
assert best_of_all > 9 / 11 - 1e-4, "a pair on the grid beats Polyak's"
assert excess[alpha][40] > 5 * excess[0.75].max(), "the double eigenvalue should slow the tuned pair"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Momentum replaces $\kappa$ by $\sqrt\kappa$: 115 updates per digit without, 11 with. More is not always better: $\alpha = .9$ is right
for $\kappa \approx 1400$ and too much for 100. All this is derived, for a quadratic with exact gradients.

On the edge of the band the matrix has one eigenvalue but only one eigenvector (a Jordan block), and its powers contain
$k\lambda^{k}$: the tuned pair's error stands at some 70 times $\sqrt\alpha^{\,40}$. With a little more momentum than "optimal" ($\alpha = .75$) the loss is at a
millionth two updates *sooner*.
</details>

### "α is the friction"

So you may read, with $\alpha$, $\beta$ or $\rho$ for our `momentum`. Push a ball once, at a speed of 1 per update, and let it coast on flat
ground, where the gradient is zero.

**Guess** how far it rolls after the push, the update of the push itself not counted.
"""

# %% tags=["guess"]
guess = {"α = 0.5": ..., "α = 0.9": ..., "α = 0.99": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S6"]
# the experiment: one push, and a steady one
plane, push = landscapes.quadratic([[0.0]]), {"state": {"velocity": np.ones(1)}, "lr": 1.0}
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4))
rolled, speed = {}, {}
for momentum, color in ((0.5, plots.ORANGE), (0.9, plots.PURPLE), (0.99, plots.BLACK)):
    name = f"α = {momentum}"
    coast = trace(momentum_step, plane, 3000, start=[0.0], momentum=momentum, **push)[:, 0]
    downhill = {"gradient": lambda theta: -np.ones(1), "momentum": momentum}
    slope = trace(momentum_step, plane, 3000, start=[0.0], **downhill, **push)[:, 0]
    rolled[name], speed[name] = coast[-1], slope[-1] - slope[-2]
    left.plot(coast[:301], color=color, label=name)
    right.semilogy(np.diff(slope)[:600], color=color, label=name)
predict.mark(left, guess, at=dict.fromkeys(rolled, 300))
left.set(title="One push: the larger α, the farther", xlabel="update k", ylabel="distance coasted")
right.set(title="A steady push of 1: top speed 1/(1-α)", xlabel="update k", ylabel="speed per update")
left.legend(loc="upper left")
text = """Left: with α = 0.99 the ball coasts nearly a hundred units, with 0.9 nine, with 0.5 one. Right: under a steady push the
speeds level off at 2, 10 and 100."""
plots.show(fig, alt=text)
predict.compare(guess, rolled, "distance coasted")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S6"]
# the claim
for momentum in (0.5, 0.9, 0.99):
    name = f"α = {momentum}"
    assert np.isclose(rolled[name], momentum / (1 - momentum)), f"{name}: coasted {rolled[name]:.2f}, not α/(1-α)"
    assert np.isclose(speed[name], 1 / (1 - momentum)), f"{name}: top speed {speed[name]:.2f}, not 1/(1-α)"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

The ball with the *largest* $\alpha$ rolls furthest, $\alpha/(1-\alpha)$. $\alpha$ is the share of the speed that is kept; what brakes is
$1-\alpha$. And $1/(1-\alpha)$, the memory of section 3, is the gain in speed under a steady push: 10 times for .9. So $\epsilon/(1-\alpha)$
is called the **effective rate**. Whoever switches momentum on and leaves $\epsilon$ as it was has raised it tenfold. Keep that in mind
for sections 5 to 8: is it the method that wins, or the rate? (All identities.)
</details>

*A good place for a break.*

## 5. Nesterov: look before you leap

Momentum will move you by about $\alpha v$ *whatever the gradient says*. So why ask for the gradient here, and not there, where you are
about to be? (Sutskever et al., 2013; Goodfellow et al., algorithm 8.3.)

$$g \leftarrow \nabla J(\theta + \alpha v),\qquad v \leftarrow \alpha v - \epsilon g,\qquad
\theta \leftarrow \theta + v$$

### Exercise 6: `nesterov_step` (4 points, 10 minutes, medium)

You get `grad_fn`, a function that returns the gradient at any point you hand it. Return the new `theta` and `velocity`.

<details><summary>Hint</summary>

You look from $\theta + \alpha v$ with the *old* velocity, but the step itself starts at $\theta$.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "nesterov-step", "locked": false, "schema_version": 3, "solution": true}
def nesterov_step(theta, velocity, grad_fn, lr, momentum):
    """Take one step of Nesterov momentum. The inputs are not modified.

    theta, velocity : ndarrays of one shape.  grad_fn : callable, theta -> gradient, same shape
    lr : float > 0.  momentum : float in [0, 1)
    Returns the new theta and velocity, same shape.
    """
    ### BEGIN SOLUTION
    grad = grad_fn(theta + momentum * velocity)
    velocity = momentum * velocity - lr * grad
    return theta + velocity, velocity
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "nesterov-step-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(nesterov_step)

# %% [markdown]
r"""
### What looking ahead buys

Do the derivation of section 4 once more, for this step: the matrix becomes
$\big(\begin{smallmatrix} 1-\epsilon h & \alpha(1-\epsilon h)\\ -\epsilon h & \alpha(1-\epsilon h)\end{smallmatrix}\big)$, its determinant $\alpha(1-\epsilon h)$.
What does that do in a steep direction, where $\epsilon h$ is near 1, and what in a flat one?

A bowl with $\kappa = 10$, the rate $\epsilon = 1/L$ ($L = 10$ is the largest curvature), and all momenta from 0 to .99.

**Guess** the updates until the loss has come down to a millionth, for good: each method at its own best $\alpha$, and at $\alpha = .99$.
"""

# %% tags=["guess"]
guess = {"momentum, best α": ..., "Nesterov, best α": ..., "momentum, α = .99": ..., "Nesterov, α = .99": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S9"]
# the experiment: looking ahead, or not
momenta, valley = np.array([*np.arange(0, 0.96, 0.05), 0.97, 0.98, 0.99]), landscapes.bowl(10)
vast, steps = landscapes.quadratic(np.diag(np.geomspace(1e-6, 1, 300))), 2000
growing = {"momentum": lambda k: max(0.0, (k - 1) / (k + 2)), "state": ("velocity",)}
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.9))
arrived, powers = {}, {}
for name, step in {"SGD": sgd_step, "momentum": momentum_step, "Nesterov": nesterov_step}.items():
    if name != "SGD":
        losses = [valley(trace(step, valley, 3000, lr=0.1, momentum=m, **ball)) / valley(valley.start) for m in momenta]
        arrived[name] = np.array([walks.arrival(loss, 1e-6) for loss in losses])
        plots.curves(left, arrived[name], name, x=1 - momenta)
    error = vast(trace(step, vast, steps, start=np.ones(300), lr=1.0, **(growing if name != "SGD" else {})))
    powers[name] = walks.power(error, first=20)
    look = {"linestyle": "--" if name == "Nesterov" else "-", "label": f"{name}: slope {powers[name]:.1f}"}
    plots.curves(right, error[1:], name, x=np.arange(1, steps + 1), marks=0, **look)
came = {f"{name}, best α": found.min() for name, found in arrived.items()}
came |= {f"{name}, α = .99": found[-1] for name, found in arrived.items()}
left.set(xscale="log", xticks=[0.01, 0.1, 1], xticklabels=[".99", ".9", "0"], xlabel="momentum α", xlim=(1.2, 0.008))
left.set_ylim(10, 3000)
left.set(title="κ = 10: looking ahead forgives too large an α", ylabel="updates to a millionth of the loss")
right.set(title="α growing with k: 1/k² either way", xscale="log", xlabel="update k", ylabel="excess error")
left.legend(), right.legend()
text = """Left: updates against momentum; both methods need 19 at best, at α = .99 momentum 1374 and Nesterov 110. Right: excess errors,
slopes -1 for SGD and -2 for both momentum and Nesterov, whose curves coincide."""
plots.show(fig, alt=text)
predict.compare(guess, came, "updates to a millionth")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S9"]
# the claim
heavy, ahead = arrived["momentum"], arrived["Nesterov"]
exact = ", ".join(f"{name} {power:.1f}" for name, power in powers.items())
measured(
    "S9",
    f"updates to a millionth, κ = 10: at the best α momentum {heavy.min():.0f}, Nesterov {ahead.min():.0f}; at α = .99 "
    f"{heavy[-1]:.0f} and {ahead[-1]:.0f}; slope against k under a growing α: {exact}",
)
assert heavy[-1] > 8 * ahead[-1], "looking ahead should forgive α = .99"
assert heavy.min() < 1.3 * ahead.min() < 1.7 * heavy.min(), "at its best α neither method should be far ahead"
assert powers["SGD"] > -1.1 and powers["Nesterov"] < -1.9, "with α growing, 1/k should become 1/k²"
assert abs(powers["momentum"] - powers["Nesterov"]) < 0.1, "on a quadratic the power should not need the look ahead"
walk = trace(nesterov_step, valley, 40, lr=0.02, momentum=0.9, **ball)
shifted = walk + 0.9 * np.diff(walk, axis=0, prepend=walk[:1])  # θ + αv, the point looked ahead to
gap = np.abs(shifted - walks.torch_trace(valley, 40, lambda k: 0.02, lambda k: 0.9, nesterov=True)).max()
print(f"torch's parameters are your θ + αv, up to {gap:.0e}")
assert gap < 1e-12, "torch should store the point looked ahead to"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Looking ahead replaces $\sqrt\alpha$ by $\sqrt{\alpha(1-\epsilon h)}$: flat directions keep their momentum, steep ones are braked, and the
swings of too large an $\alpha$ die 12 times sooner. At the best $\alpha$ it wins nothing: it is an insurance, not an engine: against too much momentum, not against too large a
rate, of which it bears less ($\epsilon h < 1 + 1/(1+2\alpha)$ instead of $2(1+\alpha)$).

Right: Nesterov's theorem promises $O(1/k^2)$ on every smooth convex function, for exact gradients, $\epsilon = 1/L$ and
$\alpha_k = (k-1)/(k+2)$. On this quadratic the growing $\alpha$ does it alone; momentum *without* the look ahead has the same slope. The
look ahead is what carries the proof over to functions that are no quadratics. (And torch's `nesterov=True` walks the same way: what it stores is
$\theta + \alpha v$. The slope of SGD follows from the curvatures, spread evenly on a logarithmic scale
from 1 down to a millionth; other spectra give other slopes.)
</details>

### A walk that notices when it overshoots

The growing $\alpha_k = (k-1)/(k+2)$ needs no knowledge of the valley, but it never stops growing: late in the walk the velocity carries $\theta$ past the
minimum and up the other side, and the loss comes down in ripples. You can *see* an update go uphill: it has a positive product with the
gradient that made it. Then forget the velocity, and let the momentum grow anew from zero (O'Donoghue and Candès, 2015).

### Build 7: `restarted_descent` (6 points, 20 minutes, medium)

A walk of `steps` updates. Let $j$ count the updates since the start, or since the last restart. Each is a Nesterov step with momentum $j/(j+3)$,

$$g = \nabla f\Big(\theta + \tfrac{j}{j+3}\, v\Big),\qquad v \leftarrow \tfrac{j}{j+3}\, v - \epsilon g,\qquad \theta \leftarrow \theta + v$$

so that the first one ($j = 0$) has no momentum. If then $g\cdot v > 0$ (with this $g$ and the new $v$), $\theta$ stays where it has come to, but $j$ begins
at 0 again, and the next update forgets $v$. Return every point of the walk, and the numbers of the updates that led to a restart.

<details><summary>Hint</summary>

Which $j$ must the first update after a restart see, and which the second? Your `nesterov_step` does the update, but keeps $g$ to itself.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "restarted-descent", "locked": false, "schema_version": 3, "solution": true}
def restarted_descent(grad_fn, theta, lr, steps):
    """Walk by Nesterov steps with growing momentum, restarted after a step uphill. theta is not modified.

    grad_fn : callable, theta -> gradient.  theta : ndarray, shape (n,).  lr : float > 0.  steps : int >= 1
    Returns the path, shape (steps + 1, n), start included, and a list of ints, the updates (the first is 1) that
    led to a restart.
    """
    ### BEGIN SOLUTION
    path, restarts, velocity, j = [theta], [], 0.0, 0
    for update in range(1, steps + 1):
        momentum = j / (j + 3)
        grad = grad_fn(theta + momentum * velocity)
        velocity = momentum * velocity - lr * grad
        theta = theta + velocity
        path.append(theta)
        j += 1
        if grad @ velocity > 0:
            j = 0
            restarts.append(update)
    return np.array(path), restarts
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "restarted-descent-check", "locked": true, "points": 6, "schema_version": 3, "solution": false}
check(restarted_descent)

# %% [markdown]
r"""
### What a restart buys

Bowls in 30 dimensions with condition numbers $\kappa$ from 10 to 10,000, rate $1/L$, ten starts each. Three walks: $\alpha$ growing for ever; your restarts;
and the constant $\alpha = (\sqrt\kappa-1)/(\sqrt\kappa+1)$ that suits this $\kappa$, which nobody knows in practice.

**Guess** for $\kappa = 1000$ how many times the updates of that well-informed walk the other two take, until the loss is down to $10^{-10}$. And if $\kappa$ grows a
hundredfold, from 10 to 1000, how many times as long is the walk between two restarts?
"""

# %% tags=["guess"]
guess = {"growing, times": ..., "restarts, times": ..., "between restarts, times": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S20"]
# the experiment: restarts in valleys of all lengths
kappas, steps, losses, gaps = [10, 100, 1000, 10_000], 4000, {}, {}
walkers = {
    "α grows": lambda kappa: lambda k: max(0.0, (k - 1) / (k + 2)),
    "κ known": lambda kappa: (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1),
}
starts = np.stack([np.random.default_rng(seed).normal(size=30) for seed in seeds(10)])
for kappa in kappas:
    valley = landscapes.quadratic(np.diag(np.geomspace(1 / kappa, 1, 30)))
    paths, restarts = zip(*(restarted_descent(valley.gradient, each, 1.0, steps) for each in starts), strict=True)
    went = {"α restarted": np.stack(paths, axis=1)}
    for name, momentum in walkers.items():
        setting = {"start": starts, "state": ("velocity",), "lr": 1.0, "momentum": momentum(kappa)}
        went[name] = trace(nesterov_step, valley, steps, **setting)
    losses[kappa] = {name: valley(path) / valley(starts) for name, path in went.items()}
    gaps[kappa] = np.array([np.median(np.diff(each[:6])) for each in restarts])

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S20"]
# the experiment: the three walks side by side
arrived = {}
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.9))
for name, color in {"α grows": plots.ORANGE, "α restarted": plots.GREEN, "κ known": plots.BLACK}.items():
    arrived[name] = np.array([walks.arrival(losses[kappa][name], 1e-10) for kappa in kappas])
    left.semilogy(losses[1000][name][:1500, 0], color=color, label=name)
    right.loglog(kappas, np.median(arrived[name], axis=1), "o-", color=color, label=name)
left.set(title="κ = 1000: a restart ends the ripples", xlabel="update", ylabel="loss, start = 1", ylim=(1e-13, 3))
right.set(
    title="Nearly as fast as if κ were known", xlabel="condition number κ", ylabel="updates to 10⁻¹⁰ (median of 10)"
)
left.legend(), right.legend()
text = """Left: the loss under a growing momentum ripples; with restarts it falls almost as straight as when κ is known. Right: updates
against κ; restarts and κ known lie close together, growing momentum far above."""
plots.show(fig, alt=text)
times = {name: found / arrived["κ known"] for name, found in arrived.items()}
came = {"growing, times": times["α grows"][2], "restarts, times": times["α restarted"][2]}
came["between restarts, times"] = gaps[1000] / gaps[10]
predict.compare(guess, {name: np.median(values) for name, values in came.items()}, "how many times")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S20"]
# the claim
apart = gaps[1000] / gaps[10]
far = ", ".join(f"{np.median(values):.2f}" for values in times["α restarted"])
measured(
    "S20",
    f"updates to 1e-10, κ known = 1: restarts {far} for κ = 10, 100, 1000, 10 000; α growing for ever "
    f"{spread(times['α grows'][2])} for κ = 1000; from κ = 10 to 1000 the walk between restarts is {spread(apart)} times as long",
)
for kappa, values in zip(kappas, times["α restarted"], strict=True):
    assert np.median(values) < 1.5, f"κ = {kappa}: restarts should be nearly as fast as the α that knows κ"
assert times["α grows"][2].min() > 3, "at κ = 1000 an α that grows for ever should fall behind"
assert 7 < np.median(apart) < 15, "the walk between restarts should grow like √κ"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Without knowing $\kappa$ the restarted walk needs hardly more updates than the one that was told, a tenth to a third, from $\kappa = 10$ to 10,000; the $\alpha$ that
grows for ever, 8 times as many at $\kappa = 1000$, and at 10,000 it has not arrived after 4000. A hundred times the condition number makes the walk between
two restarts about eleven times as long ($\sqrt{100} = 10$): without having been asked, it measures $\sqrt\kappa$, the number that the best $\alpha$ depends on. All this with exact gradients.
</details>

### Does momentum smooth the noise of minibatches?

A velocity averages gradients, so it should average their noise away. Test it where everything is known: $f = \tfrac12\theta^2$, noise of
standard deviation 1, constant rates, started *at* the minimum. How far away does the noise keep each method (root mean square)? SGD with
$\epsilon = .1$: $\sqrt{\epsilon/(2-\epsilon)} = .23$. Momentum and Nesterov with $\alpha = .9$, first at the same $\epsilon$, then at the same
*effective* rate, $\epsilon = .01$.

**Guess** the four distances.
"""

# %% tags=["guess"]
guess = {"momentum, ε = .1": ..., "Nesterov, ε = .1": ..., "momentum, ε = .01": ..., "Nesterov, ε = .01": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S9"]
# the experiment: the noise ball, with and without memory
valley, bowl = landscapes.quadratic([[1.0]]), landscapes.bowl(10)
still, afar = np.zeros((10, 20, 1)), np.broadcast_to(bowl.start, (10, 20, 2))
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.6))
away, far = {}, {}
for name, step in {"SGD": sgd_step, "momentum": momentum_step, "Nesterov": nesterov_step}.items():
    more, share = ({}, 1.0) if name == "SGD" else ({"momentum": 0.9, "state": ("velocity",)}, 0.1)
    for lr in (0.1,) if name == "SGD" else (0.1, 0.01):
        noise = walks.noisy(valley.gradient, seeds(10))
        walk = trace(step, valley, 1500, start=still, gradient=noise, lr=lr, **more)
        away[f"{name}, ε = {lr:g}".replace("0.", ".")] = np.sqrt((walk[500:] ** 2).mean(axis=(0, 2, 3)))
    rate, noise = lambda k, share=share: 2 * share / (k + 40), walks.noisy(bowl.gradient, seeds(10))
    far[name] = bowl(trace(step, bowl, 3000, start=afar, gradient=noise, lr=rate, **more)).mean(axis=2)
    plots.curves(right, far[name][1:].T, name, x=np.arange(1, 3001), marks=0)
plots.ranges(left, away, {name: plots.look(name)["color"] for name in away})
predict.mark(left, guess, at={name: row for row, name in enumerate(away)}, axis="x")
left.set(title="The larger ball is the larger effective rate", xlabel="rms distance, median and range of 10 seeds")
left.set_xlim(0, None)
right.set(title="Rates like 1/k: the noise sets the pace", xscale="log", xlabel="update k", ylabel="mean excess error")
right.legend()
text = """Left: distances .23 for SGD; .71 and .52 for momentum and Nesterov at the same rate; .22 and .21 at the same effective rate.
Right: under rates like 1/k at the same effective rate the three excess errors end on one line of slope -1."""
plots.show(fig, alt=text)
predict.compare(
    guess, {name: np.median(values) for name, values in away.items() if name != "SGD, ε = .1"}, "rms distance"
)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S9"]
# the claim
plain = away["SGD, ε = .1"]
end = {name: values[-200:].mean(axis=0) for name, values in far.items()}
print("rms distance:", "; ".join(f"{name} {spread(values, '.3f')}" for name, values in away.items()))
print("excess error at the end:", "; ".join(f"{name} {spread(values, '.2e')}" for name, values in end.items()))
for name in ("momentum", "Nesterov"):
    assert np.all(away[f"{name}, ε = .1"] > 1.8 * plain), f"{name} at the same rate should double the ball"
    assert np.all(np.abs(away[f"{name}, ε = .01"] / plain - 1) < 0.15), (
        f"{name} at the same effective rate changes the ball"
    )
    ratio = np.median(end[name] / end["SGD"])
    assert 0.8 < ratio < 1.25, f"{name} with noise: {ratio:.2f} times the excess error of SGD, expected about 1"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

At the same $\epsilon$ momentum makes the noise ball three times *larger*; at the same effective rate it leaves it as it is, within 7 %.
The velocity does average the gradients, but it then applies each of them for $1/(1-\alpha)$ updates: nothing is averaged away. And under
rates that fall like $1/k$ all three end with the same error. On a quadratic with noisy gradients no method here beats plain SGD at its
effective rate; what momentum buys, it buys where curvature, not noise, sets the pace.
</details>

## 6. One method, many spellings

Some texts keep the velocity as an *average* of gradients, $v \leftarrow \alpha v + (1-\alpha) g$, others as a *sum*,
$v \leftarrow \alpha v + g$. Both then go $\theta \leftarrow \theta - (\dots)\, v$. The average is smaller than the sum by exactly the factor
$1-\alpha$. So if you average, you must make the rate larger by $1/(1-\alpha)$ to walk the same path:

$$v \leftarrow \alpha v + (1-\alpha)\, g,\qquad \theta \leftarrow \theta - \frac{\epsilon}{1-\alpha}\, v$$

### Exercise 8: `averaged_momentum_step` (3 points, 8 minutes, medium)

Your `velocity` is the running average, your `theta` moves exactly as with the sum and rate `lr`. Return both.

<details><summary>Hint</summary>

Compare with exercise 4: which part of the formula is the exponentially weighted average? The sign of $v$ is the gradient's now, not the
step's.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "averaged-momentum-step", "locked": false, "schema_version": 3, "solution": true}
def averaged_momentum_step(theta, grad, velocity, lr, momentum):
    """Take one momentum step with an averaging velocity. The inputs are not modified.

    theta, grad, velocity : ndarrays of one shape; velocity is the running average of the gradients
    lr : float > 0, the rate that goes with a summing velocity.  momentum : float in [0, 1)
    Returns the new theta and velocity, same shape.
    """
    ### BEGIN SOLUTION
    velocity = momentum * velocity + (1 - momentum) * grad
    return theta - lr / (1 - momentum) * velocity, velocity
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "averaged-momentum-step-check", "locked": true, "points": 3, "schema_version": 3, "solution": false}
check(averaged_momentum_step)

# %% [markdown]
r"""
### "They give the same sequence"

So it is often said of the first two spellings below. For the third, "change the learning rate appropriately", which not everyone who
copies the code does. Four walks in a bowl with $\kappa = 20$, with $\alpha = .9$ and $\epsilon = .01$:

| | velocity | step |
|---|---|---|
| book | $v \leftarrow \alpha v - \epsilon g$ | $\theta + v$ |
| torch | $v \leftarrow \alpha v + g$ | $\theta - \epsilon v$ |
| averaged | $v \leftarrow \alpha v + (1-\alpha) g$ | $\theta - \frac{\epsilon}{1-\alpha} v$ |
| not rescaled | $v \leftarrow \alpha v + (1-\alpha) g$ | $\theta - \epsilon v$ |

First everything constant; then a rate that drops to a tenth at update 30; then a momentum that rises from .5 to .9 at update 30.

**Guess** who walks torch's path, in each of the three: "book", "averaged", "both" or "neither".
"""

# %% tags=["guess"]
guess = {"constant": ..., "rate drops": ..., "momentum rises": ...}  # "book", "averaged", "both" or "neither"

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S7"]
# the experiment: four spellings, three schedules
bowl, steps, change, gap = landscapes.bowl(20), 60, 30, {}
cases = {  # rate and momentum of update k, and what is seen
    "constant": (lambda k: 0.01, lambda k: 0.9, "All constant: three are one"),
    "rate drops": (lambda k: 0.01 if k < change else 0.001, lambda k: 0.9, "Rate drops: the book coasts on"),
    "momentum rises": (lambda k: 0.01, lambda k: 0.5 if k < change else 0.9, "Momentum rises: the average jumps"),
}
looks = [(plots.BLACK, "-", 5), (plots.VERMILLION, "-", 2), (plots.SKY, "--", 2), (plots.GREY, ":", 2)]
fig, axes = plt.subplots(1, 3, figsize=(11.5, 3.6), sharey=True)
for ax, (case, (lr, momentum, title)) in zip(axes, cases.items(), strict=True):
    small = {"lr": lambda k, lr=lr, momentum=momentum: (1 - momentum(k)) * lr(k)}  # undoes the rescaling
    paths = {"torch": walks.torch_trace(bowl, steps, lr, momentum)}
    paths["book"] = trace(momentum_step, bowl, steps, lr=lr, momentum=momentum, **ball)
    paths["averaged"] = trace(averaged_momentum_step, bowl, steps, lr=lr, momentum=momentum, **ball)
    paths["not rescaled"] = trace(averaged_momentum_step, bowl, steps, momentum=momentum, **small, **ball)
    for (name, path), (color, dashes, width) in zip(paths.items(), looks, strict=True):
        ax.semilogy(np.linalg.norm(np.diff(path, axis=0), axis=1), dashes, color=color, lw=width, label=name)
        gap[case, name] = np.abs(path - paths["torch"]).max()
    ax.set(title=title, xlabel="update k", ylabel="length of the step" if case == "constant" else "")
axes[0].legend(loc="lower left")
plots.show(
    fig, alt="Steps of four spellings: three coincide; torch and averaged drop at once; the average jumps fivefold."
)
same = {case: [name for name in ("book", "averaged") if gap[case, name] < 1e-12] for case in cases}
came = {case: "both" if len(names) == 2 else (names or ["neither"])[0] for case, names in same.items()}
predict.compare(guess, came, "walks torch's path")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S7"]
# the claim
measured(
    "S7", "walks torch's path: " + "; ".join(f"{case}: {word}" for case, word in came.items()) + "; not rescaled: never"
)
assert came == {"constant": "both", "rate drops": "averaged", "momentum rises": "book"}, (
    f"the spellings agree otherwise: {came}"
)
assert all(gap[case, "not rescaled"] > 0.01 for case in cases), "without rescaling the path should be another one"
velocity, gradients = 0.0, (1.0, 2.0, 3.0)
for g in gradients:
    velocity = averaged_momentum_step(0.0, g, velocity, 1.0, 0.9)[1]
summed, (g0, g1, g2), b = velocity / (1 - 0.9), gradients, 0.9
print(f"v ← bv + g three times: {summed:.2f}; g₂ + b g₁ + b² g₀ = {g2 + b * g1 + b**2 * g0:.2f};", end=" ")
print(f"g₂ + b² g₁ + b² g₀ = {g2 + b**2 * g1 + b**2 * g0:.2f}")
assert np.isclose(summed, g2 + b * g1 + b**2 * g0), "every step back should cost one more factor b"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

- **Sum or average** is only a rescaled rate, and this survives *any* schedule of the rate. It ends when the *momentum* is scheduled. Without
  rescaling you train with a tenth of the rate that you think you use.
- **Rate inside or outside** the velocity gives the same path only while the rate is constant. When it drops, the book's velocity still
  carries gradients of the old rate, which fade by $\alpha$ per update, for some $1/(1-\alpha)$ updates; the detour that they
  made stays longer. Torch brakes at once.
- Written out, $v \leftarrow bv + g$ gives $g_2 + b\,g_1 + b^2 g_0$: every step back costs one more factor $b$. A common version has $g_2 + b^2 g_1 + b^2 g_0$.

These are identities: they hold for any loss, and to the last digits.
</details>
"""

# %% [markdown]
r"""
## 7. Build it: an optimizer and a training loop

A network has not one $\theta$ but a list of arrays, weights and biases of all shapes. An optimizer is an object that knows them, keeps a
velocity for each, and counts the updates so that it can ask a schedule for the rate. Yours uses torch's spelling, which brakes when the
schedule does:

$$v \leftarrow \alpha v + g, \qquad \theta \leftarrow \theta - \epsilon_k\, v, \qquad
\text{with Nesterov instead}\quad \theta \leftarrow \theta - \epsilon_k\,(g + \alpha v) \text{ with the new } v.$$

The last form needs no gradient "somewhere else". It is algorithm 8.3 in other coordinates: what it stores is $\tilde\theta = \theta + \alpha v$
(with the book's $v$), the point looked ahead to.

### Build 9: `SGD` (6 points, 25 minutes, medium)

Write `__init__` and `step`. `step` writes into the parameters' own arrays, as the model holds these arrays and not their names; the
gradients stay as they are. `lr` may be a number or a schedule; a gradient that is `None` leaves its parameter and its velocity alone.

<details><summary>Hint</summary>

`theta -= ...` writes into an array, `theta = theta - ...` makes a new one that nobody else sees. One zero array per parameter, made once.
`callable(lr)` tells a schedule from a number; ask it once per step, for update $k = 0, 1, \dots$
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "SGD", "locked": false, "schema_version": 3, "solution": true}
class SGD:
    """Stochastic gradient descent with momentum, for all parameters of a model at once.

    parameters : list of float ndarrays of any shapes; `step` writes into these arrays, so that the model learns
    lr : float > 0, or a schedule: a callable k -> rate of update k = 0, 1, ...
    momentum : float in [0, 1).  nesterov : bool, whether to look ahead
    """

    def __init__(self, parameters, lr, momentum=0.0, nesterov=False):
        ### BEGIN SOLUTION
        self.parameters, self.lr, self.momentum, self.nesterov = parameters, lr, momentum, nesterov
        self.velocities = [np.zeros_like(theta) for theta in parameters]
        self.k = 0
        ### END SOLUTION

    def step(self, grads):
        """Make one update, v <- momentum v + g, theta <- theta - lr v, or with nesterov theta - lr (g + momentum v).

        grads : list of ndarrays, one for each parameter and of its shape, or None; they are not modified
        """
        ### BEGIN SOLUTION
        lr = self.lr(self.k) if callable(self.lr) else self.lr
        for theta, velocity, grad in zip(self.parameters, self.velocities, grads, strict=True):
            if grad is None:
                continue
            velocity *= self.momentum
            velocity += grad
            theta -= lr * (grad + self.momentum * velocity if self.nesterov else velocity)
        self.k += 1
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "SGD-check", "locked": true, "points": 6, "schema_version": 3, "solution": false}
check(SGD)

# %% [markdown]
r"""
### Hunt 10: `train` (6 points, 15 minutes, medium)

Below stands a training loop that runs, and whose loss even falls. It has **three bugs**, each worth 2 points. Find them; the text of the
function says what is wanted, line by line. Do not write it anew before you have read it: loops like this one are handed on for years.

`backward(X, y, grads)` works like torch's: it **adds** the gradients of the batch's mean loss to the arrays in `grads`, and returns the loss.

<details><summary>Where to look, if you see nothing</summary>

(1) Print `batch` in the first two epochs. (2) Which batch sizes come out for 10 examples in batches of 4? (3) What stands in `grads` when
`backward` is called for the second time?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true}
def train(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    """Train a model on minibatches, and return the mean training loss of each epoch.

    parameters : list of ndarrays, into which the optimizer writes
    backward : callable (X, y, grads) -> mean loss of these examples, a float; it adds the gradients of that loss to
        the arrays in grads, which are shaped like the parameters
    optimizer : has a method step(grads)
    X : ndarray, shape (N, inputs).  y : int ndarray, shape (N,). These examples are not modified; further axes after the
        first are backward's business.
    epochs : int.  batch_size : int >= 1; the last batch of an epoch may be smaller
    rng : numpy Generator; every epoch goes once through all examples in the order of a new rng.permutation(N)
    Returns a list of floats, for each epoch the mean of the losses of its N examples, as backward saw them.
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        total = 0.0
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            grads = [np.zeros_like(theta) for theta in parameters]
            loss = backward(X[batch], y[batch], grads)
            optimizer.step(grads)
            total += loss * len(batch)
        losses.append(total / len(X))
    return losses
    ### END SOLUTION
    ### BEGIN GIVEN
    # losses = []
    # order = rng.permutation(len(X))
    # grads = [np.zeros_like(theta) for theta in parameters]
    # for _ in range(epochs):
    #     total = 0.0
    #     for start in range(0, len(X) - batch_size + 1, batch_size):
    #         batch = order[start : start + batch_size]
    #         loss = backward(X[batch], y[batch], grads)
    #         optimizer.step(grads)
    #         total += loss * len(batch)
    #     losses.append(total / len(X))
    # return losses
    ### END GIVEN


# %% nbgrader={"grade": true, "grade_id": "train-check", "locked": true, "points": 6, "schema_version": 3, "solution": false}
check(train)

# %% [markdown]
r"""
### It learns

That is all one needs. A network with 64 inputs, 32 hidden units and 10 outputs, 1,438 handwritten digits, batches of 32, your `SGD` with
momentum .9 and a rate of .1: the next cell shows it some of the digits that it has never seen.

**Guess** the share of the 359 held-out digits that it gets right, after one epoch and after ten.
"""

# %% tags=["guess"]
guess = {"after 1 epoch": ..., "after 10 epochs": ...}  # share right, 0 to 1; by chance 0.1

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the experiment: one network learns digits
data, rng = digits(as_tensors=False), np.random.default_rng(base_seed())
net = network((64, 32, 10), seed=base_seed())
optimizer, came = SGD(net.parameters, lr=0.1, momentum=0.9), {}
for name, epochs in (("after 1 epoch", 1), ("after 10 epochs", 9)):
    train(net.parameters, net.backward, optimizer, *data.train, epochs=epochs, batch_size=32, rng=rng)
    came[name] = net.accuracy(*data.test)
answers = net.logits(data.x_test).argmax(axis=1)
wrong = np.flatnonzero(answers != data.y_test)[:4]
shown = [*wrong, *np.flatnonzero(answers == data.y_test)[: 8 - len(wrong)]]
fig, axes = plt.subplots(1, 8, figsize=(10, 1.7))
for ax, i in zip(axes, shown, strict=True):
    ax.imshow(data.x_test[i].reshape(8, 8), cmap="gray_r")
    right = answers[i] == data.y_test[i]
    ax.set_title(f"{answers[i]}" if right else f"{answers[i]}, is {data.y_test[i]}", loc="center")
    ax.set(xticks=[], yticks=[])
    ax.title.set_color(plots.BLACK if right else plots.VERMILLION)
plots.show(fig, alt="Eight held-out digits and the network's answers; some of its few mistakes first, in orange.")
predict.compare(guess, came, "share of held-out digits")

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

Some 93 % after a second's work, 97 to 98 % after ten epochs. Some of the mistakes are digits that people misread too.
</details>

From here on *ten* networks are trained at once, with other weights and another order of the examples for each: their arrays have one axis
more (`utils.crowd`), and your `SGD` and `train` do not notice. What you see are medians and ranges of ten.

### Low, good, high

The same task, without momentum, batches of 16, so 90 updates an epoch. A fresh network answers with a loss of about $\ln 10 = 2.3$.

**Guess** the training loss after 12 epochs for three constant rates.
"""

# %% tags=["guess"]
guess = {"rate 0.02": ..., "rate 0.5": ..., "rate 2": ...}  # training loss, 2.3 at the start

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the experiment: five constant rates
fig, ax = plt.subplots(figsize=(7.5, 3.9))
looks = {0.02: plots.BLUE, 0.1: plots.SKY, 0.5: plots.GREEN, 1.0: plots.ORANGE, 2.0: plots.VERMILLION}
came = {}
for lr, color in looks.items():
    crowd, curve = Crowd(data.train, seeds(10)), []
    optimizer, rng = SGD(crowd.parameters, lr), np.random.default_rng(base_seed())
    for _ in range(12):
        curve.append(crowd.losses())
        train(crowd.parameters, crowd.backward, optimizer, crowd.X, crowd.y, epochs=1, batch_size=16, rng=rng)
    curve = np.minimum([*curve, crowd.losses()], 10)
    came[f"rate {lr:g}"] = np.median(curve[-1])
    plots.curves(ax, curve.T, "SGD", marks=0, color=color, label=f"rate {lr:g}")
predict.mark(ax, guess, at=dict.fromkeys(came, 12), colors={f"rate {lr:g}": color for lr, color in looks.items()})
ax.set(title="Low crawls, good falls, high does not even start", xlabel="epoch", ylabel="training loss, 10 networks")
ax.legend(loc="lower left")
text = """Training loss against epoch for five rates: 0.02 falls slowly to 0.5, 0.1 to 0.1, 0.5 to 0.02; 1 falls with a wide band, 2
stays at 2.3."""
plots.show(fig, alt=text)
predict.compare(
    guess, {name: came[name] for name in ("rate 0.02", "rate 0.5", "rate 2")}, "training loss after 12 epochs"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

A low rate looks healthy: a smooth curve that falls. Only a better one beside it shows that it crawls. A rate that is too high is not
jittery here but dead: most ReLU units of such a network answer 0 to every digit, and there their slope is zero. At rate 1 it depends on luck, and
the band over ten networks is wide. The good rate lies within a factor of two or three of ruin.
</details>

### What the first epoch tells

A tempting way to choose $\epsilon_0$: try some rates for 100 updates, keep the best. Now under your `linear_decay` to 1 % in 12 epochs, 1,080
updates. Suppose that you chose *half* of the rate that is best at the end.

**Guess** how many times higher your loss is after the first epoch (90 updates), and at the end.
"""

# %% tags=["guess"]
guess = {"after 1 epoch": ..., "after 12 epochs": ...}  # loss with half the best rate, over loss with the best

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S5"]
# the experiment: first rates, after one epoch and after twelve
first_rates, epochs, updates = 2.0 ** np.arange(-3.5, 0.6, 0.5), 12, 1080
early, end = [], []
for lr in first_rates:
    crowd = Crowd(data.train, seeds(10))
    optimizer = SGD(crowd.parameters, lambda k, lr=lr: linear_decay(k, lr, 0.01 * lr, updates))
    rng = np.random.default_rng(base_seed())
    train(crowd.parameters, crowd.backward, optimizer, crowd.X, crowd.y, epochs=1, batch_size=16, rng=rng)
    early.append(crowd.losses())
    train(crowd.parameters, crowd.backward, optimizer, crowd.X, crowd.y, epochs=epochs - 1, batch_size=16, rng=rng)
    end.append(crowd.losses())
early, end = np.array(early), np.array(end)
best = np.median(end, axis=1).argmin()
halved = {"after 1 epoch": early[best - 2] / early[best], "after 12 epochs": end[best - 2] / end[best]}
fig, ax = plt.subplots(figsize=(7.5, 3.9))
plots.sensitivity(ax, first_rates, early.T, "SGD", label="after 1 epoch", linestyle="--", marker=None)
plots.sensitivity(ax, first_rates, end.T, "SGD", label="after 12 epochs", marker=None)
ax.set(title="After an epoch .35 to .71 lie close; at the end they do not", xlabel="first learning rate ε₀")
ax.set(ylabel="training loss, median and range of 10")
ax.legend(loc="lower left")
text = """Loss against first rate, twice, with a ring round the best. After one epoch the curve is flat around its minimum; after
twelve it falls steadily up to 0.7 and then rises like a wall."""
plots.show(fig, alt=text)
predict.compare(
    guess, {name: np.median(values) for name, values in halved.items()}, "times the loss, with half the best rate"
)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S5"]
# the claim
first, last = halved.values()
measured(
    "S5",
    f"loss with half the best first rate ({first_rates[best]:.2f}), over that with the best: after 1 epoch "
    f"{spread(first, '.2f')}; after 12 {spread(last, '.2f')}",
)
assert np.all(last > 1.5), "at the end half the best rate should cost at least half as much again, with every seed"
assert np.median(first) < 1.6 < np.median(last), "after one epoch the two rates should be nearly tied"
assert np.median(early, axis=1).argmin() <= best, (
    "the best first rate for the end should not be below the best after an epoch"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

After one epoch the rates from .35 to .71 lie close together: the medians of ten networks name the right one, but one network in three is better
off with half of it or less, and whoever has only that one chooses so. At the end that costs 2.3 times the loss. The schedule cleans up behind a bold start and cannot make up
for a timid one. Goodfellow et al. say, choose $\epsilon_0$ somewhat above what is best after 100 updates; here the next rate is too high already:
its band opens, and one notch on stands the wall. So: bold when in doubt, and by more than one network.
</details>

### The race of schedules

Bowls do not decide which schedule is best; a network may. MNIST-1D: 4,000 curves of 40 points in ten classes, harder than the digits. Ten
40-64-10 networks for each setting, momentum .9, batches of 32, 8 epochs, 1,000 updates. Seven schedules; **each has its own best peak rate** out of
.05, .1, .2 and .4:

- constant; a tenth after each third of the time (step); falling to 1 % exponentially; in a straight line; along a cosine;
- warm-up for a tenth of the time, then cosine;
- "WSD": constant, then in a straight line to zero over the last fifth.

**Guess** the final training loss, when the constant rate ends at .90. (A fresh network has 2.3.)
"""

# %% tags=["guess"]
guess = {"step": ..., "exponential": ..., "linear": ..., "cosine": ..., "warm-up, cosine": ..., "WSD": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S3"]
# the experiment: seven schedules, four peak rates each
data_1d, epochs, T = mnist1d(as_tensors=False), 8, 1000
shapes = {
    "constant": lambda k: 1.0,
    "step": lambda k: 0.1 ** (3 * k // T),
    "exponential": lambda k: 0.01 ** (k / T),
    "linear": lambda k: linear_decay(k, 1.0, 0.01, T),
    "cosine": lambda k: warmup_cosine(k, 1.0, 1, T, 0.0),
    "warm-up, cosine": lambda k: warmup_cosine(k, 1.0, T // 10, T, 0.0),
    "WSD": lambda k: min(1.0, 5 * (T - k) / T),
}
final, unseen, peak = {}, {}, {}
for name, shape in shapes.items():
    runs = []
    for lr in (0.05, 0.1, 0.2, 0.4):
        crowd, rng = Crowd(data_1d.train, seeds(10), hidden=64), np.random.default_rng(base_seed())
        optimizer = SGD(crowd.parameters, lambda k, lr=lr, shape=shape: lr * shape(k), momentum=0.9)
        train(crowd.parameters, crowd.backward, optimizer, crowd.X, crowd.y, epochs=epochs, batch_size=32, rng=rng)
        runs.append((np.median(crowd.losses()), lr, crowd.losses(), crowd.losses(data_1d.test)))
    _, peak[name], final[name], unseen[name] = min(runs, key=lambda run: run[0])
predict.compare(guess, {name: np.median(final[name]) for name in list(final)[1:]}, "final training loss")

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the picture: the schedules and where they end
colors = dict(
    zip(
        shapes,
        (plots.VERMILLION, plots.ORANGE, plots.GREEN, plots.BLUE, plots.PURPLE, plots.BLACK, plots.SKY),
        strict=True,
    )
)
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.7))
for name, shape in shapes.items():
    left.plot([peak[name] * shape(k) for k in range(T)], color=colors[name], label=name)
plots.ranges(right, final, colors)
predict.mark(right, guess, at={name: row for row, name in enumerate(final)}, axis="x")
left.set(title="Each at its best peak", xlabel="update k", ylabel="learning rate")
right.set(title="Late down, and down to nothing: low", xlabel="final training loss, median and range of 10 networks")
text = """Left: the seven schedules at their best peak rates. Right: final losses; constant 0.90 and step 0.89, exponential 0.83, WSD 0.70,
warm-up and cosine 0.69, cosine 0.67, linear 0.63."""
plots.show(fig, alt=text)

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S3"]
# the claim
losses = "; ".join(f"{name} {spread(values, '.2f')} at peak {peak[name]:g}" for name, values in final.items())
measured("S3", f"training loss, each at its own best peak rate: {losses}")
print("Held-out loss:", "; ".join(f"{name} {spread(values, '.2f')}" for name, values in unseen.items()))
middle = {name: np.median(values) for name, values in final.items()}
for name in ("linear", "cosine", "warm-up, cosine", "WSD"):
    assert np.all(final[name] < 0.9 * final["constant"]), f"{name} should end a tenth below constant, with every seed"
    assert middle[name] < middle["step"] and middle[name] < middle["exponential"], (
        f"{name} should beat the older schedules"
    )
assert middle["linear"] < 0.85 * middle["exponential"], "linear should end well below exponential"
assert middle["warm-up, cosine"] > 0.97 * middle["cosine"], "on this network warm-up should buy nothing"

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

The four schedules that keep half of their peak for half of the time and come down to nearly zero *at the end* win, linear first, by a fifth to a third of the loss of the constant rate. Held
out the order is nearly the same, and the gaps are smaller (printed above). The two of the old textbooks spend most of their time at rates that are too small. The differences *among* the four are a few
hundredths, and another network or another length may turn them round.

**Warm-up buys nothing here**: with one hidden layer the first steps are harmless, and its tenth of the time is missing later. It is for networks whose
first steps are not (large batches, deep transformers). WSD has another charm: you need not know in advance when you will stop.
</details>

### Momentum on a network

You have tuned the rate of plain SGD; the best was about .8 (digits, batches of 32, 405 updates at a constant rate). Now you switch momentum on.

The grid: $\epsilon/(1-\alpha)$ = .1, .2, .4, .8, 1.6, 3.2.

**Guess** the new best rate, $\epsilon$ itself.
"""

# %% tags=["guess"]
guess = {"α = 0.5": ..., "α = 0.9": ..., "α = 0.99": ...}  # best learning rate ε; without momentum .8

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S19"]
# the experiment: four momenta, six effective rates
effective, momenta = 0.1 * 2.0 ** np.arange(6), (0.0, 0.5, 0.9, 0.99)
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.9), sharey=True)
runs, came = {}, {}
for momentum, color in zip(momenta, (plots.BLUE, plots.ORANGE, plots.VERMILLION, plots.BLACK), strict=True):
    rates, found = effective * (1 - momentum), []
    for lr in rates:
        crowd, rng = Crowd(data.train, seeds(10)), np.random.default_rng(base_seed())
        optimizer = SGD(crowd.parameters, lr, momentum=momentum)
        train(crowd.parameters, crowd.backward, optimizer, crowd.X, crowd.y, epochs=9, batch_size=32, rng=rng)
        found.append(crowd.losses())
    runs[momentum] = np.array(found)
    came[f"α = {momentum:g}"] = rates[np.median(found, axis=1).argmin()]
    line = {"color": color, "label": f"α = {momentum:g}", "marker": None}
    plots.sensitivity(left, rates, runs[momentum].T, "momentum", band=False, **line)
    plots.sensitivity(right, effective, runs[momentum].T, "momentum", **line)
left.set(title="Against the rate: four valleys", xlabel="learning rate ε", ylabel="training loss after 9 epochs")
right.set(title="Against ε/(1-α): nearly one", xlabel="effective rate ε/(1-α)", ylabel="")
right.legend(loc="lower left")
text = """Loss against rate for four momenta: four valleys, the further left the larger α. Against ε/(1-α) the curves of 0, .5 and .9 lie on
each other up to 0.8; beyond, plain SGD breaks down first. The curve of .99 lies above them."""
plots.show(fig, alt=text)
predict.compare(guess, {name: rate for name, rate in came.items() if name != "α = 0"}, "best learning rate")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S19"]
# the claim
stable = effective < 0.5
ratio = np.median(runs[0.9][stable], axis=1) / np.median(runs[0.0][stable], axis=1)
bold = np.flatnonzero(np.isclose(effective, 1.6))[0]
told = f"at 1.6 α = 0 {spread(runs[0.0][bold], '.2f')}, α = .9 {spread(runs[0.9][bold], '.3f')}"
equal = " ".join(f"{value:.2f}" for value in ratio)
measured("S19", f"loss of α = .9 over α = 0 at effective rates .1, .2, .4: {equal}; training loss {told}")
assert np.all(np.abs(ratio - 1) < 0.25), "at equal effective rate momentum .9 should do about what plain SGD does"
assert np.median(runs[0.0][bold]) > 5 * np.median(runs[0.9][bold]), (
    "momentum should still learn where plain SGD breaks down"
)
assert np.median(runs[0.99], axis=1).min() > 1.2 * np.median(runs[0.9], axis=1).min(), (
    ".99 should be too much for 9 epochs"
)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

The best effective rate moved from .8 up to 1.6 for $\alpha$ = .5 and .9, and down to .4 for .99. Below its own best, momentum .9 does at equal effective
rate what plain SGD does, within some ten per cent: most of its fame on this easy task is *a larger rate under
another name*. What it adds is room. On a bowl the steepest direction stays calm up to $\epsilon h = 2(1+\alpha)$, in effective rates up to
$(1+\alpha)/(1-\alpha)$ times the $2/h$ of plain descent; here, at 1.6, plain SGD is dead and momentum learns on. Momentum .99 remembers 100 updates
out of 405 and has not paid yet.
</details>

## 8. The race, run fairly

You may have seen films of this kind: SGD lingers on a saddle while momentum is long gone. Three races on the saddle, $\alpha = .9$, from a thousandth
beside its ridge: everybody with $\epsilon = .1$, until half a unit off the ridge; everybody with the *effective* rate .1, likewise; everybody with its
own best rate, until within .05 of a minimum *for good*. Then the last one once more, in a long curved valley (Rosenbrock, $\kappa \approx 2500$ at the
minimum).

**Guess** the winner of each: "SGD", "momentum" or "Nesterov".
"""

# %% tags=["guess"]
guess = {"saddle, same rate": ..., "saddle, same effective rate": ..., "saddle, own best": ..., "valley, own best": ...}

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S21"]
# the experiment: four races
saddle, valley = landscapes.saddle(), landscapes.rosenbrock()
rngs = [np.random.default_rng(seed) for seed in seeds(10)]
beside = np.array([[rng.normal(1.5, 0.1), 10 ** rng.uniform(-3.3, -2.7)] for rng in rngs])
above = valley.start + np.array([rng.normal(0, 0.05, size=2) for rng in rngs])
left_it, minima = lambda path: -np.abs(path[..., 1]), lambda path: np.hypot(path[..., 0], np.abs(path[..., 1]) - 1)
races = {
    "saddle, same rate": (saddle, beside, 200, left_it, -0.5, lambda share: (0.1,)),
    "saddle, same effective rate": (saddle, beside, 200, left_it, -0.5, lambda share: (0.1 * share,)),
    "saddle, own best": (saddle, beside, 200, minima, 0.05, lambda share: (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)),
    "valley, own best": (valley, above, 5000, None, 0.05, lambda share: (2e-4, 5e-4, 1e-3, 2e-3, 3e-3)),
}
fig, axes = plt.subplots(1, 4, figsize=(11.5, 2.6), sharey=True)
colors = {name: plots.look(name)["color"] for name in ("SGD", "momentum", "Nesterov")}
arrived, methods = {}, {"SGD": sgd_step, "momentum": momentum_step, "Nesterov": nesterov_step}
for ax, (race, (landscape, start, steps, distance, near, rates)) in zip(axes, races.items(), strict=True):
    for name, step in methods.items():
        more, share = ({}, 1.0) if name == "SGD" else ({"momentum": 0.9, **ball}, 0.1)
        more |= {"start": start, "distance": distance, "near": near}
        arrived[race, name] = walks.fastest(step, landscape, steps, rates(share), **more)
    plots.ranges(ax, {name: arrived[race, name] for name in methods}, colors)
    ax.set(title=race.replace(", ", ",\n"), xlabel="updates", xlim=(0, None))
plots.show(fig, alt="Updates for three methods in four races; each race has another order of the three.")
middle = {race: {name: np.median(arrived[race, name]) for name in methods} for race in races}
came = {race: {name for name in methods if at[name] <= 1.15 * min(at.values())} for race, at in middle.items()}
predict.compare(guess, came, "first (those within 15 % share it)")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S21"]
# the claim
told = {race: ", ".join(f"{name} {spread(arrived[race, name], '.0f')}" for name in methods) for race in races}
measured("S21", "updates: " + "; ".join(f"{race}: {text}" for race, text in told.items()))
fair, best = middle["saddle, same effective rate"], middle["saddle, own best"]
same, long = middle["saddle, same rate"], middle["valley, own best"]
assert same["SGD"] > 2 * same["momentum"], "at the same rate SGD should linger on the saddle"
assert fair["SGD"] < 0.8 * min(fair["momentum"], fair["Nesterov"]), "at the same effective rate SGD should leave first"
assert best["momentum"] > 2 * best["SGD"], "at its own best rate momentum should be the slowest to settle"
assert long["SGD"] > 3 * long["momentum"], "in the long valley momentum should win by far"

# %% jupyter={"source_hidden": true} tags=["experiment"]
# the picture: the race on the saddle, at one effective rate
paths = {"SGD": trace(sgd_step, saddle, 80, lr=0.3)}
for name in ("momentum", "Nesterov"):
    paths[name] = trace(methods[name], saddle, 80, lr=0.03, momentum=0.9, **ball)
alt = "The saddle, all at effective rate .3: SGD turns off the ridge first and stops at the minimum; the others overshoot."
players.race(saddle, paths, title="At the same effective rate, .3", seconds=8, alt=alt)

# %% [markdown]
r"""
<details><summary><b>What you saw</b></summary>

At the same $\epsilon$ momentum leaves the ridge almost three times sooner: it has ten times the effective rate. At the same effective rate plain
SGD leaves first, for a velocity must fill before it carries. At its own best rate momentum is the *last* to settle, since it swings about
the minimum with a factor of $\sqrt{.9}$; looking ahead brakes that. In the long valley ($\kappa \approx 2500$, so $\sqrt\kappa = 50$) memory is worth a
factor of twelve, at everybody's best; of five for Nesterov, whose largest stable rate is lower: its matrix allows $\epsilon h < 1 + 1/(1+2\alpha)$, momentum's
$\epsilon h < 2(1+\alpha)$. So the films show rates; the valley shows a method. (All with $\alpha = .9$; a smaller $\alpha$ would swing
less on the saddle.) Own best on the saddle: Nesterov by a nose, 12 updates against SGD's 14.
</details>

## 9. Reflection (4 points, 10 minutes)

You train a network with torch's SGD, momentum .9 and rate 0.1, and it works. A colleague re-implements it from the book,
$v \leftarrow \alpha v - \epsilon g$, with the same numbers and the same minibatches. Her curve lies on yours for 30 epochs; then both schedules
divide the rate by ten, and from there hers goes its own way.

**In two to four sentences** (a point for each of the four): explain why the curves were equal, why they part, for about how many updates gradients of the old rate still count, and what she could
do to her velocity at that moment to stay equal to yours.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "momentum-reflection", "locked": false, "points": 4, "schema_version": 3, "solution": true}
r"""
**Model answer.** With a constant rate her velocity is always -ε times mine, so both take the same steps. The book has the rate *inside* the
velocity: after the drop her velocity still holds gradients multiplied by the old rate, so she moves up to ten times too far, while torch multiplies
its whole velocity by the new rate at once. The old part fades by α per update, so the difference lasts for about 1/(1-α) = 10 updates (a few tens
until it is invisible). If she multiplies her velocity by 1/10, the ratio of the rates, at the moment of the drop, the two stay equal.

**Marking scheme.** 1 point: equal because the velocities differ only by the constant factor -ε. 1 point: rate inside against outside, the old
velocity still carries the old rate. 1 point: about 1/(1-α) = 10 updates (accept 10 to 50 with a reason). 1 point: rescale the velocity by new rate /
old rate.
"""

# %% [markdown]
r"""
## What to remember

1. Noise keeps a constant rate in a ball round the minimum. $1/k$ gets you in, if it is fitted to the curvature; nobody knows the curvature.
2. Do not come down too early, come down to nearly zero at the end, and clamp. The shape matters less than that.
3. An exponential average remembers about $1/(1-\beta)$ steps and starts too low by $1-\beta^t$.
4. Momentum turns $\kappa$ into $\sqrt\kappa$, for every direction shrinks by $\sqrt\alpha$; it does not smooth the noise away. Compare methods at equal
   effective rate $\epsilon/(1-\alpha)$, and at each one's best.
5. Nesterov looks ahead to $\theta + \alpha v$: that brakes the steep directions, and forgives too much momentum (not too large a rate).

## Further reading

<details><summary>Ten papers and a book</summary>

- I. Goodfellow, Y. Bengio, A. Courville (2016). *Deep Learning*. MIT Press. Sections 8.3.1 to 8.3.3.
- H. Robbins, S. Monro (1951). A stochastic approximation method. *Annals of Mathematical Statistics* 22(3), 400–407.
- B. T. Polyak (1964). Some methods of speeding up the convergence of iteration methods. *USSR Computational Mathematics and Mathematical Physics*
  4(5), 1–17.
- Y. Nesterov (1983). A method of solving a convex programming problem with convergence rate O(1/k²). *Soviet Mathematics Doklady* 27, 372–376.
- I. Sutskever, J. Martens, G. Dahl, G. Hinton (2013). On the importance of initialization and momentum in deep learning. *ICML*, PMLR 28(3),
  1139–1147. Looking ahead as a smaller momentum for steep directions.
- L. Lessard, B. Recht, A. Packard (2016). Analysis and design of optimization algorithms via integral quadratic constraints. *SIAM Journal on
  Optimization* 26(1), 57–95. Section 4.6: a bowl with two kinks in its slope on which Polyak's pair circles for ever.
- I. Loshchilov, F. Hutter (2017). SGDR: stochastic gradient descent with warm restarts. *ICLR*.
- P. Goyal et al. (2017). Accurate, large minibatch SGD: training ImageNet in 1 hour. arXiv:1706.02677. Warm-up.
- S. Hu et al. (2024). MiniCPM: unveiling the potential of small language models with scalable training strategies. *COLM*. WSD.
- S. Greydanus, D. Kobak (2024). Scaling down deep learning with MNIST-1D. *ICML*.
- G. Goh (2017). Why momentum really works. *Distill*. doi:10.23915/distill.00006.
</details>
"""

# %% tags=["experiment"]
predict.summary()
