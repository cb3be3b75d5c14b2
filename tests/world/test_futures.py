"""The scenarios of the world model: its checks hold, and each moves what it says."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from wmjax.model import CompiledModel
from wmjax.scenario import sweep
from wmjax.sim import simulate, verify
from wmjax.spec import load_scenarios


NAMES = ["population", "elderly", "gdp", "fossil_emissions", "temperature", "conflict_risk",
         "labour_share", "human_development", "total_fertility"]  # fmt: skip


@pytest.fixture(scope="module")
def futures(world: CompiledModel) -> xr.Dataset:
    return sweep(world, load_scenarios("world"), save=NAMES).isel(draw=0)


def test_checks_of_the_model_hold(world: CompiledModel) -> None:
    assert verify(world, simulate(world)) == ()


def test_every_future_stays_possible(futures: xr.Dataset) -> None:
    assert all(np.isfinite(futures[n]).all() for n in NAMES)
    assert (futures["population"] > 1e9).all() and (futures["gdp"] > 0).all()
    assert ((futures["total_fertility"] > 0.8) & (futures["total_fertility"] < 7)).all()
    for share in ("labour_share", "human_development"):
        assert ((futures[share] > 0) & (futures[share] < 1)).all()


def test_nothing_happens_before_the_first_event(futures: xr.Dataset) -> None:
    early = futures[NAMES].sel(time=slice(None, 2024))
    xr.testing.assert_allclose(early, early.sel(scenario="baseline").broadcast_like(early))


@pytest.mark.parametrize(
    ("scenario", "variable", "sign"),
    [
        ("rapid-decarbonisation", "fossil_emissions", -1),
        ("rapid-decarbonisation", "temperature", -1),
        ("innovation-slowdown", "gdp", -1),
        ("clean-breakthrough", "fossil_emissions", -1),
        ("clean-breakthrough", "gdp", 1),
        ("high-fertility", "population", 1),
        ("ageing", "elderly", 1),
        ("ageing", "population", -1),
        ("conflict-shock", "gdp", -1),
    ],
)
def test_scenario_moves_what_it_says(
    futures: xr.Dataset, scenario: str, variable: str, sign: int
) -> None:
    then = futures[variable].sel(time=2060)
    ratio = float(then.sel(scenario=scenario) / then.sel(scenario="baseline"))
    assert sign * (ratio - 1) > 0.005


def test_conflict_index_rises_with_the_war_and_falls_back(futures: xr.Dataset) -> None:
    risk = futures["conflict_risk"]
    ratio = risk.sel(scenario="conflict-shock") / risk.sel(scenario="baseline")
    assert float(ratio.sel(time=2032)) == pytest.approx(3, rel=0.05)
    assert float(ratio.sel(time=2040)) == pytest.approx(1, rel=0.05)
