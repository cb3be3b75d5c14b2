"""What series there are: the shipped tables and the tables in the user's cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wmjax.series._build import Statements, build_series
from wmjax.series._cache import CachedTable, cached_table, cached_tables
from wmjax.series._observations import Observations, unknown_name
from wmjax.series._observed import ObservedSeries
from wmjax.series._shipped import said_of, shipped_series
from wmjax.series._sidecar import read_sidecar
from wmjax.series._table import read_table


@dataclass(frozen=True)
class CatalogueEntry:
    """One series that can be loaded: `unit` is in the language of specs, `meaning` in words."""

    id: str
    unit: str
    first: float
    last: float
    n: int
    source: str
    licence: str
    note: str
    meaning: str = ""
    sigma_note: str = ""


class SeriesValues(NamedTuple):
    """`times` and `values`, both shape `(n,)`."""

    times: NDArray[np.float64]
    values: NDArray[np.float64]


def catalogue() -> list[CatalogueEntry]:
    """Every series of the shipped tables, then of the tables in the cache."""
    shipped = [_entry(s, *said_of(s.name)) for s in shipped_series().values()]
    cached = [e for name in cached_tables() for e in _cached_entries(name)]
    return [*shipped, *cached]


def describe(id: str) -> str:
    """What there is to know about a series or a table, in lines of text.

    **Raises:** `DataError` if the catalogue has no such id.
    """
    found = catalogue_observations(id)
    entries = {e.id: e for e in catalogue()}
    if id in found:
        return _long_text(entries[id])
    lines = [_short_text(entries[name]) for name in found]
    return "\n".join([f"{id}: {len(found)} series", *lines])


def series_values(id: str) -> SeriesValues:
    """The numbers of one series, for an exogenous input of a model.

    **Raises:** `DataError` if the catalogue has no such series.
    """
    found = catalogue_observations(id)
    if len(found) != 1:
        raise unknown_name(f"series {id!r}", id, found)
    (one,) = found.values()
    return SeriesValues(one.times, one.values)


def in_catalogue(id: str) -> bool:
    """Whether `id` is to be looked up in the catalogue, not on the disk."""
    return id.split(".")[0] in ("world", "countries", "cache") and not id.endswith(".csv")


def catalogue_observations(id: str) -> Observations:
    """The series with this id, or all series of the table with this id.

    **Raises:** `DataError` if there is none.
    """
    known = _cached(id) if id.startswith("cache.") else shipped_series()
    below = [name for name in known if name == id or name.startswith(id + ".")]
    if not below:
        raise unknown_name(f"series {id!r}", id, [*shipped_series(), *table_ids()])
    return known.select(below)


def table_ids() -> list[str]:
    """The tables of the catalogue, and the countries."""
    countries = dict.fromkeys(n.rsplit(".", 1)[0] for n in shipped_series() if n.startswith("c"))
    return ["world", "countries", *countries, *(f"cache.{name}" for name in cached_tables())]


def load_cached(version: CachedTable) -> Observations:
    """The series of one fetched version, as "cache.NAME.SERIES"."""
    sidecar, prefix = read_sidecar(version.meta), f"cache.{version.name}."
    return Observations(build_series(read_table(version.table), Statements(), sidecar, prefix))


def _cached(id: str) -> Observations:
    name = id.split(".")[1]
    version = cached_table(name) if name in cached_tables() else None
    return Observations() if version is None else load_cached(version)


def _cached_entries(name: str) -> Iterator[CatalogueEntry]:
    version = cached_table(name)
    if version is None:
        return
    sidecar = read_sidecar(version.meta)
    for one in load_cached(version).values():
        yield _entry(one, sidecar.text(one.name.split(".", 2)[2], "meaning"), "")


def _entry(one: ObservedSeries, meaning: str, sigma_note: str) -> CatalogueEntry:
    first, last = (float(one.times[i]) for i in (0, -1))
    texts = (one.source, one.licence, one.note, meaning, sigma_note)
    return CatalogueEntry(one.name, one.unit, first, last, len(one), *texts)


def _short_text(entry: CatalogueEntry) -> str:
    span = f"{entry.first:g}-{entry.last:g}"
    return f"  {entry.id}  [{entry.unit}]  {span}  n={entry.n}  {entry.licence}"


def _long_text(entry: CatalogueEntry) -> str:
    lines = {
        "unit": f"{entry.unit or 'not stated'}  ({entry.meaning})" if entry.meaning else entry.unit,
        "span": f"{entry.first:g} to {entry.last:g}, {entry.n} values",
        "source": entry.source,
        "licence": entry.licence,
        "note": entry.note,
        "sigma": entry.sigma_note,
    }
    return "\n".join([entry.id, *(f"  {key + ':':9}{text}" for key, text in lines.items() if text)])
