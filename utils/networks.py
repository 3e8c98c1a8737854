"""A small network in NumPy whose parameters are plain arrays, for optimizers and training loops that people write."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True, eq=False)
class Network:
    """A fully connected network: tanh between the layers, the softmax's cross entropy at the end.

    parameters : list of float64 ndarrays, the weights (inputs, outputs) and the biases (outputs,) of each layer in
        turn; whoever writes into these arrays trains the network
    """

    parameters: list

    def logits(self, x):
        """Return the outputs before the softmax, shape (N, classes), for x of shape (N, inputs)."""
        return self._activities(x)[-1]

    def loss(self, x, y):
        """Return the mean cross entropy of labels y, ints of shape (N,), a float."""
        return self._loss(self.logits(x), y)[0]

    def accuracy(self, x, y):
        """Return the share of examples whose largest logit is that of their label, a float in [0, 1]."""
        return float(np.mean(self.logits(x).argmax(axis=1) == y))

    def backward(self, x, y, grads):
        """Add the gradients of the mean loss to the arrays in `grads`, as torch's backward does.

        x : ndarray, shape (N, inputs).  y : int ndarray, shape (N,).  grads : list of ndarrays like `parameters`
        Returns the mean loss, a float. x and y are not modified.
        """
        with np.errstate(over="ignore", invalid="ignore"):  # a rate that is too large shows in the loss
            activities = self._activities(x)
            loss, delta = self._loss(activities[-1], y)
            for layer in reversed(range(len(self.parameters) // 2)):
                grads[2 * layer] += activities[layer].T @ delta
                grads[2 * layer + 1] += delta.sum(axis=0)
                if layer:
                    delta = delta @ self.parameters[2 * layer].T * (1 - activities[layer] ** 2)
        return loss

    def _activities(self, x):
        """Return what every layer gets, and the logits at the end."""
        found = [x]
        for weights, bias in zip(self.parameters[::2], self.parameters[1::2], strict=True):
            found.append(np.tanh(found[-1] @ weights + bias))
        found[-1] = found[-2] @ weights + bias
        return found

    def _loss(self, logits, y):
        """Return the mean cross entropy, and its gradient with respect to the logits."""
        shifted = logits - logits.max(axis=1, keepdims=True)  # so that no exponential overflows
        likelihoods = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        rows = np.arange(len(y))
        delta = np.exp(likelihoods)
        delta[rows, y] -= 1
        return float(-likelihoods[rows, y].mean()), delta / len(y)


def network(sizes=(64, 32, 10), seed=0):
    """Build a network with random weights.

    sizes : sequence of at least two ints, units from input to output
    seed : int, decides the weights: normal, variance 1 / inputs of the layer; zero biases
    Returns a Network. Raises ValueError for sizes that make no network.
    """
    sizes = [int(size) for size in sizes]
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(f"network: expected at least two positive sizes, got {sizes}")
    rng, parameters = np.random.default_rng(seed), []
    for inputs, outputs in pairwise(sizes):
        parameters += [rng.normal(scale=inputs**-0.5, size=(inputs, outputs)), np.zeros(outputs)]
    return Network(parameters)
