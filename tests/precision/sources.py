"""From functions to the text that a student would hand in, and from text back to functions."""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from grading.cells import is_experiment
from grading.course import Course

# decorators that only enter a function in a table; a student would not write them
REGISTERING = {"honest", "wrong", "misconception"}
Definition = ast.FunctionDef | ast.ClassDef


def standalone(function: Callable, name: str) -> str:
    """Source of a module's function under another name, preceded by the imports and helpers of that module it uses."""
    module = _parsed(inspect.getfile(function))
    definition = next(node for node in ast.walk(module) if _first_line(node) == function.__code__.co_firstlineno)
    helpers = [_undecorated(statement) for statement in _needed(module, definition)]
    return ast.unparse(ast.Module([*helpers, _renamed(_undecorated(definition), definition.name, name)], []))


def renamed(source: str, old: str, new: str) -> str:
    """Source with a function's name replaced wherever it is defined or used."""
    return ast.unparse(_renamed(ast.parse(source), old, new))


def body_only(source: str, name: str) -> str:
    """Source without what no call can show: docstrings, annotations, and the defaults of the function of that name.

    Its defaults too, because every call passes every argument.
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
            node.returns = None
            if node.name == name:
                node.args.defaults = []
        elif isinstance(node, ast.arg):
            node.annotation = None
    return ast.unparse(tree)


def names_read(node: ast.AST) -> set[str]:
    """Names that a piece of code looks up."""
    return {item.id for item in ast.walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Load)}


def chapter_namespace(course: Course, chapter: str, answers: dict[str, str]) -> dict[str, Any]:
    """What the reference solutions find around them: their notebooks' imports, and each other."""
    used = set().union(*(names_read(ast.parse(source)) for source in answers.values()))
    scope: dict[str, Any] = {"__name__": "__main__"}
    for statement in _imports(course, chapter):
        if used & set(_bound(statement)):
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


@functools.cache
def _parsed(path: str) -> ast.Module:
    return ast.parse(Path(path).read_text(encoding="utf-8"))


def _first_line(node: ast.AST) -> int | None:
    if not isinstance(node, ast.FunctionDef):
        return None
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _needed(module: ast.Module, definition: ast.FunctionDef) -> list[ast.stmt]:
    """Statements of the module that bind a name which the definition uses, directly or through another."""
    binding = [(name, statement) for statement in module.body for name in _bound(statement)]
    found, waiting = [], [definition]
    while waiting:
        read = names_read(_undecorated(waiting.pop()))
        for name, statement in binding:
            if name in read and statement is not definition and statement not in found:
                found.append(statement)
                waiting.append(statement)
    return sorted(found, key=lambda statement: statement.lineno)


def _bound(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.partition(".")[0] for alias in statement.names]
    if isinstance(statement, Definition):
        return [statement.name] if statement.name != "_" else []
    return [target.id for target in getattr(statement, "targets", []) if isinstance(target, ast.Name)]


def _undecorated(statement: ast.AST) -> ast.AST:
    if not isinstance(statement, Definition):
        return statement
    copied = ast.parse(ast.unparse(statement)).body[0]
    copied.decorator_list = [node for node in copied.decorator_list if not _registers(node)]
    return copied


def _registers(decorator: ast.expr) -> bool:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return getattr(function, "attr", getattr(function, "id", "")) in REGISTERING


def _renamed(tree: ast.AST, old: str, new: str) -> ast.AST:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == old:
            node.name = new
        elif isinstance(node, ast.Name) and node.id == old:
            node.id = new
    return tree
