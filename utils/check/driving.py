"""Use what a student has built: hand arguments over, make objects, ask their methods, and say what does not fit.

A *driver* in `utils.drivers` does with a class or a longer function what a notebook would do with it, and returns plain
data. It runs where the student's code runs, and uses that code through `make` and `method` alone, so that a method that
is missing or takes other arguments gets a sentence of its own.
"""

from __future__ import annotations

import functools
import inspect
import linecache
from collections.abc import Callable
from typing import Any

from utils.check.plain import find, one_line


class Misfit(Exception):
    """What was built cannot be used as the exercise says.

    kind : of the `Failure` that this is, such as "signature", "attribute", "method", "growth" or "state".
    """

    def __init__(self, kind: str, message: str):
        super().__init__(message)
        self.kind = kind


def driven(build: Callable, driver: str) -> Callable:
    """Return the function of a case's inputs that puts `build` to use: the driver, or without one `build` itself.

    driver : dotted name of a function below `utils`, "" for none.
    """
    return functools.partial(find(driver), build) if driver else build


def make(build: Callable, /, **arguments: Any) -> Any:
    """Call what was built, a class or a function, and return what it makes.

    Arguments go by position, or by name if it has exactly these names in another order.
    Raises Misfit if it takes others.
    """
    return _taking(build, tuple(arguments))(arguments)


def method(thing: Any, name: str, *arguments: str) -> Callable:
    """Return a method of an object, to be called with these arguments by name; it may take them by position.

    Raises Misfit if there is none, or if it takes other arguments.
    """
    wanted = f"{name}({', '.join(['self', *arguments])})"
    function = getattr(thing, name, None)
    if function is None:
        raise Misfit("attribute", f"what it makes{_named(thing)} has no method {name}; define {wanted}")
    if not callable(function):
        raise Misfit("attribute", f"{name} is no method but of type {_type(function)}; define {wanted}")
    try:
        hand_over = _taking(function, arguments)
    except Misfit as misfit:
        yours = f"yours takes {misfit}{_place(function)}"
        raise Misfit("method", f"{name} should take the arguments ({', '.join(arguments)}), but {yours}") from None
    return lambda **given: hand_over(given)


def _taking(function: Callable, arguments: tuple[str, ...]) -> Callable[[dict[str, Any]], Any]:
    """Return how these arguments are handed over to a function. Raises Misfit if it takes others."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # nobody can tell
        return lambda given: function(*given.values())
    names = list(signature.parameters)
    reordered = set(arguments) <= set(names) and names[: len(arguments)] != list(arguments)
    if not reordered and _binds(signature, *arguments):
        return lambda given: function(*given.values())
    if _binds(signature, **dict.fromkeys(arguments)):
        return lambda given: function(**given)
    raise Misfit("signature", one_line(f"({', '.join(names)})"))


def _binds(signature: inspect.Signature, /, *values: Any, **named: Any) -> bool:
    try:
        signature.bind(*values, **named)
    except TypeError:
        return False
    return True


def _type(thing: Any) -> str:
    return one_line(type(thing).__name__, 50)


def _named(thing: Any) -> str:
    return " is None, and" if thing is None else f", of type {_type(thing)},"


def _place(function: Callable) -> str:
    """Say where a method is defined in a notebook's cell, as the end of a sentence."""
    code = getattr(function, "__code__", None)
    line = linecache.getline(code.co_filename, code.co_firstlineno) if is_notebook_code(code) else ""
    return f' (line {code.co_firstlineno} of the cell: "{one_line(line)}")' if line.strip() else ""


def is_notebook_code(code: Any) -> bool:
    return is_notebook_cell(getattr(code, "co_filename", ""))


def is_notebook_cell(filename: str) -> bool:
    """Return whether a file name is one under which IPython knows a cell."""
    # IPython registers each cell's source with linecache under a name that is no installed file
    return (
        "ipykernel_" in filename
        or filename.startswith("<ipython-input")
        or (filename in linecache.cache and "site-packages" not in filename and filename.startswith("<"))
    )
