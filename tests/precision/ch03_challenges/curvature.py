"""Curvature, saddles and cliffs: honest variants, further wrong solutions, and mutants that compute the same."""

import math

import numpy as np
import scipy.linalg
import torch

from tests.precision.table import ChapterTable

table = ChapterTable(__file__, in_hints=frozenset({"distance / start"}))
honest, wrong = table.honest, table.wrong


# --- condition_number


honest(
    "condition_number",
    by_numpy_cond="np.linalg.cond(H)",
    norm_times_norm_of_inverse="np.linalg.norm(H, 2) * np.linalg.norm(np.linalg.inv(H), 2)",
)


@honest("condition_number")
def singular_values(H):
    values = np.linalg.svd(H, compute_uv=False)
    return values[0] / values[-1]


@honest("condition_number")
def root_of_squares(H):
    squares = np.linalg.eigvalsh(H @ H)
    return np.sqrt(squares[-1] / squares[0])


@honest("condition_number")
def general_eigenvalues_sorted(H):
    sizes = sorted(abs(value) for value in np.linalg.eigvals(H))
    return sizes[-1] / sizes[0]


@honest("condition_number")
def torch_in_float32(H):
    values = torch.linalg.eigvalsh(torch.tensor(H, dtype=torch.float32)).abs()
    return values.max() / values.min()


@wrong("condition_number")
def last_over_first(H):
    curvatures = np.abs(np.linalg.eigvalsh(H))
    return curvatures[-1] / curvatures[0]


@wrong("condition_number")
def over_the_mean(H):
    curvatures = np.abs(np.linalg.eigvalsh(H))
    return curvatures.max() / curvatures.mean()


wrong(
    "condition_number",
    one_norm="np.linalg.cond(H, 1)",
    frobenius_cond="np.linalg.cond(H, 'fro')",
    logarithm="np.log(np.linalg.cond(H))",
    root_of_the_ratio="np.sqrt(np.linalg.cond(H))",
    determinant_over_trace="abs(np.linalg.det(H) / np.trace(H))",
    eigenvectors_too="np.linalg.eigh(H)[1].max() / np.linalg.eigh(H)[1].min()",
    integers="int(np.linalg.cond(H))",
)


@wrong("condition_number")
def guarded_by_eps(H):
    curvatures = np.abs(np.linalg.eigvalsh(H))
    return curvatures.max() / (curvatures.min() + 1e-4)


# --- max_stable_lr


honest(
    "max_stable_lr",
    spectral_norm="2 / np.linalg.norm(H, 2)",
    last_of_sorted="2.0 / float(np.linalg.eigvalsh(H)[-1])",
    smallest_of_the_limits="min(2 / curvature for curvature in np.linalg.eigvals(H).real)",
    from_the_inverse="2 * np.linalg.eigvalsh(np.linalg.inv(H)).min()",
    torch_single="2 / torch.linalg.matrix_norm(torch.tensor(H).float(), ord=2)",
)


@honest("max_stable_lr")
def one_eigenvalue_of_scipy(H):
    n = len(H)
    return 2 / scipy.linalg.eigh(H, eigvals_only=True, subset_by_index=[n - 1, n - 1])[0]


wrong(
    "max_stable_lr",
    mean_curvature="2 / np.linalg.eigvalsh(H).mean()",
    first_eigenvalue="2 / np.linalg.eigvalsh(H)[0]",
    largest_entry="2 / np.abs(H).max()",
    gershgorin="2 / np.abs(H).sum(axis=1).max()",
    a_little_less="1.99 / np.linalg.eigvalsh(H).max()",
    one_rate_a_direction="2 / np.linalg.eigvalsh(H)",
    never_above_one="min(1.0, 2 / np.linalg.eigvalsh(H).max())",
    root="np.sqrt(2 / np.linalg.eigvalsh(H).max())",
)


@wrong("max_stable_lr")
def three_power_iterations(H):
    v = np.ones(len(H))
    for _ in range(3):
        v = H @ v / np.linalg.norm(H @ v)
    return 2 / (v @ H @ v)


@wrong("max_stable_lr")
def four_over_the_sum(H):
    curvatures = np.linalg.eigvalsh(H)
    return 4 / (curvatures.min() + curvatures.max())


# --- step_change


@honest("step_change")
def cost_before_and_after(g, H, lr):
    step = -lr * g
    return g @ step + step @ H @ step / 2


honest(
    "step_change",
    by_einsum="lr**2 / 2 * np.einsum('i,ij,j->', g, H, g) - lr * np.einsum('i,i->', g, g)",
    factored="lr * float(np.dot(g, 0.5 * lr * H.dot(g) - g))",
    norm_squared="-lr * np.linalg.norm(g) ** 2 + 0.5 * (lr**2) * (g.T @ (H @ g))",
)


@honest("step_change")
def in_torch(g, H, lr):
    g, H = torch.from_numpy(g), torch.from_numpy(H)
    return -lr * torch.dot(g, g) + 0.5 * lr**2 * torch.dot(g, H @ g)


@honest("step_change")
def loops(g, H, lr):
    change = 0.0
    for i in range(len(g)):
        change -= lr * g[i] ** 2
        for j in range(len(g)):
            change += 0.5 * lr * lr * g[i] * H[i, j] * g[j]
    return change


wrong(
    "step_change",
    half_of_both="0.5 * (-lr * g @ g + lr**2 * g @ H @ g)",
    rate_squared_twice="-(lr**2) * g @ g + 0.5 * lr**2 * g @ H @ g",
    whole_vector="-lr * g * g + 0.5 * lr**2 * g * (H @ g)",
    largest_curvature="-lr * g @ g + 0.5 * lr**2 * np.linalg.eigvalsh(H).max() * (g @ g)",
    absolute_curvature="-lr * g @ g + 0.5 * lr**2 * abs(g @ H @ g)",
    summed_gradient="-lr * g.sum() ** 2 + 0.5 * lr**2 * g @ H @ g",
    curvature_only="0.5 * lr**2 * g @ H @ g",
    bends_twice="-lr * g @ g + 0.5 * lr**2 * g @ H @ H @ g",
    mean_square="-lr * np.mean(g * g) + 0.5 * lr**2 * g @ H @ g",
    only_if_it_helps="min(0.0, -lr * g @ g + 0.5 * lr**2 * g @ H @ g)",
)


# --- classify_critical_point


@honest("classify_critical_point")
def by_counting(H, tol):
    up = down = 0
    for value in np.linalg.eigvals(H).real:
        up += value > tol
        down += value < -tol
    if up == len(H):
        return "minimum"
    if down == len(H):
        return "maximum"
    return "saddle" if up and down else "degenerate"


@honest("classify_critical_point")
def zeros_first(H, tol):
    values = np.linalg.eigvalsh(H)
    values[np.abs(values) <= tol] = 0.0
    signs = set(np.sign(values))
    if {-1.0, 1.0} <= signs:
        return "saddle"
    if 0.0 in signs:
        return "degenerate"
    return "minimum" if 1.0 in signs else "maximum"


@honest("classify_critical_point")
def with_all_and_any(H, tol):
    values = scipy.linalg.eigvalsh(H)
    if all(values > tol):
        return "minimum"
    if all(values < -tol):
        return "maximum"
    if any(values > tol) and any(values < -tol):
        return "saddle"
    return "degenerate"


@honest("classify_critical_point")
def in_torch_double(H, tol):
    values = torch.linalg.eigvalsh(torch.as_tensor(H))
    low, high = values.min().item(), values.max().item()
    if low < -tol and high > tol:
        return "saddle"
    if low > tol:
        return "minimum"
    return "maximum" if high < -tol else "degenerate"


@honest("classify_critical_point")
def numpy_text(H, tol):
    values = np.linalg.eigvalsh(H)
    flat = np.abs(values) <= tol
    if (values[~flat] > 0).any() and (values[~flat] < 0).any():
        return np.str_("saddle")
    if flat.any():
        return np.str_("degenerate")
    return np.str_("minimum") if values[0] > 0 else np.str_("maximum")


wrong(
    "classify_critical_point",
    always_saddle="'saddle'",
    always_degenerate="'degenerate'",
    upper_case="by_counting(H, tol).upper()",
)


@wrong("classify_critical_point")
def tolerance_ignored(H, tol):
    values = np.linalg.eigvalsh(H)
    if values.max() > 0 > values.min():
        return "saddle"
    return "minimum" if values.min() > 0 else "maximum" if values.max() < 0 else "degenerate"


@wrong("classify_critical_point")
def relative_tolerance(H, tol):
    values = np.linalg.eigvalsh(H)
    tol = tol * np.abs(values).max()
    if values.max() > tol and values.min() < -tol:
        return "saddle"
    return "minimum" if values.min() > tol else "maximum" if values.max() < -tol else "degenerate"


@wrong("classify_critical_point")
def first_eigenvalue_decides(H, tol):
    value = np.linalg.eigvalsh(H)[0]
    return "minimum" if value > tol else "saddle" if value < -tol else "degenerate"


@wrong("classify_critical_point")
def product_and_sum(H, tol):
    determinant, trace = np.linalg.det(H), np.trace(H)
    if determinant < -tol:
        return "saddle"
    return "degenerate" if determinant <= tol else "minimum" if trace > 0 else "maximum"


@wrong("classify_critical_point")
def nothing_is_degenerate_but_zero(H, tol):
    if np.abs(H).max() <= tol:
        return "degenerate"
    values = np.linalg.eigvalsh(H)
    if values.max() > tol and values.min() < -tol:
        return "saddle"
    return "minimum" if values.max() > tol else "maximum"


@wrong("classify_critical_point")
def saddle_for_flat(H, tol):
    kind = by_counting(H, tol)
    return "saddle" if kind == "degenerate" else kind


@wrong("classify_critical_point")
def cholesky_only(H, tol):
    try:
        np.linalg.cholesky(H)
        return "minimum"
    except np.linalg.LinAlgError:
        return "saddle"


@wrong("classify_critical_point")
def curvature_along_the_ones(H, tol):
    value = H.sum()
    return "minimum" if value > tol else "maximum" if value < -tol else "degenerate"


# --- escape_steps


@honest("escape_steps")
def counted(start, distance, curvature, lr):
    y, k = start, 0
    while y < distance:
        y += lr * curvature * y
        k += 1
    return k


honest(
    "escape_steps",
    by_math_and_log1p="math.ceil((math.log(distance) - math.log(start)) / math.log1p(lr * curvature))",
    base_of_growth="math.ceil(math.log(distance / start, 1 + lr * curvature))",
    ceiling_as_a_float="np.ceil(np.log2(distance / start) / np.log2(1 + lr * curvature))",
    recursion=(
        "0 if start >= distance else 1 + recursion_step(start * (1 + lr * curvature), distance, 1 + lr * curvature)"
    ),
    floor_plus_one="int(np.log10(distance / start) // np.log10(1 + lr * curvature)) + 1",
)


def recursion_step(y, distance, growth):
    steps = 0
    while y < distance:
        y, steps = y * growth, steps + 1
    return steps


wrong(
    "escape_steps",
    one_too_few="counted(start, distance, curvature, lr) - 1",
    ratio_upside_down="math.ceil(math.log(start / distance) / math.log1p(lr * curvature))",
    plain_ratio="math.ceil(distance / start / (1 + lr * curvature))",
    curvature_forgotten="math.ceil(math.log(distance / start) / math.log1p(lr))",
    logarithms_of_two_bases="math.ceil(math.log10(distance / start) / math.log1p(lr * curvature))",
    difference_of_distances="math.ceil(abs(math.log(distance - start)) / math.log1p(lr * curvature))",
    twice_the_curvature="math.ceil(math.log(distance / start) / math.log1p(2 * lr * curvature))",
    at_most_a_hundred="min(100, counted(start, distance, curvature, lr))",
    final_distance="start * (1 + lr * curvature) ** counted(start, distance, curvature, lr)",
)


@wrong("escape_steps")
def second_order_logarithm(start, distance, curvature, lr):
    z = lr * curvature
    return math.ceil(math.log(distance / start) / (z - z**2 / 2)) if z != 2 else 0


# --- clip_by_norm


@honest("clip_by_norm")
def concatenated(grads, max_norm):
    norm = np.linalg.norm(np.concatenate([np.ravel(grad) for grad in grads]))
    return [grad * min(1.0, max_norm / norm) if norm > 0 else grad for grad in grads]


@honest("clip_by_norm")
def divided_by_the_larger(grads, max_norm):
    norm = math.sqrt(sum(float((grad * grad).sum()) for grad in grads))
    return [max_norm * grad / max(norm, max_norm) for grad in grads]


@honest("clip_by_norm")
def norm_of_norms(grads, max_norm):
    norm = np.linalg.norm([np.linalg.norm(grad) for grad in grads])
    if norm <= max_norm:
        return list(grads)
    return tuple(max_norm / norm * grad for grad in grads)


@honest("clip_by_norm")
def lists_of_lists(grads, max_norm):
    norm = max(max_norm, sum((grad**2).sum() for grad in grads) ** 0.5)
    return [(grad / norm * max_norm).tolist() for grad in grads]


@honest("clip_by_norm")
def tensors_in_float32(grads, max_norm):
    grads = [torch.tensor(grad, dtype=torch.float32) for grad in grads]
    norm = torch.linalg.vector_norm(torch.cat([grad.flatten() for grad in grads]).double()).item()
    return [grad * (max_norm / norm if norm > max_norm else 1.0) for grad in grads]


@honest("clip_by_norm")
def copied_and_scaled(grads, max_norm):
    grads = [grad.copy() for grad in grads]
    total = 0.0
    for grad in grads:
        total += np.vdot(grad, grad)
    if total > max_norm**2:
        for grad in grads:
            grad *= max_norm / np.sqrt(total)
    return grads


@honest("clip_by_norm")
def generated(grads, max_norm):
    norm = np.sqrt(sum(np.sum(np.square(grad)) for grad in grads))
    for grad in grads:
        yield grad if norm <= max_norm else grad / norm * max_norm


wrong(
    "clip_by_norm",
    unchanged="grads",
    order_reversed="divided_by_the_larger(grads, max_norm)[::-1]",
    flattened="[grad.ravel() for grad in divided_by_the_larger(grads, max_norm)]",
    norm_returned_too=(
        "divided_by_the_larger(grads, max_norm), np.linalg.norm(np.concatenate([g.ravel() for g in grads]))"
    ),
)


@wrong("clip_by_norm")
def eps_in_the_norm(grads, max_norm):
    norm = np.sqrt(sum(np.sum(grad**2) for grad in grads))
    return [grad * min(1.0, max_norm / (norm + 1e-2)) for grad in grads]


@wrong("clip_by_norm")
def only_the_first(grads, max_norm):
    norm = np.sqrt(np.sum(grads[0] ** 2))
    return [grad * max_norm / norm if norm > max_norm else grad for grad in grads]


@wrong("clip_by_norm")
def root_mean_square(grads, max_norm):
    entries = np.concatenate([grad.ravel() for grad in grads])
    norm = np.sqrt(np.mean(entries**2))
    return [grad * max_norm / norm if norm > max_norm else grad for grad in grads]


@wrong("clip_by_norm")
def one_long_vector(grads, max_norm):
    entries = np.concatenate([grad.ravel() for grad in grads])
    norm = np.linalg.norm(entries)
    return entries * min(1.0, max_norm / norm) if norm > 0 else entries


@wrong("clip_by_norm")
def spectral_norms(grads, max_norm):
    norm = max(np.linalg.norm(np.atleast_2d(grad), 2) for grad in grads)
    return [grad * max_norm / norm if norm > max_norm else grad for grad in grads]


@wrong("clip_by_norm")
def sum_of_absolute_values(grads, max_norm):
    norm = sum(np.abs(grad).sum() for grad in grads)
    return [grad * max_norm / norm if norm > max_norm else grad for grad in grads]


@wrong("clip_by_norm")
def long_ones_dropped(grads, max_norm):
    norm = np.sqrt(sum(np.sum(grad**2) for grad in grads))
    return [np.zeros_like(grad) if norm > max_norm else grad for grad in grads]


@wrong("clip_by_norm")
def compared_the_wrong_way(grads, max_norm):
    norm = np.sqrt(sum(np.sum(grad**2) for grad in grads))
    return [grad * max_norm / norm if 0 < norm < max_norm else grad for grad in grads]


# --- noise_radius


@honest("noise_radius")
def multiplied_out(lr, curvature, noise):
    return noise * np.sqrt(lr / (curvature * (2 - lr * curvature)))


@honest("noise_radius")
def geometric_series(lr, curvature, noise):
    variance = (lr * noise) ** 2 / (1 - (1 - lr * curvature) ** 2)
    return math.sqrt(variance)


@honest("noise_radius")
def iterated(lr, curvature, noise):
    variance = 0.0
    for _ in range(20_000):
        variance = (1 - lr * curvature) ** 2 * variance + (lr * noise) ** 2
    return variance**0.5


@honest("noise_radius")
def impulse_response(lr, curvature, noise):
    weights = lr * noise * (1 - lr * curvature) ** np.arange(20_000)
    return np.linalg.norm(weights)


@honest("noise_radius")
def in_torch_single(lr, curvature, noise):
    lr, curvature, noise = (torch.tensor(value, dtype=torch.float32) for value in (lr, curvature, noise))
    return noise * torch.sqrt(lr / (2 * curvature - lr * curvature**2))


wrong(
    "noise_radius",
    two_missing="noise * math.sqrt(lr / (curvature * abs(1 - lr * curvature) + curvature))",
    curvature_squared="noise * math.sqrt(lr / (2 - lr * curvature)) / curvature",
    kept_not_squared="lr * noise / math.sqrt(1 - abs(1 - lr * curvature))",
    plus_in_the_denominator="noise * math.sqrt(lr / (curvature * (2 + lr * curvature)))",
    noise_over_curvature="noise / curvature * lr",
    mean_distance="multiplied_out(lr, curvature, noise) * math.sqrt(2 / math.pi)",
    linear_in_the_rate="noise * lr / (curvature * (2 - lr * curvature))",
    root_of_the_noise="math.sqrt(noise) * multiplied_out(lr, curvature, 1.0)",
)


@wrong("noise_radius")
def fifty_steps(lr, curvature, noise):
    variance = 0.0
    for _ in range(50):
        variance = (1 - lr * curvature) ** 2 * variance + (lr * noise) ** 2
    return variance**0.5


@wrong("noise_radius")
def noise_measured(lr, curvature, noise):
    rng, theta, seen = np.random.default_rng(0), 0.0, []
    for _ in range(500):
        theta = (1 - lr * curvature) * theta - lr * noise * rng.normal()
        seen.append(theta)
    return np.std(seen)


# --- mutants that compute the same

symmetric = "H is symmetric and the inner product is too, so the factors may change places"
for was, becomes in (
    ("-lr * g @ g", "g @ (-lr * g)"),
    ("0.5 * lr ** 2 * g @ H @ g", "g @ (0.5 * lr ** 2 * g @ H)"),
    ("0.5 * lr ** 2 * g @ H @ g", "H @ (0.5 * lr ** 2 * g) @ g"),
):
    line = "return -lr * g @ g + 0.5 * lr ** 2 * g @ H @ g"
    table.equivalent("step_change", was=line, becomes=line.replace(was, becomes), reason=symmetric)
table.equivalent(
    "escape_steps",
    was="return int(np.ceil(np.log(distance / start) / np.log(growth)))",
    becomes="return np.ceil(np.log(distance / start) / np.log(growth))",
    reason="a whole number held as a float is the same number",
)
table.equivalent(
    "clip_by_norm",
    was="scale = max_norm / norm if norm > max_norm else 1.0",
    becomes="scale = max_norm / norm if norm >= max_norm else 1.0",
    reason="where the two are equal, their ratio is 1",
)
table.equivalent(
    "noise_radius",
    was="kept = 1 - lr * curvature",
    becomes="kept = lr * curvature - 1",
    reason="only the square of kept is used",
)
