"""Losses weigh more than gains."""

from __future__ import annotations

from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Float

from wmjax.tax._preferences import Each, Preferences, QuasiLinear


class Prospect(Preferences):
    """u = money - (aversion - 1) max(reference - money, 0) - cost * hours^exponent.

    A dollar below the reference counts `aversion` times: 2.25 in Tversky & Kahneman 1992 (Journal
    of Risk and Uncertainty 5, 297-323). Someone below it works more for the same wage, and many
    stop where they reach it: the income targets of Camerer, Babcock, Loewenstein & Thaler 1997
    (Quarterly Journal of Economics 112, 407-441). The term is added and not multiplied, so that
    discontent lowers utility of either sign.

    - `reference`: money after tax, $/yr, of each worker or of all.
    - `work`: what hours cost.
    """

    reference: Each
    aversion: Float[Array, ""] | float = 2.25
    work: QuasiLinear = QuasiLinear()
    income_effects: ClassVar[bool] = True

    def utility(self, money: Array, hours: Array) -> Array:
        loss = jnp.maximum(self.reference - money, 0.0)
        return self.work.utility(money - (self.aversion - 1) * loss, hours)

    def best_hours(self, earned: Array, other: Array, least: Array, most: Array) -> Array:
        ease = self.work.best_hours(earned, other, jnp.zeros_like(least), most)
        need = self.work.best_hours(self.aversion * earned, other, jnp.zeros_like(least), most)
        paid = earned > 0
        target = (self.reference - other) / jnp.where(paid, earned, 1.0)
        return jnp.clip(jnp.where(paid, jnp.clip(target, ease, need), 0.0), least, most)
