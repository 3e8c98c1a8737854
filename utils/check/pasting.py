"""A case as a line of Python that a notebook can run, to see what the answer gives."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from utils.check.cases import CaseSet
from utils.check.evidence import inputs_at
from utils.check.plain import Reference, Seed

MOST = 24  # numbers in a call that is still read


def as_call(case_set: CaseSet, index: int, step: int, known: Collection[str]) -> str:
    """Write a step of a case as a call, with what was right so far fed back; "" if its inputs are too many to read.

    known : names that need no import.
    """
    inputs = inputs_at(case_set, index, step)
    if sum(map(_size, inputs.values())) > MOST:
        return ""
    arguments = [f"{key}={literal(value)}" for key, value in inputs.items()]
    driver = case_set.cases[index].driver.removeprefix("utils.")
    call = (
        f"{driver}({', '.join([case_set.name, *arguments])})" if driver else f"{case_set.name}({', '.join(arguments)})"
    )
    modules = sorted({*_modules(list(inputs.values())), *filter(None, [driver.partition(".")[0]])} - set(known))
    imports = [f"from utils import {', '.join(modules)}"] if modules else []
    imports += ["import numpy as np"] if "np." in call and "np" not in known else []
    return "; ".join([*imports, call])


def _size(value: Any) -> int:
    """Count the numbers in a value, which may be a list of arrays of unlike shapes."""
    if isinstance(value, Reference):
        return sum(map(_size, value.kwargs.values()))
    return sum(map(_size, value)) if isinstance(value, list | tuple) else np.size(value)


def _modules(values: list[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, Reference):
            yield value.target.split(".")[-2]
            yield from _modules(list(value.kwargs.values()))


def literal(value: Any) -> str:
    """Write a value so that Python reads back the very same one."""
    match value:
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case tuple():
            return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
        case np.ndarray() if value.size == 0:
            return f"np.zeros({value.shape}, dtype={value.dtype.name!r})"
        case np.ndarray():
            usual = value.dtype in (np.float64, np.int64, np.bool_)
            kind = "" if usual else f", dtype={value.dtype.name!r}"
            return f"np.array({_numbers(value.tolist(), value.dtype.kind == 'f')}{kind})"
        case Reference(target, attribute, kwargs):
            inner = ", ".join(f"{key}={literal(item)}" for key, item in kwargs.items())
            name = ".".join(target.split(".")[-2:])
            return f"{name}({inner}){'.' + attribute if attribute else ''}"
        case Seed(seed):
            return f"np.random.default_rng({seed})"
        case float():
            return _number(value)
        case _:
            return repr(value)


def _numbers(value: Any, floating: bool) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_numbers(item, floating) for item in value)}]"
    return _number(value) if floating else repr(value)


def _number(value: float) -> str:
    return repr(value) if np.isfinite(value) else f"float({str(value)!r})"
