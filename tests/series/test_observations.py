"""`ObservedSeries` and `Observations`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from wmjax._errors import DataError, UserError
from wmjax.series import Observations, ObservedSeries, load_observations


def _series(name: str, times: list[float], values: list[float]) -> ObservedSeries:
    sigma = np.full(len(times), np.nan)
    return ObservedSeries(name, np.array(times), np.array(values), "m", sigma, "year")


def test_arrays_cannot_be_written() -> None:
    one = _series("a", [2000, 2001], [1, 2])
    with pytest.raises(ValueError):
        one.values[0] = 3


@pytest.mark.parametrize(
    ("times", "values"),
    [([2000, 2000], [1, 2]), ([2001, 2000], [1, 2]), ([2000], [1, 2]), ([2000], [np.inf])],
)
def test_arrays_that_do_not_fit_are_refused(times: list[float], values: list[float]) -> None:
    with pytest.raises(DataError):
        ObservedSeries("a", np.array(times), np.array(values), "m", np.ones(len(values)), "year")


def test_window_keeps_both_ends_and_drops_what_is_empty() -> None:
    both = Observations([_series("a", [1, 2, 3], [4, 5, 6]), _series("b", [9], [1])])
    cut = both.window(2, 3)
    assert list(cut) == ["a"]
    assert cut["a"].values.tolist() == [5, 6]
    assert both.window(end=1)["a"].times.tolist() == [1]


def test_dataframe_is_the_union_of_times() -> None:
    both = Observations([_series("b", [2, 3], [5, 6]), _series("a", [1, 3], [7, 8])])
    index = pd.Index([1.0, 2.0, 3.0], name="time")
    nan = np.nan
    wanted = pd.DataFrame({"b": [nan, 5.0, 6.0], "a": [7.0, nan, 8.0]}, index=index)
    pd.testing.assert_frame_equal(both.to_dataframe(), wanted)
    assert both.to_dataframe().attrs["units"] == {"b": "m", "a": "m"}
    assert Observations().to_dataframe().empty


def test_select_keeps_the_order_and_names_what_is_missing() -> None:
    world = load_observations("world")
    names = ["world.gdp_2015usd", "world.pop_persons"]
    assert list(world.select(names)) == names
    assert list(world.select("world.co2_ppm")) == ["world.co2_ppm"]
    with pytest.raises(DataError, match="world.gdp_2015usd"):
        world.select(["world.gdp_2015us"])


def test_convert_scales_values_and_sigma() -> None:
    world = load_observations("world").select(["world.co2_ffi_gtco2", "world.co2_ppm"])
    tonnes = world.convert("world.co2_ffi_gtco2", "t/year")
    before, after = world["world.co2_ffi_gtco2"], tonnes["world.co2_ffi_gtco2"]
    assert after.unit == "t/year" and list(tonnes) == list(world)
    np.testing.assert_allclose(after.values, before.values * 1e9)
    np.testing.assert_allclose(after.sigma, before.sigma * 1e9)
    assert tonnes["world.co2_ppm"] is world["world.co2_ppm"]
    with pytest.raises(UserError):
        world.convert("world.co2_ppm", "usd")
    with pytest.raises(DataError):
        world.convert("world.co2", "ppm")


def test_describe_has_a_row_a_series() -> None:
    table = load_observations("world").describe()
    assert table.loc["world.pop_persons", ["unit", "n", "first", "last"]].tolist() == [
        "person",
        61,
        1960.0,
        2020.0,
    ]
    assert Observations().describe().empty


def test_two_series_of_one_name_are_refused() -> None:
    with pytest.raises(DataError, match="two series"):
        load_observations(["world", "world.co2_ppm"])


def test_a_table_goes_out_and_comes_back() -> None:
    world = load_observations("world")
    frame = world.to_dataframe()
    back = load_observations(frame, units=frame.attrs["units"])
    for name, one in world.items():
        np.testing.assert_array_equal(back[name].times, one.times)
        np.testing.assert_array_equal(back[name].values, one.values)
        assert back[name].frequency == "year"
