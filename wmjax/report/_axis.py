"""Ranges and ticks of an axis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from wmjax.report._fan import Chart, Line, Marks, Path, Ribbon
from wmjax.report._numbers import fixed


_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@final
@dataclass(frozen=True)
class Axis:
    """A range and its ticks, in the unit of the data."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]

    def place(self, values: NDArray[np.float64], start: float, end: float) -> NDArray[np.float64]:
        """Pixels of values, for an axis drawn from `start` to `end`."""
        return start + (values - self.low) / (self.high - self.low) * (end - start)


def value_axis(low: float, high: float, factor: float, about: int = 5) -> Axis:
    """Round ticks that enclose the range; labels in units of `factor`."""
    low, high = _opened(low / factor, high / factor)
    if 0 <= low < 0.4 * high:
        low = 0.0
    step = _step(high - low, about)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = np.arange(first, last + 1) * step
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    decimals += 0 if math.isclose(step * 10**decimals, round(step * 10**decimals)) else 1
    labels = tuple(fixed(t, decimals) for t in ticks)
    return Axis(ticks[0] * factor, ticks[-1] * factor, tuple(ticks * factor), labels)


def time_axis(low: float, high: float, about: int = 6) -> Axis:
    """Round ticks inside the range; whole numbers without separators, as years are written."""
    low, high = _opened(low, high)
    step = _step(high - low, about)
    step = 25.0 if math.isclose(step, 25) else max(step, 1.0) if high - low > 4 else step
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    ticks = tuple(min(max(float(k) * step, low), high) for k in range(first, last + 1))
    return Axis(low, high, ticks, tuple(f"{t:.6g}" for t in ticks))


def _opened(low: float, high: float) -> tuple[float, float]:
    if not (math.isfinite(low) and math.isfinite(high)):
        return 0.0, 1.0
    if high - low > 1e-9 * max(abs(low), abs(high)):
        return low, high
    half = 0.05 * abs(low) or 0.5
    return low - half, high + half


def _step(width: float, about: int) -> float:
    rough = width / about
    power = 10.0 ** math.floor(math.log10(rough))
    return power * next(s for s in _STEPS if s * power >= rough * (1 - 1e-9))


def time_range(chart: Chart) -> tuple[float, float]:
    """First and last time that the chart shows."""
    times = np.concatenate([_path(layer).times for layer in chart.layers] or [np.zeros(0)])
    low = chart.start if chart.start is not None else times.min(initial=np.inf)
    high = chart.end if chart.end is not None else times.max(initial=-np.inf)
    return _opened(float(low), float(high))


def value_range(chart: Chart) -> tuple[float, float, bool]:
    """Range of the values shown, and whether a band leaves it.

    Medians and observations are always inside. A band widens the range by at most 1.2 times their
    span on each side, so that a wide band does not flatten what it surrounds.
    """
    low, high = time_range(chart)
    core = _extent([_path(layer) for layer in chart.layers], low, high)
    edges = [edge for layer in chart.layers for edge in _edges(layer)]
    wide = _extent(edges, low, high) if edges else core
    reach = 1.2 * (core[1] - core[0]) or 0.2 * abs(core[0])
    bottom = min(core[0], max(wide[0], core[0] - reach))
    top = max(core[1], min(wide[1], core[1] + reach))
    return bottom, top, bool(wide[0] < bottom or wide[1] > top)


def _path(layer: Line | Ribbon | Marks) -> Path:
    return layer.fan.median if isinstance(layer, Ribbon) else layer.path


def _edges(layer: Line | Ribbon | Marks) -> list[Path]:
    if not isinstance(layer, Ribbon):
        return []
    bands = [layer.fan.band(level) for level in layer.levels]
    return [edge for band in bands if band is not None for edge in band]


def _extent(paths: list[Path], start: float, end: float) -> tuple[float, float]:
    inside = [p.values[(p.times >= start) & (p.times <= end)] for p in paths]
    values = np.concatenate(inside or [np.zeros(0)])
    values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if values.size else (np.nan, np.nan)
