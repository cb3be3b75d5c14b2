"""Time cells: years, months, ISO weeks, dates, or plain numbers of the model's own time."""

from __future__ import annotations

import calendar
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from wmjax.series._mistakes import Mistakes, shown
from wmjax.series._observed import Frequency


WEEKS_A_YEAR = 52.1775
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_MONTH = re.compile(r"(\d{4})(?:-|[Mm])(\d{1,2})", re.ASCII)
_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?", re.ASCII)
_PACKED_MONTH = re.compile(r"([12]\d{3})(0[1-9]|1[0-2])", re.ASCII)
_PACKED_DAY = re.compile(r"([12]\d{3})(0[1-9]|1[0-2])([0-2]\d|3[01])", re.ASCII)

_Kind = Literal["number", "month", "week", "date"]
_WORDS: Mapping[_Kind, str] = {
    "number": "a plain number",
    "month": "a month",
    "week": "an ISO week",
    "date": "a date",
}
_WANTED = "a year (2000), month (2000-01), ISO week (2000-W05), date (2000-01-31) or plain number"
_ASK_PACKED = "write 2000-01 or 2000-01-31, or state frequency='month', 'day' or 'step'"


@dataclass(frozen=True)
class _Stamp:
    row: int
    text: str
    kind: _Kind
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


def parse_times(
    cells: Sequence[tuple[int, str]],
    column: str,
    frequency: Frequency | None,
    mistakes: Mistakes,
) -> tuple[dict[int, float], Frequency | None]:
    """Reads the time column.

    **Arguments:** `cells` are pairs of row number and text; mistakes are added to `mistakes`.

    **Returns:** the time of each row that could be read, and the frequency: the stated one, or
    the one that is plain from the cells, or None if it could not be told.
    """
    packed = _packed_frequency(cells) if frequency is None else None
    if packed is not None:
        found = f"{shown(cells[0][1])}, which may be a {packed} or a number"
        mistakes.add(found, "times of one meaning", _ASK_PACKED, column=column)
        return {}, None
    stamps = [s for row, text in cells if (s := _stamp(row, text, column, frequency, mistakes))]
    stamps = _of_one_kind(stamps, column, mistakes)
    if not stamps:
        return {}, frequency
    known = frequency or _infer(stamps)
    if not _fits(stamps[0], known, column, mistakes):
        return {}, known
    return {s.row: _time(s, known) for s in stamps}, known


def _packed_frequency(cells: Sequence[tuple[int, str]]) -> str | None:
    if cells and all(_PACKED_MONTH.fullmatch(text) for _, text in cells):
        return "month"
    if cells and all(_PACKED_DAY.fullmatch(text) for _, text in cells):
        return "day"
    return None


def _stamp(
    row: int, text: str, column: str, frequency: Frequency | None, mistakes: Mistakes
) -> _Stamp | None:
    for read in (_read_packed, _read_number, _read_month, _read_week, _read_date):
        try:
            stamp = read(row, text, frequency)
        except (ValueError, OverflowError):
            stamp = None
        if stamp is not None:
            return stamp
    mistakes.add(
        shown(text), _WANTED, "write one of these forms in every row", row=row, column=column
    )
    return None


def _read_packed(row: int, text: str, frequency: Frequency | None) -> _Stamp | None:
    if frequency == "month" and (m := _PACKED_MONTH.fullmatch(text)):
        return _Stamp(row, text, "month", date(int(m[1]), int(m[2]), 1))
    if frequency in ("day", "week") and (m := _PACKED_DAY.fullmatch(text)):
        return _Stamp(row, text, "date", date(int(m[1]), int(m[2]), int(m[3])))
    return None


def _read_number(row: int, text: str, frequency: Frequency | None) -> _Stamp | None:
    if not NUMBER.fullmatch(text) or not np.isfinite(float(text)):
        return None
    return _Stamp(row, text, "number", float(text))


def _read_month(row: int, text: str, frequency: Frequency | None) -> _Stamp | None:
    m = _MONTH.fullmatch(text)
    return _Stamp(row, text, "month", date(int(m[1]), int(m[2]), 1)) if m else None


def _read_week(row: int, text: str, frequency: Frequency | None) -> _Stamp | None:
    m = _WEEK.fullmatch(text)
    if m is None:
        return None
    year, week = int(m[1]), int(m[2])
    return _Stamp(row, text, "week", date.fromisocalendar(year, week, 1), (year, week))


def _read_date(row: int, text: str, frequency: Frequency | None) -> _Stamp | None:
    m = _DATE.fullmatch(text)
    if m is None:
        return None
    day = date(int(m[1]), int(m[2]), int(m[3]))
    iso = day.isocalendar()
    return _Stamp(row, text, "date", day, (iso.year, iso.week))


def _of_one_kind(stamps: list[_Stamp], column: str, mistakes: Mistakes) -> list[_Stamp]:
    counts: Counter[_Kind] = Counter(s.kind for s in stamps)
    if len(counts) <= 1:
        return stamps
    usual = counts.most_common(1)[0][0]
    for s in stamps:
        if s.kind != usual:
            wanted = f"{_WORDS[usual]}, as in the other rows"
            found = f"{shown(s.text)}, {_WORDS[s.kind]}"
            mistakes.add(found, wanted, "write all times alike", row=s.row, column=column)
    return [s for s in stamps if s.kind == usual]


def _infer(stamps: Sequence[_Stamp]) -> Frequency:
    kind = stamps[0].kind
    if kind == "month" or kind == "week":
        return kind
    if kind == "date":
        return _infer_dates([s.value for s in stamps if isinstance(s.value, date)])
    return _infer_numbers(np.array([s.value for s in stamps], dtype=np.float64))


def _infer_numbers(times: np.ndarray) -> Frequency:
    if ((times < 1000) | (times >= 3000)).any():
        return "step"
    if (times == np.round(times)).all():
        return "year"
    gaps = np.diff(np.unique(times))
    gap = float(gaps.min()) if gaps.size else 0.0
    if abs(gap - 1 / 12) < 2e-3:
        return "month"
    if abs(gap - 1 / WEEKS_A_YEAR) < 3e-4:
        return "week"
    return "step"


def _infer_dates(days: Sequence[date]) -> Frequency:
    distinct = sorted(set(days))
    of_year = {(d.month, d.day) for d in distinct}
    if len(of_year) == 1 and len(distinct) > 1:
        return "year"
    if all(d.day == 1 for d in distinct) or all(_last_of_month(d) for d in distinct):
        return "month"
    gaps = {(b - a).days % 7 for a, b in zip(distinct, distinct[1:], strict=False)}
    return "week" if gaps == {0} else "day"


def _last_of_month(day: date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


_CAN_BE: Mapping[_Kind, tuple[Frequency, ...]] = {
    "number": ("year", "month", "week", "day", "step"),
    "month": ("month",),
    "week": ("week",),
    "date": ("year", "month", "week", "day"),
}


def _fits(stamp: _Stamp, frequency: Frequency, column: str, mistakes: Mistakes) -> bool:
    if frequency in _CAN_BE[stamp.kind]:
        return True
    mistakes.add(
        f"{shown(stamp.text)}, {_WORDS[stamp.kind]}",
        f"times of the stated frequency {frequency!r}",
        "state the frequency of the table, or leave it out",
        row=stamp.row,
        column=column,
    )
    return False


def _time(stamp: _Stamp, frequency: Frequency) -> float:
    day = stamp.value
    if not isinstance(day, date):
        return day
    by_frequency: Mapping[str, Callable[[], float]] = {
        "year": lambda: year_stamp(day.year),
        "month": lambda: month_stamp(day.year, day.month),
        "week": lambda: week_stamp(*stamp.week),
        "day": lambda: day_stamp(day),
    }
    return by_frequency[frequency]()
