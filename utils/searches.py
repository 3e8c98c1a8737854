"""How far to go along a direction: a line search, for methods that choose directions."""

import warnings

import numpy as np


def along(landscape, theta, direction, slack=0.1):
    """Go along a direction until the slope is nearly gone: a search for the strong Wolfe conditions, by SciPy.

    landscape : callable theta -> float, with a method gradient(theta).  theta, direction : ndarrays, shape (n,)
    slack : float in (0, 1), share of the first slope that may be left at the end
    Returns (new theta, new gradient, evaluations of the gradient). If the search fails, the new theta is the old one.
    """
    from scipy.optimize import line_search

    calls, before = [], landscape.gradient(theta)

    def gradient(point):
        calls.append(point)
        return landscape.gradient(point)

    with warnings.catch_warnings(), np.errstate(over="ignore", invalid="ignore"):
        warnings.simplefilter("ignore")  # that it failed is seen from what it returns
        length = line_search(landscape, gradient, theta, direction, before, c2=slack, maxiter=30)[0]
    theta = theta if length is None else theta + length * direction
    return theta, landscape.gradient(theta), len(calls)
