"""The peer: an nbgrader course as nbgrader's own documentation describes it, with no setting changed.

Its check cells hold the hidden cases as ordinary hidden tests and end in the number of points, from which nbgrader
takes partial credit. Its students' cells are those of our submissions.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from benchmarks.grading.submissions import notebooks_of, read_notebook, without_experiments
from grading.cells import exercise_name, is_check
from grading.course import Course
from grading.exercise import load_exercises
from utils.check.cases import CaseSet
from utils.check.published import CHECKS_NAME

HIDDEN_TESTS = """\
### BEGIN HIDDEN TESTS
import base64, json, zlib
from utils.check.call import call
from utils.check.cases import CaseSet
from utils.check.verdict import evaluate

packed = (
{packed}
)
case_set = CaseSet.from_plain(json.loads(zlib.decompress(base64.b64decode(packed))))
evaluate(case_set, lambda case: call({name}, case), reveal=False).points
### END HIDDEN TESTS"""


class ProgramFailed(Exception):
    """A timed program ended with an error; the message holds the end of what it printed."""


def seconds_of(
    command: list[str], folder: Path, environment: dict[str, str], accepted: tuple[int, ...] = (0,)
) -> float:
    """Run this Python with a command line in a folder; return how long the whole process took. Raises ProgramFailed."""
    log = folder / "benchmark.log"
    with log.open("wb") as output:
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, *command],
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        seconds = time.perf_counter() - began
    if done.returncode not in accepted:
        tail = log.read_text(errors="replace")[-3000:]
        raise ProgramFailed(f"{' '.join(command)} ended with status {done.returncode}:\n{tail}")
    return seconds


@dataclass(frozen=True)
class StockCourse:
    """A course folder of nbgrader's own default layout."""

    folder: Path
    chapter: str
    python_path: Path

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.folder / 'gradebook.db'}"

    def submitted(self, student: str) -> Path:
        return self.folder / "submitted" / student / self.chapter

    def run(self, step: str) -> float:
        """Run one of nbgrader's commands on the chapter, for all students; return the seconds."""
        environment = {
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",  # nbgrader calls alembic
            "PYTHONPATH": str(self.python_path),
            # no setting of ours and none of the machine's owner
            "JUPYTER_CONFIG_DIR": str(self.folder / "settings"),
            "IPYTHONDIR": str(self.folder / "ipython"),
        }
        # nbgrader ends with status 1 when any submission could not be read
        accepted = (0, 1) if step == "autograde" else (0,)
        return seconds_of(["-m", "nbgrader", step, self.chapter], self.folder, environment, accepted)

    def scores(self) -> dict[tuple[str, str], float]:
        """(student, exercise) -> points of every check cell in nbgrader's database; 0 where it has none."""
        with Gradebook(self.database_url) as gradebook:
            return {
                (submission.student_id, _exercise(grade.name)): grade.auto_score or 0.0
                for submission in gradebook.assignment_submissions(self.chapter)
                for notebook in submission.notebooks
                for grade in notebook.grades
                if grade.name.endswith("-check")
            }

    def reason(self, student: str, exercise: str) -> str:
        """Why nbgrader's score may honestly differ from ours, from what it wrote; "" if no reason is known."""
        for path in sorted((self.folder / "autograded" / student / self.chapter).glob("*.ipynb")):
            for cell in nbformat.read(path, as_version=4).cells:
                if is_check(cell) and exercise_name(cell) == exercise:
                    streams = [output.get("name") for output in cell.outputs if output.output_type == "stream"]
                    if "stderr" in streams:
                        return "nbgrader gives 0 to a check during which anything is written to the error stream"
        return ""


def _exercise(check: str) -> str:
    return check.removesuffix("-check").replace("-", "_")


def make_stock_course(folder: Path, course: Course, chapter: str, seed: int, students: list[str]) -> StockCourse:
    """Write source and submissions into `folder` and run `nbgrader generate_assignment`.

    Experiment cells are left out: grading skips them, and nbgrader cannot.
    """
    stock = StockCourse(folder, chapter, course.root)
    source = folder / "source" / chapter
    source.mkdir(parents=True)
    shutil.copy(course.notebooks / chapter / CHECKS_NAME, source)
    exercises = load_exercises(course, chapter)
    for name in course.released_notebooks(chapter):
        notebook = course.read_release(chapter, name)
        for cell in notebook.cells:
            if is_check(cell):
                cell.source = hidden_tests(exercises[exercise_name(cell)].draw(seed))
        (source / f"{name}.ipynb").write_text(json.dumps(without_experiments(notebook)), encoding="utf-8")
    for student in students:
        stock.submitted(student).mkdir(parents=True)
        for path in notebooks_of(course, student, chapter):
            target, content = stock.submitted(student) / path.name, read_notebook(path)
            if content is None:
                shutil.copy(path, target)
            else:
                target.write_text(json.dumps(without_experiments(content)), encoding="utf-8")
    stock.run("generate_assignment")
    return stock


def hidden_tests(case_set: CaseSet) -> str:
    """Source of a check cell that judges by these cases in the student's own kernel."""
    text = base64.b64encode(zlib.compress(json.dumps(case_set.to_plain()).encode())).decode()
    packed = "\n".join(f'    "{text[i : i + 100]}"' for i in range(0, len(text), 100))
    return HIDDEN_TESTS.format(packed=packed, name=case_set.name)
