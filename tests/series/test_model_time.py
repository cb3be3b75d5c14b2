"""Times of tables in the time of a model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from wmjax.series import ObservedSeries, in_model_time, load_observations
from wmjax.spec import TimeAxis


def _table(column: str, cells: list[object]):
    frame = pd.DataFrame({column: cells, "x": np.arange(1.0, len(cells) + 1)})
    return load_observations(frame, wanted=["x"])


def _in(
    unit: str, column: str, cells: list[object], start: float = 0.0,
    time_unit: str | None = None, epoch: str | None = None,
):  # fmt: skip
    axis = TimeAxis(start=start, end=start + 100, unit=unit)
    return in_model_time(_table(column, cells), ["x"], axis, unit=time_unit, epoch=epoch)


def _times(unit: str, column: str, cells: list[object], start: float = 0.0, **stated: str):
    found = _in(unit, column, cells, start, **stated)
    assert not found.errors
    return found.observations["x"].times.tolist()


_MONTHS = ["2000-11", "2000-12", "2001-02"]
_DAYS = ["2020-02-28", "2020-02-29", "2020-03-01"]


def test_dates_count_from_the_first_in_the_unit_of_the_model() -> None:
    assert _times("month", "time", _MONTHS, 2000.0) == [2000, 2001, 2003]
    assert _times("Months", "month", _MONTHS) == [0, 1, 3]
    assert _times("day", "date", _DAYS) == [0, 1, 2]
    assert _times("hour", "date", _DAYS) == [0, 24, 48]
    weeks = ["2020-W52", "2020-W53", "2021-W01"]
    assert _times("week", "week", weeks, 5.0) == [5, 6, 7]
    assert _times("day", "week", weeks) == [0, 7, 14]
    assert _times("quarter", "time", _MONTHS) == pytest.approx([0, 1 / 3, 1])
    assert _times("month", "date", ["2019-12-31", "2020-12-31"]) == [0, 12]


def test_dates_of_any_day_agree_with_pandas() -> None:
    days = pd.date_range("1999-12-25", "2004-03-02", freq="3D")
    assert _times("day", "time", list(days)) == [3.0 * k for k in range(len(days))]


def test_an_epoch_states_when_the_model_starts() -> None:
    assert _times("day", "date", _DAYS, epoch="2020-02-01") == [27, 28, 29]
    assert _times("month", "time", _MONTHS, 10.0, epoch="2000-01") == [20, 21, 23]
    assert _times("month", "time", _MONTHS, epoch="2000") == [10, 11, 13]
    years = _times("year", "time", ["1900-01", "1900-07"], epoch="1900")
    assert years == pytest.approx([0, 0.5])
    assert _times("year", "year", [1900, 1901], epoch="1900") == [0, 1]


def test_years_of_the_calendar_stay_in_a_model_of_years() -> None:
    wanted = [2000 + 10 / 12, 2000 + 11 / 12, 2001 + 1 / 12]
    assert _times("year", "time", _MONTHS) == pytest.approx(wanted)
    assert _times("year", "year", [1900, 1901], 1900.0) == [1900, 1901]


def test_the_first_date_is_said_to_be_taken() -> None:
    (note,) = _in("day", "date", _DAYS).notes
    assert "2020-02-28" in note and "epoch=" in note
    assert not _in("day", "date", _DAYS, epoch="2020-02-28").notes
    assert not _in("year", "date", _DAYS).notes


@pytest.mark.parametrize(
    ("unit", "column"),
    [("day", "week"), ("day", "year"), ("year", "day"), ("year", "Month"), ("month", "time [day]")],
)
def test_numbers_of_a_column_that_says_another_unit_are_refused(unit: str, column: str) -> None:
    (error,) = _in(unit, column, [0, 1, 2]).errors
    text = str(error)
    assert repr(column) in text and "DataFrame" in text and unit in text
    assert f"time_unit={unit}" in error.hint and error.exit_status == 2
    assert _times(unit, column, [0, 1, 2], time_unit=unit) == [0, 1, 2]


def test_numbers_of_another_unit_are_converted_when_it_is_stated() -> None:
    assert _times("day", "week", [0, 1, 2], time_unit="week") == [0, 7, 14]
    assert _times("month", "year", [2000, 2001], time_unit="year", epoch="2000") == [0, 12]
    assert _times("day", "time", [10, 11], 0.0, epoch="10") == [0, 1]
    assert _times("day", "time", [0, 1, 2]) == [0, 1, 2]
    assert _times("month", "time", [2000, 2001], 2000.0) == [2000, 2001]


def test_what_is_no_unit_or_epoch_is_refused() -> None:
    assert "fortnight" in str(_in("day", "time", [0], time_unit="fortnight").errors[0])
    assert "Monday" in str(_in("day", "date", _DAYS, epoch="Monday").errors[0])
    assert "plain numbers" in str(_in("day", "time", [0, 1], epoch="2020-01-01").errors[0])
    assert "epoch 0.5" in str(_in("day", "date", _DAYS, epoch="0.5").errors[0])


def test_a_model_of_an_unknown_unit_of_time_takes_times_as_they_stand() -> None:
    assert _times("fortnight", "day", [0, 1]) == [0, 1]
    assert _times("", "time", ["2000-01", "2000-07"]) == [2000, 2000.5]


def test_series_that_are_not_named_stay() -> None:
    data = _table("week", [0, 1])
    found = in_model_time(data, [], TimeAxis(unit="day"))
    assert not found.errors and isinstance(found.observations["x"], ObservedSeries)
