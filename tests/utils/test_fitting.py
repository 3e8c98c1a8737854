"""Fitting: draws, losses, descent, and what is known of quadratics."""

import numpy as np
import pytest
import torch

from utils import fitting


class Linear:
    """A network of one layer."""

    def __init__(self, parameters, activation=None):
        self.weights, self.bias = parameters

    def forward(self, X):
        self.inputs = X
        return X @ self.weights + self.bias

    def backward(self, dlogits):
        return [self.inputs.T @ dlogits, dlogits.sum(axis=0)]


def classes(seed=0, n=60):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return X, (X[:, 0] > 0).astype(int)


def test_drawn_has_the_shapes_the_scale_and_the_bias():
    parameters = fitting.drawn([400, 300, 5], seed=1, scale=2.0, bias=-1.0)
    assert [array.shape for array in parameters] == [(400, 300), (300,), (300, 5), (5,)]
    assert abs(parameters[0].std() - 2 / np.sqrt(400)) < 0.002
    assert set(parameters[1]) == {-1.0} and set(parameters[3]) == {0.0}


def test_cross_entropy_equals_torch():
    logits, y = np.random.default_rng(0).normal(scale=300, size=(7, 4)), np.arange(7) % 4
    point = torch.tensor(logits, requires_grad=True)
    expected = torch.nn.functional.cross_entropy(point, torch.tensor(y))
    expected.backward()
    loss, gradient = fitting.cross_entropy(logits, y)
    assert np.isclose(loss, expected.item())
    assert np.allclose(gradient, point.grad.numpy())


def test_descend_goes_through_all_examples_before_it_sees_one_again():
    X, y = classes(n=12)
    seen = []

    class Watching(Linear):
        def forward(self, X):
            seen.extend(map(tuple, X))
            return Linear.forward(self, X)

    parameters = fitting.drawn([3, 2], 0)
    fitting.descend(Watching(parameters), parameters, (X, y), 0.1, 4, 3, seed=0)
    assert sorted(seen) == sorted(map(tuple, X))


def test_trained_lowers_the_loss_and_stops_where_it_is_told_to():
    data = classes()
    network, seen = fitting.trained(
        Linear, None, [3, 2], data, 1.0, 100, 20, 0, scale=0.0, watch=lambda net: fitting.loss_of(net, data), until=0.3
    )
    assert np.isclose(seen[0], np.log(2)) and seen[-1] < 0.3 and len(seen) < 101
    assert fitting.updates_to(0.3, seen) == len(seen) - 1


def test_updates_to_is_infinite_where_the_loss_stays_above():
    assert fitting.updates_to(0.1, [1.0, 0.5]) == np.inf
    assert fitting.updates_to(0.6, [1.0, 0.5], every=5) == 5


def test_best_of_counts_nan_as_the_worst():
    rate, found = fitting.best_of({0.1: [3.0, 3.0], 0.2: [np.nan, 1.0], 0.4: [2.0, 2.0]})
    assert rate == 0.4 and found.tolist() == [2.0, 2.0]


def test_quadratic_descent_is_what_walking_gives():
    X, targets = fitting.people(30, seed=0)
    X = X - X.mean(axis=0)
    inputs = np.c_[X, np.ones(30)]
    hessian = inputs.T @ inputs / 30
    values = np.linalg.eigvalsh(hessian)
    best, theta, losses = np.linalg.lstsq(inputs, targets, rcond=None)[0], np.zeros(3), []
    for _ in range(20):
        losses.append((theta - best) @ hessian @ (theta - best))
        theta = theta - 2 / (values[0] + values[-1]) * (hessian @ (theta - best))
    assert np.allclose(fitting.quadratic_descent(X, targets, np.arange(20)), np.array(losses) / losses[0])
    assert np.allclose(fitting.spectrum(X), values)


@pytest.mark.parametrize("n", [10, 200])
def test_people_have_heights_and_weights(n):
    X, jumps = fitting.people(n, seed=3)
    assert X.shape == (n, 2) and jumps.shape == (n,)
    assert np.all((X[:, 0] > 1) & (X[:, 0] < 2.5)) and np.all((X[:, 1] > 20) & (X[:, 1] < 150))
