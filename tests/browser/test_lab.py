"""What an instructor opens in JupyterLab does nothing: formgrader's pages and the graded notebook."""

import json
import re
import urllib.request

import pytest

from tests.browser.conftest import HOSTILE, ODD_FILES, QUIET, UNCLEANED
from tests.browser.hostile import sentence
from tests.browser.watching import Watcher, assert_harmless
from tests.sample import CHAPTER, NOTEBOOK, OTHER_CHAPTER, OTHER_NOTEBOOK

# page of formgrader -> words that stand on it when it has loaded
LISTS = {
    "manage_assignments/": CHAPTER,
    f"manage_submissions/{CHAPTER}/": HOSTILE,
    "gradebook/": CHAPTER,
    f"gradebook/{CHAPTER}/": NOTEBOOK,
    f"gradebook/{CHAPTER}/{NOTEBOOK}/": "Submission #1",
    "manage_students/": HOSTILE,
    f"manage_students/{HOSTILE}/": CHAPTER,
    f"manage_students/{HOSTILE}/{CHAPTER}/": NOTEBOOK,
}
WITHOUT_COURSE = [f"manage_submissions/{CHAPTER}/", f"gradebook/{CHAPTER}/{NOTEBOOK}/", "manage_students/"]
SHOWN = ("answer", "source", "comment", "docstring", "stream", "plain", "picture", "exception", "message")


@pytest.fixture(scope="module")
def at_home(browser, lab) -> Watcher:
    return Watcher(browser, lab.url("lab"))


@pytest.fixture(scope="module")
def elsewhere(browser, lab_elsewhere) -> Watcher:
    return Watcher(browser, lab_elsewhere.url("lab"))


@pytest.fixture(scope="module")
def usual(hostile_class, at_home, lab) -> frozenset[str]:
    """Addresses from which formgrader's view of any notebook loads something."""
    return at_home.open(lab.url(hostile_class.submission(QUIET)), "Steps").foreign


@pytest.mark.parametrize("page", LISTS)
def test_formgrader_lists_run_nothing(at_home, lab, page):
    assert_harmless(at_home.open(lab.url(f"formgrader/{page}"), LISTS[page]))
    assert lab.terminals() == 0


@pytest.mark.parametrize("page", WITHOUT_COURSE)
def test_formgrader_lists_run_nothing_without_our_configuration(elsewhere, lab_elsewhere, page):
    assert_harmless(elsewhere.open(lab_elsewhere.url(f"formgrader/{page}"), LISTS[page]))
    assert lab_elsewhere.terminals() == 0


def assert_shown_harmlessly(visit, usual):
    assert_harmless(visit, usual)
    assert visit.lures() == []
    assert [place for place in SHOWN if sentence(place) not in visit.text] == []


def test_manual_grading_runs_nothing(hostile_class, at_home, lab, usual):
    visit = at_home.open(lab.url(hostile_class.submission(HOSTILE)), sentence("answer"))
    assert_shown_harmlessly(visit, usual)
    assert lab.terminals() == 0


def test_manual_grading_runs_nothing_without_our_configuration(hostile_class, elsewhere, lab_elsewhere, usual):
    visit = elsewhere.open(lab_elsewhere.url(hostile_class.submission(HOSTILE)), sentence("answer"))
    assert_shown_harmlessly(visit, usual)
    assert lab_elsewhere.terminals() == 0


def test_manual_grading_of_odd_file_names_runs_nothing(hostile_class, at_home, lab, usual):
    visit = at_home.open(lab.url(hostile_class.submission(ODD_FILES)), "onerror")
    assert_harmless(visit, usual)


def test_manual_grading_without_cleaning_gives_the_student_a_shell(hostile_class, at_home, lab):
    # the control: what the pages above would do, had the notebook not been cleaned
    visit = at_home.open(lab.url(hostile_class.submission(UNCLEANED)), sentence("answer"))
    opened = lab.get("api/terminals")
    for terminal in opened:
        request = urllib.request.Request(lab.url(f"api/terminals/{terminal['name']}"), method="DELETE")
        urllib.request.urlopen(request, timeout=30).close()
    assert opened
    assert {"answer.image-error", "answer.script", "html.script"} <= visit.succeeded()


def test_students_with_odd_names_run_nothing(hostile_class, at_home, lab, usual):
    # a name may have been changed by the grading, but it cannot have been forgotten
    students = at_home.open(lab.url("formgrader/manage_students/"), HOSTILE)
    pages = [link for link in students.links if "pwned" in link]
    pages += [lab.url(hostile_class.submission(name)) for name in hostile_class.students() if "pwned" in name]
    assert len(pages) == 4
    for page in pages:
        assert_harmless(at_home.open(page, CHAPTER), usual)
    assert lab.terminals() == 0


def test_graded_notebook_runs_nothing_in_lab(hostile_class, elsewhere, lab_elsewhere):
    graded = hostile_class.graded(HOSTILE)
    before = graded.read_bytes()
    path = graded.relative_to(hostile_class.course.gradebook)
    visit = elsewhere.open(lab_elsewhere.url(f"lab/tree/{path}"), sentence("answer"))
    assert_harmless(visit)
    assert sentence("stream") in visit.text and sentence("message") in visit.text
    assert re.findall(r"^\[[\d*]+\]:$", visit.text, re.MULTILINE) == []  # no cell was run
    assert lab_elsewhere.terminals() == 0
    assert json.loads(graded.read_bytes()) == json.loads(before)


def test_release_opens_with_its_experiments_folded(at_home, lab):
    path = f"tests/sample_course/notebooks/{OTHER_CHAPTER}/{OTHER_NOTEBOOK}.ipynb"
    text = at_home.open(lab.url(f"lab/tree/{path}"), "What you saw").text
    assert "check(bowl_gradient)" in text and 'guess = {"height": ..., "gradient": ...}' in text
    assert "# the experiment" in text and "# the claim" in text  # all that is seen of them
    assert "predict.compare" not in text and "half of three times four" not in text
    assert "twice the height" not in text  # what is to be read afterwards
