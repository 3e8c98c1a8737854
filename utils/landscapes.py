"""Test functions to walk on: a value, an exact gradient, a start and a picture frame for each.

Every landscape takes theta of shape (dim,) and returns a float, or of shape (..., dim) and returns an
array of shape (...), so a whole grid for a contour plot, or a hundred runs at once, are one call.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Landscape:
    """A function of theta with its exact gradient.

    name : str
    value_fn, gradient_fn : callables on float64 arrays of shape (..., dim)
    minimum, start : ndarray, shape (dim,)
    bounds : ndarray, shape (dim, 2), lowest and highest coordinate worth showing
    levels : ndarray, heights for contour lines
    """

    name: str
    value_fn: Callable
    gradient_fn: Callable
    minimum: np.ndarray
    start: np.ndarray
    bounds: np.ndarray
    levels: np.ndarray

    @property
    def dim(self):
        """Number of coordinates."""
        return len(self.start)

    def __call__(self, theta):
        """Return the height at theta: a float for shape (dim,), else an ndarray of shape (...)."""
        with np.errstate(over="ignore", invalid="ignore"):  # a walk may diverge; that is a result, not an accident
            value = self.value_fn(self._checked(theta))
        return float(value) if np.ndim(value) == 0 else value

    def gradient(self, theta):
        """Return the gradient at theta, float64, shaped like theta."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self.gradient_fn(self._checked(theta))

    def _checked(self, theta):
        theta = np.asarray(theta, dtype=float)
        if theta.ndim == 0 or theta.shape[-1] != self.dim:
            raise ValueError(f"{self.name}: expected theta of shape (..., {self.dim}), got shape {theta.shape}")
        return theta

    def __repr__(self):
        return f"Landscape({self.name!r}, dim={self.dim})"


def _landscape(name, value, gradient, minimum, start, bounds, levels):
    return Landscape(
        name, value, gradient, *(np.asarray(part, dtype=float) for part in (minimum, start, bounds, levels))
    )


def quadratic(hessian, center=None):
    """Build ½ (theta - center)ᵀ H (theta - center).

    hessian : array-like, shape (n, n), symmetric
    center : array-like, shape (n,), the stationary point; zeros by default
    Raises ValueError if the Hessian is not square and symmetric, or the centre does not fit.
    """
    hessian = np.array(hessian, dtype=float)
    if hessian.ndim != 2 or hessian.shape[0] != hessian.shape[1] or not np.allclose(hessian, hessian.T):
        raise ValueError(f"quadratic: expected a symmetric hessian of shape (n, n), got {hessian.tolist()}")
    n = len(hessian)
    center = np.zeros(n) if center is None else np.array(center, dtype=float)
    if center.shape != (n,):
        raise ValueError(f"quadratic: expected a center of shape ({n},), got shape {center.shape}")

    def value(theta):
        offset = theta - center
        return 0.5 * np.sum(offset * (offset @ hessian), axis=-1)

    def gradient(theta):
        return (theta - center) @ hessian

    start = center + 1.5
    top = abs(value(start)) or 1.0
    bounds = np.stack([center - 2, center + 2], axis=1)
    return _landscape("quadratic", value, gradient, center, start, bounds, top * np.geomspace(1e-3, 2, 12))


def bowl(condition_number, angle=0.0):
    """Build a two-dimensional quadratic with eigenvalues 1 and `condition_number`.

    condition_number : float >= 1
    angle : float, radians by which the flat axis is turned from the first coordinate axis
    The start is where both eigendirections have the same height, at distance 2 along the flat one.
    """
    if not condition_number >= 1:
        raise ValueError(f"bowl: expected a condition_number >= 1, got {condition_number}")
    cos, sin = np.cos(angle), np.sin(angle)
    axes = np.array([[cos, -sin], [sin, cos]])
    base = quadratic(axes @ np.diag([1.0, condition_number]) @ axes.T)
    start = axes @ [2.0, 2.0 / np.sqrt(condition_number)]
    reach = 1.25 * np.abs(axes) @ [2.0, max(2.0 / np.sqrt(condition_number), 0.4)]
    return _landscape(
        f"bowl, condition number {condition_number:g}",
        base.value_fn,
        base.gradient_fn,
        np.zeros(2),
        start,
        np.stack([-reach, reach], axis=1),
        base(start) * np.geomspace(4e-3, 2.5, 9),
    )


def rosenbrock():
    """Build (1 - x)² + 100 (y - x²)²: a curved valley with a nearly flat floor, minimum 0 at (1, 1).

    Source: Rosenbrock (1960).
    """

    def value(theta):
        x, y = theta[..., 0], theta[..., 1]
        return (1 - x) ** 2 + 100 * (y - x**2) ** 2

    def gradient(theta):
        x, y = theta[..., 0], theta[..., 1]
        return np.stack([-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)], axis=-1)

    bounds = [(-2, 2), (-1, 3)]
    return _landscape("Rosenbrock", value, gradient, (1, 1), (-1.2, 1), bounds, np.geomspace(0.5, 1500, 9))


def beale():
    """Build Beale's function: flat plains between steep corners, minimum 0 at (3, 0.5).

    Source: Beale (1958).
    """
    targets = np.array([1.5, 2.25, 2.625])
    powers = np.array([1, 2, 3])

    def value(theta):
        x, y = theta[..., 0, None], theta[..., 1, None]
        return np.sum((targets - x * (1 - y**powers)) ** 2, axis=-1)

    def gradient(theta):
        x, y = theta[..., 0, None], theta[..., 1, None]
        residual = targets - x * (1 - y**powers)
        along_x = np.sum(-2 * residual * (1 - y**powers), axis=-1)
        along_y = np.sum(2 * residual * x * powers * y ** (powers - 1), axis=-1)
        return np.stack([along_x, along_y], axis=-1)

    bounds = [(-1, 4.5), (-2, 2)]
    return _landscape("Beale", value, gradient, (3, 0.5), (1, 1.5), bounds, np.geomspace(0.1, 300, 10))


def saddle():
    """Build ½x² - ½y² + ¼y⁴: a saddle at (0, 0) between two minima of height -¼ at (0, -1) and (0, 1).

    The start lies a thousandth beside the ridge y = 0. The quartic term keeps it bounded below, unlike x² - y².
    """

    def value(theta):
        x, y = theta[..., 0], theta[..., 1]
        return 0.5 * x**2 - 0.5 * y**2 + 0.25 * y**4

    def gradient(theta):
        x, y = theta[..., 0], theta[..., 1]
        return np.stack([x, y**3 - y], axis=-1)

    bounds = [(-1.6, 1.8), (-1.6, 1.6)]
    levels = np.concatenate([np.linspace(-0.22, 0, 5), np.geomspace(0.08, 2, 6)])
    return _landscape("saddle", value, gradient, (0, 1), (1.5, 1e-3), bounds, levels)


def cliff():
    """Build a gentle slope that ends at a steep wall: 0.05 (x + 3)² + 0.05 y² + 5 σ(-20 (x + 1)).

    The minimum lies at the foot of the wall, near (-0.77, 0). On the wall the slope is 25, a hundred times
    that around it, so one
    step there throws theta far away. Source: after Goodfellow et al. (2016), figure 8.3.
    """

    def wall(x):
        return 0.5 * (1 - np.tanh(10 * (x + 1)))  # the logistic function, written so that nothing overflows

    def value(theta):
        x, y = theta[..., 0], theta[..., 1]
        return 0.05 * (x + 3) ** 2 + 0.05 * y**2 + 5 * wall(x)

    def gradient(theta):
        x, y = theta[..., 0], theta[..., 1]
        return np.stack([0.1 * (x + 3) - 100 * wall(x) * (1 - wall(x)), 0.1 * y], axis=-1)

    low, high = -1.0, 2.0  # the slope along x is negative on the wall and positive far from it: bisect
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if gradient(np.array([middle, 0.0]))[0] < 0 else (low, middle)
    bounds = [(-2.5, 3), (-2, 2)]
    return _landscape("cliff", value, gradient, (middle, 0), (2, 1), bounds, np.linspace(0.3, 5.5, 11))


def monkey_saddle():
    """Build r³ cos 3φ + ¾ r⁴ = x³ - 3xy² + ¾ (x² + y²)²: three ways down and three ways up at (0, 0).

    Gradient and Hessian vanish at (0, 0), so no test of second order can tell what it is. The quartic term keeps
    the function bounded below; its three minima of height -¼ lie at distance 1, one of them at (-1, 0).
    """

    def value(theta):
        x, y = theta[..., 0], theta[..., 1]
        return x**3 - 3 * x * y**2 + 0.75 * (x**2 + y**2) ** 2

    def gradient(theta):
        x, y = theta[..., 0], theta[..., 1]
        square = x**2 + y**2
        return np.stack([3 * x**2 - 3 * y**2 + 3 * x * square, -6 * x * y + 3 * y * square], axis=-1)

    bounds = [(-1.5, 1.5), (-1.5, 1.5)]
    levels = np.concatenate([np.linspace(-0.22, 0, 6), np.geomspace(0.05, 3, 7)])
    return _landscape("monkey saddle", value, gradient, (-1, 0), (0.8, 0.1), bounds, levels)


def plateau():
    """Build the squared error of one sigmoid unit on two examples: ¼ Σ (σ(θ₁ x + θ₂) - y)², (x, y) = (±1, .5 ± .4).

    θ₁ is the weight and θ₂ the bias of the unit. The minimum 0 is at (ln 9, 0); where the unit is saturated, the
    slope falls off as exp(-|θ|) on all sides. Source: after Goodfellow et al. (2016), section 8.2.3.
    """
    inputs, targets = np.array([1.0, -1.0]), np.array([0.9, 0.1])

    def unit(theta):
        return 0.5 * (1 + np.tanh(0.5 * (theta[..., 0, None] * inputs + theta[..., 1, None])))

    def value(theta):
        return 0.25 * np.sum((unit(theta) - targets) ** 2, axis=-1)

    def gradient(theta):
        output = unit(theta)
        signal = 0.5 * (output - targets) * output * (1 - output)
        return np.stack([signal @ inputs, signal.sum(axis=-1)], axis=-1)

    bounds = [(-9, 6), (-6, 6)]
    levels = np.array([0.005, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.39])
    return _landscape("plateau", value, gradient, (np.log(9), 0), (-7, 0.5), bounds, levels)


def himmelblau():
    """Build (x² + y - 11)² + (x + y² - 7)²: four minima of height 0, one of them at (3, 2).

    Source: Himmelblau (1972).
    """

    def value(theta):
        x, y = theta[..., 0], theta[..., 1]
        return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2

    def gradient(theta):
        x, y = theta[..., 0], theta[..., 1]
        first, second = x**2 + y - 11, x + y**2 - 7
        return np.stack([4 * x * first + 2 * second, 2 * first + 4 * y * second], axis=-1)

    bounds = [(-5, 5), (-5, 5)]
    return _landscape("Himmelblau", value, gradient, (3, 2), (0, -1), bounds, np.geomspace(2, 800, 10))


def spiral(depth=1.0, tilt=0.5):
    """Build a bowl with a spiral groove: tilt r² + depth s (1 - cos(2πr - φ)), s = r² / (r² + ¼), minimum 0 at (0, 0).

    depth : float > 0, half the height of the walls between two windings, which are 1 apart
    tilt : float > 0, how much the groove falls towards the centre
    Downhill follows the groove: some πr² of way for a distance of r. The factor s makes the centre smooth. The
    start lies on the floor of the groove at (2.5, 0), up to the tilt. Source: after Goodfellow et al. (2016), section
    8.2.7, where downhill alone leads round a mountain.
    """

    def value(theta):
        r, turn = np.hypot(theta[..., 0], theta[..., 1]), np.arctan2(theta[..., 1], theta[..., 0])
        return tilt * r**2 + depth * r**2 / (r**2 + 0.25) * (1 - np.cos(2 * np.pi * r - turn))

    def gradient(theta):
        x, y = theta[..., 0], theta[..., 1]
        r, turn = np.hypot(x, y), np.arctan2(y, x)
        phase = 2 * np.pi * r - turn
        smooth = depth / (r**2 + 0.25)  # s / r², so that nothing is divided by zero at the centre
        outwards = 2 * tilt + 0.5 * smooth / (r**2 + 0.25) * (1 - np.cos(phase))  # the radial slope over r …
        wall = smooth * np.sin(phase)
        along = 2 * np.pi * r * wall  # … less the part of the phase
        return np.stack([x * (outwards + along) + y * wall, y * (outwards + along) - x * wall], axis=-1)

    bounds = [(-3, 3), (-3, 3)]
    top = tilt * 9 + depth
    return _landscape("spiral", value, gradient, (0, 0), (2, 0), bounds, top * np.linspace(0.03, 1, 9))


def rosenbrock_chain(n):
    """Build Σ 100 (θ_{i+1} - θ_i²)² + (1 - θ_i)², Rosenbrock's valley in n >= 2 dimensions; minimum 0 at (1, …, 1).

    The start alternates -1.2 and 1. Source: Dixon and Mills (1994); the sum is over i = 1, …, n - 1.
    """

    def parts(theta):
        return theta[..., 1:] - theta[..., :-1] ** 2, 1 - theta[..., :-1]

    def value(theta):
        climb, way = parts(theta)
        return np.sum(100 * climb**2 + way**2, axis=-1)

    def gradient(theta):
        climb, way = parts(theta)
        slope = np.zeros_like(theta)
        slope[..., :-1] = -400 * theta[..., :-1] * climb - 2 * way
        slope[..., 1:] += 200 * climb
        return slope

    start = np.where(np.arange(n) % 2, 1.0, -1.2)
    return _landscape(
        f"Rosenbrock in {n} dimensions", value, gradient, np.ones(n), start, [(-2, 2)] * n, np.geomspace(0.5, 1500, 9)
    )
