"""The best answer of a worker to a tax schedule."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from wmjax.tax._preferences import MOST_HOURS, Each, Preferences
from wmjax.tax._schedule import Schedule


@eqx.filter_jit
def best_response(
    preferences: Preferences,
    schedule: Schedule,
    skill: Float[Array, " workers"],
    transfer: Float[Array, ""] | float = 0.0,
    *,
    most: Float[Array, ""] | float = MOST_HOURS,
    felt_rate: tuple[Each, Each] = (1.0, 0.0),
) -> Float[Array, " workers"]:
    """The hours that maximise each worker's utility, exactly.

    A schedule is linear inside each bracket, so the best choice there is known; the best of the
    brackets wins, the lower hours if two are equal. It holds for falling rates as well, where
    people jump across a kink, and at kinks where they bunch. Its derivative is that of the optimum.

    **Arguments:**

    - `skill`: $/yr for each weekly hour.
    - `transfer`: the lump sum that everybody gets, $/yr.
    - `most`: the cap on hours, h/wk.
    - `felt_rate`: (a, b), so that a rate r is felt as a * r + b (`Mind`).

    **Returns:** hours a week.
    """
    best, hours = jnp.full_like(skill, -jnp.inf), jnp.zeros_like(skill)
    safe = jnp.where(skill > 0, skill, 1.0)
    ceilings = jnp.append(schedule.floors[1:], jnp.inf)
    weight, extra = felt_rate
    lines = zip(schedule.floors, ceilings, schedule.rates, schedule.virtual_income, strict=True)
    for floor, ceiling, rate, virtual in lines:
        least = jnp.clip(floor / safe, 0.0, most)
        highest = jnp.where(skill > 0, jnp.clip(ceiling / safe, 0.0, most), 0.0)
        kept = (1 - weight * rate - extra) * skill
        other = weight * virtual + transfer + 0 * skill
        choice = preferences.best_hours(kept, other, least, highest)
        reached = (skill * most >= floor) & (least <= highest)
        utility = preferences.utility(kept * choice + other, choice)
        better = reached & (utility > best)
        best, hours = jnp.where(better, utility, best), jnp.where(better, choice, hours)
    return hours


@eqx.filter_jit
def best_of_choices(
    preferences: Preferences,
    schedule: Schedule,
    skill: Float[Array, " workers"],
    choices: Float[Array, " choices"],
    transfer: Float[Array, ""] | float = 0.0,
) -> Float[Array, " workers"]:
    """The best of some numbers of hours, the fewest of equals: how the discrete workers of the
    published economies choose (LLM Economist 0, 10, ..., 100; AI Economist 0, 1, ..., 100)."""
    hours = jnp.sort(choices)[:, None]
    income = skill * hours
    money = income - schedule.tax(income) + transfer
    utility = preferences.utility(money, jnp.broadcast_to(hours, income.shape))
    return hours[jnp.argmax(utility, axis=0), 0]
