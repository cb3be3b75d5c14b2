"""Exogenous series: data up to a last observation, a stated rule beyond it."""

from __future__ import annotations

from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from wmjax.series._path import series_path
from wmjax.spec import ModelSpec, SeriesPath


_ROUNDING = 1e-3  # of a step: times closer than this are the same time


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
    path = series_path(spec, name, known_until=known_until)
    numbers = (np.asarray(x, dtype) for x in (path.times, path.values, path.slope))
    return Forcing(*jax.device_put(tuple(numbers)))


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
