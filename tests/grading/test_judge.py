"""Nothing that a student's kernel says can set a score, or harm who opens the graded notebook."""

import json
from dataclasses import replace

import nbformat
import pytest
from nbgrader.utils import determine_grade

from grading.cells import exercise_name, grade_id, is_check, is_hand_graded, is_solution
from grading.intake.harmless import harmless_outputs
from grading.judging.hidden_cases import hidden_cases
from grading.judging.judge import VERDICT_MIME, judge_notebook, read_verdict, verdict_outputs, without_answers
from grading.sandbox.pool import POOL
from tests.sample import CHAPTER, COURSE, NOTEBOOK
from utils.check.explain import Finding
from utils.check.verdict import Verdict

SEED = 12345
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def kept(*outputs):
    """What is left of a student's outputs, as one text."""
    return json.dumps(harmless_outputs(list(outputs)))


def display(data, metadata=None):
    return {"output_type": "display_data", "data": data, "metadata": metadata or {}}


@pytest.mark.parametrize(
    "mime",
    ["text/html", "text/markdown", "text/latex", "image/svg+xml", "application/javascript", "image/jpeg", VERDICT_MIME],
)
def test_outputs_of_other_kinds_are_dropped(mime):
    assert kept(display({mime: "<script>alert(1)</script>", "text/plain": "fine"})) == kept(
        display({"text/plain": "fine"})
    )


def test_png_is_kept_without_metadata():
    text = kept(display({"image/png": PNG}, {"image/png": {"width": "1 onerror=alert(1)"}}))
    assert PNG in text
    assert "onerror" not in text


@pytest.mark.parametrize("data", ["<svg onload=alert(1)>", "PHN2Zz4=", 17, ["x"], None])
def test_what_is_no_png_is_dropped(data):
    assert kept(display({"image/png": data})) == "[]"


def test_traceback_becomes_text():
    raw = {"output_type": "error", "ename": "<b>", "evalue": "x", "traceback": ["\x1b[31m<script>\x1b[0m"]}
    (output,) = harmless_outputs([raw])
    assert (output.output_type, output.text) == ("stream", "<script>\n")


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

CRASH = "import ctypes\ndef sgd_step(theta, grad, lr):\n    ctypes.string_at(0)\n"
FORGERS = {
    "replaced-protocol": (
        "import utils.check.call, json\n"
        "utils.check.call.answer = lambda *a: json.dumps({'values': [5.0], 'mutated': [], 'failure': None})\n"
        "utils.check.call.answers = lambda f, cases: f'[{utils.check.call.answer()}]'"
    ),
    "malformed-answers": (
        "import utils.check.call\nutils.check.call.answer = lambda *a: '{' * 10**6\n"
        "utils.check.call.answers = lambda *a: '[' * 10**6"
    ),
    "replaced-comparison": (
        "import numpy as np, utils.check.compare, utils.check.verdict\nnp.allclose = lambda *a, **k: True\n"
        "utils.check.compare.within = lambda *a: np.array(True)\nutils.check.verdict.judge = lambda *a, **k: 1/0"
    ),
    "forged-verdict": (
        "from IPython.display import display\n"
        f"display({{'{VERDICT_MIME}': {{'points': 2.0}}, 'text/plain': '2.0'}}, raw=True)"
    ),
    "forged-result": "import sys\nsys.displayhook(2.0)\nget_ipython().displayhook(2.0)\n2.0",
}
LIARS = """
class Yes(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return Yes(0)
    def __array__(self, *a, **k): return __import__('numpy').zeros(3)
    def __float__(self): return 0.0
def linear_decay(k, lr0, lr_tau, tau): return Yes(1.0)
"""


def judged(notebook, limits):
    with POOL.lend(COURSE, limits) as sandbox:
        return judge_notebook(notebook, hidden_cases(COURSE, CHAPTER, SEED), sandbox, limits)


@pytest.fixture(scope="module")
def forged(short_limits, right_answers):
    """A wrong notebook with every forger's cell at the top, and a solution that crashes its kernel."""

    def run(name):
        notebook = COURSE.read_release(CHAPTER, NOTEBOOK)
        for cell in notebook.cells:
            if is_solution(cell) and not is_hand_graded(cell):
                exercise = exercise_name(cell)
                parameters = right_answers[exercise].partition("(")[2].partition(")")[0]
                cell.source = f"def {exercise}({parameters}):\n    return 0.0"
            if grade_id(cell) == "linear-decay":
                cell.source = LIARS
        first = next(i for i, cell in enumerate(notebook.cells) if is_solution(cell))
        notebook.cells.insert(first, nbformat.v4.new_code_cell(FORGERS[name], id="forger"))
        return notebook, judged(notebook, short_limits)

    return run


@pytest.mark.parametrize("name", FORGERS)
def test_forger_earns_nothing(forged, name):
    notebook, graded = forged(name)
    assert {verdict.points for verdict in graded.verdicts} == {0.0}
    assert {determine_grade(cell)[0] for cell in graded.into(notebook).cells if is_check(cell)} == {0.0}


def test_crash_in_a_call_costs_that_exercise_alone(short_limits, right_answers):
    notebook = COURSE.read_release(CHAPTER, NOTEBOOK)
    for cell in notebook.cells:
        if is_solution(cell) and not is_hand_graded(cell):
            cell.source = {**right_answers, "sgd_step": CRASH}[exercise_name(cell)]
    verdicts = {verdict.exercise: verdict for verdict in judged(notebook, short_limits).verdicts}
    crashed = verdicts.pop("sgd_step")
    assert (crashed.points, crashed.status) == (0.0, "error")
    assert "the kernel ended" in crashed.message
    assert all(verdict.status == "passed" for verdict in verdicts.values())
