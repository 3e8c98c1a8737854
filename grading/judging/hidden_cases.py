"""The hidden cases: drawn by a secret seed, kept in the gradebook, and what identifies them."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from grading.course import ROOT, Course, CourseError
from grading.files import write_atomically
from grading.processes import side_by_side
from utils.check.cases import CaseSet

log = logging.getLogger(__name__)

# whatever an oracle or a student's answer is computed with
LIBRARIES = ("numpy", "torch", "scipy", "scikit-learn", "pandas", "matplotlib", "ipykernel", "ipython")
_DRAWN: dict[tuple[Path, str, int], _Cases] = {}
_DRAWING = threading.Lock()


def hidden_seed(course: Course) -> int:
    """Return the seed, made at the first grading and used for every later one.

    Raises CourseError if the file holds something else.
    """
    path = course.gradebook / "seed"
    if not path.exists():
        course.gradebook.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f"seed.{os.getpid()}")
        scratch.write_text(f"{secrets.randbits(128)}\n")
        scratch.chmod(0o600)
        with suppress(FileExistsError):
            os.link(scratch, path)  # unlike a rename, this never replaces a seed made meanwhile
        scratch.unlink()
    text = path.read_text().strip()
    if not text.isdecimal():
        raise CourseError(f"{path}: expected one whole number, got {text[:40]!r}; restore it from a backup")
    return int(text)


@dataclass(frozen=True)
class _Cases:
    """The hidden cases of a chapter, and their digests, by exercise."""

    sets: Mapping[str, CaseSet]
    digests: Mapping[str, str]


def hidden_cases(course: Course, chapter: str, seed: int, keep: bool = False) -> Mapping[str, CaseSet]:
    """Return the hidden cases of a chapter: exercise name -> cases, in the order of the module.

    The same seed gives the same cases. keep : whether to keep them in the gradebook, because drawing them takes
    seconds: oracles, such as torch, have to be imported, and every misconception is tried out.
    """
    return _cases(course, chapter, seed, keep).sets


def draw_side_by_side(course: Course, chapters: Sequence[str], seed: int) -> None:
    """Draw and keep the hidden cases of several chapters, where they are not kept yet, in a process for each core.

    A single chapter is left to whoever needs it: a process would have to import the oracles first.
    """
    missing = [chapter for chapter in chapters if not _path(course, chapter, seed).exists()]
    if len(missing) < 2:
        return
    with side_by_side() as pool:
        drawing = [pool.submit(_draw_and_keep, course, chapter, seed) for chapter in reversed(missing)]
        try:
            for drawn in drawing:  # the later ones take longer
                drawn.result()
        except BrokenProcessPool:
            log.warning("a process that drew hidden cases was ended; what it was to draw is drawn one after the other")


def _draw_and_keep(course: Course, chapter: str, seed: int) -> None:
    hidden_cases(course, chapter, seed, keep=True)


def cases_version(course: Course, chapter: str, seed: int) -> str:
    """What identifies the hidden cases of a chapter, the expected answers, the points and the hints."""
    digests = _cases(course, chapter, seed, keep=False).digests
    return digest(*(f"{name} {text}" for name, text in digests.items()))


def _cases(course: Course, chapter: str, seed: int, keep: bool) -> _Cases:
    with _DRAWING:
        key, path = (course.root, chapter, seed), _path(course, chapter, seed)
        if key not in _DRAWN:
            _DRAWN[key] = _read(path) if path.exists() else _draw(course, chapter, seed)
        found = _DRAWN[key]
        if keep and not path.exists():
            write_atomically(path, json.dumps({name: cases.to_plain() for name, cases in found.sets.items()}))
        return found


def _draw(course: Course, chapter: str, seed: int) -> _Cases:
    from grading.exercise import load_exercises  # imports the oracles
    from grading.slips import with_slips

    exercises = load_exercises(course, chapter)
    drawn = {name: with_slips(exercise, exercise.draw(seed)) for name, exercise in exercises.items()}
    return _Cases(drawn, {name: digest(json.dumps(cases.to_plain())) for name, cases in drawn.items()})


def _read(path: Path) -> _Cases:
    kept = json.loads(path.read_text())
    sets = {name: CaseSet.from_plain(plain) for name, plain in kept.items()}
    return _Cases(sets, {name: digest(json.dumps(plain)) for name, plain in kept.items()})


def _path(course: Course, chapter: str, seed: int) -> Path:
    """Where the cases are kept, by everything that they are made from."""
    own = [ROOT / "grading" / name for name in ("exercise.py", "slips.py")]
    sources = [*own, *sorted((course.exercises / chapter).glob("*.py"))]
    origin = digest(str(seed), files_version([*sources, *sorted((ROOT / "utils").rglob("*.py"))]))
    return course.gradebook / "cache" / f"cases-{chapter}-{origin[:16]}.json"


def digest(*parts: str) -> str:
    """A short name for texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def files_version(paths: Iterable[Path]) -> str:
    """Identify what some files hold, and the libraries with which they run."""
    return digest(*_libraries(), *(f"{path.name}\n{path.read_text()}" for path in paths))


@cache
def _libraries() -> tuple[str, ...]:
    return tuple(f"{library} {version(library)}" for library in LIBRARIES)
