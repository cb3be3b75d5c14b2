"""What it costs to start: processes of their own, seconds of each."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks._result import Result, Row, Target
from benchmarks._rounds import Effort


_RUN = "wmjax run model=world"
_CASES = {
    "import wmjax, read and check the world spec": (
        "-c", "import wmjax; wmjax.check_spec(wmjax.load_spec('world'))"),
    "wmjax --help": ("-m", "wmjax", "--help"),
    _RUN: ("-m", "wmjax", "run", "model=world"),
}  # fmt: skip
_TARGETS = {"wmjax --help": Target("at most", 0.5)}
_WALL = Target("at most", 4)
_MOST = 3


def measure(effort: Effort) -> Iterator[Result]:
    """Seconds of each case, after one round that warms the caches."""
    with TemporaryDirectory() as folder:
        for what, arguments in _CASES.items():
            rounds = range(1 + min(effort.rounds, _MOST))
            spent = [_spent([sys.executable, *arguments], folder) for _ in rounds][1:]
            yield Row(f"CPU s of: {what}", "", [s.cpu for s in spent], _TARGETS.get(what))
            if what == _RUN:
                yield Row(f"wall seconds of `{_RUN}`, warm", "", [s.wall for s in spent], _WALL)


class _Spent(NamedTuple):
    cpu: float
    wall: float


def _spent(command: list[str], folder: str) -> _Spent:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    env = {**os.environ, "WMJAX_HOME": f"{folder}/runs"}
    subprocess.run(command, check=True, capture_output=True, env=env)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began
    cpu = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return _Spent(cpu, wall)
