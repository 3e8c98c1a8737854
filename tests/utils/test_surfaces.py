import numpy as np
import pytest
import torch
from torch.nn.functional import mse_loss

from utils import models, surfaces


@pytest.fixture
def net():
    return models.mlp((3, 4, 2), activation="tanh", seed=1).double()


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return torch.tensor(rng.normal(size=(6, 3))), torch.tensor([0, 1, 1, 0, 1, 0])


def test_to_point_is_torchs_flat_vector(net):
    assert torch.equal(surfaces.to_point(net), torch.nn.utils.parameters_to_vector(net.parameters()))


def test_to_point_of_a_stack_has_a_row_for_each_network():
    stack = {"w": torch.arange(12.0).reshape(2, 3, 2), "b": torch.tensor([[20.0], [30.0]])}
    assert surfaces.to_point(stack).tolist() == [[0, 1, 2, 3, 4, 5, 20], [6, 7, 8, 9, 10, 11, 30]]


def test_to_arrays_undoes_to_point(net):
    arrays = surfaces.to_arrays(net, surfaces.to_point(net))
    for array, parameter in zip(arrays, net.parameters(), strict=True):
        np.testing.assert_array_equal(array, parameter.detach().numpy())
    assert torch.equal(surfaces.to_point(arrays), surfaces.to_point(net))


def test_to_arrays_rejects_another_length(net):
    with pytest.raises(ValueError, match=r"shape \(P, 26\), got \(1, 25\)"):
        surfaces.to_arrays(net, np.zeros(25))


@pytest.mark.parametrize("chunk", [1, 4, 100])
def test_losses_at_agree_with_a_loop_over_models(net, data, chunk):
    points = surfaces.to_point(net) + torch.tensor(np.random.default_rng(1).normal(size=(2, 3, 26)))
    heights = surfaces.losses_at(net, data, points, chunk=chunk)
    assert heights.shape == (2, 3)
    for index in np.ndindex(2, 3):
        other = models.mlp((3, 4, 2), activation="tanh").double()
        torch.nn.utils.vector_to_parameters(points[index], other.parameters())
        expected = torch.nn.functional.cross_entropy(other(data[0]), data[1]).item()
        assert heights[index] == pytest.approx(expected, rel=1e-12)


def test_losses_at_leave_the_model_alone(net, data):
    before = surfaces.to_point(net).clone()
    surfaces.losses_at(net, data, torch.zeros(3, 26))
    assert torch.equal(surfaces.to_point(net), before)


def test_losses_at_take_another_loss():
    net = models.mlp((1, 1))
    x, y = torch.tensor([[1.0], [2.0]]), torch.tensor([[0.0], [0.0]])
    heights = surfaces.losses_at(net, (x, y), np.array([[1.0, 0.0], [2.0, 1.0]]), loss_fn=mse_loss)
    assert heights.tolist() == [2.5, 17.0]


def test_line_is_the_ends_and_the_middle():
    points = surfaces.line(torch.tensor([0.0, 1.0]), torch.tensor([2.0, 5.0]), [0, 0.5, 1])
    assert points.tolist() == [[0, 1], [1, 3], [2, 5]]


def test_plane_counts_the_second_direction_first():
    center, first, second = torch.tensor([1.0, 1.0, 0.0]), torch.tensor([1.0, 0, 0]), torch.tensor([0, 0, 2.0])
    points = surfaces.plane(center, first, second, [-1, 0, 1])
    assert points.shape == (3, 3, 3)
    assert points[1, 1].tolist() == [1, 1, 0]
    assert points[1, 2].tolist() == [2, 1, 0]
    assert points[0, 1].tolist() == [1, 1, -2]


def test_plane_through_gives_an_orthonormal_frame_that_holds_the_points():
    rng = np.random.default_rng(2)
    points = [torch.tensor(rng.normal(size=7)) for _ in range(3)]
    first, second, corners = surfaces.plane_through(*points)
    frame = torch.stack([first, second])
    np.testing.assert_allclose(frame @ frame.T, np.eye(2), atol=1e-12)
    for (a, b), point in zip(corners, points, strict=True):
        np.testing.assert_allclose(points[0] + a * first + b * second, point, atol=1e-12)


def test_random_direction_follows_the_seed_and_the_shapes(net):
    one, again, other = (surfaces.random_direction(net, seed) for seed in (0, 0, 1))
    assert [part.shape for part in one] == [tuple(p.shape) for p in net.parameters()]
    assert np.array_equal(one[0], again[0]) and not np.array_equal(one[0], other[0])


def test_roughness_of_any_quadratic_is_zero():
    u, v = np.meshgrid(np.arange(8.0), np.arange(6.0))
    assert surfaces.roughness(3 + u - 2 * v + 0.5 * u * u - u * v - v * v) < 1e-20
    assert surfaces.roughness(np.full((4, 5), 7.0)) == 0.0


def test_roughness_does_not_depend_on_scale_and_offset():
    surface = np.random.default_rng(3).normal(size=(9, 9)).cumsum(0).cumsum(1)
    assert surfaces.roughness(1e6 * surface - 4e6) == pytest.approx(surfaces.roughness(surface))


def test_roughness_is_one_less_the_r_squared_of_scikit_learn():
    from sklearn.linear_model import LinearRegression
    from sklearn.preprocessing import PolynomialFeatures

    surface = np.random.default_rng(4).normal(size=(7, 5)).cumsum(0)
    at = np.indices(surface.shape).reshape(2, -1).T
    terms = PolynomialFeatures(2).fit_transform(at)
    expected = 1 - LinearRegression().fit(terms, surface.ravel()).score(terms, surface.ravel())
    assert surfaces.roughness(surface) == pytest.approx(expected)


def test_roughness_of_noise_is_near_one():
    assert surfaces.roughness(np.random.default_rng(5).normal(size=(40, 40))) > 0.95


def test_roughness_rejects_a_line():
    with pytest.raises(ValueError, match=r"at least \(3, 3\), got \(2, 9\)"):
        surfaces.roughness(np.zeros((2, 9)))
