import numpy as np


def minibatch_gradient__all_then_select(grad_fn, theta, X, y, index):
    r"""asks for all gradients and picks"""
    return grad_fn(theta, X, y)[index].mean(axis=0)


def minibatch_gradient__sum(grad_fn, theta, X, y, index):
    r"""forgot the 1/m"""
    return grad_fn(theta, X[index], y[index]).sum(axis=0)


def minibatch_gradient__no_axis(grad_fn, theta, X, y, index):
    r"""mean over everything"""
    return grad_fn(theta, X[index], y[index]).mean()


def minibatch_gradient__wrong_axis(grad_fn, theta, X, y, index):
    r"""averages the last axis"""
    return grad_fn(theta, X[index], y[index]).mean(axis=-1)


def minibatch_gradient__y_not_indexed(grad_fn, theta, X, y, index):
    r"""y of the first m examples"""
    return grad_fn(theta, X[index], y[: len(index)]).mean(axis=0)


def minibatch_gradient__unique(grad_fn, theta, X, y, index):
    r"""double positions removed"""
    idx = np.unique(index)
    return grad_fn(theta, X[idx], y[idx]).mean(axis=0)


def minibatch_gradient__divided_by_n(grad_fn, theta, X, y, index):
    r"""divided by N"""
    return grad_fn(theta, X[index], y[index]).sum(axis=0) / len(X)


def minibatch_gradient__first_m(grad_fn, theta, X, y, index):
    r"""takes the first m rows"""
    m = len(index)
    return grad_fn(theta, X[:m], y[:m]).mean(axis=0)


def minibatch_gradient__mask(grad_fn, theta, X, y, index):
    r"""a mask of truth values, repetitions count once but divided by m"""
    mask = np.zeros(len(X), dtype=bool)
    mask[index] = True
    return grad_fn(theta, X[mask], y[mask]).sum(axis=0) / len(index)


def minibatch_gradient__single_example(grad_fn, theta, X, y, index):
    r"""X[i] without making it a row"""
    total = np.zeros(theta.shape)
    for i in index:
        total += grad_fn(theta, X[i], y[i])
    return total / len(index)


def minibatch_gradient__rows_kept(grad_fn, theta, X, y, index):
    r"""one example at a time, and the axis of length 1 stays"""
    return np.mean([grad_fn(theta, X[i : i + 1], y[i : i + 1]) for i in index], axis=0)


def minibatch_gradient__m_minus_one(grad_fn, theta, X, y, index):
    r"""divisor m - 1"""
    with np.errstate(all="ignore"):
        return grad_fn(theta, X[index], y[index]).sum(axis=0) / np.float64(len(index) - 1)


def minibatch_gradient__slice_between(grad_fn, theta, X, y, index):
    r"""from the smallest to the largest position"""
    a, b = index.min(), index.max() + 1
    return grad_fn(theta, X[a:b], y[a:b]).mean(axis=0)


def minibatch_gradient__per_example(grad_fn, theta, X, y, index):
    r"""does not average"""
    return grad_fn(theta, X[index], y[index])


def minibatch_gradient__last_one_wins(grad_fn, theta, X, y, index):
    r"""overwrites in the loop"""
    for i in index:
        g = grad_fn(theta, X[i : i + 1], y[i : i + 1])[0]
    return g


def minibatch_gradient__mean_example(grad_fn, theta, X, y, index):
    r"""gradient at the mean example"""
    return grad_fn(theta, X[index].mean(axis=0, keepdims=True), y[index].mean(keepdims=True))[0]


def minibatch_gradient__labels_as_ints(grad_fn, theta, X, y, index):
    r"""casts y to int"""
    return grad_fn(theta, X[index], y[index].astype(int)).mean(axis=0)


def minibatch_gradient__twice_for_shape(grad_fn, theta, X, y, index):
    r"""one more call to find out the shape"""
    shape = grad_fn(theta, X[index], y[index]).shape
    total = np.zeros(shape[1:])
    for i in index:
        total += grad_fn(theta, X[i : i + 1], y[i : i + 1])[0]
    return total / len(index)


def minibatch_gradient__minus(grad_fn, theta, X, y, index):
    r"""returns the downhill direction"""
    return -grad_fn(theta, X[index], y[index]).mean(axis=0)


def minibatch_gradient__sorted_y(grad_fn, theta, X, y, index):
    r"""sorts the index for y only"""
    return grad_fn(theta, X[index], y[np.sort(index)]).mean(axis=0)


def minibatch_gradient__skips_first(grad_fn, theta, X, y, index):
    r"""loop from 1"""
    total = np.zeros(theta.shape)
    for j in range(1, len(index)):
        i = index[j]
        total = total + grad_fn(theta, X[i : i + 1], y[i : i + 1])[0]
    return total / len(index)


def minibatch_gradient__columns(grad_fn, theta, X, y, index):
    r"""picks columns of X"""
    return grad_fn(theta, X[:, index], y[index]).mean(axis=0)


def minibatch_gradient__median(grad_fn, theta, X, y, index):
    r"""median against outliers"""
    return np.median(grad_fn(theta, X[index], y[index]), axis=0)


def minibatch_gradient__two_slips(grad_fn, theta, X, y, index):
    r"""unique positions and the sum divided by N"""
    idx = sorted(set(index.tolist()))
    return grad_fn(theta, X[idx], y[idx]).sum(axis=0) / len(y)
