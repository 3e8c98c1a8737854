"""An attack: a submission, how it is made from the release, and what it may earn.

Everything is said by one small object; `tests.attacks.bench` hands it in, has it graded and looks at the damage.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from grading.course import Course
from tests.sample import CHAPTER, NOTEBOOK, POINTS, SAMPLE, filled

PUBLISHED = json.loads((SAMPLE / "notebooks" / CHAPTER / "checks.json").read_text())["exercises"]
EXERCISES = {data["name"]: data for data in PUBLISHED}
ALL = tuple(POINTS)  # attacks hand in this notebook of the chapter only
LAST = ALL[-1]
MARK = "observed: "  # an attack's own report on what it achieved: a printed line that begins like this
FILE = f"{NOTEBOOK}.ipynb"


@dataclass(frozen=True)
class Trace:
    """What is known of a graded attack.

    said : lines that the attack printed about itself, without the mark.
    messages : exercise -> message of its verdict.
    graded : the graded notebook as text, "" if there is none.
    feedback : the feedback page, "" if there is none.
    gradebook : the class's gradebook folder.
    contacts : how often a listener outside the sandbox was contacted.
    csv_rows : all rows of verdicts.csv and grades.csv.
    """

    said: list[str]
    messages: dict[str, str]
    graded: str
    feedback: str
    gradebook: Path
    contacts: int
    csv_rows: list[list[str]]

    def number(self, key: str) -> float:
        """Return the number that the attack printed as "key=number". Raises LookupError if it printed none."""
        for line in self.said:
            name, _, value = line.partition("=")
            if name == key:
                return float(value)
        raise LookupError(f"the attack did not get as far as to print {key}")


@dataclass(frozen=True)
class Attack:
    """A hostile or a clumsy submission.

    entry : number in the list of what the grader must withstand.
    aim : what it tries.
    answers : exercise -> source of the answer, instead of the reference solution.
    cells : grade_id -> source of a cell of the student's own that is inserted before that cell.
    loses : exercises that must earn nothing; all others must earn everything.
    edit : turns the notebook (nbformat 4 JSON) into what is handed in: JSON, or the bytes of a file.
    files : name -> content of further files in the submission's folder.
    place : lays the submission's folder by hand, given the folder (which exists) and the file's content.
    student : name of the student's folder; made from entry and slug if empty.
    says : text that must occur in the message of each exercise that was lost.
    prints : lines that the attack must print about itself, exactly; None if they may be any.
    probe : finds harm afterwards; returns a sentence, "" if there is none.
    """

    entry: int
    slug: str
    kind: str
    aim: str
    answers: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    loses: tuple[str, ...] = ()
    edit: Callable[[dict], dict | bytes] | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    place: Callable[[Path, bytes], None] | None = None
    student: str = ""
    says: str = ""
    prints: tuple[str, ...] | None = None
    probe: Callable[[Trace], str] = lambda trace: ""

    @property
    def name(self) -> str:
        """Name of the student's folder."""
        return self.student or f"m-{self.entry:02d}-{self.slug}"

    def due(self) -> dict[str, float]:
        """Exercise -> points that it must earn."""
        return {name: 0.0 if name in self.loses else POINTS[name] for name in ALL}

    def notebook(self, words: Mapping[str, str]) -> bytes:
        """Return the file that is handed in. words : placeholder -> what it stands for in code."""
        notebook = filled(**self.answers)
        for target, source in self.cells.items():
            insert(notebook, target, source)
        for cell in notebook["cells"]:
            for word, value in words.items():
                cell["source"] = cell["source"].replace(word, value)
        made = self.edit(notebook) if self.edit else notebook
        return made if isinstance(made, bytes) else json.dumps(made).encode()

    def hand_in(self, course: Course, words: Mapping[str, str]) -> None:
        """Lay the submission into the gradebook."""
        folder = course.submitted / self.name / CHAPTER
        folder.mkdir(parents=True)
        content = self.notebook(words)
        for name, extra in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(extra)
        if self.place:
            self.place(folder, content)
        else:
            (folder / FILE).write_bytes(content)


def cell_of(notebook: dict, grade_id: str) -> dict:
    """Find a graded cell of a notebook."""
    return next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def insert(notebook: dict, grade_id: str, source: str) -> None:
    """Insert a code cell of the student's own before a graded cell."""
    position = notebook["cells"].index(cell_of(notebook, grade_id))
    notebook["cells"].insert(position, json.loads(json.dumps(nbformat.v4.new_code_cell(source))))


def wrong(name: str) -> str:
    """Source of an answer of the right form that is far off."""
    count = len(EXERCISES[name]["returns"])
    return returning(name, "(" + "12345.0, " * count + ")" if count > 1 else "12345.0")


def returning(name: str, expression: str) -> str:
    """Source of an answer that returns an expression."""
    return f"def {name}({', '.join(EXERCISES[name]['parameters'])}):\n    return {expression}\n"


def doing(name: str, body: str) -> str:
    """Source of an answer with a body, given without indentation."""
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    return f"def {name}({', '.join(EXERCISES[name]['parameters'])}):\n{lines}"


def wrong_answers(*names: str) -> dict[str, str]:
    """Wrong answers for some exercises."""
    return {name: wrong(name) for name in names}
