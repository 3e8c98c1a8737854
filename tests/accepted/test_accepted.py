"""The program finds what breaks, on the sample course, and check hands accepted forms on so that nothing does."""

import shutil

import numpy as np
import pytest

import utils.training
from tests.accepted.forms import FORMS
from tests.accepted.run import Session, Sweeps, silent_asserts
from tests.sample import SAMPLE
from utils.check import published

STEPS = SAMPLE / "solutions" / "ch01_steps" / "steps.py"
NOTEBOOK = """
# %%
import numpy as np
from utils.check import check

# %% nbgrader={{"grade_id": "sgd-step", "solution": true}}
def sgd_step(theta, grad, lr):
    return theta - lr * grad

# %% nbgrader={{"grade_id": "sgd-step-check", "grade": true, "points": 2, "solution": false}}
check(sgd_step)

# %% tags=["experiment"]
theta = sgd_step(np.ones(2), np.ones(2), 0.5)
{experiment}

# %% tags=["experiment"]
print(theta)
"""


@pytest.fixture
def session(tmp_path, monkeypatch):
    """Return a function: a notebook with this experiment, in a folder with the sample's checks."""
    shutil.copy(STEPS.with_name("checks.json"), tmp_path)
    monkeypatch.chdir(tmp_path)

    def of(experiment):
        path = tmp_path / "steps.py"
        path.write_text(NOTEBOOK.format(experiment=experiment))
        return Session(path, Sweeps())

    return of


@pytest.mark.parametrize("form", FORMS)
def test_every_form_carries_the_sample(form, monkeypatch):
    monkeypatch.chdir(STEPS.parent)
    found = Session(STEPS, Sweeps()).run(form, FORMS[form])
    assert found.breaks == [] and found.refused == []
    assert len(found.accepted) == 7


@pytest.mark.parametrize(
    "experiment, told",
    [
        ("-theta", False),
        ("assert hasattr(theta, 'shape')", False),
        ("assert hasattr(theta, 'shape'), 'sgd_step should return an array'", True),
        ("from utils.data import digits\nassert hasattr(theta, 'shape') or digits(noise=1)", False),
        ("from utils.training import batch_indices\nassert hasattr(theta, 'shape') or batch_indices(1, 2, 3, 4)", True),
    ],
)
def test_cell_that_breaks_is_found_and_the_next_one_runs(session, monkeypatch, experiment, told):
    monkeypatch.setattr(published, "as_promised", lambda function, *_: function)
    (broken,) = session(experiment).run("nested lists", FORMS["nested lists"]).breaks
    assert (broken.told, broken.alone) == (told, True)
    assert broken.line == experiment.splitlines()[-1]


def test_form_that_check_refuses_is_not_tried(session):
    found = session("-theta").run("negative", lambda function: lambda *arguments: -function(*arguments))
    assert (found.accepted, found.refused, found.breaks) == ([], ["sgd_step"], [])


def test_sweep_is_asked_again_only_where_a_students_function_takes_part(session, monkeypatch):
    asked = []
    monkeypatch.setattr(utils.training, "sweep", lambda work: asked.append(work) or work())
    sweeps = Sweeps()
    monkeypatch.setattr(utils.training, "sweep", sweeps)
    experiment = "from utils.training import sweep\nsweep(lambda: 1)\nsweep(lambda: sgd_step(theta, theta, 1))"
    lesson = session(experiment)
    lesson.sweeps = sweeps
    lesson.run("reference", sweeps.counting)
    sweeps.recording = False
    lesson.run("tensors", FORMS["tensors"])
    assert len(asked) == 3


def test_silent_asserts_are_listed(tmp_path):
    path = tmp_path / "steps.py"
    path.write_text("# %%\nassert 1\nfor i in []:\n    assert i, 'why'\n    assert i > 0\n")
    assert [text for _, text in silent_asserts(path)] == ["assert 1", "assert i > 0"]


def test_no_form_changes_what_is_right():
    for name, form in FORMS.items():
        value = form(lambda a, b: (a + b, 2.0))(np.ones(2), 1.0)
        first, second = value
        assert [float(item) for item in first] == [2.0, 2.0] and float(second) == 2.0, name
