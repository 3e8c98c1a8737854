"""Exercises on loss surfaces: symmetries, barriers, slices, long lags (Goodfellow et al., 2016, sections 8.2 and 10.7).

Weights as in torch: W1 has shape (hidden, inputs), W2 (outputs, hidden).
"""

import numpy as np
import scipy.linalg
import scipy.ndimage
import torch
from scipy.interpolate import make_interp_spline

from grading.exercise import exercise

# (inputs, hidden, outputs); square ones too, because there a wrong axis does not show by its length
NETWORKS = [(3, 4, 2), (5, 5, 5), (1, 6, 1), (4, 4, 4)]


def _network(rng, inputs, hidden, outputs, scale=1.0):
    """Draw the arrays of a two-layer network."""
    shapes = {"W1": (hidden, inputs), "b1": (hidden,), "W2": (outputs, hidden)}
    return {name: scale * rng.normal(size=shape) for name, shape in shapes.items()}


# --- permute_units


def _order(rng, hidden):
    """Draw a permutation that is not its own inverse and moves every unit."""
    while True:
        order = rng.permutation(hidden)
        if np.all(order != np.arange(hidden)) and np.any(order[order] != np.arange(hidden)):
            return order


@exercise(points=3, returns=("W1", "b1", "W2"))
def permute_units(W1, b1, W2, order):
    """Oracle: the product with a permutation matrix, and with its transpose on the other side."""
    matrix = np.zeros((len(order), len(order)))
    matrix[np.arange(len(order)), order] = 1.0
    return matrix @ W1, matrix @ b1, W2 @ matrix.T


@permute_units.cases("several sizes", weight=2)
def _(rng):
    for sizes in NETWORKS:
        yield dict(**_network(rng, *sizes), order=_order(rng, sizes[1]))


@permute_units.cases("edge cases", weight=1)
def _(rng):
    yield dict(**_network(rng, 3, 5, 5), order=np.arange(5))
    yield dict(**_network(rng, 2, 1, 3), order=np.array([0]))
    yield dict(**_network(rng, 3, 2, 2), order=np.array([1, 0]))
    for scale in (1e-8, 1e8):
        yield dict(**_network(rng, 6, 6, 6, scale), order=_order(rng, 6))
    network = _network(rng, 4, 5, 2)
    network["b1"][:] = 0.0
    yield dict(**network, order=_order(rng, 5))


@permute_units.misconception
def bias_forgotten(W1, b1, W2, order):
    """Two of your arrays are in the new order. Does a unit leave its bias behind when it moves?"""
    return W1[order], b1.copy(), W2[:, order]


@permute_units.misconception
def outgoing_weights_forgotten(W1, b1, W2, order):
    """The units have moved, but the next layer still listens to the old places. Which array does it listen with?"""
    return W1[order], b1[order], W2.copy()


@permute_units.misconception
def rows_of_the_second_matrix(W1, b1, W2, order):
    """W2 has a row for each output, and the outputs stay where they are. Along which axis do the hidden units lie?"""
    return W1[order], b1[order], W2[order]


@permute_units.misconception
def columns_of_the_first_matrix(W1, b1, W2, order):
    """The columns of W1 belong to the inputs, which keep their places. Along which axis do the hidden units lie?"""
    return W1[:, order], b1[order], W2[:, order]


@permute_units.misconception
def inverse_order(W1, b1, W2, order):
    """You move old unit i to place order[i]. Asked is the opposite: new unit i is what old unit order[i] was."""
    inverse = np.argsort(order)
    return W1[inverse], b1[inverse], W2[:, inverse]


@permute_units.misconception
def undone_in_the_second_matrix(W1, b1, W2, order):
    """You move the outgoing weights the opposite way. A unit's column goes to the same place as its row; nothing has to
    be undone.
    """
    return W1[order], b1[order], W2[:, np.argsort(order)]


@permute_units.misconception
def only_the_first_matrix(W1, b1, W2, order):
    """Besides its row in W1, what else belongs to a hidden unit? There are two more things."""
    return W1[order], b1.copy(), W2.copy()


@permute_units.misconception
def only_the_second_matrix(W1, b1, W2, order):
    """You rewire only what leaves the units. What enters them must move to the same new places."""
    return W1.copy(), b1.copy(), W2[:, order]


@permute_units.misconception
def in_place(W1, b1, W2, order):
    """Your numbers are right, but the caller's arrays have changed, too: assigning to W1[...] writes into them."""
    W1[:], b1[:], W2[:] = W1[order], b1[order], W2[:, order]
    return W1, b1, W2


# --- flip_signs


def _signs(rng, hidden):
    """Draw signs of which at least one is +1 and one is -1."""
    signs = rng.choice([-1.0, 1.0], size=hidden)
    signs[rng.permutation(hidden)[:2]] = [-1.0, 1.0][: min(2, hidden)]
    return signs


@exercise(points=2, returns=("W1", "b1", "W2"))
def flip_signs(W1, b1, W2, signs):
    """Oracle: products with a diagonal matrix."""
    diagonal = np.diag(signs)
    return diagonal @ W1, diagonal @ b1, W2 @ diagonal


@flip_signs.cases("several sizes", weight=2)
def _(rng):
    for sizes in NETWORKS:
        yield dict(**_network(rng, *sizes), signs=_signs(rng, sizes[1]))


@flip_signs.cases("edge cases", weight=1)
def _(rng):
    yield dict(**_network(rng, 3, 5, 5), signs=np.ones(5))
    yield dict(**_network(rng, 4, 4, 4), signs=-np.ones(4))
    yield dict(**_network(rng, 2, 1, 3), signs=np.array([-1.0]))
    for scale in (1e-8, 1e8):
        yield dict(**_network(rng, 4, 4, 4, scale), signs=_signs(rng, 4))


@flip_signs.misconception
def bias_forgotten(W1, b1, W2, signs):
    """tanh is odd in its whole argument. What is inside the tanh besides the weighted inputs?"""
    return signs[:, None] * W1, b1.copy(), W2 * signs


@flip_signs.misconception
def outgoing_weights_forgotten(W1, b1, W2, signs):
    """The unit now says the opposite. Who listens to it, and what must they do to hear the same as before?"""
    return signs[:, None] * W1, signs * b1, W2.copy()


@flip_signs.misconception
def incoming_weights_forgotten(W1, b1, W2, signs):
    """You turn over what leaves the unit, and the outputs change. What must be turned over inside the tanh?"""
    return W1.copy(), b1.copy(), W2 * signs


@flip_signs.misconception
def columns_of_the_first_matrix(W1, b1, W2, signs):
    """In W1 you flip inputs, not units. A plain product runs along the last axis; the units lie along the first."""
    return signs * W1, signs * b1, W2 * signs


@flip_signs.misconception
def rows_of_the_second_matrix(W1, b1, W2, signs):
    """In W2 you flip outputs, not units. Which axis of W2 counts the hidden units?"""
    return signs[:, None] * W1, signs * b1, signs[:, None] * W2


@flip_signs.misconception
def everything_flipped(W1, b1, W2, signs):
    """You turn all units over, whatever `signs` says. Which of them should stay as they are?"""
    return -W1, -b1, -W2


@flip_signs.misconception
def the_others_flipped(W1, b1, W2, signs):
    """You turn over exactly the wrong units. What does a sign of +1 ask for?"""
    return -signs[:, None] * W1, -signs * b1, -W2 * signs


@flip_signs.misconception
def in_place(W1, b1, W2, signs):
    """Your numbers are right, but the caller's arrays have changed, too: *= writes into the array it is given."""
    W1 *= signs[:, None]
    b1 *= signs
    W2 *= signs
    return W1, b1, W2


# --- barrier


@exercise(points=3, returns="barrier")
def barrier(losses):
    """Oracle: SciPy's spline of degree 1 through the two ends is the chord."""
    position = np.arange(len(losses))
    chord = make_interp_spline(position[[0, -1]], losses[[0, -1]], k=1)
    return float((losses - chord(position)).max())


def _hill(rng, points, tilt):
    """Draw losses along a line with a hill that is not half-way, between ends of different height."""
    s = np.linspace(0, 1, points)
    peak = rng.choice([rng.uniform(0.2, 0.4), rng.uniform(0.6, 0.8)])
    hill = rng.uniform(0.5, 2) * np.exp(-(((s - peak) / 0.2) ** 2))
    return 0.3 + hill + tilt * (s - 0.5) + 0.02 * rng.normal(size=points)


@barrier.cases("between equal ends", weight=1)
def _(rng):
    for points in (11, 25, 8):
        losses = _hill(rng, points, 0.0)
        losses[-1] = losses[0]
        yield dict(losses=losses)


@barrier.cases("between different ends", weight=2)
def _(rng):
    for points, tilt in ((11, 1.0), (24, -1.5), (7, 2.0), (41, -0.7)):
        yield dict(losses=_hill(rng, points, tilt * rng.uniform(0.8, 1.2)))


@barrier.cases("edge cases", weight=1)
def _(rng):
    # where the answer is zero the losses are multiples of 1/64, so that the chord meets the ends without rounding
    yield dict(losses=(np.arange(-4, 5) ** 2 + rng.integers(32, 64)) / 64.0)  # convex: below its chord
    yield dict(losses=np.full(6, rng.integers(64, 128) / 64.0))
    yield dict(losses=rng.permutation(np.array([1.0, 1.75]) * rng.integers(1, 4)))
    yield dict(losses=np.array([1.0, 1.6, 1.1]) * rng.uniform(1, 2))
    for scale in (1e-8, 1e8):
        yield dict(losses=scale * _hill(rng, 15, float(rng.choice([-1, 1]))))
    yield dict(losses=_hill(rng, 12, 1.0) - 5)


@barrier.misconception
def above_the_start(losses):
    """You measure from the start only. What if the other network is much better or worse?"""
    return np.max(losses) - losses[0]


@barrier.misconception
def above_the_lowest_point(losses):
    """You measure from the deepest point of the path. The reference is the straight line between the two ends."""
    return np.max(losses) - np.min(losses)


@barrier.misconception
def above_the_higher_end(losses):
    """You measure from the higher of the two ends, another definition. Here each point is compared with the chord."""
    return np.max(losses) - max(losses[0], losses[-1])


@barrier.misconception
def above_the_mean_of_the_ends(losses):
    """The mean of the ends is the height of the chord half-way only. How high is it where your maximum stands?"""
    return np.max(losses) - (losses[0] + losses[-1]) / 2


@barrier.misconception
def midpoint_only(losses):
    """You look only half-way. The highest rise can stand anywhere on the line."""
    shares = np.linspace(0, 1, len(losses))
    middle = len(losses) // 2
    return losses[middle] - ((1 - shares[middle]) * losses[0] + shares[middle] * losses[-1])


@barrier.misconception
def chord_reversed(losses):
    """Your chord ends where it should begin. At s = 0, which of the two losses has the whole weight?"""
    shares = np.linspace(0, 1, len(losses))
    return np.max(losses - (shares * losses[0] + (1 - shares) * losses[-1]))


@barrier.misconception
def highest_loss(losses):
    """You return a height above zero. How much of it is a rise above the line between the ends?"""
    return np.max(losses)


@barrier.misconception
def rise_at_the_highest_point(losses):
    """You take the highest point first and the chord afterwards. The largest rise may belong to a lower point."""
    k = np.argmax(losses)
    share = k / (len(losses) - 1)
    return losses[k] - ((1 - share) * losses[0] + share * losses[-1])


@barrier.misconception
def absolute_distance(losses):
    """You count a dip below the chord as a barrier, too. On a convex curve the answer is zero."""
    shares = np.linspace(0, 1, len(losses))
    return np.max(np.abs(losses - ((1 - shares) * losses[0] + shares * losses[-1])))


@barrier.misconception
def chord_too_long(losses):
    """Your chord has not arrived when the path has. How many equal steps lie between the first loss and the last?"""
    shares = np.arange(len(losses)) / len(losses)
    return np.max(losses - ((1 - shares) * losses[0] + shares * losses[-1]))


@barrier.misconception
def position_for_share(losses):
    """You weigh the ends by the number of the point. The shares run from 0 to 1, however many points there are."""
    position = np.arange(len(losses))
    return np.max(losses - ((1 - position) * losses[0] + position * losses[-1]))


@barrier.misconception
def bracket_lost(losses):
    """You subtract one part of the chord and add the other. What should happen to the height of the whole chord?"""
    shares = np.linspace(0, 1, len(losses))
    return np.max(losses - (1 - shares) * losses[0] + shares * losses[-1])


@barrier.misconception
def mean_for_maximum(losses):
    """You average the height above the chord. A narrow, high ridge is a high barrier all the same."""
    shares = np.linspace(0, 1, len(losses))
    return np.mean(losses - ((1 - shares) * losses[0] + shares * losses[-1]))


@barrier.misconception
def mean_of_the_rises(losses):
    """You average what rises above the chord. A narrow, high ridge is a high barrier all the same."""
    shares = np.linspace(0, 1, len(losses))
    return np.mean(np.maximum(losses - ((1 - shares) * losses[0] + shares * losses[-1]), 0))


@barrier.misconception
def largest_fall(losses):
    """You find how far the loss falls below the chord. Which of the two is subtracted from the other?"""
    shares = np.linspace(0, 1, len(losses))
    return np.max((1 - shares) * losses[0] + shares * losses[-1] - losses)


@barrier.misconception
def place_of_the_rise(losses):
    """You say where the rise is largest. Asked is how large it is there."""
    shares = np.linspace(0, 1, len(losses))
    return float(np.argmax(losses - ((1 - shares) * losses[0] + shares * losses[-1])))


@barrier.misconception
def above_the_lower_end(losses):
    """You measure from the lower of the two ends. How high is the line between them where your maximum stands?"""
    return np.max(losses) - min(losses[0], losses[-1])


@barrier.misconception
def above_the_mean_loss(losses):
    """The mean of all losses has the hill in it. Which line, drawn by two points alone, is the height compared with?"""
    return np.max(losses) - np.mean(losses)


# --- rnn_gradient_norms


def _matrix(rng, n, radius):
    """Draw a matrix with the given spectral radius; its eigenvectors are not orthogonal."""
    W = rng.normal(size=(n, n))
    return radius * W / np.abs(np.linalg.eigvals(W)).max()


@exercise(points=3, returns="norms")
def rnn_gradient_norms(W, steps):
    """Oracle: largest singular values, by SciPy, of NumPy's matrix_power."""
    return np.array([scipy.linalg.svdvals(np.linalg.matrix_power(W, t))[0] for t in range(1, steps + 1)])


@rnn_gradient_norms.cases("three radii", weight=2)
def _(rng):
    for n, radius, steps in ((4, 0.9, 8), (5, 1.0, 7), (3, 1.1, 6)):
        yield dict(W=_matrix(rng, n, radius), steps=steps)


@rnn_gradient_norms.cases("edge cases", weight=1)
def _(rng):
    yield dict(W=_matrix(rng, 4, 1.2), steps=1)
    yield dict(W=np.array([[float(rng.uniform(0.5, 0.9))]]), steps=5)
    yield dict(W=np.array([[-float(rng.uniform(1.1, 1.5))]]), steps=4)
    yield dict(W=np.diag(rng.uniform(0.5, 1.5, size=3)), steps=6)
    yield dict(W=np.array([[0.0, 2.0, 1.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]]) * rng.uniform(1, 2), steps=4)
    for scale in (1e-8, 1e8):
        yield dict(W=scale * _matrix(rng, 3, 1.0), steps=2)  # more would leave the range of float32


@rnn_gradient_norms.misconception
def entry_by_entry(W, steps):
    """Your powers are taken of each entry alone. What does applying the matrix twice give?"""
    return np.array([np.linalg.norm(W**t, 2) for t in range(1, steps + 1)])


@rnn_gradient_norms.misconception
def starts_with_the_identity(W, steps):
    """Your first number belongs to W to the power 0. At which power does the list begin?"""
    return np.array([np.linalg.norm(np.linalg.matrix_power(W, t), 2) for t in range(steps)])


@rnn_gradient_norms.misconception
def one_power_ahead(W, steps):
    """Your first number belongs to the square of W. At which power does the list begin?"""
    return np.array([np.linalg.norm(np.linalg.matrix_power(W, t), 2) for t in range(2, steps + 2)])


@rnn_gradient_norms.misconception
def frobenius(W, steps):
    """Without a second argument NumPy's norm of a matrix is not the spectral one. Which is it?"""
    return np.array([np.linalg.norm(np.linalg.matrix_power(W, t)) for t in range(1, steps + 1)])


@rnn_gradient_norms.misconception
def largest_entry(W, steps):
    """You take the largest entry of a power. How far can the whole matrix stretch a vector?"""
    return np.array([np.abs(np.linalg.matrix_power(W, t)).max() for t in range(1, steps + 1)])


@rnn_gradient_norms.misconception
def powers_of_the_radius(W, steps):
    """Those are powers of the spectral radius: the rate for long lags. The norm of the power itself can be larger."""
    radius = np.abs(np.linalg.eigvals(W)).max()
    return radius ** np.arange(1, steps + 1)


@rnn_gradient_norms.misconception
def powers_of_the_norm(W, steps):
    """You raise the norm of W to a power: an upper bound. The matrix has to be multiplied before it is measured."""
    return np.linalg.norm(W, 2) ** np.arange(1, steps + 1)


@rnn_gradient_norms.misconception
def last_one_only(W, steps):
    """You return a single number. One is wanted for each power from the first to the last."""
    return np.linalg.norm(np.linalg.matrix_power(W, steps), 2)


@rnn_gradient_norms.misconception
def times_the_transpose(W, steps):
    """You multiply by the transpose in between. The same W acts at every step, never turned over."""
    power, norms = W, []
    for _ in range(steps):
        norms.append(np.linalg.norm(power, 2))
        power = power @ W.T
    return np.array(norms)


@rnn_gradient_norms.misconception
def repeated_squaring(W, steps):
    """Your powers double: 1, 2, 4, 8. Which two matrices must be multiplied to go from one power to the next?"""
    power, norms = W, []
    for _ in range(steps):
        norms.append(np.linalg.norm(power, 2))
        power = power @ power
    return np.array(norms)


@rnn_gradient_norms.misconception
def squared_before_the_first(W, steps):
    """Your list begins with the square of W, and its powers double. What does one more time step multiply by?"""
    power, norms = W, []
    for _ in range(steps):
        power = power @ power
        norms.append(np.linalg.norm(power, 2))
    return np.array(norms)


# --- count_parameters


@exercise(points=2, returns="count")
def count_parameters(channels, kernel, sizes):
    """Oracle: torch's own layers, built without memory on the meta device."""
    with torch.device("meta"):
        layers = [torch.nn.Conv2d(channels[i - 1], channels[i], kernel) for i in range(1, len(channels))]
        layers += [torch.nn.Linear(sizes[i - 1], sizes[i]) for i in range(1, len(sizes))]
        return sum(parameter.numel() for layer in layers for parameter in layer.parameters())


@count_parameters.cases("convolutions and dense layers", weight=1)
def _(rng):
    for kernel in (3, 5, 2):
        channels, sizes = rng.integers(2, 20, size=4).tolist(), rng.integers(3, 40, size=3).tolist()
        yield dict(channels=channels, kernel=kernel, sizes=sizes)


@count_parameters.cases("one kind of layer, small and large", weight=1)
def _(rng):
    yield dict(channels=rng.integers(2, 30, size=3).tolist(), kernel=4, sizes=[int(rng.integers(2, 9))])
    yield dict(channels=[int(rng.integers(2, 9))], kernel=3, sizes=rng.integers(2, 30, size=4).tolist())
    yield dict(channels=[int(rng.integers(2, 9))], kernel=3, sizes=[int(rng.integers(2, 9))])
    c, d, m, n = rng.integers(2, 30, size=4).tolist()
    yield dict(channels=[c, d, d], kernel=3, sizes=[m, n, n, m])
    yield dict(channels=[1, int(rng.integers(2, 9))], kernel=1, sizes=[int(rng.integers(2, 9)), 1])
    yield dict(channels=[3, *rng.integers(64, 128, size=3).tolist()], kernel=7, sizes=[int(rng.integers(400, 500)), 10])


@count_parameters.misconception
def biases_forgotten(channels, kernel, sizes):
    """You count the weights only. What else does every layer learn for each of its outputs?"""
    count = sum(channels[i] * channels[i - 1] * kernel**2 for i in range(1, len(channels)))
    return count + sum(sizes[i] * sizes[i - 1] for i in range(1, len(sizes)))


@count_parameters.misconception
def kernel_not_squared(channels, kernel, sizes):
    """A kernel is a square. How many weights has one of side 3, for one pair of channels?"""
    count = sum(channels[i] * (channels[i - 1] * kernel + 1) for i in range(1, len(channels)))
    return count + sum(sizes[i] * (sizes[i - 1] + 1) for i in range(1, len(sizes)))


@count_parameters.misconception
def one_kernel_for_all_inputs(channels, kernel, sizes):
    """You give each output channel a single kernel. It looks at every input channel, with a kernel for each."""
    count = sum(channels[i] * (kernel**2 + 1) for i in range(1, len(channels)))
    return count + sum(sizes[i] * (sizes[i - 1] + 1) for i in range(1, len(sizes)))


@count_parameters.misconception
def bias_for_every_kernel(channels, kernel, sizes):
    """You count a bias for each pair of channels. An output channel sums over all its inputs and adds one bias."""
    count = sum(channels[i] * channels[i - 1] * (kernel**2 + 1) for i in range(1, len(channels)))
    return count + sum(sizes[i] * (sizes[i - 1] + 1) for i in range(1, len(sizes)))


@count_parameters.misconception
def bias_for_every_input(channels, kernel, sizes):
    """Your biases are counted by inputs. A layer has one for each of its outputs."""
    count = sum(channels[i - 1] * (channels[i] * kernel**2 + 1) for i in range(1, len(channels)))
    return count + sum(sizes[i - 1] * (sizes[i] + 1) for i in range(1, len(sizes)))


@count_parameters.misconception
def convolutions_only(channels, kernel, sizes):
    """Your count does not change with `sizes`. What do the dense layers learn?"""
    return sum(channels[i] * (channels[i - 1] * kernel**2 + 1) for i in range(1, len(channels)))


@count_parameters.misconception
def dense_only(channels, kernel, sizes):
    """Your count does not change with `channels`. What do the convolutions learn?"""
    return sum(sizes[i] * (sizes[i - 1] + 1) for i in range(1, len(sizes)))


@count_parameters.misconception
def layer_between_the_stacks(channels, kernel, sizes):
    """You count a layer from the last channels to the first dense size. Between the two only pictures are flattened,
    and nothing is learned.
    """
    count = sum(channels[i] * (channels[i - 1] * kernel**2 + 1) for i in range(1, len(channels)))
    dense = [channels[-1], *sizes]
    return count + sum(dense[i] * (dense[i - 1] + 1) for i in range(1, len(dense)))


def _counted(channels, kernel, sizes, convolution, dense):
    """Add up what each layer has, given functions of its inputs and outputs, and of the kernel."""
    count = sum(convolution(channels[i - 1], channels[i], kernel) for i in range(1, len(channels)))
    return count + sum(dense(sizes[i - 1], sizes[i]) for i in range(1, len(sizes)))


def _convolution(c, d, kernel):
    return d * (c * kernel**2 + 1)


def _dense(m, n):
    return n * (m + 1)


@count_parameters.misconception
def convolutions_without_biases(channels, kernel, sizes):
    """Your dense layers are right. What does a convolution learn beside its kernels?"""
    return _counted(channels, kernel, sizes, lambda c, d, k: c * d * k**2, _dense)


@count_parameters.misconception
def dense_layers_without_biases(channels, kernel, sizes):
    """Your convolutions are right. What does a dense layer learn beside its weights?"""
    return _counted(channels, kernel, sizes, _convolution, lambda m, n: m * n)


@count_parameters.misconception
def bias_for_every_place_of_a_kernel(channels, kernel, sizes):
    """Your biases grow with the kernel. A larger kernel has more weights; how many biases has an output channel?"""
    return _counted(channels, kernel, sizes, lambda c, d, k: (c + 1) * d * k**2, _dense)


@count_parameters.misconception
def one_bias_for_a_layer(channels, kernel, sizes):
    """You give a whole layer a single bias. Who in a layer has one of its own?"""
    return _counted(channels, kernel, sizes, lambda c, d, k: c * d * k**2 + 1, lambda m, n: m * n + 1)


@count_parameters.misconception
def biases_for_both_ends(channels, kernel, sizes):
    """You count biases for what enters a layer, too. Who adds a bias: those that send, or those that receive?"""
    return _counted(channels, kernel, sizes, lambda c, d, k: c * d * k**2 + c + d, lambda m, n: m * n + m + n)


@count_parameters.misconception
def biases_for_the_input_too(channels, kernel, sizes):
    """Every entry of your lists has biases, the first ones as well. Does the input of a network learn anything?"""
    return _counted(channels, kernel, sizes, _convolution, _dense) + channels[0] + sizes[0]


@count_parameters.misconception
def kernel_in_the_dense_layers(channels, kernel, sizes):
    """Your convolutions are right. Is there a kernel in a dense layer, or just one weight for each pair of units?"""
    return _counted(channels, kernel, sizes, _convolution, lambda m, n: n * (m * kernel**2 + 1))


@count_parameters.misconception
def kernel_of_three(channels, kernel, sizes):
    """Your number does not change with `kernel`. Not all kernels are 3 by 3."""
    return _counted(channels, 3, sizes, _convolution, _dense)


@count_parameters.misconception
def side_and_no_biases(channels, kernel, sizes):
    """Two things are missing: how many weights has a kernel of side 3, and what does each output add to its sum?"""
    return _counted(channels, kernel, sizes, lambda c, d, k: c * d * k, lambda m, n: m * n)


@count_parameters.misconception
def side_and_no_dense_biases(channels, kernel, sizes):
    """Two things are missing: how many weights has a kernel of side 3, and what do dense layers learn besides?"""
    return _counted(channels, kernel, sizes, lambda c, d, k: d * (c * k + 1), lambda m, n: m * n)


@count_parameters.misconception
def last_layers_left_out(channels, kernel, sizes):
    """The last layer of each stack is missing. Of three numbers in a row, how many pairs of neighbours are there?"""
    return _counted(channels[:-1], kernel, sizes[:-1], _convolution, _dense)


@count_parameters.misconception
def first_layers_left_out(channels, kernel, sizes):
    """The first layer of each stack is missing. Of three numbers in a row, how many pairs of neighbours are there?"""
    return _counted(channels[1:], kernel, sizes[1:], _convolution, _dense)


@count_parameters.misconception
def wraps_around(channels, kernel, sizes):
    """You count a layer from the last entry of a list back to the first. Which entry has the index -1?"""
    return _counted([channels[-1], *channels], kernel, [sizes[-1], *sizes], _convolution, _dense)


@count_parameters.misconception
def every_second_layer(channels, kernel, sizes):
    """Your pairs take turns and leave layers out between them. What leaves one layer enters the next one, too."""
    count = sum(_convolution(channels[i - 1], channels[i], kernel) for i in range(1, len(channels), 2))
    return count + sum(_dense(sizes[i - 1], sizes[i]) for i in range(1, len(sizes), 2))


@count_parameters.misconception
def every_pair(channels, kernel, sizes):
    """You join every entry with all later ones. Which of them follow directly upon one another?"""
    count = sum(_convolution(c, d, kernel) for i, d in enumerate(channels) for c in channels[:i])
    return count + sum(_dense(m, n) for i, n in enumerate(sizes) for m in sizes[:i])


# --- filter_normalize


def _pair(rng, shapes, scale=1.0, spread=True):
    """Draw a direction and weights; the rows of the weights are of very different lengths."""
    direction = [rng.normal(size=shape) for shape in shapes]
    weights = [scale * rng.normal(size=shape) for shape in shapes]
    for part in weights:
        if spread and part.ndim == 2:
            part *= rng.uniform(0.1, 4, size=(len(part), 1))
    return dict(direction=direction, weights=weights)


@exercise(points=4, returns=("shapes", "entries"), view="arrays")
def filter_normalize(direction, weights):
    """Oracle: torch's normalize and its vector norms, row by row."""
    normalized = []
    for d, w in zip(map(torch.tensor, direction), map(torch.tensor, weights), strict=True):
        lengths = torch.linalg.vector_norm(w, dim=-1, keepdim=True)
        normalized.append(torch.nn.functional.normalize(d, dim=-1, eps=0.0) * lengths if d.ndim == 2 else 0 * d)
    return [part.numpy() for part in normalized]


@filter_normalize.cases("networks with biases", weight=2)
def _(rng):
    yield _pair(rng, [(4, 3), (4,), (2, 4), (2,)])
    yield _pair(rng, [(5, 5), (5,), (5, 5), (5,)])
    yield _pair(rng, [(6, 2), (6,), (3, 6), (3,), (1, 3), (1,)])


@filter_normalize.cases("edge cases", weight=2)
def _(rng):
    yield _pair(rng, [(3, 4)])
    yield _pair(rng, [(4, 1), (1, 4)])
    yield _pair(rng, [(3,), (3, 5)])
    for scale in (1e-8, 1e8):
        yield _pair(rng, [(3, 4), (3,)], scale)
    case = _pair(rng, [(3, 4), (3,), (2, 3)])
    case["weights"][0][1] = 0.0
    yield case
    case = _pair(rng, [(4, 3), (4,)])
    case["direction"][0] *= 1e6
    yield case


@filter_normalize.misconception
def layer_by_layer(direction, weights):
    """You scale a matrix as a whole. Two units of one layer can have weights of very different lengths."""
    return [
        d * np.linalg.norm(w) / np.linalg.norm(d) if d.ndim == 2 else np.zeros_like(d)
        for d, w in zip(direction, weights, strict=True)
    ]


@filter_normalize.misconception
def parameter_by_parameter(direction, weights):
    """You treat every array alike, as a whole. Two units of one layer can have weights of very different lengths, and
    biases do not move.
    """
    return [d * np.linalg.norm(w) / np.linalg.norm(d) for d, w in zip(direction, weights, strict=True)]


@filter_normalize.misconception
def column_by_column(direction, weights):
    """A column holds what *leaves* an input. A filter is all that enters one unit: along which axis does it lie?"""
    return [
        d * np.linalg.norm(w, axis=0) / np.linalg.norm(d, axis=0) if d.ndim == 2 else np.zeros_like(d)
        for d, w in zip(direction, weights, strict=True)
    ]


@filter_normalize.misconception
def entry_by_entry(direction, weights):
    """You give every entry the size of its weight, so only its sign is left to chance. It is the row that counts."""
    return [
        d * np.abs(w) / np.abs(d) if d.ndim == 2 else np.zeros_like(d) for d, w in zip(direction, weights, strict=True)
    ]


@filter_normalize.misconception
def biases_kept(direction, weights):
    """Your matrices are right. What does the text say about the directions of the biases?"""
    return [
        d * np.linalg.norm(w, axis=1, keepdims=True) / np.linalg.norm(d, axis=1, keepdims=True)
        if d.ndim == 2
        else d.copy()
        for d, w in zip(direction, weights, strict=True)
    ]


@filter_normalize.misconception
def biases_normalized(direction, weights):
    """You scale the biases to their own length. Here they do not move at all."""
    return [
        d * np.linalg.norm(w, axis=-1, keepdims=True) / np.linalg.norm(d, axis=-1, keepdims=True)
        for d, w in zip(direction, weights, strict=True)
    ]


@filter_normalize.misconception
def biases_dropped(direction, weights):
    """Your list is shorter than the one you were given. A direction needs a place for each parameter."""
    return [
        d * np.linalg.norm(w, axis=1, keepdims=True) / np.linalg.norm(d, axis=1, keepdims=True)
        for d, w in zip(direction, weights, strict=True)
        if d.ndim == 2
    ]


@filter_normalize.misconception
def unit_rows(direction, weights):
    """Each of your rows has length 1. How long is the row of the weights that it belongs to?"""
    return [
        d / np.linalg.norm(d, axis=1, keepdims=True) if d.ndim == 2 else np.zeros_like(d)
        for d, w in zip(direction, weights, strict=True)
    ]


@filter_normalize.misconception
def own_length_kept(direction, weights):
    """Make the direction ten times as long and your answer grows, too. Its length should not matter any more."""
    return [
        d * np.linalg.norm(w, axis=1, keepdims=True) if d.ndim == 2 else np.zeros_like(d)
        for d, w in zip(direction, weights, strict=True)
    ]


@filter_normalize.misconception
def squared_lengths(direction, weights):
    """You rescale by a ratio of squared lengths. How long are your rows, and how long should they be?"""
    return [
        d * np.sum(w**2, axis=1, keepdims=True) / np.sum(d**2, axis=1, keepdims=True)
        if d.ndim == 2
        else np.zeros_like(d)
        for d, w in zip(direction, weights, strict=True)
    ]


@filter_normalize.misconception
def ratio_upside_down(direction, weights):
    """Where the weights are long, your direction is short. Which length belongs in the denominator?"""
    with np.errstate(divide="ignore"):
        return [
            d * np.linalg.norm(d, axis=1, keepdims=True) / np.linalg.norm(w, axis=1, keepdims=True)
            if d.ndim == 2
            else np.zeros_like(d)
            for d, w in zip(direction, weights, strict=True)
        ]


# --- concave_share

STENCILS = {
    "a": [[0, 1, 0], [0, -2, 0], [0, 1, 0]],
    "b": [[0.25, 0, -0.25], [0, 0, 0], [-0.25, 0, 0.25]],
    "c": [[0, 0, 0], [1, -2, 1], [0, 0, 0]],
}


def _hessians(losses):
    """Return the Hessian of the slice at every inner point, shape (k - 2, m - 2, 2, 2)."""
    losses = np.asarray(losses, dtype=float)
    a, b, c = (scipy.ndimage.correlate(losses, np.array(s))[1:-1, 1:-1] for s in STENCILS.values())
    return np.stack([np.stack([a, b], -1), np.stack([b, c], -1)], -2)


@exercise(points=4, returns="share")
def concave_share(losses):
    """Oracle: SciPy's correlation with the three stencils, then NumPy's eigenvalues of symmetric matrices."""
    return float((np.linalg.eigvalsh(_hessians(losses))[..., 0] < 0).mean())


def _clear(surface):
    """Say whether every eigenvalue, trace and determinant is well away from zero, so that rounding decides nothing."""
    values = np.linalg.eigvalsh(_hessians(surface))
    return np.abs(values).min() > 1e-4 * np.abs(values).max() and np.abs(values).min() > 1e-4 * np.abs(surface).max()


def _draw(make):
    """Call `make` until its surface is clear."""
    while not _clear(surface := make()):
        pass
    return surface


def _quadratic(a, b, c, shape=(6, 7)):
    """Return ½ (a u² + 2 b u v + c v²) on an integer grid, not centred."""
    u, v = np.meshgrid(np.arange(shape[0]) - 1.3, np.arange(shape[1]) - 2.6, indexing="ij")
    return 0.5 * (a * u * u + 2 * b * u * v + c * v * v)


def _plane(slopes, shape):
    """Return a tilted plane; it bends no surface to which it is added."""
    return np.add.outer(slopes[0] * np.arange(shape[0]), slopes[1] * np.arange(shape[1]))


@concave_share.cases("bowls, domes, saddles", weight=1)
def _(rng):
    a, c = rng.uniform(1, 3, size=2)
    surfaces = [
        _quadratic(a, 0.3, c),
        _quadratic(-a, 0.2, -c, (4, 5)),
        _quadratic(a, 0.1, -c, (5, 4)),
        _quadratic(a, np.sqrt(a * c) + rng.uniform(0.3, 0.6), c),  # like uv: convex along both axes, and yet a saddle
        _quadratic(a, np.sqrt(a * c) - rng.uniform(0.2, 0.4), c, (3, 8)),
        # nearly degenerate: a per cent too much in any term turns a bowl into a saddle, or back
        *(_quadratic(5 * a, share * np.sqrt(5) * a, a, (5, 6)) for share in (0.996, 1.004)),
        *(_quadratic(c, -share * np.sqrt(5) * c, 5 * c, (6, 4)) for share in (0.996, 1.004)),
    ]
    rng.shuffle(surfaces)  # the answers are 0 and 1, and should not be known by their places
    yield from (dict(losses=surface + _plane(5 * rng.normal(size=2), surface.shape)) for surface in surfaces)


@concave_share.cases("rough surfaces", weight=2)
def _(rng):
    for shape in ((7, 9), (12, 5), (10, 10)):
        yield dict(losses=_draw(lambda shape=shape: rng.normal(size=shape) + 0.5 * _quadratic(1.5, 0.4, 1.0, shape)))
    bumps = rng.uniform(0.5, 0.9, size=3)

    def egg_box():
        u, v = np.meshgrid(np.arange(11), np.arange(9), indexing="ij")
        phase = rng.uniform(0, 6, size=3)
        return (
            np.sin(bumps[0] * u + phase[0])
            + np.sin(bumps[1] * v + phase[1])
            + 0.8 * np.sin(bumps[2] * (u + v) + phase[2])
        )

    yield dict(losses=_draw(egg_box))


@concave_share.cases("small, large and other scales", weight=1)
def _(rng):
    yield dict(losses=_draw(lambda: rng.normal(size=(3, 3))))
    yield dict(losses=_draw(lambda: rng.normal(size=(3, 6))))
    for scale in (1e-8, 1e8):
        yield dict(
            losses=_draw(lambda scale=scale: scale * (rng.normal(size=(8, 6)) + _quadratic(0.9, 0.2, 0.9, (8, 6))))
        )
    # flat, or flat along one axis; of whole numbers, because rounding would decide otherwise
    slopes = rng.choice([-3, -2, -1, 1, 2, 3], size=2)
    yield dict(losses=_plane(slopes, (5, 6)))
    yield dict(losses=_plane(slopes, (6, 5)) + np.arange(5) ** 2)


def _parts(losses):
    hessians = _hessians(losses)
    return hessians[..., 0, 0], hessians[..., 0, 1], hessians[..., 1, 1]


@concave_share.misconception
def flat_counts_too(losses):
    """You count the points where the smaller eigenvalue is zero, too. A plane does not curve downwards anywhere: 0 is
    no negative number.
    """
    return np.mean(np.linalg.eigvalsh(_hessians(losses))[..., 0] <= 0)


@concave_share.misconception
def along_the_axes_only(losses):
    """You look along the two axes. The surface uv is flat along both, and yet a saddle: where does b come in?"""
    a, _, c = _parts(losses)
    return np.mean((a < 0) | (c < 0))


@concave_share.misconception
def determinant_only(losses):
    """On top of a dome the determinant is positive, because two negative numbers are multiplied. Is a dome convex?"""
    a, b, c = _parts(losses)
    return np.mean(a * c - b**2 < 0)


@concave_share.misconception
def trace_only(losses):
    """You look at the sum of the eigenvalues. A saddle can have a positive sum; is it convex?"""
    a, _, c = _parts(losses)
    return np.mean(a + c < 0)


@concave_share.misconception
def both_negative(losses):
    """You count only the points where the surface curves downwards in *every* direction. One is enough."""
    return np.mean(np.linalg.eigvalsh(_hessians(losses))[..., 1] < 0)


@concave_share.misconception
def convex_share(losses):
    """For a bowl you return 1. Which share was asked for: of convex points, or of the others?"""
    return np.mean(np.linalg.eigvalsh(_hessians(losses))[..., 0] >= 0)


@concave_share.misconception
def share_of_the_whole_grid(losses):
    """Your count is right, but you divide by all points of the grid. At how many of them could you look?"""
    return np.sum(np.linalg.eigvalsh(_hessians(losses))[..., 0] < 0) / losses.size


@concave_share.misconception
def count_for_share(losses):
    """You return how many points there are. Asked is their share."""
    return np.sum(np.linalg.eigvalsh(_hessians(losses))[..., 0] < 0)


@concave_share.misconception
def mixed_term_four_times(losses):
    """Your mixed term b is four times too large. The four corners are two steps apart in both directions."""
    a, b, c = _parts(losses)
    return np.mean((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + (4 * b) ** 2) < 0)


@concave_share.misconception
def half_difference_not_squared_as_a_whole(losses):
    """You square the 2 before you divide by it, and not the difference. It is the half difference that is squared."""
    a, b, c = _parts(losses)
    with np.errstate(invalid="ignore"):
        return np.mean((a + c) / 2 - np.sqrt((a - c) / 4 + b**2) < 0)


@concave_share.misconception
def half_difference_missing(losses):
    """Under your root a - c is not halved. Try b = 0: the smaller eigenvalue must be the smaller of a and c."""
    a, b, c = _parts(losses)
    return np.mean((a + c) / 2 - np.sqrt((a - c) ** 2 + b**2) < 0)


@concave_share.misconception
def mixed_term_not_squared(losses):
    """Under your root stands b, not its square; the two have different units, and a negative b breaks the root."""
    a, b, c = _parts(losses)
    with np.errstate(invalid="ignore"):
        return np.mean((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b) < 0)


@concave_share.misconception
def root_forgotten(losses):
    """What you subtract has the unit of a squared curvature. What stands around it in the formula?"""
    a, b, c = _parts(losses)
    return np.mean((a + c) / 2 - ((a - c) / 2) ** 2 - b**2 < 0)


@concave_share.misconception
def sum_not_halved(losses):
    """With a = c and b = 0 both eigenvalues are a. What is yours? Look at the first term."""
    a, b, c = _parts(losses)
    return np.mean(a + c - np.sqrt(((a - c) / 2) ** 2 + b**2) < 0)


@concave_share.misconception
def sum_under_the_root(losses):
    """Under your root stands the sum of a and c. With b = 0, which of the two eigenvalues would that give?"""
    a, b, c = _parts(losses)
    return np.mean((a + c) / 2 - np.sqrt(((a + c) / 2) ** 2 + b**2) < 0)


@concave_share.misconception
def centre_once(losses):
    """A plane bends nowhere. What does your second difference give for it? How often does the middle point count?"""
    a, b, c = _parts(losses)
    inner = np.asarray(losses, dtype=float)[1:-1, 1:-1]
    a, c = a + inner, c + inner
    return np.mean((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2) < 0)


@concave_share.misconception
def wraps_round(losses):
    """At the border you take the neighbours from the opposite side. Which points have neighbours all around?"""
    losses = np.asarray(losses, dtype=float)
    return np.mean(np.linalg.eigvalsh(_hessians(np.pad(losses, 1, mode="wrap")))[..., 0] < 0)


@concave_share.misconception
def gradient_twice(losses):
    """np.gradient, applied twice, takes points four apart and guesses at the border. The formula takes neighbours, at
    inner points only.
    """
    first, second = np.gradient(np.asarray(losses, dtype=float))
    hessians = np.stack([np.stack(np.gradient(first), -1), np.stack(np.gradient(second), -1)], -2)
    return np.mean(np.linalg.eigvalsh((hessians + np.swapaxes(hessians, -1, -2)) / 2)[..., 0] < 0)
