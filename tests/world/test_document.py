"""The documents of the world model: complete, sourced, and true to their protocol."""

from __future__ import annotations

import csv

from calibration import load_protocol
from wmjax._resources import resource_dir
from wmjax.series import catalogue
from wmjax.spec import (
    Auxiliary,
    Flow,
    ModelSpec,
    Parameter,
    Series,
    Stock,
    check_spec,
    load_scenarios,
)


HOME = resource_dir("data") / "models" / "world"


def test_no_issue(spec: ModelSpec) -> None:
    assert [str(i) for i in check_spec(spec)] == []


def test_size(spec: ModelSpec) -> None:
    equations = [v for v in spec.variables.values() if isinstance(v, Stock | Flow | Auxiliary)]
    assert 30 <= len(equations) <= 80


def test_every_parameter_is_documented(spec: ModelSpec) -> None:
    bare = [
        n for n, v in spec.variables.items() if isinstance(v, Parameter)
        if not (v.unit and v.bounds and v.prior and v.source)
    ]  # fmt: skip
    assert bare == []


def test_observed_series_exist(spec: ModelSpec) -> None:
    observed = [v.observed for v in spec.variables.values() if v.observed]
    assert len(set(observed)) == len(observed) >= 12
    assert set(observed) <= {entry.id for entry in catalogue()}


def test_later_knowledge_is_flagged(spec: ModelSpec) -> None:
    parameters = {n: v for n, v in spec.variables.items() if isinstance(v, Parameter)}
    flagged = {n for n, v in parameters.items() if "flag: post-2000 knowledge" in v.source}
    assert {"heat_exchange", "heat_surface", "heat_deep"} <= flagged
    assert {"carbon_dioxide_1750", "methane_1750", "nitrous_1750", "carbon_per_ppm"} <= flagged
    assert {"nitrous_lifetime", "nitrous_mass", "nitrous_natural"} <= flagged


def test_actors_fill_all_levels(spec: ModelSpec) -> None:
    assert {a.level for a in spec.actors} == {1, 2, 3, 4}
    assert len({a.category for a in spec.actors}) == 10
    owned = [p for a in spec.actors for p in a.parameters]
    assert len(owned) == len(set(owned)), "a parameter has one owner"


def test_scenarios_have_events() -> None:
    scenarios = load_scenarios("world")
    assert not scenarios["baseline"].events
    assert sum(bool(s.events) for s in scenarios.values()) >= 3
    assert all(e.start >= 2021 for s in scenarios.values() for e in s.events)


def test_drivers_have_a_rule_for_after_the_origin(spec: ModelSpec) -> None:
    drivers = {n: v for n, v in spec.variables.items() if isinstance(v, Series)}
    assert {n: (v.beyond.rule, v.beyond.years) for n, v in drivers.items()} == {
        "erf_solar": ("mean", 11), "erf_volcanic": ("mean", 100), "erf_aerosol": ("mean", 5),
    }  # fmt: skip


def test_protocol_covers_what_is_observed(spec: ModelSpec) -> None:
    protocol = load_protocol(HOME / "protocol.yaml")
    assert protocol.series is not None
    stated = {n: s.observed for n, s in protocol.series.items()}
    assert stated == {n: v.observed for n, v in spec.variables.items() if v.observed}
    test = protocol.backtest
    assert test.fit_window is not None and test.score_window is not None
    assert test.fit_window.end is not None and test.score_window.start is not None
    assert test.fit_window.end < test.score_window.start
    assert protocol.window.end == test.fit_window.end


def test_log_of_scorings_names_its_columns() -> None:
    lines = (HOME / "scoring_log.csv").read_text(encoding="utf-8").splitlines()
    rows, head = list(csv.DictReader(lines)), lines[0].split(",")
    assert {"date", "reason", "git_commit", "ratio", "share_better", "coverage_90"} <= set(head)
    for row in rows:
        assert row["date"] and row["reason"] and row["git_commit"]
