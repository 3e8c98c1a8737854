"""What one case showed: right, or what is wrong with the answer, in a sentence for the student."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from utils.check import properties, views
from utils.check.cases import RTOL, Case, CaseSet, Expected, Outcome
from utils.check.compare import items_of, relative_error, same_outcome, seen, within
from utils.check.plain import Seed, as_array, described

MOST_OUTPUTS = 4  # of which any order is tried
NEAR = 1e-2  # relative error up to which an answer is called nearly right
CHANGED = (
    ": the result of an earlier call changed when the function was called again; return a new array instead of a "
    "buffer that is used again"
)
FORGETFUL = " gives another answer when asked the same again: what does it remember from one call to the next?"
UNSEEDED = " gives another answer for an equal generator: does all chance come from the one that it is given?"


@dataclass(frozen=True)
class Finding:
    """What one case showed.

    kind : "ok", or what went wrong: a Failure's kind, "type", "shape", "dtype", "nan", "mutated", "state",
        "property", "sign", "factor", "near" or "value".
    error : largest relative error over all entries, None if it cannot be told.
    subject, factor, forms : when kind is "factor": what is off ("sgd_step moves by"), by how much, and how the
        factor may be written in terms of the inputs.
    error_class : when kind is "exception", its class.
    group, label : of the case.
    """

    kind: str
    message: str = ""
    error: float | None = None
    subject: str = ""
    factor: float = 1.0
    forms: frozenset[str] = frozenset()
    error_class: str = ""
    group: str = ""
    label: str = ""

    @property
    def passed(self) -> bool:
        return self.kind == "ok"


def examine(case_set: CaseSet, index: int, outcome: Outcome, reveal: bool) -> Finding:
    """Compare one outcome with the oracle's values of case `index`."""
    case = case_set.cases[index]
    error_class = outcome.failure.error if outcome.failure else ""
    with np.errstate(all="ignore"):
        finding = _examine(case_set, index, outcome, reveal)
    error_class = error_class if finding.kind == "exception" else ""
    return replace(finding, group=case.group, label=case.label, error_class=error_class)


def examine_again(case_set: CaseSet, first: Finding, outcome: Outcome, again: Outcome, reveal: bool) -> Finding:
    """Return what the first case showed, given what came of it when it was put once more after all others.

    The same answer is due, also where chance plays a part: a generator that is handed over starts from the same seed.
    """
    if not first.passed:
        return first
    found = examine(case_set, 0, again, reveal)
    if found.kind == "state" or found.passed and same_outcome(case_set, 0, outcome, again):
        return found
    return replace(first, kind="state", message=f"{case_set.name}{unlike_again(case_set)}")


def unlike_again(case_set: CaseSet) -> str:
    """Say that the answer to the first case is another one when it is put again, as the end of a sentence."""
    drawn = any(isinstance(value, Seed) for value in case_set.cases[0].inputs.values())
    return UNSEEDED if drawn else FORGETFUL


def _examine(case_set: CaseSet, index: int, outcome: Outcome, reveal: bool) -> Finding:
    case, expected = case_set.cases[index], case_set.expected[index]
    if outcome.failure and outcome.failure.kind not in {"exception", "result"}:
        return Finding(outcome.failure.kind, failure_message(case_set, outcome))
    largest = 0.0
    for step, value in enumerate(outcome.values[: case.steps]):
        # what went wrong first tells more than the exception that it led to some steps later
        finding = _examine_step(case_set, case, expected, step, value, outcome.warned, reveal)
        if not finding.passed:
            return finding
        largest = max(largest, finding.error or 0.0)
    if outcome.failure:
        return Finding(outcome.failure.kind, failure_message(case_set, outcome))
    if len(outcome.values) != case.steps:
        return Finding("type", f"{case_set.name}: the returned state cannot be fed back into the next step")
    if outcome.changed:
        return Finding("state", f"{case_set.name}{CHANGED}", largest)
    if outcome.mutated:
        names = " and ".join(outcome.mutated)
        return Finding(
            "mutated",
            f"{case_set.name} changes its input {names}; work on a copy, so that the caller's values stay as they were",
            largest,
        )
    fault = _between_calls(case_set, case, outcome) if case_set.holds and case.steps > 1 else ""
    if fault:
        return Finding("property", f"{case_set.name} {fault}")
    return Finding("ok", "", largest)


def _between_calls(case_set: CaseSet, case: Case, outcome: Outcome) -> str:
    """Return what is wrong with the answers to all calls of a case taken together, each of which is right by itself."""
    inputs = [case.inputs_at(step, {}) for step in range(case.steps)]
    answers = [items_of(seen(case_set, value), len(case_set.returns)) for value in outcome.values]
    return properties.between_calls(case_set.holds, inputs, [list(map(as_array, items)) for items in answers])


def failure_message(case_set: CaseSet, outcome: Outcome) -> str:
    name, failure = case_set.name, outcome.failure
    wanted = f"{name}({', '.join(case_set.parameters)})"
    match failure.kind:
        case "undefined" if failure.message:
            return f"{name} is not a function but of type {failure.message}; define {wanted}"
        case "undefined":
            return f"{name} is not defined; define {wanted}, with exactly this name"
        case "not-implemented":
            return f"{name} still raises NotImplementedError: replace that line by your solution"
        case "signature":
            return f"{name} should take the arguments {wanted.removeprefix(name)}, but yours takes {failure.message}"
        case "exception":
            place = f' (line {failure.number} of the cell: "{failure.line}")' if failure.line else ""
            return f"{name} raised {failure.message}{place}"
        case "result":
            return f"{name} returned something that cannot be judged: {failure.message}"
        case _:
            return f"{name}: {failure.message}"


def _examine_step(
    case_set: CaseSet, case: Case, expected: Expected, step: int, value: Any, warned: str, reveal: bool
) -> Finding:
    wanted = expected.values[step]
    where = f" at step {step + 1} of {case.steps}" if case.steps > 1 else ""
    value = seen(case_set, value)
    if isinstance(value, views.NotSeen):
        return Finding("type", f"{case_set.name}{where} {value}")
    items = items_of(value, len(wanted))
    whole = isinstance(value, np.ndarray) and value.shape == wanted[0].shape  # an array that happens to be so long
    if len(items) != len(wanted) or (whole and len(wanted) > 1 and wanted[0].ndim):
        return Finding("type", _wrong_structure(case_set, wanted, value, where))
    worst, free = 0.0, []
    arrays = [as_array(item) for item in items]
    for name, array, target in zip(case_set.returns, arrays, wanted, strict=True):
        said = "" if case_set.view or case_set.holds else _too_long(array, target)
        if said:  # before other numbers, which may be wrong because of this
            subject = case_set.name if len(wanted) == 1 else f"{case_set.name}: {name}"
            return Finding("shape", f"{subject}{where} {said}")
    for name, item, array, target, slack in zip(
        case_set.returns, items, arrays, wanted, expected.slack[step], strict=True
    ):
        subject = case_set.name if len(wanted) == 1 else f"{case_set.name}: {name}"
        title = subject + where
        if case_set.view and case_set.holds:
            free.append(array.astype(float))  # of the form that the view gives; the property says the rest
            continue
        kind, text = _form_fault(item, array, target)
        if kind == "shape" and case_set.view == "arrays":
            return Finding(kind, f"{case_set.name}{where} {_other_arrays(items[0], wanted[0])}")
        if kind in ("shape", "type") and not case.driver and (order := _other_order(case_set, arrays, wanted)):
            return Finding(kind, f"{case_set.name}{where} {order}")
        if kind:
            return Finding(kind, f"{title} {text}")
        close = within(array, target, case_set.rtol, slack)
        if case_set.holds and np.isfinite(array).all():
            free.append(array.astype(float))  # its numbers need not be the oracle's
            continue
        if close.all():
            worst = max(worst, relative_error(array, target, slack))
            continue
        if not np.isfinite(array[~close]).all():
            return Finding("nan", f"{title} {_not_finite(array, close, warned)}")
        base = as_array(case.inputs.get(name)) if step == 0 and name not in case.each else None
        wrong = _explain(_Numbers(array.astype(float), target.astype(float), slack, case_set.rtol), base, case, reveal)
        return replace(wrong, message=f"{title} {wrong.message}", subject=f"{subject} {wrong.subject}")
    if free:
        fault = properties.find(case_set.holds)(case.inputs_at(step, {}), wanted, free)
        return Finding("property", f"{case_set.name}{where} {fault}") if fault else Finding("ok")
    return Finding("ok", "", worst)


def _wrong_structure(case_set: CaseSet, wanted: list[np.ndarray], value: Any, where: str) -> str:
    form = f"({', '.join(case_set.returns)})"
    shapes = {array.shape for array in wanted}
    shape = shapes.pop() if len(shapes) == 1 else None
    each = f", each of shape {shape}" if shape else ", each a number" if shape == () else ""
    return f"{case_set.name}{where}: expected {form}{each}, got {described(value)}"


def _other_arrays(got: np.ndarray, wanted: np.ndarray) -> str:
    """Say which arrays came, and which should have come, as the end of a sentence."""
    found, due = views.shapes_in(got), views.shapes_in(wanted)
    if len(found) != len(due):
        return f"should give {len(due)} arrays, got {len(found)}"
    number = next(i for i, (one, other) in enumerate(zip(found, due, strict=True)) if one != other)
    return f"should give an array of shape {due[number]} at place {number}, got one of shape {found[number]}"


def _other_order(case_set: CaseSet, arrays: list[np.ndarray | None], wanted: list[np.ndarray]) -> str:
    """Say in which order the outputs come, as the end of a sentence, if they are right in that order."""
    if len(wanted) > MOST_OUTPUTS or any(array is None or array.dtype.kind not in "iufb" for array in arrays):
        return ""
    for order in itertools.permutations(range(len(wanted))):
        pairs = [(array, wanted[position]) for array, position in zip(arrays, order, strict=True)]
        if all(
            a.shape == w.shape and within(a, w, case_set.rtol, 1e-9 * np.abs(w).max(initial=0)).all() for a, w in pairs
        ):
            found = ", ".join(case_set.returns[position] for position in order)
            return f"returns {found}: return {', '.join(case_set.returns)}, in this order"
    return ""


def _form_fault(item: Any, array: np.ndarray | None, target: np.ndarray) -> tuple[str, str]:
    """Return (kind, sentence) if type, dtype or shape of an item are wrong, ("", "") otherwise."""
    if array is None:
        what = f"an array of shape {target.shape}" if target.ndim else "a number"
        return "type", f"should be {what}, got {described(item)}"
    if array.dtype.kind == "c":
        return "dtype", f"should be real, but its numbers are complex (dtype {array.dtype})"
    if array.dtype.kind == "b" and target.dtype.kind != "b":
        return "dtype", "should be numbers, got truth values (dtype bool)" if array.ndim else (
            "should be a number, got a truth value"
        )
    if array.shape != target.shape:
        wanted = f"have shape {target.shape}" if target.ndim else "be a single number"
        found = f"has shape {array.shape}" if array.ndim else "is a single number"
        return "shape", f"should {wanted} but {found}{_by_one(array, target)}"
    if _cut_off(array, target):
        return "dtype", f"holds whole numbers (dtype {array.dtype}), so the fractions are lost; use floating point"
    if array.dtype == np.float16:
        return "dtype", "is of dtype float16, which is too coarse; use float64"
    return "", ""


def _by_one(array: np.ndarray, target: np.ndarray) -> str:
    one = array.ndim == target.ndim == 1 and abs(len(array) - len(target)) == 1
    return f": one entry too {'many' if len(array) > len(target) else 'few'}" if one else ""


def _too_long(array: np.ndarray | None, target: np.ndarray) -> str:
    """Say that a series is right, but for its length, as the end of a sentence."""
    if array is None or array.ndim != 1 or target.ndim != 1 or array.dtype.kind not in "iuf":
        return ""
    both = min(len(array), len(target))
    if len(array) == len(target) or both < 2 or not np.allclose(array[:both], target[:both], rtol=10 * RTOL, atol=0):
        return ""
    length = f"should have shape {target.shape} but has shape {array.shape}"
    return f"{length}: it begins rightly, and {'goes on too long' if len(array) > both else 'stops too early'}"


def _cut_off(array: np.ndarray, target: np.ndarray) -> bool:
    """Return whether these are integers because fractions were cut off or rounded away."""
    if array.dtype.kind not in "iu" or target.dtype.kind != "f" or not (array.ndim or array.any()):
        return False
    if not (np.abs(target - array) < 1).all() or (target == np.trunc(target)).all():
        return False
    cut = (array == np.trunc(target)) | (array == np.floor(target)) | (array == np.rint(target))
    return bool(2 * cut.sum() >= array.size)  # what is cut off first may go into other entries


def _not_finite(array: np.ndarray, close: np.ndarray, warned: str) -> str:
    bad = array[~close]
    what = "NaN" if np.isnan(bad).any() else "infinite"
    count = int((~np.isfinite(bad)).sum())
    of = f"in {count} of {array.size} entries" if array.size > 1 else ""
    verb = f"is {what} {of}".rstrip()
    return f"{verb}; {_origin(warned) or 'is something divided by zero, or does it overflow?'}"


ORIGINS = {  # what NumPy warns of -> what happened; {} stands for the operation
    r"invalid value encountered in (sqrt|power|scalar power)": "a root of a negative number was taken",
    r"invalid value encountered in (log\w*)": "a logarithm of a negative number was taken",
    r"divide by zero encountered in (log\w*)": "a logarithm of 0 was taken",
    r"divide by zero encountered in ([\w ]+)": "a number was divided by 0",
    r"invalid value encountered in (divide|scalar divide|true_divide)": "0 was divided by 0",
    r"invalid value encountered in ([\w ]+)": "infinite or undefined numbers went into a {}",
    r"overflow encountered in ([\w ]+)": "numbers became too large in a {}",
    r"Mean of empty slice|Degrees of freedom": "a mean or a variance of nothing was taken",
}


def _origin(warned: str) -> str:
    """Say where a NaN comes from, given what NumPy warned of; "" if it did not."""
    for pattern, said in ORIGINS.items():
        found = re.match(pattern, warned)
        if found:
            text = said.format(*(group.removeprefix("scalar ") for group in found.groups()))
            return re.sub(r"\ba (?=[aeio])", "an ", text)
    return ""


@dataclass(frozen=True)
class _Numbers:
    """Finite numbers of the right form beside what they should be."""

    got: np.ndarray
    wanted: np.ndarray
    slack: np.ndarray
    rtol: float

    def since(self, base: np.ndarray) -> _Numbers:
        """Return the changes from `base` instead of the values."""
        return replace(self, got=self.got - base, wanted=self.wanted - base)

    def ratio(self) -> float | None:
        """Return the constant factor by which all entries are off, None if there is none."""
        large = np.abs(self.wanted) > 100 * self.slack
        if not large.any() or not np.any(self.got):
            return None
        ratio = float(np.median(np.asarray(self.got, dtype=float)[large] / np.asarray(self.wanted, dtype=float)[large]))
        close = within(self.got, ratio * self.wanted, 10 * self.rtol, 10 * abs(ratio) * self.slack)
        return ratio if close.all() else None


def _explain(numbers: _Numbers, base: np.ndarray | None, case: Case, reveal: bool) -> Finding:
    """Say what is wrong with numbers of the right form: sign, factor, nearly right, or just wrong."""
    got, wanted, slack = numbers.got, numbers.wanted, numbers.slack
    error = relative_error(got, wanted, slack)
    angles = [("is", numbers)]
    if base is not None and base.shape == wanted.shape and base.dtype.kind in "biuf" and np.any(base):
        angles.insert(0, ("moves by", numbers.since(base)))
    for verb, view in angles:
        if np.any(view.wanted) and within(view.got, -view.wanted, numbers.rtol, slack).all():
            return Finding("sign", SIGN_MESSAGES[verb], error)
    for verb, view in angles:
        ratio = view.ratio()
        if ratio is None or abs(ratio - 1) <= NEAR:
            continue
        forms = _forms(ratio, case)
        # with one entry there always is a factor; it means something only if it can be named
        if forms and reveal or np.count_nonzero(view.wanted) > 1:
            named = f" (the factor is {shortest(forms)})" if forms else ""
            message = f"{verb} {ratio:.4g} times what it should be{named}"
            return Finding("factor", message, error, verb, ratio, forms)
    whole = not np.any(np.mod(wanted, 1)) and not np.any(
        np.mod(got, 1)
    )  # a count is right or wrong, never nearly right
    if error <= NEAR and reveal and not whole:
        return Finding("near", f"is nearly right: the largest relative error is {error:.1e}", error)
    if error <= NEAR and not whole:  # more digits of a small error would tell the answer
        power = 10.0 ** np.ceil(np.log10(error))
        return Finding("near", f"is nearly right: the largest relative error is below {power:.0e}", power)
    if not reveal:
        return Finding("value", "has wrong values" if got.ndim else "is wrong", error)
    position = np.unravel_index(_worst(np.abs(got - wanted), np.maximum(np.abs(wanted), slack)), got.shape)
    entry = f"{_place(position, got, case)} should be" if got.ndim else "it should be"
    return Finding("value", f"is wrong: {entry} {_digits(wanted[position])}, got {_digits(got[position])}", error)


def _digits(number: float) -> str:
    return f"{number + 0.0:.6g}"  # no minus before a zero


def _worst(apart: np.ndarray, sizes: np.ndarray) -> int:
    """Return the entry that is most wrong: of those whose numbers are all wrong, the one that is farthest off."""
    shares = np.minimum(apart / np.where(apart == 0, 1, sizes), 1)  # 0 beside 0 is right
    return int(np.argmax(np.where(shares >= 0.9 * shares.max(), apart, -1)))


def _place(position: tuple[int, ...], got: np.ndarray, case: Case) -> str:
    """Name an entry; of arrays in a row, as a list of arrays came in, by the array that it belongs to."""
    index = int(position[0])
    for name, value in case.inputs.items():
        arrays = isinstance(value, list) and all(isinstance(array, np.ndarray) for array in value)
        if not arrays or got.ndim != 1 or sum(array.size for array in value) != got.size:
            continue
        for number, array in enumerate(value):
            if index < array.size:
                place = ", ".join(map(str, np.unravel_index(index, array.shape)))
                return f"for {name}[{number}], entry [{place}]"
            index -= array.size
    return f"entry [{', '.join(map(str, position))}]"


SIGN_MESSAGES = {
    "is": "has the right size but the opposite sign",
    "moves by": "moves by the right amount in the opposite direction",
}


def _forms(ratio: float, case: Case) -> frozenset[str]:
    """Return how a factor may be written in terms of the case's scalar inputs, e.g. {"1/lr"}."""
    forms = set()
    for name, value in case.inputs.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value in (0, 1):
            continue
        candidates = {
            name: value,
            f"1/{name}": 1 / value,
            f"(1 - {name})": 1 - value,
            f"1/(1 - {name})": 1 / (1 - value),
        }
        forms |= {form for form, number in candidates.items() if np.isclose(ratio, number, rtol=1e-4)}
    return frozenset(forms)


def shortest(forms: frozenset[str]) -> str:
    return min(forms, key=lambda form: (len(form), form))
