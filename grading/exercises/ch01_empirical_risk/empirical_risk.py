"""Exercises on the empirical risk, gradients and how to check them (Goodfellow et al., 2016, sections 4.3, 7.8, 8.1).

Symbols: theta or W parameters, grad gradient, lr learning rate, h step of a difference, lam weight of a penalty.
"""

import statistics

import numpy as np
import torch

from grading.exercise import exercise
from utils.check.plain import Reference, Seed

SHAPES = [(1,), (5,), (3, 4), (2, 3, 2)]


# --- empirical_risk


@exercise(points=2, returns="risk")
def empirical_risk(loss, predictions, targets):
    """Oracle: the mean, by `statistics`, of the losses of single pairs of numbers."""
    pairs = zip(np.ravel(predictions).tolist(), np.ravel(targets).tolist(), strict=True)
    return statistics.fmean(float(loss(prediction, target)) for prediction, target in pairs)


def _loss(name, **kwargs):
    return Reference(f"utils.losses.{name}", kwargs=kwargs)


def _some_losses(rng):
    # the last one tells (prediction, target) from (prediction - target, 0)
    losses = [_loss("squared"), _loss("absolute"), _loss("pinball", q=float(rng.uniform(0.7, 0.9)))]
    return [*losses, _loss("relative")]


@empirical_risk.cases("flat predictions", weight=1)
def _(rng):
    for loss in _some_losses(rng):
        n = int(rng.integers(4, 12))
        yield dict(loss=loss, predictions=rng.normal(size=n), targets=rng.normal(loc=1.0, size=n))


@empirical_risk.cases("a column of predictions", weight=1)
def _(rng):
    for loss in _some_losses(rng):
        n = int(rng.integers(4, 12))
        yield dict(loss=loss, predictions=rng.normal(size=(n, 1)), targets=rng.normal(loc=1.0, size=n))


@empirical_risk.cases("edge cases", weight=1)
def _(rng):
    yield dict(loss=_loss("squared"), predictions=rng.normal(size=1), targets=rng.normal(size=1))
    yield dict(loss=_loss("absolute"), predictions=rng.normal(size=(1, 1)), targets=rng.normal(size=1))
    labels = rng.permutation(np.arange(8) % 3)
    guesses = np.where(np.arange(8) < 3, (labels + 1) % 3, labels)
    yield dict(loss=_loss("zero_one"), predictions=guesses, targets=labels)
    # whole numbers on one side only: what is stored in an array like that side loses its fraction
    yield dict(loss=_loss("absolute"), predictions=rng.normal(size=8), targets=labels)
    yield dict(loss=_loss("squared"), predictions=labels, targets=rng.normal(size=8))
    yield dict(loss=_loss("squared"), predictions=np.zeros(5), targets=np.zeros(5))
    for scale in (1e-8, 1e8):
        predictions, targets = scale * rng.normal(size=(2, 6))
        yield dict(loss=_loss("pinball", q=0.3), predictions=predictions, targets=targets)


@empirical_risk.misconception
def sum_(loss, predictions, targets):
    """Your risk doubles when every example is in the set twice. Should it? The risk is what one example costs."""
    return float(np.sum(loss(predictions.reshape(targets.shape), targets)))


@empirical_risk.misconception
def divides_by_one_less(loss, predictions, targets):
    """You divide by one less than the number of examples, as for a sample variance. Here no mean was taken first."""
    total = np.sum(loss(predictions.reshape(targets.shape), targets))
    with np.errstate(all="ignore"):
        return np.true_divide(total, len(targets) - 1)


@empirical_risk.misconception
def column_against_row(loss, predictions, targets):
    """With a column of predictions you compare every prediction with every target. What shape does the loss return for
    shapes (N, 1) and (N,)?
    """
    return float(np.mean(loss(predictions, targets)))


@empirical_risk.misconception
def row_against_column(loss, predictions, targets):
    """You make a column of the targets. That suits predictions that are a column; what happens to flat ones?"""
    return float(np.mean(loss(predictions, targets[:, None])))


@empirical_risk.misconception
def arguments_swapped(loss, predictions, targets):
    """The loss is not symmetric: too low may cost more than too high. Which of its arguments is the prediction?"""
    return float(np.mean(loss(targets, predictions.reshape(targets.shape))))


@empirical_risk.misconception
def loss_of_the_means(loss, predictions, targets):
    """You average first and take the loss once. Errors of opposite sign then cancel; do they cancel in the risk?"""
    return float(loss(np.mean(predictions), np.mean(targets)))


@empirical_risk.misconception
def not_averaged(loss, predictions, targets):
    """You return one loss per example. The risk is a single number for all of them."""
    return loss(predictions.reshape(targets.shape), targets)


@empirical_risk.misconception
def root(loss, predictions, targets):
    """You take a root at the end, as for an error in the units of y. The risk is the plain mean, for any loss."""
    return float(np.sqrt(np.mean(loss(predictions.reshape(targets.shape), targets))))


@empirical_risk.misconception
def median(loss, predictions, targets):
    """The median ignores how bad the worst examples are. An expectation does not: which average is it?"""
    return float(np.median(loss(predictions.reshape(targets.shape), targets)))


@empirical_risk.misconception
def own_loss(loss, predictions, targets):
    """Your numbers are right for the squared error only. Is the loss that you are given called at all?"""
    return float(np.mean((predictions.reshape(targets.shape) - targets) ** 2))


@empirical_risk.misconception
def running_mean(loss, predictions, targets):
    """Each new loss takes half of the weight of all before. How much does each example weigh in a mean of N?"""
    losses = np.atleast_1d(loss(predictions.reshape(targets.shape), targets))
    total = losses[0]
    for value in losses[1:]:
        total = (total + value) / 2
    return float(total)


@empirical_risk.misconception
def losses_of_whole_numbers(loss, predictions, targets):
    """Where the targets are whole numbers, your losses are, too: an array made like them takes over their dtype."""
    losses = np.zeros_like(targets)
    losses[...] = loss(predictions.reshape(targets.shape), targets)
    return float(losses.mean())


# --- numeric_gradient


@exercise(points=4, returns="grad")
def numeric_gradient(f, theta, h):
    """Oracle: torch's autograd, plus what a central difference of a cubic adds to it: h² times the cubes' factors."""
    point = torch.tensor(theta, dtype=torch.float64, requires_grad=True)
    linear, square, cube, couple = map(torch.as_tensor, (f.linear, f.square, f.cube, f.couple))
    value = (linear * point + square * point**2 + cube * point**3).sum() + (couple * point).sum() ** 2 / 2
    (grad,) = torch.autograd.grad(value, point)
    return (grad + h**2 * cube).numpy()


def _cubic(rng, shape, **kwargs):
    return Reference("utils.losses.cubic", kwargs=dict(shape=list(shape), seed=int(rng.integers(10**6)), **kwargs))


@numeric_gradient.cases("small steps", weight=1)
def _(rng):
    for shape in SHAPES:
        yield dict(f=_cubic(rng, shape), theta=rng.normal(size=shape), h=float(rng.uniform(1e-3, 1e-2)))


@numeric_gradient.cases("steps large enough to be seen", weight=1)
def _(rng):
    for shape in SHAPES:
        yield dict(f=_cubic(rng, shape), theta=rng.normal(size=shape), h=float(rng.uniform(0.3, 0.9)))
    yield dict(f=_cubic(rng, (4,)), theta=np.zeros(4), h=float(rng.uniform(1.2, 2.0)))


@numeric_gradient.cases("theta of whole numbers", weight=1)
def _(rng):
    for shape, h in [((4,), 0.25), ((2, 3), 0.01)]:
        yield dict(f=_cubic(rng, shape), theta=rng.permutation(np.arange(-2, np.prod(shape) - 2)).reshape(shape), h=h)


@numeric_gradient.cases("other scales", weight=1)
def _(rng):
    for scale in (1e-8, 1e8):
        yield dict(f=_cubic(rng, (5,), scale=scale), theta=rng.normal(size=5), h=float(rng.uniform(0.05, 0.2)))
    yield dict(f=_cubic(rng, (3,), degree=2), theta=1e6 * rng.normal(size=3), h=100.0)
    yield dict(f=_cubic(rng, (3,), degree=1, offset=50.0), theta=rng.normal(size=3), h=0.1)
    yield dict(f=_cubic(rng, (2, 2), offset=-300.0), theta=1e-3 * rng.normal(size=(2, 2)), h=0.05)


def _differences(f, theta, plus, minus, divisor):
    theta = np.asarray(theta, dtype=float)
    grad = np.empty_like(theta)
    for index in np.ndindex(theta.shape):
        unit = np.zeros_like(theta)
        unit[index] = 1.0
        grad[index] = (f(theta + plus * unit) - f(theta - minus * unit)) / divisor
    return grad


@numeric_gradient.misconception
def forward_difference(f, theta, h):
    """You look ahead only. The error then shrinks like h, not like h²: where else should you look?"""
    return _differences(f, theta, h, 0, h)


@numeric_gradient.misconception
def backward_difference(f, theta, h):
    """You look behind only. A central difference is symmetric about the point, and that is why it is more exact."""
    return _differences(f, theta, 0, h, h)


@numeric_gradient.misconception
def divides_by_h(f, theta, h):
    """How far apart are the two points at which you evaluate f? Divide by that distance."""
    return _differences(f, theta, h, h, h)


@numeric_gradient.misconception
def multiplies_by_h(f, theta, h):
    """Python works from left to right: in a/2*h, is h above or below the line?"""
    return _differences(f, theta, h, h, 2 / h)


@numeric_gradient.misconception
def half_the_stride(f, theta, h):
    """Your two points lie half a step to either side. The exercise says where: one whole h to each side."""
    return _differences(f, theta, h / 2, h / 2, h)


@numeric_gradient.misconception
def sign(f, theta, h):
    """For f = θ your slope is negative. Which of the two values comes first?"""
    return _differences(f, theta, -h, -h, 2 * h)


@numeric_gradient.misconception
def theta_not_restored(f, theta, h):
    """You move theta itself and do not put it back, so each partial derivative is taken at another point (and the
    caller's theta has changed).
    """
    grad = np.empty(theta.shape)
    for index in np.ndindex(theta.shape):
        theta[index] += h
        ahead = f(theta)
        theta[index] -= 2 * h
        grad[index] = (ahead - f(theta)) / (2 * h)
    return grad


@numeric_gradient.misconception
def keeps_whole_numbers(f, theta, h):
    """With a theta of whole numbers, what does NumPy make of a fraction that you store in it? Look at the dtype of the
    array to which you add h.
    """
    grad = np.empty(theta.shape)
    for index in np.ndindex(theta.shape):
        ahead, behind = theta.copy(), theta.copy()
        ahead[index] = theta[index] + h
        behind[index] = theta[index] - h
        grad[index] = (f(ahead) - f(behind)) / (2 * h)
    return grad


@numeric_gradient.misconception
def gradient_of_whole_numbers(f, theta, h):
    """With a theta of whole numbers your gradient holds whole numbers too: an array made like theta also takes over its
    dtype.
    """
    return _differences(f, theta, h, h, 2 * h).astype(theta.dtype)


@numeric_gradient.misconception
def all_at_once(f, theta, h):
    """You move all coordinates together, so you get one slope along the diagonal. A gradient needs one for each."""
    slope = (f(np.asarray(theta, dtype=float) + h) - f(np.asarray(theta, dtype=float) - h)) / (2 * h)
    return np.full(np.shape(theta), slope)


@numeric_gradient.misconception
def own_h(f, theta, h):
    """Your result is the same for every h. For a large h even a central difference is visibly off; use it."""
    return _differences(f, theta, 1e-5, 1e-5, 2e-5)


@numeric_gradient.misconception
def second_derivative(f, theta, h):
    """You have three values of f and divide by h². That is how a slope changes; how large is the slope itself?"""
    return (_differences(f, theta, h, 0, h) - _differences(f, theta, 0, h, h)) / h


# --- softmax_cross_entropy


@exercise(points=5, returns=("value", "grad"))
def softmax_cross_entropy(logits, labels):
    """Oracle: torch's cross entropy and its autograd, in the type of the logits."""
    scores = torch.tensor(logits * 1.0, requires_grad=True)
    value = torch.nn.functional.cross_entropy(scores, torch.as_tensor(labels))
    value.backward()
    return float(value.detach()), scores.grad.numpy()


def _scored(rng, n, classes, scale=1.0):
    return dict(logits=scale * rng.normal(size=(n, classes)), labels=rng.integers(classes, size=n))


@softmax_cross_entropy.cases("ordinary logits", weight=2)
def _(rng):
    for n, classes in [(5, 3), (8, 10), (3, 2)]:
        yield _scored(rng, n, classes, scale=2.0)
    yield _scored(rng, 1, 4)


@softmax_cross_entropy.cases("huge logits", weight=2)
def _(rng):
    gaps = rng.permuted(np.tile(np.linspace(-1e4, 1e4, 5), (6, 1)), axis=1)  # so wide that nothing lies in between
    yield dict(logits=gaps + rng.normal(size=gaps.shape), labels=rng.integers(5, size=6))
    yield dict(logits=1e4 + rng.normal(size=(1, 4)), labels=rng.integers(4, size=1))
    yield dict(logits=np.array([[1e4], [-1e4], [0.0]]) + rng.normal(size=(3, 4)), labels=rng.integers(4, size=3))
    yield dict(logits=np.array([[0.0, 900.0, -900.0], [40.0, 0.0, -40.0]]), labels=np.array([2, 2]))


@softmax_cross_entropy.cases("edge cases", weight=1)
def _(rng):
    yield _scored(rng, 4, 3, scale=1e-8)
    yield dict(logits=np.zeros((3, 7)), labels=rng.integers(7, size=3))
    yield dict(logits=rng.integers(-4, 5, size=(4, 4)).astype(float), labels=rng.permutation(4))
    yield dict(logits=rng.normal(size=(2, 1)), labels=np.array([0, 0]))


def _log_probs(logits, axis=1):
    shifted = logits - np.max(logits, axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def _value_and_grad(logits, labels):
    log_probs = _log_probs(logits)
    onehot = np.eye(logits.shape[1])[labels]
    return -(log_probs * onehot).sum() / len(labels), (np.exp(log_probs) - onehot) / len(labels)


@softmax_cross_entropy.misconception
def overflow(logits, labels):
    """e to the 10 000 does not fit into a float. Adding a constant to a whole row leaves its softmax as it is: which
    constant makes every exponent harmless?
    """
    with np.errstate(all="ignore"):
        weights = np.exp(logits)
        probs = weights / weights.sum(axis=1, keepdims=True)
        onehot = np.eye(logits.shape[1])[labels]
        value = np.mean(-np.log(probs[np.arange(len(labels)), labels]))
        return value, (probs - onehot) / len(labels)


@softmax_cross_entropy.misconception
def one_shift_for_all_rows(logits, labels):
    """You shift all rows by one number, the largest of the whole matrix. A row that lies far below it then turns into
    zeros: each row needs a shift of its own.
    """
    with np.errstate(all="ignore"):
        weights = np.exp(logits - logits.max())
        probs = weights / weights.sum(axis=1, keepdims=True)
        onehot = np.eye(logits.shape[1])[labels]
        value = np.mean(np.log(weights.sum(axis=1)) - (logits - logits.max())[np.arange(len(labels)), labels])
        return value, (probs - onehot) / len(labels)


@softmax_cross_entropy.misconception
def log_of_zero(logits, labels):
    """Your softmax no longer overflows, but a probability as small as e to the -900 is rounded to zero before you take
    its logarithm. Work the logarithm out on paper first.
    """
    with np.errstate(all="ignore"):
        probs = np.exp(_log_probs(logits))
        onehot = np.eye(logits.shape[1])[labels]
        return -np.log(probs[np.arange(len(labels)), labels]).mean(), (probs - onehot) / len(labels)


@softmax_cross_entropy.misconception
def log_of_a_little_more(logits, labels):
    """A small number added inside the logarithm hides the zero and caps the loss near 30, however wrong the prediction.
    The true loss has no cap.
    """
    probs = np.exp(_log_probs(logits))
    onehot = np.eye(logits.shape[1])[labels]
    return -np.log(probs[np.arange(len(labels)), labels] + 1e-12).mean(), (probs - onehot) / len(labels)


@softmax_cross_entropy.misconception
def columns_for_all_rows(logits, labels):
    """For each label you take a whole column, all examples, and average over that. Each example needs only the entry in
    its own row.
    """
    _, grad = _value_and_grad(logits, labels)
    return -_log_probs(logits)[:, labels].mean(), grad


@softmax_cross_entropy.misconception
def gradient_not_divided(logits, labels):
    """Your value is a mean over the examples. What does that make of the gradient of each example's loss?"""
    value, grad = _value_and_grad(logits, labels)
    return value, grad * len(labels)


@softmax_cross_entropy.misconception
def summed(logits, labels):
    """Value and gradient are sums over the examples; twice the data, twice the loss. A risk is a mean."""
    value, grad = _value_and_grad(logits, labels)
    return value * len(labels), grad * len(labels)


@softmax_cross_entropy.misconception
def softmax_twice(logits, labels):
    """You apply the softmax to what already are probabilities. For large logits your loss can then not go near zero."""
    return _value_and_grad(np.exp(_log_probs(logits)), labels)


@softmax_cross_entropy.misconception
def labels_from_one(logits, labels):
    """Labels count from zero here: label 0 is the first column. Which column do you pick for it?"""
    return _value_and_grad(logits, labels - 1)


@softmax_cross_entropy.misconception
def label_forgotten_in_the_gradient(logits, labels):
    """Your gradient is the softmax alone, so it pushes the right class down too. What does the label contribute?"""
    value, _ = _value_and_grad(logits, labels)
    return value, np.exp(_log_probs(logits)) / len(labels)


@softmax_cross_entropy.misconception
def gradient_downhill(logits, labels):
    """Your gradient has the wrong sign: it points downhill. Raising the right logit should lower the loss."""
    value, grad = _value_and_grad(logits, labels)
    return value, -grad


@softmax_cross_entropy.misconception
def over_the_examples(logits, labels):
    """Your probabilities add up to one in each column. They belong to the classes of one example: one row."""
    log_probs = _log_probs(logits, axis=0)
    onehot = np.eye(logits.shape[1])[labels]
    return -(log_probs * onehot).sum() / len(labels), (np.exp(log_probs) - onehot) / len(labels)


@softmax_cross_entropy.misconception
def negative_sign_missing(logits, labels):
    """Your value is negative, so a better prediction makes it larger. The loss is minus a logarithm."""
    value, grad = _value_and_grad(logits, labels)
    return -value, grad


# --- ridge_gradient


@exercise(points=3, returns="grad")
def ridge_gradient(W, X, y, lam):
    """Oracle: torch's autograd of the penalised risk."""
    weights = torch.tensor(W, dtype=torch.float64, requires_grad=True)
    residuals = torch.tensor(X, dtype=torch.float64) @ weights - torch.tensor(y, dtype=torch.float64)
    (residuals.square().mean() + lam * weights[:-1].square().sum()).backward()
    return weights.grad.numpy()


def _regression(rng, n, d, lam, scale=1.0):
    X = np.hstack([rng.normal(size=(n, d - 1)), np.ones((n, 1))])
    return dict(W=scale * rng.normal(loc=1.0, size=d), X=X, y=scale * rng.normal(loc=-1.0, size=n), lam=lam)


@ridge_gradient.cases("the gradient of the risk", weight=1)
def _(rng):
    for n, d in [(6, 3), (4, 6), (10, 2)]:
        yield _regression(rng, n, d, lam=0.0)


@ridge_gradient.cases("with a penalty", weight=2)
def _(rng):
    for n, d in [(6, 3), (4, 6), (10, 2), (5, 5)]:
        yield _regression(rng, n, d, lam=float(rng.uniform(0.1, 3.0)))


@ridge_gradient.cases("edge cases", weight=1)
def _(rng):
    yield _regression(rng, 1, 4, lam=0.7)
    yield _regression(rng, 5, 1, lam=2.0)
    yield _regression(rng, 5, 3, lam=100.0)
    for scale in (1e-8, 1e8):
        yield _regression(rng, 7, 3, lam=0.3, scale=scale)
    yield {**_regression(rng, 6, 4, lam=1.3), "W": np.zeros(4)}


def _ridge(W, X, y, of_risk, of_penalty):
    penalised = np.where(np.arange(len(W)) < len(W) - 1, W, 0.0)
    return of_risk * X.T @ (X @ W - y) + of_penalty * penalised


@ridge_gradient.misconception
def bias_penalised(W, X, y, lam):
    """You pull the bias towards zero too. It only shifts the predictions to the level of y; the penalty has no business
    with it.
    """
    return _ridge(W, X, y, 2 / len(y), 0) + 2 * lam * W


@ridge_gradient.misconception
def bias_frozen(W, X, y, lam):
    """The last entry of your gradient is zero, so the bias never moves. Only the penalty should leave it alone."""
    return np.append(_ridge(W, X, y, 2 / len(y), 2 * lam)[:-1], 0.0)


@ridge_gradient.misconception
def penalty_not_differentiated(W, X, y, lam):
    """You add the penalty itself, the same number to every entry. What is its slope along each single weight?"""
    return _ridge(W, X, y, 2 / len(y), 0) + lam * np.sum(W[:-1] ** 2)


@ridge_gradient.misconception
def wrong_entry_spared(W, X, y, lam):
    """You spare the first weight from the penalty. Which column of X is the one of ones?"""
    spared = W.copy()
    spared[0] = 0.0
    return _ridge(W, X, y, 2 / len(y), 0) + 2 * lam * spared


@ridge_gradient.misconception
def penalty_divided_by_n(W, X, y, lam):
    """You divide the penalty by the number of examples. The 1/N belongs to the sum over examples only."""
    return _ridge(W, X, y, 2 / len(y), 2 * lam / len(y))


@ridge_gradient.misconception
def summed(W, X, y, lam):
    """The part of the data grows with their number. The risk is a mean: is there an N in your gradient?"""
    return _ridge(W, X, y, 2, 2 * lam)


@ridge_gradient.misconception
def half(W, X, y, lam):
    """Your gradient is half of what it should be. The squares here have no ½ in front; what is the slope of w²?"""
    return _ridge(W, X, y, 1 / len(y), lam)


@ridge_gradient.misconception
def penalty_without_its_two(W, X, y, lam):
    """The part of the data is right, the pull of the penalty is too weak. What is the slope of λw²?"""
    return _ridge(W, X, y, 2 / len(y), lam)


@ridge_gradient.misconception
def data_without_their_two(W, X, y, lam):
    """The pull of the penalty is right, the part of the data is too small. The squared error has a slope too."""
    return _ridge(W, X, y, 1 / len(y), 2 * lam)


@ridge_gradient.misconception
def residual_turned_round(W, X, y, lam):
    """The part of the data points the wrong way: does the loss rise or fall when too high a prediction rises?"""
    return _ridge(W, X, y, -2 / len(y), 2 * lam)


@ridge_gradient.misconception
def penalty_pushes_outwards(W, X, y, lam):
    """A gradient points uphill, and the penalty rises away from zero. Yours points towards zero; descent would then
    make the weights grow.
    """
    return _ridge(W, X, y, 2 / len(y), -2 * lam)


@ridge_gradient.misconception
def absolute_penalty(W, X, y, lam):
    """Your penalty pulls every weight equally hard, as |w| would. How does the slope of w² depend on w?"""
    return _ridge(W, X, y, 2 / len(y), 0) + lam * np.append(np.sign(W[:-1]), 0.0)


# --- gradient_descent


@exercise(points=2, returns="theta")
def gradient_descent(grad_fn, theta, lr, steps):
    """Oracle: torch.optim.SGD, handed the gradients."""
    parameter = torch.nn.Parameter(torch.tensor(theta, dtype=torch.float64))
    optimizer = torch.optim.SGD([parameter], lr=lr)
    for _ in range(steps):
        parameter.grad = torch.tensor(grad_fn(parameter.detach().numpy().copy()))
        optimizer.step()
    return parameter.detach().numpy()


def _bowl(rng, n, scale=1.0):
    A = rng.normal(size=(n, n))
    return Reference(
        "utils.landscapes.quadratic",
        "gradient",
        dict(hessian=(scale * (A @ A.T / n + np.eye(n))).tolist(), center=rng.normal(size=n).tolist()),
    )


@gradient_descent.cases("a few steps", weight=1)
def _(rng):
    for n, steps in [(1, 1), (3, 2), (5, 5)]:
        yield dict(grad_fn=_bowl(rng, n), theta=rng.normal(size=n), lr=float(rng.uniform(0.02, 0.2)), steps=steps)


@gradient_descent.cases("many steps", weight=1)
def _(rng):
    yield dict(grad_fn=_bowl(rng, 4), theta=3 * rng.normal(size=4), lr=float(rng.uniform(0.005, 0.02)), steps=40)
    valley = Reference("utils.landscapes.rosenbrock", "gradient")
    yield dict(grad_fn=valley, theta=rng.uniform(-1, 1, size=2), lr=float(rng.uniform(2e-4, 5e-4)), steps=60)


@gradient_descent.cases("edge cases", weight=1)
def _(rng):
    yield dict(grad_fn=_bowl(rng, 3), theta=rng.normal(size=3), lr=0.1, steps=0)
    yield dict(grad_fn=_bowl(rng, 3), theta=np.array([2, -3, 1]), lr=float(rng.uniform(0.05, 0.1)), steps=3)
    saddle = Reference("utils.landscapes.saddle", "gradient")
    yield dict(grad_fn=saddle, theta=np.zeros(2), lr=0.3, steps=5)
    yield dict(grad_fn=saddle, theta=rng.uniform(0.2, 0.8, size=(4, 2)), lr=0.4, steps=6)
    yield dict(grad_fn=_bowl(rng, 2), theta=rng.normal(size=(2, 3, 2)), lr=0.1, steps=2)
    for scale in (1e-8, 1e8):
        yield dict(grad_fn=_bowl(rng, 2, scale), theta=rng.normal(size=2), lr=float(0.1 / scale), steps=4)


def _walked(grad_fn, theta, rates):
    theta = np.array(theta, dtype=float)
    for lr in rates:
        theta = theta - lr * grad_fn(theta)
    return theta


@gradient_descent.misconception
def ascends(grad_fn, theta, lr, steps):
    """The gradient points uphill. In which direction do you have to go for the loss to fall?"""
    return _walked(grad_fn, theta, [-lr] * steps)


@gradient_descent.misconception
def stale_gradient(grad_fn, theta, lr, steps):
    """You ask for the gradient once and follow it to the end. It is right only where you asked: ask again."""
    return theta - steps * lr * grad_fn(theta)


@gradient_descent.misconception
def one_step_short(grad_fn, theta, lr, steps):
    """Count the updates for steps = 1. There should be one; is there any?"""
    return _walked(grad_fn, theta, [lr] * (steps - 1))


@gradient_descent.misconception
def one_step_too_many(grad_fn, theta, lr, steps):
    """With steps = 0 the parameters should stay where they are. How many updates do you make?"""
    return _walked(grad_fn, theta, [lr] * (steps + 1))


@gradient_descent.misconception
def returns_in_the_loop(grad_fn, theta, lr, steps):
    """You stop after the first update. Where does the `return` stand, in the loop or after it?"""
    return _walked(grad_fn, theta, [lr] * min(steps, 1))


@gradient_descent.misconception
def in_place(grad_fn, theta, lr, steps):
    """You change the array that you were given: -= writes into the caller's theta (and into whole numbers it cannot
    write fractions at all).
    """
    for _ in range(steps):
        theta -= lr * grad_fn(theta)
    return theta


@gradient_descent.misconception
def rate_missing(grad_fn, theta, lr, steps):
    """Your walk is the same for every learning rate. Where does `lr` enter?"""
    with np.errstate(all="ignore"):
        return _walked(grad_fn, theta, [1.0] * steps)


@gradient_descent.misconception
def fading_rate(grad_fn, theta, lr, steps):
    """Your rate falls from step to step. Here it stays the same; schedules come in chapter 4."""
    return _walked(grad_fn, theta, lr / np.arange(1, steps + 1))


@gradient_descent.misconception
def unit_steps(grad_fn, theta, lr, steps):
    """All your steps have the same length. Descent takes shorter ones where the ground is flatter."""
    theta = np.array(theta, dtype=float)
    for _ in range(steps):
        grad = grad_fn(theta)
        theta = theta - lr * grad / max(float(np.linalg.norm(grad)), 1e-300)
    return theta


@gradient_descent.misconception
def one_coordinate_after_the_other(grad_fn, theta, lr, steps):
    """You move one coordinate and ask again before you move the next. One gradient moves all of them together."""
    theta = np.array(theta, dtype=float)
    for _ in range(steps):
        for i in np.ndindex(theta.shape):
            theta[i] -= lr * grad_fn(theta.copy())[i]
    return theta


# --- random_search


@exercise(points=2, returns=("theta", "loss"))
def random_search(loss_fn, shape, tries, rng):
    """Oracle: all candidates drawn in one call, which takes the same numbers from the generator, and the smallest."""
    candidates = rng.normal(size=(tries, *shape))
    values = [loss_fn(candidate) for candidate in candidates]
    best = int(np.argmin(values))
    return candidates[best], values[best]


def _searched(rng, shape, tries, **kwargs):
    return dict(loss_fn=_cubic(rng, shape, **kwargs), shape=shape, tries=tries, rng=Seed(int(rng.integers(10**6))))


def _tempting(rng, shape, tries):
    """A search in which the last try is the best of all, and one more would be better still."""
    while True:
        case = _searched(rng, shape, tries)
        f, draws = case["loss_fn"].resolve(), case["rng"].resolve()
        values = [f(draws.normal(size=shape)) for _ in range(tries + 1)]
        if values[-1] < values[-2] == min(values[:-1]):
            return case


def _level(rng, shape, tries):
    """A search in which several candidates share the smallest loss."""
    while True:
        seed = int(rng.integers(10**6))
        stairs = Reference("utils.losses.staircase", kwargs=dict(shape=list(shape), seed=seed))
        draws = Seed(seed + 1).resolve()
        values = [stairs.resolve()(draws.normal(size=shape)) for _ in range(tries)]
        if values.count(min(values)) > 1:
            return dict(loss_fn=stairs, shape=shape, tries=tries, rng=Seed(seed + 1))


@random_search.cases("a few tries", weight=1)
def _(rng):
    for shape in SHAPES:
        yield _searched(rng, shape, int(rng.integers(6, 12)), degree=2, offset=5.0)
    yield _tempting(rng, (2,), 3)


@random_search.cases("many tries", weight=1)
def _(rng):
    for shape in SHAPES:
        yield _searched(rng, shape, int(rng.integers(60, 90)))
    yield _level(rng, (3,), 60)


@random_search.cases("edge cases", weight=1)
def _(rng):
    yield _searched(rng, (3,), 1)
    yield _searched(rng, (2, 2), 2, offset=-1e4)
    yield _searched(rng, (4,), 9, scale=1e-8, offset=3e-8)
    yield _searched(rng, (4,), 9, scale=1e8, offset=1e12)
    yield _tempting(rng, (3,), 2)
    yield _level(rng, (2,), 12)


def _search(loss_fn, shape, tries, rng, better):
    best, kept = None, None
    for _ in range(tries):
        candidate = rng.normal(size=shape)
        loss = loss_fn(candidate)
        if kept is None or better(loss, kept):
            best, kept = candidate, loss
    return best, kept


@random_search.misconception
def keeps_the_last(loss_fn, shape, tries, rng):
    """You return the last candidate. What is the point of the others if none of them is remembered?"""
    return _search(loss_fn, shape, tries, rng, lambda loss, kept: True)


@random_search.misconception
def last_of_equals(loss_fn, shape, tries, rng):
    """When several candidates share the smallest loss, you keep the last of them; asked for is the first."""
    return _search(loss_fn, shape, tries, rng, lambda loss, kept: loss <= kept)


@random_search.misconception
def keeps_the_worst(loss_fn, shape, tries, rng):
    """Your loss grows with the number of tries. Is a candidate better when its loss is larger?"""
    return _search(loss_fn, shape, tries, rng, lambda loss, kept: loss > kept)


@random_search.misconception
def one_draw_for_all(loss_fn, shape, tries, rng):
    """You return the first candidate. Is there a new draw for each try, and does the loop come to its end?"""
    return _search(loss_fn, shape, 1, rng, lambda loss, kept: loss < kept)


@random_search.misconception
def zeros_compete(loss_fn, shape, tries, rng):
    """You start from a vector of zeros and keep it when no draw beats it. Only candidates that were drawn count."""
    zeros = np.zeros(shape)
    best = _search(loss_fn, shape, tries, rng, lambda loss, kept: loss < kept)
    return best if best[1] < loss_fn(zeros) else (zeros, loss_fn(zeros))


@random_search.misconception
def steps_from_the_best(loss_fn, shape, tries, rng):
    """You add the noise to the best candidate so far. That is another method, local search; here draws are fresh."""
    best = rng.normal(size=shape)
    kept = loss_fn(best)
    for _ in range(tries - 1):
        candidate = best + rng.normal(size=shape)
        if loss_fn(candidate) < kept:
            best, kept = candidate, loss_fn(candidate)
    return best, kept


@random_search.misconception
def uniform_draws(loss_fn, shape, tries, rng):
    """You draw from another distribution. The exercise says how each candidate is drawn."""
    best, kept = None, np.inf
    for _ in range(tries):
        candidate = rng.random(size=shape)
        if loss_fn(candidate) < kept:
            best, kept = candidate, loss_fn(candidate)
    return best, kept


@random_search.misconception
def own_generator(loss_fn, shape, tries, rng):
    """You make a generator of your own, so the caller's seed changes nothing. Use the `rng` that you are given."""
    return _search(loss_fn, shape, tries, np.random.default_rng(0), lambda loss, kept: loss < kept)


@random_search.misconception
def one_try_short(loss_fn, shape, tries, rng):
    """Count your draws for tries = 1. There should be one."""
    return _search(loss_fn, shape, max(tries - 1, 1), rng, lambda loss, kept: loss < kept)


@random_search.misconception
def one_try_too_many(loss_fn, shape, tries, rng):
    """Count your draws for tries = 1. Does the first candidate, drawn before the loop, count as a try?"""
    return _search(loss_fn, shape, tries + 1, rng, lambda loss, kept: loss < kept)


@random_search.misconception
def loss_must_be_positive(loss_fn, shape, tries, rng):
    """Your search starts from a best loss of 0, which nothing beats unless it is negative. What beats nothing yet?"""
    best, kept = np.zeros(shape), 0.0
    for _ in range(tries):
        candidate = rng.normal(size=shape)
        if loss_fn(candidate) < kept:
            best, kept = candidate, loss_fn(candidate)
    return best, kept


# --- early_stopping


@exercise(points=3, returns=("best", "last"))
def early_stopping(losses, patience):
    """Oracle: the definition, on whole arrays: where the running minimum was set, and how long ago."""
    losses = np.asarray(losses)
    lowest = np.minimum.accumulate(losses)
    is_new = np.append(True, losses[1:] < lowest[:-1])
    set_at = np.maximum.accumulate(np.where(is_new, np.arange(len(losses)), 0))
    exhausted = np.flatnonzero(np.arange(len(losses)) - set_at == patience)
    last = int(exhausted[0]) if len(exhausted) else len(losses) - 1
    return int(set_at[last]), last


def _valley(rng, n, turn, noise):
    """Losses that fall until `turn` and rise after it, with noise."""
    at = np.arange(n)
    return 1 + 0.1 * np.abs(at - turn) + noise * rng.normal(size=n)


@early_stopping.cases("a valley", weight=1)
def _(rng):
    for patience in rng.permutation([2, 3, 5]):
        n = int(rng.integers(18, 30))
        yield dict(losses=_valley(rng, n, n // 2 + int(rng.integers(-2, 3)), 0.02), patience=int(patience))


@early_stopping.cases("bumps and plateaus", weight=1)
def _(rng):
    for patience in rng.permutation([2, 3, 3, 4]):
        yield dict(losses=_valley(rng, 40, int(rng.integers(20, 30)), 0.25), patience=int(patience))
    # counts of mistakes, many of them equal; whole numbers, for rounded floats would no longer be equal
    for patience in rng.permutation([2, 3, 4]):
        stairs = np.maximum(np.round(20 - 0.5 * np.arange(25) + 1.5 * rng.normal(size=25)), int(rng.integers(9, 13)))
        yield dict(losses=stairs.astype(int), patience=int(patience))


@early_stopping.cases("edge cases", weight=1)
def _(rng):
    edge = [
        dict(losses=np.sort(rng.uniform(size=int(rng.integers(4, 9))))[::-1].copy(), patience=2),
        dict(losses=np.sort(rng.uniform(size=int(rng.integers(6, 9)))), patience=int(rng.integers(1, 5))),
        dict(losses=_valley(rng, 10, int(rng.integers(3, 7)), 0.01), patience=50),
        dict(losses=_valley(rng, 12, int(rng.integers(4, 8)), 0.0), patience=1),
        dict(losses=rng.uniform(size=1), patience=3),
        dict(losses=np.full(int(rng.integers(7, 12)), 4), patience=int(rng.integers(2, 6))),
        dict(losses=2 + 1e-3 * _valley(rng, 15, int(rng.integers(8, 11)), 0.0), patience=2),
        dict(losses=1e-8 * _valley(rng, 20, int(rng.integers(6, 12)), 0.05), patience=3),
        dict(losses=300 * _valley(rng, 20, int(rng.integers(6, 12)), 0.05), patience=3),
        dict(losses=1e12 * _valley(rng, 20, int(rng.integers(6, 12)), 0.05), patience=4),
        dict(losses=1e8 * _valley(rng, 20, int(rng.integers(6, 12)), 0.05) - 1e9, patience=2),
    ]
    for index in rng.permutation(len(edge)):
        yield edge[index]


def _stopped(losses, patience, better, kept=0.0):
    """Follow the definition, with another idea of what is better, or with `kept` unlucky steps after a success."""
    best, unlucky = 0, 0
    for last in range(1, len(losses)):
        if better(losses, last, best):
            best, unlucky = last, int(kept * unlucky)
        else:
            unlucky += 1
        if unlucky >= patience:
            return best, last
    return best, len(losses) - 1


def _lower(losses, last, best):
    return losses[last] < losses[best]


@early_stopping.misconception
def one_too_patient(losses, patience):
    """You stop one loss too late. With patience 1, the very first loss that brings nothing new should be the last."""
    return _stopped(losses, patience + 1, _lower)


@early_stopping.misconception
def one_too_hasty(losses, patience):
    """You stop one loss too early. With patience 2, one loss that brings nothing new is still forgiven."""
    return _stopped(losses, max(patience - 1, 1), _lower)


@early_stopping.misconception
def returns_the_last(losses, patience):
    """You keep the model from the moment of stopping. By then it has got worse: which one is worth keeping?"""
    last = _stopped(losses, patience, _lower)[1]
    return last, last


@early_stopping.misconception
def equal_counts_as_better(losses, patience):
    """On a plateau you never lose patience. A loss that only equals the best one is no improvement."""
    return _stopped(losses, patience, lambda losses, last, best: losses[last] <= losses[best])


@early_stopping.misconception
def compares_with_the_previous(losses, patience):
    """You compare each loss with the one before it, so a small dip on the way up buys new patience. Which loss must be
    beaten?
    """
    unlucky, last = 0, 0
    for last in range(1, len(losses)):
        unlucky = 0 if losses[last] < losses[last - 1] else unlucky + 1
        if unlucky >= patience:
            break
    return int(np.argmin(losses[: last + 1])), last


@early_stopping.misconception
def first_loss_is_no_success(losses, patience):
    """You count the very first loss as one without a new best. It is the best so far: there is no other yet."""
    best, unlucky = 0, 1
    for last in range(len(losses)):
        if losses[last] < losses[best]:
            best, unlucky = last, 0
        elif last:
            unlucky += 1
        if unlucky >= patience:
            return best, last
    return best, len(losses) - 1


@early_stopping.misconception
def nothing_below_zero(losses, patience):
    """Your best loss starts as 0, and losses above zero never beat that. Which loss should be the first best?"""
    best, lowest, unlucky = 0, 0.0, 0
    for last, loss in enumerate(losses):
        if loss < lowest:
            best, lowest, unlucky = last, loss, 0
        else:
            unlucky += 1
        if unlucky >= patience:
            return best, last
    return best, len(losses) - 1


@early_stopping.misconception
def first_best_too_low(losses, patience):
    """Your best loss starts as a number that all losses may exceed, however large you thought it. Which loss is there
    to begin with?
    """
    best, lowest, unlucky = 0, 1e3, 0
    for last, loss in enumerate(losses):
        if loss < lowest:
            best, lowest, unlucky = last, loss, 0
        else:
            unlucky += 1
        if unlucky >= patience:
            return best, last
    return best, len(losses) - 1


@early_stopping.misconception
def never_forgives(losses, patience):
    """You count all losses that brought nothing new since the start. What happens to the count at a new best?"""
    return _stopped(losses, patience, _lower, kept=1.0)


@early_stopping.misconception
def looks_into_the_future(losses, patience):
    """You found the lowest loss of the whole list. Training would have stopped earlier and never seen it."""
    return int(np.argmin(losses)), _stopped(losses, patience, _lower)[1]


@early_stopping.misconception
def never_stops(losses, patience):
    """You go through to the end of the list whatever happens. What is `patience` for?"""
    return int(np.argmin(losses)), len(losses) - 1


@early_stopping.misconception
def returns_the_loss(losses, patience):
    """You return how low the loss was. The caller wants to know when: the index of that loss."""
    best, last = _stopped(losses, patience, _lower)
    return losses[best], last


@early_stopping.misconception
def counts_from_one(losses, patience):
    """Your two numbers are one too large: the first loss of the list has index 0."""
    best, last = _stopped(losses, patience, _lower)
    return best + 1, last + 1
