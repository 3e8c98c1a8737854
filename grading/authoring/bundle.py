"""The students' copy of the course: everything they need and nothing that they should not see."""

from __future__ import annotations

import zipfile
from pathlib import Path

from grading.course import Course

HEADING = "# The instructor's side"


def write_bundle(course: Course, path: str | Path) -> list[str]:
    """Write a zip with notebooks/, utils/, pyproject.toml and the students' requirements; return its file names."""
    files = [*course.notebooks.rglob("*"), *(course.root / "utils").rglob("*.py"), course.root / "pyproject.toml"]
    named = {
        str(file.relative_to(course.root)): file.read_bytes()
        for file in sorted(files)
        if file.is_file() and ".ipynb_checkpoints" not in file.parts
    }
    named["requirements.txt"] = student_requirements((course.root / "requirements.txt").read_text()).encode()
    named["README.md"] = (
        b"# Descent\n\npython3.11 -m venv .venv && .venv/bin/pip install -r requirements.txt\n"
        b".venv/bin/jupyter lab notebooks\n"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in named.items():
            # a fixed date, so that the same course gives the same bytes
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return list(named)


def student_requirements(text: str) -> str:
    """Return the part of requirements.txt that notebooks need, and the course itself."""
    return text.split(HEADING)[0].rstrip() + "\n-e .\n"
