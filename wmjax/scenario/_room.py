"""Whether a sweep has room, found out before anything is drawn or computed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from wmjax.model import CompiledModel
from wmjax.scenario._block import Task
from wmjax.scenario._keep import Statistics
from wmjax.scenario._memory import Drawing, Size, refuse_no_room, refuse_too_large
from wmjax.scenario._plan import Plan, Work


_BESIDE = 32  # bytes for every run, whatever is kept: its number, its mark, the search for bad ones
_HELD = 2  # copies of the draws during a sweep


def check_room(
    model: CompiledModel, scenarios: int, drawing: Drawing, task: Task, plan: Plan,
    path: Path | None,
) -> None:  # fmt: skip
    """**Raises:** `UserError` with the size, and the options that make it fit, if draws and result
    would not fit into memory or onto the disk."""
    rows, across = task.keep.rows(task.time), isinstance(task.keep, Statistics)
    held = _HELD * 8 * drawing.count * drawing.numbers + _BESIDE * plan.runs
    size = Size(
        # Of a statistic over the draws four sums are kept, in double precision.
        runs=scenarios if across else plan.runs,
        rows=rows,
        columns=columns(model, task.names) * (4 if across else 1),
        width=8 if across else model.dtype.itemsize,
        block=plan.block,
        rows_computed=rows,
        drawing=drawing,
        beside=max(held, drawing.bytes),
    )
    if path is None or across:
        refuse_too_large(size, streams=not across)
    else:
        refuse_no_room(size, path)


def work(model: CompiledModel, task: Task) -> Work:
    """What one run of a task costs."""
    moving = model.program.names("stock", "flow", "auxiliary", hidden=True)
    kept = task.keep.rows(task.time) * columns(model, task.names)
    return Work(columns(model, moving), task.time.steps, kept * model.dtype.itemsize)


def columns(model: CompiledModel, names: Sequence[str]) -> int:
    """Numbers of some variables."""
    return sum(math.prod(model.program.shape(n)) for n in names)
