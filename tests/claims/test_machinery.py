"""What `make claims` finds in tiny notebooks: each claim here is well or ill in one way."""

import os
import re
import signal
import time
from dataclasses import asdict

import jupytext
import numpy as np
import pytest
from typer.testing import CliRunner

from grading.authoring.claims_page import Falsifier, Row
from grading.course import ROOT
from tests.claims.__main__ import app
from tests.claims.asserts import Part, parts_of
from tests.claims.dice import Dice
from tests.claims.fork import NoAnswer, in_copy
from tests.claims.found import Run, Trial
from tests.claims.judge import Book, judge
from tests.claims.runner import Shell, execute

# --- running


def notebook(*sources, tags=(("claim-A",),) * 9):
    """A notebook of a setup cell, and cells that belong to claims."""
    cells = [f"# %%\n{sources[0]}"]
    cells += [
        f"# %% tags={list(tag)}\n{source}".replace("'", '"') for source, tag in zip(sources[1:], tags, strict=False)
    ]
    made = jupytext.reads("\n\n".join(cells), fmt="py:percent")
    for index, cell in enumerate(made.cells):
        cell["id"] = f"c{index}"
    return made


def ran(made, *falsifiers, shift=0):
    """What came of a notebook with one claim, run in a copy of this process."""
    rows = {"A": Row("a", "b", falsifiers=falsifiers)}
    book = Book.of("ch/nb", rows, made)
    data = in_copy(lambda: asdict(execute(made.cells, book.cells, rows, Shell(shift))), 20)
    return book, Run.of_plain(data)


def trials(*falsifiers, sources=("slope = 2", "steps = 10\nassert slope * steps > 5")):
    return ran(notebook(*sources), *falsifiers)[1].trials["A"]


def test_cells_run_as_in_a_kernel():
    _, run = ran(notebook("import numpy as np\na = 1\na", "b = a + 1\ndisplay(b)\nassert b == 2"))
    assert (run.failed, run.errors) == ([], {})


@pytest.mark.parametrize("box", ["None", "'tight'"])
def test_figures_are_saved_and_left_blank(box):
    saved = f"""
import io
from matplotlib import pyplot as plt
fig, ax = plt.subplots(subplot_kw={{"projection": "3d"}})
ax.plot([0, 1], [0, 1], [0, 1], color="red", linewidth=9)
fig.savefig(file := io.BytesIO(), bbox_inches={box})
file.seek(0)
picture = plt.imread(file)
assert picture.shape[0] > 200 and picture.shape[1] > 200
assert (picture[..., :3] == 1).all()
"""
    _, run = ran(notebook("x = 1", saved))
    assert (run.failed, run.errors) == ([], {})


def test_asserts_that_fail_are_noted_part_by_part_and_passed_over():
    source = "for n in (1, 2):\n    assert n < 2 and n > 0 and n < 1, f'n is {n}'\nassert n == 2\nassert n == 3"
    _, run = ran(notebook("n = 0", source))
    assert run.failed == [
        (Part("c1", "n < 1"), "n is 2"),
        (Part("c1", "n < 2"), "n is 2"),
        (Part("c1", "n == 3"), ""),
    ]


def test_assert_in_a_function_belongs_to_the_cell_that_defines_it():
    _, run = ran(notebook("n = 0", "def f(x):\n    assert x", "f(0)"))
    assert run.failed == [(Part("c1", "x"), "")]


def test_what_an_assert_raises_is_an_error_unless_a_part_had_failed():
    _, run = ran(notebook("x = None", "assert x is not None and x > 1, x + 1", "assert x > 1"))
    assert run.failed == [(Part("c1", "x is not None"), "")]
    assert list(run.errors) == ["c2"] and run.errors["c2"].startswith("TypeError: '>' not supported")


def test_later_cells_run_when_one_raises():
    _, run = ran(notebook("x = 1", "1 / 0", "assert x == 2"))
    assert run.errors == {"c1": "ZeroDivisionError: division by zero"}
    assert run.failed == [(Part("c2", "x == 2"), "")]


def test_falsifier_is_caught_when_its_assert_fails():
    part = Part("c1", "slope * steps > 5")
    found = trials(Falsifier("downhill", before="slope = -2"), Falsifier("lazy", replace="steps = 10", by="steps = 1"))
    assert {name: (trial.failed, trial.error) for name, trial in found.items()} == {
        "downhill": ([part], ""),
        "lazy": ([part], ""),
    }


def test_falsifier_leaves_the_notebook_as_it_was():
    book, run = ran(notebook("slope = [2]", "assert slope == [2]"), Falsifier("x", before="slope.append(1)"))
    assert run.trials["A"]["x"].failed == [Part("c1", "slope == [2]")]
    assert run.failed == []


def test_falsifier_changes_all_cells_of_its_claim_and_no_other():
    made = notebook("k = 1", "x = k + 1", "x = k + 1", "assert x == 2", tags=(("claim-A",), (), ("claim-A",)))
    _, run = ran(made, Falsifier("more", replace="k + 1", by="k + 5"))
    assert run.trials["A"]["more"].failed == []
    made = notebook("k = 1", "x = k + 1", "x = k + 1", "assert x == 2")
    _, run = ran(made, Falsifier("more", replace="k + 1", by="k + 5"))
    assert run.trials["A"]["more"].failed == [Part("c3", "x == 2")]


def test_falsifier_that_raises_breaks_down():
    found = trials(Falsifier("gone", before="del slope"), Falsifier("worse", before="1 / 0"))
    assert found["gone"].failed == [] and found["gone"].error.startswith("c1: NameError")
    assert found["worse"].error == "c1: its own code raises ZeroDivisionError: division by zero"


WRAPPED = "once = step\ndef step(x):\n    y = once(x)\n    return 2 * y"


@pytest.mark.parametrize("between", ["y = 1", "def step(x):\n    return x"])
def test_falsifier_stands_once_before_all_cells_of_its_claim(between):
    made = notebook("y = 0\ndef step(x):\n    return x", "assert step(1) != 2", between, "assert step(1) != 2")
    made.cells[2].metadata["tags"] = []
    _, run = ran(made, Falsifier("twice", before=WRAPPED))
    assert run.trials["A"]["twice"] == Trial(
        [Part("c1", "step(1) != 2"), Part("c3", "step(1) != 2")], "", run.trials["A"]["twice"].seconds
    )


def test_falsifier_may_need_what_is_defined_between_the_cells_of_its_claim():
    made = notebook("x = 1", "assert x == 1", "def step(x):\n    return x", "assert step(1) != 2")
    made.cells[2].metadata["tags"] = []
    _, run = ran(made, Falsifier("twice", before=WRAPPED), Falsifier("gone", before="nowhere"))
    assert run.trials["A"]["twice"].failed == [Part("c3", "step(1) != 2")]
    assert run.trials["A"]["gone"].error == "c3: its own code raises NameError: name 'nowhere' is not defined"


def test_falsifier_that_kills_its_process_breaks_down_alone():
    kill = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    found = trials(Falsifier("dies", before=kill), Falsifier("exits", before="import os; os._exit(3)"))
    assert [trial.error for trial in found.values()] == ["died: SIGKILL", "died: exit status 3"]


# --- copies


def test_copy_answers_and_ends():
    here = os.getpid()
    there = in_copy(os.getpid, 5)
    assert there != here == os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(there, 0)


def test_copy_that_takes_too_long_is_ended():
    with pytest.raises(NoAnswer, match=r"took longer than 0.2 s"):
        in_copy(lambda: time.sleep(60), 0.2)


def test_copy_that_raises_says_what():
    with pytest.raises(NoAnswer, match="KeyError: 7"):
        in_copy(lambda: {}[7], 5)


def test_copy_that_dies_says_how():
    with pytest.raises(NoAnswer, match="died: SIGTERM"):
        in_copy(lambda: os.kill(os.getpid(), signal.SIGTERM), 5)


# --- dice


@pytest.fixture
def dice(monkeypatch):
    """Dice that are moved by 100, in their places for one test."""
    import random

    import torch

    for module, name in ((np.random, "default_rng"), (np.random, "seed"), (random, "seed"), (torch, "manual_seed")):
        monkeypatch.setattr(module, name, getattr(module, name))
    made = Dice(100)
    made.install()
    return made


def throws():
    import random

    import torch

    def thrown():
        made = np.random.default_rng(3).random(), np.random.default_rng([3, 4]).random()
        np.random.seed(3)
        random.seed(3)
        torch.manual_seed(3)
        return (*made, np.random.random(), random.random(), torch.rand(1).item())

    return thrown


def test_seeds_are_noted_and_moved_while_watched(dice):
    unmoved = throws()()
    with dice.watch("c1"):
        moved = throws()()
    assert list(dice.thrown) == [("c1", "3"), ("c1", "[3, 4]")]
    assert not set(moved) & set(unmoved)
    assert throws()() == unmoved


def test_what_the_dice_cannot_move_is_left(dice):
    rng = np.random.default_rng(1)
    with dice.watch("c1"):
        assert np.random.default_rng(rng) is rng
        np.random.default_rng()
    assert list(dice.thrown) == [("c1", "None")]


def test_published_data_is_no_throw(dice):
    from utils.data import digits

    before = digits().x_test
    with dice.watch("c1"):
        assert (digits().x_test == before).all()
    assert list(dice.thrown) == []


# --- judging

GOOD = [Falsifier("downhill", before="slope = -1")]
SLOPE = Part("c1", "slope > 0")


def judged(source="assert slope > 0", runs=None, falsifiers=GOOD, guess=True, trial=None, failed=(), tried="A"):
    """The problems of the one claim of a notebook, and of what stands outside of it."""
    made = notebook("slope = 1", source)
    if guess:
        made.cells[0].metadata["tags"] = ["guess"]
    book = Book.of("ch/nb", {"A": Row("a", "b", falsifiers=tuple(falsifiers))}, made)
    trial = trial or Trial([SLOPE])
    runs = runs or {0: Run(list(failed), trials={"A": {f.name: trial for f in falsifiers}}), 1: Run()}
    rows = judge(book, runs, tried)
    return rows[0], [problem for row in rows for problem in row.problems]


def test_good_claim_has_no_problem():
    row, problems = judged()
    assert problems == []
    assert (row.held, row.seeds, row.caught, row.falsifiers) == (1, 1, 1, 1)


def test_claim_without_falsifier_is_a_problem():
    assert judged(falsifiers=[])[1] == ["has no falsifier"]
    assert judged(falsifiers=[], tried="B")[1] == []


def test_falsifier_that_nothing_notices_is_a_problem():
    row, problems = judged(trial=Trial())
    assert row.caught == 0
    assert problems == ["falsifier 'downhill': nothing fails", "never seen to fail: c1 `slope > 0`"]


def test_falsifier_that_only_raises_is_a_problem():
    _, problems = judged(trial=Trial(error="c1: NameError: name 'slope'"))
    assert problems[0] == "falsifier 'downhill' breaks down: c1: NameError: name 'slope'"


def test_falsifier_whose_assert_fails_before_it_raises_is_caught():
    assert judged(trial=Trial([SLOPE], error="c1: NameError"))[1] == []


def test_falsifier_noticed_only_by_another_claim_is_a_problem():
    assert judged(trial=Trial([Part("c7", "x")]))[1][0] == "falsifier 'downhill': nothing fails"


@pytest.mark.parametrize("source", ["assert slope > 0 and True", "assert slope > 0\nassert True"])
def test_condition_never_seen_to_fail_is_a_problem(source):
    assert judged(source)[1] == ["never seen to fail: c1 `True`"]


def test_claim_that_fails_as_built_is_a_problem():
    assert judged(failed=[(SLOPE, "it fell")])[1] == ["as built: c1 `slope > 0`, it fell"]


def test_claim_that_fails_under_other_seeds_is_a_problem():
    trials = {"A": {"downhill": Trial([SLOPE])}}
    fails, raises = Run([(SLOPE, "")]), Run(errors={"c1": "ValueError: no"})
    row, problems = judged(runs={0: Run(trials=trials), 1: fails, 2: Run(), 3: fails, 4: raises})
    assert (row.held, row.seeds) == (1, 4)
    assert problems == [
        "fails under 2 of 4 base seeds: c1 `slope > 0`",
        "fails under 1 of 4 base seeds: c1 raises ValueError: no",
    ]


def test_assert_outside_claims_must_hold_too():
    trials = {"A": {"downhill": Trial([SLOPE])}}
    _, problems = judged(runs={0: Run(trials=trials), 1: Run([(Part("c0", "x"), "")])})
    assert problems == ["fails under 1 of 1 base seeds: c0 `x`"]


def test_seed_that_does_not_follow_the_base_seed_is_a_problem():
    trials = {"A": {"downhill": Trial([SLOPE])}}
    runs = {seed: Run(thrown=[("c1", "3"), ("c1", f"{1000 + seed}")], trials=trials) for seed in range(3)}
    assert judged(runs=runs)[1] == ["c1 throws dice that do not follow the base seed: 3"]
    assert judged(runs=runs, guess=False)[1] == []


def test_parts_are_those_of_all_asserts():
    source = "assert a and b, c\nfor x in y:\n    assert d or e\nassert a"
    assert [part.text for part in parts_of("c", source)] == ["a", "b", "d or e"]


# --- the command

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
(LISTED,) = re.findall(r"```toml\n(.*?)```", CONTRIBUTING, flags=re.DOTALL)
(SHOWN,) = re.findall(r"```py\n(.*?)```", CONTRIBUTING, flags=re.DOTALL)
SETUP = """\
# %% tags=["guess"]
import numpy as np
from utils.claims import base_seed, measured, seeds, spread
guess = {"error of the mean": ...}
empirical_risk = np.mean
"""


@pytest.mark.parametrize(
    ("changes", "others", "problems"),
    [
        ({}, 0, []),
        (
            {"seeds(10)": "range(3)", "size=(10_000, 100)": "size=(10_000, 100 + 900 * base_seed())"},
            1,
            [
                "R1: fails under 1 of 1 base seeds: cell-002 `abs(np.median(errors) - 0.1) < 0.01`",
                "–: cell-001 throws dice that do not follow the base seed: 0, 1, 2",
            ],
        ),
    ],
)
def test_command_says_what_does_not_hold_in_the_example(tmp_path, monkeypatch, changes, others, problems):
    shown, listed = SHOWN, LISTED
    for old, new in changes.items():
        shown, listed = shown.replace(old, new), listed.replace(old, new)
    for path, text in (
        ("solutions/ch10_example/risk.py", SETUP + "\n" + shown),
        ("grading/claims/ch10_example/risk.toml", listed),
    ):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    done = CliRunner().invoke(app, ["--seeds", str(others), "--write", str(tmp_path / "open.md")])
    assert done.exit_code == bool(problems), done.output
    assert [line for line in done.output.splitlines() if line.startswith("ch10_example/risk ")] == [
        f"ch10_example/risk {problem}" for problem in problems
    ]
    assert f"remade: ch10_example/risk; there {len(problems)} problems" in done.output
    held = f"{others - len(problems[:1])} of {others}" if others else ""
    said = problems[0].partition(": ")[2] if problems else ""
    assert f"| R1 | {held} | 2 of 2 | {said} |" in (tmp_path / "open.md").read_text(encoding="utf-8")


def test_command_names_what_it_does_not_know(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    done = CliRunner().invoke(app, ["ch99"])
    assert (done.exit_code, "no chapter or notebook 'ch99'" in done.output) == (1, True)
