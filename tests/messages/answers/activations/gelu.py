import numpy as np
from scipy.special import erf


def gelu__tanh_approximation(z):
    r"""the tanh approximation, with its own slope"""
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (z + 0.044715 * z**3))
    return 0.5 * z * (1 + t), 0.5 * (1 + t) + 0.5 * z * (1 - t**2) * c * (1 + 3 * 0.044715 * z**2)


def gelu__sigmoid_approximation(z):
    r"""z sigmoid(1.702 z)"""
    s = 1 / (1 + np.exp(-1.702 * z))
    return z * s, s + 1.702 * z * s * (1 - s)


def gelu__slope_is_cdf(z):
    r"""slope Phi only: the product rule forgotten"""
    cdf = 0.5 * (1 + erf(z / np.sqrt(2)))
    return z * cdf, cdf


def gelu__slope_z_times_density(z):
    r"""slope z phi only: the other half of the product rule"""
    cdf = 0.5 * (1 + erf(z / np.sqrt(2)))
    return z * cdf, z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def gelu__slope_cdf_plus_density(z):
    r"""Phi + phi, the z in front forgotten"""
    cdf = 0.5 * (1 + erf(z / np.sqrt(2)))
    return z * cdf, cdf + np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def gelu__slope_density_plus_z_cdf(z):
    r"""the z at the wrong term"""
    cdf = 0.5 * (1 + erf(z / np.sqrt(2)))
    return z * cdf, z * cdf + np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def gelu__derivatives_multiplied(z):
    r"""derivative of a product = product of derivatives"""
    cdf = 0.5 * (1 + erf(z / np.sqrt(2)))
    return z * cdf, np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def gelu__erf_without_root(z):
    r"""erf(z) without the root of 2"""
    cdf = 0.5 * (1 + erf(z))
    return z * cdf, cdf + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def gelu__root_outside_erf(z):
    r"""erf(z)/sqrt 2"""
    cdf = 0.5 * (1 + erf(z) / np.sqrt(2))
    return z * cdf, cdf + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def gelu__density_one_over_two_pi(z):
    r"""1/(2 pi) without the root"""
    cdf = 0.5 * (1 + erf(z / np.sqrt(2)))
    return z * cdf, cdf + z * np.exp(-(z**2) / 2) / (2 * np.pi)


def gelu__density_without_half(z):
    r"""e^(-z^2) in the density"""
    cdf = 0.5 * (1 + erf(z / np.sqrt(2)))
    return z * cdf, cdf + z * np.exp(-(z**2)) / np.sqrt(2 * np.pi)


def gelu__density_half_of_z_squared(z):
    r"""(-z/2)^2 bracketed wrongly: e^(-(z/2)^2)"""
    cdf = 0.5 * (1 + erf(z / np.sqrt(2)))
    return z * cdf, cdf + z * np.exp(-((z / 2) ** 2)) / np.sqrt(2 * np.pi)


def gelu__half_forgotten(z):
    r"""1 + erf without the half"""
    cdf = 1 + erf(z / np.sqrt(2))
    return z * cdf, cdf + 2 * z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def gelu__minus_in_slope(z):
    r"""Phi - z phi"""
    cdf = 0.5 * (1 + erf(z / np.sqrt(2)))
    return z * cdf, cdf - z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def gelu__upper_tail(z):
    r"""1 - erf: the share above"""
    cdf = 0.5 * (1 - erf(z / np.sqrt(2)))
    return z * cdf, cdf - z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def gelu__swapped(z):
    r"""slope first"""
    cdf = 0.5 * (1 + erf(z / np.sqrt(2)))
    return cdf + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi), z * cdf


def gelu__in_place(z):
    r"""z *= Phi on the caller's array"""
    cdf = 0.5 * (1 + erf(z / np.sqrt(2)))
    slope = cdf + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    z *= cdf
    return z, slope


def gelu__density_after_in_place(z):
    r"""the value overwrites z before the density is taken"""
    cdf = 0.5 * (1 + erf(z / np.sqrt(2)))
    z = z * cdf
    return z, cdf + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def gelu__cdf_returned(z):
    r"""the weight Phi instead of z Phi as value"""
    cdf = 0.5 * (1 + erf(z / np.sqrt(2)))
    return cdf, np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def gelu__only_value(z):
    r"""forgets the slope"""
    return z * 0.5 * (1 + erf(z / np.sqrt(2)))


def gelu__slope_of_relu(z):
    r"""slope 1 or 0, it is nearly a ReLU"""
    return z * 0.5 * (1 + erf(z / np.sqrt(2))), (z > 0).astype(float)


def gelu__exact_value_approximate_slope(z):
    r"""exact value, slope of the sigmoid approximation"""
    s = 1 / (1 + np.exp(-1.702 * z))
    return z * 0.5 * (1 + erf(z / np.sqrt(2))), s + 1.702 * z * s * (1 - s)
