"""The scalar back end: one JAX operation for each entry of a tape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax

from wmjax.model._operations import (
    CHOICES,
    LOGICAL,
    POINTWISE,
    REDUCTIONS,
    TIMED,
    Value,
    power,
    truth,
)
from wmjax.model._sources import Sources
from wmjax.program import Entry, Program, Tape
from wmjax.spec import TIME_NAMES


Values = dict[int, Value]

_HEAVIEST = 64
"""Operations that a value may repeat. XLA repeats a cheap value in the code of everything that
reads it, so a chain of n values would take time of order n^2 to compile. The value of a table is
never repeated."""


class Round(NamedTuple):
    """Entries in order, and tables that can be looked up together after them."""

    computed: tuple[int, ...]
    looked_up: tuple[int, ...]


@lru_cache(maxsize=256)
def rounds(tape: Tape, wanted: tuple[int, ...]) -> tuple[Round, ...]:
    """The order in which to compute some entries from all others: as few rounds as there are."""
    entries, number = tape.entries, dict[int, int]()
    for at in sorted(wanted):
        before = [a for a in entries[at].args if a in number]
        number[at] = max((number[a] + (entries[a].op == "lookup") for a in before), default=0)
    found = [([], []) for _ in range(max(number.values(), default=-1) + 1)]
    for at, i in number.items():
        found[i][entries[at].op == "lookup"].append(at)
    return tuple(Round(tuple(one), tuple(other)) for one, other in found)


def evaluate(
    tape: Tape, wanted: Iterable[int], have: Mapping[int, Value], sources: Sources
) -> Values:
    """The values of entries, and those in `have`, which are known.

    Truth values stay truth values; `number` makes numbers of them.
    """
    return _Evaluator(tape, have, sources).run(tuple(i for i in wanted if i not in have))


class _Evaluator:
    def __init__(self, tape: Tape, have: Mapping[int, Value], sources: Sources) -> None:
        self._tape, self._sources = tape, sources
        self._dtype = sources.clock.time.dtype
        self._values: Values = dict(have)
        self._weights: dict[int, int] = {}

    def run(self, wanted: tuple[int, ...]) -> Values:
        for computed, looked_up in rounds(self._tape, wanted):
            for at in computed:
                self._values[at] = self._weighed(at, self._compute(self._tape.entries[at]))
            self._look_up(looked_up)
        return self._values

    def _weighed(self, at: int, value: Value) -> Value:
        """The value, kept from being repeated if it took many operations."""
        e = self._tape.entries[at]
        weight = sum(self._weights.get(a, 0) for a in e.args) + bool(e.args)
        if weight > _HEAVIEST:
            value, weight = lax.optimization_barrier(value), 0
        self._weights[at] = weight
        return value

    def _look_up(self, several: Sequence[int]) -> None:
        entries, tables = self._tape.entries, self._sources.tables
        names = {i: str(entries[i].data) for i in several}
        x = {i: self.number(self._values[entries[i].args[0]]) for i in several}
        single = [i for i in several if not x[i].ndim]
        together = tables.together([names[i] for i in single], [x[i] for i in single])
        self._values |= zip(single, together, strict=True)
        found = {i: tables(names[i], x[i]) for i in several if x[i].ndim}
        self._values |= lax.optimization_barrier(found)

    def _compute(self, e: Entry) -> Value:
        op, sources = e.op, self._sources
        if op == "const":
            return np.asarray(e.data, self._dtype)
        if op == "ref":
            return sources.read(str(e.data))
        if op in TIME_NAMES:
            return getattr(sources.clock, op)
        if op == "index":
            return jnp.arange(1, sources.program.size(str(e.data)) + 1, dtype=self._dtype)
        args = [self._values[a] for a in e.args]
        if op in LOGICAL:
            return LOGICAL[op](*_together(*map(truth, args)))
        if op in CHOICES:
            rest = (args[1], np.asarray(e.data, self._dtype)) if op == "guard" else args[1:]
            return CHOICES[op](*_together(truth(args[0]), *(self.number(x) for x in rest)))
        if op == "any":
            return jnp.any(truth(args[0]), axis=e.data) if args[0].ndim else args[0]  # pyright: ignore
        if op in _MOVES:
            args = [self.number(x) for x in args] if op == "assemble" else args
            return _MOVES[op](sources.program, args, self._tape.entries[e.args[0]].dims, e)
        return self._numeric(e, [self.number(x) for x in args])

    def _numeric(self, e: Entry, args: list[Value]) -> Value:
        op, sources = e.op, self._sources
        if op in ("^", "power") and self._tape.entries[e.args[1]].op == "const":
            return power(args[0], float(str(self._tape.entries[e.args[1]].data)))
        if op in POINTWISE:
            return POINTWISE[op](*_together(*args))
        if op in TIMED:
            return TIMED[op](sources.clock, *args)
        if op == "effect":
            return sources.affected(str(e.data), args[0])
        axes, sizes = e.data  # pyright: ignore[reportGeneralTypeIssues]
        shape = list(args[0].shape) or [1] * len(self._tape.entries[e.args[0]].dims)
        for axis, dim in zip(axes, sizes, strict=True):
            shape[axis] = sources.program.size(dim)
        return REDUCTIONS[op](jnp.broadcast_to(args[0], shape), axis=axes)

    def number(self, x: Value) -> Value:
        return x.astype(self._dtype) if x.dtype == np.bool_ else x


def _together(*xs: Value) -> tuple[Value, ...]:
    """Values with the shape that they have together."""
    shapes = {x.shape for x in xs}
    if len(shapes) == 1:
        return xs
    shape = np.broadcast_shapes(*shapes)
    return tuple(jnp.broadcast_to(x, shape) for x in xs)


def _align(program: Program, args: list[Value], have: tuple[str, ...], e: Entry) -> Value:
    return aligned(args[0], have, e.dims)


def _fill(program: Program, args: list[Value], have: tuple[str, ...], e: Entry) -> Value:
    shape = tuple(program.size(d) for d in e.dims)
    return jnp.broadcast_to(aligned(args[0], have, e.dims), shape)


def _assemble(program: Program, args: list[Value], have: tuple[str, ...], e: Entry) -> Value:
    return jnp.stack(args).reshape(tuple(program.size(d) for d in e.dims))


def _take(program: Program, args: list[Value], have: tuple[str, ...], e: Entry) -> Value:
    """Elements picked from each axis: by slices where they stand side by side."""
    x, picks = args[0], e.data
    assert isinstance(picks, tuple)
    for axis in reversed(range(len(picks))):
        pick = picks[axis]
        if isinstance(pick, int):
            x = lax.index_in_dim(x, pick, axis, keepdims=False)
        elif pick == tuple(range(pick[0], pick[0] + len(pick))) if pick else False:
            x = lax.slice_in_dim(x, pick[0], pick[0] + len(pick), axis=axis)
        elif pick is not None:
            x = jnp.take(x, jnp.asarray(pick), axis=axis)
    return x


def aligned(x: Value, have: tuple[str, ...], want: tuple[str, ...]) -> Value:
    """A value with other axes, those that it lacks of size one; one without axes stays so."""
    if not x.ndim:
        return x
    order = [have.index(d) for d in want if d in have]
    x = jnp.transpose(x, order) if order != sorted(order) else x
    missing = tuple(i for i, d in enumerate(want) if d not in have)
    return jnp.expand_dims(x, missing) if missing else x


_MOVES = {"align": _align, "fill": _fill, "assemble": _assemble, "take": _take}
"""Operations that compute nothing: they move elements, truth values among them."""
