"""The hidden cases: drawn by a secret seed, and what identifies them."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from grading.course import ROOT, Course
from grading.files import write_atomically
from utils.compare import CaseSet

LIBRARIES = ("numpy", "torch", "scipy", "scikit-learn")
_DRAWN: dict[tuple[str, int], _Cases] = {}
_DRAWING = threading.Lock()


@dataclass(frozen=True)
class _Cases:
    """The hidden cases of a chapter, and their digests, by exercise."""

    sets: Mapping[str, CaseSet]
    digests: Mapping[str, str]


def hidden_cases(chapter: str, seed: int, course: Course | None = None) -> Mapping[str, CaseSet]:
    """Return the hidden cases of a chapter: exercise name -> cases, in the order of the module.

    The same seed gives the same cases. With a course they are kept in its gradebook, because drawing them takes
    seconds: oracles, such as torch, have to be imported, and every misconception is tried out.
    """
    return _cases(chapter, seed, course).sets


def case_digests(chapter: str, seed: int) -> Mapping[str, str]:
    """Exercise -> what identifies its hidden cases, the expected answers, the points and the hints."""
    return _cases(chapter, seed, None).digests


def _cases(chapter: str, seed: int, course: Course | None) -> _Cases:
    with _DRAWING:
        path = _path(chapter, seed, course) if course else None
        if (chapter, seed) not in _DRAWN:
            _DRAWN[chapter, seed] = _read(path) if path and path.exists() else _draw(chapter, seed)
        found = _DRAWN[chapter, seed]
        if path and not path.exists():
            write_atomically(path, json.dumps({name: cases.to_plain() for name, cases in found.sets.items()}))
        return found


def digest(*parts: str) -> str:
    """A short name for texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _draw(chapter: str, seed: int) -> _Cases:
    from grading.exercise import load_exercises  # imports the oracles

    drawn = {name: exercise.draw(seed) for name, exercise in load_exercises(chapter).items()}
    return _Cases(drawn, {name: digest(json.dumps(cases.to_plain())) for name, cases in drawn.items()})


def _read(path: Path) -> _Cases:
    kept = json.loads(path.read_text())
    sets = {name: CaseSet.from_plain(plain) for name, plain in kept.items()}
    return _Cases(sets, {name: digest(json.dumps(plain)) for name, plain in kept.items()})


def _path(chapter: str, seed: int, course: Course) -> Path:
    return course.gradebook / "cache" / f"cases-{chapter}-{_origin(chapter, seed)[:16]}.json"


def _origin(chapter: str, seed: int) -> str:
    """Everything that the cases are made from."""
    sources = [ROOT / "grading" / "exercise.py", *sorted(ROOT.glob(f"grading/exercises/{chapter}/*.py"))]
    sources += sorted(Path(ROOT / "utils").glob("*.py"))
    libraries = [f"{library} {version(library)}" for library in LIBRARIES]
    return digest(str(seed), *libraries, *(f"{path.name}\n{path.read_text()}" for path in sources))
