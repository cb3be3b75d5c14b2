"""Altruists, adversaries, inattention and aversion to losses really act."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wmjax.tax import (
    Economy,
    Gradient,
    Mind,
    Options,
    Prospect,
    QuasiLinear,
    Schedule,
    Utilitarian,
    best_response,
    planned_welfare,
    population,
    schedule,
    us_income_skills,
)


SKILL = us_income_skills(60)
THREE = schedule("three", [30, 45, 60])


def _economy(mind: Mind) -> Economy:
    return Economy(SKILL, QuasiLinear(), mind=mind)


def test_types_move_hours() -> None:  # defect 4
    plain = _economy(Mind()).equilibrium(THREE)
    kind = _economy(Mind(regard=1.0)).equilibrium(THREE)
    hostile = _economy(Mind(regard=-1.0)).equilibrium(THREE)
    untaxed = _economy(Mind()).equilibrium(schedule("flat", 0))
    np.testing.assert_allclose(kind.hours, untaxed.hours, rtol=1e-12)
    assert (kind.hours > plain.hours).all() and (plain.hours > hostile.hours).all()
    assert kind.rebate > plain.rebate > hostile.rebate


def test_altruists_maximise_the_sum_by_what_they_do() -> None:
    found = _economy(Mind(regard=1.0)).equilibrium(THREE)

    def total(hours: jax.Array) -> jax.Array:
        return jnp.sum(_economy(Mind()).step(THREE, hours).utility)

    free = found.hours < 99.9
    slope = jax.grad(total)(found.hours)
    np.testing.assert_allclose(jnp.where(free, slope, 0.0), 0.0, atol=1e-6)


@pytest.mark.parametrize("regard", [-1.0, -0.3, 0.4, 1.0])
def test_each_type_answers_best_to_what_it_feels(regard: float) -> None:
    economy = _economy(Mind(regard=regard))
    chosen = economy.equilibrium(THREE)
    for hours in np.linspace(0, 100, 401):
        # The rebate is held: nobody counts the share of its own tax that comes back to it.
        income = SKILL * hours
        tax = THREE.tax(income)
        money = income - tax + chosen.rebate + regard * tax
        other = economy.preferences.utility(money, jnp.full(60, hours))
        assert float(jnp.min(chosen.felt - other)) >= -1e-6


def test_types_are_per_worker_and_dealt_by_seed() -> None:
    options = Options(num_agents=40, percent_ego=50.0, percent_alt=30.0, percent_adv=20.0)
    found = [np.asarray(population(options)[0].mind.regard) for _ in range(2)]
    np.testing.assert_array_equal(found[0], found[1])
    assert [(found[0] == v).sum() for v in (0, 1, -1)] == [20, 12, 8]
    for scenario in ("bounded", "democratic"):
        other = population(options.model_copy(update={"scenario": scenario}))[0]
        np.testing.assert_array_equal(other.mind.regard, found[0])


def test_the_inattentive_answer_to_the_rate_that_they_see() -> None:
    economy = _economy(Mind(attention=0.6, expected=0.1))
    seen = Schedule(THREE.floors, 0.6 * THREE.rates + 0.04)
    hours = best_response(QuasiLinear(), seen, SKILL)
    np.testing.assert_allclose(economy.equilibrium(THREE).hours, hours, rtol=1e-9)
    # Who works more than is best for it loses utility by the true rate.
    true = _economy(Mind()).equilibrium(THREE)
    biased = economy.step(THREE, economy.equilibrium(THREE).hours)
    lost = (true.utility - true.rebate) - (biased.utility - biased.rebate)
    assert float(jnp.min(lost)) >= -1e-6 and float(jnp.max(lost)) > 10


def test_planners_know_the_minds_they_plan_for() -> None:
    blind = _economy(Mind(attention=0.8))
    floors = jnp.array([0.0])
    judge = Utilitarian()
    informed = Gradient(floors, 2).plan(blind, judge)
    assert float(planned_welfare(blind, judge, informed)) >= float(
        planned_welfare(blind, judge, schedule("flat", 20))
    )


def test_who_is_averse_to_losses_stops_at_the_target() -> None:
    work = QuasiLinear()
    target = 30_000.0
    skill = jnp.linspace(300.0, 2000.0, 200)
    likes = Prospect(target, 2.25, work)
    hours = best_response(likes, schedule("flat", 20), skill)
    plain = best_response(work, schedule("flat", 20), skill)
    money = 0.8 * skill * hours
    at_target = np.isclose(money, target)
    assert at_target.sum() > 10
    poor, rich = np.asarray(money < target - 1), np.asarray(money > target + 1)
    np.testing.assert_allclose(hours[rich], plain[rich])
    np.testing.assert_allclose(hours[poor], plain[poor] * 2.25**0.4, rtol=1e-9)
    grid = jnp.linspace(0, 100, 4001)[:, None]
    worth = likes.utility(0.8 * skill * grid, jnp.broadcast_to(grid, (4001, 200)))
    assert float(jnp.min(likes.utility(money, hours) - worth.max(axis=0))) >= -1e-6


def test_discontent_lowers_utility_of_either_sign() -> None:  # defect 13
    money, hours = jnp.array([-5e4, 1e3, 5e4]), jnp.full(3, 60.0)
    base, felt = QuasiLinear(), Prospect(6e4)
    assert (felt.utility(money, hours) < base.utility(money, hours)).all()


def test_the_derivative_passes_through_minds() -> None:
    mind = Mind(jnp.linspace(-0.5, 0.5, 60), 0.8, 0.05, Prospect(SKILL * 40.0))
    economy = _economy(mind)

    def value(rates: jax.Array) -> jax.Array:
        return planned_welfare(economy, Utilitarian(), Schedule(THREE.floors, rates))

    exact = jax.grad(value)(THREE.rates)
    for i in range(3):
        step = 1e-6
        moved = [float(value(THREE.rates.at[i].add(s))) for s in (step, -step)]
        assert float(exact[i]) == pytest.approx((moved[0] - moved[1]) / (2 * step), rel=1e-3, abs=5)
