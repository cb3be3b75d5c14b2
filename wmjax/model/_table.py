"""Piecewise-linear functions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Literal, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float


LONG = 16  # points above which gathering beats a sum of ramps (measured for World3's tables)
_EVEN = 1e-6  # of a width: a place taken for its neighbour's by so little is still on the line

Outside = Literal["hold", "extrapolate"]


class Table(eqx.Module):
    """A function given by points, linear between them; `x` rises, with jumps where it repeats."""

    x: Float[Array, " points"]
    y: Float[Array, " points"]
    even: bool = eqx.field(static=True)
    """Whether all segments are equally wide: structure, known before a run."""

    def __init__(self, x: Array, y: Array, even: bool | None = None) -> None:
        self.x, self.y = x, y
        self.even = is_even(np.asarray(x)) if even is None else even

    def __call__(self, at: Float[Array, "*shape"], outside: Outside) -> Float[Array, "*shape"]:
        """The value at `at`; beyond the ends it holds, or follows the last segment."""
        return self.prepared()(at, outside)

    def prepared(self) -> Segments:
        """The table with all divisions done, to be evaluated many times."""
        return Tables({"": self})[""]


class Segments(NamedTuple):
    """Points of a table, and the slope from each of them to the next (0 where x repeats)."""

    x: Array
    y: Array
    slope: Array
    even: bool

    def __call__(self, at: Array | np.ndarray, outside: Outside) -> Array:
        how = _gathered if self.x.shape[0] > LONG else _selected
        return how(*self[:3], at, self.even, outside)


class Tables:
    """Tables made ready together, in three vectors: a loop that reads many arrays takes long to
    compile (World3: 3.9 s, 7.5 s with a few arrays for each table)."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._even = {n: t.even for n, t in tables.items()}
        ends = np.cumsum([t.x.shape[0] for t in tables.values()]).tolist()
        self._places = dict(zip(tables, zip([0, *ends], ends, strict=False), strict=True))
        if tables:
            x = jnp.concatenate([t.x for t in tables.values()])
            y = jnp.concatenate([t.y for t in tables.values()])
            self._vectors = (x, y, _slopes(x, y))

    def __getitem__(self, name: str) -> Segments:
        start, end = self._places[name]
        x, y, slope = self._vectors
        points, lines = ((start,), (end,)), ((start,), (end - 1,))
        return Segments(
            lax.slice(x, *points), lax.slice(y, *points), lax.slice(slope, *lines),
            self._even[name],
        )  # fmt: skip


def is_even(x: np.ndarray) -> bool:
    width = np.diff(x)
    return bool(np.ptp(width) <= _EVEN * width.max()) and bool(width.min() > 0)


def _slopes(x: Array, y: Array) -> Array:
    """Slopes between points; those from one table to the next mean nothing."""
    width, rise = x[1:] - x[:-1], y[1:] - y[:-1]
    return jnp.where(width == 0, 0.0, rise / jnp.where(width == 0, 1.0, width))


# Compiled on their own these are traced once for each number of points, not for each table:
# World3 has 55 tables of 12 lengths.
@partial(jax.jit, static_argnums=(4, 5))
def _selected(
    x: Array, y: Array, slope: Array, at: Array | np.ndarray, even: bool, outside: Outside
) -> Array | np.ndarray:
    """The line of the last point that is passed: no branch, no gather, no division.

    At a point the stored value comes out exactly; where x repeats, the later one.
    """
    last = x.shape[0] - 1
    low = lax.max(at, _over(x[0], at)) if outside == "hold" else at
    value = _over(y[0], at) + _over(slope[0], at) * (low - _over(x[0], at))
    for i in range(1, last + 1):
        start, line = _over(x[i], at), _over(y[i], at)
        if i < last or outside == "extrapolate":
            line = line + _over(slope[min(i, last - 1)], at) * (at - start)
        value = lax.select(lax.ge(at, start), line, value)
    return value


@partial(jax.jit, static_argnums=(4, 5))
def _gathered(
    x: Array, y: Array, slope: Array, at: Array | np.ndarray, even: bool, outside: Outside
) -> Array:
    """The same, with the point found by division where all segments are equally wide."""
    last = x.shape[0] - 1
    inside = jnp.clip(at, x[0], x[-1]) if outside == "hold" else jnp.asarray(at)
    if even:
        i = jnp.clip((at - x[0]) / (x[1] - x[0]), 0, last).astype(jnp.int32)
        i = i - (at < x[i]).astype(jnp.int32)  # rounding may miss a point by one
        i = i + (at >= x[jnp.minimum(i + 1, last)]).astype(jnp.int32)
    else:
        i = jnp.searchsorted(x, at, side="right") - 1
    i = jnp.clip(i, 0, last)
    return y[i] + slope[jnp.minimum(i, last - 1)] * (inside - x[i])


def _over(number: Array | np.ndarray, at: Array | np.ndarray) -> Array | np.ndarray:
    """A number along the axes of `at`."""
    return lax.broadcast(number, at.shape) if at.shape else number
