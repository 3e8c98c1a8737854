"""From a function of a module to a text that stands alone, as a student would hand it in."""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable
from pathlib import Path

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


def names_read(node: ast.AST) -> set[str]:
    """Names that a piece of code looks up."""
    return {item.id for item in ast.walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Load)}


@functools.cache
def _parsed(path: str) -> ast.Module:
    return ast.parse(Path(path).read_text(encoding="utf-8"))


def _first_line(node: ast.AST) -> int | None:
    if not isinstance(node, ast.FunctionDef):
        return None
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _needed(module: ast.Module, definition: ast.FunctionDef) -> list[ast.stmt]:
    """Statements of the module that bind a name which the definition uses, directly or through another."""
    binding = [(name, statement) for statement in module.body for name in bound_names(statement)]
    found, waiting = [], [definition]
    while waiting:
        read = names_read(_undecorated(waiting.pop()))
        for name, statement in binding:
            if name in read and statement is not definition and statement not in found:
                found.append(statement)
                waiting.append(statement)
    return sorted(found, key=lambda statement: statement.lineno)


def bound_names(statement: ast.stmt) -> list[str]:
    """Names that a statement gives a meaning."""
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
