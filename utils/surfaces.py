"""Look at a loss in a space of thousands of dimensions: along lines and planes, many points as one batch.

A point is all parameters of a model in one flat vector, in the order of `model.named_parameters()`.
"""

import numpy as np
import torch
from torch.func import functional_call, vmap
from torch.nn.functional import cross_entropy


def to_point(parameters):
    """Lay parameters side by side as one point, or stacked parameters as several points.

    parameters : torch.nn.Module or sequence of arrays or tensors, one a parameter: gives shape (n,);
        dict of tensors with a leading axis of length S, such as `History.parameters` of a sweep: gives (S, n)
    Returns a tensor, detached, of the dtype and on the device of the first parameter.
    """
    if isinstance(parameters, dict):
        return torch.cat([part.detach().flatten(1) for part in parameters.values()], dim=1)
    if isinstance(parameters, torch.nn.Module):
        parameters = parameters.parameters()
    return torch.cat([torch.as_tensor(part).detach().reshape(-1) for part in parameters])


def to_arrays(model, point):
    """Cut a point into arrays shaped like the parameters of `model`.

    point : tensor or ndarray, shape (n,)
    Returns a list of float64 ndarrays, the weight matrices and biases in order.
    Raises ValueError if the point has another length than the model has parameters.
    """
    point = torch.as_tensor(point).detach().double().cpu()[None]
    return [part[0].numpy().copy() for part in _named(model, point).values()]


def _named(model, points):
    sizes = [parameter.numel() for parameter in model.parameters()]
    if points.ndim != 2 or points.shape[1] != sum(sizes):
        raise ValueError(f"surfaces: expected points of shape (P, {sum(sizes)}), got {tuple(points.shape)}")
    parts = points.split(sizes, dim=1)
    return {
        name: part.reshape(-1, *parameter.shape)
        for part, (name, parameter) in zip(parts, model.named_parameters(), strict=True)
    }


@torch.no_grad()
def losses_at(model, data, points, loss_fn=cross_entropy, chunk=128):
    """Evaluate the loss over `data` at many points of parameter space; `model` keeps its own parameters.

    model : torch.nn.Module without buffers; it lends the architecture, the dtype and the device
    data : pair (x, y) of tensors
    points : tensor or ndarray, shape (..., n)
    loss_fn : callable (outputs, y) -> scalar tensor.  chunk : int, points that are evaluated as one batch
    Returns a float64 ndarray, shape (...).
    """
    first = next(model.parameters())
    points = torch.as_tensor(points)
    shape = points.shape[:-1]
    flat = points.reshape(-1, points.shape[-1])
    x, y = data

    def loss(parameters):
        return loss_fn(functional_call(model, parameters, (x,)), y)

    heights = [vmap(loss)(_named(model, part.to(first))) for part in flat.split(chunk)]
    return torch.cat(heights).double().cpu().numpy().reshape(shape)


def line(start, end, shares):
    """Return the points start + share (end - start), shape (k, n).

    start, end : tensors, shape (n,).  shares : array-like, shape (k,); 0 is the start, 1 the end
    """
    shares = torch.as_tensor(np.asarray(shares, dtype=float)).to(start)[:, None]
    return (1 - shares) * start + shares * end


def plane(center, first, second, steps):
    """Return the points center + a first + b second for all a and b out of `steps`, shape (k, k, n).

    center, first, second : tensors, shape (n,).  steps : array-like, shape (k,)
    The leading axis counts b, the second axis a, as matplotlib's contour wants it.
    """
    steps = torch.as_tensor(np.asarray(steps, dtype=float)).to(center)
    return center + steps[None, :, None] * first + steps[:, None, None] * second


def plane_through(origin, right, other):
    """Return an orthonormal frame of the plane through three points, to draw it without distortion.

    origin, right, other : tensors, shape (n,), not on one line
    Returns (first, second, corners): the axes, shape (n,) each, and the coordinates of the three points,
    float64 ndarray, shape (3, 2). `right` lies on the first axis.
    """
    first = right - origin
    length = first.norm()
    first = first / length
    leg = other - origin
    along = leg @ first
    second = leg - along * first
    height = second.norm()
    corners = [[0.0, 0.0], [length.item(), 0.0], [along.item(), height.item()]]
    return first, second / height, np.array(corners)


def random_direction(model, seed):
    """Draw a direction from a standard normal distribution: a list of float64 ndarrays like `to_arrays`."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=tuple(parameter.shape)) for parameter in model.parameters()]


def roughness(heights):
    """Return the share of a surface's variance that the best-fitting paraboloid leaves unexplained.

    heights : array-like, shape (k, m), on an evenly spaced grid of at least 3 x 3 points
    Returns a float in [0, 1]: 0 for any quadratic function, near 1 for noise; 0 for a flat surface.
    """
    heights = np.asarray(heights, dtype=float)
    if heights.ndim != 2 or min(heights.shape) < 3:
        raise ValueError(f"roughness: expected heights of shape (k, m), at least (3, 3), got {heights.shape}")
    v, u = np.meshgrid(*(np.linspace(-1, 1, n) for n in heights.shape), indexing="ij")
    terms = np.stack([np.ones_like(u), u, v, u * u, u * v, v * v], axis=-1).reshape(-1, 6)
    flat = heights.ravel()
    total = np.sum((flat - flat.mean()) ** 2)
    if total <= 1e-24 * np.sum(flat**2):
        return 0.0
    left_over = flat - terms @ np.linalg.lstsq(terms, flat, rcond=None)[0]
    return float(np.sum(left_over**2) / total)
