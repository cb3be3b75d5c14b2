"""Exogenous series: data up to a last observation, a stated rule beyond it."""

from __future__ import annotations

from typing import Literal

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from wmjax._errors import DataError
from wmjax.spec import ModelSpec, Series, SeriesPath


_ROUNDING = 1e-3  # of a step: times closer than this are the same time
_MOST = 10_000  # points that continue a series; a line goes on from the last of them


class Forcing(eqx.Module):
    """Values of an exogenous series at rising times; beyond the last they follow a line."""

    t: Float[Array, " times"]
    v: Float[Array, " times"]
    slope: Float[Array, ""]

    def __call__(
        self,
        time: Float[Array, ""],
        time_step: Float[Array, ""],
        mode: Literal["linear", "previous", "next", "nearest"],
    ) -> Float[Array, ""]:
        """The value at a time; before the first time it holds."""
        last = self.t.shape[0] - 1
        near = _ROUNDING * time_step
        beyond = self.slope * jnp.maximum(time - self.t[last], 0.0)
        if mode == "next":
            i = jnp.searchsorted(self.t, time - near, side="left", method="compare_all")
            return self.v[jnp.minimum(i, last)] + beyond
        now = time if mode == "linear" else time + near
        i = jnp.searchsorted(self.t, now, side="right", method="compare_all") - 1
        i = jnp.clip(i, 0, last)
        if mode == "previous":
            return self.v[i] + beyond
        j = jnp.minimum(i + 1, last)
        if mode == "nearest":
            return jnp.where(now - self.t[i] < self.t[j] - now, self.v[i], self.v[j]) + beyond
        width = self.t[j] - self.t[i]
        share = jnp.clip((time - self.t[i]) / jnp.where(width > 0, width, 1.0), 0.0, 1.0)
        return (1.0 - share) * self.v[i] + share * self.v[j] + beyond


def forcing(spec: ModelSpec, name: str, *, known_until: float | None, dtype: jnp.dtype) -> Forcing:
    """The series as a model may know it at `known_until`: later values follow the stated rule.

    The times do not depend on `known_until`, so that every origin of a backtest shares one
    compiled program.
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
    path, slope = _continued(times[seen], values[seen], grid, series)
    return Forcing(jnp.asarray(grid, dtype), jnp.asarray(path, dtype), jnp.asarray(slope, dtype))


def replaced(forcing: Forcing, path: SeriesPath) -> Forcing:
    """The series that follows a path from its first time on, and holds after its last."""
    before = np.asarray(forcing.t) < path.times[0]
    t = np.concatenate([np.asarray(forcing.t)[before], path.times])
    v = np.concatenate([np.asarray(forcing.v)[before], path.values])
    dtype = forcing.v.dtype
    return Forcing(jnp.asarray(t, dtype), jnp.asarray(v, dtype), jnp.zeros((), dtype))


def padded(forcing: Forcing, length: int) -> Forcing:
    """The same series with its last point repeated, so that several have one shape."""
    more = length - forcing.t.shape[0]
    if more <= 0:
        return forcing
    t, v = (jnp.concatenate([x, jnp.full(more, x[-1])]) for x in (forcing.t, forcing.v))
    return Forcing(t, v, forcing.slope)


def _grid(spec: ModelSpec, series: Series, times: np.ndarray) -> np.ndarray:
    """The times of the data, and those at which the rule beyond them is laid down."""
    step = float(np.median(np.diff(times))) if len(times) > 1 else spec.time.step
    missing = max(int(np.ceil((spec.time.end - times[-1]) / step)), 1)
    staircase = series.beyond.rule == "trend" and series.interpolation != "linear"
    count = min(missing, _MOST) if staircase else 1
    return np.concatenate([times, times[-1] + step * np.arange(1, count + 1)])


def _known(spec: ModelSpec, name: str, series: Series) -> tuple[np.ndarray, np.ndarray]:
    if series.data is None:
        return np.asarray(series.times, float), np.asarray(series.values, float)
    from wmjax.series._catalogue import catalogue_observations

    found = catalogue_observations(series.data)
    if series.data not in found:
        raise DataError(f"series {name!r}, data", f"the table {series.data!r}",
                        f"one series of it, such as {next(iter(found))!r}")  # fmt: skip
    found = found[series.data]
    factor = 1.0
    if series.unit and found.unit and series.unit != found.unit:
        from wmjax.spec import convert_factor

        factor = convert_factor(found.unit, series.unit, spec.units)
    return np.asarray(found.times, float), np.asarray(found.values, float) * factor


def _continued(
    times: np.ndarray, values: np.ndarray, grid: np.ndarray, series: Series
) -> tuple[np.ndarray, float]:
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
