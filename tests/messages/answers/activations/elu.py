import numpy as np


def elu__exp_minus_one(z, alpha):
    r"""exp(z) - 1 instead of expm1: hardly a digit left for tiny z"""
    left = np.exp(np.minimum(z, 0))
    return np.where(z > 0, z, alpha * (left - 1)), np.where(z > 0, 1.0, alpha * left)


def elu__masks_multiplied(z, alpha):
    r"""0 * inf is nan for large z"""
    value = (z > 0) * z + (z <= 0) * alpha * np.expm1(z)
    return value, (z > 0) + (z <= 0) * alpha * np.exp(z)


def elu__slope_only_masks_multiplied(z, alpha):
    r"""value fine, slope by 0 * exp(z): nan for large z"""
    value = np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))
    return value, 1.0 * (z > 0) + (z <= 0) * alpha * np.exp(z)


def elu__slope_right_at_zero(z, alpha):
    r"""slope 1 at z = 0"""
    m = np.minimum(z, 0)
    return np.where(z > 0, z, alpha * np.expm1(m)), np.where(z >= 0, 1.0, alpha * np.exp(m))


def elu__slope_is_value(z, alpha):
    r"""derivative of alpha(e^z - 1) keeps the -1"""
    left = alpha * np.expm1(np.minimum(z, 0))
    return np.where(z > 0, z, left), np.where(z > 0, 1.0, left)


def elu__slope_without_alpha(z, alpha):
    r"""slope e^z, alpha forgotten"""
    m = np.minimum(z, 0)
    return np.where(z > 0, z, alpha * np.expm1(m)), np.where(z > 0, 1.0, np.exp(m))


def elu__slope_value_plus_one(z, alpha):
    r"""value + 1 instead of value + alpha: right only for alpha 1"""
    value = np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))
    return value, np.where(z > 0, 1.0, value + 1)


def elu__alpha_in_the_exponent(z, alpha):
    r"""e^(alpha z) - 1"""
    m = np.minimum(z, 0)
    return np.where(z > 0, z, np.expm1(alpha * m)), np.where(z > 0, 1.0, alpha * np.exp(alpha * m))


def elu__minus_one_forgotten(z, alpha):
    r"""alpha e^z to the left: a jump at 0"""
    left = alpha * np.exp(np.minimum(z, 0))
    return np.where(z > 0, z, left), np.where(z > 0, 1.0, left)


def elu__alpha_right_too(z, alpha):
    r"""alpha scales both sides"""
    m = np.minimum(z, 0)
    return alpha * np.where(z > 0, z, np.expm1(m)), alpha * np.where(z > 0, 1.0, np.exp(m))


def elu__selu(z, alpha):
    r"""the SELU's factor 1.0507 in front"""
    m = np.minimum(z, 0)
    scale = 1.0507009873554805
    return scale * np.where(z > 0, z, alpha * np.expm1(m)), scale * np.where(z > 0, 1.0, alpha * np.exp(m))


def elu__celu(z, alpha):
    r"""CELU: alpha(e^(z/alpha) - 1)"""
    m = np.minimum(z, 0) / alpha
    return np.where(z > 0, z, alpha * np.expm1(m)), np.where(z > 0, 1.0, np.exp(m))


def elu__swapped(z, alpha):
    r"""slope first"""
    m = np.minimum(z, 0)
    return np.where(z > 0, 1.0, alpha * np.exp(m)), np.where(z > 0, z, alpha * np.expm1(m))


def elu__in_place(z, alpha):
    r"""np.minimum writes into the caller's array"""
    right = z > 0
    keep = z.copy()
    np.minimum(z, 0, out=z)
    return np.where(right, keep, alpha * np.expm1(z)), np.where(right, 1.0, alpha * np.exp(z))


def elu__one_minus_exp(z, alpha):
    r"""alpha(1 - e^z): the ceiling instead of the floor"""
    m = np.minimum(z, 0)
    return np.where(z > 0, z, -alpha * np.expm1(m)), np.where(z > 0, 1.0, -alpha * np.exp(m))


def elu__maximum_of_both(z, alpha):
    r"""max(z, alpha(e^z - 1)): right for alpha <= 1 only"""
    m = np.minimum(z, 0)
    return np.maximum(z, alpha * np.expm1(m)), np.where(z > 0, 1.0, alpha * np.exp(m))


def elu__maximum_without_min(z, alpha):
    r"""max(z, alpha(e^z - 1)) without the min in the exponent"""
    left = alpha * np.expm1(z)
    return np.maximum(z, left), np.where(z > left, 1.0, left + alpha)


def elu__sum_without_min(z, alpha):
    r"""max(0, z) + alpha(e^z - 1), both on the right"""
    m = np.minimum(z, 30)
    return np.maximum(z, 0) + alpha * np.expm1(m), np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0)))


def elu__max_in_the_exponent(z, alpha):
    r"""max(z, 0) where min belongs: the left side is 0"""
    m = np.minimum(np.maximum(z, 0), 700)
    return np.where(z > 0, z, alpha * np.expm1(m)), np.where(z > 0, 1.0, alpha * np.exp(m))


def elu__clipped_at_five(z, alpha):
    r"""clips z at -5: the floor comes too early"""
    m = np.clip(z, -5, 0)
    return np.where(z > 0, z, alpha * np.expm1(m)), np.where(z > 0, 1.0, alpha * np.exp(m))


def elu__nan_mended_to_zero(z, alpha):
    r"""masks multiplied, nan mended to 0: large z give 0"""
    value = np.nan_to_num((z > 0) * z + (z <= 0) * alpha * np.expm1(z), nan=0.0)
    return value, np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0)))
