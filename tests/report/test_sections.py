"""What the chapters say: the words and tables made from numbers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from wmjax.report import Charts, Estimates, Fan, Outlook, Ribbon, Scenarios, ScenarioView, Table
from wmjax.report import SeriesView as View
from wmjax.report._section_about import citations
from wmjax.report._section_estimates import estimate_section, prior_text
from wmjax.report._section_scenarios import scenario_section
from wmjax.report._section_series import series_section
from wmjax.report._write import _flat
from wmjax.series import load_observations
from wmjax.spec import Prior

from .made_up import fan, made_up, small_spec


_TIMES = np.arange(2000.0, 2051.0)


def _fan(slope: float) -> Fan:
    path = 5e9 + 1e7 * slope * np.maximum(_TIMES - 2020, 0)
    return Fan(_TIMES, {0.05: path - 1e8, 0.5: path, 0.95: path + 1e8})


def _scenarios(count: int) -> Scenarios:
    fans = {f"s{i}": _fan(i) for i in range(count)}
    view = ScenarioView("population", "person", fans)
    row = {"variable": "population", "unit": "person", "scenario": "s1", "time": 2050.0,
           "baseline": 5e9, "value": 5.3e9, "difference": 3e8, "per_cent": 6.0,
           "lower": 2.5e8, "upper": 3.5e8}  # fmt: skip
    described = {name: f"about {name}" for name in fans}
    return Scenarios(described, (view,), (2050.0, 2100.0), pd.DataFrame([row]))


def _tables(section) -> list[Table]:
    return [block for block in _flat(section.blocks) if isinstance(block, Table)]


def _texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


def test_the_scenario_table_has_the_numbers_of_the_fans() -> None:
    table, differences = _tables(scenario_section(_scenarios(2)))
    assert table.columns == ("Variable", "Scenario", "2050", "2100")
    assert _texts(table) == [["Population", "s0", "5.00", "–"], ["Population", "s1", "5.30", "–"]]
    assert table.rows[1][2].small == "5.20 to 5.40"
    assert table.rows[0][0].small == "billion people"
    assert _texts(differences) == [["Population", "s1", "2050", "300", "250 to 350", "6.0 %"]]
    assert differences.rows[0][0].small == "million people"


@pytest.mark.parametrize(("count", "bands"), [(2, 2), (3, 3), (5, 1)])
def test_many_scenarios_keep_one_band_and_a_shared_past_is_drawn_once(
    count: int, bands: int
) -> None:
    section = scenario_section(_scenarios(count))
    (chart,) = next(b for b in section.blocks if isinstance(b, Charts)).charts
    ribbons = [layer for layer in chart.layers if isinstance(layer, Ribbon)]
    assert sum(bool(r.levels) for r in ribbons) == bands
    assert [float(r.fan.times[0]) for r in ribbons] == [2000.0] + [2020.0] * (count - 1)


def test_a_forecast_shows_later_observations_as_not_seen() -> None:
    one = load_observations("world.pop_persons")["world.pop_persons"]
    view = View(one, None, Outlook(fan(one, 1999, 2100), (1960, 1999), scenario="baseline"))
    (chart,) = next(
        b for b in _flat(series_section((view,)).blocks) if isinstance(b, Charts)
    ).charts
    marks = chart.layers[-1]
    assert (one.times < marks.unseen_from).sum() == 40  # pyright: ignore
    assert chart.subtitle == "Forecast: fitted 1960–1999, baseline to 2100"


@pytest.mark.parametrize(
    ("found", "said"),
    [("lower", "at its lower bound"), (True, "at a bound"), (np.True_, "at a bound"), (False, ""),
     (np.False_, ""), (None, ""), (np.nan, ""), ("", "")],
)  # fmt: skip
def test_parameters_at_a_bound_are_named(found: object, said: str) -> None:
    table = pd.DataFrame(
        {"parameter": ["k"], "value": [0.25], "at_bound": pd.Series([found], dtype=object)}
    )
    section = estimate_section(Estimates(table), None)
    assert _tables(section)[0].rows[0][0].small == said
    assert ("ended at a bound: k" in str(section.blocks[0])) is bool(said)


def test_what_the_table_lacks_is_taken_from_the_spec() -> None:
    table = pd.DataFrame({"parameter": ["rate"], "value": [0.03121], "sd": [0.002]})
    (shown,) = _tables(estimate_section(Estimates(table, "One.\n\nTwo."), small_spec("src", "x")))
    cells = shown.rows[0]
    assert [c.text for c in cells] == [
        "rate", "0.0312", "0.0020", "–", "per year", "normal, 0.03 ± 0.01", "src",
    ]  # fmt: skip
    assert cells[5].small == "within 0 to 0.1"


def test_priors_in_words() -> None:
    assert prior_text(Prior(uniform=(0, 2))) == "uniform, 0 to 2"
    assert prior_text(Prior(lognormal=(9e12, 0.1))) == "lognormal, 9 × 10¹² ×/÷ 1.11"


def test_every_series_shown_is_cited_once() -> None:
    names = ["world.pop_persons", "world.pop_65p_persons", "world.gdp_2015usd"]
    content = made_up(names, spec=small_spec("a", "b"))
    found = citations(dataclasses.replace(content, citations=()))
    assert [c.what for c in found] == [
        "world.pop_persons, world.pop_65p_persons",
        "world.gdp_2015usd",
    ]
    assert all(c.source and c.licence for c in found)
