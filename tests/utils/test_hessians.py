"""utils.hessians and utils.searches against finite differences, SciPy and known answers."""

import numpy as np
import pytest
import scipy.optimize
import torch

from utils import hessians, landscapes, searches
from utils.models import mlp
from utils.surfaces import to_point


def _solve(matvec, b, tol, steps):
    """A solver of one exact step along the residual, for as many steps as it may take."""
    x, residual, sizes = np.zeros_like(b), b.copy(), [1.0]
    while sizes[-1] > tol and len(sizes) <= steps:
        image = matvec(residual)
        step = residual @ residual / (residual @ image)
        x, residual = x + step * residual, residual - step * image
        sizes.append(np.linalg.norm(residual) / np.linalg.norm(b))
    return x, np.array(sizes), np.zeros_like(b)


def _hvp(f, x, v):
    return torch.autograd.functional.hvp(f, x, v)[1]


def test_with_curvatures_has_these_eigenvalues():
    matrix = hessians.with_curvatures([3.0, -1.0, 2.0], np.random.default_rng(0))
    assert np.allclose(np.linalg.eigvalsh(matrix), [-1, 2, 3])


def test_of_is_the_hessian_of_a_quadratic():
    H = np.array([[2.0, 1.0], [1.0, -3.0]])
    assert np.allclose(hessians.of(landscapes.quadratic(H), [0.3, -2.0]), H)


@pytest.mark.parametrize("make", [hessians.log_sum, hessians.waves, hessians.form])
def test_functions_are_scalar_and_scaled(make):
    x = torch.linspace(-1, 1, 4, dtype=torch.float64)
    assert make(4, 1)(x).shape == ()
    assert torch.isclose(make(4, 1, scale=5.0)(x), 5 * make(4, 1)(x))


def test_settle_tells_where_a_walk_ends():
    step = lambda theta, grad, hessian: theta - np.linalg.solve(hessian, grad)  # noqa: E731
    kinds, counts = hessians.settle(step, landscapes.quadratic(np.diag([1.0, -2.0])), np.ones((3, 2)))
    assert set(kinds) == {"saddle"} and set(counts) == {1}


def test_flat_loss_is_the_loss_of_the_model():
    model, x, y = mlp((3, 4, 2), seed=1), torch.randn(5, 3), torch.tensor([0, 1, 0, 1, 1])
    flat = hessians.flat_loss(model, x, y)(to_point(model))
    assert torch.isclose(flat, torch.nn.functional.cross_entropy(model(x), y))


def test_descend_equals_torch_sgd():
    loss = hessians.log_sum(3, 0)
    start = torch.tensor([[1.0, -1.0, 0.5]], dtype=torch.float64)
    losses, ends = hessians.descend(loss, start, (0.1,), 4, momentum=0.5)
    theta = start[0].clone().requires_grad_(True)
    optimizer = torch.optim.SGD([theta], lr=0.1, momentum=0.5)
    for k in range(4):
        optimizer.zero_grad()
        value = loss(theta)
        assert np.isclose(losses[0, 0, k], value.item())
        value.backward()
        optimizer.step()
    assert torch.allclose(ends[0, 0], theta)


def test_truncated_newton_finds_the_minimum_of_a_convex_function():
    loss = hessians.log_sum(4, 2)
    start = torch.ones(4, dtype=torch.float64)
    best = scipy.optimize.minimize(lambda x: loss(torch.tensor(x)).item(), np.ones(4)).fun
    _, losses = hessians.truncated_newton(loss, start, _hvp, _solve, most=400, goal=best + 1e-6)
    assert losses[-1] <= best + 1e-6


def test_curvatures_come_from_products():
    multiply = hessians.product([4.0, 1.0, -2.0], seed=3)
    assert np.allclose(hessians.curvatures(multiply, 3), [-2, 1, 4])


def test_along_ends_where_the_slope_is_small():
    bowl = landscapes.bowl(10)
    slope = bowl.gradient(bowl.start)
    theta, new, asked = searches.along(bowl, bowl.start, -slope)
    assert abs(new @ slope) <= 0.1 * (slope @ slope) and bowl(theta) < bowl(bowl.start) and asked > 0


def test_along_stays_where_it_is_if_there_is_no_way_down():
    bowl = landscapes.bowl(10)
    theta, _, _ = searches.along(bowl, bowl.start, bowl.gradient(bowl.start))
    assert np.array_equal(theta, bowl.start)


def test_restarted_solves():
    A = hessians.with_curvatures([1.0, 2.0, 5.0], np.random.default_rng(0))
    points, sizes = searches.restarted(_solve, A, np.ones(3), 1e-8, 500)
    assert np.allclose(A @ points[-1], np.ones(3)) and sizes[-1] <= 1e-8


def test_conjugacy_of_steps_along_eigenvectors_is_the_identity():
    A = np.diag([1.0, 2.0])
    steps = iter([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    found = searches.conjugacy(lambda *arguments: (np.array(next(steps)), 0, 0), A, np.ones(2), 2)
    assert np.allclose(found, np.eye(2))


def test_reached_tells_what_was_spent():
    assert searches.reached([([1, 5, 9], [3.0, 2.0, 1.0]), ([1, 5], [3.0, 2.5])], 2.0) == [5, np.inf]


def test_rosenbrock_chain_has_the_gradient_of_its_value():
    chain = landscapes.rosenbrock_chain(4)
    theta = np.array([0.3, -0.7, 1.1, 0.2])
    numeric = scipy.optimize.approx_fprime(theta, chain, 1e-7)
    assert np.allclose(chain.gradient(theta), numeric, rtol=1e-4, atol=1e-3) and chain(np.ones(4)) == 0
