"""What is found when a notebook runs under one base seed, as it travels from process to process."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.claims.asserts import Part


@dataclass
class Trial:
    """What came of a falsifier.

    failed : the parts of asserts that failed, of whatever claim, before anything raised.
    error : what raised, took too long or died.
    seconds : how long it took.
    """

    failed: list[Part] = field(default_factory=list)
    error: str = ""
    seconds: float = 0.0

    @classmethod
    def of_plain(cls, data: dict) -> Trial:
        """Read what `asdict` made, after it has been JSON."""
        return cls([Part(**part) for part in data["failed"]], data["error"], data["seconds"])


@dataclass
class Run:
    """What came of a notebook under one base seed.

    failed : pairs of a part that failed and its message.
    errors : cell -> what it raised.
    thrown : pairs (cell, seed), as the notebook asked for them.
    trials : claim -> falsifier -> what came of it.
    """

    failed: list[tuple[Part, str]] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    thrown: list[tuple[str, str]] = field(default_factory=list)
    trials: dict[str, dict[str, Trial]] = field(default_factory=dict)
    seconds: float = 0.0

    @classmethod
    def of_plain(cls, data: dict) -> Run:
        """Read what `asdict` made, after it has been JSON."""
        return cls(
            [(Part(**part), message) for part, message in data["failed"]],
            data["errors"],
            [(cell, seed) for cell, seed in data["thrown"]],
            {
                claim: {name: Trial.of_plain(plain) for name, plain in trials.items()}
                for claim, trials in data["trials"].items()
            },
            data["seconds"],
        )
