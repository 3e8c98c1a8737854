import numpy as np


def _norm(slope, lr, decay):
    shrink = 1 - lr * decay
    return (lr**2 * slope**2 / (1 - shrink**2)) ** 0.25


def equilibrium__both_approximate(slope, lr, decay):
    r"""for small lr decay only"""
    return (lr * slope**2 / (2 * decay)) ** 0.25, np.sqrt(2 * lr * decay)


def equilibrium__angle_approximate(slope, lr, decay):
    r"""the exact norm, the angle for small ones"""
    return _norm(slope, lr, decay), np.sqrt(2 * lr * decay)


def equilibrium__norm_approximate(slope, lr, decay):
    r"""the exact angle, drops (lr decay) squared in the norm"""
    return (lr * slope**2 / (2 * decay)) ** 0.25, np.arccos(1 - lr * decay)


def equilibrium__square_root_for_fourth(slope, lr, decay):
    r"""root instead of fourth root"""
    return _norm(slope, lr, decay) ** 2, np.arccos(1 - lr * decay)


def equilibrium__sine(slope, lr, decay):
    r"""arcsin of the ratio"""
    return _norm(slope, lr, decay), np.arcsin(1 - lr * decay)


def equilibrium__tangent(slope, lr, decay):
    r"""arctan of the ratio"""
    return _norm(slope, lr, decay), np.arctan(1 - lr * decay)


def equilibrium__degrees(slope, lr, decay):
    r"""the angle in degrees"""
    return _norm(slope, lr, decay), np.degrees(np.arccos(1 - lr * decay))


def equilibrium__angle_first(slope, lr, decay):
    r"""returns the angle first"""
    return np.arccos(1 - lr * decay), _norm(slope, lr, decay)


def equilibrium__cosine_returned(slope, lr, decay):
    r"""forgot the arccos"""
    return _norm(slope, lr, decay), 1 - lr * decay


def equilibrium__step_over_old_pointer(slope, lr, decay):
    r"""arctan of the step over the unshrunk pointer"""
    n = _norm(slope, lr, decay)
    return n, np.arctan(lr * slope / n**2)


def equilibrium__arc_length(slope, lr, decay):
    r"""step over norm taken for the angle"""
    n = _norm(slope, lr, decay)
    return n, lr * slope / n**2


def equilibrium__ratio_squared(slope, lr, decay):
    r"""cosine is (1 - lr decay) squared"""
    return _norm(slope, lr, decay), np.arccos((1 - lr * decay) ** 2)


def equilibrium__shrink_not_squared(slope, lr, decay):
    r"""1 - (1 - lr decay) in the denominator"""
    return (lr**2 * slope**2 / (lr * decay)) ** 0.25, np.arccos(1 - lr * decay)


def equilibrium__slope_not_squared(slope, lr, decay):
    r"""slope to the power 1 under the fourth root"""
    shrink = 1 - lr * decay
    return (lr**2 * slope / (1 - shrink**2)) ** 0.25, np.arccos(shrink)


def equilibrium__rate_not_squared(slope, lr, decay):
    r"""lr to the power 1 under the fourth root"""
    shrink = 1 - lr * decay
    return (lr * slope**2 / (1 - shrink**2)) ** 0.25, np.arccos(shrink)


def equilibrium__gradient_not_divided(slope, lr, decay):
    r"""gradient's length taken for the slope at any norm"""
    shrink = 1 - lr * decay
    n = np.sqrt(lr**2 * slope**2 / (1 - shrink**2))
    return n, np.arccos(shrink)


def equilibrium__lengths_added(slope, lr, decay):
    r"""equates shrinking and growing lengths without the triangle"""
    n = np.sqrt(slope / decay)
    return n, np.arctan(lr * slope / n / ((1 - lr * decay) * n))


def equilibrium__sign_in_denominator(slope, lr, decay):
    r"""2 + lr decay instead of 2 - lr decay"""
    ld = lr * decay
    return (lr**2 * slope**2 / (ld * (2 + ld))) ** 0.25, np.arccos(1 - ld)


def equilibrium__factor_two_lost(slope, lr, decay):
    r"""lr decay (1 - lr decay) in the denominator"""
    ld = lr * decay
    return (lr**2 * slope**2 / (ld * (1 - ld))) ** 0.25, np.arccos(1 - ld)


def equilibrium__rate_and_decay_swapped(slope, lr, decay):
    r"""lr and decay in each other's place"""
    return _norm(slope, decay, lr), np.arccos(1 - lr * decay)


def equilibrium__half_angle(slope, lr, decay):
    r"""half of the angle"""
    return _norm(slope, lr, decay), np.arccos(1 - lr * decay) / 2


def equilibrium__slope_in_angle(slope, lr, decay):
    r"""the angle depends on the slope"""
    return _norm(slope, lr, decay), np.arccos(1 - lr * decay) * slope


def equilibrium__simulated_too_short(slope, lr, decay):
    r"""200 updates from norm 1"""
    n = 1.0
    for _ in range(200):
        n = np.sqrt(((1 - lr * decay) * n) ** 2 + (lr * slope / n) ** 2)
    return n, np.arccos(1 - lr * decay)


def equilibrium__continuous_time(slope, lr, decay):
    r"""exp(-lr decay) instead of 1 - lr decay"""
    shrink = np.exp(-lr * decay)
    return (lr**2 * slope**2 / (1 - shrink**2)) ** 0.25, np.arccos(shrink)


def equilibrium__decay_after_step(slope, lr, decay):
    r"""shrinks the hypotenuse"""
    shrink = 1 - lr * decay
    n = ((shrink * lr * slope) ** 2 / (1 - shrink**2)) ** 0.25
    return n, np.arccos(shrink)


def equilibrium__norm_only(slope, lr, decay):
    r"""forgot the angle"""
    return _norm(slope, lr, decay)


def equilibrium__effective_rate(slope, lr, decay):
    r"""returns the effective rate instead of the norm"""
    return lr / _norm(slope, lr, decay) ** 2, np.arccos(1 - lr * decay)


def equilibrium__sine_of_lr_decay(slope, lr, decay):
    r"""sine of the angle is lr decay"""
    return _norm(slope, lr, decay), np.arcsin(lr * decay)


def equilibrium__decay_without_rate(slope, lr, decay):
    r"""1 - decay as the shrinking"""
    shrink = abs(1 - decay)
    return (lr**2 * slope**2 / abs(1 - shrink**2)) ** 0.25, np.arccos(min(shrink, 1.0))
