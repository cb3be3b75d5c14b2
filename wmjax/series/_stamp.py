"""One time cell: a year, a month, an ISO week, a date or a plain number."""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from wmjax.series._observed import Frequency


WEEKS_A_YEAR = 52.1775
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_MONTH = re.compile(r"(\d{4})(?:-|[Mm])(\d{1,2})", re.ASCII)
_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?", re.ASCII)
_PACKED_MONTH = re.compile(r"([12]\d{3})(0[1-9]|1[0-2])", re.ASCII)
_PACKED_DAY = re.compile(r"([12]\d{3})(0[1-9]|1[0-2])([0-2]\d|3[01])", re.ASCII)

Kind = Literal["number", "month", "week", "date"]


@dataclass(frozen=True)
class Stamp:
    row: int
    text: str
    kind: Kind
    value: float | date
    week: tuple[int, int] = (0, 0)


def year_stamp(year: int) -> float:
    """2000 -> 2000.0"""
    return float(year)


def month_stamp(year: int, month: int) -> float:
    """(2000, 7) -> 2000.5"""
    return year + (month - 1) / 12


def week_stamp(year: int, week: int) -> float:
    """ISO year and week; (2000, 1) -> 2000.0"""
    return year + (week - 1) / WEEKS_A_YEAR


def day_stamp(day: date) -> float:
    """1 January 2000 -> 2000.0; 2 January 2000 -> 2000 + 1/366"""
    length = 366 if calendar.isleap(day.year) else 365
    return day.year + (day.timetuple().tm_yday - 1) / length


def read_stamp(row: int, text: str, frequency: Frequency | None) -> Stamp | None:
    """The cell's meaning, or None if it is no time."""
    for read in (_read_packed, _read_number, _read_month, _read_week, _read_date):
        try:
            stamp = read(row, text, frequency)
        except (ValueError, OverflowError):
            stamp = None
        if stamp is not None:
            return stamp
    return None


def packed_frequency(cells: Sequence[tuple[int, str]]) -> str | None:
    """What a column of bare digits such as 200001 may be besides numbers, if anything."""
    if cells and all(_PACKED_MONTH.fullmatch(text) for _, text in cells):
        return "month"
    if cells and all(_PACKED_DAY.fullmatch(text) for _, text in cells):
        return "day"
    return None


def _read_packed(row: int, text: str, frequency: Frequency | None) -> Stamp | None:
    if frequency == "month" and (m := _PACKED_MONTH.fullmatch(text)):
        return Stamp(row, text, "month", date(int(m[1]), int(m[2]), 1))
    if frequency in ("day", "week") and (m := _PACKED_DAY.fullmatch(text)):
        return Stamp(row, text, "date", date(int(m[1]), int(m[2]), int(m[3])))
    return None


def _read_number(row: int, text: str, frequency: Frequency | None) -> Stamp | None:
    if not NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        return None
    return Stamp(row, text, "number", float(text))


def _read_month(row: int, text: str, frequency: Frequency | None) -> Stamp | None:
    m = _MONTH.fullmatch(text)
    return Stamp(row, text, "month", date(int(m[1]), int(m[2]), 1)) if m else None


def _read_week(row: int, text: str, frequency: Frequency | None) -> Stamp | None:
    m = _WEEK.fullmatch(text)
    if m is None:
        return None
    year, week = int(m[1]), int(m[2])
    return Stamp(row, text, "week", date.fromisocalendar(year, week, 1), (year, week))


def _read_date(row: int, text: str, frequency: Frequency | None) -> Stamp | None:
    m = _DATE.fullmatch(text)
    if m is None:
        return None
    day = date(int(m[1]), int(m[2]), int(m[3]))
    iso = day.isocalendar()
    return Stamp(row, text, "date", day, (iso.year, iso.week))
