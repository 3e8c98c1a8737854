"""Loops that look at held-out examples: how what students build is put to use."""

from collections.abc import Mapping

import numpy as np

from utils.check.driving import Misfit, make

# --- loops that look at held-out examples: train_epochs(model, optimizer, train_set, val_set, epochs, batch_size, rng)
#
# network : dict, arguments of utils.normed.double_mlp, which builds the model
# train_set, val_set : pairs of ndarrays (examples, labels)
# lr : float, of plain SGD
# Each driver looks at one side of what came, and returns: the losses; how many numbers `best` holds for each name of
# model.state_dict(), 0 where it lacks the name, and then for each other name; all numbers of `best`; the model's
# weights in the end, and its running statistics. What it does not look at is empty.


def epochs_weights(build, network, train_set, val_set, epochs, batch_size, lr, rng):
    """Look at the weights in the end."""
    _, _, model = _epochs(build, network, train_set, val_set, epochs, batch_size, lr, rng)
    return _looked_at(weights=_numbers(model.parameters()))


def epochs_losses(build, network, train_set, val_set, epochs, batch_size, lr, rng):
    """Look at the losses, and at the running statistics in the end."""
    losses, _, model = _epochs(build, network, train_set, val_set, epochs, batch_size, lr, rng)
    return _looked_at(losses=losses, statistics=_numbers(model.buffers()))


def epochs_best(build, network, train_set, val_set, epochs, batch_size, lr, rng):
    """Look at the losses, and at the best weights."""
    losses, best, model = _epochs(build, network, train_set, val_set, epochs, batch_size, lr, rng)
    return _looked_at(losses=losses, best=_in_order(best, model))


def epochs_sizes(build, network, train_set, val_set, epochs, batch_size, lr, rng):
    """Look at how many numbers the best weights hold, name by name."""
    _, best, model = _epochs(build, network, train_set, val_set, epochs, batch_size, lr, rng)
    return _looked_at(sizes=_sizes(best, model))


def epochs_whole(build, network, train_set, val_set, epochs, batch_size, lr, rng):
    """Look at all of it. Raises Misfit where the model is left in train mode."""
    losses, best, model = _epochs(build, network, train_set, val_set, epochs, batch_size, lr, rng)
    if model.training:
        raise Misfit("state", "leaves the model in train mode in the end")
    weights, statistics = _numbers(model.parameters()), _numbers(model.buffers())
    return _looked_at(losses, _sizes(best, model), _in_order(best, model), weights, statistics)


def _looked_at(losses=(), sizes=(), best=(), weights=(), statistics=()):
    return tuple(np.array(part, dtype=float) for part in (losses, sizes, best, weights, statistics))


def _in_order(best, model):
    return _numbers(best[name] for name in model.state_dict() if name in best)


def _sizes(best, model):
    others = sorted(set(best) - set(model.state_dict()))
    return [float(np.size(_of_tensor(best[name]))) if name in best else 0.0 for name in [*model.state_dict(), *others]]


def _epochs(build, network, train_set, val_set, epochs, batch_size, lr, rng):
    import torch

    from utils.normed import double_mlp

    model = double_mlp(**network)
    sets = [tuple(torch.tensor(part) for part in each) for each in (train_set, val_set)]
    sets = [(x.double(), y.long()) for x, y in sets]
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    arguments = {"train_set": sets[0], "val_set": sets[1], "epochs": epochs, "batch_size": batch_size, "rng": rng}
    returned = make(build, model=model, optimizer=optimizer, **arguments)
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        raise Misfit(
            "attribute", f"should return (losses, best), but returned something of type {type(returned).__name__}"
        )
    losses, best = returned
    if not isinstance(best, Mapping):
        kind = type(best).__name__
        raise Misfit(
            "attribute", f"best should be a dict from names to tensors, as state_dict() is, but is of type {kind}"
        )
    for name, kept in best.items():
        if not isinstance(kept, torch.Tensor):
            raise Misfit("attribute", f"best should hold tensors, but {name} is of type {type(kept).__name__}")
    return np.array([float(loss) for loss in losses]), best, model


def recalibrated(build, network, x):
    """Estimate the running statistics of a network anew.

    build : callable (model, x).  network : dict, arguments of utils.normed.worn_mlp, which builds the model
    x : ndarray, shape (N, inputs)
    Returns all running means, all running variances, and the momentum of each batch norm, all as they are afterwards.
    Raises Misfit where the statistics have not moved, and where the model is left in another mode.
    """
    import torch

    from utils.normed import worn_mlp

    model, examples = worn_mlp(**network), torch.tensor(x).double()
    norms = [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm1d)]
    own, modes = set(map(id, norms)), []  # a copy of the model would take the hooks along
    for norm in norms:
        norm.register_forward_pre_hook(lambda norm, _: modes.append(norm.training) if id(norm) in own else None)
    before = _running_of(norms)
    make(build, model=model, x=examples)
    means, variances = _running_of(norms)
    if np.array_equal([means, variances], before):
        seen = "no example has come to its batch norms"
        if modes:
            seen = f"the examples came to its batch norms in {'train' if any(modes) else 'eval'} mode"
        raise Misfit("state", f"the model's running statistics are what they were; {seen}")
    if model.training != network["training"]:
        came, left = ("train", "eval") if network["training"] else ("eval", "train")
        raise Misfit("state", f"a model that came in {came} mode is left in {left} mode")
    return means, variances, np.array([np.nan if norm.momentum is None else float(norm.momentum) for norm in norms])


def _running_of(norms):
    return [_numbers(getattr(norm, name) for norm in norms) for name in ("running_mean", "running_var")]


def _of_tensor(tensor):
    return tensor.detach().cpu().numpy() if hasattr(tensor, "detach") else np.asarray(tensor)


def _numbers(tensors):
    """Return all numbers of some tensors in a row."""
    return np.concatenate([np.zeros(0), *(np.ravel(_of_tensor(tensor)).astype(float) for tensor in tensors)])
