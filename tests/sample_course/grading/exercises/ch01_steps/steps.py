"""Seven small exercises whose cases are drawn in no time: NumPy is their only oracle."""

import numpy as np

from grading.exercise import exercise
from utils.check.plain import Reference

SHAPES = [(3,), (2, 2)]


def _rates(rng):
    return dict(lr=float(rng.uniform(0.05, 0.3)), momentum=float(rng.uniform(0.6, 0.8)))


def _arrays(rng, names, shape):
    return {name: rng.normal(size=shape) for name in names}


# --- sgd_step


@exercise(points=2, returns="theta")
def sgd_step(theta, grad, lr):
    return np.subtract(theta, np.multiply(lr, grad))


@sgd_step.cases("one step")
def _(rng):
    for shape in SHAPES:
        yield dict(**_arrays(rng, ("theta", "grad"), shape), lr=float(rng.uniform(0.05, 0.5)))


@sgd_step.trajectory("5 steps", carry=("theta",), each=("grad",))
def _(rng):
    yield dict(theta=rng.normal(size=4), grad=rng.normal(size=(5, 4)), lr=float(rng.uniform(0.05, 0.3)))


@sgd_step.misconception
def ascends(theta, grad, lr):
    """The gradient points uphill."""
    return theta + lr * grad


@sgd_step.misconception
def rate_missing(theta, grad, lr):
    """How long is the step at a tenth of the rate?"""
    return theta - grad


@sgd_step.misconception
def updates_in_place(theta, grad, lr):
    """The caller's theta has changed too."""
    theta -= lr * grad
    return theta


# --- linear_decay


@exercise(points=2, returns="lr")
def linear_decay(k, lr0, lr_tau, tau):
    return float(np.interp(k, [0, tau], [lr0, lr_tau]))


@linear_decay.cases("up to tau")
def _(rng):
    lr0, tau = float(rng.uniform(0.1, 0.5)), int(rng.integers(40, 80))
    for k in (1, tau // 3, tau - 1):
        yield dict(k=k, lr0=lr0, lr_tau=0.01 * lr0, tau=tau)


@linear_decay.cases("from tau on")
def _(rng):
    lr0, tau = float(rng.uniform(0.1, 0.5)), int(rng.integers(20, 60))
    for k in (tau + 1, 4 * tau):
        yield dict(k=k, lr0=lr0, lr_tau=float(rng.uniform(0.02, 0.3)) * lr0, tau=tau)


@linear_decay.misconception
def not_clamped(k, lr0, lr_tau, tau):
    """Try k = 1.5 tau."""
    return (1 - k / tau) * lr0 + k / tau * lr_tau


@linear_decay.misconception
def reversed_(k, lr0, lr_tau, tau):
    """Your rate grows."""
    fraction = min(k / tau, 1.0)
    return fraction * lr0 + (1 - fraction) * lr_tau


# --- exponential_decay


@exercise(points=2, returns="lr")
def exponential_decay(k, lr0, rate):
    return lr0 * float(np.power(np.exp(-rate), k))


@exponential_decay.cases("usual rates")
def _(rng):
    for k in (1, 5, 20):
        yield dict(k=k, lr0=float(rng.uniform(0.05, 0.5)), rate=float(rng.uniform(0.01, 0.05)))


@exponential_decay.misconception
def grows(k, lr0, rate):
    """Which sign has the exponent?"""
    return lr0 * np.exp(rate * k)


# --- exponential_average


@exercise(points=4, returns="average")
def exponential_average(x, beta, correct):
    weights = np.tril((1 - beta) * beta ** np.abs(np.subtract.outer(np.arange(len(x)), np.arange(len(x)))))
    weights = weights / weights.sum(axis=1, keepdims=True) if correct else weights
    return np.tensordot(weights, x, axes=1)


@exponential_average.cases("uncorrected")
def _(rng):
    for shape, beta in [((6,), 0.8), ((5, 2), 0.9)]:
        yield dict(x=rng.normal(loc=3.0, size=shape), beta=beta, correct=False)


@exponential_average.cases("corrected")
def _(rng):
    for shape, beta in [((6,), 0.8), ((5, 2), 0.9)]:
        yield dict(x=rng.normal(loc=3.0, size=shape), beta=beta, correct=True)


@exponential_average.misconception
def corrected_value_fed_back(x, beta, correct):
    """Keep the plain one, correct a copy."""
    average, out = np.zeros_like(x[0]), []
    for t, value in enumerate(x, start=1):
        average = beta * average + (1 - beta) * value
        if correct:
            average = average / (1 - beta**t)
        out.append(average)
    return np.array(out)


# --- momentum_step


@exercise(points=4, returns=("theta", "velocity"))
def momentum_step(theta, grad, velocity, lr, momentum):
    change = np.subtract(np.multiply(momentum, velocity), np.multiply(lr, grad))
    return np.add(theta, change), change


@momentum_step.cases("one step")
def _(rng):
    for shape in SHAPES:
        yield dict(**_arrays(rng, ("theta", "grad", "velocity"), shape), **_rates(rng))


@momentum_step.trajectory("5 steps", carry=("theta", "velocity"), each=("grad",))
def _(rng):
    yield dict(theta=rng.normal(size=4), grad=rng.normal(size=(5, 4)), velocity=np.zeros(4), **_rates(rng))


@momentum_step.misconception
def averages_the_gradient(theta, grad, velocity, lr, momentum):
    """Where does the velocity settle?"""
    velocity = momentum * velocity - lr * (1 - momentum) * grad
    return theta + velocity, velocity


@momentum_step.misconception
def pushes_uphill(theta, grad, velocity, lr, momentum):
    """The gradient is a force."""
    velocity = momentum * velocity + lr * grad
    return theta + velocity, velocity


@momentum_step.misconception
def subtracts_the_velocity(theta, grad, velocity, lr, momentum):
    """Your velocity points downhill."""
    velocity = momentum * velocity - lr * grad
    return theta - velocity, velocity


@momentum_step.misconception
def moves_with_the_old_velocity(theta, grad, velocity, lr, momentum):
    """Today's gradient counts tomorrow."""
    return theta + velocity, momentum * velocity - lr * grad


@momentum_step.misconception
def velocity_not_returned(theta, grad, velocity, lr, momentum):
    """The next step needs the velocity."""
    velocity = momentum * velocity - lr * grad
    return theta + velocity


@momentum_step.misconception
def momentum_as_friction(theta, grad, velocity, lr, momentum):
    """Momentum is the share that is kept."""
    velocity = (1 - momentum) * velocity - lr * grad
    return theta + velocity, velocity


@momentum_step.misconception
def damps_the_gradient_too(theta, grad, velocity, lr, momentum):
    """The gradient has not slowed down yet."""
    velocity = momentum * (velocity - lr * grad)
    return theta + velocity, velocity


# --- nesterov_step


@exercise(points=4, returns=("theta", "velocity"))
def nesterov_step(theta, velocity, grad_fn, lr, momentum):
    change = np.multiply(momentum, velocity) - lr * grad_fn(np.add(theta, np.multiply(momentum, velocity)))
    return np.add(theta, change), change


@nesterov_step.cases("one step")
def _(rng):
    for size in (2, 3):
        factor = rng.normal(size=(size, size))
        bowl = Reference("utils.landscapes.quadratic", "gradient", {"hessian": factor @ factor.T + np.eye(size)})
        yield dict(**_arrays(rng, ("theta", "velocity"), size), grad_fn=bowl, **_rates(rng))


@nesterov_step.misconception
def gradient_here(theta, velocity, grad_fn, lr, momentum):
    """Where will you be when you turn?"""
    velocity = momentum * velocity - lr * grad_fn(theta)
    return theta + velocity, velocity


# --- averaged_momentum_step


@exercise(points=3, returns=("theta", "velocity"))
def averaged_momentum_step(theta, grad, velocity, lr, momentum):
    average = np.average([velocity, grad], axis=0, weights=[momentum, 1 - momentum])
    return np.subtract(theta, lr * average / (1 - momentum)), average


@averaged_momentum_step.cases("one step")
def _(rng):
    for shape in SHAPES:
        yield dict(**_arrays(rng, ("theta", "grad", "velocity"), shape), **_rates(rng))


@averaged_momentum_step.misconception
def sums(theta, grad, velocity, lr, momentum):
    """The weights of an average add up to one."""
    velocity = momentum * velocity + grad
    return theta - lr * velocity, velocity
