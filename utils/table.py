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
        """Return the sentences that say what is wrong, with the hint of the misconception that was recognised."""
        result = self.result
        lines = [result.message] if result.message else []
        if result.hint:
            lines.append(f"Looks like “{result.misconception.replace('-', ' ')}”. {result.hint}")
        return lines

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """Return group, case, ok or FAILED, error and message of every case; a repeated message is not said twice."""
        rows, before = [], ""
        for row in self.result.rows:
            message = row.finding.message.removeprefix(f"{self.result.name}: ").removeprefix(f"{self.result.name} ")
            said = "the same" if message and message == before else message
            status = "ok" if row.finding.passed else "FAILED"
            rows.append((row.group, row.label, status, _error(row.finding.error), said))
            before = message
        return rows

    def __str__(self) -> str:
        rows = [("group", "case", "", "error", "what is wrong"), *self.rows()]
        widths = [max(len(row[i]) for row in rows) for i in range(4)]
        lines = [
            "  ".join([*(cell.ljust(width) for cell, width in zip(row[:4], widths, strict=True)), row[4]]).rstrip()
            for row in rows
        ]
        example = [f"First failed case: {self.example}"] if self.example else []
        return "\n".join([self.headline(), *self.advice(), *example, *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        color = GOOD if self.result.status == "passed" else BAD
        advice = "".join(f"<p style='margin:0.3em 0'>{escape(line)}</p>" for line in self.advice())
        if self.example:
            advice += f"<p style='margin:0.3em 0'>First failed case: <code>{escape(self.example)}</code></p>"
        head = "".join(f"<th style='{CELL}'>{name}</th>" for name in ("group", "case", "", "error", ""))
        body = "".join(self._html_row(*row) for row in self.rows())
        return (
            f"<div><p style='color:{color};font-weight:bold'>{escape(self.headline())}</p>{advice}"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    @staticmethod
    def _html_row(group: str, label: str, status: str, error: str, message: str) -> str:
        mark, color = ("✓", GOOD) if status == "ok" else ("✗", BAD)
        return (
            f"<tr><td style='{CELL};white-space:nowrap'>{escape(group)}</td><td style='{CELL}'>{escape(label)}</td>"
            f"<td style='{CELL};white-space:nowrap;color:{color}'>{mark} {status}</td>"
            f"<td style='{CELL};white-space:nowrap'>{escape(error)}</td><td style='{CELL}'>{escape(message)}</td></tr>"
        )


def _error(error: float | None) -> str:
    # rounding noise differs between machines, so what is below 1e-12 is not told apart
    if error is None:
        return ""
    return "< 1e-12" if error < 1e-12 else f"{error:.0e}"
