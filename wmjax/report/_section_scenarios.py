"""Futures side by side: a chart for each variable and tables at chosen years."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from wmjax.report._blocks import Block, Bullets, Cell, Charts, Key, Legend, Part, Section, Table
from wmjax.report._content import Scenarios, ScenarioView
from wmjax.report._fan import Chart, Fan, Marks, Path, Ribbon
from wmjax.report._numbers import MISSING, Scale, fixed, scale_for, year
from wmjax.report._scene import DASHES, SERIES_TONES, Tone
from wmjax.report._skill import as_number
from wmjax.report._words import readable, readable_unit


_CROWDED, _LONG = 3, 30
_BANDS = "Lines are medians; bands cover 90 % of the ensemble."
_ONE_BAND = (
    "Lines are medians. The band covers 90 % of the ensemble of {}; those of the others stand in "
    "the table."
)
_HONEST = (
    "Bands hold what the fit left uncertain and what it left unexplained; they do not hold what "
    "the model leaves out. A scenario is an assumption and has no probability."
)
_SINGLE = "One run a scenario: the lines say nothing of how uncertain they are."
_ASSUMED = "A scenario is an assumption and has no probability."


def scenario_section(found: Scenarios) -> Section:
    names = list(found.described)
    keys = [Key(name, tone(i), dash=dash(i)) for i, name in enumerate(names)]
    seen = [Key("observed", "ink", "dot")] if any(v.observed for v in found.views) else []
    legend = Legend((*keys, *seen))
    described = Bullets.of(f"{name}: {text}" for name, text in found.described.items())
    charts = Charts(tuple(scenario_chart(view, names) for view in found.views))
    tables = [_table(found)] if found.years else []
    if found.differences is not None and len(found.differences):
        tables.append(_differences(found, found.differences))
    notes = [found.note] if found.note else []
    banded = any(fan.band(0.9) for view in found.views for fan in view.fans.values())
    bands = _BANDS if len(names) <= _CROWDED else _ONE_BAND.format(names[0])
    lines, honest = (bands, found.bands or _HONEST) if banded else (_SINGLE, _ASSUMED)
    return Section("Futures compared", (
        described, *notes, legend, lines, charts, honest, *map(_folded, tables)
    ))  # fmt: skip


def _folded(table: Table) -> Block:
    """Long tables open when clicked."""
    return table if len(table.rows) <= _LONG else Part(table.caption, (table,), "folded")


def tone(number: int) -> Tone:
    return SERIES_TONES[number % len(SERIES_TONES)]


def dash(number: int) -> tuple[float, ...]:
    return DASHES[number % len(DASHES)]


def view_label(view: ScenarioView) -> str:
    return view.label or readable(view.variable)


def scenario_chart(view: ScenarioView, names: list[str]) -> Chart:
    """Bands of all scenarios, then what was observed."""
    places = {name: names.index(name) if name in names else len(names) for name in view.fans}
    first = next(iter(view.fans.values()), None)
    crowded = len(view.fans) > _CROWDED
    layers = [
        Ribbon(_apart(fan, first), name, tone(places[name]), dash(places[name]),
               () if crowded and fan is not first else (0.9,))
        for name, fan in view.fans.items()
    ]  # fmt: skip
    seen = [Marks(Path(view.observed.times, view.observed.values))] if view.observed else []
    label = view_label(view)
    unit = readable_unit(view.unit)
    return Chart(f"scenarios-{label}", label, unit, (*layers, *seen), subtitle="by scenario")


def _apart(fan: Fan, first: Fan | None) -> Fan:
    """The fan from where it leaves the first one, so that a shared past is drawn once."""
    if first is None or fan is first or not np.array_equal(fan.times, first.times):
        return fan
    a, b = fan.quantiles[0.5], first.quantiles[0.5]
    moved = np.flatnonzero(~np.isclose(a, b, rtol=1e-6, atol=0, equal_nan=True))
    start = max(0, int(moved[0]) - 1) if moved.size else len(a)
    return Fan(fan.times[start:], {q: v[start:] for q, v in fan.quantiles.items()})


def _table(found: Scenarios) -> Table:
    columns = ("Variable", "Scenario", *(year(y) for y in found.years))
    rows = [
        [Cell(view_label(view), scale.unit(readable_unit(view.unit))), Cell(name), *cells]
        for view in found.views for scale in [_scale(view, found.years)]
        for name, fan in view.fans.items()
        for cells in [_cells(fan, found.years, scale)]
    ]  # fmt: skip
    caption = "Median by scenario and year, with the 90 % band below where there is one"
    return Table.of(caption, columns, rows, range(2, len(columns)))


def _scale(view: ScenarioView, years: tuple[float, ...]) -> Scale:
    return scale_for([fan.median.at(y) for fan in view.fans.values() for y in years])


def _cells(fan: Fan, years: tuple[float, ...], scale: Scale) -> list[Cell]:
    band = fan.band(0.9)
    cells = []
    for y in years:
        value = fan.median.at(y) / scale.factor
        edges = [edge.at(y) / scale.factor for edge in band] if band else []
        digits = _decimals(max(map(abs, (value, *edges))))
        fine = math.isfinite(value) and bool(edges)
        small = f"{fixed(edges[0], digits)} to {fixed(edges[1], digits)}" if fine else ""
        cells.append(Cell(fixed(value, digits), small))
    return cells


def _decimals(value: float) -> int:
    """So that three significant digits are left, at most three of them decimals."""
    if not math.isfinite(value) or value == 0:
        return 2
    return int(np.clip(2 - math.floor(math.log10(abs(value))), 0, 3))


def _differences(found: Scenarios, table: pd.DataFrame) -> Table:
    labels = {view.variable: view_label(view) for view in found.views}
    columns = ("Variable", "Scenario", "Year", "Change", "90 % interval", "Per cent")
    rows = [_difference(row, labels) for row in table.to_dict("records")]
    against = next(iter(found.described), "the baseline")
    caption = f"What each scenario changes against {against}, draw by draw"
    return Table.of(caption, columns, rows, range(2, 6))


def _difference(row: Mapping[Any, Any], labels: dict[str, str]) -> list[Cell]:
    sizes = [as_number(row, c) for c in ("difference", "lower", "upper")]
    scale = scale_for(sizes)
    change, low, high = (s / scale.factor for s in sizes)
    digits = _decimals(max(map(abs, (change, low, high)), default=math.nan))
    interval = f"{fixed(low, digits)} to {fixed(high, digits)}" if math.isfinite(low) else MISSING
    name = str(row["variable"])
    unit = scale.unit(readable_unit(str(row["unit"])))
    share = as_number(row, "per_cent")
    per_cent = f"{fixed(share, 1)} %" if math.isfinite(share) else MISSING
    texts = [str(row["scenario"]), year(float(row["time"])), fixed(change, digits), interval]
    return [Cell(labels.get(name, readable(name)), unit), *(Cell(t) for t in (*texts, per_cent))]
