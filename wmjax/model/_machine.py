"""The machine of the grouped back end as primitives of JAX.

A run of levels is a loop whose body is compiled once. Its slope is a loop of the same kind, and the
transpose of that goes through the levels backwards and only reads: JAX's own would add one element
after another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir
from jaxtyping import Array

from wmjax.model._operations import POINTWISE
from wmjax.model._tables import Places, Points
from wmjax.program import KINDS, Machine


Function = Callable[..., Array]
"""What a kind computes from the points of all tables and its arguments."""


@dataclass(frozen=True, eq=False)
class Levels:
    """A machine with the places of the tables that it reads."""

    machine: Machine
    places: Places

    def __call__(self, source: Array, points: Points) -> Array:
        """What is wanted, from the source."""
        return _values.bind(source, *points, levels=self)[0]

    def rows(self, lanes: Array, number: Array) -> list[Array]:
        """The first, second and third arguments of a level."""
        return [_at(lanes, jnp.asarray(a)[number]) for a in self.machine.args]

    def kinds(self, number: Array, *rows: Sequence[Array]) -> Iterator[tuple[Any, ...]]:
        """For each kind its function, then its part of the given rows of arguments."""
        first = 0
        for name, width in self.machine.widths:
            where = slice(first, first + width)
            function = _FUNCTIONS.get(name) or self._lookup(number)
            yield function, where, *([a[where] for a in row[: KINDS[name]]] for row in rows)
            first += width

    def _lookup(self, number: Array) -> Function:
        table = jnp.asarray(self.machine.labels)[number]
        return lambda points, x: self.places.look_up(points, table, x)


def _plain(operation: Callable[..., Any]) -> Function:
    return lambda points, *args: operation(*args).astype(args[0].dtype)


_FUNCTIONS: dict[str, Function] = {
    **{n: _plain(f) for n, f in POINTWISE.items() if n in KINDS},
    "select": lambda points, c, a, b: jnp.where(c != 0, a, b),
    "remainder": _plain(jnp.mod),
    "copy": lambda points, x: x,
}


def _at(lanes: Array, index: Array) -> Array:
    return lanes.at[index].get(mode="promise_in_bounds")


def _put(lanes: Array, rows: Sequence[Array], at: Array) -> Array:
    return lax.dynamic_update_slice_in_dim(lanes, jnp.concatenate(rows), at, 0)


def _longer(source: Array, machine: Machine) -> Array:
    """All lanes, those of the source in place."""
    rest = machine.levels * machine.width
    return jnp.concatenate([source, jnp.zeros((rest, *source.shape[1:]), source.dtype)])


def _value(source: Array, *tables: Array, levels: Levels) -> tuple[Array, Array]:
    """What is wanted, and all lanes."""
    m, points = levels.machine, Points(*tables)

    def level(number: Array, lanes: Array) -> Array:
        rows = levels.rows(lanes, number)
        found = [f(points, *args) for f, _, args in levels.kinds(number, rows)]
        return _put(lanes, found, m.sources + number * m.width)

    lanes = lax.fori_loop(0, m.levels, level, _longer(source, m)) if m.levels else source
    return _at(lanes, jnp.asarray(m.out)), lanes


def _push(lanes: Array, *more: Array, levels: Levels, tables: bool) -> Array:
    """How what is wanted moves with the source, and with the points if `tables` says so."""
    m, points = levels.machine, Points(*more[:3])
    moves = Points(*more[4:]) if tables else None

    def level(number: Array, dots: Array) -> Array:
        rows, slopes = levels.rows(lanes, number), levels.rows(dots, number)
        found = []
        for f, _, args, d in levels.kinds(number, rows, slopes):
            if moves is None:
                found.append(jax.jvp(partial(f, points), args, d)[1])
            else:
                found.append(jax.jvp(f, (points, *args), (moves, *d))[1])
        return _put(dots, found, m.sources + number * m.width)

    dots = lax.fori_loop(0, m.levels, level, _longer(more[3], m)) if m.levels else more[3]
    return _at(dots, jnp.asarray(m.out))


def _pull(lanes: Array, *more: Array, levels: Levels, tables: bool) -> tuple[Array, ...]:
    """The transpose: slopes with respect to the source, then to the points; see `Machine`."""
    m, points, ct = levels.machine, Points(*more[:3]), more[3]
    none = jnp.zeros((m.levels * m.parts + 1, *ct.shape[1:]), ct.dtype)
    columns = range(m.readers.shape[2])
    parts = jnp.concatenate([none[:-1], ct, none[-1:]])
    sums = Points(*map(jnp.zeros_like, points)) if tables else None

    def level(i: Array, carry: tuple[Array, Points | None]) -> tuple[Array, Points | None]:
        parts, sums = carry
        number = m.levels - 1 - i
        readers = jnp.asarray(m.readers)[number]
        mine = sum((_at(parts, readers[:, k]) for k in columns), jnp.zeros((), ct.dtype))
        found: list[list[Array]] = [[], [], []]
        for f, where, args in levels.kinds(number, levels.rows(lanes, number)):
            if sums is None:
                slopes = jax.vjp(partial(f, points), *args)[1](mine[where])
            else:
                own, *slopes = jax.vjp(f, points, *args)[1](mine[where])
                sums = jax.tree.map(jnp.add, sums, own)
            for column, slope in zip(found, slopes, strict=False):
                column.append(slope)
        return _put(parts, sum(found, []), number * m.parts), sums

    if m.levels:
        parts, sums = lax.fori_loop(0, m.levels, level, (parts, sums))
    added = [_at(parts, jnp.asarray(r)).sum(1) for r in m.rows]
    source = _at(jnp.concatenate([*added, none[-1:]]), jnp.asarray(m.place))
    return (source, *(sums or ()))


def _primitive(
    name: str, function: Callable[..., Any], static: tuple[str, ...], several: bool
) -> Primitive:
    """A primitive that computes what a function does."""
    made = Primitive(name)
    made.multiple_results = several
    made.def_impl(jax.jit(function, static_argnames=static))
    mlir.register_lowering(made, mlir.lower_fun(function, multiple_results=several))
    ad.primitive_jvps[made] = lambda primals, tangents, **params: jax.jvp(
        partial(function, **params), primals, [ad.instantiate_zeros(t) for t in tangents]
    )
    batching.primitive_batchers[made] = partial(_batched, made)
    return made


def _batched(
    made: Primitive, args: Sequence[Array], axes: Sequence[int | None], **params: Any
) -> tuple[Any, Any]:
    """The new axis comes last. Points keep to themselves where all runs have the same, unless
    slopes with respect to them are asked for, which are those of each run."""
    size = next(a.shape[i] for a, i in zip(args, axes, strict=True) if i is not None)
    own = [not 1 <= i <= 3 and i < 5 for i in range(len(args))]
    shared = not params.get("tables") and all(axes[i] is None for i in (1, 2, 3))
    moved = []
    for x, axis, always in zip(args, axes, own, strict=True):
        if axis is not None:
            x = jnp.moveaxis(x, axis, -1)
        elif always or not shared:
            x = jnp.broadcast_to(x[..., None], (*x.shape, size))
        moved.append(x)
    found = made.bind(*moved, **params)
    if not made.multiple_results:
        return found, found.ndim - 1
    return found, [x.ndim - 1 for x in found]


def _slope(primals: Sequence[Array], tangents: Sequence[Any], *, levels: Levels) -> Any:
    out, lanes = _values.bind(*primals, levels=levels)
    tables = any(type(t) is not ad.Zero for t in tangents[1:])
    dots = [ad.instantiate_zeros(t) for t in (tangents if tables else tangents[:1])]
    moved = _pushed.bind(lanes, *primals[1:], *dots, levels=levels, tables=tables)
    return [out, lanes], [moved, ad.Zero(jax.typeof(lanes).to_tangent_aval())]


def _transposed(ct: Any, *args: Any, levels: Levels, tables: bool) -> list[Any]:
    if type(ct) is ad.Zero:
        return [None] * len(args)
    found = _pulled.bind(*args[:4], ct, levels=levels, tables=tables)
    pairs = zip(args[4:], found, strict=True)
    return [None] * 4 + [x if ad.is_undefined_primal(a) else None for a, x in pairs]


_values = _primitive("machine", _value, ("levels",), several=True)
_pushed = _primitive("machine_push", _push, ("levels", "tables"), several=False)
_pulled = _primitive("machine_pull", _pull, ("levels", "tables"), several=True)
ad.primitive_jvps[_values] = _slope
ad.primitive_transposes[_pushed] = _transposed


@_values.def_abstract_eval
def _(source: Any, *tables: Any, levels: Levels) -> tuple[Any, Any]:
    m, batch = levels.machine, source.shape[1:]
    count = m.sources + m.levels * m.width
    return source.update(shape=(len(m.out), *batch)), source.update(shape=(count, *batch))


@_pushed.def_abstract_eval
def _(lanes: Any, *more: Any, levels: Levels, tables: bool) -> Any:
    return lanes.update(shape=(len(levels.machine.out), *lanes.shape[1:]))


@_pulled.def_abstract_eval
def _(lanes: Any, *more: Any, levels: Levels, tables: bool) -> tuple[Any, ...]:
    source = lanes.update(shape=(levels.machine.sources, *lanes.shape[1:]))
    return (source, *(more[:3] if tables else ()))
