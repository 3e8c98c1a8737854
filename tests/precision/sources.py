"""From functions to the text that a student would hand in, and from text back to functions."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from types import CodeType
from typing import Any

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from grading.authoring.standalone import bound_names, names_read
from grading.cells import is_experiment
from grading.course import Course


def body_only(source: str, name: str) -> str:
    """Source without what no call can show: docstrings, annotations, and the defaults of the function of that name.

    Its defaults too, because every call passes every argument; not those of a class, which may be made without.
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            if node.name == name:
                node.args.defaults = []
        elif isinstance(node, ast.arg):
            node.annotation = None
    return ast.unparse(tree)


def chapter_namespace(course: Course, chapter: str, answers: dict[str, str]) -> dict[str, Any]:
    """What the reference solutions find around them: their notebooks' imports, and each other."""
    used = set().union(*(names_read(ast.parse(source)) for source in answers.values()))
    scope: dict[str, Any] = {"__name__": "__main__"}
    for statement in _imports(course, chapter):
        if used & set(bound_names(statement)):
            exec(compile(ast.Module([statement], []), chapter, "exec"), scope)
    for source in answers.values():
        exec(_compiled(source), scope)
    return scope


def built(cells: Iterable[str], name: str, namespace: dict[str, Any]) -> Any:
    """Run cells in a copy of a namespace and return what they define under a name, None if nothing."""
    scope = dict(namespace)
    scope.pop(name, None)
    for cell in cells:
        exec(_compiled(cell), scope)
    return scope.get(name)


@functools.lru_cache(maxsize=1000)
def _compiled(cell: str) -> CodeType:
    """Compile a cell, without the lines that only a notebook understands."""
    lines = [line for line in cell.splitlines() if not line.startswith("%")]
    return compile("\n".join(lines), "<answer>", "exec")


def _imports(course: Course, chapter: str) -> Iterator[ast.stmt]:
    python = TransformerManager()
    for path in sorted((course.solutions / chapter).glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code" and not is_experiment(cell):
                tree = ast.parse(python.transform_cell(cell.source))
                yield from (node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))
