"""Hidden cases are drawn once and kept; what is kept is what would be drawn."""

import pytest

import grading.judging.hidden_cases
from grading.exercise import load_exercises
from grading.judging.hidden_cases import cases_version, draw_side_by_side, hidden_cases
from tests.sample import CHAPTER, sample_course


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
    course = sample_course(tmp_path)
    drawn = forgetful()
    hidden_cases(course, CHAPTER, 5, keep=True)
    first = cases_version(course, CHAPTER, 5)
    forgetful()
    hidden_cases(course, CHAPTER, 5, keep=True)
    assert cases_version(course, CHAPTER, 5) == first
    assert [question[1:] for question in drawn] == [(CHAPTER, 5)]
    assert list(hidden_cases(course, CHAPTER, 5)) == list(load_exercises(course, CHAPTER))


def test_cases_of_another_seed_or_source_are_drawn_anew(tmp_path, forgetful, monkeypatch):
    course = sample_course(tmp_path)
    drawn = forgetful()
    hidden_cases(course, CHAPTER, 5, keep=True)
    hidden_cases(course, CHAPTER, 6, keep=True)
    monkeypatch.setattr(grading.judging.hidden_cases, "files_version", lambda paths: "another module")
    forgetful()
    hidden_cases(course, CHAPTER, 5, keep=True)
    assert [question[1:] for question in drawn] == [(CHAPTER, 5), (CHAPTER, 6), (CHAPTER, 5)]


def test_second_course_of_a_process_keeps_its_own(tmp_path, forgetful):
    forgetful()
    for name in ("a", "b"):
        hidden_cases(sample_course(tmp_path / name), CHAPTER, 5, keep=True)
        assert len(list((tmp_path / name / "cache").glob("cases-*.json"))) == 1


def test_several_chapters_are_drawn_by_other_processes_alike(tmp_path, forgetful):
    course, alone = sample_course(tmp_path / "a"), sample_course(tmp_path / "b")
    chapters, drawn = course.released_chapters(), forgetful()
    draw_side_by_side(course, chapters, 5)
    assert len(list((tmp_path / "a" / "cache").glob("cases-*.json"))) == len(chapters) > 1
    versions = [cases_version(course, chapter, 5) for chapter in chapters]
    assert drawn == []
    assert versions == [cases_version(alone, chapter, 5) for chapter in chapters]


def test_single_chapter_is_left_to_this_process(tmp_path):
    draw_side_by_side(sample_course(tmp_path), [CHAPTER], 5)
    assert not list(tmp_path.glob("cache/cases-*.json"))
