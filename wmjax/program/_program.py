"""A model lowered to operations in an order in which they can be evaluated."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from wmjax.program._node import Node, references


Kind = Literal["stock", "flow", "auxiliary", "parameter", "lookup", "series"]


@dataclass(frozen=True, slots=True)
class Slot:
    """A named value: what it is, and the names of its axes."""

    name: str
    kind: Kind
    dims: tuple[str, ...] = ()
    unit: str = ""
    hidden: bool = False
    """Made by the compiler: a stage of a delay, a held initial value."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A name and the operation that gives its value."""

    name: str
    node: Node


@dataclass(frozen=True, slots=True)
class Layer:
    """Assignments that read only earlier layers, and so can be evaluated together."""

    assignments: tuple[Assignment, ...]


@dataclass(frozen=True)
class Program:
    """The structure of a model: no numbers but the literals of its equations, and no JAX.

    Programs are equal, and share one compiled form, if they have the same structure, whatever the
    values of their parameters, tables and series.
    """

    dimensions: tuple[tuple[str, tuple[str, ...]], ...]
    slots: tuple[Slot, ...]
    layers: tuple[Layer, ...]
    """Running values: flows and auxiliaries from stocks, parameters, series and time."""
    initial: tuple[Assignment, ...]
    """Initial values in order: of stocks, and of the flows and auxiliaries that they read."""
    rates: tuple[Assignment, ...]
    """Rate of change of every stock that moves, hidden ones included."""
    checks: tuple[Assignment, ...]
    lookups: tuple[tuple[str, Literal["hold", "extrapolate"]], ...]
    series: tuple[tuple[str, Literal["linear", "previous", "next", "nearest"]], ...]
    key: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", _fingerprint(self))

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Program) and self.key == other.key)

    @cached_property
    def slot(self) -> dict[str, Slot]:
        """Slots by name."""
        return {s.name: s for s in self.slots}

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Number of elements of each dimension."""
        return {name: len(elements) for name, elements in self.dimensions}

    @cached_property
    def outside(self) -> dict[str, Literal["hold", "extrapolate"]]:
        """What each lookup does beyond its ends."""
        return dict(self.lookups)

    def elements(self, dimension: str) -> tuple[str, ...]:
        return dict(self.dimensions)[dimension]

    def size(self, dimension: str) -> int:
        """Number of elements; a reduced axis `d!` has those of `d`."""
        return self.sizes[dimension.removesuffix("!")]

    def shape(self, name: str) -> tuple[int, ...]:
        return self._shapes[name]

    @cached_property
    def _shapes(self) -> dict[str, tuple[int, ...]]:
        return {s.name: tuple(self.sizes[d] for d in s.dims) for s in self.slots}

    def names(self, *kinds: Kind, hidden: bool = False) -> tuple[str, ...]:
        """Names of the slots of these kinds (all if none), hidden ones only if asked for."""
        key = (kinds, hidden)
        if key not in self._named:
            self._named[key] = tuple(
                s.name for s in self.slots
                if (not kinds or s.kind in kinds) and (hidden or not s.hidden)
            )  # fmt: skip
        return self._named[key]

    @cached_property
    def _named(self) -> dict[tuple[tuple[Kind, ...], bool], tuple[str, ...]]:
        return {}

    @cached_property
    def _running(self) -> dict[str, tuple[str, ...]]:
        running = [a for layer in self.layers for a in layer.assignments]
        return {a.name: references(a.node) for a in running}

    @cached_property
    def _moving(self) -> dict[str, tuple[str, ...]]:
        return self._running | {a.name: references(a.node) for a in self.rates}

    @cached_property
    def _starting(self) -> dict[str, tuple[str, ...]]:
        return {a.name: references(a.node) for a in self.initial}

    @cached_property
    def operations(self) -> int:
        """Number of different operations that are computed anew in each step."""
        seen: set[int] = set()
        stack = [a.node for layer in self.layers for a in layer.assignments]
        stack += [a.node for a in self.rates]
        while stack:
            node = stack.pop()
            if node.key not in seen:
                seen.add(node.key)
                stack.extend(node.args)
        return len(seen)

    def reach(self, names: Iterable[str]) -> frozenset[str]:
        """The names and everything that a run computes for them, stocks included."""
        return _closure(names, self._moving)

    def instant_reach(self, names: Iterable[str]) -> frozenset[str]:
        """The names and everything that they depend on at one time."""
        return _closure(names, self._running)

    def initial_reach(self, names: Iterable[str]) -> frozenset[str]:
        """The names and everything that their initial values depend on."""
        return _closure(names, self._starting)


def _closure(names: Iterable[str], reads: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    found: set[str] = set()
    stack = list(names)
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            stack.extend(reads.get(name, ()))
    return frozenset(found)


def readable(name: str) -> str:
    """A name as a person would say it: `smooth in income` for a stock made by the compiler."""
    owner, mark, rest = name.partition("#")
    return f"{rest.split('.')[0]} in {owner}" if mark else name


def _fingerprint(program: Program) -> str:
    """SHA-256 over the structure; nodes are numbered in the order in which they are met."""
    slots = [(s.name, s.kind, s.dims, s.unit, s.hidden) for s in program.slots]
    lines = [repr((program.dimensions, slots, program.lookups, program.series))]
    numbers: dict[int, int] = {}

    def number(node: Node) -> int:
        stack = [node]
        while stack:
            top = stack[-1]
            waiting = [a for a in top.args if a.key not in numbers]
            if waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            if top.key not in numbers:
                numbers[top.key] = len(numbers)
                args = [numbers[a.key] for a in top.args]
                lines.append(f"{top.op} {args} {top.data!r} {top.dims}")
        return numbers[node.key]

    parts = [("layer", layer.assignments) for layer in program.layers]
    parts += [("initial", program.initial), ("rates", program.rates), ("checks", program.checks)]
    for kind, assignments in parts:
        lines.append(f"{kind} {[(a.name, number(a.node)) for a in assignments]}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
