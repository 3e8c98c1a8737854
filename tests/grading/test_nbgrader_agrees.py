"""nbgrader's own commands see the same scores as ours."""

import csv
import getpass
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grading.authoring.simulate import BLANK, REFERENCE, misconception_source, write_submission
from grading.course import ROOT
from grading.exercise import load_exercises
from grading.intake.harmless import student_id
from grading.report import collect
from tests.conftest import hand_in
from tests.sample import CHAPTER, COURSE, ESSAY, NOTEBOOK, SAMPLE, SECOND, filled

ODD_FOLDER = "o'brien <b>"
ODD = student_id(ODD_FOLDER)
STUDENTS = [ODD, BLANK, REFERENCE, "student-001", "student-002"]


def hand_in_with_links(course):
    """Right answers under another name, links to everything beside them, and a time stamp that is none."""
    folder = hand_in(course, ODD_FOLDER, filled(), "my work").parent
    (folder / "notes.txt").symlink_to("../../../seed")
    (folder / "more").symlink_to("../../..")
    (folder / "page.html").write_text("<script>alert(1)</script>")
    (folder / f"{NOTEBOOK}_files").mkdir()
    (folder / f"{NOTEBOOK}_files" / "grades").symlink_to("../../../../grades.csv")
    (folder / "timestamp.txt").write_text("soon")
    hand_in(course, "student-001", b"2026-01-02 03:04:05.678 UTC", "x").rename(
        course.submitted / "student-001" / CHAPTER / "timestamp.txt"
    )


@pytest.fixture(scope="module")
def report(course, right_answers, grade):
    exercise = load_exercises(COURSE, CHAPTER)["exponential_average"]
    wrong = misconception_source(exercise, "corrected-value-fed-back")
    write_submission(course, REFERENCE, CHAPTER, right_answers)
    write_submission(course, BLANK, CHAPTER, {})
    write_submission(course, "student-001", CHAPTER, {**right_answers, "exponential_average": wrong})
    for name in course.released_notebooks(CHAPTER):
        hand_in(course, "student-002", b"this is no notebook", name)
    hand_in_with_links(course)
    return grade(course)


def nbgrader(course, *arguments):
    """Run an nbgrader command in the repository on the test's gradebook."""
    environment = {
        **os.environ,
        "COURSE_ROOT": str(SAMPLE),
        "GRADEBOOK_DIR": str(course.gradebook),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=True)


def exported_scores(course, path):
    nbgrader(course, "export", f"--to={path}")
    with path.open(newline="") as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def test_export_shows_our_scores(course, report, tmp_path):
    exported = exported_scores(course, tmp_path / "grades.csv")
    assert exported == {student: report.scores[student, CHAPTER].points for student in STUDENTS}


def test_partial_credit_reaches_nbgrader(course, report):
    with Gradebook(course.database_url) as gradebook:
        grade = gradebook.find_grade("exponential-average-check", NOTEBOOK, CHAPTER, "student-001")
        assert 0 < grade.auto_score < grade.max_score


def test_generate_feedback_shows_our_scores(course, report):
    nbgrader(course, "generate_feedback", CHAPTER, "--force")
    page = (course.feedback / "student-001" / CHAPTER / f"{NOTEBOOK}.html").read_text()
    with Gradebook(course.database_url) as gradebook:
        score = gradebook.find_submission_notebook(NOTEBOOK, CHAPTER, "student-001").score
    assert f"{NOTEBOOK}: {score:g} of " in page
    assert "corrected value fed back" in page


def test_hand_given_score_survives_grading_again(course, report, grade):
    with Gradebook(course.database_url) as gradebook:
        reflection = gradebook.find_grade(ESSAY, NOTEBOOK, CHAPTER, REFERENCE)
        reflection.manual_score, reflection.needs_manual_grade = 3.0, False
        gradebook.db.commit()
    before = report.scores[REFERENCE, CHAPTER].points
    assert grade(course).scores[REFERENCE, CHAPTER].points == before + 3.0


def test_plain_autograde_agrees(course, report):
    before = {student: collect(course).scores[student, CHAPTER].points for student in STUDENTS}
    nbgrader(course, "autograde", CHAPTER, "--force")
    after = collect(course)
    assert {student: after.scores[student, CHAPTER].points for student in STUDENTS} == before
    assert before[ODD] == sum(row.points for row in report.rows if row.student_id == ODD) > 0
    ours, theirs = ({(row.student_id, row.exercise): row for row in found.rows} for found in (report, after))
    assert ours == theirs


def below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_nbgraders_commands_see_nothing_but_what_we_wrote(course, report):
    before = below(course.submitted)
    nbgrader(course, "autograde", CHAPTER, "--force", f"--student={ODD}")
    nbgrader(course, "generate_feedback", CHAPTER, "--force")
    notebooks, beside = [f"{name}.ipynb" for name in (SECOND, NOTEBOOK)], ["checks.json"]
    assert below(course.staged / ODD / CHAPTER) == notebooks
    assert below(course.autograded / ODD / CHAPTER) == sorted(notebooks + beside)
    assert below(course.feedback / ODD / CHAPTER) == sorted([f"{name}.html" for name in (SECOND, NOTEBOOK)] + beside)
    assert below(course.staged / "student-001" / CHAPTER) == sorted([*notebooks, "timestamp.txt"])
    assert below(course.submitted) == before
    assert {path.name for path in course.autograded.iterdir()} == set(STUDENTS)
    assert not [path for path in course.gradebook.glob("[!s]*/**/*") if path.is_symlink()]


def test_nbgraders_zip_collect_fills_the_folder_that_we_take_in(course, report, tmp_path):
    archive = tmp_path / CHAPTER / "archive"
    archive.mkdir(parents=True)
    (archive / f"zoe_{NOTEBOOK}.ipynb").write_text(json.dumps(filled()))
    names = "--FileNameCollectorPlugin.named_regexp=.*/(?P<student_id>[a-z]+)_(?P<file_id>.+)"
    nbgrader(
        course,
        "zip_collect",
        CHAPTER,
        f"--ZipCollectApp.downloaded_directory={os.path.relpath(tmp_path, SAMPLE)}",
        names,
    )
    assert below(course.submitted / "zoe" / CHAPTER) == [f"{NOTEBOOK}.ipynb"]
    assert not (course.staged / "zoe").exists()


def test_nbgraders_collect_fills_the_folder_that_we_take_in(course, report, tmp_path):
    name, stamp = getpass.getuser(), "2026-01-02 10:00:00.000000 UTC"
    inbound = tmp_path / "descent" / "inbound" / f"{name}+{CHAPTER}+{stamp}+secret"
    inbound.mkdir(parents=True)
    (inbound / f"{NOTEBOOK}.ipynb").write_text(json.dumps(filled()))
    (inbound / "timestamp.txt").write_text(stamp)
    for folder in (tmp_path / "descent", inbound.parent):
        folder.chmod(0o777)
    nbgrader(course, "collect", CHAPTER, f"--Exchange.root={tmp_path}")
    assert below(course.submitted / name / CHAPTER) == [f"{NOTEBOOK}.ipynb", "timestamp.txt"]
    assert not (course.staged / name).exists()
