"""`report=`: a page of charts of runs, with the figures of the model where it has some."""

from __future__ import annotations

import re

import pytest

from wmjax._errors import SpecError
from wmjax.spec import load_figures, load_spec


_FIGURES = """\
- title: Wealth
  tops: {balance: 400, interest: 50}
- title: Not saved
  tops: {elsewhere: 1}
"""
_SCENARIOS = {"high": 0.2, "low": 0.05}


@pytest.fixture
def bank(folder):
    (folder / "scenarios").mkdir()
    (folder / "savings.yaml").rename(folder / "model.yaml")
    (folder / "figures.yaml").write_text(_FIGURES)
    for name, rate in _SCENARIOS.items():
        text = f"name: {name}\ndescription: a <{name}> rate\nparameters: {{rate: {rate}}}\n"
        (folder / "scenarios" / f"{name}.yaml").write_text(text)
    return folder


def test_a_sweep_shows_every_scenario_in_the_figures(wm, bank) -> None:
    said = wm("sweep", "model=model.yaml", "report=page")
    assert said.status == 0 and "report: page/report.html" in said.out, said.err
    page = (bank / "page" / "report.html").read_text()
    assert "a &lt;high&gt; rate" in page and "<high>" not in page
    assert "balance 400 usd" in page and "elsewhere" not in page
    assert "One run a scenario" in page
    names = {p.stem for p in (bank / "page" / "charts").glob("*.png")}
    assert {"wealth-baseline", "wealth-high", "wealth-low", "scenarios-balance"} <= names
    # 100 usd at 20 % for 10 years in steps of a quarter, in per cent of a frame of 400
    share = 100 * 100 * 1.05**40 / 400
    assert re.search(rf"Wealth high.*?balance from 25.0 in 0 to {share:.0f}", page)


def test_a_run_shows_itself(wm, bank) -> None:
    said = wm("run", "model=model.yaml", "scenario=low", "report=page", "save=[balance]")
    assert said.status == 0, said.err
    page = (bank / "page" / "report.html").read_text()
    assert "Wealth low, in" in page and "Wealth baseline" not in page
    assert "interest 50" not in page  # not saved


def test_without_figures_the_variables_are_shown(wm, folder) -> None:
    assert wm("run", "model=savings.yaml", "report=page").status == 0
    names = {p.stem for p in (folder / "page" / "charts").glob("*.png")}
    assert {"scenarios-balance", "scenarios-interest"} <= names


def test_a_report_needs_trajectories(wm, folder) -> None:
    said = wm("sweep", "model=savings.yaml", "keep=final", "report=page")
    assert said.status == 2 and "keep=trajectories" in said.err


def test_a_wrong_figure_is_named(bank) -> None:
    (bank / "figures.yaml").write_text("- {title: Wealth, tops: {balance: -1}}\n")
    with pytest.raises(SpecError, match="0.tops.balance"):
        load_figures(bank / "model.yaml")


def test_figures_of_bundled_models_name_their_variables() -> None:
    figures = load_figures("world3")
    assert [f.title for f in figures][0] == "State of the world" and len(figures) == 3
    variables = load_spec("world3").variables
    assert all(name in variables for figure in figures for name in figure.tops)
    assert load_figures("world") == ()
