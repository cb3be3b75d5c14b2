"""A program as a graph of values in C: names followed, equal values shared, the rest left out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from benchmarks._c._composed import CLOCK, COMPOSED
from benchmarks._c._tables import Grid, Rows, laid_out
from wmjax._errors import UserError
from wmjax.program import Node, Program
from wmjax.spec import Lookup, ModelSpec, TimeAxis


Division = Literal["hardware", "reciprocal"]
"""By the processor, or from the reciprocal of the divisor with an exact correction."""
Data = str | float | Grid | Rows | None

ARITHMETIC = frozenset({"+", "-", "*", "/", "min", "max", "pow"})
COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
LOGIC = frozenset({"and", "or", "not"})
UNARY = frozenset({
    "neg", "abs", "trunc", "floor", "sqrt", "exp", "ln", "log10", "sin", "cos", "tan", "arcsin",
    "arccos", "arctan", "sinh", "cosh", "tanh",
})  # fmt: skip
_WHOLE = 4  # powers up to this one are products


@dataclass(frozen=True, eq=False, slots=True)
class Value:
    """One value of the C program; equal ones are the same object.

    - `moves`: it changes from step to step.
    - `lane`: it differs between the scenarios that run side by side.
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
    """Values of one model.

    **Arguments:**

    - `spec`: scalar variables only, run by Euler's method.
    - `varied`: parameters that differ between the scenarios that run side by side, the others
        being shared by all; None for one scenario at a time.
    """

    spec: ModelSpec
    program: Program
    varied: Collection[str] | None = None
    division: Division = "hardware"
    _known: dict[tuple[object, ...], Value] = field(default_factory=dict)

    @property
    def time(self) -> TimeAxis:
        return self.spec.time

    def make(self, op: str, *args: Value, data: Data = None) -> Value:
        if op == "/" and self._is_known(*args):
            return self.make("quotient", *args, self.make("reciprocal", args[1]))
        signature = (op, *map(id, args), data)
        if signature not in self._known:
            moves = op in ("stock", "time") or any(a.moves for a in args)
            lane = self.varied is not None and (
                op == "stock" or op == "parameter" and data in self.varied
            )
            lane = lane or any(a.lane for a in args)
            self._known[signature] = Value(op, args, data, moves, lane)
        return self._known[signature]

    def _is_known(self, dividend: Value, divisor: Value) -> bool:
        """Whether to divide by means of a reciprocal that is computed before the steps."""
        lane = dividend.lane or divisor.lane
        return self.division == "reciprocal" and lane and dividend.moves and not divisor.moves

    def number(self, value: float) -> Value:
        return self.make("const", data=float(value))

    def choice(self, condition: Value, then: Value, otherwise: Value) -> Value:
        return self.make("if", self.truth(condition), self.real(then), self.real(otherwise))

    def truth(self, x: Value) -> Value:
        return x if x.is_truth else self.make("<>", x, self.number(0.0))

    def real(self, x: Value) -> Value:
        return self.make("if", x, self.number(1.0), self.number(0.0)) if x.is_truth else x


@dataclass
class Reader:
    """Nodes of the program as values at one time.

    - `now`: the time.
    - `known`: values of names that are not computed from others here, such as the stocks.
    - `equations`: nodes of the names that are.
    """

    graph: Graph
    now: Value
    known: Mapping[str, Value]
    equations: Mapping[str, Node]
    done: dict[str, Value] = field(default_factory=dict)

    def name(self, name: str) -> Value:
        if name in self.known:
            return self.known[name]
        slot = self.graph.program.slot[name]
        if slot.dims or slot.kind == "series":
            what = f"dimensions {', '.join(slot.dims)}" if slot.dims else "an exogenous series"
            raise _unsupported(name, what)
        if slot.kind == "parameter":
            return self.graph.make("parameter", data=name)
        if name not in self.done:
            self.done[name] = self.node(self.equations[name], name)
        return self.done[name]

    def node(self, node: Node, owner: str) -> Value:
        if node.dims:
            raise _unsupported(owner, f"{node.op} over {', '.join(node.dims)}")
        op, graph = node.op, self.graph
        if op == "const":
            return graph.number(float(str(node.data)))
        if op == "ref":
            return self.name(str(node.data))
        if op in CLOCK:
            return CLOCK[op](self)
        args = [self.node(a, owner) for a in node.args]
        if op == "lookup":
            return self._lookup(str(node.data), graph.real(args[0]))
        if op in LOGIC:
            return graph.make(op, *map(graph.truth, args))
        if op == "if_then_else":
            return graph.choice(*args)
        args = [graph.real(a) for a in args]
        if op in ("^", "power"):
            return _power(graph, *args)
        if op in COMPOSED:
            return COMPOSED[op](self, *args)
        if op in ("min", "max"):
            return _folded(graph, op, args)
        if op in ARITHMETIC or op in COMPARISONS or op in UNARY:
            return graph.make(op, *args)
        raise _unsupported(owner, f"the operation {op!r}")

    def _lookup(self, name: str, x: Value) -> Value:
        table = self.graph.spec.variables[name]
        assert isinstance(table, Lookup)
        grid, rows = laid_out(table.x.points, table.y.points, table.outside)
        place = self.graph.make("place", x, data=grid)
        return self.graph.make("entry", place, data=rows)


def readers(graph: Graph) -> tuple[Reader, Reader]:
    """The values at the start, and those at any time from the stocks."""
    if graph.time.method != "euler":
        raise _unsupported("time.method", f"the method {graph.time.method!r}", "euler")
    program = graph.program
    stocks = program.names("stock", hidden=True)
    running = {a.name: a.node for layer in program.layers for a in layer.assignments}
    starting = Reader(graph, graph.number(graph.time.start), {},
                      {a.name: a.node for a in program.initial})  # fmt: skip
    now = graph.make("time")
    return starting, Reader(graph, now, {n: graph.make("stock", data=n) for n in stocks}, running)


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


def _unsupported(owner: str, found: str, wanted: str = "") -> UserError:
    return UserError(
        f"C program, {owner!r}", found,
        wanted or "scalar stocks, flows, auxiliaries, parameters and lookups",
        "leave this model out of the comparison with C",
    )  # fmt: skip


def _folded(graph: Graph, op: str, args: list[Value]) -> Value:
    found = args[0]
    for x in args[1:]:
        found = graph.make(op, found, x)
    return found


def _power(graph: Graph, base: Value, exponent: Value) -> Value:
    """Small whole powers as products."""
    p = exponent.data if exponent.op == "const" else None
    if isinstance(p, float) and p == int(p) and 1 <= p <= _WHOLE:
        return _product(graph, base, int(p))
    return graph.make("pow", base, exponent)


def _product(graph: Graph, base: Value, count: int) -> Value:
    found = base
    for _ in range(count - 1):
        found = graph.make("*", found, base)
    return found
