"""What it costs to start: processes of their own, CPU seconds of each."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from tempfile import TemporaryDirectory

from benchmarks._result import Result, Row, Target
from benchmarks._rounds import Effort


_CASES = {
    "import wmjax, read and check the world spec": (
        "-c", "import wmjax; wmjax.check_spec(wmjax.load_spec('world'))"),
    "wmjax --help": ("-m", "wmjax", "--help"),
    "wmjax run model=world, compiled before": (
        "-m", "wmjax", "run", "model=world", "output={tmp}/world.csv"),
}  # fmt: skip
_TARGETS = {"wmjax --help": Target("at most", 0.5)}
_MOST = 3


def measure(effort: Effort) -> Iterator[Result]:
    """CPU seconds of each case, after one round that warms the caches."""
    with TemporaryDirectory() as folder:
        for what, arguments in _CASES.items():
            command = [sys.executable, *(a.format(tmp=folder) for a in arguments)]
            seconds = [_cpu(command, folder) for _ in range(1 + min(effort.rounds, _MOST))]
            yield Row(f"CPU s of: {what}", "", seconds[1:], _TARGETS.get(what))


def _cpu(command: list[str], folder: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    env = {**os.environ, "WMJAX_HOME": f"{folder}/runs"}
    subprocess.run(command, check=True, capture_output=True, env=env)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
