"""Rebuilding a submission: the release decides what is graded, the student's texts fill it in."""

import ast
import builtins
import copy
import json
import symtable
import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.cells import grade_id, is_check, is_solution
from grading.intake.rebuild import MAX_SOURCE, StudentCell, UnreadableSubmission, read_submission, rebuild

STUB = "def {name}(x):\n    raise NotImplementedError()"


def graded(cell, identity, points=None, solution=False):
    cell.id = identity
    flags = dict(grade=points is not None, grade_id=identity, locked=not solution, schema_version=3, solution=solution)
    cell.metadata["nbgrader"] = flags | ({"points": points} if points is not None else {})
    return cell


def make_release():
    cells = [
        new_markdown_cell("# Title", id="cell-000"),
        new_code_cell("import numpy as np", id="cell-001"),
        graded(new_code_cell(STUB.format(name="one_step")), "one-step", solution=True),
        graded(new_code_cell("check(one_step)"), "one-step-check", points=2),
        graded(new_code_cell(STUB.format(name="two_step")), "two-step", solution=True),
        graded(new_code_cell("check(two_step)"), "two-step-check", points=3),
        new_code_cell("train()", id="cell-006", metadata={"tags": ["experiment"]}),
        new_markdown_cell("Why?", id="cell-007"),
        graded(new_markdown_cell("*Your answer replaces this line.*"), "why", points=4, solution=True),
        new_markdown_cell("How?", id="cell-009"),
        graded(new_markdown_cell("*Your answer replaces this line.*"), "how", points=4, solution=True),
        new_code_cell("print('the end')", id="cell-011"),
    ]
    return new_notebook(cells=cells)


RELEASE = make_release()
ONE, TWO = "def one_step(x):\n    return 1", "def two_step(x):\n    return 2"
ANSWERS = {"one-step": ONE, "two-step": TWO, "why": "Because.", "how": "Somehow."}


def submitted():
    """The release, filled in: a plain dict as it lies in a file."""
    notebook = json.loads(json.dumps(RELEASE))
    for cell in notebook["cells"]:
        identity = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = ANSWERS.get(identity, cell["source"])
    return notebook


def at(notebook, identity):
    return next(i for i, cell in enumerate(notebook["cells"]) if cell.get("id") == identity)


def code(source, **more):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None, **more}


def markdown(source, **more):
    return {"cell_type": "markdown", "metadata": {}, "source": source, **more}


def rebuilt(notebook):
    """Rebuild from a file's content; every result is valid and has the graded cells of the release."""
    data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    before = json.dumps(RELEASE)
    result = rebuild(RELEASE, read_submission(data))
    assert json.dumps(RELEASE) == before
    nbformat.validate(result)
    assert result.metadata == RELEASE.metadata
    nbformat.writes(result).encode("utf-8")
    kept = [cell for cell in result.cells if cell.metadata.get("tags") != ["extra"]]
    assert [cell.id for cell in kept] == [cell.id for cell in RELEASE.cells]
    for cell, original in zip(kept, RELEASE.cells, strict=True):
        assert (cell.cell_type, cell.metadata) == (original.cell_type, original.metadata)
        assert is_solution(original) or cell.source == original.source
        assert cell.get("outputs", []) == [] and "attachments" not in cell
    for cell in result.cells:
        assert cell in kept or (cell.cell_type == "code" and not grade_id(cell) and set(cell.metadata) == {"tags"})
    return result


def answers(result):
    return {grade_id(cell): cell.source for cell in result.cells if is_solution(cell)}


def extras(result):
    """The student's own cells: (source, id of the release cell before it)."""
    found, before = [], ""
    for cell in result.cells:
        if cell.metadata.get("tags") == ["extra"]:
            found.append((cell.source, before))
        else:
            before = cell.id
    return found


def change(function):
    notebook = submitted()
    function(notebook)
    return notebook


def edit(identity, **changes):
    return change(lambda nb: nb["cells"][at(nb, identity)].update(copy.deepcopy(changes)))


def flags(identity, **changes):
    return change(lambda nb: nb["cells"][at(nb, identity)]["metadata"]["nbgrader"].update(changes))


def without(*identities):
    return change(lambda nb: nb.update(cells=[cell for cell in nb["cells"] if cell["id"] not in identities]))


def with_cells(where, *cells):
    """Insert cells after the one named."""

    def insert(nb):
        position = at(nb, where) + 1
        nb["cells"][position:position] = copy.deepcopy(list(cells))

    return change(insert)


def test_rebuild_of_an_untouched_release_is_the_release():
    assert rebuilt(json.loads(json.dumps(RELEASE))) == RELEASE


def test_rebuild_starts_without_the_outputs_of_the_release():
    release = copy.deepcopy(RELEASE)
    release.cells[1].outputs = [nbformat.v4.new_output("stream", text="5.0")]
    release.cells[1].execution_count = 3
    cell = rebuild(release, []).cells[1]
    assert (cell.outputs, cell.execution_count) == ([], None)
    assert release.cells[1].outputs


HARMLESS = {
    "nothing": submitted(),
    "the notebook's metadata": change(lambda nb: nb.update(metadata={"kernelspec": {"name": "ir"}, "widgets": {}})),
    "points": flags("one-step-check", points=100),
    "grade_id of a check": flags("one-step-check", grade_id="other"),
    "grade_id of two checks": flags("one-step-check", grade_id="two-step-check"),
    "unlocked": flags("one-step-check", locked=False),
    "check as solution": flags("one-step-check", solution=True),
    "check not graded": flags("one-step-check", grade=False),
    "solution as check": flags("one-step", solution=False, grade=True, points=9),
    "check edited": edit("one-step-check", source="5.0"),
    "check emptied": edit("one-step-check", source=""),
    "check retyped to markdown": edit("one-step-check", cell_type="markdown"),
    "check retyped to raw": edit("one-step-check", cell_type="raw"),
    "check skipped": edit("one-step-check", metadata={"tags": ["skip-execution"]}),
    "check with outputs": edit(
        "one-step-check",
        outputs=[{"output_type": "execute_result", "data": {"text/plain": "2"}, "metadata": {}, "execution_count": 1}],
    ),
    "checks deleted": without("one-step-check", "two-step-check"),
    "prose deleted": without("cell-000", "cell-007", "cell-009", "cell-011"),
    "check duplicated": with_cells("one-step-check", submitted()["cells"][3], submitted()["cells"][3]),
    "solution tagged": change(lambda nb: nb["cells"][2]["metadata"].update(tags=["skip-execution", "experiment"])),
    "solution collapsed": change(lambda nb: nb["cells"][2]["metadata"].update(jupyter={"source_hidden": True})),
    "solution retyped": edit("one-step", cell_type="raw"),
    "experiment edited": edit("cell-006", source="train(forever=True)"),
    "prose edited": edit("cell-007", source="<script>alert(1)</script>"),
    "markdown added": with_cells("one-step", markdown("my notes")),
    "raw added": with_cells("one-step", {"cell_type": "raw", "metadata": {}, "source": "raw"}),
    "empty cell added": with_cells("one-step", code("  \n")),
    "attachments": edit("why", attachments={"a.png": {"image/png": "AAAA"}}),
    "ids lost": change(lambda nb: [cell.pop("id") for cell in nb["cells"]]),
    "ids drawn anew": change(lambda nb: [cell.update(id=f"{i:08x}") for i, cell in enumerate(nb["cells"])]),
    "metadata lost": change(lambda nb: [cell.update(metadata={}) for cell in nb["cells"]]),
    "ids and metadata lost": change(lambda nb: [(c.pop("id"), c.update(metadata={})) for c in nb["cells"]]),
    "reversed": change(lambda nb: nb["cells"].reverse()),
    "sources as lists": change(lambda nb: [c.update(source=c["source"].splitlines(True)) for c in nb["cells"]]),
    "nbformat 4.1": change(lambda nb: (nb.update(nbformat_minor=1), [c.pop("id") for c in nb["cells"]])),
    "numbers in the source": change(
        lambda nb: [c.update(source=[1, None, *c["source"].splitlines(True), {}]) for c in nb["cells"]]
    ),
    "garbage cells": change(
        lambda nb: nb["cells"].extend(
            [None, 3, "cell", [], {}, {"cell_type": "code"}, {"cell_type": [], "source": ""}, {"cell_type": {}}]
            + [{"cell_type": "code", "source": 5}, {"cell_type": "code", "source": None, "metadata": None}]
            + [{"cell_type": "code", "source": "", "metadata": [1]}, {"cell_type": "magic", "source": "x"}]
            + [{"cell_type": "code", "source": "", "metadata": {"nbgrader": "yes"}, "id": {"a": []}}]
            + [{"cell_type": "code", "source": "", "metadata": {"nbgrader": {"grade_id": ["one-step"]}}, "id": 7}]
        )
    ),
    "byte order mark": "\ufeff".encode() + json.dumps(submitted()).encode(),
}


@pytest.mark.parametrize("notebook", HARMLESS.values(), ids=HARMLESS)
def test_rebuild_is_not_impressed_by(notebook):
    result = rebuilt(notebook)
    assert answers(result) == ANSWERS and extras(result) == []


def test_rebuild_reads_nbformat_3():
    cells = []
    for cell in submitted()["cells"]:
        key = "input" if cell["cell_type"] == "code" else "source"
        cells.append({"cell_type": cell["cell_type"], "metadata": cell["metadata"], key: cell["source"]})
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}
    assert answers(rebuilt(old)) == ANSWERS
    halves = [{"cells": cells[:5]}, None, {"cells": 7}, {"cells": "ab"}, {}, {"cells": cells[5:]}]
    assert answers(rebuilt({**old, "worksheets": halves})) == ANSWERS


def untouched_twin(identity):
    return copy.deepcopy(json.loads(json.dumps(RELEASE))["cells"][at(submitted(), identity)])


@pytest.mark.parametrize(
    ("notebook", "expected", "others"),
    [
        (with_cells("one-step", {**submitted()["cells"][2], "source": "v2"}), "v2", [(ONE, "cell-001")]),
        (with_cells("cell-011", {**submitted()["cells"][2], "source": "v2"}), "v2", [(ONE, "cell-001")]),
        (with_cells("cell-000", {**submitted()["cells"][2], "source": "v0"}), ONE, [("v0", "cell-001")]),
        (
            with_cells("one-step", untouched_twin("one-step")),
            ONE,
            [(STUB.format(name="one_step"), "cell-001")],
        ),
        (
            with_cells("one-step", *({**submitted()["cells"][2], "source": f"v{i}"} for i in (2, 3))),
            "v3",
            [(ONE, "cell-001"), ("v2", "cell-001")],
        ),
    ],
)
def test_rebuild_counts_the_last_copy_that_was_filled_in(notebook, expected, others):
    result = rebuilt(notebook)
    assert answers(result) == {**ANSWERS, "one-step": expected}
    assert extras(result) == others


@pytest.mark.parametrize("identity", ["one-step", "two-step", "why", "how"])
def test_rebuild_leaves_the_stub_of_a_deleted_cell(identity):
    stub = next(cell.source for cell in RELEASE.cells if cell.id == identity)
    assert answers(rebuilt(without(identity))) == {**ANSWERS, identity: stub}


FOUND = [
    "def one_step(x):\n    return 'mine'",
    "one_step = lambda x: 'mine'",
    "one_step: object = lambda x: 'mine'",
    "class one_step:\n    pass",
    "async def one_step(x):\n    return 'mine'",
    "%%time\ndef one_step(x):\n    return 'mine'",
    "%matplotlib inline\none_step = print",
    "one_step: object = print",
    "import numpy as np\n\ndef helper(x):\n    return x\n\n@helper\ndef one_step(x):\n    return helper(x)",
]


@pytest.mark.parametrize("source", FOUND)
def test_rebuild_finds_a_function_whose_cell_has_lost_its_names(source):
    notebook = change(lambda nb: nb["cells"].__setitem__(2, code(source)))
    result = rebuilt(notebook)
    assert answers(result) == {**ANSWERS, "one-step": source} and extras(result) == []


@pytest.mark.parametrize(
    "source",
    [
        "one_step == 3",
        "# def one_step",
        "print('def one_step(x): pass')",
        "x = one_step",
        "x.one_step = 2",
        "from os import path as one_step",
        "def other():\n    one_step = 1",
    ],
)
def test_rebuild_takes_no_other_cell_for_the_function(source):
    notebook = change(lambda nb: nb["cells"].__setitem__(2, code(source)))
    assert answers(rebuilt(notebook))["one-step"] == STUB.format(name="one_step")


def test_nothing_of_a_students_is_parsed(monkeypatch):
    # a parser can be kept busy for hours, with the interpreter's lock held
    parsed = []
    with monkeypatch.context() as patch:
        for module, name in ((ast, "parse"), (symtable, "symtable"), (builtins, "compile")):
            patch.setattr(module, name, lambda source, *rest, **more: parsed.append(source))
        rebuild(RELEASE, [StudentCell("code", "def one_step(x):\n    return 'mine'", "", "")])
    assert parsed == []


LONG_TEXTS = ["@\n", "@a\n", "def a\n", "\n", "a: ", "a = 1", ".", "def", "x = 1e-\n", "lambda:", "(\n", "import "]


@pytest.mark.parametrize("text", LONG_TEXTS)
def test_long_cells_take_no_time_out_of_proportion(text):
    source = (text * MAX_SOURCE)[:MAX_SOURCE]
    began = time.process_time()
    rebuilt(edit("one-step-check", source=source))
    rebuilt(edit("one-step-check", source="a = " + source))
    assert time.process_time() - began < 10  # a quadratic way takes minutes


HELPERS = """
@cache
def helper(
    x,
):
    # doubles

    return 2 * x
import math
EPS = 1e-8
twice = lambda x: helper(x)
class Box:
    x = 1
"""


@pytest.mark.parametrize("identity", ["one-step-check", "cell-006"])
def test_helpers_in_a_check_or_an_experiment_are_kept_before_it(identity):
    original = next(cell for cell in RELEASE.cells if cell.id == identity).source
    result = rebuilt(edit(identity, source=f"steps = train()\n{HELPERS}{original}\nfor x in ():\n    def no(): pass"))
    before = RELEASE.cells[at(submitted(), identity) - 1].id
    ((source, where),) = extras(result)
    assert where == before and answers(result) == ANSWERS
    assert source.replace("\n\n", "\n") == HELPERS.strip().replace("\n\n", "\n")


def test_what_a_cell_of_ours_defines_is_no_helper():
    cell = new_code_cell("def shown(x):\n    return x\nshown(3)", id="cell-009", metadata={"tags": ["experiment"]})
    release = nbformat.from_dict({**RELEASE, "cells": [*RELEASE.cells, cell]})
    changed = StudentCell("code", cell.source.replace("3", "4"), "cell-009", "")
    assert extras(rebuild(release, [changed])) == []


def test_rebuild_keeps_a_cell_of_ones_own_that_defines_the_function_too():
    result = rebuilt(with_cells("one-step-check", code("def one_step(x):\n    return 'trying'")))
    assert answers(result) == ANSWERS
    assert extras(result) == [("def one_step(x):\n    return 'trying'", "one-step-check")]


def test_rebuild_lets_no_stub_undo_functions_that_were_put_into_one_cell():
    both = ONE + "\n\n" + TWO
    notebook = without("two-step")
    notebook["cells"][2] = code(both)
    result = rebuilt(notebook)
    assert answers(result) == {**ANSWERS, "one-step": both, "two-step": ""}
    namespace = {"check": lambda function: None, "train": lambda: None}
    for cell in result.cells:
        if cell.cell_type == "code" and not is_check(cell):
            exec(cell.source, namespace)
    assert (namespace["one_step"](0), namespace["two_step"](0)) == (1, 2)


HELPER = code("def helper(x):\n    return x", metadata={"tags": ["skip-execution"], "nbgrader": {"grade": True}})


@pytest.mark.parametrize("where", [cell.id for cell in RELEASE.cells if cell.id != "why"])
def test_rebuild_keeps_own_cells_in_place(where):
    assert extras(rebuilt(with_cells(where, HELPER))) == [(HELPER["source"], where)]


def test_rebuild_keeps_own_cells_in_order():
    notebook = with_cells("one-step", *(code(f"step = {i}") for i in range(3)))
    notebook["cells"].insert(0, code("first = 1"))
    expected = [("first = 1", ""), *((f"step = {i}", "one-step") for i in range(3))]
    assert extras(rebuilt(notebook)) == expected


@pytest.mark.parametrize("changes", [{}, {"metadata": {}}, {"id": "new", "metadata": {}}])
def test_rebuild_keeps_an_edited_setup_cell_beside_ours(changes):
    source = "import numpy as np\nimport scipy"
    result = rebuilt(edit("cell-001", source=source, **changes))
    assert [found for found, _ in extras(result)] == [source]
    sources = [cell.source for cell in result.cells]
    assert sources.index(source) < sources.index(ONE)


def test_rebuild_keeps_a_cell_whose_id_meant_something_else_in_an_older_release():
    # cell-007 is prose now; then it held code, which the student has changed
    notebook = with_cells("cell-006", code("import scipy", id="cell-007"))
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["source"] != "Why?"]
    result = rebuilt(notebook)
    assert extras(result) == [("import scipy", "cell-006")] and answers(result) == ANSWERS


@pytest.mark.parametrize("why", ["Because.", "*Your answer replaces this line.*"])
def test_rebuild_finds_hand_graded_answers_whose_cells_have_lost_their_names(why):
    notebook = edit("why", source=why)
    for cell in notebook["cells"]:
        cell.update(metadata={}, id="x" + cell["id"])
    assert answers(rebuilt(notebook)) == {**ANSWERS, "why": why}


@pytest.mark.parametrize(
    ("source", "answer"), [("<img src=x onerror=y>", "< img src=x onerror=y>"), ("a\ud800b", "a?b")]
)
def test_rebuild_makes_hand_graded_answers_harmless(source, answer):
    assert answers(rebuilt(edit("why", source=source)))["why"] == answer


@pytest.mark.parametrize("identity", ["one-step-check", "why", "cell-000", "extra-000", "../../etc", "a b", ""])
def test_rebuild_makes_ids_of_its_own(identity):
    notebook = with_cells("one-step", code("x = 1", id=identity), code("x = 2", id=identity))
    ids = [cell.id for cell in rebuilt(notebook).cells]
    assert len(set(ids)) == len(ids)


HOSTILE = {
    "sum": "x = " + "+".join(["1"] * 90_000),
    "brackets": "(" * 150_000,
    "minus": "-" * 150_000 + "1",
    "attributes": "a" + ".b" * 90_000,
    "null": "one_step = 1\0",
    "huge": "x" * 2_000_000,
    "dedent": "if 1:\n" + " " * 100_000 + "pass",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_rebuild_survives_hostile_sources(source):
    notebook = change(lambda nb: nb["cells"].__setitem__(2, code(source)))
    found = answers(rebuilt(notebook))
    assert found["two-step"] == TWO and len(found["one-step"]) <= 200_000


def test_rebuild_survives_thousands_of_cells():
    notebook = submitted()
    notebook["cells"] += [code(f"def f{i}(x):\n    return {i}") for i in range(5_000)]
    started = time.perf_counter()
    result = rebuilt(notebook)
    assert answers(result) == ANSWERS and len(result.cells) <= 2_000
    assert time.perf_counter() - started < 20


@pytest.mark.parametrize("value", [[], {}, [[]], {"a": {"b": []}}, True, None, 1.5, "text", [None], -1])
@pytest.mark.parametrize("key", ["cell_type", "source", "metadata", "id", "input", "outputs", "attachments"])
def test_rebuild_survives_any_value_anywhere(key, value):
    rebuilt(change(lambda nb: [cell.update({key: value}) for cell in nb["cells"]]))


def test_rebuild_survives_values_nested_as_deep_as_json_allows():
    deep = "[" * 900 + "]" * 900
    cell = f'{{"cell_type": "code", "source": "x", "id": {deep}, "metadata": {{"nbgrader": {{"grade_id": {deep}}}}}}}'
    rebuilt(f'{{"cells": [{cell}]}}'.encode())


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "the file is empty"),
        (b" \n\t", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "the file is no JSON, so it is no notebook"),
        (json.dumps(submitted()).encode("utf-16"), "the file is no JSON, so it is no notebook"),
        (json.dumps(submitted()).encode()[:-50], "the file is no JSON, so it is no notebook"),
        (b"print('hello')", "the file is no JSON, so it is no notebook"),
        (b"[" * 100_000 + b"]" * 100_000, "the file is no JSON, so it is no notebook"),
        (b'{"cells":' * 100_000, "the file is no JSON, so it is no notebook"),
        (b"1" * 10_000, "the file is no JSON, so it is no notebook"),
        (b"[]", "the file is JSON, but it is no notebook: it has no list of cells"),
        (b"null", "the file is JSON, but it is no notebook"),
        (b'"cells"', "the file is JSON, but it is no notebook"),
        (b"{}", "the file is JSON, but it is no notebook"),
        (b'{"cells": {}}', "the file is JSON, but it is no notebook"),
        (b'{"cells": null, "worksheets": 3}', "the file is JSON, but it is no notebook"),
        (b" " * 50_000_001, "the file is too large: at most 50,000,000 bytes are read"),
        (b"[" + b"0," * 3_000_000, "the file holds some 3,000,001 values; at most 3,000,000 are read"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_read_submission_says_what_the_file_is_instead(data, sentence):
    with pytest.raises(UnreadableSubmission) as caught:
        read_submission(data)
    assert str(caught.value).startswith(sentence) and len(str(caught.value)) <= 300


@pytest.mark.parametrize("data", [b'{"cells": []}', b'{"worksheets": []}', b'{"worksheets": [1, {"cells": null}]}'])
def test_rebuild_of_a_notebook_without_cells_is_the_release(data):
    assert rebuilt(data) == RELEASE


def test_rebuild_knows_unchanged_cells_of_an_older_release_at_another_place():
    # a cell was inserted since, so every ungraded cell's id has moved on by one
    release = make_release()
    experiment = new_code_cell("train_for_long()", id="cell-009")
    experiment.metadata["tags"] = ["experiment"]
    release.cells.append(experiment)
    release.cells.append(new_code_cell("other = 1", id="cell-010"))
    older = copy.deepcopy(release)
    older.cells[-2].id, older.cells[-1].id = "cell-010", "cell-011"
    rebuilt = rebuild(release, read_submission(json.dumps(older).encode()))
    assert [cell.source for cell in rebuilt.cells] == [cell.source for cell in release.cells]
