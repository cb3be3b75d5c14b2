"""A result that the first of several processes writes for all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np

from wmjax._errors import WmjaxError
from wmjax.scenario._layout import Layout
from wmjax.scenario._on_disk import opened
from wmjax.scenario._sink import Sink
from wmjax.sim import Devices


if TYPE_CHECKING:
    import xarray as xr


@contextmanager
def told(devices: Devices | None) -> Iterator[None]:
    """Lets the other processes know if this one stops before `OfFirst`, where they would wait."""
    try:
        yield
    except BaseException:
        if devices is not None:
            devices.of_first(None)
        raise


@final
class Elsewhere(Sink):
    """What another process writes."""

    def __init__(self, layout: Layout) -> None:
        self.done = 0
        self._layout = layout

    def write(self, values: dict[str, np.ndarray], finite: np.ndarray) -> None:
        self.done += len(finite)

    def close(self) -> None:
        pass

    def result(self) -> xr.Dataset:
        """The coordinates alone."""
        return self._layout.coords


@final
class OfFirst(Sink):
    """The sink of one of several processes, in step with that of the first, which writes the file.

    **Raises:** `WmjaxError` if the first process stopped.
    """

    def __init__(self, own: Sink, path: Path, devices: Devices) -> None:
        self._own, self._devices = own, devices
        said = devices.of_first(json.dumps([own.done, str(path.absolute())]).encode())
        if said is None:
            raise WmjaxError("the first process of this job stopped, and says why")
        self.done, where = json.loads(said)
        self._path = Path(where)

    def write(self, values: dict[str, np.ndarray], finite: np.ndarray) -> None:
        self._own.write(values, finite)
        self.done += len(finite)

    def close(self) -> None:
        self._own.close()

    def result(self) -> xr.Dataset:
        """That of the file, in every process that sees it."""
        found = self._own.result()
        self._devices.of_first(None)  # the others wait for the file here
        seen = not self._devices.is_first and self._path.exists()
        return opened(self._path) if seen else found
