"""Toy exercises, small enough to know all their numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np

from grading.exercise import Exercise, exercise


def declared(
    oracle: Callable,
    cases: Callable,
    returns: str | tuple[str, ...] = "y",
    points: float = 1,
    name: str = "",
    trajectory: dict[str, Any] | None = None,
    **options: Any,
) -> Exercise:
    """Declare an exercise with one group of cases, or of trajectories; `name` is for an oracle that has none."""
    oracle.__name__ = name or oracle.__name__
    spec = exercise(points=points, returns=returns, **options)(oracle)
    if trajectory is None:
        spec.cases("group")(cases)
    else:
        spec.trajectory("group", **trajectory)(cases)
    return spec


def scale_exercise() -> Exercise:
    """One value, two groups: theta times lr, in one step and in three."""

    @exercise(points=3, returns="theta")
    def scale(theta, lr):
        return lr * np.asarray(theta)

    @scale.cases("one step", weight=1)
    def _(rng):
        yield dict(theta=rng.normal(size=3), lr=0.3)
        yield dict(theta=rng.normal(size=(2, 2)), lr=0.3)

    @scale.trajectory("three steps", weight=2, carry=("theta",), each=("lr",))
    def _(rng):
        yield dict(theta=rng.normal(size=2), lr=rng.uniform(0.5, 0.9, size=3))

    @scale.misconception
    def adds(theta, lr):
        """Larger, or further along?"""
        return theta + lr

    return scale


def pair_exercise() -> Exercise:
    """Two values, one group: theta - lr * grad, and grad halved."""

    @exercise(points=2, returns=("theta", "grad"))
    def pair(theta, grad, lr):
        return theta - lr * grad, grad / 2

    @pair.cases("pairs")
    def _(rng):
        yield dict(theta=rng.normal(size=5), grad=rng.normal(size=5), lr=0.1)
        yield dict(theta=rng.normal(size=2), grad=rng.normal(size=2), lr=0.1)

    return pair
