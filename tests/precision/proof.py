"""The proof for one exercise: wrong answers lose points, right ones keep them, published and hidden cases agree."""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat

from grading.authoring.simulate import reference_answers
from grading.authoring.standalone import standalone
from grading.cells import exercise_name, is_solution
from grading.course import STUB, Course
from grading.exercise import PUBLISHED_SEED, Exercise, load_exercises
from grading.regions import BEGIN_GIVEN, released
from tests.precision.judging import Answer, judged, loses, named_only
from tests.precision.learnt import points_by_heart
from tests.precision.mutants import mutants
from tests.precision.sources import body_only, built, chapter_namespace
from tests.precision.table import ChapterTable, Equivalent, NoTable, Row, load_table
from tests.precision.variants import OF_CLASSES, OF_MISCONCEPTIONS, decorated, honest_forms
from utils.check.cases import CaseSet
from utils.check.published import CHECKS_NAME
from utils.check.verdict import Verdict, judge

HONEST_AT_LEAST = 2  # honest variants that an author writes by hand
HIDDEN_SEEDS = range(1, 11)


@dataclass(frozen=True)
class Finding:
    """Something that must not be: what is wrong, with which answer to which exercise."""

    exercise: str
    kind: str
    name: str
    problem: str
    source: str = ""


def fault(answer: Answer, result: Verdict) -> str:
    """Say what is wrong with the result of an answer, "" if it is what the answer deserves."""
    if answer.right and result.status != "passed":
        return f"is right, but loses points: {result.message}"
    if not answer.right and result.status == "passed":
        return "is wrong, but keeps all points"
    if answer.slug and result.misconception != answer.slug:
        return f"should be named {answer.slug}, but is taken for {result.misconception or 'nothing'}"
    return ""


@dataclass
class Proof:
    """What was tried for an exercise, and what was found.

    counts : e.g. "misconceptions lost" -> 7.
    """

    exercise: str
    counts: Counter = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def find(self, answer: Answer, problem: str) -> None:
        self.findings.append(Finding(answer.exercise, answer.kind, answer.name, problem, "\n\n".join(answer.cells)))


@dataclass
class Subject:
    """An exercise under proof.

    source : the reference solution.  namespace : what it finds around it.
    given : the code with bugs that students get instead of a stub, "" for a stub.
    published : the cases that students have, None to draw them.
    """

    exercise: Exercise
    source: str
    table: ChapterTable = field(default_factory=lambda: ChapterTable(""))
    namespace: dict[str, Any] = field(default_factory=dict)
    published: CaseSet | None = None
    given: str = ""
    _drawn: dict[int, CaseSet] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.exercise.name

    def cases(self, seed: int) -> CaseSet:
        """Cases by seed; those of the published seed are the ones that students have."""
        if seed == PUBLISHED_SEED and self.published:
            return self.published
        if seed not in self._drawn:
            self._drawn[seed] = self.exercise.draw(seed)
        return self._drawn[seed]

    def judged(self, answer: Answer, seed: int) -> Verdict:
        # what is said of a misconception is another matter, for which the published cases are enough
        silent = answer.kind == "converted" or (answer.kind == "misconception" and seed != PUBLISHED_SEED)
        conclude = named_only if silent else judge
        return judged(self.cases(seed), answer, self.namespace, conclude)

    @cached_property
    def function(self) -> Callable:
        """The reference solution as a function."""
        return built([self.source], self.name, self.namespace)

    @cached_property
    def reference(self) -> Answer:
        return self._answer("reference", "reference", self.source)

    @cached_property
    def honest(self) -> list[Answer]:
        forms = honest_forms(self.source, self.name, self.exercise.parameters, self.exercise.is_class)
        automatic = [
            self._answer("honest", form, *cells)
            for form, cells in forms.items()
            if (self.name, form) not in self.table.unsuitable
        ]
        return automatic + self._by_hand("honest", self.table.honest_rows)

    @cached_property
    def misconceptions(self) -> list[Answer]:
        return [
            self._answer("misconception", wrong.slug, standalone(wrong.function, self.name), slug=wrong.slug)
            for wrong in self.exercise.misconceptions
        ]

    @cached_property
    def converted(self) -> list[Answer]:
        """Misconceptions in other types; not those that only write into their inputs, for a copy is another array."""
        return [
            self._answer("converted", f"{wrong.name}, {form.__name__}", source, slug=wrong.slug)
            for wrong in self.misconceptions
            if not _only_mutates(self.judged(wrong, PUBLISHED_SEED))
            for form in (OF_CLASSES if self.exercise.is_class else OF_MISCONCEPTIONS)
            if (self.name, form.__name__) not in self.table.unsuitable
            for source in [decorated(wrong.cells[-1], self.name, form)]
        ]

    @cached_property
    def wrong(self) -> list[Answer]:
        given = [self._answer("wrong", "the code as it is given", self.given)] if self.given else []
        return given + self._by_hand("wrong", self.table.wrong_rows)

    @property
    def written(self) -> list[Answer]:
        """The answers that a person might write: right ones, misconceptions and further wrong ones."""
        return [self.reference, *self.honest, *self.misconceptions, *self.wrong]

    @property
    def answers(self) -> list[Answer]:
        unmutated = self._answer("reference", "without slip", body_only(self.source, self.name))
        return [*self.written, *self.converted, unmutated, *self.mutants]

    @cached_property
    def mutants(self) -> list[Answer]:
        return [
            self._answer("mutant", mutant.operator, mutant.source, was=mutant.was, becomes=mutant.becomes)
            for mutant in mutants(self.source, self.name)
        ]

    def is_equivalent(self, answer: Answer) -> bool:
        """Return whether the table lists a mutant as computing the same."""
        return any(_describes(row, answer) for row in self.table.equivalents)

    def _by_hand(self, kind: str, rows: Iterable[Row]) -> list[Answer]:
        return [
            self._answer(kind, row.name, row.source(self.exercise.parameters))
            for row in rows
            if row.exercise == self.name
        ]

    def _answer(self, kind: str, name: str, *cells: str, **more: str) -> Answer:
        return Answer(self.name, kind, name, cells, **more)


def load_subjects(course: Course, chapter: str) -> dict[str, Subject]:
    """Return every exercise of a chapter, ready to be proven. Raises NoTable if the chapter has no table."""
    table, answers, published, given = (
        load_table(chapter),
        reference_answers(course, chapter),
        published_cases(course, chapter),
        given_code(course, chapter),
    )
    namespace = chapter_namespace(course, chapter, answers)
    exercises = load_exercises(Course.here(), chapter)
    unknown = table.exercises() - set(exercises)
    if unknown:
        raise NoTable(f"tests/precision/{chapter} names exercises that do not exist: {', '.join(sorted(unknown))}")
    return {
        name: Subject(exercise, answers[name], table, namespace, published[name], given.get(name, ""))
        for name, exercise in exercises.items()
    }


@functools.cache
def subjects_of(chapter: str) -> dict[str, Subject]:
    """The exercises of a chapter of this course, loaded once a process."""
    return load_subjects(Course.here(), chapter)


def prove_by_name(chapter: str, exercise: str, seeds: int) -> Proof:
    """Prove an exercise of this course on the published cases and on so many hidden ones."""
    return prove(subjects_of(chapter)[exercise], range(1, seeds + 1))


def exercise_names(course: Course, chapter: str) -> list[str]:
    """The names of a chapter's exercises, read from its checks file, which takes no time."""
    return [data["name"] for data in json.loads((course.solutions / chapter / CHECKS_NAME).read_text())["exercises"]]


def published_cases(course: Course, chapter: str) -> dict[str, CaseSet]:
    """Exercise -> the cases that students have, read from the chapter's checks file."""
    path: Path = course.solutions / chapter / CHECKS_NAME
    return {data["name"]: CaseSet.from_plain(data) for data in json.loads(path.read_text())["exercises"]}


def given_code(course: Course, chapter: str) -> dict[str, str]:
    """Exercise -> the code with bugs that students find in its cell, for those that have no stub."""
    return {
        exercise_name(cell): released(cell.source, STUB)
        for path in sorted((course.solutions / chapter).glob("*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
        if is_solution(cell) and BEGIN_GIVEN in cell.source
    }


def prove(subject: Subject, hidden_seeds: Iterable[int] = HIDDEN_SEEDS) -> Proof:
    """Try every answer to an exercise on the published cases and on hidden ones."""
    proof, seeds = Proof(subject.name), [PUBLISHED_SEED, *hidden_seeds]
    for answer in subject.answers:
        if answer.kind in {"wrong", "mutant"}:
            _prove_lost(proof, subject, answer, seeds)
        else:
            _prove_deserved(proof, subject, answer, seeds)
    for seed in seeds[1:]:
        _prove_nothing_learnt(proof, subject, seed)
    _check_table(proof, subject)
    return proof


def _prove_deserved(proof: Proof, subject: Subject, answer: Answer, seeds: list[int]) -> None:
    """Judge a right answer, or a misconception, by every set of cases."""
    results = {seed: subject.judged(answer, seed) for seed in seeds}
    faults = {seed: problem for seed, result in results.items() if (problem := fault(answer, result))}
    if faults:
        proof.find(answer, f"{next(iter(faults.values()))} ({_where(faults, seeds)})")
    _check_agreement(proof, faults, seeds)
    if answer.right:
        proof.counts["honest lost" if faults else "honest kept"] += answer.kind == "honest"
        return
    kind = "misconceptions" if answer.kind == "misconception" else "converted"
    proof.counts[kind] += 1
    proof.counts[f"{kind} lost"] += all(result.status != "passed" for result in results.values())
    proof.counts[f"{kind} named"] += all(result.misconception == answer.slug for result in results.values())


def _prove_lost(proof: Proof, subject: Subject, answer: Answer, seeds: list[int]) -> None:
    """Find out whether a mutant, or another wrong answer, loses points by every set of cases."""
    keeping = [seed for seed in seeds if not loses(subject.cases(seed), answer, subject.namespace)]
    losing = [seed for seed in seeds if seed not in keeping]
    equivalent = subject.is_equivalent(answer)
    if equivalent and losing:
        proof.find(answer, f"is listed as equivalent, but loses points ({_where(losing, seeds)})")
    if keeping and not equivalent:
        proof.find(answer, f"is wrong, but keeps all points ({_where(keeping, seeds)})")
    if answer.kind == "wrong":
        proof.counts["wrong kept" if keeping else "wrong lost"] += 1
    else:
        proof.counts["equivalent" if equivalent else "survived" if keeping else "killed"] += 1
    _check_agreement(proof, keeping, seeds)


def _prove_nothing_learnt(proof: Proof, subject: Subject, seed: int) -> None:
    """Who gives the answer of the published case whose inputs are nearest must earn nothing in the hidden ones."""
    points = points_by_heart(subject.cases(PUBLISHED_SEED), subject.cases(seed), subject.exercise.oracle)
    if points:
        problem = f"repeats the answers to the nearest published cases and earns {points:g} under seed {seed}"
        proof.findings.append(Finding(subject.name, "wrong", "learnt by heart", problem))


def _check_agreement(proof: Proof, deviating: Iterable[int], seeds: list[int]) -> None:
    """Count an answer about which the published cases say one thing and some hidden ones another."""
    odd = set(deviating)
    proof.counts["disagreements"] += 0 < len(odd) < len(seeds)


def _check_table(proof: Proof, subject: Subject) -> None:
    """A row that describes nothing any more is an error."""
    table, name = subject.table, subject.name
    for row in table.equivalents:
        if row.exercise == name and not any(_describes(row, mutant) for mutant in subject.mutants):
            problem = f"is listed as an equivalent mutant, but no mutant changes {row.was!r} to {row.becomes!r}"
            proof.findings.append(Finding(name, "table", "equivalent", problem))
    forms = honest_forms(subject.source, name, subject.exercise.parameters, subject.exercise.is_class)
    for exercise, form in table.unsuitable:
        if exercise == name and form not in forms:
            proof.findings.append(Finding(name, "table", form, "is listed as unsuitable, but there is no such form"))
        elif exercise == name:
            answer = Answer(name, "honest", form, tuple(forms[form]))
            if subject.judged(answer, PUBLISHED_SEED).status == "passed":
                proof.find(answer, "is listed as unsuitable, but keeps all points")
    by_hand = sum(row.exercise == name for row in table.honest_rows)
    if by_hand < HONEST_AT_LEAST:
        problem = f"there are {by_hand} honest variants written by hand, expected at least {HONEST_AT_LEAST}"
        proof.findings.append(Finding(name, "table", "honest", problem))


def _describes(row: Equivalent, mutant: Answer) -> bool:
    return (row.exercise, row.was, row.becomes) == (mutant.exercise, mutant.was, mutant.becomes)


def _only_mutates(result: Verdict) -> bool:
    return {row.kind for row in result.findings if not row.passed} == {"mutated"}


def _where(deviating: Iterable[int], seeds: list[int]) -> str:
    """Say under which cases: "in the published and 3 of 20 hidden sets of cases"."""
    odd = set(deviating)
    hidden = len(odd - {PUBLISHED_SEED})
    published = "the published and " if PUBLISHED_SEED in odd else ""
    return f"in {published}{hidden} of {len(seeds) - 1} hidden sets of cases"
