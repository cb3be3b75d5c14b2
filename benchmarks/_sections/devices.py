"""A sweep over two virtual devices against one, in wall time: for idle machines only."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from benchmarks._result import Missing, Result, Row, Target, ratios
from benchmarks._rounds import Effort, take_turns
from benchmarks._sections._rivals import ours
from benchmarks._worker import Worker


_TARGET = Target("at least", 1.6, 1.9)
_BUSY = 0.1  # share of the cores that others use, above which they are not ours
_LOOK = 3.0  # seconds
_SOME = 3  # sweeps in a row
_STAT = Path("/proc/stat")


def measure(effort: Effort) -> Iterator[Result]:
    cores = os.cpu_count() or 1
    if cores < 2:
        yield Missing("two devices", "this machine has one core")
        return
    others = _busy()
    runs = 1000 * effort.thousands
    case = f"shared:{runs}"
    with ours("1") as one, ours("2") as two, ours("1") as another:
        found = take_turns({"one": (one, case), "two": (two, case)}, effort)
        apart = [_at_once(one, another, case) for _ in range(effort.rounds)]
    wall = {n: [t.wall for t in timings] for n, timings in found.items()}
    busy = [t.cpu / t.wall for t in found["one"]]
    doubt = f"{others:.0%} of the cores busy before it began" if others > _BUSY else ""
    limit = f"two processes that share nothing reach {median(apart):.2g} here"
    yield Row(f"throughput of a sweep of {runs:,} runs over two devices, wall time", "one device",
              ratios(wall["one"], wall["two"]), _TARGET, limit, doubt)  # fmt: skip
    yield Row(f"throughput of two processes of {runs:,} runs each, at once", "one of them", apart)
    yield Row("cores that one device keeps busy", "", busy)


def _at_once(one: Worker, another: Worker, case: str) -> float:
    """Throughput of two processes at once over that of one alone: what the cores give."""
    another.time(case)
    alone = one.time(case, _SOME).wall
    with ThreadPoolExecutor(2) as both:
        together = list(both.map(lambda w: w.time(case, _SOME).wall, (one, another)))
    return sum(alone / wall for wall in together)


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
