"""Formulas as MathML, which browsers show by themselves: no script, and nothing loaded from anywhere."""

from __future__ import annotations

import html
from typing import Any
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element
from nbconvert.filters.markdown_mistune import IPythonRenderer

EACH = 20  # characters that take as long as what every formula takes
MAX_FORMULA = 2000  # characters; the time to convert some grows with the square of their length
# what a converted formula may consist of; whatever else a text conjures up leaves it a text
ELEMENTS = frozenset(
    "math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt mstyle msub "  # noqa: SIM905
    "msubsup msup mtable mtd mtext mtr munder munderover none".split()
)
ATTRIBUTES = frozenset(
    "accent columnalign columnlines columnspacing depth display displaystyle fence form height largeop linethickness "  # noqa: SIM905
    "lspace mathsize mathvariant maxsize minsize movablelimits notation rowlines rowspacing rspace scriptlevel "
    "separator stretchy symmetric voffset width xmlns".split()
)


def formula(latex: str, display: bool = False) -> str:
    """Return a formula as MathML, or as text if it cannot be converted; never raises.

    latex : whatever stands between the dollar signs, students' text too.
    display : whether it has a line to itself.
    """
    try:
        if len(latex) > MAX_FORMULA:
            raise ValueError("too long")
        element = convert_to_element(latex, display="block" if display else "inline")
        return tostring(_clean(element), encoding="unicode")
    except Exception:  # a text by somebody may break a converter anywhere; then it is shown as it was written
        return as_text(latex, display)


def as_text(latex: str, display: bool = False) -> str:
    """Return a formula as it was written."""
    mark = "$$" if display else "$"
    return f"<code>{html.escape(mark + latex + mark)}</code>"


def _clean(element: Element) -> Element:
    """Keep what a formula may hold. Raises ValueError for an element that is none of MathML's."""
    for node in element.iter():
        if node.tag not in ELEMENTS:
            raise ValueError(f"unexpected element {node.tag}")
        node.attrib = {name: value for name, value in node.attrib.items() if name in ATTRIBUTES}
        node.text = html.unescape(node.text or "")  # signs come as entities; `tostring` escapes what has to be
    return element


class Room:
    """How much a page still has room for."""

    def __init__(self, size: float):
        self._left = size

    def take(self, size: int) -> bool:
        """Return whether there was room."""
        self._left -= size
        return self._left >= 0


class FormulaRenderer(IPythonRenderer):
    """nbconvert's renderer of Markdown, with formulas as MathML instead of texts that a script replaces later.

    room : for characters of formulas; those beyond it stay texts.
    """

    def __init__(self, room: Room, **options: Any):
        super().__init__(**options)
        self._room = room

    def block_math(self, body: str) -> str:
        return self._formula(body, display=True)

    def inline_math(self, body: str) -> str:
        return self._formula(body)

    def latex_environment(self, name: str, body: str) -> str:
        return self._formula(rf"\begin{{{name}}}{body}\end{{{name}}}", display=True)

    def _formula(self, latex: str, display: bool = False) -> str:
        return formula(latex, display) if self._room.take(EACH + len(latex)) else as_text(latex, display)
