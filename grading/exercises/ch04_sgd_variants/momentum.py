"""Exercises on SGD, schedules and momentum (Goodfellow et al., 2016, section 8.3).

Symbols: theta parameters, grad gradient, lr learning rate, momentum the book's alpha, velocity v.
"""

import numpy as np
import pandas as pd
import scipy.signal
import torch

from grading.exercise import exercise
from utils.check.plain import Reference

SHAPES = [(1,), (5,), (3, 4)]


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


@sgd_step.misconception("ascends", hint="The gradient points uphill. In which direction does the cost fall?")
def _(theta, grad, lr):
    return theta + lr * grad


@sgd_step.misconception("rate-missing", hint="How long is your step if the learning rate is made ten times smaller?")
def _(theta, grad, lr):
    return theta - grad


@sgd_step.misconception(
    "returns-the-step", hint="You return how far to move. Where do the parameters stand after the move?"
)
def _(theta, grad, lr):
    return -lr * grad


@sgd_step.misconception(
    "normalizes-the-gradient",
    hint=(
        "Your step has the same length on steep and on flat ground. Gradient descent slows down as the "
        "gradient shrinks."
    ),
)
def _(theta, grad, lr):
    norm = np.sqrt(np.sum(grad**2))
    return theta - lr * grad / norm if norm > 0 else theta.copy()


@sgd_step.misconception(
    "updates-in-place",
    hint=(
        "Your numbers are right, but the caller's theta has changed too: -= and theta[i] = ... write into the array "
        "that you were given."
    ),
)
def _(theta, grad, lr):
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


@linear_decay.misconception(
    "not-clamped", hint="Try k = 1.5 tau. A straight line goes on falling; what should the rate do after tau?"
)
def _(k, lr0, lr_tau, tau):
    return (1 - k / tau) * lr0 + k / tau * lr_tau


@linear_decay.misconception(
    "ends-at-zero", hint="Your rate reaches zero at tau, and training stops there. Where should the line end?"
)
def _(k, lr0, lr_tau, tau):
    return max(0.0, 1 - k / tau) * lr0


@linear_decay.misconception(
    "reversed", hint="Your rate grows. At k = 0, which of the two rates should have the whole weight?"
)
def _(k, lr0, lr_tau, tau):
    fraction = min(k / tau, 1.0)
    return fraction * lr0 + (1 - fraction) * lr_tau


@linear_decay.misconception(
    "floored-line-to-zero",
    hint="You aim the line at zero and catch it at lr_tau. It should aim at lr_tau and arrive there exactly at tau.",
)
def _(k, lr0, lr_tau, tau):
    return max((1 - k / tau) * lr0, lr_tau)


@linear_decay.misconception(
    "zero-after-tau", hint="Up to tau your rate is right. After it the rate stays at lr_tau, so that training goes on."
)
def _(k, lr0, lr_tau, tau):
    return (1 - k / tau) * lr0 + k / tau * lr_tau if k <= tau else 0.0


@linear_decay.misconception(
    "whole-number-division",
    hint="Your rate stays at lr0 and then drops at once. What does // do to a fraction between 0 and 1?",
)
def _(k, lr0, lr_tau, tau):
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


@exponential_decay.misconception(
    "rate-ignored", hint="Your schedule is the same whether `rate` is 0.01 or 2. Where does the formula use it?"
)
def _(k, lr0, rate):
    return lr0 * np.exp(-k)


@exponential_decay.misconception(
    "grows", hint="Your rate gets larger with k. Which sign must the exponent have for a decay?"
)
def _(k, lr0, rate):
    return lr0 * np.exp(rate * k)


@exponential_decay.misconception(
    "rate-as-base",
    hint="You multiply by `rate` each step. In lr0 e^(-rate k), what is the factor from one step to the next?",
)
def _(k, lr0, rate):
    return lr0 * rate**k


@exponential_decay.misconception(
    "one-minus-rate",
    hint="(1 - rate)^k is what e^(-rate k) looks like for a tiny rate only. Compare the two at rate = 2.",
)
def _(k, lr0, rate):
    return lr0 * (1 - rate) ** k


@exponential_decay.misconception(
    "hyperbolic",
    hint="lr0 / (1 + rate k) is another schedule, 1/k decay. How does an exponential treat equal stretches of k?",
)
def _(k, lr0, rate):
    return lr0 / (1 + rate * k)


@exponential_decay.misconception(
    "power-of-two", hint="Your rate halves where it should fall to 1/e. Which base does the formula name?"
)
def _(k, lr0, rate):
    return lr0 * 2.0 ** (-rate * k)


@exponential_decay.misconception("off-by-one", hint="At k = 0 nothing has decayed yet. What is your rate there?")
def _(k, lr0, rate):
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


@exponential_average.misconception(
    "corrected-value-fed-back",
    hint=(
        "You carry the corrected average into the next day, so it is corrected again and again. Keep the "
        "plain one, correct a copy."
    ),
)
def _(x, beta, correct):
    average, out = np.zeros_like(x[0]), []
    for t, value in enumerate(x, start=1):
        average = beta * average + (1 - beta) * value
        if correct:
            average = average / (1 - beta**t)
        out.append(average)
    return np.array(out)


@exponential_average.misconception(
    "counts-from-zero",
    hint="On the first day you divide by 1 - beta^0 = 0. How many values has the average seen by then?",
)
def _(x, beta, correct):
    average, out = np.zeros_like(x[0]), []
    for t, value in enumerate(x):
        average = beta * average + (1 - beta) * value
        with np.errstate(all="ignore"):
            out.append(np.true_divide(average, 1 - np.float64(beta) ** t) if correct else average)
    return np.array(out)


@exponential_average.misconception(
    "counts-one-ahead", hint="After the first value the weights add up to 1 - beta. What does your divisor say then?"
)
def _(x, beta, correct):
    average, out = np.zeros_like(x[0]), []
    for t, value in enumerate(x, start=1):
        average = beta * average + (1 - beta) * value
        out.append(average / (1 - beta ** (t + 1)) if correct else average)
    return np.array(out)


@exponential_average.misconception(
    "weights-swapped", hint="With beta = 0.9, does your average follow today's value or its own past?"
)
def _(x, beta, correct):
    average, out = np.zeros_like(x[0]), []
    for t, value in enumerate(x, start=1):
        average = (1 - beta) * average + beta * value
        out.append(average / (1 - (1 - beta) ** t) if correct else average)
    return np.array(out)


@exponential_average.misconception(
    "starts-at-the-first-value",
    hint="Your average starts at x[0]. The one asked for starts at zero: that is what the correction repairs.",
)
def _(x, beta, correct):
    average, out = x[0], []
    for value in x:
        average = beta * average + (1 - beta) * value
        out.append(average)
    return np.array(out)


@exponential_average.misconception(
    "never-corrects",
    hint="Look at your first values with correct=True: they are still far too small. Is `correct` used?",
)
def _(x, beta, correct):
    average, out = np.zeros_like(x[0]), []
    for value in x:
        average = beta * average + (1 - beta) * value
        out.append(average)
    return np.array(out)


@exponential_average.misconception(
    "always-corrects",
    hint="With correct=False the early values should be too small. What does your function do with `correct`?",
)
def _(x, beta, correct):
    average, out = np.zeros_like(x[0]), []
    for t, value in enumerate(x, start=1):
        average = beta * average + (1 - beta) * value
        out.append(average / (1 - beta**t))
    return np.array(out)


@exponential_average.misconception(
    "divides-by-one-minus-beta",
    hint="You divide by the same number every day. The sum of the weights grows with t: what is it after t values?",
)
def _(x, beta, correct):
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


@momentum_step.misconception(
    "averages-the-gradient",
    hint=(
        "You weight the gradient by 1 - momentum too. The book's velocity is a decaying sum, not an average: "
        "with a constant gradient, where does it settle?"
    ),
)
def _(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity - lr * (1 - momentum) * grad
    return theta + velocity, velocity


@momentum_step.misconception(
    "pushes-uphill",
    hint="The gradient is a force that pushes the ball. Which sign must it have for the ball to roll downhill?",
)
def _(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity + lr * grad
    return theta + velocity, velocity


@momentum_step.misconception(
    "subtracts-the-velocity",
    hint="Your velocity already points downhill. What happens when you subtract it from theta?",
)
def _(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity - lr * grad
    return theta - velocity, velocity


@momentum_step.misconception(
    "moves-with-the-old-velocity",
    hint="You move first and update the velocity afterwards, so today's gradient counts only tomorrow.",
)
def _(theta, grad, velocity, lr, momentum):
    return theta + velocity, momentum * velocity - lr * grad


@momentum_step.misconception(
    "old-velocity-returned",
    hint=(
        "theta is right this once, but you hand back the velocity that you were given. What will the next "
        "step start from?"
    ),
)
def _(theta, grad, velocity, lr, momentum):
    return theta + momentum * velocity - lr * grad, velocity


@momentum_step.misconception(
    "velocity-not-returned", hint="The next step needs the new velocity as well. What should the function hand back?"
)
def _(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity - lr * grad
    return theta + velocity


@momentum_step.misconception(
    "rate-outside-the-velocity",
    hint=(
        "Your velocity is a sum of bare gradients and the rate comes in later. That is torch's form; in the "
        "book's the rate is inside the velocity."
    ),
)
def _(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity + grad
    return theta - lr * velocity, velocity


@momentum_step.misconception(
    "momentum-as-friction",
    hint=(
        "With momentum = 0.9 your ball keeps a tenth of its speed. Momentum is the share that is kept; "
        "friction takes the rest."
    ),
)
def _(theta, grad, velocity, lr, momentum):
    velocity = (1 - momentum) * velocity - lr * grad
    return theta + velocity, velocity


@momentum_step.misconception(
    "damps-the-gradient-too",
    hint="The new gradient has not slowed down yet. To which of the two terms does momentum belong?",
)
def _(theta, grad, velocity, lr, momentum):
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


def _quadratic(rng, size, scale=1.0):
    """A gradient function to hand over: that of a quadratic with a random positive definite Hessian."""
    factor = rng.normal(size=(size, size))
    hessian = factor @ factor.T / size + np.eye(size)
    return Reference(
        "utils.landscapes.quadratic", "gradient", dict(hessian=hessian, center=scale * rng.normal(size=size))
    )


@nesterov_step.cases("one step", weight=1)
def _(rng):
    for shape in SHAPES:
        yield dict(
            theta=rng.normal(size=shape),
            velocity=rng.normal(size=shape),
            grad_fn=_quadratic(rng, shape[-1]),
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
            grad_fn=_quadratic(rng, 3),
            lr=np.full(25, rng.uniform(0.05, 0.1)),
            momentum=momentum,
        )


@nesterov_step.cases("edge cases", weight=1)
def _(rng):
    yield dict(theta=rng.normal(size=3), velocity=np.zeros(3), grad_fn=_quadratic(rng, 3), lr=0.1, momentum=0.9)
    yield dict(theta=rng.normal(size=3), velocity=rng.normal(size=3), grad_fn=_quadratic(rng, 3), lr=0.1, momentum=0.5)
    yield dict(theta=rng.normal(size=3), velocity=rng.normal(size=3), grad_fn=_quadratic(rng, 3), lr=0.1, momentum=0.0)
    for scale in (1e-8, 1e8):
        theta, velocity = scale * rng.normal(size=(2, 3))
        yield dict(theta=theta, velocity=velocity, grad_fn=_quadratic(rng, 3, scale), lr=0.15, momentum=0.7)


@nesterov_step.misconception(
    "gradient-at-theta",
    hint="You look at the slope where you stand. Nesterov looks where the velocity is about to carry you.",
)
def _(theta, velocity, grad_fn, lr, momentum):
    velocity = momentum * velocity - lr * grad_fn(theta)
    return theta + velocity, velocity


@nesterov_step.misconception(
    "looks-back", hint="You look at where you came from. In which direction does the velocity carry theta?"
)
def _(theta, velocity, grad_fn, lr, momentum):
    velocity = momentum * velocity - lr * grad_fn(theta - momentum * velocity)
    return theta + velocity, velocity


@nesterov_step.misconception(
    "looks-too-far",
    hint="You look a whole velocity ahead. Friction takes its share first: how far will you really get?",
)
def _(theta, velocity, grad_fn, lr, momentum):
    velocity = momentum * velocity - lr * grad_fn(theta + velocity)
    return theta + velocity, velocity


@nesterov_step.misconception(
    "steps-from-the-look-ahead",
    hint="The point ahead is only where you look. You start the step from it, so the velocity counts twice.",
)
def _(theta, velocity, grad_fn, lr, momentum):
    ahead = theta + momentum * velocity
    velocity = momentum * velocity - lr * grad_fn(ahead)
    return ahead + velocity, velocity


@nesterov_step.misconception(
    "pushes-uphill", hint="You look in the right place, then climb. Which sign must the gradient have in the velocity?"
)
def _(theta, velocity, grad_fn, lr, momentum):
    velocity = momentum * velocity + lr * grad_fn(theta + momentum * velocity)
    return theta + velocity, velocity


@nesterov_step.misconception(
    "velocity-without-gradient",
    hint="theta is right, but the velocity you hand back has not felt the gradient. The next step would only coast.",
)
def _(theta, velocity, grad_fn, lr, momentum):
    ahead = theta + momentum * velocity
    return ahead - lr * grad_fn(ahead), momentum * velocity


@nesterov_step.misconception(
    "velocity-not-returned", hint="The next step needs the new velocity as well. What should the function hand back?"
)
def _(theta, velocity, grad_fn, lr, momentum):
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


@averaged_momentum_step.misconception(
    "rate-not-rescaled",
    hint="An average is smaller than a sum. By which factor, for a constant gradient? The rate must make up for it.",
)
def _(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity + (1 - momentum) * grad
    return theta - lr * velocity, velocity


@averaged_momentum_step.misconception(
    "rate-rescaled-the-wrong-way",
    hint=(
        "You make the rate smaller still. The average is the smaller of the two velocities: must its rate "
        "grow or shrink?"
    ),
)
def _(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity + (1 - momentum) * grad
    return theta - lr * (1 - momentum) * velocity, velocity


@averaged_momentum_step.misconception(
    "weights-swapped", hint="Which weight belongs to the past, momentum or 1 - momentum? Try momentum = 0.9."
)
def _(theta, grad, velocity, lr, momentum):
    velocity = (1 - momentum) * velocity + momentum * grad
    return theta - lr / (1 - momentum) * velocity, velocity


@averaged_momentum_step.misconception(
    "sum-instead-of-average",
    hint="Your path is right, but your velocity is the decaying sum. Its weights should add up to one.",
)
def _(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity + grad
    return theta - lr * velocity, velocity


@averaged_momentum_step.misconception(
    "squared-momentum",
    hint="The past is damped by momentum once a step. Where does your second factor of momentum come from?",
)
def _(theta, grad, velocity, lr, momentum):
    velocity = momentum**2 * velocity + (1 - momentum) * grad
    return theta - lr / (1 - momentum) * velocity, velocity


@averaged_momentum_step.misconception(
    "moves-with-the-old-velocity",
    hint="You move with yesterday's average. Update the velocity first, then move with it.",
)
def _(theta, grad, velocity, lr, momentum):
    return theta - lr / (1 - momentum) * velocity, momentum * velocity + (1 - momentum) * grad


@averaged_momentum_step.misconception(
    "ascends", hint="The average points uphill, like the gradients it is made of. Which way should theta go?"
)
def _(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity + (1 - momentum) * grad
    return theta + lr / (1 - momentum) * velocity, velocity
