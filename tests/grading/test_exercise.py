"""Declaring an exercise: mistakes of its author are named, and a seed decides all its cases."""

import json
import subprocess
import sys
import types

import numpy as np
import pytest

from grading import exercise as module
from grading.course import Course
from grading.exercise import ExerciseError, chapters_with_exercises, exercise, load_exercises
from tests.conftest import CHAPTER
from tests.grading.exercise_samples import declared, pair_exercise, scale_exercise


def course_of(root, monkeypatch, modules):
    """A course whose exercise modules (path within a chapter's folder -> what it declares) need not be written."""
    course = Course(root)
    for name in modules:
        path = course.exercises / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    declared_in = {course.exercises / name: types.SimpleNamespace(spec=spec) for name, spec in modules.items()}
    monkeypatch.setattr(module, "_module", declared_in.__getitem__)
    return course


def toy(oracle=lambda theta, lr: theta * lr, returns="theta", points=1, cases=None, misconceptions=(), **trajectory):
    cases = cases or (lambda rng: [dict(theta=rng.normal(size=3), lr=0.5)])
    spec = declared(oracle, cases, returns, points, "toy", trajectory or None)
    for name, function in misconceptions:
        function.__name__, function.__doc__ = name, "Look again."
        spec.misconception(function)
    return spec


def _mutates(theta, lr):
    theta *= lr
    return theta


def _raises(theta, lr):
    raise ValueError("no such rate")


FAULTS = [
    ("cases yield ['lr']", dict(cases=lambda rng: [dict(lr=0.5)])),
    ("cases yield ['lr', 'steps', 'theta']", dict(cases=lambda rng: [dict(theta=1.0, lr=0.5, steps=2)])),
    ("group 'group' has no cases", dict(cases=lambda rng: [])),
    ("the oracle fails on shape (3,), lr=0.5: Failure(kind='exception', message='ValueError: no", dict(oracle=_raises)),
    ("the oracle fails on shape (3,), lr=0.5: ('theta',)", dict(oracle=_mutates)),
    ("the oracle returns None", dict(oracle=lambda theta, lr: None)),
    ("the oracle returns 'a'", dict(oracle=lambda theta, lr: "a")),
    ("expected ('theta', 'velocity')", dict(returns=("theta", "velocity"))),
    ("expected ('theta', 'velocity')", dict(returns=("theta", "velocity"), oracle=lambda theta, lr: (theta,))),
    ("expected ('theta', 'velocity')", dict(returns=("theta", "velocity"), oracle=lambda theta, lr: 1.0)),
    (
        "the cases do not tell misconception 'close' from the right answer",
        dict(misconceptions=[("close", lambda theta, lr: lr * theta * (1 + 5e-5))]),
    ),
    (
        "the cases do not tell misconception 'one' from 'other'",
        dict(misconceptions=[("one", lambda theta, lr: theta), ("other", lambda theta, lr: theta + 0.0)]),
    ),
    ("misconception 'narrow' takes (theta)", dict(misconceptions=[("narrow", lambda theta: theta)])),
    ("['velocity'] cannot be carried, the oracle returns ('theta',)", dict(carry=("velocity",), each=("lr",))),
    ("['lr'] cannot be carried", dict(carry=("lr",))),
    ("['speed'] are no arguments of the oracle", dict(carry=("theta",), each=("speed",))),
    ("['lr'] need one and the same number of steps, at least 1", dict(carry=("theta",), each=("lr",))),
    (
        "['lr'] need one and the same number of steps, at least 1",
        dict(carry=("theta",), each=("lr",), cases=lambda rng: [dict(theta=np.ones(2), lr=np.ones(0))]),
    ),
    (
        "['theta', 'lr'] need one and the same number of steps",
        dict(carry=(), each=("theta", "lr"), cases=lambda rng: [dict(theta=np.ones(2), lr=np.ones(3))]),
    ),
]


@pytest.mark.parametrize(("message", "declaration"), FAULTS, ids=[message for message, _ in FAULTS])
def test_draw_names_a_fault_of_the_declaration(message, declaration):
    with pytest.raises(ExerciseError) as caught:
        toy(**declaration).draw(1)
    assert str(caught.value).startswith("toy") and message in str(caught.value)


def test_draw_refuses_an_exercise_without_groups():
    with pytest.raises(ExerciseError, match="toy: there are no groups"):
        exercise(points=1, returns="x")(types.FunctionType(toy.__code__, {}, "toy")).draw(0)


def _two_groups(second):
    spec = toy()
    spec.cases(second)(lambda rng: [dict(theta=rng.normal(size=3), lr=0.5)])
    return spec


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (_two_groups("group"), "toy has two groups of cases with the same name: group"),
        (
            toy(misconceptions=[("twin", lambda theta, lr: theta), ("twin", lambda theta, lr: lr)]),
            "toy has two misconceptions with the same name: twin",
        ),
        (exercise(points=1, returns="x")(types.FunctionType(toy.__code__, {}, "toy")), "toy needs at least one"),
        (toy(points=-1), "toy needs weights above zero, and points, or 0 if it is optional"),
    ],
)
def test_load_names_a_fault_of_the_declaration(spec, message, tmp_path, monkeypatch):
    course = course_of(tmp_path, monkeypatch, {f"{CHAPTER}/steps.py": spec})
    with pytest.raises(ExerciseError) as caught:
        load_exercises(course, CHAPTER)
    assert str(caught.value).startswith(f"{CHAPTER}: {message}")


def test_load_refuses_a_name_in_two_modules(tmp_path, monkeypatch):
    course = course_of(tmp_path, monkeypatch, {f"{CHAPTER}/{name}.py": toy() for name in ("first", "second")})
    with pytest.raises(ExerciseError, match=r"toy is declared twice, the second time in second\.py"):
        load_exercises(course, CHAPTER)


def test_load_refuses_a_chapter_without_exercises():
    with pytest.raises(ExerciseError, match="ch99_nothing"):
        load_exercises(Course.here(), "ch99_nothing")


def test_load_takes_no_helpers_for_a_notebook(tmp_path, monkeypatch):
    helpers = dict.fromkeys((f"{CHAPTER}/_helpers.py", "ch99_nothing/_helpers.py"))
    course = course_of(tmp_path, monkeypatch, {**helpers, f"{CHAPTER}/steps.py": toy()})
    assert list(load_exercises(course, CHAPTER)) == ["toy"]
    assert chapters_with_exercises(course) == [CHAPTER]


def test_load_runs_the_modules_of_the_course_that_it_is_given(tmp_path):
    path = Course(tmp_path).exercises / CHAPTER / "steps.py"
    path.parent.mkdir(parents=True)
    source = 'from grading.exercise import exercise\n\n@exercise(points=3, returns="x")\ndef other(x):\n    return x\n'
    path.write_text(source + '\n@other.cases("one")\ndef _(rng):\n    yield dict(x=rng.normal(size=2))\n')
    assert {name: spec.points for name, spec in load_exercises(Course(tmp_path), CHAPTER).items()} == {"other": 3}


# --- misconceptions


def test_misconception_is_its_function():
    spec = toy()

    @spec.misconception
    def adds_the_rate(theta, lr):
        """Larger, or
        further   along?
        """
        return theta + lr

    (wrong,) = spec.misconceptions
    assert (wrong.slug, wrong.hint) == ("adds-the-rate", "Larger, or further along?")
    assert wrong.function is adds_the_rate and adds_the_rate(2, 1) == 3


def test_misconception_without_a_docstring_is_refused():
    def adds(theta, lr):
        return theta + lr

    with pytest.raises(ExerciseError, match="toy: misconception adds needs a docstring"):
        toy().misconception(adds)


@pytest.mark.parametrize("name", ["sum", "np", "exercise"])
def test_misconception_that_would_hide_something_is_refused(name):
    with pytest.raises(ExerciseError, match=f"toy: misconception {name} hides another {name}, call it {name}_"):
        toy(misconceptions=[(name, lambda theta, lr: theta)])
    assert toy(misconceptions=[(f"{name}_", lambda theta, lr: theta)]).misconceptions[0].slug == name


# --- seeds


def text_of(case_set):
    return json.dumps(case_set.to_plain())


@pytest.mark.parametrize("make", [scale_exercise, pair_exercise])
def test_draw_gives_the_same_cases_for_the_same_seed(make):
    assert text_of(make().draw(3)) == text_of(make().draw(3))


def test_draw_gives_each_exercise_cases_of_its_own():
    a, b = scale_exercise(), scale_exercise()
    b.name = "other"
    assert not np.allclose(a.draw(1).cases[0].inputs["theta"], b.draw(1).cases[0].inputs["theta"])


def test_draw_does_not_touch_global_randomness():
    np.random.seed(0)
    before = np.random.get_state()[1].tolist()
    scale_exercise().draw(1)
    assert np.random.get_state()[1].tolist() == before


def test_draw_gives_the_same_cases_in_every_process():
    program = (
        "import json, hashlib\n"
        "from tests.grading.exercise_samples import scale_exercise, pair_exercise\n"
        "text = json.dumps([make().draw(5).to_plain() for make in (scale_exercise, pair_exercise)])\n"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1 and len(digests.pop()) == 65


def test_draw_tries_again_until_the_cases_tell_all_misconceptions_apart():
    def sometimes_zero(rng):
        yield dict(theta=rng.integers(0, 2) * np.ones(2), lr=0.5)

    spec = toy(cases=sometimes_zero, misconceptions=[("forgets", lambda theta, lr: theta)])
    for seed in range(10):
        assert spec.draw(seed).cases[0].inputs["theta"][0] == 1.0


# --- rounding


def test_draw_allows_for_rounding_at_every_step():
    """A state that shrinks next to one that does not: its rounding errors are large beside it, in float32."""

    def oracle(theta, velocity, lr):
        return theta, velocity / 4 + (theta - theta.mean()) * lr

    def cases(rng):
        yield dict(theta=1 + 1e-4 * rng.normal(size=4), velocity=rng.normal(size=4), lr=np.full(12, 0.1))

    def in_float32(theta, velocity, lr):
        theta, velocity = theta.astype(np.float32), velocity.astype(np.float32)
        return theta, velocity / 4 + (theta - theta.mean()) * np.float32(lr)

    state = ("theta", "velocity")
    spec = declared(oracle, cases, returns=state, trajectory=dict(carry=state, each=("lr",)))
    assert all(spec.judge_function(in_float32, seed).status == "passed" for seed in range(10))


def test_draw_allows_nothing_for_the_rounding_of_whole_numbers():
    spec = toy(cases=lambda rng: [dict(theta=np.arange(3), lr=2)])
    assert max(slack.max() for slack in spec.draw(0).expected[0].slack[0]) < 1e-13


# --- small things


def test_judge_function_gives_points():
    assert scale_exercise().judge_function(lambda theta, lr: theta * lr).points == 3
    assert scale_exercise().judge_function(lambda theta, lr: theta + lr).misconception == "adds"


def test_grade_id_is_the_name_in_kebab_case():
    spec = toy()
    spec.name = "adam_step"
    assert spec.grade_id == "adam-step"


def test_labels_say_what_is_special_about_a_case():
    labels = [case.label for case in scale_exercise().draw(0).cases]
    assert labels == ["shape (3,), lr=0.3", "shape (2, 2), lr=0.3", "shape (2,), 3 steps"]


def test_rounding_where_the_oracle_gives_exactly_zero_costs_nothing():
    numbers = np.array([0.3, 0.7, 1e8 / 3])
    change = declared(lambda a: a - a, lambda rng: [dict(a=numbers)], name="change")

    def by_another_way(a):
        return 3 * a - a - a - a

    assert np.any(by_another_way(numbers))
    assert change.judge_function(by_another_way).status == "passed"
    assert change.judge_function(lambda a: a - a + 1e-6).points == 0
