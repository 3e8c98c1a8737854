"""What wrong numbers have in common: one toy exercise, one slip for each recogniser."""

import contextlib
import inspect
import math
import time

import numpy as np
import pytest

from grading.course import ROOT, Course
from grading.exercise import exercise, load_exercises
from grading.slips import with_slips
from tests.grading.exercise_samples import declared
from utils.check import clues
from utils.check.call import call
from utils.check.cases import Failure
from utils.check.conditions import where
from utils.check.evidence import gather
from utils.check.explain import examine
from utils.check.pasting import literal
from utils.check.patience import TimeUp, _by_thread, call_patiently, limited
from utils.check.plain import Reference, Seed
from utils.check.verdict import evaluate


@exercise(points=2, returns=("new", "total"))
def walk(start, grad, lr, beta):
    """A step, and a decaying sum along the way."""
    return start - lr * grad, beta * start + (1 - beta) * grad**2


@walk.cases("plain")
def _(rng):
    for size in (3, 5, 8):
        yield dict(
            start=rng.normal(size=size),
            grad=rng.normal(size=size),
            lr=float(rng.uniform(0.1, 0.9)),
            beta=0.6 + size / 50,
        )


@walk.cases("matrices")
def _(rng):
    for size in (3, 4):
        yield dict(start=rng.normal(size=(size, size)), grad=rng.normal(size=(size, size)), lr=0.3, beta=0.9)


@walk.misconception
def climbs(start, grad, lr, beta):
    """Which way is down?"""
    return start + lr * grad, beta * start + (1 - beta) * grad**2


@walk.misconception
def forgets(start, grad, lr, beta):
    """What of the past?"""
    return start - lr * grad, grad**2


WALK = with_slips(walk, walk.draw(0))


def total_of(value):
    """A slip in the second output only."""
    return lambda start, grad, lr, beta: (start - lr * grad, value(beta * start + (1 - beta) * grad**2, start, grad))


def judged(function, case_set=WALK, reveal=True):
    return evaluate(case_set, lambda case: call(function, case), reveal)


SAID = {
    "always_the_same": (lambda t, s, g: np.full_like(t, 7.0), "total is 7 in every case in which it is wrong"),
    "opposite_sign": (lambda t, s, g: -t, "total has the right size but the opposite sign"),
    "an_input": (lambda t, s, g: g, "total is just the input grad"),
    "factor": (lambda t, s, g: 2 * t, "total is 2 times what it should be"),
    "a_function": (lambda t, s, g: np.abs(t), "total is the absolute value of what it should be"),
    "offset": (lambda t, s, g: t + 2, "total is off by 2: it is too large by that"),
    "reordered": (lambda t, s, g: t[::-1], "total holds the right values in reversed order"),
    "a_term": (lambda t, s, g: t + 3 * s, "total is off by 3 times start: look at that term, the rest is right"),
    "a_bound": (
        lambda t, s, g: np.maximum(t, 0.1),
        "total has 0.1 in every entry that is wrong, which should be smaller",
    ),
    "some_entries": (lambda t, s, g: np.where(g < 0, t * t + 1, t), "total is wrong only where grad is negative"),
    "up_to_an_index": (
        lambda t, s, g: np.concatenate([t[:2], np.sin(t[2:] + 1)]),
        "total begins rightly and is wrong from entry [2] on",
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_recogniser_says_what_wrong_numbers_are(name):
    value, said = SAID[name]
    verdict = judged(total_of(value))
    assert verdict.message.startswith(f"walk: {said}; new is right")
    assert verdict.points == 0 and verdict.clues


def test_nothing_is_called_right_of_an_answer_whose_parts_could_not_all_be_compared():
    def raises_once(start, grad, lr, beta):
        new, total = walk.oracle(start, grad, lr, beta)
        if start.size == 8:
            raise ValueError("eight")
        return 2 * new, total

    said = judged(raises_once).message
    assert "new is 2 times" in said and "right" not in said


def test_outputs_in_another_order_are_told():
    said = judged(lambda *a: walk.oracle(*a)[::-1]).message
    assert said.startswith("walk: new has total's values (return new, total, in this order)")


def test_step_in_the_wrong_direction_is_told_of_an_output_that_is_named_like_its_input():
    case_set = declared(
        lambda theta, lr: theta * (1 - lr), lambda rng: [dict(theta=rng.normal(size=3), lr=0.3)], returns="theta"
    ).draw(0)
    assert judged(lambda theta, lr: theta * (1 + lr), case_set).clues == ("sign",)


def test_transposed_answer_is_told():
    case_set = declared(
        lambda x: np.exp(x), lambda rng: [dict(x=rng.normal(size=(n, n))) for n in (2, 3)], name="table"
    ).draw(0)
    assert "is transposed" in judged(lambda x: np.exp(x).T, case_set).message


def test_value_of_the_step_before_is_told():
    case_set = declared(
        lambda theta, lr: theta * lr,
        lambda rng: [dict(theta=rng.normal(size=3), lr=rng.uniform(0.2, 0.8, size=4)) for _ in range(2)],
        name="shrink",
        returns="theta",
        trajectory=dict(carry=("theta",), each=("lr",)),
    ).draw(0)
    answers = []

    def stuck(theta, lr):
        answers.append(theta)
        return theta * lr if len(answers) % 4 == 1 else theta

    assert "does not change" in judged(stuck, case_set).message


def test_series_that_lags_is_told():
    case_set = declared(
        lambda x: np.sin(x), lambda rng: [dict(x=rng.normal(size=n)) for n in (4, 6)], name="series"
    ).draw(0)
    lagging = judged(lambda x: np.concatenate([[9.0], np.sin(x)[:-1]]), case_set)
    assert "comes one place too late" in lagging.message


def test_value_of_another_case_is_told_only_where_answers_may_be():
    case_set = declared(
        lambda k, rate: 1 / (1 + rate * k), lambda rng: [dict(k=k, rate=0.3) for k in (1, 2, 3, 4)], name="decay"
    ).draw(0)
    assert "is the value for k = 2 where k = 1" in judged(lambda k, rate: 1 / (1 + rate * (k + 1)), case_set).message
    hidden = judged(lambda k, rate: 1 / (1 + rate * (k + 1)), case_set, reveal=False)
    assert "is the value for" not in hidden.message


def series_of(value, count=6, name="area"):
    """An exercise of one number, x -> value(x)."""
    inputs = [0.33, 0.74, 1.15, 1.66, 2.37, 3.18][:count]
    return declared(lambda x: value(x), lambda rng: [dict(x=x) for x in inputs], name=name).draw(0)


def test_count_that_is_one_off_is_told_so_and_not_by_a_factor():
    case_set = series_of(lambda x: math.ceil(10 * x), name="steps")
    assert judged(lambda x: math.ceil(10 * x) + 1, case_set).message == "steps is one too large"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (lambda x: -0.02 * x, "is a little too small in every case"),
        (lambda x: 0.04 * math.sin(20 * x), "is about right in every case, here too large and there too small"),
    ],
)
def test_what_is_about_right_is_told(error, said):
    case_set = series_of(lambda x: math.exp(x))
    message = judged(lambda x: math.exp(x) * (1 + error(x)), case_set).message
    assert said in message and "?" not in message
    assert said not in judged(lambda x: math.exp(x) * (3 + error(x)), case_set).message


def test_number_where_a_loop_gives_up_is_told():
    case_set = series_of(lambda x: math.ceil(10 * x), name="steps")
    message = judged(lambda x: 500 if x < 3 else 17, case_set).message
    assert message.startswith("steps is 500, whatever it should be, in 5 of 6 wrong cases")


def test_slip_that_a_wrong_call_contradicts_is_not_told():
    spec = declared(
        lambda n, last: 10 * n + 1 if last else 10 * n,
        lambda rng: [dict(n=n, last=last) for n in (4, 7) for last in (True, False)],
        name="count",
    )
    case_set = with_slips(spec, spec.draw(0))
    message = judged(lambda n, last: 10 * n if last else 10 * n + 1, case_set).message
    assert "last taken for its opposite" in message and "whatever" not in message


def test_every_recogniser_is_tried_and_tested():
    here = inspect.getsource(inspect.getmodule(test_every_recogniser_is_tried_and_tested))
    others = {
        "opposite_direction": "wrong_direction",
        "another_output": "another_order",
        "the_step_before": "step_before",
        "factor_of_the_step": "test_factor_is_named",
        "an_input_taken_wrongly": "taken_wrongly",
        "transposed": "transposed_answer",
        "shifted": "series_that_lags",
        "one_off": "count_that_is_one_off",
        "about_right": "about_right_is_told",
        "mostly_the_same": "where_a_loop_gives_up",
        "another_case": "value_of_another_case",
    }
    for recogniser in clues.RECOGNISERS:
        assert recogniser.__name__ in SAID or others[recogniser.__name__] in here


# --- names of numbers


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (lambda x, lr: 1 / lr, "1/lr"),
        (lambda x, lr: lr**2, "lr**2"),
        (lambda x, lr: 1 - lr, "(1 - lr)"),
        (lambda x, lr: len(x), "len(x)"),
        (lambda x, lr: 1 / (len(x) - 1), "1/(len(x) - 1)"),
        (lambda x, lr: len(x) / (len(x) - 1), "len(x)/(len(x) - 1)"),
        (lambda x, lr: math.sqrt(2), "sqrt(2)"),
        (lambda x, lr: math.pi, "pi"),
        (lambda x, lr: 2 * lr, "2*lr"),
        (lambda x, lr: lr / len(x), "lr/len(x)"),
        (
            lambda x, lr: 1 / math.log(2),
            "1.4427 times what it should be (1/ln 2, a natural logarithm for one to base 2)",
        ),
    ],
)
@pytest.mark.parametrize("number", [True, False])
def test_factor_is_named(factor, said, number):
    shape = (lambda x: float(np.sum(np.exp(x)))) if number else np.exp
    case_set = declared(
        lambda x, lr: shape(x),
        lambda rng: [dict(x=rng.normal(size=n), lr=float(rng.uniform(0.1, 0.9))) for n in (3, 4, 7)],
        name="risk",
    ).draw(0)
    message = judged(lambda x, lr: factor(x, lr) * shape(x), case_set).message
    assert message.startswith(f"risk is {said}" if "times" in said else f"risk is {said} times what it should be")


def test_no_factor_is_claimed_for_a_single_number_that_has_no_name():
    case_set = declared(lambda lr: lr**3, lambda rng: [dict(lr=0.37)], name="cube").draw(0)
    assert judged(lambda lr: 0.777, case_set).message == "cube is wrong: it should be 0.050653, got 0.777"
    assert judged(lambda lr: lr**4, case_set, reveal=False).message == "cube is wrong"


# --- inputs taken wrongly


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda s, g, lr, beta: walk.oracle(s, g, lr, 0.9), "total is what comes of beta = 0.9, whatever beta is"),
        (lambda s, g, lr, beta: walk.oracle(s, g, beta, lr), "new and total are what comes of lr and beta exchanged"),
        (
            lambda s, g, lr, beta: walk.oracle(s, np.sort(g, axis=0), lr, beta),
            "new and total are what comes of grad in sorted",
        ),
    ],
)
@pytest.mark.parametrize("reveal", [True, False])
def test_input_taken_wrongly_is_told(wrong, said, reveal):
    assert said in judged(wrong, reveal=reveal).message


# --- where, and what it looks like


def test_condition_is_told():
    def only_vectors(start, grad, lr, beta):
        new, total = walk.oracle(start, grad, lr, beta)
        return new, total if total.ndim == 1 else np.sin(total) + 1

    assert judged(only_vectors).message.endswith("right only where start has one dimension")


def test_misconception_of_one_output_is_named():
    verdict = judged(lambda s, g, lr, beta: (s + lr * g, np.sin(s)))
    assert verdict.misconception == "climbs" and verdict.message.endswith("It looks like “climbs” in new")


def test_two_misconceptions_are_named():
    verdict = judged(lambda s, g, lr, beta: (s + lr * g, g**2))
    assert verdict.misconception == "climbs" and "total looks like “forgets”: What of the past?" in verdict.message


def test_misconception_is_named_although_one_case_raises():
    def odd(start, grad, lr, beta):
        if len(start) == 8:
            raise ValueError("odd")
        return climbs(start, grad, lr, beta)

    assert judged(odd).misconception == "climbs"


def test_changed_input_is_told_beside_wrong_values():
    def both(start, grad, lr, beta):
        start *= 2
        return start, start

    assert "and it changes its input start, which should stay as it was" in judged(both).message


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda x: np.sqrt(x - 5), "a root of a negative number was taken"),
        (lambda x: np.log(x - 5), "a logarithm of a negative number was taken"),
        (lambda x: np.log(0 * x), "a logarithm of 0 was taken"),
        (lambda x: (x - x) / (x - x), "0 was divided by 0"),
        (lambda x: x / (x - x), "a number was divided by 0"),
        (lambda x: np.exp(1000 + x), "numbers became too large in a exp"),
    ],
)
def test_origin_of_a_nan_is_told(function, said):
    case_set = declared(lambda x: x * 1.0, lambda rng: [dict(x=rng.uniform(1, 2, size=3))], name="same").draw(0)
    assert said.replace("a exp", "an exp") in judged(function, case_set).message.replace("a exp", "an exp")


def test_trait_that_some_calls_cannot_have_is_no_condition():
    rows = [dict(a=a, b=b) for a, b in ((0.1, 0.7), (0.4, 0.2), (0.9, 1.3), (1.7, 0.6), (5, 2), (9, 3))]
    case_set = declared(lambda a, b: a / b, lambda rng: rows, name="ratio").draw(0)
    message = judged(lambda a, b: a / b if isinstance(a, float) else a * b + 1, case_set).message
    assert "reaches" not in message  # floats are not compared


def test_trait_that_few_calls_have_by_chance_is_no_condition():
    case_set = declared(
        lambda x: x**2, lambda rng: [dict(x=rng.normal(size=3)) for _ in range(9)], name="squares"
    ).draw(0)

    def odd(x):
        return x**2 if (x < 0).any() else x**3 + 1

    assert sum((case.inputs["x"] > 0).all() for case in case_set.cases) in (1, 2)
    assert "negative" not in judged(odd, case_set).message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda y: y**2, "squared"),
        (lambda y: -y, "with the opposite sign"),
        (lambda y: y / 2, "times 1/2"),
        (lambda y: 1 / y, "turned upside down"),
    ],
)
def test_misconception_that_went_through_a_change_is_named(change, said):
    spec = declared(lambda x: math.exp(x) + 1, lambda rng: [dict(x=x) for x in (0.3, 0.7, 1.1, 1.6, 2.3)], name="area")

    @spec.misconception
    def half_the_exponent(x):
        """How fast does it grow?"""
        return math.exp(x / 2) + 3

    verdict = judged(lambda x: change(half_the_exponent(x)), spec.draw(0))
    assert verdict.misconception == "half-the-exponent"
    assert verdict.message.endswith(f"It looks like “half the exponent” {said}")


def test_wrong_answer_that_is_another_one_each_time_is_told_so():
    draws = iter(np.random.default_rng(0).normal(size=100))
    message = judged(lambda x: next(draws), series_of(math.exp)).message
    assert "and it gives another answer when asked the same again" in message


def test_entry_of_arrays_in_a_row_is_told_by_its_array():
    def row(arrays, lr):
        return lr * np.concatenate([array.ravel() for array in arrays])

    rows = [dict(arrays=[np.ones((2, 3)), np.arange(1.0, 4)], lr=0.5)]
    case_set = declared(row, lambda rng: rows, name="row").draw(0)
    message = judged(lambda arrays, lr: row(arrays, lr) + np.eye(9)[7] * 5, case_set).message
    assert message.startswith("row is wrong: for arrays[1], entry [1] should be 1, got 6")


def test_driver_has_words_for_inputs_that_students_do_not_know():
    exercises = load_exercises(Course(ROOT), "ch04_sgd_variants", "momentum")
    wrong = {one.slug: one.function for one in exercises["train"].misconceptions}["gradients-pile-up"]
    case_set = exercises["train"].draw(0)
    outcomes = [call(wrong, case) for case in case_set.cases]
    passed = [examine(case_set, i, outcome, True).passed for i, outcome in enumerate(outcomes)]
    said = where(gather(case_set, outcomes, passed, True))
    assert "backward adds to what stands in grads" in said and "adds is True" not in said


def test_same_of_several_outputs_is_said_once():
    message = judged(lambda s, g, lr, beta: (-walk.oracle(s, g, lr, beta)[0], -walk.oracle(s, g, lr, beta)[1])).message
    assert message.startswith("walk: new and total have the right size but the opposite sign")


# --- patience, pasting


def endless(*arguments):
    while True:
        with contextlib.suppress(Exception):
            sum(range(1000))


def test_endless_call_is_stopped_with_a_sentence():
    began = time.monotonic()
    outcome = call_patiently(endless, WALK.cases[0], None, seconds=0.1)
    assert outcome.failure == Failure("timeout", outcome.failure.message) and time.monotonic() - began < 5
    assert "a loop that never ends" in outcome.failure.message


def test_endless_call_is_stopped_where_there_are_no_signals():
    with pytest.raises(TimeUp), _by_thread(0.1):
        endless()
    with _by_thread(0.2):
        pass
    time.sleep(0.3)  # and nothing comes afterwards


def test_limit_leaves_a_quick_call_alone():
    with limited(0.05):
        pass
    time.sleep(0.1)


@pytest.mark.parametrize(
    "value",
    [
        np.array([1 / 3, 2.7e-5]),
        np.array([[1, 2]]),
        np.zeros((0, 3)),
        np.float32([1.5]),
        [np.array([1.0])],
        (1, 2.5),
        float("inf"),
        0.1 + 0.2,
        True,
        "word",
    ],
)
def test_literal_gives_the_very_same_value(value):
    again = eval(literal(value), {"np": np})
    assert type(again) is type(value) and repr(again) == repr(value)
    if isinstance(value, np.ndarray):
        assert again.dtype == value.dtype and again.shape == value.shape and np.array_equal(again, value)


def test_literal_names_the_module_of_a_function():
    text = literal(Reference("utils.landscapes.quadratic", "gradient", {"H": np.eye(1), "center": np.zeros(1)}))
    assert text == "landscapes.quadratic(H=np.array([[1.0]]), center=np.array([0.0])).gradient"
    assert literal(Seed(3)) == "np.random.default_rng(3)"
