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

- write stochastic gradient descent and say why a constant rate never quite arrives,
- choose a schedule for the learning rate, and name the step at which a careless one turns negative,
- smooth a noisy series with an exponentially weighted average and correct its start,
- write momentum and Nesterov momentum, and say by how much they beat plain descent on an ill-conditioned
  bowl,
- tell apart the forms of momentum that books and libraries use, and say when they stop being the same.

About 120 minutes, 25 points. Goodfellow et al. (2016), *Deep Learning*, sections 8.3.1 to 8.3.3.
From earlier chapters you need the minibatch gradient (chapter 2) and the condition number (chapter 3).

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

from utils import landscapes, players, plots
from utils.check import check
from utils.claims import measured
from utils.data import daily_temperatures, digits
from utils.device import best_device, seed_everything
from utils.models import mlp
from utils.networks import network
from utils.training import grid, sweep, trace

seed_everything(0)
device = best_device()
torch.set_num_threads(1)  # for networks as small as ours, threads mostly wait for each other
plots.style()

# %% [markdown]
r"""
## 1. Walking downhill in the dark

A network's loss has millions of coordinates. You will practise on functions with two, because those you can
*see*. Each of the five below is nasty in one way that real losses share. The arrow is all that an optimizer
knows: the direction of steepest descent where it stands.

**Predict.** At how many of the five starting points does the arrow lead straight to the star, the minimum?
"""

# %% tags=["experiment"]
scenes = [
    landscapes.bowl(10),
    landscapes.rosenbrock(),
    landscapes.beale(),
    landscapes.saddle(),
    landscapes.cliff(),
]
fig, axes = plt.subplots(1, 5, figsize=(11.5, 3.0))
for ax, landscape in zip(axes, scenes, strict=True):
    plots.contours(ax, landscape)
    downhill = -landscape.gradient(landscape.start)
    downhill /= np.linalg.norm(downhill)
    wanted = landscape.minimum - landscape.start
    angle = np.degrees(np.arccos(downhill @ wanted / np.linalg.norm(wanted)))
    reach = 0.24 * np.ptp(landscape.bounds[0]) * downhill
    ax.annotate(
        "",
        landscape.start + reach,
        landscape.start,
        arrowprops={"color": plots.VERMILLION, "width": 1.5, "headwidth": 7, "headlength": 6},
    )
    ax.set_title(f"{landscape.name.split(',')[0]}: {angle:.0f}° off")
    ax.set(aspect="equal", ylabel="")
axes[0].set_ylabel("θ₂")
fig.suptitle("Downhill is seldom the way to the minimum", fontweight="bold")
plt.show()

# %% [markdown]
r"""
*Five contour maps with an arrow at each start; the arrow points past the minimum by 9° on the cliff and by
22° to 84° on the others.*

The gradient is exact at the point where you stand and says nothing about the next one. So take a *small*
step, and ask again:

$$\theta \leftarrow \theta - \epsilon\, g$$

where $g$ (`grad`) is the gradient, usually of a minibatch, and $\epsilon$ (`lr`) is the learning rate.
(Goodfellow et al., algorithm 8.1.)

### Exercise 1: `sgd_step` (2 points, 3 minutes, easy)

Return the new parameters. `theta` and `grad` have one shape, any shape; leave both as they are.

<details><summary>Hint</summary>

`theta -= ...` writes into the caller's array. An expression without `=` makes a new one.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "sgd-step", "locked": false, "schema_version": 3, "solution": true}
def sgd_step(theta, grad, lr):
    """Take one step of stochastic gradient descent. The inputs are not modified.

    theta, grad : ndarrays of one shape
    lr : float > 0
    Returns the new theta, same shape.
    Source: Goodfellow et al. (2016), Algorithm 8.1.
    """
    ### BEGIN SOLUTION
    return theta - lr * grad
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sgd-step-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(sgd_step)

# %% [markdown]
r"""
### Noise never sleeps

A minibatch gradient is the true gradient plus noise. Near the minimum the true gradient vanishes and *the
noise does not*. Take the simplest bowl, $f = \tfrac12\theta^2$, add noise of standard deviation 1 to its
gradient, and start at $\theta = 3$. You have three ways to choose the rate of update $k = 0, 1, 2, \dots$:
keep it at 0.1, let it fall like $1/(k+1)$, or let it fall like $\tfrac12/(k+1)^2$.

A rule that suffices for convergence (Goodfellow et al., equations 8.12 and 8.13) asks for two things:

$$\sum_k \epsilon_k = \infty \quad\text{(you can get anywhere)} \qquad\text{and}\qquad
\sum_k \epsilon_k^2 < \infty \quad\text{(the noise you collect is finite).}$$

**Predict.** Which of the three arrives? How do the other two fail?
"""

# %% tags=["experiment", "claim-S1"]
valley = landscapes.quadratic(hessian=[[1.0]])


def noisy(gradient, seed, scale=1.0):
    """Return `gradient` with Gaussian noise of standard deviation `scale` added at every call."""
    rng = np.random.default_rng(seed)
    return lambda theta: gradient(theta) + scale * rng.normal(size=theta.shape)


rates = {
    "constant 0.1": (lambda k: 0.1, plots.VERMILLION),
    "1/(k+1)": (lambda k: 1 / (k + 1), plots.BLUE),
    "½/(k+1)²": (lambda k: 0.5 / (k + 1) ** 2, plots.GREY),
}
crowd, steps = np.full((200, 1), 3.0), 5000  # 200 runs side by side
fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.6), width_ratios=[2, 3])
distance = {}
for name, (rate, color) in rates.items():
    path = trace(sgd_step, valley, steps, start=crowd, gradient=noisy(valley.gradient, seed=1), lr=rate)
    distance[name] = np.sqrt((path**2).mean(axis=(1, 2)))
    left.plot(path[:300, 0, 0], color=color, linewidth=1.2)
    right.loglog(np.arange(1, steps + 1), distance[name][1:], color=color, label=name)
left.set(title="One run: constant never settles", xlabel="update k", ylabel="θ (minimum at 0)")
right.set(title="Only 1/(k+1) keeps approaching the minimum", xlabel="update k", ylabel="rms distance, 200 runs")
right.legend(title="rate")
plt.show()

constant, harmonic, square = (d[[500, 5000]] for d in distance.values())
ball = np.sqrt(0.1 / (2 - 0.1))  # theory: the variance of a step, lr², against a contraction by (1 - lr)²
print("rms distance from the minimum after 500 and after 5000 updates, 200 runs:")
measured(
    "S1",
    f"constant {constant[0]:.2f}, {constant[1]:.2f} (theory {ball:.2f}); 1/(k+1) {harmonic[0]:.3f}, {harmonic[1]:.3f}; "
    f"½/(k+1)² {square[0]:.2f}, {square[1]:.2f}",
)
assert abs(constant[1] / ball - 1) < 0.15 and constant[1] > 0.8 * constant[0]
assert 2.5 < harmonic[0] / harmonic[1] < 4
assert square[1] > 0.98 * square[0] > 0.5

# %% [markdown]
r"""
*Left, single runs: the constant rate keeps jittering. Right, log-log distances: constant flattens at 0.23,
1/(k+1) falls along a straight line, ½/(k+1)² is flat above 1.*

The constant rate gets close quickly and then rattles about in a **noise ball** of radius
$\sqrt{\epsilon/(2-\epsilon)}$; smaller rate, smaller ball, slower walk. The rate $\tfrac12/(k+1)^2$ has a
finite sum (0.82): the walk runs out of legs before it arrives.

## 2. Schedules

In practice you know how long you will train, so you start large and fall in a straight line to about a
hundredth of the first rate:

$$\epsilon_k = (1-a)\,\epsilon_0 + a\,\epsilon_\tau,\qquad
a = k/\tau \quad\text{until } k=\tau, \text{ and } \epsilon_k = \epsilon_\tau \text{ from then on.}$$

($\epsilon_0$ is `lr0`, $\epsilon_\tau$ is `lr_tau`; Goodfellow et al., equation 8.14.)

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
    Source: Goodfellow et al. (2016), equation 8.14.
    """
    ### BEGIN SOLUTION
    done = min(k / tau, 1)
    return (1 - done) * lr0 + done * lr_tau
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "linear-decay-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(linear_decay)

# %% [markdown]
r"""
Two other schedules are in daily use. **Step decay** divides the rate by a constant every so often.
**Exponential decay** does the same smoothly:

$$\epsilon_k = \epsilon_0\, e^{-r k}$$

with $r$ the `rate` of decay per update. ($\epsilon_0$ is `lr0`; CS231n notes 3, "Annealing the learning
rate", where it reads $\alpha_0 e^{-kt}$.)

### `exponential_decay` (optional, 2 minutes, easy)

Return the rate of update `k` as a float, by this formula.

<details><summary>Hint</summary>

After $\ln 2 / r \approx 0.69/r$ updates the rate must have halved. `np.exp` computes $e^x$.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "exponential-decay", "locked": false, "schema_version": 3, "solution": true}
def exponential_decay(k, lr0, rate):
    """Return the learning rate of update k, which falls exponentially from lr0.

    k : int >= 0, the update
    lr0 : float > 0, the first rate.  rate : float >= 0, decay per update
    Returns a float.
    """
    ### BEGIN SOLUTION
    return lr0 * float(np.exp(-rate * k))
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "exponential-decay-check", "locked": true, "schema_version": 3, "solution": false}
check(exponential_decay)

# %% [markdown]
r"""
### Exercise 3: `warmup_cosine` (3 points, 10 minutes, medium)

The rate rises along a straight line to `lr` within the first `warmup` updates, the first of which already moves. From
there half a cosine wave leads down to `lr_end`, the rate of the last update.
"""


# %% nbgrader={"grade": false, "grade_id": "warmup-cosine", "locked": false, "schema_version": 3, "solution": true}
def warmup_cosine(k, lr, warmup, steps, lr_end):
    """Return the rate of update k: a linear warm-up, then half a cosine wave.

    k : int >= 0, the update; there are `steps` of them, the first one is k = 0
    lr : float > 0, the highest rate.  lr_end : float >= 0, the rate of the last update and of any that come after it
    warmup : int >= 1, updates until the rate is lr: update 0 has lr / warmup, update warmup - 1 has lr
    steps : int > warmup
    Returns a float.
    Source: Goyal et al. (2017), warm-up; Loshchilov and Hutter (2017), cosine.
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
### A slide that is wrong, and a race of schedules

Some lecture slides print the straight line and forget the words "until $\tau$". The code that follows such a
slide works for weeks, until somebody trains a little longer. Take $\epsilon_0 = 0.1$,
$\epsilon_\tau = 0.001$, $\tau = 1000$. Then a noisy bowl with condition number 10 and 1500 updates to spend:
two constant rates (0.1, and the best for the end out of seven that were tried), and three schedules that
start at 0.1.

**Predict.** (a) What is the slide's rate at $k = 1500$, and what does the loss do from then on? (b) Sketch
the five curves of the loss. Which is lowest at update 100, and which at 1500?
"""

# %% tags=["experiment", "claim-S2", "claim-S3"]
lr0, lr_tau, tau = 0.1, 0.001, 1000
updates = np.arange(2 * tau + 1)
straight = np.poly1d(np.polyfit([0, tau], [lr0, lr_tau], 1))  # the slide: the line through the two points, for ever
schedules = {
    "your linear_decay": (lambda k: linear_decay(k, lr0, lr_tau, tau), plots.BLUE, "-"),
    "the slide, not clamped": (lambda k: float(straight(k)), plots.VERMILLION, "--"),
}
fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4))
losses = {}
for name, (schedule, color, dashes) in schedules.items():
    left.plot(updates, [schedule(k) for k in updates], color=color, linestyle=dashes, label=name)
    path = trace(
        sgd_step, valley, 2 * tau, start=np.full((100, 1), 3.0), gradient=noisy(valley.gradient, 2), lr=schedule
    )
    losses[name] = valley(path).mean(axis=1)
    right.semilogy(updates, losses[name], color=color, linestyle=dashes, label=name)
left.axhline(0, color="black", linewidth=0.8)
left.set(title="Not clamped, the rate turns negative…", xlabel="update k", ylabel="learning rate")
right.set(title="…and the loss climbs out again", xlabel="update k", ylabel="mean loss of 100 runs")
left.legend()
plt.show()

steps, bowl = 1500, landscapes.bowl(10)
crowd = np.tile(bowl.start, (300, 1))


def mean_loss(schedule):
    """Return the mean loss of 300 noisy runs under a schedule, at every update."""
    walk = trace(sgd_step, bowl, steps, start=crowd, gradient=noisy(bowl.gradient, seed=3), lr=schedule)
    return bowl(walk).mean(axis=1)


constants = {lr: mean_loss(lambda k, lr=lr: lr)[-50:].mean() for lr in (0.1, 0.03, 0.01, 0.005, 0.003, 0.002, 0.001)}
lr_best = min(constants, key=constants.get)
plans = {
    "constant 0.1": (lambda k: 0.1, plots.VERMILLION),
    f"best constant, {lr_best}": (lambda k: lr_best, plots.GREY),
    "linear decay to 1 %": (lambda k: linear_decay(k, lr0=0.1, lr_tau=0.001, tau=steps), plots.BLUE),
    "step decay, ½ every 200": (lambda k: 0.1 * 0.5 ** (k // 200), plots.ORANGE),
    "exponential decay to 1 %": (lambda k: exponential_decay(k, lr0=0.1, rate=np.log(100) / steps), plots.GREEN),
}
fig, ax = plt.subplots(figsize=(7.5, 4))
early, late = {}, {}
for name, (schedule, color) in plans.items():
    excess = mean_loss(schedule)
    early[name], late[name] = excess[100], excess[-50:].mean()
    ax.semilogy(excess, color=color, label=f"{name}: {late[name]:.4f}")
ax.set(title="Start large, then decay: fast at first and close at last", xlabel="update k")
ax.set(ylabel="mean loss of 300 runs")
ax.legend(title="rate: loss at the end")
plt.show()

clamped, slide = schedules["your linear_decay"][0](1500), schedules["the slide, not clamped"][0](1500)
measured("S2", f"rate at k = 1.5 τ: clamped {clamped:.4f}, the slide's {slide:.4f}")
print(f"the slide's rate is negative from k = {next(k for k in updates if straight(k) < 0)}")
assert np.isclose(clamped, lr_tau) and np.isclose(slide, -0.0485)
assert losses["the slide, not clamped"][-1] > 1e3 * losses["your linear_decay"][-1]

best = f"best constant, {lr_best}"
decaying = [name for name in plans if "decay" in name]
ends = ", ".join(f"{name} {late[name] / late[best]:.1f}" for name in decaying)
measured("S3", f"loss at the end, best constant = 1: {ends}")
print(f"at update 100 every schedule is {min(early[best] / early[n] for n in decaying):.0f} times lower")
assert all(early[name] < 0.1 * early[best] for name in decaying)
assert all(late[name] < 0.8 * late[best] for name in decaying if "linear" not in name)
assert late["linear decay to 1 %"] < 0.1 * late["constant 0.1"]

# %% [markdown]
r"""
*Left: two rates that agree up to update 1000; then yours stays at 0.001 and the slide's falls to about -0.1.
Right: your loss stays low, the slide's rises by many orders of magnitude. Below: the large constant rate
drops at once and stays up, the best constant one creeps down, all schedules drop at once and keep falling.*

A negative rate is gradient *ascent*: every step after number 1010 walks uphill, and ever faster. In the race,
exponential and step decay beat the best of the constant rates at the end, and every schedule beats it by far
on the way. An honest footnote: *linear* decay is still above the tuned constant at update 1500, because it
holds a large rate for most of its time. You would have had to try seven rates to know.

### How fast can it be?

There are limits. Write $J(\theta_k) - \min J$ for the **excess error** after $k$ updates. For a convex $J$,
SGD guarantees $O(1/\sqrt k)$; if $J$ is *strongly* convex (it curves upwards everywhere, like a bowl),
$O(1/k)$. (Goodfellow et al., section 8.3.1.) On log-log paper a power of $k$ is a straight line, and its
slope is the power.

Take $|\theta|$, convex but with no curvature at all, under $\epsilon_k = 1/\sqrt{k+1}$; and
$\tfrac12\theta^2$ under $\epsilon_k = 1/(k+1)$. Both with noise of standard deviation 1.

**Predict.** To get one more digit right, by how much longer must you train, in each case?
"""

# %% tags=["experiment", "claim-S4"]
steps, crowd = 10_000, np.full((300, 1), 3.0)
late = np.unique(np.geomspace(100, steps, 60).astype(int))


def slope_of(values, at):
    """Fit a power of k to `values` at the updates `at` and return its exponent."""
    return np.polyfit(np.log(at), np.log(values[at]), 1)[0]


kink = trace(sgd_step, valley, steps, start=crowd, gradient=noisy(np.sign, seed=4), lr=lambda k: 1 / np.sqrt(k + 1))
curved = trace(sgd_step, valley, steps, start=crowd, gradient=noisy(valley.gradient, seed=4), lr=lambda k: 1 / (k + 1))
excess = {
    "|θ|, convex": (np.abs(kink).mean(axis=(1, 2)), plots.ORANGE),
    "½θ², strongly convex": (valley(curved).mean(axis=1), plots.BLUE),
}
fig, ax = plt.subplots(figsize=(7, 3.8))
slopes = {}
for name, (error, color) in excess.items():
    slopes[name] = slope_of(error, late)
    ax.loglog(np.arange(1, steps + 1), error[1:], color=color, label=f"{name}: slope {slopes[name]:.2f}")
ax.set(
    title="Curvature buys the faster rate: 1/k against 1/√k", xlabel="update k", ylabel="mean excess error, 300 runs"
)
ax.legend()
plt.show()
convex, strongly = slopes.values()
measured("S4", f"slope against k, convex: {convex:.1f} (-½); strongly convex: {strongly:.1f} (-1)")
assert -0.6 < convex < -0.4 and -1.1 < strongly < -0.9

# %% [markdown]
r"""
*Two straight lines on log-log axes, with slopes of about -0.5 and -1.*

One more digit costs **a hundred** times the updates without curvature and **ten** times with it. That is
slow. It is also about all that noise allows: the Cramér-Rao bound says that the generalization error cannot
fall faster than $O(1/k)$. What follows in this chapter improves the *constants*, and in training they are
what you wait for.

### Do not choose the rate after 100 updates

A tempting way to tune: try some rates for 100 updates each, keep the best. Below, a 64-32-10 network learns
handwritten digits for 1000 updates, under linear decay, from 11 first rates and 8 seeds each. All 88 networks
are trained as one batch (`utils.training.sweep`).

**Predict.** Is the best first rate for the loss at the end smaller than, equal to, or larger than the best
after 100 updates?
"""

# %% tags=["experiment", "claim-S5"]
data = digits(device=device)
first_rates, seeds, steps = 2.0 ** np.arange(-4, 1.1, 0.5), range(8), 1000


def build(seed):
    """Return a fresh 64-32-10 network."""
    return mlp((64, 32, 10), seed=seed)


history = sweep(
    build,
    data.train,
    grid(seed=seeds, lr=first_rates),
    steps=steps,
    batch_size=16,
    schedule=lambda k, lr: linear_decay(k, lr, 0.01 * lr, steps),
    eval_every=100,
)
losses = history.eval_loss.reshape(len(seeds), len(first_rates), -1)
early, end = losses[..., 0], losses[..., -1]
fig, ax = plt.subplots(figsize=(7, 4))
plots.sensitivity(ax, first_rates, early, "SGD", label="after 100 updates", linestyle="--", marker=None)
plots.sensitivity(ax, first_rates, end, "SGD", label="after 1000 updates")
ax.set(title="The best first rate for the end is larger than the best at first")
ax.set(xlabel="first learning rate ε₀", ylabel="training loss, median and range of 8 seeds")
ax.legend(loc="lower left")
plt.show()

best_early, best_end = (first_rates[np.median(part, axis=0).argmin()] for part in (early, end))
measured("S5", f"best first rate after 100 updates: {best_early:.1f}; after 1000: {best_end:.1f}")
assert best_end > 1.2 * best_early

# %% [markdown]
r"""
*Loss against first rate, twice; the ring that marks the minimum sits further to the right for the lower
curve, after 1000 updates.*

A rate that looks a little reckless at first covers more ground, and the schedule cleans up after it. The
reverse is worth fearing: the cliff on the right is close to the best rate. If your trial must be short,
choose somewhat above its winner. The gain is real but not dramatic here.

## 3. Memory: the exponentially weighted average

Before you give the optimizer a memory, look at memory alone. Here is how to follow a noisy series
$x_1, x_2, \dots$ with one number, started from $v_0 = 0$:

$$v_t = \beta\, v_{t-1} + (1-\beta)\, x_t$$

($\beta$ is `beta`.) Unrolled, $v_t = (1-\beta)\,(x_t + \beta x_{t-1} + \beta^2 x_{t-2} + \dots)$: yesterday
counts $\beta$ times as much as today, and all the weights up to time $t$ sum to $1-\beta^t$. As $v_0 = 0$ is
no measurement, the early values are too small by just this factor, so the **corrected** average is
$\hat v_t = v_t/(1-\beta^t)$, with $t$ counted from 1.

### Exercise 4: `exponential_average` (4 points, 15 minutes, medium)

Return all averages of `x`, which has shape `(T,)` or `(T, d)`, along axis 0, shaped like `x`; corrected if
`correct` is true. By hand, with $\beta = 0.9$: 7.5, 4, 6, 8 give 0.75, 1.075, 1.5675, 2.21075; corrected 7.5,
5.66, 5.78, 6.43.

<details><summary>Hint</summary>

Keep the *uncorrected* average running, and correct only what you write down. A number times an array of shape
`(d,)` works, so both shapes can share the code.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "exponential-average", "locked": false, "schema_version": 3, "solution": true}
def exponential_average(x, beta, correct):
    """Average x exponentially along axis 0, starting from zero. The input is not modified.

    x : ndarray, shape (T,) or (T, d)
    beta : float in [0, 1), the weight of the past
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

Real data: the mean temperature of every day of 2012 in Seattle. People say that $\beta$ averages over "about
$1/(1-\beta)$ days": 10 days for 0.9, and 50 days for 0.98.

**Predict.** Which of the two curves is smoother, which lags behind the season, and what do they look like in
January without the correction?
"""

# %% tags=["experiment", "claim-S8"]
dates, celsius = daily_temperatures()
dates, celsius = dates[:366], celsius[:366]
fig, ax = plt.subplots(figsize=(8.5, 4))
ax.plot(dates, celsius, ".", color="#aaaaaa", markersize=4, label="daily mean")
spread = {}
for beta, color in ((0.9, plots.GREEN), (0.98, plots.VERMILLION)):
    corrected = exponential_average(celsius, beta, correct=True)
    days = round(1 / (1 - beta))
    ax.plot(dates, corrected, color=color, label=f"β = {beta}, about {days} days")
    ax.plot(dates[:120], exponential_average(celsius, beta, correct=False)[:120], ":", color=color)
    spread[days] = np.abs(np.diff(corrected[60:])).mean()
ax.set(title="A longer memory is smoother and later; uncorrected (dotted), it starts too low")
ax.set(ylabel="temperature (°C)", xlabel="date")
ax.legend(loc="upper left")
plt.show()

raw, fixed = (exponential_average(np.array([7.5, 4.0, 6.0, 8.0]), 0.9, correct=flag) for flag in (False, True))
measured("S8", f"7.5, 4, 6, 8 average to {raw.round(5).tolist()}, corrected to {fixed.round(2).tolist()}")
np.testing.assert_allclose(raw, [0.75, 1.075, 1.5675, 2.21075])
np.testing.assert_allclose(fixed, [7.5, 5.66, 5.78, 6.43], atol=0.005)
for beta in (0.9, 0.98):
    days = round(1 / (1 - beta))
    impulse = np.zeros(4000)
    impulse[0] = 1
    weights = exponential_average(impulse, beta, correct=False)  # what one day is worth, today and later
    age = (np.arange(1, 4001) * weights).sum()
    print(f"β = {beta}: mean age of a day {age:.0f} (today is 1); the last {days} days hold {weights[:days].sum():.0%}")
    assert abs(age - days) < 0.01 and 0.6 < weights[:days].sum() < 0.7
print(f"day-to-day movement: {spread[10]:.2f} °C and {spread[50]:.2f} °C")
assert spread[50] < 0.5 * spread[10]

# %% [markdown]
r"""
*A year of grey dots; the 10-day average follows the ups and downs, the 50-day average is smooth and peaks
weeks after summer; dotted, both uncorrected curves begin near zero.*

"About $1/(1-\beta)$ days" means: that is the mean age of what you average, and these days hold some 64 % of
the weight. The rest reaches back further.

## 4. Momentum

Back to the optimizer. In a narrow bowl the gradient points *across* the valley, one way and then the other,
and only faintly along it. You have just built a machine that cancels what alternates and keeps what persists.
Feed it the gradients:

$$v \leftarrow \alpha v - \epsilon g,\qquad \theta \leftarrow \theta + v$$

with $\alpha$ (`momentum`) in $[0, 1)$ and $v$ (`velocity`), which is zero at first. (Goodfellow et al.,
algorithm 8.2.) Think of a ball: the gradient pushes, the velocity remembers.

### Exercise 5: `momentum_step` (4 points, 10 minutes, medium)

Return the new `theta` and the new `velocity`, all of one shape.

<details><summary>Hint</summary>

Two lines, in the order of the formula: is the $v$ of the second line the old or the new one?
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "momentum-step", "locked": false, "schema_version": 3, "solution": true}
def momentum_step(theta, grad, velocity, lr, momentum):
    """Take one momentum step. The inputs are not modified.

    theta, grad, velocity : ndarrays of one shape
    lr : float > 0.  momentum : float in [0, 1)
    Returns the new theta and velocity, same shape.
    Source: Goodfellow et al. (2016), Algorithm 8.2.
    """
    ### BEGIN SOLUTION
    velocity = momentum * velocity - lr * grad
    return theta + velocity, velocity
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "momentum-step-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(momentum_step)

# %% [markdown]
r"""
### The zigzag

A bowl with condition number $\kappa = 100$. Plain descent gets the rate that is best for it, $2/(1+\kappa)$,
and momentum with $\alpha = .8$ gets *the same*. A third walk takes the best pair there is,
$\epsilon = \big(2/(1+\sqrt\kappa)\big)^2 \approx 0.033$ and
$\alpha = \big(\tfrac{\sqrt\kappa-1}{\sqrt\kappa+1}\big)^2 \approx 0.67$ (Polyak, 1964).

**Predict.** How many updates does each need to bring the loss down by a factor of a million: 50, 100, 400,
1000?
"""

# %% tags=["experiment", "claim-S6"]
kappa, steps = 100, 500
bowl = landscapes.bowl(kappa)
lr_plain = 2 / (1 + kappa)
lr_tuned, alpha = (2 / (1 + np.sqrt(kappa))) ** 2, ((np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)) ** 2
walks = {
    "SGD": trace(sgd_step, bowl, steps, lr=lr_plain),
    "momentum": trace(momentum_step, bowl, steps, state=("velocity",), lr=lr_plain, momentum=0.8),
    "momentum, tuned": trace(momentum_step, bowl, steps, state=("velocity",), lr=lr_tuned, momentum=alpha),
}
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.7), width_ratios=[3, 2])
plots.contours(left, bowl)
for method, walk in walks.items():
    if method != "momentum, tuned":
        plots.path(left, walk[:41], method)
    plots.curves(right, bowl(walk), method, marks=10, linestyle="--" if "tuned" in method else "-")
left.set(title="40 updates at one rate: momentum calms the zigzag")
left.legend(loc="upper left")
right.set(title="A millionth of the loss, six times sooner", xlabel="update k", ylabel="loss", ylim=(1e-9, None))
right.legend(loc="upper right")
plt.show()

for method, walk in walks.items():
    needed = int(np.argmax(bowl(walk) < 1e-6 * bowl(walk[0])))
    swings = np.abs(walk[:, 1]) / walk[0, 1]  # across the valley, relative to the start
    flips = (np.diff(np.sign(walk[:41, 1])) != 0).mean()
    print(f"{method}: {needed} updates; {flips:.0%} of the first 40 cross the valley floor;", end=" ")
    print(f"largest swing {swings.max():.1f} times the start, after 20 updates {swings[20:26].max():.1f}")
    assert (flips == 1) == (method != "momentum")
    assert 300 < needed < 500 if method == "SGD" else 40 < needed < 150
assert np.abs(walks["momentum"][20:26, 1]).max() < 0.3 * np.abs(walks["SGD"][20:26, 1]).max()
assert np.abs(walks["momentum, tuned"][:, 1]).max() > 3 * bowl.start[1]

# %% [markdown]
r"""
*Left, a narrow bowl: at the same rate SGD jumps from wall to wall at every update and has covered half of the
way; momentum swings more slowly, calms down and has arrived. Right: the losses of both momentum walks fall
along far steeper lines.*

Successive gradients across the valley have opposite signs, so in the velocity they cancel; along it they
agree and add up. But read the last line of numbers: the *best* pair still crosses the floor at every update,
and its first swings are nearly four times as wide as the start. At a millionth it is not even ahead yet. It is
fastest in the long run, because its swings die by the same factor as the error along the valley.

How much faster, exactly? On a quadratic each step is a linear map of $(\theta, v)$, and what it does in the
long run is told by its largest eigenvalue in absolute value, the **spectral radius**: the factor by which the
error shrinks per update. The cell below builds that map *from your function* and tries all pairs of rate and
momentum.

**Predict.** (a) Every point of the curve of $\alpha = 0$ lies above .98. Where will the valley of the best
$\alpha$ lie: .97, .9, .8, or .5? And is more momentum always better?

### Another slide that is wrong: "α is the friction"

Two sets of lecture slides call $\alpha$ (they write $\beta$ or $\rho$) "friction". Push a ball once and let it coast
on flat ground, where the gradient is zero.

**Predict.** (b) If $\alpha$ were friction, which ball would stop first: $\alpha = .5$, $.9$ or $.99$?
"""


# %% tags=["experiment", "claim-S6"]
def contraction(lr, momentum, curvatures=(1.0, float(kappa))):
    """Return the factor by which momentum_step shrinks the error per update, on a bowl with these curvatures."""
    theta, velocity = np.array([1.0, 0.0]), np.array([0.0, 1.0])  # the two basis states, side by side
    maps = [momentum_step(theta, h * theta, velocity, lr, momentum) for h in curvatures]
    return np.abs(np.linalg.eigvals(np.array(maps))).max()


tried = np.sort([*np.geomspace(2e-3, 6e-2, 240), lr_plain, lr_tuned])
fig, ax = plt.subplots(figsize=(7.5, 4))
for momentum, color in ((0.0, plots.BLUE), (0.5, plots.ORANGE), (alpha, plots.VERMILLION), (0.9, plots.PURPLE)):
    factors = np.array([contraction(lr, momentum) for lr in tried])
    ax.plot(tried, factors, color=color, label=f"α = {momentum:.2f}: best {factors.min():.3f}")
    ax.plot(tried[factors.argmin()], factors.min(), "o", color=color, markersize=8)
ax.axhline(1, color="black", linewidth=0.8)
ax.annotate("diverges", (2.2e-3, 1.008), fontsize=9)
ax.set(xscale="log", ylim=(0.78, 1.06), xlabel="learning rate ε", ylabel="error factor per update")
ax.set_xticks([0.002, 0.005, 0.01, 0.02, 0.05], ["0.002", "0.005", "0.01", "0.02", "0.05"])
ax.minorticks_off()
ax.set(title="κ = 100: at best .980 per update without momentum, .818 with")
ax.legend(loc="lower left")
plt.show()

fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4))
rolled = []
for momentum, color in ((0.5, plots.ORANGE), (0.9, plots.PURPLE), (0.99, plots.BLACK)):
    plane = landscapes.quadratic(hessian=[[0.0]])
    step = {"state": {"velocity": np.ones(1)}, "lr": 1.0, "momentum": momentum}
    coast = trace(momentum_step, plane, 3000, start=[0.0], **step)[:, 0]
    slope = trace(momentum_step, plane, 3000, start=[0.0], gradient=lambda theta: -np.ones(1), **step)[:, 0]
    left.plot(coast[:201], color=color, label=f"α = {momentum}")
    right.semilogy(np.diff(slope)[:600], color=color, label=f"α = {momentum}")
    lost, speed = 1 - (coast[2] - coast[1]) / coast[1], slope[-1] - slope[-2]
    rolled.append(
        f"α = {momentum}: loses {lost:.2f} of its speed per step, coasts {coast[-1]:.0f}, top speed {speed:.0f}"
    )
    assert np.isclose(lost, 1 - momentum) and np.isclose(coast[-1], momentum / (1 - momentum))
    assert np.isclose(speed, 1 / (1 - momentum))
left.set(title="One push: the larger α, the farther", xlabel="update k", ylabel="distance coasted")
right.set(title="Steady push of 1: top speed 1/(1-α)", xlabel="update k", ylabel="speed per update")
left.legend()
plt.show()

best_plain = min(contraction(lr, 0.0) for lr in tried)
best_heavy = contraction(lr_tuned, alpha)
anything = min(contraction(lr, momentum) for lr in tried[::6] for momentum in np.linspace(0, 0.98, 50))
measured("S6", f"best factor without momentum {best_plain:.3f} = (κ-1)/(κ+1), with {best_heavy:.3f} = (√κ-1)/(√κ+1)")
print(f"updates per digit: {np.log(0.1) / np.log(best_plain):.0f} and {np.log(0.1) / np.log(best_heavy):.0f}")
assert abs(best_plain - 99 / 101) < 1e-6 and abs(best_heavy - 9 / 11) < 1e-4
assert anything > 9 / 11 - 1e-4  # no pair on the grid does better
print(*rolled, sep="\n")

# %% [markdown]
r"""
*Four curves of the error factor against the rate, each with a dot at its lowest point: .980 for α = 0, lower
for .5, lowest (.818) for α = .67, and higher again for α = .9. Below, left: with α = .99 the ball coasts
nearly a hundred units, with .5 one. Right: under a steady push the speeds level off at 2, 10 and 100.*

Momentum replaces $\kappa$ by $\sqrt\kappa$. And more is *not* always better: $\alpha = 0.9$ is too much for
$\kappa = 100$ and right for $\kappa \approx 1400$. It also stretches the range of stable rates.

The ball with the *largest* $\alpha$ rolls furthest. What brakes is $1-\alpha$: $\alpha = .9$ keeps 90 % of
the speed and loses 10 %. So $1/(1-\alpha)$ is both the memory of the average in section 3 and the largest
gain in speed: 10 times for .9. Remember it when you switch momentum on: divide your rate accordingly.

## 5. Nesterov: look before you leap

Momentum will move you by about $\alpha v$ *whatever the gradient says*. So why ask for the gradient here, and
not there, where you are about to be? (Sutskever et al., 2013; Goodfellow et al., algorithm 8.3.)

$$g \leftarrow \nabla J(\theta + \alpha v),\qquad v \leftarrow \alpha v - \epsilon g,\qquad
\theta \leftarrow \theta + v$$

### Exercise 6: `nesterov_step` (4 points, 10 minutes, medium)

You get `grad_fn`, a function that returns the gradient at any point you hand it. Return the new `theta` and
`velocity`.

<details><summary>Hint</summary>

You look from $\theta + \alpha v$ with the *old* velocity, but the step itself starts at $\theta$.
</details>
"""


# %% nbgrader={"grade": false, "grade_id": "nesterov-step", "locked": false, "schema_version": 3, "solution": true}
def nesterov_step(theta, velocity, grad_fn, lr, momentum):
    """Take one step of Nesterov momentum. The inputs are not modified.

    theta, velocity : ndarrays of one shape
    grad_fn : callable, theta -> gradient, same shape
    lr : float > 0.  momentum : float in [0, 1)
    Returns the new theta and velocity, same shape.
    Source: Goodfellow et al. (2016), Algorithm 8.3.
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
### What looking ahead buys, and when

Nesterov's theorem: on a smooth convex function with the *exact* gradient, $\epsilon = 1/L$ ($L$ the largest
curvature) and a momentum that grows as $\alpha_k = (k-1)/(k+2)$, the excess error falls as $O(1/k^2)$ where
gradient descent guarantees $O(1/k)$. To see it we need a function that never looks strongly convex: 300
dimensions, curvatures from 1 down to a millionth.

Then the same question *with* noise, on a bowl with $\kappa = 10$, with rates that fall like $1/k$; momentum
.9 gets a tenth of the rate, so that both methods take strides of the same length.

**Predict** the four slopes.
"""

# %% tags=["experiment", "claim-S9"]
vast = landscapes.quadratic(hessian=np.diag(np.geomspace(1e-6, 1, 300)))
start, bowl = np.ones(300), landscapes.bowl(10)
growing = {"momentum": lambda k: max(0.0, (k - 1) / (k + 2)), "state": ("velocity",)}
exact = {
    "SGD": vast(trace(sgd_step, vast, 2000, start=start, lr=1.0)),
    "Nesterov": vast(trace(nesterov_step, vast, 2000, start=start, lr=1.0, **growing)),
}
crowd, light = np.tile(bowl.start, (300, 1)), {"lr": lambda k: 2 / (k + 40)}
heavy = {"lr": lambda k: 0.2 / (k + 40), "momentum": 0.9, "state": ("velocity",)}
stochastic = {
    "SGD": trace(sgd_step, bowl, 6000, start=crowd, gradient=noisy(bowl.gradient, 5), **light),
    "Nesterov": trace(nesterov_step, bowl, 6000, start=crowd, gradient=noisy(bowl.gradient, 5), **heavy),
}
stochastic = {method: bowl(walk).mean(axis=1) for method, walk in stochastic.items()}
fig, axes = plt.subplots(1, 2, figsize=(10, 3.8))
slopes = {}
for ax, part, errors, first in ((axes[0], "exact", exact, 20), (axes[1], "noisy", stochastic, 600)):
    for method, error in errors.items():
        at = np.unique(np.geomspace(first, len(error) - 1, 50).astype(int))
        slopes[part, method] = slope_of(error, at)
        label = f"{method}: slope {slopes[part, method]:.1f}"
        plots.curves(ax, error[1:], method, x=np.arange(1, len(error)), marks=0, label=label)
    ax.set(xscale="log", xlabel="update k", ylabel="excess error")
    ax.legend(loc="lower left")
axes[0].set_title("Exact gradients: 1/k becomes 1/k²")
axes[1].set_title("Noisy gradients: nothing gained")
plt.show()
read = [f"{part} gradients, {method} {value:.1f}" for (part, method), value in slopes.items()]
measured("S9", f"slope against k: {'; '.join(read)}")
assert -1.2 < slopes["exact", "SGD"] < -0.8 and slopes["exact", "Nesterov"] < -1.8
assert all(-1.15 < slopes["noisy", method] < -0.8 for method in stochastic)

# the same walk in the coordinates of torch: it stores the point looked ahead to, θ + αv, and needs no look ahead
walk = trace(nesterov_step, bowl, 40, state=("velocity",), lr=0.02, momentum=0.9)
ahead = walk + 0.9 * np.diff(walk, axis=0, prepend=walk[:1])
stored = torch.tensor(bowl.start, requires_grad=True)
optimizer, libraries = torch.optim.SGD([stored], lr=0.02, momentum=0.9, nesterov=True), [bowl.start]
for _ in range(40):
    stored.grad = torch.tensor(bowl.gradient(stored.detach().numpy()))
    optimizer.step()
    libraries.append(stored.detach().numpy().copy())
gap = {"θ + αv": np.abs(ahead - libraries).max(), "θ": np.abs(walk - libraries).max()}
print(f"torch's parameters equal your θ + αv: {gap['θ + αv'] < 1e-12}; equal your θ: {gap['θ'] < 1e-12}")
assert gap["θ + αv"] < 1e-12 < 1e-3 < gap["θ"]

# %% [markdown]
r"""
*Left, exact gradients: Nesterov falls with slope -2, SGD with -1. Right, noisy gradients: both lines have
slope -1 and lie on each other from update 300 on.*

With exact gradients the gain is a whole power of $k$. With noise the *noise* sets the pace, and looking ahead
at it does not help: $1/k$ either way, with the same constant. Near the start, where the true gradient still
dominates the noise, momentum can be ahead even here: look between updates 50 and 200.

The last lines show how libraries avoid a gradient "somewhere else": they store
$\tilde\theta = \theta + \alpha v$, and in terms of $\tilde\theta$ the gradient is taken at the current point.
So `torch`'s parameters are your $\theta + \alpha v$; the two walks end in the same place.

## 6. One method, many spellings

Some texts keep the velocity as an *average* of gradients, $v \leftarrow \alpha v + (1-\alpha) g$, others as a
*sum*, $v \leftarrow \alpha v + g$. Both then go $\theta \leftarrow \theta - (\dots)\, v$. The average is
smaller than the sum by exactly the factor $1-\alpha$. So if you average, you must make the rate larger by
$1/(1-\alpha)$ to walk the same path:

$$v \leftarrow \alpha v + (1-\alpha)\, g,\qquad \theta \leftarrow \theta - \frac{\epsilon}{1-\alpha}\, v$$

### Exercise 7: `averaged_momentum_step` (3 points, 8 minutes, medium)

Your `velocity` is the running average, your `theta` moves exactly as with the sum and rate `lr`. Return both.

<details><summary>Hint</summary>

Compare with exercise 4: which part of the formula is the exponentially weighted average? The sign of $v$ is
the gradient's now, not the step's.
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

One set of slides says so of the first two spellings below. Another drops the $1-\alpha$ "with an appropriate
change of the learning rate", which not everyone who copies the code makes. We test it: four walks in a bowl
with $\kappa = 20$, all with $\alpha = 0.9$ and the rate $\epsilon$.

| | velocity | step |
|---|---|---|
| book | $v \leftarrow \alpha v - \epsilon g$ | $\theta + v$ |
| torch | $v \leftarrow \alpha v + g$ | $\theta - \epsilon v$ |
| averaged, rescaled (yours) | $v \leftarrow \alpha v + (1-\alpha) g$ | $\theta - \frac{\epsilon}{1-\alpha} v$ |
| averaged, not rescaled | $v \leftarrow \alpha v + (1-\alpha) g$ | $\theta - \epsilon v$ |

First with a constant rate, then with a rate that drops to a tenth at update 30, then with a momentum that
rises from .5 to .9 at update 30.

**Predict.** Who agrees with whom, in each of the three cases?
"""

# %% tags=["experiment", "claim-S7"]
bowl, steps, change = landscapes.bowl(20), 60, 30


def torch_walk(lr, momentum):
    """Walk with torch.optim.SGD, rate and momentum given as functions of the update."""
    theta = torch.tensor(bowl.start, requires_grad=True)
    optimizer, path = torch.optim.SGD([theta], lr=1.0, momentum=0.5), [bowl.start]
    for k in range(steps):
        optimizer.param_groups[0].update(lr=lr(k), momentum=momentum(k))
        theta.grad = torch.tensor(bowl.gradient(theta.detach().numpy()))
        optimizer.step()
        path.append(theta.detach().numpy().copy())
    return np.array(path)


def four_walks(lr, momentum):
    """Return the paths of the four spellings."""
    setting = {"state": ("velocity",), "momentum": momentum}
    return {
        "book": trace(momentum_step, bowl, steps, lr=lr, **setting),
        "torch": torch_walk(lr, momentum),
        "averaged, rescaled": trace(averaged_momentum_step, bowl, steps, lr=lr, **setting),
        # to undo the rescaling, hand in a rate that is too small by just that factor
        "not rescaled": trace(averaged_momentum_step, bowl, steps, lr=lambda k: (1 - momentum(k)) * lr(k), **setting),
    }


cases = {
    "constant": four_walks(lambda k: 0.01, lambda k: 0.9),
    "rate drops": four_walks(lambda k: 0.01 if k < change else 0.001, lambda k: 0.9),
    "momentum rises": four_walks(lambda k: 0.01, lambda k: 0.5 if k < change else 0.9),
}
looks = [(plots.VERMILLION, "-", 2), (plots.BLACK, "-", 4), (plots.SKY, "--", 2), (plots.GREY, "-", 1.5)]
fig, axes = plt.subplots(1, 3, figsize=(11.5, 3.6), sharey=True)
gaps = {}
titles = ("Constant rate: three are one", "Rate drops: the book coasts on", "Momentum rises: the average jumps")
for ax, (case, walks), title in zip(axes, cases.items(), titles, strict=True):
    for (spelling, walk), (color, dashes, width) in zip(walks.items(), looks, strict=True):
        stride = np.linalg.norm(np.diff(walk, axis=0), axis=1)
        order = {"linewidth": width, "zorder": 3 if spelling != "torch" else 2}
        ax.semilogy(stride, dashes, color=color, label=spelling, **order)
        gaps[case, spelling] = np.abs(walk - walks["torch"]).max()
    ax.set(title=title, xlabel="update k")
axes[0].set_ylabel("length of the step")
axes[0].legend(loc="lower left")
plt.show()
same = {case: [spelling for spelling in walks if gaps[case, spelling] < 1e-12] for case in cases}
agreed = "; ".join(f"{case}: {', '.join(spellings)}" for case, spellings in same.items())
measured("S7", f"same path as torch, {agreed}")
assert gaps["constant", "book"] < 1e-12 and gaps["constant", "not rescaled"] > 0.1
assert gaps["rate drops", "averaged, rescaled"] < 1e-12 and gaps["rate drops", "book"] > 0.01
assert gaps["momentum rises", "averaged, rescaled"] > 0.01

# the slide's expansion of v ← bv + g over three gradients has b² where b belongs
g0, g1, g2, b = 1.0, 2.0, 3.0, 0.9
summed = 0.0
for g in (g0, g1, g2):
    summed = averaged_momentum_step(0.0, g, summed, 1.0, b)[1]
summed /= 1 - b
right_sum, slide_sum = g2 + b * g1 + b**2 * g0, g2 + b**2 * g1 + b**2 * g0
print(f"velocity {summed:.2f}; g2 + b g1 + b² g0 = {right_sum:.2f}; the slide's g2 + b² g1 + b² g0 = {slide_sum:.2f}")
assert np.isclose(summed, right_sum) and abs(summed - slide_sum) > 0.1

# %% [markdown]
r"""
### Exercise 8: `SGD` (6 points, 25 minutes, hard)

Now build the optimizer that trains a network: for a list of parameters, each with a velocity of its own, in torch's
spelling, with a rate that may be a schedule. `step` writes into the arrays that it was given, because the model holds
them.
"""


# %% nbgrader={"grade": false, "grade_id": "SGD", "locked": false, "schema_version": 3, "solution": true}
class SGD:
    """Stochastic gradient descent with momentum, for all parameters of a model at once.

    parameters : list of float ndarrays of any shapes; `step` writes into these arrays, so that the model learns
    lr : float > 0, or a schedule: a callable k -> rate of update k = 0, 1, ...
    momentum : float in [0, 1).  nesterov : bool, whether to look ahead
    Each parameter has a velocity of its own, which starts at zero.
    """

    def __init__(self, parameters, lr, momentum=0.0, nesterov=False):
        ### BEGIN SOLUTION
        self.parameters, self.lr, self.momentum, self.nesterov = parameters, lr, momentum, nesterov
        self.velocities = [np.zeros_like(theta) for theta in parameters]
        self.k = 0
        ### END SOLUTION

    def step(self, grads):
        """Make one update, v <- momentum v + g, theta <- theta - lr v, or with nesterov theta - lr (g + momentum v).

        grads : list of ndarrays, one for each parameter and of its shape; they are not modified. Where one is None,
            that parameter and its velocity stay as they are.
        Returns nothing.
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
### Exercise 9: `train`, with three bugs to find (6 points, 20 minutes, hard)

The loop below runs, and the loss even falls. Three bugs are in it; each one that you mend earns 2 points.
"""


# %% nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true}
def train(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    """Train a model on minibatches, and return the mean training loss of each epoch.

    parameters : list of ndarrays, into which the optimizer writes
    backward : callable (X, y, grads) -> mean loss of these examples, a float; it adds the gradients of that loss to
        the arrays in grads, which are shaped like the parameters
    optimizer : has a method step(grads)
    X : ndarray, shape (N, inputs).  y : int ndarray, shape (N,). These examples are not modified.
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


# %% tags=["experiment"]
net = network((64, 32, 10), seed=0)
x_train, y_train = digits(as_tensors=False).train
updates = 10 * -(-len(x_train) // 32)
optimizer = SGD(net.parameters, lambda k: warmup_cosine(k, 0.2, 45, updates, 0.002), momentum=0.9)
losses = train(net.parameters, net.backward, optimizer, x_train, y_train, 10, 32, np.random.default_rng(0))
print(f"mean loss of the first epoch {losses[0]:.2f}, of the last {losses[-1]:.3f}")
assert losses[-1] < 0.1 * losses[0], "ten epochs should lower the training loss to a tenth"

# %% [markdown]
r"""
*Step lengths of the four spellings. Constant rate: book, torch and rescaled average coincide, without
rescaling the first step is a tenth as long. Rate drops: torch and the rescaled average drop at once, the book's form
glides down. Momentum rises: book and torch coincide, the rescaled average jumps to steps five times as long.*

What is true, then:

- **Sum or average** is only a rescaled rate, by $1/(1-\alpha)$, and this survives *any* schedule of the rate.
  It ends when the *momentum* is scheduled. Without rescaling you train with a tenth of the rate that you
  think you use.
- **Rate inside or outside** the velocity gives the same sequence only while the rate is constant. When it
  drops, the book's velocity still carries steps of the old rate for about $1/(1-\alpha)$ updates; torch
  brakes at once.
- One slide expands $v \leftarrow bv + g$ with $b^2$ twice. It must be $g_2 + b\,g_1 + b^2 g_0$: every step
  back costs one more factor $b$.

## 7. The race

Once more over the course's landscapes. On the saddle all three start a thousandth beside the ridge, with the
same rate.

**Predict.** Who leaves the saddle first, and who stops at the minimum? And momentum multiplies the speed by
up to ten: on which of valley, plain and cliff is that a danger?
"""

# %% tags=["experiment", "claim-S16"]
saddle = landscapes.saddle()
setting = {"state": ("velocity",), "lr": 0.1, "momentum": 0.9}
racers = {
    "SGD": trace(sgd_step, saddle, 120, lr=0.1),
    "momentum": trace(momentum_step, saddle, 120, **setting),
    "Nesterov": trace(nesterov_step, saddle, 120, **setting),
}
away = {method: int(np.argmax(np.abs(walk[:, 1]) > 0.5)) for method, walk in racers.items()}
beyond = {method: max(0.0, np.abs(walk[:, 1]).max() - 1) for method, walk in racers.items()}
assert away["SGD"] > 2 * max(away["momentum"], away["Nesterov"])
assert beyond["momentum"] > 0.2 and beyond["SGD"] < 1e-6 and 0.05 < beyond["Nesterov"] < beyond["momentum"]
tour = [(landscapes.rosenbrock(), 1e-3, 400), (landscapes.beale(), 2e-3, 300), (landscapes.cliff(), 0.1, 60)]
fig, axes = plt.subplots(1, 3, figsize=(11.5, 3.7))
left_over, throws = {}, {}
for ax, (landscape, lr, steps) in zip(axes, tour, strict=True):
    plots.contours(ax, landscape)
    setting = {"state": ("velocity",), "lr": lr, "momentum": 0.9}
    walks = {
        "SGD": trace(sgd_step, landscape, steps, lr=lr),
        "momentum": trace(momentum_step, landscape, steps, **setting),
        "Nesterov": trace(nesterov_step, landscape, steps, **setting),
    }
    for method, walk in walks.items():
        plots.path(ax, walk, method, marks=False)
        ax.plot(*walk[-1], linestyle="none", markersize=8, markeredgecolor="white", **plots.look(method))
        left_over[landscape.name, method] = np.linalg.norm(walk[-1] - landscape.minimum)
        throws[landscape.name, method] = np.linalg.norm(np.diff(walk, axis=0), axis=1).max()
axes[0].set_title("Long valley: SGD stays behind")
axes[1].set_title("Plain: SGD stays behind")
axes[2].set_title("Cliff: whoever is fast is thrown back")
axes[0].legend(loc="upper left")
for ax in axes[1:]:
    ax.set_ylabel("")
plt.show()
left_at = [f"{method} at update {away[method]}, overshoots by {beyond[method]:.2f}" for method in racers]
measured("S16", f"leaves the saddle: {'; '.join(left_at)}")
for name in ("Rosenbrock", "Beale"):
    behind = left_over[name, "SGD"] / left_over[name, "momentum"]
    print(f"{name}: at the end SGD is more than twice as far from the minimum as momentum: {behind > 2}")
    assert behind > 2
thrown = {method: throws["cliff", method] for method in racers}
print("cliff, longest step:", ", ".join(f"{method} {length:.2f}" for method, length in thrown.items()))
assert thrown["momentum"] > 1 > 0.1 > thrown["SGD"]
players.race(saddle, racers, title="Off the saddle: SGD lingers, momentum overshoots", seconds=8)

# %% [markdown]
r"""
*Three contour maps with three paths each: in the valley and on the plain SGD ends far from the star; on the
cliff momentum hits the wall and is thrown out to the right. Then a film with a slider: SGD crawls along the
ridge of the saddle long after the others have left; momentum shoots past the minimum and swings back,
Nesterov swings less.*

Near the saddle the gradient is tiny but always points the same way: just what a velocity adds up. The price
is the overshoot, and looking ahead lowers it. Speed is a danger where the slope changes suddenly; that is
what gradient clipping (chapter 3) is for.

### And on a network?

Digits again, 400 updates with a constant rate and minibatches of 32; momentum 0, .5, .9 and .99, twelve
rates, four seeds: 192 networks in one batch.

**Predict.** You have tuned the rate without momentum. Now you set momentum to .9. Where is the new best rate:
the same, ten times smaller, ten times larger?
"""

# %% tags=["experiment"]
momenta, tried, seeds = [0.0, 0.5, 0.9, 0.99], np.geomspace(1e-3, 2, 12), range(4)
settings = grid(momentum=momenta, seed=seeds, lr=tried)
history = sweep(build, data.train, settings, steps=400, batch_size=32, evaluate=data.train)
losses = history.eval_loss[:, -1].reshape(len(momenta), len(seeds), len(tried))
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.9), sharey=True)
best = {}
for momentum, runs, color in zip(
    momenta, losses, (plots.BLUE, plots.ORANGE, plots.VERMILLION, plots.BLACK), strict=True
):
    method, line = ("momentum" if momentum else "SGD"), {"color": color, "label": f"α = {momentum:g}"}
    plots.sensitivity(left, tried, runs, method, band=False, **line)
    plots.sensitivity(right, tried / (1 - momentum), runs, method, band=False, **line)
    median = np.median(runs, axis=0)
    best[momentum] = tried[np.nanargmin(median)], np.nanmin(median)
left.set(
    title="Against the rate: four different valleys", xlabel="learning rate ε", ylabel="training loss after 400 updates"
)
right.set(title="Against ε/(1-α): nearly one", xlabel="effective rate ε/(1-α)")
right.legend(loc="lower left")
plt.show()
shift = best[0.0][0] / best[0.9][0]
print(f"the best rate without momentum is at least five times the best with .9: {shift >= 5}")
assert 5 <= shift <= 20 and best[0.9][1] < best[0.0][1]

# %% [markdown]
r"""
*Left: the loss against the rate has its minimum further left for larger α. Right: plotted against ε/(1-α),
the curves for 0, .5 and .9 nearly lie on each other; .99 does not get as low.*

Momentum .9 at a tenth of the rate does what plain SGD does, and a little better. On this easy task with short
training most of its fame is *just a larger effective rate*; the rest is the zigzag that it cancels. Momentum
.99 has not paid after 400 updates: its memory is a quarter of the whole run.

## 8. Reflection (4 points, 10 minutes)

You train a network with torch's SGD, momentum .9 and rate 0.1, and it works. A colleague re-implements it
from the book, $v \leftarrow \alpha v - \epsilon g$, with the same numbers and the same minibatches. Her curve
lies on yours for 30 epochs; then both schedules divide the rate by ten, and for a short while hers goes its
own way.

**In two to four sentences:** explain why the curves were equal, why they part, for about how many updates the
difference lasts, and what she could do to her velocity at that moment to stay equal to yours.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "momentum-reflection", "locked": false, "points": 4, "schema_version": 3, "solution": true}
r"""
**Model answer.** With a constant rate her velocity is always -ε times mine, so both take the same steps. The
book has the rate *inside* the velocity: after the drop her velocity still holds gradients multiplied by the
old rate, so she moves up to ten times too far, while torch multiplies its whole velocity by the new rate at
once. The old part fades by α per update, so the difference lasts for about 1/(1-α) = 10 updates (a few tens
until it is invisible). If she multiplies her velocity by 1/10, the ratio of the rates, at the moment of the
drop, the two stay equal.

**Marking scheme.** 1 point: equal because the velocities differ only by the constant factor -ε. 1 point: rate
inside against outside, the old velocity still carries the old rate. 1 point: about 1/(1-α) = 10 updates
(accept 10 to 50 with a reason). 1 point: rescale the velocity by new rate / old rate.
"""

# %% [markdown]
r"""
## What to remember

1. Noise keeps a constant rate in a ball round the minimum; a rate that falls, $\sum\epsilon_k = \infty$ and
   $\sum\epsilon_k^2 < \infty$, gets you in.
2. Start larger than looks best after 100 updates, decay to about 1 %, and clamp the schedule.
3. An exponential average remembers about $1/(1-\beta)$ steps and starts too low by $1-\beta^t$.
4. Momentum turns $\kappa$ into $\sqrt\kappa$ and multiplies the stride by up to $1/(1-\alpha)$, so divide the
   rate; the friction is $1-\alpha$.
5. Nesterov looks ahead to $\theta + \alpha v$: a power of $k$ with exact gradients, nothing in the rate with
   noisy ones.

## Further reading

- I. Goodfellow, Y. Bengio, A. Courville (2016). *Deep Learning*. MIT Press. Sections 8.3.1 to 8.3.3.
- H. Robbins, S. Monro (1951). A stochastic approximation method. *Annals of Mathematical Statistics* 22(3),
  400–407.
- B. T. Polyak (1964). Some methods of speeding up the convergence of iteration methods. *USSR Computational
  Mathematics and Mathematical Physics* 4(5), 1–17.
- Y. Nesterov (1983). A method of solving a convex programming problem with convergence rate O(1/k²). *Soviet
  Mathematics Doklady* 27, 372–376.
- I. Sutskever, J. Martens, G. Dahl, G. Hinton (2013). On the importance of initialization and momentum in
  deep learning. *ICML*, PMLR 28(3), 1139–1147.
- L. Bottou, F. E. Curtis, J. Nocedal (2018). Optimization methods for large-scale machine learning. *SIAM
  Review* 60(2), 223–311.
- G. Goh (2017). Why momentum really works. *Distill*. doi:10.23915/distill.00006. With sliders.
"""
