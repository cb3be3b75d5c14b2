"""What it costs to start: processes of their own, CPU seconds of each."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator


CASES = {
    "import wmjax, read and check the world spec": (
        "-c", "import wmjax; wmjax.check_spec(wmjax.load_spec('world'))"),
    "wmjax --help": ("-m", "wmjax", "--help"),
    "wmjax run model=world, compiled before": (
        "-m", "wmjax", "run", "model=world", "output={tmp}/world.csv"),
}  # fmt: skip


def measure(folder: str) -> Iterator[tuple[str, float]]:
    """CPU seconds of each case, the least of three, after one that warms the caches."""
    for what, arguments in CASES.items():
        command = [sys.executable, *(a.format(tmp=folder) for a in arguments)]
        seconds = [_cpu(command, folder) for _ in range(4)]
        yield what, min(seconds[1:])


def _cpu(command: list[str], folder: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    env = {**os.environ, "WMJAX_HOME": f"{folder}/runs"}
    subprocess.run(command, check=True, capture_output=True, env=env)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
