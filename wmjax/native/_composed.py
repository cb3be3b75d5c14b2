"""Operations that are made of simpler ones, and those that read the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from wmjax.native._values import Graph, Value


_NEARLY_ZERO = 1e-6  # divisors below are zero to `zidz` and `xidz`


class Clock(NamedTuple):
    """The time, and the time that switches compare with theirs: half a step into the step."""

    time: Value
    switch: Value


def _inside(g: Graph, now: Value, start: Value, end: Value) -> Value:
    return g.make("and", g.make(">", now, start), g.make("<", now, end))


def _at_least_a_step(g: Graph, width: Value) -> Value:
    return g.make("max", width, g.make("date", data="dt"))


def _step(g: Graph, clock: Clock, height: Value, start: Value) -> Value:
    return g.choice(g.make(">", clock.switch, start), height, g.number(0.0))


def _pulse(g: Graph, clock: Clock, start: Value, width: Value) -> Value:
    return _inside(g, clock.switch, start, g.make("+", start, _at_least_a_step(g, width)))


def _pulse_train(
    g: Graph, clock: Clock, start: Value, width: Value, period: Value, end: Value
) -> Value:
    since = g.make("remainder", g.make("-", clock.switch, start), period)
    on = g.make("<", since, _at_least_a_step(g, width))
    return g.make("and", _inside(g, clock.switch, start, end), on)


def _ramp(g: Graph, clock: Clock, slope: Value, start: Value, end: Value | None = None) -> Value:
    until = clock.time if end is None else g.make("min", clock.time, end)
    return g.make("*", slope, g.make("max", g.make("-", until, start), g.number(0.0)))


TIMED: dict[str, Callable[..., Value]] = {
    "step": _step,
    "pulse": _pulse,
    "pulse_train": _pulse_train,
    "ramp": _ramp,
}
"""Operations that also read the clock."""


def _xidz(g: Graph, a: Value, b: Value, x: Value) -> Value:
    small = g.make("<", g.make("abs", b), g.number(_NEARLY_ZERO))
    return g.choice(small, x, g.make("/", a, b))


def _round(g: Graph, x: Value) -> Value:
    whole = g.make("floor", g.make("+", g.make("abs", x), g.number(0.5)))
    return g.make("*", g.make("sign", x), whole)


def _modulo(g: Graph, a: Value, b: Value) -> Value:
    return g.make("-", a, g.make("*", b, g.make("trunc", g.make("/", a, b))))


def _log(g: Graph, x: Value, base: Value | None = None) -> Value:
    of_x = g.make("ln", x)
    return of_x if base is None else g.make("/", of_x, g.make("ln", base))


def _plain(op: str) -> Callable[..., Value]:
    return lambda g, *args: g.make(op, *args)


POINTWISE: dict[str, Callable[..., Value]] = {
    op: _plain(op)
    for op in (
        "+", "-", "*", "/", "=", "<>", "<", "<=", ">", ">=", "min", "max", "neg", "abs", "sign",
        "sqrt", "exp", "ln", "log10", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh",
        "cosh", "tanh",
    )
} | {
    "xidz": _xidz,
    "zidz": lambda g, a, b: _xidz(g, a, b, g.number(0.0)),
    "round": _round,
    "modulo": _modulo,
    "log": _log,
    "integer": _plain("trunc"),
    "^": Graph.power,
    "power": Graph.power,
}  # fmt: skip
"""Operations on numbers."""
