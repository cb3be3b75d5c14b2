"""Somebody: what they do, earn and like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np
from jaxtyping import Float


FULL_WEEK = 40.0  # h/wk at which a skill earns the yearly wage, as in `wmjax.tax.GB2`


@final
@dataclass(frozen=True)
class Taste:
    """What a person likes, as numbers that decisions are made with.

    - `effort`: how hard an hour is, relative to the economy's labour cost. With the quasi-linear
      utility hours are proportional to `effort ** (-1 / (exponent - 1))`: 1.3 works 10 % less at
      the exponent 3.5.
    - `tolerance`: percent of income before tax that may go in tax, less the rebate, before the
      person is dissatisfied with the tax policy.
    """

    effort: float = 1.0
    tolerance: float = 25.0


@final
@dataclass(frozen=True)
class Persona:
    """One worker.

    - `wage`: $/yr at 40 hours a week.
    - `words`: who this is, in the second person; `author` wrote it: `template` or a model's name.
    """

    occupation: str
    sex: Literal["woman", "man"]
    age: int
    wage: float
    taste: Taste = Taste()
    words: str = ""
    author: str = "template"

    @property
    def skill(self) -> float:
        """$/yr for each weekly hour."""
        return self.wage / FULL_WEEK


def skills_of(personas: Sequence[Persona]) -> Float[np.ndarray, " workers"]:
    """$/yr for each weekly hour, for `Economy`."""
    return np.array([p.skill for p in personas], float)


def efforts_of(personas: Sequence[Persona]) -> Float[np.ndarray, " workers"]:
    """By what the labour cost of each is multiplied: `QuasiLinear(cost * efforts_of(people))` makes
    rational workers with these personas."""
    return np.array([p.taste.effort for p in personas], float)


def content(
    personas: Sequence[Persona],
    income: Float[np.ndarray, " workers"],
    tax: Float[np.ndarray, " workers"],
    rebate: float,
) -> np.ndarray:
    """Who is satisfied with the tax policy by rule: net tax within the tolerance. Money in $/yr.

    The rule for workers that are not asked in words; somebody without income is never dissatisfied.
    """
    limit = np.array([p.taste.tolerance for p in personas], float) / 100
    return np.asarray(tax - rebate <= limit * income)
