"""Grade a class as `python -m grading grade` does, in a process of its own that the bench can watch and end.

Arguments: gradebook folder, limits as JSON, file to write the outcome to.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from grading.__main__ import console, show_outcome
from grading.limits import Limits
from grading.records.feedback import write_feedback
from grading.report import collect
from grading.run.grade import grade_class
from tests.sample import CHAPTER, sample_course


def main(gradebook: str, limits: str, outcome: str) -> None:
    course = sample_course(Path(gradebook))
    with Progress(console=Console(quiet=True)) as progress:
        notes = grade_class(course, [CHAPTER], progress, limits=Limits(**json.loads(limits)))
        sentences = [*notes.sentences, *write_feedback(course, [CHAPTER], progress)]
    with console.capture() as shown:
        show_outcome(course, sentences)
    report = collect(course)
    rows = [asdict(row) for row in report.rows]
    scores = {student: score.points for (student, _), score in report.scores.items()}
    Path(outcome).write_text(json.dumps({"terminal": shown.get(), "rows": rows, "scores": scores}))


if __name__ == "__main__":
    main(*sys.argv[1:])
