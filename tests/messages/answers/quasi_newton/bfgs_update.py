import numpy as np


def bfgs_update__brackets_swapped(H, s, y):
    r"""the right bracket on the left"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(y, s)
    return left @ H @ left.T + rho * np.outer(s, s)


def bfgs_update__last_term_missing(H, s, y):
    r"""forgot the last term"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H @ left.T


def bfgs_update__y_in_last_term(H, s, y):
    r"""y y^T at the end"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H @ left.T + rho * np.outer(y, y)


def bfgs_update__s_and_y_swapped(H, s, y):
    r"""s and y in each other's place: the update of the Hessian"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(y, s)
    return left @ H @ left.T + rho * np.outer(y, y)


def bfgs_update__sr1(H, s, y):
    r"""the symmetric rank-one update"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rest = s - H @ y
    return H + np.outer(rest, rest) / (rest @ y)


def bfgs_update__no_guard(H, s, y):
    r"""no guard"""
    sy = s @ y
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H @ left.T + rho * np.outer(s, s)


def bfgs_update__same_object(H, s, y):
    r"""the guard returns H itself"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H @ left.T + rho * np.outer(s, s)


def bfgs_update__guard_at_zero(H, s, y):
    r"""the guard asks for s.y <= 0 only"""
    sy = s @ y
    if sy <= 0:
        return H.copy()
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H @ left.T + rho * np.outer(s, s)


def bfgs_update__guard_both_signs(H, s, y):
    r"""the guard asks for the size of s.y"""
    sy = s @ y
    if abs(sy) <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H @ left.T + rho * np.outer(s, s)


def bfgs_update__guard_absolute(H, s, y):
    r"""1e-8 without the lengths"""
    sy = s @ y
    if sy <= 1e-8:
        return H.copy()
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H @ left.T + rho * np.outer(s, s)


def bfgs_update__guard_y_only(H, s, y):
    r"""the guard compares with the length of y squared"""
    sy = s @ y
    if sy <= 1e-8 * (y @ y):
        return H.copy()
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H @ left.T + rho * np.outer(s, s)


def bfgs_update__h_in_place(H, s, y):
    r"""writes into the caller's H"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(s, y)
    H[:] = left @ H @ left.T + rho * np.outer(s, s)
    return H


def bfgs_update__rho_of_y(H, s, y):
    r"""rho = 1 / y.y"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / (y @ y)
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H @ left.T + rho * np.outer(s, s)


def bfgs_update__rho_of_s(H, s, y):
    r"""rho = 1 / s.s"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / (s @ s)
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H @ left.T + rho * np.outer(s, s)


def bfgs_update__elementwise(H, s, y):
    r"""s * y for the outer product"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    left = np.eye(len(s)) - rho * (s * y)
    return left @ H @ left.T + rho * np.outer(s, s)


def bfgs_update__one_bracket(H, s, y):
    r"""only the left bracket"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H + rho * np.outer(s, s)


def bfgs_update__rho_missing_at_end(H, s, y):
    r"""s s^T without rho"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H @ left.T + np.outer(s, s)


def bfgs_update__rho_missing_in_bracket(H, s, y):
    r"""the bracket without rho"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    left = np.eye(len(s)) - np.outer(s, y)
    return left @ H @ left.T + rho * np.outer(s, s)


def bfgs_update__guard_resets(H, s, y):
    r"""the guard returns the identity"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return np.eye(len(s))
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H @ left.T + rho * np.outer(s, s)


def bfgs_update__dfp(H, s, y):
    r"""Davidon, Fletcher and Powell's update, which obeys the secant equation too"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    Hy = H @ y
    return H - np.outer(Hy, Hy) / (y @ Hy) + rho * np.outer(s, s)


def bfgs_update__hessian_formula(H, s, y):
    r"""the formula for the Hessian, H s s^T H over s H s"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    Hs = H @ s
    return H - np.outer(Hs, Hs) / (s @ Hs) + rho * np.outer(y, y)


def bfgs_update__multiplied_out_short(H, s, y):
    r"""multiplied out, without the term y H y"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    Hy = H @ y
    return H - rho * (np.outer(s, Hy) + np.outer(Hy, s)) + rho * np.outer(s, s)


def bfgs_update__multiplied_out_rho(H, s, y):
    r"""multiplied out, y H y with rho in place of its square"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    Hy = H @ y
    return H - rho * (np.outer(s, Hy) + np.outer(Hy, s)) + rho * (1 + y @ Hy) * np.outer(s, s)


def bfgs_update__plus_in_bracket(H, s, y):
    r"""I + rho s y^T"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    left = np.eye(len(s)) + rho * np.outer(s, y)
    return left @ H @ left.T + rho * np.outer(s, s)


def bfgs_update__transpose_missing(H, s, y):
    r"""the left bracket on both sides"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H @ left + rho * np.outer(s, s)


def bfgs_update__minus_last_term(H, s, y):
    r"""subtracts the last term"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H @ left.T - rho * np.outer(s, s)


def bfgs_update__guard_upside_down(H, s, y):
    r"""learns only what it should not"""
    sy = s @ y
    if sy > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H @ left.T + rho * np.outer(s, s)


def bfgs_update__negative_flipped(H, s, y):
    r"""turns y round where the curvature is negative"""
    sy = s @ y
    if sy < 0:
        y, sy = -y, -sy
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return H.copy()
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H @ left.T + rho * np.outer(s, s)


def bfgs_update__guard_none(H, s, y):
    r"""the guard returns nothing"""
    sy = s @ y
    if sy <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
        return None
    rho = 1 / sy
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H @ left.T + rho * np.outer(s, s)
