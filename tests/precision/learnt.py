"""Who knows the published cases and their answers by heart: what is that worth in the hidden ones?

Where a driver puts the answer to use, what is known by heart is what the driver returns for its inputs.
"""

from dataclasses import replace

import numpy as np

from utils.check.call import call
from utils.check.driving import driven
from utils.check.verdict import score


def _form(value):
    """Shapes of a value's arrays; functions and generators are all alike."""
    if isinstance(value, list | tuple):
        return tuple(map(_form, value))
    return np.shape(value) if isinstance(value, bool | int | float | np.ndarray) else "other"


def _numbers(value):
    """All numbers of a value, in a row."""
    if isinstance(value, list | tuple):
        return np.concatenate([np.zeros(0), *map(_numbers, value)])
    return np.ravel(value).astype(float) if isinstance(value, bool | int | float | np.ndarray) else np.zeros(0)


def _distance(here, there):
    """How far apart the arguments of two calls are, each number measured by its own size."""
    a, b = _numbers(here), _numbers(there)
    return float(np.sum((a - b) ** 2 / np.maximum(a**2 + b**2, 1e-300)))


def _known(published, oracle):
    """Every call of the published cases: arguments and answer."""
    calls, answers = [], []
    for case in published.cases:
        function = driven(oracle, case.driver)

        def recorded(*arguments, function=function):
            calls.append(list(arguments))
            return function(*arguments)

        answers += call(recorded, replace(case, driver="")).values
    return list(zip(calls, answers, strict=True))


def _nearest(known):
    """Return a function that gives the answer to the known call of the same form that is nearest."""

    def answer(*arguments):
        alike = [
            (_distance(list(arguments), there), value) for there, value in known if _form(there) == _form(arguments)
        ]
        if not alike:
            raise LookupError("there is no published case of this form")
        return min(alike, key=lambda pair: pair[0])[1]

    return answer


def points_by_heart(published, hidden, oracle):
    """Points under the hidden cases, were there any to earn, for the answers of the nearest published cases."""
    function = _nearest(_known(published, oracle))
    answers = [call(function, replace(case, driver="")) for case in hidden.cases]
    return score(replace(hidden, points=hidden.points or 1.0), answers, reveal=False).points
