import numpy as np


def concave_share__axes_only(losses):
    r"""looks at a and c, not at the mixed part"""
    J = losses
    a = J[2:, 1:-1] - 2 * J[1:-1, 1:-1] + J[:-2, 1:-1]
    c = J[1:-1, 2:] - 2 * J[1:-1, 1:-1] + J[1:-1, :-2]
    return float(np.mean((a < 0) | (c < 0)))


def concave_share__larger_eigenvalue(losses):
    r"""plus in front of the root"""
    J = losses
    a = J[2:, 1:-1] - 2 * J[1:-1, 1:-1] + J[:-2, 1:-1]
    c = J[1:-1, 2:] - 2 * J[1:-1, 1:-1] + J[1:-1, :-2]
    b = (J[2:, 2:] - J[2:, :-2] - J[:-2, 2:] + J[:-2, :-2]) / 4
    return float(np.mean((a + c) / 2 + np.sqrt(((a - c) / 2) ** 2 + b**2) < 0))


def concave_share__no_quarter(losses):
    r"""forgot the 1/4"""
    J = losses
    a = J[2:, 1:-1] - 2 * J[1:-1, 1:-1] + J[:-2, 1:-1]
    c = J[1:-1, 2:] - 2 * J[1:-1, 1:-1] + J[1:-1, :-2]
    b = J[2:, 2:] - J[2:, :-2] - J[:-2, 2:] + J[:-2, :-2]
    return float(np.mean((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2) < 0))


def concave_share__less_or_equal(losses):
    r"""<= 0, so a plane counts"""
    J = losses
    a = J[2:, 1:-1] - 2 * J[1:-1, 1:-1] + J[:-2, 1:-1]
    c = J[1:-1, 2:] - 2 * J[1:-1, 1:-1] + J[1:-1, :-2]
    b = (J[2:, 2:] - J[2:, :-2] - J[:-2, 2:] + J[:-2, :-2]) / 4
    return float(np.mean((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2) <= 0))


def concave_share__divided_by_all(losses):
    r"""divides by the number of all points"""
    J = losses
    a = J[2:, 1:-1] - 2 * J[1:-1, 1:-1] + J[:-2, 1:-1]
    c = J[1:-1, 2:] - 2 * J[1:-1, 1:-1] + J[1:-1, :-2]
    b = (J[2:, 2:] - J[2:, :-2] - J[:-2, 2:] + J[:-2, :-2]) / 4
    return float(np.sum((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2) < 0) / J.size)


def concave_share__convex_share(losses):
    r"""the share of the convex points"""
    J = losses
    a = J[2:, 1:-1] - 2 * J[1:-1, 1:-1] + J[:-2, 1:-1]
    c = J[1:-1, 2:] - 2 * J[1:-1, 1:-1] + J[1:-1, :-2]
    b = (J[2:, 2:] - J[2:, :-2] - J[:-2, 2:] + J[:-2, :-2]) / 4
    return float(np.mean((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2) >= 0))


def concave_share__determinant(losses):
    r"""negative determinant, so hills are not counted"""
    J = losses
    a = J[2:, 1:-1] - 2 * J[1:-1, 1:-1] + J[:-2, 1:-1]
    c = J[1:-1, 2:] - 2 * J[1:-1, 1:-1] + J[1:-1, :-2]
    b = (J[2:, 2:] - J[2:, :-2] - J[:-2, 2:] + J[:-2, :-2]) / 4
    return float(np.mean(a * c - b**2 < 0))


def concave_share__trace(losses):
    r"""laplacian below zero"""
    J = losses
    a = J[2:, 1:-1] - 2 * J[1:-1, 1:-1] + J[:-2, 1:-1]
    c = J[1:-1, 2:] - 2 * J[1:-1, 1:-1] + J[1:-1, :-2]
    return float(np.mean(a + c < 0))


def concave_share__b_not_squared(losses):
    r"""b under the root without its square"""
    J = losses
    a = J[2:, 1:-1] - 2 * J[1:-1, 1:-1] + J[:-2, 1:-1]
    c = J[1:-1, 2:] - 2 * J[1:-1, 1:-1] + J[1:-1, :-2]
    b = (J[2:, 2:] - J[2:, :-2] - J[:-2, 2:] + J[:-2, :-2]) / 4
    with np.errstate(all="ignore"):
        return float(np.mean((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b) < 0))


def concave_share__count(losses):
    r"""the number of points, not the share"""
    J = losses
    a = J[2:, 1:-1] - 2 * J[1:-1, 1:-1] + J[:-2, 1:-1]
    c = J[1:-1, 2:] - 2 * J[1:-1, 1:-1] + J[1:-1, :-2]
    b = (J[2:, 2:] - J[2:, :-2] - J[:-2, 2:] + J[:-2, :-2]) / 4
    return float(np.sum((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2) < 0))


def concave_share__no_factor_two(losses):
    r"""centre subtracted once"""
    J = losses
    a = J[2:, 1:-1] - J[1:-1, 1:-1] + J[:-2, 1:-1]
    c = J[1:-1, 2:] - J[1:-1, 1:-1] + J[1:-1, :-2]
    b = (J[2:, 2:] - J[2:, :-2] - J[:-2, 2:] + J[:-2, :-2]) / 4
    return float(np.mean((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2) < 0))


def concave_share__b_signs(losses):
    r"""all plus in the mixed part but the last"""
    J = losses
    a = J[2:, 1:-1] - 2 * J[1:-1, 1:-1] + J[:-2, 1:-1]
    c = J[1:-1, 2:] - 2 * J[1:-1, 1:-1] + J[1:-1, :-2]
    b = (J[2:, 2:] + J[2:, :-2] - J[:-2, 2:] - J[:-2, :-2]) / 4
    return float(np.mean((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2) < 0))


def concave_share__square_loop(losses):
    r"""range(1, n - 1) with n the number of rows for both"""
    J = losses
    n, count = len(J), 0
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            a = J[i + 1, j] - 2 * J[i, j] + J[i - 1, j]
            c = J[i, j + 1] - 2 * J[i, j] + J[i, j - 1]
            b = (J[i + 1, j + 1] - J[i + 1, j - 1] - J[i - 1, j + 1] + J[i - 1, j - 1]) / 4
            count += (a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2) < 0
    return float(count / (n - 2) ** 2)


def concave_share__floor_quarter(losses):
    r"""// 4 in b"""
    J = losses
    a = J[2:, 1:-1] - 2 * J[1:-1, 1:-1] + J[:-2, 1:-1]
    c = J[1:-1, 2:] - 2 * J[1:-1, 1:-1] + J[1:-1, :-2]
    b = (J[2:, 2:] - J[2:, :-2] - J[:-2, 2:] + J[:-2, :-2]) // 4
    return float(np.mean((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2) < 0))


def concave_share__np_roll(losses):
    r"""np.roll goes round the border, border counted"""
    J = losses
    up, down = np.roll(J, -1, 0), np.roll(J, 1, 0)
    a = up - 2 * J + down
    c = np.roll(J, -1, 1) - 2 * J + np.roll(J, 1, 1)
    b = (np.roll(up, -1, 1) - np.roll(up, 1, 1) - np.roll(down, -1, 1) + np.roll(down, 1, 1)) / 4
    return float(np.mean((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2) < 0))


def concave_share__np_gradient(losses):
    r"""np.gradient twice, which uses a wider stencil and the border"""
    gi, gj = np.gradient(np.asarray(losses, dtype=float))
    a, b = np.gradient(gi)
    c = np.gradient(gj)[1]
    return float(np.mean((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2) < 0))


def concave_share__percent(losses):
    r"""returns percent"""
    J = losses
    a = J[2:, 1:-1] - 2 * J[1:-1, 1:-1] + J[:-2, 1:-1]
    c = J[1:-1, 2:] - 2 * J[1:-1, 1:-1] + J[1:-1, :-2]
    b = (J[2:, 2:] - J[2:, :-2] - J[:-2, 2:] + J[:-2, :-2]) / 4
    return 100 * float(np.mean((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2) < 0))


def concave_share__sum_in_root(losses):
    r"""a + c below the root as well"""
    J = losses
    a = J[2:, 1:-1] - 2 * J[1:-1, 1:-1] + J[:-2, 1:-1]
    c = J[1:-1, 2:] - 2 * J[1:-1, 1:-1] + J[1:-1, :-2]
    b = (J[2:, 2:] - J[2:, :-2] - J[:-2, 2:] + J[:-2, :-2]) / 4
    return float(np.mean((a + c) / 2 - np.sqrt(((a + c) / 2) ** 2 + b**2) < 0))


def concave_share__c_copied(losses):
    r"""copied a and forgot to turn the axes"""
    J = losses
    a = J[2:, 1:-1] - 2 * J[1:-1, 1:-1] + J[:-2, 1:-1]
    c = J[2:, 1:-1] - 2 * J[1:-1, 1:-1] + J[:-2, 1:-1]
    b = (J[2:, 2:] - J[2:, :-2] - J[:-2, 2:] + J[:-2, :-2]) / 4
    return float(np.mean((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2) < 0))


def concave_share__one_row_missing(losses):
    r"""slices that end one too early"""
    J = losses
    a = J[2:-1, 1:-2] - 2 * J[1:-2, 1:-2] + J[:-3, 1:-2]
    c = J[1:-2, 2:-1] - 2 * J[1:-2, 1:-2] + J[1:-2, :-3]
    b = (J[2:-1, 2:-1] - J[2:-1, :-3] - J[:-3, 2:-1] + J[:-3, :-3]) / 4
    return float(np.mean((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2) < 0))


def concave_share__unsigned(losses):
    r"""small unsigned integers to save memory"""
    J = np.asarray(losses).astype(np.uint8)
    a = J[2:, 1:-1] - 2 * J[1:-1, 1:-1] + J[:-2, 1:-1]
    c = J[1:-1, 2:] - 2 * J[1:-1, 1:-1] + J[1:-1, :-2]
    b = (J[2:, 2:] - J[2:, :-2] - J[:-2, 2:] + J[:-2, :-2]) / 4
    a, c = a.astype(float), c.astype(float)
    return float(np.mean((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2) < 0))


def concave_share__two_slips(losses):
    r"""no quarter and <= 0"""
    J = losses
    a = J[2:, 1:-1] - 2 * J[1:-1, 1:-1] + J[:-2, 1:-1]
    c = J[1:-1, 2:] - 2 * J[1:-1, 1:-1] + J[1:-1, :-2]
    b = J[2:, 2:] - J[2:, :-2] - J[:-2, 2:] + J[:-2, :-2]
    return float(np.mean((a + c) / 2 <= np.sqrt(((a - c) / 2) ** 2 + b**2)))
