"""What every solution notebook and its release keep to."""

import json
import re

import nbformat
import pytest

from grading.authoring import claims_page as claims
from grading.authoring.build import COMMON_LINE, solution_lines
from grading.authoring.rhythm import survey
from grading.cells import is_check, is_experiment, is_guess, is_hand_graded, is_optional_check, is_solution
from grading.course import ROOT, Course

NOTEBOOKS = sorted(ROOT.glob("solutions/ch*/*.ipynb"))
notebooks = pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


def cells_of(path):
    return nbformat.read(path, as_version=4).cells


@notebooks
def test_every_claim_is_measured_and_asserted(path):
    assert claims.of_notebook(Course.here(), path.parent.name, path.stem), f"{path.name} lists no claims"


@notebooks
def test_notebook_is_rich_in_figures_and_has_something_that_moves(path):
    outputs = [output for cell in cells_of(path) for output in cell.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 8
    assert any('<input type="range"' in output.get("data", {}).get("text/html", "") for output in outputs)


@notebooks
def test_every_figure_has_alternative_text(path):
    without = survey(nbformat.read(path, as_version=4)).without_alt
    assert not without, f"{path.name}: plots.show(fig, alt=...) in cells {', '.join(dict.fromkeys(without))}"


@notebooks
def test_stored_notebook_stays_small(path):
    assert path.stat().st_size < 1_500_000, f"{path.name}: lower the dpi of its figures"
    for cell in cells_of(path):
        for output in cell.get("outputs", []):
            assert len(json.dumps(output)) < 600_000, f"{path.name}, cell {cell.id!r}: an output of over 600 kB"


@notebooks
def test_cells_that_only_show_are_skipped_while_grading(path):
    code = [cell for cell in cells_of(path) if cell.cell_type == "code"]
    shown = [cell for cell in code if is_experiment(cell) or is_guess(cell)]
    run = [
        cell for cell in code if not (is_solution(cell) or is_check(cell) or is_optional_check(cell) or cell in shown)
    ]
    assert len(run) == 1, f"{path.name}: besides the setup cell, tag {[cell.id for cell in run[1:]]} as experiment"


@notebooks
def test_notebook_holds_no_widget_and_no_progress_bar(path):
    text = path.read_text()
    assert "widget-view+json" not in text
    assert "it/s]" not in text


@notebooks
def test_utils_and_release_give_no_solution_away(path):
    lines = {line for cell in cells_of(path) if is_solution(cell) for line in solution_lines(cell)}
    secret = {line for line in lines if not COMMON_LINE.fullmatch(line)}
    assert secret
    release = ROOT / "notebooks" / path.parent.name / path.name
    open_text = [source.read_text() for source in ROOT.glob("utils/*.py")]
    open_text += [cell.source for cell in cells_of(release)]
    lines = {line.strip() for text in open_text for line in text.splitlines()}
    assert secret & lines == set()


@notebooks
def test_hand_graded_answer_has_a_marking_scheme(path):
    answers = [cell.source for cell in cells_of(path) if is_hand_graded(cell)]
    assert answers
    assert all("marking scheme" in answer.lower() for answer in answers)


@notebooks
def test_other_chapters_are_mentioned_with_a_link(path):
    """Below "Further reading" chapters are those of books."""
    text = "\n".join(cell.source for cell in cells_of(path) if cell.cell_type == "markdown")
    bare = re.findall(r".*\bchapters? [1-9](?!\]\().*", text.partition("## Further reading")[0], flags=re.IGNORECASE)
    assert not bare, f"{path.name}: write [chapter 1](../ch01_empirical_risk/empirical_risk.ipynb) in {bare[0]!r}"


@notebooks
def test_links_to_other_notebooks_lead_somewhere(path):
    text = "\n".join(cell.source for cell in cells_of(path) if cell.cell_type == "markdown")
    for target in re.findall(r"\]\(([^):]+\.ipynb)\)", text):
        assert (path.parent / target).is_file(), f"{path.name}: there is no {target}"
