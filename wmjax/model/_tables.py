"""The points of all tables side by side, and many lookups at once, each in its own table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from wmjax.model._slices import TableSlices, joined


Outside = Literal["hold", "extrapolate"]


class Points(NamedTuple):
    """Points of tables, and the slope from each to the next: 0 at a jump, and at the last point
    unless its table is extrapolated. Batches are further axes."""

    x: Array
    y: Array
    slope: Array


@dataclass(frozen=True, eq=False)
class Places:
    """Where each table begins, how many points it has, and whether it goes on beyond its ends."""

    start: np.ndarray
    size: np.ndarray
    on: np.ndarray

    def look_up(self, points: Points, table: Array, at: Array) -> Array:
        """The value of each element of `at` in its own table, found by bisection."""
        shape = (-1,) + (1,) * (at.ndim - 1)
        start, size, on = (jnp.asarray(a)[table].reshape(shape) for a in (
            self.start, self.size, self.on))  # fmt: skip
        low, high = jnp.zeros(at.shape, jnp.int32), jnp.broadcast_to(size, at.shape)
        for _ in range(int(self.size.max(initial=1)).bit_length()):
            middle = (low + high) // 2
            passed = at >= _read(points.x, start + middle)
            low, high = jnp.where(passed, middle, low), jnp.where(passed, high, middle)
        i = start + low
        if not self.on.all():
            ends = (jnp.broadcast_to(e, at.shape) for e in (start, start + size - 1))
            held = jnp.clip(at, *(_read(points.x, e) for e in ends))
            at = jnp.where(on, at, held) if self.on.any() else held
        return _read(points.y, i) + _read(points.slope, i) * (at - _read(points.x, i))


def _read(points: Array, i: Array) -> Array:
    if points.ndim == 1:
        return points.at[i].get(mode="promise_in_bounds")
    return jnp.take_along_axis(points, i, 0, mode="promise_in_bounds")


def all_tables(
    lookups: Mapping[str, object], outside: Mapping[str, Outside], dtype: jnp.dtype
) -> tuple[Points, Places]:
    """The tables of a model in order."""
    names = list(outside)
    if isinstance(lookups, TableSlices):
        x, y = lookups.x, lookups.y
        sizes = [lookups.x.shapes[n][0] for n in names]
    else:
        x, y = ({n: getattr(lookups[n], k) for n in names} for k in "xy")
        sizes = [x[n].shape[0] for n in names]
    size = np.array(sizes, np.int32)
    start = np.concatenate([[0], np.cumsum(size)[:-1]]).astype(np.int32)[: len(size)]
    on = np.array([outside[n] == "extrapolate" for n in names], bool)
    flat = joined(x, names, dtype), joined(y, names, dtype)
    return Points(*flat, _slopes(*flat, start + size - 1, on)), Places(start, size, on)


def _slopes(x: Array, y: Array, last: np.ndarray, on: np.ndarray) -> Array:
    left = np.arange(x.shape[0])
    left[last] -= 1
    width, rise = (v[left + 1] - v[left] for v in (x, y))
    flat = np.zeros(len(left), bool)
    flat[last[~on]] = True
    still = flat | (width == 0)
    return jnp.where(still, 0.0, rise / jnp.where(still, 1.0, width))
