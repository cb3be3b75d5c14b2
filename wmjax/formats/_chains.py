"""Smooths and delays written out as stocks and flows.

XMILE's own functions serve where they can. Inside a feedback loop they cannot: there some programs
ask for the input of a smooth before they know its initial value. Neither can they for orders other
than 1 and 3: some programs lack SMTHN and DELAYN, others hold the delay time of the start. There
the stages become variables; for the equations see `wmjax.program._memory`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from wmjax.formats._book import Book
from wmjax.formats._functions import number
from wmjax.formats._values import Key, Texts


_ORDERS = {"smooth": 1, "smooth3": 3, "delay1": 1, "delay3": 3}


@dataclass(frozen=True)
class Arguments:
    """Texts of one call: the input, the time, and the value of every stage at the start."""

    x: str
    time: str
    initial: str


@dataclass
class Stage:
    """One stage: a stock, the flows that feed and empty it, and what is written about them."""

    stock: str
    inflow: str
    outflow: str = ""
    initial: Texts = field(default_factory=dict)
    feeding: Texts = field(default_factory=dict)
    emptying: Texts = field(default_factory=dict)


@dataclass
class Chains:
    """The calls in the equations of one variable that are written out."""

    book: Book
    owner: str
    _sites: dict[int, list[Stage]] = field(default_factory=dict)
    _count: Counter[Key] = field(default_factory=Counter)

    def wanted(self, function: str) -> bool:
        """Whether a function is to be written out here."""
        return function not in _ORDERS or self.owner in self.book.looped

    def value(
        self, function: str, order: int | None, given: Arguments, element: Key, place: Key
    ) -> str:
        """The text of the value of one more call; `place` are the subscripts of its element."""
        n = _ORDERS.get(function) or order or 1
        site = self._count[element]
        self._count[element] += 1
        smooth = function.startswith("smooth")
        if site not in self._sites:
            self._sites[site] = self._new("smooth" if smooth else "delay", n)
        write = self._smooth if smooth else self._delay
        return write(self._sites[site], given, element, place)

    def stages(self) -> Iterator[Stage]:
        for stages in self._sites.values():
            yield from stages

    def keep(self) -> None:
        """Makes the names of the stages known to the book."""
        for name in self._names():
            self.book.names.take(name)

    def _names(self) -> list[str]:
        found = [(s.stock, s.inflow, s.outflow) for s in self.stages()]
        return [name for names in found for name in names if name]

    def _new(self, word: str, n: int) -> list[Stage]:
        owner, taken = self.book.variables[self.owner], self._names()

        def free(what: str) -> str:
            taken.append(self.book.names.free(f"{owner} {what}", besides=taken))
            return taken[-1]

        if word == "smooth":
            return [Stage(free(f"smooth {k}"), free(f"adjustment {k}")) for k in range(1, n + 1)]
        flows = [free(f"delay rate {k}") for k in range(n + 1)]
        return [Stage(free(f"delay {k + 1}"), flows[k], flows[k + 1]) for k in range(n)]

    def _smooth(self, stages: list[Stage], given: Arguments, element: Key, place: Key) -> str:
        before = given.x
        for stage in stages:
            own = self.book.reference(stage.stock, place)
            stage.initial[element] = given.initial
            stage.feeding[element] = f"({before} - {own}) * ({number(len(stages))} / {given.time})"
            before = own
        return before

    def _delay(self, stages: list[Stage], given: Arguments, element: Key, place: Key) -> str:
        n = number(len(stages))
        stages[0].feeding[element] = given.x
        for stage in stages:
            own = self.book.reference(stage.stock, place)
            stage.initial[element] = f"{given.initial} * {given.time} / {n}"
            stage.emptying[element] = f"{own} * {n} / {given.time}"
        return self.book.reference(stages[-1].outflow, place)
