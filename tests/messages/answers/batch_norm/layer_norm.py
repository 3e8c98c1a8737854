import numpy as np


def layer_norm__unbiased(x, gamma, beta, eps):
    r"""divides by D - 1"""
    m, v = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True, ddof=1)
    return gamma * (x - m) / np.sqrt(v + eps) + beta


def layer_norm__keepdims_forgotten(x, gamma, beta, eps):
    r"""means without keepdims"""
    m, v = x.mean(axis=-1), x.var(axis=-1)
    return gamma * (x - m) / np.sqrt(v + eps) + beta


def layer_norm__axis_one(x, gamma, beta, eps):
    r"""axis=1, right for matrices only"""
    m, v = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    return gamma * (x - m) / np.sqrt(v + eps) + beta


def layer_norm__batch_axis(x, gamma, beta, eps):
    r"""axis 0, batch norm"""
    m, v = x.mean(axis=0), x.var(axis=0)
    return gamma * (x - m) / np.sqrt(v + eps) + beta


def layer_norm__all_but_first(x, gamma, beta, eps):
    r"""over everything of one example"""
    axes = tuple(range(1, x.ndim))
    m, v = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return gamma * (x - m) / np.sqrt(v + eps) + beta


def layer_norm__everything(x, gamma, beta, eps):
    r"""one mean for the whole array"""
    return gamma * (x - x.mean()) / np.sqrt(x.var() + eps) + beta


def layer_norm__all_but_last(x, gamma, beta, eps):
    r"""each feature over all tokens"""
    axes = tuple(range(x.ndim - 1))
    m, v = x.mean(axis=axes), x.var(axis=axes)
    return gamma * (x - m) / np.sqrt(v + eps) + beta


def layer_norm__eps_outside(x, gamma, beta, eps):
    r"""eps beside the root"""
    m, s = x.mean(axis=-1, keepdims=True), x.std(axis=-1, keepdims=True)
    return gamma * (x - m) / (s + eps) + beta


def layer_norm__no_eps(x, gamma, beta, eps):
    r"""forgot eps"""
    m, s = x.mean(axis=-1, keepdims=True), x.std(axis=-1, keepdims=True)
    return gamma * (x - m) / s + beta


def layer_norm__torch_eps(x, gamma, beta, eps):
    r"""eps always 1e-5"""
    m, v = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return gamma * (x - m) / np.sqrt(v + 1e-5) + beta


def layer_norm__rms(x, gamma, beta, eps):
    r"""no mean subtracted"""
    v = (x**2).mean(axis=-1, keepdims=True)
    return gamma * x / np.sqrt(v + eps) + beta


def layer_norm__in_place(x, gamma, beta, eps):
    r"""centres the caller's array"""
    v = x.var(axis=-1, keepdims=True)
    x -= x.mean(axis=-1, keepdims=True)
    return gamma * x / np.sqrt(v + eps) + beta


def layer_norm__no_root(x, gamma, beta, eps):
    r"""divides by the variance"""
    m, v = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return gamma * (x - m) / (v + eps) + beta


def layer_norm__gamma_beta_swapped(x, gamma, beta, eps):
    r"""beta scales"""
    m, v = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return beta * (x - m) / np.sqrt(v + eps) + gamma


def layer_norm__beta_in_bracket(x, gamma, beta, eps):
    r"""gamma multiplies beta"""
    m, v = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return gamma * ((x - m) / np.sqrt(v + eps) + beta)


def layer_norm__no_gamma(x, gamma, beta, eps):
    r"""forgot the scale"""
    m, v = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return (x - m) / np.sqrt(v + eps) + beta


def layer_norm__no_beta(x, gamma, beta, eps):
    r"""forgot the shift"""
    m, v = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return gamma * (x - m) / np.sqrt(v + eps)


def layer_norm__column_form(x, gamma, beta, eps):
    r"""[:, None] for the means, matrices only"""
    m, v = x.mean(axis=-1)[:, None], x.var(axis=-1)[:, None]
    return gamma * (x - m) / np.sqrt(v + eps) + beta


def layer_norm__loop_over_rows(x, gamma, beta, eps):
    r"""a loop over the first axis"""
    y = np.empty_like(x)
    for i in range(len(x)):
        y[i] = gamma * (x[i] - x[i].mean()) / np.sqrt(x[i].var() + eps) + beta
    return y


def layer_norm__flat_not_back(x, gamma, beta, eps):
    r"""flattens to (-1, D) and stays flat"""
    z = x.reshape(-1, x.shape[-1])
    m, v = z.mean(axis=1, keepdims=True), z.var(axis=1, keepdims=True)
    return gamma * (z - m) / np.sqrt(v + eps) + beta


def layer_norm__maximum(x, gamma, beta, eps):
    r"""eps as a floor"""
    m, s = x.mean(axis=-1, keepdims=True), x.std(axis=-1, keepdims=True)
    return gamma * (x - m) / np.maximum(s, eps) + beta


def layer_norm__only_centred(x, gamma, beta, eps):
    r"""forgot to divide"""
    return gamma * (x - x.mean(axis=-1, keepdims=True)) + beta


def layer_norm__last_two_axes(x, gamma, beta, eps):
    r"""over tokens and features"""
    axes = (-2, -1) if x.ndim > 2 else -1
    m, v = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return gamma * (x - m) / np.sqrt(v + eps) + beta


def layer_norm__three_axes_unpacked(x, gamma, beta, eps):
    r"""N, T, D = x.shape"""
    N, T, D = x.shape
    m, v = x.mean(axis=2).reshape(N, T, 1), x.var(axis=2).reshape(N, T, 1)
    return gamma * (x - m) / np.sqrt(v + eps) + beta


def layer_norm__variance_around_zero(x, gamma, beta, eps):
    r"""second moment in the root"""
    m, v = x.mean(axis=-1, keepdims=True), (x**2).mean(axis=-1, keepdims=True)
    return gamma * (x - m) / np.sqrt(v + eps) + beta


def layer_norm__bessel_and_eps_outside(x, gamma, beta, eps):
    r"""D - 1 and eps beside the root"""
    m, s = x.mean(axis=-1, keepdims=True), x.std(axis=-1, keepdims=True, ddof=1)
    return gamma * (x - m) / (s + eps) + beta
