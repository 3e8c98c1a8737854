import numpy as np


def adagrad_step__eps_under_root(theta, grad, r, lr, eps):
    r"""eps inside the square root"""
    new_r = r + grad**2
    return theta - lr * grad / np.sqrt(new_r + eps), new_r


def adagrad_step__no_eps(theta, grad, r, lr, eps):
    r"""divides by the root only, as on the slide"""
    new_r = r + grad**2
    with np.errstate(all="ignore"):
        return theta - lr * grad / np.sqrt(new_r), new_r


def adagrad_step__old_r(theta, grad, r, lr, eps):
    r"""divides by the root of the old sum"""
    new_r = r + grad * grad
    return theta - lr / (np.sqrt(r) + eps) * grad, new_r


def adagrad_step__no_root(theta, grad, r, lr, eps):
    r"""forgot the square root"""
    new_r = r + grad**2
    return theta - lr * grad / (new_r + eps), new_r


def adagrad_step__unsquared(theta, grad, r, lr, eps):
    r"""adds up the gradients, not their squares"""
    new_r = r + grad
    with np.errstate(all="ignore"):
        return theta - lr * grad / (np.sqrt(new_r) + eps), new_r


def adagrad_step__absolute(theta, grad, r, lr, eps):
    r"""adds up the absolute values"""
    new_r = r + np.abs(grad)
    return theta - lr * grad / (np.sqrt(new_r) + eps), new_r


def adagrad_step__in_place_r(theta, grad, r, lr, eps):
    r"""r += writes into the caller's array"""
    r += grad**2
    return theta - lr * grad / (np.sqrt(r) + eps), r


def adagrad_step__in_place_theta(theta, grad, r, lr, eps):
    r"""theta -= writes into the caller's array"""
    new_r = r + grad**2
    theta -= lr * grad / (np.sqrt(new_r) + eps)
    return theta, new_r


def adagrad_step__one_rate_for_all(theta, grad, r, lr, eps):
    r"""uses the dot product, so all coordinates share one number"""
    new_r = r + np.sum(grad * grad)
    return theta - lr / (np.sqrt(new_r) + eps) * grad, new_r


def adagrad_step__matrix_product(theta, grad, r, lr, eps):
    r"""grad @ grad for the Hadamard product"""
    new_r = r + grad @ grad
    return theta - lr / (np.sqrt(new_r) + eps) * grad, new_r


def adagrad_step__precedence(theta, grad, r, lr, eps):
    r"""bracket forgotten round the denominator"""
    new_r = r + grad * grad
    return theta - lr / np.sqrt(new_r) + eps * grad, new_r


def adagrad_step__order_swapped(theta, grad, r, lr, eps):
    r"""r first"""
    new_r = r + grad**2
    return new_r, theta - lr * grad / (np.sqrt(new_r) + eps)


def adagrad_step__sign(theta, grad, r, lr, eps):
    r"""plus, walks uphill"""
    new_r = r + grad**2
    return theta + lr * grad / (np.sqrt(new_r) + eps), new_r


def adagrad_step__returns_root(theta, grad, r, lr, eps):
    r"""returns the root in place of r"""
    root = np.sqrt(r + grad**2) + eps
    return theta - lr * grad / root, root


def adagrad_step__squared_gradient_step(theta, grad, r, lr, eps):
    r"""grad squared in the step, too"""
    g2 = grad * grad
    new_r = r + g2
    return theta - lr * g2 / (np.sqrt(new_r) + eps), new_r


def adagrad_step__only_theta(theta, grad, r, lr, eps):
    r"""r is not handed back"""
    new_r = r + grad**2
    return theta - lr * grad / (np.sqrt(new_r) + eps)


def adagrad_step__hard_coded_eps(theta, grad, r, lr, eps):
    r"""1e-8 in place of eps"""
    new_r = r + grad**2
    return theta - lr * grad / (np.sqrt(new_r) + 1e-8), new_r


def adagrad_step__mean_square(theta, grad, r, lr, eps):
    r"""divides the sum by the number of coordinates"""
    new_r = r + grad**2 / grad.size
    return theta - lr * grad / (np.sqrt(new_r) + eps), new_r


def adagrad_step__two_slips(theta, grad, r, lr, eps):
    r"""old r and eps under the root"""
    return theta - lr * grad / np.sqrt(r + eps), r + grad**2
