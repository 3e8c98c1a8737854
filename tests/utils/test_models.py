"""Networks: their formulas, worked out by hand, and weights that follow the seed and nothing else."""

import numpy as np
import pytest
import torch

from utils import models

MADE = {"mlp": lambda seed: models.mlp((3, 2), seed=seed), "deep_mlp": lambda seed: models.deep_mlp(3, 4, 2, seed=seed)}


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_weights_follow_the_seed(make):
    first, again, other = (next(make(seed).parameters()) for seed in (0, 0, 1))
    assert torch.equal(first, again) and not torch.equal(first, other)


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_global_generator_is_left_alone(make):
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    make(5)
    assert torch.rand(1) == expected


# --- mlp


def test_mlp_has_the_sizes():
    shapes = [tuple(p.shape) for p in models.mlp((64, 32, 10)).parameters()]
    assert shapes == [(32, 64), (32,), (10, 32), (10,)]


@pytest.mark.parametrize(("activation", "name"), [("sigmoid", "Sigmoid"), (torch.nn.Softplus, "Softplus")])
def test_mlp_has_the_activation_between_layers_only(activation, name):
    model = models.mlp((3, 4, 2), activation=activation)
    assert [type(layer).__name__ for layer in model] == ["Linear", name, "Linear"]


@pytest.mark.parametrize("sizes", [(3,), (3, 0), ()])
def test_mlp_rejects_bad_sizes(sizes):
    with pytest.raises(ValueError, match="at least two positive sizes"):
        models.mlp(sizes)


def test_mlp_rejects_unknown_activation():
    with pytest.raises(ValueError, match="got 'step'"):
        models.mlp((3, 2), activation="step")


def test_parameter_count_skips_frozen():
    model = models.mlp((3, 4, 2))
    model[0].weight.requires_grad_(False)
    assert models.parameter_count(model) == 4 + 8 + 2


# --- deep_mlp


def by_hand(model, x, skip):
    """Compute the network in NumPy, float64."""
    weights = [p.detach().double().numpy() for p in model.parameters()]
    relu = lambda z: np.maximum(z, 0)  # noqa: E731
    norm = lambda h: (h - h.mean(1, keepdims=True)) / np.sqrt(h.var(1, keepdims=True) + 1e-5)  # noqa: E731
    h = relu(x @ weights[0].T + weights[1])
    for weight, bias in zip(weights[2:-2:2], weights[3:-2:2], strict=True):
        h = skip * h + relu(norm(h) @ weight.T + bias)
    return norm(h) @ weights[-2].T + weights[-1]


@pytest.mark.parametrize(("skip", "depth"), [(0.0, 7), (0.3, 7), (1.0, 7), (1.0, 2), (1.0, 20)])
def test_deep_mlp_computes_its_formula_in_as_many_layers_as_its_depth(skip, depth):
    model = models.deep_mlp(4, 6, 3, depth=depth, skip=skip, seed=2)
    x = np.random.default_rng(0).normal(size=(5, 4))
    out = model(torch.tensor(x, dtype=torch.float32)).detach().numpy()
    np.testing.assert_allclose(out, by_hand(model, x, skip), rtol=1e-3, atol=1e-4)
    assert sum(p.ndim == 2 for p in model.parameters()) == depth and not list(model.buffers())


def test_deep_mlp_weights_do_not_follow_the_skip():
    one, plain = (models.deep_mlp(4, 6, 3, skip=skip) for skip in (1.0, 0.0))
    assert torch.equal(one.first.weight, plain.first.weight)


def test_deep_mlp_weights_are_he_and_its_biases_zero():
    model = models.deep_mlp(200, 300, 10, depth=3, seed=1)
    assert model.blocks[0].weight.std().item() == pytest.approx(np.sqrt(2 / 300), rel=0.02)
    assert not any(p.any() for p in model.parameters() if p.ndim == 1)


def test_deep_mlp_rejects_a_single_layer():
    with pytest.raises(ValueError, match="depth of at least 2, got inputs 3, width 4, outputs 2, depth 1"):
        models.deep_mlp(3, 4, 2, depth=1)


# --- other networks


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
