"""Variables and their elements in a Dataset, by the names of columns: `gdp`, `gdp[China]`."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from wmjax._errors import UserError


if TYPE_CHECKING:
    import xarray as xr

_OURS = ("scenario", "draw", "quantile", "time")


def element(dataset: xr.Dataset, name: str) -> xr.DataArray:
    """A view of a variable, or of one element of it.

    **Raises:** `UserError` for a variable or an element that is not there.
    """
    variable, _, rest = name.partition("[")
    if variable not in dataset:
        raise UserError(
            f"variable {name!r}", "not in this result", "a saved variable",
            "name it in save=(...)",
        )  # fmt: skip
    values = dataset[variable]
    if not rest:
        return values
    index = [e.strip() for e in rest.removesuffix("]").split(",")]
    dims = _dims(values)
    known = dict(zip(dims, index, strict=False))
    if len(index) != len(dims) or any(e not in values[d].values for d, e in known.items()):
        raise UserError(
            f"variable {name!r}", f"no such element of {variable!r}",
            f"one of {', '.join(labelled(dataset, variable)[:6])}",
        )  # fmt: skip
    return values.isel({d: list(values[d].values).index(e) for d, e in known.items()})


def labelled(dataset: xr.Dataset, variable: str) -> list[str]:
    """The names of all elements of a variable; its own if it has no dimensions."""
    values = dataset[variable]
    dims = _dims(values)
    if not dims:
        return [variable]
    elements = (map(str, values[d].values) for d in dims)
    return [f"{variable}[{','.join(e)}]" for e in itertools.product(*elements)]


def _dims(values: xr.DataArray) -> list[str]:
    return [str(d) for d in values.dims if d not in _OURS]
