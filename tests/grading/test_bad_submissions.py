"""Submissions of every broken kind: nobody is dropped, nobody else is harmed, honest work keeps its points."""

import copy
import json

import nbformat
import pytest

from grading.cells import exercise_name, is_check, is_hand_graded, is_solution
from tests.conftest import hand_in
from tests.sample import CHAPTER, CHAPTER_POINTS, COURSE, NOTEBOOK, POINTS


def solved(right_answers, **changes):
    """The release with the reference solutions, or other sources for some exercises."""
    notebook = COURSE.read_release(CHAPTER, NOTEBOOK)
    answers = {**right_answers, **changes}
    for cell in notebook.cells:
        if is_solution(cell) and not is_hand_graded(cell):
            cell.source = answers[exercise_name(cell)]
    return json.loads(json.dumps(notebook))


def with_extra_cell(notebook, source, before="momentum-step"):
    """Insert a cell of the student's own before a graded cell."""
    result = copy.deepcopy(notebook)
    position = next(i for i, cell in enumerate(result["cells"]) if cell["id"] == before)
    result["cells"].insert(position, json.loads(json.dumps(nbformat.v4.new_code_cell(source))))
    return result


def without_metadata(notebook, keep_ids):
    """As VS Code or Colab may leave it: no nbgrader metadata, perhaps no ids either."""
    result = copy.deepcopy(notebook)
    for number, cell in enumerate(result["cells"]):
        cell["metadata"] = {}
        if not keep_ids:
            cell["id"] = f"random-{number}"
    return result


def as_format_3(notebook):
    """The same notebook as nbformat 3 had it: worksheets, and `input` for `source`."""
    cells = [
        {**{key: cell[key] for key in ("cell_type", "metadata")}, "input": cell["source"], "source": cell["source"]}
        for cell in notebook["cells"]
    ]
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells, "metadata": {}}]}


def another_chapter():
    cells = [nbformat.v4.new_code_cell("def gradient_descent(grad_fn, theta, lr, steps):\n    return theta")]
    return json.loads(json.dumps(nbformat.v4.new_notebook(cells=cells)))


def shuffled(notebook):
    """The student moved the setup cell to the top and every check to the end."""
    result = copy.deepcopy(notebook)
    result["cells"].sort(key=lambda cell: is_check(nbformat.from_dict(cell)))
    return result


ENDLESS = "def momentum_step(theta, grad, velocity, lr, momentum):\n    while True:\n        pass\n"
STUBBORN = """
def nesterov_step(theta, velocity, grad_fn, lr, momentum):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
"""
KILLER = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"

# student -> (what is handed in, points expected of exercises that do not earn all, a word of the message)
CASES = {
    "not-json": (lambda right: b"{not json", dict.fromkeys(POINTS, 0), "no JSON"),
    "empty": (lambda right: b"", dict.fromkeys(POINTS, 0), "empty"),
    "binary": (lambda right: bytes(range(256)) * 10, dict.fromkeys(POINTS, 0), "no JSON"),
    "json-list": (lambda right: b"[1, 2]", dict.fromkeys(POINTS, 0), "no notebook"),
    "another-chapter": (lambda right: another_chapter(), dict.fromkeys(POINTS, 0), "NotImplementedError"),
    "format-3": (lambda right: as_format_3(solved(right)), {}, ""),
    "no-metadata": (lambda right: without_metadata(solved(right), keep_ids=True), {}, ""),
    "no-metadata-no-ids": (lambda right: without_metadata(solved(right), keep_ids=False), {}, ""),
    "checks-moved": (lambda right: shuffled(solved(right)), {}, ""),
    "exits": (lambda right: with_extra_cell(solved(right), "import os\nos._exit(0)"), {}, ""),
    "sys-exit": (lambda right: with_extra_cell(solved(right), "import sys\nsys.exit()"), {}, ""),
    "kills-its-kernel": (lambda right: with_extra_cell(solved(right), KILLER), {}, ""),
    "endless-cell": (lambda right: with_extra_cell(solved(right), "while True:\n    pass"), {}, ""),
    "endless-call": (lambda right: solved(right, momentum_step=ENDLESS), {"momentum_step": 0}, "stopped after"),
    "stubborn-call": (lambda right: solved(right, nesterov_step=STUBBORN), {"nesterov_step": 0}, "stopped after"),
    "prints-a-megabyte": (lambda right: with_extra_cell(solved(right), "print('x' * 3_000_000)"), {}, ""),
    "raises-early": (lambda right: with_extra_cell(solved(right), "1 / 0"), {}, ""),
    "Zoë Müller-Ibáñez": (lambda right: solved(right), {}, ""),
    "student with spaces": (lambda right: solved(right), {}, ""),
}


@pytest.fixture(scope="module")
def report(course, right_answers, grade, short_limits):
    for student, (make, _, _) in CASES.items():
        hand_in(course, student, make(right_answers))
    (course.submitted / "nothing-at-all").mkdir()
    hand_in(course, "other-name", b"[]", notebook="my solution")
    secret = course.gradebook / "elsewhere.ipynb"
    secret.write_text(json.dumps(solved(right_answers)))
    link = course.submitted / "a-link" / CHAPTER / f"{NOTEBOOK}.ipynb"
    link.parent.mkdir(parents=True)
    link.symlink_to(secret)
    return grade(course, short_limits)


@pytest.mark.parametrize("student", CASES)
def test_bad_submission_earns_what_it_deserves(report, verdict, student):
    expected = {**POINTS, **CASES[student][1]}
    earned = {name: verdict(report, student, name).points for name in POINTS}
    assert earned == expected, [verdict(report, student, name).message for name in POINTS]


@pytest.mark.parametrize("student", [name for name, case in CASES.items() if case[2]])
def test_bad_submission_is_told_why(report, verdict, student):
    _, lost, word = CASES[student]
    for name in lost:
        assert word in verdict(report, student, name).message


def test_timeout_is_a_status_of_its_own(report, verdict):
    assert verdict(report, "endless-call", "momentum_step").status == "timeout"
    assert verdict(report, "stubborn-call", "nesterov_step").status == "timeout"


@pytest.mark.parametrize(
    ("student", "word"),
    [("nothing-at-all", "nothing was handed in"), ("other-name", "my solution.ipynb"), ("a-link", "link")],
)
def test_missing_notebook_is_recorded_with_its_reason(report, verdict, student, word):
    for name in POINTS:
        row = verdict(report, student, name)
        assert (row.points, row.status) == (0, "missing")
        assert word in row.message


def test_every_student_has_a_verdict_for_every_exercise(report):
    students = {*CASES, "nothing-at-all", "other-name", "a-link"}
    assert set(report.students) == students
    assert len(report.rows) == len(students) * len(CHAPTER_POINTS)


def test_endless_output_is_cut_in_the_graded_notebook(course, report):
    path = course.autograded / "prints-a-megabyte" / CHAPTER / f"{NOTEBOOK}.ipynb"
    assert path.stat().st_size < 2_000_000
    assert "the rest was dropped" in path.read_text()
