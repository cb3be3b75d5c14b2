"""A sweep over two virtual devices against one, in wall time: for idle machines only."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks._result import Missing, Result, Row, Target, ratios
from benchmarks._rounds import Effort, take_turns
from benchmarks._sections._rivals import ours


_TARGET = Target("at least", 1.6, 1.9)
_BUSY = 0.1  # share of the cores that others use, above which they are not ours
_LOOK = 3.0  # seconds
_STAT = Path("/proc/stat")


def measure(effort: Effort) -> Iterator[Result]:
    cores = os.cpu_count() or 1
    if cores < 2:
        yield Missing("two devices", "this machine has one core")
        return
    others = _busy()
    runs = 1000 * effort.thousands
    with ours("1") as one, ours("2") as two:
        found = take_turns({"one": (one, f"shared:{runs}"), "two": (two, f"shared:{runs}")}, effort)
    wall = {n: [t.wall for t in timings] for n, timings in found.items()}
    busy = [t.cpu / t.wall for t in found["one"]]
    doubt = f"{others:.0%} of the cores busy before it began" if others > _BUSY else ""
    yield Row(f"throughput of a sweep of {runs:,} runs over two devices, wall time", "one device",
              ratios(wall["one"], wall["two"]), _TARGET, doubt=doubt)  # fmt: skip
    yield Row("cores that one device keeps busy", "", busy)


def _busy() -> float:
    """The share of all cores that is used while we wait; without `/proc`, by the load of the last
    minute, our own included."""
    if not _STAT.exists():
        return os.getloadavg()[0] / (os.cpu_count() or 1)
    before = _ticks()
    time.sleep(_LOOK)
    spent, idle = (b - a for a, b in zip(before, _ticks(), strict=True))
    return 1 - idle / max(spent, 1)


def _ticks() -> tuple[int, int]:
    """Of all cores together: all, and those without work."""
    numbers = [int(x) for x in _STAT.read_text(encoding="utf-8").splitlines()[0].split()[1:9]]
    return sum(numbers), numbers[3] + numbers[4]
