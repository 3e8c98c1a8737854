"""Many networks trained as one are what each would be alone."""

import numpy as np
import pytest

from utils.crowd import Crowd


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return rng.normal(size=(40, 5)), np.arange(40) % 3


def test_gradients_are_those_of_finite_differences(data):
    crowd = Crowd(data, [1, 2], hidden=4, dtype=float)
    grads = [np.ones_like(theta) for theta in crowd.parameters]
    crowd.backward(crowd.X, crowd.y, grads)
    for theta, grad in zip(crowd.parameters, grads, strict=True):
        place = (1, *(size // 2 for size in theta.shape[1:]))
        theta[place] += 1e-6
        above = crowd.losses()
        theta[place] -= 2e-6
        below = crowd.losses()
        theta[place] += 1e-6
        slopes = (above - below) / 2e-6
        assert slopes[0] == 0  # the other network does not notice
        assert grad[place] - 1 == pytest.approx(slopes[1], abs=1e-8)  # added to the ones that stood there


def test_each_network_is_what_it_would_be_alone(data):
    together, alone = Crowd(data, [7, 8], hidden=4), Crowd(data, [8], hidden=4)
    for theta, single in zip(together.parameters, alone.parameters, strict=True):
        np.testing.assert_array_equal(theta[1], single[0])
    np.testing.assert_array_equal(together.X[:, 1], alone.X[:, 0])
    np.testing.assert_allclose(together.losses()[1], alone.losses()[0], rtol=1e-6)


def test_each_network_has_all_examples_in_an_order_of_its_own(data):
    crowd = Crowd(data, [1, 2, 3])
    assert all(sorted(order) == list(range(40)) for order in crowd.X.T)
    assert not np.array_equal(crowd.X[:, 0], crowd.X[:, 1])
    np.testing.assert_array_equal(crowd.y, data[1][crowd.X])


def test_a_network_that_diverged_has_an_infinite_loss(data):
    crowd = Crowd(data, [1, 2])
    crowd.parameters[0][0] = np.nan
    assert np.isinf(crowd.losses()[0]) and np.isfinite(crowd.losses()[1])
