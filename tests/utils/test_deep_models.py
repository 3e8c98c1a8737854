import numpy as np
import pytest
import torch

from utils import models


def by_hand(model, x, skip):
    """Compute the network in NumPy, float64."""
    weights = [p.detach().double().numpy() for p in model.parameters()]
    relu = lambda z: np.maximum(z, 0)  # noqa: E731
    norm = lambda h: (h - h.mean(1, keepdims=True)) / np.sqrt(h.var(1, keepdims=True) + 1e-5)  # noqa: E731
    h = relu(x @ weights[0].T + weights[1])
    for weight, bias in zip(weights[2:-2:2], weights[3:-2:2], strict=True):
        h = skip * h + relu(norm(h) @ weight.T + bias)
    return norm(h) @ weights[-2].T + weights[-1]


@pytest.mark.parametrize("skip", [0.0, 0.3, 1.0])
def test_deep_mlp_computes_its_formula(skip):
    model = models.deep_mlp(4, 6, 3, depth=7, skip=skip, seed=2)
    x = np.random.default_rng(0).normal(size=(5, 4))
    out = model(torch.tensor(x, dtype=torch.float32)).detach().numpy()
    np.testing.assert_allclose(out, by_hand(model, x, skip), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("depth", [2, 3, 20])
def test_deep_mlp_has_as_many_matrices_as_its_depth(depth):
    assert sum(p.ndim == 2 for p in models.deep_mlp(4, 6, 3, depth=depth).parameters()) == depth


def test_deep_mlp_weights_follow_the_seed_and_not_the_skip():
    one, plain, other = (models.deep_mlp(4, 6, 3, skip=s, seed=k) for s, k in ((1.0, 0), (0.0, 0), (1.0, 1)))
    assert torch.equal(one.first.weight, plain.first.weight)
    assert not torch.equal(one.first.weight, other.first.weight)


def test_deep_mlp_weights_are_he_and_its_biases_zero():
    model = models.deep_mlp(200, 300, 10, depth=3, seed=1)
    assert model.blocks[0].weight.std().item() == pytest.approx(np.sqrt(2 / 300), rel=0.02)
    assert not any(p.any() for p in model.parameters() if p.ndim == 1)


def test_deep_mlp_leaves_the_global_generator_alone_and_has_no_buffers():
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    model = models.deep_mlp(3, 4, 2, seed=5)
    assert torch.rand(1) == expected and not list(model.buffers())


def test_deep_mlp_rejects_a_single_layer():
    with pytest.raises(ValueError, match="depth of at least 2, got inputs 3, width 4, outputs 2, depth 1"):
        models.deep_mlp(3, 4, 2, depth=1)


def test_hard_threshold_has_two_sides_and_no_gradient():
    x = torch.tensor([-2.0, -1e-6, 3.0], requires_grad=True)
    y = models.HardThreshold()(x)
    y.sum().backward()
    assert y.tolist() == [-1, -1, 1] and x.grad.tolist() == [0, 0, 0]


@pytest.mark.parametrize("activation", [torch.tanh, torch.relu, lambda z: z])
def test_rnn_states_follow_the_recursion(activation):
    rng = np.random.default_rng(1)
    W, inputs = rng.normal(size=(3, 3)), rng.normal(size=(5, 3))
    states = models.rnn_states(W, inputs, activation)
    assert len(states) == 6 and not states[0].any()
    for before, x, after in zip(states, inputs, states[1:], strict=False):
        expected = activation(torch.tensor(W @ before.detach().numpy() + x))
        np.testing.assert_allclose(after.detach(), expected, rtol=1e-12)


def test_rnn_states_of_a_linear_network_hand_gradients_back_through_powers():
    rng = np.random.default_rng(2)
    W = rng.normal(size=(4, 4))
    states = models.rnn_states(W, rng.normal(size=(6, 4)), activation=lambda z: z)
    (grad,) = torch.autograd.grad(states[-1] @ torch.ones(4, dtype=torch.float64), states[2])
    np.testing.assert_allclose(grad, np.ones(4) @ np.linalg.matrix_power(W, 4), rtol=1e-10)
