"""Send answers through the real pipeline: release, rebuild, sandbox, judge, gradebook.

The k-th answer to every exercise goes into one submission, so a few submissions carry all of them.
"""

from __future__ import annotations

import ast
import itertools
import json
from collections.abc import Iterator

import nbformat
from rich.progress import Progress

from grading.authoring.simulate import write_submission
from grading.authoring.standalone import names_read
from grading.cells import exercise_name, is_optional_check, is_solution
from grading.course import Course
from grading.judging.judge import read_verdict
from grading.report import Row, collect
from grading.run.grade import grade_class
from tests.precision.judging import Answer
from tests.precision.proof import Proof, Subject, fault
from utils.check.verdict import Verdict

HIDDEN_SEED = 1000  # a fixed one, so that two runs give the same result


def grade_answers(
    course: Course, chapter: str, subjects: dict[str, Subject], answers: list[Answer], progress: Progress, workers: int
) -> dict[Answer, Row]:
    """Grade answers in an empty gradebook; return the row of the class report that each one got."""
    course.gradebook.mkdir(parents=True, exist_ok=True)
    (course.gradebook / "seed").write_text(f"{HIDDEN_SEED}\n")
    students = {}
    for student, packed in pack(subjects, answers).items():
        _hand_in(course, student, chapter, packed)
        students |= {answer: student for answer in packed.values() if answer in set(answers)}
    grade_class(course, [chapter], progress, workers)
    rows = {(row.student_id, row.exercise): row for row in [*collect(course).rows, *_optional_rows(course, chapter)]}
    return {answer: rows[student, answer.exercise] for answer, student in students.items()}


def _optional_rows(course: Course, chapter: str) -> Iterator[Row]:
    """The verdicts on optional exercises, which no report counts."""
    for path in sorted(course.autograded.glob(f"*/{chapter}/*.ipynb")):
        for cell in filter(is_optional_check, nbformat.read(path, as_version=4).cells):
            yield Row.of(path.parent.parent.name, chapter, read_verdict(cell))


def pack(subjects: dict[str, Subject], answers: list[Answer]) -> dict[str, dict[str, Answer]]:
    """Student -> exercise -> answer. Where an exercise has fewer answers, the reference fills its place.

    Answers that call another exercise's function come last, among references only: they are as right as what they call.
    """
    parts: dict[bool, list[Answer]] = {False: [], True: []}
    for answer in answers:
        parts[_calls_others(subjects, answer)].append(answer)
    rows = [*_rows(subjects, parts[False]), *_rows(subjects, parts[True])]
    references = [subject.reference for subject in subjects.values()]
    return {
        f"student-{number:03d}": {
            reference.exercise: answer or reference for reference, answer in zip(references, row, strict=True)
        }
        for number, row in enumerate(rows, start=1)
    }


def _rows(subjects: dict[str, Subject], answers: list[Answer]) -> Iterator[tuple[Answer | None, ...]]:
    """The k-th answers to every exercise, None where there are fewer."""
    return itertools.zip_longest(*([answer for answer in answers if answer.exercise == name] for name in subjects))


def _calls_others(subjects: dict[str, Subject], answer: Answer) -> bool:
    used = set().union(*(names_read(ast.parse(_without_magic(cell))) for cell in answer.cells))
    return bool(used & (set(subjects) - {answer.exercise}))


def _without_magic(cell: str) -> str:
    return "\n".join(line for line in cell.splitlines() if not line.startswith("%"))


def prove_agreement(proof: Proof, subject: Subject, answer: Answer, row: Row) -> None:
    """Compare what an answer got through the pipeline with what it deserves and what it gets in this process."""
    here = subject.judged(answer, HIDDEN_SEED)
    there = Verdict(
        row.exercise, row.points, row.max_points, row.status, misconception=row.misconception, message=row.message
    )
    same = (here.points, here.status, here.misconception) == (there.points, there.status, there.misconception)
    proof.counts["pipeline agreed" if same else "pipeline differed"] += 1
    if not same:
        proof.find(answer, f"gets {_short(there)} through the pipeline, but {_short(here)} in process")
    elif not subject.is_equivalent(answer) and (problem := fault(answer, there)):
        proof.find(answer, f"{problem} (through the pipeline)")


def _short(result: Verdict) -> str:
    named = f", {result.misconception}" if result.misconception else ""
    return f"{result.points:g} of {result.max_points:g} ({result.status}{named}: {result.message or 'nothing to say'})"


def _hand_in(course: Course, student: str, chapter: str, answers: dict[str, Answer]) -> None:
    write_submission(course, student, chapter, {name: answer.cells[-1] for name, answer in answers.items()})
    for name in course.released_notebooks(chapter):
        path = course.submitted / student / chapter / f"{name}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        cells = []
        for cell in notebook.cells:
            answer = answers.get(exercise_name(cell)) if is_solution(cell) else None
            cells += [nbformat.v4.new_code_cell(source) for source in answer.cells[:-1]] if answer else []
            cells.append(cell)
        notebook.cells = cells
        path.write_text(json.dumps(notebook), encoding="utf-8")
