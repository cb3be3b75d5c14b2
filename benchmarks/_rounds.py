"""Rivals take turns, so that a slow minute hits all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks._worker import Timing, Worker


@dataclass(frozen=True)
class Effort:
    """How long to measure: rounds, CPU seconds of each turn, and runs of a sweep in thousands.

    - `patience`: a rival that needs more CPU seconds for a run has one turn, which stands for all.
    - `without`: peers that are left out.
    """

    rounds: int = 9
    turn: float = 0.4
    thousands: int = 10
    patience: float = 5.0
    without: tuple[str, ...] = ()


QUICK = Effort(rounds=2, turn=0.01, thousands=1, without=("PySD, tables apart",))


def take_turns(
    rivals: Mapping[str, tuple[Worker, str]], effort: Effort
) -> dict[str, list[Timing]]:
    """Timings of each rival's case, round by round, after a call that warms it up."""
    times: dict[str, int] = {}
    once: dict[str, Timing] = {}
    for name, (worker, case) in rivals.items():
        worker.time(case)
        once[name] = worker.time(case)
        times[name] = max(1, math.ceil(effort.turn / max(once[name].cpu, 1e-6)))
    found: dict[str, list[Timing]] = {name: [] for name in rivals}
    for _ in range(effort.rounds):
        for name, (worker, case) in rivals.items():
            slow = once[name].cpu > effort.patience
            found[name].append(once[name] if slow else worker.time(case, times[name]))
    return found


def cpu(timings: list[Timing]) -> list[float]:
    return [t.cpu for t in timings]
