"""Optimizers, and loops that train with them: how what students build is put to use."""

import tracemalloc

import numpy as np

from utils.check.driving import Misfit, make, method
from utils.drivers.arrays import copies, flat

# --- optimizers: a class made with (parameters, lr, ...) whose method step(grads) writes into the parameters.
#
# parameters : list of ndarrays.  grads : list of gradients for each update, None where a parameter has none
# lr : float, or a callable k -> rate of update k.  momentum : float.  nesterov : bool
# They return all parameters in a row after the first, after the second and after the last update. What is looked at are
# the arrays that were handed over, as a model would look at them.


def optimizer_updates(build, parameters, grads, lr, momentum, nesterov):
    """Update some parameters."""
    held = copies(parameters)
    optimizer = _optimizer(build, held, lr, momentum, nesterov)
    return _path([(optimizer, held)], [[each] for each in grads])


def optimizer_by_default(build, parameters, grads, lr):
    """Update some parameters with nothing said but the rate."""
    held = copies(parameters)
    optimizer = make(build, parameters=list(held), lr=lr)
    return _path([(optimizer, held)], [[each] for each in grads])


def optimizers_side_by_side(build, parameters, grads, lr, momentum, nesterov):
    """Update two models in turn, each by its own optimizer: the second one gets the gradients in reverse order."""
    pairs = []
    for _ in range(2):
        held = copies(parameters)
        pairs.append((_optimizer(build, held, lr, momentum, nesterov), held))
    return _path(pairs, list(zip(grads, reversed(grads), strict=True)))


def optimizer_in_a_long_run(build, parameters, grads, lr, momentum, nesterov):
    """Update some parameters by gradients that come in the same arrays each time, as a model writes them.

    Raises Misfit if another such optimizer, in a run of many updates, keeps an array or more at each of them.
    """
    held, buffers = copies(parameters), copies(parameters)
    step = _step(_optimizer(build, held, lr, momentum, nesterov))
    found = []
    for each in grads:
        for buffer, grad in zip(buffers, each, strict=True):
            buffer[...] = grad
        step(grads=list(buffers))
        found.append(flat(held))
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
        found.append(flat([array for _, held in pairs for array in held]))
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
    return losses, flat(network.parameters)


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
