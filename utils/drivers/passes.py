"""Networks that are written out: how what students build is put to use."""

import numpy as np

from utils.check.driving import Misfit, make, method
from utils.drivers.arrays import copies, flat

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
    held = copies(parameters)
    network = make(build, parameters=list(held), activation=activation)
    return _there_and_back(network, held, X, dlogits)


def network_passes(build, parameters, activation, X, dlogits):  # noqa: N803
    """Send another batch forward and back, then another one forward alone, through the same network, then this one.

    A second network with other parameters stands beside it and is asked in between, and `backward` is asked twice.
    Returns what `network_pass` does, the gradients those of the second time.
    """
    held = copies(parameters)
    network = make(build, parameters=held, activation=activation)
    other = make(build, parameters=[0.5 * array for array in parameters], activation=activation)
    forward = method(network, "forward", "X")
    forward(X=X[::-1] + 1.0)
    _gradients(network, 2 * dlogits, parameters)
    forward(X=X[:1] - 1.0)

    def meanwhile():
        method(other, "forward", "X")(X=1.0 - X)

    logits, hidden, _ = _there_and_back(network, held, X, dlogits, meanwhile)
    return logits, hidden, flat(_gradients(network, dlogits, parameters))


def network_written_into(build, parameters, activation, X, dlogits):  # noqa: N803
    """Send a batch forward and back, write into the parameters as training does, and do `network_pass` once more."""
    held = copies(parameters)
    network = make(build, parameters=list(held), activation=activation)
    _there_and_back(network, held, X, dlogits)
    for theta in held:
        theta *= -0.5
    return _there_and_back(network, held, X, dlogits)


def _there_and_back(network, held, X, dlogits, meanwhile=lambda: None):  # noqa: N803
    """Return logits, hidden activations and gradients. Raises Misfit if something changes that should not.

    held : the parameters that the network was made with.  meanwhile : called between forward and backward
    """
    before = copies(held)
    logits = method(network, "forward", "X")(X=X)
    _expect_unchanged(before, held, "forward changes the parameters; training writes into them, not the network")
    meanwhile()
    hidden = _row(_hidden(network))
    grads = _gradients(network, dlogits, held)
    _expect_unchanged(before, held, "backward changes the parameters; it should return gradients, and no more")
    _expect_unchanged(
        [hidden], [_row(_hidden(network))], "after backward, the list hidden is another one than after forward"
    )
    return logits, hidden, flat(grads)


def _row(arrays):
    return flat(arrays) if arrays else np.zeros(0)


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
