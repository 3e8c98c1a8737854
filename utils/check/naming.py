"""Numbers by name: what a factor or a difference is in terms of a call's inputs, e.g. 1/lr, len(X) - 1 or ln 2."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from utils.check.evidence import Attempt

TOLERANCE = 2e-5  # relative; that of an honest float32
CONSTANTS = {
    "2": 2.0,
    "3": 3.0,
    "4": 4.0,
    "10": 10.0,
    "pi": math.pi,
    "2 pi": 2 * math.pi,
    "ln 2": math.log(2),
    "ln 10": math.log(10),
    "sqrt(2)": math.sqrt(2),
}
SAID = {
    "1/ln 2": "1/ln 2, a natural logarithm for one to base 2",
    "ln 2": "ln 2, a logarithm to base 2 for a natural one",
}


def name_of(numbers: Sequence[float], attempts: Sequence[Attempt]) -> str:
    """Return the simplest name that each number has in its own call, "" if there is none.

    One call alone has few numbers: only the simplest names count then, for among many one would fit by chance.
    """
    values = np.asarray(numbers, dtype=float)
    if not len(values) or not np.isfinite(values).all() or not values.all():
        return ""
    sign, values = ("-", -values) if (values < 0).all() else ("", values)
    scalars, sizes = _atoms(attempts)
    constants = {name: np.full(len(values), number) for name, number in CONSTANTS.items()}
    plain = {name: values for name, values in _powers(scalars).items() if name in scalars or name[2:] in scalars}
    for forms in (plain, _powers(constants), _powers(scalars), _powers(sizes)):
        found = _fitting(forms, values)
        if found:
            return sign + found
    if len(attempts) < 2 or np.ptp(values) <= TOLERANCE * np.abs(values).max():
        return ""
    return _product({"2": constants["2"], **scalars, **sizes}, values, sign)


def _product(atoms: dict[str, np.ndarray], values: np.ndarray, sign: str) -> str:
    forms = {}
    for (a, x), (b, y) in itertools.combinations(atoms.items(), 2):
        with np.errstate(all="ignore"):
            forms |= {f"{a}*{b}": x * y, f"{a}/{b}": x / y, f"{b}/{a}": y / x, f"1/({a}*{b})": 1 / (x * y)}
            forms |= {f"sqrt({a}/{b})": np.sqrt(x / y), f"sqrt({b}/{a})": np.sqrt(y / x)}
    found = _fitting(forms, values)
    return sign + found if found else ""


def _fitting(forms: dict[str, np.ndarray], values: np.ndarray) -> str:
    """Return the shortest form that equals the values; one near 1 must fit to a part of its distance from 1."""
    margin = np.minimum(TOLERANCE * np.abs(values), 0.02 * np.abs(values - 1) + 1e-12)
    fitting = [form for form, number in forms.items() if np.all(np.abs(number - values) <= margin)]
    return min(fitting, key=lambda form: (len(form), form), default="")


def _atoms(attempts: Sequence[Attempt]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return the scalar inputs and what is made of them, and the sizes; see `_varying`."""
    scalars, sizes = (_varying(attempts, kind) for kind in ("scalars", "sizes"))
    derived = dict(scalars)
    for name, values in scalars.items():
        if np.all((values > 0) & (values < 1)):
            derived[f"(1 - {name})"] = 1 - values
            for power, count in scalars.items():
                if np.all(count == np.round(count)) and np.all((count >= 1) & (count < 1000)):
                    derived |= {f"{name}**{power}": values**count, f"(1 - {name}**{power})": 1 - values**count}
        elif np.all(values == np.round(values)) and np.all(values > 0):
            derived |= {f"({name} + 1)": values + 1, f"({name} - 1)": values - 1}
    less = {f"({name} - 1)": values - 1 for name, values in sizes.items() if np.all(values > 1)}
    return derived, {**sizes, **less}


def _varying(attempts: Sequence[Attempt], kind: str) -> dict[str, np.ndarray]:
    """Return the numbers of a kind that all calls have; a count that is the same in all of them is so by chance."""
    numbers = [getattr(attempt, kind) for attempt in attempts]
    found = {name: np.array([each.get(name, np.nan) for each in numbers]) for name in numbers[0]}
    known = {name: values for name, values in found.items() if np.isfinite(values).all() and values.all()}
    return {name: values for name, values in known.items() if np.ptp(values) or np.mod(values, 1).all()}


def _powers(atoms: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    forms = {}
    with np.errstate(all="ignore"):
        for name, x in atoms.items():
            forms |= {name: x, f"1/{name}": 1 / x, f"{name}**2": x**2, f"1/{name}**2": 1 / x**2}
            forms |= {f"sqrt({name})": np.sqrt(np.abs(x)), f"1/sqrt({name})": 1 / np.sqrt(np.abs(x))}
            if name.startswith("(") and name.endswith(" - 1)"):  # n - 1 for n, as in a variance
                whole = name[1:-5]
                forms |= {f"{whole}/{name}": (x + 1) / x, f"{name}/{whole}": x / (x + 1)}
                forms |= {f"sqrt({whole}/{name})": np.sqrt((x + 1) / x), f"sqrt({name}/{whole})": np.sqrt(x / (x + 1))}
    return forms
