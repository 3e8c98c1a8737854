import numpy as np


def rms_norm__sum_not_mean(x, gamma, eps):
    r"""the length of the vector"""
    return gamma * x / np.sqrt((x**2).sum(axis=-1, keepdims=True) + eps)


def rms_norm__eps_outside(x, gamma, eps):
    r"""eps beside the root"""
    return gamma * x / (np.sqrt((x**2).mean(axis=-1, keepdims=True)) + eps)


def rms_norm__no_eps(x, gamma, eps):
    r"""forgot eps"""
    return gamma * x / np.sqrt((x**2).mean(axis=-1, keepdims=True))


def rms_norm__eps_before_division_by_d(x, gamma, eps):
    r"""(sum + eps) / D"""
    return gamma * x / np.sqrt(((x**2).sum(axis=-1, keepdims=True) + eps) / x.shape[-1])


def rms_norm__over_everything(x, gamma, eps):
    r"""one root mean square for all"""
    return gamma * x / np.sqrt((x**2).mean() + eps)


def rms_norm__axis_zero(x, gamma, eps):
    r"""along the batch"""
    return gamma * x / np.sqrt((x**2).mean(axis=0) + eps)


def rms_norm__axis_one(x, gamma, eps):
    r"""axis=1, matrices only"""
    return gamma * x / np.sqrt((x**2).mean(axis=1, keepdims=True) + eps)


def rms_norm__keepdims_forgotten(x, gamma, eps):
    r"""no keepdims"""
    return gamma * x / np.sqrt((x**2).mean(axis=-1) + eps)


def rms_norm__layer_norm(x, gamma, eps):
    r"""subtracts the mean as well"""
    c = x - x.mean(axis=-1, keepdims=True)
    return gamma * c / np.sqrt((c**2).mean(axis=-1, keepdims=True) + eps)


def rms_norm__standard_deviation(x, gamma, eps):
    r"""divides by the standard deviation"""
    return gamma * x / np.sqrt(x.var(axis=-1, keepdims=True) + eps)


def rms_norm__no_root(x, gamma, eps):
    r"""divides by the mean square"""
    return gamma * x / ((x**2).mean(axis=-1, keepdims=True) + eps)


def rms_norm__d_minus_one(x, gamma, eps):
    r"""D - 1 in the mean"""
    return gamma * x / np.sqrt((x**2).sum(axis=-1, keepdims=True) / max(x.shape[-1] - 1, 1) + eps)


def rms_norm__gamma_forgotten(x, gamma, eps):
    r"""not scaled"""
    return x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)


def rms_norm__one_plus_gamma(x, gamma, eps):
    r"""the convention in which gamma begins at 0"""
    return (1 + gamma) * x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)


def rms_norm__gamma_first(x, gamma, eps):
    r"""scales before measuring"""
    z = gamma * x
    return z / np.sqrt((z**2).mean(axis=-1, keepdims=True) + eps)


def rms_norm__mean_absolute(x, gamma, eps):
    r"""mean of the absolute values"""
    return gamma * x / (np.abs(x).mean(axis=-1, keepdims=True) + eps)


def rms_norm__square_of_mean(x, gamma, eps):
    r"""mean(x) squared"""
    return gamma * x / np.sqrt(x.mean(axis=-1, keepdims=True) ** 2 + eps)


def rms_norm__in_place(x, gamma, eps):
    r"""divides the caller's array"""
    x /= np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)
    return gamma * x


def rms_norm__fixed_eps(x, gamma, eps):
    r"""1e-6 as in many models"""
    return gamma * x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-6)


def rms_norm__multiplies(x, gamma, eps):
    r"""times the root"""
    return gamma * x * np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)


def rms_norm__row_loop(x, gamma, eps):
    r"""a loop over the first axis with one number each"""
    return np.stack([gamma * row / np.sqrt((row**2).mean() + eps) for row in x])


def rms_norm__root_of_d(x, gamma, eps):
    r"""divides the length by D instead of its root"""
    return gamma * x / (np.linalg.norm(x, axis=-1, keepdims=True) / x.shape[-1] + eps)


def rms_norm__divided_by_n(x, gamma, eps):
    r"""number of rows instead of D"""
    return gamma * x / np.sqrt((x**2).sum(axis=-1, keepdims=True) / len(x) + eps)


def rms_norm__max_with_eps(x, gamma, eps):
    r"""eps as a floor"""
    return gamma * x / np.maximum(np.sqrt((x**2).mean(axis=-1, keepdims=True)), eps)


def rms_norm__returns_rms_too(x, gamma, eps):
    r"""hands back the root mean square with it"""
    r = np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)
    return gamma * x / r, r


def rms_norm__all_but_first(x, gamma, eps):
    r"""over everything of one example"""
    axes = tuple(range(1, x.ndim))
    return gamma * x / np.sqrt((x**2).mean(axis=axes, keepdims=True) + eps)


def rms_norm__layer_norm_unbiased(x, gamma, eps):
    r"""mean subtracted and D - 1"""
    c = x - x.mean(axis=-1, keepdims=True)
    return gamma * c / np.sqrt((c**2).sum(axis=-1, keepdims=True) / max(x.shape[-1] - 1, 1) + eps)
