"""Pictures of a tax experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wmjax.report import Chart, Line, Marks, Path
from wmjax.report._blocks import Picture
from wmjax.report._scene import (
    DASHES,
    SERIES_TONES,
    Area,
    Item,
    Label,
    Scene,
    Stroke,
    Tone,
    rectangle,
)


if TYPE_CHECKING:
    from wmjax.tax import Schedule

_BAR, _GAP, _LEFT, _WIDTH = 15.0, 9.0, 190.0, 560.0
_DRAWN = 2_000  # workers drawn at most


def line_chart(name: str, title: str, unit: str, lines: Mapping[str, Any], **more: Any) -> Chart:
    """Paths by label; each value is (times, values)."""
    layers = tuple(
        Line(Path(np.asarray(x, float), np.asarray(y, float)), label, SERIES_TONES[i % 8],
             DASHES[i % len(DASHES)])
        for i, (label, (x, y)) in enumerate(lines.items())
    )  # fmt: skip
    return Chart(name, title, unit, layers, **more)


def schedule_chart(schedules: Mapping[str, Schedule], top: float) -> Chart:
    """Marginal rates by income before tax, up to `top` $/yr."""
    lines = {}
    for name, one in schedules.items():
        floors = np.asarray(one.floors, float)
        ends = np.append(floors[1:], np.inf)
        x = np.stack([floors, np.minimum(ends, top)], axis=1)[floors < top].reshape(-1) / 1e3
        rates = 100 * np.repeat(np.asarray(one.rates, float)[floors < top], 2)
        lines[name] = (x, rates)
    about = "by income before tax, thousands of $ per year"
    return line_chart("schedules", "Marginal tax rates", "percent", lines, subtitle=about)


def hours_chart(income_at_forty: np.ndarray, hours: np.ndarray, top: float) -> Chart:
    """Hours by what 40 hours would earn, for at most 2,000 workers."""
    shown = np.flatnonzero(income_at_forty < top)
    shown = shown[np.linspace(0, len(shown) - 1, min(_DRAWN, len(shown))).astype(int)]
    path = Path(income_at_forty[shown] / 1e3, hours[shown])
    about = "by pay of a 40-hour week, thousands of $ per year"
    marks = Marks(path, "workers", "c0")
    return Chart("hours", "Hours in the last step", "hours per week", (marks,), subtitle=about)


def bars(
    name: str, title: str, rows: Sequence[tuple[str, float, float | None]], unit: str,
    strong: Sequence[str] = (), caption: str = "",
) -> Picture:  # fmt: skip
    """Horizontal bars: label, value, and half the width of an interval if there is one."""
    reach = [abs(v) + (half or 0.0) for _, v, half in rows if np.isfinite(v)]
    low = min([0.0, *(v - (half or 0) for _, v, half in rows if np.isfinite(v))])
    high = max([*reach, 1e-12])
    scale = (_WIDTH - _LEFT - 70) / (high - low)
    items: list[Item] = [Label(4, 12, unit, "muted", 10.5)]
    zero = _LEFT - low * scale
    for i, (label, value, half) in enumerate(rows):
        items += _bar(22 + i * (_BAR + _GAP), zero, scale, label, value, half, label in strong)
    bottom = 22 + len(rows) * (_BAR + _GAP)
    items.append(Stroke(np.array([(zero, 18.0), (zero, bottom - 4)]), "muted"))
    said = "; ".join(f"{label} {value:,.4g}" for label, value, _ in rows)
    return Picture(name, title, Scene(_WIDTH, bottom, tuple(items), f"{title}: {said}"), caption)


def _bar(
    y: float, zero: float, scale: float, label: str, value: float, half: float | None, strong: bool
) -> list[Item]:
    tone: Tone = "c1" if strong else "c0"
    text = Label(_LEFT - 8, y + 11, label, "ink", 11, "end", bold=strong)
    if not np.isfinite(value):
        return [text, Label(zero + 6, y + 11, "no value", "muted", 10.5)]
    left, right = sorted((zero, zero + value * scale))
    end = max(right, zero + (value + (half or 0)) * scale)
    shown = f"{value:,.4g}" + (f" ± {half:,.2g}" if half else "")
    items: list[Item] = [Area(rectangle(left, y, max(right - left, 0.5), _BAR), tone, 0.85), text]
    if half:
        ends = zero + np.array([value - half, value + half]) * scale
        items.append(Stroke(np.column_stack([ends, [y + _BAR / 2] * 2]), "ink", 1.6))
    return [*items, Label(end + 6, y + 11, shown, "muted", 10.5)]
