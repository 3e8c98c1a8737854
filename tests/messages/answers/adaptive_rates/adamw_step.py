import numpy as np


def adamw_step__l2_in_gradient(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    r"""adds the decay to the gradient, as Adam with L2"""
    grad = grad + weight_decay * theta
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * s_hat / (np.sqrt(r_hat) + eps), s, r


def adamw_step__decay_without_lr(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    r"""forgot lr in the decay"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * s_hat / (np.sqrt(r_hat) + eps) - weight_decay * theta, s, r


def adamw_step__decay_of_new_theta(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    r"""decays the new theta"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    new = theta - lr * s_hat / (np.sqrt(r_hat) + eps)
    return new - lr * weight_decay * new, s, r


def adamw_step__decay_divided(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    r"""the decay goes over the root, too"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * (s_hat + weight_decay * theta) / (np.sqrt(r_hat) + eps), s, r


def adamw_step__grows(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    r"""sign of the decay wrong"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * (s_hat / (np.sqrt(r_hat) + eps) - weight_decay * theta), s, r


def adamw_step__just_adam(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    r"""weight_decay never used"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * s_hat / (np.sqrt(r_hat) + eps), s, r


def adamw_step__factor_two(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    r"""derivative of lambda theta^2"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * (s_hat / (np.sqrt(r_hat) + eps) + 2 * weight_decay * theta), s, r


def adamw_step__l1_decay(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    r"""pulls by the sign, not by theta"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * (s_hat / (np.sqrt(r_hat) + eps) + weight_decay * np.sign(theta)), s, r


def adamw_step__theta_in_place(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    r"""theta *= 1 - lr weight_decay, as torch does it"""
    theta *= 1 - lr * weight_decay
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    theta -= lr * s_hat / (np.sqrt(r_hat) + eps)
    return theta, s, r


def adamw_step__in_s_only(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    r"""decay in the gradient of s, r from the plain gradient"""
    s = beta1 * s + (1 - beta1) * (grad + weight_decay * theta)
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * s_hat / (np.sqrt(r_hat) + eps), s, r


def adamw_step__both_ways(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    r"""in the gradient and decoupled"""
    g = grad + weight_decay * theta
    s = beta1 * s + (1 - beta1) * g
    r = beta2 * r + (1 - beta2) * g**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * (s_hat / (np.sqrt(r_hat) + eps) + weight_decay * theta), s, r


def adamw_step__no_correction(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    r"""forgot the corrections"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    return theta - lr * (s / (np.sqrt(r) + eps) + weight_decay * theta), s, r


def adamw_step__decay_of_the_norm(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    r"""pulls with the norm of theta"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * (s_hat / (np.sqrt(r_hat) + eps) + weight_decay * np.linalg.norm(theta)), s, r


def adamw_step__only_decay_factor(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    r"""multiplies everything by 1 - weight_decay"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    return (1 - weight_decay) * (theta - lr * s_hat / (np.sqrt(r_hat) + eps)), s, r


def adamw_step__returns_corrected(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    r"""gives the corrected averages back"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s, r = s / (1 - beta1**t), r / (1 - beta2**t)
    return theta - lr * (s / (np.sqrt(r) + eps) + weight_decay * theta), s, r


def adamw_step__weights_only(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    r"""spares the last entry as if it were a bias"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    pull = np.array(theta, dtype=float)
    pull[-1] = 0
    return theta - lr * (s_hat / (np.sqrt(r_hat) + eps) + weight_decay * pull), s, r


def adamw_step__eps_bracket(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    r"""eps outside the fraction"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    with np.errstate(all="ignore"):
        return theta - lr * (s_hat / np.sqrt(r_hat) + eps + weight_decay * theta), s, r


def adamw_step__two_slips(theta, grad, s, r, t, lr, beta1, beta2, eps, weight_decay):
    r"""decay without lr and with the gradient mixed in"""
    s = beta1 * s + (1 - beta1) * grad
    r = beta2 * r + (1 - beta2) * grad**2
    s_hat, r_hat = s / (1 - beta1**t), r / (1 - beta2**t)
    grad = grad + weight_decay * theta
    new = theta - lr * s_hat / (np.sqrt(r_hat) + eps)
    return new - weight_decay * grad, s, r
