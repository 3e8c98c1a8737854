"""Attacks on what lies around the sandbox: names of folders, nbgrader's commands, tables, pages, the terminal."""

from __future__ import annotations

import csv
import time
import unicodedata
from functools import partial
from pathlib import Path

from grading.intake.harmless import MAX_OUTPUTS
from grading.intake.rebuild import read_submission, rebuild
from grading.records.staging import stage
from tests.attacks.attack import ALL, FILE, LAST, Attack, Trace, cell_of, doing, wrong_answers
from tests.attacks.corpus.fair import fair
from tests.attacks.corpus.forge import patched_answer
from tests.attacks.corpus.grader import BEFORE_LAST, extra_cell, reflection
from tests.sample import CHAPTER, COURSE, NOTEBOOK, sample_course
from tests.spreadsheet import is_formula

harm = partial(Attack, kind="harm")


# --- files and names


def _links_for_nbgrader(folder: Path, content: bytes) -> None:
    """What nbgrader's own commands would copy into the feedback."""
    (folder / FILE).write_bytes(content)
    (folder / "notes.txt").symlink_to("../../../seed")
    (folder / "all").symlink_to("../../..")
    (folder / "steps_files").mkdir()
    (folder / "steps_files" / "grades.csv").symlink_to("../../../../grades.csv")
    (folder / "page.html").write_text("<script>alert(1)</script>")


def _strange_in_staging(trace: Trace) -> str:
    """nbgrader sees a folder in which there are notebooks and time stamps, and nothing else."""
    course = sample_course(trace.gradebook)
    stage(course)
    paths = [path for path in course.staged.rglob("*") if path.is_symlink() or not path.is_dir()]
    strange = [path for path in paths if path.is_symlink() or path.suffix != ".ipynb" and path.name != "timestamp.txt"]
    return f"nbgrader would see {strange[:3]}" if strange or not paths else ""


def _time_stamps(file: str, folder: str):
    def place(where: Path, content: bytes) -> None:
        (where / FILE).write_bytes(content)
        (where / file).write_text("soon")
        (where / folder).mkdir()

    return place


def _names_for_a_terminal(folder: Path, content: bytes) -> None:
    (folder / FILE).write_bytes(content)
    for name in ("\x1b[2J\x1b]0;x\x07", "\nerror: nobody was graded", "[/] [red]"):
        below = folder.parent / name.replace("/", "\u2215")
        below.mkdir()
        (below / "timestamp.txt").write_text("soon")
        (below / f"{name.partition('/')[0]}.ipynb").write_text("{}")
    markup = folder.parent / "a[" / "]"
    markup.mkdir(parents=True)
    (markup / "timestamp.txt").write_text("soon")


def _hidden(folder: Path, content: bytes) -> None:
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / FILE).write_bytes(content)


def _named_as_unplaced(trace: Trace) -> str:
    text = (trace.gradebook / "unplaced.csv").read_text()
    return "" if f"{CHAPTER}/.hidden" in text else "what is hidden was dropped without a word"


def _open_to_others(trace: Trace) -> str:
    """Whether another account of the machine could read grades or hidden cases."""
    top, submitted = trace.gradebook, trace.gradebook / "submitted"
    ours = [path for path in top.rglob("*") if submitted not in (path, *path.parents) and not path.is_symlink()]
    readable = [path for path in (top, *ours) if path.stat().st_mode & 0o077]
    return f"others may read {readable[:3]}" if readable else ""


# --- tables and pages


def _formulas_by_any_reader(trace: Trace) -> str:
    for path in trace.gradebook.glob("*.csv"):
        for delimiter in ",;\t|":
            with path.open(newline="") as file:
                fields = [field for row in csv.reader(file, delimiter=delimiter) for field in row]
            bad = [field for field in fields if is_formula(field)]
            if bad:
                return f"{path.name}, split at {delimiter!r}, holds formulas {bad[:3]}"
    return ""


def _slow_page(trace: Trace) -> str:
    spans, outputs = trace.feedback.count("<span"), trace.feedback.count('class="jp-OutputArea-child')
    return f"its page holds {spans} spans and {outputs} outputs" if spans > 40_000 or outputs > 2 * MAX_OUTPUTS else ""


def _slow_to_rebuild(trace: Trace) -> str:
    """Whether the grader itself, before any sandbox, is kept busy."""
    (path,) = (trace.gradebook / "submitted").glob(f"*-code-scopes/{CHAPTER}/{FILE}")
    began = time.process_time()
    rebuild(COURSE.read_release(CHAPTER, NOTEBOOK), read_submission(path.read_bytes()))
    took = time.process_time() - began
    return f"rebuilding it took the grader {took:.0f} s" if took > 2 else ""


def _links_of_mail(trace: Trace) -> str:
    return "its page holds a link of mail" if "mailto:" in trace.feedback else ""


def _long_cells(notebook: dict) -> dict:
    for _ in range(3):
        extra_cell("a." * 15_000)(notebook)
    return notebook


# a symbol table costs the number of names times the number of scopes
MANY_SCOPES = "def f():\n " + "=".join(f"a{i}" for i in range(12_000)) + "=0\n" + " lambda:0\n" * 10_000
HELPER = "def _descend(theta, grad, lr):\n    return theta - lr * grad\n\n"


def _helpers_in_our_cells(notebook: dict) -> dict:
    check = cell_of(notebook, "sgd-step-check")
    check["source"] = HELPER + check["source"]
    experiment = next(cell for cell in notebook["cells"] if "experiment" in cell["metadata"].get("tags", []))
    experiment["source"] = "_RATE = 1.0\n" + experiment["source"]
    return notebook


ATTACKS = [
    harm(
        entry=11,
        slug="links-for-nbgrader",
        aim="links and pages beside the notebook, which nbgrader's own commands would copy into the feedback",
        place=_links_for_nbgrader,
        probe=_strange_in_staging,
    ),
    *(
        harm(entry=11, slug=f"name-{slug}", aim=f"a student's folder called {name!a:.40}", student=name)
        for slug, name in {
            "of-254-and-a-mark": "x" * 254 + "!",
            "of-254-and-a-line": "x" * 254 + "_",
            "with-a-quote": "o'brien",
            "that-is-an-id": "o_brien-65b87174be3b1b12",
            "decomposed": unicodedata.normalize("NFD", "José"),
            "in-devanagari": "सीता",
        }.items()
    ),
    harm(
        entry=11,
        slug="names-for-a-terminal",
        aim="folders named with escape codes, line breaks and markup, each with a time stamp that is none",
        place=_names_for_a_terminal,
    ),
    harm(
        entry=11,
        slug="hidden",
        aim="the notebook in a hidden folder: not looked into, and named",
        place=_hidden,
        loses=ALL,
        probe=_named_as_unplaced,
    ),
    harm(entry=11, slug="gradebook-is-private", aim="another account reads grades and cases", probe=_open_to_others),
    harm(
        entry=17,
        slug="code-scopes",
        aim="a cell of 200,000 characters: ten thousand scopes in one with twelve thousand names",
        edit=extra_cell(MANY_SCOPES),
        probe=_slow_to_rebuild,
    ),
    harm(
        entry=17,
        slug="answer-without-entries",
        aim="an answer of an array of shape (0, 2^62), which NumPy makes and cannot turn into floats",
        answers=wrong_answers(LAST),
        cells={
            BEFORE_LAST: patched_answer(
                '{"values": [{"tuple": [{"dtype": "int8", "shape": [0, 4611686018427387904], "data": []}, 1]}], '
                '"mutated": [], "failure": null}'
            )
        },
        loses=(LAST,),
    ),
    harm(
        entry=17,
        slug="page-of-displays",
        aim="136,000 displays, each of them an element of the feedback page",
        cells={"sgd-step": "for _ in range(136_000): display(0)"},
        probe=_slow_page,
    ),
    harm(
        entry=17,
        slug="page-of-attributes",
        aim="90,000 characters of 'a.', each of them coloured on the feedback page",
        edit=_long_cells,
        probe=_slow_page,
    ),
    harm(
        entry=18,
        slug="link-of-mail",
        aim="addresses of mail that begin with a digit, and addresses without a scheme",
        edit=reflection("<1a@example.org> 1a@example.org www.example.org"),
        probe=_links_of_mail,
    ),
    harm(
        entry=19,
        slug="formulas-for-other-readers",
        aim="formulas after semicolons, tabs and quotes, for readers that split there",
        answers={"sgd_step": doing("sgd_step", "raise ValueError(';=HYPERLINK(1);\"=1|@A1;' + chr(39) + '+1; -x')")},
        loses=("sgd_step",),
        probe=_formulas_by_any_reader,
    ),
    *(
        harm(entry=20, slug=f"timestamps-{slug}", aim=f"{file} holds no time, {folder} is a folder", place=place)
        for slug, file, folder, place in (
            (slug, file, folder, _time_stamps(file, folder))
            for slug, file, folder in (
                ("and-a-folder", "timestamp.txt", "timestamp.unreadable"),
                ("that-are-folders", "timestamp.unreadable", "timestamp.txt"),
            )
        )
    ),
    fair(
        entry=22,
        slug="names-of-builtins",
        aim="variables called globals, __import__, check and utils",
        cells={"sgd-step": "globals = 1\n__import__ = 2\ncheck = 3\nutils = 4"},
    ),
    fair(
        entry=22,
        slug="helpers-in-our-cells",
        aim="a helper written in a check cell, a constant in an experiment",
        answers={
            "sgd_step": doing("sgd_step", "return _descend(theta, grad, lr)"),
            "exponential_decay": doing("exponential_decay", "return _RATE * lr0 * float(np.exp(-rate * k))"),
        },
        edit=_helpers_in_our_cells,
    ),
]
