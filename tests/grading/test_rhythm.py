"""The build refuses notebooks that spoil their guesses, names the cell, and counts what students have before them."""

import io
import re

import jupytext
import nbformat
import pytest
from rich.console import Console

from grading.authoring import build
from grading.authoring.rhythm import docstring_lines, open_lines, problems, survey, written_lines
from grading.authoring.rhythm_table import rhythm_table, surveys
from tests.sample import COURSE, OTHER_CHAPTER, OTHER_NOTEBOOK

FOLDED = 'jupyter={"source_hidden": true} '
SOURCE = '''# %%
from utils import predict

guess = ...

# %% [markdown]
r"""
Descend for 1500 steps. How far is it then?
"""

# %% tags=["guess"]
guess = {"constant 0.15": ..., "falling": ...}  # distance after 1500 steps

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S1"]
# the experiment
steps = 1500
came = {"constant 0.15": 0.23, "falling": steps**-1.0}
predict.compare(guess, came, "distance")

# %% jupyter={"source_hidden": true} tags=["experiment", "claim-S1"]
# the claim
assert came["constant 0.15"] < 0.25, "the constant rate has arrived"

# %% [markdown]
r"""
<details><summary>What you saw</summary>

It stays at 0.25.
</details>

## Another thing

<details><summary>Hint</summary>0.25</details>
"""

# %% nbgrader={"grade": false, "grade_id": "double", "locked": false, "schema_version": 3, "solution": true}
def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    y = 2 * x

    return y
    ### END SOLUTION

# %% tags=["experiment"]
predict.summary()
'''
CLAIM = 'assert came["constant 0.15"] < 0.25, "the constant rate has arrived"'


def notebook(*changes):
    source = SOURCE
    for old, new in changes:
        assert old in source
        source = source.replace(old, new, 1)
    found = jupytext.reads(source, fmt="py:percent")
    for index, cell in enumerate(found.cells):
        cell["id"] = f"cell-{index}"
    return found


def test_a_notebook_in_rhythm_is_accepted():
    assert problems("ch/nb", notebook()) == []


def test_a_notebook_without_guesses_is_accepted():
    assert problems("ch/nb", notebook(('tags=["guess"]', ""), ("predict.summary()", ""))) == []


REFUSED = {
    "open experiment": ((FOLDED, ""), "cell-3", "source gives the answer away"),
    "long experiment": (("steps = 1500\n", "steps = 1500\n" + "steps += 0\n" * 23), "cell-3", "26 lines"),
    "guess after the experiment": (("compare(guess,", "compare(came,"), "cell-2", "no experiment after it compares"),
    "claim in the experiment": (
        ("predict.compare(", f"{CLAIM}\npredict.compare("),
        "cell-3",
        "a claim cell of their own",
    ),
    "claim without a message": ((', "the constant rate has arrived"', ""), "cell-4", "the assert in line 2 has no"),
    "open reading": (("<details><summary>What", "You saw:\n<details><summary>What"), "cell-4", "begins with <details>"),
    "no reading": (('# %% [markdown]\nr"""\n<det', '# %%\n1\n\n# %% [markdown]\nr"""\n<det'), "cell-4", "begins with"),
    "told by the prose": (("How far", "Is it 0.25? How far"), "cell-1", "0.25 stands open"),
    "told by the guess": (("# distance", "# distance, not 0.25"), "cell-2", "0.25 stands open"),
    "told by the prose below": (("## Another", "0.25 is much.\n\n## Another"), "cell-5", "0.25 stands open"),
    "told by open code": (('"""Return twice x."""', '"""Return twice 0.25."""'), "cell-6", "0.25 stands open"),
    "told by a folded cell": (("# the experiment", "# is it 0.25?"), "cell-3", "0.25 stands open"),
    "folded without a label": (("# the experiment\n", ""), "cell-3", "expected a comment there"),
    "guessed already": (('"falling": ...}', '"falling": 0.5}'), "cell-2", "nothing is ventured for the student"),
    "guess of another name": (("guess = {", "bet = {"), "cell-2", "expected it to assign guess"),
    "folded guess": (('tags=["guess"]', FOLDED + 'tags=["guess"]'), "cell-2", "a guess cell is open"),
    "no guess to fall back on": (("guess = ...\n", ""), "ch/nb", "into the set-up cell"),
    "no summary": (('"experiment"]\npredict.summary()', '"x"]\npredict'), "cell-7", "expected predict.summary()"),
    "graded summary": (('["experiment"]\npredict.summary', "[]\npredict.summary"), "cell-7", "tagged experiment"),
}


@pytest.mark.parametrize(("change", "where", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_breaks_the_rhythm_is_refused(change, where, sentence):
    (found,) = problems("ch/nb", notebook(change))
    assert found.startswith("ch/nb") and where in found and sentence in found


def test_a_number_that_was_measured_must_not_stand_open():
    found = notebook(("How far", "Is it 0.23? How far"))
    assert problems("ch/nb", found) == []
    line = nbformat.v4.new_output("display_data", {"text/plain": "it is 0.23 or 1500"}, metadata={"claim": "S1"})
    found.cells[4].outputs = [line]
    # a setting of the experiment, as in its code or in the name of a guess, is no answer
    found.cells[3].source = found.cells[3].source.replace("0.23", "measure()")
    (sentence,) = problems("ch/nb", found)
    assert "cell 'cell-1': 0.23 stands open" in sentence


def test_building_refuses_a_spoiled_guess(tmp_path):
    path = tmp_path / "sample.py"
    path.write_text(re.sub("nbgrader={.*}", "", SOURCE).replace(FOLDED, "", 1))
    with pytest.raises(build.BuildError, match="ch99/sample, cell 'cell-003': its source gives the answer away"):
        build.validate("ch99", {"sample": build.read_source(path)}, {})


def test_lines_are_counted_as_students_see_them():
    found = survey(notebook())
    # set-up 2, guess 1, solution 4 with its stub, summary 1; neither blank lines nor folded cells
    assert (found.written, found.open) == (2, 8)
    assert survey(notebook((FOLDED, ""))).open == 8 + 4


@pytest.mark.parametrize(
    ("docstring", "lines"),
    [("", 0), ('"""Add one."""', 1), ('"""Add one.\n\n    y : int\n    """', 3), ('"""Add one.\n\n    y : int"""', 2)],
)
def test_lines_of_a_docstring_are_counted(docstring, lines):
    source = f"def step(y):\n    {docstring}\n    return y + 1"
    cell = nbformat.v4.new_code_cell(source)
    assert (docstring_lines(cell), open_lines(cell)) == (lines, 2 + lines)


def test_of_a_solution_given_with_bugs_the_lines_to_mend_count():
    source = """def f(x):
    ### BEGIN SOLUTION
    y = x
    y += 1
    return y
    ### END SOLUTION
    ### BEGIN GIVEN
    # y = x
    # y -= 1
    # return y
    ### END GIVEN"""
    assert written_lines(nbformat.v4.new_code_cell(source)) == 1


def test_survey_counts_figures_without_alternative_text():
    found = notebook()
    pictures = [{"alt": "a curve"}, {"alt": " "}, {}]
    data = {"image/png": "iVBORw0KGgo="}
    found.cells[3].outputs = [
        nbformat.v4.new_output("display_data", data, metadata={"image/png": picture}) for picture in pictures
    ]
    counted = survey(found)
    assert (counted.figures, counted.without_alt) == (3, ("cell-3", "cell-3"))
    assert (counted.guesses, counted.experiments, counted.unfolded, counted.bare_readings) == (1, 2, 0, 0)


def test_table_has_a_line_for_each_notebook():
    found = surveys(COURSE, [OTHER_CHAPTER])
    assert list(found) == [f"{OTHER_CHAPTER}/{OTHER_NOTEBOOK}"]
    console = Console(width=80, file=io.StringIO())
    console.print(rhythm_table(COURSE, [OTHER_CHAPTER]))
    one = found[f"{OTHER_CHAPTER}/{OTHER_NOTEBOOK}"]
    code = one.open - one.docstrings
    shares = [str(one.open), f"{2 / one.open:.0%}", str(code), f"{2 / code:.0%}"]
    expected = [OTHER_NOTEBOOK, "1", "2", "0", "0", "0", "0", "2", *shares]
    assert expected in [line.split() for line in console.file.getvalue().splitlines()]
