"""The reference run, against printed values of the model and against its own bookkeeping."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from wmjax.model import CompiledModel
from wmjax.sim import initial_state


YEARS = (1900, 1950, 1970, 2000, 2050, 2100)

# Six significant digits of the reference run, Euler with half-year steps, double precision.
VALUES = {
    "population": (1.6e9, 2.66828e9, 3.74242e9, 6.00663e9, 6.45264e9, 3.46344e9),
    "industrial_output_per_capita": (41.5625, 143.239, 203.665, 319.491, 98.9933, 15.7364),
    "service_output_per_capita": (90, 204.783, 282.164, 464.415, 284.344, 76.0346),
    "food_per_capita": (269.325, 379.854, 430.833, 472.246, 237.323, 208.246),
    "persistent_pollution_index": (0.183824, 0.487041, 0.978911, 3.14816, 8.34271, 0.746352),
    "fraction_of_resources_remaining": (1, 0.962036, 0.915538, 0.714024, 0.207954, 0.157076),
    "life_expectancy": (29.11, 44.5275, 54.0606, 71.236, 45.9696, 27.7972),
    "industrial_output": (6.65e10, 3.82202e11, 7.622e11, 1.91907e12, 6.38768e11, 5.45022e10),
    "food": (4.3092e11, 1.01356e12, 1.61236e12, 2.83661e12, 1.53136e12, 7.21247e11),
    "arable_land": (9e8, 1.15813e9, 1.3711e9, 1.734e9, 1.82909e9, 1.72201e9),
    "birth_rate": (36.7234, 36.7139, 31.5114, 21.5991, 14.7447, 29.1317),
    "death_rate": (32.2675, 20.0587, 14.5836, 8.43931, 25.6131, 38.6187),
    "total_fertility": (5.03635, 5.35043, 4.61841, 3.1783, 2.19288, 4.07416),
    "labor_utilization_fraction": (1.33618, 0.760413, 0.745374, 0.682271, 1.00968, 1.46183),
    "human_welfare_index": (0.20465, 0.39756, 0.506694, 0.72293, 0.362571, 0.162448),
    "human_ecological_footprint": (0.497387, 0.748618, 0.999687, 1.75764, 1.34529, 0.975251),
}


def _digits(value: float) -> str:
    return f"{value:.5e}"


@pytest.mark.parametrize("name", VALUES)
def test_values(name: str, reference: xr.Dataset) -> None:
    found = [_digits(float(v)) for v in reference[name].sel(time=list(YEARS))]
    assert found == [_digits(v) for v in VALUES[name]]


@pytest.mark.parametrize(
    ("name", "peak", "year"),
    [
        ("population", "7.46675e+09", 2026.5),
        ("industrial_output_per_capita", "3.67319e+02", 2015),
        ("food_per_capita", "4.77449e+02", 1994.5),
        ("persistent_pollution_index", "1.08471e+01", 2037),
    ],
)
def test_peaks(name: str, peak: str, year: float, reference: xr.Dataset) -> None:
    path = reference[name]
    assert (_digits(float(path.max())), float(path.idxmax("time"))) == (peak, year)


def test_health_services_switch_after_1940(reference: xr.Dataset) -> None:
    """The one switch that does not hold in its own year."""
    path = reference["lifetime_multiplier_from_health_services"]
    found = [_digits(float(v)) for v in path.sel(time=[1940, 1940.5])]
    assert found == ["1.05112e+00", "1.25790e+00"]


def test_start(world3: CompiledModel, reference: xr.Dataset) -> None:
    first = {n: _digits(float(v[0])) for n, v in reference.data_vars.items() if n != "finite"}
    assert first["effective_health_services_per_capita"] == "7.20000e+00"
    assert first["fertility_control_facilities_per_capita"] == "1.26568e-01"
    assert first["perceived_life_expectancy"] == "2.91100e+01"
    assert first["average_industrial_output_per_capita"] == "4.15625e+01"
    assert first["delayed_industrial_output_per_capita"] == "4.15625e+01"
    assert first["agricultural_inputs"] == _digits(5e9)
    assert first["perceived_food_ratio"] == _digits(1)
    assert first["delayed_labor_utilization_fraction"] == _digits(1)
    assert first["current_agricultural_inputs"] == "6.21013e+09"
    assert first["food_ratio"] == "1.17098e+00"
    assert first["labor_utilization_fraction"] == "1.33618e+00"
    stages = [
        float(v) for n, v in initial_state(world3).stocks.items()
        if n.startswith("persistent_pollution_appearance_rate#")
    ]  # fmt: skip
    np.testing.assert_allclose(stages, [1.04525e7 * 20 / 3] * 3, rtol=1e-12)


@pytest.mark.parametrize(
    ("stock", "inflows", "outflows"),
    [
        ("population", ["births"], ["deaths"]),
        ("industrial_capital", ["industrial_capital_investment"],
         ["industrial_capital_depreciation"]),
        ("arable_land", ["land_development_rate"],
         ["land_erosion_rate", "land_removal_for_urban_and_industrial_use"]),
        ("potentially_arable_land", [], ["land_development_rate"]),
        ("persistent_pollution", ["persistent_pollution_appearance_rate"],
         ["persistent_pollution_assimilation_rate"]),
        ("nonrenewable_resources", [], ["resource_usage_rate"]),
    ],
)  # fmt: skip
def test_what_comes_and_goes_is_what_changes(
    stock: str, inflows: list[str], outflows: list[str], reference: xr.Dataset
) -> None:
    path = reference[stock].to_numpy()
    net = np.zeros_like(path)
    for name in inflows:
        net += reference[name].to_numpy()
    for name in outflows:
        net -= reference[name].to_numpy()
    np.testing.assert_allclose(path[1:], path[:-1] + 0.5 * net[:-1], rtol=1e-13)


@pytest.mark.parametrize(
    ("source", "result", "stages", "initial"),
    [
        ("persistent_pollution_generation_rate", "persistent_pollution_appearance_rate", 3, None),
        ("industrial_output_per_capita", "delayed_industrial_output_per_capita", 3, None),
        ("industrial_output_per_capita", "average_industrial_output_per_capita", 1, None),
        ("labor_utilization_fraction", "delayed_labor_utilization_fraction", 1, 1.0),
        ("current_agricultural_inputs", "agricultural_inputs", 1, 5e9),
    ],
)
def test_memory(
    source: str, result: str, stages: int, initial: float | None, reference: xr.Dataset
) -> None:
    """Smooths and the delay, step by step with the time constants of the sheet."""
    time = {"average_industrial_output_per_capita": 3, "delayed_labor_utilization_fraction": 2,
            "agricultural_inputs": 2}.get(result, 20)  # fmt: skip
    given = reference[source].to_numpy()
    held = np.full(stages, given[0] if initial is None else initial)
    expected = []
    for x in given:
        expected.append(held[-1])
        held = held + 0.5 * (np.array([x, *held[:-1]]) - held) * stages / time
    np.testing.assert_allclose(reference[result], expected, rtol=1e-12)
