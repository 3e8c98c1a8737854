"""SGD, schedules and momentum: honest variants, further wrong solutions, and mutants that compute the same."""

import math

import numpy as np
import torch

from tests.precision.table import ChapterTable

table = ChapterTable(__file__, in_hints=frozenset({"1 - momentum", "1 - beta", "warmup - 1"}))
honest, wrong = table.honest, table.wrong


# --- honest solutions


@honest("sgd_step")
def through_torch_sgd(theta, grad, lr):
    parameter = torch.nn.Parameter(torch.from_numpy(theta.copy()))
    parameter.grad = torch.from_numpy(np.array(grad))
    torch.optim.SGD([parameter], lr=lr).step()
    return parameter


honest(
    "sgd_step",
    sum_of_a_negative="theta + (-lr) * grad",
    numpy_functions="np.subtract(theta, np.multiply(lr, grad))",
)


@honest("sgd_step")
def copied_then_in_place(theta, grad, lr):
    theta = theta.copy()
    theta -= lr * grad
    return theta


@honest("sgd_step")
def looped(theta, grad, lr):
    new = np.empty_like(theta)
    for index in np.ndindex(theta.shape):
        new[index] = theta[index] - lr * grad[index]
    return new


@honest("sgd_step")
def nested_comprehension(theta, grad, lr):
    if np.ndim(theta) == 1:
        return [t - lr * g for t, g in zip(theta, grad, strict=True)]
    return [nested_comprehension(t, g, lr) for t, g in zip(theta, grad, strict=True)]


honest(
    "linear_decay",
    interpolated="np.interp(k, [0, tau], [lr0, lr_tau])",
    branched_after_tau="lr_tau if k > tau else lr0 + k * (lr_tau - lr0) / tau",
    lerp_in_float32="torch.lerp(torch.tensor(lr0), torch.tensor(lr_tau), min(1.0, k / tau))",
    rates_listed="np.linspace(lr0, lr_tau, tau + 1)[min(k, tau)]",
    where="np.where(k < tau, (1 - k / tau) * lr0 + k / tau * lr_tau, lr_tau)",
    item_of_a_float32_schedule="np.linspace(lr0, lr_tau, tau + 1, dtype=np.float32)[min(k, tau)]",
)


honest("linear_decay", no_lower_than_the_last_rate="max(lr_tau, lr0 - (lr0 - lr_tau) * k / tau)")


@honest("linear_decay")
def branched(k, lr0, lr_tau, tau):
    if k >= tau:
        return lr_tau
    return lr0 - (lr0 - lr_tau) * k / tau


@honest("linear_decay")
def clipped(k, lr0, lr_tau, tau):
    done = np.clip(k / tau, 0.0, 1.0)
    return lr0 * (1 - done) + lr_tau * done


honest(
    "exponential_decay",
    by_math="lr0 * math.exp(-rate * k)",
    as_quotient="lr0 / np.exp(rate * k)",
    factor_to_the_k="lr0 * np.exp(-rate) ** k",
    through_logarithms="np.exp(np.log(lr0) - rate * k)",
    torch_in_float32="lr0 * torch.exp(torch.tensor(-rate * k, dtype=torch.float32))",
)


@honest("exponential_decay")
def looped_decay(k, lr0, rate):
    lr = lr0
    for _ in range(k):
        lr *= np.exp(-rate)
    return lr


@honest("exponential_average")
def list_of_entries(x, beta, correct):
    average, out = 0.0, []
    for t, value in enumerate(x, start=1):
        average = beta * average + (1 - beta) * value
        out.append(average / (1 - beta**t) if correct else average)
    return out


@honest("exponential_average")
def list_of_entries_in_float32(x, beta, correct):
    average, out = np.float32(0), []
    beta = np.float32(beta)
    for t, value in enumerate(x.astype(np.float32), start=1):
        average = beta * average + (np.float32(1) - beta) * value
        out.append(average / (np.float32(1) - beta**t) if correct else average)
    return out


@honest("exponential_average")
def moved_towards_the_value(x, beta, correct):
    average, out = np.zeros_like(x[0]), np.zeros_like(x)
    for i in range(len(x)):
        average = average + (1 - beta) * (x[i] - average)
        out[i] = average
    if correct:
        weights = 1 - beta ** np.arange(1, len(x) + 1)
        out = (out.T / weights).T
    return out


@honest("exponential_average")
def weights_summed_as_they_come(x, beta, correct):
    average, total, out = np.zeros_like(x[0]), 0.0, []
    for value in x:
        average, total = beta * average + (1 - beta) * value, beta * total + (1 - beta)
        out.append(average / total if correct else average)
    return np.stack(out)


@honest("exponential_average")
def matrix_of_weights(x, beta, correct):
    t = np.arange(len(x))
    age = t[:, None] - t
    weights = np.where(age >= 0, (1 - beta) * float(beta) ** np.maximum(age, 0), 0.0)
    if correct:
        weights /= weights.sum(axis=1, keepdims=True)
    return weights @ x


@honest("exponential_average")
def generated(x, beta, correct):
    average = 0.0
    for t, value in enumerate(x, start=1):
        average = beta * average + (1 - beta) * value
        yield average / (1 - beta**t) if correct else average


@honest("exponential_average")
def torch_lerp(x, beta, correct):
    x = torch.as_tensor(x, dtype=torch.float32)
    average, out = torch.zeros(x.shape[1:]), []
    for t, value in enumerate(x, start=1):
        average = torch.lerp(average, value, 1 - beta)
        out.append(average / (1 - beta**t) if correct else average)
    return torch.stack(out)


@honest("exponential_average")
def filled_in_a_list_of_tensors(x, beta, correct):
    average, out = torch.zeros(x.shape[1:], dtype=torch.float64), []
    for t, value in enumerate(torch.from_numpy(x), start=1):
        average = beta * average + (1 - beta) * value
        out.append(average / (1 - beta**t) if correct else average.clone())
    return out


@honest("momentum_step")
def torch_buffer(theta, grad, velocity, lr, momentum):
    theta, grad, velocity = map(torch.as_tensor, (theta, grad, velocity))
    velocity = velocity.mul(momentum).sub(grad, alpha=lr)
    return theta + velocity, velocity


honest("momentum_step", theta_written_out="theta + momentum * velocity - lr * grad, momentum * velocity - lr * grad")


@honest("momentum_step")
def velocity_from_theta(theta, grad, velocity, lr, momentum):
    new = theta - (lr * grad - momentum * velocity)
    return new, -(lr * grad - momentum * velocity)


@honest("momentum_step")
def stacked(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity - lr * grad
    return np.stack([theta + velocity, velocity])


@honest("momentum_step")
def one_object_twice(theta, grad, velocity, lr, momentum):
    velocity = velocity.copy()
    velocity *= momentum
    velocity -= lr * grad
    theta = theta.copy()
    theta += velocity
    return [theta, velocity]


@honest("momentum_step")
def by_einsum(theta, grad, velocity, lr, momentum):
    velocity = np.einsum("k,k...->...", [momentum, -lr], np.stack([velocity, grad]))
    return theta + velocity, velocity


@honest("nesterov_step")
def ahead_named(theta, velocity, grad_fn, lr, momentum):
    coasted = momentum * velocity
    push = lr * grad_fn(theta + coasted)
    return theta + coasted - push, coasted - push


@honest("nesterov_step")
def difference_of_positions(theta, velocity, grad_fn, lr, momentum):
    ahead = theta + momentum * velocity
    step = momentum * velocity - lr * np.asarray(grad_fn(ahead))
    return np.add(theta, step), step


@honest("nesterov_step")
def point_as_list(theta, velocity, grad_fn, lr, momentum):
    grad = grad_fn((theta + momentum * velocity).tolist())
    velocity = momentum * velocity - lr * grad
    return theta + velocity, velocity


@honest("nesterov_step")
def tensors_around_the_gradient(theta, velocity, grad_fn, lr, momentum):
    theta, velocity = torch.from_numpy(theta), torch.from_numpy(velocity)
    grad = torch.as_tensor(grad_fn((theta + momentum * velocity).numpy()))
    velocity = momentum * velocity - lr * grad
    return theta + velocity, velocity


@honest("nesterov_step")
def in_float32(theta, velocity, grad_fn, lr, momentum):
    theta, velocity = theta.astype(np.float32), velocity.astype(np.float32)
    lr, momentum = np.float32(lr), np.float32(momentum)
    grad = grad_fn(theta + momentum * velocity).astype(np.float32)
    velocity = momentum * velocity - lr * grad
    return theta + velocity, velocity


@honest("nesterov_step")
def gradient_asked_twice(theta, velocity, grad_fn, lr, momentum):
    def step():
        return momentum * velocity - lr * grad_fn(theta + momentum * velocity)

    return theta + step(), step()


@honest("restarted_descent")
def by_positions(grad_fn, theta, lr, steps):
    points, since, restarts = [np.array(theta)], 0, []
    back = points[0]
    for k in range(steps):
        here = points[-1]
        ahead = here + since / (since + 3) * (here - back)
        grad = np.asarray(grad_fn(ahead))
        there = ahead - lr * grad
        points.append(there)
        if float(np.dot(grad, there - here)) > 0:
            restarts, back, since = [*restarts, k + 1], there, 0
        else:
            back, since = here, since + 1
    return points, restarts


@honest("restarted_descent")
def in_a_table_made_before(grad_fn, theta, lr, steps):
    path = np.empty((steps + 1, len(theta)))
    path[0], velocity, restarted = theta, 0.0, [0]
    for k in range(1, steps + 1):
        j = k - 1 - restarted[-1]
        grad = grad_fn(path[k - 1] + j * velocity / (j + 3))
        velocity = j * velocity / (j + 3) - lr * grad
        path[k] = path[k - 1] + velocity
        if (grad * velocity).sum() > 0:
            velocity = 0 * velocity
            restarted.append(k)
    return path, np.array(restarted[1:])


@honest("restarted_descent")
def with_tensors(grad_fn, theta, lr, steps):
    theta = torch.tensor(theta)
    velocity, j, path, restarts = torch.zeros_like(theta), 0, [theta], []
    for k in range(1, steps + 1):
        momentum = j / (j + 3)
        grad = torch.as_tensor(grad_fn((theta + momentum * velocity).numpy()))
        velocity = momentum * velocity - lr * grad
        theta, j = theta + velocity, j + 1
        path.append(theta)
        if grad @ velocity > 0:
            velocity.zero_()
            j = 0
            restarts.append(k)
    return torch.stack(path), tuple(restarts)


@honest("averaged_momentum_step")
def rate_divided_last(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity + (1 - momentum) * grad
    return theta - lr * velocity / (1 - momentum), velocity


@honest("averaged_momentum_step")
def moved_towards_the_gradient(theta, grad, velocity, lr, momentum):
    velocity = velocity + (1 - momentum) * (grad - velocity)
    return theta - velocity * (lr / (1 - momentum)), velocity


@honest("averaged_momentum_step")
def through_the_sum(theta, grad, velocity, lr, momentum):
    total = momentum * velocity / (1 - momentum) + grad
    return theta - lr * total, (1 - momentum) * total


@honest("averaged_momentum_step")
def lerp_of_tensors(theta, grad, velocity, lr, momentum):
    theta, grad, velocity = (torch.tensor(value, dtype=torch.float32) for value in (theta, grad, velocity))
    velocity = torch.lerp(velocity, grad, 1 - momentum)
    return theta - lr / (1 - momentum) * velocity, velocity


@honest("averaged_momentum_step")
def averaged_by_numpy(theta, grad, velocity, lr, momentum):
    velocity = np.average([velocity, grad], axis=0, weights=[momentum, 1 - momentum])
    return theta - np.divide(lr, 1 - momentum) * velocity, velocity


@honest("averaged_momentum_step")
def rows_one_by_one(theta, grad, velocity, lr, momentum):
    new_theta, new_velocity = np.zeros_like(theta), np.zeros_like(velocity)
    for i in range(len(theta)):
        new_velocity[i] = momentum * velocity[i] + (1 - momentum) * grad[i]
        new_theta[i] = theta[i] - lr / (1 - momentum) * new_velocity[i]
    return new_theta, new_velocity


honest(
    "warmup_cosine",
    share_of_the_way="risen(k, lr, warmup) if k < warmup else lr_end + (lr - lr_end) * cosine_left(k, warmup, steps)",
    two_weights="np.where(k < warmup, risen(k, lr, warmup), weighted(cosine_left(k, warmup, steps), lr, lr_end))",
    squared_cosine="risen(k, lr, warmup) if k < warmup else weighted(np.cos(half(k, warmup, steps)) ** 2, lr, lr_end)",
    squared_sine="risen(k, lr, warmup) if k < warmup else weighted(np.sin(half(k, warmup, steps)) ** 2, lr_end, lr)",
)


def risen(k, lr, warmup):
    return lr * (k + 1) / warmup


def done(k, warmup, steps):
    return min(1.0, (k - (warmup - 1)) / (steps - 1 - (warmup - 1)))


def cosine_left(k, warmup, steps):
    return 0.5 * (1 + math.cos(math.pi * done(k, warmup, steps)))


def half(k, warmup, steps):
    return np.pi / 2 * done(k, warmup, steps)


def weighted(share, lr, lr_end):
    return share * lr + (1 - share) * lr_end


@honest("warmup_cosine")
def whole_schedule_listed(k, lr, warmup, steps, lr_end):
    rising = np.arange(1, warmup + 1) / warmup * lr
    angles = np.linspace(0, np.pi, steps - warmup + 1)[1:]
    rates = np.concatenate([rising, lr_end + (lr - lr_end) * (1 + np.cos(angles)) / 2])
    return rates[min(k, steps - 1)]


@honest("warmup_cosine")
def clamped_first(k, lr, warmup, steps, lr_end):
    if k >= steps:
        return lr_end
    if k + 1 <= warmup:
        return (k + 1) * lr / warmup
    return 0.5 * (lr + lr_end) + 0.5 * (lr - lr_end) * np.cos(np.pi * (k + 1 - warmup) / (steps - warmup))


@honest("SGD")
class ThroughTorch:
    def __init__(self, parameters, lr, momentum=0.0, nesterov=False):
        self.arrays, self.lr, self.k = parameters, lr, 0
        self.tensors = [torch.from_numpy(array.copy()).requires_grad_() for array in parameters]
        self.inner = torch.optim.SGD(self.tensors, lr=1.0, momentum=momentum, nesterov=nesterov and momentum > 0)

    def step(self, grads):
        self.inner.param_groups[0]["lr"] = self.lr(self.k) if callable(self.lr) else self.lr
        for tensor, grad in zip(self.tensors, grads, strict=True):
            tensor.grad = None if grad is None else torch.tensor(grad, dtype=tensor.dtype)
        self.inner.step()
        for array, tensor in zip(self.arrays, self.tensors, strict=True):
            np.copyto(array, tensor.detach().numpy())
        self.k += 1


@honest("SGD")
class VelocitiesInADictionary:
    def __init__(self, parameters, lr, momentum=0.0, nesterov=False):
        self.parameters = tuple(parameters)
        self.schedule = lr if callable(lr) else lambda k: lr
        self.momentum, self.nesterov = momentum, nesterov
        self.state, self.updates = {}, 0

    def step(self, grads):
        rate, self.updates = self.schedule(self.updates), self.updates + 1
        for index, grad in enumerate(grads):
            if grad is not None:
                before = self.state.get(index)
                velocity = grad.copy() if before is None else self.momentum * before + grad
                self.state[index] = velocity
                move = grad + self.momentum * velocity if self.nesterov else velocity
                np.subtract(self.parameters[index], rate * move, out=self.parameters[index])
        return self.parameters


@honest("SGD")
class MovesBackwards:
    def __init__(self, parameters, lr, momentum=0.0, nesterov=False):
        self.pairs = [(theta, np.zeros(theta.shape)) for theta in parameters]
        self.lr, self.momentum, self.nesterov, self.k = lr, momentum, nesterov, -1

    def rate(self):
        return self.lr(self.k) if callable(self.lr) else self.lr

    def step(self, grads):
        self.k += 1
        for (theta, velocity), grad in reversed(list(zip(self.pairs, grads, strict=True))):
            if grad is None:
                continue
            velocity[...] = self.momentum * velocity - grad
            theta[:] = theta + self.rate() * (self.momentum * velocity - grad if self.nesterov else velocity)


@honest("SGD")
class StateOfEachParameter:
    class One:
        def __init__(self, theta):
            self.theta, self.velocity = theta, 0.0

        def move(self, grad, rate, momentum, nesterov):
            self.velocity = momentum * self.velocity + grad
            self.theta -= rate * (grad + momentum * self.velocity if nesterov else self.velocity)

    def __init__(self, parameters, lr, momentum=0.0, nesterov=False):
        self.states = [self.One(theta) for theta in parameters]
        self.settings, self.lr, self.k = (momentum, nesterov), lr, 0

    def step(self, grads):
        rate = self.lr if isinstance(self.lr, int | float) else self.lr(self.k)
        for state, grad in zip(self.states, grads, strict=True):
            grad is None or state.move(grad, rate, *self.settings)
        self.k = self.k + 1


@honest("train")
def cleared_in_place(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    grads, losses = [np.zeros_like(theta) for theta in parameters], []
    for _ in range(epochs):
        order, seen = rng.permutation(len(X)), 0.0
        while len(order):
            batch, order = order[:batch_size], order[batch_size:]
            for grad in grads:
                grad.fill(0)
            seen += len(batch) * backward(X[batch], y[batch], grads)
            optimizer.step(grads)
        losses.append(seen / len(y))
    return np.array(losses)


@honest("train")
def split_by_numpy(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    def update(batch):
        grads = [0 * theta for theta in parameters]
        loss = backward(X[batch], y[batch], grads)
        optimizer.step(grads)
        return loss

    def epoch():
        order = np.arange(len(X))
        rng.shuffle(order)
        batches = np.split(order, range(batch_size, len(X), batch_size))
        return np.average([update(batch) for batch in batches], weights=list(map(len, batches)))

    return [epoch() for _ in range(epochs)]


@honest("train")
def shuffled_copies(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        shuffled, labels, each = X[order], y[order], np.zeros(len(X))
        for start in range(0, len(X), batch_size):
            part = slice(start, min(start + batch_size, len(X)))
            grads = [np.zeros(theta.shape) for theta in parameters]
            each[part] = backward(shuffled[part], labels[part], grads)
            optimizer.step(grads)
        losses.append(each.mean())
    return tuple(losses)


# --- further wrong solutions


def cosine_rate(k, lr, warmup, steps, lr_end):
    return lr * (k + 1) / warmup if k < warmup else weighted(cosine_left(k, warmup, steps), lr, lr_end)


wrong(
    "warmup_cosine",
    squared_warmup="lr * ((k + 1) / warmup) ** 2 if k < warmup else cosine_rate(k, lr, warmup, steps, lr_end)",
    whole_number_division="lr * ((k + 1) // warmup) if k < warmup else cosine_rate(k, lr, warmup, steps, lr_end)",
    warmup_one_longer="lr * (k + 1) / (warmup + 1) if k <= warmup else cosine_rate(k, lr, warmup + 1, steps, lr_end)",
    upside_down="risen(k, lr, warmup) if k < warmup else weighted(1 - cosine_left(k, warmup, steps), lr, lr_end)",
    not_halved="risen(k, lr, warmup) if k < warmup else lr_end + (lr - lr_end) * 2 * cosine_left(k, warmup, steps)",
    no_constant="risen(k, lr, warmup) if k < warmup else lr_end + (lr - lr_end) * np.cos(2 * half(k, warmup, steps))",
    sine="risen(k, lr, warmup) if k < warmup else lr * np.sin(np.pi * done(k, warmup, steps))",
    exponential="risen(k, lr, warmup) if k < warmup else lr * (lr_end / lr) ** done(k, warmup, steps)",
    restarts="cosine_rate(k % steps, lr, warmup, steps, lr_end)",
    stays_after_the_warmup="lr * min(1.0, (k + 1) / warmup)",
    counted_from_one="cosine_rate(k - 1, lr, warmup, steps, lr_end)",
    one_ahead="cosine_rate(k + 1, lr, warmup, steps, lr_end)",
    steps_after_the_warmup="cosine_rate(k, lr, warmup, steps + warmup, lr_end)",
    last_rate_added="cosine_rate(k, lr, warmup, steps, 0.0) + lr_end",
    a_list="[cosine_rate(i, lr, warmup, steps, lr_end) for i in range(k + 1)]",
)


class Plain:
    """A right optimizer, from which wrong ones differ in one place."""

    def __init__(self, parameters, lr, momentum=0.0, nesterov=False):
        self.parameters, self.lr, self.momentum, self.nesterov = parameters, lr, momentum, nesterov
        self.velocities, self.k = [np.zeros_like(theta) for theta in parameters], 0

    def rate(self):
        return self.lr(self.k) if callable(self.lr) else self.lr

    def step(self, grads):
        for i, grad in enumerate(grads):
            if grad is not None:
                self.move(i, grad)
        self.k += 1

    def move(self, i, grad):
        self.velocities[i] = self.momentum * self.velocities[i] + grad
        ahead = grad + self.momentum * self.velocities[i]
        self.parameters[i][...] -= self.rate() * (ahead if self.nesterov else self.velocities[i])


@wrong("SGD")
class RateSquared(Plain):
    def rate(self):
        return Plain.rate(self) ** 2


@wrong("SGD")
class CopiesTheParameters(Plain):
    def __init__(self, parameters, lr, momentum=0.0, nesterov=False):
        Plain.__init__(self, [theta.copy() for theta in parameters], lr, momentum, nesterov)


@wrong("SGD")
class OnlyTheFirstParameter(Plain):
    def step(self, grads):
        Plain.step(self, grads[:1])


@wrong("SGD")
class NormalizesTheGradients(Plain):
    def move(self, i, grad):
        Plain.move(self, i, grad / np.sqrt(np.sum(grad**2)))


@wrong("SGD")
class ForgetsAfterNone(Plain):
    def step(self, grads):
        Plain.step(self, grads)
        self.velocities = [0.0 if grad is None else v for grad, v in zip(grads, self.velocities, strict=True)]


@wrong("SGD")
class TakesTheListApart(Plain):
    def step(self, grads):
        while grads:
            grad = grads.pop()
            if grad is not None:
                self.move(len(grads), grad)
        self.k += 1


@wrong("SGD")
class MomentumOfTheBook(Plain):
    def move(self, i, grad):
        self.velocities[i] = self.momentum * self.velocities[i] - self.rate() * grad
        self.parameters[i][...] += self.velocities[i]


@wrong("SGD")
class GivesNewParametersBack(Plain):
    def step(self, grads):
        return [theta - self.rate() * grad for theta, grad in zip(self.parameters, grads, strict=True)]


@wrong("SGD")
class StepIsCalledUpdate:
    def __init__(self, parameters, lr, momentum=0.0, nesterov=False):
        self.update = Plain(parameters, lr, momentum, nesterov).step


@wrong("SGD")
class StepNeedsTheParameters(Plain):
    def step(self, parameters, grads):
        Plain.step(self, grads)


@wrong("SGD")
class MadeWithoutMomentum(Plain):
    def __init__(self, parameters, lr):
        Plain.__init__(self, parameters, lr)


@wrong("SGD")
def not_a_class(parameters, lr, momentum=0.0, nesterov=False):
    return [theta - lr for theta in parameters]


@wrong("SGD")
class WithWeightDecay(Plain):
    def move(self, i, grad):
        Plain.move(self, i, grad + 1e-3 * self.parameters[i])


@wrong("SGD")
class GetsSlower(Plain):
    def rate(self):
        return Plain.rate(self) / (1 + 1e-4 * self.k)


@wrong("train")
def order_reversed(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    return batched(
        parameters, backward, optimizer, X, y, epochs, batch_size, rng, batches=lambda batches: batches[::-1]
    )


@wrong("train")
def first_batch_left_out(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    return batched(parameters, backward, optimizer, X, y, epochs, batch_size, rng, batches=lambda batches: batches[1:])


@wrong("train")
def last_batch_filled_up(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    def full(batches):
        missing = batch_size - len(batches[-1])
        return [*batches[:-1], np.concatenate([batches[-1], batches[0][:missing]])]

    return batched(parameters, backward, optimizer, X, y, epochs, batch_size, rng, batches=full)


@wrong("train")
def last_batch_joined(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    def joined(batches):
        short = len(batches) > 1 and len(batches[-1]) < batch_size
        return [*batches[:-2], np.concatenate(batches[-2:])] if short else batches

    return batched(parameters, backward, optimizer, X, y, epochs, batch_size, rng, batches=joined)


@wrong("train")
def steps_twice(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    class Twice:
        def step(self, grads):
            optimizer.step(grads)
            optimizer.step(grads)

    return batched(parameters, backward, Twice(), X, y, epochs, batch_size, rng)


@wrong("train")
def one_epoch_more(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    return batched(parameters, backward, optimizer, X, y, epochs + 1, batch_size, rng)


@wrong("train")
def mean_of_all_epochs(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    return float(np.mean(batched(parameters, backward, optimizer, X, y, epochs, batch_size, rng)))


@wrong("train")
def nothing_returned(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    batched(parameters, backward, optimizer, X, y, epochs, batch_size, rng)


@wrong("train")
def order_of_its_own(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    return batched(parameters, backward, optimizer, X, y, epochs, batch_size, np.random.default_rng(0))


@wrong("train")
def losses_one_late(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    return [0.0, *batched(parameters, backward, optimizer, X, y, epochs, batch_size, rng)[:-1]]


@wrong("train")
def two_bugs_left(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
    grads, order = [np.zeros_like(theta) for theta in parameters], rng.permutation(len(X))

    def piling(inputs, labels, fresh):
        loss = backward(inputs, labels, grads)
        for new, old in zip(fresh, grads, strict=True):
            new[...] = old
        return loss

    class Once:
        def permutation(self, n):
            return order

    return batched(parameters, piling, optimizer, X, y, epochs, batch_size, Once())


def batched(parameters, backward, optimizer, X, y, epochs, batch_size, rng, batches=lambda batches: batches):
    losses = []
    for _ in range(epochs):
        order, total, seen = rng.permutation(len(X)), 0.0, 0
        for batch in batches([order[start : start + batch_size] for start in range(0, len(X), batch_size)]):
            grads = [np.zeros_like(theta) for theta in parameters]
            total += backward(X[batch], y[batch], grads) * len(batch)
            seen += len(batch)
            optimizer.step(grads)
        losses.append(total / max(seen, 1))
    return losses


wrong(
    "sgd_step",
    rate_squared="theta - lr**2 * grad",
    rounded_to_integers="np.round(theta - lr * grad).astype(int)",
    absolute_gradient="theta - lr * np.abs(grad)",
    sign_of_gradient="theta - lr * np.sign(grad)",
    mean_gradient="theta - lr * grad.mean()",
    summed_over_the_first_axis="theta - lr * grad.sum(axis=0)",
    clipped_gradient="theta - lr * np.clip(grad, -10, 10)",
    step_with_eps="theta - lr * (grad + 1e-6)",
    only_one_dimension="np.array([theta[i] - lr * grad[i] for i in range(len(theta))]).ravel()",
    half_step="theta - 0.5 * lr * grad",
    with_weight_decay="theta - lr * (grad + 1e-3 * theta)",
)


@wrong("sgd_step")
def first_entry_only(theta, grad, lr):
    theta = theta.copy()
    theta[0] -= lr * grad[0]
    return theta


@wrong("sgd_step")
def grad_changed(theta, grad, lr):
    grad *= lr
    return theta - grad


@wrong("linear_decay")
def one_too_early(k, lr0, lr_tau, tau):
    done = min((k + 1) / tau, 1)
    return (1 - done) * lr0 + done * lr_tau


@wrong("linear_decay")
def one_too_late(k, lr0, lr_tau, tau):
    done = min(max(k - 1, 0) / tau, 1)
    return (1 - done) * lr0 + done * lr_tau


wrong(
    "linear_decay",
    wrong_at_tau_only="lr0 if k == tau else linear_decay_right(k, lr0, lr_tau, tau)",
    geometric="lr0 * (lr_tau / lr0) ** min(k / tau, 1)",
    cosine="lr_tau + 0.5 * (lr0 - lr_tau) * (1 + np.cos(np.pi * min(k / tau, 1)))",
    stays_at_the_first_rate="lr0 if k > tau else (1 - k / tau) * lr0 + k / tau * lr_tau",
    absolute_value="abs(1 - k / tau) * lr0 + min(k / tau, 1) * lr_tau",
    second_weight_not_clamped="max(0, 1 - k / tau) * lr0 + k / tau * lr_tau",
    whole_schedule="np.linspace(lr0, lr_tau, tau + 1)",
)


@wrong("linear_decay")
def clamped_after_one_more(k, lr0, lr_tau, tau):
    done = k / tau if k <= tau + 1 else 1
    return (1 - done) * lr0 + done * lr_tau


@wrong("linear_decay")
def tau_minus_one(k, lr0, lr_tau, tau):
    done = min(k / max(tau - 1, 1), 1)
    return (1 - done) * lr0 + done * lr_tau


@wrong("linear_decay")
def starts_again(k, lr0, lr_tau, tau):
    done = (k % (tau + 1)) / tau
    return (1 - done) * lr0 + done * lr_tau


@wrong("linear_decay")
def floor_of_a_tenth(k, lr0, lr_tau, tau):
    done = min(k / tau, 1)
    return max((1 - done) * lr0 + done * lr_tau, 0.1 * lr0)


def linear_decay_right(k, lr0, lr_tau, tau):
    done = min(k / tau, 1)
    return (1 - done) * lr0 + done * lr_tau


wrong(
    "exponential_decay",
    one_behind="lr0 * np.exp(-rate * max(k - 1, 0))",
    half_the_rate="lr0 * np.exp(-rate * k / 2)",
    quadratic_exponent="lr0 * np.exp(-rate * k**2)",
    k_missing="lr0 * np.exp(-rate)",
    rate_missing="lr0 * np.exp(-k)",
    staircase="lr0 * np.exp(-rate * (k // 10) * 10)",
    floored="max(lr0 * np.exp(-rate * k), 0.01)",
    base_ten="lr0 * 10.0 ** (-rate * k)",
    integer_rate="int(lr0 * np.exp(-rate * k))",
)


@wrong("exponential_decay")
def second_order_series(k, lr0, rate):
    z = rate * k
    return lr0 * (1 - z + z**2 / 2)


def averaged(x, beta, correct):
    average, out = np.zeros(x.shape[1:]), np.empty(x.shape)
    for t, value in enumerate(x, start=1):
        average = beta * average + (1 - beta) * value
        out[t - 1] = average / (1 - beta**t) if correct else average
    return out


wrong(
    "exponential_average",
    last_axis="averaged(x.T, beta, correct).T",
    flattened="averaged(x.ravel(), beta, correct).reshape(x.shape)",
    last_value_only="averaged(x, beta, correct)[-1]",
    absolute_values="averaged(np.abs(x), beta, correct)",
    with_the_start="np.concatenate([np.zeros_like(x[:1]), averaged(x, beta, correct)])",
    one_late="np.concatenate([np.zeros_like(x[:1]), averaged(x, beta, correct)[:-1]])",
    plain_mean_so_far="(np.cumsum(x, axis=0).T / np.arange(1, len(x) + 1)).T",
    in_whole_numbers="averaged(x, beta, correct).astype(int)",
)


@wrong("exponential_average")
def divisor_with_eps(x, beta, correct):
    out = averaged(x, beta, False)
    weights = 1 - beta ** np.arange(1, len(x) + 1) + 1e-3
    return (out.T / weights).T if correct else out


@wrong("exponential_average")
def corrected_by_the_last_weight(x, beta, correct):
    out = averaged(x, beta, False)
    return out / (1 - beta ** len(x)) if correct else out


@wrong("exponential_average")
def no_new_weight(x, beta, correct):
    average, out = 0.0, []
    for t, value in enumerate(x, start=1):
        average = beta * average + value
        out.append(average / (1 - beta**t) if correct else average)
    return np.array(out)


@wrong("exponential_average")
def aliased_buffer(x, beta, correct):
    average, out = np.zeros_like(x[:1]), []
    for value in x:
        average *= beta
        average += (1 - beta) * value
        out.append(average)
    return np.concatenate(out)


@wrong("exponential_average")
def written_into_x(x, beta, correct):
    x[:] = averaged(x, beta, correct)
    return x


def momentum_right(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity - lr * grad
    return theta + velocity, velocity


@wrong("momentum_step")
def swapped_tuple(*arguments):
    return momentum_right(*arguments)[::-1]


@wrong("momentum_step")
def theta_in_place(theta, grad, velocity, lr, momentum):
    theta += momentum * velocity - lr * grad
    return theta, momentum * velocity - lr * grad


@wrong("momentum_step")
def velocity_in_place(theta, grad, velocity, lr, momentum):
    velocity *= momentum
    velocity -= lr * grad
    return theta + velocity, velocity


class _Remembering:
    """Keeps its own velocity and forgets the one that it is given."""

    def __init__(self):
        self.velocity = 0.0

    def __call__(self, theta, grad, velocity, lr, momentum):
        self.velocity = momentum * self.velocity - lr * grad
        return theta + self.velocity, self.velocity


@wrong("momentum_step")
def own_velocity(*arguments, _state=[]):  # noqa: B006
    if not _state or np.shape(_state[0].velocity) != np.shape(arguments[0]):
        _state[:] = [_Remembering()]
    return _state[0](*arguments)


@wrong("momentum_step")
def right_once(*arguments, _calls=[]):  # noqa: B006
    _calls.append(1)
    return momentum_right(*arguments) if len(_calls) == 1 else arguments[0::2][:2]


@wrong("momentum_step")
def nesterov_like(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity - lr * grad
    return theta + momentum * velocity - lr * grad, velocity


wrong(
    "momentum_step",
    plain_descent="theta - lr * grad, -lr * grad",
    fixed_momentum="momentum_right(theta, grad, velocity, lr, 0.9)",
    absolute_velocity="momentum_right(theta, grad, np.abs(velocity), lr, momentum)",
)


@wrong("momentum_step")
def velocity_negated_in_the_result(*arguments):
    theta, velocity = momentum_right(*arguments)
    return theta, -velocity


@wrong("momentum_step")
def theta_twice(*arguments):
    theta, _ = momentum_right(*arguments)
    return theta, theta


@wrong("momentum_step")
def velocity_first_then_zero(*arguments):
    theta, velocity = momentum_right(*arguments)
    return theta, np.zeros_like(velocity)


def restarted_right(grad_fn, theta, lr, steps, least=0.0):
    velocity, j, path, restarts = np.zeros_like(theta), 0, [theta], []
    for k in range(1, steps + 1):
        grad = grad_fn(theta + j / (j + 3) * velocity)
        velocity = j / (j + 3) * velocity - lr * grad
        theta, j = theta + velocity, j + 1
        path.append(theta)
        if grad @ velocity > least:
            velocity, j = np.zeros_like(theta), 0
            restarts.append(k)
    return np.array(path), restarts


@wrong("restarted_descent")
def restarts_first(*arguments):
    return restarted_right(*arguments)[::-1]


@wrong("restarted_descent")
def path_alone(*arguments):
    return restarted_right(*arguments)[0]


@wrong("restarted_descent")
def no_start_in_restarts(*arguments):
    path, restarts = restarted_right(*arguments)
    return path, [0, *restarts]


@wrong("restarted_descent")
def needs_a_clear_climb(*arguments):
    return restarted_right(*arguments, least=0.05)


@wrong("restarted_descent")
def momentum_of_the_whole_walk(grad_fn, theta, lr, steps):
    velocity, path, restarts = np.zeros_like(theta), [theta], []
    for k in range(1, steps + 1):
        momentum = (k - 1) / (k + 2)
        grad = grad_fn(theta + momentum * velocity)
        velocity = momentum * velocity - lr * grad
        theta = theta + velocity
        path.append(theta)
        if grad @ velocity > 0:
            velocity = np.zeros_like(theta)
            restarts.append(k)
    return np.array(path), restarts


def nesterov_right(theta, velocity, grad_fn, lr, momentum):
    velocity = momentum * velocity - lr * grad_fn(theta + momentum * velocity)
    return theta + velocity, velocity


@wrong("nesterov_step")
def tuple_swapped(*arguments):
    return nesterov_right(*arguments)[::-1]


wrong(
    "nesterov_step",
    no_push="theta + momentum * velocity, momentum * velocity",
    velocity_given_back="nesterov_right(theta, velocity, grad_fn, lr, momentum)[0], velocity",
    two_steps="nesterov_right(*nesterov_right(theta, velocity, grad_fn, lr, momentum), grad_fn, lr, momentum)",
)


@wrong("nesterov_step")
def gradient_of_the_velocity(theta, velocity, grad_fn, lr, momentum):
    velocity = momentum * velocity - lr * grad_fn(velocity)
    return theta + velocity, velocity


@wrong("nesterov_step")
def looks_after_the_update(theta, velocity, grad_fn, lr, momentum):
    velocity = momentum * velocity - lr * grad_fn(theta)
    velocity = momentum * velocity - lr * grad_fn(theta + velocity)
    return theta + velocity, velocity


@wrong("nesterov_step")
def averaging(theta, velocity, grad_fn, lr, momentum):
    velocity = momentum * velocity - lr * (1 - momentum) * grad_fn(theta + momentum * velocity)
    return theta + velocity, velocity


@wrong("nesterov_step")
def looks_with_friction(theta, velocity, grad_fn, lr, momentum):
    velocity = momentum * velocity - lr * grad_fn(theta + (1 - momentum) * velocity)
    return theta + velocity, velocity


@wrong("nesterov_step")
def theta_changed_by_looking(theta, velocity, grad_fn, lr, momentum):
    theta += momentum * velocity
    new = momentum * velocity - lr * grad_fn(theta)
    return theta - momentum * velocity + new, new


@wrong("nesterov_step")
def point_ahead_returned(theta, velocity, grad_fn, lr, momentum):
    theta, velocity = nesterov_right(theta, velocity, grad_fn, lr, momentum)
    return theta + momentum * velocity, velocity


@wrong("nesterov_step")
def gradient_at_the_origin(theta, velocity, grad_fn, lr, momentum):
    velocity = momentum * velocity - lr * grad_fn(np.zeros_like(theta))
    return theta + velocity, velocity


def averaged_momentum_right(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity + (1 - momentum) * grad
    return theta - lr / (1 - momentum) * velocity, velocity


@wrong("averaged_momentum_step")
def pair_swapped(*arguments):
    return averaged_momentum_right(*arguments)[::-1]


@wrong("averaged_momentum_step")
def rate_in_the_velocity(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity + lr * grad
    return theta - velocity, velocity


@wrong("averaged_momentum_step")
def velocity_downhill(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity - (1 - momentum) * grad
    return theta + lr / (1 - momentum) * velocity, velocity


@wrong("averaged_momentum_step")
def rate_over_momentum(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity + (1 - momentum) * grad
    return theta - lr / momentum * velocity, velocity


@wrong("averaged_momentum_step")
def divisor_squared(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity + (1 - momentum) * grad
    return theta - lr / (1 - momentum**2) * velocity, velocity


@wrong("averaged_momentum_step")
def divisor_with_small_eps(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity + (1 - momentum) * grad
    return theta - lr / (1 - momentum + 1e-4) * velocity, velocity


@wrong("averaged_momentum_step")
def average_in_place(theta, grad, velocity, lr, momentum):
    velocity *= momentum
    velocity += (1 - momentum) * grad
    return theta - lr / (1 - momentum) * velocity, velocity


wrong(
    "averaged_momentum_step",
    gradient_only="theta - lr * grad, momentum * velocity + (1 - momentum) * grad",
    old_average_returned="averaged_momentum_right(theta, grad, velocity, lr, momentum)[0], velocity",
)


@wrong("averaged_momentum_step")
def rescaled_on_the_way_out(theta, grad, velocity, lr, momentum):
    theta, velocity = averaged_momentum_right(theta, grad, velocity, lr, momentum)
    return theta, velocity / (1 - momentum)


@wrong("averaged_momentum_step")
def averages_along_rows(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity + (1 - momentum) * grad.mean(axis=-1, keepdims=True)
    return theta - lr / (1 - momentum) * velocity, velocity


@wrong("exponential_average")
def sums_of_unbounded_terms(x, beta, correct):
    weights = (beta if beta > 0 else 1e-30) ** np.arange(1, len(x) + 1).reshape(-1, *[1] * (x.ndim - 1))
    with np.errstate(all="ignore"):
        averages = (1 - beta) * weights * np.cumsum(x / weights, axis=0)
        return averages / (1 - weights) if correct else averages


@wrong("sgd_step")
def rows_and_columns(theta, grad, lr):
    new = np.atleast_2d(theta.copy())
    slopes = np.atleast_2d(grad)
    for i in range(new.shape[0]):
        for j in range(new.shape[1]):
            new[i, j] -= float(lr * slopes[i, j].mean())
    return new.reshape(theta.shape)


# --- mutants that compute the same

table.equivalent(
    "linear_decay",
    was="done = min(k / tau, 1)",
    becomes="done = min(1, k / tau)",
    reason="the smaller of two numbers does not depend on their order",
)
table.equivalent(
    "exponential_decay",
    was="return lr0 * float(np.exp(-rate * k))",
    becomes="return lr0 * np.exp(-rate * k)",
    reason="a NumPy float is a float with the same value",
)
table.equivalent(
    "exponential_average",
    was="average = np.zeros(x.shape[1:])",
    becomes="average = np.zeros(x.shape[2:])",
    reason="x has one axis or two, so this is the number zero, which broadcasts to the shape of a row",
)


STRICT = "strict only tells of lists that are not equally long, and these are"
ZIPPED = "for theta, velocity, grad in zip(self.parameters, self.velocities, grads, strict=True):"
table.equivalent("SGD", ZIPPED, ZIPPED.replace("True", "False"), STRICT)
table.equivalent("SGD", ZIPPED, ZIPPED.replace(", strict=True", ""), STRICT)

table.equivalent(
    "warmup_cosine",
    "done = min((k + 1 - warmup) / (steps - warmup), 1.0)",
    "done = min(1.0, (k + 1 - warmup) / (steps - warmup))",
    "the smaller of two numbers, in either order",
)
AS_MANY = "there are as many labels, and places in the order, as examples"
LOOP, APPENDED = "for start in range(0, len(X), batch_size):", "losses.append(total / len(X))"
table.equivalent("train", "order = rng.permutation(len(X))", "order = rng.permutation(len(y))", AS_MANY)
for other in ("order", "y"):
    table.equivalent("train", LOOP, LOOP.replace("X", other), AS_MANY)
    table.equivalent("train", APPENDED, APPENDED.replace("X", other), AS_MANY)

table.equivalent(
    "restarted_descent",
    "if grad @ velocity > 0:",
    "if velocity @ grad > 0:",
    "a product of two vectors, in either order",
)
table.equivalent(
    "restarted_descent",
    "return (np.array(path), restarts)",
    "return (path, restarts)",
    "a list of points is accepted as an array",
)
STARTED = "path, restarts, velocity, j = ([theta], [], 0.0, 0)"
FORGOTTEN = "the first momentum is 0, whatever velocity it is multiplied by"
for velocity in ("1.0", "-1.0", "0.01"):
    table.equivalent("restarted_descent", STARTED, STARTED.replace("0.0", velocity), FORGOTTEN)
for becomes in (STARTED.replace("velocity, j", "j, velocity"), STARTED.replace("0.0, 0", "0, 0.0")):
    table.equivalent("restarted_descent", STARTED, becomes, "both are zero")
