"""Stock nbgrader, with the hidden cases as its ordinary hidden tests, gives the scores that we give."""

import pytest

from benchmarks.grading.clock import Clock
from benchmarks.grading.stock import make_stock_course
from benchmarks.grading.submissions import BROKEN, make_class, notebooks_of, read_cells
from grading.authoring.simulate import misconception_source, reference_answers, write_submission
from grading.course import ROOT, Course
from grading.exercise import load_exercises
from tests.conftest import CHAPTER, NOTEBOOK, hand_in

SEED = 7
EXERCISES, EVERYTHING = load_exercises(Course.here(), CHAPTER, NOTEBOOK), load_exercises(Course.here(), CHAPTER)
WRONG, LOUD, EMPTY = STUDENTS = ["student-001", "student-002", "student-003"]


@pytest.fixture(scope="module")
def scores(grade, tmp_path_factory):
    """The scores of stock nbgrader and ours: (student, exercise) -> points."""
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
    expected = {name: ours[student, name] for name in EXERCISES}
    assert {name: stock[student, name] for name in EXERCISES} == pytest.approx(expected)


def test_partial_credit_is_among_them(scores):
    _, stock, _ = scores
    assert any(0 < stock[WRONG, name] < spec.points for name, spec in EXERCISES.items())


def test_only_the_answer_that_writes_to_the_error_stream_differs(scores):
    stock, theirs, ours = scores
    unlike = {name for name in EXERCISES if theirs[LOUD, name] != ours[LOUD, name]}
    assert unlike == {"linear_decay"}
    assert (theirs[LOUD, "linear_decay"], ours[LOUD, "linear_decay"]) == (0, EXERCISES["linear_decay"].points)
    assert "error stream" in stock.reason(LOUD, "linear_decay")
    assert not stock.reason(LOUD, "sgd_step")


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
    make_class(course, CHAPTER, 7, seed=3)
    for path in course.submitted.glob("*/*/*.ipynb"):
        content = read_cells(path)
        assert content is None or f"# {path.parts[-3]}" in path.read_text()


def test_clock_counts_an_inner_phase_once():
    # outer begins, inner begins, inner ends, outer ends
    wall, processor = iter([0.0, 1.0, 4.0, 9.0]), iter([0.0, 0.5, 1.0, 3.0])
    clock = Clock(lambda: next(wall), lambda: next(processor))
    with clock.phase("outer"), clock.phase("inner"):
        pass
    assert clock.phases == {"inner": [1, 3.0, 0.5], "outer": [1, 6.0, 2.5]}
