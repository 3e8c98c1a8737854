"""The students' bundle, unpacked as students do: by itself, on a machine that knows nothing of this repository."""

import subprocess
import sys
import sysconfig
import zipfile

import nbformat
import pytest

from grading.authoring.bundle import FOLDER, student_requirements, write_bundle
from grading.authoring.simulate import reference_answers
from grading.course import ROOT, Course
from tests.colab.machine import Machine, setup_cell
from tests.conftest import CHAPTER, NOTEBOOK

PASSED = "sgd_step: all 9 cases passed"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    path = tmp_path_factory.mktemp("bundle") / "bundle.zip"
    write_bundle(Course.here(), path)
    return path


@pytest.fixture
def machine(tmp_path):
    """A machine with the libraries of this environment, but not with this course."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    packages = next((tmp_path / "venv/lib").glob("python*/site-packages"))
    # a plain path: .pth files beyond it, among them the one of this course, are not read
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Machine(tmp_path / "venv/bin/python", tmp_path / "content")


def shown(machine, cells, cwd):
    """Execute cells and return what they show, as text."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    machine.execute(notebook, cwd)
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    return "\n".join(output.get("evalue") or output.get("text") or output["data"]["text/plain"] for output in outputs)


@pytest.fixture
def answer():
    return reference_answers(Course.here(), CHAPTER)["sgd_step"]


def unpacked(bundle, folder):
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    return folder / FOLDER


def test_bundle_holds_what_students_need_and_no_more(bundle, tmp_path):
    with zipfile.ZipFile(bundle) as archive:
        names = {name.removeprefix(f"{FOLDER}/") for name in archive.namelist()}
    needed = {f"notebooks/{CHAPTER}/{NOTEBOOK}.ipynb", f"notebooks/{CHAPTER}/checks.json", "utils/check/published.py"}
    needed |= {"requirements.txt", "README.md", "pyproject.toml", "LICENSE"}
    assert needed <= names
    assert {name.split("/")[0] for name in names - needed} == {"notebooks", "utils"}


def test_bundle_is_the_same_bytes_each_time(bundle, tmp_path):
    write_bundle(Course.here(), tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == bundle.read_bytes()
    with zipfile.ZipFile(bundle) as archive:
        assert len({entry.date_time for entry in archive.infolist()}) == 1
        assert archive.infolist()[0].date_time[0] == 2020, "not the time of packing"


def test_everybody_may_read_what_comes_out(bundle):
    with zipfile.ZipFile(bundle) as archive:
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o644}


def test_students_need_no_grader():
    text = student_requirements((ROOT / "requirements.txt").read_text())
    assert "torch==" in text and text.endswith("-e .\n")
    assert "nbgrader" not in text


def test_bundle_installs_utils_alone_and_check_works_from_anywhere(bundle, machine, tmp_path, answer):
    folder = unpacked(bundle, tmp_path)
    pip = ("-m", "pip", "install", "--no-index", "--no-deps", "--no-build-isolation", "--ignore-installed")
    told = machine.run(*pip, "-e", ".", cwd=folder)
    assert "Successfully installed descent-course" in told, told
    cells = ["import numpy as np\nfrom utils.check import check", answer, "check(sgd_step)"]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for cwd in (folder / "notebooks" / CHAPTER, elsewhere):
        assert str(folder / "utils/check") in machine.run("-c", "import utils.check as c; print(c.__file__)", cwd=cwd)
        assert "ModuleNotFoundError" in machine.run("-c", "import grading", cwd=cwd)
        assert PASSED in shown(machine, cells, cwd)


def test_cell_for_colab_finds_utils_and_checks(machine, answer):
    cells = [
        setup_cell(machine.content),
        "import numpy as np\nfrom utils.check import check",
        answer,
        "check(sgd_step)",
    ]
    for _ in ("one day", "another"):
        assert PASSED in shown(machine, cells, machine.content)
    assert "No module named 'utils'" in shown(machine, cells[1:], machine.content)
