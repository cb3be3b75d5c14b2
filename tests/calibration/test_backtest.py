"""Backtests: nothing of the future is used, and the scores are what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from calibration import FitFile, FitTerm, backtest
from wmjax._errors import UserError
from wmjax.model import compile_model, with_parameters
from wmjax.series import Observations, load_observations


_NAMES = ("persistence", "drift_10", "damped_trend")


def _driven():
    """x' = g x with a driver that is observed beyond the origin, and y = 3 x beside it."""
    times = list(range(1960, 2011))
    driver = [1.0 + 0.1 * np.sin(t) + (5.0 if t > 1990 else 0.0) for t in times]
    return compile_model({
        "name": "driven", "time": {"start": 1960, "end": 2020, "step": 0.5, "save_every": 1},
        "variables": {
            "g": {"kind": "parameter", "value": 0.01, "trainable": True, "bounds": [0, 0.2]},
            "push": {"kind": "series", "times": times, "values": driver, "beyond": "mean"},
            "x": {"kind": "stock", "initial": 10, "inflows": ["rise"], "observed": "x"},
            "rise": {"kind": "flow", "equation": "g * push * x"},
            "y": {"kind": "auxiliary", "equation": "3 * x", "observed": "y"},
        },
    })  # fmt: skip


def _data() -> Observations:
    years = np.arange(1960.0, 2011)
    rng = np.random.default_rng(3)
    x = 10 * np.exp(0.02 * (years - 1960)) * np.exp(0.02 * rng.normal(size=51))
    y = 30 * np.exp(0.02 * (years - 1960)) * np.exp(0.02 * rng.normal(size=51))
    frame = pd.DataFrame({"year": years.astype(int), "x": x, "y": y})
    return load_observations(frame, units={"x": "1", "y": "1"})


@pytest.fixture(scope="module")
def split():
    return backtest(_driven(), _data(), fit_window=(1960, 1990), score_window=(1991, 2005),
                    baselines=_NAMES, draws=100)  # fmt: skip


def _poisoned(data: Observations, origin: float, how: str) -> Observations:
    if how == "absent":
        return data.window(None, origin + 15)
    rng = np.random.default_rng(9)
    return Observations(
        replace(s, values=np.where(s.times > origin, 1e6 * rng.normal(size=len(s)), s.values))
        for s in data.values()
    )


def test_garbage_after_the_origin_changes_no_forecast(split) -> None:
    spoilt = backtest(_driven(), _poisoned(_data(), 1990, "garbage"), fit_window=(1960, 1990),
                      score_window=(1991, 2005), baselines=_NAMES, draws=100)  # fmt: skip
    kept = [c for c in split.forecasts.columns if c != "observed"]
    pd.testing.assert_frame_equal(spoilt.forecasts[kept], split.forecasts[kept], check_exact=True)
    assert spoilt.fits[0].parameters == split.fits[0].parameters
    assert not np.allclose(spoilt.forecasts["observed"], split.forecasts["observed"])


def test_rows_that_never_came_change_no_forecast(split) -> None:
    cut = backtest(_driven(), _poisoned(_data(), 1990, "absent"), fit_window=(1960, 1990),
                   score_window=(1991, 2005), baselines=_NAMES, draws=100)  # fmt: skip
    pd.testing.assert_frame_equal(cut.forecasts, split.forecasts, rtol=1e-6)


def test_drivers_after_the_origin_are_not_used(split) -> None:
    spec = _driven().spec
    push = spec.variables["push"]
    values = [v if t <= 1990 else -1e3 for t, v in zip(push.times, push.values, strict=True)]
    wild = push.model_copy(update={"values": tuple(values)})
    other = compile_model(spec.model_copy(update={"variables": {**spec.variables, "push": wild}}))
    again = backtest(other, _data(), fit_window=(1960, 1990), score_window=(1991, 2005),
                     baselines=_NAMES, draws=100)  # fmt: skip
    pd.testing.assert_frame_equal(again.forecasts, split.forecasts, check_exact=True)


def test_a_model_that_was_fitted_before_starts_again_from_the_spec(split) -> None:
    fitted = with_parameters(_driven(), {"g": 0.15})
    again = backtest(fitted, _data(), fit_window=(1960, 1990), score_window=(1991, 2005),
                     baselines=_NAMES, draws=100)  # fmt: skip
    pd.testing.assert_frame_equal(again.forecasts, split.forecasts, check_exact=True)


def test_scores_by_hand(split) -> None:
    rows = split.forecasts[split.forecasts["series"] == "x"]
    table = split.table().set_index(["series", "method"])
    observed = _data()["x"]
    seen = observed.values[observed.times <= 1990]
    assert rows["time"].tolist() == list(range(1991, 2006))
    for method in ("model", *_NAMES):
        error = (rows[method] - rows["observed"]).to_numpy()
        row = table.loc[("x", method)]
        assert row["rmse"] == pytest.approx(np.sqrt(np.mean(error**2)))
        assert row["bias"] == pytest.approx(error.mean())
        assert row["mase"] == pytest.approx(np.abs(error).mean() / np.abs(np.diff(seen)).mean())
    inside = (rows["observed"] >= rows["q05"]) & (rows["observed"] <= rows["q95"])
    assert table.loc[("x", "model"), "coverage_90"] == pytest.approx(inside.mean())
    assert np.isnan(table.loc[("x", "drift_10"), "crps"])
    assert rows["persistence"].unique() == pytest.approx([seen[-1]])


def test_forecast_leaves_the_last_observation_slowly(split) -> None:
    """At the first row the forecast is the path with rho of the last residual left."""
    fit = split.fits[0]
    frame = fit.residuals["x"]
    process = fit.residual_process()["x"]
    rows = split.forecasts[split.forecasts["series"] == "x"]
    left = process.rho * (frame["observed"] - frame["fitted"])[1990.0]
    assert rows["model"].iloc[0] == pytest.approx(frame["fitted"][1991.0] + left)


def test_summary_and_words(split) -> None:
    skill = split.summary
    wide = split.mase
    means = {m: float(np.exp(np.log(wide[m]).mean())) for m in wide.columns}
    assert skill.geometric_mase == pytest.approx(means)
    assert skill.best_naive == min(_NAMES, key=lambda m: means[m])
    assert skill.ratio == pytest.approx(means["model"] / means[skill.best_naive])
    assert skill.won == pytest.approx((wide["model"] < wide[skill.best_naive]).mean())
    for series in wide.index[wide["model"] >= wide[skill.best_naive]]:
        assert f"  {series}: MASE" in split.words()


def test_rolling_origins(tmp_path) -> None:
    ask = {"origins": [1980, 1985, 1990], "horizon": 5, "baselines": _NAMES, "draws": 20}
    rolled = backtest(_driven(), _data(), **ask, checkpoint=tmp_path / "origins")
    assert len(rolled.fits) == 3
    assert rolled.forecasts.groupby(["origin", "series"]).size().unique().tolist() == [5]
    assert [f.window.end for f in rolled.fits] == [1980, 1985, 1990]
    one = rolled.scores.query("series == 'x' and method == 'model'")
    pooled = rolled.table().query("series == 'x' and method == 'model'").iloc[0]
    assert pooled["n"] == 15
    assert pooled["rmse"] == pytest.approx(np.sqrt((one["rmse"] ** 2).mean()))
    assert pooled["mase"] == pytest.approx(one["mase"].mean())
    seen: list[str] = []
    again = backtest(_driven(), _data(), **ask, checkpoint=tmp_path / "origins",
                     progress=lambda done, total, text: seen.append(text))  # fmt: skip
    assert not seen
    pd.testing.assert_frame_equal(again.scores, rolled.scores, check_exact=True)


def test_a_file_states_the_backtest(split) -> None:
    file = FitFile.model_validate({"backtest": {
        "fit_window": [1960, 1990], "score_window": [1991, 2005], "baselines": list(_NAMES),
        "draws": 100, "origins": [1970, 1980], "horizon": 5}})  # fmt: skip
    same = backtest(_driven(), _data(), settings=file)
    pd.testing.assert_frame_equal(same.scores, split.scores, check_exact=True)
    assert len(backtest(_driven(), _data(), settings=file, kind="rolling").fits) == 2


def test_series_without_a_past_are_named() -> None:
    data = _data()
    late = Observations([data["x"], data["y"].window(1992, 2010)])
    found = backtest(_driven(), late, fit_window=(1960, 1990), score_window=(1991, 2000),
                     baselines=_NAMES, draws=10)  # fmt: skip
    assert found.unscored == ("y",)
    assert set(found.scores["series"]) == {"x"}
    assert "Not scored, for want of data: y." in found.words()


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        ({}, "neither a split nor rolling origins"),
        ({"origins": [1980]}, "neither a split nor rolling origins"),
        ({"score_window": (1991, 2000)}, "no end of the fit window"),
        ({"fit_window": (1960, 1990), "score_window": (1980, 2000)}, "a start at 1980"),
        ({"fit_window": (1960, 1990), "score_window": (2100, 2120)}, "no series with two rows"),
        ({"origins": [1980], "horizon": 5, "baselines": ["naive"]}, "'naive' is no baseline"),
        ({"terms": [FitTerm(variable="q", observed="x")], "origins": [1980], "horizon": 5}, "'q'"),
    ],
)
def test_what_makes_no_sense_is_refused(ask, words: str) -> None:
    with pytest.raises(UserError) as caught:
        backtest(_driven(), _data(), **ask)
    assert words in str(caught.value)


def test_saved_tables(split, tmp_path) -> None:
    split.save(tmp_path / "out")
    skill = pd.read_csv(tmp_path / "out" / "skill.csv")
    assert len(skill) == 2 * 4
    assert (tmp_path / "out" / "skill.txt").read_text().startswith("Over 2 series")
