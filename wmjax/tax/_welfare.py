"""How good an outcome is for all: social welfare functions, per head."""

from __future__ import annotations

import abc

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from wmjax.tax._preferences import box_cox


class Welfare(eqx.Module):
    """A number for an outcome; the same for a population and for two copies of it."""

    @abc.abstractmethod
    def __call__(
        self, utility: Float[Array, " workers"], income: Float[Array, " workers"],
        money: Float[Array, " workers"],
    ) -> Float[Array, ""]:  # fmt: skip
        """From each worker's utility, income before tax and money after it."""


class Utilitarian(Welfare):
    """The mean of utility."""

    def __call__(self, utility: Array, income: Array, money: Array) -> Array:
        return jnp.mean(utility)


class Weighted(Welfare):
    """The mean of utility with weights that are fixed before the run (Pareto weights).

    Weights that do not answer to behaviour cannot be gamed by making people idle.
    """

    weights: Float[Array, " workers"]

    def __call__(self, utility: Array, income: Array, money: Array) -> Array:
        return jnp.mean(self.weights * utility)


class Rawlsian(Welfare):
    """The utility of the worst off (Rawls 1971), not the sum that is elsewhere given the name."""

    def __call__(self, utility: Array, income: Array, money: Array) -> Array:
        return jnp.min(utility)


class Atkinson(Welfare):
    """The equally distributed equivalent of money after tax (Atkinson 1970), in $/yr.

    `aversion` to inequality: 0 gives the mean, 1 the geometric mean.
    """

    aversion: Float[Array, ""] | float = 1.0

    def __call__(self, utility: Array, income: Array, money: Array) -> Array:
        power = 1 - jnp.asarray(self.aversion)
        mean = jnp.mean(box_cox(money, power))
        near = jnp.abs(power) < 1e-8
        safe = jnp.where(near, 1.0, power)
        return jnp.where(near, jnp.exp(mean), (1 + safe * mean) ** (1 / safe))


class Nash(Welfare):
    """The mean logarithm of utility above a floor (Kaneko & Nakamura 1979)."""

    floor: Float[Array, ""] | float = 0.0

    def __call__(self, utility: Array, income: Array, money: Array) -> Array:
        return jnp.mean(jnp.log(utility - self.floor))


class EqualityTimesProductivity(Welfare):
    """(1 - Gini of money, as if for many) times mean income: the AI Economist's measure
    (arXiv 2004.13332), whose Gini is scaled by n / (n - 1)."""

    def __call__(self, utility: Array, income: Array, money: Array) -> Array:
        n = money.shape[0]
        return (1 - gini(money) * n / max(n - 1, 1)) * jnp.mean(income)


class Karten2025(Welfare):
    """The mean of utility over income, as LLM Economist publishes it as a sum (arXiv 2507.15815).

    Exploitable: a worker who earns nothing counts with the whole rebate divided by `least` ($/yr),
    so the planner gains most by making people idle. For comparison only.
    """

    least: float = 1.0

    def __call__(self, utility: Array, income: Array, money: Array) -> Array:
        return jnp.mean(utility / jnp.maximum(income, self.least))


def gini(values: Float[Array, " n"]) -> Float[Array, ""]:
    """Half the mean difference of two values over the mean; 0 for equal ones (Gini 1912)."""
    ordered = jnp.sort(values)
    n = ordered.shape[0]
    rank = jnp.arange(1, n + 1, dtype=ordered.dtype)
    return jnp.sum((2 * rank - n - 1) * ordered) / (n * jnp.sum(ordered))
