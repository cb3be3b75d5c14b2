"""Calls of tables as variables of their own.

XMILE programs agree about one way only to read a table: a variable with a graphical function, whose
equation is the x. The first call of a table takes the table's name, further ones a number behind.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from wmjax.formats._book import Book
from wmjax.formats._functions import number
from wmjax.formats._points import Curve, lookup_curve
from wmjax.spec import Lookup


@dataclass
class TableCall:
    """One call: the variable that holds its value, and its x for each element, `()` if the same
    equation stands for all."""

    name: str
    lookup: str
    curve: Curve
    equations: dict[tuple[str, ...], str] = field(default_factory=dict)


@dataclass
class Tables:
    """The calls in the equations of one variable."""

    book: Book
    _calls: dict[tuple[str, int], TableCall] = field(default_factory=dict)
    _count: Counter[tuple[str, tuple[str, ...]]] = field(default_factory=Counter)

    @property
    def calls(self) -> tuple[TableCall, ...]:
        return tuple(self._calls.values())

    def call(
        self, lookup: str, element: tuple[str, ...], x: str, guards: tuple[str, ...]
    ) -> TableCall:
        """Notes one more call. Where the guards do not hold the table is read at its first x."""
        number_ = self._count[lookup, element]
        self._count[lookup, element] += 1
        if (lookup, number_) not in self._calls:
            self._calls[lookup, number_] = self._new(lookup)
        call = self._calls[lookup, number_]
        harmless = number(call.curve.points[0][0])
        test = " AND ".join(guards)
        call.equations[element] = f"IF {test} THEN {x} ELSE {harmless}" if guards else x
        return call

    def _new(self, lookup: str) -> TableCall:
        variable = self.book.spec.variables[lookup]
        assert isinstance(variable, Lookup)
        name = self.book.variables[lookup]
        names = [c.name for c in self.calls]
        if lookup in self.book.read or name in names:
            name = self.book.names.free(name, besides=names)
        return TableCall(name, lookup, lookup_curve(variable))

    def keep(self) -> None:
        """Makes the names of these calls known to the book."""
        for call in self.calls:
            self.book.read.add(call.lookup)
            self.book.names.take(call.name)
