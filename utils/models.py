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
        torch.manual_seed(seed)
        layers = []
        for fan_in, fan_out in pairwise(sizes):
            layers += [nn.Linear(fan_in, fan_out), activation()]
    return nn.Sequential(*layers[:-1]).to(device)


def parameter_count(model):
    """Return how many numbers there are to learn in `model`, an int."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
