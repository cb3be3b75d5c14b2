"""Sweeps by generated C."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from wmjax.model import Backend, CompiledModel, Native
from wmjax.native import Job, give_notice
from wmjax.native._kernel import Kernel, is_ready, kernel, length
from wmjax.scenario._batch import Batch
from wmjax.scenario._keep import Final, Keep, Summary
from wmjax.sim import FixedStep
from wmjax.sim._axis import Grid
from wmjax.sim._native import axis_numbers, leaves_of, native_job, reason_against_c
from wmjax.sim._solver import as_solver
from wmjax.spec import TimeAxis


_log = logging.getLogger("wmjax.scenario")
_FEWEST = 128  # runs below which the compiled program of JAX, which `simulate` shares, is kept to
_SECONDS = 3.0
"""That a C compiler may take more than what its code saves: JAX needs as long to compile World3."""
_BUILDING, _SAVING = 2e-5, 5e-12
"""Seconds for each character of C to compile it, and, at each step, what a run is faster by: both
measured for World3, of 40,000 characters (0.8 s; 9 us a run of 400 steps, JAX 32 to 50)."""


@final
@dataclass(frozen=True)
class Engine:
    """A kernel, and how the leaves of `(model, inputs)` stand in it.

    - `places`: for each leaf of the kernel, its number in the order of flattening.
    """

    kernel: Kernel
    places: tuple[int, ...]
    axis: tuple[float, ...]
    rows: int
    single: bool
    """Whether one value is kept of each number, without an axis of its own."""

    def __call__(self, shared: PyTree, rows: Mapping[int, Any]) -> tuple[dict[str, Array], Array]:
        """What is kept of some runs, and whether they are finite; traceable.

        **Arguments:**

        - `rows`: by number of the leaf, what differs between runs, the runs first.
        """
        job = self.kernel.job
        varied = sorted(job.varied or ())
        numbers = jnp.concatenate([x.reshape(-1) for x in leaves_of(*shared)])
        own = [jnp.asarray(rows[self.places[i]]) for i in varied]
        found, wrong = self.kernel(jnp.asarray(self.axis), numbers, own, self.rows)
        values = dict(zip(job.names, found, strict=True))
        if self.single:
            values = {n: v[:, 0] for n, v in values.items()}
        return values, wrong == 0


def engine(
    model: CompiledModel,
    runs: Batch,
    names: tuple[str, ...],
    time: TimeAxis,
    solver: Any,
    keep: Keep,
    backend: Backend | None,
) -> Engine | None:
    """Generated C for a sweep, where it is asked for or pays; else None, for JAX."""
    asked = isinstance(backend or model.backend, Native)
    if backend is not None and not asked:
        return None
    found = _found(model, runs, names, time, as_solver(solver, time.method), keep, asked)
    if isinstance(found, Engine):
        return found
    if asked:
        give_notice(found)
    _log.debug("JAX computes the sweep: %s", found)
    return None


def _found(
    model: CompiledModel, runs: Batch, names: tuple[str, ...], time: TimeAxis, solver: Any,
    keep: Keep, asked: bool,
) -> Engine | str:  # fmt: skip
    reason = reason_against_c(model, solver)
    if reason is not None:
        return reason
    assert isinstance(solver, FixedStep)
    leaves, structure = jax.tree.flatten(runs.shared)
    own, inputs = runs.shared
    numbered = jax.tree.unflatten(structure, range(len(leaves)))
    places = tuple(leaves_of(*numbered))
    varied = frozenset(
        i for i, at in enumerate(places) if at in runs.by_scenario or at in runs.by_draw
    )
    if not varied or (len(runs) < _FEWEST and not asked):
        return f"{len(runs)} runs are few"
    kept = keep.statistics if isinstance(keep, Summary) else None
    kept = ("final",) if isinstance(keep, Final) else kept
    job = native_job(own, inputs, solver, names, kept, varied)
    if not asked and not _pays(job, len(runs) * time.steps):
        return "compiling C would take longer than it saves"
    built = kernel(job)
    if isinstance(built, str):
        return built
    axis = tuple(axis_numbers(time, Grid(time.steps, time.stride)).tolist())
    return Engine(built, places, axis, keep.rows(time), not keep.axis)


def _pays(job: Job, steps: int) -> bool:
    """Whether so many steps of a run save the time to compile C, or almost."""
    size = length(job)
    if size is None or is_ready(job):
        return True
    return size * _BUILDING <= _SECONDS + size * steps * _SAVING
