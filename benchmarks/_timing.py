"""Interleaved timing: rivals take turns, so that a slow minute hits all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """Time of one thing over the time of another, over several rounds of one interleaved run."""

    what: str
    against: str
    least: float
    median: float
    most: float

    def row(self) -> str:
        return (
            f"| {self.what} | {self.against} | {self.least:.3g} | {self.median:.3g} | "
            f"{self.most:.3g} |"
        )


def cpu(call: Callable[[], object], times: int = 1) -> float:
    """CPU seconds of this process for one call."""
    start = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - start) / times


def ratio(
    what: str,
    one: Callable[[], object],
    against: str,
    other: Callable[[], object],
    *,
    rounds: int = 7,
    times: tuple[int, int] = (1, 1),
) -> Ratio:
    """Time of `one` over the time of `other`; both are called once before."""
    one(), other()
    found = [cpu(one, times[0]) / cpu(other, times[1]) for _ in range(rounds)]
    return Ratio(what, against, min(found), statistics.median(found), max(found))
