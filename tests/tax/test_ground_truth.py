"""Numbers of public tax law, of published fits, and of closed forms."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wmjax.tax import (
    PUBLISHED,
    US_INCOME_2023,
    Economy,
    QuasiLinear,
    Schedule,
    best_response,
    gini,
    schedule,
    top_rate,
    us_federal,
    us_income_skills,
)


FIVE = jnp.array([10.0, 20.0, 40.0, 80.0, 160.0])


# IRS Revenue Procedure 2023-34: the schedule of single filers for 2024.
@pytest.mark.parametrize(
    ("income", "due"),
    [(5_000, 500.00), (11_600, 1_160.00), (20_000, 2_168.00), (40_000, 4_568.00),
     (47_150, 5_426.00), (60_000, 8_253.00), (75_000, 11_553.00), (100_000, 17_053.00),
     (100_525, 17_168.50), (150_000, 29_042.50), (191_950, 39_110.50), (200_000, 41_686.50),
     (243_725, 55_678.50), (250_000, 57_874.75), (300_000, 75_374.75), (609_350, 183_647.25),
     (1_000_000, 328_187.75)],
)  # fmt: skip
def test_the_federal_tax_of_2024_to_the_cent(income: float, due: float) -> None:
    found = us_federal(2024).tax(jnp.asarray(float(income)))
    assert round(float(found), 2) == due


# The edges are those of 2019. The AI Economist has them too, and calls them those of 2018.
def test_the_federal_tax_of_2019_to_the_cent() -> None:
    law = us_federal(2019)
    due = [970, 4_543, 14_382.5, 32_748.5, 46_628.5, 153_798.5]
    np.testing.assert_array_equal(law.floors[1:], [9700, 39475, 84200, 160725, 204100, 510300])
    np.testing.assert_allclose(law.tax(law.floors[1:]), due, atol=1e-9)


def test_marginal_rates_are_the_slope_of_the_tax() -> None:
    federal = us_federal(2024)
    income = jnp.array([100.0, 11_700.0, 60_000.0, 150_000.0, 200_000.0, 3e5, 7e5, 5e7])
    slope = jax.vmap(jax.grad(federal.tax))(income)
    np.testing.assert_allclose(slope, federal.marginal(income), atol=1e-12)
    np.testing.assert_allclose(slope, [0.1, 0.12, 0.22, 0.24, 0.32, 0.35, 0.37, 0.37])


def test_small_rates_and_the_largest_incomes_are_taxed() -> None:  # defect 17
    small = schedule("three", [0.35, 0.001, 0])
    due = small.tax(jnp.array([80_000.0, 100_000.0, 1e9]))
    np.testing.assert_allclose(due, [280.0, 315.1, 315.691], rtol=1e-12)
    found = Economy(us_income_skills(50), QuasiLinear()).equilibrium(small)
    assert float(found.rebate) > 0
    federal, edge = us_federal(2024), 1e7
    above = federal.tax(jnp.asarray(3 * edge)) - federal.tax(jnp.asarray(edge))
    assert float(above) == pytest.approx(0.37 * 2 * edge, rel=1e-12)


def test_what_is_paid_comes_back() -> None:
    economy = Economy(us_income_skills(1000), QuasiLinear())
    found = economy.equilibrium(us_federal(2024))
    assert float(jnp.sum(found.tax)) == pytest.approx(1000 * float(found.rebate), rel=1e-12)
    np.testing.assert_allclose(found.money, found.income - found.tax + found.rebate)


@pytest.mark.parametrize(
    ("share", "income"),
    [(0.10, 6_850.6), (0.25, 17_393), (0.5, 38_101.5), (0.75, 72_159), (0.9, 124_509),
     (0.95, 175_432), (0.99, 361_313), (0.999, 967_607)],
)  # fmt: skip
def test_quantiles_of_us_incomes(share: float, income: float) -> None:
    found = US_INCOME_2023.quantile(np.array(share))
    assert found == pytest.approx(income, rel=1e-5)
    assert US_INCOME_2023.cdf(found) == pytest.approx(share, abs=1e-12)


def test_mean_inequality_and_brackets_of_us_incomes() -> None:
    assert US_INCOME_2023.mean() == pytest.approx(59_249.2, abs=0.1)
    # 400,001 points instead of the closed form: Gini .5301, top 10 % .3885, both to 4 digits.
    income = US_INCOME_2023.quantile((np.arange(400_001) + 0.5) / 400_001)
    assert float(gini(jnp.asarray(income))) == pytest.approx(0.5301, abs=2e-4)
    top = income[income > US_INCOME_2023.quantile(np.array(0.9))]
    assert top.sum() / income.sum() == pytest.approx(0.3885, abs=2e-4)
    edges = np.array([0, 11_600, 47_150, 100_525, 191_950, 243_725, 609_350, np.inf])
    shares = np.diff(US_INCOME_2023.cdf(edges[:-1]), append=1.0)
    np.testing.assert_allclose(
        shares, [0.1687, 0.4162, 0.2671, 0.1067, 0.0168, 0.0215, 0.0030], atol=6e-5
    )


def test_skills_of_the_published_seed() -> None:
    drawn = US_INCOME_2023.quantile(np.random.RandomState(42).uniform(size=5)) / 40
    np.testing.assert_allclose(drawn, [673.940, 4415.724, 1715.842, 1219.391, 267.855], atol=1e-3)


# l* = ((1 - t) v / (c d))^0.4, u = (1 - t)(1 - 1/d) z + t mean(z), with c = .0005, d = 3.5.
@pytest.mark.parametrize(
    ("percent", "hours", "mean", "utility"),
    [(0, [31.8262, 41.9949, 55.4126, 73.1174, 96.4790], 4932.1395,
      [227.33, 599.927, 1583.218, 4178.137, 11026.171]),
     (50, [24.1197, 31.8262, 41.9949, 55.4126, 73.1174], 3737.8628,
      [1955.073, 2096.261, 2468.859, 3452.149, 6047.069]),
     (20, [29.1086, 38.4090, 50.6810, 66.8739, 88.2407], 4510.9846,
      [1068.532, 1341.157, 2060.619, 3959.290, 8969.915])],
)  # fmt: skip
def test_a_linear_tax_in_closed_form(
    percent: float, hours: list[float], mean: float, utility: list[float]
) -> None:
    found = Economy(FIVE, PUBLISHED).equilibrium(schedule("flat", percent))
    np.testing.assert_allclose(found.hours, hours, atol=5e-5)
    np.testing.assert_allclose(found.utility, utility, atol=1e-3)
    assert float(jnp.mean(found.income)) == pytest.approx(mean, abs=1e-4)


def test_inequality_without_tax() -> None:
    found = Economy(FIVE, PUBLISHED).equilibrium(schedule("flat", 0))
    assert float(gini(found.income)) == pytest.approx(0.5717, abs=5e-5)
    assert float(gini(jnp.arange(1.0, 6.0))) == pytest.approx(4 / 15, rel=1e-12)


def test_hours_of_the_one_step_economy() -> None:
    hours = best_response(PUBLISHED, schedule("flat", 0), jnp.array([1.24, 159.1]))
    np.testing.assert_allclose(hours, [13.81, 96.26], atol=5e-3)


def test_people_bunch_at_a_kink() -> None:
    kinked = schedule([0, 2000], [10, 50])
    low, high = 38.3044, 45.3089
    skill = jnp.array([low - 0.01, low + 0.01, 40.0, high - 0.01, high + 0.01])
    income = skill * best_response(PUBLISHED, kinked, skill)
    np.testing.assert_allclose(income[1:4], 2000, rtol=1e-12)
    assert float(income[0]) < 2000 < float(income[4])


def test_the_calibrated_cost_gives_forty_hours() -> None:
    skill = us_income_skills(100_001)
    federal = us_federal(2024)
    hours = best_response(QuasiLinear(), federal, skill)
    assert float(jnp.mean(hours)) == pytest.approx(39.9, abs=0.05)
    np.testing.assert_allclose(np.quantile(hours, [0.1, 0.5, 0.9]), [20.3, 40.0, 59.7], atol=0.05)
    assert float(jnp.mean(hours >= 100)) == pytest.approx(0.004, abs=5e-4)


@pytest.mark.parametrize(
    ("pareto", "elasticity", "rate"),
    [(1.5, 0.25, 0.7273), (1.5, 0.57, 0.5391), (1.5, 0.9, 0.4255), (2, 0.25, 0.6667),
     (2, 0.5, 0.5), (2.364, 0.25, 0.6285), (2.364, 0.4, 0.5140), (2.364, 0.57, 0.4260)],
)  # fmt: skip
def test_top_rates(pareto: float, elasticity: float, rate: float) -> None:
    assert top_rate(pareto, elasticity) == pytest.approx(rate, abs=5e-5)


@pytest.mark.parametrize(
    ("pareto", "free", "held", "weight", "rate"),
    [(2, 0.2, 0.5, 0, 0.5882), (2, 0.2, 0.5, 0.25, 0.5172), (1.6, 0, 0.5, 0, 0.7692)],
)
def test_top_rates_with_income_effects(
    pareto: float, free: float, held: float, weight: float, rate: float
) -> None:
    found = top_rate(pareto, held, weight, uncompensated=free)
    assert found == pytest.approx(rate, abs=5e-5)


def test_virtual_income_joins_the_pieces() -> None:
    federal = us_federal(2024)
    income = jnp.array([5e3, 3e4, 7e4, 1.2e5, 2e5, 4e5, 2e6])
    money = (1 - federal.rates) * income + federal.virtual_income
    np.testing.assert_allclose(money, income - federal.tax(income), rtol=1e-12)


def test_a_schedule_has_a_gradient_in_its_rates() -> None:
    federal = us_federal(2024)
    slope = jax.grad(lambda r: Schedule(federal.floors, r).tax(jnp.asarray(60_000.0)))(
        federal.rates
    )
    np.testing.assert_allclose(slope, [11_600, 35_550, 12_850, 0, 0, 0, 0])
