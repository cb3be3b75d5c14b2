"""A tape taken apart: one instruction for each element of each value.

What only moves elements (subscripts, axes) is worked out here and costs nothing in a run. All else
is written in the few kinds of `KINDS`, so that code need be made for these alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wmjax.program._kinds import NUMBER
from wmjax.program._program import Program
from wmjax.program._tape import Entry, Tape
from wmjax.program._writer import Lanes, Leaf, Writer
from wmjax.program._written import WRITTEN, affected, power


@dataclass(frozen=True, eq=False)
class Instructions:
    """A lane for each element, in an order in which they can be evaluated.

    - `kind`: number of the kind, or `LEAF`.
    - `args`: of shape (lanes, 3), numbers of earlier lanes; 0 where there are fewer.
    - `label`: of lookups, which table.
    - `varies`: whether it can change while a model runs with fixed parameters.
    - `leaves`: by lane what it holds from outside.
    """

    kind: np.ndarray
    args: np.ndarray
    label: np.ndarray
    varies: np.ndarray
    leaves: Mapping[int, Leaf]
    values: Mapping[str, np.ndarray]
    rates: Mapping[str, np.ndarray]


def instructions(
    tape: Tape, program: Program, effects: tuple[tuple[str, int], ...]
) -> Instructions:
    """The instructions of a tape.

    **Arguments:**

    - `effects`: variables on which events act, and the number of their effects.
    """
    maker = _Reader(tape, program, dict(effects))
    lanes: list[Lanes] = []
    for e in tape.entries:
        lanes.append(maker.entry(e, [lanes[a] for a in e.args]))
    return maker.finished(lanes)


class _Reader(Writer):
    """Writes what the entries of a tape do."""

    def __init__(self, tape: Tape, program: Program, effects: Mapping[str, int]) -> None:
        super().__init__()
        self.program, self.effects, self._tape = program, effects, tape
        self._lookups = {n: i for i, (n, _) in enumerate(program.lookups)}

    def entry(self, e: Entry, args: list[Lanes]) -> Lanes:
        """The lanes of an entry from those of its arguments."""
        op = e.op
        if op in NUMBER and op not in WRITTEN:
            label = self._lookups[str(e.data)] if op == "lookup" else 0
            return self.do(op, *args, label=label)
        if op in _MOVES:
            have = self._tape.entries[e.args[0]].dims
            found = _MOVES[op](self.program, [np.asarray(a) for a in args], have, e)
            return found if found.ndim else int(found)
        if op in ("^", "power") and (exponent := self._tape.entries[e.args[1]]).op == "const":
            return power(self, args[0], float(str(exponent.data)))
        if op in ("time", "time_step", "initial_time", "final_time"):
            return self.clock(op)
        if op in _LEAVES:
            return _LEAVES[op](self, e)
        if op == "any" or op.startswith("reduce_"):
            return self._reduced(e, np.asarray(args[0]))
        if op == "guard":
            return self.do("select", *args, self.const(float(str(e.data))))
        if op == "effect":
            name = str(e.data)
            return affected(self, name, self.program.shape(name), self.effects[name], *args)
        return WRITTEN[op](self, *args)

    def _reduced(self, e: Entry, lanes: np.ndarray) -> Lanes:
        if e.op == "any":
            kept = np.asarray(self.yes(lanes if lanes.ndim else int(lanes)))
            return self.fold("max", kept, e.data) if kept.ndim else int(kept)  # pyright: ignore
        axes, sizes = e.data  # pyright: ignore[reportGeneralTypeIssues]
        dims = self._tape.entries[e.args[0]].dims
        shape = list(lanes.shape) or [1] * len(dims)
        for axis, dim in zip(axes, sizes, strict=True):
            shape[axis] = self.program.size(dim)
        over = np.broadcast_to(lanes, shape)
        kind = {"sum": "+", "mean": "+", "prod": "*", "min": "min", "max": "max"}[e.op[7:]]
        found = self.fold(kind, over, axes)
        count = self.const(float(np.prod([shape[a] for a in axes])))
        return self.do("/", found, count) if e.op == "reduce_mean" else found

    def finished(self, lanes: Sequence[Lanes]) -> Instructions:
        def shaped(named: Mapping[str, int]) -> dict[str, np.ndarray]:
            """Numbers without axes are views of one array: there may be very many."""
            shapes = {n: self.program.shape(n) for n in named}
            plain = [n for n in named if not shapes[n]]
            numbers = np.array([lanes[named[n]] for n in plain], np.int64)
            found = {n: numbers[i, ...] for i, n in enumerate(plain)}
            return {
                n: found[n] if n in found else np.broadcast_to(lanes[at], shapes[n])
                for n, at in named.items()
            }

        tape = self._tape
        rows, leaves = self.written()
        table = np.array(rows, np.int32).T
        return Instructions(
            table[0].astype(np.int8), np.ascontiguousarray(table[1:4].T),
            np.ascontiguousarray(table[4]), np.array(self._varies, bool), leaves,
            shaped(tape.values), shaped(tape.rates),
        )  # fmt: skip


def _ref(m: _Reader, e: Entry) -> Lanes:
    return m.elements("ref", str(e.data), m.program.shape(str(e.data)), varies=e.varies)


def _index(m: _Reader, e: Entry) -> Lanes:
    return np.array([m.const(k + 1.0) for k in range(m.program.size(str(e.data)))], np.int64)


_LEAVES: dict[str, Callable[[_Reader, Entry], Lanes]] = {
    "const": lambda m, e: m.const(float(str(e.data))),
    "ref": _ref,
    "index": _index,
}


def _aligned(x: np.ndarray, have: tuple[str, ...], want: tuple[str, ...]) -> np.ndarray:
    if not x.ndim:
        return x
    x = np.transpose(x, [have.index(d) for d in want if d in have])
    return np.expand_dims(x, tuple(i for i, d in enumerate(want) if d not in have))


def _align(program: Program, args: list[Any], have: tuple[str, ...], e: Entry) -> np.ndarray:
    return _aligned(args[0], have, e.dims)


def _fill(program: Program, args: list[Any], have: tuple[str, ...], e: Entry) -> np.ndarray:
    shape = tuple(program.size(d) for d in e.dims)
    return np.broadcast_to(_aligned(args[0], have, e.dims), shape)


def _assemble(program: Program, args: list[Any], have: tuple[str, ...], e: Entry) -> np.ndarray:
    return np.stack(args).reshape(tuple(program.size(d) for d in e.dims))


def _take(program: Program, args: list[Any], have: tuple[str, ...], e: Entry) -> np.ndarray:
    x, picks = args[0], e.data
    assert isinstance(picks, tuple)
    for axis in reversed(range(len(picks))):
        if picks[axis] is not None:
            x = np.take(x, picks[axis], axis=axis)
    return np.asarray(x)


_MOVES = {"align": _align, "fill": _fill, "assemble": _assemble, "take": _take}
"""Operations that compute nothing: they move elements."""
