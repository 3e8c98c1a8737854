"""What the documents show is true: examples work when pasted, numbers are the notebooks', names exist."""

import importlib
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
import yaml

from grading.authoring.rhythm import alternative_text
from grading.cells import is_check, is_hand_graded
from grading.course import ROOT, Course
from utils.check.published import CheckFailed, check

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md"))]
documents = pytest.mark.parametrize("path", DOCUMENTS, ids=[path.name for path in DOCUMENTS])
FOLDERS = ("benchmarks", "docs", "grading", "notebooks", "scripts", "solutions", "tests", "utils", r"\.github")
PLACEHOLDER = re.compile(r"/?[^/]*(<|\*|…|chNN_topic|ch10_example).*")  # the rest of a path names no file of ours


def test_readme_is_short():
    assert README.count("\n") <= 130


# --- what is shown


def test_example_builds_when_pasted(tmp_path):
    for folder in ("grading", "utils"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "ch0*"))
    exercise, notebook, continued = re.findall(r"```python\n(.*?)```", CONTRIBUTING, flags=re.DOTALL)
    module = tmp_path / "grading/exercises/ch10_example/risk.py"
    module.parent.mkdir()
    module.write_text(exercise)
    source = tmp_path / "solutions/ch10_example/risk.py"
    source.parent.mkdir(parents=True)
    source.write_text(f"{notebook}\n{continued}")
    command = [sys.executable, "-m", "grading", "build", "ch10_example"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    release = nbformat.read(tmp_path / "notebooks/ch10_example/risk.ipynb", as_version=4)
    assert "NotImplementedError" in release.cells[1].source
    executed = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    assert "all 3 cases passed" in executed.cells[2].outputs[0]["data"]["text/plain"]
    compared = next(cell for cell in executed.cells if "predict.compare" in cell.source)
    assert compared.metadata.jupyter.source_hidden
    assert "0.00749" in compared.outputs[1]["data"]["text/plain"] and alternative_text(compared.outputs[0])


def test_check_says_what_the_picture_shows(capsys):
    def momentum_step(theta, grad, velocity, lr, momentum):
        velocity = momentum * velocity - lr * grad
        return theta - velocity, velocity

    with pytest.raises(CheckFailed):
        check(momentum_step)
    shown = re.search(r"!\[.*The check answers: (.*?)\]\(docs/check\.png\)", README).group(1)
    told = capsys.readouterr().out
    assert shown in told
    hint = " ".join(re.findall(r"^│ +│ (.*?) +│$", README, flags=re.MULTILINE))
    assert hint and hint in told, "the hint in the class report"


def chapter_rows():
    """Notebook -> its book sections, exercises, points and minutes, as the README's table has them."""
    rows = [line.split("|")[1:-1] for line in README.splitlines() if "](notebooks/" in line]
    link = re.compile(r"\[solved\]\(solutions/(.*?)\), \[to fill in\]\(notebooks/(.*?)\)")
    return {link.search(row[1]).groups(): tuple(cell.strip() for cell in row[3:]) for row in rows}


def stated(course, chapter, name):
    """What a notebook says of itself in its first cell, with its exercises and points counted."""
    cells = course.read_release(chapter, name).cells
    text = " ".join(cells[0].source.split())
    minutes, points, sections = re.search(
        r"About (\d+) minutes, (\d+) points\..*?, sections? (.*?)\.(?!\d)", text
    ).groups()
    graded = [cell for cell in cells if is_check(cell) or is_hand_graded(cell)]
    assert sum(cell.metadata.nbgrader.points for cell in graded) == int(points), f"{name}: points in its first cell"
    sections = sections.replace(" and ", ", ").replace(",,", ",")
    return sections, str(sum(map(is_check, cells))), points, minutes


def test_chapter_table_has_the_notebooks_own_numbers():
    course = Course.here()
    expected = {
        (f"{chapter}/{name}.ipynb",) * 2: stated(course, chapter, name)
        for chapter in course.released_chapters()
        for name in course.released_notebooks(chapter)
    }
    assert chapter_rows() == expected


# --- what is named


@documents
def test_links_lead_somewhere(path):
    for link in re.findall(r"\]\((?!http)([^)]+)\)", path.read_text(encoding="utf-8")):
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        assert target.exists(), f"{path.name} links to {link}"
        if anchor:
            assert anchor in anchors(target), f"{path.name} links to {link}"


def anchors(path):
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@documents
def test_paths_and_names_exist(path):
    text = path.read_text(encoding="utf-8")
    paths = re.findall(rf"(?<![\w/.-])((?:{'|'.join(FOLDERS)})/[^\s`)\]|,;:#]*)", text)
    paths += re.findall(r"`([\w-]+\.(?:txt|toml|yml))`", text)
    named = {PLACEHOLDER.sub("", found).rstrip(".") for found in paths}
    missing = [name for name in named if not (ROOT / name).exists() and not (path.parent / name).exists()]
    assert missing == []
    modules = re.findall(r"python -m ((?:grading|tests|benchmarks)[\w.]*)", text)
    names = re.findall(r"`((?:grading|utils|tests|benchmarks)(?:\.\w+)+)`", text)
    assert [name for name in modules + names if not exists(name)] == []


def exists(name):
    """Whether a dotted name is that of a module, or of something in one."""
    module, rest = name, []
    while module:
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError:
            module, _, last = module.rpartition(".")
            rest.insert(0, last)
            continue
        return all((found := getattr(found, part, None)) is not None for part in rest)
    return False


@documents
def test_commands_are_make_targets(path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"[`$] ?make ([a-z-]+)", path.read_text(encoding="utf-8"))) <= targets


def test_readme_names_the_commands_of_daily_use():
    named = set(re.findall(r"[`$] ?make ([a-z-]+)", README))
    assert {"lab", "grade", "bundle", "test", "precision", "attacks", "bench-grading"} <= named


def test_workflow_runs_what_continuous_integration_runs():
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    job = workflow["jobs"]["test"]
    assert job["steps"][-1] == {"run": ".ci/run"}
    assert set(workflow[True]) == {"push", "pull_request"}  # YAML reads the key `on` as true
    assert job["timeout-minutes"]
