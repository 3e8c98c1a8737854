"""The regions of an authored solution cell: what students are to find, and the code with bugs that some get instead.

A solution stands between `### BEGIN SOLUTION` and `### END SOLUTION`. The release has a stub in its place, or, where
`### BEGIN GIVEN` follows at once, the code of that region: commented lines up to `### END GIVEN`, which the release
shows without their comment signs.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_GIVEN, END_GIVEN = "### BEGIN GIVEN", "### END GIVEN"
EDGES = {
    BEGIN: ("text", "solution"),
    END: ("solution", "text"),
    BEGIN_GIVEN: ("text", "given"),
    END_GIVEN: ("given", "text"),
}
COMMENTED = re.compile(r"(\s*)#(?: (.*))?$")


class RegionError(ValueError):
    """The regions of a cell make no sense; the message says what was expected."""


@dataclass
class Region:
    """Some lines of a cell. kind : "text" (as it stands, for everybody), "solution" or "given"."""

    kind: str
    lines: list[str]
    indent: str = ""


def regions(source: str) -> list[Region]:
    """Take a cell apart. Raises RegionError where a region does not end, or given code does not follow a solution."""
    found = [Region("text", [])]
    for line in source.splitlines():
        edge = next((edge for edge in EDGES if edge in line), None)
        if edge is None:
            found[-1].lines.append(line)
            continue
        before, after = EDGES[edge]
        if found[-1].kind != before:
            raise RegionError(f"expected {_expected(found[-1].kind)}, got {edge!r}")
        if edge == BEGIN_GIVEN and (
            len(found) < 2 or found[-2].kind != "solution" or any(map(str.strip, found[-1].lines))
        ):
            raise RegionError(f"expected {BEGIN_GIVEN!r} right after {END!r}")
        found.append(Region(after, [], line[: len(line) - len(line.lstrip())]))
    if found[-1].kind != "text":
        raise RegionError(f"expected {_expected(found[-1].kind)}, got the end of the cell")
    return found


def _expected(kind: str) -> str:
    return {"solution": repr(END), "given": repr(END_GIVEN), "text": f"{BEGIN!r} or {BEGIN_GIVEN!r}"}[kind]


def solved(source: str) -> str:
    """Return a cell as a student would hand it in."""
    return "\n".join(line for region in regions(source) if region.kind != "given" for line in region.lines)


def released(source: str, stub: str) -> str:
    """Return a cell as students get it, with given code or else a stub in place of each solution."""
    found, lines = regions(source), []
    for position, region in enumerate(found):
        following = found[position + 2 : position + 3]
        if region.kind == "text":
            lines += region.lines
        elif region.kind == "given":
            lines += uncommented(region)
        elif not (following and following[0].kind == "given"):
            lines += [region.indent + line for line in stub.splitlines()]
    return "\n".join(lines)


def uncommented(region: Region) -> list[str]:
    """Return the lines of given code without their comment signs. Raises RegionError for a line that has none."""
    found = []
    for line in filter(str.strip, region.lines):
        comment = COMMENTED.match(line)
        if comment is None:
            raise RegionError(f"expected only commented lines in given code, got {line.strip()!r}")
        found.append(f"{comment[1]}{comment[2] or ''}".rstrip())
    return found


def solution_lines(source: str) -> list[str]:
    """Return the lines of the solutions that stand in no given code, stripped: what a release must not contain."""
    found = regions(source)
    given = {line.strip() for region in found if region.kind == "given" for line in uncommented(region)}
    inside = [line.strip() for region in found if region.kind == "solution" for line in region.lines]
    return [line for line in inside if line and line not in given]


def fault(source: str) -> str:
    """Say what is wrong with a solution cell, "" if nothing is. Raises RegionError, or SyntaxError of given code."""
    if not any(region.kind == "solution" and any(map(str.strip, region.lines)) for region in regions(source)):
        return f"expected a solution between {BEGIN!r} and {END!r}, with at least one line"
    if BEGIN_GIVEN not in source:
        return ""
    given, right = (ast.dump(ast.parse(text)) for text in (released(source, "pass"), solved(source)))
    return "the given code is the solution itself" if given == right else ""
