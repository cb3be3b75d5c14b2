"""A chart laid out as a scene."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wmjax.report._axis import Axis, time_axis, time_range, value_axis, value_range
from wmjax.report._fan import Chart, Line, Marks, Path, Ribbon, Window
from wmjax.report._numbers import Scale, number, scale_for, year
from wmjax.report._scene import (
    Area,
    Dots,
    Frame,
    Item,
    Label,
    Scene,
    Stroke,
    polyline,
    rectangle,
    titled,
)


WIDTH, HEIGHT = 380.0, 232.0
_TOP, _RIGHT, _BOTTOM = 22.0, 12.0, 24.0
_SLACK = 3.0  # so that marks on the edge are whole
_LETTER = 5.7  # pixels of an average character of a tick label
_OPACITY = {0.9: 0.18, 0.5: 0.32}


def chart_scene(chart: Chart) -> Scene:
    """The chart with axes, windows, bands, lines and marks; its title is left to the page."""
    low, high, leaves = value_range(chart)
    scale = scale_for([low, high])
    x, y = time_axis(*time_range(chart)), value_axis(low, high, scale.factor)
    left = 12 + _LETTER * max(map(len, y.labels))
    area = _Area(x, y, left, WIDTH - _RIGHT, HEIGHT - _BOTTOM)
    layers = [item for layer in chart.layers for item in _layer(layer, area)]
    size = (area.right - left + 2 * _SLACK, area.bottom - _TOP + 2 * _SLACK)
    inside = Frame(left - _SLACK, _TOP - _SLACK, *size, tuple(layers))
    unit = Label(4, 11, scale.unit(chart.unit), "muted", 10.5)
    items = (*_windows(chart.windows, area), *_axes(area), inside, *_edge(area), unit)
    return Scene(WIDTH, HEIGHT, items, description(chart, scale, leaves))


def standing_alone(chart: Chart) -> Scene:
    """The chart under its title, with a legend: for a picture outside the page."""
    scene = chart_scene(chart)
    keys = [(layer, key) for layer in chart.layers for key in _key(layer)]
    items: list[Item] = []
    x, y = 10.0, 0.0
    for layer, key in keys:
        text = _named(layer)
        width = 34 + 5.7 * len(text)
        if x > 10 and x + width > WIDTH:
            x, y = 10.0, y + 15
        items += [Frame(x, y, 22, 14, (key,)), Label(x + 26, y + 10.5, text, size=10)]
        x += width
    below = Frame(0, y + 20, WIDTH, HEIGHT, scene.items)
    keyed = Scene(WIDTH, HEIGHT + y + 20, (*items, below), scene.description)
    return titled(keyed, chart.title, chart.subtitle)


def _named(layer: Line | Ribbon | Marks) -> str:
    """The entry of a legend, with what its look means."""
    if isinstance(layer, Marks):
        return layer.label if np.isinf(layer.unseen_from) else f"{layer.label} (hollow: not seen)"
    if isinstance(layer, Line):
        return layer.label
    drawn = [f"{100 * level:.0f}" for level in layer.levels if layer.fan.band(level) is not None]
    return f"{layer.label}, {' and '.join(drawn)} % band" if drawn else layer.label


def _key(layer: Line | Ribbon | Marks) -> list[Item]:
    if isinstance(layer, Marks):
        return [Dots(np.array([(11.0, 7.0)]), layer.tone, 2.2)]
    return [Stroke(np.array([(0.0, 7.0), (22.0, 7.0)]), layer.tone, 1.8, layer.dash)]


class _Area:
    """Where the values are drawn, and how they become pixels."""

    def __init__(self, x: Axis, y: Axis, left: float, right: float, bottom: float) -> None:
        self.x, self.y = x, y
        self.left, self.right, self.bottom = left, right, bottom

    def across(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.x.place(times, self.left, self.right)

    def up(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        far = 20 * (self.bottom - _TOP)  # keeps coordinates of exploding bands drawable
        return np.clip(self.y.place(values, self.bottom, _TOP), -far, far)

    def inner(self, path: Path) -> NDArray[np.float64]:
        """Pixels within the frame of the values, shape (n, 2)."""
        x, y = self.across(path.times) - self.left, self.up(path.values) - _TOP
        return polyline(x + _SLACK, y + _SLACK)


def _axes(area: _Area) -> list[Item]:
    items: list[Item] = []
    for height, label in zip(area.up(np.array(area.y.ticks)), area.y.labels, strict=True):
        ends = np.array([(area.left, height), (area.right, height)])
        name = Label(area.left - 6, height + 3.5, label, "muted", 10.5, "end")
        items += [Stroke(ends, "grid"), name]
    for place, label in zip(area.across(np.array(area.x.ticks)), area.x.labels, strict=True):
        near = place > area.right - 14
        x, anchor = (area.right + 4, "end") if near else (place, "middle")
        tick = np.array([(place, area.bottom), (place, area.bottom + 4)])
        items += [Stroke(tick, "muted"), Label(x, area.bottom + 16, label, "muted", 10.5, anchor)]
    return items


def _edge(area: _Area) -> list[Item]:
    return [Stroke(np.array([(area.left, area.bottom), (area.right, area.bottom)]), "muted")]


def _windows(windows: tuple[Window, ...], area: _Area) -> list[Item]:
    items: list[Item] = []
    for window in windows:
        ends = np.clip([window.start, window.end], area.x.low, area.x.high)
        left, right = area.across(ends)
        if right - left < 1:
            continue
        tint = rectangle(left, _TOP - 4, right - left, area.bottom - _TOP + 4)
        items.append(Area(tint, window.kind))
        if 5.4 * len(window.label) < right - left:
            items.append(Label((left + right) / 2, _TOP + 7, window.label, "muted", 9.5, "middle"))
    return items


def _layer(layer: Line | Ribbon | Marks, area: _Area) -> list[Item]:
    match layer:
        case Line():
            return _line(layer, area)
        case Ribbon():
            bands = [item for level in layer.levels for item in _band(layer, level, area)]
            median = Line(layer.fan.median, layer.label, layer.tone, layer.dash)
            return [*bands, *_line(median, area)]
        case Marks():
            return _marks(layer, area)


def _line(line: Line, area: _Area) -> list[Item]:
    pixels = area.inner(line.path)
    return [
        Stroke(run, line.tone, line.width, line.dash, hint=line.label)
        for run in _runs(pixels) if len(run) > 1
    ]  # fmt: skip


def _band(ribbon: Ribbon, level: float, area: _Area) -> list[Item]:
    edges = ribbon.fan.band(level)
    if edges is None:
        return []
    low, high = (area.inner(edge) for edge in edges)
    both = np.hstack([low, high])
    opacity = _OPACITY.get(level, 0.2)
    return [
        Area(np.vstack([run[:, :2], run[::-1, 2:]]), ribbon.tone, opacity)
        for run in _runs(both) if len(run) > 1
    ]  # fmt: skip


def _marks(marks: Marks, area: _Area) -> list[Item]:
    pixels = area.inner(marks.path)
    fine = np.isfinite(pixels).all(1)
    seen = marks.path.times < marks.unseen_from
    radius = 1.7 if fine.sum() <= 90 else 1.1
    groups = ((pixels[fine & seen], False), (pixels[fine & ~seen], True))
    return [
        Dots(points, marks.tone, radius + 0.5 * hollow, hollow)
        for points, hollow in groups if len(points)
    ]  # fmt: skip


def _runs(pixels: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """The stretches of rows without NaN."""
    fine = np.isfinite(pixels).all(1)
    cuts = np.flatnonzero(np.diff(fine.astype(int))) + 1
    return [part for part in np.split(pixels, cuts) if len(part) and np.isfinite(part[0]).all()]


def description(chart: Chart, scale: Scale, leaves: bool) -> str:
    """What the chart shows, in words, for those who do not see it."""
    unit = scale.unit(chart.unit) or "no unit"
    parts = [said for layer in chart.layers if (said := _said(layer, scale))]
    windows = [f"{w.label} {year(w.start)} to {year(w.end)}" for w in chart.windows]
    cut = ["a band reaches beyond the axis"] if leaves else []
    name = " ".join(part for part in (chart.title, chart.subtitle) if part)
    return f"{name}, in {unit}: {'; '.join([*parts, *windows, *cut])}."


def _said(layer: Line | Ribbon | Marks, scale: Scale) -> str:
    path = layer.fan.median if isinstance(layer, Ribbon) else layer.path
    fine = np.flatnonzero(np.isfinite(path.values))
    if not fine.size:
        return f"{layer.label}: no values"
    first, last = (
        (float(path.times[i]), float(path.values[i]) / scale.factor) for i in fine[[0, -1]]
    )
    ends = f"{number(first[1])} in {year(first[0])} to {number(last[1])} in {year(last[0])}"
    band = layer.fan.band(0.9) if isinstance(layer, Ribbon) else None
    if band is None:
        return f"{layer.label} from {ends}"
    low, high = (number(float(edge.values[fine[-1]]) / scale.factor) for edge in band)
    return f"{layer.label} from {ends} (90 % band then {low} to {high})"
