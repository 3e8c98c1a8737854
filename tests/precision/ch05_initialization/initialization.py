"""Where the weights start: honest variants, further wrong solutions, and mutants that compute the same."""

import numpy as np
import scipy.integrate
import scipy.stats
import torch

from tests.precision.table import ChapterTable

table = ChapterTable(__file__, in_hints=frozenset({"1 + slope²", "a²/3"}))
honest, wrong = table.honest, table.wrong


# --- honest solutions


@honest("signal_stds")
def by_recursion(x, weights, activation, slope, top):
    def through(h, rest):
        if not rest:
            return [], [], top
        z = h @ rest[0]
        ups, downs, grad = through(activation(z), rest[1:])
        grad = (slope(z) * grad) @ rest[0].T
        return [np.std(activation(z)), *ups], [grad.std(), *downs], grad

    return through(x, list(weights))[:2]


@honest("signal_stds")
def with_vector_jacobian_products(x, weights, activation, slope, top):
    h, seen, up = np.array(x), [], np.zeros(len(weights))
    for i, W in enumerate(weights):
        z = np.dot(h, W)
        seen.append(z)
        h = activation(z)
        up[i] = np.sqrt(np.mean((h - h.mean()) ** 2))
    down, grad = np.zeros(len(weights)), np.array(top)
    for i in range(len(weights) - 1, -1, -1):
        grad = np.einsum("nj,ij->ni", grad * slope(seen[i]), weights[i])
        down[i] = np.sqrt(np.var(grad))
    return up, down


honest(
    "xavier_uniform",
    from_random="(2 * rng.random((fan_in, fan_out)) - 1) * np.sqrt(6 / (fan_in + fan_out))",
    by_columns="np.array([rng.uniform(-1, 1, fan_in) for _ in range(fan_out)]).T * (6 / (fan_in + fan_out)) ** 0.5",
    by_deviation="np.sqrt(3) * np.sqrt(2 / (fan_in + fan_out)) * rng.uniform(-1, 1, size=(fan_in, fan_out))",
    with_scipy="scipy.stats.uniform(-1, 2).rvs((fan_in, fan_out), rng) * np.sqrt(6 / (fan_in + fan_out))",
    transposed_twice="rng.uniform(-1, 1, size=(fan_out, fan_in)).T * np.sqrt(6 / (fan_in + fan_out))",
)
honest(
    "he_normal",
    standard_normal="rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_in / (1 + slope**2))",
    row_by_row="[rng.normal(0, np.sqrt(2 / (fan_in * (1 + slope * slope))), fan_out) for _ in range(fan_in)]",
    with_scipy="scipy.stats.norm(0, (2 / fan_in / (1 + slope**2)) ** 0.5).rvs((fan_in, fan_out), random_state=rng)",
    in_float32="(rng.standard_normal((fan_in, fan_out), dtype=np.float32) * np.sqrt(2 / fan_in / (1 + slope**2)))",
)


@honest("gain")
def by_quad(activation):
    density = scipy.stats.norm.pdf
    return scipy.integrate.quad(lambda z: activation(np.array([z]))[0] ** 2 * density(z), -10, 10, limit=200)[0] ** -0.5


@honest("gain")
def by_trapezoids(activation):
    z = np.linspace(-9, 9, 2001)
    return np.trapezoid(activation(z) ** 2 * scipy.stats.norm.pdf(z), z) ** -0.5


@honest("gain")
def by_quantiles(activation):
    z = scipy.stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    return 1 / np.sqrt(np.mean(activation(z) ** 2))


@honest("gain")
def by_gauss_hermite(activation):
    z, weights = np.polynomial.hermite_e.hermegauss(150)
    return 1 / np.sqrt(np.sum(weights * activation(z) ** 2) / np.sqrt(2 * np.pi))


@honest("orthogonal")
def drawn_square_and_cut(rows, cols, rng):
    n = max(rows, cols)
    Q, R = np.linalg.qr(rng.standard_normal((n, n)))
    return (Q * np.sign(np.diag(R)))[:rows, :cols]


@honest("orthogonal")
def polar_factor(rows, cols, rng):
    U, _, Vt = np.linalg.svd(rng.normal(size=(rows, cols)), full_matrices=False)
    return U @ Vt


@honest("orthogonal")
def signs_drawn_anew(rows, cols, rng):
    Q, _ = np.linalg.qr(rng.normal(size=(max(rows, cols), min(rows, cols))))
    Q = Q * rng.choice([-1.0, 1.0], size=min(rows, cols))
    return Q if rows >= cols else Q.T


@honest("orthogonal")
def signs_on_rows(rows, cols, rng):
    Q, R = np.linalg.qr(rng.normal(size=(max(rows, cols), min(rows, cols))))
    Q[: len(R)] *= np.sign(np.diag(R))[:, None]
    return Q if rows >= cols else Q.T


@honest("orthogonal")
def gram_schmidt(rows, cols, rng):
    basis = []
    for v in rng.normal(size=(min(rows, cols), max(rows, cols))):
        for _ in range(2):
            for u in basis:
                v = v - (u @ v) * u
        basis.append(v / np.sqrt(v @ v))
    Q = np.array(basis)
    return Q.T if rows >= cols else Q


@honest("init_network")
def with_uniform_draws_and_torch(X, sizes, activation, rng):
    h, weights, biases = torch.as_tensor(np.array(X, dtype=float)), [], []
    for m, n in zip(sizes, sizes[1:], strict=False):
        A = torch.as_tensor(rng.normal(size=(n, m)).T.copy())
        z = h @ A
        s = z.var(dim=0, correction=0).mean().sqrt()
        weights.append(A / s)
        biases.append(-z.mean(dim=0) / s)
        h = torch.as_tensor(activation((z / s + biases[-1]).numpy()))
    return weights, biases


@honest("init_network")
def each_unit_its_own_scale(X, sizes, activation, rng):
    h, layers = np.array(X, dtype=float), []
    for m, n in zip(sizes[:-1], sizes[1:], strict=True):
        A = rng.standard_normal((m, n)) / np.sqrt(m)
        z = h @ A
        layers.append((A / z.std(axis=0), -z.mean(axis=0) / z.std(axis=0)))
        h = activation((z - z.mean(axis=0)) / z.std(axis=0))
    return tuple(map(list, zip(*layers, strict=True)))


@honest("init_network")
def from_covariances(X, sizes, activation, rng):
    h, weights, biases = X, [], []
    for m, n in zip(sizes[:-1], sizes[1:], strict=True):
        A = rng.normal(size=(m, n))
        centred = h - h.mean(axis=0)
        W = A / np.sqrt(np.mean((centred @ A) ** 2))
        weights.append(W)
        biases.append(-(h.mean(axis=0) @ W))
        h = activation(centred @ W)
    return weights, biases


@honest("init_network")
def sample_deviation_and_uniform_rows(X, sizes, activation, rng):
    h, weights, biases = X, [], []
    for m, n in zip(sizes[:-1], sizes[1:], strict=True):
        A = np.stack([rng.normal(size=m) for _ in range(n)], axis=1)
        z = h @ A
        s = np.sqrt(np.mean(z.var(axis=0, ddof=1)))
        weights.append(A / s)
        biases.append(-z.mean(axis=0) / s)
        h = activation(h @ weights[-1] + biases[-1])
    return weights, biases


# --- wrong solutions that have no name


def up_and_down(x, weights, activation, slope, top):
    h, zs, forward = x, [], []
    for W in weights:
        zs.append(h @ W)
        h = activation(zs[-1])
        forward.append(h.std())
    grad, backward = top, []
    for W, z in zip(weights[::-1], zs[::-1], strict=True):
        grad = (grad * slope(z)) @ W.T
        backward.append(grad.std())
    return np.array(forward), np.array(backward[::-1])


@wrong("signal_stds")
def outputs_swapped(*given):
    return up_and_down(*given)[::-1]


@wrong("signal_stds")
def both_top_down(*given):
    forward, backward = up_and_down(*given)
    return forward[::-1], backward[::-1]


@wrong("signal_stds")
def mean_absolute(x, weights, activation, slope, top):
    forward, backward = up_and_down(x, weights, activation, slope, top)
    return forward * np.sqrt(2 / np.pi), backward * np.sqrt(2 / np.pi)


@wrong("signal_stds")
def logarithms(*given):
    forward, backward = up_and_down(*given)
    return np.log10(forward + 1e-300), np.log10(backward + 1e-300)


@wrong("signal_stds")
def linear_network(x, weights, activation, slope, top):
    return up_and_down(x, weights, lambda z: z, lambda z: np.ones_like(z), top)


@wrong("signal_stds")
def cumulative(*given):
    forward, backward = up_and_down(*given)
    return np.cumsum(forward), np.cumsum(backward)


@wrong("signal_stds")
def slopes_in_the_wrong_order(x, weights, activation, slope, top):
    h, zs, forward = x, [], []
    for W in weights:
        zs.append(h @ W)
        h = activation(zs[-1])
        forward.append(h.std())
    grad, backward = top, []
    for W, z in zip(weights[::-1], zs[::-1], strict=True):
        grad = grad @ W.T
        backward.append(grad.std())
        grad = grad * slope(z).std()
    return np.array(forward), np.array(backward[::-1])


@wrong("signal_stds")
def ratio_to_the_input(x, weights, activation, slope, top):
    forward, backward = up_and_down(x, weights, activation, slope, top)
    return forward / np.std(x), backward / np.std(top)


wrong(
    "xavier_uniform",
    product_of_the_fans="rng.uniform(-1, 1, size=(fan_in, fan_out)) * np.sqrt(6 / (fan_in * fan_out))",
    lecun="rng.uniform(-1, 1, size=(fan_in, fan_out)) * np.sqrt(1 / fan_in)",
    difference="rng.uniform(-1, 1, size=(fan_in, fan_out)) * np.sqrt(6 / (abs(fan_in - fan_out) + 1))",
    larger_fan="rng.uniform(-1, 1, size=(fan_in, fan_out)) * np.sqrt(3 / max(fan_in, fan_out))",
    a_vector="rng.uniform(-1, 1, size=fan_in * fan_out) * np.sqrt(6 / (fan_in + fan_out))",
    only_bounds="rng.choice([-1.0, 1.0], size=(fan_in, fan_out)) * np.sqrt(2 / (fan_in + fan_out))",
    one_row_for_all="np.tile(rng.uniform(-1, 1, size=fan_out) * np.sqrt(6 / (fan_in + fan_out)), (fan_in, 1))",
    zeros="np.zeros((fan_in, fan_out))",
    the_bound="np.sqrt(6 / (fan_in + fan_out))",
)
wrong(
    "he_normal",
    truncated="np.clip(rng.normal(size=(fan_in, fan_out)), -1, 1) * np.sqrt(2 / fan_in / (1 + slope**2))",
    absolute="np.abs(rng.normal(size=(fan_in, fan_out))) * np.sqrt(2 / fan_in / (1 + slope**2))",
    one_minus="rng.normal(size=(fan_in, fan_out)) * np.sqrt(2 / fan_in / abs(1 - slope**2 + 1e-9))",
    fixed_slope="rng.normal(size=(fan_in, fan_out)) * np.sqrt(2 / fan_in / (1 + 0.01**2))",
    three="rng.normal(size=(fan_in, fan_out)) * np.sqrt(3 / fan_in / (1 + slope**2))",
    laplace="rng.laplace(size=(fan_in, fan_out)) * np.sqrt(1 / fan_in / (1 + slope**2))",
    shifted="rng.normal(loc=0.01, scale=np.sqrt(2 / fan_in / (1 + slope**2)), size=(fan_in, fan_out))",
    flat="rng.normal(size=fan_in * fan_out) * np.sqrt(2 / fan_in / (1 + slope**2))",
    nan="np.full((fan_in, fan_out), np.nan)",
)
wrong(
    "gain",
    one="1.0",
    of_one_point="1 / float(abs(activation(np.array(1.0))))",
    few_samples="1 / np.sqrt(np.mean(activation(np.random.default_rng(1).normal(size=100)) ** 2))",
    narrow="1 / np.sqrt(np.mean(activation(np.linspace(-1, 1, 1001)) ** 2))",
    cut_at_one="1 / np.sqrt(np.sum(activation(ZS) ** 2 * PHI * (np.abs(ZS) < 1)) * 0.001)",
    whole_array="1 / np.sqrt(activation(ZS) ** 2 * PHI)",
    fourth_root="np.sum(activation(ZS) ** 2 * PHI * 0.001) ** -0.25",
    of_the_median="1 / np.median(np.abs(activation(scipy.stats.norm.ppf(np.linspace(0.001, 0.999, 999)))))",
    step_missing="1 / np.sqrt(np.sum(activation(ZS) ** 2 * PHI))",
)
ZS = np.arange(-10, 10, 0.001)
PHI = np.exp(-(ZS**2) / 2) / np.sqrt(2 * np.pi)


@wrong("orthogonal")
def left_singular_vectors(rows, cols, rng):
    U, _, _ = np.linalg.svd(rng.normal(size=(max(rows, cols), min(rows, cols))), full_matrices=False)
    U = np.abs(U)
    return U if rows >= cols else U.T


@wrong("orthogonal")
def one_sign_for_all(rows, cols, rng):
    Q, R = np.linalg.qr(rng.normal(size=(max(rows, cols), min(rows, cols))))
    Q = Q * np.sign(np.prod(np.diag(R)))
    return Q if rows >= cols else Q.T


@wrong("orthogonal")
def one_reflection(rows, cols, rng):
    v = rng.normal(size=(max(rows, cols), 1))
    return (np.eye(len(v)) - 2 * v @ v.T / (v.T @ v))[:rows, :cols]


wrong(
    "orthogonal",
    permutation="np.eye(max(rows, cols))[rng.permutation(max(rows, cols))][:rows, :cols]",
    doubled="2 * np.linalg.qr(rng.normal(size=(rows, cols)))[0][:, :cols]",
    eigenvectors_of_nothing="np.ones((rows, cols)) / np.sqrt(rows)",
    a_vector="rng.normal(size=rows * cols)",
    complex_ones="1j * np.eye(rows, cols)",
    q_and_r="np.linalg.qr(rng.normal(size=(rows, cols)))",
    reduced_to_sign="np.sign(rng.normal(size=(rows, cols))) / np.sqrt(max(rows, cols))",
    none="None",
)


def started(X, sizes, activation, rng, draw=None, scale=None):
    h, weights, biases = X, [], []
    for layer, (m, n) in enumerate(zip(sizes[:-1], sizes[1:], strict=True)):
        A = rng.normal(size=(m, n)) if draw is None else draw(rng, m, n)
        z = h @ A
        s = np.sqrt(z.var(axis=0).mean()) if scale is None else scale(z, layer)
        weights.append(A / s)
        biases.append(-z.mean(axis=0) / s)
        h = activation(h @ weights[-1] + biases[-1])
    return weights, biases


@wrong("init_network")
def pairs(*given):
    weights, biases = started(*given)
    return list(zip(weights, biases, strict=True))


@wrong("init_network")
def transposed_weights(*given):
    weights, biases = started(*given)
    return [W.T for W in weights], biases


@wrong("init_network")
def biases_first(*given):
    return started(*given)[::-1]


@wrong("init_network")
def variance_two(*given):
    return started(*given, scale=lambda z, layer: np.sqrt(z.var(axis=0).mean() / 2))


@wrong("init_network")
def variance_a_quarter_off(*given):
    return started(*given, scale=lambda z, layer: np.sqrt(z.var(axis=0).mean() / 1.25))


@wrong("init_network")
def largest_for_deviation(*given):
    return started(*given, scale=lambda z, layer: np.abs(z).max())


@wrong("init_network")
def row_biases(*given):
    weights, biases = started(*given)
    return weights, [b[None] for b in biases]


@wrong("init_network")
def first_layer_only(X, sizes, activation, rng):
    weights, biases = started(X, sizes[:2], activation, rng)
    for m, n in zip(sizes[1:-1], sizes[2:], strict=True):
        weights.append(rng.normal(size=(m, n)))
        biases.append(np.zeros(n))
    return weights, biases


@wrong("init_network")
def zero_weights(X, sizes, activation, rng):
    return [np.zeros((m, n)) for m, n in zip(sizes[:-1], sizes[1:], strict=True)], [np.zeros(n) for n in sizes[1:]]


@wrong("init_network")
def activities_returned(X, sizes, activation, rng):
    h, found = X, []
    for m, n in zip(sizes[:-1], sizes[1:], strict=True):
        h = activation(h @ rng.normal(size=(m, n)) / np.sqrt(m))
        found.append(h)
    return found


@wrong("init_network")
def identical_columns(*given):
    return started(*given, draw=lambda rng, m, n: np.repeat(rng.normal(size=(m, 1)), n, axis=1))


@wrong("init_network")
def last_layer_dropped(X, sizes, activation, rng):
    weights, biases = started(X, sizes, activation, rng)
    return weights[:-1], biases[:-1]


# --- mutants that compute the same

STRICT = "strict only tells of lists that are not equally long, and these are"
BACK = "for W, z in zip(weights[::-1], zs[::-1], strict=True):"
table.equivalent("signal_stds", BACK, BACK.replace("True", "False"), STRICT)
table.equivalent("signal_stds", BACK, BACK.replace(", strict=True", ""), STRICT)
START = "h, zs, forward = (x, [], [])"
table.equivalent("signal_stds", START, "h, forward, zs = (x, [], [])", "both are empty lists")
BOTH = "return (np.array(forward), np.array(backward[::-1]))"
LISTED = "a list of numbers counts as an array"
table.equivalent("signal_stds", BOTH, "return (forward, np.array(backward[::-1]))", LISTED)
table.equivalent("signal_stds", BOTH, "return (np.array(forward), backward[::-1])", LISTED)

DRAW, SYMMETRIC = "return rng.uniform(-bound, bound, size=(fan_in, fan_out))", "the distribution is symmetric about 0"
table.equivalent("xavier_uniform", DRAW, DRAW.replace("return ", "return -"), SYMMETRIC)
table.equivalent(
    "xavier_uniform",
    "bound = np.sqrt(6 / (fan_in + fan_out))",
    "bound = np.sqrt(6.0600000000000005 / (fan_in + fan_out))",
    "half a per cent of the deviation, less than what chance does to it",
)

NET = "for fan_in, fan_out in zip(sizes[:-1], sizes[1:], strict=True):"
table.equivalent("init_network", NET, NET.replace("True", "False"), STRICT)
table.equivalent("init_network", NET, NET.replace(", strict=True", ""), STRICT)
table.equivalent(
    "init_network", "h, weights, biases = (X, [], [])", "h, biases, weights = (X, [], [])", "both are empty lists"
)
table.equivalent(
    "init_network",
    "scale = np.sqrt(z.var(axis=0).mean())",
    "scale = np.sqrt(z.var(axis=0))",
    "every unit gets variance 1, so their mean is 1, too",
)

GRID = "z = np.linspace(-12, 12, 24001)"
FAR = "beyond 11 the density is below 1e-26, and a grid with some more or less points gives the same sum"
for other in (
    "-13, 12, 24001",
    "-11, 12, 24001",
    "-12, 13, 24001",
    "-12, 11, 24001",
    "-12, 12, 24002",
    "-12, 12, 24000",
):
    table.equivalent("gain", GRID, f"z = np.linspace({other})", FAR)
for other in ("-12, 12", "-12, 12.120000000000001, 24001", "-12.120000000000001, 12, 24001"):
    table.equivalent("gain", GRID, f"z = np.linspace({other})", FAR + "; so do NumPy's usual fifty, to the tolerance")
table.equivalent(
    "gain",
    "return float(1 / np.sqrt(mean_square))",
    "return 1 / np.sqrt(mean_square)",
    "a NumPy float is a float with the same value",
)

SIGNS, TURN = "Q = Q * np.sign(np.diag(R))", "return Q if rows >= cols else Q.T"
DECOMPOSED = "Q, R = np.linalg.qr(rng.normal(size=(max(rows, cols), min(rows, cols))))"
table.equivalent("orthogonal", SIGNS, SIGNS.replace("*", "/"), "a sign is its own inverse")
table.equivalent(
    "orthogonal", TURN, TURN.replace(">=", ">"), "a square rotation, turned round, is one that is equally likely"
)
table.equivalent("orthogonal", TURN, "return -(Q if rows >= cols else Q.T)", "its negative is equally likely")
for call in ("max", "min"):
    swapped = DECOMPOSED.replace(f"{call}(rows, cols)", f"{call}(cols, rows)")
    table.equivalent("orthogonal", DECOMPOSED, swapped, "the larger or smaller of two numbers, in either order")

NORMAL = "return rng.normal(scale=std, size=(fan_in, fan_out))"
table.equivalent("he_normal", NORMAL, NORMAL.replace("return ", "return -"), SYMMETRIC)
DEVIATION, NEAR = (
    "std = np.sqrt(2 / ((1 + slope ** 2) * fan_in))",
    "a part of a per cent, less than what chance does to it",
)
for was, becomes in (("(2 /", "(2.02 /"), ("(1 +", "(1.01 +"), ("** 2)", "** 2.02)")):
    table.equivalent("he_normal", DEVIATION, DEVIATION.replace(was, becomes), NEAR)
