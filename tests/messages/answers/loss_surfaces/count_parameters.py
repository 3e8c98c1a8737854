from itertools import pairwise

import numpy as np


def count_parameters__no_biases(channels, kernel, sizes):
    r"""forgot the biases"""
    return sum(a * b * kernel**2 for a, b in pairwise(channels)) + sum(a * b for a, b in pairwise(sizes))


def count_parameters__dense_bias_only(channels, kernel, sizes):
    r"""no biases for the convolutions"""
    return sum(a * b * kernel**2 for a, b in pairwise(channels)) + sum(a * b + b for a, b in pairwise(sizes))


def count_parameters__bias_per_input(channels, kernel, sizes):
    r"""a bias for each input, not for each output"""
    return sum(a * b * kernel**2 + a for a, b in pairwise(channels)) + sum(a * b + a for a, b in pairwise(sizes))


def count_parameters__kernel_once(channels, kernel, sizes):
    r"""kernel instead of kernel squared"""
    return sum(a * b * kernel + b for a, b in pairwise(channels)) + sum(a * b + b for a, b in pairwise(sizes))


def count_parameters__depthwise(channels, kernel, sizes):
    r"""one kernel for each output channel"""
    return sum(b * kernel**2 + b for a, b in pairwise(channels)) + sum(a * b + b for a, b in pairwise(sizes))


def count_parameters__bias_in_kernel(channels, kernel, sizes):
    r"""b (a + 1) k^2, bias for every kernel entry"""
    return sum((a + 1) * b * kernel**2 for a, b in pairwise(channels)) + sum((a + 1) * b for a, b in pairwise(sizes))


def count_parameters__bridge(channels, kernel, sizes):
    r"""a dense layer from the last convolution to the first size"""
    c = sum(a * b * kernel**2 + b for a, b in pairwise(channels))
    d = sum(a * b + b for a, b in pairwise([channels[-1]] + list(sizes)))
    return c + d


def count_parameters__conv_only(channels, kernel, sizes):
    r"""the dense part is missing"""
    return sum(a * b * kernel**2 + b for a, b in pairwise(channels))


def count_parameters__last_layer_forgotten(channels, kernel, sizes):
    r"""range one too short"""
    total = 0
    for i in range(len(channels) - 1):
        total += channels[i] * channels[i + 1] * kernel**2 + channels[i + 1]
    for i in range(len(sizes) - 2):
        total += sizes[i] * sizes[i + 1] + sizes[i + 1]
    return total


def count_parameters__bias_per_layer(channels, kernel, sizes):
    r"""one bias for a layer"""
    return sum(a * b * kernel**2 + 1 for a, b in pairwise(channels)) + sum(a * b + 1 for a, b in pairwise(sizes))


def count_parameters__bias_per_pair(channels, kernel, sizes):
    r"""a bias for each pair of channels"""
    return sum(a * b * (kernel**2 + 1) for a, b in pairwise(channels)) + sum(a * b + b for a, b in pairwise(sizes))


def count_parameters__index_overrun(channels, kernel, sizes):
    r"""i + 1 beyond the end"""
    total = 0
    for i in range(len(channels)):
        total += channels[i] * channels[i + 1] * kernel**2 + channels[i + 1]
    for i in range(len(sizes)):
        total += sizes[i] * sizes[i + 1] + sizes[i + 1]
    return total


def count_parameters__pops(channels, kernel, sizes):
    r"""takes the lists apart with pop"""
    total = 0
    while len(channels) > 1:
        a = channels.pop(0)
        total += a * channels[0] * kernel**2 + channels[0]
    while len(sizes) > 1:
        a = sizes.pop(0)
        total += a * sizes[0] + sizes[0]
    return total


def count_parameters__kernel_in_dense(channels, kernel, sizes):
    r"""copied the line with the kernel for the dense part"""
    return sum(a * b * kernel**2 + b for a, b in pairwise(channels)) + sum(
        a * b * kernel**2 + b for a, b in pairwise(sizes)
    )


def count_parameters__all_pairs(channels, kernel, sizes):
    r"""every pair of entries, not only neighbours"""
    total = 0
    for i in range(len(channels)):
        for j in range(i + 1, len(channels)):
            total += channels[i] * channels[j] * kernel**2 + channels[j]
    for i in range(len(sizes)):
        for j in range(i + 1, len(sizes)):
            total += sizes[i] * sizes[j] + sizes[j]
    return total


def count_parameters__kernel_three(channels, kernel, sizes):
    r"""all kernels are 3 by 3 these days"""
    return sum(a * b * 9 + b for a, b in pairwise(channels)) + sum(a * b + b for a, b in pairwise(sizes))


def count_parameters__first_layer_always(channels, kernel, sizes):
    r"""first layer outside of the loop, fails for a list of one"""
    total = channels[0] * channels[1] * kernel**2 + channels[1]
    for a, b in pairwise(channels[1:]):
        total += a * b * kernel**2 + b
    total += sizes[0] * sizes[1] + sizes[1]
    for a, b in pairwise(sizes[1:]):
        total += a * b + b
    return total


def count_parameters__bias_of_input(channels, kernel, sizes):
    r"""every entry of the lists has biases, the inputs too"""
    c = sum(a * b * kernel**2 for a, b in pairwise(channels)) + sum(channels)
    d = sum(a * b for a, b in pairwise(sizes)) + sum(sizes)
    return c + d


def count_parameters__separately(channels, kernel, sizes):
    r"""returns the two counts"""
    return (
        sum(a * b * kernel**2 + b for a, b in pairwise(channels)),
        sum(a * b + b for a, b in pairwise(sizes)),
    )


def count_parameters__sixteen_bits(channels, kernel, sizes):
    r"""products in 16 bits by numpy"""
    c = np.array(channels, dtype=np.int16)
    s = np.array(sizes, dtype=np.int16)
    conv = np.sum(c[:-1] * c[1:] * np.int16(kernel) ** 2 + c[1:], dtype=np.int16)
    return int(conv + np.sum(s[:-1] * s[1:] + s[1:], dtype=np.int16))


def count_parameters__two_slips(channels, kernel, sizes):
    r"""no biases in the convolutions, kernel once"""
    return sum(a * b * kernel for a, b in pairwise(channels)) + sum((a + 1) * b for a, b in pairwise(sizes))
