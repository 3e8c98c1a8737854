"""From an authored py:percent notebook to the executed one, its published cases and the student release."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import repeat
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment

from grading import regions
from grading.authoring import rhythm
from grading.authoring.checks import checks_text, published_checks, same_checks
from grading.cells import exercise_name, grade_id, is_check, is_hand_graded, is_optional_check, is_solution
from grading.course import ROOT, Course, CourseError
from grading.exercise import Exercise, load_exercises
from grading.processes import side_by_side
from grading.records.nbgrader_converters import ConversionFailed, convert
from utils.check.published import CHECKS_NAME

FINGERPRINT = "descent"
EXECUTION_SECONDS = 300  # one cell
# what says nothing about a solution: brackets and keywords, one name or number returned, a bare loop
COMMON_LINE = re.compile(r"else:|try:|pass|break|continue|[)\]}]|return( [\w.]+)?|for _ in range\(\w+\):")


class BuildError(CourseError):
    """A notebook cannot be built; the message names the notebook and the cell."""


# --- reading and validating


def read_source(path: Path) -> NotebookNode:
    """Read an authored .py as a notebook with stable cell ids: the grade_id, or the cell's index."""
    notebook = jupytext.read(path, fmt="py:percent")
    for index, cell in enumerate(notebook.cells):
        cell["id"] = grade_id(cell) or f"cell-{index:03d}"
        for name in ("cell_marker", "lines_to_next_cell", "lines_to_end_of_cell_marker"):
            cell.metadata.pop(name, None)  # how the .py was laid out
    # only what decides how a notebook opens; the rest differs between machines
    kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = nbformat.from_dict({"kernelspec": kernelspec, "language_info": {"name": "python"}})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def validate(chapter: str, notebooks: dict[str, NotebookNode], exercises: dict[str, Exercise]) -> None:
    """Refuse notebooks that do not agree with the exercises of their chapter.

    Raises BuildError for a graded cell without a solution, a duplicate grade_id, an exercise without a cell or a
    cell without an exercise, points that differ, and a guess whose answer stands open.
    """
    seen: dict[str, str] = {}
    solved, checked = set(), set()
    for name, notebook in notebooks.items():
        for cell in notebook.cells:
            _validate_text(f"{chapter}/{name}, cell {cell.id!r}", cell)
            identity = grade_id(cell)
            if not identity:
                continue
            where = f"{chapter}/{name}, cell {identity!r}"
            if identity in seen:
                raise BuildError(
                    f"{where}: this grade_id is also used in {seen[identity]}; every grade_id is used once"
                )
            seen[identity] = f"{chapter}/{name}"
            if is_hand_graded(cell):
                _validate_hand_graded(where, cell)
            elif is_solution(cell):
                _validate_solution(where, cell, exercises)
                solved.add(exercise_name(cell))
            elif is_check(cell) or is_optional_check(cell):
                _validate_check(where, cell, exercises)
                checked.add(exercise_name(cell))
    for name in exercises:
        for kind, found, identity in (("solution", solved, ""), ("check", checked, "-check")):
            if name not in found:
                expected = exercises[name].grade_id + identity
                raise BuildError(
                    f"{chapter}: exercise {name} has no {kind} cell; expected one with grade_id {expected!r}"
                )
    _keep_to_the_rhythm(chapter, notebooks)


def _keep_to_the_rhythm(chapter: str, notebooks: dict[str, NotebookNode]) -> None:
    found = [line for name, notebook in notebooks.items() for line in rhythm.problems(f"{chapter}/{name}", notebook)]
    if found:
        raise BuildError("\n".join(found))


def _validate_text(where: str, cell: NotebookNode) -> None:
    # a formula that went through a text without r in front: \text became a tab and ext, \approx a bell and pprox
    control = re.search(r"[\x00-\x09\x0b-\x1f\x7f]", cell.source)
    if control:
        around = cell.source[max(0, control.start() - 20) : control.end() + 20]
        raise BuildError(f"{where}: holds a control character where a backslash may have been, in {around!r}")


def _validate_hand_graded(where: str, cell: NotebookNode) -> None:
    if not solution_lines(cell):
        raise BuildError(f"{where}: a hand-graded cell needs a model answer with its marking scheme")


def _validate_solution(where: str, cell: NotebookNode, exercises: dict[str, Exercise]) -> None:
    if exercise_name(cell) not in exercises:
        raise BuildError(f"{where}: there is no exercise {exercise_name(cell)!r} in the chapter's exercise module")
    try:
        fault = regions.fault(cell.source)
    except (regions.RegionError, SyntaxError) as error:
        raise BuildError(f"{where}: {error}") from error
    if fault:
        raise BuildError(f"{where}: {fault}")


def _validate_check(where: str, cell: NotebookNode, exercises: dict[str, Exercise]) -> None:
    name = exercise_name(cell)
    if name not in exercises:
        raise BuildError(f"{where}: there is no exercise {name!r} in the chapter's exercise module")
    points = cell.metadata.nbgrader.get("points")
    if exercises[name].optional and not is_optional_check(cell):
        raise BuildError(f'{where}: the exercise is optional, so the cell needs "grade": false and no points')
    if (points or 0) != exercises[name].points:
        raise BuildError(f"{where}: the cell is worth {points} points, the exercise {exercises[name].points}")
    if cell.source.strip() != f"check({name})":
        raise BuildError(f"{where}: expected the cell to be check({name}), got {cell.source.strip()[:60]!r}")


def solution_lines(cell: NotebookNode) -> list[str]:
    """Return the stripped lines of a cell that the release must not contain."""
    if is_hand_graded(cell):
        return [line.strip() for line in cell.source.splitlines() if line.strip()]
    return regions.solution_lines(cell.source)


# --- executing


def execute(notebook: NotebookNode, folder: Path, where: str) -> None:
    """Run a notebook in `folder` and keep its outputs. Raises BuildError naming the cell that failed."""
    environment = {**os.environ, "TQDM_DISABLE": "1"}  # a progress bar is no result
    client = NotebookClient(
        notebook,
        timeout=EXECUTION_SECONDS,
        kernel_name="python3",
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        client.execute(env=environment)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        cell = next((cell for cell in notebook.cells if _unfinished(cell)), None)
        named = f"cell {cell['id']!r}" if cell else "a cell"
        raise BuildError(f"{where}, {named} does not run:\n{error}") from error
    notebook.metadata.language_info = nbformat.from_dict({"name": "python"})


def _unfinished(cell: NotebookNode) -> bool:
    if cell.cell_type != "code" or not cell.source.strip():
        return False
    return cell.execution_count is None or any(output.output_type == "error" for output in cell.outputs)


# --- releasing


def generate_release(course: Course, chapter: str, folder: Path) -> None:
    """Run nbgrader's generate_assignment for a chapter into `folder`/chapter, without touching any gradebook."""
    with tempfile.TemporaryDirectory() as scratch:
        config = replace(course, gradebook=Path(scratch)).nbgrader_config()
        config.CourseDirectory.release_directory = str(folder)
        try:
            convert(GenerateAssignment, config, chapter)
        except ConversionFailed as error:
            raise BuildError(f"{chapter}: nbgrader generate_assignment failed: {error}") from error


def find_leaks(sources: dict[str, NotebookNode], release: Path) -> list[str]:
    """Return a sentence for every solution line that stands in a released file."""
    secret = {
        line: f"{name}, cell {grade_id(cell)!r}"
        for name, notebook in sources.items()
        for cell in notebook.cells
        if is_solution(cell)
        for line in solution_lines(cell)
        if not COMMON_LINE.fullmatch(line)
    }
    leaks = []
    for path in sorted(release.rglob("*")):
        if not path.is_file():
            continue
        if path.suffix == ".py":
            leaks.append(f"{path.name} is a Python source; only notebooks and {CHECKS_NAME} are released")
        if path.suffix != ".ipynb":
            continue
        for cell in nbformat.read(path, as_version=4).cells:
            lines = {line.strip() for line in cell.source.splitlines()}
            leaks += [
                f"{path.name}, cell {cell.id!r} contains the solution line {line!r} of {where}"
                for line, where in secret.items()
                if line in lines
            ]
    return leaks


# --- the whole


def build_chapter(course: Course, chapter: str, force: bool = False) -> bool:
    """Build a chapter if anything it depends on has changed. Returns whether anything was built.

    Raises BuildError (nothing is then written to `notebooks/`).
    """
    exercises = load_exercises(course, chapter)
    paths = {path.stem: path for path in sorted((course.solutions / chapter).glob("*.py"))}
    sources = {name: read_source(path) for name, path in paths.items()}
    validate(chapter, sources, exercises)
    checks = published_checks(exercises)
    built = False
    checks_path = course.solutions / chapter / CHECKS_NAME
    if not checks_path.exists() or not same_checks(checks_path, checks, exercises):
        checks_path.write_text(checks_text(checks), encoding="utf-8")
        built = True
    for name, path in paths.items():
        target = path.with_suffix(".ipynb")
        fingerprint = _fingerprint(course, path, checks_path)
        if not force and target.exists() and _stored_fingerprint(target) == fingerprint:
            continue
        execute(sources[name], path.parent, f"{chapter}/{name}")
        _keep_to_the_rhythm(chapter, {name: sources[name]})  # again, with what was measured
        sources[name].metadata[FINGERPRINT] = fingerprint
        nbformat.validate(sources[name])
        write_notebook(sources[name], target)
        built = True
    if built or release_differences(course, chapter):
        _release(course, chapter, sources)
        built = True
    return built


def build_side_by_side(course: Course, chapters: Sequence[str], force: bool = False) -> Iterator[tuple[str, bool]]:
    """Build chapters, a process for each core; yield each with whether anything was built, in their order.

    Raises the first BuildError when what is under way is done; what was built until then stays.
    """
    with side_by_side() as pool:
        building = {chapter: pool.submit(build_chapter, course, chapter, force) for chapter in reversed(chapters)}
        for chapter in chapters:
            yield chapter, building[chapter].result()


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def _release(course: Course, chapter: str, sources: dict[str, NotebookNode]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        generate_release(course, chapter, Path(scratch))
        leaks = find_leaks(sources, Path(scratch) / chapter)
        if leaks:
            raise BuildError(f"{chapter}: the release would give answers away:\n" + "\n".join(leaks))
        target = course.notebooks / chapter
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(Path(scratch) / chapter, target)


def _fingerprint(course: Course, source: Path, checks: Path) -> str:
    """Hash everything that a notebook's outputs depend on."""
    digest = hashlib.sha256()
    for path in [source, checks, *sorted((ROOT / "utils").rglob("*.py"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _stored_fingerprint(path: Path) -> str:
    return nbformat.read(path, as_version=4).metadata.get(FINGERPRINT, "")


# --- are the built files in step with their source?


def all_differences(course: Course, chapters: Sequence[str]) -> list[str]:
    """Compare the built files of some chapters with what a rebuild would give, chapters side by side."""
    with side_by_side() as pool:
        found = pool.map(differences, repeat(course), reversed(chapters))  # the later ones take longer
        return [line for lines in reversed(list(found)) for line in lines]


def differences(course: Course, chapter: str) -> list[str]:
    """Compare a chapter's built files with what a rebuild would give, outputs aside.

    Compared: ids, types, sources and metadata of every cell of the executed notebooks with the authored .py; the
    checks file with freshly drawn cases (numbers within rounding); the release with a freshly generated one, byte
    by byte. Text outputs are compared by nbval, which executes the notebooks.
    """
    exercises = load_exercises(course, chapter)
    found = []
    for path in sorted((course.solutions / chapter).glob("*.py")):
        built = path.with_suffix(".ipynb")
        where = f"solutions/{chapter}/{built.name}"
        if not built.exists():
            found.append(f"{where} is missing")
            continue
        fresh, stored = read_source(path).cells, nbformat.read(built, as_version=4).cells
        if [cell.id for cell in fresh] != [cell.id for cell in stored]:
            found.append(f"{where} has other cells than {path.name}")
            continue
        found += [
            f"{where}, cell {old.id!r} differs from {path.name} in its {what}"
            for new, old in zip(fresh, stored, strict=True)
            for what in ("cell_type", "source", "metadata")
            if new[what] != old[what]
        ]
    checks = course.solutions / chapter / CHECKS_NAME
    if not checks.exists() or not same_checks(checks, published_checks(exercises), exercises):
        found.append(f"solutions/{chapter}/{CHECKS_NAME} differs from the exercises' published cases")
    return found or release_differences(course, chapter)


def release_differences(course: Course, chapter: str) -> list[str]:
    """Compare the committed release with one generated now from the executed notebooks, byte by byte."""
    with tempfile.TemporaryDirectory() as scratch:
        generate_release(course, chapter, Path(scratch))
        fresh, stored = _files(Path(scratch) / chapter), _files(course.notebooks / chapter)
    return [
        f"notebooks/{chapter}/{name} differs from a fresh release"
        for name in sorted(fresh.keys() | stored.keys())
        if fresh.get(name) != stored.get(name)
    ]


def _files(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
