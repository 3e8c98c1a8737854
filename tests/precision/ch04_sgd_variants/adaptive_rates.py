"""Adaptive learning rates: honest variants, further wrong solutions, and mutants that compute the same."""

import math

import numpy as np
import torch

from tests.precision.table import ChapterTable

table = ChapterTable(__file__)
honest, wrong = table.honest, table.wrong


# --- honest solutions


@honest("adagrad_step")
def rate_over_root(theta, grad, r, lr, eps):
    total = np.add(r, np.square(grad))
    return theta - (lr / (eps + total**0.5)) * grad, total


@honest("adagrad_step")
def adagrad_by_torch(theta, grad, r, lr, eps):
    theta, grad, r = (torch.tensor(value) for value in (theta, grad, r))
    r = torch.addcmul(r, grad, grad)
    return torch.addcdiv(theta, grad, r.sqrt().add(eps), value=-lr), r


@honest("adagrad_step")
def adagrad_in_float32(theta, grad, r, lr, eps):
    theta, grad, r = (np.asarray(value, dtype=np.float32) for value in (theta, grad, r))
    r = r + grad * grad
    return theta - np.float32(lr) * grad / (np.sqrt(r) + np.float32(eps)), r


@honest("adagrad_step")
def adagrad_entry_by_entry(theta, grad, r, lr, eps):
    new_theta, new_r = theta.copy(), r.copy()
    for i in np.ndindex(theta.shape):
        new_r[i] += grad[i] ** 2
        new_theta[i] -= lr * grad[i] / (math.sqrt(new_r[i]) + eps)
    return [new_theta, new_r]


@honest("adagrad_step")
def adagrad_by_norm(theta, grad, r, lr, eps):
    root = np.hypot(np.sqrt(r), grad)
    return theta - lr * grad / (root + eps), root**2


@honest("rmsprop_step")
def moved_towards_the_square(theta, grad, r, lr, decay, eps):
    r = r + (1 - decay) * (grad * grad - r)
    return theta - lr * grad / (eps + np.sqrt(r)), r


@honest("rmsprop_step")
def rmsprop_by_torch(theta, grad, r, lr, decay, eps):
    theta, grad, r = (torch.tensor(value, dtype=torch.float32) for value in (theta, grad, r))
    r = torch.lerp(grad.square(), r, decay)
    return theta - lr * grad / (r.sqrt() + eps), r


@honest("rmsprop_step")
def rmsprop_by_average(theta, grad, r, lr, decay, eps):
    r = np.average([r, grad**2], axis=0, weights=[decay, 1 - decay])
    return np.stack([theta - lr * (grad / (np.sqrt(r) + eps)), r])


@honest("rmsprop_step")
def rmsprop_on_copies(theta, grad, r, lr, decay, eps):
    theta, r = theta.copy(), r.copy()
    r *= decay
    r += (1 - decay) * np.abs(grad) ** 2
    theta -= lr * grad / (np.sqrt(r) + eps)
    return theta, r


@honest("rmsprop_step")
def rmsprop_by_einsum(theta, grad, r, lr, decay, eps):
    r = np.einsum("k,k...->...", [decay, 1 - decay], np.stack([r, grad * grad]))
    return theta - np.divide(lr, np.sqrt(r) + eps) * grad, r


@honest("rmsprop_nesterov_step")
def push_named(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    coasted = momentum * velocity
    slope = np.asarray(grad_fn(theta + coasted))
    r = r + (1 - decay) * (slope**2 - r)
    push = lr / (eps + np.sqrt(r)) * slope
    return theta + coasted - push, coasted - push, r


@honest("rmsprop_nesterov_step")
def point_as_list(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    slope = grad_fn((theta + momentum * velocity).tolist())
    r = decay * r + (1 - decay) * slope * slope
    velocity = momentum * velocity - lr * slope / (np.sqrt(r) + eps)
    return [theta + velocity, velocity, r]


@honest("rmsprop_nesterov_step")
def tensors_around_the_gradient(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    theta, velocity, r = (torch.tensor(value) for value in (theta, velocity, r))
    slope = torch.as_tensor(grad_fn((theta + momentum * velocity).numpy()))
    r = decay * r + (1 - decay) * slope.square()
    velocity = momentum * velocity - lr * slope / (r.sqrt() + eps)
    return theta + velocity, velocity, r


@honest("rmsprop_nesterov_step")
def gradient_asked_twice(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    def slope():
        return grad_fn(theta + momentum * velocity)

    r = decay * r + (1 - decay) * slope() ** 2
    step = momentum * velocity - lr * slope() / (np.sqrt(r) + eps)
    return theta + step, step, r


@honest("adam_step")
def rescaled_rate(theta, grad, s, r, t, lr, beta1, beta2, eps):
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    root = math.sqrt(1 - beta2**t)
    return theta - lr * root / (1 - beta1**t) * s / (np.sqrt(r) + eps * root), s, r


@honest("adam_step")
def adam_by_torch(theta, grad, s, r, t, lr, beta1, beta2, eps):
    theta, grad, s, r = (torch.tensor(value) for value in (theta, grad, s, r))
    s, r = torch.lerp(grad, s, beta1), torch.lerp(grad.square(), r, beta2)
    return theta - lr * (s / (1 - beta1**t)) / ((r / (1 - beta2**t)).sqrt() + eps), s, r


@honest("adam_step")
def adam_in_float32(theta, grad, s, r, t, lr, beta1, beta2, eps):
    theta, grad, s, r = (np.asarray(value, dtype=np.float32) for value in (theta, grad, s, r))
    lr, beta1, beta2, eps = (np.float32(value) for value in (lr, beta1, beta2, eps))
    one = np.float32(1)
    s, r = beta1 * s + (one - beta1) * grad, beta2 * r + (one - beta2) * grad * grad
    return theta - lr * (s / (one - beta1**t)) / (np.sqrt(r / (one - beta2**t)) + eps), s, r


@honest("adam_step")
def weights_summed(theta, grad, s, r, t, lr, beta1, beta2, eps):
    s, r = s + (1 - beta1) * (grad - s), r + (1 - beta2) * (grad**2 - r)
    first, second = (sum((1 - beta) * beta**k for k in range(t)) for beta in (beta1, beta2))
    return theta - lr * (s / first) / (np.sqrt(r / second) + eps), s, r


@honest("adam_step")
def adam_entry_by_entry(theta, grad, s, r, t, lr, beta1, beta2, eps):
    theta, s, r = theta.copy(), s.copy(), r.copy()
    for i in np.ndindex(theta.shape):
        s[i] = beta1 * s[i] + (1 - beta1) * grad[i]
        r[i] = beta2 * r[i] + (1 - beta2) * grad[i] ** 2
        theta[i] -= lr * s[i] / (1 - beta1**t) / (math.sqrt(r[i] / (1 - beta2**t)) + eps)
    return theta, s, r


@honest("adamw_step")
def shrunk_first(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    kept = theta * (1 - lr * weight_decay)
    return kept - lr * s / (1 - beta1**t) / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


@honest("adamw_step")
def bracket_as_written(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * (s_hat / (np.sqrt(r_hat) + eps) + weight_decay * theta), s, r


@honest("adamw_step")
def adamw_by_torch(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    theta, grad, s, r = (torch.tensor(value) for value in (theta, grad, s, r))
    s, r = torch.lerp(grad, s, beta1), torch.lerp(grad.square(), r, beta2)
    theta = theta.mul(1 - lr * weight_decay)
    return theta.addcdiv(s / (1 - beta1**t), (r / (1 - beta2**t)).sqrt() + eps, value=-lr), s, r


@honest("adamw_step")
def adamw_through_the_optimizer(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    parameter = torch.nn.Parameter(torch.tensor(theta))
    parameter.grad = torch.tensor(grad)
    optimizer = torch.optim.AdamW([parameter], lr=lr, betas=(beta1, beta2), eps=eps, weight_decay=weight_decay)
    state = optimizer.state[parameter]
    state["exp_avg"], state["exp_avg_sq"], state["step"] = torch.tensor(s), torch.tensor(r), torch.tensor(float(t - 1))
    optimizer.step()
    return parameter, state["exp_avg"], state["exp_avg_sq"]


@honest("adadelta_step")
def two_roots(theta, grad, r, d, lr, decay, eps):
    r = decay * r + (1 - decay) * grad**2
    step = np.sqrt(d + eps) * grad / np.sqrt(r + eps)
    return theta - lr * step, r, decay * d + (1 - decay) * step**2


@honest("adadelta_step")
def signed_step(theta, grad, r, d, lr, decay, eps):
    r = r + (1 - decay) * (np.square(grad) - r)
    step = -grad * (d + eps) ** 0.5 / (r + eps) ** 0.5
    return theta + lr * step, r, d + (1 - decay) * (np.square(step) - d)


@honest("adadelta_step")
def adadelta_by_torch(theta, grad, r, d, lr, decay, eps):
    theta, grad, r, d = (torch.tensor(value) for value in (theta, grad, r, d))
    r = torch.lerp(grad.square(), r, decay)
    step = (d + eps).sqrt() * (r + eps).rsqrt() * grad
    return theta - lr * step, r, torch.lerp(step.square(), d, decay)


@honest("adadelta_step")
def adadelta_in_a_list(theta, grad, r, d, lr, decay, eps):
    theta, grad, r, d = (np.asarray(value, dtype=np.float32) for value in (theta, grad, r, d))
    lr, decay, eps = np.float32(lr), np.float32(decay), np.float32(eps)
    r = decay * r + (np.float32(1) - decay) * grad**2
    step = np.sqrt(d + eps) / np.sqrt(r + eps) * grad
    return [theta - lr * step, r, decay * d + (np.float32(1) - decay) * step**2]


@honest("adamax_step")
def larger_by_where(theta, grad, s, u, t, lr, beta1, beta2, eps):
    s, faded, today = s + (1 - beta1) * (grad - s), beta2 * u, np.abs(grad) + eps
    u = np.where(faded > today, faded, today)
    return theta - lr * (s / (1 - beta1**t)) / u, s, u


@honest("adamax_step")
def adamax_by_torch(theta, grad, s, u, t, lr, beta1, beta2, eps):
    theta, grad, s, u = (torch.tensor(value) for value in (theta, grad, s, u))
    s, u = torch.lerp(grad, s, beta1), torch.maximum(beta2 * u, grad.abs() + eps)
    return theta - lr / (1 - beta1**t) * s / u, s, u


@honest("adamax_step")
def largest_of_a_stack(theta, grad, s, u, t, lr, beta1, beta2, eps):
    s = np.average([s, grad], axis=0, weights=[beta1, 1 - beta1])
    u = np.max([beta2 * u, np.sqrt(grad**2) + eps], axis=0)
    return np.stack([theta - lr * s / ((1 - beta1**t) * u), s, u])


@honest("adamax_step")
def builtin_max(theta, grad, s, u, t, lr, beta1, beta2, eps):
    theta, s, u = theta.copy(), s.copy(), u.copy()
    for i in np.ndindex(theta.shape):
        s[i] = beta1 * s[i] + (1 - beta1) * grad[i]
        u[i] = max(beta2 * u[i], abs(grad[i]) + eps)
        theta[i] -= lr / (1 - beta1**t) * s[i] / u[i]
    return theta, s, u


def momentum_at(beta1, k, momentum_decay):
    return beta1 * (1 - 0.5 * 0.96 ** (k * momentum_decay))


@honest("nadam_step")
def product_in_a_loop(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    product = 1.0
    for k in range(1, t + 1):
        product *= momentum_at(beta1, k, momentum_decay)
    now, after = momentum_at(beta1, t, momentum_decay), momentum_at(beta1, t + 1, momentum_decay)
    s, r = s + (1 - beta1) * (grad - s), r + (1 - beta2) * (grad**2 - r)
    root = np.sqrt(r / (1 - beta2**t)) + eps
    theta = theta - lr * (1 - now) / (1 - product) * grad / root
    return theta - lr * after / (1 - product * after) * s / root, s, r


@honest("nadam_step")
def cumulated_products(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    mu = beta1 - beta1 / 2 * np.exp(np.log(0.96) * momentum_decay * np.arange(1, t + 2))
    products = np.cumprod(mu)
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad * grad
    lead = mu[-1] * s / (1 - products[-1]) + (1 - mu[-2]) * grad / (1 - products[-2])
    return theta - lr * lead / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


@honest("nadam_step")
def nadam_by_torch(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    theta, grad, s, r = (torch.tensor(value) for value in (theta, grad, s, r))
    mu = momentum_at(beta1, torch.arange(1, t + 2, dtype=torch.float64), momentum_decay)
    now, after, product = mu[-2], mu[-1], mu[:-1].prod()
    s, r = torch.lerp(grad, s, beta1), torch.lerp(grad.square(), r, beta2)
    lead = after * s / (1 - product * after) + (1 - now) * grad / (1 - product)
    return theta - lr * lead / ((r / (1 - beta2**t)).sqrt() + eps), s, r


@honest("nadam_step")
def nadam_in_float32(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    theta, grad, s, r = (np.asarray(value, dtype=np.float32) for value in (theta, grad, s, r))
    now, after = momentum_at(beta1, t, momentum_decay), momentum_at(beta1, t + 1, momentum_decay)
    product = math.prod(momentum_at(beta1, k, momentum_decay) for k in range(1, t + 1))
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    lead = after * s / (1 - product * after) + (1 - now) * grad / (1 - product)
    return theta - lr * lead / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


# --- further wrong solutions


def adagrad_right(theta, grad, r, lr, eps):
    r = r + grad**2
    return theta - lr * grad / (np.sqrt(r) + eps), r


@wrong("adagrad_step")
def adagrad_swapped(*arguments):
    return adagrad_right(*arguments)[::-1]


@wrong("adagrad_step")
def adagrad_theta_only(*arguments):
    return adagrad_right(*arguments)[0]


@wrong("adagrad_step")
def adagrad_step_only(theta, grad, r, lr, eps):
    new, r = adagrad_right(theta, grad, r, lr, eps)
    return new - theta, r


wrong(
    "adagrad_step",
    adagrad_old_r_returned="adagrad_right(theta, grad, r, lr, eps)[0], r",
    adagrad_default_eps="adagrad_right(theta, grad, r, lr, 1e-8)",
)


@wrong("adagrad_step")
def adagrad_root_returned(theta, grad, r, lr, eps):
    new, r = adagrad_right(theta, grad, r, lr, eps)
    return new, np.sqrt(r)


@wrong("adagrad_step")
def adagrad_sizes_added(theta, grad, r, lr, eps):
    r = r + np.abs(grad)
    return theta - lr * grad / (r + eps), r


@wrong("adagrad_step")
def adagrad_eps_in_r(theta, grad, r, lr, eps):
    r = r + grad**2 + eps
    return theta - lr * grad / np.sqrt(r), r


@wrong("adagrad_step")
def adagrad_theta_in_place(theta, grad, r, lr, eps):
    new, r = adagrad_right(theta, grad, r, lr, eps)
    theta[...] = new
    return theta, r


def rmsprop_right(theta, grad, r, lr, decay, eps):
    r = decay * r + (1 - decay) * grad**2
    return theta - lr * grad / (np.sqrt(r) + eps), r


@wrong("rmsprop_step")
def rmsprop_swapped(*arguments):
    return rmsprop_right(*arguments)[::-1]


@wrong("rmsprop_step")
def rmsprop_corrected(theta, grad, r, lr, decay, eps):
    r = decay * r + (1 - decay) * grad**2
    return theta - lr * grad / (np.sqrt(r / (1 - decay)) + eps), r


wrong("rmsprop_step", rmsprop_fixed_decay="rmsprop_right(theta, grad, r, lr, 0.9, eps)")


@wrong("rmsprop_step")
def rmsprop_centred(theta, grad, r, lr, decay, eps):
    r = decay * r + (1 - decay) * (grad - grad.mean()) ** 2
    return theta - lr * grad / (np.sqrt(r) + eps), r


@wrong("rmsprop_step")
def rmsprop_root_of_each(theta, grad, r, lr, decay, eps):
    new = decay * r + (1 - decay) * grad**2
    return theta - lr * grad / (decay * np.sqrt(r) + (1 - decay) * np.abs(grad) + eps), new


@wrong("rmsprop_step")
def rmsprop_shared_root(theta, grad, r, lr, decay, eps):
    r = decay * r + (1 - decay) * grad**2
    return theta - lr * grad / (np.sqrt(r.mean()) + eps), r


@wrong("rmsprop_step")
def rmsprop_larger_of_root_and_eps(theta, grad, r, lr, decay, eps):
    r = decay * r + (1 - decay) * grad**2
    return theta - lr * grad / np.maximum(np.sqrt(r), eps), r


@wrong("rmsprop_step")
def rmsprop_no_eps(theta, grad, r, lr, decay, eps):
    with np.errstate(all="ignore"):
        return rmsprop_right(theta, grad, r, lr, decay, 0.0)


def heavy_right(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    grad = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * grad**2
    velocity = momentum * velocity - lr * grad / (np.sqrt(r) + eps)
    return theta + velocity, velocity, r


@wrong("rmsprop_nesterov_step")
def heavy_order(*arguments):
    theta, velocity, r = heavy_right(*arguments)
    return theta, r, velocity


@wrong("rmsprop_nesterov_step")
def heavy_old_velocity(theta, velocity, r, *others):
    theta, _, r = heavy_right(theta, velocity, r, *others)
    return theta, velocity, r


@wrong("rmsprop_nesterov_step")
def heavy_looks_back(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    return heavy_right(
        theta, velocity, r, lambda point: grad_fn(2 * (theta + 0 * point) - point), lr, decay, momentum, eps
    )


@wrong("rmsprop_nesterov_step")
def heavy_looks_too_far(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    grad = grad_fn(theta + velocity)
    r = decay * r + (1 - decay) * grad**2
    velocity = momentum * velocity - lr * grad / (np.sqrt(r) + eps)
    return theta + velocity, velocity, r


@wrong("rmsprop_nesterov_step")
def heavy_old_root(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    grad = grad_fn(theta + momentum * velocity)
    velocity = momentum * velocity - lr * grad / (np.sqrt(r) + eps)
    return theta + velocity, velocity, decay * r + (1 - decay) * grad**2


wrong(
    "rmsprop_nesterov_step",
    heavy_momentum_for_decay="heavy_right(theta, velocity, r, grad_fn, lr, momentum, decay, eps)",
)


@wrong("rmsprop_nesterov_step")
def heavy_no_root(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    grad = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * grad**2
    velocity = momentum * velocity - lr * grad / (r + eps)
    return theta + velocity, velocity, r


@wrong("rmsprop_nesterov_step")
def heavy_velocity_subtracted(*arguments):
    theta, velocity, r = heavy_right(*arguments)
    return arguments[0] - velocity, velocity, r


def adam_right(theta, grad, s, r, t, lr, beta1, beta2, eps):
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    return theta - lr * (s / (1 - beta1**t)) / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


@wrong("adam_step")
def adam_order(*arguments):
    theta, s, r = adam_right(*arguments)
    return theta, r, s


wrong("adam_step", adam_defaults="adam_right(theta, grad, s, r, t, lr, 0.9, 0.999, 1e-8)")


@wrong("adam_step")
def adam_old_averages_returned(theta, grad, s, r, *others):
    return adam_right(theta, grad, s, r, *others)[0], s, r


@wrong("adam_step")
def adam_first_returned_corrected(theta, grad, s, r, t, lr, beta1, beta2, eps):
    theta, s, r = adam_right(theta, grad, s, r, t, lr, beta1, beta2, eps)
    return theta, s / (1 - beta1**t), r


@wrong("adam_step")
def adam_second_returned_corrected(theta, grad, s, r, t, lr, beta1, beta2, eps):
    theta, s, r = adam_right(theta, grad, s, r, t, lr, beta1, beta2, eps)
    return theta, s, r / (1 - beta2**t)


@wrong("adam_step")
def adam_power_by_product(theta, grad, s, r, t, lr, beta1, beta2, eps):
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    return theta - lr * (s / (1 - beta1 * t + 1e-3)) / (np.sqrt(np.abs(r / (1 - beta2 * t + 1e-3))) + eps), s, r


@wrong("adam_step")
def adam_correction_without_root(theta, grad, s, r, t, lr, beta1, beta2, eps):
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    return theta - lr * (s / (1 - beta1**t)) / (np.sqrt(r) / (1 - beta2**t) + eps), s, r


@wrong("adam_step")
def adam_amsgrad(theta, grad, s, r, t, lr, beta1, beta2, eps):
    s = beta1 * s + (1 - beta1) * grad
    r = np.maximum(r, beta2 * r + (1 - beta2) * grad**2)
    return theta - lr * (s / (1 - beta1**t)) / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


@wrong("adam_step")
def adam_eps_beside_the_fraction(theta, grad, s, r, t, lr, beta1, beta2, eps):
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    with np.errstate(all="ignore"):
        return theta - lr * ((s / (1 - beta1**t)) / np.sqrt(r / (1 - beta2**t)) + eps), s, r


@wrong("adam_step")
def adam_no_root(theta, grad, s, r, t, lr, beta1, beta2, eps):
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    return theta - lr * (s / (1 - beta1**t)) / (r / (1 - beta2**t) + eps), s, r


@wrong("adam_step")
def adam_wrong_betas_in_the_corrections(theta, grad, s, r, t, lr, beta1, beta2, eps):
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    return theta - lr * (s / (1 - beta2**t)) / (np.sqrt(r / (1 - beta1**t)) + eps), s, r


@wrong("adam_step")
def adam_correction_stops_after_ten(theta, grad, s, r, t, lr, beta1, beta2, eps):
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    first, second = (1 - beta1**t, 1 - beta2**t) if t <= 12 else (1.0, 1.0)
    return theta - lr * (s / first) / (np.sqrt(r / second) + eps), s, r


def adamw_right(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    moved, s, r = adam_right(theta, grad, s, r, t, lr, beta1, beta2, eps)
    return moved - lr * weight_decay * theta, s, r


@wrong("adamw_step")
def decay_of_the_gradient(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    moved, s, r = adam_right(theta, grad, s, r, t, lr, beta1, beta2, eps)
    return moved - lr * weight_decay * grad, s, r


wrong(
    "adamw_step",
    decay_twice="adamw_right(theta, grad, s, r, t, lr, beta1, beta2, eps, 2 * weight_decay)",
    fixed_decay="adamw_right(theta, grad, s, r, t, lr, beta1, beta2, eps, 0.01)",
    decay_on_both_ways="adamw_right(theta, grad + weight_decay * theta, s, r, t, lr, beta1, beta2, eps, weight_decay)",
    gradient_from_the_shrunk="adam_right((1 - weight_decay) * theta, grad, s, r, t, lr, beta1, beta2, eps)",
)


@wrong("adamw_step")
def averages_missing(*arguments):
    return adamw_right(*arguments)[0]


@wrong("adamw_step")
def shrinks_in_place(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    theta *= 1 - lr * weight_decay
    return adam_right(theta, grad, s, r, t, lr, beta1, beta2, eps)


def delta_right(theta, grad, r, d, lr, decay, eps):
    r = decay * r + (1 - decay) * grad**2
    step = np.sqrt((d + eps) / (r + eps)) * grad
    return theta - lr * step, r, decay * d + (1 - decay) * step**2


@wrong("adadelta_step")
def delta_order(*arguments):
    theta, r, d = delta_right(*arguments)
    return theta, d, r


wrong(
    "adadelta_step",
    delta_rate_ignored="delta_right(theta, grad, r, d, 1.0, decay, eps)",
    delta_ascends="delta_right(theta, grad, r, d, -lr, decay, eps)",
    delta_weights_swapped="delta_right(theta, grad, r, d, lr, 1 - decay, eps)",
)


@wrong("adadelta_step")
def delta_fraction_upside_down(theta, grad, r, d, lr, decay, eps):
    r = decay * r + (1 - decay) * grad**2
    step = np.sqrt((r + eps) / (d + eps)) * grad
    return theta - lr * step, r, decay * d + (1 - decay) * step**2


@wrong("adadelta_step")
def delta_averages_gradients(theta, grad, r, d, lr, decay, eps):
    theta, r, _ = delta_right(theta, grad, r, d, lr, decay, eps)
    return theta, r, decay * d + (1 - decay) * grad**2


@wrong("adadelta_step")
def delta_old_d(theta, grad, r, d, lr, decay, eps):
    theta, r, _ = delta_right(theta, grad, r, d, lr, decay, eps)
    return theta, r, d


def adamax_right(theta, grad, s, u, t, lr, beta1, beta2, eps):
    s, u = beta1 * s + (1 - beta1) * grad, np.maximum(beta2 * u, np.abs(grad) + eps)
    return theta - lr / (1 - beta1**t) * s / u, s, u


@wrong("adamax_step")
def adamax_order(*arguments):
    theta, s, u = adamax_right(*arguments)
    return theta, u, s


@wrong("adamax_step")
def adamax_smaller(theta, grad, s, u, t, lr, beta1, beta2, eps):
    s, u = beta1 * s + (1 - beta1) * grad, np.minimum(beta2 * u, np.abs(grad) + eps)
    with np.errstate(all="ignore"):
        return theta - lr / (1 - beta1**t) * s / u, s, u


@wrong("adamax_step")
def adamax_of_squares(theta, grad, s, u, t, lr, beta1, beta2, eps):
    s, u = beta1 * s + (1 - beta1) * grad, np.maximum(beta2 * u, grad**2 + eps)
    return theta - lr / (1 - beta1**t) * s / u, s, u


@wrong("adamax_step")
def adamax_fades_afterwards(theta, grad, s, u, t, lr, beta1, beta2, eps):
    s, u = beta1 * s + (1 - beta1) * grad, beta2 * np.maximum(u, np.abs(grad) + eps)
    return theta - lr / (1 - beta1**t) * s / u, s, u


@wrong("adamax_step")
def adamax_returns_s_corrected(theta, grad, s, u, t, lr, beta1, beta2, eps):
    theta, s, u = adamax_right(theta, grad, s, u, t, lr, beta1, beta2, eps)
    return theta, s / (1 - beta1**t), u


@wrong("adamax_step")
def adamax_no_eps(theta, grad, s, u, t, lr, beta1, beta2, eps):
    with np.errstate(all="ignore"):
        return adamax_right(theta, grad, s, u, t, lr, beta1, beta2, 0.0)


@wrong("adamax_step")
def adamax_along_the_gradient(theta, grad, s, u, t, lr, beta1, beta2, eps):
    _, s, u = adamax_right(theta, grad, s, u, t, lr, beta1, beta2, eps)
    return theta - lr * grad / u, s, u


def nadam_right(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay, shift=0):
    mu = momentum_at(beta1, np.arange(1, t + 2) + shift, momentum_decay)
    now, after, product = mu[-2], mu[-1], np.prod(mu[:-1])
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    lead = after * s / (1 - product * after) + (1 - now) * grad / (1 - product)
    return theta - lr * lead / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


@wrong("nadam_step")
def nadam_simplified(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    lead = beta1 * s / (1 - beta1**t) + (1 - beta1) * grad / (1 - beta1**t)
    return theta - lr * lead / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


wrong(
    "nadam_step",
    nadam_is_adam="adam_right(theta, grad, s, r, t, lr, beta1, beta2, eps)",
    nadam_default_schedule="nadam_right(theta, grad, s, r, t, lr, beta1, beta2, eps, 0.004)",
    nadam_schedule_one_early="nadam_right(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay, shift=-1)",
    nadam_schedule_one_late="nadam_right(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay, shift=1)",
    nadam_ascends="nadam_right(theta, grad, s, r, t, -lr, beta1, beta2, eps, momentum_decay)",
)


@wrong("nadam_step")
def nadam_old_average(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    _, s_new, r_new = nadam_right(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay)
    mu = momentum_at(beta1, np.arange(1, t + 2), momentum_decay)
    lead = mu[-1] * s / (1 - np.prod(mu)) + (1 - mu[-2]) * grad / (1 - np.prod(mu[:-1]))
    return theta - lr * lead / (np.sqrt(r_new / (1 - beta2**t)) + eps), s_new, r_new


@wrong("nadam_step")
def nadam_eps_inside(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    mu = momentum_at(beta1, np.arange(1, t + 2), momentum_decay)
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    lead = mu[-1] * s / (1 - np.prod(mu)) + (1 - mu[-2]) * grad / (1 - np.prod(mu[:-1]))
    return theta - lr * lead / np.sqrt(r / (1 - beta2**t) + eps), s, r


@wrong("nadam_step")
def nadam_longer_product_twice(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    mu = momentum_at(beta1, np.arange(1, t + 2), momentum_decay)
    s, r = beta1 * s + (1 - beta1) * grad, beta2 * r + (1 - beta2) * grad**2
    lead = (mu[-1] * s + (1 - mu[-2]) * grad) / (1 - np.prod(mu))
    return theta - lr * lead / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


@wrong("nadam_step")
def nadam_averages_swapped(*arguments):
    theta, s, r = nadam_right(*arguments)
    return theta, r, s


# --- mutants that compute the same

table.equivalent(
    "adamax_step",
    was="u = np.maximum(beta2 * u, np.abs(grad) + eps)",
    becomes="u = np.maximum(np.abs(grad) + eps, beta2 * u)",
    reason="the larger of two numbers does not depend on their order",
)
