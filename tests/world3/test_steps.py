"""The step of half a year is part of the model: shorter steps give other values, as printed."""

from __future__ import annotations

import pytest

from wmjax.model import compile_model
from wmjax.sim import simulate
from wmjax.spec import ModelSpec


@pytest.mark.parametrize(
    ("step", "population_2000", "pollution_2000", "population_2100"),
    [
        (0.25, "6.033e+09", "3.205", "3.464e+09"),
        pytest.param(0.0625, "6.052e+09", "3.248", "3.464e+09", marks=pytest.mark.slow),
    ],
)
def test_steps(
    step: float, population_2000: str, pollution_2000: str, population_2100: str, spec: ModelSpec
) -> None:
    time = spec.time.model_copy(update={"step": step})
    model = compile_model(spec.model_copy(update={"time": time}))
    names = ("population", "persistent_pollution_index")
    run = simulate(model, save=names).to_dataframe()
    assert f"{run.loc[2000, 'population']:.3e}" == population_2000
    assert f"{run.loc[2000, 'persistent_pollution_index']:.3f}" == pollution_2000
    assert f"{run.loc[2100, 'population']:.3e}" == population_2100
