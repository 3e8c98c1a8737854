"""Published cases are compared with those that are there: rounding aside, and nothing else aside."""

import json

import numpy as np
import pytest

from grading.authoring.checks import checks_text, published_checks, same_checks
from tests.grading.exercise_samples import declared

CHAOS = 1e17  # so many radians, and the last digit of a number decides its sine


def cases(rng):
    for n in (2, 3, 4):
        yield dict(x=rng.uniform(1, 2, size=n), rate=float(rng.uniform(0.2, 0.4)))


def make():
    spec = declared(lambda x, rate: np.sin(CHAOS * x) if rate < 0 else rate * x + 1, cases, name="line")

    @spec.misconception
    def steady(x, rate):
        """The slope alone."""
        return rate * x

    @spec.misconception
    def chaotic(x, rate):
        """A sine of its own."""
        return np.sin(CHAOS * x)

    @spec.misconception
    def overflowing(x, rate):
        """Far too much."""
        return x * 1e200

    return spec


@pytest.fixture
def stored(tmp_path):
    """Return a function that changes what is stored, and says whether it counts as the same."""
    exercises = {"line": make()}
    checks = published_checks(exercises)
    path = tmp_path / "checks.json"

    def compare(change):
        data = json.loads(checks_text(checks))
        change(data["exercises"][0])
        path.write_text(json.dumps(data))
        return same_checks(path, checks, exercises)

    return compare


def of_misconception(slug, number):
    def change(exercise):
        exercise["cases"][1]["misconceptions"][slug]["values"][0]["data"][0] = number

    return change


def test_what_rounding_decides_may_differ(stored):
    assert stored(lambda exercise: None)
    assert stored(of_misconception("chaotic", 0.123))
    assert stored(of_misconception("overflowing", -3e250))


@pytest.mark.parametrize(
    "change",
    [
        of_misconception("steady", 0.123),
        lambda exercise: exercise["cases"][1]["misconceptions"].pop("chaotic"),
        lambda exercise: exercise["cases"][1]["inputs"].update(rate=0.3),
        lambda exercise: exercise["slips"].pop("1 - rate in place of rate"),
        lambda exercise: exercise["slips"].update({"nobody's slip": [None, [1.0], None]}),
        lambda exercise: exercise.update(points=7),
    ],
    ids=["a misconception's value", "a misconception less", "an input", "a slip less", "an unknown slip", "points"],
)
def test_what_rounding_does_not_decide_may_not(stored, change):
    assert not stored(change)


def test_slips_that_rounding_decides_are_left_out():
    (case_set,) = published_checks({"line": make()})
    texts = {text for one in case_set.expected for text in one.slips}
    assert "1 - rate in place of rate" in texts
    assert "-rate in place of rate" not in texts
