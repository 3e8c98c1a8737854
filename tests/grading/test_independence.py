"""A score depends on the submission alone: not on other students, their order, the workers, the machine, or chance."""

import pytest

from grading.authoring.simulate import misconception_source, write_submission
from grading.exercise import load_exercises
from tests.sample import CHAPTER, COURSE, sample_course

# right or wrong by chance: drawn without a seed, by the clock, or by the order of a set
CHANCE = {
    "numpy": "import numpy as np\ndef sgd_step(theta, grad, lr): return theta - lr * grad * (np.random.rand() < 0.9)",
    "python": "import random\ndef sgd_step(theta, grad, lr): return theta - lr * grad * (random.random() < 0.9)",
    "torch": "import torch\ndef sgd_step(theta, grad, lr): return theta - lr * grad * (float(torch.rand(())) < 0.9)",
    "hash": "def sgd_step(theta, grad, lr): return theta - lr * grad * (hash(str(theta)) % 10 > 0)",
}
THREADS = (
    "import os, torch\n"
    "def linear_decay(k, lr0, lr_tau, tau):\n"
    "    assert torch.get_num_threads() == 1 and os.environ['OMP_NUM_THREADS'] == '1'\n"
    "    return lr0 + min(k / tau, 1) * (lr_tau - lr0)"
)


def hand_in_class(course, right_answers, names):
    """Answers in a fixed order, handed in under these names."""
    exercise = load_exercises(COURSE, CHAPTER)["momentum_step"]
    wrong = [{"momentum_step": misconception_source(exercise, one.slug)} for one in exercise.misconceptions[:2]]
    answers = [*wrong, *({"sgd_step": source, "linear_decay": THREADS} for source in CHANCE.values())]
    for name, own in zip(names, answers, strict=True):
        write_submission(course, name, CHAPTER, {**right_answers, **own})


def graded(report, names):
    """What each answer got, in the order of the answers."""
    rows = {(row.student_id, row.exercise): row for row in report.rows}
    found = [[rows[name, exercise] for exercise in load_exercises(COURSE, CHAPTER)] for name in names]
    return [[(row.points, row.status, row.misconception, row.message) for row in own] for own in found]


NAMES = [f"student-{number:03d}" for number in range(1, 7)]


@pytest.fixture(scope="module")
def expected(course, grade, right_answers):
    hand_in_class(course, right_answers, NAMES)
    return graded(grade(course, workers=1), NAMES)


def again(tmp_path, seed_of, right_answers, names):
    course = sample_course(tmp_path)
    hand_in_class(course, right_answers, names)
    (tmp_path / "seed").write_text((seed_of.gradebook / "seed").read_text())
    return course


def test_one_thread_whatever_the_machine_has(expected):
    position = list(load_exercises(COURSE, CHAPTER)).index("linear_decay")
    assert all(rows[position][1] == "passed" for rows in expected[2:])


def test_order_of_students_changes_nothing(course, grade, expected, right_answers, tmp_path):
    backwards = NAMES[::-1]
    assert graded(grade(again(tmp_path, course, right_answers, backwards)), backwards) == expected


def test_machine_and_workers_change_nothing(course, grade, expected, right_answers, tmp_path, monkeypatch):
    for name, value in {"OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LANG": "tr_TR"}.items():
        monkeypatch.setenv(name, value)
    found = grade(again(tmp_path, course, right_answers, NAMES), workers=3)
    assert graded(found, NAMES) == expected


def test_grading_on_another_day_changes_nothing(course, grade, expected):
    assert graded(grade(course, cached=False), NAMES) == expected
