import torch


def hessian_vector__forward_difference(f, x, v):
    r"""a difference of two gradients, one side, a coarse step"""
    at = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at)
    beyond = (x + 1e-2 * v).detach().requires_grad_(True)
    (h,) = torch.autograd.grad(f(beyond), beyond)
    return (h - g) / 1e-2


def hessian_vector__whole_hessian(f, x, v):
    r"""forms the matrix"""
    return torch.autograd.functional.hessian(f, x) @ v


def hessian_vector__row_by_row(f, x, v):
    r"""one backward pass for each row"""
    at = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at, create_graph=True)
    rows = [torch.autograd.grad(g[i], at, retain_graph=True)[0] for i in range(len(x))]
    return torch.stack(rows) @ v


def hessian_vector__x_requires_grad(f, x, v):
    r"""makes the caller's x require gradients"""
    at = x.requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at, create_graph=True)
    (product,) = torch.autograd.grad(g @ v, at)
    return product


def hessian_vector__x_grad_left(f, x, v):
    r"""backward() on x leaves an x.grad"""
    x.requires_grad_(True)
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    (g @ v).backward()
    product = x.grad.clone()
    x.requires_grad_(False)
    return product


def hessian_vector__graph_kept(f, x, v):
    r"""the answer still requires a gradient"""
    at = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at, create_graph=True)
    (product,) = torch.autograd.grad(g @ v, at, create_graph=True)
    return product


def hessian_vector__sum_then_v(f, x, v):
    r"""differentiates the sum of the gradient, then multiplies by v"""
    at = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at, create_graph=True)
    (product,) = torch.autograd.grad(g.sum(), at)
    return product * v


def hessian_vector__gradient_squared(f, x, v):
    r"""g.g in place of g.v"""
    at = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at, create_graph=True)
    (product,) = torch.autograd.grad(g @ g, at)
    return product


def hessian_vector__no_create_graph(f, x, v):
    r"""forgot create_graph"""
    at = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at)
    (product,) = torch.autograd.grad(g @ v, at)
    return product


def hessian_vector__slope_returned(f, x, v):
    r"""returns g.v, the slope along v"""
    at = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at, create_graph=True)
    return (g @ v).detach()


def hessian_vector__curvature_returned(f, x, v):
    r"""returns v.Hv"""
    at = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at, create_graph=True)
    (product,) = torch.autograd.grad(g @ v, at)
    return v @ product


def hessian_vector__unit_v(f, x, v):
    r"""makes v a unit vector first"""
    at = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at, create_graph=True)
    (product,) = torch.autograd.grad(g @ (v / v.norm()), at)
    return product


def hessian_vector__half(f, x, v):
    r"""half of the product"""
    at = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at, create_graph=True)
    (product,) = torch.autograd.grad(g @ v, at)
    return product / 2


def hessian_vector__outer_of_gradient(f, x, v):
    r"""g g^T v, Gauss-Newton without a residual"""
    at = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at, create_graph=True)
    return (g * (g @ v)).detach()


def hessian_vector__hutchinson(f, x, v):
    r"""v times Hv, the estimate of the diagonal"""
    at = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at, create_graph=True)
    (product,) = torch.autograd.grad(g @ v, at)
    return v * product


def hessian_vector__detached_gradient(f, x, v):
    r"""detaches the gradient before the product"""
    at = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at, create_graph=True)
    (product,) = torch.autograd.grad(g.detach() @ v, at)
    return product


def hessian_vector__at_zero(f, x, v):
    r"""at the origin, right on a bowl only"""
    at = torch.zeros_like(x).requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at, create_graph=True)
    (product,) = torch.autograd.grad(g @ v, at)
    return product


def hessian_vector__v_as_output(f, x, v):
    r"""hands v over as grad_outputs of the scalar"""
    at = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at, grad_outputs=v, create_graph=True)
    (product,) = torch.autograd.grad(g.sum(), at)
    return product


def hessian_vector__at_x_plus_v(f, x, v):
    r"""the Hessian at x + v"""
    at = (x + v).detach().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at, create_graph=True)
    (product,) = torch.autograd.grad(g @ v, at)
    return product


def hessian_vector__x_moved(f, x, v):
    r"""walks along v on the caller's x, for the second gradient"""
    at = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at)
    x += 1e-3 * v
    beyond = x.detach().clone().requires_grad_(True)
    (h,) = torch.autograd.grad(f(beyond), beyond)
    return (h - g) / 1e-3


def hessian_vector__hessian_times_gradient(f, x, v):
    r"""H g in place of H v"""
    at = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at, create_graph=True)
    (product,) = torch.autograd.grad(g @ g.detach(), at)
    return product


def hessian_vector__v_not_fixed(f, x, v):
    r"""v multiplied with x, so that x is differentiated twice"""
    at = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at, create_graph=True)
    (product,) = torch.autograd.grad(g @ (v * at), at)
    return product


def hessian_vector__no_grad_around(f, x, v):
    r"""everything under no_grad"""
    with torch.no_grad():
        at = x.detach().clone().requires_grad_(True)
        (g,) = torch.autograd.grad(f(at), at, create_graph=True)
        (product,) = torch.autograd.grad(g @ v, at)
    return product


def hessian_vector__negative(f, x, v):
    r"""minus Hv, as a Newton step has it"""
    at = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(at), at, create_graph=True)
    (product,) = torch.autograd.grad(g @ v, at)
    return -product
