import numpy as np


def permute_units__rows_of_w2(W1, b1, W2, order):
    r"""permutes the rows of W2 as those of W1"""
    return W1[order], b1[order], W2[order]


def permute_units__w2_forgotten(W1, b1, W2, order):
    r"""left W2 as it is"""
    return W1[order], b1[order], W2.copy()


def permute_units__bias_forgotten(W1, b1, W2, order):
    r"""did not move b1"""
    return W1[order], b1.copy(), W2[:, order]


def permute_units__columns_of_w1(W1, b1, W2, order):
    r"""permutes the inputs"""
    return W1[:, order], b1[order], W2[:, order]


def permute_units__inverse_order(W1, b1, W2, order):
    r"""the old unit i becomes the new unit order[i]"""
    new_W1, new_b1, new_W2 = np.empty_like(W1), np.empty_like(b1), np.empty_like(W2)
    new_W1[order], new_b1[order], new_W2[:, order] = W1, b1, W2
    return new_W1, new_b1, new_W2


def permute_units__inverse_for_w2(W1, b1, W2, order):
    r"""W2 gets the inverse permutation"""
    return W1[order], b1[order], W2[:, np.argsort(order)]


def permute_units__argsort(W1, b1, W2, order):
    r"""argsort(order) everywhere but the bias"""
    back = np.argsort(order)
    return W1[back], b1[order], W2[:, back]


def permute_units__transposed(W1, b1, W2, order):
    r"""W2 comes back as (hidden, outputs)"""
    return W1[order], b1[order], W2.T[order]


def permute_units__in_place(W1, b1, W2, order):
    r"""W1[:] = W1[order]"""
    W1[:] = W1[order]
    b1[:] = b1[order]
    W2[:] = W2[:, order]
    return W1, b1, W2


def permute_units__swap_loop(W1, b1, W2, order):
    r"""swaps one after the other in a loop, overwriting units that are still needed"""
    W1, b1, W2 = W1.copy(), b1.copy(), W2.copy()
    for i, j in enumerate(order):
        W1[i], b1[i], W2[:, i] = W1[j], b1[j], W2[:, j]
    return W1, b1, W2


def permute_units__order_of_results(W1, b1, W2, order):
    r"""returns W1, W2, b1"""
    return W1[order], W2[:, order], b1[order]


def permute_units__sorts_by_order(W1, b1, W2, order):
    r"""sorts the numbers of b1, too"""
    return W1[order], np.sort(b1), W2[:, order]


def permute_units__one_based(W1, b1, W2, order):
    r"""takes order for 1-based as in a book"""
    idx = order - 1
    return W1[idx], b1[idx], W2[:, idx]


def permute_units__np_ix(W1, b1, W2, order):
    r"""np.ix_ as for an adjacency matrix, rows and columns of W1 at once"""
    return W1[np.ix_(order, order)], b1[order], W2[:, order]


def permute_units__np_take(W1, b1, W2, order):
    r"""np.take without an axis"""
    return np.take(W1, order), np.take(b1, order), np.take(W2, order)


def permute_units__two_steps(W1, b1, W2, order):
    r"""permutes twice by accident for W1"""
    h = W1[order]
    return h[order], b1[order], W2[:, order]


def permute_units__reversed_only(W1, b1, W2, order):
    r"""reverses the units"""
    return W1[::-1].copy(), b1[::-1].copy(), W2[:, ::-1].copy()


def permute_units__two_slips(W1, b1, W2, order):
    r"""bias forgotten and rows of W2"""
    return W1[order], b1.copy(), W2[order, :] if W2.shape[0] == len(order) else W2.copy()
