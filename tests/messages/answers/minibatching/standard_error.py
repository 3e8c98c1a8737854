import numpy as np


def standard_error__divisor_m(sample):
    r"""np.std without ddof"""
    return np.std(sample, axis=0) / np.sqrt(len(sample))


def standard_error__no_root_m(sample):
    r"""only the standard deviation"""
    return np.std(sample, axis=0, ddof=1)


def standard_error__divided_by_m(sample):
    r"""m in place of its root"""
    return np.std(sample, axis=0, ddof=1) / len(sample)


def standard_error__variance(sample):
    r"""the variance of the mean, no root"""
    return np.var(sample, axis=0, ddof=1) / len(sample)


def standard_error__no_axis(sample):
    r"""forgot the axis, one number for all columns"""
    return np.std(sample, ddof=1) / np.sqrt(len(sample))


def standard_error__last_axis(sample):
    r"""axis -1"""
    return np.std(sample, axis=-1, ddof=1) / np.sqrt(sample.shape[-1])


def standard_error__size(sample):
    r"""sample.size for m"""
    return np.std(sample, axis=0, ddof=1) / np.sqrt(sample.size)


def standard_error__corrected_twice(sample):
    r"""m - 1 under the root as well"""
    m = len(sample)
    return np.std(sample, axis=0, ddof=1) / np.sqrt(m - 1)


def standard_error__row_matrix(sample):
    r"""keepdims, so shape (1, d)"""
    return np.std(sample, axis=0, ddof=1, keepdims=True) / np.sqrt(len(sample))


def standard_error__times_root(sample):
    r"""multiplies"""
    return np.std(sample, axis=0, ddof=1) * np.sqrt(len(sample))


def standard_error__confidence(sample):
    r"""95 percent half-width"""
    return 1.96 * np.std(sample, axis=0, ddof=1) / np.sqrt(len(sample))


def standard_error__variance_over_root(sample):
    r"""mixes variance and standard deviation"""
    return np.var(sample, axis=0, ddof=1) / np.sqrt(len(sample))


def standard_error__columns_for_m(sample):
    r"""shape[-1] for m"""
    return np.std(sample, axis=0, ddof=1) / np.sqrt(sample.shape[-1])


def standard_error__centred_in_place(sample):
    r"""subtracts the mean in place"""
    sample -= sample.mean(axis=0)
    m = len(sample)
    return np.sqrt((sample**2).sum(axis=0) / (m - 1) / m)


def standard_error__averaged_columns(sample):
    r"""averages over the columns at the end"""
    return float(np.mean(np.std(sample, axis=0, ddof=1) / np.sqrt(len(sample))))


def standard_error__absolute_deviation(sample):
    r"""mean absolute deviation"""
    m = len(sample)
    return np.abs(sample - sample.mean(axis=0)).sum(axis=0) / (m - 1) / np.sqrt(m)


def standard_error__second_moment(sample):
    r"""forgot to subtract the mean"""
    m = len(sample)
    return np.sqrt((sample**2).sum(axis=0) / (m - 1)) / np.sqrt(m)


def standard_error__relative_error(sample):
    r"""divides by the mean"""
    return np.std(sample, axis=0, ddof=1) / np.sqrt(len(sample)) / sample.mean(axis=0)


def standard_error__scalar_mean_subtracted(sample):
    r"""grand mean subtracted from all columns"""
    m = len(sample)
    return np.sqrt(((sample - sample.mean()) ** 2).sum(axis=0) / (m - 1) / m)


def standard_error__std_of_means(sample):
    r"""standard deviation of the mean, a single number"""
    return np.std(sample.mean(axis=0), ddof=0)


def standard_error__two_slips(sample):
    r"""no ddof and divided by m"""
    return np.std(sample, axis=0) / len(sample)
