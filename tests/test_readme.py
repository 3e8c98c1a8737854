"""The README's worked example works when it is pasted."""

import re
import shutil
import subprocess
import sys

import nbformat

from grading.course import ROOT

README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_readme_example_builds_when_pasted(tmp_path):
    for folder in ("grading", "utils"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "ch0*"))
    exercise, notebook = blocks("python")
    module = tmp_path / "grading/exercises/ch10_example/risk.py"
    module.parent.mkdir()
    module.write_text(exercise)
    source = tmp_path / "solutions/ch10_example/risk.py"
    source.parent.mkdir(parents=True)
    source.write_text(notebook)
    command = [sys.executable, "-m", "grading", "build", "ch10_example"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    release = nbformat.read(tmp_path / "notebooks/ch10_example/risk.ipynb", as_version=4)
    assert "NotImplementedError" in release.cells[1].source
    executed = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    assert "all 3 cases passed" in executed.cells[2].outputs[0]["data"]["text/plain"]


def test_readme_links_lead_somewhere():
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if not link.startswith("http")]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_readme_commands_are_make_targets():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = set(re.findall(r"[`$] ?make ([a-z-]+)", README))
    assert {"grade", "test", "lab", "build"} <= named <= targets
