import numpy as np


def minibatches__no_shuffle(X, y, size, rng):
    r"""forgot to shuffle"""
    return [(X[i : i + size], y[i : i + size]) for i in range(0, len(X), size)]


def minibatches__drops_last(X, y, size, rng):
    r"""only the full batches"""
    order = rng.permutation(len(X))
    return [(X[order[i * size : (i + 1) * size]], y[order[i * size : (i + 1) * size]]) for i in range(len(X) // size)]


def minibatches__in_place(X, y, size, rng):
    r"""shuffles X and y themselves with one state"""
    state = rng.bit_generator.state
    rng.shuffle(X)
    rng.bit_generator.state = state
    rng.shuffle(y)
    return [(X[i : i + size], y[i : i + size]) for i in range(0, len(X), size)]


def minibatches__two_permutations(X, y, size, rng):
    r"""one permutation for X and one for y"""
    X, y = X[rng.permutation(len(X))], y[rng.permutation(len(y))]
    return [(X[i : i + size], y[i : i + size]) for i in range(0, len(X), size)]


def minibatches__global_numpy(X, y, size, rng):
    r"""np.random.permutation"""
    order = np.random.permutation(len(X))
    return [(X[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(X), size)]


def minibatches__order_of_batches(X, y, size, rng):
    r"""shuffles the batches but not the examples"""
    batches = [(X[i : i + size], y[i : i + size]) for i in range(0, len(X), size)]
    return [batches[i] for i in rng.permutation(len(batches))]


def minibatches__within_batches(X, y, size, rng):
    r"""shuffles inside each batch only"""
    out = []
    for i in range(0, len(X), size):
        part = i + rng.permutation(len(X[i : i + size]))
        out.append((X[part], y[part]))
    return out


def minibatches__return_in_loop(X, y, size, rng):
    r"""only the first batch"""
    order = rng.permutation(len(X))
    out = []
    for i in range(0, len(X), size):
        part = order[i : i + size]
        out.append((X[part], y[part]))
        return out


def minibatches__own_generator(X, y, size, rng):
    r"""default_rng(0) to be reproducible"""
    order = np.random.default_rng(0).permutation(len(X))
    return [(X[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(X), size)]


def minibatches__last_filled_up(X, y, size, rng):
    r"""last batch takes the last `size` examples again"""
    order = rng.permutation(len(X))
    out = []
    for i in range(0, len(X), size):
        part = order[max(min(i, len(X) - size), 0) : i + size]
        out.append((X[part], y[part]))
    return out


def minibatches__with_replacement(X, y, size, rng):
    r"""independent draws"""
    out = []
    for i in range(0, len(X), size):
        part = rng.integers(len(X), size=min(size, len(X) - i))
        out.append((X[part], y[part]))
    return out


def minibatches__y_unshuffled(X, y, size, rng):
    r"""y left in its old order"""
    order = rng.permutation(len(X))
    return [(X[order[i : i + size]], y[i : i + size]) for i in range(0, len(X), size)]


def minibatches__rotation(X, y, size, rng):
    r"""a random starting point, the order goes on round"""
    order = np.roll(np.arange(len(X)), rng.integers(len(X)))
    return [(X[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(X), size)]


def minibatches__array_split(X, y, size, rng):
    r"""np.array_split makes parts of nearly equal size"""
    order = rng.permutation(len(X))
    parts = np.array_split(order, -(-len(X) // size))
    return [(X[part], y[part]) for part in parts]


def minibatches__range_stops_early(X, y, size, rng):
    r"""range(0, n - size, size)"""
    order = rng.permutation(len(X))
    return [(X[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(X) - size, size)]


def minibatches__two_lists(X, y, size, rng):
    r"""a list of X and a list of y"""
    order = rng.permutation(len(X))
    xs = [X[order[i : i + size]] for i in range(0, len(X), size)]
    ys = [y[order[i : i + size]] for i in range(0, len(X), size)]
    return xs, ys


def minibatches__slice_too_short(X, y, size, rng):
    r"""i : i + size - 1"""
    order = rng.permutation(len(X))
    return [(X[order[i : i + size - 1]], y[order[i : i + size - 1]]) for i in range(0, len(X), size)]


def minibatches__small_set_unshuffled(X, y, size, rng):
    r"""a set smaller than a batch is returned as it is"""
    if size >= len(X):
        return [(X.copy(), y.copy())]
    order = rng.permutation(len(X))
    return [(X[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(X), size)]


def minibatches__endless(X, y, size, rng):
    r"""generator with while True"""

    def forever():
        while True:
            order = rng.permutation(len(X))
            for i in range(0, len(X), size):
                yield X[order[i : i + size]], y[order[i : i + size]]

    return forever()


def minibatches__flattened(X, y, size, rng):
    r"""reshapes X into a matrix"""
    order = rng.permutation(len(X))
    flat = X.reshape(len(X), -1)
    return [(flat[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(X), size)]


def minibatches__integer_labels(X, y, size, rng):
    r"""y cast to int"""
    order = rng.permutation(len(X))
    return [(X[order[i : i + size]], y[order[i : i + size]].astype(int)) for i in range(0, len(X), size)]


def minibatches__last_example_lost(X, y, size, rng):
    r"""permutation(n - 1)"""
    order = rng.permutation(len(X) - 1)
    return [(X[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(order), size)]


def minibatches__new_permutation_each_batch(X, y, size, rng):
    r"""draws a fresh permutation for every batch"""
    out = []
    for i in range(0, len(X), size):
        order = rng.permutation(len(X))
        out.append((X[order[i : i + size]], y[order[i : i + size]]))
    return out


def minibatches__indices(X, y, size, rng):
    r"""returns the positions and not the examples"""
    order = rng.permutation(len(X))
    return [(order[i : i + size], y[order[i : i + size]]) for i in range(0, len(X), size)]


def minibatches__empty_batch_at_end(X, y, size, rng):
    r"""n // size + 1 batches, sometimes an empty one"""
    order = rng.permutation(len(X))
    out = []
    for k in range(len(X) // size + 1):
        part = order[k * size : (k + 1) * size]
        out.append((X[part], y[part]))
    return out


def minibatches__short_first(X, y, size, rng):
    r"""the short batch comes first"""
    order = rng.permutation(len(X))
    rest = len(X) % size
    out = [(X[order[:rest]], y[order[:rest]])] if rest else []
    for i in range(rest, len(X), size):
        out.append((X[order[i : i + size]], y[order[i : i + size]]))
    return out


def minibatches__first_stays(X, y, size, rng):
    r"""swaps from the second example on, the first is always first"""
    order = np.concatenate([[0], 1 + rng.permutation(len(X) - 1)]).astype(int)
    return [(X[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(X), size)]


def minibatches__two_slips(X, y, size, rng):
    r"""global generator and last batch dropped"""
    order = np.random.permutation(len(X))
    return [(X[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(X) - size + 1, size)]
