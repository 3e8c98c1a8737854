import math

import numpy as np


def linear_decay__unclamped(k, lr0, lr_tau, tau):
    r"""straight line for ever, like the slide"""
    a = k / tau
    return (1 - a) * lr0 + a * lr_tau


def linear_decay__ends_swapped(k, lr0, lr_tau, tau):
    r"""starts at lr_tau and rises to lr0"""
    a = min(k / tau, 1)
    return (1 - a) * lr_tau + a * lr0


def linear_decay__floor_division(k, lr0, lr_tau, tau):
    r"""a = k // tau"""
    a = min(k // tau, 1)
    return (1 - a) * lr0 + a * lr_tau


def linear_decay__one_update_early(k, lr0, lr_tau, tau):
    r"""counts from one, a = (k + 1) / tau"""
    a = min((k + 1) / tau, 1.0)
    return (1 - a) * lr0 + a * lr_tau


def linear_decay__linspace_tau(k, lr0, lr_tau, tau):
    r"""a table of tau rates, which reaches the end at tau - 1"""
    rates = np.linspace(lr0, lr_tau, tau)
    return float(rates[min(k, tau - 1)])


def linear_decay__max_for_min(k, lr0, lr_tau, tau):
    r"""wrote max where min belongs"""
    a = max(k / tau, 1.0)
    return (1 - a) * lr0 + a * lr_tau


def linear_decay__clamped_at_zero(k, lr0, lr_tau, tau):
    r"""only stops the rate from turning negative"""
    a = k / tau
    return max((1 - a) * lr0 + a * lr_tau, 0.0)


def linear_decay__towards_zero(k, lr0, lr_tau, tau):
    r"""line to zero, cut off at lr_tau"""
    return max(lr0 * (1 - k / tau), lr_tau)


def linear_decay__geometric(k, lr0, lr_tau, tau):
    r"""interpolates the logarithms"""
    a = min(k / tau, 1.0)
    return lr0 * (lr_tau / lr0) ** a


def linear_decay__no_else(k, lr0, lr_tau, tau):
    r"""nothing is returned after tau"""
    if k <= tau:
        a = k / tau
        return (1 - a) * lr0 + a * lr_tau


def linear_decay__back_to_lr0(k, lr0, lr_tau, tau):
    r"""the constant after tau is the wrong one"""
    if k < tau:
        a = k / tau
        return (1 - a) * lr0 + a * lr_tau
    return lr0


def linear_decay__cosine(k, lr0, lr_tau, tau):
    r"""cosine annealing from torch"""
    a = min(k / tau, 1.0)
    return lr_tau + 0.5 * (lr0 - lr_tau) * (1 + math.cos(math.pi * a))


def linear_decay__per_update_drop(k, lr0, lr_tau, tau):
    r"""subtracts the whole difference at each update"""
    return max(lr0 - k * (lr0 - lr_tau), lr_tau)


def linear_decay__zero_after_tau(k, lr0, lr_tau, tau):
    r"""training is over after tau, so rate 0"""
    if k > tau:
        return 0.0
    return (1 - k / tau) * lr0 + k / tau * lr_tau


def linear_decay__sawtooth(k, lr0, lr_tau, tau):
    r"""k % tau starts again from the top"""
    a = (k % tau) / tau
    return (1 - a) * lr0 + a * lr_tau


def linear_decay__brackets(k, lr0, lr_tau, tau):
    r"""forgot the brackets round 1 - a"""
    a = min(k / tau, 1.0)
    return 1 - a * lr0 + a * lr_tau


def linear_decay__whole_schedule(k, lr0, lr_tau, tau):
    r"""returns the list of all the rates up to k"""
    a = np.minimum(np.arange(k + 1) / tau, 1.0)
    return (1 - a) * lr0 + a * lr_tau


def linear_decay__percent_of_lr0(k, lr0, lr_tau, tau):
    r"""always falls to one percent of lr0, as the text says in words"""
    a = min(k / tau, 1.0)
    return (1 - a) * lr0 + a * 0.01 * lr0


def linear_decay__two_slips(k, lr0, lr_tau, tau):
    r"""one too late and clamped at zero only"""
    a = (k - 1) / tau
    return max((1 - a) * lr0 + a * lr_tau, 0)
