"""Other forms of right answers: a function or its results in another type, as honest students hand them in.

A form is a decorator that keeps the name and the signature, because utils.training.trace looks at both. Whether `check`
accepts a form of an exercise is asked when it is tried.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from tests.precision import variants

Form = Callable[[Callable], Callable]


def _with_results(convert: Callable[[Any], Any]) -> Form:
    """The form in which every number and array of a result is converted, wherever it stands."""

    def form(function: Callable) -> Callable:
        @functools.wraps(function)
        def converted(*arguments: Any, **named: Any) -> Any:
            return _everywhere(convert, function(*arguments, **named))

        return converted

    return form


def _everywhere(convert: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, tuple | list):
        return type(value)(_everywhere(convert, item) for item in value)
    if isinstance(value, Iterator):
        return (_everywhere(convert, item) for item in value)
    return convert(value) if isinstance(value, np.ndarray | np.generic | int | float) else value


def _nested(value: Any) -> Any:
    """A result with lists for arrays and for tuples, and numbers of Python."""
    if isinstance(value, tuple | list | Iterator):
        return [_nested(item) for item in value]
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def nested_lists(function: Callable) -> Callable:
    @functools.wraps(function)
    def converted(*arguments: Any, **named: Any) -> Any:
        return _nested(function(*arguments, **named))

    return converted


def iterators(function: Callable) -> Callable:
    """Lists, and what is yielded, as an iterator that can be gone through once."""

    @functools.wraps(function)
    def converted(*arguments: Any, **named: Any) -> Any:
        value = function(*arguments, **named)
        return iter(list(value)) if isinstance(value, list | Iterator) else value

    return converted


def listed(function: Callable) -> Callable:
    """What is yielded as a list."""

    @functools.wraps(function)
    def converted(*arguments: Any, **named: Any) -> Any:
        value = function(*arguments, **named)
        return list(value) if isinstance(value, Iterator) else value

    return converted


def _whole_as_float(value: Any) -> Any:
    whole = np.asarray(value).dtype.kind in "iu"
    return value if not whole else value.astype(float) if isinstance(value, np.ndarray) else float(value)


def _float_as_whole(value: Any) -> Any:
    return int(value) if np.ndim(value) == 0 and float(value).is_integer() else value


def _python_number(value: Any) -> Any:
    return value if isinstance(value, np.ndarray) and value.ndim else np.asarray(value).item()


def _tensor(value: Any) -> torch.Tensor:
    return torch.tensor(np.asarray(value))


python_numbers = _with_results(_python_number)
whole_as_floats = _with_results(_whole_as_float)
floats_as_whole = _with_results(_float_as_whole)
zero_dimensional = _with_results(np.asarray)
single_precision = _with_results(lambda value: np.asarray(value, dtype=np.float32)[()])
tensors = _with_results(_tensor)
float32_tensors = _with_results(lambda value: _tensor(value).float())


def _with_arguments(convert: Callable[[Any], Any]) -> Form:
    def form(function: Callable) -> Callable:
        @functools.wraps(function)
        def converted(*arguments: Any, **named: Any) -> Any:
            arguments = [convert(argument) for argument in arguments]
            return function(*arguments, **{name: convert(argument) for name, argument in named.items()})

        return converted

    return form


def _asked_twice(argument: Any) -> Any:
    if not callable(argument):
        return argument
    return lambda *arguments: (argument(*arguments), argument(*arguments))[1]


def _after_a_draw(argument: Any) -> Any:
    if isinstance(argument, np.random.Generator):
        argument.random()
    return argument


calls_twice = _with_arguments(_asked_twice)  # a loss or a gradient is worked out where it is used, not kept
other_order_of_chance = _with_arguments(_after_a_draw)  # as right a shuffle as any


def other_parameter_names(function: Callable) -> Callable:
    names = [f"p{i}" for i in range(len(inspect.signature(function).parameters))]
    renamed = eval(f"lambda {', '.join(names)}: function({', '.join(names)})", {"function": function})
    renamed.__name__ = function.__name__
    return renamed


def _positional(decorator: Form) -> Form:
    """A variant of tests.precision, which takes its arguments by position, with the signature kept."""

    def form(function: Callable) -> Callable:
        inner, signature = decorator(function), inspect.signature(function)

        @functools.wraps(function)
        def decorated(*arguments: Any, **named: Any) -> Any:
            return inner(*signature.bind(*arguments, **named).arguments.values())

        return decorated

    return form


FORMS: dict[str, Form] = {
    "nested lists": nested_lists,
    "tensors": tensors,
    "tensors with a gradient": _positional(variants.tensors_with_gradient_out),
    "float32": single_precision,
    "float32 tensors": float32_tensors,
    "float32 inside": _positional(variants.float32_in_and_out),
    "zero-dimensional arrays": zero_dimensional,
    "numbers of Python": python_numbers,
    "ints as floats": whole_as_floats,
    "floats as ints": floats_as_whole,
    "list for tuple": _positional(variants.list_for_tuple),
    "object arrays": _positional(variants.object_arrays_out),
    "extended precision": _positional(variants.extended_precision_out),
    "iterators": iterators,
    "list for generator": listed,
    "functions called twice": calls_twice,
    "another order of chance": other_order_of_chance,
    "other parameter names": other_parameter_names,
    "object with __call__": variants.object_with_call,
    "functools.partial": variants.partial,
}
