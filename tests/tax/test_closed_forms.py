"""Closed forms of one or two rates: section 11 of the reference, where `test_ground_truth` and
`test_published` do not reach."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wmjax.tax import (
    PUBLISHED,
    Bayes,
    Economy,
    Gradient,
    Grid,
    Planner,
    QuasiLinear,
    Schedule,
    Weighted,
    best_response,
    gini,
    planned_welfare,
    schedule,
    us_federal,
    us_income_skills,
)


FIVE = jnp.array([10.0, 20.0, 40.0, 80.0, 160.0])
K = 12.670238  # (c d)^-0.4 for c = .0005, d = 3.5: income is K v^1.4 (1 - rate)^0.4
OPTIMUM = 0.6661211


@pytest.mark.parametrize("law", [us_federal(2024), us_federal(2013, "married_joint")])
def test_the_tax_is_continuous_and_linear_in_pieces(law: Schedule) -> None:
    edges = law.floors[1:]
    for gap in (1.0, 1e-3, 1e-6):
        jump = law.tax(edges + gap) - law.tax(edges - gap)
        assert float(jnp.max(jnp.abs(jump))) <= 2 * gap * float(law.rates[-1]) * (1 + 1e-3)
    ends = jnp.append(edges, 2 * edges[-1])
    for low, high, rate in zip(law.floors, ends, law.rates, strict=True):
        inside = jnp.linspace(low, high, 7)
        np.testing.assert_allclose(jnp.diff(law.tax(inside)), rate * (high - low) / 6, rtol=1e-9)


@pytest.mark.parametrize(
    ("percent", "incomes"),
    [(0, [318.262, 839.898, 2216.505, 5849.392, 15436.639]),
     (50, [241.197, 636.524, 1679.797, 4433.011, 11698.785]),
     (20, [291.086, 768.180, 2027.238, 5349.913, 14118.506])],
)  # fmt: skip
def test_incomes_under_a_linear_tax(percent: float, incomes: list[float]) -> None:
    found = Economy(FIVE, PUBLISHED).equilibrium(schedule("flat", percent))
    keep = 1 - percent / 100
    np.testing.assert_allclose(found.income, incomes, atol=6e-4)
    np.testing.assert_allclose(found.income, K * FIVE**1.4 * keep**0.4, rtol=1e-6)
    labour = found.money - found.utility
    np.testing.assert_allclose(labour, keep * found.income / 3.5, rtol=1e-9)


def test_no_hour_more_or_less_is_better() -> None:
    law = schedule("flat", 20)
    best = best_response(PUBLISHED, law, FIVE)

    def total(hours: jax.Array) -> jax.Array:
        income = FIVE * hours
        return jnp.sum(PUBLISHED.utility(income - law.tax(income), hours))

    np.testing.assert_allclose(jax.grad(total)(best), 0.0, atol=1e-9)


def test_the_best_linear_tax_with_fixed_weights() -> None:
    economy = Economy(FIVE, PUBLISHED)
    free = economy.equilibrium(schedule("flat", 0)).income
    counted = float(1 / jnp.mean(1 / free) / jnp.mean(free))  # harmonic over arithmetic mean
    assert counted == pytest.approx(0.2019607, abs=5e-8)
    assert (1 - counted) / (1 - counted + 0.4) == pytest.approx(OPTIMUM, abs=5e-8)

    def total(rate: jax.Array) -> jax.Array:
        law = Schedule(jnp.zeros(1), rate[None])
        return 5 * planned_welfare(economy, Weighted(1 / free), law)

    worth, slope = jax.value_and_grad(total)(jnp.asarray(OPTIMUM))
    assert float(worth) == pytest.approx(11.402779, abs=5e-7)
    assert float(slope) == pytest.approx(0, abs=5e-6)  # the rate is known to seven digits


def test_fifty_hours_at_a_kink() -> None:
    kinked = schedule([0, 2000], [10, 50])
    (hours,) = best_response(PUBLISHED, kinked, jnp.array([40.0]))
    assert float(hours) == pytest.approx(50, rel=1e-12)
    # What the best hours of either bracket alone would earn lies in the other one.
    low, high = (K * 40**1.4 * keep**0.4 for keep in (0.9, 0.5))
    assert (round(low), round(high)) == (2125, 1680)


def test_the_highest_of_bounded_skills_pays_nothing_at_the_margin() -> None:
    """The best rate on the last part of the highest income falls to 0 with that part (Sadka 1976,
    Review of Economic Studies 43, 261-267), though the rich do not count here."""
    economy = Economy(jnp.linspace(400.0, 2000.0, 401), QuasiLinear(), most_hours=1000.0)
    poor = Weighted(jnp.where(jnp.arange(401) < 200, 2.0, 0.0))
    highest = economy.equilibrium(schedule("flat", 0)).income[-1]
    rates = jnp.linspace(0, 1, 2001)[:-1]

    def best(part: float) -> float:
        floors = jnp.array([0.0, 1.0]) * (1 - part) * highest
        worth = jax.lax.map(
            lambda r: planned_welfare(economy, poor, Schedule(floors, jnp.stack([0 * r, r]))), rates
        )
        return float(rates[jnp.argmax(worth)])

    found = [best(part) for part in (0.3, 0.1, 0.01, 0.001)]
    assert found == sorted(found, reverse=True)
    # r / (1 - r) = (z - b) / (e z) for one person above b with z = highest * (1 - r)^0.4.
    assert found[-1] == pytest.approx(0.001 / 0.8, abs=1e-3)


def test_who_comes_first_does_not_matter_to_a_planner() -> None:
    skill = us_income_skills(30)
    order = jax.random.permutation(jax.random.key(3), 30)
    weights = jnp.linspace(1.8, 0.2, 30)
    floors = jnp.array([0.0, 60_000.0])

    def rates(planner: Planner, who: jax.Array) -> jax.Array:
        return planner.plan(Economy(skill[who], QuasiLinear()), Weighted(weights[who])).rates

    # On a ridge of a kink the last digits of a climb depend on rounding.
    for planner, most in ((Grid(floors, 2.0), 0.0), (Gradient(floors, 4), 1e-3)):
        as_they_are, shuffled = (rates(planner, who) for who in (jnp.arange(30), order))
        np.testing.assert_allclose(as_they_are, shuffled, atol=most)


def test_two_of_everybody_are_as_unequal_as_one() -> None:
    income = us_income_skills(77) * 40
    twice = jnp.concatenate([income, income])
    assert float(gini(twice)) == pytest.approx(float(gini(income)), rel=1e-12)


@pytest.mark.parametrize("seed", [0, 2])
def test_a_search_that_sees_only_welfare_ends_in_the_best_cell(seed: int) -> None:
    """Two workers, two brackets. The reference names CMA-ES; `bayes` stands in for it: the search
    without derivatives that the laboratory has."""
    economy = Economy(jnp.array([30.0, 120.0]), PUBLISHED)
    welfare, floors = Weighted(jnp.array([1.5, 0.5])), jnp.array([0.0, 4000.0])
    best = Grid(floors, 1.0).plan(economy, welfare)
    found = Bayes(floors, trials=300, seed=seed).plan(economy, welfare)
    np.testing.assert_allclose(found.rates, best.rates, atol=0.01)
