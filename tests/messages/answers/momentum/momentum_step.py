import numpy as np


def momentum_step__plus_gradient(theta, grad, velocity, lr, momentum):
    r"""the gradient pushes uphill"""
    v = momentum * velocity + lr * grad
    return theta + v, v


def momentum_step__old_velocity(theta, grad, velocity, lr, momentum):
    r"""moves by the velocity from before"""
    v = momentum * velocity - lr * grad
    return theta + velocity, v


def momentum_step__order_swapped(theta, grad, velocity, lr, momentum):
    r"""returns velocity first"""
    v = momentum * velocity - lr * grad
    return v, theta + v


def momentum_step__torch_form(theta, grad, velocity, lr, momentum):
    r"""keeps the sum of gradients like torch.optim.SGD"""
    v = momentum * velocity + grad
    return theta - lr * v, v


def momentum_step__averaged_gradient(theta, grad, velocity, lr, momentum):
    r"""(1 - momentum) on the gradient"""
    v = momentum * velocity - (1 - momentum) * lr * grad
    return theta + v, v


def momentum_step__lr_twice(theta, grad, velocity, lr, momentum):
    r"""the rate is in the velocity and in the step"""
    v = momentum * velocity - lr * grad
    return theta + lr * v, v


def momentum_step__nesterov_like(theta, grad, velocity, lr, momentum):
    r"""applies momentum once more to the new velocity"""
    v = momentum * velocity - lr * grad
    return theta + momentum * v - lr * grad, v


def momentum_step__friction_lost(theta, grad, velocity, lr, momentum):
    r"""forgot to multiply the old velocity with momentum"""
    v = velocity - lr * grad
    return theta + v, v


def momentum_step__velocity_in_place(theta, grad, velocity, lr, momentum):
    r"""velocity *= momentum on the caller's array"""
    velocity *= momentum
    velocity -= lr * grad
    return theta + velocity, velocity


def momentum_step__theta_in_place(theta, grad, velocity, lr, momentum):
    r"""theta += v on the caller's array"""
    v = momentum * velocity - lr * grad
    theta += v
    return theta, v


def momentum_step__only_theta(theta, grad, velocity, lr, momentum):
    r"""forgot to return the velocity"""
    v = momentum * velocity - lr * grad
    return theta + v


def momentum_step__velocity_not_updated(theta, grad, velocity, lr, momentum):
    r"""hands the old velocity back"""
    new = theta + momentum * velocity - lr * grad
    return new, velocity


def momentum_step__minus_v(theta, grad, velocity, lr, momentum):
    r"""v has the minus already, and theta - v again"""
    v = momentum * velocity - lr * grad
    return theta - v, v


def momentum_step__bracket(theta, grad, velocity, lr, momentum):
    r"""momentum multiplies the whole bracket"""
    v = momentum * (velocity - lr * grad)
    return theta + v, v


def momentum_step__names_swapped(theta, grad, velocity, lr, momentum):
    r"""lr and momentum in each other's place"""
    v = lr * velocity - momentum * grad
    return theta + v, v


def momentum_step__added_twice(theta, grad, velocity, lr, momentum):
    r"""the gradient step is also taken directly"""
    v = momentum * velocity - lr * grad
    return theta - lr * grad + v, v


def momentum_step__gradient_only_step(theta, grad, velocity, lr, momentum):
    r"""theta ignores the velocity"""
    v = momentum * velocity - lr * grad
    return theta - lr * grad, v


def momentum_step__norm_of_velocity(theta, grad, velocity, lr, momentum):
    r"""uses the speed as a number"""
    v = momentum * np.linalg.norm(velocity) - lr * grad
    return theta + v, v


def momentum_step__hard_coded_09(theta, grad, velocity, lr, momentum):
    r"""0.9 because that is the usual value"""
    v = 0.9 * velocity - lr * grad
    return theta + v, v


def momentum_step__friction_is_alpha(theta, grad, velocity, lr, momentum):
    r"""momentum taken for the friction, 1 - momentum kept"""
    v = (1 - momentum) * velocity - lr * grad
    return theta + v, v


def momentum_step__two_slips(theta, grad, velocity, lr, momentum):
    r"""torch's sum, but returned in the wrong order"""
    v = momentum * velocity + grad
    return v, theta - lr * v
