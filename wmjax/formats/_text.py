"""Expressions of our language as text of XMILE's.

Sums over dimensions are written out: readers disagree about the subscripts of SUM.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from wmjax.formats._book import Book
from wmjax.formats._chains import Arguments, Chains
from wmjax.formats._functions import TEMPLATES, balanced, number
from wmjax.formats._piece import ATOM, Piece, choice, joined, literal, negated
from wmjax.formats._tables import Tables
from wmjax.formats._values import Key
from wmjax.program import PARTIAL
from wmjax.spec import (
    FUNCTIONS,
    Call,
    Choice,
    Expression,
    Lookup,
    Number,
    Operation,
    Reference,
    Subscript,
    expression_dims,
    walk,
)
from wmjax.spec._expression import spine


_COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
_CALL = re.compile(r"\w+\(\{0\}(, \{\d\})*\)")
_TIMES = {"time": "TIME", "time_step": "DT", "initial_time": "STARTTIME", "final_time": "STOPTIME"}


class NotUniform(Exception):
    """One equation cannot stand for all elements: each needs its own."""


@dataclass(frozen=True)
class Writer:
    """Writes the equations of one variable.

    - `tables`, `chains`: receive the variables that the equation needs besides.
    - `dims`: dimensions of the variable, of an equation that stands for all its elements.
    - `bound`: the position at which a dimension stands; `d!` for one that a sum runs over.
    - `element`: the element for which the equation stands, by XMILE names.
    - `guards`: truths that hold where the text is used.
    """

    book: Book
    tables: Tables
    chains: Chains
    dims: tuple[str, ...] = ()
    bound: dict[str, int] = field(default_factory=dict)
    element: Key = ()
    guards: tuple[str, ...] = ()

    def equation(self, e: Expression) -> str:
        """The whole right-hand side."""
        text = self._number(e).text
        whole = isinstance(e, Choice) or (isinstance(e, Call) and e.function == "if_then_else")
        return text[1:-1] if whole else text

    @property
    def _place(self) -> Key:
        """The subscripts of the element for which the equation stands."""
        return self.element or tuple(self.book.dimensions[d] for d in self.dims)

    def _number(self, e: Expression) -> Piece:
        return self._piece(e).number()

    def _piece(self, e: Expression) -> Piece:
        match e:
            case Number():
                return literal(e.value)
            case Reference():
                return self._reference(e)
            case Operation():
                return self._operation(e)
            case Choice():
                return self._choice(e.condition, e.then, e.otherwise)
            case Call():
                return self._call(e)

    def _choice(self, condition: Expression, then: Expression, otherwise: Expression) -> Piece:
        test = self._piece(condition).as_truth().text
        yes = replace(self, guards=(*self.guards, f"({test})"))
        no = replace(self, guards=(*self.guards, f"(NOT ({test}))"))
        return choice(test, yes._piece(then), no._piece(otherwise))

    def _operation(self, e: Operation) -> Piece:
        """Operators in a row one after another, not one inside another."""
        part, around = spine(e)
        first = around[0]
        if first.operator in _COMPARISONS:
            part = self._positioned(part, first.operands[1])
        piece = self._piece(part)
        for operation in around:
            operator = operation.operator
            if operator in ("not", "neg"):
                piece = negated(piece, operator)
                continue
            right = operation.operands[1]
            if operator in _COMPARISONS:
                right = self._positioned(right, operation.operands[0])
            piece = joined(operator, piece, self._piece(right))
        return piece

    def _positioned(self, e: Expression, other: Expression) -> Expression:
        """An element compared with a dimension stands for its place in that one."""
        ranges, variables = self.book.ranges, self.book.spec.variables
        if not (isinstance(e, Reference) and isinstance(other, Reference)):
            return e
        element, dim = e.name, other.name
        if element in variables or dim in variables or element in ranges:
            return e
        found = element in ranges.get(dim, ())
        return Number(ranges[dim].index(element) + 1.0) if found else e

    def _reference(self, e: Reference) -> Piece:
        book = self.book
        if e.name in book.spec.variables:
            own = book.spec.variables[e.name].dims
            given = e.subscripts or tuple(Subscript(d) for d in own)
            inside = [self._subscript(d, s) for d, s in zip(own, given, strict=True)]
            return Piece(book.reference(book.variables[e.name], inside))
        if e.name in _TIMES:
            return Piece(_TIMES[e.name])
        if e.name in self.bound:
            return literal(self.bound[e.name] + 1)
        if e.name in book.ranges:
            raise NotUniform
        return literal(book.positions[e.name])

    def _subscript(self, dim: str, s: Subscript) -> str:
        book = self.book
        if s.name not in book.ranges:
            return book.elements[dim][s.name]
        key = f"{s.name}!" if s.reduced else s.name
        if key in self.bound:
            return book.elements[dim][book.ranges[s.name][self.bound[key]]]
        if s.name == dim and dim in self.dims:
            return book.dimensions[dim]
        raise NotUniform

    def _call(self, e: Call) -> Piece:
        name = e.function
        if isinstance(self.book.spec.variables.get(name), Lookup):
            return self._table(e)
        if name == "if_then_else":
            return self._choice(*e.arguments)
        if name == "power":
            return joined("^", *map(self._piece, e.arguments))
        if name == "size":
            (dimension,) = e.arguments
            assert isinstance(dimension, Reference)
            return literal(len(self.book.ranges[dimension.name]))
        if name in ("min", "max") and len(e.arguments) > 1:
            return Piece(balanced(name, [self._number(a).text for a in e.arguments]))
        if FUNCTIONS[name].kind == "reduction" or name in ("min", "max"):
            return self._reduction(e)
        if name.startswith(("smooth", "delay")) and self.chains.wanted(name):
            return self._chain(e)
        template = TEMPLATES[name, len(e.arguments)]
        rank = 0 if _CALL.fullmatch(template) else ATOM
        return Piece(template.format(*(self._number(a).within(rank) for a in e.arguments)))

    def _chain(self, e: Call) -> Piece:
        x, time, *rest = (self._number(a).within(ATOM) for a in e.arguments[:3])
        order = e.arguments[3] if len(e.arguments) > 3 else None
        n = int(order.value) if isinstance(order, Number) else None
        given = Arguments(x, time, *rest or (x,))
        return Piece(self.chains.value(e.function, n, given, self.element, self._place))

    def _table(self, e: Call) -> Piece:
        """A table at some x, where the guards hold if its x can leave the finite numbers."""
        (inside,) = e.arguments
        x = self._number(inside)
        guards = self.guards if any(_partial(n) for n in walk(inside)) else ()
        return self.tables.value(e.function, x, guards, self.element, self._place)

    def _reduction(self, e: Call) -> Piece:
        """Over the dimensions marked `!`, or over all if none is marked."""
        (inside,) = e.arguments
        found = expression_dims(self.book.spec, inside) or frozenset()
        marked = sorted(d for d in found if d.endswith("!"))
        writer = self if marked else replace(self, bound={})
        terms = [
            replace(writer, bound=writer.bound | place)._number(inside)
            for place in self._places(marked or sorted(found))
        ]
        if e.function in ("min", "max"):
            return Piece(balanced(e.function, [t.text for t in terms]))
        if e.function == "prod":
            return Piece("(" + " * ".join(t.within(ATOM) for t in terms) + ")")
        total = "(" + " + ".join(t.within(ATOM) for t in terms) + ")"
        return Piece(total if e.function == "sum" else f"({total} / {number(len(terms))})")

    def _places(self, dims: list[str]) -> Iterator[dict[str, int]]:
        ranges = (range(len(self.book.ranges[d.removesuffix("!")])) for d in dims)
        for combination in itertools.product(*ranges):
            yield dict(zip(dims, combination, strict=True))


def _partial(e: Expression) -> bool:
    """Whether the value can leave the finite numbers."""
    name = e.operator if isinstance(e, Operation) else getattr(e, "function", "")
    return name in PARTIAL
