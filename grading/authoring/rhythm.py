"""The rhythm of a notebook: guess, watch, claim, read. What the build refuses, and what is counted.

A *part* of a notebook begins with a guess cell and ends before the next one. Its cells tagged `experiment` come in
this order: those that show (one of them reads `guess`), then those that claim (they hold the asserts); after them a
Markdown cell that begins with `<details>` says what was seen. All of its experiments are folded.

A student sees the release before running it: no outputs, nothing under `<details>`, and of a folded source its first
line, which JupyterLab shows in its place: so that is a comment. What can give an answer away is the text that stands
open. Whether a sentence does, only a reader can tell; a program can tell that a *number that came out* stands there:
one with at least two significant digits out of the part's asserts or its `measured` lines, that is not also a setting
(a number in the code of its experiments or in open code, or in the name of something to be guessed).

*Open lines* are those of the code that a student has before them, blank ones left out: every code cell that is not
folded, with set-up, stubs, docstrings, checks and guesses. Markdown and folded cells do not count. A docstring says
what is to be written, as the text above it does; so its lines are also counted by themselves.
*Students' lines* are those of the solutions; of a solution that is given with bugs, the lines that have to change.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from nbformat import NotebookNode

from grading import regions
from grading.cells import GUESS, is_check, is_experiment, is_folded, is_guess, is_hand_graded, is_solution

MOST_LINES = 25  # of an experiment, or of a claim
DETAILS = re.compile(r"<details\b.*?</details>", re.DOTALL | re.IGNORECASE)
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?(?![\w])", re.IGNORECASE)
PNG = "image/png"
SUMMARY = "predict.summary()"


@dataclass(frozen=True)
class Part:
    """What lies between one guess cell and the next.

    told : the cells before the guess that belong to it, from the end of the part before.
    """

    guess: NotebookNode
    told: tuple[NotebookNode, ...]
    cells: tuple[NotebookNode, ...]

    @property
    def experiments(self) -> list[NotebookNode]:
        return [cell for cell in self.cells if is_experiment(cell)]

    @property
    def reading(self) -> NotebookNode | None:
        """The Markdown cell after the last experiment, if that is what comes next."""
        last = max((i for i, cell in enumerate(self.cells) if is_experiment(cell)), default=len(self.cells))
        following = self.cells[last + 1 : last + 2]
        return following[0] if following and following[0].cell_type == "markdown" else None


def parts(notebook: NotebookNode) -> list[Part]:
    """Cut a notebook at its guess cells."""
    cells = [cell for cell in notebook.cells if SUMMARY not in cell.source]  # which belongs to all of them
    starts = [i for i, cell in enumerate(cells) if is_guess(cell)]
    found: list[Part] = []
    begin = 0
    for start, end in pairwise([*starts, len(cells)]):
        found.append(Part(cells[start], tuple(cells[begin:start]), tuple(cells[start + 1 : end])))
        experiments = [i for i in range(start, end) if is_experiment(cells[i])]
        begin = experiments[-1] + 1 if experiments else end
    return found


# --- what the build refuses


def problems(where: str, notebook: NotebookNode) -> list[str]:
    """Return a sentence for everything that breaks the rhythm of a notebook with guesses; nothing for one without.

    where : what the sentences call the notebook. If it was executed, what its claims measured is looked at too.
    """
    found = parts(notebook)
    if not found:
        return []
    lines = [f"{where}, cell {cell['id']!r}: {sentence}" for part in found for cell, sentence in _of_part(part)]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    before = code[: code.index(found[0].guess)]
    if not any(GUESS in _assigned(cell.source) for cell in before):
        lines.append(
            f"{where}: write guess = ... into the set-up cell, so that an experiment runs where no guess was made"
        )
    if SUMMARY not in code[-1].source or not is_experiment(code[-1]):
        lines.append(f"{where}, cell {code[-1]['id']!r}: expected {SUMMARY}, tagged experiment, in the last code cell")
    return lines


def _of_part(part: Part) -> Iterator[tuple[NotebookNode, str]]:
    yield from _of_guess(part.guess)
    readers = [i for i, cell in enumerate(part.experiments) if GUESS in _names(cell.source)]
    if not readers:
        yield part.guess, "no experiment after it compares this guess; expected predict.compare(guess, ...)"
        return
    for position, cell in enumerate(part.experiments):
        if not is_folded(cell):
            yield cell, 'its source gives the answer away; expected jupyter={"source_hidden": true} beside its tags'
        first, *lines = _lines(cell.source) or [""]
        if not first.startswith("#"):
            yield cell, "its first line is seen while it is folded; expected a comment there that tells no outcome"
        if len(lines) > MOST_LINES:
            yield cell, f"{len(lines)} lines below its first; expected at most {MOST_LINES}, and the plumbing in utils"
        yield from _of_asserts(cell, claims=position > readers[0])
    if part.reading is None or not part.reading.source.lstrip().startswith("<details"):
        yield part.experiments[-1], "expected a Markdown cell after it that begins with <details>: what was seen"
    yield from _spoiled(part)


def _of_guess(cell: NotebookNode) -> Iterator[tuple[NotebookNode, str]]:
    if is_folded(cell):
        yield cell, "a guess cell is open: somebody has to write into it"
    tree = _parsed(cell.source)
    if GUESS not in _assigned(cell.source):
        yield cell, "expected it to assign guess = ..."
    elif any(isinstance(node, ast.Constant) for value in _values(tree) for node in ast.walk(value) if not _blank(node)):
        yield cell, "expected ... wherever a guess is to be ventured, so that nothing is ventured for the student"


def _of_asserts(cell: NotebookNode, claims: bool) -> Iterator[tuple[NotebookNode, str]]:
    asserts = _asserts(cell.source)
    if asserts and not claims:
        yield cell, "its asserts belong into a claim cell of their own, after the experiment that shows"
    for line in (node.lineno for node in asserts if node.msg is None):
        yield cell, f"the assert in line {line} has no message"


def _spoiled(part: Part) -> Iterator[tuple[NotebookNode, str]]:
    code = [cell for cell in (*part.told, *part.cells) if cell.cell_type == "code"]
    settings = {value for cell in code for value in _settings(cell.source)} | _named(part.guess.source)
    came = [text for cell in part.experiments for text in (*_asserted(cell.source), *_measured(cell))]
    results = {_value(text): text for text in came if _digits(text) >= 2 and _value(text) not in settings}
    for cell in (*part.told, part.guess, *part.cells):
        for text in dict.fromkeys(_numbers(_standing_open(cell))):
            if _value(text) in results and _digits(text) >= 2:
                yield cell, f"{text} stands open, and it is what a claim of this part asserts or measures"


def _standing_open(cell: NotebookNode) -> str:
    """The text of a cell that is seen before anything is run."""
    if is_folded(cell):
        return cell.source.partition("\n")[0]
    return DETAILS.sub("", cell.source) if cell.cell_type == "markdown" else regions.released(cell.source, "")


def _asserted(source: str) -> list[str]:
    return [text for node in _asserts(source) for text in _numbers(ast.unparse(node.test))]


def _measured(cell: NotebookNode) -> list[str]:
    outputs = [output for output in cell.get("outputs", []) if "claim" in output.get("metadata", {})]
    return [text for output in outputs for text in _numbers(output["data"]["text/plain"])]


# --- reading sources


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError:  # a magic: then nothing is known of the cell
        return ast.Module([], [])


def _assigned(source: str) -> set[str]:
    """Names that a cell assigns at top level."""
    targets = [target for node in _parsed(source).body if isinstance(node, ast.Assign) for target in node.targets]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _names(source: str) -> set[str]:
    return {node.id for node in ast.walk(_parsed(source)) if isinstance(node, ast.Name)}


def _asserts(source: str) -> list[ast.Assert]:
    return [node for node in ast.walk(_parsed(source)) if isinstance(node, ast.Assert)]


def _values(tree: ast.Module) -> list[ast.expr]:
    """What the assignments of a guess cell assign; of a dict its values."""
    assigned = [node.value for node in tree.body if isinstance(node, ast.Assign)]
    return [part for value in assigned for part in (value.values if isinstance(value, ast.Dict) else [value])]


def _blank(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _settings(source: str) -> set[float]:
    """Numbers in the code of a cell, those in its asserts, comments and texts left out."""
    tree = _parsed(source)
    asserted = {inner for node in ast.walk(tree) if isinstance(node, ast.Assert) for inner in ast.walk(node)}
    constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and node not in asserted]
    return {float(value) for value in constants if type(value) in (int, float)}


def _named(source: str) -> set[float]:
    """Numbers in the names of what is to be guessed."""
    texts = [node.value for node in ast.walk(_parsed(source)) if isinstance(node, ast.Constant)]
    return {_value(text) for name in texts if isinstance(name, str) for text in _numbers(name)}


def _numbers(text: str) -> list[str]:
    return [match.rstrip(",") for match in NUMBER.findall(text)]


def _value(text: str) -> float:
    return float(text.replace(",", ""))


def _digits(text: str) -> int:
    """Count significant digits: two in 0.23, 1500 and 12; one in 100, 0.5 and 1e-3."""
    mantissa = re.split("e", text.replace(",", ""), flags=re.IGNORECASE)[0]
    digits = mantissa.replace(".", "").lstrip("0")
    return len(digits if "." in mantissa else digits.rstrip("0"))


def _lines(source: str) -> list[str]:
    return [line.strip() for line in source.splitlines() if line.strip()]


# --- what a student has before them


def written_lines(cell: NotebookNode) -> int:
    """Count the lines of a solution that a student writes: those that are not given, with or without bugs."""
    return len(regions.solution_lines(cell.source))


def open_lines(cell: NotebookNode) -> int:
    """Count the lines of a code cell that a student has open, the solution written."""
    if cell.cell_type != "code" or is_folded(cell):
        return 0
    return len(_lines(regions.solved(cell.source)))


def docstring_lines(cell: NotebookNode) -> int:
    """Count the open lines of a code cell that are those of a docstring."""
    if not open_lines(cell):
        return 0
    described = (ast.FunctionDef, ast.ClassDef)
    nodes = [node for node in ast.walk(_parsed(regions.solved(cell.source))) if isinstance(node, described)]
    texts = [ast.get_docstring(node, clean=False) for node in nodes]
    return sum(len(_lines(f"{text}.")) for text in texts if text)  # the closing quotes of some have a line of their own


@dataclass(frozen=True)
class Survey:
    """How far a notebook keeps to the rhythm, counted.

    written, open, docstrings : students' lines, all open lines of code, and those of docstrings among them, see the top
        of this module.
    """

    guesses: int
    experiments: int
    unfolded: int
    bare_readings: int
    figures: int
    without_alt: tuple[str, ...]
    written: int
    open: int
    docstrings: int


def survey(notebook: NotebookNode) -> Survey:
    """Count, in an executed notebook."""
    cells = notebook.cells
    experiments = [cell for cell in cells if is_experiment(cell) and SUMMARY not in cell.source]
    pictures = [(cell, output) for cell in cells for output in cell.get("outputs", []) if PNG in output.get("data", {})]
    readings = [after for cell, after in pairwise(cells) if is_experiment(cell) and after.cell_type == "markdown"]
    solutions = [cell for cell in cells if is_solution(cell) and not is_hand_graded(cell) and not is_check(cell)]
    return Survey(
        guesses=sum(map(is_guess, cells)),
        experiments=len(experiments),
        unfolded=sum(not is_folded(cell) for cell in experiments),
        bare_readings=sum(not cell.source.lstrip().startswith("<details") for cell in readings),
        figures=len(pictures),
        without_alt=tuple(cell["id"] for cell, output in pictures if not alternative_text(output)),
        written=sum(map(written_lines, solutions)),
        open=sum(map(open_lines, cells)),
        docstrings=sum(map(docstring_lines, cells)),
    )


def alternative_text(output: NotebookNode) -> str:
    """What an output says to those who cannot see its picture, "" if nothing."""
    return output.get("metadata", {}).get(PNG, {}).get("alt", "").strip()
