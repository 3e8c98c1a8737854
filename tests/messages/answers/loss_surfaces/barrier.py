import numpy as np


def barrier__highest_loss(losses):
    r"""only the largest loss"""
    return float(np.max(losses))


def barrier__above_start(losses):
    r"""rise above the first loss"""
    return float(np.max(losses - losses[0]))


def barrier__above_higher_end(losses):
    r"""rise above the larger of the two ends"""
    return float(max(np.max(losses) - max(losses[0], losses[-1]), 0.0))


def barrier__above_mean_of_ends(losses):
    r"""rise above the mean of the two ends"""
    return float(np.max(losses) - 0.5 * (losses[0] + losses[-1]))


def barrier__chord_reversed(losses):
    r"""chord from the last to the first"""
    s = np.linspace(0, 1, len(losses))
    return float(np.max(losses - (s * losses[0] + (1 - s) * losses[-1])))


def barrier__s_over_m_plus_1(losses):
    r"""s = k / len(losses)"""
    s = np.arange(len(losses)) / len(losses)
    return float(np.max(losses - ((1 - s) * losses[0] + s * losses[-1])))


def barrier__below(losses):
    r"""largest fall below the chord, sign the wrong way"""
    s = np.linspace(0, 1, len(losses))
    return float(np.max((1 - s) * losses[0] + s * losses[-1] - losses))


def barrier__absolute(losses):
    r"""largest distance from the chord in either direction"""
    s = np.linspace(0, 1, len(losses))
    return float(np.max(np.abs(losses - ((1 - s) * losses[0] + s * losses[-1]))))


def barrier__argmax(losses):
    r"""returns the place"""
    s = np.linspace(0, 1, len(losses))
    return float(np.argmax(losses - ((1 - s) * losses[0] + s * losses[-1])))


def barrier__at_the_midpoint(losses):
    r"""looks at the middle only"""
    middle = losses[len(losses) // 2]
    return float(max(middle - 0.5 * (losses[0] + losses[-1]), 0.0))


def barrier__at_the_highest(losses):
    r"""takes the highest loss and the chord below it"""
    k = int(np.argmax(losses))
    s = k / (len(losses) - 1)
    return float(losses[k] - ((1 - s) * losses[0] + s * losses[-1]))


def barrier__inner_only(losses):
    r"""leaves out the ends, so it may be negative or empty"""
    s = np.linspace(0, 1, len(losses))
    rise = losses - ((1 - s) * losses[0] + s * losses[-1])
    return float(np.max(rise[1:-1]))


def barrier__mean_rise(losses):
    r"""mean for maximum"""
    s = np.linspace(0, 1, len(losses))
    return float(np.mean(losses - ((1 - s) * losses[0] + s * losses[-1])))


def barrier__relative(losses):
    r"""divides by the mean of the ends"""
    s = np.linspace(0, 1, len(losses))
    rise = np.max(losses - ((1 - s) * losses[0] + s * losses[-1]))
    return float(rise / (0.5 * (losses[0] + losses[-1])))


def barrier__whole_curve(losses):
    r"""returns the array"""
    s = np.linspace(0, 1, len(losses))
    return losses - ((1 - s) * losses[0] + s * losses[-1])


def barrier__writes(losses):
    r"""subtracts the chord in place"""
    losses -= np.linspace(losses[0], losses[-1], len(losses))
    return float(np.max(losses))


def barrier__range_of_losses(losses):
    r"""maximum minus minimum"""
    return float(np.max(losses) - np.min(losses))


def barrier__bracket(losses):
    r"""the bracket round the chord is missing"""
    s = np.linspace(0, 1, len(losses))
    return float(np.max(losses - (1 - s) * losses[0] + s * losses[-1]))


def barrier__fifty_points(losses):
    r"""linspace with its default of fifty"""
    s = np.linspace(0, 1)
    return float(np.max(losses - ((1 - s) * losses[0] + s * losses[-1])))


def barrier__one_minus_eps(losses):
    r"""arange with a rounded step leaves the last point out"""
    s = np.arange(0, 1, 1 / (len(losses) - 1))
    inner = losses[: len(s)]
    rise = inner - ((1 - s) * losses[0] + s * losses[-2])
    return float(max(rise.max(), 0.0))


def barrier__two_slips(losses):
    r"""distance from the mean of the ends, absolute"""
    return float(np.max(np.abs(losses - 0.5 * (losses[0] + losses[-1]))))
