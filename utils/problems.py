"""Functions to minimise that show what a minimiser does where they are awkward, and problems from data, all in NumPy.

Each is a callable theta -> float with a method `gradient`, for theta of shape (n,). Nothing is written into.
"""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class Problem:
    """A function of theta, shape (n,), with its exact gradient.

    value_fn, gradient_fn : callables on float64 arrays
    """

    value_fn: object = field(repr=False)
    gradient_fn: object = field(repr=False)

    def __call__(self, theta):
        """Return the value at theta, a float; may be inf or nan where the function is not defined."""
        with np.errstate(all="ignore"):
            return float(self.value_fn(np.asarray(theta, dtype=float)))

    def gradient(self, theta):
        """Return the gradient at theta, float64, shape (n,)."""
        with np.errstate(all="ignore"):
            return self.gradient_fn(np.asarray(theta, dtype=float))


def barrier(scale=1.0):
    """Build scale · Σ (θ - log θ): minimum at 1 in every coordinate, nan as soon as one of them is negative."""
    return Problem(lambda theta: scale * np.sum(theta - np.log(theta)), lambda theta: scale * (1 - 1 / theta))


def soft_corners(slopes):
    """Build Σ √(1 + (aᵢ·θ)²): a bowl at the bottom, around it almost straight walls without curvature.

    slopes : array-like, shape (k, n), its rows the a
    """
    slopes = np.asarray(slopes, dtype=float)
    return Problem(
        lambda theta: np.sum(np.sqrt(1 + (slopes @ theta) ** 2)),
        lambda theta: slopes.T @ (slopes @ theta / np.sqrt(1 + (slopes @ theta) ** 2)),
    )


def waves(slopes, height=1.0):
    """Build Σ ½ slope θ² + height cos θ: a bowl with ripples, concave wherever slope < height cos θ.

    slopes : sequence of n floats.  height : float
    """
    slopes = np.asarray(slopes, dtype=float)
    return Problem(
        lambda theta: np.sum(0.5 * slopes * theta**2 + height * np.cos(theta)),
        lambda theta: slopes * theta - height * np.sin(theta),
    )


def chain(n):
    """Build the Rosenbrock function of n coordinates, Σ 100 (θᵢ₊₁ - θᵢ²)² + (1 - θᵢ)²; minimum 0 at all ones.

    Source: Rosenbrock (1960), in the form of `scipy.optimize.rosen`. Raises ValueError for n below 2.
    """
    if n < 2:
        raise ValueError(f"chain: expected n >= 2, got {n}")
    from scipy.optimize import rosen, rosen_der

    return Problem(rosen, rosen_der)


def softmax_regression(x, y, penalty=1e-4):
    """Build the mean cross entropy of a linear classifier, plus ½ penalty |θ|²: strictly convex.

    x : ndarray, shape (N, d).  y : int ndarray, shape (N,), labels 0 to C - 1
    theta : the weights (d + 1, C) in a row, the last d + 1st row holds the biases
    Its method `of(rows)` gives the same problem on some of the examples.
    """
    return _Softmax(np.column_stack([x, np.ones(len(x))]).astype(float), np.asarray(y), penalty, int(max(y)) + 1)


@dataclass(frozen=True, eq=False)
class _Softmax:
    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)
    penalty: float
    classes: int

    @property
    def size(self):
        """Number of parameters."""
        return self.x.shape[1] * self.classes

    def of(self, rows):
        """Return the problem on these examples only."""
        return _Softmax(self.x[rows], self.y[rows], self.penalty, self.classes)

    def _likelihoods(self, theta):
        logits = self.x @ theta.reshape(-1, self.classes)
        logits = logits - logits.max(axis=1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))

    def __call__(self, theta):
        told = self._likelihoods(theta)[np.arange(len(self.y)), self.y]
        return float(-told.mean() + 0.5 * self.penalty * theta @ theta)

    def gradient(self, theta):
        odds = np.exp(self._likelihoods(theta))
        odds[np.arange(len(self.y)), self.y] -= 1
        return (self.x.T @ odds / len(self.y)).ravel() + self.penalty * theta

    def accuracy(self, theta, x, y):
        """Return the share of these examples whose largest logit is that of their label."""
        logits = np.column_stack([x, np.ones(len(x))]) @ theta.reshape(-1, self.classes)
        return float(np.mean(logits.argmax(axis=1) == y))


class Meter:
    """A problem that counts what it is asked, in passes: the value costs a third of one, its gradient the rest.

    A value that is already known for this theta costs nothing, as in a program that keeps what it has computed.
    passes : float, so far.  history : list of (passes, value) at every gradient that was asked for
    """

    def __init__(self, problem):
        self.problem, self.passes, self.history, self._known = problem, 0.0, [], {}

    def __call__(self, theta):
        key = np.asarray(theta).tobytes()
        if key not in self._known:
            self.passes += 1 / 3
            self._known[key] = self.problem(theta)
        return self._known[key]

    def gradient(self, theta):
        value = self(theta)
        self.passes += 2 / 3
        self.history.append((self.passes, value))
        return self.problem.gradient(theta)

    def at(self, passes):
        """Return the last value before so many passes were spent, inf if there is none.

        passes : floats, shape (k,).  Returns an ndarray, shape (k,)
        """
        spent, values = np.array(self.history).T
        place = np.searchsorted(spent, passes, side="right") - 1
        return np.where(place >= 0, values[np.maximum(place, 0)], np.inf)


def layered(network, x, y, penalty=0.0):
    """Build the loss of a `utils.networks.Network` as a function of all its parameters in one row.

    x : ndarray, shape (N, inputs).  y : int ndarray, shape (N,).  penalty : float, of ½ penalty |θ|²
    The start is `start_of(network.parameters)`; the network itself is left as it is. `of(rows)` as above.
    """
    return _Layered(network, np.asarray(x, dtype=float), np.asarray(y), penalty)


@dataclass(frozen=True, eq=False)
class _Layered:
    network: object = field(repr=False)
    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)
    penalty: float

    def of(self, rows):
        """Return the problem on these examples only."""
        return _Layered(self.network, self.x[rows], self.y[rows], self.penalty)

    def __call__(self, theta):
        return filled(self.network, theta).loss(self.x, self.y) + 0.5 * self.penalty * float(theta @ theta)

    def gradient(self, theta):
        grads = [np.zeros_like(array) for array in self.network.parameters]
        filled(self.network, theta).backward(self.x, self.y, grads)
        return start_of(grads) + self.penalty * theta


def filled(network, theta):
    """Return a network of the same shape with the parameters that stand in one row."""
    from utils.networks import Network

    arrays = network.parameters
    parts = np.split(np.asarray(theta, dtype=float), np.cumsum([array.size for array in arrays])[:-1])
    return Network([part.reshape(array.shape) for part, array in zip(parts, arrays, strict=True)])


def start_of(arrays):
    """Return all numbers of some arrays in one row."""
    return np.concatenate([np.ravel(array) for array in arrays])


def on_batches(direction, problem, batch, passes, lr, rng, same, m=10):
    """Minimise with a quasi-Newton direction from minibatches, at a constant rate.

    direction : callable (grad, S, Y, gamma) -> direction.  problem : of `softmax_regression`
    batch : int, examples a gradient.  passes : float, gradients of the whole set that may be spent
    same : bool, whether both gradients of a pair's y come from one batch, which costs a second gradient an update
    Returns theta, inf everywhere if it diverged.
    """
    theta, steps, changes, total = np.zeros(problem.size), [], [], len(problem.y)
    part = problem.of(rng.choice(total, batch, replace=False))
    grad = part.gradient(theta)
    for _ in range(int(passes * total / batch / (2 if same else 1))):
        if steps:
            gamma = steps[-1] @ changes[-1] / (changes[-1] @ changes[-1])
            step = lr * direction(grad, np.array(steps), np.array(changes), gamma)
        else:
            step = -lr * grad * min(1.0, 1 / np.linalg.norm(grad))
        if not np.linalg.norm(theta + step) < 1e6:
            return np.full_like(theta, np.inf)
        fresh = problem.of(rng.choice(total, batch, replace=False))
        new = fresh.gradient(theta + step)
        change = (part.gradient(theta + step) if same else new) - grad
        if step @ change > 1e-8 * np.linalg.norm(step) * np.linalg.norm(change):
            steps, changes = [*steps, step][-m:], [*changes, change][-m:]
        theta, grad, part = theta + step, new, fresh
    return theta


def walk(problem, theta, update, rate, steps, tol=1e-10):
    """Walk along -H grad, with an H that starts as the identity and learns from every step.

    update : callable (H, s, y) -> H.  rate : callable (f, theta, direction, grad) -> rate, the walk ends at 0
    Returns the path, shape (k + 1, n), and the matrices H, a list of k + 1.
    """
    theta, known = np.asarray(theta, dtype=float), np.eye(len(theta))
    grad, points, matrices = problem.gradient(theta), [theta], [known]
    for _ in range(steps):
        direction = -known @ grad
        far = rate(problem, theta, direction, grad)
        if far == 0 or np.linalg.norm(grad) < tol:
            break
        new = problem.gradient(theta + far * direction)
        known = update(known, far * direction, new - grad)
        theta, grad = theta + far * direction, new
        points.append(theta)
        matrices.append(known)
    return np.array(points), matrices


def descend(problem, theta, lr, steps):
    """Walk down with a constant rate. Returns the path, shape (steps + 1, n)."""
    path = [np.asarray(theta, dtype=float)]
    with np.errstate(all="ignore"):
        for _ in range(steps):
            path.append(path[-1] - lr * problem.gradient(path[-1]))
    return np.array(path)


def hessian(problem, theta, h=1e-5):
    """Return the Hessian by central differences of the gradient, shape (n, n)."""
    rows = [(problem.gradient(theta + e) - problem.gradient(theta - e)) / (2 * h) for e in h * np.eye(len(theta))]
    return (np.array(rows) + np.array(rows).T) / 2


def curve_fit(x, y, hidden):
    """Build the fit of Σ a tanh(b x + c) to points, cost ½ Σ residual².

    x, y : ndarrays, shape (N,).  hidden : int, terms.  theta : all a, then all b, then all c
    """
    return _CurveFit(np.asarray(x, dtype=float), np.asarray(y, dtype=float), hidden)


@dataclass(frozen=True, eq=False)
class _CurveFit:
    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)
    hidden: int

    def _units(self, theta):
        a, b, c = theta.reshape(3, -1)
        return a, np.tanh(np.multiply.outer(self.x, b) + c)

    def __call__(self, theta):
        return 0.5 * float(np.sum(self.residuals(theta) ** 2))

    def residuals(self, theta):
        """Return prediction - y, shape (N,)."""
        a, units = self._units(theta)
        return units @ a - self.y

    def jacobian(self, theta):
        """Return how each residual changes with each parameter, shape (N, 3 hidden)."""
        a, units = self._units(theta)
        slopes = a * (1 - units**2)
        return np.hstack([units, slopes * self.x[:, None], slopes])

    def gradient(self, theta):
        """Return the gradient of the cost."""
        return self.jacobian(theta).T @ self.residuals(theta)

    def hessian(self, theta):
        """Return the Hessian of the cost: JᵀJ, and every residual times its own curvature."""
        a, units = self._units(theta)
        rest, slope = self.residuals(theta), 1 - units**2
        bend, each, powers = -2 * units * slope, np.arange(self.hidden), self.x[:, None] ** np.arange(3)
        once = np.einsum("i,ip,ij->pj", rest, powers, slope)
        twice = a * np.einsum("i,ip,ij->pj", rest, powers, bend)
        extra = np.zeros((3, self.hidden, 3, self.hidden))
        for (p, q), values in {(0, 1): once[1], (0, 2): once[0], (1, 2): twice[1], (1, 1): twice[2]}.items():
            extra[p, each, q, each] = extra[q, each, p, each] = values
        extra[2, each, 2, each] = twice[0]
        jacobian = self.jacobian(theta)
        return jacobian.T @ jacobian + extra.reshape(3 * self.hidden, -1)


def curvatures(network, x, y):
    """Return four matrices of the mean cross entropy of a network on examples, each shape (n, n).

    network : utils.networks.Network.  x : ndarray, shape (N, inputs).  y : int ndarray, shape (N,)
    Returns a dict: "Hessian"; "Gauss-Newton", mean Jᵀ(diag p - p pᵀ)J; "Fisher", the mean of g gᵀ where every label
    counts as often as the network expects it; "labels' own", the mean of g gᵀ with the given labels.
    """
    import torch

    arrays = [torch.from_numpy(np.asarray(array, dtype=float)) for array in network.parameters]
    flat = torch.cat([array.reshape(-1) for array in arrays])
    inputs, labels = torch.from_numpy(np.asarray(x, dtype=float)), torch.from_numpy(np.asarray(y))

    def logits(row):
        parts = torch.split(row, [array.numel() for array in arrays])
        parts, found = [part.view(array.shape) for part, array in zip(parts, arrays, strict=True)], inputs
        for layer in range(0, len(parts), 2):
            found = (torch.tanh(found) if layer else found) @ parts[layer] + parts[layer + 1]
        return found

    def loss(row):
        return torch.nn.functional.cross_entropy(logits(row), labels)

    jacobian = torch.func.jacrev(logits)(flat)
    odds = torch.softmax(logits(flat), dim=1)
    spread = torch.diag_embed(odds) - odds[:, :, None] * odds[:, None, :]
    scores = torch.func.jacrev(lambda row: torch.log_softmax(logits(row), dim=1))(flat)
    own = scores[torch.arange(len(labels)), labels]
    found = {
        "Hessian": torch.func.hessian(loss)(flat),
        "Gauss-Newton": torch.einsum("ica,icd,idb->ab", jacobian, spread, jacobian) / len(labels),
        "Fisher": torch.einsum("ic,ica,icb->ab", odds, scores, scores) / len(labels),
        "labels' own": own.T @ own / len(labels),
    }
    return {name: matrix.numpy() for name, matrix in found.items()}


def race(start, data, method, rates, passes, penalty, seeds, batch=32):
    """Train on minibatches, the rate falling in a straight line to 0, with each of some rates, all side by side.

    start : callable seed -> list of arrays, weights (inputs, outputs) and bias (outputs,) of each layer in turn; tanh
        between the layers.  data : pair (x, y) of NumPy arrays.  passes : int, through the data
    method : "SGD", with momentum .9, or "Adam", with torch's other settings; both add penalty θ to the gradient, as
        torch's `weight_decay` does.  seeds : ints, each decides the start and the order of the examples
    Returns the mean cross entropy plus ½ penalty |θ|² in the end, shape (rates, seeds), inf where it diverged, and
    the parameters in a row, shape (rates, seeds, n).
    """
    x, y = np.asarray(data[0], dtype=np.float32), np.asarray(data[1])
    begun, rngs = [start(seed) for seed in seeds], [np.random.default_rng(seed) for seed in seeds]
    theta = np.array([[start_of(arrays) for arrays in begun]] * len(rates), dtype=np.float32)
    lr = np.array(rates, dtype=np.float32)[:, None, None]
    average, square = np.zeros_like(theta), np.zeros_like(theta)
    target, steps = np.eye(int(y.max()) + 1, dtype=np.float32)[y], passes * len(y) // batch
    with np.errstate(all="ignore"):
        for k in range(steps):
            if k * batch % len(y) < batch:
                order = np.stack([rng.permutation(len(y)) for rng in rngs])
            rows = order[:, k * batch % len(y) :][:, :batch]
            grad = _gradients(theta, begun[0], x[rows], target[rows]) + np.float32(penalty) * theta
            if method == "SGD":
                average = 0.9 * average + grad
                theta = theta - lr * (1 - k / steps) * average
            else:
                average += 0.1 * (grad - average)
                square += 0.001 * (grad**2 - square)
                mean, size = average / (1 - 0.9 ** (k + 1)), np.sqrt(square / (1 - 0.999 ** (k + 1)))
                theta = theta - lr * (1 - k / steps) * mean / (size + 1e-8)
        likely = _likelihoods(theta, begun[0], x)[0][..., np.arange(len(y)), y]
        losses = 0.5 * penalty * np.sum(theta.astype(float) ** 2, axis=-1) - likely.mean(axis=-1)
    return np.where(np.isfinite(losses), losses, np.inf), theta.astype(float)


def _layers(theta, shapes):
    """Return views of networks that stand in rows, theta (..., n): arrays of the shapes of one of them."""
    places = np.cumsum([0, *(np.size(array) for array in shapes)])
    return [
        theta[..., first:last].reshape(*theta.shape[:-1], *(np.shape(array) if np.ndim(array) > 1 else (1, -1)))
        for array, first, last in zip(shapes, places, places[1:], strict=False)
    ]


def _likelihoods(theta, shapes, x):
    """Return the log likelihoods (..., N, classes) by networks that stand in rows, and what came into each layer."""
    arrays, inputs = _layers(theta, shapes), [x]
    for weights, bias in zip(arrays[:-2:2], arrays[1:-2:2], strict=True):
        inputs.append(np.tanh(inputs[-1] @ weights + bias))
    logits = inputs[-1] @ arrays[-2] + arrays[-1]
    logits -= logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True)), inputs


def _gradients(theta, shapes, x, target):
    """Return the gradients of the mean cross entropy of networks that stand in rows, shaped like theta."""
    arrays, (likely, inputs), found = _layers(theta, shapes), _likelihoods(theta, shapes, x), []
    signal = (np.exp(likely) - target) / np.float32(x.shape[-2])
    for layer in reversed(range(len(inputs))):
        found = [inputs[layer].swapaxes(-1, -2) @ signal, signal.sum(axis=-2), *found]
        if layer:
            signal = signal @ arrays[2 * layer].swapaxes(-1, -2) * (1 - inputs[layer] ** 2)
    return np.concatenate([part.reshape(*theta.shape[:-1], -1) for part in found], axis=-1)


def best_of(start, data, rivals, budgets, penalty, seeds):
    """Race each rival with each budget of passes at the best of its rates, see `race`.

    rivals : dict from the name of a method to its rates
    Returns three dicts from (name, budget): the losses, shape (seeds,), the parameters, (seeds, n), and the rate.
    """
    losses, thetas, best = {}, {}, {}
    for name, rates in rivals.items():
        for budget in budgets:
            found, reached = race(start, data, name, rates, budget, penalty, seeds)
            first = np.median(found, axis=1).argmin()
            losses[name, budget], thetas[name, budget], best[name, budget] = found[first], reached[first], rates[first]
    return losses, thetas, best


def winners(middle, budgets, within):
    """Name who is ahead at each budget: all whose value is within a factor of the lowest.

    middle : dict from (name, budget) to a number.  Returns a dict from "8 passes" and the like to sets of names
    """
    names = {name for name, _ in middle}
    lowest = {budget: min(middle[name, budget] for name in names) for budget in budgets}
    return {f"{b} passes": {name for name in names if middle[name, b] <= within * lowest[b]} for b in budgets}


def standings(ax, passes, found, rivals, budgets):
    """Draw L-BFGS as a curve over passes, and SGD and Adam as points at their budgets, median and range.

    passes : shape (k,).  found : shape (seeds, k).  rivals : dict from (name, budget) to values, shape (seeds,)
    """
    from utils import plots

    seen = np.where(np.isfinite(found).all(axis=0), found, np.nan)
    plots.curves(ax, seen, "L-BFGS", x=passes, marks=12)
    for name in ("SGD", "Adam"):
        values = np.array([rivals[name, budget] for budget in budgets])
        middle, look = np.median(values, axis=1), plots.look(name)
        reach = [middle - values.min(axis=1), values.max(axis=1) - middle]
        ax.errorbar(budgets, middle, reach, label=name, capsize=3, linestyle=":", linewidth=1.2, **look)
    ax.set(xscale="log", yscale="log", xlabel="passes through the data")
    ax.set_xticks([1, *budgets], ["1", *map(str, budgets)])
    ax.minorticks_off()
    ax.legend(loc="lower left")
    return ax


def descended(problem, way, theta, damping, rate, steps):
    """Take steps along directions of some way and return the value in the end.

    way : callable (problem, theta, damping) -> direction.  rate : callable (f, theta, direction, grad) -> rate; at 0 it
        is over
    """
    for _ in range(steps):
        direction = way(problem, theta, damping)
        far = rate(problem, theta, direction, problem.gradient(theta))
        if far == 0:
            break
        theta = theta + far * direction
    return problem(theta)


def _moved(name, theta, grad, state, k, lr, orthogonalize):
    """Take update k = 1, 2, ... of SGD with momentum, Adam or Muon on arrays with any leading axes, in place."""
    average, square = state
    with np.errstate(all="ignore"):
        if name == "Adam":
            average += 0.1 * (grad - average)
            square += 0.01 * (grad**2 - square)
            theta -= lr * (average / (1 - 0.9**k)) / (np.sqrt(square / (1 - 0.99**k)) + 1e-10)
            return
        average *= 0.9
        average += grad
        if name == "SGD":
            theta -= lr * average
            return
        for place in np.ndindex(theta.shape[:-2]):
            if average[place].any():
                theta[place] -= lr * orthogonalize(average[place])


def matrix_bowl(seed, turned, size=8, spread=1e4):
    """Build ½ Σ c (UᵀXV - X*)² over matrices X, with curvatures c evenly spread on a logarithmic axis from 1 on.

    turned : bool, whether U and V are random rotations, or the identity
    """
    rng = np.random.default_rng(seed)
    curvatures, goal = np.exp(rng.uniform(0, np.log(spread), size=(size, size))), rng.normal(size=(size, size))
    left, right = (np.linalg.qr(rng.normal(size=(size, size)))[0] if turned else np.eye(size) for _ in range(2))
    return _MatrixBowl(curvatures, goal, left, right)


@dataclass(frozen=True, eq=False)
class _MatrixBowl:
    curvatures: np.ndarray = field(repr=False)
    goal: np.ndarray = field(repr=False)
    left: np.ndarray = field(repr=False)
    right: np.ndarray = field(repr=False)

    def _inside(self, X):  # noqa: N803
        return self.left.T @ X @ self.right - self.goal

    def end(self, name, lr, steps, orthogonalize):
        """Return the loss after so many steps of a method, its rate falling to 0, from zero; inf if it diverged."""
        X = np.zeros_like(self.goal)  # noqa: N806
        state = np.zeros_like(X), np.zeros_like(X)
        with np.errstate(all="ignore"):
            for k in range(steps):
                grad = self.left @ (self.curvatures * self._inside(X)) @ self.right.T
                _moved(name, X, grad, state, k + 1, lr * (1 - k / steps), lambda grad: orthogonalize(grad, 12))
                if not np.abs(X).max() < 1e6:
                    return np.inf
        return 0.5 * float(np.sum(self.curvatures * self._inside(X) ** 2))


def muon_race(data, name, lr, steps, batch, seeds, orthogonalize, seed, hidden=64):
    """Train a crowd of two-layer networks by SGD with momentum, Adam or Muon, the rate falling to 0.

    data : utils.data.Split of arrays.  orthogonalize : callable (G, steps).  seed : int, decides the order
    Muon's biases are moved by Adam with a third of its rate. Returns training and held-out losses, each shape (seeds,).
    """
    from utils.crowd import Crowd

    crowd, rng = Crowd(data.train, seeds, hidden=hidden), np.random.default_rng(seed)
    states = [(np.zeros_like(theta), np.zeros_like(theta)) for theta in crowd.parameters]
    batches = len(crowd.X) // batch
    for k in range(steps):
        if k % batches == 0:
            order = rng.permutation(len(crowd.X))
        rows, grads = order[(k % batches) * batch :][:batch], [np.zeros_like(theta) for theta in crowd.parameters]
        crowd.backward(crowd.X[rows], crowd.y[rows], grads)
        now = lr * (1 - k / steps)
        for theta, grad, state in zip(crowd.parameters, grads, states, strict=True):
            bias = theta.shape[-2] == 1 and name == "Muon"
            scale = np.sqrt(max(1.0, theta.shape[-2] / theta.shape[-1])) if name == "Muon" and not bias else 1.0
            method, rate = ("Adam", now / 3) if bias else (name, now * scale)
            _moved(method, theta, grad, state, k + 1, rate, lambda grad: orthogonalize(grad, 6))
    return crowd.losses(), crowd.losses(data.test)


# --- whole experiments: what is measured of every seed, with what students wrote handed in


def three_speeds(seed, update, rate, near=1e-8):
    """Minimise a random softmax regression with 12 parameters by gradient descent, BFGS and Newton, from zero.

    update, rate : see `walk`.  near : float; descent takes the rate out of 0.2, 0.4 and 0.6 that gets there first
    Returns a dict from "SGD", "BFGS" and "Newton" to distances from the minimum, one an iteration.
    """
    rng = np.random.default_rng(seed)
    examples = rng.normal(size=(60, 3)) * [0.3, 1, 3], rng.integers(0, 3, size=60)
    task, newton = softmax_regression(*examples, penalty=0.01), [np.zeros(12)]
    for _ in range(12):
        grad = task.gradient(newton[-1])
        step = -np.linalg.solve(hessian(task, newton[-1]), grad)
        newton.append(newton[-1] + (rate(task, newton[-1], step, grad) or 1.0) * step)
    paths = [newton, walk(task, newton[0], update, rate, 80)[0]]
    paths += [descend(task, newton[0], lr, 3500) for lr in (0.2, 0.4, 0.6)]
    quick, middle, *slow = (np.linalg.norm(np.array(path) - newton[-1], axis=1) for path in paths)
    return {"SGD": min(slow, key=lambda e: np.argmax(e < near) or np.inf), "BFGS": middle, "Newton": quick}


def turned_bowl(rng, n=50, condition_number=1000):
    """Build a quadratic with eigenvalues from 1 on, spread evenly on a logarithmic axis, turned at random."""
    from utils.landscapes import quadratic

    axes = np.linalg.qr(rng.normal(size=(n, n)))[0]
    return quadratic((axes * np.geomspace(1, condition_number, n)) @ axes.T)


def gradients_asked(minimise, build, seeds, m, tol=1e-4):
    """Count the gradients until one is shorter than `tol`, shape (seeds,).

    minimise : callable (f, gradient, theta, m, steps, tol).  build : callable rng -> (problem, start)
    """
    from utils.losses import Counted

    counts = []
    for seed in seeds:
        problem, start = build(np.random.default_rng(seed))
        gradient = Counted(problem.gradient)
        minimise(problem, gradient, start, m=m, steps=2000, tol=tol)
        counts.append(gradient.calls)
    return np.array(counts)


def metered(minimise, tasks, marks, budgets, steps):
    """Minimise and read the value off at some numbers of passes.

    tasks : list of (problem, start), one a seed
    Returns the values, shape (seeds, marks), and a dict from ("L-BFGS", budget) to values, shape (seeds,).
    """
    meters = [Meter(problem) for problem, _ in tasks]
    for meter, (_, start) in zip(meters, tasks, strict=True):
        minimise(meter, meter.gradient, start, m=10, steps=steps, tol=1e-12)
    found = np.array([meter.at(marks) for meter in meters])
    return found, {("L-BFGS", budget): np.array([meter.at([budget])[0] for meter in meters]) for budget in budgets}


def noisy_ends(direction, problem, batch, same, seeds, rates, passes, m=5):
    """Return the values that `on_batches` ends with at the rate that is best in the median, shape (seeds,)."""
    tried = []
    for lr in rates:
        ends = [
            on_batches(direction, problem, batch, passes, lr, np.random.default_rng(seed), same, m) for seed in seeds
        ]
        tried.append([problem(theta) if np.isfinite(theta).all() else np.inf for theta in ends])
    return min(np.array(tried), key=np.median)


def curves_to_fit(seeds, hidden=3):
    """Draw curves with noise, five starts for each, and what the true curve costs: a list of triples."""
    fits, x = [], np.linspace(-2, 2, 40)
    for seed in seeds:
        rng = np.random.default_rng(seed)
        true = rng.normal(0, 2, size=3 * hidden)
        clean = curve_fit(x, 0 * x, hidden).residuals(true)
        curve = curve_fit(x, clean + 0.05 * rng.normal(size=40), hidden)
        fits.append((curve, rng.normal(size=(5, 3 * hidden)), curve(true)))
    return fits


def newton_way(repaired):
    """Return Newton's damped direction; repaired, the damping is raised by the most negative eigenvalue."""

    def way(problem, theta, damping):
        whole = problem.hessian(theta)
        lift = max(0.0, -np.linalg.eigvalsh(whole)[0]) if repaired else 0.0
        return -np.linalg.solve(whole + (damping + lift) * np.eye(len(theta)), problem.gradient(theta))

    return way


def best_fits(way, fits, dampings, rate, steps=40):
    """Return the costs over those of the true curves, shape (curves, starts), at the damping that gets most below 2."""
    tried = [
        [
            [descended(curve, way, start, damping, rate, steps) / floor for start in starts]
            for curve, starts, floor in fits
        ]
        for damping in dampings
    ]
    return max(np.array(tried), key=lambda costs: (costs < 2).mean())


def four_matrices(seeds, minimise):
    """Compare the `curvatures` of small networks with the Gauss-Newton matrix, fresh and trained.

    Returns two dicts from (name, "fresh" or "trained"): relative distances to it, and smallest eigenvalues.
    """
    from utils.networks import network

    apart, lowest = {}, {}
    for seed in seeds:
        rng, net = np.random.default_rng(seed), network((3, 4, 3), seed)
        examples = rng.normal(size=(24, 3)), rng.integers(0, 3, size=24)
        loss = layered(net, *examples, 0.01)
        trained = filled(net, minimise(loss, loss.gradient, start_of(net.parameters), steps=200)[0])
        for stage, model in (("fresh", net), ("trained", trained)):
            found = curvatures(model, *examples)
            half = found["Gauss-Newton"]
            for name, matrix in found.items():
                apart.setdefault((name, stage), []).append(np.linalg.norm(matrix - half) / np.linalg.norm(half))
                lowest.setdefault((name, stage), []).append(np.linalg.eigvalsh(matrix)[0])
    return apart, lowest
