"""The hidden cases: drawn by a secret seed, and what identifies them."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

from grading.course import ROOT, Course
from grading.files import write_atomically
from utils.compare import CaseSet

LIBRARIES = ("numpy", "torch", "scipy", "scikit-learn")
_DRAWN: dict[tuple[str, int], Mapping[str, CaseSet]] = {}
_DRAWING = threading.Lock()


def hidden_cases(chapter: str, seed: int, course: Course | None = None) -> Mapping[str, CaseSet]:
    """Return the hidden cases of a chapter: exercise name -> cases, in the order of the module.

    The same seed gives the same cases. With a course they are kept in its gradebook, because drawing them takes
    seconds: oracles, such as torch, have to be imported, and every misconception is tried out.
    """
    with _DRAWING:
        path = _path(chapter, seed, course) if course else None
        if (chapter, seed) not in _DRAWN:
            _DRAWN[chapter, seed] = _read(path) if path and path.exists() else _draw(chapter, seed)
        drawn = _DRAWN[chapter, seed]
        if path and not path.exists():
            write_atomically(path, json.dumps({name: cases.to_plain() for name, cases in drawn.items()}))
        return drawn


@cache
def case_digests(chapter: str, seed: int) -> dict[str, str]:
    """Exercise -> what identifies its hidden cases, the expected answers, the points and the hints."""
    return {name: digest(json.dumps(cases.to_plain())) for name, cases in hidden_cases(chapter, seed).items()}


def digest(*parts: str) -> str:
    """A short name for texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _draw(chapter: str, seed: int) -> Mapping[str, CaseSet]:
    from grading.exercise import load_exercises  # imports the oracles

    return {name: exercise.draw(seed) for name, exercise in load_exercises(chapter).items()}


def _read(path: Path) -> Mapping[str, CaseSet]:
    return {name: CaseSet.from_plain(plain) for name, plain in json.loads(path.read_text()).items()}


def _path(chapter: str, seed: int, course: Course) -> Path:
    return course.gradebook / "cache" / f"cases-{chapter}-{_origin(chapter, seed)[:16]}.json"


def _origin(chapter: str, seed: int) -> str:
    """Everything that the cases are made from."""
    sources = [ROOT / "grading" / "exercise.py", ROOT / "grading" / "exercises" / f"{chapter}.py"]
    sources += sorted(Path(ROOT / "utils").glob("*.py"))
    libraries = [f"{library} {version(library)}" for library in LIBRARIES]
    return digest(str(seed), *libraries, *(f"{path.name}\n{path.read_text()}" for path in sources))
