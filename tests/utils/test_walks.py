"""What is asked of walks: noise, arrival, powers, contraction, the same walk by torch."""

import numpy as np
import pytest

from utils import landscapes, walks
from utils.training import trace


def heavy_ball(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity - lr * grad
    return theta + velocity, velocity


def looking_ahead(theta, velocity, grad_fn, lr, momentum):
    velocity = momentum * velocity - lr * grad_fn(theta + momentum * velocity)
    return theta + velocity, velocity


def test_noise_is_other_noise_for_every_seed():
    start = np.zeros((2, 500, 1))
    first = walks.noisy(lambda theta: theta + 3, [1, 2])(start)
    again = walks.noisy(lambda theta: theta + 3, [2, 5])(start)
    assert first.mean() == pytest.approx(3, abs=0.15) and first.std() == pytest.approx(1, abs=0.1)
    assert not np.array_equal(first[0], first[1])
    np.testing.assert_array_equal(first[1], again[0])


@pytest.mark.parametrize("momentum", [0.3, 0.9])
def test_contraction_is_the_root_of_the_determinant(momentum):
    inside = 1.0  # lr times curvature, within the band where the eigenvalues are a complex pair
    heavy = walks.contraction(heavy_ball, [10.0], lr=0.05, momentum=momentum)
    ahead = walks.contraction(looking_ahead, [10.0], lr=0.05, momentum=momentum)
    assert heavy == pytest.approx(np.sqrt(momentum))
    assert ahead == pytest.approx(np.sqrt(momentum * (1 - inside / 2)))


@pytest.mark.parametrize(
    ("distances", "expected"),
    [([3, 2, 1, 0], 2), ([3, 0, 3, 0], 3), ([0, 0], 0), ([3, 3], np.inf), ([0, np.nan], np.inf)],
)
def test_arrival_is_the_first_update_from_which_on_it_is_near(distances, expected):
    assert walks.arrival(distances, 1) == expected


def test_arrival_tells_runs_apart():
    np.testing.assert_array_equal(walks.arrival(np.array([[3, 3], [1, 3], [1, 1]]), 1), [1, 2])


def test_power_finds_the_exponent():
    assert walks.power(np.r_[1, 7 * np.arange(1, 2000.0) ** -1.5]) == pytest.approx(-1.5)


def test_torch_takes_the_same_way_while_the_rate_is_constant():
    bowl = landscapes.bowl(20)
    ours = trace(heavy_ball, bowl, 40, state=("velocity",), lr=0.01, momentum=0.9)
    theirs = walks.torch_trace(bowl, 40, lambda k: 0.01, lambda k: 0.9)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_fastest_takes_the_best_rate():
    def step(theta, grad, lr):
        return theta - lr * grad

    bowl = landscapes.quadratic([[1.0]])
    assert walks.fastest(step, bowl, 50, (0.1, 1.0, 2.5), near=0.01, start=np.full((3, 1), 2.0)).tolist() == [1, 1, 1]
