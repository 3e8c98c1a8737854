"""Attacks on the grading process itself: what it reads, keeps, waits for and writes down."""

from __future__ import annotations

from functools import partial

import nbformat

from tests.attacks.attack import LAST, Attack, cell_of, doing, insert, wrong_answers
from tests.attacks.corpus.forge import patched_answer
from tests.attacks.corpus.harm import small_notebook
from tests.sample import ESSAY

harm = partial(Attack, kind="harm")
BEFORE_LAST = "averaged-momentum-step"

NO_TEXT = """
class Odd(BaseException):
    def __str__(self): return "\\ud800 \\x1b[31m \\n=cmd \\u202e"
raise Odd()
"""
ODD_STREAM = 'import sys\nprint("\\ud800\\udcff\\x00\\x1b]0;x\\x07")\nraise ValueError("\\ud800")'

ATTACKS = [
    harm(
        entry=19,
        slug="no-text-in-exception",
        aim="an exception whose text is a lone surrogate, an escape code and a newline",
        answers={LAST: doing(LAST, NO_TEXT)},
        loses=(LAST,),
    ),
    harm(
        entry=19,
        slug="no-text-in-type",
        aim="an answer of a type whose name is a lone surrogate",
        answers=wrong_answers(LAST),
        cells={
            BEFORE_LAST: patched_answer(
                repr('{"values": [{"opaque": "\\ud800\\n=cmd\\u001b[31m"}], "mutated": ["\\udfff"], "failure": null}')
            )
        },
        loses=(LAST,),
    ),
    harm(
        entry=19,
        slug="no-text-in-output",
        aim="lone surrogates, NUL and escape codes printed and raised",
        cells={"sgd-step": ODD_STREAM},
    ),
    *(
        harm(
            entry=17,
            slug=f"answer-{slug}",
            aim=f"an answer of {aim}",
            answers=wrong_answers(LAST),
            cells={BEFORE_LAST: code},
            loses=(LAST,),
        )
        for slug, aim, code in (
            (
                "of-60-MB",
                "60 MB of empty lists",
                patched_answer("""'{"values": [' + '[],' * 20_000_000 + '[]], "mutated": [], "failure": null}'"""),
            ),
            (
                "of-many-numbers",
                "three million numbers",
                patched_answer("""'{"values": [[' + '0,' * 3_000_000 + '0]], "mutated": [], "failure": null}'"""),
            ),
            ("deep", "lists nested 100,000 deep", patched_answer("'[' * 100_000")),
            ("huge-number", "a number of 100,000 digits", patched_answer("""'{"values": [' + '9' * 100_000 + ']}'""")),
            (
                "huge-shape",
                "an array of shape (0, 10^18)",
                patched_answer(
                    """'{"values": [{"tuple": [{"dtype": "float64", "shape": [0, 1%s], "data": []}, 1]}], '"""
                    """'"mutated": [], "failure": null}' % ('0' * 18)"""
                ),
            ),
        )
    ),
]


def _many_outputs(notebook: dict) -> dict:
    for _ in range(200):
        insert(notebook, "sgd-step", "print('x' * 1_000_000)")
    return notebook


def _many_small_outputs(notebook: dict) -> dict:
    for _ in range(3):
        insert(notebook, "sgd-step", "for _ in range(20_000): display(0)")
    return notebook


def reflection(text: str):
    """Edit: the hand-graded answer is a text."""

    def edit(notebook: dict) -> dict:
        cell_of(notebook, ESSAY)["source"] = text
        return notebook

    return edit


def extra_cell(text: str):
    """Edit: a cell of the student's own holds a text."""

    def edit(notebook: dict) -> dict:
        notebook["cells"].append(dict(nbformat.v4.new_code_cell(text)))
        return notebook

    return edit


ATTACKS += [
    harm(
        entry=17,
        slug="outputs-of-many-cells",
        aim="200 cells that print 1 MB each",
        edit=_many_outputs,
        probe=small_notebook,
    ),
    harm(
        entry=17,
        slug="many-small-outputs",
        aim="60,000 displays in three cells",
        edit=_many_small_outputs,
        probe=small_notebook,
    ),
    *(
        harm(
            entry=17,
            slug=f"markdown-{slug}",
            aim=f"a reflection of 200,000 characters: {text[:12]!r}…",
            edit=reflection(text),
        )
        for slug, text in {
            "backticks": "`" * 60_000,
            "spaces": "a" + " " * 199_000 + "b",
            "formulas": r"\begin{a}" * 22_000,
            "brackets": "[" * 200_000,
            "quotes": "> " * 100_000,
            "emphasis": "*a **a " * 28_000,
            "lists": "".join(" " * depth + "- a\n" for depth in range(600)),
        }.items()
    ),
    *(
        harm(entry=17, slug=f"code-{slug}", aim=f"a cell of 200,000 characters: {text[:12]!r}…", edit=extra_cell(text))
        for slug, text in {
            "parentheses": "(" * 200_000,
            "sums": "1" + "+1" * 99_000,
            "attributes": "x" + ".a" * 99_000,
            "minus": "-" * 199_000 + "1",
            "conditions": "if 0: pass\n" + "elif 0: pass\n" * 15_000,
            "lambdas": "lambda:" * 28_000 + "0",
            "quotes": "'" * 199_999,
            "backslashes": "'" + "\\" * 199_000,
            "braces": "f'" + "{" * 199_000,
            "spaces": "class" + " " * 199_000,
            "number": "x = " + "9" * 199_000,
        }.items()
    ),
]
