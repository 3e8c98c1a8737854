"""Files that are either the old ones or the new ones, whatever happens meanwhile."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that it is either the old one or the new one, whatever happens meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.parent / f".writing-{secrets.token_hex(8)}"
    with scratch.open("x", encoding="utf-8", errors="replace", newline="") as file:
        file.write(text)
    os.replace(scratch, path)
