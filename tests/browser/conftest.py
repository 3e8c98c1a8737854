"""A class with a hostile student in it, graded and reported on as any other, and a browser to look at the result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import Browser
from rich.console import Console
from rich.progress import Progress

from grading.course import ROOT, Course
from grading.records.feedback import write_feedback
from grading.report import collect, write_files
from grading.run.grade import grade_class
from tests.browser.hostile import ODD_FILE, ODD_NAMES, ODD_PERSON, hostile_notebook, without_cleaning
from tests.browser.servers import Server, jupyter_lab
from tests.browser.watching import Watcher, chromium
from tests.conftest import hand_in
from tests.sample import CHAPTER, NOTEBOOK, sample_course

HOSTILE, QUIET, UNCLEANED, ODD_FILES = "student-001", "student-002", "student-003", "student-004"


@dataclass(frozen=True)
class HostileClass:
    """A graded course, and the notes that grading it gave to the instructor."""

    course: Course
    notes: list[str]

    def students(self) -> list[str]:
        with Gradebook(self.course.database_url) as gradebook:
            return [student.id for student in gradebook.students]

    def graded(self, student: str) -> Path:
        return self.course.autograded / student / CHAPTER / f"{NOTEBOOK}.ipynb"

    def feedback(self, student: str) -> str:
        return (self.course.feedback / student / CHAPTER / f"{NOTEBOOK}.html").as_uri()

    def submission(self, student: str) -> str:
        """Path of the page on which formgrader shows a student's notebook."""
        with Gradebook(self.course.database_url) as gradebook:
            notebook = gradebook.find_submission_notebook(NOTEBOOK, CHAPTER, student)
            return f"formgrader/submissions/{notebook.id}/"


@pytest.fixture(scope="session")
def hostile_class(tmp_path_factory) -> HostileClass:
    """Four students, one of whom attacks and the others hand in nothing of use, and some with odd names.

    The one called UNCLEANED has, after all was written, the hostile student's texts and outputs as they came.
    """
    course = sample_course(tmp_path_factory.mktemp("gradebook"))
    submitted = hand_in(course, HOSTILE, hostile_notebook())
    (submitted.parent / f"{ODD_FILE}.html").write_text(f"<script>pwned=1</script>{ODD_FILE}")
    for student in (QUIET, UNCLEANED, *ODD_NAMES):
        hand_in(course, student, b"{}")
    hand_in(course, ODD_FILES, hostile_notebook(), notebook=ODD_FILE)
    with Progress(console=Console(quiet=True)) as progress:
        notes = grade_class(course, [CHAPTER], progress).sentences
        notes += write_feedback(course, [CHAPTER], progress)
    with Gradebook(course.database_url) as gradebook:
        gradebook.update_or_create_student(QUIET, **ODD_PERSON)
    write_files(course, collect(course))
    hostile = HostileClass(course, notes)
    nbformat.write(without_cleaning(nbformat.read(hostile.graded(HOSTILE), 4)), hostile.graded(UNCLEANED))
    return hostile


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def watcher(browser) -> Watcher:
    """For files."""
    return Watcher(browser)


@pytest.fixture(scope="module")
def lab(hostile_class, tmp_path_factory) -> Iterator[Server]:
    """JupyterLab as `make lab` starts it: in the repository, with this course's configuration."""
    with jupyter_lab(ROOT, tmp_path_factory.mktemp("lab"), hostile_class.course) as server:
        yield server


@pytest.fixture(scope="module")
def lab_elsewhere(hostile_class, tmp_path_factory) -> Iterator[Server]:
    """JupyterLab started in the gradebook's folder, where no configuration of ours is found."""
    with jupyter_lab(hostile_class.course.gradebook, tmp_path_factory.mktemp("lab")) as server:
        yield server
