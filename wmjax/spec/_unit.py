"""Units as values: a scale and powers of named units, and the text they are written in."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from wmjax._errors import UserError


_LONGEST = 200
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*|°[CF]|[$€£¥%‰])|(?P<sign>\*\*|[*/^()\-+·]))"
)


class UnitError(UserError):
    """Text that is not a unit, or two units that do not fit each other."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A product of powers of named units, times a number: `1e6 person/year`."""

    scale: float = 1.0
    powers: tuple[tuple[str, float], ...] = ()

    def __mul__(self, other: Unit) -> Unit:
        return Unit(self.scale * other.scale, _merge((*self.powers, *other.powers)))

    def __pow__(self, exponent: float) -> Unit:
        powers = _merge((name, power * exponent) for name, power in self.powers)
        return Unit(self.scale**exponent, powers)

    def __truediv__(self, other: Unit) -> Unit:
        return self * other**-1.0

    def __str__(self) -> str:
        above = [_power(name, power) for name, power in self.powers if power > 0]
        below = [_power(name, -power) for name, power in self.powers if power < 0]
        scale = [f"{self.scale:.6g}"] if self.scale != 1 or not above else []
        return "/".join(["*".join(scale + above), *below])


PURE = Unit()
"""The unit of a pure number."""


def _merge(powers: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    total: dict[str, float] = {}
    for name, power in powers:
        total[name] = total.get(name, 0.0) + power
    return tuple(sorted((n, round(p, 9)) for n, p in total.items() if abs(p) > 1e-9))


def _power(name: str, power: float) -> str:
    return name if power == 1 else f"{name}^{power:g}"


@functools.lru_cache(maxsize=4096)
def read_unit(text: str) -> Unit:
    """A unit from text: names, numbers, `*`, `/`, `^` or `**`, brackets; a space multiplies.

    **Raises:** `UnitError` if the text is no unit.
    """
    if len(text) > _LONGEST:
        raise _refusal(text[:40] + "...")
    try:
        unit = _Reader(text).whole()
    except (_Stuck, OverflowError, ZeroDivisionError, RecursionError):
        raise _refusal(text) from None
    if not (math.isfinite(unit.scale) and unit.scale > 0):
        raise _refusal(text)
    return unit


def _refusal(text: str) -> UnitError:
    return UnitError(
        "unit", repr(text), "a unit such as person/year, usd, kg*m^2 or 1", "write it in this form"
    )


class _Stuck(Exception):
    pass


class _Reader:
    """Recursive descent over the tokens of a unit."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at, text = 0, text.strip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                raise _Stuck
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        self.at = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.at += 1
        return token

    def whole(self) -> Unit:
        unit = self.product()
        if self.peek()[0] != "end":
            raise _Stuck
        return unit

    def product(self) -> Unit:
        unit = self.factor()
        while True:
            kind, text = self.peek()
            if text == "/" or (kind == "name" and text == "per"):
                self.take()
                unit = unit / self.factor()
            elif text in ("*", "·"):
                self.take()
                unit = unit * self.factor()
            elif kind in ("number", "name") or text == "(":
                unit = unit * self.factor()
            else:
                return unit

    def factor(self) -> Unit:
        unit = self.atom()
        if self.peek()[1] in ("^", "**"):
            self.take()
            exponent = self.exponent()
            if abs(exponent) > 64:
                raise _Stuck
            unit = unit**exponent
        return unit

    def atom(self) -> Unit:
        kind, text = self.take()
        if kind == "number":
            return Unit(float(text))
        if kind == "name" and text != "per":
            return Unit(1.0, ((text, 1.0),))
        if text != "(":
            raise _Stuck
        unit = self.product()
        self.close()
        return unit

    def exponent(self) -> float:
        if self.peek()[1] == "(":
            self.take()
            value = self.exponent()
            if self.peek()[1] == "/":
                self.take()
                value /= self.exponent()
            self.close()
            return value
        sign = -1.0 if self.peek()[1] == "-" else 1.0
        if self.peek()[1] in ("-", "+"):
            self.take()
        kind, text = self.take()
        if kind != "number":
            raise _Stuck
        return sign * float(text)

    def close(self) -> None:
        if self.take()[1] != ")":
            raise _Stuck
