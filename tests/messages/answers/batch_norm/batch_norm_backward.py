import numpy as np


def _forward(x, eps, ddof=0):
    c = x - x.mean(axis=0)
    s = np.sqrt(x.var(axis=0, ddof=ddof) + eps)
    return c, s, c / s


def batch_norm_backward__straight_path_only(grad_y, x, gamma, eps):
    r"""takes mean and variance for constants"""
    c, s, x_hat = _forward(x, eps)
    return gamma * grad_y / s, (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__no_mean_path(grad_y, x, gamma, eps):
    r"""forgot the path through the mean"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    return (g - x_hat * (g * x_hat).mean(axis=0)) / s, (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__no_variance_path(grad_y, x, gamma, eps):
    r"""forgot the path through the variance"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    return (g - g.mean(axis=0)) / s, (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__unbiased(grad_y, x, gamma, eps):
    r"""variance with N - 1"""
    c, s, x_hat = _forward(x, eps, ddof=1)
    g = gamma * grad_y
    return (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / s, (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__gamma_forgotten(grad_y, x, gamma, eps):
    r"""grad_x without gamma"""
    c, s, x_hat = _forward(x, eps)
    g = grad_y
    return (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / s, (g * x_hat).sum(axis=0), g.sum(axis=0)


def batch_norm_backward__gamma_in_all_three(grad_y, x, gamma, eps):
    r"""multiplies grad_gamma and grad_beta with gamma too"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    return (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / s, (g * x_hat).sum(axis=0), g.sum(axis=0)


def batch_norm_backward__x_for_x_hat(grad_y, x, gamma, eps):
    r"""grad_gamma with the raw input"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    return (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / s, (grad_y * x).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__centred_for_x_hat(grad_y, x, gamma, eps):
    r"""grad_gamma with x - mean"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    return (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / s, (grad_y * c).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__means_for_parameters(grad_y, x, gamma, eps):
    r"""averages over the batch for gamma and beta"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    return (
        (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / s,
        (grad_y * x_hat).mean(axis=0),
        grad_y.mean(axis=0),
    )


def batch_norm_backward__beta_before_gamma(grad_y, x, gamma, eps):
    r"""returns beta's gradient second"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    return (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / s, grad_y.sum(axis=0), (grad_y * x_hat).sum(axis=0)


def batch_norm_backward__eps_forgotten(grad_y, x, gamma, eps):
    r"""s without eps"""
    c, s, x_hat = _forward(x, 0.0)
    g = gamma * grad_y
    return (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / s, (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__eps_outside(grad_y, x, gamma, eps):
    r"""s = std + eps"""
    c = x - x.mean(axis=0)
    s = x.std(axis=0) + eps
    x_hat = c / s
    g = gamma * grad_y
    return (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / s, (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__sums_not_means(grad_y, x, gamma, eps):
    r"""forgot 1/N in two paths"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    return (g - g.sum(axis=0) - x_hat * (g * x_hat).sum(axis=0)) / s, (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__plus_in_variance_path(grad_y, x, gamma, eps):
    r"""sign of the variance path"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    return (g - g.mean(axis=0) + x_hat * (g * x_hat).mean(axis=0)) / s, (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__plus_in_mean_path(grad_y, x, gamma, eps):
    r"""sign of the mean path"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    return (g + g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / s, (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__c_for_x_hat_in_path(grad_y, x, gamma, eps):
    r"""c instead of x_hat in the variance path"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    return (g - g.mean(axis=0) - c * (g * c).mean(axis=0)) / s, (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__variance_without_eps_in_path(grad_y, x, gamma, eps):
    r"""the correction is divided by the bare variance"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    return (
        (g - g.mean(axis=0) - c * (g * c).mean(axis=0) / x.var(axis=0)) / s,
        (grad_y * x_hat).sum(axis=0),
        grad_y.sum(axis=0),
    )


def batch_norm_backward__not_divided_by_s(grad_y, x, gamma, eps):
    r"""stops before the division by s"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    return g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0), (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__divided_by_variance(grad_y, x, gamma, eps):
    r"""divides by s squared"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    return (
        (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / s**2,
        (grad_y * x_hat).sum(axis=0),
        grad_y.sum(axis=0),
    )


def batch_norm_backward__mean_over_rows(grad_y, x, gamma, eps):
    r"""means over the features"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    return (
        (g - g.mean(axis=1, keepdims=True) - x_hat * (g * x_hat).mean(axis=1, keepdims=True)) / s,
        (grad_y * x_hat).sum(axis=0),
        grad_y.sum(axis=0),
    )


def batch_norm_backward__mean_over_everything(grad_y, x, gamma, eps):
    r"""one mean for all features"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    return (g - g.mean() - x_hat * (g * x_hat).mean()) / s, (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__grad_y_in_place(grad_y, x, gamma, eps):
    r"""multiplies the caller's gradient with gamma"""
    c, s, x_hat = _forward(x, eps)
    grad_gamma, grad_beta = (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)
    g = grad_y
    g *= gamma
    return (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / s, grad_gamma, grad_beta


def batch_norm_backward__x_in_place(grad_y, x, gamma, eps):
    r"""normalizes the caller's x"""
    s = np.sqrt(x.var(axis=0) + eps)
    x -= x.mean(axis=0)
    x /= s
    g = gamma * grad_y
    return (g - g.mean(axis=0) - x * (g * x).mean(axis=0)) / s, (grad_y * x).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__n_minus_one_in_path(grad_y, x, gamma, eps):
    r"""N - 1 in the variance path only"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    path = x_hat * (g * x_hat).sum(axis=0) / (len(x) - 1)
    return (g - g.mean(axis=0) - path) / s, (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__divided_by_n_again(grad_y, x, gamma, eps):
    r"""averages grad_x over the batch"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    gx = (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / s
    return gx / len(x), (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__gamma_twice(grad_y, x, gamma, eps):
    r"""gamma in g and once more at the end"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    gx = gamma * (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / s
    return gx, (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__x_hat_factor_lost(grad_y, x, gamma, eps):
    r"""variance path without the factor x_hat"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    return (g - g.mean(axis=0) - (g * x_hat).mean(axis=0)) / s, (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


def batch_norm_backward__factor_two_in_variance(grad_y, x, gamma, eps):
    r"""chain rule of the square counted, that of the root not"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    return (
        (g - g.mean(axis=0) - 2 * x_hat * (g * x_hat).mean(axis=0)) / s,
        (grad_y * x_hat).sum(axis=0),
        grad_y.sum(axis=0),
    )


def batch_norm_backward__sums_with_keepdims(grad_y, x, gamma, eps):
    r"""parameter gradients of shape (1, D)"""
    c, s, x_hat = _forward(x, eps)
    g = gamma * grad_y
    gx = (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / s
    return gx, (grad_y * x_hat).sum(axis=0, keepdims=True), grad_y.sum(axis=0, keepdims=True)
