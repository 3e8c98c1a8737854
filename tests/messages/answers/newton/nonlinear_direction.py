import numpy as np


def nonlinear_direction__rules_swapped(grad, previous_grad, previous_direction, rule):
    r"""FR and PR in each other's place"""
    top = grad if rule == "PR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta)
    d = -grad + beta * previous_direction
    return d if d @ grad < 0 else -grad


def nonlinear_direction__beta_may_be_negative(grad, previous_grad, previous_direction, rule):
    r"""no clipping at 0"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    d = -grad + beta * previous_direction
    return d if d @ grad < 0 else -grad


def nonlinear_direction__no_restart(grad, previous_grad, previous_direction, rule):
    r"""does not ask whether it leads downhill"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta)
    d = -grad + beta * previous_direction
    return d


def nonlinear_direction__asks_the_old_gradient(grad, previous_grad, previous_direction, rule):
    r"""downhill by the previous gradient"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta)
    d = -grad + beta * previous_direction
    return d if d @ previous_grad < 0 else -grad


def nonlinear_direction__new_below(grad, previous_grad, previous_direction, rule):
    r"""the new gradient below the line"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (grad @ grad)
    beta = max(0.0, beta)
    d = -grad + beta * previous_direction
    return d if d @ grad < 0 else -grad


def nonlinear_direction__plus_gradient(grad, previous_grad, previous_direction, rule):
    r"""+ g + beta d"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta)
    d = grad + beta * previous_direction
    return d if d @ grad < 0 else -grad


def nonlinear_direction__difference_reversed(grad, previous_grad, previous_direction, rule):
    r"""old minus new in PR"""
    top = grad if rule == "FR" else previous_grad - grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta)
    d = -grad + beta * previous_direction
    return d if d @ grad < 0 else -grad


def nonlinear_direction__hestenes_stiefel(grad, previous_grad, previous_direction, rule):
    r"""PR with Hestenes and Stiefel's denominator"""
    top = grad if rule == "FR" else grad - previous_grad
    below = previous_grad @ previous_grad if rule == "FR" else previous_direction @ top
    beta = (grad @ top) / below
    beta = max(0.0, beta)
    d = -grad + beta * previous_direction
    return d if d @ grad < 0 else -grad


def nonlinear_direction__old_gradient_on_top(grad, previous_grad, previous_direction, rule):
    r"""the previous gradient times the difference in PR"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = ((grad if rule == "FR" else previous_grad) @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta)
    d = -grad + beta * previous_direction
    return d if d @ grad < 0 else -grad


def nonlinear_direction__absolute_beta(grad, previous_grad, previous_direction, rule):
    r"""|beta| in place of 0"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = abs(beta)
    d = -grad + beta * previous_direction
    return d if d @ grad < 0 else -grad


def nonlinear_direction__right_angle_allowed(grad, previous_grad, previous_direction, rule):
    r"""d at a right angle to the gradient passes"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta)
    d = -grad + beta * previous_direction
    return d if d @ grad <= 0 else -grad


def nonlinear_direction__direction_in_place(grad, previous_grad, previous_direction, rule):
    r"""scales the caller's direction"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta)
    previous_direction *= beta
    d = previous_direction - grad
    return d if d @ grad < 0 else -grad


def nonlinear_direction__at_most_one(grad, previous_grad, previous_direction, rule):
    r"""clips beta to 0..1"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = min(1.0, max(0.0, beta))
    d = -grad + beta * previous_direction
    return d if d @ grad < 0 else -grad


def nonlinear_direction__lengths_not_squares(grad, previous_grad, previous_direction, rule):
    r"""FR from lengths"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta)
    if rule == "FR":
        beta = np.sqrt(beta)
    d = -grad + beta * previous_direction
    return d if d @ grad < 0 else -grad


def nonlinear_direction__always_fr(grad, previous_grad, previous_direction, rule):
    r"""ignores the rule"""
    top = grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta)
    d = -grad + beta * previous_direction
    return d if d @ grad < 0 else -grad


def nonlinear_direction__always_pr(grad, previous_grad, previous_direction, rule):
    r"""ignores the rule"""
    top = grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta)
    d = -grad + beta * previous_direction
    return d if d @ grad < 0 else -grad


def nonlinear_direction__min_for_max(grad, previous_grad, previous_direction, rule):
    r"""min(0, beta)"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = min(0.0, beta)
    d = -grad + beta * previous_direction
    return d if d @ grad < 0 else -grad


def nonlinear_direction__asks_the_old_direction(grad, previous_grad, previous_direction, rule):
    r"""tests the old direction with the new gradient"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta)
    d = -grad + beta * previous_direction
    return d if previous_direction @ grad < 0 else -grad


def nonlinear_direction__flips_uphill(grad, previous_grad, previous_direction, rule):
    r"""turns an uphill direction round"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta)
    d = -grad + beta * previous_direction
    return d if d @ grad < 0 else -d


def nonlinear_direction__restart_old_gradient(grad, previous_grad, previous_direction, rule):
    r"""restarts from the previous gradient"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta)
    d = -grad + beta * previous_direction
    return d if d @ grad < 0 else -previous_grad


def nonlinear_direction__restart_uphill(grad, previous_grad, previous_direction, rule):
    r"""restarts along +g"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta)
    d = -grad + beta * previous_direction
    return d if d @ grad < 0 else grad


def nonlinear_direction__sign_test_reversed(grad, previous_grad, previous_direction, rule):
    r"""keeps what leads uphill"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta)
    d = -grad + beta * previous_direction
    return d if d @ grad > 0 else -grad


def nonlinear_direction__also_beta(grad, previous_grad, previous_direction, rule):
    r"""returns beta too"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta)
    d = -grad + beta * previous_direction
    return (d if d @ grad < 0 else -grad), beta


def nonlinear_direction__old_gradient_in_direction(grad, previous_grad, previous_direction, rule):
    r"""minus the previous gradient plus beta d"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta)
    d = -previous_grad + beta * previous_direction
    return d if d @ grad < 0 else -grad


def nonlinear_direction__pr_without_clip_fr_without_restart(grad, previous_grad, previous_direction, rule):
    r"""two slips: each safeguard for one rule only"""
    top = grad if rule == "FR" else grad - previous_grad
    beta = (grad @ top) / (previous_grad @ previous_grad)
    beta = max(0.0, beta) if rule == "FR" else beta
    d = -grad + beta * previous_direction
    return d if d @ grad < 0 or rule == "FR" else -grad
