"""Fit, backtest and forecast of every observed series."""

from __future__ import annotations

import numpy as np

from wmjax.report._blocks import Block, Charts, Key, Legend, Part, Section
from wmjax.report._content import Outlook, SeriesView
from wmjax.report._fan import Chart, Line, Marks, Path, Ribbon, Window
from wmjax.report._numbers import span, year
from wmjax.report._words import readable, readable_unit


_LEGEND = Legend((
    Key("observed, used for the fit", "ink", "dot"), Key("observed, not seen", "ink", "ring"),
    Key("model, median", "c0"), Key("50 % band", "c0", "band", opacity=0.45),
    Key("90 % band", "c0", "band", opacity=0.18), Key("naive method", "c1", dash=(5, 3)),
    Key("years fitted", "fit", "tint"), Key("years held out", "held", "tint"),
))  # fmt: skip


def series_section(views: tuple[SeriesView, ...]) -> Section:
    """A part for each series: the backtest beside the forecast."""
    parts: list[Block] = [_part(view) for view in views]
    return Section("Series by series", (_LEGEND, *parts))


def series_label(view: SeriesView) -> str:
    return view.label or readable(view.variable or view.observed.name.rsplit(".", 1)[-1])


def _part(view: SeriesView) -> Part:
    charts = [
        chart for what, outlook in (("backtest", view.backtest), ("forecast", view.forecast))
        if outlook is not None for chart in [_chart(view, what, outlook)]
    ]  # fmt: skip
    if not charts:
        charts = [_plain(view)]
    blocks: list[Block] = [_about(view), Charts(tuple(charts), "subtitle")]
    if view.observed.note:
        blocks.append(f"Known defects of the data: {view.observed.note}.")
    return Part(series_label(view), tuple(blocks))


def _about(view: SeriesView) -> str:
    """What is measured, and by which variable of the model."""
    unit = view.meaning or readable_unit(view.observed.unit) or "no unit stated"
    variable = f"; variable {view.variable} of the model" if view.variable else ""
    kind = " (estimated, not measured)" if view.observed.estimated else ""
    return f"{view.observed.name}: {unit}{kind}{variable}."


def _chart(view: SeriesView, what: str, outlook: Outlook) -> Chart:
    after = np.nextafter(outlook.fitted[1], np.inf)
    unseen = outlook.held_out[0] if outlook.held_out else float(after)
    later = view.observed.times[-1:] >= unseen
    marks = Marks(_path(view), unseen_from=unseen if later.any() else np.inf)
    naive = ()
    if outlook.naive is not None:
        naive = (Line(outlook.naive, outlook.naive_label, "c1", (5, 3), 1.3),)
    ribbon = Ribbon(outlook.fan, "model, median")
    return Chart(
        f"{what}-{series_label(view)}", series_label(view), readable_unit(view.observed.unit),
        (ribbon, *naive, marks), _windows(outlook), _subtitle(what, outlook),
        end=outlook.held_out[1] if outlook.held_out else None,
    )  # fmt: skip


def _subtitle(what: str, outlook: Outlook) -> str:
    fitted = f"fitted {span(*outlook.fitted)}"
    if outlook.held_out is None:
        future = f"{outlook.scenario or 'forecast'} to {year(float(outlook.fan.times[-1]))}"
        return f"{what.capitalize()}: {fitted}, {future}"
    return f"{what.capitalize()}: {fitted}, judged on {span(*outlook.held_out)}"


def _windows(outlook: Outlook) -> tuple[Window, ...]:
    windows = [Window(*outlook.fitted, "fit", "fitted")]
    if outlook.held_out is not None:
        windows.append(Window(*outlook.held_out, "held", "held out"))
    return tuple(windows)


def _plain(view: SeriesView) -> Chart:
    unit = readable_unit(view.observed.unit)
    label = series_label(view)
    return Chart(f"observed-{label}", label, unit, (Marks(_path(view)),), subtitle="Observed")


def _path(view: SeriesView) -> Path:
    return Path(view.observed.times, view.observed.values)
