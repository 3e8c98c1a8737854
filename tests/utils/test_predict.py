"""Guesses beside results: told apart by orders of magnitude, never required, and never an error whatever they are."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from IPython.utils.capture import capture_output

from utils import predict
from utils.predict import BLANK, CLOSE, NEAR, OFF, ORDER, UNCLEAR, Comparison


@pytest.fixture(autouse=True)
def fresh():
    predict.forget()


def judged(guess, came, **options):
    (row,) = Comparison(guess, came, **options).rows
    return row.grade, row.said


NUMBERS = [
    (5, 5, CLOSE, "exactly"),
    (0.24, 0.23, CLOSE, "within 10 %"),
    (0.2, 0.23, NEAR, "1.15 times too small"),
    (1.9, 1, NEAR, "1.9 times too large"),
    (1, 3, ORDER, "3 times too small"),
    (9, 1, ORDER, "9 times too large"),
    (12, 1, OFF, "an order of magnitude too large"),
    (100, 1.2, OFF, "two orders of magnitude too large"),
    (1e-5, 0.014, OFF, "three orders of magnitude too small"),
    (1e300, 1e-300, OFF, "600 orders of magnitude too large"),
    (-1, -3, ORDER, "3 times too close to zero"),
    (-3, -1, ORDER, "3 times too far below zero"),
    (-1, 1, OFF, "it has the other sign"),
    (0, 0, CLOSE, "exactly"),
    (0, 2, OFF, "it is not zero"),
    (2, 0, OFF, "it is zero"),
    (2, float("inf"), OFF, "it has no bound"),
    ("diverges", float("inf"), CLOSE, "exactly"),
    ("∞", 3, OFF, "it stays finite"),
    ("1e-3", 0.001, CLOSE, "exactly"),
    ("5,000", 5000, CLOSE, "exactly"),
    (np.float32(3), np.int64(3), CLOSE, "exactly"),
    (torch.tensor(3.0), torch.tensor([3.0]), CLOSE, "exactly"),
    (10**400, 1, OFF, "it stays finite"),
]


@pytest.mark.parametrize(("guess", "came", "grade", "said"), NUMBERS)
def test_numbers_are_told_apart_by_ratios(guess, came, grade, said):
    assert judged(guess, came) == (grade, said)


def test_zero_is_right_where_only_rounding_is_left():
    assert judged(0, 4e-16) == (CLOSE, "zero, but for rounding")
    assert judged(0, -1e-9)[0] == OFF and judged(1e-7, 4e-16)[0] == OFF


def test_close_can_be_wider():
    assert judged(0.7, 1, close=0.5) == (CLOSE, "within 50 %")


WORDS = [
    (" adam ", "Adam", CLOSE),
    ("SGD", "Adam", OFF),
    ("RMSProp", {"Adam", "RMSProp"}, CLOSE),
    ("sgd", ("Adam", "RMSProp"), OFF),
    (("rmsprop", "adam"), ("Adam", "RMSProp"), CLOSE),
    (True, True, CLOSE),
    (np.True_, False, OFF),
    (3, "Adam", UNCLEAR),
    (0.1, {"0.1", "0.3"}, CLOSE),
    (0.2, "0.1", UNCLEAR),
    ("He and measured", {"He", "measured"}, CLOSE),
    ("He and Xavier", {"He", "measured"}, OFF),
    ("batch and layer", "batch and layer", CLOSE),
]


@pytest.mark.parametrize(("guess", "came", "grade"), WORDS)
def test_words_are_equal_whatever_their_case(guess, came, grade):
    assert judged(guess, came)[0] == grade


ORDERS = [
    (["a", "B", "c"], CLOSE, "right, all of it"),
    ("a < b < c", CLOSE, "right, all of it"),
    (("b", "a", "c"), OFF, "one of three pairs the other way round"),
    (["c", "b", "a"], OFF, "three of three pairs the other way round"),
    (["a", "b"], UNCLEAR, "an order was wanted here: a list of a, b, c"),
    (3, UNCLEAR, "an order was wanted here: a list of a, b, c"),
]


@pytest.mark.parametrize(("guess", "grade", "said"), ORDERS)
def test_orders_are_compared_pair_by_pair(guess, grade, said):
    assert judged(guess, ["a", "b", "c"]) == (grade, said)


class Unwilling:
    """Raises at whatever it is asked."""

    __hash__ = None

    def refuse(self, *_):
        raise RuntimeError("no")

    __repr__ = __str__ = __float__ = __len__ = __iter__ = __eq__ = __getattr__ = __bool__ = refuse


KEYED = {1: 2}
NONSENSE = [None, float("nan"), 1j, "lots", [], {}, KEYED, (), object(), Unwilling(), print, np.zeros(3), b"3"]
NONSENSE += [pd.DataFrame({"a": [1]}), torch.zeros(2), range(3), {"a": Unwilling()}, "x" * 9999, [Unwilling()] * 2]
RESULTS = [0.5, "Adam", ("Adam", "SGD"), ["a", "b"], True, {"a": 1.0, "b": "Adam"}, float("nan"), None, np.zeros(2)]


@pytest.mark.parametrize("number", range(len(NONSENSE)))  # pytest looks too closely at parameters
def test_nonsense_gets_a_sentence(number):
    guess = NONSENSE[number]
    for came in RESULTS:
        with capture_output() as captured:
            predict.compare(guess, came, "what")
            predict.summary()
        assert "Traceback" not in captured.stdout + captured.stderr
        found = Comparison(guess, came)
        assert all(row.grade in (BLANK, UNCLEAR, OFF) for row in found.rows)
        assert max(map(len, str(found).splitlines())) < 200
        if not any(row.said for row in found.rows):
            assert found.remark().endswith((".", "?"))


def test_what_is_not_ventured_is_not_judged():
    found = Comparison({"a": ..., "b": ""}, {"a": 1.5, "b": 2, "c": "x"}, "rates")
    assert [row.grade for row in found.rows] == [BLANK] * 3
    assert str(found) == "rates\n   came\na  1.5\nb  2\nc  x\nYou ventured nothing here."
    assert Comparison(..., {"a": 1}).rows[0].grade == BLANK


def test_a_guess_about_something_else_is_noticed():
    assert "was the cell with the guess for this experiment run?" in str(Comparison({"x": 1}, {"a": 1}))
    found = Comparison({" A ": 1, "x": 1}, {"a": 1})
    assert found.rows[0].grade == CLOSE and "Nothing here is called x" in found.remark()


def test_table_shows_guess_result_and_distance():
    found = Comparison({"slow": 40, "fast": ...}, {"slow": 5000, "fast": 0.00001234}, "updates", "steps")
    assert str(found).splitlines() == [
        "updates, in steps",
        "      your guess  came     how far",
        "slow  40          5,000    ✗ two orders of magnitude too small",
        "fast  …           1.23e-5",
    ]
    page = found._repr_html_()
    assert page.count("<tr>") == 3 and "two orders of magnitude too small" in page


def test_what_was_written_is_escaped():
    page = Comparison("<script>x</script>", "Adam", "<b>")._repr_html_()
    assert "<script>" not in page and "<b>" not in page and "&lt;script&gt;" in page


def summarised():
    with capture_output() as captured:
        predict.summary()
    return captured.stdout


def compared(*arguments):
    with capture_output():
        predict.compare(*arguments)


def test_summary_counts_and_names_what_moved_most():
    compared({"a": 1, "b": 1.5, "c": ...}, {"a": 1, "b": 1, "c": 1}, "first")
    compared({"a": 5, "b": 1e6}, {"a": 1, "b": 1}, "second")
    compared(-1, 2, "third")
    assert summarised().splitlines() == [
        "You ventured 5 of 6 guesses.",
        "    1  close or right",
        "    1  within a factor of 2",
        "    1  within a factor of 10",
        "    2  further off",
        "What moved most:",
        "  second, b: you said 1e6, it came to 1 (six orders of magnitude too large)",
        "  third: you said -1, it came to 2 (it has the other sign)",
        "  second, a: you said 5, it came to 1 (5 times too large)",
    ]


def test_summary_tells_a_tendency():
    compared({"a": 2, "b": 3, "c": 4, "d": 0.2}, dict.fromkeys("abcd", 1.0), "what")
    assert "Of 4 numbers that were not close you guessed 3 too large." in summarised()


def test_summary_counts_a_cell_that_is_run_again_once():
    compared({"a": 10}, {"a": 1}, "what")
    compared({"a": 1}, {"a": 1}, "what")
    assert "You ventured 1 of 1 guesses." in summarised() and "Nothing surprised you" in summarised()


def test_summary_of_nothing_says_so():
    assert "No guess has been set beside a result yet" in summarised()
    compared(..., 3, "what")
    assert "You ventured none of 1 guesses." in summarised()


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    axes.loglog([1, 100], [1, 0.01])
    yield axes
    plt.close(figure)


def test_mark_draws_numbers_as_hollow_markers(ax):
    assert predict.mark(ax, {"a": 0.5, "b": ..., "c": "x", "d": Unwilling(), "e": 0.1}, at={"a": 10, "e": 20}) is ax
    first, second = ax.lines[1:]
    assert (first.get_xydata().tolist(), second.get_xydata().tolist()) == ([[10, 0.5]], [[20, 0.1]])
    assert first.get_markerfacecolor() == "none"
    assert [line.get_label() for line in (first, second)] == ["your guess", "_nolegend_"]


def test_mark_draws_a_dashed_line_where_there_is_no_place(ax):
    predict.mark(ax, 30, axis="x", colors="#009E73")
    assert ax.lines[1].get_xdata() == [30, 30] and ax.lines[1].is_dashed()


def test_mark_draws_nothing_where_there_is_no_number(ax):
    for guess in (..., "x", {"a": ...}, *(guess for guess in NONSENSE[:-2] if guess is not KEYED)):
        predict.mark(ax, guess, at=1)
    assert len(ax.lines) == 1


def test_mark_shows_what_is_far_outside_at_the_edge(ax):
    low, high = ax.get_ylim()
    predict.mark(ax, 1e9, at=1)
    assert ax.lines[1].get_marker() == "^" and 10 * high <= ax.get_ylim()[1] < 40 * high
    predict.mark(ax, 0, at=1)  # nowhere on a logarithmic axis
    assert ax.lines[2].get_marker() == "v" and low / 40 < ax.get_ylim()[0] <= low / 10


@pytest.mark.parametrize("guess", [2, 1e6, 0])
@pytest.mark.parametrize("at", [None, 10])
def test_what_is_drawn_after_a_mark_is_in_view(ax, guess, at):
    predict.mark(ax, guess, at)
    ax.plot([1, 1000], [1e-5, 1e5])
    assert ax.get_xlim()[1] > 1000 and ax.get_ylim()[0] < 1e-5 and ax.get_ylim()[1] > 1e5


def test_scale_may_be_changed_after_a_mark():
    figure, axes = plt.subplots()
    axes.plot([0.01, 1, 100], [1, 2, 3])
    predict.mark(axes, 30, at=2, axis="x")
    axes.set(xscale="log")
    low, high = axes.get_xlim()
    plt.close(figure)
    assert 0.003 < low < 0.01 and 100 < high < 300


def test_limits_that_were_set_by_hand_are_only_widened(ax):
    ax.set_ylim(0.1, 2)
    predict.mark(ax, 5, at=1)
    assert ax.get_ylim() == (0.1, 5)


def test_mark_rejects_another_axis(ax):
    with pytest.raises(ValueError, match="expected axis 'x' or 'y', got 'z'"):
        predict.mark(ax, 1, axis="z")
