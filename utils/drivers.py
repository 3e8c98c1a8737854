"""How what students build is put to use in a check: drivers, each `NAME(build, **inputs) -> plain data`.

A driver gets the class or function that was built and a copy of a case's inputs, does with it what a notebook would do,
and returns what is to be compared. It hands over as they are the inputs that have to stay as they were, and copies of
those that may be written into.
The attribute `said` of a driver has words for inputs that students do not know by their names.
"""

import tracemalloc
from collections.abc import Mapping

import numpy as np

from utils.check.driving import Misfit, make, method

# --- optimizers: a class made with (parameters, lr, ...) whose method step(grads) writes into the parameters.
#
# parameters : list of ndarrays.  grads : list of gradients for each update, None where a parameter has none
# lr : float, or a callable k -> rate of update k.  momentum : float.  nesterov : bool
# They return all parameters in a row after the first, after the second and after the last update. What is looked at are
# the arrays that were handed over, as a model would look at them.


def optimizer_updates(build, parameters, grads, lr, momentum, nesterov):
    """Update some parameters."""
    held = _copies(parameters)
    optimizer = _optimizer(build, held, lr, momentum, nesterov)
    return _path([(optimizer, held)], [[each] for each in grads])


def optimizer_by_default(build, parameters, grads, lr):
    """Update some parameters with nothing said but the rate."""
    held = _copies(parameters)
    optimizer = make(build, parameters=list(held), lr=lr)
    return _path([(optimizer, held)], [[each] for each in grads])


def optimizers_side_by_side(build, parameters, grads, lr, momentum, nesterov):
    """Update two models in turn, each by its own optimizer: the second one gets the gradients in reverse order."""
    pairs = []
    for _ in range(2):
        held = _copies(parameters)
        pairs.append((_optimizer(build, held, lr, momentum, nesterov), held))
    return _path(pairs, list(zip(grads, reversed(grads), strict=True)))


def optimizer_in_a_long_run(build, parameters, grads, lr, momentum, nesterov):
    """Update some parameters by gradients that come in the same arrays each time, as a model writes them.

    Raises Misfit if another such optimizer, in a run of many updates, keeps an array or more at each of them.
    """
    held, buffers = _copies(parameters), _copies(parameters)
    step = _step(_optimizer(build, held, lr, momentum, nesterov))
    found = []
    for each in grads:
        for buffer, grad in zip(buffers, each, strict=True):
            buffer[...] = grad
        step(grads=list(buffers))
        found.append(_flat(held))
    if _grows(_optimizer(build, [np.zeros(LARGE)], lr, momentum, nesterov)):
        raise Misfit("growth", "keeps something of every update, so that its memory grows for as long as it runs")
    return found[0], found[1], found[-1]


LARGE = 2000  # numbers in the gradients by which memory is measured, so that little else weighs as much
FEW, MANY = 5, 25  # updates


def _grows(optimizer):
    """Return whether an optimizer of one large parameter keeps something as large at every update."""
    step, tracing = _step(optimizer), tracemalloc.is_tracing()
    if not tracing:
        tracemalloc.start()
    try:
        for _ in range(FEW):
            step(grads=[np.ones(LARGE)])
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(MANY):
            step(grads=[np.ones(LARGE)])
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        if not tracing:
            tracemalloc.stop()
    return grown > MANY / 2 * np.ones(LARGE).nbytes


def _optimizer(build, held, lr, momentum, nesterov):
    ahead = {"nesterov": True} if nesterov else {}  # nobody says that there is none
    return make(build, parameters=list(held), lr=lr, momentum=momentum, **ahead)


def _step(optimizer):
    return method(optimizer, "step", "grads")


def _path(pairs, grads):
    """Let optimizers step in turn, each with its gradients of the update; return where their parameters go."""
    steps, found = [_step(optimizer) for optimizer, _ in pairs], []
    for update in grads:
        for step, each in zip(steps, update, strict=True):
            step(grads=each)
        found.append(_flat([array for _, held in pairs for array in held]))
    return found[0], found[1], found[-1]


# --- training loops


def training(build, network, X, y, epochs, batch_size, lr, adds, rng):  # noqa: N803
    """Train a network with plain gradient descent.

    build : callable (parameters, backward, optimizer, X, y, epochs, batch_size, rng) -> losses
    network : utils.networks.Network.  lr : float
    adds : bool, whether the network adds its gradients to what stands in the arrays that it is handed, as it should,
        or writes over it, so that arrays which are not cleared do no harm
    Returns the losses, and all parameters in a row, as they are in the end.
    """

    def backward(inputs, labels, grads):
        if not adds:
            for grad in grads:
                grad[...] = 0.0
        return network.backward(inputs, labels, grads)

    optimizer = Descent(network.parameters, lr)
    losses = make(
        build,
        parameters=list(network.parameters),
        backward=backward,
        optimizer=optimizer,
        X=X,
        y=y,
        epochs=epochs,
        batch_size=batch_size,
        rng=rng,
    )
    return losses, _flat(network.parameters)


training.said = {"adds is True": "backward adds to what stands in grads"}  # what students know of the inputs


class Descent:
    """Plain gradient descent with a constant rate, for loops that need some optimizer."""

    def __init__(self, parameters, lr):
        self.parameters, self.lr = parameters, lr

    def step(self, grads):
        for theta, grad in zip(self.parameters, grads, strict=True):
            theta -= self.lr * grad


def rates(values):
    """Return a schedule, k -> the rate of update k, that is read from a list; after its end the last rate stays."""
    values = [float(value) for value in values]
    return lambda k: values[min(k, len(values) - 1)]


# --- networks that are written out: a class made with (parameters, activation), with forward(X) and backward(dlogits).
#
# parameters : list of ndarrays [W1, b1, W2, b2, ...].  activation : callable z -> (value, slope)


BENDS = {  # value and slope of some activations that nobody uses
    "arctan": lambda z: (np.arctan(z), 1 / (1 + z**2)),
    "sine": lambda z: (np.sin(z), np.cos(z)),
    "square": lambda z: (z**2, 2 * z),
}


def bend(name):
    """Return an activation, z -> (value, slope).

    name : str, one of `BENDS`
    """
    return BENDS[name]


def network_pass(build, parameters, activation, X, dlogits):  # noqa: N803
    """Send a batch through a network, and a gradient back.

    Returns the logits, the activations of all hidden layers in a row, and all gradients in a row.
    """
    network = make(build, parameters=_copies(parameters), activation=activation)
    logits = method(network, "forward", "X")(X=X)
    hidden = _hidden(network)
    return logits, _flat(hidden) if hidden else np.zeros(0), _flat(_gradients(network, dlogits, parameters))


def network_passes(build, parameters, activation, X, dlogits):  # noqa: N803
    """Send another batch forward and back, then another one forward alone, through the same network, then this one.

    A second network with other parameters stands beside it and is asked in between. Returns what `network_pass` does.
    """
    held = _copies(parameters)
    network = make(build, parameters=held, activation=activation)
    other = make(build, parameters=[0.5 * array for array in parameters], activation=activation)
    forward = method(network, "forward", "X")
    forward(X=X[::-1] + 1.0)
    _gradients(network, 2 * dlogits, parameters)
    forward(X=X[:1] - 1.0)
    logits = forward(X=X)
    method(other, "forward", "X")(X=1.0 - X)
    hidden = _hidden(network)
    return logits, _flat(hidden) if hidden else np.zeros(0), _flat(_gradients(network, dlogits, parameters))


def network_written_into(build, parameters, changes, activation, X, dlogits):  # noqa: N803
    """Send a batch forward and back, add numbers to the parameters as training does, and do `network_pass` once more.

    changes : list of ndarrays shaped like the parameters, added to the arrays that the network was made with
    """
    held = _copies(parameters)
    network = make(build, parameters=list(held), activation=activation)
    forward = method(network, "forward", "X")
    forward(X=X)
    _gradients(network, dlogits, parameters)
    for theta, change in zip(held, changes, strict=True):
        theta += change
    logits = forward(X=X)
    hidden = _hidden(network)
    return logits, _flat(hidden) if hidden else np.zeros(0), _flat(_gradients(network, dlogits, parameters))


def _hidden(network):
    """Return the activations that a network keeps. Raises Misfit if it keeps none."""
    if not hasattr(network, "hidden"):
        raise Misfit("attribute", "after forward, the network has no attribute hidden, a list of activations")
    return list(network.hidden)


def _gradients(network, dlogits, parameters):
    """Ask a network for its gradients. Raises Misfit if they are not of the parameters' number and shapes."""
    grads = method(network, "backward", "dlogits")(dlogits=dlogits)
    if grads is None:
        raise Misfit("attribute", "backward returns None (is a return missing?)")
    grads = [np.asarray(grad) for grad in grads]
    if len(grads) != len(parameters):
        raise Misfit("attribute", f"backward returns {len(grads)} gradients for {len(parameters)} parameters")
    for position, (grad, theta) in enumerate(zip(grads, parameters, strict=True)):
        if grad.shape != np.shape(theta):
            name = f"{'Wb'[position % 2]}{position // 2 + 1}"
            shapes = f"has shape {grad.shape}, but {name} has shape {np.shape(theta)}"
            raise Misfit("attribute", f"backward returns gradients in which the one of {name} {shapes}")
    return grads


def _copies(arrays):
    return [np.array(array) for array in arrays]


def _flat(arrays):
    """Return all numbers of some arrays in a row, in a new array."""
    return np.concatenate([np.ravel(array) for array in arrays])


# --- normalization: a class made with (features, momentum, eps), with methods forward(x), backward(grad_y), train() and
# eval(), and arrays gamma, beta, running_mean, running_var.
#
# x : list of ndarrays, shape (N, features), for one forward each.  grad_y : list, what comes back to each of them
# modes : list of "train" or "eval", one for each batch.  gamma, beta : what the layer's own arrays are set to
# lr : float, the rate at which gamma and beta are changed by their gradients after each batch, in place
# They return, each in a row over all batches: the outputs, the gradients of the inputs, those of gamma, those of beta;
# and the running means and variances after each batch.


def norm_by_default(build, x, grad_y):
    """Use a layer as it is made, with nothing said but the number of features."""
    layer = make(build, features=x[0].shape[1])
    return _norm_results([_norm_passes(layer, batch, grad) for batch, grad in zip(x, grad_y, strict=True)])


def norm_layer(build, x, grad_y, modes, gamma, beta, momentum, eps, lr):
    """Use a layer in the mode given for each batch."""
    layer = _norm_layer(build, gamma, beta, momentum, eps)
    before = ["train", *modes[:-1]]
    return _norm_results(_norm_run(layer, *each, lr) for each in zip(x, grad_y, before, modes, strict=True))


def norm_switched_midway(build, x, grad_y, modes, gamma, beta, momentum, eps, lr):
    """Use a layer whose mode is switched to the other one after each forward, before the gradient comes back."""
    layer = _norm_layer(build, gamma, beta, momentum, eps)
    before = ["train", *(OTHER_MODE[mode] for mode in modes[:-1])]
    return _norm_results(
        _norm_run(layer, *each, lr, midway=True) for each in zip(x, grad_y, before, modes, strict=True)
    )


def norm_layers_side_by_side(build, x, grad_y, modes, gamma, beta, momentum, eps, lr):
    """Use two layers in turn; the second one gets the batches in reverse order, in the mode of the first."""
    layers = [_norm_layer(build, gamma, beta, momentum, eps) for _ in range(2)]
    found = []
    for place, (before, mode) in enumerate(zip(["train", *modes[:-1]], modes, strict=True)):
        for layer, at in zip(layers, (place, -1 - place), strict=True):
            found.append(_norm_run(layer, x[at], grad_y[at], before, mode, lr))
    return _norm_results(found)


OTHER_MODE = {"train": "eval", "eval": "train"}


def _norm_layer(build, gamma, beta, momentum, eps):
    layer = make(build, features=len(gamma), momentum=momentum, eps=eps)
    for name, values in (("gamma", gamma), ("beta", beta)):
        array = _attribute(layer, name)
        if not isinstance(array, np.ndarray) or array.shape != values.shape or array.dtype.kind != "f":
            found = f"of shape {array.shape}" if isinstance(array, np.ndarray) else f"of type {type(array).__name__}"
            wanted = f"a float array of shape {values.shape} for others to write into"
            raise Misfit("attribute", f"{name} should be {wanted}, not {found}")
        array[...] = values
    return layer


def _attribute(layer, name):
    if not hasattr(layer, name):
        raise Misfit("attribute", f"what it makes has no attribute {name}; set self.{name}")
    return getattr(layer, name)


def _norm_run(layer, batch, grad, before, mode, lr, midway=False):
    """Send a batch forward and its gradient back in a mode; then change gamma and beta as an optimizer would.

    before : the mode that the layer is in; it is switched only if that is another one, as it has to keep its mode
    """
    if mode != before:
        method(layer, mode)()
    found = _norm_passes(layer, batch, grad, OTHER_MODE[mode] if midway else None)
    if lr:
        layer.gamma -= lr * np.asarray(found[2])
        layer.beta -= lr * np.asarray(found[3])
    return found


def _norm_passes(layer, batch, grad, switch=None):
    y = method(layer, "forward", "x")(x=batch)
    _expect_shape(y, batch.shape, "forward")
    if switch:
        method(layer, switch)()
    back = method(layer, "backward", "grad_y")(grad_y=grad)
    if not isinstance(back, tuple | list) or len(back) != 3:
        found = f"{len(back)} things" if isinstance(back, tuple | list) else f"something of type {type(back).__name__}"
        raise Misfit("attribute", f"backward should return grad_x, grad_gamma, grad_beta, but returns {found}")
    for item, name, shape in zip(
        back, ("grad_x", "grad_gamma", "grad_beta"), (batch.shape, *2 * [batch.shape[1:]]), strict=True
    ):
        _expect_shape(item, shape, f"backward, as its {name},")
    running = [np.array(_attribute(layer, name)) for name in ("running_mean", "running_var")]
    return [y, *back, *running]


def _expect_shape(value, shape, who):
    found = tuple(np.shape(value))
    if found != tuple(shape):
        what = "None (is a return missing?)" if value is None else f"something of shape {found}"
        raise Misfit("attribute", f"{who} should return an array of shape {tuple(shape)}, but returns {what}")


def _norm_results(found):
    return tuple(_flat(each) for each in zip(*found, strict=True))


# --- loops that look at held-out examples: train_epochs(model, optimizer, train_set, val_set, epochs, batch_size, rng)
#
# network : dict, arguments of utils.normed.double_mlp, which builds the model
# train_set, val_set : pairs of ndarrays (examples, labels)
# lr : float, of plain SGD
# Each driver looks at one side of what came, and returns it as numbers in a row.


def epochs_weights(build, network, train_set, val_set, epochs, batch_size, lr, rng):
    """Look at the weights in the end."""
    _, _, model = _epochs(build, network, train_set, val_set, epochs, batch_size, lr, rng)
    return _numbers(model.parameters())


def epochs_losses(build, network, train_set, val_set, epochs, batch_size, lr, rng):
    """Look at the losses, and at the running statistics in the end."""
    losses, _, model = _epochs(build, network, train_set, val_set, epochs, batch_size, lr, rng)
    return np.concatenate([losses, _numbers(model.buffers())])


def epochs_best(build, network, train_set, val_set, epochs, batch_size, lr, rng):
    """Look at the losses, and at the best weights."""
    losses, best, model = _epochs(build, network, train_set, val_set, epochs, batch_size, lr, rng)
    return np.concatenate([losses, _numbers(best[name] for name in model.state_dict() if name in best)])


def epochs_sizes(build, network, train_set, val_set, epochs, batch_size, lr, rng):
    """Look at how many numbers the best weights hold, name by name."""
    _, best, _ = _epochs(build, network, train_set, val_set, epochs, batch_size, lr, rng)
    return np.array([float(np.size(_array(best[name]))) for name in sorted(best)])


def epochs_whole(build, network, train_set, val_set, epochs, batch_size, lr, rng):
    """Look at the losses, the best weights, the model in the end, and whether it is in train mode."""
    losses, best, model = _epochs(build, network, train_set, val_set, epochs, batch_size, lr, rng)
    kept = [best[name] for name in model.state_dict() if name in best]
    return np.concatenate([losses, _numbers(kept), _numbers(model.state_dict().values()), [float(model.training)]])


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
    return np.array([float(loss) for loss in losses]), best, model


def recalibrated(build, network, x):
    """Estimate the running statistics of a network anew.

    build : callable (model, x).  network : dict, arguments of utils.normed.worn_mlp, which builds the model
    x : ndarray, shape (N, inputs)
    Returns all running means, all running variances, the momentum of each batch norm, and the model's mode, all as they
    are afterwards.
    """
    import torch

    from utils.normed import worn_mlp

    model, examples = worn_mlp(**network), torch.tensor(x).double()
    make(build, model=model, x=examples)
    norms = [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm1d)]
    means, variances = (_numbers(getattr(norm, name) for norm in norms) for name in ("running_mean", "running_var"))
    momenta = [np.nan if norm.momentum is None else float(norm.momentum) for norm in norms]
    return means, variances, np.array(momenta), bool(model.training)


def _array(tensor):
    return tensor.detach().cpu().numpy() if hasattr(tensor, "detach") else np.asarray(tensor)


def _numbers(tensors):
    """Return all numbers of some tensors in a row."""
    return np.concatenate([np.zeros(0), *(np.ravel(_array(tensor)).astype(float) for tensor in tensors)])
