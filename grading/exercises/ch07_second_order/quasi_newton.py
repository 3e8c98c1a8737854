"""Exercises on quasi-Newton methods and what became of them (Goodfellow et al., 2016, section 8.6).

Symbols: theta parameters, grad gradient, s a step, y the change of the gradient along it, H an inverse Hessian.
"""

import numpy as np
import scipy.linalg
import scipy.optimize

from grading.exercise import exercise
from utils.check.plain import Reference

HALVINGS = 10  # rates that a line search tries unless told otherwise
FLAT = 1e-8  # the cosine between s and y up to which a pair is left out


def _bowl(rng, n, scale=1.0, stretch=1.0):
    """A quadratic to hand over, and the same to call."""
    factor = rng.normal(size=(n, n))
    hessian = stretch * (factor @ factor.T / n + 0.5 * np.eye(n))
    return dict(hessian=hessian, center=scale * rng.normal(size=n))


def _named(target, **kwargs):
    return Reference(f"utils.{target}", kwargs=kwargs)


def _slope_of(function):
    """The gradient of a referenced function."""
    return Reference(function.target, "gradient", function.kwargs)


# --- backtracking


@exercise(points=4, returns="rate")
def backtracking(f, theta, direction, grad, lr=1.0, c=1e-4, most=HALVINGS):
    """Oracle: all rates are tried at once; the first that passes is looked up."""
    return _armijo(f, theta, direction, grad, lr, c, most)


def _armijo(f, theta, direction, grad, lr=1.0, c=1e-4, most=HALVINGS):
    slope = float(np.sum(grad * direction))
    rates = np.ldexp(lr, -np.arange(most))
    values = np.array([f(theta + rate * direction) for rate in rates])
    passed = values <= f(theta) + c * rates * slope
    return float(rates[passed.argmax()]) if slope < 0 and passed.any() else 0.0


def _searched(rng, function, theta, reach=1.0, turn=0.5, **settings):
    """A case with a direction that leads downhill, but not straight downhill."""
    grad = _slope_of(function).resolve()(theta)
    tilt = rng.normal(size=len(theta))
    tilt -= tilt @ grad / (grad @ grad) * grad if grad.any() else 0.0
    size = np.linalg.norm(tilt)
    direction = -reach * (grad + turn * np.linalg.norm(grad) * (tilt / size if size > 1e-12 else 0 * tilt))
    drawn = dict(lr=1.0, c=1e-4, most=HALVINGS)
    return dict(f=function, theta=theta, direction=direction, grad=grad, **(drawn | settings))


@backtracking.cases("rates that are enough progress", weight=1)
def _(rng):
    for n, reach, c in ((1, 3.0, 0.3), (3, 2.0, 0.5), (4, 12.0, 0.1), (2, 40.0, 1e-4), (5, 0.3, 1e-4)):
        function = _named("landscapes.quadratic", **_bowl(rng, n))
        yield _searched(rng, function, rng.normal(size=n), reach, c=c)
    for lr, c in ((0.3, 0.6), (6.0, 0.7), (2.5, 0.9)):
        function = _named("landscapes.quadratic", **_bowl(rng, 3))
        yield _searched(rng, function, rng.normal(size=3), 2.0, turn=0.2, lr=lr, c=c)
    yield _searched(rng, _named("landscapes.rosenbrock"), np.array([-1.2, 1.0]) + 0.1 * rng.normal(size=2), c=0.2)

    # from beside a mountain's top it goes down on both sides, more on one of them
    function = _named("problems.waves", slopes=[0.05], height=1.0)
    yield _searched(rng, function, rng.uniform(0.5, 0.8, size=1), 5.0, c=0.3)
    for n, c in ((2, 0.4), (3, 0.0)):
        function = _named("problems.soft_corners", slopes=rng.normal(size=(n + 1, n)))
        yield _searched(rng, function, rng.uniform(1, 3, size=n), 9.0, turn=0.2, c=c)
    yield _searched(rng, _named("problems.chain", n=3), rng.uniform(-1, 1, size=3), 0.1, turn=0.2, c=0.3)
    yield _searched(rng, _named("problems.barrier", scale=1.0), rng.uniform(2, 3, size=2), 0.3, lr=1.5, c=0.2)


@backtracking.cases("nowhere to go", weight=1)
def _(rng):
    function = _named("landscapes.quadratic", **_bowl(rng, 3))
    case = _searched(rng, function, rng.normal(size=3))
    yield case | dict(direction=-case["direction"])
    yield case | dict(direction=np.zeros(3))
    # level ground: along a saddle's flat way the value falls, and the slope is exactly 0
    saddle, size = _named("landscapes.quadratic", hessian=[[2.0, 0.0], [0.0, -1.0]]), float(rng.uniform(0.5, 2.0))
    across = np.array([0.0, float(rng.uniform(1, 2))])
    yield case | dict(f=saddle, theta=np.array([size, 0.0]), direction=across, grad=np.array([2 * size, 0.0]))
    # uphill by the gradient, although the value is lower further on: a mountain stands between
    lower = _named("problems.waves", slopes=[0.01], height=1.0)
    theta = np.array([2 * np.pi - rng.uniform(0.8, 1.2)])
    grad = _slope_of(lower).resolve()(theta)
    yield dict(f=lower, theta=theta, direction=np.sign(grad) * rng.uniform(3.6, 4.2), grad=grad, lr=1.0, c=0.1, most=6)
    # a needle: the last rate that may be tried is the first that is short enough, or one too few
    for most in (3, 6, 9):
        for reach in (0.7, 1.4):
            needle = _named("landscapes.quadratic", hessian=[[1.0, 0.0], [0.0, 3.0]])
            theta = rng.uniform(0.5, 1.0, size=2)
            case = _searched(rng, needle, theta, 1.0, turn=0.0, most=most, lr=float(rng.uniform(0.5, 2.0)))
            grad = case["grad"]
            limit = 2 * (1 - 1e-4) * (grad @ grad) / (grad @ (grad * [1.0, 3.0]))  # the largest rate that is enough
            yield case | dict(direction=-grad * limit * reach * 2.0 ** (most - 1) / case["lr"])
    yield _searched(rng, needle, theta, 0.1, most=1)


@backtracking.cases("where f is not defined", weight=1)
def _(rng):
    for n, reach in ((1, 30.0), (3, 9.0), (2, 60.0)):
        function = _named("problems.barrier", scale=float(rng.uniform(0.5, 2.0)))
        yield _searched(rng, function, rng.uniform(1.5, 4.0, size=n), reach, turn=0.1)
    function = _named("problems.barrier", scale=1.0)
    yield _searched(rng, function, rng.uniform(2, 3, size=2), 5000.0, most=4, turn=0.1)


@backtracking.cases("other scales", weight=1)
def _(rng):
    for scale in (1e-8, 1e8):
        function = _named("landscapes.quadratic", **_bowl(rng, 3, scale))
        yield _searched(rng, function, scale * rng.normal(size=3), 4.0, c=0.3)
        function = _named("landscapes.quadratic", **_bowl(rng, 3, stretch=scale))
        yield _searched(rng, function, rng.normal(size=3), 7.0 / scale, c=0.2)


def _search(
    f,
    theta,
    direction,
    grad,
    lr,
    c,
    most,
    *,
    enough=None,
    share=0.5,
    first=None,
    given_up=0.0,
    uphill=True,
    sign=1,
):
    """A search in which slips can be switched on.

    enough : callable (value, start, rate, slope) -> bool.  share : of the rate that is left.  first : the first rate
    given_up : what is returned then, None for the last rate.  uphill : whether an uphill direction is noticed
    """
    enough = enough or (lambda value, start, rate, slope: value <= start + c * rate * slope)
    slope, start = float(np.sum(grad * direction)), f(theta)
    if uphill and slope >= 0:
        return 0.0
    rate = lr if first is None else first
    for _ in range(most):
        if enough(f(theta + sign * rate * direction), start, rate, slope):
            return rate
        rate = rate * share
    return rate if given_up is None else given_up


@backtracking.misconception
def any_decrease_will_do(f, theta, direction, grad, lr, c, most):
    """You accept every decrease, however small. Where does your condition use c?"""
    return _search(f, theta, direction, grad, lr, c, most, enough=lambda value, start, rate, slope: value < start)


@backtracking.misconception
def slope_missing(f, theta, direction, grad, lr, c, most):
    """A step of c · rate is no height: how fast does f fall along the direction? Where is the inner product?"""
    return _search(
        f, theta, direction, grad, lr, c, most, enough=lambda value, start, rate, slope: value <= start - c * rate
    )


@backtracking.misconception
def sign_of_the_slope(f, theta, direction, grad, lr, c, most):
    """You accept values that are *higher* than at the start. Which sign has the slope along a good direction?"""
    return _search(
        f,
        theta,
        direction,
        grad,
        lr,
        c,
        most,
        enough=lambda value, start, rate, slope: value <= start - c * rate * slope,
    )


@backtracking.misconception
def demand_without_the_rate(f, theta, direction, grad, lr, c, most):
    """You ask for the same progress from a short step as from a long one. What shrinks with the rate?"""
    return _search(
        f, theta, direction, grad, lr, c, most, enough=lambda value, start, rate, slope: value <= start + c * slope
    )


@backtracking.misconception
def squared_gradient_for_the_slope(f, theta, direction, grad, lr, c, most):
    """-|grad|² is the slope along the steepest descent only. What is it along any direction?"""
    return _search(
        f,
        theta,
        direction,
        grad,
        lr,
        c,
        most,
        enough=lambda value, start, rate, slope: value <= start - c * rate * np.sum(grad**2),
    )


@backtracking.misconception
def c_missing(f, theta, direction, grad, lr, c, most):
    """You ask for all the progress that the slope promises; a function that curves upwards never delivers it. Which
    share of it is enough?
    """
    return _search(
        f, theta, direction, grad, lr, c, most, enough=lambda value, start, rate, slope: value <= start + rate * slope
    )


@backtracking.misconception
def nan_is_progress(f, theta, direction, grad, lr, c, most):
    """Outside its domain f is nan, and you stop there. Every comparison with nan is False: ask whether the value is
    low enough, not whether it is too high.
    """
    return _search(
        f,
        theta,
        direction,
        grad,
        lr,
        c,
        most,
        enough=lambda value, start, rate, slope: not value > start + c * rate * slope,
    )


@backtracking.misconception
def last_rate_when_it_gives_up(f, theta, direction, grad, lr, c, most):
    """No rate was enough, and you return one all the same. How should the caller notice?"""
    return _search(f, theta, direction, grad, lr, c, most, given_up=None)


@backtracking.misconception
def last_rate_that_was_tried(f, theta, direction, grad, lr, c, most):
    """No rate was enough, and you return the last one tried. How should the caller notice?"""
    found = _search(f, theta, direction, grad, lr, c, most)
    return found if found or np.sum(grad * direction) >= 0 else lr * 0.5 ** (most - 1)


@backtracking.misconception
def one_rate_too_many(f, theta, direction, grad, lr, c, most):
    """You try most + 1 rates. Does the first one, lr itself, count?"""
    return _search(f, theta, direction, grad, lr, c, most + 1)


@backtracking.misconception
def one_rate_too_few(f, theta, direction, grad, lr, c, most):
    """With most = 1 you try no rate at all. Is the last rate looked at before you give up?"""
    return _search(f, theta, direction, grad, lr, c, most - 1)


@backtracking.misconception
def never_gives_up(f, theta, direction, grad, lr, c, most):
    """You go on halving after `most` rates. A caller with a hopeless direction would rather know."""
    return _search(f, theta, direction, grad, lr, c, 60)


@backtracking.misconception
def ten_rates_whatever_most_says(f, theta, direction, grad, lr, c, most):
    """You try ten rates whatever `most` says. Where do you use the argument?"""
    return _search(f, theta, direction, grad, lr, c, 10)


@backtracking.misconception
def halves_first(f, theta, direction, grad, lr, c, most):
    """You never try lr itself. Which comes first, the test or the halving?"""
    return _search(f, theta, direction, grad, lr, c, most, first=lr / 2)


@backtracking.misconception
def starts_at_one(f, theta, direction, grad, lr, c, most):
    """Your first rate is 1 whatever lr says."""
    return _search(f, theta, direction, grad, lr, c, most, first=1.0)


@backtracking.misconception
def divides_by_ten(f, theta, direction, grad, lr, c, most):
    """Your rate falls to a tenth each time. Which factor does the text name?"""
    return _search(f, theta, direction, grad, lr, c, most, share=0.1)


@backtracking.misconception
def uphill_not_noticed(f, theta, direction, grad, lr, c, most):
    """With a direction that leads uphill the demand is a *rise*, and anything passes. Look at the slope first."""
    return _search(f, theta, direction, grad, lr, c, most, uphill=False)


@backtracking.misconception
def walks_against_the_direction(f, theta, direction, grad, lr, c, most):
    """You subtract the direction. It is the way to go already; the minus sign of descent is inside it."""
    return _search(f, theta, direction, grad, lr, c, most, sign=-1)


@backtracking.misconception
def lowest_of_all_rates(f, theta, direction, grad, lr, c, most):
    """You return the rate with the lowest value. The first that is enough saves the other evaluations."""
    if np.sum(grad * direction) >= 0:
        return 0.0
    rates = lr * 0.5 ** np.arange(most)
    values = np.array([f(theta + rate * direction) for rate in rates])
    passed = values <= f(theta) + c * rates * np.sum(grad * direction)
    return float(rates[np.nanargmin(np.where(passed, values, np.inf))]) if passed.any() else 0.0


@backtracking.misconception
def slope_of_a_unit_direction(f, theta, direction, grad, lr, c, most):
    """You divide the slope by the direction's length. The rate counts in whole directions, not in units of length."""
    size = np.linalg.norm(direction) or 1.0
    return _search(
        f,
        theta,
        direction,
        grad,
        lr,
        c,
        most,
        enough=lambda value, start, rate, slope: value <= start + c * rate * slope / size,
    )


@backtracking.misconception
def divides_by_the_count(f, theta, direction, grad, lr, c, most):
    """You try lr/2, lr/3, lr/4. What is half of a half?"""
    slope, start = float(np.sum(grad * direction)), f(theta)
    for rate in lr / np.arange(1, most + 1) if slope < 0 else ():
        if f(theta + rate * direction) <= start + c * rate * slope:
            return float(rate)
    return 0.0


@backtracking.misconception
def multiplies_by_lr(f, theta, direction, grad, lr, c, most):
    """Your next rate is lr times the last one: where lr is 1, none is shorter. By what should it be multiplied?"""
    return _search(f, theta, direction, grad, lr, c, most, share=lr)


@backtracking.misconception
def gives_up_at_nan(f, theta, direction, grad, lr, c, most):
    """Where f is not defined you give up. A shorter step may lead to where it is: what is that trial, enough or not?"""
    slope, start, rate = float(np.sum(grad * direction)), f(theta), lr
    for _ in range(most if slope < 0 else 0):
        value = f(theta + rate * direction)
        if not np.isfinite(value):
            return 0.0
        if value <= start + c * rate * slope:
            return rate
        rate = rate / 2
    return 0.0


@backtracking.misconception
def unit_direction(f, theta, direction, grad, lr, c, most):
    """You make the direction a unit vector and search along that. In whose lengths does the rate count?"""
    size = np.linalg.norm(direction) or 1.0
    return _search(f, theta, direction / size, grad, lr, c, most)


@backtracking.misconception
def level_counts_as_downhill(f, theta, direction, grad, lr, c, most):
    """Where the slope is exactly 0 you search. Which sign must it have?"""
    if np.sum(grad * direction) > 0:
        return 0.0
    return _search(f, theta, direction, grad, lr, c, most, uphill=False)


@backtracking.misconception
def slope_without_angle(f, theta, direction, grad, lr, c, most):
    """-|g||p| is the slope if g and p point opposite ways. What is it along any p?"""
    steep = -np.linalg.norm(grad) * np.linalg.norm(direction)
    if not steep < 0:
        return 0.0
    enough = lambda value, start, rate, slope: value <= start + c * rate * steep  # noqa: E731
    return _search(f, theta, direction, grad, lr, c, most, enough=enough, uphill=False)


@backtracking.misconception
def compares_with_the_last_trial(f, theta, direction, grad, lr, c, most):
    """After a failure you compare with the trial before. The walk has not moved: what should the value be below?"""
    slope, last, rate = float(np.sum(grad * direction)), f(theta), lr
    for _ in range(most if slope < 0 else 0):
        value = f(theta + rate * direction)
        if value <= last + c * rate * slope:
            return rate
        last, rate = value, rate / 2
    return 0.0


# --- bfgs_update


def _bent_enough(s, y):
    return np.sum(s * y) > FLAT * np.linalg.norm(s) * np.linalg.norm(y)


@exercise(points=4, returns="H")
def bfgs_update(H, s, y):
    """Oracle: scipy.optimize.BFGS, started from H."""
    if not _bent_enough(s, y):
        return H.copy()
    strategy = scipy.optimize.BFGS(min_curvature=0.0, init_scale=1.0)
    strategy.initialize(len(s), "inv_hess")
    strategy.first_iteration = False
    strategy.H = np.array(H, dtype=float)
    strategy.update(s, y)
    return strategy.get_matrix()


def _inverse(rng, n, scale=1.0):
    """A symmetric positive definite matrix."""
    factor = rng.normal(size=(n, n))
    return scale * (factor @ factor.T / n + 0.5 * np.eye(n))


def _bent(rng, n, scale=1.0):
    """A step, and how a gradient changes along it where the curvature is positive."""
    s = rng.normal(size=n)
    return dict(s=scale * s, y=_inverse(rng, n) @ s)


@bfgs_update.cases("one update", weight=1)
def _(rng):
    for n in (1, 2, 3, 4):
        yield dict(H=_inverse(rng, n), **_bent(rng, n))
    yield dict(H=np.eye(3), **_bent(rng, 3))


@bfgs_update.trajectory("8 updates", weight=1, carry=("H",), each=("s", "y"))
def _(rng):
    for n in (2, 3):
        hessian, s = _inverse(rng, n), rng.normal(size=(8, n))
        yield dict(H=np.eye(n), s=s, y=s @ hessian)


@bfgs_update.cases("curvature that is not positive enough", weight=1, driver="utils.drivers.minimisers.updating")
def _(rng):
    for n in (1, 3):
        case = dict(H=_inverse(rng, n), **_bent(rng, n))
        yield case | dict(y=-case["y"])
    for n in (2, 3):
        yield dict(H=_inverse(rng, n), s=rng.normal(size=n), y=np.zeros(n))
        yield dict(H=_inverse(rng, n), s=np.zeros(n), y=rng.normal(size=n))
    across, along = float(rng.uniform(0.5, 2.0)), float(rng.uniform(1, 5))
    for cosine in (1e-9, 1e-11):  # positive, but hardly
        yield dict(H=_inverse(rng, 2), s=np.array([along, 0.0]), y=np.array([cosine * across, across]))
    for cosine in (1e-2, 1e-5):
        yield dict(H=_inverse(rng, 2), s=np.array([along, 0.0]), y=np.array([cosine * across, across]))
    for size, other in ((1.0, 1.0), (1e3, 1e-3), (1e-3, 1e3)):  # just below the bound, and just above
        for cosine in (0.997 * FLAT, 1.003 * FLAT):
            yield dict(H=_inverse(rng, 2), s=np.array([size * along, 0.0]), y=other * np.array([cosine, 1.0]))


@bfgs_update.cases("other scales", weight=1)
def _(rng):
    for scale in (1e-8, 1e8):
        case = _bent(rng, 3)
        yield dict(H=_inverse(rng, 3), s=scale * case["s"], y=scale * case["y"])
        yield dict(H=_inverse(rng, 3, scale), **_bent(rng, 3, scale))
        yield dict(H=_inverse(rng, 3, 1 / scale), s=case["s"], y=scale * case["y"])


def _guarded(update):
    """The update where the curvature is positive enough, H elsewhere."""
    return lambda H, s, y: update(H, s, y) if _bent_enough(s, y) else H.copy()


def _right(H, s, y):
    away = np.eye(len(s)) - np.outer(s, y) / (s @ y)
    return away @ H @ away.T + np.outer(s, s) / (s @ y)


@bfgs_update.misconception
def rank_one(H, s, y):
    """Your H fits s and y, but H_new - H has rank one: it need not stay positive definite. How many terms has the
    formula?
    """

    def update(H, s, y):
        rest = s - H @ y
        over = rest @ y
        return H + np.outer(rest, rest) / over if over else H.copy()

    return _guarded(update)(H, s, y)


@bfgs_update.misconception
def steps_only(H, s, y):
    """You add s sᵀ / (sᵀ y) and keep all that H said before about this direction. Multiply your new H by y: does s come
    out?
    """
    return _guarded(lambda H, s, y: H + np.outer(s, s) / (s @ y))(H, s, y)


@bfgs_update.misconception
def last_term_missing(H, s, y):
    """Your new H times y is 0. Which term gives s?"""
    return _guarded(lambda H, s, y: _right(H, s, y) - np.outer(s, s) / (s @ y))(H, s, y)


@bfgs_update.misconception
def hessian_for_its_inverse(H, s, y):
    """You update the Hessian itself: your new H times s is y. H is the inverse; which of the two should it turn into
    the other?
    """
    return _guarded(lambda H, s, y: H + np.outer(y, y) / (s @ y) - np.outer(H @ s, H @ s) / (s @ H @ s))(H, s, y)


@bfgs_update.misconception
def dfp(H, s, y):
    """This is the older formula of Davidon, Fletcher and Powell: it divides by yᵀ H y. BFGS divides by sᵀ y alone."""

    def update(H, s, y):
        return H + np.outer(s, s) / (s @ y) - np.outer(H @ y, H @ y) / (y @ H @ y)

    return _guarded(update)(H, s, y) if len(s) > 1 else _guarded(_right)(H, s, y)


@bfgs_update.misconception
def outer_products_the_other_way(H, s, y):
    """Two outer products stand the wrong way round: y sᵀ is not s yᵀ. Which of the two matrices stands at the left?"""

    def update(H, s, y):
        away = np.eye(len(s)) - np.outer(y, s) / (s @ y)
        return away @ H @ away.T + np.outer(s, s) / (s @ y)

    return _guarded(update)(H, s, y)


@bfgs_update.misconception
def one_side_only(H, s, y):
    """Your new H is not symmetric. From how many sides is the old one multiplied?"""

    def update(H, s, y):
        return H - np.outer(s, y @ H) / (s @ y) + np.outer(s, s) / (s @ y)

    return _guarded(update)(H, s, y)


@bfgs_update.misconception
def one_factor_for_both_sides(H, s, y):
    """You multiply by the same matrix from the left and from the right. The one at the right is the transpose."""

    def update(H, s, y):
        away = np.eye(len(s)) - np.outer(s, y) / (s @ y)
        return away @ H @ away + np.outer(s, s) / (s @ y)

    return _guarded(update)(H, s, y)


@bfgs_update.misconception
def rho_upside_down(H, s, y):
    """Halve s and y: sᵀ y is a quarter, and your ρ too. What is ρ one over?"""

    def update(H, s, y):
        away = np.eye(len(s)) - np.outer(s, y) * (s @ y)
        return away @ H @ away.T + np.outer(s, s) * (s @ y)

    return _guarded(update)(H, s, y)


@bfgs_update.misconception
def squared_length_for_rho(H, s, y):
    """Your ρ is 1 / (yᵀ y). What would sᵀ tell it?"""

    def update(H, s, y):
        away = np.eye(len(s)) - np.outer(s, y) / (y @ y)
        return away @ H @ away.T + np.outer(s, s) / (y @ y)

    return _guarded(update)(H, s, y)


@bfgs_update.misconception
def plus_for_minus(H, s, y):
    """The two factors take away what H said about this direction. Which sign stands in I … ρ s yᵀ?"""

    def update(H, s, y):
        away = np.eye(len(s)) + np.outer(s, y) / (s @ y)
        return away @ H @ away.T + np.outer(s, s) / (s @ y)

    return _guarded(update)(H, s, y)


@bfgs_update.misconception
def last_term_subtracted(H, s, y):
    """Your new H times y is -s. Which sign has the last term?"""
    return _guarded(lambda H, s, y: _right(H, s, y) - 2 * np.outer(s, s) / (s @ y))(H, s, y)


@bfgs_update.misconception
def last_term_without_rho(H, s, y):
    """Your last term is s sᵀ. Multiply the new H by y: what is missing for s to come out?"""
    return _guarded(lambda H, s, y: _right(H, s, y) - np.outer(s, s) / (s @ y) + np.outer(s, s))(H, s, y)


@bfgs_update.misconception
def last_term_of_y(H, s, y):
    """Your last term is ρ y yᵀ. Multiply the new H by y: should s or y come out?"""
    return _guarded(lambda H, s, y: _right(H, s, y) + (np.outer(y, y) - np.outer(s, s)) / (s @ y))(H, s, y)


@bfgs_update.misconception
def squared_step_for_rho(H, s, y):
    """Your ρ is 1 / (sᵀ s). What would y tell it?"""

    def update(H, s, y):
        away = np.eye(len(s)) - np.outer(s, y) / (s @ s)
        return away @ H @ away.T + np.outer(s, s) / (s @ s)

    return _guarded(update)(H, s, y)


@bfgs_update.misconception
def bracket_without_rho(H, s, y):
    """Multiply your bracket by y: it should give 0, as the text says. What is missing before s yᵀ?"""

    def update(H, s, y):
        away = np.eye(len(s)) - np.outer(s, y)
        return away @ H @ away.T + np.outer(s, s) / (s @ y)

    return _guarded(update)(H, s, y)


@bfgs_update.misconception
def product_entry_by_entry(H, s, y):
    """s * y is a vector. What makes a matrix of all products of an entry of s and one of y?"""

    def update(H, s, y):
        away = np.eye(len(s)) - s * y / (s @ y)
        return away @ H @ away.T + np.outer(s, s) / (s @ y)

    return _guarded(update)(H, s, y)


@bfgs_update.misconception
def rho_once_in_the_long_term(H, s, y):
    """You have multiplied the brackets out. Both hold a ρ: how often does it stand before yᵀ H y?"""

    def update(H, s, y):
        return _right(H, s, y) + (1 - 1 / (s @ y)) * (y @ H @ y) / (s @ y) * np.outer(s, s)

    return _guarded(update)(H, s, y)


@bfgs_update.misconception
def long_term_missing(H, s, y):
    """You have multiplied the brackets out, and the term that takes one part of each with ρ is missing. What becomes of
    s yᵀ H y sᵀ?
    """

    def update(H, s, y):
        return _right(H, s, y) - (y @ H @ y) / (s @ y) ** 2 * np.outer(s, s)

    return _guarded(update)(H, s, y)


@bfgs_update.misconception
def roles_of_s_and_y_swapped(H, s, y):
    """Your new H times s is y. Multiplied by which of the two should it give the other?"""
    return _guarded(lambda H, s, y: _right(H, y, s))(H, s, y)


@bfgs_update.misconception
def keeps_every_pair(H, s, y):
    """Where sᵀ y is not positive enough your H stops being positive definite, or explodes. Which pairs should leave it
    as it is?
    """
    with np.errstate(all="ignore"):
        return _right(H, s, y)


@bfgs_update.misconception
def guard_against_negative_only(H, s, y):
    """You leave out pairs whose sᵀ y is not positive, and keep those where it is positive by a hair: H explodes. What
    does the text compare it with?
    """
    return _right(H, s, y) if s @ y > 0 else H.copy()


@bfgs_update.misconception
def guard_in_absolute_numbers(H, s, y):
    """Short steps are left out however well they fit. Which two lengths belong to the bound for sᵀ y?"""
    return _right(H, s, y) if s @ y > FLAT else H.copy()


@bfgs_update.misconception
def guard_by_size(H, s, y):
    """A strongly negative sᵀ y is not left out. Is its size what matters, or its sign as well?"""
    if not abs(s @ y) > FLAT * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    return _right(H, s, y)


@bfgs_update.misconception
def starts_anew_where_it_should_skip(H, s, y):
    """Where a pair is left out you return the identity, and all that was learnt is lost. What should H be then?"""
    return _right(H, s, y) if _bent_enough(s, y) else np.eye(len(s))


@bfgs_update.misconception
def returns_the_change(H, s, y):
    """You return by how much H changes. What should the next call get?"""
    return _right(H, s, y) - H if _bent_enough(s, y) else np.zeros_like(H)


@bfgs_update.misconception
def entry_by_entry(H, s, y):
    """* multiplies entry by entry. What multiplies matrices?"""

    def update(H, s, y):
        away = np.eye(len(s)) - np.outer(s, y) / (s @ y)
        return away * H * away.T + np.outer(s, s) / (s @ y)

    return _guarded(update)(H, s, y)


@bfgs_update.misconception
def nothing_where_it_should_skip(H, s, y):
    """Where a pair is left out you return zeros, and all that was learnt is lost. What should H be then?"""
    return _right(H, s, y) if _bent_enough(s, y) else np.zeros_like(H)


@bfgs_update.misconception
def guard_by_squared_lengths(H, s, y):
    """You compare sᵀ y with the squares of the lengths, so long steps are left out however well they fit. How does each
    side grow when s is ten times as long?
    """
    return _right(H, s, y) if s @ y > FLAT * (s @ s) * (y @ y) else H.copy()


# --- lbfgs_direction


@exercise(points=4, returns="direction")
def lbfgs_direction(grad, S, Y, gamma):
    """Oracle: scipy's LbfgsInvHessProduct, whose H0 is the identity; √gamma goes into the pairs."""
    if len(S) == 0:
        return -gamma * grad
    return _towards(grad, S, Y, gamma)


def _towards(grad, S, Y, gamma):
    root = np.sqrt(gamma)
    return -gamma * (scipy.optimize.LbfgsInvHessProduct(S / root, Y * root) @ grad)


def _pairs(rng, n, count, scale=1.0):
    """Steps, and the changes of a quadratic's gradient along them; a little of everything so that all count."""
    s = rng.normal(size=(count, n))
    return dict(S=scale * s, Y=s @ _inverse(rng, n))


@lbfgs_direction.cases("a few pairs", weight=1)
def _(rng):
    for n, count in ((3, 1), (4, 2), (5, 3), (6, 6), (2, 5)):
        yield dict(grad=rng.normal(size=n), **_pairs(rng, n, count), gamma=1.0)


@lbfgs_direction.cases("other first matrices", weight=1)
def _(rng):
    for gamma in (0.2, 3.0, float(rng.uniform(0.05, 0.1)), float(rng.uniform(10, 20))):
        yield dict(grad=rng.normal(size=4), **_pairs(rng, 4, 3), gamma=gamma)
    yield dict(grad=rng.normal(size=3), S=np.zeros((0, 3)), Y=np.zeros((0, 3)), gamma=0.3)
    yield dict(grad=rng.normal(size=2), S=np.zeros((0, 2)), Y=np.zeros((0, 2)), gamma=float(rng.uniform(2, 5)))


@lbfgs_direction.cases("other scales", weight=1)
def _(rng):
    for scale in (1e-8, 1e8):
        yield dict(grad=scale * rng.normal(size=3), **_pairs(rng, 3, 2), gamma=0.5)
        yield dict(grad=rng.normal(size=3), **_pairs(rng, 3, 2, scale), gamma=2.0 * scale)
    yield dict(grad=np.array([rng.normal(), 0.0, 0.0, 0.0]), **_pairs(rng, 4, 2), gamma=0.7)


def _loops(
    grad,
    S,
    Y,
    gamma,
    *,
    first="newest",
    second="oldest",
    back="difference",
    sign=-1,
    ask="q",
    parts="sy",
    rho=("alpha", "beta"),
    onto="s",
):
    """Two loops in which slips can be switched on.

    parts : by which vector alpha is measured, and by which beta.  rho : where it stands.  onto : what is added
    """
    count = len(S)
    orders = {"newest": range(count - 1, -1, -1), "oldest": range(count)}
    inverse = [1 / (s @ y) for s, y in zip(S, Y, strict=True)]
    q, alpha, of = np.array(grad, dtype=float), np.zeros(count), {"s": S, "y": Y}
    for i in orders[first]:
        alpha[i] = of[parts[0]][i] @ (q if ask == "q" else grad) * (inverse[i] if "alpha" in rho else 1)
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in orders[second]:
        beta = of[parts[1]][i] @ r * (inverse[i] if "beta" in rho else 1)
        share = {"difference": alpha[i] - beta, "alpha": alpha[i], "beta": beta, "minus": beta - alpha[i]}[back]
        r = r + share * of[onto][i]
    return sign * r


@lbfgs_direction.misconception
def forgets_the_minus(grad, S, Y, gamma):
    """Your direction leads uphill. H times the gradient is not yet the way to go."""
    return _loops(grad, S, Y, gamma, sign=1)


@lbfgs_direction.misconception
def first_loop_from_the_oldest(grad, S, Y, gamma):
    """With one pair you are right, with two you are not. The last factor that was multiplied on is the first to be
    taken off: which pair does the first loop begin with?
    """
    return _loops(grad, S, Y, gamma, first="oldest")


@lbfgs_direction.misconception
def second_loop_from_the_newest(grad, S, Y, gamma):
    """Your first loop is right. The second goes back the way the first came: which pair does it begin with?"""
    return _loops(grad, S, Y, gamma, second="newest")


@lbfgs_direction.misconception
def both_loops_the_other_way(grad, S, Y, gamma):
    """You take the pairs as if the newest stood first. In S and Y the oldest stands first."""
    return _loops(grad, S, Y, gamma, first="oldest", second="newest")


@lbfgs_direction.misconception
def alpha_used_again(grad, S, Y, gamma):
    """In the second loop you add alpha s. What does the second loop measure first, and subtract?"""
    return _loops(grad, S, Y, gamma, back="alpha")


@lbfgs_direction.misconception
def alpha_forgotten(grad, S, Y, gamma):
    """In the second loop the alphas of the first are never used. What were they kept for?"""
    return _loops(grad, S, Y, gamma, back="beta")


@lbfgs_direction.misconception
def alpha_minus_beta_reversed(grad, S, Y, gamma):
    """Your second loop adds (beta - alpha) s. Which of the two is taken from which?"""
    return _loops(grad, S, Y, gamma, back="minus")


@lbfgs_direction.misconception
def one_alpha_for_all(grad, S, Y, gamma):
    """You keep only the alpha that was computed last. How many does the second loop need?"""
    q, alpha = np.array(grad, dtype=float), 0.0
    for s, y in zip(S[::-1], Y[::-1], strict=True):
        alpha = (s @ q) / (s @ y)
        q = q - alpha * y
    r = gamma * q
    for s, y in zip(S, Y, strict=True):
        r = r + (alpha - (y @ r) / (s @ y)) * s
    return -r


@lbfgs_direction.misconception
def alphas_in_the_order_they_came(grad, S, Y, gamma):
    """You appended the alphas newest pair first and read them oldest pair first. Which alpha belongs to which pair?"""
    q, alphas = np.array(grad, dtype=float), []
    for s, y in zip(S[::-1], Y[::-1], strict=True):
        alphas.append((s @ q) / (s @ y))
        q = q - alphas[-1] * y
    r = gamma * q
    for alpha, s, y in zip(alphas, S, Y, strict=True):
        r = r + (alpha - (y @ r) / (s @ y)) * s
    return -r


@lbfgs_direction.misconception
def asks_the_gradient_every_time(grad, S, Y, gamma):
    """Every alpha is measured on the gradient itself. Which vector is being peeled, pair by pair?"""
    return _loops(grad, S, Y, gamma, ask="grad")


@lbfgs_direction.misconception
def gamma_forgotten(grad, S, Y, gamma):
    """Your answer does not depend on gamma. What stands between the two loops?"""
    return _loops(grad, S, Y, 1.0)


@lbfgs_direction.misconception
def gamma_on_everything(grad, S, Y, gamma):
    """You multiply the whole direction by gamma. It is the first matrix, between the loops: the pairs know their own
    scale.
    """
    return gamma * _loops(grad, S, Y, 1.0)


@lbfgs_direction.misconception
def divides_by_gamma(grad, S, Y, gamma):
    """You divide by gamma. Is it a curvature, or the inverse of one?"""
    return _loops(grad, S, Y, 1 / gamma)


@lbfgs_direction.misconception
def steps_and_changes_swapped(grad, S, Y, gamma):
    """You have multiplied by an estimate of the Hessian, not of its inverse: s and y are swapped. Which of them is
    subtracted from q?
    """
    return _loops(grad, Y, S, gamma)


@lbfgs_direction.misconception
def newest_pair_only(grad, S, Y, gamma):
    """All pairs but the newest make no difference to your answer."""
    return _loops(grad, S[-1:], Y[-1:], gamma)


@lbfgs_direction.misconception
def first_loop_only(grad, S, Y, gamma):
    """You stop after the first loop and gamma. What goes back up through the pairs?"""
    q = np.array(grad, dtype=float)
    for s, y in zip(S[::-1], Y[::-1], strict=True):
        q = q - (s @ q) / (s @ y) * y
    return -gamma * q


@lbfgs_direction.misconception
def rho_by_the_squared_change(grad, S, Y, gamma):
    """Your rho is 1 / (yᵀ y). In which product do both vectors of a pair meet?"""
    q, alphas = np.array(grad, dtype=float), []
    for s, y in zip(S[::-1], Y[::-1], strict=True):
        alphas.append((s @ q) / (y @ y))
        q = q - alphas[-1] * y
    r = gamma * q
    for alpha, s, y in zip(alphas[::-1], S, Y, strict=True):
        r = r + (alpha - (y @ r) / (y @ y)) * s
    return -r


@lbfgs_direction.misconception
def peels_off_the_steps(grad, S, Y, gamma):
    """In the first loop you subtract alpha s. Which vector of the pair belongs to a gradient?"""
    q, alphas = np.array(grad, dtype=float), []
    for s, y in zip(S[::-1], Y[::-1], strict=True):
        alphas.append((s @ q) / (s @ y))
        q = q - alphas[-1] * s
    r = gamma * q
    for alpha, s, y in zip(alphas[::-1], S, Y, strict=True):
        r = r + (alpha - (y @ r) / (s @ y)) * s
    return -r


@lbfgs_direction.misconception
def newest_pair_left_out(grad, S, Y, gamma):
    """The newest pair makes no difference to your answer. Where do your loops begin and end?"""
    return _loops(grad, S[:-1], Y[:-1], gamma)


@lbfgs_direction.misconception
def oldest_pair_left_out(grad, S, Y, gamma):
    """The oldest pair makes no difference to your answer. Where do your loops begin and end?"""
    return _loops(grad, S[1:], Y[1:], gamma)


@lbfgs_direction.misconception
def rho_upside_down(grad, S, Y, gamma):
    """You multiply by sᵀ y. What is ρ one over?"""
    q, alphas = np.array(grad, dtype=float), []
    for s, y in zip(S[::-1], Y[::-1], strict=True):
        alphas.append((s @ q) * (s @ y))
        q = q - alphas[-1] * y
    r = gamma * q
    for alpha, s, y in zip(alphas[::-1], S, Y, strict=True):
        r = r + (alpha - (y @ r) * (s @ y)) * s
    return -r


@lbfgs_direction.misconception
def beta_measured_on_q(grad, S, Y, gamma):
    """Every beta is measured on the vector that the first loop left. Which vector grows in the second loop?"""
    q, alphas = np.array(grad, dtype=float), []
    for s, y in zip(S[::-1], Y[::-1], strict=True):
        alphas.append((s @ q) / (s @ y))
        q = q - alphas[-1] * y
    r = gamma * q
    for alpha, s, y in zip(alphas[::-1], S, Y, strict=True):
        r = r + (alpha - (y @ q) / (s @ y)) * s
    return -r


@lbfgs_direction.misconception
def alpha_of_y(grad, S, Y, gamma):
    """Your alpha is measured with y. Which vector of the pair does the table name?"""
    return _loops(grad, S, Y, gamma, parts="yy")


@lbfgs_direction.misconception
def beta_of_s(grad, S, Y, gamma):
    """Your beta is measured with s. Which vector of the pair does the table name?"""
    return _loops(grad, S, Y, gamma, parts="ss")


@lbfgs_direction.misconception
def rho_missing_in_alpha(grad, S, Y, gamma):
    """Your alpha is an inner product alone. What stands before it in the table?"""
    return _loops(grad, S, Y, gamma, rho=("beta",))


@lbfgs_direction.misconception
def rho_missing_in_beta(grad, S, Y, gamma):
    """Your beta is an inner product alone. What stands before it in the table?"""
    return _loops(grad, S, Y, gamma, rho=("alpha",))


@lbfgs_direction.misconception
def adds_the_changes(grad, S, Y, gamma):
    """In the second loop you add a multiple of y. Is a direction made of steps, or of changes of the gradient?"""
    return _loops(grad, S, Y, gamma, onto="y")


@lbfgs_direction.misconception
def gamma_of_its_own(grad, S, Y, gamma):
    """You work gamma out of the newest pair. It is handed over."""
    return _loops(grad, S, Y, S[-1] @ Y[-1] / (Y[-1] @ Y[-1]) if len(S) else gamma)


# --- lbfgs


@exercise(points=8, returns=("theta", "losses", "gradients"), driver="utils.drivers.minimisers.minimising")
def lbfgs(f, gradient, theta, m=10, steps=100, tol=1e-6):
    """Oracle: scipy's LbfgsInvHessProduct gives the directions, the oracle of `backtracking` the rates."""
    theta, grad = np.array(theta, dtype=float), gradient(theta)
    pairs, losses = [], [f(theta)]
    while len(losses) <= steps and np.linalg.norm(grad) > tol:
        for remembered in [pairs] * bool(pairs) + [[]]:
            direction = _direction(grad, remembered)
            rate = _armijo(f, theta, direction, grad)
            if rate:
                break
        else:
            break
        step, before = rate * direction, grad
        theta, grad = theta + step, gradient(theta + step)
        losses.append(f(theta))
        pairs = remembered + [(step, grad - before)] * bool(_bent_enough(step, grad - before))
        pairs = pairs[-m:]
    return theta, np.array(losses)


def _direction(grad, pairs):
    if not pairs:
        return -min(1.0, 1 / np.linalg.norm(grad)) * grad
    steps, changes = (np.array(part) for part in zip(*pairs, strict=True))
    gamma = steps[-1] @ changes[-1] / (changes[-1] @ changes[-1])
    return _towards(grad, steps, changes, gamma)


def _minimised(function, theta, **settings):
    """A case of a minimisation; settings that are not given are as in the signature, but for the steps."""
    return dict(f=function, theta=np.asarray(theta, dtype=float), **(dict(m=10, steps=8, tol=1e-9) | settings))


@lbfgs.cases("a bowl", weight=1)
def _(rng):
    for n, m, steps in ((1, 3, 2), (3, 10, 5), (5, 2, 7), (4, 1, 6), (5, 3, 8), (4, 2, 4)):
        yield _minimised(_named("landscapes.quadratic", **_bowl(rng, n)), 2 * rng.normal(size=n), m=m, steps=steps)
    bowl = _bowl(rng, 3, stretch=40.0)
    yield _minimised(_named("landscapes.quadratic", **bowl), rng.normal(size=3), m=4, steps=5)
    bowl = _bowl(rng, 3, stretch=0.02)
    yield _minimised(_named("landscapes.quadratic", **bowl), rng.normal(size=3), m=4, steps=5)


@lbfgs.cases("a curved valley", weight=1)
def _(rng):
    for m in (2, 5):
        yield _minimised(_named("landscapes.rosenbrock"), [-1.2, 1] + 0.1 * rng.normal(size=2), m=m, steps=8)
    yield _minimised(_named("problems.chain", n=4), rng.uniform(-1, 1, size=4), m=3, steps=9)


def _telling(draw, **slip):
    """Draw until a minimiser with this slip goes another way, and a start that is a little off goes the same way."""
    for _ in range(500):
        case = draw()
        f, settings = case["f"].resolve(), [case[name] for name in ("m", "steps", "tol")]
        right = _loop(f, f.gradient, case["theta"], *settings)[1]
        near = _loop(f, f.gradient, case["theta"] * (1 + 1e-6), *settings)[1]
        wrong = _loop(f, f.gradient, case["theta"], *settings, **slip)[1]
        if _alike(right, near) and not _alike(right, wrong):
            break
    return case


def _alike(losses, others):
    return losses.shape == others.shape and np.allclose(losses, others, rtol=0, atol=1e-3 * np.ptp(losses))


@lbfgs.cases("where the curvature is negative", weight=1)
def _(rng):
    def rippled(n, m):
        slopes = [*rng.uniform(2, 6, size=n - 1), rng.uniform(0.02, 0.2)]
        start = np.append(rng.uniform(1, 2, size=n - 1), rng.uniform(0.1, 0.5))
        return _minimised(_named("problems.waves", slopes=slopes, height=1.0), start, m=m, steps=9)

    for n, m in ((2, 5), (3, 10), (2, 3)):
        yield _telling(lambda n=n, m=m: rippled(n, m), fits=lambda s, y: True)
    # almost along the way where a saddle is flat: the cosine between s and y is twice `beside`
    for beside, steep in ((1.2e-9, 1.0), (1e-5, 1.0), *((b * FLAT, u) for b in (0.4985, 0.5015) for u in (0.25, 4.0))):
        saddle, start = steep * np.array([[0.0, 1.0], [1.0, 0.0]]), rng.uniform(0.3, 0.6) * np.array([beside, 1.0])
        yield _minimised(_named("landscapes.quadratic", hessian=saddle), start, steps=2)
    for n, m in ((2, 5), (3, 2)):
        function = _named("problems.waves", slopes=rng.uniform(0.05, 0.3, size=n).tolist(), height=1.0)
        yield _minimised(function, rng.uniform(-0.9, 0.9, size=n), m=m, steps=8)


@lbfgs.cases("where the search gives up", weight=1)
def _(rng):
    def steep():
        walls = _named("problems.soft_corners", slopes=100 * rng.normal(size=(2, 2)))
        return _minimised(walls, rng.uniform(2, 4, size=2) * rng.choice([-1, 1], size=2), m=5, steps=9)

    for slip in ("no_restart", "remembers", "remembers"):
        yield _telling(steep, **{slip: True})
    walls = _named("problems.soft_corners", slopes=np.diag(rng.uniform(20, 50, size=3)))
    yield _minimised(walls, rng.uniform(2, 4, size=3), m=5, steps=6)
    # a needle at the first step: nothing is learnt, and nothing moves
    needle = _named("landscapes.quadratic", hessian=[[1e8, 0.0], [0.0, 2e8]])
    yield _minimised(needle, rng.uniform(1e-5, 2e-5, size=2), steps=5)


@lbfgs.cases("when it stops", weight=1)
def _(rng):
    for n in (1, 3):
        bowl = _bowl(rng, n)
        yield _minimised(_named("landscapes.quadratic", hessian=bowl["hessian"]), np.zeros(n), steps=5)
        yield _minimised(_named("landscapes.quadratic", **bowl), bowl["center"] + 1.0, steps=0)
    bowl = _bowl(rng, 3)
    for tol, m, steps in ((0.3, 10, 30), (0.02, 2, 20), (1e-3, 3, 40)):
        start = bowl["center"] + rng.normal(size=3)
        yield _minimised(_named("landscapes.quadratic", **bowl), start, m=m, steps=steps, tol=tol)
    # a round bowl, whose gradient is as long as the start: shorter than tol, or longer and no entry larger than it
    for share, steps in ((0.3, 4), (0.7, 3)):
        tol = float(rng.uniform(0.2, 0.4))
        start = share * tol * rng.uniform(0.95, 1.05, size=4) * rng.choice([-1, 1], size=4)
        yield _minimised(_named("landscapes.quadratic", hessian=np.eye(4)), start, m=4, steps=steps, tol=tol)
    for scale, tol in ((1e-8, 1e-12), (1e8, 1e4)):
        bowl = _bowl(rng, 2, scale)
        start = bowl["center"] + scale * rng.normal(size=2)
        yield _minimised(_named("landscapes.quadratic", **bowl), start, steps=3, tol=tol)


def _loop(f, gradient, theta, m, steps, tol, **slips):
    """A minimiser in which slips can be switched on by their names."""
    theta, pairs = np.array(theta, dtype=float), []
    grad, losses = gradient(theta), [f(theta)]
    origin = grad
    search = _whole_steps if slips.get("no_search") else _armijo
    for _ in range(steps + slips.get("more", 0)):
        small = np.linalg.norm(grad) if not slips.get("by_loss") else losses[-2] - losses[-1] if losses[1:] else np.inf
        small = slips["measured"](grad, origin) if "measured" in slips else small
        look = not slips.get("ignores_tol") and (losses[1:] or not slips.get("steps_first")) or not grad.any()
        if look and small <= tol:
            break
        rate = 0.0
        if pairs:
            s, y = pairs[slips.get("gamma_of", -1)]
            gamma = (
                slips.get("gamma", _spectral)(s, y)
                if not slips.get("first_gamma")
                else _at_most_one(np.linalg.norm(grad))
            )
            known = pairs[::-1] if slips.get("backwards") else pairs
            direction = _loops(grad, *(np.array(part) for part in zip(*known, strict=True)), gamma)
            rate = search(f, theta, direction, grad)
        if rate == 0.0 and pairs and slips.get("restart_costs"):
            pairs = []
            continue
        if rate == 0.0 and not (pairs and slips.get("no_restart")):
            pairs = pairs if slips.get("remembers") else []
            direction = -grad * slips.get("length", _at_most_one)(np.linalg.norm(grad))
            rate = search(f, theta, direction, grad)
        if rate == 0.0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        if slips.get("twice"):
            gradient(new)
        s = direction if slips.get("whole_direction") else new - theta
        y = new_grad - (origin if slips.get("from_the_start") else grad)
        y = new_grad if slips.get("whole_gradient") else -y if slips.get("reversed") else y
        fits = slips.get("fits", _bent_enough)(s, y)
        if fits and not (slips.get("first_ones") and len(pairs) == m):
            pairs = (pairs + [(s, y)])[-max(1, m + slips.get("extra", 0)) :]
        if not fits and slips.get("forgets_all"):
            pairs = []
        if not fits and slips.get("refuses"):
            losses.append(f(theta))
            continue
        if not fits and slips.get("ends"):
            break
        theta, grad = new, grad if slips.get("stale") else new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def _whole_steps(f, theta, direction, grad):
    return 1.0


def _spectral(s, y):
    return s @ y / (y @ y)


def _at_most_one(size):
    return min(1.0, 1 / size)


@lbfgs.misconception
def oldest_pairs_kept(f, gradient, theta, m, steps, tol):
    """Once m pairs are stored you take in no new one. Which curvature matters: that of the start, or that of here?"""
    return _loop(f, gradient, theta, m, steps, tol, first_ones=True)


@lbfgs.misconception
def one_pair_too_many(f, gradient, theta, m, steps, tol):
    """With m = 1 you use two pairs. How many are left after you have dropped the oldest?"""
    return _loop(f, gradient, theta, m, steps, tol, extra=1)


@lbfgs.misconception
def never_drops_a_pair(f, gradient, theta, m, steps, tol):
    """Your answer does not depend on m, and your memory grows with every step. Which pairs should be dropped?"""
    return _loop(f, gradient, theta, m, steps, tol, extra=10**6)


@lbfgs.misconception
def keeps_every_pair(f, gradient, theta, m, steps, tol):
    """On a bowl you are right. Where the curvature is negative you store pairs with sᵀ y below zero, and the
    direction turns uphill. Which pairs may stay?
    """
    return _loop(f, gradient, theta, m, steps, tol, fits=lambda s, y: True)


@lbfgs.misconception
def leaves_out_the_good_pairs(f, gradient, theta, m, steps, tol):
    """You never store a pair on a bowl: look at the sign of y, and at the side of your guard's inequality."""
    return _loop(f, gradient, theta, m, steps, tol, reversed=True)


@lbfgs.misconception
def a_bad_pair_empties_the_memory(f, gradient, theta, m, steps, tol):
    """Where sᵀ y is too small you forget all pairs. Only the new one is bad."""
    return _loop(f, gradient, theta, m, steps, tol, forgets_all=True)


@lbfgs.misconception
def no_restart(f, gradient, theta, m, steps, tol):
    """You stop as soon as the search gives up. What could you still try, and what had better be forgotten first?"""
    return _loop(f, gradient, theta, m, steps, tol, no_restart=True)


@lbfgs.misconception
def restart_that_remembers(f, gradient, theta, m, steps, tol):
    """When the search gives up you go along the steepest descent, but the pairs that misled you stay. What should the
    next direction know of them?
    """
    return _loop(f, gradient, theta, m, steps, tol, remembers=True)


@lbfgs.misconception
def no_line_search(f, gradient, theta, m, steps, tol):
    """You take every direction in full. What does `backtracking` tell you?"""
    with np.errstate(all="ignore"):
        return _loop(f, gradient, theta, m, steps, tol, no_search=True)


@lbfgs.misconception
def step_without_its_rate(f, gradient, theta, m, steps, tol):
    """Your s is the direction, however far you went along it. y belongs to the step that was taken."""
    return _loop(f, gradient, theta, m, steps, tol, whole_direction=True)


@lbfgs.misconception
def change_since_the_start(f, gradient, theta, m, steps, tol):
    """Your y compares the new gradient with the first of all. Between which two points does s lead?"""
    return _loop(f, gradient, theta, m, steps, tol, from_the_start=True)


@lbfgs.misconception
def gradient_never_renewed(f, gradient, theta, m, steps, tol):
    """After the first step theta is new and your grad is not. Which two things does an iteration hand to the next?"""
    return _loop(f, gradient, theta, m, steps, tol, stale=True)


@lbfgs.misconception
def newest_pair_first(f, gradient, theta, m, steps, tol):
    """You store the newest pair first. In which order does `lbfgs_direction` want them?"""
    return _loop(f, gradient, theta, m, steps, tol, backwards=True)


@lbfgs.misconception
def gamma_of_the_oldest_pair(f, gradient, theta, m, steps, tol):
    """Your gamma comes from the oldest pair. Which one knows most about the curvature here?"""
    return _loop(f, gradient, theta, m, steps, tol, gamma_of=0)


@lbfgs.misconception
def gamma_of_one(f, gradient, theta, m, steps, tol):
    """Your first matrix is the identity all the time. Which scale does the newest pair suggest?"""
    return _loop(f, gradient, theta, m, steps, tol, gamma=lambda s, y: 1.0)


@lbfgs.misconception
def gamma_by_the_step(f, gradient, theta, m, steps, tol):
    """Your gamma is sᵀ s / (sᵀ y), the long one of two such quotients. Which one does the text name?"""
    return _loop(f, gradient, theta, m, steps, tol, gamma=lambda s, y: s @ s / (s @ y))


@lbfgs.misconception
def gamma_upside_down(f, gradient, theta, m, steps, tol):
    """Your gamma is a curvature. H is an *inverse* Hessian: in which unit does it count?"""
    return _loop(f, gradient, theta, m, steps, tol, gamma=lambda s, y: y @ y / (s @ y))


@lbfgs.misconception
def first_step_by_the_whole_gradient(f, gradient, theta, m, steps, tol):
    """Without a pair you go along the gradient in full, however long it is. How long may that step be at most?"""
    return _loop(f, gradient, theta, m, steps, tol, length=lambda size: 1.0)


@lbfgs.misconception
def first_step_always_of_length_one(f, gradient, theta, m, steps, tol):
    """Without a pair your direction has length 1 even where the gradient is shorter. Which of 1 and 1/|grad| is to be
    taken?
    """
    return _loop(f, gradient, theta, m, steps, tol, length=lambda size: 1 / size)


@lbfgs.misconception
def two_gradients_an_iteration(f, gradient, theta, m, steps, tol):
    """theta and losses are right, but you ask for a gradient twice at every point. It is the dearest thing here: keep
    it for the next iteration.
    """
    return _loop(f, gradient, theta, m, steps, tol, twice=True)


@lbfgs.misconception
def tolerance_ignored(f, gradient, theta, m, steps, tol):
    """You go on where the gradient is shorter than tol. When are you there?"""
    return _loop(f, gradient, theta, m, steps, tol, ignores_tol=True)


@lbfgs.misconception
def one_step_too_few(f, gradient, theta, m, steps, tol):
    """With steps = 1 you do not move. How many iterations does your loop make?"""
    return _loop(f, gradient, theta, m, steps, tol, more=-1)


@lbfgs.misconception
def one_step_too_many(f, gradient, theta, m, steps, tol):
    """With steps = 0 you move all the same. How many iterations does your loop make?"""
    return _loop(f, gradient, theta, m, steps, tol, more=1)


@lbfgs.misconception
def losses_without_the_start(f, gradient, theta, m, steps, tol):
    """theta is right; your losses begin after the first step. Which loss comes before it?"""
    theta, losses = _loop(f, gradient, theta, m, steps, tol)
    return theta, losses[1:]


@lbfgs.misconception
def losses_without_the_end(f, gradient, theta, m, steps, tol):
    """theta is right; your losses end one step before the last. How many points did you visit, the start included?"""
    theta, losses = _loop(f, gradient, theta, m, steps, tol)
    return theta, losses[:-1]


@lbfgs.misconception
def gradient_for_its_change(f, gradient, theta, m, steps, tol):
    """Your y is the new gradient. What does s change about it?"""
    return _loop(f, gradient, theta, m, steps, tol, whole_gradient=True)


@lbfgs.misconception
def guard_by_the_sign(f, gradient, theta, m, steps, tol):
    """You store a pair as soon as sᵀ y is positive, if only by a hair, and the next direction is enormous. What does
    the text compare it with?
    """
    return _loop(f, gradient, theta, m, steps, tol, fits=lambda s, y: s @ y > 0)


@lbfgs.misconception
def stops_where_the_loss_stands_still(f, gradient, theta, m, steps, tol):
    """You stop when the loss hardly changes. What should be shorter than tol?"""
    return _loop(f, gradient, theta, m, steps, tol, by_loss=True)


@lbfgs.misconception
def squared_length_against_tol(f, gradient, theta, m, steps, tol):
    """You compare the squared length of the gradient with tol. What does the text compare?"""
    return _loop(f, gradient, theta, m, steps, tol, measured=lambda grad, first: grad @ grad)


@lbfgs.misconception
def largest_entry_against_tol(f, gradient, theta, m, steps, tol):
    """You compare the largest entry of the gradient with tol. What does the text compare?"""
    return _loop(f, gradient, theta, m, steps, tol, measured=lambda grad, first: np.abs(grad).max())


@lbfgs.misconception
def tolerance_of_the_first_gradient(f, gradient, theta, m, steps, tol):
    """You ask for a share of the first gradient's length. tol is a length itself."""
    norm = np.linalg.norm
    return _loop(f, gradient, theta, m, steps, tol, measured=lambda grad, first: norm(grad) / (norm(first) or 1.0))


@lbfgs.misconception
def looks_after_the_step(f, gradient, theta, m, steps, tol):
    """You always make a first step. When is the gradient to be looked at?"""
    return _loop(f, gradient, theta, m, steps, tol, steps_first=True)


@lbfgs.misconception
def restart_costs_an_iteration(f, gradient, theta, m, steps, tol):
    """Your restart uses an iteration up. In which one is the search to be made again?"""
    return _loop(f, gradient, theta, m, steps, tol, restart_costs=True)


@lbfgs.misconception
def step_refused_with_its_pair(f, gradient, theta, m, steps, tol):
    """Where a pair fails you stay. The pair is left out, the step is taken."""
    return _loop(f, gradient, theta, m, steps, tol, refuses=True)


@lbfgs.misconception
def a_bad_pair_ends_the_run(f, gradient, theta, m, steps, tol):
    """Where a pair fails you stop. The pair is left out, the step is taken, and it goes on."""
    return _loop(f, gradient, theta, m, steps, tol, ends=True)


@lbfgs.misconception
def gamma_of_the_first_step(f, gradient, theta, m, steps, tol):
    """With pairs you still take the gamma of the direction without pairs. From which pair does it come?"""
    return _loop(f, gradient, theta, m, steps, tol, first_gamma=True)


# --- gauss_newton_step


@exercise(points=4, returns="theta")
def gauss_newton_step(theta, residuals, jacobian, damping):
    """Oracle: scipy's least squares, with √damping on the diagonal below the Jacobian."""
    below = np.sqrt(damping) * np.eye(len(theta))
    rows, values = np.vstack([jacobian, below]), np.concatenate([residuals, np.zeros(len(theta))])
    return theta - scipy.linalg.lstsq(rows, values, lapack_driver="gelsy")[0]


def _fit(rng, count, n, scale=1.0, **settings):
    jacobian = scale * (rng.normal(size=(count, n)) + 0.5)
    return dict(theta=rng.normal(size=n), residuals=rng.normal(size=count), jacobian=jacobian, **settings)


@gauss_newton_step.cases("damped", weight=1)
def _(rng):
    for count, n in ((6, 3), (5, 5), (10, 2), (1, 1), (20, 4)):
        yield _fit(rng, count, n, damping=float(rng.uniform(0.2, 3.0)))
    yield _fit(rng, 6, 3, damping=float(rng.uniform(30, 60)))


@gauss_newton_step.cases("fewer residuals than parameters", weight=1)
def _(rng):
    for count, n in ((1, 3), (2, 5), (3, 4)):
        yield _fit(rng, count, n, damping=float(rng.uniform(0.2, 3.0)))


@gauss_newton_step.cases("undamped and other scales", weight=1)
def _(rng):
    for count, n in ((8, 3), (15, 2)):
        yield _fit(rng, count, n, damping=0.0)
    for scale in (1e-6, 1e6):
        case = _fit(rng, 8, 3, scale, damping=float(rng.uniform(0.5, 2.0)) * scale**2)
        yield case | dict(theta=case["theta"] / scale)  # as long as the step
    case = _fit(rng, 5, 3, damping=0.5)
    yield case | dict(residuals=np.zeros(5))


def _solved(theta, residuals, jacobian, damping, **changed):
    """A step with parts of the system changed."""
    matrix = changed.get("matrix", jacobian.T @ jacobian + damping * np.eye(len(theta)))
    force = changed.get("force", jacobian.T @ residuals)
    return theta - changed.get("sign", 1) * np.linalg.lstsq(matrix, force, rcond=None)[0]


@gauss_newton_step.misconception
def ascends(theta, residuals, jacobian, damping):
    """The residuals grow. Which sign has a step downhill?"""
    return _solved(theta, residuals, jacobian, damping, sign=-1)


@gauss_newton_step.misconception
def no_damping(theta, residuals, jacobian, damping):
    """Your step is the same for every damping. With fewer residuals than parameters, what cannot be inverted?"""
    return _solved(theta, residuals, jacobian, damping, matrix=jacobian.T @ jacobian)


@gauss_newton_step.misconception
def damping_subtracted(theta, residuals, jacobian, damping):
    """More damping should make the step shorter and the matrix more positive. Which sign does that?"""
    return _solved(theta, residuals, jacobian, damping, matrix=jacobian.T @ jacobian - damping * np.eye(len(theta)))


@gauss_newton_step.misconception
def damping_everywhere(theta, residuals, jacobian, damping):
    """matrix + damping adds to every entry of the matrix. Where does λ I stand?"""
    return _solved(theta, residuals, jacobian, damping, matrix=jacobian.T @ jacobian + damping)


@gauss_newton_step.misconception
def damping_by_the_diagonal(theta, residuals, jacobian, damping):
    """You multiply the diagonal by 1 + λ, as Marquardt did. Here λ is added to it."""
    matrix = jacobian.T @ jacobian
    return _solved(theta, residuals, jacobian, damping, matrix=matrix + damping * np.diag(np.diag(matrix)))


@gauss_newton_step.misconception
def damping_squared(theta, residuals, jacobian, damping):
    """λ stands squared on your diagonal. What do you get for λ = 2?"""
    return _solved(theta, residuals, jacobian, damping, matrix=jacobian.T @ jacobian + damping**2 * np.eye(len(theta)))


@gauss_newton_step.misconception
def damping_before_the_square(theta, residuals, jacobian, damping):
    """√λ belongs on the diagonal if you solve a least squares problem, λ if you solve with JᵀJ."""
    matrix = jacobian.T @ jacobian + np.sqrt(damping) * np.eye(len(theta))
    return _solved(theta, residuals, jacobian, damping, matrix=matrix)


@gauss_newton_step.misconception
def mean_of_the_squares(theta, residuals, jacobian, damping):
    """You divide JᵀJ by the number of residuals. The cost here is a sum, ½ Σ r²."""
    matrix = jacobian.T @ jacobian / len(residuals) + damping * np.eye(len(theta))
    return _solved(theta, residuals, jacobian, damping, matrix=matrix)


@gauss_newton_step.misconception
def mean_of_everything(theta, residuals, jacobian, damping):
    """Matrix and gradient are both divided by the number of residuals, λ is not: your damping is too strong. The cost
    is a sum, ½ Σ r².
    """
    count = len(residuals)
    matrix = jacobian.T @ jacobian / count + damping * np.eye(len(theta))
    return _solved(theta, residuals, jacobian, damping, matrix=matrix, force=jacobian.T @ residuals / count)


@gauss_newton_step.misconception
def twice_the_gradient(theta, residuals, jacobian, damping):
    """Your gradient is 2 Jᵀr. The cost is ½ Σ r²: what does the ½ do?"""
    return _solved(theta, residuals, jacobian, damping, force=2 * jacobian.T @ residuals)


@gauss_newton_step.misconception
def twice_both(theta, residuals, jacobian, damping):
    """You took Σ r² for the cost: 2 JᵀJ and 2 Jᵀr, beside a single λ. What does the ½ of the text change?"""
    matrix = 2 * jacobian.T @ jacobian + damping * np.eye(len(theta))
    return _solved(theta, residuals, jacobian, damping, matrix=matrix, force=2 * jacobian.T @ residuals)


@gauss_newton_step.misconception
def gradient_over_damping(theta, residuals, jacobian, damping):
    """You take a step of gradient descent. Where is the matrix?"""
    return theta - jacobian.T @ residuals / (1.0 + damping)


@gauss_newton_step.misconception
def diagonal_only(theta, residuals, jacobian, damping):
    """You divide by the diagonal of JᵀJ and forget how the parameters depend on each other."""
    return theta - jacobian.T @ residuals / (np.diag(jacobian.T @ jacobian) + damping)


@gauss_newton_step.misconception
def returns_the_step(theta, residuals, jacobian, damping):
    """You return how far to move. Where do the parameters stand after the move?"""
    return _solved(0 * theta, residuals, jacobian, damping)


@gauss_newton_step.misconception
def damping_as_a_rate(theta, residuals, jacobian, damping):
    """You multiply the step by λ: more damping makes it longer. Where does λ stand in the formula?"""
    return theta - damping * np.linalg.lstsq(jacobian.T @ jacobian, jacobian.T @ residuals, rcond=None)[0]


@gauss_newton_step.misconception
def pulls_towards_zero(theta, residuals, jacobian, damping):
    """You added λ θ to the gradient, as for a penalty on the parameters. Damping shortens the step and leaves the cost
    as it is.
    """
    return _solved(theta, residuals, jacobian, damping, force=jacobian.T @ residuals + damping * theta)


@gauss_newton_step.misconception
def multiplies(theta, residuals, jacobian, damping):
    """You multiply by the matrix. How is a system solved?"""
    return theta - (jacobian.T @ jacobian + damping * np.eye(len(theta))) @ (jacobian.T @ residuals)


@gauss_newton_step.misconception
def gradient_over_lambda(theta, residuals, jacobian, damping):
    """You divide by λ alone. Where is JᵀJ?"""
    with np.errstate(all="ignore"):
        return theta - jacobian.T @ residuals / np.float64(damping)


@gauss_newton_step.misconception
def outer_of_gradient(theta, residuals, jacobian, damping):
    """g gᵀ has rank one. Which product of J is meant?"""
    grad = jacobian.T @ residuals
    return _solved(theta, residuals, jacobian, damping, matrix=np.outer(grad, grad) + damping * np.eye(len(theta)))


# --- orthogonalize


@exercise(points=3, returns="X")
def orthogonalize(G, steps):
    """Oracle: the singular value decomposition; each singular value goes its own way."""
    left, values, right = np.linalg.svd(G, full_matrices=False)
    values = values / np.sqrt(np.sum(values**2))
    for _ in range(steps):
        values = 1.5 * values - 0.5 * values**3
    return (left * values) @ right


@orthogonalize.cases("a few steps", weight=1)
def _(rng):
    for shape, steps in (((3, 3), 1), ((4, 2), 2), ((2, 5), 3), ((4, 4), 5), ((1, 4), 4), ((3, 1), 1)):
        yield dict(G=rng.normal(size=shape), steps=steps)
    yield dict(G=rng.normal(size=(3, 4)), steps=0)


@orthogonalize.cases("many steps", weight=1)
def _(rng):
    for shape, steps in (((4, 4), 10), ((6, 3), 12), ((2, 4), 15)):
        left, _, right = np.linalg.svd(rng.normal(size=shape), full_matrices=False)
        yield dict(G=(left * rng.uniform(0.5, 2.0, size=min(shape))) @ right, steps=steps)


@orthogonalize.cases("other scales", weight=1)
def _(rng):
    for scale in (1e-8, 1e8):
        for shape in ((3, 2), (2, 4)):
            yield dict(G=scale * rng.normal(size=shape), steps=int(rng.integers(2, 5)))
    case = rng.normal(size=(4, 3))
    case[1] = 0.0
    yield dict(G=case, steps=3)


def _iterated(X, steps, a=1.5, b=0.5):
    with np.errstate(all="ignore"):
        for _ in range(steps):
            X = a * X - b * X @ X.T @ X
    return X


@orthogonalize.misconception
def not_divided_by_the_norm(G, steps):
    """With a large G your numbers explode, and a small one stays small. What has to be done before the first step?"""
    return _iterated(G, steps)


@orthogonalize.misconception
def spectral_norm(G, steps):
    """You divide by the largest singular value, which costs a decomposition. The text names the square root of the sum
    of squares.
    """
    return _iterated(G / np.linalg.norm(G, 2), steps)


@orthogonalize.misconception
def largest_entry(G, steps):
    """You divide by the largest entry. Which norm does the text name?"""
    return _iterated(G / np.abs(G).max(), steps)


@orthogonalize.misconception
def squared_norm(G, steps):
    """You divide by the sum of squares. Is that a norm?"""
    return _iterated(G / np.sum(G**2), steps)


@orthogonalize.misconception
def rows_to_length_one(G, steps):
    """You bring every row to length 1. One number divides the whole matrix."""
    size = np.linalg.norm(G, axis=1, keepdims=True)
    return _iterated(G / np.where(size > 0, size, 1.0), steps)


@orthogonalize.misconception
def plus_for_minus(G, steps):
    """Put a singular value of 1 in: it should stay 1. Which sign has the cubic term?"""
    return _iterated(G / np.linalg.norm(G), steps, b=-0.5)


@orthogonalize.misconception
def coefficients_swapped(G, steps):
    """Put a singular value of 1 in: it should stay 1, and it becomes -1. Which coefficient belongs to which term?"""
    return _iterated(G / np.linalg.norm(G), steps, a=0.5, b=1.5)


@orthogonalize.misconception
def entry_by_entry(G, steps):
    """X**3 cubes every entry. X Xᵀ X is a product of matrices."""
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X**3
    return X


@orthogonalize.misconception
def first_matrix_in_every_step(G, steps):
    """Your cubic term is always that of the first matrix. Which X stands in it at the second step?"""
    first = G / np.linalg.norm(G)
    X = first
    for _ in range(steps):
        X = 1.5 * X - 0.5 * first @ first.T @ first
    return X


@orthogonalize.misconception
def one_step_too_many(G, steps):
    """With steps = 0 you should return G over its norm."""
    return _iterated(G / np.linalg.norm(G), steps + 1)


@orthogonalize.misconception
def one_step_too_few(G, steps):
    """With steps = 1 you return G over its norm. How often does your loop run?"""
    return _iterated(G / np.linalg.norm(G), max(steps - 1, 0))


@orthogonalize.misconception
def divided_again_in_every_step(G, steps):
    """You divide by the norm in every step, so the singular values never reach 1. How often is it needed?"""
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        X = _iterated(X / np.linalg.norm(X), 1)
    return X


@orthogonalize.misconception
def all_the_way(G, steps):
    """You return the limit, all singular values 1. Muon stops after `steps`, and pays for no decomposition."""
    left, values, right = np.linalg.svd(G, full_matrices=False)
    return (left * (values > 1e-12 * values.max())) @ right


@orthogonalize.misconception
def norm_given_back(G, steps):
    """You multiply by the norm at the end. How large should the singular values be?"""
    return np.linalg.norm(G) * _iterated(G / np.linalg.norm(G), steps)


@orthogonalize.misconception
def cubic_term_whole(G, steps):
    """Put a singular value of 1 in: it should stay 1, and you get ½. What stands before X Xᵀ X?"""
    return _iterated(G / np.linalg.norm(G), steps, b=1.0)


@orthogonalize.misconception
def always_five_steps(G, steps):
    """You make five steps whatever `steps` says."""
    return _iterated(G / np.linalg.norm(G), 5)


@orthogonalize.misconception
def coefficients_of_the_inverse(G, steps):
    """2 X - X Xᵀ X keeps a singular value of 1, and it is another iteration. Which fractions does the text have?"""
    return _iterated(G / np.linalg.norm(G), steps, a=2.0, b=1.0)


@orthogonalize.misconception
def muon_polynomial(G, steps):
    """This is Muon's own polynomial of degree five. The text asks for degree three."""
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        A = X @ X.T
        X = 3.4445 * X + (-4.7750 * A + 2.0315 * A @ A) @ X
    return X


@orthogonalize.misconception
def columns_to_length_one(G, steps):
    """You bring every column to length 1. One number divides the whole matrix."""
    size = np.linalg.norm(G, axis=0, keepdims=True)
    return _iterated(G / np.where(size > 0, size, 1.0), steps)


@orthogonalize.misconception
def gram_before_the_loop(G, steps):
    """You compute X Xᵀ once. Which X stands in it at the second step?"""
    X = G / np.linalg.norm(G)
    gram = X @ X.T
    for _ in range(steps):
        X = 1.5 * X - 0.5 * gram @ X
    return X


@orthogonalize.misconception
def columns_summed(G, steps):
    """np.linalg.norm(G, 1) is the largest sum of a column. Which norm does the text name?"""
    return _iterated(G / np.linalg.norm(G, 1), steps)
