"""The exercise of the chapter's second notebook."""

import numpy as np

from grading.exercise import exercise


@exercise(points=3, returns=("theta", "r"))
def scaled_step(theta, grad, r, lr):
    total = np.add(r, np.square(grad))
    return np.subtract(theta, lr * np.divide(grad, np.sqrt(total))), total


@scaled_step.cases("one step")
def _(rng):
    for shape in [(3,), (2, 2)]:
        yield dict(theta=rng.normal(size=shape), grad=rng.normal(size=shape), r=rng.uniform(1, 2, shape), lr=0.1)


@scaled_step.misconception
def root_missing(theta, grad, r, lr):
    """In which unit is the sum?"""
    r = r + grad**2
    return theta - lr * grad / r, r
