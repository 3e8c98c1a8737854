"""Building refuses what would hurt a class, names the cell, and gives the same bytes twice."""

import json
import re
import shutil
from pathlib import Path

import nbformat
import numpy as np
import pytest

from grading.authoring import build
from grading.authoring.build import (
    BuildError,
    build_chapter,
    differences,
    execute,
    find_leaks,
    read_source,
    validate,
)
from grading.course import Course
from grading.exercise import exercise
from tests.sample import COURSE

CHAPTER = "ch99_sample"
SOURCE = '''
# %% [markdown]
r"""
# A sample
"""

# %%
import matplotlib.pyplot as plt

from utils.check import check

# %% nbgrader={"grade": false, "grade_id": "double", "locked": false, "schema_version": 3, "solution": true}
def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "double-check", "locked": true, "points": 2, "schema_version": 3, "solution": false}
check(double)

# %% tags=["experiment"]
plt.plot([double(1), double(2)])
plt.show()

# %% [markdown] nbgrader={"grade": true, "grade_id": "why", "locked": false, "points": 1, "schema_version": 3, "solution": true}
r"""
Because adding a number to itself doubles it. One point.
"""
'''  # noqa: E501


def sample_exercise(points=2):
    @exercise(points=points, returns="y")
    def double(x):
        return np.add(x, x)

    @double.cases("numbers")
    def _(rng):
        yield dict(x=rng.normal(size=3))

    @double.misconception
    def squares(x):
        """Twice three is not nine."""
        return x**2

    return {"double": double}


@pytest.fixture(scope="module", autouse=True)
def exercises():
    """The exercises of every course here but the one that all tests share."""
    original = build.load_exercises
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            build,
            "load_exercises",
            lambda course, chapter: sample_exercise() if chapter == CHAPTER else original(course, chapter),
        )
        yield


def authored(folder):
    """A course with one tiny chapter that is not built."""
    course = Course(folder, folder / "gradebook")
    (course.solutions / CHAPTER).mkdir(parents=True)
    (course.solutions / CHAPTER / "sample.py").write_text(SOURCE)
    return course


@pytest.fixture
def sample(tmp_path):
    """A course with one tiny chapter, and the path of its source."""
    course = authored(tmp_path)
    return course, course.solutions / CHAPTER / "sample.py"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The course built, to look at."""
    course = authored(tmp_path_factory.mktemp("finished"))
    assert built(course)
    return course


def built(course, force=False):
    return build_chapter(course, CHAPTER, force=force)


def files_of(course):
    return {
        str(path.relative_to(course.root)): path.read_bytes()
        for folder in (course.solutions, course.notebooks)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def notebook(tmp_path):
    path = tmp_path / "sample.py"

    def read(source=SOURCE):
        path.write_text(source)
        return {"sample": read_source(path)}

    return read


SECOND = SOURCE[SOURCE.index("# %% nbgrader") : SOURCE.index('# %% tags=["experiment"]')]
REFUSED = {
    "no-solution-markers": (SOURCE.replace("    ### BEGIN SOLUTION\n", ""), "'double': expected '### BEGIN SOLUTION'"),
    "empty-solution": (SOURCE.replace("    return 2 * x\n", ""), "'double': expected a solution between"),
    "no-model-answer": (SOURCE.replace("Because adding a number to itself doubles it. One point.", ""), "'why'"),
    "duplicate": (SOURCE + SECOND, "'double': this grade_id is also used"),
    "unknown-exercise": (SOURCE.replace('"double', '"triple'), "'triple': there is no exercise 'triple'"),
    "no-check-cell": (SOURCE.replace(SECOND[SECOND.index('# %% nbgrader={"grade": true') :], ""), "no check cell"),
    "no-solution-cell": (SOURCE.replace(SECOND[: SECOND.index('# %% nbgrader={"grade": true')], ""), "no solution"),
    "eaten-backslash": (SOURCE.replace("doubles it", "$2 \times x$"), "'why': holds a control character"),
    "other-points": (SOURCE.replace('"points": 2', '"points": 3'), "'double-check': the cell is worth 3 points"),
    "other-check": (SOURCE.replace("check(double)", "check(double); 1"), "expected the cell to be check(double)"),
}


@pytest.mark.parametrize(("source", "message"), REFUSED.values(), ids=REFUSED)
def test_validate_refuses_and_names_the_cell(notebook, source, message):
    with pytest.raises(BuildError, match=re.escape(message)):
        validate(CHAPTER, notebook(source), sample_exercise())


def test_notebook_that_raises_is_refused_with_its_cell(notebook, tmp_path):
    source = SOURCE.replace("check(double)", "1 / 0").replace("from utils.check import check\n", "")
    with pytest.raises(BuildError, match=r"(?s)cell 'double-check' does not run.*ZeroDivisionError"):
        execute(notebook(source)["sample"], tmp_path, "sample")


def test_wrong_reference_solution_is_refused(sample):
    course, path = sample
    path.write_text(SOURCE.replace("return 2 * x", "return 3 * x"))
    with pytest.raises(BuildError, match=r"(?s)cell 'double-check'.*times what it should"):
        built(course)
    assert not (course.notebooks / CHAPTER).exists()


@pytest.mark.parametrize(
    "leak",
    [
        SOURCE.replace("# A sample", "# A sample\n\n    return 2 * x"),
        SOURCE.replace("plt.show()", "def again(x):\n    return 2 * x"),
        SOURCE.replace("# A sample", "Because adding a number to itself doubles it. One point."),
    ],
    ids=["in-prose", "in-an-experiment", "model-answer"],
)
def test_release_with_a_solution_line_is_refused(sample, leak):
    course, path = sample
    path.write_text(leak)
    with pytest.raises(BuildError, match="would give answers away"):
        built(course)
    assert not (course.notebooks / CHAPTER).exists()


def test_leaks_are_found_in_any_released_notebook(notebook, tmp_path):
    release = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("  return 2 * x ", id="spy")])
    folder = tmp_path / "release"
    folder.mkdir()
    nbformat.write(release, folder / "sample.ipynb")
    (leak,) = find_leaks(notebook(), folder)
    assert "'spy'" in leak and "'double'" in leak


def test_building_twice_gives_the_same_bytes(sample):
    course, _ = sample
    assert built(course)
    first = files_of(course)
    assert set(first) == {f"solutions/{CHAPTER}/{name}" for name in ("sample.py", "sample.ipynb", "checks.json")} | {
        f"notebooks/{CHAPTER}/{name}" for name in ("sample.ipynb", "checks.json")
    }
    assert built(course, force=True)
    assert files_of(course) == first
    assert not built(course)


def test_release_holds_the_stub_and_no_outputs(finished):
    course = finished
    release = nbformat.read(course.notebooks / CHAPTER / "sample.ipynb", as_version=4)
    sources = {cell.id: cell.source for cell in release.cells}
    assert "raise NotImplementedError(" in sources["double"] and "2 * x" not in sources["double"]
    assert '"""Return twice x."""' in sources["double"]
    assert sources["why"] == "*Your answer replaces this line.*"
    assert all(not cell.outputs for cell in release.cells if cell.cell_type == "code")


CHANGES = {
    "source": lambda course: _edit(course.solutions / CHAPTER / "sample.py", "# A sample", "# Another"),
    "executed": lambda course: _edit(course.solutions / CHAPTER / "sample.ipynb", "2 * x", "x + x"),
    "checks": lambda course: _edit(course.solutions / CHAPTER / "checks.json", '"points": 2', '"points": 3'),
    "release": lambda course: _edit(course.notebooks / CHAPTER / "sample.ipynb", "# A sample", "# A Sample"),
    "release-file": lambda course: (course.notebooks / CHAPTER / "notes.txt").write_text("new"),
}


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_built_course_is_in_step(finished):
    assert differences(finished, CHAPTER) == []


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_differences_notice_a_change(finished, tmp_path, change):
    shutil.copytree(finished.root, tmp_path / "course", symlinks=True)
    course = Course(tmp_path / "course")
    change(course)
    assert differences(course, CHAPTER)


@pytest.mark.parametrize("chapter", COURSE.authored_chapters())
def test_sample_course_is_in_step_with_its_source(chapter):
    assert differences(COURSE, chapter) == []


def test_committed_checks_hold_numbers_only(finished):
    course = finished
    (stored,) = json.loads((course.notebooks / CHAPTER / "checks.json").read_text())["exercises"]
    assert " ".join(stored) == "name parameters returns points rtol holds view groups hints slips cases"
