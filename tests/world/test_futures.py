"""The scenarios of the world model: its checks hold, and each moves what it says."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest

from wmjax.model import CompiledModel
from wmjax.sim import simulate, verify
from wmjax.spec import load_scenarios


@pytest.fixture(scope="module")
def futures(world: CompiledModel) -> Mapping[str, pd.DataFrame]:
    found = {}
    for name, scenario in load_scenarios("world").items():
        run = simulate(world, scenario)
        assert verify(world, run) == ()
        found[name] = run.to_dataframe()
    return found


def test_nothing_happens_before_the_first_event(futures: Mapping[str, pd.DataFrame]) -> None:
    for frame in futures.values():
        pd.testing.assert_frame_equal(frame.loc[:2024], futures["baseline"].loc[:2024])


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
    futures: Mapping[str, pd.DataFrame], scenario: str, variable: str, sign: int
) -> None:
    there, base = (futures[s][variable].loc[2060] for s in (scenario, "baseline"))
    assert sign * (there - base) > 0.01 * abs(base) * (variable != "gdp")
    assert sign * (there - base) > 0


def test_conflict_index_moves_nothing(futures: Mapping[str, pd.DataFrame]) -> None:
    ratio = futures["conflict-shock"]["conflict_risk"] / futures["baseline"]["conflict_risk"]
    assert ratio.loc[2032] == pytest.approx(3, rel=0.05)
    assert ratio.loc[2040] == pytest.approx(1, rel=0.05)
