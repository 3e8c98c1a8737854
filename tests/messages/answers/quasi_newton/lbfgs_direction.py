import numpy as np


def lbfgs_direction__orders_swapped(grad, S, Y, gamma):
    r"""oldest first down, newest first up"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in range(len(S)):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in reversed(range(len(S))):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__both_newest_first(grad, S, Y, gamma):
    r"""the second loop from newest to oldest too"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in reversed(range(len(S))):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__both_oldest_first(grad, S, Y, gamma):
    r"""the first loop from oldest to newest too"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in range(len(S)):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__uphill(grad, S, Y, gamma):
    r"""forgot the minus"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return r


def lbfgs_direction__gamma_missing(grad, S, Y, gamma):
    r"""r = q"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__over_gamma(grad, S, Y, gamma):
    r"""divides by gamma"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = q / gamma
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__alpha_from_y(grad, S, Y, gamma):
    r"""alpha = rho y.q"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (Y[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__beta_from_s(grad, S, Y, gamma):
    r"""beta = rho s.r"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (S[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__subtracts_s(grad, S, Y, gamma):
    r"""q - alpha s"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * S[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__adds_y(grad, S, Y, gamma):
    r"""r + (alpha - beta) y"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * Y[i]
    return -r


def lbfgs_direction__beta_minus_alpha(grad, S, Y, gamma):
    r"""(beta - alpha) s"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (beta - alpha[i]) * S[i]
    return -r


def lbfgs_direction__alphas_misplaced(grad, S, Y, gamma):
    r"""appends the alphas and reads them by i"""
    q, alpha = grad.copy(), []
    for i in reversed(range(len(S))):
        alpha.append((S[i] @ q) / (S[i] @ Y[i]))
        q = q - alpha[-1] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__rho_of_y(grad, S, Y, gamma):
    r"""rho = 1 / y.y in both loops"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (Y[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (Y[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__gamma_lost_without_pairs(grad, S, Y, gamma):
    r"""-g where there are no pairs"""
    if len(S) == 0:
        return -grad
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__own_gamma(grad, S, Y, gamma):
    r"""takes gamma from the newest pair, not the one handed over"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = (gamma if len(S) == 0 else S[-1] @ Y[-1] / (Y[-1] @ Y[-1])) * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__crash_without_pairs(grad, S, Y, gamma):
    r"""reads the newest pair before it knows that there is one"""
    newest = S[-1] @ Y[-1]
    assert newest > 0
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__grad_in_place(grad, S, Y, gamma):
    r"""q is the caller's gradient, and shrinks"""
    q, alpha = grad, np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q -= alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__newest_only(grad, S, Y, gamma):
    r"""uses the newest pair only"""
    S, Y = S[-1:], Y[-1:]
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__beta_from_q(grad, S, Y, gamma):
    r"""beta from q, which the loop has left behind"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ q) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__rho_missing_in_beta(grad, S, Y, gamma):
    r"""beta = y.r"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = Y[i] @ r
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__rho_missing_in_alpha(grad, S, Y, gamma):
    r"""alpha = s.q"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = S[i] @ q
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__one_alpha(grad, S, Y, gamma):
    r"""the second loop uses the last alpha for all pairs"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[0] - beta) * S[i]
    return -r


def lbfgs_direction__beta_missing(grad, S, Y, gamma):
    r"""r + alpha s"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + alpha[i] * S[i]
    return -r


def lbfgs_direction__alpha_from_gradient(grad, S, Y, gamma):
    r"""every alpha from the gradient itself, not from q"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ grad) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__gamma_at_the_end(grad, S, Y, gamma):
    r"""scales the whole answer by gamma"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -gamma * r


def lbfgs_direction__oldest_left_out(grad, S, Y, gamma):
    r"""off by one: the loops miss the oldest pair"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(1, len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(1, len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__newest_left_out(grad, S, Y, gamma):
    r"""off by one in the first loop: misses the newest pair"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S) - 1)):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        beta = (Y[i] @ r) / (S[i] @ Y[i])
        r = r + (alpha[i] - beta) * S[i]
    return -r


def lbfgs_direction__one_loop(grad, S, Y, gamma):
    r"""only the first loop"""
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    return -r
