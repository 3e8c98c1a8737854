"""Rebuilding a submission: the release decides what is graded, the student's texts fill it in."""

import ast
import copy
import json
import re
import time
from html import unescape
from html.parser import HTMLParser

import nbformat
import pytest
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.cells import grade_id, is_check, is_solution
from grading.intake.harmless import DROPPED, MAX_ANSWER, harmless_markdown
from grading.intake.rebuild import UnreadableSubmission, _defined_names, read_submission, rebuild

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


def submitted(**changes):
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


def sources(result, start=0, stop=None):
    return [cell.source for cell in result.cells][start:stop]


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


def test_rebuild_takes_the_answers():
    result = rebuilt(submitted())
    assert answers(result) == ANSWERS and extras(result) == []


def test_rebuild_of_an_untouched_release_is_the_release():
    assert rebuilt(json.loads(json.dumps(RELEASE))) == RELEASE


def test_rebuild_starts_without_the_outputs_of_the_release():
    release = copy.deepcopy(RELEASE)
    release.cells[1].outputs = [nbformat.v4.new_output("stream", text="5.0")]
    release.cells[1].execution_count = 3
    cell = rebuild(release, []).cells[1]
    assert (cell.outputs, cell.execution_count) == ([], None)
    assert release.cells[1].outputs


def test_rebuild_takes_nothing_from_the_notebooks_metadata():
    notebook = submitted()
    notebook["metadata"] = {"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}, "widgets": {"a": 1}}
    assert rebuilt(notebook).metadata == RELEASE.metadata


HARMLESS = {
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
    "import numpy as np\n\ndef helper(x):\n    return x\n\n@helper\ndef one_step(x):\n    return helper(x)",
]


@pytest.mark.parametrize("source", FOUND)
def test_rebuild_finds_a_function_whose_cell_has_lost_its_names(source):
    notebook = change(lambda nb: nb["cells"].__setitem__(2, code(source)))
    result = rebuilt(notebook)
    assert answers(result) == {**ANSWERS, "one-step": source} and extras(result) == []


@pytest.mark.parametrize(
    "source", ["one_step == 3", "# def one_step", "print('def one_step(x): pass')", "x = one_step"]
)
def test_rebuild_takes_no_other_cell_for_the_function(source):
    notebook = change(lambda nb: nb["cells"].__setitem__(2, code(source)))
    assert answers(rebuilt(notebook))["one-step"] == STUB.format(name="one_step")


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
    assert sources(result).index(source) < sources(result).index(ONE)


def test_rebuild_keeps_a_cell_whose_id_meant_something_else_in_an_older_release():
    # cell-007 is prose now; then it held code, which the student has changed
    notebook = with_cells("cell-006", code("import scipy", id="cell-007"))
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["source"] != "Why?"]
    result = rebuilt(notebook)
    assert extras(result) == [("import scipy", "cell-006")] and answers(result) == ANSWERS


@pytest.mark.parametrize("names_lost", [False, True])
def test_rebuild_finds_hand_graded_answers(names_lost):
    notebook = submitted()
    if names_lost:
        for cell in notebook["cells"]:
            cell.update(metadata={}, id="x" + cell["id"])
    assert {k: v for k, v in answers(rebuilt(notebook)).items() if k in ("why", "how")} == {
        "why": "Because.",
        "how": "Somehow.",
    }


def test_rebuild_finds_one_answer_when_the_other_is_untouched():
    notebook = edit("why", source="*Your answer replaces this line.*")
    for cell in notebook["cells"]:
        cell.update(metadata={}, id="x" + cell["id"])
    found = answers(rebuilt(notebook))
    assert (found["why"], found["how"]) == ("*Your answer replaces this line.*", "Somehow.")


def test_rebuild_makes_hand_graded_answers_harmless():
    assert answers(rebuilt(edit("why", source="<img src=x onerror=y>")))["why"] == "< img src=x onerror=y>"


def test_rebuild_replaces_what_cannot_be_written():
    assert answers(rebuilt(edit("why", source="a\ud800b")))["why"] == "a?b"


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


# --- Markdown

HARMLESS_TAGS = {"p", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "hr", "br", "div", "span", "del"}
HARMLESS_TAGS |= {"h1", "h2", "h3", "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "input"}


class TagsFound(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.bad = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        local = tag == "a" and attributes.get("class") == "anchor-link" and attributes["href"].startswith("#")
        harmful = set(attributes) - {
            "class",
            "id",
            "style",
            "type",
            "disabled",
            "checked",
            "href" if local else "class",
        }
        if (tag not in HARMLESS_TAGS and not local) or harmful or attributes.get("type", "checkbox") != "checkbox":
            self.bad.append((tag, attributes))

    def handle_comment(self, data):
        self.bad.append(("comment", data))

    handle_decl = handle_pi = unknown_decl = handle_comment


HARMFUL = [
    "<script>alert(1)</script>",
    "<ScRiPt >alert(1)</sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "text <b onmouseover=alert(1)>bold</b>",
    "<!-- comment --><!doctype html><?php ?><![CDATA[x]]>",
    "<a href='javascript:alert(1)'>x</a>",
    "<style>*{display:none}</style>",
    "<details open ontoggle=alert(1)>",
    "\\<a href=x>y</a>",
    "\\\\<a href=x>y</a>",
    "&lt;script&gt;<script>alert(1)</script>",
    "<<script>script>alert(1)<</script>/script>",
    "<\nscript>alert(1)</script>",
    "<\x00script>alert(1)</script>",
    "    <script>indented code</script>",
    "`<script>`` <script>alert(1)</script>",
    "```\n<script>\n```\n<script>alert(1)</script>",
    "```python\n<script>alert(1)</script>\n```",
    "```mermaid\n<script>alert(1)</script>\n```",
    "~~~ \t mermaid\n<img src=x onerror=alert(1)>\n~~~",
    "````\u00a0mermaid\n<b>x</b>\n````",
    "> - ```mermaid\n>   <b>x</b>\n>   ```",
    '```mermaid mermaid\nclick A href "javascript:alert(1)"\n<b>\n```',
    '```"onload="x\ncode\n```',
    "[x](javascript:alert(1))",
    "[x]( javascript:alert(1) 'title')",
    "[x](<javascript:alert(1)>)",
    "[x](data:text/html;base64,AAAA)",
    "[x](http://evil.example)",
    "[x](\njavascript:alert(1))",
    "![x](http://evil.example/pixel.png)",
    "![x](data:image/svg+xml;base64,AAAA)",
    "![x](attachment:a.png)",
    "[![x](y)](z)",
    "[a [b](c) d](e)",
    "[[[x]]](y)",
    "[x\\](y)",
    "[x\\\\](y)",
    "[`]`](y)",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "[x]\n\n[x]: javascript:alert(1) 'title'",
    "[x][]\n\n[x]: <javascript:alert(1)>",
    "![x]\n\n[x]: y",
    "[x]\n\n   [x]:\n   javascript:alert(1)",
    "> [x]: y\n\n[x]",
    "[x\\]]: y\n\n[x\\]]",
    "[^1]\n\n[^1]: note",
    "<http://evil.example>",
    "<mailto:a@b.example>",
    "<a@b.example>",
    "http://evil.example and https://evil.example/x?y=z",
    "HTTPS://EVIL.EXAMPLE www.evil.example ftp://evil.example",
    "|a|b|\n|-|-|\n|<b onclick=x>|[x](javascript:alert(1))|",
    "# <b>title</b> [x](y)",
    '# "onmouseover="alert(1)',
    "term\n: <script>x</script>",
    "- [ ] <b>x</b>\n- [x](y)",
    "$<script>alert(1)</script>$",
    "$$</p><script>alert(1)</script>$$",
    "\\begin{align}<script>alert(1)</script>\\end{align}",
    "\\\\[<img src=x onerror=y>\\\\]",
    "$x$[x](y)$y$",
    "~~<b>x</b>~~ **<b>x</b>** *[x](y)*",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;b&#x3e;",
    "[x](&#106;avascript:alert(1)) &lsqb;x&rsqb;&lpar;y&rpar;",
    "```&#109;ermaid\n<b>x</b>\n```",
    "```\\mermaid\n<b>x</b>\n```",
    "```\x1cmermaid\n<b>x</b>\n```",
]


@pytest.mark.parametrize("text", HARMFUL, ids=range(len(HARMFUL)))
def test_harmless_markdown_leaves_no_tag_link_or_image(text):
    html = markdown2html_mistune(harmless_markdown(text))
    assert TagsFound(html).bad == [], html
    assert 'class="mermaid"' not in html  # nbconvert hands such code to a script as it is


LIVE_FORMULAS = [
    "$\\href{javascript:alert(1)}{x}$",
    "$$\\href {javascript:alert(1)}{x}$$",
    "\\\\(\\href{javascript:alert(1)}{x}\\\\)",
    "\\\\[\\href{javascript:alert(1)}{x}\\\\]",
    "\\begin{align}\\href{javascript:alert(1)}{x}\\end{align}",
    "\\$\\\\href{javascript:alert(1)}{x}\\$",
    "&#36;\\href{javascript:alert(1)}{x}&#36;",
    "$\\&#104;ref{javascript:alert(1)}{x}$",
    "&#36;\\\\&#104;ref{javascript:alert(1)}{x}&#36;",
    "&dollar;&bsol;href{javascript:alert(1)}{x}&dollar;",
    "$\\let\\x\\href\\x{javascript:alert(1)}{x}$",
    "$\\def\\x{\\href{javascript:alert(1)}}\\x{y}$",
    "$\\mmlToken{mi}[href='javascript:alert(1)']{x}$",
    "$\\require{html}$ $\\style{x}{y}$ $\\class{x}{y}$ $\\cssId{x}{y}$ $\\data{x=y}{z}$ $\\htmlData{x}{y}$",
    "$\\bbox[background: url(x)]{y}$ $\\unicode[x]{65}$ $\\includegraphics{x}$ $\\url{x}$ $\\csname href\\endcsname$",
]
SPELLED_OUT = re.compile(
    r"\\(href|url|html\w*|class|cssId|style|data|mmlToken|bbox|unicode|includegraphics|require|csname)"
)


@pytest.mark.parametrize("text", LIVE_FORMULAS, ids=range(len(LIVE_FORMULAS)))
def test_harmless_markdown_leaves_no_live_command_to_mathjax(text):
    seen = unescape(re.sub(r"<[^>]*>", "", markdown2html_mistune(harmless_markdown(text))))
    assert SPELLED_OUT.findall(seen) == [], seen


@pytest.mark.parametrize("text", [LIVE_FORMULAS[0], LIVE_FORMULAS[5], LIVE_FORMULAS[8], LIVE_FORMULAS[13]])
def test_formulas_are_live_without_it(text):
    assert SPELLED_OUT.findall(unescape(markdown2html_mistune(text)))


def test_harmless_markdown_drops_what_is_beyond_the_limit():
    answer = harmless_markdown("word " * 50_000)
    assert answer.startswith("word word") and answer.endswith(DROPPED) and len(answer) == MAX_ANSWER
    assert harmless_markdown("w" * MAX_ANSWER) == "w" * MAX_ANSWER


@pytest.mark.parametrize(
    "text", [HARMFUL[0], HARMFUL[5], "[x](javascript:alert(1))", "http://x.y", "```mermaid\n<b>\n```"]
)
def test_markdown_is_harmful_without_it(text):
    assert TagsFound(markdown2html_mistune(text)).bad


@pytest.mark.parametrize(
    "text",
    [
        "The step is too long: **it diverges**, see `theta - lr * grad`.",
        "$\\theta \\leftarrow \\theta - \\epsilon g$ and $$\\sum_i x_i^2 \\le 1$$",
        "$a < b$, $a > b$, $|x|<1$, $x<-1$ & more",
        "- one\n- two\n\n1. first\n2. second\n\n> quoted\n\n# Title",
        "an interval [0, 1] and a list x[0], x[i][j]"[:36],
        "|a|b|\n|-|-|\n|1|2|",
        "```python\nif a < 1: print(x[0])\n```",
        "Umlauts: äöü, dashes – and 😀",
        "a\n\nb  \nc",
        "$\\begin{align} a &= b \\\\ &\\le c \\end{align}$, R&D, a && b; c",
        "$\\hat\\theta_{t+1}$ and $\\operatorname{sgn} x$, $\\dataset$, $\\classes$ and $\\styled$",
    ],
)
def test_harmless_markdown_leaves_ordinary_text_alone(text):
    assert harmless_markdown(text) == text


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("$a<b$", "$a&lt; b$"),
        ("$f[x](t)$", "$f[x] (t)$"),
        ("`a<b`", "<code>a&lt; b</code>"),
        ("see https://arxiv.org/abs/1412.6980", "see https: //arxiv.org/abs/1412.6980"),
        ("[Adam](https://arxiv.org)", "[Adam] (https: //arxiv.org)"),
        ("x[i][j]", "x[i] [j]"),
        ("&lt;b&gt;", "&amp; lt;b&amp; gt;"),
        ("$\\class{a}{b}$", "$\\ class{a}{b}$"),
    ],
)
def test_harmless_markdown_stays_readable(text, readable):
    assert readable in markdown2html_mistune(harmless_markdown(text))


@pytest.mark.parametrize("text", HARMFUL, ids=range(len(HARMFUL)))
def test_harmless_markdown_changes_nothing_the_second_time(text):
    assert harmless_markdown(harmless_markdown(text)) == harmless_markdown(text)


def test_names_are_found_without_the_parser_that_threads_disturb(monkeypatch):
    # in CPython 3.11 ast.parse raises SystemError now and then, when a thread of any library parses as well
    def disturbed(*arguments, **options):
        raise SystemError("AST constructor recursion depth mismatch (before=87, after=146)")

    monkeypatch.setattr(ast, "parse", disturbed)
    source = "x, (y, z) = 1, (2, 3)\nfrom os import path\nclass C: pass\nasync def g(): h = 1\na: int = 1\nb.c = 2\n"
    assert _defined_names(source) == {"x", "y", "z", "C", "g", "a"}


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
