"""The course's claims: what each notebook must show, and what it measured when it was last built.

An author lists a notebook's claims in `grading/claims/<chapter>/<notebook>.toml`, measures and asserts each in cells
tagged `claim-<name>`, and marks the line that says what was measured with `utils.claims.measured`. docs/claims.md is
made from both. A falsifier is a small change of those cells under which the claim is false, and one of its asserts must
fail; `make claims` tries each.
"""

from __future__ import annotations

import ast
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from grading.course import Course, CourseError

PAGE = "docs/claims.md"
TAG = "claim-"
HEAD = """\
# What the course shows

Each claim comes from the lectures that the course follows. A cell of a notebook measures it, over many seeds where
chance plays a part, and asserts what would fail if the claim were false; the column "measured" is what that cell showed
when the notebook was last built. The last column names small changes that make the claim false; under each of them one
of its asserts fails, and `make claims` tries them all. An *identity* cannot be false, only broken by a slip. Where a
formula or a statement is common and wrong, the notebook runs it beside its correction: *a common version*.

*This page is made by `make build`.*"""
KEYS = {"claim", "source", "slide_error", "identity", "falsifiers"}
FORM = "expected claim, source and perhaps slide_error, identity and falsifiers"


class ClaimsError(CourseError):
    """A claim and its notebook do not agree; the message names both."""


@dataclass(frozen=True)
class Falsifier:
    """A small change that makes a claim false.

    replace, by : a text of the claim's cells, and what stands there instead, wherever it occurs.
    before : or else code that is executed before the claim's cells; once more where a cell between them defines anew
        what it had defined.
    """

    name: str
    replace: str = ""
    by: str = ""
    before: str = ""

    def change(self, source: str) -> str:
        """The source of a cell of the claim as the falsifier has it."""
        return source.replace(self.replace, self.by) if self.replace else source


@dataclass(frozen=True)
class Row:
    """A claim as its author lists it.

    source : lecture and section from which it comes.
    slide_error : what a common version gets wrong about it, and what is right; "" if nothing.
    identity : whether it is true by construction.
    """

    claim: str
    source: str
    slide_error: str = ""
    identity: bool = False
    falsifiers: tuple[Falsifier, ...] = ()


@dataclass(frozen=True)
class Claim:
    """A claim of a built notebook.

    cell : id of the cell that measures and asserts it.
    measured : the line that this cell showed in the last build.
    """

    name: str
    row: Row
    cell: str
    measured: str


def read_list(path: Path) -> dict[str, Row]:
    """Read an author's list, {} if there is none.

    Raises ClaimsError for a row without a claim or a source, or with an unknown key, and for a falsifier of another
    form.
    """
    rows = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {name: _row_of(f"{path.name}, {name}", row) for name, row in rows.items()}


def _row_of(where: str, row: dict[str, Any]) -> Row:
    if not {"claim", "source"} <= set(row) <= KEYS:
        raise ClaimsError(f"{where}: {FORM}, got {sorted(row)}")
    texts = {key: " ".join(row.get(key, "").split()) for key in ("claim", "source", "slide_error")}
    falsifiers = tuple(_falsifier(where, found) for found in row.get("falsifiers", []))
    names = [falsifier.name for falsifier in falsifiers]
    if len(names) > len(set(names)):
        raise ClaimsError(f"{where}: expected falsifiers of different names, got {names}")
    return Row(**texts, identity=row.get("identity", False) is True, falsifiers=falsifiers)


def _falsifier(where: str, found: dict[str, str]) -> Falsifier:
    if set(found) not in ({"name", "replace", "by"}, {"name", "before"}):
        raise ClaimsError(
            f"{where}: expected a falsifier with a name and either replace and by, or before; got {found}"
        )
    falsifier = Falsifier(**found)
    if not falsifier.name or not (falsifier.replace or falsifier.before) or falsifier.replace == falsifier.by != "":
        raise ClaimsError(f"{where}: expected a falsifier that has a name and changes something, got {found}")
    return falsifier


def claim_names(cell: NotebookNode) -> list[str]:
    """The claims to which a cell belongs."""
    return [tag.removeprefix(TAG) for tag in cell.metadata.get("tags", []) if tag.startswith(TAG)]


def cells_of_claims(where: str, rows: dict[str, Row], notebook: NotebookNode) -> dict[str, list[NotebookNode]]:
    """Name of a claim -> its cells.

    Raises ClaimsError for a claim without a cell, a cell without a claim, and a falsifier that replaces what does not
    stand there, or changes an assert instead of what the assert is about.
    """
    cells: dict[str, list[NotebookNode]] = {}
    for cell in notebook.cells:
        for name in claim_names(cell):
            cells.setdefault(name, []).append(cell)
    if set(cells) != set(rows):
        unmatched = ", ".join(sorted(set(cells) ^ set(rows)))
        raise ClaimsError(f"{where}: expected a tagged cell for each listed claim and no other; see {unmatched}")
    for name, row in rows.items():
        for falsifier in row.falsifiers:
            _applies(f"{where}, claim {name}, falsifier {falsifier.name!r}", falsifier, cells[name])
    return cells


def _applies(where: str, falsifier: Falsifier, cells: list[NotebookNode]) -> None:
    if falsifier.replace and not any(falsifier.replace in cell.source for cell in cells):
        raise ClaimsError(f"{where}: none of the claim's cells contains {falsifier.replace!r}")
    for source in [falsifier.before, *(falsifier.change(cell.source) for cell in cells)]:
        try:
            ast.parse(source)
        except SyntaxError as error:
            raise ClaimsError(f"{where}: what it makes of the cell is no Python: {error}") from error
    if any(_asserts(cell.source) != _asserts(falsifier.change(cell.source)) for cell in cells):
        raise ClaimsError(f"{where}: it changes an assert; expected a change of what the assert is about")


def _asserts(source: str) -> list[str]:
    return [ast.unparse(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert)]


def shown(where: str, rows: dict[str, Row], notebook: NotebookNode) -> list[Claim]:
    """Match a list with an executed notebook.

    Raises ClaimsError as `cells_of_claims` does, for a claim that is not asserted, and for one of which not exactly one
    line was measured.
    """
    cells = cells_of_claims(where, rows, notebook)
    return [Claim(name, rows[name], *_evidence(where, name, cells[name])) for name in rows]


def _evidence(where: str, name: str, cells: list[NotebookNode]) -> tuple[str, str]:
    if not any(_asserts(cell.source) for cell in cells):
        raise ClaimsError(f"{where}, claim {name}: no cell asserts a bound")
    lines = [(cell.id, output["data"]["text/plain"]) for cell in cells for output in _measured(cell, name)]
    if len(lines) != 1:
        raise ClaimsError(f"{where}, claim {name}: expected one line by measured({name!r}, …), got {len(lines)}")
    return lines[0]


def _measured(cell: NotebookNode, name: str) -> list[NotebookNode]:
    return [output for output in cell.outputs if output.get("metadata", {}).get("claim") == name]


def of_notebook(course: Course, chapter: str, notebook: str) -> list[Claim]:
    """Return the claims of a built notebook, in the order of its list."""
    path = course.claims / chapter / f"{notebook}.toml"
    built = course.solutions / chapter / f"{notebook}.ipynb"
    return shown(f"{chapter}/{notebook}", read_list(path), nbformat.read(built, as_version=4))


def page(course: Course) -> str:
    """Return docs/claims.md: every claim, its source, where it is shown, and what was measured."""
    lines, places = [HEAD], {}
    for chapter in course.authored_chapters():
        for path in sorted((course.solutions / chapter).glob("*.ipynb")):
            claims = of_notebook(course, chapter, path.stem)
            for claim in claims:
                if claim.name in places:
                    raise ClaimsError(f"{chapter}/{path.stem}: {places[claim.name]} has a claim {claim.name} as well")
                places[claim.name] = f"{chapter}/{path.stem}"
            if claims:
                lines += ["", f"## {chapter}, [{path.stem}](../solutions/{chapter}/{path.name})", ""]
                lines += ["| | claim | source | cell | measured | false if |", "|---|---|---|---|---|---|"]
                lines += [_row(claim) for claim in claims]
    return "\n".join(lines) + "\n"


def write_page(course: Course) -> None:
    """Make docs/claims.md from the built notebooks of all chapters, if the course has lists of claims."""
    if not course.claims.is_dir():
        return
    path = course.root / PAGE
    path.parent.mkdir(exist_ok=True)
    path.write_text(page(course), encoding="utf-8")


def differences(course: Course) -> list[str]:
    """Return a sentence if docs/claims.md is not what the built notebooks say, else nothing."""
    if not course.claims.is_dir():
        return []
    path = course.root / PAGE
    stored = path.read_text(encoding="utf-8") if path.exists() else ""
    return [] if stored == page(course) else [f"{PAGE} differs from what the built notebooks show"]


def _row(claim: Claim) -> str:
    row = claim.row
    text = "*Identity.* " * row.identity + row.claim
    if row.slide_error:
        text += f" **A common version.** {row.slide_error}"
    falsifiers = "; ".join(falsifier.name for falsifier in row.falsifiers)
    columns = (claim.name, text, row.source, f"`{claim.cell}`", claim.measured, falsifiers)
    return f"| {' | '.join(column.replace('|', chr(92) + '|') for column in columns)} |"
