"""Networks with and without batch normalization, and what to look at in them."""

from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.func import functional_call, vmap

NO_NORM, BATCH_NORM = "no norm", "batch norm"


class GroupedBatchNorm(nn.BatchNorm1d):
    """Batch normalization that looks at fewer examples than the update: at groups of `group` neighbours in the batch.

    The running statistics take the mean of the groups' means and of their unbiased variances, each update.
    Source: Hoffer et al. (2017), "ghost" batch normalization.
    """

    def __init__(self, features, group):
        super().__init__(features)
        self.group = group

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        # a group's units as units of their own, which torch's batch norm normalizes all at once
        columns = x.unflatten(0, (-1, self.group)).transpose(0, 1).flatten(1)
        mean, variance = torch.zeros_like(columns[0]), torch.ones_like(columns[0])
        normalized = nn.functional.batch_norm(columns, mean, variance, training=True, momentum=1.0, eps=self.eps)
        with torch.no_grad():
            for running, new in ((self.running_mean, mean), (self.running_var, variance)):
                running.mul_(1 - self.momentum).add_(self.momentum * new.unflatten(0, (-1, x.shape[1])).mean(0))
            self.num_batches_tracked.add_(1)
        normalized = normalized.unflatten(1, (-1, x.shape[1])).transpose(0, 1).flatten(0, 1)
        return self.weight * normalized + self.bias


class NoisyBatchNorm(nn.BatchNorm1d):
    """Batch normalization whose work is undone at random: each unit's output is stretched and shifted, anew at every
    update, by a factor and a distance of its own, the same for all examples. None in eval mode.

    Source: after Santurkar et al. (2018), section 2.1.
    """

    def __init__(self, features, noise):
        super().__init__(features)
        self.noise = noise

    def forward(self, x):
        out = super().forward(x)
        if not self.training:
            return out
        stretch, shift = (self.noise * torch.randn_like(self.weight) for _ in range(2))
        return out * torch.exp(stretch) + shift


def normed_mlp(sizes, norm=BATCH_NORM, scale=1.0, seed=0, device="cpu"):
    """Build a fully connected ReLU network, with or without a norm between each hidden layer and its ReLU.

    sizes : sequence of at least two ints, units from input to output
    norm : "no norm", "batch norm", or a callable features -> module
    scale : float > 0, multiplies the initial weights of every layer (He et al., 2015: normal, variance 2 / inputs;
        zero biases)
    seed : int, decides the weights, the same ones for every norm; torch's global generator is left as it was
    Returns a torch.nn.Sequential on `device`, float32.
    """
    layers = []
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        for inputs, outputs in pairwise(sizes):
            linear = nn.Linear(inputs, outputs)
            nn.init.normal_(linear.weight, std=scale * (2 / inputs) ** 0.5)
            nn.init.zeros_(linear.bias)
            layers += [linear, *_norms(norm, outputs), nn.ReLU()]
    return nn.Sequential(*layers[: -1 - len(_norms(norm, 1))]).to(device)


def start_of(sizes, norm=BATCH_NORM, scale=1.0):
    """Return a `build` for `utils.training.sweep`: seed -> the network that `normed_mlp` makes of these arguments."""
    return lambda seed: normed_mlp(sizes, norm, scale, seed)


def _norms(norm, features):
    if norm == NO_NORM:
        return []
    return [nn.BatchNorm1d(features) if norm == BATCH_NORM else norm(features)]


def gradient_norms(model, data):
    """Return the norm of the loss's gradient by each layer's weight matrix, a list of floats, first layer first.

    model : torch.nn.Module, looked at as it stands, in its mode.  data : pair (x, y) of tensors
    """
    weights = [parameter for parameter in model.parameters() if parameter.ndim == 2]
    loss = nn.functional.cross_entropy(model(data[0]), data[1])
    return [grad.norm().item() for grad in torch.autograd.grad(loss, weights)]


def layer_inputs(x, layer):
    """Return a `watch` for `utils.training.sweep`: what a layer gets, in train mode, from every network.

    x : tensor, shape (N, inputs), the examples.  layer : int, its place in the torch.nn.Sequential
    The watch returns a float32 ndarray, shape (S, N, units). Statistics that run stay as they are.
    """

    def watch(model, parameters, buffers):
        def front(own, own_buffers):
            return functional_call(model[:layer], (_below(own, layer), _below(own_buffers, layer)), (x,))

        own_buffers = {
            name: buffer.clone() if buffer.ndim else buffer.repeat(len(next(iter(parameters.values()))))
            for name, buffer in buffers.items()
        }
        model.train()
        found = vmap(front, randomness="different")(parameters, own_buffers)
        model.eval()
        return found.detach().cpu().numpy()

    return watch


def _below(named, layer):
    return {name: tensor for name, tensor in named.items() if int(name.split(".")[0]) < layer}


def weights_of(name):
    """Return a `watch` for `utils.training.sweep`: the parameter with this name, a float64 ndarray, shape (S, n)."""
    return lambda model, parameters, buffers: parameters[name].flatten(1).double().cpu().numpy()


def worn_mlp(sizes, seed, momentum=0.1, training=True):
    """Build a network with batch norms that have learnt some γ and β, and whose running statistics are far off.

    sizes : as in `normed_mlp`, at least four
    momentum : float in (0, 1), of its first batch norm, halved from one to the next
    training : bool, its mode
    Returns a torch.nn.Sequential, float64; its second half sits in a torch.nn.Sequential inside it, but for the last
    batch norm, which sits one level deeper. The batch norms have counted some batches already.
    """
    model = normed_mlp(sizes, seed=seed).double()
    rng = torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.momentum, momentum = momentum, momentum / 2
            for tensor, least in ((module.weight, 0.5), (module.running_var, 0.5), (module.bias, -1.0)):
                tensor.data.uniform_(least, least + 2, generator=rng)
            module.running_mean.uniform_(-3, 3, generator=rng)
            module.num_batches_tracked.fill_(7)
    middle = 3 * ((len(sizes) - 2) // 2)
    last = len(model) - 4  # linear, batch norm, ReLU, linear
    inside = nn.Sequential(*model[middle:last], nn.Sequential(*model[last:]))
    return nn.Sequential(*model[:middle], inside).train(training)


def double_mlp(sizes, norm=BATCH_NORM, seed=0):
    """Build a network as `normed_mlp` does, float64."""
    return normed_mlp(sizes, norm=norm, seed=seed).double()


def updates_until(history, target, looks=3):
    """Return after how many updates each network of a sweep first has this accuracy at several looks in a row.

    history : utils.training.History of a sweep over one evaluation set.  target : float in (0, 1].  looks : int >= 1
    Returns a float ndarray, shape (S,), the updates at the first of these looks; inf where that never comes.
    """
    reached = history.eval_accuracy >= target
    streaks = np.stack([reached[:, i : reached.shape[1] - looks + 1 + i] for i in range(looks)]).all(axis=0)
    return np.where(streaks.any(axis=1), history.eval_steps[streaks.argmax(axis=1)], np.inf)


def held_out_loss(model, data):
    """Return the mean cross entropy of held-out examples in eval mode, a float; the model's mode stays as it was.

    data : pair (x, y) of tensors
    """
    mode = model.training
    with torch.no_grad():
        loss = nn.functional.cross_entropy(model.eval()(data[0]), data[1]).item()
    model.train(mode)
    return loss


def final_losses(history, rates):
    """Return each network's held-out loss in the end, ndarray, shape (rates, seeds), of a sweep over grid(lr, seed).

    inf where training diverged.
    """
    last = history.eval_loss[:, -1]
    return np.where(np.isfinite(last), last, np.inf).reshape(len(rates), -1)


def random_chain(layers, scale, seed):
    """Draw the weights of a chain w₁ w₂ … w_l, log-normal around `scale`; return them and the output's slope by each.

    layers : int.  scale : float > 0.  seed : int
    Returns (w, slopes), float64 ndarrays, shape (layers,).
    """
    w = scale * np.exp(np.random.default_rng(seed).normal(0, 0.2, size=layers))
    return w, np.prod(w) / w


def angles_turned(walk):
    """Return the angles between vectors and their successors, in radians.

    walk : ndarray, shape (T, ..., n).  Returns an ndarray, shape (T - 1, ...).
    """
    directions = walk / np.linalg.norm(walk, axis=-1, keepdims=True)
    chords = np.linalg.norm(np.diff(directions, axis=0), axis=-1)  # exact for small angles, as a cosine is not
    return 2 * np.arcsin(np.minimum(chords / 2, 1))


def clock(ax, hands, update, title, place=0, last=20, rings=(2, 5, 20), smallest=0.7):
    """Draw weights as hands of a clock: as long as their norm, on a logarithmic scale, and turned by all their angles.

    hands : list of (label, norms, turns, color), longest first. norms and turns : ndarrays, shape (T,), after each
        update, turns in radians, added up
    update : int >= 1, the one that is drawn; what was swept in the `last` ones is shaded
    title : str.  place : int, 0 for a clock on the left, 1 for one beside it
    rings : norms that get a circle.  smallest : float, a hand with this norm has no length
    Returns ax.
    """
    middle, angles = 8.4 * place, np.linspace(0, 2 * np.pi, 100)
    for ring in rings:
        radius = np.log(ring / smallest)
        ax.plot(middle + radius * np.sin(angles), radius * np.cos(angles), color="#999999", linewidth=0.6)
        ax.text(middle, -radius - 0.05, ring, color="#666666", ha="center", va="top", fontsize=8)
    for label, norms, turns, color in hands:
        swept = np.linspace(turns[max(update - 1 - last, 0)], turns[update - 1], 40)
        lengths = np.log(np.interp(swept, turns, norms) / smallest)
        x, y = middle + lengths * np.sin(swept), lengths * np.cos(swept)
        ax.fill([middle, *x], [0, *y], color=color, alpha=0.3, linewidth=0)
        ax.plot([middle, x[-1]], [0, y[-1]], color=color, linewidth=2.5, label=None if place else label)
    ax.text(middle, 3.95, title, ha="center", fontweight="bold")
    ax.set(xlim=(-4.2, 12.6), ylim=(-4.1, 4.5), aspect="equal")
    ax.axis("off")
    ax.legend(loc="lower center", fontsize=8)
    return ax
