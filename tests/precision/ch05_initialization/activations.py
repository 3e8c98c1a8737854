"""Activations, slopes and data: honest variants, further wrong solutions, and mutants that compute the same."""

import numpy as np
import scipy.special
import scipy.stats
import torch

from tests.precision.table import ChapterTable

table = ChapterTable(__file__, in_hints=frozenset({"s(1-s)", "1 - s²", "N - 1", "e^z - 1"}))
honest, wrong = table.honest, table.wrong


# --- honest solutions


def by_autograd(function, z):
    point = torch.tensor(np.asarray(z, dtype=float), requires_grad=True)
    value = function(point)
    value.sum().backward()
    return value.detach().numpy(), point.grad.numpy()


honest(
    "sigmoid",
    by_expit="(scipy.special.expit(z), scipy.special.expit(z) * scipy.special.expit(-z))",
    by_torch="by_autograd(torch.sigmoid, z)",
    through_tanh="((1 + np.tanh(z / 2)) / 2, (1 - np.tanh(z / 2) ** 2) / 4)",
)


@honest("sigmoid")
def as_printed(z):
    with np.errstate(over="ignore"):
        value = 1 / (1 + np.exp(-z))
    return value, value * (1 - value)


@honest("sigmoid")
def two_branches(z):
    value, right = np.empty_like(z), z >= 0
    value[right] = 1 / (1 + np.exp(-z[right]))
    value[~right] = np.exp(z[~right]) / (1 + np.exp(z[~right]))
    return value, value - value**2


honest(
    "leaky_relu",
    maximum="(np.maximum(z, leak * z), np.where(z > 0, 1, leak))",
    positive_and_negative_parts="(np.maximum(z, 0) + leak * np.minimum(z, 0), leak + (1 - leak) * (z > 0))",
    by_torch="by_autograd(lambda point: torch.nn.functional.leaky_relu(point, leak), z)",
)


@honest("leaky_relu")
def masked(z, leak):
    value, slope = z.copy(), np.ones_like(z)
    value[z <= 0] *= leak
    slope[z <= 0] = leak
    return value, slope


honest(
    "elu",
    clipped="(np.maximum(z, 0) + alpha * np.expm1(z.clip(max=0)), np.where(z > 0, 1, alpha * np.exp(z.clip(max=0))))",
    by_torch_expm1="by_autograd(lambda p: torch.where(p > 0, p, alpha * torch.expm1(p.clamp(max=0))), z)",
)


@honest("elu")
def elu_masked(z, alpha):
    value, slope, low = z.copy(), np.ones_like(z), z <= 0
    value[low] = alpha * np.expm1(z[low])
    slope[low] = value[low] + alpha
    return value, slope


@honest("elu")
def everywhere_and_chosen(z, alpha):
    with np.errstate(over="ignore"):
        return np.where(z > 0, z, alpha * np.expm1(z)), np.where(z > 0, 1.0, alpha * np.exp(z))


honest(
    "gelu",
    by_ndtr="(z * scipy.special.ndtr(z), scipy.special.ndtr(z) + z * scipy.stats.norm.pdf(z))",
    by_torch="by_autograd(torch.nn.functional.gelu, z)",
    by_norm_cdf="(z * scipy.stats.norm.cdf(z), scipy.stats.norm.cdf(z) + z * np.exp(-z * z / 2) / (2 * np.pi) ** 0.5)",
)


@honest("maxout")
def compared_with_arange(z):
    winner = z.argmax(axis=0)
    return np.max(z, axis=0), (np.arange(len(z)).reshape(-1, *[1] * winner.ndim) == winner).astype(float)


honest(
    "maxout",
    equal_to_the_maximum="(z.max(axis=0), np.where(z == z.max(axis=0), 1.0, 0.0))",
    by_torch="by_autograd(lambda point: point.amax(dim=0), z)",
)


@honest("maxout")
def one_piece_after_the_other(z):
    best, winner = z[0].copy(), np.zeros(z.shape[1:], dtype=int)
    for j in range(1, len(z)):
        better = z[j] > best
        best[better], winner[better] = z[j][better], j
    return best, np.stack([(winner == j) * 1.0 for j in range(len(z))])


honest(
    "dead_fraction",
    largest_is_zero="float(np.mean(np.max(activations, axis=tuple(range(activations.ndim - 1))) == 0))",
    not_any="1 - activations.reshape(-1, activations.shape[-1]).any(axis=0).mean()",
    columns_summed="np.mean(activations.reshape(-1, activations.shape[-1]).sum(axis=0) == 0)",
)


@honest("dead_fraction")
def counted_in_a_loop(activations):
    units = activations.shape[-1]
    return sum(not np.any(activations[..., unit] > 0) for unit in range(units)) / units


@honest("standardize")
def where_divided(train, test):
    mean, deviation = np.mean(train, axis=0), np.std(train, axis=0)
    safe = np.where(deviation > 0, deviation, 1)
    return (train - mean) / safe, (test - mean) / safe


@honest("standardize")
def by_torch(train, test):
    train, test = torch.tensor(train), torch.tensor(test)
    deviation = train.std(dim=0, unbiased=False)
    deviation = torch.where(deviation == 0, torch.ones_like(deviation), deviation)
    return (train - train.mean(dim=0)) / deviation, (test - train.mean(dim=0)) / deviation


@honest("standardize")
def feature_by_feature(train, test):
    new, other = train.copy(), test.copy()
    for j in range(train.shape[1]):
        s = (((train[:, j] - train[:, j].mean()) ** 2).sum() / len(train)) ** 0.5 or 1.0
        new[:, j] = (train[:, j] - train[:, j].mean()) / s
        other[:, j] = (test[:, j] - train[:, j].mean()) / s
    return new, other


@honest("whiten")
def by_svd(train, test, eps):
    mean = train.mean(axis=0)
    covariance = np.atleast_2d(np.cov(train, rowvar=False, ddof=0))
    vectors, values, _ = np.linalg.svd(covariance)
    matrix = vectors @ np.diag((values + eps) ** -0.5) @ vectors.T
    return (train - mean) @ matrix, (test - mean) @ matrix


@honest("whiten")
def eps_on_the_diagonal(train, test, eps):
    mean, n = train.mean(axis=0), len(train)
    values, vectors = np.linalg.eigh((train - mean).T @ (train - mean) / n + eps * np.eye(train.shape[1]))
    return tuple((part - mean) @ vectors / np.sqrt(values) @ vectors.T for part in (train, test))


@honest("whiten")
def examples_in_columns(train, test, eps):
    mean = train.mean(axis=0)[:, None]
    a, b = train.T - mean, test.T - mean
    values, vectors = np.linalg.eigh(a @ a.T / a.shape[1])
    matrix = vectors @ np.diag(1 / np.sqrt(values + eps)) @ vectors.T
    return (matrix @ a).T, (matrix @ b).T


@honest("MLP")
class Recursive:
    def __init__(self, parameters, activation):
        self.pairs = [(parameters[i], parameters[i + 1]) for i in range(0, len(parameters), 2)]
        self.f = activation

    def forward(self, X):
        self.h, self.s, self.hidden = [X], [], []
        for index, (weights, bias) in enumerate(self.pairs):
            z = self.h[-1] @ weights + bias
            if index == len(self.pairs) - 1:
                return z
            value, slope = self.f(z)
            self.h.append(value)
            self.hidden.append(value)
            self.s.append(slope)

    def backward(self, dlogits):
        def below(layer, delta):
            own = [np.dot(self.h[layer].T, delta), np.sum(delta, axis=0)]
            if layer == 0:
                return own
            return below(layer - 1, (delta @ self.pairs[layer][0].T) * self.s[layer - 1]) + own

        return below(len(self.pairs) - 1, dlogits)


@honest("MLP")
class Forgetful:
    """Goes forward once more on the way back."""

    def __init__(self, parameters, activation):
        self.p, self.activation, self.hidden, self.X = parameters, activation, [], None

    def sums(self, X):
        h, found = X, []
        for layer in range(len(self.p) // 2):
            found.append(h @ self.p[2 * layer] + self.p[2 * layer + 1])
            h = self.activation(found[-1])[0]
        return found

    def forward(self, X):
        self.X, sums = np.array(X), self.sums(X)
        self.hidden = [self.activation(z)[0] for z in sums[:-1]]
        return sums[-1]

    def backward(self, dlogits):
        grads, delta, sums = [None] * len(self.p), np.array(dlogits), self.sums(self.X)
        for layer in range(len(sums) - 1, -1, -1):
            below = self.activation(sums[layer - 1])[0] if layer else self.X
            grads[2 * layer], grads[2 * layer + 1] = below.T @ delta, delta.sum(0)
            if layer:
                delta = self.activation(sums[layer - 1])[1] * (delta @ self.p[2 * layer].T)
        return tuple(grads)


@honest("MLP")
class Einsum:
    def __init__(self, parameters, activation):
        self.parameters, self.activation = parameters, activation

    def forward(self, X):
        self.cache = [(X, None)]
        count = len(self.parameters) // 2
        for layer in range(count):
            z = np.einsum("ni,io->no", self.cache[-1][0], self.parameters[2 * layer]) + self.parameters[2 * layer + 1]
            if layer < count - 1:
                self.cache.append(self.activation(z))
        self.hidden = [value for value, _ in self.cache[1:]]
        return z

    def backward(self, dlogits):
        grads, delta = [], dlogits
        for layer, (inputs, slope) in reversed(list(enumerate(self.cache))):
            grads.append(np.einsum("no->o", delta))
            grads.append(np.einsum("ni,no->io", inputs, delta))
            if slope is not None:
                delta = np.einsum("no,io->ni", delta, self.parameters[2 * layer]) * slope
        return grads[::-1]


# --- wrong solutions


def right_sigmoid(z):
    value = scipy.special.expit(z)
    return value, value * (1 - value)


wrong(
    "sigmoid",
    scaled_to_the_unit_slope="(scipy.special.expit(4 * np.asarray(z)), 4 * right_sigmoid(4 * np.asarray(z))[1])",
    slope_not_squared_below="(scipy.special.expit(z), 2 * right_sigmoid(z)[1])",
    slope_by_the_derivative_of_tanh_halved="(scipy.special.expit(z), (1 - np.tanh(z) ** 2) / 4)",
    clipped_sums="right_sigmoid(np.clip(z, -5, 5))",
    hard_sigmoid="(np.clip(0.2 * z + 0.5, 0, 1), np.where(np.abs(z) < 2.5, 0.2, 0.0))",
    value_twice="(scipy.special.expit(z), scipy.special.expit(z))",
    log_of_it="(np.log(scipy.special.expit(np.clip(z, -700, 700))), right_sigmoid(z)[1])",
    mean_slope="(scipy.special.expit(z), np.full_like(z, right_sigmoid(z)[1].mean()))",
    three_values="(*right_sigmoid(z), z)",
)

wrong(
    "leaky_relu",
    shifted_kink="(np.where(z > 1, z, leak * z), np.where(z > 1, 1.0, leak))",
    leak_added="(np.where(z > 0, z, z + leak), np.where(z > 0, 1.0, leak))",
    absolute_value="(np.abs(z), np.sign(z))",
    slope_one_everywhere="(np.where(z > 0, z, leak * z), np.ones_like(z))",
    leak_by_division="(np.where(z > 0, z, z / 10), np.where(z > 0, 1.0, leak))",
    one_minus_leak="(np.where(z > 0, z, (1 - leak) * z), np.where(z > 0, 1.0, 1 - leak))",
    slope_of_the_value="(np.where(z > 0, z, leak * z), np.where(leak * z > 1e-9, 1.0, leak))",
    integers="(np.where(z > 0, z, leak * z), np.where(z > 0, 1.0, leak).astype(int))",
)

wrong(
    "elu",
    relu="(np.maximum(z, 0), np.where(z > 0, 1.0, 0.0))",
    selu="tuple(1.0507 * part for part in right_elu(z, alpha))",
    softplus="(np.logaddexp(0, z), scipy.special.expit(z))",
    slope_minus_alpha="(right_elu(z, alpha)[0], np.where(z > 0, 1.0, right_elu(z, alpha)[0] - alpha))",
    slope_squared_alpha="(right_elu(z, alpha)[0], np.where(z > 0, 1.0, alpha * right_elu(z, alpha)[1]))",
    base_two="(np.where(z > 0, z, alpha * (2.0 ** np.minimum(z, 0) - 1)), right_elu(z, alpha)[1])",
    clipped_far_left="right_elu(np.maximum(z, -1), alpha)",
    linear_left="(np.where(z > 0, z, alpha * z), np.where(z > 0, 1.0, alpha))",
    swapped="right_elu(z, alpha)[::-1]",
)


def right_elu(z, alpha):
    left = np.minimum(z, 0.0)
    return np.where(z > 0, z, alpha * np.expm1(left)), np.where(z > 0, 1.0, alpha * np.exp(left))


def right_gelu(z):
    share, density = scipy.special.ndtr(z), np.exp(-(np.minimum(np.abs(z), 1e3) ** 2) / 2) / np.sqrt(2 * np.pi)
    return z * share, share + z * density


wrong(
    "gelu",
    slope_of_the_sigmoid="(right_gelu(z)[0], right_sigmoid(1.702 * np.asarray(z))[0])",
    swapped="right_gelu(z)[::-1]",
    density_at_half="(right_gelu(z)[0], scipy.special.ndtr(z) + z * scipy.stats.norm.pdf(z / 2))",
    half_of_the_value="(right_gelu(z)[0] / 2, right_gelu(z)[1] / 2)",
    other_tail="(z * scipy.special.ndtr(-z), scipy.special.ndtr(-z) - z * scipy.stats.norm.pdf(z))",
    relu="(np.maximum(z, 0), np.where(np.asarray(z) > 0, 1.0, 0.0))",
    positive_only="(np.maximum(right_gelu(z)[0], 0), right_gelu(z)[1])",
    slope_with_z_squared="(right_gelu(z)[0], scipy.special.ndtr(z) + z**2 * scipy.stats.norm.pdf(np.clip(z, -50, 50)))",
)

wrong(
    "maxout",
    first_piece="(z[0], np.eye(len(z))[0].reshape(-1, *[1] * (z.ndim - 1)) * np.ones_like(z))",
    mean_of_the_pieces="(z.mean(axis=0), np.ones_like(z) / len(z))",
    sum_of_the_pieces="(z.sum(axis=0), np.ones_like(z))",
    truth_values="(np.max(z, axis=0), z >= z.max(axis=0))",
    losers_one="(z.max(axis=0), (z < z.max(axis=0)).astype(float))",
    kept_axis="(z.max(axis=0, keepdims=True), (z == z.max(axis=0)).astype(float))",
    swapped="((z == z.max(axis=0)).astype(float), z.max(axis=0))",
    soft_maximum="(scipy.special.logsumexp(z, axis=0), scipy.special.softmax(z, axis=0))",
    slope_of_the_value="(z.max(axis=0), (z.max(axis=0) > 0).astype(float))",
)

wrong(
    "dead_fraction",
    whole_layer="float(np.all(activations == 0))",
    last_example="float((activations.reshape(-1, activations.shape[-1])[-1] == 0).mean())",
    out_of_all_numbers="(activations.reshape(-1, activations.shape[-1]) == 0).all(axis=0).sum() / activations.size",
    rounded="round(float((activations.reshape(-1, activations.shape[-1]) == 0).all(axis=0).mean()), 1)",
    close_to_zero="float(np.isclose(activations.reshape(-1, activations.shape[-1]), 0).all(axis=0).mean())",
    two_axes_only="float((activations == 0).all(axis=(0, 1)).mean()) if activations.ndim > 2 else 0.0",
    always_none="0.0",
)


def right_standard(train, test):
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    deviation = np.where(deviation == 0, 1.0, deviation)
    return (train - mean) / deviation, (test - mean) / deviation


wrong(
    "standardize",
    sets_swapped="right_standard(test, train)",
    returned_in_the_other_order="right_standard(train, test)[::-1]",
    first_feature_only="(np.c_[right_standard(train, test)[0][:, :1], train[:, 1:]], test)",
    mean_added="(right_standard(-train, -test)[0], right_standard(-train, -test)[1])",
    clipped="tuple(np.clip(part, -1, 1) for part in right_standard(train, test))",
)


@wrong("standardize")
def median_for_mean(train, test):
    deviation = np.where(train.std(axis=0) == 0, 1.0, train.std(axis=0))
    return tuple((part - np.median(train, axis=0)) / deviation for part in (train, test))


def right_white(train, test, eps, ddof=0, power=-0.5):
    mean = train.mean(axis=0)
    values, vectors = np.linalg.eigh((train - mean).T @ (train - mean) / (len(train) - ddof))
    matrix = (vectors * (np.maximum(values, 0) + eps) ** power) @ vectors.T
    return (train - mean) @ matrix, (test - mean) @ matrix


wrong(
    "whiten",
    sets_swapped="right_white(test, train, eps + 1e-3)",
    returned_in_the_other_order="right_white(train, test, eps)[::-1]",
    eps_squared="right_white(train, test, eps**2)",
    root_of_eps="right_white(train, test, eps**0.5)",
    twice_eps="right_white(train, test, 2 * eps) if eps else tuple(2 * part for part in right_white(train, test, eps))",
    mean_added_back="tuple(part + train.mean(axis=0) for part in right_white(train, test, eps))",
    quarter_power="right_white(train, test, eps, power=-0.25)",
    unchanged="(train.copy(), test.copy())",
)


class Plain:
    """A network that is right."""

    def __init__(self, parameters, activation):
        self.weights, self.biases, self.activation = parameters[::2], parameters[1::2], activation

    def forward(self, X):
        self.inputs, self.slopes = [X], []
        for weights, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            h, slope = self.activation(self.inputs[-1] @ weights + bias)
            self.inputs.append(h)
            self.slopes.append(slope)
        self.hidden = self.inputs[1:]
        return self.inputs[-1] @ self.weights[-1] + self.biases[-1]

    def backward(self, dlogits):
        delta, grads = dlogits, []
        for layer in reversed(range(len(self.weights))):
            grads = [self.inputs[layer].T @ delta, delta.sum(axis=0), *grads]
            if layer:
                delta = self.passed(layer, delta)
        return grads

    def passed(self, layer, delta):
        return delta @ self.weights[layer].T * self.slopes[layer - 1]


@wrong("MLP")
class SlopeBeforeTheWeights(Plain):
    def passed(self, layer, delta):
        return delta @ self.weights[layer].T * self.slopes[layer - 1].mean(axis=0)


@wrong("MLP")
class SlopeSquared(Plain):
    def passed(self, layer, delta):
        return delta @ self.weights[layer].T * self.slopes[layer - 1] ** 2


@wrong("MLP")
class WeightsOfTheMoment(Plain):
    """Holds on to the weights that it saw going forward the first time."""

    def forward(self, X):
        if not hasattr(self, "frozen"):
            self.frozen = [weights.copy() for weights in self.weights]
        return Plain.forward(self, X)

    def passed(self, layer, delta):
        return delta @ self.frozen[layer].T * self.slopes[layer - 1]


@wrong("MLP")
class HiddenBackwards(Plain):
    def forward(self, X):
        logits = Plain.forward(self, X)
        self.hidden = self.hidden[::-1]
        return logits if len(self.hidden) > 1 else logits + 0.1


@wrong("MLP")
class SlopesAsHidden(Plain):
    def forward(self, X):
        logits = Plain.forward(self, X)
        self.hidden = self.slopes
        return logits


@wrong("MLP")
class LastHiddenOnly(Plain):
    def forward(self, X):
        logits = Plain.forward(self, X)
        self.hidden = self.hidden[-1:]
        return logits


@wrong("MLP")
class WritesIntoHidden(Plain):
    def passed(self, layer, delta):
        passed = Plain.passed(self, layer, delta)
        self.hidden[layer - 1] *= self.slopes[layer - 1]
        return passed


@wrong("MLP")
class StepsForward(Plain):
    def forward(self, X):
        logits = Plain.forward(self, X)
        self.biases[0][:] = 0.9 * self.biases[0]
        return logits


@wrong("MLP")
class BiasDoubled(Plain):
    def backward(self, dlogits):
        grads = Plain.backward(self, dlogits)
        return [2 * grad if grad.ndim == 1 else grad for grad in grads]


@wrong("MLP")
class BiasOfAColumn(Plain):
    def backward(self, dlogits):
        return [grad[None] if grad.ndim == 1 else grad for grad in Plain.backward(self, dlogits)]


@wrong("MLP")
class WeightsOnly(Plain):
    def backward(self, dlogits):
        return Plain.backward(self, dlogits)[::2]


@wrong("MLP")
class Softmaxes(Plain):
    def forward(self, X):
        return scipy.special.softmax(Plain.forward(self, X), axis=1)


@wrong("MLP")
class GradientsNormalized(Plain):
    def backward(self, dlogits):
        grads = Plain.backward(self, dlogits)
        norm = np.sqrt(sum((grad**2).sum() for grad in grads))
        return [grad / norm for grad in grads]


@wrong("MLP")
class DlogitsMultipliedByTheLogits(Plain):
    def forward(self, X):
        self.logits = Plain.forward(self, X)
        return self.logits

    def backward(self, dlogits):
        return Plain.backward(self, dlogits * self.logits)


@wrong("MLP")
class InputsOfOneExample(Plain):
    def forward(self, X):
        logits = Plain.forward(self, X)
        self.inputs[0] = np.repeat(X[:1], len(X), axis=0)
        return logits if len(X) > 1 else logits + 0.1


# --- mutants that compute the same

table.equivalent(
    "sigmoid",
    "value = np.where(z > 0, 1.0, small) / (1 + small)",
    "value = np.where(z >= 0, 1.0, small) / (1 + small)",
    "at z = 0 `small` is 1.0",
)

LEFT, VALUE = "left = np.minimum(z, 0.0)", "value = np.where(z > 0, z, alpha * np.expm1(left))"
SLOPE = "return (value, np.where(z > 0, 1.0, alpha * np.exp(left)))"
UNUSED = "only what stands left of zero is chosen, whatever comes out on the right"
for other in ("np.minimum(z, 1.0)", "np.minimum(z, 0.01)", "z"):
    table.equivalent("elu", LEFT, f"left = {other}", UNUSED)
table.equivalent("elu", LEFT, "left = np.minimum(0.0, z)", "the smaller of two numbers, in either order")
table.equivalent("elu", VALUE, VALUE.replace("left", "z"), UNUSED)
table.equivalent("elu", VALUE, VALUE.replace(">", ">="), "e^0 - 1 is 0")
table.equivalent("elu", SLOPE, SLOPE.replace("left", "z"), UNUSED)
table.equivalent("elu", SLOPE, SLOPE.replace("z >", "value >"), "value and z have the same sign")

ROWS, SHARE = "rows = activations.reshape(-1, activations.shape[-1])", "return float((rows == 0).all(axis=0).mean())"
table.equivalent("dead_fraction", SHARE, SHARE.replace("==", "<="), "what ReLUs pass on is never negative")
table.equivalent(
    "dead_fraction", ROWS, ROWS.replace("(-1,", "(-2,"), "NumPy takes any negative size for the one to find"
)
table.equivalent("dead_fraction", SHARE, "return (rows == 0).all(axis=0).mean()", "a NumPy float with the same value")
table.equivalent(
    "standardize",
    "deviation[deviation == 0] = 1.0",
    "deviation[deviation <= 0] = 1.0",
    "no deviation is negative",
)
COVARIANCE = "values, vectors = np.linalg.eigh(centred.T @ centred / len(train))"
for left, right in (("train", "centred"), ("centred", "train")):
    reason = "deviations sum to 0, so a constant that is added to the other factor changes nothing"
    table.equivalent("whiten", COVARIANCE, COVARIANCE.replace("centred.T @ centred", f"{left}.T @ {right}"), reason)
table.equivalent("whiten", COVARIANCE, COVARIANCE.replace("len(train)", "len(centred)"), "as many rows")

ZIPPED = "for weights, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):"
for other in (ZIPPED.replace("True", "False"), ZIPPED.replace(", strict=True", "")):
    table.equivalent("MLP", ZIPPED, other, "strict only tells of lists that are not equally long, and these are")
BELOW = "if layer > 0:"
for other in ("if layer != 0:", "if layer > 0.01:"):
    table.equivalent("MLP", BELOW, other, "layers are numbered 0, 1, 2, and so on")
LAYERS = "for layer in reversed(range(len(self.weights))):"
for other in ("biases", "inputs"):
    table.equivalent("MLP", LAYERS, LAYERS.replace("weights", other), "as many as there are layers")
