"""Several observed series under their names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, final

from wmjax._errors import DataError
from wmjax.series._observed import SUMMARY, ObservedSeries


if TYPE_CHECKING:
    import pandas as pd


@final
class Observations(Mapping[str, ObservedSeries]):
    """A read-only mapping from name to `ObservedSeries`, in the order given.

    **Raises:** `DataError` if two series have one name.
    """

    def __init__(self, series: Iterable[ObservedSeries] = ()) -> None:
        self._series: dict[str, ObservedSeries] = {}
        for one in series:
            if one.name in self._series:
                raise DataError(
                    f"series {one.name!r}",
                    "two series of this name",
                    "each name once",
                    "rename one of them or load only one of the sources",
                )
            self._series[one.name] = one

    def __getitem__(self, name: str) -> ObservedSeries:
        return self._series[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._series)

    def __len__(self) -> int:
        return len(self._series)

    def __repr__(self) -> str:
        names = list(self)
        more = ", ..." if len(names) > 6 else ""
        return f"Observations({len(self)} series: {', '.join(names[:6])}{more})"

    def select(self, names: Iterable[str]) -> Observations:
        """Only these series, in this order.

        **Raises:** `DataError` for a name that is not here.
        """
        wanted = [names] if isinstance(names, str) else list(names)
        for name in wanted:
            if name not in self._series:
                raise unknown_name(f"series {name!r}", name, self)
        return Observations(self._series[name] for name in wanted)

    def convert(self, name: str, unit: str, units: Mapping[str, str] | None = None) -> Observations:
        """The same with the series `name` in another unit; see `ObservedSeries.convert`.

        **Raises:** `DataError` for a name that is not here, `UserError` for units that measure
        different things.
        """
        other = self.select([name])[name].convert(unit, units)
        return Observations(other if one.name == name else one for one in self.values())

    def window(self, start: float | None = None, end: float | None = None) -> Observations:
        """Rows with `start <= time <= end`. Series that have none there are left out."""
        cut = (one.window(start, end) for one in self.values())
        return Observations(one for one in cut if len(one))

    def to_dataframe(self) -> pd.DataFrame:
        """Index `time`, one column a series, NaN where a series has no value.

        Units stand in `.attrs["units"]`.
        """
        import pandas as pd

        columns = {name: pd.Series(one.values, index=one.times) for name, one in self.items()}
        table = pd.DataFrame(columns, columns=list(self), dtype=float).sort_index()
        table.index.name = "time"
        table.attrs["units"] = {name: one.unit for name, one in self.items()}
        return table

    def describe(self) -> pd.DataFrame:
        """Index `name`; unit, frequency, n, first, last, source, licence, note, estimated."""
        import pandas as pd

        rows = [one.summary() for one in self.values()]
        return pd.DataFrame(rows, columns=list(SUMMARY)).set_index("name")


def unknown_name(place: str, name: str, known: Iterable[str]) -> DataError:
    """The error for a name that is not among `known`, with the nearest ones as a hint."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    listed = ", ".join(near or names[:5]) or "nothing here"
    return DataError(
        place,
        f"no series {name!r}",
        f"one of {len(names)} names",
        f"did you mean: {listed}?" if near else f"for example: {listed}",
    )
