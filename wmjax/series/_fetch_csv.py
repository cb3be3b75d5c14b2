"""A CSV from an address, kept in the cache."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wmjax.series._build import Statements, build_series
from wmjax.series._cache import check_name, keep_table
from wmjax.series._catalogue import load_cached
from wmjax.series._download import MAX_BYTES, download
from wmjax.series._observations import Observations
from wmjax.series._observed import Frequency, ObservedSeries
from wmjax.series._sidecar import Sidecar
from wmjax.series._table import Table, table_from_bytes


_UNKNOWN_LICENCE = "not stated: read the terms at the source before you pass it on"


def fetch_csv(
    address: str,
    name: str,
    *,
    columns: Mapping[str, str] | None = None,
    where: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    frequency: Frequency | None = None,
    source: str = "",
    licence: str = "",
    note: str = "",
    cache: Path | None = None,
    max_bytes: int = MAX_BYTES,
    timeout: float = 30.0,
) -> Observations:
    """Fetches a table, keeps it in the cache with date, source and licence, and loads it.

    **Arguments:**

    - `address`: an http or https address of a CSV.
    - `name`: what to call it; its series become "cache.NAME.SERIES".
    - `columns`: which columns to keep and what to call them ({"Year": "time"}); default all.
    - `where`: keep only rows with these cells ({"Entity": "World"}).
    - `units`, `frequency`: as in `load_observations`; kept beside the table.
    - `source`, `licence`, `note`: kept beside the table.
    - `cache`: the folder of the cache; default `$WMJAX_CACHE/series`, else `~/.cache/wmjax/series`.
    - `max_bytes`, `timeout`: limits of the download, in bytes and seconds.

    **Raises:** `DataError` ("offline: ...") without network, `DataError` or `UserErrors` if the
    answer is not such a table. Nothing is kept then.
    """
    check_name(name)
    raw = table_from_bytes(address, download(address, max_bytes=max_bytes, timeout=timeout))
    table = _pick(raw, columns, where or {})
    series = build_series(table, Statements(units or {}, {}, frequency), Sidecar())
    said = {
        "address": address,
        "source": source or address,
        "licence": licence or _UNKNOWN_LICENCE,
        "note": note,
        **statements_of(series),
    }
    return load_cached(keep_table(name, _as_csv(table), said, cache))


def statements_of(series: list[ObservedSeries]) -> dict[str, Any]:
    """The frequency and units of a table, as its sidecar states them."""
    units = {one.name: {"unit": one.unit} for one in series}
    return {"frequency": series[0].frequency, "series": units} if series else {}


def _pick(table: Table, columns: Mapping[str, str] | None, where: Mapping[str, str]) -> Table:
    """The rows and columns asked for; a column that is not there is a mistake of the table."""
    for name in [*(columns or {}), *where]:
        if name not in table.header:
            listed = ", ".join(table.header[:12])
            table.mistakes.add("no such column", f"one of: {listed}", "mend it", column=name)
    table.mistakes.raise_if_any()
    asked = {h: h for h in table.header if h not in where} if columns is None else columns
    at = [table.header.index(name) for name in asked]
    tests = [(table.header.index(name), cell) for name, cell in where.items()]
    rows = tuple(
        (row, tuple(cells[i] for i in at))
        for row, cells in table.rows
        if all(cells[i] == cell for i, cell in tests)
    )
    if not rows:
        table.mistakes.add(f"no row where {dict(where)}", "at least one", "mend the condition")
    table.mistakes.raise_if_any()
    return Table(tuple(asked.values()), rows, table.mistakes)


def _as_csv(table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.header)
    writer.writerows(cells for _, cells in table.rows)
    return out.getvalue()
