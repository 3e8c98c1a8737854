import numpy as np


def escape_steps__rounds_down(start, distance, curvature, lr):
    r"""int() cuts off"""
    return int(np.log(distance / start) / np.log(1 + lr * curvature))


def escape_steps__rounds_to_nearest(start, distance, curvature, lr):
    r"""round"""
    return int(round(np.log(distance / start) / np.log(1 + lr * curvature)))


def escape_steps__one_more(start, distance, curvature, lr):
    r"""int(...) + 1, one too many when it comes out even"""
    return int(np.log2(distance / start) / np.log2(1 + lr * curvature)) + 1


def escape_steps__way_gone(start, distance, curvature, lr):
    r"""measures the way from the start, not the distance from the ridge"""
    k = 0
    while start * (1 + lr * curvature) ** k - start < distance:
        k += 1
    return k


def escape_steps__exponential_approx(start, distance, curvature, lr):
    r"""log(1 + x) taken for x"""
    return int(np.ceil(np.log(distance / start) / (lr * curvature)))


def escape_steps__linear(start, distance, curvature, lr):
    r"""adds the first push at each step"""
    return int(np.ceil((distance - start) / (start * lr * curvature)))


def escape_steps__log_of_difference(start, distance, curvature, lr):
    r"""log(distance - start)"""
    return int(np.ceil(np.log(distance - start) / np.log(1 + lr * curvature)))


def escape_steps__quotient_of_logs(start, distance, curvature, lr):
    r"""log(distance) / log(start) mistake"""
    with np.errstate(all="ignore"):
        return int(np.ceil(np.log(distance) / np.log(start) / np.log(1 + lr * curvature)))


def escape_steps__start_forgotten(start, distance, curvature, lr):
    r"""log(distance) without start"""
    return int(np.ceil(np.log(distance) / np.log(1 + lr * curvature)))


def escape_steps__minus_curvature(start, distance, curvature, lr):
    r"""1 - lr c, the walk falls back, never arrives"""
    y, k = start, 0
    while y < distance:
        y *= 1 - lr * curvature
        k += 1
    return k


def escape_steps__from_one(start, distance, curvature, lr):
    r"""k starts at 1"""
    y, k = start, 1
    while y < distance:
        y *= 1 + lr * curvature
        k += 1
    return k


def escape_steps__no_one(start, distance, curvature, lr):
    r"""lr c without the 1 +"""
    return int(np.ceil(np.log(distance / start) / np.log(lr * curvature)))


def escape_steps__returns_float(start, distance, curvature, lr):
    r"""the exact solution without rounding"""
    return float(np.log(distance / start) / np.log(1 + lr * curvature))


def escape_steps__capped(start, distance, curvature, lr):
    r"""for loop over 100 steps at most"""
    y = start
    for k in range(100):
        if y >= distance:
            return k
        y *= 1 + lr * curvature


def escape_steps__log_bases_mixed(start, distance, curvature, lr):
    r"""log10 above, log below"""
    return int(np.ceil(np.log10(distance / start) / np.log(1 + lr * curvature)))


def escape_steps__lr_squared(start, distance, curvature, lr):
    r"""lr in both places by copy and paste"""
    y, k = start, 0
    while y < distance:
        y += lr * lr * curvature * y
        k += 1
    return k


def escape_steps__returns_distance(start, distance, curvature, lr):
    r"""hands back where it arrives"""
    y = start
    while y < distance:
        y *= 1 + lr * curvature
    return y


def escape_steps__start_and_distance_swapped(start, distance, curvature, lr):
    r"""fraction upside down"""
    return int(np.ceil(np.log(start / distance) / np.log(1 + lr * curvature)))


def escape_steps__checks_late(start, distance, curvature, lr):
    r"""counts up only if the next one is not there yet"""
    y, k = start * (1 + lr * curvature), 0
    while y < distance:
        y *= 1 + lr * curvature
        k += 1
    return k


def escape_steps__two_slips(start, distance, curvature, lr):
    r"""floor and the approximation of the logarithm"""
    return int(np.log(distance / start) // (lr * curvature))
