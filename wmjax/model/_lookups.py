"""Many tables, each at one number, in a few operations.

One scenario looks the places of all tables up at once; many scenarios side by side go from point to
point of each table, which vector registers do well. A derivative is one product a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.custom_batching import custom_vmap
from jax.custom_derivatives import SymbolicZero
from jaxtyping import Array, Float


Numbers = tuple[Any, ...]
"""An array without axes for each table."""
Found = tuple[Numbers, Numbers]
"""Values and slopes."""
Line = tuple[Array, Array, Array]
"""x and y of a point, and the slope from there on."""


class Layout(NamedTuple):
    """Of each table the number of its first line, its points, and whether it holds beyond them."""

    firsts: tuple[int, ...]
    sizes: tuple[int, ...]
    holds: tuple[bool, ...]


def look_up(
    layout: Layout,
    at: Sequence[Array | np.ndarray],
    x: Float[Array, "points tables"],
    lines: Float[Array, "lines 3"],
) -> Numbers:
    """The value of each table at its number; see `Tables` for the lines."""
    return _reader(layout)(tuple(jnp.asarray(a) for a in at), x, lines)[0]


def on_line(line: Line, at: Array | np.ndarray, holds: bool | np.ndarray) -> Array:
    """The value at `at`. What holds is flat far beyond the ends, and so it is at infinity."""
    start, value, slope = line
    if np.all(holds):
        at = _finite(at)
    elif np.any(holds):
        at = jnp.where(holds, _finite(at), at)
    return value + slope * (at - start)


def _finite(at: Array | np.ndarray) -> Array:
    largest = np.asarray(jnp.finfo(at.dtype).max, at.dtype)
    return lax.clamp(-largest, at, largest)


@lru_cache(maxsize=512)
def _reader(layout: Layout) -> Any:
    """Values and slopes of tables as a function that JAX transforms as we say."""

    @custom_vmap
    def found(at: Numbers, x: Array, lines: Array) -> Found:
        return _all_at_once(layout, at, x, lines)

    @found.def_vmap
    def _(size: int, batched: Any, at: Numbers, x: Array, lines: Array) -> tuple[Found, Any]:
        if batched[1] or batched[2]:
            axes = jax.tree.map(lambda b: 0 if b else None, tuple(batched))
            several = jax.vmap(partial(_all_at_once, layout), axes)(at, x, lines)
        else:
            pairs = zip(at, batched[0], strict=True)
            each = tuple(a if own else jnp.broadcast_to(a, size) for a, own in pairs)
            several = _point_by_point(layout, each, x, lines)
        return several, jax.tree.map(lambda _: True, several)

    @jax.custom_jvp
    def read(at: Numbers, x: Array, lines: Array) -> Found:
        return found(at, x, lines)

    @partial(read.defjvp, symbolic_zeros=True)
    def _(primals: Any, tangents: Any) -> tuple[Found, Any]:
        at, x, lines = primals
        (d_at, _, d_lines), moves = tangents, not isinstance(tangents[2], SymbolicZero)
        values, slopes = read(at, x, lines)
        still = SymbolicZero(jax.typeof(values[0]).to_tangent_aval())
        by_at = [still if isinstance(d, SymbolicZero) else s * d
                 for s, d in zip(slopes, d_at, strict=True)]  # fmt: skip
        if not moves:
            return (values, slopes), (tuple(by_at), (still,) * len(slopes))
        by_lines = jax.jvp(lambda some: _all_at_once(layout, at, x, some), [lines], [d_lines])[1]
        both = [m if isinstance(d, SymbolicZero) else m + d
                for m, d in zip(by_lines[0], by_at, strict=True)]  # fmt: skip
        return (values, slopes), (tuple(both), by_lines[1])

    return read


def _all_at_once(layout: Layout, at: Numbers, x: Array, lines: Array) -> Found:
    every = lax.concatenate([lax.reshape(a, (1,)) for a in at], 0)
    passed = lax.ge(lax.broadcast_in_dim(_finite(every), x.shape, (1,)), x)
    count = lax.reduce_sum(lax.convert_element_type(passed, np.int32), axes=(0,))
    start, value, slope = lax.split(rows_of(lines, count + np.array(layout.firsts, np.int32)),
                                    [1, 1, 1], axis=1)  # fmt: skip
    line = start.reshape(-1), value.reshape(-1), slope.reshape(-1)
    return _apart(on_line(line, every, np.array(layout.holds))), _apart(line[2])


def rows_of(matrix: Array, rows: Array | np.ndarray) -> Array:
    """Some rows of a matrix; in words of `lax`, which are traced sooner than those of numpy."""
    numbers = lax.GatherDimensionNumbers((1,), (0,), (0,))
    return lax.gather(
        matrix, lax.reshape(rows, (*rows.shape, 1)), numbers, (1, matrix.shape[1]),
        mode=lax.GatherScatterMode.PROMISE_IN_BOUNDS,
    )  # fmt: skip


def _apart(numbers: Array) -> Numbers:
    """One by one, of which XLA repeats none."""
    parts = lax.split(lax.optimization_barrier(numbers), [1] * numbers.shape[0])
    return tuple(lax.reshape(p, ()) for p in parts)


def _point_by_point(layout: Layout, at: Numbers, x: Array, lines: Array) -> Found:
    values, slopes = [], []
    for i, a in enumerate(at):
        first, size = layout.firsts[i], layout.sizes[i]
        line = _selected(lax.slice_in_dim(lines, first, first + size + 1), x[:size, i], a)
        values.append(on_line(line, a, layout.holds[i]))
        slopes.append(line[2])
    return lax.optimization_barrier((tuple(values), tuple(slopes)))


# Compiled on its own it is traced once for each number of points, not for each table: World3 has
# 55 tables of 12 lengths.
@jax.jit
def _selected(lines: Array, x: Array, at: Array) -> Line:
    """The last line whose point is passed: no branch, no gather."""
    found = [lax.broadcast(c, at.shape) for c in lines[0]]
    for line, start in zip(lines[1:], x, strict=True):
        passed = lax.ge(at, lax.broadcast(start, at.shape))
        found = [lax.select(passed, lax.broadcast(c, at.shape), f)
                 for c, f in zip(line, found, strict=True)]  # fmt: skip
    return found[0], found[1], found[2]
