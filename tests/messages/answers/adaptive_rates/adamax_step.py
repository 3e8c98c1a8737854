import numpy as np


def adamax_step__np_max(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""np.max of the two, one number for all coordinates"""
    s = beta1 * s + (1 - beta1) * grad
    u = np.max([beta2 * u, np.abs(grad) + eps]) * np.ones_like(grad)
    return theta - lr / (1 - beta1**t) * s / u, s, u


def adamax_step__builtin_max(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""Python's max on arrays"""
    s = beta1 * s + (1 - beta1) * grad
    u = max(beta2 * u, np.abs(grad) + eps)
    return theta - lr / (1 - beta1**t) * s / u, s, u


def adamax_step__no_abs(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""forgot the absolute value"""
    s = beta1 * s + (1 - beta1) * grad
    u = np.maximum(beta2 * u, grad + eps)
    with np.errstate(all="ignore"):
        return theta - lr / (1 - beta1**t) * s / u, s, u


def adamax_step__eps_after(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""eps added in the division and not in u"""
    s = beta1 * s + (1 - beta1) * grad
    u = np.maximum(beta2 * u, np.abs(grad))
    return theta - lr / (1 - beta1**t) * s / (u + eps), s, u


def adamax_step__no_eps(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""left eps out"""
    s = beta1 * s + (1 - beta1) * grad
    u = np.maximum(beta2 * u, np.abs(grad))
    with np.errstate(all="ignore"):
        return theta - lr / (1 - beta1**t) * s / u, s, u


def adamax_step__eps_on_both(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""eps outside of the maximum"""
    s = beta1 * s + (1 - beta1) * grad
    u = np.maximum(beta2 * u, np.abs(grad)) + eps
    return theta - lr / (1 - beta1**t) * s / u, s, u


def adamax_step__no_correction(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""s not corrected in the step"""
    s = beta1 * s + (1 - beta1) * grad
    u = np.maximum(beta2 * u, np.abs(grad) + eps)
    return theta - lr * s / u, s, u


def adamax_step__u_corrected(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""corrects u as Adam does with r"""
    s = beta1 * s + (1 - beta1) * grad
    u = np.maximum(beta2 * u, np.abs(grad) + eps)
    return theta - lr * (s / (1 - beta1**t)) / (u / (1 - beta2**t)), s, u


def adamax_step__s_returned_corrected(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""gives the corrected s back"""
    s = beta1 * s + (1 - beta1) * grad
    u = np.maximum(beta2 * u, np.abs(grad) + eps)
    s = s / (1 - beta1**t)
    return theta - lr * s / u, s, u


def adamax_step__minimum(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""np.minimum"""
    s = beta1 * s + (1 - beta1) * grad
    u = np.minimum(beta2 * u, np.abs(grad) + eps)
    with np.errstate(all="ignore"):
        return theta - lr / (1 - beta1**t) * s / u, s, u


def adamax_step__no_fading(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""plain maximum, beta2 not used"""
    s = beta1 * s + (1 - beta1) * grad
    u = np.maximum(u, np.abs(grad) + eps)
    return theta - lr / (1 - beta1**t) * s / u, s, u


def adamax_step__squares(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""keeps squares and takes the root, Adam habit"""
    s = beta1 * s + (1 - beta1) * grad
    u = np.maximum(beta2 * u, grad**2 + eps)
    return theta - lr / (1 - beta1**t) * s / np.sqrt(u), s, u


def adamax_step__weighted_new(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""(1 - beta2) times the new gradient"""
    s = beta1 * s + (1 - beta1) * grad
    u = np.maximum(beta2 * u, (1 - beta2) * np.abs(grad) + eps)
    return theta - lr / (1 - beta1**t) * s / u, s, u


def adamax_step__beta2_in_correction(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""1 - beta2^t"""
    s = beta1 * s + (1 - beta1) * grad
    u = np.maximum(beta2 * u, np.abs(grad) + eps)
    return theta - lr / (1 - beta2**t) * s / u, s, u


def adamax_step__max_in_place(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""writes the maximum into u with out="""
    s = beta1 * s + (1 - beta1) * grad
    np.maximum(beta2 * u, np.abs(grad) + eps, out=u)
    return theta - lr / (1 - beta1**t) * s / u, s, u


def adamax_step__old_u(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""divides by the old u"""
    s = beta1 * s + (1 - beta1) * grad
    new_u = np.maximum(beta2 * u, np.abs(grad) + eps)
    with np.errstate(all="ignore"):
        return theta - lr / (1 - beta1**t) * s / u, s, new_u


def adamax_step__abs_of_s(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""the maximum takes |s|"""
    s = beta1 * s + (1 - beta1) * grad
    u = np.maximum(beta2 * u, np.abs(s) + eps)
    return theta - lr / (1 - beta1**t) * s / u, s, u


def adamax_step__axis_max(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""maximum over the stacked axis 1"""
    s = beta1 * s + (1 - beta1) * grad
    u = np.max(np.stack([beta2 * u, np.abs(grad) + eps]), axis=-1)
    return theta - lr / (1 - beta1**t) * s / u, s, u


def adamax_step__u_s_swapped(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""returns u before s"""
    s = beta1 * s + (1 - beta1) * grad
    u = np.maximum(beta2 * u, np.abs(grad) + eps)
    return theta - lr / (1 - beta1**t) * s / u, u, s


def adamax_step__two_slips(theta, grad, s, u, t, lr, beta1, beta2, eps):
    r"""no abs and t minus one"""
    s = beta1 * s + (1 - beta1) * grad
    u = np.maximum(beta2 * u, grad + eps)
    with np.errstate(all="ignore"):
        return theta - np.float64(lr) / (1 - beta1 ** (t - 1)) * s / u, s, u
