import numpy as np


def numeric_gradient__forward(f, theta, h):
    r"""forward difference"""
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        up = theta.copy()
        up[i] += h
        grad[i] = (f(up) - f(theta)) / h
    return grad


def numeric_gradient__backward(f, theta, h):
    r"""backward difference"""
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        down = theta.copy()
        down[i] -= h
        grad[i] = (f(theta) - f(down)) / h
    return grad


def numeric_gradient__divided_by_h(f, theta, h):
    r"""forgot the 2"""
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        up, down = theta.copy(), theta.copy()
        up[i] += h
        down[i] -= h
        grad[i] = (f(up) - f(down)) / h
    return grad


def numeric_gradient__precedence(f, theta, h):
    r"""/ 2 * h"""
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        up, down = theta.copy(), theta.copy()
        up[i] += h
        down[i] -= h
        grad[i] = (f(up) - f(down)) / 2 * h
    return grad


def numeric_gradient__integer_copy(f, theta, h):
    r"""theta.copy() keeps the whole numbers"""
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        up, down = theta.copy(), theta.copy()
        up[i] = up[i] + h
        down[i] = down[i] - h
        grad[i] = (f(up) - f(down)) / (2 * h)
    return grad


def numeric_gradient__zeros_like(f, theta, h):
    r"""the result takes over the dtype of theta"""
    work = theta.astype(float)
    grad = np.zeros_like(theta)
    for i in np.ndindex(theta.shape):
        up, down = work.copy(), work.copy()
        up[i] += h
        down[i] -= h
        grad[i] = (f(up) - f(down)) / (2 * h)
    return grad


def numeric_gradient__shares_memory(f, theta, h):
    r"""up = theta and down = theta are the same array"""
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        up = theta
        down = theta
        up[i] += h
        down[i] -= h
        grad[i] = (f(up) - f(down)) / (2 * h)
    return grad


def numeric_gradient__not_reset(f, theta, h):
    r"""the coordinate is not put back before the next"""
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        theta[i] += h
        up = f(theta)
        theta[i] -= 2 * h
        down = f(theta)
        grad[i] = (up - down) / (2 * h)
    return grad


def numeric_gradient__writes_in_callers(f, theta, h):
    r"""moves the caller's theta and forgets to go back the second h"""
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        old = theta[i]
        theta[i] = old + h
        up = f(theta)
        theta[i] = old - h
        grad[i] = (up - f(theta)) / (2 * h)
    return grad


def numeric_gradient__vectors_only(f, theta, h):
    r"""range(len(theta))"""
    theta = np.array(theta, dtype=float)
    grad = np.zeros(len(theta))
    for i in range(len(theta)):
        e = np.zeros(theta.shape)
        e[i] = h
        grad[i] = (f(theta + e) - f(theta - e)) / (2 * h)
    return grad


def numeric_gradient__all_at_once(f, theta, h):
    r"""adds h to all coordinates"""
    return np.full(theta.shape, (f(theta + h) - f(theta - h)) / (2 * h))


def numeric_gradient__flat_result(f, theta, h):
    r"""result not brought back to the shape"""
    theta = np.array(theta, dtype=float)
    grad = []
    for i in np.ndindex(theta.shape):
        e = np.zeros(theta.shape)
        e[i] = h
        grad.append((f(theta + e) - f(theta - e)) / (2 * h))
    return np.array(grad)


def numeric_gradient__sign(f, theta, h):
    r"""minus and plus exchanged"""
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        e = np.zeros(theta.shape)
        e[i] = h
        grad[i] = (f(theta - e) - f(theta + e)) / (2 * h)
    return grad


def numeric_gradient__plus_in_numerator(f, theta, h):
    r"""adds the two values"""
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        e = np.zeros(theta.shape)
        e[i] = h
        grad[i] = (f(theta + e) + f(theta - e)) / (2 * h)
    return grad


def numeric_gradient__second_difference(f, theta, h):
    r"""formula of the second derivative"""
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        e = np.zeros(theta.shape)
        e[i] = h
        grad[i] = (f(theta + e) - 2 * f(theta) + f(theta - e)) / h**2
    return grad


def numeric_gradient__h_fixed(f, theta, h):
    r"""h = 1e-5, as one always takes"""
    h = 1e-5
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        e = np.zeros(theta.shape)
        e[i] = h
        grad[i] = (f(theta + e) - f(theta - e)) / (2 * h)
    return grad


def numeric_gradient__half_steps(f, theta, h):
    r"""steps of h / 2 divided by 2 h"""
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        e = np.zeros(theta.shape)
        e[i] = h / 2
        grad[i] = (f(theta + e) - f(theta - e)) / (2 * h)
    return grad


def numeric_gradient__flat_argument(f, theta, h):
    r"""hands f a flat array"""
    flat = np.array(theta, dtype=float).ravel()
    grad = np.zeros(flat.shape)
    for i in range(flat.size):
        e = np.zeros(flat.shape)
        e[i] = h
        grad[i] = (f(flat + e) - f(flat - e)) / (2 * h)
    return grad.reshape(theta.shape)


def numeric_gradient__ones_for_unit(f, theta, h):
    r"""e_j is not zero elsewhere, np.ones"""
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        e = np.ones(theta.shape)
        e[i] = h
        grad[i] = (f(theta + e) - f(theta - e)) / (2 * h)
    return grad


def numeric_gradient__e_not_reset(f, theta, h):
    r"""e is made once outside the loop"""
    theta = np.array(theta, dtype=float)
    grad, e = np.zeros(theta.shape), np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        e[i] = h
        grad[i] = (f(theta + e) - f(theta - e)) / (2 * h)
    return grad


def numeric_gradient__relative_step(f, theta, h):
    r"""h times the size of the coordinate"""
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        e = np.zeros(theta.shape)
        e[i] = h * abs(theta[i])
        with np.errstate(all="ignore"):
            grad[i] = (f(theta + e) - f(theta - e)) / np.float64(2 * e[i])
    return grad


def numeric_gradient__two_slips(f, theta, h):
    r"""forward difference divided by 2 h"""
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        e = np.zeros(theta.shape)
        e[i] = h
        grad[i] = (f(theta + e) - f(theta)) / (2 * h)
    return grad
