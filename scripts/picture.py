"""Draw docs/check.png: a real notebook in which a check recognises a wrong answer.

python scripts/picture.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from grading.course import ROOT
from tests.browser.watching import chromium

CHAPTER = "ch04_sgd_variants"
ANSWER = """\
def momentum_step(theta, grad, velocity, lr, momentum):
    velocity = momentum * velocity - lr * grad
    return theta - velocity, velocity"""
HIDDEN = "import numpy as np\nfrom utils.check import check"


def page() -> str:
    """Execute the notebook; return it as HTML, without its first cell."""
    cells = [nbformat.v4.new_code_cell(text) for text in (HIDDEN, ANSWER, "check(momentum_step)")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    where = {"metadata": {"path": str(ROOT / "notebooks" / CHAPTER)}}
    NotebookClient(notebook, allow_errors=True, resources=where).execute()
    del notebook.cells[0]
    return HTMLExporter(template_name="lab").from_notebook_node(notebook)[0]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        path = Path(folder) / "page.html"
        path.write_text(page(), encoding="utf-8")
        view = browser.new_page(viewport={"width": 1060, "height": 400}, device_scale_factor=2)
        view.goto(path.as_uri(), wait_until="domcontentloaded")
        view.locator("main").screenshot(path=str(ROOT / "docs" / "check.png"))


if __name__ == "__main__":
    main()
