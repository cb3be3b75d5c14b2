"""The functions of the language on single numbers."""

from __future__ import annotations

import bisect
import math
import operator
from collections.abc import Sequence
from typing import Any


class Doubt(Exception):
    """Rounding would decide, or a number is not finite: nothing can be compared."""


DOUBTS = (Doubt, ZeroDivisionError, OverflowError, ValueError)
_COMPARE = {"=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le,
            ">": operator.gt, ">=": operator.ge}  # fmt: skip
_MATHS = {"exp": math.exp, "ln": math.log, "log10": math.log10, "sqrt": math.sqrt, "abs": abs,
          "sin": math.sin, "cos": math.cos, "tan": math.tan, "arcsin": math.asin,
          "arccos": math.acos, "arctan": math.atan, "sinh": math.sinh, "cosh": math.cosh,
          "tanh": math.tanh, "log": math.log}  # fmt: skip


def pointwise(op: str, x: Sequence[float], clock: Any) -> float:
    """An operator or function of numbers."""
    found = float(_pointwise(op, x, clock))
    if not math.isfinite(found):
        raise Doubt(op)
    return found


def _pointwise(op: str, x: Sequence[float], clock: Any) -> float:
    if op in _COMPARE:
        _apart(x[0], x[1])
        return _COMPARE[op](x[0], x[1])
    if op in _MATHS:
        return _MATHS[op](*x)
    match op, *x:
        case "+", a, b:
            return a + b
        case "-", a, b:
            return a - b
        case "*", a, b:
            return a * b
        case "/", a, b:
            return a / b
        case "neg", a:
            return -a
        case "^" | "power", a, b:
            return math.pow(a, b)
        case "and", a, b:
            return bool(a) and bool(b)
        case "or", a, b:
            return bool(a) or bool(b)
        case "not", a:
            return not a
        case "min", *_:
            return min(x)
        case "max", *_:
            return max(x)
        case "sign", a:
            return (a > 0) - (a < 0)
        case "integer", a:
            _apart(a, round(a))
            return math.trunc(a)
        case "round", a:
            _apart(abs(a) % 1, 0.5)
            return math.copysign(math.floor(abs(a) + 0.5), a)
        case "modulo", a, b:
            _apart(a / b, round(a / b))
            return math.fmod(a, b)
        case "zidz", a, b:
            return _xidz(a, b, 0.0)
        case "xidz", a, b, c:
            return _xidz(a, b, c)
    return _timed(op, x, clock)


def _timed(op: str, x: Sequence[float], clock: Any) -> float:
    now, dt = clock.switch, clock.axis["step"]
    match op, *x:
        case "step", height, start:
            return height if now > start else 0.0
        case "pulse", start, width:
            return start < now < start + max(width, dt)
        case "pulse_train", start, width, period, end:
            inside = (now - start) % period < max(width, dt)
            return start < now < end and inside
        case "ramp", slope, start:
            return slope * max(clock.time - start, 0.0)
        case "ramp", slope, start, end:
            return slope * max(min(clock.time, end) - start, 0.0)
    raise AssertionError(op)


def _xidz(a: float, b: float, x: float) -> float:
    _apart(abs(b), 1e-6)
    return x if abs(b) < 1e-6 else a / b


def _apart(a: float, b: float) -> None:
    """Refuses to decide between numbers that only rounding tells apart."""
    if 0 < abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1.0):
        raise Doubt("too close to call")


def interpolated(lookup: dict[str, Any], at: float) -> float:
    """A piecewise-linear function; the later value holds where x repeats."""
    x, y = lookup["x"]["points"], lookup["y"]["points"]
    for i in range(1, len(x)):
        if x[i] == x[i - 1]:
            _apart(at, x[i])
    i = bisect.bisect_right(x, at) - 1
    hold = lookup.get("outside", "hold") == "hold"
    if i < 0 and (hold or x[0] == x[1]):
        return y[0]
    if i >= len(x) - 1 and (hold or x[-1] == x[-2]):
        return y[-1]
    i = min(max(i, 0), len(x) - 2)
    return y[i] + (y[i + 1] - y[i]) * (at - x[i]) / (x[i + 1] - x[i])


def series_value(series: dict[str, Any], time: float, step: float) -> float:
    """Data up to the last time; the rule is reached one interval of the data later."""
    t, v = list(map(float, series["times"])), list(map(float, series["values"]))
    beyond = series.get("beyond", "hold")
    rule = beyond if isinstance(beyond, str) else beyond["rule"]
    years = 10.0 if isinstance(beyond, str) else beyond["years"]
    gaps = sorted(b - a for a, b in zip(t, t[1:], strict=False)) or [step]
    middle = len(gaps) // 2
    gap = gaps[middle] if len(gaps) % 2 else (gaps[middle - 1] + gaps[middle]) / 2
    recent = [(a, b) for a, b in zip(t, v, strict=True) if a > t[-1] - years]
    last, end = v[-1], t[-1]
    for k in range(1, 400):
        t.append(end + k * gap)
        mean = math.fsum(b for _, b in recent) / len(recent)
        v.append({"hold": last, "mean": mean, "trend": last + _slope(recent) * k * gap}[rule])
    if series.get("interpolation", "linear") == "linear":
        return interpolated({"x": {"points": t}, "y": {"points": v}}, time)
    near = step / 1000
    before = max(bisect.bisect_right(t, time + near) - 1, 0)
    after = min(bisect.bisect_left(t, time - near), len(t) - 1)
    match series["interpolation"]:
        case "previous":
            return v[before]
        case "next":
            return v[after]
    if time < t[0] or before == after:
        return v[before]
    now = time + near
    return v[before] if now - t[before] < t[after] - now else v[after]


def _slope(points: list[tuple[float, float]]) -> float:
    if len(points) < 2:
        return 0.0
    x0 = math.fsum(x for x, _ in points) / len(points)
    y0 = math.fsum(y for _, y in points) / len(points)
    top = math.fsum((x - x0) * (y - y0) for x, y in points)
    return top / math.fsum((x - x0) ** 2 for x, _ in points)
