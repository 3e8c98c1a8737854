import numpy as np


def ridge_gradient__no_two(W, X, y, lam):
    r"""forgot both twos"""
    g = X.T @ (X @ W - y) / len(y)
    g[:-1] += lam * W[:-1]
    return g


def ridge_gradient__two_missing_in_penalty(W, X, y, lam):
    r"""lam W without the 2"""
    g = 2 * X.T @ (X @ W - y) / len(y)
    g[:-1] += lam * W[:-1]
    return g


def ridge_gradient__two_missing_in_data(W, X, y, lam):
    r"""2 only in the penalty"""
    g = X.T @ (X @ W - y) / len(y)
    g[:-1] += 2 * lam * W[:-1]
    return g


def ridge_gradient__bias_penalised(W, X, y, lam):
    r"""the bias is in the penalty"""
    return 2 * X.T @ (X @ W - y) / len(y) + 2 * lam * W


def ridge_gradient__not_averaged(W, X, y, lam):
    r"""forgot 1/N"""
    g = 2 * X.T @ (X @ W - y)
    g[:-1] += 2 * lam * W[:-1]
    return g


def ridge_gradient__penalty_averaged(W, X, y, lam):
    r"""1/N on everything"""
    g = 2 * X.T @ (X @ W - y)
    g[:-1] += 2 * lam * W[:-1]
    return g / len(y)


def ridge_gradient__residual_turned(W, X, y, lam):
    r"""y - X W"""
    g = 2 * X.T @ (y - X @ W) / len(y)
    g[:-1] += 2 * lam * W[:-1]
    return g


def ridge_gradient__no_penalty(W, X, y, lam):
    r"""lam not used"""
    return 2 * X.T @ (X @ W - y) / len(y)


def ridge_gradient__first_spared(W, X, y, lam):
    r"""spares the first entry"""
    g = 2 * X.T @ (X @ W - y) / len(y)
    g[1:] += 2 * lam * W[1:]
    return g


def ridge_gradient__bias_zeroed_in_place(W, X, y, lam):
    r"""W[-1] = 0 for the penalty"""
    g = 2 * X.T @ (X @ W - y) / len(y)
    W[-1] = 0
    return g + 2 * lam * W


def ridge_gradient__alias(W, X, y, lam):
    r"""reg = W, reg[-1] = 0 before the residual"""
    reg = W
    reg[-1] = 0
    return 2 * X.T @ (X @ W - y) / len(y) + 2 * lam * reg


def ridge_gradient__only_bias_penalised(W, X, y, lam):
    r"""mask the wrong way round"""
    mask = np.zeros(len(W))
    mask[-1] = 1
    return 2 * X.T @ (X @ W - y) / len(y) + 2 * lam * mask * W


def ridge_gradient__lasso(W, X, y, lam):
    r"""sign of W"""
    g = 2 * X.T @ (X @ W - y) / len(y)
    g[:-1] += lam * np.sign(W[:-1])
    return g


def ridge_gradient__norm_not_squared(W, X, y, lam):
    r"""gradient of lam ||W||"""
    g = 2 * X.T @ (X @ W - y) / len(y)
    n = np.linalg.norm(W[:-1])
    if n > 0:
        g[:-1] += lam * W[:-1] / n
    return g


def ridge_gradient__not_transposed(W, X, y, lam):
    r"""X @ residual"""
    g = 2 * X @ (X @ W - y) / len(y)
    g[:-1] += 2 * lam * W[:-1]
    return g


def ridge_gradient__shapes_differ(W, X, y, lam):
    r"""adds a penalty of length d - 1"""
    return 2 * X.T @ (X @ W - y) / len(y) + 2 * lam * W[:-1]


def ridge_gradient__value(W, X, y, lam):
    r"""returns the cost, not its gradient"""
    return float(np.mean((X @ W - y) ** 2) + lam * np.sum(W[:-1] ** 2))


def ridge_gradient__column_residual(W, X, y, lam):
    r"""y as a row against a column of predictions"""
    r = X @ W[:, None] - y
    return 2 * (X.T @ r).mean(axis=1) / len(y) + 2 * lam * np.append(W[:-1], 0)


def ridge_gradient__bias_gradient_lost(W, X, y, lam):
    r"""last entry of the data gradient set to zero, too"""
    g = 2 * X.T @ (X @ W - y) / len(y) + 2 * lam * W
    g[-1] = 0
    return g


def ridge_gradient__divided_by_d(W, X, y, lam):
    r"""len(W) for N"""
    g = 2 * X.T @ (X @ W - y) / len(W)
    g[:-1] += 2 * lam * W[:-1]
    return g


def ridge_gradient__lam_squared(W, X, y, lam):
    r"""lam twice"""
    g = 2 * X.T @ (X @ W - y) / len(y)
    g[:-1] += 2 * lam**2 * W[:-1]
    return g


def ridge_gradient__penalty_sum(W, X, y, lam):
    r"""the same number for all entries, sum of W"""
    g = 2 * X.T @ (X @ W - y) / len(y)
    g[:-1] += 2 * lam * np.sum(W[:-1])
    return g


def ridge_gradient__mean_over_wrong_axis(W, X, y, lam):
    r"""rows times residual averaged over columns"""
    r = X @ W - y
    g = 2 * np.mean(X * r[:, None], axis=1)
    return g + 2 * lam * np.append(W[:-1], 0.0)


def ridge_gradient__penalty_in_loop(W, X, y, lam):
    r"""adds the penalty at each example"""
    g = np.zeros(len(W))
    reg = np.append(W[:-1], 0.0)
    for x, t in zip(X, y):
        g += 2 * (x @ W - t) * x / len(y) + 2 * lam * reg
    return g


def ridge_gradient__two_slips(W, X, y, lam):
    r"""no twos and the bias penalised"""
    return X.T @ (X @ W - y) / len(y) + lam * W
