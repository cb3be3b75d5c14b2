"""Exogenous series: data up to a last observation, a stated rule beyond it."""

from __future__ import annotations

from typing import Literal

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from wmjax._errors import DataError
from wmjax.spec import ModelSpec, Series


class Forcing(eqx.Module):
    """Values of an exogenous series at rising times."""

    t: Float[Array, " times"]
    v: Float[Array, " times"]

    def __call__(
        self, time: Float[Array, ""], mode: Literal["linear", "previous", "next", "nearest"]
    ) -> Float[Array, ""]:
        """The value at a time; before the first and after the last time it holds."""
        last = self.t.shape[0] - 1
        i = jnp.clip(jnp.searchsorted(self.t, time, side="right") - 1, 0, last)
        j = jnp.minimum(i + 1, last)
        width = self.t[j] - self.t[i]
        share = jnp.clip((time - self.t[i]) / jnp.where(width > 0, width, 1.0), 0.0, 1.0)
        if mode == "previous":
            share = jnp.zeros_like(share)
        elif mode == "next":
            share = (share > 0).astype(share.dtype)
        elif mode == "nearest":
            share = (share >= 0.5).astype(share.dtype)
        return self.v[i] + share * (self.v[j] - self.v[i])


def forcing(spec: ModelSpec, name: str, *, known_until: float | None, dtype: jnp.dtype) -> Forcing:
    """The series as a model may know it at `known_until`: later values follow the stated rule.

    The times do not depend on `known_until`, so that every origin of a backtest shares one
    compiled program.
    """
    series = spec.variables[name]
    assert isinstance(series, Series)
    times, values = _known(spec, name, series)
    end = max(spec.time.end, times[-1])
    step = float(np.median(np.diff(times))) if len(times) > 1 else spec.time.step
    grid = np.concatenate([times, np.arange(times[-1] + step, end + step, step)])
    cut = times[-1] if known_until is None else known_until
    seen = times <= cut
    if not seen.any():
        raise DataError(f"series {name!r}", f"no value up to {cut:g}",
                        "at least one", "start later, or give earlier values")  # fmt: skip
    path = _continued(times[seen], values[seen], grid, series)
    return Forcing(jnp.asarray(grid, dtype), jnp.asarray(path, dtype))


def _known(spec: ModelSpec, name: str, series: Series) -> tuple[np.ndarray, np.ndarray]:
    if series.data is None:
        return np.asarray(series.times, float), np.asarray(series.values, float)
    from wmjax.series import load_observations

    found = load_observations(series.data)[series.data]
    factor = 1.0
    if series.unit and found.unit and series.unit != found.unit:
        from wmjax.spec import convert_factor

        factor = convert_factor(found.unit, series.unit, spec.units)
    return np.asarray(found.times, float), np.asarray(found.values, float) * factor


def _continued(
    times: np.ndarray, values: np.ndarray, grid: np.ndarray, series: Series
) -> np.ndarray:
    path = np.interp(grid, times, values)
    later = grid > times[-1]
    recent = times > times[-1] - series.beyond.years
    if series.beyond.rule == "mean":
        path[later] = values[recent].mean()
    elif series.beyond.rule == "trend" and recent.sum() > 1:
        slope = np.polyfit(times[recent], values[recent], 1)[0]
        path[later] = values[-1] + slope * (grid[later] - times[-1])
    return path
