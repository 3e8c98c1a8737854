"""The files that a grading leaves behind do nothing when they are opened: feedback, report, tables."""

import csv
import shutil

import pandas
import pytest
from rich.console import Console
from rich.progress import Progress

from grading.records.feedback import write_feedback
from tests.browser.conftest import HOSTILE, QUIET, UNCLEANED, HostileClass
from tests.browser.hostile import LINKS, MOVES, ODD_PERSON, TAGS, attack, sentence
from tests.browser.watching import assert_harmless
from tests.sample import CHAPTER, sample_course
from tests.spreadsheet import is_formula

SHOWN = ("answer", "source", "comment", "docstring", "stream", "plain", "picture", "exception", "message")
# without a server there is no terminal, and these two nbconvert itself makes harmless
NO_USE = {"terminal", "fence", "picture-title"}


def test_feedback_runs_nothing_and_loads_nothing(hostile_class, watcher):
    visit = watcher.open(hostile_class.feedback(HOSTILE), sentence("answer"))
    assert_harmless(visit)
    assert visit.foreign == frozenset()
    assert visit.lures() == []


def test_feedback_shows_the_text_of_every_attack(hostile_class, watcher):
    text = watcher.open(hostile_class.feedback(HOSTILE), sentence("answer")).text
    assert [place for place in SHOWN if sentence(place) not in text] == []
    assert text.count("onerror=") > 10


def test_feedback_without_cleaning_is_attacked(hostile_class, watcher, tmp_path):
    # the control: the same texts and outputs, as nbgrader alone would have kept them
    folder = tmp_path / "gradebook"
    shutil.copytree(hostile_class.course.gradebook, folder)
    uncleaned = HostileClass(sample_course(folder), [])
    for student in folder.glob("autograded/*"):
        if student.name != UNCLEANED:
            shutil.rmtree(student)
    with Progress(console=Console(quiet=True)) as progress:
        assert write_feedback(uncleaned.course, [CHAPTER], progress) == []
    visit = watcher.open(uncleaned.feedback(UNCLEANED), sentence("answer"))
    expected = {f"answer.{name}" for name in {*TAGS, *LINKS} - NO_USE} | {f"html.{name}" for name in {*TAGS} - NO_USE}
    assert expected - visit.succeeded() == set()
    assert visit.pwned and visit.traps and visit.lures()
    with pytest.raises(AssertionError):
        assert_harmless(visit)


@pytest.mark.parametrize("name", MOVES)
def test_watcher_notices_a_page_that_is_moved(watcher, tmp_path, name):
    page = tmp_path / "page.html"
    page.write_text(f"<p>words</p>{attack('page', name, MOVES[name])}<img src=picture.png>")
    assert f"page.{name}" in watcher.open(page.as_uri(), "words").succeeded()


def test_watcher_notices_dialogs(watcher, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<p>words</p><script>alert('seen')</script>")
    assert watcher.open(page.as_uri(), "words").dialogs == ("seen",)


def test_report_runs_nothing(hostile_class, watcher):
    visit = watcher.open((hostile_class.course.gradebook / "report.html").as_uri(), sentence("message"))
    assert_harmless(visit)
    assert visit.lures() == []
    assert "<script>" in visit.text


def test_only_our_own_files_are_made(hostile_class):
    course = hostile_class.course
    # JupyterLab, when another test has opened a notebook there, keeps a copy of it
    files = [path for folder in (course.autograded, course.feedback) for path in folder.rglob("*") if path.is_file()]
    made = {path.name for path in files if ".ipynb_checkpoints" not in path.parts}
    assert made == {f"{name}.{kind}" for name in course.released_notebooks(CHAPTER) for kind in ("ipynb", "html")}


def tables(course) -> dict[str, list[list[str]]]:
    found = {}
    for path in course.gradebook.glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            found[path.name] = list(csv.reader(file))
    return found


def test_tables_hold_no_formulas(hostile_class):
    found = tables(hostile_class.course)
    assert {"grades.csv", "verdicts.csv"} <= set(found)
    cells = [(name, cell) for name, rows in found.items() for row in rows for cell in row]
    blanks = ("\t", "\r", "\n")
    assert [(name, cell) for name, cell in cells if is_formula(cell) or cell.startswith(blanks)] == []


def test_tables_keep_their_shape(hostile_class):
    for name, rows in tables(hostile_class.course).items():
        assert {len(row) for row in rows} == {len(rows[0])}, name
        frame = pandas.read_csv(hostile_class.course.gradebook / name, dtype=str, keep_default_na=False)
        assert [list(frame.columns), *frame.values.tolist()] == rows, name


def test_tables_show_odd_names_as_text(hostile_class):
    row = next(row for row in tables(hostile_class.course)["grades.csv"] if QUIET in row)
    # an apostrophe stands at the start and after each sign at which a reader might split
    shown = {cell.replace("'", "") for cell in row if cell.startswith("'")}
    assert shown == {text.replace("\r", "\n") for text in ODD_PERSON.values()}


def test_verdicts_show_the_text_of_an_attack(hostile_class):
    rows = tables(hostile_class.course)["verdicts.csv"]
    assert any(HOSTILE in row and sentence("message") in " ".join(row) for row in rows)
