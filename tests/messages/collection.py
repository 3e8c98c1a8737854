"""Wrong answers as people write them, and what is said about each.

A folder holds `<notebook>/<exercise>.py`, with a function `<exercise>__<slug>` for each slip, whose docstring says in a
few words what the slip is; or `<notebook>/<exercise>/<slug>.py`, which defines the exercise itself. Whoever writes them
has read the notebook, and not the exercise's module.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import io
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from grading.course import Course
from grading.exercise import PUBLISHED_SEED, chapters_with_exercises
from tests.precision.proof import Subject, subjects_of
from utils.check.call import Returned
from utils.check.patience import call_patiently
from utils.check.verdict import Verdict, evaluate

ANSWERS = Path(__file__).with_name("answers")
SECONDS = 2.0  # that a call may take; `check` waits longer
MARK = "__"  # between an exercise's name and the slug of a slip

# Causes whose sentence gives no more than what a value should be and what it is, or by how little it is off.
BARE = frozenset({"value", "near"})
KINDS = ("named", "pointed at", "only wrong", "accepted", "crash or hang")


@dataclass(frozen=True)
class Wrong:
    """A wrong answer: the notebook and the exercise that it is meant for, its slug, the file that defines it."""

    notebook: str
    exercise: str
    slug: str
    path: Path

    @property
    def title(self) -> str:
        return f"{self.exercise} {self.slug}"


@dataclass(frozen=True)
class Told:
    """What came of a wrong answer, without and with its numbers shown.

    kind : one of KINDS, see `kind_of`.
    """

    wrong: Wrong
    kind: str
    hidden_kind: str
    verdict: Verdict | None
    hidden: Verdict | None = None
    error: str = ""
    seconds: float = 0.0


def kind_of(verdict: Verdict) -> str:
    """Return the kind of a message.

    named : a misconception is recognised, and its hint told.
    pointed at : the sentence says where to look: which of the outputs is wrong, by which factor, what else it equals,
        in which cases or entries it is wrong, its form, the line that raised.
    only wrong : the sentence gives a value, and what it should be; or by how little it is off.
    accepted : all points.
    """
    if verdict.status == "passed":
        return "accepted"
    if verdict.misconception:
        return "named"
    return "only wrong" if verdict.cause in BARE and not getattr(verdict, "clues", ()) else "pointed at"


def answers_in(folder: Path = ANSWERS) -> list[Wrong]:
    """Every wrong answer of a folder, in order."""
    found = []
    for path in sorted(folder.glob("*/*.py")):
        slugs = [name for name in _defined(path) if name.startswith(f"{path.stem}{MARK}")]
        found += [Wrong(path.parent.name, path.stem, name.partition(MARK)[2], path) for name in slugs]
    for path in sorted(folder.glob("*/*/*.py")):
        found.append(Wrong(path.parts[-3], path.parts[-2], path.stem, path))
    return found


def _defined(path: Path) -> list[str]:
    names = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
    return names


@functools.cache
def subjects(course: Course) -> dict[str, Subject]:
    """Every exercise of the course by name; their names are unlike."""
    return {name: subject for chapter in chapters_with_exercises(course) for name, subject in _subjects(chapter)}


def _subjects(chapter: str) -> Iterator[tuple[str, Subject]]:
    yield from subjects_of(chapter).items()


def tell(wrong: Wrong, subject: Subject) -> Told:
    """Check a wrong answer by the cases that students have, as `check` does and as the grader does."""
    began = time.perf_counter()
    try:
        with _quiet():
            verdict, hidden = (_judged(wrong, subject, reveal) for reveal in (True, False))
    except BaseException as error:  # whatever comes out of `check` is a fault of `check`
        if isinstance(error, KeyboardInterrupt):
            raise
        return Told(wrong, "crash or hang", "crash or hang", None, error=f"{type(error).__name__}: {error}")
    return Told(wrong, kind_of(verdict), kind_of(hidden), verdict, hidden, seconds=time.perf_counter() - began)


def _judged(wrong: Wrong, subject: Subject, reveal: bool) -> Verdict:
    function, returned = _function(wrong, subject.namespace), Returned()
    np.random.seed(0)
    torch.manual_seed(0)
    cases = subject.cases(PUBLISHED_SEED)
    return evaluate(cases, lambda case: call_patiently(function, case, returned, SECONDS), reveal)


def _function(wrong: Wrong, namespace: dict[str, Any]) -> Callable:
    scope = dict(namespace)
    name = wrong.exercise if wrong.path.stem == wrong.slug else f"{wrong.exercise}{MARK}{wrong.slug}"
    exec(compile(wrong.path.read_text(encoding="utf-8"), "<answer>", "exec"), scope)
    return scope[name]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
