"""Scores against closed forms, brute force, and what a score has to satisfy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import integrate, stats

from wmjax import UserError
from wmjax.scenario import bias, coverage, crps, interval, mase, rmse


_numbers = st.floats(-1e3, 1e3, allow_nan=False).map(lambda x: round(x, 6))


@st.composite
def _forecasts(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    m, n = draw(st.integers(1, 12)), draw(st.integers(1, 5))
    return draw(arrays(float, (m, n), elements=_numbers)), draw(arrays(float, n, elements=_numbers))


def _crps_by_definition(ensemble: np.ndarray, observed: np.ndarray) -> float:
    spread = np.abs(ensemble[:, None] - ensemble[None]).mean((0, 1))
    return float((np.abs(ensemble - observed).mean(0) - spread / 2).mean())


@given(_forecasts())
@settings(max_examples=60, deadline=None)
def test_crps_is_the_double_sum_of_its_definition(case: tuple[np.ndarray, np.ndarray]) -> None:
    ensemble, observed = case
    got = crps(ensemble, observed)
    assert got == pytest.approx(_crps_by_definition(ensemble, observed), abs=1e-9)
    assert got >= -1e-12
    assert got <= np.abs(ensemble - observed).mean() + 1e-9
    assert crps(ensemble[::-1], observed) == pytest.approx(got, abs=1e-12)


@given(_forecasts(), st.floats(0.1, 10), st.floats(-5, 5))
@settings(max_examples=40, deadline=None)
def test_crps_moves_with_the_unit(
    case: tuple[np.ndarray, np.ndarray], scale: float, shift: float
) -> None:
    ensemble, observed = case
    moved = crps(ensemble * scale + shift, observed * scale + shift)
    assert moved == pytest.approx(scale * crps(ensemble, observed), abs=1e-8)


def test_crps_is_the_integral_of_the_squared_difference_of_distributions() -> None:
    members, y = np.array([-1.2, 0.1, 0.1, 0.7, 2.5]), 0.4

    def gap(x: float) -> float:
        return (np.mean(members <= x) - float(y <= x)) ** 2

    points = sorted({*members, y})
    area = sum(
        integrate.quad(gap, a + 1e-12, b - 1e-12)[0]
        for a, b in zip(points, points[1:], strict=False)
    )
    assert crps(members[:, None], [y]) == pytest.approx(area, abs=1e-9)


def test_crps_of_many_normal_draws_is_the_closed_form() -> None:
    rng = np.random.default_rng(0)
    mean, sd, y = np.array([0.0, 1.0, -2.0]), np.array([1.0, 0.5, 3.0]), np.array([0.3, 2.0, -2.0])
    z = (y - mean) / sd
    exact = sd * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
    draws = mean + sd * rng.standard_normal((200_000, 3))
    assert crps(draws, y) == pytest.approx(exact.mean(), rel=5e-3)


def test_crps_of_one_member_is_the_absolute_error() -> None:
    assert crps([[1.0, 2.0]], [4.0, 1.5]) == pytest.approx((3.0 + 0.5) / 2)


def test_crps_prefers_the_true_distribution() -> None:
    rng = np.random.default_rng(1)
    truth = rng.standard_normal(4000)
    draws = rng.standard_normal((100, 4000))
    right = crps(draws, truth)
    assert right < crps(draws * 0.5, truth)
    assert right < crps(draws * 2.0, truth)
    assert right < crps(draws + 0.5, truth)


def test_errors_of_a_path_by_hand() -> None:
    errors = [1.0, -3.0, 2.0]
    assert rmse(errors) == pytest.approx(np.sqrt(14 / 3))
    assert bias(errors) == pytest.approx(0.0)
    assert mase(errors, [1.0, 2.0, 4.0, 3.0]) == pytest.approx(2.0 / (4 / 3))
    assert mase(errors, [1.0, 2.0, 4.0, 3.0], season=2) == pytest.approx(2.0 / 2.0)


@given(arrays(float, 7, elements=_numbers), st.floats(0.1, 100), st.floats(-50, 50))
@settings(max_examples=40, deadline=None)
def test_mase_has_no_unit_and_rmse_bounds_bias(
    errors: np.ndarray, scale: float, shift: float
) -> None:
    sample = np.array([3.0, 5.0, 4.0, 8.0])
    got = mase(errors * scale, sample * scale + shift)
    assert got == pytest.approx(mase(errors, sample), rel=1e-9, abs=1e-9)
    assert abs(bias(errors)) <= rmse(errors) * (1 + 1e-12)


def test_naive_forecast_within_the_sample_has_mase_one() -> None:
    sample = np.cumsum(np.random.default_rng(2).standard_normal(50))
    assert mase(np.diff(sample), sample) == pytest.approx(1.0)


def test_mase_without_a_scale_is_not_a_number() -> None:
    assert np.isnan(mase([1.0], [2.0, 2.0, 2.0]))


def test_interval_of_a_known_ensemble() -> None:
    low, high = interval(np.arange(101.0)[:, None] * [1.0, 2.0], 0.9)
    np.testing.assert_allclose(low, [5.0, 10.0])
    np.testing.assert_allclose(high, [95.0, 190.0])


def test_coverage_of_a_calibrated_ensemble_is_its_level() -> None:
    rng = np.random.default_rng(3)
    truth, draws = rng.standard_normal(5000), rng.standard_normal((400, 5000))
    assert coverage(draws, truth, 0.9) == pytest.approx(0.9, abs=0.015)
    assert coverage(draws, truth, 0.5) == pytest.approx(0.5, abs=0.025)
    assert coverage(draws * 0.1, truth, 0.9) < 0.2
    assert coverage(np.zeros((3, 2)), [0.0, 1.0], 0.5) == 0.5


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: rmse([]),
        lambda: bias([1.0, np.nan]),
        lambda: mase([1.0], [1.0]),
        lambda: crps(np.zeros((3, 2)), np.zeros(3)),
        lambda: crps(np.array([[np.inf]]), np.zeros(1)),
        lambda: coverage(np.zeros((3, 2)), np.zeros(2), 90),
    ],
)
def test_what_has_no_score_is_refused(wrong: object) -> None:
    with pytest.raises(UserError, match="wanted"):
        wrong()  # type: ignore[operator]
