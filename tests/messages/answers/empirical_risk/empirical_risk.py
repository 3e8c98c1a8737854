import numpy as np


def empirical_risk__broadcasts(loss, predictions, targets):
    r"""no common shape, a column against a row gives a table"""
    return float(np.mean(loss(predictions, targets)))


def empirical_risk__sum(loss, predictions, targets):
    r"""sum for mean"""
    return float(np.sum(loss(predictions.ravel(), targets)))


def empirical_risk__arguments_swapped(loss, predictions, targets):
    r"""loss(target, prediction)"""
    return float(np.mean(loss(targets, predictions.ravel())))


def empirical_risk__n_minus_one(loss, predictions, targets):
    r"""divides by N - 1"""
    p = predictions.ravel()
    with np.errstate(all="ignore"):
        return float(np.sum(loss(p, targets)) / np.float64(len(p) - 1))


def empirical_risk__squared_error(loss, predictions, targets):
    r"""ignores loss, always the squared error"""
    return float(np.mean((predictions.ravel() - targets) ** 2))


def empirical_risk__first_column(loss, predictions, targets):
    r"""predictions[:, 0], fails for (N,)"""
    return float(np.mean(loss(predictions[:, 0], targets)))


def empirical_risk__loss_of_means(loss, predictions, targets):
    r"""loss of the mean prediction and mean target"""
    return float(loss(predictions.mean(), targets.mean()))


def empirical_risk__targets_to_column(loss, predictions, targets):
    r"""always makes the targets a column"""
    return float(np.mean(loss(predictions, targets[:, None])))


def empirical_risk__transposed(loss, predictions, targets):
    r"""predictions.T is still two-dimensional, and for (N,) nothing; the mean of means"""
    losses = loss(predictions.T, targets)
    return float(np.mean(losses[0]))


def empirical_risk__shape_in_place(loss, predictions, targets):
    r"""sets predictions.shape"""
    predictions.shape = (-1,)
    return float(np.mean(loss(predictions, targets)))


def empirical_risk__array(loss, predictions, targets):
    r"""the losses, no mean"""
    return loss(predictions.ravel(), targets)


def empirical_risk__return_in_loop(loss, predictions, targets):
    r"""returns after the first example"""
    total = 0.0
    for p, t in zip(predictions.ravel(), targets):
        total += loss(p, t)
        return float(total / len(targets))


def empirical_risk__ints(loss, predictions, targets):
    r"""rounds the predictions to whole classes"""
    return float(np.mean(loss(predictions.ravel().astype(int), targets)))


def empirical_risk__last_missing(loss, predictions, targets):
    r"""range(N - 1)"""
    p, total = predictions.ravel(), 0.0
    for i in range(len(p) - 1):
        total += loss(p[i], targets[i])
    return float(total / len(p))


def empirical_risk__root(loss, predictions, targets):
    r"""root of the mean"""
    return float(np.sqrt(np.mean(loss(predictions.ravel(), targets))))


def empirical_risk__floor(loss, predictions, targets):
    r"""// N"""
    p = predictions.ravel()
    return float(np.sum(loss(p, targets)) // len(p))


def empirical_risk__sorted(loss, predictions, targets):
    r"""sorts both before comparing"""
    return float(np.mean(loss(np.sort(predictions.ravel()), np.sort(targets))))


def empirical_risk__median(loss, predictions, targets):
    r"""median"""
    return float(np.median(loss(predictions.ravel(), targets)))


def empirical_risk__loss_not_called(loss, predictions, targets):
    r"""multiplies with loss"""
    return float(np.mean(loss * (predictions.ravel() - targets)))


def empirical_risk__difference(loss, predictions, targets):
    r"""passes the difference"""
    return float(np.mean(loss(predictions.ravel() - targets, 0 * targets)))


def empirical_risk__running_mean(loss, predictions, targets):
    r"""(old + new) / 2 for the mean"""
    mean = 0.0
    for p, t in zip(predictions.ravel(), targets):
        mean = (mean + loss(p, t)) / 2
    return float(mean)


def empirical_risk__two_slips(loss, predictions, targets):
    r"""broadcasts, and divides the sum by N"""
    return float(np.sum(loss(predictions, targets)) / len(targets))
