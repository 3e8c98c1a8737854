"""Minimisers, and solvers that see a matrix only through its products: how what students build is put to use."""

import numpy as np

from utils.check.driving import Misfit, make
from utils.check.plain import as_array, decode, encode

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
