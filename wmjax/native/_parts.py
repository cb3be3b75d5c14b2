"""The values of a kernel, sorted by when they are computed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from wmjax.native._composed import Clock
from wmjax.native._job import Job
from wmjax.native._reading import Array, Reading, Uncovered, each
from wmjax.native._values import Graph, Value, below
from wmjax.program import Tape


MOST = 12_000  # values of a kernel; a compiler takes a second for some 500


class Parts:
    """What a kernel computes.

    **Raises:** `Uncovered` for operations that kernels lack, and for more than they should hold.
    """

    def __init__(self, job: Job) -> None:
        own_series = {i for i in range(len(job.series)) if job.differs(job.first_series + 3 * i, 3)}
        graph = Graph(job.varied, job.division, job.own, frozenset(own_series))
        starting, running = job.tapes
        moving = {a.name for a in job.program.rates}
        start = Reading(job, graph, _start(graph), {})
        first = {n: _full(job, n, x) for n, x in _named(start, starting, starting.values).items()}
        stocks = {
            n: _stocks(graph, k, first[n]) if n in moving else first[n]
            for k, n in enumerate(job.stocks)
        }
        running_at = Clock(graph.make("time"), graph.make("switch"))
        now = Reading(job, graph, running_at, stocks)
        values = _named(now, running, running.values)
        rates = _named(now, running, running.rates)
        self.job = job
        self.saved = {n: list(_full(job, n, values[n]).reshape(-1)) for n in job.names}
        """Values by name, element by element."""
        self.moves: list[tuple[Value, Value, Value]] = []
        """For each stock that moves itself, its initial value and its rate."""
        for n in rates:
            parts = (stocks[n], first[n], _full(job, n, rates[n]))
            self.moves += zip(*(x.reshape(-1) for x in parts), strict=True)
        self._sort()

    def _sort(self) -> None:
        initial, rates = [m[1] for m in self.moves], [m[2] for m in self.moves]
        every = below([*initial, *rates, *(v for some in self.saved.values() for v in some)])
        if len(every) > MOST:
            raise Uncovered(f"{len(every)} operations, more than {MOST}")
        self.still = [v for v in every if not v.moves]
        """What stays as it is during a run."""
        wanted = set(map(id, below(rates)))
        self.step = [v for v in every if v.moves and id(v) in wanted]
        """What the rates need."""
        self.row = [v for v in every if v.moves and id(v) not in wanted]
        """What only the outputs need."""
        self.tables = sorted({int(str(v.data)) for v in every if v.op in ("entry", "place")})


def _start(graph: Graph) -> Clock:
    start, dt = graph.make("date", data="start"), graph.make("date", data="dt")
    return Clock(start, graph.make("+", start, graph.make("/", dt, graph.number(2.0))))


def _named(reading: Reading, tape: Tape, wanted: Mapping[str, int]) -> dict[str, Array]:
    """Numbers by name."""
    found = reading.values(tape, wanted.values())
    return {n: each(reading.graph.real, found[at]) for n, at in wanted.items()}


def _stocks(graph: Graph, number: int, like: Array) -> Array:
    found = np.empty(like.shape, object)
    for i, place in enumerate(np.ndindex(like.shape)):
        found[place] = graph.make("stock", data=f"{number}_{i}")
    return found


def _full(job: Job, name: str, x: Array) -> Array:
    """All elements of a variable."""
    return np.broadcast_to(x, job.program.shape(name))
