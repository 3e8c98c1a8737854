"""Let a cell run on after an assert that failed, and remember which ones did."""

from __future__ import annotations

import ast
from dataclasses import dataclass

RECORDER, FAILED = "__claims__", "__failed__"  # names in the notebook


@dataclass(frozen=True, order=True)
class Part:
    """One of the conditions that an assert joins by `and`: its cell's id, and its text."""

    cell: str
    text: str


class Recorder(ast.NodeTransformer):
    """Rewrites the asserts of cells, and keeps which of them failed.

    cell : id of the cell that is rewritten next.
    failed : parts that failed, and what the assert's message said.
    """

    def __init__(self):
        self.cell = ""
        self.failed: dict[Part, str] = {}

    def begin(self, cell: str) -> Failures:
        """Called by a rewritten assert."""
        return Failures(self, cell)

    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        lines = [
            f"{FAILED} = {RECORDER}.begin({self.cell!r})",
            "try:",
            *(f"    if not ({text}): {FAILED}.append({text!r})" for text in _texts(node)),
            f"    if {FAILED}: {FAILED}.say(str({ast.unparse(node.msg) if node.msg else repr('')}))",
            "except Exception:",
            f"    if not {FAILED}: raise",  # after a part has failed, the assert would have gone no further
        ]
        statements = ast.parse("\n".join(lines)).body
        for child in (child for statement in statements for child in ast.walk(statement)):
            ast.copy_location(child, node)  # a traceback names the assert's line
        return statements


class Failures(list):
    """The texts of the parts that failed as one assert was executed once."""

    def __init__(self, recorder: Recorder, cell: str):
        super().__init__()
        self.recorder, self.cell = recorder, cell

    def append(self, text: str) -> None:
        super().append(text)
        self.recorder.failed.setdefault(Part(self.cell, text), "")

    def say(self, message: str) -> None:
        for text in self:
            self.recorder.failed[Part(self.cell, text)] = message


def _texts(node: ast.Assert) -> list[str]:
    # part by part, so that a condition that is always true cannot hide behind one that can fail
    joined = isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And)
    return [ast.unparse(part) for part in (node.test.values if joined else [node.test])]


def parts_of(cell: str, source: str) -> list[Part]:
    """The parts of all asserts of a cell, in their order."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert)]
    nodes.sort(key=lambda node: node.lineno)
    return list(dict.fromkeys(Part(cell, text) for node in nodes for text in _texts(node)))
