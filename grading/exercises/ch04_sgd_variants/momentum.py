"""Exercises on SGD, schedules and momentum (Goodfellow et al., 2016, section 8.3).

Symbols: theta parameters, grad gradient, lr learning rate, momentum the book's alpha, velocity v.
"""

import numpy as np
import pandas as pd
import scipy.signal
import torch

from grading.exercise import exercise
from grading.exercises.ch04_sgd_variants._helpers import SHAPES, quadratic
from utils import landscapes
from utils.check.plain import Reference, Seed


def _stepped(optimizer_class, theta, grad, buffer=None, **settings):
    """Take one torch.optim step; return the parameters and the optimizer's momentum buffer as arrays.

    Without momentum torch leaves the buffer alone; then it is the gradient.
    """
    parameter = torch.nn.Parameter(torch.tensor(theta))
    parameter.grad = torch.tensor(grad, dtype=parameter.dtype)
    optimizer = optimizer_class([parameter], **settings)
    if buffer is not None:
        optimizer.state[parameter]["momentum_buffer"] = torch.tensor(buffer)
    optimizer.step()
    state = optimizer.state[parameter]["momentum_buffer"] if settings.get("momentum") else parameter.grad
    return parameter.detach().numpy(), state.numpy()


def _scheduled_rate(scheduler_class, k, lr0, **settings):
    """Return the rate after k steps of a torch scheduler."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr0)
    scheduler = scheduler_class(optimizer, **settings)
    for _ in range(k):
        optimizer.step()
        scheduler.step()
    return float(scheduler.get_last_lr()[0])


# --- sgd_step


@exercise(points=2, returns="theta")
def sgd_step(theta, grad, lr):
    """Oracle: torch.optim.SGD without momentum."""
    return _stepped(torch.optim.SGD, theta, grad, lr=lr)[0]


@sgd_step.cases("one step", weight=1)
def _(rng):
    for shape in SHAPES:
        yield dict(theta=rng.normal(size=shape), grad=rng.normal(size=shape), lr=float(rng.uniform(0.05, 0.5)))


@sgd_step.trajectory("25 steps", weight=1, carry=("theta",), each=("grad",))
def _(rng):
    yield dict(theta=rng.normal(size=4), grad=rng.normal(size=(25, 4)), lr=float(rng.uniform(0.05, 0.3)))


@sgd_step.cases("edge cases", weight=1)
def _(rng):
    grad = rng.normal(size=6)
    grad[::2] = 0.0
    yield dict(theta=rng.normal(size=6), grad=grad, lr=0.7)
    for scale in (1e-8, 1e8):
        yield dict(theta=scale * rng.normal(size=4), grad=scale * rng.normal(size=4), lr=float(rng.uniform(0.1, 0.9)))
    yield dict(theta=rng.normal(size=3), grad=1e6 * rng.normal(size=3), lr=1e-6)


@sgd_step.misconception
def ascends(theta, grad, lr):
    """The gradient points uphill. In which direction does the cost fall?"""
    return theta + lr * grad


@sgd_step.misconception
def rate_missing(theta, grad, lr):
    """How long is your step if the learning rate is made ten times smaller?"""
    return theta - grad


@sgd_step.misconception
def returns_the_step(theta, grad, lr):
    """You return how far to move. Where do the parameters stand after the move?"""
    return -lr * grad


@sgd_step.misconception
def normalizes_the_gradient(theta, grad, lr):
    """Your step has the same length on steep and on flat ground. Gradient descent slows down as the gradient
    shrinks.
    """
    norm = np.sqrt(np.sum(grad**2))
    return theta - lr * grad / norm if norm > 0 else theta.copy()


@sgd_step.misconception
def updates_in_place(theta, grad, lr):
    """Your numbers are right, but the caller's theta has changed too: -= and theta[i] = ... write into the array that
    you were given.
    """
    theta -= lr * grad
    return theta


# --- linear_decay


@exercise(points=2, returns="lr")
def linear_decay(k, lr0, lr_tau, tau):
    """Oracle: torch.optim.lr_scheduler.LinearLR."""
    return _scheduled_rate(
        torch.optim.lr_scheduler.LinearLR, k, lr0, start_factor=1.0, end_factor=lr_tau / lr0, total_iters=tau
    )


@linear_decay.cases("up to tau", weight=1)
def _(rng):
    lr0, tau = float(rng.uniform(0.1, 0.5)), int(rng.integers(40, 80))
    for k in (0, 1, tau // 3, tau - 1):
        yield dict(k=k, lr0=lr0, lr_tau=0.01 * lr0, tau=tau)
    yield dict(k=int(rng.integers(5, 15)), lr0=2.0, lr_tau=0.5, tau=20)


@linear_decay.cases("from tau on", weight=1)
def _(rng):
    lr0, tau = float(rng.uniform(0.1, 0.5)), int(rng.integers(20, 60))
    for k in (tau, tau + 1, tau + tau // 2, 4 * tau):
        yield dict(k=k, lr0=lr0, lr_tau=float(rng.uniform(0.02, 0.3)) * lr0, tau=tau)


@linear_decay.cases("other scales", weight=1)
def _(rng):
    for scale in (1e-8, 1e8):
        lr0 = float(scale * rng.uniform(1, 2))
        for k in (3, 30):
            yield dict(k=k, lr0=lr0, lr_tau=0.2 * lr0, tau=10)
    yield dict(k=0, lr0=0.3, lr_tau=0.1, tau=1)
    yield dict(k=1, lr0=0.3, lr_tau=0.1, tau=1)


@linear_decay.misconception
def not_clamped(k, lr0, lr_tau, tau):
    """Try k = 1.5 tau. A straight line goes on falling; what should the rate do after tau?"""
    return (1 - k / tau) * lr0 + k / tau * lr_tau


@linear_decay.misconception
def ends_at_zero(k, lr0, lr_tau, tau):
    """Your rate reaches zero at tau, and training stops there. Where should the line end?"""
    return max(0.0, 1 - k / tau) * lr0


@linear_decay.misconception
def reversed_(k, lr0, lr_tau, tau):
    """Your rate grows. At k = 0, which of the two rates should have the whole weight?"""
    fraction = min(k / tau, 1.0)
    return fraction * lr0 + (1 - fraction) * lr_tau


@linear_decay.misconception
def floored_line_to_zero(k, lr0, lr_tau, tau):
    """You aim the line at zero and catch it at lr_tau. It should aim at lr_tau and arrive there exactly at tau."""
    return max((1 - k / tau) * lr0, lr_tau)


@linear_decay.misconception
def zero_after_tau(k, lr0, lr_tau, tau):
    """Up to tau your rate is right. After it the rate stays at lr_tau, so that training goes on."""
    return (1 - k / tau) * lr0 + k / tau * lr_tau if k <= tau else 0.0


@linear_decay.misconception
def whole_number_division(k, lr0, lr_tau, tau):
    """Your rate stays at lr0 and then drops at once. What does // do to a fraction between 0 and 1?"""
    fraction = min(k // tau, 1)
    return (1 - fraction) * lr0 + fraction * lr_tau


@linear_decay.misconception
def back_at_the_start_after_tau(k, lr0, lr_tau, tau):
    """Up to tau your rate is right; then it jumps back to lr0. Which of the two rates belongs to late training?"""
    return (1 - k / tau) * lr0 + k / tau * lr_tau if k <= tau else lr0


# --- exponential_decay


@exercise(points=0, returns="lr")
def exponential_decay(k, lr0, rate):
    """Oracle: torch.optim.lr_scheduler.ExponentialLR, whose factor a step is exp(-rate)."""
    return _scheduled_rate(torch.optim.lr_scheduler.ExponentialLR, k, lr0, gamma=float(np.exp(-rate)))


@exponential_decay.cases("usual rates", weight=1)
def _(rng):
    for k in (1, int(rng.integers(5, 20)), int(rng.integers(50, 100))):
        yield dict(k=k, lr0=float(rng.uniform(0.05, 0.5)), rate=float(rng.uniform(0.01, 0.05)))


@exponential_decay.cases("edge cases", weight=1)
def _(rng):
    yield dict(k=0, lr0=float(rng.uniform(0.1, 0.5)), rate=0.1)
    yield dict(k=7, lr0=float(rng.uniform(0.1, 0.5)), rate=0.0)
    yield dict(k=3, lr0=float(rng.uniform(0.1, 0.5)), rate=float(rng.uniform(1.5, 2.5)))
    for scale in (1e-8, 1e8):
        yield dict(k=4, lr0=float(scale * rng.uniform(1, 2)), rate=float(rng.uniform(0.1, 0.4)))


@exponential_decay.misconception
def rate_ignored(k, lr0, rate):
    """Your schedule is the same whether `rate` is 0.01 or 2. Where does the formula use it?"""
    return lr0 * np.exp(-k)


@exponential_decay.misconception
def grows(k, lr0, rate):
    """Your rate gets larger with k. Which sign must the exponent have for a decay?"""
    return lr0 * np.exp(rate * k)


@exponential_decay.misconception
def rate_as_base(k, lr0, rate):
    """You multiply by `rate` each step. In lr0 e^(-rate k), what is the factor from one step to the next?"""
    return lr0 * rate**k


@exponential_decay.misconception
def one_minus_rate(k, lr0, rate):
    """(1 - rate)^k is what e^(-rate k) looks like for a tiny rate only. Compare the two at rate = 2."""
    return lr0 * (1 - rate) ** k


@exponential_decay.misconception
def hyperbolic(k, lr0, rate):
    """lr0 / (1 + rate k) is another schedule, 1/k decay. How does an exponential treat equal stretches of k?"""
    return lr0 / (1 + rate * k)


@exponential_decay.misconception
def power_of_two(k, lr0, rate):
    """Your rate halves where it should fall to 1/e. Which base does the formula name?"""
    return lr0 * 2.0 ** (-rate * k)


@exponential_decay.misconception
def off_by_one(k, lr0, rate):
    """At k = 0 nothing has decayed yet. What is your rate there?"""
    return lr0 * np.exp(-rate * (k + 1))


@exponential_decay.misconception
def first_rate_in_the_exponent(k, lr0, rate):
    """At k = 0 your rate is 1, whatever lr0 is. Where does lr0 stand in the formula?"""
    return float(np.exp(-lr0 * rate * k))


# --- warmup_cosine


@exercise(points=3, returns="lr")
def warmup_cosine(k, lr, warmup, steps, lr_end):
    """Oracle: NumPy's interpolation up to the top, and cos² of half the angle from there on."""
    if k < warmup:
        return float(np.interp(k, [-1, warmup - 1], [0.0, lr]))
    angle = np.interp(k, [warmup - 1, steps - 1], [0.0, np.pi / 2])
    return float(lr * np.cos(angle) ** 2 + lr_end * np.sin(angle) ** 2)


def _plan(rng, lr=None):
    """A highest rate, a warm-up and a number of steps."""
    warmup = int(rng.integers(5, 12))
    lr = float(rng.uniform(0.1, 0.5)) if lr is None else lr
    return dict(
        lr=lr, warmup=warmup, steps=warmup + int(rng.integers(20, 60)), lr_end=float(rng.uniform(0.02, 0.2) * lr)
    )


@warmup_cosine.cases("warm-up", weight=1)
def _(rng):
    plan = _plan(rng)
    for k in (0, 1, plan["warmup"] // 2, plan["warmup"] - 1):
        yield dict(k=k, **plan)
    yield dict(k=0, lr=float(rng.uniform(0.1, 0.5)), warmup=1, steps=20, lr_end=0.01)


@warmup_cosine.cases("cosine", weight=1)
def _(rng):
    plan = _plan(rng)
    length = plan["steps"] - plan["warmup"]
    for k in (0, 1, length // 3, length // 2, length - 3):
        yield dict(k=plan["warmup"] + k, **plan)
    for scale in (1e-8, 1e8):
        plan = _plan(rng, lr=float(scale * rng.uniform(1, 2)))
        yield dict(k=plan["warmup"] + 7, **plan)


@warmup_cosine.cases("the last update and later ones", weight=1)
def _(rng):
    plan = _plan(rng)
    for late in (-1, 0, 1, 7, 40, 3 * plan["steps"]):
        yield dict(k=plan["steps"] + late, **plan)
    yield dict(k=1, lr=float(rng.uniform(0.1, 0.5)), warmup=1, steps=2, lr_end=0.03)


def _half_cosine(done, lr, lr_end):
    return lr_end + (lr - lr_end) * (1 + np.cos(np.pi * done)) / 2


@warmup_cosine.misconception
def half_forgotten(k, lr, warmup, steps, lr_end):
    """Right after the warm-up your rate is almost twice the highest one. Between which values does 1 + cos lie?"""
    if k < warmup:
        return lr * (k + 1) / warmup
    return lr_end + (lr - lr_end) * (1 + np.cos(np.pi * min((k + 1 - warmup) / (steps - warmup), 1.0)))


@warmup_cosine.misconception
def minus_for_plus(k, lr, warmup, steps, lr_end):
    """After the warm-up your rate drops to lr_end and climbs back to lr. What is the cosine of 0, and of pi?"""
    return (
        lr * (k + 1) / warmup
        if k < warmup
        else _half_cosine(1 - min((k + 1 - warmup) / (steps - warmup), 1), lr, lr_end)
    )


@warmup_cosine.misconception
def share_of_all_steps(k, lr, warmup, steps, lr_end):
    """At the last update your cosine has not arrived: you divide by all steps. How many are left after the warm-up?"""
    return lr * (k + 1) / warmup if k < warmup else _half_cosine(min((k + 1 - warmup) / steps, 1.0), lr, lr_end)


@warmup_cosine.misconception
def starts_at_zero(k, lr, warmup, steps, lr_end):
    """At k = 0 your rate is 0, and the first update moves nothing. How many have been counted when the first one is
    made?
    """
    if k < warmup:
        return lr * k / warmup
    return _half_cosine(min((k + 1 - warmup) / (steps - warmup), 1.0), lr, lr_end)


@warmup_cosine.misconception
def cosine_counted_from_the_start(k, lr, warmup, steps, lr_end):
    """Right after the warm-up your rate falls at once, because the cosine has been running since update 0. From which
    update should its angle be counted?
    """
    return lr * (k + 1) / warmup if k < warmup else _half_cosine(min((k + 1) / steps, 1.0), lr, lr_end)


@warmup_cosine.misconception
def ends_at_zero(k, lr, warmup, steps, lr_end):
    """Your cosine ends at 0. Between which two rates should it lead?"""
    return lr * (k + 1) / warmup if k < warmup else _half_cosine(min((k + 1 - warmup) / (steps - warmup), 1.0), lr, 0.0)


@warmup_cosine.misconception
def floored_at_the_last_rate(k, lr, warmup, steps, lr_end):
    """You aim the cosine at 0 and catch it at lr_end. It should aim at lr_end and arrive with the last update."""
    if k < warmup:
        return lr * (k + 1) / warmup
    return max(_half_cosine(min((k + 1 - warmup) / (steps - warmup), 1.0), lr, 0.0), lr_end)


@warmup_cosine.misconception
def rises_again(k, lr, warmup, steps, lr_end):
    """Try k = 2 steps: a cosine that runs on rises again. What should the rate do after the last update?"""
    return lr * (k + 1) / warmup if k < warmup else _half_cosine((k + 1 - warmup) / (steps - warmup), lr, lr_end)


@warmup_cosine.misconception
def zero_after_the_end(k, lr, warmup, steps, lr_end):
    """Up to the last update your rate is right. Whoever trains on should do so with lr_end."""
    if k >= steps:
        return 0.0
    return lr * (k + 1) / warmup if k < warmup else _half_cosine((k + 1 - warmup) / (steps - warmup), lr, lr_end)


@warmup_cosine.misconception
def full_wave(k, lr, warmup, steps, lr_end):
    """Half-way your rate is lowest, and in the end it is back at the top. How far does half a wave turn?"""
    if k < warmup:
        return lr * (k + 1) / warmup
    return _half_cosine(2 * min((k + 1 - warmup) / (steps - warmup), 1.0), lr, lr_end)


@warmup_cosine.misconception
def quarter_wave(k, lr, warmup, steps, lr_end):
    """Your rate falls fastest at the end; half a wave flattens out there. From 1 down to which value does your cosine
    run?
    """
    if k < warmup:
        return lr * (k + 1) / warmup
    done = min((k + 1 - warmup) / (steps - warmup), 1.0)
    return lr_end + (lr - lr_end) * np.cos(np.pi / 2 * done)


@warmup_cosine.misconception
def degrees(k, lr, warmup, steps, lr_end):
    """np.cos takes radians. Which angle is half a turn?"""
    if k < warmup:
        return lr * (k + 1) / warmup
    done = min((k + 1 - warmup) / (steps - warmup), 1.0)
    return lr_end + (lr - lr_end) * (1 + np.cos(180 * done)) / 2


@warmup_cosine.misconception
def straight_line(k, lr, warmup, steps, lr_end):
    """After the warm-up your rate falls along a straight line. Where is the cosine?"""
    if k < warmup:
        return lr * (k + 1) / warmup
    done = min((k + 1 - warmup) / (steps - warmup), 1.0)
    return (1 - done) * lr + done * lr_end


@warmup_cosine.misconception
def jump_at_the_junction(k, lr, warmup, steps, lr_end):
    """Where the warm-up ends your rate jumps above lr. What are the weights of lr and lr_end at the top, and what
    is their sum?
    """
    if k < warmup:
        return lr * (k + 1) / warmup
    done = min((k + 1 - warmup) / (steps - warmup), 1.0)
    return lr_end + lr * (1 + np.cos(np.pi * done)) / 2


@warmup_cosine.misconception
def arrives_one_late(k, lr, warmup, steps, lr_end):
    """Your rate is lr twice, and lr_end comes one update after the last. The cosine leaves from update warmup - 1."""
    if k < warmup:
        return lr * (k + 1) / warmup
    return _half_cosine(min((k - warmup) / (steps - warmup), 1.0), lr, lr_end)


@warmup_cosine.misconception
def stays_at_the_top(k, lr, warmup, steps, lr_end):
    """The end is right, but your rate is lr at two updates, warmup - 1 and warmup. From which one does the cosine
    leave?
    """
    if k < warmup:
        return lr * (k + 1) / warmup
    return _half_cosine(min((k - warmup) / max(steps - 1 - warmup, 1), 1.0), lr, lr_end)


@warmup_cosine.misconception
def warms_up_from_the_last_rate(k, lr, warmup, steps, lr_end):
    """You warm up from lr_end to lr. The first update should have one part out of `warmup` of lr, whatever comes
    last.
    """
    if k < warmup:
        return lr_end + (lr - lr_end) * (k + 1) / warmup
    return _half_cosine(min((k + 1 - warmup) / (steps - warmup), 1.0), lr, lr_end)


@warmup_cosine.misconception
def no_warmup(k, lr, warmup, steps, lr_end):
    """Your rate begins at the top. What are the first `warmup` updates for?"""
    return lr if k < warmup else _half_cosine(min((k + 1 - warmup) / (steps - warmup), 1.0), lr, lr_end)


# --- exponential_average


@exercise(points=4, returns="average")
def exponential_average(x, beta, correct):
    """Oracle: pandas' ewm(adjust=True) is the corrected average, SciPy's lfilter the one from zero."""
    if correct:
        frame = pd.DataFrame(np.reshape(x, (len(x), -1)))
        return frame.ewm(alpha=1 - beta, adjust=True).mean().to_numpy().reshape(np.shape(x))
    return scipy.signal.lfilter([1 - beta], [1, -beta], x, axis=0)


@exponential_average.cases("uncorrected", weight=1)
def _(rng):
    for shape, beta in [((1,), 0.9), ((6,), 0.8), ((12, 3), 0.95)]:
        yield dict(x=rng.normal(loc=3.0, size=shape), beta=beta, correct=False)


@exponential_average.cases("corrected", weight=1)
def _(rng):
    for shape, beta in [((1,), 0.9), ((6,), 0.8), ((12, 3), 0.95)]:
        yield dict(x=rng.normal(loc=3.0, size=shape), beta=beta, correct=True)


@exponential_average.cases("long series and other scales", weight=1)
def _(rng):
    for correct in (False, True):
        yield dict(x=rng.normal(loc=-2.0, size=60), beta=float(rng.uniform(0.85, 0.97)), correct=correct)
        for scale in (1e-8, 1e8):
            yield dict(x=scale * rng.normal(loc=1.0, size=5), beta=0.7, correct=correct)
        series = rng.normal(loc=1.0, size=8)
        series[2:5] = 0.0
        yield dict(x=series, beta=0.3, correct=correct)
        yield dict(x=rng.normal(loc=1.0, size=4), beta=0.0, correct=correct)
    # so long that the weights of the first values, and their reciprocals, leave the range of floating point
    yield dict(x=rng.integers(-9, 10, size=340).astype(float), beta=0.1, correct=True)


@exponential_average.misconception
def corrected_value_fed_back(x, beta, correct):
    """You carry the corrected average into the next day, so it is corrected again and again. Keep the plain one,
    correct a copy.
    """
    average, out = np.zeros_like(x[0]), []
    for t, value in enumerate(x, start=1):
        average = beta * average + (1 - beta) * value
        if correct:
            average = average / (1 - beta**t)
        out.append(average)
    return np.array(out)


@exponential_average.misconception
def counts_from_zero(x, beta, correct):
    """On the first day you divide by 1 - beta^0 = 0. How many values has the average seen by then?"""
    average, out = np.zeros_like(x[0]), []
    for t, value in enumerate(x):
        average = beta * average + (1 - beta) * value
        with np.errstate(all="ignore"):
            out.append(np.true_divide(average, 1 - np.float64(beta) ** t) if correct else average)
    return np.array(out)


@exponential_average.misconception
def counts_one_ahead(x, beta, correct):
    """After the first value the weights add up to 1 - beta. What does your divisor say then?"""
    average, out = np.zeros_like(x[0]), []
    for t, value in enumerate(x, start=1):
        average = beta * average + (1 - beta) * value
        out.append(average / (1 - beta ** (t + 1)) if correct else average)
    return np.array(out)


@exponential_average.misconception
def weights_swapped(x, beta, correct):
    """With beta = 0.9, does your average follow today's value or its own past?"""
    average, out = np.zeros_like(x[0]), []
    for t, value in enumerate(x, start=1):
        average = (1 - beta) * average + beta * value
        out.append(average / (1 - (1 - beta) ** t) if correct else average)
    return np.array(out)


@exponential_average.misconception
def starts_at_the_first_value(x, beta, correct):
    """Your average starts at x[0]. The one asked for starts at zero: that is what the correction repairs."""
    average, out = x[0], []
    for value in x:
        average = beta * average + (1 - beta) * value
        out.append(average)
    return np.array(out)


@exponential_average.misconception
def never_corrects(x, beta, correct):
    """Look at your first values with correct=True: they are still far too small. Is `correct` used?"""
    average, out = np.zeros_like(x[0]), []
    for value in x:
        average = beta * average + (1 - beta) * value
        out.append(average)
    return np.array(out)


@exponential_average.misconception
def always_corrects(x, beta, correct):
    """With correct=False the early values should be too small. What does your function do with `correct`?"""
    average, out = np.zeros_like(x[0]), []
    for t, value in enumerate(x, start=1):
        average = beta * average + (1 - beta) * value
        out.append(average / (1 - beta**t))
    return np.array(out)


@exponential_average.misconception
def divides_by_one_minus_beta(x, beta, correct):
    """You divide by the same number every day. The sum of the weights grows with t: what is it after t values?"""
    average, out = np.zeros_like(x[0]), []
    for value in x:
        average = beta * average + (1 - beta) * value
        out.append(average / (1 - beta) if correct else average)
    return np.array(out)


# --- momentum_step


@exercise(points=4, returns=("theta", "velocity"))
def momentum_step(theta, grad, velocity, lr, momentum):
    """Oracle: torch.optim.SGD, whose buffer is -velocity/lr."""
    theta, buffer = _stepped(torch.optim.SGD, theta, grad, -velocity / lr, lr=lr, momentum=momentum)
    return theta, -lr * buffer


@momentum_step.cases("one step", weight=1)
def _(rng):
    for shape in SHAPES:
        yield dict(
            theta=rng.normal(size=shape),
            grad=rng.normal(size=shape),
            velocity=rng.normal(size=shape),
            lr=float(rng.uniform(0.05, 0.3)),
            momentum=float(rng.uniform(0.6, 0.8)),
        )


@momentum_step.trajectory("25 steps", weight=1, carry=("theta", "velocity"), each=("grad",))
def _(rng):
    for momentum in (0.7, 0.95):
        grad = rng.normal(size=(25, 4)) * [1e-3, 1.0, 10.0, 1.0]
        grad[::3, 3] = 0.0
        yield dict(
            theta=rng.normal(size=4),
            grad=grad,
            velocity=np.zeros(4),
            lr=float(rng.uniform(0.05, 0.3)),
            momentum=momentum,
        )


@momentum_step.cases("edge cases", weight=1)
def _(rng):
    yield dict(theta=rng.normal(size=3), grad=np.zeros(3), velocity=rng.normal(size=3), lr=0.1, momentum=0.8)
    yield dict(theta=rng.normal(size=3), grad=rng.normal(size=3), velocity=np.zeros(3), lr=0.2, momentum=0.9)
    yield dict(theta=rng.normal(size=3), grad=rng.normal(size=3), velocity=rng.normal(size=3), lr=0.2, momentum=0.0)
    for scale in (1e-8, 1e8):
        theta, grad, velocity = scale * rng.normal(size=(3, 4))
        yield dict(theta=theta, grad=grad, velocity=velocity, lr=float(rng.uniform(0.2, 0.8)), momentum=0.6)


@momentum_step.misconception
def averages_the_gradient(theta, grad, velocity, lr, momentum):
    """You weight the gradient by 1 - momentum too. The book's velocity is a decaying sum, not an average: with a
    constant gradient, where does it settle?
    """
    velocity = momentum * velocity - lr * (1 - momentum) * grad
    return theta + velocity, velocity


@momentum_step.misconception
def pushes_uphill(theta, grad, velocity, lr, momentum):
    """The gradient is a force that pushes the ball. Which sign must it have for the ball to roll downhill?"""
    velocity = momentum * velocity + lr * grad
    return theta + velocity, velocity


@momentum_step.misconception
def subtracts_the_velocity(theta, grad, velocity, lr, momentum):
    """Your velocity already points downhill. What happens when you subtract it from theta?"""
    velocity = momentum * velocity - lr * grad
    return theta - velocity, velocity


@momentum_step.misconception
def moves_with_the_old_velocity(theta, grad, velocity, lr, momentum):
    """You move first and update the velocity afterwards, so today's gradient counts only tomorrow."""
    return theta + velocity, momentum * velocity - lr * grad


@momentum_step.misconception
def old_velocity_returned(theta, grad, velocity, lr, momentum):
    """theta is right this once, but you hand back the velocity that you were given. What will the next step
    start from?
    """
    return theta + momentum * velocity - lr * grad, velocity


@momentum_step.misconception
def velocity_not_returned(theta, grad, velocity, lr, momentum):
    """The next step needs the new velocity as well. What should the function hand back?"""
    velocity = momentum * velocity - lr * grad
    return theta + velocity


@momentum_step.misconception
def rate_outside_the_velocity(theta, grad, velocity, lr, momentum):
    """Your velocity is a sum of bare gradients and the rate comes in later. That is torch's form; in the book's the
    rate is inside the velocity.
    """
    velocity = momentum * velocity + grad
    return theta - lr * velocity, velocity


@momentum_step.misconception
def momentum_as_friction(theta, grad, velocity, lr, momentum):
    """With momentum = 0.9 your ball keeps a tenth of its speed. Momentum is the share that is kept; friction takes the
    rest.
    """
    velocity = (1 - momentum) * velocity - lr * grad
    return theta + velocity, velocity


@momentum_step.misconception
def damps_the_gradient_too(theta, grad, velocity, lr, momentum):
    """The new gradient has not slowed down yet. To which of the two terms does momentum belong?"""
    velocity = momentum * (velocity - lr * grad)
    return theta + velocity, velocity


# --- nesterov_step


@exercise(points=4, returns=("theta", "velocity"))
def nesterov_step(theta, velocity, grad_fn, lr, momentum):
    """Oracle: torch.optim.SGD(nesterov=True), which stores the point looked ahead to, theta + momentum * velocity."""
    ahead = theta + momentum * velocity
    ahead, buffer = _stepped(
        torch.optim.SGD, ahead, grad_fn(ahead), -velocity / lr, lr=lr, momentum=momentum, nesterov=momentum > 0
    )
    velocity = -lr * buffer
    return ahead - momentum * velocity, velocity


@nesterov_step.cases("one step", weight=1)
def _(rng):
    for shape in SHAPES:
        yield dict(
            theta=rng.normal(size=shape),
            velocity=rng.normal(size=shape),
            grad_fn=quadratic(rng, shape[-1]),
            lr=float(rng.uniform(0.05, 0.2)),
            momentum=float(rng.uniform(0.6, 0.8)),
        )
    yield dict(
        theta=rng.uniform(-0.5, 0.5, size=2),
        velocity=rng.uniform(-0.2, 0.2, size=2),
        grad_fn=Reference("utils.landscapes.rosenbrock", "gradient"),
        lr=1e-3,
        momentum=0.9,
    )


@nesterov_step.trajectory("25 steps", weight=1, carry=("theta", "velocity"), each=("lr",))
def _(rng):
    for momentum in (0.6, 0.9):
        yield dict(
            theta=rng.normal(size=3),
            velocity=np.zeros(3),
            grad_fn=quadratic(rng, 3),
            lr=np.full(25, rng.uniform(0.05, 0.1)),
            momentum=momentum,
        )


@nesterov_step.cases("edge cases", weight=1)
def _(rng):
    yield dict(theta=rng.normal(size=3), velocity=np.zeros(3), grad_fn=quadratic(rng, 3), lr=0.1, momentum=0.9)
    yield dict(theta=rng.normal(size=3), velocity=rng.normal(size=3), grad_fn=quadratic(rng, 3), lr=0.1, momentum=0.5)
    yield dict(theta=rng.normal(size=3), velocity=rng.normal(size=3), grad_fn=quadratic(rng, 3), lr=0.1, momentum=0.0)
    for scale in (1e-8, 1e8):
        theta, velocity = scale * rng.normal(size=(2, 3))
        yield dict(theta=theta, velocity=velocity, grad_fn=quadratic(rng, 3, scale), lr=0.15, momentum=0.7)


@nesterov_step.misconception
def gradient_at_theta(theta, velocity, grad_fn, lr, momentum):
    """You look at the slope where you stand. Nesterov looks where the velocity is about to carry you."""
    velocity = momentum * velocity - lr * grad_fn(theta)
    return theta + velocity, velocity


@nesterov_step.misconception
def looks_back(theta, velocity, grad_fn, lr, momentum):
    """You look at where you came from. In which direction does the velocity carry theta?"""
    velocity = momentum * velocity - lr * grad_fn(theta - momentum * velocity)
    return theta + velocity, velocity


@nesterov_step.misconception
def looks_too_far(theta, velocity, grad_fn, lr, momentum):
    """You look a whole velocity ahead. Friction takes its share first: how far will you really get?"""
    velocity = momentum * velocity - lr * grad_fn(theta + velocity)
    return theta + velocity, velocity


@nesterov_step.misconception
def steps_from_the_look_ahead(theta, velocity, grad_fn, lr, momentum):
    """The point ahead is only where you look. You start the step from it, so the velocity counts twice."""
    ahead = theta + momentum * velocity
    velocity = momentum * velocity - lr * grad_fn(ahead)
    return ahead + velocity, velocity


@nesterov_step.misconception
def pushes_uphill(theta, velocity, grad_fn, lr, momentum):
    """You look in the right place, then climb. Which sign must the gradient have in the velocity?"""
    velocity = momentum * velocity + lr * grad_fn(theta + momentum * velocity)
    return theta + velocity, velocity


@nesterov_step.misconception
def velocity_without_gradient(theta, velocity, grad_fn, lr, momentum):
    """theta is right, but the velocity you hand back has not felt the gradient. The next step would only coast."""
    ahead = theta + momentum * velocity
    return ahead - lr * grad_fn(ahead), momentum * velocity


@nesterov_step.misconception
def velocity_not_returned(theta, velocity, grad_fn, lr, momentum):
    """The next step needs the new velocity as well. What should the function hand back?"""
    return theta + momentum * velocity - lr * grad_fn(theta + momentum * velocity)


@nesterov_step.misconception
def form_of_torch(theta, velocity, grad_fn, lr, momentum):
    """That is torch's form: its velocity holds bare gradients, and it looks ahead by pushing twice. Here the rate is in
    the velocity, and the gradient is asked for at another place.
    """
    grad = grad_fn(theta)
    velocity = momentum * velocity + grad
    return theta - lr * (grad + momentum * velocity), velocity


# --- restarted_descent


@exercise(points=6, returns=("path", "restarts"))
def restarted_descent(grad_fn, theta, lr, steps):
    """Oracle: the gradient scheme as its authors write it, in x and y, without a velocity.

    Source: O'Donoghue and Candès (2015), section 3.2.
    """
    before, path, restarts, since = theta, [theta], [], 0
    for k in range(1, steps + 1):
        ahead = theta + since / (since + 3) * (theta - before)
        grad = grad_fn(ahead)
        before, theta, since = theta, ahead - lr * grad, since + 1
        if np.sum(grad * (theta - before)) > 0:
            before, since = theta, 0
            restarts.append(k)
        path.append(theta)
    return np.array(path), restarts


def _telling(grad_fn, theta, lr, steps):
    """Whether rounding never decides about a restart, and the gradient that is asked does at least once."""
    path, restarts = restarted_descent.oracle(grad_fn, theta, lr, steps)
    velocity, since, cosines, later = np.zeros_like(theta), 0, [], []
    for k in range(1, steps + 1):
        grad = grad_fn(path[k - 1] + since / (since + 3) * velocity)
        velocity, since = path[k] - path[k - 1], 0 if k in restarts else since + 1
        with np.errstate(invalid="ignore"):  # where the walk stands still there is no angle
            cosines.append(abs(grad @ velocity) / (np.linalg.norm(grad) * np.linalg.norm(velocity)))
        later.append(grad_fn(path[k]) @ velocity > 0)
    return len(restarts) > 1 and min(cosines) > 0.02 and np.flatnonzero(later)[0] + 1 != restarts[0]


def _long_valley(rng, size, steps):
    """A bowl much longer than wide, and a walk in it that restarts more than once."""
    while True:
        curvatures = np.exp(rng.uniform(np.log(0.02), 0, size=size))
        turned = np.linalg.qr(rng.normal(size=(size, size)))[0]
        hessian = turned * curvatures @ turned.T
        drawn = {"hessian": (hessian + hessian.T) / 2, "center": rng.normal(size=size)}
        walk = {"theta": rng.normal(size=size), "lr": float(rng.uniform(0.6, 0.9)), "steps": steps}
        if _telling(landscapes.quadratic(**drawn).gradient, **walk):
            return {"grad_fn": Reference("utils.landscapes.quadratic", "gradient", drawn), **walk}


@restarted_descent.cases("before any restart", weight=1)
def _(rng):
    for size in (1, 2, 5):
        grad_fn = quadratic(rng, size)
        yield dict(grad_fn=grad_fn, theta=5 + rng.normal(size=size), lr=float(rng.uniform(0.01, 0.02)), steps=4)


@restarted_descent.cases("with restarts", weight=2)
def _(rng):
    for size, steps in ((2, 30), (3, 40), (4, 40)):
        yield _long_valley(rng, size, steps)


@restarted_descent.cases("edge cases", weight=1)
def _(rng):
    center = rng.normal(size=3)
    still = Reference("utils.landscapes.quadratic", "gradient", dict(hessian=np.eye(3), center=center))
    yield dict(grad_fn=still, theta=center, lr=0.5, steps=3)  # nothing to do, and no reason to restart
    yield dict(grad_fn=quadratic(rng, 3), theta=rng.normal(size=3), lr=0.1, steps=1)
    for scale in (1e-8, 1e8):
        grad_fn = quadratic(rng, 3, scale)
        yield dict(grad_fn=grad_fn, theta=scale * (5 + rng.normal(size=3)), lr=0.02, steps=4)


def _restarting(grad_fn, theta, lr, steps, uphill=None, forget=None, momentum=None, ahead=1.0):
    """The loop, in which a misconception changes one thing."""
    velocity, since, path, restarts = np.zeros_like(theta), 0, [theta], []
    uphill = uphill or (lambda grad, velocity, *_: np.sum(grad * velocity) > 0)
    for k in range(1, steps + 1):
        alpha = momentum(since) if momentum else since / (since + 3)
        grad, earlier = grad_fn(theta + (1 if ahead is None else ahead * alpha) * velocity), velocity
        velocity = alpha * velocity - lr * grad
        theta, since = theta + velocity, since + 1
        path.append(theta)
        if uphill(grad, velocity, earlier, theta):
            velocity, since = forget(velocity, since, grad) if forget else (velocity, 0)
            restarts.append(k)
    return np.array(path), restarts


@restarted_descent.misconception
def never_restarts(grad_fn, theta, lr, steps):
    """Your walk never forgets its velocity. Have you looked, after each update, whether it went uphill?"""
    return _restarting(grad_fn, theta, lr, steps, uphill=lambda *_: False)


@restarted_descent.misconception
def restarts_downhill(grad_fn, theta, lr, steps):
    """You forget the velocity when it is right. Which sign has the product of the gradient and a step that climbs?"""
    return _restarting(grad_fn, theta, lr, steps, uphill=lambda grad, velocity, *_: np.sum(grad * velocity) < 0)


@restarted_descent.misconception
def forgets_the_velocity_alone(grad_fn, theta, lr, steps):
    """After a restart your velocity is zero, but the momentum goes on from where it was. What does it depend on?"""
    return _restarting(grad_fn, theta, lr, steps, forget=lambda velocity, since, grad: (0 * velocity, since))


@restarted_descent.misconception
def counts_the_restart(grad_fn, theta, lr, steps):
    """The first update after a restart should have no momentum, like the very first one. What is your count by then?"""
    return _restarting(grad_fn, theta, lr, steps, forget=lambda velocity, since, grad: (velocity, 1))


@restarted_descent.misconception
def counts_the_restart_at_rest(grad_fn, theta, lr, steps):
    """At the second update after a restart your momentum is one update ahead. What is your count after the first?"""
    return _restarting(grad_fn, theta, lr, steps, forget=lambda velocity, since, grad: (0 * velocity, 1))


@restarted_descent.misconception
def count_never_grows(grad_fn, theta, lr, steps):
    """Your momentum stays zero, so this is plain descent. What has to grow from update to update?"""
    return _restarting(grad_fn, theta, lr, steps, momentum=lambda since: 0.0)


@restarted_descent.misconception
def momentum_of_one(grad_fn, theta, lr, steps):
    """Your momentum is 1 from the second update on. Look at the denominator."""
    return _restarting(grad_fn, theta, lr, steps, momentum=lambda since: float(since > 0))


@restarted_descent.misconception
def denominator_is_two_more(grad_fn, theta, lr, steps):
    """Your momentum grows as j/(j+2). Which number stands below?"""
    return _restarting(grad_fn, theta, lr, steps, momentum=lambda since: since / (since + 2))


@restarted_descent.misconception
def counts_before_the_momentum(grad_fn, theta, lr, steps):
    """Your momentum is one update ahead: at the first update after a start, j should still be 0."""
    return _restarting(grad_fn, theta, lr, steps, momentum=lambda since: (since + 1) / (since + 4))


@restarted_descent.misconception
def starts_below_zero(grad_fn, theta, lr, steps):
    """(k-1)/(k+2) counts from 1. What does it give for j = 0?"""
    return _restarting(grad_fn, theta, lr, steps, momentum=lambda since: (since - 1) / (since + 2))


@restarted_descent.misconception
def momentum_is_constant(grad_fn, theta, lr, steps):
    """Your momentum is .9 at every update. Here it grows, from 0, with the updates since the last restart."""
    return _restarting(grad_fn, theta, lr, steps, momentum=lambda since: 0.9)


@restarted_descent.misconception
def asks_the_old_velocity(grad_fn, theta, lr, steps):
    """You compare the gradient with the velocity before the update. Was it that one which moved theta?"""
    return _restarting(
        grad_fn, theta, lr, steps, uphill=lambda grad, velocity, earlier, theta: np.sum(grad * earlier) > 0
    )


@restarted_descent.misconception
def asks_the_gradient_at_the_new_point(grad_fn, theta, lr, steps):
    """You ask for a second gradient, at the new theta. The one that made the step is the one to compare it with."""
    return _restarting(
        grad_fn, theta, lr, steps, uphill=lambda grad, velocity, _, at: np.sum(grad_fn(at) * velocity) > 0
    )


@restarted_descent.misconception
def restarts_if_any_entry_climbs(grad_fn, theta, lr, steps):
    """You restart as soon as a single coordinate climbs. The sum over all of them tells whether the step did."""
    return _restarting(grad_fn, theta, lr, steps, uphill=lambda grad, velocity, *_: np.any(grad * velocity > 0))


@restarted_descent.misconception
def gradient_at_theta(grad_fn, theta, lr, steps):
    """Your gradients are those at theta. Nesterov looks where the velocity is about to carry it."""
    return _restarting(grad_fn, theta, lr, steps, ahead=0)


@restarted_descent.misconception
def looks_too_far(grad_fn, theta, lr, steps):
    """You look a whole velocity ahead. What share of it does the momentum leave?"""
    return _restarting(grad_fn, theta, lr, steps, ahead=None)


@restarted_descent.misconception
def restarts_by_coordinate(grad_fn, theta, lr, steps):
    """You restart only the coordinates that climb. A restart is for all of them: there is one momentum."""
    return _restarting(
        grad_fn,
        theta,
        lr,
        steps,
        forget=lambda velocity, since, grad: (velocity, np.where(grad * velocity > 0, 0, since)),
    )


@restarted_descent.misconception
def takes_the_step_back(grad_fn, theta, lr, steps):
    """You undo the update that went uphill. It stays: only the velocity is forgotten."""
    velocity, since, path, restarts = np.zeros_like(theta), 0, [theta], []
    for k in range(1, steps + 1):
        grad = grad_fn(theta + since / (since + 3) * velocity)
        velocity = since / (since + 3) * velocity - lr * grad
        if np.sum(grad * velocity) > 0:
            velocity, since = np.zeros_like(theta), 0
            restarts.append(k)
        else:
            theta, since = theta + velocity, since + 1
        path.append(theta)
    return np.array(path), restarts


@restarted_descent.misconception
def path_without_the_start(grad_fn, theta, lr, steps):
    """Your path begins after the first update. The point it starts from belongs to it."""
    path, restarts = _restarting(grad_fn, theta, lr, steps)
    return path[1:], restarts


@restarted_descent.misconception
def only_the_end(grad_fn, theta, lr, steps):
    """You return where the walk ends. Asked for is every point of it."""
    path, restarts = _restarting(grad_fn, theta, lr, steps)
    return path[-1], restarts


@restarted_descent.misconception
def every_point_is_the_last(grad_fn, theta, lr, steps):
    """All rows of your path are the same array, the last theta. An update in place changes what you have stored."""
    path, restarts = _restarting(grad_fn, theta, lr, steps)
    return np.repeat(path[-1:], len(path), axis=0), restarts


@restarted_descent.misconception
def restarts_counted_from_zero(grad_fn, theta, lr, steps):
    """Your path is right. The first update has which number, by the docstring?"""
    path, restarts = _restarting(grad_fn, theta, lr, steps)
    return path, [k - 1 for k in restarts]


@restarted_descent.misconception
def how_many_restarts(grad_fn, theta, lr, steps):
    """You count the restarts. Asked for is the list of the updates that led to one."""
    path, restarts = _restarting(grad_fn, theta, lr, steps)
    return path, len(restarts)


@restarted_descent.misconception
def climbs(grad_fn, theta, lr, steps):
    """Your walk goes uphill. Which sign must the gradient have in the velocity?"""
    return _restarting(grad_fn, theta, -lr, steps)


@restarted_descent.misconception
def one_update_short(grad_fn, theta, lr, steps):
    """Your walk ends one update early."""
    return _restarting(grad_fn, theta, lr, steps - 1)


# --- averaged_momentum_step


@exercise(points=3, returns=("theta", "velocity"))
def averaged_momentum_step(theta, grad, velocity, lr, momentum):
    """Oracle: torch.optim.SGD with the buffer velocity/(1 - momentum); its path is the one to follow."""
    theta, buffer = _stepped(torch.optim.SGD, theta, grad, velocity / (1 - momentum), lr=lr, momentum=momentum)
    return theta, (1 - momentum) * buffer


@averaged_momentum_step.cases("one step", weight=1)
def _(rng):
    for shape in SHAPES:
        yield dict(
            theta=rng.normal(size=shape),
            grad=rng.normal(size=shape),
            velocity=rng.normal(size=shape),
            lr=float(rng.uniform(0.05, 0.3)),
            momentum=float(rng.uniform(0.6, 0.8)),
        )


@averaged_momentum_step.trajectory("25 steps", weight=1, carry=("theta", "velocity"), each=("grad", "lr"))
def _(rng):
    # the rate is scheduled: the two forms must agree all the same
    yield dict(
        theta=rng.normal(size=4),
        grad=rng.normal(size=(25, 4)),
        velocity=np.zeros(4),
        lr=np.linspace(0.2, 0.01, 25),
        momentum=0.9,
    )


@averaged_momentum_step.cases("edge cases", weight=1)
def _(rng):
    yield dict(theta=rng.normal(size=3), grad=np.zeros(3), velocity=rng.normal(size=3), lr=0.1, momentum=0.8)
    yield dict(theta=rng.normal(size=3), grad=rng.normal(size=3), velocity=np.zeros(3), lr=0.2, momentum=0.9)
    for scale in (1e-8, 1e8):
        theta, grad, velocity = scale * rng.normal(size=(3, 4))
        yield dict(theta=theta, grad=grad, velocity=velocity, lr=0.3, momentum=0.6)
    for momentum in (0.3, 0.0):  # below a half, where 1 % momentum is not 1 - momentum
        theta, grad, velocity = rng.normal(size=(3, 3))
        yield dict(theta=theta, grad=grad, velocity=velocity, lr=0.2, momentum=momentum)


@averaged_momentum_step.misconception
def rate_not_rescaled(theta, grad, velocity, lr, momentum):
    """An average is smaller than a sum. By which factor, for a constant gradient? The rate must make up for it."""
    velocity = momentum * velocity + (1 - momentum) * grad
    return theta - lr * velocity, velocity


@averaged_momentum_step.misconception
def rate_rescaled_the_wrong_way(theta, grad, velocity, lr, momentum):
    """You make the rate smaller still. The average is the smaller of the two velocities: must its rate grow or
    shrink?
    """
    velocity = momentum * velocity + (1 - momentum) * grad
    return theta - lr * (1 - momentum) * velocity, velocity


@averaged_momentum_step.misconception
def weights_swapped(theta, grad, velocity, lr, momentum):
    """Which weight belongs to the past, momentum or 1 - momentum? Try momentum = 0.9."""
    velocity = (1 - momentum) * velocity + momentum * grad
    return theta - lr / (1 - momentum) * velocity, velocity


@averaged_momentum_step.misconception
def sum_instead_of_average(theta, grad, velocity, lr, momentum):
    """Your path is right, but your velocity is the decaying sum. Its weights should add up to one."""
    velocity = momentum * velocity + grad
    return theta - lr * velocity, velocity


@averaged_momentum_step.misconception
def squared_momentum(theta, grad, velocity, lr, momentum):
    """The past is damped by momentum once a step. Where does your second factor of momentum come from?"""
    velocity = momentum**2 * velocity + (1 - momentum) * grad
    return theta - lr / (1 - momentum) * velocity, velocity


@averaged_momentum_step.misconception
def moves_with_the_old_velocity(theta, grad, velocity, lr, momentum):
    """You move with yesterday's average. Update the velocity first, then move with it."""
    return theta - lr / (1 - momentum) * velocity, momentum * velocity + (1 - momentum) * grad


@averaged_momentum_step.misconception
def ascends(theta, grad, velocity, lr, momentum):
    """The average points uphill, like the gradients it is made of. Which way should theta go?"""
    velocity = momentum * velocity + (1 - momentum) * grad
    return theta + lr / (1 - momentum) * velocity, velocity


# --- SGD


def _arrays(rng, shapes, scale=1.0):
    return [scale * rng.normal(size=shape) for shape in shapes]


def _updates(rng, shapes, steps, scale=1.0):
    """Gradients of each parameter at each update."""
    return [_arrays(rng, shapes, scale) for _ in range(steps)]


@exercise(
    points=6,
    returns=("after_1_update", "after_2_updates", "at_the_end"),
    driver="utils.drivers.optimizers.optimizer_updates",
)
class SGD:
    """Oracle: torch.optim.SGD on tensors that share the arrays' memory, a schedule by LambdaLR."""

    def __init__(self, parameters, lr, momentum=0.0, nesterov=False):
        self.tensors = [torch.from_numpy(array).requires_grad_() for array in parameters]
        settings = dict(momentum=momentum, nesterov=nesterov and momentum > 0)  # torch refuses to look ahead without
        self.optimizer = torch.optim.SGD(self.tensors, lr=1.0 if callable(lr) else lr, foreach=False, **settings)
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(self.optimizer, lr) if callable(lr) else None

    def step(self, grads):
        for tensor, grad in zip(self.tensors, grads, strict=True):
            tensor.grad = None if grad is None else torch.tensor(grad, dtype=tensor.dtype)
        self.optimizer.step()
        if self.scheduler:
            self.scheduler.step()


@SGD.cases("plain descent", weight=1, driver="utils.drivers.optimizers.optimizer_by_default")
def _(rng):
    for shapes in ([(4,)], [(3, 4), (4,)], [(2, 3, 2), (1,), (5,)]):
        yield dict(parameters=_arrays(rng, shapes), grads=_updates(rng, shapes, 4), lr=float(rng.uniform(0.05, 0.5)))
    for scale in (1e-8, 1e8):
        shapes = [(3,), (2, 2)]
        parameters, grads = _arrays(rng, shapes, scale), _updates(rng, shapes, 3, scale)
        yield dict(parameters=parameters, grads=grads, lr=float(rng.uniform(0.2, 0.8)))


def _optimized(rng, shapes, steps, **settings):
    """A case of so many updates; settings that are not given are drawn."""
    drawn = dict(lr=float(rng.uniform(0.05, 0.3)), momentum=float(rng.uniform(0.6, 0.8)), nesterov=False)
    return dict(parameters=_arrays(rng, shapes), grads=_updates(rng, shapes, steps), **(drawn | settings))


@SGD.cases("momentum", weight=1)
def _(rng):
    for shapes in ([(4,)], [(3, 4), (4,)], [(3,), (3,), (3,)], [(2, 3, 2), (1,)]):
        yield _optimized(rng, shapes, 5)
    yield _optimized(rng, [(2,), (3,)], 25, momentum=0.9)
    yield _optimized(rng, [(3,)], 4, momentum=0.0)


@SGD.cases("Nesterov", weight=1)
def _(rng):
    for shapes in ([(4,)], [(3, 4), (4,)], [(3,), (3,)]):
        yield _optimized(rng, shapes, 5, nesterov=True)
    yield _optimized(rng, [(2,), (3,)], 25, momentum=0.9, nesterov=True)
    yield _optimized(rng, [(3,)], 4, momentum=0.0, nesterov=True)


def _schedule(rng, steps):
    """A schedule without pattern, so that every rate counts."""
    return Reference("utils.drivers.optimizers.rates", kwargs=dict(values=rng.uniform(0.05, 0.5, steps + 1).tolist()))


@SGD.cases("a schedule of rates", weight=1)
def _(rng):
    for shapes, nesterov in (([(3,)], False), ([(2, 3), (3,)], False), ([(2, 3), (3,)], True), ([(2,), (2,)], True)):
        yield _optimized(rng, shapes, 5, lr=_schedule(rng, 5), nesterov=nesterov)
    yield _optimized(rng, [(3,), (2,)], 4, lr=_schedule(rng, 4), momentum=0.0)


@SGD.cases("gradients that are None", weight=1)
def _(rng):
    for shapes, nesterov in (([(3,), (2,)], False), ([(2, 3), (3,), (4,)], True), ([(3,), (3,)], False)):
        case = _optimized(rng, shapes, 7, nesterov=nesterov)
        for update, position in ((1, 0), (3, len(shapes) - 1), (4, 0)):
            case["grads"][update][position] = None
        yield case
    case = _optimized(rng, [(3,), (2,)], 6, lr=_schedule(rng, 6))
    case["grads"][2] = [None, None]
    case["grads"][4][0] = None
    yield case


@SGD.cases("two models at once", weight=0.5, driver="utils.drivers.optimizers.optimizers_side_by_side")
def _(rng):
    yield _optimized(rng, [(3,), (2, 2)], 5)
    yield _optimized(rng, [(3,), (3,)], 5, lr=_schedule(rng, 5), nesterov=True)


@SGD.cases(
    "a long run, each gradient in the same array", weight=0.5, driver="utils.drivers.optimizers.optimizer_in_a_long_run"
)
def _(rng):
    yield _optimized(rng, [(3,), (2, 2)], 12)
    yield _optimized(rng, [(4,)], 12, nesterov=True)


class _Started:
    """What most misconceptions share: how an optimizer begins, and the usual step."""

    def __init__(self, parameters, lr, momentum=0.0, nesterov=False):
        self.parameters, self.lr, self.momentum, self.nesterov = parameters, lr, momentum, nesterov
        self.velocities = [np.zeros_like(theta) for theta in parameters]
        self.k = 0

    def step(self, grads):
        lr = self.rate()
        for i, grad in enumerate(grads):
            if grad is not None:
                self.velocities[i] = self.accumulated(self.velocities[i], grad)
                self.parameters[i][...] -= lr * self.direction(grad, self.velocities[i])
        self.k += 1

    def rate(self):
        return self.lr(self.k) if callable(self.lr) else self.lr

    def accumulated(self, velocity, grad):
        return self.momentum * velocity + grad

    def direction(self, grad, velocity):
        return grad + self.momentum * velocity if self.nesterov else velocity


@SGD.misconception
class ascends(_Started):
    """The gradient points uphill. In which direction does the loss fall?"""

    def direction(self, grad, velocity):
        return -_Started.direction(self, grad, velocity)


@SGD.misconception
class rate_inside_the_velocity(_Started):
    """Your velocity keeps the rates of old updates. With a schedule that differs from torch's form: there the velocity
    is a sum of bare gradients, and today's rate multiplies all of it.
    """

    def step(self, grads):
        lr = self.rate()
        for theta, velocity, grad in zip(self.parameters, self.velocities, grads, strict=True):
            if grad is not None:
                velocity *= self.momentum
                velocity += lr * grad
                theta -= lr * grad + self.momentum * velocity if self.nesterov else velocity
        self.k += 1


@SGD.misconception
class averages_the_gradients(_Started):
    """You weight the gradient by 1 - momentum. The velocity asked for is a decaying sum: under a constant gradient,
    where does it settle?
    """

    def accumulated(self, velocity, grad):
        return self.momentum * velocity + (1 - self.momentum) * grad


@SGD.misconception
class damps_the_gradient_too(_Started):
    """The new gradient has not slowed down yet. To which of the two terms does momentum belong?"""

    def accumulated(self, velocity, grad):
        return self.momentum * (velocity + grad)


@SGD.misconception
class momentum_as_friction(_Started):
    """With momentum = 0.9 your velocity keeps a tenth of itself. Is momentum the share that is kept or the share that
    is lost?
    """

    def accumulated(self, velocity, grad):
        return (1 - self.momentum) * velocity + grad


@SGD.misconception
class no_momentum(_Started):
    """Your steps are those of plain descent. What does an update keep of the ones before?"""

    def accumulated(self, velocity, grad):
        return grad

    def direction(self, grad, velocity):
        return grad


@SGD.misconception
class velocity_starts_anew(_Started):
    """Your velocity starts at zero in every step, so nothing is carried over. Where should it be made, so that it
    outlives a step? And is the new one written back to where the next step looks for it?
    """

    def accumulated(self, velocity, grad):
        return grad


@SGD.misconception
class moves_with_the_old_velocity(_Started):
    """You move first and update the velocity afterwards, so today's gradient counts only tomorrow."""

    def step(self, grads):
        lr = self.rate()
        for i, grad in enumerate(grads):
            if grad is not None:
                self.parameters[i][...] -= lr * self.direction(grad, self.velocities[i])
                self.velocities[i] = self.accumulated(self.velocities[i], grad)
        self.k += 1


@SGD.misconception
class one_velocity_for_all(_Started):
    """Your parameters share one velocity, so what one has learnt pushes the next. How many velocities does a model with
    two parameters need?
    """

    def step(self, grads):
        lr = self.rate()
        for theta, grad in zip(self.parameters, grads, strict=True):
            if grad is not None:
                self.velocities = self.accumulated(self.velocities if self.k else 0.0, grad)
                theta -= lr * self.direction(grad, self.velocities)
                self.k = max(self.k, 1)
        self.k += 1

    def rate(self):
        self.updates = getattr(self, "updates", -1) + 1
        return self.lr(self.updates) if callable(self.lr) else self.lr


@SGD.misconception
class rebinds_the_parameters(_Started):
    """Your numbers are right, but nobody else sees them: the model still holds the arrays from before. How does NumPy
    write into an array, instead of making another one?
    """

    def step(self, grads):
        lr = self.rate()
        for i, grad in enumerate(grads):
            if grad is not None:
                self.velocities[i] = self.accumulated(self.velocities[i], grad)
                self.parameters[i] = self.parameters[i] - lr * self.direction(grad, self.velocities[i])
        self.k += 1


@SGD.misconception
class ignores_nesterov(_Started):
    """With nesterov=True your steps are those of plain momentum. Where is the flag used?"""

    def direction(self, grad, velocity):
        return velocity


@SGD.misconception
class always_looks_ahead(_Started):
    """You look ahead with nesterov=False too."""

    def direction(self, grad, velocity):
        return grad + self.momentum * velocity


@SGD.misconception
class looks_ahead_from_the_old_velocity(_Started):
    """With nesterov you multiply the old velocity twice and leave the new gradient out of it. Which velocity stands in
    g + momentum v, that of before this update or that of after?
    """

    def accumulated(self, velocity, grad):
        self.old = velocity
        return _Started.accumulated(self, velocity, grad)

    def direction(self, grad, velocity):
        return grad + self.momentum**2 * self.old if self.nesterov else velocity


@SGD.misconception
class looks_ahead_twice(_Started):
    """With nesterov you look ahead of where looking ahead has brought you. How often does momentum multiply the new
    gradient?
    """

    def direction(self, grad, velocity):
        ahead = grad + self.momentum * velocity
        return grad + self.momentum * ahead if self.nesterov else velocity


@SGD.misconception
class keeps_the_look_ahead(_Started):
    """You store the step that looked ahead as the velocity, so the next update looks ahead of that. What should the
    next update find?
    """

    def accumulated(self, velocity, grad):
        velocity = _Started.accumulated(self, velocity, grad)
        return grad + self.momentum * velocity if self.nesterov else velocity

    def direction(self, grad, velocity):
        return velocity


@SGD.misconception
class none_as_zero(_Started):
    """You treat a missing gradient as zero, so that parameter coasts on and its velocity fades. Both should stay as
    they are.
    """

    def step(self, grads):
        zeros = [np.zeros_like(theta) for theta in self.parameters]
        _Started.step(self, [zero if grad is None else grad for grad, zero in zip(grads, zeros, strict=True)])


@SGD.misconception
class stops_at_none(_Started):
    """Where one gradient is None you leave out the parameters that come after it, too."""

    def step(self, grads):
        lr = self.rate()
        for i, grad in enumerate(grads):
            if grad is None:
                break
            self.velocities[i] = self.accumulated(self.velocities[i], grad)
            self.parameters[i][...] -= lr * self.direction(grad, self.velocities[i])
        self.k += 1


@SGD.misconception
class missing_gradients_shift_the_rest(_Started):
    """You drop the gradients that are None first, and the others then meet the wrong parameters. Which belong
    together?
    """

    def step(self, grads):
        _Started.step(self, [grad for grad in grads if grad is not None])


@SGD.misconception
class counts_from_one(_Started):
    """Your schedule begins with its second rate. Which number does the first update have?"""

    def rate(self):
        return self.lr(self.k + 1) if callable(self.lr) else self.lr


@SGD.misconception
class counts_parameters(_Started):
    """Your schedule runs faster the more parameters there are. What does k count, and where does it go up?"""

    def step(self, grads):
        for i, grad in enumerate(grads):
            lr = self.rate()
            self.k += 1
            if grad is not None:
                self.velocities[i] = self.accumulated(self.velocities[i], grad)
                self.parameters[i][...] -= lr * self.direction(grad, self.velocities[i])


@SGD.misconception
class asks_the_schedule_once(_Started):
    """Your rate never changes, although `lr` is a schedule. Is it asked at every update, and does k go up?"""

    def rate(self):
        return self.lr(0) if callable(self.lr) else self.lr


@SGD.misconception
class counts_only_full_updates(_Started):
    """Where a gradient is None your schedule stands still. An update counts, whichever parameters it leaves alone."""

    def step(self, grads):
        _Started.step(self, grads)
        self.k -= any(grad is None for grad in grads)


@SGD.misconception
class changes_the_gradients(_Started):
    """The gradients that you were handed are no longer what they were: += and *= write into them, and the model may
    still need them.
    """

    def step(self, grads):
        lr = self.rate()
        for theta, velocity, grad in zip(self.parameters, self.velocities, grads, strict=True):
            if grad is not None:
                velocity *= self.momentum
                velocity += grad
                if self.nesterov:
                    grad += self.momentum * velocity
                    theta -= lr * grad
                else:
                    grad[...] = velocity
                    theta -= lr * velocity
        self.k += 1


@SGD.misconception
class keeps_the_gradient_array(_Started):
    """Your first velocity is the array of the first gradient itself. What happens to it when the model writes the next
    gradient into that array?
    """

    def accumulated(self, velocity, grad):
        return self.momentum * velocity + grad if np.any(velocity) else grad


@SGD.misconception
class keeps_every_gradient(_Started):
    """Your numbers are right, but you keep the gradients of all updates, and a long run fills the memory. What is the
    least that the next update has to know?
    """

    def step(self, grads):
        self.history = [*getattr(self, "history", []), [None if grad is None else grad.copy() for grad in grads]]
        for i, theta in enumerate(self.parameters):
            seen = [each[i] for each in self.history if each[i] is not None]
            if grads[i] is not None:
                velocity = sum(self.momentum**age * grad for age, grad in enumerate(reversed(seen)))
                theta -= self.rate() * self.direction(grads[i], velocity)
        self.k += 1


@SGD.misconception
class velocities_of_the_class(_Started):
    """Your velocities belong to the class, so all optimizers share them: a second model continues with those of the
    first. Where do the data of one object live?
    """

    shared = {}

    def step(self, grads):
        lr = self.rate()
        for i, grad in enumerate(grads):
            if grad is not None:
                self.shared[i] = self.momentum * self.shared.get(i, 0.0) + grad
                self.parameters[i][...] -= lr * self.direction(grad, self.shared[i])
        self.k += 1


@SGD.misconception
class made_anew_for_all(_Started):
    """A second optimizer resets the velocities of the first, because they belong to the class. Where do the data of one
    object live?
    """

    def __init__(self, parameters, lr, momentum=0.0, nesterov=False):
        _Started.__init__(self, parameters, lr, momentum, nesterov)
        type(self).shared = self.velocities

    def step(self, grads):
        self.velocities = self.shared
        _Started.step(self, grads)


# --- train


@exercise(points=6, returns=("losses", "parameters"), driver="utils.drivers.optimizers.training")
def train(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    """Oracle: torch's BatchSampler cuts the epochs; the mean over examples by NumPy's average."""
    losses = []
    for _ in range(epochs):
        sampler = torch.utils.data.BatchSampler(rng.permutation(len(X)), batch_size, drop_last=False)
        found = [_updated(parameters, backward, optimizer, X[batch], y[batch]) for batch in sampler]
        losses.append(float(np.average(found, weights=[len(batch) for batch in sampler])))
    return losses


def _updated(parameters, backward, optimizer, inputs, labels):
    """Make one update; return the loss before it."""
    grads = [np.zeros_like(theta) for theta in parameters]
    loss = backward(inputs, labels, grads)
    optimizer.step(grads)
    return loss


def _trained(rng, n, **settings):
    """A case with n examples in three classes."""
    network = dict(sizes=[2, 3, 3], seed=int(rng.integers(1_000_000)))
    return dict(
        network=Reference("utils.networks.network", kwargs=network),
        X=rng.normal(size=(n, 2)),
        y=rng.permutation(np.arange(n) % 3),
        lr=float(rng.uniform(0.4, 0.8)),
        rng=Seed(int(rng.integers(1_000_000))),
        **settings,
    )


# Each of the three groups sees one bug alone. An order that is drawn once shows from the second epoch on, a batch that
# is left out where the last one is smaller, a buffer that is not cleared where the network adds to what stands in it.


@train.cases("several epochs", weight=1)
def _(rng):
    for n, batch_size, epochs in ((12, 3, 3), (8, 2, 2), (10, 5, 4), (6, 1, 2)):
        yield _trained(rng, n, batch_size=batch_size, epochs=epochs, adds=False)


@train.cases("one epoch, batches of two sizes", weight=1)
def _(rng):
    for n, batch_size in ((10, 4), (7, 3), (11, 5), (9, 8), (4, 6)):
        yield _trained(rng, n, batch_size=batch_size, epochs=1, adds=False)


@train.cases("one epoch, a network that adds", weight=1)
def _(rng):
    for n, batch_size in ((12, 3), (8, 2), (10, 5), (5, 1)):
        yield _trained(rng, n, batch_size=batch_size, epochs=1, adds=True)
    yield _trained(rng, 6, batch_size=6, epochs=3, adds=True)


def _loop(
    parameters, backward, optimizer, X, y, epochs, batch_size, rng, once=False, whole=False, clear="update", mean=None
):
    """A loop in which the bugs can be switched on.

    once : one order for all epochs.  whole : only whole batches.  clear : when the gradients are cleared, before each
    "update", at the beginning of each "epoch", or "never" again.  mean : of an epoch's losses, from their list, the
    sizes of the batches and the number of examples; by default over the examples.
    """
    losses, order, grads = [], rng.permutation(len(X)), [np.zeros_like(theta) for theta in parameters]
    for epoch in range(epochs):
        order = order if once or epoch == 0 else rng.permutation(len(X))
        batches = [order[start : start + batch_size] for start in range(0, len(X), batch_size)]
        batches = [batch for batch in batches if len(batch) == batch_size or not whole]
        found = []
        for position, batch in enumerate(batches):
            if clear == "update" or clear == "epoch" and position == 0:
                grads = [np.zeros_like(theta) for theta in parameters]
            found.append(backward(X[batch], y[batch], grads))
            optimizer.step(grads)
        sizes = [len(batch) for batch in batches]
        by_example = sum(loss * size for loss, size in zip(found, sizes, strict=True)) / len(X)
        losses.append(by_example if mean is None else mean(found, sizes, len(X)))
    return losses


@train.misconception
def one_order_for_all_epochs(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    """Print the first batch of two epochs: it holds the same examples. When is the order drawn?"""
    return _loop(parameters, backward, optimizer, X, y, epochs, batch_size, rng, once=True)


@train.misconception
def last_batch_left_out(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    """When the batch size does not divide the number of examples, some are never seen in an epoch. Where does the last
    batch begin, and where does your range end?
    """
    return _loop(parameters, backward, optimizer, X, y, epochs, batch_size, rng, whole=True)


@train.misconception
def gradients_pile_up(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    """backward adds to what stands in grads. What stands there when the second update begins?"""
    return _loop(parameters, backward, optimizer, X, y, epochs, batch_size, rng, clear="never")


@train.misconception
def gradients_pile_up_within_an_epoch(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    """You clear the gradients once an epoch, but backward adds to them at every batch. How often must they be
    cleared?
    """
    return _loop(parameters, backward, optimizer, X, y, epochs, batch_size, rng, clear="epoch")


@train.misconception
def mean_over_batches(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    """The parameters are right, but a small last batch weighs as much as a full one in your mean. How much does it
    count if every example counts the same?
    """
    return _loop(
        parameters, backward, optimizer, X, y, epochs, batch_size, rng, mean=lambda found, *rest: float(np.mean(found))
    )


@train.misconception
def last_batch_weighs_as_a_full_one(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    """You multiply each loss by batch_size. How many examples does the last batch hold?"""
    return _loop(
        *(parameters, backward, optimizer, X, y, epochs, batch_size, rng),
        mean=lambda found, sizes, n: sum(found) * batch_size / n,
    )


@train.misconception
def sums_the_losses(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    """Your losses grow with the number of examples. What should each sum be divided by?"""
    return _loop(
        *(parameters, backward, optimizer, X, y, epochs, batch_size, rng),
        mean=lambda found, sizes, n: float(np.dot(found, sizes)),
    )


@train.misconception
def last_loss_only(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    """You report the loss of the last batch. The mean is over all examples of the epoch."""
    return _loop(parameters, backward, optimizer, X, y, epochs, batch_size, rng, mean=lambda found, *rest: found[-1])


@train.misconception
def loss_after_the_epoch(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    """You go through all examples again when the epoch is over. The mean is of the losses that backward has seen on the
    way.
    """

    def afterwards(*rest):
        return backward(X, y, [np.zeros_like(theta) for theta in parameters])

    return _loop(parameters, backward, optimizer, X, y, epochs, batch_size, rng, mean=afterwards)


@train.misconception
def never_shuffles(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    """You go through the examples as they come. What is rng for?"""

    class Unmoved:
        def permutation(self, n):
            return np.arange(n)

    return _loop(parameters, backward, optimizer, X, y, epochs, batch_size, Unmoved())


@train.misconception
def labels_left_behind(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    """Your examples are shuffled, but their labels are not. Which label belongs to X[batch]?"""
    ranks = iter(range(len(X) * epochs))

    def mismatched(inputs, labels, grads):
        places = [next(ranks) % len(X) for _ in labels]
        return backward(inputs, y[places], grads)

    return _loop(parameters, mismatched, optimizer, X, y, epochs, batch_size, rng)


@train.misconception
def shuffles_what_is_shuffled(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    """You shuffle the examples as the epoch before has left them. That is as random, but asked for is the order of
    rng.permutation in the data as they came.
    """
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        X, y = X[order], y[order]
        losses += never_shuffles(parameters, backward, optimizer, X, y, 1, batch_size, rng)
    return losses


@train.misconception
def draws_with_replacement(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    """Some examples come twice in your epoch, and others not at all. How does a permutation differ from random
    indices?
    """

    class Urn:
        def permutation(self, n):
            return rng.integers(n, size=n)

    return _loop(parameters, backward, optimizer, X, y, epochs, batch_size, Urn())


@train.misconception
def never_steps(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    """Your parameters stay where they were. Who moves them, and what stands in the gradients when it is asked to?"""

    class Idle:
        def step(self, grads):
            pass

    return _loop(parameters, backward, Idle(), X, y, epochs, batch_size, rng)


@train.misconception
def one_update_an_epoch(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    """You update once an epoch. Where does the step stand, inside the loop over the batches or after it?"""
    losses = []
    for _ in range(epochs):
        order, total = rng.permutation(len(X)), 0.0
        grads = [np.zeros_like(theta) for theta in parameters]
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            total += backward(X[batch], y[batch], grads) * len(batch)
        optimizer.step(grads)
        losses.append(total / len(X))
    return losses
