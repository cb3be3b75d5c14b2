"""CPU seconds of tracing and compiling, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

from wmjax._errors import WmjaxError


@dataclass(frozen=True)
class Compiled:
    """CPU seconds: of trace and compilation, of the trace alone, of `compile_model` before, of the
    first run after."""

    compile: float
    traced: float
    built: float
    run: float


def compiled(model: str, what: str, cache: str = "") -> Compiled:
    """One measurement; see `benchmarks._compiling`."""
    command = [sys.executable, "-m", "benchmarks._compiling", model, what, *filter(None, [cache])]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ})
    if done.returncode:
        raise WmjaxError(f"benchmarks._compiling failed: {done.stderr[-2000:]}")
    return Compiled(**json.loads(done.stdout.splitlines()[-1]))
