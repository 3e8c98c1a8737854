"""Batch normalization by hand: honest variants, further wrong solutions, and mutants that compute the same."""

import numpy as np
import torch

from tests.precision.table import ChapterTable

table = ChapterTable(__file__)
honest, wrong = table.honest, table.wrong


# --- batch_norm_train


@honest("batch_norm_train")
def through_torch(x, gamma, beta, eps):
    layer = torch.nn.BatchNorm1d(x.shape[1], eps, dtype=torch.float64)
    layer.weight.data, layer.bias.data = torch.tensor(gamma), torch.tensor(beta)
    return layer(torch.tensor(x)).detach()


@honest("batch_norm_train")
def by_covariance(x, gamma, beta, eps):
    var = np.diag(np.atleast_2d(np.cov(x.T, bias=True)))
    return (x - x.mean(0)) * (gamma / np.sqrt(var + eps)) + beta


@honest("batch_norm_train")
def column_by_column(x, gamma, beta, eps):
    columns = []
    for j in range(x.shape[1]):
        column = x[:, j]
        centred = column - sum(column) / len(column)
        columns.append(gamma[j] * centred / (sum(centred**2) / len(column) + eps) ** 0.5 + beta[j])
    return np.array(columns).T


@honest("batch_norm_train")
def one_scale_one_shift(x, gamma, beta, eps):
    scale = gamma / np.sqrt(np.var(x, axis=0) + eps)
    return (x - np.mean(x, axis=0)) * scale + beta


wrong(
    "batch_norm_train",
    minmax="gamma * (x - x.min(0)) / (np.ptp(x, axis=0) + eps) + beta",
    median="gamma * (x - np.median(x, axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta",
    absolute_gamma="np.abs(gamma) * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta",
    eps_twice="gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 2 * eps) + beta",
    root_of_eps_outside="gamma * (x - x.mean(axis=0)) / (x.std(axis=0) + np.sqrt(eps)) + beta",
    mean_added="gamma * (x + x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta",
    scale_outside="gamma * ((x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)) ** 2 + beta",
    clipped="np.clip(gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta, -1, 1)",
    transposed="((gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)) + beta).T",
)


# --- batch_norm_backward


@honest("batch_norm_backward")
def by_autograd(grad_y, x, gamma, eps):
    x, gamma = (torch.tensor(array, requires_grad=True) for array in (x, gamma))
    beta = torch.zeros_like(gamma, requires_grad=True)
    y = gamma * (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + eps) + beta
    return torch.autograd.grad(y, (x, gamma, beta), torch.tensor(grad_y))


@honest("batch_norm_backward")
def as_in_the_paper(grad_y, x, gamma, eps):
    n, mean, var = len(x), x.mean(axis=0), x.var(axis=0)
    grad_x_hat = grad_y * gamma
    grad_var = (grad_x_hat * (x - mean) * -0.5 * (var + eps) ** -1.5).sum(axis=0)
    grad_mean = (-grad_x_hat / np.sqrt(var + eps)).sum(axis=0) + grad_var * (-2 * (x - mean)).sum(axis=0) / n
    grad_x = grad_x_hat / np.sqrt(var + eps) + grad_var * 2 * (x - mean) / n + grad_mean / n
    return grad_x, (grad_y * (x - mean) / np.sqrt(var + eps)).sum(axis=0), grad_y.sum(axis=0)


@honest("batch_norm_backward")
def by_the_jacobian(grad_y, x, gamma, eps):
    n, grad_x = len(x), np.zeros(x.shape)
    std = np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) / std
    for j in range(x.shape[1]):
        jacobian = (np.eye(n) - 1 / n - np.outer(x_hat[:, j], x_hat[:, j]) / n) * gamma[j] / std[j]
        grad_x[:, j] = jacobian.T @ grad_y[:, j]
    return grad_x, np.einsum("ij,ij->j", grad_y, x_hat), grad_y.sum(axis=0)


def backward_right(grad_y, x, gamma, eps):
    std = np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) / std
    through = grad_y - grad_y.mean(axis=0) - x_hat * (grad_y * x_hat).mean(axis=0)
    return gamma / std * through, (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


wrong(
    "batch_norm_backward",
    negative="tuple(-item for item in backward_right(grad_y, x, gamma, eps))",
    order_reversed="backward_right(grad_y, x, gamma, eps)[::-1]",
    only_grad_x="backward_right(grad_y, x, gamma, eps)[0]",
    gamma_twice="(gamma * backward_right(grad_y, x, gamma, eps)[0], *backward_right(grad_y, x, gamma, eps)[1:])",
    forward_again="backward_right(x, x, gamma, eps)",
)


@wrong("batch_norm_backward")
def changes_grad_y(grad_y, x, gamma, eps):
    found = backward_right(grad_y, x, gamma, eps)
    grad_y *= gamma
    return found


@wrong("batch_norm_backward")
def factor_two_in_the_variance(grad_y, x, gamma, eps):
    grad_x, grad_gamma, grad_beta = backward_right(grad_y, x, gamma, eps)
    std = np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) / std
    return grad_x - gamma / std * x_hat * grad_gamma / len(x), grad_gamma, grad_beta


# --- update_running


@honest("update_running")
def moved_a_share_of_the_way(running_mean, running_var, x, momentum):
    mean = running_mean + momentum * (x.mean(0) - running_mean)
    return mean, running_var + momentum * (x.var(0, ddof=1) - running_var)


@honest("update_running")
def average_of_two(running_mean, running_var, x, momentum):
    weights, n = [1 - momentum, momentum], len(x)
    mean = np.average([running_mean, x.mean(0)], axis=0, weights=weights)
    return mean, np.average([running_var, x.var(0) * n / (n - 1)], axis=0, weights=weights)


@honest("update_running")
def by_torch(running_mean, running_var, x, momentum):
    layer = torch.nn.BatchNorm1d(x.shape[1], momentum=momentum, dtype=torch.float64)
    layer.running_mean, layer.running_var = torch.tensor(running_mean), torch.tensor(running_var)
    layer(torch.tensor(x))
    return layer.running_mean, layer.running_var


def running_right(running_mean, running_var, x, momentum):
    mean = (1 - momentum) * running_mean + momentum * x.mean(axis=0)
    return mean, (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)


wrong(
    "update_running",
    swapped="running_right(running_mean, running_var, x, momentum)[::-1]",
    only_mean="running_right(running_mean, running_var, x, momentum)[0]",
    always_a_tenth="running_right(running_mean, running_var, x, 0.1)",
    simple_mean="(running_mean + x.mean(0)) / 2, (running_var + x.var(0, ddof=1)) / 2",
)


@wrong("update_running")
def sum_for_mean(running_mean, running_var, x, momentum):
    mean, var = running_right(running_mean, running_var, x, momentum)
    return mean + momentum * (len(x) - 1) * x.mean(axis=0), var


@wrong("update_running")
def ddof_two(running_mean, running_var, x, momentum):
    mean, _ = running_right(running_mean, running_var, x, momentum)
    squares = ((x - x.mean(axis=0)) ** 2).sum(axis=0)
    return mean, (1 - momentum) * running_var + momentum * squares / max(len(x) - 2, 1)


# --- batch_norm_eval


@honest("batch_norm_eval")
def channels_moved_last(x, gamma, beta, running_mean, running_var, eps):
    last = np.moveaxis(x, 1, -1)
    return np.moveaxis((last - running_mean) * (gamma / np.sqrt(running_var + eps)) + beta, -1, 1)


@honest("batch_norm_eval")
def channel_by_channel(x, gamma, beta, running_mean, running_var, eps):
    y = np.empty_like(x)
    for c in range(x.shape[1]):
        y[:, c] = gamma[c] * (x[:, c] - running_mean[c]) / np.sqrt(running_var[c] + eps) + beta[c]
    return y


@honest("batch_norm_eval")
def flattened_pixels(x, gamma, beta, running_mean, running_var, eps):
    flat = x.reshape(len(x), x.shape[1], -1)
    scale = (gamma / np.sqrt(running_var + eps))[None, :, None]
    return ((flat - running_mean[None, :, None]) * scale + beta[None, :, None]).reshape(x.shape)


def eval_right(x, gamma, beta, running_mean, running_var, eps):
    scale = gamma / np.sqrt(running_var + eps)
    return np.moveaxis((np.moveaxis(x, 1, -1) - running_mean) * scale + beta, -1, 1)


wrong(
    "batch_norm_eval",
    mean_and_variance_swapped="eval_right(x, gamma, beta, running_var, np.abs(running_mean), eps)",
    channels_left_last="np.moveaxis(eval_right(x, gamma, beta, running_mean, running_var, eps), 1, -1)",
    eps_of_torch="eval_right(x, gamma, beta, running_mean, running_var, 1e-5)",
    shift_before_scale="eval_right(x, gamma, gamma * beta, running_mean, running_var, eps)",
    first_channel_for_all="eval_right(x, gamma[:1], beta[:1], running_mean[:1], running_var[:1], eps)",
    only_rows="gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta",
    flattened="eval_right(x, gamma, beta, running_mean, running_var, eps).ravel()",
)


# --- BatchNorm


@honest("BatchNorm")
class TorchInside:
    def __init__(self, features, momentum=0.1, eps=1e-5):
        self.layer = torch.nn.BatchNorm1d(features, eps, momentum, dtype=torch.float64)
        self.gamma, self.beta = self.layer.weight.detach().numpy(), self.layer.bias.detach().numpy()

    running_mean = property(lambda self: self.layer.running_mean.numpy())
    running_var = property(lambda self: self.layer.running_var.numpy())

    def train(self):
        self.layer.train()

    def eval(self):
        self.layer.eval()

    def forward(self, x):
        self.x = torch.tensor(np.asarray(x, dtype=float), requires_grad=True)
        self.y = self.layer(self.x)
        return self.y.detach()

    def backward(self, grad_y):
        inputs = (self.x, self.layer.weight, self.layer.bias)
        return torch.autograd.grad(self.y, inputs, torch.tensor(np.asarray(grad_y, dtype=float)))


@honest("BatchNorm")
class KeepsWhatItNeeds:
    def __init__(self, features, momentum=0.1, eps=1e-5):
        self.gamma = np.full(features, 1.0)
        self.beta = np.full(features, 0.0)
        self.running_mean, self.running_var = 0 * self.gamma, 1 + 0 * self.gamma
        self.momentum, self.eps, self.mode = momentum, eps, "train"

    def train(self):
        self.mode = "train"

    def eval(self):
        self.mode = "eval"

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.mode == "train":
            mean, var = np.mean(x, axis=0), np.var(x, axis=0)
            share, n = self.momentum, len(x)
            self.running_mean = self.running_mean + share * (mean - self.running_mean)
            self.running_var = self.running_var + share * (var * n / (n - 1) - self.running_var)
        self.kept = x - mean, var + self.eps, self.mode, self.gamma.copy()
        return self.gamma * (x - mean) / np.sqrt(var + self.eps) + self.beta

    def backward(self, grad_y):
        centred, var, mode, gamma = self.kept
        grad_x = grad_y * gamma / np.sqrt(var)
        if mode == "train":
            grad_x = grad_x - centred * (grad_x * centred).mean(axis=0) / var
            grad_x = grad_x - grad_x.mean(axis=0)
        return [grad_x, (grad_y * centred).sum(axis=0) / np.sqrt(var), np.sum(grad_y, axis=0)]


class _Right:
    def __init__(self, features, momentum=0.1, eps=1e-5):
        self.gamma, self.beta = np.ones(features), np.zeros(features)
        self.running_mean, self.running_var = np.zeros(features), np.ones(features)
        self.momentum, self.eps, self.training = momentum, eps, True

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var, m = x.mean(axis=0), x.var(axis=0), self.momentum
            self.running_mean = (1 - m) * self.running_mean + m * mean
            self.running_var = (1 - m) * self.running_var + m * x.var(axis=0, ddof=1)
        self.coupled, self.std = self.training, np.sqrt(var + self.eps)
        self.x_hat = (x - mean) / self.std
        return self.gamma * self.x_hat + self.beta

    def backward(self, grad_y):
        grad_gamma, grad_beta = (grad_y * self.x_hat).sum(axis=0), grad_y.sum(axis=0)
        if self.coupled:
            grad_y = grad_y - grad_beta / len(grad_y) - self.x_hat * grad_gamma / len(grad_y)
        return self.gamma / self.std * grad_y, grad_gamma, grad_beta


@wrong("BatchNorm")
class LastBatchInEval(_Right):
    def forward(self, x):
        y = _Right.forward(self, x)
        if self.training:
            self.last = x.mean(axis=0), x.var(axis=0)
        elif hasattr(self, "last"):
            self.std = np.sqrt(self.last[1] + self.eps)
            self.x_hat = (x - self.last[0]) / self.std
            y = self.gamma * self.x_hat + self.beta
        return y


@wrong("BatchNorm")
class UpdatesTwice(_Right):
    def backward(self, grad_y):
        if self.coupled:
            self.running_mean = 0.99 * self.running_mean
        return _Right.backward(self, grad_y)


@wrong("BatchNorm")
class TrainingInTheClass(_Right):
    training = True

    def train(self):
        TrainingInTheClass.training = True

    def eval(self):
        TrainingInTheClass.training = False

    def __init__(self, features, momentum=0.1, eps=1e-5):
        _Right.__init__(self, features, momentum, eps)
        del self.training
        self.running_mean = self.running_mean + (not self.training)


@wrong("BatchNorm")
class OneBufferForAll(_Right):
    def forward(self, x):
        y = _Right.forward(self, x)
        if not hasattr(self, "buffer") or self.buffer.shape != y.shape:
            self.buffer = np.empty_like(y)
        self.buffer[...] = y
        return self.buffer


@wrong("BatchNorm")
class GradientsWithoutX(_Right):
    def backward(self, grad_y):
        return _Right.backward(self, grad_y)[1:]


@wrong("BatchNorm")
class KerasDefaults(_Right):
    def __init__(self, features, momentum=0.01, eps=1e-3):
        _Right.__init__(self, features, momentum, eps)


@wrong("BatchNorm")
class ScaleAtThisMoment(_Right):
    def __init__(self, features, momentum=0.1, eps=1e-5):
        _Right.__init__(self, features, momentum, eps)
        self.first = self.gamma.copy()

    def backward(self, grad_y):
        gamma, self.gamma = self.gamma, self.first
        found = _Right.backward(self, grad_y)
        self.gamma = gamma
        return found


@wrong("BatchNorm")
class EvalOnce(_Right):
    def forward(self, x):
        y = _Right.forward(self, x)
        self.training = True
        return y


# --- fold_batch_norm


@honest("fold_batch_norm")
def outputs_moved_last(W, b, gamma, beta, running_mean, running_var, eps):
    scale = gamma / np.sqrt(running_var + eps)
    return np.moveaxis(np.moveaxis(W, 0, -1) * scale, -1, 0), b * scale + (beta - running_mean * scale)


@honest("fold_batch_norm")
def by_a_diagonal_matrix(W, b, gamma, beta, running_mean, running_var, eps):
    diagonal = np.diag(gamma / np.sqrt(running_var + eps))
    return (diagonal @ W.reshape(len(W), -1)).reshape(W.shape), diagonal @ (b - running_mean) + beta


@honest("fold_batch_norm")
def output_by_output(W, b, gamma, beta, running_mean, running_var, eps):
    weights, biases = [], []
    for o in range(len(b)):
        scale = gamma[o] / np.sqrt(running_var[o] + eps)
        weights.append(W[o] * scale)
        biases.append((b[o] - running_mean[o]) * scale + beta[o])
    return np.array(weights), np.array(biases)


def fold_right(W, b, gamma, beta, running_mean, running_var, eps):
    scale = gamma / np.sqrt(running_var + eps)
    return W * scale.reshape((-1,) + (1,) * (W.ndim - 1)), (b - running_mean) * scale + beta


wrong(
    "fold_batch_norm",
    swapped="fold_right(W, b, gamma, beta, running_mean, running_var, eps)[::-1]",
    weights_only="fold_right(W, b, gamma, beta, running_mean, running_var, eps)[0]",
    scale_upside_down="fold_right(W, b, 1 / gamma, beta, running_mean, 1 / (running_var + eps), 0)",
    for_torch_eps="fold_right(W, b, gamma, beta, running_mean, running_var, 1e-5)",
    beta_as_it_is="fold_right(W, b, gamma, beta, running_mean, running_var, eps)[0], beta",
    absolute_scale="fold_right(W, b, np.abs(gamma), beta, running_mean, running_var, eps)",
)


@wrong("fold_batch_norm")
def transposed(*arguments):
    W, b = fold_right(*arguments)
    return W.T, b


# --- group_norm


@honest("group_norm")
def group_by_group(x, groups, gamma, beta, eps):
    y, size = np.empty_like(x), x.shape[1] // groups
    for n in range(len(x)):
        for g in range(groups):
            part = slice(g * size, (g + 1) * size)
            y[n, part] = (x[n, part] - x[n, part].mean()) / np.sqrt(x[n, part].var() + eps)
    shape = [1, len(gamma)] + [1] * (x.ndim - 2)
    return y * gamma.reshape(shape) + beta.reshape(shape)


@honest("group_norm")
def by_torch_module(x, groups, gamma, beta, eps):
    layer = torch.nn.GroupNorm(groups, x.shape[1], eps, dtype=torch.float64)
    layer.weight.data, layer.bias.data = torch.tensor(gamma), torch.tensor(beta)
    return layer(torch.tensor(x)).detach()


@honest("group_norm")
def through_split(x, groups, gamma, beta, eps):
    parts = np.split(x.reshape(len(x), x.shape[1], -1), groups, axis=1)
    parts = [(p - p.mean((1, 2), keepdims=True)) / np.sqrt(p.var((1, 2), keepdims=True) + eps) for p in parts]
    return (np.concatenate(parts, axis=1) * gamma[:, None] + beta[:, None]).reshape(x.shape)


def group_right(x, groups, gamma, beta, eps):
    split = x.reshape(len(x), groups, -1)
    x_hat = (split - split.mean(2, keepdims=True)) / np.sqrt(split.var(2, keepdims=True) + eps)
    flat = x_hat.reshape(len(x), x.shape[1], -1)
    return (flat * gamma[:, None] + beta[:, None]).reshape(x.shape)


wrong(
    "group_norm",
    left_grouped="group_right(x, groups, gamma, beta, eps).reshape(len(x), groups, -1)",
    swapped="group_right(x, groups, beta, gamma, eps)",
    two_groups="group_right(x, 2 if x.shape[1] % 2 == 0 else 1, gamma, beta, eps)",
    not_shifted="group_right(x, groups, gamma, 0 * beta, eps)",
    reversed_channels="group_right(x, groups, gamma[::-1], beta[::-1], eps)",
    shift_scaled="group_right(x, groups, gamma, gamma * beta, eps)",
)


# --- layer_norm


@honest("layer_norm")
def by_torch_function(x, gamma, beta, eps):
    tensors = map(torch.tensor, (gamma, beta))
    return torch.nn.functional.layer_norm(torch.tensor(x), gamma.shape, *tensors, eps)


@honest("layer_norm")
def along_axis(x, gamma, beta, eps):
    return np.apply_along_axis(lambda row: gamma * (row - row.mean()) / (row.var() + eps) ** 0.5 + beta, -1, x)


@honest("layer_norm")
def in_rows(x, gamma, beta, eps):
    rows = x.reshape(-1, x.shape[-1])
    centred = rows - rows.mean(axis=1)[:, None]
    return (gamma * centred / np.sqrt((centred**2).mean(axis=1) + eps)[:, None] + beta).reshape(x.shape)


wrong(
    "layer_norm",
    shift_scaled="gamma * ((x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps) + beta)",
    torch_eps="gamma * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5) + beta",
    not_shifted="gamma * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps)",
    median="gamma * (x - np.median(x, axis=-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps) + beta",
)


# --- rms_norm

honest(
    "rms_norm",
    by_torch="torch.nn.functional.rms_norm(torch.tensor(x), gamma.shape, torch.tensor(gamma), eps)",
    by_norms="x * gamma / np.sqrt(np.linalg.norm(x, axis=-1, keepdims=True) ** 2 / x.shape[-1] + eps)",
)
wrong(
    "rms_norm",
    largest="gamma * x / (np.abs(x).max(-1, keepdims=True) + eps)",
    mean_absolute="gamma * x / np.sqrt(np.abs(x).mean(-1, keepdims=True) ** 2 + eps)",
    torch_eps="gamma * x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5)",
    no_square="gamma * x / np.sqrt(np.abs(x.mean(-1, keepdims=True)) + eps)",
    gamma_inside="gamma * x / np.sqrt(((gamma * x) ** 2).mean(-1, keepdims=True) + eps)",
)


# --- mutants that compute the same

SPLIT = "split = x.reshape(len(x), groups, -1)"
table.equivalent("group_norm", SPLIT, SPLIT.replace("-1", "-2"), "NumPy takes any negative number for -1 here")
table.equivalent(
    "group_norm",
    SPLIT,
    SPLIT.replace("len(x), groups", "groups, len(x)"),
    "the same numbers lie beside each other in the last axis, and the shape is that of x again afterwards",
)
