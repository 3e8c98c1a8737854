"""Show the judgement of an exercise as a small table, as text and as HTML."""

from __future__ import annotations

from html import escape

from utils.compare import Result

GOOD, BAD = "#0b6e4f", "#a4262c"
CELL = "text-align:left;padding:0.1em 0.8em 0.1em 0"


class ResultTable:
    """What a notebook displays for a `Result`: a table of cases, then what is wrong and a hint."""

    def __init__(self, result: Result, example: str = ""):
        """example : the inputs of the first failed case, as a call that can be pasted; may be empty."""
        self.result = result
        self.example = example

    def headline(self) -> str:
        result = self.result
        passed = sum(row.finding.passed for row in result.rows)
        if result.status == "passed":
            return f"{result.name}: all {passed} cases passed" if passed > 1 else f"{result.name}: the case passed"
        return f"{result.name}: {passed} of {len(result.rows)} cases passed"

    def advice(self) -> list[str]:
        """Return the sentences below the table: what is wrong, the hint, a case to try."""
        result = self.result
        lines = [result.message] if result.message else []
        if result.hint:
            lines.append(f"Looks like “{result.misconception.replace('-', ' ')}”. {result.hint}")
        if self.example:
            lines.append(f"First failed case: {self.example}")
        return lines

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        return [
            (
                row.group,
                row.label,
                "ok" if row.finding.passed else "FAILED",
                _error(row.finding.error),
                row.finding.message.removeprefix(f"{self.result.name}: ").removeprefix(f"{self.result.name} "),
            )
            for row in self.result.rows
        ]

    def __str__(self) -> str:
        rows = [("group", "case", "", "error", "what is wrong"), *self.rows()]
        widths = [max(len(row[i]) for row in rows) for i in range(4)]
        lines = [
            "  ".join([*(cell.ljust(width) for cell, width in zip(row[:4], widths, strict=True)), row[4]]).rstrip()
            for row in rows
        ]
        return "\n".join([self.headline(), *lines, *self.advice()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        good = self.result.status == "passed"
        head = "".join(f"<th style='{CELL}'>{name}</th>" for name in ("group", "case", "", "error", ""))
        body = "".join(
            f"<tr><td style='{CELL}'>{escape(group)}</td><td style='{CELL}'>{escape(label)}</td>"
            f"<td style='{CELL};color:{GOOD if status == 'ok' else BAD}'>{'✓' if status == 'ok' else '✗'} {status}</td>"
            f"<td style='{CELL}'>{escape(error)}</td><td style='{CELL}'>{escape(message)}</td></tr>"
            for group, label, status, error, message in self.rows()
        )
        advice = "".join(f"<p style='margin:0.3em 0'>{escape(line)}</p>" for line in self.advice())
        return (
            f"<div><p style='color:{GOOD if good else BAD};font-weight:bold'>{escape(self.headline())}</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{advice}</div>"
        )


def _error(error: float | None) -> str:
    # rounding noise differs between machines, so what is below 1e-12 is not told apart
    if error is None:
        return ""
    return "< 1e-12" if error < 1e-12 else f"{error:.0e}"
