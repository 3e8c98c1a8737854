"""Do the notebooks work on Colab? Executes every one, answered rightly, from the bundle, with Colab's versions.

    python -m tests.colab

The environment is made in build/colab, once; it downloads some 3 GB. Colab's Python is used if it is there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from rich.console import Console
from rich.table import Table

from grading.authoring.simulate import reference_answers, write_submission
from grading.cells import is_check
from grading.course import ROOT, Course
from tests.colab.machine import Machine, setup_cell

HERE = ROOT / "build" / "colab"
PYTHONS = ("python3.13", "python3.11")  # Colab's, else ours
console = Console()


def environment(folder: Path) -> Path:
    """Make a virtual environment with Colab's versions, unless there is one; return its Python."""
    python, wanted = folder / "bin/python", Path(__file__).with_name("requirements.txt")
    done = folder / "done.txt"
    if not done.exists() or done.read_text() != wanted.read_text():
        found = next(name for name in PYTHONS if _runs(name))
        console.print(f"making {folder} with {found}", soft_wrap=True)
        subprocess.run([found, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", wanted], check=True)
        done.write_text(wanted.read_text())
    return python


def _runs(name: str) -> bool:
    """Whether there is such a Python, and not only a shim that says how to install it."""
    return bool(shutil.which(name)) and subprocess.run([name, "-c", ""], stderr=subprocess.DEVNULL).returncode == 0


def answered(course: Course, chapter: str, name: str, content: Path) -> nbformat.NotebookNode:
    """The release with the right answers, and on top the cell for Colab."""
    path = course.submitted / "reference" / chapter / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(setup_cell(content)))
    return notebook


def faults(notebook: nbformat.NotebookNode) -> list[str]:
    """What cells raised, and checks that did not pass."""
    found = []
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        found += [f"{cell.id}: {out.ename}: {out.evalue}" for out in outputs if out.output_type == "error"]
        shown = " ".join(out.get("data", {}).get("text/plain", "") for out in outputs)
        if is_check(cell) and "cases passed" not in shown and "the case passed" not in shown:
            found.append(f"{cell.id}: showed no verdict")
    return found


def main() -> int:
    content = HERE / "content"
    shutil.rmtree(content, ignore_errors=True)
    machine = Machine(environment(HERE / "venv"), content)
    course = Course(ROOT, content / "gradebook")
    libraries = "import sys, numpy, torch; print(sys.version.split()[0], numpy.__version__, torch.__version__)"
    console.print(f"Python, NumPy, torch: {machine.run('-c', libraries, cwd=content).strip()}", highlight=False)
    table, failed = Table("notebook", "cells", "checks", "seconds", "faults"), 0
    for chapter in course.released_chapters():
        write_submission(course, "reference", chapter, reference_answers(course, chapter))
        for name in course.released_notebooks(chapter):
            notebook, begin = answered(course, chapter, name, content), time.perf_counter()
            machine.execute(notebook)
            seconds, found = time.perf_counter() - begin, faults(notebook)
            failed += len(found)
            counts = len(notebook.cells), sum(map(is_check, notebook.cells)), round(seconds), len(found)
            table.add_row(f"{chapter}/{name}", *map(str, counts))
            for fault in [f"{name}, {fault}" for fault in found]:
                console.print(fault, style="red", markup=False, highlight=False, soft_wrap=True)
    console.print(table)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
