"""What must not be said of a wrong answer, although the numbers would allow it: what holds by chance, or of a part."""

import math

import numpy as np
import pytest

from grading.slips import with_slips
from tests.grading.exercise_samples import declared
from utils.check.call import call
from utils.check.conditions import _outward, where
from utils.check.evidence import gather
from utils.check.explain import _worst, examine
from utils.check.plain import Reference, Seed
from utils.check.promised import as_promised
from utils.check.verdict import evaluate


def judged(function, case_set):
    return evaluate(case_set, lambda case: call(function, case), True)


def said_of(function, case_set):
    return judged(function, case_set).message


def condition(function, case_set):
    """Where an answer is wrong, whatever else is said of it."""
    outcomes = [call(function, case) for case in case_set.cases]
    passed = [examine(case_set, i, outcome, True).passed for i, outcome in enumerate(outcomes)]
    return where(gather(case_set, outcomes, passed, True))


def exercise(oracle, rows, misconceptions=(), **settings):
    """An exercise whose groups are given by name, as a dict of lists of inputs, or the one group of a list."""
    spec = declared(oracle, lambda rng: [], **settings)
    spec.groups.clear()
    for name, inputs in (rows if isinstance(rows, dict) else {"group": rows}).items():
        spec.cases(name)(lambda rng, inputs=inputs: [dict(each) for each in inputs])
    for function in misconceptions:
        spec.misconception(function)
    return spec


X = np.array([0.7, -1.3, 2.1])


# --- where


def wrong_where(rows, test):
    """Return what is said where an answer to "copy x" is wrong wherever a test of the inputs says so."""
    names = ", ".join(next(iter(rows.values()))[0] if isinstance(rows, dict) else rows[0])
    case_set = exercise(eval(f"lambda {names}: x * 1.0"), rows, name="copy").draw(0)
    wrong = eval(f"lambda {names}: 2 * x + 1 if test({names}) else x * 1.0", {"test": test})
    return condition(wrong, case_set)


def test_group_is_told_before_counts_that_compare_by_chance():
    early = [dict(x=1.5 + i, k=i, n=9) for i in range(3)]
    late = [dict(x=4.5 + i, k=9 + i, n=9) for i in range(3)]
    rows = {"early": early, "late": late}
    assert wrong_where(rows, lambda x, k, n: k >= n) == "wrong only in the group “late”"


def test_sizes_of_unlike_things_are_not_compared():
    shapes = [(2, 5, 3), (2, 4, 3), (2, 6, 3), (5, 3, 4), (6, 2, 4), (5, 4, 4)]
    rows = [dict(x=np.ones((a, b)) * X[0], y=np.ones((c, 2)) * X[1]) for a, b, c in shapes]
    assert wrong_where(rows, lambda x, y: len(y) == 4) == "wrong only where x has at least as many rows as columns"
    rows = [dict(x=float(i) + 0.5, z=np.arange(1.5, 4 + i), y=np.ones((2, 6)) * 0.3) for i in range(6)]
    assert wrong_where(rows, lambda x, z, y: len(z) >= 6) == ""


def diagonals(*entries):
    return [dict(x=x, A=np.diag(each)) for x, each in zip((0.3, 1.7, 2.9, 4.1), entries, strict=False)]


def test_multiples_of_one_are_no_evidence_for_a_diagonal():
    full = [dict(x=5.5 + n, A=np.arange(1.0, n * n + 1).reshape(n, n) + 0.5) for n in (2, 3, 4)]

    def odd(x, A):
        return len(A) > 1 and A[0, 1] != 0

    assert wrong_where([*diagonals([0.5], [2.5, 2.5], [0.0, 0.0], [1.5]), *full], odd) == ""
    real = diagonals([0.5, 2.5], [1.5, 2.5], [0.5, 0.7, 3.5])
    assert wrong_where([*real, *full], odd) == "right only where A is diagonal"


def test_of_few_calls_nothing_is_told_that_another_trait_would_explain_as_well():
    rows = [dict(x=np.arange(1.0, n + 1) + 0.5, k=k) for n, k in ((1, 1), (3, 2), (4, 3), (5, 2))]
    assert wrong_where(rows, lambda x, k: k > 1) == ""
    rows = [dict(x=np.arange(1.0, n + 1) + 0.5, k=k) for n, k in ((1, 2), (3, 2), (4, 3), (5, 2))]
    assert wrong_where(rows, lambda x, k: x.size > 1) == "right only where x has a single entry"


def test_bound_needs_several_numbers_and_is_rounded_outward():
    def rows(*values):
        return [dict(x=1.5 + i, slope=value) for i, value in enumerate(values)]

    def large(x, slope):
        return slope > 0.1

    assert wrong_where(rows(0.001, 0.002, 0.418, 0.85, 1.2), large) == ""
    said = wrong_where(rows(0.001, 0.002, 0.003, 0.418, 0.85, 1.2), large)
    assert said == "wrong only for slope of 0.41 or more"
    assert wrong_where(rows(0.0, 0.0, 1e-6, 0.418, 0.85, 1.2), large) == "right only where slope is (nearly) 0"
    assert (_outward(0.418, math.floor), _outward(0.411, math.ceil)) == pytest.approx((0.41, 0.42))


def test_statistics_of_what_was_drawn_have_no_condition_but_a_group():
    rows = [dict(x=float(n), n=n, rng=Seed(n)) for n in (3, 5, 8, 100, 200, 300)]
    spec = exercise(lambda x, n, rng: x * 1.0, rows, name="spread", rtol=0.02)

    def off(x, n, rng):
        return x * (2 if n >= 100 else 1)

    assert condition(off, spec.draw(0)) == ""
    spec = exercise(lambda x, n, rng: x * 1.0, {"few": rows[:3], "many": rows[3:]}, name="spread", rtol=0.02)
    assert condition(off, spec.draw(0)) == "wrong only in the group “many”"


def half_for_negative(x, k):
    """Is k ever negative?"""
    return x / 2 + 1 if k < 0 else x * 1.0


def test_condition_is_left_out_where_a_misconception_explains_all():
    rows = [dict(x=1.5 + i, k=k) for i, k in enumerate((-1.5, -2.5, -3.5, 1.5, 2.5, 3.5))]
    case_set = exercise(lambda x, k: x * 1.0, rows, [half_for_negative], name="copy").draw(0)
    verdict = judged(lambda x, k: half_for_negative(x, k), case_set)
    assert verdict.misconception == "half-for-negative" and "where k is negative" not in verdict.message
    assert "where k is negative" in said_of(lambda x, k: 3 * x if k < 0 else x * 1.0, case_set)


def test_call_that_changes_nothing_to_speak_of_does_not_count_as_right():
    rows = [dict(theta=X * (1 + i), lr=lr) for i, lr in enumerate((1e-15, 1e-15, 1e-15, 0.3, 0.5, 0.7))]
    case_set = exercise(lambda theta, lr: theta - lr * theta**2, rows, returns="theta").draw(0)
    assert condition(lambda theta, lr: theta + lr * theta**2, case_set) == ""


# --- clues


def test_what_an_input_has_there_is_told_before_the_place():
    rows = [dict(z=np.array([0.0, *np.arange(1.5, n)])) for n in (4, 5, 6)]
    case_set = exercise(lambda z: 1.5 * z + 2.5, rows, name="line").draw(0)
    wrong = said_of(lambda z: np.where(z == 0, len(z) / 7, 1.5 * z + 2.5), case_set)
    assert wrong == "line is wrong only where z is zero"


def test_no_order_is_told_where_neighbours_are_the_same():
    rows = [dict(n=n, k=k) for n, k in ((4, 2), (5, 3), (6, 4))]
    case_set = exercise(lambda n, k: np.ones(n) / k * k, rows, name="ones").draw(0)
    message = said_of(lambda n, k: np.array([0.3, *np.ones(n - 1)]), case_set)
    assert "place" not in message


def test_one_large_entry_does_not_make_all_orders_alike():
    rows = [dict(z=np.array([0.3, 0.9, size, 1.7])) for size in (1e8, 2e8, 3e8)]
    case_set = exercise(lambda z: z * 1.5, rows, name="same").draw(0)
    assert "places" not in said_of(lambda z: z * 1.5 + np.array([1.1, 0.4, 0, 1.2]), case_set)


def test_slip_needs_tried_cases_and_numbers_of_its_own():
    def rows(count):
        return [dict(H=np.eye(2) * 1.5, s=X[:2] * i, k=i) for i in range(1, count + 1)]

    spec = exercise(lambda H, s, k: H * (k % 2) + np.outer(s, s) * s[0], rows(9), name="update")
    case_set = with_slips(spec, spec.draw(0))
    assert "what comes of" not in said_of(lambda H, s, k: H * 1.0, case_set)
    assert "what comes of" not in said_of(
        lambda H, s, k: H * (k % 2) - np.outer(s, s) * s[0] if k in (2, 3) else H * k**2 + 7,
        case_set,
    )
    few = exercise(spec.oracle, rows(4), name="update")
    assert "what comes of -s in place of s" in said_of(
        lambda H, s, k: H * (k % 2) - np.outer(s, s) * s[0],
        with_slips(few, few.draw(0)),
    )


def test_triangle_of_a_symmetric_matrix_is_no_slip():
    matrices = [np.array([[1.5, b], [b, 2.5]]) for b in (0.3, 0.7, 1.1, 1.9)]
    spec = exercise(lambda H: np.linalg.eigvalsh(H) + H[0, 1], [dict(H=each) for each in matrices], name="low")
    case_set = with_slips(spec, spec.draw(0))
    assert "triangle" not in said_of(lambda H: spec.oracle(np.tril(H)), case_set)


def test_input_is_called_ignored_only_if_it_differs():
    def message(*powers):
        rows = [dict(x=X * (1 + i), p=p) for i, p in enumerate(powers)]
        spec = exercise(lambda x, p: np.abs(x) ** p, rows, name="power")
        return said_of(lambda x, p: np.abs(x) ** 0.5, with_slips(spec, spec.draw(0)))

    assert "whatever" not in message(2.5, 2.5, 2.5)
    assert "what comes of p = 0.5, whatever p is" in message(2.5, 1.5, 3.5)


def test_no_slip_is_told_beside_a_misconception_of_all_cases():
    def root_in_place(x, p):
        """Which power?"""
        return np.abs(x) ** 0.5

    def power(x, p):
        return np.abs(x) ** p

    spec = exercise(power, [dict(x=X * p, p=p) for p in (1.5, 2.5, 3.5)], [root_in_place])
    verdict = judged(lambda x, p: np.abs(x) ** 0.5, with_slips(spec, spec.draw(0)))
    assert verdict.misconception == "root-in-place" and "what comes of" not in verdict.message


def test_factor_has_the_name_of_a_count_only_if_that_differs():
    rows = [dict(x=np.arange(1.0, 6) ** i) for i in (1, 2, 3)]
    case_set = exercise(lambda x: x.mean(), rows, name="mean").draw(0)
    assert said_of(lambda x: x.sum(), case_set) == "mean is 5 times what it should be"


def test_one_too_large_is_told_of_counts_only():
    case_set = exercise(lambda x: x * 2.5, [dict(x=x) for x in (0.4, 0.8, 1.3)], name="much").draw(0)
    assert "one too" not in said_of(lambda x: x * 2.5 + (x < 1), case_set)


def test_zeros_and_ones_are_not_called_rounded():
    rows = [dict(z=X * i) for i in (1, -2, 3)]
    case_set = exercise(lambda z: 1 / (1 + np.exp(-5 * z)), rows, name="slope").draw(0)
    assert "rounded" not in said_of(lambda z: (z > 0) * 1.0, case_set)


def test_sign_is_told_only_if_there_are_both():
    rows = [dict(z=np.abs(X) * i) for i in (1, 2, 3)]
    case_set = exercise(lambda z: z**2 + 1.5, rows, name="bowl", rtol=0.02).draw(0)
    assert "sign" not in said_of(lambda z: 1 + z / 1000, case_set)


def test_tiny_input_is_compared_at_its_own_scale():
    rows = [dict(z=np.array([1e-9, 2e-9, 5e-9]) * i, w=X * 1e6) for i in (1, 2, 3)]
    case_set = exercise(lambda z, w: z * 1e3 + w, rows, name="sums").draw(0)
    assert "input z" not in said_of(lambda z, w: z * 0.7, case_set)


def test_another_output_is_a_term_only_with_a_known_number():
    rows = [dict(a=np.arange(1.0, 6) ** k, b=np.cos(np.arange(5.0) * k), k=k) for k in (1, 2, 3)]
    case_set = exercise(lambda a, b, k: (a**0.3, a * b), rows, returns=("x", "d"), name="pair").draw(0)
    shares = {1: (1.234, 0.777), 2: (2.777, 1.9123), 3: (0.317, 3.331)}
    message = said_of(lambda a, b, k: (a**0.3, a * b + shares[k][0] * b + shares[k][1] * a**0.3), case_set)
    assert "the new x" not in message


@pytest.mark.parametrize("name", ["steps", "size"])
def test_question_of_an_early_stop_is_asked_only_where_something_iterates(name):
    rows = [dict(zip(("x", name), (X * i, i), strict=True)) for i in (1, 2, 3)]
    oracle = eval(f"lambda x, {name}: x * {name}")
    case_set = exercise(oracle, rows, name="y").draw(0)
    wrong = eval(f"lambda x, {name}: np.minimum(x * {name}, 0.5)", {"np": np})
    assert ("does it stop there too early" in said_of(wrong, case_set)) == (name == "steps")


# --- misconceptions


def bends_up(z):
    """Your value is positive."""
    return np.abs(z), np.sign(z)


PAIRS = exercise(
    lambda z: (z * 0.5, np.full(z.shape, 0.5) + z / 7),
    [dict(z=X * i) for i in (1, 2, 3)],
    name="bent",
    returns=("value", "slope"),
)
PAIRS.misconception(bends_up)


def test_misconception_of_one_output_has_right_what_the_answer_has_right():
    case_set = PAIRS.draw(0)
    assert judged(lambda z: (np.abs(z), np.cos(z) + 3), case_set).misconception == "bends-up"
    assert not judged(lambda z: (np.abs(z), PAIRS.oracle(z)[1]), case_set).misconception


def test_order_is_told_only_if_both_are_exchanged():
    case_set = PAIRS.draw(0)
    assert "in this order" in said_of(lambda z: PAIRS.oracle(z)[::-1], case_set)
    assert "in this order" not in said_of(lambda z: (PAIRS.oracle(z)[1],) * 2, case_set)


def cut_to_whole(x):
    """Your value is too low by a part of one."""
    return np.floor(x)


def test_fractions_that_were_cut_off_are_no_misconception():
    case_set = exercise(lambda x: x * 1.0, [dict(x=X * i) for i in (1, 2, 3)], [cut_to_whole], name="copy").draw(0)
    verdict = judged(lambda x: np.floor(x).astype(int), case_set)
    assert "fractions are lost" in verdict.message and not verdict.misconception
    assert judged(np.floor, case_set).misconception == "cut-to-whole"


def square(x, k):
    """Once, or twice?"""
    return x**2 * (k > 1)


def test_partial_likeness_needs_numbers_of_its_own():
    def gives_up(x, k):
        """Where do you stop?"""
        return x**2 if k < 2 else 0.0

    rows = [dict(x=1.3 + k, k=k) for k in range(8)]
    case_set = exercise(lambda x, k: x * 3.0, rows, [square, gives_up], name="thrice").draw(0)
    assert judged(lambda x, k: x + 7 if k < 2 else 0.0, case_set).misconception == ""
    partly = judged(lambda x, k: x + 50 if k == 5 else square(x, k), case_set)
    assert partly.misconception == "square" and "in 7 of the 8 wrong cases" in partly.message


def test_constant_answer_is_named_by_no_misconception():
    def gives_up(x, k):
        """Where do you stop?"""
        return x * 3.0 if k < 5 else 0.0

    rows = [dict(x=1.3 + k, k=k) for k in range(9)]
    case_set = exercise(lambda x, k: x * 3.0, rows, [gives_up], name="thrice").draw(0)
    assert judged(lambda x, k: x * 3.0 if k < 6 else 0.0, case_set).misconception == ""


def test_misconception_that_is_wrong_where_the_answer_is_right_is_not_named():
    rows = [dict(x=1.3 + k, k=k + 2) for k in range(9)]
    case_set = exercise(lambda x, k: x * 3.0, rows, [square], name="thrice").draw(0)
    verdict = judged(lambda x, k: square(x, k) if k in (4, 5, 6) else x * 3.0, case_set)
    assert not verdict.misconception and "“square”; does this fit?" in verdict.message


def test_what_changes_nothing_does_so_in_all_cases():
    def k_unused(x, k):
        """k changes nothing in your result."""
        return x * 1.0

    rows = [dict(x=1.3 + k, k=k + 1) for k in range(6)]
    case_set = exercise(lambda x, k: x + k**1.5, rows, [k_unused], name="sum_").draw(0)
    verdict = judged(lambda x, k: x + 1.7 if k > 5 else x * 1.0, case_set)
    assert not verdict.misconception and "changes nothing" not in verdict.message


def test_constant_multiple_of_the_right_one_is_no_changed_misconception():
    def part(x):
        """Which power?"""
        return 1.583 / math.sqrt(2 * math.pi) * x

    case_set = exercise(lambda x: x * 1.0, [dict(x=x) for x in (1.3, 2.9, 4.7, 6.1)], [part], name="copy").draw(0)
    verdict = judged(lambda x: 1.583 * x, case_set)
    assert verdict.message == "copy is 1.583 times what it should be" and not verdict.misconception


def test_exceptions_are_alike_only_if_their_texts_are():
    def of_rows(x):
        """Which axis?"""
        raise ValueError(f"shapes {len(x)} and 3 differ")

    case_set = exercise(lambda x: x * 1.0, [dict(x=np.arange(1.5, n)) for n in (3, 4)], [of_rows], name="copy").draw(0)

    def raising(text):
        def answer(x):
            raise ValueError(text)

        return answer

    assert judged(raising("shapes 7 and 12 differ"), case_set).misconception == "of-rows"
    assert not judged(raising("no such axis"), case_set).misconception


def test_infinite_and_undefined_numbers_are_alike():
    def divides(x):
        """By what?"""
        with np.errstate(all="ignore"):
            return np.where(x > 1, x / 0.0, x + 1)

    case_set = exercise(lambda x: x * 1.0, [dict(x=np.abs(X) * i) for i in (1, 2)], [divides], name="copy").draw(0)
    assert judged(lambda x: np.where(x > 1, np.nan, x + 1), case_set).misconception == "divides"


# --- wording and order


def test_slug_is_shown_without_its_last_signs():
    def square__(x, k):
        """Once, or twice?"""
        return square(x, k)

    rows = [dict(x=1.3 + k, k=k + 2) for k in range(4)]
    case_set = exercise(lambda x, k: x * 3.0, rows, [square__], name="thrice").draw(0)
    assert "“square” only in these cases" in said_of(lambda x, k: x * 3.0 if k == 2 else square(x, k), case_set)


def test_single_row_is_called_so():
    rows = [dict(x=np.outer(np.arange(1.5, n + 1), X)) for n in (1, 3, 4, 1, 1)]
    assert wrong_where(rows, lambda x: len(x) > 1) == "right only where x has a single row"


def test_crash_in_few_cases_is_told_after_the_wrong_numbers():
    case_set = exercise(lambda x: x * 1.0, [dict(x=1.5 + i) for i in range(5)], name="copy").draw(0)

    def crashing(x):
        if x == 1.5:
            raise ValueError("no")
        return -x

    said = "copy has the right size but the opposite sign; in 1 of 5 wrong cases it raised ValueError"
    assert said_of(crashing, case_set).startswith(said)
    assert said_of(lambda x: math.nan if x < 4 else -x, case_set).startswith("copy is NaN")


def test_exchanged_outputs_of_unlike_shapes_are_told():
    case_set = exercise(
        lambda x: (x * 1.0, x.sum()), [dict(x=X * i) for i in (1, 2)], name="two", returns=("all", "sum")
    )
    message = said_of(lambda x: (x.sum(), x * 1.0), case_set.draw(0))
    assert message == "two returns sum, all: return all, sum, in this order"


def test_series_of_another_length_is_told_as_such_and_before_numbers():
    spec = exercise(lambda x: (x.sum(), x * 1.0), [dict(x=X * i) for i in (1, 2)], name="two", returns=("sum", "all"))
    case_set = spec.draw(0)
    assert "all should have shape (3,) but has shape (4,): it begins rightly, and goes on too long" in said_of(
        lambda x: (x.sum() + 2, np.append(x, 3.0)), case_set
    )
    assert "stops too early" in said_of(lambda x: (x.sum(), x[:2]), case_set)
    assert "one entry too few" in said_of(lambda x: (x.sum(), x[1:]), case_set)


def test_entry_that_is_farthest_off_is_shown():
    rows = [dict(x=np.array([0.5, 3.5]) * i) for i in (1, 2)]
    case_set = exercise(lambda x: x * 1.0, rows, name="copy").draw(0)
    message = said_of(lambda x: np.array([1e-14, -0.3 / x[1] + 0.3]), case_set)
    assert message.startswith("copy is wrong: entry [1]")


def test_tuple_of_one_is_handed_on_as_its_value():
    case_set = exercise(lambda x: x * 1.0, [dict(x=X * i) for i in (1, 2)], name="copy").draw(0)

    def wrapped(x):
        return (x * 1.0,)

    assert judged(wrapped, case_set).status == "passed"
    handed_on = as_promised(wrapped, case_set, [wrapped(X)])
    assert np.shape(handed_on(X)) == (3,)


def test_functions_are_not_told_by_names_that_students_do_not_know():
    functions = [Reference("utils.losses.squared"), Reference("utils.losses.relative")]
    rows = [dict(x=1.0 + i, f=functions[i % 2]) for i in range(8)]
    assert wrong_where(rows, lambda x, f: x % 2 == 0) == ""


# --- numbers that are no evidence


def test_sign_of_an_input_is_not_blamed_where_the_function_is_even():
    def curve(z):
        return z**3, np.tanh(z) ** 2

    def cut(z):  # wrong where z is large, the slope by less than a fingerprint shows
        z = np.clip(z, -9, 9)
        return z**3, np.tanh(z) ** 2 + 2e-5 * (np.abs(z) == 9)

    spec = exercise(
        curve, [dict(z=np.append(X, [number])) for number in (-12.0, -15.0, 14.0, 11.0)], returns=("value", "slope")
    )
    assert "-z in place of z" not in said_of(cut, with_slips(spec, spec.draw(0)))


def test_count_is_not_called_a_share_whose_fraction_was_cut_off():
    spec = exercise(lambda x: np.mean(x > 0), [dict(x=np.append(-(X**2), [1, *[-1] * i])) for i in range(1, 8)])
    assert "fractions are lost" not in said_of(lambda x: int(np.sum(x > 0)), spec.draw(0))
    spec = exercise(lambda x: x / 3, [dict(x=10 * X)])
    assert "fractions are lost" in said_of(lambda x: (x // 3).astype(int), spec.draw(0))


def test_no_minus_before_a_zero():
    spec = exercise(lambda x: -0.0 * x, [dict(x=X)])
    message = said_of(lambda x: -4.0 * x, spec.draw(0))
    assert "-0," not in message


def test_entry_with_two_zeros_is_not_shown_as_wrong():
    assert _worst(np.array([0.0, 4.0]), np.array([0.0, 5.0])) == 1


def test_numbers_of_any_size_raise_no_warning(recwarn):
    def huge(x):
        """How large are your numbers?"""
        return np.full(3, 1e308) * np.sign(x)

    spec = exercise(lambda x: x, [dict(x=X * size) for size in (1, 2, 3)], [huge])
    said_of(lambda x: np.full(3, -1.7e308) * np.sign(x), spec.draw(0))
    assert not recwarn.list
