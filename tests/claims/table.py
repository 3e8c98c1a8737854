"""Show what was judged: on the terminal, and as a page of the documents."""

from __future__ import annotations

from rich.table import Table

from tests.claims.judge import Judged

HEAD = """\
# What does not hold yet

Every claim of [the course](claims.md) is asked again under {seeds} other base seeds, and made false by its falsifiers.
A notebook is *remade* once it has cells to guess in: then all its claims hold under every base seed, each is broken by
its falsifiers, and each condition that it asserts was seen to fail. The other notebooks still fix their dice; for this
table every one of their seeds was moved, the sets of examples excepted. What it lists is found in single throws, or
rests on asserts that nothing here shows could fail, and waits for its notebook to be remade.

*This page is made by `{command}`.*"""


def console_table(rows: list[Judged]) -> Table:
    table = Table(title="Do the claims hold, and could they fail?")
    for title, side in (("notebook", "left"), ("claim", "left"), ("holds under", "right"), ("falsifiers", "right")):
        table.add_column(title, justify=side)
    table.add_column("what does not hold", justify="right")
    for row in rows:
        table.add_row(row.book, row.claim, _held(row), _caught(row), str(len(row.problems) or ""))
    return table


def page(rows: list[Judged], seeds: int, command: str) -> str:
    """The same as Markdown, with what does not hold spelled out."""
    lines = [HEAD.format(seeds=seeds, command=command)]
    for book in dict.fromkeys(row.book for row in rows):
        lines += [
            "",
            f"## {book}",
            "",
            "| claim | holds under | falsifiers | what does not hold yet |",
            "|---|---|---|---|",
        ]
        for row in (row for row in rows if row.book == book):
            problems = "<br>".join(problem.replace("|", "\\|") for problem in row.problems)
            lines.append(f"| {row.claim} | {_held(row)} | {_caught(row)} | {problems} |")
    return "\n".join(lines) + "\n"


def _held(row: Judged) -> str:
    return f"{row.held} of {row.seeds}" if row.seeds else ""


def _caught(row: Judged) -> str:
    return "" if row.caught is None else f"{row.caught} of {row.falsifiers}"
