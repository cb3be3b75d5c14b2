"""The joint table of occupation, sex, age and wage that personas are drawn from."""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Float

from wmjax._resources import resource_dir
from wmjax.tax.personas._rake import Margin, rake
from wmjax.tax.personas._spread import Spread, of_percentiles


SEXES = ("woman", "man")
WOMEN = 0.47
"""Share of women among the employed of the US, to the percent (data/tax/README.md)."""

AGES = {
    "under_25": (18, 24), "25_34": (25, 34), "35_44": (35, 44), "45_54": (45, 54),
    "55_64": (55, 64), "65_74": (65, 74), "75_plus": (75, 90),
}  # fmt: skip
"""Years of age, both ends included; the outer ends are ours."""

_RANKS = np.array([0.10, 0.25, 0.50, 0.75, 0.90])  # bands of wages end at these, of all employed


@final
@dataclass(frozen=True)
class Census:
    """Shares of the employed by occupation, sex, age and band of wages; they sum to 1.

    - `occupations`: names; `wages`: the distribution of each, in $/yr.
    - `cuts`: $/yr between the bands; `ranks`: the share of each occupation below the bands' ends.
    """

    occupations: tuple[str, ...]
    wages: tuple[Spread, ...]
    cuts: Float[np.ndarray, " cuts"]
    ranks: Float[np.ndarray, "occupations ends"]
    share: Float[np.ndarray, "occupations sexes ages bands"]


@functools.cache
def census() -> Census:
    """The US table, raked from published margins; the same one at every call.

    Occupation by wage is of BLS OEWS (May 2025), age by rank of wage of the CPS (2012-14), women
    are 47 % of all; how the share of women differs by occupation is judged (data/tax/README.md).
    Nothing else is known to it: given occupation and wage, sex and age do not depend on each other.
    """
    total, *groups = _rows("us_wages")
    wages = tuple(_wages(row) for row in groups)
    cuts = _wages(total).quantile(_RANKS)
    jobs = np.array([float(row["employment"]) for row in groups])
    ranks = np.stack([_ranks(w, cuts) for w in wages])
    by_band = np.diff(ranks) * (jobs / jobs.sum())[:, None]
    women = np.array([float(r["women_percent_judged"]) for r in _rows("us_women_by_occupation")])
    of_sex = np.stack([women / 100, 1 - women / 100], axis=-1)
    seed = of_sex[:, :, None, None] * np.ones((1, 1, len(AGES), len(_RANKS) + 1))
    margins = [
        Margin((0, 3), by_band),
        Margin((2, 3), _ages_by_band(by_band.sum(axis=0))),
        Margin((1,), np.array([WOMEN, 1 - WOMEN])),
    ]
    names = tuple(row["occupation_group"].removesuffix(" Occupations") for row in groups)
    return Census(names, wages, cuts, ranks, rake(seed, margins))


def _ages_by_band(bands: np.ndarray) -> np.ndarray:
    """Published ages of those with wages, and wages by rank among all of them."""
    rows = {row["age_head"]: row for row in _rows("us_wages_by_age")}
    cuts = _wages(rows["all"]).quantile(_RANKS)
    units = np.array([float(rows[a]["tax_units"]) * (1 - _zeros(rows[a])) for a in AGES])
    ages = units / units.sum()
    seed = np.stack([np.diff(_ranks(_wages(rows[a]), cuts)) for a in AGES]) * ages[:, None]
    return rake(seed, [Margin((0,), ages), Margin((1,), bands)])


def _ranks(wages: Spread, cuts: np.ndarray) -> np.ndarray:
    """The share of a distribution below each end of the bands, 0 and 1 included."""
    return np.concatenate([[0.0], wages.cdf(cuts), [1.0]])


def _wages(row: dict[str, str]) -> Spread:
    named = {k[1:].removesuffix("_usd").replace("_", "."): v for k, v in row.items() if k[0] == "p"}
    return of_percentiles({float(q): float(v) for q, v in named.items() if v}, _zeros(row))


def _zeros(row: dict[str, str]) -> float:
    return float(row.get("share_zero", 0.0))


def _rows(table: str) -> list[dict[str, str]]:
    path = resource_dir("data") / "tax" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
