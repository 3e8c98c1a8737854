"""Adds up the time that parts of a program take."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import numpy as np


class Clock:
    """Adds up how often and how long each phase was entered. Phases may nest; the inner one's time is its own.

    readers : functions that return seconds, such as time.perf_counter; each is read at every turn.
    phases : name -> [times entered, seconds by the first reader, by the second, …].
    """

    def __init__(self, *readers: Callable[[], float]):
        self._readers = readers or (time.perf_counter,)
        self._inner = [np.zeros(len(self._readers))]
        self.phases: dict[str, list[float]] = {}

    def add(self, phase: str, *seconds: float) -> None:
        count, *so_far = self.phases.get(phase, [0] + [0.0] * len(seconds))
        self.phases[phase] = [count + 1, *(a + b for a, b in zip(so_far, seconds, strict=True))]

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[None]:
        began = self._read()
        self._inner.append(np.zeros(len(began)))
        try:
            yield
        finally:
            spent = self._read() - began
            self.add(name, *(spent - self._inner.pop()).tolist())
            self._inner[-1] += spent

    def follow(self, owner: object, name: str, phase: str) -> None:
        """Count every call of a function or method as a phase, from now on."""
        original = getattr(owner, name)

        def timed(*arguments, **keywords):
            with self.phase(phase):
                return original(*arguments, **keywords)

        setattr(owner, name, timed)

    def _read(self) -> np.ndarray:
        return np.array([reader() for reader in self._readers])
