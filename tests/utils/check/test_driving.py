"""Using what students build: any honest form is driven, and what does not fit is told apart."""

import functools
import json

import numpy as np
import pytest

from utils.check.call import Returned, answer, call
from utils.check.cases import Case, CaseSet, Expected, Outcome
from utils.check.driving import Misfit, make, method
from utils.check.plain import PlainDataError
from utils.drivers import optimizers

GRADS = [[np.ones(2), np.full((1, 2), 3.0)], [np.zeros(2), None], [np.ones(2), np.ones((1, 2))]]
INPUTS = dict(parameters=[np.array([1.0, 2.0]), np.array([[3.0, 4.0]])], grads=GRADS, lr=0.5)


class Descent:
    def __init__(self, parameters, lr):
        self.parameters, self.lr = parameters, lr

    def step(self, grads):
        for theta, grad in zip(self.parameters, grads, strict=True):
            if grad is not None:
                theta -= self.lr * grad


class ByName(Descent):
    def __init__(self, *, lr, parameters):
        super().__init__(parameters, lr)


class Renamed(Descent):
    def __init__(self, weights, rate=0.1, verbose=False):
        super().__init__(weights, rate)

    def step(self, gradients, closure=None):
        super().step(gradients)


def case(driver="utils.drivers.optimizers.optimizer_by_default", **changes):
    return Case("group", "label", INPUTS | changes, driver=driver)


EXPECTED = [[0.5, 1.5, 1.5, 2.5], [0.5, 1.5, 1.5, 2.5], [0.0, 1.0, 1.0, 2.0]]
FORMS = [Descent, ByName, Renamed, functools.partial(Descent), lambda p, lr: Descent(p, lr)]


@pytest.mark.parametrize("build", FORMS)
def test_honest_forms_of_a_class_are_driven(build):
    (value,) = call(build, case()).values
    assert all(map(np.array_equal, value, EXPECTED))


def changed(**methods):
    return type("Descent", (Descent,), methods)


FAULTY = {
    "made-otherwise": (type("D", (), {"__init__": lambda self: None}), "signature", "()"),
    "no-method": (
        lambda p, lr: np.zeros(2),
        "attribute",
        "of type ndarray, has no method step; define step(self, grads)",
    ),
    "nothing-made": (lambda p, lr: None, "attribute", "what it makes is None, and has no method step"),
    "no-function": (changed(step=3), "attribute", "step is no method but of type int"),
    "other-arguments": (
        changed(step=lambda self, a, b: None),
        "method",
        "should take the arguments (grads), but yours",
    ),
    "to-do": (changed(step=lambda self, grads: _not_yet()), "not-implemented", ""),
    "raises": (changed(step=lambda self, grads: 1 / 0), "exception", "ZeroDivisionError"),
}


def _not_yet():
    raise NotImplementedError


@pytest.mark.parametrize(("build", "kind", "message"), FAULTY.values(), ids=FAULTY)
def test_what_does_not_fit_is_an_outcome_of_its_own_kind(build, kind, message):
    failure = call(build, case()).failure
    assert failure.kind == kind and message in failure.message


def test_gradients_must_stay_and_parameters_may_change():
    def step(self, grads):
        Descent.step(self, grads)
        grads[0] *= 2

    assert call(changed(step=step), case()).mutated == ("grads",)
    assert call(Descent, case()).mutated == ()


def test_optimizer_that_rebinds_moves_nothing():
    def step(self, grads):
        self.parameters[:] = [theta - 1 for theta in self.parameters]

    (value,) = call(changed(step=step), case()).values
    assert all(np.array_equal(item, [1.0, 2.0, 3.0, 4.0]) for item in value)


@pytest.mark.parametrize("keeps", [True, False])
def test_memory_that_grows_with_every_update_is_noticed(keeps):
    class Optimizer(Descent):
        def __init__(self, parameters, lr, momentum):
            super().__init__(parameters, lr)
            self.seen = []

        def step(self, grads):
            super().step(grads)
            self.seen = [*self.seen, [grad.copy() for grad in grads]] if keeps else [grad.copy() for grad in grads]

    settled = dict(INPUTS, grads=[GRADS[0]] * 3, momentum=0.0, nesterov=False)
    outcome = call(
        Optimizer, Case("group", "label", settled, driver="utils.drivers.optimizers.optimizer_in_a_long_run")
    )
    assert (outcome.failure.kind if outcome.failure else "") == ("growth" if keeps else "")


def test_models_side_by_side_show_what_objects_share():
    class Counting(Descent):
        updates = []

        def __init__(self, parameters, lr, momentum):
            super().__init__(parameters, lr)
            self.updates.clear()

        def step(self, grads):
            self.updates.append(1)
            super().step([len(self.updates) * grad for grad in grads])

    settled = dict(INPUTS, grads=[GRADS[0]] * 3, momentum=0.0, nesterov=False)
    (path,) = call(Counting, Case("g", "l", settled, driver="utils.drivers.optimizers.optimizers_side_by_side")).values
    first, second = path[0][:4], path[0][4:]
    assert not np.array_equal(first, second)


def test_returned_list_that_is_used_again_is_noticed():
    losses = []

    def train(parameters, backward, optimizer, X, y, epochs, batch_size, rng):
        losses.append(1.0)
        return losses

    inputs = dict(network=optimizers.Descent([np.zeros(1)], 0.1), X=np.ones((2, 1)), y=np.zeros(2, dtype=int))
    inputs |= dict(epochs=1, batch_size=1, lr=0.1, adds=True, rng=np.random.default_rng(0))
    inputs["network"].backward = None
    asked, returned = Case("group", "label", inputs, driver="utils.drivers.optimizers.training"), Returned()
    assert not call(train, asked, returned).changed
    assert call(train, asked, returned).changed


@pytest.mark.parametrize("driver", ["os.path.join", "utils", "utils.", "grading.exercise.exercise"])
def test_driver_lies_within_utils(driver):
    with pytest.raises(PlainDataError):
        case(driver)
    with pytest.raises(PlainDataError):
        Case.from_plain(case().to_plain() | {"driver": driver})


def test_driver_survives_writing_and_reading():
    assert Case.from_plain(case().to_plain()).driver == case().driver
    assert "driver" not in Case("group", "label", {"x": 1.0}).to_plain()


def test_answers_that_are_alike_are_written_once():
    outcomes = {"a": Outcome([1.0]), "b": Outcome([2.0]), "c": Outcome([1.0])}
    expected = [Expected([[np.array(1.0)]], [[np.array(0.0)]], outcomes)]
    cases, hints = [Case("g", "l", {"x": 1.0})], dict.fromkeys("abc", "?")
    case_set = CaseSet("f", ("x",), ("y",), 1, (("g", 1),), hints, cases, expected)
    plain = case_set.to_plain()
    assert plain["cases"][0]["misconceptions"]["c"] == "a"
    assert CaseSet.from_plain(plain).expected[0].misconceptions == outcomes


def test_undefined_class_is_told():
    assert '"undefined"' in answer(None, json.dumps(case().to_plain()))


def test_make_and_method_raise_where_nothing_fits():
    with pytest.raises(Misfit, match="takes"):
        method(Renamed(INPUTS["parameters"]), "step", "grads", "lr", "more")
    with pytest.raises(Misfit):
        make(Descent, parameters=[])
