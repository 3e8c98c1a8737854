import numpy as np


def leaky_relu__slope_right_at_zero(z, leak):
    r"""z >= 0: slope of the right side at the kink"""
    return np.where(z >= 0, z, leak * z), np.where(z >= 0, 1.0, leak)


def leaky_relu__slope_half_at_zero(z, leak):
    r"""the mean of both slopes at the kink"""
    slope = np.where(z > 0, 1.0, leak)
    slope = np.where(z == 0, (1 + leak) / 2, slope)
    return np.where(z > 0, z, leak * z), slope


def leaky_relu__slope_zero_at_zero(z, leak):
    r"""slope 0 at the kink whatever the leak"""
    slope = np.where(z > 0, 1.0, np.where(z < 0, leak, 0.0))
    return np.where(z > 0, z, leak * z), slope


def leaky_relu__maximum_of_leak(z, leak):
    r"""max(leak, z), the z forgotten"""
    return np.maximum(leak, z), np.where(z > leak, 1.0, 0.0)


def leaky_relu__abs_left(z, leak):
    r"""leak*|z|: goes up again to the left"""
    return np.where(z > 0, z, leak * np.abs(z)), np.where(z > 0, 1.0, leak)


def leaky_relu__relu_slope(z, leak):
    r"""slope of the ReLU: 0 to the left"""
    return np.where(z > 0, z, leak * z), (z > 0).astype(float)


def leaky_relu__swapped(z, leak):
    r"""slope first"""
    return np.where(z > 0, 1.0, leak), np.where(z > 0, z, leak * z)


def leaky_relu__in_place(z, leak):
    r"""z[z <= 0] *= leak on the caller's array"""
    slope = np.where(z > 0, 1.0, leak)
    z[z <= 0] *= leak
    return z, slope


def leaky_relu__slope_by_division(z, leak):
    r"""slope = value / z, nan at 0"""
    value = np.where(z > 0, z, leak * z)
    return value, value / z


def leaky_relu__negative_slope_left(z, leak):
    r"""slope -leak to the left"""
    return np.where(z > 0, z, leak * z), np.where(z > 0, 1.0, -leak)


def leaky_relu__default_for_zero(z, leak):
    r"""leak or 0.01: a leak of 0 becomes .01"""
    leak = leak or 0.01
    return np.where(z > 0, z, leak * z), np.where(z > 0, 1.0, leak)


def leaky_relu__fixed_leak(z, leak):
    r"""torch's .01, the argument unused"""
    return np.where(z > 0, z, 0.01 * z), np.where(z > 0, 1.0, 0.01)


def leaky_relu__only_value(z, leak):
    r"""forgets the slope"""
    return np.where(z > 0, z, leak * z)


def leaky_relu__constant_left(z, leak):
    r"""the value left of 0 is leak itself"""
    return np.where(z > 0, z, leak), np.where(z > 0, 1.0, leak)


def leaky_relu__integer_slopes(z, leak):
    r"""writes the leak into an integer array: cut down to 0"""
    slope = (z > 0).astype(int)
    slope[z <= 0] = leak
    return np.where(z > 0, z, leak * z), slope


def leaky_relu__leak_added_right(z, leak):
    r"""leak*z + max(0,z): the right side has slope 1 + leak"""
    return leak * z + np.maximum(z, 0), leak + (z > 0)


def leaky_relu__sign_of_left_part(z, leak):
    r"""max(0,z) - leak*min(0,z)"""
    return np.maximum(z, 0) - leak * np.minimum(z, 0), np.where(z > 0, 1.0, leak)


def leaky_relu__divided_by_leak(z, leak):
    r"""z/leak to the left, as in the paper whose a is large"""
    return np.where(z > 0, z, z / leak), np.where(z > 0, 1.0, 1 / leak)


def leaky_relu__slope_left_at_tiny(z, leak):
    r"""a threshold of 1e-3 instead of 0"""
    return np.where(z > 1e-3, z, leak * z), np.where(z > 1e-3, 1.0, leak)


def leaky_relu__slope_times_z(z, leak):
    r"""backward with the value multiplied in: slope equals the value"""
    value = np.where(z > 0, z, leak * z)
    return value, value.copy()


def leaky_relu__one_number_slope(z, leak):
    r"""one slope for the whole array by the sign of its sum"""
    return np.where(z > 0, z, leak * z), np.full_like(z, 1.0 if z.sum() > 0 else leak)
