"""Nothing that a student's kernel says can set a score, or harm who opens the graded notebook."""

import json
import time
from dataclasses import replace

import nbformat
import pytest
from nbgrader.utils import determine_grade

from grading.cells import is_check
from grading.intake.rebuild import read_submission, rebuild
from grading.judging import judge
from grading.judging.hidden_cases import hidden_cases
from grading.judging.judge import judge_notebook, read_verdict, verdict_outputs, without_answers
from grading.sandbox import Execution
from grading.sandbox.pool import POOL
from tests.attacks.attack import insert
from tests.sample import CHAPTER, COURSE, NOTEBOOK, filled
from utils.check.explain import Finding
from utils.check.verdict import Verdict, evaluate

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
    return judged_notebook(limits, filled(**answers))


def judged_notebook(limits, notebook):
    """Judge a notebook, given as JSON; exercise -> verdict."""
    notebook = rebuild(COURSE.read_release(CHAPTER, NOTEBOOK), read_submission(json.dumps(notebook).encode()))
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


def test_cell_that_kills_its_kernel_costs_no_other_cell(short_limits, right_answers):
    notebook = filled(**right_answers)
    insert(notebook, "momentum-step", "import os; os._exit(3)")
    verdicts = judged_notebook(short_limits, notebook)
    assert {name for name, verdict in verdicts.items() if verdict.status != "passed"} == set()


class _Mortal:
    """A kernel that dies at a cell as often as is said; notes what it ran."""

    ran, deaths = [], {}

    def __init__(self, seconds):
        self.alive = True
        self.ran.append([])

    def run(self, source):
        self.ran[-1].append(source)
        self.deaths[source] = self.deaths.get(source, 0) - 1
        self.alive = self.deaths[source] < 0
        return Execution("ok" if self.alive else "died")

    def close(self):
        pass


@pytest.mark.parametrize(
    ("deaths", "last"), [({"b": 1}, ["a", "b", "c"]), ({"b": 2}, ["a", "c"]), ({"b": 9}, ["a", "c"])]
)
def test_cell_at_which_a_kernel_dies_is_run_once_more(short_limits, monkeypatch, deaths, last):
    monkeypatch.setattr(_Mortal, "ran", [])
    monkeypatch.setattr(_Mortal, "deaths", dict(deaths))
    runner = judge._Runner(_Mortal, short_limits)
    assert [runner.run(source).status for source in "abc"] == ["ok", "ok" if "b" in last else "died", "ok"]
    assert _Mortal.ran[-1] == last


def test_cells_that_sleep_when_replayed_take_no_longer_than_a_submission_may(short_limits, right_answers):
    limits = replace(short_limits, submission_seconds=6)
    notebook = filled(**right_answers)
    for _ in range(3):
        insert(notebook, "sgd-step", "import time; time.sleep(1.5)")
        insert(notebook, "exponential-decay", "import os; os._exit(3)")
    began = time.monotonic()
    verdicts = judged_notebook(limits, notebook)
    assert time.monotonic() - began < 12
    assert verdicts["averaged_momentum_step"].points == 0
    assert "the notebook took more than 6 seconds" in verdicts["averaged_momentum_step"].message


def test_variables_of_any_name_cost_nothing(short_limits, right_answers):
    notebook = filled(**right_answers)
    insert(
        notebook, "sgd-step", "globals = __import__ = check = locals = vars = json = exec = eval = repr = str = None"
    )
    verdicts = judged_notebook(short_limits, notebook)
    assert {verdict.status for verdict in verdicts.values()} == {"passed"}


def test_failure_of_the_grader_is_an_error_of_one_exercise(short_limits, right_answers, monkeypatch):
    def failing(case_set, *arguments, **options):
        if case_set.name == "linear_decay":
            raise ZeroDivisionError("of the judge")
        return evaluate(case_set, *arguments, **options)

    monkeypatch.setattr(judge, "evaluate", failing)
    judge._judged.cache_clear()
    verdicts = judged(short_limits, right_answers)
    assert (verdicts["linear_decay"].status, verdicts["linear_decay"].cause) == ("error", "grader")
    assert "the grader itself failed here" in verdicts["linear_decay"].message
    assert {verdict.status for name, verdict in verdicts.items() if name != "linear_decay"} == {"passed"}


# --- answers that were given before


def answer_to(cases):
    """What a kernel answers for a function that returns a wrong number every time."""
    outcome = {"values": [12345.0], "mutated": [], "failure": None, "changed": False, "warned": ""}
    return json.dumps([outcome] * len(cases.asked))


def test_same_answer_to_the_same_cases_is_judged_once(monkeypatch):
    judge._judged.cache_clear()
    counted = []
    monkeypatch.setattr(judge, "evaluate", lambda *args, **kw: counted.append(args[0].name) or evaluate(*args, **kw))
    cases = hidden_cases(COURSE, CHAPTER, SEED)
    found = [judge._judged_together(cases[name], answer_to(cases[name])) for name in ("linear_decay", "sgd_step") * 2]
    assert counted == ["linear_decay", "sgd_step"]
    assert [verdict.exercise for verdict in found] == ["linear_decay", "sgd_step"] * 2
    assert found[0] is found[2] and {verdict.status for verdict in found} == {"failed"}


def test_tables_of_equal_verdicts_with_other_cases_differ():
    first, other = (
        Verdict("f", 1.0, 4.0, "failed", findings=(Finding("value", group="g", label=label),), groups=(("g", 1.0),))
        for label in ("x=1", "x=2")
    )
    assert first == other  # as verdicts are compared
    assert verdict_outputs(first) != verdict_outputs(other)
