import numpy as np


def early_stopping__equal_is_new(losses, patience):
    r"""<= counts an equal loss as a new best"""
    best, best_loss = 0, np.inf
    for i, loss in enumerate(losses):
        if loss <= best_loss:
            best, best_loss = i, loss
        elif i - best >= patience:
            return best, i
    return best, len(losses) - 1


def early_stopping__one_too_late(losses, patience):
    r"""> patience"""
    best, best_loss = 0, np.inf
    for i, loss in enumerate(losses):
        if loss < best_loss:
            best, best_loss = i, loss
        elif i - best > patience:
            return best, i
    return best, len(losses) - 1


def early_stopping__one_too_early(losses, patience):
    r"""i - best + 1 >= patience"""
    best, best_loss = 0, np.inf
    for i, loss in enumerate(losses):
        if loss < best_loss:
            best, best_loss = i, loss
        elif i - best + 1 >= patience:
            return best, i
    return best, len(losses) - 1


def early_stopping__global_minimum(losses, patience):
    r"""argmin over all losses"""
    best = int(np.argmin(losses))
    return best, min(best + patience, len(losses) - 1)


def early_stopping__order_swapped(losses, patience):
    r"""(last, best)"""
    best, best_loss = 0, np.inf
    for i, loss in enumerate(losses):
        if loss < best_loss:
            best, best_loss = i, loss
        elif i - best >= patience:
            return i, best
    return len(losses) - 1, best


def early_stopping__not_clamped(losses, patience):
    r"""last = best + patience beyond the end"""
    best, best_loss = 0, np.inf
    for i, loss in enumerate(losses):
        if loss < best_loss:
            best, best_loss = i, loss
        elif i - best >= patience:
            break
    return best, best + patience


def early_stopping__length_as_last(losses, patience):
    r"""len(losses) at the end"""
    best, best_loss = 0, np.inf
    for i, loss in enumerate(losses):
        if loss < best_loss:
            best, best_loss = i, loss
        elif i - best >= patience:
            return best, i
    return best, len(losses)


def early_stopping__wait_not_reset(losses, patience):
    r"""counts all bad losses, not those in a row"""
    best, best_loss, wait = 0, np.inf, 0
    for i, loss in enumerate(losses):
        if loss < best_loss:
            best, best_loss = i, loss
        else:
            wait += 1
            if wait >= patience:
                return best, i
    return best, len(losses) - 1


def early_stopping__compares_with_previous(losses, patience):
    r"""better than the loss before counts as an improvement"""
    best, wait = 0, 0
    for i in range(1, len(losses)):
        if losses[i] < losses[i - 1]:
            best, wait = i, 0
        else:
            wait += 1
            if wait >= patience:
                return best, i
    return best, len(losses) - 1


def early_stopping__rises_reset(losses, patience):
    r"""wait is reset whenever the loss falls, though no new best"""
    best, best_loss, wait = 0, losses[0], 0
    for i in range(1, len(losses)):
        if losses[i] < best_loss:
            best, best_loss = i, losses[i]
        wait = wait + 1 if losses[i] >= losses[i - 1] else 0
        if wait >= patience:
            return best, i
    return best, len(losses) - 1


def early_stopping__starts_with_zero(losses, patience):
    r"""best loss is 0 at first"""
    best, best_loss, wait = 0, 0.0, 0
    for i, loss in enumerate(losses):
        if loss < best_loss:
            best, best_loss, wait = i, loss, 0
        else:
            wait += 1
            if wait >= patience:
                return best, i
    return best, len(losses) - 1


def early_stopping__large_first_loss(losses, patience):
    r"""100 is larger than any loss"""
    best, best_loss, wait = 0, 100.0, 0
    for i, loss in enumerate(losses):
        if loss < best_loss:
            best, best_loss, wait = i, loss, 0
        else:
            wait += 1
            if wait >= patience:
                return best, i
    return best, len(losses) - 1


def early_stopping__losses_returned(losses, patience):
    r"""returns the best loss and not its index"""
    best, best_loss = 0, np.inf
    for i, loss in enumerate(losses):
        if loss < best_loss:
            best, best_loss = i, loss
        elif i - best >= patience:
            return float(best_loss), i
    return float(best_loss), len(losses) - 1


def early_stopping__none_at_end(losses, patience):
    r"""no return if it never stops"""
    best, best_loss = 0, np.inf
    for i, loss in enumerate(losses):
        if loss < best_loss:
            best, best_loss = i, loss
        elif i - best >= patience:
            return best, i


def early_stopping__one_based(losses, patience):
    r"""counts from 1"""
    best, best_loss = 1, np.inf
    for i, loss in enumerate(losses, start=1):
        if loss < best_loss:
            best, best_loss = i, loss
        elif i - best >= patience:
            return best, i
    return best, len(losses)


def early_stopping__min_delta(losses, patience):
    r"""an improvement has to be larger than 1e-3"""
    best, best_loss = 0, np.inf
    for i, loss in enumerate(losses):
        if loss < best_loss - 1e-3:
            best, best_loss = i, loss
        elif i - best >= patience:
            return best, i
    return best, len(losses) - 1


def early_stopping__last_is_best_too(losses, patience):
    r"""last stays at the last new best"""
    best, best_loss, last = 0, np.inf, 0
    for i, loss in enumerate(losses):
        if loss < best_loss:
            best, best_loss, last = i, loss, i
        elif i - best >= patience:
            break
    return best, last


def early_stopping__before_stop(losses, patience):
    r"""returns the loss before the one at which it stopped"""
    best, best_loss = 0, np.inf
    for i, loss in enumerate(losses):
        if i - best >= patience and loss >= best_loss:
            return best, i - 1
        if loss < best_loss:
            best, best_loss = i, loss
    return best, len(losses) - 1


def early_stopping__endless(losses, patience):
    r"""while loop which only goes on after a bad loss"""
    i, best, best_loss = 0, 0, np.inf
    while i < len(losses) and i - best < patience:
        if losses[i] <= best_loss:
            best, best_loss = i, losses[i]
        else:
            i += 1
    return best, min(i, len(losses) - 1)


def early_stopping__absolute(losses, patience):
    r"""compares absolute values"""
    best, best_loss = 0, np.inf
    for i, loss in enumerate(losses):
        if abs(loss) < best_loss:
            best, best_loss = i, abs(loss)
        elif i - best >= patience:
            return best, i
    return best, len(losses) - 1


def early_stopping__window_minimum(losses, patience):
    r"""stops when the last `patience` losses do not contain the overall minimum so far, best from the window"""
    for i in range(patience, len(losses)):
        if min(losses[i - patience + 1 : i + 1]) >= min(losses[: i - patience + 1]):
            return int(np.argmin(losses[i - patience : i + 1])), i
    return int(np.argmin(losses)), len(losses) - 1


def early_stopping__smoothed(losses, patience):
    r"""judges by the mean of two neighbouring losses"""
    best, best_loss = 0, losses[0]
    for i in range(1, len(losses)):
        smooth = (losses[i] + losses[i - 1]) / 2
        if smooth < best_loss:
            best, best_loss = i, smooth
        elif i - best >= patience:
            return best, i
    return best, len(losses) - 1


def early_stopping__second_is_never_seen(losses, patience):
    r"""the loop starts at 1 but with best_loss infinite"""
    best, best_loss = 0, np.inf
    for i in range(1, len(losses)):
        if losses[i] < best_loss:
            best, best_loss = i, losses[i]
        elif i - best >= patience:
            return best, i
    return best, len(losses) - 1


def early_stopping__two_slips(losses, patience):
    r"""<= and one too late"""
    best, best_loss = 0, np.inf
    for i, loss in enumerate(losses):
        if loss <= best_loss:
            best, best_loss = i, loss
        elif i - best > patience:
            return best, i
    return best, len(losses) - 1
