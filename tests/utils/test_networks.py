"""The network in NumPy is torch's."""

import numpy as np
import pytest
import torch

from utils.networks import network


def in_torch(net, X, y):
    """The same network in torch: its parameters, with gradients, and the loss."""
    parameters = [torch.tensor(array, requires_grad=True) for array in net.parameters]
    found = torch.tensor(X)
    for layer in range(0, len(parameters), 2):
        found = (torch.tanh(found) if layer else found) @ parameters[layer] + parameters[layer + 1]
    loss = torch.nn.functional.cross_entropy(found, torch.tensor(y))
    loss.backward()
    return [parameter.grad.numpy() for parameter in parameters], loss.item()


@pytest.mark.parametrize("sizes", [(5, 3), (5, 4, 3), (5, 6, 4, 3)])
def test_backward_adds_torchs_gradients_and_returns_its_loss(sizes):
    rng = np.random.default_rng(0)
    net, X, y = network(sizes, seed=1), rng.normal(size=(7, 5)), rng.integers(0, 3, 7)
    expected, loss = in_torch(net, X, y)
    grads = [np.ones_like(array) for array in net.parameters]
    assert np.isclose(net.backward(X, y, grads), loss) and np.isclose(net.loss(X, y), loss)
    assert all(np.allclose(grad, 1 + wanted) for grad, wanted in zip(grads, expected, strict=True))


def test_accuracy_counts_the_largest_logits():
    net, X = network((2, 2)), np.eye(2)
    net.parameters[0][:] = np.eye(2)
    assert (net.accuracy(X, np.array([0, 1])), net.accuracy(X, np.array([0, 0]))) == (1.0, 0.5)


def test_seed_decides_the_weights():
    a, b, c = (network((3, 2), seed).parameters[0] for seed in (0, 0, 1))
    assert np.array_equal(a, b) and not np.array_equal(a, c)


@pytest.mark.parametrize("sizes", [(3,), (3, 0), ()])
def test_sizes_that_make_no_network_are_refused(sizes):
    with pytest.raises(ValueError, match="at least two positive sizes"):
        network(sizes)
