"""Planners against closed forms, brute force and each other."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from wmjax.tax import (
    FLOORS,
    PUBLISHED,
    Atkinson,
    Economy,
    Gradient,
    Grid,
    Isoelastic,
    Options,
    Planner,
    QuasiLinear,
    Rawlsian,
    Saez,
    Sampled,
    Schedule,
    Utilitarian,
    Weighted,
    Welfare,
    best_response,
    elasticity_of_income,
    inverse_income,
    planned_welfare,
    population,
    references,
    schedule,
    us_federal,
    us_income_skills,
)
from wmjax.tax._polish import polished


FIVE = jnp.array([10.0, 20.0, 40.0, 80.0, 160.0])
FLAT = jnp.array([0.0])


def _economy() -> Economy:
    return Economy(FIVE, PUBLISHED)


def _inverse_income() -> Weighted:
    return Weighted(1 / _economy().equilibrium(schedule("flat", 0)).income)


def test_the_gradient_planner_finds_the_closed_form() -> None:
    found = Gradient(FLAT, starts=3).plan(_economy(), _inverse_income())
    assert float(found.rates[0]) == pytest.approx(0.6661211, abs=1e-6)


@pytest.mark.parametrize(
    ("percent", "total"), [(0, 3.5714286), (20, 7.141826), (30, 8.607271), (50, 10.734578)]
)
def test_welfare_with_fixed_weights(percent: float, total: float) -> None:
    found = planned_welfare(_economy(), _inverse_income(), schedule("flat", percent))
    assert 5 * float(found) == pytest.approx(total, abs=1e-6)


def test_welfare_falls_with_any_tax_if_all_count_alike() -> None:
    sums = [
        5 * float(planned_welfare(_economy(), Utilitarian(), schedule("flat", p)))
        for p in (0, 10, 30, 50)
    ]
    np.testing.assert_allclose(sums, [17614.78, 17563.36, 17105.45, 16019.41], atol=5e-3)
    best = Gradient(FLAT, starts=3).plan(_economy(), Utilitarian())
    assert float(best.rates[0]) == pytest.approx(0, abs=1e-6)


def test_the_worst_off_idler_wants_the_largest_rebate() -> None:
    idle = Economy(jnp.append(FIVE, 0.0), PUBLISHED)
    found = Gradient(FLAT, starts=3).plan(idle, Rawlsian())
    assert float(found.rates[0]) == pytest.approx(1 / 1.4, abs=1e-6)


@pytest.mark.parametrize("floors", [[0.0, 90_000.0], [0.0, 60_000.0, 120_000.0]])
def test_saez_is_the_optimum_where_rates_rise(floors: list[float]) -> None:
    # No cap on hours: people at it do not answer to rates, and the formula knows nothing of them.
    economy = Economy(us_income_skills(400), QuasiLinear(), most_hours=1000.0)
    weights = 1.2 - (jnp.arange(400) / 400) ** 4
    formula = Saez(jnp.array(floors), weights).plan(economy, Utilitarian())
    welfare = Weighted(weights / jnp.mean(weights))
    exact = Gradient(jnp.array(floors), starts=4).plan(economy, welfare)
    assert (np.diff(formula.rates) > 0).all()
    np.testing.assert_allclose(formula.rates, exact.rates, atol=3e-3)
    gap = planned_welfare(economy, welfare, exact) - planned_welfare(economy, welfare, formula)
    assert 0 <= float(gap) <= 1e-4 * float(planned_welfare(economy, welfare, exact))


def test_saez_settles_where_it_can_and_says_where_it_cannot() -> None:
    floors = jnp.asarray(FLOORS["three"])
    for seed, settles in ((1, True), (42, False)):
        economy, _ = population(Options(seed=seed))
        welfare, formula = inverse_income(economy), Saez(floors, None, None)
        found = formula.solve(economy, welfare)
        wanted = formula.wanted(economy, welfare, found.schedule.rates)
        move = float(jnp.max(jnp.abs(wanted - found.schedule.rates)))
        assert found.move == pytest.approx(move, abs=1e-9) and found.converged == settles
        assert (move <= 1e-6) == settles and move < 0.003
        assert found.words == "" if settles else "last move 0.27 percentage points" in found.words


def test_two_workers_two_brackets_by_exhaustion() -> None:
    economy = Economy(jnp.array([30.0, 120.0]), PUBLISHED)
    weights = Weighted(jnp.array([1.5, 0.5]))
    floors = jnp.array([0.0, 4000.0])
    grid = Grid(floors, 1.0).plan(economy, weights)
    ascent = Gradient(floors, starts=16).plan(economy, weights)
    assert np.abs(np.asarray(grid.rates - ascent.rates)).max() <= 0.01 + 1e-9
    best, other = (float(planned_welfare(economy, weights, s)) for s in (ascent, grid))
    assert best >= other - 1e-9


def test_best_responses_beat_every_hour_of_a_fine_grid() -> None:
    skill = us_income_skills(40)
    falling = schedule("three", [70, 30, 10])
    for preferences in (QuasiLinear(), Isoelastic()):
        hours = best_response(preferences, falling, skill, 4000.0)
        income = skill * hours
        found = preferences.utility(income - falling.tax(income) + 4000, hours)
        grid = jnp.linspace(0, 100, 5001)[:, None]
        money = skill * grid - falling.tax(skill * grid) + 4000
        best = jnp.max(preferences.utility(money, jnp.broadcast_to(grid, money.shape)), axis=0)
        assert float(jnp.min(found - best)) >= -1e-9 * float(jnp.max(jnp.abs(best)))


@pytest.mark.parametrize("aversion", [0.5, 1.0, 1.5])
def test_hours_with_income_effects_against_scipy(aversion: float) -> None:
    preferences = Isoelastic(aversion=aversion)
    for skill in (200.0, 950.0, 4000.0):
        found = best_response(preferences, schedule("flat", 30), jnp.array([skill]), 9000.0)[0]

        def loss(hours: float, skill: float = skill) -> float:
            money = jnp.asarray(0.7 * skill * hours + 9000.0)
            return -float(preferences.utility(money, jnp.asarray(hours)))

        best = minimize_scalar(loss, bounds=(0, 100), method="bounded", options={"xatol": 1e-9})
        assert float(found) == pytest.approx(best.x, abs=2e-4)


@pytest.mark.slow
@pytest.mark.parametrize("preferences", [QuasiLinear(), Isoelastic()])
def test_the_derivative_of_welfare_against_differences(preferences: object) -> None:
    economy = Economy(us_income_skills(60), preferences)
    three = schedule("three", [15, 24, 35])

    def value(rates: jax.Array) -> jax.Array:
        return planned_welfare(economy, Atkinson(1.2), Schedule(three.floors, rates))

    exact = jax.grad(value)(three.rates)
    step = 1e-5
    for i in range(3):
        moved = [float(value(three.rates.at[i].add(s))) for s in (step, -step)]
        assert float(exact[i]) == pytest.approx((moved[0] - moved[1]) / (2 * step), rel=2e-3, abs=2)


def test_a_rebate_that_people_know_is_paid_for() -> None:
    economy = Economy(us_income_skills(200), Isoelastic())
    federal = schedule("three", [15, 24, 35])
    found = economy.equilibrium(federal)
    again = economy.respond(federal, found.rebate)
    np.testing.assert_allclose(again, found.hours, rtol=1e-9)


def test_invariances() -> None:
    skill = us_income_skills(50)
    federal, economy = us_federal(2024), Economy(skill, QuasiLinear())
    one = float(planned_welfare(economy, Atkinson(1.0), federal))
    shuffled = jax.random.permutation(jax.random.key(0), skill)
    for other in (shuffled, jnp.concatenate([skill, skill])):
        found = planned_welfare(Economy(other, QuasiLinear()), Atkinson(1.0), federal)
        assert float(found) == pytest.approx(one, rel=1e-12)
    dearer = Economy(10 * skill, QuasiLinear(cost=10 * 0.023667))
    scaled = Schedule(10 * federal.floors, federal.rates)
    np.testing.assert_allclose(
        dearer.equilibrium(scaled).hours, economy.equilibrium(federal).hours, rtol=1e-9
    )


def test_the_elasticity_is_the_slope() -> None:
    keep = jnp.array([0.9, 0.7, 0.5, 0.3])
    assert float(elasticity_of_income(3.0 * keep**0.4, keep)) == pytest.approx(0.4, rel=1e-12)


def test_the_ascent_is_never_worse_than_the_grid() -> None:
    # Ascent alone ends below the grid for this draw, at a kink.
    economy, _ = population(Options(num_agents=25, seed=1))
    welfare, floors = inverse_income(economy), jnp.asarray(FLOORS["three"])
    found = references(economy, welfare, floors, starts=2)
    worth = {n: float(planned_welfare(economy, welfare, s)) for n, s in found.items()}
    assert worth["gradient"] >= worth["grid"]
    again = references(economy, welfare, floors, known={"gradient": found["grid"]})
    assert again["gradient"] is found["grid"]


def test_a_large_population_is_searched_by_a_sample_of_it() -> None:
    skill = us_income_skills(300)
    shuffled = jax.random.permutation(jax.random.key(0), skill)
    weights = jnp.argsort(jnp.argsort(-shuffled)).astype(float) / 150.0
    sizes: list[int] = []

    class Looks(Planner):
        def plan(self, economy: Economy, welfare: Welfare) -> Schedule:
            sizes.append(economy.skill.shape[0])
            return Gradient(FLAT, 2).plan(economy, welfare)

    whole, part = (
        Sampled(Looks(), most).plan(Economy(shuffled, QuasiLinear()), Weighted(weights))
        for most in (300, 100)
    )
    assert sizes == [300, 100]
    np.testing.assert_allclose(part.rates, whole.rates, atol=0.01)


@pytest.mark.parametrize("start", [[0.05, 0.95], [0.9, 0.2]])
def test_the_last_stretch_follows_a_ridge(start: list[float]) -> None:
    # The slope of this function points across the ridge x + y = 1, and never along it.
    def worth(table: np.ndarray) -> np.ndarray:
        x, y = table.T
        return -3 * np.abs(x + y - 1) - (x - 0.3) ** 2

    np.testing.assert_allclose(polished(worth, np.array(start)), [0.3, 0.7], atol=0.01)
