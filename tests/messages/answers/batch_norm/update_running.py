import numpy as np


def update_running__keras_momentum(running_mean, running_var, x, momentum):
    r"""momentum on the old value"""
    return (
        momentum * running_mean + (1 - momentum) * x.mean(axis=0),
        momentum * running_var + (1 - momentum) * x.var(axis=0, ddof=1),
    )


def update_running__biased(running_mean, running_var, x, momentum):
    r"""variance with N"""
    return (
        (1 - momentum) * running_mean + momentum * x.mean(axis=0),
        (1 - momentum) * running_var + momentum * x.var(axis=0),
    )


def update_running__all_keras(running_mean, running_var, x, momentum):
    r"""momentum on the old value and the biased variance"""
    return (
        momentum * running_mean + (1 - momentum) * x.mean(axis=0),
        momentum * running_var + (1 - momentum) * x.var(axis=0),
    )


def update_running__in_place(running_mean, running_var, x, momentum):
    r"""writes into the running arrays"""
    running_mean *= 1 - momentum
    running_mean += momentum * x.mean(axis=0)
    running_var *= 1 - momentum
    running_var += momentum * x.var(axis=0, ddof=1)
    return running_mean, running_var


def update_running__order_swapped(running_mean, running_var, x, momentum):
    r"""variance first"""
    m = (1 - momentum) * running_mean + momentum * x.mean(axis=0)
    v = (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)
    return v, m


def update_running__std_not_var(running_mean, running_var, x, momentum):
    r"""averages the standard deviation"""
    return (
        (1 - momentum) * running_mean + momentum * x.mean(axis=0),
        (1 - momentum) * running_var + momentum * x.std(axis=0, ddof=1),
    )


def update_running__averages_the_widths(running_mean, running_var, x, momentum):
    r"""averages standard deviations and squares"""
    s = (1 - momentum) * np.sqrt(running_var) + momentum * x.std(axis=0, ddof=1)
    return (1 - momentum) * running_mean + momentum * x.mean(axis=0), s**2


def update_running__around_old_running_mean(running_mean, running_var, x, momentum):
    r"""deviations from the running mean"""
    n = len(x)
    v = ((x - running_mean) ** 2).sum(axis=0) / (n - 1)
    return (1 - momentum) * running_mean + momentum * x.mean(axis=0), (1 - momentum) * running_var + momentum * v


def update_running__around_new_running_mean(running_mean, running_var, x, momentum):
    r"""deviations from the new running mean"""
    n = len(x)
    m = (1 - momentum) * running_mean + momentum * x.mean(axis=0)
    v = ((x - m) ** 2).sum(axis=0) / (n - 1)
    return m, (1 - momentum) * running_var + momentum * v


def update_running__rows(running_mean, running_var, x, momentum):
    r"""statistics of the rows"""
    return (
        (1 - momentum) * running_mean + momentum * x.mean(axis=1),
        (1 - momentum) * running_var + momentum * x.var(axis=1, ddof=1),
    )


def update_running__old_not_shrunk(running_mean, running_var, x, momentum):
    r"""adds the share of the batch to the whole old value"""
    return running_mean + momentum * x.mean(axis=0), running_var + momentum * x.var(axis=0, ddof=1)


def update_running__sign_of_the_step(running_mean, running_var, x, momentum):
    r"""steps away from the batch"""
    m, v = x.mean(axis=0), x.var(axis=0, ddof=1)
    return running_mean + momentum * (running_mean - m), running_var + momentum * (running_var - v)


def update_running__batch_only(running_mean, running_var, x, momentum):
    r"""forgets the old values"""
    return x.mean(axis=0), x.var(axis=0, ddof=1)


def update_running__bessel_on_everything(running_mean, running_var, x, momentum):
    r"""n/(n-1) on the whole new running variance"""
    n = len(x)
    v = ((1 - momentum) * running_var + momentum * x.var(axis=0)) * n / (n - 1)
    return (1 - momentum) * running_mean + momentum * x.mean(axis=0), v


def update_running__bessel_upside_down(running_mean, running_var, x, momentum):
    r"""(n-1)/n instead of n/(n-1)"""
    n = len(x)
    v = x.var(axis=0) * (n - 1) / n
    return (1 - momentum) * running_mean + momentum * x.mean(axis=0), (1 - momentum) * running_var + momentum * v


def update_running__bessel_twice(running_mean, running_var, x, momentum):
    r"""ddof=1 and n/(n-1) again"""
    n = len(x)
    v = x.var(axis=0, ddof=1) * n / (n - 1)
    return (1 - momentum) * running_mean + momentum * x.mean(axis=0), (1 - momentum) * running_var + momentum * v


def update_running__point_one(running_mean, running_var, x, momentum):
    r"""hard-coded .1"""
    return 0.9 * running_mean + 0.1 * x.mean(axis=0), 0.9 * running_var + 0.1 * x.var(axis=0, ddof=1)


def update_running__over_everything(running_mean, running_var, x, momentum):
    r"""one mean, one variance for all features"""
    return (1 - momentum) * running_mean + momentum * x.mean(), (1 - momentum) * running_var + momentum * x.var(ddof=1)


def update_running__mean_with_n_minus_one(running_mean, running_var, x, momentum):
    r"""the mean is divided by N - 1 as well"""
    m = x.sum(axis=0) / (len(x) - 1)
    return (1 - momentum) * running_mean + momentum * m, (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)


def update_running__total_variance(running_mean, running_var, x, momentum):
    r"""adds the variance between old and new mean"""
    m = x.mean(axis=0)
    between = momentum * (1 - momentum) * (m - running_mean) ** 2
    return (
        (1 - momentum) * running_mean + momentum * m,
        (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1) + between,
    )


def update_running__zero_means_default(running_mean, running_var, x, momentum):
    r"""momentum 0 taken for not given"""
    a = momentum or 0.1
    return (1 - a) * running_mean + a * x.mean(axis=0), (1 - a) * running_var + a * x.var(axis=0, ddof=1)


def update_running__only_the_change(running_mean, running_var, x, momentum):
    r"""returns what is to be added"""
    return momentum * (x.mean(axis=0) - running_mean), momentum * (x.var(axis=0, ddof=1) - running_var)


def update_running__mean_keras_var_torch(running_mean, running_var, x, momentum):
    r"""the two averages follow different rules"""
    return (
        momentum * running_mean + (1 - momentum) * x.mean(axis=0),
        (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1),
    )


def update_running__x_centred_in_place(running_mean, running_var, x, momentum):
    r"""subtracts the mean from the caller's x"""
    m = x.mean(axis=0)
    x -= m
    v = (x**2).sum(axis=0) / (len(x) - 1)
    return (1 - momentum) * running_mean + momentum * m, (1 - momentum) * running_var + momentum * v


def update_running__mean_of_squares(running_mean, running_var, x, momentum):
    r"""second moment instead of the variance"""
    v = (x**2).sum(axis=0) / (len(x) - 1)
    return (1 - momentum) * running_mean + momentum * x.mean(axis=0), (1 - momentum) * running_var + momentum * v


def update_running__n_is_number_of_features(running_mean, running_var, x, momentum):
    r"""Bessel's factor with D"""
    n = x.shape[-1]
    v = x.var(axis=0) * n / max(n - 1, 1)
    return (1 - momentum) * running_mean + momentum * x.mean(axis=0), (1 - momentum) * running_var + momentum * v


def update_running__shifted_mean_biased_var(running_mean, running_var, x, momentum):
    r"""biased, and only the mean follows momentum"""
    return (1 - momentum) * running_mean + momentum * x.mean(axis=0), x.var(axis=0)
