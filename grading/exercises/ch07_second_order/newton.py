"""Exercises on Newton's method, conjugate gradients and Hessian-vector products (Goodfellow et al., 2016, section 8.6).

Symbols: theta parameters, grad gradient g, hessian H, damping lambda; A x = b a linear system, matvec v -> A v.
"""

import numpy as np
import scipy.linalg
import torch

from grading.exercise import exercise
from utils.check.plain import Reference, Seed
from utils.hessians import with_curvatures


def _bowl(rng, n):
    """A Hessian with positive curvatures that differ."""
    return with_curvatures(rng.uniform(0.5, 1.0, size=n) * np.geomspace(1.0, 8.0, n), rng)


def _saddle(rng, n):
    """A Hessian with curvatures of both signs, none near zero, the most negative one alone."""
    sizes = rng.uniform(0.8, 1.2, size=n) * np.linspace(1.0, 3.0, n)
    return with_curvatures(sizes * np.where(np.arange(n) % 2, -1, 1), rng)


def _along_axes(rng, *curvatures):
    """A Hessian whose eigenvectors are the axes, its curvatures in an order that is drawn, but not a rising one."""
    while True:
        order = rng.permutation(np.array(curvatures, dtype=float))
        if np.any(np.diff(order) < 0):
            return np.diag(order)


WHOLE = [[4.0, 1.0, 0.0], [1.0, 3.0, -1.0], [0.0, -1.0, 2.0]]  # a bowl of whole numbers


# --- newton_step


@exercise(points=4, returns=("theta", "change"))
def newton_step(theta, grad, hessian):
    """Oracle: SciPy's solver for symmetric matrices; the model of second order, evaluated at its step."""
    step = -scipy.linalg.solve(hessian, grad, assume_a="sym")
    return theta + step, grad @ step + 0.5 * step @ (hessian @ step)


def _at(rng, hessian, scale=1.0):
    n = len(hessian)
    return dict(theta=scale * rng.normal(size=n), grad=scale * rng.normal(size=n), hessian=hessian)


@newton_step.cases("bowls", weight=1)
def _(rng):
    for n in (1, 2, 5, 8):
        yield _at(rng, _bowl(rng, n))
    yield _at(rng, _along_axes(rng, 1, 2, 5))
    yield _at(rng, np.array(WHOLE))


@newton_step.cases("curvatures of both signs", weight=1)
def _(rng):
    for n in (2, 3, 6):
        yield _at(rng, _saddle(rng, n))
    yield _at(rng, -_bowl(rng, 3))
    yield _at(rng, np.array([[0.0, 2.0], [2.0, 0.0]]) * rng.uniform(0.8, 1.2))
    yield _at(rng, _along_axes(rng, 3, -1, 2))


@newton_step.cases("other scales", weight=1)
def _(rng):
    for scale in (1e-8, 1e8):
        yield _at(rng, _bowl(rng, 3), scale)
        case = _at(rng, _bowl(rng, 4))
        yield dict(theta=case["theta"], grad=scale * case["grad"], hessian=scale * case["hessian"])
    yield dict(theta=rng.normal(size=4), grad=np.zeros(4), hessian=_bowl(rng, 4))


def _model(grad, hessian, step):
    return grad @ step + 0.5 * step @ hessian @ step


@newton_step.misconception
def climbs(theta, grad, hessian):
    """In a bowl your step doubles the distance to the minimum. Where is the slope of the model, g + Hp, zero?"""
    step = np.linalg.solve(hessian, grad)
    return theta + step, _model(grad, hessian, step)


@newton_step.misconception
def gradient_step(theta, grad, hessian):
    """Your step is the same whatever the curvature. What should a curvature of 100 do to its length?"""
    return theta - grad, _model(grad, hessian, -grad)


@newton_step.misconception
def multiplies(theta, grad, hessian):
    """You go further where the ground curves more. For one parameter, solve g + hp = 0 for p: is h above or below?"""
    step = -hessian @ grad
    return theta + step, _model(grad, hessian, step)


@newton_step.misconception
def inverts_every_entry(theta, grad, hessian):
    """1 / hessian inverts each number by itself. What must the inverse of a matrix, times the matrix, be?"""
    with np.errstate(divide="ignore", invalid="ignore"):
        step = -(1 / hessian) @ grad
        return theta + step, _model(grad, hessian, step)


@newton_step.misconception
def diagonal_only(theta, grad, hessian):
    """You treat each parameter as if it were alone. What do the entries beside the diagonal say?"""
    with np.errstate(divide="ignore", invalid="ignore"):
        step = -grad / np.diag(hessian)
        return theta + step, _model(grad, hessian, step)


@newton_step.misconception
def half_a_step(theta, grad, hessian):
    """You stop half-way. Differentiate the term with the half: does the half survive?"""
    step = -0.5 * np.linalg.solve(hessian, grad)
    return theta + step, _model(grad, hessian, step)


@newton_step.misconception
def twice_the_step(theta, grad, hessian):
    """You go twice as far as the bottom of the model, and end as high as you began. Where did the factor come from?"""
    step = -2 * np.linalg.solve(hessian, grad)
    return theta + step, _model(grad, hessian, step)


@newton_step.misconception
def returns_the_step(theta, grad, hessian):
    """You return how far to move. Where do the parameters stand after the move?"""
    step = -np.linalg.solve(hessian, grad)
    return step, _model(grad, hessian, step)


@newton_step.misconception
def divides_by_a_norm(theta, grad, hessian):
    """You divide by one number for all directions. A bowl is flat one way and steep another: one length for both?"""
    step = -grad / np.linalg.norm(hessian)
    return theta + step, _model(grad, hessian, step)


@newton_step.misconception
def bends_up_everywhere(theta, grad, hessian):
    """You treat ways down as ways up. That is a repair of Newton's step, and comes later; here every curvature keeps
    its sign.
    """
    values, basis = np.linalg.eigh(hessian)
    step = -basis @ (basis.T @ grad / np.abs(values))
    return theta + step, _model(grad, hessian, step)


@newton_step.misconception
def slope_alone(theta, grad, hessian):
    """The new theta is right. Of the promised change you have the first term; the model has a second one, which takes
    back a part.
    """
    step = -np.linalg.solve(hessian, grad)
    return theta + step, grad @ step


@newton_step.misconception
def half_missing(theta, grad, hessian):
    """The new theta is right. With a whole second term the two terms cancel, and nothing is promised. What does a
    Taylor series divide its second term by?
    """
    step = -np.linalg.solve(hessian, grad)
    return theta + step, grad @ step + step @ hessian @ step


@newton_step.misconception
def decrease_for_change(theta, grad, hessian):
    """The new theta is right. The change is the loss afterwards minus the loss before: which sign has it in a bowl?"""
    step = -np.linalg.solve(hessian, grad)
    return theta + step, -_model(grad, hessian, step)


@newton_step.misconception
def always_promises_a_fall(theta, grad, hessian):
    """The new theta is right. Not every model has its flat point below: what does it promise where the ground curves
    down?
    """
    step = -np.linalg.solve(hessian, grad)
    return theta + step, -abs(_model(grad, hessian, step))


@newton_step.misconception
def change_of_another_step(theta, grad, hessian):
    """The new theta is right. You promise the change along -g; which step did you take?"""
    return theta - np.linalg.solve(hessian, grad), _model(grad, hessian, -grad)


@newton_step.misconception
def change_of_the_opposite_step(theta, grad, hessian):
    """The new theta is right. You subtract p, and put it into the model with a plus: which step did you take?"""
    step = np.linalg.solve(hessian, grad)
    return theta - step, _model(grad, hessian, step)


@newton_step.misconception
def model_at_theta(theta, grad, hessian):
    """The new theta is right. The model wants the step, not the place where it ends."""
    moved = theta - np.linalg.solve(hessian, grad)
    return moved, _model(grad, hessian, moved)


@newton_step.misconception
def hessian_left_out(theta, grad, hessian):
    """The new theta is right. In the second term of the change you have pᵀp: what stands between the two?"""
    step = -np.linalg.solve(hessian, grad)
    return theta + step, grad @ step + 0.5 * step @ step


@newton_step.misconception
def hessian_for_its_inverse(theta, grad, hessian):
    """The new theta is right. In your change g meets H itself. Put the step that you took into the model: what becomes
    of H?
    """
    return theta - np.linalg.solve(hessian, grad), -0.5 * grad @ hessian @ grad


@newton_step.misconception
def change_as_a_vector(theta, grad, hessian):
    """The new theta is right. The change of a loss is one number; you give one a parameter. What adds them up?"""
    step = -np.linalg.solve(hessian, grad)
    return theta + step, 0.5 * grad * step


@newton_step.misconception
def updates_in_place(theta, grad, hessian):
    """Your numbers are right, but the caller's theta has changed too: -= and += write into the array that you were
    given.
    """
    step = -np.linalg.solve(hessian, grad)
    theta += step
    return theta, _model(grad, hessian, step)


# --- damped_newton_step


@exercise(points=4, returns=("theta", "damping"))
def damped_newton_step(theta, grad, hessian, margin):
    """Oracle: SciPy's smallest eigenvalue, and a Cholesky factorisation, which exists for positive curvatures alone."""
    n = len(grad)
    least = scipy.linalg.eigh(hessian, eigvals_only=True, subset_by_index=[0, 0])[0]
    damping = np.maximum(margin - least, 0)
    factor = scipy.linalg.cho_factor(hessian + damping * np.eye(n, dtype=hessian.dtype))
    return theta - scipy.linalg.cho_solve(factor, grad), damping


@damped_newton_step.cases("bowls", weight=1)
def _(rng):
    for n in (1, 2, 5):
        yield dict(**_at(rng, _bowl(rng, n)), margin=float(rng.uniform(0.1, 0.3)))  # curved enough as they are
    for n in (2, 4):
        yield dict(**_at(rng, _bowl(rng, n)), margin=float(rng.uniform(2.0, 3.0)))  # too flat in some direction
    for margin in (0.5, 3.0):
        yield dict(**_at(rng, _along_axes(rng, 1, 2, 5)), margin=margin)
    yield dict(**_at(rng, np.array(WHOLE)), margin=2.0)


@damped_newton_step.cases("saddles", weight=2)
def _(rng):
    for n in (2, 3, 6):
        yield dict(**_at(rng, _saddle(rng, n)), margin=float(rng.uniform(0.4, 1.2)))
    yield dict(**_at(rng, -_bowl(rng, 3)), margin=0.5)
    yield dict(**_at(rng, np.array([[1.0, 3.0], [3.0, 1.0]]) * rng.uniform(0.8, 1.2)), margin=1.5)
    yield dict(**_at(rng, np.diag([4.0, -1.0])), margin=0.5)
    yield dict(**_at(rng, _along_axes(rng, 3, -1, 2)), margin=float(rng.uniform(0.4, 1.2)))


@damped_newton_step.cases("edge cases", weight=1)
def _(rng):
    for scale in (1e-8, 1e8):
        case = _at(rng, _saddle(rng, 3))
        grad, hessian = scale * case["grad"], scale * case["hessian"]
        yield dict(theta=case["theta"], grad=grad, hessian=hessian, margin=float(scale * rng.uniform(0.5, 1.0)))
    yield dict(**_at(rng, np.zeros((3, 3))), margin=0.7)
    yield dict(theta=rng.normal(size=3), grad=np.zeros(3), hessian=_saddle(rng, 3), margin=0.4)
    yield dict(**_at(rng, with_curvatures([0.0, 1.0, 2.0], rng)), margin=0.3)


def _least(hessian):
    return np.linalg.eigvalsh(hessian)[0]


def _damped(theta, grad, hessian, damping):
    return theta - np.linalg.solve(hessian + damping * np.eye(len(grad)), grad), damping


@damped_newton_step.misconception
def damps_what_needs_none(theta, grad, hessian, margin):
    """Where every curvature is above the margin your damping is negative: you sharpen the step instead of damping it.
    What is the least that lambda may be?
    """
    return _damped(theta, grad, hessian, margin - _least(hessian))


@damped_newton_step.misconception
def margin_as_damping(theta, grad, hessian, margin):
    """You add the margin, whatever the curvature is. If the most negative one is -5, where does that leave it?"""
    return _damped(theta, grad, hessian, margin)


@damped_newton_step.misconception
def size_of_the_least_curvature(theta, grad, hessian, margin):
    """At a saddle you are right. In a bowl the least curvature is positive, and you add it once more. How much does a
    bowl lack?
    """
    return _damped(theta, grad, hessian, abs(_least(hessian)) + margin)


@damped_newton_step.misconception
def margin_only_at_saddles(theta, grad, hessian, margin):
    """You damp if a curvature is negative. What of one that is positive and smaller than the margin?"""
    least = _least(hessian)
    return _damped(theta, grad, hessian, margin - least if least < 0 else 0.0)


@damped_newton_step.misconception
def smallest_in_size(theta, grad, hessian, margin):
    """You lift the curvature that is nearest to zero. Which one is the lowest, with its sign?"""
    values = np.linalg.eigvalsh(hessian)
    return _damped(theta, grad, hessian, max(margin - values[np.abs(values).argmin()], 0.0))


@damped_newton_step.misconception
def largest_curvature(theta, grad, hessian, margin):
    """You lift the largest curvature up to the margin. Which one has to be lifted most?"""
    return _damped(theta, grad, hessian, max(margin - np.linalg.eigvalsh(hessian)[-1], 0.0))


@damped_newton_step.misconception
def lowest_entry_of_the_diagonal(theta, grad, hessian, margin):
    """The diagonal holds the curvatures along the axes. Along which directions are they smallest?"""
    return _damped(theta, grad, hessian, max(margin - np.diag(hessian).min(), 0.0))


@damped_newton_step.misconception
def added_to_every_entry(theta, grad, hessian, margin):
    """hessian + damping adds the number to all entries. Which matrix, added, raises every curvature by the same?"""
    damping = max(margin - _least(hessian), 0.0)
    return theta - np.linalg.lstsq(hessian + damping, grad, rcond=None)[0], damping


@damped_newton_step.misconception
def gradient_damped(theta, grad, hessian, margin):
    """You shorten the step and leave its direction: near a saddle it still points to the saddle. To what must lambda be
    added?
    """
    damping = max(margin - _least(hessian), 0.0)
    return theta - np.linalg.lstsq(hessian, grad, rcond=None)[0] / (1 + damping), damping


@damped_newton_step.misconception
def subtracted(theta, grad, hessian, margin):
    """The damping is right, but your matrix curves down more than before. Which sign lifts a curvature?"""
    damping = max(margin - _least(hessian), 0.0)
    return theta - np.linalg.solve(hessian - damping * np.eye(len(grad)), grad), damping


@damped_newton_step.misconception
def each_curvature_on_its_own(theta, grad, hessian, margin):
    """You lift only the curvatures below the margin. That is another repair; lambda I lifts all of them alike."""
    values, basis = np.linalg.eigh(hessian)
    step = basis @ (basis.T @ grad / np.maximum(values, margin))
    return theta - step, max(margin - values[0], 0.0)


@damped_newton_step.misconception
def multiple_of_the_diagonal(theta, grad, hessian, margin):
    """You scale the diagonal, as Marquardt did; at a saddle its negative entries become more negative. The text adds a
    multiple of I.
    """
    damping = max(margin - _least(hessian), 0.0)
    return theta - np.linalg.lstsq(hessian + damping * np.diag(np.diag(hessian)), grad, rcond=None)[0], damping


@damped_newton_step.misconception
def climbs_damped(theta, grad, hessian, margin):
    """The damping is right, and your step leads uphill. In which direction does the loss fall?"""
    moved, damping = _damped(theta, grad, hessian, max(margin - _least(hessian), 0.0))
    return 2 * theta - moved, damping


@damped_newton_step.misconception
def returns_the_curvature(theta, grad, hessian, margin):
    """Your theta is right. The second value is to be lambda; you return the least curvature."""
    least = _least(hessian)
    return _damped(theta, grad, hessian, max(margin - least, 0.0))[0], least


@damped_newton_step.misconception
def step_alone(theta, grad, hessian, margin):
    """Your damping is right. You return how far to move: where do the parameters stand after the move?"""
    moved, damping = _damped(theta, grad, hessian, max(margin - _least(hessian), 0.0))
    return moved - theta, damping


def _least_squares(theta, grad, hessian, damping):
    """As `_damped`, also where the matrix has no inverse."""
    return theta - np.linalg.lstsq(hessian + damping * np.eye(len(grad)), grad, rcond=None)[0], damping


@damped_newton_step.misconception
def lifts_to_zero(theta, grad, hessian, margin):
    """You lift the least curvature to 0, and what is 0 has no inverse. To what should it be lifted?"""
    return _least_squares(theta, grad, hessian, max(-_least(hessian), 0.0))


@damped_newton_step.misconception
def margin_on_top(theta, grad, hessian, margin):
    """At a saddle you are right. In a bowl you add the whole margin although nothing, or less, is lacking."""
    return _damped(theta, grad, hessian, max(-_least(hessian), 0.0) + margin)


@damped_newton_step.misconception
def damping_not_used(theta, grad, hessian, margin):
    """Your damping is right, and your step does not know it."""
    damping = max(margin - _least(hessian), 0.0)
    return _least_squares(theta, grad, hessian, 0.0)[0], damping


@damped_newton_step.misconception
def sign_of_the_least(theta, grad, hessian, margin):
    """You add margin and least curvature. If that curvature is -1, how far is it to the margin?"""
    return _least_squares(theta, grad, hessian, max(margin + _least(hessian), 0.0))


@damped_newton_step.misconception
def unsorted(theta, grad, hessian, margin):
    """You lift the curvature that happens to come first: np.linalg.eigvals does not sort. Which one is the lowest?"""
    first = np.linalg.eigvals(hessian)[0].real
    return _least_squares(theta, grad, hessian, max(margin - first, 0.0))


@damped_newton_step.misconception
def writes_into_the_hessian(theta, grad, hessian, margin):
    """Your numbers are right, but the caller's hessian has changed too: += and fill_diagonal write into it."""
    damping = max(margin - _least(hessian), 0.0)
    hessian += damping * np.eye(len(grad))
    return theta - np.linalg.solve(hessian, grad), damping


# --- saddle_free_step


@exercise(points=4, returns="theta")
def saddle_free_step(theta, grad, hessian, floor):
    """Oracle: singular values, which of a symmetric matrix are the sizes of its eigenvalues, from torch."""
    left, sizes, _ = torch.linalg.svd(torch.tensor(hessian))
    along = left.mT @ torch.tensor(grad)
    return (torch.tensor(theta) - left @ (along / sizes.clamp(min=floor))).numpy()


@saddle_free_step.cases("saddles", weight=2)
def _(rng):
    for n in (2, 3, 6):
        yield dict(**_at(rng, _saddle(rng, n)), floor=float(rng.uniform(0.05, 0.2)))
    yield dict(**_at(rng, -_bowl(rng, 3)), floor=0.1)
    yield dict(**_at(rng, np.array([[0.0, 2.0], [2.0, 0.0]]) * rng.uniform(0.8, 1.2)), floor=0.1)
    yield dict(**_at(rng, _along_axes(rng, 3, -1, 2)), floor=0.1)


@saddle_free_step.cases("bowls", weight=1)
def _(rng):
    for n in (1, 2, 5):
        yield dict(**_at(rng, _bowl(rng, n)), floor=0.1)
    yield dict(**_at(rng, _along_axes(rng, 1, 2, 5)), floor=float(rng.uniform(0.1, 0.3)))
    yield dict(**_at(rng, np.array(WHOLE)), floor=0.1)


@saddle_free_step.cases("flat directions", weight=1)
def _(rng):
    yield dict(**_at(rng, with_curvatures([0.0, 1.0, -2.0], rng)), floor=0.5)
    yield dict(**_at(rng, with_curvatures([1e-9, 3.0], rng)), floor=0.25)
    yield dict(**_at(rng, with_curvatures([-1e-3, 0.02, 1.0, -1.5], rng)), floor=float(rng.uniform(0.1, 0.3)))
    yield dict(**_at(rng, _along_axes(rng, 4, -0.5, -3)), floor=float(rng.uniform(1.5, 2.5)))
    yield dict(**_at(rng, np.zeros((3, 3))), floor=2.0)


@saddle_free_step.cases("other scales", weight=1)
def _(rng):
    for scale in (1e-8, 1e8):
        case = _at(rng, _saddle(rng, 3))
        yield dict(
            theta=case["theta"],
            grad=scale * case["grad"],
            hessian=scale * case["hessian"],
            floor=float(scale * rng.uniform(0.05, 0.2)),
        )
    yield dict(theta=rng.normal(size=3), grad=np.zeros(3), hessian=_saddle(rng, 3), floor=0.1)


def _rescaled(theta, grad, hessian, divisor):
    values, basis = np.linalg.eigh(hessian)
    with np.errstate(divide="ignore", invalid="ignore"):
        return theta - basis @ (basis.T @ grad / divisor(values))


@saddle_free_step.misconception
def signs_kept(theta, grad, hessian, floor):
    """Along a direction that curves down your step leads uphill, back to the saddle. What should happen to the sign?"""

    def divisor(values):
        return np.sign(values + (values == 0)) * np.maximum(np.abs(values), floor)

    return _rescaled(theta, grad, hessian, divisor)


@saddle_free_step.misconception
def negative_raised_to_the_floor(theta, grad, hessian, floor):
    """You raise every negative curvature to the floor, however steeply the ground falls there. Compare sizes with the
    floor, not signed numbers.
    """
    return _rescaled(theta, grad, hessian, lambda values: np.maximum(values, floor))


@saddle_free_step.misconception
def floor_added(theta, grad, hessian, floor):
    """You add the floor to all sizes, so that steep directions get shorter steps as well. Which of them should it
    touch?
    """
    return _rescaled(theta, grad, hessian, lambda values: np.abs(values) + floor)


@saddle_free_step.misconception
def floor_forgotten(theta, grad, hessian, floor):
    """In a flat direction your step is huge, or not a number. What is the smallest size you should divide by?"""
    return _rescaled(theta, grad, hessian, np.abs)


@saddle_free_step.misconception
def floor_is_a_ceiling(theta, grad, hessian, floor):
    """You divide by the smaller of size and floor. Which of the two keeps a step short?"""
    return _rescaled(theta, grad, hessian, lambda values: np.minimum(np.abs(values), floor))


@saddle_free_step.misconception
def flat_directions_left_out(theta, grad, hessian, floor):
    """You do not move at all where the curvature is below the floor. The floor limits the step there, it does not
    forbid it.
    """
    return _rescaled(theta, grad, hessian, lambda values: np.where(np.abs(values) < floor, np.inf, np.abs(values)))


@saddle_free_step.misconception
def absolute_entries(theta, grad, hessian, floor):
    """The sizes of the entries are not the sizes of the curvatures. Try [[0, 2], [2, 0]], whose curvatures are 2 and
    -2.
    """
    return _rescaled(theta, grad, np.abs(hessian), lambda values: np.maximum(np.abs(values), floor))


@saddle_free_step.misconception
def absolute_entries_as_matrix(theta, grad, hessian, floor):
    """You solve with np.abs(hessian), the sizes of its *entries*. At [[0, 2], [2, 0]] that changes nothing, and yet one
    curvature is -2: whose sizes are wanted? And the floor does not come in.
    """
    return theta - np.linalg.lstsq(np.abs(hessian), grad, rcond=None)[0]


@saddle_free_step.misconception
def absolute_entries_and_damping(theta, grad, hessian, floor):
    """You solve with np.abs(hessian), the sizes of its *entries*, and add the floor to the diagonal. Whose sizes are
    wanted, and which of them should the floor touch?
    """
    return theta - np.linalg.lstsq(np.abs(hessian) + floor * np.eye(len(grad)), grad, rcond=None)[0]


@saddle_free_step.misconception
def floor_for_each_entry(theta, grad, hessian, floor):
    """You raise every *entry* of the Hessian to the floor. Which numbers are the curvatures, and in which basis?"""
    return theta - np.linalg.lstsq(np.maximum(np.abs(hessian), floor), grad, rcond=None)[0]


@saddle_free_step.misconception
def absolute_step(theta, grad, hessian, floor):
    """You take the sizes of the step's coordinates, so you can only ever move one way along each axis. Whose signs are
    in the way?
    """
    return theta - np.abs(theta - _rescaled(theta, grad, hessian, lambda v: np.maximum(np.abs(v), floor)))


@saddle_free_step.misconception
def eigenvectors_as_rows(theta, grad, hessian, floor):
    """np.linalg.eigh returns eigenvectors as columns. Which product gives the gradient's part along each of them?"""
    values, basis = np.linalg.eigh(hessian)
    return theta - basis.T @ (basis @ grad / np.maximum(np.abs(values), floor))


@saddle_free_step.misconception
def turned_twice_the_same_way(theta, grad, hessian, floor):
    """You multiply by the matrix of eigenvectors on both sides. One of the two products must undo the other."""
    values, basis = np.linalg.eigh(hessian)
    return theta - basis @ (basis @ grad / np.maximum(np.abs(values), floor))


@saddle_free_step.misconception
def not_turned_back(theta, grad, hessian, floor):
    """You divide the gradient's parts along the eigenvectors and subtract them from theta, which has parts along the
    axes. What leads back?
    """
    values, basis = np.linalg.eigh(hessian)
    return theta - basis.T @ grad / np.maximum(np.abs(values), floor)


@saddle_free_step.misconception
def not_turned_at_all(theta, grad, hessian, floor):
    """You divide entry i of the gradient by curvature i. But curvature i belongs to an eigenvector, not to an axis."""
    return theta - grad / np.maximum(np.abs(np.linalg.eigvalsh(hessian)), floor)


@saddle_free_step.misconception
def multiplies_by_sizes(theta, grad, hessian, floor):
    """You step further where the ground curves more. Do you divide by the sizes?"""
    return _rescaled(theta, grad, hessian, lambda values: 1 / np.maximum(np.abs(values), floor))


@saddle_free_step.misconception
def climbs_to_the_top(theta, grad, hessian, floor):
    """Your step leads uphill in every direction. Which sign has the step?"""
    return 2 * theta - _rescaled(theta, grad, hessian, lambda values: np.maximum(np.abs(values), floor))


@saddle_free_step.misconception
def negative_gradient_flipped(theta, grad, hessian, floor):
    """You take the sizes of the gradient's parts as well, so the step no longer knows which way is down."""
    values, basis = np.linalg.eigh(hessian)
    return theta - basis @ (np.abs(basis.T @ grad) / np.maximum(np.abs(values), floor))


@saddle_free_step.misconception
def one_size_for_all(theta, grad, hessian, floor):
    """You divide all parts by the smallest size. Which size belongs to which part?"""
    return _rescaled(theta, grad, hessian, lambda values: np.maximum(np.abs(values), floor).min())


@saddle_free_step.misconception
def not_turned_in(theta, grad, hessian, floor):
    """You divide entry i of the gradient by size i, and only then turn by the eigenvectors. In which basis do the
    gradient's parts belong to the sizes?
    """
    values, basis = np.linalg.eigh(hessian)
    return theta - basis @ (grad / np.maximum(np.abs(values), floor))


@saddle_free_step.misconception
def writes_into_theta(theta, grad, hessian, floor):
    """Your numbers are right, but the caller's theta has changed too: -= writes into the array that you were given."""
    theta -= theta - _rescaled(theta, grad, hessian, lambda values: np.maximum(np.abs(values), floor))
    return theta


# --- conjugate_gradient


@exercise(points=8, returns=("x", "residuals", "direction", "products"), driver="utils.drivers.minimisers.solving")
def conjugate_gradient(matvec, b, tol, steps):
    """Oracle: no recursion. Every iterate is the flat point of ½xᵀAx - bᵀx in the span of the residuals so far, found
    by a dense factorisation; the next direction is the last residual less what is not conjugate to that span.
    """
    x, residual, size = np.zeros_like(b), b, np.linalg.norm(b)
    residuals = [np.float64(size > 0)]
    span, images = np.zeros((len(b), 0), dtype=b.dtype), np.zeros((len(b), 0), dtype=b.dtype)
    while residuals[-1] > tol and len(residuals) <= steps:
        weights = np.zeros(0) if not span.size else scipy.linalg.solve(span.T @ images, images.T @ residual)
        direction = residual - span @ weights.astype(b.dtype)
        image = matvec(direction)
        if direction @ image <= 0:
            return x, np.array(residuals), direction
        unit = np.linalg.norm(direction)
        span, images = np.column_stack([span, direction / unit]), np.column_stack([images, image / unit])
        step = scipy.linalg.solve(span.T @ images, span.T @ residual)
        x, residual = x + span @ step, residual - images @ step
        residuals.append(np.linalg.norm(residual) / size)
    return x, np.array(residuals), np.zeros_like(b)


def _sizes(A, b):
    """The residuals, relative, of all flat points in growing Krylov spaces, by which cases choose where to stop."""
    basis = scipy.linalg.qr(np.column_stack([np.linalg.matrix_power(A, k) @ b for k in range(len(b))]))[0]
    found = [1.0]
    for k in range(1, len(b)):
        span = basis[:, :k]
        x = span @ np.linalg.solve(span.T @ A @ span, span.T @ b)
        found.append(np.linalg.norm(b - A @ x) / np.linalg.norm(b))
    return found


def _system(rng, curvatures, after, scale=1.0, weight=1.0):
    """A system, and a tolerance half-way (in orders of magnitude) between the residuals before and after a step.

    after : int, the step at which to stop; drawn anew until the residuals there are a factor of 2 apart
    """
    while True:
        A, b = with_curvatures(curvatures, rng), rng.normal(size=len(curvatures))
        sizes = _sizes(A, b)
        before, then = min(sizes[:after]), sizes[after]
        if then < before / 2:
            return dict(A=weight * A, b=scale * b, tol=float(np.sqrt(before * then)))


def _positive(rng, n, top=20.0):
    return rng.uniform(0.9, 1.1, size=n) * np.geomspace(1.0, top, n)


@conjugate_gradient.cases("to the end", weight=2)
def _(rng):
    yield dict(A=np.array([[float(rng.uniform(2, 3))]]), b=rng.normal(size=1), tol=1e-4, steps=5)
    for n in (2, 3, 5):  # not too steep: float32 is to find all of x
        yield dict(A=with_curvatures(_positive(rng, n, top=6.0), rng), b=rng.normal(size=n), tol=1e-4, steps=3 * n)
    # as many steps as there are different curvatures
    yield dict(A=with_curvatures([2.0, 2.0, 2.0, 5.0, 5.0, 9.0], rng), b=rng.normal(size=6), tol=1e-3, steps=6)
    yield dict(A=float(rng.uniform(2, 3)) * np.eye(4), b=rng.normal(size=4), tol=1e-4, steps=4)
    for A in (_along_axes(rng, 1, 2, 5), np.array(WHOLE)):
        yield dict(A=A, b=_whole(rng, 3, 2, 1), tol=1e-4, steps=int(rng.integers(3, 7)))

    # on paper twelve steps do, in float64 it takes some twenty, in float32 three times as many
    curvatures = np.geomspace(1.0, 1e5, 12) * rng.uniform(0.9, 1.1, size=12)
    yield dict(A=with_curvatures(curvatures, rng), b=rng.normal(size=12), tol=1e-6, steps=300)


def _whole(rng, *numbers):
    """Whole numbers in an order, and with signs, that are drawn."""
    return rng.permutation(np.array(numbers, dtype=float)) * rng.choice([-1, 1], size=len(numbers))


@conjugate_gradient.cases("stopped by the tolerance", weight=2)
def _(rng):
    for n, after in ((5, 2), (7, 3), (8, 4)):
        yield dict(**_system(rng, _positive(rng, n), after), steps=n)
    yield dict(A=with_curvatures(_positive(rng, 5), rng), b=rng.normal(size=5), tol=2.0, steps=5)
    # the residual is 1 before the first step, and that is `tol`, exactly: a whole number, which no rounding moves
    yield dict(A=with_curvatures(_positive(rng, 3), rng), b=_whole(rng, 3, 4, 12), tol=1, steps=int(rng.integers(2, 5)))


@conjugate_gradient.cases("stopped by the number of steps", weight=1)
def _(rng):
    for n, steps in ((5, 1), (6, 3), (8, 5), (3, 0)):
        yield dict(A=with_curvatures(_positive(rng, n), rng), b=rng.normal(size=n), tol=1e-6, steps=steps)


@conjugate_gradient.cases("other scales, and b = 0", weight=1)
def _(rng):
    for scale in (1e-6, 1e6):
        yield dict(**_system(rng, _positive(rng, 6), 2, scale=scale), steps=6)
        yield dict(**_system(rng, _positive(rng, 6), 3, weight=scale), steps=6)
    yield dict(A=with_curvatures(_positive(rng, 3), rng), b=np.zeros(3), tol=1e-4, steps=3)


@conjugate_gradient.cases("curvature that is not positive", weight=2)
def _(rng):
    yield dict(A=-with_curvatures(_positive(rng, 3), rng), b=rng.normal(size=3), tol=1e-4, steps=6)
    for n in (4, 5, 5):
        yield _meets(rng, n)
    yield dict(A=np.diag([0.0, 3.0]), b=np.array([float(rng.uniform(1, 2)), 0.0]), tol=1e-4, steps=4)  # exactly 0
    yield dict(A=np.zeros((3, 3)), b=rng.normal(size=3), tol=1e-4, steps=4)
    size = int(rng.integers(1, 4))
    yield dict(A=np.diag([3.0, -1.0, 2.0]), b=size * np.array([2.0, 1.0, 1.0]), tol=1e-4, steps=4)


def _meets(rng, n):
    """A system whose first direction curves up and whose second or third curves down, all of them clearly."""
    while True:
        A = with_curvatures([-3.0, *np.linspace(2.0, 6.0, n - 1)] * rng.uniform(0.9, 1.1, size=n), rng)
        b = A @ rng.normal(size=n)
        basis = scipy.linalg.qr(np.column_stack([b, A @ b, A @ A @ b]), mode="economic")[0]
        least = [np.linalg.eigvalsh(basis[:, :k].T @ A @ basis[:, :k])[0] for k in (1, 2, 3)]
        if least[0] > 1 and least[2] < -1 and abs(least[1]) > 0.5:
            return dict(A=A, b=b, tol=1e-4, steps=2 * n)


def _solve(matvec, b, tol, steps, *, beta=None, turn=None, reached=None, curved=None, alpha=None, start=None):
    """Conjugate gradients in which every part can be another one.

    beta : (new residual, old residual) -> weight of the old direction
    turn : (new residual, old residual, weight, old direction) -> direction
    reached : (relative residual, residual, size of b) -> whether to stop
    curved : (curvature, x, residuals, direction) -> what to return, None to go on
    alpha : (residual, direction, curvature) -> length of the step.  start : b -> x
    """
    x = np.zeros_like(b) if start is None else start(b)
    residual, size = b.copy() if start is None else b - matvec(x), np.linalg.norm(b)
    residuals, direction = [1.0 if size > 0 else 0.0], residual.copy()
    for _ in range(steps):
        done = residuals[-1] <= tol if reached is None else reached(residuals[-1], residual, size)
        if done:
            break
        image = matvec(direction)
        curvature = direction @ image
        if curved is None and curvature <= 0:
            return x, np.array(residuals), direction
        if curved is not None and (answer := curved(curvature, x, residuals, direction)) is not None:
            return answer
        with np.errstate(all="ignore"):
            length = residual @ residual / curvature if alpha is None else alpha(residual, direction, curvature)
            x, new = x + length * direction, residual - length * image
            weight = new @ new / (residual @ residual) if beta is None else beta(new, residual)
            direction = new + weight * direction if turn is None else turn(new, residual, weight, direction)
            residuals.append(np.linalg.norm(new) / size)
        residual = new
    return x, np.array(residuals), np.zeros_like(b)


@conjugate_gradient.misconception
def steepest_descent(matvec, b, tol, steps):
    """After n steps you are not there: every direction is the residual alone, which is steepest descent. What is kept
    of the direction before?
    """
    return _solve(matvec, b, tol, steps, beta=lambda new, old: 0.0)


@conjugate_gradient.misconception
def beta_upside_down(matvec, b, tol, steps):
    """Your first step is right and your second is not: as the residuals shrink, your beta grows. Which of the two
    belongs on top?
    """
    return _solve(matvec, b, tol, steps, beta=lambda new, old: old @ old / (new @ new))


@conjugate_gradient.misconception
def beta_without_squares(matvec, b, tol, steps):
    """Your first step is right and your second is not. Beta is a ratio of squared lengths, yours is one of lengths."""
    return _solve(matvec, b, tol, steps, beta=lambda new, old: np.linalg.norm(new) / np.linalg.norm(old))


@conjugate_gradient.misconception
def beta_with_a_minus(matvec, b, tol, steps):
    """Your first step is right and your second is not: you take the old direction away. Which sign makes the new one
    conjugate to it?
    """
    return _solve(matvec, b, tol, steps, turn=lambda new, old, weight, direction: new - weight * direction)


@conjugate_gradient.misconception
def beta_on_the_residual(matvec, b, tol, steps):
    """Your first step is right and your second is not: beta multiplies the residual. Whose share does it weigh?"""
    return _solve(matvec, b, tol, steps, turn=lambda new, old, weight, direction: weight * new + direction)


@conjugate_gradient.misconception
def old_residual_in_the_direction(matvec, b, tol, steps):
    """Your first step is right and your second is not: the new direction starts from the residual before the step. In
    which order are residual and direction made new?
    """
    return _solve(matvec, b, tol, steps, turn=lambda new, old, weight, direction: old + weight * direction)


@conjugate_gradient.misconception
def beta_of_the_curvature(matvec, b, tol, steps):
    """Your first step is right and your second is not: you divide by dᵀAd where beta has the squared length of the old
    residual.
    """

    def curved(curvature, x, residuals, direction):
        memory["curvature"] = curvature
        return (x, np.array(residuals), direction) if curvature <= 0 else None

    memory = {}
    return _solve(matvec, b, tol, steps, curved=curved, beta=lambda new, old: new @ new / memory["curvature"])


@conjugate_gradient.misconception
def beta_of_the_new_residual_alone(matvec, b, tol, steps):
    """Your first step is right and your second is not: your beta is always 1. When you compute it, what is left of the
    old residual?
    """
    return _solve(matvec, b, tol, steps, beta=lambda new, old: 1.0)


@conjugate_gradient.misconception
def alpha_of_the_direction(matvec, b, tol, steps):
    """Your first step is right and your second is not: dᵀd stands on top of alpha. Which vector's squared length
    belongs there?
    """
    return _solve(matvec, b, tol, steps, alpha=lambda residual, direction, curvature: direction @ direction / curvature)


@conjugate_gradient.misconception
def beta_times_old_residual(matvec, b, tol, steps):
    """Your second direction is right and your third is not: beta multiplies the old residual, which is the old
    direction once only.
    """
    return _solve(matvec, b, tol, steps, turn=lambda new, old, weight, direction: new + weight * old)


@conjugate_gradient.misconception
def looks_only_after_a_step(matvec, b, tol, steps):
    """You always take a first step, whether or not one is needed or allowed. When is the residual to be looked at?"""
    first = []

    def reached(relative, residual, size):
        first.append(relative)
        return not size or len(first) > 1 and relative <= tol

    return _solve(matvec, b, tol, max(steps, 1), reached=reached)


@conjugate_gradient.misconception
def residual_grows(matvec, b, tol, steps):
    """After a step your residual is b + Ax, not b - Ax. Which sign has the change of the residual?"""
    return _solve(lambda v: -matvec(v), b, tol, steps, curved=lambda c, *rest: _not_up(-c, *rest), alpha=_uphill)


def _not_up(curvature, x, residuals, direction):
    return (x, np.array(residuals), direction) if curvature <= 0 else None


def _uphill(residual, direction, curvature):
    return -residual @ residual / curvature


@conjugate_gradient.misconception
def curvature_forgotten(matvec, b, tol, steps):
    """Your step is as long on flat ground as on steep. How far along d is the lowest point of ½xᵀAx - bᵀx?"""
    return _solve(matvec, b, tol, steps, alpha=lambda residual, direction, curvature: 1.0)


@conjugate_gradient.misconception
def length_over_dd(matvec, b, tol, steps):
    """You divide by dᵀd where the curvature dᵀAd belongs. Which of them knows how the ground bends?"""
    return _solve(
        matvec,
        b,
        tol,
        steps,
        alpha=lambda residual, direction, curvature: residual @ residual / (direction @ direction),
    )


@conjugate_gradient.misconception
def half_the_length(matvec, b, tol, steps):
    """Your step ends half-way to the lowest point along d. Where does the half come from?"""
    return _solve(
        matvec, b, tol, steps, alpha=lambda residual, direction, curvature: residual @ residual / (2 * curvature)
    )


@conjugate_gradient.misconception
def never_satisfied(matvec, b, tol, steps):
    """You always take all steps. When is the residual small enough, and who asks?"""
    return _solve(matvec, b, tol, steps, reached=lambda relative, residual, size: not size or relative <= 1e-13)


@conjugate_gradient.misconception
def absolute_tolerance(matvec, b, tol, steps):
    """Multiply b by a million, and the same problem takes you more steps. The tolerance is a share of what?"""
    return _solve(matvec, b, tol, steps, reached=lambda relative, residual, size: size * relative <= tol)


@conjugate_gradient.misconception
def squared_residual_against_tol(matvec, b, tol, steps):
    """You stop too early: you compare the square of the relative residual with the tolerance. What does it measure?"""
    return _solve(matvec, b, tol, steps, reached=lambda relative, residual, size: relative**2 <= tol)


@conjugate_gradient.misconception
def tolerance_itself_not_enough(matvec, b, tol, steps):
    """You go on where the residual is tol exactly, as with a tolerance of 1 before the first step. Is that small
    enough?
    """
    return _solve(matvec, b, tol, steps, reached=lambda relative, residual, size: relative < tol)


@conjugate_gradient.misconception
def one_step_late(matvec, b, tol, steps):
    """You stop one step after the residual was small enough. When do you look at it: before a step, or a step later?"""
    seen = []

    def reached(relative, residual, size):
        seen.append(relative)
        return not size or len(seen) > 1 and seen[-2] <= tol

    return _solve(matvec, b, tol, steps, reached=reached)


@conjugate_gradient.misconception
def one_step_short(matvec, b, tol, steps):
    """Where the tolerance is not reached you take one step less than you may. Where does your range end?"""
    return _solve(matvec, b, tol, max(steps - 1, 0))


@conjugate_gradient.misconception
def one_step_more(matvec, b, tol, steps):
    """Where the tolerance is not reached you take one step more than you may. Where does your range end?"""
    return _solve(matvec, b, tol, steps + 1)


@conjugate_gradient.misconception
def number_of_steps_ignored(matvec, b, tol, steps):
    """You go on until the tolerance is reached. What if the caller can afford `steps` products and no more?"""
    return _solve(matvec, b, tol, 10 * len(b))


@conjugate_gradient.misconception
def zero_divided_by_zero(matvec, b, tol, steps):
    """For b = 0 you divide 0 by 0. What is x then, and how large is the residual?"""
    if not np.any(b):
        return np.full_like(b, np.nan), np.array([np.nan]), np.zeros_like(b)
    return _solve(matvec, b, tol, steps)


@conjugate_gradient.misconception
def one_for_nothing(matvec, b, tol, steps):
    """For b = 0 the residual is 0 before the first step, not 1, and no product is needed."""
    x, residuals, direction = _solve(matvec, b, tol, steps)
    return (x, residuals, direction) if np.any(b) else (x, np.ones(1), direction)


@conjugate_gradient.misconception
def never_looks_at_the_curvature(matvec, b, tol, steps):
    """Along some direction the ground curves down, and you step to the *highest* point of it. What is the sign of your
    step length there?
    """

    def curved(curvature, x, residuals, direction):
        return (x, np.array(residuals), direction) if curvature == 0 else None

    return _solve(matvec, b, tol, steps, curved=curved)


@conjugate_gradient.misconception
def flat_taken_for_a_bowl(matvec, b, tol, steps):
    """Where dᵀAd is exactly zero you divide by it. There is no lowest point along d either: stop there, too."""

    def curved(curvature, x, residuals, direction):
        if curvature == 0:
            return np.full_like(b, np.nan), np.array([*residuals, np.nan]), np.zeros_like(b)
        return _not_up(curvature, x, residuals, direction)

    return _solve(matvec, b, tol, steps, curved=curved)


@conjugate_gradient.misconception
def size_of_the_curvature(matvec, b, tol, steps):
    """You take the size of dᵀAd and go on. The text stops there and hands back the direction."""

    def curved(curvature, x, residuals, direction):
        return (x, np.array(residuals), direction) if curvature == 0 else None

    return _solve(matvec, b, tol, steps, curved=curved, alpha=lambda r, d, curvature: r @ r / abs(curvature))


@conjugate_gradient.misconception
def says_nothing_of_the_direction(matvec, b, tol, steps):
    """You stop where the curvature is not positive, and return zeros as if all were well. Which direction was it?"""
    x, residuals, direction = _solve(matvec, b, tol, steps)
    return x, residuals, np.zeros_like(direction)


@conjugate_gradient.misconception
def always_a_direction(matvec, b, tol, steps):
    """You return your last direction even if the ground curved up along all of them. How shall the caller tell the two
    cases apart?
    """
    last = [b.copy()]

    def turn(new, old, weight, direction):
        last.append(new + weight * direction)
        return last[-1]

    x, residuals, _ = _solve(matvec, b, tol, steps, turn=turn)
    return x, residuals, last[-1]


@conjugate_gradient.misconception
def returns_the_residual(matvec, b, tol, steps):
    """You return the residual where the curvature was bad. Along which vector did you ask for it?"""
    last = [b.copy()]

    def turn(new, old, weight, direction):
        last.append(new)
        return new + weight * direction

    x, residuals, direction = _solve(matvec, b, tol, steps, turn=turn)
    return x, residuals, last[-1] if direction.any() else direction


@conjugate_gradient.misconception
def steps_before_it_looks(matvec, b, tol, steps):
    """You notice the bad curvature after you have stepped along it. x should be where you stood before."""
    known = {}

    def seen(v):
        known["image"] = matvec(v)
        return known["image"]

    def reached(relative, residual, size):
        known["residual"] = residual
        return relative <= tol

    def curved(curvature, x, residuals, direction):
        if curvature > 0:
            return None
        with np.errstate(all="ignore"):
            length = known["residual"] @ known["residual"] / curvature
            new = known["residual"] - length * known["image"]
            residuals = np.array([*residuals, np.linalg.norm(new) / np.linalg.norm(b)])
            return x + length * direction, residuals, direction

    return _solve(seen, b, tol, steps, curved=curved, reached=reached)


@conjugate_gradient.misconception
def n_steps_at_most(matvec, b, tol, steps):
    """You never make more than n steps. On paper they suffice; in floating point some systems take more, and the caller
    allowed them.
    """
    return _solve(matvec, b, tol, min(steps, len(b)))


@conjugate_gradient.misconception
def sizes_not_relative(matvec, b, tol, steps):
    """x is right. Your residuals are lengths; they should be shares of the length of b, so that the first one is 1."""
    x, residuals, direction = _solve(matvec, b, tol, steps)
    return x, residuals * np.linalg.norm(b), direction


@conjugate_gradient.misconception
def residuals_over_the_one_before(matvec, b, tol, steps):
    """Each of your residuals is a share of the one before. Of whose length should all of them be?"""
    last = [np.linalg.norm(b)]
    shares = [1.0 if last[0] > 0 else 0.0]

    def reached(relative, residual, size):
        return shares[-1] <= tol

    def turn(new, old, weight, direction):
        last.append(np.linalg.norm(new))
        shares.append(last[-1] / last[-2])
        return new + weight * direction

    with np.errstate(all="ignore"):
        x, _, direction = _solve(matvec, b, tol, steps, reached=reached, turn=turn)
    return x, np.array(shares), direction


@conjugate_gradient.misconception
def squares_in_the_list(matvec, b, tol, steps):
    """x is right. Your list holds squared residuals. Is there a root missing?"""
    x, residuals, direction = _solve(matvec, b, tol, steps)
    return x, residuals**2, direction


@conjugate_gradient.misconception
def first_residual_missing(matvec, b, tol, steps):
    """x is right. Your list begins after the first step; it should begin before it, with 1."""
    x, residuals, direction = _solve(matvec, b, tol, steps)
    return x, residuals[1:], direction


@conjugate_gradient.misconception
def last_residual_only(matvec, b, tol, steps):
    """x is right. You return the last residual alone; asked for is the whole history, from 1 on."""
    x, residuals, direction = _solve(matvec, b, tol, steps)
    return x, residuals[-1], direction


@conjugate_gradient.misconception
def two_products_a_step(matvec, b, tol, steps):
    """Your numbers are right, but you ask for two products in every step. Of which vector do you know the product
    already when the residual changes?
    """
    steps_seen = []

    def twice(v):
        steps_seen.append(matvec(v))
        return matvec(v)

    return _solve(twice, b, tol, steps)


@conjugate_gradient.misconception
def product_with_zero(matvec, b, tol, steps):
    """Your numbers are right, but you ask for one product too many. You start at x = 0: what is b - Ax there?"""
    matvec(np.zeros_like(b))
    return _solve(matvec, b, tol, steps)


@conjugate_gradient.misconception
def starts_at_b(matvec, b, tol, steps):
    """You start at x = b. Where does the text start?"""
    return _solve(matvec, b, tol, steps, start=lambda b: b.copy())


@conjugate_gradient.misconception
def writes_into_b(matvec, b, tol, steps):
    """The caller's b has changed: the residual starts as b, and -= writes into it. Start from a copy."""
    last = [b.copy()]

    def turn(new, old, weight, direction):
        last.append(new)
        return new + weight * direction

    answer = _solve(matvec, b, tol, steps, turn=turn)
    b[:] = last[-1]
    return answer


# --- nonlinear_direction


@exercise(points=4, returns="direction")
def nonlinear_direction(grad, previous_grad, previous_direction, rule):
    """Oracle: torch, by norms and angles."""
    new, old, way = (torch.tensor(array) for array in (grad, previous_grad, previous_direction))
    weight = torch.linalg.vecdot(new, new if rule == "FR" else new - old) / torch.linalg.vecdot(old, old)
    direction = torch.add(-new, way, alpha=float(weight.clamp(min=0)))
    return (direction if torch.linalg.vecdot(direction, new) < 0 else -new).numpy() + 0.0  # without a minus before 0


def _gradients(rng, n, rule, wanted, scale=1.0):
    """Gradients and a direction for which the rule does what is wanted: "plain", "negative" (PR) or "uphill"."""
    while True:
        new, old = rng.normal(size=n), rng.normal(size=n)
        way = -old + 0.5 * rng.normal(size=n)
        if wanted == "uphill":
            way = new * rng.uniform(1, 2) + 0.3 * rng.normal(size=n)
            old = old * 0.4
        weight = new @ (new if rule == "FR" else new - old) / (old @ old)
        direction = -new + weight * way
        slope = direction @ new / (np.linalg.norm(direction) * np.linalg.norm(new))
        came = "negative" if weight < -0.1 else "uphill" if slope > 0.2 else "plain" if slope < -0.2 else ""
        if came == wanted and abs(weight) > 0.1 and (wanted != "plain" or weight < 3):
            case = dict(grad=scale * new, previous_grad=scale * old, previous_direction=scale * way, rule=rule)
            return case


def _heavy(rng, n, rule, scale=1.0):
    """Gradients and a direction whose weight is above 1, and which leads downhill even with +g before it."""
    while True:
        new, old = rng.normal(size=n), 0.6 * rng.normal(size=n)
        way = -rng.uniform(1.2, 2.0) * new + 0.3 * rng.normal(size=n)
        weight = new @ (new if rule == "FR" else new - old) / (old @ old)
        slopes = [d @ new / (np.linalg.norm(d) * np.linalg.norm(new)) for d in (weight * way - new, weight * way + new)]
        if 1.3 < weight < 4 and max(slopes) < -0.2:
            return dict(grad=scale * new, previous_grad=scale * old, previous_direction=scale * way, rule=rule)


@nonlinear_direction.cases("Fletcher-Reeves", weight=1)
def _(rng):
    for n in (2, 4, 6):
        yield _gradients(rng, n, "FR", "plain")
    for n in (2, 5):
        yield _heavy(rng, n, "FR")


@nonlinear_direction.cases("Polak-Ribière", weight=1)
def _(rng):
    for n in (2, 4, 6):
        yield _gradients(rng, n, "PR", "plain")
    for n in (3, 5):
        yield _heavy(rng, n, "PR")
    while True:  # downhill, and yet along the change of the gradient
        case = _gradients(rng, 5, "PR", "plain")
        new, old = case["grad"], case["previous_grad"]
        direction = -new + new @ (new - old) / (old @ old) * case["previous_direction"]
        if direction @ (new - old) > 0.5:
            yield case
            break


@nonlinear_direction.cases("a negative weight", weight=1)
def _(rng):
    for n in (2, 5):
        yield _gradients(rng, n, "PR", "negative")


@nonlinear_direction.cases("a direction that leads uphill", weight=1)
def _(rng):
    for rule in ("FR", "PR"):
        for n, scale in ((3, 1.0), (6, 1.0), (4, 1e-8)):
            yield _gradients(rng, n, rule, "uphill", scale)
    for n in (2, 3, 5):
        yield _gradients(rng, n, "PR", "uphill")


@nonlinear_direction.cases("at a right angle to the gradient", driver="utils.drivers.minimisers.turning")
def _(rng):
    for rule, before in (("FR", 1), ("PR", -1)):
        size, aside = rng.integers(1, 5, size=2) * rng.choice([-1, 1], size=2)
        new = np.array([2 * size, 0])
        way = np.array([2 * size if rule == "FR" else size, aside])
        yield dict(grad=new, previous_grad=before * new, previous_direction=way, rule=rule)


@nonlinear_direction.cases("edge cases", weight=1)
def _(rng):
    for scale in (1e-8, 1e8):
        yield _gradients(rng, 3, "FR", "plain", scale)
        yield _gradients(rng, 3, "PR", "plain", scale)
        yield _heavy(rng, 4, rng.choice(["FR", "PR"]).item(), scale)
    for rule in ("FR", "PR"):
        old = rng.normal(size=3)
        yield dict(grad=np.zeros(3), previous_grad=old, previous_direction=-old, rule=rule)


def _turned(grad, old, way, weight):
    direction = -grad + weight * way
    return direction if direction @ grad < 0 else -grad


def _weight(grad, old, rule):
    return max(grad @ (grad if rule == "FR" else grad - old) / (old @ old), 0.0)


@nonlinear_direction.misconception
def weight_upside_down(grad, previous_grad, previous_direction, rule):
    """As the gradients shrink, your weight grows. Which of the two gradients belongs below?"""
    with np.errstate(all="ignore"):
        square = grad @ grad
        above = previous_grad @ (previous_grad if rule == "FR" else previous_grad - grad)
        weight = max(above / square, 0.0) if square else 0.0
    return _turned(grad, previous_grad, previous_direction, weight)


@nonlinear_direction.misconception
def fletcher_reeves_always(grad, previous_grad, previous_direction, rule):
    """You use one formula for both rules. What does Polak-Ribière have on top?"""
    return _turned(grad, previous_grad, previous_direction, _weight(grad, previous_grad, "FR"))


@nonlinear_direction.misconception
def polak_ribiere_always(grad, previous_grad, previous_direction, rule):
    """You use one formula for both rules. What does Fletcher-Reeves have on top?"""
    return _turned(grad, previous_grad, previous_direction, _weight(grad, previous_grad, "PR"))


@nonlinear_direction.misconception
def rules_swapped(grad, previous_grad, previous_direction, rule):
    """Your two rules are swapped. In whose formula does the difference of two gradients stand?"""
    other = "PR" if rule == "FR" else "FR"
    return _turned(grad, previous_grad, previous_direction, _weight(grad, previous_grad, other))


@nonlinear_direction.misconception
def negative_weight_kept(grad, previous_grad, previous_direction, rule):
    """Your weight may be negative, which turns the old direction round. What is the least that it may be?"""
    weight = grad @ (grad if rule == "FR" else grad - previous_grad) / (previous_grad @ previous_grad)
    return _turned(grad, previous_grad, previous_direction, weight)


@nonlinear_direction.misconception
def never_restarts(grad, previous_grad, previous_direction, rule):
    """In some cases your direction leads uphill. Which sign has its product with the gradient, and what is to be done
    then?
    """
    return -grad + _weight(grad, previous_grad, rule) * previous_direction


@nonlinear_direction.misconception
def restarts_when_downhill(grad, previous_grad, previous_direction, rule):
    """You restart where the direction leads downhill, and keep it where it leads uphill. Which sign has dᵀg on the way
    down?
    """
    direction = -grad + _weight(grad, previous_grad, rule) * previous_direction
    return direction if direction @ grad > 0 else -grad


@nonlinear_direction.misconception
def asks_the_old_direction(grad, previous_grad, previous_direction, rule):
    """You ask whether the *old* direction leads uphill. Which one are you about to walk?"""
    direction = -grad + _weight(grad, previous_grad, rule) * previous_direction
    return direction if previous_direction @ grad < 0 else -grad


@nonlinear_direction.misconception
def walks_up(grad, previous_grad, previous_direction, rule):
    """Your direction begins with +g. Which way is down?"""
    direction = grad + _weight(grad, previous_grad, rule) * previous_direction
    return direction if direction @ grad < 0 else -grad


@nonlinear_direction.misconception
def old_direction_taken_away(grad, previous_grad, previous_direction, rule):
    """You take the old direction away. Which sign has its weight?"""
    return _turned(grad, previous_grad, previous_direction, -_weight(grad, previous_grad, rule))


@nonlinear_direction.misconception
def nothing_kept(grad, previous_grad, previous_direction, rule):
    """Your direction is steepest descent, as if there had been no step before. What of the old direction is kept?"""
    return -grad


@nonlinear_direction.misconception
def difference_turned_round(grad, previous_grad, previous_direction, rule):
    """Under Polak-Ribière you take the new gradient from the old one. Which way round is the difference?"""
    above = grad @ (grad if rule == "FR" else previous_grad - grad)
    return _turned(grad, previous_grad, previous_direction, max(above / (previous_grad @ previous_grad), 0.0))


@nonlinear_direction.misconception
def squared_difference(grad, previous_grad, previous_direction, rule):
    """Under Polak-Ribière you square the difference. One of the two factors is the new gradient itself."""
    above = grad if rule == "FR" else grad - previous_grad
    return _turned(grad, previous_grad, previous_direction, above @ above / (previous_grad @ previous_grad))


@nonlinear_direction.misconception
def lengths_not_squared(grad, previous_grad, previous_direction, rule):
    """Your weight is a ratio of lengths. Are they squared in the formula?"""
    above = np.linalg.norm(grad if rule == "FR" else grad - previous_grad)
    return _turned(grad, previous_grad, previous_direction, above / np.linalg.norm(previous_grad))


@nonlinear_direction.misconception
def divides_by_the_new(grad, previous_grad, previous_direction, rule):
    """Under Polak-Ribière you divide by the square of the new gradient. Which one stands below?"""
    below = previous_grad @ previous_grad if rule == "FR" else grad @ grad
    above = grad @ (grad if rule == "FR" else grad - previous_grad)
    return _turned(grad, previous_grad, previous_direction, max(above / below, 0.0) if below else 0.0)


@nonlinear_direction.misconception
def weight_for_each_entry(grad, previous_grad, previous_direction, rule):
    """You have one weight for each parameter. The products in the formula are sums over all of them: one number."""
    with np.errstate(all="ignore"):
        weight = np.maximum(grad * (grad if rule == "FR" else grad - previous_grad) / previous_grad**2, 0.0)
    return _turned(grad, previous_grad, previous_direction, weight)


@nonlinear_direction.misconception
def gradient_before_for_direction(grad, previous_grad, previous_direction, rule):
    """You keep a share of the old *gradient*. Of what does the formula keep a share?"""
    return _turned(grad, previous_grad, -previous_grad, _weight(grad, previous_grad, rule))


@nonlinear_direction.misconception
def size_of_the_weight(grad, previous_grad, previous_direction, rule):
    """A negative weight counts as 0; you take its size."""
    weight = grad @ (grad if rule == "FR" else grad - previous_grad) / (previous_grad @ previous_grad)
    return _turned(grad, previous_grad, previous_direction, abs(weight))


@nonlinear_direction.misconception
def asks_the_old_gradient(grad, previous_grad, previous_direction, rule):
    """You ask whether d leads downhill where you were. Where do you stand?"""
    direction = -grad + _weight(grad, previous_grad, rule) * previous_direction
    return direction if direction @ previous_grad < 0 else -grad


@nonlinear_direction.misconception
def old_gradient_on_top(grad, previous_grad, previous_direction, rule):
    """Under Polak-Ribière you multiply the difference by the old gradient. Which of the two stands on top?"""
    above = grad @ grad if rule == "FR" else previous_grad @ (grad - previous_grad)
    return _turned(grad, previous_grad, previous_direction, max(above / (previous_grad @ previous_grad), 0.0))


@nonlinear_direction.misconception
def hestenes_stiefel(grad, previous_grad, previous_direction, rule):
    """Under Polak-Ribière you divide by dᵀ(g_new - g), as Hestenes and Stiefel do. What does the text name?"""
    change = grad - previous_grad
    with np.errstate(all="ignore"):
        weight = grad @ change / (previous_direction @ change)
    weight = _weight(grad, previous_grad, "FR") if rule == "FR" else max(weight, 0.0)
    return _turned(grad, previous_grad, previous_direction, weight)


@nonlinear_direction.misconception
def starts_from_the_old_gradient(grad, previous_grad, previous_direction, rule):
    """Your direction begins with minus the old gradient. Which one do you know by now?"""
    direction = -previous_grad + _weight(grad, previous_grad, rule) * previous_direction
    return direction if direction @ grad < 0 else -grad


@nonlinear_direction.misconception
def restarts_from_the_old_gradient(grad, previous_grad, previous_direction, rule):
    """Where you start anew you go along minus the old gradient. Where do you stand?"""
    direction = -grad + _weight(grad, previous_grad, rule) * previous_direction
    return direction if direction @ grad < 0 else -previous_grad


@nonlinear_direction.misconception
def right_angle_allowed(grad, previous_grad, previous_direction, rule):
    """A direction at a right angle to the gradient passes. Does it lead downhill?"""
    direction = -grad + _weight(grad, previous_grad, rule) * previous_direction
    return direction if direction @ grad <= 0 else -grad


@nonlinear_direction.misconception
def writes_into_the_direction(grad, previous_grad, previous_direction, rule):
    """Your numbers are right, but the caller's previous_direction has changed: *= and -= write into it."""
    previous_direction *= _weight(grad, previous_grad, rule)
    previous_direction -= grad
    return previous_direction.copy() if previous_direction @ grad < 0 else -grad


# --- hessian_vector


@exercise(points=4, returns="Hv", driver="utils.drivers.minimisers.hessian_products")
def hessian_vector(f, x, v):
    """Oracle: torch.autograd.functional.hvp."""
    point, vector = torch.as_tensor(x), torch.as_tensor(v)
    return torch.autograd.functional.hvp(f, point, vector)[1]


def _function(rng, name, n, scale=1.0):
    kwargs = dict(n=n, seed=int(rng.integers(1_000_000)), scale=scale)
    return Reference(f"utils.hessians.{name}", kwargs=kwargs)


@hessian_vector.cases("quadratic functions", weight=1)
def _(rng):
    for n in (2, 5):
        yield dict(f=_function(rng, "form", n), x=rng.normal(size=n), v=rng.normal(size=n))


@hessian_vector.cases("other functions", weight=2)
def _(rng):
    for name in ("log_sum", "waves"):
        for n in (1, 3, 12):
            yield dict(f=_function(rng, name, n), x=rng.normal(size=n), v=rng.normal(size=n))


@hessian_vector.cases("many parameters", weight=1)
def _(rng):
    yield dict(f=_function(rng, "log_sum", 30), x=0.3 * rng.normal(size=30), v=rng.normal(size=30))
    yield dict(f=_function(rng, "waves", 30), x=rng.normal(size=30), v=rng.normal(size=30))


@hessian_vector.cases("edge cases", weight=1)
def _(rng):
    yield dict(f=_function(rng, "waves", 4), x=rng.normal(size=4), v=np.zeros(4))
    yield dict(f=_function(rng, "log_sum", 4), x=np.zeros(4), v=np.eye(4)[1])
    for scale in (1e-8, 1e8):
        yield dict(f=_function(rng, "log_sum", 3), x=rng.normal(size=3), v=scale * rng.normal(size=3))
        yield dict(f=_function(rng, "waves", 3, scale), x=rng.normal(size=3), v=rng.normal(size=3))


def _gradient(f, x, keep=False):
    point = torch.as_tensor(x).detach().clone().requires_grad_(True)
    return point, torch.autograd.grad(f(point), point, create_graph=keep)[0]


def _times(f, x, v):
    point, grad = _gradient(f, x, keep=True)
    return torch.autograd.grad(grad @ torch.as_tensor(v), point)[0]


@hessian_vector.misconception
def graph_not_kept(f, x, v):
    """Does the gradient that you got remember how it came about? Something must be said when it is made, so that it can
    be differentiated again; or does a detach or no_grad stand in the way?
    """
    point, grad = _gradient(f, x)
    return torch.autograd.grad(grad @ torch.as_tensor(v), point)[0]


@hessian_vector.misconception
def builds_the_matrix(f, x, v):
    """Your numbers are right, but you make the whole matrix to use one product of it. How many gradients does that
    take, for n parameters?
    """
    return torch.autograd.functional.hessian(f, torch.as_tensor(x)) @ torch.as_tensor(v)


@hessian_vector.misconception
def slope_along_v(f, x, v):
    """You return one number, the slope along v. Its gradient is what is wanted: differentiate once more."""
    return _gradient(f, x)[1] @ torch.as_tensor(v)


@hessian_vector.misconception
def curvature_along_v(f, x, v):
    """You return one number, the curvature along v. Asked for is the vector whose product with v it is."""
    return _times(f, x, v) @ torch.as_tensor(v)


@hessian_vector.misconception
def hessian_times_gradient(f, x, v):
    """You multiply the Hessian by the gradient: |g|² has a gradient too. With what should g be multiplied before it is
    differentiated?
    """
    point, grad = _gradient(f, x, keep=True)
    return torch.autograd.grad(grad @ grad / 2, point)[0]


@hessian_vector.misconception
def hessian_times_gradient_doubled(f, x, v):
    """You differentiate |g|², and v does not come in. With what should g be multiplied before it is differentiated?"""
    point, grad = _gradient(f, x, keep=True)
    return torch.autograd.grad(grad @ grad, point)[0]


@hessian_vector.misconception
def gradient_itself(f, x, v):
    """You return the gradient. Differentiate a second time, after you have multiplied by v."""
    return _gradient(f, x)[1]


@hessian_vector.misconception
def gradient_times_v(f, x, v):
    """You multiply the gradient by v, entry by entry. That is a part of the way: what is to be done with the sum?"""
    return _gradient(f, x)[1] * torch.as_tensor(v)


@hessian_vector.misconception
def sum_of_the_gradient(f, x, v):
    """You multiply by v after the second derivative. Then each entry of v meets a whole row's sum; when does v have to
    come in?
    """
    point, grad = _gradient(f, x, keep=True)
    return torch.autograd.grad(grad.sum(), point)[0] * torch.as_tensor(v)


@hessian_vector.misconception
def outer_product_of_gradients(f, x, v):
    """You take g gᵀ for the Hessian. That matrix has one direction only; does it bend where f is straight?"""
    grad = _gradient(f, x)[1]
    return grad * (grad @ torch.as_tensor(v))


@hessian_vector.misconception
def gradients_one_v_apart(f, x, v):
    """You subtract two gradients that are a whole v apart. For which functions is that the product with H, and for
    which not?
    """
    return _gradient(f, torch.as_tensor(x) + torch.as_tensor(v))[1] - _gradient(f, x)[1]


@hessian_vector.misconception
def finite_differences(f, x, v):
    """You subtract two gradients that are a little way along v apart. Your h is short for one v and far for another,
    and every digit that the two gradients share is lost. Autograd needs no h.
    """
    x, v = torch.as_tensor(x), torch.as_tensor(v)
    return (_gradient(f, x + 1e-5 * v)[1] - _gradient(f, x - 1e-5 * v)[1]) / 2e-5


@hessian_vector.misconception
def forward_difference(f, x, v):
    """You subtract two gradients, at x and a little way along v. How far is that where v is long, and how many digits
    are left where it is short? Autograd needs no h.
    """
    x, v = torch.as_tensor(x), torch.as_tensor(v)
    return (_gradient(f, x + 1e-6 * v)[1] - _gradient(f, x)[1]) / 1e-6


@hessian_vector.misconception
def multiplied_by_v_again(f, x, v):
    """You multiply Hv by v once more, entry by entry."""
    return torch.as_tensor(v) * _times(f, x, v)


@hessian_vector.misconception
def evaluated_at_v(f, x, v):
    """You differentiate at v instead of x. Which of the two is the place, and which the direction?"""
    return _times(f, v, v)


@hessian_vector.misconception
def places_swapped(f, x, v):
    """You differentiate at v and multiply by x. Which of the two is the place, and which the direction?"""
    return _times(f, v, x)


@hessian_vector.misconception
def unit_direction(f, x, v):
    """With a v twice as long, your product stays the same. Who asked for a unit vector?"""
    vector = torch.as_tensor(v)
    return _times(f, x, vector / vector.norm().clamp(min=1e-300))


# --- lanczos


@exercise(points=5, returns=("values", "products"), driver="utils.drivers.minimisers.krylov")
def lanczos(matvec, n, steps, rng):
    """Oracle: no recursion. The start and all products so far, made orthonormal by Householder's QR; the matrix seen in
    that basis.
    """
    columns, images = [rng.normal(size=n)], []
    while True:
        basis, triangle = scipy.linalg.qr(np.column_stack(columns), mode="economic")
        basis = basis * np.sign(np.diag(triangle))  # Householder may turn a column round
        images.append(matvec(basis[:, -1]))
        left = images[-1] - basis @ (basis.T @ images[-1])
        if len(images) == min(steps, n) or np.linalg.norm(left) <= 1e-10 * np.linalg.norm(images[-1]):
            break
        columns = [*basis.T, left / np.linalg.norm(left)]
    seen = basis.T @ np.column_stack(images)
    return scipy.linalg.eigvalsh((seen + seen.T) / 2)


def _drawn(rng):
    return Seed(int(rng.integers(1_000_000)))


def _seen(rng, curvatures, steps, scale=1.0):
    n, scale = len(curvatures), scale * rng.uniform(0.8, 1.2)
    kwargs = dict(curvatures=[float(scale * value) for value in curvatures], seed=int(rng.integers(1_000_000)))
    return dict(A=Reference("utils.hessians.product", kwargs=kwargs), n=n, steps=steps, rng=_drawn(rng))


def _mixed(rng, n):
    return np.concatenate([[6.0, -4.0], np.linspace(-0.9, 2.2, n - 2)]) * rng.uniform(0.9, 1.1, size=n)


@lanczos.cases("all steps", weight=1)
def _(rng):
    for n in (3, 6):
        yield _seen(rng, _mixed(rng, n), n)
    yield _seen(rng, [float(rng.uniform(-3, -2))], 1)
    yield _seen(rng, _mixed(rng, 4), 9)  # no more steps than dimensions


@lanczos.cases("few steps", weight=2)
def _(rng):
    for n, steps in ((6, 1), (8, 3), (20, 5), (30, 8)):
        yield _seen(rng, _mixed(rng, n), steps)


@lanczos.cases("curvatures that come up again", weight=1)
def _(rng):
    yield _seen(rng, [3.0] * 5, 5)
    yield _seen(rng, [-1.0, -1.0, 4.0, 4.0, 4.0, 4.0], 6)
    yield _seen(rng, [5.0, 2.0, 2.0, 2.0, -3.0, -3.0, 2.0], 7)
    yield _seen(rng, [0.0] * 4, 4)
    yield _seen(rng, 1 + 1e-4 * np.arange(1, 5), 4)  # almost one and the same, but not quite


@lanczos.cases("many steps", weight=1)
def _(rng):
    yield _seen(rng, np.concatenate([[100.0, 40.0, -30.0], np.linspace(-1.0, 2.0, 21)]), 24)


@lanczos.cases("other scales", weight=1)
def _(rng):
    for scale in (1e-8, 1e8):
        yield _seen(rng, _mixed(rng, 8), 4, scale)
        yield _seen(rng, [1.0, 1.0, 3.0, 3.0], 4, scale)


def _walk(matvec, n, steps, rng, *, start=None, orthogonal=True, back=True, stop=None, unit=True, seen=None):
    """Return the diagonal and what stands beside it, by the recursion, parts of which can be left out.

    start : rng, n -> vector.  orthogonal : whether to subtract what is along all vectors so far, or along the last two
    back : whether to subtract the part along the vector before.  unit : whether the start is made a unit vector
    stop : length left, length before -> whether that is nothing
    seen : vector, image, what is left of it, the length of that -> alpha, beta
    """
    stop = stop or (lambda left, size: left <= 1e-10 * size)
    q = rng.normal(size=n) if start is None else start(rng, n)
    basis, diagonal, beside = [q / np.linalg.norm(q) if unit else q], [], []
    for k in range(min(steps, n)):
        image = left = matvec(basis[-1])
        if orthogonal:
            known = np.array(basis)
            for _ in range(2):
                left = left - known.T @ (known @ left)
        else:
            left = left - basis[-1] @ image * basis[-1]
            left = left - beside[-1] * basis[-2] if k and back else left
        length = np.linalg.norm(left)
        alpha, beta = (basis[-1] @ image, length) if seen is None else seen(basis[-1], image, left, length)
        diagonal.append(alpha)
        beside.append(beta)
        if stop(length, np.linalg.norm(image)):
            break
        with np.errstate(all="ignore"):
            basis.append(left / length)
    return np.array(diagonal), np.array(beside[: len(diagonal) - 1])


def _of(diagonal, beside):
    return np.linalg.eigvalsh(np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1))


@lanczos.misconception
def vector_before_forgotten(matvec, n, steps, rng):
    """Your first two steps are right. From the third on the image has a part along the vector before the last: is it
    taken out?
    """
    return _of(*_walk(matvec, n, steps, rng, orthogonal=False, back=False))


@lanczos.misconception
def start_of_any_length(matvec, n, steps, rng):
    """Your first vector is as long as it was drawn. What does qᵀAq say about curvature if q is no unit vector?"""
    return _of(*_walk(matvec, n, steps, rng, unit=False))


@lanczos.misconception
def uniform_start(matvec, n, steps, rng):
    """With all steps your values are right, with few they are others: you draw the start from another distribution
    than the text says.
    """
    return _of(*_walk(matvec, n, steps, rng, start=lambda rng, n: rng.uniform(size=n)))


@lanczos.misconception
def start_of_ones(matvec, n, steps, rng):
    """Your start is not drawn from rng. A fixed one may have no part at all along the direction that you look for."""
    return _of(*_walk(matvec, n, steps, rng, start=lambda rng, n: np.ones(n)))


@lanczos.misconception
def diagonal_alone(matvec, n, steps, rng):
    """You return curvatures along your vectors. They are the diagonal of T: what stands beside it, on both sides?"""
    return np.sort(_walk(matvec, n, steps, rng)[0])


@lanczos.misconception
def squared_lengths_beside(matvec, n, steps, rng):
    """Beside the diagonal stand the lengths of what was left, you put their squares there."""
    diagonal, beside = _walk(matvec, n, steps, rng)
    return _of(diagonal, beside**2)


@lanczos.misconception
def lengths_one_place_late(matvec, n, steps, rng):
    """With two steps and more your values are wrong: beside the diagonal your first length is missing. Which one stands
    between the first and the second alpha?
    """
    diagonal, beside = _walk(matvec, n, steps, rng)
    return _of(diagonal, np.append(beside[1:], 0.0)[: len(beside)])


@lanczos.misconception
def extremes_alone(matvec, n, steps, rng):
    """You return the lowest and the highest value. Asked for are all of them, in order."""
    values = _of(*_walk(matvec, n, steps, rng))
    return values[[0, -1]]


@lanczos.misconception
def largest_first(matvec, n, steps, rng):
    """Your values are right, and in falling order. Which end comes first?"""
    return _of(*_walk(matvec, n, steps, rng))[::-1]


@lanczos.misconception
def sizes_of_the_values(matvec, n, steps, rng):
    """You return sizes. A singular value has no sign, and a curvature has one."""
    return np.sort(np.abs(_of(*_walk(matvec, n, steps, rng))))


@lanczos.misconception
def squares_of_the_values(matvec, n, steps, rng):
    """You return squares. Of which matrix are they the eigenvalues, A or AA?"""
    return np.sort(_of(*_walk(matvec, n, steps, rng)) ** 2)


@lanczos.misconception
def never_stops_early(matvec, n, steps, rng):
    """Where nothing is left of the new vector you divide by its length. What is rounding noise, made a unit vector?"""
    return _of(*_walk(matvec, n, steps, rng, stop=lambda left, size: False))


@lanczos.misconception
def threshold_in_absolute_numbers(matvec, n, steps, rng):
    """1e-10 of what? Where A is large, rounding alone leaves more."""
    return _of(*_walk(matvec, n, steps, rng, stop=lambda left, size: left <= 1e-10))


@lanczos.misconception
def stops_too_early(matvec, n, steps, rng):
    """You stop although something is left, only little of it. Which share does the text call nothing?"""
    return _of(*_walk(matvec, n, steps, rng, stop=lambda left, size: left <= 1e-2 * size))


@lanczos.misconception
def alpha_after_the_subtraction(matvec, n, steps, rng):
    """When you compute alpha, w has lost its part along q. Which comes first?"""
    return _of(*_walk(matvec, n, steps, rng, seen=lambda q, image, left, length: (q @ left, length)))


@lanczos.misconception
def length_before_the_subtraction(matvec, n, steps, rng):
    """Beside the diagonal you put the length of the whole product. Which part of it is new?"""
    return _of(*_walk(matvec, n, steps, rng, seen=lambda q, image, left, length: (q @ image, np.linalg.norm(image))))


@lanczos.misconception
def zero_padded(matvec, n, steps, rng):
    """You stop early, and fill the list up with zeros. Those are no curvatures of A: return what you have."""
    values = _of(*_walk(matvec, n, steps, rng))
    return np.sort(np.concatenate([values, np.zeros(min(steps, n) - len(values))]))


@lanczos.misconception
def one_step_less(matvec, n, steps, rng):
    """You have one value less than there are steps. How many products belong to one step?"""
    return _of(*_walk(matvec, n, max(min(steps, n) - 1, 1), rng))


@lanczos.misconception
def whole_matrix(matvec, n, steps, rng):
    """You ask for all columns, and then you have A itself. Fine for small n; how many products are you allowed?"""
    return np.linalg.eigvalsh(np.array([matvec(row) for row in np.eye(n)]))


@lanczos.misconception
def image_multiplied_twice(matvec, n, steps, rng):
    """Your values are right, but you ask for two products in every step. Keep the one that you have."""

    def twice(v):
        matvec(v)
        return matvec(v)

    return _of(*_walk(twice, n, steps, rng))


@lanczos.misconception
def not_orthogonal_again(matvec, n, steps, rng):
    """In long runs a large curvature comes up twice. Rounding lets old directions creep back in: from how many of them
    do you keep the new one clear?
    """
    return _of(*_walk(matvec, n, steps, rng, orthogonal=False))
