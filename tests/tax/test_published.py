"""Numbers of the published economies, recomputed: section 11 of the reference."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wmjax.tax import (
    PUBLISHED,
    US_INCOME_2023,
    Economy,
    Isoelastic,
    Schedule,
    best_of_choices,
    bracket_rates,
    gini,
    hsv_tax,
    ladder,
    schedule,
    smoothed,
    top_rate,
    top_rate_of_three,
    us_federal,
    us_income_skills,
)
from wmjax.tax._preferences import box_cox


HOURS = jnp.arange(0.0, 101.0, 10.0)
SEED_42 = jnp.asarray(US_INCOME_2023.quantile(np.random.RandomState(42).uniform(size=100)) / 40)


def _outcome(skill: jax.Array, law: Schedule):
    hours = best_of_choices(PUBLISHED, law, skill, HOURS)
    return Economy(skill, PUBLISHED).step(law, hours)


def _published_sum(skill: jax.Array, law: Schedule) -> float:
    found = _outcome(skill, law)
    return float(jnp.sum(found.utility / jnp.maximum(found.income, 1.0)))


# The published welfare is a sum over workers of utility over income.
@pytest.mark.parametrize(
    ("percent", "welfare"),
    [([0, 0, 0], 91.016), ([12, 24, 35], 312.408), ([10, 12, 22], 234.894), ([50] * 3, 743.670),
     ([70] * 3, 1074.109), ([90] * 3, 2252.049)],
)  # fmt: skip
def test_the_published_economy_on_quantile_skills(percent: list[float], welfare: float) -> None:
    found = _published_sum(us_income_skills(100), schedule("three", percent))
    assert found == pytest.approx(welfare, abs=5e-3)


def test_the_federal_schedule_in_the_published_economy() -> None:
    skill = us_income_skills(100)
    assert _published_sum(skill, us_federal()) == pytest.approx(320.746, abs=5e-3)
    found = _outcome(skill, us_federal())
    assert float(found.rebate) == pytest.approx(33_244, abs=1)
    assert float(jnp.mean(found.hours)) == pytest.approx(96.6, abs=0.05)
    assert int(jnp.sum(found.hours == 100)) == 90


# Defect 5: on three brackets the statutory rates 10, 12, 22 understate the law by 25 %.
def test_the_draw_of_the_published_seed() -> None:
    laws = [schedule("three", 0), us_federal(), schedule("three", 50), schedule("three", 90)]
    found = [_published_sum(SEED_42, law) for law in laws]
    np.testing.assert_allclose(found, [90.170, 274.971, 650.941, 1959.079], atol=5e-3)
    few = [_published_sum(SEED_42[:5], law) for law in laws]
    np.testing.assert_allclose(few, [4.658, 6.395, 8.203, 16.310], atol=5e-3)
    understated = schedule("three", [10, 12, 22])
    assert _published_sum(SEED_42, understated) == pytest.approx(206.3, abs=0.1)


def test_with_weights_that_nobody_can_game() -> None:
    skill = us_income_skills(100)
    weights = 1 / jnp.maximum(_outcome(skill, schedule("three", 0)).income, 1.0)

    def value(law: Schedule) -> jax.Array:
        return jnp.sum(weights * _outcome(skill, law).utility)

    assert float(value(schedule("three", 0))) == pytest.approx(91.016, abs=5e-3)
    assert float(value(us_federal())) == pytest.approx(308.672, abs=5e-3)
    floors = schedule("three", 0).floors
    rates = jnp.asarray(ladder(3, 10.0))
    worth = jax.lax.map(lambda r: value(Schedule(floors, r)), rates)
    best = int(jnp.argmax(worth))
    np.testing.assert_allclose(rates[best], [0.9, 0.8, 0.9])
    assert float(worth[best]) == pytest.approx(852.939, abs=5e-3)


def test_the_published_welfare_is_gamed_by_idleness() -> None:  # defect 7
    skill = us_income_skills(100)
    law = schedule("three", [100, 90, 90])
    assert _published_sum(skill, law) == pytest.approx(6.29e6, rel=1e-3)
    assert int(jnp.sum(_outcome(skill, law).hours == 0)) == 65


@pytest.mark.parametrize(
    ("above", "index"),
    [(90_000, 2.0558), (159_100, 2.2429), (243_725, 2.3100), (609_350, 2.3558), (1e9, 2.3644)],
)
def test_the_tail_of_us_incomes(above: float, index: float) -> None:
    assert US_INCOME_2023.tail_index(above) == pytest.approx(index, rel=1e-4)


def test_the_ends_and_shares_of_us_incomes() -> None:
    assert US_INCOME_2023.sigma * US_INCOME_2023.tau == pytest.approx(2.3644, abs=5e-5)
    assert US_INCOME_2023.sigma * US_INCOME_2023.nu == pytest.approx(1.0081, abs=5e-5)
    cut = US_INCOME_2023.cdf(np.array([0.0, 90_000, 159_100]))
    np.testing.assert_allclose(np.diff(cut, append=1), [0.8216, 0.1170, 0.0613], atol=6e-5)
    income = US_INCOME_2023.quantile((np.arange(400_000) + 0.5) / 400_000)
    top = income[income > US_INCOME_2023.quantile(np.array(0.99))]
    assert top.sum() / income.sum() == pytest.approx(0.1065, abs=2e-4)


def test_top_rates_with_bargaining() -> None:
    assert top_rate_of_three(1.5, 0.2, 0, 0.3) == pytest.approx(0.8286, abs=5e-5)
    assert top_rate_of_three(1.5, 0.5, 0, 0) == pytest.approx(0.5714, abs=5e-5)


def test_diamonds_rate_on_a_pareto_tail() -> None:
    skill_index, elasticity = 2.8, 0.4
    ratio = (1 + 1 / elasticity) / skill_index
    rate = ratio / (1 + ratio)
    assert rate == pytest.approx(0.5556, abs=5e-5)
    pareto = skill_index / (1 + elasticity)
    assert top_rate(pareto, elasticity) == pytest.approx(rate, rel=1e-12)
    # Incomes with that tail, nobody of whom counts: the first-order condition of a bracket.
    income = jnp.asarray((1 - (np.arange(10**6) + 0.5) / 10**6) ** (-1 / pareto))
    floors, half = jnp.array([0.0, 5.0]), jnp.full(2, 0.5)
    found = bracket_rates(income, 0 * income, floors, jnp.full(2, elasticity), half)
    assert float(found[1]) == pytest.approx(rate, abs=2e-3)


def test_gini_as_the_ai_economist_scales_it() -> None:
    five = float(gini(jnp.arange(1.0, 6.0)))
    assert five == pytest.approx(0.266667, abs=1e-6)
    assert five * 5 / 4 == pytest.approx(0.333333, abs=1e-6)


@pytest.mark.parametrize(("eta", "value"), [(0.27, 38.13742), (0.23, 43.73206), (0.35, 29.15788)])
def test_constant_relative_risk_aversion(eta: float, value: float) -> None:
    assert float(box_cox(jnp.asarray(100.0), jnp.asarray(1 - eta))) == pytest.approx(
        value, abs=5e-6
    )
    leisure = jnp.asarray(0.0)
    found = Isoelastic(eta, scale=1.0).utility(jnp.asarray(100.0), leisure)
    assert float(found) == pytest.approx(value, abs=5e-6)


def test_isoelastic_utility_is_bounded_above_one() -> None:
    money = jnp.logspace(0, 9, 50)
    found = Isoelastic(1.5, scale=1.0).utility(money, jnp.zeros(50))
    assert float(found.max()) < 2.0  # so 100 workers cannot reach more than 200


def test_the_smooth_tax() -> None:
    assert float(hsv_tax(jnp.asarray(50_000.0), 0.1, 0.05)) == pytest.approx(22_423.42, abs=5e-3)


def test_smoothed_estimates_reach_what_is_estimated() -> None:
    found = smoothed(np.full(1000, 0.3))
    assert found[0] == pytest.approx(0.98 * 0.5 + 0.02 * 0.3)
    assert found[-1] == pytest.approx(0.3, abs=1e-8)
