import numpy as np


def noise_radius__variance(lr, curvature, noise):
    r"""forgot the root"""
    return float(lr * noise**2 / (curvature * (2 - lr * curvature)))


def noise_radius__small_rate(lr, curvature, noise):
    r"""the usual approximation for a small rate"""
    return float(np.sqrt(lr * noise**2 / (2 * curvature)))


def noise_radius__no_curvature(lr, curvature, noise):
    r"""the formula of a bowl with curvature 1"""
    return float(noise * np.sqrt(lr / (2 - lr)))


def noise_radius__h_below_missing(lr, curvature, noise):
    r"""lr / (2 - lr h)"""
    return float(noise * np.sqrt(lr / (2 - lr * curvature)))


def noise_radius__lr_squared_above(lr, curvature, noise):
    r"""did not cancel one lr"""
    return float(noise * np.sqrt(lr**2 / (curvature * (2 - lr * curvature))))


def noise_radius__linear_factor(lr, curvature, noise):
    r"""variance multiplied by the factor, not by its square"""
    p = 1 - lr * curvature
    return float(np.sqrt(lr**2 * noise**2 / (1 - p)))


def noise_radius__adds_deviations(lr, curvature, noise):
    r"""standard deviations added instead of variances"""
    p = 1 - lr * curvature
    with np.errstate(all="ignore"):
        return float(lr * noise / (1 - abs(p)))


def noise_radius__noise_root(lr, curvature, noise):
    r"""noise taken for a variance"""
    return float(np.sqrt(lr * noise / (curvature * (2 - lr * curvature))))


def noise_radius__one_step(lr, curvature, noise):
    r"""the noise of one step only"""
    return float(lr * noise)


def noise_radius__sign_of_square(lr, curvature, noise):
    r"""1 + (1 - lr h)^2 below"""
    p = 1 - lr * curvature
    return float(np.sqrt(lr**2 * noise**2 / (1 + p**2)))


def noise_radius__curvature_in_noise(lr, curvature, noise):
    r"""noise multiplied by the curvature as well"""
    p = 1 - lr * curvature
    return float(np.sqrt((lr * curvature * noise) ** 2 / (1 - p**2)))


def noise_radius__bracket_lost(lr, curvature, noise):
    r"""2 - lr h expanded wrongly"""
    return float(noise * np.sqrt(lr / (2 * curvature - lr * curvature)))


def noise_radius__noise_outside_root(lr, curvature, noise):
    r"""lr outside the root with its root still inside"""
    return float(lr * noise * np.sqrt(lr / (curvature * (2 - lr * curvature))))


def noise_radius__simulated(lr, curvature, noise):
    r"""simulates 2000 steps and takes the standard deviation"""
    rng = np.random.default_rng(0)
    theta, path = 0.0, []
    for _ in range(2000):
        theta = (1 - lr * curvature) * theta - lr * noise * rng.normal()
        path.append(theta)
    return float(np.std(path))


def noise_radius__after_few_steps(lr, curvature, noise):
    r"""adds up ten terms of the series only"""
    p, v = (1 - lr * curvature) ** 2, 0.0
    for _ in range(10):
        v = p * v + lr**2 * noise**2
    return float(np.sqrt(v))


def noise_radius__precedence(lr, curvature, noise):
    r"""division by curvature then times bracket"""
    return float(np.sqrt(lr * noise**2 / curvature * (2 - lr * curvature)))


def noise_radius__wait_until_equal(lr, curvature, noise):
    r"""iterates until the variance does not change by 1e-3"""
    p, v, last = (1 - lr * curvature) ** 2, 0.0, -1.0
    while abs(v - last) > 1e-3:
        last, v = v, p * v + (lr * noise) ** 2
    return float(np.sqrt(v))


def noise_radius__mean_distance(lr, curvature, noise):
    r"""mean of |theta| of a Gaussian"""
    return float(np.sqrt(2 / np.pi) * noise * np.sqrt(lr / (curvature * (2 - lr * curvature))))


def noise_radius__noise_must_be_positive(lr, curvature, noise):
    r"""divides by the noise to get its units, nan for none"""
    v = np.float64(lr) / (curvature * (2 - lr * curvature))
    with np.errstate(all="ignore"):
        return float(np.sqrt(v) * np.float64(noise) ** 2 / np.float64(noise))


def noise_radius__two_slips(lr, curvature, noise):
    r"""small rate and no root"""
    return float(lr * noise**2 / (2 * curvature))
