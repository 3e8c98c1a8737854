import numpy as np


def backtracking__rate_forgotten(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""c times the slope, without the rate"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * slope:
            return rate
        rate = rate / 2
    return 0.0


def backtracking__any_decrease(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""ignores c"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value < start:
            return rate
        rate = rate / 2
    return 0.0


def backtracking__promise_minus(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""minus c alpha g.p, so that a rise is enough"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start - c * rate * slope:
            return rate
        rate = rate / 2
    return 0.0


def backtracking__steepest_slope(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""takes -g.g for the slope"""
    slope = -(grad @ grad)
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate
        rate = rate / 2
    return 0.0


def backtracking__halves_first(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""halves before the first trial"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        rate = rate / 2
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate
    return 0.0


def backtracking__one_more(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""tries one rate more"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most + 1):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate
        rate = rate / 2
    return 0.0


def backtracking__one_fewer(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""tries one rate fewer"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most - 1):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate
        rate = rate / 2
    return 0.0


def backtracking__last_rate(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""returns the smallest rate when none is enough"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate
        rate = rate / 2
    return 2 * rate


def backtracking__slope_not_asked(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""does not ask whether it leads downhill"""
    slope = grad @ direction
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate
        rate = rate / 2
    return 0.0


def backtracking__none_for_zero(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""gives up with None"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate
        rate = rate / 2
    return None


def backtracking__nan_passes(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""asks whether it is too high, which nan never is"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if value > start + c * rate * slope:
            rate = rate / 2
        else:
            return rate
    return 0.0


def backtracking__theta_returned(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""returns the new theta"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return theta + rate * direction
        rate = rate / 2
    return 0.0


def backtracking__thirds(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""lr, lr/2, lr/3, lr/4"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for k in range(1, most + 1):
        rate = lr / k
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate
    return 0.0


def backtracking__theta_in_place(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""walks on the caller's theta"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        theta += rate * direction
        value = f(theta)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate
        theta -= rate * direction
        rate = rate / 2
    return 0.0


def backtracking__direction_reversed(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""minus the direction"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta - rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate
        rate = rate / 2
    return 0.0


def backtracking__best_of_all(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""the rate with the lowest f, not the first that is enough"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, best, lowest = f(theta), 0.0, np.inf
    for k in range(most):
        rate = lr / 2**k
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope and value < lowest:
            best, lowest = rate, value
    return float(best)


def backtracking__gives_up_at_nan(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""a nan at one rate ends the search"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if not np.isfinite(value):
            return 0.0
        if value <= start + c * rate * slope:
            return rate
        rate = rate / 2
    return 0.0


def backtracking__unit_direction(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""makes the direction a unit vector first"""
    direction = direction / np.linalg.norm(direction)
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate
        rate = rate / 2
    return 0.0


def backtracking__level_is_downhill(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""a slope of 0 counts as downhill"""
    slope = grad @ direction
    if slope > 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate
        rate = rate / 2
    return 0.0


def backtracking__fixed_promise(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""asks every rate for the promise of the first"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    enough = start + c * lr * slope
    for _ in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= enough:
            return rate
        rate = rate / 2
    return 0.0


def backtracking__previous_trial(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""compares with the trial before"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate
        rate = rate / 2
        start = value
    return 0.0


def backtracking__powers_of_lr(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""lr, lr^2, lr^3 in place of halves"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate
        rate = rate * lr
    return 0.0


def backtracking__ten_always(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""ten rates, whatever most says"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(10):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate
        rate = rate / 2
    return 0.0


def backtracking__starts_at_one(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""begins at 1, whatever lr says"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), 1.0
    for _ in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate
        rate = rate / 2
    return 0.0


def backtracking__gradient_length(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""the slope from the lengths of g and p"""
    slope = -np.linalg.norm(grad) * np.linalg.norm(direction)
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate
        rate = rate / 2
    return 0.0


def backtracking__rate_after_success(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""halves once more after success"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate / 2
        rate = rate / 2
    return 0.0


def backtracking__share_missing(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""asks for the whole promise, not the share c"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + rate * slope:
            return rate
        rate = rate / 2
    return 0.0


def backtracking__index_returned(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""returns how often it halved"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for k in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return float(k)
        rate = rate / 2
    return 0.0


def backtracking__rate_forgotten_and_nan(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    r"""two slips: no rate in the promise, and nan passes"""
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if not value > start + c * slope:
            return rate
        rate = rate / 2
    return 0.0
