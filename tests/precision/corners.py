"""Answers that are wrong in one place only: a zero, a sign, a value of its neighbour, or what it remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from utils.check.call import call
from utils.check.cases import CaseSet, Expected, Outcome
from utils.check.explain import examine

Path = tuple[int, ...]  # of an item in what is returned: its position, in a list or tuple that of its list, too


def unnoticed(case_set: CaseSet, oracle: Callable) -> list[str]:
    """Return what a case lets pass: an item of one step that is zero, negative, its neighbour's or the case's before.

    Not where that is the right value too, to the exercise's relative tolerance.
    """
    found, before = [], []
    for index, case in enumerate(case_set.cases):
        values = call(oracle, case).values
        for step, right in enumerate(values):
            one = _one_step(case_set, index, step)
            earlier = before[step] if step < len(before) else None
            for path, what, wrong in _replacements(right, earlier):
                same = _same(_at(right, path), wrong, case_set.rtol)
                if not same and examine(one, 0, Outcome([_with(right, path, wrong)]), reveal=False).passed:
                    found.append(f"{case.group}, {case.label}, step {step + 1}: item {list(path)} may be {what}")
        before = values
    return found


def _one_step(case_set: CaseSet, index: int, step: int) -> CaseSet:
    """The same set with nothing but one step of one case."""
    case, expected = case_set.cases[index], case_set.expected[index]
    inputs = case.inputs | {name: case.inputs[name][step] for name in case.each}
    alone = replace(case, inputs=inputs, steps=1, each=(), carry=(), count="")
    return replace(case_set, cases=[alone], expected=[Expected([expected.values[step]], [expected.slack[step]], {})])


def _replacements(right: Any, earlier: Any) -> Iterator[tuple[Path, str, Any]]:
    """Each item of an answer with what might stand in its place: (where, what it is called, its value)."""
    items = dict(_items(right))
    for path, item in items.items():
        if isinstance(item, np.ndarray | float | int) and not isinstance(item, bool):
            yield path, "zero", item * 0
            yield path, "negative", -item
        for other, value in items.items():
            if other != path and _alike(item, value):
                yield path, f"item {list(other)}", value
        former = dict(_items(earlier)).get(path)
        if _alike(item, former):
            yield path, "that of the case before", former


def _items(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, list | tuple):
        for position, item in enumerate(value):
            yield from _items(item, (*path, position))
    else:
        yield path, value


def _at(value: Any, path: Path) -> Any:
    return _at(value[path[0]], path[1:]) if path else value


def _with(value: Any, path: Path, item: Any) -> Any:
    """The same value with another item at one place."""
    if not path:
        return item
    parts = list(value)
    parts[path[0]] = _with(parts[path[0]], path[1:], item)
    return type(value)(parts)


def _alike(a: Any, b: Any) -> bool:
    return isinstance(a, str) == isinstance(b, str) and b is not None and np.shape(a) == np.shape(b)


def _same(a: Any, b: Any, rtol: float) -> bool:
    return a == b if isinstance(a, str) else bool(np.allclose(b, a, rtol=rtol, atol=0, equal_nan=True))


# --- functions that remember: right the first time that they are asked


def with_a_buffer(function: Callable) -> Callable:
    """The same function with its results in arrays that are used again, one for each place and shape.

    Of a class, the arrays that its objects make for themselves, and those that its methods return: two objects alive
    at once then share them.
    """
    if isinstance(function, type):
        return _with_shared_arrays(function)
    buffers: dict[Any, np.ndarray] = {}

    def stored(value: Any, path: Path = ()) -> Any:
        if isinstance(value, list | tuple):
            return type(value)(stored(item, (*path, position)) for position, item in enumerate(value))
        if isinstance(value, str):
            return value
        array = np.asarray(value)
        buffer = buffers.setdefault((path, array.shape, array.dtype), np.empty_like(array))
        np.copyto(buffer, array)
        return buffer

    def buffered(*arguments: Any) -> Any:
        value = function(*arguments)
        return stored(value if isinstance(value, tuple | list | np.ndarray) or np.isscalar(value) else list(value))

    return buffered


def _with_shared_arrays(built: type) -> type:
    buffers: dict[Any, np.ndarray] = {}

    def shared(value: Any, own: Callable[[np.ndarray], bool], path: tuple) -> Any:
        if isinstance(value, list):
            return [shared(item, own, (*path, position)) for position, item in enumerate(value)]
        if not isinstance(value, np.ndarray) or not own(value):
            return value
        buffer = buffers.setdefault((path, value.shape, value.dtype), np.empty_like(value))
        np.copyto(buffer, value)
        return buffer

    class Sharing(built):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            handed = _arrays([*arguments, *named.values()])
            for name, value in vars(self).items():
                own = lambda array: not any(array is other for other in handed)  # noqa: E731
                setattr(self, name, shared(value, own, (name,)))

    for name in (name for name in dir(built) if not name.startswith("_") and callable(getattr(built, name))):
        setattr(Sharing, name, _stored(getattr(built, name), shared))
    return Sharing


def _stored(method: Callable, shared: Callable) -> Callable:
    """The same method with its results in arrays that all objects share."""

    def asked(self: Any, *arguments: Any, **named: Any) -> Any:
        return shared(method(self, *arguments, **named), lambda array: True, (method.__name__,))

    return asked


def _arrays(value: Any) -> list[np.ndarray]:
    if isinstance(value, list | tuple):
        return [array for item in value for array in _arrays(item)]
    return [value] if isinstance(value, np.ndarray) else []


def only_once(function: Callable) -> Callable:
    """The same function, which gives nothing when it is asked the same again; or a class, of which nothing is made."""
    asked = set()

    def once(*arguments: Any, **named: Any) -> Any:
        key = _key([*arguments, *named.values()])
        if key in asked:
            return None
        asked.add(key)
        return function(*arguments, **named)

    return once


def _key(value: Any) -> Any:
    """What tells arguments apart, apart from functions and objects among them."""
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes()
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if isinstance(value, list | tuple):
        return tuple(map(_key, value))
    return repr(value) if isinstance(value, str | int | float | None) else None
