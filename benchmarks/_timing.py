"""Two calls of this process that take turns."""

from __future__ import annotations

import time
from collections.abc import Callable

from benchmarks._result import Row


def ratio(
    what: str,
    one: Callable[[], object],
    against: str,
    other: Callable[[], object],
    *,
    rounds: int,
    times: tuple[int, int] = (1, 1),
) -> Row:
    """CPU time of `one` over that of `other`; both are called once before."""
    one()
    other()
    found = [_cpu(one, times[0]) / _cpu(other, times[1]) for _ in range(rounds)]
    return Row(f"time of {what}", against, found)


def _cpu(call: Callable[[], object], times: int) -> float:
    start = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - start) / times
