import numpy as np


def _safe(s):
    return np.where(s == 0, 1.0, s)


def standardize__each_by_its_own(train, test):
    r"""the test set by its own statistics"""
    return tuple((x - x.mean(axis=0)) / _safe(x.std(axis=0)) for x in (train, test))


def standardize__ddof_one(train, test):
    r"""divides by N - 1"""
    m, s = train.mean(axis=0), _safe(train.std(axis=0, ddof=1))
    return (train - m) / s, (test - m) / s


def standardize__axis_one(train, test):
    r"""mean and deviation of each person"""
    out = []
    for x in (train, test):
        s = _safe(x.std(axis=1, keepdims=True))
        out.append((x - x.mean(axis=1, keepdims=True)) / s)
    return tuple(out)


def standardize__division_by_zero(train, test):
    r"""constant features become nan"""
    m, s = train.mean(axis=0), train.std(axis=0)
    return (train - m) / s, (test - m) / s


def standardize__eps_added(train, test):
    r"""adds 1e-8 to all deviations"""
    m, s = train.mean(axis=0), train.std(axis=0) + 1e-8
    return (train - m) / s, (test - m) / s


def standardize__eps_in_the_root(train, test):
    r"""sqrt(var + 1e-5) as batch normalization does"""
    m, s = train.mean(axis=0), np.sqrt(train.var(axis=0) + 1e-5)
    return (train - m) / s, (test - m) / s


def standardize__small_counts_as_zero(train, test):
    r"""a deviation below 1e-6 counts as constant"""
    m, s = train.mean(axis=0), train.std(axis=0)
    s = np.where(s < 1e-6, 1.0, s)
    return (train - m) / s, (test - m) / s


def standardize__variance(train, test):
    r"""divides by the variance"""
    m, s = train.mean(axis=0), _safe(train.var(axis=0))
    return (train - m) / s, (test - m) / s


def standardize__one_for_all_features(train, test):
    r"""one mean and one deviation for the whole array"""
    m, s = train.mean(), _safe(train.std())
    return (train - m) / s, (test - m) / s


def standardize__joint(train, test):
    r"""statistics of both sets together"""
    both = np.concatenate([train, test])
    m, s = both.mean(axis=0), _safe(both.std(axis=0))
    return (train - m) / s, (test - m) / s


def standardize__test_not_centred(train, test):
    r"""only scales the test set"""
    m, s = train.mean(axis=0), _safe(train.std(axis=0))
    return (train - m) / s, test / s


def standardize__test_own_mean(train, test):
    r"""the training deviation, but the mean of the test set"""
    s = _safe(train.std(axis=0))
    return (train - train.mean(axis=0)) / s, (test - test.mean(axis=0)) / s


def standardize__test_own_deviation(train, test):
    r"""the training mean, but the deviation of the test set"""
    m = train.mean(axis=0)
    return (train - m) / _safe(train.std(axis=0)), (test - m) / _safe(test.std(axis=0))


def standardize__in_place(train, test):
    r"""-= and /= on the caller's arrays"""
    m, s = train.mean(axis=0), _safe(train.std(axis=0))
    train -= m
    train /= s
    test -= m
    test /= s
    return train, test


def standardize__mean_after_in_place(train, test):
    r"""rebinds train, then takes mean and deviation of the new one for the test set"""
    train = (train - train.mean(axis=0)) / _safe(train.std(axis=0))
    test = (test - train.mean(axis=0)) / _safe(train.std(axis=0))
    return train, test


def standardize__constant_to_zero(train, test):
    r"""a constant feature is 0 in the test set too, whatever it is there"""
    m, s = train.mean(axis=0), train.std(axis=0)
    flat = s == 0
    a, b = (train - m) / _safe(s), (test - m) / _safe(s)
    a[:, flat], b[:, flat] = 0.0, 0.0
    return a, b


def standardize__constant_left_alone(train, test):
    r"""a constant feature is not centred either"""
    m, s = train.mean(axis=0), train.std(axis=0)
    m = np.where(s == 0, 0.0, m)
    return (train - m) / _safe(s), (test - m) / _safe(s)


def standardize__constant_dropped(train, test):
    r"""throws constant features away"""
    keep = train.std(axis=0) > 0
    m, s = train.mean(axis=0)[keep], train.std(axis=0)[keep]
    return (train[:, keep] - m) / s, (test[:, keep] - m) / s


def standardize__swapped(train, test):
    r"""returns test first"""
    m, s = train.mean(axis=0), _safe(train.std(axis=0))
    return (test - m) / s, (train - m) / s


def standardize__minmax(train, test):
    r"""scales by the range"""
    m, s = train.min(axis=0), _safe(np.ptp(train, axis=0))
    return (train - m) / s, (test - m) / s


def standardize__scaled_then_centred(train, test):
    r"""x / s - mean"""
    m, s = train.mean(axis=0), _safe(train.std(axis=0))
    return train / s - m, test / s - m


def standardize__nan_mended(train, test):
    r"""nan_to_num: x/0 in the test set becomes 1e308"""
    m, s = train.mean(axis=0), train.std(axis=0)
    return np.nan_to_num((train - m) / s), np.nan_to_num((test - m) / s)


def standardize__at_least_one(train, test):
    r"""max(s, 1): small features are not scaled"""
    m, s = train.mean(axis=0), np.maximum(train.std(axis=0), 1.0)
    return (train - m) / s, (test - m) / s


def standardize__root_mean_square(train, test):
    r"""divides by the root of the mean square, the mean not taken off"""
    m, s = train.mean(axis=0), _safe(np.sqrt((train**2).mean(axis=0)))
    return (train - m) / s, (test - m) / s


def standardize__if_any_zero(train, test):
    r"""one constant feature, and no feature is divided"""
    m, s = train.mean(axis=0), train.std(axis=0)
    if np.any(s == 0):
        s = 1.0
    return (train - m) / s, (test - m) / s
