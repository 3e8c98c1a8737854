import numpy as np


def xavier_uniform__deviation_as_bound(fan_in, fan_out, rng):
    r"""takes the standard deviation for the bound"""
    a = np.sqrt(2 / (fan_in + fan_out))
    return rng.uniform(-a, a, size=(fan_in, fan_out))


def xavier_uniform__no_root(fan_in, fan_out, rng):
    r"""6/(fan_in + fan_out) without the root"""
    a = 6 / (fan_in + fan_out)
    return rng.uniform(-a, a, size=(fan_in, fan_out))


def xavier_uniform__three(fan_in, fan_out, rng):
    r"""variance 1/(sum of the fans)"""
    a = np.sqrt(3 / (fan_in + fan_out))
    return rng.uniform(-a, a, size=(fan_in, fan_out))


def xavier_uniform__fan_in_only(fan_in, fan_out, rng):
    r"""He's bound, sqrt(6/fan_in)"""
    a = np.sqrt(6 / fan_in)
    return rng.uniform(-a, a, size=(fan_in, fan_out))


def xavier_uniform__fan_in_lecun(fan_in, fan_out, rng):
    r"""variance 1/fan_in"""
    a = np.sqrt(3 / fan_in)
    return rng.uniform(-a, a, size=(fan_in, fan_out))


def xavier_uniform__fan_out_only(fan_in, fan_out, rng):
    r"""variance 1/fan_out"""
    a = np.sqrt(3 / fan_out)
    return rng.uniform(-a, a, size=(fan_in, fan_out))


def xavier_uniform__width_as_bound(fan_in, fan_out, rng):
    r"""b^2/12 with b = a: width taken for the bound"""
    a = np.sqrt(24 / (fan_in + fan_out))
    return rng.uniform(-a, a, size=(fan_in, fan_out))


def xavier_uniform__brackets_forgotten(fan_in, fan_out, rng):
    r"""6 / fan_in + fan_out"""
    a = np.sqrt(6 / fan_in + fan_out)
    return rng.uniform(-a, a, size=(fan_in, fan_out))


def xavier_uniform__root_of_six_only(fan_in, fan_out, rng):
    r"""sqrt(6)/(fan_in + fan_out)"""
    a = np.sqrt(6) / (fan_in + fan_out)
    return rng.uniform(-a, a, size=(fan_in, fan_out))


def xavier_uniform__product_of_fans(fan_in, fan_out, rng):
    r"""product of the fans under the root"""
    a = np.sqrt(6 / (fan_in * fan_out))
    return rng.uniform(-a, a, size=(fan_in, fan_out))


def xavier_uniform__torch_default(fan_in, fan_out, rng):
    r"""torch's U(-1/sqrt D, 1/sqrt D)"""
    a = 1 / np.sqrt(fan_in)
    return rng.uniform(-a, a, size=(fan_in, fan_out))


def xavier_uniform__misprint(fan_in, fan_out, rng):
    r"""a variance of 1/sqrt D, D the mean of the fans"""
    a = np.sqrt(3 / np.sqrt((fan_in + fan_out) / 2))
    return rng.uniform(-a, a, size=(fan_in, fan_out))


def xavier_uniform__tanh_gain(fan_in, fan_out, rng):
    r"""torch's gain of 5/3 in front"""
    a = 5 / 3 * np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-a, a, size=(fan_in, fan_out))


def xavier_uniform__integer_division(fan_in, fan_out, rng):
    r"""// rounds down inside the root"""
    a = np.sqrt(6 // (fan_in + fan_out))
    return rng.uniform(-a, a, size=(fan_in, fan_out))


def xavier_uniform__from_zero(fan_in, fan_out, rng):
    r"""draws from [0, a]"""
    a = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(0, a, size=(fan_in, fan_out))


def xavier_uniform__shape_transposed(fan_in, fan_out, rng):
    r"""shape (fan_out, fan_in), as torch"""
    a = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-a, a, size=(fan_out, fan_in))


def xavier_uniform__normal(fan_in, fan_out, rng):
    r"""normal numbers of the right variance"""
    return rng.normal(scale=np.sqrt(2 / (fan_in + fan_out)), size=(fan_in, fan_out))


def xavier_uniform__global_chance(fan_in, fan_out, rng):
    r"""np.random instead of the generator"""
    a = np.sqrt(6 / (fan_in + fan_out))
    return np.random.uniform(-a, a, size=(fan_in, fan_out))


def xavier_uniform__own_seed(fan_in, fan_out, rng):
    r"""makes a generator with seed 0 of its own"""
    rng = np.random.default_rng(0)
    a = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-a, a, size=(fan_in, fan_out))


def xavier_uniform__one_row_repeated(fan_in, fan_out, rng):
    r"""draws one row and repeats it for every input"""
    a = np.sqrt(6 / (fan_in + fan_out))
    return np.tile(rng.uniform(-a, a, size=fan_out), (fan_in, 1))


def xavier_uniform__one_column_repeated(fan_in, fan_out, rng):
    r"""draws one column: all units are equal"""
    a = np.sqrt(6 / (fan_in + fan_out))
    return np.repeat(rng.uniform(-a, a, size=(fan_in, 1)), fan_out, axis=1)


def xavier_uniform__ends_only(fan_in, fan_out, rng):
    r"""draws -a or a"""
    a = np.sqrt(6 / (fan_in + fan_out))
    return rng.choice([-a, a], size=(fan_in, fan_out))


def xavier_uniform__random_shifted_once(fan_in, fan_out, rng):
    r"""rng.random() * a - a / 2 : half the width"""
    a = np.sqrt(6 / (fan_in + fan_out))
    return rng.random((fan_in, fan_out)) * a - a / 2


def xavier_uniform__random_not_shifted_enough(fan_in, fan_out, rng):
    r"""2a * random - a/2: not centred"""
    a = np.sqrt(6 / (fan_in + fan_out))
    return 2 * a * rng.random((fan_in, fan_out)) - a / 2
