"""One way in for every kind of observations."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from wmjax._errors import DataError
from wmjax.series._build import Statements, build_series
from wmjax.series._catalogue import catalogue_observations, in_catalogue, table_ids
from wmjax.series._mistakes import Mistakes, shown
from wmjax.series._observations import Observations, unknown_name
from wmjax.series._observed import FREQUENCIES, Frequency, ObservedSeries
from wmjax.series._sidecar import Sidecar, sidecar_of
from wmjax.series._table import is_frame, read_table, table_from_frame


if TYPE_CHECKING:
    import pandas as pd

Source: TypeAlias = "str | Path | pd.DataFrame | Observations"


def load_observations(
    source: Source | Sequence[Source],
    *,
    units: Mapping[str, str] | None = None,
    frequency: Frequency | None = None,
    default_units: Mapping[str, str] | None = None,
    wanted: Collection[str] | None = None,
) -> Observations:
    """Observed series from the catalogue, a CSV file or a DataFrame, or from several of them.

    **Arguments:**

    - `source`: a table or series of the catalogue ("world", "countries", "countries.USA",
        "world.gdp_2015usd", "cache.NAME"), the path of a CSV, a DataFrame, or a list of those.
        A file called "world" is read as "./world". Tables are wide (a time column and one column
        a series) or long (time, series, value and, if you like, unit and sigma).
    - `units`: the unit of each series of your own tables; must agree with what the table says.
    - `frequency`: of your own tables, where their time column does not tell.
    - `default_units`: used where neither the table nor `units` states one.
    - `wanted`: the series of your own tables that you need; all if absent. Another one with a
        mistake is left out, and units that nobody states stay open: a fit takes them to be the
        model's.

    **Raises:** `DataError`, or `UserErrors` with every mistake of a table.
    """
    if frequency is not None and frequency not in FREQUENCIES:
        wanted = f"one of {', '.join(FREQUENCIES)}"
        raise DataError("frequency", shown(str(frequency)), wanted, "state one of them")
    stated = Statements(units or {}, default_units or {}, frequency, wanted)
    sources = source if isinstance(source, Sequence) and not isinstance(source, str) else (source,)
    loaded = Observations(one for each in sources for one in _series_of(each, stated))
    _check_units(loaded, stated)
    return loaded


def _series_of(source: object, stated: Statements) -> Iterable[ObservedSeries]:
    if isinstance(source, Observations):
        return source.values()
    if is_frame(source):
        return build_series(table_from_frame(source), stated, Sidecar())
    if isinstance(source, str) and in_catalogue(source):
        return catalogue_observations(source).values()
    if not isinstance(source, (str, Path)):
        found = f"a {type(source).__name__}"
        raise DataError("observations", found, "a name, a path or a DataFrame", "give one of them")
    path = Path(source)
    if not path.suffix and not os.path.isfile(path):
        raise unknown_name(f"observations {source!r}", str(source), table_ids())
    return build_series(read_table(path), stated, sidecar_of(path))


def _check_units(loaded: Observations, stated: Statements) -> None:
    """Units stated for series that are not there, or that differ from the catalogue's."""
    mistakes = Mistakes("units")
    for name, unit in stated.units.items():
        if name not in loaded:
            known = ", ".join(list(loaded)[:12])
            mistakes.add(f"no series {shown(name)}", f"one of: {known}", "mend the name")
        elif "".join(loaded[name].unit.split()) != "".join(unit.split()):
            wanted = f"{shown(loaded[name].unit)}, as its source states"
            mistakes.add(f"unit {shown(unit)}", wanted, "leave it out", column=name)
    mistakes.raise_if_any()
