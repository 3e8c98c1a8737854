"""Compare what a function did with what it should have done, and say in a sentence what is wrong.

`check` in the notebook and the judge that grades use this same code on the same kind of data: a `CaseSet`,
that is, cases with the oracle's values and the values that each named misconception would give.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from utils import properties, views
from utils.calling import Case, Outcome
from utils.plain import Opaque, as_array, decode, encode

RTOL = 1e-5  # wide enough for honest float32, far below what any misconception changes
NEAR = 1e-2  # relative error up to which an answer is called nearly right


@dataclass(frozen=True)
class Expected:
    """The oracle's answer to a case.

    values : one list of arrays a step, an array for each returned item.
    slack : same structure; how far each entry may move when the inputs are rounded to float32.
    misconceptions : slug -> what that misconception does with the case.
    """

    values: list[list[np.ndarray]]
    slack: list[list[np.ndarray]]
    misconceptions: dict[str, Outcome]


@dataclass(frozen=True)
class CaseSet:
    """All that is needed to judge one exercise: cases, expected values, misconceptions and points.

    returns : names of the returned items; one name means a single value, more mean a tuple.
    groups : (name, weight) pairs; a group's share of the points is earned when all its cases pass.
    hints : slug -> hint.
    holds : name of the property in `utils.properties` to hold instead of equal values, "" for none.
    view : name of the view in `utils.views` that turns an answer into arrays, "" for none.
    """

    name: str
    parameters: tuple[str, ...]
    returns: tuple[str, ...]
    points: float
    groups: tuple[tuple[str, float], ...]
    hints: dict[str, str]
    cases: list[Case]
    expected: list[Expected]
    rtol: float = RTOL
    holds: str = ""
    view: str = ""

    def to_plain(self) -> dict:
        return {
            "name": self.name,
            "parameters": list(self.parameters),
            "returns": list(self.returns),
            "points": self.points,
            "rtol": self.rtol,
            "holds": self.holds,
            "view": self.view,
            "groups": [list(group) for group in self.groups],
            "hints": self.hints,
            "cases": [
                {
                    **case.to_plain(),
                    "expected": encode(expected.values),
                    "slack": _shortened(encode(expected.slack), 2),
                    "misconceptions": {
                        slug: _shortened(outcome.to_plain(), 9) for slug, outcome in expected.misconceptions.items()
                    },
                }
                for case, expected in zip(self.cases, self.expected, strict=True)
            ],
        }

    @classmethod
    def from_plain(cls, data: dict) -> CaseSet:
        expected = [
            Expected(
                decode(case["expected"]),
                decode(case["slack"]),
                {slug: Outcome.from_plain(outcome) for slug, outcome in case["misconceptions"].items()},
            )
            for case in data["cases"]
        ]
        return cls(
            data["name"],
            tuple(data["parameters"]),
            tuple(data["returns"]),
            data["points"],
            tuple((name, weight) for name, weight in data["groups"]),
            data["hints"],
            [Case.from_plain(case) for case in data["cases"]],
            expected,
            data["rtol"],
            data["holds"],
            data["view"],
        )


def _shortened(data: Any, digits: int) -> Any:
    """Round every float: these are only ever compared within a tolerance, and the file is committed."""
    if isinstance(data, float):
        return float(f"{data:.{digits}g}")
    if isinstance(data, list):
        return [_shortened(item, digits) for item in data]
    if isinstance(data, dict):
        return {key: _shortened(item, digits) for key, item in data.items()}
    return data


@dataclass(frozen=True)
class Finding:
    """What one case showed.

    kind : "ok", or what went wrong: a Failure's kind, "type", "shape", "dtype", "nan", "mutated", "property", "sign",
        "factor", "near" or "value".
    error : largest relative error over all entries, None if it cannot be told.
    subject, factor, forms : when kind is "factor": what is off ("sgd_step moves by"), by how much, and how the
        factor may be written in terms of the inputs.
    """

    kind: str
    message: str = ""
    error: float | None = None
    subject: str = ""
    factor: float = 1.0
    forms: frozenset[str] = frozenset()

    @property
    def passed(self) -> bool:
        return self.kind == "ok"


@dataclass(frozen=True)
class Row:
    group: str
    label: str
    finding: Finding


@dataclass(frozen=True)
class Result:
    """The judgement of one exercise.

    status : "passed", "partial", "failed", "error", "timeout" or "missing".
    misconception, hint : the named wrong idea whose numbers these are, "" if none.
    message : one sentence for the student.
    """

    name: str
    points: float
    max_points: float
    status: str
    misconception: str = ""
    hint: str = ""
    message: str = ""
    rows: list[Row] = field(default_factory=list)
    groups: tuple[tuple[str, float], ...] = ()


def evaluate(case_set: CaseSet, ask: Callable[[Case], Outcome], reveal: bool) -> Result:
    """Put every case to `ask` and judge the answers.

    reveal : whether messages may show expected numbers (published cases yes, hidden ones no).
    A case that ends in a time-out or a crash ends the exercise: nobody waits for the next one.
    """
    outcomes: list[Outcome] = []
    for case in case_set.cases:
        outcomes.append(ask(case))
        failure = outcomes[-1].failure
        if failure and failure.kind in FATAL:
            return _without_points(case_set, outcomes[-1], len(outcomes) - 1)
    return judge(case_set, outcomes, reveal)


FATAL = {"undefined": "missing", "timeout": "timeout", "crash": "error"}  # kind of failure -> status


def _without_points(case_set: CaseSet, outcome: Outcome, index: int) -> Result:
    case, kind = case_set.cases[index], outcome.failure.kind
    finding = Finding(kind, _failure_message(case_set, outcome))
    rows = [Row(case.group, case.label, finding)]
    return Result(
        case_set.name,
        0.0,
        float(case_set.points),
        FATAL.get(kind, "missing"),
        message=finding.message,
        rows=rows,
    )


def judge(case_set: CaseSet, outcomes: Sequence[Outcome], reveal: bool) -> Result:
    """Judge one outcome for every case of the set."""
    if outcomes and all(outcome.failure and outcome.failure.kind == "not-implemented" for outcome in outcomes):
        return _without_points(case_set, outcomes[0], 0)
    findings = [compare(case_set, i, outcome, reveal) for i, outcome in enumerate(outcomes)]
    rows = [Row(case.group, case.label, found) for case, found in zip(case_set.cases, findings, strict=True)]
    failed = {row.group for row in rows if not row.finding.passed}
    total = sum(weight for _, weight in case_set.groups)
    earned = sum(weight for name, weight in case_set.groups if name not in failed)
    points = round(case_set.points * earned / total, 2)
    if not failed:
        most = float(case_set.points)
        return Result(case_set.name, most, most, "passed", rows=rows, groups=case_set.groups)
    slug = _misconception(case_set, outcomes, findings)
    wrong = [found for found in findings if not found.passed]
    errors = all(found.kind in {"exception", "signature", "result"} for found in findings)
    return Result(
        case_set.name,
        points,
        float(case_set.points),
        "partial" if points else "error" if errors else "failed",
        slug,
        case_set.hints.get(slug, ""),
        _summary(case_set, wrong),
        rows,
        case_set.groups,
    )


def _summary(case_set: CaseSet, wrong: list[Finding]) -> str:
    """Say in one sentence what the failed cases have in common, or what is wrong in the most telling one."""
    kinds = {found.kind for found in wrong}
    if kinds == {"factor"} and len({found.subject for found in wrong}) == 1:
        forms = frozenset.intersection(*(found.forms for found in wrong))
        if forms:
            return f"{wrong[0].subject} {_shortest(forms)} times what it should be"
        if not np.allclose([found.factor for found in wrong], wrong[0].factor, rtol=1e-3):
            return f"{wrong[0].subject} a multiple of what it should be, but not the same one in every case"
    for found in wrong:
        if found.kind not in NUMERIC:
            return found.message
    return min(wrong, key=lambda found: NUMERIC.index(found.kind)).message


NUMERIC = ("value", "factor", "sign", "near")  # kinds of wrong numbers; the first one says most about all cases


def _shortest(forms: frozenset[str]) -> str:
    return min(forms, key=lambda form: (len(form), form))


def _misconception(case_set: CaseSet, outcomes: Sequence[Outcome], findings: Sequence[Finding]) -> str:
    """Return the slug whose numbers these are in every case, "" if there is none."""
    for slug in case_set.hints:
        if all(
            same_outcome(case_set, i, outcome, case_set.expected[i].misconceptions[slug])
            for i, outcome in enumerate(outcomes)
        ):
            return slug
    return ""


def same_outcome(case_set: CaseSet, index: int, a: Outcome, b: Outcome, factor: float = 1.0) -> bool:
    """Return whether two outcomes of a case agree: values within tolerance, arguments modified, way of failing.

    factor : multiplies the tolerance.
    """
    if a.failure or b.failure:
        return _failure_type(a) == _failure_type(b)
    if a.mutated != b.mutated or len(a.values) != len(b.values):
        return False
    expected = case_set.expected[index]
    return all(
        _same_items(
            seen(case_set, left),
            seen(case_set, right),
            expected.slack[step],
            case_set.rtol,
            factor,
            len(case_set.returns),
        )
        for step, (left, right) in enumerate(zip(a.values, b.values, strict=True))
    )


def seen(case_set: CaseSet, value: Any) -> Any:
    """Return an answer as the exercise's view shows it, or the reason why it does not (a views.NotSeen)."""
    try:
        return views.find(case_set.view)(value) if case_set.view else value
    except views.NotSeen as reason:
        return reason


def _failure_type(outcome: Outcome) -> tuple[str, str]:
    # of an exception the class tells, its text may differ
    failure = outcome.failure
    return (failure.kind, failure.message.partition(":")[0]) if failure else ("", "")


def _same_items(a: Any, b: Any, slack: list[np.ndarray], rtol: float, factor: float, count: int) -> bool:
    if isinstance(a, views.NotSeen) or isinstance(b, views.NotSeen):
        return repr(a) == repr(b)
    left, right = _items(a, count), _items(b, count)
    if len(left) != len(right):
        return False
    for position, (x, y) in enumerate(zip(map(as_array, left), map(as_array, right), strict=True)):
        if x is None or y is None:
            if x is not y:
                return False
            continue
        if x.shape != y.shape:
            return False
        margin = slack[position] if position < len(slack) and slack[position].shape == y.shape else 0.0
        if not within(x, y, factor * rtol, factor * margin).all():
            return False
    return True


def within(x: np.ndarray, expected: np.ndarray, rtol: float, slack: np.ndarray | float) -> np.ndarray:
    """Return entry by entry whether |x - expected| <= rtol |expected| + slack; NaN equals NaN, inf equals inf."""
    x, expected = np.asarray(x, dtype=float), np.asarray(expected, dtype=float)
    with np.errstate(all="ignore"):
        close = np.abs(x - expected) <= rtol * np.abs(expected) + slack
    return np.where(np.isfinite(expected) & np.isfinite(x), close, (x == expected) | (np.isnan(x) & np.isnan(expected)))


def compare(case_set: CaseSet, index: int, outcome: Outcome, reveal: bool) -> Finding:
    """Compare one outcome with the oracle's values of case `index`."""
    with np.errstate(all="ignore"):
        return _compare(case_set, index, outcome, reveal)


def _compare(case_set: CaseSet, index: int, outcome: Outcome, reveal: bool) -> Finding:
    case, expected = case_set.cases[index], case_set.expected[index]
    if outcome.failure and outcome.failure.kind not in {"exception", "result"}:
        return Finding(outcome.failure.kind, _failure_message(case_set, outcome))
    largest = 0.0
    for step, value in enumerate(outcome.values[: case.steps]):
        # what went wrong first tells more than the exception that it led to some steps later
        finding = _compare_step(case_set, case, expected, step, value, reveal)
        if not finding.passed:
            return finding
        largest = max(largest, finding.error or 0.0)
    if outcome.failure:
        return Finding(outcome.failure.kind, _failure_message(case_set, outcome))
    if len(outcome.values) != case.steps:
        return Finding("type", f"{case_set.name}: the returned state cannot be fed back into the next step")
    if outcome.mutated:
        names = " and ".join(outcome.mutated)
        return Finding(
            "mutated",
            f"{case_set.name} changes its input {names}; work on a copy, so that the caller's values stay as they were",
            largest,
        )
    return Finding("ok", "", largest)


def _failure_message(case_set: CaseSet, outcome: Outcome) -> str:
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


def _compare_step(case_set, case, expected, step: int, value: Any, reveal: bool) -> Finding:
    wanted = expected.values[step]
    where = f" at step {step + 1} of {case.steps}" if case.steps > 1 else ""
    value = seen(case_set, value)
    if isinstance(value, views.NotSeen):
        return Finding("type", f"{case_set.name}{where} {value}")
    items = _items(value, len(wanted))
    whole = isinstance(value, np.ndarray) and value.shape == wanted[0].shape  # an array that happens to be so long
    if len(items) != len(wanted) or (whole and len(wanted) > 1 and wanted[0].ndim):
        return Finding("type", _wrong_structure(case_set, wanted, value, where))
    worst, free = 0.0, []
    for name, item, target, slack in zip(case_set.returns, items, wanted, expected.slack[step], strict=True):
        subject = case_set.name if len(wanted) == 1 else f"{case_set.name}: {name}"
        title = subject + where
        array = as_array(item)
        if case_set.view and case_set.holds:
            free.append(array.astype(float))  # of the form that the view gives; the property says the rest
            continue
        kind, text = _form_fault(item, array, target)
        if kind:
            return Finding(kind, f"{title} {text}")
        close = within(array, target, case_set.rtol, slack)
        if case_set.holds and np.isfinite(array).all():
            free.append(array.astype(float))  # its numbers need not be the oracle's
            continue
        if close.all():
            worst = max(worst, _relative_error(array, target, slack))
            continue
        if not np.isfinite(array[~close]).all():
            return Finding("nan", f"{title} {_not_finite(array, close)}")
        base = as_array(case.inputs.get(name)) if step == 0 and name not in case.each else None
        wrong = _explain(_Numbers(array.astype(float), target.astype(float), slack, case_set.rtol), base, case, reveal)
        return replace(wrong, message=f"{title} {wrong.message}", subject=f"{subject} {wrong.subject}")
    if free:
        fault = properties.find(case_set.holds)(case.inputs_at(step, {}), wanted, free)
        return Finding("property", f"{case_set.name}{where} {fault}") if fault else Finding("ok")
    return Finding("ok", "", worst)


def _items(value: Any, count: int) -> list:
    """Split a returned value into `count` items where that is possible; never raises."""
    if count == 1:
        if isinstance(value, tuple) and len(value) == 1:
            return list(value)
        return [value]
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, list) or isinstance(value, np.ndarray) and value.ndim:
        return list(value) if len(value) == count else [value]  # else one array, written as a list
    return [value]


def _wrong_structure(case_set: CaseSet, wanted: list[np.ndarray], value: Any, where: str) -> str:
    form = f"({', '.join(case_set.returns)})"
    shapes = {array.shape for array in wanted}
    shape = shapes.pop() if len(shapes) == 1 else None
    each = f", each of shape {shape}" if shape else ", each a number" if shape == () else ""
    return f"{case_set.name}{where}: expected {form}{each}, got {_describe(value)}"


def _describe(value: Any) -> str:
    if value is None:
        return "None (is a return missing?)"
    if isinstance(value, Opaque):
        return f"an object of type {value.type_name}"
    if isinstance(value, np.ndarray):
        return f"one array of shape {value.shape}" if value.ndim else "a single number"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, bool):
        return f"the truth value {value}"
    return "a single number" if isinstance(value, int | float) else f"an object of type {type(value).__name__}"


def _form_fault(item: Any, array: np.ndarray | None, target: np.ndarray) -> tuple[str, str]:
    """Return (kind, sentence) if type, dtype or shape of an item are wrong, ("", "") otherwise."""
    if array is None:
        what = f"an array of shape {target.shape}" if target.ndim else "a number"
        return "type", f"should be {what}, got {_describe(item)}"
    if array.dtype.kind == "c":
        return "dtype", f"should be real, but its numbers are complex (dtype {array.dtype})"
    if array.dtype.kind == "b" and target.dtype.kind != "b":
        return "dtype", "should be numbers, got truth values (dtype bool)" if array.ndim else (
            "should be a number, got a truth value"
        )
    if array.shape != target.shape:
        wanted = f"have shape {target.shape}" if target.ndim else "be a single number"
        found = f"has shape {array.shape}" if array.ndim else "is a single number"
        return "shape", f"should {wanted} but {found}"
    if _cut_off(array, target):
        return "dtype", f"holds whole numbers (dtype {array.dtype}), so the fractions are lost; use floating point"
    if array.dtype == np.float16:
        return "dtype", "is of dtype float16, which is too coarse; use float64"
    return "", ""


def _cut_off(array: np.ndarray, target: np.ndarray) -> bool:
    """Return whether these are integers because fractions were cut off or rounded away."""
    if array.dtype.kind not in "iu" or target.dtype.kind != "f" or not (array.ndim or array.any()):
        return False
    return bool((np.abs(target - array) < 1).all() and (target != np.trunc(target)).any())


def _not_finite(array: np.ndarray, close: np.ndarray) -> str:
    bad = array[~close]
    what = "NaN" if np.isnan(bad).any() else "infinite"
    count = int((~np.isfinite(bad)).sum())
    of = f"in {count} of {array.size} entries" if array.size > 1 else ""
    asks = "is something divided by zero, or does it overflow?"
    verb = f"is {what} {of}".rstrip()
    return f"{verb}; {asks}"


def _relative_error(array: np.ndarray, target: np.ndarray, slack: np.ndarray) -> float:
    array, target = np.asarray(array, dtype=float), np.asarray(target, dtype=float)
    finite = np.isfinite(target) & np.isfinite(array)
    if not finite.any():
        return 0.0
    with np.errstate(all="ignore"):
        difference = np.abs(array - target)
        error = np.where(difference == 0, 0.0, difference / np.maximum(np.abs(target), slack))
    return float(np.max(error[finite], initial=0.0))


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
    error = _relative_error(got, wanted, slack)
    views = [("is", numbers)]
    if base is not None and base.shape == wanted.shape and base.dtype.kind in "biuf" and np.any(base):
        views.insert(0, ("moves by", numbers.since(base)))
    for verb, view in views:
        if np.any(view.wanted) and within(view.got, -view.wanted, numbers.rtol, slack).all():
            return Finding("sign", SIGN_MESSAGES[verb], error)
    for verb, view in views:
        ratio = view.ratio()
        if ratio is None or abs(ratio - 1) <= NEAR:
            continue
        forms = _forms(ratio, case)
        # with one entry there always is a factor; it means something only if it can be named
        if forms or np.count_nonzero(view.wanted) > 1:
            named = f" (the factor is {_shortest(forms)})" if forms else ""
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
    position = np.unravel_index(np.argmax(np.abs(got - wanted) / np.maximum(np.abs(wanted), slack)), got.shape)
    entry = f"entry [{', '.join(map(str, position))}] should be" if got.ndim else "it should be"
    return Finding("value", f"is wrong: {entry} {wanted[position]:.6g}, got {got[position]:.6g}", error)


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
