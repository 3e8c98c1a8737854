"""Exercises on what batch normalization buys, and why (Goodfellow et al., 2016, section 8.7.1).

Symbols: w weights, grad gradient, lr learning rate, decay the weight decay, slope the gradient's length at |w| = 1.
"""

import copy
from itertools import combinations

import numpy as np
import pandas as pd
import scipy.optimize
import torch
from torch.nn.functional import cross_entropy

from grading.exercise import exercise
from grading.exercises.ch06_batch_norm._helpers import one_thread
from utils.check.plain import Seed

# --- coupled_change


@exercise(points=4, returns="changes")
def coupled_change(w, grad, x, lr):
    """Oracle: a sum over all sets of k layers, those that take their step while the others stay."""
    layers, step = range(len(w)), -lr * np.asarray(grad)
    return np.array(
        [
            x * sum(np.prod([step[i] if i in moved else w[i] for i in layers]) for moved in combinations(layers, k))
            for k in range(1, len(w) + 1)
        ]
    )


def _chain(rng, layers, scale=1.0, lr=None):
    return dict(
        w=scale * rng.uniform(0.5, 1.5, size=layers) * rng.choice([-1.0, 1.0], size=layers),
        grad=scale * rng.normal(size=layers),
        x=float(rng.uniform(0.5, 2.0) * rng.choice([-1.0, 1.0])),
        lr=float(rng.uniform(0.2, 0.9)) if lr is None else lr,
    )


@coupled_change.cases("two and three layers", weight=1)
def _(rng):
    for layers in (2, 3, 2, 3):
        yield _chain(rng, layers)


@coupled_change.cases("one layer, many layers", weight=1)
def _(rng):
    for layers in (1, 5, 8):
        yield _chain(rng, layers)
    yield _chain(rng, 6, lr=2.5)


@coupled_change.cases("edge cases", weight=1)
def _(rng):
    for scale in (1e-4, 1e4):
        yield _chain(rng, 2, scale)
    for name in ("w", "grad"):
        chain = _chain(rng, 4)
        chain[name][rng.integers(4)] = 0.0
        yield chain
    yield dict(_chain(rng, 3), x=1e8)
    yield dict(_chain(rng, 3), x=1e-8)


def _orders(w, step, x):
    orders = np.array([x])
    for weight, change in zip(w, step, strict=True):
        orders = np.convolve(orders, [weight, change])
    return orders


@coupled_change.misconception
def ascends(w, grad, x, lr):
    """Every second entry has the other sign. In which direction does w - lr grad go?"""
    return _orders(w, lr * grad, x)[1:]


@coupled_change.misconception
def output_included(w, grad, x, lr):
    """Your first entry is the output before the update. Asked for are the changes, from the first order on."""
    return _orders(w, -lr * grad, x)


@coupled_change.misconception
def highest_order_first(w, grad, x, lr):
    """Your entries are right, in the reverse order. Which one does a tiny rate leave the largest?"""
    return _orders(w, -lr * grad, x)[:0:-1]


@coupled_change.misconception
def first_order_alone(w, grad, x, lr):
    """You give the first order and leave zeros for the others. What is the product of two changes multiplied by?"""
    return np.r_[_orders(w, -lr * grad, x)[1], np.zeros(len(w) - 1)]


@coupled_change.misconception
def running_total(w, grad, x, lr):
    """You add up as you go: your k-th entry holds all orders up to k. Asked for is each alone."""
    return np.cumsum(_orders(w, -lr * grad, x)[1:])


@coupled_change.misconception
def coefficients(w, grad, x, lr):
    """You give the coefficients of the polynomial in lr. What does a rate ten times smaller do to the k-th change?"""
    return _orders(w, -grad, x)[1:]


@coupled_change.misconception
def input_forgotten(w, grad, x, lr):
    """Does the change become twice as large if x does?"""
    return _orders(w, -lr * grad, 1.0)[1:]


@coupled_change.misconception
def layers_one_by_one(w, grad, x, lr):
    """You change one layer at a time and give one entry a layer. An order takes all sets of that many layers."""
    whole = np.prod(w) * x
    return np.array([np.prod(np.r_[w[:i], w[i + 1 :]]) * x * (w[i] - lr * grad[i]) - whole for i in range(len(w))])


@coupled_change.misconception
def neighbours_only(w, grad, x, lr):
    """From the second order on something is missing: you let only neighbouring layers move together. Which pairs are
    there among three layers?
    """
    step, layers = -lr * grad, len(w)
    return np.array(
        [
            x * sum(np.prod(np.r_[w[:i], step[i : i + k], w[i + k :]]) for i in range(layers - k + 1))
            for k in range(1, layers + 1)
        ]
    )


@coupled_change.misconception
def pairs_counted_twice(w, grad, x, lr):
    """Your second order is twice as large as it should be, and later ones more: you count the pair (1, 2) again as (2,
    1). How many pairs are there?
    """
    orders = _orders(w, -lr * grad, x)[1:]
    return orders * np.cumprod(np.arange(1.0, len(w) + 1))


@coupled_change.misconception
def cumulative_layers(w, grad, x, lr):
    """Your k-th entry is what the first k layers do together. An order takes every set of k layers."""
    step = -lr * grad
    return np.array([x * np.prod(np.r_[step[:k], w[k:]]) for k in range(1, len(w) + 1)])


# --- train_epochs


@exercise(
    points=10,
    returns=("losses", "sizes_in_best", "best", "weights", "statistics"),
    driver="utils.drivers.epochs.epochs_whole",
)
def train_epochs(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """Oracle: torch's BatchSampler and DataLoader cut the epochs; the best weights are cut out of a list of all."""
    from copy import deepcopy

    losses, states = [], []
    dataset = torch.utils.data.TensorDataset(*train_set)
    with one_thread():
        for _ in range(epochs):
            sampler = torch.utils.data.BatchSampler(rng.permutation(len(dataset)).tolist(), batch_size, drop_last=False)
            for x, y in torch.utils.data.DataLoader(dataset, batch_sampler=list(sampler)):
                optimizer.zero_grad()
                cross_entropy(model.train()(x), y).backward()
                optimizer.step()
            losses.append(float(cross_entropy(model.eval()(val_set[0]).detach(), val_set[1])))
            states.append(deepcopy(model.state_dict()))
    return losses, states[int(np.argmin(losses))]


def _held_out(rng, epochs, normed=True, n=12, batch_size=4, lr=None):
    """A case with random labels, so that learning them by heart soon makes the held-out loss worse."""
    labels = lambda count: rng.permutation(np.arange(count) % 3)  # noqa: E731
    network = dict(sizes=[2, 4, 3], norm="batch norm" if normed else "no norm", seed=int(rng.integers(1_000_000)))
    return dict(
        network=network,
        train_set=(rng.normal(size=(n, 2)), labels(n)),
        val_set=(rng.normal(size=(6, 2)), labels(6)),
        epochs=epochs,
        batch_size=batch_size,
        lr=float(rng.uniform(0.3, 0.6)) if lr is None else lr,
        rng=Seed(int(rng.integers(1_000_000))),
    )


# Each of the first four groups sees one bug alone. Which mode it learns in shows in the weights of later epochs,
# whatever was done to the running statistics; the mode it looks in, in the loss and the statistics of one epoch;
# weights that move on under the best ones, in a network without statistics; statistics not kept, in the counts.


@train_epochs.cases("several epochs: the weights", weight=1, driver="utils.drivers.epochs.epochs_weights")
def _(rng):
    for epochs, batch_size in ((2, 4), (3, 5), (3, 3)):
        yield _held_out(rng, epochs, batch_size=batch_size)


@train_epochs.cases("one epoch: the loss and the statistics", weight=1, driver="utils.drivers.epochs.epochs_losses")
def _(rng):
    for n, batch_size in ((12, 4), (11, 4), (8, 8)):
        yield _held_out(rng, 1, n=n, batch_size=batch_size)


@train_epochs.cases("no batch norm: the best weights", weight=1, driver="utils.drivers.epochs.epochs_best")
def _(rng):
    for epochs in (4, 5, 6):
        yield _held_out(rng, epochs, normed=False, lr=1.2)


@train_epochs.cases("one epoch: what the best weights hold", weight=1, driver="utils.drivers.epochs.epochs_sizes")
def _(rng):
    for batch_size in (3, 4):
        yield _held_out(rng, 1, batch_size=batch_size)


@train_epochs.cases("all of it", weight=1)
def _(rng):
    for epochs, n, batch_size in ((4, 12, 4), (5, 11, 3), (3, 9, 9)):
        yield _held_out(rng, epochs, n=n, batch_size=batch_size, lr=1.0)


def _loop(
    model, optimizer, train_set, val_set, epochs, batch_size, rng,
    *, look="eval", back=True, keep=None, order=None, whole=False, clear=True, best=min, measure=None, step=True
):  # fmt: skip
    """A loop in which the bugs can be switched on.

    look : the mode for held-out examples.  back : whether train mode comes back after each look
    keep : callable model -> what is kept as the best.  order : callable (rng, n) -> order of an epoch
    whole : only whole batches.  clear : whether gradients are cleared.  best : of all losses so far, which one is kept
    measure : callable (model, losses seen in training) -> the loss that is noted.  step : whether to update at all
    """
    (x, y), losses, kept, seen = train_set, [], None, []
    keep = keep or (lambda model: {name: value.clone() for name, value in model.state_dict().items()})
    measure = measure or (lambda model, seen: cross_entropy(model(val_set[0]), val_set[1]).item())
    model.train()
    for _ in range(epochs):
        if back:
            model.train()
        permutation = rng.permutation(len(x)) if order is None else order(rng, len(x))
        for start in range(0, len(x), batch_size):
            batch = permutation[start : start + batch_size]
            if whole and len(batch) < batch_size:
                continue
            if clear:
                optimizer.zero_grad()
            loss = cross_entropy(model(x[batch]), y[batch])
            seen.append(loss.item())
            loss.backward()
            if step:
                optimizer.step()
        model.train(look == "train")
        with torch.no_grad():
            losses.append(measure(model, seen))
        if losses[-1] == best(losses):
            kept = keep(model)
    return losses, kept


@train_epochs.misconception
def looks_in_train_mode(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """You look at the held-out examples in train mode: each is judged by its neighbours, and the statistics learn from
    them. Which call must stand before the look?
    """
    return _loop(model, optimizer, train_set, val_set, epochs, batch_size, rng, look="train")


@train_epochs.misconception
def first_look_in_train_mode(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """Your first look at the held-out examples happens in train mode, later ones do not. Print model.training right
    before each look.
    """
    return _looking_too_early(model, optimizer, train_set, val_set, epochs, batch_size, rng, back=True)


def _looking_too_early(model, optimizer, train_set, val_set, epochs, batch_size, rng, back):
    """A loop whose first look comes before it switches to eval mode."""

    def measure(model, seen):
        model.train(len(seen) <= -(-len(train_set[0]) // batch_size))
        loss = cross_entropy(model(val_set[0]), val_set[1]).item()
        model.eval()
        return loss

    return _loop(model, optimizer, train_set, val_set, epochs, batch_size, rng, back=back, measure=measure)


@train_epochs.misconception
def never_back_to_train_mode(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """From the second epoch on you learn in eval mode. Who switches train mode on again after a look?"""
    return _loop(model, optimizer, train_set, val_set, epochs, batch_size, rng, back=False)


@train_epochs.misconception
def both_modes_wrong(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """You look first and switch to eval mode after it, and nobody switches back. Where do model.eval() and
    model.train() belong?
    """
    return _looking_too_early(model, optimizer, train_set, val_set, epochs, batch_size, rng, back=False)


@train_epochs.misconception
def best_weights_move_on(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """Your best weights are those of the last epoch. Were they so when you kept them? state_dict() hands out the
    tensors themselves, into which the optimizer writes.
    """
    return _loop(
        model, optimizer, train_set, val_set, epochs, batch_size, rng, keep=lambda model: dict(model.state_dict())
    )


@train_epochs.misconception
def statistics_not_kept(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """What you keep holds the parameters alone. What else does batch norm need to answer in eval mode, and which
    method lists it too?
    """
    return _loop(
        model, optimizer, train_set, val_set, epochs, batch_size, rng,
        keep=lambda model: {name: value.detach().clone() for name, value in model.named_parameters()},
    )  # fmt: skip


@train_epochs.misconception
def live_parameters_kept(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """What you keep are the live parameters, without statistics: they move on, and eval mode lacks what it needs. What
    would a copy of everything be?
    """
    return _loop(
        model, optimizer, train_set, val_set, epochs, batch_size, rng, keep=lambda model: dict(model.named_parameters())
    )


@train_epochs.misconception
def counts_not_kept(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """What you keep lacks entries of state_dict() that hold whole numbers. Compare the names."""
    return _loop(
        model, optimizer, train_set, val_set, epochs, batch_size, rng,
        keep=lambda model: {n: value.clone() for n, value in model.state_dict().items() if value.is_floating_point()},
    )  # fmt: skip


@train_epochs.misconception
def weights_of_the_epoch_before(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """You keep the weights that stood before the best epoch. Which weights have the loss that was looked at?"""
    states = []

    def order(rng, n):
        states.append({name: value.clone() for name, value in model.state_dict().items()})
        return rng.permutation(n)

    return _loop(
        model, optimizer, train_set, val_set, epochs, batch_size, rng, order=order, keep=lambda model: states[-1]
    )


@train_epochs.misconception
def looks_in_batches(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """You cut the held-out examples into batches and average the means. Do the batches have equally many?"""

    def measure(model, seen):
        pairs = zip(val_set[0].split(batch_size), val_set[1].split(batch_size), strict=True)
        return float(np.mean([cross_entropy(model(x), y).item() for x, y in pairs]))

    return _loop(model, optimizer, train_set, val_set, epochs, batch_size, rng, measure=measure)


@train_epochs.misconception
def looks_in_train_mode_without_a_trace(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """Your running statistics stay as they were, but the look itself happens in train mode: each held-out example is
    judged by its neighbours.
    """
    buffers = dict(model.named_buffers())

    def measure(model, seen):
        kept = {name: value.clone() for name, value in buffers.items()}
        loss = cross_entropy(model.train()(val_set[0]), val_set[1]).item()
        for name, value in kept.items():
            buffers[name].copy_(value)
        model.eval()
        return loss

    return _loop(model, optimizer, train_set, val_set, epochs, batch_size, rng, measure=measure)


@train_epochs.misconception
def statistics_from_the_held_out(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """You look in eval mode, but the held-out examples have been through the model in train mode before. What is left
    of that in the running statistics?
    """

    def measure(model, seen):
        model.train()(val_set[0])
        return cross_entropy(model.eval()(val_set[0]), val_set[1]).item()

    return _loop(model, optimizer, train_set, val_set, epochs, batch_size, rng, measure=measure)


@train_epochs.misconception
def copies_parameters_and_shares_statistics(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """The best weights stay as they were, but the statistics kept with them move on. Which of the tensors did you not
    copy?
    """

    def keep(model):
        trained = dict(model.named_parameters())
        return {name: tensor.clone() if name in trained else tensor for name, tensor in model.state_dict().items()}

    return _loop(model, optimizer, train_set, val_set, epochs, batch_size, rng, keep=keep)


@train_epochs.misconception
def worst_for_best(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """You keep the weights with the largest loss. Which loss is best?"""
    return _loop(model, optimizer, train_set, val_set, epochs, batch_size, rng, best=max)


@train_epochs.misconception
def better_than_the_one_before(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """You keep weights that beat the epoch before. Do they beat the best so far?"""

    def best(losses):
        return losses[-1] if losses[-1] <= min(losses[-2:]) else None

    return _loop(model, optimizer, train_set, val_set, epochs, batch_size, rng, best=best)


@train_epochs.misconception
def first_for_best(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """Your best weights are always those of the first epoch. Is what you compare with ever updated?"""
    return _loop(
        model, optimizer, train_set, val_set, epochs, batch_size, rng,
        best=lambda losses: losses[-1] if len(losses) == 1 else None,
    )  # fmt: skip


@train_epochs.misconception
def goes_back_to_the_best(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """You put the best weights into the model in the end. That is often wise, but here the model stays as the last
    epoch left it, and the caller decides.
    """
    losses, best = _loop(model, optimizer, train_set, val_set, epochs, batch_size, rng)
    model.load_state_dict(best)
    return losses, best


@train_epochs.misconception
def left_in_train_mode(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """All is right, but in the end you leave the model in train mode. In which mode should the caller find it?"""
    found = _loop(model, optimizer, train_set, val_set, epochs, batch_size, rng)
    model.train()
    return found


@train_epochs.misconception
def training_loss(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """You note the loss of the examples that it learns from. On which set is the best epoch chosen?"""
    return _loop(
        model, optimizer, train_set, val_set, epochs, batch_size, rng,
        measure=lambda model, seen: cross_entropy(model(train_set[0]), train_set[1]).item(),
    )  # fmt: skip


@train_epochs.misconception
def loss_of_the_last_batch(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """You note the loss of the last minibatch. On which examples is an epoch judged?"""
    return _loop(model, optimizer, train_set, val_set, epochs, batch_size, rng, measure=lambda model, seen: seen[-1])


@train_epochs.misconception
def error_rate(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """You note a share of wrong answers. Asked for is the cross entropy of the held-out examples."""
    return _loop(
        model, optimizer, train_set, val_set, epochs, batch_size, rng,
        measure=lambda model, seen: (model(val_set[0]).argmax(1) != val_set[1]).double().mean().item(),
    )  # fmt: skip


@train_epochs.misconception
def gradients_pile_up(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """torch adds gradients to those that are there. Who clears them before the next batch?"""
    return _loop(model, optimizer, train_set, val_set, epochs, batch_size, rng, clear=False)


@train_epochs.misconception
def last_batch_left_out(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """A last batch that is smaller is left out. How many examples should an epoch see?"""
    return _loop(model, optimizer, train_set, val_set, epochs, batch_size, rng, whole=True)


@train_epochs.misconception
def one_order_for_all_epochs(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """Every epoch goes through the examples in the same order. When is it drawn?"""
    first = rng.permutation(len(train_set[0]))
    return _loop(model, optimizer, train_set, val_set, epochs, batch_size, rng, order=lambda rng, n: first)


@train_epochs.misconception
def never_shuffles(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """You go through the examples as they come. What is rng for?"""
    return _loop(model, optimizer, train_set, val_set, epochs, batch_size, rng, order=lambda rng, n: np.arange(n))


@train_epochs.misconception
def never_steps(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """Your weights stay where they were. Who moves them?"""
    return _loop(model, optimizer, train_set, val_set, epochs, batch_size, rng, step=False)


@train_epochs.misconception
def learns_in_eval_mode(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    """You learn in eval mode from the first batch on, so the statistics never move. Which call must stand before the
    batches?
    """
    train, model.train = model.train, lambda mode=True: model
    model.eval = lambda: train(False)
    train(False)
    try:
        return _loop(model, optimizer, train_set, val_set, epochs, batch_size, rng)
    finally:
        del model.train, model.eval


# --- recalibrate


@exercise(points=5, returns=("means", "variances", "momenta"), driver="utils.drivers.epochs.recalibrated")
def recalibrate(model, x):
    """Oracle: NumPy, layer by layer."""
    h = x.numpy()
    for module in model.modules():
        if isinstance(module, torch.nn.Linear):
            h = h @ module.weight.detach().numpy().T + module.bias.detach().numpy()
        elif isinstance(module, torch.nn.ReLU):
            h = np.maximum(h, 0)
        elif isinstance(module, torch.nn.BatchNorm1d):
            centred = h - h.mean(axis=0)
            module.running_mean[:] = torch.tensor(h.mean(axis=0))
            module.running_var[:] = torch.tensor(np.sum(centred**2, axis=0) / (len(h) - 1))
            h = centred / np.sqrt(np.mean(centred**2, axis=0) + module.eps)
            h = module.weight.detach().numpy() * h + module.bias.detach().numpy()


def _worn(rng, n, sizes=(3, 4, 5, 2), training=True, scale=1.0):
    worn = dict(
        sizes=list(sizes), seed=int(rng.integers(1_000_000)), training=training, momentum=float(rng.uniform(0.2, 0.4))
    )
    x = scale * (rng.normal(size=(n, sizes[0])) + rng.normal(size=sizes[0]))
    return dict(network=worn, x=x)


@recalibrate.cases("a model in train mode", weight=1)
def _(rng):
    for n in (7, 20):
        yield _worn(rng, n)
    yield _worn(rng, 70)


@recalibrate.cases("a model in eval mode", weight=1)
def _(rng):
    for n in (6, 15):
        yield _worn(rng, n, training=False)


@recalibrate.cases("other networks", weight=1)
def _(rng):
    yield _worn(rng, 9, sizes=(2, 6, 5, 4, 3))
    yield _worn(rng, 12, sizes=(4, 3, 3, 3, 3, 2), training=False)
    for scale in (1e-2, 1e3):
        yield _worn(rng, 8, scale=scale)


def _norms(model):
    return [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm1d)]


def _pass(model, x, *, momentum=1.0, training=True, layers=None, restore=True, mode=None, passes=1, batch=None):
    """The right pass, with slips to switch on."""
    was, layers = model.training, _norms(model) if layers is None else layers
    momenta = [layer.momentum for layer in layers]
    model.train(training)
    for layer in layers:
        if momentum != "own":
            layer.momentum = momentum
    with torch.no_grad():
        for _ in range(passes):
            for part in x.split(len(x) if batch is None else batch):
                model(part)
    if restore:
        for layer, own in zip(layers, momenta, strict=True):
            layer.momentum = own
    model.train(was if mode is None else mode)


@recalibrate.misconception
def pass_in_eval_mode(model, x):
    """The statistics are what they were: they learn in one mode only. In which mode do the examples go through?"""
    _pass(model, x, training=False)


@recalibrate.misconception
def pass_in_the_mode_as_found(model, x):
    """With a model that comes in eval mode your statistics stay as they were. In which mode do you run it?"""
    _pass(model, x, training=model.training)


@recalibrate.misconception
def momentum_of_zero(model, x):
    """The statistics are what they were. Momentum is the share of the new here: what is left of it when that is 0?"""
    _pass(model, x, momentum=0.0)


@recalibrate.misconception
def pass_through_a_copy(model, x):
    """The examples went through a copy, whose statistics are forgotten with it. Which model should learn them?"""
    _pass(copy.deepcopy(model), x)


@recalibrate.misconception
def momentum_of_training(model, x):
    """Your statistics still hold a share of the old ones. Which momentum forgets them all in a single pass?"""
    _pass(model, x, momentum="own")


@recalibrate.misconception
def momentum_not_given_back(model, x):
    """The statistics are right, but whoever trains on does so with your momentum. What was each layer's before?"""
    _pass(model, x, restore=False)


@recalibrate.misconception
def one_momentum_for_all(model, x):
    """You give every layer back the same momentum. Did all have the same?"""
    _pass(model, x, restore=False)
    for layer in _norms(model):
        layer.momentum = 0.1


@recalibrate.misconception
def cumulative_momentum_left(model, x):
    """The statistics are right, but the layers are left with momentum None, an average over all batches for ever. What
    was it before?
    """
    for layer in _norms(model):
        layer.reset_running_stats()
    _pass(model, x, momentum=None, restore=False)


@recalibrate.misconception
def counts_go_on(model, x):
    """With momentum None torch averages over all batches that it has counted, also those before yours. Who sets that
    count back?
    """
    layers = _norms(model)
    momenta = [layer.momentum for layer in layers]
    _pass(model, x, momentum=None, restore=False)
    for layer, own in zip(layers, momenta, strict=True):
        layer.momentum = own


@recalibrate.misconception
def two_levels_only(model, x):
    """Containers may hold containers that hold containers. What does model.modules() list?"""
    layers = [*model.children(), *(inner for layer in model.children() for inner in layer.children())]
    _pass(model, x, layers=[layer for layer in layers if isinstance(layer, torch.nn.BatchNorm1d)])


@recalibrate.misconception
def left_in_train_mode(model, x):
    """You leave a model in train mode that came in eval mode. How was it when you got it?"""
    _pass(model, x, mode=True)


@recalibrate.misconception
def left_in_eval_mode(model, x):
    """You leave a model in eval mode that came in train mode. How was it when you got it?"""
    _pass(model, x, mode=False)


@recalibrate.misconception
def mode_turned_round(model, x):
    """You leave the model in the mode in which it did not come."""
    _pass(model, x, mode=not model.training)


@recalibrate.misconception
def first_level_only(model, x):
    """Batch norms that sit in a container inside the container are overlooked. What does model.modules() list that
    model.children() does not?
    """
    _pass(model, x, layers=[module for module in model.children() if isinstance(module, torch.nn.BatchNorm1d)])


@recalibrate.misconception
def first_batch_norm_only(model, x):
    """Only the first batch norm has been estimated anew. How many are there?"""
    _pass(model, x, layers=_norms(model)[:1])


@recalibrate.misconception
def last_piece_only(model, x):
    """You hand the examples over in pieces, and with momentum 1 each forgets the one before. Which examples do your
    statistics come from?
    """
    _pass(model, x, batch=5 if len(x) % 5 != 1 else 4)


@recalibrate.misconception
def many_passes(model, x):
    """You repeat passes until the old statistics have nearly faded. How large is momentum if one pass is to do?"""
    _pass(model, x, momentum="own", passes=10)


@recalibrate.misconception
def started_anew_with_the_old_momentum(model, x):
    """You reset the statistics to 0 and 1, and one pass with a small momentum brings them only part of the way."""
    for layer in _norms(model):
        layer.reset_running_stats()
    _pass(model, x, momentum="own")


@recalibrate.misconception
def reset_only(model, x):
    """Your means are 0 and your variances 1: that is how a new layer begins. Where do the examples come in?"""
    for layer in _norms(model):
        layer.reset_running_stats()


@recalibrate.misconception
def variance_divided_by_n(model, x):
    """Your means are right. By what does torch divide for the running variance, N or N - 1?"""
    _pass(model, x)
    for layer in _norms(model):
        layer.running_var *= (len(x) - 1) / len(x)


# --- input_drift


@exercise(points=4, returns=("shift", "stretch"))
def input_drift(before, after):
    """Oracle: pandas."""
    (m0, s0), (m1, s1) = ((frame.mean(), frame.std(ddof=0)) for frame in map(pd.DataFrame, (before, after)))
    live = (np.ptp(before, axis=0) > 0) & (np.ptp(after, axis=0) > 0)
    shift, stretch = ((m1 - m0) / s0)[live].abs(), np.log2(s1[live] / s0[live]).abs() * np.log(2)
    return float(shift.quantile(0.5)), float(stretch.quantile(0.5))


def _two_times(rng, rows, units, scale=1.0, dead=()):
    """What a layer got before and after: units that have moved and stretched, each its own way."""
    spreads, centres = rng.uniform(0.5, 2.0, size=units), rng.normal(size=units)
    before = scale * (centres + spreads * rng.normal(size=(rows, units)))
    moved = centres + spreads * rng.normal(size=units)
    factors = np.exp(rng.uniform(0.3, 0.9, size=units) * rng.choice([-1.0, 1.0], size=units))
    after = scale * (moved + factors * spreads * rng.normal(size=(rows, units)))
    for unit, when in dead:
        (before if when == "before" else after)[:, unit] = 0.0
    return dict(before=before, after=after)


@input_drift.cases("all units live", weight=1)
def _(rng):
    for rows, units in ((20, 5), (12, 7), (30, 4), (8, 1), (15, 3)):
        yield _two_times(rng, rows, units)


@input_drift.cases("some units are dead", weight=1)
def _(rng):
    yield _two_times(rng, 15, 5, dead=[(1, "before"), (1, "after"), (3, "before"), (3, "after")])
    yield _two_times(rng, 15, 6, dead=[(0, "before")])
    yield _two_times(rng, 15, 6, dead=[(5, "after"), (2, "after")])
    yield _two_times(rng, 15, 5, dead=[(2, "before"), (4, "after")])


@input_drift.cases("other scales", weight=1)
def _(rng):
    for scale in (1e-8, 1e8):
        yield _two_times(rng, 12, 5, scale)
    drift = _two_times(rng, 12, 5)
    yield dict(before=drift["before"], after=3.0 * drift["before"])
    yield dict(before=drift["before"], after=drift["before"] - 5.0 * rng.uniform(1, 2))


def _moments(before, after, live=None, axis=0, ddof=0):
    means = [part.mean(axis=axis) for part in (before, after)]
    spreads = [part.std(axis=axis, ddof=ddof) for part in (before, after)]
    live = (spreads[0] > 0) & (spreads[1] > 0) if live is None else live(*spreads)
    return [each[live] for each in (*means, *spreads)]


@input_drift.misconception
def not_relative(before, after):
    """Would your shift be the same if all activations were a hundred times larger?"""
    m0, m1, s0, s1 = _moments(before, after)
    return np.median(np.abs(m1 - m0)), np.median(np.abs(np.log(s1 / s0)))


@input_drift.misconception
def relative_to_the_new_spread(before, after):
    """You measure the shift in units of the spread afterwards. The next layer was fitted to the one before."""
    m0, m1, s0, s1 = _moments(before, after)
    return np.median(np.abs(m1 - m0) / s1), np.median(np.abs(np.log(s1 / s0)))


@input_drift.misconception
def relative_to_the_variance(before, after):
    """You divide by the variance. Which measure of width has the unit of the activations?"""
    m0, m1, s0, s1 = _moments(before, after)
    return np.median(np.abs(m1 - m0) / s0**2), np.median(np.abs(np.log(s1 / s0)))


@input_drift.misconception
def relative_to_the_mean(before, after):
    """You divide by the mean before. What comes out for a unit whose mean is nearly zero?"""
    m0, m1, s0, s1 = _moments(before, after)
    return np.median(np.abs((m1 - m0) / m0)), np.median(np.abs(np.log(s1 / s0)))


@input_drift.misconception
def signs_kept(before, after):
    """Units that move up and units that move down cancel in your median. When do you take the absolute value?"""
    m0, m1, s0, s1 = _moments(before, after)
    return np.median((m1 - m0) / s0), np.median(np.log(s1 / s0))


@input_drift.misconception
def absolute_value_of_the_median(before, after):
    """You take the absolute value last, when ups and downs have cancelled. Where does it belong?"""
    m0, m1, s0, s1 = _moments(before, after)
    return abs(np.median((m1 - m0) / s0)), abs(np.median(np.log(s1 / s0)))


@input_drift.misconception
def stretch_with_its_sign(before, after):
    """In your stretch units that widen and units that narrow cancel. When do you take its absolute value?"""
    m0, m1, s0, s1 = _moments(before, after)
    return np.median(np.abs(m1 - m0) / s0), np.median(np.log(s1 / s0))


@input_drift.misconception
def ratio_without_logarithm(before, after):
    """What is your stretch for a unit that has not changed? It should be 0, and halving should count like doubling."""
    m0, m1, s0, s1 = _moments(before, after)
    return np.median(np.abs(m1 - m0) / s0), np.median(s1 / s0)


@input_drift.misconception
def relative_difference_of_spreads(before, after):
    """Your stretch is 1 for a doubling and one half for a halving. What treats them alike?"""
    m0, m1, s0, s1 = _moments(before, after)
    return np.median(np.abs(m1 - m0) / s0), np.median(np.abs(s1 / s0 - 1))


@input_drift.misconception
def logarithm_of_variances(before, after):
    """Your stretch is twice as large as it should be. Is it the ratio of spreads, or of variances?"""
    m0, m1, s0, s1 = _moments(before, after)
    return np.median(np.abs(m1 - m0) / s0), np.median(np.abs(np.log(s1**2 / s0**2)))


@input_drift.misconception
def means_for_medians(before, after):
    """You take the mean over the units, which one nearly dead unit can make as large as it likes. Which value has half
    of the units above it?
    """
    m0, m1, s0, s1 = _moments(before, after)
    return np.mean(np.abs(m1 - m0) / s0), np.mean(np.abs(np.log(s1 / s0)))


@input_drift.misconception
def dead_units_counted(before, after):
    """A unit that gives the same for every example has no spread to divide by. Which units are left out?"""
    m0, m1, s0, s1 = _moments(before, after, live=lambda s0, s1: slice(None))
    with np.errstate(all="ignore"):
        return np.median(np.nan_to_num(np.abs(m1 - m0) / s0)), np.median(np.nan_to_num(np.abs(np.log(s1 / s0))))


@input_drift.misconception
def dead_at_first_counted(before, after):
    """You leave out units that are dead afterwards. And those that were dead before?"""
    m0, m1, s0, s1 = _moments(before, after, live=lambda s0, s1: s1 > 0)
    with np.errstate(all="ignore"):
        return np.median(np.abs(m1 - m0) / s0), np.median(np.abs(np.log(s1 / s0)))


@input_drift.misconception
def medians_before_the_ratio(before, after):
    """You take the medians first and divide one by the other. Shift and stretch belong to a unit: when is the median
    taken?
    """
    m0, m1, s0, s1 = _moments(before, after)
    return np.median(np.abs(m1 - m0)) / np.median(s0), abs(np.log(np.median(s1) / np.median(s0)))


@input_drift.misconception
def upper_of_the_two_middle_ones(before, after):
    """With an even number of units you take the upper one of the two in the middle. What is the median then?"""
    m0, m1, s0, s1 = _moments(before, after)
    each = np.sort(np.abs(m1 - m0) / s0), np.sort(np.abs(np.log(s1 / s0)))
    return tuple(values[len(values) // 2] for values in each)


@input_drift.misconception
def dead_afterwards_counted(before, after):
    """You leave out units that were dead before. And those that died since?"""
    m0, m1, s0, s1 = _moments(before, after, live=lambda s0, s1: s0 > 0)
    with np.errstate(all="ignore"):
        return np.median(np.abs(m1 - m0) / s0), np.median(np.abs(np.log(s1 / s0)))


@input_drift.misconception
def over_the_units(before, after):
    """You average over the units of each example. A unit's mean is over the examples: which axis is that?"""
    m0, m1, s0, s1 = _moments(before, after, axis=1)
    return np.median(np.abs(m1 - m0) / s0), np.median(np.abs(np.log(s1 / s0)))


@input_drift.misconception
def whole_layer_at_once(before, after):
    """You take one mean and one spread of the whole layer. What if one unit goes up and another down?"""
    return (
        abs(after.mean() - before.mean()) / before.std(),
        abs(np.log(after.std() / before.std())),
    )


@input_drift.misconception
def divides_by_n_minus_one(before, after):
    """Your shift is a trifle too small. Divide by N for the spread, as np.std does."""
    m0, m1, s0, s1 = _moments(before, after, ddof=1)
    return np.median(np.abs(m1 - m0) / s0), np.median(np.abs(np.log(s1 / s0)))


# --- norm_path


@exercise(points=4, returns="norms")
def norm_path(norm, slopes, lr, decay):
    """Oracle: torch.optim.SGD on a vector in the plane, with gradients made at right angles to it."""
    w = torch.nn.Parameter(torch.tensor([float(norm), 0.0], dtype=torch.float64))
    optimizer, norms = torch.optim.SGD([w], lr=lr, weight_decay=decay), [float(norm)]
    for slope in slopes:
        across = torch.stack([-w.detach()[1], w.detach()[0]])
        w.grad = float(slope) * across / across.norm() ** 2
        optimizer.step()
        norms.append(float(w.detach().norm()))
    return np.array(norms)


@norm_path.cases("no decay", weight=1)
def _(rng):
    for steps in (1, 2, 6):
        yield dict(
            norm=float(rng.uniform(0.5, 2)),
            slopes=rng.uniform(0.5, 3, size=steps),
            lr=float(rng.uniform(0.2, 0.9)),
            decay=0.0,
        )
    yield dict(norm=float(rng.uniform(2, 4)), slopes=np.full(5, 1.5), lr=2.0, decay=0.0)


@norm_path.cases("with decay", weight=1)
def _(rng):
    for steps in (1, 3, 8):
        yield dict(
            norm=float(rng.uniform(0.5, 4)),
            slopes=rng.uniform(0.5, 3, size=steps),
            lr=float(rng.uniform(0.2, 0.9)),
            decay=float(rng.uniform(0.1, 0.6)),
        )
    yield dict(norm=2.5, slopes=rng.uniform(0.5, 3, size=4), lr=1.8, decay=0.3)


@norm_path.cases("edge cases", weight=1)
def _(rng):
    yield dict(norm=float(rng.uniform(1, 2)), slopes=np.zeros(4), lr=0.5, decay=0.4)
    slopes = rng.uniform(0.5, 3, size=6)
    slopes[::2] = 0.0
    yield dict(norm=float(rng.uniform(1, 2)), slopes=slopes, lr=0.7, decay=0.2)
    for scale in (1e-4, 1e4):
        yield dict(
            norm=float(scale * rng.uniform(1, 2)), slopes=scale**2 * rng.uniform(0.5, 3, size=3), lr=0.6, decay=0.5
        )


def _norms_by(norm, slopes, update):
    norms = [norm]
    for slope in slopes:
        norms.append(update(norms[-1], slope))
    return np.array(norms)


@norm_path.misconception
def gradient_of_any_length(norm, slopes, lr, decay):
    """A gradient of length slope belongs to |w| = 1. How long is it where |w| = 2?"""
    return _norms_by(norm, slopes, lambda n, s: np.hypot((1 - lr * decay) * n, lr * s))


@norm_path.misconception
def gradient_grows_with_the_norm(norm, slopes, lr, decay):
    """Twice the weights give half the gradient, not twice the gradient. The output does not change, so what does a
    step of the same length mean?
    """
    return _norms_by(norm, slopes, lambda n, s: np.hypot((1 - lr * decay) * n, lr * s * n))


@norm_path.misconception
def lengths_added(norm, slopes, lr, decay):
    """You add the lengths as if the step went along w. At which angle to w is the gradient, and what did Pythagoras
    say?
    """
    return _norms_by(norm, slopes, lambda n, s: (1 - lr * decay) * n + lr * s / n)


@norm_path.misconception
def lengths_subtracted(norm, slopes, lr, decay):
    """Your norm falls without any decay. A step at right angles to w: does it make w longer or shorter?"""
    return _norms_by(norm, slopes, lambda n, s: (1 - lr * decay) * n - lr * s / n)


@norm_path.misconception
def decay_ignored(norm, slopes, lr, decay):
    """Your norms are the same whatever decay is. By what factor does it shrink w in one update?"""
    return _norms_by(norm, slopes, lambda n, s: np.hypot(n, lr * s / n))


@norm_path.misconception
def decay_without_rate(norm, slopes, lr, decay):
    """torch's SGD adds decay w to the gradient, and all of that is multiplied by the rate. By what factor does w
    shrink?
    """
    return _norms_by(norm, slopes, lambda n, s: np.hypot((1 - decay) * n, lr * s / n))


@norm_path.misconception
def decay_after_the_step(norm, slopes, lr, decay):
    """You shrink the sum of w and the step. Decay is part of the gradient: what does it shrink?"""
    return _norms_by(norm, slopes, lambda n, s: (1 - lr * decay) * np.hypot(n, lr * s / n))


@norm_path.misconception
def decay_taken_from_the_square(norm, slopes, lr, decay):
    """You take lr decay off the square of the norm. If w shrinks by a factor, by which one does its square?"""
    return _norms_by(norm, slopes, lambda n, s: np.sqrt((1 - lr * decay) * n**2 + (lr * s / n) ** 2))


@norm_path.misconception
def decay_grows(norm, slopes, lr, decay):
    """Your decay makes w longer. Which sign does it have?"""
    return _norms_by(norm, slopes, lambda n, s: np.hypot((1 + lr * decay) * n, lr * s / n))


@norm_path.misconception
def squares_returned(norm, slopes, lr, decay):
    """Your numbers are squares. What is left to do?"""
    return _norms_by(norm, slopes, lambda n, s: np.hypot((1 - lr * decay) * n, lr * s / n)) ** 2


@norm_path.misconception
def start_left_out(norm, slopes, lr, decay):
    """The first entry should be the norm before any update."""
    return _norms_by(norm, slopes, lambda n, s: np.hypot((1 - lr * decay) * n, lr * s / n))[1:]


@norm_path.misconception
def first_norm_for_all(norm, slopes, lr, decay):
    """You divide every slope by the norm at the start. Which one does the gradient of update k meet?"""
    return _norms_by(norm, slopes, lambda n, s: np.hypot((1 - lr * decay) * n, lr * s / norm))


@norm_path.misconception
def every_step_from_the_start(norm, slopes, lr, decay):
    """Each of your norms is what one update makes of the first. Where does the next update begin?"""
    return np.r_[norm, np.hypot((1 - lr * decay) * norm, lr * slopes / norm)]


@norm_path.misconception
def last_norm_only(norm, slopes, lr, decay):
    """You return the last norm. Asked for is the whole path, start included."""
    return _norms_by(norm, slopes, lambda n, s: np.hypot((1 - lr * decay) * n, lr * s / n))[-1]


@norm_path.misconception
def rate_not_squared(norm, slopes, lr, decay):
    """Without decay, how long is the step? In Pythagoras' sum all of it is squared, the rate too."""
    return _norms_by(norm, slopes, lambda n, s: np.sqrt(((1 - lr * decay) * n) ** 2 + lr * (s / n) ** 2))


# --- equilibrium


@exercise(points=4, returns=("norm", "angle"))
def equilibrium(slope, lr, decay):
    """Oracle: SciPy's brentq looks for the norm that an update leaves alone; the angle by arctan2 in the plane."""

    def growth(log_norm):
        n = np.exp(log_norm) * unit
        return np.log(np.hypot((1 - lr * decay) * n, lr * slope / n) / n)

    unit = np.sqrt(slope) * lr**0.25 * decay**-0.25
    norm = np.exp(scipy.optimize.brentq(growth, -8, 8, xtol=1e-14, rtol=1e-14)) * unit
    return float(norm), float(np.arctan2(lr * slope / norm, (1 - lr * decay) * norm))


@equilibrium.cases("usual settings", weight=1)
def _(rng):
    for lr, decay in ((0.1, 0.05), (0.5, 0.02), (1.0, 0.1)):
        yield dict(slope=float(rng.uniform(0.5, 3)), lr=lr, decay=float(decay * rng.uniform(0.7, 1.3)))


@equilibrium.cases("a large rate times decay", weight=1)
def _(rng):
    for lr, decay in ((0.8, 0.9), (2.0, 0.2), (0.5, 0.7)):
        yield dict(slope=float(rng.uniform(0.5, 3)), lr=float(lr * rng.uniform(0.8, 1.2)), decay=decay)


@equilibrium.cases("other scales", weight=1)
def _(rng):
    for slope in (1e-8, 1e8):
        yield dict(slope=float(slope * rng.uniform(1, 2)), lr=0.3, decay=float(rng.uniform(0.05, 0.2)))
    yield dict(slope=1.7, lr=50.0, decay=float(rng.uniform(1e-3, 5e-3)))
    yield dict(slope=0.6, lr=float(rng.uniform(1e-2, 2e-2)), decay=0.8)


def _balance(slope, lr, decay):
    return (lr * slope**2 / (2 * decay - lr * decay**2)) ** 0.25, np.arccos(1 - lr * decay)


@equilibrium.misconception
def small_rate_assumed(slope, lr, decay):
    """Nearly right, and better the smaller lr decay is: you have dropped the square of lr decay on the way. Keep it."""
    return (lr * slope**2 / (2 * decay)) ** 0.25, np.sqrt(2 * lr * decay)


@equilibrium.misconception
def angle_for_small_rates(slope, lr, decay):
    """Your norm is right, and your angle nearly: that root is its limit for small lr decay. Which side of the triangle
    is the old w, shrunk, and which is the new one?
    """
    return _balance(slope, lr, decay)[0], np.sqrt(2 * lr * decay)


@equilibrium.misconception
def norm_for_small_rates(slope, lr, decay):
    """Your angle is right, and your norm nearly: w shrinks by the factor 1 - lr decay, its square by the square of
    that.
    """
    return (lr * slope**2 / (2 * decay)) ** 0.25, _balance(slope, lr, decay)[1]


@equilibrium.misconception
def square_of_the_norm(slope, lr, decay):
    """Your norm is the square of what it should be. Did you stop at |w|², or balance a gradient of one length for
    every |w|?
    """
    norm, angle = _balance(slope, lr, decay)
    return norm**2, angle


@equilibrium.misconception
def fourth_power_of_the_norm(slope, lr, decay):
    """You have solved for the fourth power of the norm. Which root is missing?"""
    norm, angle = _balance(slope, lr, decay)
    return norm**4, angle


@equilibrium.misconception
def lengths_balanced(slope, lr, decay):
    """You let the shrinkage lr decay |w| equal the length of the step. They are at right angles: what must be equal?"""
    norm = np.sqrt(slope / decay)
    return norm, np.arctan(lr * slope / norm**2)


@equilibrium.misconception
def angle_in_degrees(slope, lr, decay):
    """Your angle is in degrees. Asked for are radians."""
    norm, angle = _balance(slope, lr, decay)
    return norm, np.degrees(angle)


@equilibrium.misconception
def cosine_returned(slope, lr, decay):
    """You return the cosine of the angle. One function is missing."""
    return _balance(slope, lr, decay)[0], 1 - lr * decay


@equilibrium.misconception
def other_angle_of_the_triangle(slope, lr, decay):
    """Your angle is larger the smaller lr decay is. Shrunk pointer over new pointer: is that the sine of the angle
    between them?
    """
    return _balance(slope, lr, decay)[0], np.arcsin(1 - lr * decay)


@equilibrium.misconception
def angle_against_the_unshrunk(slope, lr, decay):
    """Your angle forgets that w has shrunk before the step is added. How long is the side along the old direction?"""
    norm, _ = _balance(slope, lr, decay)
    return norm, np.arctan(lr * slope / norm**2)


@equilibrium.misconception
def sine_for_tangent(slope, lr, decay):
    """You divide the step by the old side of the triangle and take the arcsine. Which function of the angle is step
    over shrunk w, and which is step over new w?
    """
    norm, _ = _balance(slope, lr, decay)
    return norm, np.arcsin(min(1.0, lr * slope / norm / ((1 - lr * decay) * norm)))


@equilibrium.misconception
def effective_rate_for_angle(slope, lr, decay):
    """You return lr / |w|², the effective rate. How far does the direction turn?"""
    norm, _ = _balance(slope, lr, decay)
    return norm, lr / norm**2


@equilibrium.misconception
def rate_missing_in_decay(slope, lr, decay):
    """You shrink w by 1 - decay. torch multiplies the decay by the rate."""
    norm = (lr**2 * slope**2 / (2 * decay - decay**2)) ** 0.25
    return norm, np.arccos(1 - decay)
