"""Variables and the columns of a table: times, units, arrays and names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from calibration import assumptions, backtest, compared_terms, fit
from calibration._kinds import check_kinds
from tests.calibration.problems import constant, product, table
from wmjax._errors import UserError, UserErrors
from wmjax.model import CompiledModel, compile_model
from wmjax.series import Observations, load_observations


def _growth(unit: str, start: float) -> CompiledModel:
    return compile_model({
        "name": "growth", "time": {"start": start, "end": start + 24, "step": 1, "unit": unit},
        "units": {"person": ""},
        "variables": {
            "x": {"kind": "stock", "unit": "person", "initial": 1, "inflows": ["f"],
                  "observed": "x"},
            "f": {"kind": "flow", "unit": f"person/{unit}", "equation": "a * x"},
            "a": {"kind": "parameter", "unit": f"1/{unit}", "value": 0.3, "bounds": [0.01, 5],
                  "trainable": True},
        },
    })  # fmt: skip


def _rows(column: str, times: Any, **columns: Any) -> Observations:
    return load_observations(pd.DataFrame({column: times, **columns}), wanted=[*columns])


_X = 1.1 ** np.arange(6)


@pytest.mark.parametrize(
    ("unit", "start", "dates"),
    [("month", 2000.0, pd.period_range("2000-01", periods=6, freq="M").astype(str)),
     ("day", 0.0, pd.date_range("2020-02-27", periods=6).astype(str))],
)  # fmt: skip
def test_dates_are_fitted_in_the_unit_of_the_model(unit, start, dates) -> None:
    found = fit(_growth(unit, start), _rows("time", list(dates), x=_X))
    assert found.parameters["a"] == pytest.approx(0.1, abs=1e-6)


def test_the_fit_file_states_epoch_and_unit_of_time() -> None:
    dates = list(pd.period_range("2000-04", periods=6, freq="M").astype(str))
    asked = {"epoch": "2000-01", "series": {"x": {"observed": "x"}}}
    found = fit(_growth("month", 0.0), _rows("time", dates, x=1.1**3 * _X), settings=asked)
    assert found.parameters["a"] == pytest.approx(0.1, abs=1e-6)
    weeks = _rows("week", range(6), x=1.1 ** (7.0 * np.arange(6)))
    with pytest.raises(UserError, match="'week'"):
        fit(_growth("day", 0.0), weeks)
    found = fit(_growth("day", 0.0), weeks.window(0, 3), settings={"time_unit": "week"})
    assert found.parameters["a"] == pytest.approx(0.1, abs=1e-6)


def test_what_is_assumed_is_said() -> None:
    said = assumptions(_growth("day", 0.0), _rows("date", ["2020-02-27", "2020-02-28"], x=[1, 2]))
    assert len(said) == 2
    assert "2020-02-27" in said[0] and said[1] == "unit of x assumed: person, as the model"


def test_another_unit_is_named_with_its_column_and_variable() -> None:
    frame = pd.DataFrame({"time": [0, 1], "x [kelvin]": [1, 2]})
    with pytest.raises(UserError) as caught:
        fit(_growth("day", 0.0), load_observations(frame))
    text = str(caught.value)
    for part in ("DataFrame", "'x [kelvin]'", "variable 'x'", "'kelvin'", "'person'", "[person]"):
        assert part in text


def test_a_unit_that_can_be_converted_is() -> None:
    frame = pd.DataFrame({"time": range(6), "x [1000 person]": _X / 1000})
    found = fit(_growth("day", 0.0), load_observations(frame))
    assert found.parameters["a"] == pytest.approx(0.1, abs=1e-6)


def _regions(observed: str | None) -> CompiledModel:
    return compile_model({
        "name": "regions", "time": {"start": 0, "end": 10, "step": 1},
        "dimensions": {"region": ["North", "South"]},
        "variables": {
            "a": {"kind": "parameter", "dims": ["region"], "value": 1, "trainable": True},
            "pop": {"kind": "auxiliary", "dims": ["region"], "equation": "a * time",
                    "observed": observed},
        },
    })  # fmt: skip


@pytest.mark.parametrize(
    ("observed", "settings", "columns"),
    [
        ("people", None, ("people[North]", "people[South]")),
        ("people", None, ("people.North", "people.South")),
        ("un.*.people", None, ("un.North.people", "un.South.people")),
        (None, {"series": {"pop": {"observed": "people"}}}, ("people[North]", "people[South]")),
        (None, {"series": {"pop": {}}}, ("pop[North]", "pop[South]")),
        (None, {"series": {"pop[North]": "n", "pop[South]": "s"}}, ("n", "s")),
    ],
)
def test_arrays_are_joined_element_by_element(observed, settings, columns) -> None:
    data = table(np.arange(5.0), **{c: k * np.arange(5.0) for k, c in enumerate(columns, 2)})
    terms = compared_terms(_regions(observed), data, settings)
    assert [(t.variable, t.observed) for t in terms] == [
        ("pop[North]", columns[0]), ("pop[South]", columns[1])
    ]  # fmt: skip
    found = fit(_regions(observed), data, settings=settings)
    assert list(found.parameters.values()) == pytest.approx([2, 3], rel=1e-6)


def test_an_array_without_columns_says_what_they_are_called() -> None:
    with pytest.raises(UserError, match=r"people\[North\]"):
        compared_terms(_regions("people"), table([0, 1], p=[1, 2]), {"series": {"pop": {}}})


def test_a_plain_name_matches_a_fetched_column_if_it_is_the_only_one() -> None:
    ask = {"series": {"x": {"observed": "hares"}}}
    one = table([0, 1], **{"cache.pelts.hares": [1, 2]})
    (term,) = compared_terms(constant(), one, ask)
    assert term.observed == "cache.pelts.hares"
    two = table([0, 1], **{"cache.pelts.hares": [1, 2], "cache.other.hares": [1, 2]})
    with pytest.raises(UserError, match="hares"):
        compared_terms(constant(), two, ask)


def test_a_column_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(UserError) as caught:
        compared_terms(constant(), table([0, 1], bunnies=[1, 2]), {"series": {"x": "hares"}})
    text = str(caught.value)
    assert "'hares'" in text and "bunnies" in text and "observed: COLUMN" in text


def test_rows_to_score_that_the_fit_has_seen_are_told_with_the_rest() -> None:
    ask = {"backtest": {"fit_window": [0, 6], "score_window": [5, 9]}, "method": "newton"}
    data = table(np.arange(10.0), x=np.arange(10.0))
    for call in (fit, backtest):
        with pytest.raises(UserErrors) as caught:
            call(product(), data, settings=ask)
        assert "score_window" in str(caught.value) and "newton" in str(caught.value)


def test_arguments_of_another_kind_are_explained() -> None:
    # The checker of types in the tests would be first to see them.
    data = table([0, 1], x=[1, 2])
    for given, part in (
        ((constant(), data, 3, None, None), "settings"),
        ((constant(), data, None, None, "a"), "['a']"),
        ((constant(), data, None, None, {"a": 1}), "free.a"),
        ((constant(), data, None, 5, None), "FitTerm"),
    ):
        with pytest.raises(UserError) as caught:
            check_kinds(*given)
        assert part in str(caught.value)
    with pytest.raises(UserErrors) as caught:
        check_kinds("constant", pd.DataFrame(), None, None, None)
    assert "compile_model" in str(caught.value) and "load_observations" in str(caught.value)


def test_settings_may_be_a_mapping_and_their_mistakes_are_told() -> None:
    with pytest.raises(UserError) as caught:
        fit(constant(), table([0, 1], x=[1, 2]), settings={"starts": "many"})
    assert caught.value.place == "settings, starts"
