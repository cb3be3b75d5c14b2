"""The path of an exogenous series of a spec: its data, and the stated rule that continues them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wmjax._errors import DataError
from wmjax.series._catalogue import catalogue_observations
from wmjax.spec import ModelSpec, Series, convert_factor


_MOST = 10_000  # points that continue a series; a line goes on from the last of them


class Continued(NamedTuple):
    """`times` and `values`, both shape `(n,)`, in the unit of the series; a line of `slope` goes on
    after the last of them."""

    times: NDArray[np.float64]
    values: NDArray[np.float64]
    slope: float


def series_path(spec: ModelSpec, name: str, *, known_until: float | None = None) -> Continued:
    """The path of the series `name` as it may be known at `known_until`: later values follow the
    stated rule.

    The times do not depend on `known_until`, so that every origin of a backtest shares one
    compiled program.

    **Raises:** `DataError` for unknown data, and if no value is known.
    """
    series = spec.variables[name]
    assert isinstance(series, Series)
    times, values = _known(spec, name, series)
    cut = times[-1] if known_until is None else known_until
    seen = times <= cut
    if not seen.any():
        raise DataError(f"series {name!r}", f"no value up to {cut:g}",
                        "at least one", "start later, or give earlier values")  # fmt: skip
    grid = _grid(spec, series, times)
    return Continued(grid, *_continued(times[seen], values[seen], grid, series))


def _grid(spec: ModelSpec, series: Series, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """The times of the data, and those at which the rule beyond them is laid down."""
    step = float(np.median(np.diff(times))) if len(times) > 1 else spec.time.step
    missing = max(int(np.ceil((spec.time.end - times[-1]) / step)), 1)
    staircase = series.beyond.rule == "trend" and series.interpolation != "linear"
    count = min(missing, _MOST) if staircase else 1
    return np.concatenate([times, times[-1] + step * np.arange(1, count + 1)])


def _known(
    spec: ModelSpec, name: str, series: Series
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if series.data is None:
        return np.asarray(series.times, float), np.asarray(series.values, float)
    found = catalogue_observations(series.data)
    if series.data not in found:
        raise DataError(f"series {name!r}, data", f"the table {series.data!r}",
                        f"one series of it, such as {next(iter(found))!r}")  # fmt: skip
    data = found[series.data]
    factor = 1.0
    if series.unit and data.unit and series.unit != data.unit:
        factor = convert_factor(data.unit, series.unit, spec.units)
    return np.asarray(data.times, float), np.asarray(data.values, float) * factor


def _continued(
    times: NDArray[np.float64],
    values: NDArray[np.float64],
    grid: NDArray[np.float64],
    series: Series,
) -> tuple[NDArray[np.float64], float]:
    """Values at the times of the grid, and the slope after the last of them."""
    path = np.interp(grid, times, values)
    later = grid > times[-1]
    recent = times > times[-1] - series.beyond.years
    recent[-1] = True
    if series.beyond.rule == "mean":
        path[later] = values[recent].mean()
    elif series.beyond.rule == "trend" and recent.sum() > 1:
        middle = times[recent].mean()
        slope = float(np.polyfit(times[recent] - middle, values[recent], 1)[0])
        path[later] = values[-1] + slope * (grid[later] - times[-1])
        return path, slope
    return path, 0.0
