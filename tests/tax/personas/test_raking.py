"""Iterative proportional fitting against closed forms, a regression and an optimiser."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from scipy.optimize import minimize

from wmjax._errors import UserError
from wmjax.tax.personas import Margin, Spread, rake


ROWS, COLUMNS = np.array([3.0, 5.0, 2.0]), np.array([1.0, 4.0, 2.5, 2.5])


def test_without_association_the_table_is_the_product_of_its_margins() -> None:
    table = rake(np.ones((3, 4)), [Margin((0,), ROWS), Margin((1,), COLUMNS)])
    np.testing.assert_allclose(table, np.outer(ROWS, COLUMNS) / 10, rtol=1e-12)


def test_two_by_two_has_the_odds_of_the_seed() -> None:
    seed = np.array([[4.0, 1.0], [2.0, 3.0]])  # odds ratio 6
    table = rake(seed, [Margin((0,), np.array([0.3, 0.7])), Margin((1,), np.array([0.6, 0.4]))])
    # a (a + 0.1) = 6 (0.3 - a) (0.6 - a) for the upper left cell a
    roots = np.roots([1 - 6, 0.1 + 6 * 0.9, -6 * 0.18])
    upper_left = roots[(roots > 0) & (roots < 0.3)]
    assert table[0, 0] == pytest.approx(float(upper_left[0]), rel=1e-10)
    assert table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0]) == pytest.approx(6)


def test_a_log_linear_regression_finds_the_same_table() -> None:
    seed = np.random.default_rng(0).uniform(0.2, 3.0, (3, 4))
    ours = rake(seed, [Margin((0,), ROWS), Margin((1,), COLUMNS)])
    row, column = np.divmod(np.arange(12), 4)
    design = np.hstack([np.eye(3)[row], np.eye(4)[column][:, 1:]])
    wanted = np.outer(ROWS, COLUMNS).ravel() / 10  # any table with these margins
    offset = np.log(seed).ravel()
    fit = sm.GLM(wanted, design, family=sm.families.Poisson(), offset=offset).fit(tol=1e-12)
    np.testing.assert_allclose(ours.ravel(), fit.fittedvalues, rtol=1e-8)


def test_it_is_the_nearest_table_in_relative_entropy() -> None:
    seed = np.array([[1.0, 2.0], [3.0, 1.0]])
    ours = rake(seed, [Margin((0,), np.array([2.0, 3.0])), Margin((1,), np.array([1.0, 4.0]))])

    def distance(corner: np.ndarray) -> float:
        a = corner[0]
        table = np.array([[a, 2 - a], [1 - a, 2 + a]])
        return float(np.sum(table * np.log(table / seed)))

    found = minimize(distance, [0.5], bounds=[(1e-9, 1 - 1e-9)], tol=1e-14)
    assert ours[0, 0] == pytest.approx(found.x[0], abs=1e-6)


def test_margins_of_two_axes_in_any_order() -> None:
    random = np.random.default_rng(1)
    target = random.uniform(1, 2, (2, 3, 4))
    pairs = [
        Margin((0, 1), target.sum(2)), Margin((2, 0), target.sum(1).T),
        Margin((1, 2), target.sum(0)),
    ]  # fmt: skip
    table = rake(random.uniform(1, 2, (2, 3, 4)), pairs)
    for axis in range(3):
        np.testing.assert_allclose(table.sum(axis), target.sum(axis), rtol=1e-9)


@pytest.mark.parametrize(
    ("seed", "margins", "words"),
    [(np.ones((2, 2)), [np.array([1.0, 2.0]), np.array([1.0, 1.0])], "3, 2"),
     (np.ones((2, 2)), [np.array([1.0, -1.0]), np.array([0.0, 0.0])], "negative"),
     (np.ones((2, 2)), [np.ones(3), np.ones(2)], "shape"),
     (np.array([[0.0, 0.0], [1.0, 1.0]]), [np.ones(2), np.ones(2)], "seed is zero"),
     (np.array([[0.0, 1.0], [1.0, 0.0]]), [np.array([1.0, 2.0]), np.array([1.0, 2.0])], "rounds")],
)  # fmt: skip
def test_what_no_table_can_have(seed, margins, words: str) -> None:
    wanted = [Margin((axis,), total) for axis, total in enumerate(margins)]
    with pytest.raises(UserError, match=words):
        rake(seed, wanted, rounds=50)


def test_a_log_normal_is_found_from_its_percentiles() -> None:
    truth = stats.lognorm(0.6, scale=50_000)
    ranks = np.array([0.1, 0.25, 0.5, 0.75, 0.9])
    spread = Spread(truth.ppf(ranks), ranks)
    shares = np.linspace(0.01, 0.99, 25)
    np.testing.assert_allclose(spread.quantile(shares), truth.ppf(shares), rtol=1e-9)
    np.testing.assert_allclose(spread.cdf(truth.ppf(shares)), shares, rtol=1e-9)
