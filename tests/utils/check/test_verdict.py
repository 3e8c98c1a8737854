"""Judging answers: the right score, and one sentence that says what is wrong."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.grading.exercise_samples import declared, pair_exercise, scale_exercise
from utils.check.call import call
from utils.check.cases import CaseSet, Failure, Outcome
from utils.check.compare import within
from utils.check.plain import Opaque
from utils.check.table import VerdictTable
from utils.check.verdict import MAX_MESSAGE, Verdict, evaluate, judge

PAIR, SCALE = pair_exercise().draw(0), scale_exercise().draw(0)


def sgd_step(theta, grad, lr, momentum):
    return theta - lr * grad


def steps(rng):
    for lr in (0.1, 0.2):
        yield dict(theta=rng.normal(size=4), grad=rng.normal(size=4), lr=lr, momentum=0.75)


def numbers(rng):
    for k in (2, 3):
        yield dict(lr0=1.25, k=k)


def walks(rng):
    yield dict(theta=rng.normal(size=3), lr=np.full(4, 0.5))


# one value that bears the name of an input, a number, a trajectory
STEP = declared(sgd_step, steps, returns="theta").draw(0)
NUMBER = declared(lambda lr0, k: lr0 / (1 + k), numbers, returns="lr", name="decay").draw(0)
ALONG = dict(carry=("theta",), each=("lr",))
WALK = declared(lambda theta, lr: theta * lr, walks, returns="theta", name="walk", trajectory=ALONG).draw(0)


def judged(case_set, function, reveal=True):
    return evaluate(case_set, lambda case: call(function, case), reveal)


# --- messages


def pair(theta, grad, lr):
    return theta - lr * grad, grad / 2


def later(value):
    """Right in the first two steps of the walk, then `value`."""
    calls = []

    def function(theta, lr):
        calls.append(1)
        return theta * lr if len(calls) < 3 else value(theta)

    return function


def moved_by(amount):
    """A step that changes theta by what `amount` makes of (grad, lr, momentum)."""
    return lambda theta, grad, lr, momentum: theta - amount(grad, lr, momentum)


OVERFLOW = "; is something divided by zero, or does it overflow?"
LOST = "holds whole numbers (dtype int64), so the fractions are lost; use floating point"
COMPLEX = "should be real, but its numbers are complex (dtype complex128)"
ARRAY, PAIR_OF_ARRAYS = "should be an array of shape (4,), got ", "expected (theta, grad), each of shape (5,), got "
# kind of finding -> (cases, what a student does, what the sentence says after the exercise's name)
WRONG = {
    "type": [
        (STEP, lambda *a: None, f"{ARRAY}None (is a return missing?)"),
        (STEP, lambda *a: "a", f"{ARRAY}an object of type str"),
        (STEP, lambda *a: {1}, f"{ARRAY}an object of type set"),
        (STEP, lambda *a: a[1:3], f"{ARRAY}a tuple of 2 (an array of shape (4,), a number)"),
        (NUMBER, lambda lr0, k: print, "should be a number, got an object of type builtin_function_or_method"),
        (PAIR, lambda theta, grad, lr: theta, f"{PAIR_OF_ARRAYS}one array of shape (5,)"),
        (
            PAIR,
            lambda theta, grad, lr: (theta, grad, lr),
            f"{PAIR_OF_ARRAYS}a tuple of 3 (an array of shape (5,), an array of shape (5,), a number)",
        ),
        (PAIR, lambda theta, grad, lr: 1.0, f"{PAIR_OF_ARRAYS}a single number"),
        (
            PAIR,
            lambda *a: (pair(*a)[0], None),
            "grad should be an array of shape (5,), got None (is a return missing?)",
        ),
        (
            WALK,
            later(lambda theta: None),
            "at step 3 of 4 should be an array of shape (3,), got None (is a return missing?)",
        ),
    ],
    "shape": [
        (STEP, lambda theta, *a: theta[:2], "should have shape (4,) but has shape (2,)"),
        (STEP, lambda theta, *a: theta[None], "should have shape (4,) but has shape (1, 4)"),
        (STEP, lambda *a: 1.0, "should have shape (4,) but is a single number"),
        (NUMBER, lambda lr0, k: np.ones(1), "should be a single number but has shape (1,)"),
    ],
    "dtype": [
        (STEP, lambda *a: sgd_step(*a).astype(int), LOST),
        (STEP, lambda *a: np.floor(sgd_step(*a)).astype(int), LOST),
        (STEP, lambda *a: sgd_step(*a) + 0j, COMPLEX),
        (NUMBER, lambda lr0, k: 1j, COMPLEX),
        (STEP, lambda *a: sgd_step(*a) > 0, "should be numbers, got truth values (dtype bool)"),
        (NUMBER, lambda lr0, k: True, "should be a number, got a truth value"),
        (STEP, lambda *a: sgd_step(*a).astype(np.float16), "is of dtype float16, which is too coarse; use float64"),
    ],
    "nan": [
        (STEP, lambda *a: sgd_step(*a) * [1, np.nan, np.nan, 1], f"is NaN in 2 of 4 entries{OVERFLOW}"),
        (STEP, lambda *a: sgd_step(*a) * [1, np.inf, 1, 1], f"is infinite in 1 of 4 entries{OVERFLOW}"),
        (NUMBER, lambda lr0, k: float("nan"), f"is NaN{OVERFLOW}"),
        (WALK, later(lambda theta: theta * np.nan), f"at step 3 of 4 is NaN in 3 of 3 entries{OVERFLOW}"),
    ],
    "mutated": [
        (
            STEP,
            lambda theta, grad, lr, momentum: np.subtract(theta, lr * grad, out=theta),
            "changes its input theta; work on a copy, so that the caller's values stay as they were",
        ),
    ],
    "sign": [
        (STEP, moved_by(lambda grad, lr, momentum: -lr * grad), "moves by the right amount in the opposite direction"),
        (STEP, lambda *a: -sgd_step(*a), "has the right size but the opposite sign"),
        (NUMBER, lambda lr0, k: -lr0 / (1 + k), "has the right size but the opposite sign"),
    ],
    "factor": [
        (STEP, moved_by(lambda grad, lr, momentum: grad), "moves by 1/lr times what it should be"),
        (STEP, moved_by(lambda grad, lr, momentum: lr**2 * grad), "moves by lr times what it should be"),
        (
            STEP,
            moved_by(lambda grad, lr, momentum: lr * (1 - momentum) * grad),
            "moves by (1 - momentum) times what it should be",
        ),
        (
            STEP,
            moved_by(lambda grad, lr, momentum: lr / (1 - momentum) * grad),
            "moves by 1/(1 - momentum) times what it should be",
        ),
        (STEP, moved_by(lambda grad, lr, momentum: 2 * lr * grad), "moves by 2 times what it should be"),
        (STEP, lambda *a: 3 * sgd_step(*a), "is 3 times what it should be"),
        (
            STEP,
            moved_by(lambda grad, lr, momentum: np.sin(lr) * lr * grad),
            "moves by a multiple of what it should be, but not the same one in every case",
        ),
        (NUMBER, lambda lr0, k: 1 / (1 + k), "is 1/lr0 times what it should be"),
        (PAIR, lambda *a: (pair(*a)[0], 3 * a[1]), "grad is 6 times what it should be; theta is right"),
    ],
    "near": [
        (STEP, lambda *a: sgd_step(*a) * [1, 1.001, 1, 1], "is nearly right: the largest relative error is 1.0e-03"),
        (NUMBER, lambda lr0, k: 1.0001 * lr0 / (1 + k), "is nearly right: the largest relative error is 1.0e-04"),
        (
            WALK,
            later(lambda theta: theta * [0.5, 0.5, 0.501]),
            "is wrong only in its last entry; and it gives another answer when asked the same again: what does it "
            "remember from one call to the next?",
        ),
    ],
    "value": [
        (NUMBER, lambda lr0, k: 0, "is 0 in every case in which it is wrong"),
        (NUMBER, lambda lr0, k: 7.0, "is 7 in every case in which it is wrong"),
        (NUMBER, lambda lr0, k: 7.0 + k**3, "is wrong: it should be 0.416667, got 15"),
        (STEP, lambda *a: sgd_step(*a) + [0, 0, 9, 0], "is wrong: entry [2] should be "),
    ],
    "signature": [
        (
            STEP,
            lambda theta, grad: theta,
            "should take the arguments (theta, grad, lr, momentum), but yours takes (theta, grad)",
        ),
    ],
    "exception": [(STEP, lambda theta, *a: theta @ np.ones(7), "raised ValueError: matmul: ")],
    "result": [
        (
            NUMBER,
            lambda lr0, k: 2**600,
            "returned something that cannot be judged: the value holds an integer of more than 512 bits",
        ),
    ],
}
EACH_WRONG = [(kind, *row) for kind, rows in WRONG.items() for row in rows]
OPEN_ENDED = ("should be ", "matmul: ")  # sentences that go on with numbers


@pytest.mark.parametrize(("kind", "case_set", "function", "message"), EACH_WRONG)
def test_judge_says_what_is_wrong_in_one_line(kind, case_set, function, message):
    result = judged(case_set, function)
    said = result.message.removeprefix(case_set.name).removeprefix(":").removeprefix(" ")
    assert kind in {row.kind for row in result.findings}
    assert said.startswith(message) if message.endswith(OPEN_ENDED) else said == message
    assert result.points == 0 and result.status in {"failed", "error"}
    for judgement in (result, judged(case_set, function, reveal=False)):
        for text in (judgement.message, *(row.message for row in judgement.findings if row.message)):
            assert text.startswith(case_set.name) and "\n" not in text and "  " not in text


@pytest.mark.parametrize("only", [lambda theta: theta, lambda theta: theta.astype(np.float32)])
def test_judge_takes_no_array_of_length_two_for_two_results(only):
    def forgets(theta, grad, lr):
        return (theta - lr * grad, grad / 2) if len(theta) == 5 else only(theta - lr * grad)

    assert (
        judged(PAIR, forgets).message == "pair: expected (theta, grad), each of shape (2,), got one array of shape (2,)"
    )


FAILURES = [
    (Failure("undefined", ""), "missing", "pair is not defined; define pair(theta, grad, lr), with exactly this name"),
    (Failure("undefined", "int"), "missing", "pair is not a function but of type int; define pair(theta, grad, lr)"),
    (
        Failure("not-implemented", ""),
        "missing",
        "pair still raises NotImplementedError: replace that line by your solution",
    ),
    (Failure("timeout", "a call was stopped after 5 s"), "timeout", "pair: a call was stopped after 5 s"),
    (Failure("crash", "a call gave no answer"), "error", "pair: a call gave no answer"),
    (
        Failure("exception", "ValueError: no", "return 1", 3),
        "error",
        'pair raised ValueError: no (line 3 of the cell: "return 1")',
    ),
]


@pytest.mark.parametrize(("failure", "status", "message"), FAILURES)
def test_evaluate_reports_a_failure(failure, status, message):
    result = evaluate(PAIR, lambda case: Outcome(failure=failure), reveal=True)
    assert (result.status, result.message, result.points, result.max_points) == (status, message, 0.0, 2.0)


@pytest.mark.parametrize("kind", ["undefined", "timeout", "crash"])
def test_evaluate_asks_no_further_after_a_fatal_failure(kind):
    asked = []
    evaluate(PAIR, lambda case: asked.append(case) or Outcome(failure=Failure(kind, "")), reveal=True)
    assert len(asked) == 1


def test_evaluate_gives_the_share_of_what_is_implemented():
    def half_done(theta, lr):
        if np.ndim(theta) == 1 and len(theta) == 3 or np.ndim(theta) == 2:
            raise NotImplementedError
        return theta * lr

    result = judged(SCALE, half_done)
    assert (result.status, result.points) == ("partial", 2.0)


# --- scores


@pytest.mark.parametrize(
    ("function", "points", "status"),
    [
        (lambda theta, lr: lr * theta, 3.0, "passed"),
        (lambda theta, lr: lr * theta if theta.shape != (2,) else theta, 1.0, "partial"),
        (lambda theta, lr: lr * theta if theta.shape == (2,) else theta, 2.0, "partial"),
        (lambda theta, lr: lr * theta if theta.shape == (3,) else theta, 0.0, "failed"),
        (lambda theta, lr: lr * theta if theta.shape == (2, 2) else theta, 0.0, "failed"),
        (lambda theta, lr: theta, 0.0, "failed"),
        (lambda theta, lr: 1 / 0, 0.0, "error"),
    ],
)
def test_judge_gives_each_groups_share_or_nothing(function, points, status):
    result = judged(SCALE, function)
    assert (result.points, result.status, result.max_points) == (points, status, 3.0)


def test_judge_rounds_shares_to_cents():
    case_set = replace(SCALE, points=1.0)
    assert judged(case_set, lambda theta, lr: lr * theta if theta.shape != (2,) else theta).points == 0.33


def test_judge_names_the_misconception_of_all_wrong_cases():
    assert judged(SCALE, lambda theta, lr: theta + lr).misconception == "adds"
    partly = judged(SCALE, lambda theta, lr: theta + lr if theta.shape != (3,) else lr * theta)
    assert partly.misconception == "adds" and partly.message.endswith("It looks like “adds” only in these cases")


@pytest.mark.parametrize(
    "value",
    [
        lambda right: list(right),
        lambda right: tuple(item.tolist() for item in right),
        lambda right: np.stack(right),
        lambda right: tuple(item.astype(np.float32) for item in right),
        lambda right: tuple(torch.tensor(item) for item in right),
        lambda right: (item for item in right),
        lambda right: tuple(item * (1 + 1e-6) for item in right),
        lambda right: tuple(np.array(item, dtype=object) for item in right),
    ],
)
def test_judge_accepts_right_numbers_in_another_form(value):
    assert judged(PAIR, lambda theta, grad, lr: value((theta - lr * grad, grad / 2))).status == "passed"


def test_judge_accepts_whole_numbers_where_whole_numbers_are_right():
    total = declared(lambda x: np.sum(x), lambda rng: [dict(x=np.array([1.0, 2.0]))], name="total")
    assert judged(total.draw(0), lambda x: 3).status == "passed"


@pytest.mark.parametrize("expected", [np.array(True), np.array([True, False])])
@pytest.mark.parametrize("answer", [True, [True, True], [1.0, 0.5], "a", None])
def test_judge_copes_with_truth_values(expected, answer):
    case_set = declared(lambda x: expected, lambda rng: [dict(x=1)], name="flag").draw(0)
    right = np.shape(answer) == expected.shape and answer is True
    assert (judged(case_set, lambda x: answer).status == "passed") == right
    assert judged(case_set, lambda x: expected.tolist()).status == "passed"


def test_judge_works_under_raising_numpy_errors():
    with np.errstate(all="raise"):
        assert judged(STEP, lambda *a: np.full(4, 1e308)).status == "failed"
        assert judged(STEP, lambda *a: np.full(4, 5e-324)).status == "failed"


# --- NaN


@pytest.mark.parametrize("slack", [0.0, 1.0, np.inf, np.nan])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_within_lets_no_nan_or_inf_pass_for_a_number(value, slack):
    assert not within(np.array([value]), np.array([1.0]), 1e-5, slack).any()
    assert not within(np.array([1.0]), np.array([value]), 1e-5, slack).any()


@pytest.mark.parametrize(
    ("x", "expected", "close"),
    [
        (np.nan, np.nan, True),
        (np.inf, np.inf, True),
        (np.inf, -np.inf, False),
        (np.inf, np.nan, False),
        (1.0, 1.0, True),
        (0.0, -0.0, True),
        (1.00001, 1.0, True),
        (1.00003, 1.0, False),
        (1e-7, 0.0, False),
    ],
)
def test_within_compares_entries(x, expected, close):
    assert bool(within(np.array(x), np.array(expected), 1.5e-5, 0.0)) is close


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("case_set", [STEP, PAIR, NUMBER, SCALE, WALK])
def test_judge_lets_no_nan_pass(case_set, bad):
    loose = replace(
        case_set,
        expected=[
            replace(e, slack=[[np.full_like(s, 1e9) for s in step] for step in e.slack]) for e in case_set.expected
        ],
    )
    right = [Outcome([tuple(items) for items in expected.values]) for expected in case_set.expected]
    assert judge(loose, right, reveal=False).status == "passed"
    for index, outcome in enumerate(right):
        for number, value in enumerate(outcome.values):
            for position, item in enumerate(value):
                spoilt = item.astype(float).copy()
                spoilt.flat[-1] = bad
                items = (*value[:position], spoilt, *value[position + 1 :])
                values = [*outcome.values[:number], items, *outcome.values[number + 1 :]]
                result = judge(loose, [*right[:index], Outcome(values), *right[index + 1 :]], reveal=False)
                assert result.points < result.max_points


# --- what a forged kernel may send


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome([]),
        Outcome([[np.zeros(5)] * 2] * 100),
        Outcome([Opaque("x")]),
        Outcome([{"theta": 1}]),
        Outcome([[[[[[]]]]]]),
        Outcome([(np.zeros((1,) * 30), "a")]),
        Outcome([("x" * 10_000, 2**511)]),
        Outcome([(2**511, 2**511)]),
        Outcome([(np.full(5, -(2**63)), np.full(5, 2**64 - 1, dtype=np.uint64))]),
        Outcome([(np.zeros(5, dtype=bool), np.zeros(5, dtype=np.uint8))]),
        Outcome([(np.full(5, 1e308), np.full(5, -1e308))]),
        Outcome([(np.full(5, 5e-324), np.zeros(5))]),
        Outcome([np.zeros((0, 5))]),
        Outcome([()], ("theta",) * 50),
        Outcome([], failure=Failure("signature", "")),
    ],
)
@pytest.mark.parametrize("reveal", [True, False])
@pytest.mark.parametrize("case_set", [STEP, PAIR, NUMBER, SCALE, WALK])
def test_evaluate_gives_no_points_for_nonsense(case_set, outcome, reveal):
    result = evaluate(case_set, lambda case: outcome, reveal)
    assert result.points == 0 and result.message
    assert VerdictTable(result)._repr_html_() and str(VerdictTable(result))


def test_evaluate_gives_no_points_for_more_steps_than_asked():
    case = WALK.expected[0]
    values = [items[0] for items in case.values]
    assert evaluate(WALK, lambda case: Outcome(values), reveal=False).status == "passed"
    assert evaluate(WALK, lambda case: Outcome([*values, values[-1]]), reveal=False).points == 0
    assert evaluate(WALK, lambda case: Outcome(values[:-1]), reveal=False).points == 0


# --- hidden cases


def _numbers(text):
    return [float(number) for number in re.findall(r"-?\d+\.?\d*(?:e[+-]?\d+)?", text)]


@pytest.mark.parametrize(("kind", "case_set", "function", "message"), EACH_WRONG)
def test_hidden_judging_tells_no_expected_number(kind, case_set, function, message):
    result = judged(case_set, function, reveal=False)
    expected = np.concatenate([np.ravel(item) for e in case_set.expected for items in e.values for item in items])
    for text in (result.message, *(row.message for row in result.findings)):
        for number in _numbers(text.replace("float64", "").replace("int64", "")):
            assert not np.isclose(number, expected, rtol=1e-4, atol=0).any(), text


def test_hidden_judging_says_only_that_values_are_wrong():
    assert judged(STEP, lambda *a: a[0] * [1, 2, 3, 4], reveal=False).message == "sgd_step has wrong values"
    assert judged(NUMBER, lambda lr0, k: 7.0 + k**3, reveal=False).message == "decay is wrong"


# --- texts


@pytest.mark.parametrize("case_set", [STEP, PAIR, NUMBER, SCALE, WALK])
def test_case_set_crosses_as_plain_data(case_set):
    other = CaseSet.from_plain(json.loads(json.dumps(case_set.to_plain())))
    assert [repr(case) for case in other.cases] == [repr(case) for case in case_set.cases]
    for a, b in zip(other.expected, case_set.expected, strict=True):
        assert repr(a.values) == repr(b.values) and a.misconceptions.keys() == b.misconceptions.keys()
    for function in (lambda theta, lr: theta + lr, lambda theta, lr: theta * lr):
        assert str(VerdictTable(judged(other, function))) == str(VerdictTable(judged(case_set, function)))


def test_table_shows_each_case_and_escapes_what_a_student_says():
    def evil(theta, lr):
        raise ValueError("<script>alert(1)</script>")

    html = VerdictTable(judged(SCALE, evil))._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html and html.count("<tr>") == 4


def test_factor_is_named_the_same_way_every_time():
    case_set = declared(
        lambda x, alpha, gamma: x * 1.0, lambda rng: [dict(x=rng.normal(size=3), alpha=0.5, gamma=0.5)], name="half"
    ).draw(0)
    assert judged(case_set, lambda x, alpha, gamma: x * 0.5).message == "half is alpha times what it should be"


@pytest.mark.parametrize(("got", "kind"), [(469, "value"), (468.5, "near")])
def test_count_is_never_nearly_right(got, kind):
    case_set = declared(lambda n: n // 2, lambda rng: [dict(n=936)], name="updates").draw(0)
    assert judged(case_set, lambda n: got).findings[0].kind == kind


@pytest.mark.parametrize(("expected", "passes"), [(np.array(200_001), False), (np.array(200_001.0), True)])
def test_whole_numbers_are_counted_exactly(expected, passes):
    assert bool(within(np.array(200_000), expected, 1e-5, 0.0)) == passes


def test_message_is_cut_wherever_it_comes_from():
    verdict = Verdict("f", 0.0, 1.0, "failed", message="x" * 10**6)
    assert len(verdict.message) == MAX_MESSAGE and verdict.message.endswith("x…")
    assert replace(verdict, note="n").message == Verdict.from_plain(verdict.to_plain()).message == verdict.message
    whole = Verdict("f", 0.0, 1.0, "failed", message="x" * MAX_MESSAGE)
    assert whole.message == "x" * MAX_MESSAGE
