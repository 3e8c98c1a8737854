"""Honest submissions of unusual kinds: each gets what it deserves."""

from __future__ import annotations

import json
from functools import partial

import nbformat

from tests.attacks.attack import ALL, Attack, cell_of, doing
from tests.sample import right_answers

fair = partial(Attack, kind="fair")
RIGHT = right_answers()

LOUD = """
import sys, warnings
warnings.warn("careful")
print("theta is", theta, file=sys.stderr)
import logging; logging.getLogger().error("nothing is wrong")
return theta - lr * grad
"""


def _body(name: str) -> str:
    """The statements of a reference solution, to be wrapped in something else."""
    lines = RIGHT[name].splitlines()
    start = max(index for index, line in enumerate(lines) if line.strip().endswith('"""')) + 1
    return "\n".join(line[4:] for line in lines[start:])


TORCH = """
theta, grad = torch.as_tensor(theta), torch.as_tensor(grad)
return theta - lr * grad
"""
FLOAT32 = """
velocity = np.float32(momentum) * velocity.astype(np.float32) - np.float32(lr) * grad.astype(np.float32)
return [theta.astype(np.float32) + velocity, velocity]
"""
AS_LISTS = """
velocity = momentum * velocity + (1 - momentum) * grad
return [(theta - lr / (1 - momentum) * velocity).tolist(), velocity.tolist()]
"""
CALLABLE = """
class Decay:
    def __call__(self, k, lr0, rate):
        return lr0 * float(np.exp(-rate * k))
exponential_decay = Decay()
"""
PARTIAL = """
import functools
def _nesterov(sign, theta, velocity, grad_fn, lr, momentum):
    velocity = momentum * velocity - sign * lr * grad_fn(theta + momentum * velocity)
    return theta + velocity, velocity
nesterov_step = functools.partial(_nesterov, 1.0)
"""
JIT = """
@torch.jit.script
def _step(theta, grad, lr: float):
    return theta - lr * grad
def sgd_step(theta, grad, lr):
    return _step(torch.tensor(theta), torch.tensor(grad), float(lr)).numpy()
"""
HINTS = """
from numpy.typing import NDArray
def momentum_step(theta: NDArray, grad: NDArray, velocity: NDArray, lr: float, momentum: float) -> tuple:
    print("velocity", velocity)
    return helper(theta, grad, velocity, lr, momentum)
"""
HELPER = """
def helper(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity - lr * grad
    return theta + velocity, velocity
"""
SLOW = "import time\ntime.sleep(60)\n"


def _without_metadata(notebook: dict, ids: bool) -> dict:
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] = {}
        if not ids:
            cell["id"] = f"random-{number}"
    return notebook


def _reordered(notebook: dict) -> dict:
    """All checks first, then the solutions from the last to the first."""
    cells = notebook["cells"]
    checks = [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("locked")]
    others = [cell for cell in cells if cell not in checks]
    solutions = [cell for cell in others if cell["metadata"].get("nbgrader", {}).get("solution")]
    rest = [cell for cell in others if cell not in solutions]
    notebook["cells"] = checks + rest + solutions[::-1]
    return notebook


def _old_release(notebook: dict) -> dict:
    """A release that lacked an exercise, had another one, and other text at the same places."""
    cells = [
        c for c in notebook["cells"] if not str(c["metadata"].get("nbgrader", {}).get("grade_id")).startswith("nest")
    ]
    old = nbformat.v4.new_code_cell("def adagrad_step(theta):\n    return theta")
    old.metadata["nbgrader"] = {"grade_id": "adagrad-step", "solution": True, "grade": False, "locked": False}
    cells.insert(3, dict(old))
    for number, cell in enumerate(cells):
        if str(cell["id"]).startswith("cell-"):
            cell["id"] = f"cell-{number:03d}"
    notebook["cells"] = cells
    return notebook


def _format_3(notebook: dict) -> dict:
    cells = [
        {"cell_type": c["cell_type"], "metadata": c["metadata"], "input": c["source"], "source": c["source"]}
        for c in notebook["cells"]
    ]
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}


def _without_kernelspec(notebook: dict) -> dict:
    notebook["metadata"] = {}
    return notebook


def _another_language(notebook: dict) -> dict:
    notebook["metadata"] = {
        "kernelspec": {"name": "ir", "display_name": "R", "language": "R"},
        "language_info": {"name": "R"},
    }
    return notebook


def _magics(notebook: dict) -> dict:
    for target, magic in (
        ("sgd-step", "%%time"),
        ("linear-decay", "%matplotlib widget"),
        ("momentum-step", "%%capture out"),
    ):
        cell = cell_of(notebook, target)
        cell["source"] = f"{magic}\n{cell['source']}"
    return notebook


def _windows(notebook: dict) -> bytes:
    return b"\xef\xbb\xbf" + json.dumps(notebook, indent=1).replace("\n", "\r\n").encode()


def only_another_chapter(notebook: dict) -> dict:
    """A notebook that has nothing to do with the release."""
    del notebook
    return dict(nbformat.v4.new_notebook(cells=[dict(nbformat.v4.new_code_cell("def adam_step():\n    return 1"))]))


ATTACKS = [
    fair(
        entry=21,
        slug="writes-to-stderr",
        aim="a correct solution that warns, logs and writes to stderr",
        answers={"sgd_step": doing("sgd_step", LOUD)},
    ),
    fair(
        entry=22,
        slug="other-forms",
        aim="torch, float32, lists, a class with __call__, functools.partial, a lambda",
        answers={
            "sgd_step": doing("sgd_step", TORCH),
            "linear_decay": "linear_decay = lambda k, lr0, lr_tau, tau: lr0 + min(k / tau, 1) * (lr_tau - lr0)",
            "exponential_decay": CALLABLE,
            "momentum_step": doing("momentum_step", FLOAT32),
            "nesterov_step": PARTIAL,
            "averaged_momentum_step": doing("averaged_momentum_step", AS_LISTS),
        },
    ),
    fair(
        entry=22,
        slug="other-styles",
        aim="jit, type hints, prints, helper functions in extra cells",
        answers={"sgd_step": JIT, "momentum_step": HINTS},
        cells={"linear-decay": HELPER, "sgd-step": "%matplotlib widget"},
    ),
    fair(entry=22, slug="magics", aim="%%time, %matplotlib widget and %%capture in solution cells", edit=_magics),
    fair(
        entry=23,
        slug="metadata-lost",
        aim="no nbgrader metadata; found by cell id",
        edit=partial(_without_metadata, ids=True),
    ),
    fair(
        entry=23,
        slug="metadata-and-ids-lost",
        aim="neither metadata nor ids; found by the function's name",
        edit=partial(_without_metadata, ids=False),
    ),
    fair(
        entry=24,
        slug="exceptions",
        aim="cells that raise: a syntax error, a missing name, an assertion",
        answers={"linear_decay": "def linear_decay(k, lr0, lr_tau, tau)\n    return lr0"},
        cells={"sgd-step": "1 / 0", "momentum-step": "raise SystemExit(1)", "nesterov-step": "assert False"},
        loses=("linear_decay",),
    ),
    fair(
        entry=25,
        slug="timeouts",
        aim="a cell and an exercise that take too long",
        answers={"exponential_average": doing("exponential_average", SLOW + "return x")},
        cells={"momentum-step": SLOW},
        loses=("exponential_average",),
        says="stopped after",
    ),
    fair(entry=26, slug="reordered", aim="checks first, solutions from the last to the first", edit=_reordered),
    fair(
        entry=26,
        slug="old-release",
        aim="a release that lacked an exercise and had another one",
        edit=_old_release,
        loses=("nesterov_step",),
    ),
    fair(entry=20, slug="format-3", aim="nbformat 3", edit=_format_3),
    fair(entry=20, slug="without-kernelspec", aim="no kernelspec, no language", edit=_without_kernelspec),
    fair(entry=20, slug="another-language", aim="says that it is written in R", edit=_another_language),
    fair(
        entry=20,
        slug="byte-order-mark",
        aim="UTF-8 with a byte order mark, Windows line ends",
        edit=_windows,
    ),
    fair(
        entry=20,
        slug="another-chapter",
        aim="a notebook that has nothing to do with this chapter",
        edit=only_another_chapter,
        loses=ALL,
    ),
]
