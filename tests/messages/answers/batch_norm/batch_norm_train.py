import numpy as np


def batch_norm_train__ddof_one(x, gamma, beta, eps):
    r"""unbiased variance, divides by N - 1"""
    s = np.sqrt(x.var(axis=0, ddof=1) + eps)
    return gamma * (x - x.mean(axis=0)) / s + beta


def batch_norm_train__rows_not_columns(x, gamma, beta, eps):
    r"""mean and variance of each row, layer norm"""
    m = x.mean(axis=1, keepdims=True)
    v = x.var(axis=1, keepdims=True)
    return gamma * (x - m) / np.sqrt(v + eps) + beta


def batch_norm_train__one_mean_for_all(x, gamma, beta, eps):
    r"""one mean and one variance for the whole batch"""
    return gamma * (x - x.mean()) / np.sqrt(x.var() + eps) + beta


def batch_norm_train__eps_outside_root(x, gamma, beta, eps):
    r"""adds eps to the standard deviation"""
    return gamma * (x - x.mean(axis=0)) / (x.std(axis=0) + eps) + beta


def batch_norm_train__no_root(x, gamma, beta, eps):
    r"""divides by the variance"""
    return gamma * (x - x.mean(axis=0)) / (x.var(axis=0) + eps) + beta


def batch_norm_train__eps_forgotten(x, gamma, beta, eps):
    r"""no eps, a constant feature is 0 / 0"""
    return gamma * (x - x.mean(axis=0)) / x.std(axis=0) + beta


def batch_norm_train__gamma_beta_swapped(x, gamma, beta, eps):
    r"""beta scales and gamma shifts"""
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return beta * x_hat + gamma


def batch_norm_train__gamma_times_bracket(x, gamma, beta, eps):
    r"""gamma multiplies beta too"""
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return gamma * (x_hat + beta)


def batch_norm_train__stops_at_x_hat(x, gamma, beta, eps):
    r"""forgot scale and shift"""
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)


def batch_norm_train__no_beta(x, gamma, beta, eps):
    r"""forgot the shift"""
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)


def batch_norm_train__in_place(x, gamma, beta, eps):
    r"""subtracts the mean from the caller's array"""
    v = x.var(axis=0)
    x -= x.mean(axis=0)
    return gamma * x / np.sqrt(v + eps) + beta


def batch_norm_train__torch_eps_hard_coded(x, gamma, beta, eps):
    r"""eps is always 1e-5"""
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5) + beta


def batch_norm_train__mean_not_subtracted_in_variance(x, gamma, beta, eps):
    r"""mean of the squares instead of the variance"""
    v = (x**2).mean(axis=0)
    return gamma * (x - x.mean(axis=0)) / np.sqrt(v + eps) + beta


def batch_norm_train__mean_not_subtracted_above(x, gamma, beta, eps):
    r"""divides x itself by the width"""
    return gamma * x / np.sqrt(x.var(axis=0) + eps) + beta


def batch_norm_train__maximum_with_eps(x, gamma, beta, eps):
    r"""eps as a floor of the standard deviation"""
    return gamma * (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), eps) + beta


def batch_norm_train__zero_width_becomes_one(x, gamma, beta, eps):
    r"""replaces a zero width by one and drops eps"""
    s = x.std(axis=0)
    s = np.where(s == 0, 1.0, s)
    return gamma * (x - x.mean(axis=0)) / s + beta


def batch_norm_train__root_of_eps_added(x, gamma, beta, eps):
    r"""sqrt of each term on its own"""
    return gamma * (x - x.mean(axis=0)) / (np.sqrt(x.var(axis=0)) + np.sqrt(eps)) + beta


def batch_norm_train__multiplies_by_root(x, gamma, beta, eps):
    r"""times the root instead of divided by it"""
    return gamma * (x - x.mean(axis=0)) * np.sqrt(x.var(axis=0) + eps) + beta


def batch_norm_train__returns_statistics_too(x, gamma, beta, eps):
    r"""hands back mean and variance with the output"""
    m, v = x.mean(axis=0), x.var(axis=0)
    return gamma * (x - m) / np.sqrt(v + eps) + beta, m, v


def batch_norm_train__gamma_as_column(x, gamma, beta, eps):
    r"""one gamma for each row"""
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return gamma.reshape(-1, 1) * x_hat + beta.reshape(-1, 1)


def batch_norm_train__sum_for_mean(x, gamma, beta, eps):
    r"""forgot 1/N in the variance"""
    c = x - x.mean(axis=0)
    return gamma * c / np.sqrt((c**2).sum(axis=0) + eps) + beta


def batch_norm_train__absolute_deviation(x, gamma, beta, eps):
    r"""mean absolute deviation as width"""
    c = x - x.mean(axis=0)
    return gamma * c / np.sqrt(np.abs(c).mean(axis=0) ** 2 + eps) + beta


def batch_norm_train__loop_over_rows(x, gamma, beta, eps):
    r"""loops over len(x) columns"""
    y = np.zeros_like(x)
    for j in range(min(len(x), x.shape[1])):
        col = x[:, j]
        y[:, j] = gamma[j] * (col - col.mean()) / np.sqrt(col.var() + eps) + beta[j]
    return y


def batch_norm_train__eps_squared(x, gamma, beta, eps):
    r"""eps meant as a width, squared inside the root"""
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps**2) + beta


def batch_norm_train__ddof_and_eps_outside(x, gamma, beta, eps):
    r"""N - 1 and eps beside the root"""
    return gamma * (x - x.mean(axis=0)) / (x.std(axis=0, ddof=1) + eps) + beta


def batch_norm_train__mean_columns_width_overall(x, gamma, beta, eps):
    r"""mean by column, one width for all"""
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var() + eps) + beta


def batch_norm_train__gamma_in_place(x, gamma, beta, eps):
    r"""writes the scale into gamma"""
    gamma /= np.sqrt(x.var(axis=0) + eps)
    return gamma * (x - x.mean(axis=0)) + beta
