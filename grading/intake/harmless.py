"""Everything that makes what a student wrote harmless to whoever opens it: the page that a security reviewer reads.

Nothing of a student's is shown that has not passed here: Markdown answers, outputs of the kernel, sources, names of
folders, fields of a CSV file. (HTML pages of our own are made by templates that escape, see `grading.report`; texts
that come out of a kernel are cut to one printable line by `utils.check.plain.one_line`.)
"""

from __future__ import annotations

import base64
import binascii
import csv
import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from nbformat import NotebookNode

from grading.cells import EXTRA, is_guess, is_solution

MAX_ANSWER = 20_000  # characters of a hand-graded answer: converting some texts takes time quadratic in their length
DROPPED = f"\n\n*(The rest was dropped: an answer has at most {MAX_ANSWER:,} characters.)*"
SHOWN_SOURCE, SHOWN_SOURCES = 30_000, 100_000  # characters kept of a cell, and of all cells of a student
MAX_OUTPUTS = 1_000  # of a notebook, all cells together: a page takes a second for some three thousand
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# what MathJax turns into links, attributes, styles or pictures, or by which it loads or spells more commands
LIVE_COMMAND = re.compile(
    r"\\(?=(?:href|url|html\w*|class|cssId|style|data|mmlToken|bbox|unicode|includegraphics|require|csname)"
    r"(?![A-Za-z]))"
)
MAX_ID = 128  # bytes of a student's id; nbgrader's tables have room for as many characters
HASHED = re.compile(r"-[0-9a-f]{16}$")
# what makes a spreadsheet take a text for a formula, the full-width forms of East Asian keyboards among them; and where
# a field begins for a reader that splits at something else than commas
FORMULA = re.compile(r"^(?=[\t\n]|\s*[=+\-@＝＋－＠])|(?<=[;|\t\n])(?=[\s\"']*[=+\-@＝＋－＠])")


# --- Markdown and sources


def harmless_markdown(text: str) -> str:
    """Break what a Markdown renderer would turn into HTML, images or links; words and formulas stay readable.

    nbgrader's feedback and formgrader render students' Markdown without cleaning it. A space does it everywhere,
    within formulas and code too, where an escape would show up as what it is. Text beyond MAX_ANSWER is dropped.
    """
    if len(text) > MAX_ANSWER:
        text = text[: MAX_ANSWER - len(DROPPED)] + DROPPED
    text = re.sub(r"<(?=[A-Za-z/!?])", "< ", text)  # no tag, comment or <address> starts with a space
    text = re.sub(r"\](?=[(\[:])", "] ", text)  # a link is ](address), a definition ]: address
    text = text.replace("://", ": //")  # bare addresses become links too
    text = re.sub(r"@(?=\w)|\bwww\.(?=\S)", r"\g<0> ", text)  # and those of mail, and those without a scheme
    text = re.sub(r"&(?=#?\w+;)", "& ", text)  # an entity such as &#36; spells what is broken here
    text = LIVE_COMMAND.sub(r"\\ ", text)
    return re.sub(r"([`~]{3,}[^\S\n]*)(?=mermaid)", r"\1text ", text)  # nbconvert shows this language as raw HTML


def is_students(cell: NotebookNode) -> bool:
    """Whether a student wrote the source of a cell of a rebuilt notebook."""
    return is_solution(cell) or is_guess(cell) or EXTRA in cell.metadata.get("tags", [])


def shorten_sources(notebook: NotebookNode) -> None:
    """Cut what a student wrote to a length of which pages are made in reasonable time; it has been executed by now."""
    left = SHOWN_SOURCES
    for cell in notebook.cells:
        if not is_students(cell):
            continue
        length, room = len(cell.source), min(SHOWN_SOURCE, left)
        if length > room:
            cell.source = f"{cell.source[:room]}\n# [cut here: {length:,} characters were handed in]"
        left -= min(length, room)


# --- outputs of the kernel


def new_output(kind: str, **content: Any) -> NotebookNode:
    """An output as `nbformat.v4.new_output` makes it, but not validated against a schema every time."""
    return NotebookNode(output_type=kind, **content)


class OutputBudget:
    """How much of a notebook's outputs is stored, all cells together.

    size : characters that they may have as JSON; there is a limit on their number besides.
    """

    def __init__(self, size: int):
        self._left = size
        self._number = MAX_OUTPUTS

    def take(self, outputs: list[NotebookNode]) -> list[NotebookNode]:
        """Return the outputs as far as there is room for them, and a note where there is none."""
        kept = outputs[: self._number]
        size = len(json.dumps(kept)) if kept else 0
        if size > self._left:
            return [_note("the notebook's outputs are too long")]
        self._left -= size
        self._number -= len(kept)
        dropped = len(outputs) - len(kept)
        return (
            [*kept, _note(f"{dropped:,} more outputs were dropped: a notebook keeps {MAX_OUTPUTS:,}")]
            if dropped
            else kept
        )


def _note(text: str) -> NotebookNode:
    return new_output("stream", name="stderr", text=f"[{text}]\n")


def harmless_outputs(outputs: list[dict[str, Any]], reason: str = "") -> list[NotebookNode]:
    """Keep of a student's outputs text and PNG images only, without metadata: safe to open by construction.

    reason : why the cell was stopped, "" if it was not.
    """
    kept = [output for raw in outputs for output in _harmless_output(raw)]
    if reason:
        kept.append(_note(reason))
    return kept


def _harmless_output(raw: dict[str, Any]) -> list[NotebookNode]:
    kind, data = raw["output_type"], raw.get("data")
    if kind == "stream":
        name = "stderr" if raw.get("name") == "stderr" else "stdout"
        return [new_output("stream", name=name, text=_text(raw.get("text")))]
    if kind == "error":
        # a traceback as text: nbgrader's templates show an error's colour codes as HTML
        lines = raw.get("traceback")
        text = "\n".join(line for line in lines if isinstance(line, str)) if isinstance(lines, list) else ""
        return [new_output("stream", name="stderr", text=_text(f"{text}\n"))]
    if not isinstance(data, dict):
        return []
    safe = {}
    if isinstance(data.get("text/plain"), str):
        safe["text/plain"] = _text(data["text/plain"])
    if _is_png(data.get("image/png")):
        safe["image/png"] = data["image/png"].replace("\n", "")
    return [new_output("display_data", metadata={}, data=safe)] if safe else []


def _text(value: Any) -> str:
    text = ANSI.sub("", value if isinstance(value, str) else "")
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x1b", "")


def _is_png(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return base64.b64decode(value.replace("\n", ""), validate=True).startswith(PNG_SIGNATURE)
    except (binascii.Error, ValueError):
        return False


# --- names and fields


def student_id(folder: str) -> str:
    """Return the name by which a student's folder goes everywhere but in gradebook/submitted.

    It can do no harm: formgrader writes it into pages as it is, and it is a folder, too. Most names stay what they are.
    What another letter stands for, or what is too long, ends in a hash of the whole name, so that no two names share an
    id; but for two spellings of one name in Unicode, which are one student's.
    """
    name = unicodedata.normalize("NFC", folder)
    plain = "".join(letter if _is_plain(letter) else "_" for letter in name)
    if not (plain[0].isalnum() or plain[0] == "_"):
        plain = f"_{plain[1:]}"
    if plain == name.rstrip() and len(name.encode()) <= MAX_ID and not HASHED.search(name):
        return name
    mark = f"-{hashlib.sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"
    return plain.encode()[: MAX_ID - len(mark)].decode("utf-8", "ignore") + mark


def _is_plain(letter: str) -> bool:
    # letters, their marks (Devanagari, for one, has vowels that are such), numbers
    return letter in " _.@+-" or unicodedata.category(letter)[0] in "LMN"


def printable(text: str) -> str:
    """Return a text in one line of letters that can be seen: all others, line breaks too, as Python writes them."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in text
    )


def _harmless_field(value: Any) -> Any:
    """Return a field of a CSV file that no spreadsheet takes for a formula; None becomes an empty one."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    return FORMULA.sub("'", value.replace("\r\n", "\n").replace("\r", "\n"))


def csv_text(columns: list[str], rows: Iterable[list[Any]]) -> str:
    """A table as CSV in which no text is a formula, by whichever sign a reader splits. None becomes an empty field."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows([_harmless_field(value) for value in row] for row in rows)
    return text.getvalue()
