import numpy as np


def he_normal__variance_as_scale(fan_in, fan_out, slope, rng):
    r"""hands the variance to rng.normal"""
    std = 2 / ((1 + slope**2) * fan_in)
    return rng.normal(0.0, std, size=(fan_in, fan_out))


def he_normal__root_of_two_only(fan_in, fan_out, slope, rng):
    r"""sqrt(2)/D: D without the root"""
    std = np.sqrt(2 / (1 + slope**2)) / fan_in
    return rng.normal(0.0, std, size=(fan_in, fan_out))


def he_normal__root_of_fan_only(fan_in, fan_out, slope, rng):
    r"""2/sqrt(D): the root on D alone"""
    std = 2 / ((1 + slope**2) * np.sqrt(fan_in))
    return rng.normal(0.0, std, size=(fan_in, fan_out))


def he_normal__slope_outside_the_root(fan_in, fan_out, slope, rng):
    r"""(1 + s^2) divides the deviation"""
    std = np.sqrt(2 / fan_in) / (1 + slope**2)
    return rng.normal(0.0, std, size=(fan_in, fan_out))


def he_normal__fan_out(fan_in, fan_out, slope, rng):
    r"""fan_out instead of fan_in"""
    std = np.sqrt(2 / ((1 + slope**2) * fan_out))
    return rng.normal(0.0, std, size=(fan_in, fan_out))


def he_normal__square_of_sum(fan_in, fan_out, slope, rng):
    r"""(1 + s)^2"""
    std = np.sqrt(2 / ((1 + slope) ** 2 * fan_in))
    return rng.normal(0.0, std, size=(fan_in, fan_out))


def he_normal__slope_not_squared(fan_in, fan_out, slope, rng):
    r"""1 + s"""
    std = np.sqrt(2 / ((1 + slope) * fan_in))
    return rng.normal(0.0, std, size=(fan_in, fan_out))


def he_normal__slope_unused(fan_in, fan_out, slope, rng):
    r"""the ReLU's variance whatever the slope"""
    std = np.sqrt(2 / fan_in)
    return rng.normal(0.0, std, size=(fan_in, fan_out))


def he_normal__one_minus_square(fan_in, fan_out, slope, rng):
    r"""1 - s^2"""
    std = np.sqrt(2 / (abs(1 - slope**2) * fan_in))
    return rng.normal(0.0, std, size=(fan_in, fan_out))


def he_normal__upside_down(fan_in, fan_out, slope, rng):
    r"""(1 + s^2) in the numerator"""
    std = np.sqrt(2 * (1 + slope**2) / fan_in)
    return rng.normal(0.0, std, size=(fan_in, fan_out))


def he_normal__half_forgotten(fan_in, fan_out, slope, rng):
    r"""1 instead of 2"""
    std = np.sqrt(1 / ((1 + slope**2) * fan_in))
    return rng.normal(0.0, std, size=(fan_in, fan_out))


def he_normal__mean_of_fans(fan_in, fan_out, slope, rng):
    r"""Xavier's mean of the fans"""
    std = np.sqrt(4 / ((1 + slope**2) * (fan_in + fan_out)))
    return rng.normal(0.0, std, size=(fan_in, fan_out))


def he_normal__misprint(fan_in, fan_out, slope, rng):
    r"""a variance of 2/sqrt D"""
    std = np.sqrt(2 / ((1 + slope**2) * np.sqrt(fan_in)))
    return rng.normal(0.0, std, size=(fan_in, fan_out))


def he_normal__brackets_forgotten(fan_in, fan_out, slope, rng):
    r"""2 / (1 + s^2) * D: multiplied by D"""
    std = np.sqrt(2 / (1 + slope**2) * fan_in)
    return rng.normal(0.0, std, size=(fan_in, fan_out))


def he_normal__uniform(fan_in, fan_out, slope, rng):
    r"""uniform of the right variance"""
    a = np.sqrt(6 / ((1 + slope**2) * fan_in))
    return rng.uniform(-a, a, size=(fan_in, fan_out))


def he_normal__shape_transposed(fan_in, fan_out, slope, rng):
    r"""shape (fan_out, fan_in), as torch"""
    std = np.sqrt(2 / ((1 + slope**2) * fan_in))
    return rng.normal(0.0, std, size=(fan_out, fan_in))


def he_normal__global_chance(fan_in, fan_out, slope, rng):
    r"""np.random instead of the generator"""
    std = np.sqrt(2 / ((1 + slope**2) * fan_in))
    return np.random.normal(0.0, std, size=(fan_in, fan_out))


def he_normal__own_seed(fan_in, fan_out, slope, rng):
    r"""makes a generator with seed 0 of its own"""
    rng = np.random.default_rng(0)
    std = np.sqrt(2 / ((1 + slope**2) * fan_in))
    return rng.normal(0.0, std, size=(fan_in, fan_out))


def he_normal__clipped_at_two(fan_in, fan_out, slope, rng):
    r"""clips at two deviations"""
    std = np.sqrt(2 / ((1 + slope**2) * fan_in))
    return np.clip(rng.normal(0.0, std, size=(fan_in, fan_out)), -2 * std, 2 * std)


def he_normal__sizes_of_normals(fan_in, fan_out, slope, rng):
    r"""only positive weights"""
    std = np.sqrt(2 / ((1 + slope**2) * fan_in))
    return np.abs(rng.normal(0.0, std, size=(fan_in, fan_out)))


def he_normal__mean_is_std(fan_in, fan_out, slope, rng):
    r"""rng.normal(std): the deviation handed over as mean"""
    std = np.sqrt(2 / ((1 + slope**2) * fan_in))
    return rng.normal(std, size=(fan_in, fan_out))


def he_normal__one_row_repeated(fan_in, fan_out, slope, rng):
    r"""draws one row and repeats it"""
    std = np.sqrt(2 / ((1 + slope**2) * fan_in))
    return np.tile(rng.normal(0.0, std, size=fan_out), (fan_in, 1))


def he_normal__scaled_twice(fan_in, fan_out, slope, rng):
    r"""scale in the draw and once more outside"""
    std = np.sqrt(2 / ((1 + slope**2) * fan_in))
    return std * rng.normal(0.0, std, size=(fan_in, fan_out))


def he_normal__zero_slope_is_linear(fan_in, fan_out, slope, rng):
    r"""slope 0 taken for linear: variance 1/D there"""
    if slope == 0:
        slope = 1.0
    std = np.sqrt(2 / ((1 + slope**2) * fan_in))
    return rng.normal(0.0, std, size=(fan_in, fan_out))


def he_normal__default_leak(fan_in, fan_out, slope, rng):
    r"""slope or .01, torch's default, and the square forgotten"""
    slope = slope or 0.01
    std = np.sqrt(2 / ((1 + slope) * fan_in))
    return rng.normal(0.0, std, size=(fan_in, fan_out))
