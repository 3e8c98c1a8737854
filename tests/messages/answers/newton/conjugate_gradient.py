import numpy as np


def conjugate_gradient__one_step_at_tol_one(matvec, b, tol, steps):
    r"""goes on while the residual is tol or more"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] >= tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__absolute_residuals(matvec, b, tol, steps):
    r"""lengths of r, not over the length of b"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [float(length)]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r))
    return x, np.array(residuals), direction


def conjugate_gradient__squared_residuals(matvec, b, tol, steps):
    r"""squares of the lengths"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append((r @ r) / length**2)
    return x, np.array(residuals), direction


def conjugate_gradient__beta_upside_down(matvec, b, tol, steps):
    r"""old over new"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = square / (new @ new)
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__old_residual_lost(matvec, b, tol, steps):
    r"""overwrites r before beta, which becomes 1"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        r = new
        beta = (new @ new) / (r @ r)
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__alpha_of_direction(matvec, b, tol, steps):
    r"""d.d on top of alpha"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = (d @ d) / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__turns_with_old_residual(matvec, b, tol, steps):
    r"""beta times the old residual"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * r
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__steepest_descent(matvec, b, tol, steps):
    r"""the direction is the residual"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__beta_minus(matvec, b, tol, steps):
    r"""minus beta d"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new - beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__residual_plus(matvec, b, tol, steps):
    r"""the residual grows by alpha Ad"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r + alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__stops_after_bad_step(matvec, b, tol, steps):
    r"""makes the step along the bad direction before it stops"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        old, Ad = d, matvec(d)
        curvature = d @ Ad
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        if curvature <= 0:
            direction = old
            residuals.append(np.linalg.norm(new) / length)
            break
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__zero_curvature_goes_on(matvec, b, tol, steps):
    r"""only a negative curvature stops: 0 is divided by"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature < 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__residual_as_direction(matvec, b, tol, steps):
    r"""returns the residual where it met the bad direction"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = r
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__none_for_no_direction(matvec, b, tol, steps):
    r"""None if none was met"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), None
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__zero_b(matvec, b, tol, steps):
    r"""0 / 0 for b = 0"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [length / length]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__zero_b_is_one(matvec, b, tol, steps):
    r"""for b = 0 the list begins with 1 and the loop starts"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__true_residual(matvec, b, tol, steps):
    r"""asks for a second product a step to get the residual"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = b - matvec(x)
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__product_before_first(matvec, b, tol, steps):
    r"""asks for A x at x = 0"""
    x, r = np.zeros(len(b)), b - matvec(np.zeros(len(b)))
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__b_in_place(matvec, b, tol, steps):
    r"""r is the caller's b, and shrinks"""
    x, r = np.zeros(len(b)), b
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        r -= alpha * Ad
        new = r
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__residuals_list_without_first(matvec, b, tol, steps):
    r"""only the residuals after steps"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals[1:]), direction


def conjugate_gradient__bad_direction_counted(matvec, b, tol, steps):
    r"""repeats the last residual for the step not made"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            residuals.append(residuals[-1])
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__one_step_more(matvec, b, tol, steps):
    r"""off by one in the number of steps"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps + 1:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__one_step_less(matvec, b, tol, steps):
    r"""counts the first residual as a step"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) < steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__n_steps_at_most(matvec, b, tol, steps):
    r"""trusts the theorem and never makes more than n steps"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= min(steps, len(b)):
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__looks_after_the_step(matvec, b, tol, steps):
    r"""always makes a first step"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while length > 0:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
        if residuals[-1] <= tol or len(residuals) > steps:
            break
    return x, np.array(residuals), direction


def conjugate_gradient__absolute_curvature(matvec, b, tol, steps):
    r"""takes the size of a negative curvature and goes on"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = abs(d @ Ad)
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__no_curvature_question(matvec, b, tol, steps):
    r"""never asks for the sign of the curvature"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__last_direction_always(matvec, b, tol, steps):
    r"""returns the last d, bad or not"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), d


def conjugate_gradient__falls_back_to_b(matvec, b, tol, steps):
    r"""as x returns the bad direction if it was the first"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            if len(residuals) == 1:
                x = d.copy()
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__unit_direction(matvec, b, tol, steps):
    r"""makes the bad direction a unit vector"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d / np.linalg.norm(d)
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__relative_to_last(matvec, b, tol, steps):
    r"""each residual over the one before"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
        length = np.linalg.norm(r)
    return x, np.array(residuals), direction


def conjugate_gradient__absolute_tolerance(matvec, b, tol, steps):
    r"""right list, but stops when the length of r is tol or less"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] * length > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__swapped_results(matvec, b, tol, steps):
    r"""direction second, residuals last"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, direction, np.array(residuals)


def conjugate_gradient__beta_of_lengths(matvec, b, tol, steps):
    r"""beta from lengths, not their squares"""
    x, r = np.zeros(len(b)), b.copy()
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = np.sqrt((new @ new) / square)
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction


def conjugate_gradient__sign_flipped_system(matvec, b, tol, steps):
    r"""solves A x = -b, as in Newton's step"""
    x, r = np.zeros(len(b)), -b
    d, direction = r.copy(), np.zeros(len(b))
    length, square = np.linalg.norm(b), r @ r
    residuals = [1.0 if length > 0 else 0.0]
    while residuals[-1] > tol and len(residuals) <= steps:
        Ad = matvec(d)
        curvature = d @ Ad
        if curvature <= 0:
            direction = d
            break
        alpha = square / curvature
        x = x + alpha * d
        new = r - alpha * Ad
        beta = (new @ new) / square
        d = new + beta * d
        r, square = new, new @ new
        residuals.append(np.linalg.norm(r) / length)
    return x, np.array(residuals), direction
