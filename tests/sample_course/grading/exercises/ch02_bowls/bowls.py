"""The exercises of a second chapter."""

import numpy as np

from grading.exercise import exercise


@exercise(points=2, returns="grad")
def bowl_gradient(theta, scales):
    return np.multiply(scales, theta)


@bowl_gradient.cases("bowls")
def _(rng):
    yield dict(theta=rng.normal(size=3), scales=rng.uniform(1, 9, 3))


@bowl_gradient.misconception
def twice(theta, scales):
    """Where has the half gone?"""
    return 2 * scales * theta


@exercise(points=1, returns="value")
def bowl_height(theta, scales):
    return float(np.einsum("i,i,i", scales, theta, theta) / 2)


@bowl_height.cases("bowls")
def _(rng):
    yield dict(theta=rng.normal(size=3), scales=rng.uniform(1, 9, 3))


@bowl_height.misconception
def no_half(theta, scales):
    """Differentiate it: is that the gradient?"""
    return float(np.sum(scales * theta**2))
