import numpy as np


def init_network__heap_variance(X, sizes, activation, rng):
    r"""variance of the heap: the units' own means count"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = z.std()
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__wrong_axis(X, sizes, activation, rng):
    r"""mean and variance over the units"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=1).mean()
        s = np.sqrt(z.var(axis=1).mean())
        W, b = A / s, np.full(fan_out, -m / s)
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__variance_over_units(X, sizes, activation, rng):
    r"""unit means right, variance taken along the wrong axis"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=1).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__raw_goes_on(X, sizes, activation, rng):
    r"""what goes on is activation(hA), neither shifted nor scaled"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(z)
    return weights, biases


def init_network__goes_on_without_bias(X, sizes, activation, rng):
    r"""what goes on is scaled but not shifted"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W)
    return weights, biases


def init_network__goes_on_shifted_only(X, sizes, activation, rng):
    r"""what goes on is shifted but not scaled"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(z - m)
    return weights, biases


def init_network__bias_not_scaled(X, sizes, activation, rng):
    r"""b = -m"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__bias_sign(X, sizes, activation, rng):
    r"""b = m/s"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__bias_scaled_twice(X, sizes, activation, rng):
    r"""mean of the scaled z, divided by s again"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s**2
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__variance_not_rooted(X, sizes, activation, rng):
    r"""divides by the variance"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = z.var(axis=0).mean()
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__variance_summed(X, sizes, activation, rng):
    r"""variances summed over the units instead of averaged"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).sum())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__no_bias(X, sizes, activation, rng):
    r"""scales only, biases 0"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, np.zeros(fan_out)
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__weights_not_scaled(X, sizes, activation, rng):
    r"""returns A itself, scaled only for what goes on"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(A)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__measured_after_activation(X, sizes, activation, rng):
    r"""mean and variance of the activation's output, as LSUV prints it"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        z = activation(z)
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__activation_forgotten(X, sizes, activation, rng):
    r"""what goes on is z: a linear network is measured"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = h @ W + b
    return weights, biases


def init_network__normal_inputs_everywhere(X, sizes, activation, rng):
    r"""measures each layer on fresh normal numbers"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = rng.normal(size=(len(X), fan_out))
    return weights, biases


def init_network__not_measured(X, sizes, activation, rng):
    r"""variance 1/fan_in and zero biases, nothing measured"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / np.sqrt(fan_in), np.zeros(fan_out)
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__first_layer_only(X, sizes, activation, rng):
    r"""measures the first layer, the others by 1/fan_in"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        if weights:
            m, s = np.zeros(fan_out), np.sqrt(fan_in)
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__all_layers_on_x(X, sizes, activation, rng):
    r"""uses the first layer's s in every layer"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        if not weights:
            first = s
        W, b = A / first, -m / first
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__ten_examples(X, sizes, activation, rng):
    r"""measures on the first ten examples"""
    weights, biases, h = [], [], X[:10]
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__last_layer_missing(X, sizes, activation, rng):
    r"""the loop ends one layer early"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-2], sizes[1:-1]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__last_layer_unmeasured(X, sizes, activation, rng):
    r"""the logits' layer is drawn, not measured"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        if len(weights) == len(sizes) - 2:
            m, s = np.zeros(fan_out), np.sqrt(fan_in)
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__activation_before_first(X, sizes, activation, rng):
    r"""X goes through the activation first"""
    weights, biases, h = [], [], activation(X)
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__transposed(X, sizes, activation, rng):
    r"""weights of shape (fan_out, fan_in)"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(W.T)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__one_mean_for_all(X, sizes, activation, rng):
    r"""one mean for the whole layer"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = np.full(fan_out, z.mean())
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__scalar_bias_shape(X, sizes, activation, rng):
    r"""biases of shape (1, fan_out)"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0, keepdims=True)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__global_chance(X, sizes, activation, rng):
    r"""np.random instead of the generator"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = np.random.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__own_seed(X, sizes, activation, rng):
    r"""a generator with seed 0 of its own"""
    weights, biases, h = [], [], X
    rng = np.random.default_rng(0)
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__x_centred_in_place(X, sizes, activation, rng):
    r"""subtracts the mean from the caller's X"""
    X -= X.mean(axis=0)
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__x_centred_copy(X, sizes, activation, rng):
    r"""measures on centred examples that the network will not see"""
    weights, biases, h = [], [], X - X.mean(axis=0)
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__pairs(X, sizes, activation, rng):
    r"""a list of pairs (W, b)"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return list(zip(weights, biases))


def init_network__swapped(X, sizes, activation, rng):
    r"""biases first"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return biases, weights


def init_network__bias_from_layer_before(X, sizes, activation, rng):
    r"""the shift is taken from z after it was scaled, and scaled again by root of fan_in"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt(z.var(axis=0).mean())
        W, b = A / s, -m / (s * np.sqrt(fan_in))
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__largest_variance(X, sizes, activation, rng):
    r"""scales by the most lively unit"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = z.std(axis=0).max()
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__first_unit_variance(X, sizes, activation, rng):
    r"""scales by the first unit's deviation"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = z.std(axis=0)[0]
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases


def init_network__root_mean_square(X, sizes, activation, rng):
    r"""root of the mean square: the mean is not taken off first"""
    weights, biases, h = [], [], X
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        A = rng.normal(size=(fan_in, fan_out))
        z = h @ A
        m = z.mean(axis=0)
        s = np.sqrt((z**2).mean())
        W, b = A / s, -m / s
        weights.append(W)
        biases.append(b)
        h = activation(h @ W + b)
    return weights, biases
