"""Hidden cases are drawn once and kept; what is kept is what would be drawn."""

import pytest

import grading.judging.hidden_cases
from grading.course import ROOT, Course
from grading.exercise import load_exercises
from grading.judging.hidden_cases import case_digests, hidden_cases
from tests.conftest import CHAPTER


@pytest.fixture
def forgetful(monkeypatch):
    """Forget what this process has drawn, as if another one had; return how often cases are drawn anew."""
    drawn = []
    original = grading.judging.hidden_cases._draw
    monkeypatch.setattr(grading.judging.hidden_cases, "_draw", lambda *key: drawn.append(key) or original(*key))

    def forget():
        monkeypatch.setattr(grading.judging.hidden_cases, "_DRAWN", {})
        return drawn

    return forget


def test_kept_cases_are_those_that_were_drawn(tmp_path, forgetful):
    course = Course(ROOT, tmp_path)
    drawn = forgetful()
    hidden_cases(CHAPTER, 5, course)
    first = case_digests(CHAPTER, 5)
    forgetful()
    hidden_cases(CHAPTER, 5, course)
    assert case_digests(CHAPTER, 5) == first
    assert drawn == [(CHAPTER, 5)]
    assert list(first) == list(load_exercises(Course.here(), CHAPTER))


def test_cases_of_another_seed_or_source_are_drawn_anew(tmp_path, forgetful, monkeypatch):
    course = Course(ROOT, tmp_path)
    drawn = forgetful()
    hidden_cases(CHAPTER, 5, course)
    hidden_cases(CHAPTER, 6, course)
    monkeypatch.setattr(grading.judging.hidden_cases, "_origin", lambda chapter, seed: "another module")
    forgetful()
    hidden_cases(CHAPTER, 5, course)
    assert drawn == [(CHAPTER, 5), (CHAPTER, 6), (CHAPTER, 5)]


def test_second_course_of_a_process_keeps_its_own(tmp_path, forgetful):
    forgetful()
    for name in ("a", "b"):
        hidden_cases(CHAPTER, 5, Course(ROOT, tmp_path / name))
        assert len(list((tmp_path / name / "cache").glob("cases-*.json"))) == 1
