"""From a table of text and what is stated about it to observed series."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from wmjax.series._layout import Cells, Layout, lay_out
from wmjax.series._mistakes import Mistakes, shown
from wmjax.series._observed import Frequency, ObservedSeries
from wmjax.series._sidecar import SUFFIX, Sidecar
from wmjax.series._stamp import NUMBER
from wmjax.series._table import Table
from wmjax.series._times import Times, parse_times


_MISSING = frozenset({"", "na", "nan", ".", ".."})


@dataclass(frozen=True)
class Statements:
    """What the caller says about a table. `units` must agree with what the table says;
    `default_units` (a model's own, for example) fill in where nothing is said. Series that are not
    `wanted` are left out if anything is wrong with them; units of the others may stay open."""

    units: Mapping[str, str] = field(default_factory=dict)
    default_units: Mapping[str, str] = field(default_factory=dict)
    frequency: Frequency | None = None
    wanted: Collection[str] | None = None


def build_series(
    table: Table, stated: Statements, sidecar: Sidecar, prefix: str = ""
) -> list[ObservedSeries]:
    """Every series of the table; `prefix` is set before their names.

    **Raises:** `DataError` for one mistake, `UserErrors` for several: all of the table's.
    """
    mistakes = table.mistakes
    layout = lay_out(table, mistakes)
    if layout is None:
        mistakes.raise_if_any()
        return []
    frequency = _frequency(stated, sidecar, mistakes)
    times = parse_times(layout.times, layout.time_column, frequency, mistakes)
    _check_sidecar_names(layout, sidecar, mistakes)
    _check_repeats(layout, times.by_row, mistakes)
    found: list[ObservedSeries] = []
    for one in layout.series:
        own = mistakes if _is_wanted(one.name, stated.wanted) else Mistakes(mistakes.place)
        _check_empty(one, own)
        rows = list(_rows(one, times.by_row, own))
        unit = _unit(one, stated, sidecar, times.frequency, own)
        if not len(own):
            found.append(_series(one, rows, unit, times, sidecar, prefix + one.name))
    mistakes.raise_if_any()
    return [replace(s, file=mistakes.place, time_column=layout.time_column) for s in found]


def _is_wanted(name: str, wanted: Collection[str] | None) -> bool:
    """Whether a series, or an array of which it is an element, is needed."""
    return wanted is None or name in wanted or name.partition("[")[0] in wanted


def _frequency(stated: Statements, sidecar: Sidecar, mistakes: Mistakes) -> Frequency | None:
    both = {f for f in (stated.frequency, sidecar.frequency) if f is not None}
    if len(both) == 2:
        found = f"frequency {stated.frequency!r} stated, {sidecar.frequency!r} in the file beside"
        mistakes.add(found, "one frequency", "state it in one place")
    return stated.frequency or sidecar.frequency


def _check_sidecar_names(layout: Layout, sidecar: Sidecar, mistakes: Mistakes) -> None:
    known = [one.name for one in layout.series]
    for name in sidecar.series:
        if name not in known:
            wanted = f"one of: {', '.join(known[:12])}"
            found = f"statements about {shown(name)}, which is no series of the table"
            mistakes.add(found, wanted, f"mend the name in the {SUFFIX} file")


def _check_repeats(layout: Layout, times: Mapping[int, float], mistakes: Mistakes) -> None:
    """A row that repeats a time is one mistake, however many columns it has."""
    reported: set[int] = set()
    for one in layout.series:
        first: dict[float, int] = {}
        for row, _, _ in one.rows:
            time = times.get(row)
            if time is None or first.setdefault(time, row) == row or row in reported:
                continue
            reported.add(row)
            mistakes.add(
                f"time {time:.10g} again, as in row {first[time]}",
                f"each time once for {one.name!r}",
                "remove one of the two rows",
                row=row,
                column=layout.time_column,
            )


def _check_empty(one: Cells, mistakes: Mistakes) -> None:
    if all(text.casefold() in _MISSING for _, text, _ in one.rows):
        found = f"no value of {one.name!r}"
        mistakes.add(found, "at least one number", "remove the series", column=one.column)


def _rows(
    one: Cells, times: Mapping[int, float], mistakes: Mistakes
) -> Iterator[tuple[float, float, float]]:
    """The (time, value, sigma) of each row that has a value."""
    for row, text, sigma_text in one.rows:
        value = _number(text, row, one.column, mistakes)
        sigma = _number(sigma_text, row, f"sigma of {one.name}", mistakes)
        if sigma is not None and sigma <= 0:
            column = f"sigma of {one.name}"
            mistakes.add(
                shown(sigma_text), "a number above zero", "mend it", row=row, column=column
            )
        if value is not None and row in times:
            yield times[row], value, np.nan if sigma is None else sigma


def _number(text: str, row: int, column: str, mistakes: Mistakes) -> float | None:
    if text.casefold() in _MISSING:
        return None
    if NUMBER.fullmatch(text) and np.isfinite(float(text)):
        return float(text)
    hint = "write a plain number, or leave the cell empty if the value is missing"
    if re.fullmatch(r"[+-]?[\d.,' ]*\d", text, re.ASCII):
        hint = "write the decimal point as in 1234.5, without marks between thousands"
    mistakes.add(shown(text), "a finite number", hint, row=row, column=column)
    return None


def _unit(
    one: Cells,
    stated: Statements,
    sidecar: Sidecar,
    frequency: Frequency | None,
    mistakes: Mistakes,
) -> str:
    beside = sidecar.unit(one.name)
    claims = [*one.units]
    claims += [] if beside is None else [(None, beside)]
    claims += [(None, stated.units[one.name])] if one.name in stated.units else []
    for row, unit in claims[1:]:
        if "".join(unit.split()) != "".join(claims[0][1].split()):
            mistakes.add(
                f"unit {shown(unit)}",
                f"unit {shown(claims[0][1])}, as first stated for {one.name!r}",
                "state one unit a series, and convert the values to it",
                row=row,
                column=one.column,
            )
    if claims:
        return claims[0][1]
    if one.name in stated.default_units:
        return stated.default_units[one.name]
    if frequency not in ("step", None) and stated.wanted is None:
        _ask_unit(one, mistakes)
    return ""


def _ask_unit(one: Cells, mistakes: Mistakes) -> None:
    mistakes.add(
        "no unit",
        f"the unit of {one.name!r}",
        f"name the column '{one.name} [person]' (with your unit), or state it in a {SUFFIX} file"
        f" beside; or pass units={{{one.name!r}: 'person'}}, or wanted=[...] with the series you"
        " need; the unit '1' is a plain number",
        column=one.column,
    )


def _series(
    one: Cells,
    rows: list[tuple[float, float, float]],
    unit: str,
    times: Times,
    sidecar: Sidecar,
    name: str,
) -> ObservedSeries:
    array = np.array(sorted(rows), dtype=np.float64).reshape(-1, 3)
    sigma = array[:, 2].copy()
    if (default := sidecar.sigma(one.name)) is not None:
        sigma[np.isnan(sigma)] = default
    texts = dict(one.texts)
    return ObservedSeries(
        name,
        array[:, 0],
        array[:, 1],
        unit,
        sigma,
        times.frequency or "step",
        source=texts.get("source") or sidecar.text(one.name, "source"),
        licence=texts.get("licence") or sidecar.text(one.name, "licence"),
        note=texts.get("note") or sidecar.text(one.name, "note"),
        clock=times.clock,
        column=one.column,
    )
