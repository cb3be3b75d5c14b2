"""Expression back to text; `parse_expression(format_expression(e)) == e`."""

from __future__ import annotations

import re

from wmjax.spec._expression import (
    Call,
    Choice,
    Expression,
    Number,
    Operation,
    Reference,
    Subscript,
    spine,
)


_PLAIN = re.compile(r"(?!(?:if|else|or|and|not)\b)[^\W\d]\w*(\.[^\W\d]\w*)*", re.IGNORECASE)
_RANK = {"or": 1, "and": 2, "not": 3, "+": 5, "-": 5, "*": 6, "/": 6, "neg": 7, "^": 8}
_COMPARISON, _ATOM = 4, 9


def format_name(name: str) -> str:
    """The name as it stands in an expression: quoted unless it is a plain word."""
    return name if _PLAIN.fullmatch(name) else f'"{name}"'


def format_expression(expression: Expression) -> str:
    """The text of an expression, with no more parentheses than needed."""
    return _text(expression)[0]


def _text(e: Expression) -> tuple[str, int]:
    """Text and how tightly its outermost operator binds."""
    match e:
        case Number():
            return repr(e.value), _ATOM
        case Reference():
            return format_name(e.name) + _subscripts(e.subscripts), _ATOM
        case Call():
            inside = ", ".join(format_expression(a) for a in e.arguments)
            return f"{format_name(e.function)}{_subscripts(e.subscripts)}({inside})", _ATOM
        case Choice():
            return f"{_at(e.then, 1)} if {_at(e.condition, 1)} else {_at(e.otherwise, 0)}", 0
        case Operation():
            return _operation(e)


def _operation(e: Operation) -> tuple[str, int]:
    part, around = spine(e)
    text, own = _text(part)
    for operation in around:
        text, own = _around(operation, text, own)
    return text, own


def _around(e: Operation, text: str, own: int) -> tuple[str, int]:
    """The text of an operation from the text of its first operand, which binds at `own`."""
    rank = _RANK.get(e.operator, _COMPARISON)
    if e.operator in ("neg", "not"):
        sign = "-" if e.operator == "neg" else "not "
        return sign + _within(text, own, rank), rank
    right = e.operands[1]
    if e.operator == "^":
        return f"{_within(text, own, _ATOM)}^{_at(right, 7)}", rank
    low = rank + 1 if rank == _COMPARISON else rank
    return f"{_within(text, own, low)} {e.operator} {_at(right, rank + 1)}", rank


def _at(e: Expression, rank: int) -> str:
    return _within(*_text(e), rank)


def _within(text: str, own: int, rank: int) -> str:
    return text if own >= rank else f"({text})"


def _subscripts(subscripts: tuple[Subscript, ...]) -> str:
    if not subscripts:
        return ""
    inside = (format_element(s.name) + ("!" if s.reduced else "") for s in subscripts)
    return f"[{', '.join(inside)}]"


def format_element(name: str) -> str:
    """The element as it stands in a subscript; whole numbers need no quotes."""
    return name if name.isdecimal() else format_name(name)
