"""Rates from the formulas of optimal taxation."""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from wmjax.tax._economy import Economy
from wmjax.tax._planner import Planner
from wmjax.tax._schedule import Schedule
from wmjax.tax._welfare import Welfare


class Saez(Planner):
    """Rates that meet the first-order condition of each bracket at the incomes they bring about.

    For bracket j, with exogenous weights g of mean 1 and no income effects (Saez 2001, Review of
    Economic Studies 68, 205-229, for the top; Saez 2002 for brackets):

        rate / (1 - rate) = sum (1 - g) clip(z - b_j, 0, width_j) / (e_j sum of z inside j)

    Rates and incomes are iterated until the formula moves no rate by `tolerance`. Each round goes
    part of the way, `damping` of it at first and less each time the formula asks for a larger move
    than before (Krasnoselskii 1955, Mann 1953). Of finitely many people incomes jump, so that rates
    which the formula leaves alone need not exist: then those stand that it would move least, and
    `solve` says by how much. Exact where rates rise with income; where they fall people jump across
    kinks, and people at the cap of hours do not answer at all: there it is approximate, so compare
    it with `Gradient` or `Grid`. A bracket without people keeps its rate.

    - `elasticity`: of income with respect to 1 - rate, one for each bracket or one for all; None
        measures it anew in each round by the exact derivative of everybody's best response.
    - `weights`: of each worker, fixed before the run; scaled to mean 1. None takes what a dollar
        to each adds to the planner's welfare, anew in each round.
    """

    floors: Float[Array, " brackets"]
    weights: Float[Array, " workers"] | None = None
    elasticity: Float[Array, "*brackets"] | float | None = 0.4
    damping: float = 0.5
    tolerance: float = 1e-6
    most_rounds: int = 200

    def plan(self, economy: Economy, welfare: Welfare) -> Schedule:
        return self.solve(economy, welfare).schedule

    def solve(self, economy: Economy, welfare: Welfare) -> Settled:
        """The rates, and whether the formula holds at them."""
        rates, move = _fixed_point(self, economy, welfare)
        return Settled(Schedule(self.floors, rates), float(move), float(move) <= self.tolerance)

    def wanted(self, economy: Economy, welfare: Welfare, rates: Array) -> Array:
        """What the formula asks for at the incomes that given rates bring about."""
        before = Schedule(self.floors, rates)
        income = economy.equilibrium(before).income
        weights = self.weights
        if weights is None:
            weights = social_weights(economy, welfare, before)
        elasticity = self.elasticity
        if elasticity is None:
            elasticity = measured_elasticity(economy, before)
        each = jnp.broadcast_to(jnp.asarray(elasticity, rates.dtype), rates.shape)
        return bracket_rates(income, weights / jnp.mean(weights), self.floors, each, rates)


class Settled(NamedTuple):
    """Rates of `Saez`.

    - `move`: the most by which the formula would still move a rate, 0 to 1.
    - `converged`: whether that is within the tolerance.
    """

    schedule: Schedule
    move: float
    converged: bool

    @property
    def words(self) -> str:
        """What a reader should know of rates that did not settle; empty if they did."""
        if self.converged:
            return ""
        return (
            f"not converged: last move {100 * self.move:.2g} percentage points (incomes of so few "
            "people jump, and a fixed point need not exist)"
        )


@eqx.filter_jit
def _fixed_point(planner: Saez, economy: Economy, welfare: Welfare) -> tuple[Array, Array]:
    """The rates that the formula would move least, and by how much."""

    def going(carry: tuple[Array, ...]) -> Array:
        *_, move, rounds = carry
        return (move > planner.tolerance) & (rounds < planner.most_rounds)

    def again(carry: tuple[Array, ...]) -> tuple[Array, ...]:
        rates, before, part, best, move, rounds = carry
        step = planner.wanted(economy, welfare, rates) - rates
        size = jnp.max(jnp.abs(step))
        part = jnp.where(size >= before, jnp.maximum(0.8 * part, _LEAST), part)
        best = jnp.where(size < move, rates, best)
        return rates + part * step, size, part, best, jnp.minimum(size, move), rounds + 1

    first = jnp.full_like(planner.floors, 0.5)
    far = jnp.asarray(jnp.inf, first.dtype)
    part = jnp.asarray(planner.damping, first.dtype)
    *_, best, move, _ = jax.lax.while_loop(
        going, again, (first, far, part, first, far, jnp.asarray(0))
    )
    return best, move


_LEAST = 0.01  # part of the way in a round


def social_weights(
    economy: Economy, welfare: Welfare, schedule: Schedule
) -> Float[Array, " workers"]:
    """What a dollar to each worker adds to welfare under a schedule, hours held; mean 1."""
    found = economy.equilibrium(schedule)

    def value(gift: Array) -> Array:
        money = found.money + gift
        return welfare(economy.preferences.utility(money, found.hours), found.income, money)

    gain = jax.grad(value)(jnp.zeros_like(found.money))
    return gain / jnp.mean(gain)


def measured_elasticity(economy: Economy, schedule: Schedule) -> Float[Array, " brackets"]:
    """Of the income earned in each bracket with respect to 1 - its rate, by exact derivatives.

    People at a kink or at the cap of hours do not move, which is why it is less than that of one
    person. At least 0.001, so that a bracket where nobody moves has a rate; 0.4 where nobody is.
    """
    floors, keep = schedule.floors, 1 - schedule.rates

    def income(rates: Array) -> Array:
        return economy.equilibrium(Schedule(floors, rates)).income

    now, slope = income(schedule.rates), jax.jacfwd(income)(schedule.rates)
    above = now[:, None] - floors
    inside = (above > 0) & (above < schedule.widths)
    earned = jnp.sum(jnp.where(inside, now[:, None], 0.0), axis=0)
    moves = -keep * jnp.sum(jnp.where(inside, slope, 0.0), axis=0)
    people = earned > 0
    return jnp.where(people, jnp.maximum(moves / jnp.where(people, earned, 1.0), 1e-3), 0.4)


def bracket_rates(
    income: Float[Array, " workers"],
    weights: Float[Array, " workers"],
    floors: Float[Array, " brackets"],
    elasticity: Float[Array, " brackets"],
    before: Float[Array, " brackets"],
) -> Float[Array, " brackets"]:
    """The rates that the first-order conditions ask for at given incomes, see `Saez`."""
    widths = jnp.diff(floors, append=jnp.inf)
    above = income[:, None] - floors
    part = jnp.clip(above, 0.0, widths)
    inside = (above > 0) & (above < widths)
    gain = jnp.sum((1 - weights)[:, None] * part, axis=0)
    base = jnp.sum(jnp.where(inside, income[:, None], 0.0), axis=0)
    people = base > 0
    ratio = jnp.maximum(gain, 0.0) / jnp.where(people, elasticity * base, 1.0)
    return jnp.where(people, ratio / (1 + ratio), before)


def top_rate(
    pareto: float,
    elasticity: float,
    weight: float = 0.0,
    *,
    uncompensated: float | None = None,
) -> float:
    """The rate on the highest incomes, 0 to 1.

    (1 - g) / (1 - g + a e) for the tail index a, the elasticity e and the welfare weight g of the
    rich (Saez 2001). With income effects `elasticity` is the compensated one and the uncompensated
    one is given beside it: (1 - g) / (1 - g + u + (a - 1) e).
    """
    if uncompensated is None:
        return (1 - weight) / (1 - weight + pareto * elasticity)
    return (1 - weight) / (1 - weight + uncompensated + (pareto - 1) * elasticity)


def top_rate_of_three(pareto: float, supply: float, avoidance: float, bargaining: float) -> float:
    """The rate on the highest incomes, 0 to 1, if they respond by working less, by avoiding tax and
    by bargaining for the pay of others: (1 + a e3) / (1 + a (e1 + e2 + e3)) (Piketty, Saez &
    Stantcheva 2014, American Economic Journal: Economic Policy 6, 230-271)."""
    all_three = supply + avoidance + bargaining
    return (1 + pareto * bargaining) / (1 + pareto * all_three)


def elasticity_of_income(income: Float[Array, " n"], keep: Float[Array, " n"]) -> Float[Array, ""]:
    """The slope of log income on log(1 - rate) by least squares (Saez 2003; AI Economist)."""
    x, y = jnp.log(keep), jnp.log(income)
    x = x - jnp.mean(x)
    return jnp.sum(x * y) / jnp.sum(x**2)
