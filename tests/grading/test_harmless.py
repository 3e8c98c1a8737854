"""Whatever a student wrote does nothing to whoever opens it: Markdown, outputs of the kernel, fields of a table."""

import csv
import io
import json
import re
from html import unescape
from html.parser import HTMLParser

import pytest
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from grading.intake.harmless import (
    DROPPED,
    MAX_ANSWER,
    MAX_ID,
    MAX_OUTPUTS,
    OutputBudget,
    csv_text,
    harmless_markdown,
    harmless_outputs,
    printable,
    student_id,
)
from grading.judging.judge import VERDICT_MIME

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
        harmful = set(attributes) - {"class", "id", "style", "type", "disabled", "checked", *["href"] * local}
        if (tag not in HARMLESS_TAGS and not local) or harmful or attributes.get("type", "checkbox") != "checkbox":
            self.bad.append((tag, attributes))

    def handle_comment(self, data):
        self.bad.append(("comment", data))

    handle_decl = handle_pi = unknown_decl = handle_comment


HARMFUL = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "text <b onmouseover=alert(1)>bold</b>",
    "<!-- comment --><!doctype html><?php ?><![CDATA[x]]>",
    "<a href='javascript:alert(1)'>x</a>",
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
    "[x](<javascript:alert(1)>)",
    "[x](\njavascript:alert(1))",
    "![x](http://evil.example/pixel.png)",
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
    harmless = harmless_markdown(text)
    html = markdown2html_mistune(harmless)
    assert TagsFound(html).bad == [], html
    assert harmless_markdown(harmless) == harmless
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


# --- outputs of the kernel

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def kept(*outputs):
    """What is left of a student's outputs, as one text."""
    return json.dumps(harmless_outputs(list(outputs)))


def display(data, metadata=None):
    return {"output_type": "display_data", "data": data, "metadata": metadata or {}}


@pytest.mark.parametrize(
    "mime",
    ["text/html", "text/markdown", "text/latex", "image/svg+xml", "application/javascript", "image/jpeg", VERDICT_MIME],
)
def test_outputs_of_other_kinds_are_dropped(mime):
    assert kept(display({mime: "<script>alert(1)</script>", "text/plain": "fine"})) == kept(
        display({"text/plain": "fine"})
    )


def test_png_is_kept_without_metadata():
    text = kept(display({"image/png": PNG}, {"image/png": {"width": "1 onerror=alert(1)"}}))
    assert PNG in text
    assert "onerror" not in text


@pytest.mark.parametrize("data", ["<svg onload=alert(1)>", "PHN2Zz4=", 17, ["x"], None])
def test_what_is_no_png_is_dropped(data):
    assert kept(display({"image/png": data})) == "[]"


def test_traceback_becomes_text():
    raw = {"output_type": "error", "ename": "<b>", "evalue": "x", "traceback": ["\x1b[31m<script>\x1b[0m"]}
    (output,) = harmless_outputs([raw])
    assert (output.output_type, output.text) == ("stream", "<script>\n")


# --- fields of a table


def as_dicts(columns, rows):
    return list(csv.DictReader(io.StringIO(csv_text(columns, rows))))


ODD_FIELDS = ["=1+1", " =1", "+1", "-1", "@A1", "\t=1", "\rx", "\nx", "＝1", "＋1", "－1", "＠A1"]
ODD_FIELDS += ["x;=1", "x; @A1", 'x;"=1', "x;'=1", "x\t=1", "x|-1", "x\n=1", "a;b;=1;c"]


@pytest.mark.parametrize("text", ODD_FIELDS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_no_field_is_a_formula_by_whichever_sign_a_reader_splits(text, delimiter):
    for row in csv.reader(
        io.StringIO(csv_text(["a", "b"], [[text, text], [1, text]]), newline=""), delimiter=delimiter
    ):
        assert [field for field in row if field.strip() and field.lstrip()[0] in "=+-@＝＋－＠"] == []
        assert not any(field.startswith(("\t", "\n")) for field in row)


def test_csv_row_is_not_broken_by_a_carriage_return():
    assert as_dicts(["a", "b"], [["x\ry", "z"], ["x\r\ny", "z"]]) == 2 * [{"a": "x\ny", "b": "z"}]


def test_csv_leaves_numbers_and_honest_texts_alone():
    assert csv_text(["a", "b", "c"], [[-0.25, None, "theta = 1; x"]]) == '"a","b","c"\n"-0.25","","theta = 1; x"\n'


# --- names


@pytest.mark.parametrize(
    "name", ["alice", "student 1", "Zoë Müller-Ibáñez", "सीता", "李雷", "a@b.c", "m..", "x" * MAX_ID]
)
def test_most_names_stay_what_they_are(name):
    assert student_id(name) == name


ODD_NAMES = ["o'brien", ".hidden", "--force", "=1+1", " m", "m ", "<b>", "a\x1b[2J\nb", "\udcff", "x" * 255, "क़" * 80]
ODD_NAMES += ["\u0301a", "o_brien", "x" * 254 + "!", "x" * 254 + "_", student_id("o'brien")]


def test_odd_names_get_ids_of_their_own_that_can_do_no_harm():
    ids = [student_id(name) for name in ODD_NAMES]
    assert len(set(ids)) == len(ids)
    for one in ids:
        assert len(one.encode()) <= MAX_ID and one.strip() == one
        assert one[0].isalnum() or one[0] == "_"
        assert not set(one) & set("<>&'\"\\/;:=$`%{}[]()\n\x1b")


def test_spellings_of_one_name_in_unicode_are_one_id():
    assert student_id("Jose\u0301") == student_id("Jos\u00e9") == "José"


def test_printable_shows_what_cannot_be_seen():
    assert printable("é [red]\x1b[2J\n\u202e\udcff") == "é [red]\\x1b[2J\\n\\u202e\\udcff"


# --- how much


def test_outputs_of_a_notebook_are_limited_in_number_over_all_cells():
    budget, cell = OutputBudget(10**9), harmless_outputs([display({"text/plain": "0"})] * (MAX_OUTPUTS - 1))
    assert budget.take(cell) == cell
    kept = budget.take(cell)
    assert len(kept) == 2 and kept[0] == cell[0]
    assert kept[1].text == f"[{MAX_OUTPUTS - 2:,} more outputs were dropped: a notebook keeps {MAX_OUTPUTS:,}]\n"
    assert [output.output_type for output in budget.take(cell)] == ["stream"] and budget.take([]) == []


@pytest.mark.parametrize(
    "text", ["<1a@example.org>", "a@example.org", "<a+b@example.org>", "see www.example.org", "x@y"]
)
def test_addresses_of_mail_and_without_a_scheme_become_no_links(text):
    harmless = harmless_markdown(text)
    assert "href" not in markdown2html_mistune(harmless)
    assert not re.search(r"\S@\w|www\.\S", harmless)  # what other renderers than nbconvert's look for
