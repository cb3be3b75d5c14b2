"""Expression back to text; `parse_expression(format_expression(e)) == e`."""

from __future__ import annotations

import re

from wmjax.spec._expression import Call, Choice, Expression, Number, Operation, Reference, Subscript


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
    rank = _RANK.get(e.operator, _COMPARISON)
    if e.operator == "neg":
        return f"-{_at(e.operands[0], rank)}", rank
    if e.operator == "not":
        return f"not {_at(e.operands[0], rank)}", rank
    left, right = e.operands
    if e.operator == "^":
        return f"{_at(left, _ATOM)}^{_at(right, 7)}", rank
    low = rank + 1 if rank == _COMPARISON else rank
    return f"{_at(left, low)} {e.operator} {_at(right, rank + 1)}", rank


def _at(e: Expression, rank: int) -> str:
    text, own = _text(e)
    return text if own >= rank else f"({text})"


def _subscripts(subscripts: tuple[Subscript, ...]) -> str:
    if not subscripts:
        return ""
    inside = (format_element(s.name) + ("!" if s.reduced else "") for s in subscripts)
    return f"[{', '.join(inside)}]"


def format_element(name: str) -> str:
    """The element as it stands in a subscript; whole numbers need no quotes."""
    return name if name.isdecimal() else format_name(name)
