import numpy as np


def flip_signs__last_axis_of_w1(W1, b1, W2, signs):
    r"""forgot the [:, None]"""
    return W1 * signs, b1 * signs, W2 * signs


def flip_signs__w2_forgotten(W1, b1, W2, signs):
    r"""outgoing weights stay"""
    return signs[:, None] * W1, signs * b1, W2.copy()


def flip_signs__bias_forgotten(W1, b1, W2, signs):
    r"""bias stays"""
    return signs[:, None] * W1, b1.copy(), W2 * signs


def flip_signs__columns_everywhere(W1, b1, W2, signs):
    r"""[:, None] for W2 as well"""
    return signs[:, None] * W1, signs * b1, signs[:, None] * W2


def flip_signs__bias_column(W1, b1, W2, signs):
    r"""b1 times the column, becomes a table"""
    return signs[:, None] * W1, signs[:, None] * b1, W2 * signs


def flip_signs__in_place(W1, b1, W2, signs):
    r"""W1 *= signs[:, None]"""
    W1 *= signs[:, None]
    b1 *= signs
    W2 *= signs
    return W1, b1, W2


def flip_signs__abs_value(W1, b1, W2, signs):
    r"""makes all weights of a flipped unit negative"""
    out = -np.abs(W1) * (signs[:, None] < 0) + W1 * (signs[:, None] > 0)
    return out, b1 * signs, W2 * signs


def flip_signs__all_negated(W1, b1, W2, signs):
    r"""flips all units if one is flipped"""
    sign = signs.min()
    return sign * W1, sign * b1, sign * W2


def flip_signs__inverted(W1, b1, W2, signs):
    r"""flips where signs is +1"""
    return -signs[:, None] * W1, -signs * b1, -signs * W2


def flip_signs__zeroed(W1, b1, W2, signs):
    r"""uses (1 + signs) / 2 as a mask"""
    keep = (1 + signs) / 2
    return keep[:, None] * W1, keep * b1, keep * W2


def flip_signs__matmul(W1, b1, W2, signs):
    r"""signs @ W1, adds the rows up"""
    return signs @ W1, signs * b1, W2 @ signs


def flip_signs__only_incoming(W1, b1, W2, signs):
    r"""turns W1 only and leaves b1 and W2"""
    return np.diag(signs) @ W1, b1.copy(), W2.copy()


def flip_signs__w1_forgotten(W1, b1, W2, signs):
    r"""turns only bias and W2"""
    return W1.copy(), signs * b1, W2 * signs


def flip_signs__order_of_results(W1, b1, W2, signs):
    r"""b1 last"""
    return signs[:, None] * W1, W2 * signs, signs * b1


def flip_signs__boolean_index(W1, b1, W2, signs):
    r"""W1[signs] with floats as index"""
    idx = signs < 0
    new = W1.copy()
    new[:, idx] = -new[:, idx]
    return new, np.where(idx, -b1, b1), np.where(idx, -W2, W2)


def flip_signs__view_negated(W1, b1, W2, signs):
    r"""changes rows of the caller's arrays through a slice"""
    for i, s in enumerate(signs):
        if s < 0:
            W1[i] *= -1
            b1[i] *= -1
            W2[:, i] *= -1
    return W1, b1, W2


def flip_signs__rows_of_w2_loop(W1, b1, W2, signs):
    r"""loop which turns the row i of W2"""
    A, b, C = W1.copy(), b1.copy(), W2.copy()
    for i, s in enumerate(signs):
        A[i] *= s
        b[i] *= s
        C[i] *= s
    return A, b, C


def flip_signs__sorted_units(W1, b1, W2, signs):
    r"""moves the flipped units to the end as well"""
    order = np.argsort(-signs)
    return (signs[:, None] * W1)[order], (signs * b1)[order], W2 * signs


def flip_signs__two_slips(W1, b1, W2, signs):
    r"""bias forgotten and W2 negated as a whole"""
    return signs[:, None] * W1, b1.copy(), -W2
