"""A course made for tests, beside the real one: three notebooks whose hidden cases are drawn in a tenth of a second.

Whatever has to do with the way of a submission, and not with what it teaches, is tested on it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from grading.authoring.simulate import REFLECTION, reference_answers
from grading.cells import exercise_name, is_check, is_hand_graded, is_solution
from grading.course import Course

SAMPLE = Path(__file__).with_name("sample_course")
CHAPTER, NOTEBOOK, SECOND = "ch01_steps", "steps", "rates"  # a chapter and its two notebooks
OTHER_CHAPTER, OTHER_NOTEBOOK = "ch02_bowls", "bowls"
ESSAY = "steps-reflection"  # grade_id of the hand-graded answer in NOTEBOOK
COURSE = Course(SAMPLE, SAMPLE / "nowhere")  # to read from


def sample_course(gradebook: Path, url: str = "") -> Course:
    return Course(SAMPLE, gradebook, url)


def _points(notebook: str) -> dict[str, float]:
    cells = COURSE.read_release(CHAPTER, notebook).cells
    return {exercise_name(cell): float(cell.metadata.nbgrader.points) for cell in cells if is_check(cell)}


POINTS = _points(NOTEBOOK)  # exercise of NOTEBOOK -> its points
CHAPTER_POINTS = {**_points(SECOND), **POINTS}
TOTAL = sum(CHAPTER_POINTS.values())
BY_HAND = 8.0  # points that a person gives, 4 for each notebook of the chapter


@cache
def right_answers() -> dict[str, str]:
    """Exercise of the chapter -> source of the reference solution."""
    return reference_answers(COURSE, CHAPTER)


def filled(notebook: str = NOTEBOOK, chapter: str = CHAPTER, **changes: str) -> dict:
    """The release as JSON with the reference solutions, or other sources for some exercises."""
    release = COURSE.read_release(chapter, notebook)
    answers = {**reference_answers(COURSE, chapter), **changes}
    for cell in release.cells:
        if is_hand_graded(cell):
            cell.source = REFLECTION
        elif is_solution(cell):
            cell.source = answers[exercise_name(cell)]
    return json.loads(json.dumps(release))
