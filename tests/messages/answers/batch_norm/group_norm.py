import numpy as np


def _to_axis_1(v, x):
    return v.reshape((1, -1) + (1,) * (x.ndim - 2))


def _normed(z, axis, eps, ddof=0):
    return (z - z.mean(axis=axis, keepdims=True)) / np.sqrt(z.var(axis=axis, keepdims=True, ddof=ddof) + eps)


def group_norm__interleaved(x, groups, gamma, beta, eps):
    r"""every groups-th channel instead of neighbours"""
    y = np.empty_like(x)
    for g in range(groups):
        part = x[:, g::groups]
        y[:, g::groups] = _normed(part.reshape(len(x), -1), -1, eps).reshape(part.shape)
    return _to_axis_1(gamma, x) * y + _to_axis_1(beta, x)


def group_norm__groups_is_the_size(x, groups, gamma, beta, eps):
    r"""groups taken for channels per group"""
    size = x.shape[1] // groups
    z = x.reshape(len(x), size, -1)
    return _to_axis_1(gamma, x) * _normed(z, -1, eps).reshape(x.shape) + _to_axis_1(beta, x)


def group_norm__over_the_batch_too(x, groups, gamma, beta, eps):
    r"""examples share the mean of a group"""
    z = x.reshape(len(x), groups, -1)
    return _to_axis_1(gamma, x) * _normed(z, (0, 2), eps).reshape(x.shape) + _to_axis_1(beta, x)


def group_norm__unbiased(x, groups, gamma, beta, eps):
    r"""divides by n - 1"""
    z = x.reshape(len(x), groups, -1)
    return _to_axis_1(gamma, x) * _normed(z, -1, eps, 1).reshape(x.shape) + _to_axis_1(beta, x)


def group_norm__instance_norm(x, groups, gamma, beta, eps):
    r"""every channel by itself"""
    z = x.reshape(len(x), x.shape[1], -1)
    return _to_axis_1(gamma, x) * _normed(z, -1, eps).reshape(x.shape) + _to_axis_1(beta, x)


def group_norm__whole_image(x, groups, gamma, beta, eps):
    r"""ignores the groups"""
    z = x.reshape(len(x), -1)
    return _to_axis_1(gamma, x) * _normed(z, -1, eps).reshape(x.shape) + _to_axis_1(beta, x)


def group_norm__each_pixel(x, groups, gamma, beta, eps):
    r"""mean over a group's channels at every pixel"""
    z = x.reshape(len(x), groups, x.shape[1] // groups, *x.shape[2:])
    return _to_axis_1(gamma, x) * _normed(z, 2, eps).reshape(x.shape) + _to_axis_1(beta, x)


def group_norm__gamma_last_axis(x, groups, gamma, beta, eps):
    r"""gamma and beta along the last axis"""
    z = x.reshape(len(x), groups, -1)
    return gamma * _normed(z, -1, eps).reshape(x.shape) + beta


def group_norm__gamma_images_only(x, groups, gamma, beta, eps):
    r"""gamma shaped for (N, C, H, W) only"""
    z = x.reshape(len(x), groups, -1)
    y = _normed(z, -1, eps).reshape(x.shape)
    return gamma[None, :, None, None] * y + beta[None, :, None, None]


def group_norm__unpacks_four_axes(x, groups, gamma, beta, eps):
    r"""N, C, H, W = x.shape"""
    N, C, H, W = x.shape
    z = x.reshape(N, groups, C // groups, H, W)
    y = _normed(z, (2, 3, 4), eps).reshape(x.shape)
    return gamma.reshape(1, C, 1, 1) * y + beta.reshape(1, C, 1, 1)


def group_norm__eps_outside(x, groups, gamma, beta, eps):
    r"""eps beside the root"""
    z = x.reshape(len(x), groups, -1)
    y = (z - z.mean(axis=-1, keepdims=True)) / (z.std(axis=-1, keepdims=True) + eps)
    return _to_axis_1(gamma, x) * y.reshape(x.shape) + _to_axis_1(beta, x)


def group_norm__no_eps(x, groups, gamma, beta, eps):
    r"""forgot eps"""
    z = x.reshape(len(x), groups, -1)
    return _to_axis_1(gamma, x) * _normed(z, -1, 0.0).reshape(x.shape) + _to_axis_1(beta, x)


def group_norm__view_in_place(x, groups, gamma, beta, eps):
    r"""the reshaped view is changed, and x with it"""
    z = x.reshape(len(x), groups, -1)
    v = z.var(axis=-1, keepdims=True)
    z -= z.mean(axis=-1, keepdims=True)
    z /= np.sqrt(v + eps)
    return _to_axis_1(gamma, x) * z.reshape(x.shape) + _to_axis_1(beta, x)


def group_norm__gamma_in_groups(x, groups, gamma, beta, eps):
    r"""the first gammas, one a group"""
    z = x.reshape(len(x), groups, -1)
    y = gamma[:groups].reshape(1, -1, 1) * _normed(z, -1, eps) + beta[:groups].reshape(1, -1, 1)
    return y.reshape(x.shape)


def group_norm__not_shaped_back(x, groups, gamma, beta, eps):
    r"""stays (N, groups, -1) and drops gamma"""
    z = x.reshape(len(x), groups, -1)
    return _normed(z, -1, eps)


def group_norm__no_affine(x, groups, gamma, beta, eps):
    r"""forgot gamma and beta"""
    z = x.reshape(len(x), groups, -1)
    return _normed(z, -1, eps).reshape(x.shape)


def group_norm__gamma_beta_swapped(x, groups, gamma, beta, eps):
    r"""beta scales"""
    z = x.reshape(len(x), groups, -1)
    return _to_axis_1(beta, x) * _normed(z, -1, eps).reshape(x.shape) + _to_axis_1(gamma, x)


def group_norm__no_root(x, groups, gamma, beta, eps):
    r"""divides by the variance"""
    z = x.reshape(len(x), groups, -1)
    y = (z - z.mean(axis=-1, keepdims=True)) / (z.var(axis=-1, keepdims=True) + eps)
    return _to_axis_1(gamma, x) * y.reshape(x.shape) + _to_axis_1(beta, x)


def group_norm__mean_group_width_channel(x, groups, gamma, beta, eps):
    r"""mean of the group, width of the channel"""
    z = x.reshape(len(x), groups, -1)
    c = (z - z.mean(axis=-1, keepdims=True)).reshape(len(x), x.shape[1], -1)
    y = c / np.sqrt(c.var(axis=-1, keepdims=True) + eps)
    return _to_axis_1(gamma, x) * y.reshape(x.shape) + _to_axis_1(beta, x)


def group_norm__slices_of_width_groups(x, groups, gamma, beta, eps):
    r"""a slice as wide as there are groups"""
    y = np.zeros_like(x)
    for g in range(groups):
        part = x[:, g * groups : (g + 1) * groups]
        if part.size:
            y[:, g * groups : (g + 1) * groups] = _normed(part.reshape(len(x), -1), -1, eps).reshape(part.shape)
    return _to_axis_1(gamma, x) * y + _to_axis_1(beta, x)


def group_norm__last_group_left_out(x, groups, gamma, beta, eps):
    r"""range(groups - 1)"""
    size, y = x.shape[1] // groups, x.copy()
    for g in range(groups - 1):
        part = x[:, g * size : (g + 1) * size]
        y[:, g * size : (g + 1) * size] = _normed(part.reshape(len(x), -1), -1, eps).reshape(part.shape)
    return _to_axis_1(gamma, x) * y + _to_axis_1(beta, x)


def group_norm__no_mean(x, groups, gamma, beta, eps):
    r"""divides by the root mean square"""
    z = x.reshape(len(x), groups, -1)
    y = z / np.sqrt((z**2).mean(axis=-1, keepdims=True) + eps)
    return _to_axis_1(gamma, x) * y.reshape(x.shape) + _to_axis_1(beta, x)


def group_norm__keepdims_forgotten(x, groups, gamma, beta, eps):
    r"""(N, groups) against (N, groups, n)"""
    z = x.reshape(len(x), groups, -1)
    y = (z - z.mean(axis=-1)) / np.sqrt(z.var(axis=-1) + eps)
    return _to_axis_1(gamma, x) * y.reshape(x.shape) + _to_axis_1(beta, x)


def group_norm__batch_norm_instead(x, groups, gamma, beta, eps):
    r"""each channel over the batch"""
    axes = (0,) + tuple(range(2, x.ndim))
    return _to_axis_1(gamma, x) * _normed(x, axes, eps) + _to_axis_1(beta, x)


def group_norm__examples_in_groups(x, groups, gamma, beta, eps):
    r"""groups of examples instead of channels"""
    y = x.copy()
    for part in np.array_split(np.arange(len(x)), groups):
        if len(part):
            y[part] = _normed(x[part], tuple(range(x.ndim)), eps)
    return _to_axis_1(gamma, x) * y + _to_axis_1(beta, x)


def group_norm__reshape_minus_one_first(x, groups, gamma, beta, eps):
    r"""(groups, -1), the examples are forgotten"""
    z = x.reshape(groups, -1)
    return _to_axis_1(gamma, x) * _normed(z, -1, eps).reshape(x.shape) + _to_axis_1(beta, x)


def group_norm__channels_last(x, groups, gamma, beta, eps):
    r"""splits the last axis into groups"""
    z = x.reshape(*x.shape[:-1], -1)
    size = max(x.shape[-1] // groups, 1)
    y = np.empty_like(x)
    for start in range(0, x.shape[-1], size):
        y[..., start : start + size] = _normed(z[..., start : start + size], -1, eps)
    return _to_axis_1(gamma, x) * y + _to_axis_1(beta, x)
