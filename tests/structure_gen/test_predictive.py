"""The predictive density against distributions of scipy, and the price against Ville's bound."""

import math

import numpy as np
import pytest
from scipy import stats

from calibration import ResidualTable
from structure_gen._predictive import FREEDOM, Noise, innovations, learn_noise, score_block
from structure_gen._verdict import Gain, price, rule


TIMES = np.arange(2000.0, 2040.0)


def _process(rng, n, rho, sigma):
    x = np.zeros(n)
    x[0] = rng.standard_normal() * sigma / np.sqrt(1 - rho**2)
    for t in range(1, n):
        x[t] = rho * x[t - 1] + sigma * rng.standard_normal()
    return x


def test_innovations_whiten_the_covariance_of_an_autoregressive_process():
    rho, sigma = 0.7, 0.3
    lags = np.abs(np.subtract.outer(np.arange(12), np.arange(12)))
    covariance = sigma**2 / (1 - rho**2) * rho**lags
    x = np.linalg.cholesky(covariance) @ np.random.default_rng(0).standard_normal(12)
    e = innovations(np.arange(12.0), x, Noise(rho, sigma, 1.0))
    wanted = stats.multivariate_normal(cov=covariance).logpdf(x)
    found = stats.norm(scale=sigma).logpdf(e).sum() + 0.5 * math.log(1 - rho**2)
    assert found == pytest.approx(wanted, rel=1e-12)


def test_gaps_between_rows_are_bridged_exactly():
    rho, sigma, times = 0.8, 0.2, np.array([0.0, 1.0, 4.0, 5.0, 9.0])
    covariance = sigma**2 / (1 - rho**2) * rho ** np.abs(np.subtract.outer(times, times))
    x = np.linalg.cholesky(covariance) @ np.random.default_rng(1).standard_normal(5)
    e = innovations(times, x, Noise(rho, sigma, 1.0))
    gaps = np.diff(times)
    scale = np.sqrt((1 - rho ** (2 * gaps)) / (1 - rho**2))
    found = stats.norm(scale=sigma).logpdf(e).sum() - np.log(scale).sum()
    wanted = stats.multivariate_normal(cov=covariance).logpdf(x)
    assert found + 0.5 * math.log(1 - rho**2) == pytest.approx(wanted, rel=1e-12)


def test_a_block_is_scored_by_students_density_given_the_rows_before():
    rng = np.random.default_rng(2)
    r, seen = _process(rng, 40, 0.5, 0.1), np.cumsum(rng.standard_normal(40))
    found = score_block(_table(r, seen), 2029.0, 2034.0)
    noise = learn_noise(TIMES[:30], r[:30], float(seen[:30].std()))
    steps = r[30:35] - noise.rho * r[29:34]
    t = stats.t(FREEDOM, scale=noise.sigma * math.sqrt((FREEDOM - 2) / FREEDOM))
    assert found.density == pytest.approx(t.logpdf(steps).sum(), rel=1e-12)
    assert found.rows == 5


def test_the_estimated_noise_is_near_the_true_one():
    r = _process(np.random.default_rng(3), 4000, 0.6, 0.05)
    noise = learn_noise(np.arange(4000.0), r, 1e-6)
    assert noise.rho == pytest.approx(0.6, abs=0.04)
    assert noise.sigma == pytest.approx(0.05, rel=0.03)


def test_nothing_is_scored_before_six_rows_and_a_blown_up_forecast_has_no_density():
    r = np.full(40, 0.1)
    assert score_block(_table(r, r), 2003.0, 2010.0) is None
    r = np.append(np.random.default_rng(4).standard_normal(30), np.full(10, np.nan))
    assert score_block(_table(r, TIMES), 2029.0, 2039.0).density == -math.inf


def test_useless_regressors_pass_the_price_no_more_often_than_promised():
    """Ten useless regressors and a straight line, in autocorrelated noise, as refine does it."""
    rng, tries, taken = np.random.default_rng(5), 300, 0
    origins = (2015.0, 2020.0, 2025.0, 2030.0, 2035.0, 2039.0)
    for _ in range(tries):
        y = _process(rng, 40, rng.choice([0.0, 0.5, 0.9]), 1.0)
        line = np.vander(np.arange(40.0) / 40, 2)
        before = _blocks(y, line, origins)
        for _ in range(10):
            cause = np.cumsum(rng.standard_normal(40)) / 5
            gained = _blocks(y, np.column_stack([line, cause]), origins) - before
            error = math.sqrt(5) * float(np.std(gained, ddof=1))
            found = Gain(float(gained.sum()), error, {})
            taken += rule(found, price(10, 1), simpler=False, sign=1.0, polarity="") == "better"
    assert taken <= 0.05 * tries + 2 * math.sqrt(0.05 * tries)


def test_uncertain_parameters_widen_a_block_together():
    """Against a multivariate normal, for large degrees of freedom in effect: log densities of
    whitened innovations add up to that of the block with the full covariance."""
    rng = np.random.default_rng(6)
    r, spread = _process(rng, 40, 0.4, 0.1), 0.2 * np.vander(np.arange(40.0) / 40, 2)
    table = _table(r, np.cumsum(rng.standard_normal(40)), spread)
    found = score_block(table, 2029.0, 2034.0)
    noise = learn_noise(TIMES[:30], r[:30], 0.0)
    steps, moved = (v[1:] - noise.rho * v[:-1] for v in (r[29:35], spread[29:35]))
    root = np.linalg.cholesky(noise.sigma**2 * np.eye(5) + moved @ moved.T)
    t = stats.t(FREEDOM, scale=math.sqrt((FREEDOM - 2) / FREEDOM))
    wanted = t.logpdf(np.linalg.solve(root, steps)).sum() - np.log(np.diag(root)).sum()
    assert found.density == pytest.approx(wanted, rel=1e-12)
    assert found.density != score_block(_table(r, table.observed), 2029.0, 2034.0).density


def _table(residuals, observed, spread=None):
    spread = np.zeros((len(residuals), 0)) if spread is None else spread
    return ResidualTable(TIMES, observed, residuals, TIMES < 2030, spread)


def _blocks(y, x, origins):
    found = []
    for start, end in zip(origins[:-1], origins[1:], strict=True):
        known = TIMES <= start
        b = np.linalg.lstsq(x[known], y[known], rcond=None)[0]
        found.append(score_block(_table(y - x @ b, y), start, end).density)
    return np.array(found)


def test_rulings():
    assert price(10, 1, 0.05) == pytest.approx(math.log(10 / 0.05 * 2))
    strong, even = Gain(9.0, 3.0, {}), Gain(9.0, 12.0, {})
    assert rule(strong, 6.0, simpler=False, sign=1.0, polarity="+") == "better"
    assert rule(strong, 6.0, simpler=False, sign=-1.0, polarity="+") == "wrong sign"
    assert rule(strong, 10.0, simpler=False, sign=1.0, polarity="") == "weak"
    assert rule(even, 6.0, simpler=False, sign=1.0, polarity="") == "uneven"
    assert rule(Gain(0.0, 0.0, {}), 6.0, simpler=True, sign=0.0, polarity="") == "better"
    assert rule(Gain(-0.1, 0.0, {}), 6.0, simpler=True, sign=0.0, polarity="") == "weak"
    assert rule(Gain(-math.inf, 0.0, {}), 6.0, simpler=True, sign=0.0, polarity="") == "failed"
