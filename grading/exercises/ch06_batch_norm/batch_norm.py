"""Exercises on batch normalization and its relatives (Goodfellow et al., 2016, section 8.7.1).

Symbols: x what a layer gets, y what it gives, gamma and beta its learned scale and shift, eps the stabiliser.
"""

import numpy as np
import torch
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_weights, fuse_linear_bn_weights

from grading.exercise import exercise
from grading.exercises.ch06_batch_norm._helpers import one_thread


def _tensors(*arrays):
    """Tensors in the type of the first one; they share no memory with the arrays."""
    return [torch.tensor(array, dtype=torch.as_tensor(arrays[0]).dtype) for array in arrays]


def _features(rng, n, features, scale=1.0):
    """A batch whose features have means and standard deviations of their own."""
    return scale * (rng.normal(size=features) + rng.uniform(0.4, 2.5, features) * rng.normal(size=(n, features)))


def _scale_and_shift(rng, features):
    return dict(gamma=rng.uniform(0.5, 2.0, features) * rng.choice([-1, 1], features), beta=rng.normal(size=features))


def _statistics(rng, features, scale=1.0):
    return dict(
        running_mean=scale * rng.normal(size=features), running_var=scale**2 * rng.uniform(0.3, 4.0, size=features)
    )


def _channels(values, x):
    """One value a channel, with as many axes as x, whose second axis counts the channels."""
    return np.reshape(values, (1, -1) + (1,) * (x.ndim - 2))


# --- batch_norm_train


@exercise(points=4, returns="y")
def batch_norm_train(x, gamma, beta, eps):
    """Oracle: torch.nn.functional.batch_norm."""
    x, gamma, beta = _tensors(x, gamma, beta)
    with one_thread():
        return functional.batch_norm(x, None, None, gamma, beta, training=True, eps=eps).numpy()


@batch_norm_train.cases("usual batches", weight=1)
def _(rng):
    for n, features in ((4, 3), (9, 2), (2, 4), (5, 1), (3, 3)):
        yield dict(x=_features(rng, n, features), **_scale_and_shift(rng, features), eps=1e-5)


@batch_norm_train.cases("eps that counts", weight=1)
def _(rng):
    for n, eps in ((4, 0.1), (3, 1.0), (8, 4.0)):
        yield dict(x=_features(rng, n, 2), **_scale_and_shift(rng, 2), eps=eps)
    yield dict(x=_features(rng, 4, 2, 0.003), **_scale_and_shift(rng, 2), eps=1e-5)


@batch_norm_train.cases("edge cases", weight=1)
def _(rng):
    x = _features(rng, 4, 4)
    x[:, 1], x[:, 2] = 0.0, rng.normal()
    yield dict(x=x, **_scale_and_shift(rng, 4), eps=1e-3)
    yield dict(x=_features(rng, 4, 3), gamma=np.array([0.0, 1.0, 0.7]), beta=np.array([0.4, 0.0, 2.0]), eps=1e-5)
    for scale in (1e-8, 1e8):
        yield dict(x=_features(rng, 4, 2, scale), **_scale_and_shift(rng, 2), eps=0.1 * scale**2)


def _transformed(x_hat, gamma, beta):
    return gamma * x_hat + beta


@batch_norm_train.misconception
def unbiased_variance(x, gamma, beta, eps):
    """You divide the sum of squares by N - 1. The batch is not a sample here that estimates something: by what does
    the transform divide?
    """
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0, ddof=1) + eps) + beta


@batch_norm_train.misconception
def per_example(x, gamma, beta, eps):
    """Your mean runs along a row, over the features of one example. Whose mean is subtracted from a feature?"""
    mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


@batch_norm_train.misconception
def one_mean_for_all_features(x, gamma, beta, eps):
    """You have one mean and one variance for the whole array. How many should there be, with D features?"""
    return gamma * (x - x.mean()) / np.sqrt(x.var() + eps) + beta


@batch_norm_train.misconception
def eps_outside_the_root(x, gamma, beta, eps):
    """You add eps to the standard deviation. To what is it added in the formula, and does it pass through the root?"""
    return gamma * (x - x.mean(axis=0)) / (np.sqrt(x.var(axis=0)) + eps) + beta


@batch_norm_train.misconception
def eps_missing(x, gamma, beta, eps):
    """Does the eps that is asked for count in each of your outputs? It is added everywhere, and keeps a feature
    that is the same in all examples from a division by 0.
    """
    deviation, std = x - x.mean(axis=0), x.std(axis=0)
    return gamma * np.divide(deviation, std, out=np.zeros_like(deviation), where=std > 0) + beta


@batch_norm_train.misconception
def eps_hard_coded(x, gamma, beta, eps):
    """Your answer does not depend on eps: you use 1e-5 (or another number of your own), whatever is asked for."""
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5) + beta


@batch_norm_train.misconception
def eps_squared(x, gamma, beta, eps):
    """Your stabiliser is the square of the one that was given."""
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps**2) + beta


@batch_norm_train.misconception
def divides_by_the_variance(x, gamma, beta, eps):
    """If x is measured in metres, what is your result measured in? Something is squared that should not be."""
    return gamma * (x - x.mean(axis=0)) / (x.var(axis=0) + eps) + beta


@batch_norm_train.misconception
def not_centred(x, gamma, beta, eps):
    """The means of your outputs are not beta. What is subtracted before the division?"""
    return gamma * x / np.sqrt(x.var(axis=0) + eps) + beta


@batch_norm_train.misconception
def square_for_variance(x, gamma, beta, eps):
    """You divide by the root of the mean square. The variance is that of the deviations from the mean."""
    return gamma * (x - x.mean(axis=0)) / np.sqrt((x**2).mean(axis=0) + eps) + beta


@batch_norm_train.misconception
def sum_of_squares(x, gamma, beta, eps):
    """Your outputs shrink as the batch grows. Is a variance a sum or a mean?"""
    deviation = x - x.mean(axis=0)
    return gamma * deviation / np.sqrt((deviation**2).sum(axis=0) + eps) + beta


@batch_norm_train.misconception
def mean_absolute_deviation(x, gamma, beta, eps):
    """You divide by the mean absolute deviation. Which measure of width does the formula have?"""
    deviation = x - x.mean(axis=0)
    return gamma * deviation / np.sqrt(np.abs(deviation).mean(axis=0) ** 2 + eps) + beta


@batch_norm_train.misconception
def scale_and_shift_missing(x, gamma, beta, eps):
    """Your outputs have mean 0 and width 1, whatever gamma and beta are. What is done last?"""
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)


@batch_norm_train.misconception
def gamma_and_beta_swapped(x, gamma, beta, eps):
    """You multiply by beta and add gamma."""
    return _transformed((x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps), beta, gamma)


@batch_norm_train.misconception
def shift_scaled_too(x, gamma, beta, eps):
    """Your outputs have the mean gamma beta. Is the shift added before or after the multiplication?"""
    return gamma * ((x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta)


@batch_norm_train.misconception
def shift_missing(x, gamma, beta, eps):
    """The mean of each of your outputs is 0. What should it be?"""
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)


@batch_norm_train.misconception
def writes_into_x(x, gamma, beta, eps):
    """Your numbers are right, but the caller's x has changed: -= and /= write into the array that you were given."""
    x -= x.mean(axis=0)
    x /= np.sqrt(x.var(axis=0) + eps)
    return gamma * x + beta


@batch_norm_train.misconception
def rows_without_their_axis(x, gamma, beta, eps):
    """You average along axis 1, and the result has an entry for each example. Over which axis must it run, so that
    D numbers remain?
    """
    return gamma * (x - x.mean(axis=1)) / np.sqrt(x.var(axis=1) + eps) + beta


@batch_norm_train.misconception
def one_variance_for_all_features(x, gamma, beta, eps):
    """Your means are per feature, and your variance is one number for all of them."""
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var() + eps) + beta


@batch_norm_train.misconception
def only_the_mean_is_divided(x, gamma, beta, eps):
    """Without parentheses / binds tighter than -, so you divide the mean alone. What should be divided?"""
    return gamma * x - x.mean(axis=0) / np.sqrt(x.var(axis=0) + eps) + beta


@batch_norm_train.misconception
def shift_subtracted(x, gamma, beta, eps):
    """Your outputs have the mean -beta."""
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) - beta


# --- batch_norm_backward


@exercise(points=6, returns=("grad_x", "grad_gamma", "grad_beta"))
def batch_norm_backward(grad_y, x, gamma, eps):
    """Oracle: torch's autograd through torch.nn.functional.batch_norm."""
    x, gamma, grad_y = _tensors(x, gamma, grad_y)
    beta = torch.zeros_like(gamma)
    inputs = [tensor.requires_grad_() for tensor in (x, gamma, beta)]
    with one_thread():
        y = functional.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)
        return tuple(grad.numpy() for grad in torch.autograd.grad(y, inputs, grad_y))


def _gradient_case(rng, n, features, eps, scale=1.0, grad_scale=1.0):
    return dict(
        grad_y=grad_scale * (rng.normal(size=features) + rng.normal(size=(n, features))),
        x=_features(rng, n, features, scale),
        gamma=_scale_and_shift(rng, features)["gamma"],
        eps=eps * scale**2,
    )


@batch_norm_backward.cases("usual batches", weight=1)
def _(rng):
    for n, features in ((4, 3), (9, 2), (5, 1), (3, 3)):
        yield _gradient_case(rng, n, features, 1e-5)


@batch_norm_backward.cases("eps that counts", weight=1)
def _(rng):
    for n, eps in ((4, 0.1), (3, 1.0), (8, 3.0)):
        yield _gradient_case(rng, n, 2, eps)


@batch_norm_backward.cases("edge cases", weight=1)
def _(rng):
    case = _gradient_case(rng, 4, 4, 0.01)
    case["x"][:, 1], case["grad_y"][:, 2], case["gamma"][3] = 0.0, 0.0, 0.0
    yield case
    case = _gradient_case(rng, 4, 2, 0.3)
    case["grad_y"][1:] = 0.0
    yield case
    for scale in (1e-8, 1e8):
        yield _gradient_case(rng, 4, 2, 0.1, scale=scale, grad_scale=scale**0.5)


def _pieces(x, eps, ddof=0):
    """The normalized x, and what it was divided by."""
    std = np.sqrt(x.var(axis=0, ddof=ddof) + eps)
    return (x - x.mean(axis=0)) / std, std


def _gradients(grad_y, x, gamma, eps, mean_path=1.0, variance_path=1.0, ddof=0):
    x_hat, std = _pieces(x, eps, ddof)
    through = grad_y - mean_path * grad_y.mean(axis=0) - variance_path * x_hat * (grad_y * x_hat).mean(axis=0)
    return gamma / std * through, (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


@batch_norm_backward.misconception
def statistics_as_constants(grad_y, x, gamma, eps):
    """You treat mean and variance as constants. Nudge one entry of x: which numbers of the batch move with it?"""
    return _gradients(grad_y, x, gamma, eps, mean_path=0.0, variance_path=0.0)


@batch_norm_backward.misconception
def variance_as_a_constant(grad_y, x, gamma, eps):
    """Of the three paths from x to y you have two. Does the variance stay if one entry of x moves?"""
    return _gradients(grad_y, x, gamma, eps, variance_path=0.0)


@batch_norm_backward.misconception
def mean_as_a_constant(grad_y, x, gamma, eps):
    """Of the three paths from x to y you have two. If one entry of x moves, what is subtracted from all the others?"""
    return _gradients(grad_y, x, gamma, eps, mean_path=0.0)


@batch_norm_backward.misconception
def variance_path_uphill(grad_y, x, gamma, eps):
    """One of your three terms has the wrong sign. Add up x_hat times your grad_x over the batch: with a tiny eps it
    should be about 0.
    """
    return _gradients(grad_y, x, gamma, eps, variance_path=-1.0)


@batch_norm_backward.misconception
def mean_path_uphill(grad_y, x, gamma, eps):
    """One of your three terms has the wrong sign. A shift of the whole batch changes nothing: what is the sum of grad_x
    over the batch?
    """
    return _gradients(grad_y, x, gamma, eps, mean_path=-1.0)


@batch_norm_backward.misconception
def sums_for_means(grad_y, x, gamma, eps):
    """In grad_x you subtract sums over the batch. With twice as many examples, should the correction be twice as
    large?
    """
    return _gradients(grad_y, x, gamma, eps, mean_path=float(len(x)), variance_path=float(len(x)))


@batch_norm_backward.misconception
def sum_in_the_variance_path(grad_y, x, gamma, eps):
    """Your term through the variance grows with the batch. What became of the 1/N in the variance?"""
    return _gradients(grad_y, x, gamma, eps, variance_path=float(len(x)))


@batch_norm_backward.misconception
def sum_in_the_mean_path(grad_y, x, gamma, eps):
    """Your term through the mean grows with the batch. What became of the 1/N in the mean?"""
    return _gradients(grad_y, x, gamma, eps, mean_path=float(len(x)))


@batch_norm_backward.misconception
def divisor_n_minus_one(grad_y, x, gamma, eps):
    """In grad_x you divide sums by N - 1. How many examples share the mean?"""
    bessel = len(x) / (len(x) - 1)
    return _gradients(grad_y, x, gamma, eps, mean_path=bessel, variance_path=bessel)


@batch_norm_backward.misconception
def gamma_on_the_straight_path_only(grad_y, x, gamma, eps):
    """gamma multiplies your straight path and not the other two. Do they not lead through x_hat as well?"""
    _, grad_gamma, grad_beta = _gradients(grad_y, x, gamma, eps)
    x_hat, std = _pieces(x, eps)
    through = gamma * grad_y - grad_y.mean(axis=0) - x_hat * (grad_y * x_hat).mean(axis=0)
    return through / std, grad_gamma, grad_beta


@batch_norm_backward.misconception
def centred_for_normalized(grad_y, x, gamma, eps):
    """In the term through the variance stands x minus its mean, undivided, twice. By what is it to be divided?"""
    _, grad_gamma, grad_beta = _gradients(grad_y, x, gamma, eps)
    centred, std = x - x.mean(axis=0), _pieces(x, eps)[1]
    through = grad_y - grad_y.mean(axis=0) - centred * (grad_y * centred).mean(axis=0)
    return gamma / std * through, grad_gamma, grad_beta


@batch_norm_backward.misconception
def half_the_variance_path(grad_y, x, gamma, eps):
    """Your term through the variance is half of what it should be. The root gives a factor 1/2; which factor does the
    square under it give?
    """
    return _gradients(grad_y, x, gamma, eps, variance_path=0.5)


@batch_norm_backward.misconception
def grad_gamma_not_summed(grad_y, x, gamma, eps):
    """One gamma serves all examples of the batch. Of which shape is its gradient?"""
    grad_x, _, grad_beta = _gradients(grad_y, x, gamma, eps)
    return grad_x, grad_y * _pieces(x, eps)[0], grad_beta


@batch_norm_backward.misconception
def means_for_sums(grad_y, x, gamma, eps):
    """Your gradients of gamma and beta are N times too small. All N examples use the same gamma: what happens to their
    gradients?
    """
    grad_x, grad_gamma, grad_beta = _gradients(grad_y, x, gamma, eps)
    return grad_x, grad_gamma / len(x), grad_beta / len(x)


@batch_norm_backward.misconception
def gamma_missing_in_grad_x(grad_y, x, gamma, eps):
    """Your grad_x does not depend on gamma. By what is x_hat multiplied on its way to y?"""
    return _gradients(grad_y, x, np.ones_like(gamma), eps)


@batch_norm_backward.misconception
def root_missing_in_grad_x(grad_y, x, gamma, eps):
    """Your grad_x does not change when x is stretched and eps with it. By what was x divided on its way to y?"""
    grad_x, grad_gamma, grad_beta = _gradients(grad_y, x, gamma, eps)
    return grad_x * _pieces(x, eps)[1], grad_gamma, grad_beta


@batch_norm_backward.misconception
def divides_by_the_variance(grad_y, x, gamma, eps):
    """You divide grad_x by the variance. By what was x divided on the way forward?"""
    grad_x, grad_gamma, grad_beta = _gradients(grad_y, x, gamma, eps)
    return grad_x / _pieces(x, eps)[1], grad_gamma, grad_beta


@batch_norm_backward.misconception
def grad_gamma_from_x(grad_y, x, gamma, eps):
    """For grad_gamma you use x as it came in. What does gamma multiply?"""
    grad_x, _, grad_beta = _gradients(grad_y, x, gamma, eps)
    return grad_x, (grad_y * x).sum(axis=0), grad_beta


@batch_norm_backward.misconception
def grad_gamma_from_the_centred_x(grad_y, x, gamma, eps):
    """For grad_gamma you use x minus its mean. What has been done to it before gamma multiplies it?"""
    grad_x, _, grad_beta = _gradients(grad_y, x, gamma, eps)
    return grad_x, (grad_y * (x - x.mean(axis=0))).sum(axis=0), grad_beta


@batch_norm_backward.misconception
def grad_gamma_from_y(grad_y, x, gamma, eps):
    """Your grad_gamma depends on gamma. What is the derivative of gamma x_hat + beta by gamma?"""
    grad_x, grad_gamma, grad_beta = _gradients(grad_y, x, gamma, eps)
    return grad_x, gamma * grad_gamma, grad_beta


@batch_norm_backward.misconception
def grad_gamma_is_grad_beta(grad_y, x, gamma, eps):
    """Your gradients of gamma and of beta are the same. What stands beside gamma in y, and what beside beta?"""
    grad_x, _, grad_beta = _gradients(grad_y, x, gamma, eps)
    return grad_x, grad_beta, grad_beta.copy()


@batch_norm_backward.misconception
def unbiased_variance(grad_y, x, gamma, eps):
    """You normalize with N - 1, so this is the gradient of another transform."""
    return _gradients(grad_y, x, gamma, eps, ddof=1)


@batch_norm_backward.misconception
def eps_missing(grad_y, x, gamma, eps):
    """Your gradients do not depend on eps. It stands under the root on the way forward, so it does on the way back."""
    return _gradients(grad_y, x, gamma, 1e-14 * (x**2).max() + 1e-300)


@batch_norm_backward.misconception
def eps_outside_the_root(grad_y, x, gamma, eps):
    """Your gradients belong to a transform with eps added to the standard deviation. Does it pass through the root?"""
    std = x.std(axis=0) + eps
    x_hat = (x - x.mean(axis=0)) / std
    through = grad_y - grad_y.mean(axis=0) - x_hat * (grad_y * x_hat).mean(axis=0)
    return gamma / std * through, (grad_y * x_hat).sum(axis=0), grad_y.sum(axis=0)


@batch_norm_backward.misconception
def grad_beta_not_summed(grad_y, x, gamma, eps):
    """One beta serves all examples of the batch. Of which shape is its gradient?"""
    grad_x, grad_gamma, _ = _gradients(grad_y, x, gamma, eps)
    return grad_x, grad_gamma, grad_y.copy()


@batch_norm_backward.misconception
def grad_beta_times_gamma(grad_y, x, gamma, eps):
    """Your grad_beta depends on gamma. In y = gamma x_hat + beta, what multiplies beta?"""
    grad_x, grad_gamma, grad_beta = _gradients(grad_y, x, gamma, eps)
    return grad_x, grad_gamma, gamma * grad_beta


@batch_norm_backward.misconception
def gamma_and_beta_swapped(grad_y, x, gamma, eps):
    """Look at the order in which the gradients are returned."""
    grad_x, grad_gamma, grad_beta = _gradients(grad_y, x, gamma, eps)
    return grad_x, grad_beta, grad_gamma


# --- update_running


@exercise(points=3, returns=("running_mean", "running_var"))
def update_running(running_mean, running_var, x, momentum):
    """Oracle: the buffers of torch.nn.functional.batch_norm."""
    x, running_mean, running_var = _tensors(x, running_mean, running_var)
    with one_thread():
        functional.batch_norm(x, running_mean, running_var, training=True, momentum=momentum)
    return running_mean.numpy(), running_var.numpy()


@update_running.cases("one batch", weight=1)
def _(rng):
    for n, features in ((4, 3), (20, 2), (2, 4), (5, 1), (3, 3)):
        momentum = float(rng.uniform(0.1, 0.3))
        yield dict(**_statistics(rng, features), x=_features(rng, n, features), momentum=momentum)
    for momentum in (0.7, 0.9):
        yield dict(**_statistics(rng, 3), x=_features(rng, 6, 3), momentum=momentum)


@update_running.trajectory("five batches", weight=1, carry=("running_mean", "running_var"), each=("x",))
def _(rng):
    x = np.stack([_features(rng, 4, 2) for _ in range(5)])
    yield dict(running_mean=np.zeros(2), running_var=np.ones(2), x=x, momentum=0.1)


@update_running.cases("edge cases", weight=1)
def _(rng):
    for momentum in (0.0, 1.0):
        yield dict(**_statistics(rng, 3), x=_features(rng, 5, 3), momentum=momentum)
    x = _features(rng, 4, 3)
    x[:, 1], x[:, 2] = 0.0, rng.normal()
    yield dict(running_mean=np.zeros(3), running_var=np.ones(3), x=x, momentum=0.2)
    for scale in (1e-8, 1e8):
        yield dict(**_statistics(rng, 3, scale), x=_features(rng, 5, 3, scale), momentum=0.3)


def _kept(running, new, momentum):
    return (1 - momentum) * running + momentum * new


def _mean_kept(running_mean, x, momentum):
    return _kept(running_mean, x.mean(axis=0), momentum)


@update_running.misconception
def keras_momentum(running_mean, running_var, x, momentum):
    """With momentum = 0.1 you keep a tenth of the old value. That is how Keras reads the word; in torch's convention,
    is momentum the share of the old or of the new?
    """
    return (
        _kept(running_mean, x.mean(axis=0), 1 - momentum),
        _kept(running_var, x.var(axis=0, ddof=1), 1 - momentum),
    )


@update_running.misconception
def biased_variance(running_mean, running_var, x, momentum):
    """Averaged over many batches of N, your variance comes out too small by (N - 1)/N. What is the running one to
    estimate, and which divisor does that without bias?
    """
    return _mean_kept(running_mean, x, momentum), _kept(running_var, x.var(axis=0), momentum)


@update_running.misconception
def correction_upside_down(running_mean, running_var, x, momentum):
    """You multiply the batch's variance by (N - 1)/N. Is it too large or too small to begin with?"""
    variance = x.var(axis=0) * (len(x) - 1) / len(x)
    return _mean_kept(running_mean, x, momentum), _kept(running_var, variance, momentum)


@update_running.misconception
def corrects_the_running_one_too(running_mean, running_var, x, momentum):
    """You apply N/(N - 1) to the whole running variance, at every batch anew. To what does it belong?"""
    n = len(x)
    return _mean_kept(running_mean, x, momentum), _kept(running_var, x.var(axis=0), momentum) * n / (n - 1)


@update_running.misconception
def corrected_twice(running_mean, running_var, x, momentum):
    """Your batch variance is too large by N/(N - 1): with ddof=1 the correction is in it already."""
    n = len(x)
    return _mean_kept(running_mean, x, momentum), _kept(running_var, x.var(axis=0, ddof=1) * n / (n - 1), momentum)


@update_running.misconception
def along_the_rows(running_mean, running_var, x, momentum):
    """You average along axis 1, over the features of each example. How many numbers should remain?"""
    return _kept(running_mean, x.mean(axis=1), momentum), _kept(running_var, x.var(axis=1, ddof=1), momentum)


@update_running.misconception
def averages_standard_deviations(running_mean, running_var, x, momentum):
    """You average standard deviations. Which of the two is asked for, and stands in running_var?"""
    return _mean_kept(running_mean, x, momentum), _kept(running_var, x.std(axis=0, ddof=1), momentum)


@update_running.misconception
def deviations_from_the_running_mean(running_mean, running_var, x, momentum):
    """Your variance measures the distance from the running mean, so it also counts how far the batch's mean is off.
    From which mean does a batch's variance start?
    """
    variance = ((x - running_mean) ** 2).sum(axis=0) / (len(x) - 1)
    return _mean_kept(running_mean, x, momentum), _kept(running_var, variance, momentum)


@update_running.misconception
def deviations_from_the_new_running_mean(running_mean, running_var, x, momentum):
    """Your variance measures the distance from the running mean that you have just computed. Around which mean does a
    batch vary?
    """
    mean = _mean_kept(running_mean, x, momentum)
    return mean, _kept(running_var, ((x - mean) ** 2).sum(axis=0) / (len(x) - 1), momentum)


@update_running.misconception
def mean_square_from_the_running_mean(running_mean, running_var, x, momentum):
    """Your variance is the mean square of the distance from the running mean. Around which mean does a batch vary, and
    which divisor makes it an estimate for all data?
    """
    return _mean_kept(running_mean, x, momentum), _kept(running_var, ((x - running_mean) ** 2).mean(axis=0), momentum)


@update_running.misconception
def mean_square_for_variance(running_mean, running_var, x, momentum):
    """Your variance is the mean of the squares. What is subtracted first?"""
    return _mean_kept(running_mean, x, momentum), _kept(running_var, (x**2).sum(axis=0) / (len(x) - 1), momentum)


@update_running.misconception
def keeps_only_the_batch(running_mean, running_var, x, momentum):
    """You return the statistics of this batch. What is left of the batches before it?"""
    return x.mean(axis=0), x.var(axis=0, ddof=1)


@update_running.misconception
def nothing_fades(running_mean, running_var, x, momentum):
    """Your averages grow from batch to batch: the shares of the old and of the new do not add up to one."""
    return running_mean + momentum * x.mean(axis=0), running_var + momentum * x.var(axis=0, ddof=1)


@update_running.misconception
def whole_batch_added(running_mean, running_var, x, momentum):
    """You shrink the old value and add all of the new one. What are the two shares?"""
    return (
        (1 - momentum) * running_mean + x.mean(axis=0),
        (1 - momentum) * running_var + x.var(axis=0, ddof=1),
    )


@update_running.misconception
def variance_not_updated(running_mean, running_var, x, momentum):
    """Your mean moves and your variance stays where it was."""
    return _mean_kept(running_mean, x, momentum), running_var.copy()


@update_running.misconception
def one_statistic_for_all_features(running_mean, running_var, x, momentum):
    """You use one mean and one variance for all features. How many entries has running_mean?"""
    return _kept(running_mean, x.mean(), momentum), _kept(running_var, x.var(ddof=1), momentum)


@update_running.misconception
def variance_with_keras_momentum(running_mean, running_var, x, momentum):
    """Your mean is right. Your variance keeps the share `momentum` of the old one: the two follow the same rule."""
    return _mean_kept(running_mean, x, momentum), _kept(running_var, x.var(axis=0, ddof=1), 1 - momentum)


@update_running.misconception
def writes_into_the_old_ones(running_mean, running_var, x, momentum):
    """Your numbers are right, but the arrays that you were given have changed: *= and += write into them."""
    running_mean *= 1 - momentum
    running_mean += momentum * x.mean(axis=0)
    running_var *= 1 - momentum
    running_var += momentum * x.var(axis=0, ddof=1)
    return running_mean, running_var


# --- batch_norm_eval


@exercise(points=3, returns="y")
def batch_norm_eval(x, gamma, beta, running_mean, running_var, eps):
    """Oracle: torch.nn.functional.batch_norm, not training."""
    x, gamma, beta, running_mean, running_var = _tensors(x, gamma, beta, running_mean, running_var)
    return functional.batch_norm(x, running_mean, running_var, gamma, beta, training=False, eps=eps).numpy()


def _at_test_time(rng, shape, eps=1e-5, scale=1.0):
    x, channels = scale * rng.normal(size=shape), shape[1]
    return dict(x=x, **_scale_and_shift(rng, channels), **_statistics(rng, channels, scale), eps=float(eps * scale**2))


@batch_norm_eval.cases("one number a feature", weight=1)
def _(rng):
    for shape in ((4, 3), (1, 3), (6, 2), (3, 1)):
        yield _at_test_time(rng, shape)


@batch_norm_eval.cases("channels of signals and images", weight=1)
def _(rng):
    for shape in ((2, 3, 2), (1, 3, 2, 4), (2, 2, 3, 1), (2, 1, 2, 2), (2, 2, 2, 2), (3, 3, 3)):
        yield _at_test_time(rng, shape)


@batch_norm_eval.cases("eps that counts, other scales", weight=1)
def _(rng):
    for eps in (0.1, 2.0):
        yield _at_test_time(rng, (3, 2), eps)
        yield _at_test_time(rng, (2, 2, 1, 3), eps)
    case = _at_test_time(rng, (4, 3), 1e-3)
    case["running_var"][1] = 0.0
    yield case
    for scale in (1e-8, 1e8):
        yield _at_test_time(rng, (2, 3, 2), 0.1, scale)


def _at_channels(x, gamma, beta, running_mean, std):
    gamma, beta, mean, std = (_channels(values, x) for values in (gamma, beta, running_mean, std))
    return gamma * (x - mean) / std + beta


@batch_norm_eval.misconception
def batch_statistics(x, gamma, beta, running_mean, running_var, eps):
    """Your answer depends on the other examples of the batch. Which statistics are used once training is over?"""
    axes = (0, *range(2, x.ndim))
    return _at_channels(x, gamma, beta, x.mean(axis=axes), np.sqrt(x.var(axis=axes) + eps))


@batch_norm_eval.misconception
def only_the_mean_of_the_batch(x, gamma, beta, running_mean, running_var, eps):
    """You divide by the running variance and subtract the batch's own mean."""
    mean = x.mean(axis=(0, *range(2, x.ndim)))
    return _at_channels(x, gamma, beta, mean, np.sqrt(running_var + eps))


@batch_norm_eval.misconception
def eps_missing(x, gamma, beta, running_mean, running_var, eps):
    """Does the eps that is asked for count in each of your outputs? It is added everywhere, and keeps a channel
    whose running variance is 0 from a division by 0.
    """
    return _at_channels(x, gamma, beta, running_mean, np.sqrt(np.maximum(running_var, 1e-30)))


@batch_norm_eval.misconception
def eps_outside_the_root(x, gamma, beta, running_mean, running_var, eps):
    """You add eps to the standard deviation. To what is it added in the formula?"""
    return _at_channels(x, gamma, beta, running_mean, np.sqrt(running_var) + eps)


@batch_norm_eval.misconception
def root_missing(x, gamma, beta, running_mean, running_var, eps):
    """You divide by a variance. In which unit is your answer, if x is in metres?"""
    return _at_channels(x, gamma, beta, running_mean, running_var + eps)


@batch_norm_eval.misconception
def running_var_as_a_deviation(x, gamma, beta, running_mean, running_var, eps):
    """You square running_var before you add eps. It is a variance already."""
    return _at_channels(x, gamma, beta, running_mean, np.sqrt(running_var**2 + eps))


@batch_norm_eval.misconception
def corrected_again(x, gamma, beta, running_mean, running_var, eps):
    """You multiply the running variance by N/(N - 1) once more. When was that done, and does an answer depend on N?"""
    n = max(2, x.size // x.shape[1])
    return _at_channels(x, gamma, beta, running_mean, np.sqrt(running_var * n / (n - 1) + eps))


@batch_norm_eval.misconception
def gamma_and_beta_swapped(x, gamma, beta, running_mean, running_var, eps):
    """You multiply by beta and add gamma."""
    return _at_channels(x, beta, gamma, running_mean, np.sqrt(running_var + eps))


@batch_norm_eval.misconception
def scale_and_shift_missing(x, gamma, beta, running_mean, running_var, eps):
    """You normalize and stop. What was learned about each feature, and is applied last?"""
    return _at_channels(x, np.ones_like(gamma), np.zeros_like(beta), running_mean, np.sqrt(running_var + eps))


@batch_norm_eval.misconception
def shift_missing(x, gamma, beta, running_mean, running_var, eps):
    """beta has no effect on your answer."""
    return _at_channels(x, gamma, np.zeros_like(beta), running_mean, np.sqrt(running_var + eps))


@batch_norm_eval.misconception
def shift_scaled_too(x, gamma, beta, running_mean, running_var, eps):
    """You multiply beta by gamma. Is the shift added before or after the multiplication?"""
    return _at_channels(x, gamma, gamma * beta, running_mean, np.sqrt(running_var + eps))


@batch_norm_eval.misconception
def only_the_variance_of_the_batch(x, gamma, beta, running_mean, running_var, eps):
    """You subtract the running mean and divide by the batch's own width."""
    var = x.var(axis=(0, *range(2, x.ndim)))
    return _at_channels(x, gamma, beta, running_mean, np.sqrt(var + eps))


@batch_norm_eval.misconception
def images_only(x, gamma, beta, running_mean, running_var, eps):
    """You reckon with four axes. Which shapes must work, and how many ones does each need?"""
    gamma, beta, mean, var = (values[None, :, None, None] for values in (gamma, beta, running_mean, running_var))
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


@batch_norm_eval.misconception
def mean_not_subtracted(x, gamma, beta, running_mean, running_var, eps):
    """running_mean has no effect on your answer."""
    return _at_channels(x, gamma, beta, np.zeros_like(running_mean), np.sqrt(running_var + eps))


@batch_norm_eval.misconception
def channels_last(x, gamma, beta, running_mean, running_var, eps):
    """NumPy lines arrays up from the last axis, so your values belong to columns of pixels. Which axis of (N, C, H, W)
    counts the channels, and which shape would make C values run along it?
    """
    return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta


@batch_norm_eval.misconception
def channels_first(x, gamma, beta, running_mean, running_var, eps):
    """Your values run along the examples. Which axis of x counts the channels?"""
    columns = (values.reshape((-1,) + (1,) * (x.ndim - 1)) for values in (gamma, beta, running_mean, running_var))
    gamma, beta, mean, var = columns
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


# --- BatchNorm


@exercise(
    points=8,
    returns=("outputs", "grad_x", "grad_gamma", "grad_beta", "running_mean", "running_var"),
    driver="utils.drivers.norms.norm_layer",
)
class BatchNorm:
    """Oracle: torch.nn.BatchNorm1d and its autograd; the arrays share its tensors' memory."""

    def __init__(self, features, momentum=0.1, eps=1e-5):
        self.layer = torch.nn.BatchNorm1d(features, eps=eps, momentum=momentum, dtype=torch.float64)
        self.gamma, self.beta = (parameter.detach().numpy() for parameter in self.layer.parameters())
        self.running_mean, self.running_var = self.layer.running_mean.numpy(), self.layer.running_var.numpy()

    def train(self):
        self.layer.train()

    def eval(self):
        self.layer.eval()

    def forward(self, x):
        self.x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        with one_thread():
            self.y = self.layer(self.x)
        return self.y.detach().numpy()

    def backward(self, grad_y):
        inputs = [self.x, *self.layer.parameters()]
        with one_thread():
            grads = torch.autograd.grad(self.y, inputs, torch.tensor(grad_y, dtype=torch.float64), retain_graph=True)
        return tuple(grad.numpy() for grad in grads)


def _batches(rng, sizes, features, scale=1.0):
    """Batches and the gradients that come back to them."""
    batches = [_features(rng, n, features, scale) for n in sizes]
    grads = [rng.normal(size=features) + rng.normal(size=batch.shape) for batch in batches]
    return dict(x=batches, grad_y=grads)


@BatchNorm.cases("as it is made", weight=1, driver="utils.drivers.norms.norm_by_default")
def _(rng):
    yield _batches(rng, [4, 3], 2)
    yield _batches(rng, [4], 2, 0.003)  # so narrow that eps counts


def _used(rng, sizes, features, modes="train", lr=0.0, eps=0.05, scale=1.0, momentum=None):
    """A layer with its own scale and shift, in these modes, one for each batch."""
    modes = [modes] * len(sizes) if isinstance(modes, str) else modes
    momentum = float(rng.uniform(0.15, 0.4)) if momentum is None else momentum
    return dict(
        **_batches(rng, sizes, features, scale),
        modes=modes,
        **_scale_and_shift(rng, features),
        momentum=momentum,
        eps=float(eps * scale**2),
        lr=lr,
    )


@BatchNorm.cases("training", weight=2)
def _(rng):
    yield _used(rng, [3] * 6, 1)
    yield _used(rng, [3, 5, 4], 2, momentum=0.1)
    yield _used(rng, [3, 3], 3, momentum=0.75, eps=2.0)
    yield _used(rng, [3, 4], 1, scale=1e8)


@BatchNorm.cases("after the switch to eval", weight=2)
def _(rng):
    train, test = "train", "eval"
    yield _used(rng, [4, 3, 3, 1], 2, [train, train, test, test])
    yield _used(rng, [3, 4, 3, 3, 4], 1, [train, test, train, test, train])
    yield _used(rng, [3, 4, 3], 2, [test, train, test], momentum=0.8, eps=0.5)
    yield _used(rng, [4, 3], 1, [train, test], scale=1e-8, momentum=0.9)


@BatchNorm.cases("while an optimizer changes gamma and beta", weight=1)
def _(rng):
    yield _used(rng, [3] * 4, 1, lr=0.05)
    yield _used(rng, [4, 3, 3], 2, ["train", "eval", "eval"], lr=0.05)


@BatchNorm.cases("switched between forward and backward", weight=1, driver="utils.drivers.norms.norm_switched_midway")
def _(rng):
    yield _used(rng, [3, 4, 3], 2, ["train", "eval", "train"])
    yield _used(rng, [3, 4], 1, ["eval", "train"])


@BatchNorm.cases("two layers at once", weight=1, driver="utils.drivers.norms.norm_layers_side_by_side")
def _(rng):
    yield _used(rng, [3, 4, 3], 1, ["train", "train", "eval"], lr=0.05)


@BatchNorm.cases(
    "told its mode each time, and sometimes only looked at", weight=1, driver="utils.drivers.norms.norm_looked_at"
)
def _(rng):
    yield _used(rng, [3] * 4, 2, ["train", "train", "eval", "train"], lr=0.05)
    yield _used(rng, [3] * 3, 1, ["eval", "eval", "train"], lr=0.05)


class _Usual:
    """What the misconceptions share: a right layer, in pieces."""

    def __init__(self, features, momentum=0.1, eps=1e-5):
        self.gamma, self.beta = np.ones(features), np.zeros(features)
        self.running_mean, self.running_var = np.zeros(features), np.ones(features)
        self.momentum, self.eps, self.training = momentum, eps, True

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def batch_statistics(self, x):
        return x.mean(axis=0), x.var(axis=0)

    def root(self, var):
        return np.sqrt(var + self.eps)

    def update(self, x):
        self.running_mean = _kept(self.running_mean, x.mean(axis=0), self.momentum)
        self.running_var = _kept(self.running_var, x.var(axis=0, ddof=1), self.momentum)

    def forward(self, x):
        mean, var = self.batch_statistics(x) if self.training else (self.running_mean, self.running_var)
        if self.training:
            self.update(x)
        self.x, self.std, self.coupled = x, self.root(var), self.training
        self.x_hat = (x - mean) / self.std
        return self.gamma * self.x_hat + self.beta

    def backward(self, grad_y):
        grad_gamma, grad_beta = (grad_y * self.x_hat).sum(axis=0), grad_y.sum(axis=0)
        return self.through(grad_y), grad_gamma, grad_beta

    def through(self, grad_y):
        centred = grad_y
        if self.coupled:
            centred = grad_y - grad_y.mean(axis=0) - self.x_hat * (grad_y * self.x_hat).mean(axis=0)
        return self.gamma / self.std * centred


@BatchNorm.misconception
class unbiased_variance_in_the_batch(_Usual):
    """In training you normalize with N - 1. Torch uses N for the batch itself, and N - 1 for what it remembers."""

    def batch_statistics(self, x):
        return x.mean(axis=0), x.var(axis=0, ddof=1)


@BatchNorm.misconception
class biased_running_variance(_Usual):
    """Your running variance averages variances with divisor N, which are too small by (N - 1)/N. Which divisor does
    update_running use?
    """

    def update(self, x):
        self.running_mean = _kept(self.running_mean, x.mean(axis=0), self.momentum)
        self.running_var = _kept(self.running_var, x.var(axis=0), self.momentum)


@BatchNorm.misconception
class keras_momentum(_Usual):
    """You keep the share momentum of the old statistics, as Keras does. Which share is it here?"""

    def update(self, x):
        self.running_mean = _kept(self.running_mean, x.mean(axis=0), 1 - self.momentum)
        self.running_var = _kept(self.running_var, x.var(axis=0, ddof=1), 1 - self.momentum)


@BatchNorm.misconception
class batch_statistics_after_training(_Usual):
    """After eval() your answers still depend on who else is in the batch. Which statistics belong there?"""

    def forward(self, x):
        training, self.training = self.training, True
        running = self.running_mean, self.running_var
        y = _Usual.forward(self, x)
        if not training:
            self.running_mean, self.running_var = running
        self.training = training
        return y


@BatchNorm.misconception
class learns_in_eval(_Usual):
    """Your running statistics still move after eval(). Who tests a network must not change it."""

    def forward(self, x):
        y = _Usual.forward(self, x)
        if not self.training and len(x) > 1:
            self.update(x)
        return y


@BatchNorm.misconception
class running_statistics_in_training(_Usual):
    """You normalize with the running statistics in training, too. Which mean have the outputs of a training batch?"""

    def forward(self, x):
        if self.training:
            self.update(x)
        training, self.training = self.training, False
        y = _Usual.forward(self, x)
        self.training = self.coupled = training
        return y


@BatchNorm.misconception
class old_running_statistics_in_training(_Usual):
    """In training you normalize with the running statistics as they were before the batch. Which mean have the outputs
    of a training batch?
    """

    def forward(self, x):
        old, training = (self.running_mean, self.running_var), self.training
        if training:
            self.update(x)
        new, self.training = (self.running_mean, self.running_var), False
        self.running_mean, self.running_var = old
        y = _Usual.forward(self, x)
        self.running_mean, self.running_var = new
        self.training = self.coupled = training
        return y


@BatchNorm.misconception
class never_updates(_Usual):
    """Your running statistics are as they were in the beginning. When do they learn?"""

    def update(self, x):
        pass


@BatchNorm.misconception
class statistics_as_constants(_Usual):
    """In training your grad_x takes the mean and the variance of the batch for constants. Do they stay if one entry
    of x moves?
    """

    def through(self, grad_y):
        return self.gamma / self.std * grad_y


@BatchNorm.misconception
class variance_as_a_constant(_Usual):
    """In training your grad_x has two paths of three: the one through the variance is missing."""

    def through(self, grad_y):
        centred = grad_y - grad_y.mean(axis=0) if self.coupled else grad_y
        return self.gamma / self.std * centred


@BatchNorm.misconception
class couples_the_batch_in_eval(_Usual):
    """After eval() your grad_x still goes through the batch's mean and variance. What do the outputs depend on then?"""

    def through(self, grad_y):
        self.coupled = True
        return _Usual.through(self, grad_y)


@BatchNorm.misconception
class gradient_of_training_in_eval(_Usual):
    """After eval() your backward works out the mean and the variance of the batch. Did forward use them there?"""

    def backward(self, grad_y):
        return _gradients(grad_y, self.x, self.gamma, self.eps)


@BatchNorm.misconception
class mode_of_the_moment(_Usual):
    """Your backward asks which mode the layer is in *now*. It undoes the last forward: in which mode did that run?"""

    def through(self, grad_y):
        self.coupled = self.training
        return _Usual.through(self, grad_y)


@BatchNorm.misconception
class statistics_of_the_class(_Usual):
    """Two of your layers share their running statistics: a class attribute belongs to all objects. Where are they made,
    so that each layer has its own?
    """

    statistics = {}

    def __init__(self, features, momentum=0.1, eps=1e-5):
        _Usual.__init__(self, features, momentum, eps)
        self.running_mean, self.running_var = self.statistics.setdefault(
            features, (self.running_mean, self.running_var)
        )

    def update(self, x):
        self.running_mean += self.momentum * (x.mean(axis=0) - self.running_mean)
        self.running_var += self.momentum * (x.var(axis=0, ddof=1) - self.running_var)


@BatchNorm.misconception
class statistics_set_on_the_class(_Usual):
    """Two of your layers share their running statistics. What is set on the class is there once, for all layers; where
    does a layer keep what is its own?
    """

    shared = {}
    running_mean = property(lambda self: self.shared["mean"], lambda self, new: self.shared.update(mean=new))
    running_var = property(lambda self: self.shared["var"], lambda self, new: self.shared.update(var=new))


@BatchNorm.misconception
class eps_outside_the_root(_Usual):
    """You add eps to the standard deviation. To what is it added in the formula?"""

    def root(self, var):
        return np.sqrt(var) + self.eps


@BatchNorm.misconception
class eps_missing(_Usual):
    """Your layer takes eps and does not use it."""

    def root(self, var):
        return np.sqrt(var)


@BatchNorm.misconception
class variance_starts_at_zero(_Usual):
    """Your running variance starts at 0, so a layer that has seen nothing divides by the root of eps. At which value
    would it change nothing?
    """

    def __init__(self, features, momentum=0.1, eps=1e-5):
        _Usual.__init__(self, features, momentum, eps)
        self.running_var = np.zeros(features)


@BatchNorm.misconception
class first_batch_replaces_the_start(_Usual):
    """Your first batch sets the running statistics at once. Torch starts at 0 and 1 and moves by the share momentum
    from the first batch on.
    """

    def update(self, x):
        fresh = not hasattr(self, "seen")
        if fresh:
            self.running_mean, self.running_var, self.seen = x.mean(axis=0), x.var(axis=0, ddof=1), True
        else:
            _Usual.update(self, x)


@BatchNorm.misconception
class plain_mean_of_all_batches(_Usual):
    """You weight all batches alike, so momentum has no effect. What should the latest batch count?"""

    def update(self, x):
        self.seen = getattr(self, "seen", 0) + 1
        self.running_mean = _kept(self.running_mean, x.mean(axis=0), 1 / self.seen)
        self.running_var = _kept(self.running_var, x.var(axis=0, ddof=1), 1 / self.seen)


@BatchNorm.misconception
class statistics_of_the_outputs(_Usual):
    """Your running statistics are those of the layer's outputs, which have mean beta anyhow. Of what should they
    be?
    """

    def forward(self, x):
        training, self.update = self.training, lambda x: None
        y = _Usual.forward(self, x)
        if training:
            _Usual.update(self, y)
        return y


@BatchNorm.misconception
class scale_and_shift_unused(_Usual):
    """Whatever an optimizer writes into gamma and beta, your outputs stay the same."""

    def forward(self, x):
        _Usual.forward(self, x)
        return self.x_hat.copy()


@BatchNorm.misconception
class scale_and_shift_only_in_training(_Usual):
    """After eval() your outputs do not depend on gamma and beta any more. What has been learned goes on to count."""

    def forward(self, x):
        y = _Usual.forward(self, x)
        return y if self.training else self.x_hat.copy()


@BatchNorm.misconception
class gamma_missing_in_grad_x(_Usual):
    """Your grad_x does not depend on gamma. By what is x_hat multiplied on its way to y?"""

    def through(self, grad_y):
        return _Usual.through(self, grad_y) / self.gamma


@BatchNorm.misconception
class grad_gamma_from_x(_Usual):
    """For grad_gamma you use x as it came in. What does gamma multiply?"""

    def backward(self, grad_y):
        return self.through(grad_y), (grad_y * self.x).sum(axis=0), grad_y.sum(axis=0)


@BatchNorm.misconception
class means_for_sums(_Usual):
    """Your grad_gamma and grad_beta are N times too small. All examples use the same gamma and beta: how do their
    gradients add up?
    """

    def backward(self, grad_y):
        grad_x, grad_gamma, grad_beta = _Usual.backward(self, grad_y)
        return grad_x, grad_gamma / len(grad_y), grad_beta / len(grad_y)


@BatchNorm.misconception
class running_width_in_the_gradient(_Usual):
    """In training your backward divides by the running width, though forward divided by that of the batch."""

    def through(self, grad_y):
        std = np.sqrt(self.running_var + self.eps) if self.coupled else self.std
        return _Usual.through(self, grad_y) * self.std / std


@BatchNorm.misconception
class gradients_pile_up(_Usual):
    """Your gradients of gamma and beta hold those of earlier batches, too. Which batch is backward asked about?"""

    def backward(self, grad_y):
        grad_x, grad_gamma, grad_beta = _Usual.backward(self, grad_y)
        old_gamma, old_beta = getattr(self, "old", (0.0, 0.0))
        self.old = grad_gamma + old_gamma, grad_beta + old_beta
        return grad_x, *self.old


@BatchNorm.misconception
class never_trains_again(_Usual):
    """After eval() and then train() your layer is still testing."""

    def train(self):
        pass


@BatchNorm.misconception
class begins_in_eval(_Usual):
    """A new layer of yours does not train until train() is called. In which mode does torch make one?"""

    def __init__(self, features, momentum=0.1, eps=1e-5):
        _Usual.__init__(self, features, momentum, eps)
        self.training = False


@BatchNorm.misconception
class switches_to_the_other_mode(_Usual):
    """Your train() and eval() switch to the other mode, whatever it is. A layer that trains is told to train: in which
    mode should it be?
    """

    def train(self):
        self.training = not self.training

    def eval(self):
        self.training = not self.training


@BatchNorm.misconception
class eval_switches(_Usual):
    """Your eval() switches to the other mode. A layer that tests already is told to test: where should it be then?"""

    def eval(self):
        self.training = not self.training


@BatchNorm.misconception
class learns_when_the_gradient_comes(_Usual):
    """Your running statistics learn in backward. A batch in train mode from which no gradient comes back has been seen
    all the same.
    """

    def forward(self, x):
        self.update = lambda x: None
        return _Usual.forward(self, x)

    def backward(self, grad_y):
        if self.coupled:
            _Usual.update(self, self.x)
        return _Usual.backward(self, grad_y)


@BatchNorm.misconception
class oldest_forward_first(_Usual):
    """Your backward undoes the oldest forward that is left. A batch that was only looked at gets no gradient: which
    forward came last?
    """

    def forward(self, x):
        y = _Usual.forward(self, x)
        self.waiting = [*getattr(self, "waiting", []), (self.x, self.x_hat, self.std, self.coupled)]
        return y

    def backward(self, grad_y):
        self.x, self.x_hat, self.std, self.coupled = self.waiting.pop(0)
        return _Usual.backward(self, grad_y)


@BatchNorm.misconception
class scale_frozen_by_eval(_Usual):
    """Your eval() computes the scale and the shift once. What if an optimizer writes into gamma afterwards?"""

    def eval(self):
        _Usual.eval(self)
        self.frozen = self.gamma.copy(), self.beta.copy()

    def forward(self, x):
        y = _Usual.forward(self, x)
        return y if self.training else self.frozen[0] * self.x_hat + self.frozen[1]


@BatchNorm.misconception
class per_example(_Usual):
    """You normalize each row, over the features of an example. That is another layer: along which axis does this one
    look?
    """

    def forward(self, x):
        mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
        if self.training and len(x) > 1:
            self.update(x)
        self.x, self.std, self.coupled = x, self.root(var), self.training
        self.x_hat = (x - mean) / self.std
        return self.gamma * self.x_hat + self.beta


@BatchNorm.misconception
class momentum_fixed(_Usual):
    """Your layer uses momentum 0.1, whatever it is made with."""

    def __init__(self, features, momentum=0.1, eps=1e-5):
        _Usual.__init__(self, features, 0.1, eps)


@BatchNorm.misconception
class writes_into_x(_Usual):
    """Your numbers are right, but the batch that you were given has changed: -= and /= write into it, and the layer
    before may still need it.
    """

    def forward(self, x):
        y = _Usual.forward(self, x)
        x[...] = self.x_hat
        return y


# --- fold_batch_norm


@exercise(points=4, returns=("W", "b"))
def fold_batch_norm(W, b, gamma, beta, running_mean, running_var, eps):
    """Oracle: torch.nn.utils.fusion."""
    fuse = fuse_linear_bn_weights if W.ndim == 2 else fuse_conv_bn_weights
    W, b, mean, var, gamma, beta = _tensors(W, b, running_mean, running_var, gamma, beta)
    return tuple(tensor.detach().numpy() for tensor in fuse(W, b, mean, var, eps, gamma, beta))


def _layer(rng, shape, eps=1e-5, scale=1.0):
    outputs = shape[0]
    return dict(
        W=scale * rng.normal(size=shape),
        b=scale * rng.normal(size=outputs),
        **_scale_and_shift(rng, outputs),
        **_statistics(rng, outputs, scale),
        eps=float(eps * scale**2),
    )


@fold_batch_norm.cases("a linear layer", weight=1)
def _(rng):
    for shape in ((3, 4), (4, 2), (1, 3), (3, 3)):
        yield _layer(rng, shape)


@fold_batch_norm.cases("a convolution", weight=1)
def _(rng):
    for shape in ((3, 1, 2, 2), (2, 3, 1, 1), (2, 2, 2, 2), (4, 1, 1, 3), (1, 2, 2, 1)):
        yield _layer(rng, shape)


@fold_batch_norm.cases("eps that counts, other scales", weight=1)
def _(rng):
    for shape in ((3, 2), (2, 1, 2, 3)):
        yield _layer(rng, shape, 0.1)
        yield _layer(rng, shape, 3.0)
    case = _layer(rng, (3, 2), 1e-3)
    case["running_var"][1] = case["b"][0] = 0.0
    yield case
    for scale in (1e-8, 1e8):
        yield _layer(rng, (3, 2), 0.1, scale)


def _folded(W, b, beta, running_mean, scale):
    column = scale.reshape((-1,) + (1,) * (W.ndim - 1))
    return W * column, (b - running_mean) * scale + beta


@fold_batch_norm.misconception
def bias_not_scaled(W, b, gamma, beta, running_mean, running_var, eps):
    """The layer's own bias passes through your fold unscaled. What does batch norm do to Wx + b, and is b inside?"""
    scale = gamma / np.sqrt(running_var + eps)
    return _folded(W, b, beta, running_mean, scale)[0], b - running_mean * scale + beta


@fold_batch_norm.misconception
def mean_not_scaled(W, b, gamma, beta, running_mean, running_var, eps):
    """You subtract running_mean after the scaling. When does batch norm subtract it?"""
    scale = gamma / np.sqrt(running_var + eps)
    return _folded(W, b, beta, running_mean, scale)[0], b * scale - running_mean + beta


@fold_batch_norm.misconception
def bias_dropped(W, b, gamma, beta, running_mean, running_var, eps):
    """Your new bias does not depend on the old one. In training b cancels against the batch's mean; does it cancel
    against a running mean that is given?
    """
    return _folded(W, np.zeros_like(b), beta, running_mean, gamma / np.sqrt(running_var + eps))


@fold_batch_norm.misconception
def mean_dropped(W, b, gamma, beta, running_mean, running_var, eps):
    """running_mean has no effect on your bias. Where does it go?"""
    return _folded(W, b, beta, np.zeros_like(b), gamma / np.sqrt(running_var + eps))


@fold_batch_norm.misconception
def mean_added(W, b, gamma, beta, running_mean, running_var, eps):
    """With which sign does running_mean enter the transform?"""
    return _folded(W, b, beta, -running_mean, gamma / np.sqrt(running_var + eps))


@fold_batch_norm.misconception
def shift_scaled_too(W, b, gamma, beta, running_mean, running_var, eps):
    """You multiply beta by the scale. It is added after everything else."""
    scale = gamma / np.sqrt(running_var + eps)
    return _folded(W, b, beta * scale, running_mean, scale)


@fold_batch_norm.misconception
def shift_dropped(W, b, gamma, beta, running_mean, running_var, eps):
    """beta has no effect on your answer. Where does it go?"""
    return _folded(W, b, np.zeros_like(b), running_mean, gamma / np.sqrt(running_var + eps))


@fold_batch_norm.misconception
def eps_missing(W, b, gamma, beta, running_mean, running_var, eps):
    """Your fold and the layer agree only if eps is tiny. What stands under the root?"""
    return _folded(W, b, beta, running_mean, gamma / np.sqrt(np.maximum(running_var, 1e-30)))


@fold_batch_norm.misconception
def eps_outside_the_root(W, b, gamma, beta, running_mean, running_var, eps):
    """You add eps to the standard deviation. To what is it added in the transform?"""
    return _folded(W, b, beta, running_mean, gamma / (np.sqrt(running_var) + eps))


@fold_batch_norm.misconception
def root_missing(W, b, gamma, beta, running_mean, running_var, eps):
    """Your scale is gamma over a variance. By what does the transform divide?"""
    return _folded(W, b, beta, running_mean, gamma / (running_var + eps))


@fold_batch_norm.misconception
def gamma_dropped(W, b, gamma, beta, running_mean, running_var, eps):
    """gamma has no effect on your answer. Where does it go?"""
    return _folded(W, b, beta, running_mean, 1 / np.sqrt(running_var + eps))


@fold_batch_norm.misconception
def weights_not_scaled(W, b, gamma, beta, running_mean, running_var, eps):
    """You return W as it was. Batch norm multiplies the whole of Wx + b: what does that do to W?"""
    return W.copy(), _folded(W, b, beta, running_mean, gamma / np.sqrt(running_var + eps))[1]


@fold_batch_norm.misconception
def only_gamma_scales_the_weights(W, b, gamma, beta, running_mean, running_var, eps):
    """Your bias is right, and your weights are scaled by gamma alone. What else multiplies Wx?"""
    new = _folded(W, b, beta, running_mean, gamma / np.sqrt(running_var + eps))[1]
    return _folded(W, b, beta, running_mean, gamma)[0], new


@fold_batch_norm.misconception
def scales_the_inputs(W, b, gamma, beta, running_mean, running_var, eps):
    """You scale along the last axis of W, its columns (or its pixels). Which axis of W counts the outputs that batch
    norm scales?
    """
    scale = gamma / np.sqrt(running_var + eps)
    return W * scale, (b - running_mean) * scale + beta


@fold_batch_norm.misconception
def linear_layers_only(W, b, gamma, beta, running_mean, running_var, eps):
    """With a linear layer you are right. In a convolution W has four axes: which shape must the scale have there?"""
    scale = gamma / np.sqrt(running_var + eps)
    return W * scale[:, None], (b - running_mean) * scale + beta


@fold_batch_norm.misconception
def writes_into_the_weights(W, b, gamma, beta, running_mean, running_var, eps):
    """Your numbers are right, but the W that you were given has changed: *= writes into it."""
    new, bias = _folded(W, b, beta, running_mean, gamma / np.sqrt(running_var + eps))
    W[...] = new
    return W, bias


# --- group_norm


@exercise(points=4, returns="y")
def group_norm(x, groups, gamma, beta, eps):
    """Oracle: torch.nn.functional.group_norm."""
    x, gamma, beta = _tensors(x, gamma, beta)
    return functional.group_norm(x, groups, gamma, beta, eps).numpy()


def _grouped(rng, shape, groups, eps=1e-5, scale=1.0):
    channels = shape[1]
    widths = rng.uniform(0.4, 2.5, (shape[0], channels) + (1,) * (len(shape) - 2))
    x = scale * (rng.normal(size=widths.shape) + widths * rng.normal(size=shape))
    return dict(x=x, groups=groups, **_scale_and_shift(rng, channels), eps=float(eps * scale**2))


@group_norm.cases("images and signals", weight=1)
def _(rng):
    for shape, groups in (((2, 6, 1, 2), 2), ((1, 6, 2, 2), 3), ((2, 4, 3), 2), ((1, 8, 2, 1), 4)):
        yield _grouped(rng, shape, groups)


@group_norm.cases("one group, as many groups as channels", weight=1)
def _(rng):
    for shape, groups in (((2, 4, 2, 1), 1), ((2, 3, 1, 3), 3), ((2, 3, 3), 1), ((1, 3, 2, 2), 3)):
        yield _grouped(rng, shape, groups)


@group_norm.cases("no space, eps that counts, other scales", weight=1)
def _(rng):
    for groups in (1, 2, 4):
        yield _grouped(rng, (2, 8), groups, 0.1)
    yield _grouped(rng, (1, 6, 2, 2), 2, 2.0)
    case = _grouped(rng, (2, 4, 2), 2, 1e-3)
    case["x"][0, :2] = 0.0
    yield case
    for scale in (1e-8, 1e8):
        yield _grouped(rng, (1, 6, 2), 3, 0.1, scale)


def _normalized(values, axes, eps, ddof=0):
    deviation = values - values.mean(axis=axes, keepdims=True)
    return deviation / np.sqrt(values.var(axis=axes, keepdims=True, ddof=ddof) + eps)


def _by_groups(x, groups, gamma, beta, normalize):
    """Scale and shift what `normalize` makes of x, whose shape is then (N, groups, channels of a group, pixels)."""
    split = x.reshape(len(x), groups, x.shape[1] // groups, -1)
    return _channels(gamma, x) * normalize(split).reshape(x.shape) + _channels(beta, x)


@group_norm.misconception
def every_other_channel(x, groups, gamma, beta, eps):
    """Your groups take every so-many-th channel. Neighbours belong together: how must (groups, channels of a group)
    stand in the new shape?
    """
    shuffled = x.reshape(len(x), x.shape[1] // groups, groups, -1)
    return _channels(gamma, x) * _normalized(shuffled, (1, 3), eps).reshape(x.shape) + _channels(beta, x)


@group_norm.misconception
def groups_as_channels_of_a_group(x, groups, gamma, beta, eps):
    """You make groups of `groups` channels. Is it the number of groups or the size of one?"""
    size = groups if x.shape[1] % groups == 0 else 1
    split = x.reshape(len(x), x.shape[1] // size, size, -1)
    return _channels(gamma, x) * _normalized(split, (2, 3), eps).reshape(x.shape) + _channels(beta, x)


@group_norm.misconception
def over_the_batch_too(x, groups, gamma, beta, eps):
    """Your answer for one example depends on the others. Over which axis do you average that you should not?"""
    return _by_groups(x, groups, gamma, beta, lambda split: _normalized(split, (0, 2, 3), eps))


@group_norm.misconception
def each_channel_alone(x, groups, gamma, beta, eps):
    """`groups` has no effect: you normalize every channel by itself. What do the channels of a group share?"""
    return _by_groups(x, groups, gamma, beta, lambda split: _normalized(split, (3,), eps))


@group_norm.misconception
def each_pixel_alone(x, groups, gamma, beta, eps):
    """You average over the channels of a group at each pixel. What else shares the mean?"""
    return _by_groups(x, groups, gamma, beta, lambda split: _normalized(split, (2,), eps))


@group_norm.misconception
def all_channels_together(x, groups, gamma, beta, eps):
    """You normalize an example as a whole. How many means has an example, if there are `groups` groups?"""
    return _by_groups(x, groups, gamma, beta, lambda split: _normalized(split, (1, 2, 3), eps))


@group_norm.misconception
def batch_norm_instead(x, groups, gamma, beta, eps):
    """This is batch normalization. Which axes does a group stay within?"""
    return _channels(gamma, x) * _normalized(x, (0, *range(2, x.ndim)), eps) + _channels(beta, x)


@group_norm.misconception
def unbiased_variance(x, groups, gamma, beta, eps):
    """You divide the sum of squares by one less than there are numbers. Which variance does the transform have?"""
    size = x[0].size // groups
    return _by_groups(x, groups, gamma, beta, lambda split: _normalized(split, (2, 3), eps, ddof=1 if size > 1 else 0))


@group_norm.misconception
def eps_outside_the_root(x, groups, gamma, beta, eps):
    """You add eps to the standard deviation. To what is it added in the formula?"""

    def normalize(split):
        deviation = split - split.mean(axis=(2, 3), keepdims=True)
        return deviation / (split.std(axis=(2, 3), keepdims=True) + eps)

    return _by_groups(x, groups, gamma, beta, normalize)


@group_norm.misconception
def eps_missing(x, groups, gamma, beta, eps):
    """Does the eps that is asked for count in each of your outputs? It is added everywhere, and keeps a group that
    is constant from a division by 0.
    """
    return _by_groups(x, groups, gamma, beta, lambda split: _normalized(split, (2, 3), 1e-40))


@group_norm.misconception
def divides_by_the_variance(x, groups, gamma, beta, eps):
    """You divide by a variance. In which unit is your answer, if x is in metres?"""

    def normalize(split):
        deviation = split - split.mean(axis=(2, 3), keepdims=True)
        return deviation / (split.var(axis=(2, 3), keepdims=True) + eps)

    return _by_groups(x, groups, gamma, beta, normalize)


@group_norm.misconception
def not_centred(x, groups, gamma, beta, eps):
    """You divide and do not subtract. What is the mean of a group before gamma and beta?"""
    return _by_groups(
        x, groups, gamma, beta, lambda split: split / np.sqrt(split.var(axis=(2, 3), keepdims=True) + eps)
    )


@group_norm.misconception
def shift_missing(x, groups, gamma, beta, eps):
    """beta has no effect on your answer."""
    return _by_groups(x, groups, gamma, np.zeros_like(beta), lambda split: _normalized(split, (2, 3), eps))


@group_norm.misconception
def scale_and_shift_missing(x, groups, gamma, beta, eps):
    """gamma and beta have no effect on your answer. How many of each are there, and what is done with them?"""
    return _by_groups(
        x, groups, np.ones_like(gamma), np.zeros_like(beta), lambda split: _normalized(split, (2, 3), eps)
    )


@group_norm.misconception
def one_scale_a_group(x, groups, gamma, beta, eps):
    """All channels of a group get the scale and shift of its first one. How many are learned: one a group, or one a
    channel?
    """
    size = x.shape[1] // groups
    gamma, beta = (np.repeat(values[::size], size) for values in (gamma, beta))
    return _by_groups(x, groups, gamma, beta, lambda split: _normalized(split, (2, 3), eps))


@group_norm.misconception
def scale_along_the_last_axis(x, groups, gamma, beta, eps):
    """NumPy lines gamma up with the last axis of x. Which one counts the channels?"""
    y = _by_groups(x, groups, np.ones_like(gamma), np.zeros_like(beta), lambda split: _normalized(split, (2, 3), eps))
    return gamma * y + beta


# --- layer_norm


@exercise(points=2, returns="y")
def layer_norm(x, gamma, beta, eps):
    """Oracle: torch.nn.functional.layer_norm."""
    x, gamma, beta = _tensors(x, gamma, beta)
    return functional.layer_norm(x, gamma.shape, gamma, beta, eps).numpy()


def _tokens(rng, shape, eps=1e-5, scale=1.0, shifts=1.0):
    features = shape[-1]
    widths = rng.uniform(0.4, 2.5, shape[:-1] + (1,))
    x = scale * (shifts * rng.normal(size=widths.shape) + widths * rng.normal(size=shape))
    return dict(x=x, **_scale_and_shift(rng, features), eps=float(eps * scale**2))


@layer_norm.cases("rows and tokens", weight=1)
def _(rng):
    for shape in ((3, 4), (2, 3, 2), (5,), (1, 4), (3, 3), (2, 1, 2, 3), (3, 3, 3)):
        yield _tokens(rng, shape)


@layer_norm.cases("eps that counts, other scales", weight=1)
def _(rng):
    for eps in (0.1, 2.0):
        yield _tokens(rng, (2, 1, 4), eps)
    case = _tokens(rng, (4, 5), 1e-3)
    case["x"][1], case["x"][2] = 0.0, rng.normal()
    yield case
    for scale in (1e-8, 1e8):
        yield _tokens(rng, (2, 4), 0.1, scale)


@layer_norm.misconception
def over_the_batch(x, gamma, beta, eps):
    """Your answer for one row depends on the other rows: along which axis do you average?"""
    if x.ndim == 1:
        return gamma * _normalized(x, -1, eps) + beta
    return gamma * _normalized(x, 0, eps) + beta


@layer_norm.misconception
def everything_together(x, gamma, beta, eps):
    """You have one mean for the whole array. How many rows are there, and how many means?"""
    return gamma * _normalized(x, None, eps) + beta


@layer_norm.misconception
def whole_examples(x, gamma, beta, eps):
    """With three axes you average over all tokens of an example. Each token has a mean of its own."""
    return gamma * _normalized(x, tuple(range(1, x.ndim)) or (0,), eps) + beta


@layer_norm.misconception
def second_axis(x, gamma, beta, eps):
    """You average along axis 1, which is the last one only if there are two."""
    return gamma * _normalized(x, min(1, x.ndim - 1), eps) + beta


@layer_norm.misconception
def unbiased_variance(x, gamma, beta, eps):
    """You divide the sum of squares by D - 1. Which variance does the transform have?"""
    return gamma * _normalized(x, -1, eps, ddof=1) + beta


@layer_norm.misconception
def eps_outside_the_root(x, gamma, beta, eps):
    """You add eps to the standard deviation. To what is it added in the formula?"""
    deviation = x - x.mean(axis=-1, keepdims=True)
    return gamma * deviation / (x.std(axis=-1, keepdims=True) + eps) + beta


@layer_norm.misconception
def eps_missing(x, gamma, beta, eps):
    """Does the eps that is asked for count in each of your outputs? It is added everywhere, and keeps a row of
    equal numbers from a division by 0.
    """
    return gamma * _normalized(x, -1, 1e-40) + beta


@layer_norm.misconception
def divides_by_the_variance(x, gamma, beta, eps):
    """You divide by a variance. In which unit is your answer, if x is in metres?"""
    return gamma * (x - x.mean(axis=-1, keepdims=True)) / (x.var(axis=-1, keepdims=True) + eps) + beta


@layer_norm.misconception
def not_centred(x, gamma, beta, eps):
    """You divide and do not subtract. What is the mean of a row before gamma and beta?"""
    return gamma * x / np.sqrt(x.var(axis=-1, keepdims=True) + eps) + beta


@layer_norm.misconception
def root_mean_square(x, gamma, beta, eps):
    """You divide by the root of the mean square and subtract nothing: that is RMS norm, which comes later."""
    return gamma * x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps) + beta


@layer_norm.misconception
def scale_and_shift_missing(x, gamma, beta, eps):
    """gamma and beta have no effect on your answer."""
    return _normalized(x, -1, eps)


@layer_norm.misconception
def shift_missing(x, gamma, beta, eps):
    """beta has no effect on your answer."""
    return gamma * _normalized(x, -1, eps)


@layer_norm.misconception
def shift_scaled_too(x, gamma, beta, eps):
    """You multiply beta by gamma. Is the shift added before or after the multiplication?"""
    return gamma * (_normalized(x, -1, eps) + beta)


@layer_norm.misconception
def axis_not_kept(x, gamma, beta, eps):
    """The means of the rows have lost their axis, and NumPy lines them up with the columns. What does keepdims do?"""
    return gamma * (x - x.mean(axis=-1)) / np.sqrt(x.var(axis=-1) + eps) + beta


@layer_norm.misconception
def gamma_and_beta_swapped(x, gamma, beta, eps):
    """You multiply by beta and add gamma."""
    return beta * _normalized(x, -1, eps) + gamma


# --- rms_norm


@exercise(points=0, returns="y")
def rms_norm(x, gamma, eps):
    """Oracle: torch.nn.functional.rms_norm."""
    x, gamma = _tensors(x, gamma)
    return functional.rms_norm(x, gamma.shape, gamma, eps).numpy()


@rms_norm.cases("rows and tokens", weight=1)
def _(rng):
    for shape in ((3, 4), (2, 3, 2), (5,), (1, 4), (3, 3), (3, 3, 3)):
        case = _tokens(rng, shape)
        del case["beta"]
        yield case


@rms_norm.cases("eps that counts, other scales", weight=1)
def _(rng):
    for shape, eps, scale in (((2, 2, 3), 0.1, 1.0), ((2, 4), 2.0, 1.0), ((2, 4), 0.1, 1e-8), ((2, 4), 0.1, 1e8)):
        case = _tokens(rng, shape, eps, scale)
        del case["beta"]
        yield case
    yield dict(x=np.stack([np.zeros(4), rng.normal(size=4)]), gamma=rng.normal(size=4), eps=1e-3)


def _rooted(x, gamma, mean_square, eps):
    return gamma * x / np.sqrt(mean_square + eps)


@rms_norm.misconception
def layer_norm_without_shift(x, gamma, eps):
    """You subtract the mean of each row. RMS norm leaves it in: of what is it the root?"""
    return gamma * _normalized(x, -1, eps)


@rms_norm.misconception
def divides_by_the_deviation(x, gamma, eps):
    """You divide by the standard deviation, in which the mean has been subtracted. What is a mean *square*?"""
    return _rooted(x, gamma, x.var(axis=-1, keepdims=True), eps)


@rms_norm.misconception
def divides_by_the_length(x, gamma, eps):
    """Your rows have length 1 (times gamma). Is the root of a mean or of a sum?"""
    return _rooted(x, gamma, (x**2).sum(axis=-1, keepdims=True), eps)


@rms_norm.misconception
def root_missing(x, gamma, eps):
    """You divide by the mean square itself."""
    return gamma * x / ((x**2).mean(axis=-1, keepdims=True) + eps)


@rms_norm.misconception
def eps_outside_the_root(x, gamma, eps):
    """You add eps after taking the root."""
    return gamma * x / (np.sqrt((x**2).mean(axis=-1, keepdims=True)) + eps)


@rms_norm.misconception
def eps_missing(x, gamma, eps):
    """Does the eps that is asked for count in each of your outputs? It is added everywhere, and keeps a row of
    zeros from a division by 0.
    """
    return _rooted(x, gamma, (x**2).mean(axis=-1, keepdims=True), 1e-40)


@rms_norm.misconception
def over_the_batch(x, gamma, eps):
    """Your answer for one row depends on the other rows: along which axis do you average?"""
    return _rooted(x, gamma, (x**2).mean(axis=0, keepdims=x.ndim > 1), eps)


@rms_norm.misconception
def everything_together(x, gamma, eps):
    """You have one mean square for the whole array. How many rows are there?"""
    return _rooted(x, gamma, (x**2).mean(), eps)


@rms_norm.misconception
def axis_not_kept(x, gamma, eps):
    """The mean squares of the rows have lost their axis, and NumPy lines them up with the columns. What does keepdims
    do?
    """
    return _rooted(x, gamma, (x**2).mean(axis=-1), eps)


@rms_norm.misconception
def square_of_the_mean(x, gamma, eps):
    """You square the mean. Which comes first in a mean square?"""
    return _rooted(x, gamma, x.mean(axis=-1, keepdims=True) ** 2, eps)


@rms_norm.misconception
def gamma_missing(x, gamma, eps):
    """gamma has no effect on your answer."""
    return _rooted(x, np.ones_like(gamma), (x**2).mean(axis=-1, keepdims=True), eps)
