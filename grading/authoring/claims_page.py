"""The course's claims: what each notebook must show, and what it measured when it was last built.

An author lists a notebook's claims in `grading/claims/<chapter>/<notebook>.toml`, measures and asserts each in a cell
tagged `claim-<name>`, and marks the line that says what was measured with `utils.claims.measured`. docs/claims.md is
made from both.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from grading.course import Course, CourseError

PAGE = "docs/claims.md"
TAG = "claim-"
HEAD = """\
# What the course shows

Each claim comes from the lectures that the course follows. A cell of a notebook measures it and asserts a bound that
would fail if the claim were false; the last column is what that cell showed when the notebook was last built. Where a
slide is wrong, the notebook runs the error beside its correction. *This page is made by `make build`.*"""
KEYS = {"claim", "source", "slide_error"}


class ClaimsError(CourseError):
    """A claim and its notebook do not agree; the message names both."""


@dataclass(frozen=True)
class Claim:
    """A claim of a notebook.

    source : lecture and section from which it comes.
    slide_error : what a slide gets wrong about it, and what is right; "" if nothing.
    cell : id of the cell that measures and asserts it.
    measured : the line that this cell showed in the last build.
    """

    name: str
    claim: str
    source: str
    slide_error: str
    cell: str
    measured: str


def read_list(path: Path) -> dict[str, dict[str, str]]:
    """Read an author's list. Raises ClaimsError for a row without a claim or a source, or with an unknown key."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    for name, row in rows.items():
        if not {"claim", "source"} <= set(row) <= KEYS:
            raise ClaimsError(f"{path.name}, {name}: expected claim, source and perhaps slide_error, got {sorted(row)}")
    return rows


def shown(where: str, rows: dict[str, dict[str, str]], notebook: NotebookNode) -> list[Claim]:
    """Match a list with an executed notebook.

    Raises ClaimsError for a claim without a cell, a cell without a claim, and a claim that is not asserted or for which
    not exactly one line was measured.
    """
    cells: dict[str, list[NotebookNode]] = {}
    for cell in notebook.cells:
        for tag in cell.metadata.get("tags", []):
            if tag.startswith(TAG):
                cells.setdefault(tag.removeprefix(TAG), []).append(cell)
    if set(cells) != set(rows):
        unmatched = ", ".join(sorted(set(cells) ^ set(rows)))
        raise ClaimsError(f"{where}: expected a tagged cell for each listed claim and no other; see {unmatched}")
    return [Claim(name, **_text(rows[name]), **_evidence(where, name, cells[name])) for name in rows]


def _text(row: dict[str, str]) -> dict[str, str]:
    return {key: " ".join(row.get(key, "").split()) for key in ("claim", "source", "slide_error")}


def _evidence(where: str, name: str, cells: list[NotebookNode]) -> dict[str, str]:
    if not any(line.startswith("assert ") for cell in cells for line in map(str.strip, cell.source.splitlines())):
        raise ClaimsError(f"{where}, claim {name}: no cell asserts a bound")
    lines = [(cell.id, output["data"]["text/plain"]) for cell in cells for output in _measured(cell, name)]
    if len(lines) != 1:
        raise ClaimsError(f"{where}, claim {name}: expected one line by measured({name!r}, …), got {len(lines)}")
    return dict(zip(("cell", "measured"), lines[0], strict=True))


def _measured(cell: NotebookNode, name: str) -> list[NotebookNode]:
    return [output for output in cell.outputs if output.get("metadata", {}).get("claim") == name]


def of_notebook(course: Course, chapter: str, notebook: str) -> list[Claim]:
    """Return the claims of a built notebook, in the order of its list."""
    path = course.claims / chapter / f"{notebook}.toml"
    built = course.solutions / chapter / f"{notebook}.ipynb"
    rows = read_list(path) if path.exists() else {}
    return shown(f"{chapter}/{notebook}", rows, nbformat.read(built, as_version=4))


def page(course: Course) -> str:
    """Return docs/claims.md: every claim, its source, where it is shown, and what was measured."""
    lines = [HEAD]
    for chapter in course.authored_chapters():
        for path in sorted((course.solutions / chapter).glob("*.ipynb")):
            claims = of_notebook(course, chapter, path.stem)
            if claims:
                lines += ["", f"## {chapter}, [{path.stem}](../solutions/{chapter}/{path.name})", ""]
                lines += ["| | claim | source | cell | measured |", "|---|---|---|---|---|"]
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
    error = f" **Slide error.** {claim.slide_error}" if claim.slide_error else ""
    columns = (claim.name, claim.claim + error, claim.source, f"`{claim.cell}`", claim.measured)
    return f"| {' | '.join(column.replace('|', chr(92) + '|') for column in columns)} |"
