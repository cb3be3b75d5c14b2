"""World3-03: every scenario file in one sweep, compiled once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import xarray as xr

from wmjax.model import CompiledModel, compile_model
from wmjax.scenario import sweep
from wmjax.spec import Lookup, ModelSpec, Parameter, Scenario, load_scenarios, load_spec


# What the tests look at: compiling takes three times as long with all 263 variables.
SAVED = """
population population_0_to_14 population_15_to_44 population_45_to_64 population_65_plus
births deaths birth_rate death_rate total_fertility life_expectancy perceived_life_expectancy
desired_completed_family_size fertility_control_effectiveness
fertility_control_facilities_per_capita effective_health_services_per_capita
lifetime_multiplier_from_health_services
industrial_capital industrial_capital_investment industrial_capital_depreciation industrial_output
industrial_output_per_capita average_industrial_output_per_capita
delayed_industrial_output_per_capita consumed_industrial_output_per_capita
service_capital service_output_per_capita
labor_utilization_fraction delayed_labor_utilization_fraction
food food_per_capita food_ratio perceived_food_ratio current_agricultural_inputs
agricultural_inputs arable_land potentially_arable_land land_development_rate land_erosion_rate
land_removal_for_urban_and_industrial_use urban_and_industrial_land land_fertility
land_fraction_cultivated land_yield_technology
persistent_pollution persistent_pollution_index persistent_pollution_generation_rate
persistent_pollution_appearance_rate persistent_pollution_assimilation_rate
persistent_pollution_technology persistent_pollution_technology_change_rate
persistent_pollution_intensity_industry
nonrenewable_resources fraction_of_resources_remaining resource_usage_rate
resource_conservation_technology resource_use_intensity
fraction_of_output_in_agriculture fraction_of_output_in_industry fraction_of_output_in_services
human_welfare_index human_ecological_footprint
""".split()


@pytest.fixture(scope="session")
def spec() -> ModelSpec:
    return load_spec("world3")


@pytest.fixture(scope="session")
def world3(spec: ModelSpec) -> CompiledModel:
    return compile_model(spec)


@pytest.fixture(scope="session")
def scenarios() -> dict[str, Scenario]:
    return load_scenarios("world3")


@pytest.fixture(scope="session")
def runs(
    spec: ModelSpec, world3: CompiledModel, scenarios: Mapping[str, Scenario]
) -> dict[str, xr.Dataset]:
    """The saved variables of every scenario, by its name."""
    changed = sorted({name for s in scenarios.values() for name in s.parameters})
    rows = {
        name: np.stack([s.parameters.get(name, _base(spec, name)) for s in scenarios.values()])
        for name in changed
    }
    result = sweep(world3, draws=rows, chunk=len(scenarios), save=SAVED).isel(scenario=0, drop=True)
    assert bool(result["finite"].all())
    return {name: result.isel(draw=i, drop=True) for i, name in enumerate(scenarios)}


@pytest.fixture(scope="session")
def reference(runs: Mapping[str, xr.Dataset]) -> xr.Dataset:
    return runs["baseline"]


def _base(spec: ModelSpec, name: str) -> object:
    variable = spec.variables[name]
    if isinstance(variable, Lookup):
        return variable.y.points
    assert isinstance(variable, Parameter)
    return variable.value
