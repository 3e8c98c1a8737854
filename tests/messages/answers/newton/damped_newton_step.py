import numpy as np


def damped_newton_step__negative_damping(theta, grad, hessian, margin):
    r"""forgot that the damping is not below 0"""
    lowest = np.linalg.eigvalsh(hessian)[0]
    damping = float(margin - lowest)
    new = theta - np.linalg.solve(hessian + damping * np.eye(len(theta)), grad)
    return new, damping


def damped_newton_step__margin_always(theta, grad, hessian, margin):
    r"""adds the margin also where nothing is lacking"""
    lowest = np.linalg.eigvalsh(hessian)[0]
    damping = max(0.0, -float(lowest)) + margin
    new = theta - np.linalg.solve(hessian + damping * np.eye(len(theta)), grad)
    return new, damping


def damped_newton_step__margin_forgotten(theta, grad, hessian, margin):
    r"""lifts to 0 only"""
    lowest = np.linalg.eigvalsh(hessian)[0]
    damping = max(0.0, -float(lowest))
    new = theta - np.linalg.solve(hessian + damping * np.eye(len(theta)), grad)
    return new, damping


def damped_newton_step__absolute_lowest(theta, grad, hessian, margin):
    r"""|h_min| + margin, for positive curvatures too"""
    lowest = np.linalg.eigvalsh(hessian)[0]
    damping = abs(float(lowest)) + margin
    new = theta - np.linalg.solve(hessian + damping * np.eye(len(theta)), grad)
    return new, damping


def damped_newton_step__margin_as_damping(theta, grad, hessian, margin):
    r"""the damping is the margin itself"""
    lowest = np.linalg.eigvalsh(hessian)[0]
    damping = margin if lowest < margin else 0.0
    new = theta - np.linalg.solve(hessian + damping * np.eye(len(theta)), grad)
    return new, damping


def damped_newton_step__smallest_size(theta, grad, hessian, margin):
    r"""takes the curvature of the smallest size for the lowest one"""
    lowest = np.abs(np.linalg.eigvalsh(hessian)).min()
    damping = max(0.0, float(margin - lowest))
    new = theta - np.linalg.solve(hessian + damping * np.eye(len(theta)), grad)
    return new, damping


def damped_newton_step__largest(theta, grad, hessian, margin):
    r"""takes the last eigenvalue"""
    lowest = np.linalg.eigvalsh(hessian)[-1]
    damping = max(0.0, float(margin - lowest))
    new = theta - np.linalg.solve(hessian + damping * np.eye(len(theta)), grad)
    return new, damping


def damped_newton_step__clipped(theta, grad, hessian, margin):
    r"""lifts only the curvatures below the margin"""
    values, basis = np.linalg.eigh(hessian)
    damping = max(0.0, float(margin - values[0]))
    return theta - basis @ ((basis.T @ grad) / np.maximum(values, margin)), damping


def damped_newton_step__on_every_entry(theta, grad, hessian, margin):
    r"""adds the number to all entries of the matrix"""
    lowest = np.linalg.eigvalsh(hessian)[0]
    damping = max(0.0, float(margin - lowest))
    new = theta - np.linalg.solve(hessian + damping, grad)
    return new, damping


def damped_newton_step__uphill(theta, grad, hessian, margin):
    r"""the step with a plus"""
    lowest = np.linalg.eigvalsh(hessian)[0]
    damping = max(0.0, float(margin - lowest))
    new = theta + np.linalg.solve(hessian + damping * np.eye(len(theta)), grad)
    return new, damping


def damped_newton_step__swapped(theta, grad, hessian, margin):
    r"""the damping first"""
    lowest = np.linalg.eigvalsh(hessian)[0]
    damping = max(0.0, float(margin - lowest))
    new = theta - np.linalg.solve(hessian + damping * np.eye(len(theta)), grad)
    return damping, new


def damped_newton_step__only_if_negative(theta, grad, hessian, margin):
    r"""damps only where a curvature is negative"""
    lowest = np.linalg.eigvalsh(hessian)[0]
    damping = float(margin - lowest) if lowest < 0 else 0.0
    new = theta - np.linalg.solve(hessian + damping * np.eye(len(theta)), grad)
    return new, damping


def damped_newton_step__lowest_diagonal(theta, grad, hessian, margin):
    r"""takes the lowest entry of the diagonal for the lowest eigenvalue"""
    lowest = np.diag(hessian).min()
    damping = max(0.0, float(margin - lowest))
    new = theta - np.linalg.solve(hessian + damping * np.eye(len(theta)), grad)
    return new, damping


def damped_newton_step__tries_until_cholesky(theta, grad, hessian, margin):
    r"""raises the damping by margins until Cholesky works"""
    damping = 0.0
    while True:
        try:
            np.linalg.cholesky(hessian + damping * np.eye(len(theta)))
            break
        except np.linalg.LinAlgError:
            damping += margin
    return theta - np.linalg.solve(hessian + damping * np.eye(len(theta)), grad), damping


def damped_newton_step__hessian_in_place(theta, grad, hessian, margin):
    r"""adds the damping on the caller's matrix"""
    lowest = np.linalg.eigvalsh(hessian)[0]
    damping = max(0.0, float(margin - lowest))
    hessian[np.diag_indices(len(theta))] += damping
    new = theta - np.linalg.solve(hessian, grad)
    return new, damping


def damped_newton_step__theta_in_place(theta, grad, hessian, margin):
    r"""theta -= on the caller's array"""
    lowest = np.linalg.eigvalsh(hessian)[0]
    damping = max(0.0, float(margin - lowest))
    new = theta
    new -= np.linalg.solve(hessian + damping * np.eye(len(theta)), grad)
    return new, damping


def damped_newton_step__unsorted_eigvals(theta, grad, hessian, margin):
    r"""the first of np.linalg.eigvals, which does not sort"""
    lowest = np.linalg.eigvals(hessian)[0].real
    damping = max(0.0, float(margin - lowest))
    new = theta - np.linalg.solve(hessian + damping * np.eye(len(theta)), grad)
    return new, damping


def damped_newton_step__not_used(theta, grad, hessian, margin):
    r"""computes the damping and takes the bare step"""
    lowest = np.linalg.eigvalsh(hessian)[0]
    damping = max(0.0, float(margin - lowest))
    new = theta - np.linalg.solve(hessian, grad)
    return new, damping


def damped_newton_step__only_theta(theta, grad, hessian, margin):
    r"""forgot to return the damping"""
    lowest = np.linalg.eigvalsh(hessian)[0]
    damping = max(0.0, float(margin - lowest))
    new = theta - np.linalg.solve(hessian + damping * np.eye(len(theta)), grad)
    return new


def damped_newton_step__gershgorin(theta, grad, hessian, margin):
    r"""a bound by row sums in place of the eigenvalue: not the smallest damping"""
    lowest = min(hessian[i, i] - (np.abs(hessian[i]).sum() - abs(hessian[i, i])) for i in range(len(theta)))
    damping = max(0.0, float(margin - lowest))
    new = theta - np.linalg.solve(hessian + damping * np.eye(len(theta)), grad)
    return new, damping


def damped_newton_step__margin_subtracted(theta, grad, hessian, margin):
    r"""lifts to minus the margin"""
    lowest = np.linalg.eigvalsh(hessian)[0]
    damping = max(0.0, float(-margin - lowest))
    new = theta - np.linalg.solve(hessian + damping * np.eye(len(theta)), grad)
    return new, damping


def damped_newton_step__sign_of_lowest(theta, grad, hessian, margin):
    r"""margin + h_min"""
    lowest = np.linalg.eigvalsh(hessian)[0]
    damping = max(0.0, float(margin + lowest))
    new = theta - np.linalg.solve(hessian + damping * np.eye(len(theta)), grad)
    return new, damping


def damped_newton_step__diagonal_step(theta, grad, hessian, margin):
    r"""right damping, but divides by the diagonal only"""
    lowest = np.linalg.eigvalsh(hessian)[0]
    damping = max(0.0, float(margin - lowest))
    new = theta - grad / (np.diag(hessian) + damping)
    return new, damping


def damped_newton_step__times_margin(theta, grad, hessian, margin):
    r"""scales the step by the margin"""
    lowest = np.linalg.eigvalsh(hessian)[0]
    damping = max(0.0, float(margin - lowest))
    new = theta - margin * np.linalg.solve(hessian + damping * np.eye(len(theta)), grad)
    return new, damping
