"""Where what is kept of the runs goes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, final

import numpy as np

from wmjax.scenario._layout import Layout


if TYPE_CHECKING:
    import xarray as xr


class Sink(ABC):
    """Takes blocks of runs in their order; `done` counts those that it has for good."""

    done: int

    @abstractmethod
    def write(self, values: dict[str, np.ndarray], finite: np.ndarray) -> None:
        """The next runs, by name `(runs, *shape)`, and whether each is finite."""

    @abstractmethod
    def close(self) -> None:
        """Keeps for a later start what has been written, and lets go."""

    @abstractmethod
    def result(self) -> xr.Dataset:
        """The Dataset, once all runs are there."""


@final
class InMemory(Sink):
    """Arrays of the whole result."""

    def __init__(self, layout: Layout) -> None:
        self.done = 0
        self._layout = layout
        self._values = {
            n: np.empty((layout.runs, *shape), layout.dtype) for n, shape in layout.shapes.items()
        }
        self._finite = np.empty(layout.runs, bool)

    def write(self, values: dict[str, np.ndarray], finite: np.ndarray) -> None:
        here = slice(self.done, self.done + len(finite))
        for name, rows in values.items():
            self._values[name][here] = rows
        self._finite[here] = finite
        self.done = here.stop

    def close(self) -> None:
        pass

    def result(self) -> xr.Dataset:
        return self._layout.dataset(self._values, self._finite)
