"""What batch normalization buys: honest variants, further wrong solutions, and mutants that compute the same."""

import copy

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from tests.precision.table import ChapterTable

table = ChapterTable(__file__)
honest, wrong = table.honest, table.wrong


# --- honest solutions


@honest("coupled_change")
def through_polynomials(w, grad, x, lr):
    product = np.polynomial.Polynomial([x])
    for weight, slope in zip(w, grad, strict=True):
        product = product * np.polynomial.Polynomial([weight, -slope])
    coefficients = np.zeros(len(w) + 1)
    coefficients[: len(product.coef)] = product.coef
    return coefficients[1:] * lr ** np.arange(1, len(w) + 1)


@honest("coupled_change")
def layer_by_layer(w, grad, x, lr):
    orders = [x] + [0.0] * len(w)
    for i in range(len(w)):
        for k in range(len(w), 0, -1):
            orders[k] = orders[k] * w[i] - orders[k - 1] * lr * grad[i]
        orders[0] = orders[0] * w[i]
    return orders[1:]


@honest("train_epochs")
def with_deepcopy_and_a_loader(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    losses, best, lowest = [], None, float("inf")
    for _ in range(epochs):
        model.train()
        order = torch.as_tensor(rng.permutation(len(train_set[0])))
        for batch in order.split(batch_size):
            loss = cross_entropy(model(train_set[0][batch]), train_set[1][batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.train(False)
        loss = float(cross_entropy(model(val_set[0]), val_set[1]))
        losses.append(loss)
        if loss < lowest:
            lowest, best = loss, copy.deepcopy(model.state_dict())
    return losses, best


@honest("train_epochs")
def keeps_all_and_chooses_in_the_end(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    losses, states = [], []
    x, y = train_set
    for _ in range(epochs):
        order = rng.permutation(len(x))
        model.train()
        for start in range(0, len(x), batch_size):
            rows = order[start : start + batch_size]
            model.zero_grad()
            cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
        with torch.inference_mode():
            losses.append(cross_entropy(model.eval()(val_set[0]), val_set[1]))
        states.append({name: value.detach().clone() for name, value in model.state_dict().items()})
    return torch.stack(losses), states[int(np.argmin(losses))]


@honest("recalibrate")
def cumulative_average(model, x):
    norms = [layer for layer in model.modules() if isinstance(layer, nn.BatchNorm1d)]
    kept, was_training = [layer.momentum for layer in norms], model.training
    for layer in norms:
        layer.reset_running_stats()
        layer.momentum = None
    with torch.no_grad():
        model.train()(x)
    for layer, momentum in zip(norms, kept, strict=True):
        layer.momentum = momentum
    model.train(was_training)


@honest("recalibrate")
def by_hooks(model, x):
    def note(layer, inputs):
        layer.running_mean.copy_(inputs[0].mean(0))
        layer.running_var.copy_(inputs[0].var(0))

    was_training = model.training
    norms = [layer for layer in model.modules() if isinstance(layer, nn.BatchNorm1d)]
    hooks = [layer.register_forward_pre_hook(note) for layer in norms]
    for layer in norms:
        layer.track_running_stats = False
    with torch.no_grad():
        model.train()(x)
    for layer, hook in zip(norms, hooks, strict=True):
        layer.track_running_stats = True
        hook.remove()
    model.train(was_training)


@honest("input_drift")
def unit_by_unit(before, after):
    shifts, stretches = [], []
    for old, new in zip(before.T, after.T, strict=True):
        if old.std() > 0 and new.std() > 0:
            shifts.append(abs(new.mean() - old.mean()) / old.std())
            stretches.append(abs(np.log(new.std()) - np.log(old.std())))
    return np.median(shifts), np.median(stretches)


@honest("input_drift")
def with_nan(before, after):
    spread, later = before.std(0), after.std(0)
    dead = (spread == 0) | (later == 0)
    spread, later = np.where(dead, np.nan, spread), np.where(dead, np.nan, later)
    return np.nanmedian(np.abs(after.mean(0) - before.mean(0)) / spread), np.nanmedian(np.abs(np.log(later / spread)))


@honest("norm_path")
def squares_first(norm, slopes, lr, decay):
    squares = [norm**2]
    for slope in slopes:
        squares.append((1 - lr * decay) ** 2 * squares[-1] + lr**2 * slope**2 / squares[-1])
    return np.sqrt(squares)


@honest("norm_path")
def by_hypot(norm, slopes, lr, decay):
    path = np.empty(len(slopes) + 1)
    path[0] = norm
    for k, slope in enumerate(slopes):
        path[k + 1] = np.hypot(path[k] - lr * decay * path[k], lr * slope / path[k])
    return path


honest(
    "equilibrium",
    written_out="(lr * slope**2 / (2 * decay - lr * decay**2)) ** 0.25, np.arccos(1 - lr * decay)",
    through_logs="np.exp((np.log(lr * slope) - np.log(1 - (1 - lr * decay) ** 2) / 2) / 2), np.arccos(1 - lr * decay)",
)


@honest("equilibrium")
def by_the_tangent(slope, lr, decay):
    kept = 1 - lr * decay
    norm = ((lr * slope) ** 2 / (1 - kept**2)) ** (1 / 4)
    return norm, np.arctan2(lr * slope / norm, kept * norm)


# --- further wrong ones

wrong(
    "coupled_change",
    total_only="np.array([x * (np.prod(w - lr * grad) - np.prod(w))])",
    total_everywhere="np.full(len(w), x * (np.prod(w - lr * grad) - np.prod(w)))",
    absolute_values="np.abs(orders_of(w, grad, x, lr))",
    powers_of_the_first="orders_of(w, grad, x, lr)[0] ** np.arange(1, len(w) + 1)",
    rate_once="orders_of(w, grad, x, lr) / lr ** np.arange(len(w))",
    taylor_factorials="orders_of(w, grad, x, lr) / np.cumprod(np.arange(1.0, len(w) + 1))",
)


def orders_of(w, grad, x, lr):
    orders = np.array([x])
    for weight, slope in zip(w, grad, strict=True):
        orders = np.convolve(orders, [weight, -lr * slope])
    return orders[1:]


@wrong("train_epochs")
def gradient_left_from_the_look(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    losses, best = [], None
    (x, y), (x_val, y_val) = train_set, val_set
    for _ in range(epochs):
        model.train()
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            cross_entropy(model(x[batch]), y[batch]).backward()
            optimizer.step()
            optimizer.zero_grad()
        model.eval()
        loss = cross_entropy(model(x_val), y_val)
        loss.backward()
        losses.append(loss.item())
        if losses[-1] == min(losses):
            best = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    return losses, best


@wrong("train_epochs")
def summed_loss(model, optimizer, train_set, val_set, epochs, batch_size, rng):
    losses, best = [], None
    for _ in range(epochs):
        model.train()
        for batch in torch.as_tensor(rng.permutation(len(train_set[0]))).split(batch_size):
            optimizer.zero_grad()
            cross_entropy(model(train_set[0][batch]), train_set[1][batch], reduction="sum").backward()
            optimizer.step()
        model.eval()
        losses.append(cross_entropy(model(val_set[0]), val_set[1]).item())
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
    return losses, best


@wrong("recalibrate")
def inputs_normalized_anew(model, x):
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm1d):
            layer.running_mean.fill_(float(x.mean()))
            layer.running_var.fill_(float(x.var()))


@wrong("recalibrate")
def layer_after_layer_in_eval_mode(model, x):
    def note(layer, inputs):
        layer.running_mean.copy_(inputs[0].mean(0))
        layer.running_var.copy_(inputs[0].var(0))

    was_training = model.training
    norms = [layer for layer in model.modules() if isinstance(layer, nn.BatchNorm1d)]
    hooks = [layer.register_forward_pre_hook(note) for layer in norms]
    with torch.no_grad():
        model.eval()(x)
    for hook in hooks:
        hook.remove()
    model.train(was_training)


wrong(
    "input_drift",
    shift_twice="(np.median(np.abs(after.mean(0) - before.mean(0))),) * 2",
    stretch_first="drift_of(before, after)[::-1]",
    base_two="(drift_of(before, after)[0], drift_of(before, after)[1] / np.log(2))",
    medians_of_examples="(np.median(np.abs(np.median(after, 0) - np.median(before, 0))), drift_of(before, after)[1])",
)


def drift_of(before, after):
    live = (before.std(0) > 0) & (after.std(0) > 0)
    old, new = before[:, live], after[:, live]
    return np.median(np.abs(new.mean(0) - old.mean(0)) / old.std(0)), np.median(np.abs(np.log(new.std(0) / old.std(0))))


@wrong("norm_path")
def slope_times_square(norm, slopes, lr, decay):
    norms = [norm]
    for slope in slopes:
        norms.append(np.hypot((1 - lr * decay) * norms[-1], lr * slope / norms[-1] ** 2))
    return np.array(norms)


@wrong("norm_path")
def step_shrunk_too(norm, slopes, lr, decay):
    norms = [norm]
    for slope in slopes:
        norms.append(np.hypot((1 - lr * decay) * norms[-1], lr * (1 - decay) * slope / norms[-1]))
    return np.array(norms)


wrong(
    "equilibrium",
    swapped="(np.arccos(1 - lr * decay), np.sqrt(lr * slope) / (1 - (1 - lr * decay) ** 2) ** 0.25)",
    half_the_angle="(np.sqrt(lr * slope) / (1 - (1 - lr * decay) ** 2) ** 0.25, np.arccos(1 - lr * decay) / 2)",
    rate_times_decay="(np.sqrt(lr * slope) / (1 - (1 - lr * decay) ** 2) ** 0.25, lr * decay)",
    slope_forgotten="(np.sqrt(lr) / (1 - (1 - lr * decay) ** 2) ** 0.25, np.arccos(1 - lr * decay))",
)


# --- forms that cannot be

TENSORS = "a model in torch takes tensors, and answers in them"
for _name in ("train_epochs", "recalibrate"):
    for _form in ("float32_in_and_out", "zero_dimensional_arrays"):
        table.unsuitable[_name, _form] = TENSORS


# --- mutants that compute the same

ZIPPED = "for weight, slope in zip(w, grad, strict=True):"
STRICT = "strict only tells of arrays that are not equally long, and these are"
table.equivalent("coupled_change", ZIPPED, ZIPPED.replace("True", "False"), STRICT)
table.equivalent("coupled_change", ZIPPED, ZIPPED.replace(", strict=True", ""), STRICT)
table.equivalent(
    "coupled_change",
    "orders = np.convolve(orders, [weight, -lr * slope])",
    "orders = np.convolve([weight, -lr * slope], orders)",
    "the product of two polynomials does not depend on their order",
)

LONGER = "norms.append(np.hypot((1 - lr * decay) * norms[-1], lr * slope / norms[-1]))"
table.equivalent(
    "norm_path",
    LONGER,
    "norms.append(np.hypot(lr * slope / norms[-1], (1 - lr * decay) * norms[-1]))",
    "the two sides of a right angle, in either order",
)
table.equivalent(
    "norm_path", LONGER, LONGER.replace("1 - lr * decay", "lr * decay - 1"), "a side's sign is lost when it is squared"
)
table.equivalent("norm_path", "return np.array(norms)", "return norms", "a list of numbers counts as an array")

LIVE = "live = (spreads[0] > 0) & (spreads[1] > 0)"
for _mutated in (LIVE.replace("[0] >", "[0] !="), LIVE.replace("[1] >", "[1] !=")):
    table.equivalent("input_drift", LIVE, _mutated, "a spread is never below 0")
table.equivalent("input_drift", LIVE, "live = (spreads[1] > 0) & (spreads[0] > 0)", "both, in either order")
MEANS = "means = (before.mean(axis=0), after.mean(axis=0))"
table.equivalent("input_drift", MEANS, "means = (after.mean(axis=0), before.mean(axis=0))", "a distance has no sign")
SHIFTED = "shift = np.abs(means[1] - means[0])[live] / spreads[0][live]"
table.equivalent("input_drift", SHIFTED, SHIFTED.replace("[1] - means[0]", "[0] - means[1]"), "a distance has no sign")
table.equivalent(
    "input_drift",
    "stretch = np.abs(np.log(spreads[1][live] / spreads[0][live]))",
    "stretch = np.abs(np.log(spreads[0][live] / spreads[1][live]))",
    "the logarithm of the inverse has the other sign, which np.abs takes away",
)

GIVEN_BACK = "for norm, momentum in zip(norms, momenta, strict=True):"
for _mutated in (GIVEN_BACK.replace("True", "False"), GIVEN_BACK.replace(", strict=True", "")):
    table.equivalent("recalibrate", GIVEN_BACK, _mutated, "there is one momentum for each norm")
table.equivalent("recalibrate", "model.train(True)", "model.train()", "True is what it takes by itself")

AS_MANY = "there are as many labels, and places in the order, as examples"
DRAWN, CUT = "order = rng.permutation(len(x))", "for start in range(0, len(x), batch_size):"
table.equivalent("train_epochs", DRAWN, DRAWN.replace("(x)", "(y)"), AS_MANY)
for _other in ("order", "y"):
    table.equivalent("train_epochs", CUT, CUT.replace("(x)", f"({_other})"), AS_MANY)
LOWEST = "if losses[-1] == min(losses):"
table.equivalent("train_epochs", LOWEST, LOWEST.replace("==", "<="), "no entry of a list is below its least")
table.equivalent(
    "train_epochs", "optimizer.zero_grad()", "model.zero_grad()", "the optimizer has all parameters of the model"
)
NOTED = "losses.append(cross_entropy(model(x_val), y_val).item())"
table.equivalent("train_epochs", NOTED, NOTED.replace(".item()", ""), "a tensor with one number counts as that number")
