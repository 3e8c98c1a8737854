import numpy as np


def signal_stds__down_from_the_top(x, weights, activation, slope, top):
    r"""gradients in the order in which they were found, from the top"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.std())
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        g = (g * slope(z)) @ W.T
        down.append(g.std())
    return np.array(up), np.array(down)


def signal_stds__slope_at_h(x, weights, activation, slope, top):
    r"""slopes taken at h instead of z"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(h)
        up.append(h.std())
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        g = (g * slope(z)) @ W.T
        down.insert(0, g.std())
    return np.array(up), np.array(down)


def signal_stds__gradient_at_outputs(x, weights, activation, slope, top):
    r"""gradients with respect to the outputs: top is in, x is not"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.std())
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        down.insert(0, g.std())
        g = (g * slope(z)) @ W.T
    return np.array(up), np.array(down)


def signal_stds__slope_forgotten(x, weights, activation, slope, top):
    r"""the matrices only, no slopes"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.std())
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        g = g @ W.T
        down.insert(0, g.std())
    return np.array(up), np.array(down)


def signal_stds__not_transposed(x, weights, activation, slope, top):
    r"""g @ W: fits square layers only"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.std())
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        g = (g * slope(z)) @ W
        down.insert(0, g.std())
    return np.array(up), np.array(down)


def signal_stds__slope_after_matrix(x, weights, activation, slope, top):
    r"""slope of the layer below, after the matrix: the gradient at z"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.std())
    g, down = top * slope(zs[-1]), []
    for layer in reversed(range(len(weights))):
        g = g @ weights[layer].T
        if layer > 0:
            g = g * slope(zs[layer - 1])
        down.insert(0, g.std())
    return np.array(up), np.array(down)


def signal_stds__top_slope_forgotten(x, weights, activation, slope, top):
    r"""top is taken for the gradient at the last z"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.std())
    g, down = top, []
    for layer in reversed(range(len(weights))):
        if layer < len(weights) - 1:
            g = g * slope(zs[layer])
        g = g @ weights[layer].T
        down.insert(0, g.std())
    return np.array(up), np.array(down)


def signal_stds__spread_of_z(x, weights, activation, slope, top):
    r"""spread of z instead of h"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(z.std())
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        g = (g * slope(z)) @ W.T
        down.insert(0, g.std())
    return np.array(up), np.array(down)


def signal_stds__spread_of_inputs(x, weights, activation, slope, top):
    r"""spread of what goes into each layer"""
    h, zs, up = x, [], []
    for W in weights:
        up.append(h.std())
        z = h @ W
        h = activation(z)
        zs.append(z)
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        g = (g * slope(z)) @ W.T
        down.insert(0, g.std())
    return np.array(up), np.array(down)


def signal_stds__input_counted_as_layer(x, weights, activation, slope, top):
    r"""x is counted as a layer, and top as well: one number more"""
    h, zs, up = x, [], [x.std()]
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.std())
    g, down = top, [top.std()]
    for W, z in zip(reversed(weights), reversed(zs)):
        g = (g * slope(z)) @ W.T
        down.insert(0, g.std())
    return np.array(up), np.array(down)


def signal_stds__ddof_one(x, weights, activation, slope, top):
    r"""divides by the count - 1"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.std(ddof=1))
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        g = (g * slope(z)) @ W.T
        down.insert(0, g.std(ddof=1))
    return np.array(up), np.array(down)


def signal_stds__per_unit_then_mean(x, weights, activation, slope, top):
    r"""deviation of each unit over the examples, averaged"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.std(axis=0).mean())
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        g = (g * slope(z)) @ W.T
        down.insert(0, g.std(axis=0).mean())
    return np.array(up), np.array(down)


def signal_stds__per_example_then_mean(x, weights, activation, slope, top):
    r"""deviation of each example over the units, averaged"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.std(axis=1).mean())
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        g = (g * slope(z)) @ W.T
        down.insert(0, g.std(axis=1).mean())
    return np.array(up), np.array(down)


def signal_stds__variance(x, weights, activation, slope, top):
    r"""variances"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.var())
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        g = (g * slope(z)) @ W.T
        down.insert(0, g.var())
    return np.array(up), np.array(down)


def signal_stds__last_layer_linear(x, weights, activation, slope, top):
    r"""no activation at the last layer"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = z if len(zs) == len(weights) - 1 else activation(z)
        zs.append(z)
        up.append(h.std())
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        g = (g * slope(z)) @ W.T
        down.insert(0, g.std())
    return np.array(up), np.array(down)


def signal_stds__root_mean_square(x, weights, activation, slope, top):
    r"""root of the mean square, the mean not taken off"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(np.sqrt((h**2).mean()))
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        g = (g * slope(z)) @ W.T
        down.insert(0, np.sqrt((g**2).mean()))
    return np.array(up), np.array(down)


def signal_stds__swapped(x, weights, activation, slope, top):
    r"""gradients first"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.std())
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        g = (g * slope(z)) @ W.T
        down.insert(0, g.std())
    return np.array(down), np.array(up)


def signal_stds__weights_reversed_in_place(x, weights, activation, slope, top):
    r"""weights.reverse() turns the caller's list round"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.std())
    g, down = top, []
    weights.reverse()
    for W, z in zip(weights, reversed(zs)):
        g = (g * slope(z)) @ W.T
        down.insert(0, g.std())
    return np.array(up), np.array(down)


def signal_stds__top_in_place(x, weights, activation, slope, top):
    r"""top is multiplied by the slope in place"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.std())
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        g *= slope(z)
        g = g @ W.T
        down.insert(0, g.std())
    return np.array(up), np.array(down)


def signal_stds__divided_by_n(x, weights, activation, slope, top):
    r"""the gradient divided by the number of examples"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.std())
    g, down = top / len(top), []
    for W, z in zip(reversed(weights), reversed(zs)):
        g = (g * slope(z)) @ W.T
        down.insert(0, g.std())
    return np.array(up), np.array(down)


def signal_stds__before_the_matrix(x, weights, activation, slope, top):
    r"""measures the gradient at z, before the matrix"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.std())
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        g = g * slope(z)
        down.insert(0, g.std())
        g = g @ W.T
    return np.array(up), np.array(down)


def signal_stds__weight_gradients(x, weights, activation, slope, top):
    r"""the gradient with respect to the weights"""
    h, zs, up = x, [], []
    for W in weights:
        before, z = h, h @ W
        h = activation(z)
        zs.append((z, before))
        up.append(h.std())
    g, down = top, []
    for W, (z, before) in zip(reversed(weights), reversed(zs)):
        d = g * slope(z)
        down.insert(0, (before.T @ d).std())
        g = d @ W.T
    return np.array(up), np.array(down)


def signal_stds__slopes_not_reversed(x, weights, activation, slope, top):
    r"""weights in reverse, slopes from the bottom"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.std())
    g, down = top, []
    for W, z in zip(reversed(weights), zs):
        g = (g * slope(z)) @ W.T
        down.insert(0, g.std())
    return np.array(up), np.array(down)


def signal_stds__activation_on_way_down(x, weights, activation, slope, top):
    r"""the activation on the way down instead of its slope"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.std())
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        g = (g * activation(z)) @ W.T
        down.insert(0, g.std())
    return np.array(up), np.array(down)


def signal_stds__activation_before_matrix(x, weights, activation, slope, top):
    r"""h = activation(h) @ W: bends first"""
    h, zs, up = x, [], []
    for W in weights:
        z = h
        h = activation(z) @ W
        zs.append(z)
        up.append(h.std())
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        g = (g @ W.T) * slope(z)
        down.insert(0, g.std())
    return np.array(up), np.array(down)


def signal_stds__relative_to_input(x, weights, activation, slope, top):
    r"""up relative to x, down relative to top"""
    h, zs, up = x, [], []
    for W in weights:
        z = h @ W
        h = activation(z)
        zs.append(z)
        up.append(h.std())
    g, down = top, []
    for W, z in zip(reversed(weights), reversed(zs)):
        g = (g * slope(z)) @ W.T
        down.insert(0, g.std())
    return np.array(up) / x.std(), np.array(down) / top.std()
