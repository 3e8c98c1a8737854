"""What nbgrader's own commands see of a submission: the notebook that we rebuilt, and when it came; nothing beside it.

Left to itself nbgrader copies whatever lies beside a notebook into the feedback, follows links that lead to the
gradebook, shows names of folders as they are, and stops at a time stamp that is none.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import parse_utc

from grading.course import Course
from grading.files import write_atomically
from grading.intake.rebuild import UnreadableSubmission, read_submission, rebuild
from grading.intake.submissions import STAMP, Submission, submission_time, take_in
from utils.check.plain import one_line

STAGED = "descent_staged"  # metadata: what the judge has to know of a submission besides its cells


def stage(course: Course) -> None:
    """Write a rebuilt notebook for every submission into `course.staged`, in place of what was there."""
    course.keep_private()
    shutil.rmtree(course.staged, ignore_errors=True)
    for submission in take_in(course, course.released_chapters()).submissions:
        _write(course, submission, _rebuilt(course, submission))


def _rebuilt(course: Course, submission: Submission) -> NotebookNode:
    release = course.read_release(submission.chapter, submission.notebook)
    known: dict = {"note": submission.note}
    try:
        notebook = rebuild(release, read_submission(submission.read()))
    except UnreadableSubmission as error:
        notebook, known["refused"] = release, refusal(error)
    except Exception as error:  # whatever is wrong with one submission concerns no other
        notebook, known["refused"] = release, failure(error)
    notebook.metadata[STAGED] = known
    return notebook


def refusal(error: UnreadableSubmission) -> Mapping[str, str]:
    """Why nothing was executed, as `without_answers` takes it: because of what was handed in."""
    return {"status": "missing", "cause": error.cause, "reason": str(error)}


def failure(error: Exception) -> Mapping[str, str]:
    """The same because of the grader."""
    told = one_line(f"{type(error).__name__}: {error}")
    reason = f"the grader itself failed here ({told}); this is not the student's fault"
    return {"status": "error", "cause": "grader", "reason": reason}


def _write(course: Course, submission: Submission, notebook: NotebookNode) -> None:
    folder = course.staged / submission.student / submission.chapter
    write_atomically(folder / f"{submission.notebook}.ipynb", nbformat.v4.writes(notebook) + "\n")
    when = submission_time(submission)
    stamp = f"{when} UTC"
    if when and parse_utc(stamp) == when:
        write_atomically(folder / STAMP, stamp)
