"""Naive forecasts by hand and by statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from calibration import baseline
from calibration._fit_file import BacktestSettings


_TIMES = np.arange(1960.0, 2000)
_VALUES = 100 * 1.03 ** (_TIMES - 1960)
_AHEAD = np.array([2000.0, 2001, 2005])


def test_by_hand() -> None:
    assert baseline("persistence", _TIMES, _VALUES, _AHEAD) == pytest.approx([_VALUES[-1]] * 3)
    slope = (_VALUES[-1] - _VALUES[-11]) / 10
    assert baseline("drift_10", _TIMES, _VALUES, _AHEAD) == pytest.approx(
        _VALUES[-1] + slope * np.array([1, 2, 6]))  # fmt: skip
    whole = (_VALUES[-1] - _VALUES[0]) / 39
    assert baseline("drift_full", _TIMES, _VALUES, _AHEAD) == pytest.approx(
        _VALUES[-1] + whole * np.array([1, 2, 6]))  # fmt: skip
    for name in ("log_drift_10", "log_drift_full", "log_drift_2.5"):
        assert baseline(name, _TIMES, _VALUES, _AHEAD) == pytest.approx(
            100 * 1.03 ** (_AHEAD - 1960))  # fmt: skip


def test_damped_trend_is_that_of_another_implementation() -> None:
    rng = np.random.default_rng(0)
    values = 50 + np.cumsum(1 + 0.3 * rng.normal(size=40))
    ours = baseline("damped_trend", _TIMES, values, _AHEAD)
    state_space = ETSModel(values, trend="add", damped_trend=True).fit(disp=False)
    theirs = np.asarray(state_space.forecast(6))[[0, 1, 5]]
    assert ours == pytest.approx(theirs, rel=0.01)
    assert np.diff(ours)[0] > 0


def test_scale_does_not_matter_to_the_damped_trend() -> None:
    small = baseline("damped_trend", _TIMES, _VALUES, _AHEAD)
    large = baseline("damped_trend", _TIMES, 1e12 * _VALUES, _AHEAD)
    assert large == pytest.approx(1e12 * small, rel=1e-6)


def test_what_they_fall_back_to() -> None:
    falling = 10.0 - np.arange(40)
    assert baseline("log_drift_10", _TIMES, falling, _AHEAD) == pytest.approx(
        baseline("drift_10", _TIMES, falling, _AHEAD))  # fmt: skip
    for name in ("drift_10", "damped_trend"):
        assert baseline(name, _TIMES[:1], _VALUES[:1], _AHEAD) == pytest.approx([_VALUES[0]] * 3)
    flat = np.full(40, 7.0)
    assert baseline("damped_trend", _TIMES, flat, _AHEAD) == pytest.approx([7.0] * 3)
    with pytest.raises(ValueError, match="no row"):
        baseline("persistence", _TIMES[:0], _VALUES[:0], _AHEAD)


def test_an_unknown_baseline_is_refused() -> None:
    with pytest.raises(ValueError, match="'drift' is no baseline; wanted persistence"):
        BacktestSettings(baselines=("drift",))
