"""`wmjax calibrate`, `backtest`, `forecast`, `sweep`: from a table to a verdict."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
import yaml
from scipy.optimize import least_squares

from wmjax.store import RunStore


FIT = """\
parameters: {rate: {bounds: [0, 1], initial: 0.3}}
series: {balance: {observed: money, transform: log, sigma: 0.05}}
"""
_YEARS = np.arange(0, 11)


@pytest.fixture
def bank(folder: Path) -> Path:
    """The folder with a noisy table of the balance and a fit file."""
    noise = np.random.default_rng(7).normal(0, 0.05, 11)
    money = 100 * 1.04 ** (4 * _YEARS) * np.exp(noise)
    pd.DataFrame({"time": _YEARS, "money": money}).to_csv(folder / "money.csv", index=False)
    (folder / "fit.yaml").write_text(FIT)
    return folder


_WORDS = ("model=savings.yaml", "observations=money.csv", "fit=fit.yaml")


def _best_rate(table: Path, last: float = 10) -> float:
    """SciPy's answer to the same question."""
    rows = pd.read_csv(table).query("time <= @last")
    times, logs = rows["time"].to_numpy(), np.log(rows["money"].to_numpy())

    def residuals(rate: np.ndarray) -> np.ndarray:
        return np.log(100 * (1 + rate[0] / 4) ** (4 * times)) - logs

    return float(least_squares(residuals, [0.3], bounds=(0, 1), xtol=1e-14, ftol=1e-14).x[0])


def test_a_fit_agrees_with_scipy_and_the_fitted_model_runs(wm, bank) -> None:
    said = wm("calibrate", *_WORDS, "output=fitted, 1.yaml")
    assert said.status == 0, said.err
    fitted = yaml.safe_load((bank / "fitted, 1.yaml").read_text())
    rate = fitted["variables"]["rate"]["value"]
    assert rate == pytest.approx(_best_rate(bank / "money.csv"), rel=1e-6)
    assert wm("run", "model=fitted, 1.yaml", "output=a.csv").status == 0
    assert pd.read_csv(bank / "a.csv")["rate"].iloc[0] == pytest.approx(rate)
    (record,) = RunStore(bank / "runs").list(verb="calibrate")
    assert {m.name for m in RunStore(bank / "runs").metrics(record.id)} >= {"loss"}


def test_the_window_leaves_rows_out(wm, bank) -> None:
    assert wm("calibrate", *_WORDS, "window=[0,5]", "output=a.json").status == 0
    assert wm("calibrate", *_WORDS, "output=b.json", "window=null").status == 0
    rates = [yaml.safe_load((bank / n).read_text())["variables"]["rate"]["value"]
             for n in ("a.json", "b.json")]  # fmt: skip
    wanted = [_best_rate(bank / "money.csv", last) for last in (5, 10)]
    np.testing.assert_allclose(rates, wanted, rtol=1e-6)


def test_forecast_and_sweep_start_from_a_stored_calibration(wm, bank) -> None:
    assert wm("calibrate", *_WORDS).status == 0
    (record,) = RunStore(bank / "runs").list(verb="calibrate")
    (bank / "scenarios").mkdir()
    (bank / "scenarios" / "crisis.yaml").write_text("name: crisis\nparameters: {deposit: 50}\n")
    ending = record.id.rsplit("-", 1)[1]
    start = ("model=savings.yaml", f"calibration={ending}", "draws=20")
    said = wm("forecast", *start, "output=future.nc")
    assert said.status == 0, said.err
    with xr.open_dataset(bank / "future.nc", engine="h5netcdf") as future:
        assert list(future["scenario"].values) == ["baseline", "crisis"]
        middle = future["balance"].sel(quantile=0.5)
        ratio = middle.sel(scenario="crisis") / middle.sel(scenario="baseline")
    np.testing.assert_allclose(ratio, 0.5, rtol=1e-6)
    assert wm("sweep", *start, "scenarios=[crisis]", "output=sweep.nc").status == 0
    with xr.open_dataset(bank / "sweep.nc", engine="h5netcdf") as runs:
        assert dict(runs.sizes) == {"scenario": 1, "draw": 20, "time": 11}
        np.testing.assert_allclose(runs["balance"].isel(time=0), 50)


def test_a_scenario_that_rewrites_the_past_is_named(wm, bank) -> None:
    (bank / "crisis.yaml").write_text("name: crisis\nparameters: {rate: 0.02}\n")
    (bank / "event.yaml").write_text(
        "name: event\nevents: [{name: cut, start: 10, effects: [{target: rate, set: 0.02}]}]\n"
    )
    said = wm("forecast", *_WORDS, "scenarios=[crisis.yaml]", "draws=5", "output=f.csv")
    assert said.status == 0, said.err
    assert "crisis holds rate from 0 on" in said.out and "start: 10" in said.out
    assert "set: 0.02" in said.out
    rows = pd.read_csv(bank / "f.csv")
    assert list(rows.columns) == ["variable", "scenario", "quantile", "time", "value"]
    last = rows.query("variable == 'balance' and quantile == 0.5 and time == 10")
    assert len(last) == 1 and 100 < last["value"].iloc[0] < 200
    said = wm("forecast", *_WORDS, "scenarios=[event.yaml]", "draws=5")
    assert said.status == 0 and "holds" not in said.out


def test_parameters_of_a_sweep_hold_in_a_stored_calibration_too(wm, bank) -> None:
    assert wm("calibrate", *_WORDS).status == 0
    (record,) = RunStore(bank / "runs").list(verb="calibrate")
    words = ("model=savings.yaml", f"calibration={record.id}", "parameters.rate=0")
    for draws in (0, 3):
        said = wm("sweep", *words, f"draws={draws}", f"output=held-{draws}.nc")
        assert said.status == 0, said.err
        with xr.open_dataset(bank / f"held-{draws}.nc", engine="h5netcdf") as runs:
            np.testing.assert_allclose(runs["balance"].isel(time=-1), 100)


@pytest.mark.parametrize("verb", ["forecast", "sweep"])
def test_a_calibration_of_another_model_is_refused(wm, bank, verb) -> None:
    assert wm("calibrate", *_WORDS).status == 0
    (record,) = RunStore(bank / "runs").list(verb="calibrate")
    text = (bank / "savings.yaml").read_text()
    (bank / "other.yaml").write_text(text.replace("balance * rate", "balance * rate / 2"))
    said = wm(verb, "model=other.yaml", f"calibration={record.id}", "draws=2")
    assert said.status == 2
    assert record.id in said.err and "other equations" in said.err and "other.yaml" in said.err


def test_backtest_scores_what_the_fit_has_not_seen(wm, bank) -> None:
    words = ("fit_window=[0,6]", "score_window=[7,10]", "draws=50", "output=scores.csv")
    said = wm("backtest", *_WORDS, *words)
    assert said.status == 0, said.err
    assert "7-10, forecast from the end of 6" in said.out
    scores = pd.read_csv(bank / "scores.csv")
    assert set(scores["method"]) > {"model", "persistence", "damped_trend"}
    assert (scores["n"] == 4).all()
    last = pd.read_csv(bank / "money.csv")["money"].to_numpy()
    error = float(np.abs(last[7:] - last[6]).mean() / np.abs(np.diff(last[:7])).mean())
    naive = scores.loc[scores["method"] == "persistence", "mase"].iloc[0]
    assert naive == pytest.approx(error, rel=1e-9)


def test_backtest_writes_a_report(wm, bank) -> None:
    words = ("fit_window=[0,6]", "score_window=[7,10]", "draws=20", "report=seen")
    said = wm("backtest", *_WORDS, *words)
    assert said.status == 0, said.err
    html = (bank / "seen" / "report.html").read_text(encoding="utf-8")
    assert "has not seen" in html and "balance" in html


_BAD_TABLES = {
    "text": ("time,money\n0,1\n1,many\n", ["many", "money"]),
    "repeated year": ("time,money\n0,1\n0,2\n1,3\n", ["0"]),
    "wrong column": ("time,mony\n0,1\n1,2\n", ["money", "mony"]),
    "empty": ("", ["money.csv"]),
}


@pytest.mark.parametrize("name", _BAD_TABLES)
def test_a_bad_table_is_explained_and_nothing_stored_is_lost(wm, bank, tree, name) -> None:
    text, said = _BAD_TABLES[name]
    (bank / "money.csv").write_text(text)
    before = tree()
    ended = wm("calibrate", *_WORDS)
    assert ended.status == 2
    assert "Traceback" not in ended.err
    for part in said:
        assert part in ended.err
    assert before.items() <= tree().items()
    assert not RunStore(bank / "runs").list(status="done")


def test_mistakes_of_a_fit_file_are_told_together(wm, bank, tree) -> None:
    (bank / "fit.yaml").write_text("paramters: {rate: {}}\nseries: {balanse: money}\nstarts: no\n")
    before = tree()
    ended = wm("calibrate", *_WORDS)
    assert ended.status == 2
    for part in ("paramters", "parameters", "starts"):
        assert part in ended.err
    assert tree() == before


def test_every_mistake_of_a_fit_file_is_told_with_those_of_names(wm, bank, tree) -> None:
    (bank / "fit.yaml").write_text(
        "startz: 2\nmethod: newton\nparameters: {rate: {bounds: [1, 0]}, rat: {}}\n"
        "series: {balance: mony, balanse: money}\n"
        "backtest: {fit_window: [0, 6], score_window: [5, 9]}\n"
    )
    before = tree()
    for verb in ("calibrate", "backtest", "forecast"):
        ended = wm(verb, *_WORDS)
        assert ended.status == 2
        for part in ("startz", "newton", "bounds 1 and 0", "'rat'", "'mony' in money.csv",
                     "'balanse'", "score_window"):  # fmt: skip
            assert part in ended.err, part
    assert tree() == before


def test_units_of_columns_are_stated_or_said_to_be_assumed(wm, bank) -> None:
    said = wm("calibrate", *_WORDS)
    assert "unit of money assumed: usd, as the model" in said.out
    said = wm("calibrate", *_WORDS, "units.money=usd")
    assert said.status == 0 and "assumed" not in said.out
    said = wm("calibrate", *_WORDS, "units={money: kelvin}")
    assert said.status == 2
    for part in ("money.csv, column 'money'", "'kelvin'", "'usd'", "'balance'", "fit.yaml"):
        assert part in said.err


def test_a_column_nobody_needs_may_hold_anything(wm, bank) -> None:
    rows = pd.read_csv(bank / "money.csv").rename(columns={"time": "year"})
    rows["year"] += 2000
    rows.assign(rain="wet").to_csv(bank / "money.csv", index=False)
    said = wm("calibrate", *_WORDS, "epoch=2000", "output=a.yaml")
    assert said.status == 0, said.err
    rate = yaml.safe_load((bank / "a.yaml").read_text())["variables"]["rate"]["value"]
    rows["time"] = rows["year"] - 2000
    rows.to_csv(bank / "money.csv", index=False)
    assert rate == pytest.approx(_best_rate(bank / "money.csv"), rel=1e-6)


def test_numbers_in_a_column_of_another_unit_of_time_are_refused(wm, bank) -> None:
    rows = pd.read_csv(bank / "money.csv").rename(columns={"time": "day"})
    rows.to_csv(bank / "money.csv", index=False)
    said = wm("calibrate", *_WORDS)
    assert said.status == 2
    for part in ("money.csv, column 'day'", "year", "time_unit=year"):
        assert part in said.err
    assert wm("calibrate", *_WORDS, "time_unit=year").status == 0


def test_packed_months_need_a_frequency(wm, bank) -> None:
    rows = pd.read_csv(bank / "money.csv")
    rows["time"] = [f"20000{k + 1}" for k in range(9)] + ["200010", "200011"]
    rows.to_csv(bank / "money.csv", index=False)
    said = wm("calibrate", *_WORDS)
    assert said.status == 2 and "frequency=month" in said.err
    said = wm("calibrate", *_WORDS, "frequency=month", "epoch=2000-01", "max_evaluations=2")
    assert said.status == 0, said.err


def test_draws_need_a_calibration(wm, bank) -> None:
    said = wm("sweep", "model=savings.yaml", "draws=5")
    assert said.status == 2 and "calibration=RUN" in said.err
    assert wm("forecast", "model=savings.yaml", "calibration=nowhere").status == 2


_LONG = (*_WORDS, "method=adam", "tolerance=1e-300", "max_evaluations=3000")


def _started(folder: Path) -> subprocess.Popen[str]:
    """A calibration that has written a checkpoint and has a way to go."""
    environment = {k: v for k, v in os.environ.items() if k != "WMJAX_HOME"}
    command = [sys.executable, "-m", "wmjax", "calibrate", *_LONG, "store.path=cut"]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not list(folder.glob("cut/*/checkpoints/fit.npz")):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    return process


def _rate(folder: Path, store: str) -> float:
    (record,) = RunStore(folder / store).list(verb="calibrate")
    assert record.status == "done"
    table = pd.read_csv(record.folder / "parameters.csv")
    return float(table.loc[table["parameter"] == "rate", "value"].iloc[0])


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_calibration_that_was_cut_short_goes_on_to_the_same_answer(wm, bank, how) -> None:
    process = _started(bank)
    process.send_signal(how)
    _, said = process.communicate(timeout=60)
    assert process.returncode == (130 if how == signal.SIGINT else -signal.SIGKILL)
    assert "Traceback" not in said
    (record,) = RunStore(bank / "cut").list()
    assert record.status == "interrupted"
    assert wm("runs", "resume", record.id, "store.path=cut").status == 0
    assert wm("calibrate", *_LONG, "store.path=whole").status == 0
    assert _rate(bank, "cut") == _rate(bank, "whole")


@pytest.mark.slow
def test_the_demo_writes_a_report_and_prints_the_skill_table(program, folder) -> None:
    # Inside 1960-1999: every look at later years is logged by hand.
    from wmjax._resources import resource_dir

    text = (resource_dir("data") / "models" / "world" / "protocol.yaml").read_text()
    text = re.sub(r"fit_window: \[.*?\]", "fit_window: [1960, 1985]", text)
    text = re.sub(r"score_window: \[.*?\]", "score_window: [1986, 1999]", text)
    (folder / "early.yaml").write_text(text)
    done = program("demo", "fit=early.yaml", "draws=20", "horizon=2030", "structure_seconds=8")
    assert done.status == 0, done.err
    assert "1986-1999, forecast from the end of 1985" in done.out
    said = next(line for line in done.out.splitlines() if line.startswith("report: "))
    report = Path(said.removeprefix("report: "))
    html = report.read_text(encoding="utf-8")
    assert report.name == "report.html" and "world" in html
    assert "A drafted structure, and what its links are worth" in html
    assert not re.search(r'(?:src|<link[^>]*href)="[a-z]*:?//', html)
    assert len(list((report.parent / "charts").glob("*.png"))) > 20
