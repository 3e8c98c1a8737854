"""What wrong numbers have to do with the right ones: a sign, a factor, a term, an order, another output's values.

Each recogniser looks at one output over all calls in which it is wrong, and says what they have in common, as the end
of a sentence that begins with the output's name; or nothing. They are tried in the order of `RECOGNISERS`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from utils.check.compare import same_fingerprint, within
from utils.check.evidence import Attempt, Evidence, Item
from utils.check.naming import SAID, name_of

NEAR = 1e-2  # relative error up to which an answer is called nearly right
MOST, SOME = 0.6, 0.3  # shares of the wrong calls that a clue must explain, and if none does
Pair = tuple[Attempt, Item]


@dataclass(frozen=True)
class Clue:
    """Something that wrong numbers have in common.

    name : of the recogniser.
    text : end of a sentence that begins with the output.
    pairs : the calls that show it.
    kind : what a verdict's cause becomes.
    """

    name: str
    text: str
    pairs: tuple[Pair, ...]
    kind: str = "value"


Base = Callable[[Attempt, Item], np.ndarray | None]
Recogniser = Callable[[Evidence, list[Pair]], Clue | None]


def recognise(evidence: Evidence, output: str, rough: bool = True, slips: bool = True) -> Clue | None:
    """Return the first clue about an output, None if nothing is recognised.

    rough : whether it may say no more than that the numbers are about right.
    slips : whether it may say that an input was taken wrongly.
    """
    pairs = [(attempt, item) for attempt, item in evidence.wrong_items(output) if item.finite]
    if not pairs:
        return None
    left_out = {about_right: not rough, an_input_taken_wrongly: not slips}
    tried = [recogniser for recogniser in RECOGNISERS if not left_out.get(recogniser)]
    clues = [clue for recogniser in tried if (clue := recogniser(evidence, pairs)) is not None]
    return max(clues, key=lambda clue: len(clue.pairs) >= MOST * len(pairs), default=None)  # the first of the best


def extent(clue: Clue, evidence: Evidence, output: str) -> str:
    """Say in how many of the wrong cases a clue holds, "" if in all."""
    cases = len({attempt.case for attempt, _ in evidence.wrong_items(output)})
    shown = len({attempt.case for attempt, _ in clue.pairs})
    return f" in {shown} of {cases} wrong cases" if shown < cases else ""


# --- helpers


def _telling(pairs: list[Pair], test: Callable[[Attempt, Item], bool]) -> tuple[Pair, ...]:
    """Return the pairs that pass a test, if these are all, or a good part of several; else nothing."""
    found = tuple(pair for pair in pairs if test(*pair))
    enough = len(found) == len(pairs) or len(found) >= 2 and len(found) >= SOME * len(pairs)
    return found if enough and found else ()


def _mostly(found: tuple[Pair, ...], pairs: list[Pair]) -> bool:
    """Return whether a clue holds in so many wrong calls that it is no chance in few of them."""
    return len(found) >= MOST * len(pairs)


def _base(attempt: Attempt, item: Item) -> np.ndarray | None:
    """Return where an output starts from: the input of its name."""
    base = attempt.arrays.get(item.name)
    return base if base is not None and base.shape == item.wanted.shape and base.any() else None


def _ratio(got: np.ndarray, wanted: np.ndarray, slack: np.ndarray, rtol: float) -> float | None:
    """Return the constant factor between all entries of two arrays, None if there is none."""
    large = np.abs(wanted) > 100 * slack
    if not large.any() or not np.any(got):
        return None
    ratio = float(np.median(np.asarray(got)[large] / np.asarray(wanted)[large]))
    close = within(got, ratio * wanted, 10 * rtol, 10 * abs(ratio) * slack)
    return ratio if np.isfinite(ratio) and close.all() else None


def _alike(attempt: Attempt, item: Item) -> Iterator[tuple[str, np.ndarray]]:
    """Yield every input array and every other output's right value of an item's shape, by name."""
    for name, array in attempt.arrays.items():
        if array.shape == item.wanted.shape:
            yield name, array
    for other in attempt.items:
        if other.name != item.name and other.wanted.shape == item.wanted.shape:
            yield f"the new {other.name}", other.wanted


# --- recognisers


def opposite_sign(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    found = _telling(pairs, lambda a, item: np.any(item.wanted) and item.equals(-item.wanted))
    return Clue("sign", "has the right size but the opposite sign", found, "sign") if found else None


def opposite_direction(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    def turned(attempt: Attempt, item: Item) -> bool:
        base = _base(attempt, item)
        return base is not None and item.equals(2 * base - item.wanted)

    found = _telling(pairs, turned)
    return Clue("sign", "moves by the right amount in the opposite direction", found, "sign") if found else None


def another_output(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    """Outputs in another order, or one that is given twice."""
    names = [name for name in evidence.case_set.returns if name != pairs[0][1].name]
    built = any(case.driver for case in evidence.case_set.cases)  # a driver returns, not what was built
    for name in names:

        def swapped(attempt: Attempt, item: Item, name: str = name) -> bool:
            other = attempt.item(name)
            return other is not None and other.wanted.shape == item.got.shape and item.equals(other.wanted)

        found = _telling(pairs, swapped)
        if _mostly(found, pairs) and any(item.got.any() for _, item in found):
            order = f" (return {', '.join(evidence.case_set.returns)}, in this order)"
            order = order if _exchanged(found, name) and not built else ""
            return Clue("another output", f"has {name}'s values{order}", found)
    return None


def _exchanged(found: Sequence[Pair], name: str) -> bool:
    """Return whether another output has this one's values, too."""
    others = [(attempt.item(name), item) for attempt, item in found]
    return all(other is not None and other.equals(item.wanted) for other, item in others)


def an_input(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    """An output that is an input as it came in."""
    output = pairs[0][1].name
    for name in evidence.case_set.parameters:

        def same(attempt: Attempt, item: Item, name: str = name) -> bool:
            if name in attempt.scalars:
                return bool(np.any(item.got)) and item.equals(np.full(item.got.shape, attempt.scalars[name]))
            array = attempt.arrays.get(name)
            zero = name != output and not np.any(item.got)
            return array is not None and not zero and item.equals(array)

        found = _telling(pairs, same)
        if found and name == output:
            return Clue("unchanged", "is what it was before the call: it does not change", found)
        if found and len({item.got.tobytes() for _, item in found}) > 1:
            return Clue("an input", f"is just the input {name}", found)
    return None


def factor(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    return _factor(evidence, pairs, lambda attempt, item: np.zeros_like(item.wanted), "is")


def factor_of_the_step(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    return _factor(evidence, pairs, _base, "moves by")


def _factor(
    evidence: Evidence, pairs: list[Pair], base_of: Callable[[Attempt, Item], np.ndarray | None], verb: str
) -> Clue | None:
    ratios: dict[int, float] = {}
    for index, (attempt, item) in enumerate(pairs):
        base = base_of(attempt, item)
        if base is not None:
            ratio = _ratio(item.got - base, item.wanted - base, item.slack, item.rtol)
            if ratio is not None and ratio != 1:
                ratios[index] = ratio
    found = _telling(pairs, lambda attempt, item: any(item is pairs[index][1] for index in ratios))
    if not found:
        return None
    values = np.array(list(ratios.values()))
    entries = max(np.count_nonzero(item.wanted) for _, item in found)
    proven = entries > 1 or len(found) > 1  # of a single number there always is a factor
    name = name_of(values, [attempt for attempt, _ in found]) if proven or evidence.reveal else ""
    if name:
        size = f"{values[0]:.5g} times what it should be ({SAID[name]})" if name in SAID else ""
        return Clue("factor", f"{verb} {size or f'{name} times what it should be'}", found, "factor")
    if (np.abs(values - 1) <= NEAR).any():
        return None
    same = np.ptp(values) <= 1e-3 * np.abs(values).max()
    if same and proven and (entries > 1 or len({item.wanted.tobytes() for _, item in found}) > 1):
        return Clue("factor", f"{verb} {values[0]:.4g} times what it should be", found, "factor")
    several = sum(np.count_nonzero(item.wanted) > 1 for _, item in found)
    if entries > 1 and not same and several >= MOST * len(found) and _mostly(found, pairs):
        lengths = [np.linalg.norm(item.got - base_of(attempt, item)) for attempt, item in found]
        if len(lengths) > 1 and np.ptp(lengths) <= 1e-6 * max(lengths):
            text = (
                f"{'has' if verb == 'is' else 'moves by'} length {lengths[0]:.4g} in every case, in the right direction"
            )
            return Clue("factor", text, found, "factor")
        text = f"{verb} a multiple of what it should be, but not the same one in every case"
        return Clue("factor", text, found, "factor")
    return None


def one_off(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    """A whole number that is one too large, or one too small; of a count that may also be a factor by chance."""
    for step, said in ((1, "large"), (-1, "small")):
        found = _telling(
            pairs, lambda a, item, step=step: item.got.size and np.array_equal(item.got, item.wanted + step)
        )
        if len(found) == len(pairs) and any(item.wanted.any() for _, item in found) and _counts(evidence, pairs):
            return Clue("offset", f"is one too {said}", found)
    return None


def _counts(evidence: Evidence, pairs: list[Pair]) -> bool:
    """Return whether an output should be whole numbers in all calls, also where it is right."""
    return all((wanted == np.round(wanted)).all() for wanted in evidence.due(pairs[0][1].name))


def offset(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    """A number, or every entry, is off by the same number that has a name."""
    differences = {}
    for index, (_, item) in enumerate(pairs):
        difference = item.got - item.wanted
        middle = float(np.median(difference))
        if within(difference, np.full(difference.shape, middle), 1e-6, 10 * item.slack).all():
            differences[index] = middle
    found = _telling(pairs, lambda attempt, item: any(item is pairs[index][1] for index in differences))
    if not found or max(np.abs(item.wanted).max(initial=0) for _, item in found) == 0 and len(found) < 2:
        return None
    values = np.array(list(differences.values()))
    constant = np.ptp(values) <= 1e-6 * np.abs(values).max()
    if constant and abs(abs(values[0]) - 1) < 1e-9 and _counts(evidence, pairs):
        return Clue("offset", f"is one too {'large' if values[0] > 0 else 'small'}", found)
    several = len(found) > 1 or found[0][1].wanted.size > 1
    name = name_of(values, [attempt for attempt, _ in found]) if several else ""
    if name:
        return Clue(
            "offset",
            f"is off by {name.removeprefix('-')}: it is too {'small' if values[0] < 0 else 'large'} by that",
            found,
        )
    if constant and several and len({item.wanted.tobytes() for _, item in found}) > 1:
        return Clue(
            "offset", f"is too {'large' if values[0] > 0 else 'small'} by {abs(values[0]):.4g} in every case", found
        )
    return None


def a_term(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    """The difference is a multiple of one array, or of two: the terms in which these stand are wrong."""
    names = set.intersection(*({name for name, _ in _alike(attempt, item)} for attempt, item in pairs))
    ordered = [name for name, _ in _alike(*pairs[0]) if name in names]
    for count in (1, 2):
        for chosen in itertools.combinations(ordered, count):
            clue = _terms(pairs, chosen)
            if clue is not None:
                return clue
    return None


def _terms(pairs: list[Pair], chosen: tuple[str, ...]) -> Clue | None:
    shares: dict[int, np.ndarray] = {}
    for index, (attempt, item) in enumerate(pairs):
        columns = dict(_alike(attempt, item))
        matrix = np.stack([columns[name].ravel() for name in chosen], axis=1)
        fitted = _fit(matrix, (item.got - item.wanted).ravel(), item)
        if fitted is not None:
            shares[index] = fitted
    found = _telling(pairs, lambda attempt, item: any(item is pairs[index][1] for index in shares))
    if not found or max(np.count_nonzero(item.wanted) for _, item in found) < len(chosen) + 2:
        return None
    # of few numbers any others may be a sum; where there are more, it has to hold throughout
    if any(item.wanted.size > len(chosen) and index not in shares for index, (_, item) in enumerate(pairs)):
        return None
    attempts, coefficients = [attempt for attempt, _ in found], np.array(list(shares.values()))
    sure = [i for i, (_, item) in enumerate(found) if item.wanted.size > len(chosen)]
    said = []
    for position, name in enumerate(chosen):
        known = name_of(coefficients[sure, position], [attempts[i] for i in sure])
        said.append(f"{known.removeprefix('-')} times {name}" if known else f"a multiple of {name}")
        if known in ("1", "-1") or np.allclose(np.abs(coefficients[sure, position]), 1, rtol=1e-5):
            said[-1] = name
        elif not known and name.startswith("the new "):  # of numbers that belong together any may be near a multiple
            return None
    where = "that term" if len(chosen) == 1 else "those terms"
    return Clue("term", f"is off by {' and '.join(said)}: look at {where}, the rest is right", found)


def _fit(matrix: np.ndarray, difference: np.ndarray, item: Item) -> np.ndarray | None:
    """Return the coefficients with which a matrix's columns add up to a difference, None if they do not."""
    scale = np.abs(matrix).max(axis=0, initial=0)
    if not scale.all() or not np.isfinite(matrix).all():
        return None
    solution, *_ = np.linalg.lstsq(matrix / scale, difference, rcond=None)
    left = matrix / scale @ solution - difference
    allowed = item.rtol * np.abs(difference).max() + 10 * item.slack.ravel() + 1e-9 * np.abs(item.wanted).max(initial=0)
    exact = np.all(np.abs(left) <= allowed) and np.all(np.abs(solution) > 1e-6 * np.abs(difference).max())
    return solution / scale if exact else None


FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "is the absolute value of what it should be": np.abs,
    "is the square of what it should be": np.square,
    "is the square root of what it should be": np.sqrt,
    "is the reciprocal of what it should be": lambda x: 1 / x,
    "is the logarithm of what it should be": np.log,
    "is the exponential of what it should be": np.exp,
    "is one minus what it should be": lambda x: 1 - x,
    "is the cube of what it should be": lambda x: x**3,
    "is the sign of what it should be, without its size": np.sign,
    "is rounded to whole numbers": np.round,
    "is rounded down to whole numbers": np.floor,
    "is rounded up to whole numbers": np.ceil,
    "is cut off at zero: what should be negative is 0": lambda x: np.maximum(x, 0),
    "is cut off at one: what should be larger is 1": lambda x: np.minimum(x, 1),
    "is what it should be, added up along the first axis": lambda x: np.cumsum(x, axis=0),
    "is what it should be, divided by its sum": lambda x: x / x.sum(),
    "is what it should be, divided by its length": lambda x: x / np.linalg.norm(x),
    "is what it should be, divided by its largest entry": lambda x: x / np.abs(x).max(),
    "is what it should be without its mean": lambda x: x - x.mean(),
    "has the mean of what it should be in every entry": lambda x: np.full_like(x, x.mean()),
    "has the sum of what it should be in every entry": lambda x: np.full_like(x, x.sum()),
}
# what numbers such as 0 and 1 are in some cases by chance
COARSE = frozenset(
    text
    for text in FUNCTIONS
    if text.startswith(("is rounded", "is cut off", "is the sign", "is one minus", "is the absolute"))
)
OF_ARRAYS = frozenset(list(FUNCTIONS)[list(FUNCTIONS).index("is what it should be, divided by its sum") :])


def a_function(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    """A function of the right value: its square, its root, its absolute value."""
    for text, function in FUNCTIONS.items():

        def same(attempt: Attempt, item: Item, text: str = text, function: Callable = function) -> bool:
            return (
                item.wanted.size > 0
                and (item.wanted.ndim > 0 or text not in OF_ARRAYS)
                and item.equals(function(np.atleast_1d(item.wanted)).reshape(item.wanted.shape))
            )

        found = _telling(pairs, same)
        numbers = {item.got.tobytes() for _, item in found if item.got.any()}
        by_chance = text in COARSE and not (_mostly(found, pairs) and len(numbers) > 1 and _shows(text, found))
        if found and not by_chance and (len(numbers) > 1 or found[0][1].got.size > 1):
            return Clue("function", text, found)
    return None


def _shows(text: str, found: Sequence[Pair]) -> bool:
    """Return whether there are numbers that show a sign or a rounding, not only such as 0 and 1."""
    if text.startswith("is rounded"):
        return any((np.abs(item.got) > 1.5).any() for _, item in found)
    if text.startswith("is cut off"):
        return any((item.close & ~np.isin(item.got, (0, 1))).any() for _, item in found)
    signs = {sign for _, item in found for sign in np.sign(item.wanted).flat}
    return not text.startswith("is the sign") or {-1, 1} <= signs


def transposed(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    found = _telling(pairs, lambda attempt, item: item.wanted.ndim == 2 and item.equals(item.wanted.T))
    return Clue("order", "is transposed", found) if found else None


def reordered(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    """The right entries at wrong places."""
    orders = {
        "holds the right values in reversed order": lambda x: x[::-1],
        "holds the right values, each one place too late": lambda x: np.roll(x, 1, axis=0),
        "holds the right values, each one place too early": lambda x: np.roll(x, -1, axis=0),
        "holds the right values in sorted order": lambda x: np.sort(x, axis=0),
        "holds the right columns in reversed order": lambda x: x[..., ::-1],
    }
    large = [(attempt, item) for attempt, item in pairs if item.wanted.ndim and len(item.wanted) > 1]
    if not large:
        return None
    for text, order in orders.items():
        found = _telling(large, lambda attempt, item, order=order: item.equals(order(item.wanted)))
        if _ordered(found):
            return Clue("order", text, found)

    def shuffled(attempt: Attempt, item: Item) -> bool:
        order = np.argsort(item.wanted, axis=None)
        right, slack = item.wanted.ravel()[order], item.slack.ravel()[order]
        return bool(within(np.sort(item.got, axis=None), right, item.rtol, slack).all())

    found = _telling(large, shuffled)
    return Clue("order", "holds the right values, but at other places", found) if _ordered(found) else None


def _ordered(found: Sequence[Pair]) -> bool:
    """Return whether most series can show an order: neighbours differ, and not only as 0 and 1 do."""
    return 2 * sum(_varied(item) for _, item in found) > len(found)


def _varied(item: Item) -> bool:
    alike = within(item.wanted[1:], item.wanted[:-1], 10 * item.rtol, 10 * item.slack[1:])
    return bool(np.mean(alike) < 0.5) and not np.isin(item.wanted, (0, 1)).all()


def shifted(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    """A series that lags or leads by one."""

    def lags(attempt: Attempt, item: Item) -> bool:
        late = item.got[1:], item.wanted[:-1], item.slack[:-1]
        return item.got.ndim > 0 and len(item.got) > 2 and bool(within(late[0], late[1], item.rtol, late[2]).all())

    def leads(attempt: Attempt, item: Item) -> bool:
        early = item.got[:-1], item.wanted[1:], item.slack[1:]
        return item.got.ndim > 0 and len(item.got) > 2 and bool(within(early[0], early[1], item.rtol, early[2]).all())

    large = [(attempt, item) for attempt, item in pairs if item.got.ndim and len(item.got) > 2]
    for test, text in ((lags, "comes one place too late"), (leads, "comes one place too early")):
        found = _telling(large, test) if large else ()
        if _ordered(found):
            return Clue("order", f"{text}: entry [i] holds the value of its neighbour", found)
    return None


def the_step_before(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    """A value of the step before: the state is not carried on."""

    def still(attempt: Attempt, item: Item) -> bool:
        if not attempt.step:
            return False
        position = evidence.case_set.returns.index(item.name)
        return item.equals(evidence.case_set.expected[attempt.case].values[attempt.step - 1][position])

    found = _telling(pairs, still)
    return Clue("step before", "still has the value of the step before", found) if found else None


def another_case(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    """The right answer to another case, whose inputs differ in one number; to be told only where answers may be."""
    if not evidence.reveal:
        return None
    told: list[tuple[Pair, str]] = []
    for attempt, item in pairs:
        for other in evidence.attempts:
            change = _one_number_apart(attempt, other) if other.case != attempt.case else None
            expected = evidence.case_set.expected[other.case].values[other.step] if change else []
            value = expected[evidence.case_set.returns.index(item.name)] if expected else None
            if value is not None and np.any(value) and item.equals(value):
                told.append(((attempt, item), change))
                break
    # numbers may be equal by chance, where few are possible
    if len(told) < 2 and not (told and len(pairs) == 1) or len(told) < MOST / 2 * len(pairs):
        return None
    whole = all((item.wanted == np.round(item.wanted)).all() for (_, item), _ in told)
    return None if whole else Clue("another case", f"is the value for {told[0][1]}", tuple(pair for pair, _ in told))


def _one_number_apart(one: Attempt, other: Attempt) -> str | None:
    """Say which number of the inputs two calls differ in, None if in more."""
    if one.arrays or other.arrays or one.scalars.keys() != other.scalars.keys():
        return None
    changed = [name for name, value in one.scalars.items() if other.scalars[name] != value]
    if len(changed) != 1:
        return None
    name = changed[0]
    return f"{name} = {other.scalars[name]:.6g} where {name} = {one.scalars[name]:.6g}"


def an_input_taken_wrongly(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    """The right answer to other inputs: k + 1 for k, two of them exchanged, one that is ignored."""
    position = evidence.case_set.returns.index(pairs[0][1].name)
    known = [(pair, evidence.case_set.expected[pair[0].case].slips) for pair in pairs if not pair[0].step]
    known = [(pair, slips) for pair, slips in known if slips]
    if not _tried_enough([pair for pair, _ in known], pairs):
        return None
    fitting = list(known[0][1])
    for (_, item), slips in known:  # the first one leaves few
        fitting = [text for text in fitting if text in slips and _gives(item, slips[text][position])]
    attempts = [attempt for (attempt, _), _ in known]
    fitting = [text for text in fitting if _can_be_seen(text, attempts) and not _contradicted(text, pairs)]
    if not fitting:
        return None
    text = max(fitting, key=lambda text: _outputs_explained(evidence, text))
    return Clue("slip", f"is what comes of {text}", tuple(pairs))


def _gives(item: Item, mark: float) -> bool:
    """Return whether an output has the mark of a slip; not where that would be right, as of -x in an even function."""
    return same_fingerprint(item.got, mark, item.rtol) and not same_fingerprint(item.wanted, mark, item.rtol)


def _tried_enough(known: list[Pair], pairs: list[Pair]) -> bool:
    """Return whether the slips of most wrong cases are known, or of some with numbers that come from nothing else."""
    numbers = [attempt.own_numbers(item.got) for attempt, item in known]
    several = sum(map(bool, numbers)) >= ENOUGH
    return len(set().union(*numbers)) > 1 and (several or 2 * len(known) >= len(pairs))


ENOUGH = 3  # wrong cases that a slip explains, from which the others need not be known


def _can_be_seen(text: str, attempts: list[Attempt]) -> bool:
    """Return whether the calls can show a slip: an input that is ignored differs, one that is cut is not symmetric."""
    always = re.match(r"(\w+) = \S+, whatever", text)
    if always:
        return len({str(attempt.inputs.get(always[1])) for attempt in attempts}) > 1
    half = re.match(r"the (?:upper|lower) triangle of (\w+)", text)
    matrices = [attempt.arrays[half[1]] for attempt in attempts] if half else []
    return not half or any(not np.allclose(matrix, matrix.T, rtol=1e-9, atol=0) for matrix in matrices)


def _contradicted(text: str, pairs: list[Pair]) -> bool:
    """Return whether a wrong call has the very value of which a slip says that it stands for all others."""
    always = re.match(r"(\w+) = (\S+), whatever", text)
    values = (f"{attempt.inputs.get(always[1])}" for attempt, _ in pairs) if always else ()
    return any(value in (always[2], f"{always[2]}.0") for value in values)


def _outputs_explained(evidence: Evidence, text: str) -> int:
    """Count the outputs of wrong calls that a slip gives."""
    return sum(
        same_fingerprint(item.got, mark, item.rtol)
        for attempt in evidence.wrong
        if not attempt.step and text in evidence.case_set.expected[attempt.case].slips
        for item, mark in zip(attempt.items, evidence.case_set.expected[attempt.case].slips[text], strict=False)
    )


def always_the_same(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    """One number, whatever the inputs."""
    values = {float(value) for _, item in pairs for value in np.unique(item.got)}
    wanted = {item.wanted.tobytes() for _, item in pairs}
    if len(values) == 1 and (len(wanted) > 1 or pairs[0][1].wanted.size > 2):
        return Clue("constant", f"is {values.pop():.6g} in every case in which it is wrong", tuple(pairs))
    return None


def mostly_the_same(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    """One number in most cases, which is right in none: a bound, or where a loop gives up."""
    if any(item.wanted.size != 1 for _, item in pairs):
        return None
    numbers = [item.got.item() for _, item in pairs]
    value = max(numbers, key=numbers.count)
    found = tuple(pair for pair, number in zip(pairs, numbers, strict=True) if number == value)
    due = {item.wanted.item() for _, item in found}
    # a number that is right elsewhere, such as 0 or 1 of a share, may come often by chance
    right = {
        float(number)
        for expected in evidence.case_set.expected
        for step in expected.values
        for number in step[0].flat[:1]
    }
    if len(due) > 2 and _mostly(found, pairs) and value not in right:
        return Clue("constant", f"is {value:.6g}, whatever it should be,", found)
    return None


def a_bound(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    """Every wrong entry has the same value: something is cut off, or put in its place."""
    values, larger = [], []
    for _, item in pairs:
        wrong = ~item.close
        values += item.got[wrong].tolist()
        larger += (item.got > item.wanted)[wrong].tolist()
    if len(set(values)) != 1 or len(values) < 2:
        return None
    value = f"{values[0]:.4g}"
    numbers = all(item.got.size == 1 for _, item in pairs)
    text = f"is {value} in every case in which it is wrong" if numbers else f"has {value} in every entry that is wrong"
    if values[0] and (all(larger) or not any(larger)):
        text += f", which should be {'smaller' if larger[0] else 'larger'}"
        text += ": does it stop there too early, or at a bound?" if _iterates(evidence, pairs) else ""
    return Clue("bound", text, tuple(pairs))


ITERATIONS = re.compile(r"(\w+_)?(steps?|tol|tolerance|iterations|epochs|tries|most|t)|(n|max)_\w+")


def _iterates(evidence: Evidence, pairs: list[Pair]) -> bool:
    """Return whether an answer is reached step by step: its calls go on, an input says how long, or it is a series."""
    if evidence.of_chance:
        return False
    named = any(ITERATIONS.fullmatch(name) for name in evidence.case_set.parameters)
    lengths = {item.got.shape for _, item in pairs}
    given = {array.shape for attempt, _ in pairs for array in attempt.arrays.values()}
    series = len(lengths) > 1 and all(len(shape) == 1 for shape in lengths) and not lengths & given
    flags = all(np.isin(wanted, (0, 1)).all() for wanted in evidence.due(pairs[0][1].name))
    return not flags and (named or series or any(attempt.steps > 1 for attempt, _ in pairs))


def some_entries(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    """Which entries are wrong: the last one, those from some index on, those where an input is zero or negative."""
    parted = [(attempt, item) for attempt, item in pairs if item.close.any() and item.close.size > 1]
    whole = sum(item.close.size > 1 for _, item in pairs)
    if len(parted) < max(1, MOST * whole, SOME * len(pairs)):
        return None
    for text, mask_of in _masks(parted):
        if all(_explains(mask_of(attempt, item), item) for attempt, item in parted):
            return Clue("entries", f"is wrong only {text}", tuple(parted))
    return None


def _explains(mask: np.ndarray | None, item: Item) -> bool:
    return mask is not None and bool((mask == ~item.close).all())


def _masks(parted: list[Pair]) -> Iterator[tuple[str, Callable[[Attempt, Item], np.ndarray | None]]]:
    def at(*index: slice | int) -> Callable[[Attempt, Item], np.ndarray | None]:
        def mask(attempt: Attempt, item: Item) -> np.ndarray | None:
            if item.close.ndim < len(index):
                return None
            found = np.zeros(item.close.shape, dtype=bool)
            found[index] = True
            return found

        return mask

    for name in parted[0][0].arrays:
        for what, test in ENTRIES.items():

            def mask(attempt: Attempt, item: Item, name: str = name, test: Callable = test) -> np.ndarray | None:
                array = attempt.arrays.get(name)
                return test(array) if array is not None and array.shape == item.close.shape else None

            yield f"where {name} {what}", mask
    yield "in its first entry", lambda a, item: at(0)(a, item) if item.close.ndim == 1 else None
    yield "in its last entry", lambda a, item: at(-1)(a, item) if item.close.ndim == 1 else None
    yield "from its second entry on", lambda a, item: at(slice(1, None))(a, item) if item.close.ndim == 1 else None
    yield "in its last entry", lambda a, item: at(*(-1,) * item.close.ndim)(a, item)
    yield "in its first row", at(0)
    yield "in its last row", at(-1)
    yield "from its second row on", at(slice(1, None))
    yield "in its first column", at(slice(None), 0)
    yield "in its last column", at(slice(None), -1)
    yield "off its diagonal", lambda a, item: ~np.eye(*item.close.shape, dtype=bool) if item.close.ndim == 2 else None
    yield "on its diagonal", lambda a, item: np.eye(*item.close.shape, dtype=bool) if item.close.ndim == 2 else None
    for what, test in ENTRIES.items():
        yield f"where it {SHOULD[what]}", lambda a, item, test=test: test(item.wanted)
    yield "where it should be small", lambda a, item: _parted(np.abs(item.wanted), item)
    yield "where it should be large", lambda a, item: _parted(-np.abs(item.wanted), item)


def _parted(size: np.ndarray, item: Item) -> np.ndarray | None:
    """Return the mask of the wrong entries if they are all below the right ones, by far."""
    wrong, right = size[~item.close], size[item.close]
    clear = wrong.max() < right.min() and len(right) > 1 and len(wrong) > 1
    return ~item.close if clear else None


ENTRIES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "is zero": lambda x: x == 0,
    "is not zero": lambda x: x != 0,
    "is negative": lambda x: x < 0,
    "is positive": lambda x: x > 0,
}
ROUGH = 0.3  # relative error up to which numbers are called about right


def about_right(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    """Single numbers that are near the right ones in every case, but differ by more than rounding."""
    if len(pairs) < 4 or any(item.wanted.size != 1 or not item.wanted.any() for _, item in pairs):
        return None
    errors = np.array([(item.got / item.wanted).item() - 1 for _, item in pairs])
    if np.abs(errors).max() > ROUGH or np.ptp(errors) <= 1e-3 * np.abs(errors).max():
        return None
    if any((item.wanted == np.round(item.wanted)).all() for _, item in pairs):
        return None
    if (errors < 0).all() or (errors > 0).all():
        size = "small" if errors[0] < 0 else "large"
        said, question = f"a little too {size} in every case", "an approximation, or something that stops too early?"
    else:
        said = "about right in every case, here too large and there too small"
        question = "does it depend on chance, or on a grid?"
    return Clue("rough", f"is {said}{f': {question}' if _iterates(evidence, pairs) else ''}", tuple(pairs))


SHOULD = {
    "is zero": "should be zero",
    "is not zero": "should not be zero",
    "is negative": "should be negative",
    "is positive": "should be positive",
}


def up_to_an_index(evidence: Evidence, pairs: list[Pair]) -> Clue | None:
    """Series that begin rightly."""

    def begins(attempt: Attempt, item: Item) -> bool:
        if item.close.ndim == 0 or len(item.close) < 3:
            return False
        rows = item.close.reshape(len(item.close), -1).all(axis=1)
        first = int(np.argmin(rows))
        return first > 0 and not rows[first:].any()

    large = [pair for pair in pairs if pair[1].close.ndim and len(pair[1].close) > 2]
    found = _telling(large, begins)
    if not found or len(found) < SOME * len(pairs):
        return None
    starts = {int(np.argmin(item.close.reshape(len(item.close), -1).all(axis=1))) for _, item in found}
    each = any(array.shape == item.got.shape for attempt, item in found for array in attempt.arrays.values())
    if len(starts) > 1 and each or (len(starts) > 1 or evidence.of_chance) and not _mostly(found, large):
        return None  # a value for each entry of an input, rather than one after the other; or chance
    where = f"entry [{starts.pop()}]" if len(starts) == 1 else "some entry"
    return Clue("entries", f"begins rightly and is wrong from {where} on", found)


RECOGNISERS: tuple[Recogniser, ...] = (
    always_the_same,
    opposite_sign,
    opposite_direction,
    another_output,
    an_input,
    the_step_before,
    one_off,
    factor,
    factor_of_the_step,
    a_function,
    offset,
    an_input_taken_wrongly,
    transposed,
    reordered,
    shifted,
    a_term,
    another_case,
    mostly_the_same,
    a_bound,
    some_entries,
    up_to_an_index,
    about_right,
)
