"""Second derivatives to work with: matrices of given curvatures, functions for autograd, losses of a flat vector.

What students write takes functions of one flat tensor; the factories here make such functions.
"""

import numpy as np
import torch
from torch.func import functional_call, grad_and_value, vmap
from torch.nn.functional import cross_entropy

from utils.models import mlp
from utils.surfaces import to_point


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


KINDS = ("minimum", "saddle", "maximum", "elsewhere")


def settle(step, landscape, starts, steps=40, tolerance=1e-8):
    """Walk from many starts by a step that knows the Hessian, until the gradient is gone.

    step : callable (theta, grad, hessian) -> theta, or a tuple that begins with it
    starts : ndarray, shape (S, n).  steps : int, at most.  tolerance : float, length of gradient that counts as none
    Returns (kinds, counts): what each walk ended at, one of `KINDS`, and how many steps it took; ndarrays, shape (S,).
    """
    kinds, counts = [], []
    for theta in np.asarray(starts, dtype=float):
        for count in range(steps + 1):
            grad, hessian = landscape.gradient(theta), of(landscape, theta)
            if np.linalg.norm(grad) <= tolerance or count == steps:
                break
            moved = step(theta, grad, hessian)
            theta = np.asarray(moved[0] if isinstance(moved, tuple) else moved, dtype=float)
        down = np.sum(np.linalg.eigvalsh(hessian) < 0)
        kinds.append("elsewhere" if count == steps else KINDS[0 if not down else 2 if down == len(theta) else 1])
        counts.append(count)
    return np.array(kinds), np.array(counts)


def descend(loss, starts, rates, steps, momentum=0.0):
    """Descend on one loss from many starts, with each of some rates, all side by side.

    loss : callable, tensor of shape (n,) -> scalar tensor.  starts : tensor, shape (S, n).  rates : floats
    steps : int, evaluations of the gradient.  momentum : float in [0, 1)
    Returns (losses, ends): the losses before each step, an ndarray of shape (rates, S, steps), inf where a walk has
    diverged; and where the walks end, a tensor of shape (rates, S, n).
    """
    rates = torch.as_tensor(rates, dtype=starts.dtype, device=starts.device)
    theta = starts.repeat(len(rates), 1)
    lr = rates.repeat_interleave(len(starts))[:, None]
    velocity, losses, together = torch.zeros_like(theta), [], vmap(grad_and_value(loss))
    for _ in range(steps):
        grads, values = together(theta)
        velocity = momentum * velocity - lr * grads
        theta = theta.add(velocity)
        losses.append(values)
    found = torch.stack(losses, dim=-1).cpu().double().numpy().reshape(len(rates), len(starts), steps)
    return np.where(np.isfinite(found), found, np.inf), theta.view(len(rates), *starts.shape)


def in_numpy(product, loss, theta):
    """Return v -> H v on ndarrays, H the Hessian of a loss at theta, by a function that multiplies tensors.

    product : callable (loss, theta, v) -> Hv.  theta : tensor, shape (n,)
    """

    def multiply(v):
        found = product(loss, theta, torch.as_tensor(v).to(theta))
        return torch.as_tensor(found).detach().cpu().double().numpy()

    return multiply


def begins(sizes, seeds, device="cpu"):
    """Return where tanh networks of these sizes start, for each of S seeds: a tensor of shape (S, n)."""
    return torch.stack([to_point(mlp(sizes, "tanh", seed=seed, device=device)) for seed in seeds])


def curvatures(multiply, n):
    """Return all eigenvalues, in rising order, of a symmetric matrix that is known by n products v -> A v."""
    return np.linalg.eigvalsh(np.array([multiply(axis) for axis in np.eye(n)]))


def truncated_newton(loss, theta, product, solve, most, price=3, goal=1e-5, damping=1.0, tol=0.5, steps=50):
    """Descend on a loss by Newton steps that conjugate gradients find, as far as is worth while.

    loss : callable, tensor of shape (n,) -> scalar tensor.  theta : tensor, where it starts
    product : callable (loss, theta, v) -> Hv.  solve : callable (matvec, b, tol, steps) -> (x, residuals, direction)
    most : number of evaluations of the gradient after which to stop.  price : what a product counts as, in gradients
    goal : loss at which to stop
    damping : first damping; later ones follow from how well the model promised (after Levenberg
        and Marquardt): a third after a promise kept, three times after one that was not
    tol, steps : for `solve`
    Returns (spent, losses): evaluations so far, and the loss there, after each Newton step; lists.
    """
    value, slope = _loss_and_slope(loss, theta)
    spent, losses = [1], [value]
    while spent[-1] < most and losses[-1] > goal:
        bend = in_numpy(product, loss, theta)

        def curved(v, bend=bend, damping=damping):
            return bend(v) + damping * v

        step, residuals, down = (np.asarray(part, dtype=float) for part in solve(curved, -slope, tol, steps))
        step = step if step.any() else -slope / damping
        promised = slope @ step + step @ curved(step) / 2
        there = theta + torch.as_tensor(step).to(theta)
        value, new_slope = _loss_and_slope(loss, there)
        kept = (value - losses[-1]) / promised
        damping *= 1 / 3 if kept > 0.75 else 3 if not kept > 0.25 else 1
        spent.append(spent[-1] + 1 + price * (len(residuals) + bool(down.any())))
        if value < losses[-1]:
            theta, slope = there, new_slope
        losses.append(min(value, losses[-1]))
    return spent, losses


def _loss_and_slope(loss, theta):
    leaf = theta.detach().clone().requires_grad_(True)
    value = loss(leaf)
    return value.item(), torch.autograd.grad(value, leaf)[0].cpu().double().numpy()
