"""One model under many scenarios and parameter draws."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from wmjax._errors import UserError
from wmjax.model import Backend, CompiledModel
from wmjax.scenario._bad_runs import name_bad_runs
from wmjax.scenario._batch import Batch, Scenarios, batch, named_scenarios
from wmjax.scenario._block import Task, blocks
from wmjax.scenario._draws import DrawsOfFit, Key, ParameterDraws, Unmade
from wmjax.scenario._engine import engine
from wmjax.scenario._job import job
from wmjax.scenario._keep import Keep, Statistics, Trajectories
from wmjax.scenario._layout import Layout, layout
from wmjax.scenario._memory import Drawing
from wmjax.scenario._moments import AcrossDraws
from wmjax.scenario._of_first import Elsewhere, OfFirst, told
from wmjax.scenario._on_disk import OnDisk
from wmjax.scenario._plan import Plan
from wmjax.scenario._room import Room
from wmjax.scenario._sink import InMemory, Sink
from wmjax.sim import Devices, as_devices
from wmjax.sim._simulate import _names, _time


if TYPE_CHECKING:
    import xarray as xr

Progress: TypeAlias = "Callable[[int, int, str], object]"
"""Called with runs done, runs in all, and what is being done."""


def sweep(
    model: CompiledModel,
    scenarios: Scenarios = None,
    draws: Mapping[str, Any] | ParameterDraws | Unmade | None = None,
    *,
    n: int = 200,
    key: Key = 0,
    save: Sequence[str] | None = None,
    keep: Keep | None = None,
    to: str | os.PathLike[str] | None = None,
    chunk: int | None = None,
    save_every: float | None = None,
    end: float | None = None,
    solver: Any = None,
    devices: Devices | Sequence[Any] | None = None,
    backend: Backend | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Runs a model under every scenario with every draw of its parameters.

    All runs share one compiled program, in chunks of one size. What a scenario sets overrules the
    draws. A run that leaves the finite numbers, if only for a while, spoils no other: it is marked
    and named in the log.

    **Arguments:**

    - `scenarios`: a mapping from names to scenarios (or to mappings from parameters to values), a
        list of scenarios, or names of scenarios of a bundled model; only the baseline if absent.
    - `draws`: by name of a parameter an array of shape `(draws, *dims)`, by name of a lookup its y
        values (`sobol` and `latin_hypercube` make such); or a `Design`, or a fit or posterior, of
        which `n` draws are taken with the random `key`: these are drawn once it is clear that
        there is room for them and the result.
    - `save`: names of the variables to keep; all stocks, flows and auxiliaries if absent.
    - `keep`: what is kept of each run: `Trajectories()` (if absent), `Final()`, `Summary(...)`; or,
        of all draws together, `Statistics(...)`. Only the first stores rows.
    - `to`: a NetCDF file that the result is written to as it is computed, for what is larger than
        memory. Until it is whole it is called `NAME.partial`; the same call goes on where a call
        that was cut short stopped. A finished file of the same job is opened, of another replaced.
        Of several processes (`jax.distributed`) the first writes its file, and the others read it.
    - `chunk`: number of runs computed side by side; what fits the cache of a core if absent.
    - `save_every`, `end`, `solver`: as in `simulate`.
    - `devices`: devices of JAX that share the runs; the first if absent.
    - `backend`: `Native()` for generated C, or a back end of JAX. If absent, sweeps of 128 runs and
        more take generated C where the model is covered (64-bit floats, fixed steps, CPU), a C
        compiler is there, and compiling is predicted to take at most 3 s more than it saves.
    - `progress`: called as `progress(runs done, runs in all, text)` now and then.

    **Returns:** a Dataset with dimensions `scenario`, `draw`, those of `keep` and those of the
    model, units as attributes, and `finite` (scenario, draw): False where a saved variable is not
    finite at one of the saved times, whatever is kept of it, or what is kept is not. With `to` it
    reads from the file when it is used.

    **Raises:** `UserError` for names, shapes or dates that do not fit, and, before anything is
    drawn or computed, for draws and results that would not fit into memory or onto the disk, or a
    file `to` with the unfinished result of another job.
    """
    shared = as_devices(devices)
    together = shared if to is not None and shared is not None and shared.is_shared else None
    with told(together):
        chosen = named_scenarios(model, scenarios)
        names = _names(model, _default(model) if save is None else save)
        time = _time(model.spec.time, None, end, save_every)
        task = Task(time, names, solver, Trajectories() if keep is None else keep)
        room = Room(model, len(chosen), chunk, shared, None if to is None else _checked_path(to))
        runs = batch(model, tuple(chosen.values()), _made(draws, key, n, task, room))
        task = replace(task, engine=engine(model, runs, names, time, solver, task.keep, backend))
        plan = room.plan(task, Drawing(runs.draws, 0))
        shape = layout(model, task, tuple(chosen), runs.draws)
        sink = _sink(shape, runs, task, room, tuple(chosen))
    if together is not None and room.path is not None:
        sink = OfFirst(sink, room.path, together)
    _fill(sink, runs, task, plan, shared, progress)
    result = sink.result()
    if room.is_ours:
        name_bad_runs(result)
    return result


def _default(model: CompiledModel) -> tuple[str, ...]:
    return model.program.names("stock", "flow", "auxiliary")


def _made(
    draws: Mapping[str, Any] | ParameterDraws | Unmade | None, key: Key, n: int, task: Task,
    room: Room,
) -> Mapping[str, Any] | None:  # fmt: skip
    """The draws; what is not made yet is, if there is room."""
    if isinstance(draws, ParameterDraws):
        draws = DrawsOfFit(draws, key, n)
    if not isinstance(draws, Unmade):
        return draws
    room.plan(task, draws.drawing(room.model))
    return draws.draws(room.model)


def _checked_path(to: str | os.PathLike[str]) -> Path:
    path = Path(to)
    if path.suffix.lower() != ".nc" or path.is_dir():
        raise UserError(f"sweep to {path}", "a folder" if path.is_dir() else "this name",
                        "the name of a NetCDF file, such as sweep.nc")  # fmt: skip
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"sweep to {path}", str(error), "a folder that can be written") from None
    return path


def _sink(
    shape: Layout, runs: Batch, task: Task, room: Room, scenarios: tuple[str, ...]
) -> Sink:
    path = room.path
    if not room.is_ours:
        return Elsewhere(shape)
    parts = {} if path is None else job(runs, task, scenarios)
    if isinstance(task.keep, Statistics):
        return AcrossDraws(shape, task.keep.statistics, path, parts)
    return InMemory(shape) if path is None else OnDisk(path, shape, parts)


def _fill(
    sink: Sink, runs: Batch, task: Task, plan: Plan, devices: Devices | None,
    progress: Progress | None,
) -> None:  # fmt: skip
    """Block after block; what is there when the work is cut short is kept for the next start."""
    total = len(runs)
    try:
        if progress is not None and sink.done:
            progress(sink.done, total, "runs")
        for values, finite in blocks(runs, task, plan, devices, sink.done):
            sink.write(values, finite)
            if progress is not None:
                progress(sink.done, total, "runs")
    except BaseException:
        sink.close()
        raise
