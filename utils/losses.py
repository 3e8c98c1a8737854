"""Losses to call, and small problems whose exact answers are known: what the first chapter measures with.

A factory returns a function, so that a case can name it. Losses take one prediction and one target, or arrays of them,
entry by entry, with NumPy's broadcasting.
"""

from dataclasses import dataclass, field

import numpy as np


def squared():
    """Return the squared error (prediction - target)²."""
    return lambda prediction, target: np.square(np.subtract(prediction, target))


def absolute():
    """Return the absolute error |prediction - target|."""
    return lambda prediction, target: np.abs(np.subtract(prediction, target))


def pinball(q):
    """Return the loss whose best constant prediction is the q-quantile; it is not symmetric.

    q : float in (0, 1); a prediction that is too low costs q per unit, one that is too high costs 1 - q
    Raises ValueError for any other q.
    Source: Koenker and Bassett (1978), Regression quantiles.
    """
    if not 0 < q < 1:
        raise ValueError(f"pinball: expected q between 0 and 1, got {q}")

    def loss(prediction, target):
        short = np.subtract(target, prediction)
        return np.maximum(q * short, (q - 1) * short)

    return loss


def relative():
    """Return the error as a share of the target, (prediction / target - 1)²; the targets must not be 0."""
    return lambda prediction, target: np.square(np.divide(prediction, target) - 1)


def zero_one():
    """Return the loss that is 1.0 where prediction and target (labels, integers) differ, and 0.0 where they agree."""
    return lambda prediction, target: np.not_equal(prediction, target).astype(float)


@dataclass
class Counted:
    """A function that counts how often it is called.

    function : callable.  calls : int, so far
    """

    function: object
    calls: int = 0

    def __call__(self, *arguments):
        self.calls += 1
        return self.function(*arguments)


@dataclass(frozen=True, eq=False)
class Cubic:
    """offset + sum(linear θ + square θ² + cube θ³) + ½ (sum(couple θ))², a polynomial of degree three in each entry.

    linear, square, cube, couple : ndarrays of the shape of theta.  offset : float
    """

    linear: np.ndarray
    square: np.ndarray
    cube: np.ndarray
    couple: np.ndarray
    offset: float = 0.0

    def __call__(self, theta):
        """Return the value at theta, a float. Raises ValueError for a theta of another shape."""
        theta = np.asarray(theta, dtype=float)
        if theta.shape != self.linear.shape:
            raise ValueError(f"expected theta of shape {self.linear.shape}, got shape {theta.shape}")
        alone = theta * (self.linear + theta * (self.square + theta * self.cube))
        return float(alone.sum() + 0.5 * np.sum(self.couple * theta) ** 2 + self.offset)


def cubic(shape, seed, scale=1.0, degree=3, offset=0.0):
    """Build a polynomial with random coefficients.

    shape : sequence of ints, the shape of theta.  seed : int, decides the coefficients, standard normal
    scale : float, multiplies the coefficients.  degree : int; below 3 there are no cubes, below 2 no squares and
        no coupling either
    offset : float, added to every value
    Returns a Cubic.
    """
    parts = scale * np.random.default_rng(seed).normal(size=(4, *shape))
    parts[2] *= degree > 2
    parts[1] *= degree > 1
    parts[3] *= (degree > 1) / np.sqrt(abs(scale))  # enters squared
    return Cubic(*parts, offset=offset)


def staircase(shape, seed):
    """Build a function that takes only whole values, so that many thetas share one: the floor of a random linear one.

    shape : sequence of ints, the shape of theta.  seed : int, decides the coefficients
    Returns a callable, ndarray of that shape -> float. Like the 0-1 loss it has slope zero wherever it has one.
    """
    linear = cubic(shape, seed, degree=1)
    return lambda theta: float(np.floor(linear(theta)))


@dataclass(frozen=True, eq=False)
class LinearWorld:
    """A data distribution of which everything is known: x standard normal, y = x·weights + noise.

    weights : ndarray, shape (d,).  noise : float >= 0, standard deviation of what x does not tell about y
    """

    weights: np.ndarray
    noise: float = field(default=1.0)

    def sample(self, n, rng):
        """Draw n examples. Returns x, shape (n, d), and y, shape (n,)."""
        x = rng.normal(size=(n, len(self.weights)))
        return x, x @ self.weights + self.noise * rng.normal(size=n)

    def risk(self, w):
        """Return the expected squared error of predicting x·w, exactly: noise² + |w - weights|².

        w : ndarray, shape (..., d).  Returns a float, or an ndarray of shape (...).
        """
        return self.noise**2 + np.sum(np.square(w - self.weights), axis=-1)


def linear_world(weights, noise=1.0):
    """Build a LinearWorld from a sequence of weights. Raises ValueError for negative noise."""
    if noise < 0:
        raise ValueError(f"linear_world: expected noise >= 0, got {noise}")
    return LinearWorld(np.asarray(weights, dtype=float), float(noise))
