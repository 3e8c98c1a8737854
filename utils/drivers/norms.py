"""Layers that normalize: how what students build is put to use."""

import numpy as np

from utils.check.driving import Misfit, make, method
from utils.drivers.arrays import flat

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
    return tuple(flat(each) for each in zip(*found, strict=True))
