import numpy as np


def _orders(w, grad, x, lr):
    p = np.array([x])
    for a, g in zip(w, grad):
        p = np.convolve(p, [a, -lr * g])
    return p


def coupled_change__uphill(w, grad, x, lr):
    r"""w + lr grad"""
    return _orders(w, -grad, x, lr)[1:]


def coupled_change__input_forgotten(w, grad, x, lr):
    r"""x is left out"""
    return _orders(w, grad, 1.0, lr)[1:]


def coupled_change__order_zero_kept(w, grad, x, lr):
    r"""the output itself stands first, l + 1 entries"""
    return _orders(w, grad, x, lr)


def coupled_change__order_zero_for_last(w, grad, x, lr):
    r"""l entries, but from order 0"""
    return _orders(w, grad, x, lr)[:-1]


def coupled_change__powers_left_out(w, grad, x, lr):
    r"""coefficients without the power of lr"""
    return _orders(w, grad, x, 1.0)[1:]


def coupled_change__lr_once(w, grad, x, lr):
    r"""every order with lr to the power 1"""
    return lr * _orders(w, grad, x, 1.0)[1:]


def coupled_change__reversed_order(w, grad, x, lr):
    r"""highest order first"""
    return _orders(w, grad, x, lr)[:0:-1]


def coupled_change__sum_so_far(w, grad, x, lr):
    r"""the change up to order k"""
    return np.cumsum(_orders(w, grad, x, lr)[1:])


def coupled_change__only_the_sum(w, grad, x, lr):
    r"""one number, the whole change"""
    return x * np.prod(w - lr * grad) - x * np.prod(w)


def coupled_change__first_order_only(w, grad, x, lr):
    r"""higher orders taken for negligible"""
    out = np.zeros(len(w))
    out[0] = _orders(w, grad, x, lr)[1]
    return out


def coupled_change__always_minus(w, grad, x, lr):
    r"""the sign does not alternate"""
    return -(np.abs(lr) ** np.arange(1, len(w) + 1)) * _orders(w, -grad, x, 1.0)[1:]


def coupled_change__always_plus_after_first(w, grad, x, lr):
    r"""minus for the first order only"""
    p = _orders(w, -grad, x, lr)[1:]
    p[0] = -p[0]
    return p


def coupled_change__factorials(w, grad, x, lr):
    r"""divides by k! as in a Taylor series"""
    p = _orders(w, grad, x, lr)[1:]
    f = np.cumprod(np.arange(1, len(w) + 1))
    return p / f


def coupled_change__ordered_choices(w, grad, x, lr):
    r"""counts every choice of k layers k! times"""
    p = _orders(w, grad, x, lr)[1:]
    f = np.cumprod(np.arange(1, len(w) + 1))
    return p * f


def coupled_change__divides_by_w(w, grad, x, lr):
    r"""step over weight, a weight of 0 gives nan"""
    ratios = -lr * grad / w
    p = np.array([1.0])
    for r in ratios:
        p = np.convolve(p, [1.0, r])
    return x * np.prod(w) * p[1:]


def coupled_change__telescope(w, grad, x, lr):
    r"""entry k is what layer k adds after the layers below have stepped"""
    out, v = [], np.array(w, dtype=float)
    before = x * np.prod(v)
    for k in range(len(w)):
        v[k] = w[k] - lr * grad[k]
        after = x * np.prod(v)
        out.append(after - before)
        before = after
    return np.array(out)


def coupled_change__layer_by_layer(w, grad, x, lr):
    r"""entry k is the first-order change of layer k alone"""
    out = []
    for k in range(len(w)):
        rest = np.prod(np.delete(w, k))
        out.append(-lr * x * grad[k] * rest)
    return np.array(out)


def coupled_change__neighbours_only(w, grad, x, lr):
    r"""only k layers in a row step together"""
    n, out = len(w), np.zeros(len(w))
    for k in range(1, n + 1):
        for i in range(n - k + 1):
            mask = np.zeros(n, dtype=bool)
            mask[i : i + k] = True
            out[k - 1] += x * np.prod(-lr * grad[mask]) * np.prod(w[~mask])
    return out


def coupled_change__first_k_only(w, grad, x, lr):
    r"""only the first k layers step"""
    n = len(w)
    return np.array([x * np.prod(-lr * grad[:k]) * np.prod(w[k:]) for k in range(1, n + 1)])


def coupled_change__others_forgotten(w, grad, x, lr):
    r"""product of the steps without the layers that stay"""
    p = np.array([x])
    for g in grad:
        p = np.convolve(p, [1.0, -lr * g])
    return p[1:]


def coupled_change__relative(w, grad, x, lr):
    r"""as a share of the output"""
    p = _orders(w, grad, x, lr)
    return p[1:] / p[0]


def coupled_change__two_orders(w, grad, x, lr):
    r"""stops after the second order"""
    out = np.zeros(len(w))
    p = _orders(w, grad, x, lr)[1:]
    out[:2] = p[:2]
    return out


def coupled_change__x_in_every_layer(w, grad, x, lr):
    r"""x multiplies each factor"""
    p = np.array([1.0])
    for a, g in zip(w, grad):
        p = np.convolve(p, [x * a, -lr * x * g])
    return p[1:]


def coupled_change__x_on_weights_only(w, grad, x, lr):
    r"""x multiplies every weight once at the end of the orders"""
    p = np.array([1.0])
    for a, g in zip(w, grad):
        p = np.convolve(p, [a, -lr * g])
    p = p[1:]
    p[0] *= x
    return p


def coupled_change__polymul_order(w, grad, x, lr):
    r"""poly1d puts the highest power first, and the first is dropped as order 0"""
    p = np.poly1d([x])
    for a, g in zip(w, grad):
        p = p * np.poly1d([-lr * g, a])
    return np.asarray(p.coeffs)[1:]


def coupled_change__steps_in_place(w, grad, x, lr):
    r"""writes the stepped weights into w"""
    p = _orders(w, grad, x, lr)[1:]
    w -= lr * grad
    return p


def coupled_change__last_order_missing(w, grad, x, lr):
    r"""l - 1 entries"""
    return _orders(w, grad, x, lr)[1:-1]


def coupled_change__average_layer(w, grad, x, lr):
    r"""all layers replaced by their mean"""
    n = len(w)
    p = np.array([x])
    for _ in range(n):
        p = np.convolve(p, [w.mean(), -lr * grad.mean()])
    return p[1:]


def coupled_change__lr_power_k_minus_one(w, grad, x, lr):
    r"""powers off by one"""
    return _orders(w, grad, x, lr)[1:] / lr


def coupled_change__two_layers_only(w, grad, x, lr):
    r"""the formula of the text, for two layers"""
    return np.array([-lr * x * (grad[0] * w[1] + w[0] * grad[1]), lr**2 * x * grad[0] * grad[1]])
