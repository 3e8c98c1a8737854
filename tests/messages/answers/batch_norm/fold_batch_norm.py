import numpy as np


def _scale(gamma, running_var, eps):
    return gamma / np.sqrt(running_var + eps)


def _first(a, W):
    return a.reshape((-1,) + (1,) * (W.ndim - 1))


def fold_batch_norm__scale_on_last_axis(W, b, gamma, beta, running_mean, running_var, eps):
    r"""W * a lines up with the inputs"""
    a = _scale(gamma, running_var, eps)
    return W * a, a * (b - running_mean) + beta


def fold_batch_norm__linear_only(W, b, gamma, beta, running_mean, running_var, eps):
    r"""a[:, None] for the convolution as well"""
    a = _scale(gamma, running_var, eps)
    return W * a[:, None], a * (b - running_mean) + beta


def fold_batch_norm__bias_lost(W, b, gamma, beta, running_mean, running_var, eps):
    r"""the old bias is dropped"""
    a = _scale(gamma, running_var, eps)
    return W * _first(a, W), beta - a * running_mean


def fold_batch_norm__bias_not_scaled(W, b, gamma, beta, running_mean, running_var, eps):
    r"""b stands outside the bracket"""
    a = _scale(gamma, running_var, eps)
    return W * _first(a, W), b + beta - a * running_mean


def fold_batch_norm__mean_not_scaled(W, b, gamma, beta, running_mean, running_var, eps):
    r"""the running mean is subtracted unscaled"""
    a = _scale(gamma, running_var, eps)
    return W * _first(a, W), a * b + beta - running_mean


def fold_batch_norm__mean_sign(W, b, gamma, beta, running_mean, running_var, eps):
    r"""adds the running mean"""
    a = _scale(gamma, running_var, eps)
    return W * _first(a, W), a * (b + running_mean) + beta


def fold_batch_norm__beta_in_bracket(W, b, gamma, beta, running_mean, running_var, eps):
    r"""beta is scaled as well"""
    a = _scale(gamma, running_var, eps)
    return W * _first(a, W), a * (b - running_mean + beta)


def fold_batch_norm__mean_lost(W, b, gamma, beta, running_mean, running_var, eps):
    r"""forgot the running mean"""
    a = _scale(gamma, running_var, eps)
    return W * _first(a, W), a * b + beta


def fold_batch_norm__beta_lost(W, b, gamma, beta, running_mean, running_var, eps):
    r"""forgot beta"""
    a = _scale(gamma, running_var, eps)
    return W * _first(a, W), a * (b - running_mean)


def fold_batch_norm__no_root(W, b, gamma, beta, running_mean, running_var, eps):
    r"""divides by the variance"""
    a = gamma / (running_var + eps)
    return W * _first(a, W), a * (b - running_mean) + beta


def fold_batch_norm__no_eps(W, b, gamma, beta, running_mean, running_var, eps):
    r"""forgot eps"""
    a = gamma / np.sqrt(running_var)
    return W * _first(a, W), a * (b - running_mean) + beta


def fold_batch_norm__eps_outside(W, b, gamma, beta, running_mean, running_var, eps):
    r"""eps beside the root"""
    a = gamma / (np.sqrt(running_var) + eps)
    return W * _first(a, W), a * (b - running_mean) + beta


def fold_batch_norm__eps_fixed(W, b, gamma, beta, running_mean, running_var, eps):
    r"""torch's default whatever is given"""
    a = gamma / np.sqrt(running_var + 1e-5)
    return W * _first(a, W), a * (b - running_mean) + beta


def fold_batch_norm__no_gamma(W, b, gamma, beta, running_mean, running_var, eps):
    r"""only divides by the width"""
    a = 1 / np.sqrt(running_var + eps)
    return W * _first(a, W), a * (b - running_mean) + beta


def fold_batch_norm__weights_in_place(W, b, gamma, beta, running_mean, running_var, eps):
    r"""scales the caller's W"""
    a = _scale(gamma, running_var, eps)
    W *= _first(a, W)
    return W, a * (b - running_mean) + beta


def fold_batch_norm__bias_in_place(W, b, gamma, beta, running_mean, running_var, eps):
    r"""writes the new bias into b"""
    a = _scale(gamma, running_var, eps)
    b -= running_mean
    b *= a
    b += beta
    return W * _first(a, W), b


def fold_batch_norm__axis_1(W, b, gamma, beta, running_mean, running_var, eps):
    r"""scales the inputs' axis"""
    a = _scale(gamma, running_var, eps)
    shape = [1] * W.ndim
    shape[1] = -1
    return W * a.reshape(shape), a * (b - running_mean) + beta


def fold_batch_norm__scale_upside_down(W, b, gamma, beta, running_mean, running_var, eps):
    r"""width over gamma"""
    a = np.sqrt(running_var + eps) / gamma
    return W * _first(a, W), a * (b - running_mean) + beta


def fold_batch_norm__weights_unchanged(W, b, gamma, beta, running_mean, running_var, eps):
    r"""only the bias is new"""
    a = _scale(gamma, running_var, eps)
    return W.copy(), a * (b - running_mean) + beta


def fold_batch_norm__bias_first(W, b, gamma, beta, running_mean, running_var, eps):
    r"""returns the bias first"""
    a = _scale(gamma, running_var, eps)
    return a * (b - running_mean) + beta, W * _first(a, W)


def fold_batch_norm__stays_flat(W, b, gamma, beta, running_mean, running_var, eps):
    r"""the kernel does not get its shape back"""
    a = _scale(gamma, running_var, eps)
    return W.reshape(len(W), -1) * a[:, None], a * (b - running_mean) + beta


def fold_batch_norm__transposed(W, b, gamma, beta, running_mean, running_var, eps):
    r"""W.T * a, not turned back"""
    a = _scale(gamma, running_var, eps)
    return W.T * a, a * (b - running_mean) + beta


def fold_batch_norm__shifts_the_weights(W, b, gamma, beta, running_mean, running_var, eps):
    r"""subtracts the mean from every weight"""
    a = _scale(gamma, running_var, eps)
    return (W - _first(running_mean, W)) * _first(a, W), a * b + beta


def fold_batch_norm__norm_first(W, b, gamma, beta, running_mean, running_var, eps):
    r"""folds a norm that stands before the layer"""
    a = _scale(gamma, running_var, eps)
    shape = [1] * W.ndim
    shape[1] = -1
    d = beta - a * running_mean
    shift = (W * d.reshape(shape)).reshape(len(W), -1).sum(axis=1)
    return W * a.reshape(shape), b + shift


def fold_batch_norm__one_axis_short(W, b, gamma, beta, running_mean, running_var, eps):
    r"""(out, 1, 1) for a kernel"""
    a = _scale(gamma, running_var, eps)
    scale = a[:, None] if W.ndim == 2 else a[:, None, None]
    return W * scale, a * (b - running_mean) + beta


def fold_batch_norm__gamma_beta_swapped(W, b, gamma, beta, running_mean, running_var, eps):
    r"""beta scales, gamma shifts"""
    a = beta / np.sqrt(running_var + eps)
    return W * _first(a, W), a * (b - running_mean) + gamma


def fold_batch_norm__bias_scale_twice(W, b, gamma, beta, running_mean, running_var, eps):
    r"""the scale once more on the bias"""
    a = _scale(gamma, running_var, eps)
    return W * _first(a, W), a * (a * b - running_mean) + beta


def fold_batch_norm__matrix_product(W, b, gamma, beta, running_mean, running_var, eps):
    r"""diag(a) @ W, right for a matrix only"""
    a = _scale(gamma, running_var, eps)
    return np.diag(a) @ W, a * (b - running_mean) + beta
