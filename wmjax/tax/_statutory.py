"""A statutory schedule on brackets that are not its own, and elasticities from the literature."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from wmjax.tax._economy import Economy
from wmjax.tax._planner import Planner
from wmjax.tax._schedule import Schedule
from wmjax.tax._welfare import Welfare


class Statutory(Planner):
    """A schedule of the law put onto other brackets, so that each new bracket raises as much.

    The rate of a bracket is the mean of the rates of the law over the dollars earned in it, at the
    incomes that the law itself brings about: the law of seven brackets and its map onto three take
    the same from each bracket. A bracket in which nobody earns gets the rate of the law halfway up,
    the last one that at its floor.

    - `law`: with its own brackets.
    """

    law: Schedule
    floors: Float[Array, " brackets"]

    def plan(self, economy: Economy, welfare: Welfare) -> Schedule:
        income = economy.equilibrium(self.law).income
        return Schedule(self.floors, mapped_rates(self.law, self.floors, income))


def mapped_rates(
    law: Schedule, floors: Float[Array, " brackets"], income: Float[Array, " workers"]
) -> Float[Array, " brackets"]:
    """Income-weighted mean rates of a schedule inside other brackets, see `Statutory`."""
    ceilings = jnp.append(floors[1:], jnp.inf)
    below = jnp.minimum(income[:, None], floors)
    upto = jnp.minimum(income[:, None], ceilings)
    dollars = jnp.sum(upto - below, axis=0)
    paid = jnp.sum(law.tax(upto) - law.tax(below), axis=0)
    halfway = jnp.append((floors[1:] + floors[:-1]) / 2, floors[-1])
    earned = dollars > 0
    return jnp.where(earned, paid / jnp.where(earned, dollars, 1.0), law.marginal(halfway))


GRUBER_SAEZ = ((0.0, 0.18), (50_000.0, 0.11), (100_000.0, 0.57))
"""Elasticity of taxable income by income in $/yr: Gruber & Saez 2002, Journal of Public Economics
84, 1-32, table 9, for 10-50, 50-100 and over 100 thousand dollars of 1992."""


def gruber_saez(floors: Float[Array, " brackets"]) -> Float[Array, " brackets"]:
    """The three elasticities on any brackets.

    Three brackets have them in order, as in LLM Economist; otherwise a bracket has that of the
    income in its middle, and the last that of its floor.
    """
    edges, values = (jnp.asarray(column) for column in zip(*GRUBER_SAEZ, strict=True))
    if len(floors) == len(values):
        return values
    middle = jnp.append((floors[1:] + floors[:-1]) / 2, floors[-1])
    return values[jnp.searchsorted(edges, middle, side="right") - 1]


def hsv_tax(income: Float[Array, "*n"], level: float, progressivity: float) -> Float[Array, "*n"]:
    """income - (1 - level) / (1 - progressivity) * income^(1 - progressivity): the smooth tax of
    Benabou 2002 and Heathcote, Storesletten & Violante 2017 (Quarterly Journal of Economics 132,
    1693-1754), as TaxAI writes it (arXiv 2309.16307)."""
    power = 1 - progressivity
    return income - (1 - level) / power * income**power
