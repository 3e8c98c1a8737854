"""Fit networks that people have written out, and say how long that took."""

from itertools import pairwise

import numpy as np

from utils.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION

# one colour for each activation, and for each way to prepare data
ACTIVATIONS = {
    "sigmoid": PURPLE,
    "tanh": BLUE,
    "ReLU": VERMILLION,
    "leaky ReLU": GREEN,
    "ELU": ORANGE,
    "GELU": SKY,
    "maxout": BLACK,
}
PREPARED = {"raw": VERMILLION, "centred": ORANGE, "standardised": BLUE, "whitened": GREEN}


def drawn(sizes, seed, scale=1.0, bias=0.0):
    """Draw the parameters of a network.

    sizes : ints, units from input to output.  seed : int
    scale : float, the weights' standard deviation is scale / √inputs of the layer.  bias : float, of all hidden units
    Returns [W1, b1, W2, b2, ...], float64 arrays of shapes (inputs, outputs) and (outputs,).
    """
    rng, parameters = np.random.default_rng(seed), []
    for fan_in, fan_out in pairwise(sizes):
        parameters += [scale * rng.normal(size=(fan_in, fan_out)) / np.sqrt(fan_in), np.full(fan_out, float(bias))]
    parameters[-1][:] = 0.0
    return parameters


def cross_entropy(logits, y):
    """Return the mean cross entropy of a softmax, a float, and its gradient with respect to the logits.

    logits : ndarray, shape (N, classes).  y : int ndarray, shape (N,)
    """
    shifted = logits - logits.max(axis=1, keepdims=True)  # so that no exponential overflows
    odds = np.exp(shifted)
    total = odds.sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    loss = float((np.log(total[:, 0]) - shifted[rows, y]).mean())
    gradient = odds / total
    gradient[rows, y] -= 1
    return loss, gradient / len(y)


def descend(network, parameters, data, lr, steps, batch_size, seed, watch=None, every=1, until=-np.inf):
    """Train a network by plain minibatch descent, writing into its parameters.

    network : has forward(X) -> logits and backward(dlogits) -> gradients like `parameters`
    data : pair (examples, labels).  seed : int, decides the order; every pass goes through a new one
    watch : callable () -> a value to record before every `every`-th update and at the end
    until : float; where what was recorded last, a number, lies below it, the training ends
    Returns the list of what was seen. A loss that is not finite ends the training.
    """
    examples, labels = data
    rng, order, seen = np.random.default_rng(seed), np.zeros(0, dtype=int), []
    with np.errstate(over="ignore", invalid="ignore"):  # a rate that is too large shows in the loss
        for k in range(steps):
            if watch and k % every == 0:
                seen.append(watch())
                if until > -np.inf and seen[-1] < until:
                    return seen
            if len(order) < batch_size:
                order = np.concatenate([order, rng.permutation(len(labels))])
            batch, order = order[:batch_size], order[batch_size:]
            loss, dlogits = cross_entropy(network.forward(examples[batch]), labels[batch])
            if not np.isfinite(loss):
                break
            for theta, grad in zip(parameters, network.backward(dlogits), strict=True):
                theta -= lr * grad
        if watch:
            seen.append(watch())
    return seen


def loss_of(network, data):
    """Return the mean cross entropy of a network on a pair (examples, labels), a float; inf if it is no number."""
    with np.errstate(over="ignore", invalid="ignore"):
        loss, _ = cross_entropy(network.forward(data[0]), data[1])
    return float(np.nan_to_num(loss, nan=np.inf))


def trained(build, activation, sizes, data, lr, steps, batch_size, seed, scale=1.0, bias=0.0, watch=None, **seeing):
    """Draw a network's parameters and train it.

    build : callable (parameters, activation) -> network, see `descend`.  sizes, scale, bias : see `drawn`; scale 0
        starts at zero.  seed : int, of the parameters and of the order of the examples
    watch : callable network -> what to record.  seeing : `every` and `until`, see `descend`
    Returns the network and the list of what was seen.
    """
    parameters = drawn(sizes, seed, scale, bias)
    network = build(parameters, activation)
    look = None if watch is None else lambda: watch(network)
    return network, descend(network, parameters, data, lr, steps, batch_size, seed, look, **seeing)


def delta_lengths(network, width, seed, times=10):
    """Send random examples forward, random gradients back, and return how long the gradient of each layer's bias is.

    width : int, inputs and outputs of the network
    Returns a float64 ndarray, shape (layers,), root mean squares of the lengths, the lowest layer first.
    """
    rng, found = np.random.default_rng(seed), []
    for _ in range(times):
        network.forward(rng.normal(size=(1, width)))
        found.append([np.linalg.norm(grad) for grad in network.backward(rng.normal(size=(1, width)))[1::2]])
    return np.sqrt(np.mean(np.square(found), axis=0))


def band(ax, x, values, color, label, marker=None):
    """Draw a median and a range on linear axes. values : ndarray, shape (runs, len(x))."""
    ax.plot(x, np.median(values, axis=0), color=color, label=label, marker=marker)
    ax.fill_between(x, np.min(values, axis=0), np.max(values, axis=0), color=color, alpha=0.18, linewidth=0)
    return ax


def updates_to(target, losses, every=1):
    """Return after how many updates a loss, recorded at every `every`-th, first lies below a target; inf if it never
    does.
    """
    below = np.flatnonzero(np.asarray(losses) < target)
    return float(every * below[0]) if len(below) else np.inf


def best_of(runs):
    """Choose the rate with the lowest median; nan counts as infinite.

    runs : dict from a rate to its results, shape (seeds,)
    Returns (rate, results), results a float64 ndarray.
    """
    results = {rate: np.nan_to_num(np.asarray(found, dtype=float), nan=np.inf) for rate, found in runs.items()}
    best = min(results, key=lambda rate: np.median(results[rate]))
    return best, results[best]


def spectrum(examples):
    """Return the eigenvalues of the Hessian of least squares (a mean over the examples), a bias included.

    examples : ndarray, shape (N, features)
    Returns those above 1e-12 of the largest, ascending: along the others nothing ever changes.
    """
    values = np.linalg.eigvalsh(_with_bias(examples).T @ _with_bias(examples) / len(examples))
    return values[values > 1e-12 * values[-1]]


def quadratic_descent(examples, targets, updates):
    """Return the excess loss of least squares under plain descent from zero, as shares of that at the start.

    examples : ndarray, shape (N, features).  targets : ndarray, shape (N,)
    updates : int ndarray, shape (K,), after how many updates to look
    The rate is the best constant one, 2 / (λmax + λmin). Nothing is walked: along an eigenvector of the Hessian the
    error shrinks by the same factor at each update.
    Returns an ndarray, shape (K,).
    """
    inputs = _with_bias(examples)
    values, vectors = np.linalg.eigh(inputs.T @ inputs / len(inputs))
    error = vectors.T @ np.linalg.lstsq(inputs, targets, rcond=None)[0]
    heights = values * error**2
    factors = (1 - 2 * values / (values[0] + values[-1])) ** 2
    return factors ** np.asarray(updates)[:, None] @ heights / heights.sum()


def _with_bias(examples):
    return np.concatenate([examples, np.ones((len(examples), 1))], axis=1)


def least_seconds(work, clock, repeats=30):
    """Return the least time of several calls, seconds: what disturbs a call can only make it longer."""
    times = []
    for _ in range(repeats):
        begin = clock()
        work()
        times.append(clock() - begin)
    return min(times)


def people(n, seed):
    """Invent grown people: their heights in metres, their weights in kilograms, and how far they jump.

    Returns X, shape (n, 2), height and weight, correlated at about 0.5, and y, shape (n,), metres: the taller the
    farther, the heavier the less far, and some luck.
    """
    rng = np.random.default_rng(seed)
    tall, luck, stout = rng.normal(size=(3, n))
    height = 1.72 + 0.10 * tall
    weight = 74 + 12 * (0.5 * tall + np.sqrt(0.75) * stout)
    return np.stack([height, weight], axis=1), 2.0 + 2.0 * (height - 1.72) - 0.02 * (weight - 74) + 0.1 * luck
