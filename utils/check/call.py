"""Call a function on a case and report what happened as plain data.

The same code runs in two places: in the student's notebook, for `check`, and in the isolated kernel that
grades, for the judge. It only observes; whether an answer is right is decided elsewhere (`utils.check.compare`).
"""

from __future__ import annotations

import copy
import json
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from utils.check.cases import WHOLE, Case, Failure, Outcome
from utils.check.driving import Misfit, driven, is_notebook_cell, make
from utils.check.plain import PlainDataError, as_array, decode, encode, is_tensor, one_line


class Returned:
    """What a function has returned so far, to see whether it stays as it was when the function is called again."""

    def __init__(self):
        self._seen: list[tuple[Any, Any]] = []

    def add(self, value: Any) -> None:
        self._seen.append((value, _picture(value)))

    @property
    def values(self) -> list[Any]:
        return [value for value, _ in self._seen]

    def changed(self) -> bool:
        """Return whether anything has changed since this was asked before."""
        before, self._seen = self._seen, [(value, _picture(value)) for value, _ in self._seen]
        return any(then != now for (_, then), (_, now) in zip(before, self._seen, strict=True))


def _picture(value: Any) -> Any:
    """Return what a later picture of the same value can be compared with; never raises.

    Of arrays, tensors, numbers and lists of these; an iterator has given what it had, and is not looked at again.
    """
    if isinstance(value, np.ndarray):
        return value.shape, np.ndarray.tobytes(value)
    try:
        if is_tensor(value):
            return repr(encode(value))
        if isinstance(value, list | tuple):
            return [_picture(item) for item in (list if isinstance(value, list) else tuple).__iter__(value)]
    except (PlainDataError, RuntimeError):
        return "no longer plain data"  # as it was when it was returned
    return repr(value) if type(value) in (bool, int, float) else None  # a subclass may say anything of itself


def call(function: Callable, case: Case, returned: Returned | None = None) -> Outcome:
    """Call `function` on a case, whatever it does.

    Where the case names a driver, that one is called, and uses `function`, which may be a class, as it sees fit.
    Arguments go by position, or by name if the function has exactly the expected names in another order.
    Carried state is handed back as an array or a number, as in the first call.
    returned : what the same function returned for other cases.
    """
    returned = returned or Returned()
    asked = driven(function, case.driver)
    values: list[Any] = []
    mutated: set[str] = set()
    warned: list[str] = []
    state: dict[str, Any] = {}
    for step in range(case.steps):
        inputs = case.inputs_at(step, state)
        arguments = copy.deepcopy(inputs)
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("ignore")
                warnings.simplefilter("default", RuntimeWarning)  # NumPy says with one where a NaN comes from
                value = make(asked, **arguments)
                values.append(decode(encode(value)))  # as it is now: it may alias something that changes later
                returned.add(value)
            warned += [str(warning.message) for warning in caught[:1]]
        except Misfit as misfit:
            return Outcome(values, failure=Failure(misfit.kind, str(misfit)))
        except PlainDataError as error:
            return Outcome(values, failure=Failure("result", str(error)))
        except (Exception, SystemExit) as error:
            return Outcome(values, failure=_describe(error))
        mutated |= {name for name in inputs if _differs(inputs[name], arguments[name])}
        if not case.carry or step == case.steps - 1:
            continue
        state = _state(case, values[-1])
        if state is None:
            break  # no state to go on with; the comparison says what is wrong with this value
    return Outcome(values, tuple(sorted(mutated)), changed=returned.changed(), warned=one_line("".join(warned[:1])))


def _state(case: Case, value: Any) -> dict[str, Any] | None:
    """Return the carried arguments for the next step, or None if `value` does not hold them."""
    state = {}
    for name, position in case.carry:
        if position == WHOLE:
            item = value[0] if isinstance(value, tuple) and len(value) == 1 else value
        elif _length(value) > position:
            item = value[position]
        else:
            return None
        array = as_array(item)
        if array is None:
            return None
        # a number stays a number: an honest `total *= beta` rebinds a float, but would write into an array
        state[name] = array.item() if array.ndim == 0 and isinstance(case.inputs[name], float) else array
    return state


def _length(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return len(value) if value.ndim else 0
    return len(value) if isinstance(value, list | tuple) else 0


def _differs(before: Any, after: Any) -> bool:
    if isinstance(before, np.ndarray):
        same = isinstance(after, np.ndarray) and before.shape == after.shape and before.dtype == after.dtype
        return not (same and before.tobytes() == after.tobytes())
    if isinstance(before, list | tuple):
        return len(before) != len(after) or any(map(_differs, before, after))
    if isinstance(before, dict):
        return before.keys() != after.keys() or any(_differs(before[key], after[key]) for key in before)
    return isinstance(before, int | float | str | None) and (type(before), repr(before)) != (type(after), repr(after))


def _describe(error: BaseException) -> Failure:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if is_notebook_cell(frame.filename)]
    line, number = (one_line(own[-1].line or ""), own[-1].lineno or 0) if own else ("", 0)
    text = _text(error)
    if isinstance(error, NotImplementedError) and (not text or "NotImplementedError" in line):
        return Failure("not-implemented", "")  # a library, too, may find something not implemented
    name = one_line(type(error).__name__, 50)
    return Failure("exception", one_line(f"{name}: {text}" if text else name), line, number, name)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return ""


_returned: tuple[Callable | None, Returned] = (None, Returned())  # by the function that was asked last


def answer(function: Callable | None, case_json: str) -> str:
    """Call a function on a case that arrives as JSON; return the outcome as ASCII JSON.

    `function` is None if it is not defined.
    """
    return _Shown(_answer(function, json.loads(case_json)))


def answers(function: Callable | None, cases_json: str) -> str:
    """Call a function on a list of cases that arrives as JSON; return the list of outcomes as ASCII JSON.

    This is what the judge evaluates inside the isolated kernel.
    """
    return _Shown(f"[{', '.join(_answer(function, case) for case in json.loads(cases_json))}]")


def _answer(function: Callable | None, case: dict[str, Any]) -> str:
    global _returned
    if function is None:
        outcome = Outcome(failure=Failure("undefined", ""))
    elif not callable(function):
        outcome = Outcome(failure=Failure("undefined", type(function).__name__))
    else:
        if _returned[0] is not function:
            _returned = function, Returned()
        outcome = call(function, Case.from_plain(case), _returned[1])
    try:
        return json.dumps(outcome.to_plain())
    except PlainDataError as error:  # each step's value is small enough, all together are not
        return json.dumps(Outcome(failure=Failure("result", str(error))).to_plain())


class _Shown(str):
    """A text that a kernel shows as it is, without quotes, so that nobody has to parse Python to read it."""

    def __repr__(self) -> str:
        return str(self)
