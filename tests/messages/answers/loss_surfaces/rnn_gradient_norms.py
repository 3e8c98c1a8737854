import numpy as np


def rnn_gradient_norms__entrywise_power(W, steps):
    r"""W ** t"""
    return np.array([np.linalg.norm(W**t, 2) for t in range(1, steps + 1)])


def rnn_gradient_norms__frobenius(W, steps):
    r"""forgot the 2"""
    P, out = np.eye(len(W)), []
    for _ in range(steps):
        P = P @ W
        out.append(np.linalg.norm(P))
    return np.array(out)


def rnn_gradient_norms__from_zero(W, steps):
    r"""begins with W to the power 0"""
    P, out = np.eye(len(W)), []
    for _ in range(steps):
        out.append(np.linalg.norm(P, 2))
        P = P @ W
    return np.array(out)


def rnn_gradient_norms__power_of_norm(W, steps):
    r"""norm of W to the power t"""
    return np.linalg.norm(W, 2) ** np.arange(1, steps + 1)


def rnn_gradient_norms__spectral_radius(W, steps):
    r"""power of the largest eigenvalue"""
    rho = np.max(np.abs(np.linalg.eigvals(W)))
    return rho ** np.arange(1, steps + 1)


def rnn_gradient_norms__only_last(W, steps):
    r"""the last norm alone"""
    return np.linalg.norm(np.linalg.matrix_power(W, steps), 2)


def rnn_gradient_norms__one_too_few(W, steps):
    r"""range(1, steps)"""
    return np.array([np.linalg.norm(np.linalg.matrix_power(W, t), 2) for t in range(1, steps)])


def rnn_gradient_norms__one_too_many(W, steps):
    r"""also the power 0, steps + 1 entries"""
    return np.array([np.linalg.norm(np.linalg.matrix_power(W, t), 2) for t in range(steps + 1)])


def rnn_gradient_norms__squares_itself(W, steps):
    r"""P = P @ P, so 1, 2, 4, 8"""
    P, out = W.copy(), []
    for _ in range(steps):
        out.append(np.linalg.norm(P, 2))
        P = P @ P
    return np.array(out)


def rnn_gradient_norms__starts_at_two(W, steps):
    r"""multiplies before the first is written, starting from W"""
    P, out = W.copy(), []
    for _ in range(steps):
        P = P @ W
        out.append(np.linalg.norm(P, 2))
    return np.array(out)


def rnn_gradient_norms__star(W, steps):
    r"""* where @ belongs"""
    P, out = np.eye(len(W)), []
    for _ in range(steps):
        P = P * W
        out.append(np.linalg.norm(P, 2))
    return np.array(out)


def rnn_gradient_norms__transposed_mixed(W, steps):
    r"""W.T at each step, W W^T"""
    P, out = W.copy(), []
    for t in range(steps):
        out.append(np.linalg.norm(P, 2))
        P = P @ W.T
    return np.array(out)


def rnn_gradient_norms__in_place(W, steps):
    r"""W @= W style loop on the caller's matrix"""
    first, out = W.copy(), []
    for _ in range(steps):
        out.append(np.linalg.norm(W, 2))
        W[...] = W @ first
    return np.array(out)


def rnn_gradient_norms__largest_entry(W, steps):
    r"""np.max of the absolute entries"""
    P, out = np.eye(len(W)), []
    for _ in range(steps):
        P = P @ W
        out.append(np.abs(P).max())
    return np.array(out)


def rnn_gradient_norms__smallest_singular(W, steps):
    r"""norm(P, -2)"""
    P, out = np.eye(len(W)), []
    for _ in range(steps):
        P = P @ W
        out.append(np.linalg.norm(P, -2))
    return np.array(out)


def rnn_gradient_norms__diagonalised_symmetric(W, steps):
    r"""eigh as if W were symmetric"""
    lam, V = np.linalg.eigh(W)
    return np.array([np.linalg.norm(V @ np.diag(lam**t) @ V.T, 2) for t in range(1, steps + 1)])


def rnn_gradient_norms__transpose_for_inverse(W, steps):
    r"""V diag V^T where V^-1 belongs"""
    lam, V = np.linalg.eig(W)
    return np.array([np.linalg.norm((V * lam**t) @ V.T, 2) for t in range(1, steps + 1)])


def rnn_gradient_norms__normalised(W, steps):
    r"""divides by the norm at each step against overflow"""
    P, out = np.eye(len(W)), []
    for _ in range(steps):
        P = P @ W
        n = np.linalg.norm(P, 2)
        out.append(n)
        P = P / n
    return np.array(out)


def rnn_gradient_norms__vector(W, steps):
    r"""follows a vector of ones, not the matrix"""
    h, out = np.ones(len(W)), []
    for _ in range(steps):
        h = W @ h
        out.append(np.linalg.norm(h) / np.sqrt(len(W)))
    return np.array(out)


def rnn_gradient_norms__no_order(W, steps):
    r"""zeros array filled up to index steps - 2"""
    out, P = np.zeros(steps), np.eye(len(W))
    for t in range(steps - 1):
        P = P @ W
        out[t] = np.linalg.norm(P, 2)
    return out


def rnn_gradient_norms__two_slips(W, steps):
    r"""Frobenius and from power 0"""
    P, out = np.eye(len(W)), []
    for _ in range(steps):
        out.append(np.linalg.norm(P))
        P = W @ P
    return np.array(out)
