"""Mutants of a reference solution: the same program with one small slip.

Arithmetic, comparisons, conditions, numbers, signs and loops are cosmic-ray's operators, used on a source text without
its sessions; they know nothing of statements, arguments, tuples, indices and names, whose operators stand here.
"""

from __future__ import annotations

import ast
import copy
import difflib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.provider import OperatorProvider

from tests.precision.sources import body_only

ARITHMETIC = ("Add", "Sub", "Mul", "Div", "FloorDiv", "Mod", "Pow")
COMPARISONS = ("Eq", "NotEq", "Lt", "LtE", "Gt", "GtE")
# not its bit operators, nor `is` for `==`: on numbers that is a matter of the interpreter, not of the exercise
BORROWED = (
    *(f"ReplaceBinaryOperator_{a}_{b}" for a, b in itertools.permutations(ARITHMETIC, 2)),
    *(f"ReplaceComparisonOperator_{a}_{b}" for a, b in itertools.permutations(COMPARISONS, 2)),
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_IsNot_Is",
    "ReplaceUnaryOperator_Delete_USub",
    "ReplaceUnaryOperator_Delete_Not",
    "AddNot",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "NumberReplacer",
    "ZeroIterationForLoop",
)
# functions that are taken for one another
CONFUSED = {
    "min": "max",
    "minimum": "maximum",
    "argmin": "argmax",
    "any": "all",
    "zeros": "ones",
    "zeros_like": "ones_like",
    "floor": "ceil",
    "sum": "mean",
    "var": "std",
    "log": "log1p",
    "exp": "expm1",
}
CONFUSED |= {other: name for name, other in CONFUSED.items()}
MODULES = {"np", "torch", "F", "nn", "math", "scipy", "pd"}
STATEMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return, ast.For, ast.While, ast.If, ast.With)


@dataclass(frozen=True)
class Mutant:
    """A program with one slip.

    operator : what was done, e.g. "NumberReplacer".
    was, becomes : the lines that changed, without indentation.
    source : the whole mutated source.
    """

    operator: str
    was: str
    becomes: str
    source: str


def mutants(source: str, name: str) -> list[Mutant]:
    """Every different mutant of the source of a function that still is a program, in a fixed order.

    Docstrings, annotations and the function's defaults are left out first: no call of a grader can show them.
    """
    original = body_only(source, name)
    found: dict[str, Mutant] = {}
    for operator, text in itertools.chain(_borrowed(original), _own(original)):
        mutated = _unparsed(text)
        if mutated and mutated != original and mutated not in found:
            found[mutated] = Mutant(operator, *_changed_lines(original, mutated), mutated)
    return list(found.values())


def _borrowed(source: str) -> Iterator[tuple[str, str]]:
    known = OperatorProvider()
    for name in BORROWED:
        for occurrence in itertools.count():
            mutated = mutate_code(source, known[name](), occurrence)
            if mutated is None:
                break
            yield name, mutated


def _unparsed(source: str) -> str:
    """The source in standard form, "" if it is no program."""
    try:
        return ast.unparse(ast.parse(source))
    except SyntaxError:
        return ""


def _changed_lines(original: str, mutated: str) -> tuple[str, str]:
    before, after = original.splitlines(), mutated.splitlines()
    was, becomes = [], []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            was += before[i:j]
            becomes += after[k:m]
    return "\n".join(line.strip() for line in was), "\n".join(line.strip() for line in becomes)


# --- operators of our own: a node of one of the types -> nodes to put in its place

Names = frozenset[str]
Operator = Callable[[ast.AST, Names], Iterator[ast.AST]]
OPERATORS: list[tuple[tuple[type, ...], Operator]] = []


def _own(source: str) -> Iterator[tuple[str, str]]:
    tree = ast.parse(source)
    names = _variables(tree)
    for node in list(ast.walk(tree)):
        for types, operator in OPERATORS:
            if isinstance(node, types):
                for replacement in list(operator(node, names)):
                    yield operator.__name__, _with_in_place_of(tree, node, replacement)


def _variables(tree: ast.Module) -> Names:
    """Parameters, local variables, and what an object keeps."""
    kept = {ast.unparse(n) for n in ast.walk(tree) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return frozenset(kept | stored | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)})


def _with_in_place_of(tree: ast.Module, node: ast.AST, other: ast.AST) -> str:
    """Source of a tree in which one of its nodes is another one; the tree stays as it is."""
    kind, fields = node.__class__, dict(node.__dict__)
    other = copy.deepcopy(other)  # it may hold the node itself
    try:
        _become(node, other.__class__, other.__dict__)
        return ast.unparse(ast.fix_missing_locations(tree))
    finally:
        _become(node, kind, fields)


def _become(node: ast.AST, kind: type[ast.AST], fields: dict[str, object]) -> None:
    node.__class__ = kind
    node.__dict__.clear()
    node.__dict__.update(fields)


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _operator(*types: type) -> Callable[[Operator], Operator]:
    return lambda operator: OPERATORS.append((types, operator)) or operator


def _neighbours_swapped(items: list) -> Iterator[list]:
    for i in range(len(items) - 1):
        yield [*items[:i], items[i + 1], items[i], *items[i + 2 :]]


def _one_dropped(items: list) -> Iterator[list]:
    for i in range(len(items)):
        yield [*items[:i], *items[i + 1 :]]


@_operator(*STATEMENTS, ast.Break, ast.Continue)
def statement_dropped(node: ast.stmt, names: Names) -> Iterator[ast.AST]:
    yield ast.Pass()


@_operator(ast.Return)
def result_negated(node: ast.Return, names: Names) -> Iterator[ast.AST]:
    if isinstance(node.value, ast.Tuple):
        for i, entry in enumerate(node.value.elts):
            entries = [*node.value.elts[:i], ast.UnaryOp(ast.USub(), entry), *node.value.elts[i + 1 :]]
            yield _with(node, value=_with(node.value, elts=entries))
    elif node.value is not None:
        yield _with(node, value=ast.UnaryOp(ast.USub(), node.value))


@_operator(ast.If)
def branch_fixed(node: ast.If, names: Names) -> Iterator[ast.AST]:
    yield _with(node, test=ast.Constant(True))
    yield _with(node, test=ast.Constant(False))


@_operator(ast.IfExp)
def one_arm(node: ast.IfExp, names: Names) -> Iterator[ast.AST]:
    yield node.body
    yield node.orelse


@_operator(ast.comprehension)
def condition_dropped(node: ast.comprehension, names: Names) -> Iterator[ast.AST]:
    for left in _one_dropped(node.ifs):
        yield _with(node, ifs=left)


@_operator(ast.AugAssign)
def update_changed(node: ast.AugAssign, names: Names) -> Iterator[ast.AST]:
    for operation in (ast.Add, ast.Sub, ast.Mult, ast.Div):
        yield _with(node, op=operation())
    yield ast.Assign([node.target], node.value)


@_operator(ast.BinOp)
def operands_swapped(node: ast.BinOp, names: Names) -> Iterator[ast.AST]:
    if not isinstance(node.op, ast.Add | ast.Mult):
        yield _with(node, left=node.right, right=node.left)


@_operator(ast.BinOp)
def operand_alone(node: ast.BinOp, names: Names) -> Iterator[ast.AST]:
    yield node.left
    yield node.right


@_operator(ast.BinOp)
def entrywise_product(node: ast.BinOp, names: Names) -> Iterator[ast.AST]:
    if isinstance(node.op, ast.MatMult):
        yield _with(node, op=ast.Mult())


@_operator(ast.BoolOp)
def one_condition(node: ast.BoolOp, names: Names) -> Iterator[ast.AST]:
    yield from node.values


@_operator(ast.Constant)
def number_a_little_off(node: ast.Constant, names: Names) -> Iterator[ast.AST]:
    if isinstance(node.value, int | float) and not isinstance(node.value, bool):
        yield ast.Constant(1.01 * node.value if node.value else 0.01)


@_operator(ast.Name)
def other_variable(node: ast.Name, names: Names) -> Iterator[ast.AST]:
    if isinstance(node.ctx, ast.Load) and node.id in names:
        for other in sorted(names - {node.id}):
            if "." not in other:
                yield _with(node, id=other)


@_operator(ast.Attribute)
def other_attribute(node: ast.Attribute, names: Names) -> Iterator[ast.AST]:
    kept = {name for name in names if name.startswith("self.")}
    if isinstance(node.ctx, ast.Load) and ast.unparse(node) in kept:
        for other in sorted(kept - {ast.unparse(node)}):
            yield _with(node, attr=other.removeprefix("self."))


@_operator(ast.Name, ast.Attribute)
def other_function(node: ast.Name | ast.Attribute, names: Names) -> Iterator[ast.AST]:
    field = "attr" if isinstance(node, ast.Attribute) else "id"
    if getattr(node, field) in CONFUSED:
        yield _with(node, **{field: CONFUSED[getattr(node, field)]})


@_operator(ast.Attribute)
def not_transposed(node: ast.Attribute, names: Names) -> Iterator[ast.AST]:
    if node.attr in {"T", "mT"}:
        yield node.value


@_operator(ast.Call)
def arguments_swapped(node: ast.Call, names: Names) -> Iterator[ast.AST]:
    for arguments in _neighbours_swapped(node.args):
        yield _with(node, args=arguments)


@_operator(ast.Call)
def argument_dropped(node: ast.Call, names: Names) -> Iterator[ast.AST]:
    for arguments in _one_dropped(node.args):
        yield _with(node, args=arguments)
    for keywords in _one_dropped(node.keywords):
        yield _with(node, keywords=keywords)


@_operator(ast.Call)
def call_dropped(node: ast.Call, names: Names) -> Iterator[ast.AST]:
    yield from (argument for argument in node.args[:1] if not isinstance(argument, ast.Starred | ast.GeneratorExp))
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
    if receiver is not None and ast.unparse(receiver).partition(".")[0] not in MODULES:
        yield receiver


@_operator(ast.Tuple, ast.List)
def entries_swapped(node: ast.Tuple | ast.List, names: Names) -> Iterator[ast.AST]:
    for entries in _neighbours_swapped(node.elts):
        yield _with(node, elts=entries)


@_operator(ast.Tuple, ast.List)
def entry_dropped(node: ast.Tuple | ast.List, names: Names) -> Iterator[ast.AST]:
    if isinstance(node.ctx, ast.Load):
        for entries in _one_dropped(node.elts):
            yield _with(node, elts=entries)


@_operator(ast.Tuple)
def entry_alone(node: ast.Tuple, names: Names) -> Iterator[ast.AST]:
    if isinstance(node.ctx, ast.Load):
        yield from node.elts


@_operator(ast.Subscript)
def index_dropped(node: ast.Subscript, names: Names) -> Iterator[ast.AST]:
    if isinstance(node.ctx, ast.Load):
        yield node.value


@_operator(ast.Slice)
def bound_dropped(node: ast.Slice, names: Names) -> Iterator[ast.AST]:
    for bound in ("lower", "upper", "step"):
        if getattr(node, bound) is not None:
            yield _with(node, **{bound: None})
