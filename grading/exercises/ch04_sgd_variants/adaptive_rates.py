"""Exercises on adaptive learning rates (Goodfellow et al., 2016, section 8.5).

Symbols: theta parameters, grad gradient, lr learning rate, s average of gradients, r accumulated squared gradients,
decay the book's rho of RMSProp, beta1 and beta2 its rho_1 and rho_2 of Adam, eps its delta, t the step from 1.
"""

import numpy as np
import torch

from grading.exercise import exercise
from grading.exercises.ch04_sgd_variants._helpers import SHAPES, quadratic
from utils.check.plain import Reference

SIZES = np.array([1e-3, 1.0, 30.0, 1.0])  # one stream of gradients, mixed scales


def _stepped(optimizer_class, theta, grad, state, **settings):
    """Take one torch.optim step from the given state; return the parameters and the state, a dict, as float64 arrays.

    state : dict from the optimizer's own names (exp_avg, exp_avg_sq, step, ...) to arrays or numbers.
    """
    parameter = torch.nn.Parameter(torch.tensor(theta, dtype=torch.float64))
    parameter.grad = torch.tensor(grad, dtype=torch.float64)
    optimizer = optimizer_class([parameter], foreach=False, **settings)
    for name, value in state.items():
        # torch counts its steps in float32 tensors; counters are small whole numbers
        optimizer.state[parameter][name] = torch.tensor(value, dtype=torch.float64)
    optimizer.step()
    return parameter.detach().numpy(), {name: item.numpy() for name, item in optimizer.state[parameter].items()}


def _stream(rng, steps=25):
    """Gradients of mixed scales, two coordinates mostly uphill and two downhill, the last one often zero.

    Their signs seldom change: a wrong average that nearly cancels would make its rounding errors count for more than
    the mistake, and then a float32 answer could not be told which mistake it is.
    """
    grad = (rng.normal(size=(steps, 4)) + [2.0, -2.0, -2.0, 2.0]) * SIZES
    grad[::3, 3] = 0.0
    return grad


def _squares(rng, shape):
    return rng.uniform(0.2, 2.0, size=shape)


# --- adagrad_step


@exercise(points=2, returns=("theta", "r"))
def adagrad_step(theta, grad, r, lr, eps):
    """Oracle: torch.optim.Adagrad."""
    theta, state = _stepped(torch.optim.Adagrad, theta, grad, dict(sum=r, step=3.0), lr=lr, eps=eps)
    return theta, state["sum"]


@adagrad_step.cases("one step", weight=1)
def _(rng):
    for shape in SHAPES:
        yield dict(
            theta=rng.normal(size=shape),
            grad=2 * rng.normal(size=shape),
            r=_squares(rng, shape),
            lr=float(rng.uniform(0.05, 0.3)),
            eps=0.02,
        )


@adagrad_step.trajectory("25 steps", weight=1, carry=("theta", "r"), each=("grad",))
def _(rng):
    for eps in (1e-8, 0.1):
        yield dict(
            theta=rng.normal(size=4), grad=_stream(rng), r=np.zeros(4), lr=float(rng.uniform(0.05, 0.3)), eps=eps
        )


@adagrad_step.cases("edge cases", weight=1)
def _(rng):
    yield dict(theta=rng.normal(size=3), grad=np.zeros(3), r=np.zeros(3), lr=0.1, eps=1e-8)
    yield dict(theta=rng.normal(size=3), grad=rng.normal(size=3), r=np.zeros(3), lr=0.2, eps=0.5)
    for scale in (1e-8, 1e8):
        theta, grad = scale * rng.normal(size=(2, 4))
        yield dict(theta=theta, grad=grad, r=scale**2 * _squares(rng, 4), lr=0.4 * scale, eps=0.1 * scale)


@adagrad_step.misconception
def forgets_the_past(theta, grad, r, lr, eps):
    """Your divisor knows today's gradient only. What is the r that you were given for?"""
    r = grad**2
    return theta - lr * grad / (np.sqrt(r) + eps), r


@adagrad_step.misconception
def averages_the_squares(theta, grad, r, lr, eps):
    """Your r is a mean of old and new, so it can shrink. AdaGrad adds everything up and forgets nothing."""
    r = 0.9 * r + 0.1 * grad**2
    return theta - lr * grad / (np.sqrt(r) + eps), r


@adagrad_step.misconception
def no_root(theta, grad, r, lr, eps):
    """Scale all gradients by ten: the step should hardly change. What does yours do, without a root?"""
    r = r + grad**2
    return theta - lr * grad / (r + eps), r


@adagrad_step.misconception
def eps_inside_the_root(theta, grad, r, lr, eps):
    """Your stabiliser stands under the root. This course, like torch, adds it to the root; try eps = 0.5."""
    r = r + grad**2
    return theta - lr * grad / np.sqrt(r + eps), r


@adagrad_step.misconception
def accumulates_the_gradient(theta, grad, r, lr, eps):
    """You add up the gradients themselves, so r may turn negative. What does r hold in the formula?"""
    r = r + grad
    with np.errstate(all="ignore"):
        return theta - lr * grad / (np.sqrt(r) + eps), r


@adagrad_step.misconception
def divides_by_the_old_sum(theta, grad, r, lr, eps):
    """You divide by the r from before this gradient. At the very first step that one is zero."""
    return theta - lr * grad / (np.sqrt(r) + eps), r + grad**2


@adagrad_step.misconception
def one_rate_for_all(theta, grad, r, lr, eps):
    """All coordinates share one divisor in your step. The point of AdaGrad is that every coordinate has its own."""
    r = r + grad**2
    return theta - lr * grad / (np.sqrt(r.sum()) + eps), r


@adagrad_step.misconception
def no_stabiliser(theta, grad, r, lr, eps):
    """A coordinate that has never had a gradient gives 0/0 in your step. Which argument is unused?"""
    r = r + grad**2
    with np.errstate(all="ignore"):
        return theta - lr * grad / np.sqrt(r), r


@adagrad_step.misconception
def ascends(theta, grad, r, lr, eps):
    """The scaling is right, the direction is not: does the cost rise or fall along your step?"""
    r = r + grad**2
    return theta + lr * grad / (np.sqrt(r) + eps), r


@adagrad_step.misconception
def eps_outside_the_fraction(theta, grad, r, lr, eps):
    """Your eps is not below the fraction line: / binds closer than +. Which parentheses does the formula need?"""
    r = r + grad**2
    with np.errstate(all="ignore"):
        return theta - lr * grad / np.sqrt(r) + eps, r


@adagrad_step.misconception
def updates_r_in_place(theta, grad, r, lr, eps):
    """Your numbers are right, but the caller's r has changed as well: += writes into the array you were given."""
    r += grad**2
    return theta - lr * grad / (np.sqrt(r) + eps), r


# --- rmsprop_step


@exercise(points=2, returns=("theta", "r"))
def rmsprop_step(theta, grad, r, lr, decay, eps):
    """Oracle: torch.optim.RMSprop, whose alpha is the decay."""
    state = dict(square_avg=r, step=3.0)
    theta, state = _stepped(torch.optim.RMSprop, theta, grad, state, lr=lr, alpha=decay, eps=eps)
    return theta, state["square_avg"]


@rmsprop_step.cases("one step", weight=1)
def _(rng):
    for shape in SHAPES:
        yield dict(
            theta=rng.normal(size=shape),
            grad=2 * rng.normal(size=shape),
            r=_squares(rng, shape),
            lr=float(rng.uniform(0.05, 0.3)),
            decay=float(rng.uniform(0.6, 0.8)),
            eps=0.02,
        )


@rmsprop_step.trajectory("25 steps", weight=1, carry=("theta", "r"), each=("grad",))
def _(rng):
    for decay, eps in ((0.9, 1e-8), (0.95, 0.1)):
        lr = float(rng.uniform(0.05, 0.3))
        yield dict(theta=rng.normal(size=4), grad=_stream(rng), r=np.zeros(4), lr=lr, decay=decay, eps=eps)


@rmsprop_step.cases("edge cases", weight=1)
def _(rng):
    yield dict(theta=rng.normal(size=3), grad=np.zeros(3), r=np.zeros(3), lr=0.1, decay=0.9, eps=1e-8)
    yield dict(theta=rng.normal(size=3), grad=rng.normal(size=3), r=np.zeros(3), lr=0.2, decay=0.3, eps=0.5)
    yield dict(theta=rng.normal(size=3), grad=rng.normal(size=3), r=_squares(rng, 3), lr=0.2, decay=0.0, eps=0.1)
    for scale in (1e-8, 1e8):
        theta, grad = scale * rng.normal(size=(2, 4))
        yield dict(theta=theta, grad=grad, r=scale**2 * _squares(rng, 4), lr=0.4 * scale, decay=0.7, eps=0.1 * scale)


@rmsprop_step.misconception
def weights_swapped(theta, grad, r, lr, decay, eps):
    """With decay = 0.9 your average is nine tenths today's square. Which of the two should decay protect?"""
    r = (1 - decay) * r + decay * grad**2
    return theta - lr * grad / (np.sqrt(r) + eps), r


@rmsprop_step.misconception
def divides_by_the_old_average(theta, grad, r, lr, decay, eps):
    """You divide by yesterday's average. At the first step that is zero, and only eps is left to divide by."""
    return theta - lr * grad / (np.sqrt(r) + eps), decay * r + (1 - decay) * grad**2


@rmsprop_step.misconception
def averages_the_gradient(theta, grad, r, lr, decay, eps):
    """Your r holds an average of gradients, which may well be negative. What is averaged before the root?"""
    r = decay * r + (1 - decay) * grad
    with np.errstate(all="ignore"):
        return theta - lr * grad / (np.sqrt(r) + eps), r


@rmsprop_step.misconception
def eps_inside_the_root(theta, grad, r, lr, decay, eps):
    """That is the book's place for the stabiliser, under the root. This course, like torch, puts it outside."""
    r = decay * r + (1 - decay) * grad**2
    return theta - lr * grad / np.sqrt(r + eps), r


@rmsprop_step.misconception
def adds_up_like_adagrad(theta, grad, r, lr, decay, eps):
    """Your past fades, but today's square enters with full weight. The two weights should add up to one."""
    r = decay * r + grad**2
    return theta - lr * grad / (np.sqrt(r) + eps), r


@rmsprop_step.misconception
def never_forgets(theta, grad, r, lr, decay, eps):
    """This is AdaGrad: your r never shrinks. Where does decay come in?"""
    r = r + grad**2
    return theta - lr * grad / (np.sqrt(r) + eps), r


@rmsprop_step.misconception
def no_root(theta, grad, r, lr, decay, eps):
    """You divide by the average of the squares. The name says RMS: what does the R stand for?"""
    r = decay * r + (1 - decay) * grad**2
    return theta - lr * grad / (r + eps), r


@rmsprop_step.misconception
def returns_the_root(theta, grad, r, lr, decay, eps):
    """theta is right, but you hand back the divisor. What must the next step average with?"""
    root = np.sqrt(decay * r + (1 - decay) * grad**2)
    return theta - lr * grad / (root + eps), root


@rmsprop_step.misconception
def ascends(theta, grad, r, lr, decay, eps):
    """The scaling is right, the direction is not: does the cost rise or fall along your step?"""
    r = decay * r + (1 - decay) * grad**2
    return theta + lr * grad / (np.sqrt(r) + eps), r


# --- rmsprop_nesterov_step


@exercise(points=3, returns=("theta", "velocity", "r"))
def rmsprop_nesterov_step(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    """Oracle: torch.optim.RMSprop with a momentum buffer of -velocity/lr, given the gradient at theta + alpha v."""
    state = dict(square_avg=r, momentum_buffer=-velocity / lr, step=3.0)
    slope = np.asarray(grad_fn(theta + momentum * velocity))
    settings = dict(lr=lr, alpha=decay, eps=eps)
    if momentum == 0:  # then torch keeps no buffer
        new, state = _stepped(torch.optim.RMSprop, np.zeros_like(theta), slope, state, **settings)
        return theta + new, new, state["square_avg"]
    new, state = _stepped(torch.optim.RMSprop, theta, slope, state, momentum=momentum, **settings)
    return new, -lr * state["momentum_buffer"], state["square_avg"]


@rmsprop_nesterov_step.cases("one step", weight=1)
def _(rng):
    for shape in SHAPES:
        yield dict(
            theta=2 * rng.normal(size=shape),
            velocity=rng.normal(size=shape),
            r=_squares(rng, shape),
            grad_fn=quadratic(rng, shape[-1]),
            lr=float(rng.uniform(0.05, 0.2)),
            decay=float(rng.uniform(0.8, 0.95)),
            momentum=float(rng.uniform(0.6, 0.8)),
            eps=0.02,
        )


@rmsprop_nesterov_step.trajectory("12 steps", weight=1, carry=("theta", "velocity", "r"), each=("lr",))
def _(rng):
    for decay, momentum, eps in ((0.9, 0.6, 1e-6), (0.7, 0.85, 0.1)):
        # far from the minimum, where the sign of no gradient hangs on its rounding
        bowl = dict(hessian=np.diag(rng.uniform(1, 3, size=3)) + 0.1, center=0.3 * rng.normal(size=3))
        yield dict(
            theta=rng.choice([-1, 1], size=3) * rng.uniform(3, 5, size=3),
            velocity=np.zeros(3),
            r=np.zeros(3),
            grad_fn=Reference("utils.landscapes.quadratic", "gradient", bowl),
            lr=np.full(12, rng.uniform(0.01, 0.03)),
            decay=decay,
            momentum=momentum,
            eps=eps,
        )


@rmsprop_nesterov_step.cases("edge cases", weight=1)
def _(rng):
    still = Reference("utils.landscapes.quadratic", "gradient", dict(hessian=np.eye(3), center=np.zeros(3)))
    common = dict(lr=0.1, decay=0.9, momentum=0.5)
    # at rest in the minimum: the gradient and its average are exactly zero
    yield dict(theta=np.zeros(3), velocity=np.zeros(3), r=np.zeros(3), grad_fn=still, eps=1e-6, **common)
    theta, velocity = rng.normal(size=(2, 3))
    yield dict(theta=theta, velocity=velocity, r=np.zeros(3), grad_fn=quadratic(rng, 3), eps=0.5, **common)
    theta, velocity = rng.normal(size=(2, 3))
    yield dict(
        theta=theta, velocity=velocity, r=_squares(rng, 3), grad_fn=still, lr=0.2, decay=0.3, momentum=0.0, eps=0.1
    )
    for scale in (1e-8, 1e8):
        theta, velocity = scale * rng.normal(size=(2, 3))
        yield dict(
            theta=theta,
            velocity=velocity,
            r=scale**2 * _squares(rng, 3),
            grad_fn=quadratic(rng, 3, scale),
            lr=0.15 * scale,
            decay=0.8,
            momentum=0.7,
            eps=0.05 * scale,
        )


@rmsprop_nesterov_step.misconception
def gradient_at_theta(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    """You look at the slope where you stand. Nesterov looks where the velocity is about to carry you."""
    grad = grad_fn(theta)
    r = decay * r + (1 - decay) * grad**2
    velocity = momentum * velocity - lr * grad / (np.sqrt(r) + eps)
    return theta + velocity, velocity, r


@rmsprop_nesterov_step.misconception
def double_minus(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    """Two minus signs make a plus: your gradient pushes the velocity uphill."""
    grad = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * grad**2
    velocity = momentum * velocity - -lr * grad / (np.sqrt(r) + eps)
    return theta + velocity, velocity, r


@rmsprop_nesterov_step.misconception
def no_stabiliser(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    """At rest in the minimum your step is 0/0. Which argument have you not used?"""
    grad = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * grad**2
    with np.errstate(all="ignore"):
        velocity = momentum * velocity - lr * grad / np.sqrt(r)
    return theta + velocity, velocity, r


@rmsprop_nesterov_step.misconception
def eps_inside_the_root(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    """Your stabiliser stands under the root. In this course it is added to the root; try eps = 0.5."""
    grad = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * grad**2
    velocity = momentum * velocity - lr * grad / np.sqrt(r + eps)
    return theta + velocity, velocity, r


@rmsprop_nesterov_step.misconception
def squares_of_another_place(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    """You step with the gradient ahead but average the square of the one at theta. Use one gradient for both."""
    r = decay * r + (1 - decay) * grad_fn(theta) ** 2
    velocity = momentum * velocity - lr * grad_fn(theta + momentum * velocity) / (np.sqrt(r) + eps)
    return theta + velocity, velocity, r


@rmsprop_nesterov_step.misconception
def steps_from_the_look_ahead(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    """The point ahead is only where you look. You start the step from it, so the velocity counts twice."""
    ahead = theta + momentum * velocity
    grad = grad_fn(ahead)
    r = decay * r + (1 - decay) * grad**2
    velocity = momentum * velocity - lr * grad / (np.sqrt(r) + eps)
    return ahead + velocity, velocity, r


@rmsprop_nesterov_step.misconception
def divides_the_whole_velocity(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    """You divide the old velocity by the root as well. Only the new push is scaled; the old one was already."""
    grad = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * grad**2
    velocity = (momentum * velocity - lr * grad) / (np.sqrt(r) + eps)
    return theta + velocity, velocity, r


@rmsprop_nesterov_step.misconception
def no_look_no_momentum(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    """This is RMSProp alone: your velocity forgets its past. Which term carries momentum?"""
    grad = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * grad**2
    velocity = -lr * grad / (np.sqrt(r) + eps)
    return theta + velocity, velocity, r


@rmsprop_nesterov_step.misconception
def weights_swapped(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    """Which of the two does decay protect, the old average or the new square? Try decay = 0.9."""
    grad = grad_fn(theta + momentum * velocity)
    r = (1 - decay) * r + decay * grad**2
    velocity = momentum * velocity - lr * grad / (np.sqrt(r) + eps)
    return theta + velocity, velocity, r


# --- adam_step


def _moments(optimizer_class, theta, grad, s, r, t, lr, beta1, beta2, eps, **settings):
    state = dict(exp_avg=s, exp_avg_sq=r, step=float(t - 1))
    theta, state = _stepped(optimizer_class, theta, grad, state, lr=lr, betas=(beta1, beta2), eps=eps, **settings)
    return theta, state["exp_avg"], state["exp_avg_sq"]


@exercise(points=5, returns=("theta", "s", "r"))
def adam_step(theta, grad, s, r, t, lr, beta1, beta2, eps):
    """Oracle: torch.optim.Adam."""
    return _moments(torch.optim.Adam, theta, grad, s, r, t, lr, beta1, beta2, eps)


def _adam_like(rng, shape, t, lr=None, beta1=0.7, beta2=0.95, eps=0.02, scale=1.0):
    theta, grad, s = rng.normal(size=(3, *shape))
    return dict(
        theta=scale * theta,
        grad=2 * scale * grad,
        s=scale * s,
        r=scale**2 * _squares(rng, shape),
        t=t,
        lr=scale * float(rng.uniform(0.05, 0.3)) if lr is None else lr,
        beta1=beta1,
        beta2=beta2,
        eps=scale * eps,
    )


def _adam_walks(rng, steps=12):
    for beta1, beta2, eps in ((0.9, 0.99, 1e-8), (0.7, 0.95, 0.1)):
        yield dict(
            theta=rng.normal(size=4),
            grad=_stream(rng, steps),
            s=np.zeros(4),
            r=np.zeros(4),
            lr=float(rng.uniform(0.05, 0.3)),
            beta1=beta1,
            beta2=beta2,
            eps=eps,
        )


def _adam_edges(rng):
    zeros = np.zeros(3)
    common = dict(lr=0.1, beta1=0.8, beta2=0.9)
    yield dict(theta=rng.normal(size=3), grad=zeros, s=zeros, r=zeros, t=1, eps=1e-8, **common)
    yield dict(theta=rng.normal(size=3), grad=rng.normal(size=3), s=zeros, r=zeros, t=1, eps=0.5, **common)
    yield _adam_like(rng, (3,), t=4, beta1=0.3, beta2=0.4, eps=0.1)
    yield _adam_like(rng, (3,), t=2, beta1=0.0, beta2=0.9)
    for scale in (1e-8, 1e8):
        yield _adam_like(rng, (4,), t=3, eps=0.1, scale=scale)


@adam_step.cases("one step", weight=1)
def _(rng):
    for shape, t in zip(SHAPES, (1, 5, 12, 2), strict=True):
        yield _adam_like(rng, shape, t)


@adam_step.trajectory("25 steps", weight=2, carry=("theta", "s", "r"), each=("grad",), count="t")
def _(rng):
    yield from _adam_walks(rng, steps=25)


@adam_step.cases("edge cases", weight=1)
def _(rng):
    yield from _adam_edges(rng)


@adam_step.misconception
def no_correction(theta, grad, s, r, t, lr, beta1, beta2, eps):
    """Both averages start at zero and are too small at first. By which factors must they be divided at step t?"""
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    return theta - lr * s / (np.sqrt(r) + eps), s, r


@adam_step.misconception
def only_first_corrected(theta, grad, s, r, t, lr, beta1, beta2, eps):
    """You correct s and leave r too small, so the early steps are far too long. Both averages start at zero."""
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    return theta - lr * s / (1 - beta1**t) / (np.sqrt(r) + eps), s, r


@adam_step.misconception
def only_second_corrected(theta, grad, s, r, t, lr, beta1, beta2, eps):
    """You correct r and leave s too small, so the early steps are timid. Both averages start at zero."""
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    return theta - lr * s / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


@adam_step.misconception
def counts_from_zero(theta, grad, s, r, t, lr, beta1, beta2, eps):
    """t is 1 at the first step already. At t = 1, what do you divide by?"""
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    with np.errstate(all="ignore"):
        s_hat = np.true_divide(s, 1 - np.float64(beta1) ** (t - 1))
        r_hat = np.true_divide(r, 1 - np.float64(beta2) ** (t - 1))
        return theta - lr * s_hat / (np.sqrt(r_hat) + eps), s, r


@adam_step.misconception
def counts_one_ahead(theta, grad, s, r, t, lr, beta1, beta2, eps):
    """You correct for one step more than there were. t counts this step already."""
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1 ** (t + 1)), r / (1 - beta2 ** (t + 1))
    return theta - lr * s_hat / (np.sqrt(r_hat) + eps), s, r


@adam_step.misconception
def t_ignored(theta, grad, s, r, t, lr, beta1, beta2, eps):
    """You divide by the same numbers at every step. The sum of the weights grows with t: what is it after t steps?"""
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    return theta - lr * (s / (1 - beta1)) / (np.sqrt(r / (1 - beta2)) + eps), s, r


@adam_step.misconception
def power_of_the_difference(theta, grad, s, r, t, lr, beta1, beta2, eps):
    """You raise the difference to the power t. In the formula only beta carries the exponent."""
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    return theta - lr * (s / (1 - beta1) ** t) / (np.sqrt(r / (1 - beta2) ** t) + eps), s, r


@adam_step.misconception
def eps_outside_the_fraction(theta, grad, s, r, t, lr, beta1, beta2, eps):
    """Your eps is not below the fraction line: / binds closer than +. Which parentheses does the formula need?"""
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    with np.errstate(all="ignore"):
        return theta - lr * (s / (1 - beta1**t)) / np.sqrt(r / (1 - beta2**t)) + eps, s, r


@adam_step.misconception
def corrected_in_place(theta, grad, s, r, t, lr, beta1, beta2, eps):
    """theta is right this once, but you hand back the corrected averages, so they are corrected again at the next step.
    Correct a copy.
    """
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    s, r = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * s / (np.sqrt(r) + eps), s, r


@adam_step.misconception
def eps_inside_the_root(theta, grad, s, r, t, lr, beta1, beta2, eps):
    """Your stabiliser stands under the root. This course, like torch, adds it to the root."""
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    return theta - lr * (s / (1 - beta1**t)) / np.sqrt(r / (1 - beta2**t) + eps), s, r


@adam_step.misconception
def eps_before_the_correction(theta, grad, s, r, t, lr, beta1, beta2, eps):
    """You add eps to the root before r is corrected, so the correction rescales eps too. Correct first, then add."""
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    rate = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return theta - rate * s / (np.sqrt(r) + eps), s, r


@adam_step.misconception
def betas_swapped(theta, grad, s, r, t, lr, beta1, beta2, eps):
    """Your average of gradients has the long memory and that of squares the short one. Which beta goes with which?"""
    s, r = beta2 * s + (1 - beta2) * grad, beta1 * r + (1 - beta1) * grad**2
    return theta - lr * (s / (1 - beta2**t)) / (np.sqrt(r / (1 - beta1**t)) + eps), s, r


@adam_step.misconception
def second_moment_from_the_first(theta, grad, s, r, t, lr, beta1, beta2, eps):
    """Your r mixes in the past of s. Each of the two averages continues its own past."""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * s + (1 - beta2) * grad**2
    with np.errstate(all="ignore"):
        return theta - lr * (s / (1 - beta1**t)) / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


@adam_step.misconception
def squares_the_average(theta, grad, s, r, t, lr, beta1, beta2, eps):
    """You average the square of s. The second moment is the average of the squared gradient."""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * s**2
    return theta - lr * (s / (1 - beta1**t)) / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


@adam_step.misconception
def steps_along_the_gradient(theta, grad, s, r, t, lr, beta1, beta2, eps):
    """You scale today's gradient and never use the average of gradients. Which of the two goes above the line?"""
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    return theta - lr * grad / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


@adam_step.misconception
def ascends(theta, grad, s, r, t, lr, beta1, beta2, eps):
    """All the pieces are right, but the step goes uphill. How many minus signs have you written?"""
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    return theta + lr * (s / (1 - beta1**t)) / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


# --- adamw_step


@exercise(points=3, returns=("theta", "s", "r"))
def adamw_step(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    """Oracle: torch.optim.AdamW."""
    settings = dict(weight_decay=weight_decay)
    return _moments(torch.optim.AdamW, theta, grad, s, r, t, lr, beta1, beta2, eps, **settings)


@adamw_step.cases("one step", weight=1)
def _(rng):
    for shape, t in zip(SHAPES, (1, 5, 12, 2), strict=True):
        yield _adam_like(rng, shape, t) | dict(weight_decay=float(rng.uniform(0.2, 0.6)))


@adamw_step.trajectory("12 steps", weight=1, carry=("theta", "s", "r"), each=("grad",), count="t")
def _(rng):
    for walk in _adam_walks(rng):
        yield walk | dict(weight_decay=0.2)


@adamw_step.cases("edge cases", weight=1)
def _(rng):
    for case in _adam_edges(rng):
        small = case["lr"] < 1e6  # keep lr * weight_decay below one
        yield case | dict(weight_decay=0.5 if small else 2e-8)
    yield _adam_like(rng, (3,), t=2) | dict(weight_decay=0.0)


def _adam_direction(theta, grad, s, r, t, beta1, beta2, eps):
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    return (s / (1 - beta1**t)) / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


@adamw_step.misconception
def decay_in_the_gradient(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    """You add the decay to the gradient, so it is averaged and divided by the root like everything else. The W says
    that it acts on theta directly.
    """
    step, s, r = _adam_direction(theta, grad + weight_decay * theta, s, r, t, beta1, beta2, eps)
    return theta - lr * step, s, r


@adamw_step.misconception
def weights_grow(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    """With a zero gradient the weights should shrink towards zero. Yours grow."""
    step, s, r = _adam_direction(theta, grad, s, r, t, beta1, beta2, eps)
    return theta - lr * step + lr * weight_decay * theta, s, r


@adamw_step.misconception
def rate_missing(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    """Your decay does not depend on the learning rate. In the formula it stands within the bracket that lr scales."""
    step, s, r = _adam_direction(theta, grad, s, r, t, beta1, beta2, eps)
    return theta - lr * step - weight_decay * theta, s, r


@adamw_step.misconception
def no_decay(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    """This is plain Adam. With a zero gradient, should the weights stay put?"""
    step, s, r = _adam_direction(theta, grad, s, r, t, beta1, beta2, eps)
    return theta - lr * step, s, r


@adamw_step.misconception
def decays_after_the_step(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    """You shrink the theta that has already moved. The decay belongs to the theta from before the step."""
    step, s, r = _adam_direction(theta, grad, s, r, t, beta1, beta2, eps)
    return (1 - lr * weight_decay) * (theta - lr * step), s, r


@adamw_step.misconception
def pulls_by_the_sign(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    """Your pull has the same strength on every weight. Weight decay pulls a large weight harder than a small one."""
    step, s, r = _adam_direction(theta, grad, s, r, t, beta1, beta2, eps)
    return theta - lr * (step + weight_decay * np.sign(theta)), s, r


@adamw_step.misconception
def no_correction(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    """The decay is in place, but the two averages are too small at first. AdamW corrects them just as Adam does."""
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    return theta - lr * (s / (np.sqrt(r) + eps) + weight_decay * theta), s, r


@adamw_step.misconception
def decay_divided_by_the_root(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    """Your decay stays out of the averages, but it is still divided by the root. It should not meet r at all."""
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    push = s / (1 - beta1**t) + weight_decay * theta
    return theta - lr * push / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


# --- adadelta_step


@exercise(points=2, returns=("theta", "r", "d"))
def adadelta_step(theta, grad, r, d, lr, decay, eps):
    """Oracle: torch.optim.Adadelta."""
    state = dict(square_avg=r, acc_delta=d, step=3.0)
    theta, state = _stepped(torch.optim.Adadelta, theta, grad, state, lr=lr, rho=decay, eps=eps)
    return theta, state["square_avg"], state["acc_delta"]


@adadelta_step.cases("one step", weight=1)
def _(rng):
    for shape in SHAPES:
        yield dict(
            theta=rng.normal(size=shape),
            grad=2 * rng.normal(size=shape),
            r=_squares(rng, shape),
            d=_squares(rng, shape),
            lr=float(rng.uniform(0.5, 0.9)),
            decay=float(rng.uniform(0.6, 0.8)),
            eps=1e-6,
        )


@adadelta_step.trajectory("12 steps", weight=1, carry=("theta", "r", "d"), each=("grad",))
def _(rng):
    for decay, eps, lr in ((0.9, 1e-6, 1.0), (0.7, 0.1, 0.6)):
        yield dict(
            theta=0.1 * rng.normal(size=4),
            grad=_stream(rng, 12),
            r=np.zeros(4),
            d=np.zeros(4),
            lr=lr,
            decay=decay,
            eps=eps,
        )


@adadelta_step.cases("edge cases", weight=1)
def _(rng):
    zeros = np.zeros(3)
    yield dict(theta=rng.normal(size=3), grad=zeros, r=zeros, d=zeros, lr=1.0, decay=0.9, eps=1e-6)
    grad = rng.normal(size=3)
    yield dict(theta=rng.normal(size=3), grad=grad, r=zeros, d=zeros, lr=0.7, decay=0.3, eps=0.5)
    theta, grad = rng.normal(size=(2, 3))
    yield dict(theta=theta, grad=grad, r=_squares(rng, 3), d=_squares(rng, 3), lr=0.7, decay=0.0, eps=0.1)
    for scale in (1e-8, 1e8):
        theta, grad = scale * rng.normal(size=(2, 4))
        squares = dict(r=scale**2 * _squares(rng, 4), d=scale**2 * _squares(rng, 4))
        yield dict(theta=theta, grad=grad, lr=0.4, decay=0.7, eps=0.1 * scale**2, **squares)


def _rms(x, eps):
    return np.sqrt(x + eps)


@adadelta_step.misconception
def steps_averaged_first(theta, grad, r, d, lr, decay, eps):
    """You put this step into d before you take it. The root above the line knows past steps only."""
    r = decay * r + (1 - decay) * grad**2
    step = _rms(d, eps) / _rms(r, eps) * grad
    d = decay * d + (1 - decay) * step**2
    return theta - lr * _rms(d, eps) / _rms(r, eps) * grad, r, d


@adadelta_step.misconception
def divides_by_the_old_average(theta, grad, r, d, lr, decay, eps):
    """You divide by the r from before this gradient. Today's square comes first, then the step."""
    step = _rms(d, eps) / _rms(r, eps) * grad
    return theta - lr * step, decay * r + (1 - decay) * grad**2, decay * d + (1 - decay) * step**2


@adadelta_step.misconception
def no_steps_in_the_numerator(theta, grad, r, d, lr, decay, eps):
    """This is RMSProp. AdaDelta measures its own past steps to set the length: where does d come in?"""
    r = decay * r + (1 - decay) * grad**2
    step = grad / _rms(r, eps)
    return theta - lr * step, r, decay * d + (1 - decay) * step**2


@adadelta_step.misconception
def eps_outside_the_roots(theta, grad, r, d, lr, decay, eps):
    """Here eps is needed under both roots, as the formula shows: with d = 0 it alone decides the first step."""
    r = decay * r + (1 - decay) * grad**2
    step = (np.sqrt(d) + eps) / (np.sqrt(r) + eps) * grad
    return theta - lr * step, r, decay * d + (1 - decay) * step**2


@adadelta_step.misconception
def eps_below_only(theta, grad, r, d, lr, decay, eps):
    """From d = 0 you never get going: zero above the line. Look at both roots in the formula."""
    r = decay * r + (1 - decay) * grad**2
    step = np.sqrt(d) / _rms(r, eps) * grad
    return theta - lr * step, r, decay * d + (1 - decay) * step**2


@adadelta_step.misconception
def rate_in_the_average(theta, grad, r, d, lr, decay, eps):
    """Your d averages the steps with lr in them. The rate scales only what is subtracted from theta."""
    r = decay * r + (1 - decay) * grad**2
    step = lr * _rms(d, eps) / _rms(r, eps) * grad
    return theta - step, r, decay * d + (1 - decay) * step**2


@adadelta_step.misconception
def averages_the_steps(theta, grad, r, d, lr, decay, eps):
    """Your d averages the lengths of the steps. Under a root that is to give a length, what must stand?"""
    r = decay * r + (1 - decay) * grad**2
    step = _rms(d, eps) / _rms(r, eps) * grad
    return theta - lr * step, r, decay * d + (1 - decay) * np.abs(step)


@adadelta_step.misconception
def no_roots(theta, grad, r, d, lr, decay, eps):
    """You divide mean squares, not their roots. RMS begins with an R: what does it stand for?"""
    r = decay * r + (1 - decay) * grad**2
    step = (d + eps) / (r + eps) * grad
    return theta - lr * step, r, decay * d + (1 - decay) * step**2


# --- adamax_step


@exercise(points=2, returns=("theta", "s", "u"))
def adamax_step(theta, grad, s, u, t, lr, beta1, beta2, eps):
    """Oracle: torch.optim.Adamax."""
    state = dict(exp_avg=s, exp_inf=u, step=float(t - 1))
    theta, state = _stepped(torch.optim.Adamax, theta, grad, state, lr=lr, betas=(beta1, beta2), eps=eps)
    return theta, state["exp_avg"], state["exp_inf"]


def _renamed(cases):
    """Cases of Adam as cases of Adamax, whose u has the unit of a gradient, not of its square."""
    for case in cases:
        u = np.sqrt(case.pop("r"))
        yield case | dict(u=u)


@adamax_step.cases("one step", weight=1)
def _(rng):
    yield from _renamed(_adam_like(rng, shape, t) for shape, t in zip(SHAPES, (1, 5, 12, 2), strict=True))


@adamax_step.trajectory("12 steps", weight=1, carry=("theta", "s", "u"), each=("grad",), count="t")
def _(rng):
    yield from _renamed(_adam_walks(rng))


@adamax_step.cases("edge cases", weight=1)
def _(rng):
    yield from _renamed(_adam_edges(rng))


@adamax_step.misconception
def adds_instead_of_the_larger(theta, grad, s, u, t, lr, beta1, beta2, eps):
    """You average the sizes of the gradients. Adamax keeps the larger of the faded past and today."""
    s, u = beta1 * s + (1 - beta1) * grad, beta2 * u + (1 - beta2) * (np.abs(grad) + eps)
    return theta - lr * s / (1 - beta1**t) / u, s, u


@adamax_step.misconception
def largest_of_all_coordinates(theta, grad, s, u, t, lr, beta1, beta2, eps):
    """You take one maximum over all coordinates. Each coordinate compares its own past with its own gradient."""
    s, u = beta1 * s + (1 - beta1) * grad, np.full_like(u, np.maximum(beta2 * u, np.abs(grad) + eps).max())
    return theta - lr * s / (1 - beta1**t) / u, s, u


@adamax_step.misconception
def corrects_the_maximum(theta, grad, s, u, t, lr, beta1, beta2, eps):
    """A maximum is not too small at first, so only s needs a correction."""
    s, u = beta1 * s + (1 - beta1) * grad, np.maximum(beta2 * u, np.abs(grad) + eps)
    return theta - lr * (s / (1 - beta1**t)) / (u / (1 - beta2**t)), s, u


@adamax_step.misconception
def no_correction(theta, grad, s, u, t, lr, beta1, beta2, eps):
    """s starts at zero here as it does in Adam, so your first steps are too short."""
    s, u = beta1 * s + (1 - beta1) * grad, np.maximum(beta2 * u, np.abs(grad) + eps)
    return theta - lr * s / u, s, u


@adamax_step.misconception
def never_fades(theta, grad, s, u, t, lr, beta1, beta2, eps):
    """Your maximum never gets smaller, like AdaGrad's sum. Which argument makes the past fade?"""
    s, u = beta1 * s + (1 - beta1) * grad, np.maximum(u, np.abs(grad) + eps)
    return theta - lr * s / (1 - beta1**t) / u, s, u


@adamax_step.misconception
def sign_kept(theta, grad, s, u, t, lr, beta1, beta2, eps):
    """A large negative gradient leaves no trace in your maximum. What is compared, g or its size?"""
    s, u = beta1 * s + (1 - beta1) * grad, np.maximum(beta2 * u, grad + eps)
    with np.errstate(all="ignore"):
        return theta - lr * s / (1 - beta1**t) / u, s, u


@adamax_step.misconception
def takes_a_root(theta, grad, s, u, t, lr, beta1, beta2, eps):
    """u has the size of a gradient already; there is no square, so there is no root to take."""
    s, u = beta1 * s + (1 - beta1) * grad, np.maximum(beta2 * u, np.abs(grad) + eps)
    return theta - lr * s / (1 - beta1**t) / np.sqrt(u), s, u


@adamax_step.misconception
def eps_outside_the_maximum(theta, grad, s, u, t, lr, beta1, beta2, eps):
    """You add eps to u when you divide. In the formula it is added to the size of today's gradient, so u holds it."""
    s, u = beta1 * s + (1 - beta1) * grad, np.maximum(beta2 * u, np.abs(grad))
    return theta - lr * s / (1 - beta1**t) / (u + eps), s, u


# --- nadam_step


def _mu(beta1, t, momentum_decay):
    return beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))


@exercise(points=3, returns=("theta", "s", "r"))
def nadam_step(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    """Oracle: torch.optim.NAdam, which is handed the product of the momenta before step t."""
    before = float(np.prod(_mu(beta1, np.arange(1, t), momentum_decay)))
    state = dict(exp_avg=s, exp_avg_sq=r, mu_product=before, step=float(t - 1))
    settings = dict(lr=lr, betas=(beta1, beta2), eps=eps, momentum_decay=momentum_decay)
    theta, state = _stepped(torch.optim.NAdam, theta, grad, state, **settings)
    return theta, state["exp_avg"], state["exp_avg_sq"]


@nadam_step.cases("one step", weight=1)
def _(rng):
    for shape, t, momentum_decay in zip(SHAPES, (1, 5, 60, 2), (0.004, 0.5, 0.004, 1.0), strict=True):
        yield _adam_like(rng, shape, t) | dict(momentum_decay=momentum_decay)


@nadam_step.trajectory("12 steps", weight=1, carry=("theta", "s", "r"), each=("grad",), count="t")
def _(rng):
    for walk, momentum_decay in zip(_adam_walks(rng), (2.0, 5.0), strict=True):
        yield walk | dict(momentum_decay=momentum_decay)


@nadam_step.cases("edge cases", weight=1)
def _(rng):
    for case in _adam_edges(rng):
        yield case | dict(momentum_decay=1.5)
    yield _adam_like(rng, (3,), t=3) | dict(momentum_decay=0.0)


def _nadam(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay, mu=_mu, ahead=1, product=None, longer=True):
    now, after = mu(beta1, t, momentum_decay), mu(beta1, t + ahead, momentum_decay)
    if product is None:
        product = np.prod([mu(beta1, k, momentum_decay) for k in range(1, t + 1)])
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    lead = after * s / (1 - (product * after if longer else product)) + (1 - now) * grad / (1 - product)
    return theta - lr * lead / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


@nadam_step.misconception
def momentum_schedule_missing(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    """Your momentum is beta1 at every step. Here it warms up: look at the formula for mu_t."""
    return _nadam(
        theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay, mu=lambda beta1, t, momentum_decay: beta1
    )


@nadam_step.misconception
def no_look_ahead(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    """You weight the average with this step's mu. Nesterov looks ahead: which step's mu goes with s?"""
    return _nadam(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay, ahead=0)


@nadam_step.misconception
def one_step_behind(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    """Your average is weighted and corrected as if no step came after this one. Which t stands in its fraction?"""
    mu = beta1 * (1 - 0.5 * 0.96 ** (np.arange(1, t + 1) * momentum_decay))
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    lead = (mu[-1] * s + (1 - mu[-1]) * grad) / (1 - np.prod(mu))
    return theta - lr * lead / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


@nadam_step.misconception
def gradient_missing(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    """Only the average moves you. The bracket has two terms: the average and today's gradient itself."""
    after = _mu(beta1, t + 1, momentum_decay)
    product = np.prod(_mu(beta1, np.arange(1, t + 1), momentum_decay))
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    return theta - lr * after * s / (1 - product * after) / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


@nadam_step.misconception
def both_products_alike(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    """Both terms are corrected alike in your step. Which of the two products reaches one mu further?"""
    return _nadam(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay, longer=False)


@nadam_step.misconception
def product_one_short(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    """Your product stops before this step. At t = 1, how many factors does it have?"""
    product = np.prod(_mu(beta1, np.arange(1, t), momentum_decay))
    with np.errstate(all="ignore"):
        return _nadam(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay, product=product)


@nadam_step.misconception
def power_for_product(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    """You raise today's mu to the power t. The earlier momenta were different ones: multiply them all."""
    product = _mu(beta1, t, momentum_decay) ** t
    return _nadam(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay, product=product)


@nadam_step.misconception
def adam_corrections(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    """You correct with powers of beta1. The momentum changes from step to step here, so powers become a product."""
    now, after = _mu(beta1, t, momentum_decay), _mu(beta1, t + 1, momentum_decay)
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    lead = after * s / (1 - beta1 ** (t + 1)) + (1 - now) * grad / (1 - beta1**t)
    return theta - lr * lead / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


@nadam_step.misconception
def averages_with_mu(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    """You average the gradients with mu_t. The average keeps beta1; mu_t and its successor come in the step."""
    now, after = _mu(beta1, t, momentum_decay), _mu(beta1, t + 1, momentum_decay)
    product = np.prod(_mu(beta1, np.arange(1, t + 1), momentum_decay))
    s, r = now * s + (1 - now) * grad, beta2 * r + (1 - beta2) * grad**2
    lead = after * s / (1 - product * after) + (1 - now) * grad / (1 - product)
    return theta - lr * lead / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


@nadam_step.misconception
def second_moment_not_corrected(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    """The average of squares starts at zero too. Which correction does r need, as in Adam?"""
    now, after = _mu(beta1, t, momentum_decay), _mu(beta1, t + 1, momentum_decay)
    product = np.prod(_mu(beta1, np.arange(1, t + 1), momentum_decay))
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    lead = after * s / (1 - product * after) + (1 - now) * grad / (1 - product)
    return theta - lr * lead / (np.sqrt(r) + eps), s, r
