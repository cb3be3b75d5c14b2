"""Which way an equation moves when one of the variables in it rises, as far as its form tells.

Variables are taken to be positive, and parameters to have the sign of their value. Where that does
not settle the sign it is left open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias

from wmjax.spec import Call, Choice, Expression, Number, Operation, Reference


Sign: TypeAlias = Literal["+", "-", ""]
Signs: TypeAlias = "dict[str, Sign]"
Slope = Callable[[str], "tuple[Sign, Sign] | None"]
"""For a table its slope and the sign of its values; None for what is no table."""
_RISING = {
    "exp", "ln", "log", "log10", "sqrt", "tanh", "arctan", "integer", "round", "min", "max", "sum",
    "mean", "smooth", "smooth3", "smooth_n", "delay1", "delay3", "delay_n",
}  # fmt: skip
_POSITIVE = {"exp", "sqrt", "abs", "sum", "mean", "min", "max", "initial", "smooth", "smooth3",
             "smooth_n", "delay1", "delay3", "delay_n", "size"}  # fmt: skip
_FIRST_ONLY = {"smooth", "smooth3", "smooth_n", "delay1", "delay3", "delay_n", "log"}


def polarities(e: Expression, values: dict[str, Sign], table: Slope) -> Signs:
    """The sign of the derivative with respect to every name that the expression reads."""
    return _look(e, values, table)[1]


def times(a: Sign, b: Sign) -> Sign:
    """The sign of a product."""
    if not (a and b):
        return ""
    return "+" if a == b else "-"


def _look(e: Expression, values: dict[str, Sign], table: Slope) -> tuple[Sign, Signs]:
    """The sign of the value, and those of the derivatives."""
    match e:
        case Number():
            return ("+" if e.value >= 0 else "-"), {}
        case Reference():
            return values.get(e.name, "+"), {e.name: "+"}
        case Operation():
            parts = [_look(o, values, table) for o in e.operands]
            return _operation(e.operator, parts)
        case Choice():
            test, then, other = (
                _look(x, values, table) for x in (e.condition, e.then, e.otherwise)
            )
            return _same(then[0], other[0]), _joined([then[1], other[1], _open(test[1])])
        case Call():
            return _call(e, [_look(a, values, table) for a in e.arguments], table)


def _operation(operator: str, parts: list[tuple[Sign, Signs]]) -> tuple[Sign, Signs]:
    (v, d), (w, f) = parts[0], parts[-1]
    match operator:
        case "neg":
            return times(v, "-"), _scaled(d, "-")
        case "+":
            return _same(v, w), _joined([d, f])
        case "-":
            return _same(v, times(w, "-")), _joined([d, _scaled(f, "-")])
        case "*":
            return times(v, w), _joined([_scaled(d, w), _scaled(f, v)])
        case "/":
            return times(v, w), _joined([_scaled(d, w), _scaled(f, times(v, "-"))])
        case "^":
            return v, _joined([_scaled(d, w), _open(f)])
        case _:
            return "+", _joined([_open(p[1]) for p in parts])


def _call(e: Call, parts: list[tuple[Sign, Signs]], table: Slope) -> tuple[Sign, Signs]:
    tabled = table(e.function)
    if tabled is not None:
        return tabled[1], _joined([_scaled(p[1], tabled[0]) for p in parts])
    if e.function == "power":
        return _operation("^", parts)
    if e.function == "initial":
        return "+", {}
    if e.function in _FIRST_ONLY:
        signs = [parts[0][1], *(_open(p[1]) for p in parts[1:])]
    elif e.function in _RISING:
        signs = [p[1] for p in parts]
    else:
        signs = [_open(p[1]) for p in parts]
    return ("+" if e.function in _POSITIVE else ""), _joined(signs)


def _same(a: Sign, b: Sign) -> Sign:
    return a if a == b else ""


def _scaled(signs: Signs, by: Sign) -> Signs:
    return {name: times(sign, by) for name, sign in signs.items()}


def _open(signs: Signs) -> Signs:
    return dict.fromkeys(signs, "")


def _joined(many: Iterable[Signs]) -> Signs:
    """Signs of a sum: open where its parts disagree."""
    found: Signs = {}
    for signs in many:
        for name, sign in signs.items():
            found[name] = _same(found[name], sign) if name in found else sign
    return found
