"""What a kernel is made for: everything about a run but its numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from wmjax.native._values import Division
from wmjax.program import Program, Tape, initial_tape, running_tape


OverTime = Literal["final", "mean", "min", "max", "at_min", "at_max", "integral"]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Form:
    """The form of a table.

    - `grid`: number of the first table over the same points, which finds the place for both.
    - `holds`: beyond the ends it holds its value, else the last segment goes on.
    - `baked`: its points, if they are part of the kernel and not among the numbers.
    """

    points: int
    even: bool
    grid: int
    holds: bool
    baked: tuple[tuple[float, ...], tuple[float, ...]] | None = None


@dataclass(frozen=True)
class Job:
    """Structure, outputs and method of many runs.

    - `names`: the variables to save.
    - `tables`, `series`: forms and numbers of points, in the order of the program.
    - `effects`: the variables on which events act, in order, with the number of effects on each.
    - `fractions`, `weights`: of the stages of the Runge-Kutta method.
    - `keep`: None for the saved rows, or what is kept of them.
    - `varied`: numbers of the leaves that differ between runs; None for a single run.
    """

    program: Program
    names: tuple[str, ...]
    tables: tuple[Form, ...]
    series: tuple[int, ...]
    effects: tuple[tuple[str, int], ...]
    fractions: tuple[float, ...] = (0.0,)
    weights: tuple[float, ...] = (1.0,)
    keep: tuple[OverTime, ...] | None = None
    varied: frozenset[int] | None = None
    division: Division = "reciprocal"

    @cached_property
    def _hash(self) -> int:
        rest = (self.names, self.tables, self.series, self.effects, self.weights, self.keep)
        return hash((self.program, rest, self.varied, self.division))

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def leaves(self) -> tuple[Shape, ...]:
        """Shapes of the leaves: parameters; x of all tables, then y; times, values and slope of
        series; starts, ends, ramps, factors, summands, set values and their weights of effects."""
        program = self.program
        found: list[Shape] = [program.shape(n) for n in program.names("parameter")]
        found += [(form.points if form.baked is None else 0,) for form in self.tables] * 2
        for points in self.series:
            found += [(points,), (points,), ()]
        for name, rows in self.effects:
            found += [(rows,)] * 3 + [(rows, *program.shape(name))] * 4
        return tuple(found)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        return tuple(math.prod(s) for s in self.leaves)

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """Where each leaf begins among all numbers."""
        found, total = [], 0
        for size in self.sizes:
            found.append(total)
            total += size
        return (*found, total)

    @cached_property
    def first_table(self) -> int:
        """The number of the first leaf of tables."""
        return len(self.program.names("parameter"))

    @cached_property
    def first_series(self) -> int:
        return self.first_table + 2 * len(self.tables)

    @cached_property
    def first_effect(self) -> int:
        return self.first_series + 3 * len(self.series)

    def differs(self, first: int, count: int) -> bool:
        """Whether any of some leaves differs between runs."""
        return not (self.varied or frozenset()).isdisjoint(range(first, first + count))

    @cached_property
    def own(self) -> frozenset[int]:
        """The tables that differ between runs."""
        return frozenset(
            i for i in range(len(self.tables))
            if any(self.differs(self.points_of(i, which), 1) for which in (0, 1))
        )  # fmt: skip

    def points_of(self, table: int, which: int) -> int:
        """The number of the leaf that holds the x values (0) or the y values (1) of a table."""
        return self.first_table + which * len(self.tables) + table

    @cached_property
    def grids(self) -> tuple[int, ...]:
        """For each table the one that finds its place."""
        found: dict[tuple[int, bool], int] = {}
        return tuple(
            found.setdefault((form.grid, i in self.own), i) for i, form in enumerate(self.tables)
        )

    def is_own(self, table: int) -> bool:
        return table in self.own

    def rows(self, table: int) -> int:
        """Rows of a table once it is ready: of an uneven one also that before its first point."""
        form = self.tables[table]
        return form.points if form.even and not self.remembers(table) else form.points + 1

    def remembers(self, table: int) -> bool:
        """Whether a row is sought where it was last, which single runs gain by."""
        return self.varied is None

    def part(self, table: int) -> int:
        """Numbers from its intercepts to its slopes where runs are side by side."""
        rows = self.rows(table)
        return 8 * rows if self.is_own(table) else -(-rows // 8) * 8

    @cached_property
    def stocks(self) -> tuple[str, ...]:
        """The stocks that a run of the outputs reads."""
        reach = self.program.reach(self.names)
        return tuple(n for n in self.program.names("stock", hidden=True) if n in reach)

    @property
    def tapes(self) -> tuple[Tape, Tape]:
        """The operations at the start, and those of every step."""
        stocks, acted = frozenset(self.stocks), frozenset(n for n, _ in self.effects)
        return (
            initial_tape(self.program, stocks, acted),
            running_tape(self.program, frozenset(self.names), stocks, acted),
        )
