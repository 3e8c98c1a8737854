"""Many small networks that are trained as one, with other weights and another order of the examples for each."""

from itertools import pairwise

import numpy as np


class Crowd:
    """Two-layer ReLU networks side by side, one for each seed, with the softmax's cross entropy at the end.

    Everything has the network as its leading axis, so whoever updates the arrays in `parameters` trains all of them.
    X : int ndarray, shape (N, S), examples by their numbers: column s holds all of them in an order of network s, so
        that rows X[batch] are a batch of its own for each network.  y : int ndarray, shape (N, S), their labels
    parameters : [W1, b1, W2, b2], shapes (S, inputs, hidden), (S, 1, hidden), (S, hidden, classes), (S, 1, classes)
    """

    def __init__(self, data, seeds, hidden=32, dtype=np.float32):
        """Draw weights uniformly in ±1/√fan_in, as torch does, and orders.

        data : pair of ndarrays (examples, labels), shapes (N, inputs) and (N,).  seeds : sequence of S ints
        """
        self.examples, self.labels = np.asarray(data[0], dtype=dtype), np.asarray(data[1])
        rngs = [np.random.default_rng(seed) for seed in seeds]
        sizes = [self.examples.shape[1], hidden, int(self.labels.max()) + 1]
        self.parameters = []
        for fan_in, fan_out in pairwise(sizes):
            for rows in (fan_in, 1):
                drawn = [rng.uniform(-1, 1, size=(rows, fan_out)) / np.sqrt(fan_in) for rng in rngs]
                self.parameters.append(np.array(drawn, dtype=dtype))
        self.X = np.stack([rng.permutation(len(self.labels)) for rng in rngs], axis=1)
        self.y = self.labels[self.X]

    def backward(self, numbers, labels, grads):
        """Add the gradients of each network's mean loss to the arrays in `grads`, as torch's backward does.

        numbers, labels : int ndarrays, shape (n, S), rows of X and y.  grads : ndarrays shaped like `parameters`
        Returns the mean of all losses, a float.
        """
        with np.errstate(over="ignore", invalid="ignore"):  # a rate that is too large shows in the loss
            losses, found = _forward_and_back(self.parameters, self.examples[numbers.T], labels.T)
        for grad, more in zip(grads, found, strict=True):
            grad += more
        return float(losses.mean())

    def losses(self, data=None):
        """Return each network's mean loss over `data`, by default what it learns from; shape (S,), inf for nan."""
        x, y = data or (self.examples, self.labels)
        with np.errstate(over="ignore", invalid="ignore"):
            losses = _forward(self.parameters, np.asarray(x, dtype=self.examples.dtype), np.asarray(y))[0]
        return np.where(np.isnan(losses), np.inf, losses).astype(float)


def _forward(parameters, x, y):
    """Return the mean losses (S,), the hidden activities, and the gradient with respect to the logits."""
    first, first_bias, second, second_bias = parameters
    hidden = np.maximum(x @ first + first_bias, 0)
    logits = hidden @ second + second_bias
    logits -= logits.max(axis=-1, keepdims=True)
    odds = np.exp(logits)
    total = odds.sum(axis=-1, keepdims=True)
    target = y[..., None] == np.arange(logits.shape[-1])
    losses = (np.log(total[..., 0]) - (logits * target).sum(axis=-1)).mean(axis=-1)
    return losses, hidden, (odds / total - target) / np.asarray(x.shape[-2], dtype=x.dtype)


def _forward_and_back(parameters, x, y):
    losses, hidden, signal = _forward(parameters, x, y)
    back = (signal @ parameters[2].swapaxes(-1, -2)) * (hidden > 0)
    first, second = x.swapaxes(-1, -2) @ back, hidden.swapaxes(-1, -2) @ signal
    return losses, [first, back.sum(axis=-2, keepdims=True), second, signal.sum(axis=-2, keepdims=True)]
