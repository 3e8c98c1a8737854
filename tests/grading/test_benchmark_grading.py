"""Stock nbgrader, with the hidden cases as its ordinary hidden tests, gives the scores that we give."""

import os
import re
import subprocess
import sys

import pytest

from benchmarks.grading.__main__ import FEWEST, compare_scores, headline
from benchmarks.grading.profile import STEPS
from benchmarks.grading.stock import ProgramFailed, make_stock_course, seconds_of
from benchmarks.grading.submissions import BROKEN, make_class, notebooks_of, read_notebook
from grading.authoring.simulate import misconception_source, reference_answers, write_submission
from grading.course import ROOT, Course
from grading.exercise import load_exercises
from tests.conftest import CHAPTER, NOTEBOOK, hand_in

SEED = 7
EXERCISES, EVERYTHING = (
    {name: spec for name, spec in load_exercises(Course.here(), CHAPTER, notebook).items() if spec.points}
    for notebook in (NOTEBOOK, "*")
)
WRONG, LOUD, EMPTY = STUDENTS = ["student-001", "student-002", "student-003"]


@pytest.fixture(scope="module")
def scores(grade, tmp_path_factory):
    """The stock course, its scores and ours: (student, exercise) -> points."""
    course = Course(ROOT, tmp_path_factory.mktemp("gradebook"))
    (course.gradebook / "seed").write_text(f"{SEED}\n")
    wrong = {name: misconception_source(spec, spec.misconceptions[0].slug) for name, spec in EVERYTHING.items()}
    write_submission(course, WRONG, CHAPTER, wrong)
    write_submission(course, LOUD, CHAPTER, reference_answers(course, CHAPTER))
    for path in notebooks_of(course, LOUD, CHAPTER):
        BROKEN["an answer that writes to the error stream"](path)
    for name in course.released_notebooks(CHAPTER):
        hand_in(course, EMPTY, b"", name, CHAPTER)
    stock = make_stock_course(tmp_path_factory.mktemp("stock"), course, CHAPTER, SEED, STUDENTS)
    stock.run("autograde")
    ours = {(row.student_id, row.exercise): row.points for row in grade(course, chapters=(CHAPTER,)).rows}
    return stock, stock.scores(), ours


@pytest.mark.parametrize("student", [WRONG, EMPTY])
def test_stock_nbgrader_gives_the_same_scores(scores, student):
    _, stock, ours = scores
    expected = {name: ours[student, name] for name in EVERYTHING}
    assert {name: stock[student, name] for name in EVERYTHING} == pytest.approx(expected)


def test_partial_credit_is_among_them(scores):
    _, stock, _ = scores
    assert any(0 < stock[WRONG, name] < spec.points for name, spec in EVERYTHING.items())


def test_only_the_answer_that_writes_to_the_error_stream_differs(scores):
    stock, theirs, ours = scores
    unlike = {name for name in EXERCISES if theirs[LOUD, name] != ours[LOUD, name]}
    assert unlike == {"linear_decay"}
    assert (theirs[LOUD, "linear_decay"], ours[LOUD, "linear_decay"]) == (0, EXERCISES["linear_decay"].points)
    lines, explained = compare_scores(stock, ours)
    assert explained and "error stream" in "\n".join(lines)


def test_a_score_that_differs_without_a_reason_is_told(scores):
    stock, _, ours = scores
    lines, explained = compare_scores(stock, {**ours, (WRONG, "sgd_step"): 1.99})
    assert not explained and any("sgd_step" in line and "NOT EXPLAINED" in line for line in lines)
    lines, explained = compare_scores(stock, {key: points for key, points in ours.items() if key[1] != "sgd_step"})
    assert not explained and "only one side" in lines[0]


@pytest.mark.parametrize(
    ("times", "ratio", "words"),
    [
        ((2.0, 24, 20.0, 24), "10.0 times", "stock 20.00 s"),
        ((100.0, 1000, 24.0, 24), "10.0 times", "extrapolated from 24"),
    ],
)
def test_headline_is_the_ratio_of_throughputs(times, ratio, words):
    assert headline(*times).startswith(ratio) and words in headline(*times)
    assert ("extrapolated" in headline(*times)) == (times[1] != times[3])


def test_program_that_fails_is_told_with_what_it_said(tmp_path):
    assert seconds_of(["-c", "raise SystemExit(1)"], tmp_path, {}, accepted=(0, 1)) > 0
    with pytest.raises(ProgramFailed, match="status 3(?s:.*)no luck"):
        seconds_of(["-c", "print('no luck'); raise SystemExit(3)"], tmp_path, {})


def test_profile_counts_every_step_of_a_small_class():
    command = ["-m", "benchmarks.grading.profile", "--chapter", "ch02_minibatching", "--students", str(FEWEST)]
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    read = len(BROKEN) - sum(what in ("an empty file", "no JSON") for what in BROKEN)
    assert f"{FEWEST} notebooks" in done.stdout
    times = dict(re.findall(r"│ ([^│]+?) +│ +([\d.]+) +│", done.stdout))
    assert set(times) == set(STEPS) and all(float(number) > 0 for number in times.values())
    assert float(times["judge"]) == pytest.approx((FEWEST - len(BROKEN) + read) / FEWEST, abs=0.06)


def test_class_depends_on_nothing_but_the_seed(tmp_path):
    classes = []
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        course = Course(ROOT, tmp_path / name)
        students = make_class(course, CHAPTER, 9, seed)
        assert len(students) == 9
        classes.append([path.read_bytes() for who in students for path in notebooks_of(course, who, CHAPTER)])
    assert classes[0] == classes[1] != classes[2]


def test_submissions_with_the_same_answers_are_unlike(tmp_path):
    course = Course(ROOT, tmp_path)
    make_class(course, CHAPTER, 8, seed=3)
    for path in course.submitted.glob("*/*/*.ipynb"):
        assert read_notebook(path) is None or f"# {path.parts[-3]}" in path.read_text()
