"""Calls of tables as variables of their own.

XMILE programs agree about one way only to read a table: a variable with a graphical function, whose
equation is the x. The first call of a table takes the table's name, further ones a number behind.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from wmjax.formats._book import Book
from wmjax.formats._functions import number
from wmjax.formats._names import quoted
from wmjax.formats._piece import ATOM, Piece
from wmjax.formats._points import Curve, lookup_curve
from wmjax.formats._values import Key, Texts
from wmjax.spec import Lookup


_SUBSCRIPTS = re.compile(r"\[[^\]]*\]")


@dataclass
class TableCall:
    """One call: the variable that holds its value, and its x for each element, `()` if the same
    equation stands for all. It is `scalar` where that equation names no dimension."""

    name: str
    lookup: str
    curve: Curve
    scalar: bool
    equations: Texts = field(default_factory=dict)


@dataclass
class Tables:
    """The calls in the equations of one variable."""

    book: Book
    _calls: dict[tuple[str, int], TableCall] = field(default_factory=dict)
    _count: Counter[tuple[str, Key]] = field(default_factory=Counter)

    @property
    def calls(self) -> tuple[TableCall, ...]:
        return tuple(self._calls.values())

    def value(
        self, lookup: str, x: Piece, guards: tuple[str, ...], element: Key, place: Key
    ) -> Piece:
        """The value of one more call; `place` are the subscripts of its element. Where the guards
        do not hold the table is read at its first x."""
        site = lookup, self._count[lookup, element]
        self._count[lookup, element] += 1
        curve = lookup_curve(self._lookup(lookup))
        text = x.text
        if guards:
            text = f"IF {' AND '.join(guards)} THEN {text} ELSE {number(curve.points[0][0])}"
        if site not in self._calls:
            scalar = not element and not _names_any(text, place)
            self._calls[site] = TableCall(self._name(lookup), lookup, curve, scalar)
        call = self._calls[site]
        call.equations[element] = text
        held = self.book.reference(call.name, () if call.scalar else place)
        tails = curve.tails(x.within(ATOM))
        return Piece(f"({held}{tails})" if tails else held)

    def _lookup(self, name: str) -> Lookup:
        variable = self.book.spec.variables[name]
        assert isinstance(variable, Lookup)
        return variable

    def _name(self, lookup: str) -> str:
        name = self.book.variables[lookup]
        names = [c.name for c in self.calls]
        if lookup in self.book.read or name in names:
            return self.book.names.free(name, besides=names)
        return name

    def keep(self) -> None:
        """Makes the names of these calls known to the book."""
        for call in self.calls:
            self.book.read.add(call.lookup)
            self.book.names.take(call.name)


def _names_any(text: str, dims: Key) -> bool:
    """Whether subscripts in a text name a dimension."""
    inside = "".join(_SUBSCRIPTS.findall(text))
    return any(quoted(d) in inside for d in dims)
