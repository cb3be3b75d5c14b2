"""Operations written in the few kinds that there is code for, as `wmjax.model` defines them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from wmjax.program._writer import Lanes, Writer


def affected(m: Writer, name: str, shape: tuple[int, ...], rows: int, value: Lanes) -> Lanes:
    """See `Effects`: what the rows in force make of a value, one after another."""
    fields = {
        f: m.elements("effect", f"{f} {name}", (rows, *own), varies=False)
        for f, own in [("start", ()), ("end", ()), ("ramp", ()),
                       *((f, shape) for f in ("multiply", "add", "set", "weight"))]
    }  # fmt: skip
    for i in range(rows):
        now = {f: v[i] if np.ndim(v[i]) else int(v[i]) for f, v in fields.items()}  # pyright: ignore
        value = _under(m, now, value)
    return value


def _under(m: Writer, row: dict[str, Lanes], value: Lanes) -> Lanes:
    time, switch = m.clock("time"), m.clock("switch")
    active = m.both(m.do("<", row["start"], switch), m.do("<", switch, row["end"]))
    grows = m.do("<", m.zero, row["ramp"])
    length = m.do("select", grows, row["ramp"], m.one)
    grown = m.do("/", m.do("-", time, row["start"]), length)
    grown = m.do("min", m.do("max", grown, m.zero), m.one)
    s = m.do("*", active, m.do("select", grows, grown, m.one))
    factor = m.do("+", m.one, m.do("*", s, m.do("-", row["multiply"], m.one)))
    value = m.do("+", m.do("*", value, factor), m.do("*", s, row["add"]))
    share = m.do("*", s, row["weight"])
    kept = m.do("*", m.do("-", m.one, share), value)
    return m.do("+", kept, m.do("*", share, row["set"]))


def power(m: Writer, base: Lanes, exponent: float) -> Lanes:
    """Whole powers by multiplication, as the scalar code does."""
    if abs(exponent) > 64 or exponent != int(exponent):
        return m.do("power", base, m.const(exponent))
    found, square, left = None, base, abs(int(exponent))
    while left:
        if left % 2:
            found = square if found is None else m.do("*", found, square)
        left //= 2
        square = m.do("*", square, square) if left else square
    if found is None:
        return m.one
    return m.do("/", m.one, found) if exponent < 0 else found


def _xidz(m: Writer, a: Lanes, b: Lanes, x: Lanes) -> Lanes:
    small = m.do("<", m.do("abs", b), m.const(1e-6))
    return m.do("select", small, x, m.do("/", a, m.do("select", small, m.one, b)))


def _modulo(m: Writer, a: Lanes, b: Lanes) -> Lanes:
    return m.do("-", a, m.do("*", b, m.do("integer", m.do("/", a, b))))


def _log(m: Writer, x: Lanes, base: Lanes | None = None) -> Lanes:
    found = m.do("ln", x)
    return found if base is None else m.do("/", found, m.do("ln", base))


def _step(m: Writer, height: Lanes, start: Lanes) -> Lanes:
    return m.do("select", m.do("<", start, m.clock("switch")), height, m.zero)


def _pulse(m: Writer, start: Lanes, width: Lanes) -> Lanes:
    now = m.clock("switch")
    end = m.do("+", start, m.do("max", width, m.clock("time_step")))
    return m.both(m.do("<", start, now), m.do("<", now, end))


def _pulse_train(m: Writer, start: Lanes, width: Lanes, period: Lanes, end: Lanes) -> Lanes:
    now = m.clock("switch")
    since = m.do("remainder", m.do("-", now, start), period)
    on = m.do("<", since, m.do("max", width, m.clock("time_step")))
    return m.both(m.both(m.do("<", start, now), m.do("<", now, end)), on)


def _ramp(m: Writer, slope: Lanes, start: Lanes, end: Lanes | None = None) -> Lanes:
    until = m.clock("time") if end is None else m.do("min", m.clock("time"), end)
    return m.do("*", slope, m.do("max", m.do("-", until, start), m.zero))


WRITTEN: dict[str, Callable[..., Lanes]] = {
    "neg": lambda m, x: m.do("-", m.const(-0.0), x),
    "=": lambda m, a, b: m.do("=", a, b),
    "<>": lambda m, a, b: m.no(m.do("=", a, b)),
    ">": lambda m, a, b: m.do("<", b, a),
    ">=": lambda m, a, b: m.do("<=", b, a),
    "and": lambda m, a, b: m.both(a, b),
    "or": lambda m, a, b: m.either(a, b),
    "not": lambda m, x: m.no(x),
    "taken": lambda m, x: m.yes(x),
    "left": lambda m, x: m.no(x),
    "both": lambda m, a, b: m.both(a, b),
    "if_then_else": lambda m, c, a, b: m.do("select", c, a, b),
    "zidz": lambda m, a, b: _xidz(m, a, b, m.zero),
    "xidz": _xidz,
    "modulo": _modulo,
    "log": _log,
    "step": _step,
    "pulse": _pulse,
    "pulse_train": _pulse_train,
    "ramp": _ramp,
    "^": lambda m, a, b: m.do("power", a, b),
    "power": lambda m, a, b: m.do("power", a, b),
}
"""By name of the operation."""
