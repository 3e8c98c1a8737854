"""Exercises on where the weights start (Goodfellow et al., 2016, section 8.4).

Weights W of a layer have shape (fan_in, fan_out): a layer takes rows x and gives x @ W + bias.
"""

from itertools import pairwise

import numpy as np
import scipy.integrate
import scipy.stats
import torch

from grading.exercise import exercise
from utils.check.plain import Reference, Seed


def _activation(name, part="", **scales):
    return Reference("utils.deep.activation", part, dict(name=name, **scales))


def _seed(rng):
    return Seed(int(rng.integers(1_000_000)))


# --- signal_stds


@exercise(points=5, returns=("forward", "backward"))
def signal_stds(x, weights, activation, slope, top):
    """Oracle: torch's autograd through torch's own matrix products."""
    h = torch.tensor(np.asarray(x, dtype=float), requires_grad=True)
    inputs, forward = [], []
    for matrix in weights:
        inputs.append(h)
        h = activation.function(h @ torch.tensor(np.asarray(matrix, dtype=float)))
        forward.append(float(h.detach().std(correction=0)))
    grads = torch.autograd.grad(h, inputs, torch.tensor(np.asarray(top, dtype=float)))
    return np.array(forward), np.array([float(grad.std(correction=0)) for grad in grads])


def _net(rng, name, sizes, n, scale=1.0, size=1.0):
    """A case: examples, a network without biases, and the gradient that comes down from above.

    scale : of the weights, in 1/√fan_in.  size : of the examples and of the gradient
    """
    weights = [scale * rng.normal(size=fans) / np.sqrt(fans[0]) for fans in pairwise(sizes)]
    return dict(
        x=size * (rng.normal(size=(n, sizes[0])) + 0.3),
        weights=weights,
        activation=_activation(name),
        slope=_activation(name, "slope"),
        top=size * (rng.normal(size=(n, sizes[-1])) + 0.2),
    )


@signal_stds.cases("one layer", weight=1)
def _(rng):
    for name, sizes in (("tanh", (4, 3)), ("ReLU", (3, 6)), ("sigmoid", (5, 5))):
        yield _net(rng, name, sizes, n=int(rng.integers(6, 12)))


@signal_stds.cases("several layers", weight=2)
def _(rng):
    for name, sizes in (
        ("tanh", (4, 6, 5, 3)),
        ("ReLU", (5, 8, 7, 9, 4)),
        ("GELU", (6, 6, 6, 6)),
        ("linear", (3, 2, 4)),
    ):
        yield _net(rng, name, sizes, n=int(rng.integers(6, 12)), scale=1.4)


@signal_stds.cases("edge cases", weight=1)
def _(rng):
    for size in (1e-8, 1e8):
        yield _net(rng, "ReLU", (4, 7, 5, 6), n=7, size=size)
    yield _net(rng, "tanh", (6, 8, 8, 8, 5), n=5, scale=6.0)
    yield _net(rng, "tanh", (6, 8, 8, 5), n=5, scale=1e-3)
    nothing = _net(rng, "tanh", (4, 5, 3, 3), n=6)
    nothing["weights"][1] *= 0.0
    yield nothing
    yield _net(rng, "softplus", (3, 5, 4), n=1)


def _through(x, weights, activation, slope, top, **how):
    """Both lists with a slip switched on.

    how : functions that replace a part: of(array) the statistic, inner(matrix) of the way back, at(z, h) the slope
    """
    of = how.get("of", lambda array: float(np.std(array)))
    inner, at = how.get("inner", lambda matrix: matrix.T), how.get("at", lambda z, h: slope(z))
    h, seen, forward, backward = np.asarray(x), [], [], []
    for matrix in weights:
        z = h @ matrix
        h = activation(z)
        seen.append((z, h))
        forward.append(of(z if how.get("before") else h))
    grad = np.asarray(top)
    for matrix, (z, h) in zip(reversed(weights), reversed(seen), strict=True):
        grad = grad * at(z, h)
        backward.append(of(grad) if how.get("inside") else None)
        grad = grad @ inner(matrix)
        backward[-1] = of(grad) if backward[-1] is None else backward[-1]
    return np.array(forward), np.array(backward[::-1])


@signal_stds.misconception
def gradients_from_the_top_down(x, weights, activation, slope, top):
    """Your gradients are right and in the wrong order: you meet the last layer first, but it belongs at the end of
    the list.
    """
    forward, backward = _through(x, weights, activation, slope, top)
    return forward, backward[::-1]


@signal_stds.misconception
def slope_of_the_activity(x, weights, activation, slope, top):
    """You ask for the slope at h. At which number was the activation function evaluated on the way up?"""
    return _through(x, weights, activation, slope, top, at=lambda z, h: slope(h))


@signal_stds.misconception
def slope_forgotten(x, weights, activation, slope, top):
    """On its way down the gradient meets every matrix, and what else? Try a unit whose ReLU is off."""
    return _through(x, weights, activation, slope, top, at=lambda z, h: 1.0)


@signal_stds.misconception
def activation_on_the_way_down(x, weights, activation, slope, top):
    """On the way down you multiply by the activation itself. By which factor does a small change of z reach h?"""
    return _through(x, weights, activation, slope, top, at=lambda z, h: h)


@signal_stds.misconception
def slope_at_the_top_forgotten(x, weights, activation, slope, top):
    """The gradient that you get belongs to the last h. Which slope does it meet first?"""
    zs = []

    def at(z, h):
        zs.append(z)
        return slope(z) if len(zs) > 1 else 1.0

    return _through(x, weights, activation, slope, top, at=at)


@signal_stds.misconception
def measured_behind_the_next_slope(x, weights, activation, slope, top):
    """All but your first number are gradients at the z of the layer below. Measure before the next slope."""
    forward, backward = _through(x, weights, activation, slope, top)
    _, inside = _through(x, weights, activation, slope, top, inside=True)
    return forward, np.array([backward[0], *inside[:-1]])


@signal_stds.misconception
def bends_before_the_matrix(x, weights, activation, slope, top):
    """You bend h and then multiply. In which order does a layer do it?"""
    h, seen, forward, backward = np.asarray(x), [], [], []
    for matrix in weights:
        seen.append(h)
        h = activation(h) @ matrix
        forward.append(np.std(h))
    grad = np.asarray(top)
    for matrix, h in zip(reversed(weights), reversed(seen), strict=True):
        grad = grad @ matrix.T * slope(h)
        backward.append(np.std(grad))
    return np.array(forward), np.array(backward[::-1])


@signal_stds.misconception
def stops_before_the_matrix(x, weights, activation, slope, top):
    """Your gradients are those with respect to z. One product further down is the layer's input."""
    return _through(x, weights, activation, slope, top, inside=True)


@signal_stds.misconception
def before_the_activation(x, weights, activation, slope, top):
    """Your forward numbers are those of z = h W. The activities are what comes out of the activation function."""
    return _through(x, weights, activation, slope, top, before=True)


@signal_stds.misconception
def variances(x, weights, activation, slope, top):
    """Your numbers are squares: variances. Which unit should they have?"""
    return _through(x, weights, activation, slope, top, of=lambda array: float(np.var(array)))


@signal_stds.misconception
def root_mean_squares(x, weights, activation, slope, top):
    """You forget to subtract the mean. Behind a ReLU it is far from 0."""
    return _through(x, weights, activation, slope, top, of=lambda array: float(np.sqrt(np.mean(array**2))))


@signal_stds.misconception
def over_the_examples_only(x, weights, activation, slope, top):
    """You take a deviation for each unit and average these. Here all numbers of a layer, of all examples and all units,
    are one heap.
    """
    return _through(x, weights, activation, slope, top, of=lambda array: float(np.mean(np.std(array, axis=0))))


@signal_stds.misconception
def divided_by_one_less(x, weights, activation, slope, top):
    """You divide by the count less one (ddof=1, or torch's default). np.std divides by the count."""
    return _through(
        x, weights, activation, slope, top, of=lambda array: float(np.std(array, ddof=1)) if array.size > 1 else 0.0
    )


@signal_stds.misconception
def starts_with_the_input(x, weights, activation, slope, top):
    """Your forward list begins with x and lacks the last layer. The first entry is what the first layer makes."""
    forward, backward = _through(x, weights, activation, slope, top)
    return np.array([np.std(x), *forward[:-1]]), backward


@signal_stds.misconception
def gradients_shifted_by_one(x, weights, activation, slope, top):
    """Your gradients include the one that you were given, and lack that of the input x. How far down does it go?"""
    forward, backward = _through(x, weights, activation, slope, top)
    return forward, np.array([*backward[1:], np.std(top)])


@signal_stds.misconception
def activated_input(x, weights, activation, slope, top):
    """You put the input itself through the activation function. The first thing that happens to x is a matrix."""
    return _through(activation(np.asarray(x)), weights, activation, slope, top)


# --- xavier_uniform


@exercise(
    points=4,
    returns=("shape", "mean_over_deviation", "standard_deviation", "kurtosis"),
    rtol=0.01,
    driver="utils.drivers.starts.drawn_weights",
)
def xavier_uniform(fan_in, fan_out, rng):
    """Oracle: torch.nn.init.xavier_uniform_, seeded from rng. torch's weights are (fan_out, fan_in)."""
    return _torch_drawn(torch.nn.init.xavier_uniform_, fan_in, fan_out, rng)


def _torch_drawn(fill, fan_in, fan_out, rng, **settings):
    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    weights = torch.empty(fan_out, fan_in, dtype=torch.float64)
    return fill(weights, generator=generator, **settings).numpy().T


def _fans(rng, small, large):
    """Two layers whose sides multiply to almost 100,000, so that statistics are known to some parts in a thousand."""
    (a, c), (b, d) = rng.integers(*small, size=2), rng.integers(*large, size=2)
    return (int(a), int(b)), (int(d), int(c))


@xavier_uniform.cases("wide to narrow and back", weight=2)
def _(rng):
    for fan_in, fan_out in _fans(rng, (50, 60), (1100, 1400)):
        yield dict(fan_in=fan_in, fan_out=fan_out, rng=_seed(rng))


@xavier_uniform.cases("nearly square", weight=1)
def _(rng):
    for fan_in, fan_out in _fans(rng, (200, 240), (300, 350)):
        yield dict(fan_in=fan_in, fan_out=fan_out, rng=_seed(rng))


@xavier_uniform.cases("few units", weight=1)
def _(rng):
    for fan_in, fan_out in _fans(rng, (40, 45), (1800, 2000)):
        yield dict(fan_in=fan_in, fan_out=fan_out, rng=_seed(rng))


def _uniform(fan_in, fan_out, rng, bound):
    return rng.uniform(-bound, bound, size=(fan_in, fan_out))


@xavier_uniform.misconception
def deviation_as_bound(fan_in, fan_out, rng):
    """You draw up to the standard deviation. A uniform draw from -a to a deviates by less than a: by how much?"""
    return _uniform(fan_in, fan_out, rng, np.sqrt(2 / (fan_in + fan_out)))


@xavier_uniform.misconception
def variance_as_bound(fan_in, fan_out, rng):
    """You draw up to the variance, which has another unit than the weights. What is the variance of a uniform draw from
    -a to a?
    """
    return _uniform(fan_in, fan_out, rng, 2 / (fan_in + fan_out))


@xavier_uniform.misconception
def width_as_bound(fan_in, fan_out, rng):
    """Your weights deviate twice as much as they should. (b - a)²/12 has the whole width of the interval; how wide is
    it from -a to a?
    """
    return _uniform(fan_in, fan_out, rng, np.sqrt(12 * 2 / (fan_in + fan_out)))


@xavier_uniform.misconception
def half_the_bound(fan_in, fan_out, rng):
    """Your weights deviate half as much as they should. How wide is the interval from -a to a?"""
    return _uniform(fan_in, fan_out, rng, np.sqrt(1.5 / (fan_in + fan_out)))


@xavier_uniform.misconception
def root_of_the_fans(fan_in, fan_out, rng):
    """Your variance is 2 over a root. In a sum of fan_in terms variances add; where would a root come from?"""
    return _uniform(fan_in, fan_out, rng, np.sqrt(3 * 2 / np.sqrt(fan_in + fan_out)))


@xavier_uniform.misconception
def root_of_the_mean_fan(fan_in, fan_out, rng):
    """Your variance is 1 over the *root* of the mean fan, an often printed slip. In a sum of terms variances add; where
    would a root come from?
    """
    return _uniform(fan_in, fan_out, rng, np.sqrt(3 / np.sqrt((fan_in + fan_out) / 2)))


@xavier_uniform.misconception
def root_forgotten(fan_in, fan_out, rng):
    """Your bound is a squared, not a."""
    return _uniform(fan_in, fan_out, rng, 6 / (fan_in + fan_out))


@xavier_uniform.misconception
def brackets_forgotten(fan_in, fan_out, rng):
    """Python divides from left to right, before it adds: what is below your line?"""
    return _uniform(fan_in, fan_out, rng, np.sqrt(6 / fan_in + fan_out))


@xavier_uniform.misconception
def fan_in_alone(fan_in, fan_out, rng):
    """Your variance is 1/fan_in, which looks after the way up only. Which fan counts on the way down?"""
    return _uniform(fan_in, fan_out, rng, np.sqrt(3 / fan_in))


@xavier_uniform.misconception
def fan_out_alone(fan_in, fan_out, rng):
    """Your variance is 1/fan_out, which looks after the way down only. Which fan counts on the way up?"""
    return _uniform(fan_in, fan_out, rng, np.sqrt(3 / fan_out))


@xavier_uniform.misconception
def sum_for_mean(fan_in, fan_out, rng):
    """With fan_in = fan_out = n your variance is 1/(2n). One over the *mean* of the two would be 1/n."""
    return _uniform(fan_in, fan_out, rng, np.sqrt(3 / (fan_in + fan_out)))


@xavier_uniform.misconception
def two_over_fan_in(fan_in, fan_out, rng):
    """Your variance is 2/fan_in: that is He's, for the next exercise. Which two numbers does Glorot average?"""
    return _uniform(fan_in, fan_out, rng, np.sqrt(6 / fan_in))


@xavier_uniform.misconception
def normal_draws(fan_in, fan_out, rng):
    """The deviation is right, but some of your weights lie far outside the interval: these are normal draws."""
    return rng.normal(0, np.sqrt(2 / (fan_in + fan_out)), size=(fan_in, fan_out))


@xavier_uniform.misconception
def never_negative(fan_in, fan_out, rng):
    """None of your weights is negative. Where does the interval begin?"""
    return rng.uniform(0, np.sqrt(6 / (fan_in + fan_out)), size=(fan_in, fan_out))


@xavier_uniform.misconception
def transposed(fan_in, fan_out, rng):
    """Your matrix has a row for each output, as in torch. Here a layer computes x @ W: how many rows must W have?"""
    return _uniform(fan_in, fan_out, rng, np.sqrt(6 / (fan_in + fan_out))).T


@xavier_uniform.misconception
def generator_of_its_own(fan_in, fan_out, rng):
    """Two layers of one shape get the same weights from you, whatever the caller's seed. Draw from the `rng` that you
    are given.
    """
    return _uniform(fan_in, fan_out, np.random.default_rng(0), np.sqrt(6 / (fan_in + fan_out)))


# --- he_normal


@exercise(
    points=4,
    returns=("shape", "mean_over_deviation", "standard_deviation", "kurtosis"),
    rtol=0.02,
    driver="utils.drivers.starts.drawn_weights_before",
)
def he_normal(fan_in, fan_out, slope, rng):
    """Oracle: torch.nn.init.kaiming_normal_, seeded from rng."""
    return _torch_drawn(torch.nn.init.kaiming_normal_, fan_in, fan_out, rng, a=slope)


@he_normal.cases("ReLU", weight=1)
def _(rng):
    for fan_in, fan_out in _fans(rng, (50, 60), (1100, 1400)):
        yield dict(fan_in=fan_in, fan_out=fan_out, slope=0.0, rng=_seed(rng))


@he_normal.cases("leaky", weight=1)
def _(rng):
    for (fan_in, fan_out), slope in zip(_fans(rng, (130, 150), (500, 600)), (0.4, 0.7), strict=True):
        yield dict(fan_in=fan_in, fan_out=fan_out, slope=slope * float(rng.uniform(0.8, 1.2)), rng=_seed(rng))


@he_normal.cases("linear and steep", weight=1)
def _(rng):
    wide, narrow = _fans(rng, (40, 45), (1800, 2000))
    yield dict(fan_in=wide[0], fan_out=wide[1], slope=1.0, rng=_seed(rng))
    yield dict(fan_in=narrow[0], fan_out=narrow[1], slope=float(rng.uniform(1.4, 1.8)), rng=_seed(rng))
    fans, more = _fans(rng, (200, 240), (300, 350))
    yield dict(fan_in=fans[0], fan_out=fans[1], slope=float(rng.uniform(2.5, 3.5)), rng=_seed(rng))
    yield dict(fan_in=more[0], fan_out=more[1], slope=1.0, rng=_seed(rng))


def _normal(fan_in, fan_out, rng, variance):
    return np.sqrt(variance) * rng.standard_normal(size=(fan_in, fan_out))


@he_normal.misconception
def variance_for_deviation(fan_in, fan_out, slope, rng):
    """Your standard deviation is what the variance should be. What does rng.normal take as its scale?"""
    return _normal(fan_in, fan_out, rng, (2 / ((1 + slope**2) * fan_in)) ** 2)


@he_normal.misconception
def root_of_the_fan(fan_in, fan_out, slope, rng):
    """Your variance is 2 over the root of fan_in, an often printed slip. In a sum of fan_in terms, what adds up?"""
    return _normal(fan_in, fan_out, rng, 2 / ((1 + slope**2) * np.sqrt(fan_in)))


@he_normal.misconception
def two_outside_the_root(fan_in, fan_out, slope, rng):
    """Your deviation is 2/√fan_in, for slope 0. Which part of the variance stands under the root, all of it?"""
    return _normal(fan_in, fan_out, rng, 4 / ((1 + slope**2) * fan_in))


@he_normal.misconception
def root_of_the_two_alone(fan_in, fan_out, slope, rng):
    """You divide by fan_in outside the root. Where does it belong, in the deviation?"""
    return _normal(fan_in, fan_out, rng, 2 / ((1 + slope**2) * fan_in**2))


@he_normal.misconception
def brackets_forgotten(fan_in, fan_out, slope, rng):
    """Python divides from left to right: what is below your line?"""
    return _normal(fan_in, fan_out, rng, 2 / (1 + slope**2) * fan_in)


@he_normal.misconception
def two_missing(fan_in, fan_out, slope, rng):
    """Behind your weights the signal halves with every layer of ReLUs. What becomes of the other half of it?"""
    return _normal(fan_in, fan_out, rng, 1 / ((1 + slope**2) * fan_in))


@he_normal.misconception
def fan_out_for_fan_in(fan_in, fan_out, slope, rng):
    """You divide by the number of outputs. How many terms has the sum that a unit computes?"""
    return _normal(fan_in, fan_out, rng, 2 / ((1 + slope**2) * fan_out))


@he_normal.misconception
def mean_of_the_fans(fan_in, fan_out, slope, rng):
    """You divide by the mean of both fans, as Glorot does. He looks after the way up alone."""
    return _normal(fan_in, fan_out, rng, 4 / ((1 + slope**2) * (fan_in + fan_out)))


@he_normal.misconception
def slope_ignored(fan_in, fan_out, slope, rng):
    """With slope 1 the unit is linear and halves nothing. Do your weights know about the slope?"""
    return _normal(fan_in, fan_out, rng, 2 / fan_in)


@he_normal.misconception
def slope_not_squared(fan_in, fan_out, slope, rng):
    """Negative inputs come out `slope` times as large. By which factor does their mean *square* change?"""
    return _normal(fan_in, fan_out, rng, 2 / ((1 + slope) * fan_in))


@he_normal.misconception
def slope_multiplies(fan_in, fan_out, slope, rng):
    """Your weights grow with the slope. The more a unit lets pass, the smaller should the weights be, or the larger?"""
    return _normal(fan_in, fan_out, rng, 2 * (1 + slope**2) / fan_in)


@he_normal.misconception
def slope_factor_outside_the_root(fan_in, fan_out, slope, rng):
    """You divide the deviation by 1 + slope². Which of the two does the formula divide, deviation or variance?"""
    return _normal(fan_in, fan_out, rng, 2 / ((1 + slope**2) ** 2 * fan_in))


@he_normal.misconception
def uniform_draws(fan_in, fan_out, slope, rng):
    """The deviation is right, but none of your weights lies far out: these are uniform draws. Which distribution is
    asked for?
    """
    return _uniform(fan_in, fan_out, rng, np.sqrt(6 / ((1 + slope**2) * fan_in)))


@he_normal.misconception
def transposed_(fan_in, fan_out, slope, rng):
    """Your matrix has a row for each output, as in torch. Here a layer computes x @ W: how many rows must W have?"""
    return _normal(fan_in, fan_out, rng, 2 / ((1 + slope**2) * fan_in)).T


@he_normal.misconception
def generator_of_its_own_(fan_in, fan_out, slope, rng):
    """Two layers of one shape get the same weights from you, whatever the caller's seed. Draw from the `rng` that you
    are given.
    """
    return _normal(fan_in, fan_out, np.random.default_rng(0), 2 / ((1 + slope**2) * fan_in))


# --- gain


@exercise(points=4, returns="gain", rtol=2e-3)
def gain(activation):
    """Oracle: scipy's adaptive quadrature."""

    def integrand(z):
        return float(activation(z)) ** 2 * scipy.stats.norm.pdf(z)

    parts = [scipy.integrate.quad(integrand, low, high)[0] for low, high in pairwise((-12.0, -3.0, 0.0, 3.0, 12.0))]
    return 1 / np.sqrt(sum(parts))


@gain.cases("as they are, but for a factor", weight=1)
def _(rng):
    for name in rng.permutation(["ReLU", "tanh", "GELU", "SiLU"]):
        yield dict(activation=_activation(str(name), outside=float(rng.uniform(0.5, 2.0))))


@gain.cases("stretched and shifted", weight=1)
def _(rng):
    for name in rng.permutation(["tanh", "sigmoid", "SiLU", "softplus"]):
        inside, shift = float(rng.uniform(0.6, 1.8)), float(rng.uniform(0.3, 0.9))
        yield dict(activation=_activation(str(name), inside=inside, shift=shift))


@gain.cases("unusual ones", weight=1)
def _(rng):
    yield dict(activation=_activation("sine", inside=float(rng.uniform(1.5, 2.5))))
    yield dict(activation=_activation("square", outside=float(rng.uniform(0.5, 2.0))))
    yield dict(activation=_activation("linear", outside=float(rng.uniform(1.5, 3.0))))
    for outside in (1e-8, 1e8):
        yield dict(activation=_activation("softplus", outside=outside * float(rng.uniform(1.0, 2.0))))


GRID = np.linspace(-10, 10, 20_001)


def _expected(values):
    """The mean of some values on the grid under a standard normal."""
    density = np.exp(-(GRID**2) / 2)
    return float(values @ density / density.sum())


@gain.misconception
def mean_square(activation):
    """You return the mean square itself. If it is ¼, by which factor must the weights grow?"""
    return _expected(activation(GRID) ** 2)


@gain.misconception
def without_the_root(activation):
    """Your gain is 1 over the mean square, which restores the variance if it multiplies the *variance*. It multiplies
    the deviation.
    """
    return 1 / _expected(activation(GRID) ** 2)


@gain.misconception
def upside_down(activation):
    """The smaller what comes out, the smaller your gain. Should it make up for the loss, or repeat it?"""
    return np.sqrt(_expected(activation(GRID) ** 2))


@gain.misconception
def deviation_for_mean_square(activation):
    """You subtract the mean. But in the next layer's sum of weights times activities the mean counts as well: which
    average of h gives the variance of z?
    """
    values = activation(GRID)
    return 1 / np.sqrt(_expected(values**2) - _expected(values) ** 2)


@gain.misconception
def mean_of_the_sizes(activation):
    """You average |f|. Variances are made of squares."""
    return 1 / _expected(np.abs(activation(GRID)))


@gain.misconception
def every_z_alike(activation):
    """You average over a grid as if all its z came equally often. How often does z = 5 come if z is standard normal?"""
    return 1 / np.sqrt(np.mean(activation(GRID) ** 2))


@gain.misconception
def density_not_normalised(activation):
    """Try f(z) = 1: the mean square is 1, but yours is √(2π). What does the density integrate to?"""
    return 1 / np.sqrt(_expected(activation(GRID) ** 2) * np.sqrt(2 * np.pi))


@gain.misconception
def density_squared(activation):
    """You square the density together with f. Which of the two does the formula square?"""
    density = np.exp(-(GRID**2) / 2) / np.sqrt(2 * np.pi)
    return 1 / np.sqrt(np.sum((activation(GRID) * density) ** 2) * (GRID[1] - GRID[0]))


@gain.misconception
def coarse_grid(activation):
    """Your points lie too far apart for the bends of f. What happens with ten times as many?"""
    z = np.linspace(-10, 10, 11)
    return 1 / np.sqrt(np.sum(activation(z) ** 2 * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)) * (z[1] - z[0]))


@gain.misconception
def spacing_forgotten(activation):
    """You add up density times f², and a grid twice as fine doubles that sum. By what must it be multiplied to become
    an integral?
    """
    return 1 / np.sqrt(np.sum(activation(GRID) ** 2 * np.exp(-(GRID**2) / 2) / np.sqrt(2 * np.pi)))


@gain.misconception
def half_missing_in_the_exponent(activation):
    """Your z has the variance ½. What stands in the exponent of the standard normal?"""
    density = np.exp(-(GRID**2))
    return 1 / np.sqrt(activation(GRID) ** 2 @ density / density.sum())


@gain.misconception
def slope_at_zero(activation):
    """You make up for the slope at z = 0. Most z are not near 0; average over all of them."""
    step = 1e-5
    slope = float(activation(np.array(step)) - activation(np.array(-step))) / (2 * step)
    return 1 / abs(slope) if slope else np.inf


@gain.misconception
def mean_square_of_the_slope(activation):
    """You average the square of the slope: that gain would keep the gradients. Which size is to be kept here?"""
    return 1 / np.sqrt(_expected(np.gradient(activation(GRID), GRID) ** 2))


@gain.misconception
def root_two_for_all(activation):
    """√2 is the gain of the ReLU. Ask the activation that you are given: it may be any."""
    return np.sqrt(2)


@gain.misconception
def squares_the_mean(activation):
    """You square the average. Average the squares: for an odd function the average is 0."""
    return 1 / max(abs(_expected(activation(GRID))), 1e-12)


@gain.misconception
def positive_half_only(activation):
    """Your integral begins at 0. A standard normal z is negative half of the time."""
    keep = np.where(GRID >= 0, activation(GRID) ** 2, 0.0)
    return 1 / np.sqrt(_expected(keep))


# --- orthogonal


@exercise(points=4, returns=("shape", "inner_products"), driver="utils.drivers.starts.drawn_rotation")
def orthogonal(rows, cols, rng):
    """Oracle: a part of a rotation or reflection drawn by scipy.stats.ortho_group."""
    square = scipy.stats.ortho_group.rvs(max(rows, cols, 2), random_state=rng)
    return square[:rows, :cols]


@orthogonal.cases("square", weight=1)
def _(rng):
    for size in rng.permutation(np.arange(3, 13))[:2]:
        yield dict(rows=int(size), cols=int(size), rng=_seed(rng))


@orthogonal.cases("tall", weight=1)
def _(rng):
    for cols in rng.permutation(np.arange(3, 9))[:2]:
        yield dict(rows=int(cols + rng.integers(1, 9)), cols=int(cols), rng=_seed(rng))


@orthogonal.cases("wide", weight=1)
def _(rng):
    for rows in rng.permutation(np.arange(3, 9))[:2]:
        yield dict(rows=int(rows), cols=int(rows + rng.integers(1, 9)), rng=_seed(rng))


def _signed(rows, cols, rng):
    """The right answer."""
    q, r = np.linalg.qr(rng.normal(size=(max(rows, cols), min(rows, cols))))
    q = q * np.sign(np.diag(r))
    return q if rows >= cols else q.T


@orthogonal.misconception
def signs_as_they_come(rows, cols, rng):
    """Orthogonal, but some of these matrices come more often than others: look at the upper left number of a hundred of
    yours. What does the library's convention do to the signs on R's diagonal?
    """
    q, _ = np.linalg.qr(rng.normal(size=(max(rows, cols), min(rows, cols))))
    return q if rows >= cols else q.T


@orthogonal.misconception
def signs_of_q(rows, cols, rng):
    """You make the diagonal of Q positive, so it always is. Whose diagonal has the signs that the library chose?"""
    q, _ = np.linalg.qr(rng.normal(size=(max(rows, cols), min(rows, cols))))
    q = q * np.sign(np.diag(q))
    return q if rows >= cols else q.T


@orthogonal.misconception
def rotations_alone(rows, cols, rng):
    """Your square matrices all have determinant 1. A reflection is orthogonal, too, and must come as often."""
    square = _signed(max(rows, cols), max(rows, cols), rng)
    square[:, -1] *= np.sign(np.linalg.det(square))
    return square[:rows, :cols]


@orthogonal.misconception
def factor_of_an_svd(rows, cols, rng):
    """Orthogonal, but the library that computes a singular value decomposition chooses signs, too: look at the
    determinants of a hundred small square ones.
    """
    u = np.linalg.svd(rng.normal(size=(max(rows, cols), min(rows, cols))), full_matrices=False)[0]
    return u if rows >= cols else u.T


@orthogonal.misconception
def square_whatever_is_asked(rows, cols, rng):
    """A wide matrix comes out square: QR of a wide matrix gives as many columns as there are rows. Which matrix could
    you decompose instead?
    """
    q, r = np.linalg.qr(rng.normal(size=(rows, cols)))
    return q * np.sign(np.diag(r))


@orthogonal.misconception
def complete_and_square(rows, cols, rng):
    """You return a square matrix. How many rows and columns are asked for?"""
    return _signed(max(rows, cols), max(rows, cols), rng)


@orthogonal.misconception
def transposed__(rows, cols, rng):
    """Rows and columns are the wrong way round."""
    return _signed(cols, rows, rng)


@orthogonal.misconception
def normal_numbers(rows, cols, rng):
    """The columns have lengths near 1 and products near 0, and only near: these are scaled normal numbers."""
    return rng.normal(size=(rows, cols)) / np.sqrt(max(rows, cols))


@orthogonal.misconception
def unit_length_only(rows, cols, rng):
    """Each column has length 1, but two of them are not perpendicular. What does QR do beyond dividing by lengths?"""
    A = rng.normal(size=(max(rows, cols), min(rows, cols)))
    A = A / np.linalg.norm(A, axis=0)
    return A if rows >= cols else A.T


@orthogonal.misconception
def positive_numbers_decomposed(rows, cols, rng):
    """You decompose numbers from 0 to 1, whose columns all point much the same way, and your first column still does.
    From which distribution is no direction preferred?
    """
    q, r = np.linalg.qr(rng.uniform(size=(max(rows, cols), min(rows, cols))))
    q = q * np.sign(np.diag(r))
    return q if rows >= cols else q.T


@orthogonal.misconception
def part_of_the_identity(rows, cols, rng):
    """The identity is orthogonal, and always the same. Where is chance?"""
    return np.eye(rows, cols)


@orthogonal.misconception
def scaled_like_weights(rows, cols, rng):
    """Your matrix shortens what it multiplies. An orthogonal matrix keeps lengths: no factor is needed."""
    return _signed(rows, cols, rng) / np.sqrt(rows)


@orthogonal.misconception
def the_triangle(rows, cols, rng):
    """You return R, the triangular factor. Which factor has orthonormal columns?"""
    _, r = np.linalg.qr(rng.normal(size=(max(rows, cols), min(rows, cols))))
    return r


@orthogonal.misconception
def generator_of_its_own__(rows, cols, rng):
    """You return the same matrix every time, whatever the caller's seed. Draw from the `rng` that you are given."""
    return _signed(rows, cols, np.random.default_rng(rows * cols))


@orthogonal.misconception
def global_generator__(rows, cols, rng):
    """Equal generators give other matrices each time: you draw from somewhere else, np.random perhaps. Draw from the
    `rng` that you are given.
    """
    q, r = np.linalg.qr(np.random.normal(size=(max(rows, cols), min(rows, cols))))
    q = q * np.sign(np.diag(r))
    return q if rows >= cols else q.T


# --- init_network


@exercise(
    points=8,
    returns=("rows", "size_of_means", "variances"),
    rtol=0.05,
    driver="utils.drivers.starts.started_network",
)
def init_network(X, sizes, activation, rng):
    """Oracle: torch measures, and every unit gets a scale of its own."""
    h, weights, biases = torch.tensor(np.asarray(X, dtype=float)), [], []
    for fans in pairwise(sizes):
        drawn = torch.tensor(scipy.stats.norm.rvs(size=fans, random_state=rng) / np.sqrt(fans[0]))
        variance, mean = torch.var_mean(h @ drawn, dim=0, correction=0)
        weights.append(drawn / variance.sqrt())
        biases.append(-mean / variance.sqrt())
        h = activation(h @ weights[-1] + biases[-1])
    return [matrix.numpy() for matrix in weights], [bias.numpy() for bias in biases]


def _start(rng, name, sizes, n, scale=1.0, offset=0.3, **scales):
    """A case: n examples off the centre, the widths of a network, an activation."""
    X = scale * np.round(rng.normal(size=(n, sizes[0])) + offset, 2)
    return dict(X=X, sizes=[int(size) for size in sizes], activation=_activation(name, **scales), rng=_seed(rng))


def _widths(rng, low, high, layers):
    return [int(width) for width in rng.integers(low, high, size=layers)]


@init_network.cases("one to three layers", weight=1)
def _(rng):
    yield _start(rng, "GELU", [16, *_widths(rng, 60, 80, 2), 5], n=60)
    yield _start(rng, "ReLU", _widths(rng, 14, 20, 1) + _widths(rng, 70, 90, 1), n=60)
    yield _start(rng, "tanh", [12, *_widths(rng, 60, 80, 1), *_widths(rng, 20, 40, 1)], n=60)
    yield _start(rng, "tanh", [1, *_widths(rng, 60, 80, 1), 4], n=60)  # one feature: units of very different variances


@init_network.cases("any activation", weight=2)
def _(rng):
    for name, scales in (
        ("sigmoid", dict(inside=float(rng.uniform(0.8, 2.0)))),
        ("softplus", dict(shift=float(rng.uniform(0.5, 1.5)))),
        ("sine", dict(inside=float(rng.uniform(1.0, 2.0)))),
        ("linear", dict(outside=float(rng.uniform(0.2, 0.4)))),
    ):
        width = int(rng.integers(40, 60))
        yield _start(rng, name, [12, width, *_widths(rng, 30, 90, 3), width, width], n=60, **scales)


@init_network.cases("many layers", weight=2)
def _(rng):
    # wide sigmoids: in narrow ones without biases all units may saturate, and then rounding decides on variances
    for name, layers, narrowest in (
        ("sigmoid", int(rng.integers(50, 60)), 56),
        ("ReLU", int(rng.integers(15, 20)), 18),
    ):
        yield _start(rng, name, [8, *[narrowest + int(rng.integers(12))] * layers, 3], n=50)


@init_network.cases("data off centre, large and small", weight=1)
def _(rng):
    for last, scale, offset in ((3, 1e-6, 0.0), (1, 1e6, 0.5), (2, 1.0, 8.0)):
        yield _start(rng, "tanh", [8, *_widths(rng, 40, 60, 3), last], n=40, scale=scale, offset=offset)


def _spread(z):
    """The root of the units' mean variance over the examples."""
    return np.sqrt(np.mean(z.var(axis=0)))


def _drawn(rng, fans):
    return rng.normal(size=fans)


def _began(
    X,
    sizes,
    activation,
    rng,
    draw=_drawn,
    measure=lambda z: (z.mean(axis=0), _spread(z)),
    place=lambda matrix, mean, size: (matrix / size, -mean / size),
    push=None,
    data=None,
):
    """Weights and biases layer by layer, with a slip in one of the parts.

    draw : (rng, fans) -> matrix.  measure : z -> means of the units, size.  place : -> the layer's weights and bias
    push : (h, matrix, weights, bias) -> what the activation gets
    """
    h, weights, biases = np.asarray(X if data is None else data, dtype=float), [], []
    for fans in pairwise(sizes):
        matrix = draw(rng, fans)
        W, bias = place(matrix, *measure(h @ matrix))
        weights.append(W)
        biases.append(bias + np.zeros(fans[1]))
        h = activation(h @ W + bias if push is None else push(h, matrix, W, bias))
    return weights, biases


def _by_formula(sizes, rng, variance):
    """Weights of a variance that the sides of the matrix decide, and no biases."""
    weights = [np.sqrt(variance(*fans)) * rng.normal(size=fans) for fans in pairwise(sizes)]
    return weights, [np.zeros(size) for size in sizes[1:]]


@init_network.misconception
def gain_of_the_relu_for_all(X, sizes, activation, rng):
    """You use He's formula, whatever the activation and the data. Measure: how large is z before you scale it?"""
    return _by_formula(sizes, rng, lambda fan_in, fan_out: 2 / fan_in)


@init_network.misconception
def fan_of_the_wrong_side(X, sizes, activation, rng):
    """You divide by the number of outputs, and measure nothing. How many terms has the sum that a unit computes, and
    what is its variance on these data?
    """
    return _by_formula(sizes, rng, lambda fan_in, fan_out: 2 / fan_out)


@init_network.misconception
def one_over_fan_in(X, sizes, activation, rng):
    """Your variance is 1/fan_in, whatever the activation and the data. Measure: what does z look like before you scale
    it?
    """
    return _by_formula(sizes, rng, lambda fan_in, fan_out: 1 / fan_in)


@init_network.misconception
def xavier_for_all(X, sizes, activation, rng):
    """You use Glorot's formula, whatever the activation and the data. Measure: what does z look like before you scale
    it?
    """
    return _by_formula(sizes, rng, lambda fan_in, fan_out: 2 / (fan_in + fan_out))


@init_network.misconception
def drawn_and_left(X, sizes, activation, rng):
    """Your weights have variance 1, as they were drawn. Where do you divide by what you measured?"""
    return _by_formula(sizes, rng, lambda fan_in, fan_out: 1.0)


@init_network.misconception
def variance_for_deviation_(X, sizes, activation, rng):
    """You divide by the variance. By which number must z be divided so that its variance becomes 1?"""
    return _began(X, sizes, activation, rng, measure=lambda z: (z.mean(axis=0), _spread(z) ** 2))


@init_network.misconception
def multiplies(X, sizes, activation, rng):
    """Where z is twice too large you make the weights twice as large. Multiply or divide?"""
    return _began(X, sizes, activation, rng, place=lambda matrix, mean, size: (matrix * size, -mean * size))


@init_network.misconception
def no_bias(X, sizes, activation, rng):
    """Examples and units in one heap have variance 1, but look at one unit: over the examples it hardly moves, for its
    mean takes it all. Which bias removes that mean?
    """
    return _began(
        X,
        sizes,
        activation,
        rng,
        measure=lambda z: (z.mean(axis=0), z.std()),
        place=lambda matrix, mean, size: (matrix / size, 0.0),
    )


@init_network.misconception
def scaled_without_a_bias(X, sizes, activation, rng):
    """The variances are right, but the units' means are not 0: they push the activation to one side. What is the bias
    for?
    """
    return _began(X, sizes, activation, rng, place=lambda matrix, mean, size: (matrix / size, 0.0))


@init_network.misconception
def bias_not_scaled(X, sizes, activation, rng):
    """You divide the weights by the deviation, but the bias was measured before. What is the mean of z after the
    division?
    """
    return _began(X, sizes, activation, rng, place=lambda matrix, mean, size: (matrix / size, -mean))


@init_network.misconception
def bias_of_the_wrong_sign(X, sizes, activation, rng):
    """Your units' means are twice as large as before. Should the bias add the mean or take it away?"""
    return _began(X, sizes, activation, rng, place=lambda matrix, mean, size: (matrix / size, mean / size))


@init_network.misconception
def one_bias_for_all_units(X, sizes, activation, rng):
    """All units of a layer have the same bias. Each has a mean of its own over the examples: which axis are they?"""
    return _began(X, sizes, activation, rng, measure=lambda z: (z.mean(), _spread(z)))


@init_network.misconception
def centred_and_not_scaled(X, sizes, activation, rng):
    """The means are 0, the variances as they came. Where do you divide by the deviation?"""
    return _began(X, sizes, activation, rng, place=lambda matrix, mean, size: (matrix, -mean))


@init_network.misconception
def all_deviations_in_one_heap(X, sizes, activation, rng):
    """You divide by the deviation of all numbers of z in one heap, in which the units' means count as well; then the
    bias takes these away. What is left?
    """
    return _began(X, sizes, activation, rng, measure=lambda z: (z.mean(axis=0), z.std()))


@init_network.misconception
def mean_of_the_deviations(X, sizes, activation, rng):
    """You average the units' deviations. Average their variances, and take the root at the end: where units differ
    much, the two are not the same.
    """
    return _began(X, sizes, activation, rng, measure=lambda z: (z.mean(axis=0), z.std(axis=0).mean()))


@init_network.misconception
def over_the_units(X, sizes, activation, rng):
    """You measure how the units differ for one example. Asked for is how one unit differs between examples: which axis
    are these?
    """
    return _began(X, sizes, activation, rng, measure=lambda z: (z.mean(axis=0), np.sqrt(z.var(axis=1).mean())))


@init_network.misconception
def scales_after_passing_on(X, sizes, activation, rng):
    """The first layer is right, the others are not: you pass on what the layer gave *before* you scaled it. What will
    the next layer really get?
    """
    return _began(X, sizes, activation, rng, push=lambda h, matrix, W, bias: h @ matrix)


@init_network.misconception
def passes_on_without_the_bias(X, sizes, activation, rng):
    """The first layer is right, the others are not: what you pass on lacks the bias. What will the next layer really
    get?
    """
    return _began(X, sizes, activation, rng, push=lambda h, matrix, W, bias: h @ W)


@init_network.misconception
def passes_on_without_the_activation(X, sizes, activation, rng):
    """The first layer is right, the others are measured on z: what comes between two layers?"""
    return _began(X, sizes, lambda z: z, rng)


@init_network.misconception
def measures_on_the_data_throughout(X, sizes, activation, rng):
    """All layers but the first are wrong: you measure each on normal numbers instead of on what comes out of the layer
    below.
    """
    weights, biases = [], []
    for fans in pairwise(sizes):
        h = np.asarray(X) if not weights else rng.normal(size=(len(X), fans[0]))
        matrix = rng.normal(size=fans)
        z = h @ matrix
        weights.append(matrix / _spread(z))
        biases.append(-z.mean(axis=0) / _spread(z))
    return weights, biases


@init_network.misconception
def one_scale_for_all_layers(X, sizes, activation, rng):
    """You measure the first layer and scale all layers alike. The second one gets other data, and has another width."""
    scales = []

    def measure(z):
        scales.append(_spread(z))
        return z.mean(axis=0), scales[0]

    return _began(X, sizes, activation, rng, measure=measure)


@init_network.misconception
def activities_scaled(X, sizes, activation, rng):
    """You make the variance *behind* the activation 1. It is z, before the activation, that should have variance 1."""
    h, weights, biases = np.asarray(X, dtype=float), [], []
    for fans in pairwise(sizes):
        matrix = rng.normal(size=fans)
        z = h @ matrix
        size = max(_spread(activation(z - z.mean(axis=0))), 1e-12)
        weights.append(matrix / size)
        biases.append(-z.mean(axis=0) / size)
        h = activation(z / size - z.mean(axis=0) / size)
    return weights, biases


@init_network.misconception
def measured_on_one_example(X, sizes, activation, rng):
    """You measure on one example. Of the spread over examples a single one knows nothing."""
    return _began(X, sizes, activation, rng, measure=lambda z: (z[0].mean(), z[0].std()), data=np.asarray(X)[:1])


@init_network.misconception
def activated_input_(X, sizes, activation, rng):
    """You put the data through the activation before the first layer. The first thing that happens to X is a matrix."""
    return _began(X, sizes, activation, rng, data=activation(np.asarray(X, dtype=float)))


@init_network.misconception
def last_layer_left_out(X, sizes, activation, rng):
    """All layers are right but the last, whose z are the logits. It has no activation; it has weights."""
    weights, biases = _began(X, sizes, activation, rng)
    fans = sizes[-2], sizes[-1]
    return [*weights[:-1], rng.normal(size=fans)], [*biases[:-1], np.zeros(sizes[-1])]


@init_network.misconception
def equal_weights(X, sizes, activation, rng):
    """Mean and variance are right, but the units of a layer are all the same: the rank of each matrix is 1. Will they
    ever differ? Draw the weights.
    """
    return _began(
        X, sizes, activation, rng, draw=lambda rng, fans: np.outer(rng.normal(size=fans[0]), np.ones(fans[1]))
    )


@init_network.misconception
def positive_weights(X, sizes, activation, rng):
    """Mean and variance are right, but none of your weights is negative, so the units of a layer are much alike. Draw
    normal numbers.
    """
    return _began(X, sizes, activation, rng, draw=lambda rng, fans: rng.random(size=fans))


@init_network.misconception
def one_matrix_for_all_layers(X, sizes, activation, rng):
    """Layers of one shape have the same weights: you start a generator anew for each of them."""
    seed = int(rng.integers(1_000_000))
    return _began(X, sizes, activation, rng, draw=lambda _, fans: np.random.default_rng(seed).normal(size=fans))


@init_network.misconception
def generator_of_its_own___(X, sizes, activation, rng):
    """Two networks of one shape get the same weights from you, whatever the caller's seed. Draw from the `rng` that you
    are given.
    """
    return _began(X, sizes, activation, np.random.default_rng(0))


@init_network.misconception
def global_generator___(X, sizes, activation, rng):
    """Equal generators give other weights each time: you draw from somewhere else, np.random perhaps. Draw from the
    `rng` that you are given.
    """
    return _began(X, sizes, activation, np.random)


@init_network.misconception
def writes_into_the_data(X, sizes, activation, rng):
    """Your numbers are right, but the caller's X has changed too: -= and /= write into the array that you get."""
    X -= X.mean(axis=0)
    return _began(X, sizes, activation, rng)
