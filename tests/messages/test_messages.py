"""Wrong answers by people who have not seen the exercises: none is accepted, and most are told where to look."""

import pytest

from grading.course import ROOT, Course
from tests.messages.collection import answers_in, kind_of, subjects, tell

EVERY = 8  # one answer in so many is tried here; `python -m tests.messages` tries them all
LEAST = 0.88  # share of answers that are named or pointed at; of all of them it is 92 %


@pytest.fixture(scope="module")
def told():
    known = subjects(Course(ROOT))
    return [tell(wrong, known[wrong.exercise]) for wrong in answers_in()[::EVERY] if wrong.exercise in known]


def test_no_wrong_answer_is_accepted(told):
    assert not [item.wrong.title for item in told if "accepted" in (item.kind, item.hidden_kind)]


def test_no_wrong_answer_breaks_the_check(told):
    assert not [f"{item.wrong.title}: {item.error}" for item in told if item.kind == "crash or hang"]


@pytest.mark.parametrize("attribute", ["kind", "hidden_kind"])
def test_most_wrong_answers_are_named_or_pointed_at(told, attribute):
    good = [getattr(item, attribute) in ("named", "pointed at") for item in told]
    assert sum(good) >= LEAST * len(good)


def test_every_answer_is_meant_for_an_exercise():
    assert {wrong.exercise for wrong in answers_in()} <= set(subjects(Course(ROOT)))


def test_kind_is_that_of_the_message(told):
    for item in told:
        if item.verdict and item.kind == "only wrong":
            assert not item.verdict.hint and "should be" in item.verdict.message
    assert kind_of(told[0].verdict) == told[0].kind
