"""Minibatches: honest variants, further wrong solutions, and mutants that compute the same."""

import collections
import itertools
import math
import random

import numpy as np
import scipy.stats
import torch
from torch.utils.data import DataLoader, TensorDataset

from tests.precision.table import ChapterTable

table = ChapterTable(__file__)
honest, wrong = table.honest, table.wrong

# --- honest: standard_error


honest(
    "standard_error",
    scipys="scipy.stats.sem(sample)",
    correction_under_the_root="sample.std(axis=0) / np.sqrt(len(sample) - 1)",
)


@honest("standard_error")
def root_of_the_variance_of_the_mean(sample):
    m = sample.shape[0]
    return np.sqrt(sample.var(axis=0, ddof=1) / m)


@honest("standard_error")
def written_out(sample):
    m = len(sample)
    away = sample - sample.mean(axis=0)
    return (np.sum(away**2, axis=0) / (m * (m - 1))) ** 0.5


@honest("standard_error")
def torch_in_float32(sample):
    sample = torch.tensor(sample, dtype=torch.float32)
    return sample.std(dim=0) / math.sqrt(len(sample))


@honest("standard_error")
def leave_one_out(sample):
    m = len(sample)
    means = np.array([np.delete(sample, i, axis=0).mean(axis=0) for i in range(m)])
    return np.sqrt((m - 1) * means.var(axis=0))


@honest("standard_error")
def half_the_squared_differences(sample):
    m = len(sample)
    pairs = [(a - b) ** 2 for a, b in itertools.combinations(sample, 2)]
    return np.sqrt(np.sum(pairs, axis=0) / m) / np.sqrt(m * (m - 1))


# --- honest: minibatch_gradient


@honest("minibatch_gradient")
def one_by_one(grad_fn, theta, X, y, index):
    total = np.zeros_like(theta)
    for i in index:
        total += grad_fn(theta, X[i : i + 1], y[i : i + 1])[0]
    return total / len(index)


@honest("minibatch_gradient")
def taken_and_summed(grad_fn, theta, X, y, index):
    rows = grad_fn(theta, np.take(X, index, axis=0), np.take(y, index))
    return np.sum(rows, axis=0) / index.size


@honest("minibatch_gradient")
def weighted_by_counts(grad_fn, theta, X, y, index):
    chosen, counts = np.unique(index, return_counts=True)
    return np.average(grad_fn(theta, X[chosen], y[chosen]), axis=0, weights=counts)


@honest("minibatch_gradient")
def mean_of_lists(grad_fn, theta, X, y, index):
    batch = [(X[i], y[i]) for i in index.tolist()]
    rows = grad_fn(theta, [x for x, _ in batch], [label for _, label in batch])
    return sum(rows) / len(rows)


@honest("minibatch_gradient")
def torch_mean(grad_fn, theta, X, y, index):
    index = torch.from_numpy(index)
    X, y = torch.from_numpy(X)[index], torch.from_numpy(y)[index]
    return torch.as_tensor(grad_fn(theta, X.numpy(), y.numpy())).mean(0)


@honest("minibatch_gradient")
def product_with_equal_weights(grad_fn, theta, X, y, index):
    rows = grad_fn(theta, X[index, :], y[index])
    return np.tensordot(np.full(len(rows), 1 / len(rows)), rows, axes=1)


# --- honest: minibatches


def _in_batches(X, y, order, size):
    return [(X[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(y), size)]


@honest("minibatches")
def listed(X, y, size, rng):
    order = rng.permutation(len(X))
    return [(X[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(X), size)]


@honest("minibatches")
def split(X, y, size, rng):
    order = np.arange(y.shape[0])
    rng.shuffle(order)
    return tuple((X[part], y[part]) for part in np.split(order, range(size, len(order), size)))


@honest("minibatches")
def sorted_by_random_keys(X, y, size, rng):
    order = np.argsort(rng.random(len(y)))
    for k in range(math.ceil(len(y) / size)):
        yield X[order][k * size : (k + 1) * size], y[order][k * size : (k + 1) * size]


@honest("minibatches")
def drawn_from_what_is_left(X, y, size, rng):
    left = set(range(len(y)))
    while left:
        batch = rng.choice(sorted(left), size=min(size, len(left)), replace=False)
        left -= set(batch.tolist())
        yield X[batch], y[batch]


@honest("minibatches")
def pairs_shuffled(X, y, size, rng):
    pairs = list(zip(X, y, strict=True))
    random.Random(int(rng.integers(1000))).shuffle(pairs)
    batches = []
    while pairs:
        batch, pairs = pairs[:size], pairs[size:]
        batches.append([np.array([x for x, _ in batch]), np.array([label for _, label in batch])])
    return batches


@honest("minibatches")
def torchs_loader(X, y, size, rng):
    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    data = TensorDataset(torch.from_numpy(X), torch.from_numpy(y))
    return list(DataLoader(data, batch_size=size, shuffle=True, generator=generator))


@honest("minibatches")
def zipped_parts(X, y, size, rng):
    order = rng.choice(len(y), size=len(y), replace=False)
    X, y = X[order], y[order]
    starts = range(0, len(y), size)
    return zip([X[i : i + size] for i in starts], [y[i : i + size] for i in starts], strict=True)


@honest("minibatches")
def loader_itself(X, y, size, rng):
    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    data = TensorDataset(torch.from_numpy(X), torch.from_numpy(y))
    return DataLoader(data, batch_size=size, shuffle=True, generator=generator)


@honest("minibatches")
def queue_of_batches(X, y, size, rng):
    order, queue = rng.permutation(len(y)), collections.deque()
    while len(order):
        queue.append((X[order[:size]], y[order[:size]]))
        order = order[size:]
    return queue


@honest("minibatches")
def object_to_loop_over(X, y, size, rng):
    class Epoch:
        def __init__(self):
            self.order = np.argsort(rng.normal(size=len(y)))

        def __len__(self):
            return -(-len(y) // size)

        def __iter__(self):
            for start in range(0, len(y), size):
                part = self.order[start : start + size]
                yield X[part], y[part]

    return Epoch()


@honest("minibatches")
def one_at_a_time_from_a_set(X, y, size, rng):
    left, order = set(range(len(y))), []
    while left:
        order.append(sorted(left)[rng.integers(len(left))])
        left.remove(order[-1])
    return _in_batches(X, y, order, size)


@honest("minibatches")
def swapped_by_hand(X, y, size, rng):
    order = list(range(len(y)))
    for last in range(len(y) - 1, 0, -1):
        other = int(rng.random() * (last + 1))
        order[last], order[other] = order[other], order[last]
    return _in_batches(X, y, order, size)


@honest("minibatches")
def child_of_the_generator(X, y, size, rng):
    (child,) = rng.spawn(1)
    return _in_batches(X, y, child.permutation(len(y)), size)


honest(
    "minibatches",
    seeds_another_generator=("_in_batches(X, y, np.random.default_rng(rng.integers(2**63)).permutation(len(y)), size)"),
    ranks_of_normal_draws="_in_batches(X, y, np.argsort(np.argsort(rng.normal(size=len(y)))), size)",
    mapped="map(tuple, _in_batches(X, y, rng.permutation(len(y)), size))",
)


@honest("minibatches")
def in_float32_and_lists(X, y, size, rng):
    order = rng.permutation(len(y)).tolist()
    X = X.astype(np.float32)
    return [[X[order[i : i + size]].tolist(), y[order[i : i + size]].tolist()] for i in range(0, len(y), size)]


# --- honest: updates_per_epoch


honest(
    "updates_per_epoch",
    floor_or_ceil="math.floor(n / size) if drop_last else math.ceil(n / size)",
    through_numpy="int(np.floor(n / size)) if drop_last else int(np.ceil(n / size))",
    padded="(n + (0 if drop_last else size - 1)) // size",
    float_result="np.floor(n / size) if drop_last else np.ceil(n / size)",
)


@honest("updates_per_epoch")
def negative_floor(n, size, drop_last):
    if drop_last:
        return n // size
    return -(-n // size)


@honest("updates_per_epoch")
def length_of_a_range(n, size, drop_last):
    stop = n - size + 1 if drop_last else n
    return len(range(0, stop, size))


@honest("updates_per_epoch")
def branch_on_the_rest(n, size, drop_last):
    count = n // size
    if n % size != 0 and drop_last is False:
        count += 1
    return count


# --- honest: gradient_noise_scale


@honest("gradient_noise_scale")
def trace_of_the_covariance(per_example_grads):
    covariance = np.cov(per_example_grads, rowvar=False)
    return np.trace(covariance) / np.linalg.norm(per_example_grads.mean(axis=0)) ** 2


@honest("gradient_noise_scale")
def squared_distances_from_the_mean(per_example_grads):
    g = np.mean(per_example_grads, axis=0)
    noise = sum(np.dot(row - g, row - g) for row in per_example_grads) / (len(per_example_grads) - 1)
    return noise / np.dot(g, g)


@honest("gradient_noise_scale")
def torch_variances(per_example_grads):
    grads = torch.as_tensor(per_example_grads)
    return grads.var(dim=0).sum() / grads.mean(dim=0).square().sum()


@honest("gradient_noise_scale")
def diagonal_by_einsum(per_example_grads):
    g = per_example_grads.mean(axis=0)
    away = per_example_grads - g
    return np.einsum("ij,ij->", away, away) / (len(away) - 1) / np.einsum("j,j->", g, g)


@honest("gradient_noise_scale")
def through_the_standard_error(per_example_grads):
    n = len(per_example_grads)
    error = np.linalg.norm(scipy.stats.sem(per_example_grads, axis=0))
    return n * (error / np.linalg.norm(per_example_grads.mean(axis=0))) ** 2


@honest("gradient_noise_scale")
def variance_with_a_correction(per_example_grads):
    n, _ = per_example_grads.shape
    g = per_example_grads.sum(axis=0) / n
    return n / (n - 1) * np.sum(np.var(per_example_grads, axis=0)) / np.sum(np.square(g))


# --- wrong: standard_error


wrong(
    "standard_error",
    root_of_the_root="np.sqrt(sample.std(axis=0, ddof=1) / len(sample))",
    mean_over_root="sample.mean(axis=0) / np.sqrt(len(sample))",
    mean_absolute_deviation="np.abs(sample - sample.mean(axis=0)).mean(axis=0) / np.sqrt(len(sample))",
    not_centred="np.sqrt((sample**2).sum(axis=0) / (len(sample) - 1) / len(sample))",
    two_standard_errors="1.96 * scipy.stats.sem(sample)",
    ddof_two="sample.std(axis=0, ddof=min(2, len(sample) - 1)) / np.sqrt(len(sample))",
    length_of_all="np.linalg.norm(scipy.stats.sem(sample, axis=0))",
    mean_of_the_columns="np.mean(scipy.stats.sem(sample, axis=0))",
    never_zero="np.maximum(scipy.stats.sem(sample, axis=0), 1e-6)",
    relative_error="scipy.stats.sem(sample, axis=0) / np.abs(sample.mean(axis=0))",
    kept_as_a_row="sample.std(axis=0, ddof=1, keepdims=True) / np.sqrt(len(sample))",
)


@wrong("standard_error")
def centres_in_place(sample):
    sample -= sample.mean(axis=0)
    return np.sqrt((sample**2).sum(axis=0) / (len(sample) - 1) / len(sample))


# --- wrong: minibatch_gradient


wrong(
    "minibatch_gradient",
    median_of_the_batch="np.median(grad_fn(theta, X[index], y[index]), axis=0)",
    gradient_of_the_mean_example="grad_fn(theta, X[index].mean(axis=0, keepdims=True), y[index][:1])[0]",
    only_the_first_of_the_batch="grad_fn(theta, X[index[:1]], y[index[:1]])[0]",
    descends="-grad_fn(theta, X[index], y[index]).mean(axis=0)",
    root_for_the_divisor="grad_fn(theta, X[index], y[index]).sum(axis=0) / np.sqrt(len(index))",
    labels_sorted="grad_fn(theta, X[index], y[np.sort(index)]).mean(axis=0)",
    at_zero="grad_fn(np.zeros_like(theta), X[index], y[index]).mean(axis=0)",
    counts_from_one="grad_fn(theta, X[index - 1], y[index - 1]).mean(axis=0)",
)


@wrong("minibatch_gradient")
def all_one_by_one(grad_fn, theta, X, y, index):
    rows = [grad_fn(theta, X[i : i + 1], y[i : i + 1])[0] for i in range(len(y))]
    return np.mean([rows[i] for i in index], axis=0)


@wrong("minibatch_gradient")
def everything_weighted(grad_fn, theta, X, y, index):
    counts = np.bincount(index, minlength=len(y))
    return np.tensordot(counts / len(index), grad_fn(theta, X, y), axes=1)


@wrong("minibatch_gradient")
def everything_up_to_the_last(grad_fn, theta, X, y, index):
    end = index.max() + 1
    return grad_fn(theta, X[:end], y[:end])[index].mean(axis=0)


@wrong("minibatch_gradient")
def last_left_out(grad_fn, theta, X, y, index):
    chosen = index[:-1] if len(index) > 1 else index
    return grad_fn(theta, X[chosen], y[chosen]).mean(axis=0)


@wrong("minibatch_gradient")
def as_a_mask(grad_fn, theta, X, y, index):
    mask = np.zeros(len(X), dtype=bool)
    mask[index] = True
    return grad_fn(theta, X[mask], y[mask]).mean(axis=0)


@wrong("minibatch_gradient")
def everybody_else(grad_fn, theta, X, y, index):
    rest = np.delete(np.arange(len(X)), index)
    return grad_fn(theta, X[rest], y[rest]).mean(axis=0) if len(rest) else np.zeros_like(theta)


@wrong("minibatch_gradient")
def normalized(grad_fn, theta, X, y, index):
    grad = grad_fn(theta, X[index], y[index]).mean(axis=0)
    return grad / max(np.linalg.norm(grad), 1e-300)


# --- wrong: minibatches


@wrong("minibatches")
def one_buffer_for_all_batches(X, y, size, rng):
    order = rng.permutation(len(y))
    rows, labels = np.empty((size, *X.shape[1:])), np.empty(size, dtype=y.dtype)
    for start in range(0, len(y), size):
        part = order[start : start + size]
        rows[: len(part)], labels[: len(part)] = X[part], y[part]
        yield rows[: len(part)], labels[: len(part)]


@wrong("minibatches")
def backwards_pairs(X, y, size, rng):
    order = rng.permutation(len(y))
    return [(y[order[i : i + size]], X[order[i : i + size]]) for i in range(0, len(y), size)]


@wrong("minibatches")
def inputs_only(X, y, size, rng):
    order = rng.permutation(len(y))
    return [X[order[i : i + size]] for i in range(0, len(y), size)]


@wrong("minibatches")
def positions_only(X, y, size, rng):
    order = rng.permutation(len(y))
    return [order[i : i + size] for i in range(0, len(y), size)]


@wrong("minibatches")
def last_example_lost(X, y, size, rng):
    order = rng.permutation(len(y) - 1)
    return [(X[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(order), size)]


@wrong("minibatches")
def rest_first(X, y, size, rng):
    order = rng.permutation(len(y))
    return [(X[part], y[part]) for part in np.split(order, range(len(y) % size or size, len(y), size))]


@wrong("minibatches")
def evened_out(X, y, size, rng):
    order = rng.permutation(len(y))
    return [(X[part], y[part]) for part in np.array_split(order, -(-len(y) // size))]


@wrong("minibatches")
def rest_joined_to_the_one_before(X, y, size, rng):
    order = rng.permutation(len(y))
    full = max(1, len(y) // size)
    return [(X[part], y[part]) for part in np.split(order, [i * size for i in range(1, full)])]


@wrong("minibatches")
def overlapping(X, y, size, rng):
    order = rng.permutation(len(y))
    return [(X[order[i : i + size + 1]], y[order[i : i + size + 1]]) for i in range(0, len(y), size)]


@wrong("minibatches")
def one_whole_batch(X, y, size, rng):
    order = rng.permutation(len(y))
    return [(X[order], y[order])]


@wrong("minibatches")
def columns_shuffled_too(X, y, size, rng):
    order = rng.permutation(len(y))
    X = rng.permuted(X[order], axis=0)
    return [(X[i : i + size], y[order][i : i + size]) for i in range(0, len(y), size)]


@wrong("minibatches")
def labels_as_columns(X, y, size, rng):
    order = rng.permutation(len(y))
    return [(X[order[i : i + size]], y[order[i : i + size], None]) for i in range(0, len(y), size)]


@wrong("minibatches")
def rolled_instead_of_shuffled_labels(X, y, size, rng):
    order = rng.permutation(len(y))
    return [(X[order[i : i + size]], np.roll(y[order[i : i + size]], 1)) for i in range(0, len(y), size)]


@wrong("minibatches")
def shuffles_x_in_place(X, y, size, rng):
    rng.shuffle(X)
    return [(X[i : i + size].copy(), y[i : i + size]) for i in range(0, len(y), size)]


# --- wrong: minibatches, another order than one drawn from rng


wrong(
    "minibatches",
    global_generator="_in_batches(X, y, np.random.permutation(len(y)), size)",
    global_generator_of_python="_in_batches(X, y, random.sample(range(len(y)), len(y)), size)",
    fresh_entropy="_in_batches(X, y, np.random.default_rng().permutation(len(y)), size)",
    seeded_by_the_size_of_the_set="_in_batches(X, y, np.random.default_rng(len(y)).permutation(len(y)), size)",
    loader_without_the_generator=(
        "DataLoader(TensorDataset(torch.from_numpy(X), torch.from_numpy(y)), batch_size=size, shuffle=True)"
    ),
    first_example_stays="_in_batches(X, y, np.append(0, 1 + rng.permutation(len(y) - 1)), size)",
    each_batch_sorted="[(X[i], y[i]) for i in map(np.sort, _parts_of(rng.permutation(len(y)), size))]",
    set_of_positions="_in_batches(X, y, list(set(rng.permutation(len(y)).tolist())), size)",
)


def _parts_of(order, size):
    return np.split(order, range(size, len(order), size))


@wrong("minibatches")
def one_pair_swapped(X, y, size, rng):
    order = np.arange(len(y))
    a, b = rng.integers(len(y), size=2)
    order[[a, b]] = order[[b, a]]
    return _in_batches(X, y, order, size)


@wrong("minibatches")
def halves_shuffled_apart(X, y, size, rng):
    half = len(y) // 2
    order = np.concatenate([rng.permutation(half), half + rng.permutation(len(y) - half)])
    return _in_batches(X, y, order, size)


@wrong("minibatches")
def halves_shuffled_apart_and_exchanged(X, y, size, rng):
    half = len(y) // 2
    order = np.concatenate([half + rng.permutation(len(y) - half), rng.permutation(half)])
    return _in_batches(X, y, order, size)


@wrong("minibatches")
def a_buffer_of_ten(X, y, size, rng):
    waiting, order = list(range(min(10, len(y)))), []
    for coming in range(len(waiting), len(y)):
        order.append(waiting.pop(rng.integers(len(waiting))))
        waiting.append(coming)
    return _in_batches(X, y, order + rng.permutation(waiting).tolist(), size)


@wrong("minibatches")
def pairs_kept_together(X, y, size, rng):
    order = np.concatenate([[2 * k, 2 * k + 1] for k in rng.permutation(-(-len(y) // 2))])
    return _in_batches(X, y, order[order < len(y)], size)


@wrong("minibatches")
def all_swaps_with_the_first(X, y, size, rng):
    order = np.arange(len(y))
    for i in range(1, len(y), 3):
        order[[0, i]] = order[[i, 0]]
    return _in_batches(X, y, order, size)


# --- wrong: updates_per_epoch


wrong(
    "updates_per_epoch",
    remainder="n % size",
    upside_down="size // n if n else 0",
    as_on_the_slide="math.ceil(n / size) + (n % size > 0)",
    minus_one="(n - 1) // size + (0 if drop_last else 1)",
    drops_on_even_sets_only="n // size + (not drop_last and n % size != 0 and n > size)",
    at_most_a_thousand="min(1000, n // size if drop_last else -(-n // size))",
    by_text="str(n // size if drop_last else -(-n // size))",
    half_full_counts="n // size + (not drop_last and n % size >= size / 2)",
    examples_read="n - n % size if drop_last else n",
)


@wrong("updates_per_epoch")
def in_single_precision(n, size, drop_last):
    share = np.float32(n) / np.float32(size)
    return int(np.floor(share)) if drop_last else int(np.ceil(share))


# --- wrong: gradient_noise_scale


def _parts(grads):
    g = grads.mean(axis=0)
    return grads.var(axis=0, ddof=1), g, g @ g


@wrong("gradient_noise_scale")
def squared_once_more(per_example_grads):
    variances, _, signal = _parts(per_example_grads)
    return (variances.sum() / signal) ** 2


@wrong("gradient_noise_scale")
def largest_variance(per_example_grads):
    variances, _, signal = _parts(per_example_grads)
    return variances.max() / signal


@wrong("gradient_noise_scale")
def sum_of_the_whole_matrix(per_example_grads):
    _, _, signal = _parts(per_example_grads)
    return np.sum(np.cov(per_example_grads, rowvar=False)) / signal


@wrong("gradient_noise_scale")
def norm_of_the_matrix(per_example_grads):
    _, _, signal = _parts(per_example_grads)
    return np.linalg.norm(np.atleast_2d(np.cov(per_example_grads, rowvar=False))) / signal


@wrong("gradient_noise_scale")
def bias_subtracted_from_the_signal(per_example_grads):
    variances, _, signal = _parts(per_example_grads)
    return variances.sum() / (signal - variances.sum() / len(per_example_grads))


@wrong("gradient_noise_scale")
def stabilised(per_example_grads):
    variances, _, signal = _parts(per_example_grads)
    return variances.sum() / (signal + 1e-8)


@wrong("gradient_noise_scale")
def largest_entry_of_the_gradient(per_example_grads):
    variances, g, _ = _parts(per_example_grads)
    return variances.sum() / np.abs(g).max() ** 2


@wrong("gradient_noise_scale")
def sum_of_absolute_entries(per_example_grads):
    variances, g, _ = _parts(per_example_grads)
    return variances.sum() / np.abs(g).sum() ** 2


@wrong("gradient_noise_scale")
def mean_of_both(per_example_grads):
    variances, g, _ = _parts(per_example_grads)
    return variances.sum() / (g**2).mean()


@wrong("gradient_noise_scale")
def rounded_to_whole_examples(per_example_grads):
    variances, _, signal = _parts(per_example_grads)
    return round(float(variances.sum() / signal))


@wrong("gradient_noise_scale")
def spread_of_the_lengths(per_example_grads):
    lengths = np.linalg.norm(per_example_grads, axis=1)
    return lengths.var(ddof=1) / lengths.mean() ** 2


@wrong("gradient_noise_scale")
def centred_in_place(per_example_grads):
    g = per_example_grads.mean(axis=0)
    per_example_grads -= g
    return (per_example_grads**2).sum() / (len(per_example_grads) - 1) / (g @ g)


# --- mutants that compute the same

table.equivalent(
    "updates_per_epoch",
    was="return full_batches + (left_over > 0 and (not drop_last))",
    becomes="return full_batches + (left_over != 0 and (not drop_last))",
    reason="a remainder is never negative",
)
table.equivalent(
    "updates_per_epoch",
    was="return full_batches + (left_over > 0 and (not drop_last))",
    becomes="return full_batches + (left_over > 0.01 and (not drop_last))",
    reason="a remainder is a whole number",
)
for _was, _becomes in (
    ("order = rng.permutation(len(y))", "order = rng.permutation(len(X))"),
    ("for start in range(0, len(y), size):", "for start in range(0, len(X), size):"),
    ("for start in range(0, len(y), size):", "for start in range(0, len(order), size):"),
):
    table.equivalent("minibatches", _was, _becomes, reason="there are as many rows of X, labels and positions")
