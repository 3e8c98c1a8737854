"""The limits of a submission, read from limits.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

DEFAULT_PATH = Path(__file__).with_name("limits.toml")


@dataclass(frozen=True)
class Limits:
    """What a submission may use; seconds of wall time, MiB, KiB, and numbers. See limits.toml."""

    cell_seconds: float
    call_seconds: float
    submission_seconds: float
    start_seconds: float
    memory_mib: int
    processes: int
    file_mib: int
    open_files: int
    files: int
    output_kib: int
    outputs_kib: int
    restarts: int

    @classmethod
    def load(cls, path: Path = DEFAULT_PATH) -> Limits:
        """Read the limits. Raises ValueError naming a limit that is missing, unknown or not positive."""
        values = tomllib.loads(path.read_text())
        expected = {field.name for field in fields(cls)}
        if values.keys() != expected:
            raise ValueError(f"{path.name}: expected exactly {sorted(expected)}, got {sorted(values)}")
        for name, value in values.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
                raise ValueError(f"{path.name}: {name} must be a positive number, got {value!r}")
        return cls(**values)
