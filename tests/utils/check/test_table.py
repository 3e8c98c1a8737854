"""What a student reads about an answer: what is right first, then what is wrong, as text and as HTML."""

import html5lib
import pytest

from utils.check.explain import Finding
from utils.check.table import VerdictTable
from utils.check.verdict import Verdict

XHTML = "{http://www.w3.org/1999/xhtml}"


def result(*cases, status="partial", **more):
    """A result of cases given as (group, passed)."""
    findings = tuple(
        Finding("ok", error=0.0, group=group, label=f"case {i}")
        if passed
        else Finding("value", "scale is wrong", 0.5, group=group, label=f"case {i}")
        for i, (group, passed) in enumerate(cases)
    )
    names = sorted({group for group, _ in cases})
    return Verdict("scale", 1.0, 2.0, status, findings=findings, groups=tuple((name, 1.0) for name in names), **more)


def parsed(table):
    """The HTML as a tree. Raises for anything that is not well-formed."""
    parser = html5lib.HTMLParser(strict=True, tree=html5lib.getTreeBuilder("etree"))
    return parser.parseFragment(table._repr_html_())


def texts(tree, tag):
    return ["".join(element.itertext()) for element in tree.iter(f"{XHTML}{tag}")]


MIXED = result(
    ("small", True), ("small", True), ("large", True), ("large", False), ("zero", True), message="scale is wrong"
)


def test_what_is_right_comes_before_what_is_wrong():
    assert VerdictTable(MIXED).advice() == ["Already right: “small”, “zero”.", "scale is wrong"]
    assert str(VerdictTable(MIXED)).splitlines()[:3] == [
        "scale: 4 of 5 cases passed",
        "Already right: “small”, “zero”.",
        "scale is wrong",
    ]


def test_nothing_is_called_right_where_nothing_is():
    assert VerdictTable(result(("small", False), ("large", True), ("large", False), message="no")).advice() == ["no"]


@pytest.mark.parametrize(("count", "headline"), [(1, "scale: the case passed"), (2, "scale: all 2 cases passed")])
def test_passed_result_needs_no_advice(count, headline):
    table = VerdictTable(result(*[("small", True)] * count, status="passed"))
    assert (table.headline(), table.advice()) == (headline, [])


def test_html_says_group_by_group_what_passed():
    heads = [text for text in texts(parsed(VerdictTable(MIXED)), "th") if ":" in text]
    assert heads == [
        "✓ small: all 2 cases passed (0.667 of 0.667 points)",
        "✗ large: 1 of 2 cases passed (0 of 0.667 points)",
        "✓ zero: 1 of 1 cases passed (0.667 of 0.667 points)",
    ]


def test_html_shows_every_case_once():
    cells = texts(parsed(VerdictTable(MIXED)), "td")
    assert cells[::4] == [f"case {i}" for i in range(5)]
    assert cells[1::4] == ["✓ ok", "✓ ok", "✓ ok", "✗ failed", "✓ ok"]


@pytest.mark.parametrize(
    ("status", "headline"),
    [
        ("missing", "scale: no answer yet"),
        ("timeout", "scale: took too long"),
        ("error", "scale: did not run to its end"),
    ],
)
@pytest.mark.parametrize("cases", [[], [("small", False)]])
def test_answer_that_was_not_judged_to_the_end_counts_no_cases(status, headline, cases):
    table = VerdictTable(result(*cases, status=status, message="the reason"))
    assert table.headline() == headline
    assert "the reason" in texts(parsed(table), "p") and not texts(parsed(table), "td")
    assert ("It was the case “small”: case 0." in str(table)) == (bool(cases) and status != "missing")


def test_exceptions_in_every_case_are_counted():
    table = VerdictTable(result(("small", False), ("large", False), status="error", message="scale raised ValueError"))
    assert table.headline() == "scale: 0 of 2 cases passed"


def test_hint_shows_names_as_code_and_stays_text():
    table = VerdictTable(result(("small", False), misconception="no-rate", hint="Where is `rate < 1`, and <b>why</b>?"))
    tree = parsed(table)
    assert texts(tree, "code") == ["rate < 1"]
    assert texts(tree, "p")[1] == "Looks like “no rate”. Where is rate < 1, and <b>why</b>?"


def test_lone_backquote_stays_as_it_is():
    assert "a ` b" in VerdictTable(result(("small", False), message="a ` b"))._repr_html_()


LONG = result(*[("many", i % 5 > 0) for i in range(20)], *[("few", True) for _ in range(3)], *[("sure", True)] * 10)


def test_long_group_shows_its_failed_cases_first():
    shown = [row[1:3] for row in VerdictTable(LONG).rows() if row[0] == "many"]
    failed = [(f"case {i}", "FAILED") for i in (0, 5, 10, 15)]
    assert shown == [*failed, ("case 1", "ok"), ("case 2", "ok"), ("… and 14 more, passed", "")]
    assert texts(parsed(VerdictTable(LONG)), "td")[24:26] == ["… and 14 more, passed", " "]


def test_long_group_counts_what_is_not_shown():
    table = VerdictTable(result(*[("many", i > 8) for i in range(12)]))
    assert [row[1] for row in table.rows()][-1] == "… and 6 more, 3 of them passed"
    assert "✗ many: 3 of 12 cases passed" in "".join(texts(parsed(table), "th"))


def test_short_group_is_shown_whole():
    assert [row[1] for row in VerdictTable(LONG).rows() if row[0] == "few"] == ["case 20", "case 21", "case 22"]


def test_error_where_nothing_was_expected_has_no_size():
    finding = Finding("value", "is wrong", 4e14, group="small", label="case")
    verdict = Verdict("scale", 0.0, 2.0, "failed", findings=(finding,), groups=(("small", 1.0),))
    assert VerdictTable(verdict).rows()[0][3] == "> 1000"
