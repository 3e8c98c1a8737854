"""What we plug into nbgrader's own steps: finishing a release, and rebuilding and judging a submission."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions, NbGraderPreprocessor

from grading import regions
from grading.cells import is_check, is_experiment, is_guess, is_optional_check
from grading.course import Course
from grading.intake.rebuild import UnreadableSubmission, read_submission, rebuild
from grading.intake.submissions import read_handed_in
from grading.judging.hidden_cases import hidden_cases, hidden_seed
from grading.judging.judge import judge_notebook, without_answers
from grading.limits import Limits
from grading.sandbox.pool import POOL

GOES_ON = "raises-exception"  # tag: Run All does not stop at this cell
UNREADABLE = "descent_unreadable"  # resource: why a submission could not be read


class GivenOrStub(ClearSolutions):
    """Puts a stub, or the code with bugs that an author gives, in place of each solution."""

    def _replace_solution_region(self, cell: NotebookNode, language: str) -> bool:
        if regions.BEGIN not in cell.source:
            return super()._replace_solution_region(cell, language)
        stub = self.code_stub[language] if cell.cell_type == "code" else self.text_stub
        cell.source = regions.released(cell.source, stub)
        return True


class FinishRelease(NbGraderPreprocessor):
    """Last step of a release: let Run All go on past whatever may fail in it, and drop our build's marks.

    That is a check, a slip in a guess, and an experiment with an exercise that is not solved yet.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        for cell in nb.cells:
            if is_check(cell) or is_optional_check(cell):
                cell.metadata["tags"] = [GOES_ON]
            elif is_guess(cell) or is_experiment(cell):
                cell.metadata["tags"] = [*cell.metadata["tags"], GOES_ON]
        nb.metadata.pop("descent", None)
        return nb, resources


class RebuildingExporter(NotebookExporter):
    """Reads a submission of whatever kind and hands on a rebuilt, trusted notebook.

    nbgrader's autograde reads twice: first the submitted file, then what it wrote from it.
    """

    def from_filename(self, filename: str, resources: dict | None = None, **kw: Any) -> tuple[str, dict]:
        if not getattr(self.parent, "_sanitizing", False):
            return super().from_filename(filename, resources=resources, **kw)
        names = resources["nbgrader"]
        release = Course.here().read_release(names["assignment"], names["notebook"])
        try:
            notebook = rebuild(release, read_submission(read_handed_in(Path(filename))))
        except UnreadableSubmission as error:
            notebook = release
            notebook.metadata[UNREADABLE] = str(error)
        return self.from_notebook_node(notebook, resources=resources, **kw)


class SandboxedJudge(NbGraderPreprocessor):
    """Executes and judges a rebuilt notebook; takes the place of nbgrader's Execute."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        course, chapter = Course.here(), resources["nbgrader"]["assignment"]
        cases = hidden_cases(course, chapter, hidden_seed(course))
        reason = nb.metadata.pop(UNREADABLE, "")
        if reason:
            return without_answers(nb, cases, "missing", "unreadable", reason).into(nb), resources
        limits = Limits.load()
        with POOL.lend(course, limits) as sandbox:
            return judge_notebook(nb, cases, sandbox, limits).into(nb), resources
