"""Watch the seeds that a notebook throws its dice with, and move those that do not follow the base seed."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

DATA = ("utils.data", "mnist1d.data")  # a published set of examples is no throw


class Dice:
    """Stands between the notebook and everything that makes or seeds a generator.

    shift : added to every seed.
    thrown : pairs (cell, seed as the notebook gave it, as text), in their order.
    """

    def __init__(self, shift: int = 0):
        self.shift = shift
        self.cell = ""
        self.thrown: dict[tuple[str, str], None] = {}

    @contextmanager
    def watch(self, cell: str) -> Iterator[None]:
        """Watch while a cell runs."""
        self.cell = cell
        try:
            yield
        finally:
            self.cell = ""

    def install(self) -> None:
        """Take the places of the functions in question, for as long as the process lives."""
        np.random.default_rng = self._through(np.random.default_rng)
        np.random.seed = self._through(np.random.seed)
        random.seed = self._through(random.seed)
        torch.manual_seed = self._through(torch.manual_seed)

    def _through(self, function: Callable) -> Callable:
        def throw(seed: Any = None, *others: Any, **named: Any) -> Any:
            caller = sys._getframe(1).f_globals.get("__name__", "")
            if self.cell and caller not in DATA and not isinstance(seed, np.random.Generator):
                self.thrown[self.cell, str(seed)] = None
                seed = self._moved(seed)
            return function(seed, *others, **named)

        return throw

    def _moved(self, seed: Any) -> Any:
        if isinstance(seed, int | np.integer):
            return int(seed) + self.shift
        if isinstance(seed, list | tuple):
            return [self._moved(each) for each in seed]
        return seed
