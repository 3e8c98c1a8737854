import inspect

import numpy as np
import pytest
import torch

from utils.check.cases import Case, CaseSet, Expected
from utils.check.promised import as_promised


def case_set(expected, parameters=("theta", "lr"), view=""):
    """The cases of an exercise that returns one value, or several for a tuple."""
    values = [np.asarray(item) for item in (expected if isinstance(expected, tuple) else (expected,))]
    names = tuple(f"item{i}" for i in range(len(values)))
    case = Case("all", "one", dict.fromkeys(parameters, 1.0))
    due = Expected([values], [[np.zeros(value.shape) for value in values]], {})
    return CaseSet("step", parameters, names, 1, (("all", 1),), {}, [case], [due], view=view)


def handed_on(function, expected, **options):
    return as_promised(function, case_set(expected, **options), [function(np.ones(2), 0.1)])


@pytest.mark.parametrize("value", [np.array([1.0, 2.0]), 0.5, np.float64(0.5), (np.ones(2), 0.5)], ids=repr)
def test_function_that_keeps_the_promise_stays_itself(value):
    def step(theta, lr):
        return value

    assert handed_on(step, value) is step


@pytest.mark.parametrize(
    "value, expected",
    [
        ([1, 2.0], np.array([1.0, 2.0])),
        (torch.tensor([1.0, 2.0], requires_grad=True), np.array([1.0, 2.0])),
        (np.array([1, 2], dtype=object), np.array([1.0, 2.0])),
        (np.array([1, 2], dtype=np.float32), np.array([1.0, 2.0])),
        ([torch.tensor(1.0), 2], np.array([1.0, 2.0])),
        (np.array(0.5), 0.5),
        (np.float32(0.5), 0.5),
        (1, 1.0),
        (3.0, 3),
        ([[1.0, 2.0], 3], (np.array([1.0, 2.0]), 3)),
        ("saddle", "saddle"),
    ],
    ids=repr,
)
def test_other_forms_are_handed_on_as_promised(value, expected):
    promised = 1.0 if isinstance(expected, str) else expected
    got = handed_on(lambda theta, lr: value, promised)(np.ones(2), 0.1)
    pairs = zip(got, expected, strict=True) if isinstance(expected, tuple) else [(got, expected)]
    for item, due in pairs:
        assert type(item) is type(due)
        assert np.all(item == due) and getattr(item, "dtype", None) == getattr(due, "dtype", None)


def test_what_is_yielded_becomes_an_array():
    def step(theta, lr):
        yield from theta

    assert handed_on(step, np.ones(2))(np.array([1.0, 2.0]), 0.1).tolist() == [1, 2]


def test_batches_stay_pairs_and_lazy():
    def minibatches(X, y):
        yield [[1.0, 2.0], [3, 4]]
        raise RuntimeError("asked for a second batch")

    function = as_promised(minibatches, case_set(1.0, ("X", "y"), view="batches"), [iter(())])
    X, y = next(function(0, 0))
    assert X.tolist() == [1.0, 2.0] and y.tolist() == [3, 4] and y.dtype.kind == "i"


def test_parameters_are_called_as_promised():
    function = handed_on(lambda p0, p1: p0 - p1, np.ones(2))
    assert list(inspect.signature(function).parameters) == ["theta", "lr"] and function.__name__ == "step"
    assert function(lr=1, theta=np.zeros(2)).tolist() == [-1, -1]


def test_option_of_ones_own_stays():
    def step(theta, lr, scale=1):
        return [scale * item for item in theta]

    assert handed_on(step, np.ones(2))(np.ones(2), 0.1, scale=3).tolist() == [3, 3]


def test_function_that_is_handed_on_is_not_handed_on_again():
    function = handed_on(lambda theta, lr: [1, 2], np.ones(2))
    assert handed_on(function, np.ones(2)) is function
