import numpy as np


def lanczos__one_side(matvec, n, steps, rng):
    r"""the betas above the diagonal only"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1)
    return np.sort(np.linalg.eigvals(T).real)


def lanczos__three_terms(matvec, n, steps, rng):
    r"""subtracts the last two directions only: ghosts after a while"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis[-2:])
        w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__only_last(matvec, n, steps, rng):
    r"""subtracts q_k only"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis[-1:])
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__start_of_ones(matvec, n, steps, rng):
    r"""starts from ones"""
    q = np.ones(n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__start_uniform(matvec, n, steps, rng):
    r"""draws the start by rng.random"""
    q = rng.random(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__start_not_unit(matvec, n, steps, rng):
    r"""the start keeps its length"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__falling_order(matvec, n, steps, rng):
    r"""largest first"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)[::-1]


def lanczos__never_early(matvec, n, steps, rng):
    r"""does not stop early"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__absolute_threshold(matvec, n, steps, rng):
    r"""1e-10 without the length of the product"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__steps_beyond_n(matvec, n, steps, rng):
    r"""makes more than n steps, without the early stop's help"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(steps):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-20 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__betas_shifted(matvec, n, steps, rng):
    r"""the first beta is dropped, not the last"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = ([*betas, 0.0] if len(betas) < len(alphas) else betas)[1:]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__alpha_after_subtraction(matvec, n, steps, rng):
    r"""computes alpha when w has lost its part along q"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        alphas.append(basis[-1] @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__largest_only(matvec, n, steps, rng):
    r"""returns the largest Ritz value"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)[-1]


def lanczos__matrix_returned(matvec, n, steps, rng):
    r"""returns T"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return T


def lanczos__betas_squared(matvec, n, steps, rng):
    r"""squared lengths beside the diagonal"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta**2)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__own_rng(matvec, n, steps, rng):
    r"""makes its own generator and ignores the one handed over"""
    q = np.random.default_rng(0).normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__two_products(matvec, n, steps, rng):
    r"""asks for the product again, for alpha"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ matvec(basis[-1]))
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__product_first(matvec, n, steps, rng):
    r"""multiplies the start once before it begins"""
    q = matvec(rng.normal(size=n))
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__last_step_dropped(matvec, n, steps, rng):
    r"""forgets the alpha of the step that left nothing"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            alphas.pop()
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__beta_before_subtraction(matvec, n, steps, rng):
    r"""beta is the length of the product"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(before)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__alpha_length(matvec, n, steps, rng):
    r"""alpha = w.w"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(w @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__one_step_more(matvec, n, steps, rng):
    r"""off by one in the number of steps"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps + 1, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__one_step_less(matvec, n, steps, rng):
    r"""one step fewer"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(max(1, min(steps, n) - 1)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__sizes_sorted(matvec, n, steps, rng):
    r"""the sizes of the Ritz values"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.sort(np.abs(np.linalg.eigvalsh(T)))


def lanczos__padded(matvec, n, steps, rng):
    r"""fills up with zeros after an early stop"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    found = np.linalg.eigvalsh(T)
    return np.sort(np.concatenate([found, np.zeros(min(steps, n) - len(found))]))


def lanczos__q_not_unit(matvec, n, steps, rng):
    r"""forgets to divide w by beta"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__betas_minus(matvec, n, steps, rng):
    r"""one beta with a minus: not symmetric"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) - np.diag(beside, -1)
    return np.sort(np.linalg.eigvals(T).real)


def lanczos__early_stop_coarse(matvec, n, steps, rng):
    r"""stops at a hundredth, not at 1e-10"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q.T @ (Q @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-2 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)


def lanczos__rows_and_columns(matvec, n, steps, rng):
    r"""Q @ (Q.T @ w), which fits for n steps only"""
    q = rng.normal(size=n)
    basis, alphas, betas = [q / np.linalg.norm(q)], [], []
    for _ in range(min(steps, n)):
        w = matvec(basis[-1])
        before = np.linalg.norm(w)
        alphas.append(basis[-1] @ w)
        Q = np.array(basis)
        for _ in range(2):
            w = w - Q @ (Q.T @ w)
        beta = np.linalg.norm(w)
        if beta <= 1e-10 * before:
            break
        betas.append(beta)
        basis.append(w / beta)
    beside = betas[: len(alphas) - 1]
    T = np.diag(alphas) + np.diag(beside, 1) + np.diag(beside, -1)
    return np.linalg.eigvalsh(T)
