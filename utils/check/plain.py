"""Plain data: the only thing that crosses between a student's kernel and anybody else.

Values are None, bool, int, float, str, list, tuple, dict with string keys, and NumPy arrays. `encode`
turns them into JSON-ready objects, `decode` back, exactly (floats round-trip). Nothing is pickled and
nothing that a student's object says about itself is believed after it has been encoded.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from typing import Any

import numpy as np

MAX_ITEMS = 100_000  # numbers and strings in one value, all told
MAX_DEPTH = 8
MAX_DIMENSIONS = 32  # of an array
MAX_TEXT = 10_000  # characters of one string
MAX_NAME = 100  # characters of a type's name
MAX_BITS = 512  # of one integer
MAX_MESSAGE = 300  # characters of a text that is shown in a line
INTEGERS = {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
DTYPES = frozenset({"bool", *INTEGERS, "float16", "float32", "float64", "complex64", "complex128"})


class PlainDataError(ValueError):
    """A value is too large, too deep or malformed, so it cannot be sent as plain data."""


@dataclass(frozen=True)
class Opaque:
    """Stands for a value that is not plain data: only the name of its type is known."""

    type_name: str


@dataclass(frozen=True)
class Reference:
    """A function input, named instead of sent: a method of what a factory in `utils` returns.

    target : dotted name of a factory below `utils`, e.g. "utils.landscapes.quadratic".
    attribute : attribute of the result to hand over ("" for the result itself), e.g. "gradient".
    kwargs : plain keyword arguments of the factory.
    """

    target: str
    attribute: str = ""
    kwargs: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        """Raise PlainDataError if the target is not within `utils`."""
        refuse_outside_utils(self.target)

    def resolve(self) -> Any:
        """Return the function (or object) meant."""
        value = find(self.target)(**self.kwargs)
        return getattr(value, self.attribute) if self.attribute else value


def refuse_outside_utils(target: Any) -> None:
    """Raise PlainDataError unless a dotted name lies in a module below `utils`."""
    if not isinstance(target, str) or not target.startswith("utils.") or target.count(".") < 2:
        raise PlainDataError(f"a reference must point into utils, not to {target!r}")


def find(target: str) -> Any:
    """Return what a dotted name below `utils` means. Raises PlainDataError for any other name."""
    refuse_outside_utils(target)
    module_name, _, name = target.rpartition(".")
    return getattr(importlib.import_module(module_name), name)


@dataclass(frozen=True)
class Seed:
    """A random generator input, sent as its seed."""

    seed: int

    def resolve(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)


def encode(value: Any) -> Any:
    """Turn a value into a JSON-ready object.

    Torch tensors become arrays, iterators and other iterables are listed, subclasses are reduced to their base type,
    anything else becomes `Opaque`. Raises PlainDataError when the value is too large or nested too deeply.
    """
    return _encode(value, _Budget(MAX_ITEMS), MAX_DEPTH)


class _Budget:
    def __init__(self, items: int):
        self.left = items

    def spend(self, items: int) -> None:
        self.left -= items
        if self.left < 0:
            raise PlainDataError(f"the value has more than {MAX_ITEMS:,} entries")


def _encode(value: Any, budget: _Budget, depth: int) -> Any:
    budget.spend(1)
    if depth == 0:
        raise PlainDataError(f"the value is nested more than {MAX_DEPTH} deep")
    if value is None or type(value) is bool:
        return value
    # the base type's own methods, because a subclass may say anything
    if isinstance(value, str):
        text = str.__str__(value)[:MAX_TEXT]
        budget.spend(len(text) // 10)
        return text
    if isinstance(value, np.ndarray | np.generic | complex):
        return _encode_array(value, budget, depth)
    if isinstance(value, int):
        number = int.__int__(value)
        if number.bit_length() > MAX_BITS:
            raise PlainDataError(f"the value holds an integer of more than {MAX_BITS} bits")
        return number
    if isinstance(value, float):
        return float.__float__(value)
    if is_tensor(value):
        return _encode_array(value, budget, depth)
    if isinstance(value, Opaque):
        return {"opaque": value.type_name}
    if isinstance(value, Reference):
        kwargs = {name: _encode(item, budget, depth - 1) for name, item in value.kwargs.items()}
        return {"reference": value.target, "attribute": value.attribute, "kwargs": kwargs}
    if isinstance(value, Seed):
        return {"seed": value.seed}
    if isinstance(value, dict):
        return {"dict": [[str(k)[:MAX_NAME], _encode(v, budget, depth - 1)] for k, v in dict.items(value)]}
    if isinstance(value, tuple):
        return {"tuple": [_encode(item, budget, depth - 1) for item in tuple.__iter__(value)]}
    if isinstance(value, list):
        return [_encode(item, budget, depth - 1) for item in list.__iter__(value)]
    if _is_listed(value):
        # all of them before the first is looked at: a buffer that is yielded again and again holds the last one then
        return [_encode(item, budget, depth - 1) for item in _all_items(value, budget.left)]
    return {"opaque": type(value).__name__[:MAX_NAME]}


def _is_listed(value: Any) -> bool:
    """Return whether a loop can run over a value: a generator, a deque, a torch DataLoader, what counts its items.

    A set has no order, bytes are no numbers, and what offers itself as an array (a pandas DataFrame) may iterate over
    its labels.
    """
    return (
        (isinstance(value, Iterable) or {"__getitem__", "__len__"} <= set(dir(type(value))))
        and not isinstance(value, Set | bytes | bytearray | memoryview | type)
        and not (hasattr(type(value), "__array__"))
    )


def _all_items(value: Iterable, most: int) -> list:
    """Return the items of an iterable. Raises PlainDataError if they hold too many numbers: it may be endless."""
    items, size = [], 0
    for item in value:
        parts = item if isinstance(item, list | tuple) else [item]
        size += 1 + sum(part.size if isinstance(part, np.ndarray) else 1 for part in parts)
        if size > most:
            raise PlainDataError(f"the value has more than {MAX_ITEMS:,} entries")
        items.append(item)
    return items


def is_tensor(value: Any) -> bool:
    """Return whether a value is a torch tensor."""
    # by name, so that nobody has to import torch to encode a list
    names = {base.__module__.partition(".")[0] for base in type(value).__mro__}
    return "torch" in names and hasattr(value, "detach")


def _encode_array(value: Any, budget: _Budget, depth: int) -> Any:
    if is_tensor(value):
        budget.spend(value.numel())
        value = value.detach().cpu()
        value = value.float().numpy() if str(value.dtype) == "torch.bfloat16" else value.resolve_conj().numpy()
    array = np.asarray(value)
    budget.spend(array.size)
    if array.dtype.kind == "O":
        return _encode(array.tolist(), budget, depth - 1)
    if array.dtype == np.longdouble:
        array = array.astype(np.float64)
    if array.dtype.name not in DTYPES:
        return {"opaque": f"array of {array.dtype}"[:MAX_NAME]}
    data = array.real if array.dtype.kind == "c" else array  # a complex answer is refused by its dtype alone
    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": data.ravel().tolist()}


def decode(data: Any, trusted: bool = False) -> Any:
    """Turn what `encode` made back into a value.

    trusted : whether references to functions of `utils` may be resolved (inputs yes, answers never).
    Raises PlainDataError for anything that `encode` would not have made.
    """
    try:
        return _decode(data, trusted, MAX_DEPTH)
    except PlainDataError:
        raise
    except (TypeError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise PlainDataError(f"malformed plain data: {error}"[:300]) from error


def _decode(data: Any, trusted: bool, depth: int) -> Any:
    if depth == 0:
        raise PlainDataError(f"malformed plain data: nested more than {MAX_DEPTH} deep")
    kind = type(data)
    if data is None or kind in (bool, float):
        return data
    if kind is int and data.bit_length() <= MAX_BITS or kind is str and len(data) <= MAX_TEXT:
        return data
    if kind is list:
        return [_decode(item, trusted, depth - 1) for item in data]
    match data if kind is dict else None:
        case {"tuple": list(items), **rest} if not rest:
            return tuple(_decode(item, trusted, depth - 1) for item in items)
        case {"dict": list(items), **rest} if not rest:
            return {_name(key): _decode(item, trusted, depth - 1) for key, item in items}
        case {"opaque": type_name, **rest} if not rest:
            return Opaque(_name(type_name))
        case {"dtype": str(dtype), "shape": list(shape), "data": list(numbers), **rest} if not rest:
            return _decode_array(dtype, shape, numbers)
        case {"reference": target, "attribute": str(attribute), "kwargs": dict(kwargs), **rest} if trusted and not rest:
            return Reference(target, attribute, {k: _decode(v, trusted, depth - 1) for k, v in kwargs.items()})
        case {"seed": int(seed), **rest} if trusted and not rest:
            return Seed(seed)
    raise PlainDataError("malformed plain data: an object of an unknown kind")


def _name(text: Any) -> str:
    if type(text) is not str or len(text) > MAX_NAME:
        raise PlainDataError("malformed plain data: a name is no short text")
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _decode_array(dtype: str, shape: list, numbers: list) -> np.ndarray:
    if dtype not in DTYPES:
        raise PlainDataError("malformed plain data: an array of an unknown dtype")
    if not all(type(n) is int and n >= 0 for n in shape):
        raise PlainDataError("malformed plain data: the shape of an array is no list of lengths")
    if len(shape) > MAX_DIMENSIONS or math.prod(max(n, 1) for n in shape) > MAX_ITEMS:
        raise PlainDataError("malformed plain data: an array of too many dimensions or entries")  # (0, 2**62) has none
    kinds = {bool} if dtype == "bool" else {int} if dtype in INTEGERS else {float, int}
    if not set(map(type, numbers)) <= kinds:
        raise PlainDataError(f"malformed plain data: an entry of an array is no {dtype}")
    return np.array(numbers, dtype=dtype).reshape(shape)


NUMBERS = {bool, int, float, complex}


def as_array(value: Any) -> np.ndarray | None:
    """Return a number, array, tensor or (nested) list of numbers as a new ndarray; None for anything else."""
    if is_tensor(value):
        value = decode(encode(value))
    # looked at before NumPy sees it: one long text among numbers would make it reserve that length for all
    if not _is_numeric(value):
        return None
    try:
        array = np.array(value)
        return array.astype(float) if array.dtype.kind == "O" else array  # integers beyond 64 bits
    except (TypeError, ValueError, OverflowError):
        return None


def _is_numeric(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return set(map(type, value)) <= NUMBERS or all(map(_is_numeric, value))  # the first is quick for long lists
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind in "biufc"
    return isinstance(value, bool | int | float | complex)


def described(value: Any) -> str:
    """Say what an answer is, as the object of "got", e.g. "one array of shape (3,)"."""
    if value is None:
        return "None (is a return missing?)"
    if isinstance(value, Opaque):
        return f"an object of type {value.type_name}"
    if isinstance(value, np.ndarray):
        return f"one array of shape {value.shape}" if value.ndim else "a single number"
    if isinstance(value, tuple | list):
        kind = type(value).__name__
        parts = [] if len(value) > 4 else [_part(item) for item in value]
        return f"a {kind} of {len(value)}" + (f" ({', '.join(parts)})" if parts and kind == "tuple" else "")
    if isinstance(value, bool):
        return f"the truth value {value}"
    return "a single number" if isinstance(value, int | float) else f"an object of type {type(value).__name__}"


def _part(value: Any) -> str:
    """Name an item of a tuple in a few words."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}" if value.ndim else "a number"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return "a number" if isinstance(value, int | float) and not isinstance(value, bool) else described(value)


def one_line(text: str, length: int = MAX_MESSAGE) -> str:
    """Make a text short and fit to be written anywhere: no line breaks, control characters or lone surrogates."""
    visible = "".join(c if c.isprintable() else " " for c in str.__str__(text)[: 4 * length])
    return " ".join(visible.split())[:length]
