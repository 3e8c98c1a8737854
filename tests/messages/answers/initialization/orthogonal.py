import numpy as np


def orthogonal__no_signs(rows, cols, rng):
    r"""LAPACK's signs left as they are"""
    A = rng.normal(size=(max(rows, cols), min(rows, cols)))
    Q, R = np.linalg.qr(A)
    return Q if rows >= cols else Q.T


def orthogonal__signs_of_q(rows, cols, rng):
    r"""signs of Q's diagonal instead of R's"""
    A = rng.normal(size=(max(rows, cols), min(rows, cols)))
    Q, R = np.linalg.qr(A)
    Q = Q * np.sign(np.diag(Q))
    return Q if rows >= cols else Q.T


def orthogonal__wide_not_turned(rows, cols, rng):
    r"""qr of a wide matrix: a square Q comes out"""
    Q, R = np.linalg.qr(rng.normal(size=(rows, cols)))
    return Q * np.sign(np.diag(R))


def orthogonal__wide_left_tall(rows, cols, rng):
    r"""draws tall and forgets to turn it round"""
    A = rng.normal(size=(max(rows, cols), min(rows, cols)))
    Q, R = np.linalg.qr(A)
    Q = Q * np.sign(np.diag(R))
    return Q


def orthogonal__always_turned(rows, cols, rng):
    r"""turned round always"""
    A = rng.normal(size=(max(rows, cols), min(rows, cols)))
    Q, R = np.linalg.qr(A)
    Q = Q * np.sign(np.diag(R))
    return Q.T


def orthogonal__turned_the_wrong_way(rows, cols, rng):
    r"""the tall one is turned, the wide one is not"""
    A = rng.normal(size=(max(rows, cols), min(rows, cols)))
    Q, R = np.linalg.qr(A)
    Q = Q * np.sign(np.diag(R))
    return Q if rows < cols else Q.T


def orthogonal__reshaped(rows, cols, rng):
    r"""reshape instead of a transpose"""
    A = rng.normal(size=(max(rows, cols), min(rows, cols)))
    Q, R = np.linalg.qr(A)
    Q = Q * np.sign(np.diag(R))
    return Q if rows >= cols else Q.reshape(rows, cols)


def orthogonal__r_returned(rows, cols, rng):
    r"""returns R's triangle"""
    A = rng.normal(size=(max(rows, cols), min(rows, cols)))
    Q, R = np.linalg.qr(A)
    Q = Q * np.sign(np.diag(R))
    return R


def orthogonal__complete(rows, cols, rng):
    r"""mode='complete': always square"""
    A = rng.normal(size=(max(rows, cols), min(rows, cols)))
    Q, R = np.linalg.qr(A, mode="complete")
    Q[:, : min(rows, cols)] *= np.sign(np.diag(R))
    return Q if rows >= cols else Q.T


def orthogonal__uniform_positive(rows, cols, rng):
    r"""QR of uniform numbers from [0, 1]"""
    A = rng.random((max(rows, cols), min(rows, cols)))
    Q, R = np.linalg.qr(A)
    Q = Q * np.sign(np.diag(R))
    return Q if rows >= cols else Q.T


def orthogonal__only_normal(rows, cols, rng):
    r"""a normal matrix of variance 1/rows"""
    return rng.normal(size=(rows, cols)) / np.sqrt(rows)


def orthogonal__columns_normalised(rows, cols, rng):
    r"""columns of length 1, not orthogonal"""
    A = rng.normal(size=(rows, cols))
    return A / np.linalg.norm(A, axis=0)


def orthogonal__diagonal_not_signed(rows, cols, rng):
    r"""multiplies by R's diagonal itself"""
    A = rng.normal(size=(max(rows, cols), min(rows, cols)))
    Q, R = np.linalg.qr(A)
    Q = Q * np.diag(R)
    return Q if rows >= cols else Q.T


def orthogonal__sizes_of_diagonal(rows, cols, rng):
    r"""multiplies by the sizes |R_jj|"""
    A = rng.normal(size=(max(rows, cols), min(rows, cols)))
    Q, R = np.linalg.qr(A)
    Q = Q * np.abs(np.diag(R))
    return Q if rows >= cols else Q.T


def orthogonal__one_sign_for_all(rows, cols, rng):
    r"""one sign for the whole matrix, that of the determinant of R"""
    A = rng.normal(size=(max(rows, cols), min(rows, cols)))
    Q, R = np.linalg.qr(A)
    Q = Q * np.sign(np.prod(np.diag(R)))
    return Q if rows >= cols else Q.T


def orthogonal__signs_forced_positive_diagonal(rows, cols, rng):
    r"""flips columns until Q's diagonal is positive and takes absolute values of it"""
    A = rng.normal(size=(max(rows, cols), min(rows, cols)))
    Q, R = np.linalg.qr(A)
    Q = Q * np.sign(np.diag(R))
    np.fill_diagonal(Q, np.abs(np.diag(Q)))
    return Q if rows >= cols else Q.T


def orthogonal__signs_for_tall_only(rows, cols, rng):
    r"""a wide answer gets no signs"""
    if rows >= cols:
        Q, R = np.linalg.qr(rng.normal(size=(rows, cols)))
        return Q * np.sign(np.diag(R))
    Q, R = np.linalg.qr(rng.normal(size=(cols, rows)))
    return Q.T


def orthogonal__square_only(rows, cols, rng):
    r"""only square matrices: broadcasting fails for others"""
    Q, R = np.linalg.qr(rng.normal(size=(rows, rows)))
    return (Q * np.sign(np.diag(R))).reshape(rows, cols)


def orthogonal__signs_after_turning(rows, cols, rng):
    r"""turns a wide answer round and multiplies its columns"""
    Q, R = np.linalg.qr(rng.normal(size=(max(rows, cols), min(rows, cols))))
    if rows < cols:
        Q = Q.T
    return Q * np.sign(np.diag(R))


def orthogonal__he_scale(rows, cols, rng):
    r"""multiplied by the root of 2"""
    A = rng.normal(size=(max(rows, cols), min(rows, cols)))
    Q, R = np.linalg.qr(A)
    Q = Q * np.sign(np.diag(R))
    return np.sqrt(2) * (Q if rows >= cols else Q.T)


def orthogonal__permutation(rows, cols, rng):
    r"""a shuffled identity with random signs: orthogonal, few rotations"""
    n = max(rows, cols)
    Q = np.eye(n)[rng.permutation(n)] * rng.choice([-1.0, 1.0], size=n)
    return Q[:rows, :cols] if rows == cols else (Q[:, :cols] if rows > cols else Q[:rows])


def orthogonal__one_reflection(rows, cols, rng):
    r"""one random Householder reflection"""
    n = max(rows, cols)
    v = rng.normal(size=(n, 1))
    Q = np.eye(n) - 2 * v @ v.T / (v.T @ v)
    return Q[:, :cols] if rows >= cols else Q[:rows]


def orthogonal__global_chance(rows, cols, rng):
    r"""np.random instead of the generator"""
    A = np.random.normal(size=(max(rows, cols), min(rows, cols)))
    Q, R = np.linalg.qr(A)
    Q = Q * np.sign(np.diag(R))
    return Q if rows >= cols else Q.T


def orthogonal__own_seed(rows, cols, rng):
    r"""a generator with seed 0 of its own"""
    rng = np.random.default_rng(0)
    A = rng.normal(size=(max(rows, cols), min(rows, cols)))
    Q, R = np.linalg.qr(A)
    Q = Q * np.sign(np.diag(R))
    return Q if rows >= cols else Q.T


def orthogonal__row_repeated_blocks(rows, cols, rng):
    r"""repeats a small square matrix until the shape is filled"""
    n = min(rows, cols)
    Q, R = np.linalg.qr(rng.normal(size=(n, n)))
    Q = Q * np.sign(np.diag(R))
    return np.resize(Q, (rows, cols))
