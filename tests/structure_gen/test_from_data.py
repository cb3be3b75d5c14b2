"""Structures read from data, without a language model."""

import numpy as np
import pandas as pd
import pytest

from structure_gen import from_data
from structure_gen._growth import growth
from wmjax import UserError
from wmjax.model import compile_model
from wmjax.series import load_observations
from wmjax.sim import simulate
from wmjax.spec import check_spec


YEARS = np.arange(1960.0, 2021.0)
FORMS = {
    "exponential": 5 * np.exp(0.03 * (YEARS - 1960)),
    "logistic": 100 / (1 + 19 * np.exp(-0.12 * (YEARS - 1960))),
    "approach": 80 - 50 * np.exp(-(YEARS - 1960) / 15),
    "drift": -3 + 0.2 * (YEARS - 1960),
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_growth_is_recognised_in_data_made_with_it(form):
    noise = np.random.default_rng(0).standard_normal(61)
    values = FORMS[form] * (1 + 1e-4 * noise)
    table = pd.DataFrame({"x": values}, index=YEARS)
    found = growth(load_observations(table, default_units={"x": "1"})["x"], 1960.0)
    assert found.form == form
    if found.limit is not None:
        assert found.limit == pytest.approx({"logistic": 100, "approach": 80}[form], rel=0.05)


def test_a_cause_is_found_at_its_lag_and_unrelated_series_stay_unlinked():
    rng = np.random.default_rng(1)
    cause = 10 * np.exp(np.convolve(rng.standard_normal(80), np.ones(4) / 4, "same") * 0.3)
    growth_rate = 0.02 + 0.05 * np.log(cause[15:75] / 10) + 0.002 * rng.standard_normal(60)
    target = np.concatenate([[3.0], 3 * np.exp(np.cumsum(growth_rate))])
    other = 5 * np.exp(np.cumsum(0.02 * rng.standard_normal(61)))
    table = pd.DataFrame({"cause": cause[18:79], "target": target, "other": other}, index=YEARS)
    spec = from_data(load_observations(table, default_units=dict.fromkeys(table, "1")))
    assert [(c.source, c.target, c.polarity) for c in spec.connections] == [
        ("cause", "target_growth", "+")]  # fmt: skip
    assert spec.connections[0].delay == 3.0


def test_the_world_of_the_catalogue_becomes_a_valid_model_that_runs():
    names = ["pop_persons", "gdp_2015usd", "life_exp_years", "co2_ffi_gtco2", "gmst_degc"]
    seen = load_observations([f"world.{n}" for n in names])
    spec = from_data(seen.window(None, 1999.0), end=2060.0)
    assert not check_spec(spec)
    assert {v.observed for v in spec.variables.values()} >= {f"world.{n}" for n in names}
    run = simulate(compile_model(spec)).to_dataframe()
    assert run["gdp_2015usd"].iloc[0] == pytest.approx(seen["world.gdp_2015usd"].values[0])
    assert np.isfinite(run.to_numpy()).all()


def test_nothing_to_read_is_said():
    table = pd.DataFrame({"x": [1.0, 2.0]}, index=[2000.0, 2001.0])
    with pytest.raises(UserError, match="four rows"):
        from_data(load_observations(table, default_units={"x": "1"}))
