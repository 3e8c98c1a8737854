"""Honest variants that every exercise gets without being asked: the reference in another type or another form.

A conversion or a wrapper is a decorator; its own source, as it stands here, goes into the student's cell. A rewriting
turns the source of the reference into cells.
"""

import ast
import functools
import sys
import warnings
from collections.abc import Callable

import numpy as np
import torch

from grading.authoring.standalone import renamed, standalone

# --- other types: the reference's floating-point arguments, its results, or both are converted


def _converted(reference, before, after):
    def convert(to, value):
        if isinstance(value, tuple):
            return tuple(convert(to, item) for item in value)
        if isinstance(value, np.ndarray) and value.dtype.kind != "f":
            return value  # labels and counts stay whole numbers
        return to(value) if isinstance(value, np.ndarray | float | torch.Tensor) else value

    def function(*arguments):
        return convert(after, reference(*(convert(before, argument) for argument in arguments)))

    return function


def _same(value):
    return value


def _single(value):
    return np.asarray(value, dtype=np.float32) if np.ndim(value) else np.float32(value)


def float32_in_and_out(reference):
    return _converted(reference, _single, _single)


def float32_out(reference):
    return _converted(reference, _same, _single)


def lists_out(reference):
    return _converted(reference, _same, lambda value: np.asarray(value).tolist())


def tensors_out(reference):
    return _converted(reference, _same, torch.tensor)


def tensors_with_gradient_out(reference):
    return _converted(reference, _same, lambda value: torch.tensor(value, requires_grad=True) * 1)


def float32_tensors_out(reference):
    return _converted(reference, _same, lambda value: torch.tensor(value, dtype=torch.float32))


def zero_dimensional_arrays(reference):
    return _converted(reference, np.asarray, np.asarray)


def fortran_order_out(reference):
    return _converted(reference, _same, lambda value: np.asfortranarray(value) if np.ndim(value) else value)


def extended_precision_out(reference):
    return _converted(reference, _same, lambda value: np.asarray(value, dtype=np.longdouble))


def object_arrays_out(reference):
    return _converted(reference, _same, lambda value: np.asarray(value, dtype=object))


# --- other things to call


class _Callable:
    def __init__(self, function):
        self.function = function

    def __call__(self, *arguments):
        return self.function(*arguments)


def object_with_call(reference):
    return _Callable(reference)


def partial(reference):
    return functools.partial(lambda option, *arguments: reference(*arguments), None)


def prints_and_warns(reference):
    def function(*arguments):
        print("working on", *map(type, arguments))
        print("and on standard error", file=sys.stderr)
        warnings.warn("this is not wrong", stacklevel=1)
        np.log(np.zeros(1))  # NumPy warns as well
        return reference(*arguments)

    return function


def list_for_tuple(reference):
    def function(*arguments):
        value = reference(*arguments)
        return list(value) if isinstance(value, tuple) else value

    return function


def with_an_option(reference):
    def function(*arguments, verbose=False):
        return reference(*arguments)

    return function


IN_FLOAT32 = (float32_in_and_out, float32_out, float32_tensors_out)
DECORATORS = (
    *IN_FLOAT32,
    lists_out,
    tensors_out,
    tensors_with_gradient_out,
    zero_dimensional_arrays,
    fortran_order_out,
    extended_precision_out,
    object_arrays_out,
    object_with_call,
    partial,
    prints_and_warns,
    list_for_tuple,
    with_an_option,
)
# a wrong answer stays the same wrong answer in these types
OF_MISCONCEPTIONS = (float32_out, lists_out)


# --- the same for classes: what is made is another thing, or its methods get their arguments in other types


def _methods_changed(reference, change):
    """A child of a class whose methods, but those with two underscores, are changed."""
    methods = {
        name: change(getattr(reference, name))
        for name in dir(reference)
        if not name.startswith("__") and callable(getattr(reference, name))
    }
    return type(reference.__name__, (reference,), methods)


def _arguments_converted(reference, to):
    def convert(value):
        if isinstance(value, list):
            return [convert(item) for item in value]
        return to(value) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value

    def changed(method):
        def converted(self, *arguments):
            return method(self, *map(convert, arguments))

        return converted

    return _methods_changed(reference, changed)


def float32_arguments(reference):
    return _arguments_converted(reference, _single)


def extended_precision_arguments(reference):
    return _arguments_converted(reference, lambda value: np.asarray(value, dtype=np.longdouble))


def fortran_order_arguments(reference):
    return _arguments_converted(reference, np.asfortranarray)


def child_class(reference):
    class Child(reference):
        pass

    return Child


def class_made_by_a_function(reference):
    def made(*arguments, **named):
        return reference(*arguments, **named)

    return made


def partial_class(reference):
    return functools.partial(reference)


def class_with_options(reference):
    class WithOptions(reference):
        def __init__(self, *arguments, verbose=False, **named):
            self.verbose = verbose
            super().__init__(*arguments, **named)

    return WithOptions


def methods_with_an_option(reference):
    def changed(method):
        return lambda self, *arguments, closure=None: method(self, *arguments)

    return _methods_changed(reference, changed)


def methods_print_and_warn(reference):
    return _methods_changed(reference, prints_and_warns)


CLASS_DECORATORS = (
    float32_arguments,
    extended_precision_arguments,
    fortran_order_arguments,
    child_class,
    class_made_by_a_function,
    partial_class,
    class_with_options,
    methods_with_an_option,
    methods_print_and_warn,
)
OF_CLASSES = (child_class, class_made_by_a_function)


def decorated(source: str, name: str, decorator: Callable) -> str:
    """Source of a cell that defines a function, a decorator, and the decorated function under the same name."""
    parts = [source, standalone(decorator, decorator.__name__), f"{name} = {decorator.__name__}({name})"]
    return "\n\n\n".join(parts)


# --- other texts: (source, name, parameters) -> the student's cells, the last of which is the solution cell


def keyword_only(source: str, name: str, parameters: tuple[str, ...]) -> list[str]:
    return [_delegating(source, name, f"def {name}(*, {', '.join(parameters)})", parameters)]


def permuted_names(source: str, name: str, parameters: tuple[str, ...]) -> list[str]:
    return [_delegating(source, name, f"def {name}({', '.join(reversed(parameters))})", parameters)]


def renamed_parameters(source: str, name: str, parameters: tuple[str, ...]) -> list[str]:
    other = [f"p{i}" for i in range(len(parameters))]
    return [_delegating(source, name, f"def {name}({', '.join(other)})", other)]


def lambda_(source: str, name: str, parameters: tuple[str, ...]) -> list[str]:
    names = ", ".join(parameters)
    inner = f"{name}_solution"
    return [f"{renamed(source, name, inner)}\n\n\n{name} = lambda {names}: {inner}({names})"]


def type_hints(source: str, name: str, parameters: tuple[str, ...]) -> list[str]:
    tree = ast.parse(source)
    definition = next(node for node in tree.body if getattr(node, "name", "") == name)
    for part in [definition, *definition.body]:
        if isinstance(part, ast.FunctionDef):
            for argument in part.args.args:
                argument.annotation = ast.parse('"np.ndarray | float"', mode="eval").body
            part.returns = ast.parse('"np.ndarray | tuple[np.ndarray, ...]"', mode="eval").body
    return [ast.unparse(tree)]


def timed_cell(source: str, name: str, parameters: tuple[str, ...]) -> list[str]:
    return [f"%%time\n{source}"]


def helper_in_an_extra_cell(source: str, name: str, parameters: tuple[str, ...]) -> list[str]:
    names = ", ".join(parameters)
    helper = f"{name}_helper"
    return [renamed(source, name, helper), f"def {name}({names}):\n    return {helper}({names})"]


REWRITINGS = (
    keyword_only,
    permuted_names,
    renamed_parameters,
    lambda_,
    type_hints,
    timed_cell,
    helper_in_an_extra_cell,
)


def _made_with(source: str, name: str, arguments: str, handed: list[str]) -> list[str]:
    """A class of that name, which is made with other arguments and hands them on to the reference."""
    inner = f"{name}_solution"
    head = f"class {name}({inner}):\n    def __init__(self, {arguments}):"
    return [f"{renamed(source, name, inner)}\n\n\n{head}\n        super().__init__({', '.join(handed)})"]


def _init_arguments(source: str, name: str) -> dict[str, str]:
    """The arguments with which a class is made -> the text of their defaults, "" for none."""
    definition = next(node for node in ast.parse(source).body if getattr(node, "name", "") == name)
    made = next(part.args for part in definition.body if getattr(part, "name", "") == "__init__")
    names = [argument.arg for argument in made.args[1:]]
    defaults = [ast.unparse(default) for default in made.defaults]
    return dict(zip(names, [""] * (len(names) - len(defaults)) + defaults, strict=True))


def _with_default(name: str, default: str) -> str:
    return f"{name}={default}" if default else name


def class_keyword_only(source: str, name: str, parameters: tuple[str, ...]) -> list[str]:
    texts = [_with_default(*item) for item in _init_arguments(source, name).items()]
    return _made_with(source, name, f"*, {', '.join(texts)}", list(parameters))


def class_permuted_names(source: str, name: str, parameters: tuple[str, ...]) -> list[str]:
    texts = [f"{argument}={default or None}" for argument, default in _init_arguments(source, name).items()]
    return _made_with(source, name, ", ".join(reversed(texts)), list(parameters))


def class_renamed_parameters(source: str, name: str, parameters: tuple[str, ...]) -> list[str]:
    other = [f"p{i}" for i in range(len(parameters))]
    defaults = _init_arguments(source, name).values()
    texts = [_with_default(argument, default) for argument, default in zip(other, defaults, strict=True)]
    return _made_with(source, name, ", ".join(texts), other)


def class_lambda(source: str, name: str, parameters: tuple[str, ...]) -> list[str]:
    inner = f"{name}_solution"
    texts = [_with_default(*item) for item in _init_arguments(source, name).items()]
    made = f"{name} = lambda {', '.join(texts)}: {inner}({', '.join(parameters)})"
    return [f"{renamed(source, name, inner)}\n\n\n{made}"]


def parent_in_an_extra_cell(source: str, name: str, parameters: tuple[str, ...]) -> list[str]:
    helper = f"{name}_helper"
    return [renamed(source, name, helper), f"class {name}({helper}):\n    pass"]


CLASS_REWRITINGS = (
    class_keyword_only,
    class_permuted_names,
    class_renamed_parameters,
    class_lambda,
    type_hints,
    timed_cell,
    parent_in_an_extra_cell,
)


def _delegating(source: str, name: str, head: str, arguments: tuple[str, ...] | list[str]) -> str:
    inner = f"{name}_solution"
    return f"{renamed(source, name, inner)}\n\n\n{head}:\n    return {inner}({', '.join(arguments)})"


def honest_forms(source: str, name: str, parameters: tuple[str, ...], is_class: bool = False) -> dict[str, list[str]]:
    """Name of a variant -> its cells, for a reference solution, a function or a class."""
    decorators, rewritings = (CLASS_DECORATORS, CLASS_REWRITINGS) if is_class else (DECORATORS, REWRITINGS)
    forms = {decorator.__name__: [decorated(source, name, decorator)] for decorator in decorators}
    return forms | {rewriting.__name__: rewriting(source, name, parameters) for rewriting in rewritings}
