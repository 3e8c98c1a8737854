import numpy as np


def adadelta_step__eps_outside(theta, grad, r, d, lr, decay, eps):
    r"""eps added to the roots, as before in the notebook"""
    r = decay * r + (1 - decay) * grad**2
    delta = (np.sqrt(d) + eps) / (np.sqrt(r) + eps) * grad
    d = decay * d + (1 - decay) * delta**2
    return theta - lr * delta, r, d


def adadelta_step__old_r(theta, grad, r, d, lr, decay, eps):
    r"""the old r in the denominator"""
    delta = np.sqrt(d + eps) / np.sqrt(r + eps) * grad
    r = decay * r + (1 - decay) * grad**2
    d = decay * d + (1 - decay) * delta**2
    return theta - lr * delta, r, d


def adadelta_step__rate_in_d(theta, grad, r, d, lr, decay, eps):
    r"""d averages the step with the rate"""
    r = decay * r + (1 - decay) * grad**2
    delta = lr * np.sqrt(d + eps) / np.sqrt(r + eps) * grad
    d = decay * d + (1 - decay) * delta**2
    return theta - delta, r, d


def adadelta_step__no_rate(theta, grad, r, d, lr, decay, eps):
    r"""the paper has no learning rate"""
    r = decay * r + (1 - decay) * grad**2
    delta = np.sqrt(d + eps) / np.sqrt(r + eps) * grad
    d = decay * d + (1 - decay) * delta**2
    return theta - delta, r, d


def adadelta_step__fraction_inverted(theta, grad, r, d, lr, decay, eps):
    r"""r above d"""
    r = decay * r + (1 - decay) * grad**2
    delta = np.sqrt(r + eps) / np.sqrt(d + eps) * grad
    d = decay * d + (1 - decay) * delta**2
    return theta - lr * delta, r, d


def adadelta_step__order_swapped(theta, grad, r, d, lr, decay, eps):
    r"""d before r"""
    r = decay * r + (1 - decay) * grad**2
    delta = np.sqrt(d + eps) / np.sqrt(r + eps) * grad
    d = decay * d + (1 - decay) * delta**2
    return theta - lr * delta, d, r


def adadelta_step__d_unsquared(theta, grad, r, d, lr, decay, eps):
    r"""averages delta, not its square"""
    r = decay * r + (1 - decay) * grad**2
    delta = np.sqrt(d + eps) / np.sqrt(r + eps) * grad
    d = decay * d + (1 - decay) * delta
    return theta - lr * delta, r, d


def adadelta_step__no_eps_in_d(theta, grad, r, d, lr, decay, eps):
    r"""eps only in the denominator"""
    r = decay * r + (1 - decay) * grad**2
    delta = np.sqrt(d) / np.sqrt(r + eps) * grad
    d = decay * d + (1 - decay) * delta**2
    return theta - lr * delta, r, d


def adadelta_step__no_roots(theta, grad, r, d, lr, decay, eps):
    r"""ratio of the means without roots"""
    r = decay * r + (1 - decay) * grad**2
    delta = (d + eps) / (r + eps) * grad
    d = decay * d + (1 - decay) * delta**2
    return theta - lr * delta, r, d


def adadelta_step__d_first(theta, grad, r, d, lr, decay, eps):
    r"""updates d with the gradient before delta exists"""
    r = decay * r + (1 - decay) * grad**2
    d = decay * d + (1 - decay) * grad**2
    delta = np.sqrt(d + eps) / np.sqrt(r + eps) * grad
    return theta - lr * delta, r, d


def adadelta_step__new_d_in_step(theta, grad, r, d, lr, decay, eps):
    r"""recomputes delta with the new d"""
    r = decay * r + (1 - decay) * grad**2
    delta = np.sqrt(d + eps) / np.sqrt(r + eps) * grad
    d = decay * d + (1 - decay) * delta**2
    delta = np.sqrt(d + eps) / np.sqrt(r + eps) * grad
    return theta - lr * delta, r, d


def adadelta_step__r_in_place(theta, grad, r, d, lr, decay, eps):
    r"""r *= decay"""
    r *= decay
    r += (1 - decay) * grad * grad
    delta = np.sqrt(d + eps) / np.sqrt(r + eps) * grad
    return theta - lr * delta, r, decay * d + (1 - decay) * delta**2


def adadelta_step__d_in_place(theta, grad, r, d, lr, decay, eps):
    r"""d[:] = ..."""
    r = decay * r + (1 - decay) * grad**2
    delta = np.sqrt(d + eps) / np.sqrt(r + eps) * grad
    d[...] = decay * d + (1 - decay) * delta**2
    return theta - lr * delta, r, d


def adadelta_step__no_gradient(theta, grad, r, d, lr, decay, eps):
    r"""delta is only the ratio"""
    r = decay * r + (1 - decay) * grad**2
    delta = np.sqrt(d + eps) / np.sqrt(r + eps)
    d = decay * d + (1 - decay) * delta**2
    return theta - lr * delta, r, d


def adadelta_step__ascent(theta, grad, r, d, lr, decay, eps):
    r"""Zeiler's delta has a minus, and then minus again"""
    r = decay * r + (1 - decay) * grad**2
    delta = -np.sqrt(d + eps) / np.sqrt(r + eps) * grad
    d = decay * d + (1 - decay) * delta**2
    return theta - lr * delta, r, d


def adadelta_step__weights_swapped_in_d(theta, grad, r, d, lr, decay, eps):
    r"""decay on the wrong term in d"""
    r = decay * r + (1 - decay) * grad**2
    delta = np.sqrt(d + eps) / np.sqrt(r + eps) * grad
    d = (1 - decay) * d + decay * delta**2
    return theta - lr * delta, r, d


def adadelta_step__one_root(theta, grad, r, d, lr, decay, eps):
    r"""sqrt(d + eps / r + eps) with the brackets lost"""
    r = decay * r + (1 - decay) * grad**2
    with np.errstate(all="ignore"):
        delta = np.sqrt(d + eps / r + eps) * grad
    d = decay * d + (1 - decay) * delta**2
    return theta - lr * delta, r, d


def adadelta_step__delta_returned(theta, grad, r, d, lr, decay, eps):
    r"""returns delta in place of d"""
    r = decay * r + (1 - decay) * grad**2
    delta = np.sqrt(d + eps) / np.sqrt(r + eps) * grad
    return theta - lr * delta, r, delta


def adadelta_step__hard_coded(theta, grad, r, d, lr, decay, eps):
    r"""decay 0.9 as in the paper's default"""
    r = 0.9 * r + 0.1 * grad**2
    delta = np.sqrt(d + eps) / np.sqrt(r + eps) * grad
    d = 0.9 * d + 0.1 * delta**2
    return theta - lr * delta, r, d


def adadelta_step__two_slips(theta, grad, r, d, lr, decay, eps):
    r"""eps outside and d with the rate"""
    r = decay * r + (1 - decay) * grad**2
    delta = lr * (np.sqrt(d) + eps) / (np.sqrt(r) + eps) * grad
    d = decay * d + (1 - decay) * delta**2
    return theta - delta, r, d
