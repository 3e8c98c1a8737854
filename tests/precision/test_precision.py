"""The exercises of the course as graders: what `python -m tests.precision` proves, with fewer hidden cases.

A class for each chapter, so that several processes can share them. Every exercise that is added has to pass all of it.
"""

import ast
import functools
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console
from rich.progress import Progress

from grading.course import ROOT, Course
from grading.exercise import PUBLISHED_SEED, chapters_with_exercises
from tests.precision import docstrings
from tests.precision.corners import only_once, unnoticed, with_a_buffer
from tests.precision.judging import judged_function
from tests.precision.pipeline import HIDDEN_SEED, grade_answers, prove_agreement
from tests.precision.proof import Proof, exercise_names, prove, subjects_of
from tests.precision.variants import helper_in_an_extra_cell, lambda_, prints_and_warns, timed_cell
from utils.check.call import call

SEEDS = (PUBLISHED_SEED, HIDDEN_SEED)
# a kernel differs from this process in the cells that it runs and in what it does with their outputs
THROUGH_PIPELINE = {form.__name__ for form in (timed_cell, helper_in_an_extra_cell, lambda_, prints_and_warns)}


@functools.cache
def texts(chapter):
    return docstrings.docstrings(Course.here(), chapter)


def pytest_generate_tests(metafunc):
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", exercise_names(Course.here(), metafunc.cls.chapter))


def formulas(source):
    """Every formula of a source, without spaces."""
    return {re.sub(r"\s", "", ast.unparse(node)) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.BinOp)}


def numbers_in(inputs):
    """Every array of floats among some inputs, and every float."""
    floats = [np.array(value) for value in inputs if isinstance(value, float)]
    return floats + [array for array in docstrings.arrays_in(inputs) if array.dtype.kind == "f"]


class Chapter:
    """What has to hold for each exercise of a chapter."""

    chapter: str

    @pytest.fixture
    def subject(self, name):
        return subjects_of(self.chapter)[name]

    def test_wrong_answers_lose_points_and_right_ones_keep_them(self, subject):
        proof = prove(subject, [HIDDEN_SEED])
        assert proof.findings == []
        assert proof.counts["disagreements"] == 0
        assert proof.counts["killed"] >= 5 and proof.counts["honest kept"] >= 4

    @pytest.mark.parametrize("seed", SEEDS)
    def test_every_case_notices_a_zero_a_sign_and_a_value_of_its_neighbours(self, subject, seed):
        assert unnoticed(subject.cases(seed), subject.exercise.oracle) == []

    @pytest.mark.parametrize("seed", SEEDS)
    def test_result_in_a_buffer_that_is_used_again_loses_points(self, subject, seed):
        if all(isinstance(value, str) for value in self.first_values(subject, seed)):
            return  # a text cannot change
        result = judged_function(subject.cases(seed), with_a_buffer(subject.function))
        assert result.status != "passed"

    def first_values(self, subject, seed):
        return [call(subject.function, case).values[0] for case in subject.cases(seed).cases]

    @pytest.mark.parametrize("seed", SEEDS)
    def test_function_that_answers_only_once_loses_points(self, subject, seed):
        result = judged_function(subject.cases(seed), only_once(subject.function))
        assert result.status != "passed" and result.cause == "state"

    @pytest.mark.parametrize("seed", SEEDS)
    def test_any_shape_is_tried_with_three_axes(self, subject, name, seed):
        if docstrings.promises_any_shape(name, texts(self.chapter)):
            assert docstrings.most_axes(subject.cases(seed)) >= 3

    @pytest.mark.parametrize("seed", SEEDS)
    def test_integers_are_handed_over_where_the_docstring_says_so(self, subject, name, seed):
        said = docstrings.arguments(name, texts(self.chapter))
        for argument, kinds in docstrings.kinds(subject.cases(seed), subject.exercise.driver).items():
            if subject.exercise.driver and not kinds:
                continue  # what the driver makes something else of before it hands it over
            assert argument in said, f"the docstring says nothing of {argument}"
            ints, floats = docstrings.says_int(said[argument]), docstrings.says_float(said[argument])
            assert ints or not kinds & {"i", "u"}, f"{argument} is handed over as integers: {said[argument]}"
            assert not (ints and floats) or kinds >= {"f", "i"}, f"{argument} may be floats or ints, was {kinds}"

    @pytest.mark.parametrize("seed", SEEDS)
    def test_docstring_says_that_inputs_are_not_modified(self, subject, name, seed):
        if any(docstrings.kinds(subject.cases(seed), subject.exercise.driver).values()):
            assert "not modified" in texts(self.chapter)[name]

    def test_tolerance_stays_small_beside_the_answers(self, subject, name):
        cases, expected = subject.cases(HIDDEN_SEED).cases, subject.cases(HIDDEN_SEED).expected
        inputs = [value for case in cases for value in case.inputs.values()]
        scale = max((np.abs(array).max(initial=0.0) for array in numbers_in(inputs)), default=0.0)
        share = 1e-2 if name in subject.table.loose else 1e-4
        if subject.exercise.holds:
            return  # a property says what is right, and has its own tolerance
        for position in range(len(subject.exercise.returns)):
            largest = max(np.abs(items[position]).max(initial=0) for answer in expected for items in answer.values)
            widest = max(slack[position].max(initial=0) for answer in expected for slack in answer.slack)
            # what is always exactly zero has no size of its own: there float64 may lose the inputs' last digits
            assert widest <= (share * largest or 1e-14 * scale)

    def test_expected_values_do_not_depend_on_the_number_of_threads(self, subject):
        before, cases, values = torch.get_num_threads(), subject.exercise.draw_cases(HIDDEN_SEED), []
        try:
            for threads in (1, 2):
                torch.set_num_threads(threads)
                values.append([subject.exercise.oracle_values(case) for case in cases])
        finally:
            torch.set_num_threads(before)
        one, two = ([item for case in found for step in case for item in step] for found in values)
        assert all(map(np.array_equal, one, two))

    def test_hints_are_no_solution(self, subject):
        allowed = {formula.replace(" ", "") for formula in subject.table.in_hints}
        for wrong in subject.exercise.misconceptions:
            squeezed = re.sub(r"[\s`]", "", wrong.hint)
            assert {formula for formula in formulas(subject.source) if formula in squeezed} <= allowed, wrong.slug
            assert "def " not in wrong.hint, wrong.slug
            assert len(wrong.hint) < 200, wrong.slug

    def test_pipeline_agrees(self, tmp_path):
        course = Course(ROOT, Path(tmp_path) / "gradebook")
        found = subjects_of(self.chapter)
        chosen = [
            answer
            for subject in found.values()
            for answer in [*subject.honest, *subject.misconceptions[:1], *subject.mutants[:1]]
            if answer.kind != "honest" or answer.name in THROUGH_PIPELINE
        ]
        with Progress(console=Console(quiet=True)) as progress:
            rows = grade_answers(course, self.chapter, found, chosen, progress, workers=0)
        proof = Proof("all")
        for answer, row in rows.items():
            prove_agreement(proof, found[answer.exercise], answer, row)
        assert proof.findings == []
        assert proof.counts["pipeline agreed"] == len(chosen)


for _chapter in chapters_with_exercises(Course.here()):
    _name = f"Test{_chapter.title().replace('_', '')}"
    globals()[_name] = type(_name, (Chapter,), {"chapter": _chapter})
