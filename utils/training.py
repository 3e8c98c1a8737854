"""Train one network, train many at once, and walk on a landscape.

No update rule is spelled out here: torch.optim and the caller bring theirs.
"""

import inspect
import os
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import torch
from torch.func import functional_call, vmap
from torch.nn.functional import cross_entropy
from torch.nn.utils import parameters_to_vector
from tqdm import tqdm


@dataclass
class History:
    """What training recorded. In a sweep every array but `eval_steps` has a leading axis of length S, the
    settings.

    loss : float64, shape (steps,) or (S, steps), minibatch loss before each update
    eval_steps : int, shape (E,), updates done when the evaluation set was looked at
    eval_loss, eval_accuracy : float64, shape (E,) or (S, E); accuracy is a share in [0, 1]. Of a sweep that looked at
        several sets: dict from their names to such arrays
    settings : list of dict, one for each setting of a sweep
    parameters : dict of tensors, a sweep's final parameters, stacked: shape (S, ...)
    buffers : dict of tensors, a sweep's final buffers (running statistics), stacked likewise
    watched : list with what a sweep's `watch` returned, one for each of `eval_steps`
    """

    loss: np.ndarray
    eval_steps: np.ndarray
    eval_loss: np.ndarray
    eval_accuracy: np.ndarray
    settings: list = field(default_factory=list)
    parameters: dict = field(default_factory=dict, repr=False)
    buffers: dict = field(default_factory=dict, repr=False)
    watched: list = field(default_factory=list, repr=False)

    def select(self, **wanted):
        """Return the indices of the settings whose values equal `wanted`, an int array; empty if there are
        none."""
        return np.array(
            [i for i, s in enumerate(self.settings) if all(s[k] == v for k, v in wanted.items())], dtype=int
        )


def _progress(steps, what):
    # tqdm itself reads TQDM_DISABLE when it is imported, too early for a notebook that sets it
    silent = os.environ.get("TQDM_DISABLE", "0") not in ("", "0")
    return tqdm(range(steps), desc=what, leave=False, disable=silent)


def batch_indices(n, batch_size, steps, seed):
    """Draw which examples each update sees: reshuffled passes over the set, one after another, cut into equal
    batches.

    n : int, examples.  batch_size : int in [1, n].  steps : int.  seed : int
    Returns an int64 tensor of shape (steps, batch_size). A batch may straddle two passes.
    """
    if not 1 <= batch_size <= n:
        raise ValueError(f"batch_indices: expected a batch_size between 1 and {n}, got {batch_size}")
    rng = np.random.default_rng(seed)
    passes = -(-steps * batch_size // n)
    order = np.concatenate([rng.permutation(n) for _ in range(passes)] or [np.zeros(0, dtype=np.int64)])
    return torch.from_numpy(order[: steps * batch_size].reshape(steps, batch_size))


def train(
    model,
    data,
    optimizer,
    *,
    steps,
    batch_size=64,
    seed=0,
    schedule=None,
    loss_fn=cross_entropy,
    evaluate=None,
    eval_every=None,
):
    """Train `model` in place on minibatches.

    model : torch.nn.Module.  optimizer : torch.optim.Optimizer over its parameters
    data : pair (x, y) of tensors, shapes (N, ...) and (N,)
    steps : int, updates.  seed : int, decides the order of the examples
    schedule : callable (k, lr) -> lr of update k = 0, 1, ..., from the optimizer's own lr; constant by default
    loss_fn : callable (logits, y) -> scalar tensor
    evaluate : pair (x, y) to look at every `eval_every` updates and at the end; by default `data`, once per
        pass
    Returns a History.
    """
    x, y = data
    batches = batch_indices(len(x), batch_size, steps, seed).to(x.device)
    eval_every = eval_every or max(1, len(x) // batch_size)
    base = [group["lr"] for group in optimizer.param_groups]
    loss, seen = torch.empty(steps), []
    for k in _progress(steps, "train"):
        if schedule is not None:
            for group, lr in zip(optimizer.param_groups, base, strict=True):
                group["lr"] = schedule(k, lr)
        optimizer.zero_grad()
        batch_loss = loss_fn(model(x[batches[k]]), y[batches[k]])
        batch_loss.backward()
        optimizer.step()
        loss[k] = batch_loss.detach()
        if (k + 1) % eval_every == 0 or k + 1 == steps:
            seen.append((k + 1, *_evaluate(model, evaluate or data, loss_fn)))
    for group, lr in zip(optimizer.param_groups, base, strict=True):
        group["lr"] = lr
    eval_steps, eval_loss, accuracy = (np.array(column) for column in zip(*seen, strict=True))
    return History(loss.double().numpy(), eval_steps, eval_loss, accuracy)


@torch.no_grad()
def _evaluate(model, data, loss_fn):
    mode = model.training
    model.eval()
    logits = model(data[0])
    model.train(mode)
    return loss_fn(logits, data[1]).item(), (logits.argmax(-1) == data[1]).double().mean().item()


def grid(**values):
    """List every combination of the given values as a dict: grid(lr=[.1, 1], seed=[0, 1]) has four.

    Returns a list of dict, the last name varying fastest.
    """
    columns = [v if isinstance(v, list | tuple | range | np.ndarray) else [v] for v in values.values()]
    return [dict(zip(values, map(_plain, row), strict=True)) for row in product(*columns)]


def _plain(value):
    return value.item() if isinstance(value, np.generic) else value


def sweep(
    build,
    data,
    settings,
    *,
    optimizer=torch.optim.SGD,
    steps,
    batch_size=64,
    schedule=None,
    loss_fn=cross_entropy,
    evaluate=None,
    eval_every=None,
    watch=None,
):
    """Train one network for each setting, all of them as a single batch.

    The parameters of all networks are stacked along a leading axis, `torch.func.vmap` maps the model over it, and
    one real `optimizer` moves the stack, so what is computed equals a loop over torch.optim, setting by setting, up
    to rounding.

    build : callable seed -> torch.nn.Module, the same architecture for every seed. Buffers that its forward pass writes
        into (batch normalization's running statistics) are carried along, one set for each setting; the sets of
        `evaluate` are looked at in eval mode, and leave them as they are
    data : pair (x, y) of tensors, shapes (N, ...) and (N,)
    settings : list of dict, see `grid`. `lr` is required; `seed` (0 by default) decides initial weights and
        the order of the
        examples, as in `train`; everything else (momentum, nesterov, betas, ...) goes to the optimizer
    optimizer : class from torch.optim whose update, given the gradient, is linear in lr: SGD, Adam, AdamW,
        NAdam, Adamax, RMSprop, Adagrad, Adadelta
    schedule : callable (k, lr) -> lr of update k = 0, 1, ...; constant by default
    evaluate : pair (x, y) to look at every `eval_every` updates and at the end, or a dict from names to such pairs;
        by default `data`, at the end only
    watch : callable (model, parameters, buffers) -> anything, asked whenever the sets are looked at; the model in eval
        mode, with its stacked parameters and buffers, for `torch.func.functional_call`
    Returns a History with the leading axis of the settings, in the order given. A setting that diverges holds
    inf or nan from there.
    Raises ValueError for a setting without lr, or an optimizer that is not linear in lr.
    """
    settings = [dict(setting) for setting in settings]
    if not settings or any("lr" not in setting for setting in settings):
        raise ValueError("sweep: expected at least one setting, each a dict with an lr")
    if optimizer in (torch.optim.Rprop, torch.optim.LBFGS, torch.optim.ASGD):
        raise ValueError(f"sweep: expected an optimizer linear in lr, got {optimizer.__name__}")
    x, y = data
    seeds = [setting.get("seed", 0) for setting in settings]
    models = {seed: build(seed).to(x.device) for seed in dict.fromkeys(seeds)}
    skeleton = next(iter(models.values()))
    buffers, buffer_dims = _stacked_buffers([models[seed] for seed in seeds])
    layout = _layout(skeleton)
    # one row for each setting, all its parameters side by side: an optimizer then works on one tensor,
    # not on dozens
    flat = torch.stack([parameters_to_vector(models[seed].parameters()).detach() for seed in seeds])
    lrs = torch.tensor([setting["lr"] for setting in settings], dtype=torch.float64)
    groups = [_Group(rows, flat, layout, optimizer, kind) for rows, kind in _kinds(settings)]

    orders = {seed: batch_indices(len(x), batch_size, steps, seed).to(x.device) for seed in models}
    one_order = len(orders) == 1  # then every network sees the same minibatch, and the inputs need no copy for each
    order = orders[seeds[0]] if one_order else torch.stack([orders[seed] for seed in seeds], dim=1)

    def forward(parameters, own_buffers, inputs):
        return functional_call(skeleton, (parameters, own_buffers), (inputs,))

    data_dim = None if one_order else 0
    forward_all = vmap(forward, in_dims=(0, buffer_dims, data_dim), randomness="different")
    eval_every = eval_every or steps
    sets = evaluate if isinstance(evaluate, dict) else {"": evaluate or data}
    loss, looked, seen = torch.empty(steps, len(settings)), [], {name: [] for name in sets}
    watched, mode = [], skeleton.training
    for k in _progress(steps, f"sweep of {len(settings)}"):
        parameters = _unflatten(flat, layout)
        each = _losses(loss_fn, forward_all(parameters, buffers, x[order[k]]), y[order[k]], data_dim)
        # no network touches another's loss, so the gradient of the sum holds every network's own gradient
        grads = torch.autograd.grad(each.sum(), list(parameters.values()))
        loss[k] = each.detach()
        now = lrs if schedule is None else torch.tensor([schedule(k, lr) for lr in lrs.tolist()], dtype=torch.float64)
        for group in groups:
            group.step(flat, grads, now)
        if (k + 1) % eval_every == 0 or k + 1 == steps:
            looked.append(k + 1)
            skeleton.eval()
            parameters = {name: p.detach() for name, p in _unflatten(flat, layout).items()}
            for name, pair in sets.items():
                outputs = vmap(forward, in_dims=(0, buffer_dims, None), randomness="different")
                seen[name].append(_judge_all(outputs, parameters, buffers, pair, loss_fn))
            if watch is not None:
                watched.append(watch(skeleton, parameters, buffers))
            skeleton.train(mode)
    of_sets = [{name: np.stack([row[i] for row in rows], axis=1) for name, rows in seen.items()} for i in (0, 1)]
    eval_loss, accuracy = of_sets if isinstance(evaluate, dict) else (of_set[""] for of_set in of_sets)
    parameters = {name: p.detach() for name, p in _unflatten(flat, layout).items()}
    buffers = {name: b if buffer_dims[name] == 0 else b.repeat(len(settings)) for name, b in buffers.items()}
    history = History(loss.T.double().numpy(), np.array(looked, dtype=int), eval_loss, accuracy, settings)
    history.parameters, history.buffers, history.watched = parameters, buffers, watched
    return history


def _stacked_buffers(models):
    """Return copies of the models' buffers, stacked by name, and the axes along which vmap goes through them.

    Batch norm writes running statistics in place, which vmap allows where each network has its own. Its count of
    batches is the same number in all of them, and stays one: as a plain number torch may divide by it.
    """
    named = [dict(model.named_buffers()) for model in models]
    stacks, dims = {}, {}
    for name, buffer in named[0].items():
        alike = buffer.ndim == 0 and not buffer.is_floating_point() and all(own[name] == buffer for own in named)
        stacks[name] = buffer.clone() if alike else torch.stack([own[name] for own in named])
        dims[name] = None if alike else 0
    return stacks, dims


def _kinds(settings):
    """Put the settings that can share one optimizer together: pairs (rows, optimizer arguments)."""
    kinds = {}
    for row, setting in enumerate(settings):
        rest = {key: value for key, value in setting.items() if key not in ("lr", "seed")}
        kinds.setdefault(tuple(sorted(rest.items())), []).append(row)
    whole = len(kinds) == 1
    return [(slice(None) if whole else torch.tensor(rows), dict(kind)) for kind, rows in kinds.items()]


def _layout(model):
    """List the name, shape and size of a model's parameters, in the order of its flat vector."""
    return [(name, p.shape, p.numel()) for name, p in model.named_parameters()]


def _unflatten(flat, layout):
    """View the rows of `flat` as named parameters with a leading axis, leaves of a fresh autograd graph."""
    parts = flat.split([size for _, _, size in layout], dim=1)
    return {name: part.view(-1, *shape).requires_grad_() for (name, shape, _), part in zip(layout, parts, strict=True)}


class _Group:
    """Some rows of the flat parameters and the torch optimizer that moves them."""

    def __init__(self, rows, flat, layout, optimizer, arguments):
        self.rows = rows
        self.parameter = torch.nn.Parameter(flat[rows].clone())
        self.parameter.grad = torch.zeros_like(self.parameter)
        self.slots = [slot.detach() for slot in _unflatten(self.parameter.grad, layout).values()]
        if "fused" in inspect.signature(optimizer).parameters:
            arguments = {"fused": True, **arguments}  # one pass over the parameters instead of three
        self.optimizer = optimizer([self.parameter], lr=1.0, **arguments)

    @torch.no_grad()
    def step(self, flat, grads, lrs):
        # Given the gradient, torch's updates are linear in lr. So let the optimizer step once with lr = 1
        # and go lr_i times as far in row i: before + lr_i (after - before).
        torch._foreach_copy_(self.slots, [grad[self.rows] for grad in grads])
        self.optimizer.step()
        torch.lerp(flat[self.rows], self.parameter, lrs[self.rows, None].to(flat), out=self.parameter)
        flat[self.rows] = self.parameter


def _losses(loss_fn, logits, labels, labels_dim):
    """Return the loss of each setting, shape (S,), from logits of shape (S, N, ...)."""
    if loss_fn is not cross_entropy:
        return vmap(loss_fn, in_dims=(0, labels_dim))(logits, labels)
    # the same numbers, but vmap would take torch's cross entropy apart into many small operations
    labels = labels.expand(len(logits), *labels.shape) if labels_dim is None else labels
    # classes first: torch sums over a few classes much faster when the examples lie side by side in memory
    examples_last = logits.flatten(0, 1).T[None].contiguous()
    each = cross_entropy(examples_last, labels.flatten(0, 1)[None], reduction="none")
    return each.view(len(logits), -1).mean(1)


@torch.no_grad()
def _judge_all(outputs, parameters, buffers, data, loss_fn):
    x, y = data
    logits = outputs(parameters, buffers, x)
    loss = _losses(loss_fn, logits, y, None)
    return loss.double().cpu().numpy(), (logits.argmax(-1) == y).double().mean(-1).cpu().numpy()


def trace(step, landscape, steps, *, start=None, state=(), gradient=None, **hyperparameters):
    """Walk on a landscape with a step function, feeding its state back, and return where it went.

    step : callable that returns theta, or (theta, *state). It is given those of the following that it names
        as parameters:
        theta, grad (at theta), grad_fn, t (the step, counted from 1), the state, the hyperparameters
    landscape : Landscape
    steps : int >= 0
    start : array-like, shape (..., dim); by default the landscape's start. With leading axes many runs go
        side by side
    state : names of the state in the order in which `step` returns it, each started from zeros like theta,
        or a dict from these names to initial values
    gradient : callable theta -> grad to use instead of landscape.gradient, for instance a noisy one
    hyperparameters : float, or callable k -> float with k = 0, 1, ...: a schedule
    Returns the path, float64, shape (steps + 1, ..., dim), starting at `start`.
    Raises ValueError if `step` returns another number of values, or a theta of another shape.
    """
    theta = np.array(landscape.start if start is None else start, dtype=float)
    gradient = landscape.gradient if gradient is None else gradient
    state = dict(state) if isinstance(state, dict) else {name: np.zeros_like(theta) for name in state}
    names = inspect.signature(step).parameters
    label = getattr(step, "__name__", "step")
    points = [theta]
    for k in range(steps):
        offered = {"theta": theta, "grad_fn": gradient, "t": k + 1, **state}
        offered |= {key: value(k) if callable(value) else value for key, value in hyperparameters.items()}
        if "grad" in names:
            offered["grad"] = gradient(theta)
        result = step(**{name: offered[name] for name in names if name in offered})
        result = result if isinstance(result, tuple) else (result,)
        if len(result) != 1 + len(state):
            raise ValueError(f"{label}: expected (theta, {', '.join(state)}), got {len(result)} values")
        if np.shape(result[0]) != theta.shape:
            raise ValueError(f"{label}: expected theta of shape {theta.shape}, got shape {np.shape(result[0])}")
        theta, state = np.asarray(result[0], dtype=float), dict(zip(state, result[1:], strict=True))
        points.append(theta)
    return np.array(points)
