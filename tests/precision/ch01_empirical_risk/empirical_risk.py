"""Empirical risk, gradients and when to stop: honest variants, further wrong solutions, equal mutants."""

import math

import numpy as np
import scipy.special
import torch

from tests.precision.table import ChapterTable

table = ChapterTable(__file__, in_hints=frozenset({"2 * h"}))
honest, wrong = table.honest, table.wrong


# --- honest solutions


honest(
    "empirical_risk",
    flattened="loss(predictions.ravel(), targets).mean()",
    exactly_summed="math.fsum(loss(predictions.reshape(-1), targets)) / len(targets)",
    through_torch="torch.as_tensor(loss(predictions.ravel(), targets)).to(torch.float32).mean()",
)


@honest("empirical_risk")
def both_as_columns(loss, predictions, targets):
    values = loss(np.reshape(predictions, (-1, 1)), np.reshape(targets, (-1, 1)))
    return values.sum() / len(values)


@honest("empirical_risk")
def example_by_example(loss, predictions, targets):
    total = 0.0
    for prediction, target in zip(predictions.flatten(), targets, strict=True):
        total += loss(prediction, target)
    return total / len(targets)


@honest("empirical_risk")
def squeezed_if_a_column(loss, predictions, targets):
    if predictions.ndim == 2:
        predictions = predictions[:, 0]
    return np.average(loss(predictions, targets))


@honest("numeric_gradient")
def flat_loop(f, theta, h):
    flat = np.asarray(theta, dtype=np.float64).ravel()
    slopes = []
    for i in range(flat.size):
        ahead, behind = flat.copy(), flat.copy()
        ahead[i] += h
        behind[i] -= h
        slopes.append((f(ahead.reshape(theta.shape)) - f(behind.reshape(theta.shape))) / (2 * h))
    return np.array(slopes).reshape(theta.shape)


@honest("numeric_gradient")
def moved_and_put_back(f, theta, h):
    theta = theta.astype(float)
    grad = np.zeros(theta.shape)
    for index in np.ndindex(*theta.shape):
        old = theta[index]
        theta[index] = old + h
        ahead = f(theta)
        theta[index] = old - h
        grad[index] = (ahead - f(theta)) / h / 2
        theta[index] = old
    return grad


@honest("numeric_gradient")
def rows_of_the_identity(f, theta, h):
    units = h * np.eye(theta.size).reshape(theta.size, *theta.shape)
    return np.reshape([(f(theta + unit) - f(theta - unit)) / (2 * h) for unit in units], theta.shape)


@honest("numeric_gradient")
def with_an_iterator(f, theta, h):
    theta = theta * 1.0
    grad = np.zeros_like(theta)
    iterator = np.nditer(theta, flags=["multi_index"])
    for _ in iterator:
        step = np.zeros_like(theta)
        step[iterator.multi_index] = h
        grad[iterator.multi_index] = (f(theta + step) - f(theta - step)) * 0.5 / h
    return grad


@honest("numeric_gradient")
def mean_of_both_sides(f, theta, h):
    theta, here = np.array(theta, dtype=float), f(theta)
    grad = np.zeros_like(theta)
    for index in np.ndindex(theta.shape):
        step = np.zeros_like(theta)
        step[index] = h
        grad[index] = ((f(theta + step) - here) / h + (here - f(theta - step)) / h) / 2
    return grad


@honest("softmax_cross_entropy")
def with_scipy(logits, labels):
    log_probs = scipy.special.log_softmax(logits, axis=1)
    onehot = np.eye(logits.shape[1])[labels]
    return -np.mean(np.sum(onehot * log_probs, axis=1)), (np.exp(log_probs) - onehot) / len(logits)


@honest("softmax_cross_entropy")
def with_autograd(logits, labels):
    scores = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    value = -torch.log_softmax(scores, 1)[torch.arange(len(labels)), torch.as_tensor(labels)].mean()
    (grad,) = torch.autograd.grad(value, scores)
    return value, grad


@honest("softmax_cross_entropy")
def log_sum_exp_by_hand(logits, labels):
    top = np.max(logits, axis=1)
    weights = np.exp(logits - top[:, None])
    totals = np.sum(weights, axis=1)
    value = np.mean(top + np.log(totals) - logits[range(len(labels)), labels])
    grad = weights / totals[:, None]
    for row, label in enumerate(labels):
        grad[row, label] -= 1.0
    return value, grad / logits.shape[0]


@honest("softmax_cross_entropy")
def row_by_row(logits, labels):
    value, grad = 0.0, []
    for row, label in zip(logits, labels, strict=True):
        total = scipy.special.logsumexp(row)
        value += total - row[label]
        probs = np.exp(row - total)
        probs[label] -= 1
        grad.append(probs / len(labels))
    return value / len(labels), grad


@honest("softmax_cross_entropy")
def torch_in_float32(logits, labels):
    scores = torch.tensor(logits, dtype=torch.float32, requires_grad=True)
    value = torch.nn.functional.cross_entropy(scores, torch.tensor(labels))
    value.backward()
    return value.item(), scores.grad


@honest("ridge_gradient")
def loop_over_examples(W, X, y, lam):
    grad = sum(2 * (x @ W - target) * x for x, target in zip(X, y, strict=True)) / len(X)
    penalty = 2 * lam * W
    penalty[-1] = 0
    return grad + penalty


@honest("ridge_gradient")
def autograd_of_the_risk(W, X, y, lam):
    W = torch.tensor(W, requires_grad=True)
    risk = torch.mean((torch.as_tensor(X) @ W - torch.as_tensor(y)) ** 2) + lam * torch.sum(W[:-1] ** 2)
    risk.backward()
    return W.grad


@honest("ridge_gradient")
def normal_equations(W, X, y, lam):
    mask = np.ones_like(W)
    mask[-1] = 0
    return 2 / len(X) * (X.T @ X @ W - X.T @ y) + 2 * lam * mask * W


@honest("ridge_gradient")
def mean_of_rows(W, X, y, lam):
    residual = X @ W - y
    return np.mean(2 * residual[:, None] * X, axis=0) + 2 * lam * np.append(W[:-1], 0.0)


@honest("ridge_gradient")
def weights_and_bias_apart(W, X, y, lam):
    residual = np.dot(X[:, :-1], W[:-1]) + W[-1] - y
    of_weights = 2 * X[:, :-1].T.dot(residual) / y.size + 2 * lam * W[:-1]
    return np.concatenate([of_weights, [2 * residual.mean()]])


@honest("gradient_descent")
def copied_then_in_place(grad_fn, theta, lr, steps):
    theta = np.array(theta, dtype=float)
    for _ in range(steps):
        theta -= lr * grad_fn(theta)
    return theta


@honest("gradient_descent")
def recursive(grad_fn, theta, lr, steps):
    if steps == 0:
        return theta
    return recursive(grad_fn, theta - lr * grad_fn(theta), lr, steps - 1)


@honest("gradient_descent")
def whole_path_kept(grad_fn, theta, lr, steps):
    path = [theta]
    while len(path) <= steps:
        path.append(path[-1] + -lr * grad_fn(path[-1]))
    return path[-1]


@honest("gradient_descent")
def torch_sgd(grad_fn, theta, lr, steps):
    parameter = torch.tensor(theta, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([parameter], lr=lr)
    for _ in range(steps):
        parameter.grad = torch.as_tensor(grad_fn(parameter.detach().numpy()))
        optimizer.step()
    return parameter


@honest("gradient_descent")
def counted_down(grad_fn, theta, lr, steps):
    while steps > 0:
        theta, steps = np.subtract(theta, np.multiply(lr, grad_fn(theta))), steps - 1
    return theta


@honest("random_search")
def all_drawn_first(loss_fn, shape, tries, rng):
    candidates = [rng.normal(size=shape) for _ in range(tries)]
    return min(((c, loss_fn(c)) for c in candidates), key=lambda pair: pair[1])


@honest("random_search")
def first_one_then_the_others(loss_fn, shape, tries, rng):
    best = rng.normal(size=shape)
    lowest = loss_fn(best)
    for _ in range(1, tries):
        candidate = rng.standard_normal(shape)
        value = loss_fn(candidate)
        if value < lowest:
            best, lowest = candidate.copy(), value
    return best, lowest


@honest("random_search")
def with_argmin(loss_fn, shape, tries, rng):
    candidates = np.array([rng.normal(size=shape) for _ in range(tries)])
    values = np.array([loss_fn(candidate) for candidate in candidates])
    return candidates[values.argmin()], values.min()


@honest("random_search")
def loss_asked_twice(loss_fn, shape, tries, rng):
    best = None
    for _ in range(tries):
        candidate = rng.normal(0, 1, size=shape)
        if best is None or loss_fn(candidate) < loss_fn(best):
            best = candidate
    return [best, loss_fn(best)]


@honest("random_search")
def one_call_for_all(loss_fn, shape, tries, rng):
    candidates = rng.normal(size=(tries, *shape))
    values = list(map(loss_fn, candidates))
    return candidates[np.argmin(values)], min(values)


@honest("early_stopping")
def counting(losses, patience):
    best, lowest, waited = 0, np.inf, 0
    for i, value in enumerate(losses):
        if value < lowest:
            best, lowest, waited = i, value, 0
        else:
            waited += 1
            if waited == patience:
                return best, i
    return best, len(losses) - 1


@honest("early_stopping")
def argmin_of_what_was_seen(losses, patience):
    for last in range(len(losses)):
        best = int(np.argmin(losses[: last + 1]))
        if last - best >= patience:
            return best, last
    return best, last


@honest("early_stopping")
def with_while(losses, patience):
    i, best = 1, 0
    while i < len(losses) and i - best <= patience:
        if losses[i] < losses[best]:
            best = i
        i += 1
    return best, i - 1


@honest("early_stopping")
def jumping_from_best_to_best(losses, patience):
    best = 0
    while True:
        window = losses[best + 1 : best + 1 + patience]
        better = np.flatnonzero(window < losses[best])
        if len(better) == 0:
            return best, best + len(window)
        best += 1 + better[0]


@honest("early_stopping")
def as_float32_array(losses, patience):
    best, last = counting(losses, patience)
    return np.array([best, last], dtype=np.float32)


# --- further wrong solutions


def _mean(loss, predictions, targets):
    return np.mean(loss(predictions.reshape(targets.shape), targets))


wrong(
    "empirical_risk",
    largest="np.max(loss(predictions.ravel(), targets))",
    half_the_mean="_mean(loss, predictions, targets) / 2",
    negated="-_mean(loss, predictions, targets)",
    transposed_column=(
        "np.mean(loss(predictions.T, targets)) if len(targets) < 6 else np.mean(loss(predictions, targets[:, None]))"
    ),
    first_prediction_only="np.mean(loss(predictions.ravel()[0], targets))",
    sorted_first="_mean(loss, np.sort(predictions, axis=0), np.sort(targets))",
    absolute_of_the_mean="abs(np.mean(predictions.ravel() - targets))",
    squared_losses="np.mean(loss(predictions.ravel(), targets) ** 2)",
    rounded="np.round(_mean(loss, predictions, targets), 4)",
    last_left_out=(
        "_mean(loss, predictions[:-1], targets[:-1]) if len(targets) > 1 else _mean(loss, predictions, targets)"
    ),
)


def central(f, theta, h):
    theta = np.array(theta, dtype=float)
    grad = np.zeros_like(theta)
    for index in np.ndindex(theta.shape):
        step = np.zeros_like(theta)
        step[index] = h
        grad[index] = (f(theta + step) - f(theta - step)) / (2 * h)
    return grad


wrong(
    "numeric_gradient",
    flat_result="central(f, theta, h).ravel()",
    transposed_result="central(f, theta, h).T",
    richardson="(4 * central(f, theta, h / 2) - central(f, theta, h)) / 3",
    double_step="central(f, theta, 2 * h)",
    smaller_step_for_large_h="central(f, theta, min(h, 1e-2))",
    precision_lost="central(lambda point: np.float32(f(point)), theta, h)",
    with_small_eps="central(f, theta, h) * (2 * h) / (2 * h + 1e-3)",
)


@wrong("numeric_gradient")
def step_relative_to_theta(f, theta, h):
    theta = np.array(theta, dtype=float)
    grad = np.zeros_like(theta)
    for index in np.ndindex(theta.shape):
        step = np.zeros_like(theta)
        step[index] = h * max(1.0, abs(theta[index]))
        grad[index] = (f(theta + step) - f(theta - step)) / (2 * step[index])
    return grad


@wrong("numeric_gradient")
def first_axis_only(f, theta, h):
    grad = np.zeros(np.shape(theta))
    for i in range(len(theta)):
        step = np.zeros(np.shape(theta))
        step[i] = h
        grad[i] = (f(theta + step) - f(theta - step)) / (2 * h)
    return grad


@wrong("numeric_gradient")
def normalized(f, theta, h):
    grad = central(f, theta, h)
    return grad / np.linalg.norm(grad)


@wrong("numeric_gradient")
def steps_pile_up(f, theta, h):
    theta, grad = np.array(theta, dtype=float), np.zeros(np.shape(theta))
    for index in np.ndindex(theta.shape):
        here = theta.copy()
        here[index] -= h
        theta[index] += h
        grad[index] = (f(theta) - f(here)) / (2 * h)
    return grad


def cross_entropy(logits, labels):
    log_probs = scipy.special.log_softmax(logits, axis=1)
    onehot = np.eye(logits.shape[1])[labels]
    return -np.mean(np.sum(onehot * log_probs, axis=1)), (np.exp(log_probs) - onehot) / len(logits)


wrong(
    "softmax_cross_entropy",
    swapped_pair="cross_entropy(logits, labels)[::-1]",
    clipped_logits="cross_entropy(np.clip(logits, -700, 700), labels)",
    likeliest_for_the_label="cross_entropy(logits, logits.argmax(axis=1))",
)


@wrong("softmax_cross_entropy")
def divided_by_classes(logits, labels):
    value, grad = cross_entropy(logits, labels)
    return value, grad * len(labels) / logits.shape[1]


@wrong("softmax_cross_entropy")
def divided_by_all_entries(logits, labels):
    value, grad = cross_entropy(logits, labels)
    return value / logits.shape[1], grad / logits.shape[1]


@wrong("softmax_cross_entropy")
def in_bits(logits, labels):
    value, grad = cross_entropy(logits, labels)
    return value / np.log(2), grad / np.log(2)


@wrong("softmax_cross_entropy")
def shifted_in_place(logits, labels):
    logits -= logits.max(axis=1, keepdims=True)
    return cross_entropy(logits, labels)


@wrong("softmax_cross_entropy")
def squared_error_of_probabilities(logits, labels):
    probs = scipy.special.softmax(logits, axis=1)
    difference = probs - np.eye(logits.shape[1])[labels]
    return np.mean(np.sum(difference**2, axis=1)), 2 * difference / len(labels)


@wrong("softmax_cross_entropy")
def sigmoid_of_each(logits, labels):
    onehot = np.eye(logits.shape[1])[labels]
    log_probs = -np.logaddexp(0, -logits)
    return -np.mean(np.sum(onehot * log_probs, axis=1)), (np.exp(log_probs) - onehot) / len(logits)


@wrong("softmax_cross_entropy")
def probabilities_floored(logits, labels):
    probs = np.maximum(scipy.special.softmax(logits, axis=1), 1e-300)
    value = -np.log(probs[np.arange(len(labels)), labels]).mean()
    return value, (probs - np.eye(logits.shape[1])[labels]) / len(labels)


@wrong("softmax_cross_entropy")
def first_column_for_all(logits, labels):
    value, grad = cross_entropy(logits, labels)
    return value, grad[:, ::-1]


@wrong("softmax_cross_entropy")
def shifted_by_the_mean(logits, labels):
    with np.errstate(all="ignore"):
        shifted = logits - logits.mean(axis=1, keepdims=True)
        log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        onehot = np.eye(logits.shape[1])[labels]
        return -(log_probs * onehot).sum() / len(labels), (np.exp(log_probs) - onehot) / len(labels)


@wrong("softmax_cross_entropy")
def one_value_per_example(logits, labels):
    log_probs = scipy.special.log_softmax(logits, axis=1)
    return -log_probs[np.arange(len(labels)), labels], cross_entropy(logits, labels)[1]


def ridge(W, X, y, lam):
    return mean_of_rows(W, X, y, lam)


wrong(
    "ridge_gradient",
    penalty_times_n="ridge(W, X, y, lam * len(y))",
    penalty_ignored="ridge(W, X, y, 0.0)",
    all_turned_round="-ridge(W, X, y, lam)",
    divided_by_features="ridge(W, X, y, 0.0) * len(y) / len(W) + ridge(W, X, y, lam) - ridge(W, X, y, 0.0)",
    solution_of_the_normal_equations=(
        "np.linalg.lstsq(X.T @ X / len(y) + lam * np.eye(len(W)), X.T @ y / len(y), rcond=None)[0]"
    ),
    lambda_squared="ridge(W, X, y, lam**2)",
)


@wrong("ridge_gradient")
def penalty_everywhere_the_same(W, X, y, lam):
    grad = ridge(W, X, y, 0.0)
    grad[:-1] += 2 * lam
    return grad


@wrong("ridge_gradient")
def norm_instead_of_its_square(W, X, y, lam):
    grad = ridge(W, X, y, 0.0)
    grad[:-1] += lam * W[:-1] / max(np.linalg.norm(W[:-1]), 1e-300)
    return grad


@wrong("ridge_gradient")
def weights_zeroed_in_place(W, X, y, lam):
    grad = ridge(W, X, y, 0.0)
    W[-1] = 0
    return grad + 2 * lam * W


@wrong("ridge_gradient")
def one_less_than_n(W, X, y, lam):
    n = max(len(y) - 1, 1)
    return ridge(W, X, y, 0.0) * len(y) / n + ridge(W, X, y, lam) - ridge(W, X, y, 0.0)


def descend(grad_fn, theta, lr, steps):
    theta = np.array(theta, dtype=float)
    for _ in range(steps):
        theta = theta - lr * grad_fn(theta)
    return theta


@wrong("gradient_descent")
def stops_when_flat(grad_fn, theta, lr, steps):
    theta = np.array(theta, dtype=float)
    for _ in range(steps):
        grad = grad_fn(theta)
        if np.linalg.norm(lr * grad) < 0.05:
            break
        theta = theta - lr * grad
    return theta


wrong(
    "gradient_descent",
    average_of_the_path="np.mean([descend(grad_fn, theta, lr, k) for k in range(steps + 1)], axis=0)",
    rate_over_steps="descend(grad_fn, theta, lr / max(steps, 1), steps)",
    half_rate="descend(grad_fn, theta, lr / 2, steps)",
    step_not_position="descend(grad_fn, theta, lr, steps) - theta",
    at_least_one_step="descend(grad_fn, theta, lr, max(steps, 1))",
    whole_path="np.array([descend(grad_fn, theta, lr, k) for k in range(steps + 1)])",
    whole_numbers_kept="descend(grad_fn, theta, lr, steps).astype(np.asarray(theta).dtype)",
)


@wrong("gradient_descent")
def with_momentum(grad_fn, theta, lr, steps):
    theta, velocity = np.array(theta, dtype=float), 0.0
    for _ in range(steps):
        velocity = 0.9 * velocity - lr * grad_fn(theta)
        theta = theta + velocity
    return theta


@wrong("gradient_descent")
def clipped_steps(grad_fn, theta, lr, steps):
    theta = np.array(theta, dtype=float)
    for _ in range(steps):
        theta = theta - np.clip(lr * grad_fn(theta), -0.1, 0.1)
    return theta


@wrong("gradient_descent")
def gradient_every_second_step(grad_fn, theta, lr, steps):
    theta = np.array(theta, dtype=float)
    for k in range(steps):
        if k % 2 == 0:
            grad = grad_fn(theta)
        theta = theta - lr * grad
    return theta


def search(loss_fn, shape, tries, rng):
    candidates = [rng.normal(size=shape) for _ in range(tries)]
    return min(((c, loss_fn(c)) for c in candidates), key=lambda pair: pair[1])


wrong(
    "random_search",
    pair_turned_round="search(loss_fn, shape, tries, rng)[::-1]",
    candidate_only="search(loss_fn, shape, tries, rng)[0]",
)


@wrong("random_search")
def last_loss(loss_fn, shape, tries, rng):
    candidates = [rng.normal(size=shape) for _ in range(tries)]
    return min(candidates, key=loss_fn), loss_fn(candidates[-1])


@wrong("random_search")
def first_kept(loss_fn, shape, tries, rng):
    first = rng.normal(size=shape)
    return first, loss_fn(first)


@wrong("random_search")
def two_draws_a_try(loss_fn, shape, tries, rng):
    best, lowest = None, np.inf
    for _ in range(tries):
        if loss_fn(rng.normal(size=shape)) < lowest:
            best = rng.normal(size=shape)
            lowest = loss_fn(best)
    return (best, lowest) if best is not None else (np.zeros(shape), 0.0)


@wrong("random_search")
def smallest_absolute_loss(loss_fn, shape, tries, rng):
    candidates = [rng.normal(size=shape) for _ in range(tries)]
    return min(((c, loss_fn(c)) for c in candidates), key=lambda pair: abs(pair[1]))


@wrong("random_search")
def started_from_a_billion(loss_fn, shape, tries, rng):
    best, lowest = np.zeros(shape), 1e9
    for _ in range(tries):
        candidate = rng.normal(size=shape)
        if loss_fn(candidate) < lowest:
            best, lowest = candidate, loss_fn(candidate)
    return best, lowest


@wrong("random_search")
def entry_by_entry(loss_fn, shape, tries, rng):
    candidates = np.array([rng.normal(size=shape) for _ in range(tries)])
    best = candidates.min(axis=0)
    return best, loss_fn(best)


@wrong("random_search")
def spread_of_a_tenth(loss_fn, shape, tries, rng):
    candidates = [0.1 * rng.normal(size=shape) for _ in range(tries)]
    return min(((c, loss_fn(c)) for c in candidates), key=lambda pair: pair[1])


@wrong("random_search")
def walks_at_random(loss_fn, shape, tries, rng):
    candidates = np.cumsum([rng.normal(size=shape) for _ in range(tries)], axis=0)
    values = [loss_fn(candidate) for candidate in candidates]
    return candidates[np.argmin(values)], min(values)


def stopping(losses, patience):
    return counting(losses, patience)


wrong(
    "early_stopping",
    pair_reversed="stopping(losses, patience)[::-1]",
    best_alone="stopping(losses, patience)[0]",
    patience_times_two="stopping(losses, 2 * patience)",
    patience_fixed="stopping(losses, 3)",
    stops_at_the_first_rise="stopping(losses, 1)",
    largest_instead="stopping(-losses, patience)",
)


@wrong("early_stopping")
def length_for_last(losses, patience):
    best, last = stopping(losses, patience)
    return best, last + 1


@wrong("early_stopping")
def last_of_equal_ones(losses, patience):
    best, last = stopping(losses, patience)
    return int(np.flatnonzero(losses[: last + 1] == losses[best])[-1]), last


@wrong("early_stopping")
def with_a_tolerance(losses, patience):
    best, last = 0, 0
    for last in range(len(losses)):
        if losses[last] < losses[best] - 1e-3:
            best = last
        if last - best >= patience:
            break
    return best, last


@wrong("early_stopping")
def relative_tolerance(losses, patience):
    best, last = 0, 0
    for last in range(len(losses)):
        if losses[last] < 0.99 * losses[best]:
            best = last
        if last - best >= patience:
            break
    return best, last


@wrong("early_stopping")
def first_loss_ignored(losses, patience):
    if len(losses) < 2:
        return 0, 0
    best, last = stopping(losses[1:], patience)
    return best + 1, last + 1


@wrong("early_stopping")
def patience_runs_from_the_start(losses, patience):
    last = min(patience, len(losses) - 1)
    return int(np.argmin(losses[: last + 1])), last


@wrong("early_stopping")
def best_of_the_last_few(losses, patience):
    _, last = stopping(losses, patience)
    start = max(0, last - patience)
    return start + int(np.argmin(losses[start : last + 1])) + (last == len(losses) - 1), last


# --- mutants that compute the same

table.equivalent(
    "empirical_risk",
    was="return float(np.mean(loss(predictions.reshape(targets.shape), targets)))",
    becomes="return np.mean(loss(predictions.reshape(targets.shape), targets))",
    reason="a NumPy float is a float with the same value",
)
table.equivalent(
    "numeric_gradient",
    was="for index in np.ndindex(theta.shape):",
    becomes="for index in np.ndindex(grad.shape):",
    reason="grad is made like theta, so the shapes are equal",
)
table.equivalent(
    "numeric_gradient",
    was="step = np.zeros_like(theta)",
    becomes="step = np.zeros_like(grad)",
    reason="grad is made like theta: same shape, same dtype",
)
for same_length in ("logits", "shifted", "log_probs"):
    table.equivalent(
        "softmax_cross_entropy",
        was="of_labels = (np.arange(len(labels)), labels)",
        becomes=f"of_labels = (np.arange(len({same_length})), labels)",
        reason="there are as many rows as labels",
    )
for same_length in ("logits", "shifted", "log_probs", "grad"):
    table.equivalent(
        "softmax_cross_entropy",
        was="return (-log_probs[of_labels].mean(), grad / len(labels))",
        becomes=f"return (-log_probs[of_labels].mean(), grad / len({same_length}))",
        reason="there are as many rows as labels",
    )
table.equivalent(
    "ridge_gradient",
    was="grad = 2 * X.T @ (X @ W - y) / len(y)",
    becomes="grad = 2 * X.T @ (X @ W - y) / len(X)",
    reason="X has as many rows as y has entries",
)
table.equivalent(
    "early_stopping",
    was="if last - best >= patience:",
    becomes="if last - best == patience:",
    reason="the difference is zero or one more than a step before, so it meets the patience before it can pass it",
)


table.loose["softmax_cross_entropy"] = "of a logit of 1e4 float32 keeps three digits behind the point"
