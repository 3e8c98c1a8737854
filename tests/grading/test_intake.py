"""Submissions are recognised by what they hold: under any name, in any folder, without their metadata."""

import csv
import json
import os
import shutil
import time

import nbformat
import pytest

from grading.__main__ import show_unplaced
from grading.intake import submissions
from grading.intake.harmless import student_id
from grading.intake.rebuild import NotHandedIn
from grading.intake.submissions import Unplaced, names_of_students, take_in
from grading.records.feedback import write_feedback
from grading.records.unplaced import read_unplaced, write_unplaced
from tests.conftest import hand_in
from tests.sample import CHAPTER, COURSE, NOTEBOOK, OTHER_CHAPTER, OTHER_NOTEBOOK, SECOND, filled, sample_course

STUDENT = "bob"
BELONGS = f"{CHAPTER}/{NOTEBOOK}.ipynb"
CHAPTERS = [CHAPTER, OTHER_CHAPTER]


@pytest.fixture
def course(tmp_path):
    return sample_course(tmp_path)


def lay(course, name, content=None, student=STUDENT, age=0.0):
    """Put a file into a student's folder, the solved notebook unless something else is given."""
    path = course.submitted / student / name
    path.parent.mkdir(parents=True, exist_ok=True)
    content = filled() if content is None else content
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def found(course, chapters=CHAPTERS, student=STUDENT):
    """(chapter, notebook) -> submission, of those for which there is a file."""
    every = take_in(course, chapters).submissions
    return {(one.chapter, one.notebook): one for one in every if one.student == student and one.path.is_file()}


def only(course):
    """The one submission for NOTEBOOK; nothing else is recognised."""
    (place, one), *others = found(course).items()
    assert place == (CHAPTER, NOTEBOOK) and not others
    return one


def without_metadata(notebook, ids=False):
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] = {}
        cell["id"] = cell["id"] if ids else f"random-{number}"
    return notebook


def merged(*notebooks):
    return {**notebooks[0], "cells": [cell for notebook in notebooks for cell in notebook["cells"]]}


# --- by place, and by content


def test_notebook_at_its_place_needs_no_note(course):
    path = lay(course, BELONGS)
    assert (only(course).path, only(course).note) == (path, "")
    assert take_in(course, CHAPTERS).unplaced == []


OTHER_PLACES = [
    f"{CHAPTER}/{NOTEBOOK} (1).ipynb",
    f"{CHAPTER}/{NOTEBOOK}.ipynb.txt",
    f"{CHAPTER}/{NOTEBOOK}.json",
    f"{CHAPTER}/{NOTEBOOK}.IPYNB",
    f"{CHAPTER}/{NOTEBOOK}",
    f"ch1/{NOTEBOOK}.ipynb",
    f"{OTHER_CHAPTER}/{NOTEBOOK}.ipynb",
    f"{NOTEBOOK}.ipynb",
    "final FINAL.ipynb",
    f"Downloads/homework/{CHAPTER}/{NOTEBOOK}.ipynb",
    "a/b/c/d/e/f/deep.ipynb",
]


@pytest.mark.parametrize("name", OTHER_PLACES)
def test_notebook_is_recognised_elsewhere_and_that_is_noted(course, name):
    path = lay(course, name)
    assert only(course).path == path
    assert only(course).note == f"handed in as {name}, recognised by its cells"
    assert take_in(course, CHAPTERS).unplaced == []


@pytest.mark.parametrize("ids", [True, False])
def test_notebook_without_metadata_is_recognised(course, ids):
    path = lay(course, "mine.ipynb", without_metadata(filled(), ids))
    assert only(course).path == path


@pytest.mark.parametrize(("chapter", "notebook"), [(CHAPTER, SECOND), (OTHER_CHAPTER, OTHER_NOTEBOOK)])
def test_two_notebooks_in_one_file_are_found(course, chapter, notebook):
    path = lay(course, "all.ipynb", merged(filled(), filled(notebook, chapter)))
    places = {place: one.path for place, one in found(course).items()}
    assert places == {(CHAPTER, NOTEBOOK): path, (chapter, notebook): path}


def test_other_notebook_at_a_place_is_taken_for_what_it_is(course):
    path = lay(course, BELONGS, filled(SECOND))
    one = found(course)[CHAPTER, SECOND]
    assert (one.path, one.note) == (path, f"handed in as {BELONGS}, recognised by its cells")
    (missing,) = [one for one in take_in(course, [CHAPTER]).submissions if one.notebook == NOTEBOOK]
    with pytest.raises(NotHandedIn, match=f"not handed in: {NOTEBOOK}.ipynb holds the cells of {CHAPTER}/{SECOND}"):
        missing.read()


def test_some_cells_of_another_notebook_in_it_change_nothing(course):
    stray = [cell for cell in filled(SECOND)["cells"] if cell["id"] == "rates-reflection"]
    notebook = filled()
    lay(course, "mine.ipynb", {**notebook, "cells": notebook["cells"] + stray})
    only(course)


def test_chapter_that_is_not_asked_for_is_not_taken_in(course):
    lay(course, "mine.ipynb")
    assert found(course, [OTHER_CHAPTER]) == {}
    assert take_in(course, [OTHER_CHAPTER]).submissions == []


def test_every_notebook_of_a_chapter_is_listed_for_who_takes_part(course):
    lay(course, "mine.ipynb")
    (course.submitted / "eve" / CHAPTER).mkdir(parents=True)
    (course.submitted / "zoe").mkdir()
    listed = [(one.student, one.notebook) for one in take_in(course, [CHAPTER]).submissions]
    assert listed == [(who, name) for who in (STUDENT, "eve") for name in (SECOND, NOTEBOOK)]


# --- several


def stamp(course, folder, text):
    lay(course, f"{folder}/timestamp.txt", text.encode())


def test_newest_of_two_counts_and_the_other_is_named(course):
    lay(course, BELONGS, age=100)
    newer = lay(course, f"{CHAPTER}/{NOTEBOOK} (1).ipynb", age=10)
    assert only(course).path == newer
    assert only(course).note == (
        f"2 files hold this notebook; graded is the newest, {CHAPTER}/{NOTEBOOK} (1).ipynb, not {BELONGS}"
    )


@pytest.mark.parametrize("newest", ["first", "second"])
def test_time_stamps_count_more_than_the_age_of_a_file(course, newest):
    paths = {
        name: lay(course, f"{name}/{NOTEBOOK}.ipynb", age=0 if name != newest else 100) for name in ("first", "second")
    }
    for name in paths:
        stamp(course, name, f"2026-01-0{2 if name == newest else 1} 10:00:00 UTC")
    assert only(course).path == paths[newest]


def test_place_decides_between_files_of_one_age(course):
    for name in ("aa.ipynb", BELONGS, "zz.ipynb"):
        os.utime(lay(course, name), (1e9, 1e9))
    assert only(course).path == course.submitted / STUDENT / BELONGS
    assert "3 files hold this notebook" in only(course).note


def untouched():
    return json.loads(json.dumps(COURSE.read_release(CHAPTER, NOTEBOOK)))


def test_file_that_was_not_worked_on_counts_behind_one_that_was(course):
    lay(course, BELONGS, untouched())
    older = lay(course, f"{NOTEBOOK} (1).ipynb", age=1000)
    assert only(course).path == older
    assert "graded is the newest that was worked on" in only(course).note


def test_file_that_was_not_worked_on_counts_where_there_is_no_other(course):
    path = lay(course, BELONGS, untouched())
    assert (only(course).path, only(course).note) == (path, "")


# --- what cannot be placed


def unplaced(course):
    return {(item.student, item.file): item.reason for item in take_in(course, CHAPTERS).unplaced}


NO_CELL = "it holds no cell of a notebook of this course"
ODD_FILES = {
    "photo.jpg": b"\xff\xd8\xff",
    "essay.docx": b"PK",
    "notes.txt": b"I have no notebook",
    "empty.ipynb": b"",
    "another.ipynb": json.dumps(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("def f(): 1")])).encode(),
    f"{NOTEBOOK}.py": b"def sgd_step(theta, grad, lr): pass",
}


@pytest.mark.parametrize("name", ODD_FILES)
def test_file_without_a_cell_of_the_course_is_listed(course, name):
    lay(course, name, ODD_FILES[name])
    assert unplaced(course) == {(STUDENT, name): NO_CELL}


def test_broken_file_at_its_place_is_no_file_without_a_place(course):
    path = lay(course, BELONGS, b"{")
    assert unplaced(course) == {}
    assert only(course).path == path


def test_files_in_no_students_folder_are_listed(course):
    lay(course, BELONGS)
    (course.submitted / f"{NOTEBOOK}.ipynb").write_text(json.dumps(filled()))
    assert unplaced(course) == {("", f"{NOTEBOOK}.ipynb"): "it lies in no student's folder"}


def test_files_that_belong_beside_a_notebook_are_not_listed(course):
    lay(course, BELONGS)
    shutil.copy(COURSE.notebooks / CHAPTER / "checks.json", course.submitted / STUDENT / CHAPTER)
    stamp(course, CHAPTER, "2026-01-01 10:00:00 UTC")
    assert unplaced(course) == {}


@pytest.mark.parametrize("folder", [f"{CHAPTER}/.ipynb_checkpoints", "__MACOSX"])
def test_folders_that_systems_make_are_not_looked_into(course, folder):
    lay(course, BELONGS)
    lay(course, f"{folder}/{NOTEBOOK}-checkpoint.ipynb", age=-1000)
    assert only(course).note == "" and unplaced(course) == {}


def test_what_is_hidden_or_too_deep_is_named(course):
    lay(course, BELONGS)
    lay(course, f".hidden/{NOTEBOOK}.ipynb")
    lay(course, f"{CHAPTER}/.{NOTEBOOK}.ipynb")
    lay(course, f"1/2/3/4/5/6/7/{NOTEBOOK}.ipynb")
    lay(course, BELONGS, student=".eve")
    assert only(course).note == ""
    assert unplaced(course) == {
        ("", ".eve"): submissions.HIDDEN,
        (STUDENT, ".hidden"): submissions.HIDDEN,
        (STUDENT, f"{CHAPTER}/.{NOTEBOOK}.ipynb"): submissions.HIDDEN,
        (STUDENT, "1/2/3/4/5/6/7"): "it lies more than 6 folders deep, so it was not looked into",
    }


def test_time_stamp_that_holds_no_time_is_listed_and_left_alone(course):
    lay(course, BELONGS)
    path = lay(course, f"{CHAPTER}/timestamp.txt", b"soon")
    (path.parent / "timestamp.unreadable").mkdir()
    assert unplaced(course) == {(STUDENT, f"{CHAPTER}/timestamp.txt"): "it holds no time"}
    assert path.read_bytes() == b"soon"


@pytest.mark.parametrize("make", [lambda path: path.symlink_to("/etc/passwd"), os.mkfifo], ids=["link", "pipe"])
def test_what_is_no_file_is_listed_and_not_opened(course, make):
    lay(course, BELONGS)
    make(course.submitted / STUDENT / "odd.ipynb")
    assert unplaced(course) == {(STUDENT, "odd.ipynb"): "this is no file of its own; hand in the notebook itself"}
    assert only(course).note == ""


def test_linked_folders_are_not_followed(course):
    lay(course, "mine.ipynb", student="eve")
    (course.submitted / STUDENT).symlink_to("eve")
    lay(course, "own.txt", b"x", student="zoe")
    (course.submitted / "zoe" / "work").symlink_to("../eve")
    assert found(course) == found(course, student="zoe") == {}
    assert ("zoe", "work") in unplaced(course)


def test_file_that_cannot_be_read_is_listed(course, monkeypatch):
    lay(course, BELONGS)
    lay(course, "closed.ipynb")
    original = submissions._beginning

    def refuse(path):
        if path.name == "closed.ipynb":
            raise PermissionError(13, "Permission denied")
        return original(path)

    monkeypatch.setattr(submissions, "_beginning", refuse)
    assert unplaced(course) == {(STUDENT, "closed.ipynb"): "it cannot be read (Permission denied)"}


def test_folder_that_cannot_be_listed_drops_nobody(course, monkeypatch):
    lay(course, BELONGS)
    original = os.scandir

    def refuse(folder):
        if str(folder) == str(course.submitted / STUDENT / CHAPTER):
            raise PermissionError(13, "Permission denied")
        return original(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    assert [one.path for one in take_in(course, [CHAPTER]).submissions if one.notebook == NOTEBOOK] == [
        course.submitted / STUDENT / BELONGS
    ]


def lay_two_thousand(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(2000):
        (folder / f"{number:04d}.txt").write_bytes(b"x")


def test_two_thousand_files_are_looked_at_up_to_a_number_and_do_not_hide_the_notebook(course):
    path = lay(course, BELONGS)
    lay_two_thousand(course.submitted / STUDENT)
    began = time.process_time()
    reasons = unplaced(course)
    assert time.process_time() - began < 5
    assert reasons[STUDENT, "…"] == "there are more than 1,000 files; the rest was not looked at"
    assert len(reasons) == submissions.MAX_FILES + 1
    assert only(course).path == path


def test_two_thousand_files_in_a_folder_do_not_hide_a_notebook_beside_it(course):
    path = lay(course, "mine.ipynb")
    lay_two_thousand(course.submitted / STUDENT / "data")
    assert only(course).path == path


# --- whose it is


def test_folders_keep_their_names_and_each_is_a_student(course):
    plain, odd = ["alice", "सीता"], ["o'brien", "x" * 254 + "!", "x" * 254 + "_", "=1+1", "\udcff"]
    for name in plain + odd:
        lay(course, BELONGS, student=name)
    ids = [one.student for one in take_in(course, [CHAPTER]).submissions if one.notebook == NOTEBOOK]
    assert sorted(ids) == sorted(plain + list(map(student_id, odd)))
    assert sorted(path.name for path in course.submitted.iterdir()) == sorted(plain + odd)
    assert names_of_students(course) == {student_id(name): name for name in odd}


def test_two_spellings_of_a_name_are_one_student_whose_newest_file_counts(course):
    lay(course, BELONGS, student="Jose\u0301", age=1000)
    newest = lay(course, BELONGS, student="Jos\u00e9")
    (one,) = found(course, student="José").values()
    assert one.path == newest and "2 files hold this notebook" in one.note
    assert {one.student for one in take_in(course, CHAPTERS).submissions} == {"José"}


def test_student_whose_files_cannot_be_looked_through_stops_nobody(course, monkeypatch):
    lay(course, BELONGS)
    lay(course, BELONGS, student="eve")
    original = submissions._when

    def break_down(path):
        if "eve" in path.parts:
            raise RuntimeError("out of order")
        return original(path)

    monkeypatch.setattr(submissions, "_when", break_down)
    only(course)
    broken = [one for one in take_in(course, [CHAPTER]).submissions if one.student == "eve"]
    assert [one.notebook for one in broken] == [SECOND, NOTEBOOK]
    for one in broken:
        with pytest.raises(RuntimeError, match="out of order"):
            one.read()


# --- where it is said


def test_list_of_unplaced_files_survives_writing_and_reading(course):
    odd = [Unplaced("bob", 'a, "b".txt', NO_CELL), Unplaced("", "c.ipynb", "it lies in no student's folder")]
    write_unplaced(course, odd)
    assert read_unplaced(course) == odd
    write_unplaced(course, [])
    assert read_unplaced(course) == []


def test_terminal_lists_twenty_unplaced_files_and_counts_the_rest(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    show_unplaced([Unplaced("bob", f"[red]{number:02d}[/red].txt", NO_CELL) for number in range(45)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "45 files could not be placed:"
    assert lines[1] == f"  bob/[red]00[/red].txt: {NO_CELL}"
    assert len(lines) == 22 and lines[-1] == "  and 25 more, see unplaced.csv"
    show_unplaced([])
    assert capsys.readouterr().out == ""


@pytest.fixture(scope="module")
def graded(tmp_path_factory, grade):
    """A class of which one student hands in under another name, before and after giving it the right one."""
    course = sample_course(tmp_path_factory.mktemp("gradebook"))
    odd = lay(course, "my <b>work.ipynb")
    hand_in(course, "alice", filled())
    lay(course, "photo.jpg", b"x")
    first = grade(course)
    return course, odd, first


def test_note_reaches_the_verdicts_and_the_students_page(graded):
    from rich.progress import Progress

    course, _, report = graded
    note = "handed in as my <b>work.ipynb, recognised by its cells"
    rows = [row for row in report.rows if row.student_id == STUDENT and row.status == "passed"]
    assert len(rows) == 7 and {row.note for row in rows} == {note}
    assert {row.note for row in report.rows if row.student_id == "alice"} == {""}
    with Progress(disable=True) as progress:
        assert write_feedback(course, [CHAPTER], progress) == []
    pages = {who: (course.feedback / who / CHAPTER / f"{NOTEBOOK}.html").read_text() for who in (STUDENT, "alice")}
    assert "Note: handed in as my &lt;b&gt;work.ipynb, recognised by its cells" in pages[STUDENT]
    assert "recognised by its cells" not in pages["alice"]


def test_unplaced_files_reach_the_report_and_their_list(graded):
    course, _, report = graded
    assert report.unplaced == [Unplaced(STUDENT, "photo.jpg", NO_CELL)]
    with (course.gradebook / "unplaced.csv").open(newline="") as file:
        assert list(csv.reader(file))[1:] == [[STUDENT, "photo.jpg", NO_CELL]]


def test_note_does_not_enter_the_cache(graded, grade, monkeypatch):
    import grading.run.worker

    course, odd, first = graded
    cached = [path.read_text() for path in (course.gradebook / "cache").glob("*/*.json")]
    assert cached and not any("recognised by its cells" in text for text in cached)
    monkeypatch.setattr(grading.run.worker, "judge_notebook", lambda *question: pytest.fail("executed again"))
    (odd.parent / CHAPTER).mkdir(exist_ok=True)
    odd.rename(odd.parent / BELONGS)
    again = grade(course)
    assert {row.note for row in again.rows if row.student_id == STUDENT} == {""}
    assert [row.points for row in again.rows] == [row.points for row in first.rows]
