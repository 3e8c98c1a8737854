import numpy as np


def rmsprop_step__eps_under_root(theta, grad, r, lr, decay, eps):
    r"""eps inside, as in the book"""
    r = decay * r + (1 - decay) * grad**2
    return theta - lr * grad / np.sqrt(r + eps), r


def rmsprop_step__weights_swapped(theta, grad, r, lr, decay, eps):
    r"""decay on the new square"""
    r = (1 - decay) * r + decay * grad**2
    return theta - lr * grad / (np.sqrt(r) + eps), r


def rmsprop_step__adagrad_sum(theta, grad, r, lr, decay, eps):
    r"""no (1 - decay), a fading sum"""
    r = decay * r + grad**2
    return theta - lr * grad / (np.sqrt(r) + eps), r


def rmsprop_step__plain_adagrad(theta, grad, r, lr, decay, eps):
    r"""copied adagrad and forgot the decay"""
    r = r + grad**2
    return theta - lr * grad / (np.sqrt(r) + eps), r


def rmsprop_step__old_r(theta, grad, r, lr, decay, eps):
    r"""divides by the old average"""
    new_r = decay * r + (1 - decay) * grad**2
    return theta - lr * grad / (np.sqrt(r) + eps), new_r


def rmsprop_step__bias_corrected(theta, grad, r, lr, decay, eps):
    r"""divides by 1 - decay as on a first Adam step"""
    r = decay * r + (1 - decay) * grad**2
    return theta - lr * grad / (np.sqrt(r / (1 - decay)) + eps), r


def rmsprop_step__centered(theta, grad, r, lr, decay, eps):
    r"""subtracts the squared mean, torch's centered"""
    r = decay * r + (1 - decay) * grad**2
    var = np.maximum(r - np.mean(grad) ** 2, 0)
    return theta - lr * grad / (np.sqrt(var) + eps), r


def rmsprop_step__no_root(theta, grad, r, lr, decay, eps):
    r"""forgot the root"""
    r = decay * r + (1 - decay) * grad**2
    return theta - lr * grad / (r + eps), r


def rmsprop_step__unsquared(theta, grad, r, lr, decay, eps):
    r"""averages the gradient itself"""
    r = decay * r + (1 - decay) * grad
    with np.errstate(all="ignore"):
        return theta - lr * grad / (np.sqrt(r) + eps), r


def rmsprop_step__in_place(theta, grad, r, lr, decay, eps):
    r"""r *= decay; r += ..."""
    r *= decay
    r += (1 - decay) * grad**2
    return theta - lr * grad / (np.sqrt(r) + eps), r


def rmsprop_step__squares_one_minus_decay(theta, grad, r, lr, decay, eps):
    r"""the weight is squared with the gradient"""
    r = decay * r + ((1 - decay) * grad) ** 2
    return theta - lr * grad / (np.sqrt(r) + eps), r


def rmsprop_step__sign(theta, grad, r, lr, decay, eps):
    r"""plus"""
    r = decay * r + (1 - decay) * np.square(grad)
    return theta + lr / (np.sqrt(r) + eps) * grad, r


def rmsprop_step__order_swapped(theta, grad, r, lr, decay, eps):
    r"""returns r first"""
    r = decay * r + (1 - decay) * np.square(grad)
    return r, theta - lr / (np.sqrt(r) + eps) * grad


def rmsprop_step__no_eps(theta, grad, r, lr, decay, eps):
    r"""as on the slide"""
    r = decay * r + (1 - decay) * np.square(grad)
    with np.errstate(all="ignore"):
        return theta - lr / np.sqrt(r) * grad, r


def rmsprop_step__hard_coded_decay(theta, grad, r, lr, decay, eps):
    r"""always 0.9"""
    r = 0.9 * r + 0.1 * grad**2
    return theta - lr * grad / (np.sqrt(r) + eps), r


def rmsprop_step__global_norm(theta, grad, r, lr, decay, eps):
    r"""one average for all coordinates"""
    r = decay * r + (1 - decay) * np.mean(grad**2)
    return theta - lr * grad / (np.sqrt(r) + eps), r


def rmsprop_step__eps_as_floor(theta, grad, r, lr, decay, eps):
    r"""max(root, eps), not the sum"""
    r = decay * r + (1 - decay) * grad**2
    return theta - lr * grad / np.maximum(np.sqrt(r), eps), r


def rmsprop_step__step_in_average(theta, grad, r, lr, decay, eps):
    r"""the average has the rate in it"""
    step = lr * grad
    r = decay * r + (1 - decay) * step**2
    return theta - step / (np.sqrt(r) + eps), r


def rmsprop_step__two_slips(theta, grad, r, lr, decay, eps):
    r"""eps under the root and decay swapped"""
    r = (1 - decay) * r + decay * grad**2
    return theta - lr * grad / np.sqrt(r + eps), r
