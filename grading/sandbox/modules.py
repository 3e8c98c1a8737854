"""What a warm process imports, so that no kernel has to."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path

import nbformat

from grading.cells import is_experiment
from grading.course import Course

NEEDED = (
    "numpy",
    "torch",
    "torch.func",
    "torch.nn.functional",
    "torch.optim",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "numpy.random",
    "faulthandler",
    *(f"IPython.core.{name}" for name in ("completer", "completerlib", "debugger", "logger", "oinspect")),
    "IPython.extensions.storemagic",
    *(f"utils.{name}" for name in ("check", "data", "device", "landscapes", "models", "players", "plots", "training")),
)
PARTS = re.compile(r"^\s*from\s+(utils)\s+import\s+(.+)$", flags=re.MULTILINE)  # from utils import plots, predict
IMPORT = re.compile(r"^\s*(?:import|from)\s+([A-Za-z_][\w.]*)", flags=re.MULTILINE)
# the first optimizer that is made imports this, which takes a second
OPTIMIZERS = ("torch.optim.", "torch._dynamo")


def modules(course: Course) -> list[str]:
    """Names of the modules to import: what every kernel needs, then what the released notebooks import."""
    releases = [path for chapter in course.released_chapters() for path in course.released_notebooks(chapter).values()]
    return list(dict.fromkeys([*NEEDED, *(name for path in releases for name in _imported(path))]))


@functools.cache
def _imported(path: Path) -> tuple[str, ...]:
    """Modules that the cells of a release import which run while grading."""
    cells = nbformat.from_dict(json.loads(path.read_text(encoding="utf-8"))).cells
    sources = [_source(cell) for cell in cells if cell.cell_type == "code" and not is_experiment(cell)]
    text, (used, module) = "\n".join(sources), OPTIMIZERS
    parts = [f"{package}.{name}" for package, names in PARTS.findall(text) for name in re.findall(r"\w+", names)]
    return (*IMPORT.findall(text), *parts, *([module] if used in text else []))


def _source(cell: nbformat.NotebookNode) -> str:
    return cell.source if isinstance(cell.source, str) else "".join(cell.source)
