"""python -m tests.accepted: does what `check` accepts carry the rest of each notebook?"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import Annotated

import typer

from grading.course import ROOT
from tests.accepted.forms import FORMS
from tests.accepted.run import show

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def run(
    notebooks: Annotated[
        list[str] | None, typer.Argument(help="Notebooks, such as ch04_sgd_variants/momentum; all if none.")
    ] = None,
    form: Annotated[list[str] | None, typer.Option(help=f"Only these forms. There are: {', '.join(FORMS)}.")] = None,
) -> None:
    """Execute notebooks with the student's functions in one accepted form after the other; list every cell that breaks.

    A form that `check` refuses for an exercise is not tried for it. Silent asserts, and errors that are no sentence,
    count as bare.
    """
    names = notebooks or sorted(f"{path.parent.name}/{path.stem}" for path in (ROOT / "solutions").glob("ch*/*.py"))
    bare = 0
    for name in names:
        path = ROOT / "solutions" / f"{name}.py"
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as alone:
            bare += alone.submit(show, path, form or list(FORMS)).result()
    typer.echo(f"{bare} bare" if bare else "nothing bare")
    raise typer.Exit(int(bare > 0))


if __name__ == "__main__":
    app()
