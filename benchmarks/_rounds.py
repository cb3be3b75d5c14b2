"""Rivals take turns, so that a slow minute hits all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks._worker import Timing, Worker


@dataclass(frozen=True)
class Effort:
    """How long to measure: rounds, CPU seconds of each turn, and runs of a sweep in thousands.

    Peers slower than `patience` seconds a run take their turn in the first rounds alone.
    """

    rounds: int = 9
    turn: float = 0.4
    thousands: int = 10
    patience: float = 5.0


QUICK = Effort(rounds=2, turn=0.01, thousands=1)


def take_turns(
    rivals: Mapping[str, tuple[Worker, str]], effort: Effort
) -> dict[str, list[Timing]]:
    """Timings of each rival's case, round by round, after a call that warms it up.

    The rounds of a slow rival are fewer; its last timing stands for the others.
    """
    times: dict[str, int] = {}
    for name, (worker, case) in rivals.items():
        worker.time(case)
        once = worker.time(case).cpu
        times[name] = max(1, math.ceil(effort.turn / max(once, 1e-7))) if once else 1
    found: dict[str, list[Timing]] = {name: [] for name in rivals}
    for number in range(effort.rounds):
        for name, (worker, case) in rivals.items():
            slow = number >= 2 and found[name][-1].cpu > effort.patience
            found[name].append(found[name][-1] if slow else worker.time(case, times[name]))
    return found


def cpu(timings: list[Timing]) -> list[float]:
    return [t.cpu for t in timings]
