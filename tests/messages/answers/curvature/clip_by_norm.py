import numpy as np


def clip_by_norm__each_array(grads, max_norm):
    r"""clips every array by its own norm"""
    out = []
    for g in grads:
        n = np.linalg.norm(g)
        out.append(g * (max_norm / n) if n > max_norm else g.copy())
    return out


def clip_by_norm__by_value(grads, max_norm):
    r"""clips every entry, as clip_grad_value_"""
    return [np.clip(g, -max_norm, max_norm) for g in grads]


def clip_by_norm__always_scales(grads, max_norm):
    r"""scales short gradients up, too"""
    n = np.sqrt(sum(np.sum(g**2) for g in grads))
    with np.errstate(all="ignore"):
        return [g * max_norm / n for g in grads]


def clip_by_norm__sum_of_norms(grads, max_norm):
    r"""total is the sum of the norms"""
    n = sum(np.linalg.norm(g) for g in grads)
    factor = min(1.0, max_norm / n) if n > 0 else 1.0
    return [g * factor for g in grads]


def clip_by_norm__no_root(grads, max_norm):
    r"""the squared norm is compared"""
    n = sum(np.sum(g**2) for g in grads)
    factor = max_norm / n if n > max_norm else 1.0
    return [g * factor for g in grads]


def clip_by_norm__unit_length(grads, max_norm):
    r"""forgot max_norm in the factor"""
    n = np.sqrt(sum(np.sum(g**2) for g in grads))
    factor = 1 / n if n > max_norm else 1.0
    return [g * factor for g in grads]


def clip_by_norm__in_place(grads, max_norm):
    r"""g *= factor"""
    n = np.sqrt(sum(np.sum(g**2) for g in grads))
    if n > max_norm:
        for g in grads:
            g *= max_norm / n
    return grads


def clip_by_norm__max_of_norms(grads, max_norm):
    r"""the largest of the norms"""
    n = max(np.linalg.norm(g) for g in grads)
    factor = max_norm / n if n > max_norm else 1.0
    return [factor * g for g in grads]


def clip_by_norm__zero_divided(grads, max_norm):
    r"""min(1, max_norm / n) with n = 0"""
    n = np.sqrt(sum(np.sum(g**2) for g in grads))
    factor = np.minimum(1.0, n / max_norm)
    with np.errstate(all="ignore"):
        return [g / n * factor * max_norm for g in grads]


def clip_by_norm__comparison_inverted(grads, max_norm):
    r"""scales when n < max_norm"""
    n = np.sqrt(sum(np.sum(g**2) for g in grads))
    factor = max_norm / n if 0 < n < max_norm else 1.0
    return [factor * g for g in grads]


def clip_by_norm__zeroed_instead(grads, max_norm):
    r"""throws a long gradient away"""
    n = np.sqrt(sum(np.sum(g**2) for g in grads))
    if n > max_norm:
        return [np.zeros_like(g) for g in grads]
    return [g.copy() for g in grads]


def clip_by_norm__flat_vector(grads, max_norm):
    r"""returns one long vector"""
    flat = np.concatenate([g.ravel() for g in grads])
    n = np.linalg.norm(flat)
    return flat * (max_norm / n) if n > max_norm else flat


def clip_by_norm__norm_of_first(grads, max_norm):
    r"""return inside the loop, only the first array is there"""
    n = np.sqrt(sum(np.sum(g**2) for g in grads))
    for g in grads:
        return [g * max_norm / n if n > max_norm else g]


def clip_by_norm__stack(grads, max_norm):
    r"""np.array(grads), needs equal shapes"""
    flat = np.array(grads)
    n = np.linalg.norm(flat)
    return list(flat * max_norm / n) if n > max_norm else list(flat)


def clip_by_norm__spectral_norm(grads, max_norm):
    r"""norm(g, 2) of each matrix"""
    n = np.sqrt(sum(np.linalg.norm(g, 2) ** 2 for g in grads))
    factor = max_norm / n if n > max_norm else 1.0
    return [g * factor for g in grads]


def clip_by_norm__mean_square(grads, max_norm):
    r"""mean for sum in the norm"""
    n = np.sqrt(sum(np.mean(g**2) for g in grads))
    factor = max_norm / n if n > max_norm else 1.0
    return [g * factor for g in grads]


def clip_by_norm__none_when_short(grads, max_norm):
    r"""no return if the gradient is short"""
    n = np.sqrt(sum(np.sum(g**2) for g in grads))
    if n > max_norm:
        return [g * (max_norm / n) for g in grads]


def clip_by_norm__one_norm(grads, max_norm):
    r"""sum of absolute values"""
    n = sum(np.abs(g).sum() for g in grads)
    factor = max_norm / n if n > max_norm else 1.0
    return [g * factor for g in grads]


def clip_by_norm__returns_norm(grads, max_norm):
    r"""torch's clip_grad_norm_ returns the norm"""
    n = float(np.sqrt(sum(np.sum(g**2) for g in grads)))
    factor = max_norm / n if n > max_norm else 1.0
    clipped = [g * factor for g in grads]
    return n


def clip_by_norm__running_norm(grads, max_norm):
    r"""the factor is computed while the sum is still growing"""
    total, out = 0.0, []
    for g in grads:
        total += np.sum(g**2)
        n = np.sqrt(total)
        out.append(g * max_norm / n if n > max_norm else g.copy())
    return out


def clip_by_norm__soft(grads, max_norm):
    r"""v / (v + n), smooth but always shorter"""
    n = np.sqrt(sum(np.sum(g**2) for g in grads))
    return [g * max_norm / (max_norm + n) for g in grads]


def clip_by_norm__two_slips(grads, max_norm):
    r"""squared norm and no test"""
    n = sum(np.sum(g**2) for g in grads) + 1e-6
    return [g * (max_norm / n) for g in grads]
