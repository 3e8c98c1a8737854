import numpy as np


def gradient_descent__gradient_once(grad_fn, theta, lr, steps):
    r"""gradient computed before the loop"""
    g = grad_fn(theta)
    for _ in range(steps):
        theta = theta - lr * g
    return theta


def gradient_descent__in_place(grad_fn, theta, lr, steps):
    r"""theta -= on the caller's array"""
    for _ in range(steps):
        theta -= lr * grad_fn(theta)
    return theta


def gradient_descent__ascent(grad_fn, theta, lr, steps):
    r"""plus"""
    for _ in range(steps):
        theta = theta + lr * grad_fn(theta)
    return theta


def gradient_descent__one_more(grad_fn, theta, lr, steps):
    r"""steps + 1"""
    for _ in range(steps + 1):
        theta = theta - lr * grad_fn(theta)
    return theta


def gradient_descent__one_less(grad_fn, theta, lr, steps):
    r"""range(1, steps)"""
    for _ in range(1, steps):
        theta = theta - lr * grad_fn(theta)
    return theta


def gradient_descent__return_in_loop(grad_fn, theta, lr, steps):
    r"""returns after the first step, None for no steps"""
    for _ in range(steps):
        theta = theta - lr * grad_fn(theta)
        return theta


def gradient_descent__path(grad_fn, theta, lr, steps):
    r"""returns all points"""
    path = [theta]
    for _ in range(steps):
        path.append(path[-1] - lr * grad_fn(path[-1]))
    return np.array(path)


def gradient_descent__whole_number_copy(grad_fn, theta, lr, steps):
    r"""copies the start, and whole numbers stay whole numbers"""
    here = theta.copy()
    for _ in range(steps):
        here[...] = here - lr * grad_fn(here)
    return here


def gradient_descent__casting_error(grad_fn, theta, lr, steps):
    r"""-= on a copy of whole numbers raises"""
    here = theta.copy()
    for _ in range(steps):
        here -= lr * grad_fn(here)
    return here


def gradient_descent__step_from_start(grad_fn, theta, lr, steps):
    r"""every step starts at the first theta"""
    for _ in range(steps):
        new = theta - lr * grad_fn(theta)
    return new if steps else theta


def gradient_descent__unit_steps(grad_fn, theta, lr, steps):
    r"""normalised gradient"""
    for _ in range(steps):
        g = grad_fn(theta)
        n = np.linalg.norm(g)
        theta = theta - lr * g / n if n > 0 else theta
    return theta


def gradient_descent__stops_early(grad_fn, theta, lr, steps):
    r"""stops when the gradient is small, tolerance 0.1"""
    for _ in range(steps):
        g = grad_fn(theta)
        if np.linalg.norm(g) < 0.1:
            break
        theta = theta - lr * g
    return theta


def gradient_descent__decaying(grad_fn, theta, lr, steps):
    r"""rate divided by k + 1"""
    for k in range(steps):
        theta = theta - lr / (k + 1) * grad_fn(theta)
    return theta


def gradient_descent__endless(grad_fn, theta, lr, steps):
    r"""while steps > 0 and steps is never lowered"""
    while steps > 0:
        theta = theta - lr * grad_fn(theta)
    return theta


def gradient_descent__starts_at_zero(grad_fn, theta, lr, steps):
    r"""starts at the origin"""
    here = np.zeros(theta.shape)
    for _ in range(steps):
        here = here - lr * grad_fn(here)
    return here


def gradient_descent__no_rate(grad_fn, theta, lr, steps):
    r"""forgot lr"""
    for _ in range(steps):
        theta = theta - grad_fn(theta)
    return theta


def gradient_descent__rate_shared(grad_fn, theta, lr, steps):
    r"""divides the rate by the number of steps"""
    for _ in range(steps):
        theta = theta - lr / steps * grad_fn(theta)
    return theta


def gradient_descent__at_least_one_step(grad_fn, theta, lr, steps):
    r"""do-while, one step even for steps = 0"""
    k = 0
    while True:
        theta = theta - lr * grad_fn(theta)
        k += 1
        if k >= steps:
            break
    return theta


def gradient_descent__gradient_returned(grad_fn, theta, lr, steps):
    r"""returns the last gradient"""
    g = grad_fn(theta)
    for _ in range(steps):
        theta = theta - lr * g
        g = grad_fn(theta)
    return g


def gradient_descent__momentum_slipped_in(grad_fn, theta, lr, steps):
    r"""velocity with 0.9 from the other chapter"""
    v = 0.0
    for _ in range(steps):
        v = 0.9 * v - lr * grad_fn(theta)
        theta = theta + v
    return theta


def gradient_descent__gradient_lags(grad_fn, theta, lr, steps):
    r"""the gradient is renewed after the step before the last"""
    g = grad_fn(theta)
    for _ in range(steps):
        new_g = grad_fn(theta)
        theta = theta - lr * g
        g = new_g
    return theta


def gradient_descent__flattened(grad_fn, theta, lr, steps):
    r"""returns a flat array"""
    theta = np.array(theta, dtype=float)
    for _ in range(steps):
        theta = theta - lr * grad_fn(theta)
    return theta.ravel()


def gradient_descent__two_slips(grad_fn, theta, lr, steps):
    r"""one step too many, and uphill"""
    for _ in range(steps + 1):
        theta = theta + lr * grad_fn(theta)
    return theta
