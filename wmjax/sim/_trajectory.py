"""What a run leaves behind, and its way into tables and files."""

from __future__ import annotations

import csv
import itertools
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float

from wmjax._errors import UnknownName
from wmjax.model import CompiledModel
from wmjax.program import Program
from wmjax.spec._names import spelling_hint


if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


class Trajectory(eqx.Module):
    """Saved values of a run.

    - `times`: the saved times, in the model's unit.
    - `values`: for each saved variable an array with time first, then its dimensions.
    """

    times: Float[Array, " rows"]
    values: Mapping[str, Float[Array, "rows ..."]]
    program: Program = eqx.field(static=True)
    about: object = eqx.field(static=True)

    def __repr__(self) -> str:
        ends = f"{self.times[0]:g} to {self.times[-1]:g}" if _known(self.times) else "traced"
        return f"<Trajectory of {len(self.values)} variables, {len(self.times)} rows, {ends}>"

    def __getitem__(self, name: str) -> Float[Array, "rows ..."]:
        try:
            return self.values[name]
        except KeyError:
            first = ", ".join(list(self.values)[:12])
            hint = spelling_hint(name, self.values, f"the first of those saved: {first}")
            raise UnknownName(
                f"{self!r}, {name!r}", "no such variable", "a variable that was saved", hint
            ) from None

    def at(self, name: str, times: Float[np.ndarray, " n"]) -> Float[np.ndarray, "n ..."]:
        """Values of one variable at other times, linear between saved rows."""
        have, rows = np.asarray(self.times), np.asarray(self[name])
        flat = rows.reshape(len(have), -1)
        columns = [np.interp(times, have, flat[:, k]) for k in range(flat.shape[1])]
        return np.stack(columns, 1).reshape(len(times), *rows.shape[1:])

    def to_xarray(self) -> xr.Dataset:
        """A Dataset with dimensions `time` and those of the model; units are attributes.

        A variable that has the name of a dimension, which would hide the labels of its elements,
        gets a trailing underscore.
        """
        import xarray as xr

        slots, spec = self.program.slot, self.about.spec  # pyright: ignore[reportAttributeAccessIssue]
        used = {d for n in self.values for d in slots[n].dims}
        labels = _labels(self.values, used | {"time"})
        data = {
            labels[n]: xr.DataArray(
                np.asarray(v), dims=("time", *slots[n].dims), attrs=_attributes(spec, n, labels[n])
            )
            for n, v in self.values.items()
        }
        coords = {"time": ("time", np.asarray(self.times), {"units": spec.time.unit})}
        coords |= {d: (d, list(self.program.elements(d))) for d in sorted(used)}  # pyright: ignore
        return xr.Dataset(data, coords=coords, attrs={"title": spec.name, "spec_hash": spec.hash})

    def to_dataframe(self) -> pd.DataFrame:
        """A table indexed by time, a column for each variable or element, `name[a,b]`."""
        import pandas as pd

        columns: dict[str, np.ndarray] = {}
        for name, value in self.values.items():
            rows = np.asarray(value).reshape(len(self.times), -1)
            for k, label in enumerate(column_names(self.program, name)):
                columns[label] = rows[:, k]
        return pd.DataFrame(columns, index=pd.Index(np.asarray(self.times), name="time"))

    def to_csv(self, path: str | os.PathLike[str]) -> Path:
        """Writes the table with `time` as first column and full double precision; empty cells are
        not a number."""
        labels, columns = ["time"], [np.asarray(self.times, np.float64)[:, None]]
        for name, value in self.values.items():
            labels += column_names(self.program, name)
            columns.append(np.asarray(value, np.float64).reshape(len(self.times), -1))
        table = np.concatenate(columns, axis=1)
        rows = table.astype(object)  # written as Python does: the shortest text of each number
        rows[np.isnan(table)] = ""
        # not by pandas, which takes longer to load than a run takes
        with open(path, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(labels)
            writer.writerows(rows.tolist())
        return Path(path)

    def to_netcdf(self, path: str | os.PathLike[str]) -> Path:
        """Writes the Dataset as compressed NetCDF 4.

        A slash would make a group of the file: it is written as `∕`; the attribute `name` keeps it.
        """
        dataset = self.to_xarray()
        slashed = {str(n): str(n).replace("/", "∕") for n in dataset.variables if "/" in str(n)}
        slashed |= {str(n): str(n).replace("/", "∕") for n in dataset.dims if "/" in str(n)}
        dataset = dataset.rename(slashed)
        encoding = {n: {"zlib": True, "complevel": 4, "shuffle": True} for n in dataset.data_vars}
        dataset.to_netcdf(path, engine="h5netcdf", encoding=encoding)
        return Path(path)


def _known(times: Any) -> bool:
    """Whether there are times to be printed."""
    known = isinstance(times, jax.Array | np.ndarray) and not isinstance(times, Tracer)
    return known and times.ndim == 1 and times.size > 0


def column_names(program: Program, name: str) -> list[str]:
    """Names of the columns of one variable: itself, or one `name[a,b]` for each element."""
    dims = program.slot[name].dims
    if not dims:
        return [name]
    elements = (program.elements(d) for d in dims)
    return [f"{name}[{','.join(e)}]" for e in itertools.product(*elements)]


def trajectory(
    model: CompiledModel, times: Float[Array, " rows"], values: Mapping[str, Array]
) -> Trajectory:
    """The run of a model; put together as JAX does it, in a tenth of the time of `__init__`."""
    about, program = model.about, model.program
    known = _made.get(id(about))
    if known is None or known[0] is not about or known[1] is not program:
        made = Trajectory(times, values, program, about)
        shape = jax.tree.structure(made, is_leaf=lambda x: isinstance(x, Mapping))
        if len(_made) >= _MOST:
            _made.clear()
        _made[id(about)] = (about, program, shape)
        return made
    return jax.tree.unflatten(known[2], (times, values))


_MOST = 64  # models whose trajectories are remembered
_made: dict[int, tuple[object, Program, Any]] = {}


def _labels(names: Collection[str], dims: Collection[str]) -> dict[str, str]:
    """Names of variables in a Dataset, other than those of its dimensions and of each other."""
    labels: dict[str, str] = {}
    for name in names:
        label = name
        while label in dims or (label != name and label in names):
            label += "_"
        labels[name] = label
    return labels


def _attributes(spec: object, name: str, label: str) -> dict[str, str]:
    variable = spec.variables[name]  # pyright: ignore[reportAttributeAccessIssue]
    found = {"units": variable.unit, "long_name": variable.doc or name, "kind": variable.kind}
    if name != label or "/" in name:
        found["name"] = name
    return {k: v for k, v in found.items() if v}
