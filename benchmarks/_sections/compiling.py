"""CPU seconds to trace and compile World3, in fresh processes, without and with the disk cache."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks._result import Result, Row, Target
from benchmarks._rounds import Effort
from benchmarks._sections._fresh import Compiled, compiled


_COLD = {"forward": Target("at most", 1.5, 0.7), "gradient": Target("at most", 6, 3)}
_WARM = {"forward": Target("at most", 0.5, 0.3), "gradient": Target("at most", 4, 1.5)}
_MOST = 5  # rounds; each is a process


def measure(effort: Effort) -> Iterator[Result]:
    with TemporaryDirectory() as cache:
        for what in ("forward", "gradient"):
            compiled("world3", what, cache)
            cold: list[Compiled] = []
            warm: list[Compiled] = []
            for _ in range(min(effort.rounds, _MOST)):
                cold.append(compiled("world3", what))
                warm.append(compiled("world3", what, cache))
            yield _row(f"CPU s to trace and compile World3, {what}", cold, _COLD[what])
            yield _row(f"the same with a warm disk cache, {what}", warm, _WARM[what])


def _row(name: str, found: list[Compiled], target: Target) -> Row:
    note = f"of which to trace {median(c.traced for c in found):.2g}"
    return Row(name, "", [c.compile for c in found], target, note)
