"""The documents of World3-03: complete, without issues, and tables that mean what the books' do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pytest

from wmjax.program import lower
from wmjax.spec import Lookup, ModelSpec, Parameter, Scenario, bundled_models, check_spec


UNLIMITED = "beyond1992-00-infinity"

# Tables of the unlimited scenario as its authors wrote them, with points of their own.
REWRITTEN = {
    "industrial_capital_output_ratio_multiplier_from_resource_table": ((0, 1), (3, 3)),
    "industrial_capital_output_ratio_multiplier_from_pollution_table": ((0, 1), (1, 1)),
    "industrial_capital_output_ratio_multiplier_table": ((1, 2), (1, 1)),
    "crowding_multiplier_from_industry_table": ((0, 200, 400, 1600), (0.05, 0.05, 0, 0)),
    "urban_and_industrial_land_required_per_capita_table": (
        (0, 200, 400, 600, 800, 1000, 1600),
        (0.005, 0.008, 0.015, 0.018, 0.019, 0.02, 0.02),
    ),
}


def test_bundled() -> None:
    assert "world3" in bundled_models()


def test_no_issue(spec: ModelSpec) -> None:
    assert [str(i) for i in check_spec(spec)] == []


def test_size(spec: ModelSpec) -> None:
    kinds = Counter(v.kind for v in spec.variables.values())
    assert (kinds["stock"], kinds["lookup"]) == (15, 55)
    assert len(lower(spec).names("stock", hidden=True)) == 41
    time = spec.time
    assert (time.start, time.end, time.step, time.save_every) == (1900, 2100, 0.5, 0.5)
    assert time.method == "euler"


def test_every_variable_has_a_unit_and_a_short_name(spec: ModelSpec) -> None:
    bare = [
        name for name, v in spec.variables.items()
        if not v.doc or not (v.unit or (isinstance(v, Lookup) and v.x.unit and v.y.unit))
    ]  # fmt: skip
    assert bare == []
    short = [
        v.doc.split(":")[0] for v in spec.variables.values()
        if not (isinstance(v, Parameter) and v.doc[0].islower()) and " in 1900" not in v.doc
    ]  # fmt: skip
    assert len(set(short)) == len(short) == 299
    assert all(name.isupper() for name in short)


def test_tables_hold_beyond_their_ends(spec: ModelSpec) -> None:
    assert {v.outside for v in spec.variables.values() if isinstance(v, Lookup)} == {"hold"}


def test_scenario_files(spec: ModelSpec, scenarios: Mapping[str, Scenario]) -> None:
    assert list(scenarios)[0] == "baseline"
    assert sorted(n[:12] for n in scenarios) == sorted(
        ["baseline", *(f"beyond1992-{i:02d}"[:12] for i in range(14)),
         *(f"limits2004-{i:02d}"[:12] for i in range(1, 11))]
    )  # fmt: skip
    for scenario in scenarios.values():
        for name, value in scenario.parameters.items():
            variable = spec.variables[name]
            points = len(variable.y.points) if isinstance(variable, Lookup) else ()
            assert np.shape(value) == ((points,) if points else ()), (scenario.name, name)


@pytest.mark.parametrize("name", REWRITTEN)
def test_tables_on_other_points(
    name: str, spec: ModelSpec, scenarios: Mapping[str, Scenario]
) -> None:
    table = spec.variables[name]
    assert isinstance(table, Lookup)
    x, y = REWRITTEN[name]
    everywhere = np.linspace(x[0] - 1, 2 * x[-1] + 1, 4001)
    ours = np.interp(everywhere, table.x.points, np.asarray(scenarios[UNLIMITED].parameters[name]))
    np.testing.assert_allclose(ours, np.interp(everywhere, x, y), rtol=0, atol=1e-15)


def test_actors_and_levers(spec: ModelSpec) -> None:
    assert [a.name for a in spec.actors if a.level == 1] == ["World"]
    owned = [p for a in spec.actors for p in a.parameters]
    assert len(owned) == len(set(owned)), "a parameter has one owner"
    held = [lever for a in spec.actors for lever in a.levers]
    assert sorted(held) == sorted(spec.levers)
