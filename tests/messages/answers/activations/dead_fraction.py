import numpy as np


def dead_fraction__share_of_zeros(activations):
    r"""share of zeros among all numbers"""
    return float(np.mean(activations == 0))


def dead_fraction__silent_once(activations):
    r"""any instead of all: silent for some example"""
    rows = activations.reshape(-1, activations.shape[-1])
    return float((rows == 0).any(axis=0).mean())


def dead_fraction__examples_without_units(activations):
    r"""axes swapped: share of examples for which all units are silent"""
    rows = activations.reshape(-1, activations.shape[-1])
    return float((rows == 0).all(axis=1).mean())


def dead_fraction__places_count_as_units(activations):
    r"""all over the examples only: each place counts as a unit of its own"""
    return float((activations == 0).all(axis=0).mean())


def dead_fraction__alive(activations):
    r"""share of the living"""
    rows = activations.reshape(-1, activations.shape[-1])
    return float((rows > 0).any(axis=0).mean())


def dead_fraction__threshold(activations):
    r"""below 1e-3 counts as silent"""
    rows = activations.reshape(-1, activations.shape[-1])
    return float((rows < 1e-3).all(axis=0).mean())


def dead_fraction__isclose(activations):
    r"""np.isclose to 0: whoever fires below 1e-8 is dead"""
    rows = activations.reshape(-1, activations.shape[-1])
    return float(np.isclose(rows, 0).all(axis=0).mean())


def dead_fraction__count(activations):
    r"""the number of dead units"""
    rows = activations.reshape(-1, activations.shape[-1])
    return float((rows == 0).all(axis=0).sum())


def dead_fraction__divided_by_examples(activations):
    r"""number of dead units over len(activations)"""
    rows = activations.reshape(-1, activations.shape[-1])
    return float((rows == 0).all(axis=0).sum() / len(activations))


def dead_fraction__channels_second(activations):
    r"""units on axis 1, as torch's convolutions have them"""
    axes = (0, *range(2, activations.ndim))
    return float((activations == 0).all(axis=axes).mean())


def dead_fraction__below_zero(activations):
    r"""< 0: no ReLU is ever below zero"""
    rows = activations.reshape(-1, activations.shape[-1])
    return float((rows < 0).all(axis=0).mean())


def dead_fraction__percent(activations):
    r"""per cent instead of a share"""
    rows = activations.reshape(-1, activations.shape[-1])
    return float(100 * (rows == 0).all(axis=0).mean())


def dead_fraction__mask(activations):
    r"""stops before the mean: which units are dead"""
    rows = activations.reshape(-1, activations.shape[-1])
    return (rows == 0).all(axis=0)


def dead_fraction__reshaped_wrongly(activations):
    r"""reshape(units, -1) instead of (-1, units): mixes units"""
    rows = activations.reshape(activations.shape[-1], -1)
    return float((rows == 0).all(axis=1).mean())


def dead_fraction__first_example(activations):
    r"""looks at the first example only"""
    rows = activations[0].reshape(-1, activations.shape[-1])
    return float((rows == 0).all(axis=0).mean())


def dead_fraction__constant_counts(activations):
    r"""a deviation of 0: a unit that always says the same counts as dead"""
    rows = activations.reshape(-1, activations.shape[-1])
    return float((rows.std(axis=0) == 0).mean())


def dead_fraction__three_axes_only(activations):
    r"""all over axes 0 and 1 whatever the number of axes"""
    return float((activations == 0).all(axis=(0, 1)).mean())


def dead_fraction__mean_over_places(activations):
    r"""first the share of silent places, then all above one half"""
    rows = activations.reshape(-1, activations.shape[-1])
    return float(((rows == 0).mean(axis=0) > 0.5).mean())


def dead_fraction__silent_somewhere_always(activations):
    r"""one place that is always silent makes the unit dead"""
    always = (activations == 0).all(axis=0).reshape(-1, activations.shape[-1])
    return float(always.any(axis=0).mean())


def dead_fraction__rounded(activations):
    r"""rounds to two digits before it compares"""
    rows = np.round(activations.reshape(-1, activations.shape[-1]), 2)
    return float((rows == 0).all(axis=0).mean())


def dead_fraction__weak_mean(activations):
    r"""a unit whose mean is a hundredth of the mean of all is dead"""
    rows = activations.reshape(-1, activations.shape[-1])
    return float((rows.mean(axis=0) <= 0.01 * rows.mean()).mean())
