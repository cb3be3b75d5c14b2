"""Units of time by their names, and dates from the stamps of a series."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, timedelta

from wmjax.series._layout import split_unit
from wmjax.series._observed import Frequency
from wmjax.series._stamp import (
    WEEKS_A_YEAR,
    day_stamp,
    month_stamp,
    read_stamp,
    week_stamp,
    year_stamp,
)


CALENDAR = "calendar"
"""The clock of times that are years of the calendar, with fractions."""

DAYS: Mapping[str, float] = {
    "hour": 1 / 24,
    "day": 1.0,
    "week": 7.0,
    "month": 365.25 / 12,
    "quarter": 365.25 / 4,
    "year": 365.25,
}
"""The units of time that are known, in days of the mean year."""

_ALSO = {"h": "hour", "hr": "hour", "d": "day", "wk": "week", "mo": "month", "mon": "month"}
_ALSO |= {"qtr": "quarter", "yr": "year", "annum": "year", "a": "year", "y": "year"}


def time_unit(text: str) -> str | None:
    """The unit of time that a text names: "Months" -> "month"; None if it names none."""
    word = text.strip().casefold()
    for name in (word, word.removesuffix("s")):
        if name in DAYS or name in _ALSO:
            return _ALSO.get(name, name)
    return None


def clock_of(column: str) -> str:
    """The unit that the header of a time column states: `week`, `time [day]`; "" if none."""
    name, unit = split_unit(column)
    stated = time_unit(unit) if unit else None
    # "t", "d" or "a" alone is too short a word to tell a unit.
    return stated or (time_unit(name) if len(name) > 2 else None) or ""


def date_of(time: float, frequency: Frequency) -> date:
    """The first day of what a stamp stands for."""
    if frequency == "month":
        year, month = divmod(round(time * 12), 12)
        return date(year, month + 1, 1)
    year = int(time + 1e-9)
    if frequency == "week":
        return date.fromisocalendar(year, round((time - year) * WEEKS_A_YEAR) + 1, 1)
    if frequency == "year":
        return date(year, 1, 1)
    length = 366 if calendar.isleap(year) else 365
    return date(year, 1, 1) + timedelta(days=round((time - year) * length))


def stamp_of(day: date, frequency: Frequency) -> float:
    """The stamp of a series of this frequency that holds a day."""
    if frequency == "month":
        return month_stamp(day.year, day.month)
    if frequency == "week":
        return week_stamp(*day.isocalendar()[:2])
    return year_stamp(day.year) if frequency == "year" else day_stamp(day)


def elapsed(day: date, epoch: date, unit: str) -> float:
    """From `epoch` to `day` in a unit of the calendar: months have the length they have."""
    if unit in ("month", "quarter", "year"):
        months = _months(day) - _months(epoch)
        return months / {"month": 1, "quarter": 3, "year": 12}[unit]
    return (day - epoch).days / DAYS[unit]


def _months(day: date) -> float:
    length = calendar.monthrange(day.year, day.month)[1]
    return 12 * day.year + day.month - 1 + (day.day - 1) / length


def read_epoch(text: str) -> date | float | None:
    """A date, month, ISO week or number; None if it is none of them."""
    stamp = read_stamp(0, text.strip(), None)
    return None if stamp is None else stamp.value
