"""Nothing that a student's kernel says can set a score, or harm who opens the graded notebook."""

from dataclasses import replace

import nbformat
import pytest
from nbgrader.utils import determine_grade

from grading.cells import exercise_name, is_check, is_hand_graded, is_solution
from grading.judging.hidden_cases import hidden_cases
from grading.judging.judge import judge_notebook, read_verdict, verdict_outputs, without_answers
from grading.sandbox.pool import POOL
from tests.sample import CHAPTER, COURSE, NOTEBOOK
from utils.check.explain import Finding
from utils.check.verdict import Verdict

SEED = 12345


def check_cell(points=4):
    cell = nbformat.v4.new_code_cell("check(f)")
    cell.metadata["nbgrader"] = {
        "grade": True,
        "grade_id": "f-check",
        "points": points,
        "solution": False,
        "locked": True,
        "schema_version": 3,
    }
    return cell


@pytest.mark.parametrize("points", [0.0, 1.33, 4.0])
def test_written_verdict_is_the_score_nbgrader_reads(points):
    cell = check_cell()
    cell.outputs = verdict_outputs(Verdict("f", points, 4.0, "partial"))
    assert determine_grade(cell) == (points, 4.0)


def test_verdict_survives_writing_and_reading():
    cell = check_cell()
    finding = Finding("value", "f is wrong", group="g", label="x=1")
    written = Verdict(
        *("f", 1.0, 4.0, "failed", "value", "", "ascends", "Which way?", "f is wrong", "a note", 0.25),
        findings=(finding,),
        groups=(("g", 1.0),),
    )
    cell.outputs = verdict_outputs(written)
    read = nbformat.reads(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])), as_version=4).cells[0]
    assert read_verdict(read).to_plain() == written.to_plain()
    assert read_verdict(read) == replace(written, findings=(), groups=())


def test_student_text_in_a_verdict_is_escaped():
    cell = check_cell()
    cell.outputs = verdict_outputs(Verdict("f", 0.0, 4.0, "error", message="f raised <script>alert(1)</script>"))
    page = cell.outputs[1]["data"]["text/html"]
    assert "<script>" not in page and "&lt;script&gt;" in page


def test_release_without_answers_scores_zero_everywhere():
    release = COURSE.read_release(CHAPTER, NOTEBOOK)
    graded = without_answers(release, hidden_cases(COURSE, CHAPTER, SEED), "missing", "unreadable", "no such notebook")
    assert all(cell.outputs == [] for cell in release.cells if cell.cell_type == "code")
    assert {(v.points, v.status, v.cause, v.message) for v in graded.verdicts} == {
        (0.0, "missing", "unreadable", "no such notebook")
    }
    notebook = graded.into(release)
    assert {determine_grade(cell)[0] for cell in notebook.cells if is_check(cell)} == {0.0}


def test_check_cell_without_a_verdict_is_refused():
    release = COURSE.read_release(CHAPTER, NOTEBOOK)
    graded = without_answers(release, hidden_cases(COURSE, CHAPTER, SEED), "missing", "unreadable", "no such notebook")
    del graded.outputs["sgd-step-check"]
    with pytest.raises(ValueError, match="the check cell 'sgd-step-check' was given no verdict"):
        graded.into(release)


# --- through the sandbox


def judged(limits, answers):
    """Judge a notebook with these answers; exercise -> verdict."""
    notebook = COURSE.read_release(CHAPTER, NOTEBOOK)
    for cell in notebook.cells:
        if is_solution(cell) and not is_hand_graded(cell):
            cell.source = answers[exercise_name(cell)]
    with POOL.lend(COURSE, limits) as sandbox:
        graded = judge_notebook(notebook, hidden_cases(COURSE, CHAPTER, SEED), sandbox, limits)
    return {verdict.exercise: verdict for verdict in graded.verdicts}


def test_answers_that_are_no_json_earn_nothing(short_limits, right_answers):
    garble = "import utils.check.call as c\nc._Shown = lambda text: '[' * 10**6\n"
    answers = right_answers | {"sgd_step": garble + right_answers["sgd_step"]}
    for verdict in judged(short_limits, answers).values():
        assert (verdict.points, verdict.status) == (0.0, "error") and "no proper answer" in verdict.message


def test_crash_in_a_call_costs_that_exercise_alone(short_limits, right_answers):
    crash = "import ctypes\ndef sgd_step(theta, grad, lr):\n    ctypes.string_at(0)\n"
    verdicts = judged(short_limits, right_answers | {"sgd_step": crash})
    crashed = verdicts.pop("sgd_step")
    assert (crashed.points, crashed.status) == (0.0, "error")
    assert "the kernel ended" in crashed.message
    assert all(verdict.status == "passed" for verdict in verdicts.values())
