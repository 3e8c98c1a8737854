"""The house is as its own first lines say: each package of `grading` imports what it may, `utils` nothing of it."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from grading.course import ROOT

PACKAGES = sorted(path.parent for path in (ROOT / "grading").glob("*/__init__.py"))


def imported(folder):
    """Rooms of the house from which the modules of a folder import: packages and modules of grading, parts of utils."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module in {"grading", "utils"}:
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module or "")
            elif isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
    rooms = {".".join(name.split(".")[:2]) for name in found if name.split(".")[0] in {"grading", "utils"}}
    return {room.removeprefix("grading.") for room in rooms} - {folder.name}


def allowed(folder):
    """What the package's first lines allow."""
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    (sentence,) = re.findall(r"^May import (.*?)\.$", text, flags=re.MULTILINE | re.DOTALL)
    return set(re.findall(r"`([\w.]+)`", sentence))


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_package_imports_what_its_first_lines_say(package):
    found = imported(package)
    if "utils" in allowed(package):
        found = {room.partition(".")[0] if room.startswith("utils") else room for room in found}
    assert found <= allowed(package)


def test_utils_knows_nothing_of_grading():
    assert not {room for room in imported(ROOT / "utils") if not room.startswith("utils")}


def test_no_two_modules_bear_one_name():
    paths = [path for top in ("grading", "utils") for path in (ROOT / top).rglob("*.py")]
    inside = [path for path in paths if "exercises" not in path.parts and not path.stem.startswith("__")]
    names = Counter(path.stem for path in inside)
    assert {name for name, count in names.items() if count > 1} == set()


def test_every_package_says_what_it_is_for():
    packages = [path for top in ("grading", "utils") for path in Path(ROOT / top).rglob("__init__.py")]
    assert [
        path
        for path in packages
        if "exercises" not in path.parts and not ast.get_docstring(ast.parse(path.read_text()))
    ] == []
