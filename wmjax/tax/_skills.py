"""How much people can earn: skills in $/yr for each weekly hour."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from wmjax._errors import UserError, UserErrors


class GB2(eqx.Module):
    """The generalised beta distribution of the second kind, in the GAMLSS parametrisation.

    Density of y proportional to w^nu / (y (1 + w)^(nu + tau)) with w = (y / mu)^sigma (McDonald
    1984, Econometrica 52, 647-663; Rigby & Stasinopoulos 2005 for the names).
    """

    mu: float
    sigma: float
    nu: float
    tau: float

    def quantile(self, share: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """The value below which a share of the distribution lies; same unit as `mu`."""
        from scipy import stats

        odds = np.asarray(stats.f.ppf(share, 2 * self.nu, 2 * self.tau))
        return np.asarray(self.mu * (self.nu / self.tau * odds) ** (1 / self.sigma))

    def cdf(self, value: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """The share of the distribution below a value."""
        from scipy import stats

        w = (np.asarray(value) / self.mu) ** self.sigma
        return np.asarray(stats.beta.cdf(w / (1 + w), self.nu, self.tau))

    def mean(self) -> float:
        """Finite if `sigma * tau > 1`."""
        from scipy.special import beta

        shift = 1 / self.sigma
        ratio = beta(self.nu + shift, self.tau - shift) / beta(self.nu, self.tau)
        return float(self.mu * ratio)

    def tail_index(self, value: float) -> float:
        """a = m / (m - value) for the mean m of all above `value`: constant in a Pareto tail, and
        `sigma * tau` far out. What the top rate of Saez 2001 needs."""
        from scipy import stats

        w = (value / self.mu) ** self.sigma
        shift = 1 / self.sigma
        income = stats.beta.sf(w / (1 + w), self.nu + shift, self.tau - shift)
        people = stats.beta.sf(w / (1 + w), self.nu, self.tau)
        mean = self.mean() * float(income) / float(people)
        return mean / (mean - value)


US_INCOME_2023 = GB2(72402.78177917618, 2.0721070746154746, 0.48651871959386955, 1.1410398548220329)
"""Yearly income in $ of US workers, fitted to the American Community Survey of 2023 by the authors
of LLM Economist (arXiv 2507.15815, code v1.0.0)."""

_FULL_WEEK = 40.0  # h/wk at which skills earn the incomes of the fit


def us_income_skills(workers: int, key: PRNGKeyArray | None = None) -> Float[Array, " workers"]:
    """Skills v in $/yr for each weekly hour, so that 40 hours earn a US income of 2023.

    **Arguments:**

    - `key`: draws at random; without one the quantiles in the middle of equal shares, which is the
        same distribution with no noise.
    """
    if key is None:
        shares = (np.arange(workers) + 0.5) / workers
    else:
        shares = np.asarray(jax.random.uniform(key, (workers,)), float)
    return jnp.asarray(US_INCOME_2023.quantile(shares) / _FULL_WEEK)


def uniform_skills(
    workers: int, key: PRNGKeyArray, low: float = 1.24, high: float = 159.1
) -> Float[Array, " workers"]:
    """Skills drawn evenly; the bounds are those of the one-step economy of Zheng et al. 2022
    (Science Advances 8, eabk2607), where they are hourly wages in $."""
    return jax.random.uniform(key, (workers,), minval=low, maxval=high)


def given_skills(values: object) -> Float[Array, " workers"]:
    """Skills from a list or table.

    **Raises:** `UserErrors` naming each that is negative or no number.
    """
    found = np.asarray(values, float).reshape(-1)
    errors = [
        UserError(f"skill {i + 1}", f"{v:g}", "a number of at least 0, in $/yr per weekly hour")
        for i, v in enumerate(found)
        if not (np.isfinite(v) and v >= 0)
    ]
    if not len(found):
        errors = [UserError("skills", "none", "at least one worker")]
    if errors:
        raise UserErrors(errors)
    return jnp.asarray(found)
