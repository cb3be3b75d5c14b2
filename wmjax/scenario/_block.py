"""The compiled program of a block of runs, and the blocks one after another."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, final

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, PyTree

from wmjax.scenario._batch import Batch, combined
from wmjax.scenario._engine import Engine
from wmjax.scenario._keep import Keep
from wmjax.scenario._plan import Plan
from wmjax.sim import Devices
from wmjax.spec import TimeAxis


Found = tuple[dict[str, np.ndarray], np.ndarray]
_AHEAD = 2  # blocks in the making while one is put away; two cores then both have work


@final
@dataclass(frozen=True)
class Task:
    """What is done with each run. `time` keys the trace: it holds these dates.

    - `engine`: generated C that does it; JAX if absent.
    """

    time: TimeAxis
    names: tuple[str, ...]
    solver: Any
    keep: Keep
    engine: Engine | None = None


def blocks(
    runs: Batch, task: Task, plan: Plan, devices: Devices | None, first: int = 0
) -> Iterator[Found]:
    """Of each block what is kept of its runs, and whether they are finite, from run `first` on.

    Copies of the last run fill the last block.
    """
    shared = runs.shared if devices is None else devices.copy(runs.shared)
    waiting: deque[tuple[int, Any]] = deque()
    for start in range(first, plan.runs, plan.block):
        rows = runs.rows(np.minimum(np.arange(start, start + plan.block), plan.runs - 1))
        if devices is not None:
            rows = devices.shard(rows)
        waiting.append((start, _block(shared, rows, task, plan, devices)))
        if len(waiting) > _AHEAD:
            yield _fetched(*waiting.popleft(), plan, devices)
    while waiting:
        yield _fetched(*waiting.popleft(), plan, devices)


def _fetched(start: int, found: Any, plan: Plan, devices: Devices | None) -> Found:
    count = min(plan.block, plan.runs - start)
    if devices is not None:
        return devices.gather(found, count)
    return jax.tree.map(lambda a: np.asarray(a)[:count], found)


@eqx.filter_jit
def _block(
    shared: PyTree, rows: Mapping[int, Any], task: Task, plan: Plan, devices: Devices | None
) -> tuple[dict[str, Array], Array]:
    def work(shared: PyTree, rows: Mapping[int, Any]) -> tuple[dict[str, Array], Array]:
        if task.engine is not None:
            return task.engine(shared, rows)
        return _chunks(shared, rows, task, plan)

    return work(shared, rows) if devices is None else devices.each(work)(shared, rows)


def _chunks(
    shared: PyTree, rows: Mapping[int, Any], task: Task, plan: Plan
) -> tuple[dict[str, Array], Array]:
    """Chunk after chunk, so that the values of one stay in the cache."""

    def one(row: Mapping[int, Array]) -> tuple[dict[str, Array], Array]:
        model, inputs = combined(shared, row)
        return task.keep.of_run(model, inputs, task.time, task.solver, task.names)

    def chunk(rows: Mapping[int, Array]) -> tuple[dict[str, Array], Array]:
        return jax.vmap(one, axis_size=plan.chunk)(rows)

    if plan.chunks == 1:
        return chunk(rows)
    parts = {i: r.reshape(plan.chunks, plan.chunk, *r.shape[1:]) for i, r in rows.items()}
    _, found = jax.lax.scan(
        lambda nothing, some: (nothing, chunk(some)), None, parts, length=plan.chunks
    )
    return jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), found)
