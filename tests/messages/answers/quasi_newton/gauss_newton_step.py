import numpy as np


def gauss_newton_step__uphill(theta, residuals, jacobian, damping):
    r"""the step with a plus"""
    matrix = jacobian.T @ jacobian + damping * np.eye(len(theta))
    return theta + np.linalg.solve(matrix, jacobian.T @ residuals)


def gauss_newton_step__wrong_side(theta, residuals, jacobian, damping):
    r"""J J^T in place of J^T J"""
    matrix = jacobian @ jacobian.T + damping * np.eye(len(residuals))
    return theta - np.linalg.solve(matrix, jacobian @ residuals)


def gauss_newton_step__on_every_entry(theta, residuals, jacobian, damping):
    r"""adds the damping to all entries"""
    matrix = jacobian.T @ jacobian + damping
    return theta - np.linalg.solve(matrix, jacobian.T @ residuals)


def gauss_newton_step__marquardt(theta, residuals, jacobian, damping):
    r"""Marquardt's damping by the diagonal of J^T J"""
    matrix = jacobian.T @ jacobian + damping * np.diag(np.diag(jacobian.T @ jacobian))
    return theta - np.linalg.solve(matrix, jacobian.T @ residuals)


def gauss_newton_step__gradient_twice(theta, residuals, jacobian, damping):
    r"""2 J^T r, the gradient without the half"""
    matrix = jacobian.T @ jacobian + damping * np.eye(len(theta))
    return theta - np.linalg.solve(matrix, 2 * jacobian.T @ residuals)


def gauss_newton_step__no_damping(theta, residuals, jacobian, damping):
    r"""forgot the damping"""
    matrix = jacobian.T @ jacobian
    return theta - np.linalg.solve(matrix, jacobian.T @ residuals)


def gauss_newton_step__mean_of_squares(theta, residuals, jacobian, damping):
    r"""divides J^T J and J^T r by N, and not the damping"""
    matrix = jacobian.T @ jacobian / len(residuals) + damping * np.eye(len(theta))
    return theta - np.linalg.solve(matrix, jacobian.T @ residuals / len(residuals))


def gauss_newton_step__jacobian_not_transposed(theta, residuals, jacobian, damping):
    r"""J r, which fits a square Jacobian only"""
    matrix = jacobian.T @ jacobian + damping * np.eye(len(theta))
    return theta - np.linalg.solve(matrix, jacobian @ residuals)


def gauss_newton_step__diagonal_only(theta, residuals, jacobian, damping):
    r"""inverts the diagonal only"""
    return theta - (jacobian.T @ residuals) / (np.sum(jacobian**2, axis=0) + damping)


def gauss_newton_step__damping_squared(theta, residuals, jacobian, damping):
    r"""lambda squared on the diagonal, as in stacked least squares"""
    stacked = np.vstack([jacobian, damping * np.eye(len(theta))])
    right = np.concatenate([residuals, np.zeros(len(theta))])
    return theta - np.linalg.lstsq(stacked, right, rcond=None)[0]


def gauss_newton_step__root_of_damping(theta, residuals, jacobian, damping):
    r"""the root of lambda on the diagonal"""
    matrix = jacobian.T @ jacobian + np.sqrt(damping) * np.eye(len(theta))
    return theta - np.linalg.solve(matrix, jacobian.T @ residuals)


def gauss_newton_step__theta_in_place(theta, residuals, jacobian, damping):
    r"""theta -= on the caller's array"""
    matrix = jacobian.T @ jacobian + damping * np.eye(len(theta))
    theta -= np.linalg.solve(matrix, jacobian.T @ residuals)
    return theta


def gauss_newton_step__returns_step(theta, residuals, jacobian, damping):
    r"""returns the step"""
    matrix = jacobian.T @ jacobian + damping * np.eye(len(theta))
    return -np.linalg.solve(matrix, jacobian.T @ residuals)


def gauss_newton_step__lstsq(theta, residuals, jacobian, damping):
    r"""plain least squares, which knows no damping"""
    return theta - np.linalg.lstsq(jacobian, residuals, rcond=None)[0]


def gauss_newton_step__ridge_gradient(theta, residuals, jacobian, damping):
    r"""adds lambda theta to the gradient too"""
    matrix = jacobian.T @ jacobian + damping * np.eye(len(theta))
    return theta - np.linalg.solve(matrix, jacobian.T @ residuals + damping * theta)


def gauss_newton_step__weight_decay(theta, residuals, jacobian, damping):
    r"""lambda pulls theta to 0 in place of damping"""
    return theta - np.linalg.solve(jacobian.T @ jacobian, jacobian.T @ residuals) - damping * theta


def gauss_newton_step__damped_after(theta, residuals, jacobian, damping):
    r"""divides the undamped step by 1 + lambda"""
    return theta - np.linalg.solve(jacobian.T @ jacobian, jacobian.T @ residuals) / (1 + damping)


def gauss_newton_step__multiplies(theta, residuals, jacobian, damping):
    r"""multiplies with the matrix in place of solving"""
    matrix = jacobian.T @ jacobian + damping * np.eye(len(theta))
    return theta - matrix @ (jacobian.T @ residuals)


def gauss_newton_step__damping_as_rate(theta, residuals, jacobian, damping):
    r"""lambda is the learning rate"""
    return theta - damping * np.linalg.solve(jacobian.T @ jacobian, jacobian.T @ residuals)


def gauss_newton_step__gradient_descent(theta, residuals, jacobian, damping):
    r"""the gradient over lambda"""
    return theta - jacobian.T @ residuals / max(damping, 1e-12)


def gauss_newton_step__jacobian_in_place(theta, residuals, jacobian, damping):
    r"""adds the damping on the Jacobian's own diagonal"""
    n = min(jacobian.shape)
    jacobian[np.arange(n), np.arange(n)] += damping
    return theta - np.linalg.solve(jacobian.T @ jacobian, jacobian.T @ residuals)


def gauss_newton_step__damping_minus(theta, residuals, jacobian, damping):
    r"""subtracts the damping"""
    matrix = jacobian.T @ jacobian - damping * np.eye(len(theta))
    return theta - np.linalg.solve(matrix, jacobian.T @ residuals)


def gauss_newton_step__outer_of_gradient(theta, residuals, jacobian, damping):
    r"""g g^T in place of J^T J"""
    gradient = jacobian.T @ residuals
    return theta - np.linalg.solve(np.outer(gradient, gradient) + damping * np.eye(len(theta)), gradient)
