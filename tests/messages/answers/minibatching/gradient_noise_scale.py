import numpy as np


def gradient_noise_scale__divisor_n(per_example_grads):
    r"""np.var without ddof"""
    G = per_example_grads
    return float(G.var(axis=0).sum() / np.sum(G.mean(axis=0) ** 2))


def gradient_noise_scale__inverted(per_example_grads):
    r"""signal over noise"""
    G = per_example_grads
    return float(np.sum(G.mean(axis=0) ** 2) / G.var(axis=0, ddof=1).sum())


def gradient_noise_scale__length_not_squared(per_example_grads):
    r"""||g|| below"""
    G = per_example_grads
    return float(G.var(axis=0, ddof=1).sum() / np.linalg.norm(G.mean(axis=0)))


def gradient_noise_scale__standard_deviations(per_example_grads):
    r"""sum of standard deviations"""
    G = per_example_grads
    return float(G.std(axis=0, ddof=1).sum() / np.sum(G.mean(axis=0) ** 2))


def gradient_noise_scale__root(per_example_grads):
    r"""square root of the ratio"""
    G = per_example_grads
    return float(np.sqrt(G.var(axis=0, ddof=1).sum() / np.sum(G.mean(axis=0) ** 2)))


def gradient_noise_scale__mean_of_squares(per_example_grads):
    r"""mean of the squared lengths below"""
    G = per_example_grads
    return float(G.var(axis=0, ddof=1).sum() / np.mean(np.sum(G**2, axis=1)))


def gradient_noise_scale__sum_gradient(per_example_grads):
    r"""length of the sum, not of the mean"""
    G = per_example_grads
    return float(G.var(axis=0, ddof=1).sum() / np.sum(G.sum(axis=0) ** 2))


def gradient_noise_scale__whole_covariance(per_example_grads):
    r"""sum of all entries of the covariance matrix"""
    G = per_example_grads
    return float(np.sum(np.cov(G, rowvar=False)) / np.sum(G.mean(axis=0) ** 2))


def gradient_noise_scale__correlation(per_example_grads):
    r"""trace of np.corrcoef"""
    G = per_example_grads
    with np.errstate(all="ignore"):
        return float(np.trace(np.atleast_2d(np.corrcoef(G, rowvar=False))) / np.sum(G.mean(axis=0) ** 2))


def gradient_noise_scale__axis_one(per_example_grads):
    r"""variances along the rows"""
    G = per_example_grads
    return float(G.var(axis=1, ddof=1).sum() / np.sum(G.mean(axis=0) ** 2))


def gradient_noise_scale__mean_variance(per_example_grads):
    r"""mean of the variances"""
    G = per_example_grads
    return float(G.var(axis=0, ddof=1).mean() / np.sum(G.mean(axis=0) ** 2))


def gradient_noise_scale__per_batch(per_example_grads):
    r"""divided by N again"""
    G = per_example_grads
    return float(G.var(axis=0, ddof=1).sum() / len(G) / np.sum(G.mean(axis=0) ** 2))


def gradient_noise_scale__overall_mean(per_example_grads):
    r"""one mean of all entries"""
    G = per_example_grads
    return float(G.var(axis=0, ddof=1).sum() / G.mean() ** 2)


def gradient_noise_scale__overall_variance(per_example_grads):
    r"""one variance of all entries"""
    G = per_example_grads
    return float(G.var(ddof=1) / np.sum(G.mean(axis=0) ** 2))


def gradient_noise_scale__ratio_per_column(per_example_grads):
    r"""sums the ratios of the columns"""
    G = per_example_grads
    with np.errstate(all="ignore"):
        return float(np.sum(G.var(axis=0, ddof=1) / G.mean(axis=0) ** 2))


def gradient_noise_scale__centred_in_place(per_example_grads):
    r"""subtracts the mean from the caller's rows"""
    G = per_example_grads
    g = G.mean(axis=0)
    G -= g
    return float((G**2).sum() / (len(G) - 1) / (g @ g))


def gradient_noise_scale__not_centred(per_example_grads):
    r"""second moments without the mean"""
    G = per_example_grads
    g = G.mean(axis=0)
    return float((G**2).sum() / (len(G) - 1) / (g @ g))


def gradient_noise_scale__unbiased_below(per_example_grads):
    r"""takes the noise out of the squared length as in the paper's appendix"""
    G = per_example_grads
    trace, g = G.var(axis=0, ddof=1).sum(), G.mean(axis=0)
    return float(trace / (g @ g - trace / len(G)))


def gradient_noise_scale__mean_of_norms(per_example_grads):
    r"""length of the mean taken as mean of the lengths"""
    G = per_example_grads
    return float(G.var(axis=0, ddof=1).sum() / np.mean(np.linalg.norm(G, axis=1)) ** 2)


def gradient_noise_scale__first_row(per_example_grads):
    r"""g is the first example's gradient"""
    G = per_example_grads
    return float(G.var(axis=0, ddof=1).sum() / np.sum(G[0] ** 2))


def gradient_noise_scale__array(per_example_grads):
    r"""one noise scale for each parameter"""
    G = per_example_grads
    return G.var(axis=0, ddof=1) / np.sum(G.mean(axis=0) ** 2)


def gradient_noise_scale__mean_square_below(per_example_grads):
    r"""np.mean for the squared length"""
    G = per_example_grads
    return float(G.var(axis=0, ddof=1).sum() / np.mean(G.mean(axis=0) ** 2))


def gradient_noise_scale__rounded_to_examples(per_example_grads):
    r"""rounded to whole examples"""
    G = per_example_grads
    return int(G.var(axis=0, ddof=1).sum() / np.sum(G.mean(axis=0) ** 2))


def gradient_noise_scale__half_precision(per_example_grads):
    r"""float16 to save memory"""
    G = per_example_grads.astype(np.float16)
    g = G.mean(axis=0)
    return float(((G - g) ** 2).sum() / np.float16(len(G) - 1) / (g @ g))


def gradient_noise_scale__two_slips(per_example_grads):
    r"""divisor N and no square"""
    G = per_example_grads
    return float(G.var(axis=0).sum() / np.linalg.norm(G.mean(axis=0)))
