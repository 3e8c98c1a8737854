"""An exercise: a signature, an independent oracle, case generators and the named wrong answers.

Everything else follows from this one object: the published cases of `check`, the hidden cases of the
grade, targeted hints, the class report, and the test of the grader itself.
"""

from __future__ import annotations

import builtins
import copy
import functools
import importlib.util
import inspect
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from grading.course import ROOT, Course, CourseError
from utils.check.call import Returned, call
from utils.check.cases import RTOL, WHOLE, Case, CaseSet, Expected, Outcome
from utils.check.compare import same_outcome, seen, within
from utils.check.driving import driven
from utils.check.explain import examine
from utils.check.plain import PlainDataError, as_array, find
from utils.check.verdict import Verdict, evaluate

PUBLISHED_SEED = 0
REDRAWS = 20  # draws tried until the cases tell all misconceptions apart
SAFETY = 10.0  # misconceptions must differ by this many tolerances
ROUNDING = 2.0**-24  # relative rounding error of float32
ROUNDING_SAFETY = 16.0
ROUNDINGS = 6  # trials of each kind; the largest effect counts
NEAR = 2.0**-16  # how far away, relatively, intermediate results are rounded in other ways
CANCELLATION = 4 * 2.0**-52  # a few roundings of float64
SHAKES = (1e-12, 3e-16)  # relative moves: more than what processors disagree about, and about as much
NEGLIGIBLE = 1e-7  # of an answer's largest entry: what may be left where inputs cancel


class ExerciseError(CourseError):
    """An exercise is declared wrongly; the message names it and says how."""


@dataclass(frozen=True)
class Group:
    """A named group of cases with its share of the points.

    driver : dotted name of what puts the answer to use, "" where the cases are arguments of the answer itself.
    """

    name: str
    weight: float
    generate: Callable[[np.random.Generator], Iterable[dict[str, Any]]]
    each: tuple[str, ...] = ()
    carry: tuple[str, ...] = ()
    count: str = ""
    driver: str = ""


@dataclass(frozen=True)
class Misconception:
    """A named wrong answer.

    shared : what the objects of a class have in common, as it was when the class was defined.
    """

    slug: str
    hint: str
    function: Callable
    shared: dict[str, Any] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, slug: str, hint: str, function: Callable) -> Misconception:
        return cls(slug, hint, function, copy.deepcopy(_data_of(function)))

    def renew(self) -> None:
        """Undo what objects of a class have done to the class, so that every set of cases meets the same one."""
        for name in _data_of(self.function):
            delattr(self.function, name)
        for name, value in copy.deepcopy(self.shared).items():
            setattr(self.function, name, value)


def _data_of(function: Callable) -> dict[str, Any]:
    """The attributes of a class that are no methods; a function has none."""
    if not isinstance(function, type):
        return {}
    return {name: value for name, value in vars(function).items() if name[:2] != "__" and not callable(value)}


@dataclass
class Exercise:
    """A graded exercise. Made by the decorator `exercise`; the decorated function, or class, is the oracle.

    name : name of the function or class that the student writes.
    points : points of its check cell; 0 for an optional exercise, which is checked and in no total.
    returns : names of what it returns; one name for a single value, several for a tuple.
    holds : name of the property in `utils.check.properties` to hold instead of equal values, "" for none.
    view : name of the view in `utils.check.views` that turns an answer into arrays, "" for none.
    rtol : relative tolerance; rounding of the inputs to float32 is allowed for on top of it.
    driver : dotted name of the function below `utils` that puts a class or a longer build to use, "" for none; a group
        of cases may name another one.
    """

    name: str
    points: float
    returns: tuple[str, ...]
    oracle: Callable
    rtol: float = RTOL
    holds: str = ""
    view: str = ""
    driver: str = ""
    groups: list[Group] = field(default_factory=list)
    misconceptions: list[Misconception] = field(default_factory=list)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Arguments of what the student writes."""
        return tuple(inspect.signature(self.oracle).parameters)

    @property
    def optional(self) -> bool:
        return self.points == 0

    @property
    def is_class(self) -> bool:
        """Whether the student writes a class."""
        return isinstance(self.oracle, type)

    def inputs_of(self, driver: str) -> tuple[str, ...]:
        """Names of the inputs of a case: the driver's parameters after the first, or the arguments of the answer."""
        return tuple(inspect.signature(find(driver)).parameters)[1:] if driver else self.parameters

    @property
    def grade_id(self) -> str:
        """grade_id of the solution cell; the check cell's is this with "-check" appended."""
        return self.name.replace("_", "-")

    def cases(self, name: str, weight: float = 1, driver: str = "") -> Callable:
        """Decorate a generator of keyword inputs: `generate(rng)` yields a dict for each call.

        driver : what puts the answer to use in these cases, if not the exercise's own.
        """
        return lambda generate: self.groups.append(Group(name, weight, generate, driver=driver or self.driver))

    def trajectory(
        self,
        name: str,
        weight: float = 1,
        *,
        carry: tuple[str, ...],
        each: tuple[str, ...] = (),
        count: str = "",
        driver: str = "",
    ) -> Callable:
        """Decorate a generator of trajectories: many calls, the returned state fed back.

        carry : arguments that take the returned item of the same name from the step before.
        each : arguments whose leading axis counts the steps; they set the number of steps.
        count : argument that is set to the step, counted from 1.
        driver : what puts the answer to use in these cases, if not the exercise's own.
        """
        driver = driver or self.driver
        return lambda generate: self.groups.append(Group(name, weight, generate, each, carry, count, driver))

    def misconception(self, function: Callable) -> Callable:
        """Decorate a wrong implementation, a function or class, that some students write; its docstring is the hint.

        Its name is the slug, with hyphens. An underscore at its end keeps it from hiding something else of that name.
        """
        name, hint = function.__name__, " ".join((function.__doc__ or "").split())
        if not hint:
            raise ExerciseError(f"{self.name}: misconception {name} needs a docstring, the hint that students see")
        hidden = {**vars(builtins), **vars(sys.modules[function.__module__])}.get(name, function)
        if getattr(hidden, "__module__", "") != function.__module__:  # another misconception may have the same name
            raise ExerciseError(f"{self.name}: misconception {name} hides another {name}, call it {name}_")
        self.misconceptions.append(Misconception.of(name.removesuffix("_").replace("_", "-"), hint, function))
        return function

    def draw(self, seed: int) -> CaseSet:
        """Draw cases by a seed and work out what the oracle and each misconception give.

        Raises ExerciseError if no draw tells every misconception apart from the oracle and from the others, or if in
        every draw some answer might be zero without being noticed.
        """
        faults = ["there are no groups of cases"]
        for attempt in range(REDRAWS if self.groups else 0):
            case_set = self._expecting(self.draw_cases(seed, attempt))
            faults = self.toothless(case_set) or self.ambiguities(case_set)
            if not faults:
                return case_set
        raise ExerciseError(f"{self.name}: {'; '.join(faults)}")

    def draw_cases(self, seed: int, attempt: int = 0) -> list[Case]:
        """Draw cases by a seed and nothing else: no answers, and no proof that these cases are good ones."""
        sequence = np.random.SeedSequence([seed, zlib.crc32(self.name.encode()), attempt])
        children = zip(self.groups, sequence.spawn(len(self.groups)), strict=True)
        return [
            self._case(group, inputs)
            for group, child in children
            for inputs in group.generate(np.random.default_rng(child))
        ]

    def _expecting(self, cases: list[Case]) -> CaseSet:
        groups = tuple((group.name, group.weight) for group in self.groups)
        hints = {wrong.slug: wrong.hint for wrong in self.misconceptions}
        for wrong in self.misconceptions:
            wrong.renew()
        expected = [self._expected(case) for case in cases]
        return replace(self.empty(), groups=groups, hints=hints, cases=cases, expected=expected)

    def empty(self) -> CaseSet:
        """A set without cases, which holds what the exercise says about every answer."""
        return CaseSet(
            self.name, self.parameters, self.returns, self.points, (), {}, [], [], self.rtol, self.holds, self.view
        )

    def _case(self, group: Group, inputs: dict[str, Any]) -> Case:
        where = f"{self.name}, group {group.name!r}"
        if group.count:
            inputs = {group.count: 1, **inputs}
        taken, who = self.inputs_of(group.driver), f"the {'driver' if group.driver else 'oracle'}"
        if set(inputs) != set(taken):
            raise ExerciseError(f"{where}: the cases yield {sorted(inputs)}, {who} takes {list(taken)}")
        if not set(group.carry) <= set(self.returns) & set(taken):
            raise ExerciseError(f"{where}: {list(group.carry)} cannot be carried, {who} returns {self.returns}")
        if not set(group.each) <= set(taken):
            raise ExerciseError(f"{where}: {list(group.each)} are no arguments of {who}")
        lengths = {len(inputs[name]) if np.ndim(inputs[name]) else 0 for name in group.each} or {1}
        if len(lengths) > 1 or 0 in lengths:
            raise ExerciseError(f"{where}: {list(group.each)} need one and the same number of steps, at least 1")
        inputs = {name: inputs[name] for name in taken}
        steps = lengths.pop()
        carry = tuple((name, self.returns.index(name) if len(self.returns) > 1 else WHOLE) for name in group.carry)
        label = _label(inputs, group.each, steps)
        return Case(group.name, label, inputs, steps, group.each, carry, group.count, group.driver)

    def _expected(self, case: Case) -> Expected:
        values = self.oracle_values(case)
        misconceptions = {wrong.slug: call(wrong.function, case) for wrong in self.misconceptions}
        for slug, outcome in misconceptions.items():
            if outcome.failure and outcome.failure.kind == "signature":
                raise ExerciseError(f"{self.name}: misconception {slug!r} takes {outcome.failure.message}")
        return Expected(values, self.slack(case, values), misconceptions)

    def slack(self, case: Case, values: list[list[np.ndarray]]) -> list[list[np.ndarray]]:
        """Return how far each entry of the oracle's values may be off because numbers are rounded.

        In float64, where inputs cancel. In float32, which is measured: how far the values move when the inputs are
        rounded, and how far they are off near by when an oracle that works in the type that it gets works in float32.
        """
        floor = CANCELLATION * _largest(case.inputs.values())
        slack = [[_cancellation(item, floor) for item in items] for items in values]
        rng = np.random.default_rng(0)
        # what is moved are the inputs: a driver puts the oracle to use with those that it gets
        oracle, case = driven(self.oracle, case.driver), replace(case, driver="")
        for _ in range(ROUNDINGS):
            _allow(slack, values, self.oracle_values(case, _moved(oracle, rng, ROUNDING)))
        for trial in range(ROUNDINGS):
            near, single = (
                self.oracle_values(case, _moved(oracle, np.random.default_rng(trial), NEAR, single))
                for single in (False, True)
            )
            if not _allow(slack, near, single):
                break  # it works in float64, whatever it gets
        return slack

    def oracle_values(self, case: Case, oracle: Callable | None = None) -> list[list[np.ndarray]]:
        """Return what the oracle, or a variant of it, gives: one list of arrays a step, an array for each item.

        Raises ExerciseError if it fails, modifies its inputs or returns something else.
        """
        outcome = call(oracle or self.oracle, case)
        if outcome.failure or outcome.mutated:
            raise ExerciseError(f"{self.name}: the oracle fails on {case.label}: {outcome.failure or outcome.mutated}")
        values = []
        for value in (seen(self.empty(), value) for value in outcome.values):
            several = len(self.returns) > 1 and isinstance(value, tuple)
            items = [as_array(item) for item in (value if several else [value])]
            if len(items) != len(self.returns) or any(item is None for item in items):
                raise ExerciseError(f"{self.name}: the oracle returns {value!r}, expected {self.returns}")
            values.append(items)
        return values

    def toothless(self, case_set: CaseSet) -> list[str]:
        """Return the answers that lie within their own tolerance, so that 0 or the other sign would pass.

        Not those that are exactly zero; and where a property is to hold, that one says what passes.
        """
        if self.holds:
            return []
        return [
            f"group {case.group!r}, {case.label}: {name} may be 0 at step {step} and pass"
            for case, expected in zip(case_set.cases, case_set.expected, strict=True)
            for step, (items, slack) in enumerate(zip(expected.values, expected.slack, strict=True), start=1)
            for name, item, margin in zip(self.returns, items, slack, strict=True)
            if np.any(item) and within(np.zeros_like(item), item, self.rtol, margin).all()
        ]

    def ambiguities(self, case_set: CaseSet) -> list[str]:
        """Return what these cases fail to tell apart, one sentence each."""
        empty = {group.name for group in self.groups} - {case.group for case in case_set.cases}
        faults = [f"group {name!r} has no cases" for name in sorted(empty)]
        right = [call(self.oracle, case) for case in case_set.cases]
        wrong = {slug: [expected.misconceptions[slug] for expected in case_set.expected] for slug in case_set.hints}
        for slug, outcomes in wrong.items():
            if _agree(case_set, outcomes, right):
                faults.append(f"the cases do not tell misconception {slug!r} from the right answer")
            elif all(examine(case_set, i, outcome, reveal=False).passed for i, outcome in enumerate(outcomes)):
                faults.append(f"misconception {slug!r} loses no points")
        for a, b in combinations(wrong, 2):
            if _agree(case_set, wrong[a], wrong[b]):
                faults.append(f"the cases do not tell misconception {a!r} from {b!r}")
        return faults

    def judge_function(self, function: Callable, seed: int = PUBLISHED_SEED) -> Verdict:
        """Judge a Python function directly, without a sandbox. Only for functions that are trusted."""
        returned = Returned()
        return evaluate(self.draw(seed), lambda case: call(function, case, returned), reveal=False)


def _agree(case_set: CaseSet, a: list[Outcome], b: list[Outcome]) -> bool:
    return all(
        same_outcome(case_set, i, left, right, factor=SAFETY) for i, (left, right) in enumerate(zip(a, b, strict=True))
    )


def _largest(values: Iterable[Any]) -> float:
    """Return the largest size of all floating-point numbers among some values, 0 if there are none."""
    arrays = [array for value in values for array in _floats(value)]
    return max((float(np.abs(array[np.isfinite(array)]).max(initial=0.0)) for array in arrays), default=0.0)


def _floats(value: Any) -> list[np.ndarray]:
    if isinstance(value, list | tuple):
        return [array for item in value for array in _floats(item)]
    array = np.asarray(value) if isinstance(value, float | np.ndarray) else np.zeros(0)
    return [array] if array.dtype.kind == "f" else []


def _cancellation(item: np.ndarray, floor: float) -> np.ndarray:
    """Return what float64 may leave of inputs that cancel.

    That is a rounding error of the inputs' size, even where the oracle gives exactly 0; but in an answer that is much
    smaller than its inputs for other reasons, such as a rate beside a huge matrix, it must not hide the answer itself.
    """
    size = np.abs(item[np.isfinite(item)]).max(initial=0.0)
    return np.abs(item) * 1e-14 + (min(floor, NEGLIGIBLE * float(size)) if size else floor)


def _allow(slack: list[list[np.ndarray]], values: list[list[np.ndarray]], others: list[list[np.ndarray]]) -> bool:
    """Widen the slack so that the difference of two results lies well within it; return whether there is one."""
    largest = 0.0
    for step, (items, rounded) in enumerate(zip(values, others, strict=True)):
        for i, (item, other) in enumerate(zip(items, rounded, strict=True)):
            with np.errstate(invalid="ignore"):
                distance = np.nan_to_num(np.abs(np.subtract(item, other, dtype=float)), nan=0.0, posinf=0.0)
            slack[step][i] = np.maximum(slack[step][i], ROUNDING_SAFETY * distance)
            largest = max(largest, float(distance.max(initial=0.0)))
    return largest > 0


def _moved(
    oracle: Callable, rng: np.random.Generator, size: float, single: bool | None = None, everything: bool = False
) -> Callable:
    """Return the oracle with every float argument of every call moved by a share of itself, drawn at random.

    Of every call, because a student's state is rounded at each step of a trajectory. By normal draws, because signs
    alone would move two entries alike half of the time, and an answer that depends on their difference not at all.
    single : whether arrays arrive as float32, or as what float32 makes of them; None leaves them as they are.
    everything : whether zeros move as well, by a share of their array's largest entry, and what functions return.
    """

    def move(value: Any) -> Any:
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            moved = value * (1 + size * rng.normal(size=value.shape))
            if everything:
                moved = np.where(value == 0, size * np.abs(value).max(initial=0) * rng.normal(size=value.shape), moved)
            return moved if single is None else moved.astype(np.float32).astype(np.float32 if single else np.float64)
        if isinstance(value, float):
            return value * (1 + size * float(rng.normal()))  # a Python float widens no float32 array
        if isinstance(value, list | tuple):
            return type(value)(map(move, value))
        if everything and callable(value):
            return lambda *arguments: move(value(*arguments))
        return value

    @functools.wraps(oracle)
    def moved(*arguments: Any) -> Any:
        return oracle(*map(move, arguments))

    return moved


def shaken(function: Callable, times: int) -> Iterator[Callable]:
    """Yield a function some times, its float arguments moved as little as processors disagree about results.

    What then comes out otherwise is decided by rounding, and comes out otherwise on another processor.
    """
    return (
        _moved(function, np.random.default_rng(seed), SHAKES[seed % len(SHAKES)], everything=True)
        for seed in range(times)
    )


def _label(inputs: dict[str, Any], each: tuple[str, ...], steps: int) -> str:
    parts = []
    arrays = {n: np.shape(v)[1:] if n in each else np.shape(v) for n, v in inputs.items() if isinstance(v, np.ndarray)}
    lists = [value for value in inputs.values() if isinstance(value, list) and value]
    if arrays:
        parts.append(f"shape {next(iter(arrays.values()))}")
    elif lists and all(isinstance(item, np.ndarray) for item in lists[0]):
        parts.append(f"shape{'s' * (len(lists[0]) > 1)} {', '.join(str(np.shape(item)) for item in lists[0])}")
    if steps > 1:
        parts.append(f"{steps} steps")
    scalars = {n: v for n, v in inputs.items() if isinstance(v, bool | int | float) and n not in each}
    parts += [
        f"{name}={value:.3g}" if isinstance(value, float) else f"{name}={value}" for name, value in scalars.items()
    ]
    return ", ".join(parts)


def exercise(
    points: float,
    returns: str | tuple[str, ...],
    rtol: float = RTOL,
    holds: str = "",
    view: str = "",
    driver: str = "",
) -> Callable[[Callable], Exercise]:
    """Declare an exercise: decorate its oracle, a function or class that has the exercise's name and signature.

    points : 0 makes it optional.
    returns : names of what the answer, or the driver, returns.
    holds : where the answer is not unique, the property to hold, e.g. "same_up_to_sign".
    view : where the answer is no array and no tuple of arrays, how to look at it, e.g. "batches".
    driver : how a class or a longer build is put to use, e.g. "utils.drivers.optimizers.optimizer_updates"; the
        cases then yield the driver's inputs.
    """
    names = (returns,) if isinstance(returns, str) else tuple(returns)
    return lambda oracle: Exercise(oracle.__name__, points, names, oracle, rtol, holds, view, driver)


def chapters_with_exercises(course: Course) -> list[str]:
    """Names of the chapters that have exercises, in order."""
    return sorted({path.parent.name for path in course.exercises.glob("ch*/[!_]*.py")})


def load_exercises(course: Course, chapter: str, notebook: str = "*") -> dict[str, Exercise]:
    """Return the exercises of a chapter, or of one of its notebooks, by name, in the order of each module.

    Raises ExerciseError for a chapter without a module, an exercise that lacks cases or a name, and a name in two
    modules.
    """
    modules = sorted(path for path in course.exercises.glob(f"{chapter}/{notebook}.py") if path.stem[0] != "_")
    if not modules:
        raise ExerciseError(f"{chapter} has no exercises, expected grading/exercises/{chapter}/<notebook>.py")
    found: dict[str, Exercise] = {}
    for path in modules:
        module = _module(path)
        for spec in (value for value in vars(module).values() if isinstance(value, Exercise)):
            if found.setdefault(spec.name, spec) is not spec:
                raise ExerciseError(f"{chapter}: {spec.name} is declared twice, the second time in {path.name}")
    for spec in found.values():
        _validate(chapter, spec)
    return found


@functools.cache
def _module(path: Path) -> ModuleType:
    """Import an exercise module by its place: a course need not be this package's own."""
    own = path.is_relative_to(ROOT)
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts) if own else f"exercises of {path}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _validate(chapter: str, spec: Exercise) -> None:
    groups, slugs = [group.name for group in spec.groups], [wrong.slug for wrong in spec.misconceptions]
    if not groups:
        raise ExerciseError(f"{chapter}: {spec.name} needs at least one group of cases")
    for what, names in (("groups of cases", groups), ("misconceptions", slugs)):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ExerciseError(f"{chapter}: {spec.name} has two {what} with the same name: {', '.join(twice)}")
    if spec.points < 0 or any(group.weight <= 0 for group in spec.groups):
        raise ExerciseError(f"{chapter}: {spec.name} needs weights above zero, and points, or 0 if it is optional")
    for group in spec.groups:
        _validate_driver(chapter, spec, group)


def _validate_driver(chapter: str, spec: Exercise, group: Group) -> None:
    where = f"{chapter}: {spec.name}, group {group.name!r}"
    if not group.driver and spec.is_class:
        raise ExerciseError(f"{where}: a class needs a driver, such as utils.drivers.optimizers.optimizer_updates")
    try:
        callable_ = not group.driver or callable(find(group.driver))
    except (PlainDataError, ImportError, AttributeError) as error:
        raise ExerciseError(f"{where}: there is no driver {group.driver!r}: {error}") from error
    if not callable_:
        raise ExerciseError(f"{where}: {group.driver} is no function")
