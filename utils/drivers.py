"""How what students build is put to use in a check: drivers, each `NAME(build, **inputs) -> plain data`.

A driver gets the class or function that was built and a copy of a case's inputs, does with it what a notebook would do,
and returns what is to be compared. It hands over as they are the inputs that have to stay as they were, and copies of
those that may be written into.
The attribute `said` of a driver has words for inputs that students do not know by their names.
"""

import copy
import tracemalloc
from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from utils.check.driving import Misfit, make, method
from utils.check.plain import as_array, decode, described, encode, is_tensor

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
    Raises Misfit if that changes the parameters, or going back the hidden activations.
    """
    held = _copies(parameters)
    network = make(build, parameters=list(held), activation=activation)
    return _there_and_back(network, held, X, dlogits)


def network_passes(build, parameters, activation, X, dlogits):  # noqa: N803
    """Send another batch forward and back, then another one forward alone, through the same network, then this one.

    A second network with other parameters stands beside it and is asked in between, and `backward` is asked twice.
    Returns what `network_pass` does, the gradients those of the second time.
    """
    held = _copies(parameters)
    network = make(build, parameters=held, activation=activation)
    other = make(build, parameters=[0.5 * array for array in parameters], activation=activation)
    forward = method(network, "forward", "X")
    forward(X=X[::-1] + 1.0)
    _gradients(network, 2 * dlogits, parameters)
    forward(X=X[:1] - 1.0)

    def meanwhile():
        method(other, "forward", "X")(X=1.0 - X)

    logits, hidden, _ = _there_and_back(network, held, X, dlogits, meanwhile)
    return logits, hidden, _flat(_gradients(network, dlogits, parameters))


def network_written_into(build, parameters, activation, X, dlogits):  # noqa: N803
    """Send a batch forward and back, write into the parameters as training does, and do `network_pass` once more."""
    held = _copies(parameters)
    network = make(build, parameters=list(held), activation=activation)
    _there_and_back(network, held, X, dlogits)
    for theta in held:
        theta *= -0.5
    return _there_and_back(network, held, X, dlogits)


def _there_and_back(network, held, X, dlogits, meanwhile=lambda: None):  # noqa: N803
    """Return logits, hidden activations and gradients. Raises Misfit if something changes that should not.

    held : the parameters that the network was made with.  meanwhile : called between forward and backward
    """
    before = _copies(held)
    logits = method(network, "forward", "X")(X=X)
    _expect_unchanged(before, held, "forward changes the parameters; training writes into them, not the network")
    meanwhile()
    hidden = _row(_hidden(network))
    grads = _gradients(network, dlogits, held)
    _expect_unchanged(before, held, "backward changes the parameters; it should return gradients, and no more")
    _expect_unchanged(
        [hidden], [_row(_hidden(network))], "after backward, the list hidden is another one than after forward"
    )
    return logits, hidden, _flat(grads)


def _row(arrays):
    return _flat(arrays) if arrays else np.zeros(0)


def _expect_unchanged(before, after, said):
    if not all(a.shape == b.shape and a.tobytes() == b.tobytes() for a, b in zip(before, after, strict=True)):
        raise Misfit("state", said)


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


# --- minimisers


def minimising(build, f, theta, m, steps, tol):
    """Minimise a function with L-BFGS.

    build : callable (f, gradient, theta, m, steps, tol) -> theta, losses
    f : callable theta -> float, with a method `gradient`.  theta : ndarray, shape (n,), the start
    m, steps : ints.  tol : float
    Returns where it ends, the losses, and how often the gradient was asked for.
    """
    asked = []

    def gradient(point):
        asked.append(1)
        return f.gradient(point)

    found = make(build, f=f, gradient=gradient, theta=theta, m=m, steps=steps, tol=tol)
    if not isinstance(found, tuple | list) or len(found) != 2:
        return found
    return found[0], found[1], len(asked)


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
# lr : float; so many times the column sums of grad_y are taken from gamma and from beta after each batch, in place
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


def norm_looked_at(build, x, grad_y, modes, gamma, beta, momentum, eps, lr):
    """Use a layer that is told its mode before every batch, and whose outputs are only looked at every other time: from
    the first batch, the third and so on no gradient comes back.
    """
    layer, found = _norm_layer(build, gamma, beta, momentum, eps), []
    for place, (batch, grad, mode) in enumerate(zip(x, grad_y, modes, strict=True)):
        method(layer, mode)()
        if place % 2:
            found.append(_norm_run(layer, batch, grad, mode, mode, lr))
            continue
        y = method(layer, "forward", "x")(x=batch)
        _expect_shape(y, batch.shape, "forward")
        found.append([y, *[np.zeros(0)] * 3, *_norm_running(layer)])
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
        change = lr * np.sum(grad, axis=0)  # not what backward returned, so that its errors spoil nothing else
        layer.gamma -= change
        layer.beta -= change
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
    return [y, *back, *_norm_running(layer)]


def _norm_running(layer):
    return [np.array(_attribute(layer, name)) for name in ("running_mean", "running_var")]


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
    return np.array([float(np.size(_of_tensor(best[name]))) for name in sorted(best)])


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
    for name, kept in best.items():
        if not isinstance(kept, torch.Tensor):
            raise Misfit("attribute", f"best should hold tensors, but {name} is of type {type(kept).__name__}")
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


def _of_tensor(tensor):
    return tensor.detach().cpu().numpy() if hasattr(tensor, "detach") else np.asarray(tensor)


def _numbers(tensors):
    """Return all numbers of some tensors in a row."""
    return np.concatenate([np.zeros(0), *(np.ravel(_of_tensor(tensor)).astype(float) for tensor in tensors)])


# --- initial weights: functions that draw a matrix from a generator.
#
# fan_in, fan_out, rows, cols : ints.  slope : float.  rng : np.random.Generator
# Chance has many honest forms, so what is looked at are statistics of many entries, the same for every right order of
# the draws. Where a statistic is as near to its value as chance lets it be, that value stands for it.

MANY_DRAWS, UNFAIR = 120, 0.28  # small matrices whose signs are counted: a fair share strays so far once in 10⁹ times
OTHERWISE = "an equal generator gave other numbers: does all chance come from the one that is handed over?"
NOTHING_NEW = "asked again, with the same generator, it gave the same numbers: does it draw from that one?"


def drawn_weights(build, fan_in, fan_out, rng):
    """Draw weights of a layer by its two sides.

    Returns the shape, the mean over the standard deviation (0 where it is below .05), the standard deviation, and the
    kurtosis, which is the mean fourth power over the squared variance, of deviations (1.8 or 3 where it is near).
    Raises Misfit where chance is not used as it should be, see `_drawn`.
    """
    return _statistics(build, rng, fan_in=fan_in, fan_out=fan_out)


def drawn_weights_before(build, fan_in, fan_out, slope, rng):
    """Draw weights of a layer whose activation has a slope on its negative side, see `drawn_weights`."""
    return _statistics(build, rng, fan_in=fan_in, fan_out=fan_out, slope=slope)


def _statistics(build, rng, fan_in, fan_out, **settings):
    drawn = _drawn(build, rng, (fan_in, fan_out), fan_in=fan_in, fan_out=fan_out, **settings)
    for axis, lines in enumerate(("rows", "columns")):
        if np.ptp(drawn, axis=axis).max() == 0:
            raise Misfit("state", f"all {lines} of the matrix are equal: each weight needs a draw of its own")
    deviation = drawn.std()
    off, squares = drawn.mean() / deviation, (drawn - drawn.mean()) ** 2
    tails = np.mean(squares * squares) / np.mean(squares) ** 2
    tails = next((usual for usual in (1.8, 3.0) if abs(tails - usual) < 0.2), tails)  # uniform, normal
    return np.array(drawn.shape), (off if abs(off) > 0.05 else 0.0), deviation, tails


def drawn_rotation(build, rows, cols, rng):
    """Draw a matrix with orthonormal rows or columns.

    Returns its shape, and the inner products of its columns, or of its rows where these are fewer, to four digits.
    Raises Misfit where chance is not used as it should be, see `_drawn`, and where the signs of many small matrices, or
    of the determinants of square ones, are not up to chance; what only thousands of draws would show is not looked for.
    """
    drawn = _drawn(build, rng, (rows, cols), rows=rows, cols=cols)
    products = drawn.T @ drawn if rows >= cols else drawn @ drawn.T
    if np.abs(products - np.eye(len(products))).max() < 1e-3:
        small = (5, 4) if rows >= cols else (4, 5)
        said = _not_by_chance(np.sign(_many(build, small, rng)))
        if said:
            raise Misfit("state", f"of {MANY_DRAWS} matrices of shape {small} {said}: does chance decide on signs?")
        turns = set(np.sign(np.linalg.det(_many(build, (3, 3), rng)))) if rows == cols else ()
        if len(turns) == 1:
            kind = "a reflection" if turns == {1.0} else "a rotation"
            raise Misfit("state", f"of {MANY_DRAWS} matrices of shape (3, 3) none is {kind}: should it never be?")
    return np.array(drawn.shape), np.round(products, 4) + 0.0


def _many(build, shape, rng):
    """Draw many matrices. Raises Misfit for one that has another shape."""
    many = [_matrix(make(build, rows=shape[0], cols=shape[1], rng=rng)) for _ in range(MANY_DRAWS)]
    if shapes := {matrix.shape for matrix in many} - {shape}:
        raise Misfit("state", f"a matrix should have shape {shape} but has shape {min(shapes)}")
    return many


def _not_by_chance(signs):
    """Say where the signs in many matrices are not up to chance, "" if nowhere."""
    share = np.mean(signs > 0, axis=0)
    for bound, sign in ((0.0, "positive"), (1.0, "negative")):
        never = [f"[{row}, {col}]" for row, col in np.argwhere(share == bound)]
        if never:
            return f"none has a {sign} number at {', '.join(never)}"
    row, col = np.unravel_index(np.argmax(np.abs(share - 0.5)), share.shape)
    if abs(share[row, col] - 0.5) >= UNFAIR:
        return f"hardly any has a {'positive' if share[row, col] < 0.5 else 'negative'} number at [{row}, {col}]"
    for one, other in pairwise(range(min(share.shape))):
        alike = np.mean(signs[:, one, one] == signs[:, other, other])
        if abs(alike - 0.5) >= UNFAIR:
            said = "unlike" if alike > 0.5 else "equal"
            return f"hardly any has {said} signs at [{one}, {one}] and [{other}, {other}]"
    return ""


def _drawn(build, rng, shape, **settings):
    """Return a matrix that was drawn.

    Raises Misfit unless it has this shape, an equal generator gives equal numbers, and the same generator new ones at
    the next call.
    """
    twin = copy.deepcopy(rng)
    answers = [make(build, **settings, rng=rng), make(build, **settings, rng=rng), make(build, **settings, rng=twin)]
    first, second, again = _each(_matrix, answers)
    if first.shape != shape:
        raise Misfit("state", f"the matrix should have shape {shape} but has shape {first.shape}")
    if np.ptp(first) == 0:
        raise Misfit("state", f"all numbers of the matrix are {first.flat[0]:.4g}")
    if np.array_equal(first, np.round(first)):
        always = ", the same ones at every call" if np.array_equal(first, second) else ""
        raise Misfit("state", f"the matrix holds whole numbers only{always}: where is chance?")
    if not np.array_equal(first, again):
        raise Misfit("state", OTHERWISE)
    if np.array_equal(first, second):
        raise Misfit("state", NOTHING_NEW)
    if answers[0] is answers[1]:
        raise Misfit("result", "the array that it had handed out before, with other numbers in it")
    return first


def _each(read, answers):
    """Read the answers to several calls. Raises Misfit where the first one can be read and a later one cannot."""
    first = read(answers[0])
    try:
        return [first, *map(read, answers[1:])]
    except Misfit as misfit:
        raise Misfit("state", f"answers otherwise when it is asked again: {misfit}") from None


def _array(value):
    """Return what somebody returned as an array, None if it holds anything but numbers."""
    if is_tensor(value):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        value = value.tolist()
    array = as_array(value)
    return as_array(decode(encode(value))) if array is None else array


def _matrix(value):
    array = _array(value)
    if array is None or array.ndim != 2 or array.dtype.kind not in "fiub" or not array.size:
        raise Misfit("result", f"{described(value if array is None else array)}, expected a matrix of numbers")
    if not np.isfinite(array).all():
        raise Misfit("result", "a matrix with nan or infinite entries")
    return array.astype(float)


# --- the start of a whole network: (X, sizes, activation, rng) -> (weights, biases)

WITHIN = 0.1  # how far from 1 a variance may be


def started_network(build, X, sizes, activation, rng):  # noqa: N803
    """Start a network and look at what the data become on their way through it.

    Returns the sizes; for each layer in turn, before its activation, the root of the mean square of the units' means
    over the examples (0 up to .1), and the mean of their variances over the examples (1 from .9 to 1.1).
    Raises Misfit unless an equal generator gives equal numbers, the same generator new ones at the next call, two
    layers of one shape and the units of a layer differ, and weights are as often negative as positive.
    """
    twin, handed = copy.deepcopy(rng), {"sizes": list(sizes), "activation": activation}
    answers = [make(build, X=X, **handed, rng=rng), make(build, X=np.array(X), **handed, rng=rng)]
    answers.append(make(build, X=np.array(X), **handed, rng=twin))
    first, second, again = _each(lambda answer: _layers(answer, sizes), answers)
    if not _equal(first, again):
        raise Misfit("state", OTHERWISE)
    if _equal(first, second):
        raise Misfit("state", NOTHING_NEW)
    _expect_variety(first[0])
    means, variances, h = [], [], np.asarray(X, dtype=float)
    with np.errstate(all="ignore"):
        for weights, bias in zip(*first, strict=True):
            z = h @ weights + bias
            mean, variance = float(np.sqrt(np.mean(z.mean(axis=0) ** 2))), float(np.mean(z.var(axis=0)))
            means.append(0.0 if mean <= WITHIN else mean)
            variances.append(1.0 if abs(variance - 1) <= WITHIN else variance)
            h = activation(z)
    if not all(np.isfinite(means + variances)):
        raise Misfit("result", "weights under which the numbers grow until they are infinite")
    return np.array([weights.shape[0] for weights in first[0]]), np.array(means), np.array(variances)


def _expect_variety(matrices):
    """Raise Misfit where weights are alike that should not be."""
    for layer, weights in enumerate(matrices, start=1):
        if not weights.any():
            raise Misfit("state", f"the weights of layer {layer} are all 0")
        if min(weights.shape) > 1 and _rank(weights) == 1:
            raise Misfit("state", "the units of a layer are all alike, but for a factor: will they ever differ?")
    alike = any(
        a.shape == b.shape and np.allclose(np.abs(a / (a.std() or 1)), np.abs(b / (b.std() or 1)), rtol=1e-3)
        for a, b in pairwise(matrices)
    )
    if alike:
        raise Misfit("state", "two layers of one shape have the same weights, but for a factor")
    positive = np.mean(np.concatenate([np.ravel(weights) for weights in matrices]) > 0)
    if abs(positive - 0.5) >= 0.3:
        raise Misfit("state", f"hardly any of the weights is {'positive' if positive < 0.5 else 'negative'}")


def _rank(weights):
    """Return the rank of a matrix, 2 if it is larger."""
    sizes = np.linalg.svd(weights, compute_uv=False)
    return min(2, int(np.sum(sizes > 1e-6 * sizes[0])))


def _layers(answer, sizes):
    """Return the weights and the biases of each layer as two lists of arrays. Raises Misfit for other shapes."""
    if not isinstance(answer, list | tuple) or len(answer) != 2:
        raise Misfit("result", f"{described(answer)}, expected a pair (weights, biases)")
    for what, part in zip(("weights", "biases"), answer, strict=True):
        if not isinstance(part, list | tuple) or len(part) != len(sizes) - 1:
            raise Misfit("result", f"{what} is {described(part)}, expected a list of {len(sizes) - 1} arrays")
    parts = [[_array(item) for item in part] for part in answer]
    for layer, (weights, bias, fans) in enumerate(zip(*parts, pairwise(sizes), strict=True), start=1):
        for what, array, shape in (("weights", weights, tuple(fans)), ("biases", bias, (fans[1],))):
            if array is None or array.dtype.kind not in "fiub" or array.shape != shape:
                came = "no numbers" if array is None else f"shape {array.shape}"
                raise Misfit("result", f"the {what} of layer {layer} have {came}, expected shape {shape}")
            if not np.isfinite(array).all():
                units = "one unit" if fans[1] == 1 else f"{fans[1]} units"
                raise Misfit("result", f"the {what} of layer {layer}, which has {units}, are not all finite")
    return [[array.astype(float) for array in part] for part in parts]


def _equal(one, other):
    return all(np.array_equal(a, b) for a, b in zip(_flat_pairs(one), _flat_pairs(other), strict=True))


def _flat_pairs(layers):
    return [array for part in layers for array in part]


# --- solvers that see a matrix only through its products with vectors


def solving(build, A, b, tol, steps):  # noqa: N803
    """Solve A x = b by a function that is handed the product with A instead of A.

    build : callable (matvec, b, tol, steps) -> (x, residuals, direction)
    A : symmetric ndarray, shape (n, n).  b : ndarray, shape (n,).  tol : float.  steps : int
    Returns what was found, residuals and a direction that are rounding errors as 0, and the number of products.
    Where PATIENT steps or more are allowed for each dimension, rounding decides how many are needed: then only what
    does not depend on it is returned, the beginning. Raises Misfit if it stops before the last residual is at most tol.
    """
    product = _Product(lambda v: A @ v, len(b))
    found = make(build, matvec=product, b=b, tol=tol, steps=steps)
    if not isinstance(found, tuple | list) or len(found) != 3:
        got = f"{len(found)} things" if isinstance(found, tuple | list) else f"one of type {type(found).__name__}"
        raise Misfit("attribute", f"return three things, x, residuals and direction; got {got}")
    x, residuals, direction = found
    if steps >= PATIENT * len(b):
        return np.zeros_like(b), *_beginning(residuals, direction, tol, steps), min(product.calls, len(b))
    return x, _without_rounding(residuals), _without_rounding(direction, np.linalg.norm(b), whole=True), product.calls


ROUNDING = 5e-5  # a relative residual below which nothing is left, in float32 as in float64
PATIENT = 10


def _without_rounding(numbers, size=1.0, whole=False):
    """Return an array in which entries that are rounding errors, measured by size, are 0; what is no array, as it is.

    whole : whether to ask for the length of all entries together instead
    """
    array = as_array(decode(encode(numbers)))
    if array is None or array.dtype.kind not in "fiu":
        return numbers
    lengths = np.linalg.norm(array) if whole else np.abs(array)
    return np.where(lengths < ROUNDING * size, 0.0, array)


def _beginning(residuals, direction, tol, steps):
    """Return the first residual, and the direction. Raises Misfit if the last residual is not yet small enough."""
    array = as_array(decode(encode(residuals)))
    if array is None or array.ndim != 1 or not array.size or array.dtype.kind not in "fiu":
        return residuals, direction
    met = as_array(decode(encode(direction)))
    if not array[-1] <= tol and len(array) <= steps and (met is None or not np.any(met)):
        raise Misfit("growth", "stops although the residual is above tol and more steps are allowed")
    return array[:1], direction


def krylov(build, A, n, steps, rng):  # noqa: N803
    """Ask for eigenvalues by a function that is handed the product with A instead of A.

    build : callable (matvec, n, steps, rng) -> values.  A : callable, v -> A v, shape (n,)
    Returns the values, and how many products were asked for.
    """
    product = _Product(A, n)
    return make(build, matvec=product, n=n, steps=steps, rng=rng), product.calls


class _Product:
    """v -> A v, counted; a new array each time."""

    def __init__(self, multiply, n):
        self.calls, self._multiply, self._n = 0, multiply, n

    def __call__(self, v):
        if np.shape(v) != (self._n,):
            raise ValueError(f"matvec takes a vector of shape ({self._n},), got shape {np.shape(v)}")
        self.calls += 1
        return self._multiply(np.asarray(v))


MOST_GRADIENTS = 6  # what a product with a Hessian may cost, in floating-point operations of a gradient
COUNTED = 20  # parameters from which on it is counted; of few, all columns cost little more


def turning(build, grad, previous_grad, previous_direction, rule):
    """Ask for the next direction where all numbers are whole: then a right angle is one exactly, in every type.

    build : callable of floating-point arrays.  grad, previous_grad, previous_direction : int ndarrays, shape (n,)
    """
    vectors = {"grad": grad, "previous_grad": previous_grad, "previous_direction": previous_direction}
    return make(build, **{name: np.asarray(vector, dtype=float) for name, vector in vectors.items()}, rule=rule)


def updating(build, H, s, y):  # noqa: N803
    """Update an inverse Hessian. Raises Misfit if what comes back is the caller's own matrix.

    build : callable (H, s, y) -> ndarray, shape (n, n).  H : ndarray, shape (n, n).  s, y : ndarrays, shape (n,)
    """
    found = make(build, H=H, s=s, y=y)
    if isinstance(found, np.ndarray) and np.shares_memory(found, H):
        raise Misfit("growth", "returns the matrix that it is given, and not a copy: who writes into one changes both")
    return found


def hessian_products(build, f, x, v):
    """Multiply a vector by the Hessian of a function of tensors.

    build : callable (f, x, v) -> Hv.  f : callable, tensor of shape (n,) -> scalar tensor.  x, v : ndarrays, shape (n,)
    Raises Misfit if that costs as much as all columns of the matrix, or leaves traces in the tensors.
    """
    import torch

    point, vector = torch.tensor(x), torch.tensor(v)
    found = _counted(build, f, point, vector) if len(x) >= COUNTED else make(build, f=f, x=point, v=vector)
    for name, tensor, before in (("x", point, x), ("v", vector, v)):
        if not np.array_equal(tensor.detach().numpy(), before):
            raise Misfit("growth", f"changes its input {name}; leave the caller's values as they were")
        if tensor.requires_grad:
            raise Misfit("growth", f"makes the caller's {name} require gradients; differentiate with respect to a copy")
    if point.grad is not None:
        raise Misfit("growth", "leaves a gradient in x.grad, which the caller's next backward() adds to")
    if getattr(found, "requires_grad", False):
        raise Misfit("growth", "returns a tensor that requires a gradient, and with it keeps the whole graph")
    return found


def _counted(build, f, point, vector):
    """Return a product. Raises Misfit if it takes as many operations as all columns of the matrix."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as spent:
        found = make(build, f=f, x=point, v=vector)
    leaf = point.detach().clone().requires_grad_(True)
    with FlopCounterMode(display=False) as once:
        torch.autograd.grad(f(leaf), leaf)
    gradients = spent.get_total_flops() / once.get_total_flops()
    if gradients > MOST_GRADIENTS:
        raise Misfit("growth", f"does the work of {gradients:.0f} gradients; it takes three, without the matrix")
    return found
