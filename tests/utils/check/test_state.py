"""What a function remembers from one call to the next: its first answers must stay, and come again."""

import functools
import json

import numpy as np
import pytest
import torch

from tests.grading.exercise_samples import declared, pair_exercise, scale_exercise
from utils.check.call import Returned, answer, answers, call
from utils.check.cases import Outcome
from utils.check.plain import PlainDataError, Seed
from utils.check.verdict import evaluate

PAIR, SCALE = pair_exercise().draw(0), scale_exercise().draw(0)
BUFFER = (
    "{}: the result of an earlier call changed when the function was called again; return a new array instead of a "
    "buffer that is used again"
)
FORGETFUL = "{} gives another answer when asked the same again: what does it remember from one call to the next?"
UNSEEDED = "{} gives another answer for an equal generator: does all chance come from the one that it is given?"


def judged(case_set, function):
    returned = Returned()
    return evaluate(case_set, lambda case: call(function, case, returned), reveal=True)


def scale(theta, lr):
    return lr * np.asarray(theta)


def test_function_that_remembers_nothing_passes():
    assert judged(SCALE, scale).status == "passed"


def buffered(convert=lambda buffer: buffer, by_shape=True):
    """Scale into arrays that are used again."""
    buffers = {}

    def function(theta, lr):
        buffer = buffers.setdefault(theta.shape if by_shape else None, np.zeros(theta.shape))
        if buffer.shape != theta.shape:
            return lr * theta
        buffer[...] = lr * theta
        return convert(buffer)

    return function


@pytest.mark.parametrize(
    "convert", [lambda buffer: buffer, torch.from_numpy, lambda buffer: buffer[:]], ids=["array", "tensor", "view"]
)
def test_buffer_that_is_used_again_loses_points(convert):
    result = judged(SCALE, buffered(convert))
    assert result.points < result.max_points and result.cause == "state"
    assert result.message == BUFFER.format("scale")


def test_list_that_is_used_again_loses_points():
    kept = []

    def pair(theta, grad, lr):
        kept[:] = [theta - lr * grad, grad / 2]
        return kept

    assert judged(PAIR, pair).message == BUFFER.format("pair")


def test_buffer_within_a_trajectory_is_noticed_by_a_single_call():
    (walk,) = (case for case in SCALE.cases if case.steps > 1)
    assert call(buffered(), walk).changed
    assert not call(scale, walk).changed


@pytest.mark.parametrize(
    "function",
    [
        lambda theta, lr: iter(lr * theta),
        lambda theta, lr: (entry for entry in lr * theta),
        lambda theta, lr: (lr * theta).tolist(),
        lambda theta, lr: torch.tensor(lr * theta),
        lambda theta, lr: np.where(theta > 99, np.nan, lr * theta),
    ],
    ids=["iterator", "generator", "list", "tensor", "array"],
)
def test_other_results_are_not_called_changed(function):
    assert judged(SCALE, function).status == "passed"


def test_list_that_comes_to_hold_itself_has_changed():
    value, returned = [1.0], Returned()
    returned.add(value)
    value.append(value)
    assert returned.changed()


def test_nan_is_no_change():
    returned = Returned()
    returned.add([np.array([np.nan]), float("nan"), torch.tensor(float("nan"))])
    assert not returned.changed()


def test_result_that_is_kept_and_given_again_passes():
    kept = {}

    def cached(theta, lr):
        return kept.setdefault((theta.tobytes(), theta.shape, lr), lr * theta)

    assert judged(SCALE, cached).status == "passed"


def once(function, then):
    """Right for whatever is asked for the first time."""
    asked = set()

    @functools.wraps(function)
    def answered(theta, lr):
        key = (theta.tobytes(), theta.shape, float(lr))
        if key in asked:
            return then(theta, lr)
        asked.add(key)
        return function(theta, lr)

    return answered


def _raises(theta, lr):
    raise RuntimeError("asked twice")


@pytest.mark.parametrize("then", [lambda theta, lr: None, lambda theta, lr: lr * theta + 1, _raises])
def test_first_case_has_to_come_out_right_again(then):
    result = judged(SCALE, once(scale, then))
    assert (result.status, result.points, result.cause) == ("partial", 2.0, "state")
    assert result.message == FORGETFUL.format("scale")
    assert [finding.passed for finding in result.findings] == [False, True, True]


def test_first_case_that_failed_keeps_its_own_message():
    result = judged(SCALE, lambda theta, lr: None if theta.shape == (3,) else lr * theta)
    assert "None" in result.findings[0].message and result.cause == "type"


def test_same_seed_is_owed_the_same_order():
    def order(x, rng):
        return rng.permutation(x)

    def cases(rng):
        yield dict(x=rng.normal(size=12), rng=Seed(1))

    case_set, draws = declared(order, cases, holds="same_in_any_order").draw(0), np.random.default_rng(5)
    assert judged(case_set, order).status == "passed"
    result = judged(case_set, lambda x, rng: draws.permutation(x))
    assert (result.points, result.message) == (0, UNSEEDED.format("order"))


def test_evaluate_asks_every_case_and_the_first_one_again():
    asked = []
    evaluate(SCALE, lambda case: asked.append(case) or call(scale, case), reveal=False)
    assert asked == [*SCALE.cases, SCALE.cases[0]]


# --- across to the kernel and back


def test_answers_notices_what_one_answer_alone_would_not():
    cases = [json.dumps(case.to_plain()) for case in SCALE.asked]
    together = [Outcome.from_plain(plain) for plain in json.loads(answers(buffered(), f"[{', '.join(cases)}]"))]
    function = buffered()
    singly = [Outcome.from_plain(json.loads(answer(function, case))) for case in cases]
    assert [outcome.changed for outcome in together] == [outcome.changed for outcome in singly]
    assert [outcome.changed for outcome in together] == [False, False, True, False]


def test_answer_blames_no_function_for_what_another_returned():
    shared = np.zeros(3)

    def into_shared(factor):
        return lambda theta, lr: np.multiply(factor, theta, out=shared)

    case, first, second = json.dumps(SCALE.cases[0].to_plain()), into_shared(1), into_shared(2)
    for function in (first, second, first):
        assert not Outcome.from_plain(json.loads(answer(function, case))).changed


def test_change_crosses_as_plain_data():
    outcome = Outcome([1.0], changed=True)
    assert Outcome.from_plain(json.loads(json.dumps(outcome.to_plain()))) == outcome
    assert "changed" not in Outcome([1.0]).to_plain()


@pytest.mark.parametrize("changed", [1, "yes", None, [True]])
def test_outcome_refuses_a_change_that_is_no_truth_value(changed):
    with pytest.raises(PlainDataError, match="changed is no truth value"):
        Outcome.from_plain(Outcome([1.0]).to_plain() | {"changed": changed})
