"""Loss surfaces: honest variants, further wrong solutions, and mutants that compute the same."""

import math

import numpy as np
import torch

from tests.precision.table import ChapterTable

table = ChapterTable(__file__, in_hints=frozenset({"a - c"}))
honest, wrong = table.honest, table.wrong


# --- honest solutions


honest(
    "permute_units",
    by_take="np.take(W1, order, axis=0), np.take(b1, order), np.take(W2, order, axis=1)",
    columns_through_the_transpose="[W1[order, :], b1[order], W2.T[order].T]",
    lists_of_rows="[W1[i] for i in order], [b1[i] for i in order], [[row[i] for i in order] for row in W2]",
)


@honest("permute_units")
def through_the_identity(W1, b1, W2, order):
    P = np.eye(len(order))[order]
    return P @ W1, P @ b1, W2 @ P.T


@honest("permute_units")
def torch_index_select(W1, b1, W2, order):
    order = torch.as_tensor(np.array(order))
    W1, b1, W2 = (torch.tensor(part, dtype=torch.float32) for part in (W1, b1, W2))
    return W1.index_select(0, order), b1.index_select(0, order), W2.index_select(1, order)


@honest("permute_units")
def unit_by_unit(W1, b1, W2, order):
    new1, bias, new2 = np.zeros_like(W1), np.zeros_like(b1), np.zeros_like(W2)
    for new, old in enumerate(order):
        new1[new], bias[new], new2[:, new] = W1[old], b1[old], W2[:, old]
    return new1, bias, new2


@honest("permute_units")
def units_as_rows(W1, b1, W2, order):
    units = np.column_stack([W1, b1, W2.T])[order]
    inputs = W1.shape[1]
    return units[:, :inputs], units[:, inputs], units[:, inputs + 1 :].T


@honest("flip_signs")
def products_with_diagonals(W1, b1, W2, signs):
    D = np.diag(signs)
    return D @ W1, D @ b1, W2 @ D


honest("flip_signs", divided="(W1.T / signs).T, b1 / signs, W2 / signs")


@honest("flip_signs")
def where_negative(W1, b1, W2, signs):
    turned = signs < 0
    return np.where(turned[:, None], -W1, W1), np.where(turned, -b1, b1), np.where(turned, -W2, W2)


@honest("flip_signs")
def copies_negated_in_part(W1, b1, W2, signs):
    W1, b1, W2 = W1.copy(), b1.copy(), W2.copy()
    W1[signs == -1] *= -1
    b1[signs == -1] *= -1
    W2[:, signs == -1] *= -1
    return W1, b1, W2


@honest("flip_signs")
def einsum_in_float32(W1, b1, W2, signs):
    W1, b1, W2, signs = (torch.tensor(part, dtype=torch.float32) for part in (W1, b1, W2, signs))
    return torch.einsum("h,hi->hi", signs, W1), signs * b1, torch.einsum("oh,h->oh", W2, signs)


@honest("flip_signs")
def loop_over_units(W1, b1, W2, signs):
    W1, b1, W2 = np.array(W1), np.array(b1), np.array(W2)
    for unit, sign in enumerate(signs):
        W1[unit], b1[unit], W2[:, unit] = sign * W1[unit], sign * b1[unit], sign * W2[:, unit]
    return W1, b1, W2


honest("barrier", linspace_between_the_ends="float((losses - np.linspace(losses[0], losses[-1], len(losses))).max())")


@honest("barrier")
def looped_barrier(losses):
    highest, m = 0.0, len(losses) - 1
    for k, height in enumerate(losses):
        chord = losses[0] + k / m * (losses[-1] - losses[0])
        highest = max(highest, height - chord)
    return highest


@honest("barrier")
def interpolated(losses):
    k = np.arange(len(losses))
    return max(losses - np.interp(k, [0, k[-1]], [losses[0], losses[-1]]))


@honest("barrier")
def torch_lerp(losses):
    losses = torch.tensor(losses)
    return torch.max(losses - torch.lerp(losses[0], losses[-1], torch.linspace(0, 1, len(losses), dtype=torch.float64)))


@honest("barrier")
def sorted_rises(losses):
    s = np.arange(len(losses)) / (len(losses) - 1)
    return sorted(losses - losses[0] * (1 - s) - losses[-1] * s)[-1]


honest(
    "rnn_gradient_norms",
    matrix_powers="np.array([np.linalg.norm(np.linalg.matrix_power(W, t + 1), ord=2) for t in range(steps)])",
)


@honest("rnn_gradient_norms")
def multiplied_from_the_left(W, steps):
    power, norms = W.copy(), np.zeros(steps)
    for t in range(steps):
        norms[t] = np.linalg.svd(power, compute_uv=False).max()
        power = W @ power
    return norms


@honest("rnn_gradient_norms")
def largest_eigenvalue_of_the_gram_matrix(W, steps):
    for t in range(1, steps + 1):
        power = np.linalg.matrix_power(W, t)
        yield math.sqrt(np.linalg.eigvalsh(power.T @ power)[-1])


@honest("rnn_gradient_norms")
def torch_float64(W, steps):
    W = torch.as_tensor(W)
    powers = [W]
    while len(powers) < steps:
        powers.append(powers[-1] @ W)
    return torch.linalg.matrix_norm(torch.stack(powers), ord=2)


@honest("rnn_gradient_norms")
def recursive_list(W, steps, power=None):
    power = W if power is None else power @ W
    rest = recursive_list(W, steps - 1, power) if steps > 1 else []
    return [np.linalg.norm(power, 2), *rest]


@honest("count_parameters")
def layer_by_layer(channels, kernel, sizes):
    count = 0
    for i in range(len(channels) - 1):
        count += channels[i] * channels[i + 1] * kernel * kernel
        count += channels[i + 1]
    for i in range(len(sizes) - 1):
        count += sizes[i] * sizes[i + 1] + sizes[i + 1]
    return count


@honest("count_parameters")
def torch_modules(channels, kernel, sizes):
    layers = [torch.nn.Conv2d(a, b, kernel) for a, b in zip(channels, channels[1:], strict=False)]
    layers += [torch.nn.Linear(a, b) for a, b in zip(sizes, sizes[1:], strict=False)]
    return sum(p.numel() for p in torch.nn.ModuleList(layers).parameters())


@honest("count_parameters")
def vectorised(channels, kernel, sizes):
    c, s = np.array(channels), np.array(sizes)
    weights = kernel**2 * np.sum(c[1:] * c[:-1]) + np.sum(s[1:] * s[:-1])
    return int(weights + c[1:].sum() + s[1:].sum())


@honest("count_parameters")
def dense_is_a_convolution_of_side_one(channels, kernel, sizes):
    def stack(units, side):
        return sum(units[i + 1] * (units[i] * side**2 + 1) for i in range(len(units) - 1))

    return stack(channels, kernel) + stack(sizes, 1)


@honest("count_parameters")
def as_a_float(channels, kernel, sizes):
    weights = np.dot(channels[:-1], channels[1:]) * kernel**2 + np.dot(sizes[:-1], sizes[1:])
    return float(weights) + sum(channels[1:]) + sum(sizes[1:])


@honest("filter_normalize")
def row_by_row(direction, weights):
    out = []
    for d, w in zip(direction, weights, strict=True):
        new = np.zeros_like(d)
        if d.ndim == 2:
            for i in range(len(d)):
                new[i] = d[i] / np.linalg.norm(d[i]) * np.linalg.norm(w[i])
        out.append(new)
    return out


@honest("filter_normalize")
def tuple_of_roots(direction, weights):
    return tuple(
        d * 0 if d.ndim < 2 else d * np.sqrt((w * w).sum(1) / (d * d).sum(1))[:, None]
        for d, w in zip(direction, weights, strict=True)
    )


@honest("filter_normalize")
def torch_float32(direction, weights):
    out = []
    for d, w in zip(direction, weights, strict=True):
        d, w = torch.tensor(d, dtype=torch.float32), torch.tensor(w, dtype=torch.float32)
        out.append(torch.zeros_like(d) if d.dim() == 1 else d * (w.norm(dim=1) / d.norm(dim=1)).unsqueeze(1))
    return out


@honest("filter_normalize")
def unit_rows_first(direction, weights):
    unit = [d / np.linalg.norm(d, axis=-1, keepdims=True) for d in direction]
    scaled = [u * np.linalg.norm(w, axis=-1, keepdims=True) for u, w in zip(unit, weights, strict=True)]
    return [s if s.ndim > 1 else np.zeros(s.shape) for s in scaled]


@honest("filter_normalize")
def columns_of_transposes(direction, weights):
    result = []
    for index in range(len(weights)):
        d, w = direction[index].T, weights[index].T
        matrix = d.ndim == 2
        result.append((d * np.linalg.norm(w, axis=0) / np.linalg.norm(d, axis=0)).T if matrix else np.zeros(len(w)))
    return result


def second_differences(J):
    a = np.diff(J, 2, axis=0)[:, 1:-1]
    c = np.diff(J, 2, axis=1)[1:-1]
    b = (J[2:, 2:] - J[2:, :-2] - J[:-2, 2:] + J[:-2, :-2]) / 4
    return a, b, c


@honest("concave_share")
def determinant_or_trace(losses):
    a, b, c = second_differences(losses)
    return np.mean((a * c - b * b < 0) | (a + c < 0))


@honest("concave_share")
def loops_and_eigenvalues(losses):
    k, m = losses.shape
    count = 0
    for i in range(1, k - 1):
        for j in range(1, m - 1):
            a = losses[i + 1, j] - 2 * losses[i, j] + losses[i - 1, j]
            c = losses[i, j + 1] - 2 * losses[i, j] + losses[i, j - 1]
            b = losses[i + 1, j + 1] - losses[i + 1, j - 1] - losses[i - 1, j + 1] + losses[i - 1, j - 1]
            count += np.linalg.eigvalsh([[a, b / 4], [b / 4, c]])[0] < 0
    return count / ((k - 2) * (m - 2))


@honest("concave_share")
def torch_eigenvalues(losses):
    a, b, c = (torch.as_tensor(part) for part in second_differences(losses))
    hessians = torch.stack([torch.stack([a, b], -1), torch.stack([b, c], -1)], -2)
    return (torch.linalg.eigvalsh(hessians).amin(-1) < 0).double().mean()


@honest("concave_share")
def one_minus_the_convex_share(losses):
    a, b, c = second_differences(losses)
    convex = (a >= 0) & (c >= 0) & (a * c >= b**2)
    return 1 - convex.mean()


@honest("concave_share")
def central_differences_twice(losses):
    a, b, c = second_differences(losses)
    smaller = (a + c - np.hypot(a - c, 2 * b)) / 2
    return np.count_nonzero(smaller < 0) / smaller.size


# --- further wrong solutions


wrong(
    "permute_units",
    nothing_moved="W1, b1, W2",
    reversed_order="W1[::-1], b1[::-1], W2[:, ::-1]",
    bias_by_the_inverse="W1[order], b1[np.argsort(order)], W2[:, order]",
    wrong_way_round="W2[:, order], b1[order], W1[order]",
    transposed_second="W1[order], b1[order], W2.T[order]",
    both_axes="W1[np.ix_(order, order[: W1.shape[1]])], b1[order], W2[:, order]",
    order_applied_twice="W1[order][order], b1[order][order], W2[:, order][:, order]",
)


@wrong("permute_units")
def sorted_by_bias(W1, b1, W2, order):
    order = np.argsort(b1)
    return W1[order], b1[order], W2[:, order]


@wrong("permute_units")
def first_two_swapped(W1, b1, W2, order):
    order = np.arange(len(b1))
    order[:2] = order[:2][::-1]
    return W1[order], b1[order], W2[:, order]


wrong(
    "flip_signs",
    only_w1="signs[:, None] * W1, b1, W2",
    absolute="signs[:, None] * np.abs(W1), signs * np.abs(b1), W2 * signs",
    second_by_minus="signs[:, None] * W1, signs * b1, -W2 * signs",
    twice="signs[:, None] ** 2 * W1, signs**2 * b1, W2 * signs**2",
    one_sign_for_all="signs[0] * W1, signs[0] * b1, signs[0] * W2",
)


@wrong("flip_signs")
def zeroed(W1, b1, W2, signs):
    keep = signs > 0
    return keep[:, None] * W1, keep * b1, W2 * keep


@wrong("flip_signs")
def first_unit_only(W1, b1, W2, signs):
    W1, b1, W2 = W1.copy(), b1.copy(), W2.copy()
    W1[0] *= signs[0]
    b1[0] *= signs[0]
    W2[:, 0] *= signs[0]
    return W1, b1, W2


@wrong("flip_signs")
def product_of_signs(W1, b1, W2, signs):
    sign = np.prod(signs)
    return sign * W1, sign * b1, sign * W2


wrong(
    "barrier",
    mean_rise="np.mean(losses - np.linspace(losses[0], losses[-1], len(losses)))",
    least_rise="np.min(losses - np.linspace(losses[0], losses[-1], len(losses)))",
    above_the_lower_end="np.max(losses) - min(losses[0], losses[-1])",
    above_the_last="np.max(losses) - losses[-1]",
    position_of_the_rise="np.argmax(losses - np.linspace(losses[0], losses[-1], len(losses)))",
    from_the_second_on=(
        "np.max((losses - np.linspace(losses[0], losses[-1], len(losses)))[1:-1]) if len(losses) > 2 else 0.0"
    ),
    all_rises="losses - np.linspace(losses[0], losses[-1], len(losses))",
    positive_by_a_floor="max(np.max(losses - np.linspace(losses[0], losses[-1], len(losses))), 1e-3)",
)


@wrong("barrier")
def relative(losses):
    chord = np.linspace(losses[0], losses[-1], len(losses))
    return np.max((losses - chord) / chord)


@wrong("barrier")
def regression_line(losses):
    s = np.linspace(0, 1, len(losses))
    return np.max(losses - np.polyval(np.polyfit(s, losses, 1), s))


wrong(
    "rnn_gradient_norms",
    spectral_radius_of_powers=(
        "[np.abs(np.linalg.eigvals(np.linalg.matrix_power(W, t))).max() for t in range(1, steps + 1)]"
    ),
    largest_column_sum="np.array([np.linalg.norm(np.linalg.matrix_power(W, t), 1) for t in range(1, steps + 1)])",
    largest_row_sum="np.array([np.linalg.norm(np.linalg.matrix_power(W, t), np.inf) for t in range(1, steps + 1)])",
    nuclear="np.array([np.linalg.norm(np.linalg.matrix_power(W, t), 'nuc') for t in range(1, steps + 1)])",
    smallest_singular_value="np.array([np.linalg.norm(np.linalg.matrix_power(W, t), -2) for t in range(1, steps + 1)])",
    one_too_many="np.array([np.linalg.norm(np.linalg.matrix_power(W, t), 2) for t in range(1, steps + 2)])",
    newest_first="np.array([np.linalg.norm(np.linalg.matrix_power(W, t), 2) for t in range(steps, 0, -1)])",
    logarithms="np.array([np.log(np.linalg.norm(np.linalg.matrix_power(W, t), 2)) for t in range(1, steps + 1)])",
    trace_of_powers="np.array([np.abs(np.trace(np.linalg.matrix_power(W, t))) for t in range(1, steps + 1)])",
)


@wrong("rnn_gradient_norms")
def normalised_at_each_step(W, steps):
    power, norms = W, []
    for _ in range(steps):
        norms.append(np.linalg.norm(power, 2))
        power = power @ W / np.linalg.norm(power)
    return np.array(norms)


@wrong("count_parameters")
def one_bias_a_layer(channels, kernel, sizes):
    count = sum(channels[i] * channels[i - 1] * kernel**2 + 1 for i in range(1, len(channels)))
    return count + sum(sizes[i] * sizes[i - 1] + 1 for i in range(1, len(sizes)))


@wrong("count_parameters")
def biases_of_the_inputs_too(channels, kernel, sizes):
    count = sum(channels[i] * channels[i - 1] * kernel**2 for i in range(1, len(channels)))
    return count + sum(sizes[i] * sizes[i - 1] for i in range(1, len(sizes))) + sum(channels) + sum(sizes)


@wrong("count_parameters")
def no_bias_in_convolutions(channels, kernel, sizes):
    count = sum(channels[i] * channels[i - 1] * kernel**2 for i in range(1, len(channels)))
    return count + sum(sizes[i] * (sizes[i - 1] + 1) for i in range(1, len(sizes)))


@wrong("count_parameters")
def no_bias_in_dense(channels, kernel, sizes):
    count = sum(channels[i] * (channels[i - 1] * kernel**2 + 1) for i in range(1, len(channels)))
    return count + sum(sizes[i] * sizes[i - 1] for i in range(1, len(sizes)))


@wrong("count_parameters")
def kernel_of_three(channels, kernel, sizes):
    count = sum(channels[i] * (channels[i - 1] * 9 + 1) for i in range(1, len(channels)))
    return count + sum(sizes[i] * (sizes[i - 1] + 1) for i in range(1, len(sizes)))


@wrong("count_parameters")
def last_layer_left_out(channels, kernel, sizes):
    count = sum(channels[i] * (channels[i - 1] * kernel**2 + 1) for i in range(1, len(channels)))
    return count + sum(sizes[i] * (sizes[i - 1] + 1) for i in range(1, len(sizes) - 1))


wrong("count_parameters", units_counted="sum(channels[1:]) + sum(sizes[1:])")


@wrong("count_parameters")
def ends_only(channels, kernel, sizes):
    count = channels[-1] * (channels[0] * kernel**2 + 1) if len(channels) > 1 else 0
    return count + (sizes[-1] * (sizes[0] + 1) if len(sizes) > 1 else 0)


wrong(
    "filter_normalize",
    unchanged="direction",
    weights_returned="[w if w.ndim == 2 else np.zeros_like(w) for w in weights]",
    times_the_weights="[d * w if d.ndim == 2 else np.zeros_like(d) for d, w in zip(direction, weights, strict=True)]",
)


@wrong("filter_normalize")
def model_as_a_whole(direction, weights):
    length = [np.sqrt(sum(np.sum(p**2) for p in parts)) for parts in (weights, direction)]
    return [d * length[0] / length[1] if d.ndim == 2 else np.zeros_like(d) for d in direction]


@wrong("filter_normalize")
def largest_entry_for_length(direction, weights):
    return [
        d * np.abs(w).max(1, keepdims=True) / np.abs(d).max(1, keepdims=True) if d.ndim == 2 else np.zeros_like(d)
        for d, w in zip(direction, weights, strict=True)
    ]


@wrong("filter_normalize")
def sum_of_sizes(direction, weights):
    return [
        d * np.abs(w).sum(1, keepdims=True) / np.abs(d).sum(1, keepdims=True) if d.ndim == 2 else np.zeros_like(d)
        for d, w in zip(direction, weights, strict=True)
    ]


@wrong("filter_normalize")
def with_a_stabiliser(direction, weights):
    return [
        d * np.linalg.norm(w, axis=1, keepdims=True) / (np.linalg.norm(d, axis=1, keepdims=True) + 1e-3)
        if d.ndim == 2
        else np.zeros_like(d)
        for d, w in zip(direction, weights, strict=True)
    ]


@wrong("filter_normalize")
def roles_swapped(direction, weights):
    with np.errstate(all="ignore"):
        return [
            w * np.linalg.norm(d, axis=1, keepdims=True) / np.linalg.norm(w, axis=1, keepdims=True)
            if d.ndim == 2
            else np.zeros_like(d)
            for d, w in zip(direction, weights, strict=True)
        ]


@wrong("filter_normalize")
def odd_places_are_biases(direction, weights):
    return [
        d * np.linalg.norm(w, axis=-1, keepdims=True) / np.linalg.norm(d, axis=-1, keepdims=True)
        if i % 2 == 0
        else np.zeros_like(d)
        for i, (d, w) in enumerate(zip(direction, weights, strict=True))
    ]


@wrong("filter_normalize")
def biases_are_ones(direction, weights):
    return [
        d * np.linalg.norm(w, axis=1, keepdims=True) / np.linalg.norm(d, axis=1, keepdims=True)
        if d.ndim == 2
        else np.ones_like(d)
        for d, w in zip(direction, weights, strict=True)
    ]


@wrong("concave_share")
def sum_of_directions(losses):
    a, b, c = second_differences(losses)
    return np.mean(a + 2 * b + c < 0)


@wrong("concave_share")
def mixed_term_without_opposite_signs(losses):
    J = losses
    a, _, c = second_differences(J)
    b = (J[2:, 2:] + J[2:, :-2] + J[:-2, 2:] + J[:-2, :-2]) / 4
    return np.mean(a * c - b * b < 0)


@wrong("concave_share")
def averaged_neighbours(losses):
    inner = losses[1:-1, 1:-1]
    around = (losses[2:, 1:-1] + losses[:-2, 1:-1] + losses[1:-1, 2:] + losses[1:-1, :-2]) / 4
    return np.mean(inner > around)


@wrong("concave_share")
def with_a_margin(losses):
    a, b, c = second_differences(losses)
    return np.mean((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2) < -0.1)


@wrong("concave_share")
def mixed_term_halved(losses):
    a, b, c = second_differences(losses)
    return np.mean((a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + 4 * b**2) < 0)


@wrong("concave_share")
def sum_not_halved(losses):
    a, b, c = second_differences(losses)
    return np.mean((a + c) - np.sqrt(((a - c) / 2) ** 2 + b**2) < 0)


@wrong("concave_share")
def gradient_twice(losses):
    first, second = np.gradient(losses)
    a, b, c = np.gradient(first)[0], np.gradient(first)[1], np.gradient(second)[1]
    return np.mean(a * c - b * b < 0)


wrong("concave_share", share_of_descents="np.mean(np.diff(losses, axis=0) < 0)")


@wrong("concave_share")
def percent(losses):
    a, b, c = second_differences(losses)
    return 100 * np.mean((a * c - b * b < 0) | (a + c < 0))


@wrong("concave_share")
def map_of_truth(losses):
    a, b, c = second_differences(losses)
    return (a * c - b * b < 0) | (a + c < 0)


@wrong("concave_share")
def diagonal_product(losses):
    a, _, c = second_differences(losses)
    return np.mean(a * c < 0)


# --- mutants that compute the same

table.equivalent(
    "flip_signs",
    was="return (signs[:, None] * W1, signs * b1, W2 * signs)",
    becomes="return (signs[:, None] * W1, signs * b1, W2 / signs)",
    reason="the signs are 1 or -1, each its own inverse",
)
table.equivalent(
    "rnn_gradient_norms",
    was="power = power @ W",
    becomes="power = W @ power",
    reason="a matrix commutes with its own powers",
)
table.equivalent(
    "rnn_gradient_norms",
    was="return np.array(norms)",
    becomes="return norms",
    reason="a list of numbers is compared like an array",
)
for becomes, reason in (
    ("for d, w in zip(direction, weights, strict=False):", "the two lists are of equal length"),
    ("for d, w in zip(direction, weights):", "the two lists are of equal length"),
):
    table.equivalent(
        "filter_normalize", was="for d, w in zip(direction, weights, strict=True):", becomes=becomes, reason=reason
    )
table.equivalent(
    "filter_normalize",
    was="if d.ndim == 1:",
    becomes="if d.ndim <= 1:",
    reason="parameters have one axis or two",
)
table.equivalent(
    "filter_normalize",
    was="if d.ndim == 1:",
    becomes="if w.ndim == 1:",
    reason="a direction has the shape of its weights",
)
table.equivalent(
    "filter_normalize",
    was="normalized.append(np.zeros_like(d))",
    becomes="normalized.append(np.zeros_like(w))",
    reason="a direction has the shape of its weights",
)
table.equivalent(
    "filter_normalize",
    was="lengths = [np.linalg.norm(part, axis=1, keepdims=True) for part in (w, d)]",
    becomes="lengths = [np.linalg.norm(part, axis=1.01, keepdims=True) for part in (w, d)]",
    reason="NumPy's norm takes the whole part of an axis",
)
table.equivalent(
    "concave_share",
    was="smaller = (a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b ** 2)",
    becomes="smaller = (a + c) / 2 - np.sqrt(((c - a) / 2) ** 2 + b ** 2)",
    reason="a square does not depend on the sign",
)
table.equivalent(
    "concave_share",
    was="return np.mean(smaller < 0)",
    becomes="return np.mean(smaller <= 0)",
    reason="no case has an eigenvalue of exactly zero, because there rounding of the losses would decide",
)
