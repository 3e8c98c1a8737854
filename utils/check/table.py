"""Show the judgement of an exercise as a small table, as text and as HTML."""

from __future__ import annotations

from html import escape
from itertools import groupby

from utils.check.verdict import Verdict

GOOD, BAD = "#158455", "#d6393f"  # read well on white and on the dark theme's black
CELL = "text-align:left;padding:0.1em 0.8em 0.1em 0"
MOST = 6  # cases of a group that are shown
LARGE = 1000  # relative error from which its size is not told
UNJUDGED = {"missing": "no answer yet", "timeout": "took too long", "error": "did not run to its end"}


class VerdictTable:
    """What a notebook displays for a `Verdict`: what is right, what is wrong, a hint, and a table of cases."""

    def __init__(self, verdict: Verdict, example: str = ""):
        """example : the case that the verdict is about, as a call that can be pasted; may be empty."""
        self.verdict = verdict
        self.example = example

    @property
    def judged(self) -> bool:
        """Whether all cases were tried; an answer that is missing or stops the kernel ends at the first one."""
        return self.verdict.status not in UNJUDGED or len(self.verdict.findings) > 1

    def headline(self) -> str:
        verdict = self.verdict
        name = verdict.exercise if verdict.max_points else f"{verdict.exercise} (optional)"
        passed = sum(row.passed for row in verdict.findings)
        if not self.judged:
            return f"{name}: {UNJUDGED[verdict.status]}"
        if verdict.status == "passed":
            return f"{name}: all {passed} cases passed" if passed > 1 else f"{name}: the case passed"
        return f"{name}: {passed} of {len(verdict.findings)} cases passed"

    def advice(self) -> list[str]:
        """Return sentences: what is right, what is wrong, and the hint of the misconception that was recognised."""
        verdict = self.verdict
        right = [f"“{name}”" for name, passed, count in self.groups() if passed == count]
        lines = [f"Already right: {', '.join(right)}."] if right and verdict.status != "passed" else []
        lines += [verdict.message] if verdict.message else []
        if not self.judged and verdict.status != "missing":
            lines += [f"It was the case “{row.group}”: {row.label}." for row in verdict.findings]
        if verdict.hint:
            lines.append(f"Looks like “{verdict.misconception.replace('-', ' ')}”. {verdict.hint}")
        return lines

    def groups(self) -> list[tuple[str, int, int]]:
        """Return each group of cases with the number of cases that passed and the number of all."""
        found = groupby(self.verdict.findings, key=lambda row: row.group)
        passed = [(name, [row.passed for row in rows]) for name, rows in found]
        return [(name, sum(cases), len(cases)) for name, cases in passed]

    def _points(self, group: str, earned: bool) -> str:
        """Say what a group of cases is worth, and has earned."""
        weights = dict(self.verdict.groups)
        if not self.verdict.max_points:
            return "optional"
        points = self.verdict.max_points * weights[group] / sum(weights.values())
        return f"{points if earned else 0:.3g} of {points:.3g} points"

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """Return group, case, ok or FAILED, error and message, at most `MOST` of a group, the failed ones first."""
        return [row for _, rows in groupby(self._all_rows(), key=lambda row: row[0]) for row in _shortened(list(rows))]

    def _all_rows(self) -> list[tuple[str, str, str, str, str]]:
        """Every case; a message that repeats the one before is not said twice."""
        rows, before = [], ""
        for row in self.verdict.findings:
            message = row.message.removeprefix(f"{self.verdict.exercise}: ").removeprefix(f"{self.verdict.exercise} ")
            said = "the same" if message and message == before else message
            status = "ok" if row.passed else "FAILED"
            rows.append((row.group, row.label, status, _error(row.error), said))
            before = message
        return rows

    def __str__(self) -> str:
        rows = [("group", "case", "", "error", "what is wrong"), *self.rows()] if self.judged else []
        widths = [max((len(row[i]) for row in rows), default=0) for i in range(4)]
        lines = [
            "  ".join([*(cell.ljust(width) for cell, width in zip(row[:4], widths, strict=True)), row[4]]).rstrip()
            for row in rows
        ]
        example = [f"A failed case: {self.example}"] if self.example else []
        return "\n".join([self.headline(), *self.advice(), *example, *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        color = GOOD if self.verdict.status == "passed" else BAD
        advice = "".join(f"<p style='margin:0.3em 0'>{_code(line)}</p>" for line in self.advice())
        if self.example:
            advice += f"<p style='margin:0.3em 0'>A failed case: <code>{escape(self.example)}</code></p>"
        table = self._html_table() if self.judged else ""
        # students' text stands in it: a formula must stay what it is, whatever commands it holds
        headline = f"<p style='color:{color};font-weight:bold'>{escape(self.headline())}</p>"
        return f"<div class='tex2jax_ignore mathjax_ignore'>{headline}{advice}{table}</div>"

    def _html_table(self) -> str:
        shown = {name: list(rows) for name, rows in groupby(self.rows(), key=lambda row: row[0])}
        body = "".join(
            f"<tbody>{_group(name, passed, count, self._points(name, passed == count))}"
            f"{''.join(_row(*row[1:]) for row in shown[name])}</tbody>"
            for name, passed, count in self.groups()
        )
        head = "".join(f"<th scope='col' style='{CELL}'>{name}</th>" for name in ("case", "", "error", "what is wrong"))
        return f"<table><thead><tr>{head}</tr></thead>{body}</table>"


def _shortened(rows: list[tuple[str, str, str, str, str]]) -> list[tuple[str, str, str, str, str]]:
    """Keep the rows of a group, or of a long one some, failed cases first, and the number of the rest."""
    if len(rows) <= MOST:
        return rows
    kept = sorted(rows, key=lambda row: row[2] != "FAILED")[:MOST]  # stable, so in their order
    passed = sum(row[2] == "ok" for row in rows) - sum(row[2] == "ok" for row in kept)
    left = len(rows) - len(kept)
    said = "passed" if passed == left else f"{passed} of them passed"
    return [*kept, (rows[0][0], f"… and {left} more, {said}", "", "", "")]


def _group(name: str, passed: int, count: int, points: str) -> str:
    many = f"{passed} of {count} cases passed" if passed < count or count == 1 else f"all {count} cases passed"
    mark, color = ("✓", GOOD) if passed == count else ("✗", BAD)
    return (
        f"<tr style='border-top:1px solid #999'><th scope='rowgroup' colspan='4' style='{CELL}'>"
        f"<span style='color:{color}'>{mark}</span> {escape(name)}: {many} ({points})</th></tr>"
    )


def _row(label: str, status: str, error: str, message: str) -> str:
    mark, color = {"ok": ("✓", GOOD), "FAILED": ("✗", BAD), "": ("", "inherit")}[status]
    return (
        f"<tr><td style='{CELL}'>{escape(label)}</td>"
        f"<td style='{CELL};white-space:nowrap;color:{color}'>{mark} {status.lower()}</td>"
        f"<td style='{CELL};white-space:nowrap'>{escape(error)}</td><td style='{CELL}'>{escape(message)}</td></tr>"
    )


def _code(text: str) -> str:
    """Escape a text; what stands between `backquotes` becomes code."""
    parts = [escape(part) for part in text.split("`")]
    if len(parts) % 2 == 0:
        return "`".join(parts)
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))


def _error(error: float | None) -> str:
    # rounding noise differs between machines, so what is below 1e-12 is not told apart
    if error is None:
        return ""
    if error > LARGE:  # where nearly zero is expected any error is huge, and its size says nothing
        return f"> {LARGE}"
    return "< 1e-12" if error < 1e-12 else f"{error:.0e}"
