"""Arrays of many runs as a Dataset, and word of those that are not finite."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np

from wmjax._errors import UserError
from wmjax.model import CompiledModel
from wmjax.sim import Trajectory


if TYPE_CHECKING:
    import xarray as xr

_log = logging.getLogger("wmjax.scenario")
_NAMED = 10  # runs named in the log one by one


def refuse_clashes(model: CompiledModel, names: Sequence[str]) -> None:
    ours = {"scenario", "draw", "time", "quantile", "finite"}
    taken = sorted(ours & {*names, *(d for n in names for d in model.program.slot[n].dims)})
    if taken:
        raise UserError(
            f"model {model.spec.name!r}", f"the name {taken[0]!r}",
            f"names other than {', '.join(sorted(ours))}, which results use", "rename it",
        )  # fmt: skip


def dataset(
    model: CompiledModel,
    times: np.ndarray,
    values: dict[str, np.ndarray],
    finite: np.ndarray,
    scenarios: tuple[str, ...],
) -> xr.Dataset:
    import xarray as xr

    first = {n: jnp.asarray(v[0, 0]) for n, v in values.items()}
    one = Trajectory(jnp.asarray(times), first, model.program, model.about).to_xarray()
    over = ("scenario", "draw")
    data = {n: (over + one[n].dims, v, one[n].attrs) for n, v in values.items()}
    data["finite"] = (over, finite, {"long_name": "all saved values are finite"})
    coords = {"scenario": list(scenarios), "draw": np.arange(finite.shape[1]), **one.coords}
    return xr.Dataset(data, coords=coords, attrs=one.attrs)


def name_bad_runs(runs: xr.Dataset) -> None:
    """One log record a run that is not finite, for the first few, and the count of the rest."""
    bad = np.argwhere(~runs["finite"].values)
    for scenario, draw in bad[:_NAMED]:
        run = runs.isel(scenario=scenario, draw=draw).drop_vars("finite")
        time, name = _first_bad(run)
        _log.warning(
            "scenario %r, draw %d: %r is not finite from %g on",
            str(run["scenario"].values), draw, name, time,
        )  # fmt: skip
    if len(bad) > _NAMED:
        _log.warning("%d more runs are not finite; see `finite`", len(bad) - _NAMED)


def _first_bad(run: xr.Dataset) -> tuple[float, str]:
    found = []
    for rank, (name, values) in enumerate(run.data_vars.items()):
        wrong = ~np.isfinite(values.values).reshape(run.sizes["time"], -1).all(1)
        if wrong.any():
            found.append((float(run["time"].values[wrong.argmax()]), rank, str(name)))
    time, _, name = min(found)
    return time, name
