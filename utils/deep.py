"""Deep fully connected networks that start from weights which somebody brings, many of them trained at once."""

import functools
from itertools import pairwise

import numpy as np
import torch
from torch.nn import functional

FUNCTIONS = {
    "linear": lambda z: z * 1,
    "tanh": torch.tanh,
    "ReLU": torch.relu,
    "leaky ReLU": lambda z: functional.leaky_relu(z, 0.1),
    "ELU": functional.elu,
    "GELU": functional.gelu,
    "SiLU": functional.silu,
    "SELU": functional.selu,
    "sigmoid": torch.sigmoid,
    "softplus": functional.softplus,
    "sine": torch.sin,
    "square": torch.square,
}


class Activation:
    """An activation function for NumPy arrays and torch tensors of any shape.

    name : str, one of `FUNCTIONS`.  inside, outside, shift : floats, of outside * f(inside * z + shift)
    function : the same for torch tensors
    """

    def __init__(self, name, inside=1.0, outside=1.0, shift=0.0):
        self.name, plain = name, FUNCTIONS[name]
        self.function = plain
        if (inside, outside, shift) != (1.0, 1.0, 0.0):
            self.function = lambda z: outside * plain(inside * z + shift)

    def __call__(self, z):
        """Return the function's values: an array for an array, a tensor for a tensor."""
        if isinstance(z, torch.Tensor):
            return self.function(z)
        return self.function(torch.as_tensor(np.asarray(z))).numpy()

    def slope(self, z):
        """Return the derivative at each entry of an array, an array of its shape."""
        z = torch.tensor(np.asarray(z), requires_grad=True)
        return torch.autograd.grad(self.function(z).sum(), z)[0].numpy()

    def __repr__(self):
        return f"deep.activation({self.name!r})"


@functools.cache
def activation(name, inside=1.0, outside=1.0, shift=0.0):
    """Return an `Activation` by its name, such as "tanh", scaled and shifted.

    Raises ValueError for a name that is not known.
    """
    if name not in FUNCTIONS:
        raise ValueError(f"activation: expected one of {', '.join(FUNCTIONS)}, got {name!r}")
    return Activation(name, inside, outside, shift)


def stack(networks, dtype=torch.float32, device="cpu"):
    """Put networks side by side.

    networks : list of S pairs (weights, biases), each a list of arrays (fan_in, fan_out) and (fan_out,), one a layer
    Returns the list of tensors [W1, b1, W2, b2, ...], shapes (S, fan_in, fan_out) and (S, 1, fan_out).
    """
    weights, biases = zip(*networks, strict=True)
    stacked = []
    for of_layer, shifts in zip(zip(*weights, strict=True), zip(*biases, strict=True), strict=True):
        stacked.append(torch.tensor(np.stack(of_layer), dtype=dtype, device=device))
        stacked.append(torch.tensor(np.stack(shifts)[:, None], dtype=dtype, device=device))
    return stacked


def logits(parameters, x, phi, residual=False):
    """Return what stacked networks say about examples, shape (S, N, classes).

    parameters : see `stack`.  x : tensor (N, inputs) or (S, N, inputs).  phi : callable on tensors
    residual : bool, whether the layers between the first and the last are taken in pairs, phi between the two, and
        what a pair gives is added to what it got
    """
    steps = [lambda h, a=a, b=b: torch.matmul(h, a) + b for a, b in zip(parameters[::2], parameters[1::2], strict=True)]
    h = phi(steps[0](x))
    if residual:
        for inner, outer in zip(steps[1:-1:2], steps[2:-1:2], strict=True):
            h = h + outer(phi(inner(h)))
    else:
        for step in steps[1:-1]:
            h = phi(step(h))
    return steps[-1](h)


def mean_losses(out, labels):
    """Return the mean cross entropy of each network, shape (S,), from logits (S, N, classes)."""
    labels = labels.expand(len(out), *labels.shape[-1:])
    return functional.cross_entropy(out.transpose(1, 2), labels, reduction="none").mean(dim=1)


def fit(networks, data, phi, *, lr, steps, batch_size=64, seeds, optimizer="SGD", factors=None, residual=False):
    """Train networks side by side, each from its own start and at its own rate.

    networks : see `stack`.  data : pair of arrays or tensors (examples, labels).  phi : callable on tensors
    lr : float or shape (S,).  seeds : S ints, which decide the order of the examples
    optimizer : "SGD" (momentum .9) or "Adam".  factors : multiplies the rate of each array of `stack`, one number each
    Returns (losses, parameters): minibatch losses before each update, shape (S, steps), inf from where a network has
    diverged; and the stacked parameters.
    """
    x, y = (torch.as_tensor(part) for part in data)
    x = x.to(torch.float32)
    parameters = [array.requires_grad_() for array in stack(networks, device=x.device)]
    rates = torch.as_tensor(np.broadcast_to(lr, len(networks)).copy(), dtype=torch.float32, device=x.device)
    orders = {seed: np.random.default_rng(seed) for seed in dict.fromkeys(seeds)}
    batches = {seed: _batches(rng, len(x), batch_size, steps) for seed, rng in orders.items()}
    order = torch.as_tensor(np.stack([batches[seed] for seed in seeds], axis=1), device=x.device)
    factors = [1.0] * len(parameters) if factors is None else factors
    first = [torch.zeros_like(array) for array in parameters]
    second = [torch.zeros_like(array) for array in parameters] if optimizer == "Adam" else first
    losses = torch.empty(steps, len(networks))
    for k in range(steps):
        each = mean_losses(logits(parameters, x[order[k]], phi, residual), y[order[k]])
        grads = torch.autograd.grad(each.sum(), parameters)
        losses[k] = each.detach()
        with torch.no_grad():
            if optimizer == "Adam":
                torch._foreach_lerp_(first, grads, 0.1)
                torch._foreach_mul_(second, 0.999)
                torch._foreach_addcmul_(second, grads, grads, 0.001)
                scale = torch._foreach_div(second, 1 - 0.999 ** (k + 1))
                torch._foreach_sqrt_(scale)
                torch._foreach_add_(scale, 1e-8)
                moves = torch._foreach_div(first, scale)
                torch._foreach_div_(moves, 1 - 0.9 ** (k + 1))
            else:
                torch._foreach_mul_(first, 0.9)
                torch._foreach_add_(first, grads)
                moves = first
            for array, move, factor in zip(parameters, moves, factors, strict=True):
                array -= factor * rates[:, None, None] * move
    found = losses.T.double().cpu().numpy()
    return np.where(np.isfinite(found), found, np.inf), [array.detach() for array in parameters]


def _batches(rng, n, batch_size, steps):
    """Draw which examples each update sees, shape (steps, batch_size): passes over the set, one after another."""
    passes = -(-steps * batch_size // n)
    order = np.concatenate([rng.permutation(n) for _ in range(passes)])
    return order[: steps * batch_size].reshape(steps, batch_size)


@torch.no_grad()
def scores(parameters, data, phi, residual=False):
    """Return the mean losses and the accuracies of stacked networks on data, two float64 arrays of shape (S,)."""
    x, y = (torch.as_tensor(part) for part in data)
    out = logits(parameters, x.to(torch.float32), phi, residual)
    losses = mean_losses(out, y).double().cpu().numpy()
    right = (out.argmax(-1) == y).double().mean(-1).cpu().numpy()
    return np.where(np.isfinite(losses), losses, np.inf), right


def activities(x, weights, phi):
    """Return what every layer of a network without biases gives, a list of arrays (N, units).

    x : ndarray (N, inputs).  weights : list of ndarrays (fan_in, fan_out).  phi : callable
    """
    found = []
    for matrix in weights:
        found.append(phi((found[-1] if found else x) @ matrix))
    return found


def before_activations(x, network, phi):
    """Return what every layer of a network hands to its activation, a list of arrays (N, units).

    network : pair (weights, biases)
    """
    found, h = [], x
    for matrix, bias in zip(*network, strict=True):
        found.append(h @ matrix + bias)
        h = phi(found[-1])
    return found


def normal_network(sizes, rng, std):
    """Draw a network with normal weights and zero biases: a pair (weights, biases).

    sizes : units from input to output.  std : callable (fan_in, fan_out) -> standard deviation
    """
    weights = [std(*fans) * rng.normal(size=fans) for fans in pairwise(sizes)]
    return weights, [np.zeros(size) for size in sizes[1:]]


def end_to_end(x, weights, phi):
    """Return the singular values of the matrix of derivatives of the last layer's output by x, shape (units,).

    x : ndarray (inputs,).  weights : list of ndarrays (fan_in, fan_out), without biases.  phi : an `Activation`
    """
    h, product = x, np.eye(len(x))
    for matrix in weights:
        z = h @ matrix
        h, product = phi(z), (product @ matrix) * phi.slope(z)
    return np.linalg.svd(product, compute_uv=False)


def descend(network, data, lr, steps):
    """Train a `utils.networks.Network` by plain gradient descent on all examples.

    Returns the paths of its units and its losses: the first layer's weights before each update and at the end, shape
    (steps + 1, inputs, units), and the losses before each update, shape (steps,).
    """
    path, losses = [network.parameters[0].copy()], []
    for _ in range(steps):
        grads = [np.zeros_like(theta) for theta in network.parameters]
        losses.append(network.backward(*data, grads))
        for theta, grad in zip(network.parameters, grads, strict=True):
            theta -= lr * grad
        path.append(network.parameters[0].copy())
    return np.array(path), np.array(losses)


@torch.no_grad()
def growth_of_residuals(parameters, x, phi):
    """Return by how much the activities' spread grows from the first layer to the last block, shape (S,).

    parameters : see `stack`, of residual networks as in `logits`.  x : array (N, inputs)
    """
    # the last layer replaced by the identity: what it gets is what comes out
    count, units = parameters[-2].shape[:2]
    identity = [torch.eye(units).expand(count, -1, -1), torch.zeros(count, 1, units)]
    x = torch.as_tensor(np.asarray(x), dtype=torch.float32)
    last = logits([*parameters[:-2], *identity], x, phi, residual=True)
    first = logits([*parameters[:2], *identity], x, phi)
    return (last.flatten(1).std(dim=1) / first.flatten(1).std(dim=1)).double().numpy()
