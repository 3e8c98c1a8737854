"""Newton, conjugate gradients and Hessian-vector products: honest variants, wrong solutions, equivalent mutants."""

import numpy as np
import scipy.linalg
import scipy.sparse.linalg
import torch

from tests.precision.table import ChapterTable

table = ChapterTable(__file__)
honest, wrong = table.honest, table.wrong


# --- honest solutions


@honest("newton_step")
def by_the_inverse(theta, grad, hessian):
    step = np.linalg.inv(hessian) @ grad
    return theta - step, float(-grad @ step / 2)


@honest("newton_step")
def by_eigenvectors(theta, grad, hessian):
    values, basis = np.linalg.eigh(hessian)
    along = basis.T @ grad
    return theta - basis @ (along / values), -0.5 * np.sum(along**2 / values)


@honest("newton_step")
def by_least_squares(theta, grad, hessian):
    new = theta - scipy.linalg.lstsq(hessian, grad)[0]
    p = new - theta
    p = np.linalg.solve(hessian, -grad)
    return new, np.dot(grad, p) + np.dot(p, np.dot(hessian, p)) / 2


@honest("newton_step")
def in_torch(theta, grad, hessian):
    g, H = torch.from_numpy(grad), torch.from_numpy(hessian)
    p = torch.linalg.solve(H, -g)
    return torch.from_numpy(theta) + p, g @ p + 0.5 * p @ H @ p


@honest("damped_newton_step")
def by_all_eigenvectors(theta, grad, hessian, margin):
    values, basis = np.linalg.eigh(hessian)
    damping = margin - values.min() if values.min() < margin else 0.0
    return theta - basis @ (basis.T @ grad / (values + damping)), damping


@honest("damped_newton_step")
def by_the_damped_inverse(theta, grad, hessian, margin):
    damping = np.maximum(0, margin - np.linalg.eigvalsh(hessian).min())
    return theta - np.linalg.inv(hessian + np.diag(np.full(len(theta), damping))) @ grad, damping


@honest("damped_newton_step")
def clipped(theta, grad, hessian, margin):
    damping = np.clip(margin - min(np.linalg.eigvals(hessian).real), 0, None)
    return theta + scipy.linalg.solve(hessian + damping * np.identity(len(grad)), -grad), damping


@honest("saddle_free_step")
def by_the_matrix(theta, grad, hessian, floor):
    values, basis = np.linalg.eigh(hessian)
    sizes = np.clip(abs(values), floor, None)
    return theta - np.linalg.solve(basis @ np.diag(sizes) @ basis.T, grad)


@honest("saddle_free_step")
def looped_over_eigenvectors(theta, grad, hessian, floor):
    values, basis = np.linalg.eigh(hessian)
    new = theta.copy()
    for value, vector in zip(values, basis.T, strict=True):
        new -= (vector @ grad) / max(abs(value), floor) * vector
    return new


@honest("saddle_free_step")
def by_singular_values(theta, grad, hessian, floor):
    u, s, _ = np.linalg.svd(hessian)
    return theta - u @ ((u.T @ grad) / np.maximum(s, floor))


@honest("conjugate_gradient")
def looped_over_steps(matvec, b, tol, steps):
    x = np.zeros(len(b))
    r = b - 0.0
    d = r
    norm = np.sqrt(b @ b)
    if norm == 0:
        return x, [0.0], 0 * b
    history, square = [1.0], r @ r
    for _ in range(steps):
        if history[-1] <= tol:
            break
        Ad = matvec(d)
        if np.dot(d, Ad) <= 0:
            return x, history, d
        alpha = square / np.dot(d, Ad)
        x = x + alpha * d
        r = r - alpha * Ad
        square, before = r @ r, square
        d = r + square / before * d
        history.append(np.sqrt(square) / norm)
    return x, history, np.zeros(len(b))


@honest("conjugate_gradient")
def weight_after_polak_and_ribiere(matvec, b, tol, steps):
    x, r, d, size = np.zeros_like(b), b.copy(), b.copy(), np.linalg.norm(b)
    if not size:
        return x, np.zeros(1), np.zeros_like(b)
    found = [1.0]
    while found[-1] > tol and len(found) < steps + 1:
        product = matvec(d)
        bend = d @ product
        if not bend > 0:
            return x, np.array(found), d
        length = d @ r / bend
        new = r - length * product
        x, d, r = x + length * d, new + max(new @ (new - r) / (r @ r), 0) * d, new
        found.append(np.linalg.norm(r) / size)
    return x, np.array(found), np.zeros_like(b)


@honest("conjugate_gradient")
def in_place_on_copies(matvec, b, tol, steps):
    x, r = np.zeros_like(b), np.array(b)
    d, size, k = r.copy(), float(np.linalg.norm(b)), 0
    residuals = np.zeros(steps + 1, dtype=b.dtype)
    residuals[0] = float(size > 0)
    while k < steps and residuals[k] > tol:
        Ad = matvec(d)
        if d @ Ad <= 0:
            return x, residuals[: k + 1], d
        old = r @ r
        alpha = old / (d @ Ad)
        x += alpha * d
        r -= alpha * Ad
        d *= (r @ r) / old
        d += r
        k += 1
        residuals[k] = np.linalg.norm(r) / size
    return x, residuals[: k + 1], np.zeros_like(b)


@honest("nonlinear_direction")
def branched(grad, previous_grad, previous_direction, rule):
    if rule == "FR":
        beta = np.sum(grad**2) / np.sum(previous_grad**2)
    else:
        beta = np.dot(grad, grad - previous_grad) / np.linalg.norm(previous_grad) ** 2
    d = -grad + np.maximum(beta, 0) * previous_direction
    if np.dot(d, grad) >= 0:
        d = -grad
    return d


@honest("nonlinear_direction")
def in_torch_tensors(grad, previous_grad, previous_direction, rule):
    g, old, d = (torch.from_numpy(np.array(a)) for a in (grad, previous_grad, previous_direction))
    top = g if rule != "PR" else g - old
    d = d * torch.clamp(g @ top / (old @ old), min=0) - g
    return d if d @ g < 0 else -g


@honest("hessian_vector")
def by_functional_hvp(f, x, v):
    return torch.autograd.functional.hvp(f, x, v)[1]


@honest("hessian_vector")
def forward_over_reverse(f, x, v):
    return torch.func.jvp(torch.func.grad(f), (x,), (v,))[1]


@honest("hessian_vector")
def by_backward(f, x, v):
    leaf = x.clone().requires_grad_()
    slope = torch.autograd.grad(f(leaf), leaf, create_graph=True)[0]
    (slope * v).sum().backward()
    return leaf.grad


@honest("hessian_vector")
def with_grad_outputs(f, x, v):
    leaf = x.detach().requires_grad_()
    slope = torch.autograd.grad(f(leaf), leaf, create_graph=True)[0]
    return torch.autograd.grad(slope, leaf, grad_outputs=v)[0].numpy()


@honest("lanczos")
def with_gram_schmidt_one_by_one(matvec, n, steps, rng):
    q = rng.normal(size=n)
    q = q / np.sqrt(q @ q)
    Q, a, b = [q], [], []
    for k in range(min(n, steps)):
        w = matvec(Q[k])
        before = np.linalg.norm(w)
        a.append(w @ Q[k])
        for _ in range(2):
            for other in Q:
                w = w - (w @ other) * other
        length = np.linalg.norm(w)
        if length <= 1e-10 * before or k == min(n, steps) - 1:
            break
        b.append(length)
        Q.append(w / length)
    return scipy.linalg.eigh_tridiagonal(a, b, eigvals_only=True) if b else np.array(a)


@honest("lanczos")
def projected(matvec, n, steps, rng):
    Q = rng.normal(size=(n, 1))
    Q /= np.linalg.norm(Q)
    images = np.zeros((n, 0))
    for _ in range(min(n, steps)):
        w = matvec(Q[:, -1])
        images = np.column_stack([images, w])
        left = w - Q @ (Q.T @ w)
        left -= Q @ (Q.T @ left)
        if np.linalg.norm(left) <= 1e-10 * np.linalg.norm(w):
            break
        Q = np.column_stack([Q, left / np.linalg.norm(left)])
    Q = Q[:, : images.shape[1]]
    T = Q.T @ images
    return np.sort(np.linalg.eigvalsh((T + T.T) / 2))


# --- further wrong solutions

wrong(
    "newton_step",
    swapped="(grad @ grad * 0.0, theta - np.linalg.solve(hessian, grad))",
    tuple_of_one="(theta - np.linalg.solve(hessian, grad),)",
    step_of_the_sign="(theta - np.sign(np.linalg.solve(hessian, grad)), -0.5 * grad @ np.linalg.solve(hessian, grad))",
    transposed_gradient_only="theta - np.linalg.solve(hessian, grad)",
)


@wrong("newton_step")
def ridge_added(theta, grad, hessian):
    step = -np.linalg.solve(hessian + 1e-3 * np.eye(len(grad)), grad)
    return theta + step, grad @ step + 0.5 * step @ hessian @ step


@wrong("damped_newton_step")
def margin_twice(theta, grad, hessian, margin):
    damping = max(2 * margin - np.linalg.eigvalsh(hessian)[0], 0.0)
    return theta - np.linalg.solve(hessian + damping * np.eye(len(grad)), grad), damping


@wrong("damped_newton_step")
def damping_doubled_until_positive(theta, grad, hessian, margin):
    damping = 0.0
    while np.linalg.eigvalsh(hessian)[0] + damping < margin:
        damping = max(2 * damping, 1e-3 * np.abs(hessian).max(), 1e-3 * margin)
    return theta - np.linalg.solve(hessian + damping * np.eye(len(grad)), grad), damping


@wrong("damped_newton_step")
def eigenvalue_of_largest_size(theta, grad, hessian, margin):
    damping = max(margin + np.linalg.norm(hessian, 2), 0.0)
    return theta - np.linalg.solve(hessian + damping * np.eye(len(grad)), grad), damping


@wrong("saddle_free_step")
def by_the_squared_matrix(theta, grad, hessian, floor):
    return theta - np.linalg.lstsq(hessian @ hessian + floor**2 * np.eye(len(grad)), grad, rcond=None)[0]


@wrong("saddle_free_step")
def floored_root(theta, grad, hessian, floor):
    values, basis = np.linalg.eigh(hessian)
    return theta - basis @ (basis.T @ grad / np.sqrt(values**2 + floor**2))


@wrong("conjugate_gradient")
def solved_directly(matvec, b, tol, steps):
    A = np.array([matvec(row) for row in np.eye(len(b))])
    return np.linalg.lstsq(A, b, rcond=None)[0], np.array([1.0, 0.0]), np.zeros_like(b)


@wrong("conjugate_gradient")
def through_scipy(matvec, b, tol, steps):
    n = len(b)
    residuals = [1.0]
    operator = scipy.sparse.linalg.LinearOperator((n, n), matvec=matvec, dtype=b.dtype)
    x, _ = scipy.sparse.linalg.cg(operator, b, rtol=tol, maxiter=max(steps, 1), callback=residuals.append)
    return x, np.array([1.0] * len(residuals)), np.zeros_like(b)


@wrong("conjugate_gradient")
def strictly_below_the_tolerance_of_one(matvec, b, tol, steps):
    x, r, d = np.zeros_like(b), b.copy(), b.copy()
    size = np.linalg.norm(b) or 1.0
    residuals = []
    for _ in range(steps):
        residuals.append(np.linalg.norm(r) / size)
        if residuals[-1] < tol:
            break
        Ad = matvec(d)
        if d @ Ad <= 0:
            return x, np.array(residuals), d
        alpha = r @ r / (d @ Ad)
        x, new = x + alpha * d, r - alpha * Ad
        d, r = new + new @ new / (r @ r) * d, new
    return x, np.array(residuals), np.zeros_like(b)


@wrong("nonlinear_direction")
def hestenes_and_stiefel(grad, previous_grad, previous_direction, rule):
    y = grad - previous_grad
    beta = max(grad @ (grad if rule == "FR" else y) / (previous_direction @ y), 0.0)
    d = -grad + beta * previous_direction
    return d if d @ grad < 0 else -grad


@wrong("nonlinear_direction")
def at_most_one(grad, previous_grad, previous_direction, rule):
    top = grad if rule == "FR" else grad - previous_grad
    beta = min(max(grad @ top / (previous_grad @ previous_grad), 0.0), 1.0)
    d = -grad + beta * previous_direction
    return d if d @ grad < 0 else -grad


@wrong("hessian_vector")
def diagonal_of_the_matrix(f, x, v):
    leaf = x.clone().requires_grad_()
    slope = torch.autograd.grad(f(leaf), leaf, create_graph=True)[0]
    return torch.stack([torch.autograd.grad(s, leaf, retain_graph=True)[0][i] * v[i] for i, s in enumerate(slope)])


@wrong("hessian_vector")
def leaves_a_gradient(f, x, v):
    x.requires_grad_()
    slope = torch.autograd.grad(f(x), x, create_graph=True)[0]
    (slope @ v).backward()
    return x.grad


@wrong("hessian_vector")
def coarse_difference(f, x, v):
    slopes = []
    for sign in (1, -1):
        leaf = (x + sign * 0.1 * v).requires_grad_()
        slopes.append(torch.autograd.grad(f(leaf), leaf)[0])
    return (slopes[0] - slopes[1]) / 0.2


@wrong("lanczos")
def power_iteration(matvec, n, steps, rng):
    q = rng.normal(size=n)
    for _ in range(min(steps, n)):
        q = q / (np.linalg.norm(q) or 1.0)
        w = matvec(q)
        value, q = q @ w, w
    return np.array([value])


@wrong("lanczos")
def powers_of_the_start(matvec, n, steps, rng):
    q = rng.normal(size=n)
    columns = [q / np.linalg.norm(q)]
    for _ in range(min(steps, n) - 1):
        columns.append(matvec(columns[-1]))
    K = np.linalg.qr(np.column_stack(columns))[0]
    matvec(K[:, -1])
    return np.sort(np.linalg.eigvalsh(K.T @ K))


# --- forms that do not suit

TENSORS = "f takes tensors, and so x is one; as an array it has no gradient"
for form in ("float32_in_and_out", "zero_dimensional_arrays"):
    table.unsuitable["hessian_vector", form] = TENSORS
table.unsuitable["hessian_vector", "tensors_with_gradient_out"] = "the product is to require no gradient"


# --- mutants that compute the same

SYMMETRIC = "the product of two vectors, or of a symmetric matrix with a vector, in the other order"
CHANGE = "change = grad @ step + 0.5 * step @ hessian @ step"
for other in (
    "change = step @ grad + 0.5 * step @ hessian @ step",
    "change = grad @ step + step @ (0.5 * step @ hessian)",
    "change = grad @ step + hessian @ (0.5 * step) @ step",
):
    table.equivalent("newton_step", CHANGE, other, SYMMETRIC)

BETA = "beta = max(grad @ change / (previous_grad @ previous_grad), 0.0)"
table.equivalent("nonlinear_direction", BETA, BETA.replace("grad @ change", "change @ grad"), SYMMETRIC)
table.equivalent(
    "nonlinear_direction",
    BETA,
    "beta = max(0.0, grad @ change / (previous_grad @ previous_grad))",
    "the larger of two numbers, in either order",
)
RETURN = "return direction if direction @ grad < 0 else -grad"
table.equivalent("nonlinear_direction", RETURN, RETURN.replace("direction @ grad", "grad @ direction"), SYMMETRIC)
RULE = "change = grad if rule == 'FR' else grad - previous_grad"
table.equivalent("nonlinear_direction", RULE, RULE.replace("==", "<="), "FR comes before PR in the alphabet")

DAMPING = "damping = max(margin - least, 0.0)"
table.equivalent(
    "damped_newton_step", DAMPING, "damping = max(0.0, margin - least)", "the larger of two numbers, in either order"
)
SOLVED = "step = -np.linalg.solve(hessian + damping * np.eye(len(grad)), grad)"
for other in ("hessian", "theta"):
    table.equivalent(
        "damped_newton_step", SOLVED, SOLVED.replace("len(grad)", f"len({other})"), "one parameter, one row, one entry"
    )
table.equivalent(
    "saddle_free_step",
    "sizes = np.maximum(np.abs(values), floor)",
    "sizes = np.maximum(floor, np.abs(values))",
    "the larger of two numbers, in either order",
)

RITZ = "return np.linalg.eigvalsh(np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1))"
LOWER = "eigvalsh reads the lower triangle alone"
table.equivalent("lanczos", RITZ, RITZ.replace(" + np.diag(beside, 1)", " - np.diag(beside, 1)"), LOWER)
table.equivalent("lanczos", RITZ, RITZ.replace(" + np.diag(beside, 1)", ""), LOWER)
table.equivalent(
    "lanczos",
    RITZ,
    RITZ.replace("+ np.diag(beside, -1)", "- np.diag(beside, -1)"),
    "the eigenvalues of a tridiagonal matrix do not depend on the signs beside its diagonal",
)
TWICE = "for _ in range(2):"
for count in (1, 3):
    table.equivalent(
        "lanczos", TWICE, TWICE.replace("2", str(count)), "one more, or one less, changes rounding errors alone"
    )
LISTS = "basis, diagonal, beside = ([start / np.linalg.norm(start)], [], [])"
table.equivalent("lanczos", LISTS, LISTS.replace("diagonal, beside", "beside, diagonal"), "two empty lists")
STEPS = "for _ in range(min(steps, n)):"
table.equivalent("lanczos", STEPS, "for _ in range(min(n, steps)):", "the smaller of two numbers, in either order")
for other in ("steps", "min(steps, steps)"):
    table.equivalent("lanczos", STEPS, f"for _ in range({other}):", "after n steps nothing is left, so it stops anyway")
table.equivalent(
    "lanczos", "diagonal.append(basis[-1] @ image)", "diagonal.append(image @ basis[-1])", "the same product"
)
LEFT = "left = left - known.T @ (known @ left)"
table.equivalent("lanczos", LEFT, LEFT.replace("(known @", "(basis @"), "NumPy makes an array of the list")
table.equivalent(
    "lanczos", LEFT, "left = known.T @ (known @ left) - left", "done twice, which turns the sign round and back"
)
TINY = "if beside[-1] <= 1e-10 * np.linalg.norm(image):"
table.equivalent("lanczos", TINY, TINY.replace("1e-10", "1.01e-10"), "what is left is 1e-15 or far above 1e-10")
table.equivalent("lanczos", TINY, TINY.replace("image", "diagonal"), "a length of the same size, and 0 for 0")
CUT = "beside = beside[:len(diagonal) - 1]"
for other in ("beside", "known"):
    table.equivalent("lanczos", CUT, CUT.replace("diagonal", other), "as many as there are steps, all three of them")

FIRST = "residuals = [1.0 if size > 0 else 0.0]"
table.equivalent("conjugate_gradient", FIRST, FIRST.replace(">", "!="), "a length is never negative")
START = "x, residual, direction = (np.zeros_like(b), b.copy(), b.copy())"
for other in (
    "x, direction, residual = (np.zeros_like(b), b.copy(), b.copy())",
    "x, residual, direction = (np.zeros_like(b), b, b.copy())",
    "x, residual, direction = (np.zeros_like(b), b.copy(), b)",
):
    table.equivalent("conjugate_gradient", START, other, "both start as b, and nothing is written into either")
for other in ("direction", "residual"):
    table.equivalent(
        "conjugate_gradient", "size = np.linalg.norm(b)", f"size = np.linalg.norm({other})", "both start as b"
    )
CURVED = "curvature = direction @ image"
table.equivalent("conjugate_gradient", CURVED, "curvature = image @ direction", SYMMETRIC)
CONJUGATE = (
    "the residual and the direction differ by a multiple of the old direction, which is conjugate to the new one"
)
table.equivalent("conjugate_gradient", CURVED, "curvature = residual @ image", CONJUGATE)
ORTHOGONAL = "the direction is the residual and a multiple of the old direction, at a right angle to it"
LENGTH, WEIGHT = "alpha = residual @ residual / curvature", "beta = new @ new / (residual @ residual)"
for was in (LENGTH, WEIGHT):
    for other in ("direction @ residual", "residual @ direction"):
        table.equivalent("conjugate_gradient", was, was.replace("residual @ residual", other), ORTHOGONAL)
END = "return (x, np.array(residuals), np.zeros_like(b))"
table.equivalent("conjugate_gradient", END, END.replace("np.zeros_like(b)", "-np.zeros_like(b)"), "zeros")
for was in (END, "return (x, np.array(residuals), direction)"):
    table.equivalent("conjugate_gradient", was, was.replace("np.array(residuals)", "residuals"), "a list will do")
for other in ("direction", "residual", "x"):
    table.equivalent("conjugate_gradient", END, END.replace("like(b)", f"like({other})"), "all of one shape")
table.equivalent(
    "conjugate_gradient",
    "residuals.append(np.linalg.norm(residual) / size)",
    "residuals.append(np.linalg.norm(new) / size)",
    "by then the residual is the new one",
)

LEAF = "x = x.detach().clone().requires_grad_(True)"
table.equivalent("hessian_vector", LEAF, "x = x.detach().clone().requires_grad_()", "True is the default")
table.equivalent(
    "hessian_vector", LEAF, LEAF.replace(".clone()", ""), "detach makes another tensor on the same numbers"
)
table.equivalent("hessian_vector", LEAF, LEAF.replace(".detach()", ""), "the tensors that come require no gradient")
TIMES = "product, = torch.autograd.grad(grad @ v, x)"
table.equivalent("hessian_vector", TIMES, TIMES.replace("grad @ v", "v @ grad"), SYMMETRIC)
