"""How fast a fit goes: on the console beside the progress, and in the store."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from wmjax.sim import Devices
    from wmjax.store import Run

_BETWEEN = 5.0  # seconds


class Pace:
    """Counts evaluations from the second on, for the first waits for the compiler.

    One evaluation is that of one start: loss and gradient, and the Jacobian if the method asks.
    """

    def __init__(
        self, run: Run, starts: int, devices: Devices | None, show: Callable[[int, int, str], None]
    ) -> None:
        self._run, self._starts, self._show = run, starts, show
        self._where = "1 device" if devices is None else devices.described
        self._count = 1 if devices is None else len(devices)
        self._first: tuple[float, int] | None = None
        self._last = (0.0, 0)
        self._next = _BETWEEN

    def __call__(self, done: int, total: int, text: str) -> None:
        now = time.monotonic()
        self._first = self._first or (now, done)
        self._last = (now - self._first[0], done - self._first[1])
        if self._last[0] > self._next:
            self._next = self._last[0] + _BETWEEN
            self._run.metric("evaluations_per_second", self.per_second, step=done)
        rate = f", {self.per_second:.3g} evaluations/s on {self._where}" if self._last[1] else ""
        self._show(done, total, text + rate)

    @property
    def per_second(self) -> float:
        seconds, rounds = self._last
        return rounds * self._starts / seconds if seconds > 0 else 0.0

    def tell(self, done: int) -> None:
        """The pace over all: a metric of the run, and a line."""
        self._run.metrics({"devices": self._count, "starts": self._starts})
        if not self._last[1]:
            return
        self._run.metric("evaluations_per_second", self.per_second, step=done)
        print(f"{self._starts * done} evaluations, {self.per_second:.3g} a second "
              f"on {self._where}")  # fmt: skip
