"""Files and folders that are no notebook, names that are no names, and texts that want to act where they are shown."""

from __future__ import annotations

import base64
import json
import os
import re
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import html5lib
import nbformat

from tests.attacks.attack import ALL, FILE, Attack, Trace, cell_of, doing
from tests.sample import CHAPTER, ESSAY

harm = partial(Attack, kind="harm")
A_REFERENCE = Path("..", "..", "a-reference-1", CHAPTER, FILE)
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()


def _bytes(content: bytes):
    return lambda notebook: content


def _link_to(target: Path | str, name: str = FILE):
    def place(folder: Path, content: bytes) -> None:
        (folder / name).symlink_to(target)

    return place


def _extra_links(folder: Path, content: bytes) -> None:
    """The notebook itself is honest; beside it links lead everywhere."""
    (folder / FILE).write_bytes(content)
    (folder / "gradebook").symlink_to(folder.parents[2])
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "timestamp.txt").symlink_to("/etc/passwd")
    (folder / "loop").symlink_to("loop")
    (folder / "..\\..\\gradebook.db").write_bytes(b"not the gradebook")


def _chapter_is_link(folder: Path, content: bytes) -> None:
    folder.rmdir()
    folder.symlink_to(Path("..", "a-reference-1", CHAPTER))


def _student_is_link(folder: Path, content: bytes) -> None:
    folder.rmdir()
    folder.parent.rmdir()
    folder.parent.symlink_to("a-reference-1")


def _hard_link(folder: Path, content: bytes) -> None:
    os.link(folder / A_REFERENCE, folder / FILE)


def _instead(make):
    """Lay something else in place of the notebook."""

    def place(folder: Path, content: bytes) -> None:
        make(folder / FILE)

    return place


def _socket_at(path: Path) -> None:
    here = os.open(path.parent, os.O_RDONLY)
    try:
        # a socket's address is short, so it is named from its own folder
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(f"/proc/self/fd/{here}/{path.name}")
    finally:
        os.close(here)


def _sparse(size: int, beginning: bytes = b""):
    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.write(beginning)
            file.truncate(size)

    return make


def _huge_timestamp(folder: Path, content: bytes) -> None:
    (folder / FILE).write_bytes(content)
    _sparse(3 * 2**30)(folder / "timestamp.txt")


def _odd_timestamp(text: bytes):
    return {"timestamp.txt": text}


def _notebook_of_odd_name(folder: Path, content: bytes) -> None:
    """No notebook of the right name, but others whose names are no UTF-8, or act in a page."""
    for name in (b"\xff\xfe.ipynb", b"<script>alert(1)<\\script>.ipynb", b"=cmd.ipynb", b"\x1b[2J.ipynb"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(content)


def _file_of_odd_name(folder: Path, content: bytes) -> None:
    """The same, but nothing in them by which they could be recognised."""
    _notebook_of_odd_name(folder, b"{}")


def _chapter_is_file(folder: Path, content: bytes) -> None:
    folder.rmdir()
    folder.write_bytes(content)


def _closed(folder: Path, content: bytes) -> None:
    (folder / FILE).write_bytes(content)
    (folder / FILE).chmod(0)


def _closed_folder(folder: Path, content: bytes) -> None:
    (folder / FILE).write_bytes(content)
    folder.parent.chmod(0)


def _many_cells(notebook: dict) -> dict:
    notebook["cells"] += [dict(nbformat.v4.new_code_cell("1 / 0")) for _ in range(100_000)]
    return notebook


def _huge_ids(notebook: dict) -> dict:
    notebook["cells"].append({**dict(nbformat.v4.new_code_cell("pass")), "id": "x" * 10_000_000})
    notebook["cells"][1]["metadata"] = {"nbgrader": {"grade_id": "y" * 10_000_000}, "deep": [[[[]]]]}
    return notebook


def _odd_fields(notebook: dict) -> dict:
    """Fields of the wrong type everywhere except in the graded cells."""
    notebook["metadata"] = [1, 2]
    notebook["nbformat"] = {"a": None}
    odd = [None, 3, [], {}, {"cell_type": ["code"]}, {"cell_type": "code"}, {"cell_type": "code", "source": {"a": 1}}]
    odd += [{"cell_type": "code", "source": ["1", 2, None], "metadata": "x", "id": 5, "outputs": 3}]
    notebook["cells"] = odd + notebook["cells"]
    return notebook


def _odd_texts(notebook: dict) -> dict:
    """Right-to-left marks, NUL, lone surrogates, other line ends, in sources, ids and answers."""
    odd = "\u202e\u2066 \x00 \x1b[31m \ud800 \x85 \u2028 \ufeff \x0c \x0b"
    cell_of(notebook, ESSAY)["source"] = odd
    cell = dict(nbformat.v4.new_code_cell(f"# {odd}\nprint({odd!r})"))
    cell["id"] = odd
    notebook["cells"].append(cell)
    notebook["metadata"]["title"] = odd
    return notebook


ACTIVE_MARKDOWN = """
<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)><iframe srcdoc="<script>alert(1)</script>">
[link](javascript:alert(1)) [link]( javascript:alert(1)) [a]: javascript:alert(1) [a] ![i](x "onerror=alert(1)")
<javascript:alert(1)> <https://example.org> https://example.org <a href="javascript:alert(1)">a</a>
```mermaid
graph LR; A["<img src=x onerror=alert(1)>"]
```
# <b onclick=alert(1)> "onmouseover="alert(1)
| a | <img src=x onerror=alert(1)> |
|---|---|
| $<img src=x onerror=alert(1)>$ | `<script>alert(1)</script>` |
$$<script>alert(1)</script>$$ \\begin{a}<script>alert(1)</script>\\end{a}
&lt;script&gt;alert(1)&lt;/script&gt; \\<script> <\u0000script> <!--><script>alert(1)</script>-->
"""
MATH_LINK = r"$\href{javascript:alert(1)}{click}$ \(\href{javascript:alert(1)}{click}\) $$\style{color:red}{x}$$"
ACTIVE_OUTPUTS = f"""
from IPython.display import HTML, Javascript, Markdown, SVG, Latex, IFrame, display, publish_display_data
for thing in (HTML("<script>alert(1)</script><img src=x onerror=alert(1)>"), Javascript("alert(1)"),
              Markdown("<img src=x onerror=alert(1)> [a](javascript:alert(1))"), IFrame("javascript:alert(1)", 9, 9),
              Latex(r"$\\href{{javascript:alert(1)}}{{x}}$")):
    display(thing)
publish_display_data({{"image/svg+xml": "<svg onload=alert(1)>", "text/plain": "<script>alert(1)</script>"}})
publish_display_data({{"image/png": {PNG!r}, "text/plain": ""}},
                     {{"image/png": {{"width": "1 onerror=alert(1)", "height": '1"><script>alert(1)</script>'}}}})
publish_display_data({{"image/png": '"><script>alert(1)</script>', "text/plain": ""}})
publish_display_data({{"application/vnd.jupyter.widget-view+json": {{"model_id": "<script>"}}}})
print("<script>alert(1)</script> \\x1b[31;1m</span><script>alert(1)</script>\\x1b[0m")
print("\\x1b]8;;javascript:alert(1)\\x07a")
class A:
    def _repr_html_(self): return "<script>alert(1)</script>"
A()
"""
ACTIVE_ERROR = """
raise ValueError("<script>alert(1)</script><img src=x onerror=alert(1)> </pre> $\\\\href{javascript:alert(1)}{x}$")
"""
ACTIVE_TYPE = """
return type("<img src=x onerror=alert(1)>", (), {})()
"""
ACTIVE_LINE = 'assert False, "</td></table><script>alert(1)</script>"'


def _active(notebook: dict) -> dict:
    cell_of(notebook, ESSAY)["source"] = ACTIVE_MARKDOWN
    notebook["metadata"]["title"] = "</title><script>alert(1)</script>"
    notebook["cells"].append({**dict(nbformat.v4.new_markdown_cell(ACTIVE_MARKDOWN)), "attachments": {"a": {"b": "c"}}})
    return notebook


def _math_link(notebook: dict) -> dict:
    cell_of(notebook, ESSAY)["source"] = MATH_LINK
    return notebook


def _formula_of_links(trace: Trace) -> str:
    """A page that renders formulas makes a link of this, wherever formulas are looked for."""
    page = html5lib.parse(trace.feedback, namespaceHTMLElements=False)
    hits = sum(len(re.findall(r"\\(?:href|require|style|class|cssId)\s*\{", text)) for text in _typeset(page))
    return f"its feedback page holds {hits} formulas that are script links" if hits else ""


def _typeset(element: ElementTree.Element) -> Iterator[str]:
    """The texts in which MathJax looks for formulas, by its default settings."""
    ignored = element.tag in {"pre", "code", "script", "style", "textarea"}
    if not ignored and "tex2jax_ignore" not in element.get("class", "").split():
        yield element.text or ""
        for child in element:
            yield from _typeset(child)
            yield child.tail or ""


def _pure_cells(trace: Trace) -> str:
    """No cell of a table is a formula to a spreadsheet, and every row has as many cells as its header."""
    bad = [cell for row in trace.csv_rows for cell in row if cell.lstrip()[:1] in ("=", "+", "-", "@", "\t", "\r")]
    widths = {len(row) for row in trace.csv_rows}
    return f"tables hold formulas {bad[:3]}" if bad else "" if len(widths) <= 2 else f"rows of {widths} cells"


FORMULA = """
raise ValueError('=HYPERLINK("http://example.org","x"),"quote" \\n=cmd|calc!A0\\t@SUM(1)')
"""
FORMULA_NAME = 'type("=cmd", (Exception,), {})'

NAMES = {
    "dashes": "--force",
    "dots": "m..",
    "spaces": "  m  spaces  ",
    "glob": "m-[a-z]*?{b,c}",
    "braces": "m-{student_id}-%s-%(a)d",
    "newline": "m-new\nline",
    "formula": '=HYPERLINK("http:example.org","click")',
    "at": "@SUM(1+1)",
    "comma": 'm, "quoted"; m',
    "shell": "m-$(touch left-behind)`id`|&",
    "backslash": "m\\..\\x",
    "markup": "<script>alert(1)<\\script> [red]",
    "escape": "m-\x1b[2J-\x07",
    "right-to-left": "m-\u202eabc",
    "long": "m" * 200,
    "plus": "+m+",
    "sql": "m'; DROP TABLE student; --",
    "not-utf8": os.fsdecode(b"m-\xff\xfe"),
}

ATTACKS = [
    harm(
        entry=11,
        slug="links",
        aim="links beside the notebook to the gradebook, to /etc/passwd, to themselves",
        place=_extra_links,
    ),
    *(
        harm(entry=11, slug=slug, aim=aim, place=place, loses=ALL)
        for slug, aim, place in (
            ("notebook-is-link", "the notebook is a link to another student's", _link_to(A_REFERENCE)),
            ("notebook-is-link-to-device", "the notebook is a link to /dev/zero", _link_to("/dev/zero")),
            ("chapter-is-link", "the chapter's folder is a link to another student's", _chapter_is_link),
            ("student-is-link", "the student's folder is a link to another student's", _student_is_link),
        )
    ),
    harm(
        entry=11,
        slug="hard-link",
        aim="the notebook is a hard link to another student's: an ordinary file, read and left alone",
        place=_hard_link,
    ),
    *(
        harm(
            entry=11,
            slug=f"name-{slug}",
            aim=f"a student's folder called {name!a:.60}",
            student=name,
            probe=_pure_cells,
        )
        for slug, name in NAMES.items()
    ),
    harm(
        entry=17,
        slug="sparse-500-MB",
        aim="a notebook of 500 MB, most of it a hole",
        place=_instead(_sparse(500 * 2**20, b'{"cells": [')),
        loses=ALL,
    ),
    harm(entry=17, slug="many-cells", aim="100,000 cells that raise", edit=_many_cells),
    harm(entry=17, slug="huge-ids", aim="cell ids and grade_ids of 10 MB", edit=_huge_ids),
    harm(
        entry=18,
        slug="active-markdown-and-outputs",
        aim="scripts, event handlers, frames and links in Markdown, outputs, image metadata, exceptions",
        answers={
            "sgd_step": doing("sgd_step", ACTIVE_TYPE),
            "linear_decay": doing("linear_decay", ACTIVE_ERROR),
            "momentum_step": doing("momentum_step", ACTIVE_LINE),
        },
        cells={"sgd-step": ACTIVE_OUTPUTS, "linear-decay": ACTIVE_ERROR},
        edit=_active,
        loses=("sgd_step", "linear_decay", "momentum_step"),
    ),
    harm(
        entry=18,
        slug="formula-that-links",
        aim=r"\href{javascript:…} within $…$, in a reflection and in an exception's text",
        answers={"linear_decay": doing("linear_decay", ACTIVE_ERROR)},
        edit=_math_link,
        loses=("linear_decay",),
        probe=_formula_of_links,
    ),
    harm(
        entry=19,
        slug="formulas-in-messages",
        aim="=HYPERLINK(...), commas, quotes and newlines in exceptions and type names",
        answers={
            "sgd_step": doing("sgd_step", FORMULA),
            "linear_decay": doing("linear_decay", f"raise {FORMULA_NAME}('=1+1')"),
            "exponential_decay": doing("exponential_decay", "return type('=1+1\\n@x', (), {})()"),
        },
        loses=("sgd_step", "linear_decay", "exponential_decay"),
        probe=_pure_cells,
    ),
    *(
        harm(entry=20, slug=slug, aim=aim, edit=_bytes(content), loses=ALL, says=says)
        for slug, aim, content, says in (
            ("not-json", "no JSON", b"{not json", "no JSON"),
            ("empty", "an empty file", b"", "empty"),
            ("binary", "random bytes", bytes(range(256)) * 100, "no JSON"),
            ("json-list", "JSON, but no notebook", b"[1, 2]", "no notebook"),
            ("json-deep", "JSON nested a million deep", b"[" * 1_000_000, "no JSON"),
            ("json-huge-number", "a number of a million digits", b'{"cells": ' + b"9" * 1_000_000 + b"}", "no JSON"),
            ("json-of-lists", "45 MB of empty lists", b'{"cells": [' + b"[]," * 15_000_000 + b"[]]}", ""),
        )
    ),
    harm(
        entry=20,
        slug="json-with-twice-the-keys",
        aim="two lists of cells, NaN and 10^400 in the metadata",
        edit=lambda notebook: b'{"cells": [], "a": NaN, "b": 1e400, ' + json.dumps(notebook).encode()[1:],
    ),
    harm(entry=20, slug="odd-fields", aim="fields of the wrong type everywhere", edit=_odd_fields),
    harm(entry=20, slug="odd-texts", aim="right-to-left marks, NUL, lone surrogates, escape codes", edit=_odd_texts),
    *(
        harm(entry=20, slug=slug, aim=aim, place=place, loses=ALL)
        for slug, aim, place in (
            ("nothing", "no notebook at all", lambda folder, content: None),
            ("folder", "a folder in place of the notebook", _instead(Path.mkdir)),
            ("pipe", "a pipe in place of the notebook, which nobody writes to", _instead(os.mkfifo)),
            ("socket", "a socket in place of the notebook", _instead(_socket_at)),
            ("sparse", "a file of 3 GB, all of it a hole, in place of the notebook", _instead(_sparse(3 * 2**30))),
            ("names-that-are-none", "files without content whose names are no text", _file_of_odd_name),
        )
    ),
    *(
        harm(entry=20, slug=slug, aim=aim, place=place)
        for slug, aim, place in (
            ("chapter-is-file", "the notebook in place of the chapter's folder", _chapter_is_file),
            ("odd-names", "the notebook four times, under names that are no text", _notebook_of_odd_name),
        )
    ),
    *(
        harm(entry=20, slug=f"timestamp-{slug}", aim=f"timestamp.txt holds {text[:30]!r}", files=_odd_timestamp(text))
        for slug, text in {
            "binary": b"\xff\x00\xfe",
            "far": b"9999-12-31 23:59:59 -1200",
            "early": b"0001-01-01 00:00:00 +1400",
            "odd": b"1.e1000000 T",
        }.items()
    ),
    harm(entry=20, slug="timestamp-sparse", aim="a timestamp.txt of 3 GB", place=_huge_timestamp),
]

# An ordinary user cannot read everything that lies in a class; root can.
UNREADABLE = [
    harm(entry=20, slug="closed-file", aim="a notebook that the grader may not read", place=_closed, loses=ALL),
    harm(entry=20, slug="closed-folder", aim="a folder that the grader may not enter", place=_closed_folder, loses=ALL),
]
