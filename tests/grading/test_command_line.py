"""What an instructor types, and what they are told when it is wrong."""

import warnings

import pytest
import typer
from typer.testing import CliRunner

from grading import __main__ as program
from grading.__main__ import app
from grading.authoring.simulate import simulate
from grading.course import CourseError
from grading.limits import DEFAULT_PATH, Limits
from grading.sandbox import SandboxWarning, bubblewrap, bubblewrap_mode
from grading.sandbox.pool import POOL
from tests.sample import CHAPTER as SAMPLE_CHAPTER
from tests.sample import COURSE, NOTEBOOK, SAMPLE, sample_course


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command on the sample course with an empty gradebook; return (exit status, what was printed)."""
    monkeypatch.setenv("COURSE_ROOT", str(SAMPLE))
    monkeypatch.setenv("GRADEBOOK_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")

    def command(*arguments):
        result = CliRunner().invoke(app, arguments)
        return result.exit_code, " ".join(result.output.split())

    return command


@pytest.mark.parametrize(("command", "wanted"), [("grade", "ch01_setps"), ("build", "ch01"), ("build", "steps")])
def test_unknown_chapter_suggests_the_nearest(run, command, wanted):
    status, text = run(command, wanted)
    assert status == 1
    assert f"no chapter '{wanted}'; did you mean {SAMPLE_CHAPTER}?" in text


def test_nothing_to_grade_says_where_submissions_go(run):
    status, text = run("grade")
    assert status == 1
    assert "submitted/<student>/<chapter>/<notebook>.ipynb" in text and "simulate" in text


def test_report_without_gradebook_says_to_grade_first(run):
    assert run("report")[0] == 1
    assert "grade first" in run("report")[1]


def test_grading_without_bubblewrap_is_refused_and_writes_nothing(run, tmp_path, monkeypatch):
    run("simulate", "--students", "0")
    bubblewrap_mode.cache_clear()
    monkeypatch.setattr(bubblewrap.shutil, "which", lambda name: None)
    status, text = run("grade")
    bubblewrap_mode.cache_clear()
    assert status == 1
    assert "apt-get install bubblewrap" in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["submitted"]


def test_simulate_makes_the_class_asked_for(run, tmp_path):
    assert run("simulate", "--students", "3")[0] == 0
    assert sorted(path.name for path in (tmp_path / "submitted").iterdir()) == [
        "blank",
        "reference",
        "student-001",
        "student-002",
        "student-003",
    ]


def test_simulate_if_empty_leaves_submissions_alone(run, tmp_path):
    run("simulate", "--students", "1")
    run("simulate", "--students", "5", "--if-empty")
    assert len(list((tmp_path / "submitted").iterdir())) == 3


def test_simulate_depends_on_nothing_but_the_seed(tmp_path):
    classes = []
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        folders = simulate(sample_course(tmp_path / name), [SAMPLE_CHAPTER], 4, seed)
        classes.append([(folder / SAMPLE_CHAPTER / f"{NOTEBOOK}.ipynb").read_bytes() for folder in folders])
    assert classes[0] == classes[1] != classes[2]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("cell_seconds = 30", "cell_seconds = 0", "cell_seconds must be a positive number, got 0"),
        ("cell_seconds = 30", 'cell_seconds = "30"', "cell_seconds must be a positive number, got '30'"),
        ("cell_seconds = 30", "cell_secs = 30", "expected exactly"),
    ],
)
def test_limits_refuse_what_makes_no_sense(tmp_path, old, new, message):
    path = tmp_path / "limits.toml"
    path.write_text(DEFAULT_PATH.read_text().replace(old, new))
    with pytest.raises(ValueError, match=message):
        Limits.load(path)


def test_kernel_that_cannot_start_stops_grading_before_anything_is_written(run, tmp_path, monkeypatch):
    run("simulate", "--students", "0")
    monkeypatch.setattr(bubblewrap, "INSIDE", tmp_path)
    monkeypatch.setattr(POOL, "_idle", {})  # other tests' sandboxes, which did start
    status, text = run("grade")
    assert status == 1
    assert "no kernel can be started on this machine" in text
    assert not (tmp_path / "gradebook.db").exists()


def test_warnings_of_the_sandbox_are_plain_sentences():
    with program._plain_warnings():
        assert warnings.formatwarning("weaker here", SandboxWarning, "file.py", 7) == "note: weaker here\n"
        assert "file.py:7" in warnings.formatwarning("of Python", UserWarning, "file.py", 7)
    assert "file.py:7" in warnings.formatwarning("weaker here", SandboxWarning, "file.py", 7)


def test_environment_below_tmp_stays_visible_in_the_sandbox(monkeypatch):
    # /tmp is private to the sandbox; what is bound below it has to come after
    monkeypatch.setattr(bubblewrap.sys, "prefix", "/tmp/course/.venv")
    arguments = bubblewrap._file_system(COURSE, 2**20)
    assert arguments.index("/tmp") < arguments.index("/tmp/course/.venv")


HOSTILE = "[/] [red]\x1b[2J\x1b]0;x\x07\nerror: nobody was graded"


@pytest.mark.parametrize("kind", ["error", "note"])
def test_terminal_shows_what_students_wrote_as_text(capsys, tmp_path, monkeypatch, kind):
    if kind == "error":
        with pytest.raises(typer.Exit), program._clear_errors():
            raise CourseError(HOSTILE.replace("\n", " "))
    else:
        monkeypatch.setattr(program, "_show_report", lambda course: None)
        program.show_outcome(sample_course(tmp_path), [HOSTILE])
    shown = capsys.readouterr().out
    assert shown.startswith(rf"{kind}: [/] [red]\x1b[2J\x1b]0;x\x07") and shown.count("\n") == 1
