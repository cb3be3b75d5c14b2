"""CPU seconds to trace and compile World3, in fresh processes, without and with the disk cache."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryDirectory

from benchmarks._result import Result, Row, Target
from benchmarks._rounds import Effort
from benchmarks._sections._fresh import compiled


_COLD = {"forward": Target("at most", 1.5, 0.7), "gradient": Target("at most", 6, 3)}
_WARM = {"forward": Target("at most", 0.5, 0.3), "gradient": Target("at most", 4, 1.5)}
_MOST = 5  # rounds; each is a process


def measure(effort: Effort) -> Iterator[Result]:
    with TemporaryDirectory() as cache:
        for what in ("forward", "gradient"):
            compiled("world3", what, cache)
            cold, warm = [], []
            for _ in range(min(effort.rounds, _MOST)):
                cold.append(compiled("world3", what).compile)
                warm.append(compiled("world3", what, cache).compile)
            yield Row(f"CPU s to trace and compile World3, {what}", "", cold, _COLD[what])
            yield Row(f"the same with a warm disk cache, {what}", "", warm, _WARM[what])
