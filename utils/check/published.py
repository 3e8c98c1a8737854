"""Check your solution of an exercise, in the notebook, at once and offline."""

from __future__ import annotations

import difflib
import functools
import json
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, NamedTuple

import utils
from utils.check.call import Returned
from utils.check.cases import CaseSet
from utils.check.pasting import as_call
from utils.check.patience import call_patiently
from utils.check.promised import as_promised
from utils.check.table import VerdictTable
from utils.check.verdict import Verdict, evaluate

CHECKS_NAME = "checks.json"


class CheckFailed(AssertionError):
    """A check did not pass. The message says what is wrong; a notebook shows it without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"CheckFailed: {self}"]


class UnknownExercise(LookupError):
    """There is no exercise of that name, or its cases cannot be found."""

    def _render_traceback_(self) -> list[str]:
        return [f"UnknownExercise: {self}"]


def check(function: Callable) -> None:
    """Run the published cases of the exercise that bears the function's name and show a table.

    Parameters
    ----------
    function : callable
        Your solution. Its name says which exercise it solves; a lambda, an object or a decorated function
        is known by the variable that holds it. If it passes, but returns lists, say, where the exercise promises
        arrays, this variable holds a function from then on that returns arrays.

    Raises
    ------
    CheckFailed
        (an AssertionError) if any case failed.
    UnknownExercise
        (a LookupError) if there is no exercise of that name.
    """
    from IPython.display import display  # slow to import, and of no use to whoever grades

    caller = sys._getframe(1).f_globals
    case_set = _published(_name(function), [name for name, value in list(caller.items()) if value is function])
    returned = Returned()
    verdict = evaluate(case_set, lambda case: call_patiently(function, case, returned), reveal=True)
    display(VerdictTable(verdict, _example(case_set, verdict, caller)))
    if verdict.status != "passed":
        raise CheckFailed(verdict.message)
    for name in [name for name, value in caller.items() if value is function]:
        caller[name] = as_promised(function, case_set, returned.values)  # what comes next reckons with one form


def _name(function: Any) -> str:
    if isinstance(function, functools.partial):
        return _name(function.func)
    if not callable(function):
        raise TypeError(f"check expects a function, for instance check(sgd_step), got {type(function).__name__}")
    return getattr(function, "__name__", type(function).__name__)


def _published(name: str, variables: list[str]) -> CaseSet:
    """Find the exercise of that name, else the one that bears the name of one of the variables."""
    known: dict[str, _Place] = {}
    for path in _checks_files():
        place = _Place(path, path.stat().st_mtime_ns)
        known = {**dict.fromkeys(_read(place), place), **known}
        if name in known:  # the other chapters need not be read
            break
    if not known:
        raise UnknownExercise(
            f"no {CHECKS_NAME} found: start the notebook in its own folder of the course, which holds {CHECKS_NAME}"
        )
    for candidate in (name, *variables):
        if candidate in known:
            return _cases(known[candidate], candidate)
    wanted = name if name.isidentifier() else (variables or [name])[0]
    near = difflib.get_close_matches(wanted, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise UnknownExercise(f"there is no exercise called {wanted}{hint}")


def _checks_files() -> list[Path]:
    """The checks beside the notebook first, then those of every chapter of the course."""
    root = Path(utils.__file__).parent.parent
    paths = [Path.cwd() / CHECKS_NAME, *sorted(root.glob(f"notebooks/*/{CHECKS_NAME}"))]
    return [path for path in paths if path.is_file()]


def read_ahead() -> None:
    """Read the cases of the whole course now; processes forked from this one need not read them again."""
    for path in _checks_files():
        _read(_Place(path, path.stat().st_mtime_ns))


class _Place(NamedTuple):
    """A checks file as it was at a time."""

    path: Path
    modified: int


@functools.lru_cache(maxsize=32)
def _read(place: _Place) -> dict[str, dict]:
    """Exercise -> its cases as they stand in the file."""
    try:
        return {data["name"]: data for data in json.loads(place.path.read_text(encoding="utf-8"))["exercises"]}
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(place.path, error) from error


@functools.lru_cache(maxsize=128)
def _cases(place: _Place, name: str) -> CaseSet:
    try:
        return CaseSet.from_plain(_read(place)[name])
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(place.path, error) from error


def _damaged(path: Path, error: Exception) -> UnknownExercise:
    return UnknownExercise(f"{path} is damaged: fetch that file of the course again ({error})")


def _example(case_set: CaseSet, verdict: Verdict, known: Collection[str]) -> str:
    """Write the case that the verdict is about as a call, if its inputs are small enough to read."""
    if verdict.status in ("passed", "missing"):
        return ""
    return as_call(case_set, *verdict.shown, known)
