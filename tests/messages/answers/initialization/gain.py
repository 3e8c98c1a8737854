import numpy as np


def gain__not_inverted(activation):
    r"""the root, not one over it"""
    z = np.linspace(-10, 10, 20001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    square = np.sum(activation(z) ** 2 * density) * (z[1] - z[0])
    return float(np.sqrt(square))


def gain__root_forgotten(activation):
    r"""one over the mean square"""
    z = np.linspace(-10, 10, 20001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    square = np.sum(activation(z) ** 2 * density) * (z[1] - z[0])
    return float(1 / square)


def gain__mean_square_returned(activation):
    r"""stops at the integral"""
    z = np.linspace(-10, 10, 20001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    square = np.sum(activation(z) ** 2 * density) * (z[1] - z[0])
    return float(square)


def gain__variance(activation):
    r"""one over the standard deviation of phi(z)"""
    z = np.linspace(-10, 10, 20001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    square = np.sum(activation(z) ** 2 * density) * (z[1] - z[0])
    square -= (np.sum(activation(z) * density) * (z[1] - z[0])) ** 2
    return float(1 / np.sqrt(square))


def gain__spacing_forgotten(activation):
    r"""the sum is not multiplied by the distance"""
    z = np.linspace(-10, 10, 20001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    square = np.sum(activation(z) ** 2 * density)
    return float(1 / np.sqrt(square))


def gain__density_without_root(activation):
    r"""1/(2 pi) without the root"""
    z = np.linspace(-10, 10, 20001)
    density = np.exp(-(z**2) / 2) / (2 * np.pi)
    square = np.sum(activation(z) ** 2 * density) * (z[1] - z[0])
    return float(1 / np.sqrt(square))


def gain__density_without_two(activation):
    r"""1/sqrt(pi)"""
    z = np.linspace(-10, 10, 20001)
    density = np.exp(-(z**2) / 2) / np.sqrt(np.pi)
    square = np.sum(activation(z) ** 2 * density) * (z[1] - z[0])
    return float(1 / np.sqrt(square))


def gain__density_not_normalised(activation):
    r"""the factor before e is forgotten"""
    z = np.linspace(-10, 10, 20001)
    density = np.exp(-(z**2) / 2)
    square = np.sum(activation(z) ** 2 * density) * (z[1] - z[0])
    return float(1 / np.sqrt(square))


def gain__exponent_without_half(activation):
    r"""e^(-z^2)"""
    z = np.linspace(-10, 10, 20001)
    density = np.exp(-(z**2)) / np.sqrt(2 * np.pi)
    square = np.sum(activation(z) ** 2 * density) * (z[1] - z[0])
    return float(1 / np.sqrt(square))


def gain__square_of_mean(activation):
    r"""E[phi]^2 instead of E[phi^2]"""
    z = np.linspace(-10, 10, 20001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    square = (np.sum(activation(z) * density) * (z[1] - z[0])) ** 2
    return float(1 / np.sqrt(square))


def gain__mean_size(activation):
    r"""one over E|phi|"""
    z = np.linspace(-10, 10, 20001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    square = np.sum(np.abs(activation(z)) * density) * (z[1] - z[0])
    return float(1 / square)


def gain__density_squared_too(activation):
    r"""(phi * density)^2"""
    z = np.linspace(-10, 10, 20001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    square = np.sum((activation(z) * density) ** 2) * (z[1] - z[0])
    return float(1 / np.sqrt(square))


def gain__activation_of_square(activation):
    r"""phi(z^2) instead of phi(z)^2"""
    z = np.linspace(-10, 10, 20001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    square = np.sum(activation(z**2) * density) * (z[1] - z[0])
    return float(1 / np.sqrt(square))


def gain__short_grid(activation):
    r"""a grid from -3 to 3: the tails are missing"""
    z = np.linspace(-3, 3, 6001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    square = np.sum(activation(z) ** 2 * density) * (z[1] - z[0])
    return float(1 / np.sqrt(square))


def gain__grid_zero_to_ten(activation):
    r"""positive half only"""
    z = np.linspace(0, 10, 10001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    square = np.sum(activation(z) ** 2 * density) * (z[1] - z[0])
    return float(1 / np.sqrt(square))


def gain__half_doubled(activation):
    r"""twice the positive half, as if phi^2 were even"""
    z = np.linspace(0, 10, 10001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    square = np.sum(activation(z) ** 2 * density) * (z[1] - z[0]) * 2
    return float(1 / np.sqrt(square))


def gain__coarse_grid(activation):
    r"""steps of 2"""
    z = np.linspace(-10, 10, 11)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    square = np.sum(activation(z) ** 2 * density) * (z[1] - z[0])
    return float(1 / np.sqrt(square))


def gain__uniform_mean(activation):
    r"""z uniform over the grid, no density"""
    z = np.linspace(-10, 10, 20001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    square = np.mean(activation(z) ** 2)
    return float(1 / np.sqrt(square))


def gain__hundred_draws(activation):
    r"""Monte Carlo with a hundred draws: several per cent off"""
    z = np.random.default_rng(1).normal(size=100)
    return float(1 / np.sqrt(np.mean(activation(z) ** 2)))


def gain__hermite_nodes_not_scaled(activation):
    r"""Gauss-Hermite nodes without the root of 2"""
    z, w = np.polynomial.hermite.hermgauss(60)
    return float(1 / np.sqrt(np.sum(w * activation(z) ** 2) / np.sqrt(np.pi)))


def gain__hermite_weights_not_scaled(activation):
    r"""Gauss-Hermite weights without 1/sqrt(pi)"""
    z, w = np.polynomial.hermite.hermgauss(60)
    return float(1 / np.sqrt(np.sum(w * activation(np.sqrt(2) * z) ** 2)))


def gain__three_nodes(activation):
    r"""quadrature with three nodes"""
    z, w = np.polynomial.hermite_e.hermegauss(3)
    return float(1 / np.sqrt(np.sum(w * activation(z) ** 2) / np.sqrt(2 * np.pi)))


def gain__slope_at_zero(activation):
    r"""one over the slope at 0, the edge of chaos for small signals"""
    h = 1e-4
    rise = activation(np.array([h])) - activation(np.array([-h]))
    return float(2 * h / rise[0])


def gain__slopes_measured(activation):
    r"""one over the root of the mean squared slope, as for gradients"""
    z, h = np.linspace(-10, 10, 20001), 1e-4
    rise = (activation(z + h) - activation(z - h)) / (2 * h)
    w = np.exp(-(z**2) / 2)
    return float(1 / np.sqrt(np.sum(w * rise**2) / w.sum()))


def gain__normalised_by_count(activation):
    r"""divides the weighted sum by the number of grid points"""
    z = np.linspace(-10, 10, 20001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    square = np.sum(activation(z) ** 2 * density) / len(z)
    return float(1 / np.sqrt(square))
