"""What is asked of walks on landscapes: noise on the way, arrival, speed, and the same walk by torch."""

import numpy as np


def noisy(gradient, seeds, scale=1.0):
    """Return `gradient` with Gaussian noise added at every call, other noise for every seed.

    gradient : callable theta -> grad.  seeds : sequence of S ints.  scale : float, standard deviation of the noise
    The callable returned takes theta of shape (S, ..., dim): a row of runs for each seed.
    """
    rngs = [np.random.default_rng(seed) for seed in seeds]

    def with_noise(theta):
        return gradient(theta) + scale * np.stack([rng.normal(size=theta.shape[1:]) for rng in rngs])

    return with_noise


def contraction(step, curvatures, **hyperparameters):
    """Return the factor by which a step shrinks the error per update in the long run, on a bowl with these curvatures.

    step : momentum_step or nesterov_step, or another with their parameters and results
    curvatures : floats, eigenvalues of the bowl's Hessian
    A step on a quadratic is a linear map of (theta, velocity). The factor is its spectral radius, and the map is read
    off the step itself: its columns are where the step takes (1, 0) and (0, 1).
    """
    import inspect

    basis = {"theta": np.array([1.0, 0.0]), "velocity": np.array([0.0, 1.0])}
    names, maps = inspect.signature(step).parameters, []
    for curvature in curvatures:

        def gradient(theta, curvature=curvature):
            return curvature * theta

        asked = {"grad": gradient(basis["theta"])} if "grad" in names else {"grad_fn": gradient}
        maps.append(np.array(step(**basis, **asked, **hyperparameters)))
    return float(np.abs(np.linalg.eigvals(np.array(maps))).max())


def arrival(distances, tolerance):
    """Return the first update from which on a walk stays within `tolerance`, along axis 0; inf if it never does.

    distances : ndarray, shape (steps + 1, ...), how far from the goal (nan counts as far)
    Returns a float or an ndarray of shape (...).
    """
    outside = ~(np.asarray(distances) <= tolerance)
    first = len(outside) - np.argmax(outside[::-1], axis=0)
    first = np.where(outside.any(axis=0), first, 0)
    return np.where(outside[-1], np.inf, first)[()]


def power(values, first=1):
    """Fit values ≈ c kᵖ from update `first` to the last, evenly on a logarithmic axis, and return the exponent p.

    values : ndarray, shape (steps + 1,), positive
    """
    at = np.unique(np.geomspace(first, len(values) - 1, 50).astype(int))
    return float(np.polyfit(np.log(at), np.log(values[at]), 1)[0])


def torch_trace(landscape, steps, lr, momentum, nesterov=False):
    """Walk with torch.optim.SGD from the landscape's start and return its path, shape (steps + 1, dim).

    lr, momentum : callables k -> float, k = 0, 1, ...
    """
    import torch

    theta = torch.tensor(landscape.start, requires_grad=True)
    optimizer, path = torch.optim.SGD([theta], lr=1.0, momentum=0.5, nesterov=nesterov), [landscape.start]
    for k in range(steps):
        optimizer.param_groups[0].update(lr=lr(k), momentum=momentum(k))
        theta.grad = torch.tensor(landscape.gradient(theta.detach().numpy()))
        optimizer.step()
        path.append(theta.detach().numpy().copy())
    return np.array(path)


def fastest(step, landscape, steps, rates, near, distance=None, **setting):
    """Walk with each of some rates and return the updates to arrival for the rate that is best in the median.

    rates : floats.  near : float, see `arrival`.  setting : further arguments of `utils.training.trace`
    distance : callable path -> how far from the goal; by default the distance from the landscape's minimum
    Returns an ndarray, shape (runs,).
    """
    from utils.training import trace

    distance = distance or (lambda path: np.linalg.norm(path - landscape.minimum, axis=-1))
    with np.errstate(over="ignore", invalid="ignore"):  # a rate that is too large never arrives
        arrivals = [arrival(distance(trace(step, landscape, steps, lr=lr, **setting)), near) for lr in rates]
    return min(arrivals, key=np.median)
