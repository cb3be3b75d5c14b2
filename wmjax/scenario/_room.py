"""Whether a sweep has room, found out before anything is drawn or computed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from wmjax.model import CompiledModel
from wmjax.scenario._block import Task
from wmjax.scenario._keep import Statistics
from wmjax.scenario._memory import Drawing, Size, refuse_no_room, refuse_too_large
from wmjax.scenario._plan import Plan, Work, planned, planned_in_c
from wmjax.sim import Devices


_BESIDE = 32  # bytes for every run, whatever is kept: its number, its mark, the search for bad ones
_HELD = 2  # copies of the draws during a sweep


@final
@dataclass(frozen=True, eq=False)
class Room:
    """Where a sweep is computed, and where its result goes: to a file, or to memory."""

    model: CompiledModel
    scenarios: int
    chunk: int | None
    devices: Devices | None
    path: Path | None

    @property
    def is_ours(self) -> bool:
        """Whether this process takes the result, and no other process for it."""
        return self.path is None or self.devices is None or self.devices.is_first

    def plan(self, task: Task, drawing: Drawing) -> Plan:
        """How the runs are computed.

        **Raises:** `UserError` with the size, and the options that make it fit, if draws and result
        would not fit into memory or onto the disk.
        """
        how = planned if task.engine is None else planned_in_c
        devices = 1 if self.devices is None else len(self.devices)
        plan = how(self.scenarios * drawing.count, self._work(task), self.chunk, devices)
        if self.is_ours:
            self._check(task, drawing, plan)
        return plan

    def _check(self, task: Task, drawing: Drawing, plan: Plan) -> None:
        rows, across = task.keep.rows(task.time), isinstance(task.keep, Statistics)
        held = _HELD * 8 * drawing.count * drawing.numbers + _BESIDE * plan.runs
        size = Size(
            # Of a statistic over the draws four sums are kept, in double precision.
            runs=self.scenarios if across else plan.runs,
            rows=rows,
            columns=self._columns(task.names) * (4 if across else 1),
            width=8 if across else self.model.dtype.itemsize,
            block=plan.block,
            rows_computed=rows,
            drawing=drawing,
            beside=max(held, drawing.bytes),
        )
        if self.path is None or across:
            refuse_too_large(size, streams=not across)
        else:
            refuse_no_room(size, self.path)

    def _work(self, task: Task) -> Work:
        """What one run costs."""
        moving = self.model.program.names("stock", "flow", "auxiliary", hidden=True)
        kept = task.keep.rows(task.time) * self._columns(task.names)
        return Work(self._columns(moving), task.time.steps, kept * self.model.dtype.itemsize)

    def _columns(self, names: Sequence[str]) -> int:
        return sum(math.prod(self.model.program.shape(n)) for n in names)
