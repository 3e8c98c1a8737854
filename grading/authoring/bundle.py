"""The students' copy of the course: everything they need and nothing that they should not see."""

from __future__ import annotations

import zipfile
from pathlib import Path

from grading.course import Course

FOLDER = "descent"  # all of the zip lies in it
HEADING = "# The instructor's side"
GUIDE = "docs/students.md"  # becomes its README


def write_bundle(course: Course, path: str | Path) -> list[str]:
    """Write a zip of one folder with the released notebooks and what they import; return the names of its files.

    The students' README and requirements take the place of the course's own.
    """
    files = [*course.notebooks.rglob("*"), *(course.root / "utils").rglob("*.py")]
    files += [course.root / "pyproject.toml", course.root / "LICENSE"]
    named = {
        file.relative_to(course.root).as_posix(): file.read_bytes()
        for file in sorted(files)
        if file.is_file() and ".ipynb_checkpoints" not in file.parts
    }
    named["requirements.txt"] = student_requirements((course.root / "requirements.txt").read_text()).encode()
    named["README.md"] = (course.root / GUIDE).read_bytes()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in named.items():
            # a fixed date, so that the same course gives the same bytes
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", (2020, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16  # everybody may read: a hub unpacks for many
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return [f"{FOLDER}/{name}" for name in named]


def student_requirements(text: str) -> str:
    """Return the part of requirements.txt that notebooks need, and the course itself."""
    return text.split(HEADING)[0].rstrip() + "\n-e .\n"
