"""`check` in a notebook: silent but for a table when all is right, one clear sentence when it is not."""

import json
import re
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tests.conftest import CHAPTER, published
from utils.check import CheckFailed, check
from utils.check.published import read_ahead

RIGHT = "def sgd_step(theta, grad, lr):\n    return theta - lr * grad"


@pytest.fixture(scope="session")
def checks_text():
    return json.dumps({"exercises": published(CHAPTER)})


@pytest.fixture
def chapter_folder(tmp_path, monkeypatch, checks_text):
    """Stand in a folder that holds the published cases, in a course that holds no others."""
    (tmp_path / "checks.json").write_text(checks_text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("utils.__file__", str(tmp_path / "course" / "utils" / "__init__.py"))
    return tmp_path


@pytest.fixture
def shell(chapter_folder):
    shell = InteractiveShell()
    shell.run_cell("from utils.check import check")
    return shell


def error_of(shell, *cells):
    """Run cells like a notebook; return what the last one raised."""
    for cell in cells:
        result = shell.run_cell(cell, store_history=True)
    return result.error_before_exec or result.error_in_exec


@pytest.mark.parametrize("folder_of_course", [False, True])
def test_check_passes_with_a_table(shell, chapter_folder, capsys, folder_of_course):
    if folder_of_course:  # started elsewhere: the checks of every chapter are known
        chapter = chapter_folder / "course" / "notebooks" / CHAPTER
        chapter.mkdir(parents=True)
        (chapter_folder / "checks.json").rename(chapter / "checks.json")
    assert error_of(shell, RIGHT, "check(sgd_step)") is None
    output = capsys.readouterr()
    assert re.match(r"sgd_step: all \d+ cases passed\n", output.out) and output.err == ""


def test_check_fails_with_one_sentence(shell, capsys):
    error = error_of(shell, RIGHT.replace("-", "+"), "check(sgd_step)")
    assert isinstance(error, CheckFailed) and isinstance(error, AssertionError)
    assert str(error) == "sgd_step moves by the right amount in the opposite direction"
    output = capsys.readouterr().out
    assert "FAILED" in output and "Looks like “ascends”. The gradient points uphill." in output
    assert output.splitlines()[-1] == f"CheckFailed: {error}"
    assert "Traceback" not in output and "utils/check/" not in output


def test_check_names_the_line_of_the_cell(shell):
    error = error_of(shell, "def sgd_step(theta, grad, lr):\n\n    return theta - lrr * grad", "check(sgd_step)")
    expected = (
        "sgd_step raised NameError: name 'lrr' is not defined (line 3 of the cell: \"return theta - lrr * grad\")"
    )
    assert str(error) == expected


def test_check_recognises_the_untouched_stub(shell, capsys):
    stub = "def sgd_step(theta, grad, lr):\n    raise NotImplementedError()  # your code replaces this line"
    assert "still raises NotImplementedError" in str(error_of(shell, stub, "check(sgd_step)"))
    assert "A failed case" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "definition",
    [
        "sgd_step = lambda theta, grad, lr: theta - lr * grad",
        "class Step:\n    def __call__(self, theta, grad, lr):\n        return theta - lr * grad\nsgd_step = Step()",
        "import functools\ndef f(kind, t, g, lr):\n    return t - lr * g\nsgd_step = functools.partial(f, 'sgd')",
        "def timed(f):\n    def inner(*a):\n        return f(*a)\n    return inner\n@timed\n" + RIGHT,
        "import numpy as np\nsgd_step = np.vectorize(lambda theta, grad, lr: theta - lr * grad)",
        "%%time\n" + RIGHT,
        "import torch\ndef sgd_step(t, g, lr):\n    return torch.tensor(t) - lr * torch.tensor(g)",
    ],
)
def test_check_finds_the_exercise_of_other_callables(shell, definition, capsys):
    assert error_of(shell, definition, "check(sgd_step)") is None
    assert re.search(r"sgd_step: all \d+ cases passed", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("cells", "error", "message"),
    [
        (["def sgd_setp(): 1", "check(sgd_setp)"], LookupError, "called sgd_setp; did you mean sgd_step?"),
        (["sgd_setp = lambda: 1", "check(sgd_setp)"], LookupError, "called sgd_setp; did you mean sgd_step?"),
        (["def zzz(): 1", "check(zzz)"], LookupError, "there is no exercise called zzz"),
        (["check(lambda: 1)"], LookupError, "there is no exercise called <lambda>"),
        (["check(3)"], TypeError, "check expects a function, for instance check(sgd_step), got int"),
        (["check(None)"], TypeError, "got NoneType"),
        (["check(sgd_step)"], NameError, "name 'sgd_step' is not defined"),
    ],
)
def test_check_says_what_it_cannot_check(shell, cells, error, message):
    found = error_of(shell, *cells)
    assert isinstance(found, error) and message in str(found)


def test_check_misses_its_file_kindly(shell, chapter_folder):
    (chapter_folder / "checks.json").unlink()
    error = error_of(shell, RIGHT, "check(sgd_step)")
    assert isinstance(error, LookupError)
    assert "start the notebook in its own folder of the course, which holds checks.json" in str(error)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"exercises": [{}]}', '{"exercises": [{"name": "sgd_step"}]}'])
def test_check_reports_a_damaged_file(chapter_folder, content):
    (chapter_folder / "checks.json").write_text(content)

    def sgd_step(theta, grad, lr):
        return theta

    with pytest.raises(LookupError, match=r"checks\.json is damaged"):
        check(sgd_step)


def test_check_reads_a_changed_file_again(shell, chapter_folder):
    assert error_of(shell, RIGHT, "check(sgd_step)") is None
    path = chapter_folder / "checks.json"
    path.write_text(path.read_text().replace('"sgd_step"', '"sgd_stepp"'))
    assert "did you mean sgd_stepp?" in str(error_of(shell, "check(sgd_step)"))


def test_cases_read_ahead_are_not_read_again(shell, monkeypatch):
    read_ahead()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", None)
        assert error_of(shell, RIGHT, "check(sgd_step)") is None


def test_check_shows_a_first_failed_case_that_can_be_pasted(shell, capsys):
    error_of(shell, RIGHT.replace("-", "+"), "import numpy as np", "check(sgd_step)")
    example = re.search(r"A failed case: (.*)", capsys.readouterr().out)[1]
    assert error_of(shell, f"pasted = {example}") is None
    assert shell.user_ns["pasted"].shape == (1,)


def test_check_shows_a_function_input_that_can_be_pasted(shell, capsys):
    wrong = "def nesterov_step(theta, velocity, grad_fn, lr, momentum):\n    return theta, grad_fn(theta)"
    error_of(shell, wrong, "import numpy as np\nfrom utils import landscapes", "check(nesterov_step)")
    example = re.search(r"A failed case: (.*)", capsys.readouterr().out)[1]
    assert "quadratic(" in example and error_of(shell, example) is None


def test_check_shows_a_list_of_arrays_that_can_be_pasted(shell, chapter_folder, capsys):
    (chapter_folder / "checks.json").write_text(json.dumps({"exercises": published("ch03_challenges")}))
    wrong = "def clip_by_norm(grads, max_norm):\n    return [grad.ravel()[:1] for grad in grads]"
    error = error_of(shell, wrong, "import numpy as np", "check(clip_by_norm)")
    assert str(error).startswith("clip_by_norm should")
    example = re.search(r"A failed case: (.*)", capsys.readouterr().out)[1]
    assert example.startswith("clip_by_norm(grads=[np.array(") and error_of(shell, example) is None
