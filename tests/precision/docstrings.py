"""What the docstrings of the reference solutions promise a student, as far as a program can read it.

The rule of the house: arguments are of floats, unless the docstring says "int" of them; shapes are any, where it says
"any shape", "one shape", "this shape" or "(N, ...)".
"""

from __future__ import annotations

import ast
import re

import numpy as np

from grading.course import Course
from utils.check.cases import CaseSet

ANY_SHAPE = re.compile(r"\b(any|one|this) shapes?\b|, \.\.\.\)")
AS_ANOTHER = re.compile(r"\bas in (\w+)")
NAMES = re.compile(r"(?:^|\.\s\s+|,\s\s+)\s*(\w+(?:, \w+)*) : ")


def docstrings(course: Course, chapter: str) -> dict[str, str]:
    """Function or class -> its docstring, for all that the chapter's authored notebooks define."""
    return {
        node.name: "\n".join(ast.get_docstring(part) or "" for part in [node, *_methods(node)])
        for path in sorted((course.solutions / chapter).glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


def _methods(node: ast.AST) -> list[ast.FunctionDef]:
    """The methods of a class, whose docstrings say what they take."""
    return [part for part in node.body if isinstance(part, ast.FunctionDef)] if isinstance(node, ast.ClassDef) else []


def promises_any_shape(name: str, texts: dict[str, str]) -> bool:
    """Return whether a docstring, or the one to which it refers, leaves the shape open."""
    other = _referred(name, texts)
    return bool(ANY_SHAPE.search(texts[name])) or bool(other and promises_any_shape(other, texts))


def arguments(name: str, texts: dict[str, str]) -> dict[str, str]:
    """Argument -> what the docstring says of it."""
    other = _referred(name, texts)
    found = arguments(other, texts) if other else {}
    for line in re.sub(r"\n(?=    \s*\S)", " ", texts[name]).splitlines():
        heads = list(NAMES.finditer(line))
        ends = [head.start() for head in heads[1:]] + [len(line)]
        for head, end in zip(heads, ends, strict=False):  # a line may have no head at all
            found |= {argument: line[head.end() : end] for argument in head.group(1).split(", ")}
    return found


def _referred(name: str, texts: dict[str, str]) -> str:
    """The function in whose docstring the rest stands, "" for none."""
    found = AS_ANOTHER.search(texts[name])
    return found.group(1) if found and found.group(1) in texts else ""


def says_int(text: str) -> bool:
    return bool(re.search(r"\bint(s|eger|egers)?\b", text))


def says_float(text: str) -> bool:
    return bool(re.search(r"\bfloats?\b", text))


def kinds(case_set: CaseSet, driver: str = "") -> dict[str, set[str]]:
    """Argument -> the kinds of the arrays that are handed over for it: "f" for floats, "i" for integers.

    driver : the exercise's own; what another driver of a group makes of its inputs cannot be seen here.
    """
    found: dict[str, set[str]] = {}
    for case in case_set.cases:
        if case.driver not in ("", driver):
            continue
        for argument, value in case.inputs.items():
            found.setdefault(argument, set()).update(array.dtype.kind for array in arrays_in(value) if array.size)
    return found


def arrays_in(value: object) -> list[np.ndarray]:
    """The arrays of an input, which may be a list of them, or of lists of them."""
    if isinstance(value, list):
        return [array for item in value for array in arrays_in(item)]
    return [value] if isinstance(value, np.ndarray) else []


def most_axes(case_set: CaseSet) -> int:
    """The largest number of axes of an array that is handed over or due in one call."""
    axes = [item.ndim for expected in case_set.expected for items in expected.values for item in items]
    for case in case_set.cases:
        for argument, value in case.inputs.items():
            axes += [array.ndim - (argument in case.each) for array in arrays_in(value)]
    return max(axes)
