import numpy as np


def exponential_average__weights_swapped(x, beta, correct):
    r"""beta on the new value"""
    v, out = 0.0, []
    for t, value in enumerate(x, start=1):
        v = (1 - beta) * v + beta * value
        out.append(v / (1 - beta**t) if correct else v)
    return np.array(out)


def exponential_average__never_corrects(x, beta, correct):
    r"""forgot the flag"""
    v, out = 0.0, []
    for value in x:
        v = beta * v + (1 - beta) * value
        out.append(v)
    return np.array(out)


def exponential_average__always_corrects(x, beta, correct):
    r"""never looks at the flag"""
    v, out = np.zeros_like(x[0]), np.zeros_like(x)
    for t in range(len(x)):
        v = beta * v + (1 - beta) * x[t]
        out[t] = v / (1 - beta ** (t + 1))
    return out


def exponential_average__flag_inverted(x, beta, correct):
    r"""if not correct"""
    v, out = 0.0, np.zeros_like(x)
    for t in range(len(x)):
        v = beta * v + (1 - beta) * x[t]
        out[t] = v
        if not correct:
            out[t] = v / (1 - beta ** (t + 1))
    return out


def exponential_average__from_t_zero(x, beta, correct):
    r"""t counted from 0, first one is 0/0"""
    v, out = 0.0, np.zeros_like(x)
    with np.errstate(all="ignore"):
        for t in range(len(x)):
            v = beta * v + (1 - beta) * x[t]
            out[t] = np.divide(v, 1 - beta**t) if correct else v
    return out


def exponential_average__fed_back(x, beta, correct):
    r"""the corrected average goes on into the next step"""
    v, out = 0.0, np.zeros_like(x)
    for t in range(1, len(x) + 1):
        v = beta * v + (1 - beta) * x[t - 1]
        if correct:
            v = v / (1 - beta**t)
        out[t - 1] = v
    return out


def exponential_average__starts_at_x0(x, beta, correct):
    r"""first value is the start, as pandas does with adjust=False"""
    out = np.zeros_like(x)
    out[0] = x[0]
    for t in range(1, len(x)):
        out[t] = beta * out[t - 1] + (1 - beta) * x[t]
    if correct:
        t = np.arange(1, len(x) + 1).reshape((-1,) + (1,) * (x.ndim - 1))
        out = out / (1 - beta**t)
    return out


def exponential_average__last_axis(x, beta, correct):
    r"""averages along the last axis, so over the columns if x is 2-D"""
    out, v = np.zeros_like(x), 0.0
    for t in range(x.shape[-1]):
        v = beta * v + (1 - beta) * x[..., t]
        out[..., t] = v / (1 - beta ** (t + 1)) if correct else v
    return out


def exponential_average__one_minus_beta(x, beta, correct):
    r"""divides by 1 - beta at all times"""
    v, out = 0.0, np.zeros_like(x)
    for t in range(len(x)):
        v = beta * v + (1 - beta) * x[t]
        out[t] = v / (1 - beta) if correct else v
    return out


def exponential_average__sum_not_average(x, beta, correct):
    r"""no (1 - beta) on the new value"""
    v, out = 0.0, np.zeros_like(x)
    for t in range(len(x)):
        v = beta * v + x[t]
        out[t] = v / (1 - beta ** (t + 1)) if correct else v
    return out


def exponential_average__only_last(x, beta, correct):
    r"""returns just the last average"""
    v = 0.0
    for value in x:
        v = beta * v + (1 - beta) * value
    if correct:
        v = v / (1 - beta ** len(x))
    return v


def exponential_average__writes_into_x(x, beta, correct):
    r"""saves memory by storing the averages in x"""
    v = 0.0
    for t in range(len(x)):
        v = beta * v + (1 - beta) * x[t]
        x[t] = v / (1 - beta ** (t + 1)) if correct else v
    return x


def exponential_average__only_1d(x, beta, correct):
    r"""out has length T only"""
    out = np.zeros(len(x))
    v = 0.0
    for t in range(len(x)):
        v = beta * v + (1 - beta) * x[t]
        out[t] = v / (1 - beta ** (t + 1)) if correct else v
    return out


def exponential_average__same_array(x, beta, correct):
    r"""the list holds one array T times, updated in place"""
    v, out = np.zeros(x.shape[1:]), []
    for value in x:
        v *= beta
        v += (1 - beta) * value
        out.append(v)
    out = np.array(out)
    if correct:
        t = np.arange(1, len(x) + 1).reshape((-1,) + (1,) * (x.ndim - 1))
        out = out / (1 - beta**t)
    return out


def exponential_average__multiplies(x, beta, correct):
    r"""multiplies by the weight sum instead of dividing"""
    v, out = 0.0, np.zeros_like(x)
    for t in range(len(x)):
        v = beta * v + (1 - beta) * x[t]
        out[t] = v * (1 - beta ** (t + 1)) if correct else v
    return out


def exponential_average__one_correction_for_all(x, beta, correct):
    r"""1 - beta^T for all the times, after the loop"""
    v, out = 0.0, np.zeros_like(x)
    for t in range(len(x)):
        v = beta * v + (1 - beta) * x[t]
        out[t] = v
    if correct:
        out /= 1 - beta ** len(x)
    return out


def exponential_average__with_v0(x, beta, correct):
    r"""v_0 = 0 is in the output too"""
    out = [np.zeros_like(x[0])]
    for t in range(1, len(x) + 1):
        out.append(beta * out[-1] + (1 - beta) * x[t - 1])
    if correct:
        out = out[:1] + [v / (1 - beta**t) for t, v in enumerate(out[1:], start=1)]
    return np.array(out)


def exponential_average__cumsum_trick(x, beta, correct):
    r"""no loop, by dividing by beta^t; dies for beta = 0"""
    t = np.arange(1, len(x) + 1).reshape((-1,) + (1,) * (x.ndim - 1))
    with np.errstate(all="ignore"):
        v = (1 - beta) * np.cumsum(x / beta**t, axis=0) * beta**t
        return v / (1 - beta**t) if correct else v


def exponential_average__broadcast_t(x, beta, correct):
    r"""vectorised correction along the last axis, fails or is wrong for (T, d)"""
    v, out = 0.0, np.zeros_like(x)
    for i in range(len(x)):
        v = beta * v + (1 - beta) * x[i]
        out[i] = v
    if correct:
        out = out / (1 - beta ** np.arange(1, x.shape[-1] + 1))
    return out


def exponential_average__correction_beta_t(x, beta, correct):
    r"""divides by beta^t without the one minus"""
    v, out = 0.0, np.zeros_like(x)
    for t in range(len(x)):
        v = beta * v + (1 - beta) * x[t]
        with np.errstate(all="ignore"):
            out[t] = v / np.float64(beta) ** (t + 1) if correct else v
    return out


def exponential_average__hard_coded_beta(x, beta, correct):
    r"""beta fixed at 0.9 inside the correction"""
    v, out = 0.0, np.zeros_like(x)
    for t in range(len(x)):
        v = beta * v + (1 - beta) * x[t]
        out[t] = v / (1 - 0.9 ** (t + 1)) if correct else v
    return out


def exponential_average__return_in_loop(x, beta, correct):
    r"""return is indented too far"""
    v, out = 0.0, np.zeros_like(x)
    for t in range(len(x)):
        v = beta * v + (1 - beta) * x[t]
        out[t] = v / (1 - beta ** (t + 1)) if correct else v
        return out


def exponential_average__lagged(x, beta, correct):
    r"""writes down the average before today's value is in, and corrects with t + 1"""
    v, out = 0.0, np.zeros_like(x)
    for t in range(len(x)):
        out[t] = v / (1 - beta ** (t + 1)) if correct else v
        v = beta * v + (1 - beta) * x[t]
    return out
