"""`wmjax tax`: a run, one that was killed, mistakes, many seeds, and a tracker."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.app.conftest import Ended
from wmjax.app._tax_sweep import half_width, means
from wmjax.store import RunStore


Call = Callable[..., Ended]
ROOT = Path(__file__).resolve().parents[2]
SMALL = ("num_agents=8", "max_timesteps=6", "two_timescale=3", "planner_type=uniform")


@pytest.mark.parametrize(
    ("words", "named"),
    [(("percent_ego=80",), "80 + 0 + 0 = 80"), (("bracket_setting=[0,9,4]", "rates=10"), "0, 9, 4"),
     (("rates=[10,120,3]",), "120"), (("skills=[3,-1]",), "skill 2"),
     (("candidates=[]",), "nobody"), (("worker_type=llm",), "llm=local"),
     (("planner_type=saes",), "saez"), (("max_timestep=3",), "max_timesteps"),
     (("experiment=tax/nonsense",), "tax/rational")],
)  # fmt: skip
def test_mistakes_are_named_and_nothing_is_left(
    wm: Call,
    folder: Path,
    words: tuple[str, ...],
    named: str,
) -> None:
    said = wm("tax", *words)
    assert said.status == 2 and named in said.err
    assert list(folder.glob("runs/*")) == []


def test_a_run_leaves_tables_figures_and_its_regret(wm: Call, folder: Path) -> None:
    said = wm("tax", *SMALL, "grid_step=50", "starts=2")
    assert said.status == 0, said.err
    assert "% of the way" in said.out and "us_fed_mapped" in said.out
    (record,) = RunStore("runs").list(verb="tax")
    result = json.loads((record.folder / "result.json").read_text())
    assert 0 <= result["share_of_optimum"] <= 1
    assert result["regret"] == pytest.approx(result["optimum"] - result["welfare"])
    steps = pd.read_csv(record.folder / "steps.csv")
    assert list(steps["time"]) == list(range(6)) and set(steps["rate_2"]) == {50.0}
    assert len(pd.read_csv(record.folder / "workers.csv")) == 8
    table = pd.read_csv(record.folder / "regret.csv", index_col="schedule")
    lead = table.loc["lived", "welfare"] - table["welfare"]
    np.testing.assert_allclose(table["lived_less_this"], lead, atol=1e-8)
    html = (record.folder / "report" / "report.html").read_text()
    assert "://" not in html.replace("http://www.w3.org", "") and "Regret" in html
    assert {p.stem for p in (record.folder / "report" / "charts").glob("*.png")} >= {"regret"}


def test_small_rates_are_shown_with_their_digits(wm: Call, folder: Path) -> None:  # defect 17
    said = wm("tax", "rates=[0.35,1,2]", "planner_type=fixed", "num_agents=3", "max_timesteps=1",
              "regret=false")  # fmt: skip
    assert said.status == 0 and "0.35 / 1.0 / 2.0" in said.out
    (record,) = RunStore("runs").list(verb="tax")
    steps = pd.read_csv(record.folder / "steps.csv")
    assert steps["rate_1"].tolist() == pytest.approx([0.35])
    assert steps["rebate"].min() > 0


@pytest.mark.parametrize("scenario", ["rational", "bounded", "democratic"])
def test_a_scenario_runs_on_shipped_answers(wm: Call, folder: Path, scenario: str) -> None:
    said = wm("tax", f"scenario={scenario}", "worker_type=llm", "planner_type=llm",
              "llm=scripted_tax", "num_agents=3", "max_timesteps=4", "two_timescale=2",
              "regret=false")  # fmt: skip
    assert said.status == 0, said.err
    assert "(0 failed, 0 unanswered)" in said.out + said.err
    (record,) = RunStore("runs").list(verb="tax")
    years = json.loads((record.folder / "years.json").read_text())
    assert len(years) == 2 and not any(y["failed"] for y in years)


def test_a_language_model_of_another_package(
    wm: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "tax-language.md").read_text(encoding="utf-8")
    (code,) = re.findall(r'```python title="steady.py"\n(.*?)```', page, re.DOTALL)
    (command,) = re.findall(r"^wmjax (tax .*steady.*)$", page, re.MULTILINE)
    info = folder / "steady-1.dist-info"
    info.mkdir()
    (folder / "steady.py").write_text(code, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: steady\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[wmjax.language_models]\nsteady = steady:Steady\n")
    monkeypatch.syspath_prepend(str(folder))
    said = wm(*shlex.split(command), "regret=false")
    assert said.status == 0 and "35.0 hours a week" in said.out, said.err


def test_an_election_is_titled_as_one(wm: Call, folder: Path) -> None:
    said = wm("tax", "scenario=democratic", "planner_type=gradient", "num_agents=3",
              "max_timesteps=1", "regret=false", "bracket_setting=flat")  # fmt: skip
    assert said.status == 0 and "rates by plurality election" in said.out
    assert "gradient planner" not in said.out


def test_a_killed_run_goes_on(wm: Call, folder: Path) -> None:
    from wmjax.tax import Journal

    assert wm("tax", *SMALL, "regret=false").status == 0
    (whole,) = RunStore("runs").list(verb="tax")
    store = RunStore("runs")
    with pytest.raises(KeyboardInterrupt):
        with store.start("tax", config=whole.config, seed=42) as run:
            lines = (whole.folder / "checkpoints" / "steps.jsonl").read_bytes().splitlines(True)
            run.checkpoint_path("steps.jsonl").write_bytes(b"".join(lines[:4]) + b'{"time"')
            raise KeyboardInterrupt
    said = wm("runs", "resume", run.id)
    assert said.status == 0, said.err
    again = store.get(run.id)
    assert again.status == "done"
    name = "steps.csv"
    assert (again.folder / name).read_bytes() == (whole.folder / name).read_bytes()
    entries = list(Journal(again.folder / "checkpoints" / "steps.jsonl").entries())
    assert [e.time for e in entries] == list(range(6))
    assert {m.step for m in store.metrics(run.id) if m.name == "welfare"} == {5}  # 2 was before


def test_seeds_are_put_together(wm: Call, folder: Path) -> None:
    said = wm("tax", "-m", *SMALL, "regret=false", "seed=1,2", "percent_adv=0,100",
              "percent_ego=100,0")  # fmt: skip
    assert said.status == 2  # two of the four cells have shares that do not add up
    (out,) = (folder / "runs" / "multirun").glob("tax-*")
    table = pd.read_csv(out / "summary.csv")
    runs = pd.read_csv(out / "runs.csv")
    assert list(table["runs"]) == [2, 2] and len(runs) == 4
    assert list(table["percent_adv"]) == [0, 100] and list(runs["seed"]) == [1, 1, 2, 2]
    assert [p.name for p in (folder / "runs" / "multirun").iterdir()] == [out.name]
    assert (out / "multirun.yaml").exists()
    kind = np.array(runs.loc[runs["percent_adv"] == 0, "lived_welfare"], float)
    row = table.set_index("percent_adv").to_dict("index")[0]
    assert row["lived_welfare"] == pytest.approx(kind.mean())
    half = 12.7062 * kind.std(ddof=1) / np.sqrt(2)
    assert row["lived_welfare_ci95"] == pytest.approx(half, rel=1e-5)
    assert (out / "report.html").exists()


def test_intervals_of_one_seed_are_unknown() -> None:
    assert np.isnan(half_width(np.array([1.0])))
    assert half_width(np.array([1.0, 2.0, 3.0])) == pytest.approx(4.302653 / np.sqrt(3), rel=1e-6)
    one = means(pd.DataFrame({"run": ["a"], "seed": [1], "welfare": [2.0]}), [])
    assert one.to_dict("list")["welfare"] == [2.0] and one["welfare_ci95"].isna().tolist() == [True]


@pytest.mark.slow
def test_weights_and_biases_offline(wm: Call, folder: Path) -> None:
    pytest.importorskip("wandb")
    assert wm("tax", *SMALL, "grid_step=50", "starts=1", "tracker=wandb").status == 0
    (record,) = RunStore("runs").list(verb="tax")
    (file,) = record.folder.rglob("run-*.wandb")
    data = file.read_bytes()
    assert b"mean_income" in data and b"rate_3" in data
    assert b"share_of_optimum" in data and b"regret" in data


@pytest.mark.slow
def test_an_experiment_of_the_package(wm: Call, folder: Path) -> None:
    said = wm("tax", "experiment=tax/democratic", "num_agents=9", "max_timesteps=2", "regret=false",
              "two_timescale=1", "seed=1", "voting_rule=borda,condorcet")  # fmt: skip
    assert said.status == 0, said.err
    assert "voting_rule" in said.out
    assert len(RunStore("runs").list(verb="tax")) == 2
