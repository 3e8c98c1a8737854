"""Where the course's files are, and how nbgrader is told."""

from __future__ import annotations

import difflib
import functools
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from traitlets.config import Config

ROOT = Path(__file__).resolve().parent.parent
STUB = 'raise NotImplementedError("not written yet")  # your code replaces this line'


class CourseError(Exception):
    """Something in the course folder is not as it should be; the message says what was expected and what came."""


@dataclass(frozen=True)
class Course:
    """The folders of a course. What teaches lies below its root; what grades is this package, whatever the root.

    root : the folder that holds solutions, notebooks and grading/exercises.
    gradebook : private folder with submissions, grades and feedback.
    url : database of the grades, any that nbgrader takes; "" for an SQLite file in the gradebook folder.
    """

    root: Path = ROOT
    gradebook: Path = ROOT / "gradebook"
    url: str = ""

    @classmethod
    def here(cls) -> Course:
        """The course of this repository.

        The environment variable COURSE_ROOT names the folder of another course, GRADEBOOK_DIR moves the gradebook,
        GRADEBOOK_URL names another database.
        """
        root = Path(os.environ.get("COURSE_ROOT") or ROOT).resolve()
        gradebook = Path(os.environ.get("GRADEBOOK_DIR") or root / "gradebook").resolve()
        return cls(root, gradebook, os.environ.get("GRADEBOOK_URL", ""))

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    @property
    def exercises(self) -> Path:
        """A folder for each chapter, in it a module for each notebook."""
        return self.root / "grading" / "exercises"

    @property
    def claims(self) -> Path:
        """A folder for each chapter, in it a list for each notebook."""
        return self.root / "grading" / "claims"

    @property
    def submitted(self) -> Path:
        return self.gradebook / "submitted"

    @property
    def staged(self) -> Path:
        """What nbgrader takes for the submissions: rebuilt notebooks, written by `grading.records.staging`."""
        return self.gradebook / "staged"

    @property
    def autograded(self) -> Path:
        return self.gradebook / "autograded"

    @property
    def feedback(self) -> Path:
        return self.gradebook / "feedback"

    @property
    def database(self) -> Path | None:
        """The file with the grades, None if they are in another database."""
        return None if self.url else self.gradebook / "gradebook.db"

    @property
    def database_url(self) -> str:
        return self.url or f"sqlite:///{self.database}"

    def keep_private(self) -> None:
        """Let nobody else enter the gradebook, nor read what this process writes from now on.

        Raises CourseError if the folder cannot be made or closed.
        """
        os.umask(0o077)
        try:
            self.gradebook.mkdir(parents=True, exist_ok=True)
            if self.gradebook.stat().st_mode & 0o077:
                self.gradebook.chmod(0o700)
        except OSError as error:
            raise CourseError(f"{self.gradebook}: expected a folder of our own, but {error.strerror}") from error

    def authored_chapters(self) -> list[str]:
        """Chapters with at least one authored notebook, in order."""
        return sorted({path.parent.name for path in self.solutions.glob("ch*/*.py")})

    def released_chapters(self) -> list[str]:
        """Chapters with at least one released notebook, in order."""
        return sorted({path.parent.name for path in self.notebooks.glob("ch*/*.ipynb")})

    def released_notebooks(self, chapter: str) -> dict[str, Path]:
        """Notebook name -> path of the release, for a chapter."""
        return {path.stem: path for path in sorted((self.notebooks / chapter).glob("*.ipynb"))}

    def read_release(self, chapter: str, notebook: str) -> nbformat.NotebookNode:
        """Return a released notebook, whose cells may be changed, but not their metadata."""
        path = self.released_notebooks(chapter)[notebook]
        release = _read_notebook(path, path.stat().st_mtime_ns)
        cells = [NotebookNode(cell) for cell in release.cells]
        return NotebookNode(release, cells=cells, metadata=NotebookNode(release.metadata))

    def choose(self, wanted: list[str], known: list[str]) -> list[str]:
        """Return the chapters asked for, all known ones if none. Raises CourseError for an unknown one."""
        for name in wanted:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1, cutoff=0.3)
                hint = f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(known) or 'none'}"
                raise CourseError(f"no chapter {name!r}{hint}")
        return wanted or known

    def nbgrader_config(self) -> Config:
        """How nbgrader's steps map onto these folders, with our rebuild and judge in place of its own."""
        config = Config()
        config.CourseDirectory.course_id = "descent"
        config.CourseDirectory.root = str(self.root)
        # absolute, because formgrader is sometimes started elsewhere and would make a stray gradebook.db there
        config.CourseDirectory.db_url = self.database_url
        config.CourseDirectory.source_directory = "solutions"
        config.CourseDirectory.release_directory = "notebooks"
        # nbgrader copies what lies beside a notebook, and follows links: it sees what we staged, and collects elsewhere
        config.CourseDirectory.submitted_directory = str(self.staged)
        config.ZipCollectApp.CourseDirectory.submitted_directory = str(self.submitted)
        config.ExchangeFactory.collect = "grading.records.nbgrader_steps.CollectForIntake"
        config.CourseDirectory.autograded_directory = str(self.autograded)
        config.CourseDirectory.feedback_directory = str(self.feedback)
        # nbgrader copies every other file of a source folder into the release: the authored .py holds the answers
        config.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "*.py", ".*"]
        config.ClearSolutions.code_stub = {"python": STUB}
        config.ClearSolutions.text_stub = "*Your answer replaces this line.*"
        config.Execute.timeout = 120  # Validate runs experiments too; nbgrader's 30 s are short on a slow laptop
        config.GenerateAssignment.preprocessors = RELEASE_PREPROCESSORS
        config.GenerateFeedback.exporter_class = "grading.records.feedback_page.FeedbackExporter"
        config.GenerateFeedback.preprocessors = ["grading.records.feedback_page.GetMarks"]
        # nbgrader names a template of its own for every HTMLExporter; what a subclass is told counts more
        config.FeedbackExporter.template_name = "feedback_page"
        config.FeedbackExporter.extra_template_basedirs = [str(ROOT / "grading" / "records" / "templates")]
        config.FeedbackExporter.exclude_input_prompt = config.FeedbackExporter.exclude_output_prompt = True
        config.Autograde.permissions = config.GenerateFeedback.permissions = 600
        config.Autograde.sanitize_preprocessors = []
        config.Autograde.autograde_preprocessors = [
            "grading.records.nbgrader_steps.SandboxedJudge",
            "nbgrader.preprocessors.SaveAutoGrades",
            "nbgrader.preprocessors.AssignLatePenalties",
        ]
        return config


@functools.lru_cache(maxsize=64)
def _read_notebook(path: Path, modified: int) -> NotebookNode:
    """Read a notebook that the build wrote, as it was at a time: nbformat 4, and nothing need be validated."""
    return nbformat.v4.reads(path.read_text(encoding="utf-8"))


def find_programs_of_environment() -> None:
    """Put our Python's folder on PATH: for a fresh gradebook nbgrader calls the program alembic, which lies there."""
    folder, path = str(Path(sys.executable).parent), os.environ.get("PATH", "")
    if folder not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([folder, path])


RELEASE_PREPROCESSORS = [
    "nbgrader.preprocessors.LockCells",
    "grading.records.nbgrader_steps.GivenOrStub",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
    "grading.records.nbgrader_steps.FinishRelease",
]
