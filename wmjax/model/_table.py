"""Piecewise-linear functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from wmjax.model._lookups import Layout, Line, look_up, on_line, rows_of


LONG = 64  # points above which a place is not found by a look at all
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
        return Tables({"": (self, outside)})("", at)


class Tables:
    """Tables made ready together: a loop that reads many arrays takes long to compile.

    The lines of a table are that before its first point and that from each point on: x and y of the
    point, and the slope.
    """

    def __init__(self, tables: Mapping[str, tuple[Table, Outside]]) -> None:
        self._tables = tables
        sizes = np.array([t.x.shape[0] for t, _ in tables.values()], np.int32)
        firsts = np.cumsum(sizes + 1, dtype=np.int32) - sizes - 1
        self._first = dict(zip(tables, firsts.tolist(), strict=True))
        self._number = {n: i for i, n in enumerate(tables)}
        if tables:
            x = lax.concatenate([t.x for t, _ in tables.values()], 0)
            y = lax.concatenate([t.y for t, _ in tables.values()], 0)
            on = np.array([outside == "extrapolate" for _, outside in tables.values()])
            self._lines = _lines(x, y, sizes, on)
            self._x = _side_by_side(x, sizes)

    def __call__(self, name: str, at: Array | np.ndarray) -> Array:
        """One table at numbers of any shape."""
        table, outside = self._tables[name]
        found = _read(table.x, self._lines, np.int32(self._first[name]), at, table.even)
        return on_line(found, at, outside == "hold")

    def together(self, names: Sequence[str], at: Sequence[Array | np.ndarray]) -> Sequence[Array]:
        """Several tables, each at one number."""
        short = [i for i, n in enumerate(names) if self._size(n) <= LONG]
        found = dict(zip(short, self._looked_up([names[i] for i in short], [at[i] for i in short]),
                         strict=True))  # fmt: skip
        return [found[i] if i in found else self(n, at[i]) for i, n in enumerate(names)]

    def _looked_up(self, names: Sequence[str], at: Sequence[Array | np.ndarray]) -> Sequence[Array]:
        if not names:
            return []
        layout = Layout(
            tuple(self._first[n] for n in names), tuple(self._size(n) for n in names),
            tuple(self._tables[n][1] == "hold" for n in names),
        )  # fmt: skip
        numbers = [self._number[n] for n in names]
        first, count = numbers[0], len(numbers)
        side_by_side = numbers == list(range(first, first + count))
        x = self._x[: max(layout.sizes)]
        x = x[:, first : first + count] if side_by_side else x[:, np.array(numbers)]
        return look_up(layout, at, x, self._lines)

    def _size(self, name: str) -> int:
        return self._tables[name][0].x.shape[0]


def is_even(x: np.ndarray) -> bool:
    width = np.diff(x)
    return bool(np.ptp(width) <= _EVEN * width.max()) and bool(width.min() > 0)


def _lines(x: Array, y: Array, sizes: np.ndarray, on: np.ndarray) -> Array:
    """The lines of tables one after another; one that holds is flat beyond its ends, as all are
    where x repeats."""
    ends = np.cumsum(sizes)
    tables = np.repeat(np.arange(len(sizes)), sizes + 1)
    starts = (ends - sizes)[tables]
    places = np.arange(len(tables)) - starts - tables  # 0: before all points
    points = starts + np.maximum(places - 1, 0)
    left = np.minimum(points, ends[tables] - 2)
    beyond = (places == 0) | (places == sizes[tables])
    both = lax.concatenate([lax.reshape(v, (len(v), 1)) for v in (x, y)], 1)
    found = rows_of(both, np.concatenate([points, left, left + 1]).astype(np.int32))
    here, before, after = lax.split(found, [len(points)] * 3)
    width, rise = lax.split(lax.sub(after, before), [1, 1], axis=1)
    flat = (beyond & ~on[tables])[:, None] | lax.eq(width, lax.full_like(width, 0.0))
    slope = rise / lax.select(flat, lax.full_like(width, 1.0), width)
    return lax.concatenate([here, lax.select(flat, lax.full_like(width, 0.0), slope)], 1)


def _side_by_side(x: Array, sizes: np.ndarray) -> Array:
    """The points of short tables as columns of one length; what is not there is infinite."""
    short = np.where(sizes <= LONG, sizes, 0)
    rows, starts = np.arange(short.max())[:, None], np.cumsum(sizes) - sizes
    there = rows < short
    places = np.where(there, starts + rows, 0).astype(np.int32)
    found = lax.reshape(rows_of(lax.reshape(x, (len(x), 1)), places.reshape(-1)), places.shape)
    return lax.select(there, found, lax.full_like(found, np.inf))


# Compiled on its own it is traced once for each number of points, not for each table.
@partial(jax.jit, static_argnums=4)
def _read(x: Array, lines: Array, start: Array, at: Array | np.ndarray, even: bool) -> Line:
    """The line that holds at `at`: x and y of its point, and its slope.

    At a point it is the line from there on, so that the stored value comes out exactly; where x
    repeats, the later one.
    """
    row = _row(x, jnp.asarray(at), even) + start
    if row.ndim:
        found = lines.at[row].get(mode="promise_in_bounds")
        return found[..., 0], found[..., 1], found[..., 2]
    found = lax.dynamic_slice(lines, (row, np.int32(0)), (1, 3))
    return found[0, 0], found[0, 1], found[0, 2]


def _row(x: Array, at: Array, even: bool) -> Array:
    """The number of points that are passed."""
    size = x.shape[0]
    if size <= LONG:
        return jnp.sum(at[..., None] >= x, axis=-1, dtype=jnp.int32)
    if not even:
        return jnp.searchsorted(x, at, side="right")
    last = size - 2  # segment
    near = jnp.clip((at - x[0]) / (x[1] - x[0]), 0, last).astype(jnp.int32)
    i = jnp.clip(near, 0, last)  # what is not a number has no place
    rounding = at >= x[i], at >= x[i + 1]  # which may miss a point by one
    return i + sum(passed.astype(jnp.int32) for passed in rounding)
