"""Where the numbers of a sweep stand in its Dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import jax.numpy as jnp
import numpy as np

from wmjax._errors import UserError
from wmjax.model import CompiledModel
from wmjax.scenario._block import Task
from wmjax.scenario._fold import row_times
from wmjax.scenario._keep import Final, Statistics, Summary
from wmjax.sim import Trajectory


if TYPE_CHECKING:
    import xarray as xr

_RUNS = ("scenario", "draw")
_OURS = {*_RUNS, "time", "quantile", "finite", "statistic", "count"}
FINITE = {"long_name": "all saved variables are finite at every saved time of the run"}


@final
@dataclass(frozen=True, eq=False)
class Layout:
    """What the result looks like: its variables by name in the model, and its coordinates.

    `shapes` are those of what is kept of one run.
    """

    labels: dict[str, str]
    dims: dict[str, tuple[str, ...]]
    shapes: dict[str, tuple[int, ...]]
    attrs: dict[str, dict[str, str]]
    coords: xr.Dataset
    dtype: np.dtype
    grid: tuple[int, int]
    """Numbers of scenarios and of draws."""

    @property
    def runs(self) -> int:
        return self.grid[0] * self.grid[1]

    def dataset(self, values: dict[str, np.ndarray], finite: np.ndarray) -> xr.Dataset:
        """From arrays with the runs, scenario by scenario, as first axis."""
        data: dict[str, Any] = {
            self.labels[n]: (
                (*_RUNS, *self.dims[n]), values[n].reshape(*self.grid, *self.shapes[n]),
                self.attrs[n],
            )
            for n in self.labels
        }  # fmt: skip
        data["finite"] = (_RUNS, finite.reshape(self.grid), FINITE)
        return self.coords.assign(data)


def layout(model: CompiledModel, task: Task, scenarios: Sequence[str], draws: int) -> Layout:
    """**Raises:** `UserError` for names of the model that the result needs itself."""
    _refuse_clashes(model, task.names)
    one = Trajectory(
        jnp.zeros(1, model.dtype),
        {n: jnp.zeros((1, *model.program.shape(n)), model.dtype) for n in task.names},
        model.program, model.about,
    ).to_xarray()  # fmt: skip
    labels = dict(zip(task.names, map(str, one.data_vars), strict=True))
    lead = () if not task.keep.axis else (task.keep.rows(task.time),)
    return Layout(
        labels=labels,
        dims={n: (*task.keep.axis, *map(str, one[v].dims[1:])) for n, v in labels.items()},
        shapes={n: (*lead, *model.program.shape(n)) for n in task.names},
        attrs={n: one[v].attrs for n, v in labels.items()},
        coords=_coords(one, model, task, scenarios, draws),
        dtype=np.dtype(model.dtype),
        grid=(len(scenarios), draws),
    )


def _coords(
    one: xr.Dataset, model: CompiledModel, task: Task, scenarios: Sequence[str], draws: int
) -> xr.Dataset:
    times, unit = row_times(model, task.time), {"units": task.time.unit}
    own = one.drop_vars([*one.data_vars, "time"])
    found: dict[str, Any] = {"scenario": list(scenarios), "draw": np.arange(draws)}
    if isinstance(task.keep, Final):
        found["time"] = ((), times[-1], unit)
    elif isinstance(task.keep, Summary):
        about = "units are those of the variable, of time, or of both multiplied"
        found["statistic"] = ("statistic", list(task.keep.statistics), {"long_name": about})
    else:
        found["time"] = ("time", times, unit)
    if isinstance(task.keep, Statistics):
        found["statistic"] = list(task.keep.statistics)
    return own.assign_coords(found)


def _refuse_clashes(model: CompiledModel, names: Sequence[str]) -> None:
    taken = sorted(_OURS & {*names, *(d for n in names for d in model.program.slot[n].dims)})
    if taken:
        raise UserError(
            f"model {model.spec.name!r}", f"the name {taken[0]!r}",
            f"names other than {', '.join(sorted(_OURS))}, which results use", "rename it",
        )  # fmt: skip
