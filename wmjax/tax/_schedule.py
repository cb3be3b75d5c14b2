"""Tax schedules: marginal rates by bracket."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from wmjax._errors import UserError, UserErrors
from wmjax._resources import resource_dir


class Schedule(eqx.Module):
    """Marginal tax rates by bracket of income; the last bracket has no upper end.

    - `floors`: where each bracket begins, in $/yr, rising from 0.
    - `rates`: the share of each further dollar that is paid in the bracket, 0 to 1.

    `schedule` makes one from numbers of a user, and checks them.
    """

    floors: Float[Array, " brackets"]
    rates: Float[Array, " brackets"]

    def tax(self, income: Float[Array, "*agents"]) -> Float[Array, "*agents"]:
        """$/yr due: each rate times the part of the income inside its bracket."""
        total = jnp.zeros_like(income)
        for floor, width, rate in zip(self.floors, self.widths, self.rates, strict=True):
            total = total + rate * jnp.clip(income - floor, 0.0, width)
        return total

    @property
    def widths(self) -> Float[Array, " brackets"]:
        """Of the brackets, in $/yr; the last is infinite."""
        return jnp.diff(self.floors, append=jnp.inf)

    @property
    def virtual_income(self) -> Float[Array, " brackets"]:
        """What a bracket's budget line adds to `(1 - rate) * income`, in $/yr.

        Inside bracket j income after tax is `(1 - rate_j) * income + virtual_income_j`.
        """
        below = self.tax(self.floors)
        return self.rates * self.floors - below

    def marginal(self, income: Float[Array, "*agents"]) -> Float[Array, "*agents"]:
        """The rate on the next dollar, 0 to 1."""
        bracket = jnp.searchsorted(self.floors, income, side="right") - 1
        return self.rates[jnp.maximum(bracket, 0)]


FLOORS: dict[str, tuple[float, ...]] = {
    "flat": (0.0,),
    "three": (0.0, 90_000.0, 159_100.0),
    "us_fed": (0.0, 11_600.0, 47_150.0, 100_525.0, 191_950.0, 243_725.0, 609_350.0),
}
"""Bracket sets by the names of LLM Economist (arXiv 2507.15815); `us_fed` is 2024, single."""


def schedule(floors: Sequence[float] | str, percent: Sequence[float] | float) -> Schedule:
    """A schedule from numbers.

    **Arguments:**

    - `floors`: of the brackets in $/yr, or the name of a bracket set: flat, three, us_fed.
    - `percent`: the marginal rate of each bracket, 0 to 100, or one for all.

    **Raises:** `UserError` or `UserErrors` for floors out of order, rates outside 0 to 100, and
    another number of rates than of brackets.
    """
    edges = _named(floors) if isinstance(floors, str) else tuple(map(float, floors))
    rates = [float(percent)] * len(edges) if isinstance(percent, int | float) else [*percent]
    errors = [*_floor_errors(edges), *_rate_errors(rates, len(edges))]
    if errors:
        raise errors[0] if len(errors) == 1 else UserErrors(errors)
    return Schedule(jnp.asarray(edges), jnp.asarray(rates, float) / 100)


def us_federal(year: int = 2024, filing: str = "single") -> Schedule:
    """The US federal income tax on ordinary taxable income, in nominal $/yr.

    26 USC section 1, years 2013 to 2026, filing `single` or `married_joint`; no deduction, credit
    or payroll tax (data/tax/README.md).

    **Raises:** `UserError` for a year or filing that the table does not have.
    """
    path = resource_dir("data") / "tax" / "us_federal.csv"
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    rows = [r for r in table if r["year"] == str(year) and r["filing"] == filing]
    if not rows:
        years = sorted({r["year"] for r in table})
        raise UserError(
            "us_federal", f"year {year}, filing {filing!r}",
            f"{years[0]} to {years[-1]}, single or married_joint", "name one of these",
        )  # fmt: skip
    return schedule([float(r["floor_usd"]) for r in rows], [100 * float(r["rate"]) for r in rows])


def _named(name: str) -> tuple[float, ...]:
    if name not in FLOORS:
        raise UserError("brackets", repr(name), ", ".join(FLOORS), "or give the floors in $/yr")
    return FLOORS[name]


def _floor_errors(floors: Sequence[float]) -> list[UserError]:
    rising = all(a < b for a, b in zip(floors, floors[1:], strict=False))
    if floors and floors[0] == 0 and rising and all(map(math.isfinite, floors)):
        return []
    found = ", ".join(f"{f:g}" for f in floors) or "none"
    return [UserError("brackets", found, "floors that rise from 0, in $/yr", "put them in order")]


def _rate_errors(percent: Sequence[float], brackets: int) -> list[UserError]:
    errors = [
        UserError(f"rate of bracket {i + 1}", f"{rate:g}", "0 to 100 percent", "give it in percent")
        for i, rate in enumerate(percent)
        if not 0 <= rate <= 100
    ]
    if len(percent) != brackets:
        hint = "statutory rates go with their own brackets"
        errors.append(UserError("rates", f"{len(percent)}", f"one for each of {brackets}", hint))
    return errors
