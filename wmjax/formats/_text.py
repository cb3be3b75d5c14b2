"""Expressions of our language as text of XMILE's.

Comparisons and logic give numbers in our language and truths in XMILE's, so that each is turned
into the other where it stands in the other's place. Sums over dimensions are written out: readers
disagree about the subscripts of SUM.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from wmjax.formats._book import Book
from wmjax.formats._chains import Arguments, Chains
from wmjax.formats._functions import TEMPLATES, balanced, number
from wmjax.formats._tables import Tables
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


_RANK = {"or": 1, "and": 2, "not": 3, "=": 4, "<>": 4, "<": 4, "<=": 4, ">": 4, ">=": 4,
         "+": 5, "-": 5, "*": 6, "/": 6, "neg": 7, "^": 8}  # fmt: skip
_COMPARISON, _ATOM = 4, 9
_CALL = re.compile(r"\w+\(\{0\}(, \{\d\})*\)")
_TIMES = {"time": "TIME", "time_step": "DT", "initial_time": "STARTTIME", "final_time": "STOPTIME"}


class NotUniform(Exception):
    """One equation cannot stand for all elements: each needs its own."""


@dataclass(frozen=True)
class Piece:
    """Text, how tightly its outermost operator binds, and whether it is a truth."""

    text: str
    rank: int = _ATOM
    truth: bool = False

    def within(self, rank: int) -> str:
        return self.text if self.rank >= rank else f"({self.text})"


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
    element: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()

    def equation(self, e: Expression) -> str:
        """The whole right-hand side."""
        text = self._number(e).text
        whole = isinstance(e, Choice) or (isinstance(e, Call) and e.function == "if_then_else")
        return text[1:-1] if whole else text

    def _number(self, e: Expression) -> Piece:
        piece = self._piece(e)
        return Piece(f"(IF {piece.text} THEN 1.0 ELSE 0.0)") if piece.truth else piece

    def _truth(self, e: Expression) -> Piece:
        piece = self._piece(e)
        if piece.truth:
            return piece
        return Piece(f"{piece.within(_COMPARISON + 1)} <> 0.0", _COMPARISON, truth=True)

    def _piece(self, e: Expression) -> Piece:
        match e:
            case Number():
                return Piece(number(e.value), _ATOM if e.value >= 0 else _RANK["neg"])
            case Reference():
                return self._reference(e)
            case Operation():
                return self._operation(e)
            case Choice():
                return self._choice(e.condition, e.then, e.otherwise)
            case Call():
                return self._call(e)

    def _choice(self, condition: Expression, then: Expression, otherwise: Expression) -> Piece:
        test = self._truth(condition).text
        yes = replace(self, guards=(*self.guards, f"({test})"))
        no = replace(self, guards=(*self.guards, f"(NOT ({test}))"))
        return Piece(f"(IF {test} THEN {yes._number(then).text} ELSE {no._number(otherwise).text})")

    def _operation(self, e: Operation) -> Piece:
        """Operators in a row one after another, not one inside another."""
        part, around = spine(e)
        if around[0].operator in ("=", "<>", "<", "<=", ">", ">="):
            piece = self._comparison(around.pop(0))
        else:
            piece = self._piece(part)
        for operation in around:
            piece = self._around(operation, piece)
        return piece

    def _around(self, e: Operation, first: Piece) -> Piece:
        """An operation, given the text of its first operand."""
        rank = _RANK[e.operator]
        if e.operator in ("and", "or", "not"):
            return self._logic(e, first)
        left = Piece(f"(IF {first.text} THEN 1.0 ELSE 0.0)") if first.truth else first
        if e.operator == "neg":
            return Piece(f"-{left.within(_ATOM)}", rank)
        right = self._number(e.operands[1])
        if e.operator == "^":
            return Piece(f"{left.within(_ATOM)}^{right.within(_ATOM)}", rank)
        close = _ATOM if right.rank == _RANK["neg"] else rank + 1
        low = _ATOM if left.rank == _RANK["neg"] else rank + (rank == _COMPARISON)
        text = f"{left.within(low)} {e.operator} {right.within(close)}"
        return Piece(text, rank, truth=rank == _COMPARISON)

    def _logic(self, e: Operation, first: Piece) -> Piece:
        """Truths joined; those joined otherwise stand in parentheses, as readers rank AND and OR
        differently."""
        rank = _RANK[e.operator]
        given = first if first.truth else Piece(f"{first.within(5)} <> 0.0", _COMPARISON, True)
        if e.operator == "not":
            return Piece(f"(NOT ({given.text}))", truth=True)
        left = given.text if given.rank == rank else given.within(_COMPARISON)
        right = self._truth(e.operands[1]).within(_COMPARISON)
        return Piece(f"{left} {e.operator.upper()} {right}", rank, truth=True)

    def _comparison(self, e: Operation) -> Piece:
        """An element compared with a dimension stands for its place in that one."""
        left, right = e.operands
        left, right = self._place(left, right) or left, self._place(right, left) or right
        return self._around(Operation(e.operator, (left, right)), self._number(left))

    def _place(self, element: Expression, dimension: Expression) -> Number | None:
        ranges, variables = self.book.ranges, self.book.spec.variables
        if not (isinstance(element, Reference) and isinstance(dimension, Reference)):
            return None
        e, d = element.name, dimension.name
        if e in variables or d in variables or e in ranges or d not in ranges:
            return None
        return Number(ranges[d].index(e) + 1.0) if e in ranges[d] else None

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
            return Piece(number(self.bound[e.name] + 1))
        if e.name in book.ranges:
            raise NotUniform
        return Piece(number(book.positions[e.name]))

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
        if isinstance(self.book.spec.variables.get(e.function), Lookup):
            return self._table(e)
        if e.function == "if_then_else":
            return self._choice(*e.arguments)
        if e.function == "size":
            (dimension,) = e.arguments
            assert isinstance(dimension, Reference)
            return Piece(number(len(self.book.ranges[dimension.name])))
        if FUNCTIONS[e.function].kind == "reduction" or _alone(e):
            return self._reduction(e)
        if e.function.startswith(("smooth", "delay")) and self.chains.wanted(e.function):
            return self._chain(e)
        if e.function in ("min", "max"):
            return Piece(balanced(e.function, [self._number(a).text for a in e.arguments]))
        return self._plain(e)

    def _plain(self, e: Call) -> Piece:
        template = TEMPLATES[e.function, len(e.arguments)]
        pieces = map(self._number, e.arguments)
        rank = 0 if _CALL.fullmatch(template) else _ATOM
        return Piece(template.format(*(p.within(rank) for p in pieces)))

    def _chain(self, e: Call) -> Piece:
        x, time, *rest = (self._number(a).within(_ATOM) for a in e.arguments[:3])
        order = e.arguments[3] if len(e.arguments) > 3 else None
        value = self.chains.value(
            e.function, int(order.value) if isinstance(order, Number) else None,
            Arguments(x, time, *rest or (x,)), self.element, self._place_of_owner(),
        )  # fmt: skip
        return Piece(value)

    def _place_of_owner(self) -> tuple[str, ...]:
        """The subscripts of the element for which the equation stands."""
        return self.element or tuple(self.book.dimensions[d] for d in self.dims)

    def _table(self, e: Call) -> Piece:
        """A table at some x: a variable of its own, whose equation is the x."""
        (inside,) = e.arguments
        x = self._number(inside)
        guarded = self.guards and any(_partial(n) for n in walk(inside))
        call = self.tables.call(e.function, self.element, x.text, self.guards if guarded else ())
        held = self.book.reference(call.name, self._place_of_owner())
        tails = call.curve.tails(x.within(_ATOM))
        return Piece(f"({held}{tails})" if tails else held)

    def _reduction(self, e: Call) -> Piece:
        """Over the dimensions marked `!`, or over all if none is marked."""
        (inside,) = e.arguments
        found = expression_dims(self.book.spec, inside) or frozenset()
        marked = tuple(sorted(d for d in found if d.endswith("!")))
        gone = marked or tuple(sorted(found))
        writer = self if marked else replace(self, bound={})
        terms = [replace(writer, bound={**writer.bound, **at})._number(inside)
                 for at in self._places(gone)]  # fmt: skip
        if e.function in ("min", "max"):
            return Piece(balanced(e.function, [t.text for t in terms]))
        if e.function == "prod":
            return Piece("(" + " * ".join(t.within(_ATOM) for t in terms) + ")")
        total = "(" + " + ".join(t.within(_RANK["*"]) for t in terms) + ")"
        return Piece(total if e.function == "sum" else f"({total} / {number(len(terms))})")

    def _places(self, dims: tuple[str, ...]) -> Iterator[dict[str, int]]:
        ranges = (range(len(self.book.ranges[d.removesuffix("!")])) for d in dims)
        for combination in itertools.product(*ranges):
            yield dict(zip(dims, combination, strict=True))


def _alone(e: Call) -> bool:
    return e.function in ("min", "max") and len(e.arguments) == 1


def _partial(e: Expression) -> bool:
    """Whether the value can leave the finite numbers."""
    match e:
        case Operation():
            return e.operator in PARTIAL
        case Call():
            return e.function in PARTIAL
        case _:
            return False
