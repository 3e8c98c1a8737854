"""Guesses on their way: the release asks for them, the graded notebook and the feedback keep them, nothing counts."""

import html
import json
import re

import jupytext
import nbformat
import pytest
from rich.console import Console
from rich.progress import Progress

from grading.authoring.build import read_source
from grading.cells import is_experiment, is_folded, is_guess
from grading.intake.rebuild import read_submission, rebuild
from grading.records.feedback import write_feedback
from tests.conftest import hand_in
from tests.sample import COURSE, filled
from tests.sample import OTHER_CHAPTER as CHAPTER
from tests.sample import OTHER_NOTEBOOK as NOTEBOOK

RELEASE = COURSE.read_release(CHAPTER, NOTEBOOK)
ASKED = next(cell.source for cell in RELEASE.cells if is_guess(cell))
GUESSES = {
    "fair": 'guess = {"height": 5, "gradient": 2}  # two steps away',
    "broken": 'guess = {"height": 5, "gradient": <b>many</b>',
    "failing": "guess = 1 / 0",
    "deadly": "guess = __import__('os')._exit(1)",
}


def venture(text, **changes):
    """The release with right answers and a guess, as a plain dict."""
    notebook = filled(NOTEBOOK, CHAPTER)
    for cell in notebook["cells"]:
        if "guess" in cell["metadata"].get("tags", []):
            cell.update(source=text, **changes)
    return notebook


def rebuilt(notebook):
    return rebuild(RELEASE, read_submission(json.dumps(notebook).encode()))


def ventured(notebook):
    return [cell.source for cell in rebuilt(notebook).cells if is_guess(cell)]


@pytest.mark.parametrize("text", GUESSES.values(), ids=GUESSES)
def test_rebuild_keeps_a_guess_where_it_was_asked(text):
    result = rebuilt(venture(text, metadata={"tags": ["experiment"]}))
    assert [cell.source for cell in result.cells if is_guess(cell)] == [text]
    assert [cell.metadata for cell in result.cells] == [cell.metadata for cell in RELEASE.cells]


def test_rebuild_takes_nothing_else_for_a_guess():
    # in another release this cell's id may have belonged to something else
    assert ventured(venture("import scipy")) == [ASKED]
    assert ventured(venture("")) == [ASKED]


def test_folding_survives_py_percent():
    source = read_source(COURSE.solutions / CHAPTER / f"{NOTEBOOK}.py")
    text = jupytext.writes(source, fmt="py:percent")
    assert '# %% jupyter={"source_hidden": true} tags=["experiment"]\n' in text
    again = jupytext.reads(text, fmt="py:percent")
    assert [is_folded(cell) for cell in again.cells] == [is_folded(cell) for cell in source.cells]


def test_folding_survives_building_and_releasing():
    executed = nbformat.read(COURSE.solutions / CHAPTER / f"{NOTEBOOK}.ipynb", as_version=4)
    for notebook in (executed, RELEASE):
        assert sum(map(is_folded, notebook.cells)) == 2
        assert all(is_experiment(cell) for cell in notebook.cells if is_folded(cell))


def test_release_runs_past_a_slip_in_a_guess():
    assert [cell.metadata.tags for cell in RELEASE.cells if is_guess(cell)] == [["guess", "raises-exception"]]


def test_release_runs_past_an_experiment_with_an_unsolved_exercise():
    tags = [set(cell.metadata.tags) for cell in RELEASE.cells if is_experiment(cell)]
    assert tags and all({"experiment", "raises-exception"} <= each for each in tags)


@pytest.fixture(scope="module")
def report(course, grade):
    for student, text in GUESSES.items():
        hand_in(course, student, venture(text), NOTEBOOK, CHAPTER)
    return grade(course, chapters=(CHAPTER,))


@pytest.mark.parametrize("student", GUESSES)
def test_no_guess_costs_a_point(report, student):
    assert [row.status for row in report.rows if row.student_id == student] == ["passed", "passed"]


@pytest.fixture(scope="module")
def pages(course, report):
    with Progress(console=Console(quiet=True)) as progress:
        assert write_feedback(course, [CHAPTER], progress) == []
    return {name: (course.feedback / name / CHAPTER / f"{NOTEBOOK}.html").read_text() for name in GUESSES}


def plain(page):
    return html.unescape(re.sub(r"<[^>]+>", "", page))


@pytest.mark.parametrize("student", GUESSES)
def test_feedback_shows_the_guess_and_folds_the_experiment(pages, student):
    page = pages[student]
    folded = [plain(part) for part in re.findall(r"<details>.*?</details>", page, re.DOTALL)]
    assert any("predict.compare" in part for part in folded) and any("half of three times" in part for part in folded)
    rest = plain(re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL))
    assert GUESSES[student] in rest and "predict.compare" not in rest and "half of three times" not in rest
    assert "<b>many" not in page
