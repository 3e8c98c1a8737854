"""Per-example gradients against autograd, one example at a time; kept bytes against counting by hand."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss, softplus

from utils import gradients
from utils.models import mlp, parameter_count

TORCH_LOSSES = {
    "squared_error": lambda theta, x, y: 0.5 * (x @ theta - y) ** 2,
    "logistic": lambda theta, x, y: softplus(-y * (x @ theta)),
    "softmax": lambda theta, x, y: cross_entropy((x @ theta)[None], y.long()[None]),
}


def linear_problem(name, seed=0, m=7, d=4, classes=3):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(m, d))
    if name == "softmax":
        return rng.normal(size=(d, classes)), X, rng.integers(classes, size=m)
    y = rng.normal(size=m) if name == "squared_error" else rng.choice([-1.0, 1.0], size=m)
    return rng.normal(size=d), X, y


@pytest.mark.parametrize("name", TORCH_LOSSES)
@pytest.mark.parametrize("scale", [1.0, 1e-6, 300.0])
def test_values_and_gradients_equal_autograd(name, scale):
    theta, X, y = linear_problem(name)
    theta = scale * theta
    loss = getattr(gradients, name)()
    values, grads = loss.values(theta, X, y), loss.gradients(theta, X, y)
    assert values.shape == (7,) and grads.shape == (7, *theta.shape)
    for i in range(len(X)):
        parameter = torch.tensor(theta, requires_grad=True)
        value = TORCH_LOSSES[name](parameter, torch.tensor(X[i]), torch.tensor(y[i]))
        value.backward()
        assert values[i] == pytest.approx(value.item(), rel=1e-9, abs=1e-12)
        np.testing.assert_allclose(grads[i], parameter.grad.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", TORCH_LOSSES)
def test_loss_refuses_unequal_numbers_of_examples(name):
    theta, X, y = linear_problem(name)
    with pytest.raises(ValueError, match=r"got shapes \(7, 4\) and \(6,\)"):
        getattr(gradients, name)().gradients(theta, X, y[:-1])


@pytest.mark.parametrize("name", TORCH_LOSSES)
def test_metered_loss_gives_so_many_gradients_and_no_more(name):
    theta, X, y = linear_problem(name)
    metered = gradients.metered(name, 5)
    expected = getattr(gradients, name)().gradients(theta, X, y)
    np.testing.assert_array_equal(metered.gradients(theta, X[:3], y[:3]), expected[:3])
    np.testing.assert_array_equal(metered.gradients(theta, X[3:5], y[3:5]), expected[3:5])
    with pytest.raises(gradients.TooManyExamples, match="of 6 examples, where 5 are enough"):
        metered.gradients(theta, X[:1], y[:1])


def test_metered_loss_is_told_whole_from_its_copies():
    theta, X, y = linear_problem("squared_error")
    grad_fn = gradients.metered("squared_error", 4).gradients
    copy.deepcopy(grad_fn)(theta, X[:4], y[:4])
    assert grad_fn.__self__.asked == 0 and grad_fn.__self__.name == "squared error"


def test_metered_refuses_an_unknown_loss():
    with pytest.raises(ValueError, match="expected one of squared_error, logistic, softmax, got 'hinge'"):
        gradients.metered("hinge", 3)


def test_loss_is_named():
    assert repr(gradients.softmax()) == "Loss('softmax')"


@pytest.mark.parametrize("loss_fn", [cross_entropy, lambda outputs, y: mse_loss(outputs[:, 0], y.float())])
def test_per_example_gradients_equal_a_loop_over_backward(loss_fn):
    generator = torch.Generator().manual_seed(0)
    model = mlp((5, 6, 3), activation="tanh", seed=1)
    x, y = torch.randn(9, 5, generator=generator), torch.randint(3, (9,), generator=generator)
    rows = gradients.per_example_gradients(model, x, y, loss_fn)
    assert rows.shape == (9, parameter_count(model))
    for i in range(9):
        model.zero_grad()
        loss_fn(model(x[i : i + 1]), y[i : i + 1]).backward()
        expected = torch.cat([parameter.grad.ravel() for parameter in model.parameters()])
        torch.testing.assert_close(rows[i], expected)


def test_per_example_gradients_leave_the_model_alone():
    model = mlp((5, 3))
    before = [parameter.detach().clone() for parameter in model.parameters()]
    gradients.per_example_gradients(model, torch.ones(2, 5), torch.tensor([0, 1]))
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(map(torch.equal, before, model.parameters()))


def test_per_example_gradients_refuse_unequal_numbers_of_examples():
    with pytest.raises(ValueError, match="got 2 and 3"):
        gradients.per_example_gradients(mlp((5, 3)), torch.ones(2, 5), torch.zeros(3, dtype=torch.long))


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_saved_bytes_of_a_network_counted_by_hand(device):
    # kept: the input of each linear layer; ReLU keeps its output, which is the next layer's input and counts once
    model = nn.Sequential(nn.Linear(20, 30), nn.ReLU(), nn.Linear(30, 10)).to(device)
    assert gradients.saved_bytes(model, torch.ones(8, 20, device=device)) == 8 * (20 + 30) * 4


def test_saved_bytes_counts_other_types_and_separate_storages():
    # tanh keeps its output; pooling keeps its input and an int64 index of each output
    model = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.Tanh(), nn.MaxPool2d(2))
    assert gradients.saved_bytes(model, torch.ones(3, 1, 8, 8)) == 3 * (64 + 2 * 64) * 4 + 3 * 2 * 16 * 8


def test_saved_bytes_is_zero_when_nothing_can_be_learned():
    model = nn.Linear(4, 4)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    assert gradients.saved_bytes(model, torch.ones(2, 4)) == 0
