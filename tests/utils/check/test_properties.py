"""Answers that are not unique are judged by a property."""

import math
import random

import numpy as np
import pytest
import torch

from grading.course import Course
from grading.exercise import ExerciseError, exercise, load_exercises
from tests.grading.exercise_samples import declared
from utils.check import properties
from utils.check.call import call
from utils.check.plain import Seed
from utils.check.verdict import judge


def eigenvector_exercise():
    @exercise(points=2, returns="vectors", holds="same_up_to_sign")
    def eigenvectors(matrix):
        return np.linalg.eigh(matrix)[1]

    @eigenvectors.cases("matrices")
    def _(rng):
        for size in (2, 4):
            factor = rng.normal(size=(size, size))
            yield dict(matrix=factor + factor.T)

    @eigenvectors.misconception
    def rows(matrix):
        """Does each column belong to one eigenvalue?"""
        return np.linalg.eigh(matrix)[1].T

    return eigenvectors


def shuffle(X, y):
    order = np.random.default_rng(0).permutation(len(X))
    return X[order], y[order]


def shuffle_exercise():
    def cases(rng):
        yield dict(X=rng.normal(size=(8, 2)), y=rng.normal(size=8))

    return declared(shuffle, cases, returns=("X", "y"), holds="same_in_any_order")


def result_of(spec, function):
    case_set = spec.draw(5)
    return judge(case_set, [call(function, case) for case in case_set.cases], reveal=False)


@pytest.mark.parametrize("signs", [1.0, -1.0, "by column"])
def test_same_up_to_sign_accepts_every_sign(signs):
    def eigenvectors(matrix):
        flips = np.where(np.arange(len(matrix)) % 2, -1.0, 1.0) if signs == "by column" else signs
        return np.linalg.eigh(matrix)[1] * flips

    assert result_of(eigenvector_exercise(), eigenvectors).status == "passed"


WRONG_VECTORS = {
    "rows": lambda matrix: np.linalg.eigh(matrix)[1].T,
    "doubled": lambda matrix: 2 * np.linalg.eigh(matrix)[1],
    "entrywise": lambda matrix: np.abs(np.linalg.eigh(matrix)[1]),
    "nan": lambda matrix: np.full_like(matrix, np.nan),
    "shape": lambda matrix: np.linalg.eigh(matrix)[1][0],
    "nothing": lambda matrix: None,
}


@pytest.mark.parametrize("function", WRONG_VECTORS.values(), ids=WRONG_VECTORS)
def test_same_up_to_sign_refuses(function):
    result = result_of(eigenvector_exercise(), function)
    assert result.points == 0
    assert result.message.startswith("eigenvectors ")


def test_property_exercise_names_its_misconception():
    assert result_of(eigenvector_exercise(), WRONG_VECTORS["rows"]).misconception == "rows"


def test_same_in_any_order_accepts_another_order():
    assert result_of(shuffle_exercise(), lambda X, y: (X[::-1], y[::-1])).status == "passed"


WRONG_SHUFFLES = {
    "unpaired": lambda X, y: (X[::-1], y),
    "repeated": lambda X, y: (X[[0] * len(X)], y[[0] * len(y)]),
    "columns": lambda X, y: (X[:, ::-1], y),
}


@pytest.mark.parametrize("function", WRONG_SHUFFLES.values(), ids=WRONG_SHUFFLES)
def test_same_in_any_order_refuses(function):
    assert result_of(shuffle_exercise(), function).points == 0


@pytest.mark.parametrize("name", ["os.system", "nothing", "utils.check.plain.encode", ""])
def test_properties_come_from_their_module_only(name):
    with pytest.raises(ValueError, match="expected the name of a property"):
        properties.find(name)


def test_misconception_that_holds_the_property_is_refused():
    spec = eigenvector_exercise()

    @spec.misconception
    def negated(matrix):
        """Which way does it point?"""
        return -np.linalg.eigh(matrix)[1]

    with pytest.raises(ExerciseError, match="'negated' loses no points"):
        spec.draw(0)


# --- shuffled batches


def test_neighbours_stay_no_more_often_than_the_bound_says():
    rng = np.random.default_rng(0)
    stay = np.array([np.sum(np.abs(np.diff(rng.permutation(40))) == 1) for _ in range(20_000)])
    assert stay.mean() == pytest.approx(2 * 39 / 40, abs=0.05)
    for count in (4, 6, 8):
        assert 0 < np.mean(stay >= count) < 2**count / math.factorial(count)


def one_epoch(order, size=7):
    """Inputs, the oracle's answer and that of a student who takes the examples in this order."""
    n = len(order)
    X, y = np.random.default_rng(1).normal(size=(n, 2)), np.arange(n) % 3
    sizes = np.array([size] * (n // size) + [n % size] * (n % size > 0))
    return dict(X=X, y=y), [sizes, X, y], [sizes, X[order], y[order].astype(float)]


@pytest.mark.parametrize("n", [1, 2, 13, 14, 15, 20, 40, 200])
def test_honest_shuffles_are_accepted(n):
    rng = np.random.default_rng(2)
    assert not any(properties.shuffled_batches(*one_epoch(rng.permutation(n))) for _ in range(1000 if n < 50 else 100))


def test_a_submission_loses_points_for_an_honest_shuffle_less_than_once_in_a_billion():
    cases = load_exercises(Course.here(), "ch02_minibatching")["minibatches"].draw(0).cases
    single = sum(case.steps for case in cases if len(case.inputs["y"]) >= properties.ENOUGH_TO_SHUFFLE)
    between = 2 * sum(case.steps > 1 for case in cases)  # an example that stays, and a half that stays
    assert 2 / math.factorial(properties.ENOUGH_TO_SHUFFLE) < properties.CHANCE
    assert between > 0 and (single + between) * properties.CHANCE < 1e-9


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (np.arange(14), "in the order in which they came"),
        (np.arange(14)[::-1], "read backwards"),
        (np.roll(np.arange(40), 11), "38 of 39 pairs"),
        (np.array([1, 0, *range(2, 21)]), "19 of 20 pairs"),
        (np.arange(40).reshape(20, 2)[np.random.default_rng(3).permutation(20)].ravel(), "of 39 pairs"),
    ],
)
def test_orders_that_are_no_shuffle_are_refused(order, message):
    assert message in properties.shuffled_batches(*one_epoch(order))


def test_few_examples_may_come_in_any_order():
    assert properties.shuffled_batches(*one_epoch(np.arange(13))) == ""


def epochs(shuffle, seeds=(0, 0, 1, 2, 3, 4, 5, 6, 7, 8), n=40):
    """Inputs and answers of several calls; `shuffle` gives the order for a generator."""
    answers = [(np.random.default_rng(seed), one_epoch(shuffle(np.random.default_rng(seed), n))) for seed in seeds]
    return [inputs | dict(rng=rng) for rng, (inputs, _, _) in answers], [got for _, (_, _, got) in answers]


def python_shuffle(rng, n, seeds=10**6):
    return np.array(random.Random(int(rng.integers(seeds))).sample(range(n), n))


@pytest.mark.parametrize(
    "shuffle",
    [
        lambda rng, n: rng.permutation(n),
        lambda rng, n: np.argsort(rng.random(n)),
        lambda rng, n: rng.choice(n, n, replace=False),
        lambda rng, n: python_shuffle(rng, n, 1000),
        lambda rng, n: torch.randperm(n, generator=torch.Generator().manual_seed(int(rng.integers(2**31)))).numpy(),
    ],
)
def test_orders_drawn_from_rng_are_accepted(shuffle):
    for first in range(0, 1000, 20):
        seeds = [first, *range(first, first + 9)]
        assert properties.order_drawn_from_rng(*epochs(shuffle, seeds)) == ""


def last_stays(rng, n):
    return np.append(rng.permutation(n - 1), n - 1)


def halves(rng, n):
    return np.concatenate([rng.permutation(n // 2), n // 2 + rng.permutation(n - n // 2)])


def within_twelve(rng, n):
    return np.concatenate([start + rng.permutation(min(12, n - start)) for start in range(0, n, 12)])


@pytest.mark.parametrize(
    ("shuffle", "message"),
    [
        (lambda rng, n: np.random.default_rng().permutation(n), "another order when asked again"),
        (lambda rng, n: np.random.default_rng(0).permutation(n), "two different generators give the same one"),
        (last_stays, "number 39 comes at place 39 each time"),
        (lambda rng, n: last_stays(rng, n)[::-1], "number 39 comes at place 0 each time"),
        (halves, "100% of the first half"),
        (lambda rng, n: np.roll(halves(rng, n), n // 2), "0% of the first half"),
        (within_twelve, "shuffles only within parts"),
    ],
)
def test_orders_from_elsewhere_or_in_part_are_refused(shuffle, message):
    assert message in properties.order_drawn_from_rng(*epochs(shuffle))


def test_too_few_epochs_blame_no_example_that_stays():
    assert properties.order_drawn_from_rng(*epochs(last_stays, seeds=(0, 0, 1, 2))) == ""


def test_the_answers_to_all_calls_are_judged_together():
    def minibatches(X, y, rng):
        order = rng.permutation(len(y))
        return [(X[order], y[order])]

    def epochs(rng):
        yield dict(X=rng.normal(size=(40, 2)), y=np.arange(40), rng=[Seed(seed) for seed in (0, 0, 1, 2)])

    def fixed(X, y, rng):
        order = np.random.default_rng(0).permutation(len(y))
        return [(X[order], y[order])]

    seen = dict(returns=("sizes", "X", "y"), view="batches", holds="shuffled_batches")
    spec = declared(minibatches, epochs, trajectory=dict(carry=(), each=("rng",)), **seen)
    assert result_of(spec, minibatches).status == "passed"
    result = result_of(spec, fixed)
    assert (result.points, result.cause) == (0, "property")
    assert result.message.startswith("minibatches takes its order from elsewhere")


ORDER = np.random.default_rng(4).permutation(23)
WRONG_PASSES = {
    "the last 2 of 23 are missing": lambda X, y: [(X[ORDER[i : i + 7]], y[ORDER[i : i + 7]]) for i in (0, 7, 14)],
    "every batch is too short, and 3 of 23": lambda X, y: [(X[i : i + 6], y[i : i + 6]) for i in (0, 7, 14, 21)][:4],
    "only the first one comes out": lambda X, y: [(X[:7], y[:7])],
    "the short one should come last": lambda X, y: [(X[i:j], y[i:j]) for i, j in ((21, 23), (0, 7), (7, 14), (14, 21))],
    "an example is missing and one comes more than once": lambda X, y: passes(X, y, [*ORDER[:-1], ORDER[0]]),
    "the first example is missing": lambda X, y: passes(X, y, [*(ORDER[ORDER > 0]), 1]),
    "the pairs are broken": lambda X, y: passes(X[::-1], y, ORDER),
    "y is in the order in which it came": lambda X, y: passes(X, y[np.argsort(ORDER)], ORDER),
    "some rows are none of X": lambda X, y: passes(X + 1, y, ORDER),
    "the labels come first": lambda X, y: [batch[::-1] for batch in passes(X, y, ORDER)],
}


def passes(X, y, order, size=7):
    return [(X[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(order), size)]


@pytest.mark.parametrize(("message", "function"), WRONG_PASSES.items(), ids=WRONG_PASSES)
def test_what_is_wrong_with_a_pass_is_told(message, function):
    def epoch(rng):
        yield dict(X=rng.normal(size=(23, 2)), y=3 * rng.permutation(23) + 2)

    seen = dict(name="minibatches", returns=("sizes", "X", "y"), view="batches", holds="shuffled_batches")
    spec = declared(lambda X, y: passes(X, y, np.arange(23)), epoch, **seen)
    assert message in result_of(spec, function).message


def test_exercises_without_a_property_between_calls_have_none():
    assert properties.between_calls("same_up_to_sign", [{}, {}], [[], []]) == ""
