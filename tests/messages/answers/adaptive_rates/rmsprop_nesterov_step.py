import numpy as np


def rmsprop_nesterov_step__gradient_here(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""gradient at theta, no look ahead"""
    g = grad_fn(theta)
    r = decay * r + (1 - decay) * g**2
    v = momentum * velocity - lr / (np.sqrt(r) + eps) * g
    return theta + v, v, r


def rmsprop_nesterov_step__two_gradients(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""r from the gradient at theta, push from the one ahead"""
    g = grad_fn(theta)
    ahead = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * g**2
    v = momentum * velocity - lr / (np.sqrt(r) + eps) * ahead
    return theta + v, v, r


def rmsprop_nesterov_step__minus_minus(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""sign as on the slide"""
    g = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * g**2
    v = momentum * velocity + lr / (np.sqrt(r) + eps) * g
    return theta + v, v, r


def rmsprop_nesterov_step__eps_under_root(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""eps inside"""
    g = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * g**2
    v = momentum * velocity - lr / np.sqrt(r + eps) * g
    return theta + v, v, r


def rmsprop_nesterov_step__no_eps(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""as the book prints it"""
    g = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * g**2
    with np.errstate(all="ignore"):
        v = momentum * velocity - lr / np.sqrt(r) * g
    return theta + v, v, r


def rmsprop_nesterov_step__decay_in_lookahead(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""looks ahead by decay velocity"""
    g = grad_fn(theta + decay * velocity)
    r = decay * r + (1 - decay) * g**2
    v = momentum * velocity - lr / (np.sqrt(r) + eps) * g
    return theta + v, v, r


def rmsprop_nesterov_step__r_second(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""returns r before velocity"""
    g = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * g**2
    v = momentum * velocity - lr / (np.sqrt(r) + eps) * g
    return theta + v, r, v


def rmsprop_nesterov_step__old_r(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""divides by the old r"""
    g = grad_fn(theta + momentum * velocity)
    new_r = decay * r + (1 - decay) * g**2
    v = momentum * velocity - lr / (np.sqrt(r) + eps) * g
    return theta + v, v, new_r


def rmsprop_nesterov_step__starts_ahead(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""steps from the look-ahead point"""
    ahead = theta + momentum * velocity
    g = grad_fn(ahead)
    r = decay * r + (1 - decay) * g**2
    v = momentum * velocity - lr / (np.sqrt(r) + eps) * g
    return ahead + v, v, r


def rmsprop_nesterov_step__velocity_of_raw_gradients(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""the velocity is pushed by g and the whole of it scaled"""
    g = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * g**2
    v = momentum * velocity - lr * g
    return theta + v / (np.sqrt(r) + eps), v, r


def rmsprop_nesterov_step__everything_scaled(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""the root also divides the old velocity"""
    g = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * g**2
    v = (momentum * velocity - lr * g) / (np.sqrt(r) + eps)
    return theta + v, v, r


def rmsprop_nesterov_step__theta_in_place(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""theta += momentum * velocity, then goes on from there"""
    theta += momentum * velocity
    g = grad_fn(theta)
    r = decay * r + (1 - decay) * g**2
    push = lr * g / (np.sqrt(r) + eps)
    theta -= push
    return theta, momentum * velocity - push, r


def rmsprop_nesterov_step__r_in_place(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""r *= decay"""
    g = grad_fn(theta + momentum * velocity)
    r *= decay
    r += (1 - decay) * g**2
    v = momentum * velocity - lr / (np.sqrt(r) + eps) * g
    return theta + v, v, r


def rmsprop_nesterov_step__weights_swapped(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""decay on the square"""
    g = grad_fn(theta + momentum * velocity)
    r = (1 - decay) * r + decay * g**2
    v = momentum * velocity - lr / (np.sqrt(r) + eps) * g
    return theta + v, v, r


def rmsprop_nesterov_step__momentum_and_decay_swapped(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""took the two fractions for each other"""
    momentum, decay = decay, momentum
    g = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * g**2
    v = momentum * velocity - lr / (np.sqrt(r) + eps) * g
    return theta + v, v, r


def rmsprop_nesterov_step__theta_minus_v(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""minus in the last line"""
    g = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * g**2
    v = momentum * velocity - lr / (np.sqrt(r) + eps) * g
    return theta - v, v, r


def rmsprop_nesterov_step__velocity_forgotten(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""returns theta and r only"""
    g = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * g**2
    return theta + momentum * velocity - lr * g / (np.sqrt(r) + eps), r


def rmsprop_nesterov_step__torch_momentum(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""torch.optim.RMSprop keeps the velocity without the rate"""
    g = grad_fn(theta + momentum * velocity)
    r = decay * r + (1 - decay) * g**2
    v = momentum * velocity + g / (np.sqrt(r) + eps)
    return theta - lr * v, v, r


def rmsprop_nesterov_step__calls_again_after(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""uses the gradient at the new place for r"""
    g = grad_fn(theta + momentum * velocity)
    v = momentum * velocity - lr / (np.sqrt(r) + eps) * g
    theta = theta + v
    r = decay * r + (1 - decay) * grad_fn(theta) ** 2
    return theta, v, r


def rmsprop_nesterov_step__two_slips(theta, velocity, r, grad_fn, lr, decay, momentum, eps):
    r"""looks back and forgets the root"""
    g = grad_fn(theta - momentum * velocity)
    r = decay * r + (1 - decay) * g**2
    v = momentum * velocity - lr * g / (r + eps)
    return theta + v, v, r
