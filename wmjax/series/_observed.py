"""One observed series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wmjax._errors import DataError


Frequency = Literal["year", "month", "week", "day", "step"]
SUMMARY = ("name", "unit", "frequency", "n", "first", "last")
SUMMARY += ("source", "licence", "note", "estimated")
FREQUENCIES: tuple[Frequency, ...] = ("year", "month", "week", "day", "step")


@final
@dataclass(frozen=True, eq=False)
class ObservedSeries:
    """What was measured, when, and how well. Rows without a value are absent.

    **Arguments:**

    - `name`: the catalogue id, or the column of the user's table.
    - `times`: shape `(n,)`, strictly rising. Years as 2000.0, months as 2000 + (month - 1)/12,
        ISO weeks as 2000 + (week - 1)/52.1775, days as 2000 + (day of the year - 1)/days of the
        year. With frequency "step" they are in the model's own unit of time.
    - `values`: shape `(n,)`, finite.
    - `unit`: in the unit language of specs; "" if nobody stated it.
    - `sigma`: shape `(n,)`, one standard deviation of the measurement, in `unit`; NaN where
        nobody stated it.
    - `frequency`: how the times are spaced.
    - `source`, `licence`, `note`: where it comes from, its terms, and its known defects.
    - `estimated`: true if the values were computed rather than measured.
    - `clock`: what the times count: "calendar" (years of the calendar, as above), a unit such as
        "day" in which they are plain numbers, or "" for plain numbers of no stated unit.
    - `file`, `column`, `time_column`: where it was read, for messages; "" where it was not.

    **Raises:** `DataError` if the arrays do not fit together.
    """

    name: str
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    unit: str
    sigma: NDArray[np.float64]
    frequency: Frequency
    source: str = ""
    licence: str = ""
    note: str = ""
    estimated: bool = False
    clock: str = ""
    file: str = ""
    column: str = ""
    time_column: str = ""

    def __post_init__(self) -> None:
        for field in ("times", "values", "sigma"):
            object.__setattr__(self, field, _frozen_array(getattr(self, field)))
        self._check()

    def _check(self) -> None:
        place = f"series {self.name!r}"
        shapes = {self.times.shape, self.values.shape, self.sigma.shape}
        if len(shapes) != 1 or self.times.ndim != 1:
            raise DataError(
                place,
                f"times {self.times.shape}, values {self.values.shape}, sigma {self.sigma.shape}",
                "three one-dimensional arrays of one length",
                "give one time and one sigma for each value",
            )
        if not (np.isfinite(self.times).all() and np.isfinite(self.values).all()):
            raise DataError(place, "a number that is not finite", "finite numbers", "leave it out")
        if np.any(np.diff(self.times) <= 0):
            raise DataError(
                place, "times that do not rise", "each time once, in order", "sort the rows"
            )
        if np.any(self.sigma <= 0):
            raise DataError(place, "a sigma of zero or less", "sigma > 0", "use NaN for unknown")

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.file}, column {self.column!r}" if self.file else f"series {self.name!r}"

    def __len__(self) -> int:
        return int(self.times.size)

    def window(self, start: float | None = None, end: float | None = None) -> ObservedSeries:
        """The rows with `start <= time <= end`; may be empty."""
        low = -np.inf if start is None else start
        high = np.inf if end is None else end
        keep = (self.times >= low) & (self.times <= high)
        return self.take(keep)

    def convert(self, unit: str, units: Mapping[str, str] | None = None) -> ObservedSeries:
        """The series in another unit; one that states no unit is taken to be in it already.

        **Arguments:** `units` are definitions of a spec, besides those that wmjax knows.

        **Raises:** `UserError` if the two units measure different things.
        """
        from wmjax.spec import convert_factor

        factor = convert_factor(self.unit, unit, units)
        return replace(self, values=self.values * factor, sigma=self.sigma * factor, unit=unit)

    def take(self, keep: NDArray[np.bool_]) -> ObservedSeries:
        """The rows where `keep`, shape `(n,)`, is true."""
        return replace(
            self, times=self.times[keep], values=self.values[keep], sigma=self.sigma[keep]
        )

    def summary(self) -> tuple[object, ...]:
        """One row of `Observations.describe()`, with the columns `SUMMARY`."""
        first, last = (np.nan, np.nan) if len(self) == 0 else self.times[[0, -1]]
        texts = (self.source, self.licence, self.note)
        counts = (len(self), float(first), float(last))
        return (self.name, self.unit, self.frequency, *counts, *texts, self.estimated)


def _frozen_array(values: ArrayLike) -> NDArray[np.float64]:
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array
