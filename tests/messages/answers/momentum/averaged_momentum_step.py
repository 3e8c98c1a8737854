import numpy as np


def averaged_momentum_step__not_rescaled(theta, grad, velocity, lr, momentum):
    r"""forgot the 1 / (1 - momentum)"""
    v = momentum * velocity + (1 - momentum) * grad
    return theta - lr * v, v


def averaged_momentum_step__rescaled_wrong_way(theta, grad, velocity, lr, momentum):
    r"""times 1 - momentum instead of divided"""
    v = momentum * velocity + (1 - momentum) * grad
    return theta - lr * (1 - momentum) * v, v


def averaged_momentum_step__sum(theta, grad, velocity, lr, momentum):
    r"""velocity is the sum, as torch does"""
    v = momentum * velocity + grad
    return theta - lr * v, v


def averaged_momentum_step__sum_and_rescaled(theta, grad, velocity, lr, momentum):
    r"""the sum with the rescaled rate"""
    v = momentum * velocity + grad
    return theta - lr / (1 - momentum) * v, v


def averaged_momentum_step__plus_step(theta, grad, velocity, lr, momentum):
    r"""theta plus, as in exercise 5"""
    v = momentum * velocity + (1 - momentum) * grad
    return theta + lr / (1 - momentum) * v, v


def averaged_momentum_step__book_sign(theta, grad, velocity, lr, momentum):
    r"""the velocity is minus the average, theta + v"""
    v = momentum * velocity - (1 - momentum) * grad
    return theta + lr / (1 - momentum) * v, v


def averaged_momentum_step__weights_swapped(theta, grad, velocity, lr, momentum):
    r"""momentum on the gradient"""
    v = (1 - momentum) * velocity + momentum * grad
    return theta - lr / (1 - momentum) * v, v


def averaged_momentum_step__velocity_rescaled(theta, grad, velocity, lr, momentum):
    r"""hands the rescaled velocity on"""
    v = (momentum * velocity + (1 - momentum) * grad) / (1 - momentum)
    return theta - lr * v, v


def averaged_momentum_step__old_velocity(theta, grad, velocity, lr, momentum):
    r"""steps with the velocity from before"""
    v = momentum * velocity + (1 - momentum) * grad
    return theta - lr / (1 - momentum) * velocity, v


def averaged_momentum_step__order_swapped(theta, grad, velocity, lr, momentum):
    r"""velocity first"""
    v = momentum * velocity + (1 - momentum) * grad
    return v, theta - lr / (1 - momentum) * v


def averaged_momentum_step__lr_in_velocity(theta, grad, velocity, lr, momentum):
    r"""the rate goes into the average as in the book"""
    v = momentum * velocity + (1 - momentum) * lr * grad
    return theta - v / (1 - momentum), v


def averaged_momentum_step__divides_by_momentum(theta, grad, velocity, lr, momentum):
    r"""lr / momentum, fails for 0"""
    v = momentum * velocity + (1 - momentum) * grad
    with np.errstate(all="ignore"):
        return theta - np.float64(lr) / momentum * v, v


def averaged_momentum_step__precedence(theta, grad, velocity, lr, momentum):
    r"""lr / 1 - momentum without brackets"""
    v = momentum * velocity + (1 - momentum) * grad
    return theta - lr / 1 - momentum * v, v


def averaged_momentum_step__in_place(theta, grad, velocity, lr, momentum):
    r"""velocity changed in place"""
    velocity *= momentum
    velocity += (1 - momentum) * grad
    return theta - lr / (1 - momentum) * velocity, velocity


def averaged_momentum_step__theta_in_place(theta, grad, velocity, lr, momentum):
    r"""theta -= on the caller's array"""
    v = momentum * velocity + (1 - momentum) * grad
    theta -= lr / (1 - momentum) * v
    return theta, v


def averaged_momentum_step__one_plus(theta, grad, velocity, lr, momentum):
    r"""1 + momentum in the divisor"""
    v = momentum * velocity + (1 - momentum) * grad
    return theta - lr / (1 + momentum) * v, v


def averaged_momentum_step__gradient_not_weighted_in_step(theta, grad, velocity, lr, momentum):
    r"""the step uses the gradient rescaled, not v"""
    v = momentum * velocity + (1 - momentum) * grad
    return theta - lr / (1 - momentum) * grad, v


def averaged_momentum_step__square_root(theta, grad, velocity, lr, momentum):
    r"""sqrt(1 - momentum^2) from another normalisation"""
    v = momentum * velocity + np.sqrt(1 - momentum**2) * grad
    return theta - lr / np.sqrt(1 - momentum**2) * v, v


def averaged_momentum_step__prints(theta, grad, velocity, lr, momentum):
    r"""prints the two new arrays"""
    v = momentum * velocity + (1 - momentum) * grad
    print(theta - lr / (1 - momentum) * v, v)


def averaged_momentum_step__two_slips(theta, grad, velocity, lr, momentum):
    r"""not rescaled and returned in the wrong order"""
    v = momentum * velocity + (1 - momentum) * grad
    return v, theta - lr * v
