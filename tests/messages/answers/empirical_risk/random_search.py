import numpy as np


def random_search__last_of_equals(loss_fn, shape, tries, rng):
    r"""<= takes the last one"""
    best, best_loss = None, np.inf
    for _ in range(tries):
        theta = rng.normal(size=shape)
        loss = loss_fn(theta)
        if loss <= best_loss:
            best, best_loss = theta, loss
    return best, float(best_loss)


def random_search__largest(loss_fn, shape, tries, rng):
    r"""keeps the largest loss"""
    best, best_loss = None, -np.inf
    for _ in range(tries):
        theta = rng.normal(size=shape)
        loss = loss_fn(theta)
        if loss > best_loss:
            best, best_loss = theta, loss
    return best, float(best_loss)


def random_search__starts_with_zero_loss(loss_fn, shape, tries, rng):
    r"""first best loss is 0"""
    best, best_loss = None, 0.0
    for _ in range(tries):
        theta = rng.normal(size=shape)
        loss = loss_fn(theta)
        if loss < best_loss:
            best, best_loss = theta, loss
    return best, float(best_loss)


def random_search__zeros_count(loss_fn, shape, tries, rng):
    r"""starts from a candidate of zeros which was never drawn"""
    best = np.zeros(shape)
    best_loss = loss_fn(best)
    for _ in range(tries):
        theta = rng.normal(size=shape)
        loss = loss_fn(theta)
        if loss < best_loss:
            best, best_loss = theta, loss
    return best, float(best_loss)


def random_search__loss_first(loss_fn, shape, tries, rng):
    r"""returns (loss, theta)"""
    best, best_loss = None, np.inf
    for _ in range(tries):
        theta = rng.normal(size=shape)
        loss = loss_fn(theta)
        if loss < best_loss:
            best, best_loss = theta, loss
    return float(best_loss), best


def random_search__draws_twice(loss_fn, shape, tries, rng):
    r"""judges one draw and keeps another"""
    best, best_loss = None, np.inf
    for _ in range(tries):
        loss = loss_fn(rng.normal(size=shape))
        if loss < best_loss:
            best, best_loss = rng.normal(size=shape), loss
    return best, float(best_loss)


def random_search__uniform(loss_fn, shape, tries, rng):
    r"""rng.uniform(-1, 1)"""
    best, best_loss = None, np.inf
    for _ in range(tries):
        theta = rng.uniform(-1, 1, size=shape)
        loss = loss_fn(theta)
        if loss < best_loss:
            best, best_loss = theta, loss
    return best, float(best_loss)


def random_search__global_random(loss_fn, shape, tries, rng):
    r"""np.random.normal"""
    best, best_loss = None, np.inf
    for _ in range(tries):
        theta = np.random.normal(size=shape)
        loss = loss_fn(theta)
        if loss < best_loss:
            best, best_loss = theta, loss
    return best, float(best_loss)


def random_search__one_less(loss_fn, shape, tries, rng):
    r"""first draw outside the loop and thrown away"""
    theta = rng.normal(size=shape)
    best, best_loss = None, np.inf
    for _ in range(tries):
        theta = rng.normal(size=shape)
        loss = loss_fn(theta)
        if loss < best_loss:
            best, best_loss = theta, loss
    return best, float(best_loss)


def random_search__tries_minus_one(loss_fn, shape, tries, rng):
    r"""range(1, tries), nothing for one try"""
    best, best_loss = None, np.inf
    for _ in range(1, tries):
        theta = rng.normal(size=shape)
        loss = loss_fn(theta)
        if loss < best_loss:
            best, best_loss = theta, loss
    return best, float(best_loss)


def random_search__first_plus_tries(loss_fn, shape, tries, rng):
    r"""first draw counts, and then tries more"""
    best = rng.normal(size=shape)
    best_loss = loss_fn(best)
    for _ in range(tries):
        theta = rng.normal(size=shape)
        loss = loss_fn(theta)
        if loss < best_loss:
            best, best_loss = theta, loss
    return best, float(best_loss)


def random_search__wrong_loss(loss_fn, shape, tries, rng):
    r"""returns the loss of the last candidate with the best candidate"""
    best, best_loss = None, np.inf
    for _ in range(tries):
        theta = rng.normal(size=shape)
        loss = loss_fn(theta)
        if loss < best_loss:
            best, best_loss = theta, loss
    return best, float(loss)


def random_search__hill_climbing(loss_fn, shape, tries, rng):
    r"""new candidates lie around the best one"""
    best = rng.normal(size=shape)
    best_loss = loss_fn(best)
    for _ in range(tries - 1):
        theta = best + rng.normal(size=shape)
        loss = loss_fn(theta)
        if loss < best_loss:
            best, best_loss = theta, loss
    return best, float(best_loss)


def random_search__unpacked_shape(loss_fn, shape, tries, rng):
    r"""rng.normal(*shape) takes the numbers for mean and deviation"""
    best, best_loss = None, np.inf
    for _ in range(tries):
        theta = rng.normal(*shape)
        loss = loss_fn(theta)
        if loss < best_loss:
            best, best_loss = theta, loss
    return best, float(best_loss)


def random_search__one_buffer(loss_fn, shape, tries, rng):
    r"""candidates are written into one array, and best is that array"""
    theta = np.zeros(shape)
    best, best_loss = None, np.inf
    for _ in range(tries):
        theta[...] = rng.normal(size=shape)
        loss = loss_fn(theta)
        if loss < best_loss:
            best, best_loss = theta, loss
    return best, float(best_loss)


def random_search__large_first_loss(loss_fn, shape, tries, rng):
    r"""1000 is large enough"""
    best, best_loss = None, 1000.0
    for _ in range(tries):
        theta = rng.normal(size=shape)
        loss = loss_fn(theta)
        if loss < best_loss:
            best, best_loss = theta, loss
    return best, float(best_loss)


def random_search__loss_not_kept(loss_fn, shape, tries, rng):
    r"""best_loss is never updated"""
    best, first = None, np.inf
    for _ in range(tries):
        theta = rng.normal(size=shape)
        loss = loss_fn(theta)
        if loss < first:
            best, best_loss = theta, loss
    return best, float(best_loss)


def random_search__index(loss_fn, shape, tries, rng):
    r"""returns the index of the best candidate"""
    losses = [loss_fn(rng.normal(size=shape)) for _ in range(tries)]
    return int(np.argmin(losses)), float(min(losses))


def random_search__absolute(loss_fn, shape, tries, rng):
    r"""smallest absolute loss"""
    best, best_loss = None, np.inf
    for _ in range(tries):
        theta = rng.normal(size=shape)
        loss = abs(loss_fn(theta))
        if loss < best_loss:
            best, best_loss = theta, loss
    return best, float(best_loss)


def random_search__return_in_loop(loss_fn, shape, tries, rng):
    r"""returns at the first improvement"""
    best_loss = np.inf
    for _ in range(tries):
        theta = rng.normal(size=shape)
        loss = loss_fn(theta)
        if loss < best_loss:
            return theta, float(loss)


def random_search__generator_each_time(loss_fn, shape, tries, rng):
    r"""a fresh default_rng in the loop, always the same candidate"""
    best, best_loss = None, np.inf
    for _ in range(tries):
        rng = np.random.default_rng(0)
        theta = rng.normal(size=shape)
        loss = loss_fn(theta)
        if loss < best_loss:
            best, best_loss = theta, loss
    return best, float(best_loss)


def random_search__only_theta(loss_fn, shape, tries, rng):
    r"""returns the candidate alone"""
    candidates = [rng.normal(size=shape) for _ in range(tries)]
    return min(candidates, key=loss_fn)


def random_search__two_slips(loss_fn, shape, tries, rng):
    r"""<= and loss first"""
    best, best_loss = None, np.inf
    for _ in range(tries):
        theta = rng.normal(size=shape)
        loss = loss_fn(theta)
        if loss <= best_loss:
            best, best_loss = theta, loss
    return float(best_loss), best
