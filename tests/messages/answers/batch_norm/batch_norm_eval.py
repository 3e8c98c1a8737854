import numpy as np


def _to_axis_1(v, x):
    return v.reshape((1, -1) + (1,) * (x.ndim - 2))


def batch_norm_eval__last_axis(x, gamma, beta, running_mean, running_var, eps):
    r"""lets NumPy line the channels up with the last axis"""
    return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta


def batch_norm_eval__images_only(x, gamma, beta, running_mean, running_var, eps):
    r"""right for (N, C, H, W) only"""
    g, b, m, v = (a[None, :, None, None] for a in (gamma, beta, running_mean, running_var))
    return g * (x - m) / np.sqrt(v + eps) + b


def batch_norm_eval__two_or_four(x, gamma, beta, running_mean, running_var, eps):
    r"""forgot the case of one further axis"""
    if x.ndim == 4:
        g, b, m, v = (a[:, None, None] for a in (gamma, beta, running_mean, running_var))
    else:
        g, b, m, v = gamma, beta, running_mean, running_var
    return g * (x - m) / np.sqrt(v + eps) + b


def batch_norm_eval__batch_statistics(x, gamma, beta, running_mean, running_var, eps):
    r"""normalizes by the batch's own numbers"""
    axes = (0,) + tuple(range(2, x.ndim))
    m, v = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return _to_axis_1(gamma, x) * (x - m) / np.sqrt(v + eps) + _to_axis_1(beta, x)


def batch_norm_eval__eps_outside(x, gamma, beta, running_mean, running_var, eps):
    r"""eps beside the root"""
    g, b, m, v = (_to_axis_1(a, x) for a in (gamma, beta, running_mean, running_var))
    return g * (x - m) / (np.sqrt(v) + eps) + b


def batch_norm_eval__var_taken_for_std(x, gamma, beta, running_mean, running_var, eps):
    r"""divides by running_var"""
    g, b, m, v = (_to_axis_1(a, x) for a in (gamma, beta, running_mean, running_var))
    return g * (x - m) / (v + eps) + b


def batch_norm_eval__not_moved_back(x, gamma, beta, running_mean, running_var, eps):
    r"""channels stay on the last axis"""
    x = np.moveaxis(x, 1, -1)
    return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta


def batch_norm_eval__moved_back_wrongly(x, gamma, beta, running_mean, running_var, eps):
    r"""moves axis 1 to the end a second time"""
    y = gamma * (np.moveaxis(x, 1, -1) - running_mean) / np.sqrt(running_var + eps) + beta
    return np.moveaxis(y, 1, -1)


def batch_norm_eval__gamma_beta_not_shaped(x, gamma, beta, running_mean, running_var, eps):
    r"""only the statistics are put on axis 1"""
    m, v = _to_axis_1(running_mean, x), _to_axis_1(running_var, x)
    return gamma * (x - m) / np.sqrt(v + eps) + beta


def batch_norm_eval__tile_for_repeat(x, gamma, beta, running_mean, running_var, eps):
    r"""flattens the pixels and tiles the channels' numbers"""
    flat = x.reshape(len(x), -1)
    times = flat.shape[1] // x.shape[1]
    g, b, m, v = (np.tile(a, times) for a in (gamma, beta, running_mean, running_var))
    return (g * (flat - m) / np.sqrt(v + eps) + b).reshape(x.shape)


def batch_norm_eval__reshape_without_moving(x, gamma, beta, running_mean, running_var, eps):
    r"""reshape(-1, C) mixes the channels"""
    flat = x.reshape(-1, x.shape[1])
    return (gamma * (flat - running_mean) / np.sqrt(running_var + eps) + beta).reshape(x.shape)


def batch_norm_eval__in_place(x, gamma, beta, running_mean, running_var, eps):
    r"""subtracts the mean from the caller's x"""
    g, b, m, v = (_to_axis_1(a, x) for a in (gamma, beta, running_mean, running_var))
    x -= m
    return g * x / np.sqrt(v + eps) + b


def batch_norm_eval__gamma_beta_swapped(x, gamma, beta, running_mean, running_var, eps):
    r"""beta scales"""
    g, b, m, v = (_to_axis_1(a, x) for a in (gamma, beta, running_mean, running_var))
    return b * (x - m) / np.sqrt(v + eps) + g


def batch_norm_eval__biased_again(x, gamma, beta, running_mean, running_var, eps):
    r"""takes Bessel's correction off again"""
    g, b, m, v = (_to_axis_1(a, x) for a in (gamma, beta, running_mean, running_var))
    n = x.size // x.shape[1]
    return g * (x - m) / np.sqrt(v * (n - 1) / n + eps) + b


def batch_norm_eval__no_eps(x, gamma, beta, running_mean, running_var, eps):
    r"""the running variance needs no eps"""
    g, b, m, v = (_to_axis_1(a, x) for a in (gamma, beta, running_mean, running_var))
    return g * (x - m) / np.sqrt(v) + b


def batch_norm_eval__shift_not_scaled(x, gamma, beta, running_mean, running_var, eps):
    r"""scale * x + beta - mean"""
    g, b, m, v = (_to_axis_1(a, x) for a in (gamma, beta, running_mean, running_var))
    return g / np.sqrt(v + eps) * x + (b - m)


def batch_norm_eval__shift_sign(x, gamma, beta, running_mean, running_var, eps):
    r"""adds the scaled mean"""
    g, b, m, v = (_to_axis_1(a, x) for a in (gamma, beta, running_mean, running_var))
    scale = g / np.sqrt(v + eps)
    return scale * x + (b + m * scale)


def batch_norm_eval__affine_first(x, gamma, beta, running_mean, running_var, eps):
    r"""scales and shifts before normalizing"""
    g, b, m, v = (_to_axis_1(a, x) for a in (gamma, beta, running_mean, running_var))
    return (g * x + b - m) / np.sqrt(v + eps)


def batch_norm_eval__no_gamma(x, gamma, beta, running_mean, running_var, eps):
    r"""forgot the scale"""
    g, b, m, v = (_to_axis_1(a, x) for a in (gamma, beta, running_mean, running_var))
    return (x - m) / np.sqrt(v + eps) + b


def batch_norm_eval__torch_eps(x, gamma, beta, running_mean, running_var, eps):
    r"""eps always 1e-5"""
    g, b, m, v = (_to_axis_1(a, x) for a in (gamma, beta, running_mean, running_var))
    return g * (x - m) / np.sqrt(v + 1e-5) + b


def batch_norm_eval__statistics_in_place(x, gamma, beta, running_mean, running_var, eps):
    r"""adds eps into running_var"""
    running_var += eps
    g, b, m, v = (_to_axis_1(a, x) for a in (gamma, beta, running_mean, running_var))
    return g * (x - m) / np.sqrt(v) + b


def batch_norm_eval__learns_at_test_time(x, gamma, beta, running_mean, running_var, eps):
    r"""updates the running mean on the way"""
    g, b, m, v = (_to_axis_1(a, x) for a in (gamma, beta, running_mean, running_var))
    y = g * (x - m) / np.sqrt(v + eps) + b
    axes = (0,) + tuple(range(2, x.ndim))
    running_mean *= 0.9
    running_mean += 0.1 * x.mean(axis=axes)
    return y


def batch_norm_eval__tokens_for_three_axes(x, gamma, beta, running_mean, running_var, eps):
    r"""three axes read as (N, length, C)"""
    if x.ndim == 3:
        g, b, m, v = gamma, beta, running_mean, running_var
    else:
        g, b, m, v = (_to_axis_1(a, x) for a in (gamma, beta, running_mean, running_var))
    return g * (x - m) / np.sqrt(v + eps) + b


def batch_norm_eval__loop_over_axis_0(x, gamma, beta, running_mean, running_var, eps):
    r"""x[c] is the example, not the channel"""
    y = x.copy()
    for c in range(len(gamma)):
        y[c] = gamma[c] * (x[c] - running_mean[c]) / np.sqrt(running_var[c] + eps) + beta[c]
    return y


def batch_norm_eval__reshapes_the_inputs(x, gamma, beta, running_mean, running_var, eps):
    r"""sets the shape of the caller's arrays"""
    shape = (1, len(gamma)) + (1,) * (x.ndim - 2)
    for a in (gamma, beta, running_mean, running_var):
        a.shape = shape
    return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta


def batch_norm_eval__column_of_channels(x, gamma, beta, running_mean, running_var, eps):
    r"""C numbers as a column, right up to three axes"""
    g, b, m, v = (a.reshape(-1, 1) for a in (gamma, beta, running_mean, running_var))
    if x.ndim == 2:
        g, b, m, v = gamma, beta, running_mean, running_var
    return g * (x - m) / np.sqrt(v + eps) + b


def batch_norm_eval__mean_batch_var_running(x, gamma, beta, running_mean, running_var, eps):
    r"""the mean of the batch, the width remembered"""
    axes = (0,) + tuple(range(2, x.ndim))
    g, b, v = (_to_axis_1(a, x) for a in (gamma, beta, running_var))
    return g * (x - x.mean(axis=axes, keepdims=True)) / np.sqrt(v + eps) + b
