import numpy as np


def max_stable_lr__one_over(H):
    r"""1 / lambda max, the rate that is best in that direction"""
    return float(1 / np.linalg.eigvalsh(H).max())


def max_stable_lr__smallest(H):
    r"""2 / lambda min"""
    return float(2 / np.linalg.eigvalsh(H)[0])


def max_stable_lr__diagonal(H):
    r"""2 / largest diagonal entry"""
    return float(2 / np.max(np.diag(H)))


def max_stable_lr__sum_of_both(H):
    r"""the best rate, 2 / (min + max)"""
    lam = np.linalg.eigvalsh(H)
    return float(2 / (lam[0] + lam[-1]))


def max_stable_lr__trace(H):
    r"""2 / trace"""
    return float(2 / np.trace(H))


def max_stable_lr__frobenius(H):
    r"""2 / norm(H), forgot the 2 in norm(H, 2)"""
    return float(2 / np.linalg.norm(H))


def max_stable_lr__lambda_half(H):
    r"""upside down"""
    return float(np.linalg.eigvalsh(H).max() / 2)


def max_stable_lr__geometric_mean(H):
    r"""n-th root of the determinant"""
    return float(2 / np.linalg.det(H) ** (1 / len(H)))


def max_stable_lr__all_directions(H):
    r"""one rate for each eigenvalue"""
    return 2 / np.linalg.eigvalsh(H)


def max_stable_lr__mean_curvature(H):
    r"""2 over the mean eigenvalue"""
    return float(2 / np.mean(np.linalg.eigvalsh(H)))


def max_stable_lr__difference(H):
    r"""2 / (max - min)"""
    lam = np.linalg.eigvalsh(H)
    with np.errstate(all="ignore"):
        return float(2 / (lam.max() - lam.min()))


def max_stable_lr__eig_first(H):
    r"""first eigenvalue of eig, which is not sorted"""
    return float(2 / np.linalg.eig(H)[0][0])


def max_stable_lr__second_eigenvalue(H):
    r"""eigvalsh(H)[1], written for two dimensions"""
    lam = np.linalg.eigvalsh(H)
    return float(2 / lam[1])


def max_stable_lr__inverse_matrix(H):
    r"""largest entry of the inverse"""
    return float(2 * np.linalg.inv(H).max())


def max_stable_lr__root(H):
    r"""thinks of a singular value squared"""
    return float(2 / np.sqrt(np.linalg.eigvalsh(H).max()))


def max_stable_lr__scan(H):
    r"""tries rates in steps of 0.01 and takes the last stable one"""
    lam = np.linalg.eigvalsh(H)
    last = 0.0
    for lr in np.arange(0.01, 10, 0.01):
        if np.all(np.abs(1 - lr * lam) < 1):
            last = lr
    return float(last)


def max_stable_lr__halved_hessian(H):
    r"""doubles H because of the one half in front"""
    return float(1 / np.linalg.eigvalsh(2 * H).max())


def max_stable_lr__row_sum(H):
    r"""Gershgorin bound instead of the eigenvalue"""
    return float(2 / np.abs(H).sum(axis=1).max())
