"""The feedback page: what was lost comes first, with its reason; formulas need no script; sources stay folded."""

import html
import re

import html5lib
import jupytext
import nbformat
import pytest
from rich.console import Console
from rich.progress import Progress

from grading.authoring.simulate import write_submission
from grading.course import ROOT, Course
from grading.exercise import load_exercises
from grading.judging.judge import verdict_outputs
from grading.records.feedback import write_feedback
from grading.records.feedback_page import MAX_COLOURED, MAX_LINE, FeedbackExporter, summary
from grading.records.formulas import MAX_FORMULA, formula
from tests.sample import CHAPTER, COURSE, ESSAY, NOTEBOOK
from utils.check.verdict import Verdict

MATHML = "{http://www.w3.org/1998/Math/MathML}"


def elements(markup):
    """Names of the elements that a browser makes of a text, MathML's without their namespace."""
    tree = html5lib.parseFragment(markup, namespaceHTMLElements=False)
    return [node.tag.removeprefix(MATHML) for node in tree.iter() if node is not tree and isinstance(node.tag, str)]


def formulas_of_course():
    for path in sorted(Course.here().solutions.glob("*/*.py")):
        for cell in jupytext.read(path).cells:
            if cell.cell_type == "markdown":
                text = re.sub(r"`[^`]*`", "", cell.source)
                for found in re.finditer(r"\$\$(.+?)\$\$|(?<![\\$])\$(.+?)(?<![\\$])\$", text, re.DOTALL):
                    yield found[1] or found[2]


def test_every_formula_of_the_course_is_converted():
    found = list(formulas_of_course())
    assert len(found) > 300
    assert [latex for latex in found if not formula(latex).startswith("<math")] == []


def test_formula_is_that_of_its_text():
    assert formula(r"\frac{a}{b}") == (
        '<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline">'
        "<mrow><mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac></mrow></math>"
    )
    assert 'display="block"' in formula(r"a < b", display=True)
    assert "&lt;" in formula(r"a < b")


HOSTILE = (
    r"\text{<script>parent.x()</script>}",
    r"\text{<img src=x onerror=x()>}",
    r"\href{javascript:x()}{y}",
    r"\class{x}{<iframe>}",
    "<svg onload=x()>",
    "&lt;script&gt;x()&lt;/script&gt;",
    r"\mathrm{&#60;script&#62;}",
    r"\style{background:url(//x)}{y}",
    r"\color{red;background:url(x)}{y}",
)


@pytest.mark.parametrize("latex", HOSTILE)
def test_formula_of_a_student_makes_nothing_but_a_formula(latex):
    made = elements(formula(latex))
    assert made and set(made) <= {"code", "math", "mrow", "mi", "mo", "mn", "mtext", "mstyle", "mspace", "msub", "msup"}
    assert not re.search(r"<[^>]*(?:\bon\w+|href|style|src)=", formula(latex))


@pytest.mark.parametrize("latex", ["{" * 3, r"\begin{x}", "", "}", r"\left(", "x" * (MAX_FORMULA + 1), "{" * 1500])
def test_text_that_is_no_formula_stays_a_text(latex):
    assert set(elements(formula(latex))) <= {"code", "math", "mrow", "mi", "mo"}


def graded_cell(name, points, most, score, **told):
    cell = nbformat.v4.new_code_cell(f"check({name})")
    grade_id = f"{name.replace('_', '-')}-check"
    cell.metadata["nbgrader"] = {"grade": True, "solution": False, "grade_id": grade_id, "points": most, "score": score}
    cell.outputs = verdict_outputs(Verdict(name, points, most, "failed", **told))
    return cell


def written(score, waiting):
    cell = nbformat.v4.new_markdown_cell("words")
    marks = {"grade": True, "solution": True, "grade_id": ESSAY, "points": 4, "score": score}
    cell.metadata["nbgrader"] = marks | {"needs_manual_grade": waiting, "comment": "see **section 2**"}
    return cell


def test_summary_begins_with_what_lost_most():
    cells = [
        graded_cell("a_step", 2.0, 2, 2.0),
        graded_cell("b_step", 1.0, 2, 1.0, message="is wrong"),
        graded_cell("c_step", 0.0, 4, 0.0, misconception="ascends", hint="Which way?"),
        written(0.0, waiting=True),
    ]
    items = summary(nbformat.v4.new_notebook(cells=cells))
    assert [(item.name, item.lost) for item in items][:2] == [("c_step", 4.0), ("b_step", 1.0)]
    assert (items[0].hint, items[0].misconception, items[1].message) == ("Which way?", "ascends", "is wrong")
    waiting = items[-1]
    assert (waiting.points, waiting.lost) == (None, 0.0)  # it has lost nothing yet
    assert summary(nbformat.v4.new_notebook(cells=[written(1.0, waiting=False)]))[0].lost == 3.0


def test_page_opens_with_the_reasons_and_folds_experiments(course, grade):
    ascends = "def sgd_step(theta, grad, lr):\n    return theta + lr * grad"
    write_submission(course, "student-001", CHAPTER, {"sgd_step": ascends})
    grade(course)
    with Progress(console=Console(quiet=True)) as progress:
        assert write_feedback(course, [CHAPTER], progress) == []
    page = (course.feedback / "student-001" / CHAPTER / f"{NOTEBOOK}.html").read_text(encoding="utf-8")
    hint = load_exercises(course, CHAPTER)["sgd_step"].misconceptions[0].hint
    places = [page.find(part) for part in ("What was lost, and why", html.escape(hint), "The notebook")]
    assert -1 not in places and places == sorted(places)
    assert "<script" not in page and "http" not in re.sub(r'xmlns="[^"]*"', "", page)
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    sources = {True: [], False: []}
    for node in tree.iter("div"):
        if node.get("class") == "source":
            inside = any(node in folded.iter() for folded in tree.iter("details"))
            sources[inside].append("".join(node.itertext()))
    assert any("sgd_step" in text for text in sources[False])
    assert sources[True] and not any("### " in text for text in sources[True])


def test_package_holds_the_template():
    assert "records/templates" in (ROOT / "pyproject.toml").read_text()


# --- a page takes no time out of proportion


def page_of(*cells):
    notebook = nbformat.v4.new_notebook(cells=list(cells))
    told = {"notebook": "x", "score": 0, "max_score": 0, "late_penalty": 0}
    page, _ = FeedbackExporter(config=COURSE.nbgrader_config()).from_notebook_node(notebook, {"nbgrader": told})
    return html5lib.parse(page, namespaceHTMLElements=False)


def own_cell(source):
    return nbformat.v4.new_code_cell(source, metadata={"tags": ["extra"]})


@pytest.mark.parametrize(
    ("cells", "coloured"),
    [
        ([own_cell("x = 1")], [True]),
        ([own_cell("a." * MAX_LINE)], [False]),
        ([own_cell("x = 1\n" * (MAX_COLOURED // 8)), own_cell("x = 1\n" * (MAX_COLOURED // 8))], [True, False]),
        ([nbformat.v4.new_code_cell("y = 2\n" * MAX_COLOURED), own_cell("x = 1")], [True, True]),
    ],
    ids=["short", "a long line", "many", "of the course"],
)
def test_sources_of_a_student_are_coloured_up_to_a_length(cells, coloured):
    sources = [node for node in page_of(*cells).iter("div") if node.get("class") == "source"]
    assert [node.find(".//span[@class='o']") is not None for node in sources] == coloured
    assert ["".join(node.itertext()).strip() for node in sources] == [cell.source.strip() for cell in cells]


def test_formulas_of_a_student_stay_texts_beyond_a_length():
    flags = dict(grade=True, solution=True, locked=False, schema_version=3, grade_id="why", points=1, score=0)
    answer = nbformat.v4.new_markdown_cell("$x$ " * 2000, metadata={"nbgrader": flags})
    page = page_of(nbformat.v4.new_markdown_cell("$x$ " * 600), answer)
    by_cell = [
        len(node.findall(f".//{MATHML}math")) for node in page.iter("div") if "cell" in node.get("class", "").split()
    ]
    assert by_cell[0] == 600 and 300 < by_cell[1] < 600
    assert "".join(page.itertext()).count("$x$") == 2000 - by_cell[1]
