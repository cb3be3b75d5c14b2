"""Time stamps against the calendars of pandas, datetime and statsmodels."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from wmjax._errors import UserError
from wmjax.series import ObservedSeries, load_observations


def _load(cells: list[str], frequency: str | None = None) -> ObservedSeries:
    frame = pd.DataFrame({"time": cells, "x": np.arange(len(cells), dtype=float)})
    return load_observations(frame, frequency=frequency, default_units={"x": "1"})["x"]  # type: ignore[arg-type]


def test_years() -> None:
    one = _load(["1960", "1961", "1970"])
    assert one.frequency == "year" and one.times.tolist() == [1960.0, 1961.0, 1970.0]


def test_months_agree_with_pandas() -> None:
    months = pd.period_range("1999-11", "2001-02", freq="M")
    wanted = months.year + (months.month - 1) / 12
    for form in ("%Y-%m", "%YM%m", "%Y-%m-01"):
        one = _load([m.strftime(form) for m in months])
        assert one.frequency == "month"
        np.testing.assert_allclose(one.times, wanted, rtol=0, atol=1e-12)
    ends = _load([str(m.end_time.date()) for m in months])
    assert ends.frequency == "month"
    np.testing.assert_allclose(ends.times, wanted, rtol=0, atol=1e-12)


def test_iso_weeks_agree_with_datetime() -> None:
    mondays = [date(2004, 12, 6) + timedelta(weeks=k) for k in range(60)]
    iso = [d.isocalendar() for d in mondays]
    wanted = [i.year + (i.week - 1) / 52.1775 for i in iso]
    for cells in ([f"{i.year}-W{i.week:02}" for i in iso], [d.isoformat() for d in mondays]):
        one = _load(cells)
        assert one.frequency == "week"
        np.testing.assert_allclose(one.times, wanted, rtol=0, atol=1e-12)


def test_weekly_co2_of_statsmodels() -> None:
    frame = sm.datasets.co2.load_pandas().data
    one = load_observations(frame, units={"co2": "ppm"})["co2"]
    present = frame["co2"].dropna()
    assert one.frequency == "week" and len(one) == len(present)
    np.testing.assert_array_equal(one.values, present.to_numpy())
    real = present.index.year + (present.index.day_of_year - 1) / 365.25
    assert float(np.abs(one.times - real).max()) < 2 / 52


@given(st.dates(date(1000, 1, 1), date(2999, 12, 20)))
def test_days_lie_in_their_year_and_rise(day: date) -> None:
    cells = [day.isoformat(), (day + timedelta(days=1)).isoformat(), "2999-12-31"]
    one = _load(cells, "day")
    assert one.times[0] < one.times[1] <= one.times[2]
    assert int(one.times[0]) == day.year
    fraction = (day - date(day.year, 1, 1)) / (date(day.year + 1, 1, 1) - date(day.year, 1, 1))
    assert one.times[0] - day.year == pytest.approx(fraction, abs=1e-9)


@pytest.mark.parametrize(
    "frame_index",
    [
        pd.date_range("2000-01-01", periods=5, freq="MS"),
        pd.period_range("2000-01", periods=5, freq="M"),
        pd.Index([2000 + k / 12 for k in range(5)]),
    ],
)
def test_an_index_of_months_is_the_time(frame_index: pd.Index) -> None:
    frame = pd.DataFrame({"x": range(5)}, index=frame_index)
    one = load_observations(frame, units={"x": "1"})["x"]
    assert one.frequency == "month"
    np.testing.assert_allclose(one.times, [2000 + k / 12 for k in range(5)])


def test_model_time_is_taken_as_it_stands() -> None:
    one = _load([str(k) for k in range(121)])
    assert one.frequency == "step" and one.times[-1] == 120.0
    quarters = _load(["1960", "1960.25", "1960.5"])
    assert quarters.frequency == "step" and quarters.times.tolist() == [1960, 1960.25, 1960.5]


def test_dates_of_one_day_a_year_are_years() -> None:
    one = _load(["2000-12-31", "2001-12-31", "2003-12-31"])
    assert one.frequency == "year" and one.times.tolist() == [2000.0, 2001.0, 2003.0]


def test_packed_times_are_asked_about() -> None:
    with pytest.raises(UserError, match="frequency='month'"):
        _load(["200001", "200002"])
    assert _load(["200001", "200007"], "month").times.tolist() == [2000.0, 2000.5]
    assert _load(["200001", "200007"], "step").times.tolist() == [200001.0, 200007.0]
    assert _load(["20000101", "20000102"], "day").times[1] == pytest.approx(2000 + 1 / 366)


@pytest.mark.parametrize(
    "cells",
    [
        ["2000", "2000-02"],
        ["2000-13"],
        ["2000-W54"],
        ["2001-W53"],
        ["2001-02-29"],
        ["13/02/2000"],
        ["2000Q1"],
        ["2000-01-01T12:00"],
        ["1e999"],
        ["nan"],
        ["٢٠٠٠"],
    ],
)
def test_what_is_no_time_is_refused_with_its_row(cells: list[str]) -> None:
    with pytest.raises(UserError, match="row"):
        _load(cells)


def test_a_frequency_that_the_times_deny_is_refused() -> None:
    with pytest.raises(UserError, match="'year'"):
        _load(["2000-01", "2000-02"], "year")
    with pytest.raises(UserError, match="fortnight"):
        _load(["2000"], "fortnight")
