"""Exercises on curvature, saddles, plateaus and cliffs (Goodfellow et al., 2016, sections 4.3.1 and 8.2).

Symbols: H Hessian, g gradient, lr learning rate, curvature an eigenvalue's size, noise a standard deviation.
"""

import math

import numpy as np
import scipy.linalg
import torch

from grading.exercise import exercise
from utils import landscapes

# --- matrices to hand over


def _symmetric(rng, eigenvalues):
    """A symmetric matrix with these eigenvalues and random eigenvectors."""
    basis = scipy.linalg.qr(rng.normal(size=(len(eigenvalues),) * 2))[0]
    matrix = basis * np.asarray(eigenvalues, dtype=float) @ basis.T
    return (matrix + matrix.T) / 2


def _spread(rng, n, low=0.2, high=6.0):
    """Curvatures that differ: one near each end, the others between."""
    return np.concatenate([[low, high], rng.uniform(2 * low, high / 2, size=n - 2)]) * rng.uniform(0.8, 1.2, size=n)


# --- condition_number


@exercise(points=2, returns="condition_number")
def condition_number(H):
    """Oracle: np.linalg.cond, which takes singular values."""
    return float(np.linalg.cond(H, 2))


@condition_number.cases("positive definite", weight=1)
def _(rng):
    for n in (2, 3, 6):
        yield dict(H=_symmetric(rng, _spread(rng, n)))


@condition_number.cases("positive and negative curvatures", weight=1)
def _(rng):
    for n in (2, 4):
        yield dict(H=_symmetric(rng, _spread(rng, n) * np.where(np.arange(n) % 2, -1, 1)))
    yield dict(H=_symmetric(rng, -_spread(rng, 3)))
    yield dict(H=_symmetric(rng, rng.permutation([-0.3, -5.0, 1.0, 4.0]) * rng.uniform(0.9, 1.1)))


@condition_number.cases("edge cases", weight=1)
def _(rng):
    yield dict(H=np.array([[float(rng.uniform(2, 3))]]))
    yield dict(H=np.eye(3) * rng.uniform(2, 3))
    yield dict(H=np.diag(rng.permutation([1.0, -20.0, 4.0])))
    for scale in (1e-8, 1e8):
        yield dict(H=scale * _symmetric(rng, _spread(rng, 3)))


@condition_number.misconception(
    "inverted", hint="Your number is at most 1, and smaller for narrower ravines. Which curvature belongs on top?"
)
def _(H):
    curvatures = np.abs(np.linalg.eigvalsh(H))
    return curvatures.min() / curvatures.max()


@condition_number.misconception(
    "signs-kept",
    hint="A condition number is never negative. What should happen to the signs, and before or after you pick?",
)
def _(H):
    curvatures = np.linalg.eigvalsh(H)
    return curvatures.max() / curvatures.min()


@condition_number.misconception(
    "absolute-value-too-late",
    hint=(
        "You pick the largest and smallest with their signs and drop the sign afterwards. Try diag(1, -10, 2) by hand."
    ),
)
def _(H):
    curvatures = np.linalg.eigvalsh(H)
    return abs(curvatures.max() / curvatures.min())


@condition_number.misconception(
    "entries-of-the-matrix",
    hint="The entries of H change when the axes are turned, the ravine does not. Which numbers stay the same?",
)
def _(H):
    with np.errstate(all="ignore"):
        return np.abs(H).max() / np.abs(H).min()


@condition_number.misconception(
    "diagonal-only",
    hint="The diagonal holds the curvatures along the axes. Along which directions are they largest and smallest?",
)
def _(H):
    diagonal = np.abs(np.diag(H))
    return diagonal.max() / diagonal.min()


@condition_number.misconception(
    "difference", hint="You compare by subtracting, so the number changes with the unit of the cost. A ratio does not."
)
def _(H):
    curvatures = np.abs(np.linalg.eigvalsh(H))
    return curvatures.max() - curvatures.min()


@condition_number.misconception(
    "largest-curvature-only",
    hint="A bowl can be steep and perfectly round. What must the largest curvature be compared with?",
)
def _(H):
    return np.abs(np.linalg.eigvalsh(H)).max()


@condition_number.misconception(
    "squared", hint="Your number is the square of what it should be. Whose eigenvalues are those of H times H?"
)
def _(H):
    squares = np.linalg.eigvalsh(H.T @ H)
    return squares.max() / squares.min()


# --- max_stable_lr


@exercise(points=2, returns="lr")
def max_stable_lr(H):
    """Oracle: bisection on the spectral radius of the map I - lr H, with no eigenvalue of H in sight."""
    n = len(H)

    def shrinks(lr):
        return np.abs(scipy.linalg.eigvals(np.eye(n) - lr * H)).max() < 1

    high = 4 / np.abs(H).max()  # surely too large: the largest eigenvalue is at least the largest entry
    low = high * 1e-3
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if shrinks(middle) else (low, middle)
    return low


@max_stable_lr.cases("two parameters", weight=1)
def _(rng):
    for _ in range(3):
        yield dict(H=_symmetric(rng, _spread(rng, 2)))


@max_stable_lr.cases("more parameters", weight=1)
def _(rng):
    for n in (3, 5, 8):
        yield dict(H=_symmetric(rng, _spread(rng, n)))


@max_stable_lr.cases("edge cases", weight=1)
def _(rng):
    yield dict(H=np.array([[float(rng.uniform(2, 3))]]))
    yield dict(H=np.diag(rng.permutation([0.5, 20.0, 4.0])))
    yield dict(H=np.eye(3) * rng.uniform(2, 3))
    for scale in (1e-8, 1e8):
        yield dict(H=scale * _symmetric(rng, _spread(rng, 3)))


@max_stable_lr.misconception(
    "one-over-the-largest",
    hint=(
        "At your rate the steepest direction is finished in one step. How much farther can a step go and "
        "still come back?"
    ),
)
def _(H):
    return 1 / np.linalg.eigvalsh(H).max()


@max_stable_lr.misconception(
    "smallest-curvature",
    hint="Your rate suits the flattest direction. Which direction is the first to blow up as the rate grows?",
)
def _(H):
    return 2 / np.linalg.eigvalsh(H).min()


@max_stable_lr.misconception(
    "trace",
    hint="The trace adds up all curvatures. Each direction lives on its own, so which single one sets the limit?",
)
def _(H):
    return 2 / np.trace(H)


@max_stable_lr.misconception(
    "largest-diagonal-entry",
    hint="The diagonal holds the curvatures along the axes. The steepest direction may lie between them.",
)
def _(H):
    return 2 / np.diag(H).max()


@max_stable_lr.misconception(
    "best-instead-of-largest",
    hint=(
        "That is the rate with the fastest convergence. The walk still converges a little beyond it: where "
        "does it stop?"
    ),
)
def _(H):
    curvatures = np.linalg.eigvalsh(H)
    return 2 / (curvatures.min() + curvatures.max())


@max_stable_lr.misconception(
    "upside-down",
    hint="Your rate grows with the curvature. Must you walk faster or slower where the ground curves more?",
)
def _(H):
    return np.linalg.eigvalsh(H).max() / 2


@max_stable_lr.misconception(
    "frobenius-norm",
    hint=(
        "np.linalg.norm of a matrix is the root of the sum of all squares. Only in one dimension is that the curvature."
    ),
)
def _(H):
    return 2 / np.linalg.norm(H)


@max_stable_lr.misconception(
    "condition-number",
    hint="A round bowl has the condition number 1, however steep it is. Is the same rate stable in all round bowls?",
)
def _(H):
    curvatures = np.linalg.eigvalsh(H)
    return 2 * curvatures.min() / curvatures.max()


# --- step_change


@exercise(points=3, returns="change")
def step_change(g, H, lr):
    """Oracle: the quadratic with gradient g at 0 and Hessian H, in torch, evaluated after the step."""
    slope, hessian = torch.tensor(g), torch.tensor(H)
    theta = torch.zeros_like(slope)
    theta = torch.add(theta, slope, alpha=-lr)
    value = torch.dot(slope, theta) + torch.dot(theta, torch.mv(hessian, theta)) / 2
    return value.item()


def _comparable(rng, n):
    """A gradient and a Hessian of any sign whose two terms are of similar size for rates around 1."""
    g = rng.normal(size=n) + 0.5
    curvatures = np.concatenate([rng.uniform(-1.0, -0.2, size=n // 2), rng.uniform(0.5, 3, size=n - n // 2)])
    return dict(g=g, H=_symmetric(rng, curvatures))


@step_change.cases("one parameter", weight=1)
def _(rng):
    for lr in (0.3, 0.8, 1.7):
        yield dict(g=rng.normal(size=1) + 2, H=np.array([[rng.uniform(0.5, 2)]]), lr=lr * float(rng.uniform(0.9, 1.1)))


@step_change.cases("several parameters", weight=2)
def _(rng):
    for n in (2, 3, 6):
        yield dict(**_comparable(rng, n), lr=float(rng.uniform(0.2, 0.5)))
        yield dict(**_comparable(rng, n), lr=float(rng.uniform(1.2, 2.5)))
    # one cost that bends down everywhere, and one that the step raises
    yield dict(g=rng.normal(size=3), H=_symmetric(rng, -_spread(rng, 3)), lr=0.6)
    yield dict(g=rng.normal(size=3), H=_symmetric(rng, _spread(rng, 3, low=2, high=12)), lr=1.5)


@step_change.cases("edge cases", weight=1)
def _(rng):
    yield dict(g=np.zeros(3), H=_symmetric(rng, _spread(rng, 3)), lr=0.5)
    yield dict(g=rng.normal(size=3), H=np.zeros((3, 3)), lr=0.7)
    yield dict(g=rng.normal(size=2), H=np.array([[0.0, 1.0], [1.0, 0.0]]) * rng.uniform(1, 2), lr=0.6)
    for scale in (1e-8, 1e8):
        case = _comparable(rng, 3)
        yield dict(g=scale * case["g"], H=case["H"], lr=float(rng.uniform(0.3, 0.9)))
    case = _comparable(rng, 3)
    yield dict(g=case["g"], H=1e6 * case["H"], lr=2e-6)


@step_change.misconception(
    "half-missing", hint="A Taylor series divides its second term by something. What does ½hθ² give for a slope of hθ?"
)
def _(g, H, lr):
    return -lr * g @ g + lr**2 * (g @ H @ g)


@step_change.misconception(
    "steps-uphill",
    hint="You step along the gradient. In which direction does descent go, and what does that do to the first term?",
)
def _(g, H, lr):
    return lr * g @ g + 0.5 * lr**2 * (g @ H @ g)


@step_change.misconception(
    "curvature-helps",
    hint=(
        "In your formula a cost that bends upwards falls faster. What happens to the sign of the step when it "
        "is squared?"
    ),
)
def _(g, H, lr):
    return -lr * g @ g - 0.5 * lr**2 * (g @ H @ g)


@step_change.misconception(
    "curvature-ignored", hint="Your cost falls for ever, however long the step. Where does the Hessian come in?"
)
def _(g, H, lr):
    return -lr * g @ g


@step_change.misconception(
    "rate-not-squared", hint="The step occurs twice in the second term. How often does the rate occur there?"
)
def _(g, H, lr):
    return -lr * g @ g + 0.5 * lr * (g @ H @ g)


@step_change.misconception(
    "norm-not-squared", hint="With a gradient twice as long, the first term should be four times as large. Is yours?"
)
def _(g, H, lr):
    return -lr * np.linalg.norm(g) + 0.5 * lr**2 * (g @ H @ g)


@step_change.misconception(
    "diagonal-only", hint="You use the curvatures along the axes only. The step has parts along several axes at once."
)
def _(g, H, lr):
    return -lr * g @ g + 0.5 * lr**2 * np.sum(np.diag(H) * g**2)


@step_change.misconception(
    "returns-the-decrease",
    hint="Your sign is the other way round: the change is the cost after the step minus that before.",
)
def _(g, H, lr):
    return lr * g @ g - 0.5 * lr**2 * (g @ H @ g)


@step_change.misconception(
    "curvature-of-a-unit-step",
    hint="You divide by the squared length of g, as for a step of length one. How long is this step?",
)
def _(g, H, lr):
    square = g @ g
    return -lr * square + 0.5 * lr**2 * (g @ H @ g) / (square if square > 0 else 1.0)


# --- classify_critical_point


def _signs(H, tol):
    """Count the eigenvalues above tol and below -tol by Sylvester's law of inertia, without computing any."""

    def positive(matrix):
        blocks = scipy.linalg.ldl(matrix)[
            1
        ]  # blocks of one or two rows, with as many positive eigenvalues as the matrix
        count, i = 0, 0
        while i < len(blocks):
            if (
                i + 1 < len(blocks) and blocks[i + 1, i] != 0
            ):  # such a block has a negative determinant or a definite sign
                trace = blocks[i, i] + blocks[i + 1, i + 1]
                determinant = blocks[i, i] * blocks[i + 1, i + 1] - blocks[i + 1, i] ** 2
                count += 1 if determinant < 0 else 2 * (trace > 0)
                i += 2
            else:
                count += blocks[i, i] > 0
                i += 1
        return int(count)

    identity = tol * np.eye(len(H))
    return positive(H - identity), positive(-H - identity)


@exercise(points=4, returns="kind", view="critical_point", holds="same_kind")
def classify_critical_point(H, tol):
    """Oracle: the numbers of curvatures beyond tol, from two factorisations LDLᵀ."""
    up, down = _signs(H, tol)
    if up and down:
        return "saddle"
    return "minimum" if up == len(H) else "maximum" if down == len(H) else "degenerate"


def _shuffled(rng, rows):
    """Turn rows of (eigenvalues, tol) into cases in random order, so that answers cannot be learnt by heart."""
    for i in rng.permutation(len(rows)):
        eigenvalues, tol = rows[i]
        yield dict(H=_symmetric(rng, np.asarray(eigenvalues) * rng.uniform(0.9, 1.1)), tol=tol)


def _fixed(rng, matrix):
    return np.array(matrix, dtype=float) * rng.uniform(0.9, 1.1)


@classify_critical_point.cases("clear cases", weight=1)
def _(rng):
    cases = list(_shuffled(rng, [([1, 3], 1e-6), ([0.5, 2, 4], 1e-6), ([-1, -2], 1e-6), ([-1, -2, -0.5, -3], 1e-6)]))
    cases += _shuffled(rng, [([1, -2], 1e-6), ([2, 3, -0.5], 1e-6), ([-2, -1, -3, 4], 1e-6), ([1, 2, -1, -2], 1e-6)])
    cases.append(dict(H=_fixed(rng, [[2, 4], [4, 2]]), tol=1e-6))  # convex along each axis, and a saddle
    cases.append(dict(H=_fixed(rng, [[2, -1], [-1, 2]]), tol=1e-6))  # a minimum with negative entries
    cases.append(dict(H=_fixed(rng, [[-2, 1], [1, -2]]), tol=1e-6))
    yield from (cases[i] for i in rng.permutation(len(cases)))


@classify_critical_point.cases("flat directions", weight=1)
def _(rng):
    rows = [([0, 1], 1e-6), ([0, 2, 3], 1e-6), ([-1, 0], 1e-6), ([-1, 0, -3], 1e-6), ([0, 1, -1], 1e-6)]
    rows += [([0, 0, 2, -3], 1e-6), ([1e-8, 2, 1], 1e-6), ([-1e-8, 2, 1], 1e-6), ([1e-8, -2, -1], 1e-6)]
    rows += [([1, 2], 1e-6), ([-1, -2, -3], 1e-6), ([-1e-8, -2, -1], 1e-6)]
    cases = [*_shuffled(rng, rows), dict(H=np.zeros((2, 2)), tol=1e-6)]
    yield from (cases[i] for i in rng.permutation(len(cases)))


@classify_critical_point.cases("other tolerances and scales", weight=1)
def _(rng):
    rows = [([0.5, 3], 0.1), ([0.5, 3], 1.0), ([-0.5, 3], 0.1), ([-0.5, 3], 1.0), ([-0.5, -3], 1.0), ([-0.5, -3], 0.1)]
    rows += [([1e8, 3e8], 1.0), ([1e8, -3e8], 1.0), ([1e-8, 3e-8], 1e-10), ([1e-8, -3e-8], 1e-10)]
    rows += [([-1e-8, -3e-8], 1e-10), ([-1e8, -2e8], 1.0), ([0.5, -0.5, 3], 1.0), ([0.5, -4, 3], 1.0)]
    cases = list(_shuffled(rng, rows))
    # exactly at the tolerance, without any rounding: counts as zero
    cases += [
        dict(H=np.diag(rng.permutation(d)), tol=0.25) for d in ([0.25, 1.0], [-0.25, -1.0], [-0.25, 1.0], [0.25, -1.0])
    ]
    cases += [dict(H=np.array([[sign * 2.0]]), tol=0.25) for sign in (1, -1)]
    yield from (cases[i] for i in rng.permutation(len(cases)))


@classify_critical_point.misconception(
    "diagonal-only",
    hint="You look along the axes only. Try xy: flat along both of them, and yet it rises and falls between.",
)
def _(H, tol):
    return _by_numbers(np.diag(H), tol)


def _by_numbers(numbers, tol):
    low, high = np.min(numbers), np.max(numbers)
    if high > tol and low < -tol:
        return "saddle"
    return "minimum" if low > tol else "maximum" if high < -tol else "degenerate"


@classify_critical_point.misconception(
    "entries-of-the-matrix", hint="The signs of the entries change when you turn the axes. Which numbers of H do not?"
)
def _(H, tol):
    return _by_numbers(H, tol)


@classify_critical_point.misconception(
    "determinant-test",
    hint=(
        "The test by determinant and first entry is for two parameters. With three or more, what can a "
        "positive product hide?"
    ),
)
def _(H, tol):
    determinant = np.linalg.det(H)
    if abs(determinant) <= tol:
        return "degenerate"
    if determinant < 0:
        return "saddle"
    return "minimum" if H[0, 0] > 0 else "maximum"


@classify_critical_point.misconception(
    "no-degenerate-case",
    hint="You never answer that the test cannot tell. What about a curvature of zero, or one that is smaller than tol?",
)
def _(H, tol):
    curvatures = np.linalg.eigvalsh(H)
    return "minimum" if curvatures.min() > 0 else "maximum" if curvatures.max() < 0 else "saddle"


@classify_critical_point.misconception(
    "degenerate-comes-first",
    hint="One way up and one way down are enough for a saddle. Does a third, flat direction change that?",
)
def _(H, tol):
    curvatures = np.linalg.eigvalsh(H)
    return "degenerate" if np.abs(curvatures).min() <= tol else _by_numbers(curvatures, tol)


@classify_critical_point.misconception(
    "minimum-and-maximum-swapped",
    hint="A bowl that bends upwards everywhere: is its critical point the lowest or the highest?",
)
def _(H, tol):
    return _by_numbers(-np.linalg.eigvalsh(H), tol)


@classify_critical_point.misconception(
    "flat-counts-as-minimum",
    hint=(
        "You call it a minimum when nothing goes down. Where a direction is flat to second order, higher orders decide."
    ),
)
def _(H, tol):
    curvatures = np.linalg.eigvalsh(H)
    return "minimum" if curvatures.min() >= -tol else "maximum" if curvatures.max() <= tol else "saddle"


@classify_critical_point.misconception(
    "tolerance-on-one-side",
    hint="You compare everything with tol. On the negative side of zero, where does the band of the tolerance end?",
)
def _(H, tol):
    curvatures = np.linalg.eigvalsh(H)
    if curvatures.max() > tol and curvatures.min() < tol:
        return "saddle"
    return "minimum" if curvatures.min() > tol else "maximum" if curvatures.max() < tol else "degenerate"


@classify_critical_point.misconception(
    "sum-of-curvatures", hint="The trace adds the curvatures, so that steep ways up hide a way down. Look at each one."
)
def _(H, tol):
    trace = np.trace(H)
    return "minimum" if trace > tol else "maximum" if trace < -tol else "saddle"


@classify_critical_point.misconception(
    "leftover-is-saddle",
    hint="You call a saddle whatever is no clear minimum or maximum. A saddle needs a way up and a way down.",
)
def _(H, tol):
    curvatures = np.linalg.eigvalsh(H)
    return "minimum" if curvatures.min() > tol else "maximum" if curvatures.max() < -tol else "saddle"


@classify_critical_point.misconception(
    "degenerate-only-if-all-flat",
    hint="You say degenerate only where every direction is flat. One flat direction is enough if the others agree.",
)
def _(H, tol):
    curvatures = np.linalg.eigvalsh(H)
    if np.abs(curvatures).max() <= tol:
        return "degenerate"
    return "minimum" if curvatures.min() > tol else "maximum" if curvatures.max() < -tol else "saddle"


# --- escape_steps


@exercise(points=3, returns="k")
def escape_steps(start, distance, curvature, lr):
    """Oracle: descent on -½ curvature y², step by step."""
    ridge = landscapes.quadratic(hessian=[[-curvature]])
    y, steps = np.array([start]), 0
    while y[0] < distance:
        y = y - lr * ridge.gradient(y)
        steps += 1
    return steps


def _escapes(rng, part, start, distance, curvature, lr):
    """A case whose exact, fractional number of steps ends in `part`, so that no rounding can change the count."""
    curvature = curvature * float(rng.uniform(0.8, 1.2))
    growth = math.log1p(lr * curvature)
    whole = math.floor(math.log(distance / start) / growth)
    return dict(start=distance * math.exp(-growth * (whole + part)), distance=distance, curvature=curvature, lr=lr)


@escape_steps.cases("near the ridge", weight=1)
def _(rng):
    for part, start in ((0.25, 1e-3), (0.7, 1e-6), (0.35, 1e-12)):
        yield _escapes(rng, part, start, 1.0, 1.0, float(rng.uniform(0.05, 0.2)))
    yield _escapes(rng, 0.3, 1e-4, float(rng.uniform(0.2, 0.6)), 0.5, 0.1)


@escape_steps.cases("long strides", weight=1)
def _(rng):
    for part, lr in ((0.3, 0.5), (0.65, 1.0), (0.4, 3.0)):
        yield _escapes(rng, part, 1e-5, float(rng.uniform(0.5, 2)), float(rng.uniform(1.5, 3)), lr)


@escape_steps.cases("edge cases", weight=1)
def _(rng):
    yield _escapes(rng, 0.4, 1e8, 1e12, 2.0, 0.3)
    yield _escapes(rng, 0.6, 1e-12, 1e-8, 0.7, 0.3)
    yield _escapes(rng, 0.3, 1e-3, 5.0, 1e-3, 100.0)
    yield _escapes(rng, 0.3, 0.9, 1.0, 5.0, 1.0)  # out in one step
    yield _escapes(rng, 0.7, 0.5, 1.0, 0.05, 0.1)


@escape_steps.misconception(
    "rounds-down",
    hint="After your number of steps the walker is not quite out yet. Which whole number is the first that is enough?",
)
def _(start, distance, curvature, lr):
    return math.floor(math.log(distance / start) / math.log1p(lr * curvature))


@escape_steps.misconception(
    "rounds-to-the-nearest",
    hint=(
        "Rounding to the nearest is right half of the time. Is the walker out when the exact answer is 12.3 "
        "and you say 12?"
    ),
)
def _(start, distance, curvature, lr):
    return round(math.log(distance / start) / math.log1p(lr * curvature))


@escape_steps.misconception(
    "not-rounded", hint="Steps come in whole numbers. Return the first whole number that is enough."
)
def _(start, distance, curvature, lr):
    return math.log(distance / start) / math.log1p(lr * curvature)


@escape_steps.misconception(
    "continuous-time",
    hint=(
        "ln(distance/start) over rate times curvature holds for tiny rates only. By what factor does one "
        "whole step grow?"
    ),
)
def _(start, distance, curvature, lr):
    return math.ceil(math.log(distance / start) / (lr * curvature))


@escape_steps.misconception(
    "constant-speed",
    hint="You let the walker cover the same stretch at each step. How does its slope change as it leaves the ridge?",
)
def _(start, distance, curvature, lr):
    return math.ceil((distance - start) / (lr * curvature * start))


@escape_steps.misconception(
    "shrinks", hint="Your factor is below 1: that is the way into a minimum. In which direction does this ground bend?"
)
def _(start, distance, curvature, lr):
    factor = abs(1 - lr * curvature) or 0.5
    return math.ceil(math.log(distance / start) / -math.log(factor)) if factor < 1 else -1


@escape_steps.misconception(
    "rate-forgotten", hint="Your answer is the same for a small and a large rate. Who goes faster?"
)
def _(start, distance, curvature, lr):
    return math.ceil(math.log(distance / start) / math.log1p(curvature))


@escape_steps.misconception(
    "start-forgotten", hint="Your walker always starts at distance 1. Which ratio has to be covered?"
)
def _(start, distance, curvature, lr):
    return math.ceil(abs(math.log(distance)) / math.log1p(lr * curvature))


@escape_steps.misconception(
    "one-too-many", hint="Check by hand: start 1, distance 10, doubling at each step. Is the start itself a step?"
)
def _(start, distance, curvature, lr):
    return math.ceil(math.log(distance / start) / math.log1p(lr * curvature)) + 1


# --- clip_by_norm


@exercise(points=4, returns=("shapes", "entries"), view="arrays")
def clip_by_norm(grads, max_norm):
    """Oracle: torch.nn.utils.clip_grad_norm_, in units in which the 1e-6 that it adds to the norm vanishes."""
    unit = max_norm * 1e-10
    parameters = [torch.nn.Parameter(torch.zeros(np.shape(grad), dtype=torch.float64)) for grad in grads]
    for parameter, grad in zip(parameters, grads, strict=True):
        parameter.grad = torch.tensor(grad, dtype=torch.float64) / unit
    torch.nn.utils.clip_grad_norm_(parameters, max_norm / unit)
    return [(unit * parameter.grad).numpy() for parameter in parameters]


def _grads(rng, shapes, norm):
    """Gradients of these shapes with this norm, all taken together."""
    grads = [rng.normal(size=shape) + 0.3 for shape in shapes]
    length = np.sqrt(sum(np.sum(grad**2) for grad in grads))
    return [grad * norm / length for grad in grads]


@clip_by_norm.cases("long gradients", weight=1)
def _(rng):
    yield dict(grads=_grads(rng, [(4,)], 5.0), max_norm=float(rng.uniform(1, 2)))
    yield dict(grads=_grads(rng, [(3, 4), (3,)], float(rng.uniform(20, 30))), max_norm=1.0)
    yield dict(grads=_grads(rng, [(2, 3), (2,), (1, 2), (1,)], 3.0), max_norm=float(rng.uniform(2.6, 2.8)))
    yield dict(grads=_grads(rng, [(2, 2), (2,)], 0.7), max_norm=float(rng.uniform(0.1, 0.2)))


@clip_by_norm.cases("short gradients", weight=1)
def _(rng):
    yield dict(grads=_grads(rng, [(4,)], 0.5), max_norm=float(rng.uniform(1, 2)))
    yield dict(grads=_grads(rng, [(3, 4), (3,)], float(rng.uniform(2, 3))), max_norm=5.0)
    yield dict(grads=_grads(rng, [(2, 2), (2,), (2,)], 3.0), max_norm=float(rng.uniform(3.1, 3.3)))
    yield dict(grads=_grads(rng, [(2, 3), (2,)], 12.0), max_norm=20.0)


@clip_by_norm.cases("edge cases", weight=1)
def _(rng):
    yield dict(grads=[np.zeros((2, 3)), np.zeros(2)], max_norm=1.0)
    yield dict(grads=[np.zeros(3), *_grads(rng, [(2, 2)], 4.0)], max_norm=0.5)
    yield dict(grads=_grads(rng, [(3,), (2,)], 1e8), max_norm=2.0)
    yield dict(grads=_grads(rng, [(3,), (2,)], 1e-8), max_norm=1e-9)
    yield dict(grads=_grads(rng, [(3,), (2,)], 1e-8), max_norm=0.5)
    yield dict(grads=[np.array([3.0, 0.0]), np.array([[-4.0]])], max_norm=10.0)


@clip_by_norm.misconception(
    "each-array-on-its-own",
    hint="You clip each array by its own norm, which turns the gradient as a whole. Whose norm should be compared?",
)
def _(grads, max_norm):
    out = []
    for grad in grads:
        norm = np.linalg.norm(grad)
        out.append(grad * (max_norm / norm) if norm > max_norm else grad.copy())
    return out


@clip_by_norm.misconception(
    "each-entry-on-its-own",
    hint=(
        "You cut single entries, so that the gradient points somewhere else. Shorten all entries by one common factor."
    ),
)
def _(grads, max_norm):
    return [np.clip(grad, -max_norm, max_norm) for grad in grads]


@clip_by_norm.misconception(
    "always-rescales",
    hint="Your result always has the norm max_norm. What should happen to a gradient that is short enough, or zero?",
)
def _(grads, max_norm):
    norm = np.sqrt(sum(np.sum(grad**2) for grad in grads))
    with np.errstate(all="ignore"):
        return [grad * max_norm / norm for grad in grads]


@clip_by_norm.misconception(
    "root-forgotten", hint="You compare max_norm with the sum of the squares. What is missing for a length?"
)
def _(grads, max_norm):
    square = sum(np.sum(grad**2) for grad in grads)
    return [grad * max_norm / square if square > max_norm else grad.copy() for grad in grads]


@clip_by_norm.misconception(
    "norms-added", hint="You add up the norms of the arrays. How long is a vector with the parts 3 and 4?"
)
def _(grads, max_norm):
    norm = sum(np.linalg.norm(grad) for grad in grads)
    return [grad * max_norm / norm if norm > max_norm else grad.copy() for grad in grads]


@clip_by_norm.misconception(
    "factor-upside-down", hint="Your long gradients come out even longer. Which of the two norms belongs on top?"
)
def _(grads, max_norm):
    norm = np.sqrt(sum(np.sum(grad**2) for grad in grads))
    return [grad * norm / max_norm if norm > max_norm else grad.copy() for grad in grads]


@clip_by_norm.misconception(
    "largest-entry", hint="You measure the gradient by its largest entry. The norm takes all entries into account."
)
def _(grads, max_norm):
    norm = max(np.abs(grad).max() for grad in grads)
    return [grad * max_norm / norm if norm > max_norm else grad.copy() for grad in grads]


@clip_by_norm.misconception(
    "unit-length",
    hint="Your long gradients come out with the norm 1, whatever max_norm is. Which length should they have?",
)
def _(grads, max_norm):
    norm = np.sqrt(sum(np.sum(grad**2) for grad in grads))
    return [grad / norm if norm > max_norm else grad.copy() for grad in grads]


@clip_by_norm.misconception(
    "clips-in-place",
    hint=(
        "Your numbers are right, but the caller's arrays have changed too: *= writes into the array that you "
        "were given."
    ),
)
def _(grads, max_norm):
    norm = np.sqrt(sum(np.sum(grad**2) for grad in grads))
    for grad in grads:
        grad *= max_norm / norm if norm > max_norm else 1.0
    return grads


# --- noise_radius


@exercise(points=3, returns="radius")
def noise_radius(lr, curvature, noise):
    """Oracle: SciPy's discrete Lyapunov equation for the variance of θ ← (1 - lr h) θ - lr ξ."""
    kept, shock = np.array([[1 - lr * curvature]]), np.array([[(lr * noise) ** 2]])
    return float(np.sqrt(scipy.linalg.solve_discrete_lyapunov(kept, shock)[0, 0]))


@noise_radius.cases("moderate rates", weight=1)
def _(rng):
    for lr in (0.2, 0.5, 0.8):
        yield dict(
            lr=lr * float(rng.uniform(0.9, 1.1)),
            curvature=float(rng.uniform(0.6, 0.9)),
            noise=float(rng.uniform(1.5, 3)),
        )


@noise_radius.cases("near the stable limit", weight=1)
def _(rng):
    for product in (1.3, 1.7, 1.95):
        curvature = float(rng.uniform(2, 4))
        yield dict(lr=product / curvature, curvature=curvature, noise=float(rng.uniform(0.2, 0.6)))


@noise_radius.cases("edge cases", weight=1)
def _(rng):
    yield dict(lr=0.3, curvature=2.0, noise=0.0)
    yield dict(lr=0.25, curvature=4.0, noise=float(rng.uniform(1, 2)))  # forgets its past at each step
    yield dict(lr=0.02, curvature=float(rng.uniform(1, 2)), noise=3.0)
    for scale in (1e-8, 1e8):
        yield dict(lr=0.4, curvature=float(rng.uniform(1, 2)), noise=scale)
    yield dict(lr=1e6, curvature=float(rng.uniform(0.5, 1)) * 1e-6, noise=2.0)


@noise_radius.misconception(
    "variance-returned", hint="You return the variance. Its unit is the square of a distance: what is the radius?"
)
def _(lr, curvature, noise):
    return (lr * noise) ** 2 / (1 - (1 - lr * curvature) ** 2)


@noise_radius.misconception(
    "small-rate-formula",
    hint=(
        "The root of ε/2h is right for tiny rates only. Near the limit of stability the true radius grows "
        "without bound."
    ),
)
def _(lr, curvature, noise):
    return noise * math.sqrt(lr / (2 * curvature))


@noise_radius.misconception(
    "one-step-only", hint="That is the noise of a single step. The noise of earlier steps is still there, if weaker."
)
def _(lr, curvature, noise):
    return lr * noise


@noise_radius.misconception(
    "standard-deviations-added",
    hint="You add standard deviations. For independent quantities, what adds up?",
)
def _(lr, curvature, noise):
    return lr * noise / (1 - abs(1 - lr * curvature))


@noise_radius.misconception(
    "factor-not-squared",
    hint="A variance takes the square of the factor in front. Which factor does the old θ have, and did you square it?",
)
def _(lr, curvature, noise):
    return lr * noise / math.sqrt(lr * curvature)


@noise_radius.misconception(
    "rate-not-squared", hint="The noise enters multiplied by the rate. What does the variance make of that factor?"
)
def _(lr, curvature, noise):
    return noise * math.sqrt(lr / (1 - (1 - lr * curvature) ** 2))


@noise_radius.misconception(
    "noise-taken-as-variance", hint="`noise` is a standard deviation. What is the variance of ξ?"
)
def _(lr, curvature, noise):
    return lr * math.sqrt(noise / (1 - (1 - lr * curvature) ** 2))


@noise_radius.misconception(
    "curvature-forgotten", hint="Your radius is the same in a narrow and in a wide bowl. What pulls θ back?"
)
def _(lr, curvature, noise):
    return lr * noise / math.sqrt(abs(1 - (1 - lr) ** 2))


@noise_radius.misconception(
    "square-of-a-difference",
    hint="Your radius is the same for every rate. Look again at the square of 1 - εh: it has three terms.",
)
def _(lr, curvature, noise):
    return noise / curvature
