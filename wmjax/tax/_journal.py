"""The record of a run on disk: decisions, from which everything else follows."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import jax.numpy as jnp
import numpy as np

from wmjax.tax._schedule import Schedule
from wmjax.tax._society import Hours, Plan


@dataclass(frozen=True)
class Entry:
    """What was decided at one step; the plan only where rates were set."""

    time: int
    decided: Hours
    plan: Plan | None = None


@dataclass
class Journal:
    """A file of one JSON line a step, only ever appended to.

    A line is whole or, after a kill, the last one and torn; a torn one is cut off. Hours are kept
    bit for bit.

    **Raises:** `OSError` where the file cannot be written.
    """

    path: Path
    _file: Any = field(default=None, repr=False)

    def entries(self) -> Iterator[Entry]:
        """What was recorded, the oldest first."""
        if not self.path.exists():
            return
        whole = 0
        with self.path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                whole += len(line)
                yield _read(json.loads(line))
        if whole < self.path.stat().st_size:
            os.truncate(self.path, whole)

    def append(self, entry: Entry) -> None:
        """Records a step; once this returns, the end of the process does not lose it."""
        if self._file is None:
            self._file = self.path.open("ab")
        self._file.write(json.dumps(_written(entry), allow_nan=False).encode() + b"\n")
        self._file.flush()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if self._file is not None:
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None


def _written(entry: Entry) -> dict[str, Any]:
    decided, plan = entry.decided, entry.plan
    asked = decided.satisfied
    line: dict[str, Any] = {"time": entry.time, "hours": _packed(decided.hours, "<f8")}
    line |= {"failed": {str(k): v for k, v in decided.failed.items()}} if decided.failed else {}
    line |= {"detail": decided.detail} if decided.detail else {}
    line |= {"detail": dict(decided.detail)} if decided.detail else {}
    line |= {} if asked is None else {"satisfied": _packed(asked, "?")}
    if plan is not None:
        line["plan"] = {
            "floors": np.asarray(plan.schedule.floors, float).tolist(),
            "rates": np.asarray(plan.schedule.rates, float).tolist(),
            "failed": plan.failed, "leader": plan.leader, "detail": dict(plan.detail),
        }  # fmt: skip
    return line


def _read(line: Mapping[str, Any]) -> Entry:
    asked = _unpacked(line["satisfied"], "?") if "satisfied" in line else None
    failed = {int(k): v for k, v in line.get("failed", {}).items()}
    detail = {n: {int(k): v for k, v in by.items()} for n, by in line.get("detail", {}).items()}
    decided = Hours(_unpacked(line["hours"], "<f8"), failed, asked, detail)
    if "plan" not in line:
        return Entry(line["time"], decided)
    stated = dict(line["plan"])
    schedule = Schedule(jnp.asarray(stated.pop("floors")), jnp.asarray(stated.pop("rates")))
    return Entry(line["time"], decided, Plan(schedule, **stated))


def _packed(values: np.ndarray, kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values, kind).tobytes()).decode()


def _unpacked(text: str, kind: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), kind).astype(kind.lstrip("<"))
