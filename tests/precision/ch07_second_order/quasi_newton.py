"""Quasi-Newton methods: honest variants, further wrong solutions, and mutants that compute the same."""

import numpy as np
import torch

from tests.precision.table import ChapterTable

table = ChapterTable(__file__)
honest, wrong = table.honest, table.wrong


# --- honest solutions


@honest("backtracking")
def while_loop(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    start, slope, tried = f(theta), grad @ direction, 0
    if not slope < 0:
        return 0.0
    while tried < most:
        value = f(theta + lr * direction)
        if not np.isnan(value) and start - value >= -c * lr * slope:
            return lr
        lr, tried = 0.5 * lr, tried + 1
    return 0.0


@honest("backtracking")
def all_at_once(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    rates = lr / 2.0 ** np.arange(most)
    slope = np.dot(grad, direction)
    good = [rate for rate in rates if f(theta + rate * direction) <= f(theta) + c * rate * slope]
    return good[0] if good and slope < 0 else 0.0


@honest("backtracking")
def recursive(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    slope = float(sum(g * p for g, p in zip(grad, direction, strict=True)))
    if slope >= 0 or most == 0:
        return 0.0
    if f(theta + lr * direction) <= f(theta) + c * lr * slope:
        return lr
    return recursive(f, theta, direction, grad, lr / 2, c, most - 1)


honest(
    "bfgs_update",
    as_printed="H.copy() if s @ y <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y) else"
    " (np.eye(len(s)) - np.outer(s, y) / (s @ y)) @ H @ (np.eye(len(s)) - np.outer(y, s) / (s @ y))"
    " + np.outer(s, s) / (s @ y)",
)


@honest("bfgs_update")
def as_scipy_writes_it(H, s, y):
    if np.dot(s, y) <= 1e-8 * np.sqrt(np.dot(s, s) * np.dot(y, y)):
        return np.array(H)
    sy, product = np.inner(s, y), H.dot(y)
    grown = H + (sy + np.inner(y, product)) / sy**2 * np.outer(s, s)
    return grown - (np.outer(product, s) + np.outer(s, product)) / sy


@honest("bfgs_update")
def columns_of_torch(H, s, y):
    matrix, s, y = (torch.as_tensor(array) for array in (H, s, y))
    if s @ y <= 1e-8 * s.norm() * y.norm():
        return matrix.clone()
    s, y = s[:, None], y[:, None]
    rho = 1 / (s.T @ y)
    away = torch.eye(len(s), dtype=matrix.dtype) - rho * s @ y.T
    return away @ matrix @ away.T + rho * s @ s.T


@honest("lbfgs_direction")
def alphas_in_a_list(grad, S, Y, gamma):
    q, alphas = np.array(grad), []
    for s, y in zip(S[::-1], Y[::-1], strict=True):
        alphas.append(s @ q / (s @ y))
        q = q - alphas[-1] * y
    r = gamma * q
    for s, y, alpha in zip(S, Y, reversed(alphas), strict=True):
        r = r + (alpha - y @ r / (s @ y)) * s
    return -r


@honest("lbfgs_direction")
def by_the_matrix(grad, S, Y, gamma):
    matrix = gamma * np.eye(len(grad))
    for s, y in zip(S, Y, strict=True):
        away = np.eye(len(grad)) - np.outer(s, y) / (s @ y)
        matrix = away @ matrix @ away.T + np.outer(s, s) / (s @ y)
    return -matrix @ grad


@honest("lbfgs_direction")
def recursive_peeling(grad, S, Y, gamma):
    def product(q, k):
        if k == 0:
            return gamma * q
        s, y = S[k - 1], Y[k - 1]
        alpha = (s @ q) / (s @ y)
        r = product(q - alpha * y, k - 1)
        return r + (alpha - (y @ r) / (s @ y)) * s

    return -product(grad, len(S))


def _first_good(f, theta, direction, grad):
    slope = grad @ direction
    if slope >= 0:
        return 0.0
    for k in range(10):
        if f(theta + 0.5**k * direction) <= f(theta) + 1e-4 * 0.5**k * slope:
            return 0.5**k
    return 0.0


def _matrix_way(grad, pairs, gamma):
    matrix = gamma * np.eye(len(grad))
    for s, y in pairs:
        away = np.eye(len(grad)) - np.outer(s, y) / (s @ y)
        matrix = away @ matrix @ away.T + np.outer(s, s) / (s @ y)
    return -matrix @ grad


@honest("lbfgs")
def with_a_deque_of_pairs(f, gradient, theta, m=10, steps=100, tol=1e-6):
    from collections import deque

    pairs, theta = deque(maxlen=m), np.array(theta)
    grad, losses, k = gradient(theta), [f(theta)], 0
    while k < steps and not np.linalg.norm(grad) <= tol:
        k += 1
        for attempt in range(2):
            if attempt == 1 and not pairs:
                return theta, np.array(losses)
            if attempt == 1:
                pairs.clear()
            if pairs:
                s, y = pairs[-1]
                direction = _matrix_way(grad, pairs, (s @ y) / (y @ y))
            else:
                size = np.linalg.norm(grad)
                direction = -grad if size < 1 else -grad / size
            rate = _first_good(f, theta, direction, grad)
            if rate:
                break
        else:
            return theta, np.array(losses)
        moved = theta + rate * direction
        after = gradient(moved)
        s, y = moved - theta, after - grad
        if (s @ y) / np.sqrt((s @ s) * (y @ y) or 1.0) > 1e-8:
            pairs.append((s, y))
        theta, grad = moved, after
        losses.append(f(theta))
    return theta, np.array(losses)


@honest("lbfgs")
def with_a_helper_for_directions(f, gradient, theta, m=10, steps=100, tol=1e-6):
    kept = []

    def direction_at(grad):
        if not kept:
            return -grad / max(1.0, np.linalg.norm(grad))
        s, y = kept[-1]
        return _matrix_way(grad, kept, (s @ y) / (y @ y))

    grad, losses = gradient(theta), [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        direction = direction_at(grad)
        rate = _first_good(f, theta, direction, grad)
        if rate == 0.0 and kept:
            kept = []
            direction = direction_at(grad)
            rate = _first_good(f, theta, direction, grad)
        if rate == 0.0:
            break
        theta, before = theta + rate * direction, grad
        grad = gradient(theta)
        step, change = rate * direction, grad - before
        if step @ change > 1e-8 * np.linalg.norm(step) * np.linalg.norm(change):
            kept.append((step, change))
        if len(kept) > m:
            kept.pop(0)
        losses.append(f(theta))
    return [theta, losses]


honest(
    "gauss_newton_step",
    by_least_squares="theta - np.linalg.lstsq(np.vstack([jacobian, np.sqrt(damping) * np.eye(len(theta))]),"
    " np.append(residuals, np.zeros(len(theta))), rcond=None)[0]",
    by_the_inverse="theta - np.linalg.inv(jacobian.T @ jacobian + damping * np.identity(theta.size))"
    " @ (jacobian.T @ residuals)",
)


@honest("gauss_newton_step")
def through_singular_values(theta, residuals, jacobian, damping):
    left, values, right = np.linalg.svd(jacobian, full_matrices=False)
    return theta - right.T @ (values / (values**2 + damping) * (left.T @ residuals))


honest(
    "orthogonalize",
    polynomial_of_singular_values="(lambda u, s, v: (u * iterated(s / np.sqrt((s**2).sum()), steps)) @ v)"
    "(*np.linalg.svd(G, full_matrices=False))",
)


def iterated(values, steps):
    for _ in range(steps):
        values = values * (3 - values**2) / 2
    return values


@honest("orthogonalize")
def from_the_other_side(G, steps):
    X = G / np.sqrt(np.sum(G**2))
    for _ in range(steps):
        X = X @ (1.5 * np.eye(X.shape[1]) - 0.5 * X.T @ X)
    return X


@honest("orthogonalize")
def in_torch(G, steps):
    X = torch.as_tensor(G)
    X = X / torch.linalg.norm(X)
    for _ in range(steps):
        X = X + (X - X @ X.mT @ X) / 2
    return X


# --- wrong solutions that no misconception names


@wrong("backtracking")
def gives_up_with_none(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    for _ in range(most):
        if f(theta + lr * direction) <= f(theta) + c * lr * (grad @ direction) and grad @ direction < 0:
            return lr
        lr /= 2


@wrong("backtracking")
def negative_rate_for_uphill(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    sign = -1.0 if grad @ direction > 0 else 1.0
    for _ in range(most):
        if f(theta + sign * lr * direction) <= f(theta) + c * lr * sign * (grad @ direction):
            return sign * lr
        lr /= 2
    return 0.0


@wrong("backtracking")
def c_of_its_own(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    for _ in range(most):
        if grad @ direction < 0 and f(theta + lr * direction) <= f(theta) + 0.5 * lr * (grad @ direction):
            return lr
        lr /= 2
    return 0.0


@wrong("bfgs_update")
def symmetrized_one_side(H, s, y):
    if s @ y <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    half = (np.eye(len(s)) - np.outer(s, y) / (s @ y)) @ H
    return (half + half.T) / 2 + np.outer(s, s) / (s @ y)


@wrong("bfgs_update")
def without_the_square(H, s, y):
    if s @ y <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    crossed = np.outer(H @ y, s)
    return H - (crossed + crossed.T) / (s @ y) + np.outer(s, s) / (s @ y)


@wrong("bfgs_update")
def steep_guard(H, s, y):
    if s @ y <= 1e-3 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    away = np.eye(len(s)) - np.outer(s, y) / (s @ y)
    return away @ H @ away.T + np.outer(s, s) / (s @ y)


@wrong("lbfgs_direction")
def oldest_pair_left_out(grad, S, Y, gamma):
    return by_the_matrix(grad, S[1:], Y[1:], gamma)


@wrong("lbfgs_direction")
def normalized(grad, S, Y, gamma):
    direction = by_the_matrix(grad, S, Y, gamma)
    return direction / np.linalg.norm(direction)


@wrong("lbfgs")
def steepest_descent(f, gradient, theta, m=10, steps=100, tol=1e-6):
    losses = [f(theta)]
    for _ in range(steps):
        grad = gradient(theta)
        if np.linalg.norm(grad) <= tol:
            break
        direction = -grad / max(1.0, np.linalg.norm(grad))
        rate = _first_good(f, theta, direction, grad)
        if rate == 0:
            break
        theta = theta + rate * direction
        losses.append(f(theta))
    return theta, np.array(losses)


@wrong("lbfgs")
def by_scipy(f, gradient, theta, m=10, steps=100, tol=1e-6):
    from scipy.optimize import minimize

    losses = [f(theta)]
    settings = dict(maxcor=m, maxiter=steps, gtol=tol)
    found = minimize(
        f, theta, jac=gradient, method="L-BFGS-B", options=settings, callback=lambda x: losses.append(f(x))
    )
    return found.x, np.array(losses)


@wrong("gauss_newton_step")
def damping_outside(theta, residuals, jacobian, damping):
    return theta - np.linalg.pinv(jacobian) @ residuals / (1 + damping)


@wrong("gauss_newton_step")
def damped_gradient(theta, residuals, jacobian, damping):
    return theta - np.linalg.pinv(jacobian.T @ jacobian) @ (jacobian.T @ residuals + damping * theta)


@wrong("orthogonalize")
def orthonormal_columns(G, steps):
    return np.linalg.qr(G)[0] if G.shape[0] >= G.shape[1] else np.linalg.qr(G.T)[0].T


# --- mutants that compute the same

INNER = "an inner product does not depend on the order"
AS_MANY = "there are as many changes, and alphas, as steps"

ALPHA, BETA = "alpha[i] = S[i] @ q / (S[i] @ Y[i])", "beta = Y[i] @ r / (S[i] @ Y[i])"
for line in (ALPHA, BETA):
    table.equivalent("lbfgs_direction", line, line.replace("(S[i] @ Y[i])", "(Y[i] @ S[i])"), INNER)
table.equivalent("lbfgs_direction", ALPHA, ALPHA.replace("S[i] @ q", "q @ S[i]"), INNER)
table.equivalent("lbfgs_direction", BETA, BETA.replace("Y[i] @ r", "r @ Y[i]"), INNER)
for line in ("for i in reversed(range(len(S))):", "for i in range(len(S)):"):
    for other in ("Y", "alpha"):
        table.equivalent("lbfgs_direction", line, line.replace("(S)", f"({other})"), AS_MANY)
ROOM = "q, alpha = (grad, np.zeros(len(S)))"
table.equivalent("lbfgs_direction", ROOM, ROOM.replace("(S)", "(Y)"), AS_MANY)
table.equivalent("lbfgs_direction", ROOM, ROOM.replace("zeros", "ones"), "every entry is written before it is read")

GUARD = "if s @ y <= 1e-08 * np.linalg.norm(s) * np.linalg.norm(y):"
RHO = "rho, turned = (1 / (s @ y), np.outer(H @ y, s))"
NEW = "return H - rho * (turned + turned.T) + rho * (1 + rho * (y @ H @ y)) * np.outer(s, s)"
SYMMETRIC = "H is symmetric"
table.equivalent("bfgs_update", GUARD, GUARD.replace("s @ y", "y @ s"), INNER)
table.equivalent("bfgs_update", RHO, RHO.replace("s @ y", "y @ s"), INNER)
table.equivalent("bfgs_update", RHO, RHO.replace("H @ y", "y @ H"), SYMMETRIC)
table.equivalent(
    "bfgs_update", RHO, RHO.replace("H @ y, s", "s, H @ y"), "the transpose, of a term that enters with it"
)
table.equivalent("bfgs_update", NEW, NEW.replace("y @ H @ y", "y @ (y @ H)"), SYMMETRIC)
table.equivalent("bfgs_update", NEW, NEW.replace("y @ H @ y", "H @ y @ y"), SYMMETRIC)

ENOUGH = "if f(theta + rate * direction) <= start + c * rate * slope:"
table.equivalent("backtracking", ENOUGH, ENOUGH.replace("<=", "<"), "the two sides are never equal to the last bit")
table.equivalent("backtracking", "return 0.0", "return -0.0", "minus zero equals zero")

STOP, FITS = "if np.linalg.norm(grad) <= tol:", "if s @ y > 1e-08 * np.linalg.norm(s) * np.linalg.norm(y):"
GAMMA, FORGET = "gamma = S[-1] @ Y[-1] / (Y[-1] @ Y[-1])", "S, Y = ([], [])"
FIRST = "direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad"
WAY = "direction = lbfgs_direction(grad, np.array(S), np.array(Y), gamma)"
table.equivalent("lbfgs", STOP, STOP.replace("<=", "<"), "the two are never equal to the last bit but where both stop")
table.equivalent("lbfgs", FITS, FITS.replace(">", ">="), "the two sides are never equal to the last bit")
table.equivalent("lbfgs", FITS, FITS.replace("s @ y", "y @ s"), INNER)
table.equivalent("lbfgs", GAMMA, GAMMA.replace("S[-1] @ Y[-1]", "Y[-1] @ S[-1]"), INNER)
table.equivalent("lbfgs", "if rate == 0:", "if rate <= 0:", "a rate is never negative")
table.equivalent("lbfgs", "if S:", "if Y:", AS_MANY)
table.equivalent("lbfgs", FORGET, "Y, S = ([], [])", "both are empty")
table.equivalent("lbfgs", "break", "continue", "nothing has changed, so that the next iteration ends here as well")
table.equivalent("lbfgs", "return (theta, np.array(losses))", "return (theta, losses)", "a list of the same numbers")
table.equivalent(
    "lbfgs",
    FIRST,
    "direction = -min(1 / np.linalg.norm(grad), 1.0) * grad",
    "the smaller of two numbers, in either order",
)
for part in ("S", "Y"):
    table.equivalent("lbfgs", WAY, WAY.replace(f"np.array({part})", part), "a list of the same arrays")
# the first step is as long as the direction, or shorter by a power of two
NEARLY = "another bound by the rate, a power of two; no step that is halved ends so near to the bound"
for was, becomes in (("s @ y", "direction @ y"), ("norm(s)", "norm(direction)")):
    table.equivalent("lbfgs", FITS, FITS.replace(was, becomes), NEARLY)
