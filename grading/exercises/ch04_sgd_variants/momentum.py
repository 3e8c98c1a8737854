"""Exercises on SGD, schedules and momentum (Goodfellow et al., 2016, section 8.3).

Symbols: theta parameters, grad gradient, lr learning rate, momentum the book's alpha, velocity v.
"""

import numpy as np
import pandas as pd
import scipy.signal
import torch

from grading.exercise import exercise
from grading.exercises.ch04_sgd_variants._helpers import SHAPES, quadratic
from utils.check.plain import Reference


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


# --- exponential_decay


@exercise(points=2, returns="lr")
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
