"""Synthetic students: each exercise answered rightly, by a named misconception, with an exception, or left blank."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import numpy as np

from grading.authoring.standalone import standalone
from grading.cells import exercise_name, is_hand_graded, is_solution
from grading.course import Course
from grading.exercise import Exercise, load_exercises
from grading.regions import solved

# how often a synthetic student's answer is of each kind
KINDS = {"right": 0.55, "misconception": 0.3, "exception": 0.07, "blank": 0.08}
REFERENCE, BLANK = "reference", "blank"
REFLECTION = "I would start with momentum 0.9 and tune the rate, because the valley sets the pace."


def reference_answers(course: Course, chapter: str) -> dict[str, str]:
    """Exercise -> source of the reference solution as a student would write it, from the authored notebooks."""
    return {
        exercise_name(cell): solved(cell.source)
        for path in sorted((course.solutions / chapter).glob("*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
        if is_solution(cell) and not is_hand_graded(cell)
    }


def misconception_source(exercise: Exercise, slug: str) -> str:
    """Source of a misconception, under the name that a student would give it."""
    function = next(wrong.function for wrong in exercise.misconceptions if wrong.slug == slug)
    return standalone(function, exercise.name)


def failing_source(exercise: Exercise) -> str:
    """Source of an answer with a slip that raises."""
    parameters = ", ".join(exercise.parameters)
    if exercise.is_class:
        return f"class {exercise.name}:\n    def __init__(self, {parameters}):\n        self.state = undefined_name"
    return f"def {exercise.name}({parameters}):\n    return {exercise.parameters[0]} - undefined_name"


def write_submission(course: Course, student: str, chapter: str, answers: dict[str, str]) -> None:
    """Hand in the chapter's release with some exercises answered (exercise -> source of the whole cell)."""
    for name in course.released_notebooks(chapter):
        notebook = course.read_release(chapter, name)
        for cell in notebook.cells:
            if is_hand_graded(cell) and answers:
                cell.source = REFLECTION
            elif is_solution(cell) and exercise_name(cell) in answers:
                cell.source = answers[exercise_name(cell)]
        path = course.submitted / student / chapter / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(notebook, indent=1), encoding="utf-8")


def simulate(course: Course, chapters: list[str], students: int, seed: int) -> list[Path]:
    """Hand in for `students` synthetic students, `reference` (all right) and `blank` (nothing); return their folders.

    The same seed gives the same class.
    """
    rng = np.random.default_rng(seed)
    names = [f"student-{number:03d}" for number in range(1, students + 1)]
    for chapter in chapters:
        exercises, right = load_exercises(course, chapter), reference_answers(course, chapter)
        write_submission(course, REFERENCE, chapter, right)
        write_submission(course, BLANK, chapter, {})
        for name in names:
            answers = {ex.name: _answer(ex, right[ex.name], rng) for ex in exercises.values()}
            write_submission(course, name, chapter, {key: text for key, text in answers.items() if text})
    return [course.submitted / name for name in [*names, REFERENCE, BLANK]]


def _answer(exercise: Exercise, right: str, rng: np.random.Generator) -> str:
    """Source of a random answer, "" for none."""
    kind = rng.choice(list(KINDS), p=list(KINDS.values()))
    if kind == "misconception":
        return misconception_source(exercise, rng.choice([wrong.slug for wrong in exercise.misconceptions]))
    return {"right": right, "exception": failing_source(exercise), "blank": ""}[kind]
