"""Nothing can be looked up: the published cases, with their answers, are worth no point in the hidden ones."""

import ast
import functools
import re

import numpy as np
import pytest

from grading.authoring.simulate import reference_answers
from grading.course import Course
from grading.exercise import PUBLISHED_SEED, chapters_with_exercises, exercise, load_exercises
from utils.check.call import call
from utils.check.verdict import judge

HIDDEN_SEEDS = range(1, 7)
EXERCISES = {
    name: (chapter, spec)
    for chapter in chapters_with_exercises(Course.here())
    for name, spec in load_exercises(Course.here(), chapter).items()
}
each_exercise = pytest.mark.parametrize("name", EXERCISES)


# --- the answer to the published case that is nearest


def form(value):
    """Shapes of a value's arrays; functions and generators are all alike."""
    if isinstance(value, list | tuple):
        return tuple(map(form, value))
    return np.shape(value) if isinstance(value, bool | int | float | np.ndarray) else "other"


def numbers(value):
    """All numbers of a value, in a row."""
    if isinstance(value, list | tuple):
        return np.concatenate([np.zeros(0), *map(numbers, value)])
    return np.ravel(value).astype(float) if isinstance(value, bool | int | float | np.ndarray) else np.zeros(0)


def distance(here, there):
    """How far apart the arguments of two calls are, each number measured by its own size."""
    a, b = numbers(here), numbers(there)
    return float(np.sum((a - b) ** 2 / np.maximum(a**2 + b**2, 1e-300)))


def published_calls(spec):
    """Every call of the published cases: arguments and answer."""
    calls = []

    def recorded(*arguments):
        calls.append(list(arguments))
        return spec.oracle(*arguments)

    answers = [value for case in spec.draw(PUBLISHED_SEED).cases for value in call(recorded, case).values]
    return list(zip(calls, answers, strict=True))


def nearest(known):
    """Return a function that gives the answer to the known call of the same form that is nearest."""

    def answer(*arguments):
        alike = [(distance(list(arguments), there), value) for there, value in known if form(there) == form(arguments)]
        if not alike:
            raise LookupError("there is no published case of this form")
        return min(alike, key=lambda pair: pair[0])[1]

    return answer


def points_by_heart(spec, seed):
    """Points for who repeats the published answers, under a set of hidden cases."""
    hidden, function = spec.draw(seed), nearest(published_calls(spec))
    return judge(hidden, [call(function, case) for case in hidden.cases], reveal=False).points


@each_exercise
def test_nearest_published_answer_earns_nothing(name):
    spec = EXERCISES[name][1]
    assert {seed: points for seed in HIDDEN_SEEDS if (points := points_by_heart(spec, seed))} == {}


def test_published_answer_that_recurs_earns_points():
    @exercise(points=2, returns="count")
    def halves(n):
        return n // 2

    @halves.cases("the same every time")
    def _(rng):
        yield dict(n=8)

    @halves.cases("drawn")
    def _(rng):
        yield dict(n=int(rng.integers(10**6, 10**9)))

    assert points_by_heart(halves, 1) == 1


# --- the docstrings say what the cases demand


@functools.cache
def docstring(name):
    """The docstring of the function that students complete."""
    (function,) = (
        node
        for node in ast.parse(reference_answers(Course.here(), EXERCISES[name][0])[name]).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    )
    return ast.get_docstring(function)


def about(name, parameter):
    """The sentence of a docstring that is about a parameter."""
    where = rf"^[^:\n]*\b{parameter}\b[^:\n]* : |(?<=\.  ){parameter} : "
    begin = re.search(where, docstring(name), re.MULTILINE)
    return re.split(r"\.  \w+ : |\n\S", docstring(name)[begin.start() :], maxsplit=1)[0] if begin else ""


def arrays(value):
    """The arrays among an input."""
    return [value] if isinstance(value, np.ndarray) else sum(map(arrays, value), []) if isinstance(value, list) else []


@each_exercise
def test_docstring_says_where_arrays_hold_whole_numbers(name):
    spec = EXERCISES[name][1]
    given = {parameter: set() for parameter in spec.parameters}
    for seed in (PUBLISHED_SEED, *HIDDEN_SEEDS[:2]):
        for case in spec.draw(seed).cases:
            for parameter, value in case.inputs.items():
                given[parameter] |= {array.dtype.kind for array in arrays(value)}
    for parameter, kinds in given.items():
        said = bool(re.search(r"\bint(s|egers)?\b", about(name, parameter)))
        assert not kinds or said == ("i" in kinds), (parameter, kinds, about(name, parameter))


@each_exercise
def test_arrays_of_any_shape_come_with_three_axes_too(name):
    promised = re.search(r"any shape|of one shape|this shape", " ".join(docstring(name).split()))
    shapes = {
        np.shape(array)[parameter in case.each :]
        for case in EXERCISES[name][1].draw(PUBLISHED_SEED).cases
        for parameter, value in case.inputs.items()
        for array in ([np.zeros(value)] if parameter == "shape" else arrays(value))
    }
    assert not promised or max(map(len, shapes)) >= 3, shapes


@each_exercise
def test_docstring_forbids_to_write_into_arrays(name):
    spec = EXERCISES[name][1]
    if any(arrays(value) for case in spec.draw(PUBLISHED_SEED).cases for value in case.inputs.values()):
        assert "not modified" in " ".join(docstring(name).split())
