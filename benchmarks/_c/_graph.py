"""A program as a graph of values in C: names followed, equal values shared, the rest left out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

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
_NEARLY_ZERO = 1e-6  # divisors below are zero to `zidz` and `xidz`
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
        if op in _CLOCK:
            return _CLOCK[op](self)
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
        if op in _COMPOSED:
            return _COMPOSED[op](self, *args)
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


_CLOCK: dict[str, Callable[[Reader], Value]] = {
    "time": lambda r: r.now,
    "time_step": lambda r: r.graph.number(r.graph.time.step),
    "initial_time": lambda r: r.graph.number(r.graph.time.start),
    "final_time": lambda r: r.graph.number(r.graph.time.end),
}


def _middle(r: Reader) -> Value:
    """The time that switches compare with theirs: half a step on."""
    return r.graph.make("+", r.now, r.graph.number(r.graph.time.step / 2))


def _inside(r: Reader, start: Value, end: Value) -> Value:
    later = r.graph.make(">", _middle(r), start)
    return r.graph.make("and", later, r.graph.make("<", _middle(r), end))


def _at_least_a_step(r: Reader, width: Value) -> Value:
    return r.graph.make("max", width, r.graph.number(r.graph.time.step))


def _step(r: Reader, height: Value, start: Value) -> Value:
    return r.graph.choice(r.graph.make(">", _middle(r), start), height, r.graph.number(0.0))


def _pulse(r: Reader, start: Value, width: Value) -> Value:
    end = r.graph.make("+", start, _at_least_a_step(r, width))
    return r.graph.real(_inside(r, start, end))


def _pulse_train(r: Reader, start: Value, width: Value, period: Value, end: Value) -> Value:
    make = r.graph.make
    ago = make("-", _middle(r), start)
    since = make("-", ago, make("*", period, make("floor", make("/", ago, period))))
    on = make("<", since, _at_least_a_step(r, width))
    return r.graph.real(make("and", _inside(r, start, end), on))


def _ramp(r: Reader, slope: Value, start: Value, end: Value | None = None) -> Value:
    until = r.now if end is None else r.graph.make("min", r.now, end)
    over = r.graph.make("max", r.graph.make("-", until, start), r.graph.number(0.0))
    return r.graph.make("*", slope, over)


def _xidz(r: Reader, a: Value, b: Value, x: Value) -> Value:
    small = r.graph.make("<", r.graph.make("abs", b), r.graph.number(_NEARLY_ZERO))
    return r.graph.choice(small, x, r.graph.make("/", a, b))


def _zidz(r: Reader, a: Value, b: Value) -> Value:
    return _xidz(r, a, b, r.graph.number(0.0))


def _sign(r: Reader, x: Value) -> Value:
    number, make = r.graph.number, r.graph.make
    low = r.graph.choice(make("<", x, number(0.0)), number(-1.0), number(0.0))
    return r.graph.choice(make(">", x, number(0.0)), number(1.0), low)


def _round(r: Reader, x: Value) -> Value:
    make = r.graph.make
    whole = make("floor", make("+", make("abs", x), r.graph.number(0.5)))
    return make("*", _sign(r, x), whole)


def _modulo(r: Reader, a: Value, b: Value) -> Value:
    make = r.graph.make
    return make("-", a, make("*", b, make("trunc", make("/", a, b))))


def _log(r: Reader, x: Value, base: Value | None = None) -> Value:
    of_x = r.graph.make("ln", x)
    return of_x if base is None else r.graph.make("/", of_x, r.graph.make("ln", base))


_COMPOSED: dict[str, Callable[..., Value]] = {
    "step": _step,
    "pulse": _pulse,
    "pulse_train": _pulse_train,
    "ramp": _ramp,
    "xidz": _xidz,
    "zidz": _zidz,
    "sign": _sign,
    "round": _round,
    "modulo": _modulo,
    "log": _log,
    "integer": lambda r, x: r.graph.make("trunc", x),
}
