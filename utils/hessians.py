"""Second derivatives to work with: matrices of given curvatures, functions for autograd, losses of a flat vector.

What students write takes functions of one flat tensor; the factories here make such functions.
"""

import numpy as np
import torch
from torch.func import functional_call
from torch.nn.functional import cross_entropy


def with_curvatures(curvatures, rng):
    """Return a symmetric matrix, shape (n, n), with these eigenvalues and eigenvectors drawn from rng."""
    curvatures = np.asarray(curvatures, dtype=float)
    basis = np.linalg.qr(rng.normal(size=(len(curvatures),) * 2))[0]
    matrix = basis * curvatures @ basis.T
    return (matrix + matrix.T) / 2


def product(curvatures, seed):
    """Return v -> A v for a symmetric matrix with these eigenvalues; the seed, an int, decides the eigenvectors."""
    matrix = with_curvatures(curvatures, np.random.default_rng(seed))
    return lambda v: matrix @ v


def of(landscape, theta, h=1e-4):
    """Return the Hessian of a landscape at theta, shape (n, n), by central differences of its exact gradient.

    theta : array-like, shape (n,).  h : float, the step; the error is about h² times the fourth derivative
    """
    theta = np.asarray(theta, dtype=float)
    steps = h * np.eye(len(theta))
    slopes = (landscape.gradient(theta + steps) - landscape.gradient(theta - steps)) / (2 * h)
    return (slopes + slopes.T) / 2


def log_sum(n, seed, scale=1.0):
    """Build f(x) = log Σ exp(Wx + c) + ½ |x|², convex; x is a tensor of shape (n,).

    seed : int, decides W, shape (n + 3, n), and c.  scale : float, multiplies f
    """
    rng = np.random.default_rng(seed)
    weights, offsets = torch.tensor(rng.normal(size=(n + 3, n))), torch.tensor(rng.normal(size=n + 3))

    def function(x):
        scores = (weights.to(x) @ x[:, None])[:, 0] + offsets.to(x)
        return scale * (torch.logsumexp(scores, 0) + (x * x).sum() / 2)

    return function


def waves(n, seed, scale=1.0):
    """Build f(x) = Σ sin(Wx + c) + Σ x³ / 6, with curvatures of both signs; x is a tensor of shape (n,).

    seed : int, decides W, shape (n + 3, n), and c.  scale : float, multiplies f
    """
    rng = np.random.default_rng(seed)
    weights, offsets = torch.tensor(rng.normal(size=(n + 3, n))), torch.tensor(rng.normal(size=n + 3))

    def function(x):
        return scale * (torch.sin((weights.to(x) @ x[:, None])[:, 0] + offsets.to(x)).sum() + (x**3).sum() / 6)

    return function


def form(n, seed, scale=1.0):
    """Build f(x) = ½ xᵀAx + bᵀx, whose Hessian A, of either sign, is the same everywhere; x has shape (n,).

    seed : int, decides A and b.  scale : float, multiplies f
    """
    rng = np.random.default_rng(seed)
    matrix, slope = torch.tensor(with_curvatures(rng.normal(size=n), rng)), torch.tensor(rng.normal(size=n))

    def function(x):
        return scale * ((matrix.to(x) @ x[:, None])[:, 0] @ x / 2 + slope.to(x) @ x)

    return function


def flat_loss(model, x, y, loss_fn=cross_entropy):
    """Return the loss of a model as a function of all its parameters in one tensor of shape (n,).

    model : torch.nn.Module without buffers; it lends the architecture and keeps its own parameters
    x, y : tensors, the examples.  loss_fn : callable (outputs, y) -> scalar tensor
    """
    shapes = {name: value.shape for name, value in model.named_parameters()}
    sizes = [shape.numel() for shape in shapes.values()]

    def loss(flat):
        parts = zip(shapes.items(), flat.split(sizes), strict=True)
        return loss_fn(functional_call(model, {name: part.view(shape) for (name, shape), part in parts}, (x,)), y)

    return loss
