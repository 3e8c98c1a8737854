import numpy as np
import pytest
import scipy.optimize
import torch

from utils import losses


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (losses.squared(), [9.0, 0.25, 0.0]),
        (losses.absolute(), [3.0, 0.5, 0.0]),
        (losses.relative(), [9.0, 1 / 9, 0.0]),
        (losses.pinball(0.8), [0.6, 0.4, 0.0]),  # too high by 3, too low by one half, right
    ],
)
def test_losses_of_single_pairs_and_of_arrays(loss, expected):
    predictions, targets = np.array([2.0, 1.0, -4.0]), np.array([-1.0, 1.5, -4.0])
    np.testing.assert_allclose(loss(predictions, targets), expected)
    np.testing.assert_allclose([loss(p, t) for p, t in zip(predictions, targets, strict=True)], expected)


@pytest.mark.parametrize("q", [0.25, 0.9])
def test_pinball_is_lowest_at_the_quantile(q):
    sample = np.random.default_rng(0).normal(size=2001)
    best = scipy.optimize.minimize_scalar(lambda c: losses.pinball(q)(c, sample).mean(), bounds=(-3, 3)).x
    assert best == pytest.approx(np.quantile(sample, q), abs=0.01)


@pytest.mark.parametrize("q", [0.0, 1.0, -2])
def test_pinball_rejects_q_outside_the_unit_interval(q):
    with pytest.raises(ValueError, match="between 0 and 1"):
        losses.pinball(q)


def test_zero_one_counts_the_differences():
    values = losses.zero_one()(np.array([3, 1, 2]), np.array([3, 2, 2]))
    assert (values.dtype, values.tolist()) == (float, [0.0, 1.0, 0.0])


def test_losses_broadcast_a_column_against_a_row():
    assert losses.squared()(np.zeros((4, 1)), np.zeros(4)).shape == (4, 4)  # the trap that the exercise is about


def test_counted_counts_and_passes_on():
    counted = losses.Counted(max)
    assert [counted(1, 2), counted(5, 3)] == [2, 5]
    assert counted.calls == 2


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_cubic_is_the_polynomial_that_it_says(degree):
    f = losses.cubic((2, 3), seed=1, scale=5.0, degree=degree, offset=7.0)
    theta = np.random.default_rng(2).normal(size=(2, 3))
    expected = sum((a * theta**k).sum() for k, a in enumerate((f.linear, f.square, f.cube), start=1))
    assert f(theta) == pytest.approx(7.0 + expected + 0.5 * (f.couple * theta).sum() ** 2)


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_cubic_has_no_derivative_beyond_its_degree(degree):
    f = losses.cubic((3,), seed=3, degree=degree)
    along = [f(np.array([0.2, -0.1, 0.4]) + t * np.array([1.0, 2.0, -1.0])) for t in range(6)]
    assert np.abs(np.diff(along, n=degree)).max() > 1e-3
    np.testing.assert_allclose(np.diff(along, n=degree + 1), 0, atol=1e-10)


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_cubic_scales_as_a_whole(scale):
    theta = np.array([0.3, -1.2])
    assert losses.cubic((2,), seed=4, scale=scale)(theta) == pytest.approx(scale * losses.cubic((2,), seed=4)(theta))


def test_cubic_follows_the_seed():
    first, again, other = (losses.cubic((2,), seed=seed)(np.ones(2)) for seed in (5, 5, 6))
    assert first == again != other


def test_cubic_rejects_another_shape():
    with pytest.raises(ValueError, match=r"shape \(2,\), got shape \(2, 1\)"):
        losses.cubic((2,), seed=0)(np.ones((2, 1)))


def test_cubic_takes_whole_numbers():
    f = losses.cubic((2,), seed=7)
    assert f(np.array([1, -2])) == f(np.array([1.0, -2.0]))


def test_linear_world_risk_is_the_expected_squared_error():
    world = losses.linear_world([1.0, -0.5, 2.0], noise=0.7)
    x, y = world.sample(400_000, np.random.default_rng(8))
    w = np.array([0.5, 0.0, 1.0])
    assert world.risk(w) == pytest.approx(np.mean((x @ w - y) ** 2), rel=0.01)


def test_linear_world_risk_is_lowest_at_the_weights():
    world = losses.linear_world([1.0, -0.5], noise=0.5)
    w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    (grad,) = torch.autograd.grad(0.25 + ((w - torch.tensor(world.weights)) ** 2).sum(), w)
    step = 1e-6 * np.eye(2)
    np.testing.assert_allclose((world.risk(step) - world.risk(-step)) / 2e-6, grad, rtol=1e-6)
    assert world.risk(world.weights) == pytest.approx(0.25)


def test_linear_world_draws_other_examples_each_time():
    rng, world = np.random.default_rng(9), losses.linear_world([1.0])
    assert (world.sample(3, rng)[0] != world.sample(3, rng)[0]).all()


def test_linear_world_rejects_negative_noise():
    with pytest.raises(ValueError, match="noise >= 0"):
        losses.linear_world([1.0], noise=-1)


def test_staircase_takes_whole_values_just_below_a_linear_function():
    thetas = np.random.default_rng(10).normal(size=(50, 3))
    stairs, linear = losses.staircase((3,), seed=11), losses.cubic((3,), seed=11, degree=1)
    heights, slope = np.array([stairs(theta) for theta in thetas]), np.array([linear(theta) for theta in thetas])
    assert (heights == np.round(heights)).all() and len(set(heights)) < 20
    assert ((heights <= slope) & (slope < heights + 1)).all()
