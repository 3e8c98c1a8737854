import numpy as np
import pytest
import torch

from utils import landscapes

# the same functions once more, in torch, so that autograd can be the judge
TORCH = {
    "quadratic": lambda x, y: 0.5 * (3 * (x - 1) ** 2 + 2 * 0.5 * (x - 1) * (y + 2) + 2 * (y + 2) ** 2),
    "bowl": lambda x, y: 0.5 * (x**2 + 50 * y**2),
    "rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    "beale": lambda x, y: (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2,
    "saddle": lambda x, y: 0.5 * x**2 - 0.5 * y**2 + 0.25 * y**4,
    "cliff": lambda x, y: 0.05 * (x + 3) ** 2 + 0.05 * y**2 + 5 * torch.sigmoid(-20 * (x + 1)),
}
BUILT = {
    "quadratic": landscapes.quadratic(hessian=[[3, 0.5], [0.5, 2]], center=[1, -2]),
    "bowl": landscapes.bowl(50),
    "rosenbrock": landscapes.rosenbrock(),
    "beale": landscapes.beale(),
    "saddle": landscapes.saddle(),
    "cliff": landscapes.cliff(),
}
NAMES = sorted(TORCH)


@pytest.fixture(scope="module")
def points():
    return np.random.default_rng(0).uniform(-2, 2, size=(40, 2))


@pytest.mark.parametrize("name", NAMES)
def test_landscape_value_equals_formula(name, points):
    expected = TORCH[name](*torch.tensor(points).T)
    np.testing.assert_allclose(BUILT[name](points), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_landscape_gradient_equals_autograd(name, points):
    theta = torch.tensor(points, requires_grad=True)
    TORCH[name](theta[:, 0], theta[:, 1]).sum().backward()
    np.testing.assert_allclose(BUILT[name].gradient(points), theta.grad, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_landscape_minimum_has_no_gradient(name):
    np.testing.assert_allclose(BUILT[name].gradient(BUILT[name].minimum), 0, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_landscape_minimum_is_lowest_of_the_frame(name):
    landscape = BUILT[name]
    axes = [np.linspace(low, high, 101) for low, high in landscape.bounds]
    grid = np.stack(np.meshgrid(*axes), axis=-1)
    assert landscape(landscape.minimum) <= landscape(grid).min() + 1e-12


@pytest.mark.parametrize("name", NAMES)
def test_landscape_value_of_one_point_is_float(name):
    assert type(BUILT[name](BUILT[name].start)) is float


def test_landscape_gradient_keeps_leading_axes():
    assert BUILT["beale"].gradient(np.zeros((3, 4, 2))).shape == (3, 4, 2)


def test_landscape_gradient_leaves_theta_alone():
    theta = np.array([0.5, -1.0])
    BUILT["quadratic"].gradient(theta)
    np.testing.assert_array_equal(theta, [0.5, -1.0])


def test_landscape_rejects_wrong_dimension():
    with pytest.raises(ValueError, match=r"expected theta of shape \(..., 2\), got shape \(3,\)"):
        BUILT["beale"](np.zeros(3))


@pytest.mark.parametrize("hessian", [[[1, 2], [3, 4]], [[1, 2]], [1, 2]])
def test_quadratic_rejects_bad_hessian(hessian):
    with pytest.raises(ValueError, match="symmetric hessian"):
        landscapes.quadratic(hessian=hessian)


def test_quadratic_rejects_bad_center():
    with pytest.raises(ValueError, match=r"center of shape \(2,\), got shape \(3,\)"):
        landscapes.quadratic(hessian=np.eye(2), center=[1, 2, 3])


def test_quadratic_copies_its_hessian():
    hessian = np.eye(2)
    bowl = landscapes.quadratic(hessian=hessian)
    hessian[:] = 7
    np.testing.assert_array_equal(bowl.gradient([1.0, 2.0]), [1.0, 2.0])


@pytest.mark.parametrize("angle", [0.0, 0.7])
def test_bowl_has_the_condition_number(angle):
    bowl = landscapes.bowl(100, angle=angle)
    hessian = np.stack([bowl.gradient(unit) for unit in np.eye(2)])
    assert np.linalg.cond(hessian) == pytest.approx(100)


def test_bowl_angle_turns_the_flat_axis():
    flat = np.array([np.cos(0.7), np.sin(0.7)])
    np.testing.assert_allclose(landscapes.bowl(100, angle=0.7).gradient(flat), flat)


def test_bowl_rejects_condition_number_below_one():
    with pytest.raises(ValueError, match="got 0.5"):
        landscapes.bowl(0.5)


def test_landscape_is_silent_far_out(recwarn):
    assert not np.isfinite(BUILT["beale"](np.array([1e300, 1e300])))
    BUILT["beale"].gradient(np.array([1e300, 1e300]))
    assert len(recwarn) == 0
