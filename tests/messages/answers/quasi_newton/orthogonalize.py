import numpy as np


def orthogonalize__spectral_norm(G, steps):
    r"""divides by the largest singular value"""
    X = G / np.linalg.norm(G, 2)
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X


def orthogonalize__norm_of_rows(G, steps):
    r"""divides every row by its length"""
    X = G / np.linalg.norm(G, axis=1, keepdims=True)
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X


def orthogonalize__no_norm(G, steps):
    r"""forgot the norm"""
    X = G.copy()
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X


def orthogonalize__norm_in_loop(G, steps):
    r"""divides by the norm in every step"""
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        X = X / np.linalg.norm(X)
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X


def orthogonalize__plus(G, steps):
    r"""plus in place of minus"""
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        X = 1.5 * X + 0.5 * X @ X.T @ X
    return X


def orthogonalize__two_and_one(G, steps):
    r"""2 X - X X^T X"""
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        X = 2 * X - X @ X.T @ X
    return X


def orthogonalize__gram_first(G, steps):
    r"""X^T X X, which fits square matrices only"""
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X.T @ X @ X
    return X


def orthogonalize__transposes_swapped(G, steps):
    r"""X^T X X^T: the cubic term turned over"""
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X.T @ X @ X.T
    return X


def orthogonalize__muon_polynomial(G, steps):
    r"""Muon's polynomial of degree five"""
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        A = X @ X.T
        X = 3.4445 * X + (-4.7750 * A + 2.0315 * A @ A) @ X
    return X


def orthogonalize__one_step_more(G, steps):
    r"""off by one"""
    X = G / np.linalg.norm(G)
    for _ in range(steps + 1):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X


def orthogonalize__one_step_less(G, steps):
    r"""off by one the other way"""
    X = G / np.linalg.norm(G)
    for _ in range(steps - 1):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X


def orthogonalize__exact(G, steps):
    r"""U V^T by the decomposition, whatever the steps"""
    U, _, Vt = np.linalg.svd(G, full_matrices=False)
    return U @ Vt


def orthogonalize__elementwise_cube(G, steps):
    r"""X**3 entry by entry"""
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X**3
    return X


def orthogonalize__sum_of_sizes(G, steps):
    r"""divides by the sum of the absolute values"""
    X = G / np.abs(G).sum()
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X


def orthogonalize__root_forgotten(G, steps):
    r"""divides by the sum of squares"""
    X = G / np.sum(G**2)
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X


def orthogonalize__largest_entry(G, steps):
    r"""divides by the largest entry"""
    X = G / np.abs(G).max()
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X


def orthogonalize__g_in_place(G, steps):
    r"""G /= on the caller's array"""
    G /= np.linalg.norm(G)
    X = G
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X


def orthogonalize__no_step_no_norm(G, steps):
    r"""returns G itself for 0 steps"""
    if steps == 0:
        return G.copy()
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X


def orthogonalize__tall_turned(G, steps):
    r"""turns tall matrices, and forgets to turn them back"""
    X = G / np.linalg.norm(G)
    if X.shape[0] > X.shape[1]:
        X = X.T
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X


def orthogonalize__norm_given_back(G, steps):
    r"""multiplies by the norm at the end"""
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X * np.linalg.norm(G)


def orthogonalize__halves_swapped(G, steps):
    r"""1/2 X - 3/2 X X^T X"""
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        X = 0.5 * X - 1.5 * X @ X.T @ X
    return X


def orthogonalize__first_x_kept(G, steps):
    r"""X X^T computed once, before the loop"""
    X = G / np.linalg.norm(G)
    A = X @ X.T
    for _ in range(steps):
        X = 1.5 * X - 0.5 * A @ X
    return X


def orthogonalize__half_missing(G, steps):
    r"""3/2 X - X X^T X"""
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        X = 1.5 * X - X @ X.T @ X
    return X


def orthogonalize__columns_normed(G, steps):
    r"""norm over axis 0"""
    X = G / np.linalg.norm(G, axis=0)
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X


def orthogonalize__stops_after_first(G, steps):
    r"""the return stands in the loop"""
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X @ X.T @ X
        return X
    return X


def orthogonalize__mean_square(G, steps):
    r"""divides by the root of the mean square"""
    X = G / np.sqrt(np.mean(G**2))
    for _ in range(steps):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X


def orthogonalize__bracket_sign(G, steps):
    r"""X times a bracket whose sign is turned round"""
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        X = X @ (0.5 * X.T @ X - 1.5 * np.eye(X.shape[1]))
    return X
