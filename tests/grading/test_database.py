"""Grades go into any database that nbgrader takes: here a PostgreSQL server that the test starts."""

import os
import subprocess
import sys

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import Engine, create_engine, event, inspect, text

from benchmarks.postgres import postgres
from grading.authoring.simulate import BLANK, REFERENCE, write_submission
from grading.course import ROOT, Course, CourseError
from grading.intake.harmless import student_id
from grading.records.gradebook import CourseGradebook
from grading.report import collect
from grading.report.statistics import ClassStatistics
from grading.report.tables import csv_tables
from tests.grading.test_gradebook import change_release, movable_release
from tests.sample import BY_HAND, CHAPTER, NOTEBOOK, SAMPLE, TOTAL, sample_course

# students, as the database has counted them
COUNTED = {
    "sqlite": "SELECT CAST(stat AS INTEGER) FROM sqlite_stat1 WHERE tbl = 'student'",
    "postgresql": "SELECT reltuples FROM pg_class WHERE relname = 'student'",
}
LONG_NAME = "x" * 254 + "!"  # the server refuses what is longer than 128


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """Address of an empty database of a server of our own."""
    with postgres(tmp_path_factory.mktemp("postgres"), "fsync=off") as address:
        yield address


def test_grades_go_into_the_database_that_is_named(url, tmp_path, right_answers):
    course = sample_course(tmp_path, url)
    write_submission(course, REFERENCE, CHAPTER, right_answers)
    write_submission(course, BLANK, CHAPTER, {})
    write_submission(course, LONG_NAME, CHAPTER, right_answers)
    environment = {**os.environ, "COURSE_ROOT": str(SAMPLE), "GRADEBOOK_DIR": str(tmp_path), "GRADEBOOK_URL": url}
    for command in (["grade", CHAPTER, "--no-feedback"], ["grade", CHAPTER], ["report"]):
        done = subprocess.run(
            [sys.executable, "-m", "grading", *command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"{TOTAL:g} / {TOTAL + BY_HAND:g}*" in done.stdout
    assert not list(tmp_path.glob("*.db"))
    with Gradebook(url) as gradebook:
        assert gradebook.find_submission(CHAPTER, REFERENCE).score == TOTAL
        assert gradebook.find_submission(CHAPTER, BLANK).score == 0
        assert gradebook.find_submission(CHAPTER, student_id(LONG_NAME)).score == TOTAL
    assert (tmp_path / "feedback" / REFERENCE / CHAPTER / f"{NOTEBOOK}.html").is_file()
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text(COUNTED["postgresql"])).scalar() == 3
    engine.dispose()


def test_new_release_keeps_a_copy_of_the_database(url, tmp_path):
    course = Course(movable_release(tmp_path), tmp_path / "gradebook", url)
    with CourseGradebook(course) as gradebook:
        assert gradebook.register(CHAPTER) == ""
    change_release(course, gone="sgd-step")
    with CourseGradebook(course) as gradebook:
        assert "gone: sgd-step, sgd-step-check" in gradebook.register(CHAPTER)
    (copy,) = course.gradebook.glob("gradebook-*.db")
    with Gradebook(f"sqlite:///{copy}") as old, Gradebook(url) as new:
        assert old.find_submission(CHAPTER, REFERENCE).score == TOTAL
        assert new.find_submission(CHAPTER, REFERENCE).score == TOTAL - 2


@pytest.mark.parametrize(
    "address", ["nonsense", "unknown://host/name", "postgresql://student:secret@127.0.0.1:9/grades?connect_timeout=2"]
)
def test_database_that_cannot_be_opened_is_named(tmp_path, address):
    with pytest.raises(CourseError, match=r"the database .* cannot be opened") as caught:
        CourseGradebook(sample_course(tmp_path, address))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_what_nbgrader_looks_up_has_an_index(kind, tmp_path, request):
    course = sample_course(tmp_path, request.getfixturevalue("url") if kind == "postgres" else "")
    Gradebook(course.database_url).close()  # made by nbgrader, as when formgrader was there first
    CourseGradebook(course).gradebook.close()
    engine = create_engine(course.database_url)
    indexed = {
        (table, index["column_names"][0])
        for table in inspect(engine).get_table_names()
        for index in inspect(engine).get_indexes(table)
    }
    engine.dispose()
    assert {("grade", "notebook_id"), ("comment", "notebook_id"), ("submitted_notebook", "assignment_id")} <= indexed


@pytest.mark.parametrize("kind", COUNTED)
def test_database_counts_the_class_when_asked(kind, tmp_path, request):
    course = sample_course(tmp_path, request.getfixturevalue("url") if kind == "postgresql" else "")
    with CourseGradebook(course) as gradebook:
        gradebook.enrol([f"student-{number:03d}" for number in range(300)])
        gradebook.count()
        students = len(gradebook.students())
    engine = create_engine(course.database_url)
    with engine.connect() as connection:
        assert connection.execute(text(COUNTED[kind])).scalar() == students >= 300
    engine.dispose()


def test_report_asks_no_more_often_for_a_larger_class(tmp_path):
    course = sample_course(tmp_path)
    asked = []
    with CourseGradebook(course) as gradebook:
        gradebook.register(CHAPTER)
        for students in (2, 6):
            gradebook.enrol(f"student-{number}" for number in range(students))
            for student in gradebook.students():
                gradebook.gradebook.update_or_create_submission(CHAPTER, student)
            asked.append(_statements(lambda: (collect(course), csv_tables(course, ClassStatistics(collect(course))))))
    assert asked[0] == asked[1] > 0


def _statements(function):
    """How many SQL statements a function sends."""
    sent = []

    def count(connection, cursor, statement, *rest):
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        function()
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    return len(sent)
