"""Hand a checked function on as its exercise promises.

`check` takes many forms of a right answer: a list of numbers, a torch tensor, float32 or a zero-dimensional array is as
right as a float or an array of float64, and parameters may bear other names. The experiments reckon with one form.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from utils.check.cases import CaseSet
from utils.check.compare import items_of
from utils.check.driving import make
from utils.check.plain import as_array, is_tensor

_BY_ANY_NAME = inspect.Parameter.POSITIONAL_OR_KEYWORD
FLOAT, WHOLE, ANY = "float", "whole", "any"  # what the numbers of a result are: all floats, all integers, or either


def as_promised(function: Callable, case_set: CaseSet, values: Iterable[Any]) -> Callable:
    """Return a function that is called and that answers as the exercise says, for one that passed its cases.

    values : what it returned for them. If all of it is as promised, this is the function itself; so it is where a
        driver uses what was built: what the cases expect is the driver's answer then.
    """
    if any(getattr(case, "driver", "") for case in case_set.cases):
        return function
    kinds = [_kind(case_set, position) for position in range(len(case_set.returns))]
    promise = inspect.Signature([inspect.Parameter(name, _BY_ANY_NAME) for name in case_set.parameters])
    if _keeps(function, list(promise.parameters), values, case_set.view, kinds):
        return function

    @functools.wraps(function)
    def handed_on(*arguments: Any, **named: Any) -> Any:
        try:
            bound = promise.bind(*arguments, **named).arguments
        except TypeError:  # other arguments than the exercise's: an option of the student's own
            return _result(function(*arguments, **named), case_set.view, kinds)
        return _result(make(function, **bound), case_set.view, kinds)

    handed_on.__name__, handed_on.__signature__ = case_set.name, promise
    return handed_on


def _keeps(function: Callable, names: list[str], values: Iterable[Any], view: str, kinds: list[str]) -> bool:
    """Return whether a function has the promised parameters and gives results of the promised form."""
    try:
        found = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return False
    # what an iterator gave cannot be seen any more
    return found == names and all(
        not isinstance(value, Iterator) and _same(value, _result(value, view, kinds)) for value in values
    )


def _same(value: Any, promised: Any) -> bool:
    """Return whether a value is already of the form that is promised."""
    if isinstance(promised, tuple | list):
        alike = type(value) is type(promised) and len(value) == len(promised)
        return alike and all(map(_same, value, promised))
    if isinstance(promised, np.ndarray):
        return isinstance(value, np.ndarray) and value.dtype == promised.dtype
    if isinstance(promised, int | float):
        return isinstance(value, int | np.integer if isinstance(promised, int) else float)
    return True


def _kind(case_set: CaseSet, position: int) -> str:
    """What numbers the cases expect at a position of the result."""
    if case_set.view:
        return ANY
    kinds = {step[position].dtype.kind for expected in case_set.expected for step in expected.values}
    return FLOAT if kinds == {"f"} else WHOLE if kinds <= {"i", "u"} else ANY


def _result(value: Any, view: str, kinds: list[str]) -> Any:
    if view == "batches":
        pairs = (tuple(_item(part, ANY) for part in pair) for pair in value)
        return pairs if isinstance(value, Iterator) else list(pairs)
    if view == "arrays":
        return [_item(part, ANY) for part in value]
    if len(kinds) == 1:
        return _item(*items_of(value, 1), kinds[0])
    return tuple(_item(item, kind) for item, kind in zip(value, kinds, strict=True))


def _item(value: Any, kind: str) -> Any:
    """Return a number of Python, or an array of float64 or integers; anything that holds no numbers as it is."""
    plain = isinstance(value, np.ndarray) and value.dtype.kind != "O"
    array = value if plain else _array(value)
    if array is None or array.dtype.kind not in "iuf":
        return value
    if kind == WHOLE and array.dtype.kind == "f" and (array == np.round(array)).all():
        array = array.astype(int)
    elif kind == FLOAT or array.dtype.kind == "f" and not plain:
        array = array.astype(float, copy=False)
    return array if array.ndim else array.item()


def _array(value: Any) -> np.ndarray | None:
    """Return numbers in any form as an array, None if there are none."""
    if isinstance(value, list):
        try:  # as_array looks at every number: an experiment asks for thousands of lists
            array = np.asarray(value)
            if array.dtype.kind in "iuf":
                return array
        except (ValueError, TypeError, RuntimeError):
            pass  # ragged, or tensors among them: the way below can tell
    return as_array(_listed(value))


def _listed(value: Any) -> Any:
    """Return what iterates, tensors and arrays of objects among them, as nested lists of numbers."""
    if is_tensor(value) or isinstance(value, np.ndarray | np.generic):
        return as_array(value) if is_tensor(value) else value.tolist()
    return [_listed(item) for item in value] if isinstance(value, list | tuple | Iterator) else value
