import numpy as np


def classify_critical_point__diagonal(H, tol):
    r"""looks along the axes only, as on the slide"""
    lam = np.diag(H)
    if (lam > tol).all():
        return "minimum"
    if (lam < -tol).all():
        return "maximum"
    if (lam > tol).any() and (lam < -tol).any():
        return "saddle"
    return "degenerate"


def classify_critical_point__degenerate_first(H, tol):
    r"""any zero eigenvalue makes it degenerate, before the saddle"""
    lam = np.linalg.eigvalsh(H)
    if (np.abs(lam) <= tol).any():
        return "degenerate"
    if (lam > 0).all():
        return "minimum"
    if (lam < 0).all():
        return "maximum"
    return "saddle"


def classify_critical_point__tol_ignored(H, tol):
    r"""compares with zero"""
    lam = np.linalg.eigvalsh(H)
    if (lam > 0).all():
        return "minimum"
    if (lam < 0).all():
        return "maximum"
    if (lam > 0).any() and (lam < 0).any():
        return "saddle"
    return "degenerate"


def classify_critical_point__min_max_swapped(H, tol):
    r"""positive curvature taken for a maximum"""
    lam = np.linalg.eigvalsh(H)
    if (lam > tol).all():
        return "maximum"
    if (lam < -tol).all():
        return "minimum"
    if (lam > tol).any() and (lam < -tol).any():
        return "saddle"
    return "degenerate"


def classify_critical_point__no_degenerate(H, tol):
    r"""everything else is a saddle"""
    lam = np.linalg.eigvalsh(H)
    if (lam > tol).all():
        return "minimum"
    if (lam < -tol).all():
        return "maximum"
    return "saddle"


def classify_critical_point__semidefinite_minimum(H, tol):
    r"""no negative eigenvalue is called a minimum"""
    lam = np.linalg.eigvalsh(H)
    up, down = (lam > tol).any(), (lam < -tol).any()
    if up and down:
        return "saddle"
    if up:
        return "minimum"
    if down:
        return "maximum"
    return "degenerate"


def classify_critical_point__any_for_all(H, tol):
    r"""any in the first test"""
    lam = np.linalg.eigvalsh(H)
    if (lam > tol).any():
        return "minimum"
    if (lam < -tol).any():
        return "maximum"
    if (lam > tol).any() and (lam < -tol).any():
        return "saddle"
    return "degenerate"


def classify_critical_point__determinant(H, tol):
    r"""second derivative test by the determinant"""
    det = np.linalg.det(H)
    if abs(det) <= tol:
        return "degenerate"
    if det < 0:
        return "saddle"
    return "minimum" if H[0, 0] > 0 else "maximum"


def classify_critical_point__cholesky(H, tol):
    r"""tries the Cholesky factors, and the determinant for the rest"""
    for name, matrix in (("minimum", H), ("maximum", -H)):
        try:
            np.linalg.cholesky(matrix)
            return name
        except np.linalg.LinAlgError:
            pass
    return "degenerate" if abs(np.linalg.det(H)) <= tol else "saddle"


def classify_critical_point__capital_letters(H, tol):
    r"""returns "Minimum" and so on"""
    lam = np.linalg.eigvalsh(H)
    if (lam > tol).all():
        return "Minimum"
    if (lam < -tol).all():
        return "Maximum"
    if (lam > tol).any() and (lam < -tol).any():
        return "Saddle"
    return "Degenerate"


def classify_critical_point__relative_tol(H, tol):
    r"""tol times the largest eigenvalue"""
    lam = np.linalg.eigvalsh(H)
    tol = tol * np.abs(lam).max()
    if (lam > tol).all():
        return "minimum"
    if (lam < -tol).all():
        return "maximum"
    if (lam > tol).any() and (lam < -tol).any():
        return "saddle"
    return "degenerate"


def classify_critical_point__majority(H, tol):
    r"""the more frequent sign decides"""
    lam = np.linalg.eigvalsh(H)
    pos, neg = int((lam > tol).sum()), int((lam < -tol).sum())
    if pos > neg:
        return "minimum"
    if neg > pos:
        return "maximum"
    return "saddle" if pos else "degenerate"


def classify_critical_point__first_and_last_signs(H, tol):
    r"""product of the first and last eigenvalue"""
    lam = np.linalg.eigvalsh(H)
    product = lam[0] * lam[-1]
    if product < -tol:
        return "saddle"
    if product > tol:
        return "minimum" if lam[0] > 0 else "maximum"
    return "degenerate"


def classify_critical_point__none_for_maximum(H, tol):
    r"""forgot the maximum, returns None"""
    lam = np.linalg.eigvalsh(H)
    if (lam > tol).all():
        return "minimum"
    if (lam > tol).any() and (lam < -tol).any():
        return "saddle"
    if (np.abs(lam) <= tol).any():
        return "degenerate"


def classify_critical_point__rounded(H, tol):
    r"""rounds the eigenvalues to whole numbers first"""
    lam = np.round(np.linalg.eigvalsh(H))
    if (lam > 0).all():
        return "minimum"
    if (lam < 0).all():
        return "maximum"
    if (lam > 0).any() and (lam < 0).any():
        return "saddle"
    return "degenerate"


def classify_critical_point__entries(H, tol):
    r"""tests the entries of H, not the eigenvalues"""
    if np.all(H > tol):
        return "minimum"
    if np.all(H < -tol):
        return "maximum"
    if np.any(H > tol) and np.any(H < -tol):
        return "saddle"
    return "degenerate"


def classify_critical_point__minus_tol_forgotten(H, tol):
    r"""lam < tol for the negative ones"""
    lam = np.linalg.eigvalsh(H)
    if (lam > tol).all():
        return "minimum"
    if (lam < tol).all():
        return "maximum"
    if (lam > tol).any() and (lam < tol).any():
        return "saddle"
    return "degenerate"


def classify_critical_point__typo(H, tol):
    r"""misspelt the word saddle"""
    lam = np.linalg.eigvalsh(H)
    if (lam > tol).all():
        return "minimum"
    if (lam < -tol).all():
        return "maximum"
    if (lam > tol).any() and (lam < -tol).any():
        return "sadle"
    return "degenerate"


def classify_critical_point__tol_on_both_sides(H, tol):
    r"""counts an eigenvalue at -tol/10 as negative, tolerance for the positive side only"""
    lam = np.linalg.eigvalsh(H)
    if (lam > tol).all():
        return "minimum"
    if (lam < 0).all():
        return "maximum"
    if (lam > tol).any() and (lam < 0).any():
        return "saddle"
    return "degenerate"


def classify_critical_point__truth_of_array(H, tol):
    r"""if lam > tol without any or all"""
    lam = np.linalg.eigvalsh(H)
    if lam > tol:
        return "minimum"
    if lam < -tol:
        return "maximum"
    return "saddle"
