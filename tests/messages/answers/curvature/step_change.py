import numpy as np


def step_change__no_half(g, H, lr):
    r"""forgot the one half"""
    return float(-lr * g @ g + lr**2 * g @ H @ g)


def step_change__lr_not_squared(g, H, lr):
    r"""lr once in the second term"""
    return float(-lr * g @ g + 0.5 * lr * g @ H @ g)


def step_change__second_minus(g, H, lr):
    r"""both terms with a minus"""
    return float(-lr * g @ g - 0.5 * lr**2 * g @ H @ g)


def step_change__first_plus(g, H, lr):
    r"""forgot the minus of the first term"""
    return float(lr * g @ g + 0.5 * lr**2 * g @ H @ g)


def step_change__first_order(g, H, lr):
    r"""only the slope's promise"""
    return float(-lr * g @ g)


def step_change__norm_not_squared(g, H, lr):
    r"""the length of g, not its square"""
    return float(-lr * np.linalg.norm(g) + 0.5 * lr**2 * g @ H @ g)


def step_change__entrywise(g, H, lr):
    r"""g * H * g for the quadratic form"""
    return float(np.sum(-lr * g * g) + 0.5 * lr**2 * np.sum(g * H * g))


def step_change__diagonal_only(g, H, lr):
    r"""only the diagonal of H"""
    return float(-lr * g @ g + 0.5 * lr**2 * np.sum(np.diag(H) * g**2))


def step_change__half_on_both(g, H, lr):
    r"""one half before the bracket"""
    return float(0.5 * (-lr * g @ g + lr**2 * g @ H @ g))


def step_change__gain(g, H, lr):
    r"""returns how much the cost falls, the other sign"""
    return float(lr * g @ g - 0.5 * lr**2 * g @ H @ g)


def step_change__outer(g, H, lr):
    r"""np.outer(g, g) in place of the dot product"""
    return float(np.sum(-lr * np.outer(g, g)) + 0.5 * lr**2 * g @ H @ g)


def step_change__newton_form(g, H, lr):
    r"""g H^-1 g in the second term"""
    return float(-lr * g @ g + 0.5 * lr**2 * g @ np.linalg.solve(H, g))


def step_change__only_curvature(g, H, lr):
    r"""only the second term"""
    return float(0.5 * lr**2 * g @ H @ g)


def step_change__vector(g, H, lr):
    r"""an array, the sum is forgotten"""
    return -lr * g * g + 0.5 * lr**2 * g * (H @ g)


def step_change__rayleigh(g, H, lr):
    r"""curvature along the unit vector, forgot that g is longer"""
    curvature = (g @ H @ g) / (g @ g)
    return float(-lr * g @ g + 0.5 * lr**2 * curvature)


def step_change__squares_the_form(g, H, lr):
    r"""squares lr together with g H g"""
    return float(-lr * g @ g + 0.5 * (lr * g @ H @ g) ** 2)


def step_change__hessian_squared(g, H, lr):
    r"""g H H g"""
    Hg = H @ g
    return float(-lr * g @ g + 0.5 * lr**2 * Hg @ Hg)


def step_change__scales_g(g, H, lr):
    r"""g *= lr in place"""
    g *= lr
    return float(-(g @ g) / lr + 0.5 * g @ H @ g)


def step_change__max_eigenvalue(g, H, lr):
    r"""largest curvature times length squared"""
    lam = np.linalg.eigvalsh(H).max()
    return float(-lr * g @ g + 0.5 * lr**2 * lam * g @ g)


def step_change__two_slips(g, H, lr):
    r"""no half and wrong sign"""
    return float(-lr * g @ g - lr**2 * g @ H @ g)
