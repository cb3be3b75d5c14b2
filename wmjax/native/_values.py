"""What a kernel computes, as a graph: equal values are one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal


Division = Literal["hardware", "reciprocal"]
"""By the processor, or from the reciprocal of the divisor with an exact correction."""
Data = str | float | int | tuple[int, int] | None

COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
LOGIC = frozenset({"and", "or", "not"})
_LONGEST_POWER = 64  # powers up to this one are products, as in the other back ends


@dataclass(frozen=True, eq=False, slots=True)
class Value:
    """One number, or truth value, of the kernel; equal ones are the same object.

    - `moves`: it changes from step to step.
    - `lane`: it differs between the runs that are computed side by side.
    """

    op: str
    args: tuple[Value, ...]
    data: Data
    moves: bool
    lane: bool

    @property
    def is_truth(self) -> bool:
        """Whether it is a condition and no number."""
        return self.op in COMPARISONS or self.op in LOGIC


@dataclass
class Graph:
    """The values of one kernel.

    **Arguments:**

    - `varied`: leaves that differ between runs side by side; None for one run at a time.
    """

    varied: frozenset[int] | None
    division: Division
    lane_tables: frozenset[int] = frozenset()
    lane_series: frozenset[int] = frozenset()
    _known: dict[tuple[object, ...], Value] = field(default_factory=dict)

    def make(self, op: str, *args: Value, data: Data = None) -> Value:
        if op == "/" and self._is_known(*args):
            return self.make("quotient", *args, self.make("reciprocal", args[1]))
        signature = (op, *map(id, args), data, type(data))
        if signature not in self._known:
            moves = op in ("stock", "time", "switch") or any(a.moves for a in args)
            lane = self._is_lane(op, data) or any(a.lane for a in args)
            self._known[signature] = Value(op, args, data, moves, lane)
        return self._known[signature]

    def _is_lane(self, op: str, data: Data) -> bool:
        if self.varied is None:
            return False
        if op == "number":
            return isinstance(data, tuple) and data[0] in self.varied
        if op in ("place", "entry"):
            return data in self.lane_tables
        return op == "stock" or op == "series" and data in self.lane_series

    def _is_known(self, dividend: Value, divisor: Value) -> bool:
        """Whether to divide by means of a reciprocal that is computed before the steps: side by
        side that is faster; for one run, measured, it is not."""
        if self.division == "hardware" or not dividend.moves or divisor.moves:
            return False
        return self.varied is not None and (dividend.lane or divisor.lane)

    def number(self, value: float) -> Value:
        return self.make("const", data=float(value))

    def choice(self, condition: Value, then: Value, otherwise: Value) -> Value:
        return self.make("if", self.truth(condition), self.real(then), self.real(otherwise))

    def truth(self, x: Value) -> Value:
        return x if x.is_truth else self.make("<>", x, self.number(0.0))

    def real(self, x: Value) -> Value:
        return self.make("if", x, self.number(1.0), self.number(0.0)) if x.is_truth else x

    def power(self, base: Value, exponent: Value) -> Value:
        """Whole powers as products, so that they are exact at negative bases."""
        p = exponent.data if exponent.op == "const" else None
        if not isinstance(p, float) or p != int(p) or abs(p) > _LONGEST_POWER:
            return self.make("pow", base, exponent)
        found = self._product(base, abs(int(p)))
        return found if p >= 0 else self.make("/", self.number(1.0), found)

    def _product(self, base: Value, count: int) -> Value:
        found: Value | None = None
        while count:
            if count & 1:
                found = base if found is None else self.make("*", found, base)
            count >>= 1
            base = self.make("*", base, base) if count else base
        return self.number(1.0) if found is None else found


def below(roots: Iterable[Value]) -> list[Value]:
    """The roots and all that they are computed from, each after what it is computed from."""
    done: dict[int, Value] = {}
    stack = list(roots)
    while stack:
        top = stack[-1]
        waiting = [a for a in reversed(top.args) if id(a) not in done]
        if waiting and id(top) not in done:
            stack.extend(waiting)
            continue
        stack.pop()
        done.setdefault(id(top), top)
    return list(done.values())
