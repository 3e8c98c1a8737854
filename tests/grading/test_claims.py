"""The list of claims: every claim has its cell, its bound and its measured line."""

import nbformat
import pytest

from grading.authoring import claims_page as claims
from grading.authoring.claims_page import ClaimsError, Falsifier, Row, read_list, shown
from grading.course import Course

ROWS = {"M1": Row("The slope is -½.", "a lecture", "It says | -1.")}


def cell(source="slope = measure()\nassert slope < 0", tags=("claim-M1",), lines=("slope -0.50",), id="the-cell"):
    outputs = [nbformat.v4.new_output("display_data", {"text/plain": line}, metadata={"claim": "M1"}) for line in lines]
    return nbformat.v4.new_code_cell(source, outputs=outputs, metadata={"tags": list(tags)}, id=id)


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


def test_claim_is_matched_with_its_cell_and_line():
    (claim,) = shown("ch/nb", ROWS, notebook(nbformat.v4.new_markdown_cell("text"), cell()))
    assert (claim.name, claim.cell, claim.measured) == ("M1", "the-cell", "slope -0.50")


def test_claim_may_take_two_cells():
    (claim,) = shown("ch/nb", ROWS, notebook(cell(lines=(), id="first"), cell(source="slope")))
    assert claim.measured == "slope -0.50"


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([], "expected a tagged cell for each listed claim and no other; see M1"),
        ([cell(), cell(tags=("claim-M2",), id="other")], "see M2"),
        ([cell(source="# assert nothing")], "claim M1: no cell asserts a bound"),
        ([cell(lines=())], "got 0"),
        ([cell(), cell(id="other")], "got 2"),
    ],
)
def test_claim_that_is_not_shown_is_refused(cells, message):
    with pytest.raises(ClaimsError, match=message):
        shown("ch/nb", ROWS, notebook(*cells))


@pytest.mark.parametrize("text", ['[M1]\nclaim = "x"', '[M1]\nclaim = "x"\nsource = "y"\nerror = "z"'])
def test_list_with_another_form_is_refused(tmp_path, text):
    (tmp_path / "nb.toml").write_text(text)
    with pytest.raises(
        ClaimsError, match="nb.toml, M1: expected claim, source and perhaps slide_error, identity and fals"
    ):
        read_list(tmp_path / "nb.toml")


@pytest.mark.parametrize(
    ("falsifier", "message"),
    [
        ('name = "x"\nreplace = "a"', "either replace and by, or before; got {'name': 'x', 'replace': 'a'}"),
        ('name = "x"\nreplace = "a"\nby = "b"\nbefore = "c"', "either replace and by, or before"),
        ('replace = "a"\nby = "b"', "expected a falsifier with a name"),
        ('name = ""\nbefore = "a = 1"', "has a name and changes something"),
        ('name = "x"\nbefore = ""', "has a name and changes something"),
        ('name = "x"\nreplace = "a"\nby = "a"', "has a name and changes something"),
        ('name = "x"\nbefore = "a"\n[[M1.falsifiers]]\nname = "x"\nbefore = "b"', "falsifiers of different names"),
    ],
)
def test_falsifier_of_another_form_is_refused(tmp_path, falsifier, message):
    (tmp_path / "nb.toml").write_text(f'[M1]\nclaim = "x"\nsource = "y"\n[[M1.falsifiers]]\n{falsifier}')
    with pytest.raises(ClaimsError, match=message):
        read_list(tmp_path / "nb.toml")


@pytest.mark.parametrize(
    ("falsifier", "message"),
    [
        (Falsifier("x", replace="lr", by="0"), "falsifier 'x': none of the claim's cells contains 'lr'"),
        (Falsifier("x", replace="measure()", by="measure("), "is no Python"),
        (Falsifier("x", before="slope ="), "is no Python"),
        (Falsifier("x", replace="< 0", by="< -1"), "it changes an assert"),
    ],
)
def test_falsifier_that_does_not_fit_its_cells_is_refused(falsifier, message):
    rows = {"M1": Row("The slope is -½.", "a lecture", falsifiers=(falsifier,))}
    with pytest.raises(ClaimsError, match=message):
        shown("ch/nb", rows, notebook(cell()))


@pytest.fixture
def sample(tmp_path):
    """A course with one built notebook that shows one claim."""
    folder = tmp_path / "solutions/ch10_example"
    folder.mkdir(parents=True)
    (folder / "nb.py").touch()
    nbformat.write(notebook(cell()), folder / "nb.ipynb")
    course = Course(tmp_path)
    (course.claims / "ch10_example").mkdir(parents=True)
    (course.claims / "ch10_example" / "nb.toml").write_text(
        '[M1]\nclaim = "The slope is -½."\nsource = "a lecture"\nslide_error = "It says | -1."\nidentity = true\n'
        '[[M1.falsifiers]]\nname = "the rate rises"\nbefore = "lr = -1"\n'
        '[[M1.falsifiers]]\nname = "uphill"\nreplace = "measure()"\nby = "-measure()"\n'
    )
    return course


def test_page_has_a_row_for_each_claim(sample):
    text = claims.page(sample)
    assert "## ch10_example, [nb](../solutions/ch10_example/nb.ipynb)" in text
    said = "*Identity.* The slope is -½. **A common version.** It says \\| -1."
    row = f"| M1 | {said} | a lecture | `the-cell` | slope -0.50 | the rate rises; uphill |"
    assert row in text.splitlines()


def test_page_out_of_step_is_noticed(sample):
    assert claims.differences(sample) == ["docs/claims.md differs from what the built notebooks show"]
    claims.write_page(sample)
    assert claims.differences(sample) == []
    nbformat.write(notebook(cell(lines=["slope -0.49"])), sample.solutions / "ch10_example/nb.ipynb")
    assert claims.differences(sample) != []


def test_two_claims_of_one_name_are_refused(sample):
    for path in (sample.claims / "ch10_example/nb.toml", *(sample.solutions / "ch10_example").glob("nb.*")):
        path.with_stem("other").write_bytes(path.read_bytes())
    with pytest.raises(claims.ClaimsError, match="ch10_example/other: ch10_example/nb has a claim M1 as well"):
        claims.page(sample)
