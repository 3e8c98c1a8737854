"""Exercises on minibatches (Goodfellow et al., 2016, section 8.1.3).

Symbols: X and y the examples, m or size the batch size, theta parameters, grad_fn gradients example by example.
"""

import numpy as np
import scipy.spatial
import scipy.stats
import torch
from sklearn.utils import gen_batches, shuffle
from torch.utils.data import DataLoader

from grading.exercise import exercise
from utils.check.plain import Reference, Seed

# --- standard_error


@exercise(points=3, returns="error")
def standard_error(sample):
    """Oracle: scipy.stats.sem."""
    return scipy.stats.sem(sample, axis=0)


@standard_error.cases("numbers", weight=1)
def _(rng):
    for m in (2, 3, 7, 40):
        yield dict(sample=rng.normal(loc=1.0, size=m))
    yield dict(sample=rng.normal(size=5) + 3.0)


@standard_error.cases("columns", weight=1)
def _(rng):
    for shape in ((2, 3), (6, 4), (30, 2), (5, 1), (3, 8)):
        yield dict(
            sample=rng.normal(loc=rng.normal(size=shape[1]), scale=rng.uniform(0.5, 3, size=shape[1]), size=shape)
        )


@standard_error.cases("edge cases", weight=1)
def _(rng):
    sample = rng.normal(size=(5, 4))
    sample[:, 1] = 0.0
    yield dict(sample=sample)
    yield dict(sample=rng.normal(size=(4, 3)) * [1e-8, 1.0, 1e8])
    for scale in (1e-8, 1e8):
        yield dict(sample=scale * rng.normal(size=6))
    yield dict(sample=np.zeros(4))


@standard_error.misconception
def divides_by_m(sample):
    """The standard deviation of your sample divides by m. The draws lie closer to their own mean than to the true one:
    what makes up for that?
    """
    return sample.std(axis=0) / np.sqrt(len(sample))


@standard_error.misconception
def no_root(sample):
    """You divide by the number of draws. Four times as many draws should halve the error: what must you divide by?"""
    return sample.std(axis=0, ddof=1) / len(sample)


@standard_error.misconception
def variance(sample):
    """That is the variance of the mean, in squared units. The error has the units of the draws."""
    return sample.var(axis=0, ddof=1) / len(sample)


@standard_error.misconception
def variance_over_root(sample):
    """You divide a variance by a root. Check the units: which of the two is not in the units of the draws?"""
    return sample.var(axis=0, ddof=1) / np.sqrt(len(sample))


@standard_error.misconception
def spread_of_the_draws(sample):
    """You say how far a single draw is off. What becomes of the error when you average m of them?"""
    return sample.std(axis=0, ddof=1)


@standard_error.misconception
def all_entries_together(sample):
    """You mix the columns into one number. Each column has its own mean and its own error."""
    return sample.std(ddof=1) / np.sqrt(len(sample))


@standard_error.misconception
def counts_all_entries(sample):
    """How many draws does a column hold? The number of all entries is too large where there are several columns."""
    return sample.std(axis=0, ddof=1) / np.sqrt(sample.size)


@standard_error.misconception
def along_the_rows(sample):
    """The draws lie along the first axis. Yours are means over the last one."""
    return sample.std(axis=-1, ddof=1) / np.sqrt(sample.shape[-1])


@standard_error.misconception
def corrects_twice(sample):
    """You subtract the 1 twice, in the standard deviation and again under the root. It belongs in one of them."""
    return sample.std(axis=0, ddof=1) / np.sqrt(len(sample) - 1)


@standard_error.misconception
def multiplies_by_the_root(sample):
    """Your error grows with the number of draws. Does asking more make a mean less certain?"""
    return sample.std(axis=0, ddof=1) * np.sqrt(len(sample))


@standard_error.misconception
def not_centred(sample):
    """Add 100 to every draw: your error grows. From what should the distances of the draws be measured?"""
    return np.sqrt((sample**2).sum(axis=0) / (len(sample) - 1) / len(sample))


# --- minibatch_gradient

TORCH_LOSSES = {
    "squared error": lambda theta, X, y: 0.5 * torch.mean((X @ theta - y) ** 2),
    "logistic": lambda theta, X, y: torch.mean(torch.nn.functional.softplus(-y * (X @ theta))),
    "softmax": lambda theta, X, y: torch.nn.functional.cross_entropy(X @ theta, y.long()),
}


@exercise(points=4, returns="grad")
def minibatch_gradient(grad_fn, theta, X, y, index):
    """Oracle: autograd, applied to the mean loss of the batch; it never calls grad_fn."""
    parameter = torch.tensor(theta, requires_grad=True)
    batch = torch.tensor(np.asarray(X)[index]), torch.tensor(np.asarray(y)[index])
    TORCH_LOSSES[grad_fn.__self__.name](parameter, *batch).backward()
    return parameter.grad.numpy()


def _problem(rng, name, n, d, index, scale=1.0):
    """Inputs of minibatch_gradient with a random model of the kind `name`."""
    shape = (d, 3) if name == "softmax" else (d,)
    y = {
        "squared_error": lambda: scale * rng.normal(size=n),
        "logistic": lambda: rng.choice([-1.0, 1.0], size=n),
        "softmax": lambda: rng.integers(3, size=n),
    }[name]()
    return dict(
        grad_fn=Reference(f"utils.gradients.{name}", "gradients"),
        theta=scale * rng.normal(size=shape),
        X=rng.normal(size=(n, d)),
        y=y,
        index=np.asarray(index),
    )


MODELS = ("squared_error", "logistic", "softmax")


@minibatch_gradient.cases("batches", weight=1)
def _(rng):
    for name, n, d, m in (("squared_error", 12, 3, 4), ("logistic", 30, 4, 8), ("softmax", 20, 5, 6)):
        yield _problem(rng, name, n, d, rng.choice(n, m, replace=False))
    yield _problem(rng, "squared_error", 40, 6, rng.choice(40, 25, replace=False))


@minibatch_gradient.cases("drawn with replacement", weight=1)
def _(rng):
    for name in MODELS:
        yield _problem(rng, name, 15, 4, [3, 3, 7, 3, *rng.integers(15, size=4)])
    yield _problem(rng, "squared_error", 5, 3, [2, 2, 2, 0])
    yield _problem(rng, "squared_error", 4, 2, rng.permutation([0, 0, 1, 1, 1, 2, 2, 3, 3, 3]))


@minibatch_gradient.cases("edge cases", weight=1)
def _(rng):
    yield _problem(rng, "squared_error", 10, 3, [int(rng.integers(2, 8))])
    yield _problem(rng, "softmax", 9, 4, [int(rng.integers(2, 8))])
    yield _problem(rng, "logistic", 11, 3, rng.permutation(11))
    for scale in (1e-8, 1e8):
        yield _problem(rng, "squared_error", 12, 3, rng.permutation([0, 4, 4, 7, 9, 11]), scale)
    zeros = _problem(rng, "squared_error", 8, 3, [7, 1, 5])
    zeros["theta"] = np.zeros(3)
    yield zeros


@minibatch_gradient.cases("no more examples than the batch holds", weight=1)
def _(rng):
    for name, n, d, m in (("squared_error", 25, 3, 5), ("logistic", 40, 4, 8), ("softmax", 18, 3, 1)):
        problem = _problem(rng, name, n, d, rng.choice(n, m, replace=False))
        yield problem | dict(grad_fn=Reference("utils.gradients.metered", "gradients", dict(name=name, examples=m)))


@minibatch_gradient.misconception
def sum_(grad_fn, theta, X, y, index):
    """Your gradient gets longer as the batch gets larger. The rate would have to change with every batch size."""
    return grad_fn(theta, X[index], y[index]).sum(axis=0)


@minibatch_gradient.misconception
def divides_by_the_whole_set(grad_fn, theta, X, y, index):
    """You divide by the number of all examples. Over how many have you summed?"""
    return grad_fn(theta, X[index], y[index]).sum(axis=0) / len(X)


@minibatch_gradient.misconception
def uses_all_examples(grad_fn, theta, X, y, index):
    """Your gradient is the same whatever the index says: it asks the whole set. Which examples are in the batch?"""
    return grad_fn(theta, X, y).mean(axis=0)


@minibatch_gradient.misconception
def picks_afterwards(grad_fn, theta, X, y, index):
    """Your numbers are right, but you ask for all gradients and then drop most of them. How long would a million
    examples take? Choose before you ask.
    """
    return grad_fn(theta, X, y)[index].mean(axis=0)


@minibatch_gradient.misconception
def first_examples(grad_fn, theta, X, y, index):
    """You take as many examples as asked for, but the first ones. The index says which ones."""
    m = len(index)
    return grad_fn(theta, X[:m], y[:m]).mean(axis=0)


@minibatch_gradient.misconception
def repetitions_dropped(grad_fn, theta, X, y, index):
    """In a batch drawn with replacement an example may come up twice. Then it counts twice; yours counts once."""
    once = np.unique(index)
    return grad_fn(theta, X[once], y[once]).mean(axis=0)


@minibatch_gradient.misconception
def averages_everything(grad_fn, theta, X, y, index):
    """You return a single number: the mean over examples and over parameters. Which axis counts the examples?"""
    return grad_fn(theta, X[index], y[index]).mean()


@minibatch_gradient.misconception
def not_averaged(grad_fn, theta, X, y, index):
    """You return one gradient for each example. The update needs a single one, shaped like theta."""
    return grad_fn(theta, X[index], y[index])


@minibatch_gradient.misconception
def averages_over_the_parameters(grad_fn, theta, X, y, index):
    """You average along the last axis, over parameters. Which axis counts the examples?"""
    return grad_fn(theta, X[index], y[index]).mean(axis=-1)


@minibatch_gradient.misconception
def labels_not_picked(grad_fn, theta, X, y, index):
    """You pick rows of X, but not their labels. Each row must keep its own y."""
    return grad_fn(theta, X[index], y).mean(axis=0)


@minibatch_gradient.misconception
def labels_of_the_first(grad_fn, theta, X, y, index):
    """Your rows of X come from the index, your labels from the start of y. Each row must keep its own y."""
    return grad_fn(theta, X[index], y[: len(index)]).mean(axis=0)


@minibatch_gradient.misconception
def scaled_up_to_the_set(grad_fn, theta, X, y, index):
    """You estimate the gradient of the summed loss over all examples. Here the loss is a mean."""
    return len(X) * grad_fn(theta, X[index], y[index]).mean(axis=0)


@minibatch_gradient.misconception
def divides_by_one_less(grad_fn, theta, X, y, index):
    """You divide by m - 1, as for a standard deviation. A mean of m gradients has another divisor."""
    with np.errstate(all="ignore"):
        return grad_fn(theta, X[index], y[index]).sum(axis=0) / np.float64(len(index) - 1)


# --- minibatches


@exercise(points=5, returns=("sizes", "X", "y"), view="batches", holds="shuffled_batches")
def minibatches(X, y, size, rng):
    """Oracle: scikit-learn's shuffle and gen_batches."""
    X, y = shuffle(X, y, random_state=int(rng.integers(2**31)))
    return [(X[part], y[part]) for part in gen_batches(len(y), size)]


def _examples(rng, n, *shape):
    """A data set whose labels name their rows, so that a pair torn apart shows."""
    names = rng.permutation(n)
    X = rng.normal(size=(n, *shape))
    X.reshape(n, -1)[:, 0] = names + 0.5
    return dict(X=X, y=3 * names + 2)  # as positions they would be out of range


def _seed(rng):
    return Seed(int(rng.integers(2**31)))


@minibatches.cases("with a rest", weight=2)
def _(rng):
    for n, size, shape in ((23, 5, (2,)), (40, 12, (3,)), (17, 16, (1,)), (31, 4, (2, 3))):
        yield dict(**_examples(rng, n, *shape), size=size, rng=_seed(rng))
    yield dict(**_examples(rng, 100, 4), size=int(rng.integers(51, 99)), rng=_seed(rng))
    classes = dict(X=rng.normal(size=(33, 2)), y=np.sort(rng.integers(3, size=33)))
    yield dict(**classes, size=8, rng=_seed(rng))


@minibatches.cases("sizes that divide", weight=1)
def _(rng):
    for n, size in ((24, 6), (40, 20), (30, 10)):
        yield dict(**_examples(rng, n, 3), size=size, rng=_seed(rng))


@minibatches.cases("the smallest and the largest batches", weight=1)
def _(rng):
    yield dict(**_examples(rng, 14, 2), size=1, rng=_seed(rng))
    regression = _examples(rng, 15, 3)
    yield regression | dict(y=regression["y"] / 2, size=15, rng=_seed(rng))
    yield dict(**_examples(rng, 16, 2), size=50, rng=_seed(rng))
    yield dict(**_examples(rng, 1, 2), size=1, rng=_seed(rng))
    yield dict(**_examples(rng, 4, 2), size=3, rng=_seed(rng))


@minibatches.trajectory("several epochs", weight=1, carry=(), each=("rng",))
def _(rng):
    # twice the same generator, then eight others
    first, *others = (_seed(rng) for _ in range(9))
    yield dict(**_examples(rng, 40), size=12, rng=[first, first, *others])


@minibatches.misconception
def rest_lost(X, y, size, rng):
    """Add up the lengths of your batches. Where are the examples that do not fill a whole batch?"""
    order = rng.permutation(len(y))
    for i in range(len(y) // size):
        batch = order[i * size : (i + 1) * size]
        yield X[batch], y[batch]


@minibatches.misconception
def shuffled_apart(X, y, size, rng):
    """X and y are shuffled, but each in its own order. Look at one row of a batch: is that its label?"""
    X, y = X[rng.permutation(len(y))], y[rng.permutation(len(y))]
    for start in range(0, len(y), size):
        yield X[start : start + size], y[start : start + size]


@minibatches.misconception
def labels_left_in_order(X, y, size, rng):
    """You shuffle the rows of X and leave the labels where they were. Look at a row of a batch: is that its label?"""
    X = X[rng.permutation(len(y))]
    for start in range(0, len(y), size):
        yield X[start : start + size], y[start : start + size]


@minibatches.misconception
def drawn_with_replacement(X, y, size, rng):
    """Some examples come twice in your epoch and others never. Each should have its turn exactly once."""
    for start in range(0, len(y), size):
        batch = rng.integers(len(y), size=min(size, len(y) - start))
        yield X[batch], y[batch]


@minibatches.misconception
def each_batch_drawn_anew(X, y, size, rng):
    """Within a batch no example comes twice, but you draw each batch from the whole set. Over an epoch, each example
    should come once.
    """
    for start in range(0, len(y), size):
        batch = rng.permutation(len(y))[: min(size, len(y) - start)]
        yield X[batch], y[batch]


@minibatches.misconception
def not_shuffled(X, y, size, rng):
    """Your batches come in the order of the data. If that is sorted by class, so are your batches."""
    for start in range(0, len(y), size):
        yield X[start : start + size], y[start : start + size]


@minibatches.misconception
def shuffled_in_place(X, y, size, rng):
    """Your batches are right, but the caller's X and y are in a new order now. Shuffle positions, not the data."""
    order = rng.permutation(len(y))
    X[:], y[:] = X[order], y[order]
    return [(X[start : start + size].copy(), y[start : start + size].copy()) for start in range(0, len(y), size)]


@minibatches.misconception
def only_batches_shuffled(X, y, size, rng):
    """You cut first and shuffle the batches afterwards, so neighbours stay together. Sorted data would give batches of
    one class.
    """
    for start in rng.permutation(np.arange(0, len(y), size)):
        yield X[start : start + size], y[start : start + size]


@minibatches.misconception
def read_backwards(X, y, size, rng):
    """You turned the data round. Sorted by class, they still come one class at a time: that is an order, no chance."""
    for start in range(0, len(y), size):
        yield X[::-1][start : start + size], y[::-1][start : start + size]


@minibatches.misconception
def random_start_only(X, y, size, rng):
    """Only the place where you begin is random; from there on the examples come in their old order."""
    shift = int(rng.integers(1, len(y))) if len(y) > 1 else 0
    X, y = np.roll(X, shift, axis=0), np.roll(y, shift)
    for start in range(0, len(y), size):
        yield X[start : start + size], y[start : start + size]


@minibatches.misconception
def shuffled_within_batches(X, y, size, rng):
    """You cut first and shuffle inside each batch. It holds the same neighbours in every epoch; sorted data would give
    batches of one class.
    """
    for start in range(0, len(y), size):
        batch = start + rng.permutation(min(size, len(y) - start))
        yield X[batch], y[batch]


@minibatches.misconception
def seed_of_its_own(X, y, size, rng):
    """You make a generator of your own, so every epoch has the same order, whatever the caller's seed. Use the `rng`
    that you are given.
    """
    order = np.random.default_rng(0).permutation(len(y))
    for start in range(0, len(y), size):
        yield X[order[start : start + size]], y[order[start : start + size]]


@minibatches.misconception
def last_example_stays(X, y, size, rng):
    """One example comes last in every epoch: your shuffle does not reach it. Over which positions does it run?"""
    order = np.append(rng.permutation(len(y) - 1), len(y) - 1)
    for start in range(0, len(y), size):
        yield X[order[start : start + size]], y[order[start : start + size]]


@minibatches.misconception
def rest_filled_up(X, y, size, rng):
    """You fill the last batch with examples that had their turn. It may be shorter than the others."""
    order = rng.permutation(len(y))
    for start in range(0, len(y), size):
        batch = np.take(order, np.arange(start, start + size), mode="wrap")
        yield X[batch], y[batch]


@minibatches.misconception
def empty_batch_at_the_end(X, y, size, rng):
    """Where the size divides the set, your last batch is empty; its mean gradient would be NaN."""
    order = rng.permutation(len(y))
    for i in range(len(y) // size + 1):
        batch = order[i * size : (i + 1) * size]
        yield X[batch], y[batch]


@minibatches.misconception
def no_pairs(X, y, size, rng):
    """An item of your answer is no pair of inputs and labels. Did you hand out only one of them, or did a return inside
    the loop end the function at the first batch?
    """
    batch = rng.permutation(len(y))[:size]
    return X[batch], y[batch]


@minibatches.misconception
def number_of_batches_for_size(X, y, size, rng):
    """You cut the set into `size` batches. It should be as many batches as needed, of `size` examples each."""
    order = rng.permutation(len(y))
    return [(X[batch], y[batch]) for batch in np.array_split(order, size)]


# --- updates_per_epoch


@exercise(points=3, returns="updates")
def updates_per_epoch(n, size, drop_last):
    """Oracle: the length of a torch DataLoader."""
    return len(DataLoader(range(n), batch_size=size, drop_last=drop_last))


def _in_random_order(rng, rows):
    """Answers here are small numbers: in a random order they cannot be repeated by heart."""
    for place in rng.permutation(len(rows)):
        n, size, drop_last = rows[place]
        yield dict(n=int(n), size=int(size), drop_last=bool(drop_last))


@updates_per_epoch.cases("the last batch kept", weight=1)
def _(rng):
    rows = [(60_000, 128, False), (1438, 64, False), (1000, 10, False), (100, 33, False), (101, 100, False)]
    for _ in range(6):
        size = rng.integers(2, 60)
        rows.append((size * rng.integers(2, 50) + rng.integers(size), size, False))
        rows.append((size * rng.integers(2, 50), size, False))
    rows += [(0, size, False), (size - 1, size, False), (rng.integers(10**5, 10**6), 7, False)]
    yield from _in_random_order(rng, rows)


@updates_per_epoch.cases("the last batch dropped", weight=1)
def _(rng):
    rows = [(60_000, 128, True), (1438, 64, True), (1000, 10, True), (100, 33, True), (199, 100, True)]
    for _ in range(6):
        size = rng.integers(2, 60)
        rows.append((size * rng.integers(2, 50) + rng.integers(1, size), size, True))
        rows.append((size * rng.integers(2, 50), size, True))
    rows += [(0, size, True), (size - 1, size, True), (rng.integers(10**5, 10**6), 7, True)]
    yield from _in_random_order(rng, rows)


@updates_per_epoch.cases("edge cases", weight=1)
def _(rng):
    small, large = rng.integers(2, 40), rng.integers(50, 90)
    rows = [(0, large, False), (0, large, True), (small, large, False), (small, large, True), (large, large, False)]
    rows += [(large, large, True), (large, 1, False), (large, 1, True), (1, 1, False), (1, 1, True), (0, 1, True)]
    rows += [(rng.integers(10**5, 10**6), 1, False), (rng.integers(10**5, 10**6), 1, True)]
    rows += [
        (2**24 + 1, 2**20, False),
        (2**25 - 1, 2**20, True),
        (10**6 + 1, 100, False),
        (10**6 - 1, 100, True),
        (1, 2, False),
        (1, 2, True),
    ]
    yield from _in_random_order(rng, rows)


@updates_per_epoch.misconception
def always_drops(n, size, drop_last):
    """You round down every time. With drop_last=False the examples left over make one more batch."""
    return n // size


@updates_per_epoch.misconception
def never_drops(n, size, drop_last):
    """You round up every time. What should happen with drop_last=True?"""
    return -(-n // size)


@updates_per_epoch.misconception
def one_more_always(n, size, drop_last):
    """You add a batch for the rest even when there is none. How many batches of 10 are there in 1000 examples?"""
    return n // size if drop_last else n // size + 1


@updates_per_epoch.misconception
def drops_one_always(n, size, drop_last):
    """You take one batch away even if it is full. Which batch is meant to be dropped?"""
    return -(-n // size) - 1 if drop_last else -(-n // size)


@updates_per_epoch.misconception
def swapped(n, size, drop_last):
    """You have the two cases the wrong way round: which one counts the rest?"""
    return -(-n // size) if drop_last else n // size


@updates_per_epoch.misconception
def rounds_to_nearest(n, size, drop_last):
    """You round to the nearest number. A short batch is a batch, be it half full or nearly empty."""
    return n // size if drop_last else round(n / size)


@updates_per_epoch.misconception
def rounds_to_nearest_always(n, size, drop_last):
    """You round to the nearest number, whatever drop_last says. Should 4.6 and 4.4 batches be treated differently?"""
    return round(n / size)


@updates_per_epoch.misconception
def at_least_one(n, size, drop_last):
    """You always make at least one update. How many are there in an empty set, or full ones in a small set?"""
    return max(1, n // size if drop_last else -(-n // size))


@updates_per_epoch.misconception
def fraction(n, size, drop_last):
    """You return a fraction of an update. The last batch is either used or it is not."""
    return n / size


@updates_per_epoch.misconception
def full_set_for_large_batches(n, size, drop_last):
    """A batch size larger than the set is not made smaller: kept, it gives one short batch; dropped, none."""
    size = min(size, n)
    return 0 if n == 0 else n // size if drop_last else -(-n // size)


@updates_per_epoch.misconception
def adds_the_examples_left_over(n, size, drop_last):
    """You add the number of examples that are left over. How many batches do they make?"""
    return n // size if drop_last else n // size + n % size


# --- gradient_noise_scale


@exercise(points=6, returns="scale")
def gradient_noise_scale(per_example_grads):
    """Oracle: distances and inner products between pairs of examples; neither a mean nor a variance is computed."""
    pairs = scipy.spatial.distance.pdist(per_example_grads, "sqeuclidean")
    return pairs.mean() / 2 / (per_example_grads @ per_example_grads.T).mean()


def _grads(rng, n, p, scale=1.0):
    """Per-example gradients with different spreads in different directions."""
    return scale * (rng.normal(size=p) + rng.uniform(0.3, 3.0, size=p) * rng.normal(size=(n, p)))


@gradient_noise_scale.cases("a few examples", weight=1)
def _(rng):
    for n, p in ((2, 3), (3, 5), (5, 2), (4, 4), (6, 12)):
        yield dict(per_example_grads=_grads(rng, n, p))


@gradient_noise_scale.cases("many examples", weight=1)
def _(rng):
    for n, p in ((60, 4), (40, 25), (100, 2)):
        yield dict(per_example_grads=_grads(rng, n, p))
    little = rng.normal(size=7) + 0.05 * rng.normal(size=(30, 7))
    yield dict(per_example_grads=little)


@gradient_noise_scale.cases("edge cases", weight=1)
def _(rng):
    for scale in (1e-8, 1e8):
        yield dict(per_example_grads=_grads(rng, 5, 3, scale))
    yield dict(per_example_grads=_grads(rng, 6, 2))
    grads = _grads(rng, 8, 6)
    grads[:, ::2] = 0.0
    yield dict(per_example_grads=grads)
    # a silent coordinate and a loud one that cancels in the mean of two rows, up to a rest
    yield dict(per_example_grads=np.array([[3.0, 0.0, 1.0], [-2.0, 0.0, 1.0]]) * rng.uniform(0.5, 2))


@gradient_noise_scale.misconception
def not_relative_to_the_gradient(per_example_grads):
    """You return the noise alone. Whether it is large or small depends on the gradient that it disturbs."""
    return per_example_grads.var(axis=0, ddof=1).sum()


@gradient_noise_scale.misconception
def gradient_not_squared(per_example_grads):
    """Multiply all gradients by 10: the scale counts examples and should stay as it was, yours does not."""
    return per_example_grads.var(axis=0, ddof=1).sum() / np.linalg.norm(per_example_grads.mean(axis=0))


@gradient_noise_scale.misconception
def lengths_not_squared(per_example_grads):
    """You compare lengths. The noise falls with the root of m: what must you do to a ratio of lengths to get an m?"""
    g = per_example_grads.mean(axis=0)
    return np.sqrt(per_example_grads.var(axis=0, ddof=1).sum()) / np.linalg.norm(g)


@gradient_noise_scale.misconception
def standard_deviations(per_example_grads):
    """You add up standard deviations. Variances add up, and they stand on the diagonal."""
    g = per_example_grads.mean(axis=0)
    return per_example_grads.std(axis=0, ddof=1).sum() / (g @ g)


@gradient_noise_scale.misconception
def divides_by_n(per_example_grads):
    """Which divisor does the text ask for in the covariance? Yours is right for a known mean."""
    g = per_example_grads.mean(axis=0)
    return per_example_grads.var(axis=0).sum() / (g @ g)


@gradient_noise_scale.misconception
def not_centred(per_example_grads):
    """You take squared lengths without subtracting the mean, so the gradient itself counts as noise."""
    g = per_example_grads.mean(axis=0)
    return (per_example_grads**2).sum() / (len(per_example_grads) - 1) / (g @ g)


@gradient_noise_scale.misconception
def mean_variance(per_example_grads):
    """You average the variances over the parameters. A trace is a sum: the noise in all directions adds up."""
    g = per_example_grads.mean(axis=0)
    return per_example_grads.var(axis=0, ddof=1).mean() / (g @ g)


@gradient_noise_scale.misconception
def one_variance_for_all(per_example_grads):
    """You take one variance of all numbers in the table. Each parameter has its own mean, and its own variance."""
    g = per_example_grads.mean(axis=0)
    return per_example_grads.size / len(per_example_grads) * per_example_grads.var(ddof=1) / (g @ g)


@gradient_noise_scale.misconception
def covariance_of_the_examples(per_example_grads):
    """Your covariance has a row for each example. It is the parameters that vary from example to example: the matrix
    should have a row for each of them.
    """
    g = per_example_grads.mean(axis=0)
    return np.trace(np.atleast_2d(np.cov(per_example_grads))) / (g @ g)


@gradient_noise_scale.misconception
def upside_down(per_example_grads):
    """Yours gets smaller as the noise grows. Which of the two belongs on top?"""
    g = per_example_grads.mean(axis=0)
    return (g @ g) / per_example_grads.var(axis=0, ddof=1).sum()


@gradient_noise_scale.misconception
def mean_of_squared_lengths(per_example_grads):
    """You average the squared lengths of the single gradients. The formula asks for the squared length of their
    average, which is much shorter.
    """
    return per_example_grads.var(axis=0, ddof=1).sum() / (per_example_grads**2).sum(axis=1).mean()


@gradient_noise_scale.misconception
def summed_coordinate_by_coordinate(per_example_grads):
    """You divide in each coordinate and then add up. First add up the noise and the gradient, then divide once."""
    g = per_example_grads.mean(axis=0)
    with np.errstate(all="ignore"):
        return (per_example_grads.var(axis=0, ddof=1) / g**2).sum()


@gradient_noise_scale.misconception
def gradient_summed(per_example_grads):
    """Your gradient is the sum over the examples, so it is N times too long. The loss is a mean."""
    g = per_example_grads.sum(axis=0)
    return per_example_grads.var(axis=0, ddof=1).sum() / (g @ g)


@gradient_noise_scale.misconception
def noise_of_the_mean(per_example_grads):
    """You divide the noise by N: that is the noise left in the full gradient. Σ is about single examples."""
    g = per_example_grads.mean(axis=0)
    return per_example_grads.var(axis=0, ddof=1).sum() / len(per_example_grads) / (g @ g)


@gradient_noise_scale.misconception
def along_the_rows(per_example_grads):
    """You average over the parameters of each example. What varies is the example: along which axis does it run?"""
    g = per_example_grads.mean(axis=1)
    return per_example_grads.var(axis=1, ddof=1).sum() / (g @ g)


@gradient_noise_scale.misconception
def one_mean_and_one_variance(per_example_grads):
    """You mix all numbers of the table, above and below. The gradient is a vector, and each of its entries has its
    own variance.
    """
    return per_example_grads.var(ddof=1) / per_example_grads.mean() ** 2


@gradient_noise_scale.misconception
def deviations_over_length(per_example_grads):
    """You add up standard deviations and divide by a length. What stands on the diagonal of a covariance, and what has
    to be done to the length?
    """
    g = per_example_grads.mean(axis=0)
    return per_example_grads.std(axis=0, ddof=1).sum() / np.linalg.norm(g)


@gradient_noise_scale.misconception
def mean_of_the_lengths(per_example_grads):
    """You average the lengths of the single gradients. Average the gradients first: they partly cancel."""
    return per_example_grads.var(axis=0, ddof=1).sum() / np.linalg.norm(per_example_grads, axis=1).mean() ** 2


@gradient_noise_scale.misconception
def whole_covariance(per_example_grads):
    """You add up all entries of the covariance. Which of them make the trace?"""
    g = per_example_grads.mean(axis=0)
    return np.cov(per_example_grads.T).sum() / (g @ g)


@gradient_noise_scale.misconception
def noise_taken_out_below(per_example_grads):
    """You take the noise out of the squared length. Here ‖g‖² is that of the mean as it is: read what the text says in
    brackets.
    """
    g = per_example_grads.mean(axis=0)
    noise = per_example_grads.var(axis=0, ddof=1).sum()
    return noise / (g @ g - noise / len(per_example_grads))
