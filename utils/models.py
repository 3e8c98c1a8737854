"""Small networks."""

from itertools import pairwise

import torch
from torch import nn

ACTIVATIONS = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "identity": nn.Identity,
}


def mlp(sizes, activation="relu", seed=0, device="cpu"):
    """Build a fully connected network whose last layer is linear (its outputs are logits).

    sizes : sequence of at least two ints, units from input to output, e.g. (64, 32, 10)
    activation : str, one of `ACTIVATIONS`, or a callable that builds a module
    seed : int, decides the initial weights (torch's default initialisation); torch's global generator is left
        as it was
    Returns a torch.nn.Sequential on `device`, float32.
    """
    sizes = [int(size) for size in sizes]
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(f"mlp: expected at least two positive sizes, got {sizes}")
    if isinstance(activation, str):
        if activation not in ACTIVATIONS:
            raise ValueError(f"mlp: expected an activation out of {sorted(ACTIVATIONS)}, got {activation!r}")
        activation = ACTIVATIONS[activation]
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        layers = []
        for fan_in, fan_out in pairwise(sizes):
            layers += [nn.Linear(fan_in, fan_out), activation()]
    return nn.Sequential(*layers[:-1]).to(device)


def parameter_count(model):
    """Return how many numbers there are to learn in `model`, an int."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


class DeepNetwork(nn.Module):
    """A deep fully connected network of equally wide layers, see `deep_mlp`."""

    def __init__(self, inputs, width, outputs, depth, skip):
        super().__init__()
        self.skip = skip
        self.first = nn.Linear(inputs, width)
        self.blocks = nn.ModuleList(nn.Linear(width, width) for _ in range(depth - 2))
        self.last = nn.Linear(width, outputs)

    def forward(self, x):
        h = torch.relu(self.first(x))
        for block in self.blocks:
            h = self.skip * h + torch.relu(block(nn.functional.layer_norm(h, h.shape[-1:])))
        return self.last(nn.functional.layer_norm(h, h.shape[-1:]))


def deep_mlp(inputs, width, outputs, depth=20, skip=1.0, seed=0, device="cpu"):
    """Build a deep fully connected ReLU network, with or without connections that skip a layer.

    A block computes h ← skip · h + relu(W norm(h) + b), with layer normalisation without parameters, so that the
    network has no buffers and can be trained at any depth.
    inputs, width, outputs : ints, units.  depth : int >= 2, weight layers, the first and the last included
    skip : float, 0 for a plain network, 1 for skip connections; it adds no parameters
    seed : int, decides the initial weights (He et al., 2015; zero biases), the same ones for every `skip`; torch's
        global generator is left as it was
    Returns a torch.nn.Module on `device`, float32.
    Source: after He et al. (2016), Deep residual learning.
    """
    if depth < 2 or min(inputs, width, outputs) < 1:
        sizes = f"inputs {inputs}, width {width}, outputs {outputs}, depth {depth}"
        raise ValueError(f"deep_mlp: expected positive sizes and a depth of at least 2, got {sizes}")
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        model = DeepNetwork(inputs, width, outputs, depth, float(skip))
        for parameter in model.parameters():
            nn.init.zeros_(parameter) if parameter.ndim == 1 else nn.init.kaiming_normal_(parameter)
    return model.to(device)


class HardThreshold(nn.Module):
    """A unit that says only on which side of zero it is: -1, 0 or 1. Its derivative is zero wherever it exists."""

    def forward(self, x):
        return torch.sign(x)


def rnn_states(weight, inputs, activation=torch.tanh):
    """Run a recurrent network, h_t = activation(W h_{t-1} + x_t) for t = 1..T, from h_0 = 0.

    weight : array-like, shape (n, n), the W.  inputs : array-like, shape (T, n), the x_t
    activation : callable on tensors; `lambda z: z` for a linear network
    Returns the list of h_0 to h_T, float64 tensors of shape (n,), through which autograd can go back.
    """
    weight, inputs = (torch.as_tensor(part, dtype=torch.float64) for part in (weight, inputs))
    states = [torch.zeros(len(weight), dtype=torch.float64, requires_grad=True)]
    for x in inputs:
        states.append(activation(weight @ states[-1] + x))
    return states
