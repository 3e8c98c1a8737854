import numpy as np


def nesterov_step__gradient_here(theta, velocity, grad_fn, lr, momentum):
    r"""gradient at theta, so it is plain momentum"""
    g = grad_fn(theta)
    v = momentum * velocity - lr * g
    return theta + v, v


def nesterov_step__looks_back(theta, velocity, grad_fn, lr, momentum):
    r"""looks at theta - momentum velocity"""
    g = grad_fn(theta - momentum * velocity)
    v = momentum * velocity - lr * g
    return theta + v, v


def nesterov_step__full_velocity(theta, velocity, grad_fn, lr, momentum):
    r"""looks ahead by the whole velocity"""
    g = grad_fn(theta + velocity)
    v = momentum * velocity - lr * g
    return theta + v, v


def nesterov_step__starts_ahead(theta, velocity, grad_fn, lr, momentum):
    r"""the step starts at the look-ahead point"""
    ahead = theta + momentum * velocity
    v = momentum * velocity - lr * grad_fn(ahead)
    return ahead + v, v


def nesterov_step__new_velocity_ahead(theta, velocity, grad_fn, lr, momentum):
    r"""a plain step first, then looks ahead with the new velocity"""
    v = momentum * velocity - lr * grad_fn(theta)
    g = grad_fn(theta + momentum * v)
    v = momentum * velocity - lr * g
    return theta + v, v


def nesterov_step__order_swapped(theta, velocity, grad_fn, lr, momentum):
    r"""velocity first, as in the arguments of some library"""
    v = momentum * velocity - lr * grad_fn(theta + momentum * velocity)
    return v, theta + v


def nesterov_step__theta_in_place(theta, velocity, grad_fn, lr, momentum):
    r"""moves theta itself to look ahead"""
    theta += momentum * velocity
    g = grad_fn(theta)
    v = momentum * velocity - lr * g
    return theta - lr * g, v


def nesterov_step__torch_form(theta, velocity, grad_fn, lr, momentum):
    r"""the formula of torch's nesterov=True"""
    g = grad_fn(theta)
    v = momentum * velocity + g
    return theta - lr * (g + momentum * v), v


def nesterov_step__gradient_plus_velocity(theta, velocity, grad_fn, lr, momentum):
    r"""the bracket closes too early"""
    g = grad_fn(theta) + momentum * velocity
    v = momentum * velocity - lr * g
    return theta + v, v


def nesterov_step__friction_lost(theta, velocity, grad_fn, lr, momentum):
    r"""no momentum on the velocity in the second formula"""
    g = grad_fn(theta + momentum * velocity)
    v = velocity - lr * g
    return theta + v, v


def nesterov_step__sign(theta, velocity, grad_fn, lr, momentum):
    r"""plus lr g"""
    g = grad_fn(theta + momentum * velocity)
    v = momentum * velocity + lr * g
    return theta + v, v


def nesterov_step__calls_like_array(theta, velocity, grad_fn, lr, momentum):
    r"""treats grad_fn as an array"""
    g = grad_fn + momentum * velocity
    v = momentum * velocity - lr * g
    return theta + v, v


def nesterov_step__velocity_in_place(theta, velocity, grad_fn, lr, momentum):
    r"""scales the caller's velocity"""
    velocity *= momentum
    velocity -= lr * grad_fn(theta + velocity)
    return theta + velocity, velocity


def nesterov_step__old_velocity_step(theta, velocity, grad_fn, lr, momentum):
    r"""moves by the old velocity"""
    g = grad_fn(theta + momentum * velocity)
    v = momentum * velocity - lr * g
    return theta + velocity, v


def nesterov_step__velocity_is_difference(theta, velocity, grad_fn, lr, momentum):
    r"""returns the look-ahead as the new velocity"""
    ahead = theta + momentum * velocity
    new = ahead - lr * grad_fn(ahead)
    return new, momentum * velocity


def nesterov_step__nesterov_1983(theta, velocity, grad_fn, lr, momentum):
    r"""gives back the extrapolated point and the old velocity is added afterwards"""
    v = momentum * velocity - lr * grad_fn(theta + momentum * velocity)
    return theta + v + momentum * v, v


def nesterov_step__average_of_two(theta, velocity, grad_fn, lr, momentum):
    r"""mixes the gradients here and there"""
    g = 0.5 * (grad_fn(theta) + grad_fn(theta + momentum * velocity))
    v = momentum * velocity - lr * g
    return theta + v, v


def nesterov_step__lr_in_lookahead(theta, velocity, grad_fn, lr, momentum):
    r"""looks ahead by lr velocity"""
    g = grad_fn(theta + lr * velocity)
    v = momentum * velocity - lr * g
    return theta + v, v


def nesterov_step__only_theta(theta, velocity, grad_fn, lr, momentum):
    r"""returns theta alone"""
    g = grad_fn(theta + momentum * velocity)
    return theta + momentum * velocity - lr * g


def nesterov_step__two_slips(theta, velocity, grad_fn, lr, momentum):
    r"""gradient at theta and step with minus"""
    v = momentum * velocity + lr * grad_fn(theta)
    return theta - v, v
