import numpy as np


def filter_normalize__whole_matrix(direction, weights):
    r"""one norm for the whole matrix"""
    out = []
    for d, w in zip(direction, weights):
        out.append(np.zeros_like(d) if d.ndim == 1 else d * np.linalg.norm(w) / np.linalg.norm(d))
    return out


def filter_normalize__columns(direction, weights):
    r"""axis 0"""
    out = []
    for d, w in zip(direction, weights):
        if d.ndim == 1:
            out.append(np.zeros_like(d))
        else:
            out.append(d * np.linalg.norm(w, axis=0) / np.linalg.norm(d, axis=0))
    return out


def filter_normalize__no_keepdims(direction, weights):
    r"""the row of norms is spread along the wrong axis"""
    out = []
    for d, w in zip(direction, weights):
        if d.ndim == 1:
            out.append(np.zeros_like(d))
        else:
            out.append(d * np.linalg.norm(w, axis=1) / np.linalg.norm(d, axis=1))
    return out


def filter_normalize__biases_left(direction, weights):
    r"""biases stay as they are"""
    out = []
    for d, w in zip(direction, weights):
        if d.ndim == 1:
            out.append(d.copy())
        else:
            out.append(d * np.linalg.norm(w, axis=1, keepdims=True) / np.linalg.norm(d, axis=1, keepdims=True))
    return out


def filter_normalize__biases_scaled(direction, weights):
    r"""biases are scaled like rows"""
    out = []
    for d, w in zip(direction, weights):
        out.append(d * np.linalg.norm(w, axis=-1, keepdims=True) / np.linalg.norm(d, axis=-1, keepdims=True))
    return out


def filter_normalize__biases_dropped(direction, weights):
    r"""biases are left out of the list"""
    out = []
    for d, w in zip(direction, weights):
        if d.ndim == 2:
            out.append(d * np.linalg.norm(w, axis=1, keepdims=True) / np.linalg.norm(d, axis=1, keepdims=True))
    return out


def filter_normalize__fraction_inverted(direction, weights):
    r"""times the direction's length, divided by the weights'"""
    out = []
    for d, w in zip(direction, weights):
        if d.ndim == 1:
            out.append(np.zeros_like(d))
        else:
            with np.errstate(all="ignore"):
                out.append(d * np.linalg.norm(d, axis=1, keepdims=True) / np.linalg.norm(w, axis=1, keepdims=True))
    return out


def filter_normalize__unit_rows(direction, weights):
    r"""forgot the weights' length"""
    out = []
    for d, w in zip(direction, weights):
        out.append(np.zeros_like(d) if d.ndim == 1 else d / np.linalg.norm(d, axis=1, keepdims=True))
    return out


def filter_normalize__only_multiplied(direction, weights):
    r"""not divided by its own length"""
    out = []
    for d, w in zip(direction, weights):
        out.append(np.zeros_like(d) if d.ndim == 1 else d * np.linalg.norm(w, axis=1, keepdims=True))
    return out


def filter_normalize__weights_scaled(direction, weights):
    r"""returns rows of the weights with the direction's length"""
    out = []
    for d, w in zip(direction, weights):
        if w.ndim == 1:
            out.append(np.zeros_like(w))
        else:
            with np.errstate(all="ignore"):
                out.append(w * np.linalg.norm(d, axis=1, keepdims=True) / np.linalg.norm(w, axis=1, keepdims=True))
    return out


def filter_normalize__in_place(direction, weights):
    r"""d *= ... and d[:] = 0"""
    for d, w in zip(direction, weights):
        if d.ndim == 1:
            d[:] = 0
        else:
            d *= np.linalg.norm(w, axis=1, keepdims=True) / np.linalg.norm(d, axis=1, keepdims=True)
    return direction


def filter_normalize__alternating(direction, weights):
    r"""assumes matrix, bias, matrix, bias"""
    out = []
    for i, (d, w) in enumerate(zip(direction, weights)):
        if i % 2:
            out.append(np.zeros_like(d))
        else:
            out.append(d * np.linalg.norm(w, axis=1, keepdims=True) / np.linalg.norm(d, axis=1, keepdims=True))
    return out


def filter_normalize__scalar_zero(direction, weights):
    r"""a plain 0 for a bias"""
    out = []
    for d, w in zip(direction, weights):
        if d.ndim == 1:
            out.append(0.0)
        else:
            out.append(d * np.linalg.norm(w, axis=1, keepdims=True) / np.linalg.norm(d, axis=1, keepdims=True))
    return out


def filter_normalize__squared_norms(direction, weights):
    r"""sums of squares without the root"""
    out = []
    for d, w in zip(direction, weights):
        if d.ndim == 1:
            out.append(np.zeros_like(d))
        else:
            out.append(d * (w**2).sum(axis=1, keepdims=True) / (d**2).sum(axis=1, keepdims=True))
    return out


def filter_normalize__weight_direction(direction, weights):
    r"""w times norm, so the row of weights itself"""
    out = []
    for d, w in zip(direction, weights):
        out.append(np.zeros_like(w) if w.ndim == 1 else w.copy())
    return out


def filter_normalize__hadamard(direction, weights):
    r"""multiplies entry by entry with |w| / |d|"""
    out = []
    for d, w in zip(direction, weights):
        with np.errstate(all="ignore"):
            out.append(np.zeros_like(d) if d.ndim == 1 else d * np.abs(w) / np.abs(d))
    return out


def filter_normalize__loop_over_columns(direction, weights):
    r"""for i in range(d.shape[1]), columns taken for filters, by hand"""
    out = []
    for d, w in zip(direction, weights):
        new = np.zeros(d.shape)
        if d.ndim == 2:
            for i in range(min(d.shape)):
                new[i] = d[i] * np.linalg.norm(w[i]) / np.linalg.norm(d[i])
        out.append(new)
    return out


def filter_normalize__nan_for_zero_weights(direction, weights):
    r"""unit vectors times ratio of a zero row"""
    out = []
    for d, w in zip(direction, weights):
        if d.ndim == 1:
            out.append(np.zeros_like(d))
            continue
        lw = np.linalg.norm(w, axis=1, keepdims=True)
        ld = np.linalg.norm(d, axis=1, keepdims=True)
        with np.errstate(all="ignore"):
            out.append(d / (ld / lw) * (lw / lw))
    return out


def filter_normalize__ones_for_bias(direction, weights):
    r"""np.ones_like by a slip of completion"""
    out = []
    for d, w in zip(direction, weights):
        if d.ndim == 1:
            out.append(np.ones_like(d))
        else:
            out.append(d * np.linalg.norm(w, axis=1, keepdims=True) / np.linalg.norm(d, axis=1, keepdims=True))
    return out


def filter_normalize__two_slips(direction, weights):
    r"""columns, and biases left as they are"""
    out = []
    for d, w in zip(direction, weights):
        with np.errstate(all="ignore"):
            out.append(
                d * np.linalg.norm(w, axis=0, keepdims=True) / np.linalg.norm(d, axis=0, keepdims=True)
                if d.ndim == 2
                else d.copy()
            )
    return out
