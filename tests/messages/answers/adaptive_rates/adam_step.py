import numpy as np


def adam_step__no_correction(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""left out both corrections"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    return theta - lr * s / (np.sqrt(r) + eps), s, r


def adam_step__only_s_corrected(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""forgot to correct r"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat = s / (1 - beta1**t)
    return theta - lr * s_hat / (np.sqrt(r) + eps), s, r


def adam_step__only_r_corrected(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""forgot to correct s"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    return theta - lr * s / (np.sqrt(r_hat) + eps), s, r


def adam_step__corrected_returned(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""returns the corrected averages"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s = s / (1 - beta1**t)
    r = r / (1 - beta2**t)
    return theta - lr * s / (np.sqrt(r) + eps), s, r


def adam_step__t_plus_one(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""counts t from zero"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat = s / (1 - beta1 ** (t + 1))
    r_hat = r / (1 - beta2 ** (t + 1))
    return theta - lr * s_hat / (np.sqrt(r_hat) + eps), s, r


def adam_step__t_is_one(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""correction without the power"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    return theta - lr * (s / (1 - beta1)) / (np.sqrt(r / (1 - beta2)) + eps), s, r


def adam_step__times_t(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""beta * t for beta ** t"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1 * t), r / (1 - beta2 * t)
    with np.errstate(all="ignore"):
        return theta - lr * s_hat / (np.sqrt(r_hat) + eps), s, r


def adam_step__eps_under_root(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""eps inside the root"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * s_hat / np.sqrt(r_hat + eps), s, r


def adam_step__eps_hat(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""folds the corrections into the rate, so eps is added to the uncorrected root"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    rate = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return theta - rate * s / (np.sqrt(r) + eps), s, r


def adam_step__s_in_r(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""r built on s by copy and paste"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * s + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    with np.errstate(all="ignore"):
        return theta - lr * s_hat / (np.sqrt(r_hat) + eps), s, r


def adam_step__square_of_s(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""averages the square of s in r"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * s**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * s_hat / (np.sqrt(r_hat) + eps), s, r


def adam_step__betas_swapped(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""beta1 and beta2 exchanged"""
    s = beta2 * s + (1 - beta2) * grad
    r = beta1 * r + (1 - beta1) * grad**2
    s_hat, r_hat = s / (1 - beta2**t), r / (1 - beta1**t)
    return theta - lr * s_hat / (np.sqrt(r_hat) + eps), s, r


def adam_step__corrections_swapped(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""beta2 in the correction of s and the reverse"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta2**t), r / (1 - beta1**t)
    return theta - lr * s_hat / (np.sqrt(r_hat) + eps), s, r


def adam_step__one_beta(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""copied the line and left beta1 in the correction of r"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta1**t)
    return theta - lr * s_hat / (np.sqrt(r_hat) + eps), s, r


def adam_step__r_before_s(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""returns r before s"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * s_hat / (np.sqrt(r_hat) + eps), r, s


def adam_step__in_place(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""s *= and r *= on the caller's arrays"""
    s *= beta1
    s += (1 - beta1) * grad
    r *= beta2
    r += (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * s_hat / (np.sqrt(r_hat) + eps), s, r


def adam_step__corrects_then_averages(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""corrects the old averages"""
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    return theta - lr * s_hat / (np.sqrt(r_hat) + eps), s, r


def adam_step__gradient_in_step(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""the step uses grad for s_hat, RMSProp with correction"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    return theta - lr * grad / (np.sqrt(r_hat) + eps), s, r


def adam_step__negated_twice(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""velocity points downhill already and then theta - lr s"""
    s = beta1 * s - (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * s_hat / (np.sqrt(r_hat) + eps), s, r


def adam_step__no_root(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""forgot the root"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * s_hat / (r_hat + eps), s, r


def adam_step__sums(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""no (1 - beta) factors, but corrected"""
    s = beta1 * s + grad
    r = beta2 * r + grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * s_hat / (np.sqrt(r_hat) + eps), s, r


def adam_step__amsgrad(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""r never falls, as in amsgrad=True"""
    s = beta1 * s + (1 - beta1) * grad
    r = np.maximum(r, beta2 * r + (1 - beta2) * grad**2)
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * s_hat / (np.sqrt(r_hat) + eps), s, r


def adam_step__two_slips(theta, grad, s, r, t, lr, beta1, beta2, eps):
    r"""t from zero and the corrected s returned"""
    s = (beta1 * s + (1 - beta1) * grad) / (1 - beta1 ** (t + 1))
    r = beta2 * r + (1 - beta2) * grad**2
    return theta - lr * s / (np.sqrt(r / (1 - beta2 ** (t + 1))) + eps), s, r
