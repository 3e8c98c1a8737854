"""Many deep networks that are trained as one, with a normalization layer that people write."""

import numpy as np


class NormedCrowd:
    """Deep ReLU networks side by side, one for each seed: (linear, norm, ReLU) many times, then a linear layer.

    A batch normalization treats every feature alone, so one layer with S x width features serves all S networks.
    weights : list of ndarrays, shape (S, inputs, outputs), one for each linear layer; the last one has a bias, shape
        (S, 1, classes), in `bias`, the others need none
    layers : the normalization layers, between the linear layers
    order : int ndarray, shape (N, S), the examples in an order of its own for each network
    """

    def __init__(self, data, seeds, norm, depth=10, width=32):
        """Draw weights, normal with variance 2 / inputs, and orders.

        data : pair of ndarrays (examples, labels), shapes (N, inputs) and (N,).  seeds : sequence of S ints
        norm : callable, number of features -> layer with forward(x), backward(grad_y) -> (grad_x, grad_gamma,
            grad_beta), train(), eval(), and the arrays gamma and beta
        """
        self.examples, self.labels = np.asarray(data[0], dtype=float), np.asarray(data[1])
        rngs = [np.random.default_rng(seed) for seed in seeds]
        sizes = [self.examples.shape[1], *[width] * depth, int(self.labels.max()) + 1]
        self.weights = [
            np.array([rng.normal(scale=np.sqrt(2 / rows), size=(rows, columns)) for rng in rngs])
            for rows, columns in zip(sizes[:-1], sizes[1:], strict=True)
        ]
        self.bias = np.zeros((len(rngs), 1, sizes[-1]))
        self.layers = [norm(len(rngs) * width) for _ in range(depth)]
        self.order = np.stack([rng.permutation(len(self.labels)) for rng in rngs], axis=1)
        self.updates = 0

    def mode(self, name):
        """Switch all normalization layers to "train" or "eval", and return self."""
        for layer in self.layers:
            getattr(layer, name)()
        return self

    def logits(self, x):
        """Return the outputs, shape (S, n, classes), in the mode that the layers are in.

        x : ndarray, shape (n, inputs), the same for all networks, or (S, n, inputs)
        """
        return self._forward(np.asarray(x, dtype=float))[-1]

    def accuracy(self, x, y):
        """Return the share of examples that each network gets right, shape (S,), in the mode that the layers are in."""
        return (self.logits(x).argmax(axis=-1) == y).mean(axis=-1)

    def learn(self, updates, batch_size=64, lr=0.1):
        """Make so many updates of plain gradient descent, in training mode, going on where the last ones ended.

        Returns the loss of every network's batch at every update, shape (updates, S).
        """
        self.mode("train")
        losses = []
        for _ in range(updates):
            rows = (self.updates * batch_size + np.arange(batch_size)) % len(self.order)
            batch = self.order[rows].T
            losses.append(self._update(self.examples[batch], self.labels[batch], lr))
            self.updates += 1
        return np.array(losses)

    def _forward(self, x):
        """Return what every linear layer gets, and the logits."""
        inputs = [x]
        for weight, layer in zip(self.weights[:-1], self.layers, strict=True):
            y = layer.forward(_side_by_side(inputs[-1] @ weight))
            inputs.append(np.maximum(_apart(y, len(weight)), 0))
        return [*inputs, inputs[-1] @ self.weights[-1] + self.bias]

    def _update(self, x, y, lr):
        *inputs, logits = self._forward(x)
        odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
        odds /= odds.sum(axis=-1, keepdims=True)
        target = y[..., None] == np.arange(odds.shape[-1])
        signal = (odds - target) / y.shape[-1]
        losses = -np.log(np.maximum((odds * target).sum(axis=-1), 1e-300)).mean(axis=-1)
        self.bias -= lr * signal.sum(axis=-2, keepdims=True)
        for place in reversed(range(len(self.weights))):
            weight = self.weights[place]
            grad, back = inputs[place].swapaxes(-1, -2) @ signal, signal @ weight.swapaxes(-1, -2)
            weight -= lr * grad
            if place:
                layer = self.layers[place - 1]
                grad_y = _side_by_side(back * (inputs[place] > 0))
                grad_x, grad_gamma, grad_beta = layer.backward(grad_y)
                signal = _apart(np.asarray(grad_x), len(weight))
                layer.gamma -= lr * np.asarray(grad_gamma)
                layer.beta -= lr * np.asarray(grad_beta)
        return losses


def _side_by_side(x):
    """(S, n, width) -> (n, S x width)."""
    return np.ascontiguousarray(x.swapaxes(0, 1)).reshape(x.shape[1], -1)


def _apart(x, count):
    """(n, S x width) -> (S, n, width)."""
    return np.ascontiguousarray(np.asarray(x).reshape(len(x), count, -1).swapaxes(0, 1))


# --- images, arrays of shape (N, C, H, W)


def per_pixel(norm):
    """Return a function of images that puts their channels last, applies `norm`, and puts them back."""
    return lambda x: np.moveaxis(np.asarray(norm(np.moveaxis(x, 1, -1))), -1, 1)


def norms_of(batch_norm_train, group_norm, layer_norm, channels=6, eps=1e-5):
    """Return six norms of images with so many channels, without scale and shift: name -> function of x.

    The first three are functions that people write; RMS norm is torch's.
    """
    one, none = np.ones(channels), np.zeros(channels)
    return {
        "batch norm": per_pixel(lambda x: batch_norm_train(x.reshape(-1, channels), one, none, eps).reshape(x.shape)),
        "layer norm": lambda x: group_norm(x, 1, one, none, eps),
        "instance norm": lambda x: group_norm(x, channels, one, none, eps),
        "group norm": lambda x: group_norm(x, channels // 2, one, none, eps),
        "layer norm, per pixel": per_pixel(lambda x: layer_norm(x, one, none, eps)),
        "RMS norm, per pixel": per_pixel(lambda x: _rms_norm(x, eps)),
    }


def _rms_norm(x, eps):
    import torch

    return torch.nn.functional.rms_norm(torch.tensor(x), x.shape[-1:], eps=eps).numpy()


def influence(norm, x, place, nudge=1e-3):
    """Return which inputs move one output of a function of arrays: a bool ndarray of the shape of x.

    place : tuple, the index of the output.  nudge : float, added to each input in turn
    """
    moved, before = np.zeros(x.shape, dtype=bool), norm(x)[place]
    for index in np.ndindex(x.shape):
        other = x.copy()
        other[index] += nudge
        moved[index] = abs(norm(other)[place] - before) > 1e-6 * nudge
    return moved


def tiles(ax, moved, place, color):
    """Draw a bool array of shape (N, C, H, W): examples below each other, channels beside each other, pixels in them.

    place : tuple, the index that gets a cross.  color : where the array is True
    """
    examples, channels, height, width = moved.shape
    flat = moved.transpose(0, 2, 1, 3).reshape(examples * height, channels * width)
    for row, column in np.argwhere(flat):
        ax.fill_between([column, column + 1], row, row + 1, color=color, linewidth=0)
    ax.hlines(range(0, examples * height + 1, height), 0, channels * width, color="#000000", linewidth=1)
    ax.vlines(range(0, channels * width + 1, width), 0, examples * height, color="#000000", linewidth=1)
    example, channel, down, right = place
    ax.plot(channel * width + right + 0.5, example * height + down + 0.5, "x", color="#000000", markeredgewidth=2)
    middles = [(np.arange(count) + 0.5) * size for count, size in ((channels, width), (examples, height))]
    ax.set(xticks=middles[0], xticklabels=range(1, channels + 1), yticks=middles[1], yticklabels=range(1, examples + 1))
    ax.set(
        xlabel=f"channel ({height} × {width} pixels)",
        ylabel="example",
        xlim=(0, channels * width),
        ylim=(examples * height, 0),
    )
    ax.grid(False)
    return ax


def strip(ax, digits, color="#D55E00"):
    """Draw digits of 8 x 8 pixels beside each other at the top of axes that are otherwise left empty; frame the first.

    digits : ndarray, shape (n, 64).  Returns the axes that hold them.
    """
    ax.axis("off")
    above = ax.inset_axes((0, 0.73, 1, 0.27))
    above.imshow(np.hstack([np.pad(digit.reshape(8, 8), 1, constant_values=0.4) for digit in digits]), cmap="gray_r")
    above.plot([0, 9, 9, 0, 0], [0, 0, 9, 9, 0], color=color, linewidth=4)
    above.set(xticks=[], yticks=[])
    above.grid(False)
    return above


def convolved(x, W, b):  # noqa: N803
    """Return images x convolved, padded by one zero all round, of the type of x; W and b as torch has them."""
    import torch

    arrays = (torch.from_numpy(np.ascontiguousarray(array)) for array in (x, W, b))
    return torch.nn.functional.conv2d(*arrays, padding=1).numpy()
