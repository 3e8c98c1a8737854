"""Honest answers in other types, over hundreds of hidden seeds: what a class would lose by a bad draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from grading.exercise import Exercise
from tests.precision import variants
from tests.precision.proof import Finding, Proof, Subject, subjects_of
from tests.precision.sources import built
from utils.check.call import call
from utils.check.cases import Case, CaseSet, Expected
from utils.check.explain import examine

FORMS = (
    variants.float32_in_and_out,
    variants.float32_out,
    variants.float32_tensors_out,
    variants.lists_out,
    variants.tensors_out,
)
OF_CLASSES = (variants.float32_arguments, variants.extended_precision_arguments)


def try_forms(subject: Subject, seeds: Iterable[int]) -> Proof:
    """Put the cases of many seeds to the reference in other types, and record what it loses.

    Only what judges it is worked out: the oracle's values, and what rounding costs only where an answer is off at all.
    """
    proof, forms, known = Proof(subject.name), _forms(subject), set()
    for seed in seeds:
        lost: dict[str, str] = {}
        for case in subject.exercise.draw_cases(seed):
            lost |= _lost(subject.exercise, case, forms)
        proof.counts["form seeds"] += 1
        proof.counts["false alarms"] += bool(lost)
        for form in lost.keys() - known:
            problem = f"is right, but loses points, first under hidden seed {seed}: {lost[form]}"
            proof.findings.append(Finding(subject.name, "honest", form, problem))
        known |= lost.keys()
    return proof


def try_forms_by_name(chapter: str, exercise: str, seeds: int) -> Proof:
    """Try the forms of an exercise of this course under so many hidden seeds."""
    return try_forms(subjects_of(chapter)[exercise], range(1, seeds + 1))


def _forms(subject: Subject) -> dict[str, Callable]:
    return {
        form.__name__: built([variants.decorated(subject.source, subject.name, form)], subject.name, subject.namespace)
        for form in (OF_CLASSES if subject.exercise.is_class else FORMS)
        if (subject.name, form.__name__) not in subject.table.unsuitable
    }


def _lost(exercise: Exercise, case: Case, forms: dict[str, Callable]) -> dict[str, str]:
    """Form -> what is said about it, for the forms that fail a case."""
    outcomes = {form: call(function, case) for form, function in forms.items()}
    values = exercise.oracle_values(case)
    exact = _alone(exercise, case, Expected(values, [[np.zeros(item.shape) for item in step] for step in values], {}))
    off = {form: outcome for form, outcome in outcomes.items() if not examine(exact, 0, outcome, reveal=False).passed}
    if not off:
        return {}
    due = _alone(exercise, case, Expected(values, exercise.slack(case, values), {}))
    found = {form: examine(due, 0, outcome, reveal=False) for form, outcome in off.items()}
    return {form: f"{one.message} ({case.group}, {case.label})" for form, one in found.items() if not one.passed}


def _alone(exercise: Exercise, case: Case, expected: Expected) -> CaseSet:
    return replace(exercise.empty(), cases=[case], expected=[expected])
