import numpy as np


def _backtracking(f, theta, direction, grad, lr=1.0, c=1e-4, most=10):
    slope = grad @ direction
    if not slope < 0:
        return 0.0
    start, rate = f(theta), float(lr)
    for _ in range(most):
        value = f(theta + rate * direction)
        if np.isfinite(value) and value <= start + c * rate * slope:
            return rate
        rate = rate / 2
    return 0.0


def _direction(grad, S, Y, gamma):
    q, alpha = grad.copy(), np.zeros(len(S))
    for i in reversed(range(len(S))):
        alpha[i] = (S[i] @ q) / (S[i] @ Y[i])
        q = q - alpha[i] * Y[i]
    r = gamma * q
    for i in range(len(S)):
        r = r + (alpha[i] - (Y[i] @ r) / (S[i] @ Y[i])) * S[i]
    return -r


def lbfgs__gamma_one(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""gamma is 1 with pairs too"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = 1.0
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__gamma_oldest(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""gamma of the oldest pair"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[0] @ Y[0]) / (Y[0] @ Y[0])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__gamma_upside_down(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""y.y over s.y"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (Y[-1] @ Y[-1]) / (S[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__gamma_of_s(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""s.s over s.y"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ S[-1]) / (S[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__first_step_bare(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""-g where there are no pairs"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__first_step_unit(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""always a unit step where there are no pairs"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -1 / np.linalg.norm(grad) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__first_step_max(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""max in place of min"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -max(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__no_restart(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""stops when the search with pairs gives up"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        else:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__pairs_kept_at_restart(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""takes the direction without pairs, but forgets none"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__restart_next_iteration(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""the restart uses up an iteration"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0 and S:
            S, Y = [], []
            continue
        if rate == 0:
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__half_forgotten(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""at a restart forgets all but the newest pair, which then counts again"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = S[-1:], Y[-1:]
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__no_guard(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""stores every pair"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__guard_both_signs(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""the guard asks for the size of s.y"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if abs(s @ y) > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__failed_pair_no_step(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""does not take the step when its pair fails"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
            theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__failed_pair_forgets_all(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""a failed pair clears the memory"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        else:
            S, Y = [], []
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__failed_pair_stops(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""a failed pair ends the run"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
        if s @ y <= 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            break
    return theta, np.array(losses)


def lbfgs__oldest_kept(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""keeps the oldest m"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][:m], [*Y, y][:m]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__newest_first(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""stores the newest pair first"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[0] @ Y[0]) / (Y[0] @ Y[0])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [s, *S][:m], [y, *Y][:m]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__y_reversed(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""old minus new gradient"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, grad - new_grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__s_is_direction(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""s is the direction, without the rate"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = direction, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__start_loss_missing(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""only the losses after steps"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], []
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__gradient_twice(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""asks for the gradient anew at the start of each iteration"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        grad = gradient(theta)
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__gradient_twice_for_y(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""asks for both gradients of y"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, gradient(new) - gradient(theta)
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__tol_after_step(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""looks at the gradient after the step only"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
        if np.linalg.norm(grad) <= tol:
            break
    return theta, np.array(losses)


def lbfgs__tol_relative(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""tol as a share of the first gradient"""
    theta, grad = theta.copy(), gradient(theta)
    goal = tol * np.linalg.norm(grad)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= goal:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__tol_largest_entry(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""tol of the largest entry, as SciPy has it"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.abs(grad).max() <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__tol_squared(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""the squared length against tol"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if grad @ grad <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__tol_ignored(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""stops by steps and search only"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if not np.any(grad):
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__swapped(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""the losses first"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return np.array(losses), theta


def lbfgs__no_search(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""the rate is 1 always"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = 1.0
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = 1.0
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__loss_at_giving_up(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""writes down the loss once more when the search finds nothing"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            losses.append(losses[-1])
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__theta_in_place(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""walks on the caller's array"""
    grad = gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        old = theta.copy()
        theta += rate * direction
        new = theta
        new_grad = gradient(new)
        s, y = new - old, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__losses_padded(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""fills the losses up to steps + 1"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses + [losses[-1]] * (steps + 1 - len(losses)))


def lbfgs__m_ignored(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""keeps all pairs"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s], [*Y, y]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__m_plus_one(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""keeps one pair too many"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m - 1 :], [*Y, y][-m - 1 :]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__stops_when_slow(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""stops too when the loss hardly falls"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
        if losses[-2] - losses[-1] < 1e-3:
            break
    return theta, np.array(losses)


def lbfgs__old_gradient_kept(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""forgets to carry the new gradient over"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta = new
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__gamma_first_kept(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""with pairs still min(1, 1/|g|)"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = min(1.0, 1 / np.linalg.norm(grad))
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__one_step_more(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""off by one in the iterations"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps + 1):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta))
    return theta, np.array(losses)


def lbfgs__loss_before_step(f, gradient, theta, m=10, steps=100, tol=1e-6):
    r"""the loss before each step, so the first one twice and the last one never"""
    theta, grad = theta.copy(), gradient(theta)
    S, Y, losses = [], [], [f(theta)]
    for _ in range(steps):
        if np.linalg.norm(grad) <= tol:
            break
        rate = 0.0
        if S:
            gamma = (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
            direction = _direction(grad, np.array(S), np.array(Y), gamma)
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            S, Y = [], []
            direction = -min(1.0, 1 / np.linalg.norm(grad)) * grad
            rate = _backtracking(f, theta, direction, grad)
        if rate == 0:
            break
        new = theta + rate * direction
        new_grad = gradient(new)
        s, y = new - theta, new_grad - grad
        if s @ y > 1e-8 * np.linalg.norm(s) * np.linalg.norm(y):
            S, Y = [*S, s][-m:], [*Y, y][-m:]
        theta, grad = new, new_grad
        losses.append(f(theta - s))
    return theta, np.array(losses)
