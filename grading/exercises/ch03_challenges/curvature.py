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


@condition_number.misconception
def inverted(H):
    """Your number is at most 1, and smaller for narrower ravines. Which curvature belongs on top?"""
    curvatures = np.abs(np.linalg.eigvalsh(H))
    return curvatures.min() / curvatures.max()


@condition_number.misconception
def signs_kept(H):
    """A condition number is never negative. What should happen to the signs, and before or after you pick?"""
    curvatures = np.linalg.eigvalsh(H)
    return curvatures.max() / curvatures.min()


@condition_number.misconception
def absolute_value_too_late(H):
    """You pick the largest and smallest with their signs and drop the sign afterwards. Try diag(1, -10, 2) by hand."""
    curvatures = np.linalg.eigvalsh(H)
    return abs(curvatures.max() / curvatures.min())


@condition_number.misconception
def entries_of_the_matrix(H):
    """The entries of H change when the axes are turned, the ravine does not. Which numbers stay the same?"""
    with np.errstate(all="ignore"):
        return np.abs(H).max() / np.abs(H).min()


@condition_number.misconception
def diagonal_only(H):
    """The diagonal holds the curvatures along the axes. Along which directions are they largest and smallest?"""
    diagonal = np.abs(np.diag(H))
    return diagonal.max() / diagonal.min()


@condition_number.misconception
def difference(H):
    """You compare by subtracting, so the number changes with the unit of the cost. A ratio does not."""
    curvatures = np.abs(np.linalg.eigvalsh(H))
    return curvatures.max() - curvatures.min()


@condition_number.misconception
def largest_curvature_only(H):
    """A bowl can be steep and perfectly round. What must the largest curvature be compared with?"""
    return np.abs(np.linalg.eigvalsh(H)).max()


@condition_number.misconception
def squared(H):
    """Your number is the square of what it should be. Whose eigenvalues are those of H times H?"""
    squares = np.linalg.eigvalsh(H.T @ H)
    return squares.max() / squares.min()


@condition_number.misconception
def ends_of_the_sorted_list(H):
    """You take the two ends of the sorted list and turn the ratio over if it is below one. Where in that list does the
    curvature nearest to zero stand, if some are negative?
    """
    curvatures = np.linalg.eigvalsh(H)
    ratio = abs(curvatures.max() / curvatures.min())
    return max(ratio, 1 / ratio)


@condition_number.misconception
def root_taken(H):
    """You take a root at the end. Of a symmetric matrix the singular values are the sizes of the curvatures themselves:
    what is there to take a root of?
    """
    curvatures = np.abs(np.linalg.eigvalsh(H))
    return np.sqrt(curvatures.max() / curvatures.min())


@condition_number.misconception
def frobenius_norms(H):
    """Your norm of a matrix adds up all curvatures. Which norm tells the largest one alone?"""
    return np.linalg.norm(H) * np.linalg.norm(np.linalg.inv(H))


# --- max_stable_lr


@exercise(points=2, returns="lr")
def max_stable_lr(H):
    """Oracle: bisection on the spectral radius of the map I - lr H, with no eigenvalue of H in sight."""

    def shrinks(lr):
        return np.abs(scipy.linalg.eigvals(np.eye(*H.shape) - lr * H)).max() < 1

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


@max_stable_lr.misconception
def one_over_the_largest(H):
    """At your rate the steepest direction is finished in one step. How much farther can a step go and still come
    back?
    """
    return 1 / np.linalg.eigvalsh(H).max()


@max_stable_lr.misconception
def smallest_curvature(H):
    """Your rate suits the flattest direction. Which direction is the first to blow up as the rate grows?"""
    return 2 / np.linalg.eigvalsh(H).min()


@max_stable_lr.misconception
def trace(H):
    """The trace adds up all curvatures. Each direction lives on its own, so which single one sets the limit?"""
    return 2 / np.trace(H)


@max_stable_lr.misconception
def largest_diagonal_entry(H):
    """The diagonal holds the curvatures along the axes. The steepest direction may lie between them."""
    return 2 / np.diag(H).max()


@max_stable_lr.misconception
def best_instead_of_largest(H):
    """That is the rate with the fastest convergence. The walk still converges a little beyond it: where does it
    stop?
    """
    curvatures = np.linalg.eigvalsh(H)
    return 2 / (curvatures.min() + curvatures.max())


@max_stable_lr.misconception
def upside_down(H):
    """Your rate grows with the curvature. Must you walk faster or slower where the ground curves more?"""
    return np.linalg.eigvalsh(H).max() / 2


@max_stable_lr.misconception
def frobenius_norm(H):
    """np.linalg.norm of a matrix is the root of the sum of all squares. Only in one dimension is that the curvature."""
    return 2 / np.linalg.norm(H)


@max_stable_lr.misconception
def condition_number_(H):
    """A round bowl has the condition number 1, however steep it is. Is the same rate stable in all round bowls?"""
    curvatures = np.linalg.eigvalsh(H)
    return 2 * curvatures.min() / curvatures.max()


@max_stable_lr.misconception
def one_over_the_smallest(H):
    """Two things at once: your rate suits the flattest direction, and it ends there in the minimum after one step.
    Which direction blows up first, and how far may a step go beyond the minimum?
    """
    return 1 / np.linalg.eigvalsh(H).min()


@max_stable_lr.misconception
def mean_curvature(H):
    """An average hides the steepest direction, and that one decides. At your rate, what does it do?"""
    return 2 / np.linalg.eigvalsh(H).mean()


@max_stable_lr.misconception
def geometric_mean(H):
    """A root of the determinant is a mean of the curvatures, too. Which single curvature sets the limit?"""
    return 2 / np.linalg.det(H / np.trace(H)) ** (1 / len(H)) / np.trace(H)


@max_stable_lr.misconception
def spread_of_the_curvatures(H):
    """In a round bowl your divisor is zero. Is every rate stable there?"""
    curvatures = np.linalg.eigvalsh(H)
    with np.errstate(divide="ignore"):
        return 2 / (curvatures.max() - curvatures.min())


@max_stable_lr.misconception
def root_of_the_curvature(H):
    """For H = 4 the map is θ ← (1 - 4ε) θ. At which ε does its factor pass -1? Yours belongs to a root of H."""
    return 2 / np.sqrt(np.linalg.eigvalsh(H).max())


@max_stable_lr.misconception
def largest_row_sum(H):
    """The largest sum of a row is a bound on the curvatures. Asked is the largest curvature itself."""
    return 2 / np.abs(H).sum(axis=1).max()


@max_stable_lr.misconception
def second_of_the_list(H):
    """With two parameters the second curvature is the largest one. Where does it stand if there are more, or one?"""
    return 2 / np.linalg.eigvalsh(H)[:2].max()


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


@step_change.misconception
def half_missing(g, H, lr):
    """A Taylor series divides its second term by something. What does ½hθ² give for a slope of hθ?"""
    return -lr * g @ g + lr**2 * (g @ H @ g)


@step_change.misconception
def steps_uphill(g, H, lr):
    """You step along the gradient. In which direction does descent go, and what does that do to the first term?"""
    return lr * g @ g + 0.5 * lr**2 * (g @ H @ g)


@step_change.misconception
def curvature_helps(g, H, lr):
    """In your formula a cost that bends upwards falls faster. What happens to the sign of the step when it is
    squared?
    """
    return -lr * g @ g - 0.5 * lr**2 * (g @ H @ g)


@step_change.misconception
def curvature_ignored(g, H, lr):
    """Your cost falls for ever, however long the step. Where does the Hessian come in?"""
    return -lr * g @ g


@step_change.misconception
def rate_not_squared(g, H, lr):
    """The step occurs twice in the second term. How often does the rate occur there?"""
    return -lr * g @ g + 0.5 * lr * (g @ H @ g)


@step_change.misconception
def norm_not_squared(g, H, lr):
    """With a gradient twice as long, the first term should be four times as large. Is yours?"""
    return -lr * np.linalg.norm(g) + 0.5 * lr**2 * (g @ H @ g)


@step_change.misconception
def diagonal_only(g, H, lr):
    """You use the curvatures along the axes only. The step has parts along several axes at once."""
    return -lr * g @ g + 0.5 * lr**2 * np.sum(np.diag(H) * g**2)


@step_change.misconception
def returns_the_decrease(g, H, lr):
    """Your sign is the other way round: the change is the cost after the step minus that before."""
    return lr * g @ g - 0.5 * lr**2 * (g @ H @ g)


@step_change.misconception
def curvature_of_a_unit_step(g, H, lr):
    """You divide by the squared length of g, as for a step of length one. How long is this step?"""
    square = g @ g
    return -lr * square + 0.5 * lr**2 * (g @ H @ g) / (square if square > 0 else 1.0)


@step_change.misconception
def half_on_both(g, H, lr):
    """With H = 0 the ground is a plane: how far down does a step of -εg lead? Which of the two terms bears the ½?"""
    return 0.5 * (-lr * g @ g + lr**2 * (g @ H @ g))


@step_change.misconception
def curvature_only(g, H, lr):
    """With H = 0 your cost does not change. What does a slope alone do to it?"""
    return 0.5 * lr**2 * (g @ H @ g)


@step_change.misconception
def uphill_and_half_missing(g, H, lr):
    """Look at both terms: which way does descent go, and by what does a Taylor series divide its second term?"""
    return lr * g @ g + lr**2 * (g @ H @ g)


@step_change.misconception
def form_squared(g, H, lr):
    """In your second term more is squared than the rate. With a gradient twice as long, by how much should it grow?"""
    return -lr * g @ g + 0.5 * (lr * (g @ H @ g)) ** 2


@step_change.misconception
def largest_curvature(g, H, lr):
    """You let the ground bend as it does in its steepest direction. How much does it bend along g?"""
    return -lr * g @ g + 0.5 * lr**2 * np.linalg.eigvalsh(H).max() * (g @ g)


@step_change.misconception
def rate_missing_in_the_first_term(g, H, lr):
    """With H = 0 your cost falls by the same amount at every rate. How long is the step?"""
    return -g @ g + 0.5 * lr**2 * (g @ H @ g)


@step_change.misconception
def rate_missing_in_the_second_term(g, H, lr):
    """The second term belongs to the step -εg, not to g. How often does ε stand in it?"""
    return -lr * g @ g + 0.5 * (g @ H @ g)


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


@classify_critical_point.misconception
def diagonal_only(H, tol):
    """You look along the axes only. Try xy: flat along both of them, and yet it rises and falls between."""
    return _by_numbers(np.diag(H), tol)


def _by_numbers(numbers, tol):
    low, high = np.min(numbers), np.max(numbers)
    if high > tol and low < -tol:
        return "saddle"
    return "minimum" if low > tol else "maximum" if high < -tol else "degenerate"


@classify_critical_point.misconception
def entries_of_the_matrix(H, tol):
    """The signs of the entries change when you turn the axes. Which numbers of H do not?"""
    return _by_numbers(H, tol)


@classify_critical_point.misconception
def determinant_test(H, tol):
    """The test by determinant and first entry is for two parameters. With three or more, what can a positive product
    hide?
    """
    determinant = np.linalg.det(H)
    if abs(determinant) <= tol:
        return "degenerate"
    if determinant < 0:
        return "saddle"
    return "minimum" if H[0, 0] > 0 else "maximum"


@classify_critical_point.misconception
def no_degenerate_case(H, tol):
    """You never answer that the test cannot tell. What about a curvature of zero, or one that is smaller than tol?"""
    curvatures = np.linalg.eigvalsh(H)
    return "minimum" if curvatures.min() > 0 else "maximum" if curvatures.max() < 0 else "saddle"


@classify_critical_point.misconception
def degenerate_comes_first(H, tol):
    """One way up and one way down are enough for a saddle. Does a third, flat direction change that?"""
    curvatures = np.linalg.eigvalsh(H)
    return "degenerate" if np.abs(curvatures).min() <= tol else _by_numbers(curvatures, tol)


@classify_critical_point.misconception
def minimum_and_maximum_swapped(H, tol):
    """A bowl that bends upwards everywhere: is its critical point the lowest or the highest?"""
    return _by_numbers(-np.linalg.eigvalsh(H), tol)


@classify_critical_point.misconception
def flat_counts_as_minimum(H, tol):
    """You call it a minimum when nothing goes down. Where a direction is flat to second order, higher orders decide."""
    curvatures = np.linalg.eigvalsh(H)
    return "minimum" if curvatures.min() >= -tol else "maximum" if curvatures.max() <= tol else "saddle"


@classify_critical_point.misconception
def tolerance_on_one_side(H, tol):
    """You compare everything with tol. On the negative side of zero, where does the band of the tolerance end?"""
    curvatures = np.linalg.eigvalsh(H)
    if curvatures.max() > tol and curvatures.min() < tol:
        return "saddle"
    return "minimum" if curvatures.min() > tol else "maximum" if curvatures.max() < tol else "degenerate"


@classify_critical_point.misconception
def sum_of_curvatures(H, tol):
    """The trace adds the curvatures, so that steep ways up hide a way down. Look at each one."""
    trace = np.trace(H)
    return "minimum" if trace > tol else "maximum" if trace < -tol else "saddle"


@classify_critical_point.misconception
def leftover_is_saddle(H, tol):
    """You call a saddle whatever is no clear minimum or maximum. A saddle needs a way up and a way down."""
    curvatures = np.linalg.eigvalsh(H)
    return "minimum" if curvatures.min() > tol else "maximum" if curvatures.max() < -tol else "saddle"


@classify_critical_point.misconception
def degenerate_only_if_all_flat(H, tol):
    """You say degenerate only where every direction is flat. One flat direction is enough if the others agree."""
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
    for part, lr in ((0.3, 0.5), (0.65, 1.0), (0.4, 3.0), (0.5, 0.7)):
        start = float(10 ** rng.uniform(-14, -3))
        yield _escapes(rng, part, start, float(rng.uniform(0.5, 2)), float(rng.uniform(1.5, 3)), lr)


@escape_steps.cases("edge cases", weight=1)
def _(rng):
    yield _escapes(rng, 0.4, 1e8, 1e12, 2.0, 0.3)
    yield _escapes(rng, 0.6, 1e-12, 1e-8, 0.7, 0.3)
    yield _escapes(rng, 0.3, 1e-3, 5.0, 1e-3, 100.0)
    yield _escapes(rng, 0.3, 0.9, 1.0, 5.0, 1.0)  # out in one step
    yield _escapes(rng, 0.7, 0.5, 1.0, 0.05, 0.1)


@escape_steps.cases("arrival exactly at the distance", weight=1)
def _(rng):
    # powers of two, of which every logarithm divides without rounding; whole numbers, which are never rounded
    for growth, steps in zip((2, 4, 2), rng.permutation([2, 3, 4, 5, 6])[:3], strict=True):
        start = int(rng.integers(1, 3))
        yield dict(start=start, distance=start * growth ** int(steps), curvature=growth - 1, lr=1)


@escape_steps.misconception
def rounds_down(start, distance, curvature, lr):
    """After your number of steps the walker is not quite out yet. Which whole number is the first that is enough?"""
    return math.floor(math.log(distance / start) / math.log1p(lr * curvature))


@escape_steps.misconception
def always_one_beyond(start, distance, curvature, lr):
    """Double from 1 to 8 by hand: three steps, and you say four. What does your rounding do to a number that is whole
    already?
    """
    return math.floor(math.log(distance / start) / math.log1p(lr * curvature)) + 1


@escape_steps.misconception
def rounds_to_the_nearest(start, distance, curvature, lr):
    """Rounding to the nearest is right half of the time. Is the walker out when the exact answer is 12.3 and you say
    12?
    """
    return round(math.log(distance / start) / math.log1p(lr * curvature))


@escape_steps.misconception
def not_rounded(start, distance, curvature, lr):
    """Steps come in whole numbers. Return the first whole number that is enough."""
    return math.log(distance / start) / math.log1p(lr * curvature)


@escape_steps.misconception
def continuous_time(start, distance, curvature, lr):
    """ln(distance/start) over rate times curvature holds for tiny rates only. By what factor does one whole step
    grow?
    """
    return math.ceil(math.log(distance / start) / (lr * curvature))


@escape_steps.misconception
def constant_speed(start, distance, curvature, lr):
    """You let the walker cover the same stretch at each step. How does its slope change as it leaves the ridge?"""
    return math.ceil((distance - start) / (lr * curvature * start))


@escape_steps.misconception
def shrinks(start, distance, curvature, lr):
    """Your factor is below 1: that is the way into a minimum. In which direction does this ground bend?"""
    factor = abs(1 - lr * curvature) or 0.5
    return math.ceil(math.log(distance / start) / -math.log(factor)) if factor < 1 else -1


@escape_steps.misconception
def rate_forgotten(start, distance, curvature, lr):
    """Your answer is the same for a small and a large rate. Who goes faster?"""
    return math.ceil(math.log(distance / start) / math.log1p(curvature))


@escape_steps.misconception
def start_forgotten(start, distance, curvature, lr):
    """Your walker always starts at distance 1. Which ratio has to be covered?"""
    return math.ceil(abs(math.log(distance)) / math.log1p(lr * curvature))


@escape_steps.misconception
def one_too_many(start, distance, curvature, lr):
    """Check by hand: start 1, distance 10, doubling at each step. Is the start itself a step?"""
    return math.ceil(math.log(distance / start) / math.log1p(lr * curvature)) + 1


@escape_steps.misconception
def way_from_the_start(start, distance, curvature, lr):
    """You count until the walker has gone as far as `distance` from its start. From where is `distance` measured?"""
    return math.ceil(math.log(distance / start + 1) / math.log1p(lr * curvature))


@escape_steps.misconception
def growth_without_the_one(start, distance, curvature, lr):
    """Your factor is the share that a step adds. For a tiny rate, about where is the walker after one step?"""
    growth = math.log(lr * curvature)
    return math.ceil(math.log(distance / start) / growth) if growth else -1


@escape_steps.misconception
def rate_twice(start, distance, curvature, lr):
    """In your factor the rate stands where the curvature belongs. Does a sharper ridge throw the walker off sooner?"""
    return math.ceil(math.log(distance / start) / math.log1p(lr * lr))


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
    yield dict(grads=_grads(rng, [(2, 3, 2), (2,), (1, 2), (1,)], 3.0), max_norm=float(rng.uniform(2.6, 2.8)))
    yield dict(grads=_grads(rng, [(2, 2), (2,)], 0.7), max_norm=float(rng.uniform(0.1, 0.2)))


@clip_by_norm.cases("short gradients", weight=1)
def _(rng):
    yield dict(grads=_grads(rng, [(4,)], 0.5), max_norm=float(rng.uniform(1, 2)))
    yield dict(grads=_grads(rng, [(3, 4), (3,)], float(rng.uniform(2, 3))), max_norm=5.0)
    yield dict(grads=_grads(rng, [(2, 2), (2,), (2,)], 3.0), max_norm=float(rng.uniform(3.1, 3.3)))
    yield dict(grads=_grads(rng, [(3, 2, 2), (2,)], 12.0), max_norm=20.0)


@clip_by_norm.cases("edge cases", weight=1)
def _(rng):
    yield dict(grads=[np.zeros((2, 3)), np.zeros(2)], max_norm=1.0)
    yield dict(grads=[np.zeros(3), *_grads(rng, [(2, 2)], 4.0)], max_norm=0.5)
    yield dict(grads=_grads(rng, [(3,), (2,)], 1e8), max_norm=2.0)
    # no shorter ones are clipped, so that 1e-6 more in the norm, as torch has it, makes no difference
    yield dict(grads=_grads(rng, [(3,), (2,)], 0.4), max_norm=0.3)
    yield dict(grads=_grads(rng, [(3,), (2,)], 1e-8), max_norm=0.5)
    yield dict(grads=[np.array([3.0, 0.0]), np.array([[-4.0]])], max_norm=10.0)


@clip_by_norm.misconception
def each_array_on_its_own(grads, max_norm):
    """You clip each array by its own norm, which turns the gradient as a whole. Whose norm should be compared?"""
    out = []
    for grad in grads:
        norm = np.linalg.norm(grad)
        out.append(grad * (max_norm / norm) if norm > max_norm else grad.copy())
    return out


@clip_by_norm.misconception
def each_entry_on_its_own(grads, max_norm):
    """You cut single entries, so that the gradient points somewhere else. Shorten all entries by one common factor."""
    return [np.clip(grad, -max_norm, max_norm) for grad in grads]


@clip_by_norm.misconception
def always_rescales(grads, max_norm):
    """Your result always has the norm max_norm. What should happen to a gradient that is short enough, or zero?"""
    norm = np.sqrt(sum(np.sum(grad**2) for grad in grads))
    with np.errstate(all="ignore"):
        return [grad * max_norm / norm for grad in grads]


@clip_by_norm.misconception
def root_forgotten(grads, max_norm):
    """You compare max_norm with the sum of the squares. What is missing for a length?"""
    square = sum(np.sum(grad**2) for grad in grads)
    return [grad * max_norm / square if square > max_norm else grad.copy() for grad in grads]


@clip_by_norm.misconception
def norms_added(grads, max_norm):
    """You add up the norms of the arrays. How long is a vector with the parts 3 and 4?"""
    norm = sum(np.linalg.norm(grad) for grad in grads)
    return [grad * max_norm / norm if norm > max_norm else grad.copy() for grad in grads]


@clip_by_norm.misconception
def factor_upside_down(grads, max_norm):
    """Your long gradients come out even longer. Which of the two norms belongs on top?"""
    norm = np.sqrt(sum(np.sum(grad**2) for grad in grads))
    return [grad * norm / max_norm if norm > max_norm else grad.copy() for grad in grads]


@clip_by_norm.misconception
def largest_entry(grads, max_norm):
    """You measure the gradient by its largest entry. The norm takes all entries into account."""
    norm = max(np.abs(grad).max() for grad in grads)
    return [grad * max_norm / norm if norm > max_norm else grad.copy() for grad in grads]


@clip_by_norm.misconception
def unit_length(grads, max_norm):
    """Your long gradients come out with the norm 1, whatever max_norm is. Which length should they have?"""
    norm = np.sqrt(sum(np.sum(grad**2) for grad in grads))
    return [grad / norm if norm > max_norm else grad.copy() for grad in grads]


@clip_by_norm.misconception
def clips_in_place(grads, max_norm):
    """Your numbers are right, but the caller's arrays have changed too: *= writes into the array that you were
    given.
    """
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


@noise_radius.misconception
def variance_returned(lr, curvature, noise):
    """You return the variance. Its unit is the square of a distance: what is the radius?"""
    return (lr * noise) ** 2 / (1 - (1 - lr * curvature) ** 2)


@noise_radius.misconception
def small_rate_formula(lr, curvature, noise):
    """The root of ε/2h is right for tiny rates only. Near the limit of stability the true radius grows without
    bound.
    """
    return noise * math.sqrt(lr / (2 * curvature))


@noise_radius.misconception
def one_step_only(lr, curvature, noise):
    """That is the noise of a single step. The noise of earlier steps is still there, if weaker."""
    return lr * noise


@noise_radius.misconception
def standard_deviations_added(lr, curvature, noise):
    """You add standard deviations. For independent quantities, what adds up?"""
    return lr * noise / (1 - abs(1 - lr * curvature))


@noise_radius.misconception
def factor_not_squared(lr, curvature, noise):
    """A variance takes the square of the factor in front. Which factor does the old θ have, and did you square it?"""
    return lr * noise / math.sqrt(lr * curvature)


@noise_radius.misconception
def rate_not_squared(lr, curvature, noise):
    """The noise enters multiplied by the rate. What does the variance make of that factor?"""
    return noise * math.sqrt(lr / (1 - (1 - lr * curvature) ** 2))


@noise_radius.misconception
def noise_taken_as_variance(lr, curvature, noise):
    """`noise` is a standard deviation. What is the variance of ξ?"""
    return lr * math.sqrt(noise / (1 - (1 - lr * curvature) ** 2))


@noise_radius.misconception
def curvature_forgotten(lr, curvature, noise):
    """Your radius is the same in a narrow and in a wide bowl. What pulls θ back?"""
    return lr * noise / math.sqrt(abs(1 - (1 - lr) ** 2))


@noise_radius.misconception
def square_of_a_difference(lr, curvature, noise):
    """Your radius is the same for every rate. Look again at the square of 1 - εh: it has three terms."""
    return noise / curvature


@noise_radius.misconception
def plus_for_minus(lr, curvature, noise):
    """The old variance stands on the right with a factor. With which sign does it arrive on the left?"""
    return lr * noise / math.sqrt(1 + (1 - lr * curvature) ** 2)


@noise_radius.misconception
def middle_term_once(lr, curvature, noise):
    """Multiply 1 - εh by itself, term by term: how often does εh come up?"""
    square = 1 - lr * curvature + (lr * curvature) ** 2
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.float64(lr * noise) ** 2 / (1 - square)))


@noise_radius.misconception
def multiplied_for_divided(lr, curvature, noise):
    """Python works from left to right: in a / b * c, is c above or below the line?"""
    return noise * math.sqrt(lr / curvature * (2 - lr * curvature))


@noise_radius.misconception
def kept_share_not_subtracted(lr, curvature, noise):
    """You divide by (1 - εh)² itself. After solving for V, what is the factor in front of it?"""
    kept = abs(1 - lr * curvature)
    return lr * noise / kept if kept else math.inf


@noise_radius.misconception
def ten_steps(lr, curvature, noise):
    """You follow the variance for some steps only. Near the limit of stability, and for tiny rates, it takes many more
    to settle: where does it stop to change? Solve for that.
    """
    shares = (1 - lr * curvature) ** (2 * np.arange(10))
    return lr * noise * math.sqrt(shares.sum())
