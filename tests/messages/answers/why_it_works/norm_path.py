import numpy as np


def norm_path__gradient_at_start_norm(norm, slopes, lr, decay):
    r"""the step is divided by the first norm for ever"""
    path = [norm]
    for s in slopes:
        path.append(np.sqrt(((1 - lr * decay) * path[-1]) ** 2 + (lr * s / norm) ** 2))
    return np.array(path)


def norm_path__no_decay(norm, slopes, lr, decay):
    r"""forgot the shrinking"""
    path = [norm]
    for s in slopes:
        path.append(np.sqrt(path[-1] ** 2 + (lr * s / path[-1]) ** 2))
    return np.array(path)


def norm_path__adds_lengths(norm, slopes, lr, decay):
    r"""adds the step as if it pointed outwards"""
    path = [norm]
    for s in slopes:
        path.append((1 - lr * decay) * path[-1] + lr * s / path[-1])
    return np.array(path)


def norm_path__subtracts_lengths(norm, slopes, lr, decay):
    r"""the step as if it pointed inwards"""
    path = [norm]
    for s in slopes:
        path.append(abs((1 - lr * decay) * path[-1] - lr * s / path[-1]))
    return np.array(path)


def norm_path__gradient_not_divided(norm, slopes, lr, decay):
    r"""the slope is taken for the gradient's length"""
    path = [norm]
    for s in slopes:
        path.append(np.sqrt(((1 - lr * decay) * path[-1]) ** 2 + (lr * s) ** 2))
    return np.array(path)


def norm_path__gradient_times_norm(norm, slopes, lr, decay):
    r"""the gradient grows with the norm"""
    path = [norm]
    for s in slopes:
        path.append(np.sqrt(((1 - lr * decay) * path[-1]) ** 2 + (lr * s * path[-1]) ** 2))
    return np.array(path)


def norm_path__start_left_out(norm, slopes, lr, decay):
    r"""T entries, after each update only"""
    path, n = [], norm
    for s in slopes:
        n = np.sqrt(((1 - lr * decay) * n) ** 2 + (lr * s / n) ** 2)
        path.append(n)
    return np.array(path)


def norm_path__end_left_out(norm, slopes, lr, decay):
    r"""T entries, before each update only"""
    path, n = [], norm
    for s in slopes:
        path.append(n)
        n = np.sqrt(((1 - lr * decay) * n) ** 2 + (lr * s / n) ** 2)
    return np.array(path)


def norm_path__decay_after_step(norm, slopes, lr, decay):
    r"""shrinks the hypotenuse"""
    path = [norm]
    for s in slopes:
        n = path[-1]
        path.append((1 - lr * decay) * np.sqrt(n**2 + (lr * s / n) ** 2))
    return np.array(path)


def norm_path__gradient_at_shrunk_norm(norm, slopes, lr, decay):
    r"""divides by the norm after shrinking"""
    path = [norm]
    for s in slopes:
        n = (1 - lr * decay) * path[-1]
        path.append(np.sqrt(n**2 + (lr * s / n) ** 2))
    return np.array(path)


def norm_path__decay_without_rate(norm, slopes, lr, decay):
    r"""shrinks by 1 - decay"""
    path = [norm]
    for s in slopes:
        n = path[-1]
        path.append(np.sqrt(((1 - decay) * n) ** 2 + (lr * s / n) ** 2))
    return np.array(path)


def norm_path__shrinks_the_square_once(norm, slopes, lr, decay):
    r"""1 - lr decay on the squared norm"""
    path = [norm]
    for s in slopes:
        n = path[-1]
        path.append(np.sqrt((1 - lr * decay) * n**2 + (lr * s / n) ** 2))
    return np.array(path)


def norm_path__first_order_in_decay(norm, slopes, lr, decay):
    r"""1 - 2 lr decay on the square"""
    path = [norm]
    for s in slopes:
        n = path[-1]
        path.append(np.sqrt((1 - 2 * lr * decay) * n**2 + (lr * s / n) ** 2))
    return np.array(path)


def norm_path__decay_in_right_angle(norm, slopes, lr, decay):
    r"""decay w counted into the sideways step"""
    path = [norm]
    for s in slopes:
        n = path[-1]
        path.append(np.sqrt(n**2 + lr**2 * (s / n + decay * n) ** 2))
    return np.array(path)


def norm_path__squares_returned(norm, slopes, lr, decay):
    r"""the squared norms"""
    path = [norm**2]
    for s in slopes:
        n2 = path[-1]
        path.append((1 - lr * decay) ** 2 * n2 + (lr * s) ** 2 / n2)
    return np.array(path)


def norm_path__root_forgotten(norm, slopes, lr, decay):
    r"""the square goes into the next update"""
    path = [norm]
    for s in slopes:
        n = path[-1]
        path.append(((1 - lr * decay) * n) ** 2 + (lr * s / n) ** 2)
    return np.array(path)


def norm_path__rate_not_squared(norm, slopes, lr, decay):
    r"""lr outside of the square"""
    path = [norm]
    for s in slopes:
        n = path[-1]
        path.append(np.sqrt(((1 - lr * decay) * n) ** 2 + lr * (s / n) ** 2))
    return np.array(path)


def norm_path__effective_rate_step(norm, slopes, lr, decay):
    r"""step with lr over norm squared"""
    path = [norm]
    for s in slopes:
        n = path[-1]
        path.append(np.sqrt(((1 - lr * decay) * n) ** 2 + (lr * s / n**2) ** 2))
    return np.array(path)


def norm_path__cumsum(norm, slopes, lr, decay):
    r"""all growth at once, from the first norm"""
    T = len(slopes)
    shrink = (1 - lr * decay) ** np.arange(T + 1)
    grown = np.concatenate([[0.0], np.cumsum((lr * slopes / norm) ** 2)])
    return np.sqrt((shrink * norm) ** 2 + grown)


def norm_path__slopes_in_place(norm, slopes, lr, decay):
    r"""multiplies the caller's slopes with lr"""
    slopes *= lr
    path = [norm]
    for s in slopes:
        n = path[-1]
        path.append(np.sqrt(((1 - lr * decay) * n) ** 2 + (s / n) ** 2))
    return np.array(path)


def norm_path__next_slope(norm, slopes, lr, decay):
    r"""uses the slope of the update after"""
    path = [norm]
    for t in range(len(slopes)):
        n, s = path[-1], slopes[min(t + 1, len(slopes) - 1)]
        path.append(np.sqrt(((1 - lr * decay) * n) ** 2 + (lr * s / n) ** 2))
    return np.array(path)


def norm_path__last_norm_only(norm, slopes, lr, decay):
    r"""only the norm in the end"""
    n = norm
    for s in slopes:
        n = np.sqrt(((1 - lr * decay) * n) ** 2 + (lr * s / n) ** 2)
    return n


def norm_path__pythagoras_minus(norm, slopes, lr, decay):
    r"""a leg instead of the hypotenuse"""
    path = [norm]
    for s in slopes:
        n = path[-1]
        path.append(np.sqrt(abs(((1 - lr * decay) * n) ** 2 - (lr * s / n) ** 2)))
    return np.array(path)


def norm_path__exponential_decay(norm, slopes, lr, decay):
    r"""exp(-lr decay) instead of 1 - lr decay"""
    path = [norm]
    for s in slopes:
        n = path[-1]
        path.append(np.sqrt((np.exp(-lr * decay) * n) ** 2 + (lr * s / n) ** 2))
    return np.array(path)


def norm_path__slope_squared_norm_not(norm, slopes, lr, decay):
    r"""s squared over n"""
    path = [norm]
    for s in slopes:
        n = path[-1]
        path.append(np.sqrt(((1 - lr * decay) * n) ** 2 + (lr * s) ** 2 / n))
    return np.array(path)


def norm_path__constant_slope(norm, slopes, lr, decay):
    r"""only the first slope is used"""
    path = [norm]
    for _ in slopes:
        n = path[-1]
        path.append(np.sqrt(((1 - lr * decay) * n) ** 2 + (lr * slopes[0] / n) ** 2))
    return np.array(path)


def norm_path__starts_at_one(norm, slopes, lr, decay):
    r"""normalizes the start to 1"""
    path = [1.0]
    for s in slopes:
        n = path[-1]
        path.append(np.sqrt(((1 - lr * decay) * n) ** 2 + (lr * s / n) ** 2))
    return np.array(path)


def norm_path__decay_only_shrinks_start(norm, slopes, lr, decay):
    r"""decay is taken from the first norm"""
    path = [norm]
    for s in slopes:
        n = path[-1]
        path.append(np.sqrt((n - lr * decay * norm) ** 2 + (lr * s / n) ** 2))
    return np.array(path)
