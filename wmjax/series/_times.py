"""The time column: one kind of stamp in every row, and how the times are spaced."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from wmjax.series._clock import CALENDAR, clock_of
from wmjax.series._mistakes import Mistakes, shown
from wmjax.series._observed import Frequency
from wmjax.series._stamp import (
    WEEKS_A_YEAR,
    Kind,
    Stamp,
    day_stamp,
    month_stamp,
    packed_frequency,
    read_stamp,
    week_stamp,
    year_stamp,
)


_WORDS: Mapping[Kind, str] = {
    "number": "a plain number",
    "month": "a month",
    "week": "an ISO week",
    "date": "a date",
}
_WANTED = "a year (2000), month (2000-01), ISO week (2000-W05), date (2000-01-31) or plain number"
_ASK_PACKED = (
    "write 2000-01 or 2000-01-31, or state what they are: frequency=month, day or step on the"
    " command line, frequency='month' in Python"
)


@dataclass(frozen=True)
class Times:
    """The time of each row that could be read, the frequency (None if it could not be told), and
    what the times count; see `ObservedSeries`."""

    by_row: Mapping[int, float]
    frequency: Frequency | None
    clock: str = ""


def parse_times(
    cells: Sequence[tuple[int, str]],
    column: str,
    frequency: Frequency | None,
    mistakes: Mistakes,
) -> Times:
    """Reads the time column.

    **Arguments:** `cells` are pairs of row number and text; mistakes are added to `mistakes`.
    """
    packed = packed_frequency(cells) if frequency is None else None
    if packed is not None:
        found = f"{shown(cells[0][1])}, which may be a {packed} or a number"
        mistakes.add(found, "times of one meaning", _ASK_PACKED, column=column)
        return Times({}, None)
    stamps = [s for row, text in cells if (s := _stamp(row, text, column, frequency, mistakes))]
    stamps = _of_one_kind(stamps, column, mistakes)
    if not stamps:
        return Times({}, frequency)
    known = frequency or _infer(stamps)
    if not _fits(stamps[0], known, column, mistakes):
        return Times({}, known)
    by_row = {s.row: _time(s, known) for s in stamps}
    return Times(by_row, known, _clock(stamps, column, frequency, known))


def _clock(
    stamps: Sequence[Stamp], column: str, stated: Frequency | None, known: Frequency
) -> str:
    """Numbers are of the calendar if they are stated to be years, or lie like months or weeks of
    years; else they are what the column says."""
    if stamps[0].kind != "number":
        return CALENDAR
    years = all(isinstance(s.value, float) and 1000 <= s.value < 3000 for s in stamps)
    if years and (stated == "year" or (stated is None and known in ("month", "week"))):
        return CALENDAR
    return clock_of(column)


def _stamp(
    row: int, text: str, column: str, frequency: Frequency | None, mistakes: Mistakes
) -> Stamp | None:
    stamp = read_stamp(row, text, frequency)
    if stamp is None:
        hint = "write one of these forms in every row"
        mistakes.add(shown(text), _WANTED, hint, row=row, column=column)
    return stamp


def _of_one_kind(stamps: list[Stamp], column: str, mistakes: Mistakes) -> list[Stamp]:
    counts: Counter[Kind] = Counter(s.kind for s in stamps)
    if len(counts) <= 1:
        return stamps
    usual = counts.most_common(1)[0][0]
    for s in stamps:
        if s.kind != usual:
            wanted = f"{_WORDS[usual]}, as in the other rows"
            found = f"{shown(s.text)}, {_WORDS[s.kind]}"
            mistakes.add(found, wanted, "write all times alike", row=s.row, column=column)
    return [s for s in stamps if s.kind == usual]


def _infer(stamps: Sequence[Stamp]) -> Frequency:
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


_CAN_BE: Mapping[Kind, tuple[Frequency, ...]] = {
    "number": ("year", "month", "week", "day", "step"),
    "month": ("month",),
    "week": ("week",),
    "date": ("year", "month", "week", "day"),
}


def _fits(stamp: Stamp, frequency: Frequency, column: str, mistakes: Mistakes) -> bool:
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


def _time(stamp: Stamp, frequency: Frequency) -> float:
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
