"""A process that runs and times cases when told to, so that rivals can take turns."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from wmjax._errors import WmjaxError


HOME = Path(__file__).parent / "_workers"


@dataclass(frozen=True)
class Timing:
    """CPU and wall seconds of one call, and what the last call returned."""

    cpu: float
    wall: float
    value: Any


class Worker:
    """A worker process: `python SCRIPT ARGUMENTS`, or `python -m MODULE ARGUMENTS`.

    **Raises:** `WmjaxError` with the end of its error output if it stops.
    """

    def __init__(
        self,
        python: str | Path,
        what: Sequence[str],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._errors = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            [str(python), *what], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._errors, text=True, env={**os.environ, **(environment or {})},
        )  # fmt: skip
        try:
            self.about: dict[str, Any] = self._answer()["ready"]
        except WmjaxError:
            self.close()
            raise

    def time(self, case: str, times: int = 1) -> Timing:
        """Seconds of one call, the mean of some in a row."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([case, times]) + "\n")
        self._process.stdin.flush()
        found = self._answer()
        return Timing(found["cpu"] / times, found["wall"] / times, found["value"])

    def peak_rss(self) -> int:
        """Bytes of memory that the process has held at most; 0 where the system does not say."""
        try:
            text = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return 0
        line = next((x for x in text.splitlines() if x.startswith("VmHWM:")), "VmHWM: 0 kB")
        return int(line.split()[1]) * 1024

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._errors.seek(0)
            raise WmjaxError(f"a worker stopped: {self._errors.read()[-2000:]}")
        answer = json.loads(line)
        if "error" in answer:
            raise WmjaxError(f"a worker failed: {answer['error']}\n{answer['where']}")
        return answer
