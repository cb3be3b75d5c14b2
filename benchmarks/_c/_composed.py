"""Functions that are made of simpler ones, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from benchmarks._c._graph import Reader, Value

_NEARLY_ZERO = 1e-6  # divisors below are zero to `zidz` and `xidz`

CLOCK: dict[str, Callable[[Reader], Value]] = {
    "time": lambda r: r.now,
    "time_step": lambda r: r.graph.number(r.graph.time.step),
    "initial_time": lambda r: r.graph.number(r.graph.time.start),
    "final_time": lambda r: r.graph.number(r.graph.time.end),
}


def _middle(r: Reader) -> Value:
    """The time that switches compare with theirs: half a step on."""
    return r.graph.make("+", r.now, r.graph.number(r.graph.time.step / 2))


def _inside(r: Reader, start: Value, end: Value) -> Value:
    later = r.graph.make(">", _middle(r), start)
    return r.graph.make("and", later, r.graph.make("<", _middle(r), end))


def _at_least_a_step(r: Reader, width: Value) -> Value:
    return r.graph.make("max", width, r.graph.number(r.graph.time.step))


def _step(r: Reader, height: Value, start: Value) -> Value:
    return r.graph.choice(r.graph.make(">", _middle(r), start), height, r.graph.number(0.0))


def _pulse(r: Reader, start: Value, width: Value) -> Value:
    end = r.graph.make("+", start, _at_least_a_step(r, width))
    return r.graph.real(_inside(r, start, end))


def _pulse_train(r: Reader, start: Value, width: Value, period: Value, end: Value) -> Value:
    make = r.graph.make
    ago = make("-", _middle(r), start)
    since = make("-", ago, make("*", period, make("floor", make("/", ago, period))))
    on = make("<", since, _at_least_a_step(r, width))
    return r.graph.real(make("and", _inside(r, start, end), on))


def _ramp(r: Reader, slope: Value, start: Value, end: Value | None = None) -> Value:
    until = r.now if end is None else r.graph.make("min", r.now, end)
    over = r.graph.make("max", r.graph.make("-", until, start), r.graph.number(0.0))
    return r.graph.make("*", slope, over)


def _xidz(r: Reader, a: Value, b: Value, x: Value) -> Value:
    small = r.graph.make("<", r.graph.make("abs", b), r.graph.number(_NEARLY_ZERO))
    return r.graph.choice(small, x, r.graph.make("/", a, b))


def _zidz(r: Reader, a: Value, b: Value) -> Value:
    return _xidz(r, a, b, r.graph.number(0.0))


def _sign(r: Reader, x: Value) -> Value:
    number, make = r.graph.number, r.graph.make
    low = r.graph.choice(make("<", x, number(0.0)), number(-1.0), number(0.0))
    return r.graph.choice(make(">", x, number(0.0)), number(1.0), low)


def _round(r: Reader, x: Value) -> Value:
    make = r.graph.make
    whole = make("floor", make("+", make("abs", x), r.graph.number(0.5)))
    return make("*", _sign(r, x), whole)


def _modulo(r: Reader, a: Value, b: Value) -> Value:
    make = r.graph.make
    return make("-", a, make("*", b, make("trunc", make("/", a, b))))


def _log(r: Reader, x: Value, base: Value | None = None) -> Value:
    of_x = r.graph.make("ln", x)
    return of_x if base is None else r.graph.make("/", of_x, r.graph.make("ln", base))


COMPOSED: dict[str, Callable[..., Value]] = {
    "step": _step,
    "pulse": _pulse,
    "pulse_train": _pulse_train,
    "ramp": _ramp,
    "xidz": _xidz,
    "zidz": _zidz,
    "sign": _sign,
    "round": _round,
    "modulo": _modulo,
    "log": _log,
    "integer": lambda r, x: r.graph.make("trunc", x),
}
