"""The command line: python -m grading build | rhythm | simulate | grade | report | bundle."""

from __future__ import annotations

import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Build, release and grade the course.",
    pretty_exceptions_enable=False,
)
console = Console()
SHOWN_UNPLACED = 20  # files that could not be placed, on the terminal
Chapters = Annotated[list[str] | None, typer.Argument(help="Chapters, such as ch04_sgd_variants; all if none.")]

# The imports stand inside the commands: torch and nbgrader take seconds, and help or a typing error should not.


@contextmanager
def _clear_errors():
    """Turn what an instructor can mend into one sentence and exit status 1."""
    from grading.course import CourseError
    from grading.sandbox import SandboxUnavailable

    try:
        yield
    except (CourseError, SandboxUnavailable) as error:
        console.print("error:", style="red", end=" ")
        for line in str(error).splitlines() or [""]:
            _say(line)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        console.print("interrupted; what was graded so far is kept, run the same command again for the rest")
        raise typer.Exit(130) from None


@contextmanager
def _plain_warnings():
    """Show what the sandbox warns of as a note, without the line of Python that it comes from."""
    from grading.sandbox import SandboxWarning

    usual = warnings.formatwarning

    def note(message, category, *where) -> str:
        return f"note: {message}\n" if issubclass(category, SandboxWarning) else usual(message, category, *where)

    warnings.formatwarning = note
    try:
        yield
    finally:
        warnings.formatwarning = usual


def _progress():
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=console)


@app.command()
def build(
    chapters: Chapters = None,
    force: Annotated[bool, typer.Option(help="Build even what has not changed.")] = False,
    check: Annotated[bool, typer.Option(help="Build nothing; fail if built files are not in step.")] = False,
) -> None:
    """Build executed notebooks, published cases and the student release from the authored sources."""
    with _clear_errors():
        from grading.authoring import claims_page
        from grading.authoring.build import all_differences, build_side_by_side
        from grading.course import Course, CourseError

        course = Course.here()
        names = course.choose(chapters or [], course.authored_chapters())
        if check:
            found = all_differences(course, names) + claims_page.differences(course)
            if found:
                lines = "\n  ".join(found)
                raise CourseError(
                    f"built files are not in step with their source; run make build and commit:\n  {lines}"
                )
            console.print(f"{', '.join(names)}: in step")
            return
        with _progress() as progress:
            bar = progress.add_task("building", total=len(names))
            for name, built in build_side_by_side(course, names, force):
                progress.console.print(f"{name}: {'built' if built else 'nothing to do'}")
                progress.advance(bar)
        claims_page.write_page(course)


@app.command()
def rhythm(chapters: Chapters = None) -> None:
    """Count, in each built notebook, what makes people guess, write and see; grading/authoring/rhythm.py says how."""
    with _clear_errors():
        from grading.authoring.rhythm_table import rhythm_table
        from grading.course import Course

        course = Course.here()
        console.print(rhythm_table(course, course.choose(chapters or [], course.authored_chapters())))


@app.command()
def simulate(
    students: Annotated[int, typer.Option(min=0, help="Number of synthetic students.")] = 12,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same class.")] = 1,
    if_empty: Annotated[bool, typer.Option(help="Do nothing if anything was submitted already.")] = False,
) -> None:
    """Hand in for a sample class of synthetic students, `reference` and `blank`."""
    with _clear_errors():
        from grading.course import Course

        course = Course.here()
        if if_empty and course.submitted.is_dir() and any(course.submitted.iterdir()):
            return
        from grading.authoring.simulate import simulate as hand_in

        folders = hand_in(course, course.choose([], course.released_chapters()), students, seed)
        console.print(f"made a sample class of {len(folders)} in {course.submitted}", soft_wrap=True)


@app.command()
def grade(
    chapters: Chapters = None,
    workers: Annotated[int, typer.Option(min=0, help="Sandboxes at a time; 0 for one a core.")] = 0,
    scheduler: Annotated[str, typer.Option(help="Grade on a Dask cluster instead, e.g. tls://10.0.0.1:8786.")] = "",
    certificates: Annotated[
        Path | None, typer.Option(help="Folder with certificate.pem and key.pem for the scheduler.")
    ] = None,
    unencrypted: Annotated[
        bool, typer.Option("--unencrypted", help="Let work travel to other machines as plain text.")
    ] = False,
    cache: Annotated[bool, typer.Option(help="Take over what has not changed since it was graded.")] = True,
    feedback: Annotated[bool, typer.Option(help="Write feedback pages too.")] = True,
    unsafe_no_sandbox: Annotated[
        bool, typer.Option("--unsafe-no-sandbox", help="Run students' code without isolation.")
    ] = False,
) -> None:
    """Grade everything in gradebook/submitted."""
    with _clear_errors(), _plain_warnings():
        console.print("loading the exercises")
        from grading.course import Course, CourseError
        from grading.limits import Limits
        from grading.run.warm_up import warm_up

        course = Course.here()
        names = course.choose(chapters or [], course.released_chapters())
        isolated = not unsafe_no_sandbox
        if not scheduler:
            if certificates or unencrypted:
                raise CourseError("--certificates and --unencrypted say how to speak with a --scheduler; none is named")
            warm_up(course, Limits.load(), workers, isolated, cache)  # while the rest is imported
        import grading.report  # noqa: F401 - needed at the end only, but slow to import
        from grading.intake.submissions import find_students
        from grading.run.cluster import Scheduler
        from grading.run.grade import grade_class

        if not find_students(course):
            raise CourseError(
                f"nothing to grade: expected {course.submitted}/<student>/<chapter>/<notebook>.ipynb. "
                "For a sample class: python -m grading simulate"
            )
        with _progress() as progress:
            cluster = Scheduler(scheduler, certificates, unencrypted) if scheduler else None
            notes = grade_class(course, names, progress, workers, isolated, scheduler=cluster, cached=cache)
            sentences = list(notes.sentences)
            if feedback:
                from grading.records.feedback import write_feedback

                sentences += write_feedback(course, names, progress, workers, cache)
        show_outcome(course, sentences)
        if feedback:
            _show_path("feedback", course.feedback)
        if notes.failed:
            raise CourseError(
                "some submissions could not be graded, see the notes above; grade again when that is mended"
            )


@app.command()
def report() -> None:
    """Write grades.csv, verdicts.csv and report.html anew, and show the class's scores."""
    with _clear_errors():
        from grading.course import Course, CourseError

        course = Course.here()
        if course.database and not course.database.exists():
            raise CourseError(f"no gradebook at {course.database}; grade first: make grade")
        _show_report(course)


def show_outcome(course, notes: list[str]) -> None:
    """Say what an instructor should know of a grading, and write and show the report."""
    from grading.records.unplaced import read_unplaced

    for note in notes:
        console.print("note:", style="yellow", end=" ")
        _say(note)
    show_unplaced(read_unplaced(course))
    _show_report(course)


def show_unplaced(unplaced: list) -> None:
    """List files that were handed in and belong to no notebook, as far as they fit on a screen."""
    if not unplaced:
        return
    _say(f"{len(unplaced)} file{'s' * (len(unplaced) > 1)} could not be placed:")
    for item in unplaced[:SHOWN_UNPLACED]:
        _say(f"  {'/'.join(filter(None, (item.student, item.file)))}: {item.reason}")
    if len(unplaced) > SHOWN_UNPLACED:
        _say(f"  and {len(unplaced) - SHOWN_UNPLACED} more, see unplaced.csv")


def _say(text: str) -> None:
    """Print what students may have written: no markup, no control characters, in one line however wide the screen."""
    from grading.intake.harmless import printable

    console.print(printable(text), markup=False, highlight=False, soft_wrap=True)


def _show_report(course) -> None:
    from grading.report import collect, misconception_table, score_table, write_files

    found = collect(course)
    paths = write_files(course, found)
    console.print(score_table(found))
    console.print(misconception_table(found))
    for name, path in paths.items():
        _show_path(name, path)


def _show_path(name: str, path) -> None:
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    console.print(f"{name:<14}{shown}", highlight=False, soft_wrap=True)


@app.command()
def bundle(path: Annotated[str, typer.Argument(help="Zip file to write.")] = "bundle.zip") -> None:
    """Pack what students need: released notebooks, utils and requirements, without answers."""
    with _clear_errors():
        from grading.authoring.bundle import write_bundle
        from grading.course import Course

        names = write_bundle(Course.here(), path)
        console.print(f"{path}: {len(names)} files", highlight=False)


if __name__ == "__main__":
    sys.exit(app())
