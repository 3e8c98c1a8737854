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


def walk(landscape, theta, turn, goal, most):
    """Go along one direction after the other, each as far as `along` says, until the gradient is short.

    turn : callable (new gradient, gradient before, direction before) -> direction; the first direction is
        -gradient, and so is the next one where a search fails
    goal : float, length of the gradient at which to stop.  most : int, evaluations of the gradient after which to stop
    Returns (spent, lengths): evaluations so far and length of the gradient, at first and after each step; lists.
    """
    slope = landscape.gradient(theta)
    way, spent, lengths = -slope, [1], [np.linalg.norm(slope)]
    while lengths[-1] > goal and spent[-1] < most:
        there, new, asked = along(landscape, theta, way)
        failed, theta = np.array_equal(there, theta), there
        way, slope = -new if failed else np.asarray(turn(new, slope, way), dtype=float), new
        spent.append(spent[-1] + max(asked, 1))
        lengths.append(np.linalg.norm(slope))
    return spent, lengths


def restarted(solve, A, b, tol, most):  # noqa: N803
    """Solve A x = b by a solver that is allowed one step at a time and then begins anew with the residual that is left.

    solve : callable (matvec, b, tol, steps) -> (x, ...).  A : ndarray, shape (n, n).  b : ndarray, shape (n,)
    tol : float, relative residual at which to stop.  most : int, steps
    Returns (points, residuals), ndarrays of shape (steps + 1, n) and (steps + 1,); the residuals are relative.
    """
    points, residuals = [np.zeros_like(b)], [1.0]
    while residuals[-1] > tol and len(residuals) <= most:
        left = b - A @ points[-1]
        points.append(points[-1] + np.asarray(solve(lambda v: A @ v, left, 0.0, 1)[0]))
        residuals.append(np.linalg.norm(b - A @ points[-1]) / np.linalg.norm(b))
    return np.array(points), np.array(residuals)


def conjugacy(solve, A, b, count):  # noqa: N803
    """Return how far from conjugate the steps of a solver are: |cosines| between them in the geometry of A.

    solve, A, b : as for `restarted`.  count : int, steps
    Returns an ndarray, shape (count, count), with ones on the diagonal and zeros elsewhere if they are conjugate.
    """
    points = [np.asarray(solve(lambda v: A @ v, b, 0.0, k)[0]) for k in range(count + 1)]
    directions = np.diff(points, axis=0)
    inner = directions @ A @ directions.T
    sizes = np.sqrt(np.diag(inner))
    return np.abs(inner) / np.outer(sizes, sizes)


def residuals(solve, A, b, tol, most):  # noqa: N803
    """Solve A x = b by a solver as for `restarted`, in one go; return its relative residuals, an ndarray."""
    return np.asarray(solve(lambda v: A @ v, b, tol, most)[1], dtype=float)


def reached(runs, target):
    """Return what each run had spent when it first was at a target or below, inf if it never was.

    runs : sequence of pairs (spent, values), each of shape (steps,).  target : float
    """
    found = [np.flatnonzero(np.asarray(values) <= target) for _, values in runs]
    return [run[0][place[0]] if len(place) else np.inf for run, place in zip(runs, found, strict=True)]
