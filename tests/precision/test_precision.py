"""The exercises of the course as graders: what `python -m tests.precision` proves, with fewer hidden cases."""

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
from grading.exercise import chapters_with_exercises
from tests.precision.pipeline import grade_answers, prove_agreement
from tests.precision.proof import Proof, load_subjects, prove
from tests.precision.variants import helper_in_an_extra_cell, lambda_, prints_and_warns, timed_cell

HIDDEN_SEEDS = (101, 202)
CHAPTERS = chapters_with_exercises(Course.here())
# a kernel differs from this process in the cells that it runs and in what it does with their outputs
THROUGH_PIPELINE = {form.__name__ for form in (timed_cell, helper_in_an_extra_cell, lambda_, prints_and_warns)}


@functools.cache
def subjects(chapter):
    return load_subjects(Course.here(), chapter)


EXERCISES = [(chapter, name) for chapter in CHAPTERS for name in subjects(chapter)]
each_exercise = pytest.mark.parametrize(("chapter", "name"), EXERCISES, ids=[name for _, name in EXERCISES])


@each_exercise
def test_wrong_answers_lose_points_and_right_ones_keep_them(chapter, name):
    proof = prove(subjects(chapter)[name], HIDDEN_SEEDS)
    assert proof.findings == []
    assert proof.counts["disagreements"] == 0
    assert proof.counts["killed"] >= 5 and proof.counts["honest kept"] >= 4


@each_exercise
def test_tolerance_stays_small_beside_the_answers(chapter, name):
    subject = subjects(chapter)[name]
    expected = subject.cases(HIDDEN_SEEDS[0]).expected
    share = 1e-2 if name in subject.table.loose else 1e-4
    if subject.exercise.holds:
        return  # a property says what is right, and has its own tolerance
    for position in range(len(subject.exercise.returns)):
        largest = max(np.abs(items[position]).max() for answer in expected for items in answer.values)
        assert max(slack[position].max() for answer in expected for slack in answer.slack) <= share * largest


@each_exercise
def test_results_do_not_depend_on_the_number_of_threads(chapter, name):
    before, results = torch.get_num_threads(), []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            subject = load_subjects(Course.here(), chapter)[name]  # a new one, so that the oracle is asked again
            found = [subject.judged(answer, HIDDEN_SEEDS[0]) for answer in subject.written]
            results.append([(result.points, result.status, result.misconception) for result in found])
    finally:
        torch.set_num_threads(before)
    assert results[0] == results[1]


def formulas(source):
    """Every formula of a source, without spaces."""
    return {re.sub(r"\s", "", ast.unparse(node)) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.BinOp)}


@each_exercise
def test_hints_are_no_solution(chapter, name):
    subject = subjects(chapter)[name]
    allowed = {formula.replace(" ", "") for formula in subject.table.in_hints}
    for wrong in subject.exercise.misconceptions:
        squeezed = re.sub(r"[\s`]", "", wrong.hint)
        assert {formula for formula in formulas(subject.source) if formula in squeezed} <= allowed, wrong.slug
        assert "def " not in wrong.hint, wrong.slug
        assert len(wrong.hint) < 200, wrong.slug


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_pipeline_agrees(chapter, tmp_path):
    course = Course(ROOT, Path(tmp_path) / "gradebook")
    chosen = [
        answer
        for subject in subjects(chapter).values()
        for answer in [*subject.honest, *subject.misconceptions[:1], *subject.mutants[:1]]
        if answer.kind != "honest" or answer.name in THROUGH_PIPELINE
    ]
    with Progress(console=Console(quiet=True)) as progress:
        rows = grade_answers(course, chapter, subjects(chapter), chosen, progress, workers=0)
    proof = Proof("all")
    for answer, row in rows.items():
        prove_agreement(proof, subjects(chapter)[answer.exercise], answer, row)
    assert proof.findings == []
    assert proof.counts["pipeline agreed"] == len(chosen)
