"""Gradients example by example, in closed form for linear models and by torch.func for networks."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch.autograd.graph import saved_tensors_hooks
from torch.func import functional_call, grad, vmap
from torch.multiprocessing.reductions import StorageWeakRef
from torch.nn.functional import cross_entropy


@dataclass(frozen=True, eq=False)
class Loss:
    """The loss of a linear model, example by example, with its exact gradient.

    name : str
    value_fn, gradient_fn : callables (theta, x, y) on float64 arrays
    """

    name: str
    value_fn: Callable
    gradient_fn: Callable

    def values(self, theta, x, y):
        """Return the loss of every example, float64, shape (len(x),)."""
        return self.value_fn(*self._checked(theta, x, y))

    def gradients(self, theta, x, y):
        """Return the gradient of every example's own loss, float64, shape (len(x), *theta.shape).

        theta : ndarray, see the factory.  x : ndarray, shape (m, d).  y : ndarray, shape (m,)
        Raises ValueError if x and y hold different numbers of examples.
        """
        return self.gradient_fn(*self._checked(theta, x, y))

    def _checked(self, theta, x, y):
        theta, x, y = np.asarray(theta, dtype=float), np.asarray(x, dtype=float), np.asarray(y)
        if x.ndim != 2 or y.shape != x.shape[:1]:
            raise ValueError(
                f"{self.name}: expected x of shape (m, d) and y of shape (m,), got shapes {x.shape} and {y.shape}"
            )
        return theta, x, y

    def __repr__(self):
        return f"Loss({self.name!r})"


def squared_error():
    """Build ½ (x·theta - y)², linear regression. theta : shape (d,).  y : float."""

    def residual(theta, x, y):
        return x @ theta - y

    return Loss(
        "squared error",
        lambda theta, x, y: 0.5 * residual(theta, x, y) ** 2,
        lambda theta, x, y: residual(theta, x, y)[:, None] * x,
    )


def logistic():
    """Build log(1 + exp(-y x·theta)), logistic regression. theta : shape (d,).  y : -1 or 1."""

    def value(theta, x, y):
        return np.logaddexp(0, -y * (x @ theta))

    def gradient(theta, x, y):
        wrong = 0.5 * (1 - np.tanh(0.5 * y * (x @ theta)))  # the probability of the other class; cannot overflow
        return (-y * wrong)[:, None] * x

    return Loss("logistic", value, gradient)


def softmax():
    """Build the cross entropy of a linear classifier. theta : shape (d, classes).  y : int class."""

    def log_probabilities(theta, x):
        logits = x @ theta
        logits = logits - logits.max(axis=1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))

    def value(theta, x, y):
        return -log_probabilities(theta, x)[np.arange(len(y)), y]

    def gradient(theta, x, y):
        error = np.exp(log_probabilities(theta, x))
        error[np.arange(len(y)), y] -= 1
        return x[:, :, None] * error[:, None, :]

    return Loss("softmax", value, gradient)


class TooManyExamples(ValueError):
    """More examples were handed over than had to be."""


@dataclass(eq=False)
class Metered:
    """A Loss that counts the examples whose gradients are asked for, see `metered`."""

    loss: Loss
    allowed: int
    asked: int = 0

    @property
    def name(self):
        return self.loss.name

    def gradients(self, theta, x, y):
        """Return what `Loss.gradients` returns. Raises TooManyExamples beyond the number that was agreed."""
        self.asked += len(x)
        if self.asked > self.allowed:
            few = f"{self.allowed} {'is' if self.allowed == 1 else 'are'} enough"
            raise TooManyExamples(f"asked for the gradients of {self.asked} examples, where {few}")
        return self.loss.gradients(theta, x, y)


LOSSES = {"squared_error": squared_error, "logistic": logistic, "softmax": softmax}


def metered(name, examples):
    """Build a loss that gives the gradients of so many examples, all calls taken together, and refuses any more.

    name : str, the factory of the loss, one of `LOSSES`.  examples : int >= 0
    Returns a Metered.
    """
    if name not in LOSSES:
        raise ValueError(f"metered: expected one of {', '.join(LOSSES)}, got {name!r}")
    return Metered(LOSSES[name](), examples)


def per_example_gradients(model, x, y, loss_fn=cross_entropy):
    """Differentiate the loss of every example on its own, all of them in one pass.

    model : torch.nn.Module that treats the examples of a batch independently (no batch norm)
    x, y : tensors, shapes (N, ...) and (N,).  loss_fn : callable (outputs, y) -> mean loss of a batch
    Returns a float tensor, shape (N, P), on the model's device: row i is the gradient of example i's loss with respect
    to all P parameters, in the order of `torch.nn.utils.parameters_to_vector`.
    Raises ValueError if x and y hold different numbers of examples.
    Source: torch.func, `vmap(grad(...))`.
    """
    if len(x) != len(y):
        raise ValueError(f"per_example_gradients: expected as many labels as inputs, got {len(x)} and {len(y)}")
    parameters = {name: parameter.detach() for name, parameter in model.named_parameters()}

    def loss_of_one(parameters, one_x, one_y):
        return loss_fn(functional_call(model, parameters, (one_x[None],)), one_y[None])

    grads = vmap(grad(loss_of_one), in_dims=(None, 0, 0))(parameters, x, y)
    return torch.cat([part.reshape(len(x), -1) for part in grads.values()], dim=1)


def saved_bytes(model, x):
    """Count the bytes that one forward pass keeps for the backward pass, parameters left out.

    model : torch.nn.Module.  x : tensor, a batch of inputs. On torch's "meta" device nothing is computed and nothing
        allocated, so that networks of any size can be counted
    Returns an int: every storage once, however many operations keep it.
    """
    parameters = {StorageWeakRef(parameter.untyped_storage()) for parameter in model.parameters()}
    kept = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        kept[StorageWeakRef(storage)] = storage.nbytes()
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        output = model(x)  # keeps alive what is counted, so that no storage is taken for another
    total = sum(size for storage, size in kept.items() if storage not in parameters)
    del output
    return total
