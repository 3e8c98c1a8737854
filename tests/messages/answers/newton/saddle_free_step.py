import numpy as np


def saddle_free_step__rows_as_vectors(theta, grad, hessian, floor):
    r"""takes the rows of the basis for the eigenvectors"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.maximum(np.abs(values), floor)
    step = basis.T @ ((basis @ grad) / sizes)
    return theta - step


def saddle_free_step__no_absolute(theta, grad, hessian, floor):
    r"""negative curvatures become the floor"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.maximum(values, floor)
    step = basis @ ((basis.T @ grad) / sizes)
    return theta - step


def saddle_free_step__no_floor(theta, grad, hessian, floor):
    r"""sizes without a floor"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.abs(values)
    step = basis @ ((basis.T @ grad) / sizes)
    return theta - step


def saddle_free_step__floor_added(theta, grad, hessian, floor):
    r"""adds the floor to all sizes"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.abs(values) + floor
    step = basis @ ((basis.T @ grad) / sizes)
    return theta - step


def saddle_free_step__uphill(theta, grad, hessian, floor):
    r"""the step with a plus"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.maximum(np.abs(values), floor)
    step = basis @ ((basis.T @ grad) / sizes)
    return theta + step


def saddle_free_step__absolute_entries(theta, grad, hessian, floor):
    r"""takes |H| entry by entry"""
    return theta - np.linalg.solve(np.abs(hessian), grad)


def saddle_free_step__multiplies(theta, grad, hessian, floor):
    r"""multiplies with the sizes"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.maximum(np.abs(values), floor)
    step = basis @ ((basis.T @ grad) * sizes)
    return theta - step


def saddle_free_step__no_way_back(theta, grad, hessian, floor):
    r"""stays in the basis of eigenvectors"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.maximum(np.abs(values), floor)
    step = (basis.T @ grad) / sizes
    return theta - step


def saddle_free_step__no_way_in(theta, grad, hessian, floor):
    r"""divides the gradient itself, then goes back"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.maximum(np.abs(values), floor)
    step = basis @ ((grad) / sizes)
    return theta - step


def saddle_free_step__sign_kept(theta, grad, hessian, floor):
    r"""floors the sizes but gives the signs back"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.where(values < 0, -1, 1) * np.maximum(np.abs(values), floor)
    step = basis @ ((basis.T @ grad) / sizes)
    return theta - step


def saddle_free_step__floor_is_ceiling(theta, grad, hessian, floor):
    r"""minimum in place of maximum"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.minimum(np.abs(values), floor)
    step = basis @ ((basis.T @ grad) / sizes)
    return theta - step


def saddle_free_step__theta_in_place(theta, grad, hessian, floor):
    r"""theta -= on the caller's array"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.maximum(np.abs(values), floor)
    step = basis @ ((basis.T @ grad) / sizes)
    theta -= step
    return theta


def saddle_free_step__flat_left_out(theta, grad, hessian, floor):
    r"""takes no step where the ground is flatter than the floor"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.maximum(np.abs(values), floor)
    parts = np.where(np.abs(values) < floor, 0.0, (basis.T @ grad) / sizes)
    step = basis @ parts
    return theta - step


def saddle_free_step__square(theta, grad, hessian, floor):
    r"""H^T H without the root"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.maximum(values**2, floor)
    step = basis @ ((basis.T @ grad) / sizes)
    return theta - step


def saddle_free_step__returns_step(theta, grad, hessian, floor):
    r"""returns the step"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.maximum(np.abs(values), floor)
    step = basis @ ((basis.T @ grad) / sizes)
    return -step


def saddle_free_step__inverse_clipped(theta, grad, hessian, floor):
    r"""floors the inverse in place of the size"""
    values, basis = np.linalg.eigh(hessian)
    with np.errstate(divide="ignore"):
        factors = np.minimum(1 / np.abs(values), floor)
    return theta - basis @ (factors * (basis.T @ grad))


def saddle_free_step__diagonal(theta, grad, hessian, floor):
    r"""reads the curvatures off the diagonal"""
    return theta - grad / np.maximum(np.abs(np.diag(hessian)), floor)


def saddle_free_step__transpose_lost(theta, grad, hessian, floor):
    r"""forgot the transpose on the way in"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.maximum(np.abs(values), floor)
    step = basis @ ((basis @ grad) / sizes)
    return theta - step


def saddle_free_step__relative_floor(theta, grad, hessian, floor):
    r"""the floor as a share of the largest size"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.maximum(np.abs(values), floor * np.abs(values).max())
    step = basis @ ((basis.T @ grad) / sizes)
    return theta - step


def saddle_free_step__svd_signs(theta, grad, hessian, floor):
    r"""the SVD keeps the signs in its two sides"""
    U, sizes, Vt = np.linalg.svd(hessian)
    return theta - Vt.T @ ((U.T @ grad) / np.maximum(sizes, floor))


def saddle_free_step__floor_if_negative(theta, grad, hessian, floor):
    r"""negative curvatures get the floor, small positive ones stay"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.where(values <= 0, floor, values)
    step = basis @ ((basis.T @ grad) / sizes)
    return theta - step


def saddle_free_step__smallest_for_all(theta, grad, hessian, floor):
    r"""one size for all: the smallest"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.maximum(np.abs(values), floor)
    step = basis @ ((basis.T @ grad) / sizes.min())
    return theta - step


def saddle_free_step__floor_before_and_abs_of_flat(theta, grad, hessian, floor):
    r"""the floor only where the curvature is exactly 0"""
    values, basis = np.linalg.eigh(hessian)
    sizes = np.where(values == 0, floor, np.abs(values))
    step = basis @ ((basis.T @ grad) / sizes)
    return theta - step
