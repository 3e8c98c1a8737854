"""Landscapes: autograd is the judge of their values and gradients."""

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from utils import landscapes, plots


def one_unit(weight, bias):
    """The error of a sigmoid unit, by torch's own loss; torch takes the mean over the two examples."""
    inputs, targets = torch.tensor([[1.0, -1.0], [0.9, 0.1]], dtype=torch.float64)
    outputs = torch.sigmoid(weight[:, None] * inputs + bias[:, None])
    return 0.5 * torch.nn.functional.mse_loss(outputs, targets.expand_as(outputs), reduction="none").mean(1)


def groove(x, y):
    point = torch.complex(x, y)
    r, turn = point.abs(), point.angle()
    return 0.5 * r**2 + (1 - torch.cos(2 * torch.pi * r - turn)) * r**2 / (r**2 + 0.25)


# the same functions once more, in torch
TORCH = {
    "quadratic": lambda x, y: 0.5 * (3 * (x - 1) ** 2 + 2 * 0.5 * (x - 1) * (y + 2) + 2 * (y + 2) ** 2),
    "bowl": lambda x, y: 0.5 * (x**2 + 50 * y**2),
    "rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    "beale": lambda x, y: (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2,
    "saddle": lambda x, y: 0.5 * x**2 - 0.5 * y**2 + 0.25 * y**4,
    "cliff": lambda x, y: 0.05 * (x + 3) ** 2 + 0.05 * y**2 + 5 * torch.sigmoid(-20 * (x + 1)),
    "monkey_saddle": lambda x, y: (torch.complex(x, y) ** 3).real + 0.75 * torch.complex(x, y).abs() ** 4,
    "plateau": one_unit,
    "himmelblau": lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    "spiral": groove,
}
ARGUMENTS = {"quadratic": {"hessian": [[3, 0.5], [0.5, 2]], "center": [1, -2]}, "bowl": {"condition_number": 50}}
BUILT = {name: getattr(landscapes, name)(**ARGUMENTS.get(name, {})) for name in TORCH}
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
    axes = [np.linspace(low, high, 101) for low, high in BUILT[name].bounds]
    grid = np.stack(np.meshgrid(*axes), axis=-1)
    assert BUILT[name](BUILT[name].minimum) <= BUILT[name](grid).min() + 1e-12


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


def test_monkey_saddle_has_no_curvature_at_the_centre():
    h = 1e-4
    hessian = [(BUILT["monkey_saddle"].gradient(h * e) - BUILT["monkey_saddle"].gradient(-h * e)) for e in np.eye(2)]
    np.testing.assert_allclose(np.array(hessian) / (2 * h), 0, atol=1e-6)


def test_plateau_flattens_exponentially():
    slopes = [np.linalg.norm(BUILT["plateau"].gradient([-w, 0.0])) for w in (8, 10)]
    assert slopes[0] / slopes[1] == pytest.approx(np.exp(2), rel=0.01)


def test_himmelblau_has_four_minima():
    # published coordinates, to six digits
    minima = [(3, 2), (-2.805118, 3.131313), (-3.779310, -3.283186), (3.584428, -1.848127)]
    np.testing.assert_allclose(BUILT["himmelblau"](np.array(minima)), 0, atol=1e-9)


def test_spiral_has_no_other_critical_point_on_the_floor():
    # on the floor of the groove the slope along it never vanishes
    r = np.linspace(0.6, 2.9, 50)
    floor = np.stack([r * np.cos(2 * np.pi * r), r * np.sin(2 * np.pi * r)], axis=-1)
    along = np.gradient(floor, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    assert np.all(np.linalg.norm(BUILT["spiral"].gradient(floor), axis=1) > 0.1)


def test_spiral_parameters_scale_their_terms():
    theta = np.array([0.3, 1.1])
    parts = [landscapes.spiral(depth=d, tilt=t)(theta) for d, t in ((1, 0.5), (2, 1.0))]
    assert parts[1] == pytest.approx(2 * parts[0])


def test_surface_draws_on_three_dimensional_axes():
    ax = Figure().add_subplot(projection="3d")
    assert plots.surface(ax, BUILT["plateau"], points=12) is ax
    assert len(ax.collections) == 1
    drawn = ax.collections[0].get_array()
    assert np.isfinite(drawn).all()


def test_surface_is_cut_at_the_highest_level():
    ax = Figure().add_subplot(projection="3d")
    plots.surface(ax, BUILT["himmelblau"], points=12, top=100)
    assert ax.get_zlim()[1] < 130


def test_surface_rejects_other_dimensions():
    with pytest.raises(ValueError, match="dimension 2, got 3"):
        plots.surface(None, landscapes.quadratic(hessian=np.eye(3)))
