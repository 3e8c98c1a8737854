import numpy as np


def nadam_step__product_to_t_only(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""both products end at t"""
    mu = beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * np.arange(1, t + 2)))
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    pi = np.prod(mu[:-1])
    step = mu[-1] * s / (1 - pi) + (1 - mu[-2]) * grad / (1 - pi)
    return theta - lr * step / (np.sqrt(r_hat) + eps), s, r


def nadam_step__product_next_for_both(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""both products end at t + 1"""
    mu = beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * np.arange(1, t + 2)))
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    pi = np.prod(mu)
    step = mu[-1] * s / (1 - pi) + (1 - mu[-2]) * grad / (1 - pi)
    return theta - lr * step / (np.sqrt(r_hat) + eps), s, r


def nadam_step__arange_short(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""np.arange(t + 1) starts at 0"""
    mu = beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * np.arange(0, t + 1)))
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    step = mu[-1] * s / (1 - np.prod(mu)) + (1 - mu[-2]) * grad / (1 - np.prod(mu[:-1]))
    return theta - lr * step / (np.sqrt(r_hat) + eps), s, r


def nadam_step__arange_too_short(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""np.arange(1, t + 1), so mu[-2] fails for t = 1"""
    mu = beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * np.arange(1, t + 1)))
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    step = mu[-1] * s / (1 - np.prod(mu)) + (1 - mu[-2]) * grad / (1 - np.prod(mu[:-1]))
    return theta - lr * step / (np.sqrt(r_hat) + eps), s, r


def nadam_step__constant_momentum(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""beta1 for all mu, the simple Nadam of blogs"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    step = beta1 * s / (1 - beta1 ** (t + 1)) + (1 - beta1) * grad / (1 - beta1**t)
    return theta - lr * step / (np.sqrt(r_hat) + eps), s, r


def nadam_step__powers_for_product(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""mu_t ** t in place of the product"""
    m = lambda k: beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * k))
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    step = m(t + 1) * s / (1 - m(t + 1) ** (t + 1)) + (1 - m(t)) * grad / (1 - m(t) ** t)
    return theta - lr * step / (np.sqrt(r_hat) + eps), s, r


def nadam_step__sum_for_product(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""np.sum"""
    mu = beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * np.arange(1, t + 2)))
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    step = mu[-1] * s / (1 - np.sum(mu)) + (1 - mu[-2]) * grad / (1 - np.sum(mu[:-1]))
    return theta - lr * step / (np.sqrt(r_hat) + eps), s, r


def nadam_step__s_with_mu(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""the average s runs with mu_t, not with beta1"""
    mu = beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * np.arange(1, t + 2)))
    s = mu[-2] * s + (1 - mu[-2]) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    step = mu[-1] * s / (1 - np.prod(mu)) + (1 - mu[-2]) * grad / (1 - np.prod(mu[:-1]))
    return theta - lr * step / (np.sqrt(r_hat) + eps), s, r


def nadam_step__mu_t_on_s(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""mu_t where mu_{t+1} belongs"""
    mu = beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * np.arange(1, t + 2)))
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    step = mu[-2] * s / (1 - np.prod(mu)) + (1 - mu[-2]) * grad / (1 - np.prod(mu[:-1]))
    return theta - lr * step / (np.sqrt(r_hat) + eps), s, r


def nadam_step__next_mu_on_grad(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""1 - mu_{t+1} on the gradient"""
    mu = beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * np.arange(1, t + 2)))
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    step = mu[-1] * s / (1 - np.prod(mu)) + (1 - mu[-1]) * grad / (1 - np.prod(mu[:-1]))
    return theta - lr * step / (np.sqrt(r_hat) + eps), s, r


def nadam_step__r_not_corrected(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""forgot r's correction"""
    mu = beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * np.arange(1, t + 2)))
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    step = mu[-1] * s / (1 - np.prod(mu)) + (1 - mu[-2]) * grad / (1 - np.prod(mu[:-1]))
    return theta - lr * step / (np.sqrt(r) + eps), s, r


def nadam_step__old_s(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""the average without today's gradient, as that enters directly"""
    mu = beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * np.arange(1, t + 2)))
    new_s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    step = mu[-1] * s / (1 - np.prod(mu)) + (1 - mu[-2]) * grad / (1 - np.prod(mu[:-1]))
    return theta - lr * step / (np.sqrt(r_hat) + eps), new_s, r


def nadam_step__half_misplaced(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""1/2 multiplies the whole bracket"""
    mu = beta1 * 0.5 * (1 - 0.96 ** (momentum_decay * np.arange(1, t + 2)))
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    step = mu[-1] * s / (1 - np.prod(mu)) + (1 - mu[-2]) * grad / (1 - np.prod(mu[:-1]))
    return theta - lr * step / (np.sqrt(r_hat) + eps), s, r


def nadam_step__half_in_base(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""(0.5 * 0.96) ** ..."""
    mu = beta1 * (1 - (0.5 * 0.96) ** (momentum_decay * np.arange(1, t + 2)))
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    step = mu[-1] * s / (1 - np.prod(mu)) + (1 - mu[-2]) * grad / (1 - np.prod(mu[:-1]))
    return theta - lr * step / (np.sqrt(r_hat) + eps), s, r


def nadam_step__hard_coded_psi(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""0.004 in place of momentum_decay"""
    mu = beta1 * (1 - 0.5 * 0.96 ** (0.004 * np.arange(1, t + 2)))
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    step = mu[-1] * s / (1 - np.prod(mu)) + (1 - mu[-2]) * grad / (1 - np.prod(mu[:-1]))
    return theta - lr * step / (np.sqrt(r_hat) + eps), s, r


def nadam_step__gradient_term_forgotten(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""only the first term, gradient left out"""
    mu = beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * np.arange(1, t + 2)))
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    return theta - lr * mu[-1] * s / (1 - np.prod(mu)) / (np.sqrt(r_hat) + eps), s, r


def nadam_step__in_place(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""s and r changed in place"""
    s *= beta1
    s += (1 - beta1) * grad
    r *= beta2
    r += (1 - beta2) * grad**2
    mu = beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * np.arange(1, t + 2)))
    r_hat = r / (1 - beta2**t)
    step = mu[-1] * s / (1 - np.prod(mu)) + (1 - mu[-2]) * grad / (1 - np.prod(mu[:-1]))
    return theta - lr * step / (np.sqrt(r_hat) + eps), s, r


def nadam_step__beta_power_correction(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""beta1^t for pi_t"""
    mu = beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * np.arange(1, t + 2)))
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    step = mu[-1] * s / (1 - beta1 ** (t + 1)) + (1 - mu[-2]) * grad / (1 - beta1**t)
    return theta - lr * step / (np.sqrt(r_hat) + eps), s, r


def nadam_step__endless_product(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""while loop whose counter is never raised"""
    mu = lambda k: beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * k))
    pi, k = 1.0, 1
    while k <= t:
        pi *= mu(k)
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    step = mu(t + 1) * s / (1 - pi * mu(t + 1)) + (1 - mu(t)) * grad / (1 - pi)
    return theta - lr * step / (np.sqrt(r / (1 - beta2**t)) + eps), s, r


def nadam_step__two_slips(theta, grad, s, r, t, lr, beta1, beta2, eps, momentum_decay):
    r"""products one short and eps under the root"""
    mu = beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * np.arange(1, t + 2)))
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    r_hat = r / (1 - beta2**t)
    step = mu[-1] * s / (1 - np.prod(mu[:-1])) + (1 - mu[-2]) * grad / (1 - np.prod(mu[:-2]))
    return theta - lr * step / np.sqrt(r_hat + eps), s, r
