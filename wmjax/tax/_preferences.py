"""What a worker likes: money and leisure."""

from __future__ import annotations

import abc
from typing import ClassVar, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


Each: TypeAlias = Float[Array, " workers"] | Float[Array, ""] | float
"""A number for each worker, or one for all."""

MOST_HOURS = 100.0  # h/wk, the cap of LLM Economist (arXiv 2507.15815)


class Preferences(eqx.Module):
    """Utility of money after tax (in $/yr) and of weekly hours.

    A subclass says how good a choice is, which hours are best where each further hour earns the
    same, and whether money from elsewhere changes them.
    """

    income_effects: eqx.AbstractClassVar[bool]

    @abc.abstractmethod
    def utility(
        self, money: Float[Array, "*agents"], hours: Float[Array, "*agents"]
    ) -> Float[Array, "*agents"]:
        """The higher the better."""

    @abc.abstractmethod
    def best_hours(
        self,
        earned: Float[Array, "*agents"],
        other: Float[Array, "*agents"],
        least: Float[Array, "*agents"],
        most: Float[Array, "*agents"],
    ) -> Float[Array, "*agents"]:
        """Hours between `least` and `most` that maximise utility of `earned * hours + other`.

        `earned` is what is kept of an hour, in $/yr for each weekly hour; `other` is money from
        elsewhere, in $/yr. Differentiable in all of them.
        """


class QuasiLinear(Preferences):
    """u = money - cost * hours^exponent: no income effect; the elasticity is 1 / (exponent - 1).

    The published form of LLM Economist, there called isoelastic. Its cost of 0.0005 belongs to
    hourly wages; against skills in $/yr it puts nearly everybody at the cap. The default here gives
    the median US worker 40 hours a week at a marginal rate of 12 %.

    - `cost`: in $/yr per (h/wk)^exponent, one for all or one for each worker.
    """

    cost: Float[Array, "*#workers"] | float = 0.023667
    exponent: Float[Array, ""] | float = 3.5
    income_effects: ClassVar[bool] = False

    def utility(self, money: Array, hours: Array) -> Array:
        return money - self.cost * hours**self.exponent

    def best_hours(self, earned: Array, other: Array, least: Array, most: Array) -> Array:
        steepness = self.cost * self.exponent
        paid = earned > 0
        # The power has no derivative at 0, so an hour that earns nothing never reaches it.
        free = (jnp.where(paid, earned, 1.0) / steepness) ** (1 / (self.exponent - 1))
        return jnp.clip(jnp.where(paid, free, 0.0), least, most)


PUBLISHED = QuasiLinear(0.0005, 3.5)
"""The constants of LLM Economist and of the one-step economy it takes them from."""


class Isoelastic(Preferences):
    """u = (money^(1 - aversion) - 1) / (1 - aversion) - cost * hours^exponent, with income effects.

    `aversion` is the coefficient of relative risk aversion; 1 gives the logarithm. Money is counted
    in units of `scale` $/yr so that the cost is a number of ordinary size.
    """

    aversion: Float[Array, ""] | float = 1.5
    cost: Each = 5e-6
    exponent: Each = 3.5
    scale: float = 40_000.0
    income_effects: ClassVar[bool] = True

    def utility(self, money: Array, hours: Array) -> Array:
        units = jnp.maximum(money / self.scale, 1e-9)  # nobody can eat less than nothing
        return box_cox(units, 1 - jnp.asarray(self.aversion)) - self.cost * hours**self.exponent

    def best_hours(self, earned: Array, other: Array, least: Array, most: Array) -> Array:
        def slope(hours: Array, earned: Array, other: Array) -> Array:
            money = jnp.maximum(earned * hours + other, 1e-9 * self.scale) / self.scale
            gain = earned / self.scale * money ** -jnp.asarray(self.aversion)
            return gain - self.cost * self.exponent * hours ** (self.exponent - 1)

        hold = jax.lax.stop_gradient
        found = hold(self._search(earned, other, least, most))
        # One step of Newton's method, whose derivative is that of the optimum (implicit function
        # theorem); at an end of the interval the end itself decides.
        ones = jnp.ones_like(found)
        curvature = hold(jax.jvp(lambda h: slope(h, earned, other), (found,), (ones,))[1])
        return jnp.clip(found - slope(found, earned, other) / curvature, least, most)

    def _search(self, earned: Array, other: Array, least: Array, most: Array) -> Array:
        """Where what a further hour brings equals what it costs. In logarithms both are nearly
        straight, so Newton's method takes few steps; halving where it leads out of what is left."""

        def again(_: object, carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
            low, high, hours = carry
            money = jnp.maximum(earned * hours + other, 1e-9 * self.scale)
            excess = worth - self.aversion * jnp.log(money) - (self.exponent - 1) * jnp.log(hours)
            steep = self.aversion * earned * hours / money + self.exponent - 1
            low, high = jnp.where(excess > 0, hours, low), jnp.where(excess > 0, high, hours)
            newton = hours * jnp.exp(jnp.clip(excess / steep, -30.0, 30.0))
            return low, high, jnp.where(newton < low, (low + high) / 2, jnp.minimum(newton, high))

        paid = earned > 0
        worth = (self.aversion - 1) * jnp.log(self.scale) - jnp.log(self.cost * self.exponent)
        worth = worth + jnp.log(jnp.where(paid, earned, 1.0))
        top = jnp.broadcast_to(jnp.maximum(most, 1e-9), jnp.shape(earned))
        start = (jnp.zeros_like(top), top, top / 2)
        found = jax.lax.fori_loop(0, 14, again, start)[2]
        return jnp.clip(jnp.where(paid, found, 0.0), least, most)


def box_cox(x: Float[Array, "*n"], power: Float[Array, ""]) -> Float[Array, "*n"]:
    """(x^power - 1) / power, and the logarithm at power 0 (Box & Cox 1964)."""
    near = jnp.abs(power) < 1e-8
    safe = jnp.where(near, 1.0, power)
    return jnp.where(near, jnp.log(x), (x**safe - 1) / safe)
