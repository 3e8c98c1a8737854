"""Inputs that are taken wrongly, without anybody writing them down."""

import json

import numpy as np

from grading.slips import with_slips
from tests.grading.exercise_samples import declared
from utils.check.cases import CaseSet
from utils.check.compare import fingerprint, same_fingerprint


def cases(rng):
    for n in (2, 3, 4):
        yield dict(x=rng.normal(size=n), k=int(rng.integers(3, 6)), rate=float(rng.uniform(0.2, 0.4)))


SUM = declared(lambda x, k, rate: rate * np.sin(x) + k, cases, name="total")


def test_slips_are_the_oracle_of_other_inputs():
    case_set = with_slips(SUM, SUM.draw(0))
    known = [(case, one) for case, one in zip(case_set.cases, case_set.expected, strict=True) if one.slips]
    assert len(known) == 2
    for case, expected in known:
        x, k, rate = (case.inputs[name] for name in ("x", "k", "rate"))
        given = SUM.oracle(x, k + 1, rate)
        assert same_fingerprint(given, expected.slips["k + 1 in place of k"][0], 1e-12)
        assert "k and rate exchanged" not in expected.slips  # an int and a float
        assert not same_fingerprint(given, expected.slips["k - 1 in place of k"][0], 1e-5)


def test_slips_cross_as_plain_data():
    case_set = with_slips(SUM, SUM.draw(0))
    again = CaseSet.from_plain(json.loads(json.dumps(case_set.to_plain())))
    for one, other in zip(case_set.expected, again.expected, strict=True):
        assert one.slips.keys() == other.slips.keys()
        for text, marks in one.slips.items():
            np.testing.assert_allclose(marks, other.slips[text], rtol=1e-7)


def test_slips_of_an_oracle_that_might_not_end_are_left_out():
    def waits(k, rate):
        while k > 5 or rate > 1:
            pass
        return k * rate

    endless = declared(waits, lambda rng: [dict(k=4, rate=0.5), dict(k=5, rate=0.4)], name="waits")
    assert not any(one.slips for one in with_slips(endless, endless.draw(0)).expected)


def test_slips_leave_the_judgement_alone():
    plain, known = SUM.draw(0), with_slips(SUM, SUM.draw(0))
    assert [case.inputs.keys() for case in plain.cases] == [case.inputs.keys() for case in known.cases]
    for one, other in zip(plain.expected, known.expected, strict=True):
        np.testing.assert_array_equal(one.values[0], other.values[0])


def test_fingerprint_tells_orders_apart():
    x = np.random.default_rng(0).normal(size=6)
    assert same_fingerprint(x, fingerprint(x.copy()), 1e-12)
    assert not same_fingerprint(x[::-1], fingerprint(x), 1e-5)
