"""Every scenario, against its printed results."""

from __future__ import annotations

from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

from wmjax.model import CompiledModel
from wmjax.scenario import sweep
from wmjax.sim import Trajectory, verify
from wmjax.spec import ModelSpec, Scenario, check_scenario


# Population in 2050 and 2100; industrial output and food per capita, pollution index and fraction
# of resources remaining in 2100, each with the digits that are printed.
RESULTS = {
    "limits2004-01-reference": "6.4526e9 3.4634e9 15.736 208.25 0.74635 0.15708",
    "limits2004-02-more-resources": "7.6362e9 2.6869e9 201.79 198.05 49.079 0.039192",
    "limits2004-03-pollution-control": "7.9957e9 5.6944e9 59.382 231.64 1.7651 0.022989",
    "limits2004-04-land-yield": "8.0827e9 4.4392e9 78.577 110.36 1.5316 0.0393",
    "limits2004-05-erosion-protection": "8.2487e9 5.9287e9 31.977 259.46 1.4462 0.017199",
    "limits2004-06-resource-efficiency": "8.1684e9 7.9502e9 291.38 609.99 1.5415 0.41927",
    "limits2004-07-two-children": "7.1865e9 2.6601e9 170.12 166.73 56.27 0.034258",
    "limits2004-08-enough-output": "7.1124e9 3.8062e9 362.49 200.94 23.821 0.13731",
    "limits2004-09-sustainable": "7.5326e9 7.7166e9 370.13 547.18 1.5014 0.45876",
    "limits2004-10-sustainable-from-1982": "6.1275e9 6.0910e9 376.67 562.21 0.60967 0.5833",
    "beyond1992-00-infinity": "9.4396e9 8.2711e9 3920.4 1802 0.63014 0.66774",
    "beyond1992-01-reference": "6.4526e9 3.4634e9 15.736 208.25 0.74635 0.15708",
    "beyond1992-02-more-resources": "7.4660e9 3.1125e9 107.15 293.82 6.6345 0.24314",
    "beyond1992-03-pollution-control": "7.9673e9 5.5837e9 71.239 260.73 0.8917 0.23478",
    "beyond1992-04-land-yield": "8.0024e9 5.7717e9 51.805 296.78 0.7903 0.24119",
    "beyond1992-05-erosion-protection": "8.2119e9 5.9444e9 55.668 304.63 0.80821 0.22137",
    "beyond1992-06-resource-efficiency": "8.2630e9 7.9666e9 283.03 486.1 2.1569 0.42377",
    "beyond1992-07-faster-technology": "8.3427e9 8.3902e9 353.67 448.04 1.3948 0.5054",
    "beyond1992-08-two-children": "6.8101e9 2.8768e9 107.61 284.47 7.2407 0.22757",
    "beyond1992-09-enough-output": "6.9470e9 4.7073e9 164.95 283.07 10.991 0.26087",
    "beyond1992-10-sustainable": "7.1736e9 7.2197e9 300.47 474.75 1.7069 0.51723",
    "beyond1992-11-sustainable-from-1975": "5.5508e9 5.4849e9 363.66 624.08 1.0115 0.57105",
    "beyond1992-12-sustainable-from-2015": "7.8646e9 7.7294e9 220.11 567.03 3.3808 0.36076",
    "beyond1992-13-higher-goals": "7.1656e9 7.2024e9 378.16 693 2.9784 0.35332",
}
LAST = ("industrial_output_per_capita", "food_per_capita", "persistent_pollution_index",
        "fraction_of_resources_remaining")  # fmt: skip


def test_every_scenario_is_here(runs: Mapping[str, xr.Dataset]) -> None:
    assert {"baseline", *RESULTS} == set(runs)


@pytest.mark.parametrize("name", RESULTS)
def test_results(name: str, runs: Mapping[str, xr.Dataset]) -> None:
    run = runs[name]
    found = [float(run["population"].sel(time=2050)), float(run["population"].sel(time=2100))]
    found += [float(run[n].sel(time=2100)) for n in LAST]
    for value, printed in zip(found, RESULTS[name].split(), strict=True):
        assert abs(value - float(printed)) <= _half_a_digit(printed), (printed, value)


@pytest.mark.parametrize("name", ["limits2004-01-reference", "beyond1992-01-reference"])
def test_references_are_the_baseline(name: str, runs: Mapping[str, xr.Dataset]) -> None:
    xr.testing.assert_equal(runs[name], runs["baseline"])


def test_checks_hold(world3: CompiledModel, runs: Mapping[str, xr.Dataset]) -> None:
    for name, run in runs.items():
        values = {str(n): jnp.asarray(v) for n, v in run.data_vars.items() if n != "finite"}
        whole = Trajectory(jnp.asarray(run["time"]), values, world3.program, world3.about)
        assert verify(world3, whole) == (), name


def test_files_run_as_they_stand(
    world3: CompiledModel, scenarios: Mapping[str, Scenario], runs: Mapping[str, xr.Dataset]
) -> None:
    """A scenario that gives a lookup its y values, through `sweep`."""
    names = ["baseline", "beyond1992-00-infinity"]
    result = sweep(world3, {n: scenarios[n] for n in names}, save=["population"])
    for name in names:
        found = result["population"].sel(scenario=name).isel(draw=0, drop=True)
        np.testing.assert_allclose(found, runs[name]["population"], rtol=1e-12)


def test_scenarios_fit_the_model(spec: ModelSpec, scenarios: Mapping[str, Scenario]) -> None:
    assert [str(i) for s in scenarios.values() for i in check_scenario(spec, s)] == []
    short = Scenario.model_validate({"name": "s", "parameters": {"education_index_lookup": [0, 1]}})
    assert [(i.code, i.severity) for i in check_scenario(spec, short)] == [
        ("scenario-target", "error")
    ]


def test_switches_hold_in_their_own_year(runs: Mapping[str, xr.Dataset]) -> None:
    run = runs["limits2004-09-sustainable"]
    size = run["desired_completed_family_size"].sel(time=[2001.5, 2002]).to_numpy()
    assert size[0] > 2.3 and size[1] == 2
    assert float(run["fertility_control_effectiveness"].sel(time=2002)) == 1
    rate = run["persistent_pollution_technology_change_rate"].sel(time=[2001.5, 2002]).to_numpy()
    assert rate[0] == 0 and rate[1] < 0


def test_the_sustainable_world_comes_to_rest(runs: Mapping[str, xr.Dataset]) -> None:
    late = runs["limits2004-09-sustainable"].sel(time=slice(2080, 2100))
    for name in ("population", "food_per_capita", "industrial_output_per_capita"):
        assert float(late[name].max() / late[name].min()) < 1.12, name
    assert float(late["persistent_pollution_index"].diff("time").max()) < 0


def _half_a_digit(printed: str) -> float:
    """Half of the last digit of a number as printed."""
    mantissa, _, exponent = printed.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 0.5000001 * 10.0 ** (int(exponent or 0) - decimals)
