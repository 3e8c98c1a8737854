"""Initial weights, of a matrix and of a whole network: how what students build is put to use."""

import copy
from itertools import pairwise

import numpy as np

from utils.check.driving import Misfit, make
from utils.check.plain import as_array, decode, described, encode, is_tensor

# --- initial weights: functions that draw a matrix from a generator.
#
# fan_in, fan_out, rows, cols : ints.  slope : float.  rng : np.random.Generator
# Chance has many honest forms, so what is looked at are statistics of many entries, the same for every right order of
# the draws. Where a statistic is as near to its value as chance lets it be, that value stands for it.

MANY_DRAWS, UNFAIR = 120, 0.28  # small matrices whose signs are counted: a fair share strays so far once in 10⁹ times
OTHERWISE = "an equal generator gave other numbers: does all chance come from the one that is handed over?"
NOTHING_NEW = "asked again, with the same generator, it gave the same numbers: does it draw from that one?"


def drawn_weights(build, fan_in, fan_out, rng):
    """Draw weights of a layer by its two sides.

    Returns the shape, the mean over the standard deviation (0 where it is below .05), the standard deviation, and the
    kurtosis, which is the mean fourth power over the squared variance, of deviations (1.8 or 3 where it is near).
    Raises Misfit where chance is not used as it should be, see `_drawn`.
    """
    return _statistics(build, rng, fan_in=fan_in, fan_out=fan_out)


def drawn_weights_before(build, fan_in, fan_out, slope, rng):
    """Draw weights of a layer whose activation has a slope on its negative side, see `drawn_weights`."""
    return _statistics(build, rng, fan_in=fan_in, fan_out=fan_out, slope=slope)


def _statistics(build, rng, fan_in, fan_out, **settings):
    drawn = _drawn(build, rng, (fan_in, fan_out), fan_in=fan_in, fan_out=fan_out, **settings)
    for axis, lines in enumerate(("rows", "columns")):
        if np.ptp(drawn, axis=axis).max() == 0:
            raise Misfit("state", f"all {lines} of the matrix are equal: each weight needs a draw of its own")
    deviation = drawn.std()
    off, squares = drawn.mean() / deviation, (drawn - drawn.mean()) ** 2
    tails = np.mean(squares * squares) / np.mean(squares) ** 2
    tails = next((usual for usual in (1.8, 3.0) if abs(tails - usual) < 0.2), tails)  # uniform, normal
    return np.array(drawn.shape), (off if abs(off) > 0.05 else 0.0), deviation, tails


def drawn_rotation(build, rows, cols, rng):
    """Draw a matrix with orthonormal rows or columns.

    Returns its shape, and the inner products of its columns, or of its rows where these are fewer, to four digits.
    Raises Misfit where chance is not used as it should be, see `_drawn`, and where the signs of many small matrices, or
    of the determinants of square ones, are not up to chance; what only thousands of draws would show is not looked for.
    """
    drawn = _drawn(build, rng, (rows, cols), rows=rows, cols=cols)
    products = drawn.T @ drawn if rows >= cols else drawn @ drawn.T
    if np.abs(products - np.eye(len(products))).max() < 1e-3:
        small = (5, 4) if rows >= cols else (4, 5)
        said = _not_by_chance(np.sign(_many(build, small, rng)))
        if said:
            raise Misfit("state", f"of {MANY_DRAWS} matrices of shape {small} {said}: does chance decide on signs?")
        turns = set(np.sign(np.linalg.det(_many(build, (3, 3), rng)))) if rows == cols else ()
        if len(turns) == 1:
            kind = "a reflection" if turns == {1.0} else "a rotation"
            raise Misfit("state", f"of {MANY_DRAWS} matrices of shape (3, 3) none is {kind}: should it never be?")
    return np.array(drawn.shape), np.round(products, 4) + 0.0


def _many(build, shape, rng):
    """Draw many matrices. Raises Misfit for one that has another shape."""
    many = [_matrix(make(build, rows=shape[0], cols=shape[1], rng=rng)) for _ in range(MANY_DRAWS)]
    if shapes := {matrix.shape for matrix in many} - {shape}:
        raise Misfit("state", f"a matrix should have shape {shape} but has shape {min(shapes)}")
    return many


def _not_by_chance(signs):
    """Say where the signs in many matrices are not up to chance, "" if nowhere."""
    share = np.mean(signs > 0, axis=0)
    for bound, sign in ((0.0, "positive"), (1.0, "negative")):
        never = [f"[{row}, {col}]" for row, col in np.argwhere(share == bound)]
        if never:
            return f"none has a {sign} number at {', '.join(never)}"
    row, col = np.unravel_index(np.argmax(np.abs(share - 0.5)), share.shape)
    if abs(share[row, col] - 0.5) >= UNFAIR:
        return f"hardly any has a {'positive' if share[row, col] < 0.5 else 'negative'} number at [{row}, {col}]"
    for one, other in pairwise(range(min(share.shape))):
        alike = np.mean(signs[:, one, one] == signs[:, other, other])
        if abs(alike - 0.5) >= UNFAIR:
            said = "unlike" if alike > 0.5 else "equal"
            return f"hardly any has {said} signs at [{one}, {one}] and [{other}, {other}]"
    return ""


def _drawn(build, rng, shape, **settings):
    """Return a matrix that was drawn.

    Raises Misfit unless it has this shape, an equal generator gives equal numbers, and the same generator new ones at
    the next call.
    """
    twin = copy.deepcopy(rng)
    answers = [make(build, **settings, rng=rng), make(build, **settings, rng=rng), make(build, **settings, rng=twin)]
    first, second, again = _each(_matrix, answers)
    if first.shape != shape:
        raise Misfit("state", f"the matrix should have shape {shape} but has shape {first.shape}")
    if np.ptp(first) == 0:
        raise Misfit("state", f"all numbers of the matrix are {first.flat[0]:.4g}")
    if np.array_equal(first, np.round(first)):
        always = ", the same ones at every call" if np.array_equal(first, second) else ""
        raise Misfit("state", f"the matrix holds whole numbers only{always}: where is chance?")
    if not np.array_equal(first, again):
        raise Misfit("state", OTHERWISE)
    if np.array_equal(first, second):
        raise Misfit("state", NOTHING_NEW)
    if answers[0] is answers[1]:
        raise Misfit("result", "the array that it had handed out before, with other numbers in it")
    return first


def _each(read, answers):
    """Read the answers to several calls. Raises Misfit where the first one can be read and a later one cannot."""
    first = read(answers[0])
    try:
        return [first, *map(read, answers[1:])]
    except Misfit as misfit:
        raise Misfit("state", f"answers otherwise when it is asked again: {misfit}") from None


def _array(value):
    """Return what somebody returned as an array, None if it holds anything but numbers."""
    if is_tensor(value):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        value = value.tolist()
    array = as_array(value)
    return as_array(decode(encode(value))) if array is None else array


def _matrix(value):
    array = _array(value)
    if array is None or array.ndim != 2 or array.dtype.kind not in "fiub" or not array.size:
        raise Misfit("result", f"{described(value if array is None else array)}, expected a matrix of numbers")
    if not np.isfinite(array).all():
        raise Misfit("result", "a matrix with nan or infinite entries")
    return array.astype(float)


# --- the start of a whole network: (X, sizes, activation, rng) -> (weights, biases)

WITHIN = 0.1  # how far from 1 a variance may be


def started_network(build, X, sizes, activation, rng):  # noqa: N803
    """Start a network and look at what the data become on their way through it.

    Returns the sizes; for each layer in turn, before its activation, the root of the mean square of the units' means
    over the examples (0 up to .1), and the mean of their variances over the examples (1 from .9 to 1.1).
    Raises Misfit unless an equal generator gives equal numbers, the same generator new ones at the next call, two
    layers of one shape and the units of a layer differ, and weights are as often negative as positive.
    """
    twin, handed = copy.deepcopy(rng), {"sizes": list(sizes), "activation": activation}
    answers = [make(build, X=X, **handed, rng=rng), make(build, X=np.array(X), **handed, rng=rng)]
    answers.append(make(build, X=np.array(X), **handed, rng=twin))
    first, second, again = _each(lambda answer: _layers(answer, sizes), answers)
    if not _equal(first, again):
        raise Misfit("state", OTHERWISE)
    if _equal(first, second):
        raise Misfit("state", NOTHING_NEW)
    _expect_variety(first[0])
    means, variances, h = [], [], np.asarray(X, dtype=float)
    with np.errstate(all="ignore"):
        for weights, bias in zip(*first, strict=True):
            z = h @ weights + bias
            mean, variance = float(np.sqrt(np.mean(z.mean(axis=0) ** 2))), float(np.mean(z.var(axis=0)))
            means.append(0.0 if mean <= WITHIN else mean)
            variances.append(1.0 if abs(variance - 1) <= WITHIN else variance)
            h = activation(z)
    if not all(np.isfinite(means + variances)):
        raise Misfit("result", "weights under which the numbers grow until they are infinite")
    return np.array([weights.shape[0] for weights in first[0]]), np.array(means), np.array(variances)


def _expect_variety(matrices):
    """Raise Misfit where weights are alike that should not be."""
    for layer, weights in enumerate(matrices, start=1):
        if not weights.any():
            raise Misfit("state", f"the weights of layer {layer} are all 0")
        if min(weights.shape) > 1 and _rank(weights) == 1:
            raise Misfit("state", "the units of a layer are all alike, but for a factor: will they ever differ?")
    alike = any(
        a.shape == b.shape and np.allclose(np.abs(a / (a.std() or 1)), np.abs(b / (b.std() or 1)), rtol=1e-3)
        for a, b in pairwise(matrices)
    )
    if alike:
        raise Misfit("state", "two layers of one shape have the same weights, but for a factor")
    positive = np.mean(np.concatenate([np.ravel(weights) for weights in matrices]) > 0)
    if abs(positive - 0.5) >= 0.3:
        raise Misfit("state", f"hardly any of the weights is {'positive' if positive < 0.5 else 'negative'}")


def _rank(weights):
    """Return the rank of a matrix, 2 if it is larger."""
    sizes = np.linalg.svd(weights, compute_uv=False)
    return min(2, int(np.sum(sizes > 1e-6 * sizes[0])))


def _layers(answer, sizes):
    """Return the weights and the biases of each layer as two lists of arrays. Raises Misfit for other shapes."""
    if not isinstance(answer, list | tuple) or len(answer) != 2:
        raise Misfit("result", f"{described(answer)}, expected a pair (weights, biases)")
    for what, part in zip(("weights", "biases"), answer, strict=True):
        if not isinstance(part, list | tuple) or len(part) != len(sizes) - 1:
            raise Misfit("result", f"{what} is {described(part)}, expected a list of {len(sizes) - 1} arrays")
    parts = [[_array(item) for item in part] for part in answer]
    for layer, (weights, bias, fans) in enumerate(zip(*parts, pairwise(sizes), strict=True), start=1):
        for what, array, shape in (("weights", weights, tuple(fans)), ("biases", bias, (fans[1],))):
            if array is None or array.dtype.kind not in "fiub" or array.shape != shape:
                came = "no numbers" if array is None else f"shape {array.shape}"
                raise Misfit("result", f"the {what} of layer {layer} have {came}, expected shape {shape}")
            if not np.isfinite(array).all():
                units = "one unit" if fans[1] == 1 else f"{fans[1]} units"
                raise Misfit("result", f"the {what} of layer {layer}, which has {units}, are not all finite")
    return [[array.astype(float) for array in part] for part in parts]


def _equal(one, other):
    return all(np.array_equal(a, b) for a, b in zip(_flat_pairs(one), _flat_pairs(other), strict=True))


def _flat_pairs(layers):
    return [array for part in layers for array in part]
