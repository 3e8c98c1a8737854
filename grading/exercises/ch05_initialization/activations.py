"""Exercises on activations, their slopes, and data that fit (Goodfellow et al., 2016, section 6.3; LeCun et al., 2012).

Symbols: z what a unit sums up, slope the derivative of its activation there, X examples in rows.
"""

import numpy as np
import scipy.linalg
import scipy.special
import torch
from sklearn.preprocessing import StandardScaler

from grading.exercise import exercise
from utils.check.plain import Reference

SHAPES = [(1,), (4,), (2, 3), (2, 2, 2)]


def _value_and_slope(function, z):
    """Return what a torch function makes of z, and its derivative by autograd, as arrays of z's type."""
    point = torch.tensor(np.asarray(z), requires_grad=True)
    value = function(point)
    value.sum().backward()
    return value.detach().numpy(), point.grad.numpy()


def _far(rng, low, high, size=6):
    """Numbers of both signs whose sizes lie between two bounds."""
    return rng.permutation(np.where(np.arange(size) % 2, 1.0, -1.0)) * rng.uniform(low, high, size=size)


# --- sigmoid


@exercise(points=3, returns=("value", "slope"))
def sigmoid(z):
    """Oracle: torch.sigmoid and autograd."""
    return _value_and_slope(torch.sigmoid, z)


@sigmoid.cases("usual sums", weight=1)
def _(rng):
    for shape in SHAPES:
        yield dict(z=rng.normal(scale=2.0, size=shape))


@sigmoid.cases("small and zero", weight=1)
def _(rng):
    z = rng.normal(size=5)
    z[1] = 0.0
    yield dict(z=z)
    yield dict(z=1e-8 * rng.normal(size=2))
    yield dict(z=_far(rng, 1e-3, 8e-3, 2))
    yield dict(z=_far(rng, 4, 8, 4))


@sigmoid.cases("large, of both signs", weight=1)
def _(rng):
    yield dict(z=np.array([800 * rng.uniform(1, 2), rng.uniform(1, 2)]))
    yield dict(z=np.array([-800 * rng.uniform(1, 2), rng.uniform(-2, -1)]))
    yield dict(z=np.array([1e8, -1e8, rng.uniform(1, 2)]))


@sigmoid.misconception
def value_only(z):
    """The backward pass needs the slope as well. Which two things should you return?"""
    return scipy.special.expit(z)


@sigmoid.misconception
def slope_of_z(z):
    """z(1-z) is no slope: try z = 10. In s(1-s), what is s?"""
    return scipy.special.expit(z), z * (1 - z)


@sigmoid.misconception
def slope_of_tanh(z):
    """1 - s² is the slope of tanh. At z = 0 yours is 3/4: how steep is the sigmoid there?"""
    s = scipy.special.expit(z)
    return s, 1 - s**2


@sigmoid.misconception
def slope_at_the_value(z):
    """You take the slope at σ(z). Take it at z: the formula s(1-s) has the value in it already."""
    s = scipy.special.expit(z)
    again = scipy.special.expit(s)
    return s, again * (1 - again)


@sigmoid.misconception
def slope_negative(z):
    """Your slope is negative, but the sigmoid rises everywhere. Differentiate 1 + e^-z once more: two minus signs
    meet.
    """
    s = scipy.special.expit(z)
    return s, -s * (1 - s)


@sigmoid.misconception
def slope_one_minus_value(z):
    """Far to the left your slope is 1, and the sigmoid is flat there. Which factor is missing?"""
    s = scipy.special.expit(z)
    return s, 1 - s


@sigmoid.misconception
def slope_squared(z):
    """Far to the right your slope is 1, and the sigmoid is flat there. One factor of s(1-s) is not s."""
    s = scipy.special.expit(z)
    return s, s * s


@sigmoid.misconception
def slope_before_the_square(z):
    """By the quotient rule there is something squared below the line. What is the derivative of 1/u?"""
    s = scipy.special.expit(z)
    return s, 1 - s if np.ndim(s) == 0 else np.exp(-np.clip(z, -700, 700)) * s


@sigmoid.misconception
def falls(z):
    """Your value falls as z grows. Which sign has the exponent in 1/(1 + e^-z)?"""
    s = scipy.special.expit(-np.asarray(z))
    return s, -s * (1 - s)


@sigmoid.misconception
def falls_with_a_positive_slope(z):
    """Your value falls as z grows, and your slope says that it rises. Which sign has the exponent in 1/(1 + e^-z)?"""
    s = scipy.special.expit(-np.asarray(z))
    return s, s * (1 - s)


@sigmoid.misconception
def tanh_instead(z):
    """Your values lie between -1 and 1. Between which two does the sigmoid lie?"""
    value = np.tanh(z)
    return value, 1 - value**2


@sigmoid.misconception
def overflows(z):
    """inf / inf is nan. For large z, divide numerator and denominator by e^z: what is left?"""
    with np.errstate(all="ignore"):
        s = np.exp(z) / (1 + np.exp(z))
        return s, s * (1 - s)


@sigmoid.misconception
def slope_overflows(z):
    """The value is right, but where e^-z overflows your slope is inf / inf. Can the slope be had from the value
    alone?
    """
    with np.errstate(all="ignore"):
        return 1 / (1 + np.exp(-z)), np.exp(-z) / (1 + np.exp(-z)) ** 2


@sigmoid.misconception
def clipped(z):
    """Far out your value no longer depends on z: for z = -852 you return 2e-9, as for -20. What happens to a z that is
    out of the bounds you set, and does a negative one need them?
    """
    s = scipy.special.expit(np.clip(z, -20, 20))
    return s, s * (1 - s)


@sigmoid.misconception
def largest_subtracted(z):
    """You subtract the largest sum, as in the softmax. There it cancels: does it here?"""
    e = np.exp(z - np.max(z))
    return e / (1 + e), e / (1 + e) ** 2


@sigmoid.misconception
def swapped(z):
    """You return the slope first. In which order are the two asked for?"""
    s = scipy.special.expit(z)
    return s * (1 - s), s


@sigmoid.misconception
def softmax_instead(z):
    """Your values sum to 1, so each depends on all the others. Here every entry has its own σ(z)."""
    p = scipy.special.softmax(np.asarray(z), axis=-1)
    return p, p * (1 - p)


@sigmoid.misconception
def slope_with_a_plus(z):
    """Your slope exceeds 1 on the right, where the sigmoid is flat. Which sign stands in s(1-s)?"""
    s = scipy.special.expit(z)
    return s, s * (1 + s)


@sigmoid.misconception
def slope_times_z(z):
    """At z = 0 your slope is 0, and there the sigmoid is steepest. Where does the factor z come from?"""
    s = scipy.special.expit(z)
    return s, z * s * (1 - s)


# --- leaky_relu


@exercise(points=3, returns=("value", "slope"))
def leaky_relu(z, leak):
    """Oracle: torch's leaky_relu and autograd."""
    return _value_and_slope(lambda point: torch.nn.functional.leaky_relu(point, leak), z)


@leaky_relu.cases("a leak of 0.1 and others", weight=1)
def _(rng):
    for shape, leak in zip(SHAPES, rng.permutation([0.1, 0.3, 0.01, 0.2]), strict=True):
        z = rng.normal(size=shape)
        yield dict(z=z - np.abs(z).max() / 2 if z.size > 1 else -np.abs(z), leak=float(leak))


@leaky_relu.cases("no leak: the ReLU", weight=1)
def _(rng):
    for shape in SHAPES[1:]:
        z = rng.normal(size=shape)
        z.flat[rng.permutation(z.size)[:2]] = -0.7, 0.4
        yield dict(z=z, leak=0.0)


@leaky_relu.cases("zero, tiny, huge", weight=1)
def _(rng):
    for leak in (0.2, 0.0):
        z = rng.normal(size=6)
        z[:3] = 0.0, 1.5, -1.5
        yield dict(z=rng.permutation(z), leak=leak)
    for scale in (1e-8, 1e8):
        z = scale * rng.normal(size=5)
        z[:2] = scale, -scale
        yield dict(z=rng.permutation(z), leak=float(rng.uniform(0.05, 0.4)))


@leaky_relu.misconception
def leaks_on_both_sides(z, leak):
    """For positive z your value is leak · z too. On which side should it leak?"""
    return leak * z, np.full_like(z, leak)


@leaky_relu.misconception
def never_leaks(z, leak):
    """For negative z your value is 0. What should get through there?"""
    return np.maximum(z, 0.0), (z > 0).astype(float)


@leaky_relu.misconception
def slope_never_leaks(z, leak):
    """Your value leaks, but your slope to the left is 0, so no gradient gets back. How steep is leak · z?"""
    return np.where(z > 0, z, leak * z), (z > 0).astype(float)


@leaky_relu.misconception
def constant_below_zero(z, leak):
    """Left of zero your value is a constant, so it cannot depend on z. It should be a line through the origin."""
    return np.where(z > 0, z, leak), np.where(z > 0, 1.0, 0.0)


@leaky_relu.misconception
def slope_is_the_value(z, leak):
    """You return leak · z for the slope. How much does leak · z rise when z grows by 1?"""
    return np.where(z > 0, z, leak * z), np.where(z > 0, 1.0, leak * z)


@leaky_relu.misconception
def slope_z_to_the_right(z, leak):
    """For positive z your slope is z. How much does z rise when z grows by 1?"""
    return np.where(z > 0, z, leak * z), np.where(z > 0, z, leak)


@leaky_relu.misconception
def bent_upwards(z, leak):
    """Left of zero your value is positive. Which sign has leak · z there?"""
    return np.where(z > 0, z, -leak * z), np.where(z > 0, 1.0, -leak)


@leaky_relu.misconception
def leak_of_a_tenth(z, leak):
    """Your leak is always 0.1. What is the argument for?"""
    return np.where(z > 0, z, 0.1 * z), np.where(z > 0, 1.0, 0.1)


@leaky_relu.misconception
def minimum_(z, leak):
    """Your unit passes z on where it is negative, and leaks where it is positive. Look at the two branches again."""
    return np.minimum(leak * z, z), np.where(z > 0, leak, 1.0)


@leaky_relu.misconception
def steep_at_zero(z, leak):
    """All is right but for z = 0 itself: there your slope is 1. The text says whose it is."""
    return np.where(z > 0, z, leak * z), np.where(z >= 0, 1.0, leak)


@leaky_relu.misconception
def flat_at_zero(z, leak):
    """All is right but for z = 0 itself: there your slope is 0. The text says whose it is."""
    return np.where(z > 0, z, leak * z), np.where(z > 0, 1.0, np.where(z < 0, leak, 0.0))


@leaky_relu.misconception
def between_at_zero(z, leak):
    """All is right but for z = 0 itself: there your slope is half-way between the two. The text says whose it is."""
    return np.where(z > 0, z, leak * z), np.where(z > 0, 1.0, np.where(z < 0, leak, (1 + leak) / 2))


@leaky_relu.misconception
def value_only(z, leak):
    """The backward pass needs the slope as well. Which two things should you return?"""
    return np.where(z > 0, z, leak * z)


@leaky_relu.misconception
def swapped(z, leak):
    """You return the slope first. In which order are the two asked for?"""
    return np.where(z > 0, 1.0, leak), np.where(z > 0, z, leak * z)


@leaky_relu.misconception
def writes_into_z(z, leak):
    """Your numbers are right, but the caller's z has changed too. Indexing with a mask and assigning writes into it."""
    slope = np.where(z > 0, 1.0, leak)
    z[z < 0] *= leak
    return z, slope


# --- elu


@exercise(points=4, returns=("value", "slope"))
def elu(z, alpha):
    """Oracle: SciPy's one-parameter exponential terms, Box-Cox's limit aside: expm1 by scipy.special."""
    left = np.minimum(z, 0 * z)
    value = np.where(z > 0, z, alpha * scipy.special.expm1(left))
    return value, np.where(z > 0, np.ones_like(left), alpha * np.exp(left))


@elu.cases("usual sums", weight=1)
def _(rng):
    for shape, alpha in zip(SHAPES, rng.permutation([1.0, 0.5, 2.0, 1.4]), strict=True):
        z = rng.normal(scale=1.5, size=shape)
        yield dict(z=z - np.abs(z).max() / 2 if z.size > 1 else -np.abs(z), alpha=float(alpha))


@elu.cases("huge, of both signs", weight=1)
def _(rng):
    for far, alpha in zip((800.0, 1e8), rng.permutation([1.0, 0.5]), strict=True):
        z = np.concatenate([[-far, far, far / 2], rng.normal(size=3)])
        z[3] = -abs(z[3])
        yield dict(z=rng.permutation(z), alpha=float(alpha))


@elu.cases("tiny, and zero", weight=1)
def _(rng):
    for scale in (1e-8, 1e-13):
        z = -scale * rng.uniform(1, 2, size=4)
        z[1] = -z[1]
        yield dict(z=rng.permutation(z), alpha=float(rng.uniform(0.6, 0.9)))
    for alpha in (0.7, 1.6):
        yield dict(z=rng.permutation([0.0, rng.uniform(1, 2), -rng.uniform(1, 2)]), alpha=alpha)


def _elu(z, alpha):
    left = np.minimum(z, 0.0)
    return np.where(z > 0, z, alpha * np.expm1(left)), np.where(z > 0, 1.0, alpha * np.exp(left))


@elu.misconception
def alpha_forgotten(z, alpha):
    """Far to the left your value is -1 whatever alpha is. Where does the formula use it?"""
    return _elu(z, 1.0)


@elu.misconception
def slope_without_alpha(z, alpha):
    """Your slope left of zero forgets a factor of the value. What is the derivative of alpha (e^z - 1)?"""
    value, _ = _elu(z, alpha)
    return value, np.where(z > 0, 1.0, np.exp(np.minimum(z, 0.0)))


@elu.misconception
def one_not_subtracted(z, alpha):
    """Just left of zero your value is alpha, just right of it 0. What makes the two pieces meet?"""
    left = np.minimum(z, 0.0)
    return np.where(z > 0, z, alpha * np.exp(left)), np.where(z > 0, 1.0, alpha * np.exp(left))


@elu.misconception
def one_subtracted_unscaled(z, alpha):
    """Just left of zero your value is alpha - 1. Does alpha multiply the exponential alone, or the bracket?"""
    left = np.minimum(z, 0.0)
    return np.where(z > 0, z, alpha * np.exp(left) - 1), np.where(z > 0, 1.0, alpha * np.exp(left))


@elu.misconception
def slope_is_the_value(z, alpha):
    """Your slope left of zero is negative, but the curve rises. Does the 1 survive differentiation?"""
    value, slope = _elu(z, alpha)
    return value, np.where(z > 0, 1.0, value)


@elu.misconception
def slope_is_z(z, alpha):
    """For positive z your slope is z. How much does z rise when z grows by 1?"""
    value, slope = _elu(z, alpha)
    return value, np.where(z > 0, z, slope)


@elu.misconception
def slope_of_the_relu(z, alpha):
    """Left of zero your slope is 0, as for a ReLU. There the ELU still rises: by how much?"""
    return _elu(z, alpha)[0], np.where(z > 0, 1.0, 0.0)


@elu.misconception
def sign_of_the_exponent(z, alpha):
    """Far to the left your value grows without end. Which sign has z in the exponent?"""
    left = np.minimum(z, 0.0)
    with np.errstate(all="ignore"):
        return np.where(z > 0, z, alpha * (1 - np.exp(-left))), np.where(z > 0, 1.0, alpha * np.exp(-left))


@elu.misconception
def exp_of_all_times_mask(z, alpha):
    """Where z is large, e^z is inf, and 0 · inf is nan. Which z should reach the exponential at all?"""
    with np.errstate(all="ignore"):
        left = (z <= 0) * alpha
        return (z > 0) * z + left * np.expm1(z), (z > 0) + left * np.exp(z)


@elu.misconception
def digits_lost(z, alpha):
    """For z = -1e-13 your value is off in its third digit: e^z is close to 1, and the difference has few digits left.
    NumPy has one function for e^z - 1.
    """
    left = np.minimum(z, 0.0)
    return np.where(z > 0, z, alpha * (np.exp(left) - 1)), np.where(z > 0, 1.0, alpha * np.exp(left))


@elu.misconception
def alpha_in_the_exponent(z, alpha):
    """Your alpha makes the curve bend sooner. It should say where the curve ends far to the left."""
    left = np.minimum(z, 0.0)
    return np.where(z > 0, z, np.expm1(alpha * left)), np.where(z > 0, 1.0, alpha * np.exp(alpha * left))


@elu.misconception
def right_slope_at_zero(z, alpha):
    """All is right but for z = 0 itself: there your slope is 1. The text says whose it is."""
    value, slope = _elu(z, alpha)
    return value, np.where(z == 0, 1.0, slope)


@elu.misconception
def scaled_everywhere(z, alpha):
    """For positive z your value is alpha · z. What is the ELU there?"""
    value, slope = _elu(z, 1.0)
    return alpha * value, alpha * slope


@elu.misconception
def value_only(z, alpha):
    """The backward pass needs the slope as well. Which two things should you return?"""
    return _elu(z, alpha)[0]


@elu.misconception
def one_added_for_alpha(z, alpha):
    """Left of zero you add 1 to the value. Which number has to be added to alpha e^z - alpha, to give alpha e^z?"""
    value, slope = _elu(z, alpha)
    return value, np.where(z > 0, 1.0, value + 1)


# --- gelu


@exercise(points=4, returns=("value", "slope"))
def gelu(z):
    """Oracle: torch's gelu and autograd."""
    return _value_and_slope(torch.nn.functional.gelu, z)


@gelu.cases("usual sums", weight=1)
def _(rng):
    for shape in SHAPES:
        yield dict(z=np.clip(rng.normal(scale=1.2, size=shape), -3, 3))


@gelu.cases("tiny, and zero", weight=1)
def _(rng):
    yield dict(z=rng.permutation([0.0, 1.5, -1.5, rng.uniform(2, 3)]))
    yield dict(z=1e-8 * rng.normal(size=4))


@gelu.cases("huge, of both signs", weight=1)
def _(rng):
    for far in (900.0, 1e8):
        yield dict(z=rng.permutation([far, -far, far] * rng.uniform(1, 2, size=3)))


def _normal(z):
    """Return the normal distribution's share below z, and its density."""
    return scipy.special.ndtr(z), np.exp(-np.minimum(np.square(z), 1e6) / 2) / np.sqrt(2 * np.pi)


@gelu.misconception
def slope_by_half_the_product_rule(z):
    """Your slope is Φ(z): you have differentiated z and left Φ as it was. A product has two terms."""
    share, _ = _normal(z)
    return z * share, share


@gelu.misconception
def slope_by_the_other_half(z):
    """Your slope is z φ(z): you have differentiated Φ and left z as it was. A product has two terms."""
    share, density = _normal(z)
    return z * share, z * density


@gelu.misconception
def density_without_z(z):
    """In the product rule each factor stays once as it was. What multiplies the density?"""
    share, density = _normal(z)
    return z * share, share + density


@gelu.misconception
def z_at_the_wrong_term(z):
    """One factor is differentiated in each term. Which one keeps z?"""
    share, density = _normal(z)
    return z * share, z * share + density


@gelu.misconception
def root_two_outside_erf(z):
    """Far to the left your Φ is .15, not 0. What does the root of 2 divide?"""
    share = (1 + scipy.special.erf(z) / np.sqrt(2)) / 2
    return z * share, share + z * _normal(z)[1]


@gelu.misconception
def density_not_normalised(z):
    """Your density is 1 at zero. What must it be divided by, so that its area is 1?"""
    share, density = _normal(z)
    return z * share, share + z * density * np.sqrt(2 * np.pi)


@gelu.misconception
def density_of_half_the_width(z):
    """In your density z² is not halved. What is the exponent of a normal density with variance 1?"""
    share, density = _normal(z)
    return z * share, share + z * np.exp(-np.minimum(np.square(z), 1e6)) / np.sqrt(2 * np.pi)


@gelu.misconception
def terms_subtracted(z):
    """The derivative of a product is a sum of two terms. What is the derivative of Φ?"""
    share, density = _normal(z)
    return z * share, share - z * density


@gelu.misconception
def erf_for_phi(z):
    """erf runs from -1 to 1, a share runs from 0 to 1. How does Φ follow from erf?"""
    share, density = scipy.special.erf(z / np.sqrt(2)), _normal(z)[1]
    return z * share, share + 2 * z * density


@gelu.misconception
def root_two_forgotten(z):
    """Your Φ climbs too steeply. By what does z have to be divided inside erf, for a variance of 1?"""
    share = (1 + scipy.special.erf(z)) / 2
    return z * share, share + z * _normal(z)[1]


@gelu.misconception
def share_only(z):
    """Your value lies between 0 and 1. What does Φ(z) multiply?"""
    return _normal(z)


@gelu.misconception
def sigmoid_approximation(z):
    """z σ(1.702 z) is a common approximation; your numbers differ from Φ's in the third digit."""
    s = scipy.special.expit(1.702 * np.asarray(z))
    return z * s, s + 1.702 * z * s * (1 - s)


@gelu.misconception
def silu_instead(z):
    """z σ(z) is the SiLU (swish). Which share of what distribution is Φ?"""
    s = scipy.special.expit(np.asarray(z))
    return z * s, s + z * s * (1 - s)


@gelu.misconception
def tanh_approximation(z):
    """The formula with tanh and 0.044715 is an approximation; your numbers differ from Φ's in the fourth digit."""
    return _value_and_slope(lambda point: torch.nn.functional.gelu(point, approximate="tanh"), np.clip(z, -1e4, 1e4))


@gelu.misconception
def slope_of_the_relu(z):
    """Your slope is 0 or 1. Where z is small, Φ is about a half: the slope is too."""
    return z * _normal(z)[0], np.where(np.asarray(z) > 0, 1.0, 0.0)


@gelu.misconception
def value_only(z):
    """The backward pass needs the slope as well. Which two things should you return?"""
    return z * _normal(z)[0]


@gelu.misconception
def product_of_the_derivatives(z):
    """The derivative of a product is not the product of the derivatives, nor of anything else: it is a sum."""
    share, density = _normal(z)
    return z * share, share * density


@gelu.misconception
def one_for_the_share(z):
    """Far to the left your slope is 1. When you differentiate z, what stays as it was?"""
    share, density = _normal(z)
    return z * share, 1 + z * density


@gelu.misconception
def root_of_pi_without_two(z):
    """Your density is too high by a factor of the root of 2. What stands under its root?"""
    share, density = _normal(z)
    return z * share, share + z * density * np.sqrt(2)


# --- maxout


@exercise(points=3, returns=("value", "slopes"))
def maxout(z):
    """Oracle: torch's amax and autograd."""
    return _value_and_slope(lambda point: point.amax(dim=0), z)


@maxout.cases("two pieces", weight=1)
def _(rng):
    for shape in ((2, 4), (2, 5), (2, 3, 1, 4)):
        yield dict(z=rng.normal(size=shape))


@maxout.cases("other numbers of pieces", weight=1)
def _(rng):
    for shape in ((1, 4), (3, 5), (5, 2, 3)):
        yield dict(z=rng.normal(size=shape))


@maxout.cases("all negative, tiny, huge", weight=1)
def _(rng):
    yield dict(z=-rng.uniform(1, 2, size=(3, 4)))
    for scale in (1e-8, 1e8):
        yield dict(z=scale * rng.normal(size=(3, 2, 4)))
    z = -rng.uniform(1, 2, size=(3, 5))
    z[1] = 0.0  # a piece that is always zero: this is a ReLU
    z[0, :2] = rng.uniform(1, 2, size=2)
    yield dict(z=z)


def _one_hot(z, winner, axis=0):
    places = np.arange(z.shape[axis]).reshape([-1 if i == axis else 1 for i in range(z.ndim)])
    return (places == np.expand_dims(winner, axis)).astype(float)


@maxout.misconception
def minimum_(z):
    """You pass on the smallest piece. What does the name say?"""
    return z.min(axis=0), _one_hot(z, z.argmin(axis=0))


@maxout.misconception
def maximum_of_the_last_axis(z):
    """You compare the units of a layer with each other. Along which axis do the pieces of one unit lie?"""
    return z.max(axis=-1), _one_hot(z, z.argmax(axis=-1), z.ndim - 1)


@maxout.misconception
def maximum_of_all(z):
    """You return one number for the whole array. Each unit has a maximum of its own."""
    return z.max(), (z == z.max()).astype(float)


@maxout.misconception
def clipped_at_zero(z):
    """Where all pieces are negative your unit says 0. A maxout has no zero of its own: one of its pieces may be 0."""
    return np.maximum(z.max(axis=0), 0.0), _one_hot(z, z.argmax(axis=0)) * (z > 0)


@maxout.misconception
def slope_of_a_relu(z):
    """Your slope asks whether a piece is positive. Ask whether it is the one that is passed on."""
    return z.max(axis=0), (z > 0).astype(float)


@maxout.misconception
def all_slopes_one(z):
    """You give every piece the whole gradient. Which of them would change the maximum, if it grew a little?"""
    return z.max(axis=0), np.ones_like(z)


@maxout.misconception
def gradient_shared_out(z):
    """You share the gradient out evenly. Which of the pieces would change the maximum, if it grew a little?"""
    return z.max(axis=0), np.ones_like(z) / len(z)


@maxout.misconception
def softmax_for_slopes(z):
    """Your slopes are those of a soft maximum. A hard one depends on a single piece."""
    return z.max(axis=0), scipy.special.softmax(z, axis=0)


@maxout.misconception
def winners_number(z):
    """You return which piece wins. Asked for is an array of z's shape: how steep is the maximum in each piece?"""
    return z.max(axis=0), z.argmax(axis=0)


@maxout.misconception
def slopes_hold_the_value(z):
    """Where a piece wins you return its value. How much does the maximum rise when that piece grows by 1?"""
    return z.max(axis=0), z * _one_hot(z, z.argmax(axis=0))


@maxout.misconception
def first_two_only(z):
    """You compare two pieces. There may be more of them, or one."""
    pieces = z[:2]
    slopes = np.zeros_like(z)
    slopes[:2] = _one_hot(pieces, pieces.argmax(axis=0))
    return pieces.max(axis=0), slopes


@maxout.misconception
def largest_by_size(z):
    """You pass on the piece that is farthest from zero. Which of -3 and 1 is larger?"""
    winner = np.abs(z).argmax(axis=0)
    return np.take_along_axis(z, winner[None], axis=0)[0], _one_hot(z, winner)


@maxout.misconception
def value_only(z):
    """The backward pass needs the slopes as well. Which two things should you return?"""
    return z.max(axis=0)


# --- dead_fraction


@exercise(points=2, returns="share")
def dead_fraction(activations):
    """Oracle: torch counts, for each unit, the examples that make it fire."""
    fired = torch.count_nonzero(torch.tensor(np.asarray(activations)).flatten(0, -2), dim=0)
    return float((fired == 0).double().mean())


def _fired(rng, shape, dead):
    """Activations of ReLUs: many zeros, some units dead."""
    z = np.maximum(rng.normal(size=shape), 0.0)
    z.reshape(-1, shape[-1])[0] = rng.uniform(0.5, 1, size=shape[-1])  # everyone fires once
    z[..., rng.permutation(shape[-1])[:dead]] = 0.0
    return z


def _drawn_layer(rng, *places, examples=(4, 9)):
    """A layer of drawn size, of which a drawn number of units, at least one and not all, are dead."""
    count = int(rng.integers(*examples))
    units = int(rng.choice([size for size in range(4, 12) if size != count]))
    return _fired(rng, (count, *places, units), int(rng.integers(1, units)))


@dead_fraction.cases("examples and units", weight=1)
def _(rng):
    for _ in range(4):
        yield dict(activations=_drawn_layer(rng))


@dead_fraction.cases("none, all, one example", weight=1)
def _(rng):
    yield dict(activations=_fired(rng, (5, 4), 0))
    yield dict(activations=np.zeros((3, 4)))
    yield dict(activations=_drawn_layer(rng, examples=(1, 2)))
    yield dict(activations=_fired(rng, (6, 1), 0))


@dead_fraction.cases("hardly alive is alive", weight=1)
def _(rng):
    for scale in (1e-9, 1e8):
        yield dict(activations=scale * _drawn_layer(rng))
    rare = np.zeros((20, int(rng.integers(5, 10))))
    rare[rng.integers(20), 2] = 1e-6
    rare[rng.integers(20), 4] = 1.5e-3
    yield dict(activations=rare)
    for _ in range(2):
        steady = _drawn_layer(rng)
        steady[:, rng.integers(steady.shape[1])] = 2.0**-8  # the same for every example, and no deviation
        yield dict(activations=steady)


@dead_fraction.cases("a convolution's maps", weight=1)
def _(rng):
    for places in ((2, 2), (3,)):
        maps = _drawn_layer(rng, *places, examples=(3, 5))
        maps.reshape(len(maps), -1, maps.shape[-1])[:, -1] = 0.0  # a place where nothing fires for any example
        yield dict(activations=maps)


def _rows(activations):
    return np.reshape(activations, (-1, np.shape(activations)[-1]))


@dead_fraction.misconception
def share_of_zeros(activations):
    """You count zeros. A unit that is silent for some examples and fires for others is alive and well."""
    return float(np.mean(np.asarray(activations) == 0))


@dead_fraction.misconception
def examples_counted(activations):
    """You ask for which examples nothing fires. Ask which units fire for no example: which axis goes?"""
    return float(np.all(np.asarray(activations) == 0, axis=-1).mean())


@dead_fraction.misconception
def ever_silent(activations):
    """You call a unit dead that is silent once. How often must it be silent?"""
    return float((_rows(activations) == 0).any(axis=0).mean())


@dead_fraction.misconception
def count_(activations):
    """You return a count, not a share. Which share of the units is that?"""
    return (_rows(activations) == 0).all(axis=0).sum()


@dead_fraction.misconception
def alive_share(activations):
    """You return the share of units that fire. Asked for are those that never do."""
    return float((_rows(activations) > 0).any(axis=0).mean())


@dead_fraction.misconception
def threshold(activations):
    """Your threshold calls a weak unit dead. Its gradient is small, not zero: it can learn."""
    return float((_rows(activations) < 1e-3).all(axis=0).mean())


@dead_fraction.misconception
def silent_in_the_mean(activations):
    """You look at the mean over the examples and call it dead below a threshold. One that fires once is alive."""
    return float((_rows(activations).mean(axis=0) < 1e-4).mean())


@dead_fraction.misconception
def silent_more_often_than_not(activations):
    """You call a unit dead that is silent for more than half of the examples. How often must it be silent?"""
    return float(((_rows(activations) == 0).mean(axis=0) > 0.5).mean())


@dead_fraction.misconception
def rounded(activations):
    """You round, and whoever fires weakly comes out as 0. However weakly a unit fires, it is alive."""
    return float((np.round(_rows(activations), 2) == 0).all(axis=0).mean())


@dead_fraction.misconception
def never_changes(activations):
    """You ask which units say the same for every example. Does a unit fire that always says .1?"""
    return float((_rows(activations).std(axis=0) == 0).mean())


@dead_fraction.misconception
def first_axis_only(activations):
    """With maps you count places, not units: the last axis holds the units, all others must be silent together."""
    return float((np.asarray(activations) == 0).all(axis=0).mean())


@dead_fraction.misconception
def per_cent(activations):
    """Your share exceeds 1. Asked for is a fraction."""
    return 100 * float((_rows(activations) == 0).all(axis=0).mean())


@dead_fraction.misconception
def share_of_the_examples(activations):
    """You divide the number of dead units by the number of examples. Out of how many units are they?"""
    return float((_rows(activations) == 0).all(axis=0).sum() / len(activations))


@dead_fraction.misconception
def one_for_each_unit(activations):
    """You return the answer for each unit. Which share of them is dead?"""
    return (_rows(activations) == 0).all(axis=0).astype(float)


@dead_fraction.misconception
def share_that_is_silent_at_the_first_example(activations):
    """You look at the first example only. Another one may wake the unit."""
    return float((_rows(activations)[0] == 0).mean())


# --- standardize


@exercise(points=4, returns=("train", "test"))
def standardize(train, test):
    """Oracle: scikit-learn's StandardScaler.

    A feature that is constant but for rounding counts as constant, so that the slack can be measured; no case has one.
    """
    kind = np.asarray(train).dtype
    scaler = StandardScaler().fit(np.asarray(train, dtype=float))
    scaler.scale_[scaler.scale_ < 1e-3 * np.abs(scaler.mean_)] = 1.0
    return tuple(scaler.transform(np.asarray(part, dtype=float)).astype(kind) for part in (train, test))


def _sets(rng, n, tests, d, scale=1.0):
    """Two samples whose features differ in mean and width; the second one is drawn from elsewhere."""
    center, width = scale * rng.uniform(1, 3, size=d), scale * rng.uniform(0.5, 3, size=d)
    train = center + width * rng.normal(size=(n, d))
    return dict(train=train, test=center + width * (0.7 + 1.6 * rng.normal(size=(tests, d))))


@standardize.cases("two sets", weight=1)
def _(rng):
    for n, tests, d in ((5, 4, 3), (4, 6, 1)):
        yield _sets(rng, n, tests, d)
    case = _sets(rng, 8, 3, 2)
    case["train"][1::2, 1] = -case["train"][::2, 1]  # its mean is 0 and its deviation is not
    case["train"][5, 0] = case["train"][2, 0]  # the same number twice, and no constant
    yield case


@standardize.cases("a test set of one example", weight=1)
def _(rng):
    yield _sets(rng, 4, 1, 3)
    yield _sets(rng, 7, 1, 2)


@standardize.cases("features that never change", weight=1)
def _(rng):
    case = _sets(rng, 5, 3, 3)
    case["train"][:, 1] = 0.0  # a pixel that is always black
    yield case
    case = _sets(rng, 4, 2, 2)
    case["train"][:, 0] = case["test"][:, 0] = 0.0
    yield case
    case = _sets(rng, 4, 5, 3)
    case["train"][:, rng.integers(3)] = 0.5 * float(rng.integers(1, 4))  # few binary digits: the deviation is exactly 0
    yield case


@standardize.cases("other scales", weight=1)
def _(rng):
    for scale, (n, tests, d) in ((1e-8, (4, 2, 3)), (1e8, (6, 3, 1))):
        yield _sets(rng, n, tests, d, scale)
    case = _sets(rng, 5, 4, 3)
    scales = rng.permutation([1e-6, 1.0, 1e6])
    case["train"] *= scales
    case["test"] *= scales
    yield case


def _standardized(train, test, of=None, spread=np.std, axis=0, center=True, scale=True, add=0.0):
    """Standardise both by the statistics of `of`, with the slips asked for."""
    of = train if of is None else of
    mean = of.mean(axis=axis, keepdims=True) if center else 0.0
    width = spread(of, axis=axis, keepdims=True) if scale else 1.0
    width = np.where(width == 0, 1.0, width) + add
    return (train - mean) / width, (test - mean) / width


@standardize.misconception
def test_by_its_own(train, test):
    """You standardise the test set by its own mean and deviation. If it holds a single example, what is left of it?"""
    return _standardized(train, test)[0], _standardized(test, test)[0]


@standardize.misconception
def both_together(train, test):
    """Your statistics know the test set. Which examples may anything be learnt from?"""
    return _standardized(train, test, of=np.concatenate([train, test]))


@standardize.misconception
def test_by_its_own_mean(train, test):
    """The test set is scaled rightly, but shifted by its own mean. Whose mean was taken from the training set?"""
    width = np.std(train, axis=0)
    return _standardized(train, test)[0], (test - test.mean(axis=0)) / np.where(width == 0, 1.0, width)


@standardize.misconception
def test_by_its_own_deviation(train, test):
    """The test set is centred rightly, but divided by its own deviation. Whose was taken from the training set?"""
    width = np.std(test, axis=0)
    return _standardized(train, test)[0], (test - train.mean(axis=0)) / np.where(width == 0, 1.0, width)


@standardize.misconception
def constant_left_alone(train, test):
    """A feature that never changes comes back as it was. The text asks for centring there, in both sets."""
    width = np.std(train, axis=0)
    mean, width = np.where(width == 0, 0.0, train.mean(axis=0)), np.where(width == 0, 1.0, width)
    return (train - mean) / width, (test - mean) / width


@standardize.misconception
def small_number_in_the_root(train, test):
    """You add a small number to the variance, as batch normalization does. A feature whose deviation is 1e-8 drowns in
    it. When is there anything to guard against?
    """
    width = np.sqrt(train.var(axis=0) + 1e-5)
    return (train - train.mean(axis=0)) / width, (test - train.mean(axis=0)) / width


@standardize.misconception
def test_left_as_it_is(train, test):
    """The test set comes back unchanged. A model that has learnt from standardised inputs must be asked with such."""
    return _standardized(train, test)[0], test.copy()


@standardize.misconception
def each_example(train, test):
    """You standardise every example over its features. Metres and kilograms then mix: along which axis lie the
    people?
    """
    return _standardized(train, train, axis=1)[0], _standardized(test, test, axis=1)[0]


@standardize.misconception
def all_features_together(train, test):
    """You use one mean and one deviation for all features. What is the deviation of each, afterwards?"""
    return _standardized(train, test, axis=None)


@standardize.misconception
def sample_deviation(train, test):
    """You divide the sum of squares by N - 1. Afterwards the mean square of each feature should be 1: by which number
    must it be divided?
    """
    return _standardized(train, test, spread=lambda x, **where: np.std(x, ddof=1, **where))


@standardize.misconception
def divides_by_the_variance(train, test):
    """Measure in millimetres instead of metres: your result changes. Should you divide by the variance or by its
    root?
    """
    return _standardized(train, test, spread=np.var)


@standardize.misconception
def centres_only(train, test):
    """Your features have mean 0 and still their old deviations."""
    return _standardized(train, test, scale=False)


@standardize.misconception
def scales_only(train, test):
    """Your features have deviation 1 and are not centred."""
    return _standardized(train, test, center=False)


@standardize.misconception
def scales_then_centres_by_the_old_mean(train, test):
    """You divide first and then subtract the mean of before. In which order do the two belong?"""
    width = np.std(train, axis=0)
    width = np.where(width == 0, 1.0, width)
    return train / width - train.mean(axis=0), test / width - train.mean(axis=0)


@standardize.misconception
def brackets_forgotten(train, test):
    """Only the mean is divided by the deviation. What comes first in Python, a division or a subtraction?"""
    width = np.std(train, axis=0)
    width = np.where(width == 0, 1.0, width)
    return train - train.mean(axis=0) / width, test - train.mean(axis=0) / width


@standardize.misconception
def zero_over_zero(train, test):
    """A feature that never changes has deviation 0, and 0/0 is nan. What does the text ask for there?"""
    with np.errstate(all="ignore"):
        mean, width = train.mean(axis=0), train.std(axis=0)
        return (train - mean) / width, (test - mean) / width


@standardize.misconception
def dead_features_dropped_to_zero(train, test):
    """Where the training set never changes you set the test set to 0. The text asks for centring alone there."""
    width = np.std(train, axis=0)
    inverse = np.divide(1.0, width, out=np.zeros_like(width), where=width > 0)
    return (train - train.mean(axis=0)) * inverse, (test - train.mean(axis=0)) * inverse


@standardize.misconception
def small_number_added(train, test):
    """The number that you add to the deviation is not small beside a feature whose deviation is 1e-8. When is there
    anything to guard against?
    """
    mean, width = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / (width + 1e-8), (test - mean) / (width + 1e-8)


@standardize.misconception
def to_the_unit_interval(train, test):
    """You map the smallest to 0 and the largest to 1. Asked for are mean 0 and deviation 1."""
    low, width = train.min(axis=0), np.ptp(train, axis=0)
    width = np.where(width == 0, 1.0, width)
    return (train - low) / width, (test - low) / width


@standardize.misconception
def root_mean_square(train, test):
    """You divide by the root of the mean square, about 0. Deviations are taken from the mean."""
    width = np.sqrt((train**2).mean(axis=0))
    width = np.where(width == 0, 1.0, width)
    return (train - train.mean(axis=0)) / width, (test - train.mean(axis=0)) / width


@standardize.misconception
def training_set_only(train, test):
    """The test set has to be told in the same units. Where is it?"""
    return _standardized(train, test)[0]


@standardize.misconception
def writes_into_the_data(train, test):
    """Your numbers are right, but the caller's arrays have changed too: -= and /= write into them."""
    mean, width = train.mean(axis=0), train.std(axis=0)
    width[width == 0] = 1.0
    for part in (train, test):
        part -= mean
        part /= width
    return train, test


@standardize.misconception
def one_mean_for_all(train, test):
    """You subtract one mean from all features. Metres and kilograms have means of their own."""
    width = np.std(train, axis=0)
    width = np.where(width == 0, 1.0, width)
    return (train - train.mean()) / width, (test - train.mean()) / width


@standardize.misconception
def root_of_the_deviation(train, test):
    """np.std has taken the root already; you take it once more."""
    width = np.sqrt(np.std(train, axis=0))
    width = np.where(width == 0, 1.0, width)
    return (train - train.mean(axis=0)) / width, (test - train.mean(axis=0)) / width


@standardize.misconception
def small_deviations_taken_for_zero(train, test):
    """A deviation of 1e-8 is small and not zero: the feature may be measured in light years. When is there nothing to
    divide by?
    """
    width = np.std(train, axis=0)
    width = np.where(width < 1e-6, 1.0, width)
    return (train - train.mean(axis=0)) / width, (test - train.mean(axis=0)) / width


@standardize.misconception
def tiny_divisor(train, test):
    """Where the training set never changes you divide by a tiny number, and the test set explodes. The text asks for
    centring alone there.
    """
    width = np.std(train, axis=0)
    width = np.where(width == 0, 1e-12, width)
    return (train - train.mean(axis=0)) / width, (test - train.mean(axis=0)) / width


# --- whiten


@exercise(points=5, returns=("train", "test"))
def whiten(train, test, eps):
    """Oracle: NumPy's covariance, and the inverse of its symmetric root by SciPy."""
    kind = np.asarray(train).dtype
    train, test = (np.asarray(part, dtype=float) for part in (train, test))
    covariance = np.atleast_2d(np.cov(train, rowvar=False, bias=True))
    size = np.trace(covariance)  # SciPy's root wants numbers of ordinary size
    root = np.real(scipy.linalg.sqrtm((covariance + eps * np.eye(len(covariance))) / size)) * np.sqrt(size)
    mean = train.mean(axis=0)
    return tuple(np.linalg.solve(root, (part - mean).T).T.astype(kind) for part in (train, test))


def _correlated(rng, n, tests, d, scale=1.0):
    """Two samples of the same correlated features."""
    mix = np.eye(d) + 0.6 * np.tril(rng.uniform(0.5, 1, size=(d, d)))
    center = rng.uniform(1, 2, size=d)
    train, test = (center + rng.normal(size=(size, d)) @ mix.T for size in (n, tests))
    return dict(train=scale * train, test=scale * (test + 0.5))


@whiten.cases("plenty of examples", weight=1)
def _(rng):
    for n, tests, d in ((6, 3, 2), (8, 2, 3), (5, 4, 1)):
        yield dict(**_correlated(rng, n, tests, d), eps=0.0)


@whiten.cases("a stabiliser", weight=1)
def _(rng):
    for n, tests, d, eps in ((7, 2, 2, 0.5), (6, 3, 3, 0.1)):
        yield dict(**_correlated(rng, n, tests, d), eps=eps)


@whiten.cases("fewer examples than features, a test set of one", weight=1)
def _(rng):
    yield dict(**_correlated(rng, 3, 2, 4), eps=0.3)
    yield dict(**_correlated(rng, 5, 1, 2), eps=0.2)


@whiten.cases("a pixel that is always black, other scales", weight=1)
def _(rng):
    case = _correlated(rng, 6, 2, 3)
    case["train"][:, 1] = 0.0
    yield dict(**case, eps=0.25)
    for scale, (n, tests, d) in ((1e-8, (7, 2, 3)), (1e8, (5, 3, 2))):
        yield dict(**_correlated(rng, n, tests, d, scale), eps=0.05 * scale**2)


def _whitened(train, test, eps, of=None, matrix=None, center=True, outside=False, power=-0.5, divisor=None):
    """Whiten both by the statistics of `of`, with the slips asked for."""
    of = train if of is None else of
    mean = of.mean(axis=0) if center else 0.0 * of.mean(axis=0)
    covariance = (of - mean).T @ (of - mean) / (len(of) if divisor is None else divisor(of))
    values, vectors = np.linalg.eigh(covariance)
    values = np.maximum(values, 0.0)
    with np.errstate(all="ignore"):
        factors = 1 / (np.sqrt(values) + eps) if outside else (values + eps) ** power
        turned = (vectors * factors) @ vectors.T if matrix is None else matrix(vectors, factors)
        return (train - mean) @ turned, (test - mean) @ turned


@whiten.misconception
def uncentred(train, test, eps):
    """You whiten without centring: the mean is still in it, and counts as variance. What has to be subtracted first?"""
    return _whitened(train, test, eps, center=False)


@whiten.misconception
def centred_for_the_covariance_only(train, test, eps):
    """Your matrix is right, but it multiplies examples that are not centred: their mean should come out as 0."""
    white, other = _whitened(train, test, eps)
    shift = _whitened(train, np.zeros((1, train.shape[1])), eps)[1]
    return white - shift, other - shift


@whiten.misconception
def variance_for_deviation(train, test, eps):
    """Along an eigenvector with variance 4 the deviation is 2. By which of them do you divide?"""
    return _whitened(train, test, eps, power=-1.0)


@whiten.misconception
def multiplies_by_the_deviation(train, test, eps):
    """You stretch what is long already. Is the root of the covariance wanted or its inverse?"""
    return _whitened(train, test, eps, power=0.5)


@whiten.misconception
def centres_only(train, test, eps):
    """The mean is gone, the correlations are not. Where do the eigenvectors and eigenvalues come in?"""
    return train - train.mean(axis=0), test - train.mean(axis=0)


@whiten.misconception
def not_turned_back(train, test, eps):
    """The covariance is right, but you have left the data in the coordinates of the eigenvectors. The third step turns
    them back.
    """
    return _whitened(train, test, eps, matrix=lambda vectors, factors: vectors * factors)


@whiten.misconception
def turned_the_wrong_way(train, test, eps):
    """The eigenvectors stand in the columns. Examples in rows meet them on the right: which of your two matrices should
    be transposed?
    """
    return _whitened(train, test, eps, matrix=lambda vectors, factors: (vectors.T * factors) @ vectors)


@whiten.misconception
def turned_on_instead_of_back(train, test, eps):
    """You turn by U, divide, and turn by U once more. Which matrix turns back?"""
    return _whitened(train, test, eps, matrix=lambda vectors, factors: (vectors * factors) @ vectors)


@whiten.misconception
def scaled_without_turning(train, test, eps):
    """You divide features by the deviations of eigenvectors. To which directions do the eigenvalues belong?"""
    return _whitened(train, test, eps, matrix=lambda vectors, factors: np.diag(factors))


@whiten.misconception
def standardizes_only(train, test, eps):
    """Each feature has variance 1 now, but two may still be correlated. The covariance has more than a diagonal."""
    width = np.sqrt(np.var(train, axis=0) + eps)
    return (train - train.mean(axis=0)) / width, (test - train.mean(axis=0)) / width


@whiten.misconception
def decorrelates_only(train, test, eps):
    """Your features are uncorrelated, but their variances are still the eigenvalues."""
    return _whitened(train, test, eps, matrix=lambda vectors, factors: vectors)


@whiten.misconception
def eps_outside_the_root(train, test, eps):
    """You add eps to the deviations. To what does the formula add it?"""
    return _whitened(train, test, eps, outside=True)


@whiten.misconception
def eps_forgotten(train, test, eps):
    """eps changes nothing in your result. What keeps directions without variance from being blown up?"""
    return _whitened(train, test, 0.0)


@whiten.misconception
def sample_covariance(train, test, eps):
    """You divide the covariance by N - 1, as np.cov does. By what does the formula divide?"""
    return _whitened(train, test, eps, divisor=lambda x: max(len(x) - 1, 1))


@whiten.misconception
def covariance_with_the_mean(train, test, eps):
    """Your matrix is the mean of x xᵀ, the mean of x still in it. What is subtracted before a covariance is taken?"""
    values, vectors = np.linalg.eigh(train.T @ train / len(train))
    matrix = (vectors / np.sqrt(np.maximum(values, 0.0) + eps)) @ vectors.T
    return (train - train.mean(axis=0)) @ matrix, (test - train.mean(axis=0)) @ matrix


@whiten.misconception
def turned(train, test, eps):
    """Covariance I, but the cloud is turned: the text asks for the symmetric root."""
    mean = train.mean(axis=0)
    covariance = (train - mean).T @ (train - mean) / len(train) + eps * np.eye(train.shape[1])
    matrix = np.linalg.cholesky(np.linalg.inv(covariance))
    return (train - mean) @ matrix, (test - mean) @ matrix


@whiten.misconception
def sum_for_covariance(train, test, eps):
    """With twice as many examples your matrix is twice as large. A covariance is a mean."""
    return _whitened(train, test, eps, divisor=lambda x: 1)


@whiten.misconception
def both_together(train, test, eps):
    """Your statistics know the test set. Which examples may anything be learnt from?"""
    return _whitened(train, test, eps, of=np.concatenate([train, test]))


@whiten.misconception
def test_by_its_own(train, test, eps):
    """You whiten the test set by its own statistics. If it holds a single example, what is left of it?"""
    return _whitened(train, test, eps)[0], _whitened(test, test, eps)[0]


@whiten.misconception
def test_by_its_own_mean(train, test, eps):
    """The test set meets the right matrix, but is shifted by its own mean. Whose mean was it?"""
    return _whitened(train, test, eps)[0], _whitened(train, test - test.mean(axis=0) + train.mean(axis=0), eps)[1]


@whiten.misconception
def test_not_centred(train, test, eps):
    """The training set is right. From the test set, too, the training mean has to be subtracted before it is turned."""
    return _whitened(train, test, eps)[0], _whitened(train, test + train.mean(axis=0), eps)[1]


@whiten.misconception
def training_set_only(train, test, eps):
    """The test set has to be told in the same coordinates. Where is it?"""
    return _whitened(train, test, eps)[0]


@whiten.misconception
def standardizes_first(train, test, eps):
    """You standardise before you whiten. The covariance comes out as I, but the features are another mixture: the text
    starts from the covariance of the data as they are.
    """
    width = np.std(train, axis=0)
    width = np.where(width == 0, 1.0, width)
    return _whitened(train / width, test / width, eps)


@whiten.misconception
def singular_values_for_variances(train, test, eps):
    """You divide by roots of the singular values of the examples. How is a variance computed from a singular value?"""
    mean = train.mean(axis=0)
    _, values, turn = np.linalg.svd(train - mean, full_matrices=False)
    with np.errstate(all="ignore"):
        matrix = (turn.T / np.sqrt(values + eps)) @ turn
        return (train - mean) @ matrix, (test - mean) @ matrix


# --- MLP


@exercise(points=8, returns=("logits", "hidden", "grads"), driver="utils.drivers.passes.network_pass")
class MLP:
    """Oracle: torch's linear and autograd; an activation's slope enters as the gradient of a function of its own."""

    def __init__(self, parameters, activation):
        self.tensors = [torch.from_numpy(array).requires_grad_() for array in parameters]
        self.activation = activation

    def forward(self, X):
        activation, self.hidden = self.activation, []

        class Bend(torch.autograd.Function):
            @staticmethod
            def forward(context, z):
                value, slope = (torch.as_tensor(np.asarray(part)) for part in activation(z.detach().numpy()))
                context.save_for_backward(slope)
                return value

            @staticmethod
            def backward(context, grad):
                return grad * context.saved_tensors[0]

        h = torch.as_tensor(np.array(X, dtype=self.tensors[0].detach().numpy().dtype))
        for weights, bias in zip(self.tensors[::2], self.tensors[1::2], strict=True):
            z = torch.nn.functional.linear(h, weights.T, bias)
            if weights is not self.tensors[-2]:
                h = Bend.apply(z)
                self.hidden.append(h.detach().numpy())
        self.logits = z
        return z.detach().numpy()

    def backward(self, dlogits):
        signal = torch.as_tensor(np.array(dlogits), dtype=self.logits.dtype)
        return [grad.numpy() for grad in torch.autograd.grad(self.logits, self.tensors, signal, retain_graph=True)]


def _network(rng, sizes, n, bend, scale=1.0):
    """A case: parameters, a batch, and a gradient to send back."""
    parameters = []
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:], strict=True):
        parameters += [rng.normal(size=(fan_in, fan_out)) / np.sqrt(fan_in), rng.uniform(-0.5, 0.5, size=fan_out)]
    return dict(
        parameters=parameters,
        activation=Reference("utils.drivers.passes.bend", kwargs=dict(name=bend)),
        X=rng.normal(size=(n, sizes[0])),
        dlogits=scale * rng.normal(size=(n, sizes[-1])),
    )


@MLP.cases("one hidden layer", weight=1)
def _(rng):
    yield _network(rng, (2, 3, 2), 2, "arctan")
    yield _network(rng, (2, 2, 3), 3, "sine")
    yield _network(rng, (3, 2, 1), 1, "arctan")


@MLP.cases("several hidden layers", weight=1)
def _(rng):
    for bend, sizes in (("sine", (2, 3, 2, 3, 1)), ("square", (2, 2, 2, 2))):
        yield _network(rng, sizes, 2, bend)
    yield _network(rng, (2, 3, 2, 1), 2, "arctan", scale=1e-8)
    yield _network(rng, (2, 2, 3, 1), 2, "sine", scale=1e8)


@MLP.cases("no hidden layer", weight=0.5)
def _(rng):
    yield _network(rng, (3, 1), 1, "arctan")
    yield _network(rng, (1, 3), 2, "sine")
    yield _network(rng, (2, 4), 3, "sine")


@MLP.cases("asked again, beside another network", weight=0.5, driver="utils.drivers.passes.network_passes")
def _(rng):
    for bend, sizes in (("sine", (2, 3, 1)), ("arctan", (2, 3, 2, 1))):
        yield _network(rng, sizes, 2, bend)


@MLP.cases("trained in place", weight=1, driver="utils.drivers.passes.network_written_into")
def _(rng):
    for bend, sizes in (("arctan", (2, 3, 2)), ("sine", (2, 2, 3, 1))):
        yield _network(rng, sizes, 3, bend)


class _Net:
    """What the misconceptions share: a network that is right, in pieces that can be exchanged."""

    def __init__(self, parameters, activation):
        self.parameters, self.activation = parameters, activation

    def layers(self):
        return list(zip(self.parameters[::2], self.parameters[1::2], strict=True))

    def forward(self, X):
        self.inputs, self.slopes, self.sums = [], [], []
        h = X
        for weights, bias in self.layers()[:-1]:
            self.inputs.append(h)
            h, slope = self.bent(self.summed(h, weights, bias))
            self.slopes.append(slope)
        self.inputs.append(h)
        self.hidden = self.kept()
        return self.out(self.summed(h, *self.layers()[-1]))

    def summed(self, h, weights, bias):
        z = h @ weights + bias
        self.sums.append(z)
        return z

    def bent(self, z):
        return self.activation(z)

    def kept(self):
        return self.inputs[1:]

    def out(self, z):
        return z

    def backward(self, dlogits):
        signal, grads = self.start(dlogits), []
        for layer in reversed(range(len(self.inputs))):
            grads = [self.of_weights(layer, signal), self.of_bias(layer, signal), *grads]
            if layer:
                signal = self.back(layer, signal)
        return grads

    def start(self, dlogits):
        return dlogits

    def of_weights(self, layer, signal):
        return self.inputs[layer].T @ signal

    def of_bias(self, layer, signal):
        return signal.sum(axis=0)

    def back(self, layer, signal):
        return signal @ self.parameters[2 * layer].T * self.slopes[layer - 1]


@MLP.misconception
class slope_forgotten(_Net):
    """Your gradient goes back as if the network were linear. What does it meet between two weight matrices?"""

    def back(self, layer, signal):
        return signal @ self.parameters[2 * layer].T


@MLP.misconception
class slope_of_the_activation_itself(_Net):
    """The slope belongs where the activation was applied, at z = hW + b. You ask for it at the activation's own
    value.
    """

    def bent(self, z):
        value, _ = self.activation(z)
        return value, self.activation(value)[1]


@MLP.misconception
class value_for_slope(_Net):
    """You multiply by what the units gave. The chain rule asks how steep they were: the second thing that `activation`
    returns.
    """

    def back(self, layer, signal):
        return signal @ self.parameters[2 * layer].T * self.inputs[layer]


@MLP.misconception
class slope_of_the_layer_below(_Net):
    """Your slopes are off by one layer. On its way from layer l to layer l - 1, through which activation does the
    gradient go?
    """

    def back(self, layer, signal):
        signal = signal @ self.parameters[2 * layer].T
        slope = self.slopes[max(layer - 2, 0)]
        return signal * slope if slope.shape == signal.shape else signal * self.slopes[layer - 1].mean()


@MLP.misconception
class bends_the_last_layer(_Net):
    """Your logits have gone through the activation. The last layer is linear."""

    def out(self, z):
        value, self.last_slope = self.activation(z)
        return value

    def start(self, dlogits):
        return dlogits * self.last_slope


@MLP.misconception
class bends_the_logits_on_the_way_out_only(_Net):
    """Your logits have gone through the activation, and your gradients do not know it. The last layer is linear."""

    def out(self, z):
        return self.activation(z)[0]


@MLP.misconception
class slope_at_the_logits_too(_Net):
    """Your logits are right, but the gradient meets a slope before it reaches the last weights. What bends the
    logits?
    """

    def start(self, dlogits):
        return dlogits * self.activation(self.sums[-1])[1]


@MLP.misconception
class linear_all_through(_Net):
    """Your network never bends: where is `activation` called?"""

    def bent(self, z):
        return z, np.ones_like(z)


@MLP.misconception
class biases_forgotten(_Net):
    """Your logits are those of a network without biases."""

    def summed(self, h, weights, bias):
        z = h @ weights
        self.sums.append(z)
        return z


@MLP.misconception
class hidden_biases_forgotten(_Net):
    """Your hidden sums lack their biases."""

    def summed(self, h, weights, bias):
        return _Net.summed(self, h, weights, bias if bias is self.parameters[-1] else 0 * bias)


@MLP.misconception
class gradient_of_the_biases_is_zero(_Net):
    """Your biases get no gradient. How does the loss change when a bias grows?"""

    def of_bias(self, layer, signal):
        return np.zeros_like(self.parameters[2 * layer + 1])


@MLP.misconception
class mean_for_the_biases(_Net):
    """The gradients of your biases are N times too small. A bias enters every example: are its contributions added or
    averaged?
    """

    def of_bias(self, layer, signal):
        return signal.mean(axis=0)


@MLP.misconception
class divided_by_the_examples_again(_Net):
    """All your gradients are N times too small. The loss may be a mean; then its 1/N is in dlogits already."""

    def start(self, dlogits):
        return dlogits / len(dlogits)


@MLP.misconception
class not_transposed_when_square(_Net):
    """Where a layer has as many inputs as outputs your gradient is wrong. The way back goes through the transposed
    weights.
    """

    def back(self, layer, signal):
        weights = self.parameters[2 * layer]
        weights = weights if weights.shape[0] == weights.shape[1] else weights.T
        return signal @ weights * self.slopes[layer - 1]


@MLP.misconception
class gradient_stops_below_the_top(_Net):
    """Below the last hidden layer your gradients are zero. How many layers does the gradient have to pass?"""

    def back(self, layer, signal):
        passed = _Net.back(self, layer, signal)
        return passed if layer == len(self.inputs) - 1 else 0 * passed


@MLP.misconception
class last_layer_first(_Net):
    """Your gradients come in the order in which you met them, the last layer first. In which order do the parameters
    stand?
    """

    def backward(self, dlogits):
        grads = _Net.backward(self, dlogits)
        return [part for pair in list(zip(grads[::2], grads[1::2], strict=True))[::-1] for part in pair]


@MLP.misconception
class biases_before_weights(_Net):
    """In each layer you return the bias's gradient before that of the weights. In which order do the parameters
    stand?
    """

    def backward(self, dlogits):
        grads = _Net.backward(self, dlogits)
        return [part for pair in zip(grads[1::2], grads[::2], strict=True) for part in pair]


@MLP.misconception
class all_weights_then_all_biases(_Net):
    """You return the gradients of all weights and then those of all biases. In which order do the parameters stand?"""

    def backward(self, dlogits):
        grads = _Net.backward(self, dlogits)
        return grads[::2] + grads[1::2]


@MLP.misconception
class sums_for_inputs(_Net):
    """The gradient of a layer's weights holds what the layer got: the activations below it, not the sums z before
    them.
    """

    def of_weights(self, layer, signal):
        return (self.sums[layer - 1] if layer else self.inputs[0]).T @ signal


@MLP.misconception
class inputs_kept_as_hidden(_Net):
    """Your list of hidden activations begins with X. Is the input a hidden layer?"""

    def kept(self):
        return list(self.inputs)


@MLP.misconception
class logits_kept_as_hidden(_Net):
    """Your list of hidden activations ends with the logits. Is the last layer hidden?"""

    def forward(self, X):
        logits = _Net.forward(self, X)
        self.hidden = [*self.hidden, logits]
        return logits


@MLP.misconception
class sums_kept_as_hidden(_Net):
    """You keep the sums z. What do the hidden units pass on?"""

    def kept(self):
        return self.sums[: len(self.inputs) - 1]


@MLP.misconception
class hidden_of_all_batches(_Net):
    """Your list of hidden activations grows with every call of forward. It should hold those of the last batch."""

    def forward(self, X):
        before = getattr(self, "hidden", [])
        logits = _Net.forward(self, X)
        self.hidden = [*before, *self.hidden]
        return logits


@MLP.misconception
class first_batch_remembered(_Net):
    """Your gradients belong to the first batch that the network saw. What must forward keep anew at every call?"""

    def backward(self, dlogits):
        if not hasattr(self, "first"):
            self.first = self.inputs, self.slopes
        if len(self.first[0][0]) == len(dlogits):
            self.inputs, self.slopes = self.first
        return _Net.backward(self, dlogits)


@MLP.misconception
class gradients_pile_up(_Net):
    """At the second call of backward your gradients hold those of the first, too. Where do they start from?"""

    def backward(self, dlogits):
        grads, before = _Net.backward(self, dlogits), getattr(self, "grads", None)
        self.grads = grads if before is None else [a + b for a, b in zip(grads, before, strict=True)]
        return [grad.copy() for grad in self.grads]


@MLP.misconception
class copies_the_parameters(_Net):
    """Somebody wrote into the arrays that your network was made with, and it did not notice: it computes with copies.
    Training works by writing into them.
    """

    def __init__(self, parameters, activation):
        _Net.__init__(self, [np.array(array) for array in parameters], activation)


@MLP.misconception
class memory_of_the_class(_Net):
    """Two networks share what they remember, because it belongs to the class: after a second one was asked, the first
    goes back through the wrong inputs. Where do the data of one object live?
    """

    shared = {}

    def forward(self, X):
        logits = _Net.forward(self, X)
        self.shared.update(inputs=self.inputs, slopes=self.slopes)
        return logits

    def backward(self, dlogits):
        self.inputs, self.slopes = self.shared["inputs"], self.shared["slopes"]
        return _Net.backward(self, dlogits)


@MLP.misconception
class updates_by_itself(_Net):
    """Your backward changes the parameters. It should only say in which direction they ought to go."""

    def backward(self, dlogits):
        grads = _Net.backward(self, dlogits)
        for theta, grad in zip(self.parameters, grads, strict=True):
            theta -= 0.1 * grad
        return grads


@MLP.misconception
class ascends(_Net):
    """Your gradients have the other sign. Whoever trains with them will subtract them; do not do it for them."""

    def backward(self, dlogits):
        return [-grad for grad in _Net.backward(self, dlogits)]


@MLP.misconception
class last_bias_forgotten(_Net):
    """Your logits miss the bias of the last layer."""

    def out(self, z):
        return z - self.parameters[-1]


@MLP.misconception
class mean_for_the_weights(_Net):
    """The gradients of your weights are N times too small. Are the contributions of the examples added or averaged?"""

    def of_weights(self, layer, signal):
        return self.inputs[layer].T @ signal / len(signal)


@MLP.misconception
class always_tanh(_Net):
    """Your hidden layers bend by tanh, whatever activation the network was made with."""

    def bent(self, z):
        return np.tanh(z), 1 - np.tanh(z) ** 2


@MLP.misconception
class slope_of_tanh(_Net):
    """Your slope is that of tanh, 1 - h². For another activation it is another: the second thing that it returns."""

    def bent(self, z):
        value, _ = self.activation(z)
        return value, 1 - value**2


@MLP.misconception
class slope_of_the_sigmoid(_Net):
    """Your slope is that of the sigmoid, h(1-h). For another activation it is another: the second thing that it
    returns.
    """

    def bent(self, z):
        value, _ = self.activation(z)
        return value, value * (1 - value)


@MLP.misconception
class slope_of_the_relu(_Net):
    """Your slope is that of the ReLU, 1 where the unit fires. For another activation it is another: the second thing
    that it returns.
    """

    def bent(self, z):
        value, _ = self.activation(z)
        return value, (value > 0).astype(float)
