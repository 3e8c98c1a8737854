"""What we plug into nbgrader's own steps: finishing a release, and judging a staged submission."""

from __future__ import annotations

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.preprocessors import ClearSolutions, NbGraderPreprocessor
from nbgrader.utils import temp_attrs

from grading import regions
from grading.cells import is_check, is_experiment, is_guess, is_optional_check
from grading.course import Course
from grading.judging.hidden_cases import hidden_cases, hidden_seed
from grading.judging.judge import judge_notebook, without_answers
from grading.limits import Limits
from grading.records.staging import STAGED
from grading.sandbox.pool import POOL

GOES_ON = "raises-exception"  # tag: Run All does not stop at this cell


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


class SandboxedJudge(NbGraderPreprocessor):
    """Executes and judges a staged notebook; takes the place of nbgrader's Execute."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        course, chapter = Course.here(), resources["nbgrader"]["assignment"]
        cases = hidden_cases(course, chapter, hidden_seed(course))
        known = nb.metadata.pop(STAGED)
        if "refused" in known:
            graded = without_answers(nb, cases, **known["refused"])
        else:
            limits = Limits.load()
            with POOL.lend(course, limits) as sandbox:
                graded = judge_notebook(nb, cases, sandbox, limits)
        return (graded.with_note(known["note"]) if known["note"] else graded).into(nb), resources


class CollectForIntake(ExchangeCollect):
    """nbgrader's, into gradebook/submitted, where all that is handed in begins its way."""

    def copy_files(self) -> None:
        with temp_attrs(self.coursedir, submitted_directory=str(Course.here().submitted)):
            super().copy_files()
