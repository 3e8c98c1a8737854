import numpy as np


def softmax_cross_entropy__overflows(logits, labels):
    r"""no shift, exp of large logits is inf"""
    with np.errstate(all="ignore"):
        e = np.exp(logits)
        p = e / e.sum(axis=1, keepdims=True)
        rows = np.arange(len(labels))
        value = -np.mean(np.log(p[rows, labels]))
    grad = p.copy()
    grad[rows, labels] -= 1
    return float(value), grad / len(labels)


def softmax_cross_entropy__log_of_zero(logits, labels):
    r"""shifted, but takes the log of the probability"""
    z = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    with np.errstate(all="ignore"):
        value = -np.mean(np.log(p[rows, labels]))
    grad = p.copy()
    grad[rows, labels] -= 1
    return float(value), grad / len(labels)


def softmax_cross_entropy__global_max(logits, labels):
    r"""one maximum for the whole table"""
    z = logits - logits.max()
    with np.errstate(all="ignore"):
        logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        p = np.exp(logp)
    rows = np.arange(len(labels))
    value = -np.mean(logp[rows, labels])
    p[rows, labels] -= 1
    return float(value), p / len(labels)


def softmax_cross_entropy__small_number_in_log(logits, labels):
    r"""log(p + 1e-12)"""
    z = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    value = -np.mean(np.log(p[rows, labels] + 1e-12))
    p[rows, labels] -= 1
    return float(value), p / len(labels)


def softmax_cross_entropy__grad_not_averaged(logits, labels):
    r"""forgot 1/N in the gradient"""
    z = logits - logits.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    p = np.exp(logp)
    p[rows, labels] -= 1
    return float(-np.mean(logp[rows, labels])), p


def softmax_cross_entropy__sum(logits, labels):
    r"""sum for the mean in the value"""
    z = logits - logits.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    p = np.exp(logp)
    p[rows, labels] -= 1
    return float(-np.sum(logp[rows, labels])), p / len(labels)


def softmax_cross_entropy__no_minus(logits, labels):
    r"""forgot the minus"""
    z = logits - logits.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    p = np.exp(logp)
    p[rows, labels] -= 1
    return float(np.mean(logp[rows, labels])), p / len(labels)


def softmax_cross_entropy__grad_turned(logits, labels):
    r"""true minus predicted"""
    z = logits - logits.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    grad = -np.exp(logp)
    grad[rows, labels] += 1
    return float(-np.mean(logp[rows, labels])), grad / len(labels)


def softmax_cross_entropy__bits(logits, labels):
    r"""log2"""
    z = logits - logits.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    p = np.exp(logp)
    p[rows, labels] -= 1
    return float(-np.mean(logp[rows, labels]) / np.log(2)), p / len(labels)


def softmax_cross_entropy__axis_zero(logits, labels):
    r"""softmax down the columns"""
    z = logits - logits.max(axis=0, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=0, keepdims=True))
    rows = np.arange(len(labels))
    p = np.exp(logp)
    p[rows, labels] -= 1
    return float(-np.mean(logp[rows, labels])), p / len(labels)


def softmax_cross_entropy__columns_picked(logits, labels):
    r"""p[:, labels] picks whole columns"""
    z = logits - logits.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    p = np.exp(logp)
    p[:, labels] -= 1
    return float(-np.mean(logp[:, labels])), p / len(labels)


def softmax_cross_entropy__no_keepdims(logits, labels):
    r"""max without keepdims, works for square tables only"""
    z = logits - logits.max(axis=1)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    with np.errstate(all="ignore"):
        p = np.exp(logp)
    p[rows, labels] -= 1
    return float(-np.mean(logp[rows, labels])), p / len(labels)


def softmax_cross_entropy__in_place(logits, labels):
    r"""logits -= max"""
    logits -= logits.max(axis=1, keepdims=True)
    logp = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    p = np.exp(logp)
    p[rows, labels] -= 1
    return float(-np.mean(logp[rows, labels])), p / len(labels)


def softmax_cross_entropy__only_value(logits, labels):
    r"""gradient forgotten"""
    z = logits - logits.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return float(-np.mean(logp[np.arange(len(labels)), labels]))


def softmax_cross_entropy__grad_is_p(logits, labels):
    r"""forgot to subtract the truth"""
    z = logits - logits.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return float(-np.mean(logp[np.arange(len(labels)), labels])), np.exp(logp) / len(labels)


def softmax_cross_entropy__divides_by_c(logits, labels):
    r"""mean over the classes as well"""
    z = logits - logits.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    truth = np.eye(logits.shape[1])[labels]
    return float(-np.mean(truth * logp)), (np.exp(logp) - truth) / logits.size


def softmax_cross_entropy__clipped_logits(logits, labels):
    r"""clips the logits at 700 so that exp does not overflow"""
    z = np.clip(logits, -700, 700)
    z = z - z.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    p = np.exp(logp)
    p[rows, labels] -= 1
    return float(-np.mean(logp[rows, labels])), p / len(labels)


def softmax_cross_entropy__shift_forgotten_in_value(logits, labels):
    r"""adds the max not back: z from the unshifted logits"""
    m = logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(logits - m).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    value = -np.mean((logits - log_sum)[rows, labels])
    p = np.exp(logits - m - log_sum)
    p[rows, labels] -= 1
    return float(value), p / len(labels)


def softmax_cross_entropy__order_swapped(logits, labels):
    r"""(grad, value)"""
    z = logits - logits.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    p = np.exp(logp)
    p[rows, labels] -= 1
    return p / len(labels), float(-np.mean(logp[rows, labels]))


def softmax_cross_entropy__labels_from_one(logits, labels):
    r"""labels - 1"""
    z = logits - logits.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    p = np.exp(logp)
    p[rows, labels - 1] -= 1
    return float(-np.mean(logp[rows, labels - 1])), p / len(labels)


def softmax_cross_entropy__p_changed_first(logits, labels):
    r"""subtracts the truth from p before taking the value from it"""
    z = logits - logits.max(axis=1, keepdims=True)
    e = np.exp(z)
    p = e / e.sum(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    grad = p
    grad[rows, labels] -= 1
    with np.errstate(all="ignore"):
        value = -np.mean(np.log(p[rows, labels]))
    return float(value), grad / len(labels)


def softmax_cross_entropy__one_each(logits, labels):
    r"""gives the loss of each example"""
    z = logits - logits.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    p = np.exp(logp)
    p[rows, labels] -= 1
    return -logp[rows, labels], p / len(labels)


def softmax_cross_entropy__min_shift(logits, labels):
    r"""subtracts the minimum"""
    z = logits - logits.min(axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        p = np.exp(logp)
    rows = np.arange(len(labels))
    p[rows, labels] -= 1
    return float(-np.mean(logp[rows, labels])), p / len(labels)


def softmax_cross_entropy__binary(logits, labels):
    r"""sigmoid of each logit, binary cross entropy"""
    truth = np.eye(logits.shape[1])[labels]
    value = np.mean(np.sum(np.logaddexp(0, logits) - truth * logits, axis=1))
    p = np.exp(-np.logaddexp(0, -logits))
    return float(value), (p - truth) / len(labels)


def softmax_cross_entropy__two_slips(logits, labels):
    r"""sum for mean, and log of zero"""
    z = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    truth = np.eye(logits.shape[1])[labels]
    with np.errstate(all="ignore"):
        value = -np.sum(truth * np.log(p))
    return float(value), p - truth
