"""How far an answer may be off: as far as rounding can bring it, and never so far that it might be zero."""

import numpy as np
import pytest

from grading.exercise import ExerciseError
from tests.grading.exercise_samples import declared


def test_answer_much_smaller_than_its_inputs_is_not_taken_for_zero():
    def reciprocal(x):
        return 1 / x

    spec = declared(reciprocal, lambda rng: [dict(x=np.array([1e8, 3e8]))])
    assert spec.judge_function(lambda x: 1 / x).points == 1
    assert spec.judge_function(lambda x: 0 * x).points == 0
    assert spec.judge_function(lambda x: -1 / x).points == 0


def test_item_much_smaller_than_the_other_is_not_taken_for_zero():
    def step(x):
        return x, x**2 * 1e-16

    spec = declared(step, lambda rng: [dict(x=rng.uniform(1, 2, size=3))], returns=("x", "square"))
    assert spec.judge_function(lambda x: (x, x**2 * 1e-16)).points == 1
    assert spec.judge_function(lambda x: (x, 0 * x)).points == 0


def test_draw_refuses_an_answer_that_is_all_rounding():
    def change(a, b):
        return a - b

    spec = declared(change, lambda rng: [dict(a=np.array([1.0, 2.0]), b=np.array([1.0, 2.0]) + 1e-7)])
    with pytest.raises(ExerciseError, match=r"change: group 'group', shape \(2,\): y may be 0 at step 1 and pass"):
        spec.draw(0)


def test_draw_names_the_step_and_the_item():
    def walk(x, b):
        return b * 0.5 + 1, x - b

    def cases(rng):
        yield dict(x=np.array([5.0, 1.5 + 1e-7, 9.0]), b=np.array(1.0))

    spec = declared(walk, cases, returns=("b", "rest"), trajectory=dict(carry=("b",), each=("x",)))
    with pytest.raises(ExerciseError, match="walk: group 'group', .*: rest may be 0 at step 2 and pass"):
        spec.draw(0)


def test_answer_that_is_exactly_zero_is_no_fault():
    def change(a):
        return a - a

    assert declared(change, lambda rng: [dict(a=rng.normal(size=3))]).draw(0)


def test_property_says_itself_what_passes():
    def mix(a, b):
        return a - b

    cases = [dict(a=np.ones(3), b=np.ones(3) + 1e-9 * np.arange(3))]
    assert declared(mix, lambda rng: cases, holds="same_in_any_order").draw(0)


def test_float32_is_measured_where_the_oracle_works_in_float32():
    """1 - p near p = 1: no rounding of x is to blame, but that of p."""

    def rest(x):
        p = 1 / (1 + np.exp(-x))
        return 1 - p

    def rest_in_float64(x):
        return rest(np.asarray(x, dtype=np.float64))

    def single(x):
        return rest(x.astype(np.float32))

    def cases(rng):
        yield dict(x=rng.uniform(7, 9, size=1))

    seeds = range(40)
    assert all(declared(rest, cases).judge_function(single, seed).points for seed in seeds)
    rest_in_float64.__name__ = "rest"
    assert not all(declared(rest_in_float64, cases).judge_function(single, seed).points for seed in seeds)


def test_entries_that_round_apart_are_allowed_for():
    """A difference of two large entries: it moves only if they do not move alike."""

    def gaps(x):
        return np.diff(x)

    spec = declared(gaps, lambda rng: [dict(x=1e4 + rng.normal(size=3))])
    for seed in range(60):
        assert spec.judge_function(lambda x: np.diff(x.astype(np.float32)), seed).points == 1


def test_lists_of_arrays_are_rounded_too():
    def total(parts):
        return sum(part.sum() for part in parts)

    spec = declared(total, lambda rng: [dict(parts=[1e4 + rng.normal(size=3), -1e4 + rng.normal(size=3)])])
    (slack,) = spec.draw(0).expected[0].slack[0]
    assert slack > 1e-4
