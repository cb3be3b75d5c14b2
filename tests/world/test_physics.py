"""Parts of the world model against closed forms and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from wmjax.model import CompiledModel, with_parameters
from wmjax.sim import simulate


def test_carbon_pulse_decays_as_the_impulse_response(world: CompiledModel) -> None:
    model = with_parameters(world, {"damage_coefficient": 0.0})
    pulse = {"name": "pulse", "start": 1970, "duration": 1,
             "effects": [{"target": "land_emissions", "add": 10.0}]}  # fmt: skip
    scenarios = (None, {"name": "pulse", "events": [pulse]})
    runs = [simulate(model, s, end=2060, save=["carbon_dioxide"]) for s in scenarios]
    base, more = (np.asarray(r.values["carbon_dioxide"]) for r in runs)
    p = {n: np.asarray(model.parameters[n]) for n in model.parameters}
    age = np.arange(1, 90)  # years since the end of the pulse
    share = p["pool_share"] * np.exp(-np.outer(age + 0.5, p["pool_decay"]))
    expected = 10.0 * p["carbon_share"] * p["airborne_scale"] / p["carbon_per_ppm"] * share.sum(1)
    got = (more - base)[1971 - 1960 + age]
    np.testing.assert_allclose(got, expected, rtol=0.02)  # Euler, half a year


def test_two_layers_follow_the_matrix_exponential(world: CompiledModel) -> None:
    times, values = (1950.0, 2200.0), (1.0, 1.0)
    model = with_parameters(world, {"damage_coefficient": 0.0})
    step = {"name": "step", "series": {"erf_solar": {"times": times, "values": values}}}
    none = {"name": "none", "series": {"erf_solar": {"times": times, "values": (0.0, 0.0)}}}
    names = ["temperature", "deep_temperature"]
    on, off = (simulate(model, s, save=names) for s in (step, none))
    p = {n: float(model.parameters[n]) for n in
         ("feedback", "heat_exchange", "heat_surface", "heat_deep")}  # fmt: skip
    surface = np.array([-p["feedback"] - p["heat_exchange"], p["heat_exchange"]])
    deep = np.array([p["heat_exchange"], -p["heat_exchange"]])
    a = np.stack([surface / p["heat_surface"], deep / p["heat_deep"]])
    forced = np.array([1 / p["heat_surface"], 0.0])
    for year in (20, 60, 140):
        exact = np.linalg.solve(a, (expm(a * year) - np.eye(2)) @ forced)
        got = [float(on.values[n][year] - off.values[n][year]) for n in names]
        np.testing.assert_allclose(got, exact, rtol=0.01)


def test_people_only_grow_older_when_nobody_is_born_or_dies(world: CompiledModel) -> None:
    still = with_parameters(world, {
        "mortality_standard": np.zeros(17), "fertility_by_age": np.zeros(7),
    })  # fmt: skip
    run = simulate(still, end=2000, save=["population", "elderly", "workers"])
    start = np.asarray(world.parameters["people_1960"])
    np.testing.assert_allclose(np.asarray(run.values["population"]), start.sum(), rtol=1e-9)
    for years in (10, 20, 30, 40):  # those over 65 are those who were over 65 less that many years
        first = 13 - years // 5
        got = float(run.values["elderly"][years])
        assert got == pytest.approx(start[first:].sum(), rel=0.015)


def test_population_is_births_less_deaths(world: CompiledModel) -> None:
    run = simulate(world, end=2020, save_every=0.5, save=["population", "births", "deaths"])
    p, b, d = (np.asarray(run.values[n]) for n in ("population", "births", "deaths"))
    np.testing.assert_allclose(np.diff(p), 0.5 * (b - d)[:-1], rtol=1e-8)


def test_doubled_carbon_dioxide_warms_by_forcing_over_feedback(world: CompiledModel) -> None:
    p = {n: float(np.asarray(v).ravel()[0]) for n, v in world.parameters.items()}
    sensitivity = p["forcing_carbon_dioxide"] * np.log(2) / p["feedback"]
    assert 1.5 <= sensitivity <= 4.5  # IPCC 1990, 1996
