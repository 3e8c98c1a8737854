"""Problems to minimise: exact gradients, what they are near the edges, and what a meter counts."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from utils import problems
from utils.networks import network

rng = np.random.default_rng(0)
EXAMPLES = rng.normal(size=(12, 3)), np.arange(12) % 3
NET = network((3, 4, 3), 0)
PROBLEMS = {
    "barrier": (problems.barrier(2.0), rng.uniform(1, 2, size=3)),
    "soft corners": (problems.soft_corners(rng.normal(size=(4, 3))), rng.normal(size=3)),
    "waves": (problems.waves([0.1, 2.0]), rng.normal(size=2)),
    "chain": (problems.chain(4), rng.normal(size=4)),
    "softmax": (problems.softmax_regression(*EXAMPLES, penalty=0.1), rng.normal(size=12)),
    "network": (problems.layered(NET, *EXAMPLES, 0.1), rng.normal(size=31)),
    "curve": (problems.curve_fit(np.linspace(-1, 1, 9), rng.normal(size=9), 2), rng.normal(size=6)),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_gradient_is_that_of_the_value(name):
    problem, theta = PROBLEMS[name]
    numeric = approx_fprime(theta, problem, 1e-7)
    assert np.allclose(problem.gradient(theta), numeric, rtol=1e-4, atol=1e-5)


def test_curve_fit_hessian_is_that_of_the_gradient():
    problem, theta = PROBLEMS["curve"]
    assert np.allclose(problem.hessian(theta), problems.hessian(problem, theta), atol=1e-6)


def test_barrier_is_nan_outside():
    assert np.isnan(problems.barrier()(np.array([1.0, -1.0])))


def test_chain_refuses_a_single_coordinate():
    with pytest.raises(ValueError, match="n >= 2"):
        problems.chain(1)


@pytest.mark.parametrize("name", ["softmax", "network"])
def test_of_all_rows_is_the_problem(name):
    problem, theta = PROBLEMS[name]
    assert problem.of(np.arange(12))(theta) == pytest.approx(problem(theta))


def test_filled_undoes_start_of():
    theta = problems.start_of(NET.parameters)
    assert all(
        np.array_equal(a, b) for a, b in zip(problems.filled(NET, theta).parameters, NET.parameters, strict=True)
    )


def test_meter_counts_a_known_value_once():
    meter = problems.Meter(problems.waves([1.0]))
    theta = np.ones(1)
    meter(theta), meter(theta), meter.gradient(theta)
    assert meter.passes == pytest.approx(1.0)
    assert meter.at([0.5, 1.0]).tolist() == [np.inf, meter(theta)]


def test_fisher_is_gauss_newton_and_the_hessian_that_of_the_loss():
    loss = problems.layered(NET, *EXAMPLES)
    found = problems.curvatures(NET, *EXAMPLES)
    assert np.allclose(found["Fisher"], found["Gauss-Newton"], atol=1e-12)
    assert np.allclose(found["Hessian"], problems.hessian(loss, problems.start_of(NET.parameters)), atol=1e-7)


def test_matrix_bowl_turned_is_the_same_to_plain_descent():
    ends = [problems.matrix_bowl(3, turned).end("SGD", 1e-4, 20, None) for turned in (False, True)]
    assert ends[0] == pytest.approx(ends[1])


def test_race_reports_the_loss_of_its_parameters():
    start = [np.zeros((3, 3)), np.zeros(3)]
    losses, thetas = problems.race(lambda seed: start, EXAMPLES, "SGD", [0.1], 4, 0.1, [0, 1], batch=4)
    task = problems.softmax_regression(*EXAMPLES, penalty=0.1)
    assert losses[0] == pytest.approx([task(theta) for theta in thetas[0]], rel=1e-5)


@pytest.mark.parametrize("method, settings", [("SGD", {"momentum": 0.9}), ("Adam", {})])
def test_race_is_a_loop_over_torch_optim(method, settings):
    import torch

    nets, passes = {seed: network((3, 4, 3), seed) for seed in (0, 5)}, 6
    _, found = problems.race(
        lambda seed: nets[seed].parameters, EXAMPLES, method, [0.03, 0.2], passes, 0.1, list(nets), batch=4
    )
    x, y = torch.tensor(EXAMPLES[0]), torch.tensor(EXAMPLES[1])
    for (seed, net), ends in zip(nets.items(), found.swapaxes(0, 1), strict=True):
        for lr, end in zip((0.03, 0.2), ends, strict=True):
            arrays = [torch.tensor(array, dtype=float, requires_grad=True) for array in net.parameters]
            optimizer = getattr(torch.optim, method)(arrays, lr=lr, weight_decay=0.1, **settings)
            order = np.random.default_rng(seed)
            rows = np.concatenate([order.permutation(12) for _ in range(passes)]).reshape(-1, 4)
            for k, batch in enumerate(rows):
                optimizer.param_groups[0]["lr"] = lr * (1 - k / len(rows))
                optimizer.zero_grad()
                hidden = torch.tanh(x[batch] @ arrays[0] + arrays[1])
                torch.nn.functional.cross_entropy(hidden @ arrays[2] + arrays[3], y[batch]).backward()
                optimizer.step()
            assert end == pytest.approx(problems.start_of([array.detach() for array in arrays]), rel=1e-3, abs=1e-4)
