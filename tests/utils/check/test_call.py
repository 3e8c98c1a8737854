"""Calling a student's function: whatever it does, there is an outcome, and it says what happened."""

import functools
import json
import textwrap

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell

from utils.check.call import answer, call
from utils.check.cases import WHOLE, Case, Failure, Outcome
from utils.check.plain import MAX_ITEMS, Opaque, PlainDataError, Reference, Seed


def one_step(**inputs):
    return Case("group", "label", inputs)


CASE = one_step(theta=np.array([1.0, 2.0]), grad=np.array([3.0, 4.0]), lr=0.5)
STEP = [-0.5, 0.0]


def step(theta, grad, lr):
    return theta - lr * grad


SHELL = InteractiveShell()


def in_a_cell(source, name="sgd_step"):
    """Define a function in a cell of a notebook."""
    SHELL.run_cell(textwrap.dedent(source), store_history=True)
    return SHELL.user_ns[name]


# --- handing over the arguments


@functools.wraps(step)
def wrapper(*args):
    return step(*args)


class Stepper:
    def __call__(self, theta, grad, lr):
        return step(theta, grad, lr)


class Unsigned:
    """Like a compiled function: nobody can tell its signature."""

    @property
    def __signature__(self):
        raise ValueError("no signature")

    def __call__(self, *args):
        return step(*args)


@pytest.mark.parametrize(
    "function",
    [
        step,
        lambda w, dw, alpha: step(w, dw, alpha),
        lambda *args: step(*args),
        lambda **inputs: step(**inputs),
        lambda *, theta, grad, lr: step(theta, grad, lr),
        lambda theta, *, lr, grad: step(theta, grad, lr),
        lambda theta, grad, lr, /: step(theta, grad, lr),
        lambda lr, grad, theta: step(theta, grad, lr),
        lambda lr, grad, theta, verbose=False: step(theta, grad, lr) if verbose is False else None,
        lambda theta, grad, lr=0.1, verbose=False: step(theta, grad, lr),
        wrapper,
        Stepper(),
        Unsigned(),
        functools.partial(lambda kind, *args: step(*args), "sgd"),
        functools.partial(step, lr=0.9),
        functools.partial(lambda theta, grad, lr, kind: step(theta, grad, lr), kind="sgd"),
        np.vectorize(step),
        np.frompyfunc(step, 3, 1),
        staticmethod(step),
    ],
)
def test_call_hands_over_the_arguments(function):
    outcome = call(function, CASE)
    assert outcome.failure is None
    assert np.asarray(outcome.values[0], dtype=float).tolist() == STEP


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda theta, grad: theta, "(theta, grad)"),
        (lambda theta, grad, lr, momentum: theta, "(theta, grad, lr, momentum)"),
        (lambda: 1, "()"),
    ],
)
def test_call_reports_a_signature_that_does_not_fit(function, message):
    assert call(function, CASE).failure == Failure("signature", message)


def test_call_tells_a_type_error_within_from_a_wrong_signature():
    failure = call(lambda theta, grad, lr: step(theta, grad), CASE).failure
    assert failure.kind == "exception" and failure.message.startswith("TypeError")


# --- exceptions


def test_call_reports_the_line_of_the_cell():
    function = in_a_cell(
        """
        # a comment
        def sgd_step(theta, grad, lr):
            return theta - lrr * grad
        """
    )
    failure = Failure("exception", "NameError: name 'lrr' is not defined", "return theta - lrr * grad", 3, "NameError")
    assert call(function, CASE).failure == failure


def test_call_reports_the_students_own_line_where_a_library_raises():
    function = in_a_cell(
        """
        import numpy as np

        def helper(theta):
            return np.linalg.inv(theta)

        def sgd_step(theta, grad, lr):
            return helper(theta)
        """
    )
    failure = call(function, CASE).failure
    assert (failure.kind, failure.line, failure.number) == ("exception", "return np.linalg.inv(theta)", 4)
    assert failure.message.startswith("LinAlgError: 1-dimensional array given")


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def raising(error):
    def function(theta, grad, lr):
        raise error

    return function


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("no"), "ValueError: no"),
        (ValueError(), "ValueError"),
        (SystemExit(3), "SystemExit: 3"),
        (AssertionError("a\n  b\x1b[31m\ud800"), "AssertionError: a b [31m"),
        (RuntimeError("x" * 1000), "RuntimeError: " + "x" * 286),
        (KeyError("theta"), "KeyError: 'theta'"),
        (Unspeakable(), "Unspeakable"),
        (RecursionError("deep"), "RecursionError: deep"),
        (MemoryError(), "MemoryError"),
        (NotImplementedError("'addmm' not implemented for 'Half'"), None),
    ],
)
def test_call_reports_an_exception_in_one_short_line(error, message):
    failure = call(raising(error), CASE).failure
    assert failure.kind == "exception"
    assert failure.message == (message or f"NotImplementedError: {error}")


def test_call_reports_endless_recursion():
    def function(theta, grad, lr):
        return function(theta, grad, lr)

    assert call(function, CASE).failure.message.startswith("RecursionError")


@pytest.mark.parametrize("statement", ["raise NotImplementedError()", "raise NotImplementedError('your code here')"])
def test_call_recognises_an_untouched_stub(statement):
    stub = in_a_cell(f"def sgd_step(theta, grad, lr):\n    {statement}")
    assert call(stub, CASE).failure == Failure("not-implemented", "")


def test_call_does_not_swallow_an_interrupt():
    with pytest.raises(KeyboardInterrupt):
        call(raising(KeyboardInterrupt()), CASE)


def test_call_ignores_warnings_even_when_they_are_errors(recwarn):
    import warnings

    warnings.simplefilter("error")
    assert call(lambda theta, grad, lr: warnings.warn("odd", stacklevel=1), CASE).failure is None


@pytest.mark.parametrize("value", [[0] * (MAX_ITEMS + 1), 2**600])
def test_call_reports_a_result_that_is_too_large(value):
    assert call(lambda theta, grad, lr: value, CASE).failure.kind == "result"


def test_call_reports_an_exception_from_a_lazy_result():
    assert call(lambda theta, grad, lr: (1 / (x - 1) for x in range(3)), CASE).failure.message.startswith("ZeroDiv")


@pytest.mark.parametrize(("value", "name"), [({1}, "set"), (step, "function"), (object, "type")])
def test_call_keeps_only_the_type_of_a_strange_result(value, name):
    outcome = call(lambda theta, grad, lr: value, CASE)
    assert outcome.values == [Opaque(name)]
    assert Outcome.from_plain(json.loads(json.dumps(outcome.to_plain()))).values == [Opaque(name)]


# --- mutation


def reshapes(theta, grad, lr):
    theta.shape = (2, 1)


@pytest.mark.parametrize(
    ("function", "mutated"),
    [
        (step, ()),
        (lambda theta, grad, lr: theta, ()),
        (lambda theta, grad, lr: np.subtract(theta, lr * grad, out=theta), ("theta",)),
        (lambda theta, grad, lr: torch.from_numpy(theta).sub_(torch.from_numpy(grad), alpha=lr), ("theta",)),
        (reshapes, ("theta",)),
        (lambda theta, grad, lr: np.negative(grad, out=grad, where=grad == 0), ("grad",)),  # the sign of a zero
        (lambda theta, grad, lr: (theta.fill(0), grad.fill(0)), ("grad", "theta")),
    ],
)
def test_call_notices_modified_inputs(function, mutated):
    case = one_step(theta=np.array([1.0, 2.0]), grad=np.array([3.0, 0.0]), lr=0.5)
    assert call(function, case).mutated == mutated
    assert (case.inputs["theta"].tolist(), case.inputs["grad"].tolist()) == ([1.0, 2.0], [3.0, 0.0])


def test_call_leaves_nan_inputs_alone():
    assert call(lambda x: x, one_step(x=np.array([np.nan]))).mutated == ()


@pytest.mark.parametrize(
    ("value", "change"),
    [
        ([1.0, 2.0], lambda value: value.append(3.0)),
        ([np.zeros(2)], lambda value: value[0].fill(1)),
        ([1.0], lambda value: value.__setitem__(0, 2.0)),
        ({"mean": np.zeros(2)}, lambda value: value["mean"].fill(1)),
        ({"mean": 0.0}, lambda value: value.update(mean=1.0)),
        ({"mean": 0.0}, lambda value: value.clear()),
        ((np.zeros(2),), lambda value: value[0].fill(1)),
    ],
)
def test_call_notices_modified_containers(value, change):
    assert call(lambda x: change(x), one_step(x=value)).mutated == ("x",)
    assert call(lambda x: None, one_step(x=value)).mutated == ()


def test_call_keeps_a_result_as_it_was_returned():
    shared = np.zeros(1)

    def function(theta, lr):
        shared[:] += 1
        return shared

    case = Case("g", "l", dict(theta=np.zeros(1), lr=np.zeros(3)), 3, ("lr",), (("theta", WHOLE),))
    assert [value.tolist() for value in call(function, case).values] == [[1.0], [2.0], [3.0]]


# --- trajectories


def trajectory(carry=(("theta", 0), ("velocity", 1)), count=""):
    inputs = dict(theta=np.array([1.0, 2.0]), velocity=np.zeros(2), grad=np.arange(6.0).reshape(3, 2))
    if count:
        inputs[count] = 1
    return Case("g", "l", inputs, 3, ("grad",), carry, count)


def _moved(theta, velocity, grad):
    velocity = 0.5 * velocity - grad
    return theta + velocity, velocity


@pytest.mark.parametrize(
    "convert",
    [
        tuple,
        list,
        np.stack,
        lambda pair: [item.tolist() for item in pair],
        lambda pair: tuple(torch.tensor(item) for item in pair),
        lambda pair: tuple(item.astype(np.float32) for item in pair),
        lambda pair: (torch.tensor(item, dtype=torch.float32, requires_grad=True) for item in pair),
    ],
)
def test_call_feeds_the_state_back_as_arrays(convert):
    seen = []

    def function(theta, velocity, grad):
        seen.append((type(theta), type(velocity)))
        return convert(_moved(theta, velocity, grad))

    outcome = call(function, trajectory())
    assert outcome.failure is None and set(seen) == {(np.ndarray, np.ndarray)}
    theta = outcome.values[-1][0]
    assert np.allclose(theta, [-6.0, -9.25])


def test_call_counts_the_steps_from_one():
    seen = []

    def function(theta, velocity, grad, t):
        seen.append(t)
        return _moved(theta, velocity, grad)

    call(function, trajectory(count="t"))
    assert seen == [1, 2, 3]


@pytest.mark.parametrize("form", [lambda theta: theta, lambda theta: (theta,), list])
def test_call_feeds_a_single_value_back(form):
    shapes = []

    def function(theta, lr):
        shapes.append(theta.shape)
        return form(2 * theta)

    case = Case("g", "l", dict(theta=np.ones(2), lr=np.ones(3)), 3, ("lr",), (("theta", WHOLE),))
    assert np.ravel(call(function, case).values[-1]).tolist() == [8.0, 8.0]
    assert shapes == [(2,)] * 3


def test_call_feeds_a_number_back_as_a_number():
    # an honest `total *= 0.5` writes into an array, and rebinds a number
    def halve(theta, total):
        total *= 0.5
        return theta - total, total

    case = Case("g", "l", {"theta": np.ones(2), "total": 1.0}, 3, (), (("theta", 0), ("total", 1)))
    outcome = call(halve, case)
    assert outcome.mutated == ()
    assert [value[1] for value in outcome.values] == [0.5, 0.25, 0.125]


@pytest.mark.parametrize("value", [None, "text", (np.ones(2),), np.float64(3), {"theta": 1}, ([1], "a"), [[1, 2], {1}]])
def test_call_stops_when_there_is_no_state_to_go_on_with(value):
    outcome = call(lambda theta, velocity, grad: value, trajectory())
    assert outcome.failure is None and len(outcome.values) == 1


# --- references and seeds


def test_call_resolves_a_reference_for_the_function():
    case = one_step(grad_fn=Reference("utils.landscapes.quadratic", "gradient", dict(hessian=np.eye(2))))
    assert call(lambda grad_fn: grad_fn([1.0, 2.0]), case).values[0].tolist() == [1.0, 2.0]


def test_call_hands_over_a_fresh_generator_each_time():
    case = one_step(rng=Seed(5))
    draws = [call(lambda rng: rng.normal(size=2), case).values[0].tolist() for _ in range(2)]
    assert draws[0] == draws[1] == np.random.default_rng(5).normal(size=2).tolist()


# --- what travels


@pytest.mark.parametrize("case", [CASE, trajectory(), trajectory(count="t")])
def test_case_crosses_as_plain_data(case):
    other = Case.from_plain(json.loads(json.dumps(case.to_plain())))
    assert repr(other) == repr(case)


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome([np.ones(2), (1.0, [2])], ("theta",)),
        Outcome(failure=Failure("exception", "ValueError: no", "return 1", 3, "ValueError")),
        Outcome(failure=Failure("not-implemented", "")),
    ],
)
def test_outcome_crosses_as_plain_data(outcome):
    assert repr(Outcome.from_plain(json.loads(json.dumps(outcome.to_plain())))) == repr(outcome)


GOOD = {"values": [1.0], "mutated": [], "failure": None}


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {**GOOD, "values": None},
        {**GOOD, "values": {"tuple": [1.0]}},
        {**GOOD, "values": [{"seed": 3}]},
        {**GOOD, "values": [{"reference": "utils.data.x", "attribute": "", "kwargs": {}}]},
        {**GOOD, "mutated": None},
        {**GOOD, "mutated": [1]},
        {**GOOD, "failure": 5},
        {**GOOD, "failure": ["exception", "", "", 0]},
        {**GOOD, "failure": ["exception", "", "", 0, "", ""]},
        {**GOOD, "failure": ["ok", "", "", 0, ""]},
        {**GOOD, "failure": [["exception"], "", "", 0, ""]},
        {**GOOD, "failure": ["exception", 1, "", 0, ""]},
        {**GOOD, "failure": ["exception", "", None, 0, ""]},
        {**GOOD, "failure": ["exception", "", "", "x", ""]},
        {**GOOD, "failure": ["exception", "", "", float("inf"), ""]},
        {**GOOD, "failure": ["exception", "", "", 0, 1]},
    ],
    ids=lambda value: type(value).__name__,
)
def test_outcome_refuses_malformed_data(data):
    with pytest.raises(PlainDataError):
        Outcome.from_plain(data)


def test_outcome_makes_texts_short_and_printable():
    nasty = "a\nb\x1b[0m\u202e\ud800" + "x" * 10_000
    data = {"values": [], "mutated": [nasty] * 1000, "failure": ["exception", nasty, nasty, 10**18, nasty]}
    outcome = Outcome.from_plain(data)
    for text in (outcome.failure.message, outcome.failure.line, outcome.failure.error, *outcome.mutated):
        assert text.isprintable() and len(text) <= 300
        text.encode("utf-8")
    assert len(outcome.mutated) <= 10 and outcome.failure.number <= 10**6


@pytest.mark.parametrize(("function", "message"), [(None, ""), (3, "int"), (np.ones(2), "ndarray")])
def test_answer_reports_what_is_not_a_function(function, message):
    data = json.loads(answer(function, json.dumps(CASE.to_plain())))
    assert Outcome.from_plain(data).failure == Failure("undefined", message)


def test_answer_is_ascii_json_of_the_outcome():
    text = answer(lambda theta, grad, lr: ["µ", step(theta, grad, lr)], json.dumps(CASE.to_plain()))
    assert text.isascii()
    assert Outcome.from_plain(json.loads(text)).values[0][1].tolist() == STEP


def test_answer_reports_results_that_are_too_large_together():
    case = Case("g", "l", dict(theta=np.ones(2), lr=np.ones(3)), 3, ("lr",))
    outcome = Outcome.from_plain(json.loads(answer(lambda theta, lr: np.zeros(60_000), json.dumps(case.to_plain()))))
    assert outcome.failure.kind == "result"
