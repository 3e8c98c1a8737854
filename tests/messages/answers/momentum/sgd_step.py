import numpy as np


def sgd_step__ascent(theta, grad, lr):
    r"""I add the gradient, so I walk uphill"""
    return theta + lr * grad


def sgd_step__in_place(theta, grad, lr):
    r"""I used -= on theta"""
    theta -= lr * grad
    return theta


def sgd_step__alias(theta, grad, lr):
    r"""I thought new = theta makes a copy"""
    new = theta
    new -= lr * grad
    return new


def sgd_step__no_rate(theta, grad, lr):
    r"""forgot the learning rate"""
    return theta - grad


def sgd_step__divides(theta, grad, lr):
    r"""divide the gradient by the rate"""
    return theta - grad / lr


def sgd_step__only_update(theta, grad, lr):
    r"""return the change instead of the new parameters"""
    return -lr * grad


def sgd_step__unit_length(theta, grad, lr):
    r"""normalise the gradient first so that each step has length lr"""
    return theta - lr * grad / (np.linalg.norm(grad) + 1e-12)


def sgd_step__sign_only(theta, grad, lr):
    r"""steps by the sign of the gradient, as in Rprop"""
    return theta - lr * np.sign(grad)


def sgd_step__two_loops(theta, grad, lr):
    r"""I assumed theta is a matrix"""
    new = np.zeros(theta.shape)
    for i in range(theta.shape[0]):
        for j in range(theta.shape[1]):
            new[i, j] = theta[i, j] - lr * grad[i, j]
    return new


def sgd_step__prints(theta, grad, lr):
    r"""printed the result for a look and forgot to return it"""
    print(theta - lr * grad)


def sgd_step__mean_gradient(theta, grad, lr):
    r"""thought the gradient has to be averaged first"""
    return theta - lr * np.mean(grad)


def sgd_step__last_left_out(theta, grad, lr):
    r"""loop ends one too early"""
    new = np.array(theta, copy=True)
    flat, g = new.reshape(-1), np.asarray(grad).reshape(-1)
    for i in range(flat.size - 1):
        flat[i] = flat[i] - lr * g[i]
    return new


def sgd_step__flattened(theta, grad, lr):
    r"""I work on flat arrays and never bring the shape back"""
    return np.ravel(theta) - lr * np.ravel(grad)


def sgd_step__theta_as_gradient(theta, grad, lr):
    r"""took the bowl's gradient, theta itself, as in the example"""
    return theta - lr * theta


def sgd_step__scales_the_gradient_array(theta, grad, lr):
    r"""multiplies the caller's grad by the rate"""
    grad *= lr
    return theta - grad


def sgd_step__shrinks_theta(theta, grad, lr):
    r"""mixes it with an average, (1 - lr) theta"""
    return (1 - lr) * theta - lr * grad


def sgd_step__hard_coded(theta, grad, lr):
    r"""0.1 from the example instead of lr"""
    lr = 0.1
    return theta - lr * grad


def sgd_step__whole_numbers(theta, grad, lr):
    r"""result array made with dtype int"""
    new = np.zeros(np.shape(theta), dtype=int)
    new[...] = theta - lr * grad
    return new


def sgd_step__returns_two(theta, grad, lr):
    r"""returns theta and the gradient, like the later steps"""
    return theta - lr * grad, grad
