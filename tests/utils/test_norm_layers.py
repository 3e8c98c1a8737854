"""Networks with normalization layers side by side, and what draws and probes norms."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from utils.claims import seeds
from utils.data import digits
from utils.norm_layers import NormedCrowd, convolved, influence, norms_of, per_pixel, strip, tiles


class TorchNorm:
    """torch.nn.BatchNorm1d in the form that people write."""

    def __init__(self, features):
        self.layer = torch.nn.BatchNorm1d(features, dtype=torch.float64)
        self.gamma, self.beta = (parameter.detach().numpy() for parameter in self.layer.parameters())
        self.train, self.eval = self.layer.train, self.layer.eval

    def forward(self, x):
        self.x = torch.tensor(x, requires_grad=True)
        self.y = self.layer(self.x)
        return self.y.detach().numpy()

    def backward(self, grad_y):
        grads = torch.autograd.grad(self.y, [self.x, *self.layer.parameters()], torch.tensor(grad_y))
        return tuple(grad.numpy() for grad in grads)


@pytest.fixture(scope="module")
def data():
    return digits(as_tensors=False)


def crowd(data, count=2, depth=2, width=5):
    return NormedCrowd(data.train, seeds(count), TorchNorm, depth=depth, width=width)


def of_torch(deep, place):
    """Network `place` of a crowd, in torch, with weights of its own."""
    modules = []
    for weight in deep.weights[:-1]:
        linear = torch.nn.Linear(*weight.shape[1:], bias=False, dtype=torch.float64)
        linear.weight.data = torch.tensor(weight[place].T)
        modules += [linear, torch.nn.BatchNorm1d(weight.shape[2], dtype=torch.float64), torch.nn.ReLU()]
    last = torch.nn.Linear(*deep.weights[-1].shape[1:], dtype=torch.float64)
    last.weight.data, last.bias.data = torch.tensor(deep.weights[-1][place].T), torch.tensor(deep.bias[place, 0])
    return torch.nn.Sequential(*modules, last)


def test_learn_takes_the_steps_of_torch(data):
    deep = crowd(data)
    twins = [of_torch(deep, place) for place in range(2)]
    optimizers = [torch.optim.SGD(twin.parameters(), lr=0.2) for twin in twins]
    losses = deep.learn(7, batch_size=16, lr=0.2)
    for update in range(7):
        for place in range(2):
            rows = deep.order[update * 16 : update * 16 + 16, place]
            x, y = torch.tensor(data.x_train[rows], dtype=torch.float64), torch.tensor(data.y_train[rows])
            loss = torch.nn.functional.cross_entropy(twins[place](x), y)
            assert losses[update, place] == pytest.approx(loss.item(), rel=1e-9)
            optimizers[place].zero_grad()
            loss.backward()
            optimizers[place].step()
    x = torch.tensor(data.x_test, dtype=torch.float64)
    for place in range(2):
        expected = twins[place].eval()(x).detach().numpy()
        assert np.allclose(deep.mode("eval").logits(data.x_test)[place], expected, atol=1e-9)


def test_learn_goes_on_where_it_ended(data):
    whole, parts = crowd(data), crowd(data)
    expected = whole.learn(5, batch_size=700)  # more than an epoch
    found = np.concatenate([parts.learn(2, batch_size=700), parts.learn(3, batch_size=700)])
    assert np.array_equal(found, expected)


def test_a_crowd_does_not_depend_on_who_else_is_in_it(data):
    alone, among = crowd(data, count=1), crowd(data, count=3)
    assert np.allclose(alone.learn(4)[:, 0], among.learn(4)[:, 0], rtol=1e-9)


def test_accuracy_is_the_share_of_right_answers(data):
    deep = crowd(data).mode("eval")
    labels = deep.logits(data.x_test)[1].argmax(axis=-1)
    assert deep.accuracy(data.x_test, labels)[1] == 1
    assert deep.accuracy(data.x_test, (labels + 1) % 10)[1] == 0


def test_norms_of_are_those_of_torch():
    x = np.random.default_rng(0).normal(size=(3, 6, 2, 3))
    functional = torch.nn.functional

    def rows(x, gamma, beta, eps):
        return functional.batch_norm(torch.tensor(x), None, None, training=True, eps=eps).numpy()

    def groups(x, count, gamma, beta, eps):
        return functional.group_norm(torch.tensor(x), count, eps=eps).numpy()

    def last(x, gamma, beta, eps):
        return functional.layer_norm(torch.tensor(x), x.shape[-1:], eps=eps).numpy()

    found = {name: norm(x) for name, norm in norms_of(rows, groups, last).items()}
    t = torch.tensor(x)
    assert np.allclose(found["batch norm"], functional.batch_norm(t, None, None, training=True))
    assert np.allclose(found["layer norm"], functional.layer_norm(t, (6, 2, 3)))
    assert np.allclose(found["instance norm"], functional.instance_norm(t))
    assert np.allclose(found["group norm"], functional.group_norm(t, 3))
    assert np.allclose(np.mean(found["RMS norm, per pixel"] ** 2, axis=1), 1, atol=1e-2)
    assert np.allclose(np.mean(found["layer norm, per pixel"], axis=1), 0)


def test_per_pixel_puts_channels_last_and_back():
    x, seen = np.zeros((2, 3, 4, 5)), []
    assert per_pixel(lambda x: seen.append(x.shape) or x)(x).shape == x.shape
    assert seen == [(2, 4, 5, 3)]


def test_influence_finds_what_moves_an_output():
    moved = influence(lambda x: x + x[::-1], np.ones((3, 2)), place=(0, 1))
    assert np.array_equal(moved, [[False, True], [False, False], [False, True]])


def test_tiles_draws_every_input_that_moves():
    fig, ax = plt.subplots()
    moved = np.zeros((2, 3, 2, 2), dtype=bool)
    moved[1, 2] = True
    tiles(ax, moved, (1, 2, 0, 1), "#ff0000")
    assert len(ax.collections) == 4 + 2  # four pixels, and the lines in two directions
    plt.close(fig)


def test_strip_shows_every_digit_and_frames_the_first():
    fig, ax = plt.subplots()
    above = strip(ax, np.arange(3 * 64.0).reshape(3, 64))
    assert above.images[0].get_array().shape == (10, 30) and max(above.lines[0].get_xdata()) == 9
    plt.close(fig)


def test_convolved_keeps_size_and_type():
    x, weights, bias = np.ones((2, 1, 3, 3), np.float32), np.ones((4, 1, 3, 3), np.float32), np.zeros(4, np.float32)
    y = convolved(x, weights, bias)
    assert y.shape == (2, 4, 3, 3) and y.dtype == np.float32
    assert (y[0, 0, 1, 1], y[0, 0, 0, 0]) == (9, 4)
