"""The same World3 work for all: outputs, the parameters of sweeps, those of gradients and fits."""

from __future__ import annotations

import numpy as np


OUTPUTS = (
    "population", "industrial_output_per_capita", "food_per_capita", "persistent_pollution_index",
    "fraction_of_resources_remaining",
)  # fmt: skip
SWEPT = (
    "life_expectancy_normal", "subsistence_food_per_capita", "reproductive_lifetime",
    "maximum_total_fertility_normal", "desired_completed_family_size_normal",
    "health_services_impact_delay", "lifetime_perception_delay",
    "industrial_capital_output_ratio_1", "average_life_of_industrial_capital_1",
    "average_life_of_service_capital_1", "service_capital_output_ratio_1",
    "labor_force_participation_fraction", "land_fraction_harvested", "processing_loss",
    "average_life_of_land_normal", "inherent_land_fertility", "industrial_material_toxicity_index",
    "persistent_pollution_transmission_delay", "assimilation_half_life_in_1970",
    "initial_nonrenewable_resources",
)  # fmt: skip
FREE = SWEPT[:5] + SWEPT[7:9] + SWEPT[15:16] + SWEPT[18:20]
_SPREAD = 0.05


def draws(values: dict[str, float], runs: int) -> dict[str, np.ndarray]:
    """Draws of the swept parameters around their values, 5 % in each direction."""
    rng = np.random.default_rng(20)
    return {n: values[n] * (1 + _SPREAD * rng.uniform(-1, 1, runs)) for n in SWEPT}
