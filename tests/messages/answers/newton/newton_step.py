import numpy as np


def newton_step__uphill(theta, grad, hessian):
    r"""the step with a plus"""
    p = np.linalg.solve(hessian, grad)
    change = grad @ p + 0.5 * p @ hessian @ p
    return theta + p, float(change)


def newton_step__no_half(theta, grad, hessian):
    r"""forgot the half in the model"""
    p = -np.linalg.solve(hessian, grad)
    change = grad @ p + p @ hessian @ p
    return theta + p, float(change)


def newton_step__linear_promise(theta, grad, hessian):
    r"""promises the slope only"""
    p = -np.linalg.solve(hessian, grad)
    change = grad @ p
    return theta + p, float(change)


def newton_step__size_of_fall(theta, grad, hessian):
    r"""returns the fall as a positive number"""
    p = -np.linalg.solve(hessian, grad)
    change = grad @ p + 0.5 * p @ hessian @ p
    return theta + p, float(-change)


def newton_step__always_a_fall(theta, grad, hessian):
    r"""sure that Newton always falls: minus the absolute value"""
    p = -np.linalg.solve(hessian, grad)
    change = grad @ p + 0.5 * p @ hessian @ p
    return theta + p, -abs(float(change))


def newton_step__diagonal_only(theta, grad, hessian):
    r"""divides entry by entry by the diagonal"""
    p = -grad / np.diag(hessian)
    change = grad @ p + 0.5 * p @ hessian @ p
    return theta + p, float(change)


def newton_step__times_hessian(theta, grad, hessian):
    r"""multiplies with H in place of solving"""
    p = -hessian @ grad
    change = grad @ p + 0.5 * p @ hessian @ p
    return theta + p, float(change)


def newton_step__theta_in_place(theta, grad, hessian):
    r"""theta += p on the caller's array"""
    p = -np.linalg.solve(hessian, grad)
    change = grad @ p + 0.5 * p @ hessian @ p
    theta += p
    return theta, float(change)


def newton_step__swapped(theta, grad, hessian):
    r"""the change first"""
    p = -np.linalg.solve(hessian, grad)
    change = grad @ p + 0.5 * p @ hessian @ p
    return float(change), theta + p


def newton_step__returns_step(theta, grad, hessian):
    r"""returns p, not theta + p"""
    p = -np.linalg.solve(hessian, grad)
    change = grad @ p + 0.5 * p @ hessian @ p
    return p, float(change)


def newton_step__length_squared(theta, grad, hessian):
    r"""the second term is half of the squared length of p"""
    p = -np.linalg.solve(hessian, grad)
    change = grad @ p + 0.5 * p @ p
    return theta + p, float(change)


def newton_step__positive_p_in_model(theta, grad, hessian):
    r"""p = H^-1 g is subtracted, and put in the model with its plus"""
    p = np.linalg.solve(hessian, grad)
    return theta - p, float(grad @ p + 0.5 * p @ hessian @ p)


def newton_step__cholesky(theta, grad, hessian):
    r"""solves by Cholesky, which crashes for curvatures of both signs"""
    L = np.linalg.cholesky(hessian)
    p = -np.linalg.solve(L.T, np.linalg.solve(L, grad))
    return theta + p, float(grad @ p + 0.5 * p @ hessian @ p)


def newton_step__sizes_of_curvatures(theta, grad, hessian):
    r"""takes the sizes of the curvatures already here"""
    values, basis = np.linalg.eigh(hessian)
    p = -basis @ ((basis.T @ grad) / np.abs(values))
    return theta + p, float(grad @ p + 0.5 * p @ hessian @ p)


def newton_step__ridge_for_safety(theta, grad, hessian):
    r"""adds a little identity so that it can be inverted"""
    p = -np.linalg.solve(hessian + 1e-2 * np.eye(len(grad)), grad)
    change = grad @ p + 0.5 * p @ hessian @ p
    return theta + p, float(change)


def newton_step__half_ghg(theta, grad, hessian):
    r"""remembers the promise as -1/2 g H g"""
    p = -np.linalg.solve(hessian, grad)
    change = -0.5 * grad @ hessian @ grad
    return theta + p, float(change)


def newton_step__gradient_after(theta, grad, hessian):
    r"""puts the gradient after the step into the model"""
    p = -np.linalg.solve(hessian, grad)
    change = (grad + hessian @ p) @ p + 0.5 * p @ hessian @ p
    return theta + p, float(change)


def newton_step__model_at_theta(theta, grad, hessian):
    r"""puts the new theta, not the step, into the model"""
    p = -np.linalg.solve(hessian, grad)
    new = theta + p
    return new, float(grad @ new + 0.5 * new @ hessian @ new)


def newton_step__one_dimension(theta, grad, hessian):
    r"""divides by the first curvature, right in one dimension"""
    p = -grad / hessian[0, 0]
    change = grad @ p + 0.5 * p @ hessian @ p
    return theta + p, float(change)


def newton_step__change_per_entry(theta, grad, hessian):
    r"""forgets the sum: the change is an array"""
    p = -np.linalg.solve(hessian, grad)
    change = grad * p + 0.5 * p * (hessian @ p)
    return theta + p, change


def newton_step__uphill_and_no_half(theta, grad, hessian):
    r"""two slips: a plus, and no half"""
    p = np.linalg.solve(hessian, grad)
    change = grad @ p + p @ hessian @ p
    return theta + p, float(change)
