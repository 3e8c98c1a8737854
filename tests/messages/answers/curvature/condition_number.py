import numpy as np


def condition_number__signed(H):
    r"""forgot the absolute values"""
    lam = np.linalg.eigvalsh(H)
    return float(lam.max() / lam.min())


def condition_number__ends_of_sorted(H):
    r"""eigvalsh is sorted, so last over first, absolute at the end"""
    lam = np.linalg.eigvalsh(H)
    return float(abs(lam[-1] / lam[0]))


def condition_number__inverted(H):
    r"""smallest over largest"""
    lam = np.abs(np.linalg.eigvalsh(H))
    return float(lam.min() / lam.max())


def condition_number__diagonal(H):
    r"""took the diagonal for the eigenvalues"""
    lam = np.abs(np.diag(H))
    return float(lam.max() / lam.min())


def condition_number__entries(H):
    r"""largest over smallest entry of the matrix"""
    a = np.abs(H)
    with np.errstate(all="ignore"):
        return float(a.max() / a.min())


def condition_number__frobenius(H):
    r"""norm times norm of the inverse with the default norm"""
    return float(np.linalg.norm(H) * np.linalg.norm(np.linalg.inv(H)))


def condition_number__one_norm(H):
    r"""np.linalg.cond with the 1-norm"""
    return float(np.linalg.cond(H, 1))


def condition_number__squared(H):
    r"""eigenvalues of H^T H without the root"""
    lam = np.linalg.eigvalsh(H.T @ H)
    return float(lam.max() / lam.min())


def condition_number__difference(H):
    r"""spread, largest minus smallest"""
    lam = np.abs(np.linalg.eigvalsh(H))
    return float(lam.max() - lam.min())


def condition_number__only_positive(H):
    r"""leaves the negative eigenvalues out"""
    lam = np.linalg.eigvalsh(H)
    lam = lam[lam > 0]
    return float(lam.max() / lam.min())


def condition_number__abs_before(H):
    r"""absolute values of the entries, then eigenvalues"""
    lam = np.linalg.eigvalsh(np.abs(H))
    return float(abs(lam.max() / lam.min()))


def condition_number__eigh_vectors(H):
    r"""eigh returns two things, used the second"""
    lam = np.abs(np.linalg.eigh(H)[1])
    with np.errstate(all="ignore"):
        return float(lam.max() / lam.min())


def condition_number__first_two(H):
    r"""assumes n = 2"""
    lam = np.abs(np.linalg.eigvalsh(H))
    return float(max(lam[0], lam[1]) / min(lam[0], lam[1]))


def condition_number__sorted_abs_key(H):
    r"""unsorted eigenvalues of eig, first and last"""
    lam = np.abs(np.linalg.eig(H)[0])
    return float(lam[0] / lam[-1])


def condition_number__eigenvalues_returned(H):
    r"""returns the two curvatures, not the ratio"""
    lam = np.abs(np.linalg.eigvalsh(H))
    return float(lam.max()), float(lam.min())


def condition_number__integer_division(H):
    r"""// for /"""
    lam = np.abs(np.linalg.eigvalsh(H))
    return float(lam.max() // lam.min())


def condition_number__determinant(H):
    r"""trace over determinant, as remembered for 2 by 2"""
    return float(np.trace(H) ** 2 / np.linalg.det(H))


def condition_number__abs_max_signed_min(H):
    r"""absolute value at one of the two places only"""
    lam = np.linalg.eigvalsh(H)
    return float(np.abs(lam).max() / lam.min())
