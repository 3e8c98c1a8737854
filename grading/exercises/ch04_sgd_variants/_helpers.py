"""What the exercises of both notebooks draw their cases with."""

import numpy as np

from utils.check.plain import Reference

SHAPES = [(1,), (5,), (3, 4), (2, 3, 2)]


def quadratic(rng, size, scale=1.0):
    """A gradient function to hand over: that of a quadratic with a random positive definite Hessian."""
    factor = rng.normal(size=(size, size))
    hessian = factor @ factor.T / size + np.eye(size)
    return Reference(
        "utils.landscapes.quadratic", "gradient", dict(hessian=hessian, center=scale * rng.normal(size=size))
    )
