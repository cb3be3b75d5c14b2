"""What both programs are made of: values at the start, outputs, rates, and the code of each."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from benchmarks._c._graph import Division, Graph, Value, below, readers
from benchmarks._c._names import Names
from benchmarks._c._tables import Rows
from benchmarks._c._write import Writer
from wmjax.program import lower
from wmjax.spec import ModelSpec


class Parts:
    """The values of one program.

    **Raises:** `UserError` for a model that has what C programs lack: dimensions, exogenous series,
    operations of arrays, methods other than Euler's.
    """

    def __init__(
        self,
        spec: ModelSpec,
        outputs: Sequence[str],
        varied: Collection[str] | None = None,
        division: Division = "hardware",
    ) -> None:
        program = lower(spec)
        self.graph = Graph(spec, program, varied, division)
        start, now = readers(self.graph)
        self.saved = [now.name(n) for n in outputs]
        reach = program.reach(outputs)
        self.stocks = {n: v for n, v in now.known.items() if n in reach}
        self.initial = {n: start.name(n) for n in self.stocks}
        self.rates = {a.name: now.node(a.node, a.name) for a in program.rates if a.name in reach}
        self.names = [*self.stocks.items(), *now.done.items()]
        self.tables: dict[Rows, str] = {}
        self.still, self.moving = self._split()
        read = [str(v.data) for v in self.still if v.op == "parameter"]
        self.parameters = tuple(read)

    def _split(self) -> tuple[list[Value], list[Value]]:
        """What stays as it is during a run, and what does not."""
        every = below([*self.initial.values(), *self.saved, *self.rates.values()])
        return [v for v in every if not v.moves], [v for v in every if v.moves]

    def writer(self, loads: dict[str, str]) -> Writer:
        return Writer(Names(self.names), loads, self.tables)

    def clock(self, step: str) -> str:
        time = self.graph.time
        return f"const double time = {time.start!r} + {step} * {time.step!r};"

    def starts(self, writer: Writer, kind: str) -> list[str]:
        """Declarations of the stocks."""
        lane = kind == "V"
        return [
            f"{kind} {writer.names[stock]} = {writer.operand(self.initial[n], lane)};"
            for n, stock in self.stocks.items()
        ]

    def moves(self, writer: Writer, kind: str) -> list[str]:
        """One step of every stock."""
        dt, lane = self.graph.time.step, kind == "V"
        return [
            f"{writer.names[self.stocks[n]]} += {dt!r} * {writer.operand(rate, lane)};"
            for n, rate in self.rates.items()
        ]

    def step(self, writer: Writer, depth: int) -> list[str]:
        """What the rates need."""
        wanted = set(map(id, below(self.rates.values())))
        roots = list(self.rates.values())
        return writer.block([v for v in self.moving if id(v) in wanted], roots, depth)

    def last(self, writer: Writer, depth: int) -> list[str]:
        """The outputs, computed anew."""
        writer.forget(self.moving)
        return writer.block([v for v in below(self.saved) if v.moves], self.saved, depth)


def indented(lines: Sequence[str], depth: int) -> list[str]:
    return ["    " * depth + line for line in lines]
