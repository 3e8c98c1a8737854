import numpy as np


def _live(before, after):
    m0, m1, s0, s1 = before.mean(axis=0), after.mean(axis=0), before.std(axis=0), after.std(axis=0)
    live = (s0 > 0) & (s1 > 0)
    return m0[live], m1[live], s0[live], s1[live]


def input_drift__means_not_medians(before, after):
    r"""the mean over the units"""
    m0, m1, s0, s1 = _live(before, after)
    return float(np.mean(np.abs(m1 - m0) / s0)), float(np.mean(np.abs(np.log(s1 / s0))))


def input_drift__dead_before_only(before, after):
    r"""units that die are kept"""
    s0 = before.std(axis=0)
    live = s0 > 0
    b, a, s0 = before[:, live], after[:, live], s0[live]
    with np.errstate(divide="ignore"):
        stretch = np.abs(np.log(a.std(axis=0) / s0))
    return float(np.median(np.abs(a.mean(axis=0) - b.mean(axis=0)) / s0)), float(np.median(stretch))


def input_drift__dead_after_only(before, after):
    r"""units that come alive are kept"""
    s1 = after.std(axis=0)
    live = s1 > 0
    b, a = before[:, live], after[:, live]
    with np.errstate(divide="ignore", invalid="ignore"):
        s0 = b.std(axis=0)
        shift = np.abs(a.mean(axis=0) - b.mean(axis=0)) / s0
        stretch = np.abs(np.log(a.std(axis=0) / s0))
    return float(np.median(shift)), float(np.median(stretch))


def input_drift__nothing_left_out(before, after):
    r"""dead units give nan"""
    with np.errstate(divide="ignore", invalid="ignore"):
        s0, s1 = before.std(axis=0), after.std(axis=0)
        shift = np.abs(after.mean(axis=0) - before.mean(axis=0)) / s0
        stretch = np.abs(np.log(s1 / s0))
    return float(np.median(shift)), float(np.median(stretch))


def input_drift__nanmedian(before, after):
    r"""leaves out nan, but keeps infinities"""
    with np.errstate(divide="ignore", invalid="ignore"):
        s0, s1 = before.std(axis=0), after.std(axis=0)
        shift = np.abs(after.mean(axis=0) - before.mean(axis=0)) / s0
        stretch = np.abs(np.log(s1 / s0))
    return float(np.nanmedian(shift)), float(np.nanmedian(stretch))


def input_drift__own_masks(before, after):
    r"""each number leaves out only where it cannot be computed"""
    s0, s1 = before.std(axis=0), after.std(axis=0)
    a, b = s0 > 0, (s0 > 0) & (s1 > 0)
    shift = np.abs(after.mean(axis=0) - before.mean(axis=0))[a] / s0[a]
    return float(np.median(shift)), float(np.median(np.abs(np.log(s1[b] / s0[b]))))


def input_drift__alive_in_one(before, after):
    r"""alive before or after"""
    s0, s1 = before.std(axis=0), after.std(axis=0)
    live = (s0 > 0) | (s1 > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = np.abs(after.mean(axis=0) - before.mean(axis=0))[live] / s0[live]
        stretch = np.abs(np.log(s1[live] / s0[live]))
    return float(np.median(shift)), float(np.median(stretch))


def input_drift__dead_count_as_zero(before, after):
    r"""dead units get 0 and stay in"""
    s0, s1 = before.std(axis=0), after.std(axis=0)
    live = (s0 > 0) & (s1 > 0)
    shift, stretch = np.zeros(len(s0)), np.zeros(len(s0))
    shift[live] = np.abs(after.mean(axis=0) - before.mean(axis=0))[live] / s0[live]
    stretch[live] = np.abs(np.log(s1[live] / s0[live]))
    return float(np.median(shift)), float(np.median(stretch))


def input_drift__eps_in_denominator(before, after):
    r"""a small number instead of a mask"""
    s0, s1 = before.std(axis=0) + 1e-8, after.std(axis=0) + 1e-8
    shift = np.abs(after.mean(axis=0) - before.mean(axis=0)) / s0
    return float(np.median(shift)), float(np.median(np.abs(np.log(s1 / s0))))


def input_drift__no_absolute_in_shift(before, after):
    r"""the shift keeps its sign"""
    m0, m1, s0, s1 = _live(before, after)
    return float(np.median((m1 - m0) / s0)), float(np.median(np.abs(np.log(s1 / s0))))


def input_drift__no_absolute_in_stretch(before, after):
    r"""the logarithm keeps its sign"""
    m0, m1, s0, s1 = _live(before, after)
    return float(np.median(np.abs(m1 - m0) / s0)), float(np.median(np.log(s1 / s0)))


def input_drift__absolute_after_median(before, after):
    r"""absolute value of the median"""
    m0, m1, s0, s1 = _live(before, after)
    return float(abs(np.median((m1 - m0) / s0))), float(abs(np.median(np.log(s1 / s0))))


def input_drift__spread_after(before, after):
    r"""divides by the new spread"""
    m0, m1, s0, s1 = _live(before, after)
    return float(np.median(np.abs(m1 - m0) / s1)), float(np.median(np.abs(np.log(s1 / s0))))


def input_drift__unbiased(before, after):
    r"""standard deviation with N - 1"""
    s0, s1 = before.std(axis=0, ddof=1), after.std(axis=0, ddof=1)
    live = (s0 > 0) & (s1 > 0)
    shift = np.abs(after.mean(axis=0) - before.mean(axis=0))[live] / s0[live]
    return float(np.median(shift)), float(np.median(np.abs(np.log(s1[live] / s0[live]))))


def input_drift__variances(before, after):
    r"""variance for spread"""
    m0, m1, s0, s1 = _live(before, after)
    return float(np.median(np.abs(m1 - m0) / s0**2)), float(np.median(np.abs(np.log(s1**2 / s0**2))))


def input_drift__log_of_variances(before, after):
    r"""the stretch of the variances, twice too large"""
    m0, m1, s0, s1 = _live(before, after)
    return float(np.median(np.abs(m1 - m0) / s0)), float(np.median(np.abs(np.log(s1**2 / s0**2))))


def input_drift__log_ten(before, after):
    r"""logarithm to base 10"""
    m0, m1, s0, s1 = _live(before, after)
    return float(np.median(np.abs(m1 - m0) / s0)), float(np.median(np.abs(np.log10(s1 / s0))))


def input_drift__relative_change(before, after):
    r"""|s'/s - 1| instead of the logarithm"""
    m0, m1, s0, s1 = _live(before, after)
    return float(np.median(np.abs(m1 - m0) / s0)), float(np.median(np.abs(s1 / s0 - 1)))


def input_drift__over_units(before, after):
    r"""statistics of the examples, over the units"""
    m0, m1, s0, s1 = _live(before.T, after.T)
    return float(np.median(np.abs(m1 - m0) / s0)), float(np.median(np.abs(np.log(s1 / s0))))


def input_drift__each_example(before, after):
    r"""how far each example moved"""
    s0, s1 = before.std(axis=0), after.std(axis=0)
    live = (s0 > 0) & (s1 > 0)
    moved = np.abs(after - before)[:, live].mean(axis=0) / s0[live]
    return float(np.median(moved)), float(np.median(np.abs(np.log(s1[live] / s0[live]))))


def input_drift__ratio_of_medians(before, after):
    r"""medians first, then the ratio"""
    m0, m1, s0, s1 = _live(before, after)
    return float(np.median(np.abs(m1 - m0)) / np.median(s0)), float(abs(np.log(np.median(s1) / np.median(s0))))


def input_drift__order_swapped(before, after):
    r"""stretch first"""
    m0, m1, s0, s1 = _live(before, after)
    return float(np.median(np.abs(np.log(s1 / s0)))), float(np.median(np.abs(m1 - m0) / s0))


def input_drift__threshold(before, after):
    r"""nearly dead units are left out as well"""
    s0, s1 = before.std(axis=0), after.std(axis=0)
    live = (s0 > 1e-3) & (s1 > 1e-3)
    if not live.any():
        return 0.0, 0.0
    shift = np.abs(after.mean(axis=0) - before.mean(axis=0))[live] / s0[live]
    return float(np.median(shift)), float(np.median(np.abs(np.log(s1[live] / s0[live]))))


def input_drift__middle_of_sorted(before, after):
    r"""the upper of the two middle ones for an even number"""
    m0, m1, s0, s1 = _live(before, after)
    shift, stretch = np.sort(np.abs(m1 - m0) / s0), np.sort(np.abs(np.log(s1 / s0)))
    return float(shift[len(shift) // 2]), float(stretch[len(stretch) // 2])


def input_drift__no_median(before, after):
    r"""one value for each unit"""
    m0, m1, s0, s1 = _live(before, after)
    return np.abs(m1 - m0) / s0, np.abs(np.log(s1 / s0))


def input_drift__before_after_swapped(before, after):
    r"""from after to before"""
    m0, m1, s0, s1 = _live(after, before)
    return float(np.median(np.abs(m1 - m0) / s0)), float(np.median(np.log(s1 / s0)))


def input_drift__shift_not_divided(before, after):
    r"""the shift in units of the activations"""
    m0, m1, s0, s1 = _live(before, after)
    return float(np.median(np.abs(m1 - m0))), float(np.median(np.abs(np.log(s1 / s0))))


def input_drift__in_place(before, after):
    r"""centres the caller's arrays"""
    m0, m1 = before.mean(axis=0), after.mean(axis=0)
    before -= m0
    after -= m1
    s0, s1 = np.sqrt((before**2).mean(axis=0)), np.sqrt((after**2).mean(axis=0))
    live = (s0 > 0) & (s1 > 0)
    return float(np.median(np.abs(m1 - m0)[live] / s0[live])), float(np.median(np.abs(np.log(s1[live] / s0[live]))))


def input_drift__medians_of_examples(before, after):
    r"""medians over the examples as well"""
    s0, s1 = before.std(axis=0), after.std(axis=0)
    live = (s0 > 0) & (s1 > 0)
    shift = np.abs(np.median(after, axis=0) - np.median(before, axis=0))[live] / s0[live]
    return float(np.median(shift)), float(np.median(np.abs(np.log(s1[live] / s0[live]))))
