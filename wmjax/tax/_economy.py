"""One year of the economy: people work, pay, and share what is paid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from wmjax.tax._mind import Mind
from wmjax.tax._preferences import MOST_HOURS, Preferences
from wmjax.tax._response import best_response
from wmjax.tax._schedule import Schedule


class Outcome(NamedTuple):
    """What a year brings; arrays over workers, money in $/yr."""

    hours: Float[Array, " workers"]
    income: Float[Array, " workers"]
    tax: Float[Array, " workers"]
    rebate: Float[Array, ""]
    money: Float[Array, " workers"]
    """Income after tax and rebate."""
    utility: Float[Array, " workers"]
    """What counts in welfare."""
    felt: Float[Array, " workers"]
    """What the worker feels, its regard for others and its feelings included (`Mind`)."""


class Economy(eqx.Module):
    """Workers with fixed skills, taxed by a schedule; all tax comes back in equal parts.

    - `skill`: $/yr for each weekly hour.
    - `most_hours`: the cap on weekly hours.
    - `mind`: what else moves decisions.
    """

    skill: Float[Array, " workers"]
    preferences: Preferences
    most_hours: float = MOST_HOURS
    mind: Mind = Mind()

    @property
    def decides(self) -> Preferences:
        """The preferences behind decisions."""
        return self.mind.feels or self.preferences

    def of(self, who: Sequence[int]) -> Economy:
        """The same economy with some of the workers only."""
        return picked(self, self.skill.shape[0], jnp.asarray(who, int))

    def step(self, schedule: Schedule, hours: Float[Array, " workers"]) -> Outcome:
        """The outcome of given hours; the budget balances exactly."""
        income = self.skill * hours
        tax = schedule.tax(income)
        rebate = jnp.mean(tax)
        money = income - tax + rebate
        utility = self.preferences.utility(money, hours)
        felt = self.decides.utility(money + self.mind.regard * tax, hours)
        return Outcome(hours, income, tax, rebate, money, utility, felt)

    @eqx.filter_jit
    def equilibrium(self, schedule: Schedule) -> Outcome:
        """The outcome when everybody answers best to the schedule and to the rebate it brings.

        Its derivative is that of the balance of what is paid and given back, not of the search.
        """
        if not self.decides.income_effects:
            return self.step(schedule, self.respond(schedule, 0.0))
        return self.step(schedule, self.respond(schedule, self._rebate(schedule)))

    def respond(
        self, schedule: Schedule, transfer: Float[Array, ""] | float
    ) -> Float[Array, " workers"]:
        """Best hours for a schedule and a lump sum in $/yr."""
        return best_response(
            self.decides, schedule, self.skill, transfer, most=self.most_hours,
            felt_rate=self.mind.felt_rate(),
        )  # fmt: skip

    def _rebate(self, schedule: Schedule) -> Float[Array, ""]:
        """The lump sum that the taxes pay for when people know it."""
        held, fixed = jax.lax.stop_gradient((self, schedule))
        most = jnp.mean(fixed.tax(held.skill * held.most_hours))
        found = _root(lambda r: held._excess(fixed, r), most)
        _, slope = jax.jvp(lambda r: held._excess(fixed, r), (found,), (jnp.ones_like(found),))
        return found - self._excess(schedule, found) / slope

    def _excess(self, schedule: Schedule, rebate: Float[Array, ""]) -> Float[Array, ""]:
        """What is paid per head beyond the rebate; falls with the rebate."""
        return jnp.mean(schedule.tax(self.skill * self.respond(schedule, rebate))) - rebate


Tree = TypeVar("Tree")


def picked(tree: Tree, workers: int, who: Int[Array, " some"]) -> Tree:
    """An economy, a welfare function or a mind with some of its workers, repeated or not."""

    def part(leaf: Any) -> Any:
        each = eqx.is_array(leaf) and leaf.ndim > 0 and leaf.shape[0] == workers
        return leaf[who] if each else leaf

    return jax.tree.map(part, tree)


def _root(falling: Callable[[Array], Array], most: Array) -> Array:
    """Where a falling function crosses zero, between 0 and `most`.

    Regula falsi that halves the value of an end that stays (Illinois), and every third time halves
    the interval, for where people jump the function does too.
    """
    enough = 1e-9 * jnp.abs(most)  # Newton does the rest

    def going(carry: tuple[Array, ...]) -> Array:
        low, high, *_, found, rounds = carry
        return (jnp.abs(found) > enough) & (high - low > enough) & (rounds < 90)

    def again(carry: tuple[Array, ...]) -> tuple[Array, ...]:
        low, high, above, below, _, _, rounds = carry
        cut = low + (high - low) * above / jnp.where(above > below, above - below, 1.0)
        point = jnp.where(rounds % 3 == 2, (low + high) / 2, cut)
        found = falling(point)
        left = found > 0
        return (
            jnp.where(left, point, low), jnp.where(left, high, point),
            jnp.where(left, found, above / 2), jnp.where(left, below / 2, found),
            point, found, rounds + 1,
        )  # fmt: skip

    nothing = jnp.zeros_like(most)
    above, below = falling(nothing), falling(most)
    start = (nothing, most, above, below, nothing, above, jnp.asarray(0))
    return jax.lax.while_loop(going, again, start)[4]
