"""Functions to minimise that show what a minimiser does where they are awkward, and problems from data, all in NumPy.

Each is a callable theta -> float with a method `gradient`, for theta of shape (n,). Nothing is written into.
"""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class Problem:
    """A function of theta, shape (n,), with its exact gradient.

    value_fn, gradient_fn : callables on float64 arrays
    """

    value_fn: object = field(repr=False)
    gradient_fn: object = field(repr=False)

    def __call__(self, theta):
        """Return the value at theta, a float; may be inf or nan where the function is not defined."""
        with np.errstate(all="ignore"):
            return float(self.value_fn(np.asarray(theta, dtype=float)))

    def gradient(self, theta):
        """Return the gradient at theta, float64, shape (n,)."""
        with np.errstate(all="ignore"):
            return self.gradient_fn(np.asarray(theta, dtype=float))


def barrier(scale=1.0):
    """Build scale · Σ (θ - log θ): minimum at 1 in every coordinate, nan as soon as one of them is negative."""
    return Problem(lambda theta: scale * np.sum(theta - np.log(theta)), lambda theta: scale * (1 - 1 / theta))


def soft_corners(slopes):
    """Build Σ √(1 + (aᵢ·θ)²): a bowl at the bottom, around it almost straight walls without curvature.

    slopes : array-like, shape (k, n), its rows the a
    """
    slopes = np.asarray(slopes, dtype=float)
    return Problem(
        lambda theta: np.sum(np.sqrt(1 + (slopes @ theta) ** 2)),
        lambda theta: slopes.T @ (slopes @ theta / np.sqrt(1 + (slopes @ theta) ** 2)),
    )


def waves(slopes, height=1.0):
    """Build Σ ½ slope θ² + height cos θ: a bowl with ripples, concave wherever slope < height cos θ.

    slopes : sequence of n floats.  height : float
    """
    slopes = np.asarray(slopes, dtype=float)
    return Problem(
        lambda theta: np.sum(0.5 * slopes * theta**2 + height * np.cos(theta)),
        lambda theta: slopes * theta - height * np.sin(theta),
    )


def chain(n):
    """Build the Rosenbrock function of n coordinates, Σ 100 (θᵢ₊₁ - θᵢ²)² + (1 - θᵢ)²; minimum 0 at all ones.

    Source: Rosenbrock (1960), in the form of `scipy.optimize.rosen`. Raises ValueError for n below 2.
    """
    if n < 2:
        raise ValueError(f"chain: expected n >= 2, got {n}")
    from scipy.optimize import rosen, rosen_der

    return Problem(rosen, rosen_der)


def softmax_regression(x, y, penalty=1e-4):
    """Build the mean cross entropy of a linear classifier, plus ½ penalty |θ|²: strictly convex.

    x : ndarray, shape (N, d).  y : int ndarray, shape (N,), labels 0 to C - 1
    theta : the weights (d + 1, C) in a row, the last d + 1st row holds the biases
    Its method `of(rows)` gives the same problem on some of the examples.
    """
    return _Softmax(np.column_stack([x, np.ones(len(x))]).astype(float), np.asarray(y), penalty, int(max(y)) + 1)


@dataclass(frozen=True, eq=False)
class _Softmax:
    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)
    penalty: float
    classes: int

    @property
    def size(self):
        """Number of parameters."""
        return self.x.shape[1] * self.classes

    def of(self, rows):
        """Return the problem on these examples only."""
        return _Softmax(self.x[rows], self.y[rows], self.penalty, self.classes)

    def _likelihoods(self, theta):
        logits = self.x @ theta.reshape(-1, self.classes)
        logits = logits - logits.max(axis=1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))

    def __call__(self, theta):
        told = self._likelihoods(theta)[np.arange(len(self.y)), self.y]
        return float(-told.mean() + 0.5 * self.penalty * theta @ theta)

    def gradient(self, theta):
        odds = np.exp(self._likelihoods(theta))
        odds[np.arange(len(self.y)), self.y] -= 1
        return (self.x.T @ odds / len(self.y)).ravel() + self.penalty * theta

    def accuracy(self, theta, x, y):
        """Return the share of these examples whose largest logit is that of their label."""
        logits = np.column_stack([x, np.ones(len(x))]) @ theta.reshape(-1, self.classes)
        return float(np.mean(logits.argmax(axis=1) == y))
