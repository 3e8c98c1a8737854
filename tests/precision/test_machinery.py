"""The proof itself: it finds what is too weak and what is too strict, and it says so."""

import ast
import importlib
import textwrap
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import tests.precision.__main__ as program
from grading.authoring.standalone import bound_names, names_read, renamed, standalone
from grading.course import Course
from grading.exercise import exercise
from grading.report import Row
from tests.precision import judging
from tests.precision.judging import Answer, judged, loses
from tests.precision.mutants import mutants
from tests.precision.pipeline import pack, prove_agreement
from tests.precision.proof import Finding, Proof, Subject, fault, load_subjects, prove
from tests.precision.sources import body_only, built
from tests.precision.table import ChapterTable, NoTable, load_table
from utils.check.verdict import Verdict

SEEDS = (1, 2)


# --- mutants


def changed(source):
    """What becomes of the changed lines in the mutants of a source."""
    return {mutant.becomes for mutant in mutants(source, "function")}


def test_attribute_is_taken_for_another_one():
    made = "def __init__(self, a):\n        self.a = self.b = a"
    source = f"class function:\n    {made}\n\n    def f(self):\n        return self.a"
    assert "return self.b" in {mutant.becomes for mutant in mutants(source, "function")}


def test_docstrings_of_a_class_are_no_place_for_slips():
    source = 'class function:\n    """Doc."""\n\n    def f(self, a=1):\n        """Doc."""\n        return a'
    assert "Doc" not in body_only(source, "function") and "a=1" in body_only(source, "function")


MUTANTS = {
    "return a - b": {"return a + b", "return b - a", "return a", "return a - a", "return -(a - b)", "pass"},
    "return -a": {"return a"},
    "return a @ b": {"return a * b"},
    "return 2 * a": {"return 3 * a", "return 2.02 * a"},
    "return a < b": {"return a <= b"},
    "return a and b": {"return a or b", "return b"},
    "return True": {"return False"},
    "return a if b else 0": {"return a if not b else 0", "return a"},
    "return (a, b)": {"return (b, a)", "return (a,)", "return a", "return (a, -b)"},
    "return a[1:]": {"return a[:]", "return a", "return a[2:]"},
    "return a.T": {"return a"},
    "return f(a, b)": {"return f(b, a)", "return f(a)", "return a"},
    "return a.copy()": {"return a"},
    "return np.sum(a, axis=0)": {"return np.sum(a)", "return np.sum(a, axis=1)", "return np.mean(a, axis=0)"},
    "return min(a, b)": {"return max(a, b)"},
    "return [x for x in a if x]": {"return [x for x in a]"},
    "a += b": {"a -= b", "a = b", "pass"},
    "if a > b:\n    a = b\nreturn a": {"if not a > b:", "if True:"},
    "while a > b:\n    a -= b\nreturn a": {"while not a > b:"},
    "for i in range(a):\n    if i:\n        break\nreturn a": {"continue"},
    "for i in range(a):\n    b += i\nreturn b": {"for i in []:"},
    "def inner(b=2):\n    return b\nreturn inner()": {"def inner(b=3):"},  # a default that the function itself uses
}


@pytest.mark.parametrize(("body", "becomes"), MUTANTS.items(), ids=MUTANTS)
def test_mutants_contain(body, becomes):
    assert becomes <= changed(f"def function(a, b, f):\n{textwrap.indent(body, '    ')}")


def test_mutants_are_different_programs():
    source = "def function(a, b):\n    a = 2 * a - b\n    return a[0], -b"
    found = [mutant.source for mutant in mutants(source, "function")]
    assert len(set(found)) == len(found) >= 30
    assert ast.unparse(ast.parse(source)) not in found
    for text in found:
        compile(text, "<mutant>", "exec")


def test_mutants_leave_out_what_no_call_shows():
    source = 'def function(a: float = 1 + 2) -> "3 * 4":\n    """Return 5 * 6."""'
    assert mutants(source, "function") == []


# --- sources


def _doubled(value):
    return np.multiply(2, value)


def _countdown(n):
    return [n, *_countdown(n - 1)] if n else []


def test_standalone_source_brings_its_imports_and_helpers():
    def solution(x):
        return _doubled(x) + 1

    source = standalone(solution, "answer")
    assert built([source], "answer", {})(3) == 7
    assert "_countdown" not in source


def test_renaming_leaves_a_local_variable_of_that_name_alone():
    source = "def step(x):\n    step = x\n    return step\n\ntwice = step(step(1))"
    assert renamed(source, "step", "f") == "def f(x):\n    step = x\n    return step\ntwice = f(f(1))"


def test_standalone_source_of_a_recursive_function_calls_itself():
    source = standalone(_countdown, "answer")
    assert built([source], "answer", {})(3) == [3, 2, 1]
    assert source.count("def ") == 1


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Return a function that writes the modules of a package (name -> text) and imports one of them by its name."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(wanted, **modules):
        (tmp_path / tmp_path.name).mkdir(exist_ok=True)
        for name, text in modules.items():
            (tmp_path / tmp_path.name / f"{name}.py").write_text(text.replace("PACKAGE", tmp_path.name))
        return importlib.import_module(f"{tmp_path.name}.{wanted}")

    return make


DISTANCE = """
import numpy as np
from grading.exercise import exercise

@exercise(points=1, returns="distance")
def distance(x, y):
    return abs(x - y)

@distance.misconception
def larger(x, y):
    \"\"\"The larger one.\"\"\"
    return max(x, y)

@distance.misconception
def adds(x, y):
    \"\"\"A sum.\"\"\"
    larger = x
    return larger + y

@distance.misconception
def rounded(x, y):
    \"\"\"Rounded.\"\"\"
    return [np.round(rounded) for rounded in (x, y)]
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("larger", "def distance(x, y):\n    return max(x, y)"),
        ("adds", "def distance(x, y):\n    larger = x\n    return larger + y"),
        ("rounded", "import numpy as np\n\ndef distance(x, y):\n    return [np.round(rounded) for rounded in (x, y)]"),
    ],
)
def test_standalone_source_of_a_misconception_is_its_code_only(made, name, expected):
    assert standalone(getattr(made("exercises", exercises=DISTANCE), name), "distance") == expected


HELPERS = """
import math
from PACKAGE.more._helpers import doubled

def unused():
    return 0

def root_of_the_double(x):
    return math.sqrt(doubled(x))
"""
USES_HELPERS = """
import math
from PACKAGE._helpers import root_of_the_double as helped

def solution(x):
    return helped(x) + math.floor(0.5)
"""


def test_standalone_source_holds_its_helpers_from_their_module(made, tmp_path):
    more = tmp_path / tmp_path.name / "more"
    more.mkdir(parents=True)
    (more / "_helpers.py").write_text("def doubled(x):\n    return 2 * x\n")
    source = standalone(made("steps", _helpers=HELPERS, steps=USES_HELPERS).solution, "answer")
    assert built([source], "answer", {})(8) == 4
    assert tmp_path.name not in source and "unused" not in source and source.count("import math") == 1


def test_built_leaves_out_lines_for_the_notebook():
    assert built(["%%time\ndef answer():\n    return 1"], "answer", {})() == 1


def test_built_takes_nothing_from_the_namespace():
    assert built(["other = 1"], "answer", {"answer": abs}) is None


# --- exercises that are too weak, too strict, or just right


def declared(cases):
    @exercise(points=2, returns="distance")
    def distance(x, y):
        return float(np.abs(x - y))

    distance.cases("numbers")(cases)

    @distance.misconception
    def adds(x, y):
        """How far apart are 3 and 2?"""
        return x + y

    return distance


SOURCE = "def distance(x, y):\n    return abs(x - y)"


def good_cases(rng):
    for _ in range(3):
        x, y = rng.normal(size=2)
        yield dict(x=float(x), y=float(y))
        yield dict(x=float(y), y=float(x))


def weak_cases(rng):
    """In which x is always the larger one."""
    for _ in range(3):
        y, x = np.sort(rng.normal(size=2))
        yield dict(x=float(x), y=float(y))


def table():
    """What every author writes: two variants, and the mutant that changes nothing."""
    found = ChapterTable(__file__)
    found.honest("distance", larger_minus_smaller="max(x, y) - min(x, y)", by_norm="np.linalg.norm([x - y])")
    reason = "a distance is the same in both directions"
    found.equivalent("distance", "return abs(x - y)", "return abs(y - x)", reason)
    return found


def proven(cases, rows=None, source=SOURCE, published=None):
    return prove(Subject(declared(cases), source, rows or table(), {"np": np}, published), SEEDS)


def problems(proof):
    return [(found.kind, found.problem) for found in proof.findings]


def test_good_exercise_has_no_findings():
    proof = proven(good_cases)
    assert problems(proof) == []
    assert proof.counts["killed"] >= 10
    assert (proof.counts["equivalent"], proof.counts["survived"], proof.counts["honest lost"]) == (1, 0, 0)
    assert (proof.counts["misconceptions lost"], proof.counts["misconceptions named"]) == (1, 1)


def test_weak_cases_let_mutants_survive():
    proof = proven(weak_cases)
    survivors = [found for found in proof.findings if found.kind == "mutant"]
    assert [found.source for found in survivors] == ["def distance(x, y):\n    return x - y"]
    assert "keeps all points (in the published and 2 of 2 hidden sets of cases)" in survivors[0].problem
    assert proof.counts["survived"] == 1


def test_weak_cases_let_wrong_solutions_survive():
    rows = table()
    rows.wrong("distance", signed="x - y")
    proof = proven(weak_cases, rows)
    assert ("wrong", "signed") in [(found.kind, found.name) for found in proof.findings]
    assert proof.counts["wrong kept"] == 1


def test_strict_exercise_raises_false_alarms():
    @exercise(points=2, returns="angle", rtol=1e-12)
    def angle(x):
        return float(np.pi * np.sign(x))

    @angle.cases("numbers")
    def _(rng):
        for x in rng.normal(size=5):
            yield dict(x=float(x))

    proof = prove(Subject(angle, "def angle(x):\n    return np.pi * np.sign(x)", namespace={"np": np}), SEEDS)
    lost = {found.name for found in proof.findings if found.kind == "honest"}
    assert {"float32_out", "float32_in_and_out", "float32_tensors_out"} == lost
    assert proof.counts["honest lost"] == 3


def test_wrong_reference_is_found():
    found = proven(good_cases, source="def distance(x, y):\n    return x - y").findings
    assert ("reference", "reference") in [(one.kind, one.name) for one in found]


def test_published_cases_that_are_weaker_disagree():
    proof = proven(good_cases, published=declared(weak_cases).draw(0))
    assert proof.counts["disagreements"] == 1
    assert "in the published and 0 of 2 hidden sets" in proof.findings[0].problem


def test_cases_that_are_always_the_same_can_be_learnt_by_heart():
    proof = proven(lambda rng: good_cases(np.random.default_rng(5)))
    assert [found.name for found in proof.findings] == ["learnt by heart"] * len(SEEDS)


def test_misconception_is_not_taken_for_another():
    answer = Answer("distance", "misconception", "adds", (), slug="adds")
    right = Verdict("distance", 0.0, 2.0, "failed", misconception="adds")
    other = Verdict("distance", 0.0, 2.0, "failed", misconception="subtracts")
    assert fault(answer, right) == ""
    assert fault(answer, other) == "should be named adds, but is taken for subtracts"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("return abs(x - y)", "return abs(x * y)", "no"), "is listed as equivalent, but loses points"),
        (("return abs(x - z)", "return abs(y - x)", "no"), "no mutant changes 'return abs(x - z)'"),
    ],
)
def test_equivalent_that_is_none_is_found(row, problem):
    rows = table()
    rows.equivalent("distance", *row)
    found = proven(good_cases, rows).findings
    assert len(found) == 1 and problem in found[0].problem


@pytest.mark.parametrize(
    ("form", "problem"), [("lists_out", "but keeps all points"), ("on_paper", "but there is no such form")]
)
def test_unsuitable_form_that_is_none_is_found(form, problem):
    rows = table()
    rows.unsuitable["distance", form] = "for a test"
    found = proven(good_cases, rows).findings
    assert len(found) == 1 and problem in found[0].problem


def test_unsuitable_form_is_not_tried():
    rows = table()
    rows.unsuitable["distance", "lists_out"] = "for a test"
    tried = [answer.name for answer in Subject(declared(good_cases), SOURCE, rows).honest]
    assert "lists_out" not in tried and "float32_out" in tried


def test_author_must_write_honest_variants():
    rows = table()
    rows.honest_rows.clear()
    assert "there are 0 honest variants" in proven(good_cases, rows).findings[0].problem


def test_misconception_that_only_writes_into_its_input_is_not_converted():
    @exercise(points=1, returns="total")
    def total(x):
        return float(np.sum(x))

    @total.cases("numbers")
    def _(rng):
        yield dict(x=rng.normal(size=3))

    @total.misconception
    def in_place(x):
        """Does the caller still have its numbers?"""
        x += 1
        return x.sum() - 3

    subject = Subject(total, "def total(x):\n    return x.sum()", namespace={"np": np})
    assert len(subject.misconceptions) == 1
    assert subject.converted == []


# --- judging in this process

CASES = declared(good_cases).draw(1)


def test_endless_answer_loses(monkeypatch):
    monkeypatch.setattr(judging, "CPU_SECONDS", 0.2)
    answer = Answer("distance", "mutant", "endless", ("def distance(x, y):\n    while True:\n        x = x + 1",))
    assert loses(CASES, answer, {})
    assert judged(CASES, answer, {}).status == "timeout"


def test_answer_prints_nothing_here(capsys):
    answer = Answer("distance", "honest", "prints", ("def distance(x, y):\n    print(x)\n    return abs(x - y)",))
    assert not loses(CASES, answer, {})
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "source", ["def distance(x, y):\n    return nothing", "def distance(x):\n    return x", "x = 1"]
)
def test_answer_without_a_value_loses(source):
    answer = Answer("distance", "mutant", "", (source,))
    assert loses(CASES, answer, {})
    assert judged(CASES, answer, {}).points == 0


# --- the pipeline


def other(x):
    return x


SUBJECT = Subject(declared(good_cases), SOURCE)
OTHER = Subject(exercise(points=1, returns="z")(other), "def other(x):\n    return x")


def test_pack_puts_the_kth_answers_together():
    first, second = (Answer("distance", "wrong", name, ("",)) for name in ("first", "second"))
    third = Answer("other", "wrong", "third", ("",))
    assert pack({"distance": SUBJECT, "other": OTHER}, [first, second, third]) == {
        "student-001": {"distance": first, "other": third},
        "student-002": {"distance": second, "other": OTHER.reference},
    }


def test_pack_puts_answers_that_call_others_among_references():
    wrong = Answer("distance", "wrong", "wrong", ("def distance(x): return 0",))
    calling = Answer("other", "honest", "calling", ("def other(x):\n    return x + 0 * distance(x)",))
    assert pack({"distance": SUBJECT, "other": OTHER}, [calling, wrong]) == {
        "student-001": {"distance": wrong, "other": OTHER.reference},
        "student-002": {"distance": SUBJECT.reference, "other": calling},
    }


@pytest.mark.parametrize(
    ("points", "status", "problem"),
    [
        (2.0, "passed", ""),
        (0.0, "failed", "gets 0 of 2 (failed: nothing to say) through the pipeline, but 2 of 2"),
    ],
)
def test_pipeline_that_differs_is_found(points, status, problem):
    proof = Proof("distance")
    prove_agreement(proof, SUBJECT, SUBJECT.reference, Row("s", "c", "distance", points, 2.0, status, "", ""))
    assert [found.problem[: len(problem)] for found in proof.findings] == ([problem] if problem else [])
    assert proof.counts["pipeline differed"] == bool(problem)


def test_pipeline_that_agrees_on_a_wrong_result_is_found():
    proof, answer = Proof("distance"), Answer("distance", "wrong", "right after all", (SOURCE,))
    prove_agreement(proof, SUBJECT, answer, Row("s", "c", "distance", 2.0, 2.0, "passed", "", ""))
    assert [found.problem for found in proof.findings] == ["is wrong, but keeps all points (through the pipeline)"]


# --- tables and the program


def test_chapter_without_a_table_is_an_error():
    with pytest.raises(NoTable, match=r"tests/precision/ch99_nothing/<notebook>\.py"):
        load_table("ch99_nothing")


TABLE = """
import math
from tests.precision.table import ChapterTable

table = ChapterTable(__file__)

table.honest(
    "distance",
    by_root="root((x - y) ** 2)",
    larger_minus_smaller="max(x, y) - min(x, y)",
)

@table.honest("distance")
def in_words(x, y):
    return abs(x - y)

def root(square):
    return math.sqrt(square)
"""


def test_expressions_of_a_table_become_solutions(made):
    rows = made("rows", rows=TABLE).table
    answers = {answer.name: answer.cells[0] for answer in Subject(declared(good_cases), SOURCE, rows).honest}
    assert answers["larger_minus_smaller"] == "def distance(x, y):\n    return max(x, y) - min(x, y)"
    assert built([answers["by_root"]], "distance", {})(1.0, 3.0) == 2.0
    assert {"by_root", "larger_minus_smaller", "in_words"} <= set(answers) and "in_words" not in answers["by_root"]
    assert rows.exercises() == {"distance"}


def test_expression_that_uses_an_unknown_name_is_an_error(made):
    rows = made("rows", rows=TABLE).table
    rows.wrong("distance", typo="maths.sqrt(x - y)")
    with pytest.raises(NameError, match=r"rows\.py: 'maths\.sqrt\(x - y\)' uses maths, which its file does not define"):
        _ = Subject(declared(good_cases), SOURCE, rows).wrong


@pytest.mark.parametrize("path", sorted(Path(__file__).parent.glob("ch*/[!_]*.py")), ids=lambda path: path.stem)
def test_table_imports_nothing_in_vain(path):
    tree = ast.parse(path.read_text())
    table = importlib.import_module(f"tests.precision.{path.parent.name}.{path.stem}").table
    solutions = [row.solution for row in [*table.honest_rows, *table.wrong_rows]]
    expressions = [ast.parse(f"({solution})") for solution in solutions if isinstance(solution, str)]
    read = names_read(tree).union(*map(names_read, expressions))
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {name for node in imports for name in bound_names(node)} - read == set()


def test_table_that_names_no_exercise_is_an_error(monkeypatch):
    rows = ChapterTable(__file__)
    rows.equivalent("no_such_step", "a", "b", "c")
    monkeypatch.setattr("tests.precision.proof.load_table", lambda chapter: rows)
    # what another test has loaded is kept
    monkeypatch.setattr(program, "subjects_of", lambda chapter: load_subjects(Course.here(), chapter))
    result = CliRunner().invoke(program.app, ["ch04_sgd_variants", "--pipeline", "none"])
    assert result.exit_code == 1
    assert "exercises that do not exist: no_such_step" in result.output


@pytest.mark.parametrize(
    ("findings", "status", "shown"),
    [
        ([], 0, "nothing survives, no false alarm"),
        ([Finding("sgd_step", "mutant", "a slip", "keeps all points", "def it(): ...")], 1, "def it(): ..."),
    ],
)
def test_program_says_by_its_status_what_it_found(monkeypatch, findings, status, shown):
    def stage(progress, title, work, keys, seeds, workers):
        telling = ("types", "sgd_step")
        return [Proof(name, findings=list(findings) if (title, name) == telling else []) for _, name in keys]

    monkeypatch.setattr(program, "_stage", stage)
    result = CliRunner().invoke(program.app, ["ch04_sgd_variants", "--pipeline", "none"])
    assert result.exit_code == status
    assert shown in result.output


# --- classes


class Parent:
    factor = 2

    def times(self, x):
        return self.factor * x


class Child(Parent):
    """A class that uses another one, and its own name."""

    def again(self):
        return Child()


def test_class_stands_alone_under_another_name():
    source = standalone(Child, "Student")
    (made,) = [built([source], "Student", {})]
    assert made().again().times(3) == 6 and type(made().again()) is made
    assert "class Student(Parent)" in source and "class Child" not in source
