import math

import numpy as np


def exponential_decay__grows(k, lr0, rate):
    r"""forgot the minus in the exponent"""
    return float(lr0 * np.exp(rate * k))


def exponential_decay__power_of_rate(k, lr0, rate):
    r"""took rate as the base, lr0 rate^k"""
    return float(lr0 * rate**k)


def exponential_decay__one_minus_rate(k, lr0, rate):
    r"""lr0 (1 - rate)^k, the discrete version"""
    return float(lr0 * (1 - rate) ** k)


def exponential_decay__half_life(k, lr0, rate):
    r"""base two, as the hint speaks of halving"""
    return float(lr0 * 2.0 ** (-rate * k))


def exponential_decay__precedence(k, lr0, rate):
    r"""e ** -rate * k without brackets"""
    return float(lr0 * np.e**-rate * k)


def exponential_decay__from_one(k, lr0, rate):
    r"""counts the updates from one"""
    return float(lr0 * np.exp(-rate * (k + 1)))


def exponential_decay__inverse_time(k, lr0, rate):
    r"""1/t decay from the same notes"""
    return float(lr0 / (1 + rate * k))


def exponential_decay__divides_by_rate(k, lr0, rate):
    r"""k / rate in the exponent, time-constant convention"""
    return float(lr0 * np.exp(-k / rate))


def exponential_decay__no_lr0(k, lr0, rate):
    r"""only the factor"""
    return float(np.exp(-rate * k))


def exponential_decay__lr0_in_exponent(k, lr0, rate):
    r"""bracket in the wrong place"""
    return float(np.exp(lr0 * -rate * k))


def exponential_decay__subtracts(k, lr0, rate):
    r"""lr0 minus the exponential"""
    return float(lr0 - np.exp(-rate * k))


def exponential_decay__staircase(k, lr0, rate):
    r"""floor of rate k"""
    return float(lr0 * np.exp(-(rate * k // 1)))


def exponential_decay__recursion(k, lr0, rate):
    r"""recursion with its base at k = 1, never ends for k = 0"""

    def again(n):
        if n == 1:
            return lr0
        return again(n - 1) * math.exp(-rate)

    return again(k)


def exponential_decay__loop_with_i(k, lr0, rate):
    r"""the loop multiplies by exp(-rate i)"""
    lr = lr0
    for i in range(k):
        lr *= np.exp(-rate * i)
    return float(lr)


def exponential_decay__rounded(k, lr0, rate):
    r"""rounds to three digits for a nice print"""
    return round(float(lr0 * np.exp(-rate * k)), 3)


def exponential_decay__base_ten(k, lr0, rate):
    r"""log10 thinking"""
    return float(lr0 * 10 ** (-rate * k))


def exponential_decay__gaussian(k, lr0, rate):
    r"""k squared"""
    return float(lr0 * np.exp(-rate * k**2))


def exponential_decay__prints(k, lr0, rate):
    r"""print instead of return"""
    print(lr0 * np.exp(-rate * k))


def exponential_decay__floor_of_one(k, lr0, rate):
    r"""keeps the rate from falling below one percent"""
    return max(float(lr0 * np.exp(-rate * k)), 0.01 * lr0)
