"""Answers that are not unique are judged by a property."""

import numpy as np
import pytest

from grading.exercise import ExerciseError, exercise
from utils.check import properties
from utils.check.call import call
from utils.check.verdict import judge


def eigenvector_exercise(holds="same_up_to_sign"):
    @exercise(points=2, returns="vectors", holds=holds)
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


def shuffle_exercise():
    @exercise(points=2, returns=("X", "y"), holds="same_in_any_order")
    def shuffle(X, y):
        order = np.random.default_rng(0).permutation(len(X))
        return X[order], y[order]

    @shuffle.cases("sets")
    def _(rng):
        yield dict(X=rng.normal(size=(8, 2)), y=rng.normal(size=8))

    return shuffle


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


def test_property_survives_the_checks_file():
    spec = eigenvector_exercise()
    case_set = spec.draw(0)
    assert type(case_set).from_plain(case_set.to_plain()).holds == "same_up_to_sign"


@pytest.mark.parametrize("name", ["os.system", "nothing", "utils.check.plain.encode", ""])
def test_properties_come_from_their_module_only(name):
    with pytest.raises(ValueError, match="expected the name of a function in utils.check.properties"):
        properties.find(name)


def test_misconception_that_holds_the_property_is_refused():
    spec = eigenvector_exercise()

    @spec.misconception
    def negated(matrix):
        """Which way does it point?"""
        return -np.linalg.eigh(matrix)[1]

    with pytest.raises(ExerciseError, match="'negated' loses no points"):
        spec.draw(0)
