"""Everything that a run evaluates, as one list of operations: what both back ends read.

References to computed variables are resolved, equal operations are one, constants are folded, and
the branches of choices are guarded, so that an entry needs nothing but its arguments.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from wmjax.program._fold import folded
from wmjax.program._node import Node, references
from wmjax.program._partial import PARTIAL
from wmjax.program._program import Assignment, Program


class Entry(NamedTuple):
    """One operation: the operations of nodes, and those that resolve references and choices.

    - `args`: numbers of earlier entries.
    - `dims`: names of the axes. A value has all of them (some of size one), or none if it is the
        same everywhere.
    - `varies`: whether it can change while a model runs with fixed parameters.

    `ref` reads a parameter, series or stock; `effect` applies what acts on a variable from outside.
    A mask is 1 where a branch is taken, else 0: `taken` and `left` are whether a condition holds,
    `both` joins two masks, `any` drops axes of one, `guard` replaces its second argument by a
    harmless value where the mask is 0.
    """

    op: str
    args: tuple[int, ...]
    data: Hashable
    dims: tuple[str, ...]
    varies: bool


@dataclass(frozen=True, eq=False)
class Tape:
    """Entries in order of evaluation, and which of them are wanted under which name."""

    entries: tuple[Entry, ...]
    values: Mapping[str, int]
    rates: Mapping[str, int]


@lru_cache(maxsize=64)
def running_tape(
    program: Program,
    names: frozenset[str],
    stocks: frozenset[str],
    effects: frozenset[str],
) -> Tape:
    """Values of `names`, and rates of change of those of the stocks that move.

    **Arguments:**

    - `effects`: names of the variables on which events act.
    """
    rates = [a for a in program.rates if a.name in stocks]
    needed = program.instant_reach(_read(rates) | names)
    moving = {a.name for a in program.rates} | {n for n, _ in program.series}
    builder = _Builder(moving, effects)
    builder.define(a for layer in program.layers for a in layer.assignments if a.name in needed)
    shapes = {s.name: s.dims for s in program.slots}
    values = {n: builder.reference(n, shapes[n]) for n in sorted(names)}
    return Tape(
        rates={a.name: builder.build(a.node) for a in rates},
        values=values,
        entries=tuple(builder.entries),
    )


@lru_cache(maxsize=64)
def initial_tape(program: Program, stocks: frozenset[str], effects: frozenset[str]) -> Tape:
    """Initial values of stocks."""
    reach = program.initial_reach(stocks)
    series = {n for n, _ in program.series}
    kinds = program.slot
    builder = _Builder(series, effects)
    for a in program.initial:
        if a.name in reach:
            builder.define([a], affected=kinds[a.name].kind != "stock")
    shapes = {s.name: s.dims for s in program.slots}
    return Tape(
        values={n: builder.reference(n, shapes[n]) for n in sorted(stocks)},
        rates={},
        entries=tuple(builder.entries),
    )


def free_tape(assignments: Iterable[Assignment]) -> Tape:
    """The values of assignments, by their place in the order, from all names that they read."""
    builder = _Builder((), ())
    values = {str(i): builder.build(a.node) for i, a in enumerate(assignments)}
    return Tape(tuple(builder.entries), values, {})


def _read(assignments: Iterable[Assignment]) -> frozenset[str]:
    return frozenset(name for a in assignments for name in references(a.node))


_VARYING = frozenset({"time", "step", "pulse", "pulse_train", "ramp", "effect"})
_NONE = -1  # no mask


class _Builder:
    """Makes entries; nodes are met on an explicit stack, however deep they are."""

    def __init__(self, moving: Collection[str], effects: Collection[str]) -> None:
        self.entries: list[Entry] = []
        self._moving, self._effects = moving, effects
        self._known: dict[tuple[Hashable, ...], int] = {}
        self._names: dict[str, int] = {}
        self._done: dict[int, dict[int, int]] = {_NONE: {}}
        """By mask (none for what stays finite) and key of the node."""

    def define(self, assignments: Iterable[Assignment], *, affected: bool = True) -> None:
        for a in assignments:
            at = self.build(a.node)
            self._names[a.name] = self._affected(a.name, at) if affected else at

    def reference(self, name: str, dims: tuple[str, ...]) -> int:
        """The entry that holds a variable."""
        if name not in self._names:
            leaf = self._add("ref", (), name, dims, name in self._moving)
            self._names[name] = self._affected(name, leaf)
        return self._names[name]

    def _affected(self, name: str, at: int) -> int:
        if name not in self._effects:
            return at
        return self._add("effect", (at,), name, self.entries[at].dims)

    def build(self, node: Node) -> int:
        """The entry of a node that no choice is around."""
        stack: list[tuple[Node, int]] = [(node, _NONE)]
        while stack:
            top, mask = stack[-1]
            done = self._under(top, mask)
            if top.key in done:
                stack.pop()
                continue
            needs = self._needs(top, mask)
            args = [self._under(a, m).get(a.key, -1) for a, m in needs]
            if -1 in args:
                stack += [n for n, found in zip(needs, args, strict=True) if found < 0]
                continue
            stack.pop()
            done[top.key] = self._entry(top, mask, args)
        return self._done[_NONE][node.key]

    def _under(self, node: Node, mask: int) -> dict[int, int]:
        """What is done under a mask; nodes that stay finite are the same under all."""
        return self._done[mask if node.partial else _NONE]

    def _needs(self, node: Node, mask: int) -> list[tuple[Node, int]]:
        """The arguments of a node with their masks; of a choice the condition alone at first."""
        if node.op != "if_then_else":
            return [(a, mask) for a in node.args]
        condition, then, otherwise = node.args
        found = self._under(condition, mask).get(condition.key)
        if found is None:
            return [(condition, mask)]
        return [
            (condition, mask),
            (then, self._branch(node, mask, found, "taken") if then.partial else _NONE),
            (otherwise, self._branch(node, mask, found, "left") if otherwise.partial else _NONE),
        ]

    def _branch(self, node: Node, outer: int, condition: int, side: str) -> int:
        mask = self._add(side, (condition,), None, node.dims)
        if outer != _NONE:
            over = self._over(outer, node.dims)
            mask = self._add("both", (over, mask), None, node.dims)
        self._done.setdefault(mask, {})
        return mask

    def _over(self, mask: int, dims: tuple[str, ...]) -> int:
        """A mask over other axes: 1 where it is 1 anywhere along those left out."""
        have = self.entries[mask].dims
        kept = tuple(d for d in have if d in dims)
        if kept != have:
            gone = tuple(i for i, d in enumerate(have) if d not in dims)
            mask = self._add("any", (mask,), gone, kept)
        return mask if kept == dims else self._add("align", (mask,), dims, dims)

    def _entry(self, node: Node, mask: int, args: list[int]) -> int:
        op = node.op
        if op == "ref":
            return self.reference(str(node.data), node.dims)
        if mask != _NONE and op in PARTIAL:
            over = self._over(mask, node.dims)
            for i, harmless in PARTIAL[op].items():
                if i < len(args):
                    args[i] = self._add("guard", (over, args[i]), harmless, node.dims)
        if op in ("min", "max") and len(args) > 2:
            found = args[0]
            for other in args[1:]:
                found = self._add(op, (found, other), None, node.dims)
            return found
        return self._add(op, tuple(args), node.data, node.dims)

    def _add(
        self, op: str, args: tuple[int, ...], data: Hashable, dims: tuple[str, ...],
        moving: bool = False,
    ) -> int:  # fmt: skip
        signature = (op, args, data, dims)
        found = self._known.get(signature)
        if found is None:
            found = self._simpler(op, args)
            if found is None:
                varies = moving or op in _VARYING
                for a in args:  # not `any(...)`, which takes as long as all the rest
                    varies = varies or self.entries[a].varies
                found = len(self.entries)
                self.entries.append(Entry(op, args, data, dims, varies))
            self._known[signature] = found
        return found

    def _simpler(self, op: str, args: tuple[int, ...]) -> int | None:
        """An entry that is the same value: a folded constant, or one that keeps no axes."""
        if not args:
            return None
        for a in args:
            if self.entries[a].op != "const":
                return None
        if op == "align":  # a number is the same along every axis
            return args[0]
        value = folded(op, [float(str(self.entries[a].data)) for a in args])
        return None if value is None else self._add("const", (), value, ())
