"""A sweep over two virtual devices against one, in wall time: for idle machines only."""

from __future__ import annotations

import os
from collections.abc import Iterator

from benchmarks._result import Missing, Result, Row, Target, ratios
from benchmarks._rounds import Effort, take_turns
from benchmarks._sections._rivals import ours


_TARGET = Target("at least", 1.6, 1.9)
_BUSY = 0.4  # load of others above which two cores are not ours


def measure(effort: Effort) -> Iterator[Result]:
    cores = os.cpu_count() or 1
    if cores < 2:
        yield Missing("two devices", "this machine has one core")
        return
    load = os.getloadavg()[0]
    runs = 1000 * effort.thousands
    with ours("1") as one, ours("2") as two:
        found = take_turns({"one": (one, f"shared:{runs}"), "two": (two, f"shared:{runs}")}, effort)
    wall = {n: [t.wall for t in timings] for n, timings in found.items()}
    busy = [t.cpu / t.wall for t in found["one"]]
    doubt = f"load {load:.1f} before it began" if load > _BUSY else ""
    yield Row(f"throughput of a sweep of {runs:,} runs over two devices, wall time", "one device",
              ratios(wall["one"], wall["two"]), _TARGET, doubt=doubt)  # fmt: skip
    yield Row("cores that one device keeps busy", "", busy)
