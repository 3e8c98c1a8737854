"""Deep networks that are trained side by side are what each would be alone."""

import numpy as np
import pytest
import torch

from utils import deep


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return rng.normal(size=(40, 5)), np.arange(40) % 3


def networks(count, sizes=(5, 6, 6, 6, 3)):
    return [deep.normal_network(sizes, np.random.default_rng(seed), lambda m, n: m**-0.5) for seed in range(count)]


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_fit_equals_torch_optim_network_by_network(data, optimizer):
    pair, phi = networks(2), deep.activation("tanh")
    losses, _ = deep.fit(pair, data, phi, lr=[0.05, 0.01], steps=8, batch_size=40, seeds=[1, 2], optimizer=optimizer)
    x, y = torch.tensor(data[0], dtype=torch.float32), torch.tensor(data[1])
    for net, lr, found in zip(pair, (0.05, 0.01), losses, strict=True):
        parameters = [torch.nn.Parameter(array[0]) for array in deep.stack([net])]
        moves = torch.optim.Adam(parameters, lr) if optimizer == "Adam" else torch.optim.SGD(parameters, lr, 0.9)
        for wanted in found:
            loss = torch.nn.functional.cross_entropy(deep.logits([p[None] for p in parameters], x, phi)[0], y)
            assert loss.item() == pytest.approx(wanted, rel=1e-4)
            moves.zero_grad()
            loss.backward()
            moves.step()


def test_factors_hold_a_layer_still(data):
    net = networks(1)
    _, trained = deep.fit(
        net, data, deep.activation("ReLU"), lr=0.1, steps=3, batch_size=10, seeds=[0], factors=[0, 0] + [1] * 6
    )
    before = deep.stack(net)
    assert torch.equal(trained[0], before[0])
    assert not torch.equal(trained[2], before[2])


def test_residual_pairs_of_zeros_change_nothing(data):
    ((weights, biases),) = networks(1)
    weights[2] *= 0
    x, phi = torch.tensor(data[0], dtype=torch.float32), deep.activation("ReLU")
    shallow = deep.stack([([weights[0], weights[3]], [biases[0], biases[3]])])
    whole = deep.logits(deep.stack([(weights, biases)]), x, phi, residual=True)
    assert torch.equal(whole, deep.logits(shallow, x, phi))


def test_end_to_end_is_the_jacobian():
    rng, phi = np.random.default_rng(3), deep.activation("tanh")
    weights, x = [rng.normal(size=(4, 4)) for _ in range(3)], rng.normal(size=4)
    through = lambda t: phi(phi(phi(t @ weights[0]) @ weights[1]) @ weights[2])  # noqa: E731
    weights = [torch.tensor(matrix) for matrix in weights]
    jacobian = torch.autograd.functional.jacobian(through, torch.tensor(x))
    found = deep.end_to_end(x, [matrix.numpy() for matrix in weights], phi)
    assert found == pytest.approx(torch.linalg.svdvals(jacobian).numpy())


def test_activation_stretches_shifts_and_knows_its_slope():
    phi, z = deep.activation("tanh", inside=2.0, outside=3.0, shift=0.5), np.linspace(-1, 1, 5)
    assert phi(z) == pytest.approx(3 * np.tanh(2 * z + 0.5))
    assert phi.slope(z) == pytest.approx(6 / np.cosh(2 * z + 0.5) ** 2)


def test_activation_refuses_unknown_names():
    with pytest.raises(ValueError, match="expected one of"):
        deep.activation("relu")


def test_diverged_networks_hold_inf(data):
    losses, trained = deep.fit(networks(1), data, deep.activation("square"), lr=1e6, steps=6, batch_size=40, seeds=[0])
    assert np.isinf(losses[0, -1])
    assert np.isinf(deep.scores(trained, data, deep.activation("square"))[0]).all()
