"""One model under many scenarios and parameter draws."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PyTree

from wmjax._errors import UserError
from wmjax.model import CompiledModel
from wmjax.scenario._batch import Batch, Scenarios, batch, combined, named_scenarios
from wmjax.scenario._draws import Key, ParameterDraws, as_key
from wmjax.scenario._memory import Size, refuse_too_large
from wmjax.scenario._result import dataset, name_bad_runs, refuse_clashes
from wmjax.sim import simulate_inputs
from wmjax.sim._simulate import _names, _time
from wmjax.spec import TimeAxis


if TYPE_CHECKING:
    import xarray as xr

Progress: TypeAlias = "Callable[[int, int, str], object]"
"""Called with runs done, runs in all, and what is being done."""


def sweep(
    model: CompiledModel,
    scenarios: Scenarios = None,
    draws: Mapping[str, Any] | ParameterDraws | None = None,
    *,
    n: int = 200,
    key: Key = 0,
    save: Sequence[str] | None = None,
    chunk: int = 256,
    save_every: float | None = None,
    end: float | None = None,
    solver: Any = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Runs a model under every scenario with every draw of its parameters.

    All runs share one compiled program, in chunks of one size. What a scenario sets overrules the
    draws. A run that leaves the finite numbers spoils no other: it is marked and named in the log.

    **Arguments:**

    - `scenarios`: a mapping from names to scenarios (or to mappings from parameters to values), a
        list of scenarios, or names of scenarios of a bundled model; only the baseline if absent.
    - `draws`: by name of a parameter an array of shape `(draws, *dims)`, by name of a lookup its y
        values; or a fit or posterior, of which `n` draws are taken with the random `key`.
    - `save`: names of the variables to keep; all stocks, flows and auxiliaries if absent.
    - `chunk`: number of runs computed at a time.
    - `save_every`, `end`, `solver`: as in `simulate`.
    - `progress`: called as `progress(runs done, runs in all, text)` after each chunk.

    **Returns:** a Dataset with dimensions `scenario`, `draw`, `time` and those of the model, units
    as attributes, and `finite` (scenario, draw): False where a saved value is not finite.

    **Raises:** `UserError` for names, shapes or dates that do not fit, and, before anything is
    computed, for a result that would not fit into memory.
    """
    chosen = named_scenarios(model, scenarios)
    if isinstance(draws, ParameterDraws):
        draws = draws.draws(as_key(key), n)
    runs = batch(model, tuple(chosen.values()), draws)
    time = _time(model.spec.time, None, end, save_every)
    names = _names(model, _default(model) if save is None else save)
    refuse_clashes(model, names)
    size = _size(model, runs, time, names, chunk)
    refuse_too_large(size)
    values, finite, times = _computed(runs, time, names, solver, size, progress)
    result = dataset(model, times, values, finite, tuple(chosen))
    name_bad_runs(result)
    return result


def _default(model: CompiledModel) -> tuple[str, ...]:
    return model.program.names("stock", "flow", "auxiliary")


def _size(
    model: CompiledModel, runs: Batch, time: TimeAxis, names: Sequence[str], chunk: int
) -> Size:
    if chunk < 1:
        raise UserError("sweep, chunk", str(chunk), "at least 1 run at a time")
    return Size(
        runs=len(runs),
        rows=time.steps // time.stride + 1,
        columns=sum(math.prod(model.program.shape(n)) for n in names),
        width=model.dtype.itemsize,
        chunk=min(chunk, len(runs)),
    )


def _computed(
    runs: Batch,
    time: TimeAxis,
    names: tuple[str, ...],
    solver: Any,
    size: Size,
    progress: Progress | None,
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Chunk by chunk; copies of the last run pad the last chunk, so that all have one shape."""
    model: CompiledModel = runs.shared[0]
    shape = (size.runs, size.rows)
    values = {n: np.empty((*shape, *model.program.shape(n)), model.dtype) for n in names}
    finite, times = np.empty(size.runs, bool), np.empty(0)
    for first in range(0, size.runs, size.chunk):
        here = slice(first, min(first + size.chunk, size.runs))
        some = np.minimum(np.arange(first, first + size.chunk), size.runs - 1)
        rows = runs.rows(some)
        found, good, times = _chunk(runs.shared, rows, size.chunk, time, names, solver)
        for n in names:
            values[n][here] = np.asarray(found[n])[: here.stop - first]
        finite[here] = np.asarray(good)[: here.stop - first]
        if progress is not None:
            progress(here.stop, size.runs, "runs")
    grid = (runs.scenarios, runs.draws)
    values = {n: v.reshape(*grid, *v.shape[1:]) for n, v in values.items()}
    return values, finite.reshape(grid), np.asarray(times)


@eqx.filter_jit
def _chunk(
    shared: PyTree,
    rows: Mapping[int, Any],
    size: int,
    time: TimeAxis,
    names: tuple[str, ...],
    solver: Any,
) -> tuple[dict[str, Array], Array, Array]:
    """Values, whether all are finite, and times. `time` keys the trace: it holds these dates."""

    def one(row: Mapping[int, Array]) -> tuple[dict[str, Array], Array, Array]:
        model, inputs = combined(shared, row)
        run = simulate_inputs(
            model, inputs, end=time.end, save_every=time.saving, solver=solver, save=names,
            throw=False,
        )  # fmt: skip
        good = jnp.asarray([jnp.isfinite(v).all() for v in run.values.values()]).all()
        return run.values, good, run.times

    return jax.vmap(one, axis_size=size, out_axes=(0, 0, None))(rows)
