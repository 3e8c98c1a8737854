"""The general tests themselves: each finds the fault that it is for, and raises no alarm where there is none."""

import inspect
from dataclasses import replace

import numpy as np
import pytest

from grading.course import Course
from tests.grading.exercise_samples import declared
from tests.precision import docstrings, forms
from tests.precision.corners import only_once, unnoticed, with_a_buffer
from tests.precision.judging import judged_function
from tests.precision.proof import Subject
from tests.precision.table import ChapterTable
from utils.check import properties


def move(theta, grad):
    return theta - grad, grad / 2


def moving(cases):
    return declared(move, cases, returns=("theta", "half"))


def ordinary(rng):
    for size in (2, 2, 3):
        yield dict(theta=rng.normal(size=size), grad=rng.normal(size=size))


def blunted(case_set, item, slack):
    """The same cases with a wide tolerance for one item."""
    expected = [
        replace(one, slack=[[slack if i == item else margin for i, margin in enumerate(step)] for step in one.slack])
        for one in case_set.expected
    ]
    return replace(case_set, expected=expected)


def test_sharp_cases_notice_everything():
    assert unnoticed(moving(ordinary).draw(0), move) == []


def test_tolerance_that_swallows_an_item_is_found():
    found = unnoticed(blunted(moving(ordinary).draw(0), 1, 10.0), move)
    assert {text.rpartition(": ")[2] for text in found} == {
        "item [1] may be zero",
        "item [1] may be negative",
        "item [1] may be item [0]",
        "item [1] may be that of the case before",
    }
    assert found[0].startswith("group, shape (2,), step 1: ")


def test_one_toothless_step_of_a_trajectory_is_found():
    def cases(rng):
        yield dict(theta=rng.normal(size=2), lr=np.full(3, 0.5))

    along = dict(carry=("theta",), each=("lr",))
    walk = declared(lambda theta, lr: theta * lr, cases, returns="theta", trajectory=along)
    case_set = walk.draw(0)
    case_set.expected[0].slack[1][0][...] = 10.0
    found = unnoticed(case_set, walk.oracle)
    assert found and all("step 2" in text for text in found)


def test_right_zeros_and_equal_neighbours_are_no_fault():
    spec = moving(lambda rng: [dict(theta=np.zeros(2), grad=np.zeros(2))] * 2)
    assert unnoticed(spec.draw(0), move) == []


def test_answers_in_words_are_exchanged_too(monkeypatch):
    monkeypatch.setitem(properties.PROPERTIES, "anything", lambda inputs, expected, got: "")

    def kind(H):
        return "minimum" if H > 0 else "maximum"

    case_set = declared(kind, lambda rng: [dict(H=1.0), dict(H=-1.0)], view="critical_point", holds="same_kind").draw(0)
    assert unnoticed(case_set, kind) == []
    blind = replace(case_set, holds="anything")
    assert unnoticed(blind, kind) == ["group, H=-1, step 1: item [] may be that of the case before"]


@pytest.mark.parametrize("wrapped", [with_a_buffer, only_once])
def test_functions_that_remember_are_right_at_first_and_lose(wrapped):
    case_set = moving(ordinary).draw(0)
    first = wrapped(move)(*case_set.cases[0].inputs.values())
    assert all(map(np.array_equal, first, move(*case_set.cases[0].inputs.values())))
    assert judged_function(case_set, move).points == 1
    result = judged_function(case_set, wrapped(move))
    assert (result.points, result.cause) == (0, "state")


class Sum:
    """A class whose objects keep what they add up."""

    def __init__(self, parameters, lr, momentum=0.0):
        self.parameters, self.lr, self.sums = parameters, lr, [np.zeros_like(theta) for theta in parameters]

    def step(self, grads):
        for theta, total, grad in zip(self.parameters, self.sums, grads, strict=True):
            total += grad
            theta -= self.lr * total


def built_class(driver):
    def cases(rng):
        shapes, settings = [(2,), (3,)], dict(lr=0.1, momentum=0.0, nesterov=False)
        grads = [[rng.normal(size=shape) for shape in shapes] for _ in range(3)]
        yield dict(parameters=[rng.normal(size=shape) for shape in shapes], grads=grads, **settings)

    return declared(Sum, cases, returns=("first", "second", "last"), driver=f"utils.drivers.optimizers.{driver}").draw(
        0
    )


class Line:
    """A network of one layer, whose objects make no arrays until they are asked."""

    def __init__(self, parameters, activation):
        self.parameters, self.hidden = parameters, []

    def forward(self, X):
        self.X = X
        return X @ self.parameters[0] + self.parameters[1]

    def backward(self, dlogits):
        return [self.X.T @ dlogits, dlogits.sum(axis=0)]


def test_objects_whose_methods_share_what_they_return_are_right_alone_and_lose_side_by_side():
    def cases(rng):
        arrays = dict(X=rng.normal(size=(2, 3)), dlogits=rng.normal(size=(2, 2)))
        yield dict(parameters=[rng.normal(size=(3, 2)), rng.normal(size=2)], activation=0.0, **arrays)

    drawn = {
        driver: declared(
            Line, cases, returns=("logits", "hidden", "grads"), driver=f"utils.drivers.passes.{driver}"
        ).draw(0)
        for driver in ("network_pass", "network_passes")
    }
    assert judged_function(drawn["network_pass"], with_a_buffer(Line)).status == "passed"
    assert judged_function(drawn["network_passes"], with_a_buffer(Line)).status != "passed"
    assert judged_function(drawn["network_passes"], Line).status == "passed"


def test_objects_that_share_their_arrays_are_right_alone_and_lose_side_by_side():
    alone, together = built_class("optimizer_updates"), built_class("optimizers_side_by_side")
    assert judged_function(alone, with_a_buffer(Sum)).status == "passed"
    assert judged_function(together, with_a_buffer(Sum)).status != "passed"
    assert judged_function(together, Sum).status == "passed"


def test_class_that_is_made_only_once_loses():
    case_set = built_class("optimizer_updates")
    assert judged_function(case_set, only_once(Sum)).cause == "state"


# --- docstrings

TEXTS = {
    "step": """Take a step.

    theta, grad : ndarrays of one shape
    index : int ndarray, shape (m,), positions,
        each in [0, N).  y : ndarray of floats or ints, shape (N,)
    lr : float > 0.  t : int >= 1
    Returns the new theta, same shape.
    """,
    "walk": "Walk.\n\n    theta, lr : as in step\n    steps : int >= 0",
    "norms": "Return the norms over 1, 2, ..., steps.\n\nW : ndarray, shape (n, n)",
    "cut": "Cut.\n\nX : ndarray, shape (N, ...).  y : ndarray",
}
TEXTS = {name: inspect.cleandoc(text) for name, text in TEXTS.items()}


def test_arguments_are_read_from_docstrings():
    found = docstrings.arguments("step", TEXTS)
    assert set(found) == {"theta", "grad", "index", "y", "lr", "t"}
    assert {name for name, text in found.items() if docstrings.says_int(text)} == {"index", "y", "t"}
    assert {name for name, text in found.items() if docstrings.says_float(text)} == {"y", "lr"}


def test_docstring_may_refer_to_another():
    assert {"grad", "index", "steps"} <= set(docstrings.arguments("walk", TEXTS))


@pytest.mark.parametrize(("name", "promised"), [("step", True), ("walk", True), ("norms", False), ("cut", True)])
def test_any_shape_is_read_from_docstrings(name, promised):
    assert docstrings.promises_any_shape(name, TEXTS) == promised


def test_docstrings_come_from_the_authored_notebooks():
    found = docstrings.docstrings(Course.here(), "ch04_sgd_variants")
    assert "Take one Adam step." in found["adam_step"] and "momentum_step" in found


def test_axes_and_kinds_of_cases_are_counted():
    def mixed(rng):
        yield dict(theta=np.zeros((2, 3, 2)), grad=np.ones((2, 3, 2)))
        yield dict(theta=np.arange(2), grad=np.ones(2))

    case_set = moving(mixed).draw(0)
    assert docstrings.most_axes(case_set) == 3
    assert docstrings.kinds(case_set) == {"theta": {"f", "i"}, "grad": {"f"}}


# --- forms


def subject(oracle, source, cases):
    return Subject(declared(oracle, cases), source, ChapterTable(""), {"np": np})


def test_forms_that_lose_are_found_with_the_first_seed():
    def rest(x):
        x = np.asarray(x, dtype=np.float64)
        return 1 - 1 / (1 + np.exp(-x))

    source = "def rest(x):\n    return 1 - 1 / (1 + np.exp(-x))"
    proof = forms.try_forms(subject(rest, source, lambda rng: [dict(x=rng.uniform(7, 9, size=1))]), range(1, 31))
    assert [found.name for found in proof.findings] == ["float32_in_and_out"]
    assert "first under hidden seed" in proof.findings[0].problem
    assert proof.counts["form seeds"] == 30 and 1 <= proof.counts["false alarms"] < 30


def test_forms_of_a_well_behaved_answer_lose_nothing():
    def half(x):
        return x / 2

    proof = forms.try_forms(
        subject(half, "def half(x):\n    return x / 2", lambda rng: [dict(x=rng.normal(size=3))]), range(1, 11)
    )
    assert proof.findings == [] and proof.counts["false alarms"] == 0
