import numpy as np


def maxout__last_axis(z):
    r"""pieces taken along the last axis"""
    slope = np.zeros_like(z)
    np.put_along_axis(slope, z.argmax(axis=-1, keepdims=True), 1.0, axis=-1)
    return z.max(axis=-1), slope


def maxout__slope_one_for_each_unit(z):
    r"""slopes shaped like the values, all 1"""
    value = z.max(axis=0)
    return value, np.ones_like(value)


def maxout__slope_is_masked_z(z):
    r"""puts the value itself where a 1 belongs"""
    value = z.max(axis=0)
    return value, np.where(z == value, z, 0.0)


def maxout__slope_shared(z):
    r"""each piece gets 1/k"""
    return z.max(axis=0), np.full(z.shape, 1.0 / len(z))


def maxout__slope_all_ones(z):
    r"""all pieces have slope 1"""
    return z.max(axis=0), np.ones_like(z)


def maxout__bool_slopes(z):
    r"""True and False instead of floats"""
    value = z.max(axis=0)
    return value, z == value


def maxout__only_two_axes(z):
    r"""fancy index that fits (pieces, units) only"""
    best = z.argmax(axis=0)
    slope = np.zeros_like(z)
    slope[best, np.arange(z.shape[1])] = 1.0
    return z[best, np.arange(z.shape[1])], slope


def maxout__one_winner_of_all(z):
    r"""argmax without axis: one winner in the whole array"""
    slope = np.zeros_like(z)
    slope.flat[z.argmax()] = 1.0
    return z.max(axis=0), slope


def maxout__smallest(z):
    r"""the smallest piece"""
    value = z.min(axis=0)
    return value, (z == value).astype(float)


def maxout__largest_in_size(z):
    r"""the piece with the largest |z|"""
    best = np.abs(z).argmax(axis=0)[None]
    slope = np.zeros_like(z)
    np.put_along_axis(slope, best, 1.0, axis=0)
    return np.take_along_axis(z, best, axis=0)[0], slope


def maxout__abs_value(z):
    r"""value |max| = max of sizes, slope with sign"""
    value = np.abs(z).max(axis=0)
    return value, np.where(np.abs(z) == value, np.sign(z), 0.0)


def maxout__swapped(z):
    r"""slopes first"""
    value = z.max(axis=0)
    return (z == value).astype(float), value


def maxout__softmax_slope(z):
    r"""the slope of logsumexp"""
    e = np.exp(z - z.max(axis=0))
    return z.max(axis=0), e / e.sum(axis=0)


def maxout__relu_on_top(z):
    r"""max with 0 as well"""
    value = np.maximum(z.max(axis=0), 0)
    return value, ((z == value) & (z > 0)).astype(float)


def maxout__slope_is_index(z):
    r"""returns which piece instead of an array of slopes"""
    return z.max(axis=0), z.argmax(axis=0).astype(float)


def maxout__in_place(z):
    r"""subtracts the maximum from the caller's array"""
    value = z.max(axis=0)
    z -= value
    return value, (z == 0).astype(float)


def maxout__pieces_moved_last(z):
    r"""np.eye(k)[argmax]: the pieces come out on the last axis"""
    return z.max(axis=0), np.eye(len(z))[z.argmax(axis=0)]


def maxout__eye_transposed(z):
    r"""np.eye(k)[argmax].T: right for two axes, all axes turned round for three"""
    return z.max(axis=0), np.eye(len(z))[z.argmax(axis=0)].T


def maxout__first_two_pieces(z):
    r"""compares the first two pieces only"""
    slope = np.zeros_like(z)
    slope[0] = z[0] > z[1]
    slope[1] = z[1] > z[0]
    return np.maximum(z[0], z[1]), slope


def maxout__keepdims(z):
    r"""values keep an axis of length 1"""
    value = z.max(axis=0, keepdims=True)
    return value, (z == value).astype(float)


def maxout__slope_by_sign(z):
    r"""slope 1 for every positive piece, as a ReLU has"""
    return z.max(axis=0), (z > 0).astype(float)


def maxout__mean_of_pieces(z):
    r"""averages the pieces"""
    return z.mean(axis=0), np.full(z.shape, 1.0 / len(z))
