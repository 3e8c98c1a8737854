"""Answers that are no arrays are looked at through a view."""

import numpy as np
import pytest

from grading.exercise import exercise
from tests.grading.exercise_samples import declared
from utils.check import views
from utils.check.call import call
from utils.check.cases import CaseSet
from utils.check.verdict import judge


def batches_exercise():
    @exercise(points=2, returns=("sizes", "X", "y"), view="batches", holds="shuffled_batches")
    def minibatches(X, y, size):
        order = np.random.default_rng(0).permutation(len(y))
        return [(X[part], y[part]) for part in np.split(order, range(size, len(y), size))]

    @minibatches.cases("sets")
    def _(rng):
        yield dict(X=rng.normal(size=(23, 2)), y=np.arange(23), size=5)
        yield dict(X=rng.normal(size=(12, 2, 2)), y=np.arange(12), size=4)

    @minibatches.misconception
    def tail_lost(X, y, size):
        """Count the examples."""
        order = np.random.default_rng(0).permutation(len(y))
        parts = [order[i * size : (i + 1) * size] for i in range(len(y) // size)]
        return [(X[part], y[part]) for part in parts]

    return minibatches


def point_exercise():
    def classify(H):
        return "minimum" if H > 0 else "saddle"

    return declared(classify, lambda rng: [dict(H=1.5), dict(H=-1.5)], view="critical_point", holds="same_kind")


def list_exercise():
    def halve(grads):
        return [grad / 2 for grad in grads]

    def lists(rng):
        yield dict(grads=[rng.normal(size=3), rng.normal(size=(2, 2))])

    return declared(halve, lists, returns=("shapes", "entries"), view="arrays")


def result_of(spec, function):
    case_set = CaseSet.from_plain(spec.draw(0).to_plain())
    return judge(case_set, [call(function, case) for case in case_set.cases], reveal=False)


def in_order(X, y, size):
    parts = np.split(np.arange(len(y)), range(size, len(y), size))
    return [(X[part], y[part]) for part in parts]


def yielded(X, y, size):
    order = np.random.default_rng(9).permutation(len(y))
    for start in range(0, len(y), size):
        yield X[order[start : start + size]], y[order[start : start + size]]


def in_a_tuple(X, y, size):
    return tuple([batch, labels.tolist()] for batch, labels in yielded(X, y, size))


@pytest.mark.parametrize("function", [yielded, in_a_tuple])
def test_batches_in_another_order_and_form_are_right(function):
    assert result_of(batches_exercise(), function).status == "passed"


WRONG_BATCHES = {
    "shuffle them": in_order,
    "exactly once, each row of X with its own y": lambda X, y, s: [(a, b[::-1]) for a, b in yielded(X, y, s)],
    "5, 5, 5, 5, 3 examples, got 23": lambda X, y, s: [(X[::-1], y[::-1])],
    "one after the other, got None (is a return missing?)": lambda X, y, s: None,
    "one after the other, got an object of type object": lambda X, y, s: object(),
    "one after the other, got one array of shape (2,)": lambda X, y, s: X[0],
    "there is no batch": lambda X, y, s: [],
    "but batch 0 is one array of shape": lambda X, y, s: list(X),
    "but batch 1 is None": lambda X, y, s: [(X, y), None],
    "but batch 0 is a tuple of 3": lambda X, y, s: [(X, y, None)],
    "batch 0 has shape (1, 2) and shape (2,)": lambda X, y, s: [(X[:1], y[:2])],
    "batch 1 has no numbers and shape (1,)": lambda X, y, s: [(X[:1], y[:1]), ("X", y[:1])],
    "rows of X of one shape": lambda X, y, s: [(X[:1], y[:1]), (X[:1, :1], y[:1])],
}


@pytest.mark.parametrize(("message", "function"), WRONG_BATCHES.items(), ids=WRONG_BATCHES)
def test_batches_of_another_form_get_a_sentence(message, function):
    result = result_of(batches_exercise(), function)
    assert result.points == 0
    assert result.message.startswith("minibatches ") and message in result.message


def test_misconception_is_named_through_a_view():
    wrong = batches_exercise().misconceptions[0]
    assert result_of(batches_exercise(), wrong.function).misconception == wrong.slug


def test_right_word_passes():
    assert result_of(point_exercise(), lambda H: "minimum" if H > 0 else "saddle").status == "passed"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("minimum", "classify says 'minimum', but it is none"),
        ("valley", "classify should be one of 'minimum', 'maximum', 'saddle', 'degenerate', got 'valley'"),
        (1, "classify should be one of 'minimum', 'maximum', 'saddle', 'degenerate', got no text"),
        (None, "classify should be one of 'minimum', 'maximum', 'saddle', 'degenerate', got no text"),
    ],
)
def test_wrong_word_gets_a_sentence(answer, message):
    assert result_of(point_exercise(), lambda H: answer).message == message


def test_list_of_arrays_is_compared_by_shape_and_entry():
    assert result_of(list_exercise(), lambda grads: tuple((grad / 2).tolist() for grad in grads)).status == "passed"
    assert (
        result_of(list_exercise(), lambda grads: grads).message
        == "halve: entries is 2 times what it should be; shapes is right"
    )
    assert "shape (4,)" in result_of(list_exercise(), lambda grads: [g.ravel() / 2 for g in grads]).message
    assert "list of arrays" in result_of(list_exercise(), lambda grads: grads[0] / 2).message
    assert "holds no numbers" in result_of(list_exercise(), lambda grads: ["a", None]).message


@pytest.mark.parametrize("name", ["os.system", "nothing", "utils.check.plain.encode", ""])
def test_views_come_from_their_module_only(name):
    with pytest.raises(ValueError, match=r"expected the name of a view"):
        views.find(name)


def test_empty_list_of_arrays_is_seen():
    shapes, entries = views.arrays([])
    assert shapes.size == entries.size == 0
