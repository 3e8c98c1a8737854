import numpy as np


def sigmoid__exp_over_one_plus_exp(z):
    r"""e^z/(1+e^z): inf/inf is nan for large sums"""
    e = np.exp(z)
    s = e / (1 + e)
    return s, s * (1 - s)


def sigmoid__slope_of_z(z):
    r"""puts z instead of the value into s(1-s)"""
    s = 1 / (1 + np.exp(-z))
    return s, z * (1 - z)


def sigmoid__slope_of_tanh(z):
    r"""slope 1 - value**2, remembered from tanh"""
    s = 1 / (1 + np.exp(-z))
    return s, 1 - s**2


def sigmoid__wrong_sign(z):
    r"""1/(1+e^z), falls instead of rises"""
    s = 1 / (1 + np.exp(np.minimum(z, 700)))
    return s, s * (1 - s)


def sigmoid__abs_everywhere(z):
    r"""uses e^-|z| for both signs and forgets the branch for negative sums"""
    s = 1 / (1 + np.exp(-np.abs(z)))
    return s, s * (1 - s)


def sigmoid__swapped(z):
    r"""slope first"""
    s = 1 / (1 + np.exp(-z))
    return s * (1 - s), s


def sigmoid__only_value(z):
    r"""forgets the slope"""
    return 1 / (1 + np.exp(-z))


def sigmoid__value_clipped(z):
    r"""clips the value to [.001, .999] against infinite logs"""
    s = np.clip(1 / (1 + np.exp(-z)), 1e-3, 1 - 1e-3)
    return s, s * (1 - s)


def sigmoid__sum_clipped(z):
    r"""clips the sums to +-6 against overflow"""
    s = 1 / (1 + np.exp(-np.clip(z, -6, 6)))
    return s, s * (1 - s)


def sigmoid__in_place(z):
    r"""turns the caller's sums round"""
    np.negative(z, out=z)
    s = 1 / (1 + np.exp(z))
    return s, s * (1 - s)


def sigmoid__branch_for_the_whole_array(z):
    r"""one branch for all entries: mixed signs give nan for large sums"""
    if np.all(z >= 0):
        s = 1 / (1 + np.exp(-z))
    else:
        e = np.exp(z)
        s = e / (1 + e)
    return s, s * (1 - s)


def sigmoid__if_on_array(z):
    r"""an if that only a single number understands"""
    if z >= 0:
        s = 1 / (1 + np.exp(-z))
    else:
        s = np.exp(z) / (1 + np.exp(z))
    return s, s * (1 - s)


def sigmoid__max_subtracted(z):
    r"""subtracts the largest sum, as in the softmax"""
    e = np.exp(z - np.max(z))
    s = e / (1 + e)
    return s, s * (1 - s)


def sigmoid__nan_to_zero(z):
    r"""mends nan to 0, where the value should be 1"""
    e = np.exp(z)
    s = np.nan_to_num(e / (1 + e), nan=0.0)
    return s, s * (1 - s)


def sigmoid__slope_as_exp_fraction(z):
    r"""value fine, slope e^-z/(1+e^-z)^2 is nan for very negative sums"""
    e = np.exp(-z)
    return 1 / (1 + e), e / (1 + e) ** 2


def sigmoid__tanh_form_half_forgotten(z):
    r"""(1+tanh(z/2))/2 and a slope without the inner factor"""
    t = np.tanh(z / 2)
    return (1 + t) / 2, (1 - t**2) / 2


def sigmoid__tanh_form_without_half(z):
    r"""(1+tanh(z))/2, the half in the argument forgotten"""
    s = (1 + np.tanh(z)) / 2
    return s, s * (1 - s)


def sigmoid__slope_minus(z):
    r"""slope -s(1-s): the inner minus of e^-z counted once too often"""
    s = 1 / (1 + np.exp(-z))
    return s, -s * (1 - s)


def sigmoid__flattened(z):
    r"""masks a raveled copy and forgets to reshape"""
    flat = np.ravel(z)
    e = np.exp(-np.abs(flat))
    s = np.where(flat >= 0, 1 / (1 + e), e / (1 + e))
    return s, s * (1 - s)


def sigmoid__stable_branches_crossed(z):
    r"""the stable branches, the wrong way round"""
    e = np.exp(-np.abs(z))
    s = np.where(z >= 0, e / (1 + e), 1 / (1 + e))
    return s, s * (1 - s)
