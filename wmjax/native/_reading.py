"""A tape as values: arrays element by element."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from wmjax.native._composed import POINTWISE, TIMED, Clock
from wmjax.native._job import Job
from wmjax.native._values import Graph, Value
from wmjax.program import Entry, Tape


Array = np.ndarray
"""Of values; those of one entry have its shape, or none if they are the same everywhere."""

_LOGIC = {"and": "and", "or": "or", "not": "not"}
_DATES = {"time_step": "dt", "initial_time": "start", "final_time": "end"}


class Uncovered(Exception):
    """What stands in the way of a kernel."""


@dataclass
class Reading:
    """Evaluates a tape at one time.

    - `stocks`: their values at that time.
    """

    job: Job
    graph: Graph
    clock: Clock
    stocks: Mapping[str, Array]

    def values(self, tape: Tape, wanted: Iterable[int]) -> dict[int, Array]:
        found: dict[int, Array] = {}
        for at in _needed(tape, wanted):
            found[at] = self._entry(tape, tape.entries[at], found)
        return found

    def _entry(self, tape: Tape, e: Entry, found: Mapping[int, Array]) -> Array:
        op, g = e.op, self.graph
        if op == "const":
            return array(g.number(float(str(e.data))))
        if op == "ref":
            return self._named(str(e.data))
        if op == "time":
            return array(self.clock.time)
        if op in _DATES:
            return array(g.make("date", data=_DATES[op]))
        if op == "index":
            count = self.job.program.size(str(e.data))
            return stacked([array(g.number(i + 1.0)) for i in range(count)])
        if op == "guard":  # what is computed in vain spoils nothing here
            return found[e.args[1]]
        args = [found[a] for a in e.args]
        dims = tape.entries[e.args[0]].dims
        if op in _MOVES:
            return _MOVES[op](self, args, dims, e)
        if op.startswith("reduce_"):
            return self._reduced(op.removeprefix("reduce_"), args[0], dims, e)
        return self._pointwise(op, args, e)

    def _pointwise(self, op: str, args: list[Array], e: Entry) -> Array:
        g = self.graph
        if op in _LOGIC:
            return each(lambda *xs: g.make(op, *map(g.truth, xs)), *args)
        if op == "if_then_else":
            return each(g.choice, *args)
        args = [each(g.real, a) for a in args]
        if op == "lookup":
            return each(lambda x: self._lookup(str(e.data), x), args[0])
        if op == "effect":
            return self._affected(str(e.data), args[0])
        if op in TIMED:
            return each(lambda *xs: TIMED[op](g, self.clock, *xs), *args)
        if op in POINTWISE:
            return each(lambda *xs: POINTWISE[op](g, *xs), *args)
        raise Uncovered(f"the operation {op!r}")

    def _named(self, name: str) -> Array:
        if name in self.stocks:
            return self.stocks[name]
        program = self.job.program
        if program.slot[name].kind == "parameter":
            return self._leaf(program.names("parameter").index(name))
        at = [n for n, _ in program.series].index(name)
        return array(self.graph.make("series", self.clock.time, data=at))

    def _leaf(self, leaf: int) -> Array:
        """The numbers of a leaf."""
        shape = self.job.leaves[leaf]
        found = np.empty(shape, object)
        for i, place in enumerate(np.ndindex(shape)):
            found[place] = self.graph.make("number", data=(leaf, i))
        return found

    def _lookup(self, name: str, x: Value) -> Value:
        at = [n for n, _ in self.job.program.lookups].index(name)
        place = self.graph.make("place", x, data=self.job.grids[at])
        return self.graph.make("entry", place, data=at)

    def _affected(self, name: str, value: Array) -> Array:
        """A variable under the events that act on it, in their order."""
        names = [n for n, _ in self.job.effects]
        if name not in names:
            return value
        first = self.job.first_effect + 7 * names.index(name)
        columns = [self._leaf(first + k) for k in range(7)]
        for i in range(len(columns[0])):
            start, end, ramp = (c[i] for c in columns[:3])
            strength = array(self._strength(start, end, ramp))
            value = each(self._under, value, strength, *(array(c[i]) for c in columns[3:]))
        return value

    def _strength(self, start: Value, end: Value, ramp: Value) -> Value:
        g, clock, zero, one = self.graph, self.clock, *map(self.graph.number, (0.0, 1.0))
        grows = g.make(">", ramp, zero)
        ago = g.make("-", clock.time, start)
        grown = g.make("/", ago, g.choice(grows, ramp, one))
        full = g.choice(grows, g.make("min", g.make("max", grown, zero), one), one)
        later = g.make(">", clock.switch, start)
        active = g.make("and", later, g.make("<", clock.switch, end))
        return g.make("*", g.real(active), full)

    def _under(self, x: Value, s: Value, factor: Value, add: Value, to: Value, w: Value) -> Value:
        make, one = self.graph.make, self.graph.number(1.0)
        grown = make("*", x, make("+", one, make("*", s, make("-", factor, one))))
        moved = make("+", grown, make("*", s, add))
        share = make("*", s, w)
        return make("+", make("*", make("-", one, share), moved), make("*", share, to))

    def _reduced(self, how: str, x: Array, dims: tuple[str, ...], e: Entry) -> Array:
        axes, sizes = e.data  # pyright: ignore[reportGeneralTypeIssues]
        shape = list(x.shape) or [1] * len(dims)
        for axis, dim in zip(axes, sizes, strict=True):
            shape[axis] = self.job.program.size(dim)
        full = each(self.graph.real, np.broadcast_to(x, shape))
        moved = np.moveaxis(full, axes, range(len(axes)))
        rows = moved.reshape(math.prod(moved.shape[: len(axes)]), *moved.shape[len(axes) :])
        op = {"sum": "+", "mean": "+", "prod": "*", "min": "min", "max": "max"}[how]
        joined = reduce(lambda a, b: each(lambda p, q: self.graph.make(op, p, q), a, b),
                        [array(row) for row in rows])  # fmt: skip
        if how != "mean":
            return joined
        count = self.graph.number(float(len(rows)))
        return each(lambda t: self.graph.make("/", t, count), joined)

    def full(self, x: Array, dims: tuple[str, ...]) -> Array:
        """A value with all elements along its axes."""
        return np.broadcast_to(x, tuple(self.job.program.size(d) for d in dims))


def array(x: Any) -> Array:
    """One value, or what NumPy takes for one, as an array."""
    if isinstance(x, np.ndarray):
        return x
    found = np.empty((), object)
    found[()] = x
    return found


def stacked(arrays: list[Array]) -> Array:
    found = np.empty((len(arrays), *arrays[0].shape), object)
    for i, x in enumerate(arrays):
        found[i] = x[()] if not x.ndim else x
    return found


def each(function: Callable[..., Value], *arrays: Array) -> Array:
    """A function element by element."""
    together = np.broadcast_arrays(*arrays)
    found = np.empty(together[0].shape, object)
    flat = found.reshape(-1)
    for i, xs in enumerate(zip(*(t.reshape(-1) for t in together), strict=True)):
        flat[i] = function(*xs)
    return found


def _needed(tape: Tape, wanted: Iterable[int]) -> list[int]:
    """The entries that others need, in their order; masks guard nothing here."""
    found: set[int] = set()
    stack = list(wanted)
    while stack:
        at = stack.pop()
        if at in found:
            continue
        found.add(at)
        e = tape.entries[at]
        stack.extend(e.args[1:] if e.op == "guard" else e.args)
    return sorted(found)


def _align(r: Reading, args: list[Array], have: tuple[str, ...], e: Entry) -> Array:
    return _aligned(args[0], have, e.dims)


def _fill(r: Reading, args: list[Array], have: tuple[str, ...], e: Entry) -> Array:
    return r.full(_aligned(args[0], have, e.dims), e.dims)


def _assemble(r: Reading, args: list[Array], have: tuple[str, ...], e: Entry) -> Array:
    rows = stacked([each(r.graph.real, x) for x in args])
    return rows.reshape(tuple(r.job.program.size(d) for d in e.dims))


def _take(r: Reading, args: list[Array], have: tuple[str, ...], e: Entry) -> Array:
    x, picks = r.full(args[0], have), e.data
    assert isinstance(picks, tuple)
    for axis in reversed(range(len(picks))):
        pick = picks[axis]
        if pick is not None:
            x = np.take(x, pick if isinstance(pick, int) else list(pick), axis=axis)
            x = array(x)
    return x


def _aligned(x: Array, have: tuple[str, ...], want: tuple[str, ...]) -> Array:
    if not x.ndim:
        return x
    order = [have.index(d) for d in want if d in have]
    missing = tuple(i for i, d in enumerate(want) if d not in have)
    return np.expand_dims(np.transpose(x, order), missing)


_MOVES = {"align": _align, "fill": _fill, "assemble": _assemble, "take": _take}
