"""A course with a class to build, a bug to find and an optional exercise, from its sources to the grades."""

import json
import textwrap

import nbformat
import numpy as np
import pytest
import torch

from grading.authoring.build import (
    BuildError,
    build_chapter,
    build_side_by_side,
    differences,
    find_leaks,
    read_source,
    validate,
)
from grading.authoring.simulate import (
    BLANK,
    REFERENCE,
    failing_source,
    misconception_source,
    reference_answers,
    simulate,
    write_submission,
)
from grading.cells import is_check
from grading.course import STUB, Course
from grading.exercise import ExerciseError, load_exercises
from grading.exercises.ch04_sgd_variants import momentum
from utils.check.published import CHECKS_NAME

CHAPTER, NOTEBOOK = "ch01_builds", "builds"
EXERCISES = '''
"""The exercises."""

import numpy as np

from grading.exercise import exercise


@exercise(points=4, returns=("first", "second", "last"), driver="utils.drivers.optimizers.optimizer_by_default")
class Descender:
    def __init__(self, parameters, lr, momentum=0.0):
        self.parameters, self.lr = parameters, lr

    def step(self, grads):
        for theta, grad in zip(self.parameters, grads, strict=True):
            np.add(theta, np.multiply(-self.lr, grad), out=theta)


def updates(rng):
    shapes = [(3,), (2, 2)]
    grads = [[rng.normal(size=shape) for shape in shapes] for _ in range(4)]
    return dict(parameters=[rng.normal(size=shape) for shape in shapes], grads=grads, lr=float(rng.uniform(0.1, 0.5)))


@Descender.cases("one model", weight=3)
def _(rng):
    yield updates(rng)


@Descender.cases("two models", weight=1, driver="utils.drivers.optimizers.optimizers_side_by_side")
def _(rng):
    yield updates(rng) | dict(momentum=0.0, nesterov=False)


class Started:
    def __init__(self, parameters, lr, momentum=0.0):
        self.parameters, self.lr = parameters, lr


@Descender.misconception
class ascends(Started):
    """Which way is down?"""

    def step(self, grads):
        for theta, grad in zip(self.parameters, grads, strict=True):
            theta += self.lr * grad


@Descender.misconception
class rebinds(Started):
    """Who else holds the arrays?"""

    def step(self, grads):
        self.parameters = [theta - self.lr * grad for theta, grad in zip(self.parameters, grads, strict=True)]


@exercise(points=2, returns="total")
def total(x):
    return float(np.sum(x))


@total.cases("lists")
def _(rng):
    yield dict(x=rng.normal(size=5))


@total.misconception
def misses_the_first(x):
    """Where do you begin?"""
    return float(sum(x[1:]))


@exercise(points=0, returns="half")
def halve(x):
    return np.divide(x, 2)


@halve.cases("halves")
def _(rng):
    yield dict(x=rng.normal(size=3))


@halve.misconception
def doubles(x):
    """Smaller or larger?"""
    return 2 * x
'''.replace("dict(momentum=0.0, nesterov=False)", "dict(momentum=0.0, nesterov=False)")
SOURCE = '''
# %% [markdown]
r"""
# Builds
"""

# %%
from utils.check import check


# %% nbgrader={"grade": false, "grade_id": "Descender", "locked": false, "schema_version": 3, "solution": true}
class Descender:
    """Descend.

    parameters : list of ndarrays.  lr : float
    """

    def __init__(self, parameters, lr, momentum=0.0):
        ### BEGIN SOLUTION
        self.held = parameters, lr
        ### END SOLUTION

    def step(self, grads):
        """Move the parameters. grads : list of ndarrays, which are not modified."""
        ### BEGIN SOLUTION
        for theta, grad in zip(self.held[0], grads, strict=True):
            theta -= self.held[1] * grad
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "Descender-check", "locked": true, "points": 4, "schema_version": 3, "solution": false}
check(Descender)


# %% nbgrader={"grade": false, "grade_id": "total", "locked": false, "schema_version": 3, "solution": true}
def total(x):
    """Return the sum of x. There is a bug in it."""
    ### BEGIN SOLUTION
    found = 0.0
    for i in range(len(x)):
        found += x[i]
    return found
    ### END SOLUTION
    ### BEGIN GIVEN
    # found = 0.0
    # for i in range(1, len(x)):
    #     found += x[i]
    # return found
    ### END GIVEN


# %% nbgrader={"grade": true, "grade_id": "total-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(total)


# %% nbgrader={"grade": false, "grade_id": "halve", "locked": false, "schema_version": 3, "solution": true}
def halve(x):
    """Return half of x."""
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "halve-check", "locked": true, "schema_version": 3, "solution": false}
check(halve)
'''  # noqa: E501


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    course = Course(root, root / "gradebook")
    for path, text in (
        (course.exercises / CHAPTER / f"{NOTEBOOK}.py", EXERCISES),
        (course.solutions / CHAPTER / f"{NOTEBOOK}.py", SOURCE),
    ):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    assert build_chapter(course, CHAPTER)
    return course


# --- building


@pytest.fixture(scope="module")
def release(course):
    return {cell.id: cell for cell in course.read_release(CHAPTER, NOTEBOOK).cells}


def test_release_shows_a_stub_for_each_part_of_a_class(release):
    source = release["Descender"].source
    assert source.count(STUB) == 2 and "self.held" not in source and "def step(self, grads):" in source


def test_release_shows_the_given_code_in_place_of_a_stub(release):
    code = "found = 0.0\nfor i in range(1, len(x)):\n    found += x[i]\nreturn found"
    assert release["total"].source.endswith(
        '"""Return the sum of x. There is a bug in it."""\n' + textwrap.indent(code, "    ")
    )


def test_optional_check_carries_no_points(release):
    check = release["halve-check"]
    assert not is_check(check) and "points" not in check.metadata.nbgrader
    assert check.metadata.tags == ["raises-exception"]


def test_reference_answer_holds_no_given_code(course):
    source = reference_answers(course, CHAPTER)["total"]
    assert "range(1," not in source and "###" not in source and "range(len(x))" in source


def test_built_course_is_in_step_and_settles(course):
    assert differences(course, CHAPTER) == []
    assert not build_chapter(course, CHAPTER)


def test_chapters_are_built_side_by_side_and_told_in_their_order(course):
    assert list(build_side_by_side(course, [CHAPTER, CHAPTER])) == [(CHAPTER, False)] * 2


def test_fault_of_a_chapter_comes_out_of_its_process(course):
    told = build_side_by_side(course, [CHAPTER, "ch99_none"])
    assert next(told) == (CHAPTER, False)
    with pytest.raises(ExerciseError, match="ch99_none has no exercises"):
        next(told)


GIVEN = SOURCE[SOURCE.index("    ### BEGIN GIVEN") : SOURCE.index("    ### END GIVEN") + len("    ### END GIVEN\n")]
RIGHT = GIVEN.replace("range(1, len(x))", "range(len(x))")
OPTIONAL = '"grade": false, "grade_id": "halve-check", "locked": true'
REFUSED = {
    "not-ended": (GIVEN, GIVEN.replace("    ### END GIVEN\n", ""), "'total': expected '### END GIVEN'"),
    "not-commented": (GIVEN, GIVEN.replace("# return", "return"), "'total': expected only commented lines"),
    "no-python": (GIVEN, GIVEN.replace("found += x[i]", "found +="), "'total': invalid syntax"),
    "no-bug": (GIVEN, RIGHT, "'total': the given code is the solution itself"),
    "too-far": (GIVEN, f"    x = 1\n{GIVEN}", "'total': expected '### BEGIN GIVEN' right after"),
    "graded-optional": (OPTIONAL, OPTIONAL.replace("false", "true", 1), "'halve-check': the exercise is optional"),
    "ungraded": (
        '"grade": true, "grade_id": "total-check", "locked": true, "points": 2',
        '"grade": false, "grade_id": "total-check", "locked": true',
        "'total-check': the cell is worth None points, the exercise 2",
    ),
}


@pytest.mark.parametrize(("was", "becomes", "message"), REFUSED.values(), ids=REFUSED)
def test_authors_mistake_is_refused_and_named(course, tmp_path, was, becomes, message):
    assert was in SOURCE
    path = tmp_path / "builds.py"
    path.write_text(SOURCE.replace(was, becomes))
    with pytest.raises(BuildError) as caught:
        validate(CHAPTER, {NOTEBOOK: read_source(path)}, load_exercises(course, CHAPTER))
    assert message in str(caught.value)


@pytest.mark.parametrize(("line", "leaks"), [("found += x[i]", False), ("for i in range(len(x)):", True)])
def test_only_lines_that_are_not_given_are_a_leak(course, tmp_path, line, leaks):
    spy = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"    {line}", id="spy")])
    nbformat.write(spy, tmp_path / f"{NOTEBOOK}.ipynb")
    sources = {NOTEBOOK: read_source(course.solutions / CHAPTER / f"{NOTEBOOK}.py")}
    assert [("'spy'" in leak, "'total'" in leak) for leak in find_leaks(sources, tmp_path)] == [(True, True)] * leaks


# --- grading

RIGHT_CLASS = """class Descender:
    def __init__(self, parameters, lr, momentum=0.0):
        self.parameters, self.lr = parameters, lr

    def step(self, grads):
        for theta, grad in zip(self.parameters, grads):
            theta -= self.lr * grad
"""
EQUAL_TO_ANYTHING = """
class Anything:
    def __eq__(self, other): return True
    def __getattr__(self, name): return lambda *a, **k: self
    def __array__(self, *a, **k): raise SystemExit("no")
    __hash__ = None
"""
# wrong answers with tricks -> the beginning of what is said
TRICKS = {
    "metaclass": (
        EQUAL_TO_ANYTHING + "class Meta(type):\n    def __call__(cls, *a, **k): return Anything()\n"
        "class Descender(metaclass=Meta): pass",
        "Descender",
    ),
    "signature": (
        "class Meta(type):\n    @property\n    def __signature__(cls): raise RuntimeError('no')\n"
        "class Descender(metaclass=Meta):\n    pass",
        "Descender raised RuntimeError: no",
    ),
    "getattr": (
        "class Descender:\n    def __init__(self, *a): pass\n    def __getattr__(self, name): return print",
        "",
    ),
    "endless-getattr": (
        "class Descender:\n    def __init__(self, *a): pass\n    def __getattr__(self, n): return getattr(self, n)",
        "Descender raised RecursionError",
    ),
    "del": (RIGHT_CLASS.replace("-=", "+=") + "\n    def __del__(self):\n        import os; os._exit(0)", ""),
    "del-raises": (RIGHT_CLASS.replace("-=", "+=") + "\n    def __del__(self):\n        raise MemoryError", ""),
    "huge-repr": (RIGHT_CLASS.replace("-=", "+=") + "\n    def __repr__(self):\n        return 'x' * 10**9", ""),
    "huge-name": (
        "def step(): pass\nDescender = type('x' * 10**6, (), {'__init__': lambda self, *a: None, 'step': 1})",
        "Descender: step is no method",
    ),
    "exit": (
        RIGHT_CLASS.replace("-=", "+=").replace("def step(self, grads):", "def step(self, grads):\n        exit()"),
        "",
    ),
    "forged-outcome": (
        RIGHT_CLASS.replace("theta -= ", "theta += ") + "\nimport utils.check.explain, utils.check.call\n"
        'utils.check.call.json.dumps = lambda *a, **k: \'{"values": [], "mutated": [], "failure": null}\'',
        "",
    ),
}
WRONG = {
    "no-method": (RIGHT_CLASS.replace("step", "update"), "attribute", "has no method step; define step(self, grads)"),
    "other-arguments": (RIGHT_CLASS.replace("def __init__(self, parameters, lr, momentum=0.0)", "def __init__(self)"),)
    + ("signature", "Descender should take the arguments (parameters, lr"),
    "other-method": (RIGHT_CLASS.replace("self, grads", "self, grads, lr"),)
    + ("method", 'step should take the arguments (grads), but yours takes (grads, lr) (line 5 of the cell: "def step('),
    "raises-when-made": (RIGHT_CLASS.replace("= parameters, lr", "= parameters, rate"),)
    + ("exception", "Descender raised NameError: name 'rate' is not defined (line 3 of the cell: \"self.parameters"),
    "raises-in-a-step": (RIGHT_CLASS.replace("* grad", "* grade"),)
    + ("exception", "Descender raised NameError: name 'grade' is not defined (line 7 of the cell: \"theta -="),
    "changes-gradients": (RIGHT_CLASS + "            grad *= 2", "mutated", "Descender changes its input grads"),
    "half-done": (
        RIGHT_CLASS.partition("    def step")[0] + "    def step(self, grads):\n        raise NotImplementedError",
    )
    + ("not-implemented", "Descender still raises NotImplementedError"),
    "undefined": ("pass", "undefined", "Descender is not defined; define Descender(parameters, lr"),
}


SLUGS = ("ascends", "rebinds")


@pytest.fixture(scope="module")
def report(course, grade):
    exercises, right = load_exercises(course, CHAPTER), reference_answers(course, CHAPTER)
    answers = {REFERENCE: right, BLANK: {}}
    for slug in SLUGS:
        answers[slug] = {**right, "Descender": misconception_source(exercises["Descender"], slug)}
    answers["fails"] = {name: failing_source(spec) for name, spec in exercises.items()}
    answers["nothing-optional"] = {**right, "halve": "def halve(x):\n    return 2 * x"}
    for name, (source, *_) in (WRONG | TRICKS).items():
        answers[name] = {**right, "Descender": source}
    for student, found in answers.items():
        write_submission(course, student, CHAPTER, found)
    return grade(course, chapters=(CHAPTER,))


def row_of(report, student, exercise="Descender"):
    return next(row for row in report.rows if (row.student_id, row.exercise) == (student, exercise))


def test_reference_earns_all_points(report):
    assert (report.scores[REFERENCE, CHAPTER].points, report.scores[REFERENCE, CHAPTER].max_points) == (6, 6)


def test_stubs_and_code_as_it_was_given_earn_nothing(report):
    assert report.scores[BLANK, CHAPTER].points == 0
    assert row_of(report, BLANK).status == "missing"
    assert (row_of(report, BLANK, "total").status, row_of(report, BLANK, "total").misconception) == (
        "failed",
        "misses-the-first",
    )


@pytest.mark.parametrize("slug", SLUGS)
def test_misconception_of_a_class_is_named(report, slug):
    row = row_of(report, slug)
    assert (row.points, row.misconception) == (0, slug)


@pytest.mark.parametrize("student", WRONG)
def test_what_does_not_fit_is_said(report, student):
    _, cause, message = WRONG[student]
    row = row_of(report, student)
    assert (row.points, row.cause) == (0, cause) and message in row.message


@pytest.mark.parametrize("student", TRICKS)
def test_tricks_earn_nothing_and_break_nothing(report, student):
    row = row_of(report, student)
    assert row.points == 0 and row.status != "passed" and row.message.startswith(TRICKS[student][1])
    assert len(row.message) < 1000
    if student != "forged-outcome":
        assert row_of(report, student, "total").status == "passed"


def test_optional_exercise_is_judged_and_in_no_total(course, report):
    assert {row.exercise for row in report.rows} == {"Descender", "total"}
    assert report.scores["nothing-optional", CHAPTER].points == 6
    shown = {}
    for student in (REFERENCE, "nothing-optional"):
        path = course.autograded / student / CHAPTER / f"{NOTEBOOK}.ipynb"
        (cell,) = [cell for cell in nbformat.read(path, as_version=4).cells if cell.id == "halve-check"]
        shown[student] = cell.outputs[0].data["text/plain"]
    assert shown[REFERENCE].startswith("halve (optional): the case passed")
    assert "“doubles”" in shown["nothing-optional"] and "points" not in shown["nothing-optional"]


def test_sample_class_holds_misconceptions_of_classes(course, tmp_path):
    elsewhere = Course(course.root, tmp_path)
    folders = simulate(elsewhere, [CHAPTER], students=12, seed=1)
    texts = [(folder / CHAPTER / f"{NOTEBOOK}.ipynb").read_text() for folder in folders]
    classes = {
        cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        for text in texts
        for cell in json.loads(text)["cells"]
        if cell.get("id") == "Descender"
    }
    assert len(classes) >= 3 and all("class Descender" in source for source in classes)
    for source in classes:
        compile(source, "<cell>", "exec")


def test_published_cases_name_their_drivers(course):
    stored = json.loads((course.notebooks / CHAPTER / CHECKS_NAME).read_text())["exercises"]
    found = {data["name"]: {case.get("driver", "") for case in data["cases"]} for data in stored}
    drivers = {"utils.drivers.optimizers.optimizer_by_default", "utils.drivers.optimizers.optimizers_side_by_side"}
    assert found == {"Descender": drivers, "total": {""}, "halve": {""}}


# --- the oracles of the course that are written down here


@pytest.mark.parametrize(("warmup", "steps"), [(2, 9), (5, 30), (10, 11)])
def test_warmup_cosine_is_torchs(warmup, steps):
    lr, lr_end = 0.4, 0.03
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    schedulers = torch.optim.lr_scheduler
    rising = schedulers.LinearLR(optimizer, start_factor=1 / warmup, total_iters=warmup - 1)
    falling = schedulers.CosineAnnealingLR(optimizer, T_max=steps - warmup, eta_min=lr_end)
    schedule = schedulers.SequentialLR(optimizer, [rising, falling], milestones=[warmup - 1])
    for k in range(steps):
        assert np.isclose(momentum.warmup_cosine.oracle(k, lr, warmup, steps, lr_end), schedule.get_last_lr()[0]), k
        optimizer.step()
        schedule.step()
