"""From a function or class of a module to a text that stands alone, as a student would hand it in."""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import symtable
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

# decorators that only enter a function in a table; a student would not write them
REGISTERING = {"honest", "wrong", "misconception"}
SHARED = "_helpers"  # name of a module whose functions go into the text: a student cannot import it
Definition = ast.FunctionDef | ast.ClassDef


def standalone(function: Callable, name: str) -> str:
    """Source of a module's function or class under another name, preceded by what it uses of that module."""
    path = inspect.getfile(function)
    return _alone(_definition(function, path), name, path)


def _definition(function: Callable, path: str) -> Definition:
    if isinstance(function, type):
        named = [node for node in ast.walk(_parsed(path)) if isinstance(node, ast.ClassDef)]
        named = [node for node in named if node.name == function.__name__]
        methods = {method.__code__.co_firstlineno for method in vars(function).values() if inspect.isfunction(method)}
        # of several classes of one name, that of these methods
        return next(node for node in named if len(named) == 1 or methods & set(map(_first_line, node.body)))
    line = function.__code__.co_firstlineno
    return next(node for node in ast.walk(_parsed(path)) if _first_line(node) == line)


def standalone_expression(expression: str, name: str, parameters: Iterable[str], path: str) -> str:
    """Source of a function that returns an expression, preceded by the imports and helpers of a file it uses.

    Raises NameError for a name that nothing gives a meaning: no linter looks into the text.
    """
    definition = ast.parse(f"def {name}({', '.join(parameters)}):\n    return ({expression})").body[0]
    known = {bound for statement in _statements(path) for bound in bound_names(statement)}
    unknown = names_read(definition) - known - set(dir(builtins))
    if unknown:
        raise NameError(f"{path}: {expression!r} uses {', '.join(sorted(unknown))}, which its file does not define")
    return _alone(definition, name, path)


def renamed(source: str, old: str, new: str) -> str:
    """Source with the name of a function or class replaced wherever it is defined or used."""
    return ast.unparse(_renamed(ast.parse(source), old, new))


def names_read(node: ast.AST) -> set[str]:
    """Names that a piece of code looks up around it: not its parameters and local variables."""
    module = symtable.symtable(ast.unparse(node), "<source>", "exec")
    return {
        symbol.get_name()
        for table in _scopes(module)
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (table is module or symbol.is_global())
    }


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _scopes(child)


@functools.cache
def _parsed(path: str) -> ast.Module:
    return ast.parse(Path(path).read_text(encoding="utf-8"))


@functools.cache
def _statements(path: str) -> tuple[ast.stmt, ...]:
    """Statements of a file, those of a module of helpers in place of its import."""
    found = []
    for statement in _parsed(path).body:
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").rpartition(".")[2] == SHARED:
            found += _statements(find_spec(statement.module).origin)
            other = [alias for alias in statement.names if alias.asname]
            found += ast.parse("\n".join(f"{alias.asname} = {alias.name}" for alias in other)).body
        else:
            found.append(statement)
    return tuple(found)


def _first_line(node: ast.AST) -> int | None:
    if not isinstance(node, ast.FunctionDef):
        return None
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _alone(definition: Definition, name: str, path: str) -> str:
    helpers = [ast.unparse(_undecorated(statement)) for statement in _needed(_statements(path), definition)]
    answer = ast.unparse(_renamed(_undecorated(definition), definition.name, name))
    return ast.unparse(ast.parse("\n".join([*dict.fromkeys(helpers), answer])))  # two modules may import the same


def _needed(statements: tuple[ast.stmt, ...], definition: Definition) -> list[ast.stmt]:
    """Statements that bind a name which the definition uses, directly or through another."""
    binding = [(name, statement) for statement in statements for name in bound_names(statement)]
    found, waiting = [], [definition]
    while waiting:
        read = names_read(_undecorated(waiting.pop())) - {definition.name}  # that is the definition itself
        for name, statement in binding:
            if name in read and statement not in found:
                found.append(statement)
                waiting.append(statement)
    return [statement for statement in statements if statement in found]


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
    if "misconception" in map(_decorator_name, copied.decorator_list) and ast.get_docstring(copied) is not None:
        copied.body = copied.body[1:] or [ast.Pass()]  # a student's answer does not begin with the hint
    copied.decorator_list = [node for node in copied.decorator_list if _decorator_name(node) not in REGISTERING]
    return copied


def _decorator_name(decorator: ast.expr) -> str:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return getattr(function, "attr", getattr(function, "id", ""))


def _renamed(tree: ast.AST, old: str, new: str) -> ast.AST:
    return _Renaming(old, new).visit(tree)


class _Renaming(ast.NodeTransformer):
    """Rename a function or class and its uses; a parameter or local variable of the same name is something else."""

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        shadowed = self.old in _own_names(node)
        if node.name == self.old:
            node.name = self.new
        return node if shadowed else self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        node.name = self.new if node.name == self.old else node.name
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.new if node.id == self.old else node.id
        return node


def _own_names(function: ast.FunctionDef) -> set[str]:
    """Parameters and local variables of a function and of those inside."""
    stored = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored | {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
